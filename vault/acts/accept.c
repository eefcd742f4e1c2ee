#include "vault/acts/accept.h"

#include "vault/acts/asked.h"
#include "vault/acts/limits.h"
#include "vault/acts/post.h"
#include "vault/state/duties.h"

enum { DAY = 86400, SHOWN_DAYS = 30 };

static AM_RESULT
add_draft(struct post *p, const struct rows_person *by, struct bytes cred)
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	uint8_t hash[32];

	AM_TRY(duties_hash(DUTIES_NEWEST, hash));
	AM_TRY(canon_set(item, "id", canon_str(by->id)));
	AM_TRY(canon_set(item, "type", canon_str("acceptance")));
	AM_TRY(
	    canon_set(data, "duties", canon_hex((struct bytes){ hash, 32 })));
	AM_TRY(canon_set(data, "text", canon_uint(DUTIES_NEWEST)));
	AM_TRY(post_body(p->s, "entry", by->person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	return post_add(p, AM_TAKE(body), cred);
}

AM_RESULT
accept_may(struct session *s, const struct rows_person *p)
{
	store_txn_auto *t = NULL;
	bool has = false;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(duties_has(&v, s->vault.safes, p->person, &has));
	return has ? AM_OK
		   : why_say(s->why, AM_ERR_POLICY, "C-1",
			 "'%s' is custodian of no safe, and has no duties to "
			 "accept",
			 p->id);
}

AM_RESULT
accept_record(struct session *s, const struct session_key *k)
{
	post_auto p = { .s = s };

	AM_TRY(add_draft(
	    &p, &k->person, (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(&p, k, "to sign the duties of a custodian");
}

/* ---- what is due */

static AM_RESULT
owed_by(
    struct due *d, const struct asked_safes *safes, const struct rows_person *p)
{
	struct asked asks;
	int64_t at;

	asked_of(safes, p->person, &asks);
	at = p->accepted + asks.acceptance_renew;
	if (asks.acceptance_renew == LIMITS_NONE ||
	    at > d->now + (int64_t)SHOWN_DAYS * DAY)
		return AM_OK;
	return due_add(d, at, p->person,
	    "the duties of a custodian: accept them again with your key [C-1]",
	    "amanat me --accept");
}

enum am_err
accept_due(struct due *d)
{
	asked_safes_auto safes = { 0 };

	AM_TRY(asked_read(d->v, d->s->vault.safes, &safes));
	for (uint32_t i = 0; i < d->s->vault.persons; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_person p;
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    d->v, "person-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_person(d->v, (struct bytes){ id, 16 }, &p));
		/* who has left, or is suspended, signs nothing */
		if (p.departure == 0 && p.suspended == ROWS_FREE)
			AM_TRY(owed_by(d, &safes, &p));
	}
	return AM_OK;
}
