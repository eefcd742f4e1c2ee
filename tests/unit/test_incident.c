/*
 * The rules of incidents and of login tests, refusals first: K-3, O-3 to O-6,
 * R5.13; invariants 4 and 8.
 */

#include <sodium.h>

#include "tests/judged.h"
#include "vault/base/enc.h"
#include "vault/state/incident.h"
#include "vault/state/login.h"
#include "vault/state/quiet.h"

/* 2 of 3 (people 1..3); 4 and 5 are officials outside it, 6 a contractor, 7 an
 * auditor; 0 the founder. */
enum { OUTSIDE = 4, OTHER, CONTRACTOR, AUDITOR };

static const size_t quorum[] = { 1, 2 };
static const size_t others[] = { 2, 3 };

static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 5; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	(void)forge_person(f, "auditor");
	forge_safe(f, 2, 3);
	return f;
}

static struct json_t *
hashes(size_t count)
{
	static const uint8_t hash[32] = "TEST evidence";
	struct json_t *list = canon_array();

	for (size_t i = 0; i < count; i++)
		assert_int_equal(
		    canon_push(list, canon_hex((struct bytes){ hash, 32 })),
		    AM_OK);
	return list;
}

/* ---- K-3 */

static struct json_t *
tested(struct forge *f, size_t by, const char *title,
    const struct forge_sealed *s, uint32_t version)
{
	struct json_t *data = canon_object();

	forge_hex(data, "record", s->record, 16);
	assert_int_equal(canon_set(data, "evidence", hashes(1)), AM_OK);
	return forge_entry(f, by, "login-test", title, version, data);
}

static enum login_is
login_of(struct forge *f, const struct forge_sealed *s, struct rows_login *out)
{
	const struct view v = view_memory(f->memory);
	enum login_is is = LOGIN_UNTESTED;
	struct rows_record c;

	assert_int_equal(
	    rows_get_record(&v, (struct bytes){ s->record, 16 }, &c), AM_OK);
	assert_int_equal(login_state(&v, &c, out, &is), AM_OK);
	return is;
}

static void
k_3_two_officials_test_what_a_contractor_deposits(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct rows_login t;
	struct json_t *b;

	(void)state;
	accepted(f, forge_seal(f, CONTRACTOR, "mdm", "TEST", &s), CONTRACTOR);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNVERIFIED);
	refused(f, tested(f, CONTRACTOR, "mdm", &s, 1), CONTRACTOR,
	    AM_ERR_POLICY, "K-3");
	refused(
	    f, tested(f, AUDITOR, "mdm", &s, 1), AUDITOR, AM_ERR_POLICY, "K-3");
	refused(f, tested(f, 1, "mdm", &s, 2), 1, AM_ERR_STALE, "K-3");
	refused(f, tested(f, 1, "other", &s, 1), 1, AM_ERR_NOT_FOUND, "K-3");
	b = forge_entry(f, 1, "login-test", "mdm", 1, canon_object());
	refused(f, b, 1, AM_ERR_CORRUPT, "V02");
	accepted(f, tested(f, 1, "mdm", &s, 1), 1);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNVERIFIED);
	/* once a person, however often */
	accepted(f, tested(f, 1, "mdm", &s, 1), 1);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNVERIFIED);
	accepted(f, tested(f, OUTSIDE, "mdm", &s, 1), OUTSIDE);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	assert_memory_equal(t.first, f->people[1].id, 16);
	assert_memory_equal(t.second, f->people[OUTSIDE].id, 16);
	assert_true(t.first_at < t.second_at);
	forge_free(f);
}

static void
k_3_the_last_two_testers_count(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct rows_login t;

	(void)state;
	accepted(f, forge_seal(f, CONTRACTOR, "mdm", "TEST", &s), CONTRACTOR);
	accepted(f, tested(f, 1, "mdm", &s, 1), 1);
	accepted(f, tested(f, 2, "mdm", &s, 1), 2);
	accepted(f, tested(f, 1, "mdm", &s, 1), 1);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	assert_memory_equal(t.first, f->people[2].id, 16);
	assert_memory_equal(t.second, f->people[1].id, 16);
	/* the same one again does not become both */
	accepted(f, tested(f, 1, "mdm", &s, 1), 1);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	assert_memory_equal(t.first, f->people[2].id, 16);
	assert_memory_equal(t.second, f->people[1].id, 16);
	accepted(f, tested(f, 3, "mdm", &s, 1), 3);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	assert_memory_equal(t.first, f->people[1].id, 16);
	assert_memory_equal(t.second, f->people[3].id, 16);
	/* a new version is one that nobody has tested */
	accepted(f, forge_seal(f, CONTRACTOR, "mdm", "TEST", &s), CONTRACTOR);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNVERIFIED);
	accepted(f, tested(f, 1, "mdm", &s, 2), 1);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNVERIFIED);
	accepted(f, tested(f, 2, "mdm", &s, 2), 2);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	forge_free(f);
}

