#include "cli/change.h"
#include "cli/analyze.h"

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/duties.h"
#include "cli/out.h"
#include "cli/standing.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "vault/acts/lacks.h"
#include "vault/acts/lookup.h"
#include "vault/acts/pin.h"
#include "vault/acts/replan.h"
#include "vault/acts/steps.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"

AM_RESULT
change_split(char *list, const char *out[static ROWS_N_MAX + 1], size_t *count)
{
	for (char *p = list; p != NULL;) {
		char *comma = strchr(p, ',');

		if (comma != NULL)
			*comma = '\0';
		if (*count == ROWS_N_MAX + 1 || *p == '\0')
			return AM_ERR_INVALID;
		out[(*count)++] = p;
		p = comma == NULL ? NULL : comma + 1;
	}
	return AM_OK;
}

/* ---- reshare: what is wished */

struct wish {
	struct replan_wish w;
	const char *custodians[ROWS_N_MAX + 1], *dealers[ROWS_N_MAX + 1];
	char custodian_text[1024], dealer_text[1024];
};

static AM_RESULT
read_list(const struct cmd_call *call, const char *option,
    char text[static 1024], const char *out[static ROWS_N_MAX + 1],
    size_t *count)
{
	const char *v = cmd_opt(call, option);

	if (v == NULL)
		return AM_OK;
	(void)snprintf(text, 1024, "%s", v);
	if (strlen(v) >= 1024 || change_split(text, out, count) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--%s takes at most 16 ids with commas between them, and "
		    "nothing empty",
		    option);
	return AM_OK;
}

static AM_RESULT
read_numbers(const struct cmd_call *call, struct replan_wish *w)
{
	const char *quorum = cmd_opt(call, "quorum"),
		   *within = cmd_opt(call, "within");
	char *end = NULL;
	long k;

	if (within != NULL && when_span(within, &w->span) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--within is a time such as 12h or 7d, not '%s'", within);
	if (quorum == NULL)
		return AM_OK;
	k = strtol(quorum, &end, 10);
	if (*end != '\0' || k < 1 || k > 1000)
		return cmd_complain(AM_ERR_INVALID,
		    "--quorum is a number from 2, not '%s'", quorum);
	w->quorum = (uint32_t)k;
	return AM_OK;
}

static AM_RESULT
read_wish(const struct cmd_call *call, struct wish *out)
{
	struct replan_wish *w = &out->w;

	w->safe = call->args[0];
	w->why = cmd_opt(call, "reason");
	w->recovery = cmd_flag(call, "recovery");
	w->from_recovery = cmd_flag(call, "from-recovery");
	w->custodians = out->custodians;
	w->dealers = out->dealers;
	if (w->why == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a change of a committee needs --reason; it stays in the "
		    "log");
	AM_TRY(read_list(call, "custodians", out->custodian_text,
	    out->custodians, &w->count));
	AM_TRY(read_list(
	    call, "dealers", out->dealer_text, out->dealers, &w->dealer_count));
	return read_numbers(call, w);
}

/* ---- reshare: what it comes to */

static AM_RESULT
names_of(struct desk *d, const uint8_t person[][16], size_t count,
    const char *comma, struct blob *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	for (size_t i = 0; i < count; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(&v, person[i], name));
		AM_TRY(blob_printf(out, "%s%s", i > 0 ? comma : "", name));
	}
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

static AM_RESULT
say_people(
    struct desk *d, const char *label, const uint8_t person[][16], size_t count)
{
	blob_auto names = { 0 };

	if (count == 0)
		return AM_OK;
	AM_TRY(names_of(d, person, count, ", ", &names));
	out_field(stderr, label, (struct bytes){ names.p, names.len - 1 });
	return AM_OK;
}

static AM_RESULT
json_people(struct desk *d, struct out_json *j, const char *key,
    const uint8_t person[][16], size_t count)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	out_json_open(j, key, '[');
	for (size_t i = 0; i < count; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(&v, person[i], name));
		out_json_text(j, NULL, name);
	}
	out_json_close(j);
	return AM_OK;
}

