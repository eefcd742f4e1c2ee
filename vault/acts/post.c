#include "vault/acts/post.h"

#include "vault/acts/fault.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"

void
post_free(struct post *p)
{
	for (size_t i = 0; i < p->count; i++) {
		blob_free(&p->items[i].body);
		blob_free(&p->items[i].line);
	}
	p->count = 0;
}

/* R3.9: what was seen is not in this log; it is voted on first. */
static AM_RESULT
may_post(const struct session *s, const char *kind)
{
	if (!s->is_behind || strcmp(kind, "vote") == 0 ||
	    strcmp(kind, "enact") == 0)
		return AM_OK;
	return why_say(s->why, AM_ERR_STALE, "R3.9",
	    "you have seen more of this vault than it has; until a quorum "
	    "accepts that the rest is lost ('amanat motions'), it can be "
	    "voted in and nothing else");
}

AM_RESULT
post_body_at(const struct session *s, const struct post_when *when,
    const char *kind, const uint8_t by[static 16], struct json_t **out)
{
	canon_auto *body = canon_object(), *head = canon_object();
	char at[WHEN_TEXT_LEN + 1];

	AM_TRY(may_post(s, kind));
	when_text(when->at, at);
	AM_TRY(canon_set(
	    head, "root", canon_hex((struct bytes){ when->head.root, 32 })));
	AM_TRY(canon_set(head, "size", canon_uint(when->head.size)));
	AM_TRY(canon_set(body, "at", canon_str(at)));
	AM_TRY(canon_set(body, "by", canon_hex((struct bytes){ by, 16 })));
	AM_TRY(canon_set(body, "head", AM_TAKE(head)));
	AM_TRY(canon_set(body, "kind", canon_str(kind)));
	AM_TRY(canon_set(
	    body, "vault", canon_hex((struct bytes){ s->vault.vault, 16 })));
	*out = AM_TAKE(body);
	return AM_OK;
}

AM_RESULT
post_body(const struct session *s, const char *kind,
    const uint8_t by[static 16], struct json_t **out)
{
	const struct post_when now = { session_now(s), s->head };

	return post_body_at(s, &now, kind, by, out);
}

AM_RESULT
post_add_body(struct post *p, struct bytes body, struct bytes cred)
{
	struct post_item *it = &p->items[p->count];

	if (p->count >= POST_MAX || cred.len > sizeof(it->cred))
		return AM_ERR_INTERNAL;
	p->count++; /* from here post_free sees it */
	AM_TRY(blob_add(&it->body, body));
	hash_sha256(&body, 1, it->id);
	if (cred.len > 0) /* a fault has none */
		memcpy(it->cred, cred.p, cred.len);
	it->cred_len = cred.len;
	return AM_OK;
}

AM_RESULT
post_add(struct post *p, struct json_t *body, struct bytes cred)
{
	canon_auto *owned = body;
	blob_auto bytes = { 0 };

	AM_TRY(canon_write(owned, &bytes));
	return post_add_body(p, blob_bytes(&bytes), cred);
}

static AM_RESULT
judge_one(
    struct post *p, const struct state *st, struct post_item *it, uint64_t leaf)
{
	const struct state_beside beside = { .partial = it->partial };
	statement_auto s = { 0 };

	AM_TRY(statement_of_body(blob_bytes(&it->body),
	    (struct bytes){ it->cred, it->cred_len }, p->s->why, &s));
	return state_apply(st, &s, leaf, &beside, p->s->why);
}

static AM_RESULT
judge_all(struct post *p)
{
	store_txn_auto *t = NULL; /* aborted: a draft changes nothing */
	struct state st;
	uint64_t leaf = 0;

	AM_TRY(store_begin(p->s->store, true, &t));
	st = session_state(t);
	st.draft = true;
	AM_TRY(store_log_size(t, &leaf));
	for (size_t i = 0; i < p->count; i++)
		AM_TRY(judge_one(p, &st, &p->items[i], leaf + i));
	return AM_OK;
}

/* Who acts with a key that is out of force may be its thief; and who goes on in
 * a post that has ended is to be seen (domain.md, X-3). */
static bool
is_told(enum am_err err, const char *rule)
{
	return (err == AM_ERR_TOKEN && strcmp(rule, "V22") == 0) ||
	    (err == AM_ERR_APPOINTMENT && strcmp(rule, "R13.7") == 0);
}

AM_RESULT
post_judge(struct post *p)
{
	const enum am_err err = judge_all(p);
	char rule[WHY_RULE_MAX];

	(void)snprintf(rule, sizeof(rule), "%s", p->s->why->rule);
	if (is_told(err, rule))
		fault_tell(p->s, rule, blob_bytes(&p->items[0].body));
	return err;
}

AM_RESULT
post_sign(struct post *p, size_t i, struct token *t, struct bytes pin,
    const char *what)
{
	struct post_item *it = &p->items[i];
	const struct bytes cred = { it->cred, it->cred_len };
	struct token_assertion a = { 0 };

	AM_TRY(token_sign(
	    t, p->s->vault.rpid, cred, it->id, pin, what, p->s->why, &a));
	return statement_line(
	    &(struct statement_assertion){
		.authdata = { a.authdata, sizeof(a.authdata) },
		.client = { a.client, a.client_len },
		.cred = cred,
		.sig = { a.sig, a.sig_len } },
	    blob_bytes(&it->body), &it->line);
}

