#include <sodium.h>

#include "vault/log/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char origin[] = "vault.example/amanat/"
			     "000102030405060708090a0b0c0d0e0f";

/* A key line that parses is written again; a note that opens was signed. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = { 1 };
	const struct bytes in = { data, size };
	uint8_t pk[NOTE_PUBLIC], sk[crypto_sign_SECRETKEYBYTES];
	struct note n;
	blob_auto again = { 0 };

	if (sodium_init() < 0)
		abort();
	(void)crypto_sign_seed_keypair(pk, sk, seed);
	if (note_open(in, origin, pk, &n) != AM_OK)
		return 0;
	/* the text that was signed is made from what was read */
	if (note_sign(origin, &n, (struct bytes){ seed, 32 }, &again) != AM_OK)
		abort();
	for (size_t i = 0, blanks = 0; blanks < 4; i++) {
		if (i >= size || i >= again.len || data[i] != again.p[i])
			abort();
		blanks += data[i] == '\n';
	}
	return 0;
}
