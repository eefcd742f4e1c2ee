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

/* The public side of a run. */
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
    const struct scalar *d, const struct scalar *coeffs,
    const struct scalar *e, struct dkg_deal *out);

/* `dkg_pop_verify` checks the proof of possession of a_{i,0}.
 * Errors: AM_ERR_VERIFY. */
AM_RESULT dkg_pop_verify(const struct dkg_run *run, const struct dkg_deal *deal);

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
 * points; C_0 is the group key X. Errors: AM_ERR_VERIFY (an identity).
 */
AM_RESULT dkg_commitments(const struct dkg_run *run,
    const struct dkg_deal *deals, struct point *out);

/*
 * `dkg_transcript` hashes to 64 bytes (SHA-512) what `cert` signs: it is the
 * message of the signature, hashed here so that it has a fixed length only if
 * the specification says so; see dkg.c. `ext` is the extension.
 * `dkg_ext` is Amanat's extension: SHA-512(T("deals") || for i, for j:
 * u64(48) || c_ij), 64 bytes.
 */
void dkg_ext(const struct dkg_run *run, const struct dkg_deal *deals,
    uint8_t out[static 64]);
AM_RESULT dkg_cert_make(const struct dkg_run *run,
    const struct dkg_deal *deals, struct bytes ext, uint32_t self,
    const struct scalar *d, uint8_t out[static DKG_SIG]);
AM_RESULT dkg_cert_verify(const struct dkg_run *run,
    const struct dkg_deal *deals, struct bytes ext, uint32_t signer,
    const uint8_t cert[static DKG_SIG]);

#endif /* AM_DKG_H */
