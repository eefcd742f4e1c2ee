#include "vault/acts/routine.h"

#include "vault/acts/limits.h"
#include "vault/acts/lookup.h"
#include "vault/register/dates.h"
#include "vault/state/inforce.h"
#include "vault/state/login.h"

enum { TEXT_MAX = 512, NAMED_MAX = 20 };

AM_RESULT
routine_read(const struct view *v, const char *level, struct routine *out)
{
	struct rows_level l = { .rotate_routine = LIMITS_NONE,
		.login_test = LIMITS_NONE };
	const enum am_err err = inforce_level(v, level, &l);

	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	out->every[AGED_CHANGED] = l.rotate_routine;
	out->every[AGED_TESTED] = l.login_test;
	return AM_OK;
}

static int64_t
ends(const struct routine *r, enum aged_list list, uint32_t day)
{
	return dates_begin((int32_t)day + 1) + r->every[list];
}

int64_t
routine_by(
    const struct routine *r, const struct rows_record *c, enum aged_list list)
{
	const uint32_t day = aged_place(c, list)->day;

	return r->every[list] == LIMITS_NONE || day == ROWS_NO_DAY
	    ? 0
	    : ends(r, list, day);
}

/* ---- what is said of one */

static AM_RESULT
add_change(struct due *d, const struct rows_safe *s,
    const struct rows_record *c, int64_t at)
{
	const uint32_t confirmed = c->rotated > 1 ? c->rotated : 1;
	char what[TEXT_MAX], next[TEXT_MAX], day[DATES_TEXT_LEN + 1];

	dates_text((int32_t)c->changed.day, day);
	if (c->version == confirmed) {
		(void)snprintf(what, sizeof(what),
		    "'%s/%s' version %u is of %s: a new secret at the vendor "
		    "in any case",
		    s->id, c->title, c->version, day);
		(void)snprintf(next, sizeof(next),
		    "amanat put %s/%s --new-version, then amanat rotate %s/%s "
		    "--evidence FILE",
		    s->id, c->title, s->id, c->title);
		return due_add(d, at, NULL, what, next);
	}
	(void)snprintf(what, sizeof(what),
	    "'%s/%s' version %u: two have not confirmed that it replaces "
	    "version %u, of %s, at the vendor",
	    s->id, c->title, c->version, confirmed, day);
	(void)snprintf(next, sizeof(next),
	    "amanat rotate %s/%s --evidence FILE", s->id, c->title);
	return due_add(d, at, NULL, what, next);
}

/* Who has tested it alone since two did; "": nobody. */
static AM_RESULT
alone(const struct due *d, const struct rows_record *c,
    const struct rows_login *t, bool two, char out[static ROWS_ID_MAX + 1])
{
	out[0] = '\0';
	if (!two && t->first_leaf != 0)
		return lookup_person_name(d->v, t->first, out);
	if (two && (uint32_t)dates_day(t->second_at) > c->tested.day)
		return lookup_person_name(d->v, t->second, out);
	return AM_OK;
}

static AM_RESULT
add_test(struct due *d, const struct rows_safe *s, const struct rows_record *c,
    int64_t at)
{
	char what[TEXT_MAX], next[TEXT_MAX], day[DATES_TEXT_LEN + 1],
	    by[ROWS_ID_MAX + 1];
	enum login_is is = LOGIN_UNTESTED;
	struct rows_login t;

	AM_TRY(login_state(d->v, c, &t, &is));
	AM_TRY(alone(d, c, &t, is == LOGIN_VERIFIED, by));
	dates_text((int32_t)c->tested.day, day);
	(void)snprintf(what, sizeof(what),
	    "'%s/%s' version %u, %s %s: two officials log in at the vendor "
	    "and confirm that the account is ours%s%s%s",
	    s->id, c->title, c->version,
	    is == LOGIN_VERIFIED ? "last tested by two on"
				 : "not tested by two since it was sealed on",
	    day, by[0] != '\0' ? "; '" : "", by,
	    by[0] != '\0' ? "' has, a second one is missing" : "");
	(void)snprintf(
	    next, sizeof(next), "amanat tested %s/%s", s->id, c->title);
	return due_add(d, at, NULL, what, next);
}

/* ---- of a safe the first few, and how many more */

struct walk {
	struct due *d;
	const struct rows_safe *safe;
	struct routine r;
	enum aged_list list;
	uint32_t named, more;
	int64_t earliest; /* of those that are not named */
};

static AM_RESULT
name_one(struct walk *w, uint32_t day, uint32_t slot)
{
	const int64_t at = ends(&w->r, w->list, day);
	struct rows_record c;

	AM_TRY(aged_nth(w->d->v, w->safe->safe, w->list, day, slot, &c));
	return w->list == AGED_CHANGED ? add_change(w->d, w->safe, &c, at)
				       : add_test(w->d, w->safe, &c, at);
}

static enum am_err
name_some(void *arg, uint32_t day, uint32_t count)
{
	struct walk *w = arg;
	uint32_t i = 0;

	for (; i < count && w->named < NAMED_MAX; i++, w->named++)
		AM_TRY(name_one(w, day, i));
	if (i < count && w->more == 0)
		w->earliest = ends(&w->r, w->list, day);
	w->more += count - i;
	return AM_OK;
}

static AM_RESULT
owed_of(struct walk w)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	const int64_t until = w.d->now + ROUTINE_AHEAD - w.r.every[w.list];

	if (w.r.every[w.list] == LIMITS_NONE || until < 0)
		return AM_OK;
	AM_TRY(aged_each(
	    w.d->v, w.safe->safe, w.list, dates_day(until) - 1, name_some, &w));
	if (w.more == 0)
		return AM_OK;
	(void)snprintf(what, sizeof(what), "safe '%s': %u %s", w.safe->id,
	    w.more,
	    w.list == AGED_CHANGED
		? "credentials more get a new secret at the vendor"
		: "logins more are tested by two officials");
	(void)snprintf(next, sizeof(next), "amanat list %s --due", w.safe->id);
	return due_add(w.d, w.earliest, NULL, what, next);
}

enum am_err
routine_due(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		struct walk w = { .d = d, .safe = &s };
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    d->v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(routine_read(d->v, s.level, &w.r));
		w.list = AGED_CHANGED;
		AM_TRY(owed_of(w));
		w.list = AGED_TESTED;
		AM_TRY(owed_of(w));
	}
	return AM_OK;
}
