#include <sodium.h>

#include "vault/acts/replan.h"

#include "vault/acts/batches.h"
#include "vault/acts/lookup.h"
#include "vault/acts/owed.h"
#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/state/keyring.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"
#include "vault/state/tenure.h"

static const uint8_t none[32];

static bool
is_none(const uint8_t M[static 32])
{
	return bytes_same((struct bytes){ M, 32 }, (struct bytes){ none, 32 });
}

static const char *
committee_name(uint8_t committee)
{
	return committee == ROWS_RECOVERY ? "recovery" : "operating";
}

/* What goes round while a plan is made. */
struct making {
	struct session *s;
	const struct replan_wish *w;
	struct view v; /* of a transaction that lives as long */
	struct rows_manifest source, target; /* target: k is 0 when it is new */
	struct rows_member wished[ROWS_N_MAX]; /* as they were named */
	struct replan p;
};

/* ---- people */

/* Free to take part; `leaving`: a departure is entered, though it may still
 * be to come. */
struct standing {
	bool can, leaving;
};

static AM_RESULT
standing_of(const struct making *m, const uint8_t person[static 16],
    struct standing *out)
{
	struct rows_person p;
	int64_t ended = 0;
	bool valid = false;

	AM_TRY(rows_get_person(&m->v, (struct bytes){ person, 16 }, &p));
	AM_TRY(tenure_valid(&m->v, &p, session_now(m->s), &valid, &ended));
	out->can = valid && p.status == ROWS_ADMITTED &&
	    p.kind == ROWS_OFFICIAL && p.suspended == ROWS_FREE;
	out->leaving = p.departure != 0;
	return AM_OK;
}

static AM_RESULT
add_member(struct making *m, const uint8_t person[static 16])
{
	struct rows_plan *p = &m->p.plan;

	if (p->n == ROWS_N_MAX)
		return why_say(m->s->why, AM_ERR_POLICY, "R5.1",
		    "a committee has 3 to 16 members");
	if (manifest_position(p->members, p->n, person) >= 0)
		return why_say(m->s->why, AM_ERR_POLICY, "R5.1",
		    "a custodian is named twice; each person holds one share");
	memcpy(p->members[p->n++].person, person, 16);
	return AM_OK;
}

/* Those who are named, or those of now who stay. */
static AM_RESULT
find_members(struct making *m)
{
	const struct replan_wish *w = m->w;

	for (size_t i = 0; i < w->count; i++) {
		struct rows_person p;

		AM_TRY(lookup_person(m->s, w->custodians[i], &p));
		AM_TRY(add_member(m, p.person));
	}
	for (size_t i = 0; w->count == 0 && i < m->target.n; i++) {
		struct standing st;

		AM_TRY(standing_of(m, m->target.members[i].person, &st));
		if (st.can && !st.leaving)
			AM_TRY(add_member(m, m->target.members[i].person));
	}
	if (m->p.plan.n >= 3)
		return AM_OK;
	if (w->count > 0)
		return why_say(m->s->why, AM_ERR_POLICY, "R5.1",
		    "a committee has 3 to 16 members, not %u; name all of the "
		    "next one",
		    m->p.plan.n);
	return why_say(m->s->why, AM_ERR_POLICY, "R5.1",
	    "a committee has 3 to 16 members, and %u %s left; name all of the "
	    "next one, newcomers too: --custodians A,B,C",
	    m->p.plan.n, m->p.plan.n == 1 ? "is" : "are");
}

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

static int
by_index(const void *a, const void *b)
{
	const uint32_t x = ((const struct rows_member *)a)->index,
		       y = ((const struct rows_member *)b)->index;

	return x < y ? -1 : x > y;
}

/* R5.1, R13.16: who has had an index keeps it, the others get the next ones,
 * in ascending order of person id. */
static AM_RESULT
number_members(struct making *m)
{
	struct rows_plan *p = &m->p.plan;
	uint32_t next = m->p.safe.index_max;

	memcpy(m->wished, p->members, sizeof(m->wished));
	qsort(p->members, p->n, sizeof(p->members[0]), by_person);
	for (size_t i = 0; i < p->n; i++) {
		const struct rows_key key =
		    rows_key_with_text((struct bytes){ m->p.safe.safe, 16 },
			(struct bytes){ p->members[i].person, 16 });
		uint8_t be[4];
		const enum am_err err = rows_index_get(
		    &m->v, "member-index", rows_key(&key), be, sizeof(be));

		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
		p->members[i].index = err == AM_OK ? rows_get_be32(be) : ++next;
	}
	qsort(p->members, p->n, sizeof(p->members[0]), by_index);
	return AM_OK;
}

