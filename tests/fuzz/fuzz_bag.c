#include <sodium.h>

#include "vault/crypto/bag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The fixed part is taken from the input, so that parsing goes on behind it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t prf[32] = { 7 };
	const struct bytes cred = { (const uint8_t *)"TEST", 4 };
	secret_auto *out = NULL;

	if (sodium_init() < 0)
		abort();
	if (size < BAG_FIXED)
		return 0;
	if (bag_open((struct bytes){ data, size },
		data[5] == 1 ? BAG_IDENTITY : BAG_MEMBER, data + 8, data + 24,
		(struct bytes){ prf, 32 }, cred, &out) == AM_OK &&
	    secret_bytes(out).len != BAG_IDENTITY_BODY &&
	    secret_bytes(out).len != BAG_MEMBER_BODY)
		abort();
	return 0;
}
