/*
 * The rules of leaving, refusals first: departures (R13.9), who knows what and
 * until when (X-10), rotation by two with evidence (X-11), contracts that end
 * (R13.7).
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/state/exposure.h"
#include "vault/state/quiet.h"

/* 2 of 3 (people 1..3); 4 is an official outside it, 5 a contractor, 6 an
 * auditor; 0 the founder. */
enum { OUTSIDE = 4, CONTRACTOR, AUDITOR };

static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 4; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	(void)forge_person(f, "auditor");
	forge_safe(f, 2, 3);
	return f;
}

static struct json_t *
suspend(struct forge *f, size_t who, size_t by)
{
	struct json_t *b = forge_body(f, "suspend", by);

	forge_hex(b, "subject", f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	return b;
}

static struct json_t *
entry(struct forge *f, size_t by, const char *id, uint32_t version,
    struct json_t *data)
{
	struct json_t *b = forge_body(f, "entry", by), *item = canon_object();

	forge_text(item, "id", id);
	forge_text(item, "type", "departure");
	assert_int_equal(canon_set(b, "item", item), AM_OK);
	forge_uint(b, "version", version);
	assert_int_equal(canon_set(b, "data", data), AM_OK);
	return b;
}

static struct json_t *
facts(struct forge *f, size_t who, const char *kind, const char *reason)
{
	struct json_t *data = canon_object();

	forge_when(data, "effective", f->at);
	forge_text(data, "kind", kind);
	forge_hex(data, "person", f->people[who].id, 16);
	forge_text(data, "reason", reason);
	return data;
}

static struct json_t *
departure(struct forge *f, size_t who, size_t by)
{
	return entry(f, by, f->people[who].name, 1,
	    facts(f, who, "transfer", "TEST order"));
}

static struct json_t *
close_it(struct forge *f, size_t who, size_t by)
{
	static const uint8_t hash[32] = "TEST certificate";
	struct json_t *data = canon_object();

	forge_hex(data, "certificate", hash, sizeof(hash));
	return entry(f, by, f->people[who].name, 2, data);
}

static struct json_t *
rotated(struct forge *f, size_t by, const struct forge_sealed *s,
    uint32_t version, size_t pieces, uint8_t fill)
{
	struct json_t *b = forge_body(f, "rotated", by), *list = canon_array();
	uint8_t hash[32];

	memset(hash, fill, sizeof(hash));
	for (size_t i = 0; i < pieces; i++) {
		hash[0] = (uint8_t)i;
		assert_int_equal(
		    canon_push(list, canon_hex((struct bytes){ hash, 32 })),
		    AM_OK);
	}
	forge_hex(b, "safe", f->safe, 16);
	forge_hex(b, "record", s->record, 16);
	forge_uint(b, "version", version);
	assert_int_equal(canon_set(b, "evidence", list), AM_OK);
	return b;
}

static void
left(struct forge *f, size_t who)
{
	accepted(f, suspend(f, who, 0), 0);
	accepted(f, departure(f, who, 0), 0);
}

static void
read_by(struct forge *f, size_t who, const struct forge_sealed *s)
{
	static const uint32_t used[] = { 1, 2 };
	struct forge_asked asked = { 0 };

	accepted(f, forge_request(f, who, s, &asked), who);
	accepted(f, forge_approve(f, 1, &asked), 1);
	accepted(f, forge_approve(f, 2, &asked), 2);
	accepted(f, forge_open(f, who, &asked, used, 2), who);
}

/* ---- R13.9: departures */

static void
r13_9_a_departure_says_who_when_how_and_why(void **state)
{
	struct forge *f = with_safe();
	struct json_t *data;

	(void)state;
	refused(f, departure(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "V22");
	accepted(f, suspend(f, OUTSIDE, 0), 0);
	refused(f, entry(f, 0, "p4", 1, facts(f, OUTSIDE, "boredom", "R")), 0,
	    AM_ERR_INVALID, "V08");
	refused(f, entry(f, 0, "p4", 1, facts(f, OUTSIDE, "deceased", "")), 0,
	    AM_ERR_INVALID, "V08");
	refused(f, entry(f, 0, "p99", 1, facts(f, OUTSIDE, "transfer", "R")), 0,
	    AM_ERR_NOT_FOUND, "V08");
	/* another person's id */
	assert_int_equal(
	    forge_post(
		f, entry(f, 0, "p3", 1, facts(f, OUTSIDE, "transfer", "R")), 0),
	    AM_ERR_CORRUPT);
	data = facts(f, OUTSIDE, "transfer", "R");
	forge_text(data, "more", "x");
	assert_int_equal(
	    forge_post(f, entry(f, 0, "p4", 1, data), 0), AM_ERR_CORRUPT);
	assert_int_equal(
	    forge_post(
		f, entry(f, 0, "p4", 3, facts(f, OUTSIDE, "transfer", "R")), 0),
	    AM_ERR_CORRUPT);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "V08");
	accepted(f, departure(f, OUTSIDE, 0), 0);
	refused(f, departure(f, OUTSIDE, 0), 0, AM_ERR_EXISTS, "V08");
	accepted(f, close_it(f, OUTSIDE, 0), 0);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "V08");
	refused(f, departure(f, OUTSIDE, 0), 0, AM_ERR_EXISTS, "V08");
	forge_free(f);
}

