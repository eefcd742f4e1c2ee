/*
 * Register entries (R13.9): `entry` {item {id, type}, version, data}.
 *
 *	person      1  {kind, person}, and of a contractor {sponsor, until}:
 *	               once, before admission, which covers it
 *	departure   1  {effective, kind, person, reason}: after the person has
 *	               been suspended, and {quiet, salt} if it was sealed before;
 *	               2 {certificate}: closed. A quorum that lets the person back
 *	               (`resume`) ends it.
 *	quiet          quiet.c
 *	key         1  {reason, receipt, token}: retired, for good; `id` is
 *	               the label
 *	place       1, 2, ...: {place}: where a key is kept; `id` is the label
 *	review      1  {finding, of}: review.c
 *	acceptance  1  {duties, text}: duties.c
 *	login-test     login.c; `version` is that of the credential
 *	incident       incident.c; `version` rises
 *	absence     1  {from, person, reason, until}: by anyone; 2 {}: back, by
 *	               the person
 *	entity      1, 2, ...: entity.c
 *	subscription  1, 2, ...: subscription.c; the first also in a batch
 */

#include "vault/state/manifest.h"
#include "vault/state/plan.h"
#include "vault/state/rules.h"

struct entry {
	const struct json_t *data;
	struct bytes id;
	uint32_t version;
};

/* ---- persons */

static AM_RESULT
kind_of_person(struct bytes text, uint8_t *out)
{
	static const char *const names[] = { "official", "contractor",
		"auditor" };

	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++)
		if (bytes_same(text,
			(struct bytes){
			    (const uint8_t *)names[i], strlen(names[i]) })) {
			*out = (uint8_t)(ROWS_OFFICIAL + i);
			return AM_OK;
		}
	return AM_ERR_CORRUPT;
}

/* C-... of domain.md: who is no official has an end and someone who answers. */
static AM_RESULT
read_contract(struct rules *r, const struct json_t *data, struct rows_person *p)
{
	static const char *const keys[] = { "kind", "person", "sponsor",
		"until" };

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "V08",
		    "a contractor has a sponsor and the end of the contract");
	AM_TRY(rules_text(data, "sponsor", p->sponsor, sizeof(p->sponsor)));
	AM_TRY(canon_get_when(data, "until", &p->until));
	if (!rules_is_name((struct bytes){ (const uint8_t *)p->sponsor,
			       strlen(p->sponsor) },
		ROWS_ID_MAX))
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "a sponsor is named by a short id");
	if (p->until <= r->s->at)
		return RULES_SAY(r, AM_ERR_APPOINTMENT, "R13.7",
		    "the contract has ended already");
	return AM_OK;
}

static AM_RESULT
enter_person(struct rules *r, const struct entry *e)
{
	static const char *const keys[] = { "kind", "person" };
	struct bytes kind = { 0 };
	struct rows_person p;
	uint8_t person[16];
	bool taken = false;

	AM_TRY(canon_get_text(e->data, "kind", &kind));
	AM_TRY(canon_get_hex(e->data, "person", person, sizeof(person)));
	AM_TRY(rules_person(r, person, &p));
	if (p.id[0] != '\0')
		return RULES_SAY(r, AM_ERR_EXISTS, "V08",
		    "this person is in the register already, as '%s'", p.id);
	AM_TRY(view_has(&r->st->view, "person-id", e->id, &taken));
	if (taken)
		return RULES_SAY(r, AM_ERR_EXISTS, "V08",
		    "the id '%.*s' is taken", (int)e->id.len,
		    (const char *)e->id.p);
	AM_TRY(kind_of_person(kind, &p.kind));
	if (p.kind == ROWS_CONTRACTOR)
		AM_TRY(read_contract(r, e->data, &p));
	else if (!canon_keys_are(e->data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	memcpy(p.id, e->id.p, e->id.len);
	AM_TRY(rows_index_put(&r->st->view, "person-id", e->id,
	    (struct bytes){ person, sizeof(person) }));
	return rows_put_person(
	    &r->st->view, (struct bytes){ person, sizeof(person) }, &p);
}

/* ---- departures */

static const char *const departures[] = { "transfer", "resignation",
	"contract-end", "retirement", "dismissal", "deceased" };

static bool
was_sealed(const struct json_t *data)
{
	static const char *const keys[] = { "effective", "kind", "person",
		"quiet", "reason", "salt" };

	return canon_keys_are(data, keys, AM_ARRAY_LEN(keys));
}

static AM_RESULT
check_departure(struct rules *r, const struct json_t *data)
{
	static const char *const keys[] = { "effective", "kind", "person",
		"reason" };
	struct bytes reason = { 0 };
	int64_t effective = 0;
	bool known = false;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)) &&
	    !was_sealed(data))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_when(data, "effective", &effective));
	AM_TRY(canon_get_text(data, "reason", &reason));
	for (size_t i = 0; i < AM_ARRAY_LEN(departures); i++)
		known |= rules_text_is(data, "kind", departures[i]);
	if (!known)
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "a departure is a transfer, resignation, contract-end, "
		    "retirement, dismissal or deceased");
	if (reason.len == 0)
		return RULES_SAY(
		    r, AM_ERR_INVALID, "V08", "a departure has a reason");
	return AM_OK;
}

