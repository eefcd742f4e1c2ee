#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/needs.h"
#include "cli/out.h"
#include "cli/request.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "vault/acts/approve.h"
#include "vault/acts/ask.h"
#include "vault/acts/lookup.h"
#include "vault/acts/missing.h"
#include "vault/acts/open.h"
#include "vault/acts/payload.h"
#include "vault/acts/pin.h"
#include "vault/acts/told.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"

static void
field(FILE *to, const char *label, const char *text)
{
	out_field(
	    to, label, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static AM_RESULT
names_of(struct desk *d, const struct rows_approval *list, size_t count,
    struct blob *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	for (size_t i = 0; i < count; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(&v, list[i].person, name));
		AM_TRY(blob_printf(out, "%s%s", i > 0 ? ", " : "", name));
	}
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

const char *
request_state(struct desk *d, const struct approve_view *v)
{
	static const uint8_t none[16];
	const struct rows_request *q = &v->request;

	if (q->status == ROWS_OPENED)
		return "opened";
	if (!bytes_same(
		(struct bytes){ q->vetoed, 16 }, (struct bytes){ none, 16 }))
		return "vetoed";
	if (predicate_is_declined(&v->standing))
		return "declined";
	if (session_now(d->session) > q->until)
		return "expired";
	if (!bytes_same(
		(struct bytes){ manifest_active(&v->safe, q->committee), 32 },
		(struct bytes){ q->manifest, 32 }))
		return "closed"; /* R5.9 */
	if (v->hold != INCIDENT_FREE)
		return v->hold == INCIDENT_FROZEN ? "frozen" : "cancelled";
	if (session_now(d->session) < q->cooloff_end)
		return "cooling off";
	if (!predicate_holds(&v->standing))
		return "waiting";
	return q->complete_at != 0 &&
		session_now(d->session) > q->complete_at + q->grant
	    ? "grant over"
	    : "approved";
}

const char *
request_mode(const struct rows_request *q)
{
	if (q->breakglass == 0)
		return "normal";
	return q->committee == ROWS_RECOVERY ? "break-glass, recovery"
					     : "break-glass";
}

/* what it opens the way to, where that is more than itself. */
static const char *
reaches(const struct rows_record *r)
{
	const char *mark =
	    r->mark == 0 ? r->class : levels_class_name(r->mark - 1U);

	return strcmp(mark, r->class) == 0 ? NULL : mark;
}

/* Loud, and before all else. */
static void
print_emergency(FILE *to, const struct rows_request *q)
{
	if (q->breakglass != 0)
		field(to, "BREAK-GLASS",
		    q->committee == ROWS_RECOVERY
			? "AN EMERGENCY, asked of the RECOVERY committee; "
			  "approve only if you know of it from elsewhere"
			: "AN EMERGENCY; approve only if you know of it from "
			  "elsewhere");
}

bool
request_is_over(struct desk *d, const struct approve_view *v)
{
	static const char *const going[] = { "waiting", "cooling off",
		"approved" };
	const char *state = request_state(d, v);

	for (size_t i = 0; i < AM_ARRAY_LEN(going); i++)
		if (strcmp(state, going[i]) == 0)
			return false;
	return true;
}

/* Once approved it is opened within the grant, which may be short. */
static void
print_grant(struct desk *d, FILE *to, const struct approve_view *v)
{
	const struct rows_request *q = &v->request;
	const int64_t end = q->complete_at + q->grant;
	char text[32];

	if (q->complete_at == 0 || q->status == ROWS_OPENED)
		return;
	(void)d;
	desk_time(end < q->until ? end : q->until, text);
	field(to, "open by", text);
}

/* What it waits for, other than people. */
static void
print_waits(struct desk *d, FILE *to, const struct approve_view *v)
{
	const struct rows_request *q = &v->request;
	char until[32], text[512];

	if (v->hold != INCIDENT_FREE) {
		(void)snprintf(text, sizeof(text),
		    "incident i-%u: amanat incident show i-%u", v->held_by,
		    v->held_by);
		field(to, "stopped by", text);
	}
	if (strcmp(request_state(d, v), "cooling off") == 0) {
		desk_time(q->cooloff_end, until);
		(void)snprintf(text, sizeof(text),
		    "until %s; it is approved after that%s", until,
		    q->veto != 0 ? ", and a decline before closes it" : "");
		field(to, "cool-off", text);
	}
}

/* Which posts the approvals so far leave open. */
static AM_RESULT
print_missing(struct desk *d, FILE *to, const struct approve_view *v)
{
	blob_auto text = { 0 };

	if (request_is_over(d, v))
		return AM_OK;
	AM_TRY(missing_posts(d->session, v, &text));
	if (text.len > 0)
		out_field(to, "still needed", blob_bytes(&text));
	return AM_OK;
}

/* Who asks, for what, why, until when, so far, what then, the words: in this
 * order (protocol.md 4.2). */
static AM_RESULT
print_view(struct desk *d, FILE *to, const struct approve_view *v)
{
	const struct rows_request *q = &v->request;
	blob_auto yes = { 0 }, no = { 0 }, gone = { 0 };
	char until[32], text[512];

	desk_time(q->until, until);
	AM_TRY(names_of(d, q->approvals, q->approval_count, &yes));
	AM_TRY(names_of(d, q->declines, q->decline_count, &no));
	AM_TRY(names_of(d, v->voided, v->voided_count, &gone));
	print_emergency(to, q);
	(void)snprintf(text, sizeof(text), "%s (%s)", v->by.id, v->by.name);
	field(to, "who asks", text);
	(void)snprintf(text, sizeof(text), "%s, version %u (%s, class %s%s%s)",
	    v->path, q->version, v->record.type, v->record.class,
	    reaches(&v->record) != NULL ? ", which reaches " : "",
	    reaches(&v->record) != NULL ? reaches(&v->record) : "");
	field(to, "for", text);
	if (q->version < v->record.version) {
		(void)snprintf(text, sizeof(text),
		    "AN OLDER VERSION: %u, while the newest is %u. Approve "
		    "only if the reason says why the old one is needed.",
		    q->version, v->record.version);
		field(to, "CAREFUL", text);
	}
	out_field(to, "why", v->why);
	if (v->ref.len > 0)
		out_field(to, "ticket", v->ref);
	(void)snprintf(
	    text, sizeof(text), "%s; now %s", until, request_state(d, v));
	field(to, "until", text);
	print_waits(d, to, v);
	(void)snprintf(text, sizeof(text), "%u of %u%s%s%s%s",
	    q->approval_count, q->need, q->approval_count > 0 ? ": " : "",
	    (const char *)yes.p, q->decline_count > 0 ? "; declined by " : "",
	    (const char *)no.p);
	field(to, "approved", text);
	if (v->voided_count > 0) {
		(void)snprintf(text, sizeof(text),
		    "%s: does not count, a person or key being suspended or an "
		    "appointment over since",
		    (const char *)gone.p);
		field(to, "void", text);
	}
	AM_TRY(print_missing(d, to, v));
	print_grant(d, to, v);
	if (request_is_over(d, v))
		return AM_OK;
	field(to, "then",
	    q->uses == 1
		? "the requester reads it once; all of it stays in the log"
		: "the requester reads it; all of it stays in the log");
	field(to, "words", v->words);
	return AM_OK;
}

static AM_RESULT
print_people(struct desk *d, struct out_json *j, const char *key,
    const struct rows_approval *list, size_t count)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	out_json_open(j, key, '[');
	for (size_t i = 0; i < count; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(&v, list[i].person, name));
		out_json_text(j, NULL, name);
	}
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
view_json(struct desk *d, const struct approve_view *v, const char *answerer)
{
	const struct rows_request *q = &v->request;
	out_json_auto j = { .to = stdout };
	char id[16], until[WHEN_TEXT_LEN + 1];

	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	when_text(q->until, until);
	out_json_open(&j, NULL, '{');
	out_json_text(&j, "request", id);
	out_json_text(&j, "by", v->by.id);
	out_json_text(&j, "credential", v->path);
	out_json_uint(&j, "version", q->version);
	out_json_uint(&j, "newest", v->record.version);
	out_json_str(&j, "why", v->why);
	out_json_str(&j, "ticket", v->ref);
	out_json_text(&j, "until", until);
	out_json_text(&j, "state", request_state(d, v));
	when_text(q->complete_at == 0 ? 0 : q->complete_at + q->grant, until);
	out_json_text(&j, "open_by", q->complete_at == 0 ? "" : until);
	out_json_uint(&j, "quorum", q->need);
	when_text(q->cooloff_end, until);
	out_json_text(&j, "cooloff_until", until);
	out_json_text(&j, "mode", request_mode(q));
	AM_TRY(
	    print_people(d, &j, "approved", q->approvals, q->approval_count));
	AM_TRY(print_people(d, &j, "declined", q->declines, q->decline_count));
	AM_TRY(print_people(d, &j, "suspended", v->voided, v->voided_count));
	out_json_text(&j, "words", v->words);
	if (answerer != NULL)
		out_json_text(&j, "answered_by", answerer);
	return AM_OK;
}

AM_RESULT
request_show(struct desk *d, const char *id)
{
	approve_view_auto v = { 0 };

	AM_TRY(approve_look(d->session, id, &v));
	return d->call->json ? view_json(d, &v, NULL)
			     : print_view(d, stdout, &v);
}

/* ---- ask */

static AM_RESULT
read_version(const struct cmd_call *call, uint32_t *out)
{
	const char *text = cmd_opt(call, "version");
	char *end = NULL;
	unsigned long n;

	if (text == NULL)
		return AM_OK;
	n = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end != '\0' || n > UINT32_MAX)
		return cmd_complain(AM_ERR_INVALID,
		    "--version is the number of a version, not '%s'", text);
	*out = (uint32_t)n;
	return AM_OK;
}

