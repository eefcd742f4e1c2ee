#include <stdio.h>

#include <sodium.h>

#include "vault/crypto/bag.h"

#include "vault/base/buf.h"
#include "vault/base/enc.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/hkdf.h"

enum { KEK = 32, WRAPPED = KEK + AEAD_TAG };

void
bag_input(const struct bag_purpose *p, uint8_t out[static 32])
{
	const uint8_t tail[5] = { p->committee, (uint8_t)(p->epoch >> 24),
		(uint8_t)(p->epoch >> 16), (uint8_t)(p->epoch >> 8),
		(uint8_t)p->epoch };

	hash_sha256(
	    HASH_PARTS(HASH_T("prf"), { p->vault, 16 }, { p->person, 16 },
		{ p->safe, 16 }, { tail, sizeof(tail) }),
	    out);
}

void
bag_salt(const uint8_t input[static 32], uint8_t out[static 32])
{
	static const char prefix[] = "WebAuthn PRF"; /* and its NUL */

	hash_sha256(HASH_PARTS({ (const uint8_t *)prefix, sizeof(prefix) },
			{ input, 32 }),
	    out);
}

static void
fixed_part(enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], uint8_t out[static BAG_FIXED])
{
	memcpy(out, "AMBG", 4);
	out[4] = 1;
	out[5] = (uint8_t)type;
	out[6] = out[7] = 0;
	memcpy(out + 8, vault, 16);
	memcpy(out + 24, input, 32);
}

void
bag_name(enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], char out[static 33])
{
	uint8_t fixed[BAG_FIXED], h[32];

	fixed_part(type, vault, input, fixed);
	hash_sha256(HASH_PARTS(HASH_T("bagkey"), { fixed, sizeof(fixed) }), h);
	enc_hex((struct bytes){ h, 16 }, out);
}

/* W = HKDF(prf, T("wrap"), vault || input || SHA-256(cred), 32) */
static AM_RESULT
wrap_key(const uint8_t fixed[static BAG_FIXED], struct bytes prf,
    const uint8_t cred_hash[static 32], uint8_t out[static 32])
{
	return hkdf_derive(prf, HASH_T("wrap"),
	    HASH_PARTS(
		{ fixed + 8, 16 }, { fixed + 24, 32 }, { cred_hash, 32 }),
	    out, 32);
}

enum {
	SLOT_AD = sizeof("amanat/1 slot") + BAG_FIXED + 32,
	BODY_AD = sizeof("amanat/1 bag") + BAG_FIXED
};

static struct bytes
slot_ad(const uint8_t fixed[static BAG_FIXED],
    const uint8_t cred_hash[static 32], uint8_t ad[static SLOT_AD])
{
	const struct bytes tag = HASH_T("slot");

	memcpy(ad, tag.p, tag.len);
	memcpy(ad + tag.len, fixed, BAG_FIXED);
	memcpy(ad + tag.len + BAG_FIXED, cred_hash, 32);
	return (struct bytes){ ad, SLOT_AD };
}

static struct bytes
body_ad(const uint8_t fixed[static BAG_FIXED], uint8_t ad[static BODY_AD])
{
	const struct bytes tag = HASH_T("bag");

	memcpy(ad, tag.p, tag.len);
	memcpy(ad + tag.len, fixed, BAG_FIXED);
	return (struct bytes){ ad, BODY_AD };
}

/* key || com = HKDF(KEK, T("bag"), fixed part, 64) */
static AM_RESULT
body_keys(const uint8_t kek[static KEK], const uint8_t fixed[static BAG_FIXED],
    uint8_t out[static 64])
{
	return hkdf_derive((struct bytes){ kek, KEK }, HASH_T("bag"),
	    HASH_PARTS({ fixed, BAG_FIXED }), out, 64);
}

static bool
body_len_fits(enum bag_type type, size_t len)
{
	return len ==
	    (type == BAG_IDENTITY ? (size_t)BAG_IDENTITY_BODY
				  : (size_t)BAG_MEMBER_BODY);
}

/* ---- writing */