static AM_RESULT
find_named(struct rules *r, const struct entry *e, struct rows_person *p)
{
	uint8_t id[16];

	if (rows_index_get(&r->st->view, "person-id", e->id, id, sizeof(id)) !=
	    AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "V08", "no person '%.*s'",
		    (int)e->id.len, (const char *)e->id.p);
	return rules_person(r, id, p);
}

/* Where the entry stands: for those who read its fields later. */
static AM_RESULT
keep_departure(struct rules *r, struct rows_person *p, uint32_t version)
{
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ p->person, 16 }, version);
	const struct rows_key leaf =
	    rows_key_with_u64((struct bytes){ NULL, 0 }, r->leaf);

	p->departure = version;
	AM_TRY(rows_index_put(
	    &r->st->view, "departure", rows_key(&key), rows_key(&leaf)));
	return rows_put_person(
	    &r->st->view, (struct bytes){ p->person, 16 }, p);
}

/* A fact, and so not refused whatever follows from it. */
static AM_RESULT
enter_departure(struct rules *r, const struct entry *e)
{
	struct rows_person p;
	uint8_t id[16];

	AM_TRY(check_departure(r, e->data));
	AM_TRY(canon_get_hex(e->data, "person", id, sizeof(id)));
	AM_TRY(find_named(r, e, &p));
	if (!bytes_same(
		(struct bytes){ id, 16 }, (struct bytes){ p.person, 16 }))
		return AM_ERR_CORRUPT;
	if (p.suspended == ROWS_FREE)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "V22", "who leaves is suspended first");
	if (p.departure != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "V08",
		    "the departure of '%s' is recorded already", p.id);
	if (was_sealed(e->data))
		AM_TRY(quiet_tell(r, e->data));
	/* PS-5: what the person may do and knows is looked through. */
	if (rules_text_is(e->data, "kind", "transfer"))
		AM_TRY(canon_get_when(e->data, "effective", &p.moved));
	return keep_departure(r, &p, 1);
}

/* The leaver is not of that committee, or there is none. */
static AM_RESULT
check_committee(struct rules *r, const struct rows_person *p,
    const struct rows_safe *s, enum rows_committee committee)
{
	static const uint8_t none[32];
	const struct bytes M = { plan_active(s, (uint8_t)committee), 32 };
	struct rows_manifest m;

	if (bytes_same(M, (struct bytes){ none, 32 }))
		return AM_OK;
	AM_TRY(rows_get_manifest(&r->st->view, M, &m));
	if (manifest_position(m.members, m.n, p->person) < 0)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "X-10",
	    "'%s' is still a custodian of safe '%s'; reshare it first", p->id,
	    s->id);
}

/* No committee in force has the leaver. */
static AM_RESULT
check_committees(struct rules *r, const struct rows_person *p)
{
	for (uint32_t i = 0; i < r->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    &r->st->view, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(
		    rows_get_safe(&r->st->view, (struct bytes){ id, 16 }, &s));
		AM_TRY(check_committee(r, p, &s, ROWS_OPERATING));
		AM_TRY(check_committee(r, p, &s, ROWS_RECOVERY));
	}
	return AM_OK;
}

