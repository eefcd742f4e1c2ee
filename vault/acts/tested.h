/*
 * tested.h - that the login works: two officials say so of what a contractor
 * has deposited (K-3).
 */

#ifndef AM_TESTED_H
#define AM_TESTED_H

#include "vault/acts/due.h"
#include "vault/state/login.h"

struct tested_wish {
	const char *path; /* SAFE/NAME: its newest version */
	const char *const *files;
	size_t count; /* 0 to ATTACH_MAX */
};

/* What can be refused before a key is asked for. */
AM_RESULT tested_check(struct session *s, const struct tested_wish *w);

/* One touch. *c and *tests are as they stand then. */
AM_RESULT tested_record(struct session *s, const struct session_key *k,
    const struct tested_wish *w, struct rows_record *c,
    struct rows_login *tests, enum login_is *out);

/* Who has tested it alone; "": nobody, or two have. */
AM_RESULT tested_first(const struct view *v, const struct rows_login *tests,
    char out[static ROWS_ID_MAX + 1]);

/* Deposits of contractors that are unverified, 24 h after. */
due_source tested_due;

#endif /* AM_TESTED_H */
