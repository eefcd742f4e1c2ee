#include "vault/acts/suspend.h"

#include "vault/acts/depart.h"
#include "vault/acts/limits.h"
#include "vault/acts/lookup.h"

static struct bytes
cred_of(const struct session_key *k)
{
	return (struct bytes){ k->row.cred, k->row.cred_len };
}

static AM_RESULT
find_key(struct session *s, const char *label, struct suspend_subject *out)
{
	const struct bytes text = { (const uint8_t *)label, strlen(label) };
	store_txn_auto *t = NULL;
	uint8_t id[32];
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (text.len > ROWS_TITLE_MAX ||
	    rows_index_get(&v, "token-id", text, id, sizeof(id)) != AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no key labelled '%s'; 'amanat token list' shows which "
		    "there are",
		    label);
	AM_TRY(rows_get_token(&v, (struct bytes){ id, 32 }, &out->key));
	return rows_get_person(
	    &v, (struct bytes){ out->key.person, 16 }, &out->person);
}

AM_RESULT
suspend_find(struct session *s, const char *label, const char *person,
    struct suspend_subject *out)
{
	*out = (struct suspend_subject){ .is_key = label != NULL };
	if (label != NULL)
		AM_TRY(find_key(s, label, out));
	else
		AM_TRY(lookup_person(s, person, &out->person));
	(void)snprintf(out->name, sizeof(out->name), "%s'%s'",
	    out->is_key ? "key " : "",
	    out->is_key ? out->key.label : out->person.id);
	return AM_OK;
}

static struct json_t *
id_of(const struct suspend_subject *what)
{
	return canon_hex(what->is_key
		? (struct bytes){ what->key.token, 32 }
		: (struct bytes){ what->person.person, 16 });
}

AM_RESULT
suspend_now(struct session *s, const struct session_key *k,
    const struct suspend_subject *what, const char *why)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };

	AM_TRY(motion_check_text(s, why));
	AM_TRY(post_body(s, "suspend", k->row.person, &body));
	AM_TRY(canon_set(body, "subject", id_of(what)));
	AM_TRY(canon_set(body, "why", canon_str(why)));
	AM_TRY(post_add(&p, AM_TAKE(body), cred_of(k)));
	return post_all(&p, k, "to suspend it");
}

/* How long the safes of a person let a key be out of sight; seconds. */
static AM_RESULT
lift_limit(struct session *s, const char *person, int64_t *out,
    struct depart_custody *which)
{
	struct depart_custody c;
	enum am_err err;
	uint32_t at = 0;

	*out = LIMITS_NONE;
	while ((err = depart_next_custody(s, person, &at, &c)) == AM_OK) {
		struct rows_safe safe;
		struct limits l;

		AM_TRY(lookup_safe(s, c.safe, &safe));
		AM_TRY(limits_of(NULL, safe.level, &l));
		if (l.lift_key == LIMITS_NONE ||
		    (*out != LIMITS_NONE && *out <= l.lift_key))
			continue;
		*out = l.lift_key;
		*which = c;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
suspend_check_lift(struct session *s, const struct suspend_subject *what)
{
	statement_auto suspend = { 0 };
	struct depart_custody which = { 0 };
	store_txn_auto *t = NULL;
	int64_t limit;

	if (!what->is_key || what->key.suspended == ROWS_FREE)
		return AM_OK;
	AM_TRY(lift_limit(s, what->person.id, &limit, &which));
	if (limit == LIMITS_NONE)
		return AM_OK;
	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(lookup_statement(t, what->key.suspended_leaf, s->why, &suspend));
	if (session_now(s) - suspend.at <= limit)
		return AM_OK;
	return why_say(s->why, AM_ERR_POLICY, "C-5",
	    "'%s' was out of sight for more than %ld hours, too long at the "
	    "level of safe '%s': retire it, reset it, and enrol it as a new "
	    "key",
	    what->key.label, (long)(limit / 3600), which.safe);
}

AM_RESULT
suspend_move(struct session *s, const struct session_key *k,
    const struct suspend_subject *what, const char *act, const char *why,
    struct motion_view *out)
{
	canon_auto *outer = canon_object(), *inner = canon_object();

	AM_TRY(canon_set(inner, "subject", id_of(what)));
	AM_TRY(canon_set(outer, act, AM_TAKE(inner)));
	return motion_move(s, k, AM_TAKE(outer), why, out);
}

AM_RESULT
suspend_retire(struct session *s, const struct session_key *k,
    const struct suspend_subject *what, const char *why, const char *receipt)
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	post_auto p = { .s = s };

	AM_TRY(motion_check_text(s, why));
	if (receipt[0] != '\0')
		AM_TRY(motion_check_text(s, receipt));
	AM_TRY(canon_set(item, "id", canon_str(what->key.label)));
	AM_TRY(canon_set(item, "type", canon_str("key")));
	AM_TRY(canon_set(data, "reason", canon_str(why)));
	AM_TRY(canon_set(data, "receipt", canon_str(receipt)));
	AM_TRY(canon_set(data, "token", id_of(what)));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	AM_TRY(post_add(&p, AM_TAKE(body), cred_of(k)));
	return post_all(&p, k, "to retire the key, for good");
}
