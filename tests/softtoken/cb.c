#include <string.h>

#include "tests/softtoken/cb.h"

#define SIMPLE_FALSE 20
#define SIMPLE_TRUE  21

/* ---- writer */

void
cb_put(struct cb_out *o, struct span raw)
{
	if (o->full || raw.len > o->cap - o->len) {
		o->full = true;
		return;
	}
	if (raw.len > 0)
		memcpy(o->p + o->len, raw.p, raw.len);
	o->len += raw.len;
}

static size_t
width_of(uint64_t n)
{
	if (n < 24)
		return 0;
	if (n <= UINT8_MAX)
		return 1;
	if (n <= UINT16_MAX)
		return 2;
	return n <= UINT32_MAX ? 4 : 8;
}

static void
put_head(struct cb_out *o, enum cb_major major, uint64_t n)
{
	static const uint8_t info[] = { 0, 24, 25, 0, 26, 0, 0, 0, 27 };
	size_t width = width_of(n);
	uint8_t head[9];

	head[0] = (uint8_t)((unsigned)major << 5 | (width ? info[width] : n));
	for (size_t i = 0; i < width; i++)
		head[1 + i] = (uint8_t)(n >> (8 * (width - 1 - i)));
	cb_put(o, (struct span){ head, 1 + width });
}

void
cb_uint(struct cb_out *o, uint64_t v)
{
	put_head(o, CB_UINT, v);
}

void
cb_int(struct cb_out *o, int64_t v)
{
	if (v >= 0)
		put_head(o, CB_UINT, (uint64_t)v);
	else
		put_head(o, CB_NINT, (uint64_t)(-(v + 1)));
}

void
cb_bool(struct cb_out *o, bool v)
{
	put_head(o, CB_SIMPLE, v ? SIMPLE_TRUE : SIMPLE_FALSE);
}

void
cb_bytes(struct cb_out *o, struct span v)
{
	put_head(o, CB_BYTES, v.len);
	cb_put(o, v);
}

void
cb_text(struct cb_out *o, struct span v)
{
	put_head(o, CB_TEXT, v.len);
	cb_put(o, v);
}

void
cb_array(struct cb_out *o, size_t count)
{
	put_head(o, CB_ARRAY, count);
}

void
cb_map(struct cb_out *o, size_t pairs)
{
	put_head(o, CB_MAP, pairs);
}

/* ---- reader */

static bool
drop(struct span *rest, uint64_t n)
{
	if (n > rest->len)
		return false;
	rest->p += n;
	rest->len -= (size_t)n;
	return true;
}

/* A head in its shortest form; indefinite lengths and tags are refused. */
static bool
take_head(struct span *rest, struct cb_item *out)
{
	static const uint8_t widths[] = { 1, 2, 4, 8 };
	uint64_t n = 0;
	uint8_t first, low;

	if (rest->len == 0)
		return false;
	first = rest->p[0];
	low = first & 0x1f;
	drop(rest, 1);
	if (low < 24) {
		n = low;
	} else {
		size_t width = low < 28 ? widths[low - 24] : 0;

		if (width == 0 || rest->len < width)
			return false;
		for (size_t i = 0; i < width; i++)
			n = n << 8 | rest->p[i];
		if (width_of(n) != width)
			return false;
		drop(rest, width);
	}
	*out = (struct cb_item){ .major = first >> 5, .n = n };
	return true;
}

static bool check(struct span *rest, int depth, struct cb_item *out);

/* Lower major type first, then the shorter, then by bytes (CTAP 2.1, 8). */
static bool
sorts_after(struct span a, struct span b)
{
	size_t i = 0;

	if (a.p[0] >> 5 != b.p[0] >> 5)
		return a.p[0] >> 5 > b.p[0] >> 5;
	if (a.len != b.len)
		return a.len > b.len;
	while (i < a.len && a.p[i] == b.p[i])
		i++;
	return i < a.len && a.p[i] > b.p[i];
}

