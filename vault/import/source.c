#include "vault/import/source.h"

#include <sys/stat.h>

#include "vault/import/bitwarden.h"
#include "vault/import/feed.h"
#include "vault/import/keepass.h"
#include "vault/import/map.h"
#include "vault/import/onepux.h"
#include "vault/import/passdir.h"
#include "vault/import/sheet.h"

enum format { CSV, BITWARDEN, KEEPASS, PASS, ONEPUX, FORMATS };

static const struct {
	const char *name, *title;
} formats[FORMATS] = {
	[CSV] = { "csv", "CSV" },
	[BITWARDEN] = { "bitwarden", "a Bitwarden export (JSON)" },
	[KEEPASS] = { "keepass", "a KeePass 2 export (XML)" },
	[PASS] = { "pass", "a password store of pass" },
	[ONEPUX] = { "1pux", "a 1Password export (1PUX)" },
};

struct source {
	enum format format;
	bool mapped;
	struct map map;
	struct draft *draft;
	struct sheet *sheet; /* one of these */
	struct bitwarden *bitwarden;
	struct keepass *keepass;
	struct passdir *pass;
	struct onepux *onepux;
};

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	sheet_free(s->sheet);
	bitwarden_free(s->bitwarden);
	keepass_free(s->keepass);
	passdir_free(s->pass);
	onepux_free(s->onepux);
	draft_free(s->draft);
	map_free(&s->map);
	free(s);
}

/* ---- which format */

static AM_RESULT
name_format(const char *name, enum format *out, struct why *why)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0) {
			*out = i;
			return AM_OK;
		}
	return why_say(why, AM_ERR_INVALID, "",
	    "'%s' is no format; there are " SOURCE_FORMATS, name);
}

/* The first bytes of files that people have and we do not read. */
static AM_RESULT
refuse_others(struct bytes head, struct why *why)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *what;
	} others[] = {
		{ "\x03\xd9\xa2\x9a", 4,
		    "it is a KeePass database, which is encrypted; export it "
		    "in KeePass as KeePass XML (2.x)" },
		{ "SQLite format 3", 15, "it is a database; export it as CSV" },
	};

	for (size_t i = 0; i < AM_ARRAY_LEN(others); i++)
		if (head.len >= others[i].len &&
		    bytes_same((struct bytes){ head.p, others[i].len },
			(struct bytes){
			    (const uint8_t *)others[i].magic, others[i].len }))
			return why_say(
			    why, AM_ERR_INCOMPLETE, "", "%s", others[i].what);
	return AM_OK;
}

static enum format
look(struct bytes head)
{
	size_t i = 0;

	if (head.len >= 4 &&
	    bytes_same((struct bytes){ head.p, 4 },
		(struct bytes){ (const uint8_t *)"PK\x03\x04", 4 }))
		return ONEPUX;
	while (i < head.len && strchr(" \t\r\n", head.p[i]) != NULL &&
	    head.p[i] != '\0')
		i++;
	if (i < head.len && head.p[i] == '{')
		return BITWARDEN;
	return i < head.len && head.p[i] == '<' ? KEEPASS : CSV;
}

static AM_RESULT
find_format(struct feed *f, const struct source_wish *wish, enum format *out,
    struct why *why)
{
	const struct bytes head = { feed_at(f), feed_len(f) };

	if (wish->format != NULL)
		AM_TRY(name_format(wish->format, out, why));
	else {
		AM_TRY(refuse_others(head, why));
		*out = wish->map != NULL ? CSV : look(head);
	}
	if (wish->map != NULL && *out != CSV)
		return why_say(why, AM_ERR_INVALID, "",
		    "--map is for CSV; this is %s", formats[*out].title);
	return AM_OK;
}

/* ---- opening */

/* An option goes before a constant of the map. */
static AM_RESULT
make_draft(struct source *s, const struct source_wish *wish)
{
	struct draft_rules r = { .safe = wish->safe,
		.class = wish->class,
		.type = wish->type,
		.tidy = s->format != CSV || s->mapped };

	if (r.safe == NULL)
		r.safe = s->map.constants[DRAFT_SAFE];
	if (r.class == NULL)
		r.class = s->map.constants[DRAFT_CLASS];
	if (r.type == NULL)
		r.type = s->map.constants[DRAFT_TYPE];
	if (r.type == NULL && s->sheet != NULL)
		r.type = sheet_type(s->sheet);
	AM_TRY(draft_new(&r, &s->draft));
	draft_rewind(s->draft);
	return AM_OK;
}

