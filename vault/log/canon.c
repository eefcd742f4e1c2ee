#include <jansson.h>

#include "vault/log/canon.h"

#include "vault/base/enc.h"
#include "vault/base/when.h"

enum { KEY_MAX = 32, KEYS_ON_STACK = 64 };

static const uint64_t uint_max = (UINT64_C(1) << 53) - 1;

/* jansson's iterators ask for a mutable object and do not change it. */
static json_t *
mut(const json_t *v)
{
	return (json_t *)(uintptr_t)v;
}

void
canon_free(struct json_t **v)
{
	json_decref(*v); /* takes NULL */
	*v = NULL;
}

/* ---- text */

static bool
forbidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c ||
	    c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || (c >= 0xd800 && c <= 0xdfff) ||
	    c == 0xfeff || c > 0x10ffff;
}

/* Length of a sequence by its first byte; 0: none starts like that. */
static size_t
sequence_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0; /* a continuation, or an overlong form of ASCII */
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

/* Bytes of the allowed character at the start of `in` (RFC 3629), or 0. */
static size_t
character(struct bytes in)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const size_t n = sequence_len(in.p[0]);
	uint32_t c;

	if (n == 0 || n > in.len)
		return 0;
	c = n == 1 ? in.p[0] : in.p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((in.p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (in.p[i] & 0x3f);
	}
	return c < least[n] || forbidden(c) ? 0 : n;
}

/* Length of the leading run that is ASCII and needs no escape. */
static size_t
plain_run(struct bytes in)
{
	size_t i = 0;

	while (i < in.len && in.p[i] >= 0x20 && in.p[i] < 0x7f &&
	    in.p[i] != '"' && in.p[i] != '\\')
		i++;
	return i;
}

static struct bytes
skip(struct bytes in, size_t n)
{
	return (struct bytes){ in.p + n, in.len - n };
}

bool
canon_text_ok(struct bytes text)
{
	while (text.len > 0) {
		size_t n = plain_run(text);

		if (n == 0 && (n = character(text)) == 0)
			return false;
		text = skip(text, n);
	}
	return true;
}

static bool
key_ok(const char *key)
{
	size_t n = 0;

	if (key[0] < 'a' || key[0] > 'z')
		return false;
	while ((key[n] >= 'a' && key[n] <= 'z') || key[n] == '_' ||
	    (key[n] >= '0' && key[n] <= '9'))
		n++;
	return n <= KEY_MAX && key[n] == '\0';
}

/* ---- writing */

static AM_RESULT write_value(const json_t *v, unsigned depth, struct blob *out);

static AM_RESULT
write_string(const json_t *v, struct blob *out)
{
	struct bytes in = { (const uint8_t *)json_string_value(v),
		json_string_length(v) };

	if (in.len > CANON_STRING_MAX)
		return AM_ERR_INVALID;
	AM_TRY(blob_text(out, "\""));
	while (in.len > 0) {
		size_t n = plain_run(in);

		if (n == 0) {
			if ((n = character(in)) == 0)
				return AM_ERR_INVALID;
			if (in.p[0] == '"' || in.p[0] == '\\')
				AM_TRY(blob_text(out, "\\"));
		}
		AM_TRY(blob_add(out, (struct bytes){ in.p, n }));
		in = skip(in, n);
	}
	return blob_text(out, "\"");
}

static AM_RESULT
write_uint(const json_t *v, struct blob *out)
{
	json_int_t n = json_integer_value(v);
	uint8_t digits[20];
	size_t at = sizeof(digits);

	if (n < 0 || (uint64_t)n > uint_max)
		return AM_ERR_INVALID;
	do {
		digits[--at] = (uint8_t)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return blob_add(
	    out, (struct bytes){ digits + at, sizeof(digits) - at });
}

static AM_RESULT
write_array(const json_t *v, unsigned depth, struct blob *out)
{
	const size_t count = json_array_size(v);

	if (depth > CANON_DEPTH_MAX || count > CANON_ARRAY_MAX)
		return AM_ERR_INVALID;
	AM_TRY(blob_text(out, "["));
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			AM_TRY(blob_text(out, ","));
		AM_TRY(write_value(json_array_get(v, i), depth, out));
	}
	return blob_text(out, "]");
}

/* The members of an object, sorted by key. Keys are lent. */
struct member {
	const char *key;
	const json_t *value;
};

