#include <sodium.h>

#include "vault/crypto/partial.h"

#include "vault/base/buf.h"
#include "vault/crypto/hash.h"

enum { CTX = sizeof("amanat/1 part") + 32 + 32 + 4 };

/* ctx = T("part") || H(request) || M || u32 index */
static AM_RESULT
context(const struct partial_context *cx, uint8_t out[static CTX])
{
	struct buf_writer w = { .p = out, .cap = CTX };
	const struct bytes tag = HASH_T("part");

	AM_TRY(buf_put_fixed(&w, tag.p, tag.len));
	AM_TRY(buf_put_fixed(&w, cx->request, sizeof(cx->request)));
	AM_TRY(buf_put_fixed(&w, cx->manifest, sizeof(cx->manifest)));
	return buf_put_u32(&w, cx->index);
}

/* Bases and every commitment are hashed (R4.2). */
static void
challenge(const struct partial_context *cx, const uint8_t ctx[static CTX],
    const struct point E[static 2], const struct point T[static 3],
    struct scalar *out)
{
	hash_to_scalar((struct bytes){ ctx, CTX },
	    HASH_PARTS(pt_bytes(&cx->P), pt_bytes(&cx->U), pt_bytes(&cx->Q),
		pt_bytes(&E[0]), pt_bytes(&E[1]), pt_bytes(&T[0]),
		pt_bytes(&T[1]), pt_bytes(&T[2])),
	    out);
}

/* a * P + b * Q */
static AM_RESULT
two_terms(const struct scalar *a, const struct point *P, const struct scalar *b,
    const struct point *Q, struct point *out)
{
	point_auto x = { { 0 } }, y = { { 0 } };

	AM_TRY(pt_mul(a, P, &x));
	AM_TRY(pt_mul(b, Q, &y));
	return pt_add(&x, &y, out);
}

/* a - c * s */
static void
answer(const struct scalar *a, const struct scalar *c, const struct scalar *s,
    struct scalar *out)
{
	scalar_auto t = { 0 };

	sc_mul(c, s, &t);
	sc_sub(a, &t, out);
}

/* A partial that a fault spoiled would leak the share: until it is verified
 * it stays here. */
struct made {
	uint8_t b[PARTIAL_BYTES];
};

static void
made_wipe(struct made *m)
{
	sodium_memzero(m, sizeof(*m));
}

AM_RESULT
partial_make_fixed(const struct partial_context *cx, const struct scalar *s,
    const struct partial_nonces *n, uint8_t out[static PARTIAL_BYTES])
{
	struct point P, E[2], T[3];
	scalar_auto c = { 0 }, z1 = { 0 }, z2 = { 0 };
	uint8_t ctx[CTX];
	AM_CLEANUP(made_wipe) struct made made = { 0 };
	struct buf_writer w = { .p = made.b, .cap = sizeof(made.b) };

	AM_TRY(pt_mul_base(s, &P));
	if (!pt_same(&P, &cx->P))
		return AM_ERR_VERIFY;
	AM_TRY(context(cx, ctx));
	AM_TRY(pt_mul_base(&n->rho, &E[0]));
	AM_TRY(two_terms(s, &cx->U, &n->rho, &cx->Q, &E[1]));
	AM_TRY(pt_mul_base(&n->a, &T[0]));
	AM_TRY(pt_mul_base(&n->b, &T[1]));
	AM_TRY(two_terms(&n->a, &cx->U, &n->b, &cx->Q, &T[2]));
	challenge(cx, ctx, E, T, &c);
	answer(&n->a, &c, s, &z1);
	answer(&n->b, &c, &n->rho, &z2);
	AM_TRY(buf_put_fixed(&w, E[0].b, PT_BYTES));
	AM_TRY(buf_put_fixed(&w, E[1].b, PT_BYTES));
	AM_TRY(buf_put_fixed(&w, c.b, SC_BYTES));
	AM_TRY(buf_put_fixed(&w, z1.b, SC_BYTES));
	AM_TRY(buf_put_fixed(&w, z2.b, SC_BYTES));
	AM_TRY(partial_verify(cx, made.b));
	memcpy(out, made.b, sizeof(made.b));
	return AM_OK;
}

static void
nonces_wipe(struct partial_nonces *n)
{
	sodium_memzero(n, sizeof(*n));
}

