#include "vault/acts/depart.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/foretold.h"
#include "vault/acts/leaver.h"
#include "vault/acts/lookup.h"
#include "vault/acts/replan.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"

/* Seconds: as long as 'safe reshare' gives a plan. */
enum { CHANGE_SPAN = 7 * 86400 };

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* ---- the state of a departure: on paper and for programs */

struct showing {
	struct desk *d;
	const struct view *v;
	const struct depart *left;
	struct out_json *j; /* NULL: for people */
	unsigned open, overdue, lines;
};

static void
json_time(struct out_json *j, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	out_json_text(j, key, text);
}

/* A heading before the first line of a list. */
static void
heading(struct showing *w, const char *title)
{
	if (w->lines++ == 0)
		printf("%s\n", title);
}

static enum am_err
show_open(void *arg, const struct depart_open *o)
{
	struct showing *w = arg;
	char due[32], lead[64];

	w->open++;
	w->overdue += o->overdue ? 1 : 0;
	if (w->j != NULL) {
		out_json_open(w->j, NULL, '{');
		out_json_text(w->j, "what", o->text);
		json_time(w->j, "due", o->due);
		out_json_bool(w->j, "overdue", o->overdue);
		out_json_text(w->j, "next", o->next);
		out_json_close(w->j);
		return AM_OK;
	}
	heading(w, "open:");
	desk_time(o->due, due);
	(void)snprintf(lead, sizeof(lead),
	    "  %s %s: ", o->overdue ? "OVERDUE since" : "by", due);
	out_wrapped(stdout, lead, 6, o->text);
	out_wrapped(stdout, "      next: ", 8, o->next);
	return AM_OK;
}

static enum am_err
show_accepted(void *arg, const struct exposed *e)
{
	struct showing *w = arg;
	char until[32], text[256];

	if (e->state != EXPOSURE_ACCEPTED)
		return AM_OK;
	if (w->j != NULL) {
		out_json_open(w->j, NULL, '{');
		out_json_text(w->j, "credential", e->path);
		out_json_uint(w->j, "version", e->version);
		json_time(w->j, "until", e->until);
		out_json_close(w->j);
		return AM_OK;
	}
	heading(w, "risk accepted by a quorum:");
	desk_time(e->until, until);
	(void)snprintf(text, sizeof(text), "'%s' version %u, until %s", e->path,
	    e->version, until);
	out_wrapped(stdout, "  ", 4, text);
	return AM_OK;
}

static enum am_err
show_request(void *arg, const struct depart_request *q)
{
	struct showing *w = arg;
	char id[16], text[160];

	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	if (w->j != NULL) {
		out_json_open(w->j, NULL, '{');
		out_json_text(w->j, "request", id);
		out_json_bool(w->j, "asked_by_leaver", q->asked);
		out_json_uint(w->j, "approvals", q->approvals);
		out_json_uint(w->j, "quorum", q->k);
		out_json_close(w->j);
		return AM_OK;
	}
	heading(w, "open requests:");
	if (q->asked)
		(void)snprintf(text, sizeof(text),
		    "%s was asked by the leaver; nobody can open it", id);
	else
		(void)snprintf(text, sizeof(text),
		    "%s has lost the leaver's approval: %u of %u count", id,
		    q->approvals, q->k);
	out_wrapped(stdout, "  ", 4, text);
	return AM_OK;
}

static enum am_err
show_key(void *arg, const struct rows_token *t)
{
	struct showing *w = arg;
	const bool dead = bytes_same(w->left->kind, text_of("deceased"));
	char text[256];

	if (w->j != NULL) {
		out_json_text(w->j, NULL, t->label);
		return AM_OK;
	}
	heading(w,
	    dead ? "keys, unrecovered until the family returns them:"
		 : "keys to be returned, against a receipt:");
	(void)snprintf(text, sizeof(text),
	    "%s; then: amanat token retire %s --reason TEXT --receipt TEXT",
	    t->label, t->label);
	out_wrapped(stdout, "  ", 4, text);
	return AM_OK;
}

