#include "hsm/attest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t zeros[64];
	const struct attest_expected want = { .rpid = "vault.example",
		.cred = { zeros, 16 },
		.key = zeros,
		.aaguid = zeros,
		.evaluation = true };
	static const char client[] =
	    "{\"type\":\"webauthn.create\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"https://vault.example\","
	    "\"crossOrigin\":false}";
	struct why why = { 0 };
	unsigned level = 0;

	if (attest_check((struct bytes){ data, size },
		(struct bytes){ (const uint8_t *)client, sizeof(client) - 1 },
		zeros, &want, &why) == AM_OK &&
	    size < 100)
		abort();
	if (attest_protection((struct bytes){ data, size }, &level) == AM_OK &&
	    level > 3)
		abort();
	return 0;
}
