/*
 * How a committee hands its key to the next one (protocol.md 5.5 to 5.7): deal
 * and accept of a reshare, abort, complain and justify, and the claim that an
 * old share was erased.
 */

#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"
#include "vault/state/plan.h"
#include "vault/state/rules.h"

static const uint8_t none[32];

static bool
same32(const uint8_t a[static 32], const uint8_t b[static 32])
{
	return bytes_same((struct bytes){ a, 32 }, (struct bytes){ b, 32 });
}

static AM_RESULT
is_of_reshare(struct rules *r, const struct rows_plan *p)
{
	if (!plan_is_setup(p))
		return AM_OK;
	return RULES_SAY(r, AM_ERR_CORRUPT, "V08",
	    "this step is not made like that at setup");
}

/* ---- deal */

static AM_RESULT
read_deal(struct rules *r, struct rows_redeal *d)
{
	const struct json_t *points = NULL, *boxes = NULL;
	uint8_t raw[PT_BYTES];

	AM_TRY(canon_get_array(r->s->body, "commitments", &points));
	AM_TRY(canon_get_array(r->s->body, "boxes", &boxes));
	if (canon_size(points) != d->k || canon_size(boxes) != d->n)
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "a deal has exactly k commitments and n boxes (5.5)");
	for (size_t i = 0; i < d->k; i++) {
		AM_TRY(canon_at_b64(points, i, raw, sizeof(raw)));
		if (pt_decode((struct bytes){ raw, sizeof(raw) },
			&d->deal.C[i]) != AM_OK)
			return RULES_SAY(r, AM_ERR_VERIFY, "V14",
			    "a commitment is not a valid point (R2.1)");
	}
	for (size_t i = 0; i < d->n; i++)
		AM_TRY(canon_at_b64(boxes, i, d->deal.boxes[i], RESHARE_BOX));
	return AM_OK;
}

/* Once all have dealt, the manifest is known; the key stays the same (V14). */
static AM_RESULT
derive(struct rules *r, struct rows_plan *p)
{
	manifest_reshare_auto *c = NULL;
	struct rows_manifest m;
	enum am_err err;

	AM_TRY(manifest_reshare_new(&c));
	AM_TRY(manifest_reshare_load(&r->st->view, p, c));
	err = manifest_reshare_derive(r->vault.vault, p, c, &m);
	if (err == AM_ERR_VERIFY)
		return RULES_SAY(r, err, "V14",
		    "the deals together do not give the key of the safe");
	AM_TRY(err);
	return plan_derived(r, p, &m);
}

static AM_RESULT
too_early(struct rules *r, const struct rows_plan *p)
{
	char when[WHEN_TEXT_LEN + 1];

	when_text(p->deal_from, when);
	return RULES_SAY(r, AM_ERR_COOL_OFF, "R5.15",
	    "whoever is to come in can be objected to until %s; the deals of "
	    "this plan are made then",
	    when);
}

AM_RESULT
succession_deal(struct rules *r)
{
	struct plan_step t;
	struct rows_redeal d = { 0 };
	struct reshare_run run;

	AM_TRY(plan_read_step(r, PLAN_DEALER, &t));
	AM_TRY(is_of_reshare(r, &t.plan));
	d.k = t.plan.k;
	d.n = t.plan.n;
	memcpy(d.id, r->s->id, sizeof(d.id));
	AM_TRY(read_deal(r, &d));
	if (r->silent)
		return AM_OK;
	if (t.plan.joined != plan_all(t.plan.n))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "deals come after all members have joined");
	if ((t.plan.dealt & t.bit) != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V14", "dealt already");
	if (r->s->at < t.plan.deal_from)
		return too_early(r, &t.plan);
	AM_TRY(manifest_reshare_run(&r->st->view, &t.plan, &run));
	if (reshare_deal_check(&run, t.at, &d.deal) != AM_OK)
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "the constant term is not the public share of the dealer");
	t.plan.dealt |= t.bit;
	AM_TRY(rows_put_redeal(&r->st->view, rows_key(&t.key), &d));
	if (t.plan.dealt == plan_all(t.plan.dealer_count))
		AM_TRY(derive(r, &t.plan));
	return plan_keep(r, &t.plan);
}

/* ---- accept */

