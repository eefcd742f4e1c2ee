#include <sodium.h>

#include "vault/acts/committee.h"

#include "vault/acts/keys.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/poss.h"
#include "vault/state/manifest.h"

static struct bytes
cred_of(const struct session_key *k)
{
	return (struct bytes){ k->row.cred, k->row.cred_len };
}

/* ---- plan */

static int
by_person(const void *a, const void *b)
{
	const uint8_t *x = ((const struct rows_member *)a)->person;
	const uint8_t *y = ((const struct rows_member *)b)->person;

	for (size_t i = 0; i < 16; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* R5.1: numbered from 1 in ascending order of person id. */
static AM_RESULT
members_of(struct session *s, const struct committee_wish *w,
    struct rows_member members[static ROWS_N_MAX])
{
	if (w->count < 3 || w->count > ROWS_N_MAX)
		return why_say(s->why, AM_ERR_POLICY, "R5.1",
		    "a committee has 3 to 16 members, not %zu", w->count);
	for (size_t i = 0; i < w->count; i++) {
		struct rows_person p;

		AM_TRY(lookup_person(s, w->custodians[i], &p));
		memcpy(members[i].person, p.person, sizeof(p.person));
	}
	qsort(members, w->count, sizeof(members[0]), by_person);
	for (size_t i = 0; i < w->count; i++) {
		if (i > 0 && by_person(&members[i - 1], &members[i]) == 0)
			return why_say(s->why, AM_ERR_POLICY, "R5.1",
			    "a custodian is named twice; each person holds one "
			    "share");
		members[i].index = (uint32_t)i + 1;
	}
	return AM_OK;
}

static AM_RESULT
set_members(struct json_t *body, const struct rows_member *members, size_t n)
{
	canon_auto *list = canon_array(), *dealers = canon_array();

	for (size_t i = 0; i < n; i++) {
		canon_auto *one = canon_object();

		AM_TRY(canon_set(one, "index", canon_uint(members[i].index)));
		AM_TRY(canon_set(one, "person",
		    canon_hex((struct bytes){ members[i].person, 16 })));
		AM_TRY(canon_push(list, AM_TAKE(one)));
		AM_TRY(canon_push(dealers, canon_uint(members[i].index)));
	}
	AM_TRY(canon_set(body, "members", AM_TAKE(list)));
	return canon_set(body, "dealers", AM_TAKE(dealers));
}

static AM_RESULT
add_plan(struct post *p, const struct session_key *k,
    const struct committee_wish *w, const uint8_t safe[static 16],
    uint32_t epoch)
{
	struct rows_member members[ROWS_N_MAX] = { 0 };
	canon_auto *body = NULL, *source = canon_object();
	char until[WHEN_TEXT_LEN + 1];
	uint8_t nonce[32];

	AM_TRY(members_of(p->s, w, members));
	when_text(session_now(p->s) + w->span, until);
	randombytes_buf(nonce, sizeof(nonce));
	AM_TRY(canon_set(source, "committee", canon_str("operating")));
	AM_TRY(canon_set(source, "epoch", canon_uint(0)));
	AM_TRY(post_body(p->s, "plan", k->row.person, &body));
	AM_TRY(canon_set(body, "safe", canon_hex((struct bytes){ safe, 16 })));
	AM_TRY(canon_set(body, "committee", canon_str("operating")));
	AM_TRY(canon_set(body, "epoch", canon_uint(epoch)));
	AM_TRY(canon_set(body, "source", AM_TAKE(source)));
	AM_TRY(canon_set(body, "k", canon_uint(w->quorum)));
	AM_TRY(set_members(body, members, w->count));
	AM_TRY(canon_set(body, "until", canon_str(until)));
	AM_TRY(
	    canon_set(body, "nonce", canon_b64((struct bytes){ nonce, 32 })));
	AM_TRY(canon_set(body, "why", canon_str(w->why)));
	return post_add(p, AM_TAKE(body), cred_of(k));
}

static AM_RESULT
add_safe(struct post *p, const struct session_key *k,
    const struct committee_wish *w, uint8_t safe[static 16])
{
	canon_auto *body = NULL;

	randombytes_buf(safe, 16);
	AM_TRY(post_body(p->s, "safe", k->row.person, &body));
	AM_TRY(canon_set(body, "safe", canon_hex((struct bytes){ safe, 16 })));
	AM_TRY(canon_set(body, "name", canon_str(w->safe)));
	AM_TRY(canon_set(body, "level", canon_str(w->level)));
	return post_add(p, AM_TAKE(body), cred_of(k));
}

/* A safe whose ceremony lapsed may be planned again. */
static AM_RESULT
may_plan_again(struct session *s, const struct rows_safe *safe)
{
	static const uint8_t none[32];
	store_txn_auto *t = NULL;
	struct rows_plan plan;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (bytes_same((struct bytes){ safe->manifest, 32 },
		(struct bytes){ none, 32 })) {
		AM_TRY(
		    rows_get_plan(&v, (struct bytes){ safe->plan, 32 }, &plan));
		if (session_now(s) > plan.until)
			return AM_OK;
	}
	return why_say(s->why, AM_ERR_EXISTS, "",
	    "a safe named '%s' exists; 'amanat safe status %s' shows how it "
	    "stands",
	    safe->id, safe->id);
}

AM_RESULT
committee_check(struct session *s, const struct committee_wish *w)
{
	struct rows_member members[ROWS_N_MAX] = { 0 };

	AM_TRY(lookup_check_id(s->why, "the name of a safe", w->safe));
	AM_TRY(members_of(s, w, members));
	if (w->quorum < 2)
		return why_say(s->why, AM_ERR_POLICY, "R5.1",
		    "a quorum of %u would let one person in alone; it is 2 at "
		    "least",
		    w->quorum);
	if (w->quorum >= w->count)
		return why_say(s->why, AM_ERR_POLICY, "R5.1",
		    "a quorum of %u of %zu: one lost token would lock you out "
		    "for ever; it is at most %zu",
		    w->quorum, w->count, w->count - 1);
	return AM_OK;
}

AM_RESULT
committee_create(struct session *s, const struct session_key *k,
    const struct committee_wish *w)
{
	post_auto p = { .s = s };
	struct why none_yet = { 0 }, *why = s->why;
	struct rows_safe safe = { 0 };
	enum am_err err;

	AM_TRY(lookup_check_id(s->why, "the name of a safe", w->safe));
	s->why = &none_yet; /* that it is unknown is the usual case */
	err = lookup_safe(s, w->safe, &safe);
	s->why = why;
	if (err == AM_OK)
		AM_TRY(may_plan_again(s, &safe));
	else if (err == AM_ERR_NOT_FOUND)
		AM_TRY(add_safe(&p, k, w, safe.safe));
	else
		return err;
	AM_TRY(add_plan(&p, k, w, safe.safe, safe.epoch + 1));
	return post_all(&p, k, "to plan the safe");
}

/* ---- what is owed */

static AM_RESULT
load_plan(
    struct session *s, const struct rows_safe *safe, struct rows_plan *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	return rows_get_plan(&v, (struct bytes){ safe->plan, 32 }, out);
}

AM_RESULT
committee_owed(struct session *s, const struct rows_safe *safe,
    const uint8_t person[static 16], struct rows_plan *out_plan,
    enum committee_step *out)
{
	struct rows_plan p = { 0 };
	uint16_t all, me;
	int at;
	const enum am_err err = load_plan(s, safe, &p);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	*out_plan = p;
	at = manifest_position(p.members, p.n, person);
	all = (uint16_t)((1U << p.n) - 1);
	me = (uint16_t)(at < 0 ? 0U : 1U << at);
	*out = COMMITTEE_NONE;
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	if (p.status == ROWS_ACTIVATED)
		*out = COMMITTEE_DONE;
	else if (session_now(s) > p.until)
		*out = COMMITTEE_LAPSED;
	else if (at < 0)
		return AM_OK;
	else if ((p.joined & me) == 0)
		*out = COMMITTEE_JOIN;
	else if (p.joined == all && (p.dealt & me) == 0)
		*out = COMMITTEE_DEAL;
	else if (p.dealt == all && (p.accepted & me) == 0)
		*out = COMMITTEE_ACCEPT;
	else
		*out = COMMITTEE_WAIT;
	return AM_OK;
}

/* ---- the three steps */

struct turn {
	struct session *s;
	const struct session_key *k;
	struct rows_plan plan;
	uint32_t index;
	struct bag_purpose purpose;
};

static const uint8_t no_manifest[32];

static AM_RESULT
step_body(const struct turn *u, const char *kind, struct json_t **out)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(u->s, kind, u->k->row.person, &body));
	AM_TRY(canon_set(
	    body, "plan", canon_hex((struct bytes){ u->plan.plan, 32 })));
	AM_TRY(canon_set(body, "index", canon_uint(u->index)));
	*out = AM_TAKE(body);
	return AM_OK;
}

