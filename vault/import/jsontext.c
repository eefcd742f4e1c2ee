#include "vault/import/jsontext.h"

#include "vault/import/utf8.h"

static AM_RESULT
refuse(struct why *why, const char *what)
{
	return why_say(why, AM_ERR_CORRUPT, "", "this is not JSON: %s", what);
}

/* Byte `i` of what is at hand; *out is -1 behind the end of the file. */
static AM_RESULT
peek(struct jsontext *j, size_t i, int *out, struct why *why)
{
	enum am_err err;

	while (i >= feed_len(j->feed)) {
		if (feed_over(j->feed)) {
			*out = -1;
			return AM_OK;
		}
		err = feed_more(j->feed, why);
		if (err == AM_ERR_INVALID)
			return why_say(why, AM_ERR_CORRUPT, "",
			    "a text in it has more than %d bytes", FEED_WINDOW);
		AM_TRY(err);
	}
	*out = feed_at(j->feed)[i];
	return AM_OK;
}

static AM_RESULT
skip_blanks(struct jsontext *j, int *out, struct why *why)
{
	for (;;) {
		AM_TRY(peek(j, 0, out, why));
		if (*out != ' ' && *out != '\t' && *out != '\n' && *out != '\r')
			return AM_OK;
		feed_use(j->feed, 1);
	}
}

/* ---- texts */

