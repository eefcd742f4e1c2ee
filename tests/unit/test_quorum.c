/*
 * Which people are a quorum (R4.4 to R4.6, R13.4, R13.7): refusals first, then
 * against a plain reading of the definition, of every subset and every way to
 * fill the groups, over random small rules.
 */

#include "policy/quorum.h"
#include "tests/check.h"

enum { AUDIT = 1, LEGAL, OWNER };

/* xorshift: the same cases in every run. */
static uint32_t seed = 2463534242;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static uint16_t
all_of(size_t n)
{
	return (uint16_t)((1U << n) - 1);
}

static struct quorum_appointment *
appoint(struct quorum_person *p, uint32_t post, const char *line)
{
	struct quorum_appointment *a = &p->appointments[p->count++];

	*a =
	    (struct quorum_appointment){ .until = QUORUM_NO_END, .post = post };
	(void)snprintf(
	    a->attrs[QUORUM_LINE], sizeof(a->attrs[QUORUM_LINE]), "%s", line);
	return a;
}

static void
need_group(struct quorum_rule *r, uint8_t count, uint32_t post)
{
	r->groups[r->group_count++] =
	    (struct quorum_group){ count, 1, { post } };
}

static bool
holds_at(const struct quorum_rule *r, const struct quorum_person *people,
    size_t n, uint16_t who, int64_t now)
{
	struct quorum q;

	quorum_at(r, people, n, now, &q);
	return quorum_holds(&q, who);
}

static bool
holds(const struct quorum_rule *r, const struct quorum_person *people, size_t n,
    uint16_t who)
{
	return holds_at(r, people, n, who, 0);
}

/* ---- refusals */

static void
r4_5_a_quorum_of_nobody_never_holds(void **state)
{
	struct quorum_person people[3] = { 0 };
	const struct quorum_rule none = { 0 };

	(void)state;
	for (unsigned who = 0; who < 8; who++)
		assert_false(holds(&none, people, 3, (uint16_t)who));
}

