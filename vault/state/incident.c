/*
 * Incidents (O-3 to O-6; domain.md 9): `entry` of type "incident", id "i-7" in
 * the order of the log.
 *
 *	1   {cause, credential, discovered, freeze, person, token}: the last
 *	    two and `credential` name what it is about, or are empty. Instead
 *	    of `cause` {sealed, until}: its hash, and when it is readable
 *	    (quiet.h); all that decides anything stays in the open
 *	>1  {evidence, note, of: "fact"}
 *	    {due, note, of: "reaction", owner}: numbered from 1
 *	    {evidence, note, of: "done", reaction}
 *	    {json, md, of: "sent", report}: SHA-256 of the report in both forms,
 *	    made of the first `size` statements of the head of this one
 *	    {of: "closed", reason}
 */

#include "vault/state/incident.h"

#include "vault/state/quiet.h"
#include "vault/state/rules.h"

enum { EVIDENCE_MAX = 8, CLOCK_MAX = 120 };

static const uint8_t none[32];

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

static bool
is_set(const uint8_t *id, size_t len)
{
	return !same(id, none, len);
}

/* ---- looking */

uint32_t
incident_number(struct bytes id)
{
	return rows_number('i', id);
}

uint64_t
incident_sent(const struct rows_incident *i, enum incident_report report)
{
	switch (report) {
	case INCIDENT_FIRST:
		return i->first_leaf;
	case INCIDENT_DETAIL:
		return i->detail_leaf;
	case INCIDENT_FINAL:
		return i->final_leaf;
	}
	return 0;
}

AM_RESULT
incident_get(const struct view *v, uint32_t number, struct rows_incident *out)
{
	const struct rows_key key = rows_key_u32(number);

	return rows_get_incident(v, rows_key(&key), out);
}

static struct rows_key
nth_key(uint32_t number, uint32_t n)
{
	const struct rows_key first = rows_key_u32(number);

	return rows_key_with_u32(rows_key(&first), n);
}

AM_RESULT
incident_reaction(const struct view *v, uint32_t number, uint32_t n,
    struct rows_reaction *out)
{
	const struct rows_key key = nth_key(number, n);

	return rows_get_reaction(v, rows_key(&key), out);
}

AM_RESULT
incident_leaf(
    const struct view *v, uint32_t number, uint32_t version, uint64_t *out)
{
	const struct rows_key key = nth_key(number, version);
	uint8_t be[8];

	AM_TRY(
	    rows_index_get(v, "incident-leaf", rows_key(&key), be, sizeof(be)));
	*out = rows_get_be64(be);
	return AM_OK;
}

/* ---- scope */

static bool
is_approved_by(const struct rows_incident *i, const struct rows_request *q,
    uint64_t before)
{
	for (size_t n = 0; n < q->approval_count; n++) {
		const struct rows_approval *a = &q->approvals[n];

		if (a->leaf >= before)
			continue;
		if (is_set(i->person, 16) && same(a->person, i->person, 16))
			return true;
		if (is_set(i->token, 32) && same(a->token, i->token, 32))
			return true;
	}
	return false;
}

bool
incident_covers(const struct rows_incident *i, const struct rows_request *q,
    uint64_t before)
{
	const bool record = is_set(i->record, 16),
		   person = is_set(i->person, 16), token = is_set(i->token, 32);

	if (q->leaf >= before)
		return false;
	if (!record && !person && !token)
		return true;
	return (record && same(q->record, i->record, 16)) ||
	    (person && same(q->by, i->person, 16)) ||
	    (token && same(q->token, i->token, 32)) ||
	    is_approved_by(i, q, before);
}

AM_RESULT
incident_hold_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_request *q, uint32_t *number, enum incident_hold *out)
{
	enum incident_hold hold = INCIDENT_FREE;

	*number = 0;
	for (uint32_t n = 1; vault->freezes > 0 && n <= vault->incidents; n++) {
		struct rows_incident i;

		AM_TRY(incident_get(v, n, &i));
		if (i.frozen == ROWS_UNFROZEN)
			continue;
		if (incident_covers(&i, q, i.leaf)) {
			*number = n;
			*out = INCIDENT_CANCELLED;
			return AM_OK;
		}
		if (i.frozen == ROWS_FROZEN && hold == INCIDENT_FREE &&
		    incident_covers(&i, q, UINT64_MAX)) {
			*number = n;
			hold = INCIDENT_FROZEN;
		}
	}
	*out = hold;
	return AM_OK;
}

