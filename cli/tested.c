#include "vault/acts/tested.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"

static void
told(struct cmd_call *call, const struct rows_record *c, enum login_is is)
{
	if (is == LOGIN_VERIFIED) {
		cmd_say(call, "'%s' version %u is verified by two",
		    call->args[0], c->version);
		return;
	}
	cmd_say(call, "the test of '%s' version %u is in the log",
	    call->args[0], c->version);
	cmd_say(call, "next: another official runs 'amanat tested %s'",
	    call->args[0]);
}

AM_RESULT
tested_login(struct cmd_call *call)
{
	const struct tested_wish w = { .path = call->args[0],
		.files = call->many,
		.count = call->many_count };
	enum login_is is = LOGIN_UNTESTED;
	session_key_auto k = { 0 };
	struct rows_login tests;
	desk_auto d = { 0 };
	struct rows_record c;

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, tested_check(d.session, &w), "record the test"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, tested_record(d.session, &k, &w, &c, &tests, &is),
	    "record the test"));
	told(call, &c, is);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "credential", w.path);
		out_json_uint(&j, "version", c.version);
		out_json_text(&j, "by", k.person.id);
		out_json_bool(&j, "verified", is == LOGIN_VERIFIED);
	}
	return AM_OK;
}