AM_RESULT
succession_accept(struct rules *r)
{
	manifest_reshare_auto *c = NULL;
	struct plan_acceptance a;
	struct plan_step t;

	AM_TRY(plan_read_step(r, PLAN_MEMBER, &t));
	AM_TRY(is_of_reshare(r, &t.plan));
	AM_TRY(plan_read_accept(r, &a));
	if (r->silent)
		return AM_OK;
	AM_TRY(plan_may_accept(r, &t));
	AM_TRY(manifest_reshare_new(&c));
	AM_TRY(manifest_reshare_load(&r->st->view, &t.plan, c));
	AM_TRY(plan_check_seen(r, &t.plan, c->deal_id, &a));
	return plan_accept(r, &t);
}

/* ---- giving a plan up */

static AM_RESULT
read_plan(struct rules *r, const char *key, struct rows_plan *out)
{
	uint8_t id[32];
	enum am_err err;

	AM_TRY(canon_get_hex(r->s->body, key, id, sizeof(id)));
	err =
	    rows_get_plan(&r->st->view, (struct bytes){ id, sizeof(id) }, out);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V14", "no such plan");
	return err;
}

AM_RESULT
succession_abort(struct rules *r)
{
	struct rows_plan p;
	struct bytes why = { 0 };

	AM_TRY(read_plan(r, "plan", &p));
	AM_TRY(canon_get_text(r->s->body, "why", &why));
	AM_TRY(plan_lives(r, &p));
	if (!bytes_same(
		(struct bytes){ p.by, 16 }, (struct bytes){ r->s->by, 16 }) &&
	    manifest_position(p.members, p.n, r->s->by) < 0 &&
	    manifest_position(p.dealers, p.dealer_count, r->s->by) < 0)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "only who planned it, deals or becomes a member gives a "
		    "plan up");
	if (r->s->at > p.until)
		return AM_OK; /* R13.1: over anyway */
	p.status = ROWS_VOID;
	p.end_leaf = r->leaf;
	return plan_keep(r, &p);
}

/* ---- complaints (5.6) */

/* The dealer of the plan whose deal has H `id`. */
static AM_RESULT
find_deal(struct rules *r, const struct rows_plan *p,
    const uint8_t id[static 32], uint32_t *out_index)
{
	for (size_t i = 0; i < p->dealer_count; i++) {
		const struct rows_key key = rows_key_with_u32(
		    (struct bytes){ p->plan, 32 }, p->dealers[i].index);
		struct rows_redeal again;
		struct rows_deal first;
		const uint8_t *deal = plan_is_setup(p) ? first.id : again.id;

		if ((p->dealt >> i & 1) == 0)
			continue;
		AM_TRY(plan_is_setup(p)
			? rows_get_deal(&r->st->view, rows_key(&key), &first)
			: rows_get_redeal(
			      &r->st->view, rows_key(&key), &again));
		if (same32(deal, id)) {
			*out_index = p->dealers[i].index;
			return AM_OK;
		}
	}
	return RULES_SAY(r, AM_ERR_VERIFY, "R13.18",
	    "the complaint names no deal of its plan");
}

AM_RESULT
succession_complain(struct rules *r)
{
	struct rows_complaint c = { .leaf = r->leaf };
	struct rows_plan p;
	struct bytes what = { 0 };
	uint8_t deal[32];
	int at;

	AM_TRY(read_plan(r, "plan", &p));
	AM_TRY(canon_get_hex(r->s->body, "deal", deal, sizeof(deal)));
	AM_TRY(canon_get_u32(r->s->body, "index", &c.index));
	AM_TRY(canon_get_text(r->s->body, "what", &what));
	at = manifest_position(p.members, p.n, r->s->by);
	if (at < 0 || p.members[at].index != c.index)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.18",
		    "not a member of this plan under that index");
	AM_TRY(find_deal(r, &p, deal, &c.dealer));
	if (!same32(p.complaint, none) || r->s->at > p.until)
		return AM_OK; /* R13.1: only the first is judged */
	AM_TRY(plan_lives(r, &p));
	p.status = ROWS_VOID;
	p.end_leaf = r->leaf;
	memcpy(p.complaint, r->s->id, sizeof(p.complaint));
	memcpy(c.complaint, r->s->id, sizeof(c.complaint));
	memcpy(c.plan, p.plan, sizeof(c.plan));
	memcpy(c.by, r->s->by, sizeof(c.by));
	AM_TRY(rows_put_complaint(
	    &r->st->view, (struct bytes){ c.complaint, 32 }, &c));
	return plan_keep(r, &p);
}

