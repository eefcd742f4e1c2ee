#include <cyaml/cyaml.h>

#include "vault/import/map.h"

#include "policy/strict.h"
#include "vault/import/feed.h"

struct words {
	char *of[MAP_FIELDS];
	char *password; /* the other name of secret */
};

struct file {
	char *format, *delimiter, *header;
	struct words columns, constants;
};

/* clang-format off */
enum { MAY_LACK = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL };
#define WORD(key, type, member) \
	CYAML_FIELD_STRING_PTR(key, MAY_LACK, type, member, 1, STRICT_WORD_MAX)
#define TEXT(key, f) \
	CYAML_FIELD_STRING_PTR(key, MAY_LACK, struct words, of[f], 1, MAP_TEXT_MAX)
/* clang-format on */

#define FIELD(key, f) WORD(key, struct words, of[f])

static const cyaml_schema_field_t in_columns[] = {
	FIELD("name", DRAFT_NAME),
	FIELD("secret", DRAFT_SECRET),
	WORD("password", struct words, password),
	FIELD("user", DRAFT_USER),
	FIELD("url", DRAFT_URL),
	FIELD("notes", DRAFT_NOTES),
	FIELD("totp", DRAFT_TOTP),
	FIELD("safe", DRAFT_SAFE),
	FIELD("class", DRAFT_CLASS),
	FIELD("type", DRAFT_TYPE),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t in_constants[] = {
	FIELD("safe", DRAFT_SAFE),
	FIELD("class", DRAFT_CLASS),
	FIELD("type", DRAFT_TYPE),
	CYAML_FIELD_END,
};

/* Of a subscription: the fields of its record, the columns with its id. */
#define X(symbol, key, kind, needed, what) TEXT(key, RECORD_##symbol),
static const cyaml_schema_field_t in_record[] = {
	RECORD_FIELDS(X) TEXT("id", MAP_ID),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t in_record_constants[] = {
	RECORD_FIELDS(X) CYAML_FIELD_END,
};
#undef X

/* clang-format off */
#define TOP(c, k) {							\
	WORD("format", struct file, format),				\
	CYAML_FIELD_MAPPING("columns", CYAML_FLAG_OPTIONAL, struct file,	\
	    columns, c),						\
	CYAML_FIELD_MAPPING("constants", CYAML_FLAG_OPTIONAL, struct file, \
	    constants, k),						\
	WORD("delimiter", struct file, delimiter),			\
	WORD("header", struct file, header),				\
	CYAML_FIELD_END,						\
}
/* clang-format on */
static const cyaml_schema_field_t top[] = TOP(in_columns, in_constants),
				  record_top[] =
				      TOP(in_record, in_record_constants);

/* What a kind of map may say. */
static const struct form {
	const cyaml_schema_field_t *columns, *constants, *top;
	cyaml_schema_value_t schema;
	struct strict_form text;
} forms[] = {
	[MAP_CREDENTIALS] = { in_columns, in_constants, top,
	    { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, top) },
	    { "'format:'", STRICT_WORD_MAX, false } },
	[MAP_SUBSCRIPTIONS] = { in_record, in_record_constants, record_top,
	    { CYAML_VALUE_MAPPING(
		CYAML_FLAG_POINTER, struct file, record_top) },
	    { "'format:'", MAP_TEXT_MAX, true } },
};

static const cyaml_config_t config = {
	.mem_fn = cyaml_mem,
	.flags = CYAML_CFG_NO_ALIAS,
};

void
map_free(struct map *m)
{
	if (m->file != NULL)
		(void)cyaml_free(&config, &forms[m->kind].schema, m->file, 0);
	*m = (struct map){ 0 };
}

/* ---- keys, with their lines */

static bool
is_one_of(const char *name, const cyaml_schema_field_t *fields)
{
	for (; fields->key != NULL; fields++)
		if (strcmp(fields->key, name) == 0)
			return true;
	return false;
}

static const cyaml_schema_field_t *
fields_of(const struct form *f, const char *parent)
{
	if (strcmp(parent, "columns") == 0)
		return f->columns;
	return strcmp(parent, "constants") == 0 ? f->constants : f->top;
}

static AM_RESULT
check_keys(const struct strict *s, const struct form *form, struct why *why)
{
	for (size_t i = 1; i < s->count; i++) {
		const struct strict_key *k = &s->keys[i];
		const char *parent = s->keys[k->parent].name;
		const bool group =
		    k->parent == 0 && fields_of(form, k->name) != form->top;

		if (!is_one_of(k->name, fields_of(form, parent)))
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "line %u: unknown key '%s' in %s", k->line, k->name,
			    parent[0] != '\0' ? parent : "the file");
		if (k->mapping != group)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "line %u: %s is %s", k->line, k->name,
			    group ? "a group of keys" : "one word");
	}
	return AM_OK;
}

