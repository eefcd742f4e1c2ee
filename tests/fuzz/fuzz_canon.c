#include <jansson.h>

#include "vault/log/canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* R2.11 in other words: ordinary JSON that is written again as it stands. */
static bool
is_canonical(struct bytes in)
{
	canon_auto *v = NULL;
	blob_auto again = { 0 };

	if (in.len == 0 || in.len > CANON_LINE_MAX)
		return false;
	v = json_loadb(
	    (const char *)in.p, in.len, JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(v) && canon_write(v, &again) == AM_OK &&
	    bytes_same(in, blob_bytes(&again));
}

/* What parses, and nothing else, is written again byte for byte (R2.11). */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in = { data, size };
	canon_auto *v = NULL;
	blob_auto again = { 0 };

	(void)canon_text_ok(in);
	if ((canon_parse(in, &v) == AM_OK) != is_canonical(in))
		abort();
	if (v != NULL &&
	    (canon_write(v, &again) != AM_OK ||
		!bytes_same(in, blob_bytes(&again))))
		abort();
	return 0;
}
