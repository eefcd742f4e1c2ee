/*
 * analyze, of a safe: what its level asks beyond its own committee.
 */

#include "cli/analysis.h"
#include "vault/acts/recovery.h"

/* ---- the recovery committee: somebody can act on it */

static const char *
lack_name(enum recovery_lack lack)
{
	switch (lack) {
	case RECOVERY_AS_ASKED:
		return "";
	case RECOVERY_NONE:
		return "no-recovery";
	case RECOVERY_SMALL:
		return "small-recovery";
	case RECOVERY_SHARED:
		return "shared-recovery";
	}
	return "";
}

static AM_RESULT
add_both(const struct recovery *r, struct blob *out)
{
	if (r->both_count == 0)
		return AM_OK;
	AM_TRY(
	    blob_printf(out, "%sthat nobody be in both committees; in both: ",
		r->lack == RECOVERY_SMALL ? ", and " : ""));
	for (size_t i = 0; i < r->both_count; i++)
		AM_TRY(blob_printf(out, "%s%s", i > 0 ? ", " : "", r->both[i]));
	return AM_OK;
}

static AM_RESULT
tell_lack(const struct analysis *a, const struct prospect *p,
    const struct recovery *r, struct prospect_line *out)
{
	const struct rows_safe *s = &p->o->safe;

	out->kind = lack_name(r->lack);
	out->at = a->now;
	AM_TRY(blob_printf(&out->what, "level %s asks ", s->level));
	if (r->lack == RECOVERY_NONE)
		AM_TRY(blob_printf(&out->what,
		    "for a recovery committee, %u of %u or more, and there is "
		    "none",
		    r->ask_k, r->ask_n));
	if (r->lack == RECOVERY_SMALL)
		AM_TRY(blob_printf(&out->what,
		    "for a recovery committee of %u of %u or more (it is %u "
		    "of %u)",
		    r->ask_k, r->ask_n, r->k, r->n));
	AM_TRY(add_both(r, &out->what));
	AM_TRY(blob_text(&out->what, " [5.7]"));
	if (r->planned)
		return blob_printf(&out->todo,
		    "it is being set up: amanat safe status %s says who has to "
		    "act",
		    s->id);
	return blob_printf(&out->todo,
	    "%u people or more%s: amanat safe reshare %s --recovery --quorum "
	    "%u --custodians A,B,C --reason TEXT; else amanat waive 5.7 %s "
	    "--until DATE --reason TEXT",
	    r->ask_n, r->ask_disjoint ? ", none of this committee" : "", s->id,
	    r->ask_k, s->id);
}

/* A safe that is being set up has nothing in it, and no committee yet that
 * could hand its key on. */
AM_RESULT
beyond_finding(const struct analysis *a, const struct prospect *p,
    struct prospect_line *out)
{
	struct recovery r;

	if (p->o->planned)
		return AM_OK;
	AM_TRY(recovery_look(&a->v, &p->o->safe, a->now, &r));
	if (r.lack == RECOVERY_AS_ASKED || r.waived)
		return AM_OK;
	return tell_lack(a, p, &r, out);
}

/* ---- what this version does not keep: nobody can act on it */

static AM_RESULT
put(struct analysis *a, const struct blob *one, struct blob *all)
{
	if (one->len == 0)
		return AM_OK;
	if (a->j != NULL)
		out_json_str(a->j, NULL, blob_bytes(one));
	if (all->len > 0)
		AM_TRY(blob_text(all, ", "));
	return blob_add(all, blob_bytes(one));
}

static AM_RESULT
name_witnesses(const struct levels_level *l, struct blob *out)
{
	if (l->witnesses_min == 0)
		return AM_OK;
	AM_TRY(blob_printf(out, "%u witness%s", l->witnesses_min,
	    l->witnesses_min == 1 ? "" : "es"));
	return l->witnesses_outside_min == 0
	    ? AM_OK
	    : blob_printf(
		  out, " (%u of them outside)", l->witnesses_outside_min);
}

static AM_RESULT
name_stamps(const struct levels_level *l, struct blob *out)
{
	if (l->timestamp_authorities == 0)
		return AM_OK;
	AM_TRY(blob_text(out,
	    strcmp(l->timestamp, "daily") == 0
		? "daily time stamps"
		: "time stamps of every checkpoint"));
	return l->timestamp_authorities == 1
	    ? AM_OK
	    : blob_printf(out, " by %u authorities", l->timestamp_authorities);
}

AM_RESULT
beyond_not_kept(struct analysis *a, const struct rows_safe *safe)
{
	const size_t level = levels_held_to(safe->level);
	blob_auto one = { 0 }, two = { 0 }, all = { 0 };

	if (a->levels == NULL)
		return AM_OK;
	AM_TRY(name_witnesses(&a->levels->level[level], &one));
	AM_TRY(name_stamps(&a->levels->level[level], &two));
	AM_TRY(put(a, &one, &all));
	AM_TRY(put(a, &two, &all));
	if (a->j != NULL || all.len == 0)
		return AM_OK;
	blob_free(&one);
	AM_TRY(blob_printf(
	    &one, "by this version: %.*s", (int)all.len, (const char *)all.p));
	analysis_line("not kept", &one);
	return AM_OK;
}
