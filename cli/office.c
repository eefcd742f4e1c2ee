/*
 * Offices at the command line: post add, post list, appoint, absent.
 */

#include "vault/acts/office.h"
#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/tenure.h"

static const char *
text_or(struct cmd_call *call, const char *name, const char *otherwise)
{
	const char *v = cmd_opt(call, name);

	return v == NULL ? otherwise : v;
}

/* ---- posts */

AM_RESULT
office_post_add(struct cmd_call *call)
{
	const struct office_post w = { .id = call->args[0],
		.title = text_or(call, "title", ""),
		.wing = text_or(call, "wing", ""),
		.succeeds = text_or(call, "succeeds", ""),
		.why = text_or(call, "reason", text_or(call, "title", "")) };
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (w.title[0] == '\0')
		return cmd_complain(
		    AM_ERR_INVALID, "a post needs --title, as in the orders");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, office_found_post(d.session, &k, &w, &v), "make the post"));
	return desk_done(&d, motions_result(&d, &v), "show the motion");
}

/* Who holds it now, and until when: "dlp until 2022-09-28 19:00 UTC, ..." */
static AM_RESULT
holders(struct desk *d, const struct view *v, uint32_t post, struct blob *out)
{
	const int64_t now = session_now(d->session);

	for (uint32_t i = 1; i <= d->session->vault.appointments; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_appointment a;
		struct rows_person p;
		uint8_t id[32];
		char until[32];

		AM_TRY(rows_index_get(
		    v, "appointment-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_appointment(v, (struct bytes){ id, 32 }, &a));
		if (a.post != post || tenure_from(&a) > now ||
		    tenure_until(&a) <= now)
			continue;
		AM_TRY(rows_get_person(v, (struct bytes){ a.person, 16 }, &p));
		AM_TRY(
		    blob_printf(out, "%s%s", out->len > 0 ? ", " : "", p.id));
		if (a.until == 0)
			continue;
		desk_time(a.until, until);
		AM_TRY(blob_printf(out, " until %s", until));
	}
	return out->len > 0 ? AM_OK : blob_printf(out, "vacant");
}

static AM_RESULT
list_posts(struct desk *d)
{
	static const char *const heads[] = { "ID", "WING", "TITLE", "HELD BY",
		NULL };
	out_table_auto t = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	store_txn_auto *x = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &x));
	v = view_store(x);
	if (d->call->json)
		out_json_open(&j, NULL, '[');
	for (uint32_t i = 1; i <= d->session->vault.posts; i++) {
		blob_auto who = { 0 };
		struct rows_post p;

		AM_TRY(tenure_post(&v, i, &p));
		AM_TRY(holders(d, &v, i, &who));
		if (d->call->json) {
			out_json_open(&j, NULL, '{');
			out_json_text(&j, "id", p.id);
			out_json_text(&j, "title", p.title);
			out_json_text(&j, "wing", p.wing);
			out_json_str(&j, "held_by", blob_bytes(&who));
			out_json_close(&j);
			continue;
		}
		out_table_text(&t, p.id);
		out_table_text(&t, p.wing[0] != '\0' ? p.wing : "-");
		out_table_text(&t, p.title);
		out_table_bytes(&t, blob_bytes(&who));
	}
	if (d->call->json)
		return AM_OK;
	if (d->session->vault.posts == 0)
		cmd_say(d->call, "no posts; 'amanat post add' makes one");
	else
		AM_TRY(out_table_print(&t, stdout));
	return AM_OK;
}

AM_RESULT
office_post_list(struct cmd_call *call)
{
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	return desk_done(&d, list_posts(&d), "list posts");
}

/* ---- appointments */

static AM_RESULT
read_dates(struct cmd_call *call, struct office_wish *w)
{
	const char *from = cmd_opt(call, "from"), *to = cmd_opt(call, "to");

	if (when_begin(from, &w->from) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--from is the first day served, such as 2027-01-01, not "
		    "'%s'",
		    from);
	if (to != NULL && when_end(to, &w->until) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--to is the last day served, such as 2027-06-30, not "
		    "'%s'",
		    to);
	return AM_OK;
}