static void
more_places_than_people_asked_for_never_hold(void **state)
{
	struct quorum_person people[4] = { 0 };
	struct quorum_rule r = { .need = 3 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		(void)appoint(&people[i], AUDIT, "");
	need_group(&r, 3, AUDIT);
	assert_true(holds(&r, people, 4, 15));
	need_group(&r, 1, AUDIT);
	assert_false(holds(&r, people, 4, 15));
	r.need = 4;
	assert_true(holds(&r, people, 4, 15));
}

static void
two_posts_of_one_person_count_once(void **state)
{
	struct quorum_person people[3] = { 0 };
	struct quorum_rule r = { .need = 3 };

	(void)state;
	(void)appoint(&people[0], AUDIT, "a");
	(void)appoint(&people[0], LEGAL, "b");
	(void)appoint(&people[1], OWNER, "c");
	assert_false(holds(&r, people, 2, 3));
	r.need = 2;
	assert_true(holds(&r, people, 2, 3));
}

static void
one_person_in_two_groups_fills_only_one(void **state)
{
	struct quorum_person people[3] = { 0 };
	struct quorum_rule r = { .need = 2 };
	struct quorum q;

	(void)state;
	(void)appoint(&people[0], AUDIT, "");
	(void)appoint(&people[0], LEGAL, "");
	(void)appoint(&people[1], OWNER, "");
	(void)appoint(&people[2], LEGAL, "");
	need_group(&r, 1, AUDIT);
	need_group(&r, 1, LEGAL);
	quorum_at(&r, people, 3, 0, &q);
	assert_false(quorum_holds(&q, 3));
	assert_int_equal(quorum_unfilled(&q, 0), 2);
	assert_int_equal(quorum_unfilled(&q, 1), 1);
	assert_int_equal(quorum_unfilled(&q, 3), 1);
	assert_int_equal(quorum_unfilled(&q, 5), 0);
	assert_true(quorum_holds(&q, 5));
	assert_false(quorum_holds(&q, 6));
}

static void
r4_4_a_cap_concerns_the_chosen_not_the_present(void **state)
{
	struct quorum_person people[5] = { 0 };
	struct quorum_rule r = { .need = 3, .cap_count = 1 };

	(void)state;
	r.caps[0] = (struct quorum_cap){ QUORUM_LINE, 2 };
	for (size_t i = 0; i < 4; i++)
		(void)appoint(&people[i], AUDIT, "finance");
	(void)appoint(&people[4], AUDIT, "works");
	assert_false(holds(&r, people, 5, 15));
	assert_true(holds(&r, people, 5, 31));
	assert_true(holds(&r, people, 5, 19));
}

static void
an_unknown_value_is_shared_with_nobody(void **state)
{
	struct quorum_person people[3] = { 0 };
	struct quorum_rule r = { .need = 3, .cap_count = 1 };

	(void)state;
	r.caps[0] = (struct quorum_cap){ QUORUM_LINE, 1 };
	for (size_t i = 0; i < 3; i++)
		(void)appoint(&people[i], AUDIT, "");
	assert_true(holds(&r, people, 3, 7));
}

static void
a_group_may_need_the_one_whom_a_cap_would_leave_out(void **state)
{
	struct quorum_person people[4] = { 0 };
	struct quorum_rule r = { .need = 2, .cap_count = 1 };

	(void)state;
	r.caps[0] = (struct quorum_cap){ QUORUM_LINE, 1 };
	need_group(&r, 1, AUDIT);
	need_group(&r, 1, LEGAL);
	(void)appoint(&people[0], AUDIT, "x");
	(void)appoint(&people[1], LEGAL, "x");
	(void)appoint(&people[2], OWNER, "y");
	assert_false(holds(&r, people, 3, 7));
	(void)appoint(&people[3], LEGAL, "z");
	assert_true(holds(&r, people, 4, 15));
	assert_false(holds(&r, people, 4, 12));
}

static void
appointments_are_half_open(void **state)
{
	struct quorum_person p = { 0 };
	struct quorum_rule r = { .need = 1 };
	struct quorum_appointment *a = appoint(&p, AUDIT, "");

	(void)state;
	need_group(&r, 1, AUDIT);
	a->from = 100;
	a->until = 200;
	assert_false(holds_at(&r, &p, 1, 1, 99));
	assert_true(holds_at(&r, &p, 1, 1, 100));
	assert_true(holds_at(&r, &p, 1, 1, 199));
	assert_false(holds_at(&r, &p, 1, 1, 200));
	assert_true(quorum_is_valid(&p, 99)); /* none has begun */
	assert_true(quorum_is_valid(&p, 100));
	assert_true(quorum_is_valid(&p, 199));
	assert_false(quorum_is_valid(&p, 200));
}

static void
r13_7_only_who_never_had_an_appointment_needs_none(void **state)
{
	struct quorum_person never = { 0 }, was = { 0 };

	(void)state;
	appoint(&was, AUDIT, "")->until = 5;
	assert_true(quorum_is_valid(&never, 5));
	assert_false(quorum_is_valid(&was, 5));
	(void)appoint(&was, LEGAL, "");
	assert_true(quorum_is_valid(&was, 5));
}

static void
a_value_of_a_lapsed_appointment_counts_for_nothing(void **state)
{
	struct quorum_person people[2] = { 0 };
	struct quorum_rule r = { .need = 2, .cap_count = 1 };

	(void)state;
	r.caps[0] = (struct quorum_cap){ QUORUM_LINE, 1 };
	appoint(&people[0], AUDIT, "x")->until = 10;
	(void)appoint(&people[0], AUDIT, "y");
	(void)appoint(&people[1], AUDIT, "x");
	assert_false(holds_at(&r, people, 2, 3, 9));
	assert_true(holds_at(&r, people, 2, 3, 10));
}

static void
nobody_may_have_a_value_that_is_capped_at_none(void **state)
{
	struct quorum_person people[2] = { 0 };
	struct quorum_rule r = { .need = 1, .cap_count = 1 };

	(void)state;
	r.caps[0] = (struct quorum_cap){ QUORUM_LINE, 0 };
	(void)appoint(&people[0], AUDIT, "x");
	(void)appoint(&people[1], AUDIT, "");
	assert_false(holds(&r, people, 2, 1));
	assert_true(holds(&r, people, 2, 3));
}

/* Every pair of sixteen shares a value of its own: more limits than can be
 * judged are not passed over. */
static void
too_many_limits_fail_closed(void **state)
{
	static struct quorum_person people[16];
	struct quorum_rule r = { .need = 1, .cap_count = 1 };

	(void)state;
	r.caps[0] = (struct quorum_cap){ QUORUM_LINE, 1 };
	memset(people, 0, sizeof(people));
	for (size_t i = 0; i < 16; i++)
		for (size_t j = 0; j < i; j++) {
			char both[8];

			(void)snprintf(both, sizeof(both), "%zu %zu", i, j);
			(void)appoint(&people[i], AUDIT, both);
			(void)appoint(&people[j], AUDIT, both);
		}
	assert_true(holds(&r, people, 11, all_of(11)));
	r.caps[r.cap_count++] = (struct quorum_cap){ QUORUM_LINE, 2 };
	assert_true(holds(&r, people, 11, all_of(11))); /* says no more */
	r.caps[r.cap_count++] = (struct quorum_cap){ QUORUM_LINE, 1 };
	assert_true(holds(&r, people, 11, all_of(11)));
	assert_false(holds(&r, people, 16, all_of(16)));
}

/* ---- the oracle: a plain reading, from the people and not from masks */

static bool
oracle_in_force(const struct quorum_appointment *a, int64_t now)
{
	return !(now < a->from) && now < a->until;
}

static bool
oracle_has_post(
    const struct quorum_group *g, const struct quorum_person *p, int64_t now)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t j = 0; j < g->post_count; j++)
			if (oracle_in_force(&p->appointments[i], now) &&
			    p->appointments[i].post == g->posts[j])
				return true;
	return false;
}

