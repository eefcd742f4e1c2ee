#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>

#include "policy/tree.h"

const char *const tree_limits[TREE_LIMITS][2] = {
	{ "quorum_min", "2" },
	{ "committee_min", "3" },
	{ "committee_max", "16" },
	{ "quorum_below_committee_by", "1" },
	{ "contractors_counted", "0" },
	{ "replace_at_once", "k-1" },
	{ "syncable_tokens", "refused" },
};

/* ---- the schema, made of the rows */

enum { NULLABLE = CYAML_FLAG_POINTER_NULL_STR };

struct schema {
	cyaml_schema_value_t word, file, root, entry;
	cyaml_schema_field_t recovery[4], limits[TREE_LIMITS + 1],
	    class_map[LEVELS_CLASSES + 1], class[TERMS_CLASS + 1],
	    class_checks[LEVELS_CLASSES + 1], level[TERMS_LEVEL + 1],
	    levels[LEVELS_COUNT + 1], model[6], top[8];
};

static cyaml_schema_field_t
word_field(const char *key, size_t at)
{
	return (cyaml_schema_field_t){
		.key = key,
		.data_offset = (uint32_t)at,
		.value = { CYAML_VALUE_STRING(
		    CYAML_FLAG_POINTER, char, 1, STRICT_WORD_MAX) },
	};
}

static cyaml_schema_field_t
keys_field(const char *key, size_t at, size_t size,
    const cyaml_schema_field_t *fields, unsigned flags)
{
	return (cyaml_schema_field_t){
		.key = key,
		.data_offset = (uint32_t)at,
		.value = { .type = CYAML_MAPPING,
		    .flags = flags,
		    .data_size = (uint32_t)size,
		    .mapping = { .fields = fields } },
	};
}

static cyaml_schema_field_t
list_field(const char *key, size_t at, const cyaml_schema_value_t *word)
{
	return (cyaml_schema_field_t){
		.key = key,
		.data_offset =
		    (uint32_t)(at + offsetof(struct terms_list, names)),
		.count_offset =
		    (uint32_t)(at + offsetof(struct terms_list, count)),
		.count_size = sizeof(((struct terms_list *)NULL)->count),
		.value = { CYAML_VALUE_SEQUENCE(
		    CYAML_FLAG_POINTER, char *, word, 1, LEVELS_WINGS_MAX) },
	};
}

/* Lists of lists are beyond libcyaml: it passes over them, and their words
 * come from strict_read (put_items). */
static cyaml_schema_field_t
row_field(const struct schema *s, const struct terms_row *row, size_t i)
{
	const size_t cell = i * sizeof(struct terms_cell);

	switch (row->kind) {
	case TERMS_NAMES:
	case TERMS_STATUS:
		return list_field(row->name,
		    cell + offsetof(struct terms_cell, list), &s->word);
	case TERMS_GROUPS:
		return (cyaml_schema_field_t){ .key = row->name,
			.value = { .type = CYAML_IGNORE } };
	case TERMS_RECOVERY:
		return keys_field(row->name,
		    cell + offsetof(struct terms_cell, recovery),
		    sizeof(struct terms_recovery), s->recovery, NULLABLE);
	case TERMS_COUNT:
	case TERMS_CHOICE:
	case TERMS_WORD:
	case TERMS_TIME:
		break;
	}
	return word_field(row->name, cell + offsetof(struct terms_cell, text));
}

static void
fill_classes(struct schema *s)
{
	for (size_t i = 0; i < TERMS_CLASS; i++)
		s->class[i] = row_field(s, &terms_class[i], i);
	for (size_t i = 0; i < LEVELS_CLASSES; i++) {
		s->class_map[i] =
		    word_field(levels_class_name(i), i * sizeof(char *));
		s->class_checks[i] = keys_field(levels_class_name(i),
		    i * sizeof(struct tree_class), sizeof(struct tree_class),
		    s->class, CYAML_FLAG_DEFAULT);
	}
}

static void
fill_levels(struct schema *s)
{
	s->recovery[0] =
	    word_field("quorum", offsetof(struct terms_recovery, quorum));
	s->recovery[1] =
	    word_field("members", offsetof(struct terms_recovery, members));
	s->recovery[2] = word_field("disjoint_persons",
	    offsetof(struct terms_recovery, disjoint_persons));
	for (size_t i = 0; i < TERMS_LEVEL; i++)
		s->level[i] = row_field(s, &terms_level[i], i);
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		s->levels[i] = keys_field(levels_name(i),
		    i * sizeof(struct tree_level), sizeof(struct tree_level),
		    s->level, CYAML_FLAG_DEFAULT);
}

