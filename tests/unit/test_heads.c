/* What a person's client remembers of a vault (R7.3, R13.21). */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/check.h"
#include "tests/scratch.h"
#include "vault/acts/heads.h"

static const uint8_t vault[16] = { 0xab }, other[16] = { 0xac };
static char root[SCRATCH_MAX], dir[SCRATCH_MAX + 16];

#define NAME "ab000000000000000000000000000000"
#define ROOT "0100000000000000000000000000000000000000000000000000000000000000"

static int
setup(void **state)
{
	(void)state;
	if (scratch_make(root) != 0)
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/a/b", root);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return scratch_remove(root);
}

static const char *
file(void)
{
	static char path[SCRATCH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/" NAME, dir);
	return path;
}

static void
write_file(struct bytes content)
{
	const int fd =
	    open(file(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(
	    write(fd, content.p, content.len), (ssize_t)content.len);
	assert_int_equal(close(fd), 0);
}

static void
never_seen(void **state)
{
	struct note n = { .size = 77 };

	(void)state;
	assert_int_equal(heads_get(dir, vault, &n), AM_ERR_NOT_FOUND);
	n.size = 3;
	assert_int_equal(heads_put(dir, vault, &n), AM_OK);
	n.size = 77;
	assert_int_equal(heads_get(dir, other, &n), AM_ERR_NOT_FOUND);
	assert_int_equal(n.size, 77);
}

static void
r7_3_a_damaged_head_is_no_head(void **state)
{
	static const struct bytes bad[] = { LIT(""), LIT("amanat-head 1\n"),
		LIT("amanat-head 2\n5\n" ROOT "\n"),
		LIT("amanat-head 1\n\n" ROOT "\n"),
		LIT("amanat-head 1\n-5\n" ROOT "\n"),
		LIT("amanat-head 1\n5x\n" ROOT "\n"),
		LIT("amanat-head 1\n1234567890123456789\n" ROOT "\n"),
		LIT("amanat-head 1\n5\n" ROOT),
		LIT("amanat-head 1\n5\n" ROOT "0"),
		LIT("amanat-head 1\n5\n" ROOT "0\n"),
		LIT("amanat-head 1\n5\n" ROOT "\n\n"),
		LIT("amanat-head 1\r\n5\r\n" ROOT "\r\n"),
		LIT("amanat-head 1\n5\n"
		    "0x00000000000000000000000000000000000000000000000000000000"
		    "000000\n") };
	struct note n = { .size = 3 };

	(void)state;
	assert_int_equal(heads_put(dir, vault, &n), AM_OK);
	n.size = 77;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		write_file(bad[i]);
		assert_int_equal(heads_get(dir, vault, &n), AM_ERR_CORRUPT);
	}
	assert_int_equal(unlink(file()), 0);
	assert_int_equal(symlink("/etc/hostname", file()), 0);
	assert_int_equal(heads_get(dir, vault, &n), AM_ERR_CORRUPT);
	assert_int_equal(unlink(file()), 0);
	assert_int_equal(mkdir(file(), 0700), 0);
	assert_int_equal(heads_get(dir, vault, &n), AM_ERR_CORRUPT);
	assert_int_equal(n.size, 77);
}

static void
where_it_cannot_be_kept(void **state)
{
	const struct note n = { .size = 3 };
	struct note out = { .size = 77 };
	char path[SCRATCH_MAX + 32], longest[5000];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/file", root);
	assert_int_equal(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
	assert_int_not_equal(heads_put(path, vault, &n), AM_OK);
	assert_int_equal(heads_get(path, vault, &out), AM_ERR_IO);
	(void)snprintf(path, sizeof(path), "%s/file/x", root);
	assert_int_equal(heads_put(path, vault, &n), AM_ERR_IO);
	assert_int_equal(heads_put("", vault, &n), AM_ERR_INVALID);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(heads_put(longest, vault, &n), AM_ERR_INVALID);
	assert_int_equal(out.size, 77);
}

static void
what_was_put_comes_back(void **state)
{
	struct note n = { .size = 999999999999999999, .root = { 1 } }, got;
	struct stat st;

	(void)state;
	assert_int_equal(heads_put(dir, vault, &n), AM_OK);
	assert_int_equal(heads_get(dir, vault, &got), AM_OK);
	assert_int_equal(got.size, n.size);
	assert_memory_equal(got.root, n.root, 32);
	n.size = 0;
	assert_int_equal(heads_put(dir, vault, &n), AM_OK);
	assert_int_equal(heads_get(dir, vault, &got), AM_OK);
	assert_int_equal(got.size, 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(file(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(never_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    r7_3_a_damaged_head_is_no_head, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    where_it_cannot_be_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_was_put_comes_back, setup, teardown),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
