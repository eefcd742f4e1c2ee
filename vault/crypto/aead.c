#include <sodium.h>

#include "vault/crypto/aead.h"

void
aead_seal(const uint8_t key[static AEAD_KEY],
    const uint8_t nonce[static AEAD_NONCE], struct bytes ad, struct bytes m,
    uint8_t *out)
{
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out, NULL, m.p, m.len, ad.p, ad.len, NULL, nonce, key);
}

AM_RESULT
aead_open(const uint8_t key[static AEAD_KEY],
    const uint8_t nonce[static AEAD_NONCE], struct bytes ad, struct bytes ct,
    uint8_t *out)
{
	if (ct.len < AEAD_TAG)
		return AM_ERR_CORRUPT;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		out, NULL, NULL, ct.p, ct.len, ad.p, ad.len, nonce, key) != 0)
		return AM_ERR_CORRUPT;
	return AM_OK;
}
