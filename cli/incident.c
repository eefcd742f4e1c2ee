#include "vault/state/incident.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "vault/acts/breach.h"
#include "vault/acts/delayed.h"
#include "vault/acts/lookup.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"

static const char *const report_words = "first, detail or final";

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* ---- how one is shown */

/* An incident with what it names in words. */
struct picture {
	struct rows_incident i;
	char id[16], by[ROWS_ID_MAX + 1], path[EXPOSED_PATH],
	    person[ROWS_ID_MAX + 1], key[ROWS_TITLE_MAX + 1];
	struct statement entry; /* version 1 */
	struct delayed sealed;  /* a cause that was sealed until a date */
	struct bytes cause;     /* lent from one of them; empty: not known */
	struct breach_clock clock;
};

static void
picture_free(struct picture *p)
{
	statement_free(&p->entry);
	delayed_free(&p->sealed);
}
#define picture_auto AM_CLEANUP(picture_free) struct picture

static bool
is_set(const uint8_t *id, size_t len)
{
	static const uint8_t none[32];

	return !bytes_same(
	    (struct bytes){ id, len }, (struct bytes){ none, len });
}

static AM_RESULT
read_named(const struct view *v, struct picture *p)
{
	struct rows_record c;
	struct rows_safe s;
	struct rows_token t;

	if (is_set(p->i.record, 16)) {
		AM_TRY(
		    rows_get_record(v, (struct bytes){ p->i.record, 16 }, &c));
		AM_TRY(rows_get_safe(v, (struct bytes){ c.safe, 16 }, &s));
		(void)snprintf(
		    p->path, sizeof(p->path), "%s/%s", s.id, c.title);
	}
	if (is_set(p->i.person, 16))
		AM_TRY(lookup_person_name(v, p->i.person, p->person));
	if (!is_set(p->i.token, 32))
		return AM_OK;
	AM_TRY(rows_get_token(v, (struct bytes){ p->i.token, 32 }, &t));
	memcpy(p->key, t.label, sizeof(p->key));
	return AM_OK;
}

static AM_RESULT
read_cause(struct desk *d, struct store_txn *t, struct picture *p)
{
	const struct json_t *data = NULL;

	AM_TRY(lookup_statement(t, p->i.leaf, &d->why, &p->entry));
	AM_TRY(canon_get_object(p->entry.body, "data", &data));
	if (p->i.sealed_until == 0)
		return canon_get_text(data, "cause", &p->cause);
	AM_TRY(delayed_read(t, p->i.sealed, p->i.sealed_until,
	    session_now(d->session), &p->sealed));
	p->cause = p->sealed.text;
	return AM_OK;
}

static AM_RESULT
read_picture(struct desk *d, struct store_txn *t, const struct view *v,
    uint32_t number, struct picture *p)
{
	AM_TRY(incident_get(v, number, &p->i));
	(void)snprintf(p->id, sizeof(p->id), "i-%u", number);
	AM_TRY(lookup_person_name(v, p->i.by, p->by));
	AM_TRY(read_named(v, p));
	AM_TRY(read_cause(d, t, p));
	return breach_clock_of(v, &d->session->vault, &p->i, &p->clock);
}

static const char *
state_of(const struct rows_incident *i)
{
	return i->status == ROWS_INCIDENT_OPEN ? "open" : "closed";
}

static const char *
freeze_of(const struct rows_incident *i)
{
	static const char *const words[] = { "no", "in force", "lifted" };

	return words[i->frozen];
}

static void
when_json(struct out_json *j, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1] = "";

	if (at != 0)
		when_text(at, text);
	out_json_text(j, key, text);
}

static void
clock_json(const struct picture *p, struct out_json *j)
{
	out_json_open(j, "reports", '[');
	for (unsigned n = 0; n < INCIDENT_REPORTS; n++) {
		const enum incident_report report = (enum incident_report)n;

		out_json_open(j, NULL, '{');
		out_json_text(j, "report", breach_report_name(report));
		when_json(j, "due", p->clock.at[n]);
		out_json_bool(j, "owed", p->clock.owed[n]);
		out_json_bool(j, "sent", incident_sent(&p->i, report) != 0);
		out_json_close(j);
	}
	out_json_close(j);
}

