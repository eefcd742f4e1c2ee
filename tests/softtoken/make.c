#include <string.h>

#include "tests/softtoken/ctap.h"

#define ES256 (-7)

/* Keys of the request (CTAP 2.1, 6.1). */
enum param {
	P_HASH = 1,
	P_RP = 2,
	P_USER = 3,
	P_ALGORITHMS = 4,
	P_EXCLUDE = 5,
	P_EXTENSIONS = 6,
	P_OPTIONS = 7,
	P_AUTH = 8,
	P_PROTOCOL = 9,
};

struct request {
	uint8_t hash[PRIM_HASH], rp_hash[PRIM_HASH];
	struct disk_text user, name, display;
	struct cb_item exclude;
	struct ctap_options options;
	uint8_t level; /* 0: not asked for */
	bool hmac;
};

/* ---- what is asked */

static enum ctap
read_hash(const struct cb_item *map, struct request *r)
{
	struct cb_item it;

	CTAP_TRY(cb_need(map, P_HASH, CB_BYTES, &it));
	if (it.body.len != PRIM_HASH)
		return CTAP_INVALID_LENGTH;
	memcpy(r->hash, it.body.p, PRIM_HASH);
	return CTAP_OK;
}

static enum ctap
read_rp(const struct cb_item *map, struct request *r)
{
	struct cb_item rp, id;

	CTAP_TRY(cb_need(map, P_RP, CB_MAP, &rp));
	id = cb_find_text(&rp, TEXT("id"));
	if (id.major == CB_ABSENT)
		return CTAP_MISSING_PARAMETER;
	if (id.major != CB_TEXT)
		return CTAP_UNEXPECTED_TYPE;
	prim_sha256(id.body, r->rp_hash);
	return CTAP_OK;
}

static enum ctap
read_name(const struct cb_item *user, struct span key, struct disk_text *out)
{
	struct cb_item it = cb_find_text(user, key);

	if (it.major == CB_ABSENT)
		return CTAP_OK;
	if (it.major != CB_TEXT)
		return CTAP_UNEXPECTED_TYPE;
	disk_set_text(out, it.body);
	return CTAP_OK;
}

static enum ctap
read_user(const struct cb_item *map, struct request *r)
{
	struct cb_item user, id;

	CTAP_TRY(cb_need(map, P_USER, CB_MAP, &user));
	id = cb_find_text(&user, TEXT("id"));
	if (id.major == CB_ABSENT)
		return CTAP_MISSING_PARAMETER;
	if (id.major != CB_BYTES)
		return CTAP_UNEXPECTED_TYPE;
	if (id.body.len == 0 || id.body.len > DISK_USER_MAX)
		return CTAP_INVALID_LENGTH;
	disk_set_text(&r->user, id.body);
	CTAP_TRY(read_name(&user, TEXT("name"), &r->name));
	return read_name(&user, TEXT("displayName"), &r->display);
}

static enum ctap
read_algorithms(const struct cb_item *map)
{
	bool found = false;
	struct cb_item list, it;

	CTAP_TRY(cb_need(map, P_ALGORITHMS, CB_ARRAY, &list));
	while (list.body.len > 0 && cb_next(&list.body, &it)) {
		struct cb_item type = cb_find_text(&it, TEXT("type"));
		struct cb_item alg = cb_find_text(&it, TEXT("alg"));

		if (it.major != CB_MAP)
			return CTAP_UNEXPECTED_TYPE;
		if (type.major == CB_ABSENT || alg.major == CB_ABSENT)
			return CTAP_MISSING_PARAMETER;
		if (type.major != CB_TEXT ||
		    (alg.major != CB_UINT && alg.major != CB_NINT))
			return CTAP_UNEXPECTED_TYPE;
		found = found ||
		    (cb_is_int(&alg, ES256) && type.body.len == 10 &&
			prim_same(type.body.p, "public-key", 10));
	}
	return found ? CTAP_OK : CTAP_UNSUPPORTED_ALGORITHM;
}

static enum ctap
read_extensions(
    const struct soft *s, const struct cb_item *map, struct request *r)
{
	struct cb_item ext = { .major = CB_ABSENT }, level;
	bool hmac = false, given;

	CTAP_TRY(cb_want(map, P_EXTENSIONS, CB_MAP, &ext));
	CTAP_TRY(cb_want_bool(&ext, TEXT("hmac-secret"), &hmac, &given));
	r->hmac = hmac && !soft_fault(s, FAULT_NO_HMAC);
	level = cb_find_text(&ext, TEXT("credProtect"));
	if (level.major == CB_ABSENT || soft_fault(s, FAULT_NO_PROTECT))
		return CTAP_OK;
	if (level.major != CB_UINT)
		return CTAP_UNEXPECTED_TYPE;
	if (level.n < 1 || level.n > 3)
		return CTAP_INVALID_OPTION;
	r->level = soft_fault(s, FAULT_LEVEL3) ? 3 : (uint8_t)level.n;
	return CTAP_OK;
}

