#include <stdarg.h>
#include <stdio.h>

#include "vault/import/draft.h"

#include "vault/acts/seal.h"
#include "vault/base/secret.h"

/* Texts of an entry, and the notes that are put together of them. */
enum { SPACE = 4 * BULK_PAYLOAD_MAX, TEXT_MAX = BULK_PAYLOAD_MAX - 256 };

static const char totp_end[] = "-totp";

struct extra {
	struct draft_span name, value;
};

struct draft {
	struct draft_rules rules;
	struct names *names;
	struct secret *space; /* SPACE bytes */
	size_t used;
	struct draft_span fields[DRAFT_FIELDS];
	bool set[DRAFT_FIELDS];
	struct extra extras[DRAFT_EXTRAS_MAX];
	size_t extra_count;
	char group[DRAFT_GROUP_MAX];
	size_t group_len;
	uint64_t row;
	struct why fault;
	enum { MAIN, CODES, DONE } next;
};

void
draft_free(struct draft *d)
{
	if (d == NULL)
		return;
	secret_free(d->space);
	names_free(d->names);
	free(d);
}

AM_RESULT
draft_new(const struct draft_rules *rules, struct draft **out)
{
	draft_auto *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return AM_ERR_NOMEM;
	d->rules = *rules;
	AM_TRY(secret_new(SPACE, &d->space));
	AM_TRY(names_new(&d->names));
	*out = AM_TAKE(d);
	return AM_OK;
}

void
draft_rewind(struct draft *d)
{
	names_clear(d->names);
	draft_begin(d, 0);
	d->next = DONE;
}

void
draft_begin(struct draft *d, uint64_t row)
{
	d->used = 0;
	memset(d->set, 0, sizeof(d->set));
	memset(d->fields, 0, sizeof(d->fields));
	d->extra_count = d->group_len = 0;
	d->row = row;
	d->fault.text[0] = '\0';
	d->next = MAIN;
}

void
draft_fault(struct draft *d, const char *fmt, ...)
{
	char text[WHY_TEXT_MAX];
	va_list ap;

	if (d->fault.text[0] != '\0')
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)why_say(&d->fault, AM_ERR_INCOMPLETE, "", "%s", text);
}

/* ---- texts */

static void
append(struct draft *d, struct bytes text)
{
	if (text.len > SPACE - d->used) {
		draft_fault(d,
		    "it has more than %d bytes; put a large secret by itself",
		    TEXT_MAX);
		return;
	}
	if (text.len > 0)
		memcpy(secret_mut(d->space) + d->used, text.p, text.len);
	d->used += text.len;
}

struct draft_span
draft_add(struct draft *d, struct bytes text)
{
	struct draft_span span = { d->used, 0 };

	draft_more(d, text, &span);
	return span;
}

void
draft_more(struct draft *d, struct bytes text, struct draft_span *span)
{
	append(d, text);
	span->len = d->used - span->at;
}

struct bytes
draft_text(const struct draft *d, struct draft_span span)
{
	return (struct bytes){ secret_bytes(d->space).p + span.at, span.len };
}

void
draft_set(struct draft *d, enum draft_field f, struct draft_span span)
{
	static const char *const names[] = { "name", "secret", "user", "url",
		"notes", "one-time code", "safe", "class", "type" };

	if (d->set[f])
		draft_fault(d, "its %s is there twice", names[f]);
	d->set[f] = true;
	d->fields[f] = span;
}

void
draft_extra(struct draft *d, struct draft_span name, struct draft_span value)
{
	if (value.len == 0)
		return;
	if (d->extra_count == DRAFT_EXTRAS_MAX) {
		draft_fault(d, "it has more than %d fields", DRAFT_EXTRAS_MAX);
		return;
	}
	d->extras[d->extra_count++] = (struct extra){ name, value };
}

bool
draft_has(const struct draft *d, enum draft_field f)
{
	return d->fields[f].len > 0;
}

bool
draft_same(const struct draft *d, enum draft_field f, struct draft_span span)
{
	return bytes_same(draft_text(d, d->fields[f]), draft_text(d, span));
}

void
draft_group(struct draft *d, struct bytes path)
{
	if (path.len > sizeof(d->group)) {
		draft_fault(d, "its folders have names that are too long");
		return;
	}
	if (path.len > 0)
		memcpy(d->group, path.p, path.len);
	d->group_len = path.len;
}

/* ---- what it becomes */

static struct bytes
field(const struct draft *d, enum draft_field f)
{
	return draft_text(d, d->fields[f]);
}

static AM_RESULT
refuse(struct why *why, const char *text)
{
	return why_say(why, AM_ERR_INCOMPLETE, "", "%s", text);
}

/* A short text of the entry, or what is meant when it says nothing. */
static AM_RESULT
short_text(const struct draft *d, enum draft_field f, const char *otherwise,
    char *out, size_t cap)
{
	struct bytes b = field(d, f);

	if (b.len == 0 && otherwise != NULL)
		b = (struct bytes){ (const uint8_t *)otherwise,
			strlen(otherwise) };
	if (b.len >= cap || memchr(b.p, '\0', b.len) != NULL)
		return AM_ERR_INVALID;
	if (b.len > 0)
		memcpy(out, b.p, b.len);
	out[b.len] = '\0';
	return AM_OK;
}

