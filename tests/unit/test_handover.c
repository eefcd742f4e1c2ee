/*
 * What stands between a table and a share, refusals first: a dealer takes plan
 * and join keys from what was signed (R5.8, R5.4), a share is erased on the
 * word of all acceptances in the log (R5.7). Then who owes what (owed.h), and
 * that with the last acceptance goes what dealers kept.
 */

#include <sodium.h>

#include "tests/beside.h"
#include "tests/check.h"
#include "vault/acts/handover.h"

static void
accepted(struct beside *d, struct json_t *body, size_t by)
{
	assert_int_equal(forge_post(d->f, body, by), AM_OK);
	beside_catch_up(d);
}

/* 4 leaves, 5 comes; 1 and 2 deal. */
static const size_t next[] = { 1, 2, 3, 5 }, dealers[] = { 1, 2 };

static struct forge_change
change(uint32_t epoch)
{
	return (struct forge_change){ .committee = "operating",
		.source = "operating",
		.epoch = epoch,
		.source_epoch = 1,
		.k = 2,
		.who = next,
		.count = 4,
		.dealers = dealers,
		.dealer_count = 2 };
}

static void
planned(struct beside *d, uint32_t epoch)
{
	const struct forge_change c = change(epoch);

	accepted(d, forge_replan(d->f, &c), 0);
	memcpy(d->f->plan.plan, d->f->last, 32);
}

static void
joined(struct beside *d, uint32_t epoch)
{
	planned(d, epoch);
	for (size_t i = 0; i < 4; i++)
		accepted(d, forge_join(d->f, next[i]), next[i]);
}

static void
dealt(struct beside *d, uint32_t epoch)
{
	joined(d, epoch);
	for (size_t i = 0; i < 2; i++)
		accepted(d, forge_redeal(d->f, dealers[i]), dealers[i]);
}

/* What person `who` owes, read from the vault's tables. */
static struct owed
owed_of(struct beside *d, size_t who, struct rows_safe *s)
{
	store_txn_auto *t = NULL;
	struct owed o;
	struct view v;

	assert_int_equal(store_begin(d->s.store, false, &t), AM_OK);
	v = view_store(t);
	assert_int_equal(
	    rows_get_safe(&v, (struct bytes){ d->f->safe, 16 }, s), AM_OK);
	assert_int_equal(
	    owed_first(&v, s, d->f->people[who].id, beside_now, &o), AM_OK);
	return o;
}

static enum owed_step
step_of(struct beside *d, size_t who)
{
	struct rows_safe s;

	return owed_of(d, who, &s).step;
}

struct seat {
	struct session_key key;
	struct turn u;
};

/* The turn of `who`, without a key in hand: what is refused never asks it. */
static void
sit(struct beside *d, size_t who, struct seat *out)
{
	*out = (struct seat){ .u = { .s = &d->s, .k = &out->key } };
	memcpy(out->key.row.person, d->f->people[who].id, 16);
	memcpy(out->key.row.cred, d->f->people[who].cred, 32);
	out->key.row.cred_len = 32;
	out->u.owed = owed_of(d, who, &out->u.safe);
	out->u.plan = &out->u.owed.plan.plan;
	out->u.index = d->f->people[who].index;
	beside_why = (struct why){ 0 };
}

/* Writes a row behind the rules' back, as the host could. */
static struct view
tamper(struct beside *d, struct store_txn **t)
{
	assert_int_equal(store_begin(d->s.store, true, t), AM_OK);
	return view_store(*t);
}

static void
r5_4_a_dealer_takes_the_join_key_that_was_signed(void **state)
{
	struct beside d = beside_new(2, 4);
	store_txn_auto *t = NULL;
	struct rows_join j;
	struct rows_key key;
	struct scalar x;
	struct point pk;
	struct seat seat;
	struct view v;

	(void)state;
	joined(&d, 2);
	key = rows_key_with_u32(
	    (struct bytes){ d.f->plan.plan, 32 }, d.f->people[5].index);
	v = tamper(&d, &t);
	assert_int_equal(rows_get_join(&v, rows_key(&key), &j), AM_OK);
	sc_random(&x);
	assert_int_equal(pt_mul_base(&x, &pk), AM_OK);
	memcpy(j.pk, pk.b, 32);
	assert_int_equal(rows_put_join(&v, rows_key(&key), &j), AM_OK);
	assert_int_equal(store_commit(&t), AM_OK);
	sit(&d, 1, &seat);
	assert_int_equal(seat.u.owed.step, OWED_DEAL);
	assert_int_equal(handover_deal(&seat.u), AM_ERR_VERIFY);
	assert_string_equal(beside_why.rule, "V13");
	beside_end(&d);
}

