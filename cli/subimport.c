/*
 * import --as subscriptions: many records from a CSV file (contracts.h). The
 * whole file is checked first, every fault of every row is told, and only a file
 * without one is entered, unless rows at fault are to be passed over. What is
 * there already, with the same content, is passed over, so that a run that was
 * stopped goes on where it was.
 */

#include "cli/subimport.h"

#include <stdio.h>

#include "cli/desk.h"
#include "cli/out.h"
#include "vault/acts/enlist.h"
#include "vault/acts/lookup.h"
#include "vault/import/contracts.h"
#include "vault/state/supplier.h"

enum { WIDE = 5 };

/* An id that is to be entered, and where it stands. */
struct seen {
	char id[ROWS_ID_MAX + 1];
	uint64_t at, row;
};

struct subimport {
	struct desk *d;
	const char *file;
	struct contracts *rows;
	struct out_json *j; /* NULL: for people */
	bool skip_existing, skip_refused, dry_run;
	bool broken;   /* from some row on nothing can be told apart */
	uint64_t at;   /* rows that the file gave, those at fault included */
	uint64_t told; /* the row that faults were told of last */
	uint64_t faults, refused, existing, to_enter;
	bool incomplete;     /* a fault is of the file, not of a policy */
	const bool *bad;     /* of the row that is checked */
	const char *id;      /* of that row; "" */
	struct blob missing; /* of that row, "a, b, c": told at its end */
	unsigned missing_count;
	bool wide;          /* of some row that many were missing */
	struct blob passed; /* a byte a row: 1, it is not entered */
	struct blob seen;   /* struct seen */
};

static void
subimport_end(struct subimport *im)
{
	contracts_free(im->rows);
	blob_free(&im->missing);
	blob_free(&im->passed);
	blob_free(&im->seen);
}

/* ---- faults */

static void
begin_row(struct subimport *im, uint64_t row)
{
	if (im->told == row)
		return;
	im->told = row;
	im->refused++;
	if (im->j == NULL)
		(void)cmd_complain(AM_ERR_INCOMPLETE, "'%s', row %lu%s%s%s",
		    im->file, (unsigned long)row,
		    im->id[0] != '\0' ? ", '" : "", im->id,
		    im->id[0] != '\0' ? "':" : ":");
}

/* A table that has not half of the fields is told so in a few lines a row. */
static bool
holds_back(struct subimport *im, const char *field, const char *text)
{
	if (im->j != NULL || strcmp(text, "missing") != 0 ||
	    blob_printf(&im->missing, "%s%s", im->missing.len > 0 ? ", " : "",
		field) != AM_OK)
		return false;
	im->missing_count++;
	return true;
}

static void
tell_missing(struct subimport *im)
{
	const bool one = im->missing_count == 1;
	blob_auto line = { 0 };

	if (im->missing_count > 0 &&
	    blob_printf(&line, "%s%.*s%s [R-1]",
		one ? "" : "missing: ", (int)im->missing.len,
		(const char *)im->missing.p, one ? ": missing" : "") == AM_OK &&
	    blob_add(&line, (struct bytes){ (const uint8_t *)"", 1 }) == AM_OK)
		out_wrapped(stderr, "  ", 4, (const char *)line.p);
	im->wide |= im->missing_count >= WIDE;
	im->missing.len = 0;
	im->missing_count = 0;
}

static void
tell(struct subimport *im, uint64_t row, const char *field, const char *rule,
    const char *text)
{
	char line[WHY_TEXT_MAX + 128];

	im->faults++;
	begin_row(im, row);
	if (holds_back(im, field, text))
		return;
	if (im->j == NULL) {
		(void)snprintf(line, sizeof(line), "%s%s%s%s%s%s", field,
		    field[0] != '\0' ? ": " : "", text,
		    rule[0] != '\0' ? " [" : "", rule,
		    rule[0] != '\0' ? "]" : "");
		out_wrapped(stderr, "  ", 4, line);
		return;
	}
	out_json_open(im->j, NULL, '{');
	out_json_uint(im->j, "row", row);
	out_json_text(im->j, "subscription", im->id);
	out_json_text(im->j, "field", field);
	out_json_text(im->j, "rule", rule);
	out_json_text(im->j, "text", text);
	out_json_close(im->j);
}

