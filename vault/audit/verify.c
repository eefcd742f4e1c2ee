#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "vault/audit/verify.h"

#include "vault/acts/heads.h"
#include "vault/audit/bundle.h"
#include "vault/audit/findings.h"
#include "vault/audit/pool.h"
#include "vault/audit/roots.h"
#include "vault/audit/spill.h"
#include "vault/base/enc.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/partial.h"
#include "vault/log/canon.h"
#include "vault/state/logkey.h"
#include "vault/state/state.h"

struct run {
	const struct verify_lines *lines;
	const struct verify_means *means;
	struct verify_report *r;
	struct why why; /* why the files behind these two failed */
	struct spill *tables;
	struct roots *roots;
	struct pool *pool;
	struct state state;
	bool replay_failed;
	enum am_err replay_err;
	uint64_t replay_leaf;
	struct why replay_why;
	struct findings *findings;
};

enum am_err
verify_error(const struct verify_report *r)
{
	switch (r->verdict) {
	case VERIFY_SOUND:
	case VERIFY_FINDINGS:
		return AM_OK;
	case VERIFY_STALE:
		return AM_ERR_STALE;
	case VERIFY_BROKEN:
		return AM_ERR_VERIFY;
	}
	return AM_ERR_INTERNAL;
}

static void
broken(struct verify_report *r, const char *code, const char *text)
{
	r->verdict = VERIFY_BROKEN;
	(void)snprintf(r->code, sizeof(r->code), "%s", code);
	(void)snprintf(r->text, sizeof(r->text), "%s", text);
}

