/*
 * Each call of LMDB, each allocation and each system call of vault/store
 * fails in turn: the error is one that store.h names, outputs stay as they
 * were, and on disk is either what was there before or, where the call says
 * so, what was written; then the next try works.
 */

#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/check.h"
#include "tests/fault/secrets.h"
#include "tests/scratch.h"
#include "vault/store/hostfile.h"
#include "vault/store/store.h"

static int code; /* what LMDB returns when it fails */

#define MDB(name, params, args) TURN_WRAP(int, name, params, args, code)

MDB(mdb_env_set_mapsize, (MDB_env * e, size_t n), (e, n))
MDB(mdb_env_open, (MDB_env * e, const char *p, unsigned f, mdb_mode_t m),
    (e, p, f, m))
MDB(mdb_env_get_fd, (MDB_env * e, int *fd), (e, fd))
MDB(mdb_reader_check, (MDB_env * e, int *dead), (e, dead))
MDB(mdb_txn_begin, (MDB_env * e, MDB_txn *p, unsigned f, MDB_txn **t),
    (e, p, f, t))
MDB(mdb_dbi_open, (MDB_txn * t, const char *n, unsigned f, MDB_dbi *d),
    (t, n, f, d))
MDB(mdb_get, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
MDB(mdb_put, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v, unsigned f),
    (t, d, k, v, f))
MDB(mdb_del, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
MDB(mdb_cursor_open, (MDB_txn * t, MDB_dbi d, MDB_cursor **c), (t, d, c))
MDB(mdb_cursor_get, (MDB_cursor * c, MDB_val *k, MDB_val *v, MDB_cursor_op op),
    (c, k, v, op))
MDB(mdb_cursor_del, (MDB_cursor * c, unsigned f), (c, f))
MDB(mdb_env_copyfd2, (MDB_env * e, int fd, unsigned f), (e, fd, f))

/* Nothing here depends on what a power cut leaves, and syncing is slow. */
int __real_mdb_env_create(MDB_env **e);
int __wrap_mdb_env_create(MDB_env **e);
int
__wrap_mdb_env_create(MDB_env **e)
{
	const int rc =
	    turn_fails("mdb_env_create") ? code : __real_mdb_env_create(e);

	return rc != 0 ? rc : mdb_env_set_flags(*e, MDB_NOSYNC, 1);
}

int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	(void)fd;
	return turn_fails("fsync") ? -1 : 0;
}

/* The transaction goes, whatever it returns. */
int __real_mdb_txn_commit(MDB_txn *t);
int __wrap_mdb_txn_commit(MDB_txn *t);
int
__wrap_mdb_txn_commit(MDB_txn *t)
{
	if (!turn_fails("mdb_txn_commit"))
		return __real_mdb_txn_commit(t);
	mdb_txn_abort(t);
	return code;
}

TURN_WRAP(char *, strdup, (const char *s), (s), NULL)
TURN_WRAP(int, mkdir, (const char *p, mode_t m), (p, m), -1)
TURN_WRAP(int, mkdirat, (int d, const char *p, mode_t m), (d, p, m), -1)
TURN_WRAP(int, fstat, (int fd, struct stat *s), (fd, s), -1)
TURN_WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1)
TURN_WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1)
TURN_WRAP(
    ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1)
TURN_WRAP(int, renameat, (int a, const char *f, int b, const char *t),
    (a, f, b, t), -1)
TURN_WRAP(int, unlinkat, (int d, const char *p, int f), (d, p, f), -1)
TURN_WRAP(DIR *, fdopendir, (int fd), (fd), NULL)

int __real_open(const char *p, int flags, ...);
int __wrap_open(const char *p, int flags, ...);
int __real_openat(int d, const char *p, int flags, ...);
int __wrap_openat(int d, const char *p, int flags, ...);

int
__wrap_open(const char *p, int flags, ...)
{
	return turn_fails("open") ? -1 : __real_open(p, flags, 0600);
}

