/*
 * sheet.h - a file of credentials to deposit, as people have it: CSV with a
 * heading (csv.h). Columns, in any order:
 *	name           of the credential; required, also accepted: SAFE/NAME
 *	secret or      the secret; required
 *	password
 *	user, url      make it a login
 *	safe, class, type   where they differ from row to row
 * A first byte order mark is skipped. The text is only ever in locked memory.
 */

#ifndef AM_SHEET_H
#define AM_SHEET_H

#include "vault/acts/bulk.h"
#include "vault/base/am.h"
#include "vault/base/why.h"

struct sheet;

enum { SHEET_ROW_MAX = BULK_PAYLOAD_MAX - 256 }; /* bytes of one row */

/* For what a row does not say; NULL: nothing. */
struct sheet_defaults {
	const char *safe, *class, *type;
};

/*
 * `sheet_open` opens a regular file and reads its heading. Errors, each with a
 * sentence: AM_ERR_IO, AM_ERR_INVALID (not a regular file), AM_ERR_INCOMPLETE
 * (a column that is not known, named twice or missing; no heading).
 */
AM_RESULT sheet_open(const char *path, const struct sheet_defaults *d,
    struct why *why, struct sheet **out);
void sheet_free(struct sheet *s);
static inline void
sheet_cleanup(struct sheet **s)
{
	sheet_free(*s);
}
#define sheet_auto AM_CLEANUP(sheet_cleanup) struct sheet

/*
 * `sheet_next` reads the next row; empty rows are passed over. What it lends
 * lives until the next call.
 * Errors: AM_ERR_NOT_FOUND (no more); AM_ERR_INCOMPLETE (a row that cannot be
 * deposited: the sentence says why, without the secret; the next row can be
 * read); AM_ERR_CORRUPT (not CSV from here on), AM_ERR_IO.
 */
AM_RESULT
sheet_next(struct sheet *s, struct bulk_row *out, struct why *why);

/* Of the row last read: its number, the heading being 1. */
uint64_t sheet_row(const struct sheet *s);

/* Back to the first row. Errors: AM_ERR_IO. */
AM_RESULT sheet_rewind(struct sheet *s, struct why *why);

#endif /* AM_SHEET_H */
