#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/overview.h"
#include "cli/request.h"
#include "cli/verbs.h"
#include "vault/acts/approve.h"
#include "vault/acts/copies.h"
#include "vault/acts/lookup.h"
#include "vault/audit/bundle.h"
#include "vault/audit/verify.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"

/* ---- log: the lines as they are */

static AM_RESULT
number_opt(struct cmd_call *call, const char *name, uint64_t *out)
{
	const char *text = cmd_opt(call, name);
	char *end = NULL;

	if (text == NULL)
		return AM_OK;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--%s is the number of a statement, not '%s'", name, text);
	return AM_OK;
}

static AM_RESULT
print_lines(struct desk *d, uint64_t from, uint64_t to)
{
	store_txn_auto *t = NULL;
	uint64_t size = 0;

	AM_TRY(store_begin(d->session->store, false, &t));
	AM_TRY(store_log_size(t, &size));
	for (uint64_t leaf = from; leaf < size && leaf <= to; leaf++) {
		blob_auto line = { 0 };

		AM_TRY(store_log_read(t, leaf, &line));
		if (fwrite(line.p, 1, line.len, stdout) != line.len ||
		    fputc('\n', stdout) == EOF)
			return why_say(&d->why, AM_ERR_IO, "",
			    "cannot write output: %s", strerror(errno));
	}
	return AM_OK;
}

AM_RESULT
evidence_log(struct cmd_call *call)
{
	uint64_t from = 0, to = UINT64_MAX;
	desk_auto d = { 0 };

	AM_TRY(number_opt(call, "from", &from));
	AM_TRY(number_opt(call, "to", &to));
	AM_TRY(desk_open(call, false, &d));
	return desk_done(&d, print_lines(&d, from, to), "print the log");
}

/* ---- history: one row an access */

enum format { TABLE, CSV, JSONL };

struct wanted {
	const char *only; /* SAFE/NAME; NULL: all */
	int64_t from, to; /* half-open */
	enum format format;
};

struct access {
	const struct approve_view *v;
	const char *outcome;
	struct blob approvers,
	    suspended; /* who counts, who does not any more */
	char asked[WHEN_TEXT_LEN + 1], opened[WHEN_TEXT_LEN + 1];
};

static AM_RESULT
names_of(const struct view *w, const struct rows_approval *list, size_t count,
    struct blob *out)
{
	for (size_t i = 0; i < count; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(w, list[i].person, name));
		AM_TRY(blob_printf(out, "%s%s", i > 0 ? " " : "", name));
	}
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

static AM_RESULT
describe(struct desk *d, const struct approve_view *v, struct access *a)
{
	const struct rows_request *q = &v->request;
	store_txn_auto *t = NULL;
	struct view w;

	a->v = v;
	a->outcome = request_state(d, v);
	when_text(q->at, a->asked);
	if (q->status == ROWS_OPENED)
		when_text(q->opened_at, a->opened);
	AM_TRY(store_begin(d->session->store, false, &t));
	w = view_store(t);
	AM_TRY(names_of(&w, q->approvals, q->approval_count, &a->approvers));
	return names_of(&w, v->voided, v->voided_count, &a->suspended);
}

static void
row_csv(const struct access *a)
{
	struct out_csv c = { .to = stdout };
	const struct rows_request *q = &a->v->request;

	out_csv_uint(&c, q->number);
	out_csv_text(&c, a->v->path);
	out_csv_uint(&c, q->version);
	out_csv_text(&c, a->v->by.id);
	out_csv_bytes(&c, a->v->why);
	out_csv_bytes(&c, a->v->ref);
	out_csv_text(&c, (const char *)a->approvers.p);
	out_csv_text(&c, a->asked);
	out_csv_text(&c, a->opened);
	out_csv_text(&c, a->outcome);
	out_csv_uint(&c, q->leaf);
	out_csv_text(&c, request_mode(q));
	out_csv_end(&c);
}

static void
names_json(struct out_json *j, const char *key, const struct blob *names)
{
	out_json_open(j, key, '[');
	for (const char *p = (const char *)names->p; *p != '\0';) {
		const size_t len = strcspn(p, " ");

		out_json_str(
		    j, NULL, (struct bytes){ (const uint8_t *)p, len });
		p += len + (p[len] == ' ');
	}
	out_json_close(j);
}

