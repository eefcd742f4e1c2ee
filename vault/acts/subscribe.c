#include <stdio.h>

#include "vault/acts/subscribe.h"

#include "vault/acts/attach.h"
#include "vault/acts/lookup.h"
#include "vault/state/tenure.h"

/* ---- files */

static void
fill_fields(struct flat_field out[static RECORD_COUNT + 1])
{
	for (size_t i = 0; i < RECORD_COUNT; i++)
		out[i] = (struct flat_field){
			.key = record_key((enum record_field)i),
			.list = record_is_list((enum record_field)i),
		};
	out[RECORD_COUNT] = (struct flat_field){ .key = "id" };
}

void
subscribe_sheet_free(struct subscribe_sheet *s)
{
	canon_free(&s->record);
	blob_free(&s->unknown);
}

/* SAFE/NAME becomes the id of the record; what is not there is kept as it is
 * and told with the other faults. */
static AM_RESULT
add_link(struct session *s, const char *path, struct json_t *to,
    struct blob *unknown)
{
	struct rows_record c;
	struct rows_safe safe;
	struct why unsaid = { 0 };
	struct session quiet = *s;
	enum am_err err;

	quiet.why = &unsaid;
	err = lookup_record(&quiet, path, &safe, &c);
	if (err == AM_OK)
		return canon_push(
		    to, canon_hex((struct bytes){ c.record, 16 }));
	if (err != AM_ERR_NOT_FOUND && err != AM_ERR_INVALID)
		return err;
	AM_TRY(blob_printf(unknown, "%s\n", path));
	return AM_OK;
}

static AM_RESULT
add_list(struct session *s, const struct flat_cell *c, enum record_field f,
    struct subscribe_sheet *to)
{
	canon_auto *list = canon_array();

	for (unsigned i = 0; i < c->count; i++)
		AM_TRY(record_is_link(f)
			? add_link(s, c->list[i], list, &to->unknown)
			: canon_push(list, canon_str(c->list[i])));
	return canon_set(to->record, record_key(f), AM_TAKE(list));
}

/* What the file leaves out stays as in `before`, where there is one. */
static AM_RESULT
fill_sheet(struct session *s, const struct flat *file, struct json_t *before,
    struct subscribe_sheet *to)
{
	(void)snprintf(
	    to->id, sizeof(to->id), "%s", file->cells[RECORD_COUNT].text);
	to->record = before != NULL ? canon_ref(before) : canon_object();
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const struct flat_cell *c = &file->cells[i];
		const enum record_field f = (enum record_field)i;

		if (before != NULL && c->text == NULL && c->list == NULL)
			continue;
		AM_TRY(record_is_list(f)
			? add_list(s, c, f, to)
			: canon_set(to->record, record_key(f),
			      canon_str(c->text == NULL ? "" : c->text)));
	}
	return AM_OK;
}

AM_RESULT
subscribe_take(
    struct session *s, const struct flat *file, struct subscribe_sheet *out)
{
	subscribe_sheet_auto sheet = { .id = "" };

	AM_TRY(fill_sheet(s, file, NULL, &sheet));
	*out = sheet;
	sheet = (struct subscribe_sheet){ .id = "" }; /* transferred */
	return AM_OK;
}

static AM_RESULT
check_id(struct session *s, const struct flat *file)
{
	const char *id = file->cells[RECORD_COUNT].text;

	return lookup_check_id(
	    s->why, "the id of a subscription", id == NULL ? "" : id);
}

/* The record in force of the id in the file. */
static AM_RESULT
find_before(
    struct session *s, const struct flat *file, struct subscribe_sheet *out)
{
	store_txn_auto *t = NULL;
	struct rows_subscription row;

	AM_TRY(subscribe_find(s, file->cells[RECORD_COUNT].text, &row));
	AM_TRY(store_begin(s->store, false, &t));
	return subscribe_sheet_of(s, t, &row, out);
}

static AM_RESULT
read_sheet(struct session *s, struct bytes file, bool changes,
    struct subscribe_sheet *out)
{
	subscribe_sheet_auto before = { .id = "" };
	struct flat_field fields[RECORD_COUNT + 1];
	subscribe_sheet_auto sheet = { .id = "" };
	struct flat *f = NULL;
	enum am_err err;

