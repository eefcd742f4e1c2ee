/*
 * How long a PIN is: code points, as CTAP2 counts them. What the level of a safe
 * asks is tried with keys (office.sh).
 */

#include "tests/check.h"
#include "vault/acts/pin.h"

static void
has_length(const char *text, size_t want)
{
	assert_int_equal(
	    pin_length((struct bytes){ (const uint8_t *)text, strlen(text) }),
	    want);
}

static void
a_pin_is_counted_in_code_points(void **state)
{
	(void)state;
	has_length("", 0);
	has_length("4711", 4);
	has_length("TEST-\xc3\xa9", 6);                 /* two bytes */
	has_length("\xd9\xa4\xd9\xa7", 2);              /* Arabic digits */
	has_length("\xf0\x9f\x94\x91 \xe2\x82\xac", 3); /* four, three bytes */
	assert_int_equal(pin_length((struct bytes){ NULL, 0 }), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_is_counted_in_code_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
