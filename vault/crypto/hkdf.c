#include <sodium.h>

#include "vault/crypto/hkdf.h"

enum { HASH = crypto_auth_hmacsha512_BYTES };

static void
extract(struct bytes ikm, struct bytes salt, uint8_t prk[static HASH])
{
	crypto_auth_hmacsha512_state st;

	crypto_auth_hmacsha512_init(&st, salt.p, salt.len);
	crypto_auth_hmacsha512_update(&st, ikm.p, ikm.len);
	crypto_auth_hmacsha512_final(&st, prk);
	sodium_memzero(&st, sizeof(st));
}

/* T(i) = HMAC(PRK, T(i-1) || info || i) */
static void
block(const uint8_t prk[static HASH], struct bytes last,
    const struct bytes *info, size_t count, uint8_t i, uint8_t out[static HASH])
{
	crypto_auth_hmacsha512_state st;

	crypto_auth_hmacsha512_init(&st, prk, HASH);
	if (last.len > 0)
		crypto_auth_hmacsha512_update(&st, last.p, last.len);
	for (size_t j = 0; j < count; j++)
		if (info[j].len > 0)
			crypto_auth_hmacsha512_update(
			    &st, info[j].p, info[j].len);
	crypto_auth_hmacsha512_update(&st, &i, 1);
	crypto_auth_hmacsha512_final(&st, out);
	sodium_memzero(&st, sizeof(st));
}

AM_RESULT
hkdf_derive(struct bytes ikm, struct bytes salt, const struct bytes *info_parts,
    size_t info_count, uint8_t *out, size_t out_len)
{
	uint8_t prk[HASH], t[HASH];
	size_t done = 0;

	if (out_len == 0 || out_len > HKDF_OUT_MAX)
		return AM_ERR_INVALID;
	extract(ikm, salt, prk);
	for (uint8_t i = 1; done < out_len; i++) {
		const struct bytes last = { t, i == 1 ? 0 : HASH };
		const size_t n = out_len - done < HASH ? out_len - done : HASH;

		block(prk, last, info_parts, info_count, i, t);
		memcpy(out + done, t, n);
		done += n;
	}
	sodium_memzero(prk, sizeof(prk));
	sodium_memzero(t, sizeof(t));
	return AM_OK;
}
