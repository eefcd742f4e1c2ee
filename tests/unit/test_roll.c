/*
 * The credentials of a safe in their order, a page of them to a row: none is
 * put where it does not belong, and none is found that is not there.
 */

#include "tests/check.h"

#include "vault/state/roll.h"

static const uint8_t safe[16] = "TEST safe one", other[16] = "TEST safe two";

static void
nth_record(uint32_t n, uint8_t out[static 16])
{
	memset(out, 0, 16);
	memcpy(out, &n, sizeof(n));
}

static void
fill(const struct view *v, const uint8_t to[static 16], uint32_t from,
    uint32_t until)
{
	uint8_t record[16];

	for (uint32_t i = from; i < until; i++) {
		nth_record(i, record);
		assert_int_equal(roll_add(v, to, i, record), AM_OK);
	}
}

static void
one_out_of_turn_is_refused(void **state)
{
	struct view_memory *m = NULL;
	uint8_t record[16] = { 0 };
	struct view v;

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	assert_int_equal(roll_add(&v, safe, 1, record), AM_ERR_CORRUPT);
	fill(&v, safe, 0, 2);
	assert_int_equal(roll_add(&v, safe, 1, record), AM_ERR_CORRUPT);
	assert_int_equal(roll_add(&v, safe, 3, record), AM_ERR_CORRUPT);
	fill(&v, safe, 2, 3);
	view_memory_free(m);
}

static void
one_that_is_not_there_is_not_found(void **state)
{
	uint8_t record[16] = "untouched TEST", as_it_was[16];
	struct roll kept = { 0 };
	struct view_memory *m = NULL;
	struct view v;

	(void)state;
	memcpy(as_it_was, record, 16);
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	fill(&v, safe, 0, ROLL_PAGE);
	assert_int_equal(
	    roll_nth(&v, other, 0, &kept, record), AM_ERR_NOT_FOUND);
	assert_int_equal(
	    roll_nth(&v, safe, ROLL_PAGE, &kept, record), AM_ERR_NOT_FOUND);
	fill(&v, safe, ROLL_PAGE, ROLL_PAGE + 1);
	assert_int_equal(
	    roll_nth(&v, safe, ROLL_PAGE + 1, &kept, record), AM_ERR_NOT_FOUND);
	assert_memory_equal(record, as_it_was, 16);
	view_memory_free(m);
}

static void
a_page_of_another_length_is_damaged(void **state)
{
	static const uint8_t bytes[(ROLL_PAGE + 1) * 16];
	static const size_t lengths[] = { 0, 15, 17, sizeof(bytes) };
	const struct rows_key key =
	    rows_key_with_u64((struct bytes){ safe, 16 }, 0);
	struct view_memory *m = NULL;
	uint8_t record[16];
	struct view v;

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	for (size_t i = 0; i < AM_ARRAY_LEN(lengths); i++) {
		struct roll kept = { 0 };

		assert_int_equal(view_put(&v, "record-n", rows_key(&key),
				     (struct bytes){ bytes, lengths[i] }),
		    AM_OK);
		assert_int_equal(
		    roll_nth(&v, safe, 0, &kept, record), AM_ERR_CORRUPT);
	}
	view_memory_free(m);
}

/* Forth and back, and two safes side by side. */
static void
each_is_found_at_its_number(void **state)
{
	const uint32_t count = 3 * ROLL_PAGE + 1;
	struct roll kept = { 0 }, of_other = { 0 };
	struct view_memory *m = NULL;
	uint8_t record[16], want[16];
	struct view v;

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	fill(&v, safe, 0, count);
	fill(&v, other, 0, 1);
	for (uint32_t i = 0; i < 2 * count; i++) {
		const uint32_t n = i < count ? i : 2 * count - 1 - i;

		nth_record(n, want);
		assert_int_equal(roll_nth(&v, safe, n, &kept, record), AM_OK);
		assert_memory_equal(record, want, 16);
	}
	nth_record(0, want);
	assert_int_equal(roll_nth(&v, other, 0, &of_other, record), AM_OK);
	assert_memory_equal(record, want, 16);
	view_memory_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_out_of_turn_is_refused),
		cmocka_unit_test(one_that_is_not_there_is_not_found),
		cmocka_unit_test(a_page_of_another_length_is_damaged),
		cmocka_unit_test(each_is_found_at_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
