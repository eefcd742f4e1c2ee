#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <sodium.h>

#include "vault/audit/spool.h"

#include "vault/base/secret.h"

enum { BLOCK = 64 }; /* of ChaCha20, which can start at any of them */

struct spool {
	const char *dir;
	struct why *why;
	int fd; /* -1: no file yet */
	struct secret *key;
	uint64_t base; /* so many bytes are in the file */
	size_t len;    /* and so many here */
	uint8_t recent[2 * SPOOL_PIECE];
};

AM_RESULT
spool_new(const char *dir, struct why *why, struct spool **out)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return AM_ERR_NOMEM;
	s->dir = dir;
	s->why = why;
	s->fd = -1;
	*out = s;
	return AM_OK;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	secret_free(s->key);
	free(s);
}

static AM_RESULT
failed(struct spool *s, const char *what)
{
	struct why nobody;

	return why_say(s->why != NULL ? s->why : &nobody, AM_ERR_IO, "",
	    "cannot %s a temporary file in '%s': %s; free some space there, "
	    "or set TMPDIR to a directory that has it",
	    what, s->dir, strerror(errno));
}

/* Bytes of the file from block `block` on, in either direction: one key for
 * one file, and no place of it is written twice. */
static void
cipher(struct spool *s, uint64_t block, uint8_t *p, size_t len)
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

	(void)crypto_stream_chacha20_xor_ic(
	    p, p, len, nonce, block, secret_bytes(s->key).p);
}

static AM_RESULT
make_file(struct spool *s)
{
	char path[PATH_MAX];
	const int n = snprintf(path, sizeof(path), "%s/amanat-XXXXXX", s->dir);

	AM_TRY(secret_new(crypto_stream_chacha20_KEYBYTES, &s->key));
	randombytes_buf(secret_mut(s->key), crypto_stream_chacha20_KEYBYTES);
	errno = ENAMETOOLONG;
	if (n < 0 || n >= PATH_MAX || (s->fd = mkostemp(path, O_CLOEXEC)) < 0 ||
	    unlink(path) != 0)
		return failed(s, "make");
	return AM_OK;
}

/* Moves the older half to the file. */
static AM_RESULT
move_out(struct spool *s)
{
	size_t done = 0;

	if (s->fd < 0)
		AM_TRY(make_file(s));
	cipher(s, s->base / BLOCK, s->recent, SPOOL_PIECE);
	while (done < SPOOL_PIECE) {
		const ssize_t n = pwrite(s->fd, s->recent + done,
		    SPOOL_PIECE - done, (off_t)(s->base + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(s, "write");
		done += (size_t)n;
	}
	memmove(s->recent, s->recent + SPOOL_PIECE, s->len - SPOOL_PIECE);
	s->base += SPOOL_PIECE;
	s->len -= SPOOL_PIECE;
	return AM_OK;
}

AM_RESULT
spool_add(struct spool *s, struct bytes in, uint64_t *out_at)
{
	if (in.len > SPOOL_PIECE)
		return AM_ERR_INVALID;
	if (in.len > sizeof(s->recent) - s->len)
		AM_TRY(move_out(s));
	if (in.len > 0)
		memcpy(s->recent + s->len, in.p, in.len);
	*out_at = s->base + s->len;
	s->len += in.len;
	return AM_OK;
}

static AM_RESULT
read_file(struct spool *s, uint64_t at, uint8_t *out, size_t len)
{
	size_t done = 0;

	while (done < len) {
		const ssize_t n =
		    pread(s->fd, out + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* someone cut it */
		if (n <= 0)
			return failed(s, "read");
		done += (size_t)n;
	}
	return AM_OK;
}

static AM_RESULT
read_out(struct spool *s, uint64_t at, uint8_t *out, size_t len)
{
	const size_t before = at % BLOCK; /* of the first block */
	const size_t n = len < BLOCK - before ? len : BLOCK - before;
	uint8_t first[BLOCK] = { 0 };

	AM_TRY(read_file(s, at, out, len));
	memcpy(first + before, out, n);
	cipher(s, at / BLOCK, first, before + n);
	memcpy(out, first + before, n);
	if (len > n)
		cipher(s, at / BLOCK + 1, out + n, len - n);
	return AM_OK;
}

AM_RESULT
spool_get(struct spool *s, uint64_t at, uint8_t *out, size_t out_len)
{
	const uint64_t end = s->base + s->len;
	size_t old = 0;

	if (at > end || out_len > end - at)
		return AM_ERR_INVALID;
	if (at < s->base) {
		old = s->base - at < out_len ? (size_t)(s->base - at) : out_len;
		AM_TRY(read_out(s, at, out, old));
	}
	if (out_len > old)
		memcpy(
		    out + old, s->recent + (at + old - s->base), out_len - old);
	return AM_OK;
}
