#include <string.h>

#include "tests/softtoken/cred.h"

#define FORMAT 1
#define PLAIN  98

static void
wrap_key(const uint8_t master[static PRIM_KEY], uint8_t out[static PRIM_KEY])
{
	prim_hmac(master, TEXT("amanat-softtoken credential"),
	    (struct span){ 0 }, out);
}

void
cred_wrap(const struct cred *c, const uint8_t master[static PRIM_KEY],
    uint8_t id[static CRED_ID])
{
	uint8_t plain[PLAIN], key[PRIM_KEY];

	memcpy(plain, c->rp_hash, PRIM_HASH);
	plain[32] = c->flags;
	plain[33] = c->level;
	memcpy(plain + 34, c->d, PRIM_KEY);
	memcpy(plain + 66, c->seed, PRIM_KEY);
	wrap_key(master, key);
	id[0] = FORMAT;
	prim_random(id + 1, PRIM_NONCE);
	prim_gcm_seal(key, id + 1, SPAN(plain), id + 1 + PRIM_NONCE);
	prim_wipe(plain, sizeof(plain));
	prim_wipe(key, sizeof(key));
}

static bool
open_id(
    struct span id, const uint8_t master[static PRIM_KEY], uint8_t plain[PLAIN])
{
	const size_t head = 1 + PRIM_NONCE;
	uint8_t key[PRIM_KEY];
	bool ok;

	if (id.len != CRED_ID || id.p[0] != FORMAT)
		return false;
	wrap_key(master, key);
	ok = prim_gcm_open(
	    key, id.p + 1, (struct span){ id.p + head, id.len - head }, plain);
	prim_wipe(key, sizeof(key));
	return ok;
}

bool
cred_unwrap(struct span id, const uint8_t master[static PRIM_KEY],
    const uint8_t rp_hash[static PRIM_HASH], struct cred *out)
{
	uint8_t plain[PLAIN];

	if (!open_id(id, master, plain))
		return false;
	if (!prim_same(plain, rp_hash, PRIM_HASH)) {
		prim_wipe(plain, sizeof(plain));
		return false;
	}
	memcpy(out->rp_hash, plain, PRIM_HASH);
	out->flags = plain[32];
	out->level = plain[33];
	memcpy(out->d, plain + 34, PRIM_KEY);
	memcpy(out->seed, plain + 66, PRIM_KEY);
	prim_wipe(plain, sizeof(plain));
	return true;
}

void
cred_secret(const struct cred *c, bool uv, uint8_t out[static PRIM_KEY])
{
	prim_hmac(c->seed, uv ? TEXT("with uv") : TEXT("without uv"),
	    (struct span){ 0 }, out);
}
