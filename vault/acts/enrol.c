#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "vault/acts/enrol.h"

#include "vault/acts/further.h"
#include "vault/acts/keys.h"
#include "vault/acts/lookup.h"
#include "vault/acts/pin.h"
#include "vault/acts/post.h"
#include "vault/base/buf.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/poss.h"

/* ---- a new key, and what it and its person become on the way */

struct newcomer {
	uint8_t person[16], nonce[32];
	struct token_made made;
	struct session_key key; /* the token is borrowed, the PIN owned */
	struct scalar d;        /* identity */
	struct point pk;
};

static void
newcomer_end(struct newcomer *n)
{
	sc_wipe(&n->d);
	blob_free(&n->made.client);
	blob_free(&n->made.object);
	secret_free(n->key.pin);
}

#define newcomer_auto AM_CLEANUP(newcomer_end) struct newcomer

static struct bytes
cred_of(const struct newcomer *n)
{
	return (struct bytes){ n->made.cred, n->made.cred_len };
}

/* The shortest PIN of policy/levels.yaml (pin_length_min), in characters; what
 * the level of a safe asks is for pin_check, since a key is of no safe yet. */
enum { PIN_MIN = 6 };

/* The key itself takes four. */
static AM_RESULT
check_pin(struct session *s, const char *label, struct bytes pin)
{
	if (pin_length(pin) >= PIN_MIN)
		return AM_OK;
	return why_say(s->why, AM_ERR_TOKEN, "",
	    "the PIN of the key '%s' has fewer than %d characters; change it "
	    "with the maker's tool, then enrol the key",
	    label, PIN_MIN);
}

/* 6.2, steps 1 to 4: four touches. */
static AM_RESULT
make_key(struct session *s, struct token *t, const char *label,
    const char *user, struct newcomer *n)
{
	uint8_t challenge[32];

	AM_TRY(session_ask_pin(s, t, label, &n->key.pin));
	if (n->key.pin != NULL)
		AM_TRY(check_pin(s, label, session_pin(n->key.pin)));
	randombytes_buf(n->nonce, sizeof(n->nonce));
	hash_sha256(HASH_PARTS(HASH_T("make"), { s->vault.vault, 16 },
			{ n->person, 16 }, { n->nonce, 32 }),
	    challenge);
	AM_TRY(token_make(t, s->vault.rpid, challenge, n->person, user,
	    session_pin(n->key.pin), s->why, &n->made));
	n->key.token = t;
	memcpy(n->key.row.person, n->person, sizeof(n->person));
	memcpy(n->key.row.cred, n->made.cred, n->made.cred_len);
	n->key.row.cred_len = (uint16_t)n->made.cred_len;
	return AM_OK;
}

/* The creation data, as genesis and `token` carry it. */
static AM_RESULT
set_creation(struct json_t *to, const struct newcomer *n)
{
	AM_TRY(canon_set(to, "cred", canon_b64(cred_of(n))));
	AM_TRY(canon_set(to, "key",
	    canon_b64((struct bytes){ n->made.key, sizeof(n->made.key) })));
	AM_TRY(canon_set(
	    to, "aaguid", canon_hex((struct bytes){ n->made.aaguid, 16 })));
	AM_TRY(
	    canon_set(to, "nonce", canon_b64((struct bytes){ n->nonce, 32 })));
	AM_TRY(canon_set(to, "client", canon_b64(blob_bytes(&n->made.client))));
	return canon_set(to, "object", canon_b64(blob_bytes(&n->made.object)));
}

/* The identity key and the statement that shows it. */
static AM_RESULT
add_identity(struct post *p, const uint8_t G[static 32], struct newcomer *n)
{
	canon_auto *body = NULL;
	uint8_t ph[32], proof[POSS_PROOF];

	sc_random(&n->d);
	AM_TRY(pt_mul_base(&n->d, &n->pk));
	hash_sha256(HASH_PARTS(HASH_T("identity"), { G, 32 }, { n->person, 16 },
			pt_bytes(&n->pk)),
	    ph);
	AM_TRY(poss_prove(&n->d, &n->pk, ph, proof));
	AM_TRY(post_body(p->s, "identity", n->person, &body));
	AM_TRY(canon_set(body, "pk", canon_b64(pt_bytes(&n->pk))));
	AM_TRY(canon_set(
	    body, "proof", canon_b64((struct bytes){ proof, sizeof(proof) })));
	return post_add(p, AM_TAKE(body), cred_of(n));
}

/* The identity bag, not in place yet: one touch. `with_R`: only members hold
 * it (R3.1). */
