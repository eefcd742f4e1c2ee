/*
 * Who knows what: whoever opened or deposited a version knows it until it is
 * changed at the vendor, which two people have to say with evidence (X-10,
 * X-11; protocol.md 7.3 `rotated`). Departures do not end knowledge.
 */

#include <stdio.h>

#include "vault/state/exposure.h"

#include "vault/base/enc.h"
#include "vault/crypto/hash.h"
#include "vault/state/aged.h"
#include "vault/state/rules.h"
#include "vault/state/waiver.h"

enum { EVIDENCE_MAX = 8 };

static struct rows_key
version_key(const uint8_t record[static 16], uint32_t version)
{
	return rows_key_with_u32((struct bytes){ record, 16 }, version);
}

static struct rows_key
nth_key(const uint8_t person[static 16], uint32_t n)
{
	return rows_key_with_u32((struct bytes){ person, 16 }, n);
}

/* ---- what was opened, what was deposited */

AM_RESULT
exposure_opened(struct rules *r, const struct rows_request *q)
{
	const struct rows_key n = nth_key(q->by, r->by.openings);

	r->by.openings++;
	AM_TRY(rows_index_put(&r->st->view, "opening-n", rows_key(&n),
	    (struct bytes){ q->request, 32 }));
	return rows_put_person(
	    &r->st->view, (struct bytes){ r->by.person, 16 }, &r->by);
}

AM_RESULT
exposure_deposited(struct rules *r, const struct rows_record *c)
{
	const struct rows_key what = version_key(c->record, c->version);
	struct rows_version v = { .at = c->at, .leaf = c->leaf };
	struct rows_person by;
	struct rows_key n;

	memcpy(v.seal, c->seal, sizeof(v.seal));
	memcpy(v.u, c->u, sizeof(v.u));
	memcpy(v.by, c->by, sizeof(v.by));
	AM_TRY(rows_put_version(&r->st->view, rows_key(&what), &v));
	AM_TRY(rules_person(r, c->by, &by));
	n = nth_key(c->by, by.deposits);
	by.deposits++;
	AM_TRY(rows_index_put(
	    &r->st->view, "deposit-n", rows_key(&n), rows_key(&what)));
	return rows_put_person(
	    &r->st->view, (struct bytes){ by.person, 16 }, &by);
}

/* ---- rotated */

static AM_RESULT
read_evidence(struct rules *r, uint8_t out[static 32])
{
	const struct json_t *list = NULL;
	uint8_t all[EVIDENCE_MAX][32];
	size_t count;

	AM_TRY(canon_get_array(r->s->body, "evidence", &list));
	count = canon_size(list);
	if (count == 0 || count > EVIDENCE_MAX)
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "X-11",
		    "a rotation has 1 to %d pieces of evidence", EVIDENCE_MAX);
	for (size_t i = 0; i < count; i++)
		AM_TRY(canon_at_hex(list, i, all[i], 32));
	hash_sha256(HASH_PARTS({ all[0], count * 32 }), out);
	return AM_OK;
}

static AM_RESULT
read_rotated(struct rules *r, struct rows_record *c, uint32_t *version)
{
	uint8_t safe[16], record[16];

	AM_TRY(canon_get_hex(r->s->body, "safe", safe, sizeof(safe)));
	AM_TRY(canon_get_hex(r->s->body, "record", record, sizeof(record)));
	AM_TRY(canon_get_u32(r->s->body, "version", version));
	if (r->by.kind == ROWS_CONTRACTOR)
		return RULES_SAY(r, AM_ERR_POLICY, "X-11",
		    "'%s' is a contractor; officials say what is in force at "
		    "the vendor",
		    r->by.id);
	if (rows_get_record(&r->st->view, (struct bytes){ record, 16 }, c) !=
		AM_OK ||
	    !bytes_same(
		(struct bytes){ c->safe, 16 }, (struct bytes){ safe, 16 }))
		return RULES_SAY(
		    r, AM_ERR_NOT_FOUND, "X-11", "no such credential");
	if (*version < 2 || *version > c->version)
		return RULES_SAY(r, AM_ERR_POLICY, "X-11",
		    "a rotation is closed with the new version deposited; "
		    "version %u is not",
		    *version);
	if (*version <= c->rotated)
		return RULES_SAY(r, AM_ERR_EXISTS, "X-11",
		    "the rotation to version %u is closed already", *version);
	return AM_OK;
}