static void AM_PRINTF(2, 3) stale(struct verify_report *r, const char *fmt, ...)
{
	va_list ap;

	broken(r, "V05", "");
	r->verdict = VERIFY_STALE;
	va_start(ap, fmt);
	(void)vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

static void
broken_at(struct verify_report *r, uint64_t leaf, const struct why *why)
{
	broken(r, why->rule, why->text);
	r->has_leaf = true;
	r->leaf = leaf;
}

/* ---- one pass over the lines */

static bool
prevents_a_verdict(enum am_err err)
{
	return err == AM_ERR_NOMEM || err == AM_ERR_INTERNAL ||
	    err == AM_ERR_IO;
}

static AM_RESULT
replay_one(struct run *u, const struct statement *s, uint64_t leaf)
{
	struct state_beside beside = { 0 };

	if (u->replay_failed)
		return AM_OK;
	AM_TRY(findings_before(u->findings, s, leaf));
	if (u->lines->partial != NULL)
		AM_TRY(u->lines->partial(u->lines->arg, leaf, &beside.partial));
	if (beside.partial != NULL && strcmp(s->kind, "approve") != 0)
		u->replay_err = why_say(&u->replay_why, AM_ERR_VERIFY, "V18",
		    "a partial is given for a statement that is no approval");
	else
		u->replay_err =
		    state_apply(&u->state, s, leaf, &beside, &u->replay_why);
	if (prevents_a_verdict(u->replay_err))
		return u->replay_err;
	u->replay_failed = u->replay_err != AM_OK;
	u->replay_leaf = leaf;
	return u->replay_failed
	    ? AM_OK
	    : findings_after(u->findings, s, leaf, beside.partial != NULL);
}

/* V02 for all lines, the tree, and the replay as far as it goes. *out tells
 * whether the lines could all be read. */
static AM_RESULT
read_lines(struct run *u, bool *out)
{
	for (uint64_t leaf = 0;; leaf++) {
		statement_auto s = { 0 };
		struct why why = { 0 };
		struct bytes line = { 0 };
		enum am_err err = u->lines->get(u->lines->arg, leaf, &line);

		if (err == AM_ERR_NOT_FOUND)
			break;
		if (err == AM_OK)
			err = statement_parse(line, &why, &s);
		else if (err == AM_ERR_CORRUPT)
			(void)why_say(&why, err, "V02",
			    "the line is too long or has no newline");
		if (err == AM_ERR_CORRUPT) {
			broken_at(u->r, leaf, &why);
			*out = false;
			return AM_OK;
		}
		AM_TRY(err);
		if (u->lines->seen != NULL)
			AM_TRY(u->lines->seen(u->lines->arg, leaf, &s));
		AM_TRY(replay_one(u, &s, leaf));
		AM_TRY(roots_append(u->roots, s.leaf));
		u->r->statements = leaf + 1;
	}
	AM_TRY(roots_at(u->roots, u->r->statements, u->r->root));
	*out = true;
	return AM_OK;
}

/* ---- checkpoints: V04, V05 */

static AM_RESULT
origin_of(struct run *u, char out[static NOTE_ORIGIN_MAX])
{
	char hex[ENC_HEX_LEN(16) + 1];

	AM_TRY(rows_get_vault(
	    &u->state.view, (struct bytes){ NULL, 0 }, &u->r->vault));
	enc_hex((struct bytes){ u->r->vault.vault, 16 }, hex);
	(void)snprintf(
	    out, NOTE_ORIGIN_MAX, "%s/amanat/%s", u->r->vault.rpid, hex);
	return AM_OK;
}

static bool
checkpoint_fits(struct run *u, const char *origin, struct bytes text)
{
	struct note n = { 0 };

	if (note_open(text, origin, u->r->vault.logkey, &n) != AM_OK) {
		broken(u->r, "V04",
		    "the checkpoint is not signed by the vault's log key");
		return false;
	}
	if (n.size != u->r->statements ||
	    !bytes_same((struct bytes){ n.root, 32 },
		(struct bytes){ u->r->root, 32 })) {
		broken(u->r, "V04",
		    "the lines do not give the size and root that the "
		    "checkpoint has");
		return false;
	}
	return true;
}

/* R13.24: signed by the key that was in force at its size. */
static AM_RESULT
compare_since(struct run *u, struct bytes text, bool *out)
{
	struct verify_report *r = u->r;
	struct note n = { 0 };
	uint8_t root[32];

	*out = false;
	if (logkey_open(&u->state.view, text, &n) != AM_OK) {
		broken(r, "V05", "the earlier checkpoint is not of this vault");
		return AM_OK;
	}
	if (n.size > r->statements) {
		stale(r,
		    "this history has %lu statements, the earlier checkpoint "
		    "%lu: its end was cut off",
		    (unsigned long)r->statements, (unsigned long)n.size);
		return AM_OK;
	}
	AM_TRY(roots_at(u->roots, n.size, root));
	*out = bytes_same(
	    (struct bytes){ root, 32 }, (struct bytes){ n.root, 32 });
	if (!*out)
		broken(r, "V05",
		    "the history is not a continuation of the earlier "
		    "checkpoint: it was rewritten");
	return AM_OK;
}

/* What this machine has seen of the vault (R7.3); it moves nothing. */
static AM_RESULT
compare_remembered(struct run *u, bool *out)
{
	struct verify_report *r = u->r;
	struct note seen = { 0 };
	uint8_t root[32];
	const char *dir = u->means->heads_dir;
	const enum am_err err = dir == NULL
	    ? AM_ERR_NOT_FOUND
	    : heads_get(dir, r->vault.vault, &seen);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	if (err != AM_OK)
		return why_say(&u->why, AM_ERR_INCOMPLETE, "R7.3",
		    "the remembered head in '%s' cannot be read; repair it or "
		    "move it away",
		    dir);
	r->remembered = seen.size;
	*out = false;
	if (seen.size > r->statements) {
		stale(r,
		    "this history has %lu statements, but this machine has "
		    "seen %lu of this vault: it is older, or its end was cut "
		    "off",
		    (unsigned long)r->statements, (unsigned long)seen.size);
		return AM_OK;
	}
	AM_TRY(roots_at(u->roots, seen.size, root));
	*out = bytes_same(
	    (struct bytes){ root, 32 }, (struct bytes){ seen.root, 32 });
	if (!*out)
		broken(r, "V05",
		    "the history is not a continuation of the one that this "
		    "machine has seen of this vault: one of them was "
		    "rewritten");
	return AM_OK;
}

/* R13.22: the order in which failures are named. */
static AM_RESULT
conclude(struct run *u, struct bytes note, struct bytes since)
{
	char origin[NOTE_ORIGIN_MAX];
	struct verify_report *r = u->r;
	uint64_t leaf = 0;
	struct why why = { 0 };
	bool fits = true;
	enum am_err claims = pool_finish(u->pool, &why, &leaf);

	if (u->replay_failed && u->replay_leaf == 0) {
		broken_at(r, 0, &u->replay_why);
		return AM_OK;
	}
	if (r->statements == 0) {
		broken(r, "V03", "the log is empty");
		return AM_OK;
	}
	AM_TRY(origin_of(u, origin));
	fits = checkpoint_fits(u, origin, note);
	if (fits && since.len > 0)
		AM_TRY(compare_since(u, since, &fits));
	if (fits)
		AM_TRY(compare_remembered(u, &fits));
	/* A failing statement says more than a root that does not fit. */
	if (claims != AM_OK && (!u->replay_failed || leaf < u->replay_leaf)) {
		if (r->verdict != VERIFY_STALE)
			broken_at(r, leaf, &why);
		return AM_OK;
	}
	if (u->replay_failed) {
		if (r->verdict != VERIFY_STALE)
			broken_at(r, u->replay_leaf, &u->replay_why);
		return AM_OK;
	}
	if (r->vault.batch_left > 0) {
		broken(r, "V09", "the last batch has fewer items than it says");
		return AM_OK;
	}
	if (u->lines->end != NULL)
		AM_TRY(u->lines->end(u->lines->arg, r));
	if (!fits || r->verdict == VERIFY_BROKEN)
		return AM_OK;
	AM_TRY(findings_report(
	    u->findings, u->means, u->lines->partial != NULL, r));
	r->verdict = r->finding_count > 0 ? VERIFY_FINDINGS : VERIFY_SOUND;
	return AM_OK;
}

static AM_RESULT
run_all(struct run *u, struct bytes note, struct bytes since,
    const struct verify_means *means)
{
	bool readable = false;

	AM_TRY(spill_new(means->tmp, &u->why, &u->tables));
	AM_TRY(roots_new(means->tmp, &u->why, &u->roots));
	AM_TRY(pool_new(means->threads, &u->pool));
	u->state = (struct state){ .view = spill_view(u->tables),
		.root_at = roots_at,
		.root_arg = u->roots,
		.claims = pool_sink(u->pool) };
	AM_TRY(findings_new(&u->state.view, &u->findings));
	AM_TRY(read_lines(u, &readable));
	return readable ? conclude(u, note, since) : AM_OK;
}

AM_RESULT
verify_history(const struct verify_lines *lines, struct bytes note,
    struct bytes since, const struct verify_means *means, struct why *why,
    struct verify_report *out)
{
	struct run u = { .lines = lines, .means = means, .r = out };
	enum am_err err;

	*out = (struct verify_report){ 0 };
	err = run_all(&u, note, since, means);
	pool_free(u.pool);
	findings_free(u.findings);
	roots_free(u.roots);
	spill_free(u.tables);
	if (err != AM_OK && u.why.text[0] != '\0')
		*why = u.why;
	return err;
}

/* ---- a bundle on disk */

/* A file of lines, of which none may be longer than a statement: whatever
 * somebody made of it, it is read in constant memory. */
struct line_file {
	FILE *f; /* NULL: there is none */
	size_t from, to;
	uint8_t piece[2 * (CANON_LINE_MAX + 1)];
};

/* The next line without its newline, lent until the call after. */
static AM_RESULT
read_line(struct line_file *l, struct bytes *out)
{
	for (;;) {
		const uint8_t *start = l->piece + l->from;
		const size_t len = l->to - l->from;
		const uint8_t *end = memchr(start, '\n', len);
		const size_t n = end == NULL ? len : (size_t)(end - start);
		size_t got;

		if (n > CANON_LINE_MAX)
			return AM_ERR_CORRUPT;
		if (end != NULL) {
			*out = (struct bytes){ start, n };
			l->from += n + 1;
			return AM_OK;
		}
		memmove(l->piece, start, len);
		l->from = 0;
		l->to = len;
		got = fread(l->piece + len, 1, sizeof(l->piece) - len, l->f);
		if (got == 0)
			return ferror(l->f) ? AM_ERR_IO
			    : len > 0       ? AM_ERR_CORRUPT
					    : AM_ERR_NOT_FOUND;
		l->to += got;
	}
}

/* partials.jsonl, where there is one, goes along with log.jsonl, since both
 * are in the order of leaves. */
struct reader {
	const char *dir;
	const struct why *sums;      /* NULL: they are right */
	struct hash_stream *attests; /* what attestation.jsonl should be */
	struct line_file log, partials;
	uint64_t partial_leaf;
	bool have_partial, bad_partial;
	uint8_t partial[PARTIAL_BYTES];
};

static enum am_err
next_line(void *arg, uint64_t leaf, struct bytes *out)
{
	struct reader *r = arg;

	(void)leaf;
	return read_line(&r->log, out);
}

static AM_RESULT
parse_partial(struct reader *r, struct bytes line)
{
	static const char *const keys[] = { "leaf", "partial" };
	canon_auto *doc = NULL;

	AM_TRY(canon_parse(line, &doc));
	if (!canon_keys_are(doc, keys, 2))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_uint(doc, "leaf", &r->partial_leaf));
	return canon_get_b64(doc, "partial", r->partial, PARTIAL_BYTES);
}

