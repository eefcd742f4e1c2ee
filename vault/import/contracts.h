/*
 * contracts.h - a register of subscriptions as CSV (csv.h), with a heading.
 * Without a map the columns are `id` and the fields of a record (record.h), in
 * any order; with one (map.h), they are what it says. What has no column is left
 * out.
 *
 * The cell of a list has an item a line, or else items with ';' between them. A
 * cell that begins with ' and then = + - or @ is without the ', which exports put
 * there so that no spreadsheet runs it.
 */

#ifndef AM_CONTRACTS_H
#define AM_CONTRACTS_H

#include "policy/flat.h"
#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/register/record.h"

struct contracts;

/*
 * `map` is a file, or NULL. Errors, each with a sentence: AM_ERR_IO,
 * AM_ERR_INVALID (not a regular file), AM_ERR_INCOMPLETE (a heading or map at
 * fault), AM_ERR_CORRUPT (no CSV); AM_ERR_NOMEM.
 */
AM_RESULT contracts_open(
    const char *path, const char *map, struct why *why, struct contracts **out);
void contracts_free(struct contracts *c);

/* One row. Cells of a record, and behind them the id, "" where there is none. */
struct contracts_row {
	struct flat cells;
	/* It holds what no record can: a line break, a sign that steers or
	 * hides, or what is not UTF-8. The cell is left out. */
	bool bad[RECORD_COUNT + 1];
};

/*
 * `contracts_next` reads the next row; what it lends lives until the next call.
 * Empty rows are passed over. Errors: AM_ERR_NOT_FOUND (no more);
 * AM_ERR_INCOMPLETE, with a sentence (not as many cells as the heading; the next
 * can be read); AM_ERR_CORRUPT (not CSV from here on), AM_ERR_IO.
 */
AM_RESULT
contracts_next(struct contracts *c, struct contracts_row *out, struct why *why);

/* The number of the row last read, the heading being 1. */
uint64_t contracts_at(const struct contracts *c);

/* How many columns the map leaves out. */
size_t contracts_unused(const struct contracts *c);

/* Back to the first row. Errors: AM_ERR_IO. */
AM_RESULT contracts_rewind(struct contracts *c, struct why *why);

#endif /* AM_CONTRACTS_H */