static void
row_jsonl(const struct access *a)
{
	out_json_auto j = { .to = stdout };
	const struct rows_request *q = &a->v->request;
	char id[16];

	out_json_open(&j, NULL, '{');
	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	out_json_text(&j, "request", id);
	out_json_text(&j, "credential", a->v->path);
	out_json_uint(&j, "version", q->version);
	out_json_text(&j, "requester", a->v->by.id);
	out_json_str(&j, "reason", a->v->why);
	out_json_str(&j, "ticket", a->v->ref);
	names_json(&j, "approvers", &a->approvers);
	names_json(&j, "suspended", &a->suspended);
	out_json_text(&j, "asked", a->asked);
	out_json_text(&j, "opened", a->opened);
	out_json_text(&j, "outcome", a->outcome);
	out_json_uint(&j, "leaf", q->leaf);
	out_json_text(&j, "mode", request_mode(q));
}

static void
row_table(const struct access *a, struct out_table *t)
{
	const struct rows_request *q = &a->v->request;

	out_table_printf(t, "r-%u", q->number);
	out_table_printf(t, "%.10s", a->asked);
	out_table_printf(t, "%s%s%s%s", a->outcome,
	    q->breakglass != 0 ? ", BREAK-GLASS" : "",
	    a->v->voided_count > 0 ? ", suspended: " : "",
	    (const char *)a->suspended.p);
	out_table_text(t, a->v->by.id);
	out_table_printf(t, "%s v%u", a->v->path, q->version);
	out_table_bytes(t, a->v->why);
}

static bool
any_between(
    const struct rows_approval *list, size_t count, int64_t from, int64_t to)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].at >= from && list[i].at < to)
			return true;
	return false;
}

/* Something of it happened then: asked, answered or opened. */
static bool
is_between(const struct approve_view *v, int64_t from, int64_t to)
{
	const struct rows_request *q = &v->request;

	return (q->at >= from && q->at < to) ||
	    any_between(q->approvals, q->approval_count, from, to) ||
	    any_between(v->voided, v->voided_count, from, to) ||
	    any_between(q->declines, q->decline_count, from, to) ||
	    (q->status == ROWS_OPENED && q->opened_at >= from &&
		q->opened_at < to);
}

static AM_RESULT
print_access(
    struct desk *d, uint32_t n, const struct wanted *w, struct out_table *t)
{
	const enum format f = w->format;
	approve_view_auto v = { 0 };
	struct access a = { 0 };
	char id[16];
	enum am_err err;

	(void)snprintf(id, sizeof(id), "r-%u", n);
	AM_TRY(approve_look(d->session, id, &v));
	if ((w->only != NULL && strcmp(w->only, v.path) != 0) ||
	    !is_between(&v, w->from, w->to))
		return AM_OK;
	err = describe(d, &v, &a);
	if (err == AM_OK && f == CSV)
		row_csv(&a);
	else if (err == AM_OK && f == JSONL)
		row_jsonl(&a);
	else if (err == AM_OK)
		row_table(&a, t);
	blob_free(&a.approvers);
	blob_free(&a.suspended);
	return err;
}

static AM_RESULT
print_history(struct desk *d, const struct wanted *w)
{
	static const char *const heads[] = { "ID", "ASKED", "OUTCOME", "BY",
		"CREDENTIAL", "WHY", NULL };
	static const char *const columns[] = { "request", "credential",
		"version", "requester", "reason", "ticket", "approvers",
		"asked", "opened", "outcome", "leaf", "mode" };
	out_table_auto t = out_table_start(heads);
	struct out_csv c = { .to = stdout };

	if (w->format == CSV) {
		for (size_t i = 0; i < AM_ARRAY_LEN(columns); i++)
			out_csv_text(&c, columns[i]);
		out_csv_end(&c);
	}
	for (uint32_t i = 1; i <= d->session->vault.requests; i++)
		AM_TRY(print_access(d, i, w, &t));
	return w->format == TABLE ? out_table_print(&t, stdout) : AM_OK;
}

