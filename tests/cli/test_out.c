/*
 * What leaves the program: nothing in it can steer a terminal, a spreadsheet
 * or a reader's eye, in any form of output; what cannot be written is said.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/out.h"
#include "tests/check.h"
#include "tests/exact.h"
#include "tests/scratch.h"

/* Output caught in memory. */
struct caught {
	FILE *to;
	char *text;
	size_t len;
};

/* Ends with is() or caught_free(). */
static struct caught *
caught_new(void)
{
	struct caught *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->to = open_memstream(&c->text, &c->len);
	assert_non_null(c->to);
	return c;
}

static void
caught_free(struct caught *c)
{
	free(c->text);
	free(c);
}

static void
is(struct caught *c, const char *want)
{
	assert_int_equal(fclose(c->to), 0);
	assert_string_equal(c->text, want);
	assert_int_equal(c->len, strlen(want));
	caught_free(c);
}

static struct bytes
bytes_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* What acts instead of showing, and how each form spells it. */
static const struct {
	struct bytes in;
	const char *text, *json;
} dangers[] = {
	{ LIT("\x1b[2J"), "\\x1b[2J", "\"\\u001b[2J\"" },
	{ LIT("a\nb\tc\rd"), "a\\x0ab\\x09c\\x0dd",
	    "\"a\\u000ab\\u0009c\\u000dd\"" },
	{ LIT("\0"), "\\x00", "\"\\u0000\"" },
	{ LIT("\x7f"), "\\x7f", "\"\\u007f\"" },
	{ LIT("\xc2\x9b"), "\\u{9b}", "\"\\u009b\"" },       /* C1: CSI */
	{ LIT("\xe2\x80\xae"), "\\u{202e}", "\"\\u202e\"" }, /* RLO */
	{ LIT("\xe2\x81\xa6"), "\\u{2066}", "\"\\u2066\"" }, /* LRI */
	{ LIT("\xe2\x80\x8f"), "\\u{200f}", "\"\\u200f\"" }, /* RLM */
	{ LIT("\xd8\x9c"), "\\u{61c}", "\"\\u061c\"" },      /* ALM */
	{ LIT("\xe2\x80\x8b"), "\\u{200b}", "\"\\u200b\"" }, /* ZWSP */
	{ LIT("\xe2\x80\xa8"), "\\u{2028}", "\"\\u2028\"" }, /* line end */
	{ LIT("\xef\xbb\xbf"), "\\u{feff}", "\"\\ufeff\"" }, /* BOM */
	{ LIT("\xf3\xa0\x81\x81"), "\\u{e0041}", "\"\\udb40\\udc41\"" },
	{ LIT("\xff"), "\\xff", "\"\\ufffd\"" },
	{ LIT("\xc0\xaf"), "\\xc0\\xaf", "\"\\ufffd\\ufffd\"" }, /* overlong */
	{ LIT("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ LIT("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ LIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80",
	    "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	{ LIT("\xe2\x80"), "\\xe2\\x80", "\"\\ufffd\\ufffd\"" }, /* cut */
	{ LIT("\\x1b \\u{202e}"), "\\x5cx1b \\x5cu{202e}",
	    "\"\\\\x1b \\\\u{202e}\"" },
};

static void
text_cannot_steer_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(dangers); i++) {
		exact_auto in = exact(dangers[i].in.p, dangers[i].in.len);
		struct caught *c = caught_new();
		blob_auto b = { 0 };

		out_text(c->to, in);
		is(c, dangers[i].text);
		assert_int_equal(out_escape(&b, in), AM_OK);
		assert_true(
		    bytes_same(blob_bytes(&b), bytes_of(dangers[i].text)));
	}
}

static void
what_only_shows_stays_as_it_is(void **state)
{
	/* Urdu with a joiner, accents, a backslash, quotes. */
	static const char *const fine[] = { "\xd8\xa7\xd9\x85\xe2\x80\x8c\xd8"
					    "\xa7\xd9\x86\xd8\xaa",
		"caf\xc3\xa9", "cafe\xcc\x81", "C:\\dir\\a", "it's \"so\"",
		"\xf0\x9f\x94\x91", "" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(fine); i++) {
		struct caught *c = caught_new();

		out_string(c->to, fine[i]);
		is(c, fine[i]);
	}
}

