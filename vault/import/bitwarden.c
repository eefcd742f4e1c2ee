#include "vault/import/bitwarden.h"

#include "vault/base/blob.h"
#include "vault/import/jsontext.h"

enum { ID_MAX = 63, FOLDER_MAX = 255 };

enum { LOGIN = 1, NOTE, CARD, IDENTITY, SSH_KEY };

struct folder {
	char id[ID_MAX + 1];
	char name[FOLDER_MAX + 1];
	uint8_t name_len;
};

struct bitwarden {
	struct feed *feed;
	struct jsontext json;
	struct blob folders; /* struct folder, by id */
	uint64_t row;
	bool over;
	/* while the whole file is read */
	bool items, plain, encrypted;
	struct folder folder;
	/* while an item is read */
	struct draft *draft;
	struct draft_span name, value; /* of a field */
	unsigned long type;
	unsigned seen; /* members, so that none is there twice */
	struct why *why;
};

void
bitwarden_free(struct bitwarden *b)
{
	if (b == NULL)
		return;
	feed_free(b->feed);
	blob_free(&b->folders);
	free(b);
}

static bool
is(const char *key, const char *name)
{
	return strcmp(key, name) == 0;
}

/* ---- folders */

static int
by_id(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;
	return strcmp(x->id, y->id);
}

/* What is too long for its place is cut: ids are never, names become names of
 * credentials, which are shorter still. */
static size_t
keep(struct bytes text, char *out, size_t cap)
{
	const size_t n = text.len < cap - 1 ? text.len : cap - 1;

	if (n > 0)
		memcpy(out, text.p, n);
	out[n] = '\0';
	return n;
}

static enum am_err
folder_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	if (is(key, "id") && t->kind == JSONTEXT_TEXT)
		(void)keep(t->text, b->folder.id, sizeof(b->folder.id));
	if (is(key, "name") && t->kind == JSONTEXT_TEXT)
		b->folder.name_len = (uint8_t)keep(
		    t->text, b->folder.name, sizeof(b->folder.name));
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
add_folder(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	(void)key;
	b->folder = (struct folder){ .name_len = 0 };
	AM_TRY(jsontext_each(&b->json, t, folder_member, b, b->why));
	if (b->folders.len / sizeof(b->folder) == BITWARDEN_FOLDERS_MAX)
		return why_say(b->why, AM_ERR_INCOMPLETE, "",
		    "it has more than %d folders", BITWARDEN_FOLDERS_MAX);
	return blob_add(&b->folders,
	    (struct bytes){ (const uint8_t *)&b->folder, sizeof(b->folder) });
}

static void
put_in_folder(struct bitwarden *b, struct bytes id)
{
	struct folder wanted = { .name_len = 0 };
	const struct folder *f;

	(void)keep(id, wanted.id, sizeof(wanted.id));
	f = b->folders.len == 0
	    ? NULL
	    : bsearch(&wanted, b->folders.p, b->folders.len / sizeof(wanted),
		  sizeof(wanted), by_id);
	if (f != NULL)
		draft_group(b->draft,
		    (struct bytes){ (const uint8_t *)f->name, f->name_len });
}

/* ---- items */

/* A text of the item; null and nothing are none. */
static void
take_text(
    struct bitwarden *b, const struct jsontext_token *t, enum draft_field field)
{
	if (t->kind == JSONTEXT_TEXT)
		draft_set(b->draft, field, draft_add(b->draft, t->text));
	else if (t->kind != JSONTEXT_NULL)
		draft_fault(b->draft, "one of its texts is something else");
}

static enum am_err
field_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	if (t->kind == JSONTEXT_TEXT && is(key, "name"))
		b->name = draft_add(b->draft, t->text);
	if (t->kind == JSONTEXT_TEXT && is(key, "value"))
		b->value = draft_add(b->draft, t->text);
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
take_field(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	(void)key;
	b->name = b->value = (struct draft_span){ 0 };
	AM_TRY(jsontext_each(&b->json, t, field_member, b, b->why));
	draft_extra(b->draft, b->name, b->value);
	return AM_OK;
}

