#include "vault/state/state.h"

#include "vault/crypto/hash.h"
#include "vault/state/plan.h"
#include "vault/state/rules.h"

/* ---- the kinds: exact field set (protocol.md 7.3) and rule */

struct kind {
	const char *name;
	AM_RESULT (*rule)(struct rules *r);
	const char *fields[24]; /* besides vault, kind, at, by, head */
};

static const struct kind kinds[] = {
	{ "genesis", members_genesis,
	    { "amanat", "suite", "evaluation", "rpid", "origins", "name",
		"logkey", "token" } },
	{ "person", members_person, { "person", "name", "remote" } },
	{ "token", members_token,
	    { "person", "cred", "key", "aaguid", "label", "rk", "nonce",
		"client", "object" } },
	{ "identity", members_identity, { "pk", "proof" } },
	{ "entry", register_entry, { "item", "version", "data" } },
	{ "motion", govern_motion, { "act", "why", "until" } },
	{ "vote", govern_vote, { "motion", "yes", "note" } },
	{ "enact", govern_enact, { "motion" } },
	{ "suspend", govern_suspend, { "subject", "why" } },
	{ "safe", ceremony_safe, { "safe", "name", "level" } },
	{ "plan", plan_made,
	    { "safe", "committee", "epoch", "source", "k", "members", "dealers",
		"until", "nonce", "why" } },
	{ "join", ceremony_join, { "plan", "index", "pk", "proof" } },
	{ "deal", ceremony_deal,
	    { "plan", "index", "commitments", "pop", "eph", "shares" } },
	{ "deal", succession_deal,
	    { "plan", "index", "commitments", "boxes" } },
	{ "accept", ceremony_accept,
	    { "plan", "index", "deals", "manifest", "proof", "cert" } },
	{ "accept", succession_accept,
	    { "plan", "index", "deals", "manifest", "proof" } },
	{ "abort", succession_abort, { "plan", "why" } },
	{ "complain", succession_complain,
	    { "plan", "deal", "index", "what" } },
	{ "justify", succession_justify, { "complaint", "e" } },
	{ "erased", succession_erased, { "safe", "committee", "epoch" } },
	{ "drill", drill_called,
	    { "safe", "committee", "manifest", "nonce", "until" } },
	{ "prove", drill_prove, { "drill", "index", "proof" } },
	{ "seal", access_seal,
	    { "safe", "record", "version", "prev", "manifest", "meta", "u",
		"ubar", "com", "nonce", "ct", "size", "proof" } },
	{ "rotated", exposure_rotated,
	    { "safe", "record", "version", "evidence" } },
	{ "batch", batch_open, { "of", "count", "root" } },
	{ "request", access_request,
	    { "safe", "committee", "manifest", "record", "version", "seal", "q",
		"why", "ref", "from", "until", "mode", "rules", "nonce" } },
	{ "approve", access_approve, { "request", "index", "partial" } },
	{ "decline", access_decline, { "request", "why" } },
	{ "open", access_open, { "request", "used" } },
	{ "fault", fault_post, { "hash", "rule" } },
};

static bool
has_exact_fields(const struct kind *k, const struct json_t *body)
{
	const char *keys[5 + AM_ARRAY_LEN(k->fields)] = { "at", "by", "head",
		"kind", "vault" };
	size_t count = 5;

	for (size_t i = 0; i < AM_ARRAY_LEN(k->fields); i++)
		if (k->fields[i] != NULL)
			keys[count++] = k->fields[i];
	return canon_keys_are(body, keys, count);
}

/* The row of a statement: of its kind, and with its fields where a kind has
 * two forms. NULL: no such kind. */
static const struct kind *
kind_of(const struct statement *s)
{
	const struct kind *k = NULL;

	for (size_t i = 0; i < AM_ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, s->kind) == 0) {
			k = &kinds[i];
			if (has_exact_fields(k, s->body))
				break;
		}
	return k;
}

/* ---- the signer (protocol.md 7.2) */

static AM_RESULT
signer_token(struct rules *r)
{
	const struct bytes cred = { r->s->cred, r->s->cred_len };
	uint8_t hash[32], id[32];
	enum am_err err;

	hash_sha256(&cred, 1, hash);
	err = rows_index_get(&r->st->view, "cred",
	    (struct bytes){ hash, sizeof(hash) }, id, sizeof(id));
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "the key that signed is not enrolled in this vault");
	AM_TRY(err);
	return rows_get_token(
	    &r->st->view, (struct bytes){ id, sizeof(id) }, &r->token);
}

