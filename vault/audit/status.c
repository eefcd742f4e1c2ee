#include <stdio.h>
#include <stdlib.h>

#include "vault/audit/status.h"

#include "vault/acts/outlook.h"
#include "vault/acts/recovery.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/log/canon.h"
#include "vault/log/service.h"
#include "vault/state/subindex.h"
#include "vault/state/subscription.h"

static const char format[] = "amanat-status 1";

static const char *const kinds[DUE_KINDS] = { "other", "drills", "rotations",
	"renewals" };
static const char *const controls[] = { "unverified", "controlled",
	"not_controlled" };

/* ---- counting */

struct counting {
	struct session *s;
	const struct view *v;
	struct status *out;
};

static AM_RESULT
nth(const struct counting *c, const char *table, uint32_t i, uint8_t *id,
    size_t len)
{
	const struct rows_key n = rows_key_u32(i);

	return rows_index_get(c->v, table, rows_key(&n), id, len);
}

static void
take_smallest(uint32_t *smallest, long value, bool first)
{
	const uint32_t v = value > 0 ? (uint32_t)value : 0;

	if (first || v < *smallest)
		*smallest = v;
}

static AM_RESULT
count_committee(struct counting *c, const struct outlook *o)
{
	struct status_level *to =
	    &c->out->levels[levels_held_to(o->safe.level)];
	lockout_auto *l = NULL;
	struct recovery r;

	AM_TRY(lockout_analyze(&o->is, &l));
	AM_TRY(recovery_look(c->v, &o->safe, c->out->at, &r));
	take_smallest(&to->surplus, l->today.surplus, to->safes == 0);
	take_smallest(&to->cut, (long)l->today.cut, to->safes == 0);
	to->safes++;
	to->unbound += !o->bound;
	to->no_quorum += !l->today.possible;
	to->no_recovery += r.lack != RECOVERY_AS_ASKED && !r.waived;
	return AM_OK;
}