static bool
oracle_has_value(const struct quorum_person *p, enum quorum_attr attr,
    const char *value, int64_t now)
{
	for (size_t i = 0; i < p->count; i++)
		if (oracle_in_force(&p->appointments[i], now) &&
		    strcmp(p->appointments[i].attrs[attr], value) == 0)
			return true;
	return false;
}

struct oracle {
	const struct quorum_rule *rule;
	const struct quorum_person *people;
	size_t n;
	int64_t now;
};

/* The most places that can be filled from group g on, all in turn. */
static unsigned
oracle_fills(const struct oracle *o, uint16_t who, size_t g, unsigned place)
{
	unsigned best;

	if (g == o->rule->group_count)
		return 0;
	if (place == o->rule->groups[g].count)
		return oracle_fills(o, who, g + 1, 0);
	best = oracle_fills(o, who, g, place + 1); /* left open */
	for (size_t i = 0; i < o->n; i++)
		if ((who >> i & 1) != 0 &&
		    oracle_has_post(
			&o->rule->groups[g], &o->people[i], o->now)) {
			const unsigned with = 1 +
			    oracle_fills(
				o, (uint16_t)(who & ~(1U << i)), g, place + 1);

			best = with > best ? with : best;
		}
	return best;
}

static unsigned
oracle_places(const struct quorum_rule *r)
{
	unsigned sum = 0;

	for (size_t g = 0; g < r->group_count; g++)
		sum += r->groups[g].count;
	return sum;
}

static bool
oracle_caps_hold(const struct oracle *o, uint16_t who)
{
	for (size_t c = 0; c < o->rule->cap_count; c++) {
		const enum quorum_attr attr = o->rule->caps[c].attr;

		for (size_t i = 0; i < o->n; i++)
			for (size_t a = 0; a < o->people[i].count; a++) {
				const char *value =
				    o->people[i].appointments[a].attrs[attr];
				unsigned share = 0;

				for (size_t j = 0; j < o->n; j++)
					if ((who >> j & 1) != 0 &&
					    *value != '\0' &&
					    oracle_has_value(&o->people[j],
						attr, value, o->now))
						share++;
				if (share > o->rule->caps[c].max)
					return false;
			}
	}
	return true;
}

