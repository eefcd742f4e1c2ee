#include <sodium.h>

#include "vault/acts/handover.h"

#include "vault/acts/lookup.h"
#include "vault/acts/proven.h"
#include "vault/crypto/box.h"
#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"

static AM_RESULT
load_manifest(
    struct session *s, const uint8_t M[static 32], struct rows_manifest *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	return rows_get_manifest(&v, (struct bytes){ M, 32 }, out);
}

/* ---- what a dealer keeps: T("deal") || H(plan) || u32 dealer, the one that
 * names no receiver */

enum { INFO = sizeof("amanat/1 deal") + 32 + 4 };

struct kept {
	uint8_t key[32 + 4], info[INFO];
	uint8_t box[SHAMIR_N_MAX * SC_BYTES + BOX_EXTRA];
	size_t len;
};

static void
name_kept(const struct rows_plan *p, uint32_t dealer, struct kept *out)
{
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ p->plan, 32 }, dealer);
	const struct bytes tag = HASH_T("deal");

	memcpy(out->key, key.b, sizeof(out->key));
	memcpy(out->info, tag.p, tag.len);
	memcpy(out->info + tag.len, key.b, sizeof(out->key));
}

static AM_RESULT
keep(const struct turn *u, const struct reshare_keep *keep, struct kept *out)
{
	struct bytes m = { (const uint8_t *)keep->e,
		(size_t)u->plan->n * SC_BYTES };
	struct point pk;

	name_kept(u->plan, u->index, out);
	AM_TRY(pt_decode((struct bytes){ u->k->person.pk, 32 }, &pk));
	out->len = m.len + BOX_EXTRA;
	return box_seal(&pk, (struct bytes){ out->info, INFO }, m, out->box);
}

static void
forget(const struct rows_plan *plan, struct post *p)
{
	for (size_t i = 0; i < plan->dealer_count; i++)
		post_blob_drop(p, "e",
		    rows_key_with_u32((struct bytes){ plan->plan, 32 },
			plan->dealers[i].index));
}