static AM_RESULT
read_kind(const struct draft *d, struct bulk_row *out, struct why *why)
{
	const char *class = d->rules.class, *type = d->rules.type;

	if (short_text(d, DRAFT_CLASS, class == NULL ? "restricted" : class,
		out->class, sizeof(out->class)) != AM_OK ||
	    !seal_is_class(out->class))
		return refuse(why,
		    "its class is none of open, public, restricted, sensitive "
		    "and secret");
	if (short_text(d, DRAFT_TYPE, type == NULL ? "login" : type, out->type,
		sizeof(out->type)) != AM_OK ||
	    payload_first(out->type) == NULL)
		return refuse(why,
		    "its type is none of login, totp, api-key, private-key, "
		    "recovery-codes, file and note");
	return AM_OK;
}

/* As it stands: NAME, or SAFE/NAME. */
static AM_RESULT
given_path(const struct draft *d, const char *safe, struct bulk_row *out,
    struct why *why)
{
	char name[ROWS_ID_MAX + ROWS_TITLE_MAX + 2];
	const char *slash;
	int n;

	if (short_text(d, DRAFT_NAME, NULL, name, sizeof(name)) != AM_OK)
		return refuse(why, "its safe or name is too long");
	slash = strchr(name, '/');
	if (slash == NULL && safe[0] == '\0')
		return refuse(
		    why, "it names no safe; write SAFE/NAME, or give --safe");
	n = slash != NULL
	    ? snprintf(out->path, sizeof(out->path), "%s", name)
	    : snprintf(out->path, sizeof(out->path), "%s/%s", safe, name);
	if (n < 0 || (size_t)n >= sizeof(out->path))
		return refuse(why, "its name is too long");
	return AM_OK;
}

/* Made valid. The end for one-time codes is always left free, so that what
 * stands before it is the name of the login. */
static AM_RESULT
tidy_path(struct draft *d, const char *safe, struct draft_made *out,
    const char *end, struct why *why)
{
	const struct bytes name = field(d, DRAFT_NAME);
	const struct bytes group = { (const uint8_t *)d->group, d->group_len };
	char title[ROWS_TITLE_MAX + 1], was[ROWS_TITLE_MAX + 1];

	if (safe[0] == '\0')
		return refuse(why, "it names no safe; give --safe");
	names_tidy(group, name, d->row, sizeof(totp_end) - 1, title);
	(void)snprintf(was, sizeof(was), "%.*s",
	    (int)(name.len < ROWS_TITLE_MAX ? name.len : ROWS_TITLE_MAX),
	    (const char *)name.p);
	if (d->group_len > 0 || strcmp(was, title) != 0)
		(void)snprintf(out->was, sizeof(out->was), "%.*s%s%s",
		    (int)(d->group_len < 60 ? d->group_len : 60), d->group,
		    d->group_len > 0 ? "/" : "", was);
	(void)snprintf(
	    title + strlen(title), sizeof(title) - strlen(title), "%s", end);
	AM_TRY(names_take(d->names, safe, title, &out->again));
	(void)snprintf(
	    out->row.path, sizeof(out->row.path), "%s/%s", safe, title);
	return AM_OK;
}

static AM_RESULT
read_path(
    struct draft *d, const char *end, struct draft_made *out, struct why *why)
{
	char safe[ROWS_ID_MAX + 1];

	if (short_text(d, DRAFT_SAFE, d->rules.safe, safe, sizeof(safe)) !=
	    AM_OK)
		return refuse(why, "its safe or name is too long");
	if (d->rules.tidy)
		return tidy_path(d, safe, out, end, why);
	AM_TRY(given_path(d, safe, &out->row, why));
	if (strlen(out->row.path) + strlen(end) >= sizeof(out->row.path))
		return refuse(why, "its name is too long");
	(void)snprintf(out->row.path + strlen(out->row.path),
	    sizeof(out->row.path) - strlen(out->row.path), "%s", end);
	return AM_OK;
}

/* ---- notes */

static void
add_line(struct draft *d, struct bytes name, struct bytes value,
    struct draft_span *notes)
{
	const struct bytes colon = { (const uint8_t *)": ", 2 },
			   line = { (const uint8_t *)"\n", 1 };

	if (value.len == 0)
		return;
	if (notes->len > 0)
		draft_more(d, line, notes);
	if (name.len > 0) {
		draft_more(d, name, notes);
		draft_more(d, colon, notes);
	}
	draft_more(d, value, notes);
}

/* The notes and the extras; of a note that was a login, user and url too. */
static struct draft_span
write_notes(struct draft *d, bool all)
{
	static const struct bytes none = { NULL, 0 },
				  user = { (const uint8_t *)"user", 4 },
				  url = { (const uint8_t *)"url", 3 };
	struct draft_span notes = { d->used, 0 };

	if (all) {
		add_line(d, user, field(d, DRAFT_USER), &notes);
		add_line(d, url, field(d, DRAFT_URL), &notes);
	}
	add_line(d, none, field(d, DRAFT_NOTES), &notes);
	for (size_t i = 0; i < d->extra_count; i++)
		add_line(d, draft_text(d, d->extras[i].name),
		    draft_text(d, d->extras[i].value), &notes);
	return notes;
}

