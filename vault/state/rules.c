#include "vault/state/rules.h"

#include "vault/base/enc.h"
#include "vault/crypto/hash.h"

bool
rules_is_next(uint32_t now, uint32_t version)
{
	return version > now &&
	    version - now <=
	    (uint32_t)(now == 0 ? RULES_VERSION_FIRST : RULES_VERSION_STEP);
}

bool
rules_is_name(struct bytes text, size_t max)
{
	if (text.len == 0 || text.len > max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char c = (char)text.p[i];
		const bool alnum = (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alnum && (i == 0 || (c != '.' && c != '_' && c != '-')))
			return false;
		if (c == '.' && text.p[i - 1] == '.')
			return false;
	}
	return true;
}

AM_RESULT
rules_new_id(struct rules *r, const uint8_t id[static 16], const char *what)
{
	static const uint8_t none[16];

	if (bytes_same((struct bytes){ id, 16 }, (struct bytes){ none, 16 }))
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "the id of a %s is 16 random bytes, not zeros", what);
	return AM_OK;
}

AM_RESULT
rules_text(const struct json_t *obj, const char *key, char *out, size_t size)
{
	struct bytes text = { 0 };

	AM_TRY(canon_get_text(obj, key, &text));
	if (text.len >= size)
		return AM_ERR_CORRUPT;
	if (text.len > 0)
		memcpy(out, text.p, text.len);
	out[text.len] = '\0';
	return AM_OK;
}

bool
rules_text_is(const struct json_t *obj, const char *key, const char *want)
{
	struct bytes text = { 0 };

	return canon_get_text(obj, key, &text) == AM_OK &&
	    bytes_same(
		text, (struct bytes){ (const uint8_t *)want, strlen(want) });
}

AM_RESULT
rules_point(
    struct rules *r, const char *rule, const char *field, struct point *out)
{
	uint8_t raw[PT_BYTES];

	AM_TRY(canon_get_b64(r->s->body, field, raw, sizeof(raw)));
	if (pt_decode((struct bytes){ raw, sizeof(raw) }, out) != AM_OK)
		return RULES_SAY(r, AM_ERR_VERIFY, rule,
		    "'%s' is not a valid point (R2.1)", field);
	return AM_OK;
}

AM_RESULT
rules_poss(struct rules *r, const char *rule, const struct point *P,
    const uint8_t ph[static 32], const char *field)
{
	struct claim c = { .type = CLAIM_POSS, .leaf = r->leaf, .rule = rule };

	AM_TRY(canon_get_b64(
	    r->s->body, field, c.poss.proof, sizeof(c.poss.proof)));
	c.poss.P = *P;
	memcpy(c.poss.ph, ph, sizeof(c.poss.ph));
	return r->st->claims.add(r->st->claims.arg, &c, r->why);
}

AM_RESULT
rules_person(
    struct rules *r, const uint8_t id[static 16], struct rows_person *out)
{
	const enum am_err err =
	    rows_get_person(&r->st->view, (struct bytes){ id, 16 }, out);

	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V08", "no such person in this vault");
	return err;
}

/* ---- assertions (protocol.md 7.2) */

/* clientDataJSON: exact prefix, then '}' or ','. */
static bool
client_is_right(const struct statement *s, const char *rpid)
{
	char challenge[ENC_B64_LEN(32) + 1], want[512];
	int n;

	enc_b64((struct bytes){ s->id, sizeof(s->id) }, challenge);
	n = snprintf(want, sizeof(want),
	    "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":"
	    "\"https://%s\",\"crossOrigin\":false",
	    challenge, rpid);
	if (n < 0 || (size_t)n >= sizeof(want) || s->client_len < (size_t)n + 1)
		return false;
	return bytes_same((struct bytes){ s->client, (size_t)n },
		   (struct bytes){ (const uint8_t *)want, (size_t)n }) &&
	    (s->client[n] == '}' || s->client[n] == ',') &&
	    s->client[s->client_len - 1] == '}';
}

enum {
	FLAG_UP = 0x01,
	FLAG_UV = 0x04,
	FLAG_BE = 0x08,
	FLAG_BS = 0x10,
	FLAG_AT = 0x40,
	FLAG_ED = 0x80,
	FLAGS_WATCHED =
	    FLAG_UP | FLAG_UV | FLAG_BE | FLAG_BS | FLAG_AT | FLAG_ED,
};

static bool
authdata_is_right(const struct statement *s, const char *rpid)
{
	const struct bytes id = { (const uint8_t *)rpid, strlen(rpid) };
	uint8_t hash[32];

	hash_sha256(&id, 1, hash);
	return bytes_same((struct bytes){ hash, 32 },
		   (struct bytes){ s->authdata, 32 }) &&
	    (s->authdata[32] & FLAGS_WATCHED) == (FLAG_UP | FLAG_UV);
}

AM_RESULT
rules_claim_assertion(
    struct rules *r, const uint8_t key[static 64], const char *rpid)
{
	const struct statement *s = r->s;
	const struct bytes client = { s->client, s->client_len };
	struct claim c = {
		.type = CLAIM_ASSERTION, .leaf = r->leaf, .rule = "V09"
	};

	if (r->st->draft)
		return AM_OK;
	if (!client_is_right(s, rpid) || !authdata_is_right(s, rpid))
		return RULES_SAY(
		    r, AM_ERR_VERIFY, "V09", "the token signed something else");
	memcpy(c.assertion.key, key, sizeof(c.assertion.key));
	memcpy(c.assertion.message, s->authdata, sizeof(s->authdata));
	hash_sha256(&client, 1, c.assertion.message + sizeof(s->authdata));
	memcpy(c.assertion.sig, s->sig, s->sig_len);
	c.assertion.sig_len = s->sig_len;
	return r->st->claims.add(r->st->claims.arg, &c, r->why);
}
