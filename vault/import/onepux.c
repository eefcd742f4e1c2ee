#include "vault/import/onepux.h"

#include "vault/import/jsontext.h"
#include "vault/import/unzip.h"

/* Levels of the file: { accounts [ { vaults [ { items [ { */
enum { FILE_LEVEL = 1, ACCOUNT = 3, VAULT = 5, ATTRS = 6, ITEM = 7 };
enum { VAULT_MAX = 255 };

struct onepux {
	struct feed *feed;
	struct jsontext json;
	uint64_t row;
	char keys[ITEM][JSONTEXT_KEY_MAX + 1]; /* the last of each level */
	char vault[VAULT_MAX];
	size_t vault_len;
	bool over, accounts;
	/* while an item is read */
	struct draft *draft;
	struct why *why;
	struct draft_span name, value;   /* of a field */
	char what[JSONTEXT_KEY_MAX + 1]; /* its designation, or id */
	bool ssh;
};

void
onepux_free(struct onepux *x)
{
	if (x == NULL)
		return;
	feed_free(x->feed);
	free(x);
}

static bool
is(const char *key, const char *name)
{
	return strcmp(key, name) == 0;
}

static bool
is_scalar(const struct jsontext_token *t)
{
	return t->kind == JSONTEXT_TEXT || t->kind == JSONTEXT_NUMBER;
}

/* ---- fields */

/* `field`, unless the item has one: then a line of the notes. */
static void
take(struct onepux *x, enum draft_field field, struct draft_span name,
    struct draft_span value)
{
	if (value.len > 0 && !draft_has(x->draft, field))
		draft_set(x->draft, field, value);
	else
		draft_extra(x->draft, name, value);
}

static struct draft_span
word(struct onepux *x, const char *text)
{
	return draft_add(
	    x->draft, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static void
keep_what(struct onepux *x, const struct jsontext_token *t)
{
	if (t->text.len > JSONTEXT_KEY_MAX)
		return;
	memcpy(x->what, t->text.p, t->text.len);
	x->what[t->text.len] = '\0';
}

static void
begin_field(struct onepux *x)
{
	x->name = x->value = (struct draft_span){ 0 };
	x->what[0] = '\0';
}

static enum am_err
login_field_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (t->kind == JSONTEXT_TEXT && is(key, "name"))
		x->name = draft_add(x->draft, t->text);
	if (t->kind == JSONTEXT_TEXT && is(key, "value"))
		x->value = draft_add(x->draft, t->text);
	if (t->kind == JSONTEXT_TEXT && is(key, "designation"))
		keep_what(x, t);
	return jsontext_skip(&x->json, t, x->why);
}

static enum am_err
login_field(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	(void)key;
	begin_field(x);
	AM_TRY(jsontext_each(&x->json, t, login_field_member, x, x->why));
	if (is(x->what, "username"))
		take(x, DRAFT_USER, x->name, x->value);
	else if (is(x->what, "password"))
		take(x, DRAFT_SECRET, x->name, x->value);
	else
		draft_extra(x->draft, x->name, x->value);
	return AM_OK;
}

/* A member of a value that has several: an address, an SSH key. */
static enum am_err
part(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (t->kind == JSONTEXT_TEXT && is(key, "privateKey")) {
		x->ssh = true;
		take(x, DRAFT_SECRET, x->name, draft_add(x->draft, t->text));
	} else if (t->kind == JSONTEXT_TEXT) {
		const struct draft_span name = word(x, key);

		draft_extra(x->draft, name, draft_add(x->draft, t->text));
	} else if (t->kind == JSONTEXT_OBJECT)
		return jsontext_each(&x->json, t, part, x, x->why);
	return jsontext_skip(&x->json, t, x->why);
}

static void
take_value(struct onepux *x, const char *key, struct draft_span value)
{
	if (is(key, "totp"))
		take(x, DRAFT_TOTP, x->name, value);
	else if (is(x->what, "username"))
		take(x, DRAFT_USER, x->name, value);
	else if (is(x->what, "password"))
		take(x, DRAFT_SECRET, x->name, value);
	else
		draft_extra(x->draft, x->name, value);
}

static enum am_err
value_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (is(key, "file") && t->kind == JSONTEXT_OBJECT)
		draft_fault(x->draft,
		    "a file is attached to it; save the file and put it by "
		    "itself, with --type file, then take it out");
	if (is_scalar(t))
		take_value(x, key, draft_add(x->draft, t->text));
	else if (t->kind == JSONTEXT_OBJECT && !is(key, "file"))
		return jsontext_each(&x->json, t, part, x, x->why);
	return jsontext_skip(&x->json, t, x->why);
}

