#include "vault/log/statement.h"

#include "vault/base/enc.h"
#include "vault/crypto/hash.h"
#include "vault/log/merkle.h"

void
statement_free(struct statement *s)
{
	canon_free(&s->doc);
	s->body = NULL;
}

static AM_RESULT
auth_token(const struct json_t *auth, struct statement *s)
{
	static const char *const keys[] = { "authdata", "client", "cred",
		"sig" };

	if (!canon_keys_are(auth, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(
	    canon_get_b64(auth, "authdata", s->authdata, sizeof(s->authdata)));
	AM_TRY(canon_get_b64_var(
	    auth, "client", s->client, sizeof(s->client), &s->client_len));
	AM_TRY(canon_get_b64_var(
	    auth, "cred", s->cred, sizeof(s->cred), &s->cred_len));
	return canon_get_b64_var(
	    auth, "sig", s->sig, sizeof(s->sig), &s->sig_len);
}

/* An item of a batch has no signature of its own (R7.4); what the vault itself
 * posts has one of the log key (7.2). */
static AM_RESULT
auth_of(const struct json_t *auth, struct statement *s)
{
	static const char *const batch[] = { "batch" },
				 *const log[] = { "log" };

	s->batched = canon_keys_are(auth, batch, AM_ARRAY_LEN(batch));
	s->service = canon_keys_are(auth, log, AM_ARRAY_LEN(log));
	if (s->batched)
		return canon_get_hex(auth, "batch", s->batch, sizeof(s->batch));
	if (s->service)
		return canon_get_b64(
		    auth, "log", s->service_sig, sizeof(s->service_sig));
	return auth_token(auth, s);
}

static AM_RESULT
common_fields(const struct json_t *body, struct statement *s)
{
	static const char *const head_keys[] = { "root", "size" };
	const struct json_t *head = NULL;
	struct bytes kind = { 0 };

	AM_TRY(canon_get_hex(body, "vault", s->vault, sizeof(s->vault)));
	AM_TRY(canon_get_hex(body, "by", s->by, sizeof(s->by)));
	AM_TRY(canon_get_when(body, "at", &s->at));
	AM_TRY(canon_get_text(body, "kind", &kind));
	if (kind.len == 0 || kind.len >= sizeof(s->kind))
		return AM_ERR_CORRUPT;
	memcpy(s->kind, kind.p, kind.len);
	AM_TRY(canon_get_object(body, "head", &head));
	if (!canon_keys_are(head, head_keys, AM_ARRAY_LEN(head_keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(head, "root", s->head_root, sizeof(s->head_root)));
	return canon_get_uint(head, "size", &s->head_size);
}

/*
 * The body as it stands in the line. The line is canonical and `auth` holds
 * only hex and base64url, so the first "body" key is the outer one.
 */
static AM_RESULT
body_bytes(struct bytes line, struct bytes *out)
{
	static const char key[] = "},\"body\":";
	const uint8_t *at = memmem(line.p, line.len, key, sizeof(key) - 1);
	size_t skip;

	if (at == NULL)
		return AM_ERR_CORRUPT;
	skip = (size_t)(at - line.p) + sizeof(key) - 1;
	*out = (struct bytes){ line.p + skip, line.len - skip - 1 };
	return AM_OK;
}

static AM_RESULT
parse(struct bytes line, struct statement *s)
{
	static const char *const keys[] = { "auth", "body" };
	const struct json_t *auth = NULL;
	struct bytes body = { 0 };

	AM_TRY(canon_parse(line, &s->doc));
	if (!canon_keys_are(s->doc, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_object(s->doc, "auth", &auth));
	AM_TRY(canon_get_object(s->doc, "body", &s->body));
	AM_TRY(auth_of(auth, s));
	AM_TRY(common_fields(s->body, s));
	AM_TRY(body_bytes(line, &body));
	hash_sha256(&body, 1, s->id);
	merkle_leaf(line, s->leaf);
	return AM_OK;
}

AM_RESULT
statement_parse(struct bytes line, struct why *why, struct statement *out)
{
	statement_auto s = { 0 };
	enum am_err err = parse(line, &s);

	if (err == AM_ERR_CORRUPT)
		return why_say(why, err, "V02",
		    "the line is not a canonical statement (R2.9 to R2.12)");
	AM_TRY(err);
	*out = s;
	s.doc = NULL; /* transferred */
	return AM_OK;
}

static AM_RESULT
draft(struct bytes body, struct bytes cred, struct statement *s)
{
	if (cred.len > sizeof(s->cred))
		return AM_ERR_INVALID;
	AM_TRY(canon_parse(body, &s->doc));
	s->body = s->doc;
	AM_TRY(common_fields(s->body, s));
	if (cred.len > 0)
		memcpy(s->cred, cred.p, cred.len);
	s->cred_len = cred.len;
	hash_sha256(&body, 1, s->id);
	return AM_OK;
}

AM_RESULT
statement_of_body(struct bytes body, struct bytes cred, struct why *why,
    struct statement *out)
{
	statement_auto s = { 0 };

	if (draft(body, cred, &s) != AM_OK)
		return why_say(why, AM_ERR_INVALID, "R2.9",
		    "the statement would not be canonical");
	*out = s;
	s.doc = NULL; /* transferred */
	return AM_OK;
}

AM_RESULT
statement_id(
    const struct json_t *body, struct blob *bytes, uint8_t out[static 32])
{
	const size_t start = bytes->len;
	struct bytes written;

	AM_TRY(canon_write(body, bytes));
	written = (struct bytes){ bytes->p + start, bytes->len - start };
	hash_sha256(&written, 1, out);
	return AM_OK;
}

static AM_RESULT
line_of(const struct json_t *auth, struct bytes body, struct blob *out)
{
	const size_t start = out->len;

	AM_TRY(blob_text(out, "{\"auth\":"));
	AM_TRY(canon_write(auth, out));
	AM_TRY(blob_text(out, ",\"body\":"));
	AM_TRY(blob_add(out, body));
	AM_TRY(blob_text(out, "}"));
	return out->len - start <= CANON_LINE_MAX ? AM_OK : AM_ERR_INVALID;
}

AM_RESULT
statement_line(
    const struct statement_assertion *a, struct bytes body, struct blob *out)
{
	canon_auto *auth = canon_object();

	AM_TRY(canon_set(auth, "authdata", canon_b64(a->authdata)));
	AM_TRY(canon_set(auth, "client", canon_b64(a->client)));
	AM_TRY(canon_set(auth, "cred", canon_b64(a->cred)));
	AM_TRY(canon_set(auth, "sig", canon_b64(a->sig)));
	return line_of(auth, body, out);
}

AM_RESULT
statement_item_line(
    const uint8_t batch[static 32], struct bytes body, struct blob *out)
{
	canon_auto *auth = canon_object();

	AM_TRY(
	    canon_set(auth, "batch", canon_hex((struct bytes){ batch, 32 })));
	return line_of(auth, body, out);
}

AM_RESULT
statement_service_line(
    const uint8_t sig[static SERVICE_SIG], struct bytes body, struct blob *out)
{
	canon_auto *auth = canon_object();

	AM_TRY(canon_set(
	    auth, "log", canon_b64((struct bytes){ sig, SERVICE_SIG })));
	return line_of(auth, body, out);
}