struct list {
	size_t n;
	uint8_t person[ROWS_N_MAX][16];
};

static struct list
list_of(const struct rows_member *members, size_t n)
{
	struct list l = { .n = n };

	for (size_t i = 0; i < n; i++)
		memcpy(l.person[i], members[i].person, 16);
	return l;
}

static const char *
kind_of(const struct replan *r)
{
	return r->refresh ? "refresh" : "reshare";
}

/* Those of `a` who are not in `b`. */
static struct list
without(const struct list *a, const struct rows_member *b, size_t n)
{
	struct list l = { 0 };

	for (size_t i = 0; i < a->n; i++)
		if (manifest_position(b, n, a->person[i]) < 0)
			memcpy(l.person[l.n++], a->person[i], 16);
	return l;
}

/* The committee that a plan follows; none: n is 0. */
static AM_RESULT
load_base(struct desk *d, const struct rows_plan *p, struct rows_manifest *out,
    const char **out_kind)
{
	store_txn_auto *t = NULL;
	struct view v;
	enum am_err err;

	*out = (struct rows_manifest){ 0 };
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	err = rows_get_manifest(&v, (struct bytes){ p->base, 32 }, out);
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	return standing_kind(&v, p, out_kind);
}

static void
say_field(const char *label, const char *text)
{
	out_field(stderr, label,
	    (struct bytes){ (const uint8_t *)text, strlen(text) });
}

/* Before any touch: what is planned, or to be planned (R5.8: a deal is consent
 * to it). */
static AM_RESULT
say_plan(struct desk *d, const struct rows_plan *p, struct bytes why)
{
	const struct list members = list_of(p->members, p->n),
			  dealers = list_of(p->dealers, p->dealer_count);
	struct list old, new, gone;
	struct rows_manifest base;
	const char *kind = "";
	char text[160];

	AM_TRY(load_base(d, p, &base, &kind));
	old = list_of(base.members, base.n);
	new = without(&members, base.members, base.n);
	gone = without(&old, p->members, p->n);
	(void)snprintf(text, sizeof(text),
	    "%s of the %s committee of '%s', epoch %u", kind,
	    standing_committee(p->committee), d->call->args[0], p->epoch);
	say_field("plan", text);
	out_field(stderr, "why", why);
	(void)snprintf(text, sizeof(text), "%u of %u", p->k, p->n);
	if (base.n > 0)
		(void)snprintf(text, sizeof(text), "%u of %u, now %u of %u",
		    p->k, p->n, base.k, base.n);
	say_field("quorum", text);
	AM_TRY(say_people(d, "members", members.person, members.n));
	if (base.n > 0)
		AM_TRY(say_people(d, "new", new.person, new.n));
	AM_TRY(say_people(d, "leave", gone.person, gone.n));
	return say_people(d, "deal", dealers.person, dealers.n);
}

/* Of a plan that is about to be made. */
static AM_RESULT
say_proposal(struct desk *d, const struct wish *w, const struct replan *r)
{
	blob_auto both = { 0 };

	if (d->call->json)
		return AM_OK;
	AM_TRY(say_plan(d, &r->plan,
	    (struct bytes){ (const uint8_t *)w->w.why, strlen(w->w.why) }));
	if (r->both_count == 0)
		return AM_OK;
	AM_TRY(names_of(d, r->both, r->both_count, ", ", &both));
	cmd_say(d->call,
	    "warning: in the operating and in the recovery committee: %s; one "
	    "accident would hit both, so other people are better (5.1)",
	    (const char *)both.p);
	return AM_OK;
}

