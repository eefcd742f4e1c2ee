/*
 * quiet.h - what is sealed until a date (domain.md 3.1, 9): the log has its hash
 * at once, and everybody sees that there is something and from when it is
 * readable. The text is kept beside the log: vault/acts/delayed.h.
 *
 * Of an incident it is the cause; what decides anything stays in the open
 * (incident.c). Of a departure it is all of it, so it stands in an entry of its
 * own, "q-7" in the order of the log, which names nobody and has no effect:
 *
 *	1   {sealed, until}
 *	2   {}: nothing follows from it; by its author, and once that one has
 *	    left or is suspended by any official
 *
 * From `until` on the departure itself is entered with {quiet, salt} besides,
 * which proves that it stood since then. A departure needs none of this.
 *
 * A delay that programs keep, and no secret from who holds the register key.
 */

#ifndef AM_QUIET_H
#define AM_QUIET_H

#include "vault/log/canon.h"
#include "vault/state/rows.h"

enum { QUIET_SALT = 32, QUIET_DAYS = 90 };

/* SHA-256(T("quiet") || salt || text): the salt keeps guesses from being tried
 * on it. */
void quiet_hash(const uint8_t salt[static QUIET_SALT], struct bytes text,
    uint8_t out[static 32]);

/* What is wrong with a text that is sealed at `at` until `until`, in words;
 * NULL: nothing. */
const char *quiet_fault(int64_t at, int64_t until);

/* The text of a departure with this `data`: person, kind, effective and reason
 * as they stand there, a blank between. Errors: AM_ERR_CORRUPT, AM_ERR_NOMEM. */
AM_RESULT quiet_departure(const struct json_t *data, struct blob *out);

/* Row of "q-<number>", from 1. */
AM_RESULT
quiet_get(const struct view *v, uint32_t number, struct rows_quiet *out);

#endif /* AM_QUIET_H */
