/*
 * import: many deposits from a file of another program (source.h). The whole
 * file is checked first, every row that is refused is named, and only a file
 * without a fault is sealed, unless its faults are to be passed over.
 */

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/overview.h"
#include "cli/subimport.h"
#include "cli/verbs.h"
#include "vault/acts/bulk.h"
#include "vault/acts/lookup.h"
#include "vault/acts/seal.h"
#include "vault/import/source.h"

enum { FAULTS_SHOWN = 20 }; /* of refusals, and of new names */

/* A name that was seen, and where. */
struct seen {
	uint64_t tag[2]; /* keyed hash of SAFE/NAME */
	uint64_t at, row;
};

struct import {
	struct desk *d;
	const char *file;
	struct source *source;
	bool skip_existing, skip_refused, dry_run;
	bool broken; /* from some row on nothing can be told apart */
	uint8_t seed[crypto_generichash_KEYBYTES];
	struct store_txn *t;   /* while checking */
	struct rows_safe safe; /* the one looked up last */
	uint64_t at;           /* what the source gave, refusals included */
	uint64_t faults, rows, existing, renamed, again;
	struct blob seen; /* struct seen, rows to deposit */
	struct blob skip; /* of `at`: to pass over, ascending */
	size_t skip_at;
};

static void
import_end(struct import *im)
{
	store_abort(&im->t);
	source_free(im->source);
	blob_free(&im->seen);
	blob_free(&im->skip);
}

/* ---- checking */

static void AM_PRINTF(3, 4)
    fault(struct import *im, uint64_t row, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (im->faults++ >= FAULTS_SHOWN)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)cmd_complain(AM_ERR_INCOMPLETE, "'%s', row %lu: %s", im->file,
	    (unsigned long)row, text);
}

static AM_RESULT
pass_over(struct import *im, uint64_t at)
{
	return blob_add(
	    &im->skip, (struct bytes){ (const uint8_t *)&at, sizeof(at) });
}

/* AM_ERR_INCOMPLETE: said, and counted. */
static AM_RESULT
find_safe(struct import *im, const char *path)
{
	char id[ROWS_ID_MAX + 1], title[ROWS_TITLE_MAX + 1];
	struct why why = { 0 };
	struct session *s = im->d->session;
	struct seal_safe in;
	struct why *before = s->why;
	enum am_err err;

	s->why = &why;
	err = lookup_split(s, path, id, title);
	if (err == AM_OK && strcmp(im->safe.id, id) != 0) {
		err = seal_find_safe(s, id, &in);
		if (err == AM_OK)
			im->safe = in.safe;
	}
	s->why = before;
	if (err == AM_OK)
		return AM_OK;
	fault(im, source_row(im->source), "%s", why.text);
	return AM_ERR_INCOMPLETE;
}

static AM_RESULT
remember_row(struct import *im, const char *path)
{
	struct seen one = { .at = im->at, .row = source_row(im->source) };

	(void)crypto_generichash((uint8_t *)one.tag, sizeof(one.tag),
	    (const uint8_t *)path, strlen(path), im->seed, sizeof(im->seed));
	im->rows++;
	return blob_add(
	    &im->seen, (struct bytes){ (uint8_t *)&one, sizeof(one) });
}

static void
tell_name(struct import *im, const struct draft_made *made)
{
	im->renamed += made->was[0] != '\0' || made->again;
	if (!made->again || im->again++ >= FAULTS_SHOWN)
		return;
	cmd_say(im->d->call,
	    "row %lu: the name is taken by an earlier row; this one is '%s'",
	    (unsigned long)source_row(im->source), made->row.path);
}

static AM_RESULT
is_taken(struct import *im, const char *path, bool *out)
{
	const struct view v = view_store(im->t);
	const char *title = strchr(path, '/') + 1;
	const struct rows_key key =
	    rows_key_with_text((struct bytes){ im->safe.safe, 16 },
		(struct bytes){ (const uint8_t *)title, strlen(title) });

	return view_has(&v, "record-id", rows_key(&key), out);
}

