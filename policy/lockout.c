#include "policy/lockout.h"

#include "policy/openers.h"
#include "vault/base/when.h"

enum {
	PEOPLE = QUORUM_PEOPLE_MAX,
	/* every appointment of everyone has values that one other shares */
	CAUSES_MAX = PEOPLE * QUORUM_APPOINTMENTS_MAX * LOCKOUT_BYS / 2,
	POINTS_MAX =
	    1 + 2 * PEOPLE * (QUORUM_APPOINTMENTS_MAX + LOCKOUT_SPANS_MAX)
};

/* What is judged, and the scraps that takes. */
struct work {
	struct lockout_case c;
	struct quorum_person held[PEOPLE];
	struct quorum q;
	struct openers o;
};

static unsigned
heads(uint16_t who)
{
	return (unsigned)__builtin_popcount(who);
}

static uint16_t
bit(size_t i)
{
	return (uint16_t)(1U << i);
}

static int64_t
later(int64_t t, int64_t seconds)
{
	int64_t sum;

	if (seconds < 0)
		return t;
	return __builtin_add_overflow(t, seconds, &sum) ? QUORUM_NO_END : sum;
}

static bool
in_force(const struct quorum_appointment *a, int64_t t)
{
	return a->from <= t && t < a->until;
}

static bool
is_absent(const struct lockout_person *p, int64_t t)
{
	for (size_t i = 0; i < p->absence_count; i++)
		if (p->absences[i].from <= t && t < p->absences[i].until)
			return true;
	return false;
}

static bool
is_eligible(const struct lockout_person *p, int64_t t)
{
	return !p->out && quorum_is_valid(&p->held, t) && !is_absent(p, t);
}

static uint16_t
eligible_at(const struct lockout_case *c, int64_t t)
{
	uint16_t who = 0;

	for (size_t i = 0; i < c->n; i++)
		if (is_eligible(&c->people[i], t))
			who |= bit(i);
	return who;
}

/* ---- an instant */

static void
load(struct work *w)
{
	for (size_t i = 0; i < w->c.n; i++)
		w->held[i] = w->c.people[i].held;
}

static void
judge(struct work *w, int64_t t, uint16_t eligible)
{
	quorum_at(&w->c.rule, w->held, w->c.n, t, &w->q);
	openers_of(&w->q, eligible, &w->o);
}

/* The smallest cut if person i asks. */
static unsigned
cut_asked(const struct work *w, size_t i)
{
	return openers_cut(&w->o, w->o.who & (uint16_t)~bit(i));
}

/* As the minimum judges it: for an outsider, or the worst custodian. */
static unsigned
cut_judged(const struct work *w)
{
	unsigned cut = openers_cut(&w->o, w->o.who);

	/* one person fewer can only make it smaller */
	for (size_t i = 0; i < w->c.n && !w->c.outsider_asks && cut > 0; i++)
		if ((w->o.who & bit(i)) != 0) {
			const unsigned asked = cut_asked(w, i);

			cut = asked < cut ? asked : cut;
		}
	return cut;
}

/* A group that cannot be filled without these people. */
static int
group_of(const struct work *w, uint16_t lost)
{
	const uint16_t rest = w->o.who & (uint16_t)~lost;

	for (size_t g = 0; g < w->q.group_count; g++)
		if (heads(w->q.groups[g].who & rest) < w->q.groups[g].count)
			return (int)g;
	return LOCKOUT_NO_GROUP;
}

static bool
cuts(const struct work *w, uint16_t among, uint16_t lost)
{
	return !openers_can(&w->o, among & (uint16_t)~lost);
}

static void
find_singles(const struct work *w, struct lockout_today *out)
{
	for (size_t i = 0; i < w->c.n; i++)
		if (cuts(w, out->eligible, bit(i)))
			out->singles[out->single_count++] =
			    (struct lockout_cut){ bit(i), group_of(w, bit(i)) };
}

static void
find_pairs(const struct work *w, struct lockout_today *out)
{
	uint16_t rest = out->eligible;

	for (size_t i = 0; i < out->single_count; i++)
		rest &= (uint16_t)~out->singles[i].who;
	for (size_t i = 0; i < w->c.n; i++)
		for (size_t j = i + 1; j < w->c.n; j++) {
			const uint16_t two = bit(i) | bit(j);

			if ((two & ~rest) == 0 && cuts(w, out->eligible, two))
				out->pairs[out->pair_count++] =
				    (struct lockout_cut){ two,
					    group_of(w, two) };
		}
}

