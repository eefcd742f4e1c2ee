/*
 * The rules of resharing, refusals first: plans, deals, complaints, the
 * activation, and what the next committee means for requests (protocol.md 5.3
 * to 5.7; R5.x, R13.15 to R13.18). Section 9: tests 3, 5, 10, 11, 17.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/crypto/tdh2.h"

static const size_t dealers[] = { 1, 2, 3 };
static const size_t next[] = { 1, 2, 3, 5, 6 }; /* 4 leaves, 5 stays, 6 new */

/* 3 of 5 (people 1..5); 6, 7, 8 are officials, 9 a contractor. */
static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 8; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	forge_safe(f, 3, 5);
	return f;
}

static struct forge_change
change(void)
{
	return (struct forge_change){ .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = next,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
}

static void
planned(struct forge *f, const struct forge_change *c)
{
	accepted(f, forge_replan(f, c), 0);
	memcpy(f->plan.plan, f->last, 32);
}

static void
joined(struct forge *f, const struct forge_change *c)
{
	planned(f, c);
	for (size_t i = 0; i < c->count; i++)
		accepted(f, forge_join(f, c->who[i]), c->who[i]);
}

/* ---- plans */

static void
r5_1_r13_16_indices_are_kept_and_numbered_on(void **state)
{
	struct forge *f = with_safe();
	struct forge_change c = change();
	struct json_t *b, *one;

	(void)state;
	f->people[6].index = 4; /* that of the leaver */
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "R5.1");
	f->people[6].index = 7; /* a gap */
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "R5.1");
	f->people[6].index = 0;
	f->people[5].index = 9; /* who had 5 gets another */
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "R5.1");
	f->people[5].index = 5;
	f->people[6].index = 0;
	b = forge_replan(f, &c);
	one = canon_array();
	forge_uint(b, "k", 3);
	assert_int_equal(canon_set(b, "members", one), AM_OK);
	refused(f, b, 0, AM_ERR_POLICY, "R5.1");
	accepted(f, forge_replan(f, &c), 0);
	forge_free(f);
}

static void
r5_8_the_dealers_are_k_of_the_committee_before(void **state)
{
	static const size_t two[] = { 1, 2 }, twice[] = { 1, 2, 2 },
			    stranger[] = { 1, 2, 6 }, unsorted[] = { 2, 1, 3 };
	struct forge *f = with_safe();
	struct forge_change c = change();

	(void)state;
	c.dealers = two;
	c.dealer_count = 2;
	refused(f, forge_replan(f, &c), 0, AM_ERR_QUORUM, "R5.8");
	c.dealer_count = 3;
	c.dealers = twice;
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "V14");
	c.dealers = stranger;
	f->people[6].index = 6;
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "V14");
	c.dealers = unsorted;
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "V14");
	forge_free(f);
}

static void
r13_17_never_a_quorum_of_new_or_leaving_people_at_once(void **state)
{
	static const size_t three_new[] = { 1, 2, 3, 6, 7, 8 },
			    three_leave[] = { 1, 2, 6 };
	struct forge *f = with_safe();
	struct forge_change c = change();

	(void)state;
	c.who = three_new;
	c.count = 6;
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "R13.17");
	assert_non_null(strstr(f->why.text, "at most 2 new and 2 leaving"));
	c.who = three_leave;
	c.count = 3;
	c.k = 2;
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "R13.17");
	forge_free(f);
}

static void
r13_15_r5_2_a_plan_starts_from_what_is_in_force(void **state)
{
	struct forge *f = with_safe();
	struct forge_change c = change();

	(void)state;
	c.source_epoch = 2;
	refused(f, forge_replan(f, &c), 0, AM_ERR_STALE, "R13.15");
	c.source_epoch = 0;
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "V14");
	c = change();
	c.epoch = 3;
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "R5.2");
	c = change();
	c.source = "recovery";
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "V14");
	forge_free(f);
}

