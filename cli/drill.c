#include <stdio.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "vault/acts/liveness.h"
#include "vault/acts/lookup.h"
#include "vault/acts/pin.h"
#include "vault/base/when.h"

/* One call of the verb. */
struct drill {
	struct desk *d;
	const struct rows_safe *only; /* NULL: all safes */
	bool recovery;                /* of that committee only */
	int64_t span;
	struct session_key key;
	struct out_json *j;
	unsigned done, open, refused;
};

static const char *
committee_name(uint8_t committee)
{
	return committee == ROWS_RECOVERY ? "recovery" : "operating";
}

static bool
is_active(const struct rows_safe *s, uint8_t committee)
{
	static const uint8_t none[32];

	return !bytes_same(
	    (struct bytes){
		committee == ROWS_RECOVERY ? s->recovery : s->manifest, 32 },
	    (struct bytes){ none, 32 });
}

static AM_RESULT
nth_safe(struct desk *d, uint32_t i, struct rows_safe *out)
{
	const struct rows_key n = rows_key_u32(i);
	store_txn_auto *t = NULL;
	uint8_t id[16];
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_index_get(&v, "safe-n", rows_key(&n), id, sizeof(id)));
	return rows_get_safe(&v, (struct bytes){ id, sizeof(id) }, out);
}

/* Calls `fn` for the safes that are meant. */
static AM_RESULT
each_safe(struct drill *c,
    enum am_err (*fn)(
	struct drill *c, const struct rows_safe *s, uint8_t committee))
{
	for (uint32_t i = 0; i < c->d->session->vault.safes; i++) {
		struct rows_safe s;

		AM_TRY(nth_safe(c->d, i, &s));
		if (c->only != NULL && strcmp(s.id, c->only->id) != 0)
			continue;
		if (!c->recovery)
			AM_TRY(fn(c, &s, ROWS_OPERATING));
		if (is_active(&s, ROWS_RECOVERY) || c->recovery)
			AM_TRY(fn(c, &s, ROWS_RECOVERY));
	}
	return AM_OK;
}

/* ---- acting */

static void
tell(struct drill *c, const struct rows_safe *s, uint8_t committee,
    const char *step)
{
	if (c->j == NULL)
		return;
	out_json_open(c->j, NULL, '{');
	out_json_text(c->j, "safe", s->id);
	out_json_text(c->j, "committee", committee_name(committee));
	out_json_text(c->j, "step", step);
	out_json_close(c->j);
}

static enum am_err
prove(struct drill *c, const struct rows_safe *s, uint8_t committee)
{
	struct rows_drill open;
	bool owed = false;
	const enum am_err err =
	    liveness_open(c->d->session, s, committee, &open);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	c->open++;
	AM_TRY(liveness_owed(c->d->session, &open, c->key.row.person, &owed));
	if (!owed)
		return AM_OK;
	AM_TRY(pin_check(c->d->session, &c->key, s));
	AM_TRY(liveness_prove(c->d->session, &c->key, &open));
	c->done++;
	cmd_say(c->d->call,
	    "%s: your key still opens your share of '%s'; nothing was opened",
	    c->key.person.id, s->id);
	tell(c, s, committee, "proved");
	return AM_OK;
}

static AM_RESULT
may_call(
    struct drill *c, const struct rows_safe *s, uint8_t committee, bool *out)
{
	char question[160];

	(void)snprintf(question, sizeof(question),
	    "Call all custodians of safe '%s' (%s) to prove that their keys "
	    "open their shares?",
	    s->id, committee_name(committee));
	return term_confirm(c->d->call->yes, question, &c->d->why, out);
}

static enum am_err
call_one(struct drill *c, const struct rows_safe *s, uint8_t committee)
{
	struct rows_drill open;
	bool yes = false;
	enum am_err err;

	/* without a name: those that there are */
	if (committee == ROWS_RECOVERY && !c->recovery)
		return AM_OK;
	if (c->only == NULL && !is_active(s, committee))
		return AM_OK;
	err = liveness_open(c->d->session, s, committee, &open);
	if (err != AM_ERR_NOT_FOUND)
		return err;
	if (is_active(s, committee))
		AM_TRY(may_call(c, s, committee, &yes));
	else
		yes = true; /* for the refusal */
	if (!yes) {
		c->refused++;
		return AM_OK;
	}
	AM_TRY(liveness_call(c->d->session, &c->key, s, committee, c->span));
	c->done++;
	cmd_say(c->d->call,
	    "drill called; next: every custodian runs 'amanat drill %s%s', you "
	    "too if you are one; 'amanat drill --report %s' shows who has",
	    s->id, c->recovery ? " --recovery" : "", s->id);
	tell(c, s, committee, "called");
	return AM_OK;
}

static AM_RESULT
act(struct drill *c)
{
	AM_TRY(each_safe(c, prove));
	if (c->done == 0 && (c->only == NULL || c->open == 0))
		AM_TRY(each_safe(c, call_one));
	if (c->done > 0)
		return AM_OK;
	cmd_say(c->d->call,
	    c->refused > 0 ? "nothing was called"
		: c->open > 0
		? "a drill is open already and you owe no proof; 'amanat "
		  "drill --report' shows who does"
		: "there is no safe with a committee to drill");
	return AM_OK;
}