struct members {
	struct member few[KEYS_ON_STACK];
	struct member *many; /* allocated, when `few` is too short */
	struct member *at;
	size_t count;
};

static void
members_free(struct members *m)
{
	free(m->many);
}

static int
by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static AM_RESULT
members_of(const json_t *obj, struct members *m)
{
	json_t *o = mut(obj);
	bool ascending = true;

	m->count = 0;
	m->many = NULL;
	m->at = m->few;
	if (json_object_size(obj) > KEYS_ON_STACK) {
		m->many = calloc(json_object_size(obj), sizeof(*m->many));
		if (m->many == NULL)
			return AM_ERR_NOMEM;
		m->at = m->many;
	}
	for (void *i = json_object_iter(o); i != NULL;
	     i = json_object_iter_next(o, i)) {
		struct member *one = &m->at[m->count++];

		one->key = json_object_iter_key(i);
		one->value = json_object_iter_value(i);
		if (m->count > 1 && strcmp(one[-1].key, one->key) >= 0)
			ascending = false;
	}
	if (!ascending) /* jansson keeps the order of insertion */
		qsort(m->at, m->count, sizeof(*m->at), by_key);
	return AM_OK;
}

static AM_RESULT
write_object(const json_t *v, unsigned depth, struct blob *out)
{
	AM_CLEANUP(members_free) struct members m;

	m.many = NULL;
	if (depth > CANON_DEPTH_MAX)
		return AM_ERR_INVALID;
	AM_TRY(members_of(v, &m));
	AM_TRY(blob_text(out, "{"));
	for (size_t i = 0; i < m.count; i++) {
		if (!key_ok(m.at[i].key))
			return AM_ERR_INVALID;
		AM_TRY(blob_text(out, i > 0 ? ",\"" : "\""));
		AM_TRY(blob_text(out, m.at[i].key));
		AM_TRY(blob_text(out, "\":"));
		AM_TRY(write_value(m.at[i].value, depth, out));
	}
	return blob_text(out, "}");
}

/* `depth`: how many containers are open around `v`. */
static AM_RESULT
write_value(const json_t *v, unsigned depth, struct blob *out)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return write_object(v, depth + 1, out);
	case JSON_ARRAY:
		return write_array(v, depth + 1, out);
	case JSON_STRING:
		return write_string(v, out);
	case JSON_INTEGER:
		return write_uint(v, out);
	case JSON_TRUE:
		return blob_text(out, "true");
	case JSON_FALSE:
		return blob_text(out, "false");
	case JSON_REAL:
	case JSON_NULL:
	default: /* jansson's enum, not ours */
		return AM_ERR_INVALID;
	}
}

AM_RESULT
canon_write(const struct json_t *v, struct blob *out)
{
	const size_t before = out->len;
	enum am_err err = write_value(v, 0, out);

	if (err == AM_OK && out->len - before > CANON_LINE_MAX)
		err = AM_ERR_INVALID;
	if (err != AM_OK)
		out->len = before;
	return err;
}

/* ---- parsing: canonical bytes and no others, so that nothing has to be
 * written again to compare (R2.11) */

static AM_RESULT parse_value(struct bytes *in, unsigned depth, json_t **out);

/* Takes `c`, or a whole word, from the front of `in`, when it stands there. */
static bool
take(struct bytes *in, char c)
{
	if (in->len == 0 || in->p[0] != (uint8_t)c)
		return false;
	*in = skip(*in, 1);
	return true;
}

static bool
take_word(struct bytes *in, const char *word)
{
	struct bytes rest = *in;

	while (*word != '\0')
		if (!take(&rest, *word++))
			return false;
	*in = rest;
	return true;
}

static AM_RESULT
made(json_t *v, json_t **out)
{
	if (v == NULL)
		return AM_ERR_NOMEM;
	*out = v;
	return AM_OK;
}

/* Bytes of the character at the front of `in`, an escape's backslash apart;
 * 0: none that may stand in a string. */
static size_t
next_character(struct bytes *in)
{
	if (in->len > 1 && in->p[0] == '\\') {
		*in = skip(*in, 1);
		return in->p[0] == '"' || in->p[0] == '\\' ? 1 : 0;
	}
	return in->len == 0 || in->p[0] == '"' || in->p[0] == '\\'
	    ? 0
	    : character(*in);
}

