/*
 * What one person may narrow and a quorum may widen, refusals first: suspend,
 * motion, vote, enact, keys retired (protocol.md 5.9, 7.3; R5.13 to R5.15,
 * R13.2, R13.3, R13.8, R13.20; V21, V22).
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/poss.h"

/* People 1 to 5 hold a safe, 3 of 5; 6 is an official, 7 a contractor. */
static struct forge *
governed(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	forge_safe(f, 3, 5);
	return f;
}

/* ---- bodies */

static struct json_t *
suspend(struct forge *f, size_t by, const uint8_t *id, size_t len)
{
	struct json_t *b = forge_body(f, "suspend", by);

	forge_hex(b, "subject", id, len);
	forge_text(b, "why", "TEST");
	return b;
}

static struct json_t *
suspend_person(struct forge *f, size_t by, size_t who)
{
	return suspend(f, by, f->people[who].id, 16);
}

static struct json_t *
suspend_key(struct forge *f, size_t by, size_t key)
{
	return suspend(f, by, f->people[key].token, 32);
}

static struct json_t *
about(
    struct forge *f, size_t by, const char *act, const uint8_t *id, size_t len)
{
	struct json_t *what = canon_object();

	forge_hex(what, "subject", id, len);
	return forge_motion(f, by, act, what);
}

static struct json_t *
about_person(struct forge *f, size_t by, const char *act, size_t who)
{
	return about(f, by, act, f->people[who].id, 16);
}

static struct json_t *
about_key(struct forge *f, size_t by, const char *act, size_t key)
{
	return about(f, by, act, f->people[key].token, 32);
}

struct moved {
	uint8_t id[32];
};

static struct moved
move(struct forge *f, struct json_t *body, size_t key)
{
	struct moved m;

	accepted(f, body, key);
	memcpy(m.id, f->last, 32);
	return m;
}

static struct json_t *
vote(struct forge *f, size_t by, const struct moved *m, bool yes)
{
	struct json_t *b = forge_body(f, "vote", by);

	forge_hex(b, "motion", m->id, 32);
	forge_text(b, "note", "");
	assert_int_equal(canon_set(b, "yes", canon_bool(yes)), AM_OK);
	return b;
}

static struct json_t *
enact(struct forge *f, size_t by, const struct moved *m)
{
	struct json_t *b = forge_body(f, "enact", by);

	forge_hex(b, "motion", m->id, 32);
	return b;
}

/* Three custodians say yes, and one of them puts it into effect. */
static void
carry(struct forge *f, const struct moved *m, const size_t who[3])
{
	for (size_t i = 0; i < 3; i++)
		accepted(f, vote(f, who[i], m, true), who[i]);
	accepted(f, enact(f, who[0], m), who[0]);
}

static const size_t most[3] = { 1, 2, 3 }, rest[3] = { 3, 4, 5 };

static struct json_t *
retire(struct forge *f, size_t by, size_t key, const char *label,
    const char *reason)
{
	struct json_t *b = forge_body(f, "entry", by), *item = canon_object(),
		      *data = canon_object();

	forge_text(item, "id", label);
	forge_text(item, "type", "key");
	forge_text(data, "reason", reason);
	forge_text(data, "receipt", "");
	forge_hex(data, "token", f->people[key].token, 32);
	assert_int_equal(canon_set(b, "item", item), AM_OK);
	forge_uint(b, "version", 1);
	assert_int_equal(canon_set(b, "data", data), AM_OK);
	return b;
}

/* A second key of `who`, offered, and admitted when `admit`. */
static size_t
second_key(struct forge *f, size_t who, const char *label, bool admit)
{
	const size_t key = forge_key(f);
	struct json_t *what = canon_object();
	struct moved m;

	accepted(f, forge_token(f, who, key, label), key);
	memcpy(f->people[key].token, f->last, 32);
	if (!admit) {
		canon_free(&what);
		return key;
	}
	forge_hex(what, "token", f->people[key].token, 32);
	m = move(f, forge_motion(f, who, "admit", what), who);
	carry(f, &m, most);
	return key;
}

static struct rows_person
person_row(struct forge *f, size_t who)
{
	const struct view v = view_memory(f->memory);
	struct rows_person p;

	assert_int_equal(
	    rows_get_person(&v, (struct bytes){ f->people[who].id, 16 }, &p),
	    AM_OK);
	return p;
}

static struct rows_token
token_row(struct forge *f, size_t key)
{
	const struct view v = view_memory(f->memory);
	struct rows_token t;

	assert_int_equal(
	    rows_get_token(&v, (struct bytes){ f->people[key].token, 32 }, &t),
	    AM_OK);
	return t;
}

