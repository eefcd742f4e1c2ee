#include <expat.h>
#include <stdio.h>

#include "vault/import/keepass.h"

#include "vault/import/arena.h"

enum { ARENA = 1 << 20, CHUNK = 16384, WORD_MAX = 255 };

enum element {
	OUTSIDE,
	WHOLE,
	META,
	BIN,
	ROOT,
	GROUP,
	UUID,
	NAME,
	ENTRY,
	HISTORY,
	STRING,
	BINARY,
	KEY,
	VALUE,
	OTHER
};

struct word {
	char text[WORD_MAX + 1];
	size_t len;
};

struct keepass {
	struct feed *feed;
	struct arena *arena;
	XML_Parser xml;
	struct draft *draft;
	uint64_t row, deleted;
	bool ready;     /* an entry has ended */
	bool suspended; /* behind it, in the middle of a chunk */
	bool last;      /* expat has seen the end of the file */
	const char *stop;
	/* where it is */
	enum element stack[KEEPASS_DEPTH + 1]; /* [0]: outside */
	size_t depth;
	char path[DRAFT_GROUP_MAX]; /* groups, '/' behind each */
	size_t path_len, before[KEEPASS_DEPTH + 1];
	size_t groups, thrown; /* how deep; the bin's, or 0 */
	struct word word, bin; /* of NAME, UUID and BIN */
	struct draft_span key, value, *text;
	bool encrypted;
};

/* expat hands no context to its allocator. Set before every call of it. */
static _Thread_local struct arena *arena_now;

static void *
get(size_t len)
{
	return arena_get(arena_now, len);
}

static void *
resize(void *p, size_t len)
{
	return arena_resize(arena_now, p, len);
}

static void
give(void *p)
{
	arena_give(arena_now, p);
}

static void
end_parser(struct keepass *k)
{
	arena_now = k->arena;
	XML_ParserFree(k->xml);
	k->xml = NULL;
}

void
keepass_free(struct keepass *k)
{
	if (k == NULL)
		return;
	if (k->xml != NULL)
		end_parser(k);
	arena_free(k->arena);
	feed_free(k->feed);
	free(k);
}

/* ---- where it is */

static const struct {
	const char *name;
	enum element in, is;
} elements[] = {
	{ "KeePassFile", OUTSIDE, WHOLE },
	{ "Meta", WHOLE, META },
	{ "RecycleBinUUID", META, BIN },
	{ "Root", WHOLE, ROOT },
	{ "Group", ROOT, GROUP },
	{ "Group", GROUP, GROUP },
	{ "UUID", GROUP, UUID },
	{ "Name", GROUP, NAME },
	{ "Entry", GROUP, ENTRY },
	{ "History", ENTRY, HISTORY },
	{ "String", ENTRY, STRING },
	{ "Binary", ENTRY, BINARY },
	{ "Key", STRING, KEY },
	{ "Value", STRING, VALUE },
};

static enum element
element_of(const struct keepass *k, const char *name)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(elements); i++)
		if (elements[i].in == k->stack[k->depth] &&
		    strcmp(elements[i].name, name) == 0)
			return elements[i].is;
	return OTHER;
}

static void
stop(struct keepass *k, const char *what)
{
	if (k->stop == NULL)
		k->stop = what;
	(void)XML_StopParser(k->xml, XML_FALSE);
}

/* ---- groups */

static void
begin_group(struct keepass *k)
{
	k->before[k->groups++] = k->path_len;
}

static void
end_group(struct keepass *k)
{
	k->path_len = k->before[--k->groups];
	if (k->groups < k->thrown)
		k->thrown = 0;
}

static void
name_group(struct keepass *k)
{
	const size_t at = k->before[k->groups - 1];

	if (k->groups == 1) /* the database */
		return;
	if (k->word.len + 1 > sizeof(k->path) - at) {
		stop(k, "its groups have names that are too long");
		return;
	}
	memcpy(k->path + at, k->word.text, k->word.len);
	k->path[at + k->word.len] = '/';
	k->path_len = at + k->word.len + 1;
}

static void
throw_group(struct keepass *k)
{
	if (k->thrown == 0 && k->bin.len > 0 && k->bin.len == k->word.len &&
	    strcmp(k->bin.text, k->word.text) == 0)
		k->thrown = k->groups;
}

/* ---- entries */