/* ---- report */

static void
report_json(const struct rows_safe *s, const struct liveness_report *r,
    struct out_json *j)
{
	char at[WHEN_TEXT_LEN + 1];

	out_json_open(j, NULL, '{');
	out_json_text(j, "safe", s->id);
	out_json_text(j, "committee", committee_name(r->drill.committee));
	out_json_uint(j, "drill", r->drill.number);
	when_text(r->drill.at, at);
	out_json_text(j, "called", at);
	when_text(r->drill.until, at);
	out_json_text(j, "until", at);
	out_json_uint(j, "quorum", r->k);
	if (r->quorum_at != 0)
		out_json_int(
		    j, "seconds_to_quorum", r->quorum_at - r->drill.at);
	else
		out_json_null(j, "seconds_to_quorum");
	out_json_open(j, "custodians", '[');
	for (size_t i = 0; i < r->n; i++) {
		when_text(r->members[i].at, at);
		out_json_open(j, NULL, '{');
		out_json_text(j, "person", r->members[i].id);
		out_json_text(j, "proved", r->members[i].at != 0 ? at : "");
		out_json_close(j);
	}
	out_json_close(j);
	out_json_close(j);
}

/* Days, hours and minutes, the larger two. */
static void
span_text(int64_t seconds, char out[static 48])
{
	const long minutes = (long)(seconds / 60);

	if (minutes >= 1440)
		(void)snprintf(out, 48, "%ld d %ld h", minutes / 1440,
		    minutes % 1440 / 60);
	else if (minutes >= 60)
		(void)snprintf(
		    out, 48, "%ld h %ld min", minutes / 60, minutes % 60);
	else
		(void)snprintf(out, 48, "%ld min", minutes);
}

static AM_RESULT
report_text(
    struct desk *d, const struct rows_safe *s, const struct liveness_report *r)
{
	static const char *const heads[] = { "CUSTODIAN", "PROVED", NULL };
	out_table_auto t = out_table_start(heads);
	char at[32], until[32], span[48];
	const bool over = session_now(d->session) > r->drill.until;

	desk_time(r->drill.at, at);
	desk_time(r->drill.until, until);
	printf("safe %s, %s committee: drill of %s\n", s->id,
	    committee_name(r->drill.committee), at);
	printf("%s %s; %u of %u proved\n", over ? "over since" : "open until",
	    until, r->proved, r->n);
	span_text(r->quorum_at - r->drill.at, span);
	if (r->quorum_at != 0)
		printf("a quorum of %u was there after %s\n", r->k, span);
	else
		printf("NO QUORUM of %u%s\n", r->k, over ? "" : " yet");
	for (size_t i = 0; i < r->n; i++) {
		desk_time(r->members[i].at, at);
		out_table_text(&t, r->members[i].id);
		out_table_text(&t,
		    r->members[i].at != 0 ? at
			: over            ? "no"
					  : "not yet");
	}
	return out_table_print(&t, stdout);
}

static enum am_err
report_one(struct drill *c, const struct rows_safe *s, uint8_t committee)
{
	store_txn_auto *t = NULL;
	struct liveness_report r;
	struct view v;
	enum am_err err;

	AM_TRY(store_begin(c->d->session->store, false, &t));
	v = view_store(t);
	err = liveness_report(&v, s, committee, &r);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	c->done++;
	if (c->j == NULL)
		return report_text(c->d, s, &r);
	report_json(s, &r, c->j);
	return AM_OK;
}

static AM_RESULT
report(struct drill *c)
{
	AM_TRY(each_safe(c, report_one));
	if (c->done == 0)
		cmd_say(c->d->call, "no drill yet; 'amanat drill' calls one");
	return AM_OK;
}

/* ---- the verb */

static AM_RESULT
read_span(struct cmd_call *call, int64_t *out)
{
	const char *within = cmd_opt(call, "within");

	*out = (int64_t)14 * 86400;
	if (within == NULL || when_span(within, out) == AM_OK)
		return AM_OK;
	return cmd_complain(AM_ERR_INVALID,
	    "--within is a time such as 12h or 7d, not '%s'", within);
}

static AM_RESULT
run(struct drill *c)
{
	if (c->d->call->json)
		out_json_open(c->j, NULL, '[');
	return cmd_flag(c->d->call, "report") ? report(c) : act(c);
}

AM_RESULT
drill_run(struct cmd_call *call)
{
	const bool acts = !cmd_flag(call, "report");
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	struct rows_safe safe;
	struct drill c = { .d = &d,
		.recovery = cmd_flag(call, "recovery"),
		.j = call->json ? &j : NULL };
	enum am_err err = AM_OK;

	AM_TRY(read_span(call, &c.span));
	AM_TRY(desk_open(call, acts, &d));
	if (call->arg_count > 0) {
		AM_TRY(
		    desk_done(&d, lookup_safe(d.session, call->args[0], &safe),
			"drill the safe"));
		c.only = &safe;
	}
	if (acts)
		AM_TRY(desk_key(&d, NULL, &c.key));
	err = run(&c);
	session_key_free(&c.key);
	return desk_done(&d, err, "drill the safe");
}
