/* Names out of the names that people gave. */

#include "tests/check.h"
#include "vault/import/names.h"

#define TIDY(group, title, out) names_tidy(LIT(group), LIT(title), 7, 5, out)

static void
names_become_valid(void **state)
{
	char out[ROWS_TITLE_MAX + 1];

	(void)state;
	TIDY("", "mail", out);
	assert_string_equal(out, "mail");
	TIDY("", "E-Mail (old)  box!", out);
	assert_string_equal(out, "E-Mail-old-box");
	TIDY("", "../../etc/passwd", out);
	assert_string_equal(out, "etc-passwd");
	TIDY("", "._-a._-", out);
	assert_string_equal(out, "a._");
	TIDY("", "caf\xc3\xa9 9", out);
	assert_string_equal(out, "caf-9");
	TIDY("", "\xd8\xa7\xd8\xb1\xd8\xaf\xd9\x88", out);
	assert_string_equal(out, "entry-7");
	TIDY("", "", out);
	assert_string_equal(out, "entry-7");
	TIDY("Web/In use", "x", out);
	assert_string_equal(out, "Web.In-use.x");
	TIDY("/a//\xd8\xa7/", "x", out);
	assert_string_equal(out, "a.x");
	/* no name has two dots in a row, and no login is lost for it */
	TIDY("", "wait... what", out);
	assert_string_equal(out, "wait.-what");
	TIDY("Dept./old..", "x", out);
	assert_string_equal(out, "Dept.old.x");
	TIDY("a", "", out);
	assert_string_equal(out, "a.entry-7");
}

static void
long_names_lose_folders_then_their_end(void **state)
{
	char out[ROWS_TITLE_MAX + 1], title[200];

	(void)state;
	memset(title, 'x', sizeof(title));
	for (size_t n = 0; n <= sizeof(title); n++) {
		names_tidy(LIT("outer/inner"),
		    (struct bytes){ (const uint8_t *)title, n }, 7, 5, out);
		assert_true(strlen(out) <= ROWS_TITLE_MAX - 5);
	}
	names_tidy(LIT("outer/inner"),
	    (struct bytes){ (const uint8_t *)title, 50 }, 7, 5, out);
	assert_memory_equal(out, "inner.xxx", 9);
	names_tidy(LIT("outer/inner"),
	    (struct bytes){ (const uint8_t *)title, 47 }, 7, 5, out);
	assert_memory_equal(out, "outer.inner.xxx", 15);
	names_tidy(LIT("outer/inner"),
	    (struct bytes){ (const uint8_t *)title, 58 }, 7, 5, out);
	assert_int_equal(strlen(out), 58);
}

static void
taken_names_get_numbers(void **state)
{
	struct names *n = NULL;
	char title[ROWS_TITLE_MAX + 1] = "a-2", wanted[32];
	bool again = true;

	(void)state;
	assert_int_equal(names_new(&n), AM_OK);
	assert_int_equal(names_take(n, "s", title, &again), AM_OK);
	assert_false(again);
	for (unsigned i = 0; i < 5000; i++) { /* the table grows */
		memcpy(title, "a", 2);
		assert_int_equal(names_take(n, "s", title, &again), AM_OK);
		assert_int_equal(again, i > 0);
		/* -2 is taken already */
		(void)snprintf(wanted, sizeof(wanted), "a-%u", i + 2);
		assert_string_equal(title, i == 0 ? "a" : wanted);
	}
	memcpy(title, "a", 2);
	assert_int_equal(names_take(n, "t", title, &again), AM_OK);
	assert_false(again); /* another safe */
	names_clear(n);
	assert_int_equal(names_take(n, "s", title, &again), AM_OK);
	assert_false(again);
	names_free(n);
}

static void
a_number_never_makes_a_name_too_long(void **state)
{
	struct names *n = NULL;
	char title[ROWS_TITLE_MAX + 1];
	bool again;

	(void)state;
	assert_int_equal(names_new(&n), AM_OK);
	for (unsigned i = 0; i < 12; i++) {
		memset(title, 'x', ROWS_TITLE_MAX);
		title[ROWS_TITLE_MAX] = '\0';
		assert_int_equal(names_take(n, "s", title, &again), AM_OK);
		assert_int_equal(strlen(title), ROWS_TITLE_MAX);
	}
	assert_string_equal(title + ROWS_TITLE_MAX - 4, "x-12");
	names_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_valid),
		cmocka_unit_test(long_names_lose_folders_then_their_end),
		cmocka_unit_test(taken_names_get_numbers),
		cmocka_unit_test(a_number_never_makes_a_name_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