/* A reason that may stand in a command as it is. */
static bool
is_quotable(const char *why)
{
	return strlen(why) <= 60 &&
	    strspn(why,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789 .,:/-") == strlen(why);
}

static AM_RESULT
say_batches(struct desk *d, const struct wish *w, const struct replan *r)
{
	const char *why = is_quotable(w->w.why) ? w->w.why : "...";

	for (size_t i = 0; i < r->batch_count; i++) {
		const struct replan_batch *b = &r->batches[i];
		blob_auto names = { 0 };

		AM_TRY(names_of(d, b->person, b->n, ",", &names));
		fprintf(stderr, "  amanat safe reshare %s%s%s --quorum %u \\\n",
		    r->safe.id, b->recovery ? " --recovery" : "",
		    b->from_recovery ? " --from-recovery" : "", b->k);
		fprintf(stderr,
		    "      --custodians %s \\\n      --reason '%s'\n",
		    (const char *)names.p, why);
	}
	return AM_OK;
}

/* ---- reshare */

static AM_RESULT
reshare_json(struct desk *d, const struct replan *r, const char *until)
{
	const struct rows_plan *p = &r->plan;
	const struct list members = list_of(p->members, p->n),
			  dealers = list_of(p->dealers, p->dealer_count);
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "safe", r->safe.id);
	out_json_text(&j, "committee", standing_committee(p->committee));
	out_json_text(&j, "kind", kind_of(r));
	out_json_uint(&j, "epoch", p->epoch);
	out_json_uint(&j, "quorum", p->k);
	AM_TRY(json_people(d, &j, "custodians", members.person, members.n));
	AM_TRY(json_people(d, &j, "dealers", dealers.person, dealers.n));
	AM_TRY(json_people(d, &j, "new", r->newcomers, r->newcomer_count));
	AM_TRY(json_people(d, &j, "leaving", r->leavers, r->leaver_count));
	AM_TRY(json_people(d, &j, "both", r->both, r->both_count));
	out_json_text(&j, "until", until);
	return AM_OK;
}

static AM_RESULT
planned(struct desk *d, const struct replan *r)
{
	char until[WHEN_TEXT_LEN + 1];

	when_text(r->plan.until, until);
	if (d->call->json)
		return reshare_json(d, r, until);
	cmd_say(d->call,
	    "planned; until all members have accepted, the committee of now "
	    "goes on, and nothing is changed");
	cmd_say(d->call,
	    "next, until %s: all of them run 'amanat safe join %s': the "
	    "members join, then the dealers deal, then the members accept; "
	    "'amanat safe status %s' shows whose turn it is",
	    until, r->safe.id, r->safe.id);
	return AM_OK;
}

/* A mass change in dated batches; nothing is planned yet. */
static AM_RESULT
plan_ahead(struct cmd_call *call)
{
	const char *until = cmd_opt(call, "until");
	int64_t end = 0;

	if (until == NULL || when_end(until, &end) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--plan needs --until, the last day, such as 2027-06-30");
	return analyze_transition(call, call->args[0], end);
}

AM_RESULT
change_warn_of_keys(struct desk *d, const char *id)
{
	struct rows_manifest m = { .n = 0 }, before = { .n = 0 };
	blob_auto who = { 0 };
	store_txn_auto *t = NULL;
	struct rows_plan plan;
	struct rows_safe safe;
	struct lacks lacks;
	struct view v;
	enum am_err err;

	AM_TRY(lookup_safe(d->session, id, &safe));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_plan(&v, (struct bytes){ safe.plan, 32 }, &plan));
	err = rows_get_manifest(&v, (struct bytes){ plan.base, 32 }, &before);
	if (err != AM_ERR_NOT_FOUND) /* at set-up all are new */
		AM_TRY(err);
	for (size_t i = 0; i < plan.n; i++)
		if (manifest_position(
			before.members, before.n, plan.members[i].person) < 0)
			m.members[m.n++] = plan.members[i];
	AM_TRY(lacks_read(&v, &safe, &m, session_now(d->session), &lacks));
	for (size_t i = 0; i < lacks.count; i++)
		if (lacks.all[i].kind != LACKS_MODELS)
			AM_TRY(blob_printf(&who, "%s%s has %u of %u %s",
			    who.len > 0 ? ", " : "", lacks.all[i].who,
			    lacks.all[i].is, lacks.all[i].least,
			    lacks.all[i].kind == LACKS_KEYS ? "keys"
							    : "places"));
	if (who.len > 0)
		cmd_say(d->call,
		    "CAREFUL: level %s asks for keys, and places of keys, "
		    "before somebody joins: %.*s; amanat token enrol PERSON "
		    "--label LABEL, amanat token place LABEL PLACE [C-2]",
		    safe.level, (int)who.len, (const char *)who.p);
	return AM_OK;
}

