#include "tests/check.h"
#include "vault/base/blob.h"

/* No allocation can have this length: what fails must leave the blob alone. */
static void
what_cannot_be_had_changes_nothing(void **state)
{
	blob_auto b = { 0 };
	const uint8_t *before;

	(void)state;
	assert_int_equal(blob_text(&b, "kept"), AM_OK);
	before = b.p;
	assert_int_equal(blob_resize(&b, SIZE_MAX), AM_ERR_NOMEM);
	assert_int_equal(
	    blob_add(&b, (struct bytes){ b.p, SIZE_MAX - 2 }), AM_ERR_NOMEM);
	assert_ptr_equal(b.p, before);
	assert_true(bytes_same(blob_bytes(&b), LIT("kept")));
}

static void
nothing_may_be_added_to_nothing(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	assert_int_equal(blob_add(&b, (struct bytes){ 0 }), AM_OK);
	assert_int_equal(blob_text(&b, ""), AM_OK);
	assert_int_equal(blob_resize(&b, 0), AM_OK);
	assert_int_equal(b.len, 0);
}

static void
growth_keeps_the_bytes(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		const uint8_t byte = (uint8_t)(i * 7);

		assert_int_equal(
		    blob_add(&b, (struct bytes){ &byte, 1 }), AM_OK);
		assert_true(b.cap >= b.len);
	}
	assert_int_equal(b.len, 5000);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(b.p[i], (uint8_t)(i * 7));
}

/* What was cut off must not come back when the blob grows again. */
static void
resized_bytes_are_zero(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	assert_int_equal(blob_text(&b, "secretive"), AM_OK);
	assert_int_equal(blob_resize(&b, 3), AM_OK);
	assert_true(bytes_same(blob_bytes(&b), LIT("sec")));
	assert_int_equal(blob_resize(&b, 700), AM_OK);
	assert_int_equal(b.len, 700);
	for (size_t i = 3; i < b.len; i++)
		assert_int_equal(b.p[i], 0);
}

static void
formatted_text_is_appended_without_a_nul(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	assert_int_equal(blob_text(&b, "a"), AM_OK);
	assert_int_equal(blob_printf(&b, "%s-%d", "b", 41), AM_OK);
	assert_true(bytes_same(blob_bytes(&b), LIT("ab-41")));
	assert_int_equal(blob_printf(&b, "%300d", 1), AM_OK);
	assert_int_equal(b.len, 305);
	assert_int_equal(b.p[304], '1');
}

static void
free_forgets_and_may_come_twice(void **state)
{
	struct blob b = { 0 };

	(void)state;
	assert_int_equal(blob_text(&b, "x"), AM_OK);
	blob_free(&b);
	assert_null(b.p);
	assert_int_equal(b.len + b.cap, 0);
	blob_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_had_changes_nothing),
		cmocka_unit_test(nothing_may_be_added_to_nothing),
		cmocka_unit_test(growth_keeps_the_bytes),
		cmocka_unit_test(resized_bytes_are_zero),
		cmocka_unit_test(formatted_text_is_appended_without_a_nul),
		cmocka_unit_test(free_forgets_and_may_come_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