int
__wrap_openat(int d, const char *p, int flags, ...)
{
	return turn_fails("openat") ? -1 : __real_openat(d, p, flags, 0600);
}

static const int codes[] = { EIO, ENOMEM, ENOSPC, MDB_CORRUPTED, MDB_MAP_FULL,
	MDB_BAD_TXN, MDB_PANIC };

static const uint8_t id[16] = { 0xa1 }, R[32] = "TEST register",
		     seed[32] = "TEST log key";
static char root[SCRATCH_MAX], dir[SCRATCH_MAX + 16];
static struct why why;
static unsigned tries; /* makes each write differ from the last */

static bool
passes(enum am_err err)
{
	return err == AM_ERR_IO || err == AM_ERR_NOMEM ||
	    err == AM_ERR_CORRUPT || err == AM_ERR_INTERNAL;
}

/* A canary that cannot be read is taken for one of another vault. */
static bool
passes_open(enum am_err err)
{
	return passes(err) || err == AM_ERR_VERIFY || err == AM_ERR_INCOMPLETE;
}

static enum am_err
create(void)
{
	why = (struct why){ 0 };
	return store_create(dir, id, (struct bytes){ R, sizeof(R) },
	    (struct bytes){ seed, sizeof(seed) }, &why);
}

static int
no_vault(void **state)
{
	(void)state;
	if (scratch_make(root) != 0)
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/vault", root);
	return 0;
}

static int
new_vault(void **state)
{
	return no_vault(state) == 0 && create() == AM_OK ? 0 : -1;
}

static int
remove_all(void **state)
{
	(void)state;
	turn_off();
	return scratch_remove(root);
}

static void
each_code(enum am_err (*fn)(void *arg), void *arg, bool (*may)(enum am_err),
    int least)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(codes); i++) {
		code = codes[i];
		turn_each(fn, arg, may, least);
	}
}

/* ---- what is there, seen by a handle of its own */

struct seen {
	uint64_t size;
	unsigned view, blob, note;
};

static void
number_of(const struct blob *b, enum am_err err, unsigned *out)
{
	*out = 0;
	if (err == AM_ERR_NOT_FOUND)
		return;
	assert_int_equal(err, AM_OK);
	assert_int_equal(b->len, sizeof(*out));
	memcpy(out, b->p, sizeof(*out));
}

static struct seen
look(struct store *st)
{
	struct seen s = { 0 };
	store_txn_auto *t = NULL;
	blob_auto b = { 0 };

	assert_int_equal(store_begin(st, false, &t), AM_OK);
	assert_int_equal(store_log_size(t, &s.size), AM_OK);
	for (uint64_t i = 0; i < s.size; i++)
		assert_int_equal(store_log_read(t, i, &b), AM_OK);
	number_of(&b, store_get(t, "view", LIT("k"), &b), &s.view);
	number_of(&b, store_blob_get(t, "blob", LIT("k"), &b), &s.blob);
	number_of(&b, store_note_get(t, &b), &s.note);
	return s;
}

static struct seen
look_anew(void)
{
	store_auto *st = NULL;

	assert_int_equal(store_open(dir, false, &why, &st), AM_OK);
	return look(st);
}

/* ---- operations */

static enum am_err
do_create(void *arg)
{
	const enum am_err err = create();

	(void)arg;
	turn_off();
	assert_int_equal(secrets_alive, 0);
	assert_null(strstr(why.text, "TEST"));
	if (err != AM_OK) { /* nothing is left of it */
		assert_int_equal(access(dir, F_OK), -1);
		assert_true(err == AM_ERR_NOMEM || why.text[0] != '\0');
		assert_int_equal(create(), AM_OK);
	}
	(void)look_anew();
	assert_int_equal(scratch_remove(dir), 0);
	return err;
}

static void
making_a_vault(void **state)
{
	(void)state;
	each_code(do_create, NULL, passes, 40);
}