	fill_fields(fields);
	AM_TRY(flat_read(file, fields, AM_ARRAY_LEN(fields), &f, s->why));
	err = check_id(s, f);
	if (err == AM_OK && changes)
		err = find_before(s, f, &before);
	if (err == AM_OK)
		err = fill_sheet(s, f, before.record, &sheet);
	flat_free(&f, fields, AM_ARRAY_LEN(fields));
	if (err == AM_ERR_INVALID && s->why->text[0] == '\0')
		err = why_say(s->why, AM_ERR_INCOMPLETE, "R2.10",
		    "a text of the file holds a sign that steers or hides");
	AM_TRY(err);
	*out = sheet;
	sheet = (struct subscribe_sheet){ .id = "" }; /* transferred */
	return AM_OK;
}

AM_RESULT
subscribe_read(
    struct session *s, struct bytes file, struct subscribe_sheet *out)
{
	return read_sheet(s, file, false, out);
}

AM_RESULT
subscribe_change(
    struct session *s, struct bytes file, struct subscribe_sheet *out)
{
	return read_sheet(s, file, true, out);
}

/* ---- faults */

struct telling {
	subscribe_fault *fn;
	void *arg;
	size_t count;
};

static enum am_err
pass_on(void *arg, enum record_field f, const char *rule, const char *text)
{
	struct telling *t = arg;

	t->count++;
	t->fn(t->arg, record_key(f), rule, text);
	return AM_OK;
}

static void
tell_unknown(const struct blob *unknown, struct telling *t)
{
	size_t from = 0;

	for (size_t i = 0; i < unknown->len; i++) {
		char text[256];

		if (unknown->p[i] != '\n')
			continue;
		(void)snprintf(text, sizeof(text), "no credential '%.*s'",
		    (int)(i - from), (const char *)unknown->p + from);
		t->count++;
		t->fn(t->arg, record_key(RECORD_CREDENTIALS), "R-1", text);
		from = i + 1;
	}
}

AM_RESULT
subscribe_check(const struct view *v, const struct subscribe_sheet *in,
    int64_t at, subscribe_fault *fn, void *arg, size_t *out)
{
	struct telling t = { .fn = fn, .arg = arg };
	struct record r;

	AM_TRY(record_read(in->record, &r));
	AM_TRY(subscription_check(v, in->id, &r, at, pass_on, &t));
	tell_unknown(&in->unknown, &t);
	*out = t.count;
	return AM_OK;
}

AM_RESULT
subscribe_faults(struct session *s, const struct subscribe_sheet *in,
    subscribe_fault *fn, void *arg, size_t *out)
{
	store_txn_auto *txn = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &txn));
	v = view_store(txn);
	return subscribe_check(&v, in, session_now(s), fn, arg, out);
}

/* ---- entries */

struct entry {
	const char *type, *id;
	uint32_t version;
};

/* Takes over `data`. */
static AM_RESULT
enter(struct session *s, const struct session_key *k, const struct entry *e,
    struct json_t *data, const char *touch)
{
	canon_auto *owned = data, *body = NULL, *item = canon_object();
	post_auto p = { .s = s };

	AM_TRY(canon_set(item, "id", canon_str(e->id)));
	AM_TRY(canon_set(item, "type", canon_str(e->type)));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(e->version)));
	AM_TRY(canon_set(body, "data", AM_TAKE(owned)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, touch);
}

/* The next version of it, {act: what}; takes over `what`. */
static AM_RESULT
enter_next(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const char *act, struct json_t *what,
    const char *touch)
{
	const struct entry e = { "subscription", row->id, row->version + 1 };
	canon_auto *owned = what, *data = canon_object();

	AM_TRY(canon_set(data, act, AM_TAKE(owned)));
	return enter(s, k, &e, AM_TAKE(data), touch);
}

