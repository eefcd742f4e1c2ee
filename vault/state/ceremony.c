/*
 * How a safe gets its key: safe, join, deal, accept at setup (protocol.md 5.4).
 * Activation is a pure function of the log (R5.6): the last valid accept.
 */

#include "vault/crypto/hash.h"
#include "vault/state/custody.h"
#include "vault/state/manifest.h"
#include "vault/state/plan.h"
#include "vault/state/rules.h"

static const uint8_t none[32];

/* "r-7", "m-7": ids of requests and motions. */
static bool
is_numbered(const char *id)
{
	return (id[0] == 'r' || id[0] == 'm') && id[1] == '-' &&
	    id[2] != '\0' && strspn(id + 2, "0123456789") == strlen(id + 2);
}

AM_RESULT
ceremony_safe(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct rows_safe s = { .leaf = r->leaf, .at = r->s->at };
	const struct rows_key n = rows_key_u32(r->vault.safes);
	const struct bytes id = { s.safe, sizeof(s.safe) };
	struct bytes name;
	bool taken = false;

	AM_TRY(canon_get_hex(r->s->body, "safe", s.safe, sizeof(s.safe)));
	AM_TRY(rules_new_id(r, s.safe, "safe"));
	AM_TRY(rules_text(r->s->body, "name", s.id, sizeof(s.id)));
	AM_TRY(rules_text(r->s->body, "level", s.level, sizeof(s.level)));
	name = (struct bytes){ (const uint8_t *)s.id, strlen(s.id) };
	if (!rules_is_name(name, ROWS_ID_MAX) || is_numbered(s.id))
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "the name of a safe is letters, digits, '.', '_' and '-', "
		    "at most %d, and not that of a request or motion",
		    ROWS_ID_MAX);
	if (!bytes_same((struct bytes){ r->vault.policy, 32 },
		(struct bytes){ none, 32 }) &&
	    levels_find(s.level) < 0)
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "a policy is in force, and '%s' is none of its levels",
		    s.level);
	AM_TRY(view_has(v, "safe-id", name, &taken));
	if (!taken)
		AM_TRY(view_has(v, "safe", id, &taken));
	if (taken)
		return RULES_SAY(
		    r, AM_ERR_EXISTS, "V08", "a safe named '%s' exists", s.id);
	AM_TRY(rows_index_put(v, "safe-id", name, id));
	AM_TRY(rows_index_put(v, "safe-n", rows_key(&n), id));
	r->vault.safes++;
	s.agreed = bytes_same((struct bytes){ r->vault.governing, 16 },
	    (struct bytes){ none, 16 });
	return rows_put_safe(v, id, &s);
}

/* After the founding a quorum agrees before a safe gets its key. */
static AM_RESULT
is_agreed(struct rules *r, const struct rows_plan *p)
{
	struct rows_safe s;

	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ p->safe, 16 }, &s));
	if (s.agreed != 0)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "V21",
	    "safe '%s' is proposed: the custodians of the first safe decide "
	    "whether it is made; 'amanat motions' shows the motion",
	    s.id);
}

/* ---- join: the same for setup and reshare */

AM_RESULT
ceremony_join(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct plan_step t;
	struct rows_join row = { 0 };
	struct point pk;
	uint8_t ph[32], proof[POSS_PROOF];
	bool known = false;

	AM_TRY(plan_read_step(r, PLAN_MEMBER, &t));
	AM_TRY(rules_point(r, "V13", "pk", &pk));
	AM_TRY(canon_get_b64(r->s->body, "proof", proof, sizeof(proof)));
	if (r->silent)
		return AM_OK;
	AM_TRY(is_agreed(r, &t.plan));
	if ((t.plan.joined & t.bit) != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V14", "joined already");
	AM_TRY(custody_may_join(v, &t.plan, r->s->by, r->s->at, r->why));
	AM_TRY(view_has(v, "pk", pt_bytes(&pk), &known));
	if (known)
		return RULES_SAY(r, AM_ERR_VERIFY, "R5.4",
		    "a receive key is fresh for every plan");
	manifest_join_hash(t.plan.plan, t.index, &pk, ph);
	AM_TRY(rules_poss(r, "V13", &pk, ph, "proof"));
	memcpy(row.id, r->s->id, sizeof(row.id));
	memcpy(row.pk, pk.b, sizeof(row.pk));
	t.plan.joined |= t.bit;
	AM_TRY(rows_index_put(
	    v, "pk", pt_bytes(&pk), (struct bytes){ row.id, 32 }));
	AM_TRY(rows_put_join(v, rows_key(&t.key), &row));
	return plan_keep(r, &t.plan);
}

/* ---- setup */

static AM_RESULT
is_of_setup(struct rules *r, const struct rows_plan *p)
{
	if (plan_is_setup(p))
		return AM_OK;
	return RULES_SAY(r, AM_ERR_CORRUPT, "V08",
	    "this step is not made like that at a reshare");
}

static AM_RESULT
read_commitments(struct rules *r, struct rows_deal *d)
{
	const struct json_t *list = NULL;
	uint8_t raw[PT_BYTES];

	AM_TRY(canon_get_array(r->s->body, "commitments", &list));
	if (canon_size(list) != d->k)
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "a deal has exactly k commitments (5.4)");
	for (size_t i = 0; i < d->k; i++) {
		AM_TRY(canon_at_b64(list, i, raw, sizeof(raw)));
		if (pt_decode((struct bytes){ raw, sizeof(raw) },
			&d->deal.C[i]) != AM_OK)
			return RULES_SAY(r, AM_ERR_VERIFY, "V14",
			    "a commitment is not a valid point (R2.1)");
	}
	return AM_OK;
}