/* ---- X-19: a departure that is sealed until its day */

static const uint8_t salt[QUIET_SALT] = "TEST salt";

/* Seals facts(), as it will be told. */
static struct json_t *
sealed(struct forge *f, size_t by, const char *id, int64_t until,
    const struct json_t *data)
{
	struct json_t *out = canon_object();
	blob_auto text = { 0 };
	uint8_t hash[32];

	assert_int_equal(quiet_departure(data, &text), AM_OK);
	quiet_hash(salt, blob_bytes(&text), hash);
	forge_hex(out, "sealed", hash, 32);
	forge_when(out, "until", until);
	return forge_entry(f, by, "quiet", id, 1, out);
}

/* Takes over `data`. */
static struct json_t *
told(struct forge *f, size_t by, const char *who, const char *id,
    struct json_t *data)
{
	forge_text(data, "quiet", id);
	forge_hex(data, "salt", salt, sizeof(salt));
	return entry(f, by, who, 1, data);
}

static void
x_19_a_departure_is_sealed_for_a_time_only(void **state)
{
	struct forge *f = with_safe();
	canon_auto *data = facts(f, OUTSIDE, "dismissal", "TEST order");
	const int64_t most = (int64_t)QUIET_DAYS * 86400;

	(void)state;
	refused(f, sealed(f, 1, "q-1", f->at, data), 1, AM_ERR_INVALID, "X-19");
	refused(f, sealed(f, 1, "q-1", f->at + most + 1, data), 1,
	    AM_ERR_INVALID, "X-19");
	refused(
	    f, sealed(f, 1, "q-2", f->at + 60, data), 1, AM_ERR_STALE, "X-19");
	refused(
	    f, sealed(f, 1, "i-1", f->at + 60, data), 1, AM_ERR_STALE, "X-19");
	refused(f, forge_entry(f, 1, "quiet", "q-1", 1, canon_object()), 1,
	    AM_ERR_CORRUPT, "V02");
	refused(f, forge_entry(f, 1, "quiet", "q-1", 2, canon_object()), 1,
	    AM_ERR_NOT_FOUND, "X-19");
	refused(f, forge_entry(f, 1, "quiet", "q-1", 3, canon_object()), 1,
	    AM_ERR_CORRUPT, "V02");
	accepted(f, sealed(f, 1, "q-1", f->at + most, data), 1);
	accepted(f, sealed(f, 2, "q-2", f->at + 60, data), 2);
	/* it has no effect */
	accepted(f, sealed(f, OUTSIDE, "q-3", f->at + 60, data), OUTSIDE);
	forge_free(f);
}

/* facts() with another time than that of the statement. */
static struct json_t *
again(struct forge *f, int64_t effective, const char *kind, const char *reason)
{
	const int64_t now = f->at;
	struct json_t *data;

	f->at = effective;
	data = facts(f, OUTSIDE, kind, reason);
	f->at = now;
	return data;
}

static struct json_t *
told_as(struct forge *f, const char *id, int64_t effective, const char *kind,
    const char *reason)
{
	return told(f, 0, "p4", id, again(f, effective, kind, reason));
}

