#include <sodium.h>

#include "vault/acts/liveness.h"

#include "vault/acts/health.h"
#include "vault/acts/keys.h"
#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/crypto/poss.h"
#include "vault/state/drill.h"
#include "vault/state/manifest.h"

static const uint8_t *
active(const struct rows_safe *s, uint8_t committee)
{
	return committee == ROWS_RECOVERY ? s->recovery : s->manifest;
}

static struct bytes
cred_of(const struct session_key *k)
{
	return (struct bytes){ k->row.cred, k->row.cred_len };
}

/* ---- calling */

static AM_RESULT
check_committee(
    struct session *s, const struct rows_safe *safe, uint8_t committee)
{
	static const uint8_t none[32];

	if (!bytes_same((struct bytes){ active(safe, committee), 32 },
		(struct bytes){ none, 32 }))
		return AM_OK;
	return why_say(s->why, AM_ERR_INCOMPLETE, "V23",
	    committee == ROWS_RECOVERY
		? "safe '%s' has no recovery committee"
		: "safe '%s' has no committee yet; 'amanat safe status' shows "
		  "who has to act",
	    safe->id);
}

AM_RESULT
liveness_call(struct session *s, const struct session_key *k,
    const struct rows_safe *safe, uint8_t committee, int64_t span)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };
	char until[WHEN_TEXT_LEN + 1];
	uint8_t nonce[32];

	AM_TRY(check_committee(s, safe, committee));
	when_text(session_now(s) + span, until);
	randombytes_buf(nonce, sizeof(nonce));
	AM_TRY(post_body(s, "drill", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "safe", canon_hex((struct bytes){ safe->safe, 16 })));
	AM_TRY(canon_set(body, "committee",
	    canon_str(committee == ROWS_RECOVERY ? "recovery" : "operating")));
	AM_TRY(canon_set(body, "manifest",
	    canon_hex((struct bytes){ active(safe, committee), 32 })));
	AM_TRY(
	    canon_set(body, "nonce", canon_b64((struct bytes){ nonce, 32 })));
	AM_TRY(canon_set(body, "until", canon_str(until)));
	AM_TRY(post_add(&p, AM_TAKE(body), cred_of(k)));
	return post_all(&p, k, "to call the drill");
}

/* ---- proving */

AM_RESULT
liveness_open(struct session *s, const struct rows_safe *safe,
    uint8_t committee, struct rows_drill *out)
{
	store_txn_auto *t = NULL;
	struct rows_drill d;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(health_last_drill(&v, safe->safe, committee, &d));
	if (session_now(s) > d.until ||
	    !bytes_same((struct bytes){ d.manifest, 32 },
		(struct bytes){ active(safe, committee), 32 }))
		return AM_ERR_NOT_FOUND;
	*out = d;
	return AM_OK;
}

AM_RESULT
liveness_owed(struct session *s, const struct rows_drill *d,
    const uint8_t person[static 16], bool *out)
{
	store_txn_auto *t = NULL;
	struct rows_manifest m;
	int64_t at = 0;
	uint64_t leaf = 0;
	struct view v;
	enum am_err err;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_manifest(&v, (struct bytes){ d->manifest, 32 }, &m));
	err = drill_proof_get(&v, d->drill, person, &at, &leaf);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	*out = err == AM_ERR_NOT_FOUND &&
	    manifest_position(m.members, m.n, person) >= 0;
	return AM_OK;
}

static AM_RESULT
load_manifest(
    struct session *s, const struct rows_drill *d, struct rows_manifest *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	return rows_get_manifest(&v, (struct bytes){ d->manifest, 32 }, out);
}

