/* What is sealed: a few named fields (payload.h). */

#include <sodium.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/acts/payload.h"

#define HEAD "AMPL\x01"

static void
fields_that_cannot_be_sealed(void **state)
{
	static const uint8_t big[PAYLOAD_CONTENT_MAX + 1];
	const struct payload_field many[PAYLOAD_FIELDS_MAX + 1] = { 0 };
	const struct payload_field bad[][2] = {
		{ { "text", LIT("") }, { "b", LIT("x") } },
		{ { "", LIT("x") }, { "b", LIT("x") } },
		{ { "seventeen-letters", LIT("x") }, { "b", LIT("x") } },
		{ { "a", LIT("x") }, { "", LIT("x") } },
		{ { "a", { big, sizeof(big) } }, { "b", LIT("x") } },
		{ { "a", LIT("x") }, { "b", { big, sizeof(big) - 1 } } },
		{ { "a", LIT("x") }, { "b", { big, SIZE_MAX } } },
	};
	struct secret *out = NULL;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++)
		assert_int_equal(
		    payload_build(bad[i], 2, &out), AM_ERR_INVALID);
	assert_int_equal(payload_build(bad[0], 0, &out), AM_ERR_INVALID);
	assert_int_equal(
	    payload_build(many, PAYLOAD_FIELDS_MAX + 1, &out), AM_ERR_INVALID);
	assert_null(out);
}

static void
payloads_that_are_damaged(void **state)
{
	static const struct bytes bad[] = { LIT(""), LIT("AMPL"), LIT(HEAD),
		LIT(HEAD "\0"), LIT(HEAD "\x09"), LIT("AMPM\x01\x01"),
		LIT("AMPL\x02\x01\x01"
		    "a\0\0\0\x01x"),
		LIT(HEAD "\x01\0\0\0\0\x01x"),
		LIT(HEAD "\x01\x11"
			 "aaaaaaaaaaaaaaaaa\0\0\0\x01x"),
		LIT(HEAD "\x01\x01"
			 "a\0\0\0\x02x"),
		LIT(HEAD "\x01\x01"
			 "a\xff\xff\xff\xffx"),
		LIT(HEAD "\x01\x01"
			 "a\0\0\0\x01xy") };
	struct bytes out = LIT("untouched");
	char names[64];

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		exact_auto in = exact(bad[i].p, bad[i].len);

		assert_int_equal(payload_get(in, NULL, &out), AM_ERR_CORRUPT);
		assert_int_equal(
		    payload_names(in, names, sizeof(names)), AM_ERR_CORRUPT);
	}
	assert_true(bytes_same(out, LIT("untouched")));
}

static void
every_truncation_is_refused(void **state)
{
	const struct payload_field fields[] = { { "password", LIT("TEST") },
		{ "user", LIT("ayesha") }, { "url", LIT("") } };
	secret_auto *s = NULL;
	struct bytes whole, out = { 0 };
	char names[64];

	(void)state;
	assert_int_equal(payload_build(fields, 3, &s), AM_OK);
	whole = secret_bytes(s);
	for (size_t n = 0; n < whole.len; n++) {
		exact_auto in = exact(whole.p, n);

		assert_int_equal(payload_get(in, "none", &out), AM_ERR_CORRUPT);
		assert_int_equal(
		    payload_names(in, names, sizeof(names)), AM_ERR_CORRUPT);
	}
	assert_null(out.p);
}

static void
fields_come_back_by_name(void **state)
{
	const struct payload_field fields[] = { { "password", LIT("TEST") },
		{ "user", LIT("ayesha") }, { "url", LIT("") } };
	secret_auto *s = NULL;
	struct bytes out = { 0 };
	char names[20] = "";

	(void)state;
	assert_int_equal(payload_build(fields, 3, &s), AM_OK);
	assert_int_equal(
	    payload_get(secret_bytes(s), "pass", &out), AM_ERR_NOT_FOUND);
	assert_int_equal(
	    payload_get(secret_bytes(s), "passwords", &out), AM_ERR_NOT_FOUND);
	assert_int_equal(
	    payload_get(secret_bytes(s), "", &out), AM_ERR_NOT_FOUND);
	assert_null(out.p);
	assert_int_equal(payload_get(secret_bytes(s), NULL, &out), AM_OK);
	assert_true(bytes_same(out, LIT("TEST")));
	assert_int_equal(payload_get(secret_bytes(s), "user", &out), AM_OK);
	assert_true(bytes_same(out, LIT("ayesha")));
	assert_int_equal(payload_get(secret_bytes(s), "url", &out), AM_OK);
	assert_int_equal(out.len, 0);
	assert_int_equal(payload_names(secret_bytes(s), names, 19),
	    AM_ERR_INVALID); /* no room for the NUL */
	assert_int_equal(payload_names(secret_bytes(s), names, 20), AM_OK);
	assert_string_equal(names, "password, user, url");
}

static void
types_and_their_first_fields(void **state)
{
	(void)state;
	assert_null(payload_first(""));
	assert_null(payload_first("logi"));
	assert_null(payload_first("LOGIN"));
	assert_string_equal(payload_first("login"), "password");
	assert_string_equal(payload_first("totp"), "seed");
	assert_string_equal(payload_first("note"), "text");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_that_cannot_be_sealed),
		cmocka_unit_test(payloads_that_are_damaged),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(fields_come_back_by_name),
		cmocka_unit_test(types_and_their_first_fields),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