static enum ctap
read_exclude(const struct cb_item *map, struct request *r)
{
	r->exclude = (struct cb_item){ .major = CB_ABSENT };
	CTAP_TRY(cb_want(map, P_EXCLUDE, CB_ARRAY, &r->exclude));
	if (r->exclude.major == CB_ARRAY && r->exclude.n > SOFT_LIST_MAX)
		return CTAP_LIMIT_EXCEEDED;
	return CTAP_OK;
}

/* A uv that comes with a pinUvAuthParam counts as false (6.1.2 step 5). */
static enum ctap
check_options(const struct cb_item *map, const struct request *r)
{
	bool has_param = cb_find(map, P_AUTH).major != CB_ABSENT;

	if (r->options.uv && !has_param)
		return CTAP_INVALID_OPTION;
	if (r->options.up_given && !r->options.up)
		return CTAP_INVALID_OPTION;
	return CTAP_OK;
}

static enum ctap
read_request(const struct soft *s, const struct cb_item *map, struct request *r)
{
	CTAP_TRY(read_hash(map, r));
	CTAP_TRY(read_rp(map, r));
	CTAP_TRY(read_user(map, r));
	CTAP_TRY(read_algorithms(map));
	CTAP_TRY(read_exclude(map, r));
	CTAP_TRY(read_extensions(s, map, r));
	CTAP_TRY(ctap_options(map, P_OPTIONS, &r->options));
	return check_options(map, r);
}

/* ---- what is answered */

/* A credential at level 3 is not told of without user verification. */
static enum ctap
check_exclude(struct soft *s, const struct request *r, bool uv)
{
	struct span list = r->exclude.body, id;
	struct cred c = { 0 };
	bool known = false;

	while (list.len > 0) {
		CTAP_TRY(ctap_next_id(&list, &id));
		if (cred_unwrap(id, s->disk.master, r->rp_hash, &c))
			known = known || c.level < 3 || uv;
	}
	prim_wipe(&c, sizeof(c));
	if (!known)
		return CTAP_OK;
	CTAP_TRY(soft_touch(s));
	return CTAP_CREDENTIAL_EXCLUDED;
}

/* The slot of the same rp and user, or a new one. */
static size_t
slot_for(const struct disk *d, const struct request *r)
{
	for (size_t i = 0; i < d->rk_count; i++)
		if (prim_same(d->rk[i].rp_hash, r->rp_hash, PRIM_HASH) &&
		    d->rk[i].user.len == r->user.len &&
		    prim_same(d->rk[i].user.p, r->user.p, r->user.len))
			return i;
	return d->rk_count;
}

/* The new one is the last, since the row is sorted by age. */
static enum ctap
keep(struct soft *s, const struct request *r, const uint8_t id[CRED_ID])
{
	struct disk *d = &s->disk;
	size_t at = slot_for(d, r);
	struct disk_rk *rk;

	if (at == DISK_RK_MAX)
		return CTAP_KEY_STORE_FULL;
	if (at < d->rk_count) {
		d->rk_count--;
		memmove(&d->rk[at], &d->rk[at + 1],
		    (d->rk_count - at) * sizeof(d->rk[0]));
	}
	rk = &d->rk[d->rk_count++];
	*rk = (struct disk_rk){
		.id_len = CRED_ID,
		.user = r->user,
		.name = r->name,
		.display = r->display,
	};
	memcpy(rk->id, id, CRED_ID);
	memcpy(rk->rp_hash, r->rp_hash, PRIM_HASH);
	return CTAP_OK;
}

static EVP_PKEY *
new_credential(
    const struct soft *s, const struct request *r, uint8_t id[CRED_ID])
{
	EVP_PKEY *key = prim_ec_new();
	struct cred c = { .level = r->level ? r->level : 1 };

	c.flags = (uint8_t)((r->hmac ? CRED_HMAC : 0) |
	    (r->options.rk ? CRED_RK : 0));
	memcpy(c.rp_hash, r->rp_hash, PRIM_HASH);
	prim_ec_scalar(key, c.d);
	prim_random(c.seed, sizeof(c.seed));
	cred_wrap(&c, s->disk.master, id);
	prim_wipe(&c, sizeof(c));
	return key;
}

