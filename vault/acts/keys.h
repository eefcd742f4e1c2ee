/*
 * keys.h - key bags in the vault directory, opened and written with a token
 * (protocol.md 6.3, 6.5).
 */

#ifndef AM_KEYS_H
#define AM_KEYS_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/base/secret.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/sc.h"

/* A member bag, opened: the body of 6.5 in fields. */
enum keys_state { KEYS_JOINING = 1, KEYS_SHARE = 2 };
struct keys_member {
	uint8_t state, safe[16], committee;
	uint32_t epoch, index;
	struct scalar scalar; /* join key, or share */
	uint8_t plan[32], manifest[32];
};
void keys_member_wipe(struct keys_member *m);
#define keys_member_auto AM_CLEANUP(keys_member_wipe) struct keys_member

/* What hmac-secret is asked for. */
struct bag_purpose
keys_identity_purpose(const struct session *s, const uint8_t person[static 16]);
struct bag_purpose
keys_member_purpose(const struct session *s, const uint8_t person[static 16],
    const uint8_t safe[static 16], uint8_t committee, uint32_t epoch);

/* One touch: the answer of the token to a purpose, 32 bytes. */
AM_RESULT keys_unlock(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const char *what, struct secret **out);

/*
 * Each writes a new bag with one slot, for the key `k` and its answer `prf`.
 * An identity goes to "<bag>.next" until the log knows it; then
 * keys_promote_identity puts it in place (or keys_read_identity does, after a
 * crash). So a bag that is in place was known to some state of the log.
 */
AM_RESULT keys_write_identity(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf, struct bytes body);
AM_RESULT keys_promote_identity(struct session *s, const struct bag_purpose *p);
/* That there is no identity in place for `p`: it would be overwritten, and what
 * was sealed to it lost. Errors: AM_ERR_STALE, since a newer state of the log
 * made it. */
AM_RESULT keys_no_identity(struct session *s, const struct bag_purpose *p);
AM_RESULT keys_write_member(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const struct keys_member *m);

/*
 * The share at the end of a ceremony goes to a second file first, "<bag>.next",
 * because the certificate needs the join key of the first until `accept` is
 * durable; keys_promote then puts it in place. A crash leaves both.
 * keys_read_share finds the share of `manifest`, which the log shows to be
 * active, in either, and ends what the crash left: the join key may not stay
 * (R5.4).
 */
AM_RESULT keys_write_next(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const struct keys_member *m);
AM_RESULT keys_read_next(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    struct keys_member *out);
AM_RESULT keys_promote(struct session *s, const struct bag_purpose *p);
/* Errors: those below; AM_ERR_INCOMPLETE (no share of that manifest). */
AM_RESULT keys_read_share(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const uint8_t manifest[static 32], struct keys_member *out);

/* R5.7: removes the bag of an epoch, and what a crash left beside it. That
 * there is none is no error. */
AM_RESULT keys_erase(struct session *s, const struct bag_purpose *p);

/* Opens a bag.
 * Errors: AM_ERR_INCOMPLETE (no bag), AM_ERR_WRONG_TOKEN, AM_ERR_CORRUPT. */
AM_RESULT keys_read_member(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    struct keys_member *out);
/* The identity scalar d. k->person is read. */
AM_RESULT keys_read_identity(struct session *s, const struct session_key *k,
    const struct secret *prf, struct scalar *out_d);

/* ---- a bag and its slots, for further keys (further.h) */

struct keys_bag {
	enum bag_type type;
	struct bag_purpose purpose;
};

/* *out tells whether the bag has a slot of that credential. */
AM_RESULT keys_has_slot(
    struct session *s, const struct keys_bag *b, struct bytes cred, bool *out);
/* The bag as it is with a slot of `added`, to be written by keys_put.
 * Errors: AM_ERR_POLICY (it is full), those of bag_open, with a sentence. */
AM_RESULT keys_add_slot(struct session *s, const struct keys_bag *b,
    const struct bag_key *by, const struct bag_key *added, struct blob *out);
AM_RESULT
keys_put(struct session *s, const struct keys_bag *b, struct bytes file);

#endif /* AM_KEYS_H */
