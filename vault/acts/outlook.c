#include "vault/acts/outlook.h"

#include "vault/acts/health.h"
#include "vault/acts/limits.h"
#include "vault/base/enc.h"
#include "vault/state/fitness.h"
#include "vault/state/keyring.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"
#include "vault/state/tenure.h"

enum { DAY = 86400, STEP_DAYS = 7 };

/* ---- people */

static AM_RESULT
add_held(const struct view *v, const struct rows_appointment *a,
    struct lockout_person *to)
{
	uint32_t post = a->post;

	/* one who holds a post also holds those that it succeeds */
	for (size_t i = 0; i < TENURE_CHAIN_MAX && post != 0; i++) {
		struct lockout_order *order;
		struct quorum_appointment *q;
		struct rows_post p;

		if (to->held.count == QUORUM_APPOINTMENTS_MAX)
			return AM_OK;
		order = &to->orders[to->held.count];
		q = &to->held.appointments[to->held.count++];
		AM_TRY(tenure_post(v, post, &p));
		*q = (struct quorum_appointment){ .from = tenure_from(a),
			.until = tenure_until(a),
			.post = post };
		for (size_t j = 0; j < QUORUM_ATTRS; j++)
			memcpy(
			    q->attrs[j], a->attrs[j].text, sizeof(q->attrs[j]));
		(void)snprintf(
		    order->order, sizeof(order->order), "%s", a->order);
		(void)snprintf(order->post, sizeof(order->post), "%s", p.id);
		order->substantive = a->kind == ROWS_SUBSTANTIVE;
		post = p.succeeds;
	}
	return AM_OK;
}

/* Those that are over say only that there was one. */
static AM_RESULT
read_held(const struct view *v, const struct rows_person *p, int64_t now,
    struct lockout_person *to)
{
	for (uint32_t i = p->appointments; i > 0; i--) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(v, p->person, i - 1, &a));
		if (tenure_until(&a) > now || to->held.count == 0)
			AM_TRY(add_held(v, &a, to));
	}
	return AM_OK;
}

static AM_RESULT
read_absences(const struct view *v, const struct rows_person *p, int64_t now,
    struct lockout_person *to)
{
	for (uint32_t i = p->absences;
	     i > 0 && to->absence_count < LOCKOUT_SPANS_MAX; i--) {
		struct rows_absence a;

		AM_TRY(tenure_nth_absence(v, p->person, i - 1, &a));
		if (a.until > now)
			to->absences[to->absence_count++] =
			    (struct lockout_span){ a.from, a.until };
	}
	return AM_OK;
}

/* Of a custodian's keys that work. */
struct keys_held {
	bool seen, mixed; /* any; of several models */
	bool fit, sound;  /* one as the level asks; one under no advisory */
	uint8_t model[16];
};

/* `level` NULL: nothing is asked of keys. */
static AM_RESULT
note_key(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *level, const struct rows_token *t,
    struct keys_held *k)
{
	struct rows_model m = { 0 };
	unsigned wrong = 0;
	const enum am_err err = fitness_model(v, vault, t->aaguid, &m);

	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	if (level != NULL)
		AM_TRY(fitness_of(v, vault, level, t, &wrong));
	k->mixed |= k->seen &&
	    !bytes_same((struct bytes){ k->model, 16 },
		(struct bytes){ t->aaguid, 16 });
	memcpy(k->model, t->aaguid, 16);
	k->seen = true;
	k->fit |= wrong == 0;
	k->sound |= m.advisory[0] == '\0';
	return AM_OK;
}

static AM_RESULT
note_keys(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *level, const uint8_t person[static 16],
    struct keys_held *held)
{
	struct rows_token t;
	enum am_err err;

