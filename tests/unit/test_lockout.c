/*
 * Who could lock a safe and when (domain.md 5): the worked example, then every
 * result against a plain reading of the definitions, written without the code
 * it checks, over random cases.
 */

#include "policy/lockout.h"
#include "tests/check.h"
#include "vault/base/when.h"

/* The seven of the interim office, then others. */
enum { DGC, DCA, DLP, DAU, DIO, JDA, JDC, DEP };
static const char *const ids[] = { "DGC", "DCA", "DLP", "DAU", "DIO", "JDA",
	"JDC", "DEP" };
#define P(i) (1U << (i))
enum { DAY = 86400, INTERIM = 100 };
#define ORDER "F.No. x/2022"

static uint32_t seed = 2463534242;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static int64_t
when(const char *text)
{
	int64_t t = 0;

	assert_int_equal(
	    when_parse(
		(struct bytes){ (const uint8_t *)text, strlen(text) }, &t),
	    AM_OK);
	return t;
}

static void
free_case(struct lockout_case **c)
{
	free(*c);
}
#define case_auto AM_CLEANUP(free_case) struct lockout_case

static struct lockout_case *
case_new(void)
{
	struct lockout_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	return c;
}

static struct lockout *
analyze(const struct lockout_case *c)
{
	struct lockout *l = NULL;

	assert_int_equal(lockout_analyze(c, &l), AM_OK);
	assert_non_null(l);
	return l;
}

static struct lockout_person *
add_person(struct lockout_case *c, const char *id)
{
	struct lockout_person *p = &c->people[c->n++];

	(void)snprintf(p->id, sizeof(p->id), "%s", id);
	p->proof_until = QUORUM_NO_END;
	return p;
}

static struct quorum_appointment *
add_post(struct lockout_person *p, uint32_t post, const char *order)
{
	struct lockout_order *o = &p->orders[p->held.count];
	struct quorum_appointment *a = &p->held.appointments[p->held.count++];

	a->post = post;
	a->until = QUORUM_NO_END;
	(void)snprintf(o->order, sizeof(o->order), "%s", order);
	return a;
}

static void
add_group(struct lockout_case *c, const char *name, uint8_t count,
    uint32_t post, uint32_t or_post)
{
	const size_t g = c->rule.group_count++;

	(void)snprintf(
	    c->group_names[g], sizeof(c->group_names[g]), "%s", name);
	c->rule.groups[g] =
	    (struct quorum_group){ count, 2, { post, or_post } };
}

/* Post 100 + i for person i, all of them on one order to one day. */
static void
interim_office(struct lockout_case *c, uint8_t need)
{
	c->now = when("2022-03-28T00:00:00Z");
	c->horizon = 400 * (int64_t)DAY;
	c->rule.need = need;
	c->outsider_asks = true;
	for (size_t i = DGC; i <= JDC; i++) {
		struct quorum_appointment *a = add_post(
		    add_person(c, ids[i]), INTERIM + (uint32_t)i, ORDER);

		a->from = c->now;
		a->until = when("2022-09-28T19:00:00Z");
	}
}

static void
audits(struct lockout_case *c)
{
	add_group(c, "audit", 1, INTERIM + DAU, INTERIM + JDA);
}

static void
in_person(struct lockout_case *c, const char *name, unsigned who)
{
	add_group(c, name, 1, INTERIM + who, INTERIM + who);
}

/* What the table says. */
static void
is(const struct lockout_case *c, unsigned singles, size_t pairs, unsigned pair,
    unsigned cut)
{
	lockout_auto *l = analyze(c);
	const struct lockout_today *t = &l->today;
	unsigned seen = 0;

	for (size_t i = 0; i < t->single_count; i++)
		seen |= t->singles[i].who;
	assert_true(t->possible);
	assert_int_equal(seen, singles);
	assert_int_equal(t->pair_count, pairs);
	if (pairs > 0)
		assert_int_equal(t->pairs[0].who, pair);
	assert_int_equal(t->cut, cut);
	/* the first instant without quorum, under every rule */
	assert_int_equal(
	    l->points[l->first_none].at, when("2022-09-28T19:00:00Z"));
	assert_int_equal(l->points[l->first_none].ending, 0x7f);
	assert_int_equal(l->first_none, 1);
}

/* ---- refusals */

static void
what_does_not_fit_is_refused(void **state)
{
	struct lockout *l = NULL;
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	c->n = QUORUM_PEOPLE_MAX + 1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	c->n = 7;
	c->people[6].held.count = QUORUM_APPOINTMENTS_MAX + 1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	c->people[6].held.count = 1;
	c->people[6].absence_count = LOCKOUT_SPANS_MAX + 1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	c->people[6].absence_count = 0;
	c->rule.group_count = QUORUM_GROUPS_MAX + 1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	c->rule.group_count = 1;
	c->rule.groups[0].post_count = QUORUM_POSTS_MAX + 1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	c->rule.group_count = 0;
	c->rule.cap_count = QUORUM_CAPS_MAX + 1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	c->rule.cap_count = 0;
	c->horizon = -1;
	assert_int_equal(lockout_analyze(c, &l), AM_ERR_INVALID);
	assert_null(l);
}

static const struct lockout_finding *
found(const struct lockout *l, enum lockout_kind kind)
{
	for (size_t i = 0; i < l->finding_count; i++)
		if (l->findings[i].kind == kind)
			return &l->findings[i];
	return NULL;
}