static AM_RESULT
read_wanted(struct cmd_call *call, struct wanted *w)
{
	const char *format = cmd_opt(call, "format"),
		   *from = cmd_opt(call, "from"), *to = cmd_opt(call, "to");

	if (format != NULL && strcmp(format, "csv") == 0)
		w->format = CSV;
	else if (format != NULL && strcmp(format, "jsonl") == 0)
		w->format = JSONL;
	else if (format != NULL && strcmp(format, "table") != 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--format is table, csv or jsonl, not '%s'", format);
	if (from != NULL && when_begin(from, &w->from) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--from is the first day, such as 2026-07-01, or a time "
		    "such as 2026-07-01T09:00:00Z, not '%s'",
		    from);
	if (to != NULL && when_end(to, &w->to) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--to is the last day, such as 2027-06-30, or a time such "
		    "as 2027-06-30T09:00:00Z, not '%s'",
		    to);
	if (w->from >= w->to)
		return cmd_complain(AM_ERR_INVALID, "--from comes before --to");
	return AM_OK;
}

AM_RESULT
evidence_history(struct cmd_call *call)
{
	struct wanted w = { .only = call->arg_count > 0 ? call->args[0] : NULL,
		.from = INT64_MIN,
		.to = INT64_MAX,
		.format = call->json ? JSONL : TABLE };
	desk_auto d = { 0 };
	struct rows_safe safe;
	struct rows_record record;

	AM_TRY(read_wanted(call, &w));
	AM_TRY(desk_open(call, false, &d));
	if (w.only != NULL)
		AM_TRY(desk_done(&d,
		    lookup_record(d.session, w.only, &safe, &record),
		    "show the history"));
	return desk_done(&d, print_history(&d, &w), "show the history");
}

/* ---- export and verify */

AM_RESULT
evidence_export(struct cmd_call *call)
{
	desk_auto d = { 0 };

	if (cmd_opt(call, "status") != NULL)
		return overview_export(call);
	if (call->arg_count == 0)
		return cmd_complain(
		    AM_ERR_INVALID, "'export' takes DIR, or --status FILE");
	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d,
	    bundle_write(d.session, call->args[0], cmd_flag(call, "partials")),
	    "export"));
	/* it is made all the same */
	if (copies_done(d.session, d.session->head.size) != AM_OK)
		(void)cmd_complain(AM_ERR_IO, "warning: %s", d.why.text);
	cmd_say(call, "%lu statements are in '%s'; no secret is in there",
	    (unsigned long)d.session->head.size, call->args[0]);
	cmd_say(call, "next: amanat verify %s", call->args[0]);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "directory", call->args[0]);
		out_json_uint(&j, "statements", d.session->head.size);
	}
	return AM_OK;
}

static const char *
verdict_text(enum verify_verdict v)
{
	switch (v) {
	case VERIFY_SOUND:
		return "sound";
	case VERIFY_FINDINGS:
		return "sound with findings";
	case VERIFY_STALE:
		return "stale";
	case VERIFY_BROKEN:
		return "broken";
	}
	return "";
}

/* Whoever made up a whole history has all rules hold in it: only comparing it
 * with what was noted elsewhere tells (7.7). The log key is in genesis. */
static void
identity_of(const struct verify_report *r,
    char vault[static ROWS_RPID_MAX + 48],
    char genesis[static ENC_HEX_LEN(32) + 1])
{
	char id[ENC_HEX_LEN(16) + 1];

	enc_hex((struct bytes){ r->vault.vault, 16 }, id);
	enc_hex((struct bytes){ r->vault.genesis, 32 }, genesis);
	(void)snprintf(
	    vault, ROWS_RPID_MAX + 48, "%s/amanat/%s", r->vault.rpid, id);
}

/* ---- accesses, as they come: there may be more than fit in memory */

struct listing {
	struct out_json j;
	bool json, some;
};

static const char *
access_text(enum verify_access_verdict v)
{
	switch (v) {
	case VERIFY_ACCESS_SOUND:
		return "sound";
	case VERIFY_ACCESS_LATE:
		return "opened late (R13.5)";
	case VERIFY_ACCESS_UNOPENED:
		return "not opened, a possible exposure (V20)";
	}
	return "";
}

/* When its approvals became enough; an earlier one may not count any more. */
static int64_t
approved_at(const struct rows_request *q)
{
	return q->complete_at != 0 ? q->complete_at : q->approvals[q->k - 1].at;
}

