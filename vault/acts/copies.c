#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "vault/acts/copies.h"

#include "vault/acts/limits.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/inforce.h"
#include "vault/store/hostfile.h"

enum { FILE_MAX = 64, HOUR = 3600, DAY = 24 * HOUR, DIGITS_MAX = 18 };

static const char first_line[] = "amanat-copied 1\n";

/* ---- when it was copied */

/* A number, and the byte after it. */
static AM_RESULT
take_number(struct bytes *rest, char end, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < rest->len && rest->p[i] >= '0' && rest->p[i] <= '9'; i++)
		n = n * 10 + (rest->p[i] - '0');
	if (i == 0 || i > DIGITS_MAX || i == rest->len ||
	    rest->p[i] != (uint8_t)end)
		return AM_ERR_CORRUPT;
	rest->p += i + 1;
	rest->len -= i + 1;
	*out = n;
	return AM_OK;
}

static AM_RESULT
parse(struct bytes text, struct copies_last *out)
{
	const size_t skip = sizeof(first_line) - 1;
	struct copies_last last = { 0 };
	struct bytes rest;
	uint64_t at = 0;

	if (text.len < skip ||
	    !bytes_same((struct bytes){ text.p, skip },
		(struct bytes){ (const uint8_t *)first_line, skip }))
		return AM_ERR_CORRUPT;
	rest = (struct bytes){ text.p + skip, text.len - skip };
	AM_TRY(take_number(&rest, ' ', &at));
	AM_TRY(take_number(&rest, '\n', &last.size));
	last.at = (int64_t)at;
	*out = last;
	return rest.len == 0 ? AM_OK : AM_ERR_CORRUPT;
}

AM_RESULT
copies_last(struct session *s, struct copies_last *out)
{
	blob_auto text = { 0 };
	enum am_err err = store_file_get(s->store, "copied", FILE_MAX, &text);

	if (err == AM_ERR_NOT_FOUND) {
		*out = (struct copies_last){ 0 };
		return AM_OK;
	}
	if (err == AM_OK)
		err = parse(blob_bytes(&text), out);
	if (err == AM_OK)
		return AM_OK;
	return why_say(s->why, AM_ERR_INCOMPLETE, "",
	    "the file 'copied' of the vault cannot be read; remove it, and "
	    "make a backup");
}

AM_RESULT
copies_done(struct session *s, uint64_t size)
{
	hostfile_fd dir =
	    open(store_dir(s->store), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	blob_auto text = { 0 };
	enum am_err err = AM_ERR_IO;

	AM_TRY(blob_printf(&text, "%s%lld %llu\n", first_line,
	    (long long)session_now(s), (unsigned long long)size));
	if (dir >= 0)
		err = hostfile_put(dir, "copied", blob_bytes(&text));
	if (err == AM_OK)
		return AM_OK;
	return why_say(s->why, err, "",
	    "cannot write the file 'copied' of the vault: %s; 'amanat due' "
	    "goes on asking for a copy",
	    strerror(errno));
}

/* ---- what is due */

/* The shortest time that a level of an active safe allows, and which one. */
struct limit {
	int64_t is; /* LIMITS_NONE: none does */
	char level[ROWS_ID_MAX + 1];
};

static AM_RESULT
shorten(const struct due *d, const struct rows_safe *s, struct limit *io)
{
	static const uint8_t none[32];
	struct rows_level l;
	int64_t limit;
	enum am_err err;

	if (bytes_same(
		(struct bytes){ s->manifest, 32 }, (struct bytes){ none, 32 }))
		return AM_OK;
	err = inforce_level(d->v, s->level, &l);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	/* at every checkpoint: within the hour that a copy takes to be made
	 * and brought away */
	limit = l.log_copy == LEVELS_CHECKPOINT ? HOUR : l.log_copy;
	if (limit == LIMITS_NONE || (io->is != LIMITS_NONE && io->is <= limit))
		return AM_OK;
	io->is = limit;
	memcpy(io->level, s->level, sizeof(io->level));
	return AM_OK;
}

static AM_RESULT
find_limit(const struct due *d, struct limit *out)
{
	struct limit l = { .is = LIMITS_NONE };

	for (uint32_t i = 0; i < d->s->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    d->v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(d->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(shorten(d, &s, &l));
	}
	*out = l;
	return AM_OK;
}

/* Since when something is in the log that no copy has. */
static AM_RESULT
waits_since(const struct due *d, uint64_t leaf, int64_t *out)
{
	store_txn_auto *t = NULL;
	statement_auto first = { 0 };

	AM_TRY(store_begin(d->s->store, false, &t));
	AM_TRY(lookup_statement(t, leaf, d->s->why, &first));
	*out = first.at;
	return AM_OK;
}

static AM_RESULT
ask_for_copy(struct due *d, const struct limit *l,
    const struct copies_last *last, int64_t since)
{
	const bool days = l->is > DAY && l->is % DAY == 0;
	char what[256], when[WHEN_TEXT_LEN + 1];

	when_text(last->at, when);
	(void)snprintf(what, sizeof(what),
	    "the log was %s%s: level %s asks for a copy on another system "
	    "within %lld%s of what is written",
	    last->at == 0 ? "never copied" : "last copied at ",
	    last->at == 0 ? "" : when, l->level,
	    (long long)(l->is / (days ? DAY : HOUR)), days ? "d" : "h");
	return due_add(d, since + l->is, NULL, what,
	    "amanat backup FILE, or amanat export DIR, to another system");
}

enum am_err
copies_due(struct due *d)
{
	struct copies_last last = { 0 };
	struct limit l;
	int64_t since = 0;

	AM_TRY(find_limit(d, &l));
	if (l.is == LIMITS_NONE)
		return AM_OK;
	/* what is damaged, or of a longer log than this one, says nothing */
	if (copies_last(d->s, &last) != AM_OK || last.size > d->s->vault.size)
		last = (struct copies_last){ 0 };
	if (last.size == d->s->vault.size)
		return AM_OK;
	AM_TRY(waits_since(d, last.size, &since));
	return d->now - since < l.is / 2 ? AM_OK
					 : ask_for_copy(d, &l, &last, since);
}
