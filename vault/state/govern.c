/*
 * What one person may narrow and only a quorum may widen: suspend; motion,
 * vote, enact (protocol.md 5.9, 7.3; R13.2, R13.3, R13.8, R13.20).
 */

#include "vault/state/govern.h"

#include "vault/base/when.h"
#include "vault/state/keyring.h"
#include "vault/state/logkey.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"
#include "vault/state/rules.h"
#include "vault/state/waiver.h"

enum { MOTION_SPAN_MAX = 90 * 86400 };

static const uint8_t none[32];

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

/* ---- subjects: a person (32 hex digits) or a token (64) */

struct subject {
	bool is_token;
	struct rows_person person; /* or the owner of the token */
	struct rows_token token;
};

static AM_RESULT
load_subject(struct rules *r, struct subject *s, const uint8_t id[static 32])
{
	enum am_err err = AM_OK;

	if (s->is_token)
		err = rows_get_token(
		    &r->st->view, (struct bytes){ id, 32 }, &s->token);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V22", "no such key");
	AM_TRY(err);
	return rules_person(r, s->is_token ? s->token.person : id, &s->person);
}

static AM_RESULT
read_subject(struct rules *r, const struct json_t *obj, struct subject *s,
    uint8_t id[static 32])
{
	struct bytes text = { 0 };

	AM_TRY(canon_get_text(obj, "subject", &text));
	s->is_token = text.len == 64;
	AM_TRY(canon_get_hex(obj, "subject", id, s->is_token ? 32 : 16));
	return load_subject(r, s, id);
}

static AM_RESULT
keep_subject(struct rules *r, const struct subject *s)
{
	if (s->is_token)
		return rows_put_token(&r->st->view,
		    (struct bytes){ s->token.token, 32 }, &s->token);
	return rows_put_person(
	    &r->st->view, (struct bytes){ s->person.person, 16 }, &s->person);
}

static const char *
noun(const struct subject *s)
{
	return s->is_token ? "key" : "person";
}

/* A retired key is out of reach, whatever is decided. */
static AM_RESULT
not_retired(struct rules *r, const struct subject *s)
{
	if (s->is_token && s->token.status == ROWS_RETIRED)
		return RULES_SAY(r, AM_ERR_POLICY, "V22",
		    "the key '%s' is retired, which is for good",
		    s->token.label);
	return AM_OK;
}

static uint8_t *
suspended(struct subject *s)
{
	return s->is_token ? &s->token.suspended : &s->person.suspended;
}

static uint64_t
suspended_leaf(const struct subject *s)
{
	return s->is_token ? s->token.suspended_leaf : s->person.suspended_leaf;
}

/* R5.13: rules of the safe that governs may leave it to its custodians. */
AM_RESULT
govern_may_suspend(struct rules *r)
{
	struct rows_manifest g;
	struct rows_rules rules;
	struct rows_safe s;
	enum am_err err;

	if (same(r->vault.governing, none, 16))
		return AM_OK;
	AM_TRY(rows_get_safe(
	    &r->st->view, (struct bytes){ r->vault.governing, 16 }, &s));
	err = predicate_rules(&r->st->view, s.rules, &rules);
	if (err == AM_ERR_NOT_FOUND || (err == AM_OK && !rules.members_suspend))
		return AM_OK;
	AM_TRY(err);
	AM_TRY(rows_get_manifest(
	    &r->st->view, (struct bytes){ s.manifest, 32 }, &g));
	if (manifest_position(g.members, g.n, r->s->by) >= 0)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "R5.13",
	    "the rules leave suspending others to the custodians of '%s'",
	    s.id);
}

AM_RESULT
govern_suspend(struct rules *r)
{
	struct subject s = { 0 };
	struct bytes why = { 0 };
	uint8_t id[32] = { 0 };

	AM_TRY(canon_get_text(r->s->body, "why", &why));
	AM_TRY(read_subject(r, r->s->body, &s, id));
	if (!same(s.person.person, r->s->by, 16))
		AM_TRY(govern_may_suspend(r));
	AM_TRY(not_retired(r, &s));
	if (*suspended(&s) != ROWS_FREE)
		return RULES_SAY(r, AM_ERR_EXISTS, "V22",
		    "this %s is suspended already", noun(&s));
	*suspended(&s) = ROWS_SUSPENDED;
	if (s.is_token) {
		s.token.suspended_leaf = r->leaf;
		s.token.out_at = r->s->at;
	} else
		s.person.suspended_leaf = r->leaf;
	return keep_subject(r, &s);
}

