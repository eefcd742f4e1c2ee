#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/needs.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "policy/explain.h"

static void
rule_json(struct out_json *j, const struct explain *e)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "rule", e->id);
	out_json_text(j, "title", e->title);
	out_json_text(j, "text", e->text);
	out_json_text(j, "source", e->source);
	out_json_close(j);
}

static void
rule_text(const struct explain *e)
{
	char lead[16];
	const int n = snprintf(lead, sizeof(lead), "%s  ", e->id);

	out_wrapped(stdout, lead, (size_t)n, e->title);
	puts("");
	out_wrapped(stdout, "", 0, e->text);
	puts("");
	out_wrapped(stdout, "source: ", 8, e->source);
}

static AM_RESULT
list_all(bool json)
{
	static const char *const heads[] = { "RULE", "TITLE", NULL };
	out_table_auto t = out_table_start(heads);
	out_json_auto j = { .to = stdout };

	if (json)
		out_json_open(&j, NULL, '[');
	for (size_t i = 0; explain_at(i) != NULL; i++) {
		if (json) {
			rule_json(&j, explain_at(i));
			continue;
		}
		out_table_text(&t, explain_at(i)->id);
		out_table_text(&t, explain_at(i)->title);
	}
	return json ? AM_OK : out_table_print(&t, stdout);
}

/* As in a refusal, "[R5.1]", for who copies it with its brackets. */
static const char *
without_brackets(const char *arg, char *space, size_t size)
{
	const size_t n = strlen(arg);

	if (n < 3 || n > size || arg[0] != '[' || arg[n - 1] != ']')
		return arg;
	memcpy(space, arg + 1, n - 2);
	space[n - 2] = '\0';
	return space;
}

/* "r-7" in lower case. R-7 would be a rule. */
static bool
is_request(const char *arg)
{
	return strncmp(arg, "r-", 2) == 0 && arg[2] != '\0' &&
	    strspn(arg + 2, "0123456789") == strlen(arg + 2);
}

/* What begins as the argument does, for who mistyped it. */
static AM_RESULT
unknown(const char *arg)
{
	const size_t shared = explain_shared(arg);
	const char *first = NULL;
	size_t shown = shared, len = 0;
	char list[700] = "";

	if (shared == 0)
		return cmd_complain(AM_ERR_INVALID,
		    "no rule '%.40s'; 'amanat policy explain' lists them all",
		    arg);
	for (size_t i = 0; explain_at(i) != NULL; i++) {
		const char *id = explain_at(i)->id;

		if (strncasecmp(id, arg, shared) != 0 ||
		    len + strlen(id) + 3 > sizeof(list))
			continue;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
		    first != NULL ? ", " : "", id);
		first = first != NULL ? first : id;
	}
	while (shown > 1 && strchr(".-", arg[shown - 1]) != NULL)
		shown--;
	return cmd_complain(AM_ERR_INVALID,
	    "no rule '%.40s'; rules that begin with %.*s: %s", arg, (int)shown,
	    first, list);
}

/* What it still needs; this one does need a vault. */
static AM_RESULT
explain_request(struct cmd_call *call, const char *id)
{
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	return desk_done(&d, needs_of_request(&d, id), "explain it");
}

AM_RESULT
explain_rule(struct cmd_call *call)
{
	char space[32];
	const struct explain *e;
	const char *arg;

	if (call->arg_count == 0)
		return list_all(call->json);
	arg = without_brackets(call->args[0], space, sizeof(space));
	if (is_request(arg))
		return explain_request(call, arg);
	e = explain_find(arg);
	if (e == NULL)
		return unknown(arg);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		rule_json(&j, e);
	} else {
		rule_text(e);
	}
	return AM_OK;
}