static enum am_err
do_open(void *arg)
{
	store_auto *st = NULL, *again = NULL;
	const bool write = *(const bool *)arg;
	enum am_err err;

	why = (struct why){ 0 };
	err = store_open(dir, write, &why, &st);
	turn_off();
	assert_true(err == AM_OK || err == AM_ERR_NOMEM || why.text[0] != '\0');
	if (turn_came && strcmp(turn_name, "pread") == 0)
		assert_int_equal(err, AM_ERR_IO); /* no word of damage */
	assert_true((err == AM_OK) == (st != NULL));
	assert_null(strstr(why.text, "TEST"));
	if (err == AM_OK)
		return turn_came ? AM_ERR_CORRUPT : AM_OK;
	assert_int_equal(secrets_alive, 0);
	assert_int_equal(store_open(dir, write, &why, &again), AM_OK);
	return err;
}

static void
opening_a_vault(void **state)
{
	bool write = false;

	(void)state;
	each_code(do_open, &write, passes_open, 25);
	write = true;
	each_code(do_open, &write, passes_open, 25);
}

/* ---- a copy, and a vault put together again */

static enum am_err
copy(struct store *st, int fd)
{
	store_txn_auto *t = NULL, *reading = NULL;

	AM_TRY(store_begin(st, true, &t));
	AM_TRY(store_begin(st, false, &reading));
	if (store_copy(reading, fd) != AM_ERR_INVALID)
		return AM_OK; /* which is more than was expected */
	return store_copy(t, fd);
}

static enum am_err
do_copy(void *arg)
{
	struct store *st = arg;
	const int fd = memfd_create("TEST copy", MFD_CLOEXEC);
	enum am_err err;

	assert_true(fd >= 0);
	err = copy(st, fd);
	turn_off();
	(void)look(st); /* the handle goes on, and nobody is locked out */
	assert_int_equal(copy(st, fd), AM_OK);
	assert_true(lseek(fd, 0, SEEK_CUR) >= 4096);
	assert_int_equal(close(fd), 0);
	return err;
}

static void
copying_a_vault(void **state)
{
	struct store *st = NULL;

	(void)state;
	assert_int_equal(store_open(dir, true, &why, &st), AM_OK);
	each_code(do_copy, st, passes, 3);
	store_close(st);
}

/* db/data.mdb, as the vault `arg` has it, and one file that is like a bag. */
static enum am_err
fill(void *arg, int to, struct why *w)
{
	struct store *st = arg;
	store_txn_auto *t = NULL;
	enum am_err err;
	int fd;

	(void)w;
	fd =
	    __real_openat(to, "db/data.mdb", O_CREAT | O_EXCL | O_WRONLY, 0600);
	assert_true(fd >= 0);
	err = store_begin(st, true, &t);
	if (err == AM_OK)
		err = store_copy(t, fd);
	assert_int_equal(close(fd), 0);
	AM_TRY(err);
	return hostfile_put(to, "bags/a", LIT("bag"));
}

static enum am_err
do_restore(void *arg)
{
	const struct store_filling with = { fill, arg };
	char place[sizeof(dir) + 16];
	store_auto *st = NULL;
	enum am_err err;

	(void)snprintf(place, sizeof(place), "%s.again", dir);
	why = (struct why){ 0 };
	err = store_restore(place, id, (struct bytes){ R, sizeof(R) },
	    (struct bytes){ NULL, 0 }, &with, &why);
	turn_off();
	assert_true(err == AM_OK || err == AM_ERR_NOMEM || why.text[0] != '\0');
	assert_null(strstr(why.text, "TEST"));
	if (err == AM_OK) {
		assert_int_equal(store_open(place, false, &why, &st), AM_OK);
		(void)look(st);
		(void)scratch_remove(place);
		return AM_OK;
	}
	if (access(place, F_OK) == 0) {
		char format[sizeof(place) + 8];

		/* whole, but perhaps not synced; or no vault */
		(void)snprintf(format, sizeof(format), "%s/FORMAT", place);
		if (access(format, F_OK) == 0)
			assert_int_equal(
			    store_open(place, false, &why, &st), AM_OK);
		assert_int_equal(scratch_remove(place), 0);
	}
	return err;
}

