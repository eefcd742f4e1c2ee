#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "tests/forge.h"

#include "policy/levels.h"
#include "vault/audit/bundle.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/log/merkle.h"
#include "vault/log/statement.h"

const uint8_t forge_pepper[32] = "TEST pepper, 32 bytes, not used";

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* ---- a journal, so that a refused statement leaves nothing */

struct change {
	const char *table;
	struct blob key, value;
};

struct journal {
	struct view under;
	size_t count;
	struct change changes[64];
};

static enum am_err
journal_get(void *arg, const char *table, struct bytes key, struct blob *out)
{
	struct journal *j = arg;

	for (size_t i = j->count; i-- > 0;)
		if (strcmp(j->changes[i].table, table) == 0 &&
		    bytes_same(blob_bytes(&j->changes[i].key), key)) {
			out->len = 0;
			return blob_add(out, blob_bytes(&j->changes[i].value));
		}
	return view_get(&j->under, table, key, out);
}

static enum am_err
journal_put(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct journal *j = arg;
	struct change *c = &j->changes[j->count++];

	must(j->count <= AM_ARRAY_LEN(j->changes));
	*c = (struct change){ .table = table };
	must(blob_add(&c->key, key) == AM_OK);
	return blob_add(&c->value, value);
}

static void
journal_end(struct journal *j, bool keep)
{
	for (size_t i = 0; i < j->count; i++) {
		if (keep)
			must(view_put(&j->under, j->changes[i].table,
				 blob_bytes(&j->changes[i].key),
				 blob_bytes(&j->changes[i].value)) == AM_OK);
		blob_free(&j->changes[i].key);
		blob_free(&j->changes[i].value);
	}
	j->count = 0;
}

/* ---- fields */

void
forge_hex(struct json_t *o, const char *k, const uint8_t *p, size_t n)
{
	must(canon_set(o, k, canon_hex((struct bytes){ p, n })) == AM_OK);
}

void
forge_b64(struct json_t *o, const char *k, const uint8_t *p, size_t n)
{
	must(canon_set(o, k, canon_b64((struct bytes){ p, n })) == AM_OK);
}

void
forge_text(struct json_t *o, const char *k, const char *v)
{
	must(canon_set(o, k,
		 canon_text((struct bytes){ (const uint8_t *)v, strlen(v) })) ==
	    AM_OK);
}

void
forge_uint(struct json_t *o, const char *k, uint64_t v)
{
	must(canon_set(o, k, canon_uint(v)) == AM_OK);
}

void
forge_when(struct json_t *o, const char *k, int64_t v)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(v, text);
	forge_text(o, k, text);
}

static void
set(struct json_t *o, const char *k, struct json_t *v)
{
	must(canon_set(o, k, v) == AM_OK);
}

/* ---- statements */

struct json_t *
forge_body(struct forge *f, const char *kind, size_t by)
{
	struct json_t *b = canon_object(), *head = canon_object();
	uint8_t root[32];

	must(roots_at(f->roots, f->size, root) == AM_OK);
	forge_hex(head, "root", root, 32);
	forge_uint(head, "size", f->size);
	set(b, "head", head);
	forge_hex(b, "vault", f->vault, 16);
	forge_text(b, "kind", kind);
	forge_when(b, "at", f->at);
	f->at += f->hold ? 0 : 1;
	forge_hex(b, "by", f->people[by].id, 16);
	return b;
}

static size_t
sign(const struct forge_person *p, const uint8_t *m, size_t len, uint8_t *sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 80;

	must(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, p->pkey) == 1 &&
	    EVP_DigestSign(ctx, sig, &n, m, len) == 1);
	EVP_MD_CTX_free(ctx);
	return n;
}

void
forge_line(struct forge *f, struct json_t *body, size_t by, struct blob *out)
{
	const struct forge_person *p = &f->people[by];
	const struct bytes rpid = { (const uint8_t *)"vault.example", 13 };
	uint8_t message[69] = { 0 }, sig[80], client[256];
	char challenge[ENC_B64_LEN(32) + 1];
	struct bytes data = { client, 0 };
	blob_auto bytes = { 0 };
	size_t n;

	must(statement_id(body, &bytes, f->last) == AM_OK);
	canon_free(&body);
	enc_b64((struct bytes){ f->last, 32 }, challenge);
	data.len = (size_t)snprintf((char *)client, sizeof(client),
	    "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":"
	    "\"https://vault.example\",\"crossOrigin\":false}",
	    challenge);
	hash_sha256(&rpid, 1, message);
	message[32] = 5; /* UP, UV */
	for (size_t i = 0; i < 4; i++)
		message[33 + i] = (uint8_t)(f->counter >> (24 - 8 * i));
	hash_sha256(&data, 1, message + 37);
	n = sign(p, message, sizeof(message), sig);
	must(statement_line(
		 &(struct statement_assertion){ .authdata = { message, 37 },
		     .client = data,
		     .cred = { p->cred, 32 },
		     .sig = { sig, n } },
		 blob_bytes(&bytes), out) == AM_OK);
}

static enum am_err
nothing(void *arg, const struct claim *c, struct why *why)
{
	(void)arg;
	(void)c;
	(void)why;
	return AM_OK;
}

