/*
 * Files of other programs, whole: cut at every byte, flipped, too large, too
 * deep; what they become. What an official sees of it is in tests/e2e.
 */

#include "tests/check.h"
#include "tests/foreign.h"
#include "vault/import/arena.h"
#include "vault/import/map.h"

static const char json[] =
    "{\"encrypted\":false,\"folders\":[{\"id\":\"f\",\"name\":\"Web\"}],"
    "\"items\":[{\"type\":1,\"name\":\"mail\",\"folderId\":\"f\",\"notes\":"
    "null,"
    "\"fields\":[{\"name\":\"PIN\",\"value\":\"TEST\"}],\"login\":{"
    "\"username\":"
    "\"u\",\"password\":\"TEST\",\"totp\":\"TEST\",\"uris\":[{\"uri\":\"w\"}]}}"
    ","
    "{\"type\":2,\"name\":\"memo\",\"notes\":\"TEST\"}]}";

static const char xml[] =
    "<?xml version=\"1.0\"?><KeePassFile><Root><Group><Name>D</Name><Entry>"
    "<String><Key>Title</Key><Value>mail</Value></String><String><Key>Password"
    "</Key><Value>T&amp;T</Value></String><History><Entry/></History></Entry>"
    "<Group><Name>G</Name><Entry><String><Key>Notes</Key><Value>TEST</Value>"
    "</String></Entry></Group></Group></Root></KeePassFile>";

static const char map_text[] = "format: 1\ncolumns:\n  name: A\n  secret: 2\n";

static const struct source_wish in_s = { .safe = "s" };

/* What is cut anywhere is refused as a whole, or the cut is after its end. */
static void
every_cut_is_refused(void **state)
{
	unsigned made, refused;

	(void)state;
	for (size_t n = 1; n < sizeof(json) - 1; n++) {
		foreign_auto f = foreign_file(json, n);
		struct why why = { 0 };

		assert_int_equal(
		    foreign_read(f.path, &in_s, &why, &made, &refused),
		    AM_ERR_CORRUPT);
		assert_int_equal(made, 0); /* it is read whole before */
	}
	for (size_t n = 1; n < sizeof(xml) - 1; n++) {
		foreign_auto f = foreign_file(xml, n);
		struct why why = { 0 };

		assert_int_equal(
		    foreign_read(f.path, &in_s, &why, &made, &refused),
		    AM_ERR_CORRUPT);
		assert_string_not_equal(why.text, "");
	}
}

static void
every_flip_is_refused_or_read_alike_twice(void **state)
{
	unsigned made, refused;

	(void)state;
	for (size_t i = 0; i < 8 * (sizeof(json) - 1); i++) {
		char copy[sizeof(json)];
		struct why why = { 0 };

		memcpy(copy, json, sizeof(copy));
		copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
		foreign_auto f = foreign_file(copy, sizeof(copy) - 1);
		(void)foreign_read(f.path, &in_s, &why, &made, &refused);
	}
	for (size_t i = 0; i < 8 * (sizeof(xml) - 1); i += 3) {
		char copy[sizeof(xml)];
		struct why why = { 0 };

		memcpy(copy, xml, sizeof(copy));
		copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
		foreign_auto f = foreign_file(copy, sizeof(copy) - 1);
		(void)foreign_read(f.path, &in_s, &why, &made, &refused);
	}
}

static void
next(struct source *s, const char *path, const char *type, const char *secret,
    const char *notes)
{
	struct draft_made m;
	struct why why = { 0 };
	const struct payload_field *last;

	assert_int_equal(source_next(s, &m, &why), AM_OK);
	assert_string_equal(m.row.path, path);
	assert_string_equal(m.row.type, type);
	assert_string_equal(m.row.class, "restricted");
	assert_true(foreign_is(m.row.fields[0].value, secret));
	last = &m.row.fields[m.row.count - 1];
	if (notes != NULL) {
		assert_string_equal(last->name, "notes");
		assert_true(foreign_is(last->value, notes));
	} else
		assert_string_not_equal(last->name, "notes");
}