static struct json_t *
identity(struct forge *f, size_t who)
{
	struct json_t *b = forge_body(f, "identity", who);
	const struct view v = view_memory(f->memory);
	struct rows_vault vault;
	uint8_t ph[32], proof[POSS_PROOF];
	struct scalar d;
	struct point pk;

	sc_random(&d);
	assert_int_equal(pt_mul_base(&d, &pk), AM_OK);
	assert_int_equal(
	    rows_get_vault(&v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
	hash_sha256(HASH_PARTS(HASH_T("identity"), { vault.genesis, 32 },
			{ f->people[who].id, 16 }, pt_bytes(&pk)),
	    ph);
	assert_int_equal(poss_prove(&d, &pk, ph, proof), AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, sizeof(proof));
	return b;
}

/* ---- motions */

static void
r13_2_a_motion_is_one_act_with_an_end(void **state)
{
	struct forge *f = governed();
	struct json_t *b, *what;
	const struct json_t *act = NULL;
	size_t i;

	(void)state;
	i = forge_newcomer(f, "official");
	b = forge_body(f, "motion", 6);
	assert_int_equal(canon_set(b, "act", canon_object()), AM_OK);
	forge_text(b, "why", "");
	forge_when(b, "until", f->at + 60);
	refused(f, b, 6, AM_ERR_CORRUPT, "R13.2");
	/* Two acts in one. */
	b = forge_admission(f, 6, i);
	assert_int_equal(canon_get_object(b, "act", &act), AM_OK);
	what = canon_object();
	forge_hex(what, "subject", f->people[1].id, 16);
	assert_int_equal(
	    canon_set((struct json_t *)(uintptr_t)act, "resume", what), AM_OK);
	refused(f, b, 6, AM_ERR_CORRUPT, "R13.2");
	/* One that this version does not have. */
	refused(f, forge_motion(f, 6, "erase", canon_object()), 6,
	    AM_ERR_CORRUPT, "R13.2");
	/* Fields beside those of the act. */
	what = canon_object();
	forge_hex(what, "token", f->people[i].token, 32);
	forge_text(what, "label", "x");
	refused(f, forge_motion(f, 6, "admit", what), 6, AM_ERR_CORRUPT, "V02");
	/* No end, or one too far. */
	b = forge_admission(f, 6, i);
	forge_when(b, "until", f->at - 1);
	refused(f, b, 6, AM_ERR_INVALID, "V21");
	b = forge_admission(f, 6, i);
	forge_when(b, "until", f->at + 91 * 86400);
	refused(f, b, 6, AM_ERR_INVALID, "V21");
	forge_free(f);
}

static void
r13_3_only_what_is_offered_and_named_is_admitted(void **state)
{
	struct forge *f = governed();
	struct json_t *what;
	size_t a, b, key;

	(void)state;
	a = forge_newcomer(f, "official");
	b = forge_newcomer(f, "official");
	/* The key or the identity of another one. */
	what = canon_object();
	forge_hex(what, "person", f->people[a].id, 16);
	forge_hex(what, "token", f->people[b].token, 32);
	forge_hex(what, "identity", f->people[a].identity, 32);
	refused(f, forge_motion(f, 6, "admit", what), 6, AM_ERR_VERIFY, "V21");
	what = canon_object();
	forge_hex(what, "person", f->people[a].id, 16);
	forge_hex(what, "token", f->people[a].token, 32);
	forge_hex(what, "identity", f->people[b].identity, 32);
	refused(f, forge_motion(f, 6, "admit", what), 6, AM_ERR_VERIFY, "V21");
	/* As a further key of who is not admitted. */
	what = canon_object();
	forge_hex(what, "token", f->people[a].token, 32);
	refused(f, forge_motion(f, 6, "admit", what), 6, AM_ERR_POLICY, "V21");
	/* An offered key signs nothing, not even its own motion. */
	refused(f, forge_admission(f, a, a), a, AM_ERR_TOKEN, "V09");
	key = second_key(f, 1, "p1-b", false);
	refused(f, suspend_person(f, 1, 2), key, AM_ERR_TOKEN, "V09");
	/* ... and no identity for an admitted person, whose own key does. */
	refused(f, identity(f, 1), key, AM_ERR_TOKEN, "V09");
	accepted(f, identity(f, 1), 1);
	accepted(f, identity(f, 1), 1); /* the newest one counts */
	assert_memory_equal(person_row(f, 1).identity, f->last, 32);
	forge_free(f);
}

static void
r13_20_v21_after_the_founding_custodians_decide(void **state)
{
	struct forge *f = governed();
	struct moved m, none = { { 9 } };
	size_t i;

	(void)state;
	i = forge_newcomer(f, "official");
	/* The founder has no special right any more. */
	m = move(f, forge_admission(f, 0, i), 0);
	assert_int_equal(person_row(f, i).status, ROWS_KNOWN);
	refused(f, vote(f, 1, &none, true), 1, AM_ERR_NOT_FOUND, "V21");
	refused(f, vote(f, 0, &m, true), 0, AM_ERR_POLICY, "V21");
	refused(f, vote(f, 6, &m, true), 6, AM_ERR_POLICY, "V21");
	refused(f, vote(f, i, &m, true), i, AM_ERR_TOKEN, "V09");
	accepted(f, vote(f, 1, &m, true), 1);
	refused(f, vote(f, 1, &m, true), 1, AM_ERR_POLICY, "V21");
	refused(f, vote(f, 1, &m, false), 1, AM_ERR_POLICY, "V21");
	accepted(f, vote(f, 2, &m, false), 2);
	refused(f, vote(f, 2, &m, true), 2, AM_ERR_POLICY, "V21");
	accepted(f, vote(f, 3, &m, true), 3);
	refused(f, enact(f, 3, &m), 3, AM_ERR_QUORUM, "V21");
	accepted(f, vote(f, 4, &m, true), 4);
	assert_int_equal(person_row(f, i).status, ROWS_KNOWN);
	/* Anyone admitted puts into effect what was decided, once. */
	refused(f, enact(f, i, &m), i, AM_ERR_TOKEN, "V09");
	accepted(f, enact(f, 7, &m), 7);
	assert_int_equal(person_row(f, i).status, ROWS_ADMITTED);
	assert_int_equal(person_row(f, i).tokens, 1);
	assert_int_equal(token_row(f, i).status, ROWS_ACTIVE);
	refused(f, enact(f, 7, &m), 7, AM_ERR_POLICY, "V21");
	refused(f, vote(f, 5, &m, true), 5, AM_ERR_POLICY, "V21");
	forge_free(f);
}

static void
v21_a_motion_that_has_ended_takes_no_effect(void **state)
{
	struct forge *f = governed();
	struct moved m;
	size_t i;

	(void)state;
	i = forge_newcomer(f, "official");
	m = move(f, forge_admission(f, 6, i), 6);
	accepted(f, vote(f, 1, &m, true), 1);
	accepted(f, vote(f, 2, &m, true), 2);
	accepted(f, vote(f, 3, &m, true), 3);
	f->at += 86401;
	refused(f, enact(f, 1, &m), 1, AM_ERR_QUORUM, "V21");
	refused(f, vote(f, 4, &m, true), 4, AM_ERR_QUORUM, "V21");
	forge_free(f);
}

/* R13.20: who has left the committee in between does not count. */
static void
r13_20_votes_of_members_then_and_now(void **state)
{
	static const size_t next[] = { 1, 2, 3, 5, 6 }, dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = next,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = governed();
	struct moved m;
	size_t i;

	(void)state;
	i = forge_newcomer(f, "official");
	m = move(f, forge_admission(f, 0, i), 0);
	accepted(f, vote(f, 4, &m, true), 4);
	accepted(f, vote(f, 1, &m, true), 1);
	accepted(f, vote(f, 2, &m, true), 2);
	forge_reshare(f, &c); /* 4 leaves, 6 comes */
	refused(f, enact(f, 1, &m), 1, AM_ERR_QUORUM, "V21");
	refused(f, vote(f, 4, &m, true), 4, AM_ERR_POLICY, "V21");
	accepted(f, vote(f, 6, &m, true), 6);
	accepted(f, enact(f, 1, &m), 1);
	forge_free(f);
}

static void
r13_20_while_founding_the_motions_of_others_wait(void **state)
{
	struct forge *f = forge_new();
	struct moved m;
	size_t a, b;

	(void)state;
	a = forge_person(f, "official");
	b = forge_newcomer(f, "official");
	m = move(f, forge_admission(f, a, b), a);
	assert_int_equal(person_row(f, b).status, ROWS_KNOWN);
	refused(f, vote(f, a, &m, true), a, AM_ERR_POLICY, "R13.20");
	refused(f, enact(f, 0, &m), 0, AM_ERR_POLICY, "R13.20");
	accepted(f, forge_admission(f, 0, b), 0);
	assert_int_equal(person_row(f, b).status, ROWS_ADMITTED);
	forge_free(f);
}

static void
r13_2_a_waiver_names_its_rule_and_its_end(void **state)
{
	struct forge *f = governed();
	struct json_t *what = canon_object();
	struct moved m;

	(void)state;
	forge_text(what, "rule", "");
	forge_when(what, "until", f->at + 60);
	refused(f, forge_motion(f, 1, "waive", what), 1, AM_ERR_INVALID, "V21");
	what = canon_object();
	forge_text(what, "rule", "exposure:x");
	forge_when(what, "until", f->at - 60);
	refused(f, forge_motion(f, 1, "waive", what), 1, AM_ERR_INVALID, "V21");
	what = canon_object();
	forge_text(what, "rule", "exposure:x");
	forge_when(what, "until", f->at + 6000);
	m = move(f, forge_motion(f, 1, "waive", what), 1);
	carry(f, &m, most);
	forge_free(f);
}

/* A quorum that lets less pass than it once meant to has the last word. */
static void
v21_an_older_waiver_does_not_come_back(void **state)
{
	struct forge *f = governed();
	struct moved longer, other;

	(void)state;
	longer = move(f,
	    forge_motion(f, 1, "waive", forge_waiver("X-8 s", f->at + 86400)),
	    1);
	other = move(f,
	    forge_motion(f, 1, "waive", forge_waiver("X-8 t", f->at + 86400)),
	    1);
	for (size_t i = 0; i < 3; i++) {
		accepted(f, vote(f, most[i], &longer, true), most[i]);
		accepted(f, vote(f, most[i], &other, true), most[i]);
	}
	assert_int_equal(forge_carry(f, "waive",
			     forge_waiver("X-8 s", f->at + 600), most, 3, 0),
	    AM_OK);
	refused(f, enact(f, 6, &longer), 6, AM_ERR_STALE, "V21");
	accepted(f, enact(f, 6, &other), 6); /* of another safe */
	assert_int_equal(forge_carry(f, "waive",
			     forge_waiver("X-8 s", f->at + 86400), most, 3, 0),
	    AM_OK);
	forge_free(f);
}

/* ---- suspension */

static void
r5_13_v22_a_suspended_key_or_person_signs_nothing(void **state)
{
	struct forge *f = governed();
	const uint8_t nobody[32] = { 7 };
	struct forge_sealed s = { 0 };
	struct forge_asked a = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 6, "x", "TEST", &s), 6);
	memcpy(s.seal, f->last, 32);
	refused(f, suspend(f, 6, nobody, 32), 6, AM_ERR_NOT_FOUND, "V22");
	refused(f, suspend(f, 6, nobody, 16), 6, AM_ERR_NOT_FOUND, "V08");
	accepted(f, suspend_key(f, 7, 1), 7); /* by anyone admitted */
	refused(f, suspend_key(f, 6, 1), 6, AM_ERR_EXISTS, "V22");
	accepted(f, suspend_person(f, 6, 2), 6);
	refused(f, suspend_person(f, 6, 2), 6, AM_ERR_EXISTS, "V22");
	for (size_t i = 1; i <= 2; i++) {
		refused(f, forge_seal(f, i, "y", "TEST", &s), i, AM_ERR_TOKEN,
		    "V22");
		refused(f, forge_request(f, i, &s, &a), i, AM_ERR_TOKEN, "V22");
		refused(f, suspend_person(f, i, 3), i, AM_ERR_TOKEN, "V22");
		refused(f, about_person(f, i, "confirm", 2), i, AM_ERR_TOKEN,
		    "V22");
		refused(
		    f, retire(f, i, 3, "p3", "TEST"), i, AM_ERR_TOKEN, "V22");
	}
	forge_free(f);
}

