/*
 * pt.h - points of ristretto255 (RFC 9496), strictly decoded.
 *
 * A `struct point` holds the canonical encoding of a point that is not the
 * identity. Everything from outside passes pt_decode first (R2.1): libsodium
 * 1.0.18 takes a twin of every encoding with bit 255 set (R2.2) and the
 * identity (R2.3). A result that would be the identity is an error (R2.6).
 */

#ifndef AM_PT_H
#define AM_PT_H

#include "vault/base/am.h"
#include "vault/crypto/sc.h"

enum { PT_BYTES = 32 };

struct point {
	uint8_t b[PT_BYTES];
};

/* B, the generator (RFC 9496, A.1). */
extern const struct point pt_generator;

/* Errors: AM_ERR_CORRUPT (length, bit 255, not a point, identity). */
AM_RESULT pt_decode(struct bytes in, struct point *out);

/* Inputs are decoded points; `out` may be an input.
 * Errors: AM_ERR_VERIFY (the result is the identity, or k is zero). */
AM_RESULT
pt_mul(const struct scalar *k, const struct point *p, struct point *out);
AM_RESULT pt_mul_base(const struct scalar *k, struct point *out);
AM_RESULT
pt_add(const struct point *a, const struct point *b, struct point *out);
AM_RESULT
pt_sub(const struct point *a, const struct point *b, struct point *out);

/* `pt_same` compares public points; for secrets use secret_equal. */
bool pt_same(const struct point *a, const struct point *b);

/* `pt_wipe` and `point_auto` for points that are secret (xU). */
void pt_wipe(struct point *p);
#define point_auto AM_CLEANUP(pt_wipe) struct point

static inline struct bytes
pt_bytes(const struct point *p)
{
	return (struct bytes){ p->b, PT_BYTES };
}

#endif /* AM_PT_H */