static bool
is_durable(const struct lockout_case *c, const struct lockout_person *p)
{
	const int64_t end = later(c->now, c->minima.durable_horizon);

	if (p->out)
		return false;
	for (size_t i = 0; i < p->held.count; i++)
		if (p->orders[i].substantive &&
		    in_force(&p->held.appointments[i], c->now) &&
		    (p->held.appointments[i].until > end ||
			p->held.appointments[i].until == QUORUM_NO_END))
			return true;
	return p->held.count == 0;
}

static void
find_standing(const struct lockout_case *c, struct lockout_today *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct lockout_person *p = &c->people[i];

		if (is_durable(c, p))
			out->durable |= bit(i);
		if (p->out)
			out->out |= bit(i);
		else if (!quorum_is_valid(&p->held, c->now))
			out->lapsed |= bit(i);
		else if (is_absent(p, c->now))
			out->absent |= bit(i);
		else if (p->proof_until <= c->now) /* invariant 3 */
			out->overdue |= bit(i);
		else
			out->eligible |= bit(i);
	}
}

static void
find_askers(const struct work *w, struct lockout_today *out)
{
	out->cut = openers_cut(&w->o, out->eligible);
	out->worst_asker = LOCKOUT_NOBODY;
	for (size_t i = 0; i < w->c.n; i++) {
		const size_t worst = (size_t)out->worst_asker;

		out->cut_asked[i] = cut_asked(w, i);
		if (out->worst_asker == LOCKOUT_NOBODY ||
		    out->cut_asked[i] < out->cut_asked[worst] ||
		    (out->cut_asked[i] == out->cut_asked[worst] &&
			strcmp(w->c.people[i].id, w->c.people[worst].id) < 0))
			out->worst_asker = (int)i;
	}
}

/* Leaves in `w` the sets of today. */
static void
find_today(struct work *w, struct lockout_today *out)
{
	find_standing(&w->c, out);
	judge(w, w->c.now, out->eligible);
	out->possible = openers_can(&w->o, out->eligible);
	out->surplus = (int)heads(out->eligible) - w->c.rule.need;
	out->quorum_count =
	    openers_quorums(&w->o, out->quorums, LOCKOUT_QUORUMS_MAX);
	for (size_t g = 0; g < w->q.group_count; g++)
		out->holders[g] = w->q.groups[g].who & out->eligible;
	find_askers(w, out);
	if (!out->possible)
		return;
	find_singles(w, out);
	find_pairs(w, out);
}

/* ---- values that people share */

static const struct {
	const char *name;
	int attr; /* of an appointment, or -1 */
} bys[LOCKOUT_BYS] = {
	[LOCKOUT_BY_ORDER] = { "order", -1 },
	[LOCKOUT_BY_END] = { "end-date", -1 },
	[LOCKOUT_BY_EMPLOYER] = { "employer", QUORUM_EMPLOYER },
	[LOCKOUT_BY_LINE] = { "line", QUORUM_LINE },
	[LOCKOUT_BY_SITE] = { "site", QUORUM_SITE },
	[LOCKOUT_BY_MODEL] = { "token-model", -1 },
	[LOCKOUT_BY_ADVISORY] = { "token", -1 },
};

const char *
lockout_by_name(enum lockout_by by)
{
	return bys[by].name;
}

int
lockout_find_by(const char *name)
{
	for (int i = 0; i < LOCKOUT_BYS; i++)
		if (strcmp(bys[i].name, name) == 0)
			return i;
	return -1;
}

static const int64_t year_10000 = 253402300800;

/* What a person has whatever their appointments; NULL: it is of these. */
static const char *
value_of_keys(const struct lockout_person *p, enum lockout_by by)
{
	if (by == LOCKOUT_BY_MODEL)
		return p->token_model;
	if (by == LOCKOUT_BY_ADVISORY)
		return p->advised ? "advisory" : "";
	return NULL;
}

/* The value of appointment i, "": none. */
static void
value_of(const struct lockout_person *p, size_t i, enum lockout_by by,
    char out[static LOCKOUT_TEXT_MAX + 1])
{
	const struct quorum_appointment *a = &p->held.appointments[i];
	const char *text = "";
	char end[WHEN_TEXT_LEN + 1];

	if (bys[by].attr >= 0)
		text = a->attrs[bys[by].attr];
	else if (by == LOCKOUT_BY_ORDER)
		text = p->orders[i].order;
	else if (a->until >= 0 && a->until < year_10000) {
		when_text(a->until, end);
		text = end;
	}
	(void)snprintf(out, LOCKOUT_TEXT_MAX + 1, "%s", text);
}