/* R13.8, 4.5: given before, and counted no more. */
static void
r13_8_approvals_of_who_is_suspended_do_not_count(void **state)
{
	static const uint32_t all[] = { 1, 2, 3 }, others[] = { 2, 3, 4 };
	struct forge *f = governed();
	struct forge_sealed s = { 0 };
	struct forge_asked a = { 0 };
	struct moved m;

	(void)state;
	accepted(f, forge_seal(f, 6, "x", "TEST", &s), 6);
	memcpy(s.seal, f->last, 32);
	accepted(f, forge_request(f, 6, &s, &a), 6);
	memcpy(a.request, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &a), i);
	f->beside.partial = NULL;
	accepted(f, suspend_key(f, 4, 1), 4);
	refused(f, forge_open(f, 6, &a, all, 3), 6, AM_ERR_QUORUM, "V19");
	accepted(f, forge_approve(f, 4, &a), 4);
	f->beside.partial = NULL;
	refused(f, forge_open(f, 6, &a, all, 3), 6, AM_ERR_VERIFY, "V19");
	/* Lifted, it counts again. */
	m = move(f, about_key(f, 5, "resume", 1), 5);
	carry(f, &m, rest);
	accepted(f, suspend_person(f, 5, 4), 5);
	refused(f, forge_open(f, 6, &a, others, 3), 6, AM_ERR_VERIFY, "V19");
	accepted(f, forge_open(f, 6, &a, all, 3), 6);
	forge_free(f);
}

