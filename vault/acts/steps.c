#include "vault/acts/steps.h"

#include "vault/acts/handover.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/acts/proven.h"
#include "vault/acts/setup.h"
#include "vault/base/when.h"
#include "vault/crypto/poss.h"
#include "vault/state/custody.h"
#include "vault/state/manifest.h"

static const uint8_t no_manifest[32];

/* ---- key bags that must not be overwritten */

/* A share of this epoch that is not of manifest `M` (zero: any share). */
static AM_RESULT
holds_another_share(const struct turn *u, const struct secret *prf, bool next,
    const uint8_t M[static 32], bool *out)
{
	struct why quiet = { 0 }, *why = u->s->why;
	keys_member_auto m = { 0 };
	enum am_err err;

	u->s->why = &quiet; /* that there is no bag is the usual case */
	err = next ? keys_read_next(u->s, u->k, &u->purpose, prf, &m)
		   : keys_read_member(u->s, u->k, &u->purpose, prf, &m);
	u->s->why = why;
	if (err != AM_OK && err != AM_ERR_INCOMPLETE) {
		*why = quiet;
		return err;
	}
	*out = err == AM_OK && m.state == KEYS_SHARE &&
	    !bytes_same(
		(struct bytes){ m.manifest, 32 }, (struct bytes){ M, 32 });
	return AM_OK;
}

/*
 * R5.7: a share is erased on the word of a log that went on, never of one
 * that lacks what made it. An older database in the place of the newer would
 * have every member overwrite the share, and all credentials would be lost.
 */
static AM_RESULT
keep_share(const struct turn *u, const struct secret *prf, bool next,
    const uint8_t M[static 32])
{
	bool other = false;

	AM_TRY(holds_another_share(u, prf, next, M, &other));
	if (other)
		return why_say(u->s->why, AM_ERR_STALE, "R5.7",
		    "your key bag holds a share of this committee, which this "
		    "database does not know: an old copy was put in its place; "
		    "ask for the newer one, or, if it is lost for good, let "
		    "this plan lapse and plan the safe again");
	return AM_OK;
}

static AM_RESULT
check_bag(const struct turn *u, const struct keys_member *m)
{
	if (m->state != KEYS_JOINING ||
	    !bytes_same((struct bytes){ m->plan, 32 },
		(struct bytes){ u->plan->plan, 32 }))
		return why_say(u->s->why, AM_ERR_INCOMPLETE, "R5.4",
		    "your key bag is of another ceremony; it cannot take part "
		    "in this one: wait for it to lapse and plan again");
	return AM_OK;
}

/* The join key of this plan, and the answer that opened its bag. */
static AM_RESULT
open_bag(const struct turn *u, struct secret **prf, struct keys_member *m)
{
	AM_TRY(keys_unlock(
	    u->s, u->k, &u->purpose, "to unlock your key bag", prf));
	AM_TRY(keep_share(u, *prf, false, no_manifest));
	AM_TRY(keys_read_member(u->s, u->k, &u->purpose, *prf, m));
	return check_bag(u, m);
}

static void
fill_bag(const struct turn *u, struct keys_member *m)
{
	m->committee = u->plan->committee;
	m->epoch = u->plan->epoch;
	m->index = u->index;
	memcpy(m->safe, u->plan->safe, sizeof(m->safe));
	memcpy(m->plan, u->plan->plan, sizeof(m->plan));
}

/* ---- join */

/* What would be refused after the first touch is refused before it. */
static AM_RESULT
check_agreed(const struct turn *u)
{
	if (!owed_is_setup(u->plan) || u->safe.agreed != 0)
		return AM_OK;
	return why_say(u->s->why, AM_ERR_POLICY, "V21",
	    "safe '%s' is proposed: first a quorum decides whether it is made; "
	    "'amanat motions' shows the motion",
	    u->safe.id);
}

static AM_RESULT
check_keys(const struct turn *u)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	return custody_may_join(
	    &v, u->plan, u->k->row.person, session_now(u->s), u->s->why);
}