/* Hash and time of a cause that was sealed, and from then on the salt. */
static void
sealed_json(const struct picture *p, struct out_json *j)
{
	char hash[ENC_HEX_LEN(32) + 1] = "", salt[ENC_HEX_LEN(QUIET_SALT) + 1];

	if (p->i.sealed_until != 0)
		enc_hex((struct bytes){ p->i.sealed, 32 }, hash);
	enc_hex(p->sealed.salt, salt);
	out_json_text(j, "sealed", hash);
	when_json(j, "sealed_until", p->i.sealed_until);
	out_json_text(j, "salt", salt);
}

/* Leaves the object open. */
static void
picture_json(const struct picture *p, struct out_json *j)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "incident", p->id);
	out_json_text(j, "state", state_of(&p->i));
	out_json_text(j, "freeze", freeze_of(&p->i));
	out_json_str(j, "cause", p->cause);
	sealed_json(p, j);
	when_json(j, "discovered", p->i.discovered);
	when_json(j, "at", p->i.at);
	out_json_text(j, "by", p->by);
	out_json_text(j, "credential", p->path);
	out_json_text(j, "person", p->person);
	out_json_text(j, "key", p->key);
	out_json_uint(j, "reactions_open", p->i.reactions_open);
	out_json_uint(j, "leaf", p->i.leaf);
	clock_json(p, j);
}

/* "credential 'a/b', key 'blue'"; "the whole vault". */
static AM_RESULT
about(const struct picture *p, struct blob *out)
{
	const struct {
		const char *what, *name;
	} all[] = { { "credential", p->path }, { "person", p->person },
		{ "key", p->key } };

	for (size_t i = 0; i < AM_ARRAY_LEN(all); i++)
		if (all[i].name[0] != '\0')
			AM_TRY(blob_printf(out, "%s%s '%s'",
			    out->len > 0 ? ", " : "", all[i].what,
			    all[i].name));
	return out->len > 0 ? AM_OK : blob_text(out, "the whole vault");
}

/* The cause, or why it is not told; nothing where it is not known. */
static AM_RESULT
cause_words(const struct picture *p, struct blob *out)
{
	char until[32];

	switch (p->sealed.is) {
	case DELAYED_NONE:
	case DELAYED_SHOWN:
		return blob_add(out, p->cause);
	case DELAYED_SEALED:
		desk_time(p->i.sealed_until, until);
		return blob_printf(out, "sealed until %s", until);
	case DELAYED_LOST:
		return blob_text(out,
		    "its text is missing in this vault, or was altered; the "
		    "log has its hash alone");
	}
	return AM_ERR_INTERNAL;
}

/* ---- list */

static AM_RESULT
list_one(const struct picture *p, struct out_table *t)
{
	blob_auto what = { 0 }, cause = { 0 };
	char found[32];

	AM_TRY(about(p, &what));
	AM_TRY(cause_words(p, &cause));
	if (cause.len > 0) {
		AM_TRY(blob_text(&what, ": "));
		AM_TRY(blob_add(&what, blob_bytes(&cause)));
	}
	desk_time(p->i.discovered, found);
	out_table_text(t, p->id);
	out_table_printf(t, "%s%s", state_of(&p->i),
	    p->i.frozen == ROWS_FROZEN ? ", FROZEN" : "");
	out_table_printf(t, "%.16s", found);
	out_table_text(t, p->by);
	out_table_bytes(t, blob_bytes(&what));
	return AM_OK;
}

static AM_RESULT
list_all(struct desk *d, struct out_table *table, struct out_json *j)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	if (j != NULL)
		out_json_open(j, NULL, '[');
	for (uint32_t n = 1; n <= d->session->vault.incidents; n++) {
		picture_auto p = { 0 };

		AM_TRY(read_picture(d, t, &v, n, &p));
		if (j == NULL) {
			AM_TRY(list_one(&p, table));
			continue;
		}
		picture_json(&p, j);
		out_json_close(j);
	}
	return j != NULL ? AM_OK : out_table_print(table, stdout);
}

AM_RESULT
incident_list(struct cmd_call *call)
{
	static const char *const heads[] = { "ID", "STATE", "DISCOVERED", "BY",
		"ABOUT", NULL };
	out_table_auto table = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, list_all(&d, &table, call->json ? &j : NULL),
	    "list incidents"));
	if (d.session->vault.incidents == 0)
		cmd_say(call, "no incidents");
	return AM_OK;
}