/* A string with escapes or characters beyond ASCII; the quote is taken. */
static AM_RESULT
parse_rich(struct bytes *in, json_t **out)
{
	blob_auto text = { 0 };

	while (!take(in, '"')) {
		size_t n = plain_run(*in);

		if (n == 0 && (n = next_character(in)) == 0)
			return AM_ERR_CORRUPT;
		if (text.len + n > CANON_STRING_MAX)
			return AM_ERR_CORRUPT;
		AM_TRY(blob_add(&text, (struct bytes){ in->p, n }));
		*in = skip(*in, n);
	}
	return made(json_stringn_nocheck((const char *)text.p, text.len), out);
}

static AM_RESULT
parse_string(struct bytes *in, json_t **out)
{
	const struct bytes text = { in->p, plain_run(*in) };

	if (text.len == in->len)
		return AM_ERR_CORRUPT; /* no end */
	if (in->p[text.len] != '"')
		return parse_rich(in, out);
	if (text.len > CANON_STRING_MAX)
		return AM_ERR_CORRUPT;
	*in = skip(*in, text.len + 1);
	return made(json_stringn_nocheck((const char *)text.p, text.len), out);
}

static AM_RESULT
parse_uint(struct bytes *in, json_t **out)
{
	uint64_t v = 0;
	size_t n = 0;

	/* 2^53 - 1 has sixteen digits; seventeen are too many, and fit. */
	for (; n < in->len && n < 17; n++) {
		if (in->p[n] < '0' || in->p[n] > '9')
			break;
		v = v * 10 + (in->p[n] - '0');
	}
	if (n == 0 || (n > 1 && in->p[0] == '0') || v > uint_max)
		return AM_ERR_CORRUPT;
	*in = skip(*in, n);
	return made(json_integer((json_int_t)v), out);
}