static AM_RESULT
post_step(const struct turn *u, struct json_t *body, const char *what)
{
	post_auto p = { .s = u->s };

	AM_TRY(post_add(&p, body, cred_of(u->k)));
	return post_all(&p, u->k, what);
}

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
		(struct bytes){ u->plan.plan, 32 }))
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

static AM_RESULT
do_join(const struct turn *u)
{
	keys_member_auto m = { .state = KEYS_JOINING,
		.committee = 1,
		.epoch = u->plan.epoch,
		.index = u->index };
	canon_auto *body = NULL;
	secret_auto *prf = NULL;
	uint8_t ph[32], proof[POSS_PROOF];
	struct point pk;

	sc_random(&m.scalar);
	AM_TRY(pt_mul_base(&m.scalar, &pk));
	memcpy(m.safe, u->plan.safe, sizeof(m.safe));
	memcpy(m.plan, u->plan.plan, sizeof(m.plan));
	AM_TRY(
	    keys_unlock(u->s, u->k, &u->purpose, "to make your key bag", &prf));
	AM_TRY(keep_share(u, prf, false, no_manifest));
	AM_TRY(keep_share(u, prf, true, no_manifest));
	AM_TRY(keys_write_member(u->s, u->k, &u->purpose, prf, &m));
	manifest_join_hash(u->plan.plan, u->index, &pk, ph);
	AM_TRY(poss_prove(&m.scalar, &pk, ph, proof));
	AM_TRY(step_body(u, "join", &body));
	AM_TRY(canon_set(body, "pk", canon_b64(pt_bytes(&pk))));
	AM_TRY(canon_set(
	    body, "proof", canon_b64((struct bytes){ proof, sizeof(proof) })));
	return post_step(u, AM_TAKE(body), "to join the committee");
}