/* Title and id stand before the value. */
static enum am_err
section_field_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (is(key, "value"))
		return jsontext_each(&x->json, t, value_member, x, x->why);
	if (t->kind == JSONTEXT_TEXT && is(key, "title"))
		x->name = draft_add(x->draft, t->text);
	if (t->kind == JSONTEXT_TEXT && is(key, "id"))
		keep_what(x, t);
	return jsontext_skip(&x->json, t, x->why);
}

static enum am_err
section_field(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	(void)key;
	begin_field(x);
	return jsontext_each(&x->json, t, section_field_member, x, x->why);
}

static enum am_err
section_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	return is(key, "fields")
	    ? jsontext_each(&x->json, t, section_field, x, x->why)
	    : jsontext_skip(&x->json, t, x->why);
}

static enum am_err
section(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	(void)key;
	return jsontext_each(&x->json, t, section_member, x, x->why);
}

/* ---- items */

static enum am_err
details_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (is(key, "loginFields"))
		return jsontext_each(&x->json, t, login_field, x, x->why);
	if (is(key, "sections"))
		return jsontext_each(&x->json, t, section, x, x->why);
	if (is(key, "documentAttributes") && t->kind == JSONTEXT_OBJECT)
		draft_fault(x->draft,
		    "it is a file; save it and put it by itself, with --type "
		    "file");
	if (t->kind == JSONTEXT_TEXT && is(key, "notesPlain"))
		draft_set(x->draft, DRAFT_NOTES, draft_add(x->draft, t->text));
	if (t->kind == JSONTEXT_TEXT && is(key, "password"))
		take(x, DRAFT_SECRET, word(x, key),
		    draft_add(x->draft, t->text));
	return jsontext_skip(&x->json, t, x->why);
}

static void
take_url(struct onepux *x, struct bytes url)
{
	const struct draft_span name = word(x, "url"),
				value = draft_add(x->draft, url);

	if (!draft_has(x->draft, DRAFT_URL) ||
	    !draft_same(x->draft, DRAFT_URL, value))
		take(x, DRAFT_URL, name, value);
}

static enum am_err
url_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (is(key, "url") && t->kind == JSONTEXT_TEXT)
		take_url(x, t->text);
	return jsontext_skip(&x->json, t, x->why);
}

static enum am_err
one_url(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	(void)key;
	return jsontext_each(&x->json, t, url_member, x, x->why);
}

static enum am_err
overview_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (is(key, "urls"))
		return jsontext_each(&x->json, t, one_url, x, x->why);
	if (is(key, "title") && t->kind == JSONTEXT_TEXT)
		draft_set(x->draft, DRAFT_NAME, draft_add(x->draft, t->text));
	if (is(key, "url") && t->kind == JSONTEXT_TEXT)
		take_url(x, t->text);
	return jsontext_skip(&x->json, t, x->why);
}

static enum am_err
item_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct onepux *x = arg;

	if (is(key, "item")) /* earlier exports wrap it */
		return jsontext_each(&x->json, t, item_member, x, x->why);
	if (is(key, "overview"))
		return jsontext_each(&x->json, t, overview_member, x, x->why);
	if (is(key, "details"))
		return jsontext_each(&x->json, t, details_member, x, x->why);
	return jsontext_skip(&x->json, t, x->why);
}

