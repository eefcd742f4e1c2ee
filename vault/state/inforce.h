/*
 * inforce.h - the policy that a quorum has put in force, for rules and for those
 * who tell of it: until there is one nothing of it is asked.
 *
 * Errors of all of them: AM_ERR_NOT_FOUND (none is in force); AM_ERR_CORRUPT.
 */

#ifndef AM_INFORCE_H
#define AM_INFORCE_H

#include "vault/state/rows.h"

AM_RESULT inforce_policy(const struct view *v, struct rows_policy *out);
/* As the row of the vault has it that a statement under judgement writes. */
AM_RESULT inforce_of(const struct view *v, const struct rows_vault *vault,
    struct rows_policy *out);

/* What it asks of a level; of a word that is no level, what the strictest does. */
AM_RESULT
inforce_level(const struct view *v, const char *level, struct rows_level *out);

#endif /* AM_INFORCE_H */
