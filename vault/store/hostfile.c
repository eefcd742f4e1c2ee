#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/store/hostfile.h"

#include "vault/base/enc.h"

#define NEW_MARK ".new-"

enum { RANDOM_LEN = 8, DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW };

void
hostfile_close(const int *fd)
{
	const int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}

static enum am_err
from_errno(void)
{
	switch (errno) {
	case ENOENT:
		return AM_ERR_NOT_FOUND;
	case ELOOP: /* a symbolic link where none belongs */
	case EISDIR:
		return AM_ERR_CORRUPT;
	default:
		return AM_ERR_IO;
	}
}

/* ---- names */

/* Where a name leads: an open directory and the name in it. */
struct place {
	int fd;
	const char *base;
};

#define place_auto AM_CLEANUP(place_free) struct place

static void
place_free(struct place *p)
{
	hostfile_close(&p->fd);
}

/* Letters, digits, '-', '_' and '.', which is not the first. */
static bool
part_ok(const char *s, size_t len)
{
	if (len == 0 || s[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!(s[i] >= 'a' && s[i] <= 'z') &&
		    !(s[i] >= 'A' && s[i] <= 'Z') &&
		    !(s[i] >= '0' && s[i] <= '9') && s[i] != '-' &&
		    s[i] != '_' && s[i] != '.')
			return false;
	return true;
}

static AM_RESULT
open_dir(int dir, const char *sub, int *out)
{
	const int fd = openat(dir, sub, DIR_FLAGS | O_CLOEXEC);

	if (fd < 0)
		return from_errno();
	*out = fd;
	return AM_OK;
}

static AM_RESULT
place_of(int dir, const char *name, struct place *out)
{
	const char *slash = strchr(name, '/');
	char sub[HOSTFILE_NAME_MAX + 1] = ".";

	out->base = name;
	if (strlen(name) > HOSTFILE_NAME_MAX)
		return AM_ERR_INVALID;
	if (slash != NULL) {
		if (!part_ok(name, (size_t)(slash - name)))
			return AM_ERR_INVALID;
		(void)snprintf(
		    sub, sizeof(sub), "%.*s", (int)(slash - name), name);
		out->base = slash + 1;
	}
	if (!part_ok(out->base, strlen(out->base)))
		return AM_ERR_INVALID;
	return open_dir(dir, sub, &out->fd);
}

/* ---- writing */

static AM_RESULT
write_all(int fd, struct bytes b)
{
	while (b.len > 0) {
		const ssize_t n = write(fd, b.p, b.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return AM_ERR_IO;
		b.p += n;
		b.len -= (size_t)n;
	}
	return AM_OK;
}

static AM_RESULT
write_new(int dir, const char *name, struct bytes content)
{
	hostfile_fd fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return AM_ERR_IO;
	AM_TRY(write_all(fd, content));
	return fsync(fd) == 0 ? AM_OK : AM_ERR_IO;
}

AM_RESULT
hostfile_put(int dir, const char *name, struct bytes content)
{
	place_auto at = { .fd = -1 };
	uint8_t random[RANDOM_LEN];
	char digits[ENC_HEX_LEN(RANDOM_LEN) + 1];
	char temp[HOSTFILE_NAME_MAX + 32];
	enum am_err err;
	int saved;

	if (content.len > HOSTFILE_MAX)
		return AM_ERR_INVALID;
	err = place_of(dir, name, &at);
	if (err != AM_OK)
		return err == AM_ERR_INVALID ? err : AM_ERR_IO;
	/* two writers must not share a name, nor meet what a crash left */
	randombytes_buf(random, sizeof(random));
	enc_hex((struct bytes){ random, sizeof(random) }, digits);
	(void)snprintf(temp, sizeof(temp), "%s" NEW_MARK "%s", at.base, digits);

	err = write_new(at.fd, temp, content);
	if (err == AM_OK && renameat(at.fd, temp, at.fd, at.base) != 0)
		err = AM_ERR_IO;
	if (err != AM_OK) {
		saved = errno;
		(void)unlinkat(at.fd, temp, 0);
		errno = saved;
		return err;
	}
	return fsync(at.fd) == 0 ? AM_OK : AM_ERR_IO;
}

AM_RESULT
hostfile_del(int dir, const char *name)
{
	place_auto at = { .fd = -1 };

	AM_TRY(place_of(dir, name, &at));
	if (unlinkat(at.fd, at.base, 0) != 0)
		return from_errno();
	return fsync(at.fd) == 0 ? AM_OK : AM_ERR_IO;
}

/* ---- reading */

/* Reads exactly `len` bytes; a file that shrinks meanwhile is an error. */
static AM_RESULT
read_all(int fd, uint8_t *p, size_t len)
{
	while (len > 0) {
		const ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return AM_ERR_IO;
		p += n;
		len -= (size_t)n;
	}
	return AM_OK;
}

/* O_NONBLOCK: a FIFO put there must not make us wait for its writer. */
static AM_RESULT
open_file(int dir, const char *name, int *out_fd, struct stat *out)
{
	place_auto at = { .fd = -1 };
	int fd;

	AM_TRY(place_of(dir, name, &at));
	fd = openat(
	    at.fd, at.base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return from_errno();
	*out_fd = fd;
	if (fstat(fd, out) != 0)
		return AM_ERR_IO;
	return S_ISREG(out->st_mode) ? AM_OK : AM_ERR_CORRUPT;
}

AM_RESULT
hostfile_get(int dir, const char *name, size_t max_len, struct blob *out)
{
	hostfile_fd fd = -1;
	blob_auto content = { 0 };
	struct stat st = { 0 };

	AM_TRY(open_file(dir, name, &fd, &st));
	if (st.st_size < 0 || (uint64_t)st.st_size > max_len)
		return AM_ERR_CORRUPT;
	AM_TRY(blob_resize(&content, (size_t)st.st_size));
	AM_TRY(read_all(fd, content.p, content.len));
	blob_free(out);
	*out = content;
	content = (struct blob){ 0 };
	return AM_OK;
}

static AM_RESULT
open_secret(
    int dir, const char *name, struct why *why, int *out_fd, struct stat *out)
{
	const enum am_err err = open_file(dir, name, out_fd, out);

	if (err == AM_ERR_NOT_FOUND)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "'%s' is missing; put it back from your copy", name);
	if (err == AM_ERR_CORRUPT)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "'%s' is not a regular file; put the key in its place",
		    name);
	if (err == AM_ERR_IO)
		return why_say(why, err, "", "cannot read '%s': %s", name,
		    strerrordesc_np(errno));
	return err;
}

static AM_RESULT
secret_file_ok(
    const struct stat *st, const char *name, size_t len, struct why *why)
{
	if (st->st_uid != geteuid())
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "'%s' belongs to user %u, and you are %u; act as its owner",
		    name, (unsigned)st->st_uid, (unsigned)geteuid());
	if ((st->st_mode & 077) != 0)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "'%s' is open to other users (mode %04o); take it as "
		    "known to them, then chmod 600",
		    name, (unsigned)(st->st_mode & 07777));
	if (st->st_size != (off_t)len)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "'%s' has %lld bytes instead of %zu; put it back from "
		    "your copy",
		    name, (long long)st->st_size, len);
	return AM_OK;
}