static AM_RESULT
put_slot(struct buf_writer *w, const uint8_t fixed[static BAG_FIXED],
    struct bytes prf, struct bytes cred, const uint8_t kek[static KEK])
{
	const uint8_t len[2] = { (uint8_t)(cred.len >> 8), (uint8_t)cred.len };
	uint8_t W[32], h[32], nonce[AEAD_NONCE], wrapped[WRAPPED], ad[SLOT_AD];

	hash_sha256(&cred, 1, h);
	AM_TRY(wrap_key(fixed, prf, h, W));
	randombytes_buf(nonce, sizeof(nonce));
	aead_seal(W, nonce, slot_ad(fixed, h, ad), (struct bytes){ kek, KEK },
	    wrapped);
	sodium_memzero(W, sizeof(W));
	AM_TRY(buf_put_fixed(w, len, sizeof(len)));
	AM_TRY(buf_put_fixed(w, cred.p, cred.len));
	AM_TRY(buf_put_fixed(w, nonce, sizeof(nonce)));
	return buf_put_fixed(w, wrapped, sizeof(wrapped));
}

static AM_RESULT
put_body(struct buf_writer *w, const uint8_t fixed[static BAG_FIXED],
    const uint8_t kek[static KEK], struct bytes body)
{
	uint8_t okm[64], com[32], nonce[AEAD_NONCE], ad[BODY_AD],
	    ct[BAG_MEMBER_BODY + AEAD_TAG];

	AM_TRY(body_keys(kek, fixed, okm));
	randombytes_buf(nonce, sizeof(nonce));
	aead_seal(okm, nonce, body_ad(fixed, ad), body, ct);
	memcpy(com, okm + 32, sizeof(com));
	sodium_memzero(okm, sizeof(okm));
	AM_TRY(buf_put_fixed(w, com, sizeof(com)));
	AM_TRY(buf_put_fixed(w, nonce, sizeof(nonce)));
	return buf_put_bytes(w, (struct bytes){ ct, body.len + AEAD_TAG });
}

AM_RESULT
bag_seal(enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], struct bytes prf, struct bytes cred,
    struct bytes body, uint8_t *out, size_t *out_len)
{
	struct buf_writer w = { .p = out, .cap = BAG_FILE_MAX };
	uint8_t fixed[BAG_FIXED], kek[KEK];
	enum am_err err;

	if (prf.len != 32 || cred.len == 0 || cred.len > BAG_CRED_MAX ||
	    !body_len_fits(type, body.len))
		return AM_ERR_INVALID;
	fixed_part(type, vault, input, fixed);
	AM_TRY(buf_put_fixed(&w, fixed, sizeof(fixed)));
	AM_TRY(buf_put_u8(&w, 1));
	randombytes_buf(kek, sizeof(kek));
	err = put_slot(&w, fixed, prf, cred, kek);
	if (err == AM_OK)
		err = put_body(&w, fixed, kek, body);
	sodium_memzero(kek, sizeof(kek));
	AM_TRY(err);
	*out_len = w.len;
	return AM_OK;
}

/* ---- reading */

struct bag {
	const uint8_t *fixed; /* BAG_FIXED */
	const uint8_t *com, *nonce;
	struct bytes ct;
	uint8_t type, slot_count;
	struct bytes slots; /* as they stand in the file */
	uint8_t kek[KEK];
};

static void
bag_wipe(struct bag *b)
{
	sodium_memzero(b->kek, sizeof(b->kek));
}

static AM_RESULT
take(struct buf_reader *r, size_t n, const uint8_t **out)
{
	if (n > r->rest.len)
		return AM_ERR_CORRUPT;
	*out = r->rest.p;
	r->rest.p += n;
	r->rest.len -= n;
	return AM_OK;
}