/* A new rotation gets a number, so that open ones are found without a search. */
static AM_RESULT
number_rotation(struct rules *r, const struct rows_key *what)
{
	const struct view *v = &r->st->view;
	struct rows_key n = rows_key_u32(0);
	uint8_t count[4];
	enum am_err err = rows_index_get(
	    v, "rotations", (struct bytes){ NULL, 0 }, count, sizeof(count));

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err == AM_OK)
		n = rows_key_u32(rows_get_be32(count));
	AM_TRY(rows_index_put(v, "rotation-n", rows_key(&n), rows_key(what)));
	n = rows_key_u32(rows_get_be32(n.b) + 1);
	return rows_index_put(
	    v, "rotations", (struct bytes){ NULL, 0 }, rows_key(&n));
}

static AM_RESULT
sign_first(struct rules *r, const struct rows_key *key,
    const uint8_t evidence[static 32])
{
	struct rows_rotation rot = { .leaf = r->leaf };

	memcpy(rot.by, r->s->by, sizeof(rot.by));
	memcpy(rot.evidence, evidence, sizeof(rot.evidence));
	return rows_put_rotation(&r->st->view, rows_key(key), &rot);
}

/* May the signer be the second? Nobody confirms what they said themselves;
 * and what a person said who is suspended by now stands for nothing, so that
 * nobody who leaves can block a rotation with evidence that others lack. */
static AM_RESULT
first_stands(struct rules *r, const struct rows_rotation *rot, bool *out)
{
	struct rows_person first;

	AM_TRY(rules_person(r, rot->by, &first));
	*out = first.suspended == ROWS_FREE &&
	    !bytes_same(
		(struct bytes){ rot->by, 16 }, (struct bytes){ r->s->by, 16 });
	return AM_OK;
}

/* The first says it, another one confirms it with the same evidence. */
AM_RESULT
exposure_rotated(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct rows_rotation rot;
	uint8_t evidence[32];
	bool stands = false;
	struct rows_record c;
	struct rows_key key;
	uint32_t version = 0;
	enum am_err err;

	AM_TRY(read_rotated(r, &c, &version));
	AM_TRY(read_evidence(r, evidence));
	key = version_key(c.record, version);
	err = rows_get_rotation(v, rows_key(&key), &rot);
	if (err == AM_ERR_NOT_FOUND) {
		AM_TRY(number_rotation(r, &key));
		return sign_first(r, &key, evidence);
	}
	AM_TRY(err);
	AM_TRY(first_stands(r, &rot, &stands));
	if (!stands)
		return sign_first(r, &key, evidence);
	if (!bytes_same((struct bytes){ rot.evidence, 32 },
		(struct bytes){ evidence, 32 }))
		return RULES_SAY(r, AM_ERR_POLICY, "X-11",
		    "the evidence is not that of the first signer");
	memcpy(rot.second, r->s->by, sizeof(rot.second));
	rot.second_leaf = r->leaf;
	c.rotated = version;
	c.rotated_leaf = r->leaf;
	AM_TRY(rows_put_rotation(v, rows_key(&key), &rot));
	AM_TRY(aged_rotated(v, &c));
	return rows_put_record(v, (struct bytes){ c.record, 16 }, &c);
}

/* ---- is anything left? */

void
exposure_rule(const uint8_t person[static 16], const uint8_t record[static 16],
    uint32_t version, char out[static EXPOSURE_RULE])
{
	char p[ENC_HEX_LEN(16) + 1], c[ENC_HEX_LEN(16) + 1];

	enc_hex((struct bytes){ person, 16 }, p);
	enc_hex((struct bytes){ record, 16 }, c);
	(void)snprintf(out, EXPOSURE_RULE, "X-10 %s %s %u", p, c, version);
}

