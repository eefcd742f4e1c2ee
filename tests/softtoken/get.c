#include <string.h>

#include "tests/softtoken/ctap.h"

#define NEXT_MS  30000
#define SALT     32
#define SALT_BOX (PRIM_BLOCK + 2 * SALT)

/* Keys of the request (CTAP 2.1, 6.2). */
enum param {
	P_RP_ID = 1,
	P_HASH = 2,
	P_ALLOW = 3,
	P_EXTENSIONS = 4,
	P_OPTIONS = 5,
	P_AUTH = 6,
	P_PROTOCOL = 7,
};

struct request {
	uint8_t hash[PRIM_HASH], rp_hash[PRIM_HASH];
	struct cb_item allow, hmac;
	struct ctap_options options;
	bool uv;
};

/* The credential that answers, and where it was found. */
struct choice {
	struct cred cred;
	struct span id;
	const struct disk_rk *rk; /* NULL: named by the allow list */
	size_t row;               /* how many there are */
	bool names;               /* the names of the user may be told */
};

/* ---- what is asked */

static enum ctap
read_lists(const struct soft *s, const struct cb_item *map, struct request *r)
{
	struct cb_item ext = { .major = CB_ABSENT };

	r->allow = ext;
	CTAP_TRY(cb_want(map, P_ALLOW, CB_ARRAY, &r->allow));
	if (r->allow.major == CB_ARRAY && r->allow.n > SOFT_LIST_MAX)
		return CTAP_LIMIT_EXCEEDED;
	CTAP_TRY(cb_want(map, P_EXTENSIONS, CB_MAP, &ext));
	r->hmac = cb_find_text(&ext, TEXT("hmac-secret"));
	if (soft_fault(s, FAULT_NO_HMAC))
		r->hmac.major = CB_ABSENT;
	if (r->hmac.major != CB_ABSENT && r->hmac.major != CB_MAP)
		return CTAP_UNEXPECTED_TYPE;
	return CTAP_OK;
}

static enum ctap
read_options(const struct cb_item *map, struct request *r)
{
	bool has_param = cb_find(map, P_AUTH).major != CB_ABSENT;

	r->options.up = true;
	CTAP_TRY(ctap_options(map, P_OPTIONS, &r->options));
	if (r->options.rk_given)
		return CTAP_UNSUPPORTED_OPTION;
	if (r->options.uv && !has_param)
		return CTAP_INVALID_OPTION;
	if (!r->options.up && r->hmac.major == CB_MAP)
		return CTAP_UNSUPPORTED_OPTION;
	return CTAP_OK;
}

static enum ctap
read_request(const struct soft *s, const struct cb_item *map, struct request *r)
{
	struct cb_item rp, hash;

	CTAP_TRY(cb_need(map, P_RP_ID, CB_TEXT, &rp));
	CTAP_TRY(cb_need(map, P_HASH, CB_BYTES, &hash));
	if (hash.body.len != PRIM_HASH)
		return CTAP_INVALID_LENGTH;
	prim_sha256(rp.body, r->rp_hash);
	memcpy(r->hash, hash.body.p, PRIM_HASH);
	CTAP_TRY(read_lists(s, map, r));
	return read_options(map, r);
}

/* ---- which credential answers */

/* Level 2 wants a credential id or user verification, level 3 the latter. */
static bool
may_answer(const struct cred *c, bool named, bool uv)
{
	return uv || c->level < 2 || (c->level == 2 && named);
}

static enum ctap
choose_named(struct soft *s, const struct request *r, struct choice *out)
{
	struct span list = r->allow.body, id;
	struct cred c = { 0 };
	bool found = false;

	while (list.len > 0) {
		CTAP_TRY(ctap_next_id(&list, &id));
		if (found || !cred_unwrap(id, s->disk.master, r->rp_hash, &c) ||
		    !may_answer(&c, true, r->uv))
			continue;
		found = true;
		out->cred = c;
		out->id = id;
		out->row = soft_fault(s, FAULT_TWO) ? 2 : 1;
	}
	prim_wipe(&c, sizeof(c));
	return found ? CTAP_OK : CTAP_NO_CREDENTIALS;
}

/* The youngest first, as 6.2.2 step 11 has it. */
static void
collect(struct soft *s, const struct request *r, struct soft_next *row)
{
	struct disk *d = &s->disk;
	struct cred c = { 0 };

	row->count = 0;
	for (size_t i = d->rk_count; i-- > 0;) {
		struct span id = { d->rk[i].id, d->rk[i].id_len };

		if (cred_unwrap(id, d->master, r->rp_hash, &c) &&
		    may_answer(&c, false, r->uv))
			row->rk[row->count++] = i;
	}
	prim_wipe(&c, sizeof(c));
}

static enum ctap
load_rk(
    struct soft *s, size_t index, const uint8_t *rp_hash, struct choice *out)
{
	const struct disk_rk *rk = &s->disk.rk[index];

