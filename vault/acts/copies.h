/*
 * copies.h - how old the copy of the log on another system may be (AU-9(2)).
 *
 * `backup` and `export` copy the whole log. That they did stands in the file
 * `copied` of the vault directory, for the log should not grow by being copied,
 * and what is not in the log needs no copy:
 *
 *	"amanat-copied 1\n" <seconds since 1970> " " <statements copied> "\n"
 *
 * Whether what was written lies on another system nobody can see from here.
 */

#ifndef AM_COPIES_H
#define AM_COPIES_H

#include "vault/acts/due.h"

struct copies_last {
	int64_t at;    /* 0: never */
	uint64_t size; /* statements that it has */
};

/* Errors: AM_ERR_INCOMPLETE with a sentence (the file is damaged). */
AM_RESULT copies_last(struct session *s, struct copies_last *out);

/* A copy of so many statements was made. Errors: AM_ERR_IO with a sentence. */
AM_RESULT copies_done(struct session *s, uint64_t size);

/* Statements that no copy has for longer than a level in force allows; from
 * half of that time on. */
due_source copies_due;

#endif /* AM_COPIES_H */
