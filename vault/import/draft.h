/*
 * draft.h - one entry of a foreign file, in locked memory, and the credentials
 * that it becomes: one, and a second for its one-time codes, so that the two
 * factors of a login are asked for, and judged, apart.
 *
 * A format's reader fills it: begin, then texts and what they are, in any
 * order. A fault does not stop a reader, which must come to the entry's end:
 * the first is kept, and draft_make reports it.
 */

#ifndef AM_DRAFT_H
#define AM_DRAFT_H

#include "vault/acts/bulk.h"
#include "vault/import/names.h"

struct draft;

enum draft_field {
	DRAFT_NAME,
	DRAFT_SECRET,
	DRAFT_USER,
	DRAFT_URL,
	DRAFT_NOTES,
	DRAFT_TOTP,
	DRAFT_SAFE, /* these three where they differ from the rules */
	DRAFT_CLASS,
	DRAFT_TYPE,
	DRAFT_FIELDS
};

enum { DRAFT_EXTRAS_MAX = 128, DRAFT_GROUP_MAX = 1024 };

/* For what an entry does not say; NULL: nothing. */
struct draft_rules {
	const char *safe, *class, *type;
	bool tidy; /* names of others: made valid and different; no secret but
		    * notes: a note. Else what is not valid is refused. */
};

/* Where a text lies in the draft. */
struct draft_span {
	size_t at, len;
};

AM_RESULT draft_new(const struct draft_rules *rules, struct draft **out);
void draft_free(struct draft *d);
static inline void
draft_cleanup(struct draft **d)
{
	draft_free(*d);
}
#define draft_auto AM_CLEANUP(draft_cleanup) struct draft

/* Forgets all names; with the first entry comes the first row. */
void draft_rewind(struct draft *d);

/* An empty draft, of entry `row` of the file. */
void draft_begin(struct draft *d, uint64_t row);

/* Copies a text; `draft_more` appends to the text that was added last. What
 * has no room makes the entry too large. */
struct draft_span draft_add(struct draft *d, struct bytes text);
void draft_more(struct draft *d, struct bytes text, struct draft_span *span);
struct bytes draft_text(const struct draft *d, struct draft_span span);

/* What a text is. Twice the same: a fault. An extra becomes a line of the
 * notes, "name: value"; without a value it is passed over. */
void draft_set(struct draft *d, enum draft_field f, struct draft_span span);
void
draft_extra(struct draft *d, struct draft_span name, struct draft_span value);
bool draft_has(const struct draft *d, enum draft_field f);
bool
draft_same(const struct draft *d, enum draft_field f, struct draft_span span);

/* The folders that it lies in, with '/' between them. */
void draft_group(struct draft *d, struct bytes path);

/* The entry cannot be imported: why. The first one stays. Never a secret. */
void draft_fault(struct draft *d, const char *fmt, ...) AM_PRINTF(2, 3);

/* One credential of the entry. What it lends lives until draft_begin. */
struct draft_made {
	struct bulk_row row;
	char was[2 * ROWS_TITLE_MAX]; /* "": the name was good as it is */
	bool again; /* an earlier one has the name, so it got a number */
};

/*
 * `draft_make` makes the next credential of the entry. Errors: AM_ERR_NOT_FOUND
 * (no more of it); AM_ERR_INCOMPLETE, with the sentence of the first fault,
 * once; AM_ERR_NOMEM.
 */
AM_RESULT
draft_make(struct draft *d, struct draft_made *out, struct why *why);

#endif /* AM_DRAFT_H */