/* A plan and those before it, as far as none was in force. */
static AM_RESULT
forget_chain(const struct turn *u, const struct view *v,
    const struct owed_plan *newest, struct post *p)
{
	struct owed_plan old = *newest;
	enum am_err err = AM_OK;

	while (err == AM_OK) {
		forget(&old.plan, p);
		err = owed_plan_before(
		    v, &u->safe, &old.plan, session_now(u->s), &old);
		if (err == AM_OK && old.state == OWED_ACTIVE)
			return AM_OK;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
handover_forget(const struct turn *u, struct post *p)
{
	const uint8_t other = u->plan->committee == ROWS_RECOVERY
	    ? ROWS_OPERATING
	    : ROWS_RECOVERY;
	store_txn_auto *t = NULL;
	struct owed_plan o;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(forget_chain(u, &v, &u->owed.plan, p));
	AM_TRY(owed_plan_of(&v, &u->safe, other, session_now(u->s), &o));
	if (o.state == OWED_UNPLANNED || o.state == OWED_ACTIVE ||
	    o.plan.source_committee != u->plan->committee)
		return AM_OK;
	return forget_chain(u, &v, &o, p); /* overtaken by this one */
}

/* ---- deal */

/* A statement of the log by its id, from the person it must be of. */
static AM_RESULT
read_signed(const struct turn *u, struct store_txn *t,
    const uint8_t id[static 32], const uint8_t by[static 16],
    struct statement *out)
{
	const struct view v = view_store(t);
	uint8_t be[8];

	AM_TRY(rows_index_get(
	    &v, "seen", (struct bytes){ id, 32 }, be, sizeof(be)));
	AM_TRY(proven_read(u->s, t, rows_get_be64(be), id, out));
	if (!bytes_same(
		(struct bytes){ out->by, 16 }, (struct bytes){ by, 16 }))
		return why_say(u->s->why, AM_ERR_VERIFY, "V09",
		    "the log has this plan from others than the tables say; "
		    "run 'amanat doctor'");
	return AM_OK;
}

static bool
is_member(const struct json_t *list, size_t i, const struct rows_member *want)
{
	const struct json_t *one = NULL;
	uint8_t person[16];
	uint32_t index = 0;

	return canon_at(list, i, &one) == AM_OK &&
	    canon_get_u32(one, "index", &index) == AM_OK &&
	    canon_get_hex(one, "person", person, sizeof(person)) == AM_OK &&
	    index == want->index &&
	    bytes_same((struct bytes){ person, 16 },
		(struct bytes){ want->person, 16 });
}

/* R5.8: a deal is consent to the plan as it was signed, not as a table has it. */
static AM_RESULT
check_plan(const struct turn *u, struct store_txn *t)
{
	const struct rows_plan *p = u->plan;
	const struct json_t *list = NULL;
	statement_auto s = { 0 };
	uint32_t k = 0;
	bool same;

	AM_TRY(read_signed(u, t, p->plan, p->by, &s));
	AM_TRY(canon_get_u32(s.body, "k", &k));
	AM_TRY(canon_get_array(s.body, "members", &list));
	same = k == p->k && canon_size(list) == p->n;
	for (size_t i = 0; same && i < p->n; i++)
		same = is_member(list, i, &p->members[i]);
	if (!same)
		return why_say(u->s->why, AM_ERR_VERIFY, "R5.8",
		    "the plan that was signed has other people than the tables "
		    "say; do not deal, and run 'amanat doctor'");
	return AM_OK;
}

/* What is dealt can be opened with the join keys, so each is taken from what
 * its member signed. */
static AM_RESULT
check_joins(
    const struct turn *u, struct store_txn *t, const struct reshare_run *run)
{
	const struct view v = view_store(t);

	for (size_t i = 0; i < u->plan->n; i++) {
		const struct rows_member *m = &u->plan->members[i];
		const struct rows_key key = rows_key_with_u32(
		    (struct bytes){ u->plan->plan, 32 }, m->index);
		statement_auto s = { 0 };
		uint8_t plan[32], pk[32];
		struct rows_join j;

		AM_TRY(rows_get_join(&v, rows_key(&key), &j));
		AM_TRY(read_signed(u, t, j.id, m->person, &s));
		AM_TRY(canon_get_hex(s.body, "plan", plan, sizeof(plan)));
		AM_TRY(canon_get_b64(s.body, "pk", pk, sizeof(pk)));
		if (!bytes_same((struct bytes){ plan, 32 },
			(struct bytes){ u->plan->plan, 32 }) ||
		    !bytes_same(
			(struct bytes){ pk, 32 }, pt_bytes(&run->pk[i])))
			return why_say(u->s->why, AM_ERR_VERIFY, "V13",
			    "a member signed another join key than the tables "
			    "say; do not deal, and run 'amanat doctor'");
	}
	return AM_OK;
}

/* The share that is dealt: of the committee that the plan starts from. */
static AM_RESULT
unlock_source(const struct turn *u, struct keys_member *out)
{
	struct rows_manifest source;
	struct bag_purpose purpose;
	secret_auto *prf = NULL;

	AM_TRY(load_manifest(u->s, u->plan->source, &source));
	purpose = keys_member_purpose(u->s, u->k->row.person, u->plan->safe,
	    source.committee, source.epoch);
	AM_TRY(keys_unlock(u->s, u->k, &purpose, "to unlock your share", &prf));
	return keys_read_share(u->s, u->k, &purpose, prf, source.manifest, out);
}

static AM_RESULT
load_run(const struct turn *u, struct reshare_run *run)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(check_plan(u, t));
	AM_TRY(manifest_reshare_run(&v, u->plan, run));
	return check_joins(u, t, run);
}

static AM_RESULT
set_deal(struct json_t *body, const struct reshare_run *run,
    const struct reshare_deal *d)
{
	canon_auto *points = canon_array(), *boxes = canon_array();

	for (size_t i = 0; i < run->k; i++)
		AM_TRY(canon_push(points, canon_b64(pt_bytes(&d->C[i]))));
	for (size_t i = 0; i < run->n; i++)
		AM_TRY(canon_push(boxes,
		    canon_b64((struct bytes){ d->boxes[i], RESHARE_BOX })));
	AM_TRY(canon_set(body, "commitments", AM_TAKE(points)));
	return canon_set(body, "boxes", AM_TAKE(boxes));
}

AM_RESULT
handover_deal(const struct turn *u)
{
	const int at = manifest_position(
	    u->plan->dealers, u->plan->dealer_count, u->k->row.person);
	reshare_keep_auto e = { 0 };
	keys_member_auto m = { 0 };
	canon_auto *body = NULL;
	post_auto p = { .s = u->s };
	struct reshare_run run;
	struct reshare_deal deal;
	struct kept kept;

	AM_TRY(load_run(u, &run));
	AM_TRY(unlock_source(u, &m));
	AM_TRY(reshare_deal_make(&run, (size_t)at, &m.scalar, &deal, &e));
	AM_TRY(keep(u, &e, &kept));
	AM_TRY(turn_body(u, "deal", &body));
	AM_TRY(set_deal(body, &run, &deal));
	AM_TRY(post_add(&p, AM_TAKE(body), turn_cred(u)));
	post_blob_add(&p, "e", (struct bytes){ kept.key, sizeof(kept.key) },
	    (struct bytes){ kept.box, kept.len });
	return post_all(&p, u->k, "to deal your part of the key");
}

/* ---- accept */

static AM_RESULT
load(const struct turn *u, struct manifest_reshare *c)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	return manifest_reshare_load(&v, u->plan, c);
}

