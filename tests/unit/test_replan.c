/*
 * Planning the next committee when people are gone, refusals first: who is left
 * out, who deals, and the way out where more are gone than one plan may leave
 * out (R5.8, R13.17, G6). Nobody's key is asked for.
 */

#include <sodium.h>

#include "tests/beside.h"
#include "tests/check.h"
#include "vault/acts/replan.h"

static void
suspended(struct beside *d, size_t who)
{
	struct json_t *b = forge_body(d->f, "suspend", 0);

	forge_hex(b, "subject", d->f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	assert_int_equal(forge_post(d->f, b, 0), AM_OK);
	beside_catch_up(d);
}

static struct replan_wish
wish(void)
{
	return (
	    struct replan_wish){ .safe = "s", .span = 86400, .why = "TEST" };
}

static void
refused(struct beside *d, const struct replan_wish *w, enum am_err err,
    const char *rule, const char *words)
{
	struct replan r;

	beside_why = (struct why){ 0 };
	assert_int_equal(replan_propose(&d->s, w, &r), err);
	assert_string_equal(beside_why.rule, rule);
	assert_non_null(strstr(beside_why.text, words));
	assert_int_equal(r.batch_count, 0);
}

static struct replan
proposed(struct beside *d, const struct replan_wish *w)
{
	struct replan r;
	const enum am_err err = replan_propose(&d->s, w, &r);

	if (err != AM_OK)
		print_message("%s %s\n", beside_why.rule, beside_why.text);
	assert_int_equal(err, AM_OK);
	return r;
}

static void
v22_who_is_suspended_takes_no_part(void **state)
{
	static const char *const all[] = { "p1", "p2", "p3", "p4", "p5" };
	struct beside d = beside_new(3, 5);
	struct replan_wish w = wish();
	struct replan r;

	(void)state;
	suspended(&d, 2);
	w.custodians = all;
	w.count = 5;
	refused(&d, &w, AM_ERR_POLICY, "V22", "'p2' is suspended");
	w = wish();
	w.dealers = all;
	w.dealer_count = 3;
	refused(&d, &w, AM_ERR_POLICY, "V22", "'p2' is suspended");
	w = wish(); /* those of now who can act */
	r = proposed(&d, &w);
	assert_int_equal(r.plan.n, 4);
	assert_int_equal(r.plan.k, 3);
	assert_int_equal(r.leaver_count, 1);
	assert_memory_equal(r.leavers[0], d.f->people[2].id, 16);
	assert_int_equal(r.plan.dealer_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(r.plan.dealers[i].index, 2);
	assert_false(r.refresh);
	beside_end(&d);
}

static void
r5_8_fewer_than_a_quorum_are_left(void **state)
{
	static const char *const left[] = { "p3", "p4", "p5" };
	struct beside d = beside_new(4, 5);
	struct replan_wish w = wish();

	(void)state;
	suspended(&d, 1);
	suspended(&d, 2);
	w.custodians = left;
	w.count = 3;
	w.quorum = 2;
	refused(
	    &d, &w, AM_ERR_QUORUM, "R5.8", "3 of those who can act are left");
	refused(&d, &(struct replan_wish){ .safe = "s", .why = "TEST" },
	    AM_ERR_POLICY, "R5.1", "lower --quorum");
	beside_end(&d);
}

/* The statement stands as it would be signed. */
static void
carry_out(struct beside *d, const char *committee, const char *source,
    const size_t *who, size_t count, const size_t *dealers)
{
	const struct forge_change c = { .committee = committee,
		.source = source,
		.epoch = strcmp(committee, "recovery") == 0 ? 1 : 2,
		.source_epoch = 1,
		.k = 2,
		.who = who,
		.count = count,
		.dealers = dealers,
		.dealer_count = 2 };

	forge_reshare(d->f, &c);
	beside_catch_up(d);
}

/* 2 of 5 are lost to a quorum of 2: no plan of the committee itself may leave
 * both out, and neither can join. The three who are left are a quorum, though,
 * and nobody is locked out. */
static void
g6_a_quorum_of_those_who_left_is_replaced_over_recovery(void **state)
{
	static const char *const left[] = { "p3", "p4", "p5" };
	static const size_t who[] = { 3, 4, 5 }, dealers[] = { 3, 4 };
	struct beside d = beside_new(2, 5);
	struct replan_wish w = wish();
	struct replan r;

	(void)state;
	suspended(&d, 1);
	suspended(&d, 2);
	w.custodians = left;
	w.count = 3;
	assert_int_equal(replan_propose(&d.s, &w, &r), AM_ERR_POLICY);
	assert_string_equal(beside_why.rule, "R13.17");
	assert_int_equal(r.batch_count, 2);
	assert_true(r.batches[0].recovery && r.batches[1].from_recovery);

	w.recovery = true; /* as the first step says */
	r = proposed(&d, &w);
	assert_int_equal(r.both_count, 3);
	assert_true(r.is_new);
	carry_out(&d, "recovery", "operating", who, 3, dealers);
	w.recovery = false;
	w.from_recovery = true;
	r = proposed(&d, &w);
	assert_int_equal(r.plan.dealer_count, 2);
	carry_out(&d, "operating", "recovery", who, 3, dealers);
	r = proposed(&d, &(struct replan_wish){ .safe = "s", .why = "TEST" });
	assert_true(r.refresh);
	assert_int_equal(r.plan.epoch, 3);
	beside_end(&d);
}

static void
r13_16_who_comes_back_has_the_old_index(void **state)
{
	static const char *const three[] = { "p5", "p2", "p3" };
	static const size_t who[] = { 2, 3, 4 }, dealers[] = { 2, 3 };
	static const char *const back[] = { "p1", "p3", "p4" };
	struct beside d = beside_new(2, 4);
	struct replan_wish w = wish();
	struct replan r;

	(void)state;
	carry_out(&d, "operating", "operating", who, 3, dealers);
	w.custodians = three; /* in any order */
	w.count = 3;
	r = proposed(&d, &w);
	assert_int_equal(r.plan.members[0].index, 2);
	assert_int_equal(r.plan.members[1].index, 3);
	assert_int_equal(r.plan.members[2].index, 5);
	assert_int_equal(r.newcomer_count, 1);
	assert_memory_equal(r.newcomers[0], d.f->people[5].id, 16);
	w.custodians = back;
	r = proposed(&d, &w);
	assert_int_equal(r.plan.members[0].index, 1);
	beside_end(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BESIDE_TEST(v22_who_is_suspended_takes_no_part),
		BESIDE_TEST(r5_8_fewer_than_a_quorum_are_left),
		BESIDE_TEST(
		    g6_a_quorum_of_those_who_left_is_replaced_over_recovery),
		BESIDE_TEST(r13_16_who_comes_back_has_the_old_index),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
