/*
 * bound.h - the rules of a safe beside what its level asks for (domain.md
 * Used by the rule that refuses less, and by those who tell of it.
 */

#ifndef AM_BOUND_H
#define AM_BOUND_H

#include "vault/base/blob.h"
#include "vault/state/rows.h"

/* Is a post of wing `of_post` one of `wing`, where that may be "owner" or
 * "other_wing" of a safe that the wing `owner` has? A post of no wing is not. */
bool bound_is_of(const char *wing, const char *owner, const char *of_post);

/* Appends where rules ask for less than a level of the policy does: "cool-off 4
 * hours (level 24 hours), ..."; nothing: nowhere. Errors: those of reading
 * posts; AM_ERR_NOMEM. */
AM_RESULT bound_weaker(const struct view *v, const struct rows_rules *is,
    const struct rows_level *l, struct blob *out);

#endif /* AM_BOUND_H */