	out->rk = rk;
	out->id = (struct span){ rk->id, rk->id_len };
	if (!cred_unwrap(out->id, s->disk.master, rp_hash, &out->cred))
		return CTAP_NO_CREDENTIALS;
	return CTAP_OK;
}

static enum ctap
choose(struct soft *s, const struct request *r, struct soft_next *row,
    struct choice *out)
{
	if (r->allow.major == CB_ARRAY && r->allow.n > 0)
		return choose_named(s, r, out);
	collect(s, r, row);
	if (row->count == 0)
		return CTAP_NO_CREDENTIALS;
	out->row = row->count;
	out->names = r->uv && row->count > 1;
	return load_rk(s, row->rk[0], r->rp_hash, out);
}

/* ---- hmac-secret (CTAP 2.1, 12.5) */

static enum ctap
open_salts(struct soft *s, const struct cb_item *ext, struct pin_shared *k,
    uint8_t salts[SALT_BOX], size_t *len)
{
	struct cb_item cose, box, tag, protocol = { .n = 1 };

	CTAP_TRY(cb_need(ext, 1, CB_MAP, &cose));
	CTAP_TRY(cb_need(ext, 2, CB_BYTES, &box));
	CTAP_TRY(cb_need(ext, 3, CB_BYTES, &tag));
	CTAP_TRY(cb_want(ext, 4, CB_UINT, &protocol));
	if (protocol.n < 1 || protocol.n > PIN_PROTOCOLS)
		return CTAP_INVALID_PARAMETER;
	CTAP_TRY(pin_agree(&s->pin, (unsigned)protocol.n, &cose, k));
	if (!pin_verify(k, box.body, (struct span){ 0 }, tag.body))
		return CTAP_PIN_AUTH_INVALID;
	if (box.body.len > SALT_BOX || !pin_decrypt(k, box.body, salts, len) ||
	    (*len != SALT && *len != 2 * SALT))
		return CTAP_INVALID_LENGTH;
	return CTAP_OK;
}

static void
put_outputs(const struct soft *s, const struct request *r,
    const struct cred *cred, const struct pin_shared *k, struct span salts,
    struct cb_out *o)
{
	uint8_t secret[PRIM_KEY], plain[2 * PRIM_HASH], box[PIN_BOX_MAX];
	size_t len;

	cred_secret(cred, r->uv || soft_fault(s, FAULT_SINGLE), secret);
	for (size_t at = 0; at < salts.len; at += SALT)
		prim_hmac(secret, (struct span){ salts.p + at, SALT },
		    (struct span){ 0 }, plain + at);
	len = pin_encrypt(k, (struct span){ plain, salts.len }, box);
	prim_wipe(secret, sizeof(secret));
	prim_wipe(plain, sizeof(plain));
	cb_map(o, 1);
	cb_text(o, TEXT("hmac-secret"));
	cb_bytes(o, (struct span){ box, len });
}

/* Writes the extensions of the authenticator data, if there are any. */
static enum ctap
hmac_secret(struct soft *s, const struct request *r, const struct cred *cred,
    struct cb_out *o)
{
	uint8_t salts[SALT_BOX];
	struct pin_shared k;
	size_t len = 0;
	enum ctap st;

	if (r->hmac.major != CB_MAP || (cred->flags & CRED_HMAC) == 0)
		return CTAP_OK;
	st = open_salts(s, &r->hmac, &k, salts, &len);
	if (st == CTAP_OK)
		put_outputs(s, r, cred, &k, (struct span){ salts, len }, o);
	prim_wipe(&k, sizeof(k));
	prim_wipe(salts, sizeof(salts));
	return st;
}

/* ---- what is answered */

static void
put_text(struct cb_out *o, struct span key, const struct disk_text *t)
{
	cb_text(o, key);
	cb_text(o, disk_text(t));
}

static void
put_user(const struct choice *c, struct cb_out *o)
{
	const struct disk_rk *rk = c->rk;
	bool name = c->names && rk->name.len > 0;
	bool display = c->names && rk->display.len > 0;

	cb_uint(o, 4);
	cb_map(o, 1U + (name ? 1U : 0U) + (display ? 1U : 0U));
	cb_text(o, TEXT("id"));
	cb_bytes(o, disk_text(&rk->user));
	if (name)
		put_text(o, TEXT("name"), &rk->name);
	if (display)
		put_text(o, TEXT("displayName"), &rk->display);
}

static void
put_answer(const struct choice *c, struct span auth, struct span sig,
    size_t count, struct cb_out *o)
{
	cb_map(o, 3U + (c->rk ? 1U : 0U) + (count > 1 ? 1U : 0U));
	cb_uint(o, 1);
	cb_map(o, 2);
	cb_text(o, TEXT("id"));
	cb_bytes(o, c->id);
	cb_text(o, TEXT("type"));
	cb_text(o, TEXT("public-key"));
	cb_uint(o, 2);
	cb_bytes(o, auth);
	cb_uint(o, 3);
	cb_bytes(o, sig);
	if (c->rk)
		put_user(c, o);
	if (count > 1) {
		cb_uint(o, 5);
		cb_uint(o, count);
	}
}

