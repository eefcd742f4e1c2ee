/*
 * Canonical JSON: R2.9 to R2.12, R13.11. Single lines, one a rule, stand in
 * tests/vectors/canon.txt; here are limits, building, reading and damage.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/base/enc.h"
#include "vault/log/canon.h"
#include "vault/log/merkle.h"

/* The example of protocol.md 7.1. */
#define BODY                                                                  \
	"{\"at\":\"2026-03-02T09:00:00Z\",\"by\":\"202122232425262728292a2b"  \
	"2c2d2e2f\",\"head\":{\"root\":\"e3b0c44298fc1c149afbf4c8996fb92427"  \
	"ae41e4649b934ca495991b7852b855\",\"size\":0},\"kind\":\"vote\",\"mo" \
	"tion\":\"305238273bb0fac2a73b43256e38d1515fdf61ec1d30ef161446c3588b" \
	"93a97b\",\"note\":\"agreed\",\"vault\":\"000102030405060708090a0b0c" \
	"0d0e0f\",\"yes\":true}"
#define AUTH                                                                  \
	"{\"authdata\":\"Nbn8FEEwHdHe4gmC7hLBNhKtnRD653F1DTxHHyaH2f4FAAAABw"  \
	"\",\"client\":\"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZT"  \
	"JfeXF4VVFKVk9ZcF9keUR0MHRqYW5ock84bTMxTG9RcWlQNHgyb004WSIsIm9yaWdp"  \
	"biI6Imh0dHBzOi8vdmF1bHQuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0\","  \
	"\"cred\":\"QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8\",\"sig\":\"" \
	"MEYCIQCz6phj0LVMYSBhGihLBhfEseugJjqxNuJC_WUp1tR37gIhALU5F1qhPhQRWy"  \
	"hOwSNc_lxeF-j3VxbUnzT11U2QJ5Tb\"}"
#define LINE "{\"auth\":" AUTH ",\"body\":" BODY "}"

static enum am_err
parse_text(const char *text)
{
	canon_auto *v = NULL;
	const struct bytes in = { (const uint8_t *)text, strlen(text) };

	return canon_parse(in, &v);
}

static struct json_t *
parsed(struct bytes in)
{
	struct json_t *v = NULL;

	assert_int_equal(canon_parse(in, &v), AM_OK);
	return v;
}

static void
repeat(struct blob *b, const char *text, size_t n)
{
	while (n-- > 0)
		assert_int_equal(blob_text(b, text), AM_OK);
}

/* Refused, or written again as it stands: never a third. */
static void
refused_or_same(struct bytes raw)
{
	exact_auto in = exact(raw.p, raw.len);
	canon_auto *v = NULL;
	blob_auto again = { 0 };
	const enum am_err err = canon_parse(in, &v);

	if (err == AM_ERR_CORRUPT) {
		assert_null(v);
		return;
	}
	assert_int_equal(err, AM_OK);
	assert_int_equal(canon_write(v, &again), AM_OK);
	assert_true(bytes_same(raw, blob_bytes(&again)));
}

/* ---- damage (R2.11) */