AM_RESULT
handover_accept(const struct turn *u, const struct scalar *d, size_t *out_bad,
    struct turn_acceptance *out)
{
	const int to =
	    manifest_position(u->plan->members, u->plan->n, u->k->row.person);
	manifest_reshare_auto *c = NULL;
	enum am_err err;

	AM_TRY(manifest_reshare_new(&c));
	AM_TRY(load(u, c));
	AM_TRY(manifest_reshare_derive(
	    u->s->vault.vault, u->plan, c, &out->manifest));
	memcpy(out->deal_id, c->deal_id, sizeof(out->deal_id));
	err = reshare_share(
	    &c->run, c->deals, (size_t)to, d, out_bad, &out->share);
	if (err == AM_ERR_CORRUPT || err == AM_ERR_VERIFY)
		return turn_bad_deal(u, *out_bad);
	*out_bad = SIZE_MAX;
	AM_TRY(err);
	return turn_check_share(u, &out->manifest, &out->share);
}

/* ---- the answer to a complaint */

static AM_RESULT
read_kept(const struct turn *u, struct kept *name, struct blob *out)
{
	store_txn_auto *t = NULL;
	enum am_err err;

	name_kept(u->plan, u->index, name);
	AM_TRY(store_begin(u->s->store, false, &t));
	err = store_blob_get(
	    t, "e", (struct bytes){ name->key, sizeof(name->key) }, out);
	if (err == AM_ERR_NOT_FOUND)
		return why_say(u->s->why, AM_ERR_INCOMPLETE, "R5.11",
		    "what you kept of your deal is not in this vault any more; "
		    "without it you cannot answer");
	return err;
}

/* The e of the box of the member who complained. */
static AM_RESULT
unlock_e(const struct turn *u, size_t to, struct scalar *out)
{
	const struct bag_purpose p =
	    keys_identity_purpose(u->s, u->k->row.person);
	secret_auto *prf = NULL, *plain = NULL;
	blob_auto box = { 0 };
	scalar_auto d = { 0 };
	struct kept name;
	struct bytes e;

	AM_TRY(read_kept(u, &name, &box));
	AM_TRY(keys_unlock(
	    u->s, u->k, &p, "to unlock what you kept of your deal", &prf));
	AM_TRY(keys_read_identity(u->s, u->k, prf, &d));
	AM_TRY(box_open(
	    &d, (struct bytes){ name.info, INFO }, blob_bytes(&box), &plain));
	e = secret_bytes(plain);
	if (e.len != (size_t)u->plan->n * SC_BYTES)
		return AM_ERR_CORRUPT;
	return sc_decode_nonzero(
	    (struct bytes){ e.p + to * SC_BYTES, SC_BYTES }, out);
}

AM_RESULT
handover_justify(const struct turn *u)
{
	const struct rows_complaint *c = &u->owed.plan.complaint;
	canon_auto *body = NULL;
	scalar_auto e = { 0 };
	size_t to = 0;

	while (to < u->plan->n && u->plan->members[to].index != c->index)
		to++;
	if (to == u->plan->n)
		return AM_ERR_CORRUPT;
	AM_TRY(unlock_e(u, to, &e));
	AM_TRY(post_body(u->s, "justify", u->k->row.person, &body));
	AM_TRY(canon_set(
	    body, "complaint", canon_hex((struct bytes){ c->complaint, 32 })));
	AM_TRY(
	    canon_set(body, "e", canon_b64((struct bytes){ e.b, SC_BYTES })));
	return turn_post(u, AM_TAKE(body), "to answer the complaint");
}

/* ---- erasing */

/* Bit of the member who signed `s`, when it accepts the plan. */
static uint16_t
accepter(const struct statement *s, const struct rows_plan *p)
{
	uint8_t plan[32];
	int at;

	if (strcmp(s->kind, "accept") != 0 ||
	    canon_get_hex(s->body, "plan", plan, sizeof(plan)) != AM_OK ||
	    !bytes_same(
		(struct bytes){ plan, 32 }, (struct bytes){ p->plan, 32 }))
		return 0;
	at = manifest_position(p->members, p->n, s->by);
	return (uint16_t)(at < 0 ? 0U : 1U << at);
}

/* An acceptance at `leaf`, signed by its member; 0: something else, such as
 * one of many deposits, which is not even parsed. */
