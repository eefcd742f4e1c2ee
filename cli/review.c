#include "vault/acts/review.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/holdings.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/lookup.h"

static AM_RESULT
read_wish(struct cmd_call *call, struct review_wish *w)
{
	const char *person = cmd_opt(call, "person");

	w->finding = cmd_opt(call, "finding");
	if (w->finding == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a review needs --finding, what it found; 'nothing' is a "
		    "finding");
	if ((person != NULL) == (call->arg_count > 0))
		return cmd_complain(AM_ERR_INVALID,
		    "a review is of a safe, of a request, or of a person with "
		    "--person ID; name one of them");
	w->of = person != NULL ? REVIEW_PERSON : review_of(call->args[0]);
	w->what = person != NULL ? person : call->args[0];
	return AM_OK;
}

/* What there is to be looked through, before anything is signed. */
static AM_RESULT
show_person(struct desk *d, const struct review_wish *w)
{
	store_txn_auto *t = NULL;
	struct rows_person p;
	struct view v;

	if (w->of != REVIEW_PERSON || d->call->json)
		return AM_OK;
	AM_TRY(lookup_person(d->session, w->what, &p));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(holdings_show(d, &v, &p, NULL));
	cmd_say(d->call,
	    "what they know: amanat exposure --person %s; if they are in post "
	    "no more: amanat depart %s, or a new order",
	    p.id, p.id);
	return AM_OK;
}

AM_RESULT
review_run(struct cmd_call *call)
{
	struct review_wish w = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(read_wish(call, &w));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, review_check(d.session, &w), "review it"));
	AM_TRY(desk_done(&d, show_person(&d, &w), "show the person"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, review_record(d.session, &k, &w), "review it"));
	cmd_say(call, "reviewed by %s; the finding is in the log", k.person.id);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "reviewed", w.what);
		out_json_text(&j, "by", k.person.id);
	}
	return AM_OK;
}