static void
nobody_can_open_a_safe_of_nobody(void **state)
{
	case_auto *c = case_new();

	(void)state;
	c->rule.need = 2;
	lockout_auto *l = analyze(c);
	assert_false(l->today.possible);
	assert_int_equal(l->today.cut, 0);
	assert_int_equal(l->today.surplus, -2);
	assert_int_equal(l->today.worst_asker, LOCKOUT_NOBODY);
	assert_non_null(found(l, LOCKOUT_NO_QUORUM));
	assert_non_null(found(l, LOCKOUT_LOW_SURPLUS));
}

/* ---- the worked example, 5.2 */

static void
three_of_seven(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	is(c, 0, 0, 0, 5);
}

static void
three_of_seven_and_one_from_audits(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	audits(c);
	is(c, 0, 1, P(DAU) | P(JDA), 2);
}

static void
three_of_seven_and_director_audits_in_person(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	in_person(c, "audit", DAU);
	is(c, P(DAU), 0, 0, 1);
}

static void
four_of_seven(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 4);
	is(c, 0, 0, 0, 4);
}

static void
maximum(struct lockout_case *c)
{
	interim_office(c, 4);
	audits(c);
	in_person(c, "legal", DLP);
	c->minima =
	    (struct lockout_minima){ 3, 2, 4, 2, .durable_horizon = 90 * DAY };
}

static void
four_of_seven_audits_and_director_legal_in_person(void **state)
{
	case_auto *c = case_new();

	(void)state;
	maximum(c);
	is(c, P(DLP), 1, P(DAU) | P(JDA), 1);
}

/* The output of 5.3. */
static void
what_the_output_says(void **state)
{
	const struct lockout_finding *f;
	const char *order = NULL;
	case_auto *c = case_new();

	(void)state;
	maximum(c);
	lockout_auto *l = analyze(c);
	assert_int_equal(l->today.surplus, 3);
	assert_int_equal(l->today.singles[0].group, 1);
	assert_string_equal(c->group_names[1], "legal");
	assert_int_equal(l->today.holders[1], P(DLP));
	assert_int_equal(l->today.pairs[0].group, 0);
	assert_int_equal(l->today.quorum_count, 16);
	assert_int_equal(l->today.durable, 0);

	f = found(l, LOCKOUT_LOW_CUT);
	assert_non_null(f);
	assert_int_equal(f->is, 1);
	assert_int_equal(f->least, 2);
	assert_int_equal(f->who, P(DLP));
	assert_int_equal(f->group, 1);
	assert_int_equal(f->asker, LOCKOUT_NOBODY);
	f = found(l, LOCKOUT_FEW_DURABLE);
	assert_non_null(f);
	assert_int_equal(f->is, 0);
	assert_int_equal(f->least, 4);
	f = found(l, LOCKOUT_FEW_IN_GROUP);
	assert_non_null(f);
	assert_int_equal(f->group, 1);
	assert_int_equal(f->is, 1);
	f = found(l, LOCKOUT_NO_QUORUM_LATER);
	assert_non_null(f);
	assert_int_equal(f->at, when("2022-09-28T19:00:00Z"));
	assert_int_equal(f->who, 0x7f);
	assert_int_equal(lockout_ending(c, f->at, &order), 7);
	assert_string_equal(order, ORDER);
	assert_null(found(l, LOCKOUT_NO_QUORUM));
	assert_null(found(l, LOCKOUT_LOW_SURPLUS));

	/* the same cause: order and end date */
	assert_int_equal(l->cause_count, 2);
	assert_int_equal(l->causes[0].by, LOCKOUT_BY_ORDER);
	assert_string_equal(l->causes[0].value, ORDER);
	assert_int_equal(l->causes[0].lost, 0x7f);
	assert_false(l->causes[0].left);
	assert_int_equal(l->causes[1].by, LOCKOUT_BY_END);
	assert_string_equal(l->causes[1].value, "2022-09-28T19:00:00Z");
}

/* Shapes of the levels: so many people of post 1, 2, 3 and one that no group
 * asks for, each in the line of the post. */
static void
shape(struct lockout_case *c, uint8_t need, uint8_t cap, size_t groups,
    const size_t *sizes)
{
	static const char *const names[] = { "owner", "audit", "legal" };

	c->rule.need = need;
	c->rule.caps[c->rule.cap_count++] =
	    (struct quorum_cap){ QUORUM_LINE, cap };
	for (size_t g = 0; g < 4; g++) {
		if (g < groups)
			add_group(
			    c, names[g], 1, (uint32_t)g + 1, (uint32_t)g + 1);
		for (size_t i = 0; i < sizes[g]; i++) {
			const char id[] = { (char)('a' + g), (char)('0' + i),
				'\0' };
			struct quorum_appointment *a;

			a = add_post(add_person(c, id), (uint32_t)g + 1, "");
			(void)snprintf(a->attrs[QUORUM_LINE],
			    sizeof(a->attrs[QUORUM_LINE]), "line %zu", g);
		}
	}
}