static bool
is_key(const struct keepass *k, const char *name)
{
	return bytes_same(draft_text(k->draft, k->key),
	    (struct bytes){ (const uint8_t *)name, strlen(name) });
}

/* A value that stands for that of another entry. */
static bool
is_reference(const struct keepass *k)
{
	struct bytes v = draft_text(k->draft, k->value);

	if (v.len < 5)
		return false;
	v.len = 5;
	return bytes_same(v, (struct bytes){ (const uint8_t *)"{REF:", 5 });
}

static void
end_string(struct keepass *k)
{
	static const struct {
		const char *key;
		enum draft_field field;
	} keys[] = {
		{ "Title", DRAFT_NAME },
		{ "UserName", DRAFT_USER },
		{ "Password", DRAFT_SECRET },
		{ "URL", DRAFT_URL },
		{ "Notes", DRAFT_NOTES },
		{ "otp", DRAFT_TOTP },
		{ "TimeOtp-Secret-Base32", DRAFT_TOTP },
		{ "TOTP Seed", DRAFT_TOTP },
	};

	if (k->encrypted && k->value.len > 0)
		draft_fault(k->draft,
		    "one of its values is still encrypted; export the database "
		    "with KeePass, as KeePass XML (2.x)");
	if (is_reference(k))
		draft_fault(k->draft,
		    "one of its values stands for that of another entry; write "
		    "the value itself");
	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++)
		if (is_key(k, keys[i].key)) {
			draft_set(k->draft, keys[i].field, k->value);
			return;
		}
	draft_extra(k->draft, k->key, k->value);
}

static void
begin_entry(struct keepass *k)
{
	draft_begin(k->draft, k->row + 1);
	draft_group(k->draft,
	    (struct bytes){
		(const uint8_t *)k->path, k->path_len - (k->path_len > 0) });
}

static void
end_entry(struct keepass *k)
{
	if (k->thrown > 0) {
		k->deleted++;
		return;
	}
	k->row++;
	k->ready = true;
	(void)XML_StopParser(k->xml, XML_TRUE);
}

/* ---- what expat calls */

static bool
is_true(const char **attributes, const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return strcasecmp(attributes[1], "true") == 0;
	return false;
}

static void
begin_inside(struct keepass *k, enum element e, const char **attributes)
{
	if (e == GROUP)
		begin_group(k);
	if (e == ENTRY)
		begin_entry(k);
	if (e == STRING) {
		k->key = k->value = (struct draft_span){ 0 };
		k->encrypted = false;
	}
	if (e == BINARY)
		draft_fault(k->draft,
		    "a file is attached to it; save the file and put it by "
		    "itself, with --type file, then take it out");
	if (e == UUID || e == NAME || e == BIN)
		k->word.len = 0;
	if (e == KEY || e == VALUE) {
		k->text = e == KEY ? &k->key : &k->value;
		if (k->text->len > 0)
			draft_fault(k->draft, "a string of it is there twice");
		*k->text = draft_add(k->draft, (struct bytes){ NULL, 0 });
	}
	if (e == VALUE)
		k->encrypted = is_true(attributes, "Protected");
}

static void XMLCALL
begin(void *arg, const char *name, const char **attributes)
{
	struct keepass *k = arg;
	const enum element e = element_of(k, name);

	if (k->depth == 0 && e != WHOLE) {
		stop(k, "this XML is no export of KeePass 2");
		return;
	}
	if (k->depth == KEEPASS_DEPTH) {
		stop(k, "it is nested too deep");
		return;
	}
	k->stack[++k->depth] = e;
	k->text = NULL;
	begin_inside(k, e, attributes);
}

static void XMLCALL
end(void *arg, const char *name)
{
	struct keepass *k = arg;
	const enum element e = k->stack[k->depth--];

	(void)name;
	k->text = NULL;
	k->word.text[k->word.len] = '\0';
	if (e == GROUP)
		end_group(k);
	if (e == ENTRY)
		end_entry(k);
	if (e == STRING)
		end_string(k);
	if (e == NAME)
		name_group(k);
	if (e == UUID)
		throw_group(k);
	if (e == BIN)
		k->bin = k->word;
}

