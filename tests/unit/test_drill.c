/*
 * The rules of drills, refusals first (protocol.md 5.8; V23, R13.1).
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/acts/health.h"
#include "vault/crypto/poss.h"
#include "vault/state/drill.h"

enum { DAY = 86400 };

/* 3 of 5: people 1 to 5; 6 is an official without a share. */
static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 3, 5);
	return f;
}

static struct json_t *
call(struct forge *f, size_t by, int64_t span)
{
	static uint8_t nonce[32];
	struct json_t *b = forge_body(f, "drill", by);

	nonce[0]++;
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "committee", "operating");
	forge_hex(b, "manifest", f->manifest.manifest, 32);
	forge_b64(b, "nonce", nonce, 32);
	forge_when(b, "until", f->at + span);
	return b;
}

static struct rows_drill
called(struct forge *f, size_t by, int64_t span)
{
	const struct view v = view_memory(f->memory);
	struct rows_drill d;

	accepted(f, call(f, by, span), by);
	assert_int_equal(
	    rows_get_drill(&v, (struct bytes){ f->last, 32 }, &d), AM_OK);
	return d;
}

/* A proof of `who` with the share of `whose`, under `index`. */
static struct json_t *
proof(struct forge *f, const struct rows_drill *d, size_t who, size_t whose,
    uint32_t index)
{
	struct json_t *b = forge_body(f, "prove", who);
	uint8_t ph[32], out[POSS_PROOF];
	struct point P;

	assert_int_equal(pt_mul_base(&f->people[whose].share, &P), AM_OK);
	drill_binding(d, index, ph);
	assert_int_equal(
	    poss_prove(&f->people[whose].share, &P, ph, out), AM_OK);
	forge_hex(b, "drill", d->drill, 32);
	forge_uint(b, "index", index);
	forge_b64(b, "proof", out, sizeof(out));
	return b;
}

static struct json_t *
prove(struct forge *f, const struct rows_drill *d, size_t who)
{
	return proof(f, d, who, who, f->people[who].index);
}

static bool
has_proved(struct forge *f, const struct rows_drill *d, size_t who)
{
	const struct view v = view_memory(f->memory);
	int64_t at = 0;
	uint64_t leaf = 0;

	return drill_proof_get(&v, d->drill, f->people[who].id, &at, &leaf) ==
	    AM_OK &&
	    at > 0 && leaf > d->leaf;
}

static int64_t
last_proof(struct forge *f, size_t who)
{
	const struct view v = view_memory(f->memory);
	struct rows_safe s;
	struct health h;

	assert_int_equal(
	    rows_get_safe(&v, (struct bytes){ f->safe, 16 }, &s), AM_OK);
	assert_int_equal(health_of(&v, &s, ROWS_OPERATING, f->at, &h), AM_OK);
	for (size_t i = 0; i < h.n; i++)
		if (h.members[i].index == f->people[who].index)
			return h.members[i].proven_at;
	return -1;
}

/* ---- calling */

static void
v23_a_drill_is_of_a_safe_and_its_committee(void **state)
{
	static const uint8_t stranger[32] = { 7 };
	struct forge *f = with_safe();
	struct json_t *b = call(f, 0, DAY);

	(void)state;
	forge_hex(b, "safe", stranger, 16);
	refused(f, b, 0, AM_ERR_NOT_FOUND, "V23");
	b = call(f, 0, DAY);
	forge_hex(b, "manifest", stranger, 32);
	refused(f, b, 0, AM_ERR_STALE, "V23");
	b = call(f, 0, DAY);
	forge_text(b, "committee", "recovery"); /* there is none */
	refused(f, b, 0, AM_ERR_STALE, "V23");
	b = call(f, 0, DAY);
	forge_text(b, "committee", "TEST");
	assert_int_not_equal(forge_post(f, b, 0), AM_OK);
	forge_free(f);
}

static void
v23_a_drill_ends_after_it_begins_and_within_31_days(void **state)
{
	struct forge *f = with_safe();
	struct json_t *b = call(f, 0, DAY);

	(void)state;
	forge_when(b, "until", f->at - 1);
	refused(f, b, 0, AM_ERR_INVALID, "V23");
	refused(f, call(f, 0, 31 * DAY + 1), 0, AM_ERR_INVALID, "V23");
	(void)called(f, 6, DAY); /* whoever is admitted may call one */
	forge_free(f);
}

/* ---- proving */

static void
v23_a_proof_is_of_a_drill(void **state)
{
	struct forge *f = with_safe();
	struct rows_drill d = called(f, 0, DAY), none = d;

	(void)state;
	none.drill[0] ^= 1;
	refused(f, prove(f, &none, 1), 1, AM_ERR_NOT_FOUND, "V23");
	forge_free(f);
}