/* What the rules would refuse is found before anyone touches a key. */
static AM_RESULT
may_prove(struct session *s, const struct session_key *k,
    const struct rows_manifest *m, uint32_t *index)
{
	const int at = manifest_position(m->members, m->n, k->row.person);

	if (at < 0)
		return why_say(s->why, AM_ERR_POLICY, "V23",
		    "'%s' is not a custodian of this safe", k->person.id);
	if (k->person.suspended != ROWS_FREE || k->row.suspended != ROWS_FREE)
		return why_say(s->why, AM_ERR_TOKEN, "V22",
		    "who is suspended, or has only a suspended key, proves "
		    "nothing; use another key, or have a quorum lift it");
	*index = m->members[at].index;
	return AM_OK;
}

static AM_RESULT
make_proof(struct session *s, const struct session_key *k,
    const struct rows_drill *d, const struct rows_manifest *m, uint32_t index,
    uint8_t proof[static POSS_PROOF])
{
	const struct bag_purpose purpose = keys_member_purpose(
	    s, k->row.person, d->safe, d->committee, m->epoch);
	keys_member_auto share = { 0 };
	secret_auto *prf = NULL;
	struct point P;
	uint8_t ph[32];

	AM_TRY(manifest_public(m, index, &P));
	AM_TRY(keys_unlock(s, k, &purpose, "to unlock your share", &prf));
	AM_TRY(keys_read_share(s, k, &purpose, prf, d->manifest, &share));
	drill_binding(d, index, ph);
	return poss_prove(&share.scalar, &P, ph, proof);
}

AM_RESULT
liveness_prove(
    struct session *s, const struct session_key *k, const struct rows_drill *d)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };
	uint8_t proof[POSS_PROOF];
	struct rows_manifest m;
	uint32_t index = 0;

	AM_TRY(load_manifest(s, d, &m));
	AM_TRY(may_prove(s, k, &m, &index));
	AM_TRY(make_proof(s, k, d, &m, index, proof));
	AM_TRY(post_body(s, "prove", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "drill", canon_hex((struct bytes){ d->drill, 32 })));
	AM_TRY(canon_set(body, "index", canon_uint(index)));
	AM_TRY(canon_set(
	    body, "proof", canon_b64((struct bytes){ proof, sizeof(proof) })));
	AM_TRY(post_add(&p, AM_TAKE(body), cred_of(k)));
	return post_all(&p, k, "again, to sign your proof");
}

/* ---- report */

static AM_RESULT
report_member(const struct view *v, const struct rows_member *of,
    struct liveness_report *r, struct liveness_member *m)
{
	struct rows_person p;
	uint64_t leaf = 0;
	enum am_err err;

	AM_TRY(rows_get_person(v, (struct bytes){ of->person, 16 }, &p));
	memcpy(m->person, of->person, 16);
	memcpy(m->id, p.id, sizeof(m->id));
	err = drill_proof_get(v, r->drill.drill, of->person, &m->at, &leaf);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	r->proved += err == AM_OK;
	return err;
}

/* The time of the k-th proof: that by which k - 1 others had come. */
static int64_t
complete_at(const struct liveness_report *r)
{
	int64_t best = 0;

	for (size_t i = 0; i < r->n; i++) {
		const int64_t at = r->members[i].at;
		unsigned by_then = 0;

		for (size_t j = 0; j < r->n; j++)
			by_then +=
			    r->members[j].at != 0 && r->members[j].at <= at;
		if (at != 0 && by_then >= r->k && (best == 0 || at < best))
			best = at;
	}
	return best;
}

AM_RESULT
liveness_report(const struct view *v, const struct rows_safe *safe,
    uint8_t committee, struct liveness_report *out)
{
	struct liveness_report r = { 0 };
	struct rows_manifest m;

	AM_TRY(health_last_drill(v, safe->safe, committee, &r.drill));
	AM_TRY(
	    rows_get_manifest(v, (struct bytes){ r.drill.manifest, 32 }, &m));
	r.k = m.k;
	r.n = m.n;
	for (size_t i = 0; i < m.n; i++)
		AM_TRY(report_member(v, &m.members[i], &r, &r.members[i]));
	r.quorum_at = complete_at(&r);
	*out = r;
	return AM_OK;
}
