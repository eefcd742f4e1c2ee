/*
 * fault.h - what was refused and is to be known: posted by the vault itself
 * (protocol.md 7.2, R6.14).
 */

#ifndef AM_FAULT_H
#define AM_FAULT_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/*
 * `fault_tell` posts `fault` for a refusal under `rule`, signed by the log key
 * and dated by the true clock, and keeps the refused bytes as a blob, when the
 * session is open for writing. The refusal stands in s->why and stays; that it
 * could not be posted is added to its sentence.
 */
void fault_tell(struct session *s, const char *rule, struct bytes refused);

#endif /* AM_FAULT_H */
