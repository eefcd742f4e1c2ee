/*
 * By Hall's theorem the groups can be filled out of a set if and only if every
 * collection of groups has as many people in the set as it has places. If no
 * limit is passed, that and a head count decide.
 *
 * Else somebody has to be left out. Which of them is a search: take a limit
 * that is passed, leave out one of those who share the value, then another.
 * How far each limit is passed, and how many people each collection of groups
 * can spare, is kept for 64 of them at a time, a plane of bits a digit, so
 * that a step of the search is a few operations on words.
 */

#include "policy/quorum.h"

enum {
	CAPS = QUORUM_CAPS_MAX * QUORUM_PEOPLE_MAX, /* bits of a word */
	WORDS = (1 << QUORUM_GROUPS_MAX) / 64,
	DIGITS = 5,  /* counts up to QUORUM_PEOPLE_MAX */
	LAYERS = 8,  /* families of disjoint caps that are told apart */
	SLOTS = 1024 /* twice all appointments of a committee */
};
_Static_assert(CAPS <= 64, "a cap is a bit of a word");
_Static_assert(SLOTS >= 2 * QUORUM_PEOPLE_MAX * QUORUM_APPOINTMENTS_MAX,
    "a table that is never full");

static unsigned
heads(uint16_t who)
{
	return (unsigned)__builtin_popcount(who);
}

static bool
in_force(const struct quorum_appointment *a, int64_t now)
{
	return a->from <= now && now < a->until;
}

bool
quorum_is_valid(const struct quorum_person *p, int64_t now)
{
	for (size_t i = 0; i < p->count; i++)
		if (in_force(&p->appointments[i], now))
			return true;
	return p->count == 0;
}

/* ---- a rule laid over people */

static bool
fills(const struct quorum_group *g, const struct quorum_person *p, int64_t now)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!in_force(&p->appointments[i], now))
			continue;
		for (size_t j = 0; j < g->post_count; j++)
			if (g->posts[j] == p->appointments[i].post)
				return true;
	}
	return false;
}

/* The values of an attribute, found by their hash. */
struct values {
	struct value {
		const char *text; /* NULL: free */
		uint16_t who;
	} slot[SLOTS];
};

static void
values_add(struct values *v, const char *text, uint16_t person)
{
	uint32_t h = 2166136261; /* FNV-1a */
	size_t i;

	for (const char *c = text; *c != '\0'; c++)
		h = (h ^ (uint8_t)*c) * 16777619;
	i = (h ^ h >> 16) % SLOTS;
	while (v->slot[i].text != NULL && strcmp(v->slot[i].text, text) != 0)
		i = (i + 1) % SLOTS;
	v->slot[i].text = text;
	v->slot[i].who |= person;
}

static void
values_of(enum quorum_attr attr, const struct quorum_person *people, size_t n,
    int64_t now, struct values *out)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < people[i].count; j++) {
			const struct quorum_appointment *a =
			    &people[i].appointments[j];

			if (in_force(a, now) && a->attrs[attr][0] != '\0')
				values_add(
				    out, a->attrs[attr], (uint16_t)(1U << i));
		}
}

/* Keeps a limit, unless one that is kept says as much: fewer of more people.
 * False: there is no room. */
static bool
keep_cap(struct quorum *q, uint8_t max, uint16_t who)
{
	size_t kept = 0;

	for (size_t i = 0; i < q->cap_count; i++)
		if ((who & ~q->caps[i].who) == 0 && max >= q->caps[i].max)
			return true;
	for (size_t i = 0; i < q->cap_count; i++)
		if ((q->caps[i].who & ~who) != 0 || q->caps[i].max < max)
			q->caps[kept++] = q->caps[i];
	q->cap_count = (uint8_t)kept;
	if (kept == CAPS)
		return false;
	q->caps[kept].max = max;
	q->caps[kept].who = who;
	q->cap_count++;
	return true;
}

static bool
lay_cap(const struct quorum_cap *cap, const struct quorum_person *people,
    size_t n, int64_t now, struct quorum *out)
{
	struct values v = { 0 };

	values_of(cap->attr, people, n, now, &v);
	for (size_t i = 0; i < SLOTS; i++)
		if (v.slot[i].text != NULL && heads(v.slot[i].who) > cap->max &&
		    !keep_cap(out, cap->max, v.slot[i].who))
			return false;
	return true;
}