/* Those of `list` who are not in `other`. */
static size_t
missing_from(const struct rows_member *list, size_t n,
    const struct rows_member *other, size_t other_n, uint8_t out[][16])
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (manifest_position(other, other_n, list[i].person) < 0)
			memcpy(out[count++], list[i].person, 16);
	return count;
}

static void
compare_members(struct making *m)
{
	const struct rows_plan *p = &m->p.plan;
	const struct rows_manifest *t = &m->target;

	m->p.leaver_count =
	    missing_from(t->members, t->n, p->members, p->n, m->p.leavers);
	m->p.newcomer_count =
	    missing_from(p->members, p->n, t->members, t->n, m->p.newcomers);
	m->p.is_new = t->k == 0;
	m->p.old_k = t->k;
	m->p.refresh = !m->p.is_new && m->p.leaver_count == 0 &&
	    m->p.newcomer_count == 0 && t->k == p->k;
}

/* ---- the committees that there are */

static AM_RESULT
load_manifest(
    const struct making *m, uint8_t committee, struct rows_manifest *out)
{
	const uint8_t *M = manifest_active(&m->p.safe, committee);

	*out = (struct rows_manifest){ 0 };
	if (is_none(M))
		return AM_OK;
	return rows_get_manifest(&m->v, (struct bytes){ M, 32 }, out);
}

static AM_RESULT
check_founded(const struct making *m)
{
	const char *safe = m->p.safe.id;

	if (is_none(m->p.safe.manifest))
		return why_say(m->s->why, AM_ERR_POLICY, "V14",
		    "safe '%s' has no committee yet; its set-up goes on with "
		    "'amanat safe join %s'",
		    safe, safe);
	if (m->w->from_recovery && is_none(m->p.safe.recovery))
		return why_say(m->s->why, AM_ERR_POLICY, "5.7",
		    "safe '%s' has no recovery committee to deal from; "
		    "'amanat safe reshare %s --recovery' makes one while the "
		    "operating one can",
		    safe, safe);
	return AM_OK;
}

/* One change of a committee at a time. */
static AM_RESULT
check_idle(const struct making *m, uint8_t committee)
{
	struct owed_plan open;
	char until[WHEN_TEXT_LEN + 1];

	AM_TRY(owed_plan_of(
	    &m->v, &m->p.safe, committee, session_now(m->s), &open));
	if (open.state != OWED_OPEN)
		return AM_OK;
	when_text(open.plan.until, until);
	return why_say(m->s->why, AM_ERR_POLICY, "R13.15",
	    "a change of the %s committee is under way until %s; finish it "
	    "with 'amanat safe join %s', or give it up with 'amanat safe "
	    "abort %s%s'",
	    committee_name(committee), until, m->p.safe.id, m->p.safe.id,
	    committee == ROWS_RECOVERY ? " --recovery" : "");
}

static AM_RESULT
find_committees(struct making *m)
{
	struct rows_plan *p = &m->p.plan;

	AM_TRY(lookup_safe(m->s, m->w->safe, &m->p.safe));
	AM_TRY(check_founded(m));
	p->committee = m->w->recovery ? ROWS_RECOVERY : ROWS_OPERATING;
	p->source_committee =
	    m->w->from_recovery ? ROWS_RECOVERY : ROWS_OPERATING;
	AM_TRY(check_idle(m, p->committee));
	AM_TRY(load_manifest(m, p->committee, &m->target));
	AM_TRY(load_manifest(m, p->source_committee, &m->source));
	memcpy(p->safe, m->p.safe.safe, sizeof(p->safe));
	memcpy(p->base, manifest_active(&m->p.safe, p->committee), 32);
	m->p.source_epoch = m->source.epoch;
	p->epoch =
	    1 + (m->w->recovery ? m->p.safe.recovery_epoch : m->p.safe.epoch);
	if (m->target.k == 0 && m->w->count == 0)
		return why_say(m->s->why, AM_ERR_INVALID, "5.7",
		    "safe '%s' has no recovery committee yet: name its people "
		    "with --custodians A,B,C, other ones than the operating "
		    "committee has",
		    m->p.safe.id);
	return AM_OK;
}

