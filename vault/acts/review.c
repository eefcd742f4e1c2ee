#include "vault/acts/review.h"

#include "vault/acts/lookup.h"
#include "vault/acts/motion.h"
#include "vault/acts/post.h"

static bool
is_request(const char *what)
{
	return strncmp(what, "r-", 2) == 0;
}

AM_RESULT
review_check(struct session *s, const char *what, const char *finding)
{
	struct rows_request q;
	struct rows_safe safe;

	AM_TRY(motion_check_text(s, finding));
	return is_request(what) ? lookup_request(s, what, &q)
				: lookup_safe(s, what, &safe);
}

AM_RESULT
review_record(struct session *s, const struct session_key *k, const char *what,
    const char *finding)
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	post_auto p = { .s = s };

	AM_TRY(review_check(s, what, finding));
	AM_TRY(canon_set(item, "id", canon_str(what)));
	AM_TRY(canon_set(item, "type", canon_str("review")));
	AM_TRY(canon_set(data, "finding", canon_str(finding)));
	AM_TRY(canon_set(
	    data, "of", canon_str(is_request(what) ? "emergency" : "access")));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to sign the review");
}
