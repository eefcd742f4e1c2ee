#include <stdio.h>

#include "vault/acts/renewals.h"

#include "vault/acts/raised.h"
#include "vault/state/subindex.h"
#include "vault/state/supplier.h"
#include "vault/state/tenure.h"
#include "vault/state/vetting.h"
#include "vault/state/waiver.h"

enum { TEXT_MAX = 512, NAMED_MAX = 20 };

static bool
has_register(const struct due *d, struct rows_register *out)
{
	return subindex_register(d->v, out) == AM_OK &&
	    (out->subscriptions > 0);
}

static const uint8_t *
who(const struct raised *r)
{
	static const uint8_t nobody[16];

	return bytes_same((struct bytes){ r->person, 16 },
		   (struct bytes){ nobody, 16 })
	    ? NULL
	    : r->person;
}

/* ---- what to type */

static const char *
options_of(const struct rows_subscription *s)
{
	switch ((enum rows_sub_state)s->state) {
	case ROWS_COMPLETE:
		return "--step active --order NUMBER";
	case ROWS_IN_FORCE:
		return "--step decision --choice CHOICE";
	case ROWS_DECIDED:
		return s->choice == ROWS_RENEW
		    ? "--step renewing --order NUMBER"
		    : s->choice == ROWS_REPLACE
		    ? "--step replacing --order NUMBER"
		    : "--step ending --order NUMBER";
	case ROWS_RENEWING:
	case ROWS_REPLACING:
	case ROWS_ENDING:
		return "--step verified";
	case ROWS_VERIFIED:
		return s->choice == ROWS_RENEW
		    ? "--step active --order NUMBER --for MONTHS"
		    : "--order NUMBER --end DATE";
	case ROWS_CLOSED:
		return "";
	}
	return "";
}

void
renewals_step(
    const struct rows_subscription *s, char out[static RENEWALS_STEP_MAX])
{
	const bool closes =
	    s->state == ROWS_VERIFIED && s->choice != ROWS_RENEW;

	out[0] = '\0';
	if (s->state != ROWS_CLOSED)
		(void)snprintf(out, RENEWALS_STEP_MAX,
		    "amanat sub %s %s %s --evidence FILE",
		    closes ? "close" : "renew", s->id, options_of(s));
}

/* ---- reminders */

struct looking {
	struct due *d;
	struct raised_office office;
};

/* NULL: the post is vacant. */
static const uint8_t *
holder(const struct looking *l, uint32_t post)
{
	static const uint8_t nobody[16];

	if (post > l->office.post_count)
		return NULL;
	return bytes_same((struct bytes){ l->office.holders[post], 16 },
		   (struct bytes){ nobody, 16 })
	    ? NULL
	    : l->office.holders[post];
}

static AM_RESULT
add_control(
    struct due *d, const struct rows_subscription *s, const struct raised *r)
{
	char what[TEXT_MAX], next[TEXT_MAX];

	(void)snprintf(what, sizeof(what),
	    "'%s' (%s): a login failed, and the account is not under control "
	    "of the entity",
	    s->id, s->name);
	(void)snprintf(
	    next, sizeof(next), "amanat sub test %s --evidence FILE", s->id);
	return due_add(d, s->at, who(r), what, next);
}

static AM_RESULT
add_late(struct due *d, const struct rows_subscription *s,
    const struct raised *r, const char *what)
{
	const int32_t since = (r->ended ? r->end : r->deadline) + 1;
	char next[RENEWALS_STEP_MAX];

	renewals_step(s, next);
	return due_add(d, dates_begin(since), who(r), what, next);
}

static AM_RESULT
add_reminder(struct due *d, const struct rows_subscription *s,
    const struct raised *r, const char *what)
{
	char next[TEXT_MAX];

	(void)snprintf(next, sizeof(next),
	    "amanat sub show %s; seen: amanat sub ack %s", s->id, s->id);
	return due_add(d, dates_begin(r->since), who(r), what, next);
}

static enum am_err
look(void *arg, const struct rows_subscription *s)
{
	struct looking *l = arg;
	blob_auto text = { 0 };
	struct raised r;

	AM_TRY(raised_of(&l->office, s, &r));
	if (s->control == ROWS_NOT_CONTROLLED)
		AM_TRY(add_control(l->d, s, &r));
	AM_TRY(raised_text(&l->office, s, &r, &text));
	if (text.len == 0)
		return AM_OK;
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	return r.ended || r.missed
	    ? add_late(l->d, s, &r, (const char *)text.p)
	    : add_reminder(l->d, s, &r, (const char *)text.p);
}

