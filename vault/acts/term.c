/*
 * What is due because something ends: appointments, waivers, the quorum of a
 * safe; and what is to be looked at again: classes that were raised, what was
 * opened in an emergency, access.
 */

#include "vault/acts/term.h"

#include "vault/acts/exposed.h"
#include "vault/acts/limits.h"
#include "vault/acts/outlook.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"
#include "vault/state/tenure.h"

enum { DAY = 86400, TEXT_MAX = 256, QUORUM_DAYS = 90, WAIVER_DAYS = 30 };
enum { VACANT_DAYS = 183 }; /* six months (domain.md 12, scenario 5) */

static AM_RESULT
each_safe(
    struct due *d, enum am_err (*fn)(struct due *d, const struct rows_safe *s))
{
	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(due_nth(d, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(fn(d, &s));
	}
	return AM_OK;
}

/* ---- appointments: 90, 60, 30, 14 and 7 days before (domain.md 1.2) */

/* The stage that is reached; 0: none yet. */
static int
stage_of(int64_t left)
{
	static const int stages[] = { 7, 14, 30, 60, 90 };

	for (size_t i = 0; i < AM_ARRAY_LEN(stages); i++)
		if (left <= (int64_t)stages[i] * DAY)
			return stages[i];
	return 0;
}

static AM_RESULT
appointment_ends(struct due *d, const struct rows_person *p,
    const struct rows_appointment *a, bool valid)
{
	const int64_t left = a->until - d->now;
	char what[TEXT_MAX], next[TEXT_MAX];
	struct rows_post post;

	if (stage_of(left) == 0 || (left <= 0 && valid))
		return AM_OK;
	AM_TRY(tenure_post(d->v, a->post, &post));
	(void)snprintf(next, sizeof(next),
	    "amanat appoint %s %s --kind KIND --order NEW --authority TEXT "
	    "--from DATE",
	    p->id, post.id);
	if (left > 0)
		(void)snprintf(what, sizeof(what),
		    "'%s' holds '%s' (order %s) for %d days more at most: a "
		    "new order, or the substantive post",
		    p->id, post.id, a->order, stage_of(left));
	else
		(void)snprintf(what, sizeof(what),
		    "'%s' holds no post any more, '%s' (order %s) being over: "
		    "a new order, or a departure",
		    p->id, post.id, a->order);
	return due_add(d, a->until, NULL, what, next);
}

/* Is the end of this one the last end that the person has? Then it is named
 * also afterwards. */
static AM_RESULT
appointments_of(struct due *d, const struct rows_person *p)
{
	int64_t ended = 0;
	bool valid = false;

	AM_TRY(tenure_valid(d->v, p, d->now, &valid, &ended));
	for (uint32_t i = 0; i < p->appointments; i++) {
		struct rows_appointment a;
		bool followed = false;
		int64_t at = 0;

		AM_TRY(tenure_nth(d->v, p->person, i, &a));
		if (a.until == 0 || (a.until <= d->now && a.until != ended))
			continue;
		/* one that another order follows without a gap is settled */
		AM_TRY(tenure_valid(d->v, p, a.until, &followed, &at));
		if (!followed || a.until <= d->now)
			AM_TRY(appointment_ends(d, p, &a, valid));
	}
	return AM_OK;
}

enum am_err
term_appointments(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.persons; i++) {
		struct rows_person p;
		uint8_t id[16];

		AM_TRY(due_nth(d, "person-n", i, id, sizeof(id)));
		AM_TRY(rows_get_person(d->v, (struct bytes){ id, 16 }, &p));
		if (p.appointments > 0 && p.departure == 0)
			AM_TRY(appointments_of(d, &p));
	}
	return AM_OK;
}

/* ---- posts that nobody has held for so long: are they abolished? */

/* When each post that it fills was or will be held last. */
static AM_RESULT
fill_posts(const struct due *d, const struct rows_appointment *a, int64_t *last)
{
	const int64_t until = tenure_until(a);
	uint32_t held = a->post;

	for (size_t i = 0; i < TENURE_CHAIN_MAX && held != 0; i++) {
		struct rows_post post;

		AM_TRY(tenure_post(d->v, held, &post));
		last[held] = until > last[held] ? until : last[held];
		held = post.succeeds;
	}
	return AM_OK;
}