void
quorum_at(const struct quorum_rule *rule, const struct quorum_person *people,
    size_t n, int64_t now, struct quorum *out)
{
	struct quorum q = { .need = rule->need,
		.group_count = rule->group_count };

	for (size_t g = 0; g < rule->group_count; g++) {
		q.groups[g].count = rule->groups[g].count;
		for (size_t i = 0; i < n; i++)
			if (fills(&rule->groups[g], &people[i], now))
				q.groups[g].who |= (uint16_t)(1U << i);
	}
	for (size_t c = 0; c < rule->cap_count; c++)
		if (!lay_cap(&rule->caps[c], people, n, now, &q))
			q.need = 0; /* cannot be judged: never holds */
	*out = q;
}

/* ---- Hall's condition */

/* A collection of groups: its places, and who could take one. */
struct collection {
	unsigned places;
	uint16_t who;
};

/* All of them, by the set of groups; returns how many. */
static size_t
collect(const struct quorum *q, uint16_t who,
    struct collection out[static 1 << QUORUM_GROUPS_MAX])
{
	const size_t count = (size_t)1 << q->group_count;

	out[0] = (struct collection){ 0 };
	for (size_t set = 1; set < count; set++) {
		const struct collection *rest = &out[set & (set - 1)];
		const size_t g = (size_t)__builtin_ctzl(set);

		out[set].places = rest->places + q->groups[g].count;
		out[set].who = rest->who | (q->groups[g].who & who);
	}
	return count;
}

unsigned
quorum_unfilled(const struct quorum *q, uint16_t who)
{
	struct collection all[1 << QUORUM_GROUPS_MAX];
	const size_t count = collect(q, who, all);
	unsigned most = 0;

	/* what the worst collection lacks (Ore) */
	for (size_t i = 0; i < count; i++)
		if (all[i].places > most + heads(all[i].who))
			most = all[i].places - heads(all[i].who);
	return most;
}

/* ---- whom to leave out */

/* 64 counts: bit i of digit d is digit d of count i. */
struct counts {
	uint64_t digit[DIGITS];
};

static void
counts_set(struct counts *c, size_t i, unsigned value)
{
	for (size_t d = 0; d < DIGITS; d++)
		c->digit[d] |= (uint64_t)(value >> d & 1) << i;
}

static uint64_t
counts_positive(const struct counts *c)
{
	return c->digit[0] | c->digit[1] | c->digit[2] | c->digit[3] |
	    c->digit[4];
}

/* Takes one off each of `which`, all of which are positive. */
static void
counts_take(struct counts *c, uint64_t which)
{
	for (size_t d = 0; d < DIGITS; d++) {
		const uint64_t digit = c->digit[d];

		c->digit[d] = digit ^ which;
		which &= ~digit; /* the borrow */
	}
}

static unsigned
counts_sum(const struct counts *c, uint64_t of)
{
	unsigned sum = 0;

	for (size_t d = 0; d < DIGITS; d++)
		sum += (unsigned)__builtin_popcountll(c->digit[d] & of) << d;
	return sum;
}

/* What does not change while searching. */
struct search {
	size_t words, layers;
	uint64_t layer[LAYERS]; /* caps that nobody shares two of */
	uint16_t sharers[CAPS];
	uint64_t caps[QUORUM_PEOPLE_MAX];
	uint64_t halls[QUORUM_PEOPLE_MAX][WORDS];
	/* who is at least as good a member as person i */
	uint16_t better[QUORUM_PEOPLE_MAX];
};

struct node {
	unsigned spare;            /* people above `need` */
	uint16_t free;             /* not left out, and may be */
	struct counts over;        /* how far each cap is passed */
	struct counts hall[WORDS]; /* people above the places */
};

static bool
may_leave_out(const struct search *s, const struct node *x, size_t person)
{
	for (size_t w = 0; w < s->words; w++)
		if ((s->halls[person][w] & ~counts_positive(&x->hall[w])) != 0)
			return false;
	return x->spare > 0;
}

static void
leave_out(const struct search *s, struct node *x, size_t person)
{
	x->spare--;
	x->free &= (uint16_t) ~(1U << person);
	counts_take(&x->over, s->caps[person] & counts_positive(&x->over));
	for (size_t w = 0; w < s->words; w++)
		counts_take(&x->hall[w], s->halls[person][w]);
}

/* More has to go than there is to spare, by disjoint caps alone? */
static bool
is_hopeless(const struct search *s, const struct node *x)
{
	for (size_t i = 0; i < s->layers; i++)
		if (counts_sum(&x->over, s->layer[i]) > x->spare)
			return true;
	return false;
}

