#include "cli/duties.h"

#include "cli/desk.h"
#include "cli/out.h"
#include "cli/term.h"
#include "vault/acts/accept.h"
#include "vault/base/enc.h"
#include "vault/state/duties.h"

/* Ours and with lines of its own, so it needs neither escapes nor wrapping. */
void
duties_show(FILE *to)
{
	(void)fputs(duties_text(DUTIES_NEWEST), to);
}

AM_RESULT
duties_print(struct cmd_call *call)
{
	char hex[ENC_HEX_LEN(32) + 1];
	out_json_auto j = { .to = stdout };
	uint8_t hash[32];

	if (!call->json) {
		duties_show(stdout);
		return AM_OK;
	}
	AM_TRY(duties_hash(DUTIES_NEWEST, hash));
	enc_hex((struct bytes){ hash, sizeof(hash) }, hex);
	out_json_open(&j, NULL, '{');
	out_json_uint(&j, "text", DUTIES_NEWEST);
	out_json_text(&j, "sha256", hex);
	out_json_text(&j, "duties", duties_text(DUTIES_NEWEST));
	return AM_OK;
}

/* Whose key is it, and have they anything to accept? Asks for no PIN. */
static AM_RESULT
may_accept(struct desk *d)
{
	session_key_auto k = { 0 };

	AM_TRY(session_find_key(d->session, NULL, &k, NULL));
	return accept_may(d->session, &k.person);
}

/* The text comes before the question, and the question before the PIN. */
static AM_RESULT
agrees(struct desk *d)
{
	bool yes = false;

	if (!d->call->json)
		duties_show(stderr);
	AM_TRY(desk_done(d,
	    term_confirm(
		d->call->yes, "Do you accept these duties?", &d->why, &yes),
	    "accept the duties"));
	return yes ? AM_OK
		   : cmd_complain(AM_ERR_POLICY,
			 "nothing was signed; whoever does not accept them "
			 "asks for a committee without them: amanat safe "
			 "reshare");
}

AM_RESULT
duties_accept(struct cmd_call *call)
{
	session_key_auto k = { 0 };
	desk_auto d = { .touches = 1 };

	if (cmd_opt(call, "person") != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "nobody accepts duties for somebody else; --accept goes "
		    "without --person");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, may_accept(&d), "accept the duties"));
	AM_TRY(agrees(&d));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(
	    desk_done(&d, accept_record(d.session, &k), "accept the duties"));
	cmd_say(
	    call, "accepted by %s; 'amanat due' says when again", k.person.id);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "accepted", k.person.id);
		out_json_uint(&j, "text", DUTIES_NEWEST);
	}
	return AM_OK;
}
