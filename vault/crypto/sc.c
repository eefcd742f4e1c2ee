#include <sodium.h>

#include "vault/crypto/sc.h"

/* L, little-endian (RFC 9496, 4.4). */
static const uint8_t order[SC_BYTES] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
	0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 };

void
sc_wipe(struct scalar *s)
{
	sodium_memzero(s, sizeof(*s));
}

AM_RESULT
sc_decode(struct bytes in, struct scalar *out)
{
	/* sodium_compare reads little-endian, in constant time. */
	if (in.len != SC_BYTES || sodium_compare(in.p, order, SC_BYTES) >= 0)
		return AM_ERR_CORRUPT;
	memcpy(out->b, in.p, SC_BYTES);
	return AM_OK;
}

AM_RESULT
sc_decode_nonzero(struct bytes in, struct scalar *out)
{
	scalar_auto s = { 0 };

	AM_TRY(sc_decode(in, &s));
	if (sc_is_zero(&s))
		return AM_ERR_CORRUPT;
	*out = s;
	return AM_OK;
}

bool
sc_is_zero(const struct scalar *s)
{
	return sodium_is_zero(s->b, SC_BYTES) == 1;
}

bool
sc_same(const struct scalar *a, const struct scalar *b)
{
	return sodium_memcmp(a->b, b->b, SC_BYTES) == 0;
}

void
sc_add(const struct scalar *a, const struct scalar *b, struct scalar *out)
{
	crypto_core_ristretto255_scalar_add(out->b, a->b, b->b);
}

void
sc_sub(const struct scalar *a, const struct scalar *b, struct scalar *out)
{
	crypto_core_ristretto255_scalar_sub(out->b, a->b, b->b);
}

void
sc_mul(const struct scalar *a, const struct scalar *b, struct scalar *out)
{
	crypto_core_ristretto255_scalar_mul(out->b, a->b, b->b);
}

AM_RESULT
sc_invert(const struct scalar *a, struct scalar *out)
{
	scalar_auto r = { 0 };

	if (crypto_core_ristretto255_scalar_invert(r.b, a->b) != 0)
		return AM_ERR_INVALID;
	*out = r;
	return AM_OK;
}

void
sc_from_u32(uint32_t v, struct scalar *out)
{
	*out = (struct scalar){ { (uint8_t)v, (uint8_t)(v >> 8),
	    (uint8_t)(v >> 16), (uint8_t)(v >> 24) } };
}

void
sc_reduce(const uint8_t wide[static 64], struct scalar *out)
{
	crypto_core_ristretto255_scalar_reduce(out->b, wide);
}

void
sc_random(struct scalar *out)
{
	do {
		crypto_core_ristretto255_scalar_random(out->b);
	} while (sc_is_zero(out));
}
