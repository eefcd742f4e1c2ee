/* The values of the levels: built in, shipped, and those of a policy. */

#include "tests/check.h"
#include "vault/acts/limits.h"

static void
a_level_that_is_unknown_has_the_strictest(void **state)
{
	struct limits l;

	(void)state;
	assert_int_equal(limits_of(NULL, "cosmic", &l), AM_OK);
	assert_string_equal(l.level, "maximum");
	assert_int_equal(limits_of(NULL, "", &l), AM_OK);
	assert_string_equal(l.level, "maximum");
}

/* What stands in limits.c is what policy/levels.yaml says. */
static void
the_built_in_values_are_the_shipped_ones(void **state)
{
	struct levels shipped;

	(void)state;
	assert_int_equal(levels_shipped(&shipped), AM_OK);
	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		const struct levels_level *want = &shipped.level[i];
		struct limits l;

		assert_int_equal(limits_of(NULL, levels_name(i), &l), AM_OK);
		assert_string_equal(l.level, levels_name(i));
		assert_int_equal(l.is.quorum_k, want->quorum_k);
		assert_int_equal(l.is.n_min, want->n_min);
		assert_int_equal(l.is.head_surplus_min, want->head_surplus_min);
		assert_int_equal(l.is.cut_min, want->cut_min);
		assert_int_equal(
		    l.is.durable_holders_min, want->durable_holders_min);
		assert_int_equal(l.is.eligible_per_required_post,
		    want->eligible_per_required_post);
		assert_int_equal(l.is.durable_horizon, want->durable_horizon);
		assert_int_equal(l.is.depart_suspend, want->depart_suspend);
		assert_int_equal(l.is.depart_suspend_for_cause,
		    want->depart_suspend_for_cause == LEVELS_NONE
			? want->depart_suspend
			: want->depart_suspend_for_cause);
		assert_int_equal(l.is.depart_reshare, want->depart_reshare);
		assert_int_equal(l.is.depart_rotate, want->depart_rotate);
		assert_int_equal(
		    l.is.rotate_after_open, want->rotate_after_open);
		assert_int_equal(
		    l.is.liveness_interval, want->liveness_interval);
		assert_int_equal(l.is.drill_interval, want->drill_interval);
		assert_int_equal(l.is.access_review, want->access_review);
		assert_int_equal(l.is.breach_first, want->breach_first);
		assert_int_equal(l.is.breach_detail, want->breach_detail);
		assert_int_equal(l.is.breach_final, want->breach_final);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_that_is_unknown_has_the_strictest),
		cmocka_unit_test(the_built_in_values_are_the_shipped_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