/* An approval that does not count any more is given anew by another key. */
static void
r4_3_one_person_counts_once_with_two_keys(void **state)
{
	struct forge *f = governed();
	const size_t key = second_key(f, 1, "p1-b", true);
	struct forge_sealed s = { 0 };
	struct forge_asked a = { 0 };

	(void)state;
	assert_int_equal(person_row(f, 1).tokens, 2);
	accepted(f, forge_seal(f, 6, "x", "TEST", &s), 6);
	memcpy(s.seal, f->last, 32);
	accepted(f, forge_request(f, 6, &s, &a), 6);
	memcpy(a.request, f->last, 32);
	accepted(f, forge_approve(f, 1, &a), 1);
	refused(f, forge_approve(f, 1, &a), key, AM_ERR_POLICY, "R4.3");
	accepted(f, suspend_key(f, 2, 1), 2);
	accepted(f, forge_approve(f, 1, &a), key);
	refused(f, forge_approve(f, 1, &a), key, AM_ERR_POLICY, "R4.3");
	refused(f, forge_approve(f, 1, &a), 1, AM_ERR_TOKEN, "V22");
	f->beside.partial = NULL;
	forge_free(f);
}

/* ---- lifting */

static void
r5_14_a_key_is_lifted_by_its_owner_with_another(void **state)
{
	struct forge *f = governed();
	const size_t key = second_key(f, 1, "p1-b", true);
	struct moved m;

	(void)state;
	refused(f, about_key(f, 1, "resume", 1), key, AM_ERR_POLICY, "R5.14");
	accepted(f, suspend_key(f, 2, 1), 2);
	refused(f, about_key(f, 2, "resume", 1), 2, AM_ERR_POLICY, "R5.14");
	refused(f, about_key(f, 0, "resume", 1), 0, AM_ERR_POLICY, "R5.14");
	refused(f, about_key(f, 1, "resume", 1), 1, AM_ERR_TOKEN, "V22");
	m = move(f, about_key(f, 1, "resume", 1), key);
	refused(f, vote(f, 1, &m, true), key, AM_ERR_POLICY, "R5.14");
	refused(f, vote(f, 1, &m, true), 1, AM_ERR_POLICY, "R5.14");
	carry(f, &m, rest);
	assert_int_equal(token_row(f, 1).suspended, ROWS_FREE);
	accepted(f, suspend_key(f, 1, key), 1);
	/* It was lifted: another motion for the same has nothing to lift. */
	m = move(f, about_key(f, 1, "resume", key), 1);
	for (size_t i = 0; i < 3; i++)
		accepted(f, vote(f, rest[i], &m, true), rest[i]);
	accepted(f, enact(f, 3, &m), 3);
	refused(f, about_key(f, 1, "resume", key), 1, AM_ERR_POLICY, "R5.14");
	forge_free(f);
}