static AM_RESULT
check_objections(const struct turn *u)
{
	char when[WHEN_TEXT_LEN + 1];

	when_text(u->plan->deal_from, when);
	if (session_now(u->s) >= u->plan->deal_from)
		return AM_OK;
	return why_say(u->s->why, AM_ERR_COOL_OFF, "R5.15",
	    "whoever is to come in can be objected to until %s; dealing goes "
	    "on then",
	    when);
}

static AM_RESULT
do_join(const struct turn *u)
{
	keys_member_auto m = { .state = KEYS_JOINING };
	canon_auto *body = NULL;
	secret_auto *prf = NULL;
	uint8_t ph[32], proof[POSS_PROOF];
	struct point pk;

	AM_TRY(check_agreed(u));
	AM_TRY(check_keys(u));
	fill_bag(u, &m);
	sc_random(&m.scalar);
	AM_TRY(pt_mul_base(&m.scalar, &pk));
	AM_TRY(
	    keys_unlock(u->s, u->k, &u->purpose, "to make your key bag", &prf));
	AM_TRY(keep_share(u, prf, false, no_manifest));
	AM_TRY(keep_share(u, prf, true, no_manifest));
	AM_TRY(keys_write_member(u->s, u->k, &u->purpose, prf, &m));
	manifest_join_hash(u->plan->plan, u->index, &pk, ph);
	AM_TRY(poss_prove(&m.scalar, &pk, ph, proof));
	AM_TRY(turn_body(u, "join", &body));
	AM_TRY(canon_set(body, "pk", canon_b64(pt_bytes(&pk))));
	AM_TRY(canon_set(
	    body, "proof", canon_b64((struct bytes){ proof, sizeof(proof) })));
	return turn_post(u, AM_TAKE(body), "to join the committee");
}

/* ---- deal */

static AM_RESULT
do_deal(const struct turn *u)
{
	keys_member_auto m = { 0 };
	canon_auto *body = NULL;
	secret_auto *prf = NULL;

	AM_TRY(check_objections(u));
	if (!owed_is_setup(u->plan))
		return handover_deal(u);
	AM_TRY(open_bag(u, &prf, &m));
	AM_TRY(turn_body(u, "deal", &body));
	AM_TRY(setup_deal(u, &m.scalar, body));
	return turn_post(u, AM_TAKE(body), "to deal your part of the key");
}

/* ---- accept */

static AM_RESULT
accept_body(
    const struct turn *u, const struct turn_acceptance *a, struct json_t **out)
{
	uint8_t dealset[32], ph[32], proof[POSS_PROOF];
	canon_auto *body = NULL;
	struct point P;

	manifest_dealset(u->plan, a->deal_id, dealset);
	manifest_accept_hash(u->plan->plan, a->manifest.manifest, u->index, ph);
	AM_TRY(pt_mul_base(&a->share, &P));
	AM_TRY(poss_prove(&a->share, &P, ph, proof));
	AM_TRY(turn_body(u, "accept", &body));
	AM_TRY(
	    canon_set(body, "deals", canon_hex((struct bytes){ dealset, 32 })));
	AM_TRY(canon_set(body, "manifest",
	    canon_hex((struct bytes){ a->manifest.manifest, 32 })));
	AM_TRY(canon_set(
	    body, "proof", canon_b64((struct bytes){ proof, sizeof(proof) })));
	if (a->has_cert)
		AM_TRY(canon_set(body, "cert",
		    canon_b64((struct bytes){ a->cert, sizeof(a->cert) })));
	*out = AM_TAKE(body);
	return AM_OK;
}

/* R5.5: written, closed and read back with the key, and only then signed. */
static AM_RESULT
write_share(const struct turn *u, const struct secret *prf,
    const struct turn_acceptance *a)
{
	keys_member_auto again = { 0 }, share = { .state = KEYS_SHARE };

	fill_bag(u, &share);
	share.scalar = a->share;
	memcpy(share.manifest, a->manifest.manifest, 32);
	AM_TRY(keys_write_next(u->s, u->k, &u->purpose, prf, &share));
	AM_TRY(keys_read_next(u->s, u->k, &u->purpose, prf, &again));
	return sc_same(&again.scalar, &a->share) ? AM_OK : AM_ERR_CORRUPT;
}

