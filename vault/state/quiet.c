#include "vault/state/quiet.h"

#include "vault/crypto/hash.h"

enum { DAY = 86400 };

void
quiet_hash(const uint8_t salt[static QUIET_SALT], struct bytes text,
    uint8_t out[static 32])
{
	hash_sha256(
	    HASH_PARTS(HASH_T("quiet"), { salt, QUIET_SALT }, text), out);
}

/* An end, and not a far one: what nobody may read is not forgotten so. */
const char *
quiet_fault(int64_t at, int64_t until)
{
	if (until <= at)
		return "a text is sealed until a time to come";
	if (until - at > (int64_t)QUIET_DAYS * DAY)
		return "a text is sealed for 90 days at most";
	return NULL;
}
