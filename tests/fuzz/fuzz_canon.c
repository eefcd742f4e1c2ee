#include "vault/log/canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written again byte for byte (R2.11). */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in = { data, size };
	canon_auto *v = NULL;
	blob_auto again = { 0 };

	(void)canon_text_ok(in);
	if (canon_parse(in, &v) != AM_OK)
		return 0;
	if (canon_write(v, &again) != AM_OK ||
	    !bytes_same(in, blob_bytes(&again)))
		abort();
	return 0;
}