static AM_RESULT
count_safes(struct counting *c)
{
	for (uint32_t i = 0; i < c->s->vault.safes; i++) {
		outlook_auto *o = NULL;
		struct rows_safe safe;
		uint8_t id[16];
		enum am_err err;

		AM_TRY(nth(c, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(c->v, (struct bytes){ id, 16 }, &safe));
		err =
		    outlook_of(c->v, &safe, ROWS_OPERATING, c->out->at, 0, &o);
		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
		if (err == AM_ERR_NOT_FOUND || o->planned)
			c->out->setting_up++;
		else
			AM_TRY(count_committee(c, o));
	}
	return AM_OK;
}

static enum am_err
count_step(void *arg, const struct due_item *i)
{
	struct status *out = arg;

	out->overdue[i->kind] += i->overdue;
	return AM_OK;
}

static AM_RESULT
count_overdue(struct counting *c)
{
	due_auto due = { 0 };

	AM_TRY(due_read(c->s, c->v, &due));
	return due_each(&due, NULL, count_step, c->out);
}

static AM_RESULT
count_waivers(struct counting *c)
{
	for (uint32_t i = 1; i <= c->s->vault.motions; i++) {
		struct rows_motion m;
		uint8_t id[32];

		AM_TRY(nth(c, "motion-n", i, id, sizeof(id)));
		AM_TRY(rows_get_motion(c->v, (struct bytes){ id, 32 }, &m));
		if (m.act != ROWS_WAIVE || m.status != ROWS_ENACTED)
			continue;
		c->out->waivers += m.rule_until > c->out->at;
		c->out->ended += m.rule_until <= c->out->at;
	}
	return AM_OK;
}

/* What is closed is no account any more. */
static AM_RESULT
count_subscriptions(struct counting *c)
{
	struct rows_register g;

	AM_TRY(subindex_register(c->v, &g));
	for (uint32_t i = 1; i <= g.subscriptions; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_subscription s;

		AM_TRY(rows_get_subscription(c->v, rows_key(&n), &s));
		if (s.control >= AM_ARRAY_LEN(controls))
			return AM_ERR_CORRUPT;
		c->out->control[s.control] += s.state != ROWS_CLOSED;
	}
	return AM_OK;
}

static AM_RESULT
count_policy(struct counting *c)
{
	struct rows_policy p;
	const enum am_err err =
	    rows_get_policy(c->v, (struct bytes){ c->s->vault.policy, 32 }, &p);

	if (err == AM_OK)
		c->out->policy = p.version;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
count_all(struct session *s, struct store_txn *t, struct status *out)
{
	const struct view v = view_store(t);
	struct counting c = { s, &v, out };
	char hex[ENC_HEX_LEN(16) + 1];

	enc_hex((struct bytes){ s->vault.vault, 16 }, hex);
	(void)snprintf(out->origin, sizeof(out->origin), "%s/amanat/%s",
	    s->vault.rpid, hex);
	memcpy(out->key, s->vault.logkey, sizeof(out->key));
	out->evaluation = s->vault.evaluation != 0;
	out->at = session_now(s);
	out->head_at = s->vault.last_at;
	AM_TRY(session_head(t, &out->head));
	AM_TRY(count_policy(&c));
	AM_TRY(count_safes(&c));
	AM_TRY(count_overdue(&c));
	AM_TRY(count_waivers(&c));
	return count_subscriptions(&c);
}

/* ---- writing */

static AM_RESULT
put_uint(struct json_t *to, const char *key, uint32_t v)
{
	return canon_set(to, key, canon_uint(v));
}

static AM_RESULT
put_when(struct json_t *to, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	return canon_set(to, key, canon_str(text));
}

static AM_RESULT
put_counts(struct json_t *to, const char *key, const char *const *names,
    const uint32_t *counts, size_t n)
{
	canon_auto *o = canon_object();

	for (size_t i = 0; i < n; i++)
		AM_TRY(put_uint(o, names[i], counts[i]));
	return canon_set(to, key, AM_TAKE(o));
}

static AM_RESULT
put_levels(struct json_t *to, const struct status *s)
{
	canon_auto *all = canon_object();

	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		const struct status_level *l = &s->levels[i];
		canon_auto *o = canon_object();

		AM_TRY(put_uint(o, "safes", l->safes));
		AM_TRY(put_uint(o, "unbound", l->unbound));
		AM_TRY(put_uint(o, "no_quorum", l->no_quorum));
		AM_TRY(put_uint(o, "surplus", l->surplus));
		AM_TRY(put_uint(o, "cut", l->cut));
		AM_TRY(put_uint(o, "no_recovery", l->no_recovery));
		AM_TRY(canon_set(all, levels_name(i), AM_TAKE(o)));
	}
	return canon_set(to, "levels", AM_TAKE(all));
}

static AM_RESULT
put_checkpoint(struct json_t *to, const struct status *s)
{
	canon_auto *o = canon_object();

	AM_TRY(put_when(o, "at", s->head_at));
	AM_TRY(canon_set(
	    o, "root", canon_hex((struct bytes){ s->head.root, 32 })));
	AM_TRY(canon_set(o, "size", canon_uint(s->head.size)));
	return canon_set(to, "checkpoint", AM_TAKE(o));
}

static AM_RESULT
make_body(const struct status *s, struct json_t *to)
{
	const uint32_t waivers[] = { s->waivers, s->ended };
	static const char *const waiver_names[] = { "in_force", "ended" };

	AM_TRY(canon_set(to, "format", canon_str(format)));
	AM_TRY(canon_set(to, "origin", canon_str(s->origin)));
	AM_TRY(canon_set(to, "key", canon_b64((struct bytes){ s->key, 32 })));
	AM_TRY(canon_set(to, "evaluation", canon_bool(s->evaluation)));
	AM_TRY(put_when(to, "at", s->at));
	AM_TRY(put_checkpoint(to, s));
	AM_TRY(put_uint(to, "policy", s->policy));
	AM_TRY(put_uint(to, "setting_up", s->setting_up));
	AM_TRY(put_levels(to, s));
	AM_TRY(put_counts(to, "overdue", kinds, s->overdue, DUE_KINDS));
	AM_TRY(put_counts(to, "waivers", waiver_names, waivers, 2));
	return put_counts(
	    to, "subscriptions", controls, s->control, AM_ARRAY_LEN(controls));
}

static AM_RESULT
sum_of(const struct json_t *body, uint8_t out[static 32])
{
	blob_auto bytes = { 0 };
	struct bytes b;

	AM_TRY(canon_write(body, &bytes));
	b = blob_bytes(&bytes);
	hash_sha256(&b, 1, out);
	return AM_OK;
}

static AM_RESULT
sign_file(const struct status *s, struct bytes key, struct blob *out)
{
	canon_auto *doc = canon_object(), *body = canon_object();
	uint8_t sum[32], sig[SERVICE_SIG];

	AM_TRY(make_body(s, body));
	AM_TRY(sum_of(body, sum));
	AM_TRY(service_sign_status(key, sum, sig));
	AM_TRY(canon_set(doc, "body", AM_TAKE(body)));
	AM_TRY(canon_set(
	    doc, "sig", canon_b64((struct bytes){ sig, sizeof(sig) })));
	AM_TRY(canon_write(doc, out));
	return blob_text(out, "\n");
}

AM_RESULT
status_write(struct session *s, struct blob *out)
{
	const struct bytes key = store_log_key(s->store);
	store_txn_auto *t = NULL;
	struct status counts = { 0 };

	if (key.len != NOTE_SECRET ||
	    !bytes_same((struct bytes){ key.p + NOTE_SECRET - 32, 32 },
		(struct bytes){ s->vault.logkey, 32 }))
		return why_say(s->why, AM_ERR_INCOMPLETE, "R13.24",
		    "'keys/log.key', which signs it, is missing or is not the "
		    "one of this vault");
	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(count_all(s, t, &counts));
	return sign_file(&counts, key, out);
}

/* ---- reading */

static AM_RESULT
get_counts(const struct json_t *from, const char *key, const char *const *names,
    uint32_t *counts, size_t n)
{
	const struct json_t *o = NULL;

	AM_TRY(canon_get_object(from, key, &o));
	if (!canon_keys_are(o, names, n))
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < n; i++)
		AM_TRY(canon_get_u32(o, names[i], &counts[i]));
	return AM_OK;
}

