/*
 * cred.h - credentials. An id is the credential, wrapped under the master
 * secret, so that a key holds any number of them:
 *
 *	0  format 1 | 1 nonce (12) | 13 ciphertext (98) | 111 tag (16) = 127
 *	plaintext: 0 rp id hash | 32 flags | 33 level | 34 d | 66 seed = 98
 */

#ifndef SOFT_CRED_H
#define SOFT_CRED_H

#include "tests/softtoken/disk.h"

#define CRED_ID   127
#define CRED_HMAC 0x01 /* flag: made with hmac-secret */
#define CRED_RK   0x02 /* flag: discoverable */

struct cred {
	uint8_t rp_hash[PRIM_HASH];
	uint8_t flags;
	uint8_t level; /* credProtect, 1..3 */
	uint8_t d[PRIM_KEY];
	uint8_t seed[PRIM_KEY];
};

void cred_wrap(const struct cred *c, const uint8_t master[static PRIM_KEY],
    uint8_t id[static CRED_ID]);

/* False for every id that is not of this master secret and this rp. */
bool cred_unwrap(struct span id, const uint8_t master[static PRIM_KEY],
    const uint8_t rp_hash[static PRIM_HASH], struct cred *out);

/* The hmac-secret key: one with, another without user verification. */
void cred_secret(const struct cred *c, bool uv, uint8_t out[static PRIM_KEY]);

#endif /* SOFT_CRED_H */