/* Faults that are seen without a vault. */
static AM_RESULT
read_wish(const struct cmd_call *call, struct ask_wish *w)
{
	const bool renewal = cmd_opt(call, "renewal") != NULL;

	if (w->reason == NULL && !renewal)
		return cmd_complain(AM_ERR_INVALID,
		    "a request needs --reason, a sentence that its approvers "
		    "can judge");
	if (w->ticket != NULL && renewal)
		return cmd_complain(AM_ERR_INVALID,
		    "--renewal is the ticket; leave out --ticket, or write it "
		    "into the --reason");
	if (w->ticket == NULL)
		w->ticket = "";
	if (cmd_opt(call, "for") != NULL &&
	    (when_span(cmd_opt(call, "for"), &w->span) != AM_OK ||
		w->span > (int64_t)72 * 3600))
		return cmd_complain(AM_ERR_INVALID,
		    "--for is a time such as 30m or 4h, at most 72h, not "
		    "'%s'",
		    cmd_opt(call, "for"));
	return read_version(call, &w->version);
}

/* "committee (4), cloud_office (nobody: tell them yourself)" */
static enum am_err
add_told(void *arg, const struct told_name *n)
{
	struct blob *to = arg;

	AM_TRY(blob_printf(to, "%s%s", to->len > 0 ? ", " : "", n->name));
	return n->count > 0
	    ? blob_printf(to, " (%u)", n->count)
	    : blob_printf(to, " (nobody holds such a post: tell them)");
}

