/*
 * analyze: who could lock a safe, who could open it, and when that changes.
 */

#include "cli/analyze.h"

#include "cli/analysis.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "vault/acts/lookup.h"
#include "vault/audit/rebuild.h"
#include "vault/base/when.h"
#include "vault/state/tenure.h"

enum { DAY = 86400, CHARGE_DAYS = 93 };

/* ---- printing for people */

static AM_RESULT
say_today(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	const struct lockout_minima *min = &p->o->is.minima;
	blob_auto text = { 0 };

	if (!t->possible)
		AM_TRY(blob_printf(&text, "NO QUORUM; "));
	else
		AM_TRY(blob_printf(&text, "quorum possible, "));
	AM_TRY(blob_printf(&text, "head surplus %d%s (min %u)", t->surplus,
	    t->surplus < min->head_surplus ? " BELOW MINIMUM" : "",
	    min->head_surplus));
	if (t->possible)
		AM_TRY(
		    blob_printf(&text, ", smallest cut %u%s (min %u)", t->cut,
			t->cut < min->cut ? " BELOW MINIMUM" : "", min->cut));
	analysis_line("today", &text);
	return AM_OK;
}

static AM_RESULT
add_out(
    const struct prospect *p, uint16_t who, const char *why, struct blob *out)
{
	if (who == 0)
		return AM_OK;
	AM_TRY(blob_printf(out, "%s", out->len > 0 ? "; " : ""));
	AM_TRY(prospect_people(p, who, out));
	return blob_printf(out, " (%s)", why);
}

static AM_RESULT
say_out(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	const uint16_t unfit = prospect_unfit(p);
	blob_auto text = { 0 };

	AM_TRY(add_out(p, t->out & (uint16_t)~unfit,
	    "departed, suspended or without a key", &text));
	AM_TRY(add_out(p, unfit, "key not as the level asks", &text));
	AM_TRY(add_out(p, t->lapsed, "appointment over", &text));
	AM_TRY(add_out(p, t->absent, "absent", &text));
	AM_TRY(add_out(p, t->overdue, "drill overdue", &text));
	if (text.len > 0)
		analysis_line("not counted on", &text);
	return AM_OK;
}

/* also where the level only warns of it. */
static AM_RESULT
say_advised(const struct prospect *p)
{
	const uint16_t who = prospect_advised(p);
	blob_auto text = { 0 };

	if (who == 0)
		return AM_OK;
	AM_TRY(prospect_people(p, who, &text));
	AM_TRY(blob_printf(&text, ": all keys of models under an advisory"));
	analysis_line("key advisory", &text);
	return AM_OK;
}

static AM_RESULT
add_cut(const struct prospect *p, const struct lockout_cut *c, bool only,
    struct blob *out)
{
	AM_TRY(blob_printf(out, "%s", out->len > 0 ? "; " : ""));
	AM_TRY(prospect_people(p, c->who, out));
	if (c->group >= 0)
		AM_TRY(blob_printf(out,
		    only ? " (only holder for \"%s\")" : " (\"%s\")",
		    p->o->is.group_names[c->group]));
	return AM_OK;
}

static AM_RESULT
say_cuts(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	blob_auto singles = { 0 }, pairs = { 0 };

	for (size_t i = 0; i < t->single_count; i++)
		AM_TRY(add_cut(p, &t->singles[i], true, &singles));
	if (t->single_count == 0)
		AM_TRY(blob_printf(&singles, "none"));
	if (t->possible)
		analysis_line("one loss locks it", &singles);
	for (size_t i = 0; i < t->pair_count; i++)
		AM_TRY(add_cut(p, &t->pairs[i], false, &pairs));
	if (t->pair_count == 0)
		AM_TRY(blob_printf(&pairs, "none"));
	if (t->possible)
		analysis_line("pairs that lock it", &pairs);
	return AM_OK;
}

