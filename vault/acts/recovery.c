#include <stdio.h>

#include "vault/acts/recovery.h"

#include "vault/acts/lookup.h"
#include "vault/state/inforce.h"
#include "vault/state/manifest.h"
#include "vault/state/waiver.h"

static AM_RESULT
read_plan(
    const struct view *v, const struct rows_safe *safe, int64_t at, bool *out)
{
	struct rows_plan p;
	const enum am_err err =
	    rows_get_plan(v, (struct bytes){ safe->recovery_plan, 32 }, &p);

	*out = err == AM_OK && p.status == ROWS_PLANNED && p.until > at;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
find_both(const struct view *v, const struct rows_safe *safe,
    const struct rows_manifest *second, struct recovery *r)
{
	struct rows_manifest first;
	const enum am_err err =
	    rows_get_manifest(v, (struct bytes){ safe->manifest, 32 }, &first);

	if (!r->ask_disjoint || err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	for (size_t i = 0; i < second->n; i++) {
		const uint8_t *who = second->members[i].person;

		if (manifest_position(first.members, first.n, who) >= 0)
			AM_TRY(lookup_person_name(
			    v, who, r->both[r->both_count++]));
	}
	return AM_OK;
}

static AM_RESULT
hold_against(
    const struct view *v, const struct rows_safe *safe, struct recovery *r)
{
	struct rows_manifest is;
	const enum am_err err =
	    rows_get_manifest(v, (struct bytes){ safe->recovery, 32 }, &is);

	if (err == AM_ERR_NOT_FOUND) {
		r->lack = RECOVERY_NONE;
		return AM_OK;
	}
	AM_TRY(err);
	r->k = is.k;
	r->n = is.n;
	AM_TRY(find_both(v, safe, &is, r));
	if (is.k < r->ask_k || is.n < r->ask_n)
		r->lack = RECOVERY_SMALL;
	else if (r->both_count > 0)
		r->lack = RECOVERY_SHARED;
	return AM_OK;
}

AM_RESULT
recovery_look(const struct view *v, const struct rows_safe *safe, int64_t at,
    struct recovery *out)
{
	struct recovery r = { 0 };
	int64_t waived = 0;
	struct rows_level level;
	const enum am_err err = inforce_level(v, safe->level, &level);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err == AM_OK && level.recovery_members > 0) {
		r.ask_k = level.recovery_quorum;
		r.ask_n = level.recovery_members;
		r.ask_disjoint = level.recovery_disjoint != 0;
		AM_TRY(hold_against(v, safe, &r));
		AM_TRY(read_plan(v, safe, at, &r.planned));
		AM_TRY(waiver_of(v, "5.7", safe->id, &waived));
		r.waived = waived > at;
	}
	*out = r;
	return AM_OK;
}