static bool
has_now(const struct lockout_person *p, int64_t now, enum lockout_by by,
    const char *value)
{
	const char *of_keys = value_of_keys(p, by);
	char seen[LOCKOUT_TEXT_MAX + 1];

	if (of_keys != NULL)
		return strcmp(of_keys, value) == 0;
	for (size_t i = 0; i < p->held.count; i++) {
		if (!in_force(&p->held.appointments[i], now))
			continue;
		value_of(p, i, by, seen);
		if (strcmp(seen, value) == 0)
			return true;
	}
	return false;
}

/* Ends the appointments with this value as they begin: one who had an
 * appointment needs one (R13.7). Says whether there were any. */
static bool
take_appointments(
    struct lockout_person *p, enum lockout_by by, const char *value)
{
	char seen[LOCKOUT_TEXT_MAX + 1];
	bool any = false;

	for (size_t i = 0; i < p->held.count; i++) {
		value_of(p, i, by, seen);
		if (strcmp(seen, value) != 0)
			continue;
		p->held.appointments[i].until = p->held.appointments[i].from;
		any = true;
	}
	return any;
}

uint16_t
lockout_fail(struct lockout_case *c, enum lockout_by by, const char *value)
{
	char end[WHEN_TEXT_LEN + 1];
	uint16_t who = 0;
	int64_t t;

	if (*value == '\0')
		return 0;
	if (by == LOCKOUT_BY_END && when_end(value, &t) == AM_OK) {
		when_text(t, end);
		value = end;
	}
	for (size_t i = 0; i < c->n; i++) {
		struct lockout_person *p = &c->people[i];

		if (by == LOCKOUT_BY_ORDER || by == LOCKOUT_BY_END) {
			if (take_appointments(p, by, value))
				who |= bit(i);
		} else if (has_now(p, c->now, by, value)) {
			p->out = true;
			who |= bit(i);
		}
	}
	return who;
}

void
lockout_without(struct lockout_case *c, uint16_t who)
{
	for (size_t i = 0; i < c->n; i++)
		if ((who & bit(i)) != 0)
			c->people[i].out = true;
}

static uint16_t
sharing(const struct lockout_case *c, uint16_t among, enum lockout_by by,
    const char *value)
{
	uint16_t who = 0;

	for (size_t i = 0; i < c->n; i++)
		if ((among & bit(i)) != 0 &&
		    has_now(&c->people[i], c->now, by, value))
			who |= bit(i);
	return who;
}

typedef void value_fn(void *arg, enum lockout_by by, const char *value);

static void
each_value_by(const struct lockout_case *c, uint16_t among, enum lockout_by by,
    value_fn *fn, void *arg)
{
	char value[LOCKOUT_TEXT_MAX + 1];

	for (size_t i = 0; i < c->n; i++) {
		const struct lockout_person *p = &c->people[i];

		if ((among & bit(i)) == 0)
			continue;
		if (value_of_keys(p, by) != NULL) {
			fn(arg, by, value_of_keys(p, by));
			continue;
		}
		for (size_t j = 0; j < p->held.count; j++)
			if (in_force(&p->held.appointments[j], c->now)) {
				value_of(p, j, by, value);
				fn(arg, by, value);
			}
	}
}

/* Every value in force of those people, some of them several times. */
static void
each_value(
    const struct lockout_case *c, uint16_t among, value_fn *fn, void *arg)
{
	for (int by = 0; by < LOCKOUT_BYS; by++)
		each_value_by(c, among, (enum lockout_by)by, fn, arg);
}

/* ---- common causes, and rings */

/* Analysis that is under way. */
struct making {
	struct work *w; /* holds the sets of today */
	struct work *if_lost;
	struct lockout *l;
};

static void
add_cause(void *arg, enum lockout_by by, const char *value)
{
	struct making *m = arg;
	struct lockout *l = m->l;
	const uint16_t all = l->today.eligible,
		       who = sharing(&m->w->c, all, by, value);
	struct lockout_cause *new = &l->causes[l->cause_count];

	if (*value == '\0' || heads(who) < 2 || l->cause_count == CAUSES_MAX)
		return;
	for (size_t i = 0; i < l->cause_count; i++)
		if (l->causes[i].by == by &&
		    strcmp(l->causes[i].value, value) == 0)
			return;
	new->by = by;
	(void)snprintf(new->value, sizeof(new->value), "%s", value);
	new->sharing = who;
	l->cause_count++;
}

