/*
 * flat.h - a file of plain fields, such as a subscription: one mapping, each
 * value a text or a list of texts. Any field may be left out; whether it may be
 * missing is for those who know what it means.
 */

#ifndef AM_FLAT_H
#define AM_FLAT_H

#include "vault/base/am.h"
#include "vault/base/why.h"

enum {
	FLAT_FIELDS_MAX = 96,
	FLAT_TEXT_MAX = 1024, /* bytes of a text */
	FLAT_LIST_MAX = 256,
	FLAT_FILE_MAX = 65535,
};

struct flat_field {
	const char *key;
	bool list;
};

struct flat {
	struct flat_cell {
		char *text;  /* NULL: left out */
		char **list; /* NULL: left out */
		unsigned count;
	} cells[FLAT_FIELDS_MAX]; /* in the order of the fields */
};

/*
 * `flat_read` reads a file. What flat_free frees needs the same fields. Errors: AM_ERR_INCOMPLETE with a
 * sentence that begins with the line, and names all keys that are unknown;
 * AM_ERR_NOMEM.
 */
AM_RESULT
flat_read(struct bytes text, const struct flat_field *fields, size_t count,
    struct flat **out, struct why *why);
void flat_free(struct flat **f, const struct flat_field *fields, size_t count);

#endif /* AM_FLAT_H */