static void
v14_only_officials_who_are_free_take_part(void **state)
{
	static const size_t contractor[] = { 1, 2, 3, 5, 9 };
	struct forge *f = with_safe();
	struct forge_change c = change();
	struct json_t *b;

	(void)state;
	c.who = contractor;
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "V14");
	f->people[9].index = 0;
	b = forge_body(f, "suspend", 0);
	forge_hex(b, "subject", f->people[6].id, 16);
	forge_text(b, "why", "TEST");
	accepted(f, b, 0);
	c = change();
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "V22");
	forge_free(f);
}

/* ---- deals */

static void
v14_a_deal_has_k_points_and_n_boxes_of_its_dealer(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();
	struct json_t *b, *list;
	const struct json_t *points = NULL, *one = NULL;
	const uint8_t zeros[64] = { 0 };

	(void)state;
	planned(f, &c);
	/* Before all have joined; then by others, or in the form of a setup. */
	for (size_t i = 0; i + 1 < c.count; i++)
		accepted(f, forge_join(f, c.who[i]), c.who[i]);
	b = forge_join(f, 6); /* its key is not in the log yet */
	accepted(f, b, 6);
	b = forge_redeal(f, 1);
	refused(f, canon_ref(b), 2, AM_ERR_VERIFY, "V09");
	forge_b64(b, "pop", zeros, 64);
	refused(f, b, 1, AM_ERR_CORRUPT, "V08");
	/* One point too many, one too few (section 9, test 5). */
	for (int more = 0; more < 2; more++) {
		b = forge_redeal(f, 1);
		assert_int_equal(
		    canon_get_array(b, "commitments", &points), AM_OK);
		list = canon_array();
		for (size_t i = 0; i < (more ? 4 : 2); i++) {
			assert_int_equal(
			    canon_at(points, i < 3 ? i : 2, &one), AM_OK);
			assert_int_equal(
			    canon_push(list,
				canon_ref((struct json_t *)(uintptr_t)one)),
			    AM_OK);
		}
		assert_int_equal(canon_set(b, "commitments", list), AM_OK);
		refused(f, b, 1, AM_ERR_VERIFY, "V14");
	}
	/* The constant term is not the dealer's: the points of another one. */
	b = forge_redeal(f, 2);
	assert_int_equal(canon_get_array(b, "commitments", &points), AM_OK);
	list = canon_ref((struct json_t *)(uintptr_t)points);
	canon_free(&b);
	b = forge_redeal(f, 1);
	assert_int_equal(canon_set(b, "commitments", list), AM_OK);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	forge_free(f);
}

static void
v14_steps_come_in_order_and_once(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();
	struct scalar join;
	struct json_t *b;

	(void)state;
	joined(f, &c);
	join = f->people[1].join;
	b = forge_join(f, 1);
	refused(f, b, 1, AM_ERR_EXISTS, "V14");
	f->people[1].join = join;
	accepted(f, forge_redeal(f, 1), 1);
	refused(f, forge_redeal(f, 1), 1, AM_ERR_EXISTS, "V14");
	accepted(f, forge_redeal(f, 2), 2);
	accepted(f, forge_redeal(f, 3), 3);
	b = forge_reaccept(f, 1);
	forge_hex(b, "deals", f->plan.plan, 32);
	f->people[1].share = f->people[1].old;
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	accepted(f, forge_reaccept(f, 1), 1);
	b = forge_body(f, "accept", 8); /* no member */
	forge_hex(b, "plan", f->plan.plan, 32);
	forge_uint(b, "index", 6);
	forge_hex(b, "deals", f->plan.plan, 32);
	forge_hex(b, "manifest", f->plan.plan, 32);
	forge_b64(b, "proof", (const uint8_t[64]){ 1 }, 64);
	refused(f, b, 8, AM_ERR_POLICY, "V14");
	forge_free(f);
}