/* Who is lost then, and can the others still open? */
static void
judge_cause(struct making *m, struct lockout_cause *cause)
{
	struct work *w = m->if_lost;
	const uint16_t all = m->l->today.eligible;
	uint16_t left;

	w->c = m->w->c;
	(void)lockout_fail(&w->c, cause->by, cause->value);
	left = all & eligible_at(&w->c, w->c.now);
	cause->lost = all & (uint16_t)~left;
	load(w);
	quorum_at(&w->c.rule, w->held, w->c.n, w->c.now, &w->q);
	cause->left = quorum_holds(&w->q, left);
}

static void
add_ring(void *arg, enum lockout_by by, const char *value)
{
	struct making *m = arg;
	struct lockout *l = m->l;
	struct lockout_ring *new = &l->rings[l->ring_count];
	uint16_t who;

	if ((by != LOCKOUT_BY_EMPLOYER && by != LOCKOUT_BY_LINE &&
		by != LOCKOUT_BY_SITE) ||
	    *value == '\0' || l->ring_count == CAUSES_MAX)
		return;
	who = sharing(&m->w->c, l->today.eligible, by, value);
	if (!openers_can(&m->w->o, who))
		return;
	for (size_t i = 0; i < l->ring_count; i++)
		if (l->rings[i].by == by &&
		    strcmp(l->rings[i].value, value) == 0)
			return;
	new->by = by;
	(void)snprintf(new->value, sizeof(new->value), "%s", value);
	new->who = who;
	/* every subset of `who` but the empty one */
	for (unsigned set = who; set != 0; set = (set - 1) & who)
		new->quorum_count += m->w->o.quorums[set / 64] >> set % 64 & 1;
	l->ring_count++;
}

static int
by_cause(const void *a, const void *b)
{
	const struct lockout_cause *x = a, *y = b;

	return x->by != y->by ? (x->by < y->by ? -1 : 1)
			      : strcmp(x->value, y->value);
}

static int
by_ring(const void *a, const void *b)
{
	const struct lockout_ring *x = a, *y = b;

	return x->by != y->by ? (x->by < y->by ? -1 : 1)
			      : strcmp(x->value, y->value);
}

static void
find_shared(struct making *m)
{
	struct lockout *l = m->l;

	each_value(&m->w->c, l->today.eligible, add_cause, m);
	each_value(&m->w->c, l->today.eligible, add_ring, m);
	for (size_t i = 0; i < l->cause_count; i++)
		judge_cause(m, &l->causes[i]);
	qsort(l->causes, l->cause_count, sizeof(l->causes[0]), by_cause);
	qsort(l->rings, l->ring_count, sizeof(l->rings[0]), by_ring);
}

/* ---- the calendar */

struct instants {
	size_t count;
	int64_t at[POINTS_MAX];
};

static void
add_instant(const struct lockout_case *c, struct instants *s, int64_t t)
{
	if (t > c->now && t <= later(c->now, c->horizon) && t != QUORUM_NO_END)
		s->at[s->count++] = t;
}

static int
by_time(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* In order, each once, `now` first. */
static void
find_instants(const struct lockout_case *c, struct instants *s)
{
	size_t kept = 1;

	s->at[0] = c->now;
	s->count = 1;
	for (size_t i = 0; i < c->n; i++) {
		const struct lockout_person *p = &c->people[i];

		for (size_t j = 0; j < p->held.count; j++) {
			add_instant(c, s, p->held.appointments[j].from);
			add_instant(c, s, p->held.appointments[j].until);
		}
		for (size_t j = 0; j < p->absence_count; j++) {
			add_instant(c, s, p->absences[j].from);
			add_instant(c, s, p->absences[j].until);
		}
	}
	qsort(s->at, s->count, sizeof(s->at[0]), by_time);
	for (size_t i = 1; i < s->count; i++)
		if (s->at[i] != s->at[kept - 1])
			s->at[kept++] = s->at[i];
	s->count = kept;
}

static uint16_t
ending_at(const struct lockout_case *c, int64_t t)
{
	uint16_t who = 0;

	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; j < c->people[i].held.count; j++)
			if (c->people[i].held.appointments[j].until == t)
				who |= bit(i);
	return who;
}

