#include <pthread.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "vault/crypto/hash.h"

/* The algorithm is fetched once, since a fetch costs more than a hash, and
 * each thread has one context, freed when it ends. */
static const EVP_MD *sha256_md;
static pthread_key_t sha256_key;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void
forget(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void
prepare(void)
{
	if (pthread_key_create(&sha256_key, forget) == 0)
		sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static EVP_MD_CTX *
sha256_ctx(void)
{
	static __thread EVP_MD_CTX *ctx; /* a faster way to the same value */

	if (ctx != NULL)
		return ctx;
	(void)pthread_once(&sha256_once, prepare);
	ctx = EVP_MD_CTX_new();
	if (ctx != NULL && pthread_setspecific(sha256_key, ctx) != 0)
		abort();
	return ctx;
}

/* Out of memory before the first hash, or a broken OpenSSL: no way on. */
static void
must(bool ok)
{
	if (!ok)
		abort();
}

void
hash_sha256(const struct bytes *parts, size_t count, uint8_t out[static 32])
{
	EVP_MD_CTX *ctx = sha256_ctx();

	must(ctx != NULL && EVP_DigestInit_ex2(ctx, sha256_md, NULL) == 1);
	for (size_t i = 0; i < count; i++)
		must(parts[i].len == 0 ||
		    EVP_DigestUpdate(ctx, parts[i].p, parts[i].len) == 1);
	must(EVP_DigestFinal_ex(ctx, out, NULL) == 1);
}

struct hash_stream {
	EVP_MD_CTX *ctx;
};

AM_RESULT
hash_stream_new(struct hash_stream **out)
{
	struct hash_stream *h = calloc(1, sizeof(*h));

	if (h == NULL || (h->ctx = EVP_MD_CTX_new()) == NULL) {
		free(h);
		return AM_ERR_NOMEM;
	}
	(void)pthread_once(&sha256_once, prepare);
	must(EVP_DigestInit_ex2(h->ctx, sha256_md, NULL) == 1);
	*out = h;
	return AM_OK;
}

void
hash_stream_add(struct hash_stream *h, struct bytes piece)
{
	must(piece.len == 0 ||
	    EVP_DigestUpdate(h->ctx, piece.p, piece.len) == 1);
}

void
hash_stream_end(struct hash_stream **h, uint8_t out[static 32])
{
	must(EVP_DigestFinal_ex((*h)->ctx, out, NULL) == 1);
	EVP_MD_CTX_free((*h)->ctx);
	free(*h);
	*h = NULL;
}

void
hash_sha512(const struct bytes *parts, size_t count, uint8_t out[static 64])
{
	crypto_hash_sha512_state st;

	crypto_hash_sha512_init(&st);
	for (size_t i = 0; i < count; i++)
		if (parts[i].len > 0)
			crypto_hash_sha512_update(
			    &st, parts[i].p, parts[i].len);
	crypto_hash_sha512_final(&st, out);
	sodium_memzero(&st, sizeof(st));
}

/*
 * expand_message_xmd (RFC 9380, 5.3.1) with SHA-512 to 64 bytes, so one block:
 * b_0 = H(Z_pad || msg || 0x0040 || 0x00 || DST'), b_1 = H(b_0 || 1 || DST').
 */
static void
expand(struct bytes prefix, struct bytes ctx, const struct bytes *parts,
    size_t count, uint8_t out[static 64])
{
	static const uint8_t zeros[128], middle[3] = { 0, 64, 0 }, one = 1;
	const uint8_t dst_len = (uint8_t)(prefix.len + ctx.len);
	crypto_hash_sha512_state st;
	uint8_t b0[64];

	must(prefix.len + ctx.len <= 255);
	crypto_hash_sha512_init(&st);
	crypto_hash_sha512_update(&st, zeros, sizeof(zeros));
	for (size_t i = 0; i < count; i++)
		if (parts[i].len > 0)
			crypto_hash_sha512_update(
			    &st, parts[i].p, parts[i].len);
	crypto_hash_sha512_update(&st, middle, sizeof(middle));
	crypto_hash_sha512_update(&st, prefix.p, prefix.len);
	crypto_hash_sha512_update(&st, ctx.p, ctx.len);
	crypto_hash_sha512_update(&st, &dst_len, 1);
	crypto_hash_sha512_final(&st, b0);
	hash_sha512(
	    HASH_PARTS({ b0, 64 }, { &one, 1 }, prefix, ctx, { &dst_len, 1 }),
	    out);
	sodium_memzero(b0, sizeof(b0));
	sodium_memzero(&st, sizeof(st));
}

void
hash_to_scalar(struct bytes ctx, const struct bytes *parts, size_t count,
    struct scalar *out)
{
	static const char prefix[] = "HashToScalar-";
	uint8_t wide[64];

	expand((struct bytes){ (const uint8_t *)prefix, sizeof(prefix) - 1 },
	    ctx, parts, count, wide);
	sc_reduce(wide, out);
	sodium_memzero(wide, sizeof(wide));
}

AM_RESULT
hash_to_group(struct bytes ctx, const struct bytes *parts, size_t count,
    struct point *out)
{
	static const char prefix[] = "HashToGroup-";
	uint8_t wide[64], p[PT_BYTES];

	expand((struct bytes){ (const uint8_t *)prefix, sizeof(prefix) - 1 },
	    ctx, parts, count, wide);
	crypto_core_ristretto255_from_hash(p, wide);
	return pt_decode((struct bytes){ p, sizeof(p) }, out) == AM_OK
	    ? AM_OK
	    : AM_ERR_VERIFY;
}

void
hash_hedge(struct bytes tag, struct bytes secret,
    const struct bytes *public_parts, size_t count, struct scalar *out)
{
	uint8_t fresh[32], public[64], wide[64];

	hash_sha512(public_parts, count, public);
	do {
		randombytes_buf(fresh, sizeof(fresh));
		hash_sha512(
		    HASH_PARTS(HASH_T("hedge"), tag, { (const uint8_t *)"", 1 },
			secret, { fresh, sizeof(fresh) },
			{ public, sizeof(public) }),
		    wide);
		sc_reduce(wide, out);
	} while (sc_is_zero(out));
	sodium_memzero(fresh, sizeof(fresh));
	sodium_memzero(wide, sizeof(wide));
}