static void
v23_a_proof_is_by_its_custodian_with_the_share(void **state)
{
	struct forge *f = with_safe();
	const struct rows_drill d = called(f, 0, DAY);
	struct rows_drill other;

	(void)state;
	/* no custodian; another's index; another's share; a guess */
	refused(
	    f, proof(f, &d, 6, 1, f->people[1].index), 6, AM_ERR_POLICY, "V23");
	refused(
	    f, proof(f, &d, 1, 2, f->people[2].index), 1, AM_ERR_POLICY, "V23");
	refused(
	    f, proof(f, &d, 1, 2, f->people[1].index), 1, AM_ERR_VERIFY, "V23");
	/* a proof for one drill is none for the next */
	other = called(f, 0, DAY);
	{
		struct json_t *b = prove(f, &other, 1);

		forge_hex(b, "drill", d.drill, 32);
		refused(f, b, 1, AM_ERR_VERIFY, "V23");
	}
	assert_false(has_proved(f, &d, 1));
	forge_free(f);
}

static void
v23_a_drill_is_over_when_the_committee_changes(void **state)
{
	static const size_t next[] = { 1, 2, 3, 4, 6 }, dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = next,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = with_safe();
	const struct rows_drill d = called(f, 0, DAY);
	struct rows_drill after;

	(void)state;
	forge_reshare(f, &c);
	refused(f, prove(f, &d, 1), 1, AM_ERR_STALE, "V23");
	after = called(f, 0, DAY);
	/* the share of before proves nothing any more */
	f->people[2].share = f->people[2].old;
	refused(f, prove(f, &after, 2), 2, AM_ERR_VERIFY, "V23");
	accepted(f, prove(f, &after, 1), 1);
	accepted(f, prove(f, &after, 6), 6);
	assert_true(has_proved(f, &after, 6));
	forge_free(f);
}

static void
v22_who_is_suspended_proves_nothing(void **state)
{
	struct forge *f = with_safe();
	const struct rows_drill d = called(f, 0, DAY);
	struct json_t *b = forge_body(f, "suspend", 0);

	(void)state;
	forge_hex(b, "subject", f->people[3].id, 16);
	forge_text(b, "why", "TEST");
	accepted(f, b, 0);
	refused(f, prove(f, &d, 3), 3, AM_ERR_TOKEN, "V22");
	forge_free(f);
}

static void
r13_1_a_late_proof_has_no_effect(void **state)
{
	struct forge *f = with_safe();
	const struct rows_drill d = called(f, 0, DAY);
	int64_t before;

	(void)state;
	f->at = d.until; /* in time, to the second */
	accepted(f, prove(f, &d, 1), 1);
	assert_true(has_proved(f, &d, 1));
	assert_int_equal(last_proof(f, 1), d.until);
	before = last_proof(f, 2);
	f->at = d.until + 1;
	/* it stands in the log, but a false one does not */
	refused(
	    f, proof(f, &d, 2, 3, f->people[2].index), 2, AM_ERR_VERIFY, "V23");
	accepted(f, prove(f, &d, 2), 2);
	assert_false(has_proved(f, &d, 2));
	assert_int_equal(last_proof(f, 2), before);
	forge_free(f);
}

static void
v23_all_are_asked_and_the_first_proof_counts(void **state)
{
	struct forge *f = with_safe();
	const struct rows_drill d = called(f, 0, DAY);
	const struct view v = view_memory(f->memory);
	int64_t first = 0, again = 0;
	uint64_t leaf = 0;

	(void)state;
	for (size_t i = 1; i <= 5; i++)
		accepted(f, prove(f, &d, i), i);
	for (size_t i = 1; i <= 5; i++)
		assert_true(has_proved(f, &d, i));
	assert_int_equal(
	    drill_proof_get(&v, d.drill, f->people[1].id, &first, &leaf),
	    AM_OK);
	accepted(f, prove(f, &d, 1), 1);
	assert_int_equal(
	    drill_proof_get(&v, d.drill, f->people[1].id, &again, &leaf),
	    AM_OK);
	assert_int_equal(first, again);
	assert_true(last_proof(f, 1) > first); /* but it is the newest sign */
	forge_free(f);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(v23_a_drill_is_of_a_safe_and_its_committee),
		cmocka_unit_test(
		    v23_a_drill_ends_after_it_begins_and_within_31_days),
		cmocka_unit_test(v23_a_proof_is_of_a_drill),
		cmocka_unit_test(
		    v23_a_proof_is_by_its_custodian_with_the_share),
		cmocka_unit_test(
		    v23_a_drill_is_over_when_the_committee_changes),
		cmocka_unit_test(v22_who_is_suspended_proves_nothing),
		cmocka_unit_test(r13_1_a_late_proof_has_no_effect),
		cmocka_unit_test(v23_all_are_asked_and_the_first_proof_counts),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
