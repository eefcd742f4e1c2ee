#include "vault/acts/motion.h"

#include "vault/acts/approve.h"
#include "vault/acts/lookup.h"
#include "vault/acts/proven.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/state/govern.h"
#include "vault/state/manifest.h"
#include "vault/state/tenure.h"

static const uint8_t none[32];

static bool
is_none(const uint8_t *id, size_t len)
{
	return bytes_same(
	    (struct bytes){ id, len }, (struct bytes){ none, len });
}

static struct bytes
cred_of(const struct session_key *k)
{
	return (struct bytes){ k->row.cred, k->row.cred_len };
}

void
motion_view_free(struct motion_view *v)
{
	statement_free(&v->moved);
}

/* ---- looking */

static uint32_t
number_of(const char *id)
{
	char *end = NULL;
	unsigned long n;

	if (!motion_is_id(id) || id[2] < '1' || id[2] > '9' || strlen(id) > 11)
		return 0;
	n = strtoul(id + 2, &end, 10);
	return *end == '\0' && n <= UINT32_MAX ? (uint32_t)n : 0;
}

bool
motion_is_id(const char *id)
{
	return strncmp(id, "m-", 2) == 0;
}

/* Whom and what the act names. */
static AM_RESULT
load_subject(const struct view *w, struct motion_view *v)
{
	const struct rows_motion *m = &v->motion;
	const uint8_t *person = m->person;

	if (m->act != ROWS_ADMIT && m->act != ROWS_RESUME &&
	    m->act != ROWS_CONFIRM)
		return AM_OK;
	if (!is_none(m->token, 32)) {
		AM_TRY(
		    rows_get_token(w, (struct bytes){ m->token, 32 }, &v->key));
		v->further = is_none(m->identity, 32);
		person = v->key.person;
	}
	return rows_get_person(w, (struct bytes){ person, 16 }, &v->who);
}

/* What a waiver is about, where it accepts that somebody knows something. A
 * rule that names nobody or nothing that is there is shown as it is. */
static AM_RESULT
load_accepted(const struct view *w, struct motion_view *v)
{
	struct rows_person who;
	struct rows_record c;
	struct rows_safe safe;
	uint8_t person[16], record[16];
	enum am_err err;

	if (v->motion.act != ROWS_WAIVE ||
	    exposure_rule_read(v->motion.rule, person, record, &v->version) !=
		AM_OK)
		return AM_OK;
	err = rows_get_person(w, (struct bytes){ person, 16 }, &who);
	if (err == AM_OK)
		err = rows_get_record(w, (struct bytes){ record, 16 }, &c);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(rows_get_safe(w, (struct bytes){ c.safe, 16 }, &safe));
	v->who = who;
	(void)snprintf(v->path, sizeof(v->path), "%s/%s", safe.id, c.title);
	return AM_OK;
}

/* What these would put in force: kept under the motion's H. */
static AM_RESULT
load_offered(const struct view *w, struct motion_view *v)
{
	const struct bytes id = { v->motion.motion, 32 };

	switch ((enum rows_act)v->motion.act) {
	case ROWS_POST:
		return rows_get_post(w, id, &v->post);
	case ROWS_APPOINT:
		AM_TRY(rows_get_appointment(w, id, &v->appointment));
		AM_TRY(tenure_post(w, v->appointment.post, &v->post));
		return rows_get_person(
		    w, (struct bytes){ v->motion.person, 16 }, &v->who);
	case ROWS_RULES:
		AM_TRY(rows_get_rules(w, id, &v->rules));
		return rows_get_safe(
		    w, (struct bytes){ v->rules.safe, 16 }, &v->ruled);
	case ROWS_POLICY:
		return rows_get_policy(w, id, &v->policy);
	case ROWS_DENY:
		return rows_get_deny(w, id, &v->deny);
	case ROWS_ADMIT:
	case ROWS_RESUME:
	case ROWS_CONFIRM:
	case ROWS_WAIVE:
	case ROWS_LOGKEY:
	case ROWS_SAFE:
	case ROWS_UNFREEZE:
		return AM_OK;
	}
	return AM_ERR_INTERNAL;
}

