/*
 * poss.h - proof of possession of a discrete logarithm, bound to a purpose.
 * Source: protocol.md 2.3 (POSS).
 */

#ifndef AM_POSS_H
#define AM_POSS_H

#include "vault/base/am.h"
#include "vault/crypto/pt.h"

enum { POSS_PROOF = 64 }; /* c || z */

/*
 *	s      the secret, P = sB
 *	ph     32 bytes: the hash that names what the proof is for
 * `poss_prove_nonce` takes the nonce a, for published vectors.
 */
AM_RESULT poss_prove(const struct scalar *s, const struct point *P,
    const uint8_t ph[static 32], uint8_t proof[static POSS_PROOF]);
AM_RESULT poss_prove_nonce(const struct scalar *s, const struct point *P,
    const uint8_t ph[static 32], const struct scalar *a,
    uint8_t proof[static POSS_PROOF]);

/* Errors: AM_ERR_VERIFY, for every cause alike. */
AM_RESULT poss_verify(const struct point *P, const uint8_t ph[static 32],
    const uint8_t proof[static POSS_PROOF]);

#endif /* AM_POSS_H */