static AM_RESULT
parse_array(struct bytes *in, unsigned depth, json_t **out)
{
	canon_auto *arr = NULL;

	if (depth > CANON_DEPTH_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(made(json_array(), &arr));
	while (!take(in, ']')) {
		json_t *v = NULL;

		if (json_array_size(arr) == CANON_ARRAY_MAX ||
		    (json_array_size(arr) > 0 && !take(in, ',')))
			return AM_ERR_CORRUPT;
		AM_TRY(parse_value(in, depth, &v));
		if (json_array_append_new(arr, v) != 0)
			return AM_ERR_NOMEM;
	}
	*out = AM_TAKE(arr);
	return AM_OK;
}

/* A key with its quotes and colon, greater than `last`, which it replaces. */
static AM_RESULT
parse_key(struct bytes *in, char last[static KEY_MAX + 1])
{
	char key[KEY_MAX + 1] = { 0 };
	size_t n = 0;

	if (!take(in, '"'))
		return AM_ERR_CORRUPT;
	while (n < in->len && n < KEY_MAX && in->p[n] != '"') {
		key[n] = (char)in->p[n];
		n++;
	}
	*in = skip(*in, n);
	if (!take_word(in, "\":") || !key_ok(key) || strlen(key) != n ||
	    strcmp(last, key) >= 0)
		return AM_ERR_CORRUPT;
	memcpy(last, key, sizeof(key));
	return AM_OK;
}

static AM_RESULT
parse_object(struct bytes *in, unsigned depth, json_t **out)
{
	canon_auto *obj = NULL;
	char key[KEY_MAX + 1] = { 0 };

	if (depth > CANON_DEPTH_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(made(json_object(), &obj));
	while (!take(in, '}')) {
		json_t *v = NULL;

		if (key[0] != '\0' && !take(in, ','))
			return AM_ERR_CORRUPT;
		AM_TRY(parse_key(in, key));
		AM_TRY(parse_value(in, depth, &v));
		if (json_object_set_new_nocheck(obj, key, v) != 0)
			return AM_ERR_NOMEM;
	}
	*out = AM_TAKE(obj);
	return AM_OK;
}

/* `depth`: how many containers are open around the value. */
static AM_RESULT
parse_value(struct bytes *in, unsigned depth, json_t **out)
{
	if (take(in, '"'))
		return parse_string(in, out);
	if (take(in, '{'))
		return parse_object(in, depth + 1, out);
	if (take(in, '['))
		return parse_array(in, depth + 1, out);
	if (take_word(in, "true"))
		return made(json_true(), out);
	if (take_word(in, "false"))
		return made(json_false(), out);
	return parse_uint(in, out);
}

AM_RESULT
canon_parse(struct bytes in, struct json_t **out)
{
	canon_auto *v = NULL;

	if (in.len > CANON_LINE_MAX || !take(&in, '{'))
		return AM_ERR_CORRUPT;
	AM_TRY(parse_object(&in, 1, &v));
	if (in.len > 0)
		return AM_ERR_CORRUPT;
	*out = AM_TAKE(v);
	return AM_OK;
}

/* ---- building */

struct json_t *
canon_object(void)
{
	return json_object();
}

struct json_t *
canon_array(void)
{
	return json_array();
}

/* The value that canon_set and canon_push refuse; it needs no freeing. */
static json_t *
refused(void)
{
	return json_null();
}

struct json_t *
canon_hex(struct bytes b)
{
	blob_auto text = { 0 };

	if (b.len > CANON_STRING_MAX / 2)
		return refused();
	if (blob_resize(&text, ENC_HEX_LEN(b.len) + 1) != AM_OK)
		return NULL;
	enc_hex(b, (char *)text.p);
	return json_stringn_nocheck((char *)text.p, ENC_HEX_LEN(b.len));
}

struct json_t *
canon_b64(struct bytes b)
{
	blob_auto text = { 0 };

	if (b.len > (size_t)CANON_STRING_MAX / 4 * 3)
		return refused();
	if (blob_resize(&text, ENC_B64_LEN(b.len) + 1) != AM_OK)
		return NULL;
	enc_b64(b, (char *)text.p);
	return json_stringn_nocheck((char *)text.p, ENC_B64_LEN(b.len));
}

struct json_t *
canon_text(struct bytes b)
{
	if (b.len > CANON_STRING_MAX || !canon_text_ok(b))
		return refused();
	return json_stringn_nocheck(b.len == 0 ? "" : (const char *)b.p, b.len);
}

struct json_t *
canon_str(const char *s)
{
	return canon_text((struct bytes){ (const uint8_t *)s, strlen(s) });
}

struct json_t *
canon_uint(uint64_t v)
{
	return v > uint_max ? refused() : json_integer((json_int_t)v);
}

struct json_t *
canon_bool(bool v)
{
	return json_boolean(v);
}

AM_RESULT
canon_set(struct json_t *obj, const char *key, struct json_t *v)
{
	canon_auto *value = v; /* taken over, whatever happens */

	if (obj == NULL || value == NULL)
		return AM_ERR_NOMEM;
	if (json_is_null(value) || !json_is_object(obj) || !key_ok(key))
		return AM_ERR_INVALID;
	if (json_object_set_new_nocheck(obj, key, AM_TAKE(value)) != 0)
		return AM_ERR_NOMEM;
	return AM_OK;
}

AM_RESULT
canon_push(struct json_t *arr, struct json_t *v)
{
	canon_auto *value = v;

	if (arr == NULL || value == NULL)
		return AM_ERR_NOMEM;
	if (json_is_null(value) || !json_is_array(arr) ||
	    json_array_size(arr) >= CANON_ARRAY_MAX)
		return AM_ERR_INVALID;
	if (json_array_append_new(arr, AM_TAKE(value)) != 0)
		return AM_ERR_NOMEM;
	return AM_OK;
}

struct json_t *
canon_ref(struct json_t *v)
{
	return json_incref(v);
}

/* ---- reading */

static AM_RESULT
found(const json_t *v, const struct json_t **out)
{
	if (v == NULL)
		return AM_ERR_CORRUPT;
	*out = v;
	return AM_OK;
}

static AM_RESULT
as_text(const json_t *v, struct bytes *out)
{
	if (!json_is_string(v))
		return AM_ERR_CORRUPT;
	*out = (struct bytes){ (const uint8_t *)json_string_value(v),
		json_string_length(v) };
	return AM_OK;
}

static AM_RESULT
as_hex(const json_t *v, uint8_t *out, size_t out_len)
{
	struct bytes text = { 0 };

	AM_TRY(as_text(v, &text));
	return enc_hex_decode(text, out, out_len);
}

static AM_RESULT
as_b64(const json_t *v, uint8_t *out, size_t out_len)
{
	struct bytes text = { 0 };
	size_t n = 0;

	AM_TRY(as_text(v, &text));
	if (text.len != ENC_B64_LEN(out_len))
		return AM_ERR_CORRUPT;
	return enc_b64_decode(text, out, out_len, &n);
}

static AM_RESULT
as_uint(const json_t *v, uint64_t *out)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return AM_ERR_CORRUPT;
	*out = (uint64_t)json_integer_value(v);
	return AM_OK;
}

AM_RESULT
canon_get(const struct json_t *obj, const char *key, const struct json_t **out)
{
	return found(json_object_get(obj, key), out);
}

AM_RESULT
canon_get_object(
    const struct json_t *obj, const char *key, const struct json_t **out)
{
	const json_t *v = json_object_get(obj, key);

	return found(json_is_object(v) ? v : NULL, out);
}

AM_RESULT
canon_get_array(
    const struct json_t *obj, const char *key, const struct json_t **out)
{
	const json_t *v = json_object_get(obj, key);

	return found(json_is_array(v) ? v : NULL, out);
}

AM_RESULT
canon_get_hex(
    const struct json_t *obj, const char *key, uint8_t *out, size_t out_len)
{
	return as_hex(json_object_get(obj, key), out, out_len);
}

AM_RESULT
canon_get_b64(
    const struct json_t *obj, const char *key, uint8_t *out, size_t out_len)
{
	return as_b64(json_object_get(obj, key), out, out_len);
}

AM_RESULT
canon_get_b64_var(const struct json_t *obj, const char *key, uint8_t *out,
    size_t cap, size_t *out_len)
{
	struct bytes text = { 0 };

	AM_TRY(as_text(json_object_get(obj, key), &text));
	return enc_b64_decode(text, out, cap, out_len);
}

AM_RESULT
canon_get_text(const struct json_t *obj, const char *key, struct bytes *out)
{
	return as_text(json_object_get(obj, key), out);
}

AM_RESULT
canon_get_uint(const struct json_t *obj, const char *key, uint64_t *out)
{
	return as_uint(json_object_get(obj, key), out);
}

AM_RESULT
canon_get_u32(const struct json_t *obj, const char *key, uint32_t *out)
{
	uint64_t v = 0;

	AM_TRY(canon_get_uint(obj, key, &v));
	if (v > UINT32_MAX)
		return AM_ERR_CORRUPT;
	*out = (uint32_t)v;
	return AM_OK;
}

AM_RESULT
canon_get_bool(const struct json_t *obj, const char *key, bool *out)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_boolean(v))
		return AM_ERR_CORRUPT;
	*out = json_is_true(v);
	return AM_OK;
}

