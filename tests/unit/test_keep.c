/* What a kept row hides from the view under it, and what it hands down. */

#include "tests/check.h"
#include "vault/state/keep.h"

struct under {
	size_t puts;
	enum am_err err;
	struct view view;
};

static enum am_err
pass_get(void *arg, const char *table, struct bytes key, struct blob *out)
{
	const struct under *u = arg;

	return view_get(&u->view, table, key, out);
}

static enum am_err
count_put(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct under *u = arg;

	u->puts++;
	return u->err != AM_OK ? u->err : view_put(&u->view, table, key, value);
}

static void
expect(
    const struct view *v, const char *table, struct bytes key, const char *want)
{
	blob_auto got = { 0 };

	assert_int_equal(view_get(v, table, key, &got), AM_OK);
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.p, want, got.len);
}

static void
rows_are_handed_down_once_and_others_at_once(void **state)
{
	struct view_memory *m = NULL;
	struct under u = { .err = AM_OK };
	keep_auto k = { .under = { pass_get, count_put, &u } };
	const struct view v = keep_view(&k);
	blob_auto none = { 0 };

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	u.view = view_memory(m);
	assert_int_equal(
	    view_get(&v, "safe", LIT("a"), &none), AM_ERR_NOT_FOUND);
	assert_int_equal(view_put(&v, "safe", LIT("a"), LIT("1")), AM_OK);
	assert_int_equal(view_put(&v, "safe", LIT("a"), LIT("22")), AM_OK);
	expect(&v, "safe", LIT("a"), "22");
	assert_int_equal(u.puts, 0);
	assert_int_equal(view_put(&v, "record", LIT("a"), LIT("r")), AM_OK);
	assert_int_equal(u.puts, 1);
	assert_int_equal(keep_flush(&k), AM_OK);
	assert_int_equal(keep_flush(&k), AM_OK);
	assert_int_equal(u.puts, 2);
	expect(&u.view, "safe", LIT("a"), "22");
	expect(&u.view, "record", LIT("a"), "r");
	view_memory_free(m);
}

static void
more_rows_than_fit_and_a_failure_below(void **state)
{
	struct view_memory *m = NULL;
	struct under u = { .err = AM_OK };
	keep_auto k = { .under = { pass_get, count_put, &u } };
	const struct view v = keep_view(&k);

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	u.view = view_memory(m);
	for (uint8_t i = 0; i < KEEP_ROWS + 3; i++)
		assert_int_equal(
		    view_put(&v, "manifest", (struct bytes){ &i, 1 }, LIT("m")),
		    AM_OK);
	assert_int_equal(u.puts, 3);
	u.err = AM_ERR_IO;
	assert_int_equal(keep_flush(&k), AM_ERR_IO);
	u.err = AM_OK;
	assert_int_equal(keep_flush(&k), AM_OK);
	assert_int_equal(u.puts, 3 + 1 + KEEP_ROWS);
	view_memory_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_handed_down_once_and_others_at_once),
		cmocka_unit_test(more_rows_than_fit_and_a_failure_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