static void
one_flipped_bit_is_refused_or_another_line(void **state)
{
	uint8_t line[] = LINE;
	const size_t len = sizeof(line) - 1;

	(void)state;
	for (size_t bit = 0; bit < 8 * len; bit++) {
		line[bit / 8] ^= (uint8_t)(1 << bit % 8);
		refused_or_same((struct bytes){ line, len });
		line[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
truncated_and_prolonged_lines_are_refused(void **state)
{
	static const uint8_t line[] = LINE; /* a NUL at its end */

	(void)state;
	for (size_t n = 0; n <= sizeof(line); n++) {
		exact_auto in =
		    exact(line, n < sizeof(line) ? n : sizeof(line));
		canon_auto *v = NULL;

		assert_int_equal(canon_parse(in, &v),
		    n == sizeof(line) - 1 ? AM_OK : AM_ERR_CORRUPT);
	}
}

/* ---- limits (R2.11, R13.11): at the limit, and one more */

static void
string_limit_is_in_decoded_bytes(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		canon_auto *v = NULL;

		b.len = 0;
		repeat(&b, "{\"a\":\"", 1);
		/* two-byte characters and escaped quotes: 2 and 1 decoded */
		repeat(&b, "\xc3\xa9", CANON_STRING_MAX / 2 - 8);
		repeat(&b, "\\\"", 16 + more);
		repeat(&b, "\"}", 1);
		assert_int_equal(canon_parse(blob_bytes(&b), &v),
		    more == 0 ? AM_OK : AM_ERR_CORRUPT);
	}
}

static void
array_limit_is_256(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	for (size_t n = CANON_ARRAY_MAX; n < CANON_ARRAY_MAX + 2; n++) {
		canon_auto *v = NULL;

		b.len = 0;
		repeat(&b, "{\"a\":[0", 1);
		repeat(&b, ",0", n - 1);
		repeat(&b, "]}", 1);
		assert_int_equal(canon_parse(blob_bytes(&b), &v),
		    n == CANON_ARRAY_MAX ? AM_OK : AM_ERR_CORRUPT);
	}
}

static void
line_limit_is_65536(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	for (size_t len = CANON_LINE_MAX; len < CANON_LINE_MAX + 2; len++) {
		canon_auto *v = NULL;

		b.len = 0;
		repeat(&b, "{\"a\":\"", 1);
		repeat(&b, "x", 24000);
		repeat(&b, "\",\"b\":\"", 1);
		repeat(&b, "x", 24000);
		repeat(&b, "\",\"c\":\"", 1);
		repeat(&b, "x", len - b.len - 2);
		repeat(&b, "\"}", 1);
		assert_int_equal(b.len, len);
		assert_int_equal(canon_parse(blob_bytes(&b), &v),
		    len == CANON_LINE_MAX ? AM_OK : AM_ERR_CORRUPT);
	}
}

/* A nest that would exhaust a recursive parser's stack is only refused. */
static void
deep_nests_are_refused(void **state)
{
	blob_auto arrays = { 0 }, objects = { 0 };
	canon_auto *v = NULL;

	(void)state;
	repeat(&arrays, "{\"a\":", 1);
	repeat(&arrays, "[", 30000);
	repeat(&arrays, "]", 30000);
	repeat(&arrays, "}", 1);
	assert_int_equal(canon_parse(blob_bytes(&arrays), &v), AM_ERR_CORRUPT);
	repeat(&objects, "{\"a\":", 10000);
	assert_int_equal(canon_parse(blob_bytes(&objects), &v), AM_ERR_CORRUPT);
}

static void
many_keys_are_fine(void **state)
{
	blob_auto b = { 0 };
	canon_auto *v = NULL;
	const char *key = NULL;
	const struct json_t *value = NULL;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(
		    blob_printf(&b, "%s\"k%04u\":%u", i == 0 ? "{" : ",", i, i),
		    AM_OK);
	repeat(&b, "}", 1);
	assert_int_equal(canon_parse(blob_bytes(&b), &v), AM_OK);
	assert_int_equal(canon_size(v), 2000);
	assert_int_equal(canon_member(v, 1999, &key, &value), AM_OK);
	assert_string_equal(key, "k1999");
	assert_int_equal(canon_member(v, 2000, &key, &value), AM_ERR_CORRUPT);
}

/* ---- building */

static void
what_would_not_parse_cannot_be_set(void **state)
{
	canon_auto *o = canon_object(), *a = canon_array();
	static uint8_t big[CANON_STRING_MAX + 1];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(canon_set(o, "a", NULL), AM_ERR_NOMEM);
	assert_int_equal(canon_push(a, NULL), AM_ERR_NOMEM);
	assert_int_equal(
	    canon_set(o, "a", canon_text(LIT("\x1b[2J"))), AM_ERR_INVALID);
	assert_int_equal(
	    canon_push(a, canon_text(LIT("\xe2\x80\xae"))), AM_ERR_INVALID);
	assert_int_equal(
	    canon_set(o, "a", canon_text((struct bytes){ big, sizeof(big) })),
	    AM_ERR_INVALID);
	assert_int_equal(
	    canon_set(o, "a",
		canon_hex((struct bytes){ big, CANON_STRING_MAX / 2 + 1 })),
	    AM_ERR_INVALID);
	assert_int_equal(
	    canon_set(o, "a",
		canon_b64((struct bytes){ big, CANON_STRING_MAX / 4 * 3 + 1 })),
	    AM_ERR_INVALID);
	assert_int_equal(
	    canon_set(o, "a", canon_uint(UINT64_C(1) << 53)), AM_ERR_INVALID);
	assert_int_equal(
	    canon_set(o, "a", canon_uint(UINT64_MAX)), AM_ERR_INVALID);
	assert_int_equal(canon_set(o, "A", canon_uint(1)), AM_ERR_INVALID);
	assert_int_equal(canon_set(o, "", canon_uint(1)), AM_ERR_INVALID);
	assert_int_equal(canon_set(a, "a", canon_uint(1)), AM_ERR_INVALID);
	assert_int_equal(canon_push(o, canon_uint(1)), AM_ERR_INVALID);
	assert_int_equal(canon_size(o), 0);
	assert_int_equal(canon_size(a), 0);
	for (size_t i = 0; i < CANON_ARRAY_MAX; i++)
		assert_int_equal(canon_push(a, canon_uint(i)), AM_OK);
	assert_int_equal(canon_push(a, canon_uint(1)), AM_ERR_INVALID);
}

static void
too_deep_or_too_long_is_not_written(void **state)
{
	static uint8_t big[CANON_STRING_MAX];
	canon_auto *v = canon_object(), *o = canon_object();
	blob_auto out = { 0 };

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(blob_text(&out, "kept"), AM_OK);
	for (size_t i = 1; i < CANON_DEPTH_MAX; i++) {
		struct json_t *outer = canon_object();

		assert_int_equal(canon_set(outer, "a", v), AM_OK);
		v = outer;
	}
	assert_int_equal(canon_write(v, &out), AM_OK);
	out.len = 4;
	assert_int_equal(canon_set(o, "a", AM_TAKE(v)), AM_OK);
	assert_int_equal(canon_write(o, &out), AM_ERR_INVALID);
	assert_true(bytes_same(blob_bytes(&out), LIT("kept")));

	canon_free(&o);
	o = canon_object();
	assert_int_equal(
	    canon_set(o, "a", canon_text((struct bytes){ big, sizeof(big) })),
	    AM_OK);
	assert_int_equal(
	    canon_set(o, "b", canon_text((struct bytes){ big, sizeof(big) })),
	    AM_OK);
	assert_int_equal(
	    canon_set(o, "c", canon_text((struct bytes){ big, sizeof(big) })),
	    AM_OK);
	assert_int_equal(canon_write(o, &out), AM_ERR_INVALID);
	assert_true(bytes_same(blob_bytes(&out), LIT("kept")));
}

static void
keys_are_sorted_whatever_the_order_of_setting(void **state)
{
	canon_auto *o = canon_object(), *shared = NULL, *list = NULL;
	blob_auto out = { 0 };
	const char *key = NULL;
	const struct json_t *value = NULL;

	(void)state;
	shared = canon_text(LIT("say \"\\\xc3\xa9"));
	list = canon_array();
	assert_int_equal(canon_push(list, canon_bool(false)), AM_OK);
	assert_int_equal(canon_push(list, canon_hex(LIT("\x00\xff"))), AM_OK);
	assert_int_equal(canon_push(list, canon_b64(LIT("\xff\xef"))), AM_OK);
	assert_int_equal(canon_set(o, "b_", canon_uint(7)), AM_OK);
	assert_int_equal(canon_set(o, "b", canon_ref(shared)), AM_OK);
	assert_int_equal(canon_set(o, "z", AM_TAKE(list)), AM_OK);
	assert_int_equal(canon_set(o, "b0", canon_bool(true)), AM_OK);
	assert_int_equal(canon_set(o, "b_", canon_uint(9)), AM_OK);
	assert_int_equal(
	    canon_set(o, "a", canon_uint((UINT64_C(1) << 53) - 1)), AM_OK);
	assert_int_equal(canon_set(o, "e", canon_text(LIT(""))), AM_OK);
	assert_int_equal(canon_write(o, &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out),
	    LIT("{\"a\":9007199254740991,\"b\":\"say \\\"\\\\\xc3\xa9\","
		"\"b0\":true,\"b_\":9,\"e\":\"\",\"z\":[false,\"00ff\","
		"\"_-8\"]}")));
	assert_int_equal(canon_member(o, 3, &key, &value), AM_OK);
	assert_string_equal(key, "b_");
}

/* ---- reading: absent, of another type, of another length (R2.11, R2.12) */

#define FIELDS                                                             \
	"{\"arr\":[\"00ff\",\"AP8\",\"x\",5],\"bin\":\"AP8\",\"hex\":\"0"  \
	"0ff\",\"no\":false,\"num\":4294967296,\"obj\":{\"a\":1},\"text\"" \
	":\"x\",\"when\":\"2026-03-02T09:00:00Z\"}"

static void
another_type_is_refused(void **state)
{
	static const char *const keys[] = { "absent", "arr", "bin", "hex", "no",
		"num", "obj", "text", "when" };
	canon_auto *v = parsed(LIT(FIELDS));
	size_t ok = 0;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++) {
		const struct json_t *j = NULL;
		struct bytes t = { 0 };
		uint64_t u = 3;
		bool b = true;
		int64_t when = 3;

		ok += canon_get(v, keys[i], &j) == AM_OK;
		ok += canon_get_object(v, keys[i], &j) == AM_OK;
		ok += canon_get_array(v, keys[i], &j) == AM_OK;
		ok += canon_get_text(v, keys[i], &t) == AM_OK;
		ok += canon_get_bool(v, keys[i], &b) == AM_OK;
		ok += canon_get_when(v, keys[i], &when) == AM_OK;
		assert_true(when == 3 || i == 8);
		ok += canon_get_uint(v, keys[i], &u) == AM_OK;
		assert_true(u == 3 || i == 5);
	}
	/* present 8, object 1, array 1, text 4, bool 1, when 1, uint 1 */
	assert_int_equal(ok, 17);
}