static struct json_t *
suspend(struct forge *f, size_t who, size_t by)
{
	struct json_t *b = forge_body(f, "suspend", by);

	forge_hex(b, "subject", f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	return b;
}

static void
k_3_what_a_suspended_person_said_alone_stands_for_nothing(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct rows_login t;

	(void)state;
	accepted(f, forge_seal(f, CONTRACTOR, "mdm", "TEST", &s), CONTRACTOR);
	accepted(f, tested(f, 1, "mdm", &s, 1), 1);
	accepted(f, suspend(f, 1, 0), 0);
	accepted(f, tested(f, 2, "mdm", &s, 1), 2);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNVERIFIED);
	accepted(f, tested(f, 3, "mdm", &s, 1), 3);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	/* ... but what two have said stays */
	accepted(f, suspend(f, 2, 0), 0);
	accepted(f, tested(f, OUTSIDE, "mdm", &s, 1), OUTSIDE);
	assert_int_equal(login_of(f, &s, &t), LOGIN_VERIFIED);
	forge_free(f);
}

static void
k_3_the_depositor_does_not_test(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct rows_login t;

	(void)state;
	accepted(f, forge_seal(f, OUTSIDE, "mdm", "TEST", &s), OUTSIDE);
	assert_int_equal(login_of(f, &s, &t), LOGIN_UNTESTED);
	refused(
	    f, tested(f, OUTSIDE, "mdm", &s, 1), OUTSIDE, AM_ERR_POLICY, "K-3");
	forge_free(f);
}

/* ---- O-3 to O-6 */

struct about {
	const struct forge_sealed *sealed;
	const uint8_t *person, *token;
	bool freeze;
};

static void
set_named(struct json_t *o, const char *key, const uint8_t *id, size_t len)
{
	if (id == NULL)
		forge_text(o, key, "");
	else
		forge_hex(o, key, id, len);
}

static struct json_t *
opened(struct forge *f, size_t by, const char *id, const struct about *a)
{
	struct json_t *data = canon_object();

	forge_text(data, "cause", "TEST theft");
	forge_when(data, "discovered", f->at - 3600);
	assert_int_equal(
	    canon_set(data, "freeze", canon_bool(a->freeze)), AM_OK);
	set_named(data, "credential",
	    a->sealed != NULL ? a->sealed->record : NULL, 16);
	set_named(data, "person", a->person, 16);
	set_named(data, "token", a->token, 32);
	return forge_entry(f, by, "incident", id, 1, data);
}

static struct json_t *
form(const char *of)
{
	struct json_t *data = canon_object();

	forge_text(data, "of", of);
	return data;
}

static struct json_t *
fact(const char *note)
{
	struct json_t *data = form("fact");

	forge_text(data, "note", note);
	assert_int_equal(canon_set(data, "evidence", hashes(2)), AM_OK);
	return data;
}

static struct json_t *
reaction(struct forge *f, size_t owner, int64_t due)
{
	struct json_t *data = form("reaction");

	forge_text(data, "note", "TEST rotate");
	forge_hex(data, "owner", f->people[owner].id, 16);
	forge_when(data, "due", due);
	return data;
}

static struct json_t *
done(uint64_t n)
{
	struct json_t *data = form("done");

	forge_text(data, "note", "TEST rotated");
	forge_uint(data, "reaction", n);
	assert_int_equal(canon_set(data, "evidence", hashes(1)), AM_OK);
	return data;
}

static struct json_t *
sent(const char *report)
{
	static const uint8_t hash[32] = "TEST report";
	struct json_t *data = form("sent");

	forge_text(data, "report", report);
	forge_hex(data, "json", hash, 32);
	forge_hex(data, "md", hash, 32);
	return data;
}

