#include "vault/state/sealed.h"

#include "vault/crypto/hash.h"

static AM_RESULT
point(const struct json_t *body, const char *field, struct point *out)
{
	uint8_t raw[PT_BYTES];

	AM_TRY(canon_get_b64(body, field, raw, sizeof(raw)));
	return pt_decode((struct bytes){ raw, sizeof(raw) }, out);
}

static AM_RESULT
meta_hash(const struct json_t *body, uint8_t out[static 32])
{
	const struct json_t *meta = NULL;
	blob_auto bytes = { 0 };
	struct bytes b;

	AM_TRY(canon_get_object(body, "meta", &meta));
	AM_TRY(canon_write(meta, &bytes));
	b = blob_bytes(&bytes);
	hash_sha256(&b, 1, out);
	return AM_OK;
}

static AM_RESULT
read_header(const struct json_t *body, struct tdh2_header *h)
{
	uint64_t size = 0;

	AM_TRY(point(body, "u", &h->U));
	AM_TRY(point(body, "ubar", &h->Ubar));
	AM_TRY(canon_get_b64(body, "com", h->com, sizeof(h->com)));
	AM_TRY(canon_get_b64(body, "nonce", h->nonce, sizeof(h->nonce)));
	AM_TRY(canon_get_hex(body, "ct", h->ct_hash, sizeof(h->ct_hash)));
	AM_TRY(canon_get_b64(body, "proof", h->proof, sizeof(h->proof)));
	AM_TRY(canon_get_uint(body, "size", &size));
	return size >= 16 && tdh2_is_padded((size_t)size - 16) ? AM_OK
							       : AM_ERR_CORRUPT;
}

AM_RESULT
sealed_read(const struct statement *s, const struct rows_vault *v,
    const struct rows_manifest *m, struct tdh2_context *cx,
    struct tdh2_header *h)
{
	struct tdh2_context c = { .X = m->C[0], .Bbar = v->bbar };
	struct tdh2_header head = { 0 };

	AM_TRY(canon_get_hex(s->body, "safe", c.safe, sizeof(c.safe)));
	AM_TRY(canon_get_hex(s->body, "record", c.record, sizeof(c.record)));
	AM_TRY(canon_get_u32(s->body, "version", &c.version));
	AM_TRY(meta_hash(s->body, c.meta_hash));
	AM_TRY(read_header(s->body, &head));
	memcpy(c.G, v->genesis, sizeof(c.G));
	memcpy(c.by, s->by, sizeof(c.by));
	*cx = c;
	*h = head;
	return AM_OK;
}