static void
another_length_is_refused(void **state)
{
	canon_auto *v = parsed(LIT(FIELDS));
	uint8_t out[4] = { 9, 9, 9, 9 };
	uint32_t small = 9;
	size_t n = 77;

	(void)state;
	assert_int_equal(canon_get_hex(v, "hex", out, 1), AM_ERR_CORRUPT);
	assert_int_equal(canon_get_hex(v, "hex", out, 3), AM_ERR_CORRUPT);
	assert_int_equal(canon_get_hex(v, "bin", out, 2), AM_ERR_CORRUPT);
	assert_int_equal(canon_get_hex(v, "num", out, 2), AM_ERR_CORRUPT);
	assert_int_equal(canon_get_b64(v, "bin", out, 1), AM_ERR_CORRUPT);
	assert_int_equal(canon_get_b64(v, "bin", out, 3), AM_ERR_CORRUPT);
	assert_int_equal(canon_get_b64(v, "obj", out, 2), AM_ERR_CORRUPT);
	assert_int_equal(
	    canon_get_b64_var(v, "bin", out, 1, &n), AM_ERR_CORRUPT);
	assert_int_equal(n, 77);
	assert_int_equal(canon_get_u32(v, "num", &small), AM_ERR_CORRUPT);
	assert_int_equal(small, 9);
	assert_int_equal(canon_get_b64_var(v, "bin", out, 4, &n), AM_OK);
	assert_int_equal(n, 2);
	assert_true(bytes_same((struct bytes){ out, 2 }, LIT("\x00\xff")));
	memset(out, 9, sizeof(out));
	assert_int_equal(canon_get_hex(v, "hex", out, 2), AM_OK);
	assert_true(
	    bytes_same((struct bytes){ out, 4 }, LIT("\x00\xff\x09\x09")));
	assert_int_equal(canon_get_b64(v, "bin", out + 2, 2), AM_OK);
	assert_true(
	    bytes_same((struct bytes){ out, 4 }, LIT("\x00\xff\x00\xff")));
}