static AM_RESULT
close_departure(struct rules *r, const struct entry *e)
{
	static const char *const keys[] = { "certificate" };
	struct rows_person p = { 0 };
	uint8_t hash[32];
	bool open = false;

	if (!canon_keys_are(e->data, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(e->data, "certificate", hash, sizeof(hash)));
	AM_TRY(find_named(r, e, &p));
	if (p.departure != 1)
		return RULES_SAY(r, AM_ERR_POLICY, "V08",
		    p.departure == 0 ? "'%s' has not left"
				     : "the departure of '%s' is closed",
		    p.id);
	AM_TRY(check_committees(r, &p));
	AM_TRY(exposure_left(r, &p, &open));
	if (open)
		return RULES_SAY(r, AM_ERR_POLICY, "X-10",
		    "'%s' knows credentials that were not changed since; "
		    "rotate them, or have a quorum accept the risk",
		    p.id);
	return keep_departure(r, &p, 2);
}

/* ---- keys */

/* What cannot be undone is not for one other person to do: the owner with
 * another key, or anyone once a quorum has confirmed that the key or its owner
 * is suspended. */
static bool
may_retire(const struct rules *r, const struct rows_token *t,
    const struct rows_person *owner)
{
	const bool self = bytes_same(
	    (struct bytes){ r->s->by, 16 }, (struct bytes){ t->person, 16 });

	return t->suspended == ROWS_CONFIRMED ||
	    owner->suspended == ROWS_CONFIRMED ||
	    (self &&
		!bytes_same((struct bytes){ r->token.token, 32 },
		    (struct bytes){ t->token, 32 }));
}

static AM_RESULT
read_retired(struct rules *r, const struct entry *e, struct rows_token *t)
{
	static const char *const keys[] = { "reason", "receipt", "token" };
	struct bytes reason = { 0 }, receipt = { 0 };
	uint8_t id[32];
	enum am_err err;

	if (!canon_keys_are(e->data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_text(e->data, "reason", &reason));
	AM_TRY(canon_get_text(e->data, "receipt", &receipt));
	AM_TRY(canon_get_hex(e->data, "token", id, sizeof(id)));
	if (reason.len == 0)
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "that a key is retired has a reason");
	err = rows_get_token(&r->st->view, (struct bytes){ id, 32 }, t);
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err != AM_OK ||
	    !bytes_same(e->id,
		(struct bytes){ (const uint8_t *)t->label, strlen(t->label) }))
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "V08",
		    "no key labelled '%.*s' of that statement", (int)e->id.len,
		    (const char *)e->id.p);
	return AM_OK;
}

static AM_RESULT
retire_key(struct rules *r, const struct entry *e)
{
	struct rows_person owner = { 0 };
	struct rows_token t = { 0 };

	AM_TRY(read_retired(r, e, &t));
	if (t.status != ROWS_ACTIVE)
		return RULES_SAY(r, AM_ERR_EXISTS, "V22",
		    t.status == ROWS_RETIRED
			? "the key '%s' is retired already"
			: "the key '%s' has not been admitted",
		    t.label);
	AM_TRY(rules_person(r, t.person, &owner));
	/* Also of who has left; but that may be said by one person of all
	 * others, so not while they are needed for a quorum. */
	if (!may_retire(r, &t, &owner) && owner.departure != 0)
		AM_TRY(check_committees(r, &owner));
	else if (!may_retire(r, &t, &owner))
		return RULES_SAY(r, AM_ERR_POLICY, "R5.14",
		    "the key '%s' is retired by '%s' with another key of "
		    "theirs, or by anyone once a quorum has confirmed its "
		    "suspension",
		    t.label, owner.id);
	t.status = ROWS_RETIRED;
	t.out_at = r->s->at;
	owner.tokens--;
	AM_TRY(rows_put_person(
	    &r->st->view, (struct bytes){ owner.person, 16 }, &owner));
	return rows_put_token(&r->st->view, (struct bytes){ t.token, 32 }, &t);
}

/* ---- where keys are kept */

/* Two of them are compared, so no blank is there that nobody sees. */
static bool
is_place(struct bytes text)
{
	bool blank = true; /* the character before */

	for (size_t i = 0; i < text.len; i++) {
		if (blank && text.p[i] == ' ')
			return false;
		blank = text.p[i] == ' ';
	}
	return !blank && text.len <= ROWS_TITLE_MAX && canon_text_ok(text);
}

static AM_RESULT
find_key(struct rules *r, const struct entry *e, struct rows_token *t)
{
	uint8_t id[32];

	if (rows_index_get(&r->st->view, "token-id", e->id, id, sizeof(id)) !=
	    AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "V08",
		    "no key labelled '%.*s'", (int)e->id.len,
		    (const char *)e->id.p);
	return rows_get_token(&r->st->view, (struct bytes){ id, 32 }, t);
}

