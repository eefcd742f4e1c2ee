/*
 * bag.h - key bags: a small file that one of a person's tokens opens.
 * Source: protocol.md 6.3, 6.5.
 *
 *	0  "AMBG" | 4 format 1 | 5 type | 6 two zero bytes | 8 vault (16)
 *	24 input (32)                                     fixed part, 56 bytes
 *	56 slot count 1..8, each: u16 length, credential id, nonce24,
 *	   wrapped KEK (48)
 *	   com (32) | nonce24 | u32 length | ct
 */

#ifndef AM_BAG_H
#define AM_BAG_H

#include "vault/base/am.h"
#include "vault/base/secret.h"

enum bag_type { BAG_IDENTITY = 1, BAG_MEMBER = 2 };

enum {
	BAG_FIXED = 56,
	BAG_SLOTS_MAX = 8,
	BAG_CRED_MAX = 1023,
	BAG_IDENTITY_BODY = 16 + 32 + 32, /* person | d | R */
	BAG_MEMBER_BODY = 1 + 16 + 1 + 4 + 4 + 32 + 32 + 32,
	BAG_FILE_MAX = BAG_FIXED + 1 + BAG_SLOTS_MAX * (2 + 1023 + 72) + 32 +
	    24 + 4 + BAG_MEMBER_BODY + 16,
};

/* What the token is asked for. committee 0 identity (safe and epoch zero),
 * 1 operating, 2 recovery. */
struct bag_purpose {
	uint8_t vault[16], person[16], safe[16];
	uint8_t committee;
	uint32_t epoch;
};

/* input = SHA-256(T("prf") || vault || person || safe || committee || epoch);
 * salt = SHA-256("WebAuthn PRF" || 0x00 || input): what hmac-secret gets. */
void bag_input(const struct bag_purpose *p, uint8_t out[static 32]);
void bag_salt(const uint8_t input[static 32], uint8_t out[static 32]);

/* File name: hex of the first 16 bytes of SHA-256(T("bagkey") || fixed). */
void bag_name(enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], char out[static 33]);

/*
 * For restoring, when nothing is known but the file: `bag_look` reads the
 * header, whose input is then trusted (R6.5), and the credential id of each
 * slot, lent. Errors: AM_ERR_CORRUPT.
 */
struct bag_header {
	enum bag_type type;
	uint8_t vault[16], input[32];
	size_t slots;
	struct bytes creds[BAG_SLOTS_MAX];
};
AM_RESULT bag_look(struct bytes file, struct bag_header *out);

/*
 * `bag_seal` makes a bag with one slot.
 *	prf    32 bytes, what the token answered to the salt
 *	cred   credential id of that token, 1..BAG_CRED_MAX bytes
 *	body   BAG_IDENTITY_BODY or BAG_MEMBER_BODY bytes
 *	out    room for BAG_FILE_MAX bytes
 */
AM_RESULT bag_seal(enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], struct bytes prf, struct bytes cred,
    struct bytes body, uint8_t *out, size_t *out_len);

/*
 * `bag_open` opens with the slot of `cred`; type, vault and input must be the
 * expected ones (R6.5). Errors: AM_ERR_WRONG_TOKEN (no slot of `cred`),
 * AM_ERR_CORRUPT (anything else), AM_ERR_NOMEM.
 */
AM_RESULT bag_open(struct bytes file, enum bag_type type,
    const uint8_t vault[static 16], const uint8_t input[static 32],
    struct bytes prf, struct bytes cred, struct secret **out_body);

/* A person's key: its credential id, and what it answered to the salt. */
struct bag_key {
	struct bytes cred, prf;
};

/* *out tells whether the bag has a slot of `cred`. Slots name their keys in
 * clear, so nothing is proven. Errors: AM_ERR_CORRUPT. */
AM_RESULT bag_has_slot(struct bytes file, struct bytes cred, bool *out);

/*
 * `bag_add_slot` opens the bag with `by`, as bag_open does, and gives it a
 * further slot, for `added`; the other slots and the body stay as they are.
 *	out    room for BAG_FILE_MAX bytes
 * Errors: those of bag_open; AM_ERR_EXISTS (a slot of `added` is there),
 * AM_ERR_INVALID (BAG_SLOTS_MAX are there, or `added` is no key).
 */
AM_RESULT bag_add_slot(struct bytes file, enum bag_type type,
    const uint8_t vault[static 16], const uint8_t input[static 32],
    const struct bag_key *by, const struct bag_key *added, uint8_t *out,
    size_t *out_len);

#endif /* AM_BAG_H */