/* ---- acts */

static AM_RESULT
read_admit(struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const full[] = { "identity", "person", "token" };
	static const char *const further[] = { "token" };
	const bool person = canon_keys_are(what, full, 3);

	if (!person && !canon_keys_are(what, further, 1))
		return AM_ERR_CORRUPT;
	m->act = ROWS_ADMIT;
	if (person) {
		AM_TRY(canon_get_hex(what, "person", m->person, 16));
		AM_TRY(canon_get_hex(what, "identity", m->identity, 32));
	}
	AM_TRY(canon_get_hex(what, "token", m->token, 32));
	return members_check_admit(r, m);
}

static AM_RESULT
has_free_key(struct rules *r, const uint8_t person[static 16], bool *out)
{
	enum am_err err = AM_OK;
	struct rows_token t;

	*out = false;
	for (uint32_t i = 0;
	     !*out && (err = keyring_nth(&r->st->view, person, i, &t)) == AM_OK;
	     i++)
		*out = t.status == ROWS_ACTIVE && t.suspended == ROWS_FREE;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* Who knows whether a key was ever out of sight is its owner: with another
 * key of theirs they move that it works again. Where they have none in force,
 * or are suspended, others may, or whoever suspends the only key of each
 * custodian would have locked the agency out. */
static AM_RESULT
check_mover(struct rules *r, const struct subject *s)
{
	bool other = false;

	if (!s->is_token || same(s->person.person, r->s->by, 16))
		return AM_OK;
	if (s->person.suspended == ROWS_FREE)
		AM_TRY(has_free_key(r, s->person.person, &other));
	if (!other)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "R5.14",
	    "that the key '%s' works again is for '%s' to move, with another "
	    "key of theirs",
	    s->token.label, s->person.id);
}

/* Resume and confirm name who is suspended. */
static AM_RESULT
read_subject_act(
    struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "subject" };
	struct subject s = { 0 };
	uint8_t id[32] = { 0 };

	if (!canon_keys_are(what, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(read_subject(r, what, &s, id));
	memcpy(m->person, s.person.person, sizeof(m->person));
	if (s.is_token)
		memcpy(m->token, id, sizeof(m->token));
	AM_TRY(not_retired(r, &s));
	if (*suspended(&s) == ROWS_FREE)
		return RULES_SAY(r, AM_ERR_POLICY, "R5.14",
		    "this %s is not suspended", noun(&s));
	if (m->act == ROWS_CONFIRM && *suspended(&s) == ROWS_CONFIRMED)
		return RULES_SAY(r, AM_ERR_EXISTS, "R5.14",
		    "this suspension is confirmed already");
	return m->act == ROWS_RESUME ? check_mover(r, &s) : AM_OK;
}

static AM_RESULT
read_waive(struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "rule", "until" };

	if (!canon_keys_are(what, keys, 2))
		return AM_ERR_CORRUPT;
	m->act = ROWS_WAIVE;
	AM_TRY(rules_text(what, "rule", m->rule, sizeof(m->rule)));
	AM_TRY(canon_get_when(what, "until", &m->rule_until));
	if (m->rule[0] == '\0' || m->rule_until <= r->s->at)
		return RULES_SAY(r, AM_ERR_INVALID, "V21",
		    "a waiver names its rule and an end to come");
	return AM_OK;
}

/* A log key that is lost, or known to others, is replaced (R3.2). */
static AM_RESULT
read_logkey(struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "key" };

	if (!canon_keys_are(what, keys, 1))
		return AM_ERR_CORRUPT;
	m->act = ROWS_LOGKEY;
	AM_TRY(canon_get_b64(what, "key", m->identity, sizeof(m->identity)));
	if (same(m->identity, r->vault.logkey, 32))
		return RULES_SAY(
		    r, AM_ERR_EXISTS, "R13.24", "that is the log key already");
	return AM_OK;
}

