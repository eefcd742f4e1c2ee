/*
 * due.h - every step that somebody owes, by date. A source a subject; each
 * reads an index or the few rows of people and safes, never the register of
 * credentials.
 *
 * To add a source: a function of the type of due_source, which calls due_add
 * for every step, and its row in due.c, with the kind of its steps.
 */

#ifndef AM_DUE_H
#define AM_DUE_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/* What a step is about, for counts. */
enum due_kind { DUE_OTHER, DUE_DRILL, DUE_ROTATION, DUE_RENEWAL, DUE_KINDS };

struct due_item {
	enum due_kind kind;        /* set by due_add: that of the source */
	int64_t at;                /* by when */
	bool overdue;              /* set by due_add when at has passed */
	uint8_t person[16];        /* who owes it; zero: whoever finds it */
	char who[ROWS_ID_MAX + 1]; /* "" : anyone */
	char what[512];
	char next[768]; /* what to type */
};

struct due {
	struct session *s;
	const struct view *v;
	int64_t now;
	enum due_kind kind; /* of what is added now */
	struct blob
	    items; /* due_item after due_item; by date once all are in */
};
typedef enum am_err due_source(struct due *d);

void due_free(struct due *d);
#define due_auto AM_CLEANUP(due_free) struct due

/* Adds a step; `person` may be NULL. Errors: AM_ERR_NOMEM. */
AM_RESULT due_add(struct due *d, int64_t at, const uint8_t *person,
    const char *what, const char *next);

/* The same for one who may act: who is suspended owes nothing. */
AM_RESULT due_add_for(struct due *d, int64_t at,
    const uint8_t person[static 16], const char *what, const char *next);
/* A rotation, of a source that is about more than that. */
AM_RESULT due_add_rotation(struct due *d, int64_t at, const uint8_t *person,
    const char *what, const char *next);

/* An id by its number in an index ("safe-n"). */
AM_RESULT due_nth(const struct due *d, const char *table, uint32_t i,
    uint8_t *id, size_t id_len);

/* All steps, by date. */
AM_RESULT due_read(struct session *s, const struct view *v, struct due *out);

/* Calls `fn` for every step, by date; of `person` alone when not NULL. */
typedef enum am_err due_fn(void *arg, const struct due_item *i);
AM_RESULT
due_each(const struct due *d, const uint8_t *person, due_fn *fn, void *arg);

#endif /* AM_DUE_H */