/* ---- quorum */

static AM_RESULT
find_quorum(struct making *m)
{
	struct rows_plan *p = &m->p.plan;
	const uint32_t k = m->w->quorum != 0 ? m->w->quorum
	    : m->target.k != 0               ? m->target.k
					     : m->source.k;

	if (k < 2)
		return why_say(m->s->why, AM_ERR_POLICY, "R5.1",
		    "a quorum of %u would let one person in alone; it is 2 at "
		    "least",
		    k);
	if (k >= p->n)
		return why_say(m->s->why, AM_ERR_POLICY, "R5.1",
		    "a quorum of %u of %u: one lost token would lock you out "
		    "for ever; it is at most %u: name more --custodians or a "
		    "lower --quorum",
		    k, p->n, p->n - 1U);
	p->k = (uint8_t)k;
	return AM_OK;
}

/* 5.1: the recovery quorum is never lower than the operating one. */
static AM_RESULT
check_quorums(const struct making *m)
{
	const struct rows_plan *p = &m->p.plan;
	const bool recovery = p->committee == ROWS_RECOVERY;
	struct rows_manifest other;

	AM_TRY(load_manifest(
	    m, recovery ? ROWS_OPERATING : ROWS_RECOVERY, &other));
	if (other.k == 0 || (recovery ? p->k >= other.k : p->k <= other.k))
		return AM_OK;
	if (recovery)
		return why_say(m->s->why, AM_ERR_POLICY, "V14",
		    "the quorum of a recovery committee is never lower than "
		    "that of the operating one, which is %u",
		    other.k);
	return why_say(m->s->why, AM_ERR_POLICY, "V14",
	    "the quorum of the recovery committee is %u, and never lower than "
	    "the operating one: first 'amanat safe reshare %s --recovery "
	    "--quorum %u'",
	    other.k, m->p.safe.id, p->k);
}

/* ---- dealers: exactly k of the source */

static AM_RESULT
named_dealers(struct making *m)
{
	struct rows_plan *p = &m->p.plan;

	for (size_t i = 0; i < m->w->dealer_count; i++) {
		struct rows_person who;
		int at;

		AM_TRY(lookup_person(m->s, m->w->dealers[i], &who));
		at = manifest_position(
		    m->source.members, m->source.n, who.person);
		if (at < 0)
			return why_say(m->s->why, AM_ERR_POLICY, "R5.8",
			    "'%s' holds no share of the %s committee and "
			    "cannot deal",
			    m->w->dealers[i],
			    committee_name(p->source_committee));
		if (manifest_position(
			p->dealers, p->dealer_count, who.person) >= 0)
			return why_say(m->s->why, AM_ERR_POLICY, "R5.8",
			    "a dealer is named twice");
		p->dealers[p->dealer_count++] = m->source.members[at];
	}
	return AM_OK;
}

/* First those who stay, then those who only leave this committee, then those
 * whose departure is entered but who can still act (R5.8). */
static int
willingness(const struct making *m, const struct rows_member *who,
    const struct standing *st)
{
	const struct rows_plan *p = &m->p.plan;

	if (!st->can)
		return 0;
	if (st->leaving)
		return 1;
	return manifest_position(p->members, p->n, who->person) < 0 ? 2 : 3;
}

static AM_RESULT
choose_dealers(struct making *m)
{
	struct rows_plan *p = &m->p.plan;

	for (int wanted = 3; wanted > 0; wanted--)
		for (size_t i = 0; i < m->source.n; i++) {
			const struct rows_member *who = &m->source.members[i];
			struct standing st;

			AM_TRY(standing_of(m, who->person, &st));
			if (p->dealer_count < m->source.k &&
			    willingness(m, who, &st) == wanted)
				p->dealers[p->dealer_count++] = *who;
		}
	return AM_OK;
}

