#include "vault/state/bound.h"

#include "vault/base/when.h"

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

/* At most so many of one reporting line; without a cap, all. */
static unsigned
line_cap(const struct quorum_rule *r)
{
	unsigned cap = r->need;

	for (size_t i = 0; i < r->cap_count; i++)
		if (r->caps[i].attr == QUORUM_LINE && r->caps[i].max < cap)
			cap = r->caps[i].max;
	return cap;
}

AM_RESULT
bound_weaker(
    const struct rows_rules *is, const struct rows_level *l, struct blob *out)
{
	const unsigned cap = line_cap(&is->rule);

	AM_TRY(less_count("approvals", is->rule.need, l->quorum_k,
	    is->rule.need < l->quorum_k, out));
	AM_TRY(less_count("required groups", is->rule.group_count,
	    l->group_count, is->rule.group_count < l->group_count, out));
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