/* 7.2 step 1: an active token of `by`, and an admitted person; an offered
 * token may sign `identity` while its person is not admitted (R13.3). */
static AM_RESULT
is_admitted(struct rules *r)
{
	const bool identity = strcmp(r->s->kind, "identity") == 0;

	if (r->token.status == ROWS_RETIRED)
		return RULES_SAY(r, AM_ERR_TOKEN, "V22",
		    "the key '%s' is retired, which is for good; use another "
		    "key of yours",
		    r->token.label);
	if (r->token.status != ROWS_ACTIVE || r->by.status != ROWS_ADMITTED)
		if (!identity || r->by.status == ROWS_ADMITTED)
			return RULES_SAY(r, AM_ERR_TOKEN, "V09",
			    "this key has been offered but not admitted");
	return AM_OK;
}

static bool
kind_is_one_of(const struct rules *r, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(r->s->kind, names[i]) == 0)
			return true;
	return false;
}

/* V22, R13.8: who is suspended signs nothing but these, and, until a quorum
 * confirms it, what lifts the suspensions of others: were it only the vote,
 * one who suspended all others would be the only one left to move it. */
static AM_RESULT
is_free(struct rules *r)
{
	static const char *const still[] = { "erased", "justify" };
	static const char *const lifting[] = { "motion", "vote", "enact" };
	const bool token = r->token.suspended != ROWS_FREE;

	r->limited = token || r->by.suspended != ROWS_FREE;
	if (!r->limited)
		return AM_OK;
	if (kind_is_one_of(r, still, AM_ARRAY_LEN(still)))
		return AM_OK;
	if (kind_is_one_of(r, lifting, AM_ARRAY_LEN(lifting)) &&
	    r->token.suspended != ROWS_CONFIRMED &&
	    r->by.suspended != ROWS_CONFIRMED)
		return AM_OK; /* govern.c looks at what it is about */
	return RULES_SAY(r, AM_ERR_TOKEN, "V22",
	    token ? "the key '%s' is suspended; use another key of yours"
		  : "'%s' is suspended; a quorum can lift that",
	    token ? r->token.label : r->by.id);
}