static void
access_json(struct listing *l, const struct verify_access *a)
{
	const struct rows_request *q = a->request;
	char id[16], at[WHEN_TEXT_LEN + 1];
	struct out_json *j = &l->j;

	if (!l->some) {
		out_json_open(j, NULL, '{');
		out_json_open(j, "accesses", '[');
	}
	out_json_open(j, NULL, '{');
	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	out_json_text(j, "request", id);
	out_json_text(j, "credential", a->credential);
	out_json_uint(j, "version", q->version);
	out_json_text(j, "requester", a->requester);
	out_json_str(j, "reason", a->why);
	out_json_open(j, "approvers", '[');
	for (size_t i = 0; i < q->approval_count; i++)
		out_json_text(j, NULL, a->approvers[i]);
	out_json_close(j);
	when_text(q->at, at);
	out_json_text(j, "asked", at);
	when_text(approved_at(q), at);
	out_json_text(j, "approved", at);
	when_text(q->opened_at, at);
	out_json_text(j, "opened", q->status == ROWS_OPENED ? at : "");
	out_json_text(j, "verdict",
	    a->verdict == VERIFY_ACCESS_SOUND      ? "sound"
		: a->verdict == VERIFY_ACCESS_LATE ? "late"
						   : "unopened");
	out_json_close(j);
}

static AM_RESULT
access_line(const struct verify_access *a)
{
	const struct rows_request *q = a->request;
	char at[32];
	blob_auto text = { 0 };

	desk_time(q->at, at);
	AM_TRY(blob_printf(&text, "r-%u %s v%u, asked by %s on %s (\"",
	    q->number, a->credential, q->version, a->requester, at));
	AM_TRY(blob_add(&text, a->why));
	AM_TRY(blob_text(&text, "\"), approved by"));
	for (size_t i = 0; i < q->approval_count; i++)
		AM_TRY(blob_printf(
		    &text, "%s %s", i > 0 ? "," : "", a->approvers[i]));
	desk_time(approved_at(q), at);
	AM_TRY(blob_printf(&text, " until %s", at));
	desk_time(q->opened_at, at);
	if (q->status == ROWS_OPENED)
		AM_TRY(blob_printf(&text, ", opened on %s", at));
	AM_TRY(blob_printf(&text, ": %s", access_text(a->verdict)));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, "access: ", 4, (const char *)text.p);
	return AM_OK;
}

static enum am_err
list_access(void *arg, const struct verify_access *a)
{
	struct listing *l = arg;

	if (l->json)
		access_json(l, a);
	else
		AM_TRY(access_line(a));
	l->some = true;
	return AM_OK;
}

static void
report_json(struct listing *l, const struct verify_report *r)
{
	char vault[ROWS_RPID_MAX + 48], genesis[ENC_HEX_LEN(32) + 1];
	struct out_json *j = &l->j;

	if (!l->some) {
		out_json_open(j, NULL, '{');
		out_json_open(j, "accesses", '[');
	}
	out_json_close(j);
	out_json_text(j, "verdict", verdict_text(r->verdict));
	out_json_uint(j, "statements", r->statements);
	out_json_uint(j, "openings", r->openings);
	if (r->remembered > 0)
		out_json_uint(j, "remembered", r->remembered);
	if (r->vault.rpid[0] != '\0') {
		identity_of(r, vault, genesis);
		out_json_text(j, "vault", vault);
		out_json_text(j, "genesis", genesis);
	}
	if (r->verdict == VERIFY_BROKEN || r->verdict == VERIFY_STALE) {
		out_json_text(j, "code", r->code);
		if (r->has_leaf)
			out_json_uint(j, "leaf", r->leaf);
		out_json_text(j, "why", r->text);
	}
	out_json_open(j, "findings", '[');
	for (size_t i = 0; i < r->finding_count; i++)
		out_json_text(j, NULL, r->findings[i]);
}

static void
report_text(const struct verify_report *r)
{
	char lead[96];

	if (r->verdict == VERIFY_STALE) {
		(void)snprintf(lead, sizeof(lead), "stale (%s): ", r->code);
		out_wrapped(stdout, lead, 4, r->text);
		return;
	}
	if (r->verdict == VERIFY_BROKEN && r->has_leaf) {
		(void)snprintf(lead, sizeof(lead),
		    "broken: line %lu (leaf %lu), rule %s: ",
		    (unsigned long)r->leaf + 1, (unsigned long)r->leaf,
		    r->code);
		out_wrapped(stdout, lead, 4, r->text);
		return;
	}
	if (r->verdict == VERIFY_BROKEN) {
		(void)snprintf(
		    lead, sizeof(lead), "broken, rule %s: ", r->code);
		out_wrapped(stdout, lead, 4, r->text);
		return;
	}
	printf("%lu statement%s, %u opening%s, all rules hold\n",
	    (unsigned long)r->statements, r->statements == 1 ? "" : "s",
	    r->openings, r->openings == 1 ? "" : "s");
	for (size_t i = 0; i < r->finding_count; i++)
		out_wrapped(stdout, "finding: ", 4, r->findings[i]);
}