static bool
oracle_holds(const struct oracle *o, uint16_t who)
{
	if (o->rule->need == 0)
		return false;
	for (unsigned set = 1; set <= who; set++)
		if ((set & ~(unsigned)who) == 0 &&
		    __builtin_popcount(set) == o->rule->need &&
		    oracle_caps_hold(o, (uint16_t)set) &&
		    oracle_fills(o, (uint16_t)set, 0, 0) ==
			oracle_places(o->rule))
			return true;
	return false;
}

/* ---- random cases */

static const char *const values[] = { "", "a", "b", "c", "d" };

static void
random_person(struct quorum_person *p)
{
	const unsigned count = below(4);

	*p = (struct quorum_person){ 0 };
	for (unsigned i = 0; i < count; i++) {
		struct quorum_appointment *a = appoint(p, 1 + below(4), "");

		a->from = (int64_t)below(3);
		a->until = below(2) == 0 ? QUORUM_NO_END : 1 + below(3);
		for (size_t v = 0; v < QUORUM_ATTRS; v++)
			(void)snprintf(a->attrs[v], sizeof(a->attrs[v]), "%s",
			    values[below(AM_ARRAY_LEN(values))]);
	}
}

static void
random_rule(struct quorum_rule *r, unsigned n)
{
	*r = (struct quorum_rule){ .need = (uint8_t)below(n + 1),
		.group_count = (uint8_t)below(4),
		.cap_count = (uint8_t)below(3) };
	for (size_t g = 0; g < r->group_count; g++) {
		r->groups[g].count = (uint8_t)below(3);
		r->groups[g].post_count = (uint8_t)(1 + below(2));
		for (size_t i = 0; i < r->groups[g].post_count; i++)
			r->groups[g].posts[i] = 1 + below(4);
	}
	for (size_t c = 0; c < r->cap_count; c++) {
		r->caps[c].attr = (enum quorum_attr)below(QUORUM_ATTRS);
		r->caps[c].max = (uint8_t)below(4);
	}
}

static void
every_subset_is_judged_as_the_definition_says(void **state)
{
	unsigned yes = 0, no = 0;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		const unsigned n = round < 3500 ? 1 + below(6) : 7 + below(3);
		static struct quorum_person people[16];
		struct quorum_rule rule;
		struct oracle o = { &rule, people, n, 1 };
		uint64_t sets[QUORUM_SETS_WORDS];
		struct quorum q;

		random_rule(&rule, n);
		for (size_t i = 0; i < n; i++)
			random_person(&people[i]);
		quorum_at(&rule, people, n, o.now, &q);
		quorum_sets(&q, all_of(n), sets);
		for (unsigned who = 0; who <= all_of(n); who++) {
			const bool want = oracle_holds(&o, (uint16_t)who);

			assert_int_equal(quorum_holds(&q, (uint16_t)who), want);
			assert_int_equal(quorum_unfilled(&q, (uint16_t)who),
			    oracle_places(&rule) -
				oracle_fills(&o, (uint16_t)who, 0, 0));
			assert_int_equal(sets[who / 64] >> who % 64 & 1,
			    want && __builtin_popcount(who) == rule.need);
			yes += want;
			no += !want;
		}
	}
	assert_in_range(yes, 10000, 1000000);
	assert_in_range(no, 10000, 1000000);
}

static void
sixteen_are_judged_as_the_definition_says(void **state)
{
	unsigned yes = 0, no = 0;

	(void)state;
	for (int round = 0; round < 60; round++) {
		static struct quorum_person people[16];
		struct quorum_rule rule;
		struct oracle o = { &rule, people, 16, 1 };
		struct quorum q;

		random_rule(&rule, 12);
		for (size_t c = 0; c < rule.cap_count; c++)
			rule.caps[c].max = (uint8_t)(1 + below(3));
		for (size_t i = 0; i < 16; i++)
			random_person(&people[i]);
		quorum_at(&rule, people, 16, o.now, &q);
		for (int i = 0; i < 4; i++) {
			const uint16_t who = i == 0
			    ? UINT16_MAX
			    : (uint16_t)(below(65536) | below(65536));
			const bool want = oracle_holds(&o, who);

			assert_int_equal(quorum_holds(&q, who), want);
			yes += want;
			no += !want;
		}
	}
	assert_true(yes > 20 && no > 20);
}