static AM_RESULT
show_lists(struct showing *w)
{
	static const char *const names[] = { "open", "accepted", "requests",
		"keys" };
	const struct rows_person *p = &w->left->person;
	const struct exposed_filter f = { .person = p->person };
	struct session *s = w->d->session;

	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++) {
		w->lines = 0;
		if (w->j != NULL)
			out_json_open(w->j, names[i], '[');
		if (i == 0)
			AM_TRY(
			    depart_each_open(s, w->v, w->left, show_open, w));
		else if (i == 1)
			AM_TRY(exposed_each(s, w->v, &f, show_accepted, w));
		else if (i == 2)
			AM_TRY(
			    depart_each_request(s, w->v, p, show_request, w));
		else
			AM_TRY(depart_each_key(w->v, p, show_key, w));
		if (w->j != NULL)
			out_json_close(w->j);
	}
	return AM_OK;
}

/* "q-1", and since when it stood in the log; empty where it did not. */
static void
sealed_before_json(const struct depart *left, struct out_json *j)
{
	char id[16] = "";

	if (left->quiet.number != 0)
		(void)snprintf(id, sizeof(id), "q-%u", left->quiet.number);
	out_json_text(j, "quiet", id);
	if (left->quiet.number != 0)
		json_time(j, "sealed_at", left->quiet.at);
	else
		out_json_text(j, "sealed_at", "");
}

static void
head_json(struct showing *w)
{
	const struct depart *left = w->left;
	struct out_json *j = w->j;

	out_json_text(j, "person", left->person.id);
	out_json_str(j, "kind", left->kind);
	out_json_str(j, "reason", left->reason);
	json_time(j, "effective", left->effective);
	json_time(j, "recorded", left->at);
	out_json_text(j, "by", left->by);
	sealed_before_json(left, j);
	out_json_bool(j, "suspended", left->suspended_at != 0);
	out_json_bool(j, "closed", left->person.departure == 2);
}

/* Since when, and whether that was in time (A-4 of domain.md). */
static void
suspension_text(const struct depart *left, char *out, size_t cap)
{
	const int64_t late =
	    left->suspended_at - left->effective - left->suspend_limit;
	char since[32];

	if (left->suspended_at == 0) {
		(void)snprintf(out, cap, "NO: a quorum has lifted it");
		return;
	}
	desk_time(left->suspended_at, since);
	if (late <= 0)
		(void)snprintf(out, cap, "since %s, in time (limit %ld h)",
		    since, (long)(left->suspend_limit / 3600));
	else
		(void)snprintf(out, cap, "since %s, %ld h LATE (limit %ld h)",
		    since, (long)((late + 3599) / 3600),
		    (long)(left->suspend_limit / 3600));
}

static void
head_text(struct showing *w)
{
	const struct depart *left = w->left;
	char text[512], at[32], effective[32];

	(void)snprintf(text, sizeof(text), "%.32s (%.256s)", left->person.id,
	    left->person.name);
	out_field(stdout, "person", text_of(text));
	desk_time(left->effective, effective);
	desk_time(left->at, at);
	(void)snprintf(text, sizeof(text), "%.*s, effective %s",
	    (int)left->kind.len, (const char *)left->kind.p, effective);
	out_field(stdout, "departure", text_of(text));
	out_field(stdout, "reason", left->reason);
	(void)snprintf(text, sizeof(text), "%s by %s (leaf %lu)", at, left->by,
	    (unsigned long)left->leaf);
	out_field(stdout, "recorded", text_of(text));
	if (left->quiet.number != 0) {
		desk_time(left->quiet.at, at);
		(void)snprintf(text, sizeof(text), "%s as q-%u (leaf %lu)", at,
		    left->quiet.number, (unsigned long)left->quiet.leaf);
		out_field(stdout, "sealed", text_of(text));
	}
	suspension_text(left, text, sizeof(text));
	out_field(stdout, "suspended", text_of(text));
	if (left->person.departure != 2) {
		out_field(stdout, "state", text_of("not closed"));
		return;
	}
	desk_time(left->closed_at, at);
	(void)snprintf(text, sizeof(text), "closed %s (leaf %lu)", at,
	    (unsigned long)left->close_leaf);
	out_field(stdout, "state", text_of(text));
}

/* How much is open, once all of it was shown. */
struct shown {
	unsigned open, overdue;
};