static enum am_err
partial_at(void *arg, uint64_t leaf, const uint8_t **out)
{
	struct reader *r = arg;

	while (r->partials.f != NULL && !r->bad_partial &&
	    (!r->have_partial || r->partial_leaf < leaf)) {
		const bool first = !r->have_partial;
		const uint64_t last = r->partial_leaf;
		struct bytes line = { 0 };
		const enum am_err err = read_line(&r->partials, &line);

		if (err == AM_ERR_NOT_FOUND)
			return AM_OK;
		if (err == AM_ERR_IO)
			return err;
		r->have_partial = true;
		/* Out of order, a line would be passed over (R13.24). */
		r->bad_partial = err != AM_OK ||
		    parse_partial(r, line) != AM_OK ||
		    (!first && r->partial_leaf <= last);
	}
	if (r->have_partial && r->partial_leaf == leaf)
		*out = r->partial;
	return AM_OK;
}

static enum am_err
note_attestation(void *arg, uint64_t leaf, const struct statement *s)
{
	struct reader *r = arg;
	blob_auto line = { 0 };
	const enum am_err err = bundle_attestation(s, leaf, &line);

	if (err == AM_OK)
		hash_stream_add(r->attests, blob_bytes(&line));
	/* A field that is no good is for the rules to say. */
	return err == AM_ERR_CORRUPT ? AM_OK : err;
}

