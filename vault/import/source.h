/*
 * source.h - credentials out of a file of another program, one by one, in the
 * order of the file: csv, bitwarden, keepass, pass or 1pux, as the caller says
 * or as the file looks. What it lends is locked memory, until the next call.
 */

#ifndef AM_SOURCE_H
#define AM_SOURCE_H

#include "vault/import/draft.h"

struct source;

struct source_wish {
	const char *format; /* NULL: as the file looks */
	const char *map;    /* a file for map.h, or NULL; only of CSV */
	const char *safe, *class, *type; /* for what says none; or NULL */
};

/* The formats, comma separated, for sentences. */
#define SOURCE_FORMATS "csv, bitwarden, keepass, pass and 1pux"

/*
 * `source_open` errors, each with a sentence: AM_ERR_IO, AM_ERR_INVALID (no
 * such format, not a regular file), AM_ERR_INCOMPLETE (not of that format, a
 * heading or map at fault), AM_ERR_CORRUPT (not what its format asks);
 * AM_ERR_NOMEM.
 */
AM_RESULT source_open(const char *path, const struct source_wish *wish,
    struct why *why, struct source **out);
void source_free(struct source *s);
static inline void
source_cleanup(struct source **s)
{
	source_free(*s);
}
#define source_auto AM_CLEANUP(source_cleanup) struct source

/*
 * Errors: AM_ERR_NOT_FOUND (no more); AM_ERR_INCOMPLETE (a row that cannot be
 * deposited: the sentence says why, without the secret; the next can be read);
 * AM_ERR_CORRUPT (nothing more can be read), AM_ERR_IO, AM_ERR_NOMEM.
 */
AM_RESULT
source_next(struct source *s, struct draft_made *out, struct why *why);

/* Of what was read last: its number in the file. */
uint64_t source_row(const struct source *s);

/* Back to the beginning: the same names come again. */
AM_RESULT source_rewind(struct source *s, struct why *why);

/* What it is: "csv", "bitwarden", "keepass", "pass", "1pux"; and for people. */
const char *source_format(const struct source *s);
const char *source_title(const struct source *s);

/* What is left behind: columns that the map does not name, and, once all was
 * read, deleted entries. */
size_t source_unused(const struct source *s);
uint64_t source_deleted(const struct source *s);

#endif /* AM_SOURCE_H */