static void
x_19_what_is_told_is_what_was_sealed(void **state)
{
	struct forge *f = with_safe();
	const int64_t then = f->at + 1000;
	canon_auto *data = again(f, then, "dismissal", "TEST order");

	(void)state;
	accepted(f, sealed(f, 1, "q-1", then, data), 1);
	accepted(f, sealed(f, 1, "q-2", then, data), 1);
	accepted(f, suspend(f, OUTSIDE, 0), 0);
	f->at = then - 1;
	refused(f, told_as(f, "q-1", then, "dismissal", "TEST order"), 0,
	    AM_ERR_POLICY, "X-19");
	f->at = then;
	refused(f, told_as(f, "q-3", then, "dismissal", "TEST order"), 0,
	    AM_ERR_NOT_FOUND, "X-19");
	refused(f, told_as(f, "q-1", then + 1, "dismissal", "TEST order"), 0,
	    AM_ERR_VERIFY, "X-19");
	refused(f, told_as(f, "q-1", then, "transfer", "TEST order"), 0,
	    AM_ERR_VERIFY, "X-19");
	refused(f, told_as(f, "q-1", then, "dismissal", "TEST other"), 0,
	    AM_ERR_VERIFY, "X-19");
	accepted(f, told_as(f, "q-1", then, "dismissal", "TEST order"), 0);
	refused(f, told_as(f, "q-2", then, "dismissal", "TEST order"), 0,
	    AM_ERR_EXISTS, "V08");
	/* it is told, so nobody withdraws it */
	refused(f, forge_entry(f, 1, "quiet", "q-1", 2, canon_object()), 1,
	    AM_ERR_EXISTS, "X-19");
	forge_free(f);
}

/* Whom it is about could guess that it is; its author ends it. */
static void
x_19_who_sealed_it_withdraws_it(void **state)
{
	struct forge *f = with_safe();
	canon_auto *data = facts(f, OUTSIDE, "dismissal", "TEST order");
	const int64_t then = f->at + 1000;

	(void)state;
	accepted(f, sealed(f, 1, "q-1", then, data), 1);
	accepted(f, sealed(f, 1, "q-2", then, data), 1);
	refused(f, forge_entry(f, OUTSIDE, "quiet", "q-1", 2, canon_object()),
	    OUTSIDE, AM_ERR_POLICY, "X-19");
	accepted(f, forge_entry(f, 1, "quiet", "q-1", 2, canon_object()), 1);
	refused(f, forge_entry(f, 1, "quiet", "q-1", 2, canon_object()), 1,
	    AM_ERR_EXISTS, "X-19");
	/* one person alone suspends its author, and says that they left */
	accepted(f, suspend(f, 1, OUTSIDE), OUTSIDE);
	refused(f, forge_entry(f, OUTSIDE, "quiet", "q-2", 2, canon_object()),
	    OUTSIDE, AM_ERR_POLICY, "X-19");
	accepted(f, departure(f, 1, OUTSIDE), OUTSIDE);
	refused(f, forge_entry(f, OUTSIDE, "quiet", "q-2", 2, canon_object()),
	    OUTSIDE, AM_ERR_POLICY, "X-19");
	f->at = then - 1;
	refused(f, forge_entry(f, 2, "quiet", "q-2", 2, canon_object()), 2,
	    AM_ERR_POLICY, "X-19");
	f->at = then;
	accepted(f, forge_entry(f, 2, "quiet", "q-2", 2, canon_object()), 2);
	forge_free(f);
}

static void
x_19_a_quorum_takes_it_from_its_author(void **state)
{
	struct forge *f = with_safe();
	canon_auto *data = facts(f, OUTSIDE, "dismissal", "TEST order");
	struct json_t *what = canon_object();
	static const size_t both[] = { 2, 3 };

	(void)state;
	accepted(f, sealed(f, 1, "q-1", f->at + 1000, data), 1);
	accepted(f, suspend(f, 1, 0), 0);
	refused(f, forge_entry(f, 0, "quiet", "q-1", 2, canon_object()), 0,
	    AM_ERR_POLICY, "X-19");
	forge_hex(what, "subject", f->people[1].id, 16);
	assert_int_equal(forge_carry(f, "confirm", what, both, 2, 0), AM_OK);
	accepted(f, forge_entry(f, 0, "quiet", "q-1", 2, canon_object()), 0);
	forge_free(f);
}

static void
r13_8_nobody_signs_who_is_suspended(void **state)
{
	struct forge *f = with_safe();

	(void)state;
	accepted(f, suspend(f, OUTSIDE, OUTSIDE), OUTSIDE);
	refused(
	    f, departure(f, OUTSIDE, OUTSIDE), OUTSIDE, AM_ERR_TOKEN, "V22");
	forge_free(f);
}

/* Invariant 6 of domain.md: whoever leaves, and whatever is left then. */
static void
r13_9_no_departure_is_refused_for_what_follows(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 0, "x", "TEST", &s), 0);
	read_by(f, OUTSIDE, &s);
	for (size_t i = 1; i <= AUDITOR; i++)
		left(f, i);
	forge_free(f);
}

