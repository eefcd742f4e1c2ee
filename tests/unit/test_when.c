#include "tests/check.h"
#include "vault/base/when.h"

static struct bytes
text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static void
r2_12_only_real_dates_in_one_form(void **state)
{
	static const char *const bad[] = { "", "2026-03-02T09:00:00",
		"2026-03-02T09:00:00z", "2026-03-02 09:00:00Z",
		"2026-13-02T09:00:00Z", "2026-00-02T09:00:00Z",
		"2026-02-29T09:00:00Z", "2100-02-29T09:00:00Z",
		"2026-04-31T09:00:00Z", "2026-03-00T09:00:00Z",
		"2026-03-02T24:00:00Z", "2026-03-02T09:60:00Z",
		"2026-03-02T09:00:60Z", "1969-12-31T23:59:59Z",
		"+026-03-02T09:00:00Z", "2026-03-02T09:00:00+Z" };
	int64_t t = 7;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++)
		assert_int_equal(when_parse(text(bad[i]), &t), AM_ERR_CORRUPT);
	assert_int_equal(t, 7);
	assert_int_equal(when_parse(text("2024-02-29T23:59:59Z"), &t), AM_OK);
	assert_int_equal(t, 1709251199);
	assert_int_equal(when_parse(text("1970-01-01T00:00:00Z"), &t), AM_OK);
	assert_int_equal(t, 0);
	assert_int_equal(when_parse(text("9999-12-31T23:59:59Z"), &t), AM_OK);
	assert_int_equal(t, 253402300799);
}

static void
every_day_for_four_centuries_reads_back(void **state)
{
	char out[WHEN_TEXT_LEN + 1];

	(void)state;
	for (int64_t day = 0; day < 146097; day++) {
		const int64_t at = day * 86400 + day % 86400;
		int64_t again = -1;

		when_text(at, out);
		assert_int_equal(when_parse(text(out), &again), AM_OK);
		assert_int_equal(again, at);
	}
}

static void
spans(void **state)
{
	static const char *const bad[] = { "", "4", "h", "0h", "-1h", "4w",
		"4 h", "1h30m", "99999999d", "99999999999999h" };
	int64_t s = 0;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++)
		assert_int_equal(when_span(bad[i], &s), AM_ERR_INVALID);
	assert_int_equal(when_span("90s", &s), AM_OK);
	assert_int_equal(s, 90);
	assert_int_equal(when_span("30m", &s), AM_OK);
	assert_int_equal(s, 1800);
	assert_int_equal(when_span("4h", &s), AM_OK);
	assert_int_equal(s, 14400);
	assert_int_equal(when_span("3d", &s), AM_OK);
	assert_int_equal(s, 259200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r2_12_only_real_dates_in_one_form),
		cmocka_unit_test(every_day_for_four_centuries_reads_back),
		cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
