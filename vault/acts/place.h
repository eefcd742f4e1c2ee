/*
 * place.h - where a key is kept, so that one fire does not take both of a
 * custodian's (domain.md, C-2 and 3.1): said by its owner or any official.
 */

#ifndef AM_PLACE_H
#define AM_PLACE_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/* One touch. *owner: the short id of whose key it is. The rules say who may,
 * and what a place is. Errors: AM_ERR_NOT_FOUND (no key of that label). */
AM_RESULT place_enter(struct session *s, const struct session_key *k,
    const char *label, const char *place, char owner[static ROWS_ID_MAX + 1]);

#endif /* AM_PLACE_H */
