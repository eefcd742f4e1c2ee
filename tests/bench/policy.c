/*
 * What a decision costs: whether sixteen people are a quorum, laying the rule
 * over them included, and the whole analysis of a safe over 400 days with 64
 * instants at which something changes. Not of a nice rule: of thousands at
 * random the slowest, then made slower as long as small changes do. Prints;
 * fails only when it cannot measure.
 */

#include <stdio.h>
#include <time.h>

#include "policy/lockout.h"

enum { ROUNDS = 7, RULES = 10000, CLIMBS = 20000, DAY = 86400 };

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench policy: %s failed\n", what);
	abort();
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* xorshift: the same rules in every run. */
static uint32_t seed = 2463534242;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* ---- one decision */

static struct quorum_person people[QUORUM_PEOPLE_MAX];

struct decision {
	struct quorum_rule rule;
	/* of each person: a value of each attribute, and a set of groups */
	uint8_t values[QUORUM_PEOPLE_MAX][QUORUM_ATTRS];
	uint8_t groups[QUORUM_PEOPLE_MAX];
};

static void
settle(struct decision *d)
{
	unsigned places = 0;

	for (size_t g = 0; g < d->rule.group_count; g++) {
		d->rule.groups[g].post_count = 1;
		d->rule.groups[g].posts[0] = (uint32_t)g;
		places += d->rule.groups[g].count;
	}
	while (places > d->rule.need)
		places -= d->rule.groups[--d->rule.group_count].count;
}

static void
random_decision(struct decision *d)
{
	*d = (struct decision){ .rule = { .need = (uint8_t)(2 + below(12)),
				    .group_count = (uint8_t)below(9),
				    .cap_count = (uint8_t)(2 + below(3)) } };
	for (size_t g = 0; g < QUORUM_GROUPS_MAX; g++)
		d->rule.groups[g].count = (uint8_t)(1 + below(2));
	for (size_t c = 0; c < QUORUM_CAPS_MAX; c++)
		d->rule.caps[c] = (struct quorum_cap){ (enum quorum_attr)c,
			(uint8_t)(1 + below(3)) };
	for (size_t i = 0; i < QUORUM_PEOPLE_MAX; i++) {
		d->groups[i] = (uint8_t)(below(256) & below(256));
		for (size_t a = 0; a < QUORUM_ATTRS; a++)
			d->values[i][a] = (uint8_t)below(10);
	}
	settle(d);
}

static void
change(struct decision *d)
{
	switch (below(6)) {
	case 0:
		d->groups[below(16)] ^= (uint8_t)(1U << below(8));
		break;
	case 1:
		d->rule.caps[below(4)].max = (uint8_t)(1 + below(4));
		break;
	case 2:
		d->rule.need = (uint8_t)(2 + below(14));
		break;
	case 3:
		d->rule.group_count = (uint8_t)below(9);
		break;
	default:
		d->values[below(16)][below(4)] = (uint8_t)below(10);
		break;
	}
	settle(d);
}

/* A person has eight appointments in force, all of the same values. */
static void
appoint_all(const struct decision *d)
{
	for (size_t i = 0; i < QUORUM_PEOPLE_MAX; i++) {
		people[i].count = 8;
		for (size_t g = 0; g < 8; g++) {
			struct quorum_appointment *a =
			    &people[i].appointments[g];

			*a =
			    (struct quorum_appointment){ .until = QUORUM_NO_END,
				    .post = (d->groups[i] >> g & 1) != 0
					? (uint32_t)g
					: 99 };
			for (size_t v = 0; v < QUORUM_ATTRS; v++)
				if (d->values[i][v] != 0)
					(void)snprintf(a->attrs[v],
					    sizeof(a->attrs[v]), "value no. %d",
					    d->values[i][v]);
		}
	}
}

/* Microseconds, the least of some: what disturbs only adds. */
static double
decide(const struct decision *d, int times)
{
	double best = 1e9;

	appoint_all(d);
	for (int i = 0; i < times; i++) {
		const double start = now();
		struct quorum q;
		volatile bool holds;

		quorum_at(&d->rule, people, QUORUM_PEOPLE_MAX, 0, &q);
		holds = quorum_holds(&q, UINT16_MAX);
		(void)holds;
		best = now() - start < best ? now() - start : best;
	}
	return best;
}