static bool
check_pairs(struct span *rest, uint64_t pairs, int depth)
{
	struct span before = { 0 };
	struct cb_item skipped;

	for (uint64_t i = 0; i < pairs; i++) {
		struct span key = *rest;

		if (!check(rest, depth, &skipped))
			return false;
		key.len -= rest->len;
		if (i > 0 && !sorts_after(key, before))
			return false;
		before = key;
		if (!check(rest, depth, &skipped))
			return false;
	}
	return true;
}

static bool
check_items(struct span *rest, uint64_t count, int depth)
{
	struct cb_item skipped;

	for (uint64_t i = 0; i < count; i++)
		if (!check(rest, depth, &skipped))
			return false;
	return true;
}

static bool
check_content(struct span *rest, const struct cb_item *it, int depth)
{
	switch (it->major) {
	case CB_UINT:
	case CB_NINT:
		return true;
	case CB_BYTES:
	case CB_TEXT:
		return drop(rest, it->n);
	case CB_ARRAY:
		return depth < CB_DEPTH_MAX &&
		    check_items(rest, it->n, depth + 1);
	case CB_MAP:
		return depth < CB_DEPTH_MAX &&
		    check_pairs(rest, it->n, depth + 1);
	case CB_SIMPLE:
		return it->n == SIMPLE_FALSE || it->n == SIMPLE_TRUE;
	case CB_ABSENT:
	default: /* a tag */
		return false;
	}
}

static bool
check(struct span *rest, int depth, struct cb_item *out)
{
	struct cb_item it;
	struct span body;

	if (!take_head(rest, &it))
		return false;
	body = *rest;
	if (!check_content(rest, &it, depth))
		return false;
	it.body = (struct span){ body.p, body.len - rest->len };
	*out = it;
	return true;
}

bool
cb_valid(struct span doc)
{
	struct cb_item it;

	return check(&doc, 0, &it) && doc.len == 0;
}

bool
cb_next(struct span *rest, struct cb_item *out)
{
	return check(rest, 0, out);
}

bool
cb_is_int(const struct cb_item *it, int64_t v)
{
	if (v >= 0)
		return it->major == CB_UINT && it->n == (uint64_t)v;
	return it->major == CB_NINT && it->n == (uint64_t)(-(v + 1));
}

static bool
is_text(const struct cb_item *it, struct span v)
{
	if (it->major != CB_TEXT || it->body.len != v.len)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (it->body.p[i] != v.p[i])
			return false;
	return true;
}

/* The first pair whose key is `text`, or else the integer `number`. */
static struct cb_item
find(const struct cb_item *map, const struct span *text, int64_t number)
{
	const struct cb_item absent = { .major = CB_ABSENT };
	struct span rest = map->body;
	struct cb_item k, v;

	if (map->major != CB_MAP)
		return absent;
	while (cb_next(&rest, &k) && cb_next(&rest, &v))
		if (text ? is_text(&k, *text) : cb_is_int(&k, number))
			return v;
	return absent;
}

struct cb_item
cb_find(const struct cb_item *map, int64_t key)
{
	return find(map, NULL, key);
}

struct cb_item
cb_find_text(const struct cb_item *map, struct span key)
{
	return find(map, &key, 0);
}

enum ctap
cb_want(const struct cb_item *map, int64_t key, enum cb_major m,
    struct cb_item *out)
{
	struct cb_item v = cb_find(map, key);

	if (v.major == CB_ABSENT)
		return CTAP_OK;
	if (v.major != m)
		return CTAP_UNEXPECTED_TYPE;
	*out = v;
	return CTAP_OK;
}

enum ctap
cb_need(const struct cb_item *map, int64_t key, enum cb_major m,
    struct cb_item *out)
{
	if (cb_find(map, key).major == CB_ABSENT)
		return CTAP_MISSING_PARAMETER;
	return cb_want(map, key, m, out);
}

enum ctap
cb_want_bool(
    const struct cb_item *map, struct span key, bool *out, bool *present)
{
	struct cb_item v = cb_find_text(map, key);

	*present = v.major != CB_ABSENT;
	if (!*present)
		return CTAP_OK;
	if (v.major != CB_SIMPLE)
		return CTAP_UNEXPECTED_TYPE;
	*out = v.n == SIMPLE_TRUE;
	return CTAP_OK;
}