/* A fault of the row that is being checked. */
static void
fault(
    struct subimport *im, const char *field, const char *rule, const char *text)
{
	im->incomplete = true;
	tell(im, contracts_at(im->rows), field, rule, text);
}

/* What cannot stand in a record was told by itself. */
static void
tell_field(void *arg, const char *field, const char *rule, const char *text)
{
	struct subimport *im = arg;

	for (size_t f = 0; f < RECORD_COUNT; f++)
		if (im->bad[f] &&
		    strcmp(record_key((enum record_field)f), field) == 0)
			return;
	fault(im, field, rule, text);
}

/* ---- checking a row */

static void
check_cells(struct subimport *im, const struct contracts_row *row)
{
	struct why why = { 0 };

	im->id = row->cells.cells[RECORD_COUNT].text;
	if (lookup_check_id(&why, "the id of a subscription", im->id) !=
	    AM_OK) {
		im->id = "";
		fault(im, "id", why.rule, why.text);
	}
	for (size_t f = 0; f < RECORD_COUNT; f++)
		if (row->bad[f])
			fault(im, record_key((enum record_field)f), "R2.10",
			    "it holds a line break, a sign that steers or "
			    "hides, or what is not UTF-8");
}

static AM_RESULT
is_same(struct subimport *im, struct store_txn *t,
    const struct rows_subscription *there, const struct subscribe_sheet *sheet,
    bool *out)
{
	subscribe_sheet_auto old = { .id = "" };
	blob_auto a = { 0 }, b = { 0 };

	AM_TRY(subscribe_sheet_of(im->d->session, t, there, &old));
	AM_TRY(canon_write(old.record, &a));
	AM_TRY(canon_write(sheet->record, &b));
	*out = sheet->unknown.len == 0 &&
	    bytes_same(blob_bytes(&a), blob_bytes(&b));
	return AM_OK;
}

/* *out: it is there, and there is nothing more to check. */
static AM_RESULT
check_there(struct subimport *im, struct store_txn *t, const struct view *v,
    const struct subscribe_sheet *sheet, bool *out)
{
	const struct bytes id = { (const uint8_t *)im->id, strlen(im->id) };
	struct rows_subscription there;
	enum am_err err = AM_ERR_NOT_FOUND;
	bool same = false;

	if (id.len > 0)
		err = subscription_find(v, id, &there);
	*out = err == AM_OK;
	if (err != AM_OK)
		return err == AM_ERR_NOT_FOUND ? AM_OK : err;
	AM_TRY(is_same(im, t, &there, sheet, &same));
	if (same || im->skip_existing)
		im->existing++;
	else
		fault(im, "id", "V08",
		    "there is such a subscription, with another record; "
		    "'amanat sub add FILE --new-version' changes it, and "
		    "--skip-existing passes over it");
	return AM_OK;
}

/* R-8; what a quorum has excepted passes. */
static AM_RESULT
check_origin(struct subimport *im, const struct view *v,
    const struct subscribe_sheet *sheet)
{
	char countries[ROWS_CODES_MAX + 1], text[128];
	struct supplier_verdict j;
	struct record r;

	AM_TRY(record_read(sheet->record, &r));
	subscription_countries(&r, countries);
	AM_TRY(supplier_judge(v, im->id, countries, &j));
	if (j.code[0] == '\0' || j.waived_until > session_now(im->d->session))
		return AM_OK;
	(void)snprintf(text, sizeof(text),
	    "%s is on version %u of the deny list, without an exception",
	    j.code, j.version);
	tell(im, contracts_at(im->rows), "origin", "R-8", text);
	return AM_OK;
}

