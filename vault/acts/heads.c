#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/acts/heads.h"

#include "vault/base/enc.h"

enum { HEAD_FILE_MAX = 160 };

#define fd_auto AM_CLEANUP(fd_cleanup) int

static void
fd_cleanup(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static AM_RESULT
path_of(const char *dir, const uint8_t vault[static 16], const char *suffix,
    char out[static PATH_MAX])
{
	char hex[ENC_HEX_LEN(16) + 1];
	int n;

	enc_hex((struct bytes){ vault, 16 }, hex);
	n = snprintf(out, PATH_MAX, "%s/%s%s", dir, hex, suffix);
	return n > 0 && n < PATH_MAX ? AM_OK : AM_ERR_INVALID;
}

static AM_RESULT
parse(const char *text, size_t len, struct note *out)
{
	static const char first[] = "amanat-head 1\n";
	const size_t skip = sizeof(first) - 1;
	struct note n = { 0 };
	size_t at = skip;

	if (len < skip || strncmp(text, first, skip) != 0)
		return AM_ERR_CORRUPT;
	for (; at < len && text[at] >= '0' && text[at] <= '9'; at++) {
		if (at - skip >= 18)
			return AM_ERR_CORRUPT;
		n.size = n.size * 10 + (uint64_t)(text[at] - '0');
	}
	if (at == skip || len != at + 66 || text[at] != '\n' ||
	    text[len - 1] != '\n')
		return AM_ERR_CORRUPT;
	AM_TRY(enc_hex_decode(
	    (struct bytes){ (const uint8_t *)text + at + 1, 64 }, n.root, 32));
	*out = n;
	return AM_OK;
}

AM_RESULT
heads_get(const char *dir, const uint8_t vault[static 16], struct note *out)
{
	char path[PATH_MAX], text[HEAD_FILE_MAX + 1] = { 0 };
	fd_auto fd = -1;
	ssize_t n;

	AM_TRY(path_of(dir, vault, "", path));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? AM_ERR_NOT_FOUND : AM_ERR_IO;
	if ((n = read(fd, text, HEAD_FILE_MAX)) < 0)
		return AM_ERR_IO;
	return parse(text, (size_t)n, out);
}

static AM_RESULT
make_dirs(const char *dir)
{
	char path[PATH_MAX];
	const int n = snprintf(path, sizeof(path), "%s", dir);

	if (n <= 0 || n >= PATH_MAX)
		return AM_ERR_INVALID;
	for (char *p = path + 1;; p++) {
		const char was = *p;

		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return AM_ERR_IO;
		*p = was;
		if (was == '\0')
			return AM_OK;
	}
}

static AM_RESULT
write_new(const char *path, const char *text, size_t len)
{
	fd_auto fd =
	    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fsync(fd) != 0)
		return AM_ERR_IO;
	return AM_OK;
}

AM_RESULT
heads_put(const char *dir, const uint8_t vault[static 16],
    const struct note *head)
{
	char path[PATH_MAX], fresh[PATH_MAX], text[HEAD_FILE_MAX],
	    root[ENC_HEX_LEN(32) + 1];
	int n;

	AM_TRY(make_dirs(dir));
	AM_TRY(path_of(dir, vault, "", path));
	AM_TRY(path_of(dir, vault, ".new", fresh));
	enc_hex((struct bytes){ head->root, 32 }, root);
	n = snprintf(text, sizeof(text), "amanat-head 1\n%lu\n%s\n",
	    (unsigned long)head->size, root);
	AM_TRY(write_new(fresh, text, (size_t)n));
	return rename(fresh, path) == 0 ? AM_OK : AM_ERR_IO;
}