static AM_RESULT
find_dealers(struct making *m)
{
	struct rows_plan *p = &m->p.plan;
	const bool other = !m->w->from_recovery && !is_none(m->p.safe.recovery);

	AM_TRY(m->w->dealer_count > 0 ? named_dealers(m) : choose_dealers(m));
	qsort(p->dealers, p->dealer_count, sizeof(p->dealers[0]), by_index);
	if (p->dealer_count >= m->source.k)
		return AM_OK;
	return why_say(m->s->why, AM_ERR_QUORUM, "R5.8",
	    "%u custodians of the %s committee must deal, and %u of those who "
	    "can act %s; %s",
	    m->source.k, committee_name(p->source_committee), p->dealer_count,
	    m->w->dealer_count > 0 ? "are named" : "are left",
	    m->w->dealer_count > 0 ? "name more --dealers"
		: other ? "deal from the other committee: --from-recovery"
			: "a suspension must be lifted first");
}

/* ---- R13.17 */

static AM_RESULT
mark_unable(const struct making *m, bool out[static ROWS_N_MAX])
{
	for (size_t i = 0; i < m->target.n; i++) {
		struct standing st;

		AM_TRY(standing_of(m, m->target.members[i].person, &st));
		out[i] = !st.can;
	}
	return AM_OK;
}

static AM_RESULT
check_turnover(struct making *m)
{
	struct replan *p = &m->p;
	struct batches_way way = { .from = &m->target,
		.to = &p->plan,
		.wished = m->wished,
		.has_recovery = !is_none(p->safe.recovery) };

	if (p->plan.committee != p->plan.source_committee ||
	    (p->newcomer_count < p->plan.k && p->leaver_count < m->source.k))
		return AM_OK;
	AM_TRY(mark_unable(m, way.unable));
	batches_find(&way, p->batches, &p->batch_count);
	return why_say(m->s->why, AM_ERR_POLICY, "R13.17",
	    "%zu new and %zu leaving at once would be a quorum (at most %u "
	    "new and %u leaving a time); %s",
	    p->newcomer_count, p->leaver_count, p->plan.k - 1U,
	    m->source.k - 1U,
	    p->batch_count > 0 ? "go there in these steps instead, each one "
				 "finished before the next:"
			       : "keep or bring in more people");
}

/* ---- both committees */

static AM_RESULT
find_both(struct making *m)
{
	const struct rows_plan *p = &m->p.plan;
	struct rows_manifest other;

	AM_TRY(load_manifest(m,
	    p->committee == ROWS_RECOVERY ? ROWS_OPERATING : ROWS_RECOVERY,
	    &other));
	for (size_t i = 0; i < p->n; i++)
		if (manifest_position(
			other.members, other.n, p->members[i].person) >= 0)
			memcpy(m->p.both[m->p.both_count++],
			    p->members[i].person, 16);
	return AM_OK;
}

/* ---- the statement */

static AM_RESULT
push_member(struct json_t *list, const struct rows_member *m)
{
	canon_auto *one = canon_object();

	AM_TRY(canon_set(one, "index", canon_uint(m->index)));
	AM_TRY(canon_set(
	    one, "person", canon_hex((struct bytes){ m->person, 16 })));
	return canon_push(list, AM_TAKE(one));
}

static AM_RESULT
set_people(struct json_t *body, const struct rows_plan *p)
{
	canon_auto *list = canon_array(), *dealers = canon_array();

	for (size_t i = 0; i < p->n; i++)
		AM_TRY(push_member(list, &p->members[i]));
	for (size_t i = 0; i < p->dealer_count; i++)
		AM_TRY(canon_push(dealers, canon_uint(p->dealers[i].index)));
	AM_TRY(canon_set(body, "members", AM_TAKE(list)));
	return canon_set(body, "dealers", AM_TAKE(dealers));
}