static void
put_public_key(EVP_PKEY *key, struct cb_out *o)
{
	uint8_t xy[PRIM_POINT];

	prim_ec_point(key, xy);
	cb_map(o, 5);
	cb_int(o, 1);
	cb_int(o, 2);
	cb_int(o, 3);
	cb_int(o, ES256);
	cb_int(o, -1);
	cb_int(o, 1);
	cb_int(o, -2);
	cb_bytes(o, (struct span){ xy, PRIM_KEY });
	cb_int(o, -3);
	cb_bytes(o, (struct span){ xy + PRIM_KEY, PRIM_KEY });
}

static void
put_extensions(const struct request *r, struct cb_out *o)
{
	size_t count = (r->level ? 1U : 0U) + (r->hmac ? 1U : 0U);

	if (count == 0)
		return;
	cb_map(o, count);
	if (r->level) {
		cb_text(o, TEXT("credProtect"));
		cb_uint(o, r->level);
	}
	if (r->hmac) {
		cb_text(o, TEXT("hmac-secret"));
		cb_bool(o, true);
	}
}

static void
put_auth_data(const struct soft *s, const struct request *r, bool uv,
    EVP_PKEY *key, const uint8_t id[CRED_ID], struct cb_out *o)
{
	const uint8_t id_len[] = { 0, CRED_ID };
	unsigned flags = SOFT_UP | SOFT_AT;

	flags |= uv ? SOFT_UV : 0;
	flags |= r->level || r->hmac ? SOFT_ED : 0;
	ctap_auth_head(s, r->rp_hash, (uint8_t)flags, o);
	cb_put(o, SPAN(attest_aaguid));
	cb_put(o, SPAN(id_len));
	cb_put(o, (struct span){ id, CRED_ID });
	put_public_key(key, o);
	put_extensions(r, o);
}

static void
put_statement(const struct soft *s, EVP_PKEY *key, struct span auth,
    struct span hash, struct cb_out *o)
{
	bool self = s->format == SOFT_SELF;
	uint8_t sig[PRIM_SIG_MAX];
	size_t len;

	if (s->format == SOFT_NONE) {
		cb_map(o, 0);
		return;
	}
	len = ctap_sign(s, self ? key : s->attest.key, auth, hash, sig);
	cb_map(o, self ? 2 : 3);
	cb_text(o, TEXT("alg"));
	cb_int(o, ES256);
	cb_text(o, TEXT("sig"));
	cb_bytes(o, (struct span){ sig, len });
	if (self)
		return;
	cb_text(o, TEXT("x5c"));
	cb_array(o, 1);
	cb_bytes(o, (struct span){ s->attest.cert, s->attest.cert_len });
}

static enum ctap
answer(struct soft *s, const struct request *r, bool uv, struct cb_out *o)
{
	uint8_t id[CRED_ID], buf[512];
	struct cb_out auth = { .p = buf, .cap = sizeof(buf) };
	prim_pkey_auto *key = new_credential(s, r, id);
	struct span data;

	if (r->options.rk)
		CTAP_TRY(keep(s, r, id));
	CTAP_TRY(ctap_count(s));
	put_auth_data(s, r, uv, key, id, &auth);
	if (auth.full)
		return CTAP_OTHER;
	data = (struct span){ buf, auth.len };
	cb_map(o, 3);
	cb_uint(o, 1);
	cb_text(o, s->format == SOFT_NONE ? TEXT("none") : TEXT("packed"));
	cb_uint(o, 2);
	cb_bytes(o, data);
	cb_uint(o, 3);
	put_statement(s, key, data, SPAN(r->hash), o);
	return CTAP_OK;
}

enum ctap
make_command(struct soft *s, const struct cb_item *map, struct cb_out *o)
{
	struct request r = { 0 };
	const struct pin_ask ask = {
		.param_key = P_AUTH,
		.protocol_key = P_PROTOCOL,
		.permission = PIN_PERM_MAKE,
		.rp_hash = r.rp_hash,
		.hash = r.hash,
	};
	bool uv = false;

	CTAP_TRY(read_request(s, map, &r));
	CTAP_TRY(pin_authorize(s, map, &ask, &uv));
	if (soft_has_pin(s) && !uv)
		return CTAP_PUAT_REQUIRED;
	CTAP_TRY(check_exclude(s, &r, uv));
	CTAP_TRY(soft_touch(s));
	pin_spend(&s->pin);
	return answer(s, &r, uv, o);
}
