/*
 * Reviews (domain.md, U-6, 3.1): `entry` of type "review", version 1, data
 * {finding, of}. `of` is "emergency", id the request ("r-7") that was opened by
 * break-glass, by somebody who neither asked nor approved; "access", id the
 * safe, whenever its custodians and rules have been looked at; or "person", id
 * the person, by an official who is another: still in post, and what they hold
 * and know was looked through.
 */

#include "vault/state/manifest.h"
#include "vault/state/rules.h"

static bool
same16(const uint8_t a[static 16], const uint8_t b[static 16])
{
	return bytes_same((struct bytes){ a, 16 }, (struct bytes){ b, 16 });
}

/* "r-7"; 0: it is none. */
static uint32_t
request_number(struct bytes id)
{
	uint64_t n = 0;

	if (id.len < 3 || id.len > 12 || id.p[0] != 'r' || id.p[1] != '-' ||
	    id.p[2] == '0')
		return 0;
	for (size_t i = 2; i < id.len; i++) {
		if (id.p[i] < '0' || id.p[i] > '9')
			return 0;
		n = n * 10 + (id.p[i] - '0');
	}
	return n <= UINT32_MAX ? (uint32_t)n : 0;
}

static AM_RESULT
check_emergency(struct rules *r, struct bytes id)
{
	const struct rows_key n = rows_key_u32(request_number(id));
	struct rows_request q;
	uint8_t request[32];

	if (rows_index_get(&r->st->view, "request-n", rows_key(&n), request,
		sizeof(request)) != AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "U-6",
		    "no request '%.*s'", (int)id.len, (const char *)id.p);
	AM_TRY(
	    rows_get_request(&r->st->view, (struct bytes){ request, 32 }, &q));
	if (q.breakglass == 0 || q.opens == 0)
		return RULES_SAY(r, AM_ERR_POLICY, "U-6",
		    "only what was opened by break-glass is reviewed so");
	if (same16(q.by, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "U-6",
		    "'%s' asked for it; somebody else reviews it", r->by.id);
	for (size_t i = 0; i < q.approval_count; i++)
		if (same16(q.approvals[i].person, r->s->by))
			return RULES_SAY(r, AM_ERR_POLICY, "U-6",
			    "'%s' approved it; somebody else reviews it",
			    r->by.id);
	return AM_OK;
}

static AM_RESULT
check_safe(struct rules *r, struct bytes id)
{
	bool known = false;

	AM_TRY(view_has(&r->st->view, "safe-id", id, &known));
	return known ? AM_OK
		     : RULES_SAY(r, AM_ERR_NOT_FOUND, "U-6", "no safe '%.*s'",
			   (int)id.len, (const char *)id.p);
}

static AM_RESULT
read_person(struct rules *r, struct bytes id, struct rows_person *out)
{
	uint8_t person[16];
	const enum am_err err = rows_index_get(
	    &r->st->view, "person-id", id, person, sizeof(person));

	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "U-6", "no person '%.*s'", (int)id.len,
		    (const char *)id.p);
	AM_TRY(err);
	return rules_person(r, person, out);
}

/* It stands in the row of the person: a safe may have the same name. */
static AM_RESULT
enter_person(struct rules *r, struct bytes id)
{
	struct rows_person p;

	AM_TRY(read_person(r, id, &p));
	if (r->by.kind != ROWS_OFFICIAL)
		return RULES_SAY(r, AM_ERR_POLICY, "U-6",
		    "'%s' is no official, and officials look through what "
		    "people hold",
		    r->by.id);
	if (same16(p.person, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "U-6",
		    "nobody reviews themselves; somebody else reviews '%s'",
		    p.id);
	p.reviewed = r->s->at;
	if (p.moved != 0 && p.moved <= r->s->at)
		p.moved = 0;
	return rows_put_person(
	    &r->st->view, (struct bytes){ p.person, 16 }, &p);
}

AM_RESULT
review_enter(struct rules *r, struct bytes id, const struct json_t *data)
{
	static const char *const keys[] = { "finding", "of" };
	const struct rows_key at =
	    rows_key_with_u64((struct bytes){ NULL, 0 }, (uint64_t)r->s->at);
	struct bytes finding = { 0 };
	bool emergency, person;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_text(data, "finding", &finding));
	if (r->by.kind == ROWS_CONTRACTOR)
		return RULES_SAY(r, AM_ERR_POLICY, "U-6",
		    "'%s' is a contractor, and contractors review nothing",
		    r->by.id);
	emergency = rules_text_is(data, "of", "emergency");
	person = rules_text_is(data, "of", "person");
	if (!emergency && !person && !rules_text_is(data, "of", "access"))
		return AM_ERR_CORRUPT;
	if (finding.len == 0)
		return RULES_SAY(
		    r, AM_ERR_INVALID, "U-6", "a review says what it found");
	if (person)
		return enter_person(r, id);
	AM_TRY(emergency ? check_emergency(r, id) : check_safe(r, id));
	return rows_index_put(&r->st->view, "review", id, rows_key(&at));
}
