/*
 * One file out of a zip, refusals first: cuts, flips, bombs, lies about sizes;
 * and what 1PUX becomes.
 */

#include "tests/check.h"
#include "tests/zipped.h"
#include "vault/import/unzip.h"

static const char pux[] =
    "{\"accounts\":[{\"attrs\":{\"name\":\"A\"},\"vaults\":[{\"attrs\":{"
    "\"name\":"
    "\"Ops\"},\"items\":[{\"overview\":{\"title\":\"db\",\"url\":\"u\","
    "\"urls\":"
    "[{\"url\":\"u\"},{\"url\":\"v\"}]},\"details\":{\"loginFields\":[{"
    "\"value\":"
    "\"TEST\",\"designation\":\"password\"}],\"sections\":[{\"fields\":[{"
    "\"title\":\"T\",\"value\":{\"totp\":\"SEED\"}}]}]}}]},{\"items\":[{"
    "\"item\":{"
    "\"overview\":{\"title\":\"n\"},\"details\":{\"notesPlain\":\"TEST\"}}}]}]}"
    "]}";

static const struct source_wish in_s = { .safe = "s", .format = "1pux" };

/* Everything of it; *out_len bytes. */
static enum am_err
unpack(const char *path, size_t *out_len)
{
	struct why why = { 0 };
	feed_auto *f = NULL;
	enum am_err err = unzip_open(path, "export.data", &why, &f);

	*out_len = 0;
	while (err == AM_OK && !feed_over(f)) {
		*out_len += feed_len(f);
		feed_use(f, feed_len(f));
		err = feed_more(f, &why);
	}
	assert_true(err == AM_OK || why.text[0] != '\0');
	return err;
}

static size_t
size_of(const struct foreign *f)
{
	return (size_t)lseek(f->fd, 0, SEEK_END);
}

static void
every_cut_is_refused(void **state)
{
	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		foreign_auto f = zipped(pux, sizeof(pux) - 1, packed != 0);
		size_t len = 0;

		assert_int_equal(unpack(f.path, &len), AM_OK);
		assert_int_equal(len, sizeof(pux) - 1);
		for (size_t n = size_of(&f); n-- > 0;) {
			assert_int_equal(ftruncate(f.fd, (off_t)n), 0);
			assert_int_equal(
			    unpack(f.path, &len), AM_ERR_INCOMPLETE);
		}
	}
}

enum { DATA_AT = 30 + 11, LIST_LEN = 46 + 11 + 22 };

/* Of the data every flip is noticed, by the checksum. */
static void
every_flip_is_refused_or_changes_nothing(void **state)
{
	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		foreign_auto f = zipped(pux, sizeof(pux) - 1, packed != 0);
		const size_t size = size_of(&f);

		for (size_t i = 0; i < 8 * size; i++) {
			uint8_t was, now;
			size_t len = 0;
			enum am_err err;

			assert_int_equal(
			    pread(f.fd, &was, 1, (off_t)(i / 8)), 1);
			now = (uint8_t)(was ^ 1U << i % 8);
			assert_int_equal(
			    pwrite(f.fd, &now, 1, (off_t)(i / 8)), 1);
			err = unpack(f.path, &len);
			/* the last packed byte has bits without meaning */
			if (i / 8 >= DATA_AT &&
			    i / 8 + (packed != 0) < size - LIST_LEN)
				assert_int_equal(err, AM_ERR_CORRUPT);
			else if (err == AM_OK)
				assert_int_equal(len, sizeof(pux) - 1);
			assert_int_equal(
			    pwrite(f.fd, &was, 1, (off_t)(i / 8)), 1);
		}
	}
}

/* A byte of the list's only entry. */
static void
set(const struct foreign *f, size_t at, uint32_t value, size_t len)
{
	uint8_t p[4];

	zipped_put(p, 4, value);
	assert_int_equal(
	    pwrite(f->fd, p, len, (off_t)(size_of(f) - 22 - 46 - 11 + at)),
	    (ssize_t)len);
}

