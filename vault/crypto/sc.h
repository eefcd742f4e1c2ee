/*
 * sc.h - scalars modulo the ristretto255 group order L, strictly decoded.
 *
 * 32 bytes, little-endian, always canonical (s < L): every other function
 * relies on it (R2.4). Scalars are mostly secret: declare them
 * `scalar_auto`, which wipes them on every way out.
 */

#ifndef AM_SC_H
#define AM_SC_H

#include "vault/base/am.h"

enum { SC_BYTES = 32 };

struct scalar {
	uint8_t b[SC_BYTES];
};

void sc_wipe(struct scalar *s);
#define scalar_auto AM_CLEANUP(sc_wipe) struct scalar

/*
 * `sc_decode` accepts exactly 32 bytes with s < L (R2.1); zero is accepted.
 * Errors: AM_ERR_CORRUPT.
 */
AM_RESULT sc_decode(struct bytes in, struct scalar *out);

/* `sc_decode_nonzero` refuses zero as well. */
AM_RESULT sc_decode_nonzero(struct bytes in, struct scalar *out);

bool sc_is_zero(const struct scalar *s);
bool sc_same(const struct scalar *a, const struct scalar *b);

/* Arithmetic modulo L; `out` may be an input. */
void sc_add(const struct scalar *a, const struct scalar *b, struct scalar *out);
void sc_sub(const struct scalar *a, const struct scalar *b, struct scalar *out);
void sc_mul(const struct scalar *a, const struct scalar *b, struct scalar *out);

/* Errors: AM_ERR_INVALID (zero has no inverse). */
AM_RESULT sc_invert(const struct scalar *a, struct scalar *out);

void sc_from_u32(uint32_t v, struct scalar *out);

/* `sc_reduce` is the 64-byte little-endian number modulo L; may be zero. */
void sc_reduce(const uint8_t wide[static 64], struct scalar *out);

/* `sc_random` draws a uniform non-zero scalar from the kernel's generator. */
void sc_random(struct scalar *out);

#endif /* AM_SC_H */