/* ---- show */

/* What checks a sealed text: its hash in the log and, once it is readable, the
 * salt (docs/formats.md says how). */
static void
print_sealed(const struct picture *p)
{
	char hex[ENC_HEX_LEN(32) + 1], until[32];

	if (p->i.sealed_until == 0)
		return;
	desk_time(p->i.sealed_until, until);
	enc_hex((struct bytes){ p->i.sealed, 32 }, hex);
	out_field(stdout, "sealed hash", text_of(hex));
	if (p->sealed.is == DELAYED_SHOWN) {
		enc_hex(p->sealed.salt, hex);
		out_field(stdout, "salt", text_of(hex));
		out_field(stdout, "sealed until", text_of(until));
	}
}

static AM_RESULT
print_head(const struct picture *p)
{
	blob_auto what = { 0 }, cause = { 0 };
	char at[32], line[128];

	AM_TRY(about(p, &what));
	AM_TRY(cause_words(p, &cause));
	out_field(stdout, "incident", text_of(p->id));
	out_field(stdout, "about", blob_bytes(&what));
	out_field(stdout, "cause",
	    cause.len > 0 ? blob_bytes(&cause) : text_of("unknown"));
	print_sealed(p);
	desk_time(p->i.discovered, at);
	out_field(stdout, "discovered", text_of(at));
	desk_time(p->i.at, at);
	(void)snprintf(line, sizeof(line), "%s by %s (leaf %lu)", at, p->by,
	    (unsigned long)p->i.leaf);
	out_field(stdout, "recorded", text_of(line));
	out_field(stdout, "state", text_of(state_of(&p->i)));
	if (p->i.frozen == ROWS_FROZEN)
		out_field(stdout, "FROZEN",
		    text_of("nothing of it is approved or opened; a quorum "
			    "lifts that"));
	else if (p->i.frozen == ROWS_THAWED)
		out_field(stdout, "freeze", text_of("lifted by a quorum"));
	return AM_OK;
}

static void
print_clock(struct desk *d, const struct picture *p)
{
	for (unsigned n = 0; n < INCIDENT_REPORTS; n++) {
		const enum incident_report report = (enum incident_report)n;
		char label[32], at[32], line[96];

		desk_time(p->clock.at[n], at);
		(void)snprintf(
		    label, sizeof(label), "%s", breach_report_name(report));
		(void)snprintf(line, sizeof(line), "%s %s",
		    incident_sent(&p->i, report) != 0 ? "sent; was due by"
			: !p->clock.owed[n]           ? "not owed; by"
			: session_now(d->session) > p->clock.at[n]
			? "OVERDUE since"
			: "due by",
		    at);
		out_field(stdout, label, text_of(line));
	}
}

struct entry {
	struct statement st;
	const struct json_t *data;
	char by[ROWS_ID_MAX + 1], of[ROWS_ID_MAX + 1];
	struct bytes text;
};

static void
entry_free(struct entry *e)
{
	statement_free(&e->st);
}
#define entry_auto AM_CLEANUP(entry_free) struct entry

static AM_RESULT
read_entry(struct desk *d, struct store_txn *t, const struct view *v,
    uint32_t number, uint32_t version, struct entry *e)
{
	struct bytes of = { 0 };
	uint64_t leaf = 0;

	AM_TRY(incident_leaf(v, number, version, &leaf));
	AM_TRY(lookup_statement(t, leaf, &d->why, &e->st));
	AM_TRY(canon_get_object(e->st.body, "data", &e->data));
	AM_TRY(lookup_person_name(v, e->st.by, e->by));
	AM_TRY(canon_get_text(e->data, "of", &of));
	(void)snprintf(
	    e->of, sizeof(e->of), "%.*s", (int)of.len, (const char *)of.p);
	return canon_get_text(e->data,
	    strcmp(e->of, "sent") == 0         ? "report"
		: strcmp(e->of, "closed") == 0 ? "reason"
					       : "note",
	    &e->text);
}

/* "reaction 2, of dca until ...: open" */
static AM_RESULT
reaction_words(const struct view *v, const struct rows_incident *i, uint32_t n,
    char *out, size_t size)
{
	char owner[ROWS_ID_MAX + 1], due[32];
	struct rows_reaction x;

	AM_TRY(incident_reaction(v, i->number, n, &x));
	AM_TRY(lookup_person_name(v, x.owner, owner));
	desk_time(x.due, due);
	(void)snprintf(out, size, "reaction %u, of %s until %s, %s", n, owner,
	    due, x.done_leaf != 0 ? "done" : "OPEN");
	return AM_OK;
}