AM_RESULT
incident_check_request(struct rules *r, const struct rows_request *q)
{
	enum incident_hold hold = INCIDENT_FREE;
	uint32_t n = 0;

	AM_TRY(incident_hold_of(&r->st->view, &r->vault, q, &n, &hold));
	switch (hold) {
	case INCIDENT_FREE:
		return AM_OK;
	case INCIDENT_FROZEN:
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "incident i-%u has frozen this; a quorum can lift that", n);
	case INCIDENT_CANCELLED:
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "incident i-%u has cancelled this request; ask again, "
		    "once its freeze is lifted",
		    n);
	}
	return AM_ERR_INTERNAL;
}

/* Who is named, or signs with the key that is, approves nothing: with the
 * approval it would be in scope, and nobody could open it. */
AM_RESULT
incident_check_approver(struct rules *r)
{
	for (uint32_t n = 1; r->vault.freezes > 0 && n <= r->vault.incidents;
	     n++) {
		struct rows_incident i;

		AM_TRY(incident_get(&r->st->view, n, &i));
		if (i.frozen == ROWS_FROZEN &&
		    (same(i.person, r->s->by, 16) ||
			same(i.token, r->token.token, 32)))
			return RULES_SAY(r, AM_ERR_POLICY, "O-5",
			    "incident i-%u is about %s, which approves nothing "
			    "until a quorum has lifted its freeze",
			    n,
			    same(i.person, r->s->by, 16) ? "this person"
							 : "this key");
	}
	return AM_OK;
}

/* ---- fields */

/* An id in hex, or "" for none: zeros. */
static AM_RESULT
read_named(const struct json_t *data, const char *key, uint8_t *out, size_t len)
{
	struct bytes text = { 0 };

	AM_TRY(canon_get_text(data, key, &text));
	return text.len == 0 ? AM_OK : canon_get_hex(data, key, out, len);
}

static AM_RESULT
read_evidence(const struct json_t *data)
{
	const struct json_t *list = NULL;
	uint8_t hash[32];

	AM_TRY(canon_get_array(data, "evidence", &list));
	if (canon_size(list) > EVIDENCE_MAX)
		return AM_ERR_CORRUPT;
	for (size_t n = 0; n < canon_size(list); n++)
		AM_TRY(canon_at_hex(list, n, hash, sizeof(hash)));
	return AM_OK;
}

static AM_RESULT
read_words(struct rules *r, const struct json_t *data, const char *key)
{
	struct bytes text = { 0 };

	AM_TRY(canon_get_text(data, key, &text));
	if (text.len == 0)
		return RULES_SAY(r, AM_ERR_INVALID, "O-5",
		    "what is noted of an incident is said in words");
	return AM_OK;
}

static AM_RESULT
not_found(struct rules *r, const char *what)
{
	return RULES_SAY(
	    r, AM_ERR_NOT_FOUND, "O-3", "no such %s in this vault", what);
}

/* ---- version 1: opened */

static AM_RESULT
check_named(struct rules *r, const struct rows_incident *i)
{
	const struct view *v = &r->st->view;
	struct rows_record c;
	struct rows_person p;
	struct rows_token t;

	if (is_set(i->record, 16) &&
	    rows_get_record(v, (struct bytes){ i->record, 16 }, &c) != AM_OK)
		return not_found(r, "credential");
	if (is_set(i->person, 16) &&
	    rows_get_person(v, (struct bytes){ i->person, 16 }, &p) != AM_OK)
		return not_found(r, "person");
	if (is_set(i->token, 32) &&
	    rows_get_token(v, (struct bytes){ i->token, 32 }, &t) != AM_OK)
		return not_found(r, "key");
	return AM_OK;
}

