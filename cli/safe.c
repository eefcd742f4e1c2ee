#include "cli/change.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/health.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/standing.h"
#include "cli/verbs.h"
#include "vault/acts/committee.h"
#include "vault/acts/enrol.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"

static const char *const levels[] = { "baseline", "intermediate", "enhanced",
	"maximum" };

static bool
is_level(const char *level)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(levels); i++)
		if (strcmp(levels[i], level) == 0)
			return true;
	return false;
}

static AM_RESULT
read_wish(struct cmd_call *call, char *names, const char **custodians,
    struct committee_wish *w)
{
	const char *quorum = cmd_opt(call, "quorum"),
		   *level = cmd_opt(call, "level"),
		   *within = cmd_opt(call, "within");
	char *end = NULL;
	long k;

	w->level = level != NULL ? level : "baseline";
	w->why = "set-up";
	if (!is_level(w->level))
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' is no level; use baseline, intermediate, enhanced "
		    "or maximum",
		    w->level);
	if (quorum == NULL || cmd_opt(call, "custodians") == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a safe needs --quorum K and --custodians A,B,C; try "
		    "'amanat help safe create'");
	k = strtol(quorum, &end, 10);
	if (*quorum == '\0' || *end != '\0' || k < 0 || k > 1000)
		return cmd_complain(
		    AM_ERR_INVALID, "--quorum is a number, not '%s'", quorum);
	if (within != NULL && when_span(within, &w->span) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--within is a time such as 12h or 7d, not '%s'", within);
	w->quorum = (uint32_t)k;
	w->custodians = custodians;
	if (change_split(names, custodians, &w->count) != AM_OK)
		return cmd_complain(AM_ERR_POLICY,
		    "--custodians takes 3 to 16 ids with commas between them, "
		    "and nothing empty");
	return AM_OK;
}

AM_RESULT
safe_create(struct cmd_call *call)
{
	const char *custodians[ROWS_N_MAX + 1] = { 0 };
	struct committee_wish w = { .safe = call->args[0] };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	char names[1024];
	bool moved = false;

	(void)snprintf(names, sizeof(names), "%s",
	    cmd_opt(call, "custodians") != NULL ? cmd_opt(call, "custodians")
						: "");
	AM_TRY(read_wish(call, names, custodians, &w));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(
	    desk_done(&d, committee_check(d.session, &w), "create the safe"));
	d.touches = enrol_is_founding(d.session) ? 2 : 3;
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, committee_create(d.session, &k, &w, &moved),
	    "create the safe"));
	cmd_say(
	    call, "safe '%s' is planned: %u of %zu", w.safe, w.quorum, w.count);
	if (moved) {
		motion_view_auto v = { 0 };

		AM_TRY(desk_done(
		    &d, motion_last(d.session, &v), "show the motion"));
		motions_made(&d, &v);
	}
	cmd_say(call,
	    "%s: every custodian runs 'amanat safe join %s' three times; "
	    "all join, then all deal, then all accept",
	    moved ? "once that is in effect" : "next", w.safe);
	AM_TRY(desk_done(&d, change_warn_of_keys(&d, w.safe), "show the safe"));
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "safe", w.safe);
		out_json_uint(&j, "quorum", w.quorum);
		out_json_uint(&j, "custodians", w.count);
	}
	return AM_OK;
}

/* ---- status */

static AM_RESULT
status_one(struct desk *d, struct view *v, const uint8_t id[static 16],
    struct out_json *j)
{
	struct rows_safe s;

	AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
	return j != NULL ? standing_json(d, v, &s, j) : standing_text(d, v, &s);
}

static AM_RESULT
status_all(struct desk *d, struct view *v, const struct rows_safe *only,
    struct out_json *j)
{
	if (only != NULL)
		return status_one(d, v, only->safe, j);
	if (d->session->vault.safes == 0 && j == NULL)
		fputs("no safe yet; 'amanat safe create' plans one\n", stderr);
	for (uint32_t i = 0; i < d->session->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		uint8_t id[16];

		AM_TRY(rows_index_get(v, "safe-n", rows_key(&n), id, 16));
		AM_TRY(status_one(d, v, id, j));
	}
	return AM_OK;
}

AM_RESULT
safe_status(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	store_txn_auto *t = NULL;
	struct rows_safe s;
	struct view v;
	enum am_err err = AM_OK;

	AM_TRY(desk_open(call, false, &d));
	if (call->arg_count > 0)
		err = lookup_safe(d.session, call->args[0], &s);
	if (err == AM_OK)
		err = store_begin(d.session->store, false, &t);
	if (err == AM_OK) {
		v = view_store(t);
		if (call->json)
			out_json_open(&j, NULL, '[');
		err = status_all(&d, &v, call->arg_count > 0 ? &s : NULL,
		    call->json ? &j : NULL);
	}
	AM_TRY(desk_done(&d, err, "show the safe"));
	if (!cmd_flag(call, "check"))
		return AM_OK;
	return health_check(&d, &v, call->arg_count > 0 ? &s : NULL);
}
