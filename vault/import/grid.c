#include "vault/import/grid.h"

bool
grid_is_text(struct bytes cell, const char *text)
{
	return bytes_same(
	    cell, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

AM_RESULT
grid_rewind(struct grid *g, struct why *why)
{
	g->row = 0;
	return feed_rewind(g->feed, why);
}

static AM_RESULT
too_long(struct why *why)
{
	return why_say(why, AM_ERR_CORRUPT, "",
	    "a row has more than %d bytes, or a quote in it is never closed; "
	    "put a large secret by itself",
	    GRID_ROW_MAX);
}

AM_RESULT
grid_next(struct grid *g, struct csv_row *out, struct why *why)
{
	size_t used = 0;
	enum am_err err;

	for (;;) {
		err = csv_read(g->delimiter, feed_at(g->feed),
		    feed_len(g->feed), feed_over(g->feed), out, &used);
		if (err != AM_ERR_INCOMPLETE)
			break;
		if (feed_len(g->feed) > GRID_ROW_MAX)
			return too_long(why);
		AM_TRY(feed_more(g->feed, why));
	}
	if (err == AM_ERR_NOT_FOUND)
		return err;
	g->row++;
	if (err == AM_ERR_INVALID)
		return why_say(why, AM_ERR_CORRUPT, "",
		    "this is not CSV: a stray quote, a NUL or a lone carriage "
		    "return, or more than %d cells",
		    CSV_CELLS_MAX);
	if (used > GRID_ROW_MAX)
		return too_long(why);
	feed_use(g->feed, used);
	return err;
}

bool
grid_is_empty(const struct csv_row *row)
{
	return row->count == 1 && row->cells[0].len == 0;
}

/* A number from 1 to CSV_CELLS_MAX, or 0. */
static size_t
number_of(const char *word)
{
	char *end = NULL;
	unsigned long n;

	if (word[0] < '1' || word[0] > '9')
		return 0;
	n = strtoul(word, &end, 10);
	return *end == '\0' && n <= CSV_CELLS_MAX ? n : 0;
}

AM_RESULT
grid_column(const struct csv_row *heading, bool no_header, const char *word,
    int *out, struct why *why)
{
	const size_t number = number_of(word);
	int at = -1;

	for (size_t i = 0; i < heading->count && !no_header; i++) {
		if (!grid_is_text(heading->cells[i], word))
			continue;
		if (at >= 0)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "two columns are headed '%s'; the map can name "
			    "one by its number",
			    word);
		at = (int)i;
	}
	if (at < 0 && number > 0 && number <= heading->count)
		at = (int)number - 1;
	if (at < 0)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "the map names a column '%s', and there is none", word);
	*out = at;
	return AM_OK;
}
