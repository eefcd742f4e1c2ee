/*
 * Who may act: genesis, persons, their tokens and identities, admission. What
 * the register says of them is in register.c.
 */

#include "hsm/attest.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/tdh2.h"
#include "vault/state/fitness.h"
#include "vault/state/keyring.h"
#include "vault/state/rules.h"

/* ---- tokens */

/* The creation data of a token, as it stands in genesis and `token`. */
struct creation {
	uint8_t nonce[32];
	uint8_t client[1024], object[16384];
	size_t client_len, object_len;
};

static AM_RESULT
read_creation(
    const struct json_t *from, struct rows_token *t, struct creation *c)
{
	size_t cred_len = 0;

	AM_TRY(canon_get_b64_var(
	    from, "cred", t->cred, sizeof(t->cred), &cred_len));
	t->cred_len = (uint16_t)cred_len;
	AM_TRY(canon_get_b64(from, "key", t->key, sizeof(t->key)));
	AM_TRY(canon_get_hex(from, "aaguid", t->aaguid, sizeof(t->aaguid)));
	AM_TRY(canon_get_b64(from, "nonce", c->nonce, sizeof(c->nonce)));
	AM_TRY(canon_get_b64_var(
	    from, "client", c->client, sizeof(c->client), &c->client_len));
	return canon_get_b64_var(
	    from, "object", c->object, sizeof(c->object), &c->object_len);
}

/* V12: the token was made for this vault and person, by a key as promised. */
static AM_RESULT
check_creation(
    struct rules *r, const struct rows_token *t, const struct creation *c)
{
	const struct attest_expected want = {
		.rpid = r->vault.rpid,
		.cred = { t->cred, t->cred_len },
		.key = t->key,
		.aaguid = t->aaguid,
		.evaluation = r->vault.evaluation != 0,
	};
	uint8_t challenge[32];

	if (r->vault.evaluation != 0 && c->object_len == 0)
		return AM_OK; /* R13.23 */
	hash_sha256(HASH_PARTS(HASH_T("make"), { r->vault.vault, 16 },
			{ t->person, 16 }, { c->nonce, 32 }),
	    challenge);
	return attest_check((struct bytes){ c->object, c->object_len },
	    (struct bytes){ c->client, c->client_len }, challenge, &want,
	    r->why);
}

static AM_RESULT
add_token(struct rules *r, struct rows_token *t, const struct creation *c)
{
	const struct view *v = &r->st->view;
	const struct bytes cred = { t->cred, t->cred_len },
			   label = { (const uint8_t *)t->label,
				   strlen(t->label) },
			   id = { t->token, sizeof(t->token) };
	const struct rows_key n = rows_key_u32(r->vault.tokens);
	uint8_t hash[32];
	bool known = false;

	hash_sha256(&cred, 1, hash);
	AM_TRY(view_has(v, "cred", (struct bytes){ hash, 32 }, &known));
	if (known)
		return RULES_SAY(r, AM_ERR_EXISTS, "V12",
		    "this credential is enrolled already");
	AM_TRY(view_has(v, "token-id", label, &known));
	if (known)
		return RULES_SAY(r, AM_ERR_EXISTS, "V12",
		    "a key labelled '%s' exists; choose another label",
		    t->label);
	AM_TRY(rows_index_put(v, "cred", (struct bytes){ hash, 32 }, id));
	AM_TRY(rows_index_put(v, "token-id", label, id));
	AM_TRY(rows_index_put(v, "token-n", rows_key(&n), id));
	AM_TRY(keyring_add(v, t));
	r->vault.tokens++;
	AM_TRY(fitness_keep(
	    v, t->token, (struct bytes){ c->object, c->object_len }));
	AM_TRY(fitness_attest(v, &r->vault, t));
	return rows_put_token(v, id, t);
}

/* ---- genesis */

static AM_RESULT
read_rpid(struct rules *r)
{
	const struct json_t *origins = NULL;
	struct bytes origin = { 0 };
	char want[ROWS_RPID_MAX + 16];

	AM_TRY(rules_text(
	    r->s->body, "rpid", r->vault.rpid, sizeof(r->vault.rpid)));
	AM_TRY(canon_get_array(r->s->body, "origins", &origins));
	if (canon_size(origins) != 1)
		return AM_ERR_CORRUPT;
	AM_TRY(canon_at_text(origins, 0, &origin));
	(void)snprintf(want, sizeof(want), "https://%s", r->vault.rpid);
	if (!rules_is_name((struct bytes){ (const uint8_t *)r->vault.rpid,
			       strlen(r->vault.rpid) },
		ROWS_RPID_MAX) ||
	    !bytes_same(
		origin, (struct bytes){ (const uint8_t *)want, strlen(want) }))
		return RULES_SAY(r, AM_ERR_CORRUPT, "V03",
		    "the origin is not https:// and the relying party id");
	return AM_OK;
}