static void
report_identity(const struct verify_report *r)
{
	char vault[ROWS_RPID_MAX + 48], genesis[ENC_HEX_LEN(32) + 1];

	if (r->verdict != VERIFY_SOUND && r->verdict != VERIFY_FINDINGS)
		return;
	identity_of(r, vault, genesis);
	printf("vault:   %s\ngenesis: %s\n", vault, genesis);
	if (r->remembered > 0)
		printf("It continues the %lu statement%s that this machine has "
		       "seen of this vault.\n",
		    (unsigned long)r->remembered,
		    r->remembered == 1 ? "" : "s");
}

static unsigned
cores(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 64 ? 64 : (unsigned)n;
}

/* Not /tmp, which is memory on many machines. */
static struct verify_means
means(void)
{
	const char *tmp = getenv("TMPDIR");

	return (struct verify_means){ .threads = cores(),
		.tmp = tmp != NULL && tmp[0] != '\0' ? tmp : "/var/tmp" };
}

static AM_RESULT
read_since(struct cmd_call *call, struct blob *out)
{
	const char *path = cmd_opt(call, "since");
	enum am_err err;

	if (path == NULL)
		return AM_OK;
	err = bundle_read(path[0] == '/' ? "" : ".", path, NOTE_MAX, out);
	if (err == AM_OK && out->len == 0)
		err = AM_ERR_CORRUPT;
	if (err != AM_OK)
		return cmd_complain(
		    err == AM_ERR_NOT_FOUND ? AM_ERR_NOT_FOUND : AM_ERR_IO,
		    "cannot read the earlier checkpoint '%s'", path);
	return AM_OK;
}

/* Lines of the vault itself, for `verify` without a directory. */
struct live {
	struct store_txn *t;
	struct blob line;
};

static enum am_err
live_line(void *arg, uint64_t leaf, struct bytes *out)
{
	struct live *l = arg;

	AM_TRY(store_log_read(l->t, leaf, &l->line));
	*out = blob_bytes(&l->line);
	return AM_OK;
}

static AM_RESULT
verify_live(struct desk *d, struct bytes since, const struct verify_means *how,
    struct verify_report *r)
{
	struct live l = { 0 };
	const struct verify_lines lines = { .get = live_line, .arg = &l };
	store_txn_auto *t = NULL;
	blob_auto note = { 0 };
	enum am_err err;

	AM_TRY(store_begin(d->session->store, false, &t));
	AM_TRY(store_note_get(t, &note));
	l.t = t;
	err = verify_history(&lines, blob_bytes(&note), since, how, &d->why, r);
	blob_free(&l.line);
	return err;
}

AM_RESULT
evidence_verify(struct cmd_call *call)
{
	struct verify_report *r = calloc(1, sizeof(*r));
	struct listing l = { .j = { .to = stdout }, .json = call->json };
	struct verify_means how = means();
	blob_auto since = { 0 };
	desk_auto d = { 0 };
	enum am_err err;

	if (r == NULL)
		return cmd_complain(AM_ERR_NOMEM, "out of memory");
	how.access = list_access;
	how.access_arg = &l;
	err = read_since(call, &since);
	if (err == AM_OK && call->arg_count == 0) {
		err = desk_open(call, false, &d);
		if (err == AM_OK)
			err = desk_done(&d,
			    verify_live(&d, blob_bytes(&since), &how, r),
			    "verify the vault");
	} else if (err == AM_OK && (err = desk_prepare(call, &d)) == AM_OK) {
		how.heads_dir = d.env.heads_dir;
		err = verify_bundle(
		    call->args[0], blob_bytes(&since), &how, &d.why, r);
		if (err != AM_OK)
			err = cmd_refuse(
			    err, &d.why, "verify '%s'", call->args[0]);
	}
	if (err == AM_OK) {
		if (call->json)
			report_json(&l, r);
		else
			report_text(r);
		if (!call->json)
			report_identity(r);
		err = verify_error(r);
	}
	out_json_end(&l.j);
	free(r);
	return err;
}
