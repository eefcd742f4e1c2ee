/*
 * The rule that must hold before a request is opened (protocol.md 4.5, R4.4,
 * R13.4 to R13.7), over random committees, rules, appointments and approvals,
 * against an oracle that knows nothing of it: validity second by second, groups
 * by trying all ways to fill them, quorums by trying all sets.
 */

#include "tests/check.h"
#include "vault/state/predicate.h"

enum {
	PEOPLE = 8,
	POSTS = 5, /* the fifth succeeds the first */
	HELD = 3,
	CASES = 3000,
	END = 40, /* seconds that a case lasts */
};

/* ---- a generator with a fixed seed */

static uint64_t seed = 0x9e3779b97f4a7c15;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 20) % n);
}

static bool
one_in(unsigned n)
{
	return below(n) == 0;
}

/* ---- a case, in plain words */

struct held {
	int from, until, entered; /* until 0: no end */
	unsigned post;            /* from 1 */
	char attr[QUORUM_ATTRS];  /* 'a', 'b'; 0: empty */
};

struct person {
	size_t count;
	struct held held[HELD];
	bool out;     /* suspended, or the key is */
	int approved; /* when; -1: not */
	bool declined;
};

struct world {
	size_t n, asker; /* asker PEOPLE: no custodian */
	unsigned k, need;
	struct person people[PEOPLE];
	size_t group_count;
	struct {
		unsigned count, posts; /* bit p: post p fills it */
	} groups[3];
	size_t cap_count;
	struct {
		unsigned attr, max;
	} caps[2];
	int now;
	unsigned posted_out; /* whose posts are not looked at */
};

static struct held
some_appointment(void)
{
	struct held h = { .from = (int)below(END),
		.entered = (int)below(END),
		.post = 1 + below(POSTS) };

	if (one_in(2))
		h.from = h.entered = 0;
	if (one_in(2))
		h.until = h.from + 1 + (int)below(END);
	for (size_t i = 0; i < QUORUM_ATTRS; i++)
		h.attr[i] = "\0aab"[below(4)];
	return h;
}

static struct person
some_person(int now)
{
	struct person p = { .count = below(HELD + 1), .approved = -1 };

	for (size_t i = 0; i < p.count; i++)
		p.held[i] = some_appointment();
	p.out = one_in(10);
	if (one_in(2))
		p.approved = (int)below((unsigned)now + 1);
	else
		p.declined = one_in(6);
	return p;
}

static void
make_world(struct world *w)
{
	unsigned places = 0;

	*w = (struct world){ .n = 3 + below(PEOPLE - 2) };
	w->now = END / 2 + (int)below(END / 2);
	w->k = 2 + below((unsigned)w->n - 2);
	w->need = w->k + below((unsigned)w->n - w->k + 1);
	w->asker = one_in(3) ? below((unsigned)w->n) : PEOPLE;
	for (size_t i = 0; i < w->n; i++)
		w->people[i] = some_person(w->now);
	if (w->asker < PEOPLE) /* R13.6 */
		w->people[w->asker].approved = -1;
	w->group_count = below(4);
	for (size_t i = 0; i < w->group_count; i++) {
		w->groups[i].count = 1 + one_in(4);
		w->groups[i].posts = 1U << (1 + below(POSTS)) |
		    (one_in(2) ? 1U << (1 + below(POSTS)) : 0);
		places += w->groups[i].count;
		if (places > w->need) {
			w->group_count = i; /* R13.4 */
			break;
		}
	}
	w->cap_count = below(3);
	for (size_t i = 0; i < w->cap_count; i++) {
		w->caps[i].attr = below(QUORUM_ATTRS);
		w->caps[i].max = 1 + below(3);
	}
}

/* ---- the oracle */

static bool
binds(const struct held *h, int t)
{
	return h->from <= t && h->entered <= t &&
	    (h->until == 0 || t < h->until);
}

static bool
valid_at(const struct person *p, int t)
{
	bool had = false;

	for (size_t i = 0; i < p->count; i++) {
		if (binds(&p->held[i], t))
			return true;
		had |= p->held[i].from <= t && p->held[i].entered <= t;
	}
	return !had;
}