/* No line of partials.jsonl is left unread, or beyond the log. */
static AM_RESULT
check_rest_of_partials(struct reader *r, struct verify_report *out)
{
	const uint8_t *none = NULL;

	AM_TRY(partial_at(r, UINT64_MAX, &none));
	if (r->bad_partial ||
	    (r->have_partial && r->partial_leaf >= out->statements))
		broken(out, "V18",
		    "a line of partials.jsonl is malformed or not in order");
	return AM_OK;
}

static void
reader_end(struct reader **r)
{
	uint8_t unused[32];

	if (*r == NULL)
		return;
	if ((*r)->attests != NULL)
		hash_stream_end(&(*r)->attests, unused);
	if ((*r)->log.f != NULL)
		(void)fclose((*r)->log.f);
	if ((*r)->partials.f != NULL)
		(void)fclose((*r)->partials.f);
	free(*r);
}

static AM_RESULT
open_in(const char *dir, const char *name, FILE **out)
{
	char path[PATH_MAX];
	const int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n <= 0 || n >= PATH_MAX)
		return AM_ERR_INVALID;
	*out = fopen(path, "rbe");
	return *out == NULL ? AM_ERR_IO : AM_OK;
}

static void
differs(struct verify_report *r, const char *name)
{
	char text[128];

	(void)snprintf(text, sizeof(text),
	    "the file '%s' is not what the log says that it is", name);
	broken(r, "V01", text);
}

