#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/acts/backup.h"

#include "vault/base/enc.h"
#include "vault/crypto/bag.h"
#include "vault/store/hostfile.h"
#include "vault/store/pack.h"

enum { BAG_TRIES = 10, RANDOM_LEN = 8 };

/* ---- key bags, in order */

struct names {
	struct blob text; /* each with its NUL */
	size_t count;
};

static void
names_free(struct names *n)
{
	blob_free(&n->text);
}

/* Other files in bags/ are none of ours. */
static enum am_err
take_name(void *arg, const char *name)
{
	struct names *n = arg;
	char full[PACK_NAME_MAX + 1] = { 0 };
	const int len = snprintf(full, sizeof(full), "bags/%s", name);

	if (len <= 0 || (size_t)len >= sizeof(full) ||
	    !pack_is_bag((struct bytes){ (const uint8_t *)full, (size_t)len }))
		return AM_OK;
	n->count++;
	return blob_add(
	    &n->text, (struct bytes){ (const uint8_t *)full, sizeof(full) });
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static AM_RESULT
add_bags(struct session *s, struct blob *tail, size_t *count)
{
	AM_CLEANUP(names_free) struct names n = { 0 };

	AM_TRY(store_file_each(s->store, "bags", take_name, &n));
	if (n.count > 0)
		qsort(n.text.p, n.count, PACK_NAME_MAX + 1, by_text);
	for (size_t i = 0; i < n.count; i++) {
		const char *name =
		    (const char *)n.text.p + i * (PACK_NAME_MAX + 1);
		blob_auto bag = { 0 };

		AM_TRY(store_file_get(s->store, name, BAG_FILE_MAX, &bag));
		AM_TRY(pack_tail_add(tail, name, blob_bytes(&bag)));
	}
	*count = n.count;
	return AM_OK;
}

static AM_RESULT
make_tail(
    struct session *s, struct store_txn *t, struct blob *out, size_t *bags)
{
	blob_auto note = { 0 };

	out->len = 0;
	AM_TRY(store_note_get(t, &note));
	AM_TRY(pack_tail_start(out, s->vault.vault, blob_bytes(&note)));
	AM_TRY(add_bags(s, out, bags));
	return pack_tail_end(out);
}

/* Bags are changed outside of transactions: twice the same is how they stood
 * together. One that goes while it is read is a change as well. */
static AM_RESULT
settled_tail(
    struct session *s, struct store_txn *t, struct blob *out, size_t *bags)
{
	for (int i = 0; i < BAG_TRIES; i++) {
		blob_auto again = { 0 };
		enum am_err err = make_tail(s, t, out, bags);

		if (err == AM_OK)
			err = make_tail(s, t, &again, bags);
		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		if (bytes_same(blob_bytes(out), blob_bytes(&again)))
			return AM_OK;
	}
	return why_say(s->why, AM_ERR_STALE, "",
	    "key bags keep changing; try again when nobody is taking part in "
	    "a ceremony");
}

/* ---- the file */

struct target {
	int dir, fd;
	char name[NAME_MAX + 1], temp[NAME_MAX + 32];
	const char *path;
};

static void
target_close(struct target *f)
{
	if (f->fd >= 0) {
		(void)close(f->fd);
		(void)unlinkat(f->dir, f->temp, 0);
	}
	if (f->dir >= 0)
		(void)close(f->dir);
}

#define target_auto AM_CLEANUP(target_close) struct target

static enum am_err
say_io(const struct session *s, const char *what, const char *path)
{
	return why_say(s->why, AM_ERR_IO, "", "cannot %s '%s': %s", what, path,
	    strerrordesc_np(errno));
}

static AM_RESULT
target_open(struct session *s, const char *path, struct target *f)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX], digits[ENC_HEX_LEN(RANDOM_LEN) + 1];
	uint8_t random[RANDOM_LEN];
	struct stat st;

	f->path = path;
	if (snprintf(f->name, sizeof(f->name), "%s",
		slash == NULL ? path : slash + 1) >= (int)sizeof(f->name) ||
	    f->name[0] == '\0' || strlen(path) >= sizeof(dir))
		return why_say(s->why, AM_ERR_INVALID, "",
		    "'%s' is not the name of a file", path);
	(void)snprintf(dir, sizeof(dir), "%.*s",
	    slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	f->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0)
		return say_io(s, "open the directory of", path);
	if (fstatat(f->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return why_say(s->why, AM_ERR_EXISTS, "",
		    "'%s' exists; a backup never replaces a file", path);
	randombytes_buf(random, sizeof(random));
	enc_hex((struct bytes){ random, sizeof(random) }, digits);
	(void)snprintf(
	    f->temp, sizeof(f->temp), "%.200s.new-%s", f->name, digits);
	f->fd = openat(f->dir, f->temp,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd >= 0 ? AM_OK : say_io(s, "write", path);
}

/* Not every file system can rename without replacing. */
static int
rename_new(const struct target *f)
{
	struct stat st;

	if (renameat2(f->dir, f->temp, f->dir, f->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (fstatat(f->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(f->dir, f->temp, f->dir, f->name);
}

static AM_RESULT
target_keep(struct session *s, struct target *f)
{
	if (fsync(f->fd) != 0)
		return say_io(s, "write", f->path);
	if (rename_new(f) != 0)
		return why_say(s->why,
		    errno == EEXIST ? AM_ERR_EXISTS : AM_ERR_IO, "",
		    "cannot name the backup '%s': %s", f->path,
		    strerrordesc_np(errno));
	(void)close(f->fd);
	f->fd = -1;
	return fsync(f->dir) == 0 ? AM_OK
				  : say_io(s, "sync the directory of", f->path);
}

/* ---- writing */

static AM_RESULT
write_body(
    struct session *s, struct store_txn *t, int fd, struct backup_made *made)
{
	uint8_t head[PACK_HEAD] = { 0 };
	struct pack_head h = { 0 };
	blob_auto tail = { 0 };
	off_t end;

	AM_TRY(settled_tail(s, t, &tail, &made->bags));
	AM_TRY(session_head(t, &made->head));
	AM_TRY(pack_write(fd, (struct bytes){ head, sizeof(head) }));
	AM_TRY(store_copy(t, fd));
	if ((end = lseek(fd, 0, SEEK_CUR)) < (off_t)sizeof(head))
		return AM_ERR_IO;
	memcpy(h.vault, s->vault.vault, sizeof(h.vault));
	h.database = (uint64_t)end - sizeof(head);
	pack_head_write(&h, head);
	AM_TRY(pack_write(fd, blob_bytes(&tail)));
	if (pwrite(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return AM_ERR_IO;
	made->bytes = (uint64_t)end + tail.len;
	return AM_OK;
}

/* Read again, so that what was written can be read. */
static AM_RESULT
write_sum(int fd, struct backup_made *made)
{
	uint8_t sum[PACK_SUM];

	AM_TRY(pack_sum(fd, made->bytes, sum));
	AM_TRY(pack_write(fd, (struct bytes){ sum, sizeof(sum) }));
	made->bytes += sizeof(sum);
	return AM_OK;
}

static AM_RESULT
write_locked(struct session *s, int fd, struct backup_made *made)
{
	store_txn_auto *t = NULL;

	AM_TRY(store_begin(s->store, true, &t)); /* R3.7: nobody else writes */
	return write_body(s, t, fd, made);
}

AM_RESULT
backup_write(struct session *s, const char *path, struct backup_made *out)
{
	target_auto f = { .dir = -1, .fd = -1 };
	struct backup_made made = { 0 };
	enum am_err err;

	AM_TRY(target_open(s, path, &f));
	err = write_locked(s, f.fd, &made);
	if (err == AM_OK)
		err = write_sum(f.fd, &made);
	if (err != AM_OK)
		return s->why->text[0] != '\0'
		    ? err
		    : why_say(s->why, err, "",
			  "cannot write '%s': %s; make room and try again",
			  path,
			  store_full(s->store) || errno == ENOSPC
			      ? "the disk is full"
			      : err_text(err));
	AM_TRY(target_keep(s, &f));
	*out = made;
	return AM_OK;
}

/* ---- looking */

static AM_RESULT
count_bags(const struct pack *p, struct backup_said *out)
{
	struct buf_reader r = p->tail.bags;
	struct pack_entry e;
	enum am_err err;

	while ((err = pack_bag(&r, &e)) == AM_OK) {
		struct bag_header h;

		out->bags++;
		out->identities +=
		    bag_look(e.content, &h) == AM_OK && h.type == BAG_IDENTITY;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
backup_look(const char *path, struct why *why, struct backup_said *out)
{
	pack_auto p = { .fd = -1 };
	struct backup_said said = { 0 };

	AM_TRY(pack_open(path, why, &p));
	if (note_look(p.tail.note, said.origin, &said.head) != AM_OK)
		return why_say(why, AM_ERR_CORRUPT, "7.4",
		    "the checkpoint in '%s' is none; use another copy", path);
	memcpy(said.vault, p.head.vault, sizeof(said.vault));
	said.bytes = p.bytes;
	said.database = p.head.database;
	AM_TRY(count_bags(&p, &said));
	*out = said;
	return AM_OK;
}