static AM_RESULT
say_told(struct desk *d, const struct rows_request *q)
{
	store_txn_auto *t = NULL;
	blob_auto names = { 0 };
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(told_each(d->session, &v, q, add_told, &names));
	if (names.len > 0)
		cmd_say(d->call, "told of it by 'amanat due': %.*s",
		    (int)names.len, (const char *)names.p);
	return AM_OK;
}

static AM_RESULT
tell_asked(
    struct desk *d, const struct ask_wish *w, const struct rows_request *q)
{
	const struct cmd_call *call = d->call;
	char words[WORDS_TEXT_MAX];

	words_text(q->request, words);
	if (call->json) {
		out_json_auto j = { .to = stdout };
		char id[16];

		(void)snprintf(id, sizeof(id), "r-%u", q->number);
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "request", id);
		out_json_text(&j, "words", words);
		out_json_uint(&j, "quorum", q->need);
		out_json_text(&j, "mode", request_mode(q));
		return AM_OK;
	}
	printf("r-%u\n%s\n", q->number, words);
	if (q->cooloff_end > q->at) {
		char until[32];

		desk_time(q->cooloff_end, until);
		cmd_say(call,
		    "its cool-off runs until %s: it can be declined now, and "
		    "approved then",
		    until);
	}
	if (q->breakglass != 0)
		AM_TRY(say_told(d, q));
	cmd_say(call,
	    "next: tell the id to %u custodians%s and read them the words; "
	    "each runs 'amanat approve r-%u'; then you run 'amanat open r-%u'",
	    q->need, w->recovery ? " of the recovery committee" : "", q->number,
	    q->number);
	return AM_OK;
}

AM_RESULT
request_ask(struct cmd_call *call)
{
	struct ask_wish w = { .path = call->args[0],
		.reason = cmd_opt(call, "reason"),
		.ticket = cmd_opt(call, "ticket"),
		.breakglass = cmd_flag(call, "break-glass"),
		.recovery = cmd_flag(call, "recovery") };
	const bool dry = cmd_flag(call, "dry-run");
	const char *renewal = cmd_opt(call, "renewal");
	struct ask_renewal of;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	struct rows_request q;

	AM_TRY(read_wish(call, &w));
	AM_TRY(desk_open(call, !dry, &d));
	if (renewal != NULL)
		AM_TRY(desk_done(
		    &d, ask_renewal(d.session, renewal, &w, &of), "ask"));
	if (dry)
		return desk_done(&d, needs_of_wish(&d, &w), "ask");
	AM_TRY(desk_done(&d, ask_check(d.session, &w), "ask"));
	if (w.breakglass)
		cmd_say(call,
		    "BREAK-GLASS: this request is marked as an emergency for "
		    "ever, in the history and in every verdict. No fewer "
		    "people "
		    "approve it. Ctrl-C stops.");
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, ask_request(d.session, &k, &w, &q), "ask"));
	return tell_asked(&d, &w, &q);
}

