/*
 * box.h - a message to a public key. Source: protocol.md 2.3 (BOX).
 *
 *	0 E (32) | 32 XChaCha20-Poly1305(key, nonce 0^24, ad empty, m)
 */

#ifndef AM_BOX_H
#define AM_BOX_H

#include "vault/base/am.h"
#include "vault/base/secret.h"
#include "vault/crypto/pt.h"

enum { BOX_EXTRA = 32 + 16 };

/*
 * `box_seal` writes m.len + BOX_EXTRA bytes to `out`. `info` names the use
 * and is hashed. `box_seal_e` takes e, for published vectors and disputes.
 */
AM_RESULT box_seal(
    const struct point *K, struct bytes info, struct bytes m, uint8_t *out);
AM_RESULT box_seal_e(const struct point *K, struct bytes info, struct bytes m,
    const struct scalar *e, uint8_t *out);

/* `box_open`: the message, at least one byte, belongs to the caller.
 * Errors: AM_ERR_CORRUPT (length, E, not authentic), AM_ERR_NOMEM. */
AM_RESULT box_open(const struct scalar *d, struct bytes info, struct bytes box,
    struct secret **out);

/*
 * `box_open_e` opens with the e that made the box, for disputes (R5.11).
 * Errors: AM_ERR_CORRUPT (also when e is not the one of this box).
 */
AM_RESULT box_open_e(const struct scalar *e, const struct point *K,
    struct bytes info, struct bytes box, struct secret **out);

#endif /* AM_BOX_H */
