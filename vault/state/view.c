#include <sodium.h>

#include "vault/state/view.h"
#include "vault/store/store.h"

AM_RESULT
view_has(const struct view *v, const char *table, struct bytes key, bool *out)
{
	blob_auto value = { 0 };
	const enum am_err err = view_get(v, table, key, &value);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	*out = err == AM_OK;
	return AM_OK;
}

/* ---- LMDB */

static enum am_err
from_store(void *arg, const char *table, struct bytes key, struct blob *out)
{
	return store_get(arg, table, key, out);
}

static enum am_err
to_store(void *arg, const char *table, struct bytes key, struct bytes value)
{
	return store_put(arg, table, key, value);
}

struct view
view_store(struct store_txn *t)
{
	return (struct view){ .get = from_store, .put = to_store, .arg = t };
}

/* ---- memory: open addressing over 16-byte hashes of (table, key) */

struct cell {
	uint8_t hash[16];
	uint32_t len, cap;
	uint8_t *value; /* NULL: empty cell */
};

struct view_memory {
	struct cell *cells;
	size_t cap, used; /* cap is a power of two */
	uint8_t seed[crypto_generichash_KEYBYTES];
};

static void
hash_of(const struct view_memory *m, const char *table, struct bytes key,
    uint8_t out[static 16])
{
	crypto_generichash_state st;

	/* Keyed, so that nobody can aim at one cell. */
	crypto_generichash_init(&st, m->seed, sizeof(m->seed), 16);
	crypto_generichash_update(
	    &st, (const uint8_t *)table, strlen(table) + 1);
	if (key.len > 0)
		crypto_generichash_update(&st, key.p, key.len);
	crypto_generichash_final(&st, out, 16);
}

static struct cell *
find(struct cell *cells, size_t cap, const uint8_t hash[static 16])
{
	uint64_t at;

	memcpy(&at, hash, sizeof(at));
	for (size_t i = (size_t)at & (cap - 1);; i = (i + 1) & (cap - 1))
		if (cells[i].value == NULL ||
		    bytes_same((struct bytes){ cells[i].hash, 16 },
			(struct bytes){ hash, 16 }))
			return &cells[i];
}

static AM_RESULT
grow(struct view_memory *m)
{
	const size_t cap = m->cap * 2;
	struct cell *cells = calloc(cap, sizeof(*cells));

	if (cells == NULL)
		return AM_ERR_NOMEM;
	for (size_t i = 0; i < m->cap; i++)
		if (m->cells[i].value != NULL)
			*find(cells, cap, m->cells[i].hash) = m->cells[i];
	free(m->cells);
	m->cells = cells;
	m->cap = cap;
	return AM_OK;
}

static enum am_err
from_memory(void *arg, const char *table, struct bytes key, struct blob *out)
{
	struct view_memory *m = arg;
	const struct cell *c;
	uint8_t hash[16];

	hash_of(m, table, key, hash);
	c = find(m->cells, m->cap, hash);
	if (c->value == NULL)
		return AM_ERR_NOT_FOUND;
	out->len = 0;
	return blob_add(out, (struct bytes){ c->value, c->len });
}

/* gcc's analyzer loses sight of a block once it hangs in a cell. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static AM_RESULT
make_room(struct cell *c, size_t len)
{
	uint8_t *p;

	if (c->value != NULL && len <= c->cap)
		return AM_OK;
	if ((p = malloc(len + 1)) == NULL) /* never NULL for no bytes */
		return AM_ERR_NOMEM;
	free(c->value);
	c->value = p;
	c->cap = (uint32_t)len;
	return AM_OK;
}

static enum am_err
to_memory(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct view_memory *m = arg;
	struct cell *c;
	uint8_t hash[16];
	bool fresh;

	if (value.len > UINT32_MAX)
		return AM_ERR_INVALID;
	if (m->used + 1 > m->cap - m->cap / 4)
		AM_TRY(grow(m));
	hash_of(m, table, key, hash);
	c = find(m->cells, m->cap, hash);
	fresh = c->value == NULL;
	AM_TRY(make_room(c, value.len));
	if (fresh) {
		memcpy(c->hash, hash, sizeof(hash));
		m->used++;
	}
	if (value.len > 0)
		memcpy(c->value, value.p, value.len);
	c->len = (uint32_t)value.len;
	return AM_OK;
}

AM_RESULT
view_memory_new(struct view_memory **out)
{
	struct view_memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return AM_ERR_NOMEM;
	m->cap = 1024;
	if ((m->cells = calloc(m->cap, sizeof(*m->cells))) == NULL) {
		free(m);
		return AM_ERR_NOMEM;
	}
	randombytes_buf(m->seed, sizeof(m->seed));
	*out = m;
	return AM_OK;
}

void
view_memory_free(struct view_memory *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->cap; i++)
		free(m->cells[i].value);
	free(m->cells);
	free(m);
}

struct view
view_memory(struct view_memory *m)
{
	return (struct view){ .get = from_memory, .put = to_memory, .arg = m };
}
