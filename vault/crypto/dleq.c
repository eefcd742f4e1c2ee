#include <sodium.h>

#include "vault/crypto/dleq.h"

#include "vault/crypto/hash.h"

static const uint8_t len32[2] = { 0, 32 }, len64[2] = { 0, 64 };

#define LEN32                        \
	{                            \
		len32, sizeof(len32) \
	}
#define SIZED(p) LEN32, pt_bytes(p)
#define TEXT(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

/* k times a point that is often the generator, for which libsodium has a
 * three times faster call. */
static AM_RESULT
mul(const struct scalar *k, const struct point *p, struct point *out)
{
	return pt_same(p, &pt_generator) ? pt_mul_base(k, out)
					 : pt_mul(k, p, out);
}

static void
composite_seed(struct bytes ctx, const struct point *B, uint8_t out[static 64])
{
	const size_t n = sizeof("Seed-") - 1 + ctx.len;
	const uint8_t len[2] = { (uint8_t)(n >> 8), (uint8_t)n };

	hash_sha512(HASH_PARTS(SIZED(B), { len, 2 }, TEXT("Seed-"), ctx), out);
}

static void
weight(struct bytes ctx, const uint8_t seed[static 64], size_t i,
    const struct point *C, const struct point *D, struct scalar *out)
{
	const uint8_t at[2] = { (uint8_t)(i >> 8), (uint8_t)i };

	hash_to_scalar(ctx,
	    HASH_PARTS({ len64, 2 }, { seed, 64 }, { at, 2 }, SIZED(C),
		SIZED(D), TEXT("Composite")),
	    out);
}

/* sum += d * p, the first term being kept as it is. */
static AM_RESULT
accumulate(const struct scalar *d, const struct point *p, bool first,
    struct point *sum)
{
	struct point term;

	AM_TRY(pt_mul(d, p, &term));
	if (first)
		*sum = term;
	else
		AM_TRY(pt_add(sum, &term, sum));
	return AM_OK;
}

/* M and, where asked for, Z from C and D. */
static AM_RESULT
composites(struct bytes ctx, const struct point *B, const struct point *C,
    const struct point *D, size_t m, struct point *M, struct point *Z)
{
	uint8_t seed[64];

	if (m == 0 || m > DLEQ_PAIRS_MAX)
		return AM_ERR_INVALID;
	composite_seed(ctx, B, seed);
	for (size_t i = 0; i < m; i++) {
		struct scalar d;

		weight(ctx, seed, i, &C[i], &D[i], &d);
		AM_TRY(accumulate(&d, &C[i], i == 0, M));
		if (Z != NULL)
			AM_TRY(accumulate(&d, &D[i], i == 0, Z));
	}
	return AM_OK;
}

static void
challenge(struct bytes ctx, const struct point *B, const struct point *M,
    const struct point *Z, const struct point *t2, const struct point *t3,
    struct scalar *out)
{
	hash_to_scalar(ctx,
	    HASH_PARTS(SIZED(B), SIZED(M), SIZED(Z), SIZED(t2), SIZED(t3),
		TEXT("Challenge")),
	    out);
}

AM_RESULT
dleq_prove_nonce(struct bytes ctx, const struct scalar *k,
    const struct point *A, const struct point *B, const struct point *C,
    const struct point *D, size_t m, const struct scalar *r,
    uint8_t proof[static DLEQ_PROOF])
{
	struct point M, Z, t2, t3;
	scalar_auto c = { 0 }, s = { 0 };

	AM_TRY(composites(ctx, B, C, D, m, &M, NULL));
	AM_TRY(pt_mul(k, &M, &Z));
	AM_TRY(mul(r, A, &t2));
	AM_TRY(pt_mul(r, &M, &t3));
	challenge(ctx, B, &M, &Z, &t2, &t3, &c);
	sc_mul(&c, k, &s);
	sc_sub(r, &s, &s);
	if (sc_is_zero(&c) || sc_is_zero(&s))
		return AM_ERR_VERIFY;
	memcpy(proof, c.b, SC_BYTES);
	memcpy(proof + SC_BYTES, s.b, SC_BYTES);
	return AM_OK;
}

AM_RESULT
dleq_prove(struct bytes ctx, const struct scalar *k, const struct point *A,
    const struct point *B, const struct point *C, const struct point *D,
    size_t m, uint8_t proof[static DLEQ_PROOF])
{
	const struct bytes public[] = { ctx, pt_bytes(A), pt_bytes(B),
		{ (const uint8_t *)C, m * sizeof(*C) },
		{ (const uint8_t *)D, m * sizeof(*D) } };
	scalar_auto r = { 0 };

	if (m == 0 || m > DLEQ_PAIRS_MAX)
		return AM_ERR_INVALID;
	hash_hedge((struct bytes)TEXT("dleq"), (struct bytes){ k->b, SC_BYTES },
	    public, AM_ARRAY_LEN(public), &r);
	return dleq_prove_nonce(ctx, k, A, B, C, D, m, &r, proof);
}

/* s * P + c * Q */
static AM_RESULT
two_terms(const struct scalar *s, const struct point *P, const struct scalar *c,
    const struct point *Q, struct point *out)
{
	struct point a, b;

	AM_TRY(mul(s, P, &a));
	AM_TRY(pt_mul(c, Q, &b));
	return pt_add(&a, &b, out);
}

static AM_RESULT
verify(struct bytes ctx, const struct point *A, const struct point *B,
    const struct point *C, const struct point *D, size_t m,
    const uint8_t *proof)
{
	struct point M, Z, t2, t3;
	struct scalar c, s, again;

	AM_TRY(sc_decode_nonzero((struct bytes){ proof, SC_BYTES }, &c));
	AM_TRY(sc_decode_nonzero(
	    (struct bytes){ proof + SC_BYTES, SC_BYTES }, &s));
	AM_TRY(composites(ctx, B, C, D, m, &M, &Z));
	AM_TRY(two_terms(&s, A, &c, B, &t2));
	AM_TRY(two_terms(&s, &M, &c, &Z, &t3));
	challenge(ctx, B, &M, &Z, &t2, &t3, &again);
	return sc_same(&c, &again) ? AM_OK : AM_ERR_VERIFY;
}

AM_RESULT
dleq_verify(struct bytes ctx, const struct point *A, const struct point *B,
    const struct point *C, const struct point *D, size_t m,
    const uint8_t proof[static DLEQ_PROOF])
{
	return verify(ctx, A, B, C, D, m, proof) == AM_OK ? AM_OK
							  : AM_ERR_VERIFY;
}
