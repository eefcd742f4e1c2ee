#include "vault/acts/review.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"

AM_RESULT
review_run(struct cmd_call *call)
{
	const char *finding = cmd_opt(call, "finding");
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (finding == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a review needs --finding, what it found; 'nothing' is a "
		    "finding");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, review_check(d.session, call->args[0], finding), "review it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    review_record(d.session, &k, call->args[0], finding), "review it"));
	cmd_say(call, "reviewed by %s; the finding is in the log", k.person.id);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "reviewed", call->args[0]);
		out_json_text(&j, "by", k.person.id);
	}
	return AM_OK;
}
