#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/import/feed.h"

#include "vault/base/secret.h"

struct feed {
	int fd;
	struct secret *space; /* FEED_WINDOW bytes */
	size_t at, end;
	bool over;
};

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
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
	ssize_t n;

	if (f->at > 0)
		memmove(p, p + f->at, f->end - f->at);
	f->end -= f->at;
	f->at = 0;
	if (f->end == FEED_WINDOW)
		return AM_ERR_INVALID;
	do
		n = read(f->fd, p + f->end, FEED_WINDOW - f->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return why_say(why, AM_ERR_IO, "",
		    "the file cannot be read: %s", strerrordesc_np(errno));
	f->end += (size_t)n;
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
	if (lseek(f->fd, 0, SEEK_SET) != 0)
		return why_say(
		    why, AM_ERR_IO, "", "the file cannot be read again");
	f->at = f->end = 0;
	f->over = false;
	return skip_mark(f, why);
}

static AM_RESULT
feed_new(struct feed **out)
{
	feed_auto *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return AM_ERR_NOMEM;
	f->fd = -1;
	AM_TRY(secret_new(FEED_WINDOW, &f->space));
	*out = AM_TAKE(f);
	return AM_OK;
}

AM_RESULT
feed_open(const char *path, struct why *why, struct feed **out)
{
	feed_auto *f = NULL;
	struct stat st;

	AM_TRY(feed_new(&f));
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return why_say(why, AM_ERR_IO, "", "cannot read '%s': %s", path,
		    strerrordesc_np(errno));
	if (!S_ISREG(st.st_mode))
		return why_say(why, AM_ERR_INVALID, "",
		    "'%s' is not a regular file; it is read twice, so a pipe "
		    "will not do",
		    path);
	AM_TRY(feed_rewind(f, why));
	*out = AM_TAKE(f);
	return AM_OK;
}