static void
keep_line(struct forge *f, struct bytes line)
{
	if (f->size == f->line_cap) {
		const size_t cap = f->line_cap * 2 + 64;
		struct blob *more = calloc(cap, sizeof(*more));

		must(more != NULL);
		if (f->size > 0)
			memcpy(more, f->lines, f->size * sizeof(*more));
		free(f->lines);
		f->lines = more;
		f->line_cap = cap;
	}
	must(blob_add(&f->lines[f->size], line) == AM_OK);
	f->size++;
}

enum am_err
forge_judge(struct forge *f, struct bytes line)
{
	struct journal j = { .under = view_memory(f->memory) };
	struct state st = { .view = { journal_get, journal_put, &j },
		.root_at = roots_at,
		.root_arg = f->roots,
		.claims = claim_now };
	const struct state_beside beside = f->beside;
	statement_auto s = { 0 };
	enum am_err err;

	if (!f->check)
		st.claims = (struct claim_sink){ .add = nothing };
	f->why = (struct why){ 0 };
	f->beside = (struct state_beside){ 0 };
	err = statement_parse(line, &f->why, &s);
	if (err == AM_OK)
		err = state_apply(&st, &s, f->size, &beside, &f->why);
	journal_end(&j, err == AM_OK);
	if (err == AM_OK) {
		must(roots_append(f->roots, s.leaf) == AM_OK);
		keep_line(f, line);
	}
	return err;
}

enum am_err
forge_post_as(struct forge *f, struct json_t *body, size_t key_of)
{
	blob_auto line = { 0 };

	forge_line(f, body, key_of, &line);
	return forge_judge(f, blob_bytes(&line));
}

enum am_err
forge_post(struct forge *f, struct json_t *body, size_t by)
{
	return forge_post_as(f, body, by);
}

/* ---- the vault itself */

struct json_t *
forge_fault(struct forge *f, const char *rule)
{
	static const uint8_t hash[32] = "TEST refused bytes", nobody[16];
	struct json_t *b = forge_body(f, "fault", 0);

	forge_hex(b, "by", nobody, 16);
	forge_hex(b, "hash", hash, 32);
	forge_text(b, "rule", rule);
	return b;
}

void
forge_service(struct forge *f, struct json_t *body, struct blob *out)
{
	uint8_t pk[32], sk[NOTE_SECRET], sig[SERVICE_SIG];
	blob_auto bytes = { 0 };

	(void)crypto_sign_seed_keypair(pk, sk, f->seed);
	must(statement_id(body, &bytes, f->last) == AM_OK);
	canon_free(&body);
	must(service_sign((struct bytes){ sk, sizeof(sk) }, f->last, sig) ==
		AM_OK &&
	    statement_service_line(sig, blob_bytes(&bytes), out) == AM_OK);
}

/* ---- batches */

struct json_t *
forge_batch(struct forge *f, size_t by, const char *of,
    struct json_t *const *bodies, size_t count)
{
	struct json_t *b = forge_body(f, "batch", by);
	struct merkle_edge e = { .size = 0 };
	uint8_t h[32];

	for (size_t i = 0; i < count; i++) {
		blob_auto bytes = { 0 };

		must(statement_id(bodies[i], &bytes, h) == AM_OK);
		merkle_leaf((struct bytes){ h, 32 }, h);
		must(merkle_append(&e, h, NULL, NULL) == AM_OK);
	}
	merkle_edge_root(&e, h);
	forge_text(b, "of", of);
	forge_uint(b, "count", count);
	forge_hex(b, "root", h, 32);
	return b;
}

enum am_err
forge_item(struct forge *f, const uint8_t batch[static 32], struct json_t *body)
{
	blob_auto bytes = { 0 }, line = { 0 };

	must(statement_id(body, &bytes, f->last) == AM_OK);
	canon_free(&body);
	must(statement_item_line(batch, blob_bytes(&bytes), &line) == AM_OK);
	return forge_judge(f, blob_bytes(&line));
}

/* ---- people */

static void
make_person(struct forge *f, struct forge_person *p)
{
	uint8_t point[65];
	size_t n = 0;

	(void)snprintf(p->name, sizeof(p->name), "p%zu", f->count);
	/* Ascending ids, so that index and number agree. */
	p->id[0] = (uint8_t)(f->count + 1);
	randombytes_buf(p->id + 1, 15);
	randombytes_buf(p->cred, sizeof(p->cred));
	p->pkey = EVP_EC_gen("P-256");
	must(p->pkey != NULL &&
	    EVP_PKEY_get_octet_string_param(p->pkey, OSSL_PKEY_PARAM_PUB_KEY,
		point, sizeof(point), &n) == 1 &&
	    n == 65);
	memcpy(p->key, point + 1, 64);
	f->count++;
}

static void
add(struct blob *to, const void *p, size_t len)
{
	must(blob_add(to, (struct bytes){ p, len }) == AM_OK);
}
#define ADD(to, text) add(to, text, sizeof(text) - 1)

static void
add_byte_string(struct blob *to, const uint8_t *p, size_t len)
{
	const uint8_t head[3] = { 0x59, (uint8_t)(len >> 8), (uint8_t)len };

	if (len < 256)
		add(to, (const uint8_t[]){ 0x58, (uint8_t)len }, 2);
	else
		add(to, head, sizeof(head));
	add(to, p, len);
}

