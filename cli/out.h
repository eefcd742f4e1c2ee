/*
 * out.h - what leaves the program: text for people, tables, JSON, CSV, new
 * files and the one secret.
 *
 * A failed write to a FILE is found at the end, by cmd_run, which looks at
 * stdout before anything counts as done. Nothing secret goes through a FILE,
 * which keeps a copy: out_secret and out_file_write use write(2).
 */

#ifndef AM_OUT_H
#define AM_OUT_H

#include <limits.h>
#include <stdio.h>

#include "vault/base/am.h"
#include "vault/base/blob.h"

/*
 * `out_text` prints text from a file, the log or an argument so that it
 * cannot steer the terminal or deceive the reader: control characters and
 * bytes that are not UTF-8 become \xNN; C1 controls, bidirectional controls
 * and invisible format characters become \u{N}; all on one line. A backslash
 * stays, but becomes \x5c where it would look like the start of an escape, so
 * two texts never print alike. `out_string` is the same for a C string, and
 * `out_escape` appends instead of printing (errors: AM_ERR_NOMEM).
 */
void out_text(FILE *to, struct bytes text);
void out_string(FILE *to, const char *text);
AM_RESULT out_escape(struct blob *to, struct bytes text);

enum { OUT_WIDTH = 80 };

/*
 * `out_field` prints one line "label:    text", the text escaped and wrapped
 * between words at 80 columns, under itself. Labels up to 14 characters align.
 */
void out_field(FILE *to, const char *label, struct bytes text);

/*
 * `out_wrapped` prints `lead`, then the text, escaped and wrapped between
 * words at 80 columns; lines after the first begin at column `left`.
 */
void out_wrapped(FILE *to, const char *lead, size_t left, const char *text);

/*
 * A table for people: left-aligned columns two blanks apart, a heading, the
 * last column wrapped between words at 80 columns. Nothing is ever cut: a
 * long word runs over. Cells are filled row by row, escaped; an error sticks
 * and out_table_print returns it.
 *	static const char *const heads[] = { "ID", "NAME", NULL };
 *	out_table_auto t = out_table_start(heads);
 */
enum { OUT_COLUMNS_MAX = 12 };

struct out_table {
	const char *const *heads; /* NULL-terminated, of static storage */
	size_t columns, filled;
	struct blob cells; /* escaped, each with a NUL */
	enum am_err err;
};

struct out_table out_table_start(const char *const *heads);
void out_table_bytes(struct out_table *t, struct bytes cell);
void out_table_text(struct out_table *t, const char *cell);
void
out_table_printf(struct out_table *t, const char *fmt, ...) AM_PRINTF(2, 3);
/* Prints all rows; the last must be full. Errors: AM_ERR_NOMEM. */
AM_RESULT out_table_print(const struct out_table *t, FILE *to);
void out_table_free(struct out_table *t);
#define out_table_auto AM_CLEANUP(out_table_free) struct out_table

/*
 * JSON, streamed: one document per outermost object or array, compact, ended
 * by a newline. `key` is NULL in an array and for the outermost value, and a
 * string in an object; anything else is a bug and aborts. An out_json_auto
 * variable closes what is still open, so that what was printed is valid JSON
 * on every way out:
 *	out_json_auto j = { .to = stdout };
 *	out_json_open(&j, NULL, '{');
 * Strings: what out_text would escape becomes \uNNNN, bytes that are not
 * UTF-8 become \ufffd.
 */
enum { OUT_JSON_DEPTH = 16 };

struct out_json {
	FILE *to;
	size_t depth;
	char closers[OUT_JSON_DEPTH];
	bool some; /* something precedes on this level */
};

void out_json_open(struct out_json *j, const char *key, char bracket);
void out_json_close(struct out_json *j);
void out_json_str(struct out_json *j, const char *key, struct bytes value);
void out_json_text(struct out_json *j, const char *key, const char *value);
void out_json_uint(struct out_json *j, const char *key, uint64_t value);
void out_json_int(struct out_json *j, const char *key, int64_t value);
void out_json_bool(struct out_json *j, const char *key, bool value);
void out_json_null(struct out_json *j, const char *key);
void out_json_end(struct out_json *j);
#define out_json_auto AM_CLEANUP(out_json_end) struct out_json

/*
 * CSV after RFC 4180: CRLF, quotes where needed. A cell that starts with
 * = + - @ tab or CR gets a leading ' since spreadsheets would run it
 * (domain.md 10), also where ' stands before that; numbers of ours go through out_csv_uint. Tab, CR and LF
 * stay inside quotes; what else out_text would escape is escaped as there.
 *	struct out_csv c = { .to = stdout };
 */
struct out_csv {
	FILE *to;
	size_t filled; /* of this row */
};

void out_csv_bytes(struct out_csv *c, struct bytes cell);
void out_csv_text(struct out_csv *c, const char *cell);
void out_csv_uint(struct out_csv *c, uint64_t value);
void out_csv_end(struct out_csv *c); /* of the row */

/*
 * `out_secret` writes all bytes to the descriptor, and nothing else.
 * Errors: AM_ERR_IO, also when a signal interrupts; errno says why. Some
 * bytes may then have been written.
 */
AM_RESULT out_secret(int fd, struct bytes secret);

/*
 * A new file, 0600, which never replaces or follows anything. It exists from
 * `out_file_new` on and goes away unless `out_file_keep` succeeds, which
 * syncs the file and its directory. Start with { 0 } (`out_file_auto`).
 * Errors: AM_ERR_EXISTS (also a dangling symbolic link), AM_ERR_INVALID (not
 * the name of a file), AM_ERR_IO; errno says why.
 */
struct out_file {
	bool made;
	int dir, fd;
	char name[NAME_MAX + 1];
};

AM_RESULT out_file_new(const char *path, struct out_file *out);
AM_RESULT out_file_write(struct out_file *f, struct bytes in);
AM_RESULT out_file_keep(struct out_file *f);
void out_file_discard(struct out_file *f);
#define out_file_auto AM_CLEANUP(out_file_discard) struct out_file

#endif /* AM_OUT_H */
