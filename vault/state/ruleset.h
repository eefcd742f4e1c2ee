/*
 * ruleset.h - the policy file as it stands in the log: for those who read it
 * there. The act is {"policy": {"file": [[line, ...], ...]}}, groups of at most
 * 256 lines, for a string holds no line break (R2.10).
 */

#ifndef AM_RULESET_H
#define AM_RULESET_H

#include "policy/levels.h"
#include "vault/base/blob.h"
#include "vault/base/why.h"
#include "vault/log/canon.h"
#include "vault/state/rows.h"

/* The file that the body of a motion puts in force, line by line. */
AM_RESULT ruleset_policy_file(const struct json_t *motion, struct blob *out);

/* What the tables keep of a level. */
void ruleset_level(const struct levels_level *l, struct rows_level *out);
/* The roots of its models are X.509 certificates, which the reader of the file
 * cannot tell. Errors: AM_ERR_INCOMPLETE with a sentence. */
AM_RESULT ruleset_check_roots(const struct levels *l, struct why *why);

#endif /* AM_RULESET_H */
