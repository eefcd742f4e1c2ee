#include "vault/acts/payload.h"

#include "vault/base/buf.h"

static const struct {
	const char *type, *first;
} types[] = {
	{ "login", "password" },
	{ "totp", "seed" },
	{ "api-key", "key" },
	{ "private-key", "key" },
	{ "recovery-codes", "codes" },
	{ "file", "content" },
	{ "note", "text" },
};

const char *
payload_first(const char *type)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].first;
	return NULL;
}

bool
payload_may_have(const char *type, const char *name)
{
	const char *first = payload_first(type);

	return first == NULL || strcmp(first, name) == 0 ||
	    (strcmp(name, "notes") == 0 && strcmp(first, "text") != 0) ||
	    (strcmp(type, "login") == 0 &&
		(strcmp(name, "user") == 0 || strcmp(name, "url") == 0));
}

static AM_RESULT
measure(const struct payload_field *fields, size_t count, size_t *out)
{
	size_t content = 0, len = 6;

	if (count == 0 || count > PAYLOAD_FIELDS_MAX ||
	    fields[0].value.len == 0)
		return AM_ERR_INVALID;
	for (size_t i = 0; i < count; i++) {
		const size_t name = strlen(fields[i].name);

		if (name == 0 || name > PAYLOAD_NAME_MAX ||
		    fields[i].value.len > PAYLOAD_CONTENT_MAX - content)
			return AM_ERR_INVALID;
		content += fields[i].value.len;
		len += 1 + name + 4 + fields[i].value.len;
	}
	*out = len;
	return AM_OK;
}

AM_RESULT
payload_write(const struct payload_field *fields, size_t count, uint8_t *out,
    size_t cap, size_t *out_len)
{
	static const uint8_t magic[] = { 'A', 'M', 'P', 'L', 1 };
	struct buf_writer w = { .p = out };

	AM_TRY(measure(fields, count, &w.cap));
	if (w.cap > cap)
		return AM_ERR_INVALID;
	AM_TRY(buf_put_fixed(&w, magic, sizeof(magic)));
	AM_TRY(buf_put_u8(&w, (uint8_t)count));
	for (size_t i = 0; i < count; i++) {
		const size_t name = strlen(fields[i].name);

		AM_TRY(buf_put_u8(&w, (uint8_t)name));
		AM_TRY(
		    buf_put_fixed(&w, (const uint8_t *)fields[i].name, name));
		AM_TRY(buf_put_bytes(&w, fields[i].value));
	}
	*out_len = w.len;
	return AM_OK;
}

AM_RESULT
payload_build(
    const struct payload_field *fields, size_t count, struct secret **out)
{
	secret_auto *s = NULL;
	size_t len = 0;

	AM_TRY(measure(fields, count, &len));
	AM_TRY(secret_new(len, &s));
	AM_TRY(payload_write(fields, count, secret_mut(s), len, &len));
	*out = AM_TAKE(s);
	return AM_OK;
}

struct walk {
	struct buf_reader r;
	uint8_t left;
};

static AM_RESULT
start(struct bytes payload, struct walk *w)
{
	static const uint8_t magic[] = { 'A', 'M', 'P', 'L', 1 };
	uint8_t seen[sizeof(magic)];

	w->r.rest = payload;
	AM_TRY(buf_get_fixed(&w->r, seen, sizeof(seen)));
	AM_TRY(buf_get_u8(&w->r, &w->left));
	if (!bytes_same((struct bytes){ seen, sizeof(seen) },
		(struct bytes){ magic, sizeof(magic) }) ||
	    w->left == 0 || w->left > PAYLOAD_FIELDS_MAX)
		return AM_ERR_CORRUPT;
	return AM_OK;
}

static AM_RESULT
next(struct walk *w, struct bytes *name, struct bytes *value)
{
	uint8_t n = 0;

	AM_TRY(buf_get_u8(&w->r, &n));
	if (n == 0 || n > PAYLOAD_NAME_MAX || n > w->r.rest.len)
		return AM_ERR_CORRUPT;
	*name = (struct bytes){ w->r.rest.p, n };
	w->r.rest.p += n;
	w->r.rest.len -= n;
	AM_TRY(buf_get_bytes(&w->r, PAYLOAD_CONTENT_MAX, value));
	w->left--;
	return w->left == 0 ? buf_get_end(&w->r) : AM_OK;
}

AM_RESULT
payload_get(struct bytes payload, const char *name, struct bytes *out)
{
	struct walk w;
	struct bytes key, value;

	AM_TRY(start(payload, &w));
	while (w.left > 0) {
		AM_TRY(next(&w, &key, &value));
		if (name == NULL ||
		    bytes_same(key,
			(struct bytes){
			    (const uint8_t *)name, strlen(name) })) {
			*out = value;
			return AM_OK;
		}
	}
	return AM_ERR_NOT_FOUND;
}

AM_RESULT
payload_names(struct bytes payload, char *out, size_t cap)
{
	struct walk w;
	struct bytes key, value;
	size_t len = 0;

	AM_TRY(start(payload, &w));
	out[0] = '\0';
	while (w.left > 0) {
		int n;

		AM_TRY(next(&w, &key, &value));
		n = snprintf(out + len, cap - len, "%s%.*s",
		    len > 0 ? ", " : "", (int)key.len, (const char *)key.p);
		if (n < 0 || (size_t)n >= cap - len)
			return AM_ERR_INVALID;
		len += (size_t)n;
	}
	return AM_OK;
}