/* Counts, signs and writes; `ext` holds the encoded extensions or nothing. */
static enum ctap
sign(struct soft *s, const struct choice *c, const uint8_t *hash, uint8_t flags,
    struct span ext, size_t count, struct cb_out *o)
{
	uint8_t buf[256], sig[PRIM_SIG_MAX];
	struct cb_out auth = { .p = buf, .cap = sizeof(buf) };
	prim_pkey_auto *key = NULL;
	struct span data;
	size_t len;

	CTAP_TRY(ctap_count(s));
	if (ext.len > 0)
		flags |= SOFT_ED;
	ctap_auth_head(s, c->cred.rp_hash, flags, &auth);
	cb_put(&auth, ext);
	if (auth.full)
		return CTAP_OTHER;
	data = (struct span){ buf, auth.len };
	key = prim_ec_from_scalar(c->cred.d);
	len = ctap_sign(s, key, data, (struct span){ hash, PRIM_HASH }, sig);
	put_answer(c, data, (struct span){ sig, len }, count, o);
	return CTAP_OK;
}

static enum ctap
answer(struct soft *s, const struct request *r, const struct choice *c,
    uint8_t flags, struct cb_out *o)
{
	uint8_t buf[128];
	struct cb_out ext = { .p = buf, .cap = sizeof(buf) };

	CTAP_TRY(hmac_secret(s, r, &c->cred, &ext));
	if (ext.full)
		return CTAP_OTHER;
	return sign(
	    s, c, r->hash, flags, (struct span){ buf, ext.len }, c->row, o);
}

/* Remembers the row for getNextAssertion. */
static void
remember(struct soft *s, const struct request *r, uint8_t flags,
    struct soft_next *row)
{
	memcpy(row->rp_hash, r->rp_hash, PRIM_HASH);
	memcpy(row->hash, r->hash, PRIM_HASH);
	row->at = 1;
	row->flags = flags;
	row->channel = s->channel;
	row->until = prim_now_ms() + NEXT_MS;
	s->next = *row;
}

static enum ctap
touch_and_answer(struct soft *s, const struct request *r, struct choice *c,
    struct soft_next *row, struct cb_out *o)
{
	uint8_t flags = r->uv ? SOFT_UV : 0;

	if (r->options.up) {
		CTAP_TRY(soft_touch(s));
		pin_spend(&s->pin);
		flags |= SOFT_UP;
	}
	CTAP_TRY(answer(s, r, c, flags, o));
	if (row->count > 1)
		remember(s, r, flags, row);
	return CTAP_OK;
}

/* The second assertion of the fault: the same credential once more. */
static void
repeat_named(struct soft *s, const struct choice *c, const struct request *r)
{
	struct soft_next row = { .count = 2, .named = true };

	if (c->rk || c->row < 2)
		return;
	memcpy(row.id, c->id.p, CRED_ID);
	remember(s, r, (uint8_t)(SOFT_UP | (r->uv ? SOFT_UV : 0)), &row);
}

enum ctap
get_command(struct soft *s, const struct cb_item *map, struct cb_out *o)
{
	struct request r = { 0 };
	struct soft_next row = { 0 };
	struct choice c = { 0 };
	const struct pin_ask ask = {
		.param_key = P_AUTH,
		.protocol_key = P_PROTOCOL,
		.permission = PIN_PERM_GET,
		.rp_hash = r.rp_hash,
		.hash = r.hash,
	};
	enum ctap st;

	CTAP_TRY(read_request(s, map, &r));
	CTAP_TRY(pin_authorize(s, map, &ask, &r.uv));
	st = choose(s, &r, &row, &c);
	if (st == CTAP_OK)
		st = touch_and_answer(s, &r, &c, &row, o);
	if (st == CTAP_OK)
		repeat_named(s, &c, &r);
	prim_wipe(&c, sizeof(c));
	return st;
}

static enum ctap
load_next(struct soft *s, struct choice *out)
{
	const struct soft_next *n = &s->next;

	if (!n->named)
		return load_rk(s, n->rk[n->at], n->rp_hash, out);
	out->id = SPAN(n->id);
	if (!cred_unwrap(out->id, s->disk.master, n->rp_hash, &out->cred))
		return CTAP_NO_CREDENTIALS;
	return CTAP_OK;
}

enum ctap
get_next(struct soft *s, struct cb_out *o)
{
	struct soft_next *n = &s->next;
	struct choice c = { .names = (n->flags & SOFT_UV) != 0 };
	enum ctap st;

	if (n->at >= n->count || n->channel != s->channel ||
	    prim_now_ms() > n->until) {
		n->count = 0;
		return CTAP_NOT_ALLOWED;
	}
	st = load_next(s, &c);
	if (st == CTAP_OK)
		st = sign(s, &c, n->hash, n->flags, (struct span){ 0 }, 0, o);
	prim_wipe(&c, sizeof(c));
	n->at++;
	n->until = prim_now_ms() + NEXT_MS;
	return st;
}
