#include <sodium.h>

#include "vault/state/manifest.h"

#include "vault/crypto/hash.h"
#include "vault/log/canon.h"

AM_RESULT
manifest_ceremony_new(struct manifest_ceremony **out)
{
	struct manifest_ceremony *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return AM_ERR_NOMEM;
	*out = c;
	return AM_OK;
}

void
manifest_ceremony_free(struct manifest_ceremony **c)
{
	free(*c);
	*c = NULL;
}

static struct rows_key
member_key(const struct rows_plan *p, size_t i)
{
	return rows_key_with_u32(
	    (struct bytes){ p->plan, 32 }, p->members[i].index);
}

AM_RESULT
manifest_run(
    const struct view *v, const struct rows_plan *p, struct dkg_run *out)
{
	struct dkg_run run = { .n = p->n, .k = p->k };
	uint8_t id[sizeof("amanat/1 dkg") + 32];

	for (size_t i = 0; i < p->n; i++) {
		const struct rows_key key = member_key(p, i);
		struct rows_join j;

		AM_TRY(rows_get_join(v, rows_key(&key), &j));
		AM_TRY(pt_decode((struct bytes){ j.pk, 32 }, &run.pk[i]));
	}
	memcpy(id, "amanat/1 dkg", sizeof("amanat/1 dkg"));
	memcpy(id + sizeof("amanat/1 dkg"), p->plan, 32);
	dkg_context(&run, (struct bytes){ id, sizeof(id) });
	*out = run;
	return AM_OK;
}

AM_RESULT
manifest_load(const struct view *v, const struct rows_plan *p,
    struct manifest_ceremony *out)
{
	AM_TRY(manifest_run(v, p, &out->run));
	for (size_t i = 0; i < p->n; i++) {
		const struct rows_key key = member_key(p, i);
		struct rows_deal d;

		AM_TRY(rows_get_deal(v, rows_key(&key), &d));
		memcpy(out->deal_id[i], d.id, 32);
		out->deals[i] = d.deal;
	}
	return AM_OK;
}

static struct json_t *
members_json(const struct rows_manifest *m)
{
	struct json_t *list = canon_array();

	for (size_t i = 0; i < m->n; i++) {
		struct json_t *one = canon_object();

		if (canon_set(one, "index", canon_uint(m->members[i].index)) !=
			AM_OK ||
		    canon_set(one, "person",
			canon_hex((struct bytes){
			    m->members[i].person, 16 })) != AM_OK ||
		    canon_push(list, one) != AM_OK) {
			canon_free(&list);
			return NULL;
		}
	}
	return list;
}

static struct json_t *
commitments_json(const struct rows_manifest *m)
{
	struct json_t *list = canon_array();

	for (size_t i = 0; i < m->k; i++)
		if (canon_push(list, canon_b64(pt_bytes(&m->C[i]))) != AM_OK) {
			canon_free(&list);
			return NULL;
		}
	return list;
}

/* The bytes of protocol.md 5.2. */
static AM_RESULT
write_manifest(const uint8_t vault[static 16], const struct rows_manifest *m,
    struct blob *out)
{
	canon_auto *doc = canon_object(), *terms = canon_array(),
		   *term = canon_object();

	AM_TRY(canon_set(term, "commitments", commitments_json(m)));
	AM_TRY(canon_set(term, "k", canon_uint(m->k)));
	AM_TRY(canon_set(term, "members", members_json(m)));
	AM_TRY(canon_push(terms, AM_TAKE(term)));
	AM_TRY(canon_set(doc, "committee",
	    canon_str(
		m->committee == ROWS_RECOVERY ? "recovery" : "operating")));
	AM_TRY(canon_set(doc, "epoch", canon_uint(m->epoch)));
	AM_TRY(
	    canon_set(doc, "plan", canon_hex((struct bytes){ m->plan, 32 })));
	AM_TRY(
	    canon_set(doc, "safe", canon_hex((struct bytes){ m->safe, 16 })));
	AM_TRY(canon_set(doc, "terms", AM_TAKE(terms)));
	AM_TRY(canon_set(doc, "vault", canon_hex((struct bytes){ vault, 16 })));
	AM_TRY(canon_set(doc, "x", canon_b64(pt_bytes(&m->C[0]))));
	return canon_write(doc, out);
}

/* M of a manifest whose commitments are set. */
static AM_RESULT
finish(const uint8_t vault[static 16], const struct rows_plan *p,
    struct rows_manifest *m)
{
	blob_auto text = { 0 };

	m->committee = p->committee;
	m->k = p->k;
	m->n = p->n;
	m->epoch = p->epoch;
	memcpy(m->safe, p->safe, sizeof(m->safe));
	memcpy(m->plan, p->plan, sizeof(m->plan));
	memcpy(m->members, p->members, sizeof(m->members));
	AM_TRY(write_manifest(vault, m, &text));
	hash_sha256(
	    HASH_PARTS(HASH_T("manifest"), blob_bytes(&text)), m->manifest);
	return AM_OK;
}