static void
elements_are_read_like_members(void **state)
{
	canon_auto *v = parsed(LIT(FIELDS));
	const struct json_t *arr = NULL, *e = NULL;
	uint8_t out[2];
	uint64_t u = 0;
	struct bytes t = { 0 };

	(void)state;
	assert_int_equal(canon_get_array(v, "arr", &arr), AM_OK);
	assert_int_equal(canon_size(arr), 4);
	assert_int_equal(canon_at(arr, 4, &e), AM_ERR_CORRUPT);
	assert_int_equal(canon_at(v, 0, &e), AM_ERR_CORRUPT);
	assert_int_equal(canon_at_hex(arr, 1, out, 2), AM_ERR_CORRUPT);
	assert_int_equal(canon_at_b64(arr, 0, out, 2), AM_ERR_CORRUPT);
	assert_int_equal(canon_at_uint(arr, 0, &u), AM_ERR_CORRUPT);
	assert_int_equal(canon_at_text(arr, 3, &t), AM_ERR_CORRUPT);
	assert_int_equal(canon_at_hex(arr, 0, out, 2), AM_OK);
	assert_true(bytes_same((struct bytes){ out, 2 }, LIT("\x00\xff")));
	out[0] = 1;
	assert_int_equal(canon_at_b64(arr, 1, out, 2), AM_OK);
	assert_true(bytes_same((struct bytes){ out, 2 }, LIT("\x00\xff")));
	assert_int_equal(canon_at_text(arr, 2, &t), AM_OK);
	assert_true(bytes_same(t, LIT("x")));
	assert_int_equal(canon_at_uint(arr, 3, &u), AM_OK);
	assert_int_equal(u, 5);
	assert_int_equal(canon_at(arr, 0, &e), AM_OK);
	assert_false(canon_is_object(e));
	assert_true(canon_is_object(v));
}