/* Promise 1: no single person locks the agency out, not by suspending the only
 * key of each custodian, nor each of them as a person. */
static void
r5_14_one_who_suspends_all_others_changes_nothing_for_good(void **state)
{
	struct forge *f = governed();
	struct moved m;

	(void)state;
	for (size_t i = 0; i <= 7; i++)
		if (i != 5)
			accepted(f,
			    i % 2 == 0 ? suspend_person(f, 5, i)
				       : suspend_key(f, 5, i),
			    5);
	/* Who did it is the only one left who could do something else. */
	refused(f, forge_body(f, "erased", 1), 1, AM_ERR_CORRUPT, "V08");
	refused(f, suspend_person(f, 1, 5), 1, AM_ERR_TOKEN, "V22");
	refused(f, about_person(f, 1, "confirm", 2), 1, AM_ERR_TOKEN, "V22");
	/* Nobody lifts their own, by a key or as a person. */
	refused(f, about_key(f, 1, "resume", 1), 1, AM_ERR_TOKEN, "V22");
	refused(f, about_person(f, 2, "resume", 2), 2, AM_ERR_TOKEN, "V22");
	m = move(f, about_person(f, 1, "resume", 2), 1);
	refused(f, vote(f, 2, &m, true), 2, AM_ERR_POLICY, "R5.14");
	accepted(f, vote(f, 1, &m, true), 1);
	accepted(f, vote(f, 3, &m, true), 3);
	accepted(f, vote(f, 4, &m, true), 4);
	refused(f, enact(f, 2, &m), 2, AM_ERR_TOKEN, "V22");
	accepted(f, enact(f, 4, &m), 4);
	assert_int_equal(person_row(f, 2).suspended, ROWS_FREE);
	/* ... and so on: the only key of another one, moved by who is free. */
	m = move(f, about_key(f, 2, "resume", 1), 2);
	refused(f, vote(f, 1, &m, true), 1, AM_ERR_POLICY, "R5.14");
	accepted(f, vote(f, 2, &m, true), 2);
	accepted(f, vote(f, 3, &m, true), 3);
	accepted(f, vote(f, 4, &m, true), 4);
	accepted(f, enact(f, 2, &m), 2);
	assert_int_equal(token_row(f, 1).suspended, ROWS_FREE);
	forge_free(f);
}