static void
add_authdata(
    const struct forge_maker *m, const struct forge_person *p, struct blob *to)
{
	const struct bytes rpid = { (const uint8_t *)"vault.example", 13 };
	uint8_t hash[32];

	hash_sha256(&rpid, 1, hash);
	add(to, hash, sizeof(hash));
	ADD(to, "\xc5\0\0\0\0"); /* UP, UV, AT, ED */
	add(to, m->aaguid, sizeof(m->aaguid));
	ADD(to, "\0\x20");
	add(to, p->cred, sizeof(p->cred));
	ADD(to, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
	add(to, p->key, 32);
	ADD(to, "\x22\x58\x20");
	add(to, p->key + 32, 32);
	ADD(to, "\xa1\x6bhmac-secret\xf5");
}

/* The packed statement: {"alg": -7, "sig", "x5c"} and the authenticator data. */
static void
add_object(const struct forge_maker *m, const struct forge_person *p,
    struct bytes client, struct blob *to)
{
	const struct forge_person signer = { .pkey = m->key };
	blob_auto data = { 0 }, all = { 0 };
	uint8_t hash[32], sig[80];
	size_t n;

	add_authdata(m, p, &data);
	hash_sha256(&client, 1, hash);
	add(&all, data.p, data.len);
	add(&all, hash, sizeof(hash));
	n = sign(&signer, all.p, all.len, sig);
	ADD(to,
	    "\xa3\x63"
	    "fmt\x66"
	    "packed\x67"
	    "attStmt\xa3\x63"
	    "alg\x26"
	    "\x63sig");
	add_byte_string(to, sig, n);
	ADD(to, "\x63x5c");
	add(to, (const uint8_t[]){ (uint8_t)(0x80 + m->count) }, 1);
	for (size_t i = 0; i < m->count; i++)
		add_byte_string(to, m->certs[i].p, m->certs[i].len);
	ADD(to,
	    "\x68"
	    "authData");
	add_byte_string(to, data.p, data.len);
}

static void
attest(const struct forge *f, struct json_t *o, const uint8_t person[static 16],
    const struct forge_person *p)
{
	static const uint8_t nonce[32];
	char challenge[ENC_B64_LEN(32) + 1];
	blob_auto object = { 0 }, client = { 0 };
	uint8_t hash[32];

	hash_sha256(HASH_PARTS(HASH_T("make"), { f->vault, 16 }, { person, 16 },
			{ nonce, 32 }),
	    hash);
	enc_b64((struct bytes){ hash, 32 }, challenge);
	must(blob_printf(&client,
		 "{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
		 "\"origin\":\"https://vault.example\",\"crossOrigin\":false}",
		 challenge) == AM_OK);
	add_object(f->maker, p, blob_bytes(&client), &object);
	forge_hex(o, "aaguid", f->maker->aaguid, 16);
	forge_b64(o, "client", client.p, client.len);
	forge_b64(o, "object", object.p, object.len);
}

static void
set_creation(const struct forge *f, struct json_t *o,
    const uint8_t person[static 16], const struct forge_person *p)
{
	static const uint8_t zeros[32];

	forge_b64(o, "cred", p->cred, 32);
	forge_b64(o, "key", p->key, 64);
	forge_hex(o, "aaguid", zeros, 16);
	forge_b64(o, "nonce", zeros, 32);
	forge_text(o, "client", "");
	forge_text(o, "object", "");
	if (f->maker != NULL)
		attest(f, o, person, p);
}

struct forge *
forge_try(bool evaluation, enum am_err *err)
{
	return forge_made(evaluation, NULL, err);
}

struct forge *
forge_made(bool evaluation, const struct forge_maker *maker, enum am_err *err)
{
	struct forge *f = calloc(1, sizeof(*f));
	struct json_t *b, *token = canon_object(), *origins = canon_array();
	uint8_t pk[32], sk[64];

	must(f != NULL && view_memory_new(&f->memory) == AM_OK &&
	    roots_new("/tmp", NULL, &f->roots) == AM_OK);
	f->check = true;
	f->maker = maker;
	f->at = 1772442000; /* 2026-03-02T09:00:00Z */
	randombytes_buf(f->vault, sizeof(f->vault));
	randombytes_buf(f->safe, sizeof(f->safe));
	randombytes_buf(f->seed, sizeof(f->seed));
	(void)crypto_sign_seed_keypair(pk, sk, f->seed);
	make_person(f, &f->people[0]);
	b = forge_body(f, "genesis", 0);
	forge_uint(b, "amanat", 1);
	forge_uint(b, "suite", 1);
	set(b, "evaluation", canon_bool(evaluation));
	forge_text(b, "rpid", "vault.example");
	must(canon_push(origins,
		 canon_text((struct bytes){
		     (const uint8_t *)"https://vault.example", 21 })) == AM_OK);
	set(b, "origins", origins);
	forge_text(b, "name", "TEST");
	forge_b64(b, "logkey", pk, 32);
	set_creation(f, token, f->people[0].id, &f->people[0]);
	set(b, "token", token);
	*err = forge_post(f, b, 0);
	return f;
}

struct forge *
forge_new(void)
{
	enum am_err err = AM_OK;
	struct forge *f = forge_try(true, &err);

	must(err == AM_OK);
	return f;
}

void
forge_free(struct forge *f)
{
	for (size_t i = 0; i < f->count; i++)
		EVP_PKEY_free(f->people[i].pkey);
	for (size_t i = 0; i < f->size; i++)
		blob_free(&f->lines[i]);
	free(f->lines);
	for (size_t i = 0; i < f->ct_count; i++)
		blob_free(&f->cts[i]);
	free(f->cts);
	roots_free(f->roots);
	view_memory_free(f->memory);
	free(f);
}

static void
post_identity(struct forge *f, size_t i)
{
	struct json_t *b = forge_body(f, "identity", i);
	struct rows_vault v;
	const struct view w = view_memory(f->memory);
	uint8_t ph[32], proof[64];
	struct scalar d;
	struct point pk;

	must(rows_get_vault(&w, (struct bytes){ NULL, 0 }, &v) == AM_OK);
	sc_random(&d);
	must(pt_mul_base(&d, &pk) == AM_OK);
	hash_sha256(HASH_PARTS(HASH_T("identity"), { v.genesis, 32 },
			{ f->people[i].id, 16 }, pt_bytes(&pk)),
	    ph);
	must(poss_prove(&d, &pk, ph, proof) == AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	must(forge_post(f, b, i) == AM_OK);
	memcpy(f->people[i].identity, f->last, 32);
}

static void
post_entry(struct forge *f, size_t i, const char *kind)
{
	struct json_t *b = forge_body(f, "entry", 0), *item = canon_object(),
		      *data = canon_object();

	forge_text(item, "id", f->people[i].name);
	forge_text(item, "type", "person");
	forge_text(data, "kind", kind);
	forge_hex(data, "person", f->people[i].id, 16);
	if (strcmp(kind, "contractor") == 0) {
		forge_text(data, "sponsor", "p0");
		forge_when(data, "until", f->at + 90 * 86400);
	}
	set(b, "item", item);
	forge_uint(b, "version", 1);
	set(b, "data", data);
	must(forge_post(f, b, 0) == AM_OK);
}

struct json_t *
forge_motion(struct forge *f, size_t by, const char *name, struct json_t *what)
{
	struct json_t *b = forge_body(f, "motion", by), *act = canon_object();

	set(act, name, what);
	set(b, "act", act);
	forge_text(b, "why", "founding");
	forge_when(b, "until", f->at + 86400);
	return b;
}

struct json_t *
forge_admission(struct forge *f, size_t by, size_t who)
{
	const struct forge_person *p = &f->people[who];
	struct json_t *admit = canon_object();

	forge_hex(admit, "person", p->id, 16);
	forge_hex(admit, "token", p->token, 32);
	forge_hex(admit, "identity", p->identity, 32);
	return forge_motion(f, by, "admit", admit);
}

/* ---- acts of a quorum */

struct json_t *
forge_new_post(const char *id, const char *succeeds)
{
	struct json_t *what = canon_object();

	forge_text(what, "post", id);
	forge_text(what, "succeeds", succeeds);
	forge_text(what, "title", "TEST post");
	forge_text(what, "wing", "");
	return what;
}

struct json_t *
forge_order(struct forge *f, size_t who, const char *post, int64_t from,
    int64_t until, const char *number)
{
	static const char *const keys[] = { "employer", "line", "site",
		"wing" };
	struct json_t *what = canon_object(), *attrs = canon_object();

	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++)
		forge_text(attrs, keys[i], "");
	set(what, "attrs", attrs);
	forge_text(what, "authority", "TEST authority");
	forge_when(what, "from", from);
	if (until == 0)
		forge_text(what, "until", "");
	else
		forge_when(what, "until", until);
	forge_text(what, "kind", until == 0 ? "substantive" : "additional");
	forge_text(what, "order", number);
	forge_hex(what, "person", f->people[who].id, 16);
	forge_text(what, "post", post);
	return what;
}

struct json_t *
forge_ruling(struct forge *f, uint64_t need)
{
	struct json_t *what = canon_object(), *glass = canon_object();

	forge_uint(glass, "cooloff", 0);
	forge_uint(glass, "need", need);
	set(what, "breakglass", glass);
	set(what, "caps", canon_array());
	set(what, "posts", canon_array());
	forge_uint(what, "cooloff", 0);
	forge_uint(what, "cooloff_change", 0);
	forge_uint(what, "grant", 3600);
	forge_uint(what, "need", need);
	forge_uint(what, "uses", 1);
	forge_hex(what, "safe", f->safe, 16);
	set(what, "members_suspend", canon_bool(false));
	set(what, "veto", canon_bool(false));
	return what;
}

struct json_t *
forge_waiver(const char *rule, int64_t until)
{
	struct json_t *what = canon_object();

	forge_text(what, "rule", rule);
	forge_when(what, "until", until);
	return what;
}

struct json_t *
forge_policy(struct bytes text)
{
	enum { LINES = 256 };
	struct json_t *what = canon_object(), *file = canon_array(),
		      *group = canon_array();
	size_t i = 0, count = 0;

	for (size_t end = 0; end < text.len; end++) {
		if (text.p[end] != '\n')
			continue;
		if (count++ == LINES) {
			must(canon_push(file, group) == AM_OK);
			group = canon_array();
			count = 1;
		}
		must(canon_push(group,
			 canon_text((struct bytes){ text.p + i, end - i })) ==
		    AM_OK);
		i = end + 1;
	}
	must(canon_push(file, group) == AM_OK);
	set(what, "file", file);
	return what;
}

struct json_t *
forge_policy_edited(const char *after, const char *from, const char *to)
{
	const struct bytes text = levels_shipped_text();
	char *copy = calloc(1, text.len + 1), *at;
	blob_auto out = { 0 };
	struct json_t *what;

	must(copy != NULL);
	memcpy(copy, text.p, text.len);
	at = strstr(copy, after);
	must(at != NULL);
	at = strstr(at, from);
	must(at != NULL);
	*at = '\0';
	must(blob_printf(&out, "%s%s%s", copy, to, at + strlen(from)) == AM_OK);
	what = forge_policy(blob_bytes(&out));
	free(copy);
	return what;
}

struct json_t *
forge_vote(struct forge *f, size_t by, const uint8_t motion[static 32])
{
	struct json_t *b = forge_body(f, "vote", by);

	forge_hex(b, "motion", motion, 32);
	forge_text(b, "note", "");
	set(b, "yes", canon_bool(true));
	return b;
}

struct json_t *
forge_enact(struct forge *f, size_t by, const uint8_t motion[static 32])
{
	struct json_t *b = forge_body(f, "enact", by);

	forge_hex(b, "motion", motion, 32);
	return b;
}

enum am_err
forge_carry(struct forge *f, const char *name, struct json_t *what,
    const size_t *who, size_t count, int64_t wait)
{
	struct json_t *b = forge_motion(f, who[0], name, what);

	forge_when(b, "until", f->at + wait + 86400);
	AM_TRY(forge_post(f, b, who[0]));
	memcpy(f->moved, f->last, sizeof(f->moved));
	for (size_t i = 0; i < count; i++)
		AM_TRY(forge_post(f, forge_vote(f, who[i], f->moved), who[i]));
	f->at += wait;
	return forge_post(f, forge_enact(f, who[0], f->moved), who[0]);
}

struct json_t *
forge_entry(struct forge *f, size_t by, const char *type, const char *id,
    uint64_t version, struct json_t *data)
{
	struct json_t *b = forge_body(f, "entry", by), *item = canon_object();

	forge_text(item, "id", id);
	forge_text(item, "type", type);
	set(b, "item", item);
	forge_uint(b, "version", version);
	set(b, "data", data);
	return b;
}

/* ---- keys and newcomers */

struct json_t *
forge_token(struct forge *f, size_t who, size_t key, const char *label)
{
	struct json_t *b = forge_body(f, "token", who);

	forge_hex(b, "person", f->people[who].id, 16);
	forge_text(b, "label", label);
	set(b, "rk", canon_bool(false));
	set_creation(f, b, f->people[who].id, &f->people[key]);
	return b;
}

size_t
forge_key(struct forge *f)
{
	must(f->count < FORGE_PEOPLE);
	make_person(f, &f->people[f->count]);
	return f->count - 1;
}

size_t
forge_newcomer(struct forge *f, const char *kind)
{
	const size_t i = forge_key(f);
	struct forge_person *p = &f->people[i];
	struct json_t *b = forge_body(f, "person", 0);

	forge_hex(b, "person", p->id, 16);
	forge_text(b, "name", p->name);
	set(b, "remote", canon_bool(false));
	must(forge_post(f, b, 0) == AM_OK);
	post_entry(f, i, kind);
	must(forge_post(f, forge_token(f, i, i, p->name), i) == AM_OK);
	memcpy(p->token, f->last, 32);
	post_identity(f, i);
	return i;
}

size_t
forge_person(struct forge *f, const char *kind)
{
	const size_t i = forge_newcomer(f, kind);

	must(forge_post(f, forge_admission(f, 0, i), 0) == AM_OK);
	return i;
}

/* ---- ceremony: members are people 1..n */

struct json_t *
forge_plan(struct forge *f, uint32_t k, size_t n)
{
	static const uint8_t nonce[32];
	struct json_t *b = forge_body(f, "plan", 0), *m = canon_array(),
		      *d = canon_array(), *src = canon_object();

	for (size_t i = 1; i <= n; i++) {
		struct json_t *one = canon_object();

		f->people[i].index = (uint32_t)i;
		forge_uint(one, "index", i);
		forge_hex(one, "person", f->people[i].id, 16);
		must(canon_push(m, one) == AM_OK &&
		    canon_push(d, canon_uint(i)) == AM_OK);
	}
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "committee", "operating");
	forge_uint(b, "epoch", 1);
	forge_text(src, "committee", "operating");
	forge_uint(src, "epoch", 0);
	set(b, "source", src);
	forge_uint(b, "k", k);
	set(b, "members", m);
	set(b, "dealers", d);
	forge_when(b, "until", f->at + 86400);
	forge_b64(b, "nonce", nonce, 32);
	forge_text(b, "why", "");
	return b;
}