static AM_RESULT
last_held(const struct due *d, int64_t *last)
{
	for (uint32_t i = 0; i < d->s->vault.persons; i++) {
		struct rows_person p;
		uint8_t id[16];

		AM_TRY(due_nth(d, "person-n", i, id, sizeof(id)));
		AM_TRY(rows_get_person(d->v, (struct bytes){ id, 16 }, &p));
		for (uint32_t k = 0; k < p.appointments; k++) {
			struct rows_appointment a;

			AM_TRY(tenure_nth(d->v, p.person, k, &a));
			AM_TRY(fill_posts(d, &a, last));
		}
	}
	return AM_OK;
}

static AM_RESULT
ask_about(struct due *d, uint32_t number, int64_t last)
{
	const int64_t asked = last + (int64_t)VACANT_DAYS * DAY;
	char what[TEXT_MAX], next[TEXT_MAX], day[WHEN_TEXT_LEN + 1];
	struct rows_post p;

	if (last == 0 || last > d->now || asked > d->now)
		return AM_OK;
	AM_TRY(tenure_post(d->v, number, &p));
	when_text(last, day);
	(void)snprintf(what, sizeof(what),
	    "nobody has held the post '%s' since %.10s: is it abolished? Then "
	    "name the post that succeeds it, else appoint somebody",
	    p.id, day);
	(void)snprintf(next, sizeof(next),
	    "amanat post add ID --succeeds %s --title TEXT, then amanat "
	    "appoint",
	    p.id);
	return due_add(d, asked, NULL, what, next);
}

enum am_err
term_vacant(struct due *d)
{
	const uint32_t posts = d->s->vault.posts;
	int64_t *last = calloc((size_t)posts + 1, sizeof(*last));
	enum am_err err = last == NULL ? AM_ERR_NOMEM : last_held(d, last);

	for (uint32_t i = 1; err == AM_OK && i <= posts; i++)
		err = ask_about(d, i, last[i]);
	free(last);
	return err;
}

/* ---- safes that will have no quorum: 90 days before */

static enum am_err
quorum_of(struct due *d, const struct rows_safe *s)
{
	char what[TEXT_MAX], next[TEXT_MAX], day[WHEN_TEXT_LEN + 1];
	outlook_auto *o = NULL;
	int64_t none;
	const enum am_err err =
	    outlook_of(d->v, s, ROWS_OPERATING, d->now, OUTLOOK_HORIZON, &o);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	none = outlook_first_none(o);
	if (none == 0 || none - d->now > (int64_t)(QUORUM_DAYS + 30) * DAY)
		return AM_OK;
	when_text(none, day);
	if (none == d->now)
		(void)snprintf(what, sizeof(what),
		    "safe '%s' has NO QUORUM: enter new orders, lift "
		    "suspensions, or ask the recovery committee",
		    s->id);
	else
		(void)snprintf(what, sizeof(what),
		    "safe '%s' has no quorum from %s on: change its "
		    "committee, or enter new orders",
		    s->id, day);
	(void)snprintf(next, sizeof(next),
	    "amanat analyze %s --transition %.10s", s->id, day);
	return due_add(d, none - (int64_t)QUORUM_DAYS * DAY, NULL, what, next);
}

enum am_err
term_quorums(struct due *d)
{
	if (d->s->vault.appointments == 0)
		return AM_OK;
	return each_safe(d, quorum_of);
}

/* ---- waivers */

enum am_err
term_waivers(struct due *d)
{
	for (uint32_t i = 1; i <= d->s->vault.motions; i++) {
		char what[TEXT_MAX];
		struct rows_motion m;
		uint8_t id[32];

		AM_TRY(due_nth(d, "motion-n", i, id, sizeof(id)));
		AM_TRY(rows_get_motion(d->v, (struct bytes){ id, 32 }, &m));
		if (m.act != ROWS_WAIVE || m.status != ROWS_ENACTED ||
		    strncmp(m.rule, "X-10 ", 5) == 0 ||
		    strncmp(m.rule, "R3.9 ", 5) == 0 || m.rule_until < d->now ||
		    m.rule_until > d->now + (int64_t)WAIVER_DAYS * DAY)
			continue;
		(void)snprintf(what, sizeof(what),
		    "the waiver of '%s' (m-%u) ends", m.rule, m.number);
		AM_TRY(due_add(d, m.rule_until, NULL, what, "amanat analyze"));
	}
	return AM_OK;
}

/* ---- what can reset a credential is of its class at least */