static struct json_t *
closed(const char *reason)
{
	struct json_t *data = form("closed");

	forge_text(data, "reason", reason);
	return data;
}

static struct json_t *
next(struct forge *f, size_t by, uint32_t version, struct json_t *data)
{
	return forge_entry(f, by, "incident", "i-1", version, data);
}

static enum am_err
unfreeze(struct forge *f, const size_t *who, const char *id)
{
	struct json_t *what = canon_object();

	forge_text(what, "incident", id);
	return forge_carry(f, "unfreeze", what, who, 2, 0);
}

/* Who asks, and who approves. */
static void
ask(struct forge *f, size_t by, const struct forge_sealed *s,
    struct forge_asked *out)
{
	memset(out, 0, sizeof(*out));
	accepted(f, forge_request(f, by, s, out), by);
}

static struct json_t *
open_with(struct forge *f, size_t by, const struct forge_asked *a, uint32_t i,
    uint32_t j)
{
	const uint32_t used[] = { i, j };

	return forge_open(f, by, a, used, 2);
}

static void
o_3_an_incident_names_what_is_there(void **state)
{
	static const uint8_t nobody[32] = { 7 };
	struct forge *f = with_safe();
	struct forge_sealed s = { .record = { 9 } };
	struct json_t *b;

	(void)state;
	refused(f, opened(f, 4, "i-2", &(struct about){ 0 }), 4, AM_ERR_STALE,
	    "O-3");
	refused(f, opened(f, 4, "theft", &(struct about){ 0 }), 4, AM_ERR_STALE,
	    "O-3");
	refused(f, opened(f, 4, "i-01", &(struct about){ 0 }), 4, AM_ERR_STALE,
	    "O-3");
	refused(f, opened(f, 4, "i-1", &(struct about){ .sealed = &s }), 4,
	    AM_ERR_NOT_FOUND, "O-3");
	refused(f, opened(f, 4, "i-1", &(struct about){ .person = nobody }), 4,
	    AM_ERR_NOT_FOUND, "O-3");
	refused(f, opened(f, 4, "i-1", &(struct about){ .token = nobody }), 4,
	    AM_ERR_NOT_FOUND, "O-3");
	b = forge_entry(f, 4, "incident", "i-1", 1, fact("TEST"));
	refused(f, b, 4, AM_ERR_CORRUPT, "V02");
	refused(f, next(f, 4, 2, fact("TEST")), 4, AM_ERR_NOT_FOUND, "O-3");
	accepted(f, opened(f, 4, "i-1", &(struct about){ 0 }), 4);
	refused(f, opened(f, 4, "i-1", &(struct about){ 0 }), 4, AM_ERR_STALE,
	    "O-3");
	accepted(
	    f, opened(f, CONTRACTOR, "i-2", &(struct about){ 0 }), CONTRACTOR);
	forge_free(f);
}

static void
o_4_nothing_is_discovered_later(void **state)
{
	struct forge *f = with_safe();
	struct json_t *data = canon_object();

	(void)state;
	forge_text(data, "cause", "");
	forge_when(data, "discovered", f->at + 300);
	forge_text(data, "credential", "");
	forge_text(data, "person", "");
	forge_text(data, "token", "");
	assert_int_equal(canon_set(data, "freeze", canon_bool(false)), AM_OK);
	refused(f, forge_entry(f, 4, "incident", "i-1", 1, data), 4,
	    AM_ERR_INVALID, "O-4");
	forge_free(f);
}

static void
o_5_entries_follow_one_another(void **state)
{
	struct forge *f = with_safe();

	(void)state;
	accepted(f, opened(f, 4, "i-1", &(struct about){ 0 }), 4);
	refused(f, next(f, 4, 3, fact("TEST")), 4, AM_ERR_STALE, "O-3");
	refused(f, next(f, 4, 2, fact("")), 4, AM_ERR_INVALID, "O-5");
	refused(f, next(f, 4, 2, form("rumour")), 4, AM_ERR_CORRUPT, "V02");
	refused(f, next(f, 4, 2, form("fact")), 4, AM_ERR_CORRUPT, "V02");
	refused(f, next(f, CONTRACTOR, 2, fact("TEST")), CONTRACTOR,
	    AM_ERR_POLICY, "O-5");
	accepted(f, next(f, AUDITOR, 2, fact("TEST")), AUDITOR);
	refused(f, next(f, 4, 2, fact("TEST")), 4, AM_ERR_STALE, "O-3");
	forge_free(f);
}