static AM_RESULT
show_state(struct desk *d, const char *id, struct shown *out)
{
	out_json_auto j = { .to = stdout };
	store_txn_auto *t = NULL;
	depart_auto left = { 0 };
	struct view v;
	struct showing w = {
		.d = d, .v = &v, .left = &left, .j = d->call->json ? &j : NULL
	};

	AM_TRY(depart_find(d->session, id, &left));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	if (w.j != NULL) {
		out_json_open(&j, NULL, '{');
		head_json(&w);
	} else {
		head_text(&w);
	}
	AM_TRY(show_lists(&w));
	*out = (struct shown){ w.open, w.overdue };
	return AM_OK;
}

static AM_RESULT
status(struct cmd_call *call)
{
	struct shown w = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(
	    &d, show_state(&d, call->args[0], &w), "show the departure"));
	if (w.overdue > 0)
		return cmd_complain(
		    AM_ERR_OVERDUE, "overdue: %u of %u", w.overdue, w.open);
	return AM_OK;
}

/* ---- recording */

static AM_RESULT
read_wish(struct cmd_call *call, struct depart_wish *w)
{
	const char *effective = cmd_opt(call, "effective");

	w->person = call->args[0];
	w->kind = cmd_opt(call, "kind");
	w->reason = cmd_opt(call, "reason");
	if (effective == NULL || w->kind == NULL || w->reason == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a departure needs --effective TIME, --kind KIND and "
		    "--reason TEXT; or say --status, --close or --certificate");
	if (when_end(effective, &w->effective) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--effective is the last day served, such as 2027-06-30, "
		    "or a time such as 2027-06-30T09:00:00Z, not '%s'",
		    effective);
	return AM_OK;
}

static void
say_after(struct cmd_call *call, const struct desk *d,
    const struct depart_wish *w, const struct shown *shown)
{
	if (w->effective > session_now(d->session))
		cmd_say(call,
		    "the time is still to come; '%s' is suspended from now on "
		    "all the same",
		    w->person);
	cmd_say(call,
	    "ask the leaver also for: accounts and phones in their name at "
	    "vendors, other administrators, remote access, recovery codes");
	cmd_say(call, "next: amanat depart --%s %s",
	    shown->open > 0 ? "status" : "close", w->person);
}

static AM_RESULT
count_custodies(struct desk *d, const char *person, int *out)
{
	struct depart_custody c;
	enum am_err err;
	uint32_t at = 0;

	*out = 0;
	while (
	    (err = depart_next_custody(d->session, person, &at, &c)) == AM_OK)
		++*out;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* The departure is recorded by now. A plan that the rules refuse is made later,
 * by somebody who chooses the people. */
static AM_RESULT
plan_without(struct desk *d, const struct session_key *k,
    const struct depart_custody *c, const char *person)
{
	char why[64];
	const struct replan_wish w = { .safe = c->safe,
		.recovery = c->recovery,
		.span = CHANGE_SPAN,
		.why = why };
	struct replan r = { 0 };
	enum am_err err;

	(void)snprintf(why, sizeof(why), "'%s' has left", person);
	err = replan_propose(d->session, &w, &r);
	if (err == AM_OK)
		err = replan_post(d->session, k, &w, &r);
	if (err == AM_OK) {
		cmd_say(d->call,
		    "safe '%s': the next committee is planned, %u of %u "
		    "without '%s'; they run 'amanat safe join %s'",
		    c->safe, r.plan.k, r.plan.n, person, c->safe);
		return AM_OK;
	}
	if (err != AM_ERR_POLICY && err != AM_ERR_QUORUM)
		return err;
	cmd_say(d->call, "safe '%s': no plan yet: %s", c->safe, d->why.text);
	d->why = (struct why){ 0 };
	return AM_OK;
}

static AM_RESULT
plan_all(struct desk *d, const struct session_key *k, const char *person)
{
	struct depart_custody c;
	enum am_err err;
	uint32_t at = 0;

	while (
	    (err = depart_next_custody(d->session, person, &at, &c)) == AM_OK)
		AM_TRY(plan_without(d, k, &c, person));
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* What was sealed and can be recorded now; lends `w` from `f`. */
static AM_RESULT
read_sealed(
    struct desk *d, const char *id, struct foretold *f, struct depart_wish *w)
{
	AM_TRY(foretold_find(d->session, id, f));
	AM_TRY(foretold_check_told(d->session, f));
	*w = f->wish;
	cmd_say(d->call, "sealed by '%s' as %s: %s of '%s': %s", f->by, f->id,
	    f->kind, f->person, w->reason);
	return AM_OK;
}

/* `sealed`: "q-1", or NULL. */
static AM_RESULT
record(struct cmd_call *call, const char *sealed)
{
	const bool plans = !cmd_flag(call, "no-plan");
	struct depart_wish w = { 0 };
	foretold_auto f = { 0 };
	int custodies = 0;
	struct shown shown = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	if (sealed == NULL)
		AM_TRY(read_wish(call, &w));
	AM_TRY(desk_open(call, true, &d));
	if (sealed != NULL)
		AM_TRY(desk_done(&d, read_sealed(&d, sealed, &f, &w),
		    "record the departure"));
	AM_TRY(
	    desk_done(&d, depart_check(d.session, &w), "record the departure"));
	AM_TRY(desk_done(
	    &d, count_custodies(&d, w.person, &custodies), "find the safes"));
	d.touches = call->cmd->touches + (plans ? custodies : 0);
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, depart_record(d.session, &k, &w), "record the departure"));
	cmd_say(call,
	    "the departure of '%s' is recorded; '%s' can sign nothing any "
	    "more, and no approval of theirs counts",
	    w.person, w.person);
	if (plans)
		AM_TRY(desk_done(&d, plan_all(&d, &k, w.person),
		    "plan the next committee; the departure is recorded"));
	AM_TRY(desk_done(
	    &d, show_state(&d, w.person, &shown), "show what follows"));
	say_after(call, &d, &w, &shown);
	return AM_OK;
}

