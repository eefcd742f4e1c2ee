#include "vault/acts/awaited.h"

#include "vault/acts/health.h"
#include "vault/acts/lookup.h"
#include "vault/acts/owed.h"
#include "vault/base/when.h"
#include "vault/state/drill.h"
#include "vault/state/govern.h"
#include "vault/state/incident.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"
#include "vault/state/tenure.h"

enum { HOUR = 3600, DAY = 24 * HOUR, TEXT_MAX = 256 };

static const uint8_t none[32];

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

/* ---- ceremonies: join, deal, accept, each after all have done the last; then
 * to erase. The same steps as in owed.h, by plan and not by person. */

struct step {
	const char *name;
	const struct rows_member *who;
	size_t count;
	uint16_t done; /* bit i: who[i] has done it */
};

static AM_RESULT
owe_step(struct due *d, const struct rows_safe *s, const struct rows_plan *p,
    const struct step *step)
{
	char what[TEXT_MAX], next[TEXT_MAX];

	(void)snprintf(what, sizeof(what), "safe '%s', %s %u: %s", s->id,
	    p->source_committee == 0 ? "set-up, plan" : "new committee, plan",
	    p->epoch, step->name);
	(void)snprintf(next, sizeof(next), "amanat safe join %s", s->id);
	for (size_t i = 0; i < step->count; i++)
		if ((step->done >> i & 1) == 0)
			AM_TRY(due_add_for(
			    d, p->until, step->who[i].person, what, next));
	return AM_OK;
}

static uint16_t
all_of(size_t n)
{
	return (uint16_t)((1U << n) - 1);
}

static AM_RESULT
owed_to(struct due *d, const struct rows_safe *s, const uint8_t plan[static 32])
{
	char what[TEXT_MAX];
	struct rows_plan p;

	if (same(plan, none, 32))
		return AM_OK;
	AM_TRY(rows_get_plan(d->v, (struct bytes){ plan, 32 }, &p));
	if (p.status != ROWS_PLANNED || s->agreed == 0)
		return AM_OK; /* over, or a quorum decides first */
	if (p.until < d->now) {
		(void)snprintf(what, sizeof(what),
		    "safe '%s': its set-up lapsed; plan it again", s->id);
		/* A lapsed change of committee changes nothing. */
		return same(s->manifest, none, 32)
		    ? due_add(d, p.until, p.by, what, "amanat safe create")
		    : AM_OK;
	}
	if (p.joined != all_of(p.n))
		return owe_step(d, s, &p,
		    &(struct step){ "join", p.members, p.n, p.joined });
	if (p.dealt != all_of(p.dealer_count))
		return owe_step(d, s, &p,
		    &(struct step){
			"deal", p.dealers, p.dealer_count, p.dealt });
	return owe_step(
	    d, s, &p, &(struct step){ "accept", p.members, p.n, p.accepted });
}

/* R5.7: the shares of the epochs before the one in force, which began with a
 * plan: by the end of that plan. */
static AM_RESULT
owed_erasures(struct due *d, const struct rows_safe *s, uint8_t committee)
{
	const uint8_t *active = manifest_active(s, committee);
	struct step step = { "erase the old share", NULL, 0, 0 };
	struct rows_manifest now, m;
	struct rows_plan p;

	if (same(active, none, 32))
		return AM_OK;
	AM_TRY(rows_get_manifest(d->v, (struct bytes){ active, 32 }, &now));
	AM_TRY(rows_get_plan(d->v, (struct bytes){ now.plan, 32 }, &p));
	for (uint32_t e = now.epoch; e-- > 1;) {
		const enum am_err err =
		    owed_epoch(d->v, s, committee, e, &m, &step.done);

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		step.who = m.members;
		step.count = m.n;
		AM_TRY(owe_step(d, s, &p, &step));
	}
	return AM_OK;
}

