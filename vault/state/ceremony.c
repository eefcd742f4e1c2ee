/*
 * How a safe gets its key: safe, plan, join, deal, accept (protocol.md 5).
 * Activation is a pure function of the log (R5.6): the last valid accept.
 */

#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"
#include "vault/state/rules.h"

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
	if (!rules_is_name(name, ROWS_ID_MAX))
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "the name of a safe is letters, digits, '.', '_' and '-', "
		    "at most %d",
		    ROWS_ID_MAX);
	AM_TRY(view_has(v, "safe-id", name, &taken));
	if (!taken)
		AM_TRY(view_has(v, "safe", id, &taken));
	if (taken)
		return RULES_SAY(
		    r, AM_ERR_EXISTS, "V08", "a safe named '%s' exists", s.id);
	AM_TRY(rows_index_put(v, "safe-id", name, id));
	AM_TRY(rows_index_put(v, "safe-n", rows_key(&n), id));
	r->vault.safes++;
	return rows_put_safe(v, id, &s);
}

/* ---- plan */

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

/* R5.1: setup numbers members 1..n in ascending order of person id, which
 * also makes them distinct. */
static AM_RESULT
check_members(struct rules *r, const struct rows_plan *p)
{
	struct rows_person who;

	for (size_t i = 0; i < p->n; i++) {
		bool ascending = true;

		for (size_t b = 0; i > 0 && b < 16; b++) {
			const uint8_t x = p->members[i - 1].person[b],
				      y = p->members[i].person[b];

			ascending = x < y;
			if (x != y)
				break;
		}
		if (p->members[i].index != i + 1 || !ascending)
			return RULES_SAY(r, AM_ERR_VERIFY, "R5.1",
			    "members are numbered from 1 in ascending order "
			    "of person id, each person once");
		AM_TRY(rules_person(r, p->members[i].person, &who));
		if (who.status != ROWS_ADMITTED)
			return RULES_SAY(r, AM_ERR_POLICY, "V14",
			    "'%s' has no admitted key yet; enrol one first",
			    who.id);
		if (who.kind != ROWS_OFFICIAL)
			return RULES_SAY(r, AM_ERR_POLICY, "V14",
			    "'%s' is no official, and only officials hold "
			    "shares",
			    who.id);
	}
	return AM_OK;
}

static AM_RESULT
check_dealers(struct rules *r, const struct rows_plan *p)
{
	const struct json_t *list = NULL;
	uint64_t index = 0;

	AM_TRY(canon_get_array(r->s->body, "dealers", &list));
	if (canon_size(list) != p->n)
		return RULES_SAY(
		    r, AM_ERR_VERIFY, "V14", "at setup every member deals");
	for (size_t i = 0; i < p->n; i++) {
		AM_TRY(canon_at_uint(list, i, &index));
		if (index != p->members[i].index)
			return RULES_SAY(r, AM_ERR_VERIFY, "V14",
			    "at setup every member deals");
	}
	return AM_OK;
}

/* Setup only: the source is epoch 0 of the same committee. */
static AM_RESULT
check_source(struct rules *r)
{
	static const char *const keys[] = { "committee", "epoch" };
	const struct json_t *source = NULL;
	uint32_t epoch = 0;

	AM_TRY(canon_get_object(r->s->body, "source", &source));
	if (!canon_keys_are(source, keys, 2))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_u32(source, "epoch", &epoch));
	if (!rules_text_is(r->s->body, "committee", "operating") ||
	    !rules_text_is(source, "committee", "operating") || epoch != 0)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "this version sets up operating committees only");
	return AM_OK;
}

static AM_RESULT
read_plan(struct rules *r, struct rows_plan *p)
{
	struct bytes why = { 0 };
	uint8_t nonce[32];
	uint32_t k = 0;

	AM_TRY(canon_get_hex(r->s->body, "safe", p->safe, sizeof(p->safe)));
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
	return check_source(r);
}