/* The shape's smallest cut; `asking`: these people drop it to 1. */
static void
is_shape(const struct lockout_case *c, size_t pairs, unsigned asking)
{
	lockout_auto *l = analyze(c);

	assert_int_equal(l->today.single_count, 0);
	assert_int_equal(l->today.pair_count, pairs);
	assert_int_equal(l->today.cut, 2);
	for (size_t i = 0; i < c->n; i++)
		assert_int_equal(
		    l->today.cut_asked[i], (asking >> i & 1) != 0 ? 1 : 2);
}

static void
level_2_shape(void **state)
{
	case_auto *c = case_new();

	(void)state;
	shape(c, 2, 1, 2, (const size_t[]){ 2, 2, 0, 0 });
	is_shape(c, 2, 0xf);
}

static void
level_3_shape(void **state)
{
	case_auto *c = case_new();

	(void)state;
	shape(c, 3, 2, 2, (const size_t[]){ 2, 2, 0, 1 });
	is_shape(c, 2, 0xf);
}

static void
level_4_shape(void **state)
{
	case_auto *c = case_new();

	(void)state;
	shape(c, 4, 2, 3, (const size_t[]){ 2, 2, 2, 1 });
	is_shape(c, 3, 0x3f);
}

/* "same shapes, owner x3, an owner asks: several pairs, 2" */
static void
with_three_owners_an_owner_may_ask(void **state)
{
	static const struct {
		uint8_t need, cap;
		size_t groups, sizes[4];
	} shapes[] = { { 2, 1, 2, { 3, 2 } }, { 3, 2, 2, { 3, 2 } },
		{ 4, 2, 3, { 3, 2, 2 } } };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(shapes); i++) {
		case_auto *c = case_new();

		shape(c, shapes[i].need, shapes[i].cap, shapes[i].groups,
		    shapes[i].sizes);
		lockout_auto *l = analyze(c);
		for (size_t owner = 0; owner < 3; owner++)
			assert_int_equal(l->today.cut_asked[owner], 2);

		/* seen by the one who asks */
		lockout_without(c, 1);
		lockout_auto *asked = analyze(c);
		assert_int_equal(asked->today.cut, 2);
		assert_in_range(asked->today.pair_count, 2, 6);
	}
}

static void
a_custodian_who_asks_is_judged_when_no_outsider_may(void **state)
{
	const struct lockout_finding *f;
	case_auto *c = case_new();

	(void)state;
	shape(c, 3, 2, 2, (const size_t[]){ 2, 2, 0, 1 });
	c->minima.cut = 2;
	lockout_auto *inside = analyze(c);
	f = found(inside, LOCKOUT_LOW_CUT);
	assert_non_null(f);
	assert_int_equal(f->is, 1);
	assert_int_equal(f->asker, 0);
	assert_int_equal(f->who, 2);
	assert_int_equal(f->group, 0);
	assert_int_equal(inside->today.worst_asker, 0);
	assert_int_equal(inside->points[0].cut, 1);

	c->outsider_asks = true;
	lockout_auto *outside = analyze(c);
	assert_null(found(outside, LOCKOUT_LOW_CUT));
	assert_int_equal(outside->finding_count, 0);
	assert_int_equal(outside->points[0].cut, 2);
}

/* ---- what if */

static void
without_director_legal_there_is_no_quorum(void **state)
{
	const struct lockout_finding *f;
	case_auto *c = case_new();

	(void)state;
	maximum(c);
	lockout_without(c, P(DLP));
	lockout_auto *l = analyze(c);
	f = found(l, LOCKOUT_NO_QUORUM);
	assert_non_null(f);
	assert_int_equal(f->who, P(DLP));
	assert_int_equal(l->today.out, P(DLP));
	assert_int_equal(l->today.cut, 0);
	assert_int_equal(l->today.single_count, 0);
}

static void
a_deputy_for_legal_removes_the_single_point(void **state)
{
	case_auto *c = case_new();

	(void)state;
	maximum(c);
	(void)add_post(add_person(c, "DEP"), INTERIM + DLP, "another");
	lockout_auto *l = analyze(c);
	assert_int_equal(l->today.single_count, 0);
	assert_int_equal(l->today.cut, 2);
	assert_null(found(l, LOCKOUT_LOW_CUT));
	assert_int_equal(l->today.pair_count, 2);
}

static void
a_failed_order_takes_those_who_have_nothing_else(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	for (size_t i = 0; i < 3; i++)
		(void)add_post(&c->people[i], 7, "permanent");
	lockout_auto *l = analyze(c);
	assert_int_equal(l->causes[0].by, LOCKOUT_BY_ORDER);
	assert_string_equal(l->causes[0].value, ORDER);
	assert_int_equal(l->causes[0].sharing, 0x7f);
	assert_int_equal(l->causes[0].lost, 0x78);
	assert_true(l->causes[0].left);
	assert_int_equal(l->first_none, l->point_count);

	assert_int_equal(lockout_fail(c, LOCKOUT_BY_EMPLOYER, ""), 0);
	assert_int_equal(lockout_fail(c, LOCKOUT_BY_ORDER, "none"), 0);
	/* a bare date is the last day served */
	assert_int_equal(lockout_fail(c, LOCKOUT_BY_END, "2022-09-28"), 0x7f);
	lockout_auto *after = analyze(c);
	assert_int_equal(after->today.eligible, 7);
	assert_int_equal(after->today.lapsed, 0x78);
	assert_int_equal(after->today.surplus, 0);
}