static AM_RESULT
plan_body(struct session *s, const uint8_t by[static 16],
    const struct replan_wish *w, const struct replan *r, struct json_t **out)
{
	const struct rows_plan *p = &r->plan;
	canon_auto *body = NULL, *source = canon_object();
	char until[WHEN_TEXT_LEN + 1];
	uint8_t nonce[32];

	when_text(p->until, until);
	randombytes_buf(nonce, sizeof(nonce));
	AM_TRY(canon_set(source, "committee",
	    canon_str(committee_name(p->source_committee))));
	AM_TRY(canon_set(source, "epoch", canon_uint(r->source_epoch)));
	AM_TRY(post_body(s, "plan", by, &body));
	AM_TRY(
	    canon_set(body, "safe", canon_hex((struct bytes){ p->safe, 16 })));
	AM_TRY(canon_set(
	    body, "committee", canon_str(committee_name(p->committee))));
	AM_TRY(canon_set(body, "epoch", canon_uint(p->epoch)));
	AM_TRY(canon_set(body, "source", AM_TAKE(source)));
	AM_TRY(canon_set(body, "k", canon_uint(p->k)));
	AM_TRY(set_people(body, p));
	AM_TRY(canon_set(body, "until", canon_str(until)));
	AM_TRY(
	    canon_set(body, "nonce", canon_b64((struct bytes){ nonce, 32 })));
	AM_TRY(canon_set(body, "why", canon_str(w->why)));
	*out = AM_TAKE(body);
	return AM_OK;
}

/* A key of a person, for the draft that nobody has signed. */
static AM_RESULT
key_of(const struct making *m, const uint8_t person[static 16],
    struct rows_token *out)
{
	enum am_err err;

	for (uint32_t i = 0;
	     (err = keyring_nth(&m->v, person, i, out)) == AM_OK; i++)
		if (out->status == ROWS_ACTIVE && out->suspended == ROWS_FREE)
			return AM_OK;
	if (err != AM_ERR_NOT_FOUND)
		return err;
	return why_say(m->s->why, AM_ERR_QUORUM, "R5.8",
	    "a dealer has no key that is in force; lift or enrol one first");
}

/* Who plans is free (5.3), so the rules judge it as planned by a dealer. */
static AM_RESULT
judge(const struct making *m, struct rows_token *key)
{
	canon_auto *body = NULL;
	post_auto p = { .s = m->s };

	AM_TRY(plan_body(m->s, key->person, m->w, &m->p, &body));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ key->cred, key->cred_len }));
	return post_judge(&p);
}

static AM_RESULT
check_why(struct session *s, const struct replan_wish *w)
{
	const struct bytes why = { (const uint8_t *)w->why, strlen(w->why) };

	if (why.len > 0 && why.len <= 1024 && canon_text_ok(why))
		return AM_OK;
	return why_say(s->why, AM_ERR_INVALID, "R2.10",
	    "a reason has 1 to 1024 bytes of plain text");
}

/* Everything that is read; the transaction ends before the rules judge, which
 * takes one of its own. */
static AM_RESULT
make(struct making *m, struct rows_token *out_key)
{
	store_txn_auto *t = NULL;

	AM_TRY(check_why(m->s, m->w));
	AM_TRY(store_begin(m->s->store, false, &t));
	m->v = view_store(t);
	AM_TRY(find_committees(m));
	AM_TRY(find_members(m));
	AM_TRY(number_members(m));
	AM_TRY(find_quorum(m));
	compare_members(m);
	AM_TRY(check_quorums(m));
	AM_TRY(check_turnover(m));
	AM_TRY(find_dealers(m));
	AM_TRY(find_both(m));
	return key_of(m, m->p.plan.dealers[0].person, out_key);
}

/* R5.5: nobody deals before a newcomer could be objected to. */
static AM_RESULT
choose_end(struct session *s, const struct replan_wish *w, struct replan *r)
{
	struct rows_rules rules = { .cooloff_change = 0 };
	store_txn_auto *t = NULL;
	enum am_err err;
	struct view v;

	r->plan.until = session_now(s) + w->span;
	if (w->span != 0)
		return AM_OK;
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	err = predicate_rules(&v, r->safe.rules, &rules);
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	r->plan.until += rules.cooloff_change + (int64_t)7 * 86400;
	return AM_OK;
}

AM_RESULT
replan_propose(
    struct session *s, const struct replan_wish *w, struct replan *out)
{
	struct making m = { .s = s, .w = w };
	struct rows_token key = { 0 };
	enum am_err err = make(&m, &key);

	if (err == AM_OK)
		err = choose_end(s, w, &m.p);
	if (err == AM_OK)
		err = judge(&m, &key);
	*out = m.p; /* a refusal has its batches */
	return err;
}

AM_RESULT
replan_post(struct session *s, const struct session_key *k,
    const struct replan_wish *w, const struct replan *r)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };

	AM_TRY(plan_body(s, k->row.person, w, r, &body));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to plan the next committee");
}