static void
r5_14_r13_8_a_confirmed_suspension_takes_the_vote(void **state)
{
	struct forge *f = governed();
	struct moved m, other;

	(void)state;
	refused(f, about_person(f, 1, "confirm", 4), 1, AM_ERR_POLICY, "R5.14");
	accepted(f, suspend_person(f, 1, 4), 1);
	accepted(f, suspend_person(f, 1, 5), 1);
	m = move(f, about_person(f, 1, "confirm", 4), 1);
	refused(f, vote(f, 4, &m, false), 4, AM_ERR_POLICY, "R5.14");
	refused(f, vote(f, 5, &m, false), 5, AM_ERR_TOKEN, "V22");
	carry(f, &m, most);
	assert_int_equal(person_row(f, 4).suspended, ROWS_CONFIRMED);
	refused(f, about_person(f, 1, "confirm", 4), 1, AM_ERR_EXISTS, "R5.14");
	other = move(f, about_person(f, 2, "resume", 5), 2);
	refused(f, vote(f, 4, &other, true), 4, AM_ERR_TOKEN, "V22");
	refused(f, about_person(f, 4, "resume", 5), 4, AM_ERR_TOKEN, "V22");
	/* A quorum lifts what a quorum has confirmed. */
	m = move(f, about_person(f, 2, "resume", 4), 2);
	accepted(f, vote(f, 5, &m, true), 5); /* not confirmed */
	accepted(f, vote(f, 1, &m, true), 1);
	accepted(f, vote(f, 2, &m, true), 2);
	accepted(f, enact(f, 1, &m), 1);
	accepted(f, vote(f, 4, &other, true), 4);
	forge_free(f);
}

/* Votes that were given before still count (R13.8). */
static void
r13_8_a_vote_given_before_counts(void **state)
{
	struct forge *f = governed();
	struct moved m;
	size_t i;

	(void)state;
	i = forge_newcomer(f, "official");
	m = move(f, forge_admission(f, 6, i), 6);
	accepted(f, vote(f, 1, &m, true), 1);
	accepted(f, suspend_person(f, 6, 1), 6);
	refused(f, enact(f, 1, &m), 1, AM_ERR_TOKEN, "V22");
	accepted(f, vote(f, 2, &m, true), 2);
	accepted(f, vote(f, 3, &m, true), 3);
	accepted(f, enact(f, 2, &m), 2);
	forge_free(f);
}

/* Two motions to let one back, both with their quorum: the second one is not
 * kept for a suspension to come. */
static void
r5_14_a_resume_is_of_the_suspension_it_was_moved_for(void **state)
{
	struct forge *f = governed();
	struct moved m, kept, confirm;

	(void)state;
	accepted(f, suspend_person(f, 1, 5), 1);
	m = move(f, about_person(f, 1, "resume", 5), 1);
	kept = move(f, about_person(f, 4, "resume", 5), 4);
	confirm = move(f, about_person(f, 4, "confirm", 5), 4);
	for (size_t i = 0; i < 3; i++) {
		accepted(f, vote(f, most[i], &kept, true), most[i]);
		accepted(f, vote(f, most[i], &confirm, true), most[i]);
	}
	carry(f, &m, most);
	refused(f, enact(f, 4, &kept), 4, AM_ERR_POLICY, "R5.14");
	accepted(f, suspend_person(f, 1, 5), 1);
	refused(f, enact(f, 4, &kept), 4, AM_ERR_POLICY, "R5.14");
	refused(f, enact(f, 4, &confirm), 4, AM_ERR_POLICY, "R5.14");
	assert_int_equal(person_row(f, 5).suspended, ROWS_SUSPENDED);
	/* The same of a key. */
	accepted(f, suspend_key(f, 1, 4), 1);
	m = move(f, about_key(f, 1, "resume", 4), 1);
	kept = move(f, about_key(f, 3, "resume", 4), 3);
	for (size_t i = 0; i < 3; i++)
		accepted(f, vote(f, most[i], &kept, true), most[i]);
	carry(f, &m, most);
	accepted(f, suspend_key(f, 1, 4), 1);
	refused(f, enact(f, 3, &kept), 3, AM_ERR_POLICY, "R5.14");
	forge_free(f);
}

static void
r13_24_an_old_motion_brings_no_log_key_back(void **state)
{
	static const uint8_t first[32] = { 1 }, second[32] = { 2 };
	struct forge *f = governed();
	struct json_t *what = canon_object();
	struct moved old, m;

	(void)state;
	forge_b64(what, "key", first, sizeof(first));
	old = move(f, forge_motion(f, 6, "logkey", what), 6);
	for (size_t i = 0; i < 3; i++)
		accepted(f, vote(f, most[i], &old, true), most[i]);
	what = canon_object();
	forge_b64(what, "key", second, sizeof(second));
	m = move(f, forge_motion(f, 6, "logkey", what), 6);
	carry(f, &m, most);
	refused(f, enact(f, 6, &old), 6, AM_ERR_STALE, "R13.24");
	forge_free(f);
}

/* ---- retiring */

static struct json_t *
departure(struct forge *f, size_t by, size_t who)
{
	struct json_t *data = canon_object();

	forge_when(data, "effective", f->at);
	forge_text(data, "kind", "deceased");
	forge_hex(data, "person", f->people[who].id, 16);
	forge_text(data, "reason", "TEST");
	return forge_entry(f, by, "departure", f->people[who].name, 1, data);
}

/* Who suspends a custodian and records that they have left does not thereby
 * destroy their keys: else one person could do so with those of all. */
