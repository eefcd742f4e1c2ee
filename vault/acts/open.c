#include <sodium.h>

#include "vault/acts/open.h"

#include "vault/acts/keys.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/crypto/box.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/partial.h"
#include "vault/state/manifest.h"
#include "vault/state/sealed.h"

struct opening {
	uint32_t used[SHAMIR_K_MAX]; /* ascending */
	size_t count;
	uint8_t partials[SHAMIR_K_MAX * PARTIAL_BYTES];
};

/* The approval with the lowest index above `last`; NULL: there is none. */
static const struct rows_approval *
next_approval(const struct rows_request *q, uint32_t last)
{
	const struct rows_approval *best = NULL;

	for (size_t i = 0; i < q->approval_count; i++) {
		const struct rows_approval *a = &q->approvals[i];

		if (a->index > last && (best == NULL || a->index < best->index))
			best = a;
	}
	return best;
}

/* The k lowest indices that approved: for what the rules say of an opening,
 * whichever k it is in the end. */
static void
choose_any(const struct rows_request *q, struct opening *o)
{
	const struct rows_approval *a = NULL;

	for (o->count = 0; o->count < q->k; o->count++) {
		a = next_approval(q, a == NULL ? 0 : a->index);
		if (a == NULL)
			return; /* the rules will say: quorum not met */
		o->used[o->count] = a->index;
	}
}

/* R13.5: at most the grant's length since the approval that completed it. */
static AM_RESULT
check_grant(struct session *s, const struct rows_request *q)
{
	char words[WHEN_WORDS_MAX];

	when_words(q->grant, words);
	if (q->complete_at != 0 && session_now(s) - q->complete_at > q->grant)
		return why_say(s->why, AM_ERR_QUORUM, "R13.5",
		    "the approvals are older than the grant lasts (%s); ask "
		    "again",
		    words);
	return AM_OK;
}

static AM_RESULT
read_blob(
    struct session *s, const char *table, struct bytes key, struct blob *out)
{
	store_txn_auto *t = NULL;
	enum am_err err;

	AM_TRY(store_begin(s->store, false, &t));
	err = store_blob_get(t, table, key, out);
	if (err != AM_OK)
		return why_say(s->why,
		    err == AM_ERR_NOT_FOUND ? AM_ERR_INCOMPLETE : err, "",
		    "a stored part of this request is missing or damaged; "
		    "restore the vault from a backup");
	return AM_OK;
}

/* q, from its box: one touch. */
static AM_RESULT
unlock_q(struct session *s, const struct session_key *k,
    const struct rows_request *q, struct scalar *out)
{
	static const uint8_t tag[] = "amanat/1 request"; /* T("request") */
	const struct bag_purpose p = keys_identity_purpose(s, k->row.person);
	secret_auto *prf = NULL, *plain = NULL;
	blob_auto box = { 0 };
	scalar_auto d = { 0 };
	uint8_t info[sizeof(tag) + 32];

	memcpy(info, tag, sizeof(tag));
	memcpy(info + sizeof(tag), q->nonce, 32);
	AM_TRY(read_blob(s, "q", (struct bytes){ q->request, 32 }, &box));
	AM_TRY(keys_unlock(s, k, &p, "to unlock your request", &prf));
	AM_TRY(keys_read_identity(s, k, prf, &d));
	AM_TRY(box_open(&d, (struct bytes){ info, sizeof(info) },
	    blob_bytes(&box), &plain));
	return sc_decode_nonzero(secret_bytes(plain), out);
}

static AM_RESULT
add_open(struct post *p, struct bytes cred, const struct rows_request *q,
    const struct opening *o)
{
	canon_auto *body = NULL, *used = canon_array();

	for (size_t i = 0; i < o->count; i++)
		AM_TRY(canon_push(used, canon_uint(o->used[i])));
	AM_TRY(post_body(p->s, "open", q->by, &body));
	AM_TRY(canon_set(
	    body, "request", canon_hex((struct bytes){ q->request, 32 })));
	AM_TRY(canon_set(body, "used", AM_TAKE(used)));
	return post_add(p, AM_TAKE(body), cred);
}

/* ---- the partials: verified before the opening is posted, since afterwards
 * the request is used up (R13.14) */

static AM_RESULT
context_of(const struct approve_view *v, struct partial_context *cx)
{
	memcpy(cx->request, v->request.request, 32);
	memcpy(cx->manifest, v->request.manifest, 32);
	AM_TRY(pt_decode((struct bytes){ v->request.u, 32 }, &cx->U));
	return pt_decode((struct bytes){ v->request.q, 32 }, &cx->Q);
}

/* Nothing the host hands out is trusted. *out: whether it verifies. */
static AM_RESULT
read_partial(struct store_txn *t, const struct approve_view *v,
    struct partial_context *cx, const struct rows_approval *a,
    uint8_t to[static PARTIAL_BYTES], bool *out)
{
	blob_auto b = { 0 };
	const enum am_err err =
	    store_blob_get(t, "partial", (struct bytes){ a->partial, 32 }, &b);

	*out = false;
	if (err == AM_ERR_NOT_FOUND || err == AM_ERR_CORRUPT)
		return AM_OK;
	AM_TRY(err);
	cx->index = a->index;
	AM_TRY(manifest_public(&v->manifest, a->index, &cx->P));
	*out = b.len == PARTIAL_BYTES && partial_verify(cx, b.p) == AM_OK;
	if (*out)
		memcpy(to, b.p, PARTIAL_BYTES);
	return AM_OK;
}

