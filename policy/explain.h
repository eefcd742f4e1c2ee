/*
 * explain.h - what stands behind the identifier of a refusal: "R5.1", "V17".
 *
 * One constant table, for `amanat policy explain` and for docs/amanat-rules.7,
 * which has the same words (tests/gates/explained). R and V are numbered in
 * protocol.md, a bare "5.7" is a section of it; A, C, K and X are items of
 * domain.md, INV its invariants. An identifier that the code prints has a row.
 */

#ifndef AM_EXPLAIN_H
#define AM_EXPLAIN_H

#include "vault/base/am.h"

struct explain {
	const char *id;     /* "R5.1" */
	const char *title;  /* no full stop */
	const char *text;   /* sentences: what it says, why, what to do */
	const char *source; /* where it comes from */
};

/* Row `i` in the order of `explain_order`; NULL past the end. */
const struct explain *explain_at(size_t i);

/* The row of an identifier, in either case ("r5.1", "V1"); NULL: none. */
const struct explain *explain_find(const char *id);

/*
 * `explain_order` compares two identifiers as strcmp does: letters in either
 * case, numbers by value, so that R2.9 comes before R2.10, and a number before
 * any other sign: R2.1 before R-1, as sort -V has it.
 */
int explain_order(const char *a, const char *b);

/* How many characters at the start of `id` are the start of some identifier,
 * in either case. */
size_t explain_shared(const char *id);

#endif /* AM_EXPLAIN_H */
