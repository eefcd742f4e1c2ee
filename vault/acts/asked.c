#include "vault/acts/asked.h"

#include "vault/acts/limits.h"
#include "vault/state/inforce.h"
#include "vault/state/manifest.h"

/* What is kept of a safe; n is 0 where it has no committee yet. */
struct one {
	uint8_t safe[16];
	int64_t appointment_confirm, acceptance_renew, transfer_review;
	struct rows_member members[ROWS_N_MAX];
	size_t n;
};

void
asked_safes_free(struct asked_safes *s)
{
	blob_free(&s->all);
}

static size_t
count_of(const struct asked_safes *s)
{
	return s->all.len / sizeof(struct one);
}

static void
nth_one(const struct asked_safes *s, size_t i, struct one *out)
{
	memcpy(out, s->all.p + i * sizeof(*out), sizeof(*out));
}

/* ---- reading */

static AM_RESULT
read_members(const struct view *v, const struct rows_safe *s, struct one *to)
{
	static const uint8_t none[32];
	struct rows_manifest m;

	if (bytes_same(
		(struct bytes){ s->manifest, 32 }, (struct bytes){ none, 32 }))
		return AM_OK;
	AM_TRY(rows_get_manifest(v, (struct bytes){ s->manifest, 32 }, &m));
	memcpy(to->members, m.members, sizeof(to->members));
	to->n = m.n;
	return AM_OK;
}

static AM_RESULT
add_safe(
    const struct view *v, const struct rows_safe *s, struct asked_safes *to)
{
	struct one one = { 0 };
	struct rows_level l;
	const enum am_err err = inforce_level(v, s->level, &l);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	memcpy(one.safe, s->safe, sizeof(one.safe));
	one.appointment_confirm = l.appointment_confirm;
	one.acceptance_renew = l.acceptance_renew;
	one.transfer_review = l.transfer_review;
	AM_TRY(read_members(v, s, &one));
	return blob_add(
	    &to->all, (struct bytes){ (const uint8_t *)&one, sizeof(one) });
}

AM_RESULT
asked_read(const struct view *v, uint32_t safes, struct asked_safes *out)
{
	asked_safes_auto all = { 0 };

	for (uint32_t i = 0; i < safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(
		    rows_index_get(v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		AM_TRY(add_safe(v, &s, &all));
	}
	*out = all;
	all = (struct asked_safes){ 0 }; /* transferred */
	return AM_OK;
}

/* ---- what is asked */

/* The shorter one; what is not asked is longer than all. */
static void
shorten(int64_t *io, int64_t limit)
{
	if (limit != LIMITS_NONE && (*io == LIMITS_NONE || limit < *io))
		*io = limit;
}

void
asked_of(const struct asked_safes *s, const uint8_t person[static 16],
    struct asked *out)
{
	struct asked all = { LIMITS_NONE, LIMITS_NONE };

	for (size_t i = 0; i < count_of(s); i++) {
		struct one one;

		nth_one(s, i, &one);
		if (manifest_position(one.members, one.n, person) < 0)
			continue;
		shorten(&all.appointment_confirm, one.appointment_confirm);
		shorten(&all.acceptance_renew, one.acceptance_renew);
	}
	*out = all;
}

/* An index in a committee is kept for ever. */
static AM_RESULT
was_member(const struct view *v, const uint8_t safe[static 16],
    const uint8_t person[static 16], bool *out)
{
	const struct rows_key key = rows_key_with_text(
	    (struct bytes){ safe, 16 }, (struct bytes){ person, 16 });

	return view_has(v, "member-index", rows_key(&key), out);
}

AM_RESULT
asked_of_mover(const struct asked_safes *s, const struct view *v,
    const uint8_t person[static 16], int64_t *out)
{
	int64_t shortest = LIMITS_NONE;

	for (size_t i = 0; i < count_of(s); i++) {
		struct one one;
		bool was = false;

		nth_one(s, i, &one);
		AM_TRY(was_member(v, one.safe, person, &was));
		if (was)
			shorten(&shortest, one.transfer_review);
	}
	*out = shortest;
	return AM_OK;
}
