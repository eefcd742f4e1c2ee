/*
 * map.h - what the columns of somebody's CSV mean: a small YAML file.
 *
 *	format: 1
 *	columns:               headings, or numbers of columns from 1
 *	  name: Account
 *	  secret: Password     needed; the others may be left out: user, url,
 *	  user: Login Name     notes, totp, safe, class, type
 *	constants:             for rows that say nothing
 *	  safe: mdm            also class and type
 *	delimiter: semicolon   or comma, which is meant otherwise, or tab
 *	header: no             the first row is data; columns are numbers
 *
 * Of subscriptions, columns and constants are the fields of a record (record.h),
 * the columns with `id`, which is needed; and values may have quotes, and letters
 * of any script.
 */

#ifndef AM_MAP_H
#define AM_MAP_H

#include "vault/import/draft.h"
#include "vault/register/record.h"

enum map_kind { MAP_CREDENTIALS, MAP_SUBSCRIPTIONS };

/* Fields are those of draft.h or of record.h, and behind these the id. */
enum {
	MAP_FILE_MAX = 16384,
	MAP_TEXT_MAX = RECORD_TEXT_MAX, /* bytes of a value */
	MAP_ID = RECORD_COUNT,
	MAP_FIELDS = RECORD_COUNT + 1
};

struct map {
	enum map_kind kind;
	char *columns[MAP_FIELDS]; /* NULL: none */
	char *constants[MAP_FIELDS];
	char delimiter;
	bool no_header;
	void *file; /* what libcyaml read, whose texts these are */
};

/*
 * `map_read` reads the file at `path`. Errors, with a sentence that names the
 * line: AM_ERR_INCOMPLETE; AM_ERR_IO, AM_ERR_INVALID, AM_ERR_NOMEM.
 */
AM_RESULT map_read(
    const char *path, enum map_kind kind, struct why *why, struct map *out);
void map_free(struct map *m);
#define map_auto AM_CLEANUP(map_free) struct map

/* The same of a text. */
AM_RESULT map_parse(
    struct bytes text, enum map_kind kind, struct why *why, struct map *out);

#endif /* AM_MAP_H */
