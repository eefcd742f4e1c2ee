#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/store/pack.h"

#include "vault/crypto/bag.h"
#include "vault/crypto/hash.h"
#include "vault/store/store.h"

static const char magic[] = "amanat-backup 1\n";
static const char format_name[] = "FORMAT", note_name[] = "checkpoint.note";

enum {
	MAGIC_LEN = sizeof(magic) - 1,
	MAGIC_WORD = MAGIC_LEN - 2, /* up to the number */
	CHUNK = 1 << 20,
};

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* ---- head */

void
pack_head_write(const struct pack_head *h, uint8_t out[static PACK_HEAD])
{
	memcpy(out, magic, MAGIC_LEN);
	memcpy(out + MAGIC_LEN, h->vault, 16);
	for (size_t i = 0; i < 8; i++)
		out[MAGIC_LEN + 16 + i] =
		    (uint8_t)(h->database >> (56 - 8 * i));
}

AM_RESULT
pack_head_read(struct bytes in, struct pack_head *out)
{
	struct pack_head h = { 0 };

	if (in.len != PACK_HEAD ||
	    !bytes_same((struct bytes){ in.p, MAGIC_WORD },
		(struct bytes){ (const uint8_t *)magic, MAGIC_WORD }))
		return AM_ERR_CORRUPT;
	if (in.p[MAGIC_WORD] > '1' && in.p[MAGIC_WORD] <= '9')
		return AM_ERR_INCOMPLETE;
	if (!bytes_same((struct bytes){ in.p, MAGIC_LEN }, text_of(magic)))
		return AM_ERR_CORRUPT;
	memcpy(h.vault, in.p + MAGIC_LEN, 16);
	for (size_t i = 0; i < 8; i++)
		h.database = h.database << 8 | in.p[MAGIC_LEN + 16 + i];
	*out = h;
	return AM_OK;
}

/* ---- tail */

bool
pack_is_bag(struct bytes name)
{
	static const char dir[] = "bags/", next[] = ".next";
	const size_t skip = sizeof(dir) - 1, plain = skip + 32;

	if ((name.len != plain && name.len != plain + sizeof(next) - 1) ||
	    !bytes_same((struct bytes){ name.p, skip }, text_of(dir)))
		return false;
	for (size_t i = skip; i < plain; i++)
		if (!(name.p[i] >= '0' && name.p[i] <= '9') &&
		    !(name.p[i] >= 'a' && name.p[i] <= 'f'))
			return false;
	return name.len == plain ||
	    bytes_same((struct bytes){ name.p + plain, name.len - plain },
		text_of(next));
}

static AM_RESULT
put_entry(struct blob *out, const char *name, struct bytes content)
{
	const struct bytes n = text_of(name);
	const uint8_t name_len = (uint8_t)n.len,
		      len[4] = { (uint8_t)(content.len >> 24),
			      (uint8_t)(content.len >> 16),
			      (uint8_t)(content.len >> 8),
			      (uint8_t)content.len };

	if (n.len == 0 || n.len > PACK_NAME_MAX ||
	    content.len > PACK_TAIL_MAX ||
	    out->len > (size_t)PACK_TAIL_MAX - content.len)
		return AM_ERR_INVALID;
	AM_TRY(blob_add(out, (struct bytes){ &name_len, 1 }));
	AM_TRY(blob_add(out, n));
	AM_TRY(blob_add(out, (struct bytes){ len, sizeof(len) }));
	return blob_add(out, content);
}

AM_RESULT
pack_tail_start(
    struct blob *out, const uint8_t vault[static 16], struct bytes note)
{
	char format[STORE_FORMAT_TEXT];

	store_format_text(vault, format);
	AM_TRY(put_entry(out, format_name, text_of(format)));
	return put_entry(out, note_name, note);
}

AM_RESULT
pack_tail_add(struct blob *out, const char *name, struct bytes content)
{
	if (!pack_is_bag(text_of(name)))
		return AM_ERR_INVALID;
	return put_entry(out, name, content);
}

