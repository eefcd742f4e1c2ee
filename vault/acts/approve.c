#include "vault/acts/approve.h"

#include "vault/acts/keys.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/acts/proven.h"
#include "vault/crypto/partial.h"
#include "vault/state/manifest.h"
#include "vault/state/sealed.h"
#include "vault/state/tenure.h"

void
approve_view_free(struct approve_view *v)
{
	statement_free(&v->asked);
}

/* ---- looking */

static AM_RESULT
check_seal(struct session *s, struct store_txn *t, struct approve_view *v)
{
	statement_auto seal = { 0 };
	struct tdh2_context cx;
	struct tdh2_header h;

	AM_TRY(proven_read(s, t, v->request.seal_leaf, v->request.seal, &seal));
	if (sealed_read(&seal, &s->vault, &v->manifest, &cx, &h) != AM_OK ||
	    tdh2_check(&cx, &h) != AM_OK ||
	    !bytes_same(pt_bytes(&h.U), (struct bytes){ v->request.u, 32 }))
		return why_say(s->why, AM_ERR_VERIFY, "R3.5",
		    "the sealed credential does not prove what it is; do not "
		    "approve, and report it");
	return AM_OK;
}

/* What was opened stays as it was then; a suspension came later, or the rules
 * had not let it open. */
static AM_RESULT
counted_then(const struct view *w, const struct rows_approval *a,
    int64_t opened_at, bool *out)
{
	struct rows_person p;

	AM_TRY(rows_get_person(w, (struct bytes){ a->person, 16 }, &p));
	return tenure_covers(w, &p, a->at, opened_at, out);
}

/* R13.7, R13.8: what a suspended person or key has approved does not count, nor
 * what somebody has whose appointment has ended since. */
static AM_RESULT
set_aside(const struct view *w, int64_t now, struct approve_view *v)
{
	struct rows_request *q = &v->request;
	size_t kept = 0;

	for (size_t i = 0; i < q->approval_count; i++) {
		const struct rows_approval a = q->approvals[i];
		bool valid = true;

		if (q->status == ROWS_OPENED)
			AM_TRY(counted_then(w, &a, q->opened_at, &valid));
		else
			AM_TRY(predicate_counts(w, &a, now, &valid));
		if (valid)
			q->approvals[kept++] = a;
		else
			v->voided[v->voided_count++] = a;
	}
	q->approval_count = (uint8_t)kept;
	return AM_OK;
}

static AM_RESULT
load_view(struct session *s, struct store_txn *t, struct approve_view *v)
{
	const struct view w = view_store(t);
	const struct rows_request *q = &v->request;
	const int64_t now = session_now(s);
	/* how it stood when it ended, and not what became of people since */
	const int64_t at = now > q->until ? q->until : now;

	AM_TRY(
	    rows_get_record(&w, (struct bytes){ q->record, 16 }, &v->record));
	AM_TRY(rows_get_safe(&w, (struct bytes){ q->safe, 16 }, &v->safe));
	AM_TRY(rows_get_person(&w, (struct bytes){ q->by, 16 }, &v->by));
	AM_TRY(rows_get_manifest(
	    &w, (struct bytes){ q->manifest, 32 }, &v->manifest));
	AM_TRY(predicate_read(&w, q, &v->manifest, at, &v->standing));
	AM_TRY(incident_hold_of(&w, &s->vault, q, &v->held_by, &v->hold));
	AM_TRY(set_aside(&w, at, v));
	AM_TRY(proven_read(s, t, q->leaf, q->request, &v->asked));
	AM_TRY(canon_get_text(v->asked.body, "why", &v->why));
	AM_TRY(canon_get_text(v->asked.body, "ref", &v->ref));
	words_text(q->request, v->words);
	(void)snprintf(
	    v->path, sizeof(v->path), "%s/%s", v->safe.id, v->record.title);
	return check_seal(s, t, v);
}

