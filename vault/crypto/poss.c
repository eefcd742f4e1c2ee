#include "vault/crypto/poss.h"

#include "vault/crypto/hash.h"

enum { CTX = sizeof("amanat/1 poss") + 32 };

/* ctx = T("poss") || ph */
static struct bytes
context(const uint8_t ph[static 32], uint8_t ctx[static CTX])
{
	memcpy(ctx, "amanat/1 poss", sizeof("amanat/1 poss"));
	memcpy(ctx + sizeof("amanat/1 poss"), ph, 32);
	return (struct bytes){ ctx, CTX };
}

AM_RESULT
poss_prove_nonce(const struct scalar *s, const struct point *P,
    const uint8_t ph[static 32], const struct scalar *a,
    uint8_t proof[static POSS_PROOF])
{
	uint8_t space[CTX];
	const struct bytes ctx = context(ph, space);
	scalar_auto c = { 0 }, z = { 0 };
	struct point aB;

	AM_TRY(pt_mul_base(a, &aB));
	hash_to_scalar(ctx, HASH_PARTS(pt_bytes(P), pt_bytes(&aB)), &c);
	sc_mul(&c, s, &z);
	sc_sub(a, &z, &z);
	if (sc_is_zero(&c) || sc_is_zero(&z))
		return AM_ERR_VERIFY;
	memcpy(proof, c.b, SC_BYTES);
	memcpy(proof + SC_BYTES, z.b, SC_BYTES);
	return AM_OK;
}

AM_RESULT
poss_prove(const struct scalar *s, const struct point *P,
    const uint8_t ph[static 32], uint8_t proof[static POSS_PROOF])
{
	uint8_t space[CTX];
	const struct bytes ctx = context(ph, space);
	scalar_auto a = { 0 };

	hash_hedge((struct bytes){ (const uint8_t *)"poss", 4 },
	    (struct bytes){ s->b, SC_BYTES }, HASH_PARTS(pt_bytes(P), ctx), &a);
	return poss_prove_nonce(s, P, ph, &a, proof);
}

static AM_RESULT
verify(const struct point *P, const uint8_t *ph, const uint8_t *proof)
{
	uint8_t space[CTX];
	const struct bytes ctx = context(ph, space);
	struct scalar c, z, again;
	struct point zB, cP, sum;

	AM_TRY(sc_decode_nonzero((struct bytes){ proof, SC_BYTES }, &c));
	AM_TRY(sc_decode_nonzero(
	    (struct bytes){ proof + SC_BYTES, SC_BYTES }, &z));
	AM_TRY(pt_mul_base(&z, &zB));
	AM_TRY(pt_mul(&c, P, &cP));
	AM_TRY(pt_add(&zB, &cP, &sum));
	hash_to_scalar(ctx, HASH_PARTS(pt_bytes(P), pt_bytes(&sum)), &again);
	return sc_same(&c, &again) ? AM_OK : AM_ERR_VERIFY;
}

AM_RESULT
poss_verify(const struct point *P, const uint8_t ph[static 32],
    const uint8_t proof[static POSS_PROOF])
{
	return verify(P, ph, proof) == AM_OK ? AM_OK : AM_ERR_VERIFY;
}