static void
r5_8_a_deal_is_consent_to_the_plan_that_was_signed(void **state)
{
	struct beside d = beside_new(2, 4);
	store_txn_auto *t = NULL;
	struct rows_plan p;
	struct seat seat;
	struct view v;

	(void)state;
	joined(&d, 2);
	v = tamper(&d, &t);
	assert_int_equal(
	    rows_get_plan(&v, (struct bytes){ d.f->plan.plan, 32 }, &p), AM_OK);
	memcpy(p.members[3].person, d.f->people[4].id, 16);
	assert_int_equal(
	    rows_put_plan(&v, (struct bytes){ p.plan, 32 }, &p), AM_OK);
	assert_int_equal(store_commit(&t), AM_OK);
	sit(&d, 1, &seat);
	assert_int_equal(handover_deal(&seat.u), AM_ERR_VERIFY);
	assert_string_equal(beside_why.rule, "R5.8");
	beside_end(&d);
}

static void
r5_7_a_share_is_erased_when_the_log_has_all_acceptances(void **state)
{
	struct beside d = beside_new(2, 4);
	store_txn_auto *t = NULL;
	struct rows_plan p;
	struct seat seat;
	struct view v;

	(void)state;
	dealt(&d, 2);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(step_of(&d, 4), OWED_NONE);
		accepted(&d, forge_reaccept(d.f, next[i]), next[i]);
	}
	assert_int_equal(step_of(&d, 4), OWED_ERASE);
	assert_int_equal(step_of(&d, 1), OWED_ERASE);
	assert_int_equal(step_of(&d, 5), OWED_DONE);
	v = tamper(&d, &t);
	assert_int_equal(
	    rows_get_plan(&v, (struct bytes){ d.f->plan.plan, 32 }, &p), AM_OK);
	p.end_leaf--; /* active without the last acceptance */
	assert_int_equal(
	    rows_put_plan(&v, (struct bytes){ p.plan, 32 }, &p), AM_OK);
	assert_int_equal(store_commit(&t), AM_OK);
	sit(&d, 4, &seat);
	assert_int_equal(handover_erase(&seat.u), AM_ERR_VERIFY);
	assert_string_equal(beside_why.rule, "R5.7");
	beside_end(&d);
}

/* ---- who owes what */

static void
steps_are_owed_in_their_order(void **state)
{
	struct beside d = beside_new(2, 4);

	(void)state;
	assert_int_equal(step_of(&d, 1), OWED_DONE);
	assert_int_equal(step_of(&d, 5), OWED_NONE);
	planned(&d, 2);
	assert_int_equal(step_of(&d, 1), OWED_JOIN);
	accepted(&d, forge_join(d.f, 1), 1);
	assert_int_equal(step_of(&d, 1), OWED_WAIT);
	beside_now += 2 * 86400;
	assert_int_equal(step_of(&d, 1), OWED_LAPSED);
	assert_int_equal(step_of(&d, 4), OWED_NONE);
	beside_now -= 2 * 86400;
	for (size_t i = 1; i < 4; i++)
		accepted(&d, forge_join(d.f, next[i]), next[i]);
	assert_int_equal(step_of(&d, 1), OWED_DEAL);
	assert_int_equal(step_of(&d, 3), OWED_WAIT);
	for (size_t i = 0; i < 2; i++)
		accepted(&d, forge_redeal(d.f, dealers[i]), dealers[i]);
	assert_int_equal(step_of(&d, 1), OWED_ACCEPT);
	assert_int_equal(step_of(&d, 3), OWED_ACCEPT);
	beside_end(&d);
}

/* 5 complains about the deal of 1. */
static void
disputed(struct beside *d, uint32_t epoch)
{
	struct rows_redeal deal;
	struct rows_key key;
	store_txn_auto *t = NULL;
	struct json_t *b;
	struct view v;

	dealt(d, epoch);
	key = rows_key_with_u32(
	    (struct bytes){ d->f->plan.plan, 32 }, d->f->people[1].index);
	assert_int_equal(store_begin(d->s.store, false, &t), AM_OK);
	v = view_store(t);
	assert_int_equal(rows_get_redeal(&v, rows_key(&key), &deal), AM_OK);
	store_abort(&t);
	b = forge_body(d->f, "complain", 5);
	forge_hex(b, "plan", d->f->plan.plan, 32);
	forge_hex(b, "deal", deal.id, 32);
	forge_uint(b, "index", d->f->people[5].index);
	forge_text(b, "what", "TEST");
	accepted(d, b, 5);
}

