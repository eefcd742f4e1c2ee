/*
 * Where a supplier may not come from (domain.md, R-8, O-8): a list of countries
 * that a quorum has put in force, each version above the one before.
 *
 * Act: {"deny": {countries: ["IN", ...] ascending, version}}. An exception is a
 * waiver of "R-8 SUBSCRIPTION".
 */

#include <stdio.h>

#include "vault/state/supplier.h"

#include "vault/register/record.h"
#include "vault/state/rules.h"
#include "vault/state/subindex.h"
#include "vault/state/waiver.h"

/* ---- the list */

static AM_RESULT
read_countries(struct rules *r, const struct json_t *list, struct rows_deny *d)
{
	const char *before = "";

	if (canon_size(list) > ROWS_COUNTRIES_MAX)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < canon_size(list); i++) {
		char *code = d->countries[i].code;
		struct bytes text = { 0 };

		AM_TRY(canon_at_text(list, i, &text));
		if (!record_is_country(text))
			return RULES_SAY(r, AM_ERR_INVALID, "R-8",
			    "a country is two capital letters, such as PK");
		memcpy(code, text.p, 2);
		if (strcmp(code, before) <= 0)
			return RULES_SAY(r, AM_ERR_INVALID, "R-8",
			    "countries stand in ascending order, each once");
		before = code;
		d->count++;
	}
	return AM_OK;
}

AM_RESULT
supplier_list(const struct view *v, struct rows_deny *out)
{
	static const uint8_t none[32];
	struct rows_register g;

	AM_TRY(subindex_register(v, &g));
	if (bytes_same(
		(struct bytes){ g.deny, 32 }, (struct bytes){ none, 32 }))
		return AM_ERR_NOT_FOUND;
	return rows_get_deny(v, (struct bytes){ g.deny, 32 }, out);
}

/* O-8: what was replaced does not come back. */
static AM_RESULT
check_version(struct rules *r, const struct rows_deny *d)
{
	struct rows_deny now = { .version = 0 };
	const enum am_err err = supplier_list(&r->st->view, &now);

	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	if (rules_is_next(now.version, d->version))
		return AM_OK;
	if (d->version > now.version)
		return RULES_SAY(r, AM_ERR_INVALID, "O-8",
		    "version %u of the deny list would leave no room for later "
		    "ones; it is at most %u",
		    d->version,
		    now.version == 0 ? RULES_VERSION_FIRST
				     : now.version + RULES_VERSION_STEP);
	return RULES_SAY(r, AM_ERR_STALE, "O-8",
	    "version %u of the deny list is in force; a change has a higher "
	    "one, not %u",
	    now.version, d->version);
}

AM_RESULT
supplier_read_deny(
    struct rules *r, const struct json_t *what, const uint8_t id[static 32])
{
	static const char *const keys[] = { "countries", "version" };
	struct rows_deny d = { .leaf = r->leaf, .at = r->s->at };
	const struct json_t *list = NULL;

	if (!canon_keys_are(what, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	memcpy(d.motion, id, sizeof(d.motion));
	AM_TRY(canon_get_u32(what, "version", &d.version));
	AM_TRY(canon_get_array(what, "countries", &list));
	if (d.version == 0)
		return RULES_SAY(
		    r, AM_ERR_INVALID, "O-8", "versions begin with 1");
	AM_TRY(read_countries(r, list, &d));
	AM_TRY(check_version(r, &d));
	return rows_put_deny(&r->st->view, (struct bytes){ id, 32 }, &d);
}

AM_RESULT
supplier_enact_deny(struct rules *r, const struct rows_motion *m)
{
	const struct bytes id = { m->motion, 32 };
	struct rows_register g;
	struct rows_deny d;

	AM_TRY(rows_get_deny(&r->st->view, id, &d));
	AM_TRY(check_version(r, &d));
	d.leaf = r->leaf;
	d.at = r->s->at;
	AM_TRY(rows_put_deny(&r->st->view, id, &d));
	AM_TRY(subindex_register(&r->st->view, &g));
	memcpy(g.deny, m->motion, sizeof(g.deny));
	return rows_put_register(&r->st->view, (struct bytes){ NULL, 0 }, &g);
}

/* ---- what it says */

static bool
is_listed(const struct rows_deny *d, const char *code)
{
	for (size_t i = 0; i < d->count; i++)
		if (strncmp(d->countries[i].code, code, 2) == 0)
			return true;
	return false;
}

AM_RESULT
supplier_judge(const struct view *v, const char *subscription,
    const char *countries, struct supplier_verdict *out)
{
	struct supplier_verdict j = { .version = 0 };
	struct rows_deny d;
	const enum am_err err = supplier_list(v, &d);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	for (; err == AM_OK && j.code[0] == '\0' && countries[0] != '\0';
	     countries += 2)
		if (is_listed(&d, countries))
			memcpy(j.code, countries, 2);
	if (err == AM_OK)
		j.version = d.version;
	if (j.code[0] != '\0')
		AM_TRY(waiver_of(v, "R-8", subscription, &j.waived_until));
	*out = j;
	return AM_OK;
}

AM_RESULT
supplier_check(struct rules *r, const char *subscription, const char *countries)
{
	struct supplier_verdict j;

	AM_TRY(supplier_judge(&r->st->view, subscription, countries, &j));
	if (j.code[0] == '\0' || j.waived_until > r->s->at)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "R-8",
	    "%s is on version %u of the deny list%s; an exception is a "
	    "waiver: amanat waive R-8 %s",
	    j.code, j.version,
	    j.waived_until != 0 ? ", and its waiver has ended" : "",
	    subscription);
}