/* Two texts never print alike, so that what is read can be told apart. */
static void
two_texts_never_print_alike(void **state)
{
	static const uint8_t letters[] = { '\\', 'x', '0', '1', 1, '{' };
	enum { N = sizeof(letters), COUNT = N + N * N + N * N * N * (1 + N) };
	static struct blob shown[COUNT];
	size_t count = 0;

	(void)state;
	for (size_t len = 1, many = N; len <= 4; len++, many *= N)
		for (size_t i = 0; i < many; i++) {
			uint8_t in[4];

			for (size_t j = 0, v = i; j < len; j++, v /= N)
				in[j] = letters[v % N];
			assert_int_equal(out_escape(&shown[count++],
					     (struct bytes){ in, len }),
			    AM_OK);
		}
	assert_int_equal(count, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = i + 1; j < COUNT; j++)
			if (bytes_same(
				blob_bytes(&shown[i]), blob_bytes(&shown[j])))
				fail_msg("%zu and %zu print alike", i, j);
	for (size_t i = 0; i < COUNT; i++)
		blob_free(&shown[i]);
}

static void
long_text_is_complete(void **state)
{
	struct caught *c = caught_new();
	char in[3000], want[sizeof(in) * 4];

	(void)state;
	memset(in, 1, sizeof(in));
	for (size_t i = 0; i < sizeof(in); i++)
		memcpy(want + 4 * i, "\\x01", 4);
	out_text(c->to, (struct bytes){ (const uint8_t *)in, sizeof(in) });
	assert_int_equal(fclose(c->to), 0);
	assert_int_equal(c->len, sizeof(want));
	assert_memory_equal(c->text, want, sizeof(want));
	caught_free(c);
}

/* ---- JSON */

static void
json_is_valid_and_says_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(dangers); i++) {
		struct caught *c = caught_new();
		char want[128];
		json_t *v;

		{
			out_json_auto j = { .to = c->to };

			out_json_open(&j, NULL, '[');
			out_json_str(&j, NULL, dangers[i].in);
		}
		(void)snprintf(want, sizeof(want), "[%s]\n", dangers[i].json);
		assert_int_equal(fflush(c->to), 0);
		v = json_loads(c->text, JSON_ALLOW_NUL, NULL);
		assert_non_null(v);
		json_decref(v);
		is(c, want);
	}
}

/* What stopped in the middle is valid all the same. */
static void
json_closes_what_is_open(void **state)
{
	struct caught *c = caught_new();

	(void)state;
	{
		out_json_auto j = { .to = c->to };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "a\"\n", "b");
		out_json_uint(&j, "n", UINT64_MAX);
		out_json_int(&j, "i", INT64_MIN);
		out_json_open(&j, "list", '[');
		out_json_bool(&j, NULL, true);
		out_json_null(&j, NULL);
		out_json_open(&j, NULL, '{');
	}
	is(c,
	    "{\"a\\\"\\u000a\":\"b\",\"n\":18446744073709551615,"
	    "\"i\":-9223372036854775808,\"list\":[true,null,{}]}\n");
}

/* ---- CSV */

static void
csv_is(struct bytes cell, const char *want)
{
	struct caught *c = caught_new();
	struct out_csv csv = { .to = c->to };
	exact_auto in = exact(cell.p, cell.len);

	out_csv_bytes(&csv, in);
	is(c, want);
}

/* domain.md 10: a spreadsheet would run it. */
static void
csv_cells_are_no_formulas(void **state)
{
	(void)state;
	csv_is(LIT("=1+1"), "'=1+1");
	csv_is(LIT("+1"), "'+1");
	csv_is(LIT("-1"), "'-1");
	csv_is(LIT("@SUM(A1)"), "'@SUM(A1)");
	csv_is(LIT("\t=1"), "\"'\t=1\"");
	csv_is(LIT("\r=1"), "\"'\r=1\"");
	csv_is(LIT("=\"a\",b"), "\"'=\"\"a\"\",b\"");
	csv_is(LIT("a=1"), "a=1");
	/* who reads it back takes one ' away */
	csv_is(LIT("'=1"), "''=1");
	csv_is(LIT("''-1"), "'''-1");
	csv_is(LIT("'a"), "'a");
	csv_is(LIT("'"), "'");
	csv_is(LIT(""), "");
}

