/*
 * Login tests (K-3): `entry` of type "login-test", id the name of the
 * credential, version that of the credential, data {evidence, record}:
 * `evidence` is 0 to 8 SHA-256 in hex. By an official who did not deposit that
 * version; of the newest one.
 */

#include "vault/state/login.h"

#include "vault/state/aged.h"
#include "vault/state/rules.h"

enum { EVIDENCE_MAX = 8 };

static bool
same16(const uint8_t a[static 16], const uint8_t b[static 16])
{
	return bytes_same((struct bytes){ a, 16 }, (struct bytes){ b, 16 });
}

static bool
is_none(const uint8_t id[static 16])
{
	static const uint8_t none[16];

	return same16(id, none);
}

AM_RESULT
login_state(const struct view *v, const struct rows_record *c,
    struct rows_login *tests, enum login_is *out)
{
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ c->record, 16 }, c->version);
	struct rows_login row = { 0 };
	struct rows_person by;
	enum am_err err = rows_get_login(v, rows_key(&key), &row);

	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	AM_TRY(rows_get_person(v, (struct bytes){ c->by, 16 }, &by));
	*out = login_stands(c, &by);
	*tests = row;
	return AM_OK;
}

static AM_RESULT
read_evidence(const struct json_t *data)
{
	const struct json_t *list = NULL;
	uint8_t hash[32];

	AM_TRY(canon_get_array(data, "evidence", &list));
	if (canon_size(list) > EVIDENCE_MAX)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < canon_size(list); i++)
		AM_TRY(canon_at_hex(list, i, hash, sizeof(hash)));
	return AM_OK;
}

static AM_RESULT
read_record(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data, struct rows_record *c)
{
	uint8_t record[16];

	AM_TRY(canon_get_hex(data, "record", record, sizeof(record)));
	if (rows_get_record(&r->st->view, (struct bytes){ record, 16 }, c) !=
		AM_OK ||
	    !bytes_same(id,
		(struct bytes){ (const uint8_t *)c->title, strlen(c->title) }))
		return RULES_SAY(
		    r, AM_ERR_NOT_FOUND, "K-3", "no such credential");
	if (version != c->version)
		return RULES_SAY(r, AM_ERR_STALE, "K-3",
		    "what is tested is the newest version, %u", c->version);
	return AM_OK;
}

static AM_RESULT
check_tester(struct rules *r, const struct rows_record *c)
{
	if (r->by.kind != ROWS_OFFICIAL)
		return RULES_SAY(r, AM_ERR_POLICY, "K-3",
		    "'%s' is no official; two officials test a login",
		    r->by.id);
	if (same16(c->by, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "K-3",
		    "'%s' deposited it; others test the login", r->by.id);
	return AM_OK;
}

/* What one person said who is suspended since stands for nothing; but what two
 * have said stays, for else one suspension would take it back. */
static AM_RESULT
first_stands(struct rules *r, const struct rows_login *t, bool *out)
{
	struct rows_person first;

	*out = true;
	if (!is_none(t->second))
		return AM_OK;
	AM_TRY(rules_person(r, t->first, &first));
	*out = first.suspended == ROWS_FREE;
	return AM_OK;
}

/* The last two people, in the order of their tests; a person counts once. */
static AM_RESULT
add(struct rules *r, struct rows_login *t)
{
	const bool two = !is_none(t->second);
	bool stands = false;

	AM_TRY(first_stands(r, t, &stands));
	if (two && !same16(t->second, r->s->by)) {
		memcpy(t->first, t->second, sizeof(t->first));
		t->first_at = t->second_at;
		t->first_leaf = t->second_leaf;
	}
	if (!two && (!stands || same16(t->first, r->s->by))) {
		memcpy(t->first, r->s->by, sizeof(t->first));
		t->first_at = r->s->at;
		t->first_leaf = r->leaf;
		return AM_OK;
	}
	memcpy(t->second, r->s->by, sizeof(t->second));
	t->second_at = r->s->at;
	t->second_leaf = r->leaf;
	return AM_OK;
}

/* Two have; from then on it is to be tested again. */
static AM_RESULT
verified(struct rules *r, struct rows_record *c, int64_t first_at)
{
	c->verified = c->version;
	AM_TRY(aged_tested(&r->st->view, c, first_at));
	return rows_put_record(
	    &r->st->view, (struct bytes){ c->record, 16 }, c);
}

AM_RESULT
login_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data)
{
	static const char *const keys[] = { "evidence", "record" };
	struct rows_login t = { .first_at = r->s->at, .first_leaf = r->leaf };
	struct rows_record c;
	struct rows_key key;
	enum am_err err;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(read_evidence(data));
	AM_TRY(read_record(r, id, version, data, &c));
	AM_TRY(check_tester(r, &c));
	memcpy(t.first, r->s->by, sizeof(t.first));
	key = rows_key_with_u32((struct bytes){ c.record, 16 }, version);
	err = rows_get_login(&r->st->view, rows_key(&key), &t);
	if (err == AM_OK)
		AM_TRY(add(r, &t));
	else if (err != AM_ERR_NOT_FOUND)
		return err;
	AM_TRY(rows_put_login(&r->st->view, rows_key(&key), &t));
	return is_none(t.second) ? AM_OK : verified(r, &c, t.first_at);
}
