/*
 * Who is counted on, who is not and why, how many losses a committee bears,
 * what ends next (domain.md, invariant 3; C-8).
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/acts/health.h"
#include "vault/acts/limits.h"
#include "vault/state/drill.h"

enum { DAY = 86400, NOW = 1000 * DAY };

/* k of n, all with one key and a proof of today, a proof a month. */
static struct health
committee(uint8_t k, uint8_t n)
{
	struct health h = { .k = k, .n = n, .interval = 31 * DAY };

	for (uint32_t i = 0; i < n; i++) {
		h.members[i].index = i + 1;
		h.members[i].keys = 1;
		h.members[i].proven_at = NOW;
	}
	return h;
}

static void
stands(struct health *h, size_t who, enum health_standing want)
{
	health_judge(h, NOW);
	assert_int_equal(h->members[who].standing, want);
}

/* ---- who is not counted on */

static void
the_departed_come_before_everything(void **state)
{
	struct health h = committee(2, 3);

	(void)state;
	h.members[1].departed = h.members[1].suspended = true;
	h.members[1].keys = 0;
	stands(&h, 1, HEALTH_DEPARTED);
	assert_int_equal(h.eligible, 2);
}

static void
the_suspended_are_not_counted(void **state)
{
	struct health h = committee(2, 3);

	(void)state;
	h.members[0].suspended = true;
	h.members[0].proven_at = 0;
	stands(&h, 0, HEALTH_SUSPENDED);
}

static void
a_lost_key_counts_only_when_it_was_the_last(void **state)
{
	struct health h = committee(2, 3);

	(void)state;
	h.members[2].keys_suspended = 1;
	stands(&h, 2, HEALTH_KEY_LOST);
	h.members[2].keys = 2;
	stands(&h, 2, HEALTH_ELIGIBLE);
	h.members[2].keys_suspended = 2;
	stands(&h, 2, HEALTH_KEY_LOST);
	h.members[2].keys = h.members[2].keys_suspended = 0;
	stands(&h, 2, HEALTH_NO_KEY);
}

static void
an_overdue_proof_is_not_counted_from_its_second_on(void **state)
{
	struct health h = committee(2, 3);

	(void)state;
	h.members[1].proven_at = NOW - 31 * DAY + 1;
	stands(&h, 1, HEALTH_ELIGIBLE);
	assert_int_equal(h.end, NOW + 1);
	assert_int_equal(h.end_who, 1);
	h.members[1].proven_at = NOW - 31 * DAY;
	stands(&h, 1, HEALTH_OVERDUE);
	assert_int_equal(h.eligible, 2);
	h.members[1].proven_at = 0; /* never */
	stands(&h, 1, HEALTH_OVERDUE);
}

/* ---- what follows */

static void
every_loss_of_every_committee(void **state)
{
	(void)state;
	for (uint8_t n = 3; n <= ROWS_N_MAX; n++)
		for (uint8_t k = 2; k < n; k++)
			for (uint8_t lost = 0; lost <= n; lost++) {
				struct health h = committee(k, n);
				const unsigned left = n - lost;

				for (size_t i = 0; i < lost; i++)
					h.members[i].suspended = true;
				health_judge(&h, NOW);
				assert_int_equal(h.eligible, left);
				assert_int_equal(h.possible, left >= k);
				assert_int_equal(
				    h.losses, left >= k ? left - k : 0);
				assert_int_equal(h.tight, left == k);
			}
}

static void
nobody_blocks_alone_unless_all_are_needed(void **state)
{
	struct health h = committee(2, 3);

	(void)state;
	health_judge(&h, NOW);
	assert_false(h.tight);
	h.members[0].departed = true;
	health_judge(&h, NOW);
	assert_true(h.tight);
	h.members[1].departed = true;
	health_judge(&h, NOW);
	assert_false(h.tight); /* nobody can act at all */
	assert_false(h.possible);
}

static void
the_next_end_is_the_earliest_to_come(void **state)
{
	struct health h = committee(2, 3);

	(void)state;
	health_judge(&h, NOW);
	assert_int_equal(h.end_kind, HEALTH_END_PROOF);
	assert_int_equal(h.end, NOW + 31 * DAY);
	h.plan_until = NOW; /* over */
	health_judge(&h, NOW);
	assert_int_equal(h.end_kind, HEALTH_END_PROOF);
	h.plan_until = NOW + DAY;
	health_judge(&h, NOW);
	assert_int_equal(h.end_kind, HEALTH_END_PLAN);
	assert_int_equal(h.end, NOW + DAY);
	h.plan_until = 0;
	for (size_t i = 0; i < 3; i++)
		h.members[i].suspended = true;
	health_judge(&h, NOW);
	assert_int_equal(h.end_kind, HEALTH_NO_END);
	assert_int_equal(h.end, 0);
}