static AM_RESULT
load_run(const struct turn *u, struct dkg_run *run)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	return manifest_run(&v, &u->plan, run);
}

static AM_RESULT
set_deal(
    struct json_t *body, const struct dkg_run *run, const struct dkg_deal *d)
{
	canon_auto *points = canon_array(), *shares = canon_array();

	for (size_t i = 0; i < run->k; i++)
		AM_TRY(canon_push(points, canon_b64(pt_bytes(&d->C[i]))));
	for (size_t i = 0; i < run->n; i++)
		AM_TRY(canon_push(shares,
		    canon_b64((struct bytes){ d->shares[i], DKG_SHARE })));
	AM_TRY(canon_set(body, "commitments", AM_TAKE(points)));
	AM_TRY(canon_set(
	    body, "pop", canon_b64((struct bytes){ d->pop, DKG_SIG })));
	AM_TRY(canon_set(body, "eph", canon_b64(pt_bytes(&d->E))));
	return canon_set(body, "shares", AM_TAKE(shares));
}

static AM_RESULT
do_deal(const struct turn *u)
{
	keys_member_auto m = { 0 };
	canon_auto *body = NULL;
	secret_auto *prf = NULL;
	struct dkg_run run;
	struct dkg_deal deal;

	AM_TRY(load_run(u, &run));
	AM_TRY(open_bag(u, &prf, &m));
	AM_TRY(dkg_deal_make(&run, u->index, &m.scalar, &deal));
	AM_TRY(step_body(u, "deal", &body));
	AM_TRY(set_deal(body, &run, &deal));
	return post_step(u, AM_TAKE(body), "to deal your part of the key");
}

/* Opens all deals, checking each; the sum is the share (R5.5). */
static AM_RESULT
collect(const struct turn *u, const struct manifest_ceremony *c,
    const struct scalar *d, struct scalar *out)
{
	scalar_auto sum = { 0 };

	for (uint32_t i = 1; i <= c->run.n; i++) {
		scalar_auto part = { 0 };

		if (dkg_share_open(&c->run, i, &c->deals[i - 1], u->index, d,
			&part) != AM_OK) {
			char who[ROWS_ID_MAX + 1] = "?";
			store_txn_auto *t = NULL;
			struct view v;

			AM_TRY(store_begin(u->s->store, false, &t));
			v = view_store(t);
			AM_TRY(lookup_person_name(
			    &v, u->plan.members[i - 1].person, who));
			return why_say(u->s->why, AM_ERR_VERIFY, "R5.5",
			    "the deal of '%s' is bad: what it gave you does "
			    "not fit its commitments; do not accept, plan the "
			    "safe again",
			    who);
		}
		sc_add(&sum, &part, &sum);
	}
	*out = sum;
	return AM_OK;
}

struct acceptance {
	struct rows_manifest manifest;
	uint8_t dealset[32], proof[POSS_PROOF], cert[DKG_SIG];
	struct keys_member share;
};

