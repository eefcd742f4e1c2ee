/*
 * The vault directory: R3.2 (what is in clear), R3.7 (how LMDB is used),
 * R7.1 (one durable transaction, or nothing). LMDB is opened by hand only to
 * do damage and to look.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <lmdb.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "vault/log/canon.h"
#include "vault/store/store.h"

enum { PATH_MAX_ = 256, NOBODY = 65534 };

static const uint8_t vault[16] = { 0xa1, 0xb2, 0xc3 };
static const uint8_t R[32] = { 1, 2, 3 }, seed[32] = { 4, 5, 6 };
static char root[64], dir[PATH_MAX_];
static struct why why;

/* ---- set-up: a directory, and a vault in it for each test */

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
no_vault(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/amanat-store-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/vault", root);
	why = (struct why){ 0 };
	return 0;
}

static enum am_err
create(void)
{
	return store_create(dir, vault, (struct bytes){ R, sizeof(R) },
	    (struct bytes){ seed, sizeof(seed) }, &why);
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
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *
path_of(const char *name)
{
	static char path[2 * PATH_MAX_];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static struct store *
opened(bool write)
{
	struct store *st = NULL;

	assert_int_equal(store_open(dir, write, &why, &st), AM_OK);
	return st;
}

static struct store_txn *
begun(struct store *st, bool write)
{
	struct store_txn *t = NULL;

	assert_int_equal(store_begin(st, write, &t), AM_OK);
	return t;
}

/* Refused with this error, with a sentence, and with nothing handed out. */
static void
open_is_refused(enum am_err want)
{
	struct store *st = NULL;

	why = (struct why){ 0 };
	assert_int_equal(store_open(dir, false, &why, &st), want);
	assert_null(st);
	assert_string_not_equal(why.text, "");
	why = (struct why){ 0 };
	assert_int_equal(store_open(dir, true, &why, &st), want);
	assert_null(st);
	assert_string_not_equal(why.text, "");
}

static void
open_is_fine(void)
{
	store_auto *st = opened(true);

	assert_memory_equal(store_vault(st), vault, sizeof(vault));
	assert_string_equal(store_dir(st), dir);
	assert_true(bytes_same(
	    store_log_seed(st), (struct bytes){ seed, sizeof(seed) }));
}

static size_t
slurp(const char *name, uint8_t *out, size_t cap)
{
	const int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, out, cap);
	(void)close(fd);
	assert_true(n >= 0 && (size_t)n < cap);
	return (size_t)n;
}

static void
spill(const char *name, const uint8_t *p, size_t len)
{
	const int fd =
	    open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), (ssize_t)len);
	(void)close(fd);
}

static void
append(struct store_txn *t, uint64_t size, const char *line)
{
	assert_int_equal(
	    store_log_append(
		t, size, (struct bytes){ (const uint8_t *)line, strlen(line) }),
	    AM_OK);
}

static uint64_t
log_size(struct store *st)
{
	store_txn_auto *t = begun(st, false);
	uint64_t n = 0;

	assert_int_equal(store_log_size(t, &n), AM_OK);
	return n;
}

/* A vault with three lines, a view, a blob and a note. */
static void
fill(void)
{
	store_auto *st = opened(true);
	store_txn_auto *t = begun(st, true);

	append(t, 0, "{\"a\":0}");
	append(t, 1, "{\"a\":1}");
	append(t, 2, "{\"a\":2}");
	assert_int_equal(store_put(t, "view", LIT("key"), LIT("value")), AM_OK);
	assert_int_equal(
	    store_blob_put(t, "blob", LIT("key"), LIT("payload")), AM_OK);
	assert_int_equal(store_note_put(t, LIT("the note\n")), AM_OK);
	assert_int_equal(store_commit(&t), AM_OK);
	assert_null(t);
}

/* Runs `fn` in a child; the status it ended with. */
static int
in_child(void (*fn)(void))
{
	const pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* For children, where a failing assertion must not run the other tests. */
#define OR_EXIT(cond)                              \
	do {                                       \
		if (!(cond))                       \
			_exit(__LINE__ % 200 + 1); \
	} while (0)

/* ---- opening: what is no vault, or not whole */

static void
missing_directory_is_no_vault(void **state)
{
	(void)state;
	open_is_refused(AM_ERR_NOT_FOUND);
}

static void
directory_without_format_is_no_vault(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(unlink(path_of("FORMAT")), 0);
	open_is_refused(AM_ERR_NOT_FOUND);
	assert_int_equal(stat(path_of("FORMAT"), &st), -1);
}

static void
newer_format_is_named_as_such(void **state)
{
	static const char *const newer[] = { "amanat-vault 2\nanything",
		"amanat-vault 17\n" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(newer); i++) {
		spill("FORMAT", (const uint8_t *)newer[i], strlen(newer[i]));
		open_is_refused(AM_ERR_INCOMPLETE);
		assert_non_null(strstr(why.text, "newer"));
	}
}

/* The vault id is bound to the keys: another digit is another vault. */
static void
damaged_format_is_refused(void **state)
{
	uint8_t text[64], all[64];
	const size_t n = slurp("FORMAT", text, sizeof(text));

	(void)state;
	for (size_t bit = 0; bit < 8 * n; bit++) {
		struct store *st = NULL;

		memcpy(all, text, n);
		all[bit / 8] ^= (uint8_t)(1 << bit % 8);
		spill("FORMAT", all, n);
		assert_int_not_equal(store_open(dir, false, &why, &st), AM_OK);
		assert_null(st);
	}
	for (size_t len = 0; len < n; len++) {
		spill("FORMAT", text, len);
		open_is_refused(AM_ERR_INCOMPLETE);
	}
	memcpy(all, text, n);
	all[n] = '\n';
	spill("FORMAT", all, n + 1);
	open_is_refused(AM_ERR_INCOMPLETE);
	spill("FORMAT", text, n);
	open_is_fine();
}

/* A restored vault without log key: it signs nothing. */
static void
only_reading_is_fine(void)
{
	struct store *st = NULL;

	why = (struct why){ 0 };
	assert_int_equal(store_open(dir, false, &why, &st), AM_OK);
	assert_int_equal(store_log_key(st).len, 0);
	assert_int_equal(store_log_seed(st).len, 0);
	store_close(st);
	st = NULL;
	assert_int_equal(store_open(dir, true, &why, &st), AM_ERR_INCOMPLETE);
	assert_null(st);
	assert_non_null(strstr(why.text, "keys/log.key"));
}

static void
keys_must_be_there_whole_and_private(void **state)
{
	static const char *const names[] = { "keys/register.key",
		"keys/log.key" };
	static const mode_t open_modes[] = { 0640, 0604, 0610, 0601, 0620,
		0602 };
	uint8_t key[64] = { 0 };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++) {
		const char *name = names[i];

		assert_int_equal(slurp(name, key, sizeof(key)), 32);
		for (size_t j = 0; j < AM_ARRAY_LEN(open_modes); j++) {
			assert_int_equal(
			    chmod(path_of(name), open_modes[j]), 0);
			open_is_refused(AM_ERR_INCOMPLETE);
			assert_non_null(strstr(why.text, name));
		}
		assert_int_equal(chmod(path_of(name), 0600), 0);
		spill(name, key, 31);
		open_is_refused(AM_ERR_INCOMPLETE);
		spill(name, key, 33);
		open_is_refused(AM_ERR_INCOMPLETE);
		spill(name, key, 0);
		open_is_refused(AM_ERR_INCOMPLETE);
		assert_int_equal(unlink(path_of(name)), 0);
		if (i == 0)
			open_is_refused(AM_ERR_INCOMPLETE);
		else
			only_reading_is_fine();
		assert_int_equal(symlink("../FORMAT", path_of(name)), 0);
		open_is_refused(AM_ERR_INCOMPLETE);
		assert_int_equal(unlink(path_of(name)), 0);
		assert_int_equal(mkfifo(path_of(name), 0600), 0);
		open_is_refused(AM_ERR_INCOMPLETE);
		assert_int_equal(unlink(path_of(name)), 0);
		spill(name, key, 32);
		open_is_fine();
	}
}

