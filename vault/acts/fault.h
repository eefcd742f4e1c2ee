/*
 * fault.h - what was refused and is to be known: posted by the vault itself
 * (protocol.md 7.2): what a real vault refuses of evaluation (R6.14), and the
 * use of a suspended key (V22; domain.md, scenario 8).
 */

#ifndef AM_FAULT_H
#define AM_FAULT_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/*
 * `fault_tell` posts `fault` for a refusal under `rule`, signed by the log key
 * and dated by the true clock (where it may be set, by the set one), and keeps
 * the refused bytes as a blob, when the session is open for writing. The refusal
 * stands in s->why and stays; that it could not be posted is added to it.
 */
void fault_tell(struct session *s, const char *rule, struct bytes refused);

#endif /* AM_FAULT_H */