static AM_RESULT
write_identity(struct session *s, const struct newcomer *n, bool with_R)
{
	const struct bag_purpose p = keys_identity_purpose(s, n->person);
	const struct bytes R = regkey_R(store_regkey(s->store));
	struct buf_writer w = { .cap = BAG_IDENTITY_BODY };
	static const uint8_t none[32];
	secret_auto *prf = NULL, *body = NULL;

	AM_TRY(keys_unlock(s, &n->key, &p, "to keep your identity key", &prf));
	AM_TRY(secret_new(BAG_IDENTITY_BODY, &body));
	w.p = secret_mut(body);
	AM_TRY(buf_put_fixed(&w, n->person, sizeof(n->person)));
	AM_TRY(buf_put_fixed(&w, n->d.b, SC_BYTES));
	AM_TRY(buf_put_fixed(&w, with_R ? R.p : none, 32));
	return keys_write_identity(s, &n->key, &p, prf, secret_bytes(body));
}

/* Once the log knows the identity. */
static AM_RESULT
keep_identity(struct session *s, const struct newcomer *n)
{
	const struct bag_purpose p = keys_identity_purpose(s, n->person);

	return keys_promote_identity(s, &p);
}

static AM_RESULT
no_identity(struct session *s, const uint8_t person[static 16])
{
	const struct bag_purpose p = keys_identity_purpose(s, person);

	return keys_no_identity(s, &p);
}

/* ---- persons */

static AM_RESULT
add_person(struct post *p, const uint8_t by[static 16],
    const uint8_t person[static 16], const char *name, struct bytes cred)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(p->s, "person", by, &body));
	AM_TRY(
	    canon_set(body, "person", canon_hex((struct bytes){ person, 16 })));
	AM_TRY(canon_set(body, "name", canon_str(name)));
	AM_TRY(canon_set(body, "remote", canon_bool(false)));
	return post_add(p, AM_TAKE(body), cred);
}

static AM_RESULT
add_entry(struct post *p, const uint8_t by[static 16],
    const uint8_t person[static 16], const struct enrol_wish *w,
    struct bytes cred)
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	char until[WHEN_TEXT_LEN + 1];

	AM_TRY(canon_set(item, "id", canon_str(w->id)));
	AM_TRY(canon_set(item, "type", canon_str("person")));
	AM_TRY(canon_set(data, "kind", canon_str(w->kind)));
	if (strcmp(w->kind, "contractor") == 0) {
		when_text(w->until, until);
		AM_TRY(canon_set(data, "sponsor", canon_str(w->sponsor)));
		AM_TRY(canon_set(data, "until", canon_str(until)));
	}
	AM_TRY(
	    canon_set(data, "person", canon_hex((struct bytes){ person, 16 })));
	AM_TRY(post_body(p->s, "entry", by, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	return post_add(p, AM_TAKE(body), cred);
}

static AM_RESULT
check_text(struct why *why, const char *what, const char *value)
{
	const struct bytes b = { (const uint8_t *)value, strlen(value) };

	if (b.len == 0 || b.len > ROWS_NAME_MAX || !canon_text_ok(b))
		return why_say(why, AM_ERR_INVALID, "R2.10",
		    "%s has 1 to %d bytes of plain text, without control "
		    "characters",
		    what, ROWS_NAME_MAX);
	return AM_OK;
}

/* A name that nobody bears would answer for nothing. */
static AM_RESULT
check_sponsor(struct session *s, const struct enrol_wish *w)
{
	const struct bytes id = { (const uint8_t *)w->sponsor,
		strlen(w->sponsor) };
	store_txn_auto *t = NULL;
	struct rows_person p;
	struct view v;
	bool is_post = false;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(view_has(&v, "post-id", id, &is_post));
	if (is_post)
		return AM_OK;
	AM_TRY(lookup_person(s, w->sponsor, &p));
	return p.kind == ROWS_OFFICIAL
	    ? AM_OK
	    : why_say(s->why, AM_ERR_POLICY, "INV-4",
		  "an official or a post answers for a contractor; '%s' is "
		  "neither",
		  p.id);
}

AM_RESULT
enrol_person(
    struct session *s, const struct session_key *k, const struct enrol_wish *w)
{
	const struct bytes cred = { k->row.cred, k->row.cred_len };
	post_auto p = { .s = s };
	uint8_t person[16];

	AM_TRY(check_text(s->why, "a name", w->name));
	AM_TRY(lookup_check_id(s->why, "the id of a person", w->id));
	if (strcmp(w->kind, "contractor") == 0)
		AM_TRY(check_sponsor(s, w));
	randombytes_buf(person, sizeof(person));
	AM_TRY(add_person(&p, k->row.person, person, w->name, cred));
	AM_TRY(add_entry(&p, k->row.person, person, w, cred));
	return post_all(&p, k, "to add the person");
}

/* ---- enrolment */

static AM_RESULT
add_token(struct post *p, const struct newcomer *n, const char *label)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(p->s, "token", n->person, &body));
	AM_TRY(canon_set(
	    body, "person", canon_hex((struct bytes){ n->person, 16 })));
	AM_TRY(canon_set(body, "label", canon_str(label)));
	AM_TRY(canon_set(body, "rk", canon_bool(false)));
	AM_TRY(set_creation(body, n));
	return post_add(p, AM_TAKE(body), cred_of(n));
}

