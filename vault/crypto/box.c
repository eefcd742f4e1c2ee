#include <sodium.h>

#include "vault/crypto/box.h"

#include "vault/crypto/aead.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/hkdf.h"

/* The key is used once, so the nonce may be zero (2.3). */
static const uint8_t zero_nonce[AEAD_NONCE];

/* key = HKDF(eK, T("box"), E || K || SHA-256(info), 32) */
static AM_RESULT
derive(const struct point *shared, const struct point *E, const struct point *K,
    struct bytes info, uint8_t key[static AEAD_KEY])
{
	uint8_t h[32];

	hash_sha256(&info, 1, h);
	return hkdf_derive(pt_bytes(shared), HASH_T("box"),
	    HASH_PARTS(pt_bytes(E), pt_bytes(K), { h, 32 }), key, AEAD_KEY);
}

AM_RESULT
box_seal_e(const struct point *K, struct bytes info, struct bytes m,
    const struct scalar *e, uint8_t *out)
{
	point_auto shared = { { 0 } };
	struct point E;
	uint8_t key[AEAD_KEY];

	AM_TRY(pt_mul_base(e, &E));
	AM_TRY(pt_mul(e, K, &shared));
	AM_TRY(derive(&shared, &E, K, info, key));
	memcpy(out, E.b, PT_BYTES);
	aead_seal(
	    key, zero_nonce, (struct bytes){ NULL, 0 }, m, out + PT_BYTES);
	sodium_memzero(key, sizeof(key));
	return AM_OK;
}

AM_RESULT
box_seal(const struct point *K, struct bytes info, struct bytes m, uint8_t *out)
{
	scalar_auto e = { 0 };

	hash_hedge((struct bytes){ (const uint8_t *)"box", 3 }, m,
	    HASH_PARTS(pt_bytes(K), info), &e);
	return box_seal_e(K, info, m, &e, out);
}

static AM_RESULT
open_with(const struct point *shared, const struct point *E,
    const struct point *K, struct bytes info, struct bytes box,
    struct secret **out)
{
	secret_auto *m = NULL;
	uint8_t key[AEAD_KEY];
	enum am_err err;

	AM_TRY(secret_new(box.len - BOX_EXTRA, &m));
	AM_TRY(derive(shared, E, K, info, key));
	err = aead_open(key, zero_nonce, (struct bytes){ NULL, 0 },
	    (struct bytes){ box.p + PT_BYTES, box.len - PT_BYTES },
	    secret_mut(m));
	sodium_memzero(key, sizeof(key));
	AM_TRY(err);
	*out = AM_TAKE(m);
	return AM_OK;
}

AM_RESULT
box_open(const struct scalar *d, struct bytes info, struct bytes box,
    struct secret **out)
{
	point_auto shared = { { 0 } };
	struct point E, K;

	if (box.len <= BOX_EXTRA)
		return AM_ERR_CORRUPT;
	AM_TRY(pt_decode((struct bytes){ box.p, PT_BYTES }, &E));
	AM_TRY(pt_mul_base(d, &K));
	AM_TRY(pt_mul(d, &E, &shared));
	return open_with(&shared, &E, &K, info, box, out);
}

AM_RESULT
box_open_e(const struct scalar *e, const struct point *K, struct bytes info,
    struct bytes box, struct secret **out)
{
	point_auto shared = { { 0 } };
	struct point E, mine;

	if (box.len <= BOX_EXTRA)
		return AM_ERR_CORRUPT;
	AM_TRY(pt_decode((struct bytes){ box.p, PT_BYTES }, &E));
	AM_TRY(pt_mul_base(e, &mine));
	if (!pt_same(&E, &mine))
		return AM_ERR_CORRUPT;
	AM_TRY(pt_mul(e, K, &shared));
	return open_with(&shared, &E, K, info, box, out);
}