static AM_RESULT
check_named(struct cmd_call *call)
{
	static const struct {
		const char *option, *what;
	} needed[] = { { "kind",
			   "substantive, additional, current, acting, "
			   "look-after, contract or surrogate" },
		{ "order", "the number of the order" },
		{ "authority", "who gave the order" },
		{ "from", "the first day served" } };

	for (size_t i = 0; i < AM_ARRAY_LEN(needed); i++)
		if (cmd_opt(call, needed[i].option) == NULL)
			return cmd_complain(AM_ERR_INVALID,
			    "an appointment needs --%s: %s [X-2]",
			    needed[i].option, needed[i].what);
	return AM_OK;
}

AM_RESULT
office_appoint_verb(struct cmd_call *call)
{
	struct office_wish w = { .person = call->args[0],
		.post = call->args[1],
		.kind = cmd_opt(call, "kind"),
		.order = cmd_opt(call, "order"),
		.authority = cmd_opt(call, "authority"),
		.employer = text_or(call, "employer", ""),
		.line = text_or(call, "line", ""),
		.site = text_or(call, "site", ""),
		.wing = text_or(call, "wing", "") };
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	char why[512];

	AM_TRY(check_named(call));
	AM_TRY(read_dates(call, &w));
	(void)snprintf(why, sizeof(why), "order %s", w.order);
	w.why = text_or(call, "reason", why);
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, office_check(d.session, &w), "appoint"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, office_appoint_person(d.session, &k, &w, &v), "appoint"));
	return desk_done(&d, motions_result(&d, &v), "show the motion");
}

/* ---- absences */

static void
absence_json(struct cmd_call *call, const char *who, int64_t until)
{
	out_json_auto j = { .to = stdout };
	char text[WHEN_TEXT_LEN + 1];

	if (!call->json)
		return;
	when_text(until, text);
	out_json_open(&j, NULL, '{');
	out_json_text(&j, "person", who);
	out_json_text(&j, "until", text);
}

static AM_RESULT
back(struct cmd_call *call)
{
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (call->arg_count > 0 || cmd_opt(call, "to") != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "--end stands alone: whoever's key it is is back");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, office_back(d.session, &k), "end the absence"));
	cmd_say(call, "%s is back", k.person.id);
	absence_json(call, k.person.id, session_now(d.session));
	return AM_OK;
}

static AM_RESULT
away(struct cmd_call *call, struct desk *d, int64_t from, int64_t until)
{
	session_key_auto k = { 0 };
	struct rows_person who;
	char text[32];

	if (call->arg_count > 0)
		AM_TRY(
		    desk_done(d, lookup_person(d->session, call->args[0], &who),
			"record it"));
	AM_TRY(desk_key(d, NULL, &k));
	if (call->arg_count == 0)
		who = k.person;
	if (from == 0)
		from = session_now(d->session);
	AM_TRY(desk_done(d,
	    office_away(
		d->session, &k, &who, from, until, text_or(call, "reason", "")),
	    "record the absence"));
	desk_time(until, text);
	cmd_say(call,
	    "'%s' is recorded absent until %s and is not counted on; back "
	    "earlier: amanat absent --end, with their own key",
	    who.id, text);
	absence_json(call, who.id, until);
	return AM_OK;
}

AM_RESULT
office_absent(struct cmd_call *call)
{
	const char *from = cmd_opt(call, "from"), *to = cmd_opt(call, "to");
	int64_t begin = 0, end = 0;
	desk_auto d = { 0 };

	if (cmd_flag(call, "end"))
		return back(call);
	if (to == NULL || when_end(to, &end) != AM_OK ||
	    (from != NULL && when_begin(from, &begin) != AM_OK))
		return cmd_complain(AM_ERR_INVALID,
		    "an absence needs --to, its last day, such as 2027-06-30, "
		    "and may have --from, its first");
	AM_TRY(desk_open(call, true, &d));
	return away(call, &d, begin, end);
}