static AM_RESULT
print_entry(const struct view *v, const struct rows_incident *i,
    const struct entry *e, uint32_t *reactions)
{
	char at[32], lead[64], what[160];
	blob_auto line = { 0 };
	uint32_t n = 0;

	(void)snprintf(what, sizeof(what), "%s", e->of);
	if (strcmp(e->of, "reaction") == 0)
		AM_TRY(reaction_words(v, i, ++*reactions, what, sizeof(what)));
	if (strcmp(e->of, "done") == 0) {
		AM_TRY(canon_get_u32(e->data, "reaction", &n));
		(void)snprintf(what, sizeof(what), "reaction %u done", n);
	}
	AM_TRY(blob_printf(&line, "%s, %s: ", e->by, what));
	AM_TRY(blob_add(&line, e->text));
	AM_TRY(blob_add(&line, (struct bytes){ (const uint8_t *)"", 1 }));
	desk_time(e->st.at, at);
	(void)snprintf(lead, sizeof(lead), "%s  ", at);
	out_wrapped(stdout, lead, 4, (const char *)line.p);
	return AM_OK;
}

static void
entry_json(const struct entry *e, uint32_t *reactions, struct out_json *j)
{
	uint32_t n = 0;

	out_json_open(j, NULL, '{');
	out_json_text(j, "of", e->of);
	when_json(j, "at", e->st.at);
	out_json_text(j, "by", e->by);
	out_json_str(j, "text", e->text);
	if (strcmp(e->of, "reaction") == 0)
		out_json_uint(j, "reaction", ++*reactions);
	else if (canon_get_u32(e->data, "reaction", &n) == AM_OK)
		out_json_uint(j, "reaction", n);
	out_json_close(j);
}

static AM_RESULT
show(struct desk *d, const char *id)
{
	out_json_auto j = { .to = stdout };
	picture_auto p = { 0 };
	store_txn_auto *t = NULL;
	struct rows_incident i;
	uint32_t reactions = 0;
	struct view v;

	AM_TRY(breach_find(d->session, id, &i));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(read_picture(d, t, &v, i.number, &p));
	if (d->call->json) {
		picture_json(&p, &j);
		out_json_open(&j, "entries", '[');
	} else {
		AM_TRY(print_head(&p));
		print_clock(d, &p);
	}
	for (uint32_t n = 2; n <= i.version; n++) {
		entry_auto e = { 0 };

		AM_TRY(read_entry(d, t, &v, i.number, n, &e));
		if (d->call->json)
			entry_json(&e, &reactions, &j);
		else
			AM_TRY(print_entry(&v, &i, &e, &reactions));
	}
	return AM_OK;
}

AM_RESULT
incident_show(struct cmd_call *call)
{
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	return desk_done(&d, show(&d, call->args[0]), "show the incident");
}

/* ---- open */

static AM_RESULT
read_time(struct cmd_call *call, const char *name, int64_t *out)
{
	const char *text = cmd_opt(call, name);

	if (text == NULL || when_end(text, out) == AM_OK)
		return AM_OK;
	return cmd_complain(AM_ERR_INVALID,
	    "--%s is a time such as 2027-06-30T09:00:00Z, or the last day, "
	    "not '%s'",
	    name, text);
}

static AM_RESULT
read_discovered(struct cmd_call *call, int64_t *out)
{
	const char *text = cmd_opt(call, "discovered");

	if (text == NULL || when_begin(text, out) == AM_OK)
		return AM_OK;
	return cmd_complain(AM_ERR_INVALID,
	    "--discovered is a time such as 2027-06-30T09:00:00Z, or a day, "
	    "not '%s'",
	    text);
}

/* What the seal is worth. */
static void
told_quiet(struct cmd_call *call, int64_t until)
{
	char text[32];

	desk_time(until, text);
	cmd_say(call,
	    "the cause is sealed until %s: until then this program shows its "
	    "hash alone; who holds the register key could read it all the "
	    "same, so write nothing that they must not know",
	    text);
	cmd_say(call,
	    "that there is an incident, what it names, its freeze and its "
	    "times are in the log for everybody");
}