static void
x10_a_custodian_is_reshared_out_before_it_closes(void **state)
{
	static const size_t next[] = { 1, 2, OUTSIDE }, dealers[] = { 1, 2 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 2,
		.who = next,
		.count = 3,
		.dealers = dealers,
		.dealer_count = 2 };
	struct forge *f = with_safe();

	(void)state;
	left(f, 3);
	refused(f, close_it(f, 3, 0), 0, AM_ERR_POLICY, "X-10");
	forge_reshare(f, &c);
	accepted(f, close_it(f, 3, 0), 0);
	forge_free(f);
}

/* ---- a quorum lets somebody back */

static void
moved(struct forge *f, const char *act, struct json_t *what)
{
	struct json_t *b = forge_body(f, "motion", 0), *a = canon_object();
	uint8_t motion[32];

	assert_int_equal(canon_set(a, act, what), AM_OK);
	assert_int_equal(canon_set(b, "act", a), AM_OK);
	forge_text(b, "why", "TEST");
	forge_when(b, "until", f->at + 86400);
	accepted(f, b, 0);
	memcpy(motion, f->last, sizeof(motion));
	for (size_t i = 1; i <= 2; i++) {
		b = forge_body(f, "vote", i);
		forge_hex(b, "motion", motion, 32);
		forge_text(b, "note", "");
		assert_int_equal(canon_set(b, "yes", canon_bool(true)), AM_OK);
		accepted(f, b, i);
	}
	b = forge_body(f, "enact", 0);
	forge_hex(b, "motion", motion, 32);
	accepted(f, b, 0);
}

static void
r5_14_who_is_let_back_has_not_left(void **state)
{
	struct forge *f = with_safe();
	struct json_t *who = canon_object();

	(void)state;
	left(f, OUTSIDE);
	forge_hex(who, "subject", f->people[OUTSIDE].id, 16);
	moved(f, "resume", who);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "V08");
	left(f, OUTSIDE); /* in earnest, later */
	forge_free(f);
}

/* ---- X-10: exposures */

static void
x10_what_was_opened_keeps_a_departure_open(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 0, "x", "TEST", &s), 0);
	read_by(f, OUTSIDE, &s);
	left(f, OUTSIDE);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "X-10");
	accepted(f, forge_seal(f, 0, "x", "TEST-2", &s), 0);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "X-10");
	accepted(f, rotated(f, 0, &s, 2, 1, 7), 0);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "X-10");
	accepted(f, rotated(f, 1, &s, 2, 1, 7), 1);
	accepted(f, close_it(f, OUTSIDE, 0), 0);
	forge_free(f);
}

static void
x10_so_does_what_was_deposited(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };

	(void)state;
	accepted(f, forge_seal(f, CONTRACTOR, "x", "TEST", &s), CONTRACTOR);
	left(f, CONTRACTOR);
	refused(f, close_it(f, CONTRACTOR, 0), 0, AM_ERR_POLICY, "X-10");
	accepted(f, forge_seal(f, 0, "x", "TEST-2", &s), 0);
	accepted(f, rotated(f, 0, &s, 2, 1, 7), 0);
	accepted(f, rotated(f, AUDITOR, &s, 2, 1, 7), AUDITOR);
	accepted(f, close_it(f, CONTRACTOR, 0), 0);
	forge_free(f);
}

static void
expect_state(struct forge *f, size_t who, const struct forge_sealed *s,
    uint32_t version, enum exposure_is want)
{
	const struct view v = view_memory(f->memory);
	enum exposure_is got = EXPOSURE_CLOSED;

	assert_int_equal(exposure_state(&v, f->people[who].id, s->record,
			     version, f->at, &got),
	    AM_OK);
	assert_int_equal(got, want);
}

static void
x10_a_rotation_closes_older_versions_alone(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 0, "x", "TEST", &s), 0);
	accepted(f, forge_seal(f, OUTSIDE, "x", "TEST-2", &s), OUTSIDE);
	accepted(f, rotated(f, 0, &s, 2, 1, 7), 0);
	expect_state(f, 0, &s, 1, EXPOSURE_OPEN);
	accepted(f, rotated(f, 1, &s, 2, 1, 7), 1);
	expect_state(f, 0, &s, 1, EXPOSURE_CLOSED);
	expect_state(f, OUTSIDE, &s, 2, EXPOSURE_OPEN);
	left(f, OUTSIDE);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "X-10");
	forge_free(f);
}

