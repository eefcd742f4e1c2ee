#include <string.h>

#include "tests/softtoken/pin.h"
#include "tests/softtoken/soft.h"

enum subcommand {
	GET_RETRIES = 1,
	GET_KEY_AGREEMENT = 2,
	SET_PIN = 3,
	CHANGE_PIN = 4,
	GET_TOKEN = 5,
	GET_TOKEN_WITH_PERMISSIONS = 9,
};

/* Keys of the request (CTAP 2.1, 6.5.5). */
enum param {
	P_PROTOCOL = 1,
	P_SUBCOMMAND = 2,
	P_KEY_AGREEMENT = 3,
	P_AUTH = 4,
	P_NEW_PIN = 5,
	P_PIN_HASH = 6,
	P_PERMISSIONS = 9,
	P_RP_ID = 10,
};

static const uint8_t zeros[PRIM_KEY];

void
pin_open(struct pin *p)
{
	*p = (struct pin){ 0 };
	for (size_t i = 0; i < PIN_PROTOCOLS; i++)
		p->agree[i] = prim_ec_new();
}

void
pin_close(struct pin *p)
{
	for (size_t i = 0; i < PIN_PROTOCOLS; i++)
		prim_pkey_done(&p->agree[i]);
	prim_wipe(p, sizeof(*p));
}

/* ---- the two protocols (6.5.6, 6.5.7) */

/* HKDF-SHA-256 with a salt of 32 zero bytes, one block. */
static void
hkdf(const uint8_t z[static PRIM_KEY], struct span info, uint8_t out[PRIM_KEY])
{
	const uint8_t one[] = { 1 };
	uint8_t prk[PRIM_HASH];

	prim_hmac(zeros, (struct span){ z, PRIM_KEY }, (struct span){ 0 }, prk);
	prim_hmac(prk, info, SPAN(one), out);
	prim_wipe(prk, sizeof(prk));
}

static void
derive(struct pin_shared *k, const uint8_t z[static PRIM_KEY])
{
	if (k->protocol == 1) {
		prim_sha256((struct span){ z, PRIM_KEY }, k->hmac);
		memcpy(k->aes, k->hmac, PRIM_KEY);
		return;
	}
	hkdf(z, TEXT("CTAP2 HMAC key"), k->hmac);
	hkdf(z, TEXT("CTAP2 AES key"), k->aes);
}

static bool
take_point(const struct cb_item *cose, uint8_t xy[PRIM_POINT])
{
	struct cb_item kty = cb_find(cose, 1), alg = cb_find(cose, 3);
	struct cb_item crv = cb_find(cose, -1);
	struct cb_item x = cb_find(cose, -2), y = cb_find(cose, -3);

	if (!cb_is_int(&kty, 2) || !cb_is_int(&alg, -25) || !cb_is_int(&crv, 1))
		return false;
	if (x.major != CB_BYTES || x.body.len != PRIM_KEY ||
	    y.major != CB_BYTES || y.body.len != PRIM_KEY)
		return false;
	memcpy(xy, x.body.p, PRIM_KEY);
	memcpy(xy + PRIM_KEY, y.body.p, PRIM_KEY);
	return true;
}

enum ctap
pin_agree(struct pin *p, unsigned protocol, const struct cb_item *cose,
    struct pin_shared *out)
{
	uint8_t xy[PRIM_POINT], z[PRIM_KEY];

	if (!take_point(cose, xy) || !prim_ecdh(p->agree[protocol - 1], xy, z))
		return CTAP_INVALID_PARAMETER;
	out->protocol = protocol;
	derive(out, z);
	prim_wipe(z, sizeof(z));
	return CTAP_OK;
}

bool
pin_verify(
    const struct pin_shared *k, struct span a, struct span b, struct span tag)
{
	const size_t want = k->protocol == 1 ? 16 : 32;
	uint8_t mac[PRIM_HASH];

	if (tag.len != want)
		return false;
	prim_hmac(k->hmac, a, b, mac);
	return prim_same(mac, tag.p, want);
}

bool
pin_decrypt(
    const struct pin_shared *k, struct span box, uint8_t *out, size_t *len)
{
	const uint8_t *iv = zeros;

	if (k->protocol == 2) {
		if (box.len < PRIM_BLOCK)
			return false;
		iv = box.p;
		box.p += PRIM_BLOCK;
		box.len -= PRIM_BLOCK;
	}
	if (box.len == 0 || box.len % PRIM_BLOCK != 0)
		return false;
	prim_cbc(false, k->aes, iv, box, out);
	*len = box.len;
	return true;
}

