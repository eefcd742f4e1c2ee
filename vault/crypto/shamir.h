/*
 * shamir.h - Shamir sharing with Feldman commitments over ristretto255.
 *
 * A polynomial of degree k-1 is k scalars, constant term first. Commitments
 * are its coefficients times B in the same order: exactly k points.
 */

#ifndef AM_SHAMIR_H
#define AM_SHAMIR_H

#include "vault/base/am.h"
#include "vault/crypto/pt.h"

enum { SHAMIR_K_MAX = 16, SHAMIR_N_MAX = 16 };

/* f(index). Errors: AM_ERR_INVALID (k outside 1..16, index 0). */
AM_RESULT shamir_eval(
    const struct scalar *coeffs, size_t k, uint32_t index, struct scalar *out);

/*
 * `shamir_lambda` is the Lagrange coefficient at 0 of indices[which] over the
 * `count` indices. Errors: AM_ERR_INVALID (an index is 0 or stands twice,
 * count outside 1..16, which >= count): R4.3, test 7 of section 9.
 */
AM_RESULT shamir_lambda(
    const uint32_t *indices, size_t count, size_t which, struct scalar *out);

/* Errors: AM_ERR_VERIFY (a coefficient is zero). */
AM_RESULT
shamir_commit(const struct scalar *coeffs, size_t k, struct point *commitments);

/*
 * `shamir_public` is P_index = sum of index^j C_j.
 * Errors: AM_ERR_INVALID (k, index 0), AM_ERR_VERIFY (identity, R2.6).
 */
AM_RESULT shamir_public(const struct point *commitments, size_t k,
    uint32_t index, struct point *out);

/* Errors: AM_ERR_VERIFY (share times B is not P_index). */
AM_RESULT shamir_check(const struct point *commitments, size_t k,
    uint32_t index, const struct scalar *share);

#endif /* AM_SHAMIR_H */