static void
bench_decision(void)
{
	static struct decision slowest, next;
	double worst = 0, t, all[ROUNDS];

	for (int i = 0; i < RULES; i++) {
		random_decision(&next);
		if (decide(&next, 5) > worst &&
		    (t = decide(&next, 25)) > worst) {
			worst = t;
			slowest = next;
		}
	}
	for (int i = 0; i < CLIMBS; i++) {
		next = slowest;
		change(&next);
		if (decide(&next, 5) > worst &&
		    (t = decide(&next, 25)) > worst) {
			worst = t;
			slowest = next;
		}
	}
	for (int i = 0; i < ROUNDS; i++)
		all[i] = decide(&slowest, 200);
	qsort(all, ROUNDS, sizeof(all[0]), by_value);
	printf("%-26s %6.1f   %-22s need %u, %u groups, %u caps\n",
	    "a decision of 16, us", all[ROUNDS / 2], "<= 50", slowest.rule.need,
	    slowest.rule.group_count, slowest.rule.cap_count);
}

/* ---- an analysis */

/* Four terms each, one after the other, all ending on days of their own. */
static void
appoint_in_turn(struct lockout_case *c, size_t i)
{
	struct lockout_person *p = &c->people[i];
	int64_t from = -1;

	(void)snprintf(p->id, sizeof(p->id), "p%02u", (unsigned)i & 15);
	p->proof_until = QUORUM_NO_END;
	(void)snprintf(p->token_model, sizeof(p->token_model), "model %u",
	    (unsigned)i % 3);
	for (size_t j = 0; j < 5; j++) {
		struct quorum_appointment *a = &p->held.appointments[j];

		a->from = from;
		from = (int64_t)(90 * (j + 1) + i) * DAY;
		a->until = from;
		a->post = (uint32_t)(i % 8);
		(void)snprintf(p->orders[j].order, sizeof(p->orders[j].order),
		    "F.No. %u", (unsigned)i % 4);
		for (size_t v = 0; v < QUORUM_ATTRS; v++)
			(void)snprintf(a->attrs[v], sizeof(a->attrs[v]), "%u",
			    (unsigned)(i >> v) % 6);
	}
	p->held.count = 5;
}

static void
bench_analysis(void)
{
	struct lockout_case *c = calloc(1, sizeof(*c));
	struct lockout *l = NULL;
	double t[ROUNDS];
	size_t points = 0;

	must(c != NULL, "memory");
	c->n = QUORUM_PEOPLE_MAX;
	for (size_t i = 0; i < c->n; i++)
		appoint_in_turn(c, i);
	c->rule.need = 8;
	c->rule.group_count = QUORUM_GROUPS_MAX;
	for (size_t g = 0; g < QUORUM_GROUPS_MAX; g++)
		c->rule.groups[g] =
		    (struct quorum_group){ 1, 1, { (uint32_t)g } };
	c->rule.cap_count = QUORUM_CAPS_MAX;
	for (size_t k = 0; k < QUORUM_CAPS_MAX; k++)
		c->rule.caps[k] = (struct quorum_cap){ (enum quorum_attr)k, 4 };
	c->minima = (struct lockout_minima){ 3, 2, 4, 2, 90 * DAY };
	c->horizon = 400 * (int64_t)DAY;
	for (int i = 0; i < ROUNDS; i++) {
		const double start = now();

		must(lockout_analyze(c, &l) == AM_OK, "analysis");
		t[i] = (now() - start) / 1e3;
		points = l->point_count - 1;
		lockout_free(l);
	}
	qsort(t, ROUNDS, sizeof(t[0]), by_value);
	printf("%-26s %6.1f   %-22s %zu instants, the worst of 16 asking\n",
	    "an analysis of 16, ms", t[ROUNDS / 2], "<= 100", points);
	free(c);
}

int
main(void)
{
	bench_decision();
	bench_analysis();
	return fflush(stdout) == 0 ? 0 : 1;
}
