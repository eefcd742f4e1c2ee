#include "vault/acts/place.h"

#include "vault/acts/post.h"
#include "vault/acts/suspend.h"

static AM_RESULT
check_text(struct session *s, const char *place)
{
	const struct bytes text = { (const uint8_t *)place, strlen(place) };

	if (canon_text_ok(text))
		return AM_OK;
	return why_say(s->why, AM_ERR_INVALID, "R2.10",
	    "a place is plain text, without control characters");
}

AM_RESULT
place_enter(struct session *s, const struct session_key *k, const char *label,
    const char *place, char owner[static ROWS_ID_MAX + 1])
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	post_auto p = { .s = s };
	struct suspend_subject what;

	AM_TRY(check_text(s, place));
	AM_TRY(suspend_find(s, label, NULL, &what));
	AM_TRY(canon_set(item, "id", canon_str(label)));
	AM_TRY(canon_set(item, "type", canon_str("place")));
	AM_TRY(canon_set(data, "place", canon_str(place)));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(
	    canon_set(body, "version", canon_uint(what.key.place_version + 1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	AM_TRY(post_all(&p, k, "to sign where the key is kept"));
	memcpy(owner, what.person.id, sizeof(what.person.id));
	return AM_OK;
}