static void
restoring_a_vault(void **state)
{
	struct store *st = NULL;

	(void)state;
	assert_int_equal(store_open(dir, true, &why, &st), AM_OK);
	each_code(do_restore, st, passes, 20);
	store_close(st);
}

/* ---- writing */

static enum am_err
write_all(struct store *st, uint64_t size)
{
	const struct bytes n = { (const uint8_t *)&tries, sizeof(tries) };
	store_txn_auto *t = NULL;

	AM_TRY(store_begin(st, true, &t));
	AM_TRY(store_log_append(t, size, LIT("a line")));
	AM_TRY(store_log_append(t, size + 1, LIT("another")));
	AM_TRY(store_put(t, "gone", LIT("k"), n));
	AM_TRY(store_clear_views(t));
	AM_TRY(store_put(t, "view", LIT("k"), n));
	AM_TRY(store_put(t, "passing", LIT("k"), n));
	AM_TRY(store_del(t, "passing", LIT("k")));
	AM_TRY(store_blob_put(t, "blob", LIT("k"), n));
	AM_TRY(store_note_put(t, n));
	return store_commit(&t);
}

/* R7.1: all of it, or nothing, and the handle goes on. */
static enum am_err
do_write(void *arg)
{
	struct store *st = arg;
	const int left = turn_left;
	struct seen before, after;
	enum am_err err;

	turn_off();
	before = look(st);
	tries++;
	turn_left = left;
	err = write_all(st, before.size);
	turn_off();
	after = look(st);
	if (err != AM_OK) {
		assert_memory_equal(&before, &after, sizeof(after));
		assert_int_equal(store_full(st),
		    strncmp(turn_name, "mdb_", 4) == 0 &&
			(code == ENOSPC || code == MDB_MAP_FULL));
		assert_int_equal(write_all(st, before.size), AM_OK);
		after = look(st);
	}
	assert_int_equal(after.size, before.size + 2);
	assert_int_equal(after.view, tries);
	assert_int_equal(after.blob, tries);
	assert_int_equal(after.note, tries);
	return err;
}

static void
r7_1_writing(void **state)
{
	store_auto *st = NULL;
	struct seen live, anew;

	(void)state;
	assert_int_equal(store_open(dir, true, &why, &st), AM_OK);
	each_code(do_write, st, passes, 20);
	live = look(st);
	store_close(AM_TAKE(st));
	anew = look_anew();
	assert_memory_equal(&live, &anew, sizeof(anew));
}

static enum am_err
count_one(void *arg, const uint8_t key[static 16], struct bytes value)
{
	(void)key;
	(void)value;
	++*(int *)arg;
	return AM_OK;
}

static enum am_err
read_all(struct store *st, struct blob *out, uint64_t *size, int *views)
{
	store_txn_auto *t = NULL;
	uint8_t node[32];
	struct merkle_source src;

	AM_TRY(store_begin(st, false, &t));
	src = store_tree(t);
	AM_TRY(store_log_size(t, size));
	AM_TRY(store_log_read(t, 0, out));
	AM_TRY(store_get(t, "view", LIT("k"), out));
	AM_TRY(store_blob_get(t, "blob", LIT("k"), out));
	AM_TRY(store_note_get(t, out));
	AM_TRY(src.get(src.arg, 0, 1, node));
	return store_each_view(t, count_one, views);
}

