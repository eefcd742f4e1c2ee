/*
 * subread.h - the register of subscriptions, open to be read: what the verbs
 * that show, check and export it stand on.
 */

#ifndef AM_SUBREAD_H
#define AM_SUBREAD_H

#include "cli/desk.h"
#include "vault/acts/raised.h"

struct subread {
	struct desk *d;
	struct store_txn *t;
	struct view v;
	struct raised_office office;
	uint32_t count;
	char (*posts)[ROWS_ID_MAX + 1]; /* their ids, by number */
};

/* Ends before the desk does: declare it after, as { .t = NULL }. */
AM_RESULT subread_start(struct desk *d, struct subread *r);
void subread_end(struct subread *r);
#define subread_auto AM_CLEANUP(subread_end) struct subread

/* For people, "NO"; for programs, "no". */
const char *subread_reach(enum raised_reach reach);
const char *subread_reach_key(enum raised_reach reach);

/* The id of the post that answers at a level. Errors: AM_ERR_CORRUPT. */
AM_RESULT
subread_post(const struct subread *r, const struct rows_subscription *s,
    enum rows_sub_post level, const char **out);

/* SAFE/NAME of a credential that renewing needs, added to `out`. */
AM_RESULT subread_link(const struct subread *r,
    const struct rows_subscription *s, size_t i, struct blob *out);

/* An item of a list of the record, what is a link as SAFE/NAME again; and the
 * whole list, as "A, B". */
AM_RESULT subread_item(const struct subread *r, const struct record *in,
    enum record_field f, size_t i, struct blob *out);
AM_RESULT subread_list(const struct subread *r, const struct record *in,
    enum record_field f, struct blob *out);

#endif /* AM_SUBREAD_H */
