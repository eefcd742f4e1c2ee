#include "vault/state/plan.h"

#include "vault/state/drill.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"
#include "vault/state/tenure.h"

static const uint8_t none[32];

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

static bool
is_none(const uint8_t id[static 32])
{
	return same(id, none, 32);
}

/* ---- committees of a safe */

const uint8_t *
plan_active(const struct rows_safe *s, uint8_t committee)
{
	return manifest_active(s, committee);
}

AM_RESULT
plan_committee(const struct json_t *obj, const char *key, uint8_t *out)
{
	if (rules_text_is(obj, key, "operating"))
		*out = ROWS_OPERATING;
	else if (rules_text_is(obj, key, "recovery"))
		*out = ROWS_RECOVERY;
	else
		return AM_ERR_CORRUPT;
	return AM_OK;
}

struct rows_key
plan_epoch_key(const uint8_t safe[static 16], uint8_t committee, uint32_t epoch)
{
	const struct rows_key k = rows_key_with_text(
	    (struct bytes){ safe, 16 }, (struct bytes){ &committee, 1 });

	return rows_key_with_u32(rows_key(&k), epoch);
}

AM_RESULT
plan_proven(struct rules *r, const uint8_t manifest[static 32])
{
	const struct rows_key key = drill_proven_key(manifest, r->s->by);
	struct rows_proven p = { .at = r->s->at, .leaf = r->leaf };

	memcpy(p.manifest, manifest, sizeof(p.manifest));
	return rows_put_proven(&r->st->view, rows_key(&key), &p);
}

/* ---- reading a plan */

struct planning {
	struct rows_plan plan;
	struct rows_safe safe;
	struct rows_manifest source; /* of a reshare */
	uint32_t source_epoch;
};

static AM_RESULT
read_members(struct rules *r, struct rows_plan *p)
{
	static const char *const keys[] = { "index", "person" };
	const struct json_t *list = NULL, *one = NULL;

	AM_TRY(canon_get_array(r->s->body, "members", &list));
	if (canon_size(list) < 3 || canon_size(list) > ROWS_N_MAX)
		return RULES_SAY(r, AM_ERR_POLICY, "R5.1",
		    "a committee has 3 to 16 members, not %zu",
		    canon_size(list));
	p->n = (uint8_t)canon_size(list);
	for (size_t i = 0; i < p->n; i++) {
		AM_TRY(canon_at(list, i, &one));
		if (!canon_is_object(one) || !canon_keys_are(one, keys, 2))
			return AM_ERR_CORRUPT;
		AM_TRY(canon_get_u32(one, "index", &p->members[i].index));
		AM_TRY(canon_get_hex(one, "person", p->members[i].person, 16));
	}
	return AM_OK;
}

static AM_RESULT
read_dealers(struct rules *r, struct rows_plan *p)
{
	const struct json_t *list = NULL;
	uint64_t index = 0;

	AM_TRY(canon_get_array(r->s->body, "dealers", &list));
	if (canon_size(list) > ROWS_N_MAX)
		return AM_ERR_CORRUPT;
	p->dealer_count = (uint8_t)canon_size(list);
	for (size_t i = 0; i < p->dealer_count; i++) {
		AM_TRY(canon_at_uint(list, i, &index));
		if (index > UINT32_MAX)
			return AM_ERR_CORRUPT;
		p->dealers[i].index = (uint32_t)index;
	}
	return AM_OK;
}

static AM_RESULT
read_source(struct rules *r, struct planning *g)
{
	static const char *const keys[] = { "committee", "epoch" };
	const struct json_t *source = NULL;

	AM_TRY(canon_get_object(r->s->body, "source", &source));
	if (!canon_keys_are(source, keys, 2))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_u32(source, "epoch", &g->source_epoch));
	return plan_committee(source, "committee", &g->plan.source_committee);
}

static AM_RESULT
read_plan(struct rules *r, struct planning *g)
{
	struct rows_plan *p = &g->plan;
	struct bytes why = { 0 };
	uint8_t nonce[32];
	uint32_t k = 0;

	AM_TRY(canon_get_hex(r->s->body, "safe", p->safe, sizeof(p->safe)));
	AM_TRY(plan_committee(r->s->body, "committee", &p->committee));
	AM_TRY(canon_get_u32(r->s->body, "epoch", &p->epoch));
	AM_TRY(canon_get_u32(r->s->body, "k", &k));
	AM_TRY(canon_get_when(r->s->body, "until", &p->until));
	AM_TRY(canon_get_b64(r->s->body, "nonce", nonce, sizeof(nonce)));
	AM_TRY(canon_get_text(r->s->body, "why", &why));
	AM_TRY(read_members(r, p));
	if (k < 2 || k >= p->n)
		return RULES_SAY(r, AM_ERR_POLICY, "R5.1",
		    k < 2 ? "a quorum of %u would let one person in alone; "
			    "it is 2 at least"
			  : "a quorum of %u of %u: one lost token would lock "
			    "you out for ever; it is at most %u",
		    k, p->n, p->n - 1U);
	p->k = (uint8_t)k;
	AM_TRY(read_dealers(r, p));
	return read_source(r, g);
}