static void
r5_11_an_answer_is_owed_although_others_planned_again(void **state)
{
	struct beside d = beside_new(2, 4);
	struct rows_safe s;

	(void)state;
	disputed(&d, 2);
	assert_int_equal(step_of(&d, 1), OWED_JUSTIFY);
	assert_int_equal(step_of(&d, 2), OWED_LAPSED);
	assert_int_equal(owed_of(&d, 2, &s).plan.state, OWED_DISPUTED);
	planned(&d, 3);
	assert_int_equal(step_of(&d, 1), OWED_JUSTIFY);
	assert_int_equal(owed_of(&d, 1, &s).plan.plan.epoch, 2);
	assert_int_equal(step_of(&d, 2), OWED_JOIN);
	beside_now += 2 * 86400; /* the time for it is over */
	assert_int_equal(step_of(&d, 1), OWED_LAPSED);
	beside_end(&d);
}

/* ---- what dealers keep */

static void
keep_e(struct beside *d, const uint8_t plan[static 32])
{
	store_txn_auto *t = NULL;

	assert_int_equal(store_begin(d->s.store, true, &t), AM_OK);
	for (size_t i = 0; i < 2; i++) {
		const struct rows_key key = rows_key_with_u32(
		    (struct bytes){ plan, 32 }, d->f->people[dealers[i]].index);

		assert_int_equal(store_blob_put(t, "e", rows_key(&key),
				     (struct bytes){ plan, 32 }),
		    AM_OK);
	}
	assert_int_equal(store_commit(&t), AM_OK);
}

static size_t
kept(struct beside *d, const uint8_t plan[static 32])
{
	store_txn_auto *t = NULL;
	size_t n = 0;

	assert_int_equal(store_begin(d->s.store, false, &t), AM_OK);
	for (size_t i = 0; i < 2; i++) {
		const struct rows_key key = rows_key_with_u32(
		    (struct bytes){ plan, 32 }, d->f->people[dealers[i]].index);
		blob_auto b = { 0 };

		n += store_blob_get(t, "e", rows_key(&key), &b) == AM_OK;
	}
	return n;
}

/* From the operating one, so overtaken when that one changes. */
static void
recovery_planned(struct beside *d)
{
	static const size_t others[] = { 1, 2, 3, 4 };
	struct forge_change c = change(1);

	c.committee = "recovery";
	c.who = others;
	accepted(d, forge_replan(d->f, &c), 0);
	memcpy(d->f->plan.plan, d->f->last, 32);
}

static void
with_the_last_acceptance_goes_what_dealers_kept(void **state)
{
	struct beside d = beside_new(2, 4);
	post_auto p = { 0 };
	uint8_t first[32], second[32], third[32];
	struct seat seat;

	(void)state;
	disputed(&d, 2);
	memcpy(first, d.f->plan.plan, 32);
	keep_e(&d, first);
	recovery_planned(&d);
	memcpy(third, d.f->plan.plan, 32);
	keep_e(&d, third);
	dealt(&d, 3);
	memcpy(second, d.f->plan.plan, 32);
	keep_e(&d, second);
	for (size_t i = 0; i < 3; i++)
		accepted(&d, forge_reaccept(d.f, next[i]), next[i]);
	sit(&d, 5, &seat);
	assert_int_equal(seat.u.owed.step, OWED_ACCEPT);
	assert_int_equal(forge_post(d.f, forge_reaccept(d.f, 5), 5), AM_OK);
	assert_int_equal(
	    kept(&d, first) + kept(&d, second) + kept(&d, third), 6);
	assert_int_equal(handover_forget(&seat.u, &p), AM_OK);
	beside_post(&d, &p);
	assert_int_equal(
	    kept(&d, first) + kept(&d, second) + kept(&d, third), 0);
	beside_end(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BESIDE_TEST(r5_4_a_dealer_takes_the_join_key_that_was_signed),
		BESIDE_TEST(r5_8_a_deal_is_consent_to_the_plan_that_was_signed),
		BESIDE_TEST(
		    r5_7_a_share_is_erased_when_the_log_has_all_acceptances),
		BESIDE_TEST(steps_are_owed_in_their_order),
		BESIDE_TEST(
		    r5_11_an_answer_is_owed_although_others_planned_again),
		BESIDE_TEST(with_the_last_acceptance_goes_what_dealers_kept),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
