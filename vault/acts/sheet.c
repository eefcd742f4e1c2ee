#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/acts/sheet.h"

#include "vault/acts/seal.h"
#include "vault/base/csv.h"

enum column { NAME, SECRET, USER, URL, SAFE, CLASS, TYPE, COLUMNS };

static const struct {
	const char *name;
	enum column column;
} known[] = {
	{ "name", NAME },
	{ "secret", SECRET },
	{ "password", SECRET },
	{ "user", USER },
	{ "url", URL },
	{ "safe", SAFE },
	{ "class", CLASS },
	{ "type", TYPE },
};

struct sheet {
	int fd;
	struct secret *space; /* SPACE bytes: what was read, not yet used */
	size_t at, end;
	bool over; /* nothing more in the file */
	struct sheet_defaults defaults;
	int place[COLUMNS]; /* cell of a column, or -1 */
	size_t width;
	bool login; /* unless a type is given */
	uint64_t row;
};

enum { SPACE = 4 * SHEET_ROW_MAX };

void
sheet_free(struct sheet *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	secret_free(s->space);
	free(s);
}

/* ---- records */

static AM_RESULT
read_more(struct sheet *s, struct why *why)
{
	uint8_t *p = secret_mut(s->space);
	ssize_t n;

	memmove(p, p + s->at, s->end - s->at);
	s->end -= s->at;
	s->at = 0;
	do
		n = read(s->fd, p + s->end, SPACE - s->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return why_say(why, AM_ERR_IO, "",
		    "the file cannot be read: %s", strerrordesc_np(errno));
	s->end += (size_t)n;
	s->over = n == 0;
	return AM_OK;
}

static AM_RESULT
too_long(struct why *why)
{
	return why_say(why, AM_ERR_CORRUPT, "",
	    "a row has more than %d bytes, or a quote in it is never closed; "
	    "put a large secret by itself",
	    SHEET_ROW_MAX);
}

/* The next record of the file, empty ones included. */
static AM_RESULT
next_record(struct sheet *s, struct csv_row *out, struct why *why)
{
	size_t used = 0;
	enum am_err err;

	for (;;) {
		err = csv_read(secret_mut(s->space) + s->at, s->end - s->at,
		    s->over, out, &used);
		if (err != AM_ERR_INCOMPLETE)
			break;
		if (s->end - s->at > SHEET_ROW_MAX)
			return too_long(why);
		AM_TRY(read_more(s, why));
	}
	if (err == AM_ERR_NOT_FOUND)
		return err;
	s->row++;
	if (err == AM_ERR_INVALID)
		return why_say(why, AM_ERR_CORRUPT, "",
		    "this is not CSV: a stray quote, a NUL or a lone carriage "
		    "return, or more than %d cells",
		    CSV_CELLS_MAX);
	if (used > SHEET_ROW_MAX)
		return too_long(why);
	s->at += used;
	return err;
}

static bool
is_empty(const struct csv_row *row)
{
	return row->count == 1 && row->cells[0].len == 0;
}

/* ---- the heading */

static bool
is_text(struct bytes b, const char *text)
{
	return bytes_same(
	    b, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static AM_RESULT
place_column(struct sheet *s, size_t cell, struct bytes name, struct why *why)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(known); i++) {
		if (!is_text(name, known[i].name))
			continue;
		if (s->place[known[i].column] >= 0)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "column %zu, '%s', is there twice", cell + 1,
			    known[i].name);
		s->place[known[i].column] = (int)cell;
		s->login |= known[i].column == USER || known[i].column == URL ||
		    is_text(name, "password");
		return AM_OK;
	}
	return why_say(why, AM_ERR_INCOMPLETE, "",
	    "column %zu has a heading that is none of name, secret, password, "
	    "user, url, safe, class and type",
	    cell + 1);
}

static AM_RESULT
read_heading(struct sheet *s, struct why *why)
{
	struct csv_row row;
	enum am_err err = next_record(s, &row, why);

	if (err == AM_ERR_NOT_FOUND)
		return why_say(
		    why, AM_ERR_INCOMPLETE, "", "the file has no heading");
	AM_TRY(err);
	for (size_t i = 0; i < row.count; i++)
		AM_TRY(place_column(s, i, row.cells[i], why));
	if (s->place[NAME] < 0 || s->place[SECRET] < 0)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "the heading names no column '%s'",
		    s->place[NAME] < 0 ? "name" : "secret' or 'password");
	s->width = row.count;
	return AM_OK;
}

static AM_RESULT
skip_mark(struct sheet *s, struct why *why)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

	while (s->end < sizeof(mark) && !s->over)
		AM_TRY(read_more(s, why));
	if (s->end >= sizeof(mark) &&
	    sodium_memcmp(secret_mut(s->space), mark, sizeof(mark)) == 0)
		s->at = sizeof(mark);
	return AM_OK;
}

AM_RESULT
sheet_rewind(struct sheet *s, struct why *why)
{
	if (lseek(s->fd, 0, SEEK_SET) != 0)
		return why_say(
		    why, AM_ERR_IO, "", "the file cannot be read again");
	s->at = s->end = 0;
	s->row = 0;
	s->over = false;
	for (size_t i = 0; i < COLUMNS; i++)
		s->place[i] = -1;
	AM_TRY(skip_mark(s, why));
	return read_heading(s, why);
}

