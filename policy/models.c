#include <stdio.h>

#include "policy/models.h"

#include "policy/terms.h"
#include "vault/base/blob.h"
#include "vault/base/enc.h"

/* ---- an entry */

/* 32 hex digits, or in groups of 8, 4, 4, 4 and 12 with hyphens. */
static AM_RESULT
read_aaguid(const char *text, uint8_t out[static 16], struct why *why)
{
	const bool grouped = strlen(text) == 36;
	char digits[ENC_HEX_LEN(16) + 1] = "";
	size_t n = 0;

	for (size_t i = 0; text[i] != '\0' && n < sizeof(digits) - 1; i++) {
		if (grouped && (i == 8 || i == 13 || i == 18 || i == 23) &&
		    text[i] == '-')
			continue;
		digits[n++] = text[i];
	}
	if ((strlen(text) != 32 && !grouped) ||
	    enc_hex_decode(
		(struct bytes){ (const uint8_t *)digits, n }, out, 16) != AM_OK)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "32 hex digits in lower case, with hyphens or without, are "
		    "needed, not '%s'",
		    text);
	return AM_OK;
}

static AM_RESULT
take_aaguid(const char *text, struct levels *to, struct levels_model *m,
    struct why *why)
{
	const struct levels_model *same;

	AM_TRY(read_aaguid(text, m->aaguid, why));
	same = models_find(to, m->aaguid);
	if (same != NULL)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "this model is there twice; it was in line %u", same->line);
	return AM_OK;
}

/* "none" is no advisory. */
static void
take_texts(const struct tree_model *from, struct levels_model *m)
{
	(void)snprintf(m->name, sizeof(m->name), "%s", from->name);
	if (strcmp(from->advisory, "none") != 0)
		(void)snprintf(
		    m->advisory, sizeof(m->advisory), "%s", from->advisory);
}

/* ---- certificates */

static char
url_safe(char c)
{
	if (c == '+')
		return '-';
	if (c == '/')
		return '_';
	return c;
}

/* Base64 as certificates are written in, with its padding: turned into the
 * alphabet that enc.h reads. */
static AM_RESULT
read_base64(const char *text, uint8_t *out, size_t cap, size_t *out_len)
{
	size_t len = strlen(text), pad = 0;
	char safe[STRICT_ROOT_MAX + 1];

	if (len % 4 != 0 || len >= sizeof(safe) || strpbrk(text, "-_") != NULL)
		return AM_ERR_CORRUPT;
	while (pad < 2 && len > 0 && text[len - 1] == '=') {
		len--;
		pad++;
	}
	for (size_t i = 0; i < len; i++)
		safe[i] = url_safe(text[i]);
	return enc_b64_decode(
	    (struct bytes){ (const uint8_t *)safe, len }, out, cap, out_len);
}

/* One DER sequence and nothing after it; a certificate has two bytes of
 * length. */
static bool
is_sequence(const uint8_t *der, size_t len)
{
	return len > 4 + 255 && der[0] == 0x30 && der[1] == 0x82 &&
	    ((size_t)der[2] << 8 | der[3]) == len - 4;
}

static AM_RESULT
take_root(const char *text, struct levels *to, struct levels_model *m,
    struct why *why)
{
	const size_t room = LEVELS_DER_MAX - to->der_len;
	uint8_t *der = to->der + to->der_len;
	uint8_t own[LEVELS_ROOT_MAX];
	size_t len = 0;

	if (read_base64(text, own, sizeof(own), &len) != AM_OK ||
	    !is_sequence(own, len))
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "a certificate is base64 of DER, at most %d bytes, in one "
		    "line",
		    LEVELS_ROOT_MAX);
	if (len > room)
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "all certificates of a policy have at most %d bytes",
		    LEVELS_DER_MAX);
	memcpy(der, own, len);
	m->roots[m->root_count++] =
	    (struct levels_root){ (uint16_t)to->der_len, (uint16_t)len };
	to->der_len += len;
	return AM_OK;
}