AM_RESULT
subscribe_enter(struct session *s, const struct session_key *k,
    const struct subscribe_sheet *in, bool again)
{
	struct rows_subscription row = { .version = 0 };

	if (in->unknown.len > 0)
		return why_say(s->why, AM_ERR_INCOMPLETE, "R-1",
		    "it names credentials that are not there");
	if (again)
		AM_TRY(subscribe_find(s, in->id, &row));
	(void)snprintf(row.id, sizeof(row.id), "%s", in->id);
	return enter_next(s, k, &row, "record", canon_ref(in->record),
	    "to enter the subscription");
}

AM_RESULT
subscribe_find(struct session *s, const char *id, struct rows_subscription *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (subscription_find(&v,
		(struct bytes){ (const uint8_t *)id, strlen(id) },
		out) != AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no subscription '%s'; 'amanat sub list' shows which there "
		    "are",
		    id);
	return AM_OK;
}

static AM_RESULT
find_record(const struct statement *said, const struct json_t **out)
{
	const struct json_t *data = NULL;

	AM_TRY(canon_get_object(said->body, "data", &data));
	return canon_get_object(data, "record", out);
}

AM_RESULT
subscribe_record(struct session *s, struct store_txn *t,
    const struct rows_subscription *row, struct statement *said,
    struct record *out)
{
	const struct json_t *record = NULL;

	AM_TRY(lookup_statement(t, row->record_leaf, s->why, said));
	AM_TRY(find_record(said, &record));
	return record_read(record, out);
}

AM_RESULT
subscribe_sheet_of(struct session *s, struct store_txn *t,
    const struct rows_subscription *row, struct subscribe_sheet *out)
{
	statement_auto said = { 0 };
	const struct json_t *record = NULL;
	blob_auto bytes = { 0 };

	AM_TRY(lookup_statement(t, row->record_leaf, s->why, &said));
	AM_TRY(find_record(&said, &record));
	*out = (struct subscribe_sheet){ .id = "" };
	AM_TRY(canon_write(record, &bytes));
	AM_TRY(canon_parse(blob_bytes(&bytes), &out->record));
	memcpy(out->id, row->id, sizeof(out->id));
	return AM_OK;
}

/* ---- steps */

static AM_RESULT
choose_post(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const char *wanted, struct json_t *to)
{
	store_txn_auto *t = NULL;
	bool holds = false;
	struct rows_post p;
	struct view v;

	if (wanted[0] != '\0')
		return canon_set(to, "post", canon_str(wanted));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	for (size_t i = 0; i < ROWS_SUB_POSTS; i++) {
		AM_TRY(subscription_holds(
		    &v, &k->person, row->posts[i], session_now(s), &holds));
		if (!holds)
			continue;
		AM_TRY(tenure_post(&v, row->posts[i], &p));
		return canon_set(to, "post", canon_str(p.id));
	}
	return why_say(s->why, AM_ERR_POLICY, "R-2",
	    "'%s' holds none of the posts of '%s'; 'amanat sub show %s' names "
	    "them",
	    k->person.id, row->id, row->id);
}

static AM_RESULT
add_evidence(struct session *s, const char *path, struct json_t *to)
{
	uint8_t hash[1][32];

	AM_TRY(attach_hash(s, &path, 1, "R-11", hash));
	return canon_set(
	    to, "evidence", canon_hex((struct bytes){ hash[0], 32 }));
}

AM_RESULT
subscribe_step(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const struct subscribe_step *w)
{
	canon_auto *what = canon_object();

	AM_TRY(choose_post(s, k, row, w->post, what));
	AM_TRY(add_evidence(s, w->evidence, what));
	AM_TRY(canon_set(what, "to", canon_str(w->to)));
	AM_TRY(canon_set(what, "choice", canon_str(w->choice)));
	AM_TRY(canon_set(what, "order", canon_str(w->order)));
	AM_TRY(canon_set(what, "end", canon_str(w->end)));
	return enter_next(s, k, row, "step", AM_TAKE(what), "to sign the step");
}

AM_RESULT
subscribe_test(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const char *evidence, bool passed)
{
	canon_auto *what = canon_object();

	AM_TRY(add_evidence(s, evidence, what));
	AM_TRY(canon_set(what, "passed", canon_bool(passed)));
	return enter_next(s, k, row, "test", AM_TAKE(what), "to sign the test");
}

