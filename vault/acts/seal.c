#include <sodium.h>

#include "vault/acts/seal.h"

#include "vault/acts/lookup.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/tdh2.h"

bool
seal_is_class(const char *class)
{
	static const char *const classes[] = { "open", "public", "restricted",
		"sensitive", "secret" };

	for (size_t i = 0; i < AM_ARRAY_LEN(classes); i++)
		if (strcmp(classes[i], class) == 0)
			return true;
	return false;
}

void
seal_made_free(struct seal_made *m)
{
	blob_free(&m->body);
	blob_free(&m->ct);
}

AM_RESULT
seal_find_safe(struct session *s, const char *id, struct seal_safe *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(lookup_safe(s, id, &out->safe));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (rows_get_manifest(&v, (struct bytes){ out->safe.manifest, 32 },
		&out->manifest) != AM_OK)
		return why_say(s->why, AM_ERR_INCOMPLETE, "R3.5",
		    "safe '%s' has no committee yet; 'amanat safe status %s' "
		    "shows who still has to join",
		    id, id);
	return AM_OK;
}

/* The safe, and the newest version where there is one (version 0: none). */
static AM_RESULT
find_place(struct session *s, const struct seal_wish *w, struct seal_safe *in,
    struct rows_record *old)
{
	char safe[ROWS_ID_MAX + 1], title[ROWS_TITLE_MAX + 1];
	struct why quiet = { 0 }, *why = s->why;
	struct rows_safe again;
	enum am_err err;

