#include <sodium.h>

#include "vault/acts/turn.h"

#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/state/manifest.h"

void
turn_acceptance_wipe(struct turn_acceptance *a)
{
	sodium_memzero(a, sizeof(*a));
}

struct bytes
turn_cred(const struct turn *u)
{
	return (struct bytes){ u->k->row.cred, u->k->row.cred_len };
}

AM_RESULT
turn_body(const struct turn *u, const char *kind, struct json_t **out)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(u->s, kind, u->k->row.person, &body));
	AM_TRY(canon_set(
	    body, "plan", canon_hex((struct bytes){ u->plan->plan, 32 })));
	AM_TRY(canon_set(body, "index", canon_uint(u->index)));
	*out = AM_TAKE(body);
	return AM_OK;
}

AM_RESULT
turn_post(const struct turn *u, struct json_t *body, const char *what)
{
	post_auto p = { .s = u->s };

	AM_TRY(post_add(&p, body, turn_cred(u)));
	return post_all(&p, u->k, what);
}

AM_RESULT
turn_bad_deal(const struct turn *u, size_t which)
{
	char who[ROWS_ID_MAX + 1] = "?";
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(u->s->store, false, &t));
	v = view_store(t);
	AM_TRY(lookup_person_name(&v, u->plan->dealers[which].person, who));
	return why_say(u->s->why, AM_ERR_VERIFY, "R5.5",
	    "the deal of '%s' is bad: what it gave you does not fit its "
	    "commitments; do not accept, complain, and plan again",
	    who);
}

AM_RESULT
turn_check_share(const struct turn *u, const struct rows_manifest *m,
    const struct scalar *share)
{
	struct point P, mine;

	AM_TRY(manifest_public(m, u->index, &P));
	AM_TRY(pt_mul_base(share, &mine));
	if (!pt_same(&P, &mine))
		return why_say(u->s->why, AM_ERR_VERIFY, "R5.5",
		    "your share does not fit the public key; do not accept, "
		    "and plan again");
	return AM_OK;
}
