#include <sys/random.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/softtoken/prim.h"

/* What cannot fail did: nothing sensible is left to do. */
static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
cipher_done(EVP_CIPHER_CTX **c)
{
	EVP_CIPHER_CTX_free(*c);
}

static void
digest_done(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
}

static void
pkey_ctx_done(EVP_PKEY_CTX **c)
{
	EVP_PKEY_CTX_free(*c);
}

static void
bn_done(BIGNUM **n)
{
	BN_clear_free(*n);
}

static void
build_done(OSSL_PARAM_BLD **b)
{
	OSSL_PARAM_BLD_free(*b);
}

static void
params_done(OSSL_PARAM **p)
{
	OSSL_PARAM_free(*p);
}

static void
mac_done(EVP_MAC **m)
{
	EVP_MAC_free(*m);
}

static void
mac_ctx_done(EVP_MAC_CTX **c)
{
	EVP_MAC_CTX_free(*c);
}

void
prim_pkey_done(prim_pkey *key)
{
	EVP_PKEY_free(*key);
	*key = NULL;
}

int64_t
prim_now_ms(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
prim_random(uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n = getrandom(out, len, 0);

		must(n > 0);
		out += n;
		len -= (size_t)n;
	}
}

void
prim_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

bool
prim_same(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
prim_sha256(struct span in, uint8_t out[static PRIM_HASH])
{
	must(EVP_Digest(in.p, in.len, out, NULL, EVP_sha256(), NULL) == 1);
}

void
prim_hmac(const uint8_t key[static PRIM_KEY], struct span a, struct span b,
    uint8_t out[static PRIM_HASH])
{
	char digest[] = "SHA256";
	OSSL_PARAM p[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 6),
		OSSL_PARAM_END,
	};
	SOFT_CLEANUP(mac_done)
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	SOFT_CLEANUP(mac_ctx_done) EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
	size_t len = 0;

	must(c != NULL && EVP_MAC_init(c, key, PRIM_KEY, p) == 1);
	must(EVP_MAC_update(c, a.p, a.len) == 1);
	must(b.len == 0 || EVP_MAC_update(c, b.p, b.len) == 1);
	must(EVP_MAC_final(c, out, &len, PRIM_HASH) == 1 && len == PRIM_HASH);
}

void
prim_cbc(bool encrypt, const uint8_t key[static PRIM_KEY],
    const uint8_t iv[static PRIM_BLOCK], struct span in, uint8_t *out)
{
	SOFT_CLEANUP(cipher_done) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len = 0;

	must(c != NULL && in.len % PRIM_BLOCK == 0);
	must(EVP_CipherInit_ex2(c, EVP_aes_256_cbc(), key, iv, encrypt, NULL) ==
	    1);
	must(EVP_CIPHER_CTX_set_padding(c, 0) == 1);
	must(EVP_CipherUpdate(c, out, &len, in.p, (int)in.len) == 1);
	must((size_t)len == in.len);
}

void
prim_gcm_seal(const uint8_t key[static PRIM_KEY],
    const uint8_t nonce[static PRIM_NONCE], struct span in, uint8_t *out)
{
	SOFT_CLEANUP(cipher_done) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len = 0, last = 0;

	must(c != NULL);
	must(EVP_EncryptInit_ex2(c, EVP_aes_256_gcm(), key, nonce, NULL) == 1);
	must(EVP_EncryptUpdate(c, out, &len, in.p, (int)in.len) == 1);
	must(EVP_EncryptFinal_ex(c, out + len, &last) == 1 && last == 0);
	must(EVP_CIPHER_CTX_ctrl(
		 c, EVP_CTRL_AEAD_GET_TAG, PRIM_TAG, out + in.len) == 1);
}

bool
prim_gcm_open(const uint8_t key[static PRIM_KEY],
    const uint8_t nonce[static PRIM_NONCE], struct span in, uint8_t *out)
{
	SOFT_CLEANUP(cipher_done) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t tag[PRIM_TAG];
	int len = 0, last = 0;

	if (in.len < PRIM_TAG)
		return false;
	in.len -= PRIM_TAG;
	memcpy(tag, in.p + in.len, PRIM_TAG);
	must(c != NULL);
	must(EVP_DecryptInit_ex2(c, EVP_aes_256_gcm(), key, nonce, NULL) == 1);
	must(EVP_DecryptUpdate(c, out, &len, in.p, (int)in.len) == 1);
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, PRIM_TAG, tag) == 1);
	if (EVP_DecryptFinal_ex(c, out + len, &last) == 1)
		return true;
	prim_wipe(out, in.len);
	return false;
}

