#include "vault/state/custody.h"

#include "vault/state/fitness.h"
#include "vault/state/inforce.h"
#include "vault/state/keyring.h"
#include "vault/state/manifest.h"
#include "vault/state/waiver.h"

enum { SEEN_MAX = 16 }; /* no level asks for more places, or models */

/* ---- keys, places, models */

static bool
counts(const struct rows_token *t)
{
	return t->status == ROWS_ACTIVE && t->suspended == ROWS_FREE;
}

static char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c;
}

/* "HQ safe 2" and "hq safe 2" are one place. */
static bool
is_same_place(const char *a, const char *b)
{
	for (; lower(*a) == lower(*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

struct places {
	size_t count;
	char names[SEEN_MAX][ROWS_TITLE_MAX + 1];
};

static void
add_place(struct places *p, const char *place)
{
	if (place[0] == '\0' || p->count == SEEN_MAX)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (is_same_place(p->names[i], place))
			return;
	memcpy(p->names[p->count++], place, strlen(place) + 1);
}

AM_RESULT
custody_of(
    const struct view *v, const uint8_t person[static 16], struct custody *out)
{
	struct places places = { 0 };
	struct custody c = { 0 };
	struct rows_token t;
	enum am_err err;

	for (uint32_t i = 0; (err = keyring_nth(v, person, i, &t)) == AM_OK;
	     i++) {
		if (counts(&t)) {
			c.keys++;
			add_place(&places, t.place);
		} else if (t.out_at > c.out_at)
			c.out_at = t.out_at;
	}
	if (err != AM_ERR_NOT_FOUND)
		return err;
	c.places = (unsigned)places.count;
	if (c.keys > 0 && c.places == 0)
		c.places = 1; /* wherever that is */
	*out = c;
	return AM_OK;
}

struct models {
	unsigned count;
	uint8_t seen[SEEN_MAX][16];
};

static void
add_model(struct models *m, const uint8_t aaguid[static 16])
{
	if (m->count == SEEN_MAX)
		return;
	for (size_t i = 0; i < m->count; i++)
		if (bytes_same((struct bytes){ m->seen[i], 16 },
			(struct bytes){ aaguid, 16 }))
			return;
	memcpy(m->seen[m->count++], aaguid, 16);
}

/* `asked` NULL: nothing is asked of keys. A key that approves nothing in the safe
 * (fitness.h) does not help when the model of the others is recalled. */
static AM_RESULT
models_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *asked, const uint8_t person[static 16],
    struct models *io)
{
	struct rows_token t;
	enum am_err err;

	for (uint32_t i = 0; (err = keyring_nth(v, person, i, &t)) == AM_OK;
	     i++) {
		unsigned wrong = 0;

		if (asked != NULL)
			AM_TRY(fitness_of(v, vault, asked, &t, &wrong));
		if (counts(&t) && wrong == 0)
			add_model(io, t.aaguid);
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
custody_models(const struct view *v, const struct rows_safe *s,
    const struct rows_member *members, size_t n, unsigned *out)
{
	struct models m = { 0 };
	struct rows_vault vault;
	struct rows_level asked;
	enum am_err err;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	err = fitness_asked(v, &vault, s, &asked);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	for (size_t i = 0; i < n; i++)
		AM_TRY(models_of(v, &vault, err == AM_OK ? &asked : NULL,
		    members[i].person, &m));
	*out = m.count;
	return AM_OK;
}

/* ---- what is asked */

AM_RESULT
custody_asked(const struct view *v, const struct rows_safe *s,
    struct rows_level *out, int64_t *since)
{
	struct rows_policy policy;

	AM_TRY(inforce_policy(v, &policy));
	*out = policy.levels[levels_held_to(s->level)];
	*since = policy.at;
	return AM_OK;
}

/* ---- who comes in */

/* At set-up there is no committee before, so all of them do. */
static AM_RESULT
comes_in(const struct view *v, const struct rows_plan *p,
    const uint8_t person[static 16], bool *out)
{
	struct rows_manifest before;
	const enum am_err err =
	    rows_get_manifest(v, (struct bytes){ p->base, 32 }, &before);

	*out = err == AM_ERR_NOT_FOUND ||
	    (err == AM_OK &&
		manifest_position(before.members, before.n, person) < 0);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
check_keys(const struct rows_safe *s, const struct rows_person *who,
    const struct custody *has, const struct rows_level *asked, struct why *why)
{
	if (has->keys < asked->tokens_per_custodian)
		return why_say(why, AM_ERR_POLICY, "C-2",
		    "level %s asks each custodian for %u keys, and '%s' has %u "
		    "in use; next: amanat token enrol %s --label LABEL; or a "
		    "quorum lets it pass: amanat waive C-2 %s",
		    s->level, asked->tokens_per_custodian, who->id, has->keys,
		    who->id, s->id);
	if (has->places < asked->token_places_min)
		return why_say(why, AM_ERR_POLICY, "C-2",
		    "level %s asks each custodian to keep their keys at %u "
		    "places, and those of '%s' are known to be at %u; next: "
		    "amanat token place LABEL PLACE, for each of them; or a "
		    "quorum lets it pass: amanat waive C-2 %s",
		    s->level, asked->token_places_min, who->id, has->places,
		    s->id);
	return AM_OK;
}

AM_RESULT
custody_may_join(const struct view *v, const struct rows_plan *p,
    const uint8_t person[static 16], int64_t at, struct why *why)
{
	int64_t since = 0, waived = 0;
	struct rows_level asked;
	struct rows_person who;
	struct rows_safe s;
	struct custody has;
	bool is_new = false;
	enum am_err err;

	if (p->committee != ROWS_OPERATING)
		return AM_OK;
	AM_TRY(rows_get_safe(v, (struct bytes){ p->safe, 16 }, &s));
	err = custody_asked(v, &s, &asked, &since);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(comes_in(v, p, person, &is_new));
	AM_TRY(waiver_of(v, "C-2", s.id, &waived));
	if (!is_new || waived > at)
		return AM_OK;
	AM_TRY(rows_get_person(v, (struct bytes){ person, 16 }, &who));
	AM_TRY(custody_of(v, person, &has));
	return check_keys(&s, &who, &has, &asked, why);
}
