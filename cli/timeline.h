/*
 * timeline.h - a year of deadlines as one page to print: an HTML file that
 * needs nothing else, neither script nor network, and says nothing by colour
 * alone. Names keep their own direction, so that Urdu and Latin stand side by
 * side.
 */

#ifndef AM_TIMELINE_H
#define AM_TIMELINE_H

#include <stdio.h>

#include "vault/base/am.h"

struct timeline_row {
	const char *id, *name, *owner, *state;
	const char *reach;   /* in words */
	int32_t decide, end; /* days; decide -1: it is decided */
	bool late, out_of_reach;
};

/* The page begins with the day `from`; rows in the caller's order. Errors of
 * all: AM_ERR_NOMEM. A full disk is found at the end, by the caller. */
AM_RESULT timeline_begin(FILE *to, const char *vault, int32_t from);
AM_RESULT timeline_row(FILE *to, int32_t from, const struct timeline_row *r);
void timeline_end(FILE *to);

#endif /* AM_TIMELINE_H */
