#include <sodium.h>

#include "vault/log/service.h"

#include "vault/log/note.h"

static const uint8_t act[] = "amanat/1 service";   /* T("service") */
static const uint8_t status[] = "amanat/1 status"; /* T("status") */

enum { MESSAGE_MAX = sizeof(act) + 32 };

_Static_assert(SERVICE_SIG == crypto_sign_BYTES, "Ed25519");
_Static_assert(sizeof(status) <= sizeof(act), "MESSAGE_MAX");

/* Returns its length. */
static size_t
message(struct bytes tag, const uint8_t sum[static 32],
    uint8_t out[static MESSAGE_MAX])
{
	memcpy(out, tag.p, tag.len);
	memcpy(out + tag.len, sum, 32);
	return tag.len + 32;
}

static AM_RESULT
sign(struct bytes tag, struct bytes key, const uint8_t sum[static 32],
    uint8_t out[SERVICE_SIG])
{
	uint8_t m[MESSAGE_MAX];

	if (key.len != NOTE_SECRET)
		return AM_ERR_INVALID;
	(void)crypto_sign_detached(out, NULL, m, message(tag, sum, m), key.p);
	return AM_OK;
}

static AM_RESULT
verify(struct bytes tag, const uint8_t key[static 32],
    const uint8_t sum[static 32], const uint8_t sig[static SERVICE_SIG])
{
	uint8_t m[MESSAGE_MAX];
	const size_t len = message(tag, sum, m);

	return crypto_sign_verify_detached(sig, m, len, key) == 0
	    ? AM_OK
	    : AM_ERR_VERIFY;
}

AM_RESULT
service_sign(
    struct bytes key, const uint8_t id[static 32], uint8_t out[SERVICE_SIG])
{
	return sign((struct bytes){ act, sizeof(act) }, key, id, out);
}

AM_RESULT
service_verify(const uint8_t key[static 32], const uint8_t id[static 32],
    const uint8_t sig[static SERVICE_SIG])
{
	return verify((struct bytes){ act, sizeof(act) }, key, id, sig);
}

AM_RESULT
service_sign_status(
    struct bytes key, const uint8_t sum[static 32], uint8_t out[SERVICE_SIG])
{
	return sign((struct bytes){ status, sizeof(status) }, key, sum, out);
}

AM_RESULT
service_verify_status(const uint8_t key[static 32],
    const uint8_t sum[static 32], const uint8_t sig[static SERVICE_SIG])
{
	return verify((struct bytes){ status, sizeof(status) }, key, sum, sig);
}