/* A member of a card or an identity: a line of the note. */
static enum am_err
take_line(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	if (t->kind == JSONTEXT_TEXT) {
		const struct draft_span name = draft_add(b->draft,
		    (struct bytes){ (const uint8_t *)key, strlen(key) });

		draft_extra(b->draft, name, draft_add(b->draft, t->text));
	}
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
uri_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	if (!is(key, "uri"))
		return jsontext_skip(&b->json, t, b->why);
	if (!draft_has(b->draft, DRAFT_URL))
		take_text(b, t, DRAFT_URL);
	else
		return take_line(b, "url", t);
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
take_uri(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	(void)key;
	return jsontext_each(&b->json, t, uri_member, b, b->why);
}

static enum am_err
refuse_passkey(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	(void)key;
	draft_fault(b->draft,
	    "it holds a passkey, which cannot move; enrol another key there "
	    "and take this one out");
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
login_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	if (is(key, "uris"))
		return jsontext_each(&b->json, t, take_uri, b, b->why);
	if (is(key, "fido2Credentials"))
		return jsontext_each(&b->json, t, refuse_passkey, b, b->why);
	if (is(key, "username"))
		take_text(b, t, DRAFT_USER);
	else if (is(key, "password"))
		take_text(b, t, DRAFT_SECRET);
	else if (is(key, "totp"))
		take_text(b, t, DRAFT_TOTP);
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
ssh_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	if (is(key, "privateKey"))
		take_text(b, t, DRAFT_SECRET);
	else
		return take_line(b, key, t);
	return jsontext_skip(&b->json, t, b->why);
}

static enum am_err
take_collection(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;

	(void)key;
	if (t->kind == JSONTEXT_TEXT)
		put_in_folder(b, t->text);
	return jsontext_skip(&b->json, t, b->why);
}

static void
take_type(struct bitwarden *b, const struct jsontext_token *t)
{
	const bool one = t->kind == JSONTEXT_NUMBER && t->text.len == 1;

	b->type = one ? (unsigned long)(t->text.p[0] - '0') : 0;
}

enum member {
	NAME,
	TYPE,
	NOTES,
	FOLDER,
	COLLECTIONS,
	FIELDS,
	IN_LOGIN,
	IN_CARD,
	IN_IDENTITY,
	IN_KEY,
	MEMBERS
};

static enum member
member_of(const char *key)
{
	static const char *const names[MEMBERS] = { "name", "type", "notes",
		"folderId", "collectionIds", "fields", "login", "card",
		"identity", "sshKey" };
	size_t i = 0;

	while (i < MEMBERS && !is(key, names[i]))
		i++;
	return i;
}

static enum am_err
item_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;
	const enum member m = member_of(key);

	if (m < MEMBERS && (b->seen >> m & 1) != 0)
		draft_fault(b->draft, "its '%s' is there twice", key);
	b->seen |= 1U << m;
	switch (m) {
	case FIELDS:
		return jsontext_each(&b->json, t, take_field, b, b->why);
	case COLLECTIONS:
		return jsontext_each(&b->json, t, take_collection, b, b->why);
	case IN_LOGIN:
		return jsontext_each(&b->json, t, login_member, b, b->why);
	case IN_CARD:
	case IN_IDENTITY:
		return jsontext_each(&b->json, t, take_line, b, b->why);
	case IN_KEY:
		return jsontext_each(&b->json, t, ssh_member, b, b->why);
	case NAME:
		take_text(b, t, DRAFT_NAME);
		break;
	case NOTES:
		take_text(b, t, DRAFT_NOTES);
		break;
	case TYPE:
		take_type(b, t);
		break;
	case FOLDER:
		if (t->kind == JSONTEXT_TEXT)
			put_in_folder(b, t->text);
		break;
	case MEMBERS:
		break;
	}
	return jsontext_skip(&b->json, t, b->why);
}

static void
set_type(struct bitwarden *b)
{
	const char *type = "note";

	if (b->type < LOGIN || b->type > SSH_KEY) {
		draft_fault(b->draft, "its type is none that is known");
		return;
	}
	if (b->type == LOGIN)
		type = "login";
	if (b->type == SSH_KEY)
		type = "private-key";
	draft_set(b->draft, DRAFT_TYPE,
	    draft_add(b->draft,
		(struct bytes){ (const uint8_t *)type, strlen(type) }));
}

