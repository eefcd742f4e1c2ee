#include "vault/acts/office.h"

#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/tenure.h"

static AM_RESULT
set_text(struct json_t *obj, const char *key, const char *text)
{
	return canon_set(obj, key, canon_str(text));
}

static AM_RESULT
set_when(struct json_t *obj, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	return canon_set(obj, key, canon_str(text));
}

static AM_RESULT
check_name(struct session *s, const char *what, const char *name)
{
	return name[0] == '\0' ? AM_OK : lookup_check_id(s->why, what, name);
}

/* The act `name`, which takes over `what`. */
static AM_RESULT
wrap(const char *name, struct json_t *what, struct json_t **out)
{
	canon_auto *owned = what, *act = canon_object();

	AM_TRY(canon_set(act, name, AM_TAKE(owned)));
	*out = AM_TAKE(act);
	return AM_OK;
}

/* ---- posts */

AM_RESULT
office_post(struct session *s, const char *id, struct rows_post *out)
{
	const struct bytes text = { (const uint8_t *)id, strlen(id) };
	store_txn_auto *t = NULL;
	struct view v;
	uint8_t be[4];

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (rows_index_get(&v, "post-id", text, be, sizeof(be)) != AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "X-2",
		    "no post '%s'; 'amanat post list' shows which there are",
		    id);
	return tenure_post(&v, rows_get_be32(be), out);
}

AM_RESULT
office_found_post(struct session *s, const struct session_key *k,
    const struct office_post *w, struct motion_view *out)
{
	canon_auto *what = canon_object(), *act = NULL;
	struct rows_post before;

	AM_TRY(lookup_check_id(s->why, "the id of a post", w->id));
	AM_TRY(check_name(s, "a wing", w->wing));
	if (w->succeeds[0] != '\0')
		AM_TRY(office_post(s, w->succeeds, &before));
	AM_TRY(set_text(what, "post", w->id));
	AM_TRY(set_text(what, "title", w->title));
	AM_TRY(set_text(what, "wing", w->wing));
	AM_TRY(set_text(what, "succeeds", w->succeeds));
	AM_TRY(wrap("post", AM_TAKE(what), &act));
	return motion_move(s, k, AM_TAKE(act), w->why, out);
}

/* ---- appointments */

static bool
is_substantive(const struct office_wish *w)
{
	return strcmp(w->kind, "substantive") == 0;
}

AM_RESULT
office_check(struct session *s, const struct office_wish *w)
{
	struct rows_person person;
	struct rows_post post;

	AM_TRY(lookup_person(s, w->person, &person));
	AM_TRY(office_post(s, w->post, &post));
	AM_TRY(check_name(s, "an employer", w->employer));
	AM_TRY(check_name(s, "a reporting line", w->line));
	AM_TRY(check_name(s, "a site", w->site));
	AM_TRY(check_name(s, "a wing", w->wing));
	if (w->until == 0 && !is_substantive(w))
		return why_say(s->why, AM_ERR_INVALID, "X-2",
		    "--to is missing: only a substantive post is held without "
		    "an end");
	if (w->until != 0 && w->until <= w->from)
		return why_say(s->why, AM_ERR_INVALID, "X-2",
		    "an appointment ends after it begins");
	return AM_OK;
}

static AM_RESULT
appointment_act(
    struct session *s, const struct office_wish *w, struct json_t **out)
{
	canon_auto *what = canon_object(), *attrs = canon_object();
	struct rows_person person;
	struct rows_post post;

	AM_TRY(lookup_person(s, w->person, &person));
	AM_TRY(office_post(s, w->post, &post));
	AM_TRY(set_text(attrs, "employer", w->employer));
	AM_TRY(set_text(attrs, "line", w->line));
	AM_TRY(set_text(attrs, "site", w->site));
	AM_TRY(
	    set_text(attrs, "wing", w->wing[0] != '\0' ? w->wing : post.wing));
	AM_TRY(canon_set(what, "attrs", AM_TAKE(attrs)));
	AM_TRY(set_text(what, "authority", w->authority));
	AM_TRY(set_when(what, "from", w->from));
	AM_TRY(set_text(what, "kind", w->kind));
	AM_TRY(set_text(what, "order", w->order));
	AM_TRY(canon_set(
	    what, "person", canon_hex((struct bytes){ person.person, 16 })));
	AM_TRY(set_text(what, "post", w->post));
	AM_TRY(w->until == 0 ? set_text(what, "until", "")
			     : set_when(what, "until", w->until));
	return wrap("appoint", AM_TAKE(what), out);
}

AM_RESULT
office_appoint_person(struct session *s, const struct session_key *k,
    const struct office_wish *w, struct motion_view *out)
{
	canon_auto *act = NULL;

	AM_TRY(office_check(s, w));
	AM_TRY(appointment_act(s, w, &act));
	return motion_move(s, k, AM_TAKE(act), w->why, out);
}

/* ---- absences */

/* Takes over `data`. */
static AM_RESULT
post_absence(struct session *s, const struct session_key *k,
    const struct rows_person *who, uint32_t version, struct json_t *data,
    const char *touch)
{
	canon_auto *owned = data, *body = NULL, *item = canon_object();
	post_auto p = { .s = s };

	AM_TRY(set_text(item, "id", who->id));
	AM_TRY(set_text(item, "type", "absence"));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(version)));
	AM_TRY(canon_set(body, "data", AM_TAKE(owned)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, touch);
}

AM_RESULT
office_away(struct session *s, const struct session_key *k,
    const struct rows_person *who, int64_t from, int64_t until,
    const char *reason)
{
	canon_auto *data = canon_object();

	AM_TRY(set_when(data, "from", from));
	AM_TRY(canon_set(
	    data, "person", canon_hex((struct bytes){ who->person, 16 })));
	AM_TRY(set_text(data, "reason", reason));
	AM_TRY(set_when(data, "until", until));
	return post_absence(
	    s, k, who, 1, AM_TAKE(data), "to record the absence");
}

AM_RESULT
office_back(struct session *s, const struct session_key *k)
{
	canon_auto *data = canon_object();

	return post_absence(
	    s, k, &k->person, 2, AM_TAKE(data), "to say that you are back");
}
