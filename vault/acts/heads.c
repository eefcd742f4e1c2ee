#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "vault/acts/heads.h"

#include "vault/base/blob.h"
#include "vault/base/enc.h"
#include "vault/store/hostfile.h"

enum { HEAD_FILE_MAX = 160 };

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
	char name[ENC_HEX_LEN(16) + 1];
	hostfile_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	blob_auto text = { 0 };

	if (fd < 0)
		return errno == ENOENT ? AM_ERR_NOT_FOUND : AM_ERR_IO;
	enc_hex((struct bytes){ vault, 16 }, name);
	AM_TRY(hostfile_get(fd, name, HEAD_FILE_MAX, &text));
	return parse((const char *)text.p, text.len, out);
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

AM_RESULT
heads_put(
    const char *dir, const uint8_t vault[static 16], const struct note *head)
{
	char name[ENC_HEX_LEN(16) + 1], root[ENC_HEX_LEN(32) + 1];
	blob_auto text = { 0 };

	AM_TRY(make_dirs(dir));
	hostfile_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return AM_ERR_IO;
	enc_hex((struct bytes){ vault, 16 }, name);
	enc_hex((struct bytes){ head->root, 32 }, root);
	AM_TRY(blob_printf(&text, "amanat-head 1\n%lu\n%s\n",
	    (unsigned long)head->size, root));
	return hostfile_put(fd, name, blob_bytes(&text));
}
