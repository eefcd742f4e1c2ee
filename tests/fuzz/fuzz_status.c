#include "vault/audit/status.h"
#include "vault/log/canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is a status is canonical, and of the vault that its origin names. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	canon_auto *doc = NULL;
	blob_auto again = { 0 };
	struct status s;

	if (status_read((struct bytes){ data, size }, &s) != AM_OK)
		return 0;
	if (strlen(status_vault(&s)) != STATUS_VAULT ||
	    canon_parse((struct bytes){ data, size - 1 }, &doc) != AM_OK ||
	    canon_write(doc, &again) != AM_OK ||
	    !bytes_same((struct bytes){ data, size - 1 }, blob_bytes(&again)))
		abort();
	return 0;
}