static AM_RESULT
open_format(struct source *s, const char *path, struct feed *f, struct why *why)
{
	switch (s->format) {
	case CSV:
		return sheet_open(
		    f, s->mapped ? &s->map : NULL, why, &s->sheet);
	case BITWARDEN:
		return bitwarden_open(f, why, &s->bitwarden);
	case KEEPASS:
		return keepass_open(f, why, &s->keepass);
	case ONEPUX: /* its text is inside */
		feed_free(f);
		return onepux_open(path, why, &s->onepux);
	case PASS: /* a file is none: said in source_open */
	case FORMATS:
		break;
	}
	return AM_ERR_INTERNAL;
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static AM_RESULT
open_directory(struct source *s, const char *path,
    const struct source_wish *wish, struct why *why)
{
	s->format = PASS;
	if (wish->format != NULL)
		AM_TRY(name_format(wish->format, &s->format, why));
	if (s->format != PASS || wish->map != NULL)
		return why_say(why, AM_ERR_INVALID, "",
		    "'%s' is a directory, which only the format pass is", path);
	return passdir_open(path, why, &s->pass);
}

static AM_RESULT
read_map(struct source *s, const char *path, struct why *why)
{
	struct why own = { 0 };
	enum am_err err;

	if (path == NULL)
		return AM_OK;
	err = map_read(path, MAP_CREDENTIALS, &own, &s->map);
	s->mapped = true;
	if (err != AM_OK && own.text[0] != '\0')
		return why_say(
		    why, err, "", "the map '%s': %s", path, own.text);
	return err;
}

static AM_RESULT
open_file(struct source *s, const char *path, const struct source_wish *wish,
    struct why *why)
{
	feed_auto *f = NULL;

	AM_TRY(feed_open(path, why, &f));
	AM_TRY(find_format(f, wish, &s->format, why));
	if (s->format == PASS)
		return why_say(why, AM_ERR_INVALID, "",
		    "'%s' is a file; the format pass is a directory", path);
	AM_TRY(read_map(s, wish->map, why));
	return open_format(s, path, AM_TAKE(f), why);
}

AM_RESULT
source_open(const char *path, const struct source_wish *wish, struct why *why,
    struct source **out)
{
	source_auto *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return AM_ERR_NOMEM;
	if (is_directory(path))
		AM_TRY(open_directory(s, path, wish, why));
	else
		AM_TRY(open_file(s, path, wish, why));
	AM_TRY(make_draft(s, wish));
	*out = AM_TAKE(s);
	return AM_OK;
}

/* ---- reading */

static AM_RESULT
next_entry(struct source *s, struct why *why)
{
	if (s->sheet != NULL)
		return sheet_next(s->sheet, s->draft, why);
	if (s->bitwarden != NULL)
		return bitwarden_next(s->bitwarden, s->draft, why);
	if (s->pass != NULL)
		return passdir_next(s->pass, s->draft, why);
	if (s->onepux != NULL)
		return onepux_next(s->onepux, s->draft, why);
	return keepass_next(s->keepass, s->draft, why);
}

AM_RESULT
source_next(struct source *s, struct draft_made *out, struct why *why)
{
	enum am_err err;

	while ((err = draft_make(s->draft, out, why)) == AM_ERR_NOT_FOUND)
		AM_TRY(next_entry(s, why));
	return err;
}

uint64_t
source_row(const struct source *s)
{
	if (s->sheet != NULL)
		return sheet_row(s->sheet);
	if (s->pass != NULL)
		return passdir_row(s->pass);
	if (s->onepux != NULL)
		return onepux_row(s->onepux);
	return s->bitwarden != NULL ? bitwarden_row(s->bitwarden)
				    : keepass_row(s->keepass);
}

AM_RESULT
source_rewind(struct source *s, struct why *why)
{
	draft_rewind(s->draft);
	if (s->pass != NULL) {
		passdir_rewind(s->pass);
		return AM_OK;
	}
	if (s->onepux != NULL)
		return onepux_rewind(s->onepux, why);
	if (s->sheet != NULL)
		return sheet_rewind(s->sheet, why);
	return s->bitwarden != NULL ? bitwarden_rewind(s->bitwarden, why)
				    : keepass_rewind(s->keepass, why);
}

const char *
source_format(const struct source *s)
{
	return formats[s->format].name;
}

const char *
source_title(const struct source *s)
{
	return formats[s->format].title;
}

size_t
source_unused(const struct source *s)
{
	return s->mapped ? sheet_unused(s->sheet) : 0;
}

uint64_t
source_deleted(const struct source *s)
{
	return s->keepass != NULL ? keepass_deleted(s->keepass) : 0;
}
