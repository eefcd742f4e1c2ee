/* A register of contracts as CSV: what a spreadsheet or somebody's hand makes of
 * it. Refusals first. */

#include "tests/check.h"
#include "tests/foreign.h"
#include "vault/import/contracts.h"

enum { ID = RECORD_COUNT };

static void
opened(
    const struct foreign *f, const struct foreign *map, struct contracts **out)
{
	struct why why = { 0 };

	assert_int_equal(
	    contracts_open(f->path, map == NULL ? NULL : map->path, &why, out),
	    AM_OK);
}

/* The only row of `text` below the heading; its memory is that of *c. */
static struct contracts_row
row_of(const char *text, struct contracts **c)
{
	foreign_auto f = foreign_text(text);
	struct contracts_row row, none;
	struct why why = { 0 };

	opened(&f, NULL, c);
	assert_int_equal(contracts_next(*c, &row, &why), AM_OK);
	assert_int_equal(contracts_at(*c), 2);
	assert_int_equal(contracts_rewind(*c, &why), AM_OK);
	assert_int_equal(contracts_next(*c, &row, &why), AM_OK);
	assert_int_equal(contracts_next(*c, &none, &why), AM_ERR_NOT_FOUND);
	assert_int_equal(contracts_rewind(*c, &why), AM_OK);
	assert_int_equal(contracts_next(*c, &row, &why), AM_OK);
	return row;
}

static void
headings_that_are_wrong_are_refused(void **state)
{
	static const char *const wrong[] = { "", "name\nx\n", "id,id\nx,y\n",
		"id,seats\nx,3\n", "id,\nx,y\n", "id;name\nx;y\n", "Id\nx\n",
		"PK\x03\x04xx" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++) {
		foreign_auto f = foreign_text(wrong[i]);
		struct contracts *c = NULL;
		struct why why = { 0 };

		assert_int_equal(
		    contracts_open(f.path, NULL, &why, &c), AM_ERR_INCOMPLETE);
		assert_true(why.text[0] != '\0');
		assert_null(c);
	}
}

static void
what_no_record_can_hold_is_marked(void **state)
{
	static const struct {
		const char *text;
		enum record_field f;
	} rows[] = {
		{ "id,name\nx,\"a\nb\"\n", RECORD_NAME },
		{ "id,purpose\nx,\xff\n", RECORD_PURPOSE },
		{ "id,vendor\nx,\xe2\x80\xae\n", RECORD_VENDOR },
		{ "id,leads\nx,1;\xe2\x80\xae\n", RECORD_LEADS },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct contracts *c = NULL;
		const struct contracts_row r = row_of(rows[i].text, &c);

		assert_true(r.bad[rows[i].f]);
		assert_null(r.cells.cells[rows[i].f].text);
		assert_int_equal(r.cells.cells[rows[i].f].count, 0);
		assert_false(r.bad[ID]);
		assert_string_equal(r.cells.cells[ID].text, "x");
		contracts_free(c);
	}
}

static void
an_id_that_is_none_is_empty(void **state)
{
	struct contracts *c = NULL;
	const struct contracts_row r = row_of("id,name\n\xff,x\n", &c);

	(void)state;
	assert_true(r.bad[ID]);
	assert_string_equal(r.cells.cells[ID].text, "");
	contracts_free(c);
}

static void
a_row_of_another_width_is_told_and_the_next_is_read(void **state)
{
	foreign_auto f = foreign_text("id,name\nx\ny,z\n");
	struct contracts *c = NULL;
	struct contracts_row r;
	struct why why = { 0 };

	(void)state;
	opened(&f, NULL, &c);
	assert_int_equal(contracts_next(c, &r, &why), AM_ERR_INCOMPLETE);
	assert_int_equal(contracts_next(c, &r, &why), AM_OK);
	assert_string_equal(r.cells.cells[ID].text, "y");
	contracts_free(c);
}

/* The items of a list in that cell, each with '|' behind. */
static void
items(const char *cell, const char *want)
{
	struct contracts *c = NULL;
	char text[512], got[512] = "";
	struct contracts_row r;

	(void)snprintf(text, sizeof(text), "id,certificates\nx,\"%s\"\n", cell);
	r = row_of(text, &c);
	for (unsigned i = 0; i < r.cells.cells[RECORD_CERTIFICATES].count; i++)
		(void)snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s|", r.cells.cells[RECORD_CERTIFICATES].list[i]);
	assert_string_equal(got, want);
	contracts_free(c);
}

static void
a_list_has_lines_or_semicolons(void **state)
{
	(void)state;
	items("", "");
	items("a", "a|");
	items("a; b ;c", "a|b|c|");
	items(";;a;", "a|");
	items("a\nb;c", "a|b;c|");
	items("a;b\n", "a;b|");
	items(" a\r\nb \r\n", " a|b |");
	items("'=a;-b", "=a|-b|");
}

