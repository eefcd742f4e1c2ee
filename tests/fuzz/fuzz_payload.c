#include "vault/acts/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in = { data, size };
	struct bytes value = { 0 };
	char names[256];

	if (payload_get(in, NULL, &value) == AM_OK &&
	    (value.p < data || value.p + value.len > data + size))
		abort();
	if (payload_get(in, "url", &value) == AM_OK &&
	    (value.p < data || value.p + value.len > data + size))
		abort();
	if (payload_names(in, names, sizeof(names)) == AM_OK &&
	    strlen(names) >= sizeof(names))
		abort();
	return 0;
}