/* A list of mappings, the one thing that a file may be without. */
static void
fill_models(struct schema *s)
{
	s->root = (cyaml_schema_value_t){ CYAML_VALUE_STRING(
	    CYAML_FLAG_POINTER, char, 1, STRICT_ROOT_MAX) };
	s->model[0] = word_field("aaguid", offsetof(struct tree_model, aaguid));
	s->model[1] = word_field("name", offsetof(struct tree_model, name));
	s->model[2] = word_field(
	    "certification", offsetof(struct tree_model, certification));
	s->model[3] =
	    word_field("advisory", offsetof(struct tree_model, advisory));
	s->model[4] =
	    list_field("roots", offsetof(struct tree_model, roots), &s->root);
	s->model[4].value.sequence.min = 0;
	s->model[4].value.sequence.max = LEVELS_ROOTS_MAX;
	s->entry = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(
	    CYAML_FLAG_DEFAULT, struct tree_model, s->model) };
	s->top[5] = (cyaml_schema_field_t){
		.key = "token_models",
		.data_offset = offsetof(struct tree, models),
		.count_offset = offsetof(struct tree, model_count),
		.count_size = sizeof(((struct tree *)NULL)->model_count),
		.value = { CYAML_VALUE_SEQUENCE(
		    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct tree_model,
		    &s->entry, 0, LEVELS_MODELS_MAX) },
	};
}

#define PART(member, fields)                               \
	keys_field(#member, offsetof(struct tree, member), \
	    sizeof(((struct tree *)NULL)->member), fields, CYAML_FLAG_DEFAULT)

/* Its parts point at one another, so it stays where it is. */
static void
fill(struct schema *s)
{
	*s = (struct schema){
		.word = { CYAML_VALUE_STRING(
		    CYAML_FLAG_POINTER, char, 1, STRICT_WORD_MAX) },
		.file = { CYAML_VALUE_MAPPING(
		    CYAML_FLAG_POINTER, struct tree, s->top) },
	};
	for (size_t i = 0; i < TREE_LIMITS; i++)
		s->limits[i] =
		    word_field(tree_limits[i][0], i * sizeof(char *));
	fill_classes(s);
	fill_levels(s);
	s->top[0] = word_field("format", offsetof(struct tree, format));
	s->top[1] = word_field("version", offsetof(struct tree, version));
	s->top[2] = PART(limits, s->limits);
	s->top[2].key = "hard_limits";
	s->top[3] = PART(class_map, s->class_map);
	s->top[4] = PART(class_checks, s->class_checks);
	fill_models(s);
	s->top[6] = PART(levels, s->levels);
}

/* ---- keys that are missing or unknown, with their lines */

static const cyaml_schema_field_t *
find_field(const cyaml_schema_field_t *fields, const char *name)
{
	while (fields->key != NULL && strcmp(fields->key, name) != 0)
		fields++;
	return fields->key != NULL ? fields : NULL;
}

static const char *
name_of(const struct strict_key *k)
{
	return k->name[0] != '\0' ? k->name : "the file";
}

static AM_RESULT
check_missing(const struct strict *s, const cyaml_schema_field_t *fields,
    size_t parent, struct why *why)
{
	for (; fields->key != NULL; fields++)
		if ((fields->value.flags & CYAML_FLAG_OPTIONAL) == 0 &&
		    strict_find(s, parent, fields->key) == 0)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "line %u: %s lacks the key '%s'",
			    s->keys[parent].line, name_of(&s->keys[parent]),
			    fields->key);
	return AM_OK;
}

static AM_RESULT check_keys(
    const struct strict *, const cyaml_schema_field_t *, size_t, struct why *);

static AM_RESULT
check_entries(const struct strict *s, const cyaml_schema_value_t *entry,
    size_t list, struct why *why)
{
	for (size_t i = 1; i < s->count; i++)
		if (s->keys[i].parent == list)
			AM_TRY(check_keys(s, entry->mapping.fields, i, why));
	return AM_OK;
}

