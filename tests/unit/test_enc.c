#include "tests/check.h"
#include "vault/base/enc.h"

static struct bytes
text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static void
r2_12_hex_is_lower_case_and_of_the_right_length(void **state)
{
	uint8_t out[2] = { 0 };

	(void)state;
	assert_int_equal(enc_hex_decode(text("0aFf"), out, 2), AM_ERR_CORRUPT);
	assert_int_equal(enc_hex_decode(text("0aff0"), out, 2), AM_ERR_CORRUPT);
	assert_int_equal(enc_hex_decode(text("0af"), out, 1), AM_ERR_CORRUPT);
	assert_int_equal(enc_hex_decode(text("0a"), out, 2), AM_ERR_CORRUPT);
	assert_int_equal(enc_hex_decode(text("0g"), out, 1), AM_ERR_CORRUPT);
	assert_int_equal(
	    enc_hex_decode(text("\xc3\xa9"), out, 1), AM_ERR_CORRUPT);
	assert_int_equal(out[0], 0);
	assert_int_equal(enc_hex_decode(text("0aff"), out, 2), AM_OK);
	assert_int_equal(out[0], 0x0a);
	assert_int_equal(out[1], 0xff);
}

static void
r2_12_base64url_has_one_form(void **state)
{
	static const char *const bad[] = { "A", "AAAAA", "AA==", "AA+A", "AA/A",
		"AB", "AAB", "A A", "AA\n" };
	uint8_t out[8];
	size_t n = 99;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++)
		assert_int_equal(
		    enc_b64_decode(text(bad[i]), out, sizeof(out), &n),
		    AM_ERR_CORRUPT);
	assert_int_equal(
	    enc_b64_decode(text("AAAAAAAAAAAA"), out, 8, &n), AM_ERR_CORRUPT);
	assert_int_equal(n, 99);
	assert_int_equal(enc_b64_decode(text(""), out, 0, &n), AM_OK);
	assert_int_equal(n, 0);
}

static void
what_is_written_reads_back(void **state)
{
	uint8_t in[67], out[67];
	char hex[2 * 67 + 1], b64[ENC_B64_LEN(67) + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 41);
	for (size_t len = 0; len <= sizeof(in); len++) {
		size_t n = 0;

		enc_hex((struct bytes){ in, len }, hex);
		assert_int_equal(strlen(hex), 2 * len);
		assert_int_equal(enc_hex_decode(text(hex), out, len), AM_OK);
		assert_memory_equal(in, out, len);
		enc_b64((struct bytes){ in, len }, b64);
		assert_int_equal(strlen(b64), ENC_B64_LEN(len));
		assert_int_equal(
		    enc_b64_decode(text(b64), out, len, &n), AM_OK);
		assert_int_equal(n, len);
		assert_memory_equal(in, out, len);
	}
	enc_b64(text("\xfb\xff"), b64);
	assert_string_equal(b64, "-_8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    r2_12_hex_is_lower_case_and_of_the_right_length),
		cmocka_unit_test(r2_12_base64url_has_one_form),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
