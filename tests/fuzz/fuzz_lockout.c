/*
 * Bytes become a rule and people: whatever they are, more people never close
 * what was open, the table of all sets says the same as one question, and the
 * analysis agrees with both.
 */

#include "policy/lockout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes one after another, then zeros. */
struct input {
	const uint8_t *p;
	size_t left;
};

static uint8_t
next(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->p++;
}

static int64_t
instant(struct input *in)
{
	const uint8_t b = next(in);

	return b == 255 ? QUORUM_NO_END : b == 254 ? INT64_MIN : b;
}

static void
text(struct input *in, char *out)
{
	out[0] = (char)next(in);
	out[1] = '\0';
}

static void
read_rule(struct input *in, struct quorum_rule *r)
{
	r->need = next(in) % 18;
	r->group_count = next(in) % (QUORUM_GROUPS_MAX + 1);
	r->cap_count = next(in) % (QUORUM_CAPS_MAX + 1);
	for (size_t g = 0; g < r->group_count; g++) {
		r->groups[g].count = next(in);
		r->groups[g].post_count = next(in) % (QUORUM_POSTS_MAX + 1);
		for (size_t i = 0; i < r->groups[g].post_count; i++)
			r->groups[g].posts[i] = next(in);
	}
	for (size_t c = 0; c < r->cap_count; c++) {
		r->caps[c].attr = (enum quorum_attr)(next(in) % QUORUM_ATTRS);
		r->caps[c].max = next(in);
	}
}

static void
read_person(struct input *in, struct lockout_person *p)
{
	uint8_t flags;

	text(in, p->id);
	text(in, p->token_model);
	flags = next(in);
	p->out = flags == 1;
	p->advised = flags == 2;
	p->proof_until = instant(in);
	p->held.count = next(in) % (QUORUM_APPOINTMENTS_MAX + 1);
	for (size_t i = 0; i < p->held.count; i++) {
		struct quorum_appointment *a = &p->held.appointments[i];

		a->from = instant(in);
		a->until = instant(in);
		a->post = next(in);
		for (size_t v = 0; v < QUORUM_ATTRS; v++)
			text(in, a->attrs[v]);
		text(in, p->orders[i].order);
		p->orders[i].substantive = (next(in) & 1) != 0;
	}
	p->absence_count = next(in) % 3;
	for (size_t i = 0; i < p->absence_count; i++) {
		p->absences[i].from = instant(in);
		p->absences[i].until = instant(in);
	}
}

static void
read_case(struct input *in, struct lockout_case *c)
{
	c->n = next(in) % (QUORUM_PEOPLE_MAX + 1);
	c->now = instant(in);
	c->horizon = next(in) == 255 ? QUORUM_NO_END : next(in);
	c->outsider_asks = (next(in) & 1) != 0;
	c->minima = (struct lockout_minima){ next(in), next(in), next(in),
		next(in), instant(in) };
	read_rule(in, &c->rule);
	for (size_t i = 0; i < c->n; i++)
		read_person(in, &c->people[i]);
}

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* `extra` people more. */
static void
check_quorum(const struct lockout_case *c, const struct lockout *l,
    struct quorum_person *held, uint16_t who, uint16_t extra)
{
	static uint64_t sets[QUORUM_SETS_WORDS];
	struct quorum q;
	bool any = false;

	for (size_t i = 0; i < c->n; i++)
		held[i] = c->people[i].held;
	quorum_at(&c->rule, held, c->n, c->now, &q);
	must(!quorum_holds(&q, who) || quorum_holds(&q, who | extra));
	must(quorum_unfilled(&q, who | extra) <= quorum_unfilled(&q, who));
	quorum_sets(&q, who, sets);
	for (size_t i = 0; i < QUORUM_SETS_WORDS; i++)
		any = any || sets[i] != 0;
	must(any == quorum_holds(&q, who));
	must(quorum_holds(&q, l->today.eligible) == l->today.possible);
}

static void
check_result(const struct lockout_case *c, const struct lockout *l)
{
	const struct lockout_today *t = &l->today;

	must(l->finding_count <= LOCKOUT_FINDINGS_MAX && l->point_count > 0);
	must(t->possible == (t->cut > 0) &&
	    t->possible == (t->quorum_count > 0));
	must((t->single_count > 0) == (t->cut == 1));
	for (size_t i = 0; i < c->n; i++)
		must(
		    t->cut_asked[i] <= t->cut && t->cut_asked[i] + 1 >= t->cut);
	for (size_t i = 1; i < l->point_count; i++)
		must(l->points[i].at > l->points[i - 1].at);
	/* an appointment that ends may lift a cap, a person who goes does not */
	for (size_t i = 0; i < l->cause_count; i++)
		must((l->causes[i].sharing & ~t->eligible) == 0 &&
		    (!l->causes[i].left || t->possible ||
			l->causes[i].by < LOCKOUT_BY_EMPLOYER));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct lockout_case *c = calloc(1, sizeof(*c));
	struct quorum_person *held = calloc(QUORUM_PEOPLE_MAX, sizeof(*held));
	struct lockout *l = NULL;
	uint16_t who, extra;

	must(c != NULL && held != NULL);
	who = (uint16_t)(next(&in) << 8 | next(&in));
	extra = (uint16_t)(next(&in) << 8 | next(&in));
	read_case(&in, c);
	must(lockout_analyze(c, &l) == AM_OK);
	check_result(c, l);
	check_quorum(c, l, held, (uint16_t)(who & ((1U << c->n) - 1)),
	    (uint16_t)(extra & ((1U << c->n) - 1)));
	lockout_free(l);
	free(held);
	free(c);
	return 0;
}
