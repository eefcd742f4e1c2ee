#include "vault/state/bound.h"

#include "vault/base/when.h"
#include "vault/state/tenure.h"

static AM_RESULT
less_time(
    const char *what, int64_t is, int64_t level, bool less, struct blob *out)
{
	char have[WHEN_WORDS_MAX], want[WHEN_WORDS_MAX];

	if (!less)
		return AM_OK;
	when_words(is, have);
	when_words(level, want);
	return blob_printf(out, "%s%s %s (level %s)", out->len > 0 ? ", " : "",
	    what, have, want);
}

static AM_RESULT
less_count(
    const char *what, unsigned is, unsigned level, bool less, struct blob *out)
{
	if (!less)
		return AM_OK;
	return blob_printf(out, "%s%s %u (level %u)", out->len > 0 ? ", " : "",
	    what, is, level);
}

/* At most so many of one reporting line; without a cap, all that a break-glass
 * needs, which are no fewer than usual. */
static unsigned
line_cap(const struct rows_rules *is)
{
	unsigned cap = is->breakglass_need;

	for (size_t i = 0; i < is->rule.cap_count; i++)
		if (is->rule.caps[i].attr == QUORUM_LINE &&
		    is->rule.caps[i].max < cap)
			cap = is->rule.caps[i].max;
	return cap;
}

/* ---- required posts */

bool
bound_is_of(const char *wing, const char *owner, const char *of_post)
{
	if (of_post[0] == '\0')
		return false;
	if (strcmp(wing, "owner") == 0)
		return strcmp(of_post, owner) == 0;
	if (strcmp(wing, "other_wing") == 0)
		return strcmp(of_post, owner) != 0;
	return strcmp(of_post, wing) == 0;
}

/* The wings of the posts of the rules, and how many places of each group are
 * not taken yet. */
struct posts {
	size_t count;
	struct posts_group {
		uint8_t free;
		size_t count;
		struct rows_wing wings[QUORUM_POSTS_MAX];
	} groups[QUORUM_GROUPS_MAX];
};

static AM_RESULT
read_posts(
    const struct view *v, const struct quorum_rule *rule, struct posts *out)
{
	*out = (struct posts){ .count = rule->group_count };
	for (size_t i = 0; i < rule->group_count; i++) {
		const struct quorum_group *from = &rule->groups[i];
		struct posts_group *to = &out->groups[i];

		to->free = from->count;
		for (size_t j = 0; j < from->post_count; j++) {
			struct rows_post p;

			AM_TRY(tenure_post(v, from->posts[j], &p));
			memcpy(to->wings[to->count++].name, p.wing,
			    sizeof(p.wing));
		}
	}
	return AM_OK;
}

/* Whoever fills a place of `is` is of one of the wings of `asked`. */
static bool
fills(const struct posts_group *is, const struct rows_group *asked,
    const char *owner)
{
	for (size_t i = 0; i < is->count; i++) {
		bool of = false;

		for (size_t j = 0; j < asked->wing_count; j++)
			of |= bound_is_of(
			    asked->wings[j].name, owner, is->wings[i].name);
		if (!of)
			return false;
	}
	return true;
}

/* Bit j of fits[i]: a place of group j of the rules is one for group i of the
 * level. */
struct matching {
	size_t asked;
	uint8_t fits[LEVELS_GROUPS_MAX], free[QUORUM_GROUPS_MAX];
};
_Static_assert(QUORUM_GROUPS_MAX <= 8, "a bit each");

/* Each group of the level, from `at` on, has a place of its own. At most eight
 * groups, so trying is cheap. */
static bool
all_filled(struct matching *m, size_t at)
{
	if (at == m->asked)
		return true;
	for (size_t i = 0; i < QUORUM_GROUPS_MAX; i++) {
		bool rest;

		if (m->free[i] == 0 || (m->fits[at] >> i & 1) == 0)
			continue;
		m->free[i]--;
		rest = all_filled(m, at + 1);
		m->free[i]++;
		if (rest)
			return true;
	}
	return false;
}

static bool
fills_all(const struct posts *p, const struct rows_level *l, const char *owner)
{
	struct matching m = { .asked = l->group_count };

	for (size_t i = 0; i < p->count; i++) {
		m.free[i] = p->groups[i].free;
		for (size_t j = 0; j < l->group_count; j++)
			if (fills(&p->groups[i], &l->groups[j], owner))
				m.fits[j] |= (uint8_t)(1U << i);
	}
	return all_filled(&m, 0);
}

/* Whichever wing has the safe: rules do not say which. */
static bool
has_posts(const struct posts *p, const struct rows_level *l)
{
	if (fills_all(p, l, ""))
		return true;
	for (size_t i = 0; i < p->count; i++)
		for (size_t j = 0; j < p->groups[i].count; j++)
			if (fills_all(p, l, p->groups[i].wings[j].name))
				return true;
	return false;
}

static AM_RESULT
less_posts(const struct view *v, const struct rows_rules *is,
    const struct rows_level *l, struct blob *out)
{
	struct posts p;

	AM_TRY(read_posts(v, &is->rule, &p));
	if (has_posts(&p, l))
		return AM_OK;
	return blob_printf(out,
	    "%srequired posts that are not of the wings that the level names",
	    out->len > 0 ? ", " : "");
}

AM_RESULT
bound_weaker(const struct view *v, const struct rows_rules *is,
    const struct rows_level *l, struct blob *out)
{
	const unsigned cap = line_cap(is);

	AM_TRY(less_count("approvals", is->rule.need, l->quorum_k,
	    is->rule.need < l->quorum_k, out));
	if (is->rule.group_count < l->group_count)
		AM_TRY(less_count("required groups", is->rule.group_count,
		    l->group_count, true, out));
	else
		AM_TRY(less_posts(v, is, l, out));
	AM_TRY(
	    less_count("of one reporting line", cap, l->max_same_reporting_line,
		cap > l->max_same_reporting_line && cap > 1, out));
	AM_TRY(less_time("cool-off", is->cooloff, l->cooloff_open,
	    is->cooloff < l->cooloff_open, out));
	AM_TRY(less_time("objection period", is->cooloff_change,
	    l->cooloff_change, is->cooloff_change < l->cooloff_change, out));
	AM_TRY(less_count("break-glass approvals", is->breakglass_need,
	    l->breakglass_quorum, is->breakglass_need < l->breakglass_quorum,
	    out));
	AM_TRY(less_time("break-glass cool-off", is->breakglass_cooloff,
	    l->breakglass_cooloff,
	    is->breakglass_cooloff < l->breakglass_cooloff, out));
	AM_TRY(less_time(
	    "grant", is->grant, l->grant_life, is->grant > l->grant_life, out));
	AM_TRY(less_count("uses", is->uses, l->grant_uses_max,
	    l->grant_uses_max != 0 &&
		(is->uses == 0 || is->uses > l->grant_uses_max),
	    out));
	return l->veto_by_decline != 0 && is->veto == 0
	    ? blob_printf(out, "%sno veto", out->len > 0 ? ", " : "")
	    : AM_OK;
}