/* The cause in the open, or its hash and when it is readable; not both. */
static AM_RESULT
read_cause(struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	static const char *const plain[] = { "cause", "credential",
		"discovered", "freeze", "person", "token" };
	static const char *const quiet[] = { "credential", "discovered",
		"freeze", "person", "sealed", "token", "until" };
	struct bytes cause = { 0 };
	const char *fault;

	if (canon_keys_are(data, plain, AM_ARRAY_LEN(plain)))
		return canon_get_text(data, "cause", &cause);
	if (!canon_keys_are(data, quiet, AM_ARRAY_LEN(quiet)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(data, "sealed", i->sealed, sizeof(i->sealed)));
	AM_TRY(canon_get_when(data, "until", &i->sealed_until));
	fault = quiet_fault(r->s->at, i->sealed_until);
	return fault == NULL
	    ? AM_OK
	    : RULES_SAY(r, AM_ERR_INVALID, "X-19", "%s", fault);
}

static AM_RESULT
read_open(struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	bool freeze = false;

	AM_TRY(read_cause(r, data, i));
	AM_TRY(canon_get_when(data, "discovered", &i->discovered));
	AM_TRY(canon_get_bool(data, "freeze", &freeze));
	AM_TRY(read_named(data, "credential", i->record, 16));
	AM_TRY(read_named(data, "person", i->person, 16));
	AM_TRY(read_named(data, "token", i->token, 32));
	if (i->discovered > r->s->at + CLOCK_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "O-4",
		    "an incident is recorded after it was discovered");
	i->frozen = freeze ? ROWS_FROZEN : ROWS_UNFROZEN;
	return check_named(r, i);
}

static AM_RESULT
keep(struct rules *r, struct rows_incident *i)
{
	const struct rows_key key = rows_key_u32(i->number),
			      nth = nth_key(i->number, i->version),
			      leaf = rows_key_with_u64(
				  (struct bytes){ NULL, 0 }, r->leaf);

	AM_TRY(rows_index_put(
	    &r->st->view, "incident-leaf", rows_key(&nth), rows_key(&leaf)));
	return rows_put_incident(&r->st->view, rows_key(&key), i);
}

static AM_RESULT
enter_open(struct rules *r, struct bytes id, const struct json_t *data)
{
	struct rows_incident i = { .version = 1,
		.status = ROWS_INCIDENT_OPEN,
		.at = r->s->at,
		.leaf = r->leaf };

	i.number = r->vault.incidents + 1;
	if (incident_number(id) != i.number)
		return RULES_SAY(r, AM_ERR_STALE, "O-3",
		    "the next incident is i-%u", i.number);
	memcpy(i.by, r->s->by, sizeof(i.by));
	AM_TRY(read_open(r, data, &i));
	if (i.frozen == ROWS_FROZEN) {
		AM_TRY(govern_may_suspend(r));
		r->vault.freezes++;
	}
	r->vault.incidents++;
	return keep(r, &i);
}

/* ---- later versions */

static AM_RESULT
enter_fact(struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	static const char *const keys[] = { "evidence", "note", "of" };

	(void)i;
	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(read_words(r, data, "note"));
	return read_evidence(data);
}

static AM_RESULT
enter_reaction(
    struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	static const char *const keys[] = { "due", "note", "of", "owner" };
	struct rows_reaction x = { .leaf = r->leaf };
	struct rows_person owner;
	struct rows_key key;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(read_words(r, data, "note"));
	AM_TRY(canon_get_when(data, "due", &x.due));
	AM_TRY(canon_get_hex(data, "owner", x.owner, sizeof(x.owner)));
	if (rows_get_person(
		&r->st->view, (struct bytes){ x.owner, 16 }, &owner) != AM_OK)
		return not_found(r, "person");
	if (x.due <= r->s->at)
		return RULES_SAY(r, AM_ERR_INVALID, "O-5",
		    "a reaction is due at a time to come");
	i->reactions++;
	i->reactions_open++;
	key = nth_key(i->number, i->reactions);
	return rows_put_reaction(&r->st->view, rows_key(&key), &x);
}

static AM_RESULT
enter_done(struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	static const char *const keys[] = { "evidence", "note", "of",
		"reaction" };
	struct rows_reaction x;
	struct rows_key key;
	uint32_t n = 0;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(read_words(r, data, "note"));
	AM_TRY(read_evidence(data));
	AM_TRY(canon_get_u32(data, "reaction", &n));
	if (n == 0 || n > i->reactions)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "O-5",
		    "incident i-%u has no reaction %u", i->number, n);
	AM_TRY(incident_reaction(&r->st->view, i->number, n, &x));
	if (x.done_leaf != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "O-5",
		    "reaction %u of i-%u is done already", n, i->number);
	x.done_leaf = r->leaf;
	x.done_at = r->s->at;
	i->reactions_open--;
	key = nth_key(i->number, n);
	return rows_put_reaction(&r->st->view, rows_key(&key), &x);
}

static AM_RESULT
enter_sent(struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	static const char *const keys[] = { "json", "md", "of", "report" };
	uint8_t hash[32];
	uint64_t *leaf;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(data, "json", hash, sizeof(hash)));
	AM_TRY(canon_get_hex(data, "md", hash, sizeof(hash)));
	leaf = rules_text_is(data, "report", "first") ? &i->first_leaf
	    : rules_text_is(data, "report", "detail") ? &i->detail_leaf
	    : rules_text_is(data, "report", "final")  ? &i->final_leaf
						      : NULL;
	if (leaf == NULL)
		return AM_ERR_CORRUPT;
	if (*leaf != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "O-6",
		    "that this report was sent is recorded already");
	*leaf = r->leaf;
	return AM_OK;
}

