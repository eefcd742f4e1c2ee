#include <sodium.h>

#include "vault/audit/spill.h"

#include "vault/audit/spool.h"

/*
 * Of the 64 bits of a key's hash, 8 choose a part of the index and 24 the
 * place in it; those 24 stand in the slot too, above 40 bits of where the row
 * is, so that a part can grow without reading keys. A full part grows by a
 * quarter, the others stay.
 */
enum { PARTS = 256, TAG_BITS = 24, AT_BITS = 40 };
/* Rows in memory: the least recently used one of its set makes room. */
enum { SETS = 512, WAYS = 4 };
enum { HEADER = 6 }; /* u16 length of key, u32 length of value */

struct row {
	uint64_t hash;
	uint64_t at;   /* in the spool, plus one; 0: not there */
	uint64_t used; /* when; 0: this place is empty */
	bool present, dirty;
	size_t key_len;
	struct blob bytes; /* the key, then the value */
};

struct part {
	uint64_t *slot; /* 0: empty */
	size_t cap, count;
};

struct spill {
	uint8_t seed[crypto_shorthash_KEYBYTES];
	uint64_t clock;
	struct spool *spool;
	struct part index[PARTS];
	struct row rows[SETS][WAYS];
};

/* ---- index */

static struct part *
part_of(struct spill *t, uint64_t hash)
{
	return &t->index[hash >> 56];
}

static uint64_t
tag_of(uint64_t hash)
{
	return hash & ((UINT64_C(1) << TAG_BITS) - 1);
}

static uint64_t
at_of(uint64_t slot)
{
	return slot & ((UINT64_C(1) << AT_BITS) - 1);
}

static size_t
first_slot(const struct part *p, uint64_t tag)
{
	return (size_t)(tag * p->cap >> TAG_BITS);
}

static size_t
next_slot(const struct part *p, size_t i)
{
	return i + 1 < p->cap ? i + 1 : 0;
}

static void
fill_slot(struct part *p, uint64_t slot)
{
	size_t i = first_slot(p, slot >> AT_BITS);

	while (p->slot[i] != 0)
		i = next_slot(p, i);
	p->slot[i] = slot;
	p->count++;
}

static AM_RESULT
make_room(struct part *p)
{
	const struct part old = *p;
	const size_t cap = old.cap + old.cap / 4 + 16;

	if (old.count + 1 < old.cap - old.cap / 8)
		return AM_OK;
	if ((p->slot = calloc(cap, sizeof(*p->slot))) == NULL) {
		*p = old;
		return AM_ERR_NOMEM;
	}
	p->cap = cap;
	p->count = 0;
	for (size_t i = 0; i < old.cap; i++)
		if (old.slot[i] != 0)
			fill_slot(p, old.slot[i]);
	free(old.slot);
	return AM_OK;
}

/* Where `row` went, in place of where it was. */
static AM_RESULT
index_set(struct spill *t, const struct row *row, uint64_t at)
{
	struct part *p = part_of(t, row->hash);
	const uint64_t tag = tag_of(row->hash) << AT_BITS;

	if (at != at_of(at))
		return AM_ERR_INVALID;
	if (row->at == 0) {
		AM_TRY(make_room(p));
		fill_slot(p, tag | at);
		return AM_OK;
	}
	for (size_t i = first_slot(p, tag_of(row->hash));;
	     i = next_slot(p, i)) {
		if (p->slot[i] == 0)
			return AM_ERR_INTERNAL;
		if (p->slot[i] == (tag | row->at)) {
			p->slot[i] = tag | at;
			return AM_OK;
		}
	}
}

/* ---- rows in the spool */

static AM_RESULT
write_out(struct spill *t, struct row *row)
{
	const size_t value_len = row->bytes.len - row->key_len;
	const uint8_t header[HEADER] = {
		(uint8_t)(row->key_len >> 8),
		(uint8_t)row->key_len,
		(uint8_t)(value_len >> 24),
		(uint8_t)(value_len >> 16),
		(uint8_t)(value_len >> 8),
		(uint8_t)value_len,
	};
	uint64_t at = 0, after = 0;

	AM_TRY(spool_add(t->spool, (struct bytes){ header, HEADER }, &at));
	AM_TRY(spool_add(t->spool, blob_bytes(&row->bytes), &after));
	AM_TRY(index_set(t, row, at + 1));
	row->at = at + 1;
	row->dirty = false;
	return AM_OK;
}