AM_RESULT
ceremony_plan(struct rules *r)
{
	static const uint8_t none[32];
	const struct view *v = &r->st->view;
	struct rows_plan p = { .committee = 1,
		.status = ROWS_PLANNED,
		.at = r->s->at,
		.leaf = r->leaf };
	struct rows_safe s;
	enum am_err err;

	AM_TRY(read_plan(r, &p));
	err = rows_get_safe(v, (struct bytes){ p.safe, 16 }, &s);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V14", "no such safe");
	AM_TRY(err);
	if (!bytes_same(
		(struct bytes){ s.manifest, 32 }, (struct bytes){ none, 32 }))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "safe '%s' has its committee; changing it is not in this "
		    "version",
		    s.id);
	if (p.epoch != s.epoch + 1)
		return RULES_SAY(r, AM_ERR_VERIFY, "R5.2",
		    "the next epoch of safe '%s' is %u", s.id, s.epoch + 1);
	AM_TRY(check_members(r, &p));
	AM_TRY(check_dealers(r, &p));
	memcpy(p.plan, r->s->id, sizeof(p.plan));
	memcpy(p.by, r->s->by, sizeof(p.by));
	memcpy(s.plan, r->s->id, sizeof(s.plan));
	s.epoch = p.epoch;
	AM_TRY(rows_put_safe(v, (struct bytes){ s.safe, 16 }, &s));
	return rows_put_plan(v, (struct bytes){ p.plan, 32 }, &p);
}

/* ---- steps of a plan */

struct step {
	struct rows_plan plan;
	uint16_t bit;        /* of the signer */
	struct rows_key key; /* H(plan) || index */
	uint32_t index;
};

/* A safe that another plan has activated meanwhile voids this one. */
static AM_RESULT
safe_is_free(struct rules *r, const struct rows_plan *p)
{
	static const uint8_t none[32];
	struct rows_safe s;

	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ p->safe, 16 }, &s));
	if (!bytes_same(
		(struct bytes){ s.manifest, 32 }, (struct bytes){ none, 32 }))
		return RULES_SAY(r, AM_ERR_POLICY, "R13.15",
		    "another plan of this safe became active");
	return AM_OK;
}

/* What every step shares: the plan lives, and the signer is the member at
 * that index. A step dated after `until` has no effect (R13.1). */
static AM_RESULT
read_step(struct rules *r, struct step *t)
{
	uint8_t id[32];
	enum am_err err;
	int at;

	AM_TRY(canon_get_hex(r->s->body, "plan", id, sizeof(id)));
	AM_TRY(canon_get_u32(r->s->body, "index", &t->index));
	err = rows_get_plan(
	    &r->st->view, (struct bytes){ id, sizeof(id) }, &t->plan);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V14", "no such plan");
	AM_TRY(err);
	if (t->plan.status != ROWS_PLANNED)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "V14", "this ceremony is over");
	AM_TRY(safe_is_free(r, &t->plan));
	at = manifest_position(t->plan.members, t->plan.n, r->s->by);
	if (at < 0 || t->plan.members[at].index != t->index)
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "not a member of this plan under that index");
	t->bit = (uint16_t)(1U << at);
	t->key = rows_key_with_u32((struct bytes){ id, 32 }, t->index);
	r->silent = r->s->at > t->plan.until;
	return AM_OK;
}

static uint16_t
all_of(const struct rows_plan *p)
{
	return (uint16_t)((1U << p->n) - 1);
}

static AM_RESULT
keep_plan(struct rules *r, const struct rows_plan *p)
{
	return rows_put_plan(&r->st->view, (struct bytes){ p->plan, 32 }, p);
}