/* R13.3: of a first key with its person and identity, of a further one alone. */
static AM_RESULT
add_admission(struct post *p, const struct session_key *mover,
    const struct newcomer *n, const char *why)
{
	canon_auto *act = canon_object(), *admit = canon_object();

	AM_TRY(canon_set(
	    admit, "token", canon_hex((struct bytes){ p->items[0].id, 32 })));
	if (p->count > 1) {
		AM_TRY(canon_set(admit, "person",
		    canon_hex((struct bytes){ n->person, 16 })));
		AM_TRY(canon_set(admit, "identity",
		    canon_hex((struct bytes){ p->items[1].id, 32 })));
	}
	AM_TRY(canon_set(act, "admit", AM_TAKE(admit)));
	return motion_add(p, mover, AM_TAKE(act), why);
}

bool
enrol_is_founding(const struct session *s)
{
	static const uint8_t none[16];

	return bytes_same((struct bytes){ s->vault.governing, 16 },
	    (struct bytes){ none, 16 });
}

static AM_RESULT
may_enrol(struct session *s, const struct session_key *mover,
    const struct enrol_key *wish)
{
	const bool founder = bytes_same((struct bytes){ mover->row.person, 16 },
	    (struct bytes){ s->vault.founder, 16 });

	AM_TRY(lookup_check_id(s->why, "a label", wish->label));
	AM_TRY(motion_check_text(s, wish->why));
	if (enrol_is_founding(s) && !founder)
		return why_say(s->why, AM_ERR_POLICY, "R13.20",
		    "only the founder admits until the first safe is active; "
		    "insert the founder's key beside the new one");
	return session_key_is_free(s, mover);
}

static AM_RESULT
sign_by(struct post *p, size_t i, const struct session_key *k, const char *what)
{
	return post_sign(p, i, k->token, session_pin(k->pin), what);
}

AM_RESULT
enrol_first(struct session *s, const struct session_key *mover,
    struct token *fresh, const struct rows_person *who,
    const struct enrol_key *wish, struct motion_view *out)
{
	static const uint8_t none[32];
	newcomer_auto n = { 0 };
	post_auto p = { .s = s };

	AM_TRY(may_enrol(s, mover, wish));
	if (bytes_same((struct bytes){ who->identity, 32 },
		(struct bytes){ none, 32 }))
		AM_TRY(no_identity(s, who->person));
	memcpy(n.person, who->person, sizeof(n.person));
	AM_TRY(make_key(s, fresh, wish->label, who->name, &n));
	AM_TRY(add_token(&p, &n, wish->label));
	AM_TRY(add_identity(&p, s->vault.genesis, &n));
	AM_TRY(add_admission(&p, mover, &n, wish->why));
	AM_TRY(post_judge(&p));
	AM_TRY(write_identity(s, &n, who->kind == ROWS_OFFICIAL));
	AM_TRY(sign_by(&p, 0, &n.key, "to offer this key"));
	AM_TRY(sign_by(&p, 1, &n.key, "to show your identity key"));
	AM_TRY(sign_by(&p, 2, mover,
	    enrol_is_founding(s) ? "to admit the new key"
				 : "to move that the new key is admitted"));
	AM_TRY(post_commit(&p));
	AM_TRY(keep_identity(s, &n));
	return motion_last(s, out);
}

