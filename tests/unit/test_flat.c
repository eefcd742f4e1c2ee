/* Files of plain fields: what is no such file first. */

#include "policy/flat.h"
#include "tests/check.h"

static const struct flat_field fields[] = { { "name", false },
	{ "purpose", false }, { "contacts", true }, { "leads", true } };

static AM_RESULT
read(const char *text, struct flat **out, struct why *why)
{
	return flat_read((struct bytes){ (const uint8_t *)text, strlen(text) },
	    fields, AM_ARRAY_LEN(fields), out, why);
}

static void
refused(const char *text, const char *words)
{
	struct flat *f = NULL;
	struct why why = { 0 };

	assert_int_equal(read(text, &f, &why), AM_ERR_INCOMPLETE);
	if (strstr(why.text, words) == NULL)
		print_message("%s\n", why.text);
	assert_non_null(strstr(why.text, words));
	assert_non_null(strstr(why.text, "line "));
	assert_null(f);
}

static void
what_is_no_mapping_of_texts_is_refused(void **state)
{
	(void)state;
	refused("", "does not end");
	refused("\n", "there is nothing in the file");
	refused("- a\n", "the file begins with the name of a field");
	refused("a test\n", "the file begins with the name of a field");
	refused("name: a", "does not end");
	refused("name: [a]\n", "name is one text");
	refused("name: {a: b}\n", "no such field: 'a'");
	refused("contacts: a\n", "contacts is a list");
	refused("contacts: []\n", "an empty list");
	refused("contacts: [[a]]\n", "a list in a list");
	refused("name: a\nname: b\n", "there twice");
	refused("name: &x a\npurpose: *x\n", "anchors");
	refused("name: !!str a\n", "tags");
	refused("name: |\n  a\n", "in one line");
	refused("name: >\n  a\n", "in one line");
	refused("name: \"a\n  b\"\n", "in the next line");
	refused("name: \"a\\u0000b\"\n", "control character");
	refused("name: \"a\\nb\"\n", "control character");
	refused("name: a\n---\nname: b\n", "a second document");
	refused("name:\ta\n", "a tab");
	refused("name: a\r\n", "carriage return");
	refused("name: \xe2\x80\xaegnp.exe\n", "direction");
	refused("name: \xff\n", "UTF-8");
	refused("name: ~\n", "null");
	refused("\"na me\": a\n", "without quotes");
}

static void
all_unknown_keys_are_named(void **state)
{
	(void)state;
	refused("name: a\nprice: 1\ncontacts: [a]\nseats: 2\n",
	    "line 2: no such field: 'price', 'seats'");
}

static void
long_words_are_refused(void **state)
{
	char text[FLAT_TEXT_MAX + 32];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "name: ", 6);
	memcpy(text + 6 + FLAT_TEXT_MAX + 1, "\n", 2);
	refused(text, "a word of more than");
}

static void
texts_and_lists_are_read(void **state)
{
	struct flat *f = NULL;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(
	    read("name: 'e-Cabinet: \xd9\x88\xd8\xb2\xd8\xb1' # TEST\n"
		 "leads: [180, 90]\n"
		 "contacts:\n- \"a@b.c, x\"\n- d\n",
		&f, &why),
	    AM_OK);
	assert_string_equal(
	    f->cells[0].text, "e-Cabinet: \xd9\x88\xd8\xb2\xd8\xb1");
	assert_null(f->cells[1].text);
	assert_int_equal(f->cells[2].count, 2);
	assert_string_equal(f->cells[2].list[0], "a@b.c, x");
	assert_int_equal(f->cells[3].count, 2);
	assert_string_equal(f->cells[3].list[1], "90");
	flat_free(&f, fields, AM_ARRAY_LEN(fields));
	assert_null(f);
	flat_free(&f, fields, AM_ARRAY_LEN(fields));
}

/* Whatever is cut off, it is read or refused, and nothing past it is. */
static void
every_truncation_is_read_or_refused(void **state)
{
	static const char whole[] =
	    "name: \"x\"\nleads: [180, 90]\ncontacts: [a, 'b c']\n";

	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++) {
		struct flat *f = NULL;
		struct why why = { 0 };
		uint8_t *copy = malloc(n + 1);
		enum am_err err;

		assert_non_null(copy);
		memcpy(copy, whole, n);
		err = flat_read((struct bytes){ copy, n }, fields,
		    AM_ARRAY_LEN(fields), &f, &why);
		assert_true(err == AM_OK || err == AM_ERR_INCOMPLETE);
		flat_free(&f, fields, AM_ARRAY_LEN(fields));
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_mapping_of_texts_is_refused),
		cmocka_unit_test(all_unknown_keys_are_named),
		cmocka_unit_test(long_words_are_refused),
		cmocka_unit_test(texts_and_lists_are_read),
		cmocka_unit_test(every_truncation_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