static enum am_err
with_office(struct due *d, enum am_err (*fn)(struct looking *l))
{
	struct looking l = { .d = d };
	struct rows_register g;
	enum am_err err;

	if (!has_register(d, &g))
		return AM_OK;
	AM_TRY(raised_open(d->v, d->now, &l.office));
	l.office.calendar.holidays = l.office.holidays;
	err = fn(&l);
	raised_close(&l.office);
	return err;
}

static enum am_err
look_at_days(struct looking *l)
{
	return subindex_each(l->d->v, l->office.today, look, l);
}

enum am_err
renewals_raised(struct due *d)
{
	return with_office(d, look_at_days);
}

/* What became so some time today, and is late at once. */
static int64_t
today(const struct looking *l)
{
	const int64_t begin = dates_begin(l->office.today);

	return begin < l->office.now ? begin : begin - 1;
}

/* ---- vacant posts */

static enum am_err
look_at_posts(struct looking *l)
{
	static const uint8_t nobody[16];

	for (uint32_t i = 1; i <= l->office.post_count; i++) {
		const struct rows_key key = rows_key_u32(i);
		char what[TEXT_MAX], next[TEXT_MAX];
		struct rows_post p;
		uint32_t owned = 0;

		AM_TRY(subindex_count(
		    l->d->v, "sub-owned", rows_key(&key), &owned));
		if (owned == 0 ||
		    !bytes_same((struct bytes){ l->office.holders[i], 16 },
			(struct bytes){ nobody, 16 }))
			continue;
		AM_TRY(tenure_post(l->d->v, i, &p));
		(void)snprintf(what, sizeof(what),
		    "the post '%s' is vacant and owns %u subscription%s", p.id,
		    owned, owned == 1 ? "" : "s");
		(void)snprintf(next, sizeof(next),
		    "amanat appoint PERSON %s --kind KIND --order NUMBER "
		    "--authority TEXT --from DATE",
		    p.id);
		AM_TRY(due_add(l->d, today(l), NULL, what, next));
	}
	return AM_OK;
}

enum am_err
renewals_vacant(struct due *d)
{
	return with_office(d, look_at_posts);
}

/* ---- out of reach */

static AM_RESULT
say_out_of_reach(struct looking *l, const struct rows_subscription *s,
    const struct raised *r, const char *safe)
{
	char what[TEXT_MAX], next[TEXT_MAX], day[DATES_TEXT_LEN + 1];

	dates_text(dates_day(raised_instant(&l->office, r)), day);
	(void)snprintf(what, sizeof(what),
	    "'%s' (%s): on %s, when its renewal needs it, safe '%s' has no "
	    "quorum",
	    s->id, s->name, day, safe);
	(void)snprintf(next, sizeof(next), "amanat analyze %s", safe);
	return due_add(l->d, today(l), who(r), what, next);
}

/* The first few by name, and how many there are. */
static AM_RESULT
look_at_safe(struct looking *l, const struct raised_safe *of)
{
	const struct bytes id = { of->safe.safe, 16 };
	uint32_t count = 0, bad = 0;
	char what[TEXT_MAX];

	AM_TRY(subindex_count(l->d->v, "sub-safes", id, &count));
	for (uint32_t i = 0; i < count; i++) {
		const struct rows_key key = rows_key_with_u32(id, i);
		char safe[ROWS_ID_MAX + 1];
		struct rows_subscription s;
		enum raised_reach reach;
		struct raised r;
		uint8_t be[4];

		AM_TRY(rows_index_get(
		    l->d->v, "sub-safe", rows_key(&key), be, sizeof(be)));
		AM_TRY(subscription_get(l->d->v, rows_get_be32(be), &s));
		if (s.state == ROWS_CLOSED)
			continue;
		AM_TRY(raised_of(&l->office, &s, &r));
		AM_TRY(raised_reach(&l->office, &s, &r, &reach, safe));
		if (reach != RAISED_OUT_OF_REACH ||
		    strcmp(safe, of->safe.id) != 0)
			continue;
		if (bad++ < NAMED_MAX)
			AM_TRY(say_out_of_reach(l, &s, &r, safe));
	}
	if (bad <= NAMED_MAX)
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "safe '%s' has no quorum when the renewals of %u more need it",
	    of->safe.id, bad - NAMED_MAX);
	return due_add(l->d, today(l), NULL, what, "amanat sub list");
}