/* A deal of one plan says nothing in another. */
static void
v14_a_step_of_another_epoch_is_refused(void **state)
{
	struct forge *f = with_safe();
	struct forge_change c = change();
	const struct json_t *points = NULL, *boxes = NULL;
	struct json_t *old, *b;
	uint8_t first[32];

	(void)state;
	joined(f, &c);
	memcpy(first, f->plan.plan, 32);
	old = forge_redeal(f, 1);
	c.epoch = 3;
	forge_reshare(f, &c);
	assert_int_equal(canon_get_array(old, "commitments", &points), AM_OK);
	assert_int_equal(canon_get_array(old, "boxes", &boxes), AM_OK);
	b = forge_body(f, "deal", 1);
	forge_hex(b, "plan", first, 32);
	forge_uint(b, "index", 1);
	assert_int_equal(canon_set(b, "commitments",
			     canon_ref((struct json_t *)(uintptr_t)points)),
	    AM_OK);
	assert_int_equal(
	    canon_set(b, "boxes", canon_ref((struct json_t *)(uintptr_t)boxes)),
	    AM_OK);
	canon_free(&old);
	refused(f, b, 1, AM_ERR_POLICY, "R13.15");
	forge_free(f);
}

/* ---- the whole, and what it means */

static void
r5_6_r5_9_the_last_accept_activates_and_closes_requests(void **state)
{
	static const uint32_t used[] = { 1, 2, 5 };
	struct forge *f = with_safe();
	const struct forge_change c = change();
	const struct point X = f->manifest.C[0];
	struct forge_sealed s = { 0 };
	struct forge_asked old = { 0 }, new = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 7, "t", "TEST", &s), 7);
	accepted(f, forge_request(f, 7, &s, &old), 7);
	accepted(f, forge_approve(f, 1, &old), 1);
	joined(f, &c);
	for (size_t i = 0; i < 3; i++)
		accepted(f, forge_redeal(f, dealers[i]), dealers[i]);
	/* Until the last accept the old epoch works. */
	for (size_t i = 0; i + 1 < c.count; i++)
		accepted(f, forge_reaccept(f, next[i]), next[i]);
	accepted(f, forge_reaccept(f, 6), 6);
	assert_true(pt_same(&f->manifest.C[0], &X));
	refused(f, forge_approve(f, 2, &old), 2, AM_ERR_STALE, "R5.9");
	/* The sealed credential has not changed, and opens with new shares. */
	accepted(f, forge_request(f, 7, &s, &new), 7);
	refused(f, forge_approve(f, 4, &new), 4, AM_ERR_POLICY, "V18");
	accepted(f, forge_approve(f, 1, &new), 1);
	accepted(f, forge_approve(f, 2, &new), 2);
	accepted(f, forge_approve(f, 5, &new), 5);
	accepted(f, forge_open(f, 7, &new, used, 3), 7);
	forge_free(f);
}

/* R5.3: old shares prove nothing against the new manifest. */
static void
r5_3_an_old_share_approves_nothing_new(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();
	struct forge_sealed s = { 0 };
	struct forge_asked new = { 0 };

	(void)state;
	accepted(f, forge_seal(f, 7, "t", "TEST", &s), 7);
	forge_reshare(f, &c);
	accepted(f, forge_request(f, 7, &s, &new), 7);
	f->people[1].share = f->people[1].old;
	refused(f, forge_approve(f, 1, &new), 1, AM_ERR_VERIFY, "V18");
	forge_free(f);
}

static void
r5_2_r13_1_a_plan_that_lapsed_changes_nothing(void **state)
{
	struct forge *f = with_safe();
	struct forge_change c = change();
	struct rows_plan p;
	const struct view w = view_memory(f->memory);

	(void)state;
	planned(f, &c);
	f->at += 2 * 86400;
	accepted(f, forge_join(f, 1), 1); /* R13.1: without effect */
	assert_int_equal(
	    rows_get_plan(&w, (struct bytes){ f->plan.plan, 32 }, &p), AM_OK);
	assert_int_equal(p.joined, 0);
	refused(f, forge_replan(f, &c), 0, AM_ERR_VERIFY, "R5.2");
	c.epoch = 3;
	forge_reshare(f, &c);
	forge_free(f);
}

/* ---- abort, complain, justify, erased */

static struct json_t *
aborting(struct forge *f, size_t by)
{
	struct json_t *b = forge_body(f, "abort", by);

	forge_hex(b, "plan", f->plan.plan, 32);
	forge_text(b, "why", "TEST");
	return b;
}

