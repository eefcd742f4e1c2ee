/*
 * By Hall's theorem the groups can be filled out of a set if and only if every
 * collection of groups has as many people in the set as it has places. So a
 * rule is a list of conditions, each at least or at most so many of these
 * people, and a quorum is a set of `need` people that meets them all. 64 sets
 * are judged at a time: those that agree on all but the first six people.
 * That takes the same few microseconds whatever the rule, which no search
 * that is clever about most rules does.
 */

#include "policy/quorum.h"

enum {
	CAPS = QUORUM_CAPS_MAX * QUORUM_PEOPLE_MAX,
	COLLECTIONS = 1 << QUORUM_GROUPS_MAX,
	LOW = 6, /* people whose subsets are the bits of a word */
	HIGH = QUORUM_PEOPLE_MAX - LOW,
	STEP = 4,
	FIRST = 8,   /* conditions that mostly decide */
	SLOTS = 1024 /* twice all appointments of a committee */
};
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
	bool begun = false;

	for (size_t i = 0; i < p->count; i++) {
		if (in_force(&p->appointments[i], now))
			return true;
		begun |= p->appointments[i].from <= now;
	}
	return !begun;
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
    struct collection out[static COLLECTIONS])
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
	struct collection all[COLLECTIONS];
	const size_t count = collect(q, who, all);
	unsigned most = 0;

	/* what the worst collection lacks (Ore) */
	for (size_t i = 0; i < count; i++)
		if (all[i].places > most + heads(all[i].who))
			most = all[i].places - heads(all[i].who);
	return most;
}

/* ---- 64 sets at a time */

/* How many of HIGH people a set has. */
#define ONES_2(n)  (n), (n) + 1, (n) + 1, (n) + 2
#define ONES_4(n)  ONES_2(n), ONES_2((n) + 1), ONES_2((n) + 1), ONES_2((n) + 2)
#define ONES_6(n)  ONES_4(n), ONES_4((n) + 1), ONES_4((n) + 1), ONES_4((n) + 2)
#define ONES_8(n)  ONES_6(n), ONES_6((n) + 1), ONES_6((n) + 1), ONES_6((n) + 2)
#define ONES_10(n) ONES_8(n), ONES_8((n) + 1), ONES_8((n) + 1), ONES_8((n) + 2)
static const uint8_t ones[1 << HIGH] = { ONES_10(0) };

/* Bit i: does subset i of the first six have this one of them? */
static const uint64_t has[LOW] = { 0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc,
	0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00, 0xffff0000ffff0000,
	0xffffffff00000000 };

/* Bit i of out[t]: has subset i of the first six t or more of `who`? */
static void
at_least(uint16_t who, uint64_t out[static LOW + 2])
{
	out[0] = UINT64_MAX;
	for (size_t t = 1; t < LOW + 2; t++)
		out[t] = 0;
	for (size_t i = 0; i < LOW; i++)
		for (size_t t = LOW; (who >> i & 1) != 0 && t > 0; t--)
			out[t] |= out[t - 1] & has[i];
}

/* Which subsets of the first six meet a condition, where the set has so many
 * of the other people that it concerns. */
struct condition {
	uint16_t others;
	int tight; /* the higher, the fewer sets meet it */
	uint64_t met[HIGH + 1];
};

struct conditions {
	unsigned need;
	size_t count;
	uint64_t sized[LOW + 1]; /* so many of those who may be in the set */
	struct condition list[CAPS + COLLECTIONS + STEP];
};

static void
add_condition(struct conditions *c, uint16_t who, unsigned count, bool least)
{
	struct condition *new = &c->list[c->count++];
	uint64_t have[LOW + 2];

	at_least(who, have);
	new->others = who >> LOW;
	/* what is asked, against what `need` people would have on average */
	new->tight =
	    QUORUM_PEOPLE_MAX *(int)count - (int)(c->need * heads(who));
	new->tight = least ? new->tight : -new->tight;
	for (unsigned j = 0; j <= HIGH; j++) {
		/* how many of the six are enough, or too many */
		const unsigned of = least ? count : count + 1,
			       low = of <= j ? 0
		    : of - j > LOW + 1       ? LOW + 1
					     : of - j;

		new->met[j] = least ? have[low] : ~have[low];
	}
}

