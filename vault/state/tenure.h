/*
 * tenure.h - since when and until when a person holds a post (protocol.md
 * R13.7; domain.md, invariants 3 and 13).
 *
 * An appointment is half open: from <= t < until. It binds from the instant at
 * which the vault learned of it, never earlier: an order that is entered late
 * corrects the register, but gives no power after the fact.
 */

#ifndef AM_TENURE_H
#define AM_TENURE_H

#include "vault/state/rows.h"

enum { TENURE_CHAIN_MAX = 4 }; /* posts that succeed one another */

/* Since when it binds, and its end: QUORUM_NO_END where it has none. */
int64_t tenure_from(const struct rows_appointment *a);
int64_t tenure_until(const struct rows_appointment *a);

/* The `i`th appointment of a person, from 0 in the order of the log. */
AM_RESULT tenure_nth(const struct view *v, const uint8_t person[static 16],
    uint32_t i, struct rows_appointment *out);
/* A post by its number, from 1. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT
tenure_post(const struct view *v, uint32_t number, struct rows_post *out);

/*
 * R13.7: valid at an instant is who never had an appointment that has begun,
 * and who has one then. *ended: when the last one ended; 0: no one did.
 */
AM_RESULT tenure_valid(const struct view *v, const struct rows_person *p,
    int64_t at, bool *out, int64_t *ended);

/* Valid at every instant from `from` to `to`, by what was known in time. */
AM_RESULT tenure_covers(const struct view *v, const struct rows_person *p,
    int64_t from, int64_t to, bool *out);

/* Absent at an instant, and until when. */
AM_RESULT tenure_absent(const struct view *v, const struct rows_person *p,
    int64_t at, bool *out, int64_t *until);
AM_RESULT tenure_nth_absence(const struct view *v,
    const uint8_t person[static 16], uint32_t i, struct rows_absence *out);

/*
 * The appointments that have not ended at `since`, for quorum_at: the newest of
 * those that have begun, then of those to come, QUORUM_APPOINTMENTS_MAX in all.
 * One who holds a post also holds those that it
 * succeeds.
 */
AM_RESULT tenure_read(const struct view *v, const struct rows_person *p,
    int64_t since, struct quorum_person *out);

#endif /* AM_TENURE_H */
