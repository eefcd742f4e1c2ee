/*
 * dleq.h - proofs of equal discrete logarithms, RFC 9497 section 2.2.
 *
 * The context string `ctx` replaces the RFC's contextString and nothing else
 * differs, so the published vectors pass with their context.
 */

#ifndef AM_DLEQ_H
#define AM_DLEQ_H

#include "vault/base/am.h"
#include "vault/crypto/pt.h"

enum { DLEQ_PROOF = 64, DLEQ_PAIRS_MAX = 16 }; /* c || s */

/*
 * `dleq_prove` proves B = kA and D[i] = kC[i], 1 <= m <= DLEQ_PAIRS_MAX.
 * The nonce is hedged (R2: HEDGE). `dleq_prove_nonce` takes it, for vectors.
 * Errors: AM_ERR_INVALID (m), AM_ERR_VERIFY (an identity came up).
 */
AM_RESULT dleq_prove(struct bytes ctx, const struct scalar *k,
    const struct point *A, const struct point *B, const struct point *C,
    const struct point *D, size_t m, uint8_t proof[static DLEQ_PROOF]);
AM_RESULT dleq_prove_nonce(struct bytes ctx, const struct scalar *k,
    const struct point *A, const struct point *B, const struct point *C,
    const struct point *D, size_t m, const struct scalar *r,
    uint8_t proof[static DLEQ_PROOF]);

/* Points are decoded already; c and s must be canonical and non-zero.
 * Errors: AM_ERR_VERIFY, for every cause alike. */
AM_RESULT dleq_verify(struct bytes ctx, const struct point *A,
    const struct point *B, const struct point *C, const struct point *D,
    size_t m, const uint8_t proof[static DLEQ_PROOF]);

#endif /* AM_DLEQ_H */