static AM_RESULT
say_asker(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	blob_auto text = { 0 };

	if (t->worst_asker == LOCKOUT_NOBODY || !t->possible ||
	    t->cut_asked[t->worst_asker] >= t->cut)
		return AM_OK;
	AM_TRY(blob_printf(&text, "%s, who then does not count: ",
	    p->o->is.people[t->worst_asker].id));
	AM_TRY(t->cut_asked[t->worst_asker] == 0
		? blob_printf(&text, "no quorum at all")
		: blob_printf(
		      &text, "smallest cut %u", t->cut_asked[t->worst_asker]));
	if (p->o->is.outsider_asks)
		AM_TRY(blob_printf(&text, "; let one who is no custodian ask"));
	analysis_line("worst requester", &text);
	return AM_OK;
}

static AM_RESULT
say_durable(const struct prospect *p)
{
	const unsigned is = (unsigned)__builtin_popcount(p->l->today.durable);
	const unsigned min = p->o->is.minima.durable_holders;
	blob_auto text = { 0 };

	AM_TRY(blob_printf(
	    &text, "%u%s (min %u)", is, is < min ? " BELOW MINIMUM" : "", min));
	if (is > 0) {
		AM_TRY(blob_printf(&text, ": "));
		AM_TRY(prospect_people(p, p->l->today.durable, &text));
	}
	analysis_line("durable holders", &text);
	return AM_OK;
}

/* The instants of the calendar at which somebody's appointment ends. */
static AM_RESULT
say_point(const struct prospect *p, const struct lockout_point *at)
{
	const char *order = NULL;
	const size_t n = lockout_ending(&p->o->is, at->at, &order);
	blob_auto text = { 0 };

	AM_TRY(prospect_time(at->at, &text));
	AM_TRY(blob_printf(&text,
	    at->possible ? ": surplus %d, smallest cut %u" : ": NO QUORUM",
	    at->surplus, at->cut));
	if (n > 0)
		AM_TRY(blob_printf(&text, "; %zu appointment%s end%s", n,
		    n == 1 ? "" : "s", n == 1 ? "s" : ""));
	if (order != NULL)
		AM_TRY(blob_printf(&text, " (order %s)", order));
	analysis_line("later", &text);
	return AM_OK;
}

static AM_RESULT
say_calendar(const struct prospect *p)
{
	const struct lockout_point *before = &p->l->points[0];
	blob_auto none = { 0 };
	bool any = false;

	for (size_t i = 1; i < p->l->point_count; i++) {
		const struct lockout_point *at = &p->l->points[i];

		if (at->eligible == before->eligible &&
		    at->cut == before->cut && at->ending == 0)
			continue;
		AM_TRY(say_point(p, at));
		before = at;
		any = true;
	}
	AM_TRY(blob_printf(&none, "nothing ends in the next %lld days",
	    (long long)(p->o->is.horizon / DAY)));
	if (!any)
		analysis_line("later", &none);
	return AM_OK;
}

static AM_RESULT
say_causes(const struct prospect *p)
{
	for (size_t i = 0; i < p->l->cause_count; i++) {
		const struct lockout_cause *c = &p->l->causes[i];
		const int lost = __builtin_popcount(c->lost);
		blob_auto text = { 0 };

		if (lost < 2 || c->left)
			continue;
		AM_TRY(blob_printf(&text,
		    "%s %s takes %d of %zu custodians, and the quorum",
		    lockout_by_name(c->by), c->value, lost, p->o->is.n));
		analysis_line("same cause", &text);
	}
	for (size_t i = 0; i < p->l->ring_count; i++) {
		const struct lockout_ring *r = &p->l->rings[i];
		blob_auto text = { 0 };

		AM_TRY(prospect_people(p, r->who, &text));
		AM_TRY(blob_printf(&text,
		    " (%s %s): a quorum among "
		    "themselves",
		    lockout_by_name(r->by), r->value));
		analysis_line("could collude", &text);
	}
	return AM_OK;
}

static AM_RESULT
say_quorums(const struct prospect *p)
{
	blob_auto text = { 0 };

	AM_TRY(blob_printf(&text, "%u people; %zu of them exist",
	    p->o->is.rule.need, p->l->today.quorum_count));
	analysis_line("smallest quorums", &text);
	return AM_OK;
}