static bool
is_last(const struct turn *u)
{
	const int at =
	    manifest_position(u->plan->members, u->plan->n, u->k->row.person);

	return (u->plan->accepted | 1U << at) == (1U << u->plan->n) - 1;
}

static AM_RESULT
post_accept(const struct turn *u, struct json_t *body)
{
	post_auto p = { .s = u->s };

	AM_TRY(post_add(&p, body, turn_cred(u)));
	if (is_last(u) && !owed_is_setup(u->plan))
		AM_TRY(handover_forget(u, &p));
	return post_all(&p, u->k, "to accept your share");
}

/* What the dealer at `which` posted, for a complaint. */
static AM_RESULT
note_bad(const struct turn *u, size_t which, const struct turn_acceptance *a,
    struct steps_bad *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(lookup_person_name(
	    &v, u->plan->dealers[which].person, out->dealer));
	memcpy(out->plan, u->plan->plan, sizeof(out->plan));
	memcpy(out->deal, a->deal_id[which], sizeof(out->deal));
	out->index = u->index;
	out->found = true;
	return AM_OK;
}

static AM_RESULT
do_accept(const struct turn *u, struct steps_done *done)
{
	turn_acceptance_auto a = { 0 };
	keys_member_auto m = { 0 };
	canon_auto *body = NULL;
	secret_auto *prf = NULL;
	size_t bad = SIZE_MAX;
	enum am_err err;

	AM_TRY(open_bag(u, &prf, &m));
	err = owed_is_setup(u->plan) ? setup_accept(u, &m.scalar, &bad, &a)
				     : handover_accept(u, &m.scalar, &bad, &a);
	if (err == AM_ERR_VERIFY && bad != SIZE_MAX)
		AM_TRY(note_bad(u, bad, &a, &done->bad));
	AM_TRY(err);
	AM_TRY(keep_share(u, prf, true, a.manifest.manifest));
	AM_TRY(accept_body(u, &a, &body));
	AM_TRY(write_share(u, prf, &a));
	AM_TRY(post_accept(u, AM_TAKE(body)));
	done->activated = is_last(u);
	memcpy(done->closed, u->plan->base, sizeof(done->closed));
	return keys_promote(u->s, &u->purpose);
}

/* ---- justify */

static AM_RESULT
do_justify(const struct turn *u, struct steps_done *done)
{
	struct rows_complaint c;
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(handover_justify(u));
	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_complaint(
	    &v, (struct bytes){ u->plan->complaint, 32 }, &c));
	done->fault = c.fault;
	return AM_OK;
}

/* ---- whose turn it is */

/* Members go by their index in the new committee; who only deals or answers,
 * by the one of before, which is the same number (R13.16). */
static void
find_index(struct turn *u)
{
	const struct rows_plan *p = u->plan;
	int at = manifest_position(p->members, p->n, u->k->row.person);

	if (at >= 0) {
		u->index = p->members[at].index;
		return;
	}
	at = manifest_position(p->dealers, p->dealer_count, u->k->row.person);
	u->index = at < 0 ? 0 : p->dealers[at].index;
}

static AM_RESULT
begin(struct turn *u, const char *safe_id)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(lookup_safe(u->s, safe_id, &u->safe));
	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(owed_first(
	    &v, &u->safe, u->k->row.person, session_now(u->s), &u->owed));
	u->plan = &u->owed.plan.plan;
	find_index(u);
	u->purpose = keys_member_purpose(u->s, u->k->row.person, u->safe.safe,
	    u->plan->committee, u->plan->epoch);
	return AM_OK;
}

static AM_RESULT
say_not_asked(const struct turn *u)
{
	if (u->k->person.kind != ROWS_OFFICIAL)
		return why_say(u->s->why, AM_ERR_POLICY, "K-2",
		    "a contractor is never a custodian; 'amanat put' seals");
	return why_say(u->s->why, AM_ERR_POLICY, "",
	    "you are not asked to take part in this safe; 'amanat safe status "
	    "%s' shows who has to act",
	    u->safe.id);
}

