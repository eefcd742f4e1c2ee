#include "vault/import/contracts.h"

#include "vault/import/grid.h"
#include "vault/import/map.h"
#include "vault/log/canon.h"

enum {
	FIELDS = RECORD_COUNT + 1,
	ITEMS_MAX = RECORD_LIST_MAX + 1, /* one too many is told by the rules */
	/* every cell and every constant, ended by a NUL */
	SPACE = GRID_ROW_MAX + CSV_CELLS_MAX + FIELDS * (MAP_TEXT_MAX + 1),
};

struct contracts {
	struct grid grid;
	bool mapped;
	struct map map;
	int place[FIELDS]; /* cell of a field, or -1 */
	size_t width;      /* cells of a row; 0: not known yet */
	char *items[RECORD_COUNT][ITEMS_MAX];
	size_t used;
	char none[1], space[SPACE];
};

void
contracts_free(struct contracts *c)
{
	if (c == NULL)
		return;
	feed_free(c->grid.feed);
	map_free(&c->map);
	free(c);
}

static const char *
key_of(size_t f)
{
	return f == RECORD_COUNT ? "id" : record_key((enum record_field)f);
}

/* ---- headings */

static AM_RESULT
place_column(
    struct contracts *c, size_t cell, struct bytes name, struct why *why)
{
	for (size_t f = 0; f < FIELDS; f++) {
		if (!grid_is_text(name, key_of(f)))
			continue;
		if (c->place[f] >= 0)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "column %zu, '%s', is there twice", cell + 1,
			    key_of(f));
		c->place[f] = (int)cell;
		return AM_OK;
	}
	return why_say(why, AM_ERR_INCOMPLETE, "",
	    "column %zu has a heading that is neither id nor a field of a "
	    "record (amanat(1), SUBSCRIPTIONS); --map says what other columns "
	    "are",
	    cell + 1);
}

static AM_RESULT
place_ours(struct contracts *c, const struct csv_row *row, struct why *why)
{
	for (size_t i = 0; i < row->count; i++)
		AM_TRY(place_column(c, i, row->cells[i], why));
	if (c->place[RECORD_COUNT] < 0)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "the heading names no column 'id'");
	return AM_OK;
}

static AM_RESULT
place_mapped(struct contracts *c, const struct csv_row *row, struct why *why)
{
	for (size_t f = 0; f < FIELDS; f++)
		if (c->map.columns[f] != NULL)
			AM_TRY(grid_column(row, c->map.no_header,
			    c->map.columns[f], &c->place[f], why));
	return AM_OK;
}

static AM_RESULT
read_heading(struct contracts *c, struct why *why)
{
	struct csv_row row = { .count = CSV_CELLS_MAX };
	enum am_err err = AM_OK;

	if (!c->map.no_header)
		err = grid_next(&c->grid, &row, why);
	if (err == AM_ERR_NOT_FOUND)
		return why_say(
		    why, AM_ERR_INCOMPLETE, "", "the file has no heading");
	AM_TRY(err);
	c->width = c->map.no_header ? 0 : row.count;
	return c->mapped ? place_mapped(c, &row, why)
			 : place_ours(c, &row, why);
}

AM_RESULT
contracts_rewind(struct contracts *c, struct why *why)
{
	AM_TRY(grid_rewind(&c->grid, why));
	for (size_t f = 0; f < FIELDS; f++)
		c->place[f] = -1;
	return read_heading(c, why);
}

/* ---- opening */

static AM_RESULT
read_map(struct contracts *c, const char *path, struct why *why)
{
	struct why own = { 0 };
	enum am_err err;

	c->map.delimiter = ',';
	if (path == NULL)
		return AM_OK;
	err = map_read(path, MAP_SUBSCRIPTIONS, &own, &c->map);
	c->mapped = true;
	if (err != AM_OK && own.text[0] != '\0')
		return why_say(
		    why, err, "", "the map '%s': %s", path, own.text);
	return err;
}

static AM_RESULT
refuse_others(struct feed *f, struct why *why)
{
	if (feed_len(f) >= 4 &&
	    grid_is_text((struct bytes){ feed_at(f), 4 }, "PK\x03\x04"))
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "a spreadsheet has to be saved as CSV first");
	return AM_OK;
}

static AM_RESULT
open_all(
    struct contracts *c, const char *path, const char *map, struct why *why)
{
	AM_TRY(read_map(c, map, why));
	AM_TRY(feed_open(path, why, &c->grid.feed));
	AM_TRY(refuse_others(c->grid.feed, why));
	c->grid.delimiter = c->map.delimiter;
	return contracts_rewind(c, why);
}

AM_RESULT
contracts_open(
    const char *path, const char *map, struct why *why, struct contracts **out)
{
	struct contracts *c = calloc(1, sizeof(*c));
	enum am_err err;

	if (c == NULL)
		return AM_ERR_NOMEM;
	err = open_all(c, path, map, why);
	if (err == AM_OK)
		*out = c;
	else
		contracts_free(c);
	return err;
}