/* Estacode Sl. 75: an additional charge lasts three months on one order. */
static AM_RESULT
say_charges(struct analysis *a, const struct prospect *p)
{
	blob_auto text = { 0 };

	for (size_t i = 0; i < p->o->committee.n; i++) {
		struct rows_person who;

		AM_TRY(rows_get_person(&a->v,
		    (struct bytes){ p->o->committee.members[i].person, 16 },
		    &who));
		for (uint32_t n = 0; n < who.appointments; n++) {
			struct rows_appointment is;

			AM_TRY(tenure_nth(&a->v, who.person, n, &is));
			if (is.kind != ROWS_ADDITIONAL || is.until <= a->now ||
			    is.until - is.from <= (int64_t)CHARGE_DAYS * DAY)
				continue;
			AM_TRY(blob_printf(&text, "%s%s (order %s)",
			    text.len > 0 ? ", " : "", who.id, is.order));
		}
	}
	if (text.len == 0)
		return AM_OK;
	AM_TRY(blob_printf(&text,
	    ": additional charge beyond three months on "
	    "one order"));
	analysis_line("to be asked", &text);
	return AM_OK;
}

static void
say_finding(const struct prospect_line *f)
{
	analysis_line("FINDING", &f->what);
	analysis_line("  what to do", &f->todo);
}

static AM_RESULT
say_findings(const struct prospect *p)
{
	for (size_t i = 0; i < prospect_count(p); i++) {
		prospect_line_auto f = { 0 };

		AM_TRY(prospect_finding(p, i, &f));
		say_finding(&f);
	}
	return AM_OK;
}

static AM_RESULT
say_safe(struct analysis *a, const struct prospect *p,
    const struct prospect_line *beyond)
{
	AM_TRY(analysis_heading(a, p));
	AM_TRY(say_today(p));
	AM_TRY(say_out(p));
	AM_TRY(say_advised(p));
	AM_TRY(say_cuts(p));
	AM_TRY(say_asker(p));
	AM_TRY(say_durable(p));
	AM_TRY(say_calendar(p));
	AM_TRY(say_causes(p));
	AM_TRY(say_quorums(p));
	AM_TRY(say_charges(a, p));
	AM_TRY(beyond_not_kept(a, &p->o->safe));
	AM_TRY(say_findings(p));
	if (beyond->kind != NULL)
		say_finding(beyond);
	return AM_OK;
}

/* ---- for programs */

static void
json_today(struct out_json *j, const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;

	out_json_open(j, "today", '{');
	out_json_bool(j, "possible", t->possible);
	out_json_int(j, "surplus", t->surplus);
	out_json_uint(j, "cut", t->cut);
	analysis_people(j, "eligible", p, t->eligible);
	analysis_people(j, "durable", p, t->durable);
	analysis_people(j, "unfit", p, prospect_unfit(p));
	analysis_people(j, "advised", p, prospect_advised(p));
	out_json_open(j, "singles", '[');
	for (size_t i = 0; i < t->single_count; i++)
		analysis_people(j, NULL, p, t->singles[i].who);
	out_json_close(j);
	out_json_open(j, "pairs", '[');
	for (size_t i = 0; i < t->pair_count; i++)
		analysis_people(j, NULL, p, t->pairs[i].who);
	out_json_close(j);
	out_json_uint(j, "quorums", t->quorum_count);
	out_json_close(j);
}

static void
json_calendar(struct out_json *j, const struct prospect *p)
{
	out_json_open(j, "calendar", '[');
	for (size_t i = 0; i < p->l->point_count; i++) {
		const struct lockout_point *at = &p->l->points[i];

		out_json_open(j, NULL, '{');
		analysis_time(j, "at", at->at);
		out_json_bool(j, "possible", at->possible);
		out_json_int(j, "surplus", at->surplus);
		out_json_uint(j, "cut", at->cut);
		analysis_people(j, "ending", p, at->ending);
		out_json_close(j);
	}
	out_json_close(j);
}

static void
json_finding(struct out_json *j, const struct prospect_line *f)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "kind", f->kind);
	analysis_time(j, "at", f->at);
	out_json_str(j, "what", blob_bytes(&f->what));
	out_json_str(j, "todo", blob_bytes(&f->todo));
	out_json_close(j);
}

