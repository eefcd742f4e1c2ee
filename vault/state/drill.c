/*
 * Drills (protocol.md 5.8): all custodians prove that their keys still open
 * their shares. Nothing is rebuilt and nothing opened.
 */

#include "vault/state/drill.h"

#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"
#include "vault/state/plan.h"
#include "vault/state/rules.h"

enum { DRILL_SPAN_MAX = 31 * 86400 };

AM_RESULT
drill_called(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct rows_drill d = { .at = r->s->at, .leaf = r->leaf };
	const struct bytes id = { r->s->id, sizeof(r->s->id) };
	struct rows_safe s;
	struct rows_key of;
	uint8_t nonce[32];

	AM_TRY(canon_get_hex(r->s->body, "safe", d.safe, sizeof(d.safe)));
	AM_TRY(plan_committee(r->s->body, "committee", &d.committee));
	AM_TRY(canon_get_hex(r->s->body, "manifest", d.manifest, 32));
	AM_TRY(canon_get_b64(r->s->body, "nonce", nonce, sizeof(nonce)));
	AM_TRY(canon_get_when(r->s->body, "until", &d.until));
	if (rows_get_safe(v, (struct bytes){ d.safe, 16 }, &s) != AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "V23", "no such safe");
	if (!bytes_same((struct bytes){ plan_active(&s, d.committee), 32 },
		(struct bytes){ d.manifest, 32 }))
		return RULES_SAY(r, AM_ERR_STALE, "V23",
		    "the drill is not of the committee that is in force");
	if (d.until <= d.at || d.until - d.at > DRILL_SPAN_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "V23",
		    "a drill ends after it begins and within 31 days");
	memcpy(d.drill, r->s->id, sizeof(d.drill));
	memcpy(d.by, r->s->by, sizeof(d.by));
	d.number = ++r->vault.drills;
	of = rows_key_with_u32((struct bytes){ d.safe, 16 }, d.committee);
	AM_TRY(rows_index_put(v, "drill-of", rows_key(&of), id));
	return rows_put_drill(v, id, &d);
}

void
drill_binding(
    const struct rows_drill *d, uint32_t index, uint8_t out[static 32])
{
	const struct rows_key be = rows_key_u32(index);

	hash_sha256(HASH_PARTS(HASH_T("drill"), { d->drill, 32 },
			{ d->manifest, 32 }, rows_key(&be)),
	    out);
}

/* ---- proofs: index "proof", H(drill) || person -> at || leaf */

static struct rows_key
proof_key(const uint8_t drill[static 32], const uint8_t person[static 16])
{
	return rows_key_with_text(
	    (struct bytes){ drill, 32 }, (struct bytes){ person, 16 });
}

AM_RESULT
drill_proof_get(const struct view *v, const uint8_t drill[static 32],
    const uint8_t person[static 16], int64_t *at, uint64_t *leaf)
{
	const struct rows_key key = proof_key(drill, person);
	uint8_t be[16];

	AM_TRY(rows_index_get(v, "proof", rows_key(&key), be, sizeof(be)));
	*at = (int64_t)rows_get_be64(be);
	*leaf = rows_get_be64(be + 8);
	return AM_OK;
}

struct rows_key
drill_proven_key(
    const uint8_t manifest[static 32], const uint8_t person[static 16])
{
	return rows_key_with_text(
	    (struct bytes){ manifest, 32 }, (struct bytes){ person, 16 });
}

/* The first proof in a drill is the one that counts for its report. */
static AM_RESULT
keep_proof(struct rules *r, const struct rows_drill *d)
{
	const struct rows_key key = proof_key(d->drill, r->s->by);
	const struct rows_key at =
	    rows_key_with_u64((struct bytes){ NULL, 0 }, (uint64_t)r->s->at);
	const struct rows_key both = rows_key_with_u64(rows_key(&at), r->leaf);
	bool known = false;

	AM_TRY(view_has(&r->st->view, "proof", rows_key(&key), &known));
	if (known)
		return AM_OK;
	return rows_index_put(
	    &r->st->view, "proof", rows_key(&key), rows_key(&both));
}

AM_RESULT
drill_prove(struct rules *r)
{
	struct rows_manifest m;
	struct rows_drill d;
	struct rows_safe s;
	struct point P;
	uint8_t id[32], ph[32];
	uint32_t index = 0;
	enum am_err err;
	int at;

	AM_TRY(canon_get_hex(r->s->body, "drill", id, sizeof(id)));
	AM_TRY(canon_get_u32(r->s->body, "index", &index));
	err =
	    rows_get_drill(&r->st->view, (struct bytes){ id, sizeof(id) }, &d);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V23", "no such drill");
	AM_TRY(err);
	AM_TRY(rows_get_manifest(
	    &r->st->view, (struct bytes){ d.manifest, 32 }, &m));
	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ d.safe, 16 }, &s));
	if (!bytes_same((struct bytes){ plan_active(&s, d.committee), 32 },
		(struct bytes){ d.manifest, 32 }))
		return RULES_SAY(r, AM_ERR_STALE, "V23",
		    "the committee has changed since; the drill is over");
	at = manifest_position(m.members, m.n, r->s->by);
	if (at < 0 || m.members[at].index != index)
		return RULES_SAY(r, AM_ERR_POLICY, "V23",
		    "not a custodian of this safe under that index");
	AM_TRY(manifest_public(&m, index, &P));
	drill_binding(&d, index, ph);
	AM_TRY(rules_poss(r, "V23", &P, ph, "proof"));
	if (r->s->at > d.until)
		return AM_OK; /* R13.1: too late */
	AM_TRY(keep_proof(r, &d));
	return plan_proven(r, d.manifest);
}
