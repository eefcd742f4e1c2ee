#include "vault/state/predicate.h"

#include "vault/state/manifest.h"
#include "vault/state/tenure.h"

static const uint8_t none[32];

static unsigned
count_bits(uint16_t mask)
{
	return (unsigned)__builtin_popcount(mask);
}

AM_RESULT
predicate_counts(
    const struct view *v, const struct rows_approval *a, int64_t at, bool *out)
{
	struct rows_person p;
	struct rows_token t;

	AM_TRY(rows_get_person(v, (struct bytes){ a->person, 16 }, &p));
	AM_TRY(rows_get_token(v, (struct bytes){ a->token, 32 }, &t));
	*out = rows_is_free(&p, &t);
	return *out ? tenure_covers(v, &p, a->at, at, out) : AM_OK;
}

AM_RESULT
predicate_rules(const struct view *v, const uint8_t motion[static 32],
    struct rows_rules *out)
{
	if (bytes_same(
		(struct bytes){ motion, 32 }, (struct bytes){ none, 32 }))
		return AM_ERR_NOT_FOUND;
	return rows_get_rules(v, (struct bytes){ motion, 32 }, out);
}

/* ---- laying the rule over the committee */

static AM_RESULT
lay(const struct view *v, const struct rows_rules *rules,
    const struct rows_manifest *m, int64_t at, struct quorum_person *people,
    struct quorum *out)
{
	for (size_t i = 0; i < m->n; i++) {
		struct rows_person p;

		AM_TRY(rows_get_person(
		    v, (struct bytes){ m->members[i].person, 16 }, &p));
		AM_TRY(tenure_read(v, &p, at, &people[i]));
	}
	quorum_at(&rules->rule, people, m->n, at, out);
	return AM_OK;
}

static AM_RESULT
read_quorum(const struct view *v, const struct rows_request *q,
    const struct rows_manifest *m, int64_t at, struct quorum *out)
{
	struct quorum_person *people = NULL;
	struct rows_rules rules;
	enum am_err err = predicate_rules(v, q->rules, &rules);

	/* The recovery committee is other people at another place: posts and
	 * lines of this office are not theirs. */
	*out = (struct quorum){ .need = q->need };
	if (err == AM_ERR_NOT_FOUND || q->committee == ROWS_RECOVERY)
		return AM_OK;
	AM_TRY(err);
	if (rules.rule.group_count == 0 && rules.rule.cap_count == 0)
		return AM_OK;
	people = calloc(QUORUM_PEOPLE_MAX, sizeof(*people));
	if (people == NULL)
		return AM_ERR_NOMEM;
	err = lay(v, &rules, m, at, people, out);
	free(people);
	if (out->need != 0) /* 0: it cannot be judged, and never holds */
		out->need = q->need;
	return err;
}

static void
mark(const struct rows_manifest *m, const uint8_t person[static 16],
    uint16_t *mask)
{
	const int at = manifest_position(m->members, m->n, person);

	if (at >= 0)
		*mask |= (uint16_t)(1U << at);
}

AM_RESULT
predicate_read(const struct view *v, const struct rows_request *q,
    const struct rows_manifest *m, int64_t at, struct predicate *out)
{
	struct predicate p = { .k = q->k };
	uint16_t asker = 0;

	AM_TRY(read_quorum(v, q, m, at, &p.quorum));
	mark(m, q->by, &asker);
	p.members = (uint16_t)(((1U << m->n) - 1) & ~(unsigned)asker);
	for (size_t i = 0; i < q->approval_count; i++) {
		bool counts = false;

		AM_TRY(predicate_counts(v, &q->approvals[i], at, &counts));
		mark(m, q->approvals[i].person, &p.given);
		if (counts)
			mark(m, q->approvals[i].person, &p.approved);
	}
	for (size_t i = 0; i < q->decline_count; i++)
		mark(m, q->declines[i].person, &p.declined);
	*out = p;
	return AM_OK;
}

/* ---- what follows */

bool
predicate_holds(const struct predicate *p)
{
	return quorum_holds(&p->quorum, p->approved & p->members);
}

/* Of all of `who` no limit is passed. */
static bool
keeps_caps(const struct predicate *p, uint16_t who)
{
	for (size_t i = 0; i < p->quorum.cap_count; i++)
		if (count_bits(p->quorum.caps[i].who & who) >
		    p->quorum.caps[i].max)
			return false;
	return true;
}

/* Could the first k approvals be these, as far as posts and limits go? */
static bool
fits(const struct predicate *p, uint16_t who)
{
	const unsigned c = count_bits(who);

	return c <= p->k && keeps_caps(p, who) &&
	    quorum_unfilled(&p->quorum, who) <= p->k - c;
}

/* Can `who` and some of `more` be k that keep the rule? Recursion: k deep. */
static bool
has_way_on(const struct predicate *p, uint16_t who, uint16_t more)
{
	if (!fits(p, who))
		return false;
	if (count_bits(who) == p->k)
		return true;
	if (quorum_unfilled(&p->quorum, who | more) > 0)
		return false;
	while (more != 0) {
		const uint16_t next = more & (uint16_t)-more;

		more &= (uint16_t)~next;
		if (has_way_on(p, who | next, more))
			return true;
	}
	return false;
}

/* The rule as it is for the first k: the posts of `out` fill no place. */
static struct predicate
of_k(const struct predicate *p, uint16_t out)
{
	struct predicate q = *p;

	q.quorum.need = p->k;
	for (size_t i = 0; i < q.quorum.group_count; i++)
		q.quorum.groups[i].who &= (uint16_t)~out;
	return q;
}

bool
predicate_is_dead_end(const struct predicate *p, uint16_t approved)
{
	const uint16_t before = p->approved | p->given,
		       after = before | approved;
	const uint16_t could = p->members & (uint16_t)~p->declined;
	const struct predicate q = of_k(p, after & (uint16_t)~approved);

	if (p->quorum.need == 0)
		return true;
	if (after == before) /* with another key: no further partial */
		return false;
	if (count_bits(after) >= p->k)
		return !quorum_holds(&q.quorum, after);
	return !fits(&q, after) ||
	    (!has_way_on(&q, after, could & (uint16_t)~after) &&
		has_way_on(&q, before, could & (uint16_t)~before));
}

bool
predicate_is_declined(const struct predicate *p)
{
	return count_bits(p->members) - count_bits(p->declined & p->members) <
	    p->quorum.need;
}