static AM_RESULT
enter_closed(
    struct rules *r, const struct json_t *data, struct rows_incident *i)
{
	static const char *const keys[] = { "of", "reason" };

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(read_words(r, data, "reason"));
	if (i->reactions_open > 0)
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "%u reaction%s of i-%u %s not done", i->reactions_open,
		    i->reactions_open == 1 ? "" : "s", i->number,
		    i->reactions_open == 1 ? "is" : "are");
	if (i->frozen == ROWS_FROZEN)
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "the freeze of i-%u is in force, and a quorum lifts it "
		    "first: amanat incident lift i-%u",
		    i->number, i->number);
	i->status = ROWS_INCIDENT_CLOSED;
	i->closed_leaf = r->leaf;
	return AM_OK;
}

static const struct {
	const char *of;
	AM_RESULT(*enter)
	(struct rules *r, const struct json_t *data, struct rows_incident *i);
} forms[] = {
	{ "fact", enter_fact },
	{ "reaction", enter_reaction },
	{ "done", enter_done },
	{ "sent", enter_sent },
	{ "closed", enter_closed },
};

static AM_RESULT
find(struct rules *r, struct bytes id, uint32_t version,
    struct rows_incident *out)
{
	const uint32_t n = incident_number(id);

	if (n == 0 || n > r->vault.incidents)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "O-3",
		    "no incident '%.*s'", (int)id.len, (const char *)id.p);
	AM_TRY(incident_get(&r->st->view, n, out));
	if (version != out->version + 1)
		return RULES_SAY(r, AM_ERR_STALE, "O-3",
		    "the next entry of i-%u is version %u", n,
		    out->version + 1);
	return AM_OK;
}

/* What follows a report that was sent is sent after closing as well. */
static AM_RESULT
check_going_on(
    struct rules *r, const struct json_t *data, const struct rows_incident *i)
{
	if (i->status == ROWS_INCIDENT_CLOSED &&
	    !rules_text_is(data, "of", "sent"))
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "incident i-%u is closed", i->number);
	if (r->by.kind == ROWS_CONTRACTOR)
		return RULES_SAY(r, AM_ERR_POLICY, "O-5",
		    "'%s' is a contractor; officials and auditors follow an "
		    "incident",
		    r->by.id);
	return AM_OK;
}

AM_RESULT
incident_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data)
{
	struct rows_incident i = { 0 };

	if (version == 1)
		return enter_open(r, id, data);
	AM_TRY(find(r, id, version, &i));
	AM_TRY(check_going_on(r, data, &i));
	i.version = version;
	for (size_t n = 0; n < AM_ARRAY_LEN(forms); n++)
		if (rules_text_is(data, "of", forms[n].of)) {
			AM_TRY(forms[n].enter(r, data, &i));
			return keep(r, &i);
		}
	return AM_ERR_CORRUPT;
}

/* ---- lifting a freeze widens, and so is for a quorum (invariant 8) */

static AM_RESULT
find_frozen(struct rules *r, struct bytes id, struct rows_incident *out)
{
	const uint32_t n = incident_number(id);

	if (n == 0 || n > r->vault.incidents)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "O-3",
		    "no incident '%.*s'", (int)id.len, (const char *)id.p);
	AM_TRY(incident_get(&r->st->view, n, out));
	if (out->frozen == ROWS_FROZEN)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "O-5",
	    out->frozen == ROWS_THAWED ? "the freeze of i-%u was lifted"
				       : "incident i-%u has frozen nothing",
	    n);
}

/* m->rule is the incident, m->person whom it is about: they do not vote. */
AM_RESULT
incident_read_unfreeze(
    struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "incident" };
	struct bytes id = { 0 };
	struct rows_incident i = { 0 };
	struct rows_token t;

	if (!canon_keys_are(what, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_text(what, "incident", &id));
	AM_TRY(find_frozen(r, id, &i));
	(void)snprintf(m->rule, sizeof(m->rule), "i-%u", i.number);
	memcpy(m->person, i.person, sizeof(m->person));
	if (is_set(i.person, 16) || !is_set(i.token, 32))
		return AM_OK;
	AM_TRY(rows_get_token(&r->st->view, (struct bytes){ i.token, 32 }, &t));
	memcpy(m->person, t.person, sizeof(m->person));
	return AM_OK;
}

AM_RESULT
incident_unfreeze(struct rules *r, const struct rows_motion *m)
{
	const struct bytes id = { (const uint8_t *)m->rule, strlen(m->rule) };
	struct rows_incident i = { 0 };
	struct rows_key key;

	AM_TRY(find_frozen(r, id, &i));
	i.frozen = ROWS_THAWED;
	i.lifted_leaf = r->leaf;
	key = rows_key_u32(i.number);
	return rows_put_incident(&r->st->view, rows_key(&key), &i);
}