static AM_RESULT
take(const struct turn *u, struct steps_done *done)
{
	switch (u->owed.step) {
	case OWED_JOIN:
		return do_join(u);
	case OWED_DEAL:
		return do_deal(u);
	case OWED_ACCEPT:
		return do_accept(u, done);
	case OWED_JUSTIFY:
		return do_justify(u, done);
	case OWED_ERASE:
		return handover_erase(u);
	case OWED_WAIT:
	case OWED_LAPSED:
	case OWED_DONE:
		return AM_OK;
	case OWED_NONE:
		return say_not_asked(u);
	}
	return AM_ERR_INTERNAL;
}

void
steps_view_free(struct steps_view *v)
{
	statement_free(&v->asked);
}

AM_RESULT
steps_look(struct session *s, const struct session_key *k, const char *safe_id,
    struct steps_view *out)
{
	const struct rows_plan *p = &out->owed.plan.plan;
	store_txn_auto *t = NULL;
	struct rows_safe safe;
	struct view v;

	AM_TRY(lookup_safe(s, safe_id, &safe));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(
	    owed_first(&v, &safe, k->row.person, session_now(s), &out->owed));
	if (out->owed.plan.state == OWED_UNPLANNED)
		return AM_OK;
	AM_TRY(proven_read(s, t, p->leaf, p->plan, &out->asked));
	return canon_get_text(out->asked.body, "why", &out->why);
}

AM_RESULT
steps_take(struct session *s, const struct session_key *k, const char *safe_id,
    struct steps_done *out)
{
	struct turn u = { .s = s, .k = k };
	struct steps_done done = { 0 };
	enum am_err err;

	AM_TRY(begin(&u, safe_id));
	done.step = u.owed.step;
	done.committee = u.owed.committee;
	done.state = u.owed.plan.state;
	done.member =
	    manifest_position(u.plan->members, u.plan->n, k->row.person) >= 0;
	done.dealer = manifest_position(u.plan->dealers, u.plan->dealer_count,
			  k->row.person) >= 0;
	done.epoch = done.step == OWED_ERASE ? u.owed.old.epoch : u.plan->epoch;
	err = take(&u, &done);
	*out = done;
	return err;
}

/* ---- complain */

AM_RESULT
steps_complain(
    struct session *s, const struct session_key *k, const struct steps_bad *bad)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };

	AM_TRY(post_body(s, "complain", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "plan", canon_hex((struct bytes){ bad->plan, 32 })));
	AM_TRY(canon_set(
	    body, "deal", canon_hex((struct bytes){ bad->deal, 32 })));
	AM_TRY(canon_set(body, "index", canon_uint(bad->index)));
	AM_TRY(canon_set(
	    body, "what", canon_str("the box does not fit the commitments")));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to sign the complaint");
}

/* ---- abort */

static AM_RESULT
find_open(struct session *s, const char *safe_id, uint8_t committee,
    struct owed_plan *out)
{
	store_txn_auto *t = NULL;
	struct rows_safe safe;
	struct view v;

	AM_TRY(lookup_safe(s, safe_id, &safe));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(owed_plan_of(&v, &safe, committee, session_now(s), out));
	if (out->state != OWED_OPEN)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no change of the %s committee of '%s' is under way; "
		    "'amanat safe status %s' shows how it stands",
		    committee == ROWS_RECOVERY ? "recovery" : "operating",
		    safe_id, safe_id);
	return AM_OK;
}

AM_RESULT
steps_check_abort(
    struct session *s, const char *safe_id, uint8_t committee, const char *why)
{
	const struct bytes text = { (const uint8_t *)why, strlen(why) };
	struct owed_plan p;

	if (text.len == 0 || text.len > 1024 || !canon_text_ok(text))
		return why_say(s->why, AM_ERR_INVALID, "R2.10",
		    "a reason has 1 to 1024 bytes of plain text");
	return find_open(s, safe_id, committee, &p);
}

AM_RESULT
steps_abort(struct session *s, const struct session_key *k, const char *safe_id,
    uint8_t committee, const char *why)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };
	struct owed_plan plan;

	AM_TRY(steps_check_abort(s, safe_id, committee, why));
	AM_TRY(find_open(s, safe_id, committee, &plan));
	AM_TRY(post_body(s, "abort", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "plan", canon_hex((struct bytes){ plan.plan.plan, 32 })));
	AM_TRY(canon_set(body, "why", canon_str(why)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to sign that you give the plan up");
}