static void
names_of_causes_are_found_again(void **state)
{
	(void)state;
	for (int i = 0; i < LOCKOUT_BYS; i++)
		assert_int_equal(
		    lockout_find_by(lockout_by_name((enum lockout_by)i)), i);
	assert_int_equal(lockout_find_by("boss"), -1);
}

/* everybody whose keys are all of models under an advisory. */
static void
an_advisory_takes_whom_it_names(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 4);
	assert_int_equal(lockout_fail(c, LOCKOUT_BY_ADVISORY, "advisory"), 0);
	for (size_t i = 0; i < 4; i++)
		c->people[i].advised = true;
	assert_int_equal(lockout_fail(c, LOCKOUT_BY_ADVISORY, "model"), 0);
	assert_int_equal(lockout_fail(c, LOCKOUT_BY_ADVISORY, ""), 0);
	lockout_auto *before = analyze(c);
	assert_true(before->today.possible);
	assert_int_equal(
	    lockout_fail(c, LOCKOUT_BY_ADVISORY, "advisory"), 0x0f);
	lockout_auto *l = analyze(c);
	assert_int_equal(l->today.out, 0x0f);
	assert_false(l->today.possible);
}

static void
a_ring_is_a_line_that_could_open_alone(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	for (size_t i = 0; i < 4; i++)
		(void)snprintf(
		    c->people[i].held.appointments[0].attrs[QUORUM_LINE], 8,
		    "x");
	lockout_auto *l = analyze(c);
	assert_int_equal(l->ring_count, 1);
	assert_int_equal(l->rings[0].by, LOCKOUT_BY_LINE);
	assert_int_equal(l->rings[0].who, 0xf);
	assert_int_equal(l->rings[0].quorum_count, 4);
}

/* ---- the calendar */

static void
a_moved_end_date_reorders_the_calendar(void **state)
{
	const char *order = NULL;
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 4);
	for (size_t i = 0; i < 4; i++)
		c->people[i].held.appointments[0].until =
		    when("2022-06-30T19:00:00Z");
	lockout_auto *before = analyze(c);
	assert_int_equal(before->first_none, 1);
	assert_int_equal(before->points[1].at, when("2022-06-30T19:00:00Z"));
	assert_int_equal(before->points[1].ending, 0xf);
	assert_int_equal(lockout_ending(c, before->points[1].at, &order), 4);
	assert_string_equal(order, ORDER);
	c->people[3].orders[0].order[0] = 'G';
	assert_int_equal(lockout_ending(c, before->points[1].at, &order), 4);
	assert_null(order);
	assert_int_equal(
	    lockout_ending(c, before->points[1].at + 1, &order), 0);
	assert_null(order);

	c->people[0].held.appointments[0].until = when("2022-12-31T19:00:00Z");
	lockout_auto *after = analyze(c);
	assert_int_equal(after->first_none, 2);
	assert_int_equal(after->points[2].at, when("2022-09-28T19:00:00Z"));
	assert_int_equal(after->point_count, 4);
}

static void
an_overdue_proof_counts_today_and_not_in_the_calendar(void **state)
{
	const struct lockout_finding *f;
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 4);
	c->minima.head_surplus = 3;
	c->people[DIO].proof_until = c->now;
	c->people[DCA].proof_until = c->now + 1;
	lockout_auto *l = analyze(c);
	assert_int_equal(l->today.overdue, P(DIO));
	assert_int_equal(l->today.surplus, 2);
	f = found(l, LOCKOUT_LOW_SURPLUS);
	assert_non_null(f);
	assert_int_equal(f->who, P(DIO));
	assert_int_equal(l->points[0].surplus, 3);
	assert_int_equal(l->first_surplus, 1);
	assert_int_equal(l->first_none, 1); /* which is all that is told */
	assert_null(found(l, LOCKOUT_LOW_SURPLUS_LATER));
	assert_non_null(found(l, LOCKOUT_NO_QUORUM_LATER));
}

static void
what_ends_beyond_the_horizon_is_not_told(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 4);
	c->horizon = when("2022-09-28T18:59:59Z") - c->now;
	lockout_auto *l = analyze(c);
	assert_int_equal(l->point_count, 1);
	assert_int_equal(l->finding_count, 0);
	c->horizon++;
	lockout_auto *later = analyze(c);
	assert_int_equal(later->point_count, 2);
}

static void
durable_is_substantive_and_beyond_the_horizon(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	c->minima.durable_horizon = 90 * DAY;
	for (size_t i = 0; i < 4; i++)
		c->people[i].orders[0].substantive = true;
	c->people[1].held.appointments[0].until = c->now + 90 * DAY;
	c->people[2].held.appointments[0].until = c->now + 90 * DAY + 1;
	c->people[3].out = true;
	(void)add_person(c, "never appointed");
	lockout_auto *l = analyze(c);
	assert_int_equal(l->today.durable, P(0) | P(2) | P(7));
}

static void
two_posts_of_one_person_count_once(void **state)
{
	case_auto *c = case_new();

	(void)state;
	interim_office(c, 3);
	lockout_without(c, 0x78);
	(void)add_post(&c->people[0], 7, "Member IT");
	lockout_auto *l = analyze(c);
	assert_int_equal(l->today.surplus, 0);
	assert_int_equal(l->today.cut, 1);
	c->rule.need = 4;
	lockout_auto *four = analyze(c);
	assert_false(four->today.possible);
}

