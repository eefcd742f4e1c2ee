#include <sodium.h>

#include "vault/crypto/pt.h"

const struct point pt_generator = { { 0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e,
    0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b,
    0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d,
    0x76 } };

AM_RESULT
pt_decode(struct bytes in, struct point *out)
{
	/* R2.1, R2.2: bit 255 is tested here because libsodium 1.0.18 masks
	 * it; R2.3: the identity (all zero) counts as valid there. */
	if (in.len != PT_BYTES || (in.p[31] & 0x80) != 0 ||
	    sodium_is_zero(in.p, PT_BYTES) == 1 ||
	    crypto_core_ristretto255_is_valid_point(in.p) != 1)
		return AM_ERR_CORRUPT;
	memcpy(out->b, in.p, PT_BYTES);
	return AM_OK;
}

AM_RESULT
pt_mul(const struct scalar *k, const struct point *p, struct point *out)
{
	/* scalarmult writes the scalar to its output first (R2.5). */
	point_auto r = { { 0 } };

	if (crypto_scalarmult_ristretto255(r.b, k->b, p->b) != 0)
		return AM_ERR_VERIFY;
	*out = r;
	return AM_OK;
}

AM_RESULT
pt_mul_base(const struct scalar *k, struct point *out)
{
	point_auto r = { { 0 } };

	if (crypto_scalarmult_ristretto255_base(r.b, k->b) != 0)
		return AM_ERR_VERIFY;
	*out = r;
	return AM_OK;
}

static AM_RESULT
keep(int rc, struct point *r, struct point *out)
{
	if (rc != 0 || sodium_is_zero(r->b, PT_BYTES) == 1)
		return AM_ERR_VERIFY;
	*out = *r;
	return AM_OK;
}

AM_RESULT
pt_add(const struct point *a, const struct point *b, struct point *out)
{
	point_auto r = { { 0 } };

	return keep(crypto_core_ristretto255_add(r.b, a->b, b->b), &r, out);
}

AM_RESULT
pt_sub(const struct point *a, const struct point *b, struct point *out)
{
	point_auto r = { { 0 } };

	return keep(crypto_core_ristretto255_sub(r.b, a->b, b->b), &r, out);
}

bool
pt_same(const struct point *a, const struct point *b)
{
	return bytes_same(pt_bytes(a), pt_bytes(b));
}

void
pt_wipe(struct point *p)
{
	sodium_memzero(p, sizeof(*p));
}