static AM_RESULT
read_genesis(struct rules *r)
{
	const struct json_t *body = r->s->body;
	uint64_t format = 0, suite = 0;
	bool evaluation = false;

	AM_TRY(canon_get_uint(body, "amanat", &format));
	AM_TRY(canon_get_uint(body, "suite", &suite));
	if (format != 1 || suite != 1)
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "V03",
		    "the vault is of a newer format; use a newer amanat");
	AM_TRY(canon_get_bool(body, "evaluation", &evaluation));
	AM_TRY(rules_text(body, "name", r->vault.name, sizeof(r->vault.name)));
	AM_TRY(canon_get_b64(
	    body, "logkey", r->vault.logkey, sizeof(r->vault.logkey)));
	AM_TRY(read_rpid(r));
	r->vault.evaluation = evaluation;
	r->vault.layout = ROWS_LAYOUT;
	memcpy(r->vault.vault, r->s->vault, sizeof(r->vault.vault));
	memcpy(r->vault.genesis, r->s->id, sizeof(r->vault.genesis));
	memcpy(r->vault.founder, r->s->by, sizeof(r->vault.founder));
	return tdh2_bbar(r->vault.genesis, &r->vault.bbar);
}

static AM_RESULT
add_person(struct rules *r, struct rows_person *p)
{
	const struct bytes id = { p->person, sizeof(p->person) };
	const struct rows_key n = rows_key_u32(r->vault.persons);

	r->vault.persons++;
	p->leaf = r->leaf;
	p->at = r->s->at;
	AM_TRY(rows_index_put(&r->st->view, "person-n", rows_key(&n), id));
	return rows_put_person(&r->st->view, id, p);
}