/* ---- approve, decline */

/* What the request is now, and whose answer it was, for programs. */
static AM_RESULT
answered(struct desk *d, const struct session_key *k)
{
	approve_view_auto v = { 0 };

	if (!d->call->json)
		return AM_OK;
	AM_TRY(desk_done(d, approve_look(d->session, d->call->args[0], &v),
	    "show the request"));
	return desk_done(d, view_json(d, &v, k->person.id), "show the request");
}

/* Is there anything left to answer? Told before a PIN is asked for; who may
 * answer is for the rules. */
static AM_RESULT
check_pending(struct desk *d, const struct approve_view *v)
{
	static const struct {
		const char *state, *rule;
		enum am_err err;
	} over[] = { { "expired", "R13.5", AM_ERR_QUORUM },
		{ "closed", "R5.9", AM_ERR_STALE },
		{ "opened", "R13.13", AM_ERR_POLICY },
		{ "vetoed", "C-4", AM_ERR_POLICY },
		{ "grant over", "R13.5", AM_ERR_QUORUM },
		{ "declined", "R4.4", AM_ERR_POLICY } };
	const char *state = request_state(d, v);

	for (size_t i = 0; i < AM_ARRAY_LEN(over); i++)
		if (strcmp(state, over[i].state) == 0)
			return why_say(&d->why, over[i].err, over[i].rule,
			    "this request is over (%s%s); if it is still "
			    "needed, '%s' asks again",
			    state,
			    over[i].err == AM_ERR_STALE
				? ": the committee has changed since"
				: "",
			    v->by.id);
	return AM_OK;
}

/* How it stands with this approval. */
static AM_RESULT
said_yes(struct desk *d, const struct session_key *k)
{
	approve_view_auto v = { 0 };

	AM_TRY(approve_look(d->session, d->call->args[0], &v));
	cmd_say(d->call, "approved by %s: %u of %u", k->person.id,
	    v.request.approval_count, v.request.need);
	if (predicate_holds(&v.standing)) {
		const int64_t end = v.request.complete_at + v.request.grant;
		char text[32];

		desk_time(end < v.request.until ? end : v.request.until, text);
		cmd_say(d->call, "next: %s runs 'amanat open %s', until %s",
		    v.by.id, d->call->args[0], text);
	} else if (v.request.approval_count < v.request.need)
		cmd_say(d->call, "you are done; %u more must approve",
		    v.request.need - v.request.approval_count);
	else
		cmd_say(d->call,
		    "you are done; somebody of a required post must approve "
		    "too");
	return AM_OK;
}

AM_RESULT
request_approve(struct cmd_call *call)
{
	const bool dry = cmd_flag(call, "dry-run");
	approve_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (motion_is_id(call->args[0]))
		return motions_approve(call);
	AM_TRY(desk_open(call, !dry, &d));
	if (dry)
		return desk_done(
		    &d, request_show(&d, call->args[0]), "show the request");
	AM_TRY(desk_done(&d, approve_look(d.session, call->args[0], &v),
	    "look at the request"));
	AM_TRY(desk_done(&d, print_view(&d, stderr, &v), "show it"));
	AM_TRY(desk_done(&d, check_pending(&d, &v), "approve it"));
	fputs("Compare the words with the requester's. Two touches follow: "
	      "the first unlocks\nyour share, the second signs. To stop: "
	      "Ctrl-C; nothing is changed.\n",
	    stderr);
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, pin_check(d.session, &k, &v.safe), "approve"));
	AM_TRY(desk_done(&d, approve_request(d.session, &k, &v), "approve"));
	AM_TRY(desk_done(&d, said_yes(&d, &k), "show the request"));
	return answered(&d, &k);
}

static AM_RESULT
said_no(struct desk *d, const struct session_key *k)
{
	approve_view_auto v = { 0 };

	AM_TRY(approve_look(d->session, d->call->args[0], &v));
	cmd_say(d->call, "declined by %s; your reason is in the log%s",
	    k->person.id,
	    strcmp(request_state(d, &v), "vetoed") == 0
		? "; this is a veto: the request is closed"
		: "");
	return AM_OK;
}

