#include <stdio.h>

#include "vault/state/logkey.h"

#include "vault/base/enc.h"

/* Index "logkey": u32 -> key || u64 leaf of the statement that ended it. */
struct former {
	uint8_t key[32];
	uint64_t leaf;
};

static AM_RESULT
former_get(const struct view *v, uint32_t n, struct former *out)
{
	const struct rows_key key = rows_key_u32(n);
	uint8_t row[40];

	AM_TRY(rows_index_get(v, "logkey", rows_key(&key), row, sizeof(row)));
	memcpy(out->key, row, sizeof(out->key));
	out->leaf = rows_get_be64(row + 32);
	return AM_OK;
}

AM_RESULT
logkey_retire(const struct view *v, const uint8_t key[static 32], uint64_t leaf)
{
	const struct rows_key row =
	    rows_key_with_u64((struct bytes){ key, 32 }, leaf);
	struct rows_key n;
	struct former f;
	uint32_t count = 0;
	enum am_err err;

	while ((err = former_get(v, count, &f)) == AM_OK)
		count++;
	if (err != AM_ERR_NOT_FOUND)
		return err;
	n = rows_key_u32(count);
	return rows_index_put(v, "logkey", rows_key(&n), rows_key(&row));
}

AM_RESULT
logkey_since(const struct view *v, uint64_t *out)
{
	uint64_t since = 0;
	struct former f;
	enum am_err err;

	for (uint32_t i = 0; (err = former_get(v, i, &f)) == AM_OK; i++)
		since = f.leaf;
	if (err != AM_ERR_NOT_FOUND)
		return err;
	*out = since;
	return AM_OK;
}

AM_RESULT
logkey_open(const struct view *v, struct bytes text, struct note *out)
{
	char origin[NOTE_ORIGIN_MAX + 64], hex[ENC_HEX_LEN(16) + 1];
	struct rows_vault vault;
	struct note n = { 0 };
	struct former f;
	uint64_t from = 0; /* sizes above it have the key that comes next */
	enum am_err err;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	enc_hex((struct bytes){ vault.vault, 16 }, hex);
	(void)snprintf(origin, sizeof(origin), "%s/amanat/%s", vault.rpid, hex);
	for (uint32_t i = 0; (err = former_get(v, i, &f)) == AM_OK; i++) {
		if (note_open(text, origin, f.key, &n) == AM_OK &&
		    n.size > from &&
		    (n.size <= f.leaf || n.size > vault.size)) {
			*out = n;
			return AM_OK;
		}
		from = f.leaf;
	}
	if (err != AM_ERR_NOT_FOUND)
		return err;
	AM_TRY(note_open(text, origin, vault.logkey, &n));
	if (n.size <= from)
		return AM_ERR_VERIFY;
	*out = n;
	return AM_OK;
}
