#include <sodium.h>

#include "vault/acts/seal.h"

#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/tdh2.h"

struct sealing {
	struct rows_safe safe;
	struct rows_manifest manifest;
	struct rows_record old; /* zero for the first version */
	struct tdh2_context cx;
	struct tdh2_header header;
	struct blob ct;
};

static void
sealing_end(struct sealing *g)
{
	blob_free(&g->ct);
}

static AM_RESULT
load_manifest(struct session *s, struct sealing *g)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (rows_get_manifest(&v, (struct bytes){ g->safe.manifest, 32 },
		&g->manifest) != AM_OK)
		return why_say(s->why, AM_ERR_INCOMPLETE, "R3.5",
		    "safe '%s' has no committee yet; 'amanat safe status %s' "
		    "shows who still has to join",
		    g->safe.id, g->safe.id);
	return AM_OK;
}

static AM_RESULT
find_place(struct session *s, const struct seal_wish *w, struct sealing *g)
{
	char safe[ROWS_ID_MAX + 1], title[ROWS_TITLE_MAX + 1];
	struct why quiet = { 0 }, *why = s->why;
	enum am_err err;

	AM_TRY(lookup_split(s, w->path, safe, title));
	AM_TRY(lookup_safe(s, safe, &g->safe));
	AM_TRY(load_manifest(s, g));
	s->why = &quiet;
	err = lookup_record(s, w->path, &g->safe, &g->old);
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
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	memcpy(g->cx.record, g->old.record, sizeof(g->cx.record));
	if (err == AM_ERR_NOT_FOUND)
		randombytes_buf(g->cx.record, sizeof(g->cx.record));
	return AM_OK;
}

static AM_RESULT
meta_of(const struct seal_wish *w, struct json_t **out)
{
	canon_auto *meta = canon_object();

	AM_TRY(canon_set(meta, "class", canon_str(w->class)));
	AM_TRY(canon_set(meta, "title", canon_str(strchr(w->path, '/') + 1)));
	AM_TRY(canon_set(meta, "type", canon_str(w->type)));
	*out = AM_TAKE(meta);
	return AM_OK;
}

static AM_RESULT
encrypt(struct session *s, const struct session_key *k,
    const struct seal_wish *w, const struct json_t *meta, struct sealing *g)
{
	blob_auto bytes = { 0 };
	struct bytes b;
	uint8_t pepper[32];

	AM_TRY(canon_write(meta, &bytes));
	b = blob_bytes(&bytes);
	hash_sha256(&b, 1, g->cx.meta_hash);
	memcpy(g->cx.G, s->vault.genesis, sizeof(g->cx.G));
	memcpy(g->cx.safe, g->safe.safe, sizeof(g->cx.safe));
	memcpy(g->cx.by, k->row.person, sizeof(g->cx.by));
	g->cx.version = g->old.version + 1;
	g->cx.X = g->manifest.C[0];
	g->cx.Bbar = s->vault.bbar;
	AM_TRY(regkey_pepper(store_regkey(s->store), g->cx.safe, g->cx.record,
	    g->cx.version, pepper));
	AM_TRY(blob_resize(&g->ct, tdh2_padded(w->payload.len) + 16));
	AM_TRY(tdh2_seal(&g->cx, pepper, w->payload, &g->header, g->ct.p));
	sodium_memzero(pepper, sizeof(pepper));
	return AM_OK;
}

static AM_RESULT
set_header(struct json_t *body, const struct sealing *g)
{
	const struct tdh2_header *h = &g->header;
	const bool first = g->old.version == 0;

	AM_TRY(canon_set(
	    body, "safe", canon_hex((struct bytes){ g->cx.safe, 16 })));
	AM_TRY(canon_set(
	    body, "record", canon_hex((struct bytes){ g->cx.record, 16 })));
	AM_TRY(canon_set(body, "version", canon_uint(g->cx.version)));
	AM_TRY(canon_set(body, "prev",
	    canon_hex((struct bytes){ g->old.seal, first ? 0 : 32 })));
	AM_TRY(canon_set(body, "manifest",
	    canon_hex((struct bytes){ g->manifest.manifest, 32 })));
	AM_TRY(canon_set(body, "u", canon_b64(pt_bytes(&h->U))));
	AM_TRY(canon_set(body, "ubar", canon_b64(pt_bytes(&h->Ubar))));
	AM_TRY(canon_set(body, "com", canon_b64((struct bytes){ h->com, 32 })));
	AM_TRY(canon_set(
	    body, "nonce", canon_b64((struct bytes){ h->nonce, 24 })));
	AM_TRY(
	    canon_set(body, "ct", canon_hex((struct bytes){ h->ct_hash, 32 })));
	AM_TRY(canon_set(body, "size", canon_uint(g->ct.len)));
	return canon_set(
	    body, "proof", canon_b64((struct bytes){ h->proof, 64 }));
}

AM_RESULT
seal_check(struct session *s, const struct seal_wish *w)
{
	struct sealing g = { 0 };

	return find_place(s, w, &g);
}

AM_RESULT
seal_deposit(struct session *s, const struct session_key *k,
    const struct seal_wish *w, struct rows_record *out)
{
	AM_CLEANUP(sealing_end) struct sealing g = { 0 };
	canon_auto *body = NULL, *meta = NULL;
	post_auto p = { .s = s };
	struct rows_safe safe;

	AM_TRY(find_place(s, w, &g));
	AM_TRY(meta_of(w, &meta));
	AM_TRY(encrypt(s, k, w, meta, &g));
	AM_TRY(post_body(s, "seal", k->row.person, &body));
	AM_TRY(canon_set(body, "meta", canon_ref(meta)));
	AM_TRY(set_header(body, &g));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	post_blob_add(&p, "ct", (struct bytes){ g.header.ct_hash, 32 },
	    blob_bytes(&g.ct));
	AM_TRY(post_all(&p, k, "to sign the deposit"));
	return lookup_record(s, w->path, &safe, out);
}
