/*
 * Subscriptions at the command line: what changes them. sub add, renew, close,
 * test, ack, entity, deny.
 */

#include "cli/actwords.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/infile.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "policy/flat.h"
#include "vault/acts/subscribe.h"
#include "vault/register/dates.h"

static const char *
text_or(struct cmd_call *call, const char *name, const char *otherwise)
{
	const char *v = cmd_opt(call, name);

	return v == NULL ? otherwise : v;
}

/* What it has become. */
static AM_RESULT
tell_done(struct desk *d, const char *id, const char *what)
{
	struct rows_subscription s;

	AM_TRY(subscribe_find(d->session, id, &s));
	cmd_say(d->call, "%s: '%s' is %s, %s", what, s.id,
	    subscription_state(&s), subscription_control(&s));
	if (d->call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "subscription", s.id);
		out_json_uint(&j, "version", s.version);
		out_json_text(&j, "state", subscription_state(&s));
		out_json_text(&j, "choice", subscription_choice(&s));
		out_json_text(&j, "control", subscription_control(&s));
	}
	return AM_OK;
}

/* ---- add */

struct telling {
	struct out_json *j; /* NULL: for people */
	const char *id;
	bool some;
};

static void
tell_fault(void *arg, const char *field, const char *rule, const char *text)
{
	struct telling *t = arg;
	char line[WHY_TEXT_MAX + 128];

	if (t->j == NULL) {
		(void)snprintf(
		    line, sizeof(line), "%s: %s [%s]", field, text, rule);
		out_wrapped(stderr, "  ", 4, line);
		return;
	}
	if (!t->some) {
		out_json_open(t->j, NULL, '{');
		out_json_text(t->j, "subscription", t->id);
		out_json_open(t->j, "faults", '[');
	}
	t->some = true;
	out_json_open(t->j, NULL, '{');
	out_json_text(t->j, "field", field);
	out_json_text(t->j, "rule", rule);
	out_json_text(t->j, "text", text);
	out_json_close(t->j);
}

/* "FIELD=VALUE" as one more line of the file: a text in quotes, or a list. */
static AM_RESULT
add_field(const char *set, struct blob *file)
{
	const char *value = strchr(set, '=');

	if (value == NULL || value == set || strpbrk(set, "\r\n") != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "--set takes a field and its value, such as "
		    "--set vendor='TEST Ltd', not '%s'",
		    set);
	AM_TRY(blob_printf(file, "%.*s: ", (int)(value - set), set));
	if (*++value == '[')
		return blob_printf(file, "%s\n", value);
	AM_TRY(blob_printf(file, "\""));
	for (; *value != '\0'; value++)
		AM_TRY(blob_printf(file, "%s%c",
		    *value == '"' || *value == '\\' ? "\\" : "", *value));
	return blob_printf(file, "\"\n");
}

static AM_RESULT
read_fields(const struct cmd_call *call, struct blob *out)
{
	if (call->arg_count == 0 && call->many_count == 0)
		return cmd_complain(AM_ERR_INVALID,
		    "name a FILE, or fields with --set; their names are in "
		    "amanat(1), SUBSCRIPTIONS");
	if (call->arg_count > 0)
		AM_TRY(infile_read(call->args[0], FLAT_FILE_MAX, out));
	for (size_t i = 0; i < call->many_count; i++)
		AM_TRY(add_field(call->many[i], out));
	return AM_OK;
}

/* all of them, and then how many there are. */
static AM_RESULT
check_sheet(struct desk *d, const struct subscribe_sheet *sheet)
{
	out_json_auto j = { .to = stdout };
	struct telling t = { .j = d->call->json ? &j : NULL, .id = sheet->id };
	size_t count = 0;

	AM_TRY(desk_done(d,
	    subscribe_faults(d->session, sheet, tell_fault, &t, &count),
	    "check it"));
	if (count == 0)
		return AM_OK;
	return cmd_complain(AM_ERR_INCOMPLETE,
	    "cannot enter '%s': %zu field%s missing or wrong", sheet->id, count,
	    count == 1 ? " is" : "s are");
}

AM_RESULT
sub_add(struct cmd_call *call)
{
	const bool again = cmd_flag(call, "new-version");
	subscribe_sheet_auto sheet = { .id = "" };
	session_key_auto k = { 0 };
	blob_auto file = { 0 };
	desk_auto d = { 0 };

	AM_TRY(read_fields(call, &file));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d,
	    again && call->arg_count == 0
		? subscribe_change(d.session, blob_bytes(&file), &sheet)
		: subscribe_read(d.session, blob_bytes(&file), &sheet),
	    "read the file"));
	AM_TRY(check_sheet(&d, &sheet));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, subscribe_enter(d.session, &k, &sheet, again),
	    "enter the subscription"));
	return desk_done(&d, tell_done(&d, sheet.id, "entered"), "show it");
}

/* ---- steps */