static struct json_t *
step(struct forge *f, const char *kind, size_t who)
{
	struct json_t *b = forge_body(f, kind, who);

	forge_hex(b, "plan", f->plan.plan, 32);
	forge_uint(b, "index", f->people[who].index);
	return b;
}

struct json_t *
forge_join(struct forge *f, size_t who)
{
	struct forge_person *p = &f->people[who];
	struct json_t *b = step(f, "join", who);
	uint8_t ph[32], proof[64];
	struct point pk;

	sc_random(&p->join);
	must(pt_mul_base(&p->join, &pk) == AM_OK);
	manifest_join_hash(f->plan.plan, p->index, &pk, ph);
	must(poss_prove(&p->join, &pk, ph, proof) == AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	return b;
}

static void
reload(struct forge *f)
{
	const struct view w = view_memory(f->memory);
	uint8_t id[32];

	memcpy(id, f->plan.plan, 32);
	must(rows_get_plan(&w, (struct bytes){ id, 32 }, &f->plan) == AM_OK);
}

struct json_t *
forge_deal(struct forge *f, size_t who)
{
	const struct view w = view_memory(f->memory);
	struct json_t *b = step(f, "deal", who), *c = canon_array(),
		      *s = canon_array();
	struct dkg_run run;
	struct dkg_deal d;

	reload(f);
	must(manifest_run(&w, &f->plan, &run) == AM_OK);
	must(dkg_deal_make(&run, f->people[who].index, &f->people[who].join,
		 &d) == AM_OK);
	for (size_t i = 0; i < run.k; i++)
		must(canon_push(c, canon_b64(pt_bytes(&d.C[i]))) == AM_OK);
	for (size_t i = 0; i < run.n; i++)
		must(
		    canon_push(s,
			canon_b64((struct bytes){ d.shares[i], 48 })) == AM_OK);
	set(b, "commitments", c);
	set(b, "shares", s);
	forge_b64(b, "pop", d.pop, 64);
	forge_b64(b, "eph", d.E.b, 32);
	return b;
}

struct json_t *
forge_accept(struct forge *f, size_t who)
{
	const struct view w = view_memory(f->memory);
	struct forge_person *p = &f->people[who];
	struct json_t *b = step(f, "accept", who);
	manifest_ceremony_auto *c = NULL;
	uint8_t dealset[32], ext[64], cert[64], ph[32], proof[64];
	struct point P;

	reload(f);
	must(manifest_ceremony_new(&c) == AM_OK &&
	    manifest_load(&w, &f->plan, c) == AM_OK &&
	    manifest_derive(f->vault, &f->plan, c, &f->manifest) == AM_OK);
	p->share = (struct scalar){ { 0 } };
	for (uint32_t i = 1; i <= c->run.n; i++) {
		struct scalar part;

		must(dkg_share_open(&c->run, i, &c->deals[i - 1], p->index,
			 &p->join, &part) == AM_OK);
		sc_add(&p->share, &part, &p->share);
	}
	manifest_dealset(&f->plan, c->deal_id, dealset);
	dkg_ext(&c->run, c->deals, ext);
	must(dkg_cert_make(&c->run, c->deals, (struct bytes){ ext, 64 },
		 p->index, &p->join, cert) == AM_OK);
	must(pt_mul_base(&p->share, &P) == AM_OK);
	manifest_accept_hash(f->plan.plan, f->manifest.manifest, p->index, ph);
	must(poss_prove(&p->share, &P, ph, proof) == AM_OK);
	forge_hex(b, "deals", dealset, 32);
	forge_hex(b, "manifest", f->manifest.manifest, 32);
	forge_b64(b, "proof", proof, 64);
	forge_b64(b, "cert", cert, 64);
	return b;
}

/* ---- reshare */

static struct json_t *
index_list(const struct forge *f, const size_t *who, size_t count)
{
	struct json_t *list = canon_array();

	for (size_t i = 0; i < count; i++)
		must(canon_push(list, canon_uint(f->people[who[i]].index)) ==
		    AM_OK);
	return list;
}

/* Newcomers are numbered on; the ids of people ascend with their number. */
static struct json_t *
number_members(struct forge *f, const struct forge_change *c)
{
	struct json_t *list = canon_array();
	uint32_t last = 0;

	for (size_t i = 0; i < f->count; i++)
		if (f->people[i].index > last)
			last = f->people[i].index;
	for (size_t i = 0; i < c->count; i++)
		if (f->people[c->who[i]].index == 0)
			f->people[c->who[i]].index = ++last;
	for (uint32_t index = 1; index <= last; index++)
		for (size_t i = 0; i < c->count; i++) {
			const struct forge_person *p = &f->people[c->who[i]];
			struct json_t *one;

			if (p->index != index)
				continue;
			one = canon_object();
			forge_uint(one, "index", p->index);
			forge_hex(one, "person", p->id, 16);
			must(canon_push(list, one) == AM_OK);
		}
	return list;
}

struct json_t *
forge_replan(struct forge *f, const struct forge_change *c)
{
	static const uint8_t nonce[32];
	struct json_t *b = forge_body(f, "plan", 0), *src = canon_object();

	set(b, "members", number_members(f, c));
	set(b, "dealers", index_list(f, c->dealers, c->dealer_count));
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "committee", c->committee);
	forge_uint(b, "epoch", c->epoch);
	forge_text(src, "committee", c->source);
	forge_uint(src, "epoch", c->source_epoch);
	set(b, "source", src);
	forge_uint(b, "k", c->k);
	forge_when(b, "until", f->at + 86400);
	forge_b64(b, "nonce", nonce, 32);
	forge_text(b, "why", "");
	return b;
}

