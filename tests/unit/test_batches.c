/*
 * From one committee to another in steps that R13.17 allows, for every pair of
 * committees up to n = 7; and the way over the recovery committee where more
 * are lost than one step may leave out.
 */

#include "tests/check.h"
#include "vault/acts/batches.h"

/* People `first`..`first + n - 1`. */
static void
people(struct rows_member *m, size_t first, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		m[i] = (struct rows_member){ .index = (uint32_t)(first + i) };
		m[i].person[0] = (uint8_t)(first + i);
	}
}

struct pair {
	struct rows_manifest from;
	struct rows_plan to;
	struct batches_way way;
};

/* n of k people from 1 on, to n2 of k2 of whom `stay` are the last of them. */
static void
set_pair(struct pair *p, size_t n, size_t k, size_t n2, size_t k2, size_t stay)
{
	*p = (struct pair){ .from = { .n = (uint8_t)n, .k = (uint8_t)k },
		.to = { .n = (uint8_t)n2,
		    .k = (uint8_t)k2,
		    .committee = ROWS_OPERATING } };
	people(p->from.members, 1, n);
	people(p->to.members, n - stay + 1, n2);
	p->way = (struct batches_way){
		.from = &p->from, .to = &p->to, .wished = p->to.members
	};
}

static bool
has(const struct replan_batch *b, const uint8_t person[static 16])
{
	for (size_t i = 0; i < b->n; i++)
		if (bytes_same((struct bytes){ b->person[i], 16 },
			(struct bytes){ person, 16 }))
			return true;
	return false;
}

static size_t
not_in(const struct replan_batch *a, const struct replan_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += !has(b, a->person[i]);
	return n;
}

static struct replan_batch
start(const struct pair *p)
{
	struct replan_batch b = { .k = p->from.k, .n = p->from.n };

	for (size_t i = 0; i < b.n; i++)
		memcpy(b.person[i], p->from.members[i].person, 16);
	return b;
}

/* Each step is one that the rules take, and the last is what was wished. */
static void
check_way(const struct pair *p, const struct replan_batch *out, size_t count)
{
	struct replan_batch now = start(p);

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		const struct replan_batch *b = &out[i];

		assert_false(b->recovery || b->from_recovery);
		assert_in_range(b->n, 3, ROWS_N_MAX);
		assert_in_range(b->k, 2, b->n - 1);
		assert_true(not_in(b, &now) <= b->k - 1U);
		assert_true(not_in(&now, b) <= now.k - 1U);
		now = *b;
	}
	assert_int_equal(now.k, p->to.k);
	assert_int_equal(now.n, p->to.n);
	for (size_t i = 0; i < p->to.n; i++)
		assert_true(has(&now, p->to.members[i].person));
}

static void
r13_17_every_committee_is_reached_from_every_other(void **state)
{
	struct replan_batch out[REPLAN_BATCHES_MAX];
	struct pair p;
	size_t count;

	(void)state;
	for (size_t n = 3; n <= 7; n++)
		for (size_t k = 2; k < n; k++)
			for (size_t n2 = 3; n2 <= 7; n2++)
				for (size_t k2 = 2; k2 < n2; k2++)
					for (size_t stay = 0;
					     stay <= n && stay <= n2; stay++) {
						if (n == n2 && stay == n &&
						    k == k2)
							continue;
						set_pair(
						    &p, n, k, n2, k2, stay);
						batches_find(
						    &p.way, out, &count);
						check_way(&p, out, count);
					}
}

/* Who cannot act cannot join either, so the first step is without them. */
static void
who_cannot_act_leaves_first(void **state)
{
	struct replan_batch out[REPLAN_BATCHES_MAX];
	struct pair p;
	size_t count;

	(void)state;
	set_pair(&p, 5, 3, 5, 3, 2); /* 1, 2, 3 leave; 6, 7, 8 come */
	p.way.unable[2] = true;
	batches_find(&p.way, out, &count);
	check_way(&p, out, count);
	assert_false(has(&out[0], p.from.members[2].person));
}

static void
g6_more_are_lost_than_a_step_may_leave_out(void **state)
{
	struct replan_batch out[REPLAN_BATCHES_MAX];
	struct pair p;
	size_t count;

	(void)state;
	set_pair(&p, 5, 2, 3, 2, 3); /* 1 and 2 are lost of 2 of 5 */
	p.way.unable[0] = p.way.unable[1] = true;
	batches_find(&p.way, out, &count);
	assert_int_equal(count, 2);
	assert_true(out[0].recovery && !out[0].from_recovery);
	assert_true(!out[1].recovery && out[1].from_recovery);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(out[i].n, 3);
		assert_int_equal(out[i].k, 2);
	}
	p.way.has_recovery = true; /* which is there, and deals at once */
	batches_find(&p.way, out, &count);
	assert_int_equal(count, 1);
	assert_true(!out[0].recovery && out[0].from_recovery);
	p.to.committee = ROWS_RECOVERY; /* that one is renewed from the other */
	batches_find(&p.way, out, &count);
	assert_int_equal(count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    r13_17_every_committee_is_reached_from_every_other),
		cmocka_unit_test(who_cannot_act_leaves_first),
		cmocka_unit_test(g6_more_are_lost_than_a_step_may_leave_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
