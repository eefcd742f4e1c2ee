/*
 * onepux.h - the export of 1Password, 1PUX: a zip with the JSON export.data,
 *
 *	{ "accounts": [ { "vaults": [ { "attrs": { "name" }, "items": [
 *	  { "categoryUuid", "overview": { "title", "url" }, "details": {
 *	    "loginFields": [ { "value", "designation" } ], "notesPlain",
 *	    "sections": [ { "fields": [ { "title", "id", "value": {} } ] } ] } }
 *	] } ] } ] }
 *
 * The vault is a folder of the names. Fields that no login has become lines of
 * the notes. A document, or an item with a file, is refused; earlier passwords
 * are left behind.
 */

#ifndef AM_ONEPUX_H
#define AM_ONEPUX_H

#include "vault/import/draft.h"

struct onepux;

/* Errors: those of unzip_open. */
AM_RESULT onepux_open(const char *path, struct why *why, struct onepux **out);
void onepux_free(struct onepux *x);
static inline void
onepux_cleanup(struct onepux **x)
{
	onepux_free(*x);
}
#define onepux_auto AM_CLEANUP(onepux_cleanup) struct onepux

/* The next item, counted from 1. Errors: AM_ERR_NOT_FOUND (no more);
 * AM_ERR_CORRUPT (not such an export, or damaged), AM_ERR_IO. */
AM_RESULT
onepux_next(struct onepux *x, struct draft *out, struct why *why);
uint64_t onepux_row(const struct onepux *x);
AM_RESULT onepux_rewind(struct onepux *x, struct why *why);

#endif /* AM_ONEPUX_H */