static AM_RESULT
read_item(struct onepux *x, const struct jsontext_token *t)
{
	x->ssh = false;
	draft_begin(x->draft, ++x->row);
	draft_group(x->draft,
	    (struct bytes){ (const uint8_t *)x->vault, x->vault_len });
	AM_TRY(jsontext_each(&x->json, t, item_member, x, x->why));
	if (x->ssh)
		draft_set(x->draft, DRAFT_TYPE, word(x, "private-key"));
	return AM_OK;
}

/* ---- the file */

static bool
in_vaults(const struct onepux *x)
{
	return is(x->keys[FILE_LEVEL], "accounts") &&
	    is(x->keys[ACCOUNT], "vaults");
}

static void
keep_key(struct onepux *x, struct bytes key)
{
	char *to = x->keys[x->json.depth];
	const size_t n = key.len <= JSONTEXT_KEY_MAX ? key.len : 0;

	memcpy(to, key.p, n);
	to[n] = '\0';
	if (x->json.depth == FILE_LEVEL)
		x->accounts |= is(to, "accounts");
}

static void
keep_vault(struct onepux *x, struct bytes name)
{
	x->vault_len = name.len < VAULT_MAX ? name.len : VAULT_MAX;
	memcpy(x->vault, name.p, x->vault_len);
}

static AM_RESULT
take_token(struct onepux *x, const struct jsontext_token *t, bool *out_item)
{
	const size_t depth = x->json.depth;

	*out_item = false;
	if (t->kind == JSONTEXT_KEY && depth < ITEM)
		keep_key(x, t->text);
	if (t->kind == JSONTEXT_OBJECT && depth == VAULT)
		x->vault_len = 0;
	if (t->kind == JSONTEXT_OBJECT && depth < ITEM)
		x->keys[depth][0] = '\0';
	if (t->kind == JSONTEXT_TEXT && depth == ATTRS && in_vaults(x) &&
	    is(x->keys[VAULT], "attrs") && is(x->keys[ATTRS], "name"))
		keep_vault(x, t->text);
	if (t->kind == JSONTEXT_OBJECT && depth == ITEM && in_vaults(x) &&
	    is(x->keys[VAULT], "items")) {
		*out_item = true;
		return read_item(x, t);
	}
	return AM_OK;
}

AM_RESULT
onepux_next(struct onepux *x, struct draft *out, struct why *why)
{
	struct jsontext_token t;
	bool item = false;

	x->draft = out;
	x->why = why;
	if (x->over)
		return AM_ERR_NOT_FOUND;
	while (!item) {
		AM_TRY(jsontext_next(&x->json, &t, why));
		x->over = t.kind == JSONTEXT_END;
		if (x->over && !x->accounts)
			return why_say(why, AM_ERR_CORRUPT, "",
			    "this is no export of 1Password: it lacks "
			    "'accounts'");
		if (x->over)
			return AM_ERR_NOT_FOUND;
		AM_TRY(take_token(x, &t, &item));
	}
	return AM_OK;
}

uint64_t
onepux_row(const struct onepux *x)
{
	return x->row;
}

static void
forget(struct onepux *x)
{
	x->json = (struct jsontext){ .feed = x->feed };
	x->row = x->vault_len = 0;
	x->over = x->accounts = false;
	memset(x->keys, 0, sizeof(x->keys));
}

AM_RESULT
onepux_rewind(struct onepux *x, struct why *why)
{
	forget(x);
	return feed_rewind(x->feed, why);
}

AM_RESULT
onepux_open(const char *path, struct why *why, struct onepux **out)
{
	onepux_auto *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return AM_ERR_NOMEM;
	AM_TRY(unzip_open(path, "export.data", why, &x->feed));
	forget(x);
	*out = AM_TAKE(x);
	return AM_OK;
}