static AM_RESULT
remember_row(struct subimport *im)
{
	struct seen one = { .at = im->at, .row = contracts_at(im->rows) };

	(void)snprintf(one.id, sizeof(one.id), "%s", im->id);
	im->to_enter++;
	return blob_add(
	    &im->seen, (struct bytes){ (uint8_t *)&one, sizeof(one) });
}

static AM_RESULT
pass_over(struct subimport *im, uint64_t at, bool passed)
{
	const uint8_t one = passed;

	if (at < im->passed.len) {
		im->passed.p[at] = one;
		return AM_OK;
	}
	return blob_add(&im->passed, (struct bytes){ &one, 1 });
}

static AM_RESULT
check_row(struct subimport *im, const struct contracts_row *row)
{
	const uint64_t before = im->faults;
	subscribe_sheet_auto sheet = { .id = "" };
	store_txn_auto *t = NULL;
	bool there = false;
	struct view v;
	size_t unused;

	im->bad = row->bad;
	check_cells(im, row);
	AM_TRY(subscribe_take(im->d->session, &row->cells, &sheet));
	AM_TRY(store_begin(im->d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(check_there(im, t, &v, &sheet, &there));
	if (!there) {
		AM_TRY(subscribe_check(&v, &sheet, session_now(im->d->session),
		    tell_field, im, &unused));
		AM_TRY(check_origin(im, &v, &sheet));
	}
	if (!there && im->faults == before)
		return remember_row(im);
	return pass_over(im, im->at, true);
}

/* ---- checking the file */

/* Of one row; AM_ERR_NOT_FOUND after the last. */
static AM_RESULT
check_next(struct subimport *im)
{
	struct contracts_row row;
	struct why why = { 0 };
	const enum am_err err = contracts_next(im->rows, &row, &why);

	im->id = "";
	if (err == AM_ERR_NOT_FOUND || err == AM_ERR_IO ||
	    err == AM_ERR_NOMEM) {
		*im->d->session->why = why;
		return err;
	}
	AM_TRY(pass_over(im, im->at, false)); /* until something is told */
	if (err == AM_OK)
		AM_TRY(check_row(im, &row));
	else {
		fault(im, "", "", why.text);
		AM_TRY(pass_over(im, im->at, true));
	}
	tell_missing(im);
	im->id = "";
	im->at++;
	im->broken = err == AM_ERR_CORRUPT;
	return im->broken ? AM_ERR_NOT_FOUND : AM_OK;
}

static int
by_id(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	const int d = strcmp(x->id, y->id);

	if (d != 0)
		return d;
	return x->at < y->at ? -1 : x->at > y->at;
}

static AM_RESULT
find_twins(struct subimport *im)
{
	struct seen *s = (struct seen *)(void *)im->seen.p;
	const size_t n = im->seen.len / sizeof(*s);
	char text[64];

	if (n > 0)
		qsort(s, n, sizeof(*s), by_id);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(s[i].id, s[i - 1].id) != 0)
			continue;
		(void)snprintf(text, sizeof(text), "it has the id of row %lu",
		    (unsigned long)s[i - 1].row);
		im->id = s[i].id;
		im->incomplete = true;
		tell(im, s[i].row, "id", "", text);
		im->to_enter--;
		AM_TRY(pass_over(im, s[i].at, true));
	}
	im->id = "";
	return AM_OK;
}

/* Every fault was told; are they the end of it? */
static AM_RESULT
sum_up(struct subimport *im)
{
	if (im->faults == 0 || (im->skip_refused && !im->broken))
		return AM_OK;
	if (im->wide)
		cmd_say(im->d->call,
		    "what is the same in all rows needs no column: constants "
		    "in the file of --map (amanat(1), import)");
	return why_say(im->d->session->why,
	    im->incomplete ? AM_ERR_INCOMPLETE : AM_ERR_POLICY, "",
	    "%lu fault%s in %lu row%s of '%s'; nothing was entered%s",
	    (unsigned long)im->faults, im->faults == 1 ? "" : "s",
	    (unsigned long)im->refused, im->refused == 1 ? "" : "s", im->file,
	    im->broken || im->skip_refused
		? ""
		: "; --skip-refused passes over such rows");
}

