#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/out.h"

enum { ESCAPE_MAX = 16, LABEL_WIDTH = 16, LAST_COLUMN_MIN = 20 };

static struct bytes
of_string(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static struct bytes
after(struct bytes b, size_t n)
{
	return (struct bytes){ b.p + n, b.len - n };
}

/* ---- characters */

/*
 * The first character of `in`, strictly UTF-8 (no overlong form, surrogate or
 * number above 10FFFF). Returns its length, or 0 where there is none.
 */
static size_t
decode(struct bytes in, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = in.p[0];
	size_t len;

	if (c < 0x80) {
		*out = c;
		return 1;
	}
	len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || len > in.len)
		return 0;
	c &= 0x7fU >> len;
	for (size_t i = 1; i < len; i++) {
		if ((in.p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (in.p[i] & 0x3fU);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return len;
}

/*
 * Characters that act instead of showing. The joiners U+200C and U+200D are
 * not among them: Urdu names are spelled with them.
 */
static bool
acts(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, /* C0, DEL, C1 */
		{ 0x61c, 0x61c },            /* Arabic letter mark */
		{ 0x200b, 0x200b },          /* zero width space */
		{ 0x200e, 0x200f },          /* direction marks */
		{ 0x2028, 0x202e },          /* line ends, embeddings */
		{ 0x2060, 0x206f },          /* isolates, invisible signs */
		{ 0xfeff, 0xfeff },          /* byte order mark */
		{ 0xfff9, 0xfffb },          /* annotations */
		{ 0xe0000, 0xe0fff },        /* tags */
	};

	for (size_t i = 0; i < AM_ARRAY_LEN(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* How many bytes from the first on are ASCII that shows as it is wherever it
 * is printed: nearly all of them, so that they go in one piece. */
static size_t
harmless(struct bytes in)
{
	size_t n = 0;

	while (n < in.len && in.p[n] >= 0x20 && in.p[n] < 0x7f &&
	    in.p[n] != '\\' && in.p[n] != '"')
		n++;
	return n;
}

/* Would these bytes, printed as they are, look like an escape of ours? */
static bool
looks_escaped(struct bytes in)
{
	return in.len >= 2 && in.p[0] == '\\' &&
	    (in.p[1] == 'x' ||
		(in.p[1] == 'u' && in.len >= 3 && in.p[2] == '{'));
}

/*
 * Spells the first character of `in` harmlessly. Returns how many bytes it
 * took; the spelling is in `out`, `*out_len` long.
 */
static size_t
spell(struct bytes in, char out[static ESCAPE_MAX], size_t *out_len)
{
	uint32_t c = 0;
	const size_t len = decode(in, &c);
	int n;

	if (len == 0 || (len == 1 && acts(c)) || looks_escaped(in)) {
		n = snprintf(out, ESCAPE_MAX, "\\x%02x", in.p[0]);
		*out_len = (size_t)n;
		return 1;
	}
	if (acts(c)) {
		n = snprintf(out, ESCAPE_MAX, "\\u{%x}", (unsigned)c);
		*out_len = (size_t)n;
		return len;
	}
	memcpy(out, in.p, len);
	*out_len = len;
	return len;
}

/* In pieces: stderr has no buffer, and each call would be a system call. */
void
out_text(FILE *to, struct bytes text)
{
	char piece[512];
	size_t held = 0;

	while (text.len > 0) {
		size_t n = 0;

		text = after(text, spell(text, piece + held, &n));
		held += n;
		if (held > sizeof(piece) - ESCAPE_MAX || text.len == 0) {
			(void)fwrite(piece, 1, held, to);
			held = 0;
		}
	}
}

void
out_string(FILE *to, const char *text)
{
	out_text(to, of_string(text));
}

AM_RESULT
out_escape(struct blob *to, struct bytes text)
{
	while (text.len > 0) {
		const size_t as_is = harmless(text);
		char one[ESCAPE_MAX];
		size_t n = 0;

		AM_TRY(blob_add(to, (struct bytes){ text.p, as_is }));
		text = after(text, as_is);
		if (text.len == 0)
			break;
		text = after(text, spell(text, one, &n));
		AM_TRY(blob_add(to, (struct bytes){ (const uint8_t *)one, n }));
	}
	return AM_OK;
}

/* ---- tables */

/*
 * Columns of a character on the screen: East Asian ones and pictures take
 * two, marks on the letter before and joiners none (UAX 11, general category
 * Mn; the scripts that offices here use). The locale is not asked, since
 * output must not depend on it.
 */
static size_t
columns_of(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		size_t columns;
	} ranges[] = { { 0x300, 0x36f, 0 }, { 0x483, 0x489, 0 },
		{ 0x591, 0x5bd, 0 }, { 0x610, 0x61a, 0 }, { 0x64b, 0x65f, 0 },
		{ 0x670, 0x670, 0 }, { 0x6d6, 0x6dc, 0 }, { 0x6df, 0x6e4, 0 },
		{ 0x6e7, 0x6e8, 0 }, { 0x6ea, 0x6ed, 0 }, { 0x8d3, 0x8e1, 0 },
		{ 0x8e3, 0x902, 0 }, { 0x93c, 0x93c, 0 }, { 0x941, 0x948, 0 },
		{ 0x94d, 0x94d, 0 }, { 0x1100, 0x115f, 2 },
		{ 0x200c, 0x200d, 0 }, { 0x20d0, 0x20f0, 0 },
		{ 0x2e80, 0x303e, 2 }, { 0x3041, 0xa4cf, 2 },
		{ 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 }, { 0xfe20, 0xfe2f, 0 },
		{ 0xfe30, 0xfe6f, 2 }, { 0xff00, 0xff60, 2 },
		{ 0xffe0, 0xffe6, 2 }, { 0x1f300, 0x1f64f, 2 },
		{ 0x1f680, 0x1f6ff, 2 }, { 0x1f900, 0x1f9ff, 2 },
		{ 0x20000, 0x3fffd, 2 } };

	if (c < ranges[0].first)
		return 1;
	for (size_t i = 0; i < AM_ARRAY_LEN(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

/* Columns of a text that is escaped, and so UTF-8. */
static size_t
width(const char *text, size_t len)
{
	struct bytes in = { (const uint8_t *)text, len };
	size_t n = 0;

	while (in.len > 0) {
		const size_t plain = harmless(in);
		uint32_t c = 0;
		size_t took;

		n += plain;
		in = after(in, plain);
		if (in.len == 0)
			break;
		took = decode(in, &c);
		n += columns_of(c);
		in = after(in, took == 0 ? 1 : took);
	}
	return n;
}

static void
indent(FILE *to, size_t columns)
{
	static const char blanks[] = "                                ";

	while (columns > 0) {
		const size_t n =
		    columns < sizeof(blanks) - 1 ? columns : sizeof(blanks) - 1;

		(void)fwrite(blanks, 1, n, to);
		columns -= n;
	}
}

/* Words of `text` from column `at`, each line ending before column 80 and
 * the further ones beginning at `left`. */
static void
wrap(FILE *to, const char *text, size_t at, size_t left)
{
	bool first = at <= left; /* nothing to break off yet */

	while (*text != '\0') {
		const size_t blanks = strspn(text, " ");
		const size_t len = strcspn(text + blanks, " ");
		const size_t columns = blanks + width(text + blanks, len);

		if (!first && len > 0 && at + columns > OUT_WIDTH) {
			fputc('\n', to);
			indent(to, left);
			text += blanks;
			at = left;
			first = true;
			continue;
		}
		(void)fwrite(text, 1, blanks + len, to);
		text += blanks + len;
		at += columns;
		first = false;
	}
	fputc('\n', to);
}

/* As it is, where there is no memory to wrap it. */
static void
escape_and_wrap(FILE *to, struct bytes text, size_t at, size_t left)
{
	blob_auto shown = { 0 };

	if (out_escape(&shown, text) != AM_OK ||
	    blob_add(&shown, (struct bytes){ (const uint8_t *)"", 1 }) !=
		AM_OK) {
		out_text(to, text);
		fputc('\n', to);
		return;
	}
	wrap(to, (const char *)shown.p, at, left);
}

void
out_field(FILE *to, const char *label, struct bytes text)
{
	const int pad = LABEL_WIDTH - 1 - (int)width(label, strlen(label));

	(void)fprintf(to, "%s:%*s", label, pad > 0 ? pad : 1, "");
	escape_and_wrap(to, text, LABEL_WIDTH, LABEL_WIDTH);
}

void
out_wrapped(FILE *to, const char *lead, size_t left, const char *text)
{
	fputs(lead, to);
	escape_and_wrap(to,
	    (struct bytes){ (const uint8_t *)text, strlen(text) },
	    width(lead, strlen(lead)), left);
}

struct out_table
out_table_start(const char *const *heads)
{
	struct out_table t = { .heads = heads };

	while (heads[t.columns] != NULL)
		t.columns++;
	if (t.columns == 0 || t.columns > OUT_COLUMNS_MAX)
		abort();
	return t;
}

void
out_table_bytes(struct out_table *t, struct bytes cell)
{
	if (t->err == AM_OK)
		t->err = out_escape(&t->cells, cell);
	if (t->err == AM_OK)
		t->err = blob_add(
		    &t->cells, (struct bytes){ (const uint8_t *)"", 1 });
	t->filled++;
}

void
out_table_text(struct out_table *t, const char *cell)
{
	out_table_bytes(t, of_string(cell));
}

void
out_table_printf(struct out_table *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_table_text(t, text);
}

static void
measure(const struct out_table *t, size_t widths[static OUT_COLUMNS_MAX])
{
	const char *cell = (const char *)t->cells.p;

	for (size_t i = 0; i < t->columns; i++)
		widths[i] = strlen(t->heads[i]);
	for (size_t i = 0; i < t->filled; i++) {
		const size_t w = width(cell, strlen(cell));

		if (w > widths[i % t->columns])
			widths[i % t->columns] = w;
		cell += strlen(cell) + 1;
	}
}

static void
print_cell(FILE *to, const char *cell, size_t padded)
{
	fputs(cell, to);
	indent(to, padded + 2 - width(cell, strlen(cell)));
}

/* Where the columns before leave little room it begins on a line of its own. */
static void
last_cell(FILE *to, const char *cell, size_t at, size_t left)
{
	const bool below =
	    left < at && at + width(cell, strlen(cell)) > OUT_WIDTH;

	if (below) {
		fputc('\n', to);
		indent(to, left);
	}
	wrap(to, cell, below ? left : at, left);
}

AM_RESULT
out_table_print(const struct out_table *t, FILE *to)
{
	const char *cell = (const char *)t->cells.p;
	const size_t last = t->columns - 1;
	size_t widths[OUT_COLUMNS_MAX] = { 0 };
	size_t left = 0, at;

	AM_TRY(t->err);
	if (t->filled % t->columns != 0)
		abort();
	measure(t, widths);
	for (size_t i = 0; i < last; i++) {
		print_cell(to, t->heads[i], widths[i]);
		left += widths[i] + 2;
	}
	(void)fprintf(to, "%s\n", t->heads[last]);
	at = left;
	if (left > OUT_WIDTH - LAST_COLUMN_MIN)
		left = OUT_WIDTH - LAST_COLUMN_MIN;
	for (size_t i = 0; i < t->filled; i++) {
		if (i % t->columns < last)
			print_cell(to, cell, widths[i % t->columns]);
		else
			last_cell(to, cell, at, left);
		cell += strlen(cell) + 1;
	}
	return AM_OK;
}

void
out_table_free(struct out_table *t)
{
	blob_free(&t->cells);
}

/* ---- JSON */

static void
json_u(FILE *to, uint32_t c)
{
	if (c <= 0xffff) {
		(void)fprintf(to, "\\u%04x", (unsigned)c);
		return;
	}
	c -= 0x10000;
	(void)fprintf(to, "\\u%04x\\u%04x", (unsigned)(0xd800 + (c >> 10)),
	    (unsigned)(0xdc00 + (c & 0x3ff)));
}

static void
json_string(FILE *to, struct bytes text)
{
	fputc('"', to);
	while (text.len > 0) {
		const size_t as_is = harmless(text);
		uint32_t c = 0xfffd;
		size_t len;

		(void)fwrite(text.p, 1, as_is, to);
		text = after(text, as_is);
		if (text.len == 0)
			break;
		len = decode(text, &c);
		if (len == 0 || acts(c))
			json_u(to, c);
		else if (c == '"' || c == '\\')
			(void)fprintf(to, "\\%c", (int)c);
		else
			(void)fwrite(text.p, 1, len, to);
		text = after(text, len == 0 ? 1 : len);
	}
	fputc('"', to);
}

/* The comma, and the key where one belongs. */
static void
json_lead(struct out_json *j, const char *key)
{
	const bool in_object = j->depth > 0 && j->closers[j->depth - 1] == '}';

	if (in_object != (key != NULL))
		abort();
	if (j->some)
		fputc(',', j->to);
	j->some = true;
	if (key != NULL) {
		json_string(j->to, of_string(key));
		fputc(':', j->to);
	}
}

static void
json_scalar(struct out_json *j, const char *key)
{
	if (j->depth == 0)
		abort();
	json_lead(j, key);
}

void
out_json_open(struct out_json *j, const char *key, char bracket)
{
	if (j->depth == OUT_JSON_DEPTH || (bracket != '{' && bracket != '['))
		abort();
	json_lead(j, key);
	fputc(bracket, j->to);
	j->closers[j->depth++] = bracket == '{' ? '}' : ']';
	j->some = false;
}

void
out_json_close(struct out_json *j)
{
	if (j->depth == 0)
		abort();
	fputc(j->closers[--j->depth], j->to);
	j->some = j->depth > 0;
	if (j->depth == 0)
		fputc('\n', j->to);
}

void
out_json_str(struct out_json *j, const char *key, struct bytes value)
{
	json_scalar(j, key);
	json_string(j->to, value);
}

void
out_json_text(struct out_json *j, const char *key, const char *value)
{
	out_json_str(j, key, of_string(value));
}

void
out_json_uint(struct out_json *j, const char *key, uint64_t value)
{
	json_scalar(j, key);
	(void)fprintf(j->to, "%" PRIu64, value);
}

void
out_json_int(struct out_json *j, const char *key, int64_t value)
{
	json_scalar(j, key);
	(void)fprintf(j->to, "%" PRId64, value);
}

void
out_json_bool(struct out_json *j, const char *key, bool value)
{
	json_scalar(j, key);
	fputs(value ? "true" : "false", j->to);
}

void
out_json_null(struct out_json *j, const char *key)
{
	json_scalar(j, key);
	fputs("null", j->to);
}

void
out_json_end(struct out_json *j)
{
	while (j->depth > 0)
		out_json_close(j);
}

/* ---- CSV */

static void
csv_lead(struct out_csv *c)
{
	if (c->filled++ > 0)
		fputc(',', c->to);
}

/* One that has a ' already gets another, so that who reads it back takes away
 * what was put there and nothing else. */
static bool
csv_formula(struct bytes cell)
{
	static const char signs[] = { '=', '+', '-', '@', '\t', '\r' };
	size_t n = 0;

	while (n < cell.len && cell.p[n] == '\'')
		n++;
	return n < cell.len && memchr(signs, cell.p[n], sizeof(signs)) != NULL;
}

static bool
csv_quoted(struct bytes cell)
{
	if (cell.len == 0)
		return false;
	for (size_t i = 0; i < cell.len; i++)
		if (cell.p[i] != 0 && strchr(",\"\r\n\t", cell.p[i]) != NULL)
			return true;
	return cell.p[0] == ' ' || cell.p[cell.len - 1] == ' ';
}

/* One character, without the quotes around the cell. */
static size_t
csv_char(FILE *to, struct bytes cell)
{
	char one[ESCAPE_MAX];
	size_t n = 0;
	size_t took;

	if (cell.p[0] == '\t' || cell.p[0] == '\r' || cell.p[0] == '\n') {
		fputc(cell.p[0], to);
		return 1;
	}
	if (cell.p[0] == '"')
		fputc('"', to); /* doubled */
	took = spell(cell, one, &n);
	(void)fwrite(one, 1, n, to);
	return took;
}

void
out_csv_bytes(struct out_csv *c, struct bytes cell)
{
	const bool quoted = csv_quoted(cell);

	csv_lead(c);
	if (quoted)
		fputc('"', c->to);
	if (csv_formula(cell))
		fputc('\'', c->to);
	while (cell.len > 0)
		cell = after(cell, csv_char(c->to, cell));
	if (quoted)
		fputc('"', c->to);
}

void
out_csv_text(struct out_csv *c, const char *cell)
{
	out_csv_bytes(c, of_string(cell));
}

void
out_csv_uint(struct out_csv *c, uint64_t value)
{
	csv_lead(c);
	(void)fprintf(c->to, "%" PRIu64, value);
}

void
out_csv_end(struct out_csv *c)
{
	fputs("\r\n", c->to);
	c->filled = 0;
}

/* ---- descriptors */

AM_RESULT
out_secret(int fd, struct bytes secret)
{
	while (secret.len > 0) {
		const ssize_t n = write(fd, secret.p, secret.len);

		/* Only our handlers interrupt, and they mean: stop. */
		if (n <= 0)
			return AM_ERR_IO;
		secret = after(secret, (size_t)n);
	}
	return AM_OK;
}

static AM_RESULT
open_parent(const char *path, const char *name, int *out)
{
	const size_t len = (size_t)(name - path);
	char dir[PATH_MAX] = ".";
	int fd;

	if (len >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return AM_ERR_INVALID;
	}
	if (len > 0)
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)len, path);
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return AM_ERR_IO;
	*out = fd;
	return AM_OK;
}

AM_RESULT
out_file_new(const char *path, struct out_file *out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	struct out_file f = { .made = true };

	if (*name == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		errno = EISDIR;
		return AM_ERR_INVALID;
	}
	if (strlen(name) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return AM_ERR_INVALID;
	}
	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	AM_TRY(open_parent(path, name, &f.dir));
	f.fd = openat(f.dir, f.name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f.fd < 0) {
		const int saved = errno;

		(void)close(f.dir);
		errno = saved;
		return saved == EEXIST ? AM_ERR_EXISTS : AM_ERR_IO;
	}
	*out = f;
	return AM_OK;
}

AM_RESULT
out_file_write(struct out_file *f, struct bytes in)
{
	return out_secret(f->fd, in);
}

AM_RESULT
out_file_keep(struct out_file *f)
{
	if (fsync(f->fd) != 0 || fsync(f->dir) != 0)
		return AM_ERR_IO;
	f->made = false;
	(void)close(f->fd); /* synced: nothing is left to fail */
	(void)close(f->dir);
	return AM_OK;
}

void
out_file_discard(struct out_file *f)
{
	const int saved = errno;

	if (!f->made)
		return;
	f->made = false;
	(void)unlinkat(f->dir, f->name, 0);
	(void)close(f->fd);
	(void)close(f->dir);
	errno = saved;
}
