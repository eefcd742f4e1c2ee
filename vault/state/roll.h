/*
 * roll.h - the credentials of a safe in the order in which they came. ROLL_PAGE
 * of them are one row, since what a list takes is the rows that it opens.
 *
 * Table "record-n": safe || u64 page, from 0 -> their ids, 16 bytes each.
 */

#ifndef AM_ROLL_H
#define AM_ROLL_H

#include "vault/state/rows.h"

enum { ROLL_PAGE = 32 };

/* The next one: `number` is how many there were before. Errors: AM_ERR_CORRUPT
 * (there are more, or fewer). */
AM_RESULT roll_add(const struct view *v, const uint8_t safe[static 16],
    uint64_t number, const uint8_t record[static 16]);

/* Who walks through a safe keeps the page that was read last: {0} before the
 * first, one a safe and a snapshot. */
struct roll {
	uint64_t page;
	size_t count;
	uint8_t records[ROLL_PAGE][16];
};

/* Credential `number`, from 0. */
AM_RESULT roll_nth(const struct view *v, const uint8_t safe[static 16],
    uint64_t number, struct roll *kept, uint8_t out[static 16]);

#endif /* AM_ROLL_H */