/* A motion that a stolen key has made should be seen as such. */
static AM_RESULT
load_mover(const struct view *w, struct motion_view *v)
{
	const struct bytes cred = { v->moved.cred, v->moved.cred_len };
	struct rows_token key;
	uint8_t hash[32], id[32];

	AM_TRY(rows_get_person(w, (struct bytes){ v->motion.by, 16 }, &v->by));
	hash_sha256(&cred, 1, hash);
	AM_TRY(rows_index_get(
	    w, "cred", (struct bytes){ hash, 32 }, id, sizeof(id)));
	AM_TRY(rows_get_token(w, (struct bytes){ id, sizeof(id) }, &key));
	v->by_suspended = !rows_is_free(&v->by, &key);
	return AM_OK;
}

static unsigned
counting(const struct rows_manifest *m, const struct rows_vote *votes, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count +=
		    manifest_position(m->members, m->n, votes[i].person) >= 0;
	return count;
}

/* R13.20: in effect at its own leaf. */
static bool
by_founder(const struct rows_motion *m)
{
	return m->status == ROWS_ENACTED && m->end_leaf == m->leaf;
}

static AM_RESULT
load_committee(
    const struct session *s, const struct view *w, struct motion_view *v)
{
	struct rows_safe safe;

	v->effect_at = v->motion.at;
	if (is_none(s->vault.governing, 16) || by_founder(&v->motion))
		return AM_OK;
	AM_TRY(govern_effect_at(w, &s->vault, &v->motion, &v->effect_at));
	AM_TRY(rows_get_safe(w,
	    (struct bytes){ govern_safe(&s->vault, &v->motion), 16 }, &safe));
	AM_TRY(rows_get_manifest(
	    w, (struct bytes){ safe.manifest, 32 }, &v->committee));
	memcpy(v->safe, safe.id, sizeof(v->safe));
	v->yes = counting(&v->committee, v->motion.yes, v->motion.yes_count);
	v->no = counting(&v->committee, v->motion.no, v->motion.no_count);
	return AM_OK;
}

/* Of those who may vote, R5.14. */
static unsigned
voters(const struct motion_view *v)
{
	const bool own = v->motion.act == ROWS_RESUME ||
	    v->motion.act == ROWS_CONFIRM || v->motion.act == ROWS_UNFREEZE;
	const bool member = manifest_position(v->committee.members,
				v->committee.n, v->motion.person) >= 0;

	return v->committee.n - (own && member ? 1U : 0U);
}

static enum motion_state
state_of(const struct session *s, const struct motion_view *v)
{
	if (v->motion.status == ROWS_ENACTED)
		return MOTION_IN_FORCE;
	if (session_now(s) > v->motion.until)
		return MOTION_LAPSED;
	if (v->safe[0] == '\0')
		return MOTION_EARLY;
	if (v->yes >= v->committee.k)
		return session_now(s) < v->effect_at ? MOTION_OBJECT
						     : MOTION_DECIDED;
	return voters(v) - v->no < v->committee.k ? MOTION_DECLINED
						  : MOTION_WAITING;
}

static AM_RESULT
load(struct session *s, struct store_txn *t, struct motion_view *v)
{
	const struct view w = view_store(t);
	const struct rows_motion *m = &v->motion;

	AM_TRY(load_subject(&w, v));
	AM_TRY(load_accepted(&w, v));
	AM_TRY(load_offered(&w, v));
	AM_TRY(proven_read(s, t, m->leaf, m->motion, &v->moved));
	AM_TRY(canon_get_text(v->moved.body, "why", &v->why));
	AM_TRY(load_mover(&w, v));
	AM_TRY(load_committee(s, &w, v));
	words_text(m->motion, v->words);
	(void)snprintf(v->id, sizeof(v->id), "m-%u", m->number);
	v->state = state_of(s, v);
	return AM_OK;
}