static bool
approval_counts(const struct world *w, size_t i)
{
	const struct person *p = &w->people[i];

	if (p->approved < 0 || p->out)
		return false;
	for (int t = p->approved; t <= w->now; t++)
		if (!valid_at(p, t))
			return false;
	return true;
}

static bool
holds_post_of(const struct world *w, size_t i, unsigned posts)
{
	const struct person *p = &w->people[i];

	for (size_t h = 0; h < p->count; h++) {
		if (!binds(&p->held[h], w->now) ||
		    (w->posted_out >> i & 1) != 0)
			continue;
		if ((posts >> p->held[h].post & 1) != 0 ||
		    (p->held[h].post == POSTS && (posts >> 1 & 1) != 0))
			return true;
	}
	return false;
}

static bool
has_value(const struct world *w, size_t i, unsigned attr, char value)
{
	const struct person *p = &w->people[i];

	for (size_t h = 0; h < p->count; h++)
		if (binds(&p->held[h], w->now) &&
		    p->held[h].attr[attr] == value)
			return true;
	return false;
}

static unsigned
size_of(unsigned set)
{
	unsigned n = 0;

	for (; set != 0; set >>= 1)
		n += set & 1;
	return n;
}

static bool
keeps_caps(const struct world *w, unsigned set)
{
	for (size_t c = 0; c < w->cap_count; c++)
		for (char value = 'a'; value <= 'b'; value++) {
			unsigned n = 0;

			for (size_t i = 0; i < w->n; i++)
				n += (set >> i & 1) != 0 &&
				    has_value(w, i, w->caps[c].attr, value);
			if (n > w->caps[c].max)
				return false;
		}
	return true;
}

/* The most places that can be filled out of `set`, from group g, place j on. */
static unsigned
fill(const struct world *w, unsigned set, size_t g, unsigned j)
{
	unsigned best, n;

	if (g == w->group_count)
		return 0;
	if (j == w->groups[g].count)
		return fill(w, set, g + 1, 0);
	best = fill(w, set, g, j + 1); /* left open */
	for (size_t i = 0; i < w->n; i++) {
		if ((set >> i & 1) == 0 ||
		    !holds_post_of(w, i, w->groups[g].posts))
			continue;
		n = 1 + fill(w, set & ~(1U << i), g, j + 1);
		best = n > best ? n : best;
	}
	return best;
}

static unsigned
open_places(const struct world *w, unsigned set)
{
	unsigned places = 0;

	for (size_t g = 0; g < w->group_count; g++)
		places += w->groups[g].count;
	return places - fill(w, set, 0, 0);
}

static bool
is_good(const struct world *w, unsigned set)
{
	return keeps_caps(w, set) && open_places(w, set) == 0;
}

/* Is there a good set of `size` or more between `low` and `high`? */
static bool
some_good(const struct world *w, unsigned low, unsigned high, unsigned size,
    unsigned most_people)
{
	for (unsigned set = 0; set < 1U << w->n; set++)
		if ((low & ~set) == 0 && (set & ~high) == 0 &&
		    size_of(set) >= size && size_of(set) <= most_people &&
		    is_good(w, set))
			return true;
	return false;
}

static unsigned
could_approve(const struct world *w)
{
	unsigned set = 0;

	for (size_t i = 0; i < w->n; i++)
		if (i != w->asker && !w->people[i].declined)
			set |= 1U << i;
	return set;
}

static unsigned
approved_set(const struct world *w)
{
	unsigned set = 0;

	for (size_t i = 0; i < w->n; i++)
		if (approval_counts(w, i))
			set |= 1U << i;
	return set;
}

static unsigned
given_set(const struct world *w)
{
	unsigned set = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->people[i].approved >= 0)
			set |= 1U << i;
	return set;
}

/* R4.4 for the partials that are out, of which some do not count any more, and
 * that none of them closes a way on that there was before it. */
