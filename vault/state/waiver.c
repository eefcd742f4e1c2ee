#include <stdio.h>

#include "vault/state/waiver.h"

static const char table[] = "waiver";

static struct bytes
key_of(const char *waiver)
{
	return (struct bytes){ (const uint8_t *)waiver, strlen(waiver) };
}

/* until || leaf; both 0 where there is none */
static AM_RESULT
get(const struct view *v, const char *waiver, uint8_t out[static 16])
{
	const enum am_err err =
	    rows_index_get(v, table, key_of(waiver), out, 16);

	if (err == AM_ERR_NOT_FOUND)
		memset(out, 0, 16);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
waiver_until(const struct view *v, const char *waiver, int64_t *out)
{
	uint8_t both[16];

	AM_TRY(get(v, waiver, both));
	*out = (int64_t)rows_get_be64(both);
	return AM_OK;
}

AM_RESULT
waiver_of(
    const struct view *v, const char *rule, const char *subject, int64_t *out)
{
	char waiver[ROWS_RULE_MAX + 1];

	(void)snprintf(waiver, sizeof(waiver), "%s %s", rule, subject);
	return waiver_until(v, waiver, out);
}

AM_RESULT
waiver_leaf(const struct view *v, const char *waiver, uint64_t *out)
{
	uint8_t both[16];

	AM_TRY(get(v, waiver, both));
	*out = rows_get_be64(both + 8);
	return AM_OK;
}

AM_RESULT
waiver_take(
    const struct view *v, const char *waiver, int64_t until, uint64_t leaf)
{
	const struct rows_key end = rows_key_with_u64(
				  (struct bytes){ NULL, 0 }, (uint64_t)until),
			      both = rows_key_with_u64(rows_key(&end), leaf);

	return rows_index_put(v, table, key_of(waiver), rows_key(&both));
}
