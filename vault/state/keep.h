/*
 * keep.h - a view that keeps the rows which every statement of a batch reads
 * and writes, and hands them down once: vault, batch, safe, manifest, person.
 */

#ifndef AM_KEEP_H
#define AM_KEEP_H

#include "vault/state/view.h"

enum { KEEP_ROWS = 16, KEEP_KEY_MAX = 32 };

/* Start with { .under = ... }; lives as long as what is under it. */
struct keep {
	struct view under;
	size_t count;
	struct keep_row {
		const char *table;
		uint8_t key[KEEP_KEY_MAX];
		size_t key_len;
		struct blob value;
		bool changed;
	} rows[KEEP_ROWS];
};

void keep_free(struct keep *k);
#define keep_auto AM_CLEANUP(keep_free) struct keep

/* The view; other tables, and more rows than fit, go straight through. */
struct view keep_view(struct keep *k);

/* Writes what has changed. Errors: those of `under`. */
AM_RESULT keep_flush(struct keep *k);

#endif /* AM_KEEP_H */
