#include <sodium.h>

#include "vault/log/service.h"

#include "vault/log/note.h"

static const uint8_t tag[] = "amanat/1 service"; /* T("service") */

enum { MESSAGE = sizeof(tag) + 32 };

_Static_assert(SERVICE_SIG == crypto_sign_BYTES, "Ed25519");

static void
message(const uint8_t id[static 32], uint8_t out[static MESSAGE])
{
	memcpy(out, tag, sizeof(tag));
	memcpy(out + sizeof(tag), id, 32);
}

AM_RESULT
service_sign(
    struct bytes key, const uint8_t id[static 32], uint8_t out[SERVICE_SIG])
{
	uint8_t m[MESSAGE];

	if (key.len != NOTE_SECRET)
		return AM_ERR_INVALID;
	message(id, m);
	(void)crypto_sign_detached(out, NULL, m, sizeof(m), key.p);
	return AM_OK;
}

AM_RESULT
service_verify(const uint8_t key[static 32], const uint8_t id[static 32],
    const uint8_t sig[static SERVICE_SIG])
{
	uint8_t m[MESSAGE];

	message(id, m);
	return crypto_sign_verify_detached(sig, m, sizeof(m), key) == 0
	    ? AM_OK
	    : AM_ERR_VERIFY;
}