uint64_t
contracts_at(const struct contracts *c)
{
	return c->grid.row;
}

size_t
contracts_unused(const struct contracts *c)
{
	size_t used = 0;

	/* two fields may be of one column */
	for (size_t i = 0; i < c->width; i++) {
		size_t f = 0;

		while (f < FIELDS && c->place[f] != (int)i)
			f++;
		used += f < FIELDS;
	}
	return c->width - used;
}

/* ---- rows */

/* ' before what a spreadsheet would run, however many stand there already. */
static struct bytes
unguarded(struct bytes cell)
{
	static const char signs[] = { '=', '+', '-', '@' };
	size_t n = 0;

	while (n < cell.len && cell.p[n] == '\'')
		n++;
	if (n == 0 || n == cell.len ||
	    memchr(signs, cell.p[n], sizeof(signs)) == NULL)
		return cell;
	return (struct bytes){ cell.p + 1, cell.len - 1 };
}

/* A copy that ends with a NUL. There is room for every cell once; two fields of
 * one column may have to go without. */
static char *
copy(struct contracts *c, struct bytes cell)
{
	char *to = c->space + c->used;

	if (cell.len + 1 > sizeof(c->space) - c->used)
		return NULL;
	if (cell.len > 0)
		memcpy(to, cell.p, cell.len);
	to[cell.len] = '\0';
	c->used += cell.len + 1;
	return to;
}

/* Without the blanks around it, or as a line, without its CR. */
static char *
trimmed(char *from, char *end, bool line)
{
	const char *set = line ? "\r" : " \t\r";

	while (from < end && !line && strchr(set, *from) != NULL)
		from++;
	while (end > from && strchr(set, end[-1]) != NULL)
		end--;
	*end = '\0';
	return from;
}

static bool
split(char *text, char *to[static ITEMS_MAX], unsigned *out_count)
{
	const char by = strchr(text, '\n') != NULL ? '\n' : ';';
	bool good = true;

	*out_count = 0;
	for (char *at = text; at != NULL && *out_count < ITEMS_MAX;) {
		char *end = strchr(at, by);
		char *next = end == NULL ? NULL : end + 1;
		char *item = trimmed(
		    at, end == NULL ? strchr(at, '\0') : end, by == '\n');

		good &= canon_text_ok(
		    (struct bytes){ (const uint8_t *)item, strlen(item) });
		if (*item != '\0')
			to[(*out_count)++] = item;
		at = next;
	}
	return good;
}

/* False: no record can hold it. */
static bool
fill_cell(
    struct contracts *c, size_t f, struct bytes text, struct flat_cell *to)
{
	char *own = copy(c, text);

	if (own == NULL)
		return false;
	if (f < RECORD_COUNT && record_is_list((enum record_field)f)) {
		to->list = c->items[f];
		if (split(own, to->list, &to->count))
			return true;
		*to = (struct flat_cell){ .text = NULL };
		return false;
	}
	to->text = own;
	if (canon_text_ok(text))
		return true;
	to->text = NULL;
	return false;
}

static AM_RESULT
fill_row(struct contracts *c, const struct csv_row *row,
    struct contracts_row *out, struct why *why)
{
	*out = (struct contracts_row){ 0 };
	c->used = 0;
	for (size_t f = 0; f < FIELDS; f++) {
		const char *constant = c->map.constants[f];
		struct bytes text = { 0 };

		if (c->place[f] >= 0 && (size_t)c->place[f] >= row->count)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "it has no column %d, which the map names",
			    c->place[f] + 1);
		if (c->place[f] >= 0)
			text = unguarded(row->cells[c->place[f]]);
		if (text.len == 0 && constant != NULL)
			text = (struct bytes){ (const uint8_t *)constant,
				strlen(constant) };
		out->bad[f] = !fill_cell(c, f, text, &out->cells.cells[f]);
	}
	if (out->bad[RECORD_COUNT])
		out->cells.cells[RECORD_COUNT].text = c->none;
	return AM_OK;
}

/* Spreadsheets write rows of nothing but commas. */
static bool
is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->cells[i].len > 0)
			return false;
	return true;
}

AM_RESULT
contracts_next(struct contracts *c, struct contracts_row *out, struct why *why)
{
	struct csv_row row;

	do
		AM_TRY(grid_next(&c->grid, &row, why));
	while (is_blank(&row));
	if (c->width == 0) /* no heading: the first row is as good as any */
		c->width = row.count;
	if (row.count != c->width)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "it has %zu cells, the %s has %zu", row.count,
		    c->map.no_header ? "first row" : "heading", c->width);
	return fill_row(c, &row, out, why);
}