/* ---- the oracle */

struct event {
	int by; /* -1: none */
	const char *value;
};

struct oracle {
	const struct lockout_case *c;
	int64_t t;
	struct event event; /* that happens */
	uint16_t who;       /* eligible */
	bool quorum[65536], opens[65536];
};

static bool
o_takes(const struct event *e, const struct lockout_person *p, size_t i)
{
	char end[WHEN_TEXT_LEN + 1];

	if (e->by == LOCKOUT_BY_ORDER)
		return strcmp(p->orders[i].order, e->value) == 0;
	if (e->by != LOCKOUT_BY_END ||
	    p->held.appointments[i].until == QUORUM_NO_END)
		return false;
	when_text(p->held.appointments[i].until, end);
	return strcmp(end, e->value) == 0;
}

static bool
o_force(const struct oracle *o, const struct lockout_person *p, size_t i)
{
	return p->held.appointments[i].from <= o->t &&
	    p->held.appointments[i].until > o->t && !o_takes(&o->event, p, i);
}

static bool
o_has(const struct oracle *o, const struct lockout_person *p, int by,
    const char *value)
{
	static const int attr[] = { -1, -1, QUORUM_EMPLOYER, QUORUM_LINE,
		QUORUM_SITE };
	const struct event event = { by, value };

	if (by == LOCKOUT_BY_MODEL)
		return strcmp(p->token_model, value) == 0;
	if (by == LOCKOUT_BY_ADVISORY)
		return p->advised && strcmp(value, "advisory") == 0;
	for (size_t i = 0; i < p->held.count; i++)
		if (o_force(o, p, i) &&
		    (attr[by] < 0
			    ? o_takes(&event, p, i)
			    : strcmp(p->held.appointments[i].attrs[attr[by]],
				  value) == 0))
			return true;
	return false;
}

static bool
o_eligible(const struct oracle *o, const struct lockout_person *p)
{
	bool held = false, begun = false;

	for (size_t i = 0; i < p->held.count; i++) {
		held = held || o_force(o, p, i);
		begun = begun || p->held.appointments[i].from <= o->t;
	}
	for (size_t i = 0; i < p->absence_count; i++)
		if (p->absences[i].from <= o->t && p->absences[i].until > o->t)
			return false;
	return (held || !begun) && !p->out;
}

static bool
o_fill(const struct oracle *o, unsigned set, size_t g, unsigned place)
{
	const struct quorum_rule *r = &o->c->rule;

	if (g == r->group_count)
		return true;
	if (place == r->groups[g].count)
		return o_fill(o, set, g + 1, 0);
	for (size_t i = 0; i < o->c->n; i++) {
		const struct lockout_person *p = &o->c->people[i];
		bool holds = false;

		for (size_t a = 0; a < p->held.count; a++)
			for (size_t j = 0; j < r->groups[g].post_count; j++)
				holds = holds ||
				    (o_force(o, p, a) &&
					p->held.appointments[a].post ==
					    r->groups[g].posts[j]);
		if ((set & P(i)) != 0 && holds &&
		    o_fill(o, set & ~P(i), g, place + 1))
			return true;
	}
	return false;
}

static bool
o_caps(const struct oracle *o, unsigned set)
{
	for (size_t k = 0; k < o->c->rule.cap_count; k++)
		for (char v = 'a'; v <= 'c'; v++) {
			const char value[] = { v, '\0' };
			unsigned share = 0;

			for (size_t i = 0; i < o->c->n; i++) {
				const struct lockout_person *p =
				    &o->c->people[i];
				bool has = false;

				for (size_t a = 0; a < p->held.count; a++)
					has = has ||
					    (o_force(o, p, a) &&
						strcmp(p->held.appointments[a]
							   .attrs[o->c->rule
								      .caps[k]
								      .attr],
						    value) == 0);
				share += has && (set & P(i)) != 0;
			}
			if (share > o->c->rule.caps[k].max)
				return false;
		}
	return true;
}

static void
o_lay(struct oracle *o, const struct lockout_case *c, int64_t t, int by,
    const char *value, bool proofs)
{
	o->c = c;
	o->t = t;
	o->who = 0;
	for (size_t i = 0; i < c->n; i++) {
		bool lost;

		o->event = (struct event){ -1, "" };
		lost = by >= LOCKOUT_BY_EMPLOYER &&
		    o_has(o, &c->people[i], by, value);
		o->event = (struct event){ by, value };
		if (o_eligible(o, &c->people[i]) && !lost &&
		    (!proofs || c->people[i].proof_until > t))
			o->who |= (uint16_t)P(i);
	}
	for (unsigned s = 0; s < P(c->n); s++) {
		o->quorum[s] = (s & ~(unsigned)o->who) == 0 &&
		    __builtin_popcount(s) == c->rule.need && s != 0 &&
		    o_caps(o, s) && o_fill(o, s, 0, 0);
		o->opens[s] = o->quorum[s];
		for (size_t i = 0; i < c->n && !o->opens[s]; i++)
			o->opens[s] = (s & P(i)) != 0 && o->opens[s & ~P(i)];
	}
}

static unsigned
o_cut(const struct oracle *o, unsigned among)
{
	unsigned best = 99;

	for (unsigned lost = 0; lost <= among; lost++)
		if ((lost & ~among) == 0 && !o->opens[among & ~lost] &&
		    (unsigned)__builtin_popcount(lost) < best)
			best = (unsigned)__builtin_popcount(lost);
	return best;
}