/* ---- sealed until its day */

static AM_RESULT
seal(struct cmd_call *call)
{
	struct depart_wish w = { 0 };
	session_key_auto k = { 0 };
	uint32_t number = 0;
	desk_auto d = { 0 };
	char until[32];

	AM_TRY(read_wish(call, &w));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(
	    desk_done(&d, foretold_check(d.session, &w), "seal the departure"));
	d.touches = 1;
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, foretold_seal(d.session, &k, &w, &number),
	    "seal the departure"));
	if (call->json) {
		out_json_auto j = { .to = stdout };
		char id[16];

		(void)snprintf(id, sizeof(id), "q-%u", number);
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "quiet", id);
		json_time(&j, "sealed_until", w.effective);
		return AM_OK;
	}
	printf("q-%u\n", number);
	desk_time(w.effective, until);
	cmd_say(call,
	    "sealed until %s: the log has its hash, and names nobody; who "
	    "holds the register key could read it all the same",
	    until);
	cmd_say(call,
	    "nobody is suspended, and nothing happens by itself; next, from "
	    "then on: amanat depart --quiet-of q-%u",
	    number);
	return AM_OK;
}

static const char *
sealed_state(const struct foretold *f)
{
	if (f->row.told_leaf != 0)
		return "recorded";
	if (f->row.withdrawn_leaf != 0)
		return "withdrawn";
	return f->sealed.is == DELAYED_SEALED ? "sealed"
	    : f->sealed.is == DELAYED_SHOWN   ? "to be recorded"
					      : "lost";
}

static void
sealed_json(const struct foretold *f, const char *hash, const char *salt)
{
	const bool known = f->wish.person != NULL;
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "quiet", f->id);
	out_json_text(&j, "state", sealed_state(f));
	out_json_text(&j, "by", f->by);
	json_time(&j, "at", f->row.at);
	out_json_uint(&j, "leaf", f->row.leaf);
	out_json_text(&j, "sealed", hash);
	json_time(&j, "sealed_until", f->row.until);
	out_json_text(&j, "salt", salt);
	out_json_str(&j, "text", f->sealed.text);
	out_json_text(&j, "person", f->person);
	out_json_text(&j, "kind", f->kind);
	out_json_text(&j, "reason", known ? f->wish.reason : "");
}

