/*
 * dkg.h - distributed key generation: COCKTAIL-DKG, suite
 * "COCKTAIL(Ristretto255, SHA-512)". Source: protocol.md 5.4 and the C2SP
 * specification v0.2.1 named there, byte for byte.
 *
 * Participants are numbered 1..n in the order of their public keys; no
 * payload is used.
 */

#ifndef AM_DKG_H
#define AM_DKG_H

#include "vault/base/am.h"
#include "vault/crypto/pt.h"
#include "vault/crypto/shamir.h"

enum {
	DKG_SHARE = 48, /* 32 bytes and the tag */
	DKG_SIG = 64,   /* Schnorr: R || z */
};

/* The public side of a run: 1 <= k <= n <= SHAMIR_N_MAX. */
struct dkg_run {
	size_t n, k;
	struct point pk[SHAMIR_N_MAX]; /* the join keys, by participant */
	uint8_t context[64];           /* dkg_context */
};

/* What one dealer publishes. */
struct dkg_deal {
	struct point C[SHAMIR_K_MAX]; /* exactly k */
	uint8_t pop[DKG_SIG];
	struct point E;
	uint8_t shares[SHAMIR_N_MAX][DKG_SHARE]; /* exactly n */
};

/* Fills `run->context` from n, pk and the run identifier `id`
 * (T("dkg") || H(plan) in Amanat; the tag of the entry in the vectors). */
void dkg_context(struct dkg_run *run, struct bytes id);

/*
 * `dkg_deal_make` deals as participant `self` (1..n) with the static secret
 * `d`: fresh polynomial and ephemeral key, hedged with d.
 * `dkg_deal_make_fixed` takes the k coefficients and e and signs without
 * added randomness, for published vectors.
 */
AM_RESULT dkg_deal_make(const struct dkg_run *run, uint32_t self,
    const struct scalar *d, struct dkg_deal *out);
AM_RESULT dkg_deal_make_fixed(const struct dkg_run *run, uint32_t self,
    const struct scalar *d, const struct scalar *coeffs, const struct scalar *e,
    struct dkg_deal *out);

/* `dkg_pop_verify` checks the proof of possession of a_{i,0}.
 * Errors: AM_ERR_VERIFY. */
AM_RESULT
dkg_pop_verify(const struct dkg_run *run, const struct dkg_deal *deal);

/*
 * `dkg_decrypt` opens one ciphertext of `dealer` (ephemeral key `E`) for
 * `self`: ct.len - 16 bytes, the share and, in other uses of the specification
 * than ours, a payload after it. Errors: AM_ERR_INVALID, AM_ERR_CORRUPT.
 */
AM_RESULT
dkg_decrypt(const struct dkg_run *run, uint32_t dealer, const struct point *E,
    uint32_t self, const struct scalar *d, struct bytes ct, uint8_t *out);

/*
 * `dkg_share_open` decrypts dealer's share for `self` and checks it against
 * the dealer's commitments.
 * Errors: AM_ERR_CORRUPT (not authentic, not a scalar), AM_ERR_VERIFY.
 */
AM_RESULT dkg_share_open(const struct dkg_run *run, uint32_t dealer,
    const struct dkg_deal *deal, uint32_t self, const struct scalar *d,
    struct scalar *out);

/*
 * `dkg_commitments` adds the deals: C_m = sum over dealers of C_{i,m}, k
 * points; C_0 is the group key X. Errors: AM_ERR_VERIFY (an identity),
 * AM_ERR_INVALID (k or n).
 */
AM_RESULT dkg_commitments(
    const struct dkg_run *run, const struct dkg_deal *deals, struct point *out);

/*
 * `dkg_ext` is Amanat's extension: SHA-512(T("deals") || for i, for j:
 * u64(48) || c_ij). The specification leaves the ciphertexts out of its
 * transcript; the extension binds them.
 */
void dkg_ext(const struct dkg_run *run, const struct dkg_deal *deals,
    uint8_t out[static 64]);

/*
 * `dkg_cert_make` signs the transcript of the run with the join key `d` of
 * participant `self`. What is signed is the transcript itself, not its hash
 * (the vectors publish its SHA-512 for comparison only):
 *
 *	len8(suite) | suite | len8(context) | context | n | k (4 bytes each) |
 *	all pk | all C_i | all pop | all E_i | len8(ext) | ext
 *
 * Lengths and numbers are little-endian here, after the specification. One
 * pass over participants per list, each in the order 1..n.
 * Errors: AM_ERR_INVALID (self), AM_ERR_NOMEM.
 */
AM_RESULT dkg_cert_make(const struct dkg_run *run, const struct dkg_deal *deals,
    struct bytes ext, uint32_t self, const struct scalar *d,
    uint8_t out[static DKG_SIG]);

/* Errors: AM_ERR_INVALID (signer), AM_ERR_VERIFY, AM_ERR_NOMEM. */
AM_RESULT
dkg_cert_verify(const struct dkg_run *run, const struct dkg_deal *deals,
    struct bytes ext, uint32_t signer, const uint8_t cert[static DKG_SIG]);

#endif /* AM_DKG_H */
