/*
 * csv.h - records of comma-separated text after RFC 4180: cells may be quoted,
 * a quote inside quotes is doubled, lines end in LF or CRLF, the last one may
 * lack its end. Cells are bytes; NUL is refused. Another character may stand
 * for the comma.
 */

#ifndef AM_CSV_H
#define AM_CSV_H

#include "vault/base/am.h"

enum { CSV_CELLS_MAX = 96 }; /* a subscription has more than fifty */

struct csv_row {
	size_t count;
	struct bytes cells[CSV_CELLS_MAX]; /* in the text that was read */
};

/*
 * `csv_read` reads the record at the start of `text`, which is written to:
 * quoted cells lose their quotes in place. `delimiter` is neither a quote nor a
 * line end. `last` says that nothing follows
 * `len` bytes; *out_used is what the record took, its line end included.
 * Errors, with nothing written: AM_ERR_INCOMPLETE (no whole record, and not
 * `last`), AM_ERR_NOT_FOUND (`last`, and nothing is left), AM_ERR_INVALID (a
 * quote in the middle of a cell, one that is never closed, a CR or NUL alone,
 * more than CSV_CELLS_MAX cells).
 */
AM_RESULT csv_read(char delimiter, uint8_t *text, size_t len, bool last,
    struct csv_row *out, size_t *out_used);

#endif /* AM_CSV_H */
