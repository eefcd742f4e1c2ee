/*
 * waiver.h - that a quorum lets a rule pass until a day: "X-8 cabinet", a rule
 * and what it is said of (domain.md 3, invariant 6). A later one takes the place
 * of one before. Which rules look at theirs is in docs/formats.md.
 */

#ifndef AM_WAIVER_H
#define AM_WAIVER_H

#include "vault/state/rows.h"

/* *out: the end of the waiver, also once it is over; 0: there never was one. */
AM_RESULT waiver_until(const struct view *v, const char *waiver, int64_t *out);
/* The same of "RULE SUBJECT". */
AM_RESULT waiver_of(
    const struct view *v, const char *rule, const char *subject, int64_t *out);

/* *out: the leaf at which it came into force; 0: there never was one. */
AM_RESULT waiver_leaf(const struct view *v, const char *waiver, uint64_t *out);

/* It came into force, at that leaf. */
AM_RESULT waiver_take(
    const struct view *v, const char *waiver, int64_t until, uint64_t leaf);

#endif /* AM_WAIVER_H */
