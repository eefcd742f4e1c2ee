#include <sodium.h>

#include "vault/acts/open.h"

#include "vault/acts/keys.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/crypto/box.h"
#include "vault/crypto/partial.h"
#include "vault/state/manifest.h"
#include "vault/state/sealed.h"

struct opening {
	uint32_t used[SHAMIR_K_MAX]; /* ascending */
	uint8_t partial_hash[SHAMIR_K_MAX][32];
	size_t count;
	uint8_t partials[SHAMIR_K_MAX * PARTIAL_BYTES];
};

/* The k lowest indices that approved, in ascending order. */
static void
choose(const struct rows_request *q, struct opening *o)
{
	uint32_t last = 0;

	for (o->count = 0; o->count < q->k; o->count++) {
		const struct rows_approval *best = NULL;

		for (size_t i = 0; i < q->approval_count; i++) {
			const struct rows_approval *a = &q->approvals[i];

			if (a->index > last &&
			    (best == NULL || a->index < best->index))
				best = a;
		}
		if (best == NULL)
			return; /* the rules will say: quorum not met */
		last = best->index;
		o->used[o->count] = best->index;
		memcpy(o->partial_hash[o->count], best->partial, 32);
	}
}

/* R13.5: at most the grant's length since the approval that completed it. */
static AM_RESULT
check_grant(struct session *s, const struct rows_request *q)
{
	if (q->approval_count >= q->k &&
	    session_now(s) - q->approvals[q->k - 1].at > STATE_GRANT_SECONDS)
		return why_say(s->why, AM_ERR_QUORUM, "R13.5",
		    "the approvals are more than a day old; ask again");
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

/* Nothing the host hands out is trusted: each partial is verified. */
static AM_RESULT
read_partials(
    struct session *s, const struct approve_view *v, struct opening *o)
{
	struct partial_context cx = { 0 };

	memcpy(cx.request, v->request.request, 32);
	memcpy(cx.manifest, v->request.manifest, 32);
	AM_TRY(pt_decode((struct bytes){ v->request.u, 32 }, &cx.U));
	AM_TRY(pt_decode((struct bytes){ v->request.q, 32 }, &cx.Q));
	for (size_t i = 0; i < o->count; i++) {
		blob_auto b = { 0 };

		AM_TRY(read_blob(s, "partial",
		    (struct bytes){ o->partial_hash[i], 32 }, &b));
		cx.index = o->used[i];
		AM_TRY(manifest_public(&v->manifest, cx.index, &cx.P));
		if (b.len != PARTIAL_BYTES || partial_verify(&cx, b.p) != AM_OK)
			return why_say(s->why, AM_ERR_VERIFY, "V18",
			    "the partial of custodian %u does not verify",
			    cx.index);
		memcpy(o->partials + i * PARTIAL_BYTES, b.p, PARTIAL_BYTES);
	}
	return AM_OK;
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
	post_auto p = { .s = s };

	choose(&v->request, &o);
	AM_TRY(add_open(&p, (struct bytes){ v->asked.cred, v->asked.cred_len },
	    &v->request, &o));
	AM_TRY(post_judge(&p));
	return check_grant(s, &v->request);
}

AM_RESULT
open_request(struct session *s, const struct session_key *k,
    const struct approve_view *v, struct secret **out)
{
	struct opening o = { 0 };
	scalar_auto q = { 0 };
	post_auto p = { .s = s };

	choose(&v->request, &o);
	AM_TRY(add_open(&p, (struct bytes){ k->row.cred, k->row.cred_len },
	    &v->request, &o));
	AM_TRY(post_judge(&p));
	AM_TRY(check_grant(s, &v->request));
	AM_TRY(unlock_q(s, k, &v->request, &q));
	AM_TRY(post_sign(&p, 0, k->token, session_pin(k->pin),
	    "again, to sign the opening"));
	AM_TRY(post_commit(&p)); /* log first, then effect (R7.1) */
	AM_TRY(read_partials(s, v, &o));
	return decrypt(s, v, &o, &q, out);
}
