/*
 * Every row of tests/vectors/canon.txt: R2.9 to R2.11 and R13.11 line by
 * line. Run from the root of the tree.
 */

#include <stdio.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/log/canon.h"

enum { ROW_MAX = 512 };

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	assert_true(c >= 'A' && c <= 'F');
	return c - 'A' + 10;
}

static size_t
decode(const char *s, uint8_t out[static ROW_MAX])
{
	size_t n = 0;

	for (; *s != '\0'; s++) {
		if (*s == '%' && s[1] == '%') {
			out[n++] = (uint8_t)*s++;
		} else if (*s == '%') {
			out[n++] = (uint8_t)(digit(s[1]) << 4 | digit(s[2]));
			s += 2;
		} else {
			out[n++] = (uint8_t)*s;
		}
	}
	return n;
}

static void
accepted_line_is_written_again(struct bytes in, const char *row)
{
	canon_auto *v = NULL;
	blob_auto again = { 0 };

	if (canon_parse(in, &v) != AM_OK)
		fail_msg("refused: %s", row);
	assert_int_equal(canon_write(v, &again), AM_OK);
	if (!bytes_same(in, blob_bytes(&again)))
		fail_msg("written otherwise: %s", row);
}

static void
refused_line_gives_nothing(struct bytes in, const char *row)
{
	canon_auto *v = NULL;

	if (canon_parse(in, &v) != AM_ERR_CORRUPT)
		fail_msg("accepted: %s", row);
	assert_null(v);
}

static bool
judge(char *row)
{
	uint8_t raw[ROW_MAX];
	char *rule = strchr(row, '\t'), *line;

	assert_non_null(rule);
	line = strchr(rule + 1, '\t');
	assert_non_null(line);
	exact_auto in = exact(raw, decode(line + 1, raw));
	assert_true(row[2] == '\t' && rule[1] == 'R');
	if (bytes_same((struct bytes){ (const uint8_t *)row, 2 }, LIT("ok"))) {
		accepted_line_is_written_again(in, row);
		return true;
	}
	assert_true(row[0] == 'n' && row[1] == 'o');
	refused_line_gives_nothing(in, row);
	return false;
}

static void
lines_are_judged_by_their_rule(void **state)
{
	FILE *f = fopen("tests/vectors/canon.txt", "re");
	char row[ROW_MAX];
	size_t ok = 0, no = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(row, sizeof(row), f) != NULL) {
		char *end = strchr(row, '\n');

		assert_non_null(end);
		*end = '\0';
		if (row[0] == '#')
			continue;
		if (judge(row))
			ok++;
		else
			no++;
	}
	(void)fclose(f);
	assert_int_equal(ok, 24);
	assert_int_equal(no, 136);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_judged_by_their_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