EVP_PKEY *
prim_ec_new(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	must(key != NULL);
	return key;
}

/* NULL when OpenSSL refuses the key. */
static EVP_PKEY *
from_data(int selection, OSSL_PARAM_BLD *b)
{
	SOFT_CLEANUP(params_done) OSSL_PARAM *p = OSSL_PARAM_BLD_to_param(b);
	SOFT_CLEANUP(pkey_ctx_done)
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	must(p != NULL && c != NULL && EVP_PKEY_fromdata_init(c) == 1);
	if (EVP_PKEY_fromdata(c, &key, selection, p) != 1)
		return NULL;
	return key;
}

EVP_PKEY *
prim_ec_from_scalar(const uint8_t d[static PRIM_KEY])
{
	SOFT_CLEANUP(build_done) OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	SOFT_CLEANUP(bn_done) BIGNUM *n = BN_secure_new();
	EVP_PKEY *key;

	must(b != NULL && n != NULL && BN_bin2bn(d, PRIM_KEY, n) != NULL);
	must(OSSL_PARAM_BLD_push_utf8_string(
		 b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
	must(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, n) == 1);
	key = from_data(EVP_PKEY_KEYPAIR, b);
	must(key != NULL);
	return key;
}

void
prim_ec_scalar(const EVP_PKEY *key, uint8_t d[static PRIM_KEY])
{
	SOFT_CLEANUP(bn_done) BIGNUM *n = NULL;

	must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &n) == 1);
	must(BN_bn2binpad(n, d, PRIM_KEY) == PRIM_KEY);
}

static void
coordinate(const EVP_PKEY *key, const char *name, uint8_t *out)
{
	SOFT_CLEANUP(bn_done) BIGNUM *n = NULL;

	must(EVP_PKEY_get_bn_param(key, name, &n) == 1);
	must(BN_bn2binpad(n, out, PRIM_KEY) == PRIM_KEY);
}

void
prim_ec_point(const EVP_PKEY *key, uint8_t xy[static PRIM_POINT])
{
	coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, xy);
	coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, xy + PRIM_KEY);
}

/* NULL when the point is not on the curve. */
static EVP_PKEY *
from_point(const uint8_t xy[static PRIM_POINT])
{
	SOFT_CLEANUP(build_done) OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	uint8_t oct[PRIM_POINT_OCT] = { POINT_CONVERSION_UNCOMPRESSED };

	memcpy(oct + 1, xy, PRIM_POINT);
	must(b != NULL);
	must(OSSL_PARAM_BLD_push_utf8_string(
		 b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
	must(OSSL_PARAM_BLD_push_octet_string(
		 b, OSSL_PKEY_PARAM_PUB_KEY, oct, sizeof(oct)) == 1);
	return from_data(EVP_PKEY_PUBLIC_KEY, b);
}

bool
prim_ecdh(EVP_PKEY *mine, const uint8_t xy[static PRIM_POINT],
    uint8_t z[static PRIM_KEY])
{
	prim_pkey_auto *peer = from_point(xy);
	SOFT_CLEANUP(pkey_ctx_done)
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(mine, NULL);
	size_t len = PRIM_KEY;

	must(c != NULL && EVP_PKEY_derive_init(c) == 1);
	if (peer == NULL || EVP_PKEY_derive_set_peer(c, peer) != 1)
		return false;
	return EVP_PKEY_derive(c, z, &len) == 1 && len == PRIM_KEY;
}

size_t
prim_sign(EVP_PKEY *key, struct span a, struct span b,
    uint8_t sig[static PRIM_SIG_MAX])
{
	SOFT_CLEANUP(digest_done) EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t len = PRIM_SIG_MAX;

	must(c != NULL);
	must(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1);
	must(EVP_DigestSignUpdate(c, a.p, a.len) == 1);
	must(EVP_DigestSignUpdate(c, b.p, b.len) == 1);
	must(EVP_DigestSignFinal(c, sig, &len) == 1);
	return len;
}