static enum am_err
do_read(void *arg)
{
	blob_auto out = { 0 };
	uint64_t size = 0;
	int views = 0;
	const enum am_err err = read_all(arg, &out, &size, &views);

	turn_off();
	if (err == AM_OK) {
		assert_false(turn_came);
		assert_int_equal(size, 2);
		assert_int_equal(views, 1);
	}
	size = 0;
	views = 0;
	assert_int_equal(read_all(arg, &out, &size, &views), AM_OK);
	return err;
}

static void
reading(void **state)
{
	store_auto *st = NULL;

	(void)state;
	assert_int_equal(store_open(dir, true, &why, &st), AM_OK);
	assert_int_equal(write_all(st, 0), AM_OK);
	each_code(do_read, st, passes, 18);
}

/* ---- small files */

static enum am_err
count_file(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
	return AM_OK;
}

/* The old content or the new one, and nothing beside it. */
static void
only_the_bag(const struct store *st, const char *a, const char *b)
{
	blob_auto got = { 0 };
	char path[128];
	DIR *d;
	int entries = 0;

	assert_int_equal(store_file_get(st, "bags/a", 16, &got), AM_OK);
	assert_true(bytes_same(blob_bytes(&got),
			(struct bytes){ (const uint8_t *)a, 3 }) ||
	    bytes_same(
		blob_bytes(&got), (struct bytes){ (const uint8_t *)b, 3 }));
	(void)snprintf(path, sizeof(path), "%s/bags", dir);
	d = opendir(path);
	assert_non_null(d);
	while (readdir(d) != NULL)
		entries++;
	(void)closedir(d);
	assert_int_equal(entries, 3); /* ".", "..", "a" */
}

static enum am_err
do_put_file(void *arg)
{
	const struct store *st = arg;
	const int left = turn_left;
	enum am_err err;

	turn_off();
	assert_int_equal(store_file_put(st, "bags/a", LIT("old")), AM_OK);
	turn_left = left;
	err = store_file_put(st, "bags/a", LIT("new"));
	turn_off();
	only_the_bag(st, err == AM_OK ? "new" : "old", "new");
	return err;
}

static enum am_err
do_read_files(void *arg)
{
	const struct store *st = arg;
	blob_auto got = { 0 };
	int files = 0;
	enum am_err err = store_file_get(st, "bags/a", 16, &got);

	assert_true((err == AM_OK) == bytes_same(blob_bytes(&got), LIT("new")));
	if (err == AM_OK)
		err = store_file_each(st, "bags", count_file, &files);
	turn_off();
	assert_int_equal(files, err == AM_OK);
	return err;
}

static enum am_err
do_del_file(void *arg)
{
	const struct store *st = arg;
	const int left = turn_left;
	enum am_err err;

	turn_off();
	assert_int_equal(store_file_put(st, "bags/a", LIT("old")), AM_OK);
	turn_left = left;
	err = store_file_del(st, "bags/a");
	turn_off();
	if (err == AM_OK)
		assert_int_equal(
		    store_file_del(st, "bags/a"), AM_ERR_NOT_FOUND);
	return err;
}

static void
small_files(void **state)
{
	store_auto *st = NULL;

	(void)state;
	assert_int_equal(store_open(dir, true, &why, &st), AM_OK);
	turn_each(do_put_file, st, passes, 5);
	turn_each(do_read_files, st, passes, 6);
	turn_each(do_del_file, st, passes, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    making_a_vault, no_vault, remove_all),
		cmocka_unit_test_setup_teardown(
		    opening_a_vault, new_vault, remove_all),
		cmocka_unit_test_setup_teardown(
		    copying_a_vault, new_vault, remove_all),
		cmocka_unit_test_setup_teardown(
		    restoring_a_vault, new_vault, remove_all),
		cmocka_unit_test_setup_teardown(
		    r7_1_writing, new_vault, remove_all),
		cmocka_unit_test_setup_teardown(reading, new_vault, remove_all),
		cmocka_unit_test_setup_teardown(
		    small_files, new_vault, remove_all),
	};

	(void)alarm(120);
	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