static void
sealed_text(const struct foretold *f, const char *hash, const char *salt)
{
	char at[32], line[128];

	desk_time(f->row.at, at);
	(void)snprintf(line, sizeof(line), "%s by %s (leaf %lu)", at, f->by,
	    (unsigned long)f->row.leaf);
	out_field(stdout, "sealed", text_of(line));
	desk_time(f->row.until, at);
	out_field(stdout, "until", text_of(at));
	out_field(stdout, "state", text_of(sealed_state(f)));
	out_field(stdout, "hash", text_of(hash));
	if (f->sealed.is == DELAYED_LOST)
		out_field(stdout, "text",
		    text_of("missing in this vault, or altered"));
	if (f->sealed.is != DELAYED_SHOWN)
		return;
	out_field(stdout, "salt", text_of(salt));
	out_field(stdout, "text", f->sealed.text);
	if (f->wish.person == NULL)
		return;
	(void)snprintf(line, sizeof(line), "%s of '%s'", f->kind, f->person);
	out_field(stdout, "departure", text_of(line));
	out_field(stdout, "reason", text_of(f->wish.reason));
}

static AM_RESULT
show_sealed(struct cmd_call *call, const char *id)
{
	char hash[ENC_HEX_LEN(32) + 1], salt[ENC_HEX_LEN(QUIET_SALT) + 1];
	foretold_auto f = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, foretold_find(d.session, id, &f),
	    "show what is "
	    "sealed"));
	enc_hex((struct bytes){ f.row.sealed, 32 }, hash);
	enc_hex(f.sealed.salt, salt);
	if (call->json)
		sealed_json(&f, hash, salt);
	else
		sealed_text(&f, hash, salt);
	return AM_OK;
}

static AM_RESULT
withdraw(struct cmd_call *call, const char *id)
{
	session_key_auto k = { 0 };
	foretold_auto f = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, foretold_find(d.session, id, &f), "withdraw what is sealed"));
	d.touches = 1;
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, foretold_withdraw(d.session, &k, &f),
	    "withdraw what is sealed"));
	cmd_say(call,
	    "%s is withdrawn: nobody owes it any more; its text is readable "
	    "from its day on all the same",
	    f.id);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "quiet", f.id);
		out_json_text(&j, "did", "withdrawn");
	}
	return AM_OK;
}

/* ---- closing */

static enum am_err
name_open(void *arg, const struct depart_open *o)
{
	unsigned *n = arg;

	*n += 1;
	out_wrapped(stderr, "open: ", 6, o->text);
	out_wrapped(stderr, "      next: ", 8, o->next);
	return AM_OK;
}

/* Everything that stands against it, by name, before a PIN is asked for. */
static AM_RESULT
check_close(struct desk *d, const char *id)
{
	store_txn_auto *t = NULL;
	depart_auto left = { 0 };
	unsigned open = 0;
	struct view v;

	AM_TRY(depart_find(d->session, id, &left));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(depart_each_open(d->session, &v, &left, name_open, &open));
	if (open > 0)
		return why_say(&d->why, AM_ERR_POLICY, "X-10",
		    "%u thing%s still open, named above", open,
		    open == 1 ? " is" : "s are");
	return AM_OK;
}

static AM_RESULT
close_it(struct cmd_call *call)
{
	const char *id = call->args[0];
	char hash[ENC_HEX_LEN(32) + 1];
	session_key_auto k = { 0 };
	depart_auto left = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, check_close(&d, id), "close the departure"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, depart_close(d.session, &k, id), "close the departure"));
	AM_TRY(desk_done(
	    &d, depart_find(d.session, id, &left), "read the departure"));
	enc_hex((struct bytes){ left.certificate, 32 }, hash);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "person", id);
		out_json_bool(&j, "closed", true);
		out_json_text(&j, "certificate", hash);
		return AM_OK;
	}
	cmd_say(call, "the departure of '%s' is closed (leaf %lu)", id,
	    (unsigned long)left.close_leaf);
	cmd_say(call, "next: amanat depart --certificate %s", id);
	return AM_OK;
}

/* ---- the certificate */

struct printed {
	struct blob text;
	char hash[ENC_HEX_LEN(32) + 1];
};

/* Of a closed departure: as of the head and time of the closing statement, and
 * it must be what that statement signed. */