static size_t
place(const struct rows_member *list, size_t n, const struct forge_person *p)
{
	const int at = manifest_position(list, n, p->id);

	must(at >= 0);
	return (size_t)at;
}

struct json_t *
forge_redeal(struct forge *f, size_t who)
{
	const struct view w = view_memory(f->memory);
	struct forge_person *p = &f->people[who];
	struct json_t *b = step(f, "deal", who), *c = canon_array(),
		      *boxes = canon_array();
	struct reshare_run run;
	struct reshare_deal d;

	reload(f);
	must(manifest_reshare_run(&w, &f->plan, &run) == AM_OK &&
	    reshare_deal_make(&run,
		place(f->plan.dealers, f->plan.dealer_count, p), &p->share, &d,
		&p->keep) == AM_OK);
	for (size_t i = 0; i < run.k; i++)
		must(canon_push(c, canon_b64(pt_bytes(&d.C[i]))) == AM_OK);
	for (size_t i = 0; i < run.n; i++)
		must(canon_push(boxes,
			 canon_b64((struct bytes){
			     d.boxes[i], RESHARE_BOX })) == AM_OK);
	set(b, "commitments", c);
	set(b, "boxes", boxes);
	return b;
}

struct json_t *
forge_reaccept(struct forge *f, size_t who)
{
	const struct view w = view_memory(f->memory);
	struct forge_person *p = &f->people[who];
	struct json_t *b = step(f, "accept", who);
	manifest_reshare_auto *c = NULL;
	uint8_t dealset[32], ph[32], proof[64];
	struct point P;
	size_t bad;

	reload(f);
	must(manifest_reshare_new(&c) == AM_OK &&
	    manifest_reshare_load(&w, &f->plan, c) == AM_OK &&
	    manifest_reshare_derive(f->vault, &f->plan, c, &f->manifest) ==
		AM_OK);
	p->old = p->share;
	must(reshare_share(&c->run, c->deals,
		 place(f->plan.members, f->plan.n, p), &p->join, &bad,
		 &p->share) == AM_OK &&
	    pt_mul_base(&p->share, &P) == AM_OK);
	manifest_dealset(&f->plan, c->deal_id, dealset);
	manifest_accept_hash(f->plan.plan, f->manifest.manifest, p->index, ph);
	must(poss_prove(&p->share, &P, ph, proof) == AM_OK);
	forge_hex(b, "deals", dealset, 32);
	forge_hex(b, "manifest", f->manifest.manifest, 32);
	forge_b64(b, "proof", proof, 64);
	return b;
}