static AM_RESULT
check_row(struct import *im, const struct draft_made *made)
{
	const char *path = made->row.path;
	bool taken = false;

	if (find_safe(im, path) != AM_OK)
		return pass_over(im, im->at);
	AM_TRY(is_taken(im, path, &taken));
	if (taken && im->skip_existing) {
		im->existing++;
		return pass_over(im, im->at);
	}
	if (taken) {
		fault(im, source_row(im->source),
		    "a credential '%s' exists; --skip-existing passes over it",
		    path);
		return pass_over(im, im->at);
	}
	tell_name(im, made);
	return remember_row(im, path);
}

static int
by_tag(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	if (x->tag[0] != y->tag[0])
		return x->tag[0] < y->tag[0] ? -1 : 1;
	if (x->tag[1] != y->tag[1])
		return x->tag[1] < y->tag[1] ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static AM_RESULT
find_twins(struct import *im)
{
	struct seen *s = (struct seen *)(void *)im->seen.p;
	const size_t n = im->seen.len / sizeof(*s);

	if (n > 0)
		qsort(s, n, sizeof(*s), by_tag);
	for (size_t i = 1; i < n; i++) {
		if (s[i].tag[0] != s[i - 1].tag[0] ||
		    s[i].tag[1] != s[i - 1].tag[1])
			continue;
		fault(im, s[i].row, "it has the name of row %lu",
		    (unsigned long)s[i - 1].row);
		im->rows--;
		AM_TRY(pass_over(im, s[i].at));
	}
	if (im->skip.len > 0)
		qsort(im->skip.p, im->skip.len / sizeof(uint64_t),
		    sizeof(uint64_t), by_number);
	return AM_OK;
}

/* Of one row; AM_ERR_NOT_FOUND after the last. */
static AM_RESULT
check_next(struct import *im)
{
	struct draft_made made;
	struct why why = { 0 };
	enum am_err err = source_next(im->source, &made, &why);

	im->at++;
	if (err == AM_ERR_INCOMPLETE) {
		fault(im, source_row(im->source), "%s", why.text);
		return pass_over(im, im->at);
	}
	if (err == AM_OK)
		return check_row(im, &made);
	*im->d->session->why = why;
	return err;
}

static AM_RESULT
sum_up(struct import *im)
{
	struct why *why = im->d->session->why;

	if (im->faults > FAULTS_SHOWN)
		(void)cmd_complain(AM_ERR_INCOMPLETE, "... and %lu more",
		    (unsigned long)(im->faults - FAULTS_SHOWN));
	if (im->again > FAULTS_SHOWN)
		cmd_say(im->d->call, "... and %lu more names with a number",
		    (unsigned long)(im->again - FAULTS_SHOWN));
	if (im->faults == 0 || (im->skip_refused && !im->broken))
		return AM_OK;
	return why_say(why, AM_ERR_INCOMPLETE, "",
	    "%lu fault%s in '%s'; nothing was sealed%s",
	    (unsigned long)im->faults, im->faults == 1 ? "" : "s", im->file,
	    im->broken || im->skip_refused
		? ""
		: "; --skip-refused passes over such rows");
}

static AM_RESULT
check_all(struct import *im)
{
	struct why *why = im->d->session->why;
	enum am_err err;

	AM_TRY(store_begin(im->d->session->store, false, &im->t));
	do
		err = check_next(im);
	while (err == AM_OK);
	store_abort(&im->t);
	if (err == AM_ERR_CORRUPT) {
		fault(im, source_row(im->source), "%s", why->text);
		im->broken = true;
	} else if (err != AM_ERR_NOT_FOUND)
		return err;
	*why = (struct why){ 0 };
	AM_TRY(find_twins(im));
	return sum_up(im);
}

/* ---- sealing */

static bool
is_skipped(struct import *im)
{
	uint64_t at;

	if (im->skip_at >= im->skip.len)
		return false;
	memcpy(&at, im->skip.p + im->skip_at, sizeof(at));
	if (at != im->at)
		return false;
	im->skip_at += sizeof(at);
	return true;
}

/* What was refused or passed over in the check is passed over again. */
static AM_RESULT
next_made(struct import *im, struct draft_made *out, struct why *why)
{
	enum am_err err;
	bool skipped;

	do {
		*why = (struct why){ 0 };
		err = source_next(im->source, out, why);
		im->at++;
		skipped = is_skipped(im);
	} while (skipped && (err == AM_OK || err == AM_ERR_INCOMPLETE));
	return err;
}

static enum am_err
next_row(void *arg, struct bulk_row *out, struct why *why)
{
	struct draft_made made;

	AM_TRY(next_made(arg, &made, why));
	*out = made.row;
	return AM_OK;
}

static AM_RESULT
start_again(struct import *im)
{
	im->at = 0;
	im->skip_at = 0;
	return source_rewind(im->source, im->d->session->why);
}

static void
tell(void *arg, const struct bulk_done *so_far)
{
	const struct import *im = arg;

	fprintf(stderr, "%lu of %lu credentials are sealed\n",
	    (unsigned long)so_far->deposits, (unsigned long)im->rows);
}

static AM_RESULT
seal_all(struct import *im, const struct session_key *k, struct bulk_done *done)
{
	const struct bulk_source source = { .next = next_row, .arg = im };
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct session *s = im->d->session;
	enum am_err err;

	AM_TRY(start_again(im));
	err = bulk_deposit(
	    s, k, &source, cores > 0 ? (unsigned)cores : 1, tell, im, done);
	if (err != AM_OK && done->deposits > 0)
		fprintf(stderr,
		    "amanat: %lu of %lu are in; run it again with "
		    "--skip-existing for the rest\n",
		    (unsigned long)done->deposits, (unsigned long)im->rows);
	return err;
}

/* ---- a dry run: what would be made */

static AM_RESULT
add_made(struct import *im, struct out_table *t, const struct draft_made *made)
{
	char fields[80] = "";

	for (size_t i = 0; i < made->row.count; i++)
		(void)snprintf(fields + strlen(fields),
		    sizeof(fields) - strlen(fields), "%s%s", i > 0 ? ", " : "",
		    made->row.fields[i].name);
	out_table_printf(t, "%lu", (unsigned long)source_row(im->source));
	out_table_text(t, made->row.path);
	out_table_text(t, made->row.class);
	out_table_text(t, made->row.type);
	out_table_text(t, fields);
	out_table_text(t, made->was);
	return AM_OK;
}

static AM_RESULT
show_all(struct import *im)
{
	static const char *const heads[] = { "ROW", "CREDENTIAL", "CLASS",
		"TYPE", "FIELDS", "FROM", NULL };
	struct why *why = im->d->session->why;
	out_table_auto t = out_table_start(heads);
	enum am_err err = start_again(im);

	while (err == AM_OK) {
		struct draft_made made;

		err = next_made(im, &made, why);
		if (err == AM_OK)
			err = add_made(im, &t, &made);
	}
	if (err != AM_ERR_NOT_FOUND)
		return err;
	*why = (struct why){ 0 };
	return out_table_print(&t, stdout);
}

/* ---- the verb */

static void
report_json(const struct import *im, const struct bulk_done *done)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_uint(&j, "rows", im->rows);
	out_json_uint(&j, "skipped", im->existing);
	out_json_uint(&j, "sealed", done->deposits);
	out_json_uint(&j, "batches", done->batches);
	out_json_text(&j, "format", source_format(im->source));
	out_json_uint(&j, "refused", im->faults);
	out_json_uint(&j, "renamed", im->renamed);
	out_json_uint(&j, "deleted", source_deleted(im->source));
}

