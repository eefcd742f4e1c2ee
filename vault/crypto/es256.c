#include <pthread.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "vault/crypto/es256.h"

#include "vault/crypto/hash.h"

#define pkey_auto AM_CLEANUP(pkey_cleanup) EVP_PKEY
#define ctx_auto  AM_CLEANUP(ctx_cleanup) EVP_PKEY_CTX

static void
pkey_cleanup(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void
ctx_cleanup(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
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
	ctx_auto *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
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

/*
 * Loading a key costs a quarter of a verification, and OpenSSL takes locks on
 * the way, while a vault has a handful of keys: each thread keeps the last
 * ones loaded. Results are never kept.
 */
enum { KEPT = 64 };

struct kept {
	uint8_t key[64];
	EVP_PKEY_CTX *ctx; /* NULL: empty */
};

static __thread struct kept kept[KEPT];
static __thread size_t kept_next; /* where the next new one goes */
static pthread_key_t kept_key;    /* only for its clean-up */
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;
static bool kept_works;

static void
forget(void *arg)
{
	struct kept *k = arg;

	for (size_t i = 0; i < KEPT; i++)
		EVP_PKEY_CTX_free(k[i].ctx);
}

static void
prepare(void)
{
	kept_works = pthread_key_create(&kept_key, forget) == 0;
}

static bool
will_be_forgotten(void)
{
	(void)pthread_once(&kept_once, prepare);
	return kept_works &&
	    (pthread_getspecific(kept_key) != NULL ||
		pthread_setspecific(kept_key, kept) == 0);
}

static EVP_PKEY_CTX *
new_ctx(const uint8_t key[static 64])
{
	pkey_auto *pkey = load(key);
	ctx_auto *ctx = NULL;

	if (pkey == NULL ||
	    (ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL)) == NULL ||
	    EVP_PKEY_verify_init(ctx) != 1)
		return NULL;
	return AM_TAKE(ctx);
}

/* Ready to verify with `key`; lent. NULL: not a key, or no memory. */
static EVP_PKEY_CTX *
ready(const uint8_t key[static 64])
{
	EVP_PKEY_CTX *ctx;
	struct kept *k;

	/* Wherever it is: two keys that share a place would cost both. */
	for (size_t i = 0; i < KEPT && kept[i].ctx != NULL; i++)
		if (bytes_same((struct bytes){ kept[i].key, 64 },
			(struct bytes){ key, 64 }))
			return kept[i].ctx;
	if (!will_be_forgotten() || (ctx = new_ctx(key)) == NULL)
		return NULL;
	k = &kept[kept_next++ % KEPT];
	EVP_PKEY_CTX_free(k->ctx);
	k->ctx = ctx;
	memcpy(k->key, key, sizeof(k->key));
	return ctx;
}

AM_RESULT
es256_verify(
    const uint8_t key[static 64], struct bytes message, struct bytes sig)
{
	EVP_PKEY_CTX *ctx;
	uint8_t hash[32];

	if (!der_is_strict(sig) || (ctx = ready(key)) == NULL)
		return AM_ERR_VERIFY;
	hash_sha256(&message, 1, hash);
	return EVP_PKEY_verify(ctx, sig.p, sig.len, hash, sizeof(hash)) == 1
	    ? AM_OK
	    : AM_ERR_VERIFY;
}