static void
who_may_give_a_plan_up(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();

	(void)state;
	planned(f, &c);
	refused(f, aborting(f, 8), 8, AM_ERR_POLICY, "V14");
	accepted(f, aborting(f, 6), 6);
	refused(f, aborting(f, 0), 0, AM_ERR_POLICY, "V14");
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "V14");
	forge_free(f);
}

static struct json_t *
complaining(struct forge *f, size_t by, const uint8_t deal[static 32])
{
	struct json_t *b = forge_body(f, "complain", by);

	forge_hex(b, "plan", f->plan.plan, 32);
	forge_hex(b, "deal", deal, 32);
	forge_uint(b, "index", f->people[by].index);
	forge_text(b, "what", "box");
	return b;
}

static struct json_t *
justifying(struct forge *f, size_t by, const uint8_t complaint[static 32],
    const struct scalar *e)
{
	struct json_t *b = forge_body(f, "justify", by);

	forge_hex(b, "complaint", complaint, 32);
	forge_b64(b, "e", e->b, 32);
	return b;
}

static uint8_t
fault_of(const struct forge *f, const uint8_t complaint[static 32])
{
	const struct view w = view_memory(f->memory);
	struct rows_complaint c;

	assert_int_equal(
	    rows_get_complaint(&w, (struct bytes){ complaint, 32 }, &c), AM_OK);
	return c.fault;
}

static void
r5_10_r5_11_r13_18_v15_complaints_are_judged(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();
	uint8_t deal[32], complaint[32];

	(void)state;
	joined(f, &c);
	accepted(f, forge_redeal(f, 1), 1);
	memcpy(deal, f->last, 32);
	refused(f, complaining(f, 8, deal), 8, AM_ERR_POLICY, "R13.18");
	refused(f, complaining(f, 2, f->plan.plan), 2, AM_ERR_VERIFY, "R13.18");
	accepted(f, complaining(f, 2, deal), 2); /* forged: the box is right */
	memcpy(complaint, f->last, 32);
	refused(f, forge_redeal(f, 2), 2, AM_ERR_POLICY, "V14"); /* void */
	accepted(f, complaining(f, 3, deal), 3); /* R13.1: no second one */
	assert_int_equal(fault_of(f, complaint), ROWS_UNDECIDED);
	refused(f, justifying(f, 2, complaint, &f->people[1].keep.e[1]), 2,
	    AM_ERR_POLICY, "V15");
	refused(f, justifying(f, 1, deal, &f->people[1].keep.e[1]), 1,
	    AM_ERR_NOT_FOUND, "V15");
	refused(f, justifying(f, 1, complaint, &(struct scalar){ { 0 } }), 1,
	    AM_ERR_VERIFY, "V15");
	accepted(f, justifying(f, 1, complaint, &f->people[1].keep.e[1]), 1);
	assert_int_equal(fault_of(f, complaint), ROWS_COMPLAINER);
	refused(f, justifying(f, 1, complaint, &f->people[1].keep.e[1]), 1,
	    AM_ERR_POLICY, "R13.18");
	forge_free(f);
}

/* Section 9, test 11: one bad box; its dealer is found. */
static void
v15_a_bad_box_is_its_dealers_fault(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();
	uint8_t deal[32], complaint[32], junk[RESHARE_BOX] = { 1 };
	struct json_t *b, *boxes = canon_array();

	(void)state;
	joined(f, &c);
	b = forge_redeal(f, 1);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
		    canon_push(
			boxes, canon_b64((struct bytes){ junk, sizeof(junk) })),
		    AM_OK);
	assert_int_equal(canon_set(b, "boxes", boxes), AM_OK);
	accepted(f, b, 1);
	memcpy(deal, f->last, 32);
	accepted(f, complaining(f, 2, deal), 2);
	memcpy(complaint, f->last, 32);
	accepted(f, justifying(f, 1, complaint, &f->people[1].keep.e[1]), 1);
	assert_int_equal(fault_of(f, complaint), ROWS_DEALER);
	forge_free(f);
}