static AM_RESULT
get_levels(const struct json_t *from, struct status *s)
{
	static const char *const fields[] = { "safes", "unbound", "no_quorum",
		"surplus", "cut", "no_recovery" };
	const char *names[LEVELS_COUNT];
	const struct json_t *all = NULL;

	AM_TRY(canon_get_object(from, "levels", &all));
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		names[i] = levels_name(i);
	if (!canon_keys_are(all, names, LEVELS_COUNT))
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		uint32_t n[AM_ARRAY_LEN(fields)];

		AM_TRY(
		    get_counts(all, names[i], fields, n, AM_ARRAY_LEN(fields)));
		s->levels[i] = (struct status_level){ .safes = n[0],
			.unbound = n[1],
			.no_quorum = n[2],
			.surplus = n[3],
			.cut = n[4],
			.no_recovery = n[5] };
	}
	return AM_OK;
}

static AM_RESULT
get_checkpoint(const struct json_t *from, struct status *s)
{
	static const char *const keys[] = { "at", "root", "size" };
	const struct json_t *o = NULL;

	AM_TRY(canon_get_object(from, "checkpoint", &o));
	if (!canon_keys_are(o, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_when(o, "at", &s->head_at));
	AM_TRY(canon_get_hex(o, "root", s->head.root, 32));
	return canon_get_uint(o, "size", &s->head.size);
}

/* `<host>/amanat/<vault id in hex>`: what a checkpoint is signed for. */
static AM_RESULT
get_origin(const struct json_t *from, struct status *s)
{
	static const char middle[] = "/amanat/";
	const size_t tail = sizeof(middle) - 1 + STATUS_VAULT;
	struct bytes text = { 0 };
	uint8_t vault[STATUS_VAULT / 2];
	blob_auto unused = { 0 };

	AM_TRY(canon_get_text(from, "origin", &text));
	if (text.len >= sizeof(s->origin) || text.len <= tail)
		return AM_ERR_CORRUPT;
	memcpy(s->origin, text.p, text.len); /* zeros follow */
	if (strncmp(s->origin + text.len - tail, middle, sizeof(middle) - 1) !=
	    0)
		return AM_ERR_CORRUPT;
	AM_TRY(enc_hex_decode(
	    (struct bytes){ text.p + text.len - STATUS_VAULT, STATUS_VAULT },
	    vault, sizeof(vault)));
	return note_vkey(s->origin, s->key, &unused) == AM_OK ? AM_OK
							      : AM_ERR_CORRUPT;
}

static AM_RESULT
get_body(const struct json_t *b, struct status *s)
{
	static const char *const keys[] = { "at", "checkpoint", "evaluation",
		"format", "key", "levels", "origin", "overdue", "policy",
		"setting_up", "subscriptions", "waivers" };
	static const char *const waiver_names[] = { "in_force", "ended" };
	struct bytes text = { 0 };
	uint32_t waivers[2];

	AM_TRY(canon_get_text(b, "format", &text));
	if (!canon_keys_are(b, keys, AM_ARRAY_LEN(keys)) ||
	    !bytes_same(text,
		(struct bytes){ (const uint8_t *)format, sizeof(format) - 1 }))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_b64(b, "key", s->key, sizeof(s->key)));
	AM_TRY(get_origin(b, s));
	AM_TRY(canon_get_bool(b, "evaluation", &s->evaluation));
	AM_TRY(canon_get_when(b, "at", &s->at));
	AM_TRY(get_checkpoint(b, s));
	AM_TRY(canon_get_u32(b, "policy", &s->policy));
	AM_TRY(canon_get_u32(b, "setting_up", &s->setting_up));
	AM_TRY(get_levels(b, s));
	AM_TRY(get_counts(b, "overdue", kinds, s->overdue, DUE_KINDS));
	AM_TRY(get_counts(b, "waivers", waiver_names, waivers, 2));
	s->waivers = waivers[0];
	s->ended = waivers[1];
	return get_counts(
	    b, "subscriptions", controls, s->control, AM_ARRAY_LEN(controls));
}

