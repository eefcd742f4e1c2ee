/*
 * grid.h - rows of CSV out of a foreign file (csv.h), whatever they are about:
 * what sheet.h and contracts.h stand on. Rows are numbered from 1, a heading
 * included.
 */

#ifndef AM_GRID_H
#define AM_GRID_H

#include "vault/base/csv.h"
#include "vault/import/feed.h"

enum { GRID_ROW_MAX = 65280 }; /* bytes of one row */

struct grid {
	struct feed *feed;
	char delimiter;
	uint64_t row; /* the one read last */
};

/* Back before the first row. Errors: AM_ERR_IO. */
AM_RESULT grid_rewind(struct grid *g, struct why *why);

/* The next row, also an empty one; its cells are lent until the next call.
 * Errors: AM_ERR_NOT_FOUND (no more); AM_ERR_CORRUPT (not CSV from here on),
 * AM_ERR_IO. */
AM_RESULT grid_next(struct grid *g, struct csv_row *out, struct why *why);
bool grid_is_empty(const struct csv_row *row);

/* The column that `word` of a map means: its heading, or its number from 1;
 * `heading` has no cells to compare with, only their count, when `no_header`.
 * Errors: AM_ERR_INCOMPLETE, with a sentence. */
AM_RESULT grid_column(const struct csv_row *heading, bool no_header,
    const char *word, int *out, struct why *why);

bool grid_is_text(struct bytes cell, const char *text);

#endif /* AM_GRID_H */
