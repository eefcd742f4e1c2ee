/*
 * prim.h - the primitives of the software key, on OpenSSL 3: SHA-256, HMAC,
 * AES-256-CBC and -GCM, ECDH and ECDSA on P-256, and the clock.
 *
 * Where a function returns bool, false is a refusal of the input; a failure of
 * the library or of the kernel's random source ends the program.
 */

#ifndef SOFT_PRIM_H
#define SOFT_PRIM_H

#include <openssl/evp.h>

#include "tests/softtoken/cb.h"

#define PRIM_HASH      32
#define PRIM_KEY       32
#define PRIM_BLOCK     16
#define PRIM_NONCE     12
#define PRIM_TAG       16
#define PRIM_POINT     64 /* x | y */
#define PRIM_SIG_MAX   72
#define PRIM_POINT_OCT 65 /* 4 | x | y */

typedef EVP_PKEY *prim_pkey;
void prim_pkey_done(prim_pkey *key);
#define prim_pkey_auto SOFT_CLEANUP(prim_pkey_done) EVP_PKEY

/* Milliseconds of a clock that never steps. */
int64_t prim_now_ms(void);

void prim_random(uint8_t *out, size_t len);
void prim_wipe(void *p, size_t len);
bool prim_same(const void *a, const void *b, size_t len);

void prim_sha256(struct span in, uint8_t out[static PRIM_HASH]);

/* HMAC-SHA-256 over a || b. */
void prim_hmac(const uint8_t key[static PRIM_KEY], struct span a, struct span b,
    uint8_t out[static PRIM_HASH]);

/* `in.len` a multiple of 16, no padding; `out` as long. */
void prim_cbc(bool encrypt, const uint8_t key[static PRIM_KEY],
    const uint8_t iv[static PRIM_BLOCK], struct span in, uint8_t *out);

/* `out` takes in.len + PRIM_TAG bytes. */
void prim_gcm_seal(const uint8_t key[static PRIM_KEY],
    const uint8_t nonce[static PRIM_NONCE], struct span in, uint8_t *out);

/* `out` takes in.len - PRIM_TAG bytes; false when the tag is wrong. */
bool prim_gcm_open(const uint8_t key[static PRIM_KEY],
    const uint8_t nonce[static PRIM_NONCE], struct span in, uint8_t *out);

EVP_PKEY *prim_ec_new(void);
EVP_PKEY *prim_ec_from_scalar(const uint8_t d[static PRIM_KEY]);
void prim_ec_scalar(const EVP_PKEY *key, uint8_t d[static PRIM_KEY]);
void prim_ec_point(const EVP_PKEY *key, uint8_t xy[static PRIM_POINT]);

/* The x coordinate of the shared point; false when `xy` is not on the curve. */
bool prim_ecdh(EVP_PKEY *mine, const uint8_t xy[static PRIM_POINT],
    uint8_t z[static PRIM_KEY]);

/* ECDSA with SHA-256, DER; returns the length. */
size_t prim_sign(EVP_PKEY *key, struct span a, struct span b,
    uint8_t sig[static PRIM_SIG_MAX]);

#endif /* SOFT_PRIM_H */