static bool
is_dead_end(struct world w, unsigned given, unsigned valid, unsigned next)
{
	const unsigned after = given | next, c = size_of(after),
		       all = could_approve(&w) | after;

	if (after == given)
		return false;
	w.posted_out = given & ~(valid | next);
	if (c >= w.k)
		return !some_good(&w, 0, after, w.k, w.k);
	if (open_places(&w, after) > w.k - c || !keeps_caps(&w, after))
		return true;
	return some_good(&w, given, all, w.k, w.k) &&
	    !some_good(&w, after, all, w.k, w.k);
}

/* ---- the same case as rows */

struct rows {
	struct view_memory *memory;
	struct view view;
	struct rows_manifest manifest;
	struct rows_request request;
};

static void
put_posts(struct rows *r)
{
	for (uint32_t i = 1; i <= POSTS; i++) {
		struct rows_post p = { .number = i,
			.succeeds = i == POSTS ? 1 : 0 };
		const struct rows_key n = rows_key_u32(i);

		p.motion[0] = 0xa0;
		p.motion[1] = (uint8_t)i;
		(void)snprintf(p.id, sizeof(p.id), "post%u", i);
		assert_int_equal(
		    rows_put_post(&r->view, (struct bytes){ p.motion, 32 }, &p),
		    AM_OK);
		assert_int_equal(
		    rows_index_put(&r->view, "post-n", rows_key(&n),
			(struct bytes){ p.motion, 32 }),
		    AM_OK);
	}
}

static void
person_id(size_t i, uint8_t out[static 16])
{
	memset(out, 0, 16);
	out[0] = (uint8_t)(i + 1);
}

static void
put_appointment(struct rows *r, size_t person, uint32_t nth, int64_t from,
    int64_t until, int64_t entered, uint32_t post,
    const char *const attrs[static QUORUM_ATTRS])
{
	struct rows_appointment a = { .number = 1,
		.kind = ROWS_ADDITIONAL,
		.post = post,
		.from = from,
		.until = until,
		.at = entered,
		.attr_count = QUORUM_ATTRS };
	struct rows_key n;

	person_id(person, a.person);
	a.motion[0] = 0xb0;
	a.motion[1] = (uint8_t)person;
	a.motion[2] = (uint8_t)nth;
	for (size_t i = 0; i < QUORUM_ATTRS; i++)
		(void)snprintf(
		    a.attrs[i].text, sizeof(a.attrs[i].text), "%s", attrs[i]);
	n = rows_key_with_u32((struct bytes){ a.person, 16 }, nth);
	assert_int_equal(rows_index_put(&r->view, "held", rows_key(&n),
			     (struct bytes){ a.motion, 32 }),
	    AM_OK);
	assert_int_equal(
	    rows_put_appointment(&r->view, (struct bytes){ a.motion, 32 }, &a),
	    AM_OK);
}

static void
put_held(struct rows *r, size_t person, uint32_t nth, const struct held *h)
{
	char text[QUORUM_ATTRS][2] = { { 0 } };
	const char *attrs[QUORUM_ATTRS];

	for (size_t i = 0; i < QUORUM_ATTRS; i++) {
		text[i][0] = h->attr[i];
		attrs[i] = text[i];
	}
	put_appointment(
	    r, person, nth, h->from, h->until, h->entered, h->post, attrs);
}

static void
put_person(struct rows *r, size_t i, size_t appointments, bool out)
{
	struct rows_person p = { .status = ROWS_ADMITTED,
		.kind = ROWS_OFFICIAL,
		.appointments = (uint32_t)appointments };
	struct rows_token t = { .status = ROWS_ACTIVE };

	person_id(i, p.person);
	person_id(i, t.person);
	t.token[0] = (uint8_t)(i + 1);
	if (out && i % 3 == 0)
		p.suspended = ROWS_SUSPENDED;
	else if (out && i % 3 == 1)
		t.suspended = ROWS_CONFIRMED;
	else if (out)
		t.status = ROWS_RETIRED;
	assert_int_equal(
	    rows_put_person(&r->view, (struct bytes){ p.person, 16 }, &p),
	    AM_OK);
	assert_int_equal(
	    rows_put_token(&r->view, (struct bytes){ t.token, 32 }, &t), AM_OK);
}