AM_RESULT
partial_make(const struct partial_context *cx, const struct scalar *s,
    uint8_t out[static PARTIAL_BYTES])
{
	AM_CLEANUP(nonces_wipe) struct partial_nonces n = { 0 };
	const struct bytes secret = { s->b, SC_BYTES };
	uint8_t ctx[CTX];

	AM_TRY(context(cx, ctx));
	const struct bytes public[] = { pt_bytes(&cx->U), pt_bytes(&cx->Q),
		{ ctx, sizeof(ctx) } };

	hash_hedge(
	    (struct bytes){ (const uint8_t *)"a", 1 }, secret, public, 3, &n.a);
	hash_hedge(
	    (struct bytes){ (const uint8_t *)"b", 1 }, secret, public, 3, &n.b);
	hash_hedge((struct bytes){ (const uint8_t *)"rho", 3 }, secret, public,
	    3, &n.rho);
	return partial_make_fixed(cx, s, &n, out);
}

/* ---- verifying */

static AM_RESULT
decode(
    const uint8_t *partial, struct point E[static 2], struct scalar s[static 3])
{
	for (size_t i = 0; i < 2; i++)
		AM_TRY(pt_decode(
		    (struct bytes){ partial + 32 * i, PT_BYTES }, &E[i]));
	for (size_t i = 0; i < 3; i++)
		AM_TRY(sc_decode_nonzero(
		    (struct bytes){ partial + 64 + 32 * i, SC_BYTES }, &s[i]));
	return AM_OK;
}

/* z * B + c * P */
static AM_RESULT
base_term(const struct scalar *z, const struct scalar *c, const struct point *P,
    struct point *out)
{
	struct point x, y;

	AM_TRY(pt_mul_base(z, &x));
	AM_TRY(pt_mul(c, P, &y));
	return pt_add(&x, &y, out);
}

static AM_RESULT
verify(const struct partial_context *cx, const uint8_t *partial)
{
	struct point E[2], T[3], t;
	struct scalar s[3], again; /* c, z1, z2 */
	uint8_t ctx[CTX];

	AM_TRY(decode(partial, E, s));
	AM_TRY(context(cx, ctx));
	AM_TRY(base_term(&s[1], &s[0], &cx->P, &T[0]));
	AM_TRY(base_term(&s[2], &s[0], &E[0], &T[1]));
	AM_TRY(two_terms(&s[1], &cx->U, &s[2], &cx->Q, &T[2]));
	AM_TRY(pt_mul(&s[0], &E[1], &t));
	AM_TRY(pt_add(&T[2], &t, &T[2]));
	challenge(cx, ctx, E, T, &again);
	return sc_same(&s[0], &again) ? AM_OK : AM_ERR_VERIFY;
}

AM_RESULT
partial_verify(const struct partial_context *cx,
    const uint8_t partial[static PARTIAL_BYTES])
{
	return cx->index != 0 && verify(cx, partial) == AM_OK ? AM_OK
							      : AM_ERR_VERIFY;
}

void
partial_hash(
    const uint8_t partial[static PARTIAL_BYTES], uint8_t out[static 32])
{
	hash_sha256(
	    HASH_PARTS(HASH_T("partial"), { partial, PARTIAL_BYTES }), out);
}

/* ---- combining */

/* sum of lambda_i times the point at `offset` of each partial */
static AM_RESULT
weighted(const struct scalar *lambda, size_t count, const uint8_t *partials,
    size_t offset, struct point *out)
{
	point_auto sum = { { 0 } };

	for (size_t i = 0; i < count; i++) {
		point_auto term = { { 0 } };
		struct point E;

		AM_TRY(pt_decode(
		    (struct bytes){
			partials + i * PARTIAL_BYTES + offset, PT_BYTES },
		    &E));
		AM_TRY(pt_mul(&lambda[i], &E, &term));
		if (i == 0)
			sum = term;
		else
			AM_TRY(pt_add(&sum, &term, &sum));
	}
	*out = sum;
	return AM_OK;
}

AM_RESULT
partial_combine(const struct scalar *q, const uint32_t *indices, size_t count,
    const uint8_t *partials, struct point *out_Z)
{
	point_auto e1 = { { 0 } }, e2 = { { 0 } };
	struct scalar lambda[SHAMIR_K_MAX];

	if (count == 0 || count > SHAMIR_K_MAX)
		return AM_ERR_INVALID;
	for (size_t i = 0; i < count; i++)
		AM_TRY(shamir_lambda(indices, count, i, &lambda[i]));
	AM_TRY(weighted(lambda, count, partials, 0, &e1));
	AM_TRY(weighted(lambda, count, partials, PT_BYTES, &e2));
	AM_TRY(pt_mul(q, &e1, &e1));
	return pt_sub(&e2, &e1, out_Z);
}
