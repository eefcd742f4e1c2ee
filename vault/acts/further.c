#include "vault/acts/further.h"

#include "vault/state/manifest.h"

void
further_free(struct further *f)
{
	for (size_t i = 0; i < f->count; i++)
		blob_free(&f->bags[i].file);
	f->count = 0;
}

/* ---- which bags there are */

static AM_RESULT
add(struct session *s, struct further *f, const struct further_bag *b)
{
	if (f->count == FURTHER_BAGS_MAX)
		return why_say(s->why, AM_ERR_POLICY, "R6.6",
		    "this person holds shares of more than %d committees",
		    FURTHER_BAGS_MAX - 1);
	f->bags[f->count++] = *b;
	return AM_OK;
}

static AM_RESULT
add_committee(struct session *s, const struct view *v,
    const struct rows_safe *safe, uint8_t committee,
    const uint8_t person[static 16], struct further *f)
{
	struct further_bag b = { .bag = { BAG_MEMBER,
				     keys_identity_purpose(s, person) } };
	struct rows_manifest m;
	enum am_err err;

	memcpy(b.manifest,
	    committee == ROWS_OPERATING ? safe->manifest : safe->recovery, 32);
	err = rows_get_manifest(v, (struct bytes){ b.manifest, 32 }, &m);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK; /* none in force */
	AM_TRY(err);
	if (manifest_position(m.members, m.n, person) < 0)
		return AM_OK;
	memcpy(b.bag.purpose.safe, safe->safe, 16);
	b.bag.purpose.committee = committee;
	b.bag.purpose.epoch = m.epoch;
	memcpy(b.of, safe->id, sizeof(b.of));
	return add(s, f, &b);
}

AM_RESULT
further_list(
    struct session *s, const uint8_t person[static 16], struct further *out)
{
	const struct further_bag identity = {
		.bag = { BAG_IDENTITY, keys_identity_purpose(s, person) }
	};
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(add(s, out, &identity));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	for (uint32_t i = 0; i < s->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe safe;
		uint8_t id[16];

		AM_TRY(rows_index_get(&v, "safe-n", rows_key(&n), id, 16));
		AM_TRY(rows_get_safe(&v, (struct bytes){ id, 16 }, &safe));
		AM_TRY(
		    add_committee(s, &v, &safe, ROWS_OPERATING, person, out));
		AM_TRY(add_committee(s, &v, &safe, ROWS_RECOVERY, person, out));
	}
	return AM_OK;
}

/* ---- slots */

static struct bytes
cred_of(const struct session_key *k)
{
	return (struct bytes){ k->row.cred, k->row.cred_len };
}

/* That `by` opens the right thing; what a crash left of a ceremony is ended. */
static AM_RESULT
look_inside(struct session *s, const struct further_bag *b,
    const struct session_key *by, const struct secret *prf)
{
	keys_member_auto m = { 0 };
	scalar_auto d = { 0 };

	return b->bag.type == BAG_IDENTITY
	    ? keys_read_identity(s, by, prf, &d)
	    : keys_read_share(s, by, &b->bag.purpose, prf, b->manifest, &m);
}

static AM_RESULT
prepare_one(struct session *s, struct further_bag *b,
    const struct session_key *by, const struct session_key *added)
{
	secret_auto *prf = NULL, *more = NULL;
	char what[ROWS_ID_MAX + 64];

	(void)snprintf(what, sizeof(what), "%s%s%s",
	    b->of[0] != '\0' ? "for your share of '" : "for your identity",
	    b->of, b->of[0] != '\0' ? "'" : "");
	AM_TRY(keys_unlock(s, by, &b->bag.purpose, what, &prf));
	AM_TRY(look_inside(s, b, by, prf));
	AM_TRY(keys_unlock(s, added, &b->bag.purpose, what, &more));
	return keys_add_slot(s, &b->bag,
	    &(struct bag_key){ cred_of(by), secret_bytes(prf) },
	    &(struct bag_key){ cred_of(added), secret_bytes(more) }, &b->file);
}

AM_RESULT
further_prepare(struct session *s, struct further *f,
    const struct session_key *by, const struct session_key *added,
    size_t *out_count)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct further_bag *b = &f->bags[i];
		bool opens = false, there = false;

		AM_TRY(keys_has_slot(s, &b->bag, cred_of(by), &opens));
		AM_TRY(keys_has_slot(s, &b->bag, cred_of(added), &there));
		if (!opens || there)
			continue;
		AM_TRY(prepare_one(s, b, by, added));
		count++;
	}
	*out_count = count;
	return AM_OK;
}

AM_RESULT
further_write(struct session *s, struct further *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->bags[i].file.len > 0)
			AM_TRY(keys_put(
			    s, &f->bags[i].bag, blob_bytes(&f->bags[i].file)));
	return AM_OK;
}

AM_RESULT
further_slot(struct session *s, const struct session_key pair[static 2],
    size_t *out_count)
{
	size_t count[2] = { 0 };

	for (size_t i = 0; i < 2; i++) {
		further_auto f = { 0 };

		AM_TRY(session_key_is_free(s, &pair[i]));
		AM_TRY(session_key_is_free(s, &pair[1 - i]));
		AM_TRY(further_list(s, pair[i].row.person, &f));
		AM_TRY(
		    further_prepare(s, &f, &pair[i], &pair[1 - i], &count[i]));
		AM_TRY(further_write(s, &f));
	}
	*out_count = count[0] + count[1];
	return AM_OK;
}