static unsigned
o_cut_judged(const struct oracle *o)
{
	unsigned cut = o_cut(o, o->who);

	for (size_t i = 0; i < o->c->n && !o->c->outsider_asks; i++)
		if (o_cut(o, o->who & ~P(i)) < cut)
			cut = o_cut(o, o->who & ~P(i));
	return cut;
}

static bool
holds_cut(const struct lockout_cut *cuts, size_t count, unsigned who)
{
	for (size_t i = 0; i < count; i++)
		if (cuts[i].who == who)
			return true;
	return false;
}

static void
check_today(struct oracle *o, const struct lockout *l)
{
	const struct lockout_today *t = &l->today;
	const struct lockout_case *c = o->c;
	size_t quorums = 0, singles = 0, pairs = 0;

	assert_int_equal(t->eligible, o->who);
	assert_int_equal(
	    t->eligible | t->out | t->lapsed | t->absent | t->overdue,
	    P(c->n) - 1);
	assert_int_equal(t->possible, o->opens[o->who]);
	assert_int_equal(t->surplus, __builtin_popcount(o->who) - c->rule.need);
	assert_int_equal(t->cut, o_cut(o, o->who));
	for (unsigned s = 0; s < P(c->n); s++)
		quorums += o->quorum[s];
	assert_int_equal(t->quorum_count, quorums);
	for (size_t i = 0; i < quorums && i < LOCKOUT_QUORUMS_MAX; i++)
		assert_true(o->quorum[t->quorums[i]]);
	for (size_t i = 0; i < c->n; i++) {
		assert_int_equal(t->cut_asked[i], o_cut(o, o->who & ~P(i)));
		assert_true(t->cut_asked[t->worst_asker] <= t->cut_asked[i]);
	}
	for (size_t i = 0; i < c->n && t->possible; i++) {
		const bool is_single =
		    (o->who & P(i)) != 0 && !o->opens[o->who & ~P(i)];

		singles += is_single;
		assert_int_equal(
		    holds_cut(t->singles, t->single_count, P(i)), is_single);
		for (size_t j = 0; j < i; j++) {
			const unsigned two = P(i) | P(j);
			const bool is_pair = (two & ~(unsigned)o->who) == 0 &&
			    o->opens[o->who & ~P(i)] &&
			    o->opens[o->who & ~P(j)] &&
			    !o->opens[o->who & ~two];

			pairs += is_pair;
			assert_int_equal(
			    holds_cut(t->pairs, t->pair_count, two), is_pair);
		}
	}
	assert_int_equal(t->single_count, singles);
	assert_int_equal(t->pair_count, pairs);
}

/* Of values a, b, c, orders a, b, c and the end dates there are. */
static void
check_shared(struct oracle *o, const struct lockout *l)
{
	const struct lockout_case *c = o->c;
	size_t causes = 0, rings = 0;

	for (int by = 0; by < LOCKOUT_BYS; by++)
		for (int v = 0; v < 30; v++) {
			char value[WHEN_TEXT_LEN + 1] = { (char)('a' + v) };
			const struct lockout_cause *found_cause = NULL;
			const struct lockout_ring *found_ring = NULL;
			unsigned sharing = 0, within = 0;

			if (by == LOCKOUT_BY_END)
				when_text(v, value);
			if (by == LOCKOUT_BY_ADVISORY && v == 0)
				(void)snprintf(
				    value, sizeof(value), "advisory");
			o_lay(o, c, c->now, -1, "", true);
			for (size_t i = 0; i < c->n; i++)
				if ((o->who & P(i)) != 0 &&
				    o_has(o, &c->people[i], by, value))
					sharing |= P(i);
			for (unsigned s = 0; s < P(c->n); s++)
				within += o->quorum[s] && (s & ~sharing) == 0;
			for (size_t i = 0; i < l->cause_count; i++)
				if ((int)l->causes[i].by == by &&
				    strcmp(l->causes[i].value, value) == 0)
					found_cause = &l->causes[i];
			for (size_t i = 0; i < l->ring_count; i++)
				if ((int)l->rings[i].by == by &&
				    strcmp(l->rings[i].value, value) == 0)
					found_ring = &l->rings[i];
			assert_int_equal(found_ring != NULL,
			    within > 0 && by >= LOCKOUT_BY_EMPLOYER &&
				by <= LOCKOUT_BY_SITE);
			if (found_ring != NULL) {
				assert_int_equal(found_ring->who, sharing);
				assert_int_equal(
				    found_ring->quorum_count, within);
				rings++;
			}
			assert_int_equal(found_cause != NULL,
			    __builtin_popcount(sharing) > 1);
			if (found_cause == NULL)
				continue;
			causes++;
			assert_int_equal(found_cause->sharing, sharing);
			within = o->who;
			o_lay(o, c, c->now, by, value, true);
			assert_int_equal(
			    found_cause->lost, within & ~(unsigned)o->who);
			assert_int_equal(found_cause->left, o->opens[o->who]);
		}
	assert_int_equal(l->cause_count, causes);
	assert_int_equal(l->ring_count, rings);
}