/* A fact like an absence: it may be entered by those who can look. */
static AM_RESULT
place_key(struct rules *r, const struct entry *e)
{
	static const char *const keys[] = { "place" };
	struct bytes place = { 0 };
	struct rows_token t = { 0 };

	if (!canon_keys_are(e->data, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_text(e->data, "place", &place));
	AM_TRY(find_key(r, e, &t));
	if (r->by.kind != ROWS_OFFICIAL &&
	    !bytes_same(
		(struct bytes){ r->s->by, 16 }, (struct bytes){ t.person, 16 }))
		return RULES_SAY(r, AM_ERR_POLICY, "C-2",
		    "where the key '%s' is kept is for its owner or an "
		    "official to say",
		    t.label);
	if (!is_place(place))
		return RULES_SAY(r, AM_ERR_INVALID, "C-2",
		    "a place is 1 to %d bytes of plain text, such as 'HQ safe "
		    "2', without a blank at its ends or two in a row",
		    ROWS_TITLE_MAX);
	if (e->version != t.place_version + 1)
		return RULES_SAY(r, AM_ERR_STALE, "V08",
		    "version %u of the place of '%s' comes next, not %u",
		    t.place_version + 1, t.label, e->version);
	t.place_version = e->version;
	memcpy(t.place, place.p, place.len);
	t.place[place.len] = '\0';
	return rows_put_token(&r->st->view, (struct bytes){ t.token, 32 }, &t);
}

/* ---- absences */

static AM_RESULT
enter_absence(struct rules *r, const struct entry *e)
{
	struct rows_person p;
	uint8_t id[16];

	AM_TRY(find_named(r, e, &p));
	if (e->version == 2)
		return canon_size(e->data) == 0 ? office_return(r, &p)
						: AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(e->data, "person", id, sizeof(id)));
	if (!bytes_same(
		(struct bytes){ id, 16 }, (struct bytes){ p.person, 16 }))
		return AM_ERR_CORRUPT;
	return office_absence(r, e->data, &p);
}

/* ---- in a batch */

/* New subscriptions, and nothing else: neither what is said of people nor the
 * steps of one that is there (R7.4). The key that signed for the batch was looked
 * at then. */
static AM_RESULT
enter_batched(struct rules *r, const struct json_t *item, const struct entry *e)
{
	if (!rules_text_is(item, "type", "subscription") || e->version != 1)
		return RULES_SAY(r, AM_ERR_POLICY, "V09",
		    "new subscriptions alone are entered in a batch; what is "
		    "said of a person or done with what is there is signed by "
		    "itself (R7.4)");
	AM_TRY(rules_person(r, r->s->by, &r->by));
	return subscription_enter(r, e->id, e->version, e->data);
}

/* ---- the statement */

AM_RESULT
register_entry(struct rules *r)
{
	static const char *const item_keys[] = { "id", "type" };
	const struct json_t *item = NULL;
	struct entry e = { 0 };
	bool key, login, place;

	AM_TRY(canon_get_object(r->s->body, "item", &item));
	AM_TRY(canon_get_object(r->s->body, "data", &e.data));
	AM_TRY(canon_get_u32(r->s->body, "version", &e.version));
	if (!canon_keys_are(item, item_keys, 2))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_text(item, "id", &e.id));
	key = rules_text_is(item, "type", "key");
	login = rules_text_is(item, "type", "login-test");
	place = rules_text_is(item, "type", "place");
	if (!rules_is_name(
		e.id, key || login || place ? ROWS_TITLE_MAX : ROWS_ID_MAX))
		return AM_ERR_CORRUPT;
	if (r->s->batched)
		return enter_batched(r, item, &e);
	if (rules_text_is(item, "type", "person") && e.version == 1)
		return enter_person(r, &e);
	if (rules_text_is(item, "type", "departure") && e.version == 1)
		return enter_departure(r, &e);
	if (rules_text_is(item, "type", "departure") && e.version == 2)
		return close_departure(r, &e);
	if (key && e.version == 1)
		return retire_key(r, &e);
	if (place)
		return place_key(r, &e);
	if (rules_text_is(item, "type", "review") && e.version == 1)
		return review_enter(r, e.id, e.data);
	if (rules_text_is(item, "type", "acceptance") && e.version == 1)
		return duties_enter(r, e.id, e.data);
	if (login)
		return login_enter(r, e.id, e.version, e.data);
	if (rules_text_is(item, "type", "incident"))
		return incident_enter(r, e.id, e.version, e.data);
	if (rules_text_is(item, "type", "quiet"))
		return quiet_enter(r, e.id, e.version, e.data);
	if (rules_text_is(item, "type", "absence") &&
	    (e.version == 1 || e.version == 2))
		return enter_absence(r, &e);
	if (rules_text_is(item, "type", "entity"))
		return entity_enter(r, e.id, e.version, e.data);
	if (rules_text_is(item, "type", "subscription"))
		return subscription_enter(r, e.id, e.version, e.data);
	return AM_ERR_CORRUPT;
}
