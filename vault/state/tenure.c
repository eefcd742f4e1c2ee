#include "vault/state/tenure.h"

int64_t
tenure_from(const struct rows_appointment *a)
{
	return a->from > a->at ? a->from : a->at;
}

int64_t
tenure_until(const struct rows_appointment *a)
{
	return a->until == 0 ? QUORUM_NO_END : a->until;
}

/* ---- reading */

AM_RESULT
tenure_nth(const struct view *v, const uint8_t person[static 16], uint32_t i,
    struct rows_appointment *out)
{
	const struct rows_key n =
	    rows_key_with_u32((struct bytes){ person, 16 }, i);
	uint8_t id[32];

	AM_TRY(rows_index_get(v, "held", rows_key(&n), id, sizeof(id)));
	return rows_get_appointment(v, (struct bytes){ id, sizeof(id) }, out);
}

AM_RESULT
tenure_post(const struct view *v, uint32_t number, struct rows_post *out)
{
	const struct rows_key n = rows_key_u32(number);
	uint8_t id[32];

	AM_TRY(rows_index_get(v, "post-n", rows_key(&n), id, sizeof(id)));
	return rows_get_post(v, (struct bytes){ id, sizeof(id) }, out);
}

AM_RESULT
tenure_nth_absence(const struct view *v, const uint8_t person[static 16],
    uint32_t i, struct rows_absence *out)
{
	const struct rows_key n =
	    rows_key_with_u32((struct bytes){ person, 16 }, i);

	return rows_get_absence(v, rows_key(&n), out);
}

/* ---- validity */

AM_RESULT
tenure_valid(const struct view *v, const struct rows_person *p, int64_t at,
    bool *out, int64_t *ended)
{
	bool begun = false;

	*out = false;
	*ended = 0;
	for (uint32_t i = 0; i < p->appointments && !*out; i++) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(v, p->person, i, &a));
		if (tenure_from(&a) > at)
			continue;
		begun = true;
		*out = at < tenure_until(&a);
		if (!*out && a.until > *ended)
			*ended = a.until;
	}
	*out |= !begun;
	return AM_OK;
}

static AM_RESULT
check_instant(const struct view *v, const struct rows_person *p, int64_t t,
    int64_t from, int64_t to, bool *io)
{
	int64_t ended = 0;

	return *io && t > from && t <= to ? tenure_valid(v, p, t, io, &ended)
					  : AM_OK;
}

/* It is lost where an appointment ends, or where one is entered that is over:
 * these are the instants to look at. */
AM_RESULT
tenure_covers(const struct view *v, const struct rows_person *p, int64_t from,
    int64_t to, bool *out)
{
	int64_t ended = 0;

	AM_TRY(tenure_valid(v, p, from, out, &ended));
	for (uint32_t i = 0; i < p->appointments && *out; i++) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(v, p->person, i, &a));
		AM_TRY(check_instant(v, p, a.until, from, to, out));
		AM_TRY(check_instant(v, p, tenure_from(&a), from, to, out));
	}
	return AM_OK;
}

AM_RESULT
tenure_absent(const struct view *v, const struct rows_person *p, int64_t at,
    bool *out, int64_t *until)
{
	*out = false;
	for (uint32_t i = 0; i < p->absences && !*out; i++) {
		struct rows_absence a;

		AM_TRY(tenure_nth_absence(v, p->person, i, &a));
		*out = a.from <= at && at < a.until;
		*until = a.until;
	}
	return AM_OK;
}

/* ---- as quorum_at wants them */

static AM_RESULT
add(const struct view *v, const struct rows_appointment *a,
    struct quorum_person *out)
{
	uint32_t post = a->post;

	for (size_t i = 0; i < TENURE_CHAIN_MAX && post != 0; i++) {
		struct quorum_appointment *to;
		struct rows_post p;

		if (out->count == QUORUM_APPOINTMENTS_MAX)
			return AM_OK;
		to = &out->appointments[out->count++];
		*to = (struct quorum_appointment){ .from = tenure_from(a),
			.until = tenure_until(a),
			.post = post };
		for (size_t j = 0; j < QUORUM_ATTRS; j++)
			memcpy(to->attrs[j], a->attrs[j].text,
			    sizeof(to->attrs[j]));
		AM_TRY(tenure_post(v, post, &p));
		post = p.succeeds;
	}
	return AM_OK;
}

/* Those that have begun at `since`, or those to come; none that has ended. */
static AM_RESULT
add_all(const struct view *v, const struct rows_person *p, int64_t since,
    bool to_come, struct quorum_person *out)
{
	for (uint32_t i = p->appointments; i > 0; i--) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(v, p->person, i - 1, &a));
		if (tenure_until(&a) > since &&
		    (tenure_from(&a) > since) == to_come)
			AM_TRY(add(v, &a, out));
	}
	return AM_OK;
}

AM_RESULT
tenure_read(const struct view *v, const struct rows_person *p, int64_t since,
    struct quorum_person *out)
{
	out->count = 0;
	AM_TRY(add_all(v, p, since, false, out));
	return add_all(v, p, since, true, out);
}
