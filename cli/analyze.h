/*
 * analyze.h - the transition plan, for `safe reshare --plan` too.
 */

#ifndef AM_ANALYZE_H
#define AM_ANALYZE_H

#include "cli/cmd.h"

/* Dated batches that replace all of a safe's custodians who hold nothing at
 * `until`. AM_ERR_LOCKOUT when the first should have begun. */
AM_RESULT
analyze_transition(struct cmd_call *call, const char *safe, int64_t until);

#endif /* AM_ANALYZE_H */