static AM_RESULT
check_sum(const char *dir, const char *name, const uint8_t want[static 32],
    struct verify_report *r)
{
	uint8_t got[32];

	AM_TRY(bundle_sum(dir, name, got));
	if (!bytes_same((struct bytes){ want, 32 }, (struct bytes){ got, 32 }))
		differs(r, name);
	return AM_OK;
}

static AM_RESULT
check_text(const char *dir, const char *name, struct bytes want,
    struct verify_report *r)
{
	uint8_t sum[32];

	hash_sha256(&want, 1, sum);
	return check_sum(dir, name, sum, r);
}

/* These are for people and other programs, and must not tell them another
 * story than the log does. */
static AM_RESULT
check_beside(struct reader *d, struct verify_report *r)
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	uint8_t attests[32];
	blob_auto key = { 0 };

	enc_hex((struct bytes){ r->vault.vault, 16 }, hex);
	(void)snprintf(
	    origin, sizeof(origin), "%s/amanat/%s", r->vault.rpid, hex);
	AM_TRY(note_vkey(origin, r->vault.logkey, &key));
	hash_stream_end(&d->attests, attests);
	AM_TRY(check_text(d->dir, "keys.txt", blob_bytes(&key), r));
	AM_TRY(check_text(d->dir, "README", bundle_readme(), r));
	return check_sum(d->dir, "attestation.jsonl", attests, r);
}

/* V01 comes before what the checkpoint says, V18 after it (R13.22). */
static enum am_err
check_files(void *arg, struct verify_report *r)
{
	struct reader *d = arg;

	if (d->sums != NULL) {
		broken(r, "V01", d->sums->text);
		return AM_OK;
	}
	AM_TRY(check_beside(d, r));
	return r->verdict == VERIFY_SOUND ? check_rest_of_partials(d, r)
					  : AM_OK;
}

static AM_RESULT
verify_files(const char *dir, struct bytes since,
    const struct verify_means *means, const struct why *sums, struct why *why,
    struct verify_report *out)
{
	AM_CLEANUP(reader_end) struct reader *r = calloc(1, sizeof(*r));
	const struct verify_lines lines = { .get = next_line,
		.arg = r,
		.seen = note_attestation,
		.end = check_files,
		.partial = partial_at };
	blob_auto note = { 0 };

	if (r == NULL)
		return AM_ERR_NOMEM;
	r->dir = dir;
	r->sums = sums;
	AM_TRY(hash_stream_new(&r->attests));
	if (open_in(dir, "log.jsonl", &r->log.f) != AM_OK ||
	    bundle_read(dir, "checkpoint.note", NOTE_MAX, &note) != AM_OK)
		return why_say(why, AM_ERR_IO, "V01",
		    "cannot read log and checkpoint in '%s'", dir);
	if (open_in(dir, "partials.jsonl", &r->partials.f) != AM_OK)
		r->partials.f = NULL; /* only there on request */
	return verify_history(
	    &lines, blob_bytes(&note), since, means, why, out);
}

AM_RESULT
verify_bundle(const char *dir, struct bytes since,
    const struct verify_means *means, struct why *why,
    struct verify_report *out)
{
	struct why sums = { 0 };
	const enum am_err err = bundle_check_sums(dir, &sums);

	if (err != AM_OK && err != AM_ERR_VERIFY && err != AM_ERR_CORRUPT) {
		*why = sums;
		return err;
	}
	*out = (struct verify_report){ 0 };
	if (err == AM_ERR_CORRUPT) { /* not even the file set */
		broken(out, "V01", sums.text);
		return AM_OK;
	}
	AM_TRY(verify_files(
	    dir, since, means, err == AM_OK ? NULL : &sums, why, out));
	/* The sums prove nothing; the statement that is wrong says more. */
	if (err == AM_ERR_VERIFY && !out->has_leaf) {
		broken(out, "V01", sums.text);
		return AM_OK;
	}
	return AM_OK;
}