AM_RESULT
members_genesis(struct rules *r)
{
	static const char *const keys[] = { "aaguid", "client", "cred", "key",
		"nonce", "object" };
	struct rows_person founder = {
		.status = ROWS_ADMITTED, .kind = ROWS_OFFICIAL, .tokens = 1
	};
	struct rows_token token = { .status = ROWS_ACTIVE, .label = "founder" };
	const struct json_t *made = NULL;
	struct creation c = { 0 };

	AM_TRY(read_genesis(r));
	AM_TRY(rules_new_id(r, r->s->by, "person"));
	AM_TRY(canon_get_object(r->s->body, "token", &made));
	if (!canon_keys_are(made, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(read_creation(made, &token, &c));
	memcpy(token.person, r->s->by, sizeof(token.person));
	memcpy(token.token, r->s->id, sizeof(token.token)); /* R13.2: G */
	AM_TRY(check_creation(r, &token, &c));
	if (!bytes_same((struct bytes){ token.cred, token.cred_len },
		(struct bytes){ r->s->cred, r->s->cred_len }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V03",
		    "genesis is not signed by the token it names");
	AM_TRY(rules_claim_assertion(r, token.key, r->vault.rpid));
	AM_TRY(add_token(r, &token, &c));
	memcpy(founder.person, r->s->by, sizeof(founder.person));
	return add_person(r, &founder);
}

/* ---- persons and their register entries */

AM_RESULT
members_person(struct rules *r)
{
	struct rows_person p = { .status = ROWS_KNOWN, .kind = ROWS_OFFICIAL };
	bool remote = false, known = false;

	AM_TRY(canon_get_hex(r->s->body, "person", p.person, sizeof(p.person)));
	AM_TRY(rules_new_id(r, p.person, "person"));
	AM_TRY(rules_text(r->s->body, "name", p.name, sizeof(p.name)));
	AM_TRY(canon_get_bool(r->s->body, "remote", &remote));
	p.remote = remote;
	if (p.name[0] == '\0')
		return RULES_SAY(
		    r, AM_ERR_INVALID, "V08", "a person has a name");
	AM_TRY(view_has(&r->st->view, "person",
	    (struct bytes){ p.person, sizeof(p.person) }, &known));
	if (!known)
		return add_person(r, &p);
	/* R13.20: genesis made the founder; one statement gives the name. */
	AM_TRY(rules_person(r, p.person, &r->by));
	if (r->by.name[0] != '\0')
		return RULES_SAY(
		    r, AM_ERR_EXISTS, "V08", "this person exists already");
	memcpy(r->by.name, p.name, sizeof(r->by.name));
	return rows_put_person(&r->st->view,
	    (struct bytes){ r->by.person, sizeof(r->by.person) }, &r->by);
}

/* ---- token, identity, admission */

AM_RESULT
members_token(struct rules *r)
{
	struct rows_token t = {
		.status = ROWS_OFFERED, .leaf = r->leaf, .at = r->s->at
	};
	struct rows_person p;
	struct creation c = { 0 };
	bool rk = false;

	AM_TRY(canon_get_hex(r->s->body, "person", t.person, sizeof(t.person)));
	AM_TRY(rules_text(r->s->body, "label", t.label, sizeof(t.label)));
	AM_TRY(canon_get_bool(r->s->body, "rk", &rk));
	AM_TRY(read_creation(r->s->body, &t, &c));
	t.rk = rk;
	memcpy(t.token, r->s->id, sizeof(t.token));
	if (!rules_is_name(
		(struct bytes){ (const uint8_t *)t.label, strlen(t.label) },
		ROWS_TITLE_MAX))
		return RULES_SAY(r, AM_ERR_INVALID, "V12",
		    "a label is letters, digits, '.', '_' and '-'");
	if (!bytes_same((struct bytes){ t.person, 16 },
		(struct bytes){ r->s->by, 16 }) ||
	    !bytes_same((struct bytes){ t.cred, t.cred_len },
		(struct bytes){ r->s->cred, r->s->cred_len }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V12",
		    "a token is offered under its own signature");
	AM_TRY(rules_person(r, t.person, &p));
	AM_TRY(check_creation(r, &t, &c));
	AM_TRY(rules_claim_assertion(r, t.key, r->vault.rpid));
	return add_token(r, &t, &c);
}

/*
 * One current per person (7.3). While a person is not admitted an offered key
 * may sign it, and the admission names it; afterwards a key does that was
 * admitted, for a person whose keys are all lost has no other way to a new one.
 */
AM_RESULT
members_identity(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct point pk;
	uint8_t ph[32];
	bool known = false;

	AM_TRY(rules_point(r, "V13", "pk", &pk));
	AM_TRY(view_has(v, "pk", pt_bytes(&pk), &known));
	if (known)
		return RULES_SAY(r, AM_ERR_VERIFY, "V13",
		    "this key receives for somebody or some plan already");
	hash_sha256(HASH_PARTS(HASH_T("identity"), { r->vault.genesis, 32 },
			{ r->s->by, 16 }, pt_bytes(&pk)),
	    ph);
	AM_TRY(rules_poss(r, "V13", &pk, ph, "proof"));
	AM_TRY(rows_index_put(
	    v, "pk", pt_bytes(&pk), (struct bytes){ r->s->id, 32 }));
	memcpy(r->by.identity, r->s->id, sizeof(r->by.identity));
	memcpy(r->by.pk, pk.b, sizeof(r->by.pk));
	return rows_put_person(v, (struct bytes){ r->s->by, 16 }, &r->by);
}

/* ---- admission: what a motion says, and its effect (R13.3) */

static AM_RESULT
read_token(struct rules *r, const uint8_t id[static 32], struct rows_token *out)
{
	const enum am_err err =
	    rows_get_token(&r->st->view, (struct bytes){ id, 32 }, out);

	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(
		    r, err, "V21", "no such token has been offered");
	AM_TRY(err);
	if (out->status != ROWS_OFFERED)
		return RULES_SAY(r, AM_ERR_EXISTS, "V21", "this token is %s",
		    out->status == ROWS_ACTIVE ? "active already"
					       : "retired, for good");
	return AM_OK;
}

static bool
is_zero16(const uint8_t id[static 16])
{
	static const uint8_t none[16];

	return bytes_same((struct bytes){ id, 16 }, (struct bytes){ none, 16 });
}

static AM_RESULT
check_person(struct rules *r, const struct rows_motion *m,
    const struct rows_token *t, struct rows_person *p)
{
	AM_TRY(rules_person(r, m->person, p));
	if (p->status == ROWS_ADMITTED)
		return RULES_SAY(
		    r, AM_ERR_EXISTS, "V21", "this person is admitted already");
	if (p->id[0] == '\0')
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "V21",
		    "this person has no entry in the register");
	if (!bytes_same((struct bytes){ t->person, 16 },
		(struct bytes){ m->person, 16 }) ||
	    !bytes_same((struct bytes){ p->identity, 32 },
		(struct bytes){ m->identity, 32 }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V21",
		    "token and identity are not this person's");
	return AM_OK;
}

/* A further key of an admitted person. */
static AM_RESULT
check_further(
    struct rules *r, const struct rows_token *t, struct rows_person *p)
{
	AM_TRY(rules_person(r, t->person, p));
	if (p->status != ROWS_ADMITTED)
		return RULES_SAY(r, AM_ERR_POLICY, "V21",
		    "the person of this token is not admitted");
	return AM_OK;
}

static AM_RESULT
check_admit(struct rules *r, const struct rows_motion *m, struct rows_token *t,
    struct rows_person *p)
{
	AM_TRY(read_token(r, m->token, t));
	return is_zero16(m->person) ? check_further(r, t, p)
				    : check_person(r, m, t, p);
}

AM_RESULT
members_check_admit(struct rules *r, const struct rows_motion *m)
{
	struct rows_person p;
	struct rows_token t;

	return check_admit(r, m, &t, &p);
}

/* Judged again: what was right when it was moved may not be any more. */
AM_RESULT
members_admit(struct rules *r, const struct rows_motion *m)
{
	struct rows_person p;
	struct rows_token t;

	AM_TRY(check_admit(r, m, &t, &p));
	p.status = ROWS_ADMITTED;
	p.tokens++;
	t.status = ROWS_ACTIVE;
	AM_TRY(
	    rows_put_person(&r->st->view, (struct bytes){ p.person, 16 }, &p));
	return rows_put_token(&r->st->view, (struct bytes){ t.token, 32 }, &t);
}