static void
o_5_an_open_reaction_keeps_an_incident_open(void **state)
{
	struct forge *f = with_safe();

	(void)state;
	accepted(f, opened(f, 4, "i-1", &(struct about){ 0 }), 4);
	refused(f, next(f, 4, 2, reaction(f, 1, f->at - 1)), 4, AM_ERR_INVALID,
	    "O-5");
	accepted(f, next(f, 4, 2, reaction(f, 1, f->at + 3600)), 4);
	refused(f, next(f, 4, 3, done(2)), 4, AM_ERR_NOT_FOUND, "O-5");
	refused(f, next(f, 4, 3, done(0)), 4, AM_ERR_NOT_FOUND, "O-5");
	refused(f, next(f, 4, 3, closed("TEST")), 4, AM_ERR_POLICY, "O-5");
	accepted(f, next(f, 1, 3, done(1)), 1);
	refused(f, next(f, 1, 4, done(1)), 1, AM_ERR_EXISTS, "O-5");
	refused(f, next(f, 4, 4, closed("")), 4, AM_ERR_INVALID, "O-5");
	accepted(f, next(f, 4, 4, closed("TEST")), 4);
	refused(f, next(f, 4, 5, fact("TEST")), 4, AM_ERR_POLICY, "O-5");
	refused(f, next(f, 4, 5, closed("TEST")), 4, AM_ERR_POLICY, "O-5");
	/* the report that is owed is sent all the same */
	accepted(f, next(f, 4, 5, sent("final")), 4);
	forge_free(f);
}

static void
o_6_each_report_is_sent_once(void **state)
{
	struct forge *f = with_safe();

	(void)state;
	accepted(f, opened(f, 4, "i-1", &(struct about){ 0 }), 4);
	refused(f, next(f, 4, 2, sent("last")), 4, AM_ERR_CORRUPT, "V02");
	accepted(f, next(f, 4, 2, sent("first")), 4);
	refused(f, next(f, 4, 3, sent("first")), 4, AM_ERR_EXISTS, "O-6");
	accepted(f, next(f, 4, 3, sent("detail")), 4);
	forge_free(f);
}

/* ---- a cause that is sealed until a date */

enum { QUIET_DAY = 86400 };

/* `cause`: NULL leaves it out, as is right. */
static struct json_t *
hushed(struct forge *f, const char *id, int64_t until, const char *cause)
{
	static const uint8_t hash[32] = "TEST hash";
	struct json_t *data = canon_object();

	if (cause != NULL)
		forge_text(data, "cause", cause);
	forge_hex(data, "sealed", hash, 32);
	forge_when(data, "until", until);
	forge_when(data, "discovered", f->at - 3600);
	assert_int_equal(canon_set(data, "freeze", canon_bool(true)), AM_OK);
	forge_text(data, "credential", "");
	set_named(data, "person", f->people[2].id, 16);
	forge_text(data, "token", "");
	return forge_entry(f, OTHER, "incident", id, 1, data);
}

static void
x_19_a_cause_is_sealed_for_a_time_only(void **state)
{
	struct forge *f = with_safe();
	const int64_t most = (int64_t)QUIET_DAYS * QUIET_DAY;

	(void)state;
	refused(f, hushed(f, "i-1", f->at - 60, NULL), OTHER, AM_ERR_INVALID,
	    "X-19");
	refused(
	    f, hushed(f, "i-1", f->at, NULL), OTHER, AM_ERR_INVALID, "X-19");
	refused(f, hushed(f, "i-1", f->at + most + 1, NULL), OTHER,
	    AM_ERR_INVALID, "X-19");
	/* both, or a hash without a date */
	refused(f, hushed(f, "i-1", f->at + QUIET_DAY, "TEST"), OTHER,
	    AM_ERR_CORRUPT, "V02");
	refused(f, hushed(f, "i-1", f->at + QUIET_DAY, ""), OTHER,
	    AM_ERR_CORRUPT, "V02");
	accepted(f, hushed(f, "i-1", f->at + most, NULL), OTHER);
	accepted(f, hushed(f, "i-2", f->at + QUIET_DAY, NULL), OTHER);
	forge_free(f);
}

