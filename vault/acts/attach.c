#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "vault/acts/attach.h"

#include "vault/crypto/hash.h"
#include "vault/log/canon.h"

static AM_RESULT
hash_descriptor(int fd, uint8_t out[static 32])
{
	struct hash_stream *h = NULL;
	uint8_t piece[16384];
	ssize_t n;

	AM_TRY(hash_stream_new(&h));
	while ((n = read(fd, piece, sizeof(piece))) > 0 ||
	    (n < 0 && errno == EINTR))
		if (n > 0)
			hash_stream_add(h, (struct bytes){ piece, (size_t)n });
	hash_stream_end(&h, out);
	return n < 0 ? AM_ERR_IO : AM_OK;
}

static AM_RESULT
hash_file(struct session *s, const char *path, uint8_t out[static 32])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum am_err err = fd < 0 ? AM_ERR_IO : hash_descriptor(fd, out);

	if (err == AM_ERR_IO)
		err = why_say(s->why, err, "", "cannot read '%s': %s", path,
		    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return err;
}

static bool
is_above(const uint8_t a[static 32], const uint8_t b[static 32])
{
	size_t i = 0;

	while (i < 31 && a[i] == b[i])
		i++;
	return a[i] > b[i];
}

/* In ascending order, so that two people may name them in any. */
static AM_RESULT
insert(struct session *s, const char *rule, uint8_t all[][32], size_t count,
    const uint8_t hash[static 32])
{
	size_t at = count;

	for (size_t i = 0; i < count; i++)
		if (bytes_same((struct bytes){ all[i], 32 },
			(struct bytes){ hash, 32 }))
			return why_say(s->why, AM_ERR_INVALID, rule,
			    "two of the files are the same");
	for (; at > 0 && is_above(all[at - 1], hash); at--)
		memcpy(all[at], all[at - 1], 32);
	memcpy(all[at], hash, 32);
	return AM_OK;
}

AM_RESULT
attach_hash(struct session *s, const char *const *files, size_t count,
    const char *rule, uint8_t all[][32])
{
	uint8_t hash[32];

	if (count > ATTACH_MAX)
		return why_say(s->why, AM_ERR_INVALID, rule,
		    "at most %d files of evidence", ATTACH_MAX);
	for (size_t i = 0; i < count; i++) {
		AM_TRY(hash_file(s, files[i], hash));
		AM_TRY(insert(s, rule, all, i, hash));
	}
	return AM_OK;
}

AM_RESULT
attach_list(uint8_t all[][32], size_t count, struct json_t **out)
{
	canon_auto *list = canon_array();

	for (size_t i = 0; i < count; i++)
		AM_TRY(
		    canon_push(list, canon_hex((struct bytes){ all[i], 32 })));
	*out = AM_TAKE(list);
	return AM_OK;
}