static AM_RESULT
check_all(struct subimport *im)
{
	enum am_err err;

	do
		err = check_next(im);
	while (err == AM_OK);
	if (err != AM_ERR_NOT_FOUND)
		return err;
	*im->d->session->why = (struct why){ 0 };
	AM_TRY(find_twins(im));
	return sum_up(im);
}

/* ---- those to enter, once more from the beginning */

static AM_RESULT
start_again(struct subimport *im)
{
	im->at = 0;
	return contracts_rewind(im->rows, im->d->session->why);
}

static AM_RESULT
next_row(struct subimport *im, struct contracts_row *out, struct why *why)
{
	for (;;) {
		struct why unsaid = { 0 };
		const enum am_err err = contracts_next(im->rows, out, &unsaid);

		if (err != AM_OK && err != AM_ERR_INCOMPLETE) {
			*why = unsaid;
			return im->broken && err == AM_ERR_CORRUPT
			    ? AM_ERR_NOT_FOUND
			    : err;
		}
		if (im->at >= im->passed.len)
			return why_say(why, AM_ERR_STALE, "",
			    "'%s' has changed since it was checked", im->file);
		if (im->passed.p[im->at++] == 0)
			return err;
	}
}

static enum am_err
next_sheet(void *arg, struct subscribe_sheet *out, struct why *why)
{
	struct subimport *im = arg;
	struct contracts_row row;

	AM_TRY(next_row(im, &row, why));
	return subscribe_take(im->d->session, &row.cells, out);
}

/* ---- entering */

static enum am_err
tell_refused(void *arg, const struct subscribe_sheet *of, const struct why *why)
{
	struct subimport *im = arg;

	im->id = of->id;
	tell(im, contracts_at(im->rows), "", why->rule, why->text);
	im->id = "";
	im->to_enter--;
	return pass_over(im, im->at - 1, true);
}

static void
tell_so_far(void *arg, const struct enlist_done *so_far)
{
	const struct subimport *im = arg;

	if (so_far->records < im->to_enter) /* the last one is reported */
		fprintf(stderr, "%lu of %lu subscriptions are entered\n",
		    (unsigned long)so_far->records,
		    (unsigned long)im->to_enter);
}

static AM_RESULT
enter_all(struct subimport *im, struct session_key *k, struct enlist_done *done)
{
	const struct enlist_source source = { .next = next_sheet, .arg = im };
	struct session *s = im->d->session;
	enum am_err err;

	AM_TRY(start_again(im));
	AM_TRY(enlist_judge(s, k, &source, tell_refused, im));
	*s->why = (struct why){ 0 };
	AM_TRY(sum_up(im));
	AM_TRY(start_again(im));
	err = enlist_enter(s, k, &source, tell_so_far, im, done);
	if (err != AM_OK && done->records > 0)
		fprintf(stderr,
		    "amanat: %lu of %lu are in; run it again for the rest\n",
		    (unsigned long)done->records, (unsigned long)im->to_enter);
	return err;
}

/* ---- a dry run: what would be entered */

static AM_RESULT
show_all(struct subimport *im)
{
	static const char *const heads[] = { "ROW", "ID", "OWNER", "END",
		"NAME", NULL };
	static const enum record_field of[] = { RECORD_OWNER, RECORD_END,
		RECORD_NAME };
	struct why *why = im->d->session->why;
	out_table_auto t = out_table_start(heads);
	struct contracts_row row;
	enum am_err err;

	AM_TRY(start_again(im));
	while ((err = next_row(im, &row, why)) == AM_OK) {
		out_table_printf(
		    &t, "%lu", (unsigned long)contracts_at(im->rows));
		out_table_text(&t, row.cells.cells[RECORD_COUNT].text);
		for (size_t i = 0; i < AM_ARRAY_LEN(of); i++)
			out_table_text(&t, row.cells.cells[of[i]].text);
	}
	if (err != AM_ERR_NOT_FOUND)
		return err;
	*why = (struct why){ 0 };
	return out_table_print(&t, stdout);
}