AM_RESULT
bitwarden_next(struct bitwarden *b, struct draft *out, struct why *why)
{
	struct jsontext_token t;

	if (b->over)
		return AM_ERR_NOT_FOUND;
	AM_TRY(jsontext_next(&b->json, &t, why));
	b->over =
	    t.kind == JSONTEXT_CLOSE; /* all that follows was read at first */
	if (b->over)
		return AM_ERR_NOT_FOUND;
	b->row++;
	draft_begin(out, b->row);
	b->draft = out;
	b->why = why;
	b->type = b->seen = 0;
	if (t.kind != JSONTEXT_OBJECT) {
		draft_fault(out, "it is not an item");
		return jsontext_skip(&b->json, &t, why);
	}
	AM_TRY(jsontext_each(&b->json, &t, item_member, b, why));
	set_type(b);
	return AM_OK;
}

uint64_t
bitwarden_row(const struct bitwarden *b)
{
	return b->row;
}

/* ---- the file */

static enum am_err
top_member(void *arg, const char *key, const struct jsontext_token *t)
{
	struct bitwarden *b = arg;
	const bool list = t->kind == JSONTEXT_ARRAY;

	if (is(key, "encrypted")) {
		b->plain = t->kind == JSONTEXT_FALSE;
		b->encrypted = t->kind == JSONTEXT_TRUE;
	}
	if (is(key, "items")) {
		if (b->items || !list)
			return why_say(b->why, AM_ERR_INCOMPLETE, "",
			    "'items' is there twice, or is no list");
		b->items = true;
	}
	if (list && (is(key, "folders") || is(key, "collections")))
		return jsontext_each(&b->json, t, add_folder, b, b->why);
	return jsontext_skip(&b->json, t, b->why);
}

static AM_RESULT
start(struct bitwarden *b, struct jsontext_token *first, struct why *why)
{
	AM_TRY(feed_rewind(b->feed, why));
	b->json = (struct jsontext){ .feed = b->feed };
	b->why = why;
	return jsontext_next(&b->json, first, why);
}

static AM_RESULT
read_folders(struct bitwarden *b, struct why *why)
{
	struct jsontext_token t;

	AM_TRY(start(b, &t, why));
	if (t.kind == JSONTEXT_OBJECT)
		AM_TRY(jsontext_each(&b->json, &t, top_member, b, why));
	else
		AM_TRY(jsontext_skip(&b->json, &t, why));
	AM_TRY(
	    jsontext_next(&b->json, &t, why)); /* the end, and nothing more */
	if (b->encrypted)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "this export of Bitwarden is encrypted; export it again, "
		    "with the file format '.json'");
	if (!b->items || !b->plain)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "this JSON is no export of Bitwarden: it lacks 'items' or "
		    "\"encrypted\": false");
	if (b->folders.len > 0)
		qsort(b->folders.p, b->folders.len / sizeof(b->folder),
		    sizeof(b->folder), by_id);
	return AM_OK;
}

/* Up to the first item. */
AM_RESULT
bitwarden_rewind(struct bitwarden *b, struct why *why)
{
	struct jsontext_token t;

	b->row = 0;
	b->over = false;
	AM_TRY(start(b, &t, why));
	for (;;) {
		bool here;

		AM_TRY(jsontext_next(&b->json, &t, why));
		if (t.kind !=
		    JSONTEXT_KEY) /* the file was exchanged meanwhile */
			return why_say(why, AM_ERR_CORRUPT, "",
			    "the file changed while it was read");
		here = bytes_same(
		    t.text, (struct bytes){ (const uint8_t *)"items", 5 });
		AM_TRY(jsontext_next(&b->json, &t, why));
		if (here && t.kind == JSONTEXT_ARRAY)
			return AM_OK;
		AM_TRY(jsontext_skip(&b->json, &t, why));
	}
}

AM_RESULT
bitwarden_open(struct feed *feed, struct why *why, struct bitwarden **out)
{
	bitwarden_auto *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		feed_free(feed);
		return AM_ERR_NOMEM;
	}
	b->feed = feed;
	AM_TRY(read_folders(b, why));
	AM_TRY(bitwarden_rewind(b, why));
	*out = AM_TAKE(b);
	return AM_OK;
}
