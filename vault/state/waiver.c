#include <stdio.h>

#include "vault/state/waiver.h"

static const char table[] = "waiver";

static struct bytes
key_of(const char *waiver)
{
	return (struct bytes){ (const uint8_t *)waiver, strlen(waiver) };
}

AM_RESULT
waiver_until(const struct view *v, const char *waiver, int64_t *out)
{
	uint8_t be[8] = { 0 };
	const enum am_err err =
	    rows_index_get(v, table, key_of(waiver), be, sizeof(be));

	*out = err == AM_OK ? (int64_t)rows_get_be64(be) : 0;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
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
waiver_take(const struct view *v, const char *waiver, int64_t until)
{
	const struct rows_key end =
	    rows_key_with_u64((struct bytes){ NULL, 0 }, (uint64_t)until);

	return rows_index_put(v, table, key_of(waiver), rows_key(&end));
}
