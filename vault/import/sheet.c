#include "vault/import/sheet.h"

#include "vault/import/grid.h"
#include "vault/import/utf8.h"

static const struct {
	const char *name;
	enum draft_field field;
} known[] = {
	{ "name", DRAFT_NAME },
	{ "secret", DRAFT_SECRET },
	{ "password", DRAFT_SECRET },
	{ "user", DRAFT_USER },
	{ "url", DRAFT_URL },
	{ "notes", DRAFT_NOTES },
	{ "totp", DRAFT_TOTP },
	{ "safe", DRAFT_SAFE },
	{ "class", DRAFT_CLASS },
	{ "type", DRAFT_TYPE },
};

struct sheet {
	struct grid grid;
	const struct map *map;   /* or NULL */
	int place[DRAFT_FIELDS]; /* cell of a field, or -1 */
	size_t width;
	bool login;
};

void
sheet_free(struct sheet *s)
{
	if (s == NULL)
		return;
	feed_free(s->grid.feed);
	free(s);
}

/* ---- our heading */

static AM_RESULT
place_column(struct sheet *s, size_t cell, struct bytes name, struct why *why)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(known); i++) {
		if (!grid_is_text(name, known[i].name))
			continue;
		if (s->place[known[i].field] >= 0)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "column %zu, '%s', is there twice", cell + 1,
			    known[i].name);
		s->place[known[i].field] = (int)cell;
		s->login |= known[i].field == DRAFT_USER ||
		    known[i].field == DRAFT_URL ||
		    grid_is_text(name, "password");
		return AM_OK;
	}
	return why_say(why, AM_ERR_INCOMPLETE, "",
	    "column %zu has a heading that is none of name, secret, password, "
	    "user, url, notes, totp, safe, class and type; --map says what "
	    "other columns are, and --as subscriptions reads a register of "
	    "contracts",
	    cell + 1);
}

static AM_RESULT
place_ours(struct sheet *s, const struct csv_row *row, struct why *why)
{
	for (size_t i = 0; i < row->count; i++)
		AM_TRY(place_column(s, i, row->cells[i], why));
	if (s->place[DRAFT_NAME] < 0 || s->place[DRAFT_SECRET] < 0)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "the heading names no column '%s'",
		    s->place[DRAFT_NAME] < 0 ? "name" : "secret' or 'password");
	return AM_OK;
}

/* ---- that of the map */

static AM_RESULT
place_mapped(struct sheet *s, const struct csv_row *row, struct why *why)
{
	for (size_t f = 0; f < DRAFT_FIELDS; f++) {
		const char *word = s->map->columns[f];

		if (word == NULL)
			continue;
		AM_TRY(grid_column(
		    row, s->map->no_header, word, &s->place[f], why));
		for (size_t i = 0; i < f; i++)
			if (s->place[i] == s->place[f])
				return why_say(why, AM_ERR_INCOMPLETE, "",
				    "the map uses column '%s' twice", word);
	}
	s->login = true;
	return AM_OK;
}

static AM_RESULT
read_heading(struct sheet *s, struct why *why)
{
	const bool none = s->map != NULL && s->map->no_header;
	struct csv_row row = { .count = CSV_CELLS_MAX };
	enum am_err err = AM_OK;

	if (!none)
		err = grid_next(&s->grid, &row, why);
	if (err == AM_ERR_NOT_FOUND)
		return why_say(
		    why, AM_ERR_INCOMPLETE, "", "the file has no heading");
	AM_TRY(err);
	s->width = none ? 0 : row.count;
	return s->map == NULL ? place_ours(s, &row, why)
			      : place_mapped(s, &row, why);
}

AM_RESULT
sheet_rewind(struct sheet *s, struct why *why)
{
	AM_TRY(grid_rewind(&s->grid, why));
	for (size_t i = 0; i < DRAFT_FIELDS; i++)
		s->place[i] = -1;
	return read_heading(s, why);
}

AM_RESULT
sheet_open(struct feed *feed, const struct map *map, struct why *why,
    struct sheet **out)
{
	sheet_auto *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		feed_free(feed);
		return AM_ERR_NOMEM;
	}
	s->grid = (struct grid){ .feed = feed,
		.delimiter = (char)(map != NULL ? map->delimiter : ',') };
	s->map = map;
	AM_TRY(sheet_rewind(s, why));
	*out = AM_TAKE(s);
	return AM_OK;
}

const char *
sheet_type(const struct sheet *s)
{
	return s->login ? "login" : "note";
}

size_t
sheet_unused(const struct sheet *s)
{
	size_t used = 0;

	for (size_t i = 0; i < DRAFT_FIELDS; i++)
		used += s->place[i] >= 0;
	return s->width > used ? s->width - used : 0;
}

/* ---- rows */

static void
read_cells(const struct sheet *s, const struct csv_row *row, struct draft *out)
{
	for (size_t f = 0; f < DRAFT_FIELDS; f++) {
		struct bytes cell;

		if (s->place[f] < 0)
			continue;
		if ((size_t)s->place[f] >= row->count) {
			draft_fault(out,
			    "it has no column %d, which the map names",
			    s->place[f] + 1);
			return;
		}
		cell = row->cells[s->place[f]];
		if (s->map != NULL && !utf8_valid(cell))
			draft_fault(out,
			    "column %d is not UTF-8; save the file as UTF-8",
			    s->place[f] + 1);
		draft_set(out, f, draft_add(out, cell));
	}
}

AM_RESULT
sheet_next(struct sheet *s, struct draft *out, struct why *why)
{
	struct csv_row row;

	do
		AM_TRY(grid_next(&s->grid, &row, why));
	while (grid_is_empty(&row));
	draft_begin(out, s->grid.row);
	if (s->width == 0) /* no heading: the first row is as good as any */
		s->width = row.count;
	if (row.count != s->width)
		draft_fault(out, "it has %zu cells, the %s has %zu", row.count,
		    s->map != NULL && s->map->no_header ? "first row"
							: "heading",
		    s->width);
	else
		read_cells(s, &row, out);
	return AM_OK;
}

uint64_t
sheet_row(const struct sheet *s)
{
	return s->grid.row;
}