/* A motion from before the last change would bring back what was replaced. */
static AM_RESULT
take_logkey(struct rules *r, const struct rows_motion *m)
{
	uint64_t since = 0;

	AM_TRY(logkey_since(&r->st->view, &since));
	if (m->leaf < since)
		return RULES_SAY(r, AM_ERR_STALE, "R13.24",
		    "the log key has been replaced since this was moved; move "
		    "it again");
	AM_TRY(logkey_retire(&r->st->view, r->vault.logkey, r->leaf));
	memcpy(r->vault.logkey, m->identity, sizeof(r->vault.logkey));
	return AM_OK;
}

/* That a safe is made; m->rule is its name, for those who show the motion. */
static AM_RESULT
read_safe(struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "safe" };
	struct rows_safe s;
	uint8_t id[16];

	if (!canon_keys_are(what, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(what, "safe", id, sizeof(id)));
	if (rows_get_safe(&r->st->view, (struct bytes){ id, 16 }, &s) != AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "V21", "no such safe");
	if (s.agreed != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V21",
		    "safe '%s' was agreed on already", s.id);
	memcpy(m->person, id, sizeof(id));
	(void)snprintf(m->rule, sizeof(m->rule), "%s", s.id);
	return AM_OK;
}

static AM_RESULT
agree(struct rules *r, const struct rows_motion *m)
{
	struct rows_safe s;

	AM_TRY(
	    rows_get_safe(&r->st->view, (struct bytes){ m->person, 16 }, &s));
	s.agreed = 1;
	return rows_put_safe(&r->st->view, (struct bytes){ s.safe, 16 }, &s);
}

static const char *const acts[] = { NULL, "admit", "resume", "confirm", "waive",
	"logkey", "post", "appoint", "rules", "policy", "safe", "unfreeze",
	"deny" };

const char *
govern_act(const struct rows_motion *m)
{
	return m->act < AM_ARRAY_LEN(acts) && acts[m->act] != NULL
	    ? acts[m->act]
	    : "";
}

static AM_RESULT
read_what(struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	switch ((enum rows_act)m->act) {
	case ROWS_ADMIT:
		return read_admit(r, what, m);
	case ROWS_RESUME:
	case ROWS_CONFIRM:
		return read_subject_act(r, what, m);
	case ROWS_WAIVE:
		return read_waive(r, what, m);
	case ROWS_LOGKEY:
		return read_logkey(r, what, m);
	case ROWS_POST:
		return office_read_post(r, what, m->motion);
	case ROWS_APPOINT:
		return office_read_appointment(r, what, m);
	case ROWS_RULES:
		return ruleset_read(r, what, m);
	case ROWS_POLICY:
		return ruleset_read_policy(r, what, m->motion);
	case ROWS_SAFE:
		return read_safe(r, what, m);
	case ROWS_UNFREEZE:
		return incident_read_unfreeze(r, what, m);
	case ROWS_DENY:
		return supplier_read_deny(r, what, m->motion);
	}
	return AM_ERR_INTERNAL;
}

static AM_RESULT
read_act(struct rules *r, struct rows_motion *m)
{
	const struct json_t *act = NULL, *what = NULL;

	AM_TRY(canon_get_object(r->s->body, "act", &act));
	for (unsigned i = ROWS_ADMIT; i < AM_ARRAY_LEN(acts); i++) {
		if (!canon_keys_are(act, &acts[i], 1))
			continue;
		AM_TRY(canon_get_object(act, acts[i], &what));
		m->act = (uint8_t)i;
		return read_what(r, what, m);
	}
	return RULES_SAY(r, AM_ERR_CORRUPT, "R13.2",
	    "a motion has one act: admit, resume, confirm, waive, logkey, "
	    "post, appoint, rules, policy, safe, unfreeze or "
	    "deny");
}