AM_RESULT
change_reshare(struct cmd_call *call)
{
	struct wish w = { 0 };
	struct replan r = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	enum am_err err;

	if (cmd_flag(call, "plan"))
		return plan_ahead(call);
	AM_TRY(read_wish(call, &w));
	AM_TRY(desk_open(call, true, &d));
	err = desk_done(
	    &d, replan_propose(d.session, &w.w, &r), "plan the next committee");
	if (err != AM_OK && r.batch_count > 0)
		AM_TRY(say_batches(&d, &w, &r));
	AM_TRY(err);
	AM_TRY(desk_done(&d, say_proposal(&d, &w, &r), "show the plan"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, replan_post(d.session, &k, &w.w, &r),
	    "plan the next committee"));
	AM_TRY(desk_done(&d, planned(&d, &r), "show the plan"));
	return w.w.recovery
	    ? AM_OK
	    : desk_done(
		  &d, change_warn_of_keys(&d, call->args[0]), "show the plan");
}

/* ---- abort */

AM_RESULT
change_abort(struct cmd_call *call)
{
	const char *why = cmd_opt(call, "reason");
	const uint8_t committee =
	    cmd_flag(call, "recovery") ? ROWS_RECOVERY : ROWS_OPERATING;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (why == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "giving a plan up needs --reason; it stays in the log");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d,
	    steps_check_abort(d.session, call->args[0], committee, why),
	    "give the plan up"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    steps_abort(d.session, &k, call->args[0], committee, why),
	    "give the plan up"));
	cmd_say(call, "given up by %s; the %s committee of '%s' stays as it is",
	    k.person.id, standing_committee(committee), call->args[0]);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "safe", call->args[0]);
		out_json_text(&j, "committee", standing_committee(committee));
	}
	return AM_OK;
}

/* ---- join: the step that is owed */

static const char *
said_of_lapsed(enum owed_state state)
{
	switch (state) {
	case OWED_ABORTED:
		return "the plan was given up; nothing has changed";
	case OWED_DISPUTED:
		return "somebody complained about a deal, so the plan is void; "
		       "nothing has changed";
	case OWED_OVERTAKEN:
		return "another plan of this safe became active first; nothing "
		       "is owed";
	case OWED_UNPLANNED:
	case OWED_OPEN:
	case OWED_ACTIVE:
	case OWED_EXPIRED:
		break;
	}
	return "this ceremony has lapsed; plan the safe again with 'amanat "
	       "safe create', or a change with 'amanat safe reshare'";
}

static const char *
said_of_fault(uint8_t fault)
{
	return fault == ROWS_COMPLAINER
	    ? "you have answered: your box was good, and the complainer is at "
	      "fault"
	    : "you have answered: the box was bad, and the fault is yours";
}

static const char *
said(const struct steps_done *s)
{
	switch (s->step) {
	case OWED_JOIN:
		return s->dealer
		    ? "you have joined; when all have, run this again to deal"
		    : "you have joined; when all have dealt, run this again "
		      "to accept your share";
	case OWED_DEAL:
		return s->member ? "you have dealt; when all have, run this "
				   "again to accept your share"
				 : "you have dealt; the next committee goes on";
	case OWED_ACCEPT:
		return s->activated || s->epoch == 1
		    ? "you hold your share now"
		    : "you hold your new share; until all have accepted, the "
		      "committee of before goes on";
	case OWED_JUSTIFY:
		return said_of_fault(s->fault);
	case OWED_ERASE:
		return "your share of the committee before is erased";
	case OWED_WAIT:
		return "nothing to do for you yet: others have to act first";
	case OWED_DONE:
		return "this safe is active; nothing is owed";
	case OWED_NONE:
		break; /* refused */
	case OWED_LAPSED:
		return said_of_lapsed(s->state);
	}
	return "";
}