static void XMLCALL
text(void *arg, const char *p, int len)
{
	struct keepass *k = arg;
	const enum element e = k->stack[k->depth];
	const struct bytes in = { (const uint8_t *)p, (size_t)len };
	const size_t room = WORD_MAX - k->word.len;

	if (k->text != NULL)
		draft_more(k->draft, in, k->text);
	if (e != UUID && e != NAME && e != BIN)
		return;
	memcpy(k->word.text + k->word.len, p, in.len < room ? in.len : room);
	k->word.len += in.len < room ? in.len : room;
}

static void XMLCALL
doctype(void *arg, const char *name, const char *system_id,
    const char *public_id, int internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)internal;
	stop(arg, "it declares a document type, which no export does");
}

/* ---- the file */

static AM_RESULT
from_expat(const struct keepass *k, struct why *why)
{
	const enum XML_Error err = XML_GetErrorCode(k->xml);
	const unsigned long line =
	    (unsigned long)XML_GetCurrentLineNumber(k->xml);

	if (k->stop != NULL)
		return why_say(
		    why, AM_ERR_CORRUPT, "", "line %lu: %s", line, k->stop);
	if (err == XML_ERROR_NO_MEMORY)
		return why_say(why, AM_ERR_CORRUPT, "",
		    "line %lu: a tag or a comment is too large", line);
	return why_say(why, AM_ERR_CORRUPT, "", "line %lu: this is not XML: %s",
	    line, XML_ErrorString(err));
}

/* The next chunk into expat's own buffer. */
static AM_RESULT
read_chunk(struct keepass *k, enum XML_Status *out, struct why *why)
{
	size_t n;
	void *to;

	if (feed_len(k->feed) == 0 && !feed_over(k->feed))
		AM_TRY(feed_more(k->feed, why));
	n = feed_len(k->feed) < CHUNK ? feed_len(k->feed) : CHUNK;
	k->last = n == 0;
	*out = XML_STATUS_ERROR;
	if ((to = XML_GetBuffer(k->xml, CHUNK)) == NULL)
		return AM_OK; /* expat says why */
	memcpy(to, feed_at(k->feed), n);
	feed_use(k->feed, n);
	*out = XML_ParseBuffer(k->xml, (int)n, k->last);
	return AM_OK;
}

AM_RESULT
keepass_next(struct keepass *k, struct draft *out, struct why *why)
{
	arena_now = k->arena;
	k->draft = out;
	while (!k->ready) {
		enum XML_Status status = XML_STATUS_OK;

		if (k->suspended)
			status = XML_ResumeParser(k->xml);
		else if (k->last)
			return AM_ERR_NOT_FOUND;
		else
			AM_TRY(read_chunk(k, &status, why));
		if (status == XML_STATUS_ERROR)
			return from_expat(k, why);
		k->suspended = status == XML_STATUS_SUSPENDED;
	}
	k->ready = false;
	return AM_OK;
}

uint64_t
keepass_row(const struct keepass *k)
{
	return k->row;
}

uint64_t
keepass_deleted(const struct keepass *k)
{
	return k->deleted;
}

static void
forget(struct keepass *k)
{
	k->row = k->deleted = 0;
	k->ready = k->suspended = k->last = false;
	k->stop = NULL;
	k->depth = k->groups = k->thrown = k->path_len = 0;
	k->word.len = k->bin.len = 0;
	k->text = NULL;
}

AM_RESULT
keepass_rewind(struct keepass *k, struct why *why)
{
	static const XML_Memory_Handling_Suite memory = { get, resize, give };

	AM_TRY(feed_rewind(k->feed, why));
	if (k->xml != NULL)
		end_parser(k);
	forget(k);
	arena_now = k->arena;
	k->xml = XML_ParserCreate_MM(NULL, &memory, NULL);
	if (k->xml == NULL)
		return AM_ERR_NOMEM;
	XML_SetUserData(k->xml, k);
	XML_SetElementHandler(k->xml, begin, end);
	XML_SetCharacterDataHandler(k->xml, text);
	XML_SetStartDoctypeDeclHandler(k->xml, doctype);
	return AM_OK;
}

AM_RESULT
keepass_open(struct feed *feed, struct why *why, struct keepass **out)
{
	keepass_auto *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		feed_free(feed);
		return AM_ERR_NOMEM;
	}
	k->feed = feed;
	AM_TRY(arena_new(ARENA, &k->arena));
	AM_TRY(keepass_rewind(k, why));
	*out = AM_TAKE(k);
	return AM_OK;
}