	AM_TRY(lookup_split(s, w->path, safe, title));
	AM_TRY(seal_find_safe(s, safe, in));
	s->why = &quiet;
	err = lookup_record(s, w->path, &again, old);
	s->why = why;
	if (err == AM_OK && !w->new_version)
		return why_say(why, AM_ERR_EXISTS, "",
		    "a credential '%s' exists; choose another name, or put a "
		    "new version of it with --new-version",
		    w->path);
	if (err == AM_ERR_NOT_FOUND && w->new_version) {
		*why = quiet;
		return err;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
seal_said_before(struct session *s, const struct rows_record *c,
    struct statement *said, struct bytes *reach, struct bytes *can_reset)
{
	const struct json_t *meta = NULL;
	store_txn_auto *t = NULL;

	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(lookup_statement(t, c->leaf, s->why, said));
	AM_TRY(canon_get_object(said->body, "meta", &meta));
	if (canon_get_text(meta, "reach", reach) != AM_OK)
		*reach = (struct bytes){ NULL, 0 };
	if (canon_get_text(meta, "can_reset", can_reset) != AM_OK)
		*can_reset = (struct bytes){ NULL, 0 };
	return AM_OK;
}

/* ---- making the statement */

struct sealing {
	const struct session *s;
	const struct seal_safe *in;
	const struct rows_record *old; /* or NULL */
	const struct seal_wish *wish;
	struct tdh2_context cx;
	struct tdh2_header header;
	struct seal_made *made;
};

static AM_RESULT
meta_of(const struct seal_wish *w, struct json_t **out)
{
	canon_auto *meta = canon_object();

	AM_TRY(canon_set(meta, "class", canon_str(w->class)));
	AM_TRY(canon_set(meta, "title", canon_str(strchr(w->path, '/') + 1)));
	AM_TRY(canon_set(meta, "type", canon_str(w->type)));
	if (w->reach != NULL)
		AM_TRY(canon_set(meta, "reach", canon_str(w->reach)));
	if (w->can_reset != NULL)
		AM_TRY(canon_set(meta, "can_reset", canon_str(w->can_reset)));
	*out = AM_TAKE(meta);
	return AM_OK;
}

static AM_RESULT
bind(struct sealing *g, const uint8_t by[static 16], const struct json_t *meta)
{
	blob_auto bytes = { 0 };
	struct bytes b;

	AM_TRY(canon_write(meta, &bytes));
	b = blob_bytes(&bytes);
	hash_sha256(&b, 1, g->cx.meta_hash);
	memcpy(g->cx.G, g->s->vault.genesis, sizeof(g->cx.G));
	memcpy(g->cx.safe, g->in->safe.safe, sizeof(g->cx.safe));
	memcpy(g->cx.by, by, sizeof(g->cx.by));
	if (g->old != NULL)
		memcpy(g->cx.record, g->old->record, sizeof(g->cx.record));
	else
		randombytes_buf(g->cx.record, sizeof(g->cx.record));
	g->cx.version = g->old != NULL ? g->old->version + 1 : 1;
	g->cx.X = g->in->manifest.C[0];
	g->cx.Bbar = g->s->vault.bbar;
	return AM_OK;
}

static AM_RESULT
encrypt(struct sealing *g)
{
	struct blob *ct = &g->made->ct;
	const struct bytes payload = g->wish->payload;
	uint8_t pepper[32];
	enum am_err err;

	AM_TRY(regkey_pepper(store_regkey(g->s->store), g->cx.safe,
	    g->cx.record, g->cx.version, pepper));
	AM_TRY(blob_resize(ct, tdh2_padded(payload.len) + 16));
	err = g->wish->space != NULL
	    ? tdh2_seal_in(
		  &g->cx, pepper, payload, g->wish->space, &g->header, ct->p)
	    : tdh2_seal(&g->cx, pepper, payload, &g->header, ct->p);
	sodium_memzero(pepper, sizeof(pepper));
	memcpy(g->made->ct_hash, g->header.ct_hash, 32);
	return err;
}

static AM_RESULT
set_header(struct json_t *body, const struct sealing *g)
{
	const struct tdh2_header *h = &g->header;

	AM_TRY(canon_set(
	    body, "safe", canon_hex((struct bytes){ g->cx.safe, 16 })));
	AM_TRY(canon_set(
	    body, "record", canon_hex((struct bytes){ g->cx.record, 16 })));
	AM_TRY(canon_set(body, "version", canon_uint(g->cx.version)));
	AM_TRY(canon_set(body, "prev",
	    g->old != NULL ? canon_hex((struct bytes){ g->old->seal, 32 })
			   : canon_str("")));
	AM_TRY(canon_set(body, "manifest",
	    canon_hex((struct bytes){ g->in->manifest.manifest, 32 })));
	AM_TRY(canon_set(body, "u", canon_b64(pt_bytes(&h->U))));
	AM_TRY(canon_set(body, "ubar", canon_b64(pt_bytes(&h->Ubar))));
	AM_TRY(canon_set(body, "com", canon_b64((struct bytes){ h->com, 32 })));
	AM_TRY(canon_set(
	    body, "nonce", canon_b64((struct bytes){ h->nonce, 24 })));
	AM_TRY(
	    canon_set(body, "ct", canon_hex((struct bytes){ h->ct_hash, 32 })));
	AM_TRY(canon_set(body, "size", canon_uint(g->made->ct.len)));
	return canon_set(
	    body, "proof", canon_b64((struct bytes){ h->proof, 64 }));
}

static AM_RESULT
make(struct sealing *g, const struct post_when *when,
    const uint8_t by[static 16])
{
	canon_auto *meta = NULL, *body = NULL;

	AM_TRY(meta_of(g->wish, &meta));
	AM_TRY(bind(g, by, meta));
	AM_TRY(encrypt(g));
	AM_TRY(post_body_at(g->s, when, "seal", by, &body));
	AM_TRY(canon_set(body, "meta", AM_TAKE(meta)));
	AM_TRY(set_header(body, g));
	return statement_id(body, &g->made->body, g->made->id);
}

AM_RESULT
seal_make(const struct session *s, const struct seal_safe *in,
    const struct rows_record *old, const struct post_when *when,
    const uint8_t by[static 16], const struct seal_wish *w,
    struct seal_made *out)
{
	AM_CLEANUP(seal_made_free) struct seal_made made = { 0 };
	struct sealing g = {
		.s = s, .in = in, .old = old, .wish = w, .made = &made
	};

	AM_TRY(make(&g, when, by));
	*out = made;
	made = (struct seal_made){ 0 }; /* transferred */
	return AM_OK;
}

/* ---- the act */

AM_RESULT
seal_check(struct session *s, const struct seal_wish *w)
{
	struct rows_record old = { 0 };
	struct seal_safe in;

	return find_place(s, w, &in, &old);
}

AM_RESULT
seal_deposit(struct session *s, const struct session_key *k,
    const struct seal_wish *w, struct rows_record *out)
{
	AM_CLEANUP(seal_made_free) struct seal_made made = { 0 };
	const struct post_when when = { session_now(s), s->head };
	struct rows_record old = { 0 };
	post_auto p = { .s = s };
	struct seal_safe in;
	struct rows_safe safe;

	AM_TRY(find_place(s, w, &in, &old));
	AM_TRY(seal_make(s, &in, old.version > 0 ? &old : NULL, &when,
	    k->row.person, w, &made));
	AM_TRY(post_add_body(&p, blob_bytes(&made.body),
	    (struct bytes){ k->row.cred, k->row.cred_len }));
	post_blob_add(
	    &p, "ct", (struct bytes){ made.ct_hash, 32 }, blob_bytes(&made.ct));
	AM_TRY(post_all(&p, k, "to sign the deposit"));
	return lookup_record(s, w->path, &safe, out);
}