/* Second by second. */
static void
check_calendar(struct oracle *o, const struct lockout *l)
{
	const struct lockout_case *c = o->c;
	size_t at = 0, none = l->point_count, low = none, cut = none;

	for (int64_t t = c->now; t <= c->now + c->horizon; t++) {
		if (at + 1 < l->point_count && l->points[at + 1].at == t)
			at++;
		o_lay(o, c, t, -1, "", false);
		assert_int_equal(l->points[at].eligible, o->who);
		assert_int_equal(l->points[at].possible, o->opens[o->who]);
		assert_int_equal(l->points[at].surplus,
		    __builtin_popcount(o->who) - c->rule.need);
		assert_int_equal(l->points[at].cut, o_cut_judged(o));
		if (none == l->point_count && !o->opens[o->who])
			none = at;
		if (low == l->point_count &&
		    __builtin_popcount(o->who) - c->rule.need <
			c->minima.head_surplus)
			low = at;
		if (cut == l->point_count &&
		    (o_cut_judged(o) < c->minima.cut || o_cut_judged(o) == 0))
			cut = at;
	}
	assert_int_equal(l->first_none, none);
	assert_int_equal(l->first_surplus, low);
	assert_int_equal(l->first_cut, cut);
}

static void
check_findings(struct oracle *o, const struct lockout *l)
{
	const struct lockout_case *c = o->c;
	const struct lockout_finding *f;
	size_t short_groups = 0, seen = 0;

	assert_int_equal(
	    found(l, LOCKOUT_NO_QUORUM) != NULL, !o->opens[o->who]);
	assert_int_equal(found(l, LOCKOUT_LOW_SURPLUS) != NULL,
	    l->today.surplus < c->minima.head_surplus);
	f = found(l, LOCKOUT_LOW_CUT);
	assert_int_equal(f != NULL,
	    o->opens[o->who] &&
		(o_cut_judged(o) < c->minima.cut || o_cut_judged(o) == 0));
	if (f != NULL) {
		const unsigned left = o->who & ~(unsigned)f->who &
		    ~(f->asker < 0 ? 0 : P(f->asker));

		assert_int_equal(f->is, o_cut_judged(o));
		assert_int_equal(__builtin_popcount(f->who), f->is);
		assert_false(o->opens[left]);
	}
	assert_int_equal(found(l, LOCKOUT_FEW_DURABLE) != NULL,
	    __builtin_popcount(l->today.durable) < c->minima.durable_holders);
	assert_int_equal(found(l, LOCKOUT_NO_QUORUM_LATER) != NULL,
	    l->first_none > 0 && l->first_none < l->point_count);
	assert_int_equal(found(l, LOCKOUT_LOW_SURPLUS_LATER) != NULL,
	    l->first_surplus > 0 && l->first_surplus < l->first_none);
	assert_int_equal(found(l, LOCKOUT_LOW_CUT_LATER) != NULL,
	    l->first_cut > 0 && l->first_cut < l->first_none);
	for (size_t g = 0; g < c->rule.group_count; g++)
		short_groups += c->rule.groups[g].count > 0 &&
		    __builtin_popcount(l->today.holders[g]) <
			c->minima.eligible_per_group;
	for (size_t i = 0; i < l->finding_count; i++)
		seen += l->findings[i].kind == LOCKOUT_FEW_IN_GROUP;
	assert_int_equal(seen, short_groups);
}

static void
put_letter(char *out)
{
	out[0] = (char)("\0abc"[below(4)]);
	out[1] = '\0';
}

static void
random_person(struct lockout_case *c, size_t number)
{
	const char id[] = { 'p', (char)('a' + number), '\0' };
	struct lockout_person *p;
	const unsigned posts = below(4);

	p = add_person(c, id);
	for (unsigned i = 0; i < posts; i++) {
		struct quorum_appointment *a = add_post(p, 1 + below(4), "");

		put_letter(p->orders[i].order);
		p->orders[i].substantive = below(2) == 0;
		a->from = (int64_t)below(8);
		a->until = below(3) == 0 ? QUORUM_NO_END
					 : a->from + 1 + (int64_t)below(20);
		for (size_t v = 0; v < QUORUM_ATTRS; v++)
			put_letter(a->attrs[v]);
	}
	if (below(4) == 0) {
		p->absences[0].from = (int64_t)below(20);
		p->absences[0].until =
		    below(3) == 0 ? QUORUM_NO_END : p->absences[0].from + 3;
		p->absence_count = 1;
	}
	p->out = below(12) == 0;
	if (below(5) == 0)
		p->proof_until = (int64_t)below(15);
	put_letter(p->token_model);
	p->advised = below(3) == 0;
}

static void
random_case(struct lockout_case *c, unsigned n)
{
	c->now = 5;
	c->horizon = n > 8 ? 0 : 12;
	c->outsider_asks = below(2) == 0;
	c->minima = (struct lockout_minima){ (uint8_t)below(3),
		(uint8_t)below(3), (uint8_t)below(4), (uint8_t)below(3),
		.durable_horizon = (int64_t)below(5) };
	for (size_t i = 0; i < n; i++)
		random_person(c, i);
	c->rule.need = (uint8_t)(1 + below(n < 5 ? n : 5));
	c->rule.group_count = (uint8_t)below(3);
	for (size_t g = 0; g < c->rule.group_count; g++)
		c->rule.groups[g] = (struct quorum_group){ (uint8_t)below(3), 2,
			{ 1 + below(4), 1 + below(4) } };
	c->rule.cap_count = (uint8_t)below(3);
	for (size_t k = 0; k < c->rule.cap_count; k++)
		c->rule.caps[k] =
		    (struct quorum_cap){ (enum quorum_attr)below(QUORUM_ATTRS),
			    (uint8_t)(1 + below(2)) };
}