/* ---- who may be a member */

static AM_RESULT
check_person(struct rules *r, const uint8_t person[static 16])
{
	struct rows_person who;

	AM_TRY(rules_person(r, person, &who));
	if (who.status != ROWS_ADMITTED)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "'%s' has no admitted key yet; enrol one first", who.id);
	if (who.kind != ROWS_OFFICIAL)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "'%s' is no official, and only officials hold shares",
		    who.id);
	if (who.suspended != ROWS_FREE)
		return RULES_SAY(r, AM_ERR_POLICY, "V22",
		    "'%s' is suspended and takes part in no committee", who.id);
	return AM_OK;
}

static bool
ascends(const uint8_t a[static 16], const uint8_t b[static 16])
{
	for (size_t i = 0; i < 16; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}

static struct rows_key
index_key(const struct rows_plan *p, size_t i)
{
	return rows_key_with_text((struct bytes){ p->safe, 16 },
	    (struct bytes){ p->members[i].person, 16 });
}

/* R5.1, R13.16: who has had an index in this safe keeps it; the others get the
 * next ones, in ascending order of person id. So each person stands once. */
static AM_RESULT
check_members(struct rules *r, const struct planning *g)
{
	const struct rows_plan *p = &g->plan;
	const uint8_t *newcomer = NULL; /* the one before */
	uint32_t next = g->safe.index_max;

	for (size_t i = 0; i < p->n; i++) {
		const struct rows_key key = index_key(p, i);
		const struct rows_member *m = &p->members[i];
		uint8_t be[4];
		enum am_err err = rows_index_get(&r->st->view, "member-index",
		    rows_key(&key), be, sizeof(be));
		bool right;

		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
		if (err == AM_OK)
			right = rows_get_be32(be) == m->index;
		else
			right = m->index == ++next &&
			    (newcomer == NULL || ascends(newcomer, m->person));
		if (err != AM_OK)
			newcomer = m->person;
		if (!right || (i > 0 && m->index <= p->members[i - 1].index))
			return RULES_SAY(r, AM_ERR_VERIFY, "R5.1",
			    "members keep their index, newcomers are numbered "
			    "on in ascending order of person id, each person "
			    "once");
		AM_TRY(check_person(r, m->person));
	}
	return AM_OK;
}

/* ---- setup: all members deal */

static AM_RESULT
check_setup(struct rules *r, struct planning *g)
{
	struct rows_plan *p = &g->plan;

	if (!is_none(g->safe.manifest))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "safe '%s' has its committee; change it by a reshare",
		    g->safe.id);
	if (p->committee != ROWS_OPERATING ||
	    p->source_committee != ROWS_OPERATING)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "the first committee of a safe is the operating one");
	p->source_committee = 0;
	for (size_t i = 0; i < p->n; i++)
		if (p->dealer_count != p->n ||
		    p->dealers[i].index != p->members[i].index)
			return RULES_SAY(r, AM_ERR_VERIFY, "V14",
			    "at setup every member deals");
	memcpy(p->dealers, p->members, sizeof(p->dealers));
	return AM_OK;
}

/* ---- reshare */

static AM_RESULT
load_source(struct rules *r, struct planning *g)
{
	struct rows_plan *p = &g->plan;
	const uint8_t *M = plan_active(&g->safe, p->source_committee);

	if (is_none(M))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "the committee that this plan starts from does not exist");
	AM_TRY(rows_get_manifest(
	    &r->st->view, (struct bytes){ M, 32 }, &g->source));
	if (g->source.epoch != g->source_epoch)
		return RULES_SAY(r, AM_ERR_STALE, "R13.15",
		    "the plan starts from epoch %u, but %u is in force",
		    g->source_epoch, g->source.epoch);
	memcpy(p->source, M, sizeof(p->source));
	return AM_OK;
}

/* The dealers are at least k of the source, in ascending order of index, and
 * can act: a leaver is not among them (R5.8). */
