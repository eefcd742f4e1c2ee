#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/enrol.h"
#include "vault/acts/further.h"
#include "vault/acts/suspend.h"

/* LABEL or --person. */
static AM_RESULT
named(struct cmd_call *call, const char **label, const char **person)
{
	*label = call->arg_count > 0 ? call->args[0] : NULL;
	*person = cmd_opt(call, "person");
	if ((*label != NULL) != (*person != NULL))
		return AM_OK;
	return cmd_complain(AM_ERR_INVALID,
	    "name the key by its label, or a person with --person, and not "
	    "both");
}

static void
done_json(struct desk *d, const struct suspend_subject *what, const char *did,
    const struct motion_view *v)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "key", what->key.label);
	out_json_text(&j, "person", what->person.id);
	out_json_text(&j, "did", did);
	if (v == NULL)
		return;
	out_json_text(&j, "motion", v->id);
	out_json_text(&j, "state", motions_state(v));
	(void)d;
}

/* ---- at once, by anyone */

static void
say_suspended(struct desk *d, const struct suspend_subject *what)
{
	cmd_say(d->call,
	    "%s is suspended from now on: it signs nothing, and "
	    "what it approved does not count in requests that are "
	    "still open",
	    what->name);
	if (what->is_key)
		cmd_say(d->call,
		    "to undo it, '%s' runs 'amanat token lift %s' with another "
		    "key, and a quorum agrees; to end the key for good: amanat "
		    "token retire %s",
		    what->person.id, what->key.label, what->key.label);
	else
		cmd_say(d->call,
		    "to undo it, anyone else runs 'amanat token lift --person "
		    "%s', and a quorum agrees, without '%s'",
		    what->person.id, what->person.id);
}

static AM_RESULT
suspend_named(struct cmd_call *call, const char *label, const char *person,
    const char *why)
{
	struct suspend_subject what;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, suspend_find(d.session, label, person, &what), "suspend it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, suspend_now(d.session, &k, &what, why), "suspend it"));
	say_suspended(&d, &what);
	if (call->json)
		done_json(&d, &what, "suspended", NULL);
	return AM_OK;
}

AM_RESULT
suspension_lost(struct cmd_call *call)
{
	const char *why = cmd_opt(call, "reason");

	return suspend_named(
	    call, call->args[0], NULL, why != NULL ? why : "reported lost");
}

/* ---- by a quorum */

static AM_RESULT
move(struct cmd_call *call, const char *act, const char *did)
{
	const char *label = NULL, *person = NULL;
	struct suspend_subject what;
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(named(call, &label, &person));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, suspend_find(d.session, label, person, &what), "move it"));
	if (strcmp(act, "resume") == 0)
		AM_TRY(desk_done(&d, suspend_check_lift(d.session, &what),
		    "lift the suspension"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    suspend_move(
		d.session, &k, &what, act, cmd_opt(call, "reason"), &v),
	    "move it"));
	motions_made(&d, &v);
	if (v.state == MOTION_IN_FORCE)
		cmd_say(call, "the suspension of %s is %s", what.name, did);
	if (call->json)
		done_json(
		    &d, &what, v.state == MOTION_IN_FORCE ? did : "moved", &v);
	return AM_OK;
}

static AM_RESULT
need_reason(struct cmd_call *call)
{
	if (cmd_opt(call, "reason") != NULL)
		return AM_OK;
	return cmd_complain(AM_ERR_INVALID,
	    "'%s' needs --reason, which stays in the log", call->cmd->verb);
}

AM_RESULT
suspension_suspend(struct cmd_call *call)
{
	const char *label = NULL, *person = NULL;

	AM_TRY(need_reason(call));
	if (cmd_flag(call, "confirm"))
		return move(call, "confirm", "confirmed");
	AM_TRY(named(call, &label, &person));
	return suspend_named(call, label, person, cmd_opt(call, "reason"));
}

AM_RESULT
suspension_lift(struct cmd_call *call)
{
	AM_TRY(need_reason(call));
	return move(call, "resume", "lifted");
}

/* ---- for good */

AM_RESULT
suspension_retire(struct cmd_call *call)
{
	const char *receipt = cmd_opt(call, "receipt");
	struct suspend_subject what;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(need_reason(call));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(
	    desk_done(&d, suspend_find(d.session, call->args[0], NULL, &what),
		"retire the key"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    suspend_retire(d.session, &k, &what, cmd_opt(call, "reason"),
		receipt != NULL ? receipt : ""),
	    "retire the key"));
	cmd_say(call,
	    "%s of '%s' is retired for good; its label is not used again",
	    what.name, what.person.id);
	if (call->json)
		done_json(&d, &what, "retired", NULL);
	return AM_OK;
}

/* ---- the other key's place in the key bags */

static AM_RESULT
ask_both(struct desk *d, struct session_key pair[static 2])
{
	AM_TRY(session_find_pair(d->session, pair));
	for (size_t i = 0; i < 2; i++)
		AM_TRY(session_ask_pin(d->session, pair[i].token,
		    pair[i].row.label, &pair[i].pin));
	return AM_OK;
}

static AM_RESULT
add_slots(struct desk *d, size_t *out)
{
	struct session_key pair[2] = { { 0 } };
	enum am_err err = ask_both(d, pair);

	if (err == AM_OK)
		err = further_slot(d->session, pair, out);
	session_key_free(&pair[0]);
	session_key_free(&pair[1]);
	return err;
}

static AM_RESULT
renew(struct desk *d)
{
	session_key_auto k = { 0 };

	d->touches = 2;
	AM_TRY(desk_key(d, NULL, &k));
	AM_TRY(desk_done(
	    d, enrol_identity(d->session, &k), "make a new identity"));
	cmd_say(d->call,
	    "'%s' has a new identity, which the key '%s' opens; a share comes "
	    "when its safe is reshared",
	    k.person.id, k.row.label);
	return AM_OK;
}

AM_RESULT
suspension_slot(struct cmd_call *call)
{
	const bool alone = cmd_flag(call, "alone");
	desk_auto d = { 0 };
	size_t count = 0;

	AM_TRY(desk_open(call, true, &d));
	if (alone)
		AM_TRY(renew(&d));
	else
		AM_TRY(
		    desk_done(&d, add_slots(&d, &count), "add your other key"));
	if (alone)
		count = 1;
	else if (count == 0)
		cmd_say(
		    call, "each of the two opens all your key bags already");
	else
		cmd_say(call, "%zu key bag%s now open%s with either of the two",
		    count, count == 1 ? "" : "s", count == 1 ? "s" : "");
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_uint(&j, "added", count);
	}
	return AM_OK;
}