/* R5.11: who was accused and has not answered. */
static AM_RESULT
owed_answers(struct due *d, const struct rows_safe *s, uint8_t committee)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct rows_manifest m;

	if (same(s->manifest, none, 32))
		return AM_OK;
	(void)snprintf(what, sizeof(what),
	    "safe '%s': answer the complaint about your deal", s->id);
	(void)snprintf(next, sizeof(next), "amanat safe join %s", s->id);
	AM_TRY(rows_get_manifest(d->v, (struct bytes){ s->manifest, 32 }, &m));
	for (size_t i = 0; i < m.n; i++) {
		const uint8_t *who = m.members[i].person;
		struct owed o;

		AM_TRY(owed_by(d->v, s, committee, who, d->now, &o));
		if (o.step == OWED_JUSTIFY)
			AM_TRY(
			    due_add_for(d, o.plan.plan.until, who, what, next));
	}
	return AM_OK;
}

static AM_RESULT
owed_in(struct due *d, const struct rows_safe *s, uint8_t committee)
{
	AM_TRY(owed_to(
	    d, s, committee == ROWS_OPERATING ? s->plan : s->recovery_plan));
	AM_TRY(owed_answers(d, s, committee));
	return owed_erasures(d, s, committee);
}

enum am_err
awaited_ceremonies(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(due_nth(d, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(owed_in(d, &s, ROWS_OPERATING));
		AM_TRY(owed_in(d, &s, ROWS_RECOVERY));
	}
	return AM_OK;
}

/* ---- votes */

static bool
has_voted(const struct rows_motion *m, const uint8_t person[static 16])
{
	for (size_t i = 0; i < m->yes_count; i++)
		if (same(m->yes[i].person, person, 16))
			return true;
	for (size_t i = 0; i < m->no_count; i++)
		if (same(m->no[i].person, person, 16))
			return true;
	return false;
}

/* It has its quorum: anyone, once it may be objected to no more. */
static AM_RESULT
put_into_effect(struct due *d, const struct rows_motion *m, const char *next)
{
	char what[TEXT_MAX], from[WHEN_TEXT_LEN + 1];
	int64_t effect = 0;

	AM_TRY(govern_effect_at(d->v, &d->s->vault, m, &effect));
	when_text(effect, from);
	if (d->now < effect)
		(void)snprintf(what, sizeof(what),
		    "motion m-%u (%s) has its quorum: objections until %s, "
		    "then "
		    "it is put into effect",
		    m->number, govern_act(m), from);
	else
		(void)snprintf(what, sizeof(what),
		    "motion m-%u (%s) has its quorum: put it into effect",
		    m->number, govern_act(m));
	return due_add(d, m->until, NULL, what, next);
}

/* R13.7: who holds no post any more decides on little, and on nothing of their
 * own. */
static AM_RESULT
may_decide(struct due *d, const struct rows_motion *m,
    const uint8_t who[static 16], bool *out)
{
	struct rows_person p;
	int64_t ended = 0;

	AM_TRY(rows_get_person(d->v, (struct bytes){ who, 16 }, &p));
	AM_TRY(tenure_valid(d->v, &p, d->now, out, &ended));
	*out |= (m->act == ROWS_APPOINT || m->act == ROWS_RESUME) &&
	    !same(m->person, who, 16);
	return AM_OK;
}

static AM_RESULT
votes_on(struct due *d, const struct rows_motion *m)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	const bool of_own = m->act == ROWS_RESUME || m->act == ROWS_CONFIRM ||
	    m->act == ROWS_UNFREEZE;
	struct rows_manifest g;
	struct rows_safe s;
	unsigned yes = 0;
	bool may = true;

	if (same(d->s->vault.governing, none, 16))
		return AM_OK;
	AM_TRY(rows_get_safe(
	    d->v, (struct bytes){ govern_safe(&d->s->vault, m), 16 }, &s));
	AM_TRY(rows_get_manifest(d->v, (struct bytes){ s.manifest, 32 }, &g));
	(void)snprintf(next, sizeof(next), "amanat approve m-%u", m->number);
	for (size_t i = 0; i < m->yes_count; i++)
		yes += manifest_position(g.members, g.n, m->yes[i].person) >= 0;
	if (yes >= g.k)
		return put_into_effect(d, m, next);
	(void)snprintf(what, sizeof(what), "motion m-%u (%s): vote", m->number,
	    govern_act(m));
	for (size_t i = 0; i < g.n; i++) {
		const uint8_t *who = g.members[i].person;

		if (has_voted(m, who) || (of_own && same(m->person, who, 16)))
			continue;
		AM_TRY(may_decide(d, m, who, &may));
		if (may)
			AM_TRY(due_add_for(d, m->until, who, what, next));
	}
	return AM_OK;
}