static AM_RESULT
accepted_at(const struct turn *u, struct store_txn *t,
    const struct rows_plan *p, uint64_t leaf, uint16_t *out)
{
	static const char word[] = "\"kind\":\"accept\"";
	statement_auto s = { 0 }, proven = { 0 };
	blob_auto line = { 0 };

	*out = 0;
	AM_TRY(store_log_read(t, leaf, &line));
	if (memmem(line.p, line.len, word, sizeof(word) - 1) == NULL)
		return AM_OK;
	AM_TRY(statement_parse(blob_bytes(&line), u->s->why, &s));
	if (accepter(&s, p) == 0)
		return AM_OK;
	AM_TRY(proven_read(u->s, t, leaf, s.id, &proven));
	*out = accepter(&proven, p);
	return AM_OK;
}

/* All acceptances of the plan stand in the verified log, each signed by its
 * member: on nobody's word but theirs is a share erased (R5.7). */
static AM_RESULT
check_activation(
    const struct turn *u, struct store_txn *t, const struct rows_plan *p)
{
	uint16_t seen = 0;

	for (uint64_t leaf = p->leaf + 1; leaf <= p->end_leaf; leaf++) {
		uint16_t bit = 0;

		AM_TRY(accepted_at(u, t, p, leaf, &bit));
		seen |= bit;
	}
	if (seen != (uint16_t)((1U << p->n) - 1))
		return why_say(u->s->why, AM_ERR_VERIFY, "R5.7",
		    "the log does not show that all have accepted the next "
		    "epoch; nothing is erased: run 'amanat doctor'");
	return AM_OK;
}

static AM_RESULT
load_active(const struct turn *u, struct rows_manifest *out)
{
	store_txn_auto *t = NULL;
	struct rows_plan p;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_manifest(&v,
	    (struct bytes){ manifest_active(&u->safe, u->owed.committee), 32 },
	    out));
	AM_TRY(rows_get_plan(&v, (struct bytes){ out->plan, 32 }, &p));
	return check_activation(u, t, &p);
}

/* One who stays has the share of the epoch in force in hand before. */
static AM_RESULT
check_holds(const struct turn *u, const struct rows_manifest *m)
{
	const struct bag_purpose purpose = keys_member_purpose(
	    u->s, u->k->row.person, m->safe, m->committee, m->epoch);
	keys_member_auto share = { 0 };
	secret_auto *prf = NULL;

	if (manifest_position(m->members, m->n, u->k->row.person) < 0)
		return AM_OK;
	AM_TRY(keys_unlock(
	    u->s, u->k, &purpose, "to see that your new share opens", &prf));
	return keys_read_share(u->s, u->k, &purpose, prf, m->manifest, &share);
}

static AM_RESULT
erased_body(const struct turn *u, struct json_t **out)
{
	const struct rows_manifest *old = &u->owed.old;
	canon_auto *body = NULL;

	AM_TRY(post_body(u->s, "erased", u->k->row.person, &body));
	AM_TRY(canon_set(
	    body, "safe", canon_hex((struct bytes){ old->safe, 16 })));
	AM_TRY(canon_set(body, "committee",
	    canon_str(
		old->committee == ROWS_RECOVERY ? "recovery" : "operating")));
	AM_TRY(canon_set(body, "epoch", canon_uint(old->epoch)));
	*out = AM_TAKE(body);
	return AM_OK;
}

/* The share that is over, and the join keys of plans since then that came to
 * nothing: with what was dealt in them they are worth as much. */
static AM_RESULT
erase_bags(const struct turn *u, const struct rows_manifest *active)
{
	const struct rows_manifest *old = &u->owed.old;
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	for (uint32_t e = old->epoch; e < active->epoch; e++) {
		const struct bag_purpose purpose = keys_member_purpose(
		    u->s, u->k->row.person, old->safe, old->committee, e);
		struct rows_manifest m;
		uint16_t erased;
		const enum am_err err =
		    owed_epoch(&v, &u->safe, old->committee, e, &m, &erased);

		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
		if (e == old->epoch || err == AM_ERR_NOT_FOUND)
			AM_TRY(keys_erase(u->s, &purpose));
	}
	return AM_OK;
}

/* The bag goes first: a claim that is not true yet would stand for ever, and
 * one who is stopped in between is asked again. */
AM_RESULT
handover_erase(const struct turn *u)
{
	canon_auto *body = NULL;
	post_auto p = { .s = u->s };
	struct rows_manifest active;

	AM_TRY(load_active(u, &active));
	AM_TRY(erased_body(u, &body));
	AM_TRY(post_add(&p, AM_TAKE(body), turn_cred(u)));
	AM_TRY(post_judge(&p));
	AM_TRY(check_holds(u, &active));
	AM_TRY(post_sign(&p, 0, u->k->token, session_pin(u->k->pin),
	    "to sign that your old share is erased"));
	AM_TRY(erase_bags(u, &active));
	return post_commit(&p);
}
