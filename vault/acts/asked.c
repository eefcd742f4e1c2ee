#include "vault/acts/asked.h"

#include "vault/acts/limits.h"
#include "vault/state/manifest.h"

/* The shorter one; what is not asked is longer than all. */
static void
shorten(int64_t *io, int64_t limit)
{
	if (limit != LIMITS_NONE && (*io == LIMITS_NONE || limit < *io))
		*io = limit;
}

static AM_RESULT
is_member(const struct view *v, const struct rows_safe *s,
    const uint8_t person[static 16], bool *out)
{
	static const uint8_t none[32];
	struct rows_manifest m;

	*out = false;
	if (bytes_same(
		(struct bytes){ s->manifest, 32 }, (struct bytes){ none, 32 }))
		return AM_OK;
	AM_TRY(rows_get_manifest(v, (struct bytes){ s->manifest, 32 }, &m));
	*out = manifest_position(m.members, m.n, person) >= 0;
	return AM_OK;
}

/* An index in a committee is kept for ever. */
static AM_RESULT
was_member(const struct view *v, const struct rows_safe *s,
    const uint8_t person[static 16], bool *out)
{
	const struct rows_key key = rows_key_with_text(
	    (struct bytes){ s->safe, 16 }, (struct bytes){ person, 16 });

	return view_has(v, "member-index", rows_key(&key), out);
}

static AM_RESULT
add_safe(const struct view *v, const struct rows_safe *s,
    const uint8_t person[static 16], struct asked *io)
{
	bool was = false, is = false;
	struct rows_level l;
	enum am_err err;

	AM_TRY(was_member(v, s, person, &was));
	if (!was)
		return AM_OK;
	err = limits_in_force(v, s->level, &l);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	shorten(&io->transfer_review, l.transfer_review);
	AM_TRY(is_member(v, s, person, &is));
	if (!is)
		return AM_OK;
	shorten(&io->appointment_confirm, l.appointment_confirm);
	shorten(&io->acceptance_renew, l.acceptance_renew);
	return AM_OK;
}

AM_RESULT
asked_of(const struct view *v, uint32_t safes, const uint8_t person[static 16],
    struct asked *out)
{
	struct asked all = { LIMITS_NONE, LIMITS_NONE, LIMITS_NONE };

	for (uint32_t i = 0; i < safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(
		    rows_index_get(v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		AM_TRY(add_safe(v, &s, person, &all));
	}
	*out = all;
	return AM_OK;
}