size_t
lockout_ending(const struct lockout_case *c, int64_t at, const char **order)
{
	const char *common = NULL;
	bool same = true;
	size_t count = 0;

	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; j < c->people[i].held.count; j++) {
			const char *this = c->people[i].orders[j].order;

			if (c->people[i].held.appointments[j].until != at)
				continue;
			common = common == NULL ? this : common;
			same = same && strcmp(common, this) == 0;
			count++;
		}
	*order = same && common != NULL && *common != '\0' ? common : NULL;
	return count;
}

/* A cut of 0 is no cut but no quorum, for anybody who may ask. */
static unsigned
least_cut(const struct lockout_case *c)
{
	return c->minima.cut > 0 ? c->minima.cut : 1;
}

static void
sweep_point(struct work *w, struct lockout_point *p)
{
	p->eligible = eligible_at(&w->c, p->at);
	p->ending = ending_at(&w->c, p->at);
	p->surplus = (int)heads(p->eligible) - w->c.rule.need;
	judge(w, p->at, p->eligible);
	p->possible = openers_can(&w->o, p->eligible);
	p->cut = cut_judged(w);
}

static void
keep_first(size_t *first, size_t none, size_t i, bool is_bad)
{
	if (is_bad && *first == none)
		*first = i;
}

static void
free_instants(struct instants **s)
{
	free(*s);
}

static AM_RESULT
sweep(struct work *w, struct lockout *l)
{
	AM_CLEANUP(free_instants) struct instants *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return AM_ERR_NOMEM;
	find_instants(&w->c, s);
	l->points = calloc(s->count, sizeof(*l->points));
	if (l->points == NULL)
		return AM_ERR_NOMEM;
	l->point_count = s->count;
	l->first_surplus = l->first_cut = l->first_none = s->count;
	for (size_t i = 0; i < s->count; i++) {
		struct lockout_point *p = &l->points[i];

		p->at = s->at[i];
		sweep_point(w, p);
		keep_first(&l->first_none, s->count, i, !p->possible);
		keep_first(&l->first_surplus, s->count, i,
		    p->surplus < w->c.minima.head_surplus);
		keep_first(
		    &l->first_cut, s->count, i, p->cut < least_cut(&w->c));
	}
	return AM_OK;
}

/* ---- findings */

static void
add_finding(struct lockout *l, struct lockout_finding f)
{
	l->findings[l->finding_count++] = f;
}

/* Some smallest cut of those who count when `asker` asks: the first. */
static uint16_t
a_cut(const struct work *w, int asker, unsigned size)
{
	const uint16_t all = w->o.who &
	    (uint16_t) ~(asker == LOCKOUT_NOBODY ? 0 : bit((size_t)asker));

	for (unsigned set = 0; set <= all; set++)
		if ((set & ~(unsigned)all) == 0 &&
		    heads((uint16_t)set) == size && cuts(w, all, (uint16_t)set))
			return (uint16_t)set;
	return 0;
}

static void
find_low_cut(const struct work *w, struct lockout *l)
{
	const struct lockout_today *t = &l->today;
	const int asker = w->c.outsider_asks ? LOCKOUT_NOBODY : t->worst_asker;
	const unsigned cut =
	    asker == LOCKOUT_NOBODY ? t->cut : t->cut_asked[asker];
	struct lockout_finding f = { LOCKOUT_LOW_CUT, w->c.now, 0,
		LOCKOUT_NO_GROUP, asker, (int)cut, (int)least_cut(&w->c) };

	if (cut >= least_cut(&w->c))
		return;
	f.who = a_cut(w, asker, cut);
	f.group = group_of(w,
	    f.who |
		(asker == LOCKOUT_NOBODY ? (uint16_t)0 : bit((size_t)asker)));
	add_finding(l, f);
}

static void
find_short_groups(const struct work *w, struct lockout *l)
{
	for (size_t g = 0; g < w->q.group_count; g++) {
		const uint16_t who = l->today.holders[g];

		if (w->q.groups[g].count > 0 &&
		    heads(who) < w->c.minima.eligible_per_group)
			add_finding(l,
			    (struct lockout_finding){ LOCKOUT_FEW_IN_GROUP,
				w->c.now, who, (int)g, LOCKOUT_NOBODY,
				(int)heads(who),
				w->c.minima.eligible_per_group });
	}
}