static AM_RESULT
take_effect_on_subject(struct rules *r, const struct rows_motion *m)
{
	struct subject s = { .is_token = !same(m->token, none, 32) };

	AM_TRY(load_subject(r, &s, s.is_token ? m->token : m->person));
	AM_TRY(not_retired(r, &s));
	if (*suspended(&s) == ROWS_FREE)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "R5.14", "the suspension was lifted");
	/* else votes could be kept for a suspension that they never saw */
	if (suspended_leaf(&s) > m->leaf)
		return RULES_SAY(r, AM_ERR_POLICY, "R5.14",
		    "the suspension that this motion was about was lifted; "
		    "there has been another one since");
	*suspended(&s) = m->act == ROWS_CONFIRM ? ROWS_CONFIRMED : ROWS_FREE;
	if (m->act == ROWS_RESUME && !s.is_token)
		s.person.departure = 0; /* who is let back has not left */
	return keep_subject(r, &s);
}

/* Votes are not withdrawn: else a waiver that had its quorum once could be put
 * in the place of a later, shorter one by any one person. */
static AM_RESULT
take_waiver(struct rules *r, const struct rows_motion *m)
{
	uint64_t leaf = 0;

	AM_TRY(waiver_leaf(&r->st->view, m->rule, &leaf));
	if (m->leaf < leaf)
		return RULES_SAY(r, AM_ERR_STALE, "V21",
		    "another waiver of '%s' has come into force since this was "
		    "moved; move it again",
		    m->rule);
	return waiver_take(&r->st->view, m->rule, m->rule_until, r->leaf);
}

static AM_RESULT
take_effect(struct rules *r, struct rows_motion *m)
{
	m->status = ROWS_ENACTED;
	m->end_leaf = r->leaf;
	switch ((enum rows_act)m->act) {
	case ROWS_ADMIT:
		return members_admit(r, m);
	case ROWS_RESUME:
	case ROWS_CONFIRM:
		return take_effect_on_subject(r, m);
	case ROWS_WAIVE:
		return take_waiver(r, m);
	case ROWS_LOGKEY:
		return take_logkey(r, m);
	case ROWS_POST:
		return office_found(r, m);
	case ROWS_APPOINT:
		return office_appoint(r, m);
	case ROWS_RULES:
		return ruleset_enact(r, m);
	case ROWS_POLICY:
		return ruleset_enact_policy(r, m);
	case ROWS_SAFE:
		return agree(r, m);
	case ROWS_UNFREEZE:
		return incident_unfreeze(r, m);
	case ROWS_DENY:
		return supplier_enact_deny(r, m);
	}
	return AM_ERR_INTERNAL;
}

/* ---- motion */

static AM_RESULT
enter(struct rules *r, struct rows_motion *m)
{
	const struct bytes id = { m->motion, 32 };
	struct rows_key n;

	m->number = ++r->vault.motions;
	n = rows_key_u32(m->number);
	AM_TRY(rows_index_put(&r->st->view, "motion-n", rows_key(&n), id));
	return rows_put_motion(&r->st->view, id, m);
}

static bool
is_own_case(const struct rules *r, const struct rows_motion *m)
{
	return (m->act == ROWS_RESUME || m->act == ROWS_CONFIRM ||
		   m->act == ROWS_UNFREEZE) &&
	    same(m->person, r->s->by, 16);
}

/* R13.7: who holds no post any more decides on the posts and suspensions of
 * others only: on that much, so that neither locks an office out. */
static AM_RESULT
may_take_part_lapsed(struct rules *r, const struct rows_motion *m)
{
	if (!r->lapsed ||
	    ((m->act == ROWS_APPOINT || m->act == ROWS_RESUME) &&
		!same(m->person, r->s->by, 16)))
		return AM_OK;
	return RULES_SAY(r, AM_ERR_APPOINTMENT, "R13.7",
	    "the last appointment of '%s' has ended: that leaves a part in "
	    "entering the orders of others and lifting their suspensions, "
	    "and in nothing else",
	    r->by.id);
}

/* R5.14, R13.8: who is suspended, and no quorum has confirmed it, may move,
 * vote on and enact the lifting of other people's suspensions. */
