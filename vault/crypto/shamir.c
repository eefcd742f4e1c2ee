#include "vault/crypto/shamir.h"

AM_RESULT
shamir_eval(
    const struct scalar *coeffs, size_t k, uint32_t index, struct scalar *out)
{
	scalar_auto sum = { 0 };
	struct scalar x;

	if (k == 0 || k > SHAMIR_K_MAX || index == 0)
		return AM_ERR_INVALID;
	sc_from_u32(index, &x);
	for (size_t i = k; i-- > 0;) { /* Horner */
		sc_mul(&sum, &x, &sum);
		sc_add(&sum, &coeffs[i], &sum);
	}
	*out = sum;
	return AM_OK;
}

/* Index 0 is the secret itself, and a repeat would divide by zero. */
static bool
usable(const uint32_t *indices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (indices[i] == 0)
			return false;
		for (size_t j = 0; j < i; j++)
			if (indices[i] == indices[j])
				return false;
	}
	return true;
}

AM_RESULT
shamir_lambda(
    const uint32_t *indices, size_t count, size_t which, struct scalar *out)
{
	struct scalar num, den, own, x, diff;

	if (count == 0 || count > SHAMIR_N_MAX || which >= count ||
	    !usable(indices, count))
		return AM_ERR_INVALID;
	sc_from_u32(1, &num);
	sc_from_u32(1, &den);
	sc_from_u32(indices[which], &own);
	for (size_t j = 0; j < count; j++) {
		if (j == which)
			continue;
		sc_from_u32(indices[j], &x);
		sc_sub(&x, &own, &diff);
		sc_mul(&num, &x, &num);
		sc_mul(&den, &diff, &den);
	}
	AM_TRY(sc_invert(&den, &den));
	sc_mul(&num, &den, out);
	return AM_OK;
}

AM_RESULT
shamir_commit(const struct scalar *coeffs, size_t k, struct point *commitments)
{
	struct point all[SHAMIR_K_MAX];

	if (k == 0 || k > SHAMIR_K_MAX)
		return AM_ERR_INVALID;
	for (size_t i = 0; i < k; i++)
		AM_TRY(pt_mul_base(&coeffs[i], &all[i]));
	memcpy(commitments, all, k * sizeof(all[0]));
	return AM_OK;
}

AM_RESULT
shamir_public(const struct point *commitments, size_t k, uint32_t index,
    struct point *out)
{
	struct point sum;
	struct scalar x;

	if (k == 0 || k > SHAMIR_K_MAX || index == 0)
		return AM_ERR_INVALID;
	sc_from_u32(index, &x);
	sum = commitments[k - 1];
	for (size_t i = k - 1; i-- > 0;) { /* Horner, in the group */
		AM_TRY(pt_mul(&x, &sum, &sum));
		AM_TRY(pt_add(&sum, &commitments[i], &sum));
	}
	*out = sum;
	return AM_OK;
}

AM_RESULT
shamir_check(const struct point *commitments, size_t k, uint32_t index,
    const struct scalar *share)
{
	struct point want, got;

	AM_TRY(shamir_public(commitments, k, index, &want));
	AM_TRY(pt_mul_base(share, &got));
	return pt_same(&want, &got) ? AM_OK : AM_ERR_VERIFY;
}
