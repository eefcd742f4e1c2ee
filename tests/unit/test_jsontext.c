/* JSON of others: refusals first. Every cut of a text is refused. */

#include "tests/check.h"
#include "tests/foreign.h"
#include "vault/import/jsontext.h"

/* Reads to the end. */
static enum am_err
read_all(const void *text, size_t len, unsigned *tokens)
{
	foreign_auto file = foreign_file(text, len);
	struct why why = { 0 };
	feed_auto *f = NULL;
	struct jsontext_token t = { .kind = JSONTEXT_NULL };
	struct jsontext j;
	enum am_err err = feed_open(file.path, &why, &f);

	*tokens = 0;
	j = (struct jsontext){ .feed = f };
	while (err == AM_OK) {
		err = jsontext_next(&j, &t, &why);
		if (err != AM_OK || t.kind == JSONTEXT_END)
			break;
		++*tokens;
	}
	assert_true(err == AM_OK || why.text[0] != '\0');
	return err;
}

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "{", "}", "[", "]", "[1,]",
		"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "[1 2]",
		"[1]]", "1 2", "nul", "nulls", "True", "01", "-", "1.", ".5",
		"1e", "1e+", "+1", "0x1", "'a'", "\"a", "\"\\x\"", "\"\\u12\"",
		"\"\\u123g\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
		"\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\udc00\\udc00\"",
		"\"a\nb\"", "\"\t\"", "\"\\u0000\"", "\"\xff\"", "\"\xc0\x80\"",
		"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"",
		"\"\\", "[\"a\" \"b\"]", "{\"a\" 1}", "[,1]", "{,}", "/* */1",
		"\xef\xbb\xbf" };
	unsigned tokens;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++)
		if (read_all(bad[i], strlen(bad[i]), &tokens) != AM_ERR_CORRUPT)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(read_all("\"a\0b\"", 5, &tokens), AM_ERR_CORRUPT);
	assert_int_equal(read_all("[1\0]", 4, &tokens), AM_ERR_CORRUPT);
	assert_int_equal(
	    read_all("\xff\xfe[\0]\0", 6, &tokens), AM_ERR_INCOMPLETE);
}

static void
every_cut_is_refused(void **state)
{
	static const char text[] =
	    "{\"a\":[1,-2.5e+3,true,false,null,\"x\\u00e9\\ud83d\\ude00\"],"
	    "\"b\":{}}";
	unsigned tokens;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		assert_int_equal(read_all(text, n, &tokens), AM_ERR_CORRUPT);
	assert_int_equal(read_all(text, sizeof(text) - 1, &tokens), AM_OK);
	assert_int_equal(tokens, 14);
}

static void
depth_and_length_have_limits(void **state)
{
	const size_t big = FEED_WINDOW + 100;
	char *text = malloc(big);
	unsigned tokens;

	(void)state;
	assert_non_null(text);
	memset(text, '[', big);
	assert_int_equal(read_all(text, big, &tokens), AM_ERR_CORRUPT);
	assert_int_equal(tokens, JSONTEXT_DEPTH);
	memset(text + JSONTEXT_DEPTH, ']', JSONTEXT_DEPTH);
	assert_int_equal(
	    read_all(text, 2 * (size_t)JSONTEXT_DEPTH, &tokens), AM_OK);
	memset(text, 'x', big);
	text[0] = text[big - 1] = '"';
	assert_int_equal(read_all(text, big, &tokens), AM_ERR_CORRUPT);
	text[1000] = '"';
	assert_int_equal(read_all(text, 1001, &tokens), AM_OK);
	memset(text, ' ', big); /* blanks are not kept */
	text[big - 1] = '1';
	assert_int_equal(read_all(text, big, &tokens), AM_OK);
	memset(text, '1', big);
	assert_int_equal(read_all(text, big, &tokens), AM_ERR_CORRUPT);
	free(text);
}

static void
texts_are_decoded(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "\"\"", "" },
		{ "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\b\f\n\r\t" },
		{ "\"\\u00e9\\u20AC\\uD83d\\ude00\\u007f\"",
		    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f" },
		{ "\"\xc3\xa9\xf4\x8f\xbf\xbf\"", "\xc3\xa9\xf4\x8f\xbf\xbf" },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		foreign_auto file = foreign_text(rows[i].in);
		struct why why = { 0 };
		feed_auto *f = NULL;
		struct jsontext_token t;
		struct jsontext j;

		assert_int_equal(feed_open(file.path, &why, &f), AM_OK);
		j = (struct jsontext){ .feed = f };
		assert_int_equal(jsontext_next(&j, &t, &why), AM_OK);
		assert_int_equal(t.kind, JSONTEXT_TEXT);
		assert_true(foreign_is(t.text, rows[i].out));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(depth_and_length_have_limits),
		cmocka_unit_test(texts_are_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