	for (uint32_t i = 0; (err = keyring_nth(v, person, i, &t)) == AM_OK;
	     i++)
		if (t.status == ROWS_ACTIVE && t.suspended == ROWS_FREE)
			AM_TRY(note_key(v, vault, level, &t, held));
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* Invariant 3: who has no key that works, or none that is as the level asks,
 * is out; and the model of a person's keys, where they are all of one. */
static AM_RESULT
read_keys(
    const struct view *v, struct outlook *o, const struct rows_vault *vault)
{
	struct keys_held held[ROWS_N_MAX] = { 0 };
	struct rows_level level;
	const enum am_err err = fitness_asked(v, vault, &o->safe, &level);

	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	for (size_t i = 0; i < o->committee.n; i++) {
		struct lockout_person *p = &o->is.people[i];

		AM_TRY(note_keys(v, vault, err == AM_OK ? &level : NULL,
		    o->committee.members[i].person, &held[i]));
		p->unfit = !p->out && held[i].seen && !held[i].fit;
		p->advised = held[i].seen && !held[i].sound;
		p->out |= !held[i].fit;
		if (held[i].seen && !held[i].mixed)
			enc_hex((struct bytes){ held[i].model, 16 },
			    p->token_model);
	}
	return AM_OK;
}

/* When the next proof is due; of a committee that is only planned none is. */
static AM_RESULT
read_proofs(const struct view *v, uint8_t committee, struct outlook *o)
{
	struct health h;

	for (size_t i = 0; i < o->is.n; i++)
		o->is.people[i].proof_until = QUORUM_NO_END;
	if (o->planned)
		return AM_OK;
	AM_TRY(health_of(v, &o->safe, committee, o->is.now, &h));
	for (size_t i = 0; i < o->is.n; i++)
		o->is.people[i].proof_until = h.members[i].due;
	return AM_OK;
}

static AM_RESULT
read_people(const struct view *v, uint8_t committee, struct outlook *o)
{
	struct rows_vault vault;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	o->is.n = o->committee.n;
	for (size_t i = 0; i < o->is.n; i++) {
		struct lockout_person *to = &o->is.people[i];
		struct rows_person p;

		AM_TRY(rows_get_person(v,
		    (struct bytes){ o->committee.members[i].person, 16 }, &p));
		memcpy(to->id, p.id, sizeof(to->id));
		to->out = p.departure != 0 || p.suspended != ROWS_FREE;
		AM_TRY(read_held(v, &p, o->is.now, to));
		AM_TRY(read_absences(v, &p, o->is.now, to));
	}
	AM_TRY(read_proofs(v, committee, o));
	return read_keys(v, o, &vault);
}

/* ---- the rule */

/* A group is called by the wings of its posts, or by the posts. */
static AM_RESULT
name_group(
    const struct view *v, const struct quorum_group *g, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < g->post_count && at < size; i++) {
		struct rows_post p;
		const char *name;
		int n;

		AM_TRY(tenure_post(v, g->posts[i], &p));
		name = p.wing[0] != '\0' ? p.wing : p.id;
		if (strstr(out, name) != NULL)
			continue;
		n = snprintf(
		    out + at, size - at, "%s%s", at > 0 ? " or " : "", name);
		at += n > 0 ? (size_t)n : 0;
	}
	return AM_OK;
}

static AM_RESULT
read_rule(const struct view *v, uint8_t committee, struct outlook *o)
{
	enum am_err err = predicate_rules(v, o->safe.rules, &o->rules);

	o->is.rule.need = o->committee.k;
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	o->bound = true;
	if (committee == ROWS_RECOVERY)
		return AM_OK; /* posts of this office are not theirs */
	o->is.rule = o->rules.rule;
	if (o->is.rule.need < o->committee.k)
		o->is.rule.need = o->committee.k;
	for (size_t i = 0; i < o->is.rule.group_count; i++)
		AM_TRY(name_group(v, &o->is.rule.groups[i],
		    o->is.group_names[i], sizeof(o->is.group_names[i])));
	return AM_OK;
}