static AM_RESULT
signer(struct rules *r)
{
	AM_TRY(signer_token(r));
	if (!bytes_same((struct bytes){ r->token.person, 16 },
		(struct bytes){ r->s->by, 16 }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "the key that signed belongs to someone else");
	AM_TRY(rules_person(r, r->s->by, &r->by));
	AM_TRY(is_admitted(r));
	AM_TRY(is_free(r));
	if (r->by.until != 0 && r->s->at >= r->by.until)
		return RULES_SAY(r, AM_ERR_APPOINTMENT, "R13.7",
		    "the contract of '%s' has ended", r->by.id);
	AM_TRY(office_check_signer(r));
	return rules_claim_assertion(r, r->token.key, r->vault.rpid);
}

/* Head sizes of a credential never decrease; the counter is evidence. */
static AM_RESULT
note_use(struct rules *r)
{
	const struct bytes cred = { r->s->cred, r->s->cred_len };
	const uint8_t *c = r->s->authdata + 33;
	struct rows_use use = { 0 };
	uint8_t hash[32];
	enum am_err err;

	if (r->st->draft)
		return AM_OK;
	hash_sha256(&cred, 1, hash);
	err = rows_get_use(
	    &r->st->view, (struct bytes){ hash, sizeof(hash) }, &use);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	if (r->s->head_size < use.head)
		return RULES_SAY(r, AM_ERR_STALE, "V11",
		    "this key has signed a newer state of the log before");
	use.head = r->s->head_size;
	use.counter = (uint32_t)c[0] << 24 | (uint32_t)c[1] << 16 |
	    (uint32_t)c[2] << 8 | c[3];
	return rows_put_use(
	    &r->st->view, (struct bytes){ hash, sizeof(hash) }, &use);
}

/* ---- what all statements share */

static AM_RESULT
head_is_right(struct rules *r)
{
	uint8_t root[32];

	if (r->s->head_size > r->leaf)
		return RULES_SAY(r, AM_ERR_VERIFY, "V11",
		    "the head is of a log longer than this one");
	AM_TRY(r->st->root_at(r->st->root_arg, r->s->head_size, root));
	if (!bytes_same((struct bytes){ root, 32 },
		(struct bytes){ r->s->head_root, 32 }))
		return RULES_SAY(
		    r, AM_ERR_VERIFY, "V11", "the head is of another log");
	return AM_OK;
}

static AM_RESULT
unseen(struct rules *r)
{
	const struct bytes id = { r->s->id, sizeof(r->s->id) };
	const struct rows_key leaf =
	    rows_key_with_u64((struct bytes){ 0 }, r->leaf);
	bool seen = false;

	AM_TRY(view_has(&r->st->view, "seen", id, &seen));
	if (seen)
		return RULES_SAY(r, AM_ERR_VERIFY, "V10",
		    "the same statement stands in the log already");
	return rows_index_put(&r->st->view, "seen", id, rows_key(&leaf));
}

static AM_RESULT
vault_is_right(struct rules *r, bool genesis)
{
	const enum am_err err =
	    rows_get_vault(&r->st->view, (struct bytes){ NULL, 0 }, &r->vault);

	if (genesis != (r->leaf == 0) || genesis != (err == AM_ERR_NOT_FOUND))
		return RULES_SAY(r, AM_ERR_VERIFY, "V03",
		    "genesis is the first statement, once");
	if (genesis)
		return AM_OK;
	AM_TRY(err);
	if (!bytes_same((struct bytes){ r->vault.vault, 16 },
		(struct bytes){ r->s->vault, 16 }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V03",
		    "the statement is of another vault");
	return AM_OK;
}

static AM_RESULT
judge(struct rules *r, const struct kind *k)
{
	const bool genesis = strcmp(k->name, "genesis") == 0;
	/* These two bring their key with them. */
	const bool self = genesis || strcmp(k->name, "token") == 0;

	AM_TRY(vault_is_right(r, genesis));
	if (!has_exact_fields(k, r->s->body))
		return RULES_SAY(r, AM_ERR_CORRUPT, "V08",
		    "the fields are not those of '%s'", k->name);
	AM_TRY(unseen(r));
	if (r->s->batched) {
		AM_TRY(batch_item(r)); /* signed for by its batch */
		return k->rule(r);
	}
	if (r->vault.batch_left > 0)
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "%u items of the batch before are missing",
		    r->vault.batch_left);
	AM_TRY(head_is_right(r));
	if (r->s->service) {
		AM_TRY(fault_service(r));
		return k->rule(r);
	}
	AM_TRY(note_use(r)); /* V11, so before V09 (R13.22) */
	if (!self)
		AM_TRY(signer(r));
	return k->rule(r);
}

AM_RESULT
state_apply(const struct state *st, const struct statement *s, uint64_t leaf,
    const struct state_beside *beside, struct why *why)
{
	static const struct state_beside nothing = { 0 };
	struct rules r = { .st = st,
		.s = s,
		.leaf = leaf,
		.why = why,
		.beside = beside != NULL ? beside : &nothing };
	const struct kind *k = kind_of(s);
	enum am_err err;

	if (k == NULL)
		return why_say(why, AM_ERR_CORRUPT, "V08",
		    "'%s' is not a kind of statement of this version", s->kind);
	err = judge(&r, k);
	if (err == AM_ERR_CORRUPT && why->text[0] == '\0')
		return why_say(
		    why, err, "V02", "a field of '%s' is malformed", k->name);
	AM_TRY(err);
	r.vault.size = leaf + 1;
	if (s->at > r.vault.last_at)
		r.vault.last_at = s->at;
	return rows_put_vault(&st->view, (struct bytes){ NULL, 0 }, &r.vault);
}

/* Whether the signer could act when it signed was judged then. */
AM_RESULT
state_check_signature(
    const struct state *st, const struct statement *s, struct why *why)
{
	struct rules r = { .st = st, .s = s, .why = why };

	AM_TRY(rows_get_vault(&st->view, (struct bytes){ NULL, 0 }, &r.vault));
	AM_TRY(signer_token(&r));
	if (!bytes_same((struct bytes){ r.token.person, 16 },
		(struct bytes){ s->by, 16 }))
		return why_say(why, AM_ERR_VERIFY, "V09",
		    "the key that signed belongs to someone else");
	return rules_claim_assertion(&r, r.token.key, r.vault.rpid);
}
