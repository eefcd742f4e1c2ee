/*
 * paper.h - one document in two forms: JSON for programs, Markdown for people.
 * Sections have fields, then lists; lists have rows, which have fields, then
 * lists. A key is the label as well, with blanks for underscores; in Markdown
 * what is empty says "none".
 */

#ifndef AM_PAPER_H
#define AM_PAPER_H

#include "cli/out.h"

struct paper {
	FILE *to;
	bool md;
	struct out_json j;
	unsigned depth; /* of lists */
	bool fresh;     /* nothing stands in this section yet */
	bool some;      /* something precedes in this row */
	bool line;      /* a line of Markdown is begun */
};

void paper_begin(struct paper *p, FILE *to, bool md, const char *title);
void paper_end(struct paper *p);
void paper_section(struct paper *p, const char *key, const char *title);
void paper_section_end(struct paper *p);
void paper_list(struct paper *p, const char *key);
void paper_list_end(struct paper *p);
void paper_row(struct paper *p);
void paper_row_end(struct paper *p);

/* Errors: AM_ERR_NOMEM. */
AM_RESULT paper_bytes(struct paper *p, const char *key, struct bytes value);
AM_RESULT paper_text(struct paper *p, const char *key, const char *value);
AM_RESULT paper_uint(struct paper *p, const char *key, uint64_t value);
/* A time; 0: unknown. */
AM_RESULT paper_when(struct paper *p, const char *key, int64_t at);
AM_RESULT paper_hex(struct paper *p, const char *key, struct bytes id);
/* What nobody has said: present, and said to be unknown. */
AM_RESULT paper_unknown(struct paper *p, const char *key);

#endif /* AM_PAPER_H */
