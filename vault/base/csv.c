#include "vault/base/csv.h"

/* A cell as it stands, quotes included: where it is and what ends it. */
struct raw {
	size_t len; /* of the cell */
	size_t end; /* of what ends it: a comma, LF, CRLF, or nothing: 0 to 2 */
	bool last;  /* of its record */
};

/* What stands at p[0..], after a cell. Not an end: AM_ERR_INVALID. */
static AM_RESULT
ending(char delimiter, const uint8_t *p, size_t len, bool last, struct raw *c)
{
	c->last = true;
	c->end = 0;
	if (len == 0)
		return last ? AM_OK : AM_ERR_INCOMPLETE;
	c->end = 1;
	c->last = p[0] != (uint8_t)delimiter;
	if (!c->last || p[0] == '\n')
		return AM_OK;
	if (p[0] != '\r')
		return AM_ERR_INVALID;
	if (len == 1)
		return last ? AM_ERR_INVALID : AM_ERR_INCOMPLETE;
	c->end = 2;
	return p[1] == '\n' ? AM_OK : AM_ERR_INVALID;
}

static AM_RESULT
plain(char delimiter, const uint8_t *p, size_t len, bool last, struct raw *c)
{
	size_t n = 0;

	while (n < len && p[n] != (uint8_t)delimiter && p[n] != '\n' &&
	    p[n] != '\r') {
		if (p[n] == '"' || p[n] == '\0')
			return AM_ERR_INVALID;
		n++;
	}
	c->len = n;
	return ending(delimiter, p + n, len - n, last, c);
}

static AM_RESULT
quoted(char delimiter, const uint8_t *p, size_t len, bool last, struct raw *c)
{
	size_t n = 1;

	for (;; n++) {
		if (n == len)
			return last ? AM_ERR_INVALID : AM_ERR_INCOMPLETE;
		if (p[n] == '\0')
			return AM_ERR_INVALID;
		if (p[n] != '"')
			continue;
		if (n + 1 == len && !last)
			return AM_ERR_INCOMPLETE; /* perhaps the first of two */
		if (n + 1 == len || p[n + 1] != '"')
			break;
		n++;
	}
	c->len = n + 1;
	return ending(delimiter, p + c->len, len - c->len, last, c);
}

/* Takes the quotes away, in place. */
static struct bytes
unquoted(uint8_t *p, size_t len)
{
	size_t to = 0;

	for (size_t from = 1; from + 1 < len; from++) {
		p[to++] = p[from];
		if (p[from] == '"')
			from++; /* the second of two */
	}
	return (struct bytes){ p, to };
}

AM_RESULT
csv_read(char delimiter, uint8_t *text, size_t len, bool last,
    struct csv_row *out, size_t *out_used)
{
	struct csv_row row = { .count = 0 };
	struct raw c = { .last = false };
	size_t at = 0;

	if (len == 0)
		return last ? AM_ERR_NOT_FOUND : AM_ERR_INCOMPLETE;
	while (!c.last) {
		const bool quote = at < len && text[at] == '"';

		if (row.count == CSV_CELLS_MAX)
			return AM_ERR_INVALID;
		AM_TRY((quote ? quoted : plain)(
		    delimiter, text + at, len - at, last, &c));
		row.cells[row.count++] = (struct bytes){ text + at, c.len };
		at += c.len + c.end;
	}
	/* Only now that the record is whole is anything written. */
	for (size_t i = 0; i < row.count; i++) {
		uint8_t *p = text + (row.cells[i].p - text);

		if (row.cells[i].len > 0 && p[0] == '"')
			row.cells[i] = unquoted(p, row.cells[i].len);
	}
	*out = row;
	*out_used = at;
	return AM_OK;
}