static AM_RESULT
check_dealers(struct rules *r, struct planning *g)
{
	struct rows_plan *p = &g->plan;
	uint32_t last = 0;

	if (p->dealer_count < g->source.k)
		return RULES_SAY(r, AM_ERR_QUORUM, "R5.8",
		    "%u custodians of the committee before must deal, not %u",
		    g->source.k, p->dealer_count);
	for (size_t i = 0; i < p->dealer_count; i++) {
		const struct rows_member *found = NULL;

		for (size_t j = 0; j < g->source.n; j++)
			if (g->source.members[j].index == p->dealers[i].index)
				found = &g->source.members[j];
		if (found == NULL || found->index <= last)
			return RULES_SAY(r, AM_ERR_VERIFY, "V14",
			    "the dealers are distinct custodians of the "
			    "committee before, in ascending order");
		last = found->index;
		p->dealers[i] = *found;
		AM_TRY(check_person(r, found->person));
	}
	return AM_OK;
}

/* R13.17: a committee never changes so much at once that those who are new,
 * or those who leave, were a quorum. */
static AM_RESULT
check_turnover(struct rules *r, const struct planning *g)
{
	const struct rows_plan *p = &g->plan;
	size_t stay = 0;

	if (p->committee != p->source_committee)
		return AM_OK;
	for (size_t i = 0; i < p->n; i++)
		stay += manifest_position(g->source.members, g->source.n,
			    p->members[i].person) >= 0;
	if (p->n - stay >= p->k || g->source.n - stay >= g->source.k)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.17",
		    "%zu new and %zu leaving at once would be a quorum; at "
		    "most %u new and %u leaving a time: first bring in some, "
		    "and let the others go in a second plan",
		    p->n - stay, g->source.n - stay, p->k - 1U,
		    g->source.k - 1U);
	return AM_OK;
}

/* 5.1: the recovery quorum is never lower than the operating one. */
static AM_RESULT
check_quorums(struct rules *r, const struct planning *g)
{
	const struct rows_plan *p = &g->plan;
	const uint8_t *other = plan_active(&g->safe,
	    p->committee == ROWS_RECOVERY ? ROWS_OPERATING : ROWS_RECOVERY);
	struct rows_manifest m;

	if (is_none(other))
		return AM_OK;
	AM_TRY(
	    rows_get_manifest(&r->st->view, (struct bytes){ other, 32 }, &m));
	if (p->committee == ROWS_RECOVERY ? p->k < m.k : p->k > m.k)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "the quorum of the recovery committee is never lower than "
		    "that of the operating one (%u of the other)",
		    m.k);
	return AM_OK;
}

static AM_RESULT
check_reshare(struct rules *r, struct planning *g)
{
	AM_TRY(load_source(r, g));
	AM_TRY(check_dealers(r, g));
	AM_TRY(check_turnover(r, g));
	return check_quorums(r, g);
}

/* ---- the statement */

static AM_RESULT
enter(struct rules *r, struct planning *g)
{
	const struct view *v = &r->st->view;
	struct rows_plan *p = &g->plan;
	struct rows_safe *s = &g->safe;

	memcpy(p->plan, r->s->id, sizeof(p->plan));
	memcpy(p->by, r->s->by, sizeof(p->by));
	memcpy(p->base, plan_active(s, p->committee), sizeof(p->base));
	memcpy(p->before,
	    p->committee == ROWS_RECOVERY ? s->recovery_plan : s->plan,
	    sizeof(p->before));
	if (p->committee == ROWS_RECOVERY) {
		memcpy(s->recovery_plan, r->s->id, sizeof(s->recovery_plan));
		s->recovery_epoch = p->epoch;
	} else {
		memcpy(s->plan, r->s->id, sizeof(s->plan));
		s->epoch = p->epoch;
	}
	AM_TRY(rows_put_safe(v, (struct bytes){ s->safe, 16 }, s));
	return plan_keep(r, p);
}

/* Invariant 8: brings in nobody new and lowers nothing. */
static bool
narrows(const struct planning *g)
{
	const struct rows_plan *p = &g->plan;

	if (g->source_epoch == 0 || p->committee != p->source_committee ||
	    p->k < g->source.k)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (manifest_position(g->source.members, g->source.n,
			p->members[i].person) < 0)
			return false;
	return true;
}

/* Facts are never refused: who has left, is suspended or holds no post any more
 * is left out whatever follows. Leaving out somebody who can act is a choice. */
