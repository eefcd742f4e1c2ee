#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/enrol.h"

static const char *
or_else(const char *value, const char *otherwise)
{
	return value != NULL ? value : otherwise;
}

AM_RESULT
found_init(struct cmd_call *call)
{
	desk_auto d = { 0 };
	const struct enrol_vault v = {
		.dir = call->vault,
		.name = cmd_opt(call, "name"),
		.rpid = cmd_opt(call, "rp-id"),
		.evaluation = cmd_flag(call, "evaluation"),
		.founder = or_else(cmd_opt(call, "founder"), "founder"),
		.founder_name =
		    or_else(cmd_opt(call, "founder-name"), "Founder"),
	};
	enum am_err err;

	if (v.name == NULL || v.rpid == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "init needs --name (of the vault) and --rp-id (a host "
		    "name of your office); try 'amanat help init'");
	AM_TRY(desk_prepare(call, &d));
	if (d.env.clock_is_set && !v.evaluation)
		return cmd_complain(AM_ERR_POLICY,
		    "AMANAT_NOW is for evaluation vaults only; unset it");
	err = enrol_found(&v, &d.env, &d.why);
	if (err != AM_OK)
		return cmd_refuse(err, &d.why, "found vault '%s'", v.dir);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "vault", v.dir);
		out_json_text(&j, "founder", v.founder);
		out_json_bool(&j, "evaluation", v.evaluation);
		return AM_OK;
	}
	cmd_say(call, "vault '%s' is founded; its founder is '%s'", v.dir,
	    v.founder);
	cmd_say(call,
	    "next: amanat person add ID --name NAME, then amanat token enrol "
	    "ID --label L");
	cmd_say(call,
	    "keep a copy of '%s/keys' elsewhere, under lock: without it the "
	    "vault cannot be read",
	    v.dir);
	return AM_OK;
}