AM_RESULT
status_read(struct bytes file, struct status *out)
{
	static const char *const keys[] = { "body", "sig" };
	const struct json_t *body = NULL;
	uint8_t sum[32], sig[SERVICE_SIG];
	canon_auto *doc = NULL;
	struct status s = { 0 };

	if (file.len == 0 || file.len > STATUS_MAX ||
	    file.p[file.len - 1] != '\n')
		return AM_ERR_CORRUPT;
	AM_TRY(canon_parse((struct bytes){ file.p, file.len - 1 }, &doc));
	if (!canon_keys_are(doc, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_object(doc, "body", &body));
	AM_TRY(canon_get_b64(doc, "sig", sig, sizeof(sig)));
	AM_TRY(get_body(body, &s));
	AM_TRY(sum_of(body, sum));
	AM_TRY(service_verify_status(s.key, sum, sig));
	*out = s;
	return AM_OK;
}

const char *
status_vault(const struct status *s)
{
	return s->origin + strlen(s->origin) - STATUS_VAULT;
}

/* ---- two of one vault */

enum am_err
status_compare(const struct status *a, const struct status *b, int *older)
{
	*older = 0;
	if (strcmp(status_vault(a), status_vault(b)) != 0)
		return AM_OK;
	if (strcmp(a->origin, b->origin) != 0 ||
	    !bytes_same((struct bytes){ a->key, sizeof(a->key) },
		(struct bytes){ b->key, sizeof(b->key) }))
		return AM_ERR_VERIFY;
	if (a->head.size == b->head.size &&
	    !bytes_same((struct bytes){ a->head.root, 32 },
		(struct bytes){ b->head.root, 32 }))
		return AM_ERR_VERIFY;
	if (a->head.size != b->head.size)
		*older = a->head.size < b->head.size ? -1 : 1;
	else if (a->at != b->at)
		*older = a->at < b->at ? -1 : 1;
	return AM_ERR_STALE;
}
