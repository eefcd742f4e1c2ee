#include <cyaml/cyaml.h>
#include <stdio.h>

#include "policy/flat.h"
#include "policy/strict.h"

/* ---- the schema */

struct schema {
	cyaml_schema_value_t word, file;
	cyaml_schema_field_t fields[FLAT_FIELDS_MAX + 1];
};

/* Its parts point at one another, so it stays where it is. */
static void
fill(struct schema *s, const struct flat_field *fields, size_t count)
{
	*s = (struct schema){
		.word = { CYAML_VALUE_STRING(
		    CYAML_FLAG_POINTER, char, 0, FLAT_TEXT_MAX) },
		.file = { CYAML_VALUE_MAPPING(
		    CYAML_FLAG_POINTER, struct flat, s->fields) },
	};
	for (size_t i = 0; i < count; i++) {
		const size_t at = i * sizeof(struct flat_cell);
		cyaml_schema_field_t *f = &s->fields[i];

		f->key = fields[i].key;
		if (!fields[i].list) {
			f->data_offset =
			    (uint32_t)(at + offsetof(struct flat_cell, text));
			f->value = (cyaml_schema_value_t){ CYAML_VALUE_STRING(
			    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char, 0,
			    FLAT_TEXT_MAX) };
			continue;
		}
		f->data_offset =
		    (uint32_t)(at + offsetof(struct flat_cell, list));
		f->count_offset =
		    (uint32_t)(at + offsetof(struct flat_cell, count));
		f->count_size = sizeof(((struct flat_cell *)NULL)->count);
		f->value = (cyaml_schema_value_t){ CYAML_VALUE_SEQUENCE(
		    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char *, &s->word,
		    0, FLAT_LIST_MAX) };
	}
}

/* ---- keys */

static const struct flat_field *
find(const struct flat_field *fields, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

static bool
is_list(const struct strict *s, size_t key)
{
	for (size_t i = 0; i < s->item_count; i++)
		if (s->items[i].key == key)
			return true;
	return false;
}

static AM_RESULT
check_unknown(const struct strict *s, const struct flat_field *fields,
    size_t count, struct why *why)
{
	char all[WHY_TEXT_MAX] = "";
	size_t line = 0;

	for (size_t i = 1; i < s->count; i++) {
		const size_t at = strlen(all);

		if (s->keys[i].parent == 0 &&
		    find(fields, count, s->keys[i].name) != NULL)
			continue;
		line = line == 0 ? s->keys[i].line : line;
		(void)snprintf(all + at, sizeof(all) - at, "%s'%s'",
		    at > 0 ? ", " : "", s->keys[i].name);
	}
	return line == 0 ? AM_OK
			 : why_say(why, AM_ERR_INCOMPLETE, "",
			       "line %zu: no such field: %s", line, all);
}

static AM_RESULT
check_lists(const struct strict *s, const struct flat_field *fields,
    size_t count, struct why *why)
{
	for (size_t i = 1; i < s->count; i++) {
		const struct flat_field *f =
		    find(fields, count, s->keys[i].name);

		if (f == NULL)
			return AM_ERR_INTERNAL; /* check_unknown was before */
		if (s->keys[i].mapping || f->list != is_list(s, i))
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "line %u: %s is %s", s->keys[i].line, f->key,
			    f->list ? "a list, such as [one, two]"
				    : "one text");
	}
	for (size_t i = 0; i < s->item_count; i++)
		if (s->items[i].group != 0)
			return why_say(why, AM_ERR_INCOMPLETE, "",
			    "line %u: %s: a list in a list", s->items[i].line,
			    s->keys[s->items[i].key].name);
	return AM_OK;
}

/* ---- the file */

AM_RESULT
flat_read(struct bytes text, const struct flat_field *fields, size_t count,
    struct flat **out, struct why *why)
{
	const struct strict_form form = {
		.begins = "the name of a field",
		.word_max = FLAT_TEXT_MAX,
		.texts = true,
	};
	const cyaml_config_t config = {
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	struct strict *keys = NULL;
	void *read = NULL;
	struct schema s;
	cyaml_err_t rc;
	enum am_err err;

	if (count > FLAT_FIELDS_MAX)
		return AM_ERR_INTERNAL;
	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return AM_ERR_NOMEM;
	err = strict_read_form(text, FLAT_FILE_MAX, &form, keys, why);
	if (err == AM_OK)
		err = check_unknown(keys, fields, count, why);
	if (err == AM_OK)
		err = check_lists(keys, fields, count, why);
	free(keys);
	AM_TRY(err);
	fill(&s, fields, count);
	rc = cyaml_load_data(text.p, text.len, &config, &s.file, &read, NULL);
	if (rc == CYAML_ERR_OOM)
		return AM_ERR_NOMEM;
	if (rc != CYAML_OK)
		return why_say(why, AM_ERR_INCOMPLETE, "", "line 1: %s",
		    cyaml_strerror(rc));
	if (read == NULL)
		return AM_ERR_INTERNAL;
	*out = read;
	return AM_OK;
}

void
flat_free(struct flat **f, const struct flat_field *fields, size_t count)
{
	const cyaml_config_t config = { .mem_fn = cyaml_mem };
	struct schema s;

	if (*f == NULL)
		return;
	fill(&s, fields, count);
	(void)cyaml_free(&config, &s.file, *f, 0);
	*f = NULL;
}