static void
ends(struct source *s)
{
	struct draft_made m = { .row.count = 77 };
	struct why why = { 0 };

	assert_int_equal(source_next(s, &m, &why), AM_ERR_NOT_FOUND);
	assert_int_equal(source_next(s, &m, &why), AM_ERR_NOT_FOUND);
	assert_int_equal(m.row.count, 77);
	assert_string_equal(why.text, "");
}

static void
bitwarden_becomes_credentials(void **state)
{
	foreign_auto f = foreign_text(json);
	struct why why = { 0 };
	source_auto *s = NULL;

	(void)state;
	assert_int_equal(source_open(f.path, &in_s, &why, &s), AM_OK);
	assert_string_equal(source_format(s), "bitwarden");
	for (int i = 0; i < 2; i++) {
		next(s, "s/Web.mail", "login", "TEST", "PIN: TEST");
		assert_int_equal(source_row(s), 1);
		next(s, "s/Web.mail-totp", "totp", "TEST", NULL);
		next(s, "s/memo", "note", "TEST", NULL);
		assert_int_equal(source_row(s), 2);
		ends(s);
		assert_int_equal(source_rewind(s, &why), AM_OK);
	}
}

static void
keepass_becomes_credentials(void **state)
{
	foreign_auto f = foreign_text(xml);
	struct why why = { 0 };
	source_auto *s = NULL;

	(void)state;
	assert_int_equal(source_open(f.path, &in_s, &why, &s), AM_OK);
	assert_string_equal(source_format(s), "keepass");
	for (int i = 0; i < 2; i++) {
		next(s, "s/mail", "login", "T&T", NULL);
		next(s, "s/G.entry-2", "note", "TEST", NULL);
		ends(s);
		assert_int_equal(source_rewind(s, &why), AM_OK);
	}
}

static enum am_err
of_xml(const char *text, size_t len, char said[static WHY_TEXT_MAX])
{
	foreign_auto f = foreign_file(text, len);
	const struct source_wish wish = { .safe = "s", .format = "keepass" };
	struct why why = { 0 };
	unsigned made, refused;
	const enum am_err err =
	    foreign_read(f.path, &wish, &why, &made, &refused);

	assert_int_equal(made, 0);
	memcpy(said, why.text, WHY_TEXT_MAX);
	return err;
}

static void
xml_declares_nothing_and_has_limits(void **state)
{
	const size_t big = 4 << 20;
	char *text = malloc(big), said[WHY_TEXT_MAX];

	(void)state;
	assert_non_null(text);
	assert_int_equal(of_xml("<!DOCTYPE x>", 12, said), AM_ERR_CORRUPT);
	assert_non_null(strstr(said, "document type"));
	memset(text, 'x', big);
	memcpy(text, "<KeePassFile><", 14); /* a tag without end */
	assert_int_equal(of_xml(text, big, said), AM_ERR_CORRUPT);
	assert_non_null(strstr(said, "too large"));
	memcpy(text, "<KeePassFile>", 13);
	for (size_t i = 13; i + 3 <= big; i += 3)
		memcpy(text + i, "<a>", 3);
	assert_int_equal(of_xml(text, big - 3, said), AM_ERR_CORRUPT);
	assert_non_null(strstr(said, "too deep"));
	free(text);
}

static void
a_file_that_changes_is_noticed(void **state)
{
	foreign_auto f = foreign_text(json);
	struct why why = { 0 };
	source_auto *s = NULL;

	(void)state;
	assert_int_equal(source_open(f.path, &in_s, &why, &s), AM_OK);
	assert_int_equal(pwrite(f.fd, "{\"items\":false}   ", 17, 0), 17);
	assert_int_equal(source_rewind(s, &why), AM_ERR_CORRUPT);
}