static size_t
put_char(uint8_t *p, uint32_t c)
{
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | c >> 18);
	p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	p[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* Four hexadecimal digits, or -1. */
static int32_t
hex4(const uint8_t *p, size_t len)
{
	int32_t v = 0;

	if (len < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		const uint8_t c = p[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (low - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* The character of \uXXXX, or of two of them, at p; 0: none. */
static uint32_t
escaped(const uint8_t *p, size_t len, size_t *used)
{
	const int32_t high = hex4(p + 2, len - 2);
	int32_t low;

	*used = 6;
	if (high < 0xd800 || high > 0xdfff)
		return high > 0 ? (uint32_t)high : 0;
	if (high > 0xdbff || len < 12 || p[6] != '\\' || p[7] != 'u')
		return 0;
	low = hex4(p + 8, len - 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*used = 12;
	return 0x10000 + ((uint32_t)(high - 0xd800) << 10) +
	    (uint32_t)(low - 0xdc00);
}

/* What stands at p: a character or an escape. False: neither. */
static bool
one_char(const uint8_t *p, size_t len, uint8_t out[static 4], size_t *out_len,
    size_t *used)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t c;

	if (p[0] != '\\') {
		*used = *out_len = p[0] < ' ' ? 0 : utf8_char(p, len);
		memcpy(out, p, *used);
		return *used > 0;
	}
	if (len < 2)
		return false;
	if (p[1] == 'u') {
		c = escaped(p, len, used);
		*out_len = put_char(out, c);
		return c != 0;
	}
	at = p[1] == '\0' ? NULL : strchr(from, p[1]);
	if (at == NULL)
		return false;
	out[0] = (uint8_t)to[at - from];
	*out_len = 1;
	*used = 2;
	return true;
}

/* An escape is longer than what it stands for: decoded in place. */
static AM_RESULT
decode(uint8_t *p, size_t len, struct bytes *out, struct why *why)
{
	size_t to = 0, from = 0;

	while (from < len) {
		uint8_t c[4];
		size_t n = 0, used = 0;

		if (!one_char(p + from, len - from, c, &n, &used))
			return refuse(why,
			    "a text has a control character, a bad escape or "
			    "bytes that are not UTF-8");
		memcpy(p + to, c, n);
		to += n;
		from += used;
	}
	*out = (struct bytes){ p, to };
	return AM_OK;
}

static AM_RESULT
read_text(struct jsontext *j, struct bytes *out, struct why *why)
{
	size_t n = 1;
	int c = 0;

	for (;; n++) {
		AM_TRY(peek(j, n, &c, why));
		if (c == '"')
			break;
		if (c == '\\')
			AM_TRY(peek(j, ++n, &c, why));
		if (c < 0)
			return refuse(why, "it ends inside a text");
	}
	AM_TRY(decode(feed_at(j->feed) + 1, n - 1, out, why));
	feed_use(j->feed, n + 1);
	return AM_OK;
}

/* ---- numbers and words */

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static AM_RESULT
digits(struct jsontext *j, size_t *n, struct why *why)
{
	const size_t before = *n;
	int c = 0;

	AM_TRY(peek(j, *n, &c, why));
	while (is_digit(c))
		AM_TRY(peek(j, ++*n, &c, why));
	return *n > before ? AM_OK : refuse(why, "a number without digits");
}

static AM_RESULT
read_number(struct jsontext *j, struct bytes *out, struct why *why)
{
	size_t n = 0;
	int c = 0;

	AM_TRY(peek(j, 0, &c, why));
	n += c == '-';
	AM_TRY(peek(j, n, &c, why));
	if (c == '0')
		n++;
	else
		AM_TRY(digits(j, &n, why));
	AM_TRY(peek(j, n, &c, why));
	if (c == '.') {
		n++;
		AM_TRY(digits(j, &n, why));
		AM_TRY(peek(j, n, &c, why));
	}
	if (c == 'e' || c == 'E') {
		AM_TRY(peek(j, ++n, &c, why));
		n += c == '+' || c == '-';
		AM_TRY(digits(j, &n, why));
	}
	*out = (struct bytes){ feed_at(j->feed), n };
	feed_use(j->feed, n);
	return AM_OK;
}

static AM_RESULT
read_word(struct jsontext *j, const char *word, struct why *why)
{
	int c = 0;

	for (size_t i = 0; word[i] != '\0'; i++) {
		AM_TRY(peek(j, i, &c, why));
		if (c != word[i])
			return refuse(why, "a word that is none of its own");
	}
	feed_use(j->feed, strlen(word));
	return AM_OK;
}

/* ---- structure */

static bool
in_object(const struct jsontext *j)
{
	return j->depth > 0 && (j->objects >> (j->depth - 1) & 1) != 0;
}

static void
value_read(struct jsontext *j)
{
	j->want = j->depth > 0 ? JSONTEXT_NEXT : JSONTEXT_LAST;
}

static AM_RESULT
open_one(struct jsontext *j, bool object, struct jsontext_token *out,
    struct why *why)
{
	if (j->depth == JSONTEXT_DEPTH)
		return why_say(why, AM_ERR_CORRUPT, "",
		    "it is nested more than %d deep", JSONTEXT_DEPTH);
	if (object)
		j->objects |= UINT64_C(1) << j->depth;
	else
		j->objects &= ~(UINT64_C(1) << j->depth);
	j->depth++;
	j->want = JSONTEXT_FIRST;
	feed_use(j->feed, 1);
	out->kind = object ? JSONTEXT_OBJECT : JSONTEXT_ARRAY;
	return AM_OK;
}

static AM_RESULT
read_value(
    struct jsontext *j, int c, struct jsontext_token *out, struct why *why)
{
	if (c == '{' || c == '[')
		return open_one(j, c == '{', out, why);
	value_read(j);
	switch (c) {
	case '"':
		out->kind = JSONTEXT_TEXT;
		return read_text(j, &out->text, why);
	case 't':
		out->kind = JSONTEXT_TRUE;
		return read_word(j, "true", why);
	case 'f':
		out->kind = JSONTEXT_FALSE;
		return read_word(j, "false", why);
	case 'n':
		out->kind = JSONTEXT_NULL;
		return read_word(j, "null", why);
	default:
		break;
	}
	if (c != '-' && !is_digit(c))
		return refuse(why,
		    c < 0 ? "it ends too early"
			  : "something else than a value");
	out->kind = JSONTEXT_NUMBER;
	return read_number(j, &out->text, why);
}

static AM_RESULT
read_key(struct jsontext *j, int c, struct jsontext_token *out, struct why *why)
{
	if (c != '"')
		return refuse(why, "a member without a name");
	out->kind = JSONTEXT_KEY;
	j->want = JSONTEXT_COLON;
	return read_text(j, &out->text, why);
}

static AM_RESULT
after_comma(struct jsontext *j, int *c, struct why *why)
{
	if (*c != ',')
		return refuse(
		    why, *c < 0 ? "it ends too early" : "a comma is missing");
	feed_use(j->feed, 1);
	return skip_blanks(j, c, why);
}

AM_RESULT
jsontext_next(struct jsontext *j, struct jsontext_token *out, struct why *why)
{
	int c = 0;

	*out = (struct jsontext_token){ .kind = JSONTEXT_END };
	AM_TRY(skip_blanks(j, &c, why));
	if (j->want == JSONTEXT_LAST)
		return c < 0 ? AM_OK : refuse(why, "it goes on after its end");
	if (j->want == JSONTEXT_COLON) {
		if (c != ':')
			return refuse(why, "a colon is missing");
		feed_use(j->feed, 1);
		AM_TRY(skip_blanks(j, &c, why));
		return read_value(j, c, out, why);
	}
	if (j->want != JSONTEXT_VALUE && c == (in_object(j) ? '}' : ']')) {
		j->depth--;
		value_read(j);
		feed_use(j->feed, 1);
		out->kind = JSONTEXT_CLOSE;
		return AM_OK;
	}
	if (j->want == JSONTEXT_NEXT)
		AM_TRY(after_comma(j, &c, why));
	return in_object(j) ? read_key(j, c, out, why)
			    : read_value(j, c, out, why);
}

/* ---- walking */

static bool
is_open(const struct jsontext_token *t)
{
	return t->kind == JSONTEXT_OBJECT || t->kind == JSONTEXT_ARRAY;
}

AM_RESULT
jsontext_skip(
    struct jsontext *j, const struct jsontext_token *first, struct why *why)
{
	const size_t until = j->depth - 1;
	struct jsontext_token t;

	if (!is_open(first))
		return AM_OK;
	while (j->depth > until)
		AM_TRY(jsontext_next(j, &t, why));
	return AM_OK;
}

AM_RESULT
jsontext_each(struct jsontext *j, const struct jsontext_token *first,
    jsontext_member each, void *arg, struct why *why)
{
	struct jsontext_token t;

	if (!is_open(first))
		return AM_OK;
	for (;;) {
		char key[JSONTEXT_KEY_MAX + 1] = "";

		AM_TRY(jsontext_next(j, &t, why));
		if (t.kind == JSONTEXT_CLOSE)
			return AM_OK;
		if (t.kind == JSONTEXT_KEY) {
			if (t.text.len <= JSONTEXT_KEY_MAX) {
				memcpy(key, t.text.p, t.text.len);
				key[t.text.len] = '\0';
			}
			AM_TRY(jsontext_next(j, &t, why));
		}
		AM_TRY(each(arg, key, &t));
	}
}
