#include <sodium.h>
#include <stdio.h>

#include "vault/import/names.h"

/* An open table of keyed hashes: 2^-64 that two names are taken for one, and
 * nobody can write a file that makes it slow. */
struct taken {
	uint64_t tag;  /* 0: free */
	uint64_t next; /* number to try */
};

struct names {
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct taken *slots;
	size_t count, cap; /* a power of two */
};

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	free(n->slots);
	free(n);
}

AM_RESULT
names_new(struct names **out)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return AM_ERR_NOMEM;
	n->cap = 1024;
	n->slots = calloc(n->cap, sizeof(*n->slots));
	if (n->slots == NULL) {
		free(n);
		return AM_ERR_NOMEM;
	}
	randombytes_buf(n->key, sizeof(n->key));
	*out = n;
	return AM_OK;
}

void
names_clear(struct names *n)
{
	memset(n->slots, 0, n->cap * sizeof(*n->slots));
	n->count = 0;
}

static struct taken *
find(struct taken *slots, size_t cap, uint64_t tag)
{
	size_t i = (size_t)tag & (cap - 1);

	while (slots[i].tag != 0 && slots[i].tag != tag)
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static AM_RESULT
grow(struct names *n)
{
	const size_t cap = 2 * n->cap;
	struct taken *slots;

	if (n->count < n->cap / 2)
		return AM_OK;
	if ((slots = calloc(cap, sizeof(*slots))) == NULL)
		return AM_ERR_NOMEM;
	for (size_t i = 0; i < n->cap; i++)
		if (n->slots[i].tag != 0)
			*find(slots, cap, n->slots[i].tag) = n->slots[i];
	free(n->slots);
	n->slots = slots;
	n->cap = cap;
	return AM_OK;
}

/* *out is where the name stands, or free: then it is taken now. */
static AM_RESULT
enter(struct names *n, const char *safe, const char *title, bool *out_new,
    uint64_t *out_tag)
{
	char path[ROWS_ID_MAX + ROWS_TITLE_MAX + 2];
	uint64_t tag = 0;
	struct taken *t;

	AM_TRY(grow(n));
	(void)snprintf(path, sizeof(path), "%s/%s", safe, title);
	(void)crypto_shorthash(
	    (uint8_t *)&tag, (const uint8_t *)path, strlen(path), n->key);
	tag += tag == 0;
	t = find(n->slots, n->cap, tag);
	*out_new = t->tag == 0;
	*out_tag = tag;
	if (*out_new) {
		*t = (struct taken){ tag, 2 };
		n->count++;
	}
	return AM_OK;
}

AM_RESULT
names_take(struct names *n, const char *safe,
    char title[static ROWS_TITLE_MAX + 1], bool *out_again)
{
	char tried[ROWS_TITLE_MAX + 1], end[24];
	uint64_t first = 0, tag = 0;
	bool is_new = false;

	AM_TRY(enter(n, safe, title, &is_new, &first));
	*out_again = !is_new;
	while (!is_new) {
		/* Found anew each time: the table may have moved. */
		struct taken *t = find(n->slots, n->cap, first);
		const int len = snprintf(
		    end, sizeof(end), "-%lu", (unsigned long)t->next++);

		(void)snprintf(tried, sizeof(tried), "%.*s%s",
		    ROWS_TITLE_MAX - len, title, end);
		AM_TRY(enter(n, safe, tried, &is_new, &tag));
		if (is_new)
			memcpy(title, tried, sizeof(tried));
	}
	return AM_OK;
}

/* ---- valid names */

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static size_t
trimmed(const char *p, size_t len, char c)
{
	while (len > 0 && p[len - 1] == c)
		len--;
	return len;
}

/* One part, at most `cap` characters at `out`; how many there are. */
static size_t
tidy_part(struct bytes in, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len && n < cap; i++) {
		const uint8_t c = in.p[i];
		const bool same = is_alnum(c) || c == '.' || c == '_';

		if (c == '.' && n > 0 && out[n - 1] == '.')
			continue; /* no name has two in a row */

		if (n == 0 ? is_alnum(c) : same)
			out[n++] = (char)c;
		else if (n > 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	return trimmed(out, n, '-');
}

/* The innermost folder of *group, which loses it. */
static struct bytes
last_part(struct bytes *group)
{
	size_t at = group->len;
	struct bytes part;

	while (at > 0 && group->p[at - 1] != '/')
		at--;
	part = (struct bytes){ group->p + at, group->len - at };
	group->len = at > 0 ? at - 1 : 0;
	return part;
}

void
names_tidy(struct bytes group, struct bytes title, uint64_t number,
    size_t spare, char out[static ROWS_TITLE_MAX + 1])
{
	const size_t cap = ROWS_TITLE_MAX - spare;
	char part[ROWS_TITLE_MAX];
	size_t n = tidy_part(title, out, cap), len;

	if (n == 0)
		n = (size_t)snprintf(out, ROWS_TITLE_MAX + 1, "entry-%lu",
		    (unsigned long)number);
	while (group.len > 0) {
		const struct bytes folder = last_part(&group);

		len = tidy_part(folder, part, sizeof(part));
		len = trimmed(part, len, '.'); /* another one follows */
		if (len == 0)
			continue;
		if (n + len + 1 > cap)
			break;
		memmove(out + len + 1, out, n);
		memcpy(out, part, len);
		out[len] = '.';
		n += len + 1;
	}
	out[n] = '\0';
}
