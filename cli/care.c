#include <stdio.h>
#include <sys/resource.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/copies.h"
#include "vault/acts/remind.h"
#include "vault/audit/rebuild.h"

enum { LOCK_NEEDED = 4 << 20 }; /* bytes, for the largest secret */

/* One line a check: what was looked at, what was found, what to do. */
struct checkup {
	struct out_json *j;
	enum am_err worst;
};

static void
say(struct checkup *c, const char *what, enum am_err err, const char *text)
{
	char lead[32];

	if (err != AM_OK && c->worst == AM_OK)
		c->worst = err;
	if (c->j != NULL) {
		out_json_open(c->j, NULL, '{');
		out_json_text(c->j, "check", what);
		out_json_bool(c->j, "ok", err == AM_OK);
		out_json_text(c->j, "text", text);
		out_json_close(c->j);
		return;
	}
	(void)snprintf(lead, sizeof(lead), "%-4s %-12s ",
	    err == AM_OK ? "ok" : "BAD", what);
	out_wrapped(stdout, lead, 18, text);
}

static void
check_memory(struct checkup *c)
{
	struct rlimit lim;
	char text[160];

	if (getrlimit(RLIMIT_MEMLOCK, &lim) != 0)
		return;
	(void)snprintf(text, sizeof(text),
	    lim.rlim_cur >= LOCK_NEEDED
		? "%lu KiB may be locked"
		: "only %lu KiB may be locked, 4096 are needed; raise the "
		  "limit ('ulimit -l', or memlock in limits.conf)",
	    (unsigned long)(lim.rlim_cur / 1024));
	say(c, "memory", lim.rlim_cur >= LOCK_NEEDED ? AM_OK : AM_ERR_NOMEM,
	    text);
}

static void
check_clock(struct checkup *c, struct desk *d)
{
	const struct session *s = d->session;
	const bool behind = session_now(s) < s->vault.last_at;

	say(c, "clock", behind ? AM_ERR_STALE : AM_OK,
	    behind ? "the clock is behind the last statement of the log; set "
		     "it right before anyone acts"
		   : "not behind the log");
}

static void
check_note(struct checkup *c, struct desk *d)
{
	const enum am_err err = rebuild_check_note(d->session);

	say(c, "checkpoint", err,
	    err == AM_OK ? "signed, and fits the log" : d->why.text);
}

static void
check_tables(struct checkup *c, struct desk *d)
{
	struct rebuild_difference diff;
	char text[WHY_TEXT_MAX];
	enum am_err err;

	d->why = (struct why){ 0 };
	err = rebuild_compare(d->session, &diff);
	if (err != AM_OK) {
		say(c, "log", err,
		    d->why.text[0] != '\0' ? d->why.text : err_text(err));
		return;
	}
	(void)snprintf(text, sizeof(text),
	    "%lu statements replay, every signature and proof holds",
	    (unsigned long)diff.statements);
	say(c, "log", AM_OK, text);
	(void)snprintf(text, sizeof(text),
	    diff.wrong == 0
		? "%lu rows, all as the log says"
		: "%lu rows, %lu of them not as the log says; make them anew "
		  "with 'amanat doctor --rebuild'",
	    (unsigned long)diff.rows, (unsigned long)diff.wrong);
	say(c, "tables", diff.wrong == 0 ? AM_OK : AM_ERR_INCOMPLETE, text);
}

/* A reminder engine that is silent is an alarm (domain.md 7.3). */
static void
check_reminders(struct checkup *c, struct desk *d)
{
	int64_t last = 0;
	char text[160], when[32];
	const enum am_err err = remind_last(d->session, &last);
	const bool late =
	    last != 0 && session_now(d->session) - last > REMIND_SILENT;

	if (err != AM_OK) {
		say(c, "reminders", err, d->why.text);
		return;
	}
	desk_time(last, when);
	(void)snprintf(text, sizeof(text),
	    last == 0  ? "'amanat remind' has never run here; contrib/ has a "
			 "timer for it%s"
		: late ? "no run has succeeded since %s; is the timer on?"
		       : "the last run succeeded at %s",
	    last == 0 ? "" : when);
	say(c, "reminders", late ? AM_ERR_OVERDUE : AM_OK, text);
}

/* How old it may be is for the policy to say: 'amanat due'. */
static void
check_copy(struct checkup *c, struct desk *d)
{
	struct copies_last last = { 0 };
	char text[160], when[32];
	const enum am_err err = copies_last(d->session, &last);

	if (err != AM_OK) {
		say(c, "copy", err, d->why.text);
		return;
	}
	desk_time(last.at, when);
	(void)snprintf(text, sizeof(text),
	    "the log was last copied at %s, with %llu of its %llu statements",
	    when, (unsigned long long)last.size,
	    (unsigned long long)d->session->vault.size);
	say(c, "copy", AM_OK,
	    last.at == 0 ? "no backup or export was ever made here" : text);
}

static AM_RESULT
rebuild(struct desk *d)
{
	uint64_t count = 0;

	AM_TRY(rebuild_tables(d->session, &count));
	fprintf(stderr, "tables made anew from %lu statements\n",
	    (unsigned long)count);
	return AM_OK;
}

static AM_RESULT
open_anyhow(struct cmd_call *call, struct desk *d)
{
	enum am_err err;

	AM_TRY(desk_prepare(call, d));
	err = session_open(call->vault, false, &d->env, &d->why, &d->session);
	if (err != AM_OK && cmd_flag(call, "rebuild")) {
		d->why = (struct why){ 0 };
		err = session_open_damaged(
		    call->vault, &d->env, &d->why, &d->session);
	}
	if (err != AM_OK)
		return cmd_refuse(err, &d->why, "use vault '%s'", call->vault);
	return AM_OK;
}

/* What stands in the way is a finding too, for who reads nothing else. */
static void
say_closed(const struct desk *d, enum am_err err)
{
	out_json_auto j = { .to = stdout };
	struct checkup c = { .j = &j };

	out_json_open(&j, NULL, '[');
	say(&c, "vault", err,
	    d->why.text[0] != '\0' ? d->why.text : err_text(err));
}

AM_RESULT
care_doctor(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct checkup c = { .j = call->json ? &j : NULL };
	desk_auto d = { 0 };
	const enum am_err err = open_anyhow(call, &d);

	if (err != AM_OK) {
		if (call->json)
			say_closed(&d, err);
		return err;
	}
	if (cmd_flag(call, "rebuild")) {
		session_close(&d.session);
		AM_TRY(desk_done(&d,
		    session_open_damaged(
			call->vault, &d.env, &d.why, &d.session),
		    "open the vault"));
		AM_TRY(desk_done(&d, rebuild(&d), "rebuild the tables"));
		session_close(&d.session);
		AM_TRY(desk_open(call, false, &d));
	}
	if (call->json)
		out_json_open(&j, NULL, '[');
	say(&c, "files", AM_OK,
	    "keys are there, belong to you, and nobody else can read them");
	check_memory(&c);
	check_clock(&c, &d);
	check_note(&c, &d);
	check_tables(&c, &d);
	check_reminders(&c, &d);
	check_copy(&c, &d);
	return c.worst;
}
