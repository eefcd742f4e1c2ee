#include <sodium.h>

#include "vault/crypto/tdh2.h"

#include "vault/base/buf.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/dleq.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/hkdf.h"

AM_RESULT
tdh2_bbar(const uint8_t G[static 32], struct point *out)
{
	return hash_to_group(HASH_T("gbar"), HASH_PARTS({ G, 32 }), out);
}

/* ---- padding (R3.6): 0x80, zeros to 256 up to 4096, then powers of two */

size_t
tdh2_padded(size_t len)
{
	size_t n;

	if (len > TDH2_PLAIN_MAX)
		return 0;
	n = (len + 1 + 255) / 256 * 256;
	if (n <= 4096)
		return n;
	for (n = 8192; n < len + 1;)
		n *= 2;
	return n;
}

bool
tdh2_is_padded(size_t len)
{
	if (len == 0 || len > TDH2_PLAIN_MAX + 1)
		return false;
	return len <= 4096 ? len % 256 == 0 : (len & (len - 1)) == 0;
}

static void
pad(struct bytes m, uint8_t *out, size_t padded)
{
	if (m.len > 0 && m.p != out)
		memcpy(out, m.p, m.len);
	out[m.len] = 0x80;
	memset(out + m.len + 1, 0, padded - m.len - 1);
}

/* The length below the last 0x80; refused unless pad would give this. */
static AM_RESULT
unpadded(const uint8_t *p, size_t padded, size_t *out)
{
	size_t n = padded;

	while (n > 0 && p[n - 1] == 0)
		n--;
	if (n == 0 || p[n - 1] != 0x80 || tdh2_padded(n - 1) != padded)
		return AM_ERR_CORRUPT;
	*out = n - 1;
	return AM_OK;
}

/* ---- labels (3.2) */

static AM_RESULT
put_label0(const struct tdh2_context *cx, struct buf_writer *w)
{
	const struct bytes tag = HASH_T("record");

	AM_TRY(buf_put_fixed(w, tag.p, tag.len));
	AM_TRY(buf_put_u8(w, 1)); /* suite */
	AM_TRY(buf_put_fixed(w, cx->G, sizeof(cx->G)));
	AM_TRY(buf_put_fixed(w, cx->safe, sizeof(cx->safe)));
	AM_TRY(buf_put_fixed(w, cx->record, sizeof(cx->record)));
	AM_TRY(buf_put_u32(w, cx->version));
	AM_TRY(buf_put_fixed(w, cx->by, sizeof(cx->by)));
	AM_TRY(buf_put_fixed(w, cx->meta_hash, sizeof(cx->meta_hash)));
	return buf_put_fixed(w, cx->X.b, PT_BYTES);
}

static AM_RESULT
header0(const struct tdh2_context *cx, const struct tdh2_header *h,
    uint8_t out[static TDH2_HEADER0])
{
	struct buf_writer w = { .p = out, .cap = TDH2_HEADER0 };

	AM_TRY(put_label0(cx, &w));
	AM_TRY(buf_put_fixed(&w, h->U.b, PT_BYTES));
	AM_TRY(buf_put_fixed(&w, h->Ubar.b, PT_BYTES));
	AM_TRY(buf_put_fixed(&w, h->com, sizeof(h->com)));
	AM_TRY(buf_put_fixed(&w, h->nonce, sizeof(h->nonce)));
	return w.len == TDH2_HEADER0 ? AM_OK : AM_ERR_INTERNAL;
}

enum { PROOF_CTX = sizeof("amanat/1 tdh2") + 32 };

/* T("tdh2") || label, label = SHA-256(header0 || SHA-256(ct)) */
static AM_RESULT
proof_context(const struct tdh2_context *cx, const struct tdh2_header *h,
    uint8_t out[static PROOF_CTX])
{
	uint8_t head[TDH2_HEADER0];
	const struct bytes tag = HASH_T("tdh2");

	AM_TRY(header0(cx, h, head));
	memcpy(out, tag.p, tag.len);
	hash_sha256(HASH_PARTS({ head, sizeof(head) }, { h->ct_hash, 32 }),
	    out + tag.len);
	return AM_OK;
}

/* K || com = HKDF(Z || pepper, T("kem"), label0 || U || Ubar, 64) */
static AM_RESULT
derive(const struct tdh2_context *cx, const struct tdh2_header *h,
    const struct point *Z, const uint8_t pepper[static 32],
    uint8_t okm[static 64])
{
	uint8_t info[TDH2_LABEL0], ikm[64];
	struct buf_writer w = { .p = info, .cap = sizeof(info) };
	enum am_err err;

	AM_TRY(put_label0(cx, &w));
	memcpy(ikm, Z->b, PT_BYTES);
	memcpy(ikm + PT_BYTES, pepper, 32);
	err = hkdf_derive((struct bytes){ ikm, sizeof(ikm) }, HASH_T("kem"),
	    HASH_PARTS({ info, w.len }, pt_bytes(&h->U), pt_bytes(&h->Ubar)),
	    okm, 64);
	sodium_memzero(ikm, sizeof(ikm));
	return err;
}

/* ---- sealing */

/* `plain` is padded. */
static AM_RESULT
encrypt(const struct tdh2_context *cx, const uint8_t key[static 32],
    struct bytes plain, struct tdh2_header *h, uint8_t *ct)
{
	const struct bytes all = { ct, plain.len + AEAD_TAG };
	uint8_t head[TDH2_HEADER0];

	AM_TRY(header0(cx, h, head));
	aead_seal(
	    key, h->nonce, (struct bytes){ head, sizeof(head) }, plain, ct);
	hash_sha256(&all, 1, h->ct_hash);
	return AM_OK;
}