/* --quiet and --until go together. */
static AM_RESULT
read_quiet(struct cmd_call *call, int64_t *out)
{
	if (cmd_flag(call, "quiet") != (cmd_opt(call, "until") != NULL))
		return cmd_complain(AM_ERR_INVALID,
		    "--quiet and --until go together: until when the cause is "
		    "sealed");
	return read_time(call, "until", out);
}

static void
told_open(struct cmd_call *call, const struct breach_wish *w, const char *id)
{
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "incident", id);
		out_json_bool(&j, "frozen", w->freeze);
		when_json(&j, "sealed_until", w->quiet);
		return;
	}
	printf("%s\n", id);
	if (w->quiet != 0)
		told_quiet(call, w->quiet);
	if (w->freeze)
		cmd_say(call,
		    "frozen: nothing %s is approved or opened until a quorum "
		    "lifts it (amanat incident lift %s)",
		    w->credential == NULL && w->person == NULL &&
			    w->token == NULL
			? "in this vault"
			: "of it",
		    id);
	if (w->person != NULL || w->token != NULL)
		cmd_say(call,
		    "a freeze suspends nobody; next, if need be: amanat token "
		    "suspend");
	cmd_say(call, "'amanat due' says when the first notice is to be sent");
}

AM_RESULT
incident_open(struct cmd_call *call)
{
	const char *cause = cmd_opt(call, "cause");
	struct breach_wish w = { .cause = cause != NULL ? cause : "",
		.credential = cmd_opt(call, "cred"),
		.token = cmd_opt(call, "token"),
		.person = cmd_opt(call, "person"),
		.freeze = cmd_flag(call, "freeze") };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	uint32_t number = 0;
	char id[16];

	AM_TRY(read_discovered(call, &w.discovered));
	AM_TRY(read_quiet(call, &w.quiet));
	AM_TRY(desk_open(call, true, &d));
	if (w.discovered == 0)
		w.discovered = session_now(d.session);
	AM_TRY(
	    desk_done(&d, breach_check(d.session, &w), "record the incident"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, breach_open(d.session, &k, &w, &number),
	    "record the incident"));
	(void)snprintf(id, sizeof(id), "i-%u", number);
	told_open(call, &w, id);
	return AM_OK;
}

/* ---- note */

static AM_RESULT
read_note(struct cmd_call *call, struct breach_note *n)
{
	const char *done = cmd_opt(call, "done");
	char *end = NULL;
	unsigned long number;

	n->what = cmd_opt(call, "what");
	n->owner = cmd_opt(call, "owner");
	if (n->what == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a note needs --what, in words; or say --sent %s",
		    report_words);
	AM_TRY(read_time(call, "due", &n->due));
	if ((n->owner == NULL) != (n->due == 0))
		return cmd_complain(AM_ERR_INVALID,
		    "a reaction has an owner and a time: --owner and --due");
	if (n->owner != NULL && (done != NULL || n->count > 0))
		return cmd_complain(AM_ERR_INVALID,
		    "a reaction is done, with its evidence, later: --done N");
	if (done == NULL)
		return AM_OK;
	number = strtoul(done, &end, 10);
	if (*done < '1' || *done > '9' || *end != '\0' || number > 999999)
		return cmd_complain(AM_ERR_INVALID,
		    "--done is the number of a reaction, not '%s'", done);
	n->done = (uint32_t)number;
	return AM_OK;
}

static void
told(struct cmd_call *call, const char *did)
{
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "incident", call->args[0]);
		out_json_text(&j, "did", did);
	}
}

static AM_RESULT
note_sent(struct cmd_call *call, const char *name)
{
	enum incident_report report = INCIDENT_FIRST;
	struct breach_hashes h = { 0 };
	session_key_auto k = { 0 };
	struct rows_incident i;
	desk_auto d = { 0 };

	if (breach_report_read(name, &report) != AM_OK)
		return cmd_complain(AM_ERR_INVALID, "--sent is %s, not '%s'",
		    report_words, name);
	if (cmd_opt(call, "what") != NULL || cmd_opt(call, "owner") != NULL ||
	    cmd_opt(call, "due") != NULL || cmd_opt(call, "done") != NULL ||
	    call->many_count > 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--sent stands alone: what is sent is the report");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, breach_find(d.session, call->args[0], &i),
	    "record the report"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, report_hash(&d, call->args[0], name, &h), "make the report"));
	AM_TRY(
	    desk_done(&d, breach_sent(d.session, &k, call->args[0], report, &h),
		"record the report"));
	cmd_say(call,
	    "recorded; next, print it and send it: amanat incident export %s "
	    "--report %s",
	    call->args[0], name);
	told(call, "sent");
	return AM_OK;
}