/* R2.11: unknown and missing keys. */
static void
keys_must_be_exactly_those(void **state)
{
	static const char *const keys[] = { "c", "a", "b" };
	canon_auto *three = parsed(LIT("{\"a\":1,\"b\":2,\"c\":3}"));
	canon_auto *other = parsed(LIT("{\"a\":1,\"b\":2,\"d\":3}"));
	canon_auto *list = canon_array();

	(void)state;
	assert_false(canon_keys_are(three, keys, 2));
	assert_false(canon_keys_are(other, keys, 3));
	assert_false(canon_keys_are(list, keys, 0));
	assert_true(canon_keys_are(three, keys, 3));
}

static void
text_rules_hold_without_a_parser(void **state)
{
	(void)state;
	assert_false(canon_text_ok(LIT("a\0b")));
	assert_false(canon_text_ok(LIT("a\nb")));
	assert_false(canon_text_ok(LIT("a\x7f")));
	assert_false(canon_text_ok(LIT("\xd8\x9c")));
	assert_false(canon_text_ok(LIT("\xed\xa0\x80")));
	assert_false(canon_text_ok(LIT("ab\xc3")));
	assert_true(canon_text_ok(LIT("")));
	assert_true(canon_text_ok(LIT("\"\\/ ~")));
	assert_true(canon_text_ok(LIT("\xd8\xa7\xd9\x84 \xf0\x9f\x94\x91")));
}

/* protocol.md 7.1: the bytes, H and the leaf of the worked example. */
static void
worked_example_has_its_hashes(void **state)
{
	canon_auto *v = parsed(LIT(LINE));
	const struct json_t *body = NULL;
	blob_auto bytes = { 0 };
	uint8_t h[32], want[32];

	(void)state;
	assert_int_equal(sizeof(LINE) - 1, 752);
	assert_int_equal(canon_get_object(v, "body", &body), AM_OK);
	assert_int_equal(canon_write(body, &bytes), AM_OK);
	assert_true(bytes_same(blob_bytes(&bytes), LIT(BODY)));
	(void)crypto_hash_sha256(h, bytes.p, bytes.len);
	assert_int_equal(
	    enc_hex_decode(LIT("7b6ff2ab1510255398a7f7720edd2d8da9e1acef26df52"
			       "e842a88fe31da833c6"),
		want, sizeof(want)),
	    AM_OK);
	assert_memory_equal(h, want, sizeof(h));
	merkle_leaf(LIT(LINE), h);
	assert_int_equal(
	    enc_hex_decode(LIT("135f10ff8ce5b11053530e7c5bdf64457b125ba2673381"
			       "c48dbbc78b2f8e8e58"),
		want, sizeof(want)),
	    AM_OK);
	assert_memory_equal(h, want, sizeof(h));
}

static void
only_an_object_is_a_line(void **state)
{
	(void)state;
	assert_int_equal(parse_text("[{}]"), AM_ERR_CORRUPT);
	assert_int_equal(parse_text(""), AM_ERR_CORRUPT);
	assert_int_equal(parse_text("{}"), AM_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_flipped_bit_is_refused_or_another_line),
		cmocka_unit_test(truncated_and_prolonged_lines_are_refused),
		cmocka_unit_test(string_limit_is_in_decoded_bytes),
		cmocka_unit_test(array_limit_is_256),
		cmocka_unit_test(line_limit_is_65536),
		cmocka_unit_test(deep_nests_are_refused),
		cmocka_unit_test(many_keys_are_fine),
		cmocka_unit_test(what_would_not_parse_cannot_be_set),
		cmocka_unit_test(too_deep_or_too_long_is_not_written),
		cmocka_unit_test(keys_are_sorted_whatever_the_order_of_setting),
		cmocka_unit_test(another_type_is_refused),
		cmocka_unit_test(another_length_is_refused),
		cmocka_unit_test(elements_are_read_like_members),
		cmocka_unit_test(keys_must_be_exactly_those),
		cmocka_unit_test(text_rules_hold_without_a_parser),
		cmocka_unit_test(worked_example_has_its_hashes),
		cmocka_unit_test(only_an_object_is_a_line),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
