/*
 * proven.h - a statement of the log, taken on no table's word.
 */

#ifndef AM_PROVEN_H
#define AM_PROVEN_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/log/statement.h"

/*
 * `proven_read` reads statement `leaf`, which must be `id`, stand under the
 * head of the session, and be signed by who it says: with a key of its own,
 * or by the batch that it is an item of.
 * Errors: AM_ERR_VERIFY (V04, V09).
 */
AM_RESULT proven_read(struct session *s, struct store_txn *t, uint64_t leaf,
    const uint8_t id[static 32], struct statement *out);

#endif /* AM_PROVEN_H */