static void
put_rules(struct rows *r, const struct world *w)
{
	struct rows_rules rules = { .rule = { .need = (uint8_t)w->need } };
	struct quorum_rule *q = &rules.rule;

	for (size_t g = 0; g < w->group_count; g++) {
		q->groups[g].count = (uint8_t)w->groups[g].count;
		for (uint32_t p = 1; p <= POSTS; p++)
			if ((w->groups[g].posts >> p & 1) != 0)
				q->groups[g].posts[q->groups[g].post_count++] =
				    p;
		q->group_count++;
	}
	for (size_t c = 0; c < w->cap_count; c++)
		q->caps[q->cap_count++] =
		    (struct quorum_cap){ (enum quorum_attr)w->caps[c].attr,
			    (uint8_t)w->caps[c].max };
	rules.motion[0] = 0xc0;
	memcpy(r->request.rules, rules.motion, 32);
	assert_int_equal(rows_put_rules(&r->view,
			     (struct bytes){ rules.motion, 32 }, &rules),
	    AM_OK);
}

static void
add_answer(struct rows *r, const struct person *p, size_t i)
{
	struct rows_approval a = { .index = (uint32_t)i + 1,
		.at = p->approved };

	person_id(i, a.person);
	a.token[0] = (uint8_t)(i + 1);
	if (p->approved >= 0)
		r->request.approvals[r->request.approval_count++] = a;
	if (p->declined)
		r->request.declines[r->request.decline_count++] = a;
}

static void
put_world(struct rows *r, const struct world *w)
{
	*r = (struct rows){ .request = { .k = (uint8_t)w->k,
				.need = (uint8_t)w->need,
				.n = (uint8_t)w->n } };
	assert_int_equal(view_memory_new(&r->memory), AM_OK);
	r->view = view_memory(r->memory);
	put_posts(r);
	put_rules(r, w);
	person_id(w->asker, r->request.by);
	r->manifest.n = (uint8_t)w->n;
	r->manifest.k = (uint8_t)w->k;
	for (size_t i = 0; i < w->n; i++) {
		const struct person *p = &w->people[i];

		r->manifest.members[i].index = (uint32_t)i + 1;
		person_id(i, r->manifest.members[i].person);
		put_person(r, i, p->count, p->out);
		for (size_t h = 0; h < p->count; h++)
			put_held(r, i, (uint32_t)h, &p->held[h]);
		add_answer(r, p, i);
	}
}

static struct predicate
read(const struct rows *r, int64_t now)
{
	struct predicate p;

	assert_int_equal(
	    predicate_read(&r->view, &r->request, &r->manifest, now, &p),
	    AM_OK);
	return p;
}

/* ---- properties */

static void
the_oracle_says_the_same(void **state)
{
	struct world w;
	struct rows r;
	unsigned held = 0, dead = 0;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct predicate p;
		unsigned a;

		make_world(&w);
		put_world(&r, &w);
		p = read(&r, w.now);
		a = approved_set(&w);
		assert_int_equal(p.approved, a);
		assert_int_equal(
		    predicate_holds(&p), some_good(&w, 0, a, w.need, PEOPLE));
		held += predicate_holds(&p);
		assert_int_equal(p.given, given_set(&w));
		for (size_t m = 0; m < w.n; m++) {
			bool is;

			if (m == w.asker || w.people[m].declined)
				continue;
			is = is_dead_end(w, given_set(&w), a, 1U << m);
			assert_int_equal(predicate_is_dead_end(&p,
					     (uint16_t)(p.approved | 1U << m)),
			    is);
			dead += is;
		}
		view_memory_free(r.memory);
	}
	/* Both answers were asked for often enough. */
	assert_in_range(held, CASES / 20, CASES - CASES / 20);
	assert_in_range(dead, CASES / 20, CASES * PEOPLE);
}