AM_RESULT
hostfile_secret(
    int dir, const char *name, size_t len, struct why *why, struct secret **out)
{
	hostfile_fd fd = -1;
	secret_auto *s = NULL;
	struct stat st = { 0 };

	AM_TRY(open_secret(dir, name, why, &fd, &st));
	AM_TRY(secret_file_ok(&st, name, len, why));
	AM_TRY(secret_new(len, &s));
	AM_TRY(read_all(fd, secret_mut(s), len));
	AM_TRY(secret_freeze(s));
	*out = AM_TAKE(s);
	return AM_OK;
}

/* ---- listing */

static void
stream_free(DIR **d)
{
	if (*d != NULL)
		(void)closedir(*d);
}

AM_RESULT
hostfile_each(int dir, const char *sub,
    enum am_err (*fn)(void *arg, const char *name), void *arg)
{
	AM_CLEANUP(stream_free) DIR *d = NULL;
	int fd = -1;

	if (!part_ok(sub, strlen(sub)))
		return AM_ERR_INVALID;
	AM_TRY(open_dir(dir, sub, &fd));
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return AM_ERR_NOMEM;
	}
	for (;;) {
		struct dirent *e;

		errno = 0;
		if ((e = readdir(d)) == NULL)
			return errno == 0 ? AM_OK : AM_ERR_IO;
		if (part_ok(e->d_name, strlen(e->d_name)) &&
		    strstr(e->d_name, NEW_MARK) == NULL)
			AM_TRY(fn(arg, e->d_name));
	}
}