AM_RESULT
pack_tail_end(struct blob *out)
{
	static const uint8_t end = 0;

	return blob_add(out, (struct bytes){ &end, 1 });
}

/* AM_ERR_NOT_FOUND at the end. */
static AM_RESULT
next_entry(struct buf_reader *r, size_t max_len, struct pack_entry *out)
{
	struct buf_reader at = *r;
	struct pack_entry e = { 0 };
	uint8_t len = 0;

	AM_TRY(buf_get_u8(&at, &len));
	if (len == 0)
		return AM_ERR_NOT_FOUND;
	if (len > PACK_NAME_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(buf_get_fixed(&at, (uint8_t *)e.name, len));
	AM_TRY(buf_get_bytes(&at, max_len, &e.content));
	if (strlen(e.name) != len) /* a NUL within */
		return AM_ERR_CORRUPT;
	*r = at;
	*out = e;
	return AM_OK;
}

static AM_RESULT
named_entry(struct buf_reader *r, const char *name, size_t max_len,
    struct pack_entry *out)
{
	const enum am_err err = next_entry(r, max_len, out);

	if (err != AM_OK || strcmp(out->name, name) != 0)
		return AM_ERR_CORRUPT;
	return AM_OK;
}

AM_RESULT
pack_bag(struct buf_reader *bags, struct pack_entry *out)
{
	return next_entry(bags, BAG_FILE_MAX, out);
}

/* Names that are bags, ascending; then one byte 0 and nothing more. */
static AM_RESULT
check_bags(struct buf_reader r, size_t *count)
{
	char last[PACK_NAME_MAX + 1] = "";

	for (*count = 0;; (*count)++) {
		struct pack_entry e;
		const enum am_err err = pack_bag(&r, &e);

		if (err == AM_ERR_NOT_FOUND)
			return r.rest.len == 1 ? AM_OK : AM_ERR_CORRUPT;
		AM_TRY(err);
		if (!pack_is_bag(text_of(e.name)) || strcmp(e.name, last) <= 0)
			return AM_ERR_CORRUPT;
		memcpy(last, e.name, sizeof(last));
	}
}

AM_RESULT
pack_tail_read(
    struct bytes tail, const uint8_t vault[static 16], struct pack_tail *out)
{
	struct buf_reader r = { .rest = tail };
	char format[STORE_FORMAT_TEXT];
	struct pack_tail t = { 0 };
	struct pack_entry e;

	store_format_text(vault, format);
	AM_TRY(named_entry(&r, format_name, STORE_FORMAT_TEXT, &e));
	if (!bytes_same(e.content, text_of(format)))
		return AM_ERR_CORRUPT;
	AM_TRY(named_entry(&r, note_name, STORE_NOTE_MAX, &e));
	if (e.content.len == 0)
		return AM_ERR_CORRUPT;
	t.note = e.content;
	t.bags = r;
	AM_TRY(check_bags(r, &t.bag_count));
	*out = t;
	return AM_OK;
}

/* ---- on disk */

void
pack_close(struct pack *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
	blob_free(&p->text);
}

AM_RESULT
pack_write(int fd, struct bytes in)
{
	while (in.len > 0) {
		const ssize_t n = write(fd, in.p, in.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return AM_ERR_IO;
		in.p += n;
		in.len -= (size_t)n;
	}
	return AM_OK;
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

/* Hands over a range of the file in pieces. */
static AM_RESULT
each_piece(int fd, uint64_t from, uint64_t len,
    enum am_err (*fn)(void *arg, struct bytes piece), void *arg)
{
	blob_auto buf = { 0 };

	AM_TRY(blob_resize(&buf, CHUNK));
	while (len > 0) {
		const size_t n = len < CHUNK ? (size_t)len : CHUNK;

		AM_TRY(read_at(fd, from, buf.p, n));
		AM_TRY(fn(arg, (struct bytes){ buf.p, n }));
		from += n;
		len -= n;
	}
	return AM_OK;
}

static enum am_err
hash_piece(void *arg, struct bytes piece)
{
	hash_stream_add(arg, piece);
	return AM_OK;
}

AM_RESULT
pack_sum(int fd, uint64_t len, uint8_t out[static PACK_SUM])
{
	struct hash_stream *h = NULL;
	uint8_t sum[PACK_SUM];
	enum am_err err;

	AM_TRY(hash_stream_new(&h));
	err = each_piece(fd, 0, len, hash_piece, h);
	hash_stream_end(&h, sum);
	AM_TRY(err);
	memcpy(out, sum, sizeof(sum));
	return AM_OK;
}

static enum am_err
write_piece(void *arg, struct bytes piece)
{
	return pack_write(*(const int *)arg, piece);
}

AM_RESULT
pack_copy_database(const struct pack *p, int to)
{
	return each_piece(p->fd, PACK_HEAD, p->head.database, write_piece, &to);
}

static AM_RESULT
check_file_sum(const struct pack *p)
{
	uint8_t want[PACK_SUM], sum[PACK_SUM];

	AM_TRY(pack_sum(p->fd, p->bytes - PACK_SUM, sum));
	AM_TRY(read_at(p->fd, p->bytes - PACK_SUM, want, sizeof(want)));
	return bytes_same((struct bytes){ sum, sizeof(sum) },
		   (struct bytes){ want, sizeof(want) })
	    ? AM_OK
	    : AM_ERR_CORRUPT;
}

static AM_RESULT
read_all(struct pack *p)
{
	uint8_t head[PACK_HEAD];
	uint64_t tail;

	if (p->bytes < PACK_HEAD + 1 + PACK_SUM)
		return AM_ERR_CORRUPT;
	AM_TRY(read_at(p->fd, 0, head, sizeof(head)));
	AM_TRY(pack_head_read((struct bytes){ head, sizeof(head) }, &p->head));
	tail = p->bytes - PACK_HEAD - PACK_SUM;
	if (p->head.database == 0 || p->head.database >= tail)
		return AM_ERR_CORRUPT;
	tail -= p->head.database;
	if (tail > PACK_TAIL_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(check_file_sum(p));
	AM_TRY(blob_resize(&p->text, (size_t)tail));
	AM_TRY(read_at(
	    p->fd, PACK_HEAD + p->head.database, p->text.p, p->text.len));
	return pack_tail_read(blob_bytes(&p->text), p->head.vault, &p->tail);
}

/* O_NONBLOCK: a FIFO there must not make us wait for its writer. */
static AM_RESULT
open_file(const char *path, struct why *why, struct pack *p)
{
	struct stat st;

	p->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->fd < 0)
		return why_say(why,
		    errno == ENOENT ? AM_ERR_NOT_FOUND : AM_ERR_IO, "",
		    "cannot open '%s': %s", path, strerrordesc_np(errno));
	if (fstat(p->fd, &st) != 0)
		return AM_ERR_IO;
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return why_say(
		    why, AM_ERR_CORRUPT, "", "'%s' is no file", path);
	p->bytes = (uint64_t)st.st_size;
	return AM_OK;
}

AM_RESULT
pack_open(const char *path, struct why *why, struct pack *p)
{
	enum am_err err;

	AM_TRY(open_file(path, why, p));
	err = read_all(p);
	if (err == AM_ERR_CORRUPT)
		return why_say(why, err, "",
		    "'%s' is damaged, or no backup of a vault; use another "
		    "copy",
		    path);
	if (err == AM_ERR_INCOMPLETE)
		return why_say(why, err, "",
		    "'%s' has a newer format than this program knows; use a "
		    "newer amanat",
		    path);
	if (err == AM_ERR_IO)
		return why_say(why, err, "", "cannot read '%s': %s", path,
		    strerrordesc_np(errno));
	return err;
}