/* `w` holds the sets of today. */
static void
find_today_risks(const struct work *w, struct lockout *l)
{
	const struct lockout_today *t = &l->today;
	const struct lockout_minima *m = &w->c.minima;
	const uint16_t missing = t->out | t->lapsed | t->absent | t->overdue;

	if (!t->possible)
		add_finding(l,
		    (struct lockout_finding){ LOCKOUT_NO_QUORUM, w->c.now,
			missing, LOCKOUT_NO_GROUP, LOCKOUT_NOBODY, 0, 1 });
	if (t->surplus < m->head_surplus)
		add_finding(l,
		    (struct lockout_finding){ LOCKOUT_LOW_SURPLUS, w->c.now,
			missing, LOCKOUT_NO_GROUP, LOCKOUT_NOBODY, t->surplus,
			m->head_surplus });
	if (t->possible)
		find_low_cut(w, l);
	if (heads(t->durable) < m->durable_holders)
		add_finding(l,
		    (struct lockout_finding){ LOCKOUT_FEW_DURABLE, w->c.now,
			t->durable, LOCKOUT_NO_GROUP, LOCKOUT_NOBODY,
			(int)heads(t->durable), m->durable_holders });
	find_short_groups(w, l);
}

/* What is well now, and is not at the point i. */
static void
find_later(
    struct lockout *l, enum lockout_kind kind, size_t i, int is, unsigned least)
{
	if (i == 0 || i == l->point_count)
		return;
	add_finding(l,
	    (struct lockout_finding){ kind, l->points[i].at,
		l->points[i - 1].eligible & (uint16_t)~l->points[i].eligible,
		LOCKOUT_NO_GROUP, LOCKOUT_NOBODY, is, (int)least });
}

static void
find_later_risks(const struct lockout_case *c, struct lockout *l)
{
	/* once there is no quorum the rest says nothing more */
	const size_t none = l->first_none;

	find_later(l, LOCKOUT_NO_QUORUM_LATER, none, 0, 1);
	if (l->first_surplus < none)
		find_later(l, LOCKOUT_LOW_SURPLUS_LATER, l->first_surplus,
		    l->points[l->first_surplus].surplus,
		    c->minima.head_surplus);
	if (l->first_cut < none)
		find_later(l, LOCKOUT_LOW_CUT_LATER, l->first_cut,
		    (int)l->points[l->first_cut].cut, least_cut(c));
}

/* ---- all of it */

static int
by_id(const void *a, const void *b)
{
	const struct lockout_person *x = a, *y = b;

	return strcmp(x->id, y->id);
}

void
lockout_sort(struct lockout_case *c)
{
	qsort(c->people, c->n, sizeof(c->people[0]), by_id);
}

static bool
fits(const struct lockout_case *c)
{
	if (c->n > PEOPLE || c->rule.group_count > QUORUM_GROUPS_MAX ||
	    c->rule.cap_count > QUORUM_CAPS_MAX || c->horizon < 0)
		return false;
	for (size_t g = 0; g < c->rule.group_count; g++)
		if (c->rule.groups[g].post_count > QUORUM_POSTS_MAX)
			return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->people[i].held.count > QUORUM_APPOINTMENTS_MAX ||
		    c->people[i].absence_count > LOCKOUT_SPANS_MAX)
			return false;
	return true;
}

void
lockout_free(struct lockout *l)
{
	if (l == NULL)
		return;
	free(l->points);
	free(l->causes);
	free(l->rings);
	free(l);
}

static void
free_work(struct work **w)
{
	free(*w);
}
#define work_auto AM_CLEANUP(free_work) struct work

static AM_RESULT
work_new(struct work **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? AM_OK : AM_ERR_NOMEM;
}

static AM_RESULT
lockout_new(struct lockout **out)
{
	struct lockout *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return AM_ERR_NOMEM;
	l->causes = calloc(CAUSES_MAX, sizeof(*l->causes));
	l->rings = calloc(CAUSES_MAX, sizeof(*l->rings));
	if (l->causes == NULL || l->rings == NULL) {
		lockout_free(l);
		return AM_ERR_NOMEM;
	}
	*out = l;
	return AM_OK;
}

AM_RESULT
lockout_analyze(const struct lockout_case *c, struct lockout **out)
{
	work_auto *w = NULL;
	work_auto *if_lost = NULL;
	lockout_auto *l = NULL;

	if (!fits(c))
		return AM_ERR_INVALID;
	AM_TRY(work_new(&w));
	AM_TRY(work_new(&if_lost));
	AM_TRY(lockout_new(&l));
	w->c = *c;
	load(w);
	find_today(w, &l->today);
	find_shared(&(struct making){ w, if_lost, l });
	find_today_risks(w, l);
	AM_TRY(sweep(w, l));
	find_later_risks(c, l);
	*out = AM_TAKE(l);
	return AM_OK;
}