static void
x10_a_quorum_accepts_one_risk_for_a_time(void **state)
{
	struct forge *f = with_safe();
	struct json_t *waive = canon_object();
	struct forge_sealed s = { 0 };
	char rule[EXPOSURE_RULE];
	const int64_t until = f->at + 40 * 86400;

	(void)state;
	accepted(f, forge_seal(f, OUTSIDE, "x", "TEST", &s), OUTSIDE);
	left(f, OUTSIDE);
	exposure_rule(f->people[OUTSIDE].id, s.record, 1, rule);
	forge_text(waive, "rule", rule);
	forge_when(waive, "until", until);
	moved(f, "waive", waive);
	expect_state(f, OUTSIDE, &s, 1, EXPOSURE_ACCEPTED);
	expect_state(f, 3, &s, 1, EXPOSURE_OPEN); /* of nobody else */
	f->at = until;
	expect_state(f, OUTSIDE, &s, 1, EXPOSURE_OPEN);
	refused(f, close_it(f, OUTSIDE, 0), 0, AM_ERR_POLICY, "X-10");
	f->at = until - 1;
	accepted(f, close_it(f, OUTSIDE, 0), 0);
	forge_free(f);
}

/* ---- X-11: rotation */

static void
x11_a_rotation_needs_a_new_version_and_evidence(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 }, other = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 0, "x", "TEST", &s), 0);
	refused(f, rotated(f, 0, &s, 1, 1, 7), 0, AM_ERR_POLICY, "X-11");
	refused(f, rotated(f, 0, &s, 2, 1, 7), 0, AM_ERR_POLICY, "X-11");
	refused(f, rotated(f, 0, &other, 2, 1, 7), 0, AM_ERR_NOT_FOUND, "X-11");
	accepted(f, forge_seal(f, 0, "x", "TEST-2", &s), 0);
	refused(f, rotated(f, 0, &s, 2, 0, 7), 0, AM_ERR_INCOMPLETE, "X-11");
	refused(f, rotated(f, 0, &s, 2, 9, 7), 0, AM_ERR_INCOMPLETE, "X-11");
	refused(f, rotated(f, 0, &s, 3, 1, 7), 0, AM_ERR_POLICY, "X-11");
	refused(f, rotated(f, CONTRACTOR, &s, 2, 1, 7), CONTRACTOR,
	    AM_ERR_POLICY, "X-11");
	accepted(f, rotated(f, 0, &s, 2, 8, 7), 0);
	forge_free(f);
}

static void
x11_two_people_sign_for_the_same_evidence(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 0, "x", "TEST", &s), 0);
	accepted(f, forge_seal(f, 0, "x", "TEST-2", &s), 0);
	accepted(f, rotated(f, 0, &s, 2, 1, 7), 0);
	accepted(f, rotated(f, 0, &s, 2, 1, 7), 0); /* once more: still one */
	expect_state(f, 0, &s, 1, EXPOSURE_OPEN);
	refused(f, rotated(f, 1, &s, 2, 1, 8), 1, AM_ERR_POLICY, "X-11");
	refused(f, rotated(f, 1, &s, 2, 2, 7), 1, AM_ERR_POLICY, "X-11");
	accepted(f, rotated(f, 0, &s, 2, 1, 8), 0); /* corrects the file */
	refused(f, rotated(f, 1, &s, 2, 1, 7), 1, AM_ERR_POLICY, "X-11");
	accepted(f, rotated(f, 1, &s, 2, 1, 8), 1);
	expect_state(f, 0, &s, 1, EXPOSURE_CLOSED);
	refused(f, rotated(f, 2, &s, 2, 1, 8), 2, AM_ERR_EXISTS, "X-11");
	forge_free(f);
}

static void
x11_who_is_suspended_neither_counts_nor_blocks(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 0, "x", "TEST", &s), 0);
	accepted(f, forge_seal(f, 0, "x", "TEST-2", &s), 0);
	accepted(f, rotated(f, OUTSIDE, &s, 2, 1, 7), OUTSIDE);
	left(f, OUTSIDE);
	refused(
	    f, rotated(f, OUTSIDE, &s, 2, 1, 7), OUTSIDE, AM_ERR_TOKEN, "V22");
	/* The evidence of who left is lost; the next signer begins anew. */
	accepted(f, rotated(f, 1, &s, 2, 1, 9), 1);
	expect_state(f, 0, &s, 1, EXPOSURE_OPEN);
	refused(f, rotated(f, 2, &s, 2, 1, 7), 2, AM_ERR_POLICY, "X-11");
	accepted(f, rotated(f, 2, &s, 2, 1, 9), 2);
	expect_state(f, 0, &s, 1, EXPOSURE_CLOSED);
	forge_free(f);
}