static struct json_t *
erasing(struct forge *f, size_t by, uint32_t epoch)
{
	struct json_t *b = forge_body(f, "erased", by);

	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "committee", "operating");
	forge_uint(b, "epoch", epoch);
	return b;
}

static void
r5_7_a_share_in_force_is_never_erased(void **state)
{
	struct forge *f = with_safe();
	const struct forge_change c = change();

	(void)state;
	refused(f, erasing(f, 1, 1), 1, AM_ERR_POLICY, "R5.7");
	refused(f, erasing(f, 1, 2), 1, AM_ERR_NOT_FOUND, "R5.7");
	forge_reshare(f, &c);
	refused(f, erasing(f, 6, 1), 6, AM_ERR_POLICY, "R5.7");
	accepted(f, erasing(f, 1, 1), 1);
	forge_free(f);
}

/* ---- recovery (5.7, R13.17, R13.19) */

static void
r13_17_r13_19_a_recovery_committee_of_other_people(void **state)
{
	static const size_t others[] = { 6, 7, 8, 0 };
	static const uint32_t used[] = { 6, 7, 8 };
	struct forge *f = with_safe();
	struct forge_change c = { .committee = "recovery",
		.source = "operating",
		.epoch = 1,
		.source_epoch = 1,
		.k = 2,
		.who = others,
		.count = 4,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge_sealed s = { 0 };
	struct forge_asked a = { 0 };
	struct rows_manifest operating = f->manifest;
	struct json_t *b;

	(void)state;
	accepted(f, forge_seal(f, 7, "t", "TEST", &s), 7);
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "V14"); /* k_b < k */
	f->people[0].index = 0;
	f->people[6].index = f->people[7].index = f->people[8].index = 0;
	c.who = (const size_t[]){ 0, 6, 7, 8 };
	c.k = 3;
	forge_reshare(f, &c);
	assert_true(pt_same(&f->manifest.C[0], &operating.C[0]));
	assert_int_equal(f->manifest.committee, ROWS_RECOVERY);
	/* Raising k above the recovery quorum is refused. */
	c = change();
	c.k = 4;
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "V14");
	/* It opens what was sealed, in an emergency, and nothing else. */
	b = forge_request(f, 5, &s, &a);
	forge_text(b, "committee", "recovery");
	forge_text(b, "mode", "breakglass");
	accepted(f, b, 5);
	memcpy(a.request, f->last, 32);
	for (size_t i = 6; i <= 8; i++)
		accepted(f, forge_approve(f, i, &a), i);
	(void)used;
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r5_1_r13_16_indices_are_kept_and_numbered_on),
		cmocka_unit_test(
		    r5_8_the_dealers_are_k_of_the_committee_before),
		cmocka_unit_test(
		    r13_17_never_a_quorum_of_new_or_leaving_people_at_once),
		cmocka_unit_test(
		    r13_15_r5_2_a_plan_starts_from_what_is_in_force),
		cmocka_unit_test(v14_only_officials_who_are_free_take_part),
		cmocka_unit_test(
		    v14_a_deal_has_k_points_and_n_boxes_of_its_dealer),
		cmocka_unit_test(v14_steps_come_in_order_and_once),
		cmocka_unit_test(v14_a_step_of_another_epoch_is_refused),
		cmocka_unit_test(
		    r5_6_r5_9_the_last_accept_activates_and_closes_requests),
		cmocka_unit_test(r5_3_an_old_share_approves_nothing_new),
		cmocka_unit_test(r5_2_r13_1_a_plan_that_lapsed_changes_nothing),
		cmocka_unit_test(who_may_give_a_plan_up),
		cmocka_unit_test(r5_10_r5_11_r13_18_v15_complaints_are_judged),
		cmocka_unit_test(v15_a_bad_box_is_its_dealers_fault),
		cmocka_unit_test(r5_7_a_share_in_force_is_never_erased),
		cmocka_unit_test(
		    r13_17_r13_19_a_recovery_committee_of_other_people),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