AM_RESULT
approve_look(struct session *s, const char *id, struct approve_view *out)
{
	store_txn_auto *t = NULL;

	AM_TRY(lookup_request(s, id, &out->request));
	AM_TRY(store_begin(s->store, false, &t));
	return load_view(s, t, out);
}

/* ---- answering */

static AM_RESULT
answer_body(struct session *s, const struct session_key *k, const char *kind,
    const struct approve_view *v, struct json_t **out)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(s, kind, k->row.person, &body));
	AM_TRY(canon_set(body, "request",
	    canon_hex((struct bytes){ v->request.request, 32 })));
	*out = AM_TAKE(body);
	return AM_OK;
}

static AM_RESULT
approval(struct session *s, const struct session_key *k,
    const struct approve_view *v, uint32_t index, const uint8_t hash[static 32],
    struct post *p)
{
	canon_auto *body = NULL;

	AM_TRY(answer_body(s, k, "approve", v, &body));
	AM_TRY(canon_set(body, "index", canon_uint(index)));
	AM_TRY(
	    canon_set(body, "partial", canon_hex((struct bytes){ hash, 32 })));
	return post_add(
	    p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len });
}

/* Would the rules take an approval of this person? Asked before any touch. */
static AM_RESULT
may_approve(struct session *s, const struct session_key *k,
    const struct approve_view *v, uint32_t index)
{
	static const uint8_t unknown[32];
	post_auto p = { .s = s };

	AM_TRY(approval(s, k, v, index, unknown, &p));
	return post_judge(&p);
}

static AM_RESULT
make_partial(struct session *s, const struct session_key *k,
    const struct approve_view *v, uint32_t index,
    uint8_t out[static PARTIAL_BYTES])
{
	const struct bag_purpose purpose = keys_member_purpose(s, k->row.person,
	    v->request.safe, v->manifest.committee, v->manifest.epoch);
	struct partial_context cx = { .index = index };
	keys_member_auto m = { 0 };
	secret_auto *prf = NULL;

	memcpy(cx.request, v->request.request, 32);
	memcpy(cx.manifest, v->request.manifest, 32);
	AM_TRY(manifest_public(&v->manifest, index, &cx.P));
	AM_TRY(pt_decode((struct bytes){ v->request.u, 32 }, &cx.U));
	AM_TRY(pt_decode((struct bytes){ v->request.q, 32 }, &cx.Q));
	AM_TRY(keys_unlock(s, k, &purpose, "to unlock your share", &prf));
	AM_TRY(keys_read_share(s, k, &purpose, prf, v->request.manifest, &m));
	return partial_make(&cx, &m.scalar, out);
}

AM_RESULT
approve_request(struct session *s, const struct session_key *k,
    const struct approve_view *v)
{
	const int at = manifest_position(
	    v->manifest.members, v->manifest.n, k->row.person);
	const uint32_t index = at < 0 ? 0 : v->manifest.members[at].index;
	uint8_t partial[PARTIAL_BYTES], hash[32];
	post_auto p = { .s = s };

	AM_TRY(may_approve(s, k, v, index));
	AM_TRY(make_partial(s, k, v, index, partial));
	partial_hash(partial, hash);
	AM_TRY(approval(s, k, v, index, hash, &p));
	p.items[0].partial = partial;
	post_blob_add(&p, "partial", (struct bytes){ hash, 32 },
	    (struct bytes){ partial, sizeof(partial) });
	return post_all(&p, k, "again, to sign your approval");
}

AM_RESULT
approve_decline(struct session *s, const struct session_key *k,
    const struct approve_view *v, const char *reason)
{
	const struct bytes why = { (const uint8_t *)reason, strlen(reason) };
	canon_auto *body = NULL;
	post_auto p = { .s = s };

	if (why.len == 0 || why.len > 1024 || !canon_text_ok(why))
		return why_say(s->why, AM_ERR_INVALID, "R2.10",
		    "a reason has 1 to 1024 bytes of plain text");
	AM_TRY(answer_body(s, k, "decline", v, &body));
	AM_TRY(canon_set(body, "why", canon_text(why)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to sign your refusal");
}