static void
r5_14_one_person_retires_no_key_of_a_custodian(void **state)
{
	static const size_t next[] = { 1, 2, 3, 4 }, dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = next,
		.count = 4,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = governed();
	struct moved m;

	(void)state;
	for (size_t i = 1; i <= 5; i++) {
		accepted(f, suspend_person(f, 7, i), 7);
		accepted(f, departure(f, 7, i), 7);
		refused(f, retire(f, 7, i, f->people[i].name, "TEST"), 7,
		    AM_ERR_POLICY, "X-10");
	}
	/* So they lift it. */
	m = move(f, about_person(f, 1, "resume", 4), 1);
	carry(f, &m, most);
	for (size_t i = 1; i <= 3; i++) {
		m = move(f, about_person(f, 4, "resume", i), 4);
		for (size_t j = 1; j <= 4; j++)
			if (j != i)
				accepted(f, vote(f, j, &m, true), j);
		accepted(f, enact(f, 4, &m), 4);
	}
	/* Who is no custodian any more has no share to lose. */
	forge_reshare(f, &c);
	accepted(f, retire(f, 7, 5, "p5", "TEST"), 7);
	assert_int_equal(token_row(f, 5).status, ROWS_RETIRED);
	forge_free(f);
}

static void
v22_a_key_is_retired_by_its_owner_or_after_a_quorum(void **state)
{
	struct forge *f = governed();
	const size_t key = second_key(f, 1, "p1-b", true),
		     offered = second_key(f, 2, "p2-b", false);
	struct moved m;

	(void)state;
	refused(f, retire(f, 1, 1, "p1", ""), key, AM_ERR_INVALID, "V08");
	refused(f, retire(f, 1, 1, "p2", "TEST"), key, AM_ERR_NOT_FOUND, "V08");
	refused(f, retire(f, 1, 1, "p1", "TEST"), 1, AM_ERR_POLICY, "R5.14");
	refused(f, retire(f, 2, 1, "p1", "TEST"), 2, AM_ERR_POLICY, "R5.14");
	refused(
	    f, retire(f, 2, offered, "p2-b", "TEST"), 2, AM_ERR_EXISTS, "V22");
	accepted(f, retire(f, 1, 1, "p1", "TEST"), key);
	assert_int_equal(person_row(f, 1).tokens, 1);
	/* One suspension is not enough, one that was confirmed is. */
	accepted(f, suspend_key(f, 2, 3), 2);
	refused(f, retire(f, 2, 3, "p3", "TEST"), 2, AM_ERR_POLICY, "R5.14");
	m = move(f, about_key(f, 2, "confirm", 3), 2);
	accepted(f, vote(f, 1, &m, true), key);
	accepted(f, vote(f, 2, &m, true), 2);
	accepted(f, vote(f, 4, &m, true), 4);
	accepted(f, enact(f, 2, &m), 2);
	accepted(f, retire(f, 2, 3, "p3", "TEST"), 2);
	forge_free(f);
}

static void
v22_a_retired_key_never_comes_back(void **state)
{
	static const uint32_t used[] = { 1, 2, 3 };
	struct forge *f = governed();
	const size_t key = second_key(f, 1, "p1-b", true);
	struct json_t *what = canon_object();
	struct forge_sealed s = { 0 };
	struct forge_asked a = { 0 };
	struct moved m;

	(void)state;
	accepted(f, forge_seal(f, 6, "x", "TEST", &s), 6);
	memcpy(s.seal, f->last, 32);
	accepted(f, forge_request(f, 6, &s, &a), 6);
	memcpy(a.request, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &a), i);
	f->beside.partial = NULL;
	accepted(f, suspend_key(f, 2, 1), 2);
	m = move(f, about_key(f, 1, "resume", 1), key);
	for (size_t i = 0; i < 3; i++)
		accepted(f, vote(f, rest[i], &m, true), rest[i]);
	accepted(f, retire(f, 1, 1, "p1", "TEST"), key);
	/* What was decided before does not reach it either. */
	refused(f, enact(f, 3, &m), 3, AM_ERR_POLICY, "V22");
	refused(f, about_key(f, 1, "resume", 1), key, AM_ERR_POLICY, "V22");
	refused(f, about_key(f, 2, "confirm", 1), 2, AM_ERR_POLICY, "V22");
	refused(f, suspend_key(f, 2, 1), 2, AM_ERR_POLICY, "V22");
	refused(f, retire(f, 1, 1, "p1", "TEST"), key, AM_ERR_EXISTS, "V22");
	forge_hex(what, "token", f->people[1].token, 32);
	refused(f, forge_motion(f, 2, "admit", what), 2, AM_ERR_EXISTS, "V21");
	refused(f, suspend_person(f, 1, 2), 1, AM_ERR_TOKEN, "V22");
	refused(f, vote(f, 1, &m, true), 1, AM_ERR_TOKEN, "V22");
	/* Nor does what it has approved count (4.5). */
	refused(f, forge_open(f, 6, &a, used, 3), 6, AM_ERR_QUORUM, "V19");
	forge_free(f);
}