AM_RESULT
canon_get_when(const struct json_t *obj, const char *key, int64_t *out)
{
	struct bytes text = { 0 };

	AM_TRY(canon_get_text(obj, key, &text));
	return when_parse(text, out);
}

bool
canon_is_object(const struct json_t *v)
{
	return json_is_object(v);
}

size_t
canon_size(const struct json_t *arr_or_obj)
{
	return json_is_array(arr_or_obj) ? json_array_size(arr_or_obj)
					 : json_object_size(arr_or_obj);
}

AM_RESULT
canon_at(const struct json_t *arr, size_t i, const struct json_t **out)
{
	return found(json_array_get(arr, i), out);
}

AM_RESULT
canon_at_hex(const struct json_t *arr, size_t i, uint8_t *out, size_t out_len)
{
	return as_hex(json_array_get(arr, i), out, out_len);
}

AM_RESULT
canon_at_b64(const struct json_t *arr, size_t i, uint8_t *out, size_t out_len)
{
	return as_b64(json_array_get(arr, i), out, out_len);
}

AM_RESULT
canon_at_text(const struct json_t *arr, size_t i, struct bytes *out)
{
	return as_text(json_array_get(arr, i), out);
}

AM_RESULT
canon_at_uint(const struct json_t *arr, size_t i, uint64_t *out)
{
	return as_uint(json_array_get(arr, i), out);
}

bool
canon_keys_are(const struct json_t *obj, const char *const *keys, size_t count)
{
	if (!json_is_object(obj) || json_object_size(obj) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (json_object_get(obj, keys[i]) == NULL)
			return false;
	return true;
}

AM_RESULT
canon_member(const struct json_t *obj, size_t i, const char **key,
    const struct json_t **value)
{
	AM_CLEANUP(members_free) struct members m;

	m.many = NULL;
	if (!json_is_object(obj) || i >= json_object_size(obj))
		return AM_ERR_CORRUPT;
	AM_TRY(members_of(obj, &m));
	*key = m.at[i].key;
	*value = m.at[i].value;
	return AM_OK;
}