static void
report_rest(const struct import *im)
{
	const struct cmd_call *call = im->d->call;
	const uint64_t deleted = source_deleted(im->source);

	if (im->existing > 0)
		cmd_say(call, "%lu existed and were passed over",
		    (unsigned long)im->existing);
	if (im->faults > 0)
		cmd_say(call, "%lu refused row%s passed over",
		    (unsigned long)im->faults,
		    im->faults == 1 ? " was" : "s were");
	if (im->renamed > 0 && !im->dry_run)
		cmd_say(call,
		    "%lu got another name than in the file: letters, digits, "
		    "'.', '_' and '-' alone, and a number where it was taken",
		    (unsigned long)im->renamed);
	if (deleted > 0)
		cmd_say(call, "%lu in the recycle bin were left behind",
		    (unsigned long)deleted);
}

static void
report(const struct import *im, const struct bulk_done *done)
{
	if (im->d->call->json) {
		report_json(im, done);
		return;
	}
	if (im->dry_run)
		cmd_say(im->d->call, "'%s' can be imported: %lu to seal",
		    im->file, (unsigned long)im->rows);
	else
		cmd_say(im->d->call,
		    "%lu credentials are sealed, in %u batch%s; only the "
		    "custodians together can open them",
		    (unsigned long)done->deposits, done->batches,
		    done->batches == 1 ? "" : "es");
	report_rest(im);
}