static const char *
step_name(const struct steps_done *s)
{
	switch (s->step) {
	case OWED_JOIN:
		return "joined";
	case OWED_DEAL:
		return "dealt";
	case OWED_ACCEPT:
		return "accepted";
	case OWED_JUSTIFY:
		return "answered";
	case OWED_ERASE:
		return "erased";
	case OWED_WAIT:
		return "waiting";
	case OWED_DONE:
		return "active";
	case OWED_NONE:
		break; /* refused */
	case OWED_LAPSED:
		return s->state == OWED_EXPIRED ? "lapsed" : "void";
	}
	return "";
}

/* The words of a safe once it is active; else empty: others have to accept. */
static AM_RESULT
words_of(
    struct desk *d, const struct steps_done *s, char out[static WORDS_TEXT_MAX])
{
	store_txn_auto *t = NULL;
	struct rows_manifest m;
	struct rows_safe safe;
	struct view v;
	enum am_err err;

	out[0] = '\0';
	if (!s->activated && s->step != OWED_DONE)
		return AM_OK;
	AM_TRY(lookup_safe(d->session, d->call->args[0], &safe));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	err = rows_get_manifest(&v, (struct bytes){ safe.manifest, 32 }, &m);
	if (err == AM_OK)
		standing_words(&m, out);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/*
 * R5.9: requests that were open when the committee changed. The newest come
 * first, and none is open longer than 72 h, so few are looked at.
 */
static AM_RESULT
each_closed(struct desk *d, const uint8_t M[static 32], struct out_json *j,
    struct blob *names)
{
	const int64_t now = session_now(d->session);

	for (uint32_t i = d->session->vault.requests; i > 0; i--) {
		struct rows_request q;
		char id[16];

		(void)snprintf(id, sizeof(id), "r-%u", i);
		AM_TRY(lookup_request(d->session, id, &q));
		if (q.at + (int64_t)4 * 86400 < now)
			return AM_OK;
		if (q.status != ROWS_OPEN || q.until < now ||
		    !bytes_same((struct bytes){ q.manifest, 32 },
			(struct bytes){ M, 32 }))
			continue;
		if (j != NULL)
			out_json_text(j, NULL, id);
		else
			AM_TRY(blob_printf(
			    names, "%s%s", names->len > 0 ? ", " : "", id));
	}
	return AM_OK;
}

static AM_RESULT
say_closed(struct desk *d, const struct steps_done *s)
{
	blob_auto names = { 0 };

	if (!s->activated)
		return AM_OK;
	AM_TRY(each_closed(d, s->closed, NULL, &names));
	if (names.len == 0)
		return AM_OK;
	AM_TRY(blob_add(&names, (struct bytes){ (const uint8_t *)"", 1 }));
	cmd_say(d->call,
	    "these requests ended with the committee they were made to (R5.9), "
	    "and have to be made again: %s",
	    (const char *)names.p);
	return AM_OK;
}

static AM_RESULT
join_json(struct desk *d, const struct session_key *k,
    const struct steps_done *s, const char *words)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "safe", d->call->args[0]);
	out_json_text(&j, "person", k->person.id);
	out_json_text(&j, "step", step_name(s));
	out_json_text(&j, "words", words);
	out_json_text(&j, "committee", standing_committee(s->committee));
	out_json_uint(&j, "epoch", s->epoch);
	out_json_bool(&j, "activated", s->activated);
	out_json_open(&j, "closed", '[');
	if (s->activated)
		AM_TRY(each_closed(d, s->closed, &j, NULL));
	return AM_OK;
}

static AM_RESULT
say_step(
    struct desk *d, const struct session_key *k, const struct steps_done *s)
{
	const char *safe = d->call->args[0];
	char words[WORDS_TEXT_MAX] = "";

