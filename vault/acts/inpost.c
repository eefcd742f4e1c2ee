#include "vault/acts/inpost.h"

#include "vault/acts/asked.h"
#include "vault/acts/limits.h"
#include "vault/base/when.h"
#include "vault/state/tenure.h"

enum { DAY = 86400, SHOWN_DAYS = 30, TEXT_MAX = 256 };
enum { HANDOVER_DAYS = 31 }; /* so long both posts may be held */

/* A person, and what the safes ask. */
struct holder {
	const struct rows_person *p;
	const struct asked_safes *safes;
};

static AM_RESULT
each_holder(
    struct due *d, enum am_err (*fn)(struct due *d, const struct holder *h))
{
	asked_safes_auto safes = { 0 };

	AM_TRY(asked_read(d->v, d->s->vault.safes, &safes));
	for (uint32_t i = 0; i < d->s->vault.persons; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_person p;
		const struct holder h = { &p, &safes };
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    d->v, "person-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_person(d->v, (struct bytes){ id, 16 }, &p));
		AM_TRY(fn(d, &h));
	}
	return AM_OK;
}

static AM_RESULT
ask_for_review(struct due *d, int64_t at, const char *id, const char *what)
{
	char next[TEXT_MAX];

	(void)snprintf(next, sizeof(next),
	    "amanat review --person %s --finding TEXT (not %s)", id, id);
	return due_add(d, at, NULL, what, next);
}

/* ---- still in post? */

/* When this one is to be confirmed; QUORUM_NO_END: it need not be. */
static int64_t
confirm_at(const struct rows_person *p, const struct rows_appointment *a,
    int64_t interval, int64_t now)
{
	const int64_t from = tenure_from(a), until = tenure_until(a);
	const int64_t last = p->reviewed > from ? p->reviewed : from;
	const int64_t at = last + interval;

	/* one that has an end asks by ending */
	return from > now || until <= now || until <= at ? QUORUM_NO_END : at;
}

/* The one that is to be confirmed first; one review confirms all. */
static AM_RESULT
first_of(const struct due *d, const struct rows_person *p, int64_t interval,
    int64_t *at, struct rows_appointment *out)
{
	*at = QUORUM_NO_END;
	for (uint32_t i = 0; i < p->appointments; i++) {
		struct rows_appointment a;
		int64_t when;

		AM_TRY(tenure_nth(d->v, p->person, i, &a));
		when = confirm_at(p, &a, interval, d->now);
		if (when < *at) {
			*at = when;
			*out = a;
		}
	}
	return AM_OK;
}

static enum am_err
confirm(struct due *d, const struct holder *h)
{
	char what[TEXT_MAX];
	struct rows_appointment a;
	struct rows_post post;
	struct asked asks;
	int64_t at = 0;

	asked_of(h->safes, h->p->person, &asks);
	if (h->p->departure != 0 || asks.appointment_confirm == LIMITS_NONE)
		return AM_OK;
	AM_TRY(first_of(d, h->p, asks.appointment_confirm, &at, &a));
	if (at == QUORUM_NO_END || at > d->now + (int64_t)SHOWN_DAYS * DAY)
		return AM_OK;
	AM_TRY(tenure_post(d->v, a.post, &post));
	(void)snprintf(what, sizeof(what),
	    "is '%s' still in post? '%s' (order %s) is to be confirmed by "
	    "another official",
	    h->p->id, post.id, a.order);
	return ask_for_review(d, at, h->p->id, what);
}

enum am_err
inpost_confirm(struct due *d)
{
	return each_holder(d, confirm);
}

/* ---- who moved */

/* Is `post` the other one, or has come in its place? Then nobody moved. */
static AM_RESULT
is_same_office(const struct due *d, uint32_t post, uint32_t other, bool *out)
{
	*out = false;
	for (size_t i = 0; i < TENURE_CHAIN_MAX && post != 0; i++) {
		struct rows_post p;

		*out |= post == other;
		AM_TRY(tenure_post(d->v, post, &p));
		post = p.succeeds;
	}
	return AM_OK;
}

/* Does the person still hold that post now, by whichever order? */
static AM_RESULT
is_held(
    const struct due *d, const struct rows_person *p, uint32_t post, bool *out)
{
	*out = false;
	for (uint32_t i = 0; i < p->appointments && !*out; i++) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(d->v, p->person, i, &a));
		if (tenure_from(&a) <= d->now && tenure_until(&a) > d->now)
			AM_TRY(is_same_office(d, a.post, post, out));
	}
	return AM_OK;
}

/* Both are of one person, in different offices, and `new` is in force and
 * began later. A second substantive post takes the place of the first, whatever
 * its order says. Of other charges the first one is over, and the next was
 * taken up at about that time: who only lost one did not move. */
static AM_RESULT
between(const struct due *d, const struct rows_person *p,
    const struct rows_appointment *old, const struct rows_appointment *new,
    int64_t *io)
{
	const int64_t left = tenure_until(old), came = tenure_from(new);
	int64_t at = left > came ? left : came;
	bool stayed = false;

	if (old->kind == ROWS_SUBSTANTIVE && new->kind == ROWS_SUBSTANTIVE)
		at = came;
	else if (left > d->now || came < left - (int64_t)HANDOVER_DAYS * DAY)
		return AM_OK;
	else
		AM_TRY(is_held(d, p, old->post, &stayed));
	if (!stayed && at > *io)
		*io = at;
	return AM_OK;
}

static AM_RESULT
moves_from(const struct due *d, const struct rows_person *p,
    const struct rows_appointment *old, int64_t *io)
{
	for (uint32_t i = 0; i < p->appointments; i++) {
		struct rows_appointment new;
		bool same = false;

		AM_TRY(tenure_nth(d->v, p->person, i, &new));
		if (tenure_from(&new) > d->now ||
		    tenure_until(&new) <= d->now ||
		    tenure_from(&new) <= tenure_from(old))
			continue;
		AM_TRY(is_same_office(d, new.post, old->post, &same));
		if (!same)
			AM_TRY(between(d, p, old, &new, io));
	}
	return AM_OK;
}

/* The last move that the appointments show; 0: none. */
static AM_RESULT
last_move(const struct due *d, const struct rows_person *p, int64_t *out)
{
	*out = 0;
	for (uint32_t i = 0; i < p->appointments; i++) {
		struct rows_appointment old;

		AM_TRY(tenure_nth(d->v, p->person, i, &old));
		AM_TRY(moves_from(d, p, &old, out));
	}
	return AM_OK;
}

static enum am_err
moved(struct due *d, const struct holder *h)
{
	char what[TEXT_MAX], day[WHEN_TEXT_LEN + 1];
	const struct rows_person *p = h->p;
	int64_t at = 0, review = LIMITS_NONE;

	if (p->departure == 0)
		AM_TRY(last_move(d, p, &at));
	if (at <= p->reviewed)
		at = 0;
	at = p->moved > at ? p->moved : at;
	if (at == 0)
		return AM_OK;
	AM_TRY(asked_of_mover(h->safes, d->v, p->person, &review));
	if (review == LIMITS_NONE)
		return AM_OK;
	when_text(at, day);
	(void)snprintf(what, sizeof(what),
	    "'%s' moved to another post at %s: what they may do and know is "
	    "to be looked through by another official",
	    p->id, day);
	return ask_for_review(d, at + review, p->id, what);
}

enum am_err
inpost_moved(struct due *d)
{
	return each_holder(d, moved);
}