void
forge_reshare(struct forge *f, const struct forge_change *c)
{
	must(forge_post(f, forge_replan(f, c), 0) == AM_OK);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 0; i < c->count; i++)
		must(forge_post(f, forge_join(f, c->who[i]), c->who[i]) ==
		    AM_OK);
	for (size_t i = 0; i < c->dealer_count; i++)
		must(forge_post(f, forge_redeal(f, c->dealers[i]),
			 c->dealers[i]) == AM_OK);
	for (size_t i = 0; i < c->count; i++)
		must(forge_post(f, forge_reaccept(f, c->who[i]), c->who[i]) ==
		    AM_OK);
	reload(f);
	must(f->plan.status == ROWS_ACTIVATED);
}

void
forge_safe(struct forge *f, uint32_t k, size_t n)
{
	struct json_t *b = forge_body(f, "safe", 0);

	randombytes_buf(f->safe, sizeof(f->safe));
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "name", "s");
	forge_text(b, "level", "baseline");
	must(forge_post(f, b, 0) == AM_OK);
	must(forge_post(f, forge_plan(f, k, n), 0) == AM_OK);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 1; i <= n; i++)
		must(forge_post(f, forge_join(f, i), i) == AM_OK);
	for (size_t i = 1; i <= n; i++)
		must(forge_post(f, forge_deal(f, i), i) == AM_OK);
	for (size_t i = 1; i <= n; i++)
		must(forge_post(f, forge_accept(f, i), i) == AM_OK);
}

