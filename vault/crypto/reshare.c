#include <sodium.h>

#include "vault/crypto/reshare.h"

#include "vault/crypto/hash.h"

void
reshare_keep_wipe(struct reshare_keep *k)
{
	sodium_memzero(k, sizeof(*k));
}

/* Everything below indexes arrays by these. */
static bool
fits(const struct reshare_run *run)
{
	return run->k >= 2 && run->k < run->n && run->n <= SHAMIR_N_MAX &&
	    run->dealers >= 2 && run->dealers <= SHAMIR_N_MAX;
}

enum { INFO = sizeof("amanat/1 deal") + 32 + 4 + 4 };

static void
put_u32(uint32_t v, uint8_t out[static 4])
{
	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* T("deal") || H(plan) || u32 i || u32 j */
static struct bytes
box_info(const struct reshare_run *run, size_t which, size_t to,
    uint8_t out[static INFO])
{
	const struct bytes tag = HASH_T("deal");

	memcpy(out, tag.p, tag.len);
	memcpy(out + tag.len, run->plan, 32);
	put_u32(run->dealer[which], out + tag.len + 32);
	put_u32(run->member[to], out + tag.len + 36);
	return (struct bytes){ out, INFO };
}

/* ---- dealing */

struct polynomial {
	struct scalar c[SHAMIR_K_MAX];
};

static void
polynomial_wipe(struct polynomial *p)
{
	sodium_memzero(p, sizeof(*p));
}

static AM_RESULT
seal_box(const struct reshare_run *run, size_t which, size_t to,
    const struct polynomial *g, struct reshare_deal *d, struct scalar *e)
{
	const struct bytes tag = { (const uint8_t *)"box", 3 };
	uint8_t info[INFO];
	const struct bytes named = box_info(run, which, to, info);
	scalar_auto share = { 0 };
	struct bytes m = { share.b, SC_BYTES };

	AM_TRY(shamir_eval(g->c, run->k, run->member[to], &share));
	hash_hedge(tag, m, HASH_PARTS(pt_bytes(&run->pk[to]), named), e);
	return box_seal_e(&run->pk[to], named, m, e, d->boxes[to]);
}

AM_RESULT
reshare_deal_make(const struct reshare_run *run, size_t which,
    const struct scalar *share, struct reshare_deal *out,
    struct reshare_keep *out_keep)
{
	AM_CLEANUP(polynomial_wipe) struct polynomial g = { 0 };
	reshare_keep_auto keep = { 0 };
	const struct bytes secret = { share->b, SC_BYTES },
			   plan = { run->plan, 32 };
	struct reshare_deal d = { 0 };

	if (!fits(run) || which >= run->dealers)
		return AM_ERR_INVALID;
	g.c[0] = *share;
	for (size_t m = 1; m < run->k; m++)
		hash_hedge((struct bytes){ (const uint8_t *)"deal", 4 }, secret,
		    &plan, 1, &g.c[m]);
	AM_TRY(shamir_commit(g.c, run->k, d.C));
	AM_TRY(reshare_deal_check(run, which, &d));
	for (size_t to = 0; to < run->n; to++)
		AM_TRY(seal_box(run, which, to, &g, &d, &keep.e[to]));
	*out = d;
	*out_keep = keep;
	return AM_OK;
}

AM_RESULT
reshare_deal_check(const struct reshare_run *run, size_t which,
    const struct reshare_deal *deal)
{
	if (!fits(run) || which >= run->dealers)
		return AM_ERR_INVALID;
	return pt_same(&deal->C[0], &run->source[which]) ? AM_OK
							 : AM_ERR_VERIFY;
}

/* ---- receiving */

AM_RESULT
reshare_open(const struct reshare_run *run, size_t which,
    const struct reshare_deal *deal, size_t to, const struct scalar *d,
    struct scalar *out)
{
	secret_auto *m = NULL;
	scalar_auto share = { 0 };
	uint8_t info[INFO];

	if (!fits(run) || which >= run->dealers || to >= run->n)
		return AM_ERR_INVALID;
	AM_TRY(box_open(d, box_info(run, which, to, info),
	    (struct bytes){ deal->boxes[to], RESHARE_BOX }, &m));
	AM_TRY(sc_decode(secret_bytes(m), &share));
	AM_TRY(shamir_check(deal->C, run->k, run->member[to], &share));
	*out = share;
	return AM_OK;
}

AM_RESULT
reshare_share(const struct reshare_run *run, const struct reshare_deal *deals,
    size_t to, const struct scalar *d, size_t *out_bad, struct scalar *out)
{
	scalar_auto sum = { 0 };

	for (size_t i = 0; i < run->dealers; i++) {
		scalar_auto part = { 0 };
		struct scalar lambda;

		*out_bad = i;
		AM_TRY(reshare_open(run, i, &deals[i], to, d, &part));
		AM_TRY(shamir_lambda(run->dealer, run->dealers, i, &lambda));
		sc_mul(&lambda, &part, &part);
		sc_add(&sum, &part, &sum);
	}
	*out = sum;
	return AM_OK;
}

AM_RESULT
reshare_commitments(const struct reshare_run *run,
    const struct reshare_deal *deals, struct point *out)
{
	struct scalar lambda[SHAMIR_N_MAX];

	if (!fits(run))
		return AM_ERR_INVALID;
	for (size_t i = 0; i < run->dealers; i++)
		AM_TRY(shamir_lambda(run->dealer, run->dealers, i, &lambda[i]));
	for (size_t m = 0; m < run->k; m++) {
		struct point sum, part;

		AM_TRY(pt_mul(&lambda[0], &deals[0].C[m], &sum));
		for (size_t i = 1; i < run->dealers; i++) {
			AM_TRY(pt_mul(&lambda[i], &deals[i].C[m], &part));
			AM_TRY(pt_add(&sum, &part, &sum));
		}
		out[m] = sum;
	}
	return pt_same(&out[0], &run->X) ? AM_OK : AM_ERR_VERIFY;
}

/* ---- disputes */

AM_RESULT
reshare_justify(const struct reshare_run *run, const struct reshare_deal *deal,
    size_t which, size_t to, const struct scalar *e)
{
	secret_auto *m = NULL;
	scalar_auto share = { 0 };
	uint8_t info[INFO];

	if (!fits(run) || which >= run->dealers || to >= run->n)
		return AM_ERR_INVALID;
	if (box_open_e(e, &run->pk[to], box_info(run, which, to, info),
		(struct bytes){ deal->boxes[to], RESHARE_BOX }, &m) != AM_OK ||
	    sc_decode(secret_bytes(m), &share) != AM_OK ||
	    shamir_check(deal->C, run->k, run->member[to], &share) != AM_OK)
		return AM_ERR_VERIFY;
	return AM_OK;
}