/* Does what a collection needs follow from one group and from the rest of it,
 * that group having no places, or no person in common with the rest? */
static bool
falls_apart(const struct collection *all, size_t set)
{
	for (size_t left = set; left != 0; left &= left - 1) {
		const size_t one = left & -left;

		if (one != set &&
		    (all[one].places == 0 ||
			(all[one].who & all[set ^ one].who) == 0))
			return true;
	}
	return false;
}

/* False: some collection cannot be filled. */
static bool
add_groups(const struct quorum *q, uint16_t who, struct conditions *out)
{
	struct collection all[COLLECTIONS];
	const size_t count = collect(q, who, all);

	if (all[count - 1].places > q->need)
		return false;
	for (size_t set = 1; set < count; set++) {
		const unsigned outside = heads(who) - heads(all[set].who);

		if (heads(all[set].who) < all[set].places)
			return false;
		/* else any `need` people meet it */
		if (outside > q->need - all[set].places &&
		    !falls_apart(all, set))
			add_condition(out, all[set].who, all[set].places, true);
	}
	return true;
}

static void
tightest_first(struct conditions *c)
{
	for (size_t i = 0; i < FIRST && i < c->count; i++) {
		const struct condition t = c->list[i];
		size_t best = i;

		for (size_t j = i + 1; j < c->count; j++)
			if (c->list[j].tight > c->list[best].tight)
				best = j;
		c->list[i] = c->list[best];
		c->list[best] = t;
	}
}

/* False: no subset of `who` can be a quorum. */
static bool
conditions_of(const struct quorum *q, uint16_t who, struct conditions *out)
{
	uint64_t have[LOW + 2], absent[LOW + 2];

	out->count = 0;
	out->need = q->need;
	if (q->need == 0 || heads(who) < q->need)
		return false;
	for (size_t i = 0; i < q->cap_count; i++)
		if (heads(q->caps[i].who & who) > q->caps[i].max)
			add_condition(
			    out, q->caps[i].who & who, q->caps[i].max, false);
	if (!add_groups(q, who, out))
		return false;
	tightest_first(out);
	while (out->count % STEP != 0) /* is always met */
		add_condition(out, 0, 0, false);
	at_least(UINT16_MAX, have);
	at_least((uint16_t)~who, absent);
	for (size_t t = 0; t <= LOW; t++)
		out->sized[t] = have[t] & ~have[t + 1] & ~absent[1];
	return true;
}

static uint64_t
met_with(const struct condition *c, size_t high)
{
	return c->met[ones[high & c->others]];
}

/* Which subsets of the first six make the set `high` of the others a quorum. */
static uint64_t
quorums_with(const struct conditions *c, unsigned need, size_t high)
{
	uint64_t word;

	if (ones[high] > need || need - ones[high] > LOW)
		return 0;
	word = c->sized[need - ones[high]];
	/* four at a time: the processor foresees when it ends */
	for (size_t i = 0; i < c->count && word != 0; i += STEP)
		word &= met_with(&c->list[i], high) &
		    met_with(&c->list[i + 1], high) &
		    met_with(&c->list[i + 2], high) &
		    met_with(&c->list[i + 3], high);
	return word;
}

bool
quorum_holds(const struct quorum *q, uint16_t who)
{
	const size_t all = who >> LOW;
	struct conditions c;
	size_t high = all;

	if (!conditions_of(q, who, &c))
		return false;
	if (c.count == 0)
		return true;
	do {
		if (quorums_with(&c, q->need, high) != 0)
			return true;
		high = (high - 1) & all;
	} while (high != all);
	return false;
}

void
quorum_sets(const struct quorum *q, uint16_t who,
    uint64_t out[static QUORUM_SETS_WORDS])
{
	struct conditions c;
	const bool any = conditions_of(q, who, &c);

	for (size_t high = 0; high < QUORUM_SETS_WORDS; high++)
		out[high] = any && (high & ~(size_t)(who >> LOW)) == 0
		    ? quorums_with(&c, q->need, high)
		    : 0;
}
