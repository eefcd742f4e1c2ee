#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "policy/strict.h"

/* What is open: the file, then a mapping or list inside another. */
struct open {
	bool mapping, wants_key;
	bool entries, in_entry; /* a list of mappings; inside one of them */
	uint16_t key;           /* whose value it is */
	uint16_t groups;        /* lists that it has begun */
	uint16_t group;         /* which of them it is */
	size_t items;           /* there were before it */
};

struct walk {
	struct strict *s;
	const struct strict_form *form;
	struct why *why;
	size_t depth, documents;
	uint16_t key; /* the last one that was read */
	struct open open[STRICT_DEPTH_MAX + 1];
};

static enum am_err AM_PRINTF(3, 4)
    refuse(struct why *why, size_t line, const char *fmt, ...)
{
	char text[WHY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return why_say(why, AM_ERR_INCOMPLETE, "", "line %zu: %s", line, text);
}

size_t
strict_find(const struct strict *s, size_t parent, const char *name)
{
	for (size_t i = 1; i < s->count; i++)
		if (s->keys[i].parent == parent &&
		    strcmp(s->keys[i].name, name) == 0)
			return i;
	return 0;
}

/* ---- bytes */

/*
 * What reads differently on the screen. U+0085, U+2028 and U+2029 end a line
 * for YAML 1.1 and for no editor, so that what looks like a comment is in
 * force; marks of direction show a line in another order.
 */
static bool
is_hidden(struct bytes rest)
{
	const uint8_t *p = rest.p;

	if (rest.len >= 2 && p[0] == 0xc2)
		return p[1] < 0xa0;
	if (rest.len < 3 || p[0] != 0xe2)
		return false;
	return (p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
	    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

static const char *
fault_at(struct bytes rest)
{
	if (rest.p[0] == '\t')
		return "a tab; indent and separate with blanks";
	if (rest.p[0] == '\r')
		return "a carriage return; lines end with a line feed alone";
	if ((rest.p[0] < ' ' && rest.p[0] != '\n') || rest.p[0] == 0x7f)
		return "a control character";
	if (rest.len >= 3 && rest.p[0] == 0xef && rest.p[1] == 0xbb &&
	    rest.p[2] == 0xbf) /* which libyaml skips before any line */
		return "a byte order mark";
	if (is_hidden(rest))
		return "a character that hides a line's end or its direction";
	return NULL;
}

static size_t
line_of(struct bytes text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < text.len; i++)
		line += text.p[i] == '\n';
	return line;
}

static AM_RESULT
check_bytes(struct bytes text, size_t max, struct why *why)
{
	if (text.len > max)
		return refuse(why, line_of(text, max),
		    "here the file passes %zu bytes, more than it may have",
		    max);
	for (size_t i = 0; i < text.len; i++) {
		const char *fault =
		    fault_at((struct bytes){ text.p + i, text.len - i });

		if (fault != NULL)
			return refuse(why, line_of(text, i), "%s", fault);
	}
	if (text.len == 0 || text.p[text.len - 1] != '\n')
		return refuse(why, line_of(text, text.len),
		    "the last line does not end; is the file cut short?");
	return AM_OK;
}

/* ---- words */

static size_t
word_max(const struct walk *w, bool is_key)
{
	const struct open *in = &w->open[w->depth];

	if (is_key)
		return STRICT_WORD_MAX;
	return in->in_entry && !in->mapping ? w->form->entry_word_max
					    : w->form->word_max;
}

static AM_RESULT
check_word(struct walk *w, const yaml_event_t *e, bool is_key, size_t line)
{
	const char *text = (const char *)e->data.scalar.value;
	const size_t len = e->data.scalar.length, max = word_max(w, is_key);
	const bool texts = w->form->texts && !is_key;

	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE &&
	    (!texts || e->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
		e->data.scalar.style == YAML_FOLDED_SCALAR_STYLE))
		return refuse(w->why, line, "words are written %sin one line",
		    texts ? "" : "without quotes, ");
	if (e->start_mark.line != e->end_mark.line)
		return refuse(w->why, line,
		    "a word that goes on in the next "
		    "line");
	if (len > max)
		return refuse(
		    w->why, line, "a word of more than %zu characters", max);
	for (size_t i = 0; i < len; i++) {
		if (!texts && (text[i] < ' ' || text[i] > '~'))
			return refuse(w->why, line,
			    "outside comments only ASCII is read");
		if ((text[i] >= 0 && text[i] < ' ') || text[i] == 0x7f)
			return refuse(w->why, line, "a control character");
	}
	return AM_OK;
}

/* The other spellings of null, and that of nothing. */
static AM_RESULT
check_null(struct walk *w, const char *text, size_t line)
{
	const char *name = w->s->keys[w->key].name;

	if (text[0] == '\0')
		return refuse(w->why, line, "%s has an empty value", name);
	if (strcmp(text, "~") == 0 || strcmp(text, "Null") == 0 ||
	    strcmp(text, "NULL") == 0)
		return refuse(w->why, line, "%s: null is written so, not '%s'",
		    name, text);
	return AM_OK;
}

static AM_RESULT
add_key(struct walk *w, const char *name, size_t line)
{
	struct open *in = &w->open[w->depth];
	struct strict_key *k = &w->s->keys[w->s->count];
	const size_t before = strict_find(w->s, in->key, name);

	if (before != 0)
		return refuse(w->why, line,
		    "the key '%s' is there twice; it was in line %u", name,
		    w->s->keys[before].line);
	if (w->s->count > STRICT_KEYS_MAX)
		return refuse(w->why, line, "more than %d keys at '%s'",
		    STRICT_KEYS_MAX, name);
	*k = (struct strict_key){ .parent = in->key, .line = (uint16_t)line };
	(void)snprintf(k->name, sizeof(k->name), "%s", name);
	w->key = (uint16_t)w->s->count++;
	in->wants_key = false;
	return AM_OK;
}

/* A mapping in a list of them: its keys are found under its number. */
static AM_RESULT
add_entry(struct walk *w, uint16_t list, size_t line)
{
	struct strict_key *k = &w->s->keys[w->s->count];
	unsigned number = 1;

	for (size_t i = 1; i < w->s->count; i++)
		number += w->s->keys[i].parent == list;
	if (w->s->count > STRICT_KEYS_MAX)
		return refuse(w->why, line, "more than %d keys at '%s'",
		    STRICT_KEYS_MAX, w->s->keys[list].name);
	*k = (struct strict_key){ .parent = list, .line = (uint16_t)line };
	(void)snprintf(k->name, sizeof(k->name), "entry %u", number);
	w->key = (uint16_t)w->s->count++;
	return AM_OK;
}

static AM_RESULT
add_item(struct walk *w, const char *word, size_t line)
{
	const struct open *in = &w->open[w->depth];
	struct strict_item *item = &w->s->items[w->s->item_count];

	if (w->s->item_count == STRICT_ITEMS_MAX)
		return refuse(w->why, line, "more than %d words in lists",
		    STRICT_ITEMS_MAX);
	*item = (struct strict_item){
		.key = in->key,
		.group = in->group,
		.line = (uint16_t)line,
	};
	(void)snprintf(item->word, sizeof(item->word), "%s", word);
	w->s->item_count++;
	return AM_OK;
}

static AM_RESULT
no_entry(struct walk *w, const struct open *in, size_t line)
{
	return refuse(w->why, line, "%s: an entry of this list is keys",
	    w->s->keys[in->key].name);
}

static AM_RESULT
take_word(struct walk *w, const yaml_event_t *e, size_t line)
{
	struct open *in = &w->open[w->depth];
	const char *text = (const char *)e->data.scalar.value;

	const bool is_key = w->depth > 0 && in->mapping && in->wants_key;

	AM_TRY(check_word(w, e, is_key, line));
	if (w->depth == 0)
		return refuse(
		    w->why, line, "the file begins with %s", w->form->begins);
	if (is_key)
		return add_key(w, text, line);
	w->key = in->mapping ? w->key : in->key;
	in->wants_key = in->mapping;
	if (in->entries)
		return no_entry(w, in, line);
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		AM_TRY(check_null(w, text, line));
	return in->mapping ? AM_OK : add_item(w, text, line);
}

/* ---- structure */

static bool
holds_entries(const struct walk *w, uint16_t key)
{
	return w->depth == 1 && w->form->entries != NULL &&
	    strcmp(w->s->keys[key].name, w->form->entries) == 0;
}

/* What may be inside a list: lists, words, and in one of them mappings. */
static AM_RESULT
check_inside(struct walk *w, const struct open *in, bool mapping, size_t line)
{
	if (w->depth == 0 || in->mapping)
		return AM_OK;
	if (in->entries)
		return mapping ? add_entry(w, in->key, line)
			       : no_entry(w, in, line);
	/* In a list it has no key of its own. */
	return mapping ? refuse(w->why, line, "%s: a list holds no keys",
			     w->s->keys[in->key].name)
		       : AM_OK;
}

static AM_RESULT
open_one(struct walk *w, bool mapping, size_t line)
{
	struct open *in = &w->open[w->depth];
	uint16_t key = in->mapping ? w->key : in->key;

	if (in->mapping && in->wants_key)
		return refuse(w->why, line, "a key is one word");
	if (w->depth == 0 && !mapping)
		return refuse(
		    w->why, line, "the file begins with %s", w->form->begins);
	if (w->depth == STRICT_DEPTH_MAX)
		return refuse(w->why, line,
		    "%s: too deep, nothing of such a "
		    "file is inside so much",
		    w->s->keys[key].name);
	AM_TRY(check_inside(w, in, mapping, line));
	if (in->entries)
		key = w->key;
	w->s->keys[key].mapping = mapping;
	if (w->depth > 0 && !in->mapping)
		in->groups++;
	w->open[w->depth + 1] = (struct open){
		.mapping = mapping,
		.wants_key = mapping,
		.entries = !mapping && holds_entries(w, key),
		.in_entry = in->entries || in->in_entry,
		.key = key,
		.group = in->entries ? 0 : in->groups,
		.items = w->s->item_count,
	};
	w->depth++;
	return AM_OK;
}

static AM_RESULT
close_one(struct walk *w, size_t line)
{
	const struct open *was = &w->open[w->depth];
	struct open *in = &w->open[--w->depth];

	if (!was->mapping && !was->entries && !was->in_entry &&
	    was->items == w->s->item_count)
		return refuse(w->why, line, "%s: an empty list",
		    w->s->keys[was->key].name);
	in->wants_key = in->mapping;
	return AM_OK;
}

static AM_RESULT
begin_document(struct walk *w, const yaml_event_t *e, size_t line)
{
	if (e->data.document_start.version_directive != NULL ||
	    e->data.document_start.tag_directives.start !=
		e->data.document_start.tag_directives.end)
		return refuse(w->why, line, "directives (%%) are not read");
	if (w->documents++ > 0)
		return refuse(
		    w->why, line, "a second document; there is one in a file");
	return AM_OK;
}

static bool
has_label(const yaml_event_t *e)
{
	switch ((int)e->type) { /* of many types, these can */
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor != NULL ||
		    e->data.scalar.tag != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor != NULL ||
		    e->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor != NULL ||
		    e->data.mapping_start.tag != NULL;
	default:
		return e->type == YAML_ALIAS_EVENT;
	}
}

static AM_RESULT
take(struct walk *w, const yaml_event_t *e)
{
	const size_t line = e->start_mark.line + 1;

	if (has_label(e))
		return refuse(w->why, line,
		    "%s: anchors (&), aliases (*) and tags (!) are not read",
		    w->s->keys[w->key].name);
	switch ((int)e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(w, e, line);
	case YAML_SCALAR_EVENT:
		return take_word(w, e, line);
	case YAML_SEQUENCE_START_EVENT:
		return open_one(w, false, line);
	case YAML_MAPPING_START_EVENT:
		return open_one(w, true, line);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_one(w, line);
	default:
		return AM_OK;
	}
}

/* ---- libyaml */

static AM_RESULT
from_libyaml(const yaml_parser_t *p, struct bytes text, struct why *why)
{
	if (p->error == YAML_MEMORY_ERROR)
		return AM_ERR_NOMEM;
	if (p->error == YAML_READER_ERROR)
		return refuse(
		    why, line_of(text, p->problem_offset), "not UTF-8");
	return refuse(why, p->problem_mark.line + 1, "not YAML: %s",
	    p->problem != NULL ? p->problem : "it cannot be read");
}

static AM_RESULT
walk(struct walk *w, yaml_parser_t *p, struct bytes text)
{
	bool last = false;

	while (!last) {
		yaml_event_t e;
		enum am_err err;

		if (yaml_parser_parse(p, &e) == 0)
			return from_libyaml(p, text, w->why);
		last = e.type == YAML_STREAM_END_EVENT;
		err = take(w, &e);
		yaml_event_delete(&e);
		AM_TRY(err);
	}
	if (w->documents == 0)
		return refuse(w->why, 1, "there is nothing in the file");
	return AM_OK;
}

AM_RESULT
strict_read_form(struct bytes text, size_t max, const struct strict_form *form,
    struct strict *out, struct why *why)
{
	struct walk w = { .s = out, .form = form, .why = why };
	yaml_parser_t p;
	enum am_err err;

	*out = (struct strict){ .count = 1, .keys[0].line = 1 };
	AM_TRY(check_bytes(text, max, why));
	if (yaml_parser_initialize(&p) == 0)
		return AM_ERR_NOMEM;
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, text.p, text.len);
	err = walk(&w, &p, text);
	yaml_parser_delete(&p);
	return err;
}

AM_RESULT
strict_read(struct bytes text, size_t max, struct strict *out, struct why *why)
{
	static const struct strict_form policy = {
		.begins = "'format:'",
		.word_max = STRICT_WORD_MAX,
		.entries = "token_models",
		.entry_word_max = STRICT_ROOT_MAX,
	};

	return strict_read_form(text, max, &policy, out, why);
}
