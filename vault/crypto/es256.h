/*
 * es256.h - ECDSA over P-256 with SHA-256, as FIDO2 keys sign.
 */

#ifndef AM_ES256_H
#define AM_ES256_H

#include "vault/base/am.h"

/*
 * `es256_verify` checks a strict DER signature over `message`.
 *	key   64 bytes: x || y, big-endian; must be on the curve
 * s may be high. Errors: AM_ERR_VERIFY, for every cause alike.
 */
AM_RESULT es256_verify(
    const uint8_t key[static 64], struct bytes message, struct bytes sig);

#endif /* AM_ES256_H */
