#include "policy/explain.h"
#include "tests/check.h"

static void
an_identifier_that_is_none_has_no_row(void **state)
{
	static const char *const none[] = { "", "R", "R5", "R5.", "R5.1x",
		"R5.10x", "5", "X10", "X-", " R5.1", "V", "V0", "V17 ", "r-7" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(none); i++)
		assert_null(explain_find(none[i]));
	assert_null(explain_at(SIZE_MAX));
}

static void
every_row_is_found_in_either_case(void **state)
{
	const struct explain *e;
	char low[16];

	(void)state;
	for (size_t i = 0; (e = explain_at(i)) != NULL; i++) {
		assert_ptr_equal(explain_find(e->id), e);
		assert_true(strlen(e->id) < sizeof(low));
		(void)snprintf(low, sizeof(low), "%s", e->id);
		for (char *c = low; *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c + 'a' - 'A');
		assert_ptr_equal(explain_find(low), e);
	}
	assert_ptr_equal(explain_find("v1"), explain_find("V01"));
	assert_ptr_equal(explain_find("inv-015"), explain_find("INV-15"));
}

static void
rows_are_in_order_and_whole(void **state)
{
	const struct explain *e, *last = NULL;
	size_t n = 0;

	(void)state;
	for (; (e = explain_at(n)) != NULL; n++, last = e) {
		const size_t title = strlen(e->title), text = strlen(e->text);

		assert_true(title > 0 && title < 72 && text > 0);
		assert_true(e->title[title - 1] != '.');
		assert_int_equal(e->text[text - 1], '.');
		assert_true(strlen(e->source) > 0);
		if (last != NULL)
			assert_true(explain_order(last->id, e->id) < 0);
	}
	assert_true(n > 90);
}

static void
numbers_compare_by_value_and_letters_in_either_case(void **state)
{
	static const char *const up[] = { "", "3.3", "10.1", "A-3", "INV-1",
		"INV-2", "INV-10", "R2.9", "R2.10", "R13.2", "R13.2a", "V01",
		"V10", "X-2", "X-10", "X-18446744073709551616" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(up); i++)
		for (size_t j = 0; j < AM_ARRAY_LEN(up); j++)
			assert_int_equal(
			    explain_order(up[i], up[j]), (i > j) - (i < j));
	assert_int_equal(explain_order("r02.009", "R2.9"), 0);
	assert_int_equal(explain_order("X-0", "X-00"), 0);
}

static void
the_beginning_that_a_mistyped_one_shares(void **state)
{
	(void)state;
	assert_int_equal(explain_shared(""), 0);
	assert_int_equal(explain_shared("zoo"), 0);
	assert_int_equal(explain_shared("r13.99"), 4); /* no R13.9 */
	assert_int_equal(explain_shared("R5"), 2);
	assert_int_equal(explain_shared("inv-99"), 5);
	assert_int_equal(explain_shared("X-17 "), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identifier_that_is_none_has_no_row),
		cmocka_unit_test(every_row_is_found_in_either_case),
		cmocka_unit_test(rows_are_in_order_and_whole),
		cmocka_unit_test(
		    numbers_compare_by_value_and_letters_in_either_case),
		cmocka_unit_test(the_beginning_that_a_mistyped_one_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