/* Somebody who may ask and is no custodian. */
static AM_RESULT
find_asker(const struct view *v, struct outlook *o)
{
	struct rows_vault vault;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	for (uint32_t i = 0; i < vault.persons && !o->is.outsider_asks; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_person p;
		bool valid = false;
		uint8_t id[16];
		int64_t at = 0;

		AM_TRY(rows_index_get(
		    v, "person-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_person(v, (struct bytes){ id, 16 }, &p));
		AM_TRY(tenure_valid(v, &p, o->is.now, &valid, &at));
		o->is.outsider_asks = valid && p.status == ROWS_ADMITTED &&
		    p.kind == ROWS_OFFICIAL && p.suspended == ROWS_FREE &&
		    p.departure == 0 && p.tokens > 0 &&
		    manifest_position(
			o->committee.members, o->committee.n, p.person) < 0;
	}
	return AM_OK;
}

static AM_RESULT
read_minima(const struct view *v, struct outlook *o)
{
	struct limits l;

	AM_TRY(limits_of(v, o->safe.level, &l));
	o->is.minima = (struct lockout_minima){
		.head_surplus = l.is.head_surplus_min,
		.cut = l.is.cut_min,
		.durable_holders = l.is.durable_holders_min,
		.eligible_per_group = l.is.eligible_per_required_post,
		.durable_horizon = l.is.durable_horizon,
	};
	return AM_OK;
}

/* The one in force; or, of a safe that is being set up, the one planned, for
 * that is when it is easiest to change. */
static AM_RESULT
read_committee(const struct view *v, uint8_t committee, struct outlook *o)
{
	struct rows_plan p;
	const enum am_err err = rows_get_manifest(v,
	    (struct bytes){ manifest_active(&o->safe, committee), 32 },
	    &o->committee);

	if (err != AM_ERR_NOT_FOUND || committee != ROWS_OPERATING)
		return err;
	AM_TRY(rows_get_plan(v, (struct bytes){ o->safe.plan, 32 }, &p));
	if (p.status != ROWS_PLANNED)
		return AM_ERR_NOT_FOUND;
	o->planned = true;
	o->committee.n = p.n;
	o->committee.k = p.k;
	memcpy(o->committee.members, p.members, sizeof(p.members));
	return AM_OK;
}

static AM_RESULT
fill(const struct view *v, uint8_t committee, struct outlook *o)
{
	AM_TRY(read_committee(v, committee, o));
	AM_TRY(read_rule(v, committee, o));
	AM_TRY(read_people(v, committee, o));
	AM_TRY(find_asker(v, o));
	AM_TRY(read_minima(v, o));
	lockout_sort(&o->is);
	return AM_OK;
}

AM_RESULT
outlook_of(const struct view *v, const struct rows_safe *safe,
    uint8_t committee, int64_t now, int64_t horizon, struct outlook **out)
{
	outlook_auto *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return AM_ERR_NOMEM;
	o->safe = *safe;
	o->is.now = now;
	o->is.horizon = horizon;
	AM_TRY(fill(v, committee, o));
	*out = AM_TAKE(o);
	return AM_OK;
}

/* ---- the first day without a quorum */

static bool
possible_at(const struct outlook *o, struct quorum_person *people, int64_t at)
{
	struct quorum q;
	uint16_t who = 0;

	for (size_t i = 0; i < o->is.n; i++) {
		people[i] = o->is.people[i].held;
		if (!o->is.people[i].out && quorum_is_valid(&people[i], at))
			who |= (uint16_t)(1U << i);
	}
	quorum_at(&o->is.rule, people, o->is.n, at, &q);
	return quorum_holds(&q, who);
}

int64_t
outlook_first_none(const struct outlook *o)
{
	struct quorum_person *people =
	    calloc(QUORUM_PEOPLE_MAX, sizeof(*people));
	int64_t first = 0;

	if (people != NULL && !possible_at(o, people, o->is.now))
		first = o->is.now;
	for (size_t i = 0; first != o->is.now && people != NULL && i < o->is.n;
	     i++)
		for (size_t j = 0; j < o->is.people[i].held.count; j++) {
			const int64_t at =
			    o->is.people[i].held.appointments[j].until;

			if (at > o->is.now && at <= o->is.now + o->is.horizon &&
			    (first == 0 || at < first) &&
			    !possible_at(o, people, at))
				first = at;
		}
	free(people);
	return first;
}

static bool
is_absent(const struct lockout_person *p, int64_t at)
{
	for (size_t i = 0; i < p->absence_count; i++)
		if (p->absences[i].from <= at && at < p->absences[i].until)
			return true;
	return false;
}

bool
outlook_has_gap(const struct outlook *o)
{
	for (size_t i = 0; i < o->is.n; i++)
		if (o->is.people[i].absence_count > 0 ||
		    o->is.people[i].proof_until <= o->is.now)
			return true;
	return false;
}

AM_RESULT
outlook_has_quorum(const struct outlook *o, int64_t at, bool *out)
{
	struct quorum_person *people =
	    calloc(QUORUM_PEOPLE_MAX, sizeof(*people));
	struct quorum q;
	uint16_t who = 0;

	if (people == NULL)
		return AM_ERR_NOMEM;
	for (size_t i = 0; i < o->is.n; i++) {
		const struct lockout_person *p = &o->is.people[i];

		people[i] = p->held;
		if (!p->out && quorum_is_valid(&people[i], at) &&
		    !is_absent(p, at) && p->proof_until > o->is.now)
			who |= (uint16_t)(1U << i);
	}
	quorum_at(&o->is.rule, people, o->is.n, at, &q);
	*out = quorum_holds(&q, who);
	free(people);
	return AM_OK;
}

/* ---- a mass change */

static uint16_t
leavers(const struct outlook *o, int64_t until)
{
	uint16_t who = 0;

	for (size_t i = 0; i < o->is.n; i++)
		if (!quorum_is_valid(&o->is.people[i].held, until))
			who |= (uint16_t)(1U << i);
	return who;
}

/* The `count` lowest of `who`, which are taken out of it. */
static uint16_t
take(uint16_t *who, size_t count)
{
	uint16_t taken = 0;

	for (; count > 0 && *who != 0; count--) {
		const uint16_t lowest = (uint16_t)(*who & (0U - *who));

		taken |= lowest;
		*who &= (uint16_t)~lowest;
	}
	return taken;
}

/* Backwards from the end: each step has its objection period and a week. */
void
outlook_transition(
    const struct outlook *o, int64_t until, struct outlook_change *out)
{
	const size_t most = o->committee.k - 1U;
	const int64_t week = (int64_t)STEP_DAYS * DAY,
		      span = o->rules.cooloff_change + week;
	uint16_t left = leavers(o, until);

	*out = (struct outlook_change){ .leaving = left };
	while (left != 0)
		out->steps[out->step_count++].leaving = take(&left, most);
	for (size_t i = 0; i < out->step_count; i++) {
		struct outlook_step *s = &out->steps[i];
		const int64_t after = (int64_t)(out->step_count - 1 - i);

		s->prove_by = until - after * span;
		s->plan_by = s->prove_by - span;
	}
	out->late = out->step_count > 0 && out->steps[0].plan_by < o->is.now;
}