static AM_RESULT
leaves_out(struct rules *r, const struct planning *g, bool *out)
{
	for (size_t i = 0; i < g->source.n && !*out; i++) {
		struct rows_person p;
		int64_t ended = 0;

		if (manifest_position(g->plan.members, g->plan.n,
			g->source.members[i].person) >= 0)
			continue;
		AM_TRY(rules_person(r, g->source.members[i].person, &p));
		AM_TRY(tenure_valid(&r->st->view, &p, r->s->at, out, &ended));
		*out &= p.departure == 0 && p.suspended == ROWS_FREE;
	}
	return AM_OK;
}

/* X-8, R5.15: what widens access keeps the level's minimum, and waits. */
static AM_RESULT
check_widening(struct rules *r, struct planning *g)
{
	struct rows_plan *p = &g->plan;
	struct rows_rules rules;
	bool chosen = false;
	enum am_err err;

	p->deal_from = r->s->at;
	AM_TRY(ruleset_check_kept(r, &g->safe, p));
	if (narrows(g)) {
		AM_TRY(leaves_out(r, g, &chosen));
		return chosen ? ruleset_check_plan(r, &g->safe, p) : AM_OK;
	}
	AM_TRY(ruleset_check_plan(r, &g->safe, p));
	err = predicate_rules(&r->st->view, g->safe.rules, &rules);
	if (err == AM_ERR_NOT_FOUND || g->source_epoch == 0)
		return AM_OK;
	AM_TRY(err);
	p->deal_from += rules.cooloff_change;
	if (p->deal_from >= p->until)
		return RULES_SAY(r, AM_ERR_INVALID, "R5.15",
		    "the plan ends before its objection period does");
	return AM_OK;
}

AM_RESULT
plan_made(struct rules *r)
{
	struct planning g = { .plan = { .status = ROWS_PLANNED,
				  .at = r->s->at,
				  .leaf = r->leaf } };
	struct rows_plan *p = &g.plan;
	uint32_t next;
	enum am_err err;

	AM_TRY(read_plan(r, &g));
	err =
	    rows_get_safe(&r->st->view, (struct bytes){ p->safe, 16 }, &g.safe);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V14", "no such safe");
	AM_TRY(err);
	AM_TRY(g.source_epoch == 0 ? check_setup(r, &g) : check_reshare(r, &g));
	next = 1 +
	    (p->committee == ROWS_RECOVERY ? g.safe.recovery_epoch
					   : g.safe.epoch);
	if (p->epoch != next)
		return RULES_SAY(r, AM_ERR_VERIFY, "R5.2",
		    "the next epoch of that committee of safe '%s' is %u",
		    g.safe.id, next);
	AM_TRY(check_members(r, &g));
	AM_TRY(check_widening(r, &g));
	return enter(r, &g);
}

/* ---- steps */

AM_RESULT
plan_lives(struct rules *r, const struct rows_plan *p)
{
	struct rows_safe s;

	if (p->status != ROWS_PLANNED)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    p->status == ROWS_VOID ? "this plan is void"
					   : "this ceremony is over");
	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ p->safe, 16 }, &s));
	if (!same(plan_active(&s, p->committee), p->base, 32) ||
	    (!plan_is_setup(p) &&
		!same(plan_active(&s, p->source_committee), p->source, 32)))
		return RULES_SAY(r, AM_ERR_POLICY, "R13.15",
		    "another plan of this safe became active");
	return AM_OK;
}

AM_RESULT
plan_read_step(struct rules *r, enum plan_role role, struct plan_step *out)
{
	struct plan_step t = { .index = 0 };
	const struct rows_member *list;
	uint8_t id[32];
	enum am_err err;
	int at;

	AM_TRY(canon_get_hex(r->s->body, "plan", id, sizeof(id)));
	AM_TRY(canon_get_u32(r->s->body, "index", &t.index));
	err = rows_get_plan(
	    &r->st->view, (struct bytes){ id, sizeof(id) }, &t.plan);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V14", "no such plan");
	AM_TRY(err);
	AM_TRY(plan_lives(r, &t.plan));
	list = role == PLAN_DEALER ? t.plan.dealers : t.plan.members;
	at = manifest_position(list,
	    role == PLAN_DEALER ? t.plan.dealer_count : t.plan.n, r->s->by);
	if (at < 0 || list[at].index != t.index)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "not a %s of this plan under that index",
		    role == PLAN_DEALER ? "dealer" : "member");
	t.at = (size_t)at;
	t.bit = (uint16_t)(1U << at);
	t.key = rows_key_with_u32((struct bytes){ id, 32 }, t.index);
	r->silent = r->s->at > t.plan.until;
	*out = t;
	return AM_OK;
}