static AM_RESULT
look(struct session *s, uint32_t number, struct motion_view *out)
{
	const struct rows_key n = rows_key_u32(number);
	store_txn_auto *t = NULL;
	uint8_t id[32];
	struct view w;

	AM_TRY(store_begin(s->store, false, &t));
	w = view_store(t);
	if (number == 0 ||
	    rows_index_get(&w, "motion-n", rows_key(&n), id, 32) != AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no such motion; 'amanat motions' shows which there are");
	AM_TRY(rows_get_motion(&w, (struct bytes){ id, 32 }, &out->motion));
	return load(s, t, out);
}

AM_RESULT
motion_look(struct session *s, const char *id, struct motion_view *out)
{
	return look(s, number_of(id), out);
}

AM_RESULT
motion_last(struct session *s, struct motion_view *out)
{
	return look(s, s->vault.motions, out);
}

AM_RESULT
motion_vote_of(struct session *s, const struct rows_vote *vote,
    char who[static ROWS_ID_MAX + 1], struct blob *note)
{
	store_txn_auto *t = NULL;
	statement_auto said = { 0 };
	struct bytes text = { 0 };
	struct view w;

	AM_TRY(store_begin(s->store, false, &t));
	w = view_store(t);
	AM_TRY(lookup_person_name(&w, vote->person, who));
	AM_TRY(lookup_statement(t, vote->leaf, s->why, &said));
	AM_TRY(canon_get_text(said.body, "note", &text));
	note->len = 0;
	return blob_add(note, text);
}

/* ---- voting */

AM_RESULT
motion_check_open(struct session *s, const struct motion_view *v)
{
	switch (v->state) {
	case MOTION_WAITING:
	case MOTION_DECIDED:
	case MOTION_OBJECT:
		return AM_OK;
	case MOTION_IN_FORCE:
		return why_say(s->why, AM_ERR_POLICY, "V21",
		    "%s is in effect already", v->id);
	case MOTION_DECLINED:
		return why_say(s->why, AM_ERR_POLICY, "V21",
		    "%s is declined: too many have said no; if it is still "
		    "needed, it is made again",
		    v->id);
	case MOTION_LAPSED:
		return why_say(s->why, AM_ERR_QUORUM, "V21",
		    "%s has ended before it took effect; if it is still "
		    "needed, it "
		    "is made again",
		    v->id);
	case MOTION_EARLY:
		return why_say(s->why, AM_ERR_POLICY, "R13.20",
		    "there is no committee yet that could decide: the first "
		    "safe is not active");
	}
	return AM_ERR_INTERNAL;
}

static AM_RESULT
add_vote(struct post *p, const struct session_key *k,
    const struct motion_view *v, bool yes, const char *note)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(p->s, "vote", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "motion", canon_hex((struct bytes){ v->motion.motion, 32 })));
	AM_TRY(canon_set(body, "yes", canon_bool(yes)));
	AM_TRY(canon_set(body, "note", canon_str(note)));
	return post_add(p, AM_TAKE(body), cred_of(k));
}

static AM_RESULT
add_enact(
    struct post *p, const struct session_key *k, const struct motion_view *v)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(p->s, "enact", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "motion", canon_hex((struct bytes){ v->motion.motion, 32 })));
	return post_add(p, AM_TAKE(body), cred_of(k));
}

/* A vote of the committee, which completes the quorum of what need not wait. */
static bool
completes(const struct session *s, const struct motion_view *v)
{
	return v->state == MOTION_WAITING && v->yes + 1 >= v->committee.k &&
	    session_now(s) >= v->effect_at;
}

int
motion_touches(const struct session *s, const struct motion_view *v)
{
	return completes(s, v) ? 2 : 1;
}