static AM_RESULT
wrong(
    const struct strict *s, const char *key, const char *what, struct why *why)
{
	return why_say(why, AM_ERR_INCOMPLETE, "", "line %u: %s",
	    s->keys[strict_find(s, 0, key)].line, what);
}

/* ---- values */

static AM_RESULT
read_delimiter(
    const struct strict *s, const char *word, struct map *m, struct why *why)
{
	if (word == NULL || strcmp(word, "comma") == 0)
		m->delimiter = ',';
	else if (strcmp(word, "semicolon") == 0)
		m->delimiter = ';';
	else if (strcmp(word, "tab") == 0)
		m->delimiter = '\t';
	else
		return wrong(s, "delimiter",
		    "delimiter is comma, semicolon or tab", why);
	return AM_OK;
}

static AM_RESULT
read_header(
    const struct strict *s, const char *word, struct map *m, struct why *why)
{
	if (word != NULL && strcmp(word, "yes") != 0 && strcmp(word, "no") != 0)
		return wrong(s, "header", "header is yes or no", why);
	m->no_header = word != NULL && strcmp(word, "no") == 0;
	return AM_OK;
}

static AM_RESULT
read_secret(const struct strict *s, const struct file *f, struct map *m,
    struct why *why)
{
	if (m->columns[DRAFT_SECRET] == NULL)
		m->columns[DRAFT_SECRET] = f->columns.password;
	else if (f->columns.password != NULL)
		return wrong(s, "columns",
		    "columns names both 'secret' and 'password'", why);
	if (m->columns[DRAFT_SECRET] == NULL)
		return wrong(s, "columns", "columns names no 'secret'", why);
	return AM_OK;
}

static AM_RESULT
read_id(const struct strict *s, const struct map *m, struct why *why)
{
	return m->columns[MAP_ID] != NULL
	    ? AM_OK
	    : wrong(s, "columns", "columns names no 'id'", why);
}

static AM_RESULT
read_values(const struct strict *s, const struct file *f, struct map *m,
    struct why *why)
{
	if (f->format == NULL || strcmp(f->format, "1") != 0)
		return wrong(s, "format",
		    "this program reads 'format: 1' of a map", why);
	AM_TRY(read_delimiter(s, f->delimiter, m, why));
	AM_TRY(read_header(s, f->header, m, why));
	memcpy(m->columns, f->columns.of, sizeof(m->columns));
	memcpy(m->constants, f->constants.of, sizeof(m->constants));
	return m->kind == MAP_CREDENTIALS ? read_secret(s, f, m, why)
					  : read_id(s, m, why);
}

static AM_RESULT
from_cyaml(cyaml_err_t err, struct why *why)
{
	if (err == CYAML_OK)
		return AM_OK;
	if (err == CYAML_ERR_OOM)
		return AM_ERR_NOMEM;
	return why_say(
	    why, AM_ERR_INCOMPLETE, "", "line 1: %s", cyaml_strerror(err));
}

AM_RESULT
map_parse(
    struct bytes text, enum map_kind kind, struct why *why, struct map *out)
{
	struct strict *keys = malloc(sizeof(*keys));
	map_auto m = { .kind = kind, .delimiter = ',' };
	enum am_err err;

	if (keys == NULL)
		return AM_ERR_NOMEM;
	err =
	    strict_read_form(text, MAP_FILE_MAX, &forms[kind].text, keys, why);
	if (err == AM_OK)
		err = check_keys(keys, &forms[kind], why);
	if (err == AM_OK)
		err = from_cyaml(cyaml_load_data(text.p, text.len, &config,
				     &forms[kind].schema, &m.file, NULL),
		    why);
	if (err == AM_OK)
		err = m.file != NULL ? read_values(keys, m.file, &m, why)
				     : AM_ERR_INTERNAL;
	free(keys);
	AM_TRY(err);
	*out = m;
	m = (struct map){ 0 };
	return AM_OK;
}

AM_RESULT
map_read(const char *path, enum map_kind kind, struct why *why, struct map *out)
{
	feed_auto *f = NULL;

	AM_TRY(feed_open(path, why, &f));
	while (!feed_over(f) && feed_len(f) <= MAP_FILE_MAX)
		AM_TRY(feed_more(f, why));
	return map_parse(
	    (struct bytes){ feed_at(f), feed_len(f) }, kind, why, out);
}