static AM_RESULT
make_certificate(struct desk *d, const struct depart *left, struct printed *out)
{
	const bool closed = left->person.departure == 2;
	const struct leaver_as_of as_of = { closed ? left->close_head
						   : d->session->head,
		closed ? left->closed_at : session_now(d->session), closed };
	store_txn_auto *t = NULL;
	uint8_t hash[32];
	struct bytes b;

	AM_TRY(store_begin(d->session->store, false, &t));
	AM_TRY(leaver_certificate(d->session, t, left, &as_of, &out->text));
	b = blob_bytes(&out->text);
	hash_sha256(&b, 1, hash);
	enc_hex((struct bytes){ hash, 32 }, out->hash);
	if (closed &&
	    !bytes_same((struct bytes){ hash, 32 },
		(struct bytes){ left->certificate, 32 }))
		return why_say(&d->why, AM_ERR_VERIFY, "V08",
		    "the certificate that the log gives is not the one that "
		    "was signed at leaf %lu; run 'amanat doctor' and 'amanat "
		    "verify'",
		    (unsigned long)left->close_leaf);
	return AM_OK;
}

static void
print_certificate(
    struct cmd_call *call, const struct depart *left, const struct printed *p)
{
	const bool closed = left->person.departure == 2;
	char id[ENC_HEX_LEN(32) + 1];

	enc_hex((struct bytes){ left->close_id, 32 }, id);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "person", left->person.id);
		out_json_bool(&j, "closed", closed);
		out_json_text(&j, "sha256", p->hash);
		out_json_text(&j, "statement", closed ? id : "");
		out_json_str(&j, "text", blob_bytes(&p->text));
		return;
	}
	(void)fwrite(p->text.p, 1, p->text.len, stdout);
	if (closed)
		cmd_say(call, "sha256 %s, signed at leaf %lu by statement %s",
		    p->hash, (unsigned long)left->close_leaf, id);
	else
		cmd_say(call,
		    "a draft: the departure is not closed, and nobody has "
		    "signed this");
}

static AM_RESULT
certificate(struct cmd_call *call)
{
	struct printed p = { 0 };
	depart_auto left = { 0 };
	desk_auto d = { 0 };
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	err = depart_find(d.session, call->args[0], &left);
	if (err == AM_OK)
		err = make_certificate(&d, &left, &p);
	err = desk_done(&d, err, "print the certificate");
	if (err == AM_OK)
		print_certificate(call, &left, &p);
	blob_free(&p.text);
	return err;
}

/* What stands in "q-1": nothing else is said of it. */
static AM_RESULT
depart_sealed(struct cmd_call *call, bool more)
{
	const char *id = cmd_opt(call, "quiet-of");
	const bool shows = cmd_flag(call, "status"),
		   ends = cmd_flag(call, "withdraw");

	if (id == NULL || call->arg_count > 0 || more || (shows && ends) ||
	    cmd_flag(call, "quiet"))
		return cmd_complain(AM_ERR_INVALID,
		    "--quiet-of q-N stands alone, or with --status or "
		    "--withdraw: person, kind and reason are sealed there");
	if (shows)
		return show_sealed(call, id);
	return ends ? withdraw(call, id) : record(call, id);
}

AM_RESULT
depart_person(struct cmd_call *call)
{
	const bool modes[] = { cmd_flag(call, "status"),
		cmd_flag(call, "close"), cmd_flag(call, "certificate") };
	const bool some = cmd_opt(call, "effective") != NULL ||
	    cmd_opt(call, "kind") != NULL || cmd_opt(call, "reason") != NULL;

	if (cmd_opt(call, "quiet-of") != NULL || cmd_flag(call, "withdraw"))
		return depart_sealed(call, some || modes[1] || modes[2]);
	if (call->arg_count == 0)
		return cmd_complain(
		    AM_ERR_INVALID, "say who leaves; or --quiet-of q-N");
	if (modes[0] + modes[1] + modes[2] + some > 1)
		return cmd_complain(AM_ERR_INVALID,
		    "say one of --status, --close and --certificate alone, or "
		    "record a departure");
	if (cmd_flag(call, "quiet"))
		return modes[0] + modes[1] + modes[2] > 0 ||
			cmd_flag(call, "no-plan")
		    ? cmd_complain(AM_ERR_INVALID,
			  "--quiet seals a departure, and nothing else")
		    : seal(call);
	if (modes[0])
		return status(call);
	if (modes[1])
		return close_it(call);
	return modes[2] ? certificate(call) : record(call, NULL);
}
