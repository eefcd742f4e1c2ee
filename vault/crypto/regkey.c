#include <sodium.h>

#include "vault/crypto/regkey.h"

#include "vault/crypto/aead.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/hkdf.h"

/* One locked block: R | K_line | K_value | vault | HMAC begun with K_name */
enum {
	AT_R = 0,
	AT_LINE = 32,
	AT_VALUE = 64,
	AT_VAULT = 96,
	AT_NAME = 112,
	BLOCK = AT_NAME + sizeof(crypto_auth_hmacsha512_state)
};

struct regkey {
	struct secret *keys;
};

static const uint8_t *
at(const struct regkey *rk, size_t offset)
{
	return secret_bytes(rk->keys).p + offset;
}

/* Half of the work on a name is the same for all of them. */
static void
begin_names(const uint8_t K_name[static 32], uint8_t *out)
{
	crypto_auth_hmacsha512_state st;

	crypto_auth_hmacsha512_init(&st, K_name, 32);
	memcpy(out, &st, sizeof(st));
	sodium_memzero(&st, sizeof(st));
}

static AM_RESULT
fill(uint8_t *block, struct bytes R, const uint8_t vault[static 16])
{
	const struct bytes salt = { vault, 16 };
	const struct bytes line = HASH_T("line"), value = HASH_T("value"),
			   name = HASH_T("name");
	uint8_t K_name[32];

	memcpy(block + AT_R, R.p, REGKEY_BYTES);
	memcpy(block + AT_VAULT, vault, 16);
	AM_TRY(hkdf_derive(R, salt, &line, 1, block + AT_LINE, 32));
	AM_TRY(hkdf_derive(R, salt, &value, 1, block + AT_VALUE, 32));
	AM_TRY(hkdf_derive(R, salt, &name, 1, K_name, sizeof(K_name)));
	begin_names(K_name, block + AT_NAME);
	sodium_memzero(K_name, sizeof(K_name));
	return AM_OK;
}

AM_RESULT
regkey_new(struct bytes R, const uint8_t vault[static 16], struct regkey **out)
{
	secret_auto *keys = NULL;
	struct regkey *rk;

	if (R.len != REGKEY_BYTES)
		return AM_ERR_INVALID;
	AM_TRY(secret_new(BLOCK, &keys));
	AM_TRY(fill(secret_mut(keys), R, vault));
	AM_TRY(secret_freeze(keys));
	if ((rk = calloc(1, sizeof(*rk))) == NULL)
		return AM_ERR_NOMEM;
	rk->keys = AM_TAKE(keys);
	*out = rk;
	return AM_OK;
}

void
regkey_free(struct regkey *rk)
{
	if (rk == NULL)
		return;
	secret_free(rk->keys);
	free(rk);
}

struct bytes
regkey_R(const struct regkey *rk)
{
	return (struct bytes){ at(rk, AT_R), REGKEY_BYTES };
}

void
regkey_db_key(const struct regkey *rk, const char *table, struct bytes name,
    uint8_t out[static REGKEY_DB_KEY])
{
	crypto_auth_hmacsha512_state st;
	uint8_t mac[crypto_auth_hmacsha512_BYTES];

	memcpy(&st, at(rk, AT_NAME), sizeof(st));
	crypto_auth_hmacsha512_update(
	    &st, (const uint8_t *)table, strlen(table) + 1);
	if (name.len > 0)
		crypto_auth_hmacsha512_update(&st, name.p, name.len);
	crypto_auth_hmacsha512_final(&st, mac);
	memcpy(out, mac, REGKEY_DB_KEY);
	sodium_memzero(&st, sizeof(st));
	sodium_memzero(mac, sizeof(mac));
}

/* nonce24 || XChaCha20-Poly1305(key, nonce, ad, in) */
static void
seal(const uint8_t *key, struct bytes ad, struct bytes in, uint8_t *out)
{
	randombytes_buf(out, AEAD_NONCE);
	aead_seal(key, out, ad, in, out + AEAD_NONCE);
}

static AM_RESULT
unseal(const uint8_t *key, struct bytes ad, struct bytes sealed, uint8_t *out)
{
	if (sealed.len < REGKEY_OVERHEAD)
		return AM_ERR_CORRUPT;
	return aead_open(key, sealed.p, ad,
	    (struct bytes){ sealed.p + AEAD_NONCE, sealed.len - AEAD_NONCE },
	    out);
}

enum {
	LINE_AD = sizeof("amanat/1 line") + 16 + 8,
	VALUE_AD = sizeof("amanat/1 value") + REGKEY_DB_KEY
};

/* T("line") || vault || u64 leaf */
static struct bytes
line_ad(const struct regkey *rk, uint64_t leaf, uint8_t ad[static LINE_AD])
{
	const struct bytes tag = HASH_T("line");

	memcpy(ad, tag.p, tag.len);
	memcpy(ad + tag.len, at(rk, AT_VAULT), 16);
	for (size_t i = 0; i < 8; i++)
		ad[tag.len + 16 + i] = (uint8_t)(leaf >> 8 * (7 - i));
	return (struct bytes){ ad, LINE_AD };
}

/* T("value") || LMDB key */
static struct bytes
value_ad(
    const uint8_t db_key[static REGKEY_DB_KEY], uint8_t ad[static VALUE_AD])
{
	const struct bytes tag = HASH_T("value");

	memcpy(ad, tag.p, tag.len);
	memcpy(ad + tag.len, db_key, REGKEY_DB_KEY);
	return (struct bytes){ ad, VALUE_AD };
}

void
regkey_line_seal(
    const struct regkey *rk, uint64_t leaf, struct bytes line, uint8_t *out)
{
	uint8_t ad[LINE_AD];

	seal(at(rk, AT_LINE), line_ad(rk, leaf, ad), line, out);
}

AM_RESULT
regkey_line_open(
    const struct regkey *rk, uint64_t leaf, struct bytes sealed, uint8_t *out)
{
	uint8_t ad[LINE_AD];

	return unseal(at(rk, AT_LINE), line_ad(rk, leaf, ad), sealed, out);
}

void
regkey_value_seal(const struct regkey *rk,
    const uint8_t db_key[static REGKEY_DB_KEY], struct bytes value,
    uint8_t *out)
{
	uint8_t ad[VALUE_AD];

	seal(at(rk, AT_VALUE), value_ad(db_key, ad), value, out);
}

AM_RESULT
regkey_value_open(const struct regkey *rk,
    const uint8_t db_key[static REGKEY_DB_KEY], struct bytes sealed,
    uint8_t *out)
{
	uint8_t ad[VALUE_AD];

	return unseal(at(rk, AT_VALUE), value_ad(db_key, ad), sealed, out);
}

AM_RESULT
regkey_pepper(const struct regkey *rk, const uint8_t safe[static 16],
    const uint8_t record[static 16], uint32_t version, uint8_t out[static 32])
{
	const uint8_t be[4] = { (uint8_t)(version >> 24),
		(uint8_t)(version >> 16), (uint8_t)(version >> 8),
		(uint8_t)version };

	return hkdf_derive(regkey_R(rk), (struct bytes){ at(rk, AT_VAULT), 16 },
	    HASH_PARTS(
		HASH_T("pepper"), { safe, 16 }, { record, 16 }, { be, 4 }),
	    out, 32);
}