static void
csv_quotes_and_escapes(void **state)
{
	struct caught *c = caught_new();
	struct out_csv csv = { .to = c->to };

	(void)state;
	csv_is(LIT("a,b"), "\"a,b\"");
	csv_is(LIT("say \"no\""), "\"say \"\"no\"\"\"");
	csv_is(LIT("a\nb"), "\"a\nb\"");
	csv_is(LIT("a\rb"), "\"a\rb\"");
	csv_is(LIT("\x1b[1m"), "\\x1b[1m");
	csv_is(LIT("a\xe2\x80\xae"
		   "b"),
	    "a\\u{202e}b");
	csv_is(LIT("\0"), "\\x00");
	out_csv_text(&csv, "a");
	out_csv_uint(&csv, 7);
	out_csv_text(&csv, "");
	out_csv_end(&csv);
	out_csv_text(&csv, "b");
	out_csv_end(&csv);
	is(c, "a,7,\r\nb\r\n");
}

/* ---- tables */

/* Columns that a terminal uses for the TEST letters below. */
static size_t
screen_width(const char *line)
{
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)line; *p; p++) {
		if ((*p & 0xc0) == 0x80)
			continue;
		n += *p == 0xcc || *p == 0xd9 ? 0 : *p == 0xe6 ? 2 : 1;
	}
	return n;
}

static struct caught *
table(const char *const *heads, const char *const *cells, size_t count)
{
	struct caught *c = caught_new();
	out_table_auto t = out_table_start(heads);

	for (size_t i = 0; i < count; i++)
		out_table_text(&t, cells[i]);
	assert_int_equal(out_table_print(&t, c->to), AM_OK);
	return c;
}

static void
tables_escape_their_cells(void **state)
{
	static const char *const heads[] = { "ID", "NAME", NULL };
	static const char *const cells[] = { "a\x1b[31m", "b\nc",
		"\xe2\x80\xae", "d" };
	struct caught *c = table(heads, cells, 4);

	(void)state;
	is(c,
	    "ID         NAME\n"
	    "a\\x1b[31m  b\\x0ac\n"
	    "\\u{202e}   d\n");
}

/* U+65E5 takes two columns, U+0301 and U+064E (fatha) none. */
static void
wide_and_combining_characters_keep_columns_straight(void **state)
{
	static const char *const heads[] = { "ID", "NAME", NULL };
	static const char *const cells[] = { "\xe6\x97\xa5\xe6\x97\xa5", "x",
		"e\xcc\x81", "x", "abcd", "x", "\xd8\xa8\xd9\x8e", "x" };
	struct caught *c = table(heads, cells, 8);

	(void)state;
	is(c,
	    "ID    NAME\n"
	    "\xe6\x97\xa5\xe6\x97\xa5  x\n"
	    "e\xcc\x81     x\n"
	    "abcd  x\n"
	    "\xd8\xa8\xd9\x8e     x\n");
}

static void
lines_end_before(struct caught *c, size_t columns, size_t least)
{
	size_t lines = 0;

	assert_int_equal(fclose(c->to), 0);
	for (char *save = NULL, *l = strtok_r(c->text, "\n", &save); l != NULL;
	     l = strtok_r(NULL, "\n", &save), lines++)
		if (screen_width(l) > columns)
			fail_msg("%zu columns: %s", screen_width(l), l);
	assert_true(lines >= least);
	caught_free(c);
}

static void
the_last_column_wraps_at_80(void **state)
{
	static const char *const heads[] = { "ID", "TEXT", NULL };
	char wide[40 * 7 + 1] = "", narrow[60 * 6 + 1] = "";
	const char *const cells[] = { "a", wide, "b", narrow };
	struct caught *c;

	(void)state;
	for (int i = 0; i < 40; i++)
		memcpy(wide + 7 * i, "\xe6\x97\xa5\xe6\x97\xa5 ", 8);
	for (int i = 0; i < 60; i++)
		memcpy(narrow + 6 * i, "abcde ", 7);
	c = table(heads, cells, 4);
	lines_end_before(c, 80, 8);
}

/* The last column has less room than its least: it begins below. */
static void
a_narrow_last_column_begins_below(void **state)
{
	static const char *const heads[] = { "MODEL", "PLACE", NULL };
	char model[71], want[300];
	const char *const cells[] = { model, "HQ safe 2", model, "-" };
	struct caught *c;

	(void)state;
	memset(model, 'm', sizeof(model) - 1);
	model[sizeof(model) - 1] = '\0';
	(void)snprintf(want, sizeof(want),
	    "MODEL%*s  PLACE\n%s  \n%*sHQ safe 2\n%s  -\n", 65, "", model, 60,
	    "", model);
	c = table(heads, cells, 4);
	is(c, want);
}

