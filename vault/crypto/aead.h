/*
 * aead.h - XChaCha20-Poly1305 with named lengths.
 */

#ifndef AM_AEAD_H
#define AM_AEAD_H

#include "vault/base/am.h"

enum { AEAD_KEY = 32, AEAD_NONCE = 24, AEAD_TAG = 16 };

/* `aead_seal` writes m.len + 16 bytes to `out`, which must not overlap `m`. */
void aead_seal(const uint8_t key[static AEAD_KEY],
    const uint8_t nonce[static AEAD_NONCE], struct bytes ad, struct bytes m,
    uint8_t *out);

/*
 * `aead_open` writes ct.len - 16 bytes to `out`.
 * Errors: AM_ERR_CORRUPT (too short, or not authentic; `out` is then zero).
 */
AM_RESULT aead_open(const uint8_t key[static AEAD_KEY],
    const uint8_t nonce[static AEAD_NONCE], struct bytes ad, struct bytes ct,
    uint8_t *out);

#endif /* AM_AEAD_H */