/* A motion lives 90 days at most. */
enum am_err
awaited_votes(struct due *d)
{
	for (uint32_t i = d->s->vault.motions; i > 0; i--) {
		struct rows_motion m;
		uint8_t id[32];

		AM_TRY(due_nth(d, "motion-n", i, id, sizeof(id)));
		AM_TRY(rows_get_motion(d->v, (struct bytes){ id, 32 }, &m));
		if (m.at < d->now - (int64_t)90 * DAY)
			break;
		if (m.status == ROWS_MOVED && m.until >= d->now)
			AM_TRY(votes_on(d, &m));
	}
	return AM_OK;
}

/* ---- requests */

static bool
has_answered(const struct rows_request *q, const uint8_t person[static 16])
{
	for (size_t i = 0; i < q->approval_count; i++)
		if (same(q->approvals[i].person, person, 16))
			return true;
	for (size_t i = 0; i < q->decline_count; i++)
		if (same(q->declines[i].person, person, 16))
			return true;
	return false;
}

static AM_RESULT
approvals_of(struct due *d, const struct rows_request *q,
    const struct rows_manifest *m, const struct predicate *p)
{
	char what[TEXT_MAX], next[TEXT_MAX], from[WHEN_TEXT_LEN + 1];

	when_text(q->cooloff_end, from);
	if (d->now < q->cooloff_end)
		(void)snprintf(what, sizeof(what),
		    "request r-%u: decline now, or approve from %s on",
		    q->number, from);
	else
		(void)snprintf(what, sizeof(what),
		    "request r-%u: approve or decline (%d of %u so far)",
		    q->number, __builtin_popcount(p->approved), q->need);
	(void)snprintf(next, sizeof(next), "amanat approve r-%u", q->number);
	for (size_t i = 0; i < m->n; i++)
		if (!same(m->members[i].person, q->by, 16) &&
		    !has_answered(q, m->members[i].person))
			AM_TRY(due_add_for(
			    d, q->until, m->members[i].person, what, next));
	return AM_OK;
}

static AM_RESULT
owed_to_request(struct due *d, struct rows_request *q)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct rows_manifest m;
	struct rows_person by;
	struct predicate p;
	struct rows_safe s;
	enum incident_hold hold = INCIDENT_FREE;
	uint32_t incident = 0;

	AM_TRY(rows_get_safe(d->v, (struct bytes){ q->safe, 16 }, &s));
	AM_TRY(rows_get_person(d->v, (struct bytes){ q->by, 16 }, &by));
	AM_TRY(rows_get_manifest(d->v, (struct bytes){ q->manifest, 32 }, &m));
	AM_TRY(predicate_read(d->v, q, &m, d->now, &p));
	AM_TRY(incident_hold_of(d->v, &d->s->vault, q, &incident, &hold));
	/* Over, though not by its date: another committee, a requester who may
	 * not open, too many refusals, a veto, a freeze. */
	if (!same(q->committee == ROWS_RECOVERY ? s.recovery : s.manifest,
		q->manifest, 32) ||
	    by.suspended != ROWS_FREE || predicate_is_declined(&p) ||
	    !same(q->vetoed, none, 16) || hold != INCIDENT_FREE)
		return AM_OK;
	if (!predicate_holds(&p))
		return approvals_of(d, q, &m, &p);
	(void)snprintf(
	    what, sizeof(what), "request r-%u: approved, open it", q->number);
	(void)snprintf(next, sizeof(next), "amanat open r-%u", q->number);
	return due_add(d, q->until, q->by, what, next);
}

