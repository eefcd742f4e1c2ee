/*
 * sub show and sub note: one subscription, on the screen and as a page for
 * whoever comes next.
 */

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/request.h"
#include "cli/rescue.h"
#include "cli/subread.h"
#include "cli/verbs.h"
#include "vault/acts/approve.h"
#include "vault/acts/ask.h"
#include "vault/acts/lookup.h"
#include "vault/acts/renewals.h"
#include "vault/acts/subscribe.h"
#include "vault/state/supplier.h"
#include "vault/state/tenure.h"
#include "vault/state/vetting.h"
#include "vault/state/waiver.h"

static void
field(const char *label, const char *text)
{
	out_field(stdout, label,
	    (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static void
day_field(const char *label, int32_t day)
{
	char text[DATES_TEXT_LEN + 1];

	dates_text(day, text);
	field(label, text);
}

/* ---- show */

static const char *const levels[ROWS_SUB_POSTS] = { "owner", "deputy",
	"technical", "budget", "escalation" };

static AM_RESULT
holder_of(const struct subread *r, uint32_t post, struct rows_post *p,
    char who[static ROWS_ID_MAX + 1])
{
	static const uint8_t nobody[16];

	AM_TRY(tenure_post(&r->v, post, p));
	(void)snprintf(who, ROWS_ID_MAX + 1, "vacant");
	if (bytes_same((struct bytes){ r->office.holders[post], 16 },
		(struct bytes){ nobody, 16 }))
		return AM_OK;
	return lookup_person_name(&r->v, r->office.holders[post], who);
}

/* in the order in which they are asked. */
static AM_RESULT
show_posts(const struct subread *r, const struct rows_subscription *s,
    struct out_json *j)
{
	if (j != NULL)
		out_json_open(j, "posts", '{');
	for (size_t i = 0; i < ROWS_SUB_POSTS; i++) {
		char who[ROWS_ID_MAX + 1], text[256];
		struct rows_post p;

		AM_TRY(holder_of(r, s->posts[i], &p, who));
		if (j != NULL) {
			out_json_text(j, levels[i], p.id);
			continue;
		}
		(void)snprintf(text, sizeof(text), "%s (%s)", p.id, who);
		field(levels[i], text);
	}
	if (j != NULL)
		out_json_close(j);
	else
		field("asked",
		    "owner; after 7 days each deputy, budget, "
		    "escalation; past a vacant post at once");
	return AM_OK;
}

static AM_RESULT
origin_text(const struct subread *r, const struct rows_subscription *s,
    struct blob *out)
{
	struct supplier_verdict j;
	char until[32];

	AM_TRY(supplier_judge(&r->v, s->id, s->countries, &j));
	if (j.version == 0)
		return blob_printf(out, "no deny list is in force");
	if (j.code[0] == '\0')
		return blob_printf(
		    out, "not on version %u of the deny list", j.version);
	AM_TRY(blob_printf(
	    out, "%s IS ON VERSION %u OF THE DENY LIST", j.code, j.version));
	if (j.waived_until == 0)
		return blob_printf(out, ", without an exception");
	desk_time(j.waived_until, until);
	return blob_printf(out, "; exception %s %s",
	    j.waived_until > session_now(r->d->session) ? "until" : "ended",
	    until);
}

/* An exception stands in every dossier. */
static AM_RESULT
add_exception(const struct subread *r, const struct rows_subscription *s,
    const char *rule, const char *from, struct blob *out)
{
	int64_t end = 0;
	char until[32];

	AM_TRY(waiver_of(&r->v, rule, s->id, &end));
	if (end == 0)
		return AM_OK;
	desk_time(end, until);
	return blob_printf(out, "; exception from %s (%s) %s %s", from, rule,
	    end > session_now(r->d->session) ? "until" : "ended", until);
}

/* When it was examined, and until when that counts. */
static AM_RESULT
supplier_text(const struct subread *r, const struct rows_subscription *s,
    struct blob *out)
{
	struct rows_level asked = { .supplier_review = LEVELS_NONE };
	const enum am_err err = vetting_level(&r->v, &s->provider, &asked);
	char day[DATES_TEXT_LEN + 1];

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	dates_text((int32_t)s->provider.examined, day);
	AM_TRY(blob_printf(out, "examined on %s", day));
	if (asked.supplier_review != LEVELS_NONE) {
		dates_text(
		    dates_day(dates_begin((int32_t)s->provider.examined) +
			asked.supplier_review),
		    day);
		AM_TRY(blob_printf(out, ", again by %s", day));
	}
	AM_TRY(add_exception(r, s, "R-14", "what its class asks", out));
	return add_exception(r, s, "R-15", "being examined again", out);
}

static const char *
next_step(const struct rows_subscription *s)
{
	switch ((enum rows_sub_state)s->state) {
	case ROWS_COMPLETE:
		return "active, with the order";
	case ROWS_IN_FORCE:
		return "decision: renew, replace or end";
	case ROWS_DECIDED:
		return s->choice == ROWS_RENEW  ? "renewing, with the order"
		    : s->choice == ROWS_REPLACE ? "replacing, with the order"
						: "ending, with the notice";
	case ROWS_RENEWING:
	case ROWS_REPLACING:
	case ROWS_ENDING:
		return "verified, after two login tests";
	case ROWS_VERIFIED:
		return s->choice == ROWS_RENEW ? "active, with the new end"
					       : "closed, with the end";
	case ROWS_CLOSED:
		return "none";
	}
	return "";
}

/* What was asked for it, the newest first: of credentials that it names now,
 * so that few statements are read. */
enum { ASKED_MAX = 5 };

static void
asked_one(struct desk *d, const struct approve_view *v, struct out_json *j)
{
	const struct rows_request *q = &v->request;
	const bool rotated = v->record.rotated > q->version;
	const char *state = request_state(d, v);
	char id[16], text[512];

	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	if (j == NULL) {
		(void)snprintf(text, sizeof(text),
		    "%s by %s: %s version %u, "
		    "%s, %s since",
		    id, v->by.id, v->path, q->version, state,
		    rotated                        ? "rotated"
			: q->status == ROWS_OPENED ? "NOT rotated"
						   : "not rotated");
		field("request", text);
		return;
	}
	out_json_open(j, NULL, '{');
	out_json_text(j, "request", id);
	out_json_text(j, "credential", v->path);
	out_json_uint(j, "version", q->version);
	out_json_text(j, "by", v->by.id);
	out_json_text(j, "state", state);
	out_json_bool(j, "rotated", rotated);
	out_json_close(j);
}

static AM_RESULT
asked_number(const struct subread *r, const struct rows_subscription *s,
    uint32_t number, struct out_json *j, size_t *shown)
{
	char id[16], ticket[ASK_TICKET];
	approve_view_auto v = { 0 };
	struct rows_request q;

	(void)snprintf(id, sizeof(id), "r-%u", number);
	ask_ticket(s->id, ticket);
	AM_TRY(lookup_request(r->d->session, id, &q));
	if (!subscription_needs(s, q.record))
		return AM_OK;
	AM_TRY(approve_look(r->d->session, id, &v));
	if (!bytes_same(v.ref,
		(struct bytes){ (const uint8_t *)ticket, strlen(ticket) }))
		return AM_OK;
	asked_one(r->d, &v, j);
	++*shown;
	return AM_OK;
}

static AM_RESULT
show_asked(const struct subread *r, const struct rows_subscription *s,
    struct out_json *j)
{
	size_t shown = 0;

	if (j != NULL)
		out_json_open(j, "requests", '[');
	for (uint32_t i = r->d->session->vault.requests;
	     i > 0 && shown < ASKED_MAX; i--)
		AM_TRY(asked_number(r, s, i, j, &shown));
	if (j != NULL)
		out_json_close(j);
	return AM_OK;
}

/* The credentials that renewing needs. */
static AM_RESULT
show_links(const struct subread *r, const struct rows_subscription *s,
    struct out_json *j)
{
	if (j != NULL)
		out_json_open(j, "credentials", '[');
	for (size_t i = 0; i < s->link_count; i++) {
		blob_auto path = { 0 };

		AM_TRY(subread_link(r, s, i, &path));
		if (j != NULL)
			out_json_str(j, NULL, blob_bytes(&path));
		else
			out_field(stdout, "needs", blob_bytes(&path));
	}
	if (j != NULL)
		out_json_close(j);
	return AM_OK;
}

static void
print_text(const char *key, struct bytes text)
{
	/* a hash is a word that fills a line */
	if (text.len > 60 && memchr(text.p, ' ', text.len) == NULL) {
		printf("%s:\n    ", key);
		out_text(stdout, text);
		printf("\n");
	} else if (text.len > 0)
		out_field(stdout, key, text);
}

static AM_RESULT
show_record(
    const struct subread *r, const struct record *in, struct out_json *j)
{
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const enum record_field f = (enum record_field)i;
		blob_auto text = { 0 };
		struct bytes value = in->text[i];

		if (in->list[i] != NULL) {
			AM_TRY(subread_list(r, in, f, &text));
			value = blob_bytes(&text);
		}
		if (j != NULL)
			out_json_str(j, record_key(f), value);
		else
			print_text(record_key(f), value);
	}
	return AM_OK;
}

static AM_RESULT
show_text(const struct subread *r, const struct rows_subscription *s,
    const struct raised *a)
{
	char safe[ROWS_ID_MAX + 1], text[256];
	blob_auto origin = { 0 }, supplier = { 0 };
	enum raised_reach reach;
	struct dates_plan p;
	int32_t next;

	AM_TRY(raised_reach(&r->office, s, a, &reach, safe));
	AM_TRY(origin_text(r, s, &origin));
	AM_TRY(supplier_text(r, s, &supplier));
	subscription_plan(s, &p);
	field("subscription", s->id);
	field("name", s->name);
	(void)snprintf(text, sizeof(text), "%s, %s%s%s", subscription_state(s),
	    subscription_control(s), s->choice != 0 ? "; decided: " : "",
	    subscription_choice(s));
	field("state", text);
	field("next step", next_step(s));
	renewals_step(s, text);
	if (text[0] != '\0')
		field("to take it", text);
	day_field("from", (int32_t)s->start);
	day_field("end", a->end);
	if (a->renews_itself) {
		char by[DATES_TEXT_LEN + 1];

		dates_text(dates_notice(&p, a->end), by);
		(void)snprintf(text, sizeof(text),
		    "by itself, unless notice is given by %s", by);
		field("renews", text);
	}
	if (!subscription_is_decided(s))
		day_field("decide by", a->deadline);
	next = dates_next(&p, &r->office.calendar, r->office.today);
	if (next != DATES_NEVER && s->state != ROWS_CLOSED)
		day_field("next reminder", next);
	if (s->order[0] != '\0')
		field("order", s->order);
	AM_TRY(show_posts(r, s, NULL));
	(void)snprintf(text, sizeof(text), "%s%s%s", subread_reach(reach),
	    reach == RAISED_OUT_OF_REACH ? ", no quorum then in safe " : "",
	    safe);
	field("in reach", text);
	out_field(stdout, "origin", blob_bytes(&origin));
	out_field(stdout, "supplier", blob_bytes(&supplier));
	AM_TRY(show_links(r, s, NULL));
	return show_asked(r, s, NULL);
}

static AM_RESULT
show_json(const struct subread *r, const struct rows_subscription *s,
    const struct raised *a, struct out_json *j)
{
	char safe[ROWS_ID_MAX + 1], day[DATES_TEXT_LEN + 1];
	blob_auto origin = { 0 }, supplier = { 0 };
	enum raised_reach reach;

	AM_TRY(raised_reach(&r->office, s, a, &reach, safe));
	AM_TRY(origin_text(r, s, &origin));
	AM_TRY(supplier_text(r, s, &supplier));
	out_json_text(j, "id", s->id);
	out_json_text(j, "name", s->name);
	out_json_uint(j, "version", s->version);
	out_json_text(j, "state", subscription_state(s));
	out_json_text(j, "choice", subscription_choice(s));
	out_json_text(j, "control", subscription_control(s));
	dates_text((int32_t)s->start, day);
	out_json_text(j, "start", day);
	dates_text(a->end, day);
	out_json_text(j, "end", day);
	dates_text(a->deadline, day);
	out_json_text(j, "decide_by", day);
	out_json_bool(j, "renews_itself", a->renews_itself);
	out_json_text(j, "order", s->order);
	AM_TRY(show_posts(r, s, j));
	out_json_text(j, "reach", subread_reach_key(reach));
	out_json_text(j, "unreachable_safe", safe);
	out_json_str(j, "origin", blob_bytes(&origin));
	out_json_str(j, "supplier", blob_bytes(&supplier));
	AM_TRY(show_links(r, s, j));
	return show_asked(r, s, j);
}

static AM_RESULT
show(const struct subread *r, const char *id, bool dossier)
{
	out_json_auto j = { .to = stdout };
	const bool json = r->d->call->json;
	statement_auto said = { 0 };
	struct rows_subscription s;
	struct record in;
	struct raised a;

	AM_TRY(subscribe_find(r->d->session, id, &s));
	AM_TRY(raised_of(&r->office, &s, &a));
	if (json)
		out_json_open(&j, NULL, '{');
	AM_TRY(json ? show_json(r, &s, &a, &j) : show_text(r, &s, &a));
	if (!dossier)
		return AM_OK;
	AM_TRY(subscribe_record(r->d->session, r->t, &s, &said, &in));
	if (json)
		out_json_open(&j, "record", '{');
	else
		printf("\nrecord, as entered at leaf %lu\n",
		    (unsigned long)s.record_leaf);
	return show_record(r, &in, json ? &j : NULL);
}

AM_RESULT
subshow_show(struct cmd_call *call)
{
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
	return desk_done(&d, show(&r, call->args[0], cmd_flag(call, "dossier")),
	    "show the subscription");
}

/* ---- note: one page for whoever comes next */

enum { NOTE_DAYS = 3 };

static void
note_dates(const struct subread *r, const struct rows_subscription *s,
    const struct raised *a)
{
	struct dates_plan p;
	int32_t day = r->office.today;

	subscription_plan(s, &p);
	printf("\nDates\n");
	if (!subscription_is_decided(s))
		day_field("  decide by", a->deadline);
	day_field("  end", a->end);
	for (size_t i = 0; i < NOTE_DAYS && s->state != ROWS_CLOSED; i++) {
		day = dates_next(&p, &r->office.calendar, day);
		if (day == DATES_NEVER)
			break;
		day_field("  reminder", day);
	}
}

static AM_RESULT
note_issues(const struct subread *r, const struct rows_subscription *s,
    const struct raised *a)
{
	char safe[ROWS_ID_MAX + 1], text[128];
	blob_auto said = { 0 }, origin = { 0 };
	enum raised_reach reach;

	printf("\nOpen\n");
	AM_TRY(raised_text(&r->office, s, a, &said));
	if (said.len > 0)
		out_field(stdout, "  now", blob_bytes(&said));
	field("  next step", next_step(s));
	field("  account", subscription_control(s));
	AM_TRY(origin_text(r, s, &origin));
	out_field(stdout, "  origin", blob_bytes(&origin));
	AM_TRY(raised_reach(&r->office, s, a, &reach, safe));
	(void)snprintf(text, sizeof(text), "%s %s", subread_reach(reach), safe);
	field("  in reach", text);
	return AM_OK;
}

static AM_RESULT
note_access(const struct subread *r, const struct record *in)
{
	blob_auto names = { 0 };
	char text[512];

	printf("\nAccess\n");
	AM_TRY(subread_list(r, in, RECORD_CREDENTIALS, &names));
	(void)snprintf(text, sizeof(text),
	    "amanat ask %.*s --reason TEXT; the custodians approve; amanat "
	    "open r-N",
	    (int)(names.len < 300 ? names.len : 300),
	    names.len > 0 ? (const char *)names.p : "SAFE/NAME");
	field("  how", text);
	print_text("  mailbox", in->text[RECORD_MAILBOX]);
	print_text("  phone", in->text[RECORD_PHONE]);
	print_text("  if lost", in->text[RECORD_RECOVERY]);
	return AM_OK;
}

static AM_RESULT
rescue(const struct subread *r, const char *id)
{
	statement_auto said = { 0 };
	struct rows_subscription s;
	struct record in;

	AM_TRY(subscribe_find(r->d->session, id, &s));
	AM_TRY(subscribe_record(r->d->session, r->t, &s, &said, &in));
	return rescue_print(r, &s, &in);
}

static AM_RESULT
note(const struct subread *r, const char *id)
{
	statement_auto said = { 0 };
	blob_auto contacts = { 0 };
	struct rows_subscription s;
	struct record in;
	struct raised a;

	AM_TRY(subscribe_find(r->d->session, id, &s));
	AM_TRY(subscribe_record(r->d->session, r->t, &s, &said, &in));
	AM_TRY(raised_of(&r->office, &s, &a));
	AM_TRY(subread_list(r, &in, RECORD_CONTACTS, &contacts));
	field("Hand-over", s.name);
	print_text("what", in.text[RECORD_PURPOSE]);
	print_text("vendor", in.text[RECORD_VENDOR]);
	print_text("contract", in.text[RECORD_CONTRACT]);
	print_text("customer", in.text[RECORD_CUSTOMER]);
	print_text("to know", in.text[RECORD_HANDOVER]);
	printf("\nWhom to call\n");
	AM_TRY(show_posts(r, &s, NULL));
	out_field(stdout, "vendor", blob_bytes(&contacts));
	note_dates(r, &s, &a);
	AM_TRY(note_issues(r, &s, &a));
	return note_access(r, &in);
}

AM_RESULT
subshow_note(struct cmd_call *call)
{
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	if (call->json)
		return cmd_complain(AM_ERR_INVALID,
		    "a note is a page for people; 'amanat sub show %s "
		    "--dossier --json' is for programs",
		    call->args[0]);
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
	if (cmd_flag(call, "rescue"))
		return desk_done(&d, rescue(&r, call->args[0]),
		    "write the steps of a rescue");
	return desk_done(
	    &d, note(&r, call->args[0]), "write the hand-over note");
}
