/*
 * delayed.h - where a text is that is sealed until a date: a blob beside the
 * log, under the register key as everything else is, by the hash that the log
 * has (vault/state/quiet.h). A rebuild of the tables leaves it alone and a
 * backup takes it along; an export does not.
 *
 * Nothing here keeps it from who holds the register key.
 */

#ifndef AM_DELAYED_H
#define AM_DELAYED_H

#include "vault/acts/post.h"
#include "vault/state/quiet.h"

enum delayed_is {
	DELAYED_NONE,   /* no text of this kind */
	DELAYED_SEALED, /* its time has not come */
	DELAYED_SHOWN,
	DELAYED_LOST, /* it is not there, not what the hash is of, or no text */
};

/* Start with { 0 }. */
struct delayed {
	enum delayed_is is;
	struct blob kept;        /* salt || text */
	struct bytes salt, text; /* lent from it; empty unless shown */
};
void delayed_free(struct delayed *d);
#define delayed_auto AM_CLEANUP(delayed_free) struct delayed

/* A fresh salt to a text, and the hash of both. */
AM_RESULT
delayed_seal(struct bytes text, struct delayed *out, uint8_t sealed[static 32]);

/* Kept in the same transaction as the statements of `p`; both are lent. */
void delayed_keep(
    struct post *p, const uint8_t sealed[static 32], const struct delayed *d);

/* As it is at `now`: the text from `until` on, and only if its hash is right. */
AM_RESULT delayed_read(struct store_txn *t, const uint8_t sealed[static 32],
    int64_t until, int64_t now, struct delayed *out);

#endif /* AM_DELAYED_H */
