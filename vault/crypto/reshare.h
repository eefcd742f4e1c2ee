/*
 * reshare.h - new shares of the same key for another committee: Desmedt and
 * Jajodia with Feldman checks. Source: protocol.md 5.5, 5.6.
 *
 * Dealers are members of the source committee, a fixed set of at least its k;
 * members are those of the new one. Both go by their index in the safe, in
 * ascending order. The key is never put together: dealer i shares s_i anew,
 * and the new share of j is the sum of lambda_i g_i(j).
 */

#ifndef AM_RESHARE_H
#define AM_RESHARE_H

#include "vault/crypto/box.h"
#include "vault/crypto/pt.h"
#include "vault/crypto/shamir.h"

enum { RESHARE_BOX = SC_BYTES + BOX_EXTRA };

/* The public side of a plan. */
struct reshare_run {
	uint8_t plan[32];                  /* H(plan) */
	size_t n, k;                       /* of the new committee */
	uint32_t member[SHAMIR_N_MAX];     /* n indices, none 0, ascending */
	struct point pk[SHAMIR_N_MAX];     /* n join keys */
	size_t dealers;                    /* 2..SHAMIR_N_MAX */
	uint32_t dealer[SHAMIR_N_MAX];     /* indices in the source */
	struct point source[SHAMIR_N_MAX]; /* P_i of the dealers */
	struct point X;
};

/* What one dealer publishes. */
struct reshare_deal {
	struct point C[SHAMIR_K_MAX];             /* exactly k */
	uint8_t boxes[SHAMIR_N_MAX][RESHARE_BOX]; /* exactly n */
};

/* The e of each box, kept by the dealer until activation for a dispute. */
struct reshare_keep {
	struct scalar e[SHAMIR_N_MAX];
};
void reshare_keep_wipe(struct reshare_keep *k);
#define reshare_keep_auto AM_CLEANUP(reshare_keep_wipe) struct reshare_keep

/*
 * `reshare_deal_make` deals `share` as the dealer at `which` (0..dealers-1).
 * Errors: AM_ERR_INVALID (a run out of bounds), AM_ERR_VERIFY (the share is
 * not the one of that dealer).
 */
AM_RESULT reshare_deal_make(const struct reshare_run *run, size_t which,
    const struct scalar *share, struct reshare_deal *out,
    struct reshare_keep *out_keep);

/* The constant term is the dealer's public share (V14).
 * Errors: AM_ERR_VERIFY. */
AM_RESULT reshare_deal_check(const struct reshare_run *run, size_t which,
    const struct reshare_deal *deal);

/*
 * `reshare_open` is what a dealer gave the member at `to`: opened with the
 * join key `d` and checked against the commitments.
 * Errors: AM_ERR_CORRUPT (not authentic, not a scalar), AM_ERR_VERIFY.
 */
AM_RESULT reshare_open(const struct reshare_run *run, size_t which,
    const struct reshare_deal *deal, size_t to, const struct scalar *d,
    struct scalar *out);

/*
 * `reshare_share` is s' of the member at `to` from all deals, in the order of
 * the dealers. *out_bad names the dealer at fault when a deal is bad.
 * Errors: those of reshare_open.
 */
AM_RESULT
reshare_share(const struct reshare_run *run, const struct reshare_deal *deals,
    size_t to, const struct scalar *d, size_t *out_bad, struct scalar *out);

/* `reshare_commitments`: C'_m = sum of lambda_i C_{i,m}, k points.
 * Errors: AM_ERR_VERIFY (an identity, or C'_0 is not X). */
AM_RESULT reshare_commitments(const struct reshare_run *run,
    const struct reshare_deal *deals, struct point *out);

/*
 * `reshare_justify` judges a complaint with the e that the dealer shows
 * (R5.11): AM_OK, the box held what it should, so the complainer is at fault;
 * AM_ERR_VERIFY, the dealer is.
 */
AM_RESULT
reshare_justify(const struct reshare_run *run, const struct reshare_deal *deal,
    size_t which, size_t to, const struct scalar *e);

#endif /* AM_RESHARE_H */