/* ---- the verb */

static void
report_json(struct subimport *im, const struct enlist_done *done)
{
	if (im->j == NULL)
		return;
	out_json_close(im->j);
	out_json_uint(im->j, "rows", im->to_enter);
	out_json_uint(im->j, "skipped", im->existing);
	out_json_uint(im->j, "entered", done->records);
	out_json_uint(im->j, "batches", done->batches);
	out_json_uint(im->j, "refused", im->refused);
}

static void
report(const struct subimport *im, const struct enlist_done *done)
{
	const struct cmd_call *call = im->d->call;

	if (im->to_enter == 0)
		cmd_say(call, "'%s' has nothing to enter", im->file);
	else if (im->dry_run)
		cmd_say(call, "'%s' can be imported: %lu to enter", im->file,
		    (unsigned long)im->to_enter);
	else
		cmd_say(call,
		    "%lu subscription%s entered, in %u batch%s; next, of each, "
		    "when its order is placed: amanat sub renew ID --step "
		    "active --order NUMBER --evidence FILE",
		    (unsigned long)done->records,
		    done->records == 1 ? " is" : "s are", done->batches,
		    done->batches == 1 ? "" : "es");
	if (im->existing > 0)
		cmd_say(call, "%lu existed and %s passed over",
		    (unsigned long)im->existing,
		    im->existing == 1 ? "was" : "were");
	if (im->refused > 0)
		cmd_say(call, "%lu refused row%s passed over",
		    (unsigned long)im->refused,
		    im->refused == 1 ? " was" : "s were");
}

static AM_RESULT
open_rows(struct subimport *im)
{
	const struct cmd_call *call = im->d->call;
	size_t unused;
	enum am_err err = contracts_open(
	    im->file, cmd_opt(call, "map"), im->d->session->why, &im->rows);

	if (err == AM_ERR_CORRUPT) /* of a foreign file, not of the vault */
		err = AM_ERR_INCOMPLETE;
	AM_TRY(err);
	unused = contracts_unused(im->rows);
	if (unused > 0)
		cmd_say(call,
		    "%zu column%s left behind: the map does not name %s",
		    unused, unused == 1 ? " is" : "s are",
		    unused == 1 ? "it" : "them");
	return AM_OK;
}

static AM_RESULT
run(struct subimport *im)
{
	struct enlist_done done = { 0 };
	session_key_auto k = { 0 };
	enum am_err err;

	err = open_rows(im);
	if (err == AM_OK)
		err = check_all(im);
	if (err == AM_OK && im->dry_run && im->j == NULL && im->to_enter > 0)
		err = show_all(im);
	if (err == AM_OK && !im->dry_run && im->to_enter > 0) {
		AM_TRY(desk_key(im->d, NULL, &k));
		err = enter_all(im, &k, &done);
	}
	report_json(im, &done);
	AM_TRY(desk_done(im->d, err, "import it"));
	report(im, &done);
	return AM_OK;
}

AM_RESULT
subimport_run(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	AM_CLEANUP(subimport_end)
	struct subimport im = { .file = call->args[0],
		.j = call->json ? &j : NULL,
		.id = "",
		.skip_existing = cmd_flag(call, "skip-existing"),
		.skip_refused = cmd_flag(call, "skip-refused"),
		.dry_run = cmd_flag(call, "dry-run") };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, !im.dry_run, &d));
	im.d = &d;
	if (im.j != NULL) {
		out_json_open(im.j, NULL, '{');
		out_json_open(im.j, "faults", '[');
	}
	return run(&im);
}
