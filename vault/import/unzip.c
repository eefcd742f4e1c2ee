#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "vault/import/unzip.h"

#include "vault/base/blob.h"
#include "vault/base/secret.h"
#include "vault/import/arena.h"

enum { END_LEN = 22, ENTRY_LEN = 46, LOCAL_LEN = 30, COMMENT_MAX = 65535 };
enum { ARENA = 128 * 1024, CHUNK = 32 * 1024 };
enum { STORED = 0, DEFLATED = 8 };

struct member {
	uint64_t at; /* of its data */
	uint32_t packed, size, crc;
	uint16_t method;
};

struct unzip {
	int fd;
	struct member m;
	struct arena *arena;
	struct secret *chunk; /* packed bytes: as good as plain ones */
	z_stream z;
	bool started;
	uint64_t taken; /* packed bytes that were read */
	uint64_t given; /* plain ones */
	uint32_t crc;
	bool ended;
};

static void
unzip_end(void *arg)
{
	struct unzip *u = arg;

	if (u->started)
		(void)inflateEnd(&u->z);
	if (u->fd >= 0)
		(void)close(u->fd);
	arena_free(u->arena);
	secret_free(u->chunk);
	free(u);
}

/* ---- where it is */

static uint16_t
u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
u32(const uint8_t *p)
{
	return u16(p) | (uint32_t)u16(p + 2) << 16;
}

static bool
is_mark(const uint8_t *p, uint8_t a, uint8_t b)
{
	return p[0] == 'P' && p[1] == 'K' && p[2] == a && p[3] == b;
}

static AM_RESULT
read_at(int fd, uint64_t at, uint8_t *p, size_t len)
{
	while (len > 0) {
		const ssize_t n = pread(fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return AM_ERR_IO;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return AM_OK;
}

static AM_RESULT
no_zip(struct why *why)
{
	return why_say(why, AM_ERR_INCOMPLETE, "",
	    "it is no zip of a kind that is read, or it is damaged");
}

/* The list of files: `size` bytes at `at`, before the end record. */
struct list {
	uint64_t at;
	uint32_t size;
	uint16_t count;
};

static AM_RESULT
find_list(int fd, uint64_t size, struct list *out, struct why *why)
{
	const size_t len =
	    size < END_LEN + COMMENT_MAX ? size : END_LEN + COMMENT_MAX;
	const uint64_t from = size - len;
	blob_auto tail = { 0 };

	AM_TRY(blob_resize(&tail, len));
	if (len < END_LEN || read_at(fd, from, tail.p, len) != AM_OK)
		return no_zip(why);
	for (size_t i = len - END_LEN + 1; i-- > 0;) {
		const uint8_t *p = tail.p + i;

		/* Its comment reaches exactly to the end of the file. */
		if (!is_mark(p, 5, 6) || u16(p + 20) != len - END_LEN - i)
			continue;
		*out = (struct list){ u32(p + 16), u32(p + 12), u16(p + 10) };
		if (u32(p + 4) != 0 || u16(p + 8) != out->count ||
		    out->size > UNZIP_LIST_MAX ||
		    out->at + out->size > from + i)
			return no_zip(why);
		return AM_OK;
	}
	return no_zip(why);
}

static AM_RESULT
read_entry(const uint8_t *p, struct member *out, struct why *why)
{
	*out = (struct member){ .at = u32(p + 42),
		.packed = u32(p + 20),
		.size = u32(p + 24),
		.crc = u32(p + 16),
		.method = u16(p + 10) };
	if ((u16(p + 8) & 1) != 0)
		return why_say(
		    why, AM_ERR_INCOMPLETE, "", "the zip is encrypted");
	if (out->size > UNZIP_MAX)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "unpacked it has more than %d bytes", UNZIP_MAX);
	if ((out->method != STORED && out->method != DEFLATED) ||
	    (out->method == STORED && out->packed != out->size))
		return no_zip(why);
	return AM_OK;
}

static AM_RESULT
find_entry(struct bytes list, size_t count, const char *name,
    struct member *out, struct why *why)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *p = list.p;
		size_t len;

		if (list.len < ENTRY_LEN || !is_mark(p, 1, 2))
			return no_zip(why);
		len =
		    (size_t)ENTRY_LEN + u16(p + 28) + u16(p + 30) + u16(p + 32);
		if (len > list.len)
			return no_zip(why);
		if (bytes_same((struct bytes){ p + ENTRY_LEN, u16(p + 28) },
			(struct bytes){
			    (const uint8_t *)name, strlen(name) })) {
			if (found)
				return no_zip(why); /* which of them? */
			AM_TRY(read_entry(p, out, why));
			found = true;
		}
		list.p += len;
		list.len -= len;
	}
	if (!found)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "this zip holds no '%s', so it is no export of 1Password; "
		    "a spreadsheet is to be saved as CSV",
		    name);
	return AM_OK;
}