static size_t
position(const struct rows_member *list, size_t n, uint32_t index)
{
	size_t i = 0;

	while (i < n && list[i].index != index)
		i++;
	return i;
}

static AM_RESULT
judge(struct rules *r, const struct rows_plan *p, struct rows_complaint *c)
{
	const size_t which = position(p->dealers, p->dealer_count, c->dealer),
		     to = position(p->members, p->n, c->index);
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ p->plan, 32 }, c->dealer);
	struct reshare_run run;
	struct rows_redeal d;
	struct scalar e;
	uint8_t raw[SC_BYTES];

	AM_TRY(canon_get_b64(r->s->body, "e", raw, sizeof(raw)));
	if (sc_decode_nonzero((struct bytes){ raw, sizeof(raw) }, &e) != AM_OK)
		return RULES_SAY(r, AM_ERR_VERIFY, "V15",
		    "'e' is not a valid scalar (R2.1)");
	AM_TRY(rows_get_redeal(&r->st->view, rows_key(&key), &d));
	AM_TRY(manifest_reshare_run(&r->st->view, p, &run));
	c->fault = reshare_justify(&run, &d.deal, which, to, &e) == AM_OK
	    ? ROWS_COMPLAINER
	    : ROWS_DEALER;
	return AM_OK;
}

AM_RESULT
succession_justify(struct rules *r)
{
	struct rows_complaint c;
	struct rows_plan p;
	uint8_t id[32];
	enum am_err err;
	int at;

	AM_TRY(canon_get_hex(r->s->body, "complaint", id, sizeof(id)));
	err = rows_get_complaint(
	    &r->st->view, (struct bytes){ id, sizeof(id) }, &c);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V15", "no such complaint");
	AM_TRY(err);
	AM_TRY(rows_get_plan(&r->st->view, (struct bytes){ c.plan, 32 }, &p));
	AM_TRY(is_of_reshare(r, &p));
	at = manifest_position(p.dealers, p.dealer_count, r->s->by);
	if (at < 0 || p.dealers[at].index != c.dealer)
		return RULES_SAY(r, AM_ERR_POLICY, "V15",
		    "only the dealer who is blamed answers");
	if (c.fault != ROWS_UNDECIDED || r->s->at > p.until)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.18",
		    "one answer a complaint, before the plan ends");
	AM_TRY(judge(r, &p, &c));
	return rows_put_complaint(
	    &r->st->view, (struct bytes){ c.complaint, 32 }, &c);
}

/* ---- erased (R5.7): a claim, nothing more */

AM_RESULT
succession_erased(struct rules *r)
{
	const struct view *v = &r->st->view;
	uint8_t safe[16], M[32], committee = 0;
	uint32_t epoch = 0;
	struct rows_manifest m;
	struct rows_safe s;
	struct rows_key key, leaf;

	AM_TRY(canon_get_hex(r->s->body, "safe", safe, sizeof(safe)));
	AM_TRY(plan_committee(r->s->body, "committee", &committee));
	AM_TRY(canon_get_u32(r->s->body, "epoch", &epoch));
	key = plan_epoch_key(safe, committee, epoch);
	if (rows_get_safe(v, (struct bytes){ safe, 16 }, &s) != AM_OK ||
	    rows_index_get(v, "epoch", rows_key(&key), M, sizeof(M)) != AM_OK)
		return RULES_SAY(
		    r, AM_ERR_NOT_FOUND, "R5.7", "there was no such epoch");
	AM_TRY(rows_get_manifest(v, (struct bytes){ M, 32 }, &m));
	if (manifest_position(m.members, m.n, r->s->by) < 0)
		return RULES_SAY(r, AM_ERR_POLICY, "R5.7",
		    "only a custodian of that epoch had a share to erase");
	if (same32(plan_active(&s, committee), M))
		return RULES_SAY(r, AM_ERR_POLICY, "R5.7",
		    "the share of an epoch in force is never erased");
	key =
	    rows_key_with_text(rows_key(&key), (struct bytes){ r->s->by, 16 });
	leaf = rows_key_with_u64((struct bytes){ NULL, 0 }, r->leaf);
	return rows_index_put(v, "erased", rows_key(&key), rows_key(&leaf));
}
