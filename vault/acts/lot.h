/*
 * lot.h - a batch and its items, signed by one touch and written in one
 * transaction (R7.4): what bulk.h and enlist.h stand on.
 */

#ifndef AM_LOT_H
#define AM_LOT_H

#include "vault/acts/post.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

struct lot_item {
	struct bytes
	    body; /* canonical bytes, with the time and head of `when` */
	const uint8_t *id; /* its H, 32 bytes */
};

struct lot {
	struct session *s;
	const uint8_t *by;
	struct post_when when; /* of the batch and of every item */
	const char *of;        /* "seal" or "entry" */
	size_t count;
	struct lot_item (*item)(const void *arg, size_t i);
	/* What is stored beside an item; or NULL. */
	enum am_err (*beside)(const void *arg, struct store_txn *t, size_t i);
	struct claim_sink claims;
	const void *arg;
};

/*
 * `lot_judge` has the rules judge the batch itself, not its items: whether this
 * key may sign. `lot_write` does so too, has it signed, `what` completing "touch
 * the key", and commits all or nothing; *out_leaf is that of the batch, and its
 * items follow it. Errors: those of signing and of the rules.
 */
AM_RESULT lot_judge(const struct lot *l, const struct session_key *k);
AM_RESULT lot_write(const struct lot *l, const struct session_key *k,
    const char *what, uint64_t *out_leaf);

#endif /* AM_LOT_H */