	AM_TRY(words_of(d, s, words));
	if (d->call->json)
		return join_json(d, k, s, words);
	cmd_say(d->call, "%s: %s", k->person.id, said(s));
	if (s->step == OWED_ACCEPT && k->person.tokens > 1)
		cmd_say(d->call,
		    "it opens with the key '%s' alone; for another key of "
		    "yours, plug in both: amanat token slot",
		    k->row.label);
	if (s->activated && s->epoch > 1)
		cmd_say(d->call,
		    "all have accepted: epoch %u of the %s committee is in "
		    "force; next: everyone of the epoch before runs 'amanat "
		    "safe join %s' once more and erases the old share",
		    s->epoch, standing_committee(s->committee), safe);
	AM_TRY(say_closed(d, s));
	if (words[0] != '\0')
		cmd_say(d->call,
		    "the safe is active; its key in eight words, the same for "
		    "all of you: %s",
		    words);
	else if (s->step == OWED_WAIT)
		cmd_say(d->call, "'amanat safe status %s' shows who has to act",
		    safe);
	return AM_OK;
}

/* A bad deal was named. Complaining voids the plan, so it is asked for. */
static AM_RESULT
offer_complaint(
    struct desk *d, const struct session_key *k, const struct steps_bad *bad)
{
	bool yes = false;
	char question[256];

	(void)snprintf(question, sizeof(question),
	    "Complain about the deal of '%s'? That voids the plan, and '%s' "
	    "has to show what was in your box.",
	    bad->dealer, bad->dealer);
	if (term_confirm(d->call->yes, question, &d->why, &yes) != AM_OK ||
	    !yes) {
		cmd_say(d->call,
		    "no complaint was made; 'amanat --yes safe join %s' makes "
		    "it, and the plan waits until then",
		    d->call->args[0]);
		return AM_ERR_VERIFY;
	}
	AM_TRY(desk_done(d, steps_complain(d->session, k, bad), "complain"));
	cmd_say(d->call,
	    "your complaint is in the log, and the plan is void; next: '%s' "
	    "answers with 'amanat safe join %s', and somebody plans again",
	    bad->dealer, d->call->args[0]);
	return AM_ERR_VERIFY;
}

/* Joining and dealing are a yes to the plan, so it is shown before. */
static AM_RESULT
show_step(
    struct desk *d, const struct session_key *k, const struct rows_safe *safe)
{
	steps_view_auto v = { 0 };

	AM_TRY(steps_look(d->session, k, d->call->args[0], &v));
	if (owed_is_setup(&v.owed.plan.plan) && safe->agreed == 0)
		return AM_OK; /* it is refused until a quorum has decided */
	/* C-1: who joins, and who then accepts a share, promises this. */
	if (!d->call->json &&
	    (v.owed.step == OWED_JOIN || v.owed.step == OWED_ACCEPT))
		duties_show(stderr);
	if (d->call->json ||
	    (v.owed.step != OWED_JOIN && v.owed.step != OWED_DEAL) ||
	    owed_is_setup(&v.owed.plan.plan))
		return AM_OK;
	AM_TRY(say_plan(d, &v.owed.plan.plan, v.why));
	if (v.owed.step == OWED_DEAL)
		cmd_say(d->call,
		    "Your deal is your consent to this plan. Two touches "
		    "follow: the first unlocks your share, the second signs. "
		    "If you do not agree: Ctrl-C, and 'amanat safe abort %s'.",
		    d->call->args[0]);
	return AM_OK;
}

AM_RESULT
change_join(struct cmd_call *call)
{
	struct steps_done done = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	struct rows_safe safe;
	enum am_err err;

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, lookup_safe(d.session, call->args[0], &safe), "join the safe"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, pin_check(d.session, &k, &safe), "join the safe"));
	AM_TRY(desk_done(&d, show_step(&d, &k, &safe), "show what you owe"));
	err = steps_take(d.session, &k, call->args[0], &done);
	if (err == AM_OK)
		err = say_step(&d, &k, &done);
	err = desk_done(&d, err, "join the safe");
	if (err == AM_ERR_VERIFY && done.bad.found)
		return offer_complaint(&d, &k, &done.bad);
	return err;
}