/* A request lives 72 hours at most. */
enum am_err
awaited_requests(struct due *d)
{
	for (uint32_t i = d->s->vault.requests; i > 0; i--) {
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(due_nth(d, "request-n", i, id, sizeof(id)));
		AM_TRY(rows_get_request(d->v, (struct bytes){ id, 32 }, &q));
		if (q.at < d->now - (int64_t)72 * HOUR)
			break;
		if (q.status == ROWS_OPEN && q.until >= d->now)
			AM_TRY(owed_to_request(d, &q));
	}
	return AM_OK;
}

/* ---- drills that were called: a proof from every member */

static AM_RESULT
proofs_of(struct due *d, const struct rows_drill *drill)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct rows_manifest m;
	struct rows_safe s;

	AM_TRY(rows_get_safe(d->v, (struct bytes){ drill->safe, 16 }, &s));
	AM_TRY(
	    rows_get_manifest(d->v, (struct bytes){ drill->manifest, 32 }, &m));
	(void)snprintf(what, sizeof(what),
	    "safe '%s': prove that your key opens your share", s.id);
	(void)snprintf(next, sizeof(next), "amanat drill %s", s.id);
	for (size_t i = 0; i < m.n; i++) {
		const uint8_t *who = m.members[i].person;
		const struct rows_key key =
		    drill_proven_key(drill->manifest, who);
		struct rows_proven p;
		const enum am_err err =
		    rows_get_proven(d->v, rows_key(&key), &p);

		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
		if (err != AM_OK || p.leaf < drill->leaf)
			AM_TRY(due_add_for(d, drill->until, who, what, next));
	}
	return AM_OK;
}

/* A later drill of the same committee takes the place of one before; one that
 * has ended goes on being owed, by those who were to prove in it, as long as
 * that committee is in force: others proved by accepting. */
static AM_RESULT
last_drill_of(struct due *d, const struct rows_safe *s, uint8_t committee)
{
	struct rows_drill drill;
	const enum am_err err =
	    health_last_drill(d->v, s->safe, committee, &drill);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	return same(manifest_active(s, committee), drill.manifest, 32)
	    ? proofs_of(d, &drill)
	    : AM_OK;
}

enum am_err
awaited_drills(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(due_nth(d, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(last_drill_of(d, &s, ROWS_OPERATING));
		AM_TRY(last_drill_of(d, &s, ROWS_RECOVERY));
	}
	return AM_OK;
}

/* ---- proofs that are too old: who has not given one in time is not counted
 * on, and owes it though nobody has called a drill */

static AM_RESULT
old_proofs_of(struct due *d, const struct rows_safe *s, uint8_t committee)
{
	char what[TEXT_MAX], next[TEXT_MAX];
	struct health h;
	const enum am_err err = health_of(d->v, s, committee, d->now, &h);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	(void)snprintf(what, sizeof(what),
	    "safe '%s': the last proof that your key opens your share is too "
	    "old",
	    s->id);
	(void)snprintf(next, sizeof(next), "amanat drill %s%s", s->id,
	    committee == ROWS_RECOVERY ? " --recovery" : "");
	for (size_t i = 0; i < h.n; i++)
		if (h.members[i].standing == HEALTH_OVERDUE)
			AM_TRY(due_add_for(d, h.members[i].due,
			    h.members[i].person, what, next));
	return AM_OK;
}

enum am_err
awaited_proofs(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(due_nth(d, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(old_proofs_of(d, &s, ROWS_OPERATING));
		AM_TRY(old_proofs_of(d, &s, ROWS_RECOVERY));
	}
	return AM_OK;
}
