#include "vault/acts/lacks.h"

#include "vault/state/custody.h"
#include "vault/state/waiver.h"

static AM_RESULT
add_person(const struct view *v, const uint8_t person[static 16],
    const struct rows_level *asked, int64_t since, struct lacks *out)
{
	struct lacks_one one = { .kind = LACKS_KEYS };
	struct rows_person p;
	struct custody has;

	AM_TRY(rows_get_person(v, (struct bytes){ person, 16 }, &p));
	AM_TRY(custody_of(v, person, &has));
	if (p.departure != 0 || p.suspended != ROWS_FREE)
		return AM_OK;
	one.is = has.keys;
	one.least = asked->tokens_per_custodian;
	if (one.is >= one.least) { /* who lacks keys lacks places by that */
		one.kind = LACKS_PLACES;
		one.is = has.places;
		one.least = asked->token_places_min;
	}
	if (one.is >= one.least)
		return AM_OK;
	one.since = has.out_at > since ? has.out_at : since;
	memcpy(one.person, p.person, sizeof(one.person));
	memcpy(one.who, p.id, sizeof(one.who));
	out->all[out->count++] = one;
	return AM_OK;
}

static AM_RESULT
add_models(const struct view *v, const struct rows_safe *s,
    const struct rows_manifest *m, const struct rows_level *asked,
    int64_t since, struct lacks *out)
{
	struct lacks_one one = { .kind = LACKS_MODELS,
		.least = asked->token_models_min,
		.since = since };
	struct rows_vault vault;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	AM_TRY(custody_models(v, s, m->members, m->n, &one.is));
	if (vault.evaluation == 0 && one.is < one.least)
		out->all[out->count++] = one;
	return AM_OK;
}

/* With those that a waiver lets pass. */
static AM_RESULT
read_all(const struct view *v, const struct rows_safe *s,
    const struct rows_manifest *m, bool persons, struct lacks *out)
{
	struct rows_level asked;
	int64_t since = 0;
	const enum am_err err = custody_asked(v, s, &asked, &since);

	*out = (struct lacks){ 0 };
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	for (size_t i = 0; persons && i < m->n; i++)
		AM_TRY(add_person(v, m->members[i].person, &asked, since, out));
	return add_models(v, s, m, &asked, since, out);
}

AM_RESULT
lacks_read(const struct view *v, const struct rows_safe *s,
    const struct rows_manifest *committee, int64_t now, struct lacks *out)
{
	int64_t waived = 0;

	AM_TRY(waiver_of(v, "C-2", s->id, &waived));
	return read_all(v, s, committee, waived <= now, out);
}

/* ---- what is due */

static AM_RESULT
add_due(struct due *d, const struct rows_safe *s, const struct lacks_one *one,
    int64_t waived)
{
	const int64_t at = waived > one->since ? waived : one->since;
	char what[256], next[128];

	if (one->kind == LACKS_MODELS)
		return AM_OK; /* nobody's in particular: analyze tells */
	if (one->kind == LACKS_KEYS) {
		(void)snprintf(what, sizeof(what),
		    "safe '%s': you have %u key%s in use, and level %s asks "
		    "for %u: enrol another",
		    s->id, one->is, one->is == 1 ? "" : "s", s->level,
		    one->least);
		(void)snprintf(next, sizeof(next),
		    "amanat token enrol %s --label LABEL", one->who);
	} else {
		(void)snprintf(what, sizeof(what),
		    "safe '%s': your keys are known to be at %u place%s, and "
		    "level %s asks for %u: keep one elsewhere, and say where",
		    s->id, one->is, one->is == 1 ? "" : "s", s->level,
		    one->least);
		(void)snprintf(
		    next, sizeof(next), "amanat token place LABEL PLACE");
	}
	return due_add(d, at, one->person, what, next);
}

static AM_RESULT
due_of(struct due *d, const struct rows_safe *s)
{
	struct rows_manifest m;
	struct lacks lacks;
	int64_t waived = 0;
	const enum am_err err =
	    rows_get_manifest(d->v, (struct bytes){ s->manifest, 32 }, &m);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(waiver_of(d->v, "C-2", s->id, &waived));
	AM_TRY(read_all(d->v, s, &m, true, &lacks));
	for (size_t i = 0; i < lacks.count; i++)
		AM_TRY(add_due(d, s, &lacks.all[i], waived));
	return AM_OK;
}

enum am_err
lacks_due(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    d->v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(due_of(d, &s));
	}
	return AM_OK;
}