static AM_RESULT
json_findings(struct out_json *j, const struct prospect *p,
    const struct prospect_line *beyond)
{
	out_json_open(j, "findings", '[');
	for (size_t i = 0; i < prospect_count(p); i++) {
		prospect_line_auto f = { 0 };

		AM_TRY(prospect_finding(p, i, &f));
		json_finding(j, &f);
	}
	if (beyond->kind != NULL)
		json_finding(j, beyond);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
json_safe(struct analysis *a, const struct prospect *p,
    const struct prospect_line *beyond)
{
	struct out_json *j = a->j;

	out_json_open(j, NULL, '{');
	out_json_text(j, "safe", p->o->safe.id);
	out_json_text(j, "level", p->o->safe.level);
	out_json_uint(j, "quorum", p->o->is.rule.need);
	out_json_uint(j, "members", p->o->is.n);
	out_json_bool(j, "bound", p->o->bound);
	json_today(j, p);
	json_calendar(j, p);
	out_json_open(j, "not_kept", '[');
	AM_TRY(beyond_not_kept(a, &p->o->safe));
	out_json_close(j);
	AM_TRY(json_findings(j, p, beyond));
	out_json_close(j);
	return AM_OK;
}

/* ---- what if */

/* A person who is in no safe at all is a slip of the pen. */
static AM_RESULT
check_without(struct analysis *a)
{
	char id[ROWS_ID_MAX + 1];
	const char *s = a->without;

	while (s != NULL && *s != '\0') {
		const size_t n = strcspn(s, ",");
		struct rows_person p;

		(void)snprintf(id, sizeof(id), "%.*s", (int)n, s);
		AM_TRY(lookup_person(a->d->session, id, &p));
		s += n + (s[n] == ',');
	}
	return AM_OK;
}

/* ---- each safe */

typedef enum am_err
analysis_fn(struct analysis *a, const struct rows_safe *safe, void *arg);

static enum am_err
tell_safe(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	prospect_line_auto beyond = { 0 };
	prospect_auto p = { 0 };

	(void)arg;
	AM_TRY(analysis_look(a, safe, &p));
	AM_TRY(beyond_finding(a, &p, &beyond));
	a->findings += prospect_count(&p) + (beyond.kind != NULL);
	return a->j != NULL ? json_safe(a, &p, &beyond)
			    : say_safe(a, &p, &beyond);
}

/* ---- the verb */

static AM_RESULT
read_when(struct cmd_call *call, struct analysis *a, int64_t *until)
{
	const char *at = cmd_opt(call, "at"),
		   *horizon = cmd_opt(call, "horizon"),
		   *by = cmd_opt(call, "transition");

	a->horizon = OUTLOOK_HORIZON;
	if (at != NULL && when_begin(at, &a->now) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--at is a day or an instant, such as 2027-06-30, not '%s'",
		    at);
	if (horizon != NULL && when_span(horizon, &a->horizon) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--horizon is a time such as 400d, not '%s'", horizon);
	if (by != NULL && when_end(by, until) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--transition is the last day, such as 2027-06-30, not "
		    "'%s'",
		    by);
	return AM_OK;
}

/* The forms that list one thing of each safe; NULL: another form. */
static analysis_fn *
list_of(const struct cmd_call *call)
{
	if (cmd_flag(call, "openers"))
		return transition_openers;
	if (cmd_flag(call, "pairs"))
		return pairs_safe;
	return cmd_opt(call, "transition") != NULL ? transition_safe : NULL;
}

static AM_RESULT
run(struct cmd_call *call, struct analysis *a, int64_t until)
{
	const char *wanted = call->arg_count > 0 ? call->args[0] : NULL;
	struct levels levels;

	AM_TRY(check_without(a));
	if (cmd_flag(call, "subscriptions"))
		return reach_tell(a);
	if (cmd_opt(call, "html") != NULL)
		return album_draw(a, wanted, cmd_opt(call, "html"));
	if (list_of(call) != NULL) {
		if (a->j != NULL)
			out_json_open(a->j, NULL, '[');
		return analysis_each(a, wanted, list_of(call), &until);
	}
	AM_TRY(overall_policy(a, &levels));
	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		analysis_time(a->j, "at", a->now);
		out_json_open(a->j, "safes", '[');
	}
	AM_TRY(analysis_each(a, wanted, tell_safe, NULL));
	if (a->j != NULL)
		out_json_close(a->j);
	return overall_tell(a, wanted);
}

/* Subscriptions are in all safes, and a renewal has its own day. */
static AM_RESULT
check_alone(const struct cmd_call *call)
{
	static const char *const others[] = { "transition", "html", "horizon" };

	if (cmd_opt(call, "html") != NULL && list_of(call) != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "--html draws the analysis, and goes without --openers, "
		    "--pairs and --transition");
	if (!cmd_flag(call, "subscriptions"))
		return AM_OK;
	if (call->arg_count > 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--subscriptions is about all safes, not '%s'",
		    call->args[0]);
	for (size_t i = 0; i < AM_ARRAY_LEN(others); i++)
		if (cmd_opt(call, others[i]) != NULL)
			return cmd_complain(AM_ERR_INVALID,
			    "--subscriptions goes without --%s", others[i]);
	if (cmd_flag(call, "openers") || cmd_flag(call, "pairs"))
		return cmd_complain(AM_ERR_INVALID,
		    "--subscriptions goes without --openers and --pairs");
	return AM_OK;
}

/* What was true then is answered from what was known then. */
static AM_RESULT
run_at(struct cmd_call *call, struct analysis *a, int64_t until)
{
	struct view_memory *past = NULL;
	store_txn_auto *t = NULL;
	enum am_err err;

	if (a->now == 0)
		a->now = session_now(a->d->session);
	if (a->now >= a->d->session->vault.last_at) {
		AM_TRY(store_begin(a->d->session->store, false, &t));
		a->v = view_store(t);
		return run(call, a, until);
	}
	AM_TRY(view_memory_new(&past));
	a->v = view_memory(past);
	err = rebuild_until(a->d->session, a->now, &a->v);
	if (err == AM_OK)
		err = run(call, a, until);
	view_memory_free(past);
	return err;
}

AM_RESULT
analyze_run(struct cmd_call *call)
{
	struct analysis a = { .without = cmd_opt(call, "without"),
		.fail = cmd_opt(call, "fail") };
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	int64_t until = 0;

	AM_TRY(check_alone(call));
	AM_TRY(read_when(call, &a, &until));
	AM_TRY(desk_open(call, false, &d));
	a.d = &d;
	a.j = call->json ? &j : NULL;
	AM_TRY(desk_done(&d, run_at(call, &a, until), "analyze"));
	if (cmd_flag(call, "openers"))
		return AM_OK;
	if (a.fail != NULL && !a.hit)
		cmd_say(
		    call, "nobody has '%s', so nothing changed by it", a.fail);
	if (cmd_flag(call, "subscriptions"))
		return a.findings > 0 ? AM_ERR_LOCKOUT : AM_OK;
	if (a.findings == 0) {
		if (cmd_flag(call, "pairs"))
			cmd_say(call,
			    "no two people who never approve without each "
			    "other");
		else if (cmd_opt(call, "transition") == NULL)
			cmd_say(call, "no risk of lockout found");
		return AM_OK;
	}
	cmd_say(call, "%zu finding%s", a.findings, a.findings == 1 ? "" : "s");
	return AM_ERR_LOCKOUT;
}

AM_RESULT
analyze_transition(struct cmd_call *call, const char *safe, int64_t until)
{
	struct analysis a = { .horizon = OUTLOOK_HORIZON };
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	store_txn_auto *t = NULL; /* ends before the desk does */

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(store_begin(d.session->store, false, &t));
	a.d = &d;
	a.v = view_store(t);
	a.now = session_now(d.session);
	a.j = call->json ? &j : NULL;
	if (call->json)
		out_json_open(&j, NULL, '[');
	AM_TRY(desk_done(&d, analysis_each(&a, safe, transition_safe, &until),
	    "plan the change"));
	return a.findings > 0 ? AM_ERR_LOCKOUT : AM_OK;
}