static void
a_bomb_ends_at_the_size_that_it_declares(void **state)
{
	const size_t big = 64 << 20;
	char *text = calloc(1, big);
	size_t len = 0;

	(void)state;
	assert_non_null(text);
	foreign_auto f = zipped(text, big, true);
	assert_true(size_of(&f) < 100000);
	assert_int_equal(unpack(f.path, &len), AM_OK);
	assert_int_equal(len, big);
	set(&f, 24, 1000, 4); /* it says less than it holds */
	assert_int_equal(unpack(f.path, &len), AM_ERR_CORRUPT);
	assert_true(len <= FEED_WINDOW);
	set(&f, 24, UNZIP_MAX + 1, 4);
	assert_int_equal(unpack(f.path, &len), AM_ERR_INCOMPLETE);
	set(&f, 24, big + 1, 4); /* and more */
	assert_int_equal(unpack(f.path, &len), AM_ERR_CORRUPT);
	free(text);
}

static void
what_is_not_read_is_refused(void **state)
{
	static const struct {
		size_t at, len;
		uint32_t value;
	} rows[] = {
		{ 8, 2, 1 },           /* encrypted */
		{ 10, 2, 12 },         /* bzip2 */
		{ 10, 2, 0 },          /* stored, and two sizes */
		{ 28, 2, 0xffff },     /* a name beyond the list */
		{ 46, 1, 'E' },        /* another name */
		{ 42, 4, 0xffffffff }, /* zip64, or beyond the end */
		{ 20, 4, 0x7fffffff }, /* more data than file */
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		foreign_auto f = zipped(pux, sizeof(pux) - 1, true);
		size_t len = 0;

		set(&f, rows[i].at, rows[i].value, rows[i].len);
		assert_int_equal(unpack(f.path, &len), AM_ERR_INCOMPLETE);
	}
}

static void
next(struct source *s, const char *path, const char *type, const char *secret)
{
	struct draft_made m;
	struct why why = { 0 };

	assert_int_equal(source_next(s, &m, &why), AM_OK);
	assert_string_equal(m.row.path, path);
	assert_string_equal(m.row.type, type);
	assert_true(foreign_is(m.row.fields[0].value, secret));
}

static void
onepux_becomes_credentials(void **state)
{
	foreign_auto f = zipped(pux, sizeof(pux) - 1, true);
	const struct source_wish wish = { .safe = "s" };
	struct draft_made m;
	struct why why = { 0 };
	source_auto *s = NULL;

	(void)state;
	assert_int_equal(source_open(f.path, &wish, &why, &s), AM_OK);
	assert_string_equal(source_format(s), "1pux");
	for (int i = 0; i < 2; i++) {
		next(s, "s/Ops.db", "login", "TEST");
		next(s, "s/Ops.db-totp", "totp", "SEED");
		assert_int_equal(source_row(s), 1);
		next(s, "s/n", "note", "TEST");
		assert_int_equal(source_next(s, &m, &why), AM_ERR_NOT_FOUND);
		assert_int_equal(source_next(s, &m, &why), AM_ERR_NOT_FOUND);
		assert_int_equal(source_rewind(s, &why), AM_OK);
	}
}

static void
every_cut_of_its_json_is_refused(void **state)
{
	unsigned made, refused;

	(void)state;
	for (size_t n = 0; n < sizeof(pux) - 1; n++) {
		foreign_auto f = zipped(pux, n, false);
		struct why why = { 0 };

		assert_int_equal(
		    foreign_read(f.path, &in_s, &why, &made, &refused),
		    AM_ERR_CORRUPT);
	}
	foreign_auto other = zipped("[]", 2, false);
	struct why why = { 0 };
	assert_int_equal(foreign_read(other.path, &in_s, &why, &made, &refused),
	    AM_ERR_CORRUPT);
	assert_non_null(strstr(why.text, "no export of 1Password"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(every_flip_is_refused_or_changes_nothing),
		cmocka_unit_test(a_bomb_ends_at_the_size_that_it_declares),
		cmocka_unit_test(what_is_not_read_is_refused),
		cmocka_unit_test(onepux_becomes_credentials),
		cmocka_unit_test(every_cut_of_its_json_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