/* A cap that is passed, one of the furthest; `over` is not 0. */
static size_t
furthest(const struct counts *c)
{
	uint64_t left = counts_positive(c);

	for (size_t d = DIGITS; d-- > 0;)
		if ((left & c->digit[d]) != 0)
			left &= c->digit[d];
	return (size_t)__builtin_ctzll(left);
}

/* Of `who`, one who shares most of the caps that are passed. */
static size_t
worst_of(const struct search *s, uint64_t over, uint16_t who)
{
	size_t worst = 0;
	int most = -1;

	for (unsigned left = who; left != 0; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctz(left);
		const int shares = __builtin_popcountll(s->caps[i] & over);

		if (shares > most) {
			most = shares;
			worst = i;
		}
	}
	return worst;
}

/* Recursion: no deeper than people can be left out. */
static bool
search_from(const struct search *s, struct node x)
{
	const uint64_t over = counts_positive(&x.over);
	uint16_t who;
	size_t cap;

	if (over == 0)
		return true;
	if (is_hopeless(s, &x))
		return false;
	cap = furthest(&x.over);
	while ((who = s->sharers[cap] & x.free) != 0) {
		const size_t i = worst_of(s, over, who);

		if (may_leave_out(s, &x, i)) {
			struct node next = x;

			leave_out(s, &next, i);
			if (search_from(s, next))
				return true;
		}
		/* i stays, and who is no worse: they could change places */
		x.free &= (uint16_t)~s->better[i];
	}
	return false;
}

static void
add_cap(struct search *s, struct node *x, size_t bit, uint16_t who, uint8_t max)
{
	size_t layer = 0;

	counts_set(&x->over, bit, heads(who) - max);
	s->sharers[bit] = who;
	for (size_t i = 0; i < QUORUM_PEOPLE_MAX; i++)
		s->caps[i] |= (uint64_t)(who >> i & 1) << bit;
	for (; layer < s->layers; layer++) {
		uint16_t taken = 0;

		for (uint64_t l = s->layer[layer]; l != 0; l &= l - 1)
			taken |= s->sharers[__builtin_ctzll(l)];
		if ((taken & who) == 0)
			break;
	}
	if (layer == LAYERS)
		return;
	s->layer[layer] |= (uint64_t)1 << bit;
	s->layers = layer == s->layers ? layer + 1 : s->layers;
}

static void
add_hall(struct search *s, struct node *x, size_t bit, struct collection c)
{
	counts_set(&x->hall[bit / 64], bit % 64, heads(c.who) - c.places);
	for (size_t i = 0; i < QUORUM_PEOPLE_MAX; i++)
		s->halls[i][bit / 64] |= (uint64_t)(c.who >> i & 1) << bit % 64;
	s->words = bit / 64 + 1;
}

/* Is j in the place of i never worse: fewer limits, more groups? */
static bool
is_better(const struct search *s, const struct quorum *q, size_t j, size_t i)
{
	if ((s->caps[j] & ~s->caps[i]) != 0)
		return false;
	for (size_t g = 0; g < q->group_count; g++)
		if ((q->groups[g].who >> i & 1) > (q->groups[g].who >> j & 1))
			return false;
	return true;
}

static void
compare_people(struct search *s, const struct quorum *q, uint16_t who)
{
	for (size_t i = 0; i < QUORUM_PEOPLE_MAX; i++)
		for (size_t j = 0; j < QUORUM_PEOPLE_MAX; j++)
			if ((who >> i & who >> j & 1) != 0 &&
			    is_better(s, q, j, i))
				s->better[i] |= (uint16_t)(1U << j);
}

bool
quorum_holds(const struct quorum *q, uint16_t who)
{
	struct collection all[1 << QUORUM_GROUPS_MAX];
	const size_t count = collect(q, who, all);
	struct search s = { 0 };
	struct node x = { .free = who };
	size_t caps = 0, halls = 0;

	if (q->need == 0 || heads(who) < q->need ||
	    all[count - 1].places > q->need)
		return false;
	x.spare = heads(who) - q->need;
	for (size_t i = 1; i < count; i++) {
		if (heads(all[i].who) < all[i].places)
			return false;
		/* else heads run out first */
		if (heads(all[i].who) - all[i].places < x.spare)
			add_hall(&s, &x, halls++, all[i]);
	}
	for (size_t i = 0; i < q->cap_count; i++)
		if (heads(q->caps[i].who & who) > q->caps[i].max)
			add_cap(&s, &x, caps++, q->caps[i].who & who,
			    q->caps[i].max);
	if (caps > 0)
		compare_people(&s, q, who);
	return search_from(&s, x);
}