size_t
pin_encrypt(const struct pin_shared *k, struct span plain,
    uint8_t out[static PIN_BOX_MAX])
{
	if (k->protocol == 1) {
		prim_cbc(true, k->aes, zeros, plain, out);
		return plain.len;
	}
	prim_random(out, PRIM_BLOCK);
	prim_cbc(true, k->aes, out, plain, out + PRIM_BLOCK);
	return PRIM_BLOCK + plain.len;
}

/* ---- the PIN */

static void
forget_token(struct pin *p)
{
	p->token_protocol = 0;
	prim_wipe(p->token, sizeof(p->token));
}

static enum ctap
is_open(const struct soft *s)
{
	if (soft_fault(s, FAULT_PIN_BLOCKED))
		return CTAP_PIN_BLOCKED;
	if (!soft_has_pin(s))
		return CTAP_PIN_NOT_SET;
	if (s->disk.tries == 0)
		return CTAP_PIN_BLOCKED;
	if (s->pin.wrong_in_row >= PIN_IN_A_ROW)
		return CTAP_PIN_AUTH_BLOCKED;
	return CTAP_OK;
}

static enum ctap
wrong(struct soft *s, unsigned protocol)
{
	EVP_PKEY **agree = &s->pin.agree[protocol - 1];

	prim_pkey_done(agree);
	*agree = prim_ec_new();
	s->pin.wrong_in_row++;
	if (s->disk.tries == 0)
		return CTAP_PIN_BLOCKED;
	if (s->pin.wrong_in_row >= PIN_IN_A_ROW)
		return CTAP_PIN_AUTH_BLOCKED;
	return CTAP_PIN_INVALID;
}

/* The try is counted, and on disk, before anything is compared. */
static enum ctap
compare(struct soft *s, const struct pin_shared *k, struct span box)
{
	uint8_t hash[PIN_PADDED] = { 0 };
	size_t len = 0;
	bool same = false;

	if (box.len > sizeof(hash))
		return CTAP_INVALID_PARAMETER;
	s->disk.tries--;
	if (!disk_save(&s->disk))
		return CTAP_OTHER;
	if (pin_decrypt(k, box, hash, &len) && len == DISK_PIN_HASH)
		same = prim_same(hash, s->disk.pin_hash, DISK_PIN_HASH);
	prim_wipe(hash, sizeof(hash));
	if (!same)
		return wrong(s, k->protocol);
	s->disk.tries = DISK_PIN_TRIES;
	s->pin.wrong_in_row = 0;
	return disk_save(&s->disk) ? CTAP_OK : CTAP_OTHER;
}

static size_t
code_points(const uint8_t *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (p[i] & 0xc0) != 0x80;
	return n;
}

/* Stores the hash of a PIN padded with zeros to 64 bytes. */
static enum ctap
store_pin(struct soft *s, const struct pin_shared *k, struct span box)
{
	uint8_t padded[PIN_PADDED + PRIM_BLOCK] = { 0 }, hash[PRIM_HASH];
	size_t len = 0, used = PIN_PADDED;

	if (box.len > sizeof(padded) || !pin_decrypt(k, box, padded, &len) ||
	    len != PIN_PADDED)
		return CTAP_INVALID_PARAMETER;
	while (used > 0 && padded[used - 1] == 0)
		used--;
	if (used == PIN_PADDED || code_points(padded, used) < PIN_CODE_MIN) {
		prim_wipe(padded, sizeof(padded));
		return CTAP_PIN_POLICY_VIOLATION;
	}
	prim_sha256((struct span){ padded, used }, hash);
	prim_wipe(padded, sizeof(padded));
	memcpy(s->disk.pin_hash, hash, DISK_PIN_HASH);
	prim_wipe(hash, sizeof(hash));
	s->disk.has_pin = true;
	s->disk.tries = DISK_PIN_TRIES;
	forget_token(&s->pin);
	return disk_save(&s->disk) ? CTAP_OK : CTAP_OTHER;
}

/* ---- the subcommands */

static enum ctap
get_retries(const struct soft *s, struct cb_out *o)
{
	bool blocked = soft_fault(s, FAULT_PIN_BLOCKED);

	cb_map(o, 2);
	cb_uint(o, 3);
	cb_uint(o, blocked ? 0 : s->disk.tries);
	cb_uint(o, 4);
	cb_bool(o, s->pin.wrong_in_row >= PIN_IN_A_ROW);
	return CTAP_OK;
}

static enum ctap
protocol_of(const struct soft *s, const struct cb_item *map, int64_t key,
    unsigned *protocol)
{
	struct cb_item it;

	CTAP_TRY(cb_need(map, key, CB_UINT, &it));
	for (size_t i = 0; i < s->protocol_count; i++)
		if (it.n == s->protocols[i]) {
			*protocol = s->protocols[i];
			return CTAP_OK;
		}
	return CTAP_INVALID_PARAMETER;
}

