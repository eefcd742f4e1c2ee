/*
 * duties.h - what a custodian promises (domain.md C-1): the one source of the
 * text. Who accepts a share accepts it, and signs it again from time to time.
 *
 * A text is never changed, for statements name its hash: a new one is added
 * under the next number.
 */

#ifndef AM_DUTIES_H
#define AM_DUTIES_H

#include "vault/state/view.h"

enum { DUTIES_NEWEST = 1 };

/* The text of a number, from 1, in lines of at most 80 columns; NULL: there is
 * none. */
const char *duties_text(uint32_t number);

/* Its SHA-256. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT duties_hash(uint32_t number, uint8_t out[static 32]);

/* Is the person of either committee, in force, of one of the `safes` of a
 * vault? */
AM_RESULT duties_has(const struct view *v, uint32_t safes,
    const uint8_t person[static 16], bool *out);

#endif /* AM_DUTIES_H */