AM_RESULT
incident_note(struct cmd_call *call)
{
	const char *sent = cmd_opt(call, "sent");
	struct breach_note n = { .id = call->args[0],
		.files = call->many,
		.count = call->many_count };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (sent != NULL)
		return note_sent(call, sent);
	AM_TRY(read_note(call, &n));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, breach_note_check(d.session, &n), "note it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, breach_note_add(d.session, &k, &n), "note it"));
	cmd_say(call, "noted by %s; it is in the log", k.person.id);
	told(call,
	    n.owner != NULL   ? "reaction"
		: n.done != 0 ? "done"
			      : "fact");
	return AM_OK;
}

/* ---- close, lift */

static AM_RESULT
need_reason(struct cmd_call *call)
{
	return cmd_opt(call, "reason") != NULL
	    ? AM_OK
	    : cmd_complain(AM_ERR_INVALID, "it needs --reason");
}

AM_RESULT
incident_close(struct cmd_call *call)
{
	const char *reason = cmd_opt(call, "reason");
	session_key_auto k = { 0 };
	struct rows_incident i;
	desk_auto d = { 0 };

	AM_TRY(need_reason(call));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, breach_find(d.session, call->args[0], &i),
	    "close the incident"));
	AM_TRY(desk_done(
	    &d, motion_check_text(d.session, reason), "close the incident"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, breach_close(d.session, &k, call->args[0], reason),
	    "close the incident"));
	cmd_say(call, "%s is closed", call->args[0]);
	told(call, "closed");
	return AM_OK;
}

AM_RESULT
incident_lift(struct cmd_call *call)
{
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	struct rows_incident i;
	desk_auto d = { 0 };

	AM_TRY(need_reason(call));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, breach_find(d.session, call->args[0], &i), "move it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    breach_lift(
		d.session, &k, call->args[0], cmd_opt(call, "reason"), &v),
	    "move it"));
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "incident", call->args[0]);
		out_json_text(&j, "motion", v.id);
		return AM_OK;
	}
	printf("%s\n", v.id);
	cmd_say(call,
	    v.state == MOTION_IN_FORCE
		? "in effect: the freeze is lifted"
		: "moved; next: the custodians run 'amanat approve %s'; until "
		  "a quorum has, the freeze is in force",
	    v.id);
	return AM_OK;
}

/* ---- export */

static AM_RESULT
print_report(struct desk *d, const char *id, const char *name,
    enum incident_report report, enum report_form form)
{
	blob_auto text = { 0 };

	if (name != NULL)
		AM_TRY(report_again(d, id, report, form, &text));
	else
		AM_TRY(report_make(
		    d, id, "draft", 0, session_now(d->session), form, &text));
	if (fwrite(text.p, 1, text.len, stdout) != text.len)
		return why_say(
		    &d->why, AM_ERR_IO, "", "cannot write the report");
	return AM_OK;
}

AM_RESULT
incident_export(struct cmd_call *call)
{
	const char *format = cmd_opt(call, "format"),
		   *name = cmd_opt(call, "report");
	enum report_form form = call->json ? REPORT_JSON : REPORT_MD;
	enum incident_report report = INCIDENT_FIRST;
	desk_auto d = { 0 };

	if (format != NULL && strcmp(format, "json") == 0)
		form = REPORT_JSON;
	else if (format != NULL && strcmp(format, "md") == 0)
		form = REPORT_MD;
	else if (format != NULL)
		return cmd_complain(
		    AM_ERR_INVALID, "--format is md or json, not '%s'", format);
	if (name != NULL && breach_report_read(name, &report) != AM_OK)
		return cmd_complain(AM_ERR_INVALID, "--report is %s, not '%s'",
		    report_words, name);
	AM_TRY(desk_open(call, false, &d));
	return desk_done(&d,
	    print_report(&d, call->args[0], name, report, form),
	    "print the report");
}