static void
key_of_another_user_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(
	    chown(path_of("keys/register.key"), NOBODY, NOBODY), 0);
	open_is_refused(AM_ERR_INCOMPLETE);
}

static void
register_key_of_another_vault_is_found_out(void **state)
{
	uint8_t key[64] = { 0 };

	(void)state;
	assert_int_equal(slurp("keys/register.key", key, sizeof(key)), 32);
	for (size_t bit = 0; bit < 256; bit += 17) {
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		spill("keys/register.key", key, 32);
		open_is_refused(AM_ERR_VERIFY);
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* ---- opening: a damaged file. A read past its end would be a SIGBUS. */

static void
truncated_database_is_refused(void **state)
{
	static uint8_t all[1 << 20];
	size_t n, last = 0;

	(void)state;
	fill();
	n = slurp("db/data.mdb", all, sizeof(all));
	for (size_t len = 0; len < n; len += 1024) {
		spill("db/data.mdb", all, len);
		open_is_refused(AM_ERR_CORRUPT);
		last = len;
	}
	assert_true(last > 4096);
	spill("db/data.mdb", all, n - 1);
	open_is_refused(AM_ERR_CORRUPT);
	assert_int_equal(unlink(path_of("db/data.mdb")), 0);
	open_is_refused(AM_ERR_CORRUPT);
	spill("db/data.mdb", all, n);
	open_is_fine();
}

static void
open_and_leave(void)
{
	store_auto *st = NULL;

	if (store_open(dir, false, &why, &st) == AM_OK)
		_exit(0);
	_exit(1);
}

/* Page size, map size and last page of both meta pages: LMDB divides by the
 * first and maps the second unseen. */
static void
damaged_meta_pages_do_not_crash(void **state)
{
	static const size_t fields[][2] = { { 32, 8 }, { 40, 4 }, { 136, 8 } };
	static uint8_t all[1 << 20];
	size_t n, refused = 0;

	(void)state;
	fill();
	n = slurp("db/data.mdb", all, sizeof(all));
	for (size_t page = 0; page < 8192; page += 4096)
		for (size_t f = 0; f < AM_ARRAY_LEN(fields); f++)
			for (size_t bit = 0; bit < 8 * fields[f][1]; bit++) {
				uint8_t *p =
				    &all[page + fields[f][0] + bit / 8];
				int status;

				*p ^= (uint8_t)(1 << bit % 8);
				spill("db/data.mdb", all, n);
				status = in_child(open_and_leave);
				assert_true(WIFEXITED(status));
				refused += WEXITSTATUS(status) == 1;
				*p ^= (uint8_t)(1 << bit % 8);
			}
	assert_true(refused > 200); /* of 320; a smaller map does no harm */
}

/* ---- creating */

static void
only_an_empty_directory_becomes_a_vault(void **state)
{
	uint8_t key[64];

	(void)state;
	assert_int_equal(create(), AM_ERR_EXISTS);
	assert_string_not_equal(why.text, "");
	assert_int_equal(slurp("keys/register.key", key, sizeof(key)), 32);
	assert_memory_equal(key, R, 32);
	open_is_fine();

	spill("../file", (const uint8_t *)"x", 1);
	(void)snprintf(dir, sizeof(dir), "%s/file", root);
	assert_int_equal(create(), AM_ERR_EXISTS);
	(void)snprintf(dir, sizeof(dir), "%s/none/vault", root);
	assert_int_equal(create(), AM_ERR_IO);
	(void)snprintf(dir, sizeof(dir), "%s/empty", root);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(create(), AM_OK);
	open_is_fine();
	assert_int_equal(
	    store_create("/nowhere", vault, (struct bytes){ R, 31 },
		(struct bytes){ seed, 32 }, &why),
	    AM_ERR_INVALID);
}

/* A file size limit stands for a full disk. */
static void
limit_files_to(rlim_t bytes)
{
	const struct rlimit lim = { bytes, RLIM_INFINITY };

	(void)signal(SIGXFSZ, SIG_IGN);
	OR_EXIT(setrlimit(RLIMIT_FSIZE, &lim) == 0);
}

static void
create_on_a_full_disk(void)
{
	static const rlim_t limits[] = { 0, 16, 40, 5000, 9000 };
	struct stat st;

	for (size_t i = 0; i < AM_ARRAY_LEN(limits); i++) {
		limit_files_to(limits[i]);
		OR_EXIT(create() != AM_OK);
		OR_EXIT(why.text[0] != '\0');
		OR_EXIT(stat(dir, &st) != 0 && errno == ENOENT);
	}
}

static void
failed_creation_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(in_child(create_on_a_full_disk), 0);
	assert_int_equal(create(), AM_OK);
}

static void
only_the_owner_can_read_it(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
	} all[] = { { "", 0700 }, { "keys", 0700 }, { "db", 0700 },
		{ "bags", 0700 }, { "keys/register.key", 0600 },
		{ "keys/log.key", 0600 }, { "db/data.mdb", 0600 },
		{ "db/lock.mdb", 0600 }, { "FORMAT", 0600 } };
	struct stat st;
	const mode_t before = umask(0);

	(void)state;
	assert_int_equal(create(), AM_OK);
	(void)umask(before);
	for (size_t i = 0; i < AM_ARRAY_LEN(all); i++) {
		assert_int_equal(stat(path_of(all[i].name), &st), 0);
		assert_int_equal(st.st_mode & 07777, all[i].mode);
	}
}