static AM_RESULT
sheet_new(const struct sheet_defaults *d, struct sheet **out)
{
	struct sheet *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return AM_ERR_NOMEM;
	s->defaults = *d;
	s->fd = -1;
	*out = s;
	return AM_OK;
}

AM_RESULT
sheet_open(const char *path, const struct sheet_defaults *d, struct why *why,
    struct sheet **out)
{
	sheet_auto *s = NULL;
	struct stat st;

	AM_TRY(sheet_new(d, &s));
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return why_say(why, AM_ERR_IO, "", "cannot read '%s': %s", path,
		    strerrordesc_np(errno));
	if (!S_ISREG(st.st_mode))
		return why_say(why, AM_ERR_INVALID, "",
		    "'%s' is not a regular file; it is read twice, so a pipe "
		    "will not do",
		    path);
	AM_TRY(secret_new(SPACE, &s->space));
	AM_TRY(sheet_rewind(s, why));
	*out = AM_TAKE(s);
	return AM_OK;
}

/* ---- rows */

static struct bytes
cell(const struct sheet *s, const struct csv_row *row, enum column c)
{
	return s->place[c] < 0 ? (struct bytes){ NULL, 0 }
			       : row->cells[s->place[c]];
}

/* A short text of a row, or what is meant when the row says nothing. */
static AM_RESULT
text_of(struct bytes b, const char *otherwise, char *out, size_t cap)
{
	if (b.len == 0 && otherwise != NULL)
		b = (struct bytes){ (const uint8_t *)otherwise,
			strlen(otherwise) };
	if (b.len >= cap)
		return AM_ERR_INVALID;
	if (b.len > 0)
		memcpy(out, b.p, b.len);
	out[b.len] = '\0';
	return AM_OK;
}

static AM_RESULT
read_path(const struct sheet *s, const struct csv_row *row, char *out,
    size_t cap, struct why *why)
{
	char safe[ROWS_ID_MAX + 1], name[ROWS_ID_MAX + ROWS_TITLE_MAX + 2];
	const char *slash;

	if (text_of(cell(s, row, SAFE), s->defaults.safe, safe, sizeof(safe)) !=
		AM_OK ||
	    text_of(cell(s, row, NAME), NULL, name, sizeof(name)) != AM_OK)
		return why_say(
		    why, AM_ERR_INCOMPLETE, "", "its safe or name is too long");
	slash = strchr(name, '/');
	if (slash == NULL && safe[0] == '\0')
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "it names no safe; write SAFE/NAME, or give --safe");
	if (slash != NULL)
		(void)snprintf(out, cap, "%.*s", (int)cap - 1, name);
	else if (snprintf(out, cap, "%s/%s", safe, name) >= (int)cap)
		return why_say(
		    why, AM_ERR_INCOMPLETE, "", "its name is too long");
	return AM_OK;
}

static AM_RESULT
read_kind(const struct sheet *s, const struct csv_row *row,
    struct bulk_row *out, struct why *why)
{
	const char *class = s->defaults.class, *type = s->defaults.type;
	const bool login =
	    cell(s, row, USER).len > 0 || cell(s, row, URL).len > 0;

	if (class == NULL)
		class = "restricted";
	if (type == NULL)
		type = s->login ? "login" : "note";
	if (text_of(cell(s, row, CLASS), class, out->class,
		sizeof(out->class)) != AM_OK ||
	    !seal_is_class(out->class))
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "its class is none of open, public, restricted, sensitive "
		    "and secret");
	if (text_of(cell(s, row, TYPE), type, out->type, sizeof(out->type)) !=
		AM_OK ||
	    payload_first(out->type) == NULL)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "its type is none of login, totp, api-key, private-key, "
		    "recovery-codes, file and note");
	if (login && strcmp(out->type, "login") != 0)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "user and url belong to type login, not to '%s'",
		    out->type);
	return AM_OK;
}

static AM_RESULT
read_row(const struct sheet *s, const struct csv_row *row, struct bulk_row *out,
    struct why *why)
{
	if (row->count != s->width)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "it has %zu cells, the heading has %zu", row->count,
		    s->width);
	AM_TRY(read_path(s, row, out->path, sizeof(out->path), why));
	AM_TRY(read_kind(s, row, out, why));
	if (cell(s, row, SECRET).len == 0)
		return why_say(why, AM_ERR_INCOMPLETE, "", "it has no secret");
	out->count = 1;
	out->fields[0] = (struct payload_field){ payload_first(out->type),
		cell(s, row, SECRET) };
	if (cell(s, row, USER).len > 0)
		out->fields[out->count++] =
		    (struct payload_field){ "user", cell(s, row, USER) };
	if (cell(s, row, URL).len > 0)
		out->fields[out->count++] =
		    (struct payload_field){ "url", cell(s, row, URL) };
	return AM_OK;
}

AM_RESULT
sheet_next(struct sheet *s, struct bulk_row *out, struct why *why)
{
	struct csv_row row;

	do
		AM_TRY(next_record(s, &row, why));
	while (is_empty(&row));
	return read_row(s, &row, out, why);
}

uint64_t
sheet_row(const struct sheet *s)
{
	return s->row;
}
