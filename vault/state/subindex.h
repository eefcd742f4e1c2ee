/*
 * subindex.h - where `due` finds subscriptions: under the day from which on
 * somebody has to look at them, and by the safe that renewing needs. Tables
 * have no order, so a day is a bucket: how many are in it, and which.
 */

#ifndef AM_SUBINDEX_H
#define AM_SUBINDEX_H

#include "vault/state/rows.h"

/* The row of the register; one of zeros before the first entry. */
AM_RESULT subindex_register(const struct view *v, struct rows_register *out);

/* Puts `s` under `day`, and out of the one it was under; ROWS_NO_DAY: under
 * none. Of the others it may rewrite one. `s` itself is for the caller to put. */
AM_RESULT subindex_move(const struct view *v, struct rows_register *g,
    struct rows_subscription *s, uint32_t day);

/* Of a subscription whose links are new: the safes that have them. */
AM_RESULT
subindex_link(const struct view *v, const struct rows_subscription *s);
/* It is owned by `post` now, and no more by `before` (0: by none). */
AM_RESULT subindex_own(const struct view *v, uint32_t post, uint32_t before);

/* How many stand under a day, in a safe, with a post: 0 where none ever did. */
AM_RESULT subindex_count(
    const struct view *v, const char *table, struct bytes key, uint32_t *out);

/* Calls `fn` for each that is under a day up to `until`. */
typedef enum am_err subindex_fn(void *arg, const struct rows_subscription *s);
AM_RESULT
subindex_each(const struct view *v, int32_t until, subindex_fn *fn, void *arg);

#endif /* AM_SUBINDEX_H */
