/*
 * setup.h - dealing and accepting at setup (protocol.md 5.4). For steps.c.
 */

#ifndef AM_SETUP_H
#define AM_SETUP_H

#include "vault/acts/turn.h"

/* Adds the fields of a deal; `d` is the join key. */
AM_RESULT
setup_deal(const struct turn *u, const struct scalar *d, struct json_t *body);

/* Opens and checks all deals. *out_bad is the dealer of a bad one.
 * Errors: AM_ERR_VERIFY. */
AM_RESULT setup_accept(const struct turn *u, const struct scalar *d,
    size_t *out_bad, struct turn_acceptance *out);

#endif /* AM_SETUP_H */