/* Reads the row at `at`, when it is the one whose key `row` has. */
static AM_RESULT
read_in(struct spill *t, uint64_t at, struct row *row)
{
	uint8_t h[HEADER], key[SPILL_KEY_MAX];
	const struct bytes want = { row->bytes.p, row->key_len };
	size_t key_len, value_len;

	AM_TRY(spool_get(t->spool, at - 1, h, HEADER));
	key_len = (size_t)h[0] << 8 | h[1];
	value_len =
	    (size_t)h[2] << 24 | (size_t)h[3] << 16 | (size_t)h[4] << 8 | h[5];
	if (key_len != row->key_len)
		return AM_OK;
	AM_TRY(spool_get(t->spool, at - 1 + HEADER, key, key_len));
	if (!bytes_same(want, (struct bytes){ key, key_len }))
		return AM_OK;
	AM_TRY(blob_resize(&row->bytes, key_len + value_len));
	AM_TRY(spool_get(t->spool, at - 1 + HEADER + key_len,
	    row->bytes.p + key_len, value_len));
	row->at = at;
	row->present = true;
	return AM_OK;
}

static AM_RESULT
look_up(struct spill *t, struct row *row)
{
	const struct part *p = part_of(t, row->hash);
	const uint64_t tag = tag_of(row->hash);

	if (p->cap == 0)
		return AM_OK;
	for (size_t i = first_slot(p, tag); p->slot[i] != 0 && !row->present;
	     i = next_slot(p, i))
		if (p->slot[i] >> AT_BITS == tag)
			AM_TRY(read_in(t, at_of(p->slot[i]), row));
	return AM_OK;
}

/* ---- rows in memory */

/* Table and key as one: the name, NUL, the key. */
struct name {
	uint8_t b[SPILL_KEY_MAX];
	size_t len;
	uint64_t hash;
};

static AM_RESULT
name_of(const struct spill *t, const char *table, struct bytes key,
    struct name *out)
{
	const size_t n = strlen(table) + 1;

	if (n > sizeof(out->b) || key.len > sizeof(out->b) - n)
		return AM_ERR_INVALID;
	memcpy(out->b, table, n);
	if (key.len > 0)
		memcpy(out->b + n, key.p, key.len);
	out->len = n + key.len;
	/* Keyed, so that nobody can aim at one slot. */
	crypto_shorthash((uint8_t *)&out->hash, out->b, out->len, t->seed);
	return AM_OK;
}

static bool
is_row_of(const struct row *row, const struct name *n)
{
	return row->used != 0 && row->hash == n->hash &&
	    bytes_same((struct bytes){ row->bytes.p, row->key_len },
		(struct bytes){ n->b, n->len });
}

/* Makes an empty place for the row called `n`. */
static AM_RESULT
make_place(struct spill *t, struct row *row, const struct name *n)
{
	if (row->dirty)
		AM_TRY(write_out(t, row));
	row->used = 0;
	row->bytes.len = 0;
	AM_TRY(blob_add(&row->bytes, (struct bytes){ n->b, n->len }));
	row->key_len = n->len;
	row->hash = n->hash;
	row->at = 0;
	row->present = false;
	return AM_OK;
}

/* The place of a row in memory, whether there is such a row or not. */
static AM_RESULT
fetch(struct spill *t, const char *table, struct bytes key, struct row **out)
{
	struct name n;
	struct row *set, *oldest;

	AM_TRY(name_of(t, table, key, &n));
	set = oldest = t->rows[(n.hash >> 32) % SETS];
	for (size_t i = 0; i < WAYS; i++) {
		if (is_row_of(&set[i], &n)) {
			set[i].used = ++t->clock;
			*out = &set[i];
			return AM_OK;
		}
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	AM_TRY(make_place(t, oldest, &n));
	AM_TRY(look_up(t, oldest));
	oldest->used = ++t->clock;
	*out = oldest;
	return AM_OK;
}

static enum am_err
get(void *arg, const char *table, struct bytes key, struct blob *out)
{
	struct row *row = NULL;

	AM_TRY(fetch(arg, table, key, &row));
	if (!row->present)
		return AM_ERR_NOT_FOUND;
	out->len = 0;
	return blob_add(out,
	    (struct bytes){
		row->bytes.p + row->key_len, row->bytes.len - row->key_len });
}

static enum am_err
put(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct row *row = NULL;

	if (value.len > SPILL_VALUE_MAX)
		return AM_ERR_INVALID;
	AM_TRY(fetch(arg, table, key, &row));
	row->bytes.len = row->key_len;
	row->present = row->dirty = true;
	return blob_add(&row->bytes, value);
}

struct view
spill_view(struct spill *t)
{
	return (struct view){ .get = get, .put = put, .arg = t };
}

AM_RESULT
spill_new(const char *dir, struct why *why, struct spill **out)
{
	struct spill *t = calloc(1, sizeof(*t));
	enum am_err err;

	if (t == NULL)
		return AM_ERR_NOMEM;
	err = spool_new(dir, why, &t->spool);
	if (err != AM_OK) {
		free(t);
		return err;
	}
	randombytes_buf(t->seed, sizeof(t->seed));
	*out = t;
	return AM_OK;
}

void
spill_free(struct spill *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			blob_free(&t->rows[i][j].bytes);
	for (size_t i = 0; i < PARTS; i++)
		free(t->index[i].slot);
	spool_free(t->spool);
	free(t);
}