AM_RESULT
plan_keep(struct rules *r, const struct rows_plan *p)
{
	return rows_put_plan(&r->st->view, (struct bytes){ p->plan, 32 }, p);
}

/* ---- activation */

/* An index is used from now on, and kept for ever. */
static AM_RESULT
use_indices(struct rules *r, const struct rows_plan *p, struct rows_safe *s)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct rows_key key = index_key(p, i),
				      be = rows_key_u32(p->members[i].index);

		AM_TRY(rows_index_put(&r->st->view, "member-index",
		    rows_key(&key), rows_key(&be)));
		if (p->members[i].index > s->index_max)
			s->index_max = p->members[i].index;
	}
	return AM_OK;
}

/* R5.6: the manifest of the plan is the one in force from here on. */
static AM_RESULT
activate(struct rules *r, struct rows_plan *p)
{
	const struct view *v = &r->st->view;
	const struct rows_key epoch =
	    plan_epoch_key(p->safe, p->committee, p->epoch);
	struct rows_safe s;

	AM_TRY(rows_get_safe(v, (struct bytes){ p->safe, 16 }, &s));
	AM_TRY(use_indices(r, p, &s));
	memcpy(p->committee == ROWS_RECOVERY ? s.recovery : s.manifest,
	    p->manifest, 32);
	p->status = ROWS_ACTIVATED;
	p->end_leaf = r->leaf;
	if (same(r->vault.governing, none, 16))
		memcpy(r->vault.governing, s.safe, sizeof(s.safe));
	AM_TRY(rows_index_put(
	    v, "epoch", rows_key(&epoch), (struct bytes){ p->manifest, 32 }));
	return rows_put_safe(v, (struct bytes){ s.safe, 16 }, &s);
}

/* ---- accept */

AM_RESULT
plan_derived(
    struct rules *r, struct rows_plan *p, const struct rows_manifest *m)
{
	struct point P;

	for (size_t i = 0; i < p->n; i++)
		if (manifest_public(m, p->members[i].index, &P) != AM_OK)
			return RULES_SAY(r, AM_ERR_VERIFY, "R13.18",
			    "the public share of member %u is the identity",
			    p->members[i].index);
	memcpy(p->manifest, m->manifest, sizeof(p->manifest));
	return rows_put_manifest(
	    &r->st->view, (struct bytes){ m->manifest, 32 }, m);
}

AM_RESULT
plan_read_accept(struct rules *r, struct plan_acceptance *out)
{
	const struct json_t *body = r->s->body;
	uint8_t proof[POSS_PROOF];

	AM_TRY(canon_get_hex(
	    body, "manifest", out->manifest, sizeof(out->manifest)));
	AM_TRY(canon_get_hex(body, "deals", out->deals, sizeof(out->deals)));
	return canon_get_b64(body, "proof", proof, sizeof(proof));
}

AM_RESULT
plan_may_accept(struct rules *r, const struct plan_step *t)
{
	if (t->plan.dealt != plan_all(t->plan.dealer_count))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "acceptance comes after all deals");
	if ((t->plan.accepted & t->bit) != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V14", "accepted already");
	return AM_OK;
}

AM_RESULT
plan_check_seen(struct rules *r, const struct rows_plan *p,
    const uint8_t deal_id[][32], const struct plan_acceptance *a)
{
	uint8_t dealset[32];

	manifest_dealset(p, deal_id, dealset);
	if (!same(a->manifest, p->manifest, 32) || !same(a->deals, dealset, 32))
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "the member saw other deals than the log has");
	return AM_OK;
}

AM_RESULT
plan_accept(struct rules *r, struct plan_step *t)
{
	struct rows_plan *p = &t->plan;
	struct rows_manifest m;
	struct point P;
	uint8_t ph[32];

	AM_TRY(rows_get_manifest(
	    &r->st->view, (struct bytes){ p->manifest, 32 }, &m));
	AM_TRY(manifest_public(&m, t->index, &P));
	manifest_accept_hash(p->plan, m.manifest, t->index, ph);
	AM_TRY(rules_poss(r, "V14", &P, ph, "proof"));
	p->accepted |= t->bit;
	AM_TRY(plan_proven(r, m.manifest));
	r->by.accepted = r->s->at; /* and with the share its duties (C-1) */
	AM_TRY(rows_put_person(
	    &r->st->view, (struct bytes){ r->by.person, 16 }, &r->by));
	if (p->accepted == plan_all(p->n))
		AM_TRY(activate(r, p));
	return plan_keep(r, p);
}
