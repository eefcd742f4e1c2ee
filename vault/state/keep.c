#include "vault/state/keep.h"

static bool
is_kept(const char *table)
{
	static const char *const tables[] = { "vault", "batch", "safe",
		"manifest", "person" };

	for (size_t i = 0; i < AM_ARRAY_LEN(tables); i++)
		if (strcmp(tables[i], table) == 0)
			return true;
	return false;
}

static struct keep_row *
find(struct keep *k, const char *table, struct bytes key)
{
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->rows[i].table, table) == 0 &&
		    bytes_same(key,
			(struct bytes){ k->rows[i].key, k->rows[i].key_len }))
			return &k->rows[i];
	return NULL;
}

/* NULL: no room, or not of the tables that are kept. */
static struct keep_row *
add(struct keep *k, const char *table, struct bytes key)
{
	struct keep_row *row = &k->rows[k->count];

	if (k->count == KEEP_ROWS || key.len > KEEP_KEY_MAX || !is_kept(table))
		return NULL;
	k->count++;
	row->table = table;
	row->key_len = key.len;
	if (key.len > 0)
		memcpy(row->key, key.p, key.len);
	return row;
}

static enum am_err
set(struct blob *to, struct bytes value)
{
	to->len = 0;
	return blob_add(to, value);
}

static enum am_err
get(void *arg, const char *table, struct bytes key, struct blob *out)
{
	struct keep *k = arg;
	struct keep_row *row = find(k, table, key);

	if (row != NULL)
		return set(out, blob_bytes(&row->value));
	AM_TRY(view_get(&k->under, table, key, out));
	row = add(k, table, key);
	return row == NULL ? AM_OK : set(&row->value, blob_bytes(out));
}

static enum am_err
put(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct keep *k = arg;
	struct keep_row *row = find(k, table, key);

	if (row == NULL)
		row = add(k, table, key);
	if (row == NULL)
		return view_put(&k->under, table, key, value);
	row->changed = true;
	return set(&row->value, value);
}

struct view
keep_view(struct keep *k)
{
	return (struct view){ .get = get, .put = put, .arg = k };
}

AM_RESULT
keep_flush(struct keep *k)
{
	for (size_t i = 0; i < k->count; i++) {
		struct keep_row *r = &k->rows[i];

		if (r->changed)
			AM_TRY(view_put(&k->under, r->table,
			    (struct bytes){ r->key, r->key_len },
			    blob_bytes(&r->value)));
		r->changed = false;
	}
	return AM_OK;
}

void
keep_free(struct keep *k)
{
	for (size_t i = 0; i < k->count; i++)
		blob_free(&k->rows[i].value);
	k->count = 0;
}