static AM_RESULT
seal_padded(const struct tdh2_context *cx, const uint8_t pepper[static 32],
    struct bytes plain, const struct scalar *r, const uint8_t nonce[static 24],
    struct tdh2_header *out, uint8_t *ct)
{
	struct tdh2_header h = { 0 };
	point_auto Z = { { 0 } };
	uint8_t okm[64], ctx[PROOF_CTX];
	enum am_err err;

	AM_TRY(pt_mul_base(r, &h.U));
	AM_TRY(pt_mul(r, &cx->Bbar, &h.Ubar));
	AM_TRY(pt_mul(r, &cx->X, &Z));
	memcpy(h.nonce, nonce, sizeof(h.nonce));
	AM_TRY(derive(cx, &h, &Z, pepper, okm));
	memcpy(h.com, okm + 32, sizeof(h.com));
	err = encrypt(cx, okm, plain, &h, ct);
	sodium_memzero(okm, sizeof(okm));
	AM_TRY(err);
	AM_TRY(proof_context(cx, &h, ctx));
	AM_TRY(dleq_prove((struct bytes){ ctx, sizeof(ctx) }, r, &pt_generator,
	    &h.U, &cx->Bbar, &h.Ubar, 1, h.proof));
	*out = h;
	return AM_OK;
}

AM_RESULT
tdh2_seal_fixed(const struct tdh2_context *cx, const uint8_t pepper[static 32],
    struct bytes m, const struct scalar *r, const uint8_t nonce[static 24],
    struct tdh2_header *out, uint8_t *ct)
{
	secret_auto *plain = NULL;

	if (m.len > TDH2_PLAIN_MAX)
		return AM_ERR_INVALID;
	AM_TRY(secret_new(tdh2_padded(m.len), &plain));
	pad(m, secret_mut(plain), tdh2_padded(m.len));
	return seal_padded(cx, pepper, secret_bytes(plain), r, nonce, out, ct);
}

AM_RESULT
tdh2_seal_in(const struct tdh2_context *cx, const uint8_t pepper[static 32],
    struct bytes m, uint8_t *space, struct tdh2_header *out, uint8_t *ct)
{
	scalar_auto r = { 0 };
	uint8_t nonce[24];

	if (m.len > TDH2_PLAIN_MAX)
		return AM_ERR_INVALID;
	hash_hedge((struct bytes){ (const uint8_t *)"seal", 4 }, m,
	    HASH_PARTS({ cx->record, sizeof(cx->record) }), &r);
	randombytes_buf(nonce, sizeof(nonce));
	pad(m, space, tdh2_padded(m.len));
	return seal_padded(cx, pepper,
	    (struct bytes){ space, tdh2_padded(m.len) }, &r, nonce, out, ct);
}

AM_RESULT
tdh2_seal(const struct tdh2_context *cx, const uint8_t pepper[static 32],
    struct bytes m, struct tdh2_header *out, uint8_t *ct)
{
	secret_auto *space = NULL;

	if (m.len > TDH2_PLAIN_MAX)
		return AM_ERR_INVALID;
	AM_TRY(secret_new(tdh2_padded(m.len), &space));
	return tdh2_seal_in(cx, pepper, m, secret_mut(space), out, ct);
}

AM_RESULT
tdh2_check(const struct tdh2_context *cx, const struct tdh2_header *h)
{
	uint8_t ctx[PROOF_CTX];

	AM_TRY(proof_context(cx, h, ctx));
	return dleq_verify((struct bytes){ ctx, sizeof(ctx) }, &pt_generator,
	    &h->U, &cx->Bbar, &h->Ubar, 1, h->proof);
}

/* ---- opening */

static AM_RESULT
decrypt(const struct tdh2_context *cx, const struct tdh2_header *h,
    const uint8_t key[static 32], struct bytes ct, struct secret **out)
{
	secret_auto *plain = NULL, *m = NULL;
	uint8_t head[TDH2_HEADER0];
	size_t len = 0;

	if (ct.len < AEAD_TAG || !tdh2_is_padded(ct.len - AEAD_TAG))
		return AM_ERR_CORRUPT;
	AM_TRY(header0(cx, h, head));
	AM_TRY(secret_new(ct.len - AEAD_TAG, &plain));
	AM_TRY(aead_open(key, h->nonce, (struct bytes){ head, sizeof(head) },
	    ct, secret_mut(plain)));
	AM_TRY(unpadded(secret_bytes(plain).p, ct.len - AEAD_TAG, &len));
	if (len > 0) {
		AM_TRY(secret_new(len, &m));
		memcpy(secret_mut(m), secret_bytes(plain).p, len);
	}
	*out = AM_TAKE(m);
	return AM_OK;
}

AM_RESULT
tdh2_open(const struct tdh2_context *cx, const struct tdh2_header *h,
    const uint8_t pepper[static 32], const struct point *Z, struct bytes ct,
    struct secret **out)
{
	uint8_t okm[64], seen[32];
	enum am_err err = AM_ERR_VERIFY;

	hash_sha256(&ct, 1, seen);
	if (!bytes_same(
		(struct bytes){ seen, 32 }, (struct bytes){ h->ct_hash, 32 }))
		return AM_ERR_CORRUPT;
	AM_TRY(derive(cx, h, Z, pepper, okm));
	if (sodium_memcmp(okm + 32, h->com, 32) == 0)
		err = decrypt(cx, h, okm, ct, out);
	sodium_memzero(okm, sizeof(okm));
	return err;
}
