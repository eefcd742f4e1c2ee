#include "vault/acts/leaving.h"

#include "vault/acts/depart.h"
#include "vault/acts/exposed.h"
#include "vault/acts/limits.h"

enum { DAY = 86400, TEXT_MAX = 256 };

/* ---- rotations that one person has signed, and what was opened */

static AM_RESULT
second_of(struct due *d, const uint8_t what[static 20])
{
	char text[TEXT_MAX], next[TEXT_MAX], first[ROWS_ID_MAX + 1];
	struct rows_record c;
	struct rows_safe s;
	struct limits l;

	AM_TRY(rows_get_record(d->v, (struct bytes){ what, 16 }, &c));
	if (rows_get_be32(what + 16) != c.version || c.rotated == c.version)
		return AM_OK;
	AM_TRY(exposed_first_signer(d->v, &c, first));
	if (first[0] == '\0')
		return AM_OK;
	AM_TRY(rows_get_safe(d->v, (struct bytes){ c.safe, 16 }, &s));
	(void)snprintf(text, sizeof(text),
	    "'%s/%s' version %u: %s has signed the rotation, a second signer "
	    "is missing",
	    s.id, c.title, c.version, first);
	(void)snprintf(next, sizeof(next),
	    "amanat rotate %s/%s --evidence FILE", s.id, c.title);
	AM_TRY(limits_of(d->v, s.level, &l));
	return due_add(d, c.at + l.is.depart_rotate, NULL, text, next);
}

enum am_err
leaving_rotations(struct due *d)
{
	uint32_t count = 0;
	uint8_t be[4], what[20];
	const enum am_err err = rows_index_get(
	    d->v, "rotations", (struct bytes){ NULL, 0 }, be, sizeof(be));

	if (err == AM_OK)
		count = rows_get_be32(be);
	else if (err != AM_ERR_NOT_FOUND)
		return err;
	for (uint32_t i = 0; i < count; i++) {
		AM_TRY(due_nth(d, "rotation-n", i, what, sizeof(what)));
		AM_TRY(second_of(d, what));
	}
	return AM_OK;
}

static enum am_err
rotate_opened(void *arg, const struct exposed *e)
{
	char what[TEXT_MAX], next[EXPOSED_TODO_MAX];
	struct due *d = arg;
	struct limits l;

	AM_TRY(limits_of(d->v, e->safe.level, &l));
	if (!e->opened || e->state != EXPOSURE_OPEN ||
	    l.is.rotate_after_open == LIMITS_NONE)
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "'%s' version %u, which '%s' opened, must be rotated", e->path,
	    e->version, e->who);
	exposed_todo(e->path, &e->record, e->version, next);
	return due_add_rotation(
	    d, e->since + l.is.rotate_after_open, e->person, what, next);
}

/* ---- people: departures, contracts */

/* Of one departure the first few, and that there are more. */
struct opens {
	struct due *d;
	unsigned count;
	int64_t earliest; /* of those that are not named */
	bool more;
};
enum { OPENS_MAX = 20 };

static enum am_err
add_open(void *arg, const struct depart_open *o)
{
	struct opens *opens = arg;

	if (opens->count++ < OPENS_MAX)
		return o->what == DEPART_EXPOSURE
		    ? due_add_rotation(opens->d, o->due, NULL, o->text, o->next)
		    : due_add(opens->d, o->due, NULL, o->text, o->next);
	if (!opens->more || o->due < opens->earliest)
		opens->earliest = o->due;
	opens->more = true;
	return AM_OK;
}

static AM_RESULT
departure_of(struct due *d, const struct rows_person *p)
{
	struct opens opens = { .d = d };
	char what[TEXT_MAX], next[TEXT_MAX];
	depart_auto left = { 0 };
	struct limits l;

	AM_TRY(depart_find(d->s, p->id, &left));
	AM_TRY(depart_each_open(d->s, d->v, &left, add_open, &opens));
	if (opens.more) {
		(void)snprintf(what, sizeof(what),
		    "the departure of '%s': %u things more are open", p->id,
		    opens.count - OPENS_MAX);
		(void)snprintf(
		    next, sizeof(next), "amanat depart --status %s", p->id);
		return due_add(d, opens.earliest, NULL, what, next);
	}
	if (opens.count > 0)
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "the departure of '%s': nothing is open any more, close it", p->id);
	(void)snprintf(next, sizeof(next), "amanat depart --close %s", p->id);
	AM_TRY(limits_of(d->v, "baseline", &l));
	return due_add(
	    d, left.effective + l.is.depart_rotate, NULL, what, next);
}

/* The departure is closed; a risk that was accepted with it was accepted for a
 * time, and is owed again from then on. */
static enum am_err
accepted_ends(void *arg, const struct exposed *e)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct due *d = arg;

	if (e->until == 0 || e->until > d->now + (int64_t)30 * DAY)
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "'%s' version %u, which '%s' knows: accepted until then, must be "
	    "rotated",
	    e->path, e->version, e->who);
	(void)snprintf(
	    next, sizeof(next), "amanat rotate %s --evidence FILE", e->path);
	return due_add_rotation(d, e->until, NULL, what, next);
}

static AM_RESULT
contract_of(struct due *d, const struct rows_person *p)
{
	static const int stages[] = { 7, 14, 30, 60, 90 };
	const int64_t left = p->until - d->now;
	char what[TEXT_MAX], next[TEXT_MAX];

	if (p->until == 0 || left > (int64_t)90 * DAY)
		return AM_OK;
	(void)snprintf(next, sizeof(next),
	    "amanat depart %s --effective TIME --kind contract-end --reason "
	    "TEXT",
	    p->id);
	(void)snprintf(what, sizeof(what),
	    "the contract of '%s' (sponsor '%s') has ended: record the "
	    "departure",
	    p->id, p->sponsor);
	for (size_t i = 0; left > 0 && i < AM_ARRAY_LEN(stages); i++)
		if (left <= (int64_t)stages[i] * DAY) {
			(void)snprintf(what, sizeof(what),
			    "the contract of '%s' (sponsor '%s') ends within "
			    "%d days: hand over, rotate",
			    p->id, p->sponsor, stages[i]);
			(void)snprintf(next, sizeof(next),
			    "amanat exposure --person %s", p->id);
			break;
		}
	return due_add(d, p->until, NULL, what, next);
}

static AM_RESULT
owed_for(struct due *d, const struct rows_person *p)
{
	const struct exposed_filter f = { .person = p->person,
		.opened_only = true };
	const struct exposed_filter all = { .person = p->person };

	if (p->departure == 1)
		return departure_of(d, p);
	if (p->departure == 2)
		return exposed_each(d->s, d->v, &all, accepted_ends, d);
	AM_TRY(contract_of(d, p));
	return p->openings > 0 ? exposed_each(d->s, d->v, &f, rotate_opened, d)
			       : AM_OK;
}

enum am_err
leaving_people(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.persons; i++) {
		struct rows_person p;
		uint8_t id[16];

		AM_TRY(due_nth(d, "person-n", i, id, sizeof(id)));
		AM_TRY(rows_get_person(d->v, (struct bytes){ id, 16 }, &p));
		AM_TRY(owed_for(d, &p));
	}
	return AM_OK;
}