AM_RESULT
request_decline(struct cmd_call *call)
{
	const char *reason = cmd_opt(call, "reason");
	approve_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (reason == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a refusal needs --reason; it is shown to who asks");
	if (motion_is_id(call->args[0]))
		return motions_decline(call);
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, approve_look(d.session, call->args[0], &v),
	    "look at the request"));
	AM_TRY(desk_done(&d, print_view(&d, stderr, &v), "show it"));
	AM_TRY(desk_done(&d, check_pending(&d, &v), "decline it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, approve_decline(d.session, &k, &v, reason), "decline"));
	AM_TRY(desk_done(&d, said_no(&d, &k), "show the request"));
	return answered(&d, &k);
}

/* ---- open */

static AM_RESULT
choose_field(
    struct desk *d, struct bytes payload, const char *name, struct bytes *out)
{
	char names[256];
	const enum am_err err = payload_get(payload, name, out);

	if (err != AM_ERR_NOT_FOUND)
		return err;
	AM_TRY(payload_names(payload, names, sizeof(names)));
	return why_say(&d->why, AM_ERR_NOT_FOUND, "",
	    "it has no field '%s', only: %s; the request is used, ask again",
	    name, names);
}

static AM_RESULT
release(struct desk *d, struct bytes secret, struct out_file *file)
{
	const bool to_file = file->made;
	enum am_err err;

	err = to_file ? out_file_write(file, secret)
		      : out_secret(STDOUT_FILENO, secret);
	if (err == AM_OK && to_file)
		err = out_file_keep(file);
	if (err != AM_OK)
		return why_say(&d->why, err, "",
		    "the output could not be written (%s); the request is "
		    "used, ask again",
		    strerror(errno));
	return AM_OK;
}

/* The output is made before anything is opened, so that a bad path costs
 * nothing. */
static AM_RESULT
make_output(struct desk *d, const char *path, struct out_file *file)
{
	const int mode = fcntl(STDOUT_FILENO, F_GETFL);
	enum am_err err;

	if (path == NULL && (mode < 0 || (mode & O_ACCMODE) == O_RDONLY))
		return why_say(&d->why, AM_ERR_IO, "",
		    "standard output is closed, so the secret would be lost; "
		    "nothing was opened");
	if (path == NULL)
		return AM_OK;
	err = out_file_new(path, file);
	if (err != AM_OK)
		return why_say(&d->why, err, "",
		    "cannot make '%s': %s; nothing was opened", path,
		    strerror(errno));
	return AM_OK;
}

/* A slip of the pen would use the request up. */
static AM_RESULT
check_field(struct desk *d, const struct approve_view *v, const char *name)
{
	if (name == NULL || payload_may_have(v->record.type, name))
		return AM_OK;
	return why_say(&d->why, AM_ERR_NOT_FOUND, "",
	    "a %s has no field '%s'; nothing was opened", v->record.type, name);
}

AM_RESULT
request_open(struct cmd_call *call)
{
	const char *path = cmd_opt(call, "output"),
		   *name = cmd_opt(call, "field");
	approve_view_auto v = { 0 };
	session_key_auto k = { 0 };
	out_file_auto file = { 0 };
	secret_auto *payload = NULL;
	struct bytes secret = { 0 };
	desk_auto d = { 0 };
	enum am_err err;

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, approve_look(d.session, call->args[0], &v),
	    "look at the request"));
	AM_TRY(desk_done(&d, check_field(&d, &v, name), "open it"));
	AM_TRY(desk_done(&d, open_check(d.session, &v), "open it"));
	AM_TRY(desk_done(&d, make_output(&d, path, &file), "open it"));
	AM_TRY(desk_key(&d, v.request.by, &k));
	AM_TRY(desk_done(&d, pin_check(d.session, &k, &v.safe), "open it"));
	err = open_request(d.session, &k, &v, &payload);
	if (err == AM_OK)
		err = choose_field(&d, secret_bytes(payload), name, &secret);
	if (err == AM_OK)
		err = release(&d, secret, &file);
	AM_TRY(desk_done(&d, err, "open it"));
	if (path == NULL) {
		/* The secret is all there is on stdout. */
		if (isatty(STDOUT_FILENO) == 1)
			fputc('\n', stderr);
		return AM_OK;
	}
	cmd_say(call, "written to '%s', readable by you alone", path);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "request", call->args[0]);
		out_json_text(&j, "output", path);
	}
	return AM_OK;
}