/* ---- access */

static void
keep_ct(struct forge *f, const struct blob *ct)
{
	struct blob *more;

	if ((f->ct_count & (f->ct_count - 1)) == 0) { /* 0, 1, 2, 4, ... */
		more = calloc(2 * f->ct_count + 1, sizeof(*more));
		must(more != NULL);
		if (f->ct_count > 0)
			memcpy(more, f->cts, f->ct_count * sizeof(*more));
		free(f->cts);
		f->cts = more;
	}
	f->cts[f->ct_count++] = *ct;
}

struct json_t *
forge_seal(struct forge *f, size_t by, const char *title, const char *plain,
    struct forge_sealed *out)
{
	struct json_t *b = forge_body(f, "seal", by), *meta = canon_object();
	const struct view w = view_memory(f->memory);
	const bool first = out->version == 0;
	blob_auto bytes = { 0 };
	struct rows_vault v;
	struct bytes m;

	must(rows_get_vault(&w, (struct bytes){ NULL, 0 }, &v) == AM_OK);
	forge_text(meta, "class", out->class == NULL ? "secret" : out->class);
	if (out->reach != NULL)
		forge_text(meta, "reach", out->reach);
	if (out->can_reset != NULL)
		forge_text(meta, "can_reset", out->can_reset);
	forge_text(meta, "title", title);
	forge_text(meta, "type", out->type == NULL ? "note" : out->type);
	must(canon_write(meta, &bytes) == AM_OK);
	m = blob_bytes(&bytes);
	hash_sha256(&m, 1, out->cx.meta_hash);
	if (first)
		randombytes_buf(out->record, sizeof(out->record));
	memcpy(out->cx.G, v.genesis, 32);
	memcpy(out->cx.safe, f->safe, 16);
	memcpy(out->cx.record, out->record, 16);
	memcpy(out->cx.by, f->people[by].id, 16);
	out->cx.version = ++out->version;
	out->cx.X = f->manifest.C[0];
	out->cx.Bbar = v.bbar;
	m = (struct bytes){ (const uint8_t *)plain, strlen(plain) };
	out->ct = (struct blob){ 0 };
	must(blob_resize(&out->ct, tdh2_padded(m.len) + 16) == AM_OK);
	keep_ct(f, &out->ct);
	must(tdh2_seal(&out->cx, forge_pepper, m, &out->header, out->ct.p) ==
	    AM_OK);
	forge_hex(b, "safe", f->safe, 16);
	forge_hex(b, "record", out->record, 16);
	forge_uint(b, "version", out->version);
	forge_hex(b, "prev", out->seal, first ? 0 : 32);
	forge_hex(b, "manifest", f->manifest.manifest, 32);
	set(b, "meta", meta);
	forge_b64(b, "u", out->header.U.b, 32);
	forge_b64(b, "ubar", out->header.Ubar.b, 32);
	forge_b64(b, "com", out->header.com, 32);
	forge_b64(b, "nonce", out->header.nonce, 24);
	forge_hex(b, "ct", out->header.ct_hash, 32);
	forge_uint(b, "size", out->ct.len);
	forge_b64(b, "proof", out->header.proof, 64);
	bytes.len = 0;
	must(statement_id(b, &bytes, out->seal) == AM_OK);
	return b;
}

