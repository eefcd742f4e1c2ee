#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "vault/crypto/es256.h"

#define pkey_auto     AM_CLEANUP(pkey_cleanup) EVP_PKEY
#define pkey_ctx_auto AM_CLEANUP(pkey_ctx_cleanup) EVP_PKEY_CTX
#define md_ctx_auto   AM_CLEANUP(md_ctx_cleanup) EVP_MD_CTX

static void
pkey_cleanup(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void
pkey_ctx_cleanup(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}

static void
md_ctx_cleanup(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

/* OpenSSL refuses points that are not on the curve here. */
static EVP_PKEY *
load(const uint8_t key[static 64])
{
	char group[] = "prime256v1";
	uint8_t point[65] = { 4 };
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("group", group, 0),
		OSSL_PARAM_construct_octet_string("pub", point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	pkey_ctx_auto *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	memcpy(point + 1, key, 64);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return pkey;
}

/* Strict DER: what parses must encode back to the same bytes. */
static bool
der_is_strict(struct bytes sig)
{
	const uint8_t *p = sig.p;
	uint8_t again[80], *q = again;
	ECDSA_SIG *s;
	bool same;

	if (sig.len == 0 || sig.len > sizeof(again) - 1)
		return false;
	if ((s = d2i_ECDSA_SIG(NULL, &p, (long)sig.len)) == NULL)
		return false;
	same = i2d_ECDSA_SIG(s, NULL) == (int)sig.len &&
	    i2d_ECDSA_SIG(s, &q) == (int)sig.len &&
	    bytes_same(sig, (struct bytes){ again, sig.len });
	ECDSA_SIG_free(s);
	return same;
}

AM_RESULT
es256_verify(
    const uint8_t key[static 64], struct bytes message, struct bytes sig)
{
	pkey_auto *pkey = NULL;
	md_ctx_auto *ctx = NULL;

	if (!der_is_strict(sig) || (pkey = load(key)) == NULL ||
	    (ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) != 1 ||
	    EVP_DigestVerify(ctx, sig.p, sig.len, message.p, message.len) != 1)
		return AM_ERR_VERIFY;
	return AM_OK;
}
