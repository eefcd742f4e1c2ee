#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "vault/acts/evidence.h"

#include "vault/crypto/hash.h"

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

AM_RESULT
evidence_hash(struct session *s, const char *path, uint8_t out[static 32])
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