static AM_RESULT
say_damaged(struct session *s, const struct blob *names, size_t left,
    const struct approve_view *v)
{
	return why_say(s->why, AM_ERR_INCOMPLETE, "R13.14",
	    "what %.*s approved with is missing from the vault or damaged, so "
	    "%zu of the %u parts that are needed are left; nothing was "
	    "changed: restore the vault from a backup, have another custodian "
	    "approve, or ask again",
	    (int)names->len, (const char *)names->p, left, v->request.k);
}

/* The k lowest of those that verify. */
static AM_RESULT
choose(struct session *s, const struct approve_view *v, struct opening *o)
{
	const struct rows_request *q = &v->request;
	struct partial_context cx = { 0 };
	store_txn_auto *t = NULL;
	blob_auto damaged = { 0 };
	struct view w;

	AM_TRY(context_of(v, &cx));
	AM_TRY(store_begin(s->store, false, &t));
	w = view_store(t);
	for (const struct rows_approval *a = next_approval(q, 0);
	     a != NULL && o->count < q->k; a = next_approval(q, a->index)) {
		char who[ROWS_ID_MAX + 1];
		bool good = false;

		AM_TRY(read_partial(t, v, &cx, a,
		    o->partials + o->count * PARTIAL_BYTES, &good));
		if (good) {
			o->used[o->count++] = a->index;
			continue;
		}
		AM_TRY(lookup_person_name(&w, a->person, who));
		AM_TRY(blob_printf(
		    &damaged, "%s'%s'", damaged.len > 0 ? " and " : "", who));
	}
	return o->count == q->k ? AM_OK : say_damaged(s, &damaged, o->count, v);
}

/* The sealed data, whose hash the seal names, for the same reason. */
static AM_RESULT
check_sealed(struct session *s, const struct approve_view *v)
{
	store_txn_auto *t = NULL;
	statement_auto seal = { 0 };
	blob_auto ct = { 0 };
	uint8_t want[32], got[32];
	struct bytes b;

	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(lookup_statement(t, v->request.seal_leaf, s->why, &seal));
	store_abort(&t);
	AM_TRY(canon_get_hex(seal.body, "ct", want, sizeof(want)));
	AM_TRY(read_blob(s, "ct", (struct bytes){ want, 32 }, &ct));
	b = blob_bytes(&ct);
	hash_sha256(&b, 1, got);
	if (!bytes_same((struct bytes){ want, 32 }, (struct bytes){ got, 32 }))
		return why_say(s->why, AM_ERR_CORRUPT, "3.3",
		    "the sealed data is not what was sealed; nothing was "
		    "changed: restore the vault from a backup");
	return AM_OK;
}

/* Whether there is anything to open, and with which k approvals. */
static AM_RESULT
prepare(struct session *s, const struct approve_view *v, struct bytes cred,
    struct opening *o)
{
	struct opening any = { 0 };
	post_auto p = { .s = s };

	choose_any(&v->request, &any);
	AM_TRY(add_open(&p, cred, &v->request, &any));
	AM_TRY(post_judge(&p));
	AM_TRY(check_grant(s, &v->request));
	AM_TRY(check_sealed(s, v));
	return choose(s, v, o);
}

static AM_RESULT
decrypt(struct session *s, const struct approve_view *v,
    const struct opening *o, const struct scalar *q, struct secret **out)
{
	store_txn_auto *t = NULL;
	statement_auto seal = { 0 };
	struct tdh2_context cx;
	struct tdh2_header h;
	blob_auto ct = { 0 };
	point_auto Z = { 0 };
	uint8_t pepper[32];
	enum am_err err;

	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(lookup_statement(t, v->request.seal_leaf, s->why, &seal));
	store_abort(&t);
	AM_TRY(sealed_read(&seal, &s->vault, &v->manifest, &cx, &h));
	AM_TRY(partial_combine(q, o->used, o->count, o->partials, &Z));
	AM_TRY(read_blob(s, "ct", (struct bytes){ h.ct_hash, 32 }, &ct));
	AM_TRY(regkey_pepper(
	    store_regkey(s->store), cx.safe, cx.record, cx.version, pepper));
	err = tdh2_open(&cx, &h, pepper, &Z, blob_bytes(&ct), out);
	sodium_memzero(pepper, sizeof(pepper));
	if (err != AM_OK && err != AM_ERR_NOMEM)
		return why_say(s->why, err, "3.3",
		    "the parts do not open the credential; keep everything "
		    "and report it");
	return err;
}

/* The credential that signed the request stands for its owner's key. */
AM_RESULT
open_check(struct session *s, const struct approve_view *v)
{
	struct opening o = { 0 };

	return prepare(
	    s, v, (struct bytes){ v->asked.cred, v->asked.cred_len }, &o);
}

AM_RESULT
open_request(struct session *s, const struct session_key *k,
    const struct approve_view *v, struct secret **out)
{
	const struct bytes cred = { k->row.cred, k->row.cred_len };
	struct opening o = { 0 };
	scalar_auto q = { 0 };
	post_auto p = { .s = s };

	AM_TRY(prepare(s, v, cred, &o));
	AM_TRY(add_open(&p, cred, &v->request, &o));
	AM_TRY(post_judge(&p));
	AM_TRY(unlock_q(s, k, &v->request, &q));
	AM_TRY(post_sign(&p, 0, k->token, session_pin(k->pin),
	    "again, to sign the opening"));
	AM_TRY(post_commit(&p)); /* log first, then effect (R7.1) */
	return decrypt(s, v, &o, &q, out);
}
