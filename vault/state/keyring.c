#include "vault/state/keyring.h"

static const char table[] = "token-of";

static struct rows_key
place(const uint8_t person[static 16], uint32_t i)
{
	return rows_key_with_u32((struct bytes){ person, 16 }, i);
}

/* People have a few, so the end is found by walking there. */
AM_RESULT
keyring_add(const struct view *v, const struct rows_token *t)
{
	struct rows_key key = place(t->person, 0);
	bool taken = true;

	for (uint32_t i = 0; taken; i++) {
		key = place(t->person, i);
		AM_TRY(view_has(v, table, rows_key(&key), &taken));
	}
	return rows_index_put(
	    v, table, rows_key(&key), (struct bytes){ t->token, 32 });
}

AM_RESULT
keyring_nth(const struct view *v, const uint8_t person[static 16], uint32_t i,
    struct rows_token *out)
{
	const struct rows_key key = place(person, i);
	uint8_t id[32];
	enum am_err err;

	AM_TRY(rows_index_get(v, table, rows_key(&key), id, sizeof(id)));
	err = rows_get_token(v, (struct bytes){ id, sizeof(id) }, out);
	return err == AM_ERR_NOT_FOUND ? AM_ERR_CORRUPT : err;
}
