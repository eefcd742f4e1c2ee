#include "vault/acts/tested.h"

#include "vault/acts/attach.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"

enum { DAY = 86400, TEXT_MAX = 256 };

static const uint8_t nobody[16];

AM_RESULT
tested_check(struct session *s, const struct tested_wish *w)
{
	uint8_t all[ATTACH_MAX][32];
	struct rows_record c;
	struct rows_safe safe;

	AM_TRY(lookup_record(s, w->path, &safe, &c));
	return attach_hash(s, w->files, w->count, "K-3", all);
}

static AM_RESULT
make_body(struct session *s, const struct session_key *k,
    const struct tested_wish *w, const struct rows_record *c,
    struct json_t **out)
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object(),
		   *list = NULL;
	uint8_t all[ATTACH_MAX][32];

	AM_TRY(attach_hash(s, w->files, w->count, "K-3", all));
	AM_TRY(attach_list(all, w->count, &list));
	AM_TRY(canon_set(item, "id", canon_str(c->title)));
	AM_TRY(canon_set(item, "type", canon_str("login-test")));
	AM_TRY(canon_set(data, "evidence", AM_TAKE(list)));
	AM_TRY(canon_set(
	    data, "record", canon_hex((struct bytes){ c->record, 16 })));
	AM_TRY(post_body(s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(c->version)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	*out = AM_TAKE(body);
	return AM_OK;
}

AM_RESULT
tested_record(struct session *s, const struct session_key *k,
    const struct tested_wish *w, struct rows_record *c,
    struct rows_login *tests, enum login_is *out)
{
	canon_auto *body = NULL;
	post_auto p = { .s = s };
	store_txn_auto *t = NULL;
	struct rows_safe safe;
	struct view v;

	AM_TRY(lookup_record(s, w->path, &safe, c));
	AM_TRY(make_body(s, k, w, c, &body));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	AM_TRY(post_all(&p, k, "to sign that the login works"));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_record(&v, (struct bytes){ c->record, 16 }, c));
	return login_state(&v, c, tests, out);
}

AM_RESULT
tested_first(const struct view *v, const struct rows_login *tests,
    char out[static ROWS_ID_MAX + 1])
{
	out[0] = '\0';
	if (tests->first_leaf == 0 ||
	    !bytes_same((struct bytes){ tests->second, 16 },
		(struct bytes){ nobody, 16 }))
		return AM_OK;
	return lookup_person_name(v, tests->first, out);
}

/* ---- what is due */

/* The sponsor answers for the contractor; it may be a post. */
static AM_RESULT
add(struct due *d, const struct rows_person *con, const struct rows_record *c)
{
	const struct bytes sponsor = { (const uint8_t *)con->sponsor,
		strlen(con->sponsor) };
	char what[TEXT_MAX], next[TEXT_MAX], first[ROWS_ID_MAX + 1];
	struct rows_login tests;
	enum login_is is = LOGIN_UNTESTED;
	struct rows_safe s;
	uint8_t who[16];
	bool person;

	AM_TRY(login_state(d->v, c, &tests, &is));
	if (is != LOGIN_UNVERIFIED)
		return AM_OK;
	AM_TRY(tested_first(d->v, &tests, first));
	AM_TRY(rows_get_safe(d->v, (struct bytes){ c->safe, 16 }, &s));
	(void)snprintf(what, sizeof(what),
	    "'%s/%s' version %u of contractor '%s' (sponsor '%s') is "
	    "unverified: %s",
	    s.id, c->title, c->version, con->id, con->sponsor,
	    first[0] != '\0' ? "a second test is missing"
			     : "two officials test it");
	(void)snprintf(
	    next, sizeof(next), "amanat tested %s/%s", s.id, c->title);
	person = rows_index_get(d->v, "person-id", sponsor, who, sizeof(who)) ==
	    AM_OK;
	return due_add(d, c->at + DAY, person ? who : NULL, what, next);
}

/* What is deposited and still the newest. */
static AM_RESULT
deposits_of(struct due *d, const struct rows_person *con)
{
	for (uint32_t i = 0; i < con->deposits; i++) {
		const struct rows_key n =
		    rows_key_with_u32((struct bytes){ con->person, 16 }, i);
		struct rows_record c;
		uint8_t what[20];

		AM_TRY(rows_index_get(
		    d->v, "deposit-n", rows_key(&n), what, sizeof(what)));
		AM_TRY(rows_get_record(d->v, (struct bytes){ what, 16 }, &c));
		if (c.version == rows_get_be32(what + 16))
			AM_TRY(add(d, con, &c));
	}
	return AM_OK;
}

enum am_err
tested_due(struct due *d)
{
	for (uint32_t i = 0; i < d->s->vault.persons; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_person p;
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    d->v, "person-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_person(d->v, (struct bytes){ id, 16 }, &p));
		if (p.kind == ROWS_CONTRACTOR)
			AM_TRY(deposits_of(d, &p));
	}
	return AM_OK;
}