/* Of a slot only whose it is. */
static AM_RESULT
look_slot(struct buf_reader *r, struct bytes *cred)
{
	const uint8_t *len, *id, *rest;

	AM_TRY(take(r, 2, &len));
	cred->len = (size_t)len[0] << 8 | len[1];
	if (cred->len == 0 || cred->len > BAG_CRED_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(take(r, cred->len, &id));
	cred->p = id;
	return take(r, AEAD_NONCE + WRAPPED, &rest);
}

/* One slot; when it is `cred`'s, the KEK is unwrapped. */
static AM_RESULT
read_slot(struct buf_reader *r, struct bag *b, struct bytes prf,
    struct bytes cred, bool *found)
{
	const uint8_t *len, *id, *nonce, *wrapped;
	uint8_t W[32], h[32], ad[SLOT_AD];
	struct bytes here;
	enum am_err err;

	AM_TRY(take(r, 2, &len));
	here.len = (size_t)len[0] << 8 | len[1];
	if (here.len == 0 || here.len > BAG_CRED_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(take(r, here.len, &id));
	AM_TRY(take(r, AEAD_NONCE, &nonce));
	AM_TRY(take(r, WRAPPED, &wrapped));
	here.p = id;
	if (!bytes_same(here, cred) || *found)
		return AM_OK;
	hash_sha256(&cred, 1, h);
	AM_TRY(wrap_key(b->fixed, prf, h, W));
	err = aead_open(W, nonce, slot_ad(b->fixed, h, ad),
	    (struct bytes){ wrapped, WRAPPED }, b->kek);
	sodium_memzero(W, sizeof(W));
	*found = err == AM_OK;
	return err;
}

static AM_RESULT
parse(struct bytes file, struct bytes prf, struct bytes cred, struct bag *b)
{
	struct buf_reader r = { .rest = file };
	bool found = false;

	AM_TRY(take(&r, BAG_FIXED, &b->fixed));
	b->type = b->fixed[5];
	AM_TRY(buf_get_u8(&r, &b->slot_count));
	if (b->slot_count < 1 || b->slot_count > BAG_SLOTS_MAX)
		return AM_ERR_CORRUPT;
	b->slots.p = r.rest.p;
	for (size_t i = 0; i < b->slot_count; i++)
		AM_TRY(read_slot(&r, b, prf, cred, &found));
	b->slots.len = (size_t)(r.rest.p - b->slots.p);
	AM_TRY(take(&r, 32, &b->com));
	AM_TRY(take(&r, AEAD_NONCE, &b->nonce));
	AM_TRY(buf_get_bytes(&r, BAG_MEMBER_BODY + AEAD_TAG, &b->ct));
	AM_TRY(buf_get_end(&r));
	return found ? AM_OK : AM_ERR_WRONG_TOKEN;
}

AM_RESULT
bag_look(struct bytes file, struct bag_header *out)
{
	struct bag_header h = { 0 };
	uint8_t fixed[BAG_FIXED], slots = 0;
	struct buf_reader r;

	if (file.len < BAG_FIXED || file.p[5] < BAG_IDENTITY ||
	    file.p[5] > BAG_MEMBER)
		return AM_ERR_CORRUPT;
	h.type = (enum bag_type)file.p[5];
	memcpy(h.vault, file.p + 8, sizeof(h.vault));
	memcpy(h.input, file.p + 24, sizeof(h.input));
	fixed_part(h.type, h.vault, h.input, fixed);
	if (!bytes_same((struct bytes){ file.p, BAG_FIXED },
		(struct bytes){ fixed, BAG_FIXED }))
		return AM_ERR_CORRUPT;
	r.rest = (struct bytes){ file.p + BAG_FIXED, file.len - BAG_FIXED };
	AM_TRY(buf_get_u8(&r, &slots));
	if (slots < 1 || slots > BAG_SLOTS_MAX)
		return AM_ERR_CORRUPT;
	for (h.slots = 0; h.slots < slots; h.slots++)
		AM_TRY(look_slot(&r, &h.creds[h.slots]));
	*out = h;
	return AM_OK;
}

/* Checks com (in constant time) and decrypts the body. */
static AM_RESULT
open_body(const struct bag *b, struct secret **out)
{
	secret_auto *body = NULL;
	uint8_t okm[64], ad[BODY_AD];
	enum am_err err = AM_ERR_CORRUPT;

	if (b->ct.len < AEAD_TAG ||
	    !body_len_fits((enum bag_type)b->type, b->ct.len - AEAD_TAG))
		return AM_ERR_CORRUPT;
	AM_TRY(secret_new(b->ct.len - AEAD_TAG, &body));
	AM_TRY(body_keys(b->kek, b->fixed, okm));
	if (sodium_memcmp(okm + 32, b->com, 32) == 0)
		err = aead_open(okm, b->nonce, body_ad(b->fixed, ad), b->ct,
		    secret_mut(body));
	sodium_memzero(okm, sizeof(okm));
	AM_TRY(err);
	*out = AM_TAKE(body);
	return AM_OK;
}

/* The bag that it should be, and a key that has a slot in it. */
static AM_RESULT
read_bag(struct bytes file, enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], struct bytes prf, struct bytes cred,
    struct bag *b)
{
	uint8_t fixed[BAG_FIXED];

	fixed_part(type, vault, input, fixed);
	if (prf.len != 32 || file.len < BAG_FIXED ||
	    !bytes_same((struct bytes){ file.p, BAG_FIXED },
		(struct bytes){ fixed, BAG_FIXED }))
		return AM_ERR_CORRUPT;
	return parse(file, prf, cred, b);
}

AM_RESULT
bag_open(struct bytes file, enum bag_type type, const uint8_t vault[static 16],
    const uint8_t input[static 32], struct bytes prf, struct bytes cred,
    struct secret **out_body)
{
	AM_CLEANUP(bag_wipe) struct bag b = { 0 };

	AM_TRY(read_bag(file, type, vault, input, prf, cred, &b));
	return open_body(&b, out_body);
}

/* ---- a further slot */

AM_RESULT
bag_has_slot(struct bytes file, struct bytes cred, bool *out)
{
	struct buf_reader r = { .rest = file };
	const uint8_t *skipped = NULL, *len = NULL;
	struct bytes here;
	uint8_t slots = 0;
	bool found = false;

	AM_TRY(take(&r, BAG_FIXED, &skipped));
	AM_TRY(buf_get_u8(&r, &slots));
	for (size_t i = 0; i < slots; i++) {
		AM_TRY(take(&r, 2, &len));
		here.len = (size_t)len[0] << 8 | len[1];
		AM_TRY(take(&r, here.len, &here.p));
		AM_TRY(take(&r, AEAD_NONCE + WRAPPED, &skipped));
		found |= bytes_same(here, cred);
	}
	*out = found;
	return AM_OK;
}

/* Everything but the new slot is copied, so what other keys open stays. */
static AM_RESULT
put_again(struct buf_writer *w, const struct bag *b, const struct bag_key *k)
{
	AM_TRY(buf_put_fixed(w, b->fixed, BAG_FIXED));
	AM_TRY(buf_put_u8(w, (uint8_t)(b->slot_count + 1)));
	AM_TRY(buf_put_fixed(w, b->slots.p, b->slots.len));
	AM_TRY(put_slot(w, b->fixed, k->prf, k->cred, b->kek));
	AM_TRY(buf_put_fixed(w, b->com, 32));
	AM_TRY(buf_put_fixed(w, b->nonce, AEAD_NONCE));
	return buf_put_bytes(w, b->ct);
}

AM_RESULT
bag_add_slot(struct bytes file, enum bag_type type,
    const uint8_t vault[static 16], const uint8_t input[static 32],
    const struct bag_key *by, const struct bag_key *added, uint8_t *out,
    size_t *out_len)
{
	AM_CLEANUP(bag_wipe) struct bag b = { 0 };
	struct buf_writer w = { .p = out, .cap = BAG_FILE_MAX };
	secret_auto *body = NULL;
	bool there = false;

	AM_TRY(read_bag(file, type, vault, input, by->prf, by->cred, &b));
	AM_TRY(open_body(&b, &body)); /* the KEK is the one it commits to */
	if (added->prf.len != 32 || added->cred.len == 0 ||
	    added->cred.len > BAG_CRED_MAX || b.slot_count == BAG_SLOTS_MAX)
		return AM_ERR_INVALID;
	AM_TRY(bag_has_slot(file, added->cred, &there));
	if (there)
		return AM_ERR_EXISTS;
	AM_TRY(put_again(&w, &b, added));
	*out_len = w.len;
	return AM_OK;
}
