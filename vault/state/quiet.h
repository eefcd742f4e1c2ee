/*
 * quiet.h - a text that is sealed until a date (domain.md 9): the log has its
 * hash at once, and everybody sees that there is one, from when it is readable
 * and what it is about. The text is kept beside the log:
 * vault/acts/delayed.h.
 *
 * A delay that programs keep, and no secret from who holds the register key.
 */

#ifndef AM_QUIET_H
#define AM_QUIET_H

#include "vault/base/am.h"

enum { QUIET_SALT = 32, QUIET_DAYS = 90 };

/* SHA-256(T("quiet") || salt || text): the salt keeps guesses from being tried
 * on it. */
void quiet_hash(const uint8_t salt[static QUIET_SALT], struct bytes text,
    uint8_t out[static 32]);

/* What is wrong with a text that is sealed at `at` until `until`, in words;
 * NULL: nothing. */
const char *quiet_fault(int64_t at, int64_t until);

#endif /* AM_QUIET_H */