/* What decides anything is as for every other incident. */
static void
x_19_a_quiet_incident_freezes_and_is_followed(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct rows_incident i;
	struct forge_asked a;
	struct view v;

	(void)state;
	accepted(f, forge_seal(f, 1, "mdm", "TEST", &s), 1);
	accepted(f, hushed(f, "i-1", f->at + QUIET_DAY, NULL), OTHER);
	ask(f, OUTSIDE, &s, &a);
	refused(f, forge_approve(f, 2, &a), 2, AM_ERR_POLICY, "O-5");
	v = view_memory(f->memory);
	assert_int_equal(incident_get(&v, 1, &i), AM_OK);
	assert_memory_equal(i.sealed, "TEST hash", 9);
	assert_true(i.sealed_until > i.at);
	accepted(f, next(f, 4, 2, fact("TEST")), 4);
	forge_free(f);
}

static void
x_19_the_hash_is_of_its_purpose_salt_and_text(void **state)
{
	static const uint8_t salt[QUIET_SALT] = { 1, 2, 3 };
	/* printf 'amanat/1 quiet\0\1\2\3...TEST text' | sha256sum */
	static const char want[] =
	    "0a14f5a41fc145f4782ba486c7cf579f390f9d6bbb2b246ef00b584ecdad07f6";
	const struct bytes text = { (const uint8_t *)"TEST text", 9 };
	char hex[ENC_HEX_LEN(32) + 1];
	uint8_t hash[32], other[32], salt2[QUIET_SALT] = { 1, 2, 4 };

	(void)state;
	quiet_hash(salt, text, hash);
	enc_hex((struct bytes){ hash, 32 }, hex);
	assert_string_equal(hex, want);
	quiet_hash(salt2, text, other);
	assert_memory_not_equal(hash, other, 32);
}

/* ---- O-5: the freeze */

static void
o_5_a_frozen_credential_is_not_opened(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 }, t = { 0 };
	struct forge_asked before, after, other;

	(void)state;
	accepted(f, forge_seal(f, 0, "mdm", "TEST", &s), 0);
	accepted(f, forge_seal(f, 0, "mail", "TEST", &t), 0);
	ask(f, OUTSIDE, &s, &before);
	ask(f, OUTSIDE, &t, &other);
	accepted(f, forge_approve(f, 1, &before), 1);
	accepted(f, forge_approve(f, 2, &before), 2);
	accepted(f, forge_approve(f, 1, &other), 1);
	accepted(f,
	    opened(f, OTHER, "i-1",
		&(struct about){ .sealed = &s, .freeze = true }),
	    OTHER);
	refused(f, open_with(f, OUTSIDE, &before, 1, 2), OUTSIDE, AM_ERR_POLICY,
	    "O-5");
	refused(f, forge_approve(f, 3, &before), 3, AM_ERR_POLICY, "O-5");
	/* what is not in scope goes on */
	accepted(f, forge_approve(f, 2, &other), 2);
	accepted(f, open_with(f, OUTSIDE, &other, 1, 2), OUTSIDE);
	/* nor what is asked for afterwards, until a quorum says so */
	ask(f, OUTSIDE, &s, &after);
	refused(f, forge_approve(f, 1, &after), 1, AM_ERR_POLICY, "O-5");
	refused(f, next(f, 4, 2, closed("TEST")), 4, AM_ERR_POLICY, "O-5");
	assert_int_equal(unfreeze(f, quorum, "i-1"), AM_OK);
	accepted(f, forge_approve(f, 1, &after), 1);
	accepted(f, forge_approve(f, 2, &after), 2);
	accepted(f, open_with(f, OUTSIDE, &after, 1, 2), OUTSIDE);
	/* what was open then is cancelled for good */
	refused(f, open_with(f, OUTSIDE, &before, 1, 2), OUTSIDE, AM_ERR_POLICY,
	    "O-5");
	accepted(f, next(f, 4, 2, closed("TEST")), 4);
	refused(f, open_with(f, OUTSIDE, &before, 1, 2), OUTSIDE, AM_ERR_POLICY,
	    "O-5");
	forge_free(f);
}

