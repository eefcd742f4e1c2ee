#include "vault/acts/setup.h"

#include "vault/state/manifest.h"

static AM_RESULT
load_run(const struct turn *u, struct dkg_run *run)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	return manifest_run(&v, u->plan, run);
}

AM_RESULT
setup_deal(const struct turn *u, const struct scalar *d, struct json_t *body)
{
	canon_auto *points = canon_array(), *shares = canon_array();
	struct dkg_run run;
	struct dkg_deal deal;

	AM_TRY(load_run(u, &run));
	AM_TRY(dkg_deal_make(&run, u->index, d, &deal));
	for (size_t i = 0; i < run.k; i++)
		AM_TRY(canon_push(points, canon_b64(pt_bytes(&deal.C[i]))));
	for (size_t i = 0; i < run.n; i++)
		AM_TRY(canon_push(shares,
		    canon_b64((struct bytes){ deal.shares[i], DKG_SHARE })));
	AM_TRY(canon_set(body, "commitments", AM_TAKE(points)));
	AM_TRY(canon_set(
	    body, "pop", canon_b64((struct bytes){ deal.pop, DKG_SIG })));
	AM_TRY(canon_set(body, "eph", canon_b64(pt_bytes(&deal.E))));
	return canon_set(body, "shares", AM_TAKE(shares));
}

/* Opens all deals, checking each; the sum is the share (R5.5). */
static AM_RESULT
collect(const struct turn *u, const struct manifest_ceremony *c,
    const struct scalar *d, size_t *out_bad, struct scalar *out)
{
	scalar_auto sum = { 0 };

	for (uint32_t i = 1; i <= c->run.n; i++) {
		scalar_auto part = { 0 };

		*out_bad = i - 1;
		if (dkg_share_open(&c->run, i, &c->deals[i - 1], u->index, d,
			&part) != AM_OK)
			return turn_bad_deal(u, i - 1);
		sc_add(&sum, &part, &sum);
	}
	*out_bad = SIZE_MAX;
	*out = sum;
	return AM_OK;
}

static AM_RESULT
load(const struct turn *u, struct manifest_ceremony *c)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	return manifest_load(&v, u->plan, c);
}

AM_RESULT
setup_accept(const struct turn *u, const struct scalar *d, size_t *out_bad,
    struct turn_acceptance *out)
{
	manifest_ceremony_auto *c = NULL;
	uint8_t ext[64];

	AM_TRY(manifest_ceremony_new(&c));
	AM_TRY(load(u, c));
	AM_TRY(manifest_derive(u->s->vault.vault, u->plan, c, &out->manifest));
	memcpy(out->deal_id, c->deal_id, sizeof(out->deal_id));
	AM_TRY(collect(u, c, d, out_bad, &out->share));
	AM_TRY(turn_check_share(u, &out->manifest, &out->share));
	dkg_ext(&c->run, c->deals, ext);
	out->has_cert = true;
	return dkg_cert_make(&c->run, c->deals,
	    (struct bytes){ ext, sizeof(ext) }, u->index, d, out->cert);
}