static void
add_field(struct bulk_row *row, const char *name, struct bytes value)
{
	if (value.len > 0)
		row->fields[row->count++] =
		    (struct payload_field){ name, value };
}

static AM_RESULT
fill_main(struct draft *d, struct bulk_row *row, struct why *why)
{
	const bool login = strcmp(row->type, "login") == 0;
	const bool bare = !draft_has(d, DRAFT_SECRET);
	struct draft_span notes = { 0 };

	if (bare && !d->rules.tidy)
		return refuse(why, "it has no secret");
	if (!bare && !d->rules.tidy && !login &&
	    (draft_has(d, DRAFT_USER) || draft_has(d, DRAFT_URL)))
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "user and url belong to type login, not to '%s'",
		    row->type);
	notes = write_notes(d, bare || !login);
	row->count = 0;
	if (bare)
		(void)snprintf(row->type, sizeof(row->type), "note");
	add_field(row, payload_first(row->type),
	    bare ? draft_text(d, notes) : field(d, DRAFT_SECRET));
	if (login && !bare) {
		add_field(row, "user", field(d, DRAFT_USER));
		add_field(row, "url", field(d, DRAFT_URL));
	}
	if (!bare)
		add_field(row, "notes", draft_text(d, notes));
	return AM_OK;
}

/* ---- one after the other */

static AM_RESULT
check_size(const struct bulk_row *row, struct why *why)
{
	size_t len = 0;

	for (size_t i = 0; i < row->count; i++)
		len += row->fields[i].value.len;
	if (len > TEXT_MAX)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "it has more than %d bytes; put a large secret by itself",
		    TEXT_MAX);
	return AM_OK;
}

/* A login without a password, and nothing else to keep in its place. */
static bool
is_only_codes(const struct draft *d)
{
	return !draft_has(d, DRAFT_SECRET) && draft_has(d, DRAFT_TOTP) &&
	    !(d->rules.tidy &&
		(draft_has(d, DRAFT_NOTES) || d->extra_count > 0));
}

static bool
is_empty(const struct draft *d)
{
	return !draft_has(d, DRAFT_SECRET) && !draft_has(d, DRAFT_NOTES) &&
	    d->extra_count == 0;
}

static AM_RESULT
make_main(struct draft *d, struct draft_made *out, struct why *why)
{
	AM_TRY(read_kind(d, &out->row, why));
	AM_TRY(fill_main(d, &out->row, why));
	if (d->fault.text[0] != '\0') { /* the notes had no room */
		*why = d->fault;
		return AM_ERR_INCOMPLETE;
	}
	AM_TRY(check_size(&out->row, why));
	return read_path(d, "", out, why);
}

static AM_RESULT
make_codes(struct draft *d, struct draft_made *out, struct why *why)
{
	AM_TRY(read_kind(d, &out->row, why));
	(void)snprintf(out->row.type, sizeof(out->row.type), "totp");
	out->row.count = 0;
	add_field(&out->row, payload_first("totp"), field(d, DRAFT_TOTP));
	AM_TRY(check_size(&out->row, why));
	return read_path(d, totp_end, out, why);
}

static AM_RESULT
check(struct draft *d, struct why *why)
{
	if (d->fault.text[0] != '\0') {
		*why = d->fault;
		return AM_ERR_INCOMPLETE;
	}
	if (is_empty(d) && !draft_has(d, DRAFT_TOTP))
		return refuse(why, "it has no secret");
	return AM_OK;
}

static AM_RESULT
make(struct draft *d, struct draft_made *out, struct why *why)
{
	if (d->next == MAIN) {
		AM_TRY(check(d, why));
		d->next = draft_has(d, DRAFT_TOTP) ? CODES : DONE;
		if (!is_only_codes(d))
			return make_main(d, out, why);
	}
	d->next = DONE;
	return make_codes(d, out, why);
}

/* Entries of XML and JSON are found by their titles, not by counting. */
static void
name_it(const struct draft *d, struct why *why)
{
	const struct bytes name = field(d, DRAFT_NAME);
	const struct why was = *why;

	if (name.len > 0)
		(void)why_say(why, AM_ERR_INCOMPLETE, "", "'%.*s': %.400s",
		    name.len < ROWS_TITLE_MAX ? (int)name.len : ROWS_TITLE_MAX,
		    (const char *)name.p, was.text);
}

AM_RESULT
draft_make(struct draft *d, struct draft_made *out, struct why *why)
{
	struct draft_made made = { .again = false };
	enum am_err err;

	if (d->next == DONE)
		return AM_ERR_NOT_FOUND;
	err = make(d, &made, why);
	if (err != AM_OK)
		d->next = DONE; /* what is left of it goes unnamed */
	if (err == AM_ERR_INCOMPLETE && d->rules.tidy)
		name_it(d, why);
	if (err != AM_OK)
		return err;
	*out = made;
	return AM_OK;
}