static void
a_further_approval_never_closes_a_request(void **state)
{
	struct world w;
	struct rows r;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct predicate p;

		make_world(&w);
		put_world(&r, &w);
		p = read(&r, w.now);
		for (unsigned set = 0; set < 1U << w.n; set++) {
			p.approved = (uint16_t)set;
			if (!predicate_holds(&p))
				continue;
			for (size_t m = 0; m < w.n; m++) {
				p.approved = (uint16_t)(set | 1U << m);
				assert_true(predicate_holds(&p));
			}
		}
		view_memory_free(r.memory);
	}
}

static void
the_order_of_approvals_is_irrelevant(void **state)
{
	struct world w;
	struct rows r;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct predicate a, b;

		make_world(&w);
		put_world(&r, &w);
		a = read(&r, w.now);
		for (unsigned n = r.request.approval_count; n > 1; n--) {
			struct rows_approval *list = r.request.approvals, t;
			const unsigned with = below(n);

			t = list[n - 1];
			list[n - 1] = list[with];
			list[with] = t;
		}
		b = read(&r, w.now);
		assert_int_equal(a.approved, b.approved);
		assert_int_equal(predicate_holds(&a), predicate_holds(&b));
		view_memory_free(r.memory);
	}
}

/* R4.4: whoever is not refused may approve, in any order. Then k approvals
 * always keep posts and caps, and if there was a way at first, it is found. */
static void
r4_4_approvals_never_run_into_a_dead_end(void **state)
{
	struct world w;
	struct rows r;
	unsigned finished = 0;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct predicate p;
		bool went_on = true, possible;
		unsigned all;

		make_world(&w);
		for (size_t m = 0; m < w.n; m++)
			w.people[m].approved = -1;
		put_world(&r, &w);
		p = read(&r, w.now);
		all = could_approve(&w);
		possible = some_good(&w, 0, all, w.k, w.k) &&
		    some_good(&w, 0, all, w.need, PEOPLE);
		while (went_on) {
			const unsigned first = below((unsigned)w.n);

			went_on = false;
			for (size_t j = 0; j < w.n && !went_on; j++) {
				const size_t m = (first + j) % w.n;
				const uint16_t more =
				    (uint16_t)(p.approved | 1U << m);

				if (more == p.approved || (all >> m & 1) == 0 ||
				    predicate_is_dead_end(&p, more))
					continue;
				p.approved = more;
				went_on = true;
			}
			if (size_of(p.approved) >= w.k)
				assert_true(
				    some_good(&w, 0, p.approved, w.k, w.k));
		}
		if (possible)
			assert_true(predicate_holds(&p));
		finished += possible;
		view_memory_free(r.memory);
	}
	assert_in_range(finished, CASES / 10, CASES);
}

/* ---- single cases */

/* Three custodians, 2 of 3, for a request by nobody of them. */
static void
three(struct world *w)
{
	*w = (struct world){
		.n = 3, .asker = PEOPLE, .k = 2, .need = 2, .now = 10
	};
	for (size_t i = 0; i < 3; i++)
		w->people[i].approved = -1;
}

static struct held
now_in(unsigned post)
{
	return (struct held){ .post = post };
}

/* Invariant 2: two required posts are two persons. */
static void
x_1_one_person_with_two_posts_counts_once(void **state)
{
	struct world w;
	struct rows r;
	struct predicate p;

	(void)state;
	three(&w);
	w.group_count = 2;
	w.groups[0].count = w.groups[1].count = 1;
	w.groups[0].posts = 1U << 1;
	w.groups[1].posts = 1U << 2;
	w.people[0].count = 2;
	w.people[0].held[0] = now_in(1);
	w.people[0].held[1] = now_in(2);
	w.people[2].count = 1;
	w.people[2].held[0] = now_in(2);
	w.people[0].approved = 5;
	put_world(&r, &w);
	p = read(&r, w.now);
	assert_true(predicate_is_dead_end(&p, 3));
	assert_false(predicate_is_dead_end(&p, 5));
	p.approved = 3;
	assert_false(predicate_holds(&p));
	p.approved = 5;
	assert_true(predicate_holds(&p));
	/* The same person in the list twice, with another key. */
	r.request.approvals[1] = r.request.approvals[0];
	r.request.approval_count = 2;
	p = read(&r, w.now);
	assert_int_equal(p.approved, 1);
	assert_false(predicate_holds(&p));
	view_memory_free(r.memory);
}