struct json_t *
forge_request(struct forge *f, size_t by, const struct forge_sealed *s,
    struct forge_asked *out)
{
	struct json_t *b = forge_body(f, "request", by);
	blob_auto bytes = { 0 };
	uint8_t nonce[32];

	randombytes_buf(nonce, sizeof(nonce));
	sc_random(&out->q);
	must(pt_mul_base(&out->q, &out->Q) == AM_OK);
	out->sealed = s;
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "committee", "operating");
	forge_hex(b, "manifest", f->manifest.manifest, 32);
	forge_hex(b, "record", s->record, 16);
	forge_uint(b, "version", s->version);
	forge_hex(b, "seal", s->seal, 32);
	forge_b64(b, "q", out->Q.b, 32);
	forge_text(b, "why", "TEST reason");
	forge_text(b, "ref", "");
	forge_when(b, "from", f->at - 1);
	forge_when(b, "until", f->at + 3600);
	forge_text(b, "mode", "normal");
	forge_text(b, "rules", "");
	forge_b64(b, "nonce", nonce, 32);
	must(statement_id(b, &bytes, out->request) == AM_OK);
	return b;
}

struct json_t *
forge_approve(struct forge *f, size_t who, struct forge_asked *asked)
{
	struct json_t *b = forge_body(f, "approve", who);
	struct partial_context cx = { .index = f->people[who].index,
		.U = asked->sealed->header.U,
		.Q = asked->Q };
	uint8_t hash[32];

	memcpy(cx.request, asked->request, 32);
	memcpy(cx.manifest, f->manifest.manifest, 32);
	must(pt_mul_base(&f->people[who].share, &cx.P) == AM_OK);
	must(partial_make(&cx, &f->people[who].share, asked->partials[who]) ==
	    AM_OK);
	partial_hash(asked->partials[who], hash);
	forge_hex(b, "request", asked->request, 32);
	forge_uint(b, "index", cx.index);
	forge_hex(b, "partial", hash, 32);
	f->beside.partial = asked->partials[who];
	return b;
}

struct json_t *
forge_open(struct forge *f, size_t by, const struct forge_asked *asked,
    const uint32_t *used, size_t count)
{
	struct json_t *b = forge_body(f, "open", by), *list = canon_array();

	for (size_t i = 0; i < count; i++)
		must(canon_push(list, canon_uint(used[i])) == AM_OK);
	forge_hex(b, "request", asked->request, 32);
	set(b, "used", list);
	return b;
}

void
forge_note(struct forge *f, struct blob *out)
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	struct note n = { .size = f->size };

	must(roots_at(f->roots, f->size, n.root) == AM_OK);
	enc_hex((struct bytes){ f->vault, 16 }, hex);
	(void)snprintf(origin, sizeof(origin), "vault.example/amanat/%s", hex);
	must(
	    note_sign(origin, &n, (struct bytes){ f->seed, 32 }, out) == AM_OK);
}

void
forge_attestation(const struct forge *f, struct blob *out)
{
	for (uint64_t i = 0; i < f->size; i++) {
		statement_auto s = { 0 };
		struct why why = { 0 };

		must(statement_parse(blob_bytes(&f->lines[i]), &why, &s) ==
			AM_OK &&
		    bundle_attestation(&s, i, out) == AM_OK);
	}
}