static void
the_table_of_sets_leaves_out_who_is_left_out(void **state)
{
	static struct quorum_person people[16];
	const struct quorum_rule rule = { .need = 2 };
	uint64_t sets[QUORUM_SETS_WORDS];
	struct quorum q;

	(void)state;
	quorum_at(&rule, people, 16, 0, &q);
	quorum_sets(&q, 0x8102, sets);
	for (unsigned who = 0; who < 65536; who++)
		assert_int_equal(sets[who / 64] >> who % 64 & 1,
		    who == 0x8100 || who == 0x8002 || who == 0x0102);
	quorum_sets(&q, 0x8000, sets);
	for (size_t i = 0; i < QUORUM_SETS_WORDS; i++)
		assert_int_equal(sets[i], 0);
}

/* ---- what holds for all */

static void
one_more_never_closes_what_was_open(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		static struct quorum_person people[16];
		struct quorum_rule rule;
		struct quorum q;

		random_rule(&rule, 16);
		for (size_t i = 0; i < 16; i++)
			random_person(&people[i]);
		quorum_at(&rule, people, 16, 1, &q);
		for (int i = 0; i < 20; i++) {
			const uint16_t who = (uint16_t)below(65536);
			const bool before = quorum_holds(&q, who);

			for (size_t p = 0; p < 16; p++)
				assert_true(!before ||
				    quorum_holds(
					&q, (uint16_t)(who | 1U << p)));
		}
	}
}

static void
the_order_of_people_does_not_matter(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		static struct quorum_person people[16], moved[16];
		size_t to[16];
		struct quorum_rule rule;

		random_rule(&rule, 16);
		for (size_t i = 0; i < 16; i++) {
			random_person(&people[i]);
			to[i] = i;
		}
		for (size_t i = 16; i-- > 1;) {
			const size_t j = below((unsigned)i + 1), t = to[i];

			to[i] = to[j];
			to[j] = t;
		}
		for (size_t i = 0; i < 16; i++)
			moved[to[i]] = people[i];
		for (int i = 0; i < 20; i++) {
			const uint16_t who = (uint16_t)below(65536);
			uint16_t there = 0;

			for (size_t p = 0; p < 16; p++)
				there |= (uint16_t)((who >> p & 1U) << to[p]);
			assert_int_equal(holds_at(&rule, people, 16, who, 1),
			    holds_at(&rule, moved, 16, there, 1));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r4_5_a_quorum_of_nobody_never_holds),
		cmocka_unit_test(more_places_than_people_asked_for_never_hold),
		cmocka_unit_test(two_posts_of_one_person_count_once),
		cmocka_unit_test(one_person_in_two_groups_fills_only_one),
		cmocka_unit_test(
		    r4_4_a_cap_concerns_the_chosen_not_the_present),
		cmocka_unit_test(an_unknown_value_is_shared_with_nobody),
		cmocka_unit_test(
		    a_group_may_need_the_one_whom_a_cap_would_leave_out),
		cmocka_unit_test(appointments_are_half_open),
		cmocka_unit_test(
		    r13_7_only_who_never_had_an_appointment_needs_none),
		cmocka_unit_test(
		    a_value_of_a_lapsed_appointment_counts_for_nothing),
		cmocka_unit_test(
		    nobody_may_have_a_value_that_is_capped_at_none),
		cmocka_unit_test(too_many_limits_fail_closed),
		cmocka_unit_test(every_subset_is_judged_as_the_definition_says),
		cmocka_unit_test(sixteen_are_judged_as_the_definition_says),
		cmocka_unit_test(the_table_of_sets_leaves_out_who_is_left_out),
		cmocka_unit_test(one_more_never_closes_what_was_open),
		cmocka_unit_test(the_order_of_people_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