/* A word is never cut: it is there in one piece, on a line of its own. */
static void
a_long_word_runs_over(void **state)
{
	static const char *const heads[] = { "TEXT", NULL };
	char word[120], cell[130], want[140];
	const char *const cells[] = { cell };
	struct caught *c;

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	(void)snprintf(cell, sizeof(cell), "a %s b", word);
	(void)snprintf(want, sizeof(want), "TEXT\na\n%s\nb\n", word);
	c = table(heads, cells, 1);
	is(c, want);
}

static void
fields_wrap_under_themselves(void **state)
{
	struct caught *c = caught_new();
	char text[30 * 6 + 1];

	(void)state;
	for (int i = 0; i < 30; i++)
		memcpy(text + 6 * i, "abcde ", 7);
	out_field(c->to, "reason", bytes_of(text));
	assert_int_equal(fflush(c->to), 0);
	assert_memory_equal(c->text, "reason:         abcde", 21);
	assert_non_null(strstr(c->text, "\n                abcde"));
	lines_end_before(c, 80, 3);
	c = caught_new();
	out_field(c->to, "reason", LIT("a\x1b\nforged:         x"));
	is(c, "reason:         a\\x1b\\x0aforged:         x\n");
}

/* ---- descriptors */

static void
a_secret_that_cannot_be_written_is_said(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(out_secret(fd, LIT("TEST")), AM_ERR_IO);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(close(fd), 0);
	assert_int_equal(out_secret(fd, LIT("TEST")), AM_ERR_IO);
	assert_int_equal(errno, EBADF);
}

static char dir[SCRATCH_MAX];

static int
setup(void **state)
{
	(void)state;
	return scratch_make(dir);
}

static int
teardown(void **state)
{
	(void)state;
	return scratch_remove(dir);
}

static const char *
in_dir(const char *name)
{
	static char path[SCRATCH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
a_new_file_replaces_and_follows_nothing(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/" };
	char longest[400];
	struct out_file f = { 0 };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++)
		assert_int_equal(
		    out_file_new(in_dir(names[i]), &f), AM_ERR_INVALID);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(out_file_new(longest, &f), AM_ERR_INVALID);
	assert_int_equal(out_file_new(in_dir("none/a"), &f), AM_ERR_IO);
	assert_int_equal(symlink("nowhere", in_dir("link")), 0);
	assert_int_equal(out_file_new(in_dir("link"), &f), AM_ERR_EXISTS);
	assert_int_equal(mkdir(in_dir("there"), 0700), 0);
	assert_int_equal(out_file_new(in_dir("there"), &f), AM_ERR_EXISTS);
	assert_false(f.made);
}

static void
a_new_file_stays_only_when_kept(void **state)
{
	struct stat st;

	(void)state;
	{
		out_file_auto f = { 0 };

		assert_int_equal(out_file_new(in_dir("f"), &f), AM_OK);
		assert_int_equal(out_file_write(&f, LIT("TEST")), AM_OK);
		assert_int_equal(access(in_dir("f"), F_OK), 0);
	}
	assert_int_equal(access(in_dir("f"), F_OK), -1);
	{
		out_file_auto f = { 0 };

		(void)umask(0);
		assert_int_equal(out_file_new(in_dir("f"), &f), AM_OK);
		(void)umask(077);
		assert_int_equal(out_file_write(&f, LIT("TEST")), AM_OK);
		assert_int_equal(out_file_keep(&f), AM_OK);
	}
	assert_int_equal(stat(in_dir("f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cannot_steer_the_terminal),
		cmocka_unit_test(what_only_shows_stays_as_it_is),
		cmocka_unit_test(two_texts_never_print_alike),
		cmocka_unit_test(long_text_is_complete),
		cmocka_unit_test(json_is_valid_and_says_the_same),
		cmocka_unit_test(json_closes_what_is_open),
		cmocka_unit_test(csv_cells_are_no_formulas),
		cmocka_unit_test(csv_quotes_and_escapes),
		cmocka_unit_test(tables_escape_their_cells),
		cmocka_unit_test(
		    wide_and_combining_characters_keep_columns_straight),
		cmocka_unit_test(the_last_column_wraps_at_80),
		cmocka_unit_test(a_narrow_last_column_begins_below),
		cmocka_unit_test(a_long_word_runs_over),
		cmocka_unit_test(fields_wrap_under_themselves),
		cmocka_unit_test(a_secret_that_cannot_be_written_is_said),
		cmocka_unit_test(a_new_file_replaces_and_follows_nothing),
		cmocka_unit_test(a_new_file_stays_only_when_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