/* Four deep at most, since the schema is. */
static AM_RESULT
check_keys(const struct strict *s, const cyaml_schema_field_t *fields,
    size_t parent, struct why *why)
{
	for (size_t i = 1; i < s->count; i++) {
		const struct strict_key *k = &s->keys[i];
		const cyaml_schema_field_t *f;

		if (k->parent != parent)
			continue;
		if ((f = find_field(fields, k->name)) == NULL)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "line %u: unknown key '%s' in %s", k->line, k->name,
			    name_of(&s->keys[parent]));
		if (k->mapping && f->value.type == CYAML_MAPPING)
			AM_TRY(check_keys(s, f->value.mapping.fields, i, why));
		if (!k->mapping && f->value.type == CYAML_SEQUENCE &&
		    f->value.sequence.entry->type == CYAML_MAPPING)
			AM_TRY(
			    check_entries(s, f->value.sequence.entry, i, why));
	}
	return check_missing(s, fields, parent, why);
}

/* ---- libcyaml */

/* The line of the innermost value, out of "in ... (line: 12, column: 5)". */
struct told {
	char key[STRICT_WORD_MAX + 1];
	unsigned long line;
};

static const char *
behind(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	return at != NULL ? at + strlen(words) : NULL;
}

static void AM_PRINTF(3, 0)
    listen(cyaml_log_t level, void *arg, const char *fmt, va_list args)
{
	struct told *t = arg;
	const char *line, *key;
	char text[256];

	(void)level;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	line = behind(text, "(line: ");
	if (t->line != 0 || line == NULL)
		return;
	t->line = strtoul(line, NULL, 10);
	if ((key = behind(text, "in mapping field '")) != NULL)
		(void)snprintf(t->key, sizeof(t->key), "%.*s",
		    (int)strcspn(key, "'"), key);
}

static AM_RESULT
from_cyaml(cyaml_err_t err, const struct told *t, struct why *why)
{
	const char *what = "a word, a list and a group of keys are not the "
			   "same; see the file that is shipped";

	if (err == CYAML_OK)
		return AM_OK;
	if (err == CYAML_ERR_OOM)
		return AM_ERR_NOMEM;
	if (err == CYAML_ERR_SEQUENCE_ENTRIES_MAX)
		what = "a list that is too long";
	else if (err != CYAML_ERR_INVALID_VALUE)
		what = cyaml_strerror(err);
	return why_say(why, AM_ERR_INCOMPLETE, "", "line %lu: %s%s%s", t->line,
	    t->key, t->key[0] != '\0' ? ": " : "", what);
}

/* Words of lists in lists, where libcyaml has none. */
static void
put_items(struct tree *t, const struct strict *s, size_t level, size_t row)
{
	const size_t top = strict_find(s, 0, "levels"),
		     in = strict_find(s, top, levels_name(level)),
		     key = strict_find(s, in, terms_level[row].name);
	struct terms_cell *cell = &t->levels[level].cells[row];

	for (size_t i = 0; i < s->item_count; i++) {
		if (s->items[i].key != key)
			continue;
		if (cell->items == NULL)
			cell->items = &s->items[i];
		cell->item_count++;
	}
}

AM_RESULT
tree_read(
    struct bytes text, struct strict *keys, struct tree **out, struct why *why)
{
	struct told told = { 0 };
	const cyaml_config_t config = {
		.log_fn = listen,
		.log_ctx = &told,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	tree_auto *t = NULL;
	void *read = NULL;
	struct schema s;

	AM_TRY(strict_read(text, LEVELS_FILE_MAX, keys, why));
	fill(&s);
	AM_TRY(check_keys(keys, s.top, 0, why));
	AM_TRY(from_cyaml(
	    cyaml_load_data(text.p, text.len, &config, &s.file, &read, NULL),
	    &told, why));
	if ((t = read) == NULL)
		return AM_ERR_INTERNAL;
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		for (size_t k = 0; k < TERMS_LEVEL; k++)
			if (terms_level[k].kind == TERMS_GROUPS)
				put_items(t, keys, i, k);
	*out = AM_TAKE(t);
	return AM_OK;
}

void
tree_free(struct tree **t)
{
	const cyaml_config_t config = { .mem_fn = cyaml_mem };
	struct schema s;

	if (*t == NULL)
		return;
	fill(&s);
	(void)cyaml_free(&config, &s.file, *t, 0);
	*t = NULL;
}
