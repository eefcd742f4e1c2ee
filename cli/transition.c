/*
 * analyze --openers and --transition: who can open at all, and how all of them
 * are replaced by a day.
 */

#include "cli/analysis.h"

/* ---- who can open: X-19 */

struct opener {
	const struct prospect *p;
	const char *committee;
};

static AM_RESULT
say_opener(struct analysis *a, const struct opener *o, uint16_t who)
{
	blob_auto text = { 0 };

	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		out_json_text(a->j, "safe", o->p->o->safe.id);
		out_json_text(a->j, "committee", o->committee);
		analysis_people(a->j, "people", o->p, who);
		out_json_close(a->j);
		return AM_OK;
	}
	AM_TRY(prospect_people(o->p, who, &text));
	printf("%s  %s  %.*s\n", o->p->o->safe.id, o->committee, (int)text.len,
	    (const char *)text.p);
	return AM_OK;
}

/* Mathematics, not policy: any k of a committee, whoever they are. */
static AM_RESULT
list_openers(struct analysis *a, const struct opener *o)
{
	const unsigned n = (unsigned)o->p->o->is.n, k = o->p->o->committee.k;

	for (unsigned who = 0; who < 1U << n; who++)
		if ((unsigned)__builtin_popcount(who) == k)
			AM_TRY(say_opener(a, o, (uint16_t)who));
	return AM_OK;
}

enum am_err
transition_openers(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	static const struct {
		uint8_t committee;
		const char *name;
	} both[] = { { ROWS_OPERATING, "operating" },
		{ ROWS_RECOVERY, "recovery" } };

	(void)arg;
	for (size_t i = 0; i < AM_ARRAY_LEN(both); i++) {
		prospect_auto p = { 0 };
		const struct opener o = { &p, both[i].name };
		const enum am_err err = outlook_of(
		    &a->v, safe, both[i].committee, a->now, a->horizon, &p.o);

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		AM_TRY(list_openers(a, &o));
	}
	return AM_OK;
}

/* ---- a mass change */

static AM_RESULT
say_step(const struct prospect *p, const struct outlook_step *s, size_t i,
    size_t count)
{
	blob_auto who = { 0 };
	char plan[32], prove[32];

	desk_time(s->plan_by, plan);
	desk_time(s->prove_by, prove);
	AM_TRY(prospect_people(p, s->leaving, &who));
	printf("batch %zu of %zu: in place of %.*s\n", i + 1, count,
	    (int)who.len, (const char *)who.p);
	printf("  by %s  successors appointed and enrolled; then\n"
	       "                        amanat safe reshare %s --custodians "
	       "...\n",
	    plan, p->o->safe.id);
	printf("  by %s  all have proved: amanat safe join %s\n", prove,
	    p->o->safe.id);
	return AM_OK;
}

static AM_RESULT
json_step(
    struct out_json *j, const struct prospect *p, const struct outlook_step *s)
{
	out_json_open(j, NULL, '{');
	analysis_people(j, "leaving", p, s->leaving);
	analysis_time(j, "plan_by", s->plan_by);
	analysis_time(j, "prove_by", s->prove_by);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
say_change(struct analysis *a, const struct prospect *p,
    const struct outlook_change *c)
{
	AM_TRY(analysis_heading(a, p));
	if (c->step_count == 0) {
		puts("  nobody's last appointment ends by then");
		return AM_OK;
	}
	printf("  %d of %zu hold nothing any more by then; at most %u a time, "
	       "so %zu batches\n",
	    __builtin_popcount(c->leaving), p->o->is.n, p->o->committee.k - 1U,
	    c->step_count);
	for (size_t i = 0; i < c->step_count; i++)
		AM_TRY(say_step(p, &c->steps[i], i, c->step_count));
	puts("then: rotate what the leavers know (amanat exposure), and a "
	     "drill with the new\npeople alone (amanat drill)");
	if (c->late)
		puts("LATE: the first batch should have begun already");
	return AM_OK;
}

enum am_err
transition_safe(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	const int64_t *until = arg;
	prospect_auto p = { 0 };
	struct outlook_change c;

	AM_TRY(
	    outlook_of(&a->v, safe, ROWS_OPERATING, a->now, a->horizon, &p.o));
	outlook_transition(p.o, *until, &c);
	a->findings += c.late;
	if (a->j == NULL)
		return say_change(a, &p, &c);
	out_json_open(a->j, NULL, '{');
	out_json_text(a->j, "safe", safe->id);
	out_json_open(a->j, "batches", '[');
	for (size_t i = 0; i < c.step_count; i++)
		AM_TRY(json_step(a->j, &p, &c.steps[i]));
	out_json_close(a->j);
	out_json_bool(a->j, "late", c.late);
	out_json_close(a->j);
	return AM_OK;
}
