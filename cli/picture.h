/*
 * picture.h - what an analysis of lockout found, as one page to print: an HTML
 * file that needs nothing else, neither script nor network, and says nothing by
 * colour alone.
 *
 * For each safe: the findings, in the caller's words; who locks it alone, and
 * which pairs do; the appointments, absences and next proofs of its custodians
 * over the horizon, above the number of eligible people against what a quorum
 * needs; and the same calendar as a table. Every text is escaped as out_text
 * does it, then for HTML.
 */

#ifndef AM_PICTURE_H
#define AM_PICTURE_H

#include <stdio.h>

#include "policy/lockout.h"

struct picture_safe {
	const char *name;
	const struct lockout_case *c; /* people in the order of the page */
	const struct lockout *l;      /* of that case */
	size_t sentence_count;
	const char *const *sentences; /* its findings, and what to do */
};

/* Errors: AM_ERR_IO (a full disk), AM_ERR_NOMEM. Then `to` holds a part. */
AM_RESULT picture_write(FILE *to, const char *title,
    const struct picture_safe *safes, size_t count);

/* A text between tags or in quotes: escaped as out_text does it, then for HTML.
 * Errors: AM_ERR_NOMEM. */
AM_RESULT picture_text(FILE *to, const char *text);

#endif /* AM_PICTURE_H */