AM_RESULT
ceremony_join(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct step t = { 0 };
	struct rows_join row = { 0 };
	struct point pk;
	uint8_t ph[32], proof[POSS_PROOF];
	bool known = false;

	AM_TRY(read_step(r, &t));
	AM_TRY(rules_point(r, "V13", "pk", &pk));
	AM_TRY(canon_get_b64(r->s->body, "proof", proof, sizeof(proof)));
	if (r->silent)
		return AM_OK;
	if ((t.plan.joined & t.bit) != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V14", "joined already");
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
	return keep_plan(r, &t.plan);
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
	struct point P;
	enum am_err err;

	AM_TRY(manifest_ceremony_new(&c));
	AM_TRY(manifest_load(&r->st->view, p, c));
	err = manifest_derive(r->vault.vault, p, c, &m);
	if (err == AM_ERR_VERIFY)
		return RULES_SAY(r, err, "R13.18",
		    "the sum of the commitments is the identity");
	AM_TRY(err);
	for (size_t i = 0; i < p->n; i++)
		if (manifest_public(&m, p->members[i].index, &P) != AM_OK)
			return RULES_SAY(r, AM_ERR_VERIFY, "R13.18",
			    "the public share of member %u is the identity",
			    p->members[i].index);
	memcpy(p->manifest, m.manifest, sizeof(p->manifest));
	return rows_put_manifest(
	    &r->st->view, (struct bytes){ m.manifest, 32 }, &m);
}

AM_RESULT
ceremony_deal(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct step t = { 0 };
	struct rows_deal d = { 0 };
	struct dkg_run run;

	AM_TRY(read_step(r, &t));
	d.k = t.plan.k;
	d.n = t.plan.n;
	memcpy(d.id, r->s->id, sizeof(d.id));
	AM_TRY(read_commitments(r, &d));
	AM_TRY(read_shares(r, &d));
	AM_TRY(rules_point(r, "V14", "eph", &d.deal.E));
	AM_TRY(canon_get_b64(r->s->body, "pop", d.deal.pop, DKG_SIG));
	if (r->silent)
		return AM_OK;
	if (t.plan.joined != all_of(&t.plan))
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
	if (t.plan.dealt == all_of(&t.plan))
		AM_TRY(derive(r, &t.plan));
	return keep_plan(r, &t.plan);
}

/* ---- accept and activation */

struct acceptance {
	uint8_t manifest[32], deals[32], cert[DKG_SIG];
};

/* A late step, too, has fields of the right form. */
static AM_RESULT
read_accept(struct rules *r, struct acceptance *a)
{
	const struct json_t *body = r->s->body;
	uint8_t proof[POSS_PROOF];

	AM_TRY(
	    canon_get_hex(body, "manifest", a->manifest, sizeof(a->manifest)));
	AM_TRY(canon_get_hex(body, "deals", a->deals, sizeof(a->deals)));
	AM_TRY(canon_get_b64(body, "cert", a->cert, sizeof(a->cert)));
	return canon_get_b64(body, "proof", proof, sizeof(proof));
}

static AM_RESULT
check_accept(struct rules *r, const struct step *t, const struct acceptance *a)
{
	manifest_ceremony_auto *c = NULL;
	uint8_t dealset[32], ext[64];

	AM_TRY(manifest_ceremony_new(&c));
	AM_TRY(manifest_load(&r->st->view, &t->plan, c));
	manifest_dealset(&t->plan, c, dealset);
	if (!bytes_same((struct bytes){ a->manifest, 32 },
		(struct bytes){ t->plan.manifest, 32 }) ||
	    !bytes_same(
		(struct bytes){ a->deals, 32 }, (struct bytes){ dealset, 32 }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V14",
		    "the member saw other deals than the log has");
	dkg_ext(&c->run, c->deals, ext);
	if (dkg_cert_verify(&c->run, c->deals,
		(struct bytes){ ext, sizeof(ext) }, t->index, a->cert) != AM_OK)
		return RULES_SAY(
		    r, AM_ERR_VERIFY, "V14", "the certificate does not verify");
	return AM_OK;
}

static AM_RESULT
activate(struct rules *r, struct rows_plan *p)
{
	static const uint8_t none[16];
	const struct view *v = &r->st->view;
	struct rows_safe s;

	AM_TRY(rows_get_safe(v, (struct bytes){ p->safe, 16 }, &s));
	memcpy(s.manifest, p->manifest, sizeof(s.manifest));
	s.index_max = p->members[p->n - 1].index;
	p->status = ROWS_ACTIVATED;
	if (bytes_same((struct bytes){ r->vault.governing, 16 },
		(struct bytes){ none, 16 }))
		memcpy(r->vault.governing, s.safe, sizeof(s.safe));
	return rows_put_safe(v, (struct bytes){ s.safe, 16 }, &s);
}

AM_RESULT
ceremony_accept(struct rules *r)
{
	struct step t = { 0 };
	struct acceptance a;
	struct rows_manifest m;
	struct point P;
	uint8_t ph[32];

	AM_TRY(read_step(r, &t));
	AM_TRY(read_accept(r, &a));
	if (r->silent)
		return AM_OK;
	if (t.plan.dealt != all_of(&t.plan))
		return RULES_SAY(r, AM_ERR_POLICY, "V14",
		    "acceptance comes after all deals");
	if ((t.plan.accepted & t.bit) != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V14", "accepted already");
	AM_TRY(check_accept(r, &t, &a));
	AM_TRY(rows_get_manifest(
	    &r->st->view, (struct bytes){ t.plan.manifest, 32 }, &m));
	AM_TRY(manifest_public(&m, t.index, &P));
	manifest_accept_hash(t.plan.plan, m.manifest, t.index, ph);
	AM_TRY(rules_poss(r, "V14", &P, ph, "proof"));
	t.plan.accepted |= t.bit;
	if (t.plan.accepted == all_of(&t.plan))
		AM_TRY(activate(r, &t.plan));
	return keep_plan(r, &t.plan);
}
