#include "vault/acts/review.h"

#include "vault/acts/lookup.h"
#include "vault/acts/motion.h"
#include "vault/acts/post.h"

enum review_of
review_of(const char *what)
{
	return strncmp(what, "r-", 2) == 0 ? REVIEW_REQUEST : REVIEW_SAFE;
}

AM_RESULT
review_check(struct session *s, const struct review_wish *w)
{
	struct rows_request q;
	struct rows_safe safe;
	struct rows_person p;

	AM_TRY(motion_check_text(s, w->finding));
	switch (w->of) {
	case REVIEW_REQUEST:
		return lookup_request(s, w->what, &q);
	case REVIEW_SAFE:
		return lookup_safe(s, w->what, &safe);
	case REVIEW_PERSON:
		return lookup_person(s, w->what, &p);
	}
	return AM_ERR_INTERNAL;
}

AM_RESULT
review_record(
    struct session *s, const struct session_key *k, const struct review_wish *w)
{
	static const char *const names[] = { "emergency", "access", "person" };
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	post_auto p = { .s = s };

	AM_TRY(review_check(s, w));
	AM_TRY(canon_set(item, "id", canon_str(w->what)));
	AM_TRY(canon_set(item, "type", canon_str("review")));
	AM_TRY(canon_set(data, "finding", canon_str(w->finding)));
	AM_TRY(canon_set(data, "of", canon_str(names[w->of])));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to sign the review");
}
