/*
 * tdh2.h - sealing to the key of a safe: TDH2 (Shoup & Gennaro 2002) over
 * ristretto255 with key commitment and padding. Source: protocol.md 3.2-3.5.
 */

#ifndef AM_TDH2_H
#define AM_TDH2_H

#include "vault/base/am.h"
#include "vault/base/secret.h"
#include "vault/crypto/pt.h"

enum {
	TDH2_LABEL0 = 165,
	TDH2_HEADER0 = 285,
	TDH2_PLAIN_MAX = 2097151, /* R3.6 */
	TDH2_CT_MAX = 2097152 + 16,
};

/* What a ciphertext is bound to: the parts of label0 (3.2). */
struct tdh2_context {
	uint8_t G[32], safe[16], record[16];
	uint32_t version;
	uint8_t by[16], meta_hash[32];
	struct point X;    /* public key of the safe */
	struct point Bbar; /* second generator of the vault: tdh2_bbar */
};

struct tdh2_header {
	struct point U, Ubar;
	uint8_t com[32], nonce[24], ct_hash[32], proof[64];
};

/* `tdh2_bbar` is HtG(T("gbar"), G). */
AM_RESULT tdh2_bbar(const uint8_t G[static 32], struct point *out);

/* `tdh2_padded` is the length of pad(m) for `len` bytes of m (R3.6); 0 when
 * `len` is above TDH2_PLAIN_MAX. `tdh2_is_padded` tells a possible length. */
size_t tdh2_padded(size_t len);
bool tdh2_is_padded(size_t len);

/*
 * `tdh2_seal` seals `m` (0..TDH2_PLAIN_MAX bytes).
 *	pepper   32 bytes, of this record version (regkey_pepper)
 *	ct       room for tdh2_padded(m.len) + 16 bytes, all written
 * `tdh2_seal_in` pads in `space`, tdh2_padded(m.len) bytes of locked memory
 * whose beginning may be `m` itself: for many seals, since making locked
 * memory stops every thread of the process for a moment. `tdh2_seal_fixed`
 * takes r and the nonce, for published vectors.
 */
AM_RESULT
tdh2_seal(const struct tdh2_context *cx, const uint8_t pepper[static 32],
    struct bytes m, struct tdh2_header *out, uint8_t *ct);
AM_RESULT
tdh2_seal_in(const struct tdh2_context *cx, const uint8_t pepper[static 32],
    struct bytes m, uint8_t *space, struct tdh2_header *out, uint8_t *ct);
AM_RESULT tdh2_seal_fixed(const struct tdh2_context *cx,
    const uint8_t pepper[static 32], struct bytes m, const struct scalar *r,
    const uint8_t nonce[static 24], struct tdh2_header *out, uint8_t *ct);

/* `tdh2_check` verifies the header's proof (R3.5); U and Ubar are decoded.
 * Errors: AM_ERR_VERIFY. */
AM_RESULT
tdh2_check(const struct tdh2_context *cx, const struct tdh2_header *h);

/*
 * `tdh2_open` opens with Z = xU: compares com first, then the AEAD, then
 * unpads (R3.6, 4.3). `out` belongs to the caller and may have length 0 only
 * if m had: then *out is NULL.
 * Errors: AM_ERR_VERIFY (com), AM_ERR_CORRUPT (ct), AM_ERR_NOMEM.
 */
AM_RESULT tdh2_open(const struct tdh2_context *cx, const struct tdh2_header *h,
    const uint8_t pepper[static 32], const struct point *Z, struct bytes ct,
    struct secret **out);

#endif /* AM_TDH2_H */
