/* zipped.h - a zip with one file, export.data, packed or as it is. */

#ifndef AM_TEST_ZIPPED_H
#define AM_TEST_ZIPPED_H

#include <zlib.h>

#include "tests/foreign.h"

static inline void
zipped_put(uint8_t *p, size_t len, uint64_t v)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline size_t
zipped_pack(const void *text, size_t len, uint8_t *out, size_t cap)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)text,
		.avail_in = (unsigned)len,
		.next_out = out,
		.avail_out = (unsigned)cap };

	if (deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, 0) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END || deflateEnd(&z) != Z_OK)
		abort();
	return z.total_out;
}

/* Local header, data, list, end. */
static inline struct foreign
zipped(const void *text, size_t len, bool packed)
{
	static const char name[] = "export.data";
	const size_t cap = len + len / 1000 + 1000, n = sizeof(name) - 1;
	uint8_t *p = calloc(1, cap), *e;
	size_t data = len, at = 30 + n;
	struct foreign f;

	if (p == NULL)
		abort();
	if (packed)
		data = zipped_pack(text, len, p + at, cap - at - 200);
	else if (len > 0)
		memcpy(p + at, text, len);
	zipped_put(p, 4, 0x04034b50);
	zipped_put(p + 26, 2, n);
	memcpy(p + 30, name, n);
	at += data;
	e = p + at;
	zipped_put(e, 4, 0x02014b50);
	zipped_put(e + 10, 2, packed ? 8 : 0);
	zipped_put(e + 16, 4, crc32(0, text, (unsigned)len));
	zipped_put(e + 20, 4, data);
	zipped_put(e + 24, 4, len);
	zipped_put(e + 28, 2, n);
	memcpy(e + 46, name, n);
	e += 46 + n;
	zipped_put(e, 4, 0x06054b50);
	zipped_put(e + 8, 2, 1);
	zipped_put(e + 10, 2, 1);
	zipped_put(e + 12, 4, 46 + n);
	zipped_put(e + 16, 4, at);
	f = foreign_file(p, at + 46 + n + 22);
	free(p);
	return f;
}

#endif /* AM_TEST_ZIPPED_H */
