/*
 * import: many deposits from a CSV file (sheet.h). The whole file is checked
 * first, every row that is refused is named, and only a file without a fault
 * is sealed.
 */

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/bulk.h"
#include "vault/acts/lookup.h"
#include "vault/acts/seal.h"
#include "vault/acts/sheet.h"

enum { FAULTS_SHOWN = 20 };

/* A name that was seen, and where. */
struct seen {
	uint64_t tag[2]; /* keyed hash of SAFE/NAME */
	uint64_t row;
};

struct import {
	struct desk *d;
	const char *file;
	struct sheet *sheet;
	bool skip_existing, dry_run;
	uint8_t seed[crypto_generichash_KEYBYTES];
	struct store_txn *t;   /* while checking */
	struct rows_safe safe; /* the one looked up last */
	uint64_t faults, rows, skipped;
	struct blob seen; /* struct seen, rows to deposit */
	struct blob skip; /* row numbers to pass over, ascending */
	size_t skip_at;
};

static void
import_end(struct import *im)
{
	store_abort(&im->t);
	sheet_free(im->sheet);
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
	fault(im, sheet_row(im->sheet), "%s", why.text);
	return AM_ERR_INCOMPLETE;
}

static AM_RESULT
remember_row(struct import *im, const char *path)
{
	struct seen one = { .row = sheet_row(im->sheet) };

	(void)crypto_generichash((uint8_t *)one.tag, sizeof(one.tag),
	    (const uint8_t *)path, strlen(path), im->seed, sizeof(im->seed));
	im->rows++;
	return blob_add(
	    &im->seen, (struct bytes){ (uint8_t *)&one, sizeof(one) });
}

static AM_RESULT
check_row(struct import *im, const struct bulk_row *row)
{
	const struct view v = view_store(im->t);
	const uint64_t number = sheet_row(im->sheet);
	const char *title = strchr(row->path, '/') + 1;
	bool taken = false;
	struct rows_key key;

	if (find_safe(im, row->path) != AM_OK)
		return AM_OK;
	key = rows_key_with_text((struct bytes){ im->safe.safe, 16 },
	    (struct bytes){ (const uint8_t *)title, strlen(title) });
	AM_TRY(view_has(&v, "record-id", rows_key(&key), &taken));
	if (taken && im->skip_existing) {
		im->skipped++;
		return blob_add(&im->skip,
		    (struct bytes){ (const uint8_t *)&number, sizeof(number) });
	}
	if (taken)
		fault(im, number,
		    "a credential '%s' exists; --skip-existing passes over it",
		    row->path);
	return remember_row(im, row->path);
}

static int
by_tag(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	if (x->tag[0] != y->tag[0])
		return x->tag[0] < y->tag[0] ? -1 : 1;
	if (x->tag[1] != y->tag[1])
		return x->tag[1] < y->tag[1] ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void
find_twins(struct import *im)
{
	struct seen *s = (struct seen *)(void *)im->seen.p;
	const size_t n = im->seen.len / sizeof(*s);

	if (n == 0)
		return;
	qsort(s, n, sizeof(*s), by_tag);
	for (size_t i = 1; i < n; i++)
		if (s[i].tag[0] == s[i - 1].tag[0] &&
		    s[i].tag[1] == s[i - 1].tag[1])
			fault(im, s[i].row, "it has the name of row %lu",
			    (unsigned long)s[i - 1].row);
}

static AM_RESULT
check_all(struct import *im)
{
	struct session *s = im->d->session;
	enum am_err err;

	AM_TRY(store_begin(s->store, false, &im->t));
	for (;;) {
		struct why why = { 0 };
		struct bulk_row row;

		err = sheet_next(im->sheet, &row, &why);
		if (err == AM_ERR_NOT_FOUND)
			break;
		if (err == AM_ERR_CORRUPT || err == AM_ERR_INCOMPLETE)
			fault(im, sheet_row(im->sheet), "%s", why.text);
		if (err == AM_ERR_CORRUPT)
			break; /* nothing after it can be told apart */
		if (err == AM_OK)
			err = check_row(im, &row);
		if (err != AM_OK && err != AM_ERR_INCOMPLETE) {
			*s->why = why;
			return err;
		}
	}
	store_abort(&im->t);
	find_twins(im);
	if (im->faults > FAULTS_SHOWN)
		(void)cmd_complain(AM_ERR_INCOMPLETE, "... and %lu more",
		    (unsigned long)(im->faults - FAULTS_SHOWN));
	if (im->faults > 0)
		return why_say(s->why, AM_ERR_INCOMPLETE, "",
		    "%lu fault%s in '%s'; nothing was sealed",
		    (unsigned long)im->faults, im->faults == 1 ? "" : "s",
		    im->file);
	return AM_OK;
}

/* ---- sealing */

static bool
is_skipped(struct import *im)
{
	uint64_t row;

	if (im->skip_at >= im->skip.len)
		return false;
	memcpy(&row, im->skip.p + im->skip_at, sizeof(row));
	if (row != sheet_row(im->sheet))
		return false;
	im->skip_at += sizeof(row);
	return true;
}

static enum am_err
next_row(void *arg, struct bulk_row *out, struct why *why)
{
	struct import *im = arg;

	do
		AM_TRY(sheet_next(im->sheet, out, why));
	while (is_skipped(im));
	return AM_OK;
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

	AM_TRY(sheet_rewind(im->sheet, s->why));
	err = bulk_deposit(
	    s, k, &source, cores > 0 ? (unsigned)cores : 1, tell, im, done);
	if (err != AM_OK && done->deposits > 0)
		fprintf(stderr,
		    "amanat: %lu of %lu are in; run it again with "
		    "--skip-existing for the rest\n",
		    (unsigned long)done->deposits, (unsigned long)im->rows);
	return err;
}

/* ---- the verb */

static void
report(const struct import *im, const struct bulk_done *done)
{
	if (im->d->call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_uint(&j, "rows", im->rows);
		out_json_uint(&j, "skipped", im->skipped);
		out_json_uint(&j, "sealed", done->deposits);
		out_json_uint(&j, "batches", done->batches);
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
	if (im->skipped > 0)
		cmd_say(im->d->call, "%lu existed and were passed over",
		    (unsigned long)im->skipped);
}

static AM_RESULT
run(struct import *im)
{
	struct session *s = im->d->session;
	const struct cmd_call *call = im->d->call;
	const struct sheet_defaults given = { cmd_opt(call, "safe"),
		cmd_opt(call, "class"), cmd_opt(call, "type") };
	struct bulk_done done = { 0 };
	session_key_auto k = { 0 };
	enum am_err err;

	err = sheet_open(im->file, &given, s->why, &im->sheet);
	if (err == AM_OK)
		err = check_all(im);
	if (err != AM_OK)
		return desk_done(im->d, err, "import it");
	if (!im->dry_run && im->rows > 0) {
		AM_TRY(desk_key(im->d, NULL, &k));
		AM_TRY(desk_done(im->d, seal_all(im, &k, &done), "import it"));
	}
	report(im, &done);
	return AM_OK;
}

AM_RESULT
import_file(struct cmd_call *call)
{
	AM_CLEANUP(import_end)
	struct import im = { .file = call->args[0],
		.skip_existing = cmd_flag(call, "skip-existing"),
		.dry_run = cmd_flag(call, "dry-run") };
	desk_auto d = { 0 };

	randombytes_buf(im.seed, sizeof(im.seed));
	AM_TRY(desk_open(call, !im.dry_run, &d));
	im.d = &d;
	return run(&im);
}