static void
a_list_that_is_too_long_is_cut_where_the_rules_see_it(void **state)
{
	struct contracts *c = NULL;
	char text[1024] = "id,leads\nx,";
	struct contracts_row r;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		memcpy(text + strlen(text), "1;", 3);
	r = row_of(text, &c);
	assert_int_equal(
	    r.cells.cells[RECORD_LEADS].count, RECORD_LIST_MAX + 1);
	contracts_free(c);
}

static void
what_an_export_guards_comes_back(void **state)
{
	static const char *const rows[][2] = { { "'=1", "=1" }, { "'+1", "+1" },
		{ "'-1", "-1" }, { "'@x", "@x" }, { "''=1", "'=1" },
		{ "'''-", "''-" }, { "'x", "'x" }, { "=1", "=1" }, { "'", "'" },
		{ "x'=", "x'=" } };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct contracts *c = NULL;
		struct contracts_row r;
		char text[64];

		(void)snprintf(
		    text, sizeof(text), "id,name\nx,%s\n", rows[i][0]);
		r = row_of(text, &c);
		assert_string_equal(
		    r.cells.cells[RECORD_NAME].text, rows[i][1]);
		contracts_free(c);
	}
}

static const char map_text[] = "format: 1\n"
			       "columns:\n"
			       "  id: 1\n"
			       "  name: 2\n"
			       "  vendor: 2\n"
			       "constants:\n"
			       "  name: \"None: \xd8\xa7\"\n"
			       "  leads: 90; 30\n"
			       "delimiter: tab\n"
			       "header: no\n";

static void
a_map_names_columns_and_fills_what_is_empty(void **state)
{
	foreign_auto m = foreign_text(map_text);
	foreign_auto f = foreign_text("a\tb\tc\n\nd\t\te\n\t\t\n");
	struct contracts *c = NULL;
	struct contracts_row r;
	struct why why = { 0 };

	(void)state;
	opened(&f, &m, &c);
	assert_int_equal(contracts_next(c, &r, &why), AM_OK);
	assert_int_equal(contracts_at(c), 1);
	assert_string_equal(r.cells.cells[RECORD_NAME].text, "b");
	assert_string_equal(r.cells.cells[RECORD_VENDOR].text, "b");
	assert_int_equal(r.cells.cells[RECORD_LEADS].count, 2);
	assert_int_equal(contracts_unused(c), 1);
	assert_int_equal(contracts_next(c, &r, &why), AM_OK);
	assert_string_equal(r.cells.cells[RECORD_NAME].text, "None: \xd8\xa7");
	assert_string_equal(r.cells.cells[RECORD_VENDOR].text, "");
	assert_int_equal(contracts_next(c, &r, &why), AM_ERR_NOT_FOUND);
	contracts_free(c);
}

/* Cut anywhere, it is read or refused; that is for the sanitizers. */
static void
every_cut_of_a_map_or_file_ends(void **state)
{
	static const char text[] =
	    "id,name,leads\nx,\"a, \"\"b\"\"\",\"1\n2\"\n";

	(void)state;
	for (size_t n = 0; n < sizeof(map_text) + sizeof(text); n++) {
		const size_t m_len = n < sizeof(map_text) ? n : 0;
		foreign_auto m = foreign_file(map_text, m_len);
		foreign_auto f = foreign_file(
		    text, n < sizeof(map_text) ? 0 : n - sizeof(map_text));
		struct contracts *c = NULL;
		struct contracts_row r;
		struct why why = { 0 };
		enum am_err err =
		    contracts_open(f.path, m_len > 0 ? m.path : NULL, &why, &c);

		while (err == AM_OK)
			err = contracts_next(c, &r, &why);
		assert_true(err == AM_ERR_NOT_FOUND ||
		    err == AM_ERR_INCOMPLETE || err == AM_ERR_CORRUPT);
		contracts_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headings_that_are_wrong_are_refused),
		cmocka_unit_test(what_no_record_can_hold_is_marked),
		cmocka_unit_test(an_id_that_is_none_is_empty),
		cmocka_unit_test(
		    a_row_of_another_width_is_told_and_the_next_is_read),
		cmocka_unit_test(a_list_has_lines_or_semicolons),
		cmocka_unit_test(
		    a_list_that_is_too_long_is_cut_where_the_rules_see_it),
		cmocka_unit_test(what_an_export_guards_comes_back),
		cmocka_unit_test(a_map_names_columns_and_fills_what_is_empty),
		cmocka_unit_test(every_cut_of_a_map_or_file_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