AM_RESULT
enrol_further(struct session *s, const struct session_key *own,
    const struct session_key *mover, struct token *fresh,
    const struct enrol_key *wish, struct motion_view *out)
{
	newcomer_auto n = { 0 };
	further_auto bags = { 0 };
	post_auto p = { .s = s };
	size_t count = 0;

	AM_TRY(lookup_check_id(s->why, "a label", wish->label));
	AM_TRY(motion_check_text(s, wish->why));
	AM_TRY(session_key_is_free(s, own));
	AM_TRY(session_key_is_free(s, mover));
	AM_TRY(further_list(s, own->row.person, &bags));
	memcpy(n.person, own->row.person, sizeof(n.person));
	AM_TRY(make_key(s, fresh, wish->label, own->person.name, &n));
	AM_TRY(add_token(&p, &n, wish->label));
	AM_TRY(add_admission(&p, mover, &n, wish->why));
	AM_TRY(post_judge(&p));
	AM_TRY(further_prepare(s, &bags, own, &n.key, &count));
	AM_TRY(sign_by(&p, 0, &n.key, "to offer this key"));
	AM_TRY(sign_by(&p, 1, mover, "to move that the new key is admitted"));
	AM_TRY(further_write(s, &bags));
	AM_TRY(post_commit(&p));
	return motion_last(s, out);
}

AM_RESULT
enrol_anew(struct session *s, const struct session_key *mover,
    struct token *fresh, const struct rows_person *who,
    const struct enrol_key *wish, struct motion_view *out)
{
	newcomer_auto n = { 0 };
	post_auto p = { .s = s };

	AM_TRY(may_enrol(s, mover, wish));
	memcpy(n.person, who->person, sizeof(n.person));
	AM_TRY(make_key(s, fresh, wish->label, who->name, &n));
	AM_TRY(add_token(&p, &n, wish->label));
	AM_TRY(add_admission(&p, mover, &n, wish->why));
	AM_TRY(post_judge(&p));
	AM_TRY(sign_by(&p, 0, &n.key, "to offer this key"));
	AM_TRY(sign_by(&p, 1, mover, "to move that the new key is admitted"));
	AM_TRY(post_commit(&p));
	return motion_last(s, out);
}

static AM_RESULT
renew_identity(struct session *s, struct newcomer *n, bool with_R)
{
	post_auto p = { .s = s };

	AM_TRY(add_identity(&p, s->vault.genesis, n));
	AM_TRY(post_judge(&p));
	AM_TRY(write_identity(s, n, with_R));
	AM_TRY(sign_by(&p, 0, &n->key, "to show your identity key"));
	AM_TRY(post_commit(&p));
	return keep_identity(s, n);
}

AM_RESULT
enrol_identity(struct session *s, const struct session_key *k)
{
	const struct keys_bag bag = { BAG_IDENTITY,
		keys_identity_purpose(s, k->row.person) };
	struct newcomer n = { .key = *k }; /* borrowed, so it is not ended */
	bool opens = false;
	enum am_err err;

	AM_TRY(session_key_is_free(s, k));
	err = keys_has_slot(
	    s, &bag, (struct bytes){ k->row.cred, k->row.cred_len }, &opens);
	if (err != AM_OK && err != AM_ERR_INCOMPLETE)
		return err;
	*s->why = (struct why){ 0 };
	if (opens)
		return why_say(s->why, AM_ERR_POLICY, "R6.6",
		    "this key opens your identity already; nothing is lost");
	memcpy(n.person, k->row.person, sizeof(n.person));
	memcpy(n.made.cred, k->row.cred, k->row.cred_len);
	n.made.cred_len = k->row.cred_len;
	err = renew_identity(s, &n, k->person.kind == ROWS_OFFICIAL);
	sc_wipe(&n.d);
	return err;
}

/* ---- founding */

static AM_RESULT
add_genesis(
    struct post *p, const struct enrol_vault *v, const struct newcomer *n)
{
	canon_auto *body = NULL, *token = canon_object(),
		   *origins = canon_array();
	uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
	char origin[ROWS_RPID_MAX + 16];

	(void)crypto_sign_seed_keypair(pk, sk, store_log_seed(p->s->store).p);
	sodium_memzero(sk, sizeof(sk));
	(void)snprintf(origin, sizeof(origin), "https://%s", v->rpid);
	AM_TRY(canon_push(origins, canon_str(origin)));
	AM_TRY(set_creation(token, n));
	AM_TRY(post_body(p->s, "genesis", n->person, &body));
	AM_TRY(canon_set(body, "amanat", canon_uint(1)));
	AM_TRY(canon_set(body, "suite", canon_uint(1)));
	AM_TRY(canon_set(body, "evaluation", canon_bool(v->evaluation)));
	AM_TRY(canon_set(body, "rpid", canon_str(v->rpid)));
	AM_TRY(canon_set(body, "origins", AM_TAKE(origins)));
	AM_TRY(canon_set(body, "name", canon_str(v->name)));
	AM_TRY(canon_set(
	    body, "logkey", canon_b64((struct bytes){ pk, sizeof(pk) })));
	AM_TRY(canon_set(body, "token", AM_TAKE(token)));
	return post_add(p, AM_TAKE(body), cred_of(n));
}