static void
r13_6_the_requester_never_counts(void **state)
{
	struct world w;
	struct rows r;
	struct predicate p;

	(void)state;
	three(&w);
	w.asker = 1;
	w.people[0].approved = w.people[1].approved = 5;
	put_world(&r, &w);
	p = read(&r, w.now);
	assert_false(predicate_holds(&p));
	p.approved |= 4;
	assert_true(predicate_holds(&p));
	view_memory_free(r.memory);
}

/* So many limits that the rule cannot be judged: then it never holds. */
static void
r4_5_a_rule_that_cannot_be_judged_never_holds(void **state)
{
	struct world w = { .n = 3, .asker = PEOPLE, .k = 2, .need = 2 };
	struct rows r;
	struct predicate p;
	char pair[ROWS_ID_MAX + 1];
	const char *attrs[QUORUM_ATTRS] = { pair, "", "", "" };

	(void)state;
	w.cap_count = 1;
	w.caps[0].max = 1; /* employer */
	put_world(&r, &w);
	/* Of 16 people each two share an employer: 120 limits. */
	r.manifest.n = QUORUM_PEOPLE_MAX;
	for (size_t i = 0; i < QUORUM_PEOPLE_MAX; i++) {
		uint32_t nth = 0;

		r.manifest.members[i].index = (uint32_t)i + 1;
		person_id(i, r.manifest.members[i].person);
		for (size_t j = 0; j < QUORUM_PEOPLE_MAX; j++) {
			if (i == j)
				continue;
			(void)snprintf(pair, sizeof(pair), "e%zu-%zu",
			    i < j ? i : j, i < j ? j : i);
			put_appointment(&r, i, nth++, 0, 0, 0, 2, attrs);
		}
		put_person(&r, i, nth, false);
	}
	p = read(&r, 10);
	for (unsigned set = 0; set < 1U << QUORUM_PEOPLE_MAX; set++) {
		if (size_of(set) > 3)
			continue;
		p.approved = (uint16_t)set;
		assert_false(predicate_holds(&p));
		assert_true(predicate_is_dead_end(&p, p.approved));
	}
	view_memory_free(r.memory);
}

/* What is ordered for later does not hide what is held now: there is room for
 * 16 posts a person. */
static void
r13_7_orders_for_later_do_not_hide_a_post(void **state)
{
	static const char *const attrs[QUORUM_ATTRS] = { "", "", "", "" };
	struct world w;
	struct rows r;
	struct predicate p;

	(void)state;
	three(&w);
	w.group_count = 1;
	w.groups[0].count = 1;
	w.groups[0].posts = 1U << 1;
	w.people[0].approved = w.people[1].approved = 5;
	put_world(&r, &w);
	put_appointment(&r, 0, 0, 0, 0, 0, 1, attrs);
	for (uint32_t i = 1; i <= QUORUM_APPOINTMENTS_MAX; i++)
		put_appointment(&r, 0, i, 100 * i, 100 * i + 99, 0, 2, attrs);
	put_person(&r, 0, QUORUM_APPOINTMENTS_MAX + 1, false);
	p = read(&r, w.now);
	assert_int_equal(p.approved, 3);
	assert_true(predicate_holds(&p));
	view_memory_free(r.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x_1_one_person_with_two_posts_counts_once),
		cmocka_unit_test(r13_6_the_requester_never_counts),
		cmocka_unit_test(r4_5_a_rule_that_cannot_be_judged_never_holds),
		cmocka_unit_test(r13_7_orders_for_later_do_not_hide_a_post),
		cmocka_unit_test(the_oracle_says_the_same),
		cmocka_unit_test(a_further_approval_never_closes_a_request),
		cmocka_unit_test(the_order_of_approvals_is_irrelevant),
		cmocka_unit_test(r4_4_approvals_never_run_into_a_dead_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
