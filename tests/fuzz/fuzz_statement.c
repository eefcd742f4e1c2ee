#include "vault/log/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is canonical: its body hashes to the id that was read. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	statement_auto s = { 0 };
	struct why why = { 0 };
	blob_auto body = { 0 };
	uint8_t id[32];

	if (statement_parse((struct bytes){ data, size }, &why, &s) != AM_OK)
		return 0;
	if (statement_id(s.body, &body, id) != AM_OK ||
	    !bytes_same((struct bytes){ id, 32 }, (struct bytes){ s.id, 32 }))
		abort();
	return 0;
}