static AM_RESULT
found_in(struct session *s, const struct enrol_vault *v, struct newcomer *n)
{
	post_auto p = { .s = s };

	AM_TRY(add_genesis(&p, v, n));
	AM_TRY(
	    add_person(&p, n->person, n->person, v->founder_name, cred_of(n)));
	AM_TRY(add_entry(&p, n->person, n->person,
	    &(struct enrol_wish){ .id = v->founder, .kind = "official" },
	    cred_of(n)));
	AM_TRY(add_identity(&p, p.items[0].id, n));
	AM_TRY(post_judge(&p));
	AM_TRY(write_identity(s, n, true));
	for (size_t i = 0; i < p.count; i++)
		AM_TRY(post_sign(&p, i, n->key.token, session_pin(n->key.pin),
		    "to found the vault"));
	AM_TRY(post_commit(&p));
	return keep_identity(s, n);
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	return remove(path);
}

/* Everything happens in "<dir>.founding"; the name is given at the end, so
 * half a vault is never found under the real one. */
static AM_RESULT
found_at(const char *place, const struct enrol_vault *v, struct session *s,
    struct token *t)
{
	newcomer_auto n = { 0 };
	secret_auto *R = NULL, *seed = NULL;
	enum am_err err;

	randombytes_buf(n.person, sizeof(n.person));
	AM_TRY(make_key(s, t, "founder", v->founder_name, &n));
	AM_TRY(secret_new(32, &R));
	AM_TRY(secret_new(32, &seed));
	randombytes_buf(secret_mut(R), 32);
	randombytes_buf(secret_mut(seed), 32);
	AM_TRY(store_create(place, s->vault.vault, secret_bytes(R),
	    secret_bytes(seed), s->why));
	if ((err = store_open(place, true, s->why, &s->store)) == AM_OK)
		err = found_in(s, v, &n);
	store_close(AM_TAKE(s->store));
	if (err == AM_OK && rename(place, v->dir) != 0)
		err = why_say(s->why, AM_ERR_IO, "",
		    "cannot rename '%s' to '%s': %s", place, v->dir,
		    strerror(errno));
	if (err != AM_OK)
		(void)nftw(place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return err;
}

static AM_RESULT
check_vault(const struct enrol_vault *v, struct why *why)
{
	AM_TRY(check_text(why, "the name of a vault", v->name));
	AM_TRY(check_text(why, "the founder's name", v->founder_name));
	AM_TRY(lookup_check_id(why, "the founder's id", v->founder));
	if (!lookup_is_host(v->rpid))
		return why_say(why, AM_ERR_INVALID, "6.1",
		    "'%s' is not a host name; use one your office owns, such "
		    "as vault.example.gov",
		    v->rpid);
	if (access(v->dir, F_OK) == 0)
		return why_say(why, AM_ERR_EXISTS, "",
		    "'%s' exists; a vault is founded where nothing is yet",
		    v->dir);
	return AM_OK;
}

/* Found out before nine touches, not after four. */
static AM_RESULT
check_place(const char *place, struct why *why)
{
	if (mkdir(place, 0700) == 0 && rmdir(place) == 0)
		return AM_OK;
	return why_say(why, AM_ERR_IO, "",
	    "cannot make '%s': %s; make the directory above it first, and "
	    "writable for you",
	    place, strerror(errno));
}

AM_RESULT
enrol_found(
    const struct enrol_vault *v, const struct session_env *env, struct why *why)
{
	token_auto *t = NULL;
	char place[PATH_MAX];
	struct session s = { .env = env, .why = why };
	int n;

	AM_TRY(check_vault(v, why));
	n = snprintf(place, sizeof(place), "%s.founding", v->dir);
	if (n <= 0 || n >= PATH_MAX)
		return AM_ERR_INVALID;
	if (access(place, F_OK) == 0)
		return why_say(why, AM_ERR_EXISTS, "",
		    "'%s' is left from a founding that was broken off; nothing "
		    "in it is in use: remove it and try again",
		    place);
	AM_TRY(check_place(place, why));
	AM_TRY(session_only_token(env, v->evaluation, why, &t));
	randombytes_buf(s.vault.vault, sizeof(s.vault.vault));
	s.vault.evaluation = v->evaluation;
	(void)snprintf(s.vault.rpid, sizeof(s.vault.rpid), "%s", v->rpid);
	merkle_empty(s.head.root);
	return found_at(place, v, &s, t);
}