/* Retired without having been suspended: the approval is gone all the same. */
static void
r13_8_v22_what_a_retired_key_approved_does_not_count(void **state)
{
	static const uint32_t used[] = { 1, 2, 3 };
	struct forge *f = governed();
	const size_t key = second_key(f, 1, "p1-b", true);
	struct forge_sealed s = { 0 };
	struct forge_asked a = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 6, "x", "TEST", &s), 6);
	memcpy(s.seal, f->last, 32);
	accepted(f, forge_request(f, 6, &s, &a), 6);
	memcpy(a.request, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &a), i);
	f->beside.partial = NULL;
	accepted(f, retire(f, 1, 1, "p1", "TEST"), key);
	refused(f, forge_open(f, 6, &a, used, 3), 6, AM_ERR_QUORUM, "V19");
	accepted(f, forge_approve(f, 1, &a), key);
	f->beside.partial = NULL;
	accepted(f, forge_open(f, 6, &a, used, 3), 6);
	forge_free(f);
}

/* Who is suspended as a person cannot move it, so others may. */
static void
r5_14_the_key_of_a_suspended_person(void **state)
{
	struct forge *f = governed();
	const size_t key = second_key(f, 1, "p1-b", true);
	struct moved m, other;

	(void)state;
	accepted(f, suspend_key(f, 2, 1), 2);
	accepted(f, suspend_person(f, 2, 1), 2);
	refused(f, about_key(f, 1, "resume", 1), key, AM_ERR_TOKEN, "V22");
	m = move(f, about_key(f, 3, "resume", 1), 3);
	carry(f, &m, rest);
	/* And a key whose suspension a quorum confirmed has no vote. */
	accepted(f, suspend_key(f, 3, 2), 3);
	accepted(f, suspend_person(f, 3, 4), 3);
	m = move(f, about_key(f, 3, "confirm", 2), 3);
	accepted(f, vote(f, 3, &m, true), 3);
	accepted(f, vote(f, 5, &m, true), 5);
	other = move(f, about_person(f, 3, "resume", 1), 3);
	accepted(f, vote(f, 2, &other, true), 2); /* not confirmed yet */
	other = move(f, about_person(f, 3, "resume", 4), 3);
	accepted(f, vote(f, 1, &other, true), 1);
	accepted(f, vote(f, 3, &other, true), 3);
	accepted(f, vote(f, 5, &other, true), 5);
	accepted(f, enact(f, 3, &other), 3);
	accepted(f, vote(f, 4, &m, true), 4);
	accepted(f, enact(f, 3, &m), 3);
	refused(f, vote(f, 2, &other, true), 2, AM_ERR_TOKEN, "V22");
	refused(f, about_person(f, 2, "resume", 1), 2, AM_ERR_TOKEN, "V22");
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r13_2_a_motion_is_one_act_with_an_end),
		cmocka_unit_test(
		    r13_3_only_what_is_offered_and_named_is_admitted),
		cmocka_unit_test(
		    r13_20_v21_after_the_founding_custodians_decide),
		cmocka_unit_test(v21_a_motion_that_has_ended_takes_no_effect),
		cmocka_unit_test(r13_20_votes_of_members_then_and_now),
		cmocka_unit_test(
		    r13_20_while_founding_the_motions_of_others_wait),
		cmocka_unit_test(r13_2_a_waiver_names_its_rule_and_its_end),
		cmocka_unit_test(v21_an_older_waiver_does_not_come_back),
		cmocka_unit_test(
		    r5_13_v22_a_suspended_key_or_person_signs_nothing),
		cmocka_unit_test(
		    r13_8_approvals_of_who_is_suspended_do_not_count),
		cmocka_unit_test(r4_3_one_person_counts_once_with_two_keys),
		cmocka_unit_test(
		    r5_14_a_key_is_lifted_by_its_owner_with_another),
		cmocka_unit_test(
		    r5_14_one_who_suspends_all_others_changes_nothing_for_good),
		cmocka_unit_test(
		    r5_14_r13_8_a_confirmed_suspension_takes_the_vote),
		cmocka_unit_test(r13_8_a_vote_given_before_counts),
		cmocka_unit_test(
		    v22_a_key_is_retired_by_its_owner_or_after_a_quorum),
		cmocka_unit_test(v22_a_retired_key_never_comes_back),
		cmocka_unit_test(
		    r13_8_v22_what_a_retired_key_approved_does_not_count),
		cmocka_unit_test(r5_14_the_key_of_a_suspended_person),
		cmocka_unit_test(
		    r5_14_a_resume_is_of_the_suspension_it_was_moved_for),
		cmocka_unit_test(
		    r5_14_one_person_retires_no_key_of_a_custodian),
		cmocka_unit_test(r13_24_an_old_motion_brings_no_log_key_back),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
