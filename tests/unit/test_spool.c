/*
 * Bytes that go to a file: what cannot be written, and what is read back.
 */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/check.h"
#include "vault/audit/spool.h"

static char dir[] = "/tmp/amanat-test-spool-XXXXXX";

/* What stands at a place: nothing that repeats soon. */
static uint8_t
byte_at(uint64_t at)
{
	return (uint8_t)(at * 2654435761U >> 13);
}

static enum am_err
add(struct spool *s, uint64_t from, size_t len)
{
	static uint8_t piece[SPOOL_PIECE + 1];
	uint64_t at = 0;
	enum am_err err;

	for (size_t i = 0; i < len; i++)
		piece[i] = byte_at(from + i);
	err = spool_add(s, (struct bytes){ piece, len }, &at);
	assert_true(err != AM_OK || at == from);
	return err;
}

/* Adds pieces of all lengths until there are `total` bytes, or an error. */
static enum am_err
fill(struct spool *s, uint64_t total, uint64_t *out_size)
{
	size_t len = 1;

	for (*out_size = 0; *out_size < total; len = len * 7 % 4099 + 1) {
		const enum am_err err = add(s, *out_size, len);

		if (err != AM_OK)
			return err;
		*out_size += len;
	}
	return AM_OK;
}

static void
pieces_too_long_and_places_past_the_end(void **state)
{
	struct spool *s = NULL;
	uint64_t size = 0;
	uint8_t out[8] = { 7 };

	(void)state;
	assert_int_equal(spool_new(dir, NULL, &s), AM_OK);
	assert_int_equal(add(s, 0, SPOOL_PIECE + 1), AM_ERR_INVALID);
	assert_int_equal(spool_get(s, 0, out, 1), AM_ERR_INVALID);
	assert_int_equal(fill(s, 3 * SPOOL_PIECE, &size), AM_OK);
	assert_int_equal(spool_get(s, size, out, 1), AM_ERR_INVALID);
	assert_int_equal(spool_get(s, size - 7, out, 8), AM_ERR_INVALID);
	assert_int_equal(spool_get(s, UINT64_MAX, out, 8), AM_ERR_INVALID);
	assert_int_equal(spool_get(s, 0, out, SIZE_MAX), AM_ERR_INVALID);
	assert_int_equal(out[0], 7);
	assert_int_equal(spool_get(s, size - 8, out, 8), AM_OK);
	spool_free(s);
}

static void
a_directory_that_is_not_there(void **state)
{
	struct spool *s = NULL;
	struct why why = { 0 };
	uint64_t size = 0;

	(void)state;
	assert_int_equal(spool_new("/tmp/TEST/none", &why, &s), AM_OK);
	assert_int_equal(fill(s, 2 * SPOOL_PIECE - 5000, &size), AM_OK);
	assert_string_equal(why.text, ""); /* no file was needed yet */
	spool_free(s);
	assert_int_equal(spool_new("/tmp/TEST/none", &why, &s), AM_OK);
	assert_int_equal(fill(s, UINT64_MAX, &size), AM_ERR_IO);
	assert_non_null(strstr(why.text, "'/tmp/TEST/none'"));
	assert_non_null(strstr(why.text, "TMPDIR"));
	spool_free(s);
	assert_int_equal(spool_new("/tmp/TEST/none", NULL, &s), AM_OK);
	assert_int_equal(fill(s, UINT64_MAX, &size), AM_ERR_IO);
	spool_free(s);
}

/* The limit is inside a piece, so that a short write comes first. */
static void
a_file_that_is_full(void **state)
{
	const struct rlimit small = { SPOOL_PIECE + 5000, RLIM_INFINITY };
	struct rlimit before;
	struct spool *s = NULL;
	struct why why = { 0 };
	uint64_t size = 0;

	(void)state;
	assert_int_equal(spool_new(dir, &why, &s), AM_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(fill(s, UINT64_MAX, &size), AM_ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(size > 2 * SPOOL_PIECE);
	assert_non_null(strstr(why.text, "cannot write a temporary file"));
	assert_non_null(strstr(why.text, dir));
	spool_free(s);
}

/* The descriptor of the file made in `dir`. */
static int
find_file(void)
{
	char link[64], path[256];

	for (int fd = 3; fd < 64; fd++) {
		ssize_t n;

		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof(path) - 1);
		if (n <= 0)
			continue;
		path[n] = '\0';
		if (strstr(path, dir) != NULL)
			return fd;
	}
	return -1;
}

static void
a_file_that_was_cut(void **state)
{
	struct spool *s = NULL;
	struct why why = { 0 };
	uint64_t size = 0;
	uint8_t out[8];

	(void)state;
	assert_int_equal(spool_new(dir, &why, &s), AM_OK);
	assert_int_equal(fill(s, 5 * SPOOL_PIECE, &size), AM_OK);
	assert_int_equal(ftruncate(find_file(), 10), 0);
	assert_int_equal(spool_get(s, 8, out, 8), AM_ERR_IO);
	assert_non_null(strstr(why.text, "cannot read"));
	spool_free(s);
}

static void
the_file_has_no_name_and_tells_nothing(void **state)
{
	static uint8_t got[2 * SPOOL_PIECE];
	struct spool *s = NULL;
	struct stat st = { 0 };
	uint64_t size = 0;
	size_t same = 0;
	int fd;

	(void)state;
	assert_int_equal(spool_new(dir, NULL, &s), AM_OK);
	assert_int_equal(find_file(), -1);
	assert_int_equal(fill(s, 5 * SPOOL_PIECE, &size), AM_OK);
	assert_true((fd = find_file()) >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(got));
	for (size_t i = 0; i < sizeof(got); i++)
		same += got[i] == byte_at(i);
	assert_true(same < sizeof(got) / 128); /* one in 256, by chance */
	spool_free(s);
	assert_int_equal(find_file(), -1);
}

static void
what_was_added_is_read_back(void **state)
{
	static uint8_t out[2 * SPOOL_PIECE];
	struct spool *s = NULL;
	uint64_t size = 0, x = 1;

	(void)state;
	assert_int_equal(spool_new(dir, NULL, &s), AM_OK);
	assert_int_equal(fill(s, 5 * SPOOL_PIECE + 77, &size), AM_OK);
	for (size_t round = 0; round < 3000; round++) {
		uint64_t at;
		size_t len;

		x = x * UINT64_C(6364136223846793005) + 1442695040888963407U;
		at = (x >> 20) % size;
		len = round % 500 == 0 ? sizeof(out) : (size_t)(x >> 52) % 300;
		if (len > size - at)
			len = (size_t)(size - at);
		assert_int_equal(spool_get(s, at, out, len), AM_OK);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(out[i], byte_at(at + i));
	}
	spool_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_too_long_and_places_past_the_end),
		cmocka_unit_test(a_directory_that_is_not_there),
		cmocka_unit_test(a_file_that_is_full),
		cmocka_unit_test(a_file_that_was_cut),
		cmocka_unit_test(the_file_has_no_name_and_tells_nothing),
		cmocka_unit_test(what_was_added_is_read_back),
	};
	int failed;

	(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG instead */
	if (sodium_init() < 0 || mkdtemp(dir) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(dir) == 0 ? failed : 1; /* nothing was left there */
}