AM_RESULT
models_take(const struct tree_model *from, struct levels *to, const char **key,
    struct why *why)
{
	const struct terms_cell certified = { .text = from->certification };
	struct levels_model m = { 0 };

	*key = "aaguid";
	AM_TRY(take_aaguid(from->aaguid, to, &m, why));
	*key = terms_model.name;
	AM_TRY(terms_take(&terms_model, &certified, &m, why));
	take_texts(from, &m);
	*key = "roots";
	for (size_t i = 0; i < from->roots.count; i++)
		AM_TRY(take_root(from->roots.names[i], to, &m, why));
	to->models[to->model_count++] = m;
	return AM_OK;
}

/* ---- two files */

const struct levels_model *
models_find(const struct levels *l, const uint8_t aaguid[static 16])
{
	for (size_t i = 0; i < l->model_count; i++)
		if (bytes_same((struct bytes){ l->models[i].aaguid, 16 },
			(struct bytes){ aaguid, 16 }))
			return &l->models[i];
	return NULL;
}

/* A certificate is told by its last bytes, which are of its signature. */
static AM_RESULT
print(const struct levels *l, const struct levels_model *m, struct blob *out)
{
	if (m == NULL)
		return blob_add(
		    out, (struct bytes){ (const uint8_t *)"none", 5 });
	AM_TRY(blob_printf(out, "%s (certification ", m->name));
	AM_TRY(terms_print(&terms_model, m, out));
	AM_TRY(blob_printf(out, ", advisory %s, %u root%s",
	    m->advisory[0] != '\0' ? m->advisory : "none", m->root_count,
	    m->root_count == 1 ? "" : "s"));
	for (size_t i = 0; i < m->root_count; i++) {
		const struct bytes der = levels_root(l, m, i);
		char tail[ENC_HEX_LEN(4) + 1];

		enc_hex((struct bytes){ der.p + der.len - 4, 4 }, tail);
		AM_TRY(blob_printf(out, " ..%s", tail));
	}
	AM_TRY(blob_text(out, ")"));
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

static bool
has_root(const struct levels *l, const struct levels_model *m, struct bytes der)
{
	for (size_t i = 0; i < m->root_count; i++)
		if (bytes_same(levels_root(l, m, i), der))
			return true;
	return false;
}

static bool
is_weaker(const struct levels *a, const struct levels_model *was,
    const struct levels *b, const struct levels_model *is)
{
	if (a == NULL || a->model_count == 0 || is == NULL)
		return false;
	if (was == NULL || is->certification > was->certification ||
	    (was->advisory[0] != '\0' && is->advisory[0] == '\0'))
		return true;
	for (size_t i = 0; i < is->root_count; i++)
		if (!has_root(a, was, levels_root(b, is, i)))
			return true;
	return false;
}

AM_RESULT
models_compare(const struct levels *a, const struct levels *b,
    const uint8_t aaguid[static 16], levels_fn *fn, void *arg)
{
	const struct levels_model *was =
				      a != NULL ? models_find(a, aaguid) : NULL,
				  *is = models_find(b, aaguid);
	char key[ENC_HEX_LEN(16) + 1];
	blob_auto before = { 0 }, now = { 0 };
	struct levels_value v = { .where = LEVELS_MODELS, .key = key };

	AM_TRY(a != NULL
		? print(a, was, &before)
		: blob_add(&before, (struct bytes){ (const uint8_t *)"", 1 }));
	AM_TRY(print(b, is, &now));
	v.weaker = is_weaker(a, was, b, is);
	if (!v.weaker && bytes_same(blob_bytes(&before), blob_bytes(&now)))
		return AM_OK;
	enc_hex((struct bytes){ aaguid, 16 }, key);
	v.before = (const char *)before.p;
	v.now = (const char *)now.p;
	return fn(arg, &v);
}