static void
o_5_what_a_frozen_person_asked_or_approved_is_not_opened(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct forge_asked asked, approved, clean, later;

	(void)state;
	accepted(f, forge_seal(f, 0, "mdm", "TEST", &s), 0);
	ask(f, 1, &s, &asked);
	ask(f, OUTSIDE, &s, &approved);
	ask(f, OUTSIDE, &s, &clean);
	ask(f, OUTSIDE, &s, &later);
	accepted(f, forge_approve(f, 2, &asked), 2);
	accepted(f, forge_approve(f, 1, &approved), 1);
	accepted(f, forge_approve(f, 2, &approved), 2);
	accepted(f, forge_approve(f, 3, &approved), 3);
	accepted(f,
	    opened(f, OTHER, "i-1",
		&(struct about){ .person = f->people[1].id, .freeze = true }),
	    OTHER);
	refused(f, forge_approve(f, 3, &asked), 3, AM_ERR_POLICY, "O-5");
	/* two others have approved as well; with his part it is in scope */
	refused(f, open_with(f, OUTSIDE, &approved, 2, 3), OUTSIDE,
	    AM_ERR_POLICY, "O-5");
	refused(f, forge_approve(f, 1, &clean), 1, AM_ERR_POLICY, "O-5");
	accepted(f, forge_approve(f, 2, &clean), 2);
	accepted(f, forge_approve(f, 3, &clean), 3);
	accepted(f, open_with(f, OUTSIDE, &clean, 2, 3), OUTSIDE);
	/* whom it names does not decide on it */
	assert_int_equal(unfreeze(f, quorum, "i-1"), AM_ERR_POLICY);
	assert_string_equal(f->why.rule, "O-5");
	assert_int_equal(unfreeze(f, others, "i-1"), AM_OK);
	refused(f, open_with(f, OUTSIDE, &approved, 2, 3), OUTSIDE,
	    AM_ERR_POLICY, "O-5");
	/* one that he had no part in then was not cancelled */
	accepted(f, forge_approve(f, 1, &later), 1);
	accepted(f, forge_approve(f, 2, &later), 2);
	accepted(f, open_with(f, OUTSIDE, &later, 1, 2), OUTSIDE);
	ask(f, OUTSIDE, &s, &clean);
	accepted(f, forge_approve(f, 1, &clean), 1);
	accepted(f, forge_approve(f, 2, &clean), 2);
	accepted(f, open_with(f, OUTSIDE, &clean, 1, 2), OUTSIDE);
	forge_free(f);
}

static void
o_5_a_frozen_key_opens_and_approves_nothing(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct forge_asked asked, approved, by_it;

	(void)state;
	accepted(f, forge_seal(f, 0, "mdm", "TEST", &s), 0);
	ask(f, 1, &s, &asked);
	ask(f, OUTSIDE, &s, &approved);
	ask(f, OUTSIDE, &s, &by_it);
	accepted(f, forge_approve(f, 2, &asked), 2);
	accepted(f, forge_approve(f, 3, &asked), 3);
	accepted(f, forge_approve(f, 1, &by_it), 1);
	accepted(f, forge_approve(f, 2, &by_it), 2);
	accepted(f, forge_approve(f, 2, &approved), 2);
	accepted(f,
	    opened(f, OTHER, "i-1",
		&(struct about){ .token = f->people[1].token, .freeze = true }),
	    OTHER);
	refused(f, open_with(f, 1, &asked, 2, 3), 1, AM_ERR_POLICY, "O-5");
	refused(f, open_with(f, OUTSIDE, &by_it, 1, 2), OUTSIDE, AM_ERR_POLICY,
	    "O-5");
	refused(f, forge_approve(f, 1, &approved), 1, AM_ERR_POLICY, "O-5");
	accepted(f, forge_approve(f, 3, &approved), 3);
	accepted(f, open_with(f, OUTSIDE, &approved, 2, 3), OUTSIDE);
	/* nor does its owner decide */
	assert_int_equal(unfreeze(f, quorum, "i-1"), AM_ERR_POLICY);
	assert_string_equal(f->why.rule, "O-5");
	forge_free(f);
}

