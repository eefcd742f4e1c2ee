/*
 * keyring.h - the keys of a person, in the order in which they were enrolled:
 * a committee is judged by its own, not by looking at everybody's.
 *
 * Table "token-of": person || u32, from 0 -> H(token). A key stays in it for
 * good, whatever becomes of it.
 */

#ifndef AM_KEYRING_H
#define AM_KEYRING_H

#include "vault/state/rows.h"

/* For a key that is new. */
AM_RESULT keyring_add(const struct view *v, const struct rows_token *t);

/* Key `i` of the person, in force or not. Errors: AM_ERR_NOT_FOUND (there are
 * no more); AM_ERR_CORRUPT (there is one, and it is missing). */
AM_RESULT keyring_nth(const struct view *v, const uint8_t person[static 16],
    uint32_t i, struct rows_token *out);

#endif /* AM_KEYRING_H */