void
post_blob_add(
    struct post *p, const char *table, struct bytes key, struct bytes value)
{
	p->blobs[p->blob_count++] =
	    (struct post_blob){ .table = table, .key = key, .value = value };
}

void
post_blob_drop(struct post *p, const char *table, struct rows_key key)
{
	if (p->drop_count < POST_DROPS_MAX)
		p->drops[p->drop_count++] =
		    (struct post_drop){ .table = table, .key = key };
}

static AM_RESULT
drop_blobs(const struct post *p, struct store_txn *t)
{
	for (size_t i = 0; i < p->drop_count; i++) {
		const enum am_err err = store_blob_del(
		    t, p->drops[i].table, rows_key(&p->drops[i].key));

		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
	}
	return AM_OK;
}

/* R7.2: at most 120 s between the clock of the signer and the host's. */
static AM_RESULT
check_time(const struct session *s, const struct statement *statement)
{
	const int64_t off = session_now(s) - statement->at;

	if (off > 120 || off < -120)
		return why_say(s->why, AM_ERR_STALE, "R7.2",
		    "it took more than two minutes to sign; nothing was "
		    "changed, start again");
	return AM_OK;
}

AM_RESULT
post_append(struct session *s, struct store_txn *t, const struct state *st,
    struct bytes line, const uint8_t *partial, uint64_t leaf)
{
	const struct state_beside beside = { .partial = partial };
	statement_auto parsed = { 0 };

	AM_TRY(statement_parse(line, s->why, &parsed));
	AM_TRY(check_time(s, &parsed));
	AM_TRY(state_apply(st, &parsed, leaf, &beside, s->why));
	return store_log_append(t, leaf, line);
}

/* R13.24: another log.key would sign what nobody can verify. */
static AM_RESULT
check_log_key(const struct session *s)
{
	const struct bytes key = store_log_key(s->store);

	if (bytes_same((struct bytes){ key.p + NOTE_SECRET - 32, 32 },
		(struct bytes){ s->vault.logkey, 32 }))
		return AM_OK;
	return why_say(s->why, AM_ERR_INCOMPLETE, "R13.24",
	    "'keys/log.key' is not the key that the vault was founded with; "
	    "put back the right one");
}

static AM_RESULT
sign_checkpoint(struct session *s, struct store_txn *t)
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	blob_auto text = { 0 };

	AM_TRY(check_log_key(s));
	enc_hex((struct bytes){ s->vault.vault, 16 }, hex);
	(void)snprintf(
	    origin, sizeof(origin), "%s/amanat/%s", s->vault.rpid, hex);
	AM_TRY(session_head(t, &s->head));
	AM_TRY(
	    note_sign_with(origin, &s->head, store_log_key(s->store), &text));
	return store_note_put(t, blob_bytes(&text));
}

AM_RESULT
post_finish(struct session *s, struct store_txn **t)
{
	const struct state st = session_state(*t);
	const struct note head = s->head;
	const struct rows_vault vault = s->vault;
	enum am_err err =
	    rows_get_vault(&st.view, (struct bytes){ NULL, 0 }, &s->vault);

	if (err == AM_OK)
		err = sign_checkpoint(s, *t);
	if (err == AM_OK)
		err = store_commit(t);
	store_abort(t);
	if (err != AM_OK) {
		s->head = head;
		s->vault = vault;
	}
	return err;
}

static AM_RESULT
append_all(struct post *p, struct store_txn *t)
{
	const struct state st = session_state(t);

	AM_TRY(store_log_size(t, &p->first_leaf));
	for (size_t i = 0; i < p->count; i++)
		AM_TRY(post_append(p->s, t, &st, blob_bytes(&p->items[i].line),
		    p->items[i].partial, p->first_leaf + i));
	for (size_t i = 0; i < p->blob_count; i++)
		AM_TRY(store_blob_put(
		    t, p->blobs[i].table, p->blobs[i].key, p->blobs[i].value));
	return drop_blobs(p, t);
}

AM_RESULT
post_commit(struct post *p)
{
	store_txn_auto *t = NULL;
	struct session *s = p->s;
	enum am_err err;

	AM_TRY(store_begin(s->store, true, &t));
	if ((err = append_all(p, t)) == AM_OK)
		err = post_finish(s, &t);
	if (err != AM_OK && s->why->text[0] == '\0')
		return why_say(s->why, err, "R7.1",
		    "the statement could not be written; nothing was changed "
		    "(is the disk full or read-only?)");
	return err;
}

AM_RESULT
post_all(struct post *p, const struct session_key *key, const char *what)
{
	AM_TRY(post_judge(p));
	for (size_t i = 0; i < p->count; i++)
		AM_TRY(
		    post_sign(p, i, key->token, session_pin(key->pin), what));
	return post_commit(p);
}
