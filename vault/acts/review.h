/*
 * review.h - that somebody has looked again: at what was opened in an
 * emergency, at who has access to a safe (domain.md, U-6, 3.1), or at whether a
 * person is still in post and what they hold (PS-5, PS-6).
 */

#ifndef AM_REVIEW_H
#define AM_REVIEW_H

#include "vault/acts/session.h"

enum review_of { REVIEW_REQUEST, REVIEW_SAFE, REVIEW_PERSON };
struct review_wish {
	enum review_of of;
	const char *what, *finding; /* what: "r-7", or a short id */
};

/* What a name that is no person's stands for: a safe cannot be called "r-7". */
enum review_of review_of(const char *what);

/* Refused before a key is asked for where nothing of that name is there.
 * Errors: AM_ERR_NOT_FOUND, AM_ERR_INVALID. */
AM_RESULT review_check(struct session *s, const struct review_wish *w);

/* One touch. */
AM_RESULT review_record(struct session *s, const struct session_key *k,
    const struct review_wish *w);

#endif /* AM_REVIEW_H */