static AM_RESULT
link_of(struct due *d, const uint8_t link[static 32])
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct rows_record from, to;
	struct rows_safe a, b;

	AM_TRY(rows_get_record(d->v, (struct bytes){ link, 16 }, &from));
	AM_TRY(rows_get_record(d->v, (struct bytes){ link + 16, 16 }, &to));
	if (to.mark <= from.mark)
		return AM_OK;
	AM_TRY(rows_get_safe(d->v, (struct bytes){ from.safe, 16 }, &a));
	AM_TRY(rows_get_safe(d->v, (struct bytes){ to.safe, 16 }, &b));
	(void)snprintf(what, sizeof(what),
	    "'%s/%s' can reset '%s/%s', which is %s: it is %s itself [X-14]",
	    a.id, from.title, b.id, to.title, levels_class_name(to.mark - 1U),
	    levels_class_name(to.mark - 1U));
	(void)snprintf(next, sizeof(next),
	    "amanat put %s/%s --new-version --class %s", a.id, from.title,
	    levels_class_name(to.mark - 1U));
	return due_add(d, to.at, NULL, what, next);
}

enum am_err
term_classes(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.links; i++) {
		uint8_t link[32];

		AM_TRY(due_nth(d, "link-n", i, link, sizeof(link)));
		AM_TRY(link_of(d, link));
	}
	return AM_OK;
}

/* ---- reviews */

static const uint8_t nothing[32];

static AM_RESULT
reviewed_at(const struct due *d, const char *what, int64_t *out)
{
	uint8_t be[8] = { 0 };
	const enum am_err err = rows_index_get(d->v, "review",
	    (struct bytes){ (const uint8_t *)what, strlen(what) }, be,
	    sizeof(be));

	*out = (int64_t)rows_get_be64(be);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* What was opened by break-glass is rotated and reviewed, at every level. */
static AM_RESULT
emergency(struct due *d, const struct rows_request *q)
{
	char what[TEXT_MAX], next[TEXT_MAX], id[16], path[EXPOSED_PATH],
	    todo[EXPOSED_TODO_MAX];
	struct rows_record c;
	struct rows_safe s;
	struct limits l;
	int64_t at = 0;

	if (q->opens == 0)
		return AM_OK;
	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	AM_TRY(reviewed_at(d, id, &at));
	AM_TRY(rows_get_record(d->v, (struct bytes){ q->record, 16 }, &c));
	AM_TRY(rows_get_safe(d->v, (struct bytes){ q->safe, 16 }, &s));
	AM_TRY(limits_of(d->v, s.level, &l));
	(void)snprintf(what, sizeof(what),
	    "%s opened '%s/%s' by break-glass: to be reviewed by one who "
	    "neither asked nor approved",
	    id, s.id, c.title);
	(void)snprintf(
	    next, sizeof(next), "amanat review %s --finding TEXT", id);
	if (at == 0)
		AM_TRY(due_add(d, q->opened_at + DAY, NULL, what, next));
	if (c.rotated > q->version ||
	    l.is.rotate_after_open != LIMITS_NONE) /* due anyway */
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "'%s/%s' version %u, opened by break-glass (%s), must be rotated",
	    s.id, c.title, q->version, id);
	(void)snprintf(path, sizeof(path), "%s/%s", s.id, c.title);
	exposed_todo(path, &c, q->version, todo);
	return due_add(d, q->opened_at + l.is.depart_rotate, NULL, what, todo);
}

static enum am_err
access_of(struct due *d, const struct rows_safe *s)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct limits l;
	int64_t at = 0;

	if (bytes_same((struct bytes){ s->manifest, 32 },
		(struct bytes){ nothing, 32 }))
		return AM_OK; /* nobody has access yet */
	AM_TRY(reviewed_at(d, s->id, &at));
	AM_TRY(limits_of(d->v, s->level, &l));
	at = (at == 0 ? s->at : at) + l.is.access_review;
	if (l.is.access_review == LIMITS_NONE ||
	    at > d->now + (int64_t)WAIVER_DAYS * DAY)
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "safe '%s': who has access, and should they still", s->id);
	(void)snprintf(
	    next, sizeof(next), "amanat review %s --finding TEXT", s->id);
	return due_add(d, at, NULL, what, next);
}

/* Access is reviewed where a policy is in force. */
static AM_RESULT
accesses(struct due *d)
{
	static const uint8_t none[32];

	if (bytes_same((struct bytes){ d->s->vault.policy, 32 },
		(struct bytes){ none, 32 }))
		return AM_OK;
	return each_safe(d, access_of);
}

enum am_err
term_reviews(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.emergencies; i++) {
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(due_nth(d, "emergency-n", i, id, sizeof(id)));
		AM_TRY(rows_get_request(d->v, (struct bytes){ id, 32 }, &q));
		AM_TRY(emergency(d, &q));
	}
	return accesses(d);
}
