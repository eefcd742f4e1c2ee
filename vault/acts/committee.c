#include <sodium.h>

#include "vault/acts/committee.h"

#include "vault/acts/enrol.h"
#include "vault/acts/lookup.h"
#include "vault/acts/owed.h"
#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/state/govern.h"

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

/* A week; and before it the time for objections of those who agree to it. */
static AM_RESULT
choose_span(struct session *s, const struct committee_wish *w, int64_t *out)
{
	struct rows_motion any = { .at = session_now(s) };
	int64_t effect = any.at;
	store_txn_auto *t = NULL;
	struct view v;

	*out = w->span;
	if (w->span != 0)
		return AM_OK;
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (!enrol_is_founding(s))
		AM_TRY(govern_effect_at(&v, &s->vault, &any, &effect));
	*out = effect - any.at + (int64_t)7 * 86400;
	return AM_OK;
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
	int64_t span = 0;

	AM_TRY(members_of(p->s, w, members));
	AM_TRY(choose_span(p->s, w, &span));
	when_text(session_now(p->s) + span, until);
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

/* A safe whose ceremony came to nothing may be planned again. */
static AM_RESULT
may_plan_again(struct session *s, const struct rows_safe *safe)
{
	store_txn_auto *t = NULL;
	struct owed_plan p;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(owed_plan_of(&v, safe, ROWS_OPERATING, session_now(s), &p));
	if (owed_is_setup(&p.plan) && p.state != OWED_OPEN &&
	    p.state != OWED_ACTIVE)
		return AM_OK;
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

/* After the founding a quorum decides whether there is another safe. */
static AM_RESULT
propose(struct post *p, const struct session_key *k,
    const struct committee_wish *w, const uint8_t safe[static 16])
{
	canon_auto *act = canon_object(), *what = canon_object();

	AM_TRY(canon_set(what, "safe", canon_hex((struct bytes){ safe, 16 })));
	AM_TRY(canon_set(act, "safe", AM_TAKE(what)));
	return motion_add(p, k, AM_TAKE(act), w->why);
}

AM_RESULT
committee_create(struct session *s, const struct session_key *k,
    const struct committee_wish *w, bool *moved)
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
	*moved = !enrol_is_founding(s) && safe.agreed == 0;
	if (*moved)
		AM_TRY(propose(&p, k, w, safe.safe));
	return post_all(&p, k, "to plan the safe");
}
