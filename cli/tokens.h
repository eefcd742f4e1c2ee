/*
 * tokens.h - how a key stands, in a word; shared by the verbs that list keys.
 */

#ifndef AM_TOKENS_H
#define AM_TOKENS_H

#include "vault/state/rows.h"

/* "offered", "active", "suspended", "suspended (confirmed)" or "retired". */
const char *tokens_state(const struct rows_token *k);

#endif /* AM_TOKENS_H */