static unsigned kinds_seen[LOCKOUT_LOW_CUT_LATER + 1], opened, pairs_seen,
    singles_seen, rings_seen;

static void
count_variety(const struct lockout *l)
{
	for (size_t i = 0; i < l->finding_count; i++)
		kinds_seen[l->findings[i].kind]++;
	opened += l->today.possible;
	singles_seen += (unsigned)l->today.single_count;
	pairs_seen += (unsigned)l->today.pair_count;
	rings_seen += (unsigned)l->ring_count;
}

static void
check_case(struct oracle *o, unsigned n)
{
	case_auto *c = case_new();

	random_case(c, n);
	lockout_auto *l = analyze(c);
	o_lay(o, c, c->now, -1, "", true);
	count_variety(l);
	check_today(o, l);
	check_findings(o, l);
	if (n > 8)
		return;
	check_shared(o, l);
	check_calendar(o, l);
}

static void
every_result_is_what_the_definitions_say(void **state)
{
	struct oracle *o = calloc(1, sizeof(*o));

	(void)state;
	assert_non_null(o);
	for (int round = 0; round < 1000; round++)
		check_case(o, 1 + below(round < 900 ? 6 : 8));
	for (int round = 0; round < 20; round++)
		check_case(o, 12 + below(3));
	for (int round = 0; round < 6; round++)
		check_case(o, 16);
	free(o);
	/* not all of one kind */
	for (size_t kind = 0; kind <= LOCKOUT_LOW_CUT_LATER; kind++)
		assert_in_range(kinds_seen[kind], 30, 990);
	assert_in_range(opened, 300, 800);
	assert_in_range(pairs_seen, 100, 100000);
	assert_in_range(singles_seen, 100, 100000);
	assert_in_range(rings_seen, 100, 100000);
}

static void
shuffled_people_give_the_same_result(void **state)
{
	(void)state;
	for (int round = 0; round < 50; round++) {
		case_auto *c = case_new();
		case_auto *moved = case_new();

		random_case(c, 8);
		*moved = *c;
		for (size_t i = 8; i-- > 1;) {
			const size_t j = below((unsigned)i + 1);
			struct lockout_person *t = malloc(sizeof(*t));

			assert_non_null(t);
			*t = moved->people[i];
			moved->people[i] = moved->people[j];
			moved->people[j] = *t;
			free(t);
		}
		lockout_auto *before = analyze(moved); /* of any order */
		lockout_sort(moved);
		lockout_auto *a = analyze(c);
		lockout_auto *b = analyze(moved);
		assert_memory_equal(&a->today, &b->today, sizeof(a->today));
		assert_int_equal(a->cause_count, b->cause_count);
		assert_int_equal(a->finding_count, b->finding_count);
		assert_memory_equal(a->causes, b->causes,
		    a->cause_count * sizeof(a->causes[0]));
		assert_memory_equal(a->findings, b->findings,
		    a->finding_count * sizeof(a->findings[0]));
		assert_int_equal(before->finding_count, a->finding_count);
		assert_int_equal(before->cause_count, a->cause_count);
		assert_int_equal(before->today.cut, a->today.cut);
		assert_int_equal(
		    before->today.quorum_count, a->today.quorum_count);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(nobody_can_open_a_safe_of_nobody),
		cmocka_unit_test(three_of_seven),
		cmocka_unit_test(three_of_seven_and_one_from_audits),
		cmocka_unit_test(three_of_seven_and_director_audits_in_person),
		cmocka_unit_test(four_of_seven),
		cmocka_unit_test(
		    four_of_seven_audits_and_director_legal_in_person),
		cmocka_unit_test(what_the_output_says),
		cmocka_unit_test(level_2_shape),
		cmocka_unit_test(level_3_shape),
		cmocka_unit_test(level_4_shape),
		cmocka_unit_test(with_three_owners_an_owner_may_ask),
		cmocka_unit_test(
		    a_custodian_who_asks_is_judged_when_no_outsider_may),
		cmocka_unit_test(without_director_legal_there_is_no_quorum),
		cmocka_unit_test(a_deputy_for_legal_removes_the_single_point),
		cmocka_unit_test(
		    a_failed_order_takes_those_who_have_nothing_else),
		cmocka_unit_test(names_of_causes_are_found_again),
		cmocka_unit_test(an_advisory_takes_whom_it_names),
		cmocka_unit_test(a_ring_is_a_line_that_could_open_alone),
		cmocka_unit_test(a_moved_end_date_reorders_the_calendar),
		cmocka_unit_test(
		    an_overdue_proof_counts_today_and_not_in_the_calendar),
		cmocka_unit_test(what_ends_beyond_the_horizon_is_not_told),
		cmocka_unit_test(durable_is_substantive_and_beyond_the_horizon),
		cmocka_unit_test(two_posts_of_one_person_count_once),
		cmocka_unit_test(every_result_is_what_the_definitions_say),
		cmocka_unit_test(shuffled_people_give_the_same_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
