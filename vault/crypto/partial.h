/*
 * partial.h - one custodian's partial decryption, encrypted to the
 * requester's one-time key and publicly verifiable. Source: protocol.md 4.2,
 * 4.3.
 *
 *	partial   160 bytes: E1 | E2 | c | z1 | z2
 */

#ifndef AM_PARTIAL_H
#define AM_PARTIAL_H

#include "vault/base/am.h"
#include "vault/crypto/pt.h"
#include "vault/crypto/shamir.h"

enum { PARTIAL_BYTES = 160 };

/* What a partial answers: everything in it is hashed into the proof. */
struct partial_context {
	uint8_t request[32];  /* H(request) */
	uint8_t manifest[32]; /* M */
	uint32_t index;       /* of the custodian, >= 1 */
	struct point P;       /* public share, from the manifest, never sent */
	struct point U;       /* from the verified seal */
	struct point Q;       /* the requester's one-time key */
};

struct partial_nonces {
	struct scalar a, b, rho;
};

/* `partial_make` answers with share `s` (sB == P is checked first:
 * AM_ERR_VERIFY) and verifies its own proof before it returns.
 * `partial_make_fixed` takes the nonces, for published vectors. */
AM_RESULT partial_make(const struct partial_context *cx, const struct scalar *s,
    uint8_t out[static PARTIAL_BYTES]);
AM_RESULT
partial_make_fixed(const struct partial_context *cx, const struct scalar *s,
    const struct partial_nonces *nonces, uint8_t out[static PARTIAL_BYTES]);

/* Errors: AM_ERR_VERIFY, for every cause alike. */
AM_RESULT partial_verify(const struct partial_context *cx,
    const uint8_t partial[static PARTIAL_BYTES]);

/* SHA-256(T("partial") || partial): what `approve` names. */
void partial_hash(
    const uint8_t partial[static PARTIAL_BYTES], uint8_t out[static 32]);

/*
 * `partial_combine` is Z = sum of lambda_i E2_i - q * sum of lambda_i E1_i
 * over `count` partials that have been verified, of one manifest.
 *	partials   count * PARTIAL_BYTES bytes, in the order of `indices`
 * Errors: AM_ERR_INVALID (indices, see shamir_lambda), AM_ERR_VERIFY.
 */
AM_RESULT partial_combine(const struct scalar *q, const uint32_t *indices,
    size_t count, const uint8_t *partials, struct point *out_Z);

#endif /* AM_PARTIAL_H */
