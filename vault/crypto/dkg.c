#include <sodium.h>

#include "vault/crypto/dkg.h"

#include "vault/base/blob.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/hash.h"

/* Domain separation of the suite; F in protocol.md 5.4. */
#define F     "COCKTAIL-DKG-Ristretto255-SHA512-"
#define SUITE "COCKTAIL(Ristretto255, SHA-512)"

#define TEXT(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

static void
be64(uint64_t v, uint8_t out[static 8])
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> 8 * (7 - i));
}

static void
le(uint64_t v, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

/* SHA-512 reduced modulo L. */
static void
hash_scalar(const struct bytes *parts, size_t count, struct scalar *out)
{
	uint8_t wide[64];

	hash_sha512(parts, count, wide);
	sc_reduce(wide, out);
	sodium_memzero(wide, sizeof(wide));
}

/* Everything below indexes arrays by n and k. */
static bool
fits(const struct dkg_run *run)
{
	return run->k >= 1 && run->k <= run->n && run->n <= SHAMIR_N_MAX;
}

void
dkg_context(struct dkg_run *run, struct bytes id)
{
	uint8_t id_len[8], suite_len[8], n[4];

	if (!fits(run))
		abort();

	be64(id.len, id_len);
	be64(sizeof(SUITE) - 1, suite_len);
	le(run->n, n, 4);
	hash_sha512(HASH_PARTS(TEXT("COCKTAIL-DKG-CONTEXT"), { id_len, 8 }, id,
			{ suite_len, 8 }, TEXT(SUITE), { n, 4 },
			{ run->pk[0].b, run->n * sizeof(struct point) }),
	    run->context);
}

/* ---- Schnorr signatures (5.4): R || z */

/* t = h(F || "NONCE" || sk || m [|| 32 random bytes]) */
static void
sign_nonce(
    const struct scalar *sk, struct bytes m, bool hedged, struct scalar *out)
{
	uint8_t fresh[32];

	randombytes_buf(fresh, sizeof(fresh));
	hash_scalar(HASH_PARTS(TEXT(F "NONCE"), { sk->b, SC_BYTES }, m,
			{ fresh, hedged ? sizeof(fresh) : 0 }),
	    out);
	sodium_memzero(fresh, sizeof(fresh));
}

static void
sign_challenge(const struct point *R, const struct point *pk, struct bytes m,
    struct scalar *out)
{
	hash_scalar(
	    HASH_PARTS(TEXT(F "H7"), pt_bytes(R), pt_bytes(pk), m), out);
}

static AM_RESULT
sign(const struct scalar *sk, struct bytes m, bool hedged,
    uint8_t out[static DKG_SIG])
{
	scalar_auto t = { 0 }, z = { 0 };
	struct scalar c;
	struct point R, pk;

	sign_nonce(sk, m, hedged, &t);
	AM_TRY(pt_mul_base(&t, &R));
	AM_TRY(pt_mul_base(sk, &pk));
	sign_challenge(&R, &pk, m, &c);
	sc_mul(&c, sk, &z);
	sc_add(&t, &z, &z);
	memcpy(out, R.b, PT_BYTES);
	memcpy(out + PT_BYTES, z.b, SC_BYTES);
	return AM_OK;
}

/* zB = R + c pk */
static AM_RESULT
check_sig(const struct point *pk, struct bytes m, const uint8_t *sig)
{
	struct point R, zB, cP, sum;
	struct scalar z, c;

	AM_TRY(pt_decode((struct bytes){ sig, PT_BYTES }, &R));
	AM_TRY(
	    sc_decode_nonzero((struct bytes){ sig + PT_BYTES, SC_BYTES }, &z));
	sign_challenge(&R, pk, m, &c);
	AM_TRY(pt_mul_base(&z, &zB));
	AM_TRY(pt_mul(&c, pk, &cP));
	AM_TRY(pt_add(&R, &cP, &sum));
	return pt_same(&zB, &sum) ? AM_OK : AM_ERR_VERIFY;
}

/* ---- dealing */

enum { POP_MAX = 64 + (SHAMIR_K_MAX + 1) * PT_BYTES };

/* context || C_i || E_i */
static struct bytes
pop_message(const struct dkg_run *run, const struct dkg_deal *d,
    uint8_t out[static POP_MAX])
{
	const size_t points = run->k * PT_BYTES;

	memcpy(out, run->context, 64);
	memcpy(out + 64, d->C, points);
	memcpy(out + 64 + points, d->E.b, PT_BYTES);
	return (struct bytes){ out, 64 + points + PT_BYTES };
}

struct share_key {
	uint8_t key[AEAD_KEY], nonce[AEAD_NONCE];
};

/* First 56 bytes of SHA-512(F || "H6" || S_e || S_d || E || pk_i || pk_j ||
 * len8(context) || context). */
static void
share_key(const struct dkg_run *run, const struct point *with_e,
    const struct point *with_d, const struct point *E, uint32_t dealer,
    uint32_t receiver, struct share_key *out)
{
	uint8_t len[8], okm[64];

	le(sizeof(run->context), len, 8);
	hash_sha512(HASH_PARTS(TEXT(F "H6"), pt_bytes(with_e), pt_bytes(with_d),
			pt_bytes(E), pt_bytes(&run->pk[dealer - 1]),
			pt_bytes(&run->pk[receiver - 1]), { len, 8 },
			{ run->context, sizeof(run->context) }),
	    okm);
	memcpy(out->key, okm, AEAD_KEY);
	memcpy(out->nonce, okm + AEAD_KEY, AEAD_NONCE);
	sodium_memzero(okm, sizeof(okm));
}

struct dealing {
	const struct scalar *d, *e, *coeffs;
};

static AM_RESULT
deal_share(const struct dkg_run *run, uint32_t self, const struct dealing *g,
    uint32_t receiver, struct dkg_deal *out)
{
	const struct point *pk = &run->pk[receiver - 1];
	point_auto with_e = { { 0 } }, with_d = { { 0 } };
	scalar_auto share = { 0 };
	struct share_key k;

	AM_TRY(pt_mul(g->e, pk, &with_e));
	AM_TRY(pt_mul(g->d, pk, &with_d));
	AM_TRY(shamir_eval(g->coeffs, run->k, receiver, &share));
	share_key(run, &with_e, &with_d, &out->E, self, receiver, &k);
	aead_seal(k.key, k.nonce, (struct bytes){ NULL, 0 },
	    (struct bytes){ share.b, SC_BYTES }, out->shares[receiver - 1]);
	sodium_memzero(&k, sizeof(k));
	return AM_OK;
}

static AM_RESULT
deal(const struct dkg_run *run, uint32_t self, const struct dealing *g,
    bool hedged, struct dkg_deal *out)
{
	struct dkg_deal d = { 0 };
	uint8_t space[POP_MAX];

	if (!fits(run) || self == 0 || self > run->n)
		return AM_ERR_INVALID;
	AM_TRY(shamir_commit(g->coeffs, run->k, d.C));
	AM_TRY(pt_mul_base(g->e, &d.E));
	AM_TRY(sign(&g->coeffs[0], pop_message(run, &d, space), hedged, d.pop));
	for (uint32_t j = 1; j <= run->n; j++)
		AM_TRY(deal_share(run, self, g, j, &d));
	*out = d;
	return AM_OK;
}

AM_RESULT
dkg_deal_make_fixed(const struct dkg_run *run, uint32_t self,
    const struct scalar *d, const struct scalar *coeffs, const struct scalar *e,
    struct dkg_deal *out)
{
	return deal(run, self,
	    &(struct dealing){ .d = d, .e = e, .coeffs = coeffs }, false, out);
}

struct polynomial {
	struct scalar c[SHAMIR_K_MAX];
};

static void
polynomial_wipe(struct polynomial *p)
{
	sodium_memzero(p, sizeof(*p));
}

AM_RESULT
dkg_deal_make(const struct dkg_run *run, uint32_t self, const struct scalar *d,
    struct dkg_deal *out)
{
	AM_CLEANUP(polynomial_wipe) struct polynomial p = { 0 };
	const struct bytes secret = { d->b, SC_BYTES };
	const struct bytes context = { run->context, sizeof(run->context) };
	scalar_auto e = { 0 };

	if (!fits(run))
		return AM_ERR_INVALID;
	for (size_t i = 0; i < run->k; i++)
		hash_hedge((struct bytes)TEXT("dkg-poly"), secret, &context, 1,
		    &p.c[i]);
	hash_hedge((struct bytes)TEXT("dkg-eph"), secret, &context, 1, &e);
	return deal(run, self,
	    &(struct dealing){ .d = d, .e = &e, .coeffs = p.c }, true, out);
}

AM_RESULT
dkg_pop_verify(const struct dkg_run *run, const struct dkg_deal *deal)
{
	uint8_t space[POP_MAX];

	return check_sig(&deal->C[0], pop_message(run, deal, space),
		   deal->pop) == AM_OK
	    ? AM_OK
	    : AM_ERR_VERIFY;
}

/* ---- receiving */

AM_RESULT
dkg_decrypt(const struct dkg_run *run, uint32_t dealer, const struct point *E,
    uint32_t self, const struct scalar *d, struct bytes ct, uint8_t *out)
{
	point_auto with_e = { { 0 } }, with_d = { { 0 } };
	struct share_key k;
	enum am_err err;

	if (!fits(run) || dealer == 0 || dealer > run->n || self == 0 ||
	    self > run->n)
		return AM_ERR_INVALID;
	AM_TRY(pt_mul(d, E, &with_e));
	AM_TRY(pt_mul(d, &run->pk[dealer - 1], &with_d));
	share_key(run, &with_e, &with_d, E, dealer, self, &k);
	err = aead_open(k.key, k.nonce, (struct bytes){ NULL, 0 }, ct, out);
	sodium_memzero(&k, sizeof(k));
	return err;
}

AM_RESULT
dkg_share_open(const struct dkg_run *run, uint32_t dealer,
    const struct dkg_deal *deal, uint32_t self, const struct scalar *d,
    struct scalar *out)
{
	scalar_auto raw = { 0 }, share = { 0 };

	if (self == 0 || self > SHAMIR_N_MAX)
		return AM_ERR_INVALID;
	AM_TRY(dkg_decrypt(run, dealer, &deal->E, self, d,
	    (struct bytes){ deal->shares[self - 1], DKG_SHARE }, raw.b));
	AM_TRY(sc_decode((struct bytes){ raw.b, SC_BYTES }, &share));
	AM_TRY(shamir_check(deal->C, run->k, self, &share));
	*out = share;
	return AM_OK;
}

AM_RESULT
dkg_commitments(
    const struct dkg_run *run, const struct dkg_deal *deals, struct point *out)
{
	struct point all[SHAMIR_K_MAX];

	if (!fits(run))
		return AM_ERR_INVALID;
	for (size_t m = 0; m < run->k; m++) {
		struct point sum = deals[0].C[m];

		for (size_t i = 1; i < run->n; i++)
			AM_TRY(pt_add(&sum, &deals[i].C[m], &sum));
		all[m] = sum;
	}
	memcpy(out, all, run->k * sizeof(all[0]));
	return AM_OK;
}

/* ---- transcript and certificates */

void
dkg_ext(const struct dkg_run *run, const struct dkg_deal *deals,
    uint8_t out[static 64])
{
	const struct bytes tag = HASH_T("deals");
	crypto_hash_sha512_state st;
	uint8_t len[8];

	be64(DKG_SHARE, len);
	crypto_hash_sha512_init(&st);
	crypto_hash_sha512_update(&st, tag.p, tag.len);
	for (size_t i = 0; i < run->n; i++)
		for (size_t j = 0; j < run->n; j++) {
			crypto_hash_sha512_update(&st, len, sizeof(len));
			crypto_hash_sha512_update(
			    &st, deals[i].shares[j], DKG_SHARE);
		}
	crypto_hash_sha512_final(&st, out);
}

static AM_RESULT
add_number(struct blob *t, uint64_t v, size_t len)
{
	uint8_t b[8];

	le(v, b, len);
	return blob_add(t, (struct bytes){ b, len });
}

/* len8(suite) || suite || len8(context) || context || n || k || all pk ||
 * all C || all pop || all E || len8(ext) || ext, little-endian. */
static AM_RESULT
transcript(const struct dkg_run *run, const struct dkg_deal *deals,
    struct bytes ext, struct blob *t)
{
	AM_TRY(add_number(t, sizeof(SUITE) - 1, 8));
	AM_TRY(blob_text(t, SUITE));
	AM_TRY(add_number(t, sizeof(run->context), 8));
	AM_TRY(
	    blob_add(t, (struct bytes){ run->context, sizeof(run->context) }));
	AM_TRY(add_number(t, run->n, 4));
	AM_TRY(add_number(t, run->k, 4));
	for (size_t i = 0; i < run->n; i++)
		AM_TRY(blob_add(t, pt_bytes(&run->pk[i])));
	for (size_t i = 0; i < run->n; i++)
		for (size_t m = 0; m < run->k; m++)
			AM_TRY(blob_add(t, pt_bytes(&deals[i].C[m])));
	for (size_t i = 0; i < run->n; i++)
		AM_TRY(blob_add(t, (struct bytes){ deals[i].pop, DKG_SIG }));
	for (size_t i = 0; i < run->n; i++)
		AM_TRY(blob_add(t, pt_bytes(&deals[i].E)));
	AM_TRY(add_number(t, ext.len, 8));
	return blob_add(t, ext);
}

AM_RESULT
dkg_cert_make(const struct dkg_run *run, const struct dkg_deal *deals,
    struct bytes ext, uint32_t self, const struct scalar *d,
    uint8_t out[static DKG_SIG])
{
	blob_auto t = { 0 };

	if (self == 0 || self > run->n)
		return AM_ERR_INVALID;
	AM_TRY(transcript(run, deals, ext, &t));
	return sign(d, blob_bytes(&t), true, out);
}

AM_RESULT
dkg_cert_verify(const struct dkg_run *run, const struct dkg_deal *deals,
    struct bytes ext, uint32_t signer, const uint8_t cert[static DKG_SIG])
{
	blob_auto t = { 0 };

	if (signer == 0 || signer > run->n)
		return AM_ERR_INVALID;
	AM_TRY(transcript(run, deals, ext, &t));
	return check_sig(&run->pk[signer - 1], blob_bytes(&t), cert) == AM_OK
	    ? AM_OK
	    : AM_ERR_VERIFY;
}