/* ---- transactions (R7.1) */

static void
what_was_aborted_is_not_there(void **state)
{
	store_auto *st = opened(true);
	blob_auto out = { 0 };

	(void)state;
	{
		store_txn_auto *t = begun(st, true);

		append(t, 0, "{}");
		assert_int_equal(store_put(t, "t", LIT("k"), LIT("v")), AM_OK);
		assert_int_equal(store_note_put(t, LIT("n")), AM_OK);
	} /* aborted here */
	assert_int_equal(log_size(st), 0);
	store_txn_auto *t = begun(st, false);
	assert_int_equal(store_get(t, "t", LIT("k"), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(store_note_get(t, &out), AM_ERR_NOT_FOUND);
	assert_int_equal(store_log_read(t, 0, &out), AM_ERR_NOT_FOUND);
	assert_null(out.p);
}

static void
what_was_committed_is_there_after_reopening(void **state)
{
	blob_auto out = { 0 };

	(void)state;
	fill();
	for (int write = 0; write < 2; write++) {
		store_auto *st = opened(write == 1);
		store_txn_auto *t = begun(st, false);

		assert_int_equal(log_size(st), 3);
		assert_int_equal(store_log_read(t, 1, &out), AM_OK);
		assert_true(bytes_same(blob_bytes(&out), LIT("{\"a\":1}")));
		assert_int_equal(store_get(t, "view", LIT("key"), &out), AM_OK);
		assert_true(bytes_same(blob_bytes(&out), LIT("value")));
		assert_int_equal(
		    store_blob_get(t, "blob", LIT("key"), &out), AM_OK);
		assert_true(bytes_same(blob_bytes(&out), LIT("payload")));
		assert_int_equal(store_note_get(t, &out), AM_OK);
		assert_true(bytes_same(blob_bytes(&out), LIT("the note\n")));
	}
}

static void
reading_changes_nothing(void **state)
{
	store_auto *st = opened(false);
	store_txn_auto *none = NULL;
	store_txn_auto *t = begun(st, false);

	(void)state;
	assert_int_equal(store_begin(st, true, &none), AM_ERR_INVALID);
	assert_null(none);
	assert_int_equal(store_log_append(t, 0, LIT("{}")), AM_ERR_INVALID);
	assert_int_equal(store_put(t, "t", LIT("k"), LIT("v")), AM_ERR_INVALID);
	assert_int_equal(
	    store_blob_put(t, "t", LIT("k"), LIT("v")), AM_ERR_INVALID);
	assert_int_equal(store_del(t, "t", LIT("k")), AM_ERR_INVALID);
	assert_int_equal(store_blob_del(t, "t", LIT("k")), AM_ERR_INVALID);
	assert_int_equal(store_note_put(t, LIT("n")), AM_ERR_INVALID);
	assert_int_equal(store_clear_views(t), AM_ERR_INVALID);
	assert_int_equal(
	    store_file_put(st, "bags/x", LIT("x")), AM_ERR_INVALID);
	assert_int_equal(store_file_del(st, "FORMAT"), AM_ERR_INVALID);
	assert_int_equal(store_commit(&t), AM_OK);
}

/* In one process a second writer would wait for itself. */
static void
second_writer_of_a_process_is_refused(void **state)
{
	store_auto *st = opened(true);
	store_txn_auto *first = begun(st, true), *second = NULL;

	(void)state;
	assert_int_equal(store_begin(st, true, &second), AM_ERR_INVALID);
	assert_null(second);
	store_abort(&first);
	second = begun(st, true);
}

static int to_child[2], to_parent[2];

static void
tell(int fd)
{
	OR_EXIT(write(fd, "x", 1) == 1);
}

static void
hear(int fd)
{
	char c;

	OR_EXIT(read(fd, &c, 1) == 1);
}

static void
write_a_line_in_a_child(void)
{
	store_auto *st = NULL;
	store_txn_auto *t = NULL;

	hear(to_child[0]);
	OR_EXIT(store_open(dir, true, &why, &st) == AM_OK);
	OR_EXIT(store_begin(st, true, &t) == AM_OK);
	OR_EXIT(store_log_append(t, 3, LIT("{\"a\":3}")) == AM_OK);
	OR_EXIT(store_put(t, "view", LIT("key"), LIT("new")) == AM_OK);
	OR_EXIT(store_commit(&t) == AM_OK);
	tell(to_parent[1]);
}

static pid_t
child(void (*fn)(void))
{
	pid_t pid;

	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	return pid;
}

static void
close_pipes(void)
{
	for (int i = 0; i < 2; i++) {
		(void)close(to_child[i]);
		(void)close(to_parent[i]);
	}
}

static void
snapshot_stays_while_another_process_writes(void **state)
{
	blob_auto out = { 0 };
	uint64_t n = 0;
	int status = -1;
	pid_t pid;

	(void)state;
	fill();
	pid = child(write_a_line_in_a_child);
	store_auto *st = opened(true);
	store_txn_auto *old = begun(st, false);
	assert_int_equal(store_log_size(old, &n), AM_OK);
	tell(to_child[1]);
	hear(to_parent[0]);
	assert_int_equal(store_log_size(old, &n), AM_OK);
	assert_int_equal(n, 3);
	assert_int_equal(store_get(old, "view", LIT("key"), &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out), LIT("value")));
	assert_int_equal(log_size(st), 4);
	store_txn_auto *t = begun(st, true);
	assert_int_equal(store_get(t, "view", LIT("key"), &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out), LIT("new")));
	/* who built a line on the old size is told */
	assert_int_equal(
	    store_log_append(t, 3, LIT("{\"a\":3}")), AM_ERR_STALE);
	append(t, 4, "{\"a\":4}");
	assert_int_equal(store_commit(&t), AM_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close_pipes();
}

static void
write_and_hang(void)
{
	store_auto *st = NULL;
	store_txn_auto *t = NULL;

	OR_EXIT(store_open(dir, true, &why, &st) == AM_OK);
	OR_EXIT(store_begin(st, true, &t) == AM_OK);
	OR_EXIT(store_log_append(t, 3, LIT("{\"a\":3}")) == AM_OK);
	tell(to_parent[1]);
	hear(to_child[0]); /* never comes */
}

static void
killed_writer_leaves_nothing_and_no_lock(void **state)
{
	pid_t pid;

	(void)state;
	fill();
	pid = child(write_and_hang);
	hear(to_parent[0]);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close_pipes();
	store_auto *st = opened(true);
	assert_int_equal(log_size(st), 3);
	store_txn_auto *t = begun(st, true);
	append(t, 3, "{\"b\":3}");
	assert_int_equal(store_commit(&t), AM_OK);
}

static void
fill_the_disk(void)
{
	static uint8_t big[300000];
	store_auto *st = NULL;
	store_txn_auto *t = NULL;
	uint64_t n = 0;

	OR_EXIT(store_open(dir, true, &why, &st) == AM_OK);
	limit_files_to(100001); /* in the middle of a page */
	OR_EXIT(store_begin(st, true, &t) == AM_OK);
	OR_EXIT(!store_full(st));
	OR_EXIT(store_log_append(t, 3, LIT("{\"a\":3}")) == AM_OK);
	OR_EXIT(store_blob_put(t, "b", LIT("big"),
		    (struct bytes){ big, sizeof(big) }) == AM_OK);
	OR_EXIT(store_commit(&t) == AM_ERR_IO);
	OR_EXIT(t == NULL && store_full(st));
	OR_EXIT(store_begin(st, false, &t) == AM_OK);
	OR_EXIT(store_log_size(t, &n) == AM_OK && n == 3);
	store_abort(&t);
	/* with room again the same store goes on */
	limit_files_to(RLIM_INFINITY);
	OR_EXIT(store_begin(st, true, &t) == AM_OK);
	OR_EXIT(!store_full(st));
	OR_EXIT(store_log_append(t, 3, LIT("{\"a\":3}")) == AM_OK);
	OR_EXIT(store_commit(&t) == AM_OK);
}

static void
full_disk_is_an_error_and_nothing_else(void **state)
{
	(void)state;
	fill();
	assert_int_equal(in_child(fill_the_disk), 0);
	store_auto *st = opened(true);
	assert_int_equal(log_size(st), 4);
}

static void
only_fill_the_disk(void)
{
	static uint8_t big[300000];
	store_auto *st = NULL;
	store_txn_auto *t = NULL;

	OR_EXIT(store_open(dir, true, &why, &st) == AM_OK);
	limit_files_to(100001);
	OR_EXIT(store_begin(st, true, &t) == AM_OK);
	OR_EXIT(store_blob_put(t, "b", LIT("big"),
		    (struct bytes){ big, sizeof(big) }) == AM_OK);
	OR_EXIT(store_commit(&t) == AM_ERR_IO);
}

/* Then the file ends in the middle of a page, which is not damage. */
static void
vault_opens_after_a_full_disk(void **state)
{
	struct stat st;

	(void)state;
	fill();
	assert_int_equal(in_child(only_fill_the_disk), 0);
	assert_int_equal(stat(path_of("db/data.mdb"), &st), 0);
	assert_int_equal(st.st_size, 100001);
	open_is_fine();
}

/* LMDB does not write pages taken and given back at the end of the file. */
static void
vault_opens_after_pages_were_given_back(void **state)
{
	static uint8_t big[100000];
	store_auto *st = opened(true);

	(void)state;
	for (int i = 0; i < 8; i++) {
		store_txn_auto *t = begun(st, true);

		assert_int_equal(
		    store_put(t, "t", LIT("small"), LIT("x")), AM_OK);
		assert_int_equal(store_blob_put(t, "b", LIT("big"),
				     (struct bytes){ big, sizeof(big) }),
		    AM_OK);
		assert_int_equal(store_blob_del(t, "b", LIT("big")), AM_OK);
		assert_int_equal(store_commit(&t), AM_OK);
		store_close(AM_TAKE(st));
		st = opened(true);
	}
}

/* ---- views and blobs */

static void
values_that_are_not_there_are_not_found(void **state)
{
	store_auto *st = opened(true);
	store_txn_auto *t = begun(st, true);
	blob_auto out = { 0 };

	(void)state;
	assert_int_equal(store_put(t, "t", LIT("k"), LIT("v")), AM_OK);
	assert_int_equal(blob_text(&out, "kept"), AM_OK);
	assert_int_equal(store_get(t, "t", LIT("K"), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(store_get(t, "T", LIT("k"), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(store_get(t, "tk", LIT(""), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(
	    store_blob_get(t, "t", LIT("k"), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(store_del(t, "t", LIT("K")), AM_ERR_NOT_FOUND);
	assert_int_equal(store_blob_del(t, "t", LIT("k")), AM_ERR_NOT_FOUND);
	assert_true(bytes_same(blob_bytes(&out), LIT("kept")));
	assert_int_equal(store_get(t, "t", LIT("k"), &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out), LIT("v")));
	assert_int_equal(store_del(t, "t", LIT("k")), AM_OK);
	assert_int_equal(store_get(t, "t", LIT("k"), &out), AM_ERR_NOT_FOUND);
}

static void
values_of_every_length_come_back(void **state)
{
	static const size_t lens[] = { 0, 1, 100, 1985, 1986, 4096, 100000,
		STORE_VALUE_MAX };
	static uint8_t v[STORE_VALUE_MAX + 1];
	store_auto *st = opened(true);
	store_txn_auto *t = begun(st, true);
	blob_auto out = { 0 };

	(void)state;
	randombytes_buf(v, sizeof(v));
	assert_int_equal(
	    store_put(t, "t", LIT("k"), (struct bytes){ v, sizeof(v) }),
	    AM_ERR_INVALID);
	for (size_t i = 0; i < AM_ARRAY_LEN(lens); i++) {
		const struct bytes value = { v, lens[i] };

		assert_int_equal(store_put(t, "t", LIT("k"), value), AM_OK);
		assert_int_equal(store_get(t, "t", LIT("k"), &out), AM_OK);
		assert_true(bytes_same(blob_bytes(&out), value));
	}
}

struct seen {
	size_t count, len;
	uint8_t last[16];
	bool ordered;
};

static enum am_err
see(void *arg, const uint8_t db_key[static 16], struct bytes value)
{
	struct seen *s = arg;

	for (size_t i = 0; s->count > 0 && i < 16; i++) {
		if (db_key[i] != s->last[i]) {
			s->ordered = s->ordered && db_key[i] > s->last[i];
			break;
		}
	}
	memcpy(s->last, db_key, 16);
	s->count++;
	s->len += value.len;
	return s->count == 200 ? AM_ERR_POLICY : AM_OK;
}

static void
views_are_walked_in_order_and_cleared_alone(void **state)
{
	store_auto *st = NULL;
	struct seen s = { .ordered = true };
	blob_auto out = { 0 };

	(void)state;
	fill();
	st = opened(true);
	store_txn_auto *t = begun(st, true);
	for (uint8_t i = 0; i < 99; i++)
		assert_int_equal(
		    store_put(t, "n", (struct bytes){ &i, 1 }, LIT("12")),
		    AM_OK);
	assert_int_equal(store_put(t, "vault", LIT(""), LIT("1")), AM_OK);
	assert_int_equal(store_put(t, "use", LIT("a"), LIT("1")), AM_OK);
	assert_int_equal(store_each_view(t, see, &s), AM_OK);
	assert_int_equal(s.count, 102);
	assert_int_equal(s.len, 99 * 2 + 5 + 2);
	assert_true(s.ordered);
	s.count = 150; /* the 200th call refuses, and is the last */
	assert_int_equal(store_each_view(t, see, &s), AM_ERR_POLICY);
	assert_int_equal(s.count, 200);
	for (int i = 0; i < 3000; i++) /* many pages */
		assert_int_equal(
		    store_put(t, "i", (struct bytes){ (uint8_t *)&i, 4 },
			LIT("0123456789012345678901234567890123456789")),
		    AM_OK);
	assert_int_equal(store_clear_views(t), AM_OK);
	s = (struct seen){ 0 };
	assert_int_equal(store_each_view(t, see, &s), AM_OK);
	assert_int_equal(s.count, 0);
	assert_int_equal(store_blob_get(t, "blob", LIT("key"), &out), AM_OK);
	assert_int_equal(store_note_get(t, &out), AM_OK);
	assert_int_equal(store_log_read(t, 2, &out), AM_OK);
}

/* ---- the log */

static void
lines_go_on_at_the_expected_size_only(void **state)
{
	static uint8_t big[CANON_LINE_MAX + 1];
	store_auto *st = NULL;
	blob_auto out = { 0 };
	uint64_t n = 0;

	(void)state;
	fill();
	st = opened(true);
	store_txn_auto *t = begun(st, true);
	assert_int_equal(store_log_append(t, 2, LIT("{}")), AM_ERR_STALE);
	assert_int_equal(store_log_append(t, 4, LIT("{}")), AM_ERR_STALE);
	assert_int_equal(store_log_append(t, 0, LIT("{}")), AM_ERR_STALE);
	assert_int_equal(store_log_append(t, 3, LIT("")), AM_ERR_INVALID);
	assert_int_equal(
	    store_log_append(t, 3, (struct bytes){ big, sizeof(big) }),
	    AM_ERR_INVALID);
	assert_int_equal(store_log_size(t, &n), AM_OK);
	assert_int_equal(n, 3);
	assert_int_equal(
	    store_log_append(t, 3, (struct bytes){ big, CANON_LINE_MAX }),
	    AM_OK);
	assert_int_equal(store_log_append(t, 3, LIT("{}")), AM_ERR_STALE);
	assert_int_equal(store_log_read(t, 3, &out), AM_OK);
	assert_int_equal(out.len, CANON_LINE_MAX);
	assert_int_equal(store_log_read(t, 4, &out), AM_ERR_NOT_FOUND);
	assert_int_equal(out.len, CANON_LINE_MAX);
	assert_int_equal(store_log_read(t, UINT64_MAX, &out), AM_ERR_NOT_FOUND);
}

/* R7.1: leaf and tree nodes in one transaction; also over several. */
static void
tree_follows_the_lines(void **state)
{
	struct merkle_edge e = { 0 };
	uint8_t leaf[32], want[32], got[32];
	uint64_t size = 0;

	(void)state;
	for (int round = 0; round < 3; round++) {
		store_auto *st = opened(true);
		store_txn_auto *t = begun(st, true);
		const struct merkle_source src = store_tree(t);

		for (int i = 0; i < 13; i++) {
			char line[32];
			const int n = snprintf(
			    line, sizeof(line), "{\"n\":%d}", (int)size);

			append(t, size, line);
			merkle_leaf(
			    (struct bytes){ (uint8_t *)line, (size_t)n }, leaf);
			assert_int_equal(
			    merkle_append(&e, leaf, NULL, NULL), AM_OK);
			merkle_edge_root(&e, want);
			size++;
			assert_int_equal(merkle_root(&src, size, got), AM_OK);
			assert_memory_equal(got, want, 32);
			assert_int_equal(store_root(t, size, got), AM_OK);
			assert_memory_equal(got, want, 32);
		}
		for (uint64_t old = 0; old < size; old++) {
			uint8_t same[32];

			assert_int_equal(merkle_root(&src, old, got), AM_OK);
			assert_int_equal(store_root(t, old, same), AM_OK);
			assert_memory_equal(got, same, 32);
		}
		assert_int_equal(
		    merkle_root(&src, size + 1, got), AM_ERR_CORRUPT);
		assert_int_equal(store_root(t, size + 1, got), AM_ERR_CORRUPT);
		assert_int_equal(store_commit(&t), AM_OK);
	}
}

/* ---- what a thief and a vandal can do: LMDB by hand */

struct raw {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;
};

/* First bytes of keys (store.c), which say what a row is. */
enum { BLOB = 1, VIEW = 2, META = 3, HOT = 4, USE = 5, LINE = 16 };

static struct raw
raw_open(void)
{
	struct raw r = { 0 };
	char path[PATH_MAX_ + 16];

	(void)snprintf(path, sizeof(path), "%s/db", dir);
	assert_int_equal(mdb_env_create(&r.env), 0);
	assert_int_equal(mdb_env_open(r.env, path, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(r.env, NULL, 0, &r.txn), 0);
	assert_int_equal(mdb_dbi_open(r.txn, NULL, 0, &r.db), 0);
	return r;
}

static void
raw_close(struct raw *r)
{
	assert_int_equal(mdb_txn_commit(r->txn), 0);
	mdb_env_close(r->env);
}

/* To the first row of a kind; false when there is none. */
static bool
raw_first(MDB_cursor *c, uint8_t kind, MDB_val *k, MDB_val *v)
{
	uint8_t key[16] = { kind };

	*k = (MDB_val){ sizeof(key), key };
	return mdb_cursor_get(c, k, v, MDB_SET_RANGE) == 0 &&
	    *(const uint8_t *)k->mv_data == kind;
}

/* R3.7, and each kind of row is where store.c says it is. */
static void
keys_are_sixteen_bytes_without_duplicates(void **state)
{
	size_t count[256] = { 0 };
	MDB_cursor *c = NULL;
	MDB_val k, v;
	unsigned flags = 99;
	struct raw r;

	(void)state;
	fill();
	{
		store_auto *st = opened(true);
		store_txn_auto *t = begun(st, true);

		assert_int_equal(
		    store_put(t, "vault", LIT(""), LIT("1")), AM_OK);
		assert_int_equal(
		    store_put(t, "use", LIT("a"), LIT("1")), AM_OK);
		assert_int_equal(
		    store_put(t, "use", LIT("b"), LIT("1")), AM_OK);
		assert_int_equal(store_commit(&t), AM_OK);
	}
	r = raw_open();
	assert_int_equal(mdb_dbi_flags(r.txn, r.db, &flags), 0);
	assert_int_equal(flags, 0);
	assert_int_equal(mdb_cursor_open(r.txn, r.db, &c), 0);
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
		assert_int_equal(k.mv_size, 16);
		count[*(const uint8_t *)k.mv_data]++;
	}
	mdb_cursor_close(c);
	raw_close(&r);
	assert_int_equal(count[BLOB], 1);
	assert_int_equal(count[VIEW], 1);
	assert_int_equal(count[META], 2); /* canary and note */
	assert_int_equal(count[HOT], 1);
	assert_int_equal(count[USE], 2);
	assert_int_equal(count[LINE], 3);
}

static void
source_uses_none_of_the_flags_of_r3_7(void **state)
{
	static const char *const words[] = { "NOSYNC", "WRITEMAP", "NOMETASYNC",
		"NOMEMINIT", "DUPSORT", "MAPASYNC" };
	static char text[1 << 17];
	FILE *f = fopen("vault/store/store.c", "re");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	assert_true(n > 1000 && n < sizeof(text) - 1);
	for (size_t i = 0; i < AM_ARRAY_LEN(words); i++)
		assert_null(strstr(text, words[i]));
	assert_non_null(strstr(text, "mdb_reader_check"));
}

/* A blob of several pages; what is stored of it, cut from its middle. */
static void
put_large(struct store *st, uint8_t out[static 64])
{
	static const uint8_t large[20000] = "TEST large";
	store_txn_auto *t = begun(st, true);
	MDB_cursor *c = NULL;
	MDB_val k, v;
	struct raw r;

	assert_int_equal(store_blob_put(t, "blob", LIT("large"),
			     (struct bytes){ large, sizeof(large) }),
	    AM_OK);
	assert_int_equal(store_commit(&t), AM_OK);
	store_close(st);
	r = raw_open();
	assert_int_equal(mdb_cursor_open(r.txn, r.db, &c), 0);
	assert_true(raw_first(c, BLOB, &k, &v));
	assert_true(v.mv_size > sizeof(large));
	memcpy(out, (const uint8_t *)v.mv_data + 10000, 64);
	mdb_cursor_close(c);
	raw_close(&r);
}

/* R3.7: a copy carries no freed pages, and it is a whole database. */
static void
r3_7_what_was_deleted_is_not_in_a_copy(void **state)
{
	static uint8_t all[1 << 20];
	uint8_t part[64];
	struct store *st = opened(true);
	store_txn_auto *t = NULL;
	size_t n;
	int fd;

	(void)state;
	put_large(st, part);
	st = opened(true);
	t = begun(st, true);
	assert_int_equal(store_blob_del(t, "blob", LIT("large")), AM_OK);
	assert_int_equal(store_commit(&t), AM_OK);
	n = slurp("db/data.mdb", all, sizeof(all));
	assert_non_null(memmem(all, n, part, sizeof(part))); /* still there */

	t = begun(st, false);
	assert_int_equal(store_copy(t, 1), AM_ERR_INVALID);
	store_abort(&t);
	fd = open(
	    path_of("db/copy"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	t = begun(st, true);
	assert_int_equal(store_copy(t, fd), AM_OK);
	store_abort(&t);
	assert_int_equal(close(fd), 0);
	store_close(st);
	assert_true(slurp("db/copy", all, sizeof(all)) < n);
	n = slurp("db/copy", all, sizeof(all));
	assert_null(memmem(all, n, part, sizeof(part)));
	spill("db/data.mdb", all, n);
	assert_int_equal(unlink(path_of("db/copy")), 0);
	open_is_fine();
}

static void
canary_is_not_in_the_files(void **state)
{
	static const char *const canaries[] = { "Qanary-table", "Qanary-name",
		"Qanary-value", "Qanary-line", "Qanary-blob" };
	static uint8_t all[1 << 20];
	size_t n;

	(void)state;
	{
		store_auto *st = opened(true);
		store_txn_auto *t = begun(st, true);

		append(t, 0, "{\"a\":\"Qanary-line\"}");
		assert_int_equal(store_put(t, "Qanary-table",
				     LIT("Qanary-name"), LIT("Qanary-value")),
		    AM_OK);
		assert_int_equal(store_blob_put(t, "Qanary-table",
				     LIT("Qanary-name"), LIT("Qanary-blob")),
		    AM_OK);
		assert_int_equal(store_note_put(t, LIT("Qlear-note")), AM_OK);
		assert_int_equal(store_commit(&t), AM_OK);
	}
	n = slurp("db/data.mdb", all, sizeof(all));
	for (size_t i = 0; i < AM_ARRAY_LEN(canaries); i++)
		assert_null(memmem(all, n, canaries[i], strlen(canaries[i])));
	assert_null(memmem(all, n, R, sizeof(R)));
	assert_null(memmem(all, n, seed, sizeof(seed)));
	/* what R3.2 leaves in clear is found, so the search works */
	assert_non_null(memmem(all, n, "Qlear-note", 10));
}

/* Swaps two values, and cuts or flips one, behind the store's back. */
static void
swap(uint8_t kind, size_t i, size_t j)
{
	struct raw r = raw_open();
	uint8_t keys[4][16], values[4][256];
	size_t lens[4], n = 0;
	MDB_cursor *c = NULL;
	MDB_val k, v;

	assert_int_equal(mdb_cursor_open(r.txn, r.db, &c), 0);
	assert_true(raw_first(c, kind, &k, &v));
	do {
		assert_true(v.mv_size <= sizeof(values[0]));
		memcpy(keys[n], k.mv_data, 16);
		memcpy(values[n], v.mv_data, v.mv_size);
		lens[n++] = v.mv_size;
	} while (n < 4 && mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0 &&
	    *(const uint8_t *)k.mv_data == kind);
	mdb_cursor_close(c);
	assert_true(i < n && j < n);
	k = (MDB_val){ 16, keys[i] };
	v = (MDB_val){ lens[j], values[j] };
	assert_int_equal(mdb_put(r.txn, r.db, &k, &v, 0), 0);
	k.mv_data = keys[j];
	v = (MDB_val){ lens[i], values[i] };
	assert_int_equal(mdb_put(r.txn, r.db, &k, &v, 0), 0);
	raw_close(&r);
}

static void
swapped_lines_and_values_do_not_open(void **state)
{
	blob_auto out = { 0 };
	struct seen s = { 0 };

	(void)state;
	fill();
	{
		store_auto *st = opened(true);
		store_txn_auto *t = begun(st, true);

		assert_int_equal(
		    store_put(t, "view", LIT("other"), LIT("egg")), AM_OK);
		assert_int_equal(store_commit(&t), AM_OK);
	}
	swap(LINE, 0, 2); /* 0 and 2 complete one node each: the same length */
	swap(VIEW, 0, 1);
	store_auto *st = opened(false);
	store_txn_auto *t = begun(st, false);
	assert_int_equal(store_log_read(t, 0, &out), AM_ERR_CORRUPT);
	assert_int_equal(store_log_read(t, 2, &out), AM_ERR_CORRUPT);
	assert_int_equal(store_log_read(t, 1, &out), AM_OK);
	out.len = 0;
	assert_int_equal(
	    store_get(t, "view", LIT("key"), &out), AM_ERR_CORRUPT);
	assert_int_equal(
	    store_get(t, "view", LIT("other"), &out), AM_ERR_CORRUPT);
	assert_int_equal(store_each_view(t, see, &s), AM_ERR_CORRUPT);
	assert_int_equal(s.count, 0);
	assert_int_equal(out.len, 0);
}

static void
damaged_values_do_not_open(void **state)
{
	static const size_t bits[] = { 0, 200, 320 };
	blob_auto out = { 0 };

	(void)state;
	fill();
	for (size_t i = 0; i <= AM_ARRAY_LEN(bits); i++) {
		struct raw r = raw_open();
		MDB_cursor *c = NULL;
		uint8_t key[16], value[256], good[256];
		size_t len;
		MDB_val k, v;

		assert_int_equal(mdb_cursor_open(r.txn, r.db, &c), 0);
		assert_true(raw_first(c, BLOB, &k, &v));
		mdb_cursor_close(c);
		len = v.mv_size;
		memcpy(key, k.mv_data, 16);
		memcpy(value, v.mv_data, len);
		memcpy(good, value, len);
		if (i < AM_ARRAY_LEN(bits))
			value[bits[i] / 8] ^= (uint8_t)(1 << bits[i] % 8);
		k = (MDB_val){ 16, key };
		/* last: shorter than nonce and tag */
		v = (MDB_val){ i < AM_ARRAY_LEN(bits) ? len : 39, value };
		assert_int_equal(mdb_put(r.txn, r.db, &k, &v, 0), 0);
		raw_close(&r);
		{
			store_auto *st = opened(false);
			store_txn_auto *t = begun(st, false);

			assert_int_equal(
			    store_blob_get(t, "blob", LIT("key"), &out),
			    AM_ERR_CORRUPT);
		}
		r = raw_open();
		v = (MDB_val){ len, good };
		assert_int_equal(mdb_put(r.txn, r.db, &k, &v, 0), 0);
		raw_close(&r);
	}
	assert_null(out.p);
}

static void
raw_put(MDB_val *k, MDB_val *v)
{
	struct raw r = raw_open();

	if (v != NULL)
		assert_int_equal(mdb_put(r.txn, r.db, k, v, 0), 0);
	else
		assert_int_equal(mdb_del(r.txn, r.db, k, NULL), 0);
	raw_close(&r);
}

/* Leaf 1 completes the node that stands for leaves 0 and 1. */
static void
missing_and_short_lines_are_damage(void **state)
{
	static uint8_t line_1[16] = { [0] = LINE, [15] = 1 };
	static uint8_t zeros[2 * 32 + REGKEY_OVERHEAD - 1];
	MDB_val k = { 16, line_1 }, v = { sizeof(zeros), zeros };

	(void)state;
	fill();
	for (int i = 0; i < 2; i++) {
		blob_auto out = { 0 };

		raw_put(&k, i == 0 ? &v : NULL);
		store_auto *st = opened(true);
		store_txn_auto *t = begun(st, true);
		assert_int_equal(store_log_read(t, 1, &out), AM_ERR_CORRUPT);
		assert_int_equal(store_log_read(t, 2, &out), AM_OK);
		assert_int_equal(
		    store_log_append(t, 3, LIT("{}")), AM_ERR_CORRUPT);
	}
}

/* The key of the newest line says how many there are. */
static void
damaged_key_of_the_newest_line_is_damage(void **state)
{
	static const uint8_t bad[][16] = {
		{ [0] = LINE, [1] = 1, [15] = 3 },
		{ [0] = LINE + 1, [15] = 3 },
		{ [0] = LINE, [7] = 1, [15] = 3 },
	};
	static uint8_t zeros[200];

	(void)state;
	fill();
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		uint8_t key[16];
		MDB_val k = { 16, key }, v = { sizeof(zeros), zeros };
		uint64_t n = 77;

		memcpy(key, bad[i], sizeof(key));
		raw_put(&k, &v);
		{
			store_auto *st = opened(true);
			store_txn_auto *t = begun(st, true);

			assert_int_equal(store_log_size(t, &n), AM_ERR_CORRUPT);
			assert_int_equal(n, 77);
			assert_int_equal(
			    store_log_append(t, 3, LIT("{}")), AM_ERR_CORRUPT);
		}
		raw_put(&k, NULL);
	}
}

static void
database_without_canary_is_damage(void **state)
{
	static uint8_t key[17] = "\3register canary";
	MDB_val k = { 16, key };

	(void)state;
	raw_put(&k, NULL);
	open_is_refused(AM_ERR_CORRUPT);
}

/* ---- files of the vault */

static void
file_names_stay_inside(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../x", "/etc/x",
		"bags/", "/x", "bags/../x", "bags/.x", ".x", "bags//x",
		"bags/a/b", "bags/a b", "bags/a\nb", "a\xc3\xa9" };
	char long_name[200];
	store_auto *st = opened(true);
	blob_auto out = { 0 };

	(void)state;
	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		assert_int_equal(
		    store_file_put(st, bad[i], LIT("x")), AM_ERR_INVALID);
		assert_int_equal(
		    store_file_get(st, bad[i], 10, &out), AM_ERR_INVALID);
		assert_int_equal(store_file_del(st, bad[i]), AM_ERR_INVALID);
	}
	assert_int_equal(
	    store_file_put(st, long_name, LIT("x")), AM_ERR_INVALID);
	assert_int_equal(store_file_put(st, "none/x", LIT("x")), AM_ERR_IO);
	assert_int_equal(
	    store_file_get(st, "none/x", 10, &out), AM_ERR_NOT_FOUND);
}

static void
links_and_odd_files_are_not_read(void **state)
{
	store_auto *st = opened(true);
	blob_auto out = { 0 };

	(void)state;
	assert_int_equal(symlink("../FORMAT", path_of("bags/link")), 0);
	assert_int_equal(mkfifo(path_of("bags/fifo"), 0600), 0);
	assert_int_equal(mkdir(path_of("bags/dir"), 0700), 0);
	assert_int_equal(
	    store_file_get(st, "bags/link", 100, &out), AM_ERR_CORRUPT);
	assert_int_equal(
	    store_file_get(st, "bags/fifo", 100, &out), AM_ERR_CORRUPT);
	assert_int_equal(
	    store_file_get(st, "bags/dir", 100, &out), AM_ERR_CORRUPT);
	assert_int_equal(
	    store_file_get(st, "bags/none", 100, &out), AM_ERR_NOT_FOUND);
	assert_int_equal(store_file_del(st, "bags/none"), AM_ERR_NOT_FOUND);
	assert_null(out.p);
	/* putting replaces the link, not what it points at */
	assert_int_equal(store_file_put(st, "bags/link", LIT("new")), AM_OK);
	assert_int_equal(store_file_get(st, "FORMAT", 100, &out), AM_OK);
	assert_int_equal(out.len, 48);
}

static enum am_err
one_name(void *arg, const char *name)
{
	size_t *count = arg;

	assert_string_equal(name, "0123abcd");
	(*count)++;
	return AM_OK;
}

static void
files_are_replaced_as_a_whole(void **state)
{
	store_auto *st = opened(true);
	blob_auto out = { 0 };
	struct stat info;
	size_t count = 0;

	(void)state;
	assert_int_equal(
	    store_file_put(st, "bags/0123abcd", LIT("first, and long")), AM_OK);
	assert_int_equal(
	    store_file_put(st, "bags/0123abcd", LIT("second")), AM_OK);
	assert_int_equal(
	    store_file_get(st, "bags/0123abcd", 5, &out), AM_ERR_CORRUPT);
	assert_int_equal(store_file_get(st, "bags/0123abcd", 6, &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out), LIT("second")));
	assert_int_equal(stat(path_of("bags/0123abcd"), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	spill("bags/0123abcd.new-00ff00ff00ff00ff", R, 3); /* of a crash */
	assert_int_equal(store_file_each(st, "bags", one_name, &count), AM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_file_del(st, "bags/0123abcd"), AM_OK);
	assert_int_equal(store_file_each(st, "bags", one_name, &count), AM_OK);
	assert_int_equal(count, 1);
}

static void
put_on_a_full_disk(void)
{
	store_auto *st = NULL;
	size_t count = 0;
	blob_auto out = { 0 };

	OR_EXIT(store_open(dir, true, &why, &st) == AM_OK);
	OR_EXIT(store_file_put(st, "bags/0123abcd", LIT("old")) == AM_OK);
	limit_files_to(3);
	OR_EXIT(store_file_put(st, "bags/0123abcd", LIT("newer")) == AM_ERR_IO);
	OR_EXIT(store_file_get(st, "bags/0123abcd", 9, &out) == AM_OK);
	OR_EXIT(bytes_same(blob_bytes(&out), LIT("old")));
	OR_EXIT(store_file_each(st, "bags", one_name, &count) == AM_OK);
	OR_EXIT(count == 1);
}

static void
full_disk_keeps_the_old_file(void **state)
{
	(void)state;
	assert_int_equal(in_child(put_on_a_full_disk), 0);
}

/* ---- a vault that can only be read */

static int
give_away(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)ftw;
	(void)st;
	if (chmod(path, flag == FTW_F ? 0400 : 0500) != 0)
		return -1;
	return geteuid() != 0 ? 0 : chown(path, NOBODY, NOBODY);
}

static void
read_as_nobody(void)
{
	store_auto *st = NULL;
	store_txn_auto *t = NULL;
	blob_auto out = { 0 };
	struct stat info;

	if (geteuid() == 0)
		OR_EXIT(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
	OR_EXIT(store_open(dir, true, &why, &st) == AM_ERR_IO);
	OR_EXIT(store_open(dir, false, &why, &st) == AM_OK);
	OR_EXIT(store_begin(st, false, &t) == AM_OK);
	OR_EXIT(store_log_read(t, 2, &out) == AM_OK);
	OR_EXIT(stat(path_of("db/lock.mdb"), &info) != 0);
}

static void
read_only_vault_is_readable(void **state)
{
	(void)state;
	fill();
	assert_int_equal(unlink(path_of("db/lock.mdb")), 0);
	assert_int_equal(nftw(root, give_away, 8, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(in_child(read_as_nobody), 0);
	if (geteuid() != 0) /* or it could not be removed */
		assert_int_equal(chmod(root, 0700) | chmod(dir, 0700) |
			chmod(path_of("db"), 0700) |
			chmod(path_of("keys"), 0700) |
			chmod(path_of("bags"), 0700),
		    0);
}

#define EMPTY(t) cmocka_unit_test_setup_teardown(t, no_vault, remove_all)
#define VAULT(t) cmocka_unit_test_setup_teardown(t, new_vault, remove_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EMPTY(missing_directory_is_no_vault),
		VAULT(directory_without_format_is_no_vault),
		VAULT(newer_format_is_named_as_such),
		VAULT(damaged_format_is_refused),
		VAULT(keys_must_be_there_whole_and_private),
		VAULT(key_of_another_user_is_refused),
		VAULT(register_key_of_another_vault_is_found_out),
		VAULT(truncated_database_is_refused),
		VAULT(damaged_meta_pages_do_not_crash),
		VAULT(only_an_empty_directory_becomes_a_vault),
		EMPTY(failed_creation_leaves_nothing),
		EMPTY(only_the_owner_can_read_it),
		VAULT(what_was_aborted_is_not_there),
		VAULT(what_was_committed_is_there_after_reopening),
		VAULT(reading_changes_nothing),
		VAULT(second_writer_of_a_process_is_refused),
		VAULT(snapshot_stays_while_another_process_writes),
		VAULT(killed_writer_leaves_nothing_and_no_lock),
		VAULT(full_disk_is_an_error_and_nothing_else),
		VAULT(vault_opens_after_a_full_disk),
		VAULT(vault_opens_after_pages_were_given_back),
		VAULT(values_that_are_not_there_are_not_found),
		VAULT(values_of_every_length_come_back),
		VAULT(views_are_walked_in_order_and_cleared_alone),
		VAULT(lines_go_on_at_the_expected_size_only),
		VAULT(tree_follows_the_lines),
		VAULT(keys_are_sixteen_bytes_without_duplicates),
		VAULT(source_uses_none_of_the_flags_of_r3_7),
		VAULT(r3_7_what_was_deleted_is_not_in_a_copy),
		VAULT(canary_is_not_in_the_files),
		VAULT(swapped_lines_and_values_do_not_open),
		VAULT(damaged_values_do_not_open),
		VAULT(missing_and_short_lines_are_damage),
		VAULT(damaged_key_of_the_newest_line_is_damage),
		VAULT(database_without_canary_is_damage),
		VAULT(file_names_stay_inside),
		VAULT(links_and_odd_files_are_not_read),
		VAULT(files_are_replaced_as_a_whole),
		VAULT(full_disk_keeps_the_old_file),
		VAULT(read_only_vault_is_readable),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