static enum ctap
get_key_agreement(
    const struct soft *s, const struct cb_item *map, struct cb_out *o)
{
	uint8_t xy[PRIM_POINT];
	unsigned protocol = 0;

	CTAP_TRY(protocol_of(s, map, P_PROTOCOL, &protocol));
	prim_ec_point(s->pin.agree[protocol - 1], xy);
	cb_map(o, 1);
	cb_uint(o, 1);
	cb_map(o, 5);
	cb_int(o, 1);
	cb_int(o, 2);
	cb_int(o, 3);
	cb_int(o, -25);
	cb_int(o, -1);
	cb_int(o, 1);
	cb_int(o, -2);
	cb_bytes(o, (struct span){ xy, PRIM_KEY });
	cb_int(o, -3);
	cb_bytes(o, (struct span){ xy + PRIM_KEY, PRIM_KEY });
	return CTAP_OK;
}

static enum ctap
shared_of(struct soft *s, const struct cb_item *map, struct pin_shared *k)
{
	struct cb_item cose;
	unsigned protocol = 0;

	CTAP_TRY(protocol_of(s, map, P_PROTOCOL, &protocol));
	CTAP_TRY(cb_need(map, P_KEY_AGREEMENT, CB_MAP, &cose));
	return pin_agree(&s->pin, protocol, &cose, k);
}

static enum ctap
set_pin(struct soft *s, const struct cb_item *map)
{
	struct cb_item box, tag;
	struct pin_shared k;
	enum ctap st;

	CTAP_TRY(cb_need(map, P_NEW_PIN, CB_BYTES, &box));
	CTAP_TRY(cb_need(map, P_AUTH, CB_BYTES, &tag));
	if (soft_has_pin(s))
		return CTAP_PIN_AUTH_INVALID;
	CTAP_TRY(shared_of(s, map, &k));
	st = CTAP_PIN_AUTH_INVALID;
	if (pin_verify(&k, box.body, (struct span){ 0 }, tag.body))
		st = store_pin(s, &k, box.body);
	prim_wipe(&k, sizeof(k));
	return st;
}

static enum ctap
change_pin_with(
    struct soft *s, const struct cb_item *map, const struct pin_shared *k)
{
	struct cb_item box, hash, tag;

	CTAP_TRY(cb_need(map, P_NEW_PIN, CB_BYTES, &box));
	CTAP_TRY(cb_need(map, P_PIN_HASH, CB_BYTES, &hash));
	CTAP_TRY(cb_need(map, P_AUTH, CB_BYTES, &tag));
	if (!pin_verify(k, box.body, hash.body, tag.body))
		return CTAP_PIN_AUTH_INVALID;
	CTAP_TRY(compare(s, k, hash.body));
	return store_pin(s, k, box.body);
}

static enum ctap
change_pin(struct soft *s, const struct cb_item *map)
{
	struct pin_shared k;
	enum ctap st;

	CTAP_TRY(is_open(s));
	CTAP_TRY(shared_of(s, map, &k));
	st = change_pin_with(s, map, &k);
	prim_wipe(&k, sizeof(k));
	return st;
}

static void
new_token(struct pin *p, unsigned protocol, uint8_t permissions)
{
	p->token_protocol = protocol;
	prim_random(p->token, sizeof(p->token));
	p->permissions = permissions;
	p->has_rp = false;
	p->used = false;
	p->issued_ms = prim_now_ms();
}

/* The permissions of a legacy token, or those that are asked for. */
static enum ctap
take_permissions(const struct cb_item *map, bool with, uint8_t *permissions,
    struct span *rp_id)
{
	struct cb_item perms = { 0 }, rp = { 0 };

	if (!with) {
		if (cb_find(map, P_PERMISSIONS).major != CB_ABSENT ||
		    cb_find(map, P_RP_ID).major != CB_ABSENT)
			return CTAP_INVALID_PARAMETER;
		*permissions = PIN_PERM_MAKE | PIN_PERM_GET;
		return CTAP_OK;
	}
	CTAP_TRY(cb_need(map, P_PERMISSIONS, CB_UINT, &perms));
	if (perms.n == 0)
		return CTAP_INVALID_PARAMETER;
	if ((perms.n & ~(uint64_t)(PIN_PERM_MAKE | PIN_PERM_GET)) != 0)
		return CTAP_UNAUTHORIZED_PERMISSION;
	CTAP_TRY(cb_need(map, P_RP_ID, CB_TEXT, &rp));
	*permissions = (uint8_t)perms.n;
	*rp_id = rp.body;
	return CTAP_OK;
}