static void
acceptance_wipe(struct acceptance *a)
{
	sodium_memzero(a, sizeof(*a));
}

static AM_RESULT
prepare(const struct turn *u, const struct manifest_ceremony *c,
    const struct keys_member *joining, struct acceptance *a)
{
	uint8_t ext[64], ph[32];
	struct point P, mine;

	AM_TRY(manifest_derive(u->s->vault.vault, &u->plan, c, &a->manifest));
	AM_TRY(collect(u, c, &joining->scalar, &a->share.scalar));
	AM_TRY(manifest_public(&a->manifest, u->index, &P));
	AM_TRY(pt_mul_base(&a->share.scalar, &mine));
	if (!pt_same(&P, &mine))
		return why_say(u->s->why, AM_ERR_VERIFY, "R5.5",
		    "your share does not fit the public key; do not accept, "
		    "plan the safe again");
	a->share.state = KEYS_SHARE;
	a->share.committee = 1;
	a->share.epoch = u->plan.epoch;
	a->share.index = u->index;
	memcpy(a->share.safe, u->plan.safe, 16);
	memcpy(a->share.plan, u->plan.plan, 32);
	memcpy(a->share.manifest, a->manifest.manifest, 32);
	manifest_dealset(&u->plan, c->deal_id, a->dealset);
	manifest_accept_hash(u->plan.plan, a->manifest.manifest, u->index, ph);
	AM_TRY(poss_prove(&a->share.scalar, &P, ph, a->proof));
	dkg_ext(&c->run, c->deals, ext);
	return dkg_cert_make(&c->run, c->deals,
	    (struct bytes){ ext, sizeof(ext) }, u->index, &joining->scalar,
	    a->cert);
}

/* R5.5: written, closed and read back with the key, and only then signed. */
static AM_RESULT
write_share(
    const struct turn *u, const struct secret *prf, const struct acceptance *a)
{
	keys_member_auto again = { 0 };

	AM_TRY(keys_write_next(u->s, u->k, &u->purpose, prf, &a->share));
	AM_TRY(keys_read_next(u->s, u->k, &u->purpose, prf, &again));
	return sc_same(&again.scalar, &a->share.scalar) ? AM_OK
							: AM_ERR_CORRUPT;
}

static AM_RESULT
do_accept(const struct turn *u)
{
	AM_CLEANUP(acceptance_wipe) struct acceptance a = { 0 };
	manifest_ceremony_auto *c = NULL;
	keys_member_auto m = { 0 };
	secret_auto *prf = NULL;
	canon_auto *body = NULL;
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(manifest_ceremony_new(&c));
	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(manifest_load(&v, &u->plan, c));
	store_abort(&t);
	AM_TRY(open_bag(u, &prf, &m));
	AM_TRY(prepare(u, c, &m, &a));
	AM_TRY(keep_share(u, prf, true, a.manifest.manifest));
	AM_TRY(step_body(u, "accept", &body));
	AM_TRY(canon_set(
	    body, "deals", canon_hex((struct bytes){ a.dealset, 32 })));
	AM_TRY(canon_set(body, "manifest",
	    canon_hex((struct bytes){ a.manifest.manifest, 32 })));
	AM_TRY(canon_set(body, "proof",
	    canon_b64((struct bytes){ a.proof, sizeof(a.proof) })));
	AM_TRY(canon_set(
	    body, "cert", canon_b64((struct bytes){ a.cert, sizeof(a.cert) })));
	AM_TRY(write_share(u, prf, &a));
	AM_TRY(post_step(u, AM_TAKE(body), "to accept your share"));
	return keys_promote(u->s, &u->purpose);
}

AM_RESULT
committee_join(struct session *s, const struct session_key *k,
    const char *safe_id, enum committee_step *out)
{
	struct turn u = { .s = s, .k = k };
	enum committee_step step = COMMITTEE_NONE;
	struct rows_safe safe;
	int at;

	AM_TRY(lookup_safe(s, safe_id, &safe));
	AM_TRY(committee_owed(s, &safe, k->row.person, &u.plan, &step));
	*out = step;
	if (step > COMMITTEE_ACCEPT)
		return AM_OK;
	at = manifest_position(u.plan.members, u.plan.n, k->row.person);
	u.index = u.plan.members[at].index;
	u.purpose =
	    keys_member_purpose(s, k->row.person, safe.safe, u.plan.epoch);
	if (step == COMMITTEE_JOIN)
		return do_join(&u);
	return step == COMMITTEE_DEAL ? do_deal(&u) : do_accept(&u);
}