/* --end, or --for 12m from the old end or from a day. */
static AM_RESULT
read_end(struct cmd_call *call, const struct rows_subscription *s,
    char end[static DATES_TEXT_LEN + 1])
{
	const bool renew = call->cmd->run == sub_renew;
	const char *end_opt = cmd_opt(call, "end"),
		   *span = renew ? cmd_opt(call, "for") : NULL,
		   *from = renew ? text_or(call, "from", "old-end") : "";
	const struct dates_term term = { (int32_t)s->end, s->of_month, 0 };
	struct dates_span months;
	int32_t day = 0;

	end[0] = '\0';
	if (end_opt != NULL && span == NULL) {
		(void)snprintf(end, DATES_TEXT_LEN + 1, "%s", end_opt);
		return dates_parse((struct bytes){ (const uint8_t *)end_opt,
				       strlen(end_opt) },
			   &day) == AM_OK
		    ? AM_OK
		    : cmd_complain(AM_ERR_INVALID,
			  "--end is the last day, such as 2023-04-15, not "
			  "'%s'",
			  end_opt);
	}
	if (end_opt == NULL && span == NULL)
		return AM_OK;
	if (end_opt != NULL ||
	    dates_span((struct bytes){ (const uint8_t *)span, strlen(span) },
		&months) != AM_OK ||
	    !months.months ||
	    (strcmp(from, "old-end") != 0 &&
		dates_parse(
		    (struct bytes){ (const uint8_t *)from, strlen(from) },
		    &day) != AM_OK))
		return cmd_complain(AM_ERR_INVALID,
		    "--for is the months of the new term, such as 12m, in the "
		    "place of --end; --from is old-end or its first day");
	dates_text(dates_renewed(&term, months.count,
		       strcmp(from, "old-end") == 0 ? NULL : &day)
		       .end,
	    end);
	return AM_OK;
}

static AM_RESULT
take_step(struct cmd_call *call, const char *to)
{
	char end[DATES_TEXT_LEN + 1];
	const struct subscribe_step w = {
		.to = to,
		.choice = call->cmd->run == sub_renew
		    ? text_or(call, "choice", "")
		    : "",
		.order = text_or(call, "order", ""),
		.end = end,
		.evidence = cmd_opt(call, "evidence"),
		.post = text_or(call, "post", ""),
	};
	struct rows_subscription s;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (w.evidence == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a step needs --evidence FILE: what proves it, such as the "
		    "order; the log keeps its hash [R-11]");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, subscribe_find(d.session, call->args[0], &s), "find it"));
	AM_TRY(read_end(call, &s, end));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, subscribe_step(d.session, &k, &s, &w), "take the step"));
	return desk_done(&d, tell_done(&d, s.id, "done"), "show it");
}

AM_RESULT
sub_renew(struct cmd_call *call)
{
	const char *to = cmd_opt(call, "step");

	if (to == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "--step is active, decision, renewing, replacing, ending "
		    "or verified");
	return take_step(call, to);
}

AM_RESULT
sub_close(struct cmd_call *call)
{
	return take_step(call, "closed");
}

AM_RESULT
sub_test(struct cmd_call *call)
{
	const char *evidence = cmd_opt(call, "evidence");
	const bool passed = !cmd_flag(call, "failed");
	struct rows_subscription s;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (evidence == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a login test needs --evidence FILE, such as a print of "
		    "the vendor's page");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, subscribe_find(d.session, call->args[0], &s), "find it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(
	    desk_done(&d, subscribe_test(d.session, &k, &s, evidence, passed),
		"record the test"));
	return desk_done(&d,
	    tell_done(&d, s.id,
		passed ? "a login that worked is recorded"
		       : "a login that failed is recorded"),
	    "show it");
}

AM_RESULT
sub_ack(struct cmd_call *call)
{
	struct rows_subscription s;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, subscribe_find(d.session, call->args[0], &s), "find it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    subscribe_ack(d.session, &k, &s, text_or(call, "post", "")),
	    "acknowledge it"));
	return desk_done(&d, tell_done(&d, s.id, "acknowledged"), "show it");
}

/* ---- the entity, the deny list */

AM_RESULT
sub_entity(struct cmd_call *call)
{
	session_key_auto k = { 0 };
	blob_auto file = { 0 };
	desk_auto d = { 0 };

	AM_TRY(infile_read(call->args[0], FLAT_FILE_MAX, &file));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, subscribe_entity(d.session, &k, blob_bytes(&file)),
	    "describe the entity"));
	cmd_say(call,
	    "the entity is described; its mailboxes are those that "
	    "subscriptions may be registered to");
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_bool(&j, "described", true);
	}
	return AM_OK;
}

static AM_RESULT
read_version(const char *text, uint32_t *out)
{
	const size_t n = strlen(text);
	uint32_t v = 0;

	if (n == 0 || n > 9 || strspn(text, "0123456789") != n)
		return cmd_complain(AM_ERR_INVALID,
		    "a version is a number from 1, not '%s'", text);
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (uint32_t)(text[i] - '0');
	*out = v;
	return AM_OK;
}

AM_RESULT
sub_deny(struct cmd_call *call)
{
	const char *reason = cmd_opt(call, "reason");
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	blob_auto act = { 0 };
	desk_auto d = { 0 };
	uint32_t version = 0;

	AM_TRY(read_version(call->args[0], &version));
	if (reason == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a deny list needs --reason, such as the number of the "
		    "order");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    subscribe_deny(d.session, &k, version, call->args[1], reason, &v),
	    "move it"));
	if (call->json)
		return desk_done(&d, motions_show(&d, v.id), "show the motion");
	motions_made(&d, &v);
	if (v.state != MOTION_IN_FORCE)
		return AM_OK;
	AM_TRY(desk_done(&d, actwords_tell(&d, &v, &act), "show the motion"));
	cmd_say(call, "in effect: %.*s", (int)act.len, (const char *)act.p);
	return AM_OK;
}