/* ---- CSV with a map */

static struct foreign
csv_of(size_t len, const char *cells)
{
	char *text = malloc(len + 100);
	struct foreign f;
	int n;

	assert_non_null(text);
	n = snprintf(text, 100, "A,B,C\nx,%s", cells);
	memset(text + n, 'T', len);
	f = foreign_file(text, (size_t)n + len);
	free(text);
	return f;
}

static void
a_map_names_columns(void **state)
{
	foreign_auto m = foreign_text(map_text);
	foreign_auto f = foreign_text("A,B,C\nx y,TEST,z\n\xff,TEST,z\n");
	const struct source_wish wish = { .safe = "s", .map = m.path };
	struct why why = { 0 };
	struct draft_made made;
	source_auto *s = NULL;

	(void)state;
	assert_int_equal(source_open(f.path, &wish, &why, &s), AM_OK);
	assert_int_equal(source_unused(s), 1);
	next(s, "s/x-y", "login", "TEST", NULL);
	assert_int_equal(source_next(s, &made, &why), AM_ERR_INCOMPLETE);
	assert_int_equal(source_row(s), 3);
	ends((why = (struct why){ 0 }, s));
}

static void
every_cut_of_a_map_is_refused(void **state)
{
	struct map m = { .delimiter = 'x' };

	(void)state;
	for (size_t n = 0; n < sizeof(map_text) - 1; n++) {
		struct why why = { 0 };
		const struct bytes cut = { (const uint8_t *)map_text, n };

		assert_int_equal(map_parse(cut, MAP_CREDENTIALS, &why, &m),
		    AM_ERR_INCOMPLETE);
		assert_int_equal(strncmp(why.text, "line ", 5), 0);
	}
	assert_int_equal(m.delimiter, 'x'); /* untouched */
}

static void
a_row_that_is_too_long_ends_the_file(void **state)
{
	foreign_auto m = foreign_text(map_text);
	foreign_auto f = csv_of(70000, "");
	const struct source_wish wish = { .safe = "s", .map = m.path };
	struct why why = { 0 };
	unsigned made, refused;

	(void)state;
	assert_int_equal(
	    foreign_read(f.path, &wish, &why, &made, &refused), AM_ERR_CORRUPT);
	assert_int_equal(made, 0);
}

/* ---- the memory of expat */

static void
an_arena_wipes_and_gives_again(void **state)
{
	struct arena *a = NULL;
	uint8_t *p, *q;

	(void)state;
	assert_int_equal(arena_new(4096, &a), AM_OK);
	assert_null(arena_get(a, 4096)); /* its own head has no room */
	assert_null(arena_get(a, SIZE_MAX));
	p = arena_get(a, 100);
	assert_non_null(p);
	memset(p, 'T', 100);
	q = arena_resize(a, p, 1000);
	assert_non_null(q);
	assert_int_equal(q[99], 'T');
	assert_int_equal(p[99], 0); /* wiped when it moved */
	assert_ptr_equal(arena_get(a, 112), p);
	assert_ptr_equal(arena_resize(a, q, 10), q); /* there is room */
	assert_null(arena_resize(a, q, 5000));
	assert_int_equal(q[99], 'T'); /* still there */
	arena_give(a, q);
	assert_int_equal(q[99], 0);
	arena_give(a, NULL);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(every_flip_is_refused_or_read_alike_twice),
		cmocka_unit_test(bitwarden_becomes_credentials),
		cmocka_unit_test(keepass_becomes_credentials),
		cmocka_unit_test(xml_declares_nothing_and_has_limits),
		cmocka_unit_test(a_file_that_changes_is_noticed),
		cmocka_unit_test(a_map_names_columns),
		cmocka_unit_test(every_cut_of_a_map_is_refused),
		cmocka_unit_test(a_row_that_is_too_long_ends_the_file),
		cmocka_unit_test(an_arena_wipes_and_gives_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