AM_RESULT
subscribe_ack(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const char *post)
{
	canon_auto *what = canon_object();

	AM_TRY(choose_post(s, k, row, post, what));
	return enter_next(s, k, row, "ack", AM_TAKE(what), "to acknowledge it");
}

/* ---- the entity */

static const struct flat_field entity_fields[] = { { "id", false },
	{ "name", false }, { "mailboxes", true }, { "holidays", true },
	{ "surrender", false } };

static AM_RESULT
fill_entity(const struct flat *f, struct json_t *to)
{
	for (size_t i = 1; i < AM_ARRAY_LEN(entity_fields); i++) {
		const struct flat_cell *c = &f->cells[i];
		canon_auto *list = NULL;

		if (!entity_fields[i].list) {
			AM_TRY(canon_set(to, entity_fields[i].key,
			    canon_str(c->text == NULL ? "" : c->text)));
			continue;
		}
		list = canon_array();
		for (unsigned k = 0; k < c->count; k++)
			AM_TRY(canon_push(list, canon_str(c->list[k])));
		AM_TRY(canon_set(to, entity_fields[i].key, AM_TAKE(list)));
	}
	return AM_OK;
}

static AM_RESULT
next_entity(struct session *s, uint32_t *out)
{
	struct rows_entity e = { .version = 0 };
	store_txn_auto *t = NULL;
	enum am_err err;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	err = rows_get_entity(&v, (struct bytes){ NULL, 0 }, &e);
	*out = e.version + 1;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
subscribe_entity(
    struct session *s, const struct session_key *k, struct bytes file)
{
	canon_auto *data = canon_object();
	char id[ROWS_ID_MAX + 1] = "";
	struct entry e = { "entity", id, 0 };
	struct flat *f = NULL;
	enum am_err err;

	AM_TRY(flat_read(
	    file, entity_fields, AM_ARRAY_LEN(entity_fields), &f, s->why));
	err = lookup_check_id(s->why, "the id of the entity",
	    f->cells[0].text == NULL ? "" : f->cells[0].text);
	if (err == AM_OK) {
		(void)snprintf(id, sizeof(id), "%s", f->cells[0].text);
		err = fill_entity(f, data);
	}
	flat_free(&f, entity_fields, AM_ARRAY_LEN(entity_fields));
	AM_TRY(err);
	AM_TRY(next_entity(s, &e.version));
	return enter(
	    s, k, &e, AM_TAKE(data), "to sign the description of the entity");
}

/* ---- the deny list */

static AM_RESULT
add_countries(struct session *s, const char *countries, struct json_t *to)
{
	char codes[ROWS_COUNTRIES_MAX][3];
	size_t count = 0;

	for (const char *at = countries; *at != '\0';
	     at += at[2] == ',' ? 3 : 2) {
		size_t i = count;

		if (!record_is_country((struct bytes){
			(const uint8_t *)at, strnlen(at, 2) }) ||
		    (at[2] != ',' && at[2] != '\0') ||
		    count == ROWS_COUNTRIES_MAX)
			return why_say(s->why, AM_ERR_INVALID, "R-8",
			    "countries are two capital letters each, such as "
			    "IN,IL");
		for (; i > 0 && strncmp(codes[i - 1], at, 2) > 0; i--)
			memcpy(codes[i], codes[i - 1], 3);
		memcpy(codes[i], at, 2);
		codes[i][2] = '\0';
		count++;
	}
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(codes[i - 1], codes[i]) != 0)
			AM_TRY(canon_push(to, canon_str(codes[i])));
	return AM_OK;
}

AM_RESULT
subscribe_deny(struct session *s, const struct session_key *k, uint32_t version,
    const char *countries, const char *why, struct motion_view *out)
{
	canon_auto *act = canon_object(), *what = canon_object(),
		   *list = canon_array();

	AM_TRY(add_countries(s, countries, list));
	AM_TRY(canon_set(what, "version", canon_uint(version)));
	AM_TRY(canon_set(what, "countries", AM_TAKE(list)));
	AM_TRY(canon_set(act, "deny", AM_TAKE(what)));
	return motion_move(s, k, AM_TAKE(act), why, out);
}