static enum ctap
compare_with(
    struct soft *s, const struct cb_item *map, const struct pin_shared *k)
{
	struct cb_item box;

	CTAP_TRY(cb_need(map, P_PIN_HASH, CB_BYTES, &box));
	return compare(s, k, box.body);
}

static enum ctap
get_token(
    struct soft *s, const struct cb_item *map, bool with, struct cb_out *o)
{
	uint8_t box[PIN_BOX_MAX], permissions = 0;
	struct span rp_id = { 0 };
	struct pin_shared k;
	enum ctap st;
	size_t len;

	CTAP_TRY(take_permissions(map, with, &permissions, &rp_id));
	CTAP_TRY(is_open(s));
	CTAP_TRY(shared_of(s, map, &k));
	st = compare_with(s, map, &k);
	if (st != CTAP_OK) {
		prim_wipe(&k, sizeof(k));
		return st;
	}
	new_token(&s->pin, k.protocol, permissions);
	if (with) {
		s->pin.has_rp = true;
		prim_sha256(rp_id, s->pin.rp_hash);
	}
	len = pin_encrypt(&k, SPAN(s->pin.token), box);
	prim_wipe(&k, sizeof(k));
	cb_map(o, 1);
	cb_uint(o, 2);
	cb_bytes(o, (struct span){ box, len });
	return CTAP_OK;
}

enum ctap
pin_command(struct soft *s, const struct cb_item *map, struct cb_out *o)
{
	struct cb_item sub;

	CTAP_TRY(cb_need(map, P_SUBCOMMAND, CB_UINT, &sub));
	switch (sub.n) {
	case GET_RETRIES:
		return get_retries(s, o);
	case GET_KEY_AGREEMENT:
		return get_key_agreement(s, map, o);
	case SET_PIN:
		return set_pin(s, map);
	case CHANGE_PIN:
		return change_pin(s, map);
	case GET_TOKEN:
		return get_token(s, map, false, o);
	case GET_TOKEN_WITH_PERMISSIONS:
		return get_token(s, map, true, o);
	default:
		return CTAP_INVALID_SUBCOMMAND;
	}
}

/* ---- the token at work */

static bool
token_live(struct pin *p)
{
	int64_t age = prim_now_ms() - p->issued_ms;

	if (age > PIN_TOKEN_MS || (!p->used && age > PIN_UNUSED_MS))
		forget_token(p);
	return p->token_protocol != 0;
}

/* The first rp that a legacy token serves is the only one. */
static bool
token_allows(struct pin *p, const struct pin_ask *ask)
{
	if ((p->permissions & ask->permission) == 0)
		return false;
	if (p->has_rp)
		return prim_same(p->rp_hash, ask->rp_hash, PRIM_HASH);
	p->has_rp = true;
	memcpy(p->rp_hash, ask->rp_hash, PRIM_HASH);
	return true;
}

static bool
token_verifies(const struct pin *p, const uint8_t *hash, struct span tag)
{
	struct pin_shared k = { .protocol = p->token_protocol };
	bool ok;

	memcpy(k.hmac, p->token, PRIM_KEY);
	ok = pin_verify(
	    &k, (struct span){ hash, PRIM_HASH }, (struct span){ 0 }, tag);
	prim_wipe(&k, sizeof(k));
	return ok;
}

enum ctap
pin_authorize(struct soft *s, const struct cb_item *map,
    const struct pin_ask *ask, bool *uv)
{
	struct cb_item tag = { .major = CB_ABSENT };
	struct pin *p = &s->pin;
	unsigned protocol = 0;

	CTAP_TRY(cb_want(map, ask->param_key, CB_BYTES, &tag));
	if (tag.major == CB_ABSENT)
		return CTAP_OK;
	if (tag.body.len == 0) { /* "which key is it?", 6.1.2 step 1 */
		CTAP_TRY(soft_touch(s));
		return soft_has_pin(s) ? CTAP_PIN_INVALID : CTAP_PIN_NOT_SET;
	}
	CTAP_TRY(protocol_of(s, map, ask->protocol_key, &protocol));
	if (!soft_has_pin(s))
		return CTAP_PIN_NOT_SET;
	if (!token_live(p) || p->token_protocol != protocol ||
	    !token_verifies(p, ask->hash, tag.body) || !token_allows(p, ask))
		return CTAP_PIN_AUTH_INVALID;
	p->used = true;
	*uv = true;
	return CTAP_OK;
}

void
pin_spend(struct pin *p)
{
	forget_token(p);
}