static enum am_err
look_at_safes(struct looking *l)
{
	for (uint32_t i = 0; i < l->office.safe_count; i++)
		if (!l->office.safes[i].sure)
			AM_TRY(look_at_safe(l, &l->office.safes[i]));
	return AM_OK;
}

enum am_err
renewals_out_of_reach(struct due *d)
{
	return with_office(d, look_at_safes);
}

/* ---- providers that are to be examined again */

enum { AHEAD = 30 * 86400 }; /* how long before it is told */

struct examining {
	struct looking *l;
	int64_t interval;
};

static enum am_err
look_at_exam(void *arg, const struct rows_subscription *s)
{
	const struct examining *x = arg;
	const int64_t at =
	    dates_begin((int32_t)s->provider.examined) + x->interval;
	struct due *d = x->l->d;
	char what[TEXT_MAX], next[TEXT_MAX], day[DATES_TEXT_LEN + 1];
	int64_t waived = 0;

	if (at > d->now + AHEAD)
		return AM_OK; /* of the same month, and later */
	AM_TRY(waiver_of(d->v, "R-15", s->id, &waived));
	if (waived > d->now)
		return AM_OK;
	dates_text((int32_t)s->provider.examined, day);
	(void)snprintf(what, sizeof(what),
	    "'%s' (%s): the supplier was examined on %s, and is to be examined "
	    "again [R-15]",
	    s->id, s->name, day);
	(void)snprintf(next, sizeof(next),
	    "amanat sub add --new-version --set id=%s --set due_diligence=DATE "
	    "--set due_diligence_hash=SHA256",
	    s->id);
	return due_add(d, at, holder(x->l, s->posts[ROWS_OWNER]), what, next);
}

/* What is asked follows from the kind, so none is read that is not owed. */
static enum am_err
look_at_exams(struct looking *l)
{
	for (uint32_t kind = 0; kind < SUBINDEX_KINDS; kind++) {
		struct rows_provider p;
		struct rows_level asked;
		struct examining x = { .l = l };
		enum am_err err;

		subindex_of_kind(kind, &p);
		err = vetting_level(l->d->v, &p, &asked);
		if (err == AM_ERR_NOT_FOUND)
			return AM_OK;
		AM_TRY(err);
		if (asked.supplier_review == LEVELS_NONE)
			continue;
		x.interval = asked.supplier_review;
		AM_TRY(subindex_exams(l->d->v, kind,
		    dates_day(l->office.now + AHEAD - x.interval), look_at_exam,
		    &x));
	}
	return AM_OK;
}

enum am_err
renewals_examined(struct due *d)
{
	return with_office(d, look_at_exams);
}

/* ---- exceptions that have ended */

static AM_RESULT
look_at_exception(struct due *d, const char *id)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct rows_subscription s;
	struct supplier_verdict j;
	const enum am_err err = subscription_find(
	    d->v, (struct bytes){ (const uint8_t *)id, strlen(id) }, &s);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(supplier_judge(d->v, s.id, s.countries, &j));
	if (s.state == ROWS_CLOSED || j.code[0] == '\0' ||
	    j.waived_until > d->now)
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "'%s' (%s): %s is on the deny list, and the exception has ended "
	    "[R-8]",
	    s.id, s.name, j.code);
	(void)snprintf(next, sizeof(next),
	    "amanat sub renew %s --step decision --choice replace --evidence "
	    "FILE",
	    s.id);
	return due_add(d, j.waived_until, NULL, what, next);
}

/* Of several waivers for one the newest is in force: it is told once. */
enum am_err
renewals_denied(struct due *d)
{
	struct rows_register g;

	if (!has_register(d, &g))
		return AM_OK;
	for (uint32_t i = d->s->vault.motions; i > 0; i--) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_motion m;
		uint8_t id[32];
		int64_t until = 0;

		AM_TRY(rows_index_get(
		    d->v, "motion-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_motion(d->v, (struct bytes){ id, 32 }, &m));
		if (m.act != ROWS_WAIVE || m.status != ROWS_ENACTED ||
		    strncmp(m.rule, "R-8 ", 4) != 0)
			continue;
		AM_TRY(waiver_until(d->v, m.rule, &until));
		if (until == m.rule_until)
			AM_TRY(look_at_exception(d, m.rule + 4));
	}
	return AM_OK;
}
