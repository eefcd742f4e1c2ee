/*
 * review.h - that somebody has looked again: at what was opened in an
 * emergency, or at who has access to a safe (domain.md, U-6, 3.1).
 */

#ifndef AM_REVIEW_H
#define AM_REVIEW_H

#include "vault/acts/session.h"

/* `what`: "r-7" or a safe. Refused before a key is asked for where nothing of
 * that name is there. Errors: AM_ERR_NOT_FOUND, AM_ERR_INVALID. */
AM_RESULT
review_check(struct session *s, const char *what, const char *finding);

/* One touch. */
AM_RESULT review_record(struct session *s, const struct session_key *k,
    const char *what, const char *finding);

#endif /* AM_REVIEW_H */
