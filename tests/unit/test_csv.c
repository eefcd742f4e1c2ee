/* RFC 4180, refusals first; every split of a text gives the same records. */

#include "tests/check.h"
#include "vault/base/csv.h"

static enum am_err
reads(
    const char *text, size_t len, bool last, struct csv_row *row, size_t *used)
{
	static uint8_t copy[256];

	memcpy(copy, text, len);
	return csv_read(',', copy, len, last, row, used);
}

static void
what_is_no_record_is_refused_and_nothing_written(void **state)
{
	static const char *const bad[] = { "a\"b\n", "\"a\"b\n", "\"a",
		"a\rb\n", "\"a\n", "a\r" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		const size_t len = strlen(bad[i]);
		uint8_t *text = malloc(len); /* exactly: for ASan */
		struct csv_row row = { .count = 77 };
		size_t used = 99;

		assert_non_null(text);
		memcpy(text, bad[i], len);
		assert_int_equal(csv_read(',', text, len, true, &row, &used),
		    AM_ERR_INVALID);
		assert_memory_equal(text, bad[i], len);
		assert_int_equal(row.count, 77);
		assert_int_equal(used, 99);
		free(text);
	}
}

static void
nul_bytes_and_too_many_cells_are_refused(void **state)
{
	char wide[CSV_CELLS_MAX + 2];
	struct csv_row row;
	size_t used = 0;

	(void)state;
	assert_int_equal(reads("a\0b\n", 4, true, &row, &used), AM_ERR_INVALID);
	assert_int_equal(
	    reads("\"a\0\"\n", 5, true, &row, &used), AM_ERR_INVALID);
	memset(wide, ',', sizeof(wide));
	wide[CSV_CELLS_MAX] = '\n';
	assert_int_equal(
	    reads(wide, CSV_CELLS_MAX + 1, true, &row, &used), AM_ERR_INVALID);
	wide[CSV_CELLS_MAX - 1] = '\n';
	assert_int_equal(reads(wide, CSV_CELLS_MAX, true, &row, &used), AM_OK);
	assert_int_equal(row.count, CSV_CELLS_MAX);
}

static void
a_record_that_goes_on_is_waited_for(void **state)
{
	static const char text[] = "one,\"two \"\"2\"\", 2\",,\r\n";
	const size_t len = sizeof(text) - 1;
	struct csv_row row;
	size_t used = 0;

	(void)state;
	for (size_t n = 0; n < len; n++)
		assert_int_equal(
		    reads(text, n, false, &row, &used), AM_ERR_INCOMPLETE);
	assert_int_equal(reads(text, len, false, &row, &used), AM_OK);
	assert_int_equal(used, len);
	assert_int_equal(row.count, 4);
	assert_memory_equal(row.cells[1].p, "two \"2\", 2", 10);
	assert_int_equal(row.cells[1].len, 10);
	assert_int_equal(row.cells[2].len, 0);
	assert_int_equal(row.cells[3].len, 0);
}

static void
the_last_record_may_lack_its_end(void **state)
{
	struct csv_row row;
	size_t used = 0;

	(void)state;
	assert_int_equal(reads("", 0, true, &row, &used), AM_ERR_NOT_FOUND);
	assert_int_equal(reads("", 0, false, &row, &used), AM_ERR_INCOMPLETE);
	assert_int_equal(reads("a,b", 3, true, &row, &used), AM_OK);
	assert_int_equal(row.count, 2);
	assert_int_equal(used, 3);
	assert_int_equal(reads("a,", 2, true, &row, &used), AM_OK);
	assert_int_equal(row.count, 2);
	assert_int_equal(reads("\n", 1, true, &row, &used), AM_OK);
	assert_int_equal(row.count, 1);
	assert_int_equal(row.cells[0].len, 0);
	assert_int_equal(reads("\"x\ny\"", 5, true, &row, &used), AM_OK);
	assert_int_equal(row.cells[0].len, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_no_record_is_refused_and_nothing_written),
		cmocka_unit_test(nul_bytes_and_too_many_cells_are_refused),
		cmocka_unit_test(a_record_that_goes_on_is_waited_for),
		cmocka_unit_test(the_last_record_may_lack_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