static void
o_5_a_freeze_that_names_nothing_is_of_everything(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };
	struct forge_asked a;

	(void)state;
	accepted(f, forge_seal(f, 0, "mdm", "TEST", &s), 0);
	ask(f, OUTSIDE, &s, &a);
	accepted(f, opened(f, OTHER, "i-1", &(struct about){ 0 }), OTHER);
	accepted(f, forge_approve(f, 1, &a), 1); /* nothing is frozen */
	assert_int_equal(unfreeze(f, quorum, "i-1"), AM_ERR_POLICY);
	accepted(f, opened(f, OTHER, "i-2", &(struct about){ .freeze = true }),
	    OTHER);
	refused(f, forge_approve(f, 2, &a), 2, AM_ERR_POLICY, "O-5");
	assert_int_equal(unfreeze(f, quorum, "i-3"), AM_ERR_NOT_FOUND);
	assert_int_equal(unfreeze(f, quorum, "i-2"), AM_OK);
	assert_int_equal(unfreeze(f, quorum, "i-2"), AM_ERR_POLICY);
	forge_free(f);
}

/* Invariant 8: the way back is not for one person. */
static void
inv_8_lifting_a_freeze_needs_the_quorum(void **state)
{
	struct forge *f = with_safe();
	struct json_t *what = canon_object();
	uint8_t motion[32];

	(void)state;
	accepted(f, opened(f, OTHER, "i-1", &(struct about){ .freeze = true }),
	    OTHER);
	forge_text(what, "incident", "i-1");
	accepted(f, forge_motion(f, OTHER, "unfreeze", what), OTHER);
	memcpy(motion, f->last, 32);
	accepted(f, forge_vote(f, 1, motion), 1);
	refused(f, forge_enact(f, OTHER, motion), OTHER, AM_ERR_QUORUM, "V21");
	accepted(f, forge_vote(f, 2, motion), 2);
	accepted(f, forge_enact(f, OTHER, motion), OTHER);
	forge_free(f);
}

/* Who may suspend nobody freezes nothing. */
static void
r5_13_rules_may_leave_freezing_to_the_custodians(void **state)
{
	struct forge *f = with_safe();
	struct json_t *rules = forge_ruling(f, 2);

	(void)state;
	assert_int_equal(
	    canon_set(rules, "members_suspend", canon_bool(true)), AM_OK);
	assert_int_equal(forge_carry(f, "rules", rules, quorum, 2, 0), AM_OK);
	refused(f, opened(f, OTHER, "i-1", &(struct about){ .freeze = true }),
	    OTHER, AM_ERR_POLICY, "R5.13");
	accepted(f, opened(f, OTHER, "i-1", &(struct about){ 0 }), OTHER);
	accepted(f, opened(f, 1, "i-2", &(struct about){ .freeze = true }), 1);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    k_3_two_officials_test_what_a_contractor_deposits),
		cmocka_unit_test(k_3_the_last_two_testers_count),
		cmocka_unit_test(
		    k_3_what_a_suspended_person_said_alone_stands_for_nothing),
		cmocka_unit_test(k_3_the_depositor_does_not_test),
		cmocka_unit_test(o_3_an_incident_names_what_is_there),
		cmocka_unit_test(o_4_nothing_is_discovered_later),
		cmocka_unit_test(o_5_entries_follow_one_another),
		cmocka_unit_test(o_5_an_open_reaction_keeps_an_incident_open),
		cmocka_unit_test(o_6_each_report_is_sent_once),
		cmocka_unit_test(x_19_a_cause_is_sealed_for_a_time_only),
		cmocka_unit_test(x_19_a_quiet_incident_freezes_and_is_followed),
		cmocka_unit_test(x_19_the_hash_is_of_its_purpose_salt_and_text),
		cmocka_unit_test(o_5_a_frozen_credential_is_not_opened),
		cmocka_unit_test(
		    o_5_what_a_frozen_person_asked_or_approved_is_not_opened),
		cmocka_unit_test(o_5_a_frozen_key_opens_and_approves_nothing),
		cmocka_unit_test(
		    o_5_a_freeze_that_names_nothing_is_of_everything),
		cmocka_unit_test(inv_8_lifting_a_freeze_needs_the_quorum),
		cmocka_unit_test(
		    r5_13_rules_may_leave_freezing_to_the_custodians),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
