/*
 * sheet.h - a file of credentials to deposit as CSV (csv.h), with a heading.
 * Without a map the columns are ours, in any order:
 *	name           of the credential; required, also accepted: SAFE/NAME
 *	secret or      the secret; required
 *	password
 *	user, url      make it a login
 *	notes          remarks
 *	totp           the seed of one-time codes: a credential of its own
 *	safe, class, type   where they differ from row to row
 * With one (map.h), they are what it says, and the text is UTF-8.
 */

#ifndef AM_SHEET_H
#define AM_SHEET_H

#include "vault/import/draft.h"
#include "vault/import/feed.h"
#include "vault/import/map.h"

struct sheet;

/*
 * `sheet_open` reads the heading of `feed`, which it takes, also when it
 * fails; `map` may be NULL, and is lent. Errors, each with a sentence:
 * AM_ERR_IO; AM_ERR_INCOMPLETE (a column that is not known, named twice or
 * missing; no heading).
 */
AM_RESULT sheet_open(struct feed *feed, const struct map *map, struct why *why,
    struct sheet **out);
void sheet_free(struct sheet *s);
static inline void
sheet_cleanup(struct sheet **s)
{
	sheet_free(*s);
}
#define sheet_auto AM_CLEANUP(sheet_cleanup) struct sheet

/* The type of a row that says none: login, when the heading is that of one. */
const char *sheet_type(const struct sheet *s);

/* How many columns the map leaves out. */
size_t sheet_unused(const struct sheet *s);

/*
 * `sheet_next` reads the next row into a draft; empty rows are passed over.
 * Rows are numbered, the heading being 1.
 * Errors: AM_ERR_NOT_FOUND (no more); AM_ERR_CORRUPT (not CSV from here on),
 * AM_ERR_IO.
 */
AM_RESULT
sheet_next(struct sheet *s, struct draft *out, struct why *why);

/* The number of the row last read. */
uint64_t sheet_row(const struct sheet *s);

/* Back to the first row. Errors: AM_ERR_IO. */
AM_RESULT sheet_rewind(struct sheet *s, struct why *why);

#endif /* AM_SHEET_H */
