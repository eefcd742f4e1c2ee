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

/* Writes a new bag with one slot, for the key `k` and its answer `prf`. */
AM_RESULT keys_write_identity(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf, struct bytes body);
AM_RESULT keys_write_member(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const struct keys_member *m);

/*
 * The share at the end of a ceremony goes to a second file first, "<bag>.next",
 * because the certificate needs the join key of the first until `accept` is
 * durable; keys_promote then puts it in place. A crash leaves both, and
 * keys_read_share, which is for a manifest that is active, finds the share in
 * either and puts it in place.
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
/* The identity scalar d. */
AM_RESULT keys_read_identity(struct session *s, const struct session_key *k,
    const struct secret *prf, struct scalar *out_d);

#endif /* AM_KEYS_H */
