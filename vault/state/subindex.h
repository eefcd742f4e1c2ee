/*
 * subindex.h - where `due` finds subscriptions: under the day from which on
 * somebody has to look at them, and by the safe that renewing needs. Tables
 * have no order, so a day is a bucket: how many are in it, and which.
 *
 * They are kept a second time by the month in which their provider was examined
 * (SR-6), so that a policy that comes into force later, or changes, rewrites
 * none of them. What it asks depends on class and safe: each pair of these is a
 * kind and has months of its own.
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

/* Of `rows_provider`: class of what it reaches, and level of its safes. */
enum { SUBINDEX_KINDS = LEVELS_CLASSES * (LEVELS_COUNT + 1) };
uint32_t subindex_kind(const struct rows_provider *p);
void subindex_of_kind(uint32_t kind, struct rows_provider *out);
/* Puts `s` under the month of its examination, or with `no` under none. */
AM_RESULT subindex_examined(const struct view *v, struct rows_register *g,
    struct rows_subscription *s, bool no);
/* Calls `fn` for each of a kind that was examined up to the month of `until`. */
typedef enum am_err subindex_fn(void *arg, const struct rows_subscription *s);
AM_RESULT subindex_exams(const struct view *v, uint32_t kind, int32_t until,
    subindex_fn *fn, void *arg);

/* Of a subscription whose links are new: the safes that have them. */
AM_RESULT
subindex_link(const struct view *v, const struct rows_subscription *s);
/* It is owned by `post` now, and no more by `before` (0: by none). */
AM_RESULT subindex_own(const struct view *v, uint32_t post, uint32_t before);

/* How many stand under a day, in a safe, with a post: 0 where none ever did. */
AM_RESULT subindex_count(
    const struct view *v, const char *table, struct bytes key, uint32_t *out);

/* Calls `fn` for each that is under a day up to `until`. */
AM_RESULT
subindex_each(const struct view *v, int32_t until, subindex_fn *fn, void *arg);

#endif /* AM_SUBINDEX_H */