/* ---- R13.7: contracts */

static void
r13_7_access_ends_with_the_contract(void **state)
{
	struct forge *f = with_safe();
	const struct view v = view_memory(f->memory);
	struct forge_sealed s = { 0 };
	struct rows_person p;

	(void)state;
	assert_int_equal(
	    rows_get_person(
		&v, (struct bytes){ f->people[CONTRACTOR].id, 16 }, &p),
	    AM_OK);
	f->at = p.until;
	refused(f, forge_seal(f, CONTRACTOR, "x", "TEST", &s), CONTRACTOR,
	    AM_ERR_APPOINTMENT, "R13.7");
	s = (struct forge_sealed){ 0 };
	f->at = p.until - 1;
	accepted(f, forge_seal(f, CONTRACTOR, "x", "TEST", &s), CONTRACTOR);
	refused(f, forge_request(f, 0, &s, &(struct forge_asked){ 0 }),
	    CONTRACTOR, AM_ERR_VERIFY, "V09"); /* another's name */
	f->at = p.until + 1;
	left(f, CONTRACTOR);
	refused(f, close_it(f, CONTRACTOR, 0), 0, AM_ERR_POLICY, "X-10");
	forge_free(f);
}

static void
x10_the_rule_of_a_waiver_is_read_as_it_is_written(void **state)
{
	static const uint8_t person[16] = { 1, 2, 3 };
	static const uint8_t record[16] = { 0xfe, 9 };
	static const uint32_t versions[] = { 1, 42, UINT32_MAX };
	char rule[EXPOSURE_RULE + 2];
	uint8_t p[16], c[16];
	uint32_t version = 0;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(versions); i++) {
		exposure_rule(person, record, versions[i], rule);
		for (size_t cut = 0; cut < strlen(rule); cut++) {
			const char was = rule[cut];

			rule[cut] = '\0';
			/* of the number a shorter one is left */
			if (cut <= 5 + 33 + 33)
				assert_int_equal(
				    exposure_rule_read(rule, p, c, &version),
				    AM_ERR_INVALID);
			rule[cut] = 'x';
			assert_int_equal(
			    exposure_rule_read(rule, p, c, &version),
			    AM_ERR_INVALID);
			rule[cut] = was;
		}
		assert_int_equal(
		    exposure_rule_read(rule, p, c, &version), AM_OK);
		assert_memory_equal(p, person, 16);
		assert_memory_equal(c, record, 16);
		assert_int_equal(version, versions[i]);
		memcpy(rule + strlen(rule), "0", 2);
		assert_int_equal(exposure_rule_read(rule, p, c, &version),
		    i == 2 ? AM_ERR_INVALID : AM_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r13_9_a_departure_says_who_when_how_and_why),
		cmocka_unit_test(x_19_a_departure_is_sealed_for_a_time_only),
		cmocka_unit_test(x_19_what_is_told_is_what_was_sealed),
		cmocka_unit_test(x_19_who_sealed_it_withdraws_it),
		cmocka_unit_test(x_19_a_quorum_takes_it_from_its_author),
		cmocka_unit_test(r13_8_nobody_signs_who_is_suspended),
		cmocka_unit_test(
		    r13_9_no_departure_is_refused_for_what_follows),
		cmocka_unit_test(
		    x10_a_custodian_is_reshared_out_before_it_closes),
		cmocka_unit_test(r5_14_who_is_let_back_has_not_left),
		cmocka_unit_test(x10_what_was_opened_keeps_a_departure_open),
		cmocka_unit_test(x10_so_does_what_was_deposited),
		cmocka_unit_test(x10_a_rotation_closes_older_versions_alone),
		cmocka_unit_test(x10_a_quorum_accepts_one_risk_for_a_time),
		cmocka_unit_test(
		    x11_a_rotation_needs_a_new_version_and_evidence),
		cmocka_unit_test(x11_two_people_sign_for_the_same_evidence),
		cmocka_unit_test(
		    x11_who_is_suspended_neither_counts_nor_blocks),
		cmocka_unit_test(r13_7_access_ends_with_the_contract),
		cmocka_unit_test(
		    x10_the_rule_of_a_waiver_is_read_as_it_is_written),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