static bool
said_yes(const struct motion_view *v, const uint8_t person[static 16])
{
	for (size_t i = 0; i < v->motion.yes_count; i++)
		if (bytes_same((struct bytes){ v->motion.yes[i].person, 16 },
			(struct bytes){ person, 16 }))
			return true;
	return false;
}

AM_RESULT
motion_approve(
    struct session *s, const struct session_key *k, const struct motion_view *v)
{
	const bool decided = v->state == MOTION_DECIDED ||
	    (v->state == MOTION_OBJECT && said_yes(v, k->row.person));
	post_auto p = { .s = s };

	if (!decided)
		AM_TRY(add_vote(&p, k, v, true, ""));
	if (decided || completes(s, v))
		AM_TRY(add_enact(&p, k, v));
	AM_TRY(post_judge(&p));
	for (size_t i = 0; i < p.count; i++)
		AM_TRY(post_sign(&p, i, k->token, session_pin(k->pin),
		    i + 1 == p.count && v->state == MOTION_DECIDED
			? "to put it into effect"
			: i == 0 ? "to sign your vote"
				 : "again, to put it into effect"));
	return post_commit(&p);
}

AM_RESULT
motion_check_text(struct session *s, const char *text)
{
	const struct bytes b = { (const uint8_t *)text, strlen(text) };

	if (b.len > 0 && b.len <= 1024 && canon_text_ok(b))
		return AM_OK;
	return why_say(s->why, AM_ERR_INVALID, "R2.10",
	    "a reason has 1 to 1024 bytes of plain text");
}

AM_RESULT
motion_decline(struct session *s, const struct session_key *k,
    const struct motion_view *v, const char *reason)
{
	post_auto p = { .s = s };

	AM_TRY(motion_check_text(s, reason));
	AM_TRY(add_vote(&p, k, v, false, reason));
	return post_all(&p, k, "to sign your no");
}

/* ---- moving */

/* A week to vote, after what the level gives for objections. */
static AM_RESULT
choose_until(struct session *s, char out[static WHEN_TEXT_LEN + 1])
{
	struct rows_motion any = { .at = session_now(s) };
	int64_t effect = any.at;
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (!is_none(s->vault.governing, 16))
		AM_TRY(govern_effect_at(&v, &s->vault, &any, &effect));
	when_text(effect + (int64_t)MOTION_DAYS * 24 * 3600, out);
	return AM_OK;
}

AM_RESULT
motion_add(struct post *p, const struct session_key *mover, struct json_t *act,
    const char *why)
{
	canon_auto *owned = act, *body = NULL;
	char until[WHEN_TEXT_LEN + 1];

	AM_TRY(choose_until(p->s, until));
	AM_TRY(post_body(p->s, "motion", mover->row.person, &body));
	AM_TRY(canon_set(body, "act", AM_TAKE(owned)));
	AM_TRY(canon_set(body, "why", canon_str(why)));
	AM_TRY(canon_set(body, "until", canon_str(until)));
	return post_add(p, AM_TAKE(body), cred_of(mover));
}

AM_RESULT
motion_move(struct session *s, const struct session_key *k, struct json_t *act,
    const char *why, struct motion_view *out)
{
	canon_auto *owned = act;
	post_auto p = { .s = s };

	AM_TRY(motion_check_text(s, why));
	AM_TRY(motion_add(&p, k, AM_TAKE(owned), why));
	AM_TRY(post_all(&p, k, "to sign the motion"));
	return motion_last(s, out);
}

AM_RESULT
motion_waive(struct session *s, const struct session_key *k, const char *rule,
    int64_t until, const char *why, struct motion_view *out)
{
	canon_auto *act = canon_object(), *what = canon_object();
	char text[WHEN_TEXT_LEN + 1];

	when_text(until, text);
	AM_TRY(canon_set(what, "rule", canon_str(rule)));
	AM_TRY(canon_set(what, "until", canon_str(text)));
	AM_TRY(canon_set(act, "waive", AM_TAKE(what)));
	return motion_move(s, k, AM_TAKE(act), why, out);
}