static AM_RESULT
read_shares(struct rules *r, struct rows_deal *d)
{
	const struct json_t *list = NULL;

	AM_TRY(canon_get_array(r->s->body, "shares", &list));
	if (canon_size(list) != d->n)
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "a deal has exactly n shares (5.4)");
	for (size_t i = 0; i < d->n; i++)
		AM_TRY(canon_at_b64(list, i, d->deal.shares[i], DKG_SHARE));
	return AM_OK;
}

/* Once all have dealt, the manifest is known, and so is every P' (R13.18). */
static AM_RESULT
derive(struct rules *r, struct rows_plan *p)
{
	manifest_ceremony_auto *c = NULL;
	struct rows_manifest m;
	enum am_err err;

	AM_TRY(manifest_ceremony_new(&c));
	AM_TRY(manifest_load(&r->st->view, p, c));
	err = manifest_derive(r->vault.vault, p, c, &m);
	if (err == AM_ERR_VERIFY)
		return RULES_SAY(r, err, "R13.18",
		    "the sum of the commitments is the identity");
	AM_TRY(err);
	return plan_derived(r, p, &m);
}

AM_RESULT
ceremony_deal(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct plan_step t;
	struct rows_deal d = { 0 };
	struct dkg_run run;

	AM_TRY(plan_read_step(r, PLAN_DEALER, &t));
	AM_TRY(is_of_setup(r, &t.plan));
	d.k = t.plan.k;
	d.n = t.plan.n;
	memcpy(d.id, r->s->id, sizeof(d.id));
	AM_TRY(read_commitments(r, &d));
	AM_TRY(read_shares(r, &d));
	AM_TRY(rules_point(r, "V14", "eph", &d.deal.E));
	AM_TRY(canon_get_b64(r->s->body, "pop", d.deal.pop, DKG_SIG));
	if (r->silent)
		return AM_OK;
	if (t.plan.joined != plan_all(t.plan.n))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "deals come after all members have joined");
	if ((t.plan.dealt & t.bit) != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V14", "dealt already");
	AM_TRY(manifest_run(v, &t.plan, &run));
	if (dkg_pop_verify(&run, &d.deal) != AM_OK)
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "the dealer's proof of possession does not verify");
	t.plan.dealt |= t.bit;
	AM_TRY(rows_put_deal(v, rows_key(&t.key), &d));
	if (t.plan.dealt == plan_all(t.plan.n))
		AM_TRY(derive(r, &t.plan));
	return plan_keep(r, &t.plan);
}

/* ---- accept and activation */

static AM_RESULT
check_accept(struct rules *r, const struct plan_step *t,
    const struct plan_acceptance *a, const uint8_t cert[static DKG_SIG])
{
	manifest_ceremony_auto *c = NULL;
	uint8_t ext[64];

	AM_TRY(manifest_ceremony_new(&c));
	AM_TRY(manifest_load(&r->st->view, &t->plan, c));
	AM_TRY(plan_check_seen(r, &t->plan, c->deal_id, a));
	dkg_ext(&c->run, c->deals, ext);
	if (dkg_cert_verify(&c->run, c->deals,
		(struct bytes){ ext, sizeof(ext) }, t->index, cert) != AM_OK)
		return RULES_SAY(
		    r, AM_ERR_VERIFY, "V14", "the certificate does not verify");
	return AM_OK;
}

AM_RESULT
ceremony_accept(struct rules *r)
{
	struct plan_acceptance a;
	struct plan_step t;
	uint8_t cert[DKG_SIG];

	AM_TRY(plan_read_step(r, PLAN_MEMBER, &t));
	AM_TRY(is_of_setup(r, &t.plan));
	AM_TRY(plan_read_accept(r, &a));
	AM_TRY(canon_get_b64(r->s->body, "cert", cert, sizeof(cert)));
	if (r->silent)
		return AM_OK;
	AM_TRY(plan_may_accept(r, &t));
	AM_TRY(check_accept(r, &t, &a, cert));
	return plan_accept(r, &t);
}