static AM_RESULT
may_take_part(struct rules *r, const struct rows_motion *m)
{
	AM_TRY(may_take_part_lapsed(r, m));
	if (!r->limited || (m->act == ROWS_RESUME && !is_own_case(r, m)))
		return AM_OK;
	return RULES_SAY(r, AM_ERR_TOKEN, "V22",
	    "'%s' is suspended: that leaves a part in lifting other people's "
	    "suspensions, and in nothing else",
	    r->by.id);
}

/* R13.20: until the first safe is active a motion of the founder takes effect
 * at its own leaf; those of others wait. */
AM_RESULT
govern_motion(struct rules *r)
{
	struct rows_motion m = {
		.status = ROWS_MOVED, .at = r->s->at, .leaf = r->leaf
	};
	struct bytes why = { 0 };

	memcpy(m.motion, r->s->id, sizeof(m.motion));
	memcpy(m.by, r->s->by, sizeof(m.by));
	AM_TRY(canon_get_text(r->s->body, "why", &why));
	AM_TRY(canon_get_when(r->s->body, "until", &m.until));
	if (m.until <= m.at || m.until - m.at > MOTION_SPAN_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "V21",
		    "a motion ends after it is made and within 90 days");
	AM_TRY(read_act(r, &m));
	AM_TRY(may_take_part(r, &m));
	if (same(r->vault.governing, none, 16) &&
	    same(r->vault.founder, r->s->by, 16))
		AM_TRY(take_effect(r, &m));
	return enter(r, &m);
}

/* ---- vote and enact */

/* 7.3: the committee of the safe that the act names, else the governing one. */
const uint8_t *
govern_safe(const struct rows_vault *v, const struct rows_motion *m)
{
	return same(m->safe, none, 16) ? v->governing : m->safe;
}

/* R5.15: what widens access waits, so that others see it and may object. */
AM_RESULT
govern_effect_at(const struct view *v, const struct rows_vault *vault,
    const struct rows_motion *m, int64_t *out)
{
	struct rows_rules rules;
	struct rows_safe s;
	enum am_err err;

	*out = m->at;
	/* What narrows does not wait; nor does what makes a vault usable again
	 * whose host was lost. */
	if (m->act == ROWS_CONFIRM || m->act == ROWS_LOGKEY ||
	    strncmp(m->rule, "R3.9 ", 5) == 0)
		return AM_OK;
	AM_TRY(
	    rows_get_safe(v, (struct bytes){ govern_safe(vault, m), 16 }, &s));
	err = predicate_rules(v, s.rules, &rules);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	*out = m->at + rules.cooloff_change;
	return AM_OK;
}

static AM_RESULT
read_motion(struct rules *r, struct rows_motion *m, struct rows_manifest *g)
{
	struct rows_safe s;
	uint8_t id[32];
	enum am_err err;

	AM_TRY(canon_get_hex(r->s->body, "motion", id, sizeof(id)));
	err =
	    rows_get_motion(&r->st->view, (struct bytes){ id, sizeof(id) }, m);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V21", "no such motion");
	AM_TRY(err);
	if (m->status != ROWS_MOVED)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "V21", "the motion is in effect already");
	if (r->s->at > m->until)
		return RULES_SAY(r, AM_ERR_QUORUM, "V21",
		    "the motion has ended before it took effect; make it "
		    "again");
	if (same(r->vault.governing, none, 16))
		return RULES_SAY(r, AM_ERR_POLICY, "R13.20",
		    "there is no committee yet that could decide");
	if (m->act == ROWS_RULES)
		AM_TRY(ruleset_decides(r, m));
	AM_TRY(rows_get_safe(
	    &r->st->view, (struct bytes){ govern_safe(&r->vault, m), 16 }, &s));
	return rows_get_manifest(
	    &r->st->view, (struct bytes){ s.manifest, 32 }, g);
}

static bool
has_voted(const struct rows_motion *m, const uint8_t person[static 16])
{
	for (size_t i = 0; i < m->yes_count; i++)
		if (same(m->yes[i].person, person, 16))
			return true;
	for (size_t i = 0; i < m->no_count; i++)
		if (same(m->no[i].person, person, 16))
			return true;
	return false;
}

