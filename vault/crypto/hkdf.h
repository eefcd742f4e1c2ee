/*
 * hkdf.h - HKDF-SHA-512 (RFC 5869), absent from libsodium 1.0.18 (R2.8).
 */

#ifndef AM_HKDF_H
#define AM_HKDF_H

#include "vault/base/am.h"

enum { HKDF_OUT_MAX = 255 * 64 };

/*
 * `hkdf_derive` is HKDF(ikm, salt, info, out_len). Intermediate keys are
 * wiped. Errors: AM_ERR_INVALID (out_len 0 or above HKDF_OUT_MAX).
 */
AM_RESULT
hkdf_derive(struct bytes ikm, struct bytes salt, const struct bytes *info_parts,
    size_t info_count, uint8_t *out, size_t out_len);

#endif /* AM_HKDF_H */