/* ---- from the tables */

static void
read_safe(const struct forge *f, struct view *v, struct rows_safe *s)
{
	*v = view_memory(f->memory);
	assert_int_equal(
	    rows_get_safe(v, (struct bytes){ f->safe, 16 }, s), AM_OK);
}

static void
a_safe_without_committee_has_no_health(void **state)
{
	struct forge *f = forge_new();
	struct rows_safe s = { .level = "baseline" };
	struct health h = { .n = 99 };
	const struct view v = view_memory(f->memory);

	(void)state;
	assert_int_equal(
	    health_of(&v, &s, ROWS_OPERATING, NOW, &h), AM_ERR_NOT_FOUND);
	assert_int_equal(h.n, 99);
	forge_free(f);
}

/* Makes the proof of a person one of another committee. */
static void
forget_proof(struct forge *f, struct view *v, size_t who)
{
	struct rows_proven p;
	struct rows_safe s;
	struct rows_key key;

	assert_int_equal(
	    rows_get_safe(v, (struct bytes){ f->safe, 16 }, &s), AM_OK);
	key = drill_proven_key(s.manifest, f->people[who].id);
	assert_int_equal(rows_get_proven(v, rows_key(&key), &p), AM_OK);
	p.manifest[0] ^= 1;
	assert_int_equal(rows_put_proven(v, rows_key(&key), &p), AM_OK);
}

static void
tables_are_read(void **state)
{
	struct forge *f = forge_new();
	struct rows_person p;
	struct rows_token t;
	struct rows_safe s;
	struct limits l;
	struct health h;
	struct view v;

	(void)state;
	for (int i = 0; i < 5; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 3, 5);
	read_safe(f, &v, &s);
	assert_int_equal(
	    health_of(&v, &s, ROWS_RECOVERY, f->at, &h), AM_ERR_NOT_FOUND);
	assert_int_equal(health_of(&v, &s, ROWS_OPERATING, f->at, &h), AM_OK);
	assert_int_equal(h.eligible, 5); /* accepting was a proof */
	assert_int_equal(h.losses, 2);
	assert_int_equal(h.drill.number, 0);

	assert_int_equal(
	    rows_get_person(&v, (struct bytes){ f->people[1].id, 16 }, &p),
	    AM_OK);
	p.departure = 1;
	assert_int_equal(
	    rows_put_person(&v, (struct bytes){ p.person, 16 }, &p), AM_OK);
	assert_int_equal(
	    rows_get_token(&v, (struct bytes){ f->people[2].token, 32 }, &t),
	    AM_OK);
	t.suspended = ROWS_SUSPENDED;
	assert_int_equal(
	    rows_put_token(&v, (struct bytes){ t.token, 32 }, &t), AM_OK);
	assert_int_equal(health_of(&v, &s, ROWS_OPERATING, f->at, &h), AM_OK);
	assert_int_equal(h.eligible, 3);
	assert_true(h.tight);

	/* a proof of a committee before this one is none */
	forget_proof(f, &v, 3);
	assert_int_equal(health_of(&v, &s, ROWS_OPERATING, f->at, &h), AM_OK);
	assert_int_equal(h.eligible, 2);
	assert_false(h.possible);

	/* the interval of the level after the acceptance */
	assert_int_equal(limits_of(NULL, s.level, &l), AM_OK);
	assert_int_equal(health_of(&v, &s, ROWS_OPERATING,
			     f->at + l.is.liveness_interval, &h),
	    AM_OK);
	assert_int_equal(h.eligible, 0);
	assert_false(h.possible);
	forge_free(f);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_departed_come_before_everything),
		cmocka_unit_test(the_suspended_are_not_counted),
		cmocka_unit_test(a_lost_key_counts_only_when_it_was_the_last),
		cmocka_unit_test(
		    an_overdue_proof_is_not_counted_from_its_second_on),
		cmocka_unit_test(every_loss_of_every_committee),
		cmocka_unit_test(nobody_blocks_alone_unless_all_are_needed),
		cmocka_unit_test(the_next_end_is_the_earliest_to_come),
		cmocka_unit_test(a_safe_without_committee_has_no_health),
		cmocka_unit_test(tables_are_read),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