/* Behind its own header, and before the list. */
static AM_RESULT
find_data(int fd, const struct list *l, struct member *m, struct why *why)
{
	uint8_t p[LOCAL_LEN];

	if (read_at(fd, m->at, p, sizeof(p)) != AM_OK || !is_mark(p, 3, 4))
		return no_zip(why);
	m->at += (uint64_t)LOCAL_LEN + u16(p + 26) + u16(p + 28);
	if (m->at + m->packed > l->at)
		return no_zip(why);
	return AM_OK;
}

static AM_RESULT
find(int fd, const char *name, struct member *out, struct why *why)
{
	struct list l = { 0 };
	blob_auto list = { 0 };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return no_zip(why);
	AM_TRY(find_list(fd, (uint64_t)st.st_size, &l, why));
	AM_TRY(blob_resize(&list, l.size));
	if (l.size > 0 && read_at(fd, l.at, list.p, l.size) != AM_OK)
		return no_zip(why);
	AM_TRY(find_entry(blob_bytes(&list), l.count, name, out, why));
	return find_data(fd, &l, out, why);
}

/* ---- what it holds */

static AM_RESULT
damaged(struct why *why)
{
	return why_say(
	    why, AM_ERR_CORRUPT, "", "the zip is damaged, or cut short");
}

static void *
get(void *arena, unsigned count, unsigned size)
{
	return arena_get(arena, (size_t)count * size);
}

static void
give(void *arena, void *p)
{
	arena_give(arena, p);
}

static AM_RESULT
read_packed(struct unzip *u, uint8_t *p, size_t cap, size_t *out)
{
	const uint64_t left = u->m.packed - u->taken;
	const size_t n = left < cap ? (size_t)left : cap;

	if (n > 0 && read_at(u->fd, u->m.at + u->taken, p, n) != AM_OK)
		return AM_ERR_IO;
	u->taken += n;
	*out = n;
	return AM_OK;
}

/* As much as there is room for, at least a byte unless it is over. */
static AM_RESULT
unpack(struct unzip *u, uint8_t *p, size_t cap, size_t *out)
{
	size_t n = 0;
	int rc = Z_OK;

	u->z.next_out = p;
	u->z.avail_out = (unsigned)cap;
	while (u->z.avail_out == cap && rc == Z_OK) {
		if (u->z.avail_in == 0) {
			AM_TRY(read_packed(u, secret_mut(u->chunk), CHUNK, &n));
			u->z.next_in = secret_mut(u->chunk);
			u->z.avail_in = (unsigned)n;
		}
		rc = inflate(&u->z, Z_NO_FLUSH);
	}
	if (rc != Z_OK && rc != Z_STREAM_END)
		return AM_ERR_CORRUPT;
	u->ended = rc == Z_STREAM_END;
	*out = cap - u->z.avail_out;
	return AM_OK;
}

static enum am_err
unzip_read(void *arg, uint8_t *p, size_t cap, size_t *out_len, struct why *why)
{
	struct unzip *u = arg;
	size_t n = 0;

	if (!u->ended && u->m.method == DEFLATED) {
		if (unpack(u, p, cap, &n) != AM_OK)
			return damaged(why);
	} else if (!u->ended) {
		if (read_packed(u, p, cap, &n) != AM_OK)
			return damaged(why);
		u->ended = n == 0;
	}
	u->given += n;
	u->crc = (uint32_t)crc32(u->crc, p, (unsigned)n);
	if (u->given > u->m.size ||
	    (u->ended && (u->given != u->m.size || u->crc != u->m.crc)))
		return damaged(why);
	*out_len = n;
	return AM_OK;
}

static enum am_err
unzip_rewind(void *arg, struct why *why)
{
	struct unzip *u = arg;

	u->taken = u->given = u->crc = 0;
	u->ended = false;
	u->z.avail_in = 0;
	return inflateReset(&u->z) == Z_OK ? AM_OK : damaged(why);
}

static AM_RESULT
start(struct unzip *u, const char *path, const char *name, struct why *why)
{
	AM_TRY(feed_descriptor(path, why, &u->fd));
	AM_TRY(find(u->fd, name, &u->m, why));
	AM_TRY(arena_new(ARENA, &u->arena));
	AM_TRY(secret_new(CHUNK, &u->chunk));
	u->z.zalloc = get;
	u->z.zfree = give;
	u->z.opaque = u->arena;
	if (inflateInit2(&u->z, -MAX_WBITS) != Z_OK)
		return AM_ERR_NOMEM;
	u->started = true;
	return AM_OK;
}

AM_RESULT
unzip_open(
    const char *path, const char *name, struct why *why, struct feed **out)
{
	struct unzip *u = calloc(1, sizeof(*u));
	enum am_err err;

	if (u == NULL)
		return AM_ERR_NOMEM;
	u->fd = -1;
	err = start(u, path, name, why);
	if (err != AM_OK) {
		unzip_end(u);
		return err;
	}
	return feed_from(
	    (struct feed_origin){ unzip_read, unzip_rewind, unzip_end, u }, why,
	    out);
}
