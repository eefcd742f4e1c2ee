#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/import/feed.h"

#include "vault/base/secret.h"

struct feed {
	struct feed_origin from;
	struct secret *space; /* FEED_WINDOW bytes */
	size_t at, end;
	bool over;
};

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	f->from.end(f->from.arg);
	secret_free(f->space);
	free(f);
}

uint8_t *
feed_at(struct feed *f)
{
	return secret_mut(f->space) + f->at;
}

size_t
feed_len(const struct feed *f)
{
	return f->end - f->at;
}

void
feed_use(struct feed *f, size_t n)
{
	f->at += n;
}

bool
feed_over(const struct feed *f)
{
	return f->over;
}

AM_RESULT
feed_more(struct feed *f, struct why *why)
{
	uint8_t *p = secret_mut(f->space);
	size_t n = 0;

	if (f->at > 0)
		memmove(p, p + f->at, f->end - f->at);
	f->end -= f->at;
	f->at = 0;
	if (f->end == FEED_WINDOW)
		return AM_ERR_INVALID;
	AM_TRY(f->from.read(
	    f->from.arg, p + f->end, FEED_WINDOW - f->end, &n, why));
	f->end += n;
	f->over = n == 0;
	return AM_OK;
}

static bool
begins(struct feed *f, const char *bytes, size_t len)
{
	return feed_len(f) >= len &&
	    bytes_same((struct bytes){ feed_at(f), len },
		(struct bytes){ (const uint8_t *)bytes, len });
}

static AM_RESULT
skip_mark(struct feed *f, struct why *why)
{
	while (f->end < 3 && !f->over)
		AM_TRY(feed_more(f, why));
	if (begins(f, "\xff\xfe", 2) || begins(f, "\xfe\xff", 2))
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "it is text in UTF-16; save it as UTF-8");
	if (begins(f, "\xef\xbb\xbf", 3))
		feed_use(f, 3);
	return AM_OK;
}

AM_RESULT
feed_rewind(struct feed *f, struct why *why)
{
	AM_TRY(f->from.rewind(f->from.arg, why));
	f->at = f->end = 0;
	f->over = false;
	return skip_mark(f, why);
}

AM_RESULT
feed_from(struct feed_origin from, struct why *why, struct feed **out)
{
	feed_auto *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		from.end(from.arg);
		return AM_ERR_NOMEM;
	}
	f->from = from;
	AM_TRY(secret_new(FEED_WINDOW, &f->space));
	AM_TRY(feed_rewind(f, why));
	*out = AM_TAKE(f);
	return AM_OK;
}

/* ---- a file */

struct file {
	int fd;
};

static enum am_err
file_read(void *arg, uint8_t *p, size_t cap, size_t *out_len, struct why *why)
{
	const struct file *f = arg;
	ssize_t n;

	do
		n = read(f->fd, p, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return why_say(why, AM_ERR_IO, "",
		    "the file cannot be read: %s", strerrordesc_np(errno));
	*out_len = (size_t)n;
	return AM_OK;
}

static enum am_err
file_rewind(void *arg, struct why *why)
{
	const struct file *f = arg;

	if (lseek(f->fd, 0, SEEK_SET) != 0)
		return why_say(
		    why, AM_ERR_IO, "", "the file cannot be read again");
	return AM_OK;
}

static void
file_end(void *arg)
{
	struct file *f = arg;

	(void)close(f->fd);
	free(f);
}

AM_RESULT
feed_descriptor(const char *path, struct why *why, int *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum am_err err = AM_OK;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		err = why_say(why, AM_ERR_IO, "", "cannot read '%s': %s", path,
		    strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode))
		err = why_say(why, AM_ERR_INVALID, "",
		    "'%s' is not a regular file; it is read twice, so a pipe "
		    "will not do",
		    path);
	if (err == AM_OK)
		*out = fd;
	else if (fd >= 0)
		(void)close(fd);
	return err;
}

AM_RESULT
feed_open(const char *path, struct why *why, struct feed **out)
{
	struct file *f = calloc(1, sizeof(*f));
	enum am_err err;

	if (f == NULL)
		return AM_ERR_NOMEM;
	err = feed_descriptor(path, why, &f->fd);
	if (err != AM_OK) {
		free(f);
		return err;
	}
	return feed_from(
	    (struct feed_origin){ file_read, file_rewind, file_end, f }, why,
	    out);
}