/* R5.14: nobody votes on his own suspension; O-5: nor on a freeze that names
 * him or a key of his. */
static AM_RESULT
may_vote(struct rules *r, const struct rows_motion *m)
{
	if (is_own_case(r, m) && m->act == ROWS_UNFREEZE)
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "the freeze names '%s'; others decide on it", r->by.id);
	if (is_own_case(r, m))
		return RULES_SAY(r, AM_ERR_POLICY, "R5.14",
		    "nobody votes on their own suspension");
	return may_take_part(r, m);
}

/* While a motion may be objected to, who said yes may still say no. */
static AM_RESULT
take_back(struct rules *r, struct rows_motion *m)
{
	int64_t effect = 0;

	AM_TRY(govern_effect_at(&r->st->view, &r->vault, m, &effect));
	if (r->s->at >= effect)
		return AM_OK;
	for (size_t i = 0; i < m->yes_count; i++) {
		if (!same(m->yes[i].person, r->s->by, 16))
			continue;
		m->yes_count--;
		memmove(&m->yes[i], &m->yes[i + 1],
		    (m->yes_count - i) * sizeof(m->yes[0]));
		return AM_OK;
	}
	return AM_OK;
}

AM_RESULT
govern_vote(struct rules *r)
{
	struct rows_vote vote = { .leaf = r->leaf, .at = r->s->at };
	struct rows_manifest g = { 0 };
	struct rows_motion m = { 0 };
	struct bytes note = { 0 };
	bool yes = false;

	AM_TRY(canon_get_text(r->s->body, "note", &note));
	AM_TRY(canon_get_bool(r->s->body, "yes", &yes));
	AM_TRY(read_motion(r, &m, &g));
	if (manifest_position(g.members, g.n, r->s->by) < 0)
		return RULES_SAY(r, AM_ERR_POLICY, "V21",
		    "'%s' is not a custodian of the safe that decides on this",
		    r->by.id);
	AM_TRY(may_vote(r, &m));
	if (!yes)
		AM_TRY(take_back(r, &m));
	if (has_voted(&m, r->s->by))
		return RULES_SAY(
		    r, AM_ERR_POLICY, "V21", "already counted: same person");
	if (m.yes_count == ROWS_N_MAX || m.no_count == ROWS_N_MAX)
		return RULES_SAY(r, AM_ERR_POLICY, "V21",
		    "the motion has been voted on by a committee before this "
		    "one; make it again");
	memcpy(vote.person, r->s->by, sizeof(vote.person));
	if (yes)
		m.yes[m.yes_count++] = vote;
	else
		m.no[m.no_count++] = vote;
	return rows_put_motion(
	    &r->st->view, (struct bytes){ m.motion, 32 }, &m);
}

/* R13.20: votes of those who are members both then and now. */
AM_RESULT
govern_enact(struct rules *r)
{
	struct rows_manifest g = { 0 };
	struct rows_motion m = { 0 };
	char when[WHEN_TEXT_LEN + 1];
	int64_t effect = 0;
	unsigned yes = 0;

	AM_TRY(read_motion(r, &m, &g));
	AM_TRY(may_take_part(r, &m));
	for (size_t i = 0; i < m.yes_count; i++)
		yes += manifest_position(g.members, g.n, m.yes[i].person) >= 0;
	if (yes < g.k)
		return RULES_SAY(r, AM_ERR_QUORUM, "V21",
		    "quorum not met (%u of %u)", yes, g.k);
	AM_TRY(govern_effect_at(&r->st->view, &r->vault, &m, &effect));
	when_text(effect, when);
	if (r->s->at < effect)
		return RULES_SAY(r, AM_ERR_COOL_OFF, "R5.15",
		    "it has its quorum, and may be put into effect from %s "
		    "on: until then others see it and may object",
		    when);
	AM_TRY(take_effect(r, &m));
	return rows_put_motion(
	    &r->st->view, (struct bytes){ m.motion, 32 }, &m);
}