static AM_RESULT
open_source(struct import *im)
{
	const struct cmd_call *call = im->d->call;
	const struct source_wish wish = { .format = cmd_opt(call, "format"),
		.map = cmd_opt(call, "map"),
		.safe = cmd_opt(call, "safe"),
		.class = cmd_opt(call, "class"),
		.type = cmd_opt(call, "type") };
	size_t unused;
	enum am_err err =
	    source_open(im->file, &wish, im->d->session->why, &im->source);

	if (err == AM_ERR_CORRUPT) /* of a foreign file, not of the vault */
		err = AM_ERR_INCOMPLETE;
	AM_TRY(err);
	cmd_say(call, "'%s' is read as %s", im->file, source_title(im->source));
	unused = source_unused(im->source);
	if (unused > 0)
		cmd_say(call,
		    "%zu column%s left behind: the map does not name "
		    "%s",
		    unused, unused == 1 ? " is" : "s are",
		    unused == 1 ? "it" : "them");
	return AM_OK;
}

static AM_RESULT
run(struct import *im)
{
	struct bulk_done done = { 0 };
	session_key_auto k = { 0 };
	enum am_err err;

	err = open_source(im);
	if (err == AM_OK)
		err = check_all(im);
	if (err == AM_OK && im->dry_run && !im->d->call->json)
		err = show_all(im);
	if (err != AM_OK)
		return desk_done(im->d, err, "import it");
	if (!im->dry_run && im->rows > 0) {
		AM_TRY(desk_key(im->d, NULL, &k));
		AM_TRY(desk_done(im->d, seal_all(im, &k, &done), "import it"));
	}
	report(im, &done);
	return AM_OK;
}

/* *out: it is a register of subscriptions, and no credentials. */
static AM_RESULT
read_as(struct cmd_call *call, bool *out)
{
	static const char *const others[] = { "safe", "class", "type",
		"format" };
	const char *as = cmd_opt(call, "as");

	*out = as != NULL && strcmp(as, "subscriptions") == 0;
	if (as != NULL && !*out && strcmp(as, "credentials") != 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--as is credentials or subscriptions, not '%s'", as);
	for (size_t i = 0; *out && i < AM_ARRAY_LEN(others); i++)
		if (cmd_opt(call, others[i]) != NULL)
			return cmd_complain(AM_ERR_INVALID,
			    "--%s is for credentials", others[i]);
	return AM_OK;
}

AM_RESULT
import_file(struct cmd_call *call)
{
	bool subscriptions = false;
	AM_CLEANUP(import_end)
	struct import im = { .file = call->args[0],
		.skip_existing = cmd_flag(call, "skip-existing"),
		.skip_refused = cmd_flag(call, "skip-refused"),
		.dry_run = cmd_flag(call, "dry-run") };
	desk_auto d = { 0 };

	if (cmd_flag(call, "status"))
		return overview_merge(call);
	if (call->arg_count > 1 || cmd_opt(call, "keys") != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "'import' takes one FILE; more of them, and --keys, go "
		    "with --status");
	AM_TRY(read_as(call, &subscriptions));
	if (subscriptions)
		return subimport_run(call);
	randombytes_buf(im.seed, sizeof(im.seed));
	AM_TRY(desk_open(call, !im.dry_run, &d));
	im.d = &d;
	return run(&im);
}