AM_RESULT
manifest_derive(const uint8_t vault[static 16], const struct rows_plan *p,
    const struct manifest_ceremony *c, struct rows_manifest *out)
{
	struct rows_manifest m = { 0 };

	AM_TRY(dkg_commitments(&c->run, c->deals, m.C));
	AM_TRY(finish(vault, p, &m));
	*out = m;
	return AM_OK;
}

void
manifest_dealset(const struct rows_plan *p, const uint8_t deal_id[][32],
    uint8_t out[static 32])
{
	hash_sha256(HASH_PARTS(HASH_T("dealset"),
			{ deal_id[0], (size_t)32 * p->dealer_count }),
	    out);
}

/* ---- reshare */

AM_RESULT
manifest_reshare_new(struct manifest_reshare **out)
{
	struct manifest_reshare *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return AM_ERR_NOMEM;
	*out = c;
	return AM_OK;
}

void
manifest_reshare_free(struct manifest_reshare **c)
{
	free(*c);
	*c = NULL;
}

AM_RESULT
manifest_reshare_run(
    const struct view *v, const struct rows_plan *p, struct reshare_run *out)
{
	struct reshare_run run = {
		.n = p->n, .k = p->k, .dealers = p->dealer_count
	};
	struct rows_manifest source;

	memcpy(run.plan, p->plan, sizeof(run.plan));
	AM_TRY(rows_get_manifest(v, (struct bytes){ p->source, 32 }, &source));
	run.X = source.C[0];
	for (size_t i = 0; i < p->dealer_count; i++) {
		run.dealer[i] = p->dealers[i].index;
		AM_TRY(manifest_public(&source, run.dealer[i], &run.source[i]));
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct rows_key key = member_key(p, i);
		struct rows_join j;

		run.member[i] = p->members[i].index;
		AM_TRY(rows_get_join(v, rows_key(&key), &j));
		AM_TRY(pt_decode((struct bytes){ j.pk, 32 }, &run.pk[i]));
	}
	*out = run;
	return AM_OK;
}

AM_RESULT
manifest_reshare_load(const struct view *v, const struct rows_plan *p,
    struct manifest_reshare *out)
{
	AM_TRY(manifest_reshare_run(v, p, &out->run));
	for (size_t i = 0; i < p->dealer_count; i++) {
		const struct rows_key key = rows_key_with_u32(
		    (struct bytes){ p->plan, 32 }, p->dealers[i].index);
		struct rows_redeal d;

		AM_TRY(rows_get_redeal(v, rows_key(&key), &d));
		memcpy(out->deal_id[i], d.id, 32);
		out->deals[i] = d.deal;
	}
	return AM_OK;
}

AM_RESULT
manifest_reshare_derive(const uint8_t vault[static 16],
    const struct rows_plan *p, const struct manifest_reshare *c,
    struct rows_manifest *out)
{
	struct rows_manifest m = { 0 };

	AM_TRY(reshare_commitments(&c->run, c->deals, m.C));
	AM_TRY(finish(vault, p, &m));
	*out = m;
	return AM_OK;
}

/* ---- what proofs are bound to */

static void
with_index(struct bytes tag, const uint8_t plan[static 32], struct bytes mid,
    uint32_t index, struct bytes last, uint8_t out[static 32])
{
	const struct rows_key be = rows_key_u32(index);

	hash_sha256(
	    HASH_PARTS(tag, { plan, 32 }, mid, rows_key(&be), last), out);
}

void
manifest_join_hash(const uint8_t plan[static 32], uint32_t index,
    const struct point *pk, uint8_t out[static 32])
{
	with_index(HASH_T("join"), plan, (struct bytes){ NULL, 0 }, index,
	    pt_bytes(pk), out);
}

void
manifest_accept_hash(const uint8_t plan[static 32], const uint8_t M[static 32],
    uint32_t index, uint8_t out[static 32])
{
	with_index(HASH_T("accept"), plan, (struct bytes){ M, 32 }, index,
	    (struct bytes){ NULL, 0 }, out);
}

AM_RESULT
manifest_public(
    const struct rows_manifest *m, uint32_t index, struct point *out)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->members[i].index == index)
			return shamir_public(m->C, m->k, index, out);
	return AM_ERR_NOT_FOUND;
}

const uint8_t *
manifest_active(const struct rows_safe *s, uint8_t committee)
{
	return committee == ROWS_RECOVERY ? s->recovery : s->manifest;
}

int
manifest_position(const struct rows_member *members, size_t n,
    const uint8_t person[static 16])
{
	for (size_t i = 0; i < n; i++)
		if (bytes_same((struct bytes){ members[i].person, 16 },
			(struct bytes){ person, 16 }))
			return (int)i;
	return -1;
}