AM_RESULT
exposure_rule_read(const char *rule, uint8_t person[static 16],
    uint8_t record[static 16], uint32_t *version)
{
	const size_t hex = ENC_HEX_LEN((size_t)16), at = strlen("X-10 ");
	const struct bytes all = { (const uint8_t *)rule, strlen(rule) };
	char again[EXPOSURE_RULE];
	uint64_t number = 0;

	if (all.len <= at + 2 * (hex + 1) || all.len >= EXPOSURE_RULE)
		return AM_ERR_INVALID;
	if (enc_hex_decode((struct bytes){ all.p + at, hex }, person, 16) !=
		AM_OK ||
	    enc_hex_decode((struct bytes){ all.p + at + hex + 1, hex }, record,
		16) != AM_OK)
		return AM_ERR_INVALID;
	for (size_t i = at + 2 * (hex + 1); i < all.len; i++) {
		if (all.p[i] < '0' || all.p[i] > '9')
			return AM_ERR_INVALID;
		number = number * 10 + (uint64_t)(all.p[i] - '0');
	}
	*version = (uint32_t)number;
	exposure_rule(person, record, *version, again);
	return strcmp(rule, again) == 0 ? AM_OK : AM_ERR_INVALID;
}

AM_RESULT
exposure_state_of(const struct view *v, const uint8_t person[static 16],
    const struct rows_record *c, uint32_t version, int64_t at,
    enum exposure_is *out)
{
	char rule[EXPOSURE_RULE];
	int64_t until = 0;

	if (version < c->rotated) {
		*out = EXPOSURE_CLOSED;
		return AM_OK;
	}
	exposure_rule(person, c->record, version, rule);
	AM_TRY(waiver_until(v, rule, &until));
	*out = at < until ? EXPOSURE_ACCEPTED : EXPOSURE_OPEN;
	return AM_OK;
}

AM_RESULT
exposure_state(const struct view *v, const uint8_t person[static 16],
    const uint8_t record[static 16], uint32_t version, int64_t at,
    enum exposure_is *out)
{
	struct rows_record c;

	AM_TRY(rows_get_record(v, (struct bytes){ record, 16 }, &c));
	return exposure_state_of(v, person, &c, version, at, out);
}

static AM_RESULT
any_deposit(struct rules *r, const struct rows_person *p, bool *out)
{
	for (uint32_t i = 0; i < p->deposits && !*out; i++) {
		const struct rows_key n = nth_key(p->person, i);
		enum exposure_is is = EXPOSURE_CLOSED;
		uint8_t what[20];

		AM_TRY(rows_index_get(&r->st->view, "deposit-n", rows_key(&n),
		    what, sizeof(what)));
		AM_TRY(exposure_state(&r->st->view, p->person, what,
		    rows_get_be32(what + 16), r->s->at, &is));
		*out = is == EXPOSURE_OPEN;
	}
	return AM_OK;
}

static AM_RESULT
any_opening(struct rules *r, const struct rows_person *p, bool *out)
{
	for (uint32_t i = 0; i < p->openings && !*out; i++) {
		const struct rows_key n = nth_key(p->person, i);
		enum exposure_is is = EXPOSURE_CLOSED;
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    &r->st->view, "opening-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_request(
		    &r->st->view, (struct bytes){ id, 32 }, &q));
		AM_TRY(exposure_state(&r->st->view, p->person, q.record,
		    q.version, r->s->at, &is));
		*out = is == EXPOSURE_OPEN;
	}
	return AM_OK;
}

AM_RESULT
exposure_left(struct rules *r, const struct rows_person *p, bool *out)
{
	bool open = false;

	AM_TRY(any_opening(r, p, &open));
	AM_TRY(any_deposit(r, p, &open));
	*out = open;
	return AM_OK;
}
