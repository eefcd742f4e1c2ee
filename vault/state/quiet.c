#include "vault/state/quiet.h"

#include "vault/crypto/hash.h"
#include "vault/state/rules.h"

enum { DAY = 86400 };

void
quiet_hash(const uint8_t salt[static QUIET_SALT], struct bytes text,
    uint8_t out[static 32])
{
	hash_sha256(
	    HASH_PARTS(HASH_T("quiet"), { salt, QUIET_SALT }, text), out);
}

/* An end, and not a far one: what nobody may read is not forgotten so. */
const char *
quiet_fault(int64_t at, int64_t until)
{
	if (until <= at)
		return "a text is sealed until a time to come";
	if (until - at > (int64_t)QUIET_DAYS * DAY)
		return "a text is sealed for 90 days at most";
	return NULL;
}

AM_RESULT
quiet_departure(const struct json_t *data, struct blob *out)
{
	static const char *const keys[] = { "person", "kind", "effective",
		"reason" };

	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++) {
		struct bytes text = { 0 };

		AM_TRY(canon_get_text(data, keys[i], &text));
		if (i > 0)
			AM_TRY(blob_text(out, " "));
		AM_TRY(blob_add(out, text));
	}
	return AM_OK;
}

AM_RESULT
quiet_get(const struct view *v, uint32_t number, struct rows_quiet *out)
{
	const struct rows_key key = rows_key_u32(number);

	return rows_get_quiet(v, rows_key(&key), out);
}

static AM_RESULT
keep(struct rules *r, const struct rows_quiet *q)
{
	const struct rows_key key = rows_key_u32(q->number);

	return rows_put_quiet(&r->st->view, rows_key(&key), q);
}

static AM_RESULT
find(struct rules *r, struct bytes id, struct rows_quiet *out)
{
	const uint32_t n = rows_number('q', id);

	if (n == 0 || n > r->vault.quiets)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "X-19",
		    "nothing is sealed as '%.*s'", (int)id.len,
		    (const char *)id.p);
	AM_TRY(quiet_get(&r->st->view, n, out));
	if (out->told_leaf != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "X-19",
		    "the departure that q-%u was of is recorded already", n);
	return AM_OK;
}

static AM_RESULT
enter(struct rules *r, struct bytes id, const struct json_t *data)
{
	static const char *const keys[] = { "sealed", "until" };
	struct rows_quiet q = { .at = r->s->at, .leaf = r->leaf };
	const char *fault;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(data, "sealed", q.sealed, sizeof(q.sealed)));
	AM_TRY(canon_get_when(data, "until", &q.until));
	q.number = r->vault.quiets + 1;
	if (rows_number('q', id) != q.number)
		return RULES_SAY(r, AM_ERR_STALE, "X-19",
		    "the next sealed entry is q-%u", q.number);
	fault = quiet_fault(r->s->at, q.until);
	if (fault != NULL)
		return RULES_SAY(r, AM_ERR_INVALID, "X-19", "%s", fault);
	memcpy(q.by, r->s->by, sizeof(q.by));
	r->vault.quiets++;
	return keep(r, &q);
}

/* Else whom it is about, not knowing it, could end it for a guess. One person
 * alone suspends its author and records a departure of theirs; so before its
 * time, while nobody can read whom it is about, that is for a quorum to say. */
static AM_RESULT
check_author(struct rules *r, const struct rows_quiet *q)
{
	const bool readable = r->s->at >= q->until;
	struct rows_person by;

	if (bytes_same(
		(struct bytes){ q->by, 16 }, (struct bytes){ r->s->by, 16 }))
		return AM_OK;
	AM_TRY(rules_person(r, q->by, &by));
	if (r->by.kind == ROWS_OFFICIAL &&
	    (by.suspended == ROWS_CONFIRMED ||
		(readable && by.suspended != ROWS_FREE)))
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "X-19",
	    "q-%u is withdrawn by '%s', who sealed it%s", q->number, by.id,
	    by.suspended == ROWS_FREE ? ""
				      : "; by others from its time on, or once "
					"a quorum has confirmed that "
					"suspension");
}

static AM_RESULT
withdraw(struct rules *r, struct bytes id, const struct json_t *data)
{
	struct rows_quiet q = { 0 };

	if (canon_size(data) != 0)
		return AM_ERR_CORRUPT;
	AM_TRY(find(r, id, &q));
	if (q.withdrawn_leaf != 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "X-19",
		    "q-%u is withdrawn already", q.number);
	AM_TRY(check_author(r, &q));
	q.withdrawn_leaf = r->leaf;
	return keep(r, &q);
}

AM_RESULT
quiet_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data)
{
	switch (version) {
	case 1:
		return enter(r, id, data);
	case 2:
		return withdraw(r, id, data);
	default:
		return AM_ERR_CORRUPT;
	}
}

/* Withdrawn or not: that it stood there is as true. */
AM_RESULT
quiet_tell(struct rules *r, const struct json_t *data)
{
	uint8_t salt[QUIET_SALT], hash[32];
	struct bytes id = { 0 };
	blob_auto text = { 0 };
	struct rows_quiet q = { 0 };

	AM_TRY(canon_get_text(data, "quiet", &id));
	AM_TRY(canon_get_hex(data, "salt", salt, sizeof(salt)));
	AM_TRY(find(r, id, &q));
	if (r->s->at < q.until)
		return RULES_SAY(r, AM_ERR_POLICY, "X-19",
		    "what q-%u is of is sealed until its time; a departure can "
		    "be recorded without it",
		    q.number);
	AM_TRY(quiet_departure(data, &text));
	quiet_hash(salt, blob_bytes(&text), hash);
	if (!bytes_same(
		(struct bytes){ hash, 32 }, (struct bytes){ q.sealed, 32 }))
		return RULES_SAY(r, AM_ERR_VERIFY, "X-19",
		    "this is not the departure that was sealed as q-%u",
		    q.number);
	q.told_leaf = r->leaf;
	return keep(r, &q);
}
