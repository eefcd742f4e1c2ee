#include "vault/state/fitness.h"

#include "hsm/attest.h"
#include "vault/base/buf.h"
#include "vault/state/inforce.h"
#include "vault/state/keyring.h"

static bool
is_none(const uint8_t id[static 32])
{
	static const uint8_t none[32];

	return bytes_same((struct bytes){ id, 32 }, (struct bytes){ none, 32 });
}

/* ---- what is asked */

AM_RESULT
fitness_policy(const struct view *v, const struct rows_vault *vault,
    struct rows_policy *out)
{
	AM_TRY(inforce_of(v, vault, out));
	return vault->evaluation != 0 && out->models == 0 ? AM_ERR_NOT_FOUND
							  : AM_OK;
}

AM_RESULT
fitness_asked(const struct view *v, const struct rows_vault *vault,
    const struct rows_safe *s, struct rows_level *out)
{
	struct rows_policy policy;

	if (is_none(s->rules))
		return AM_ERR_NOT_FOUND;
	AM_TRY(fitness_policy(v, vault, &policy));
	*out = policy.levels[levels_held_to(s->level)];
	return AM_OK;
}

AM_RESULT
fitness_model(const struct view *v, const struct rows_vault *vault,
    const uint8_t aaguid[static 16], struct rows_model *out)
{
	const struct rows_key key = rows_key_with_text(
	    (struct bytes){ vault->policy, 32 }, (struct bytes){ aaguid, 16 });

	if (is_none(vault->policy))
		return AM_ERR_NOT_FOUND;
	return rows_get_model(v, rows_key(&key), out);
}

/* ---- what is wrong */

AM_RESULT
fitness_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *l, const struct rows_token *t, unsigned *out)
{
	struct rows_model m = { 0 };
	const enum am_err err = fitness_model(v, vault, t->aaguid, &m);
	unsigned wrong = 0;

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (l->token_allow_list != 0 && err != AM_OK)
		wrong |= FITNESS_UNLISTED;
	if (l->token_attestation == LEVELS_VERIFIED && t->attested == 0)
		wrong |= FITNESS_UNATTESTED;
	if (m.certification < l->token_certification)
		wrong |= FITNESS_UNCERTIFIED;
	if (l->advisory_refused != 0 && m.advisory[0] != '\0')
		wrong |= FITNESS_ADVISED;
	*out = wrong;
	return AM_OK;
}

static AM_RESULT
nth(const struct view *v, uint32_t i, struct rows_token *out)
{
	const struct rows_key n = rows_key_u32(i);
	uint8_t id[32];

	AM_TRY(rows_index_get(v, "token-n", rows_key(&n), id, sizeof(id)));
	return rows_get_token(v, (struct bytes){ id, sizeof(id) }, out);
}

AM_RESULT
fitness_has_key(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *l, const uint8_t person[static 16], bool *out)
{
	enum am_err err = AM_OK;
	struct rows_token t;

	*out = false;
	for (uint32_t i = 0;
	     !*out && (err = keyring_nth(v, person, i, &t)) == AM_OK; i++) {
		unsigned wrong = 0;

		if (t.status != ROWS_ACTIVE || t.suspended != ROWS_FREE)
			continue;
		AM_TRY(fitness_of(v, vault, l, &t, &wrong));
		*out = wrong == 0;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
fitness_words(unsigned wrong, struct blob *out)
{
	static const struct {
		unsigned wrong;
		const char *words;
	} list[] = {
		{ FITNESS_UNLISTED, "its model is not on the policy's list" },
		{ FITNESS_UNATTESTED,
		    "its maker's proof leads to no root of the policy" },
		{ FITNESS_UNCERTIFIED,
		    "its model is not certified as the level asks" },
		{ FITNESS_ADVISED, "its model is under an advisory" },
	};
	bool first = true;

	for (size_t i = 0; i < AM_ARRAY_LEN(list); i++) {
		if ((wrong & list[i].wrong) == 0)
			continue;
		AM_TRY(blob_printf(
		    out, "%s%s", first ? "" : ", and ", list[i].words));
		first = false;
	}
	return AM_OK;
}

/* ---- certificates, each behind two bytes of length */

static AM_RESULT
next_certificate(struct buf_reader *r, struct bytes *out)
{
	return buf_get_bytes(r, UINT16_MAX, out);
}

/* None: nothing is kept. */
AM_RESULT
fitness_keep(
    const struct view *v, const uint8_t token[static 32], struct bytes object)
{
	struct attest_chain c = { 0 };
	uint8_t space[16384];
	struct buf_writer w = { .p = space, .cap = sizeof(space) };

	if (object.len > 0)
		AM_TRY(attest_chain(object, &c));
	for (size_t i = 0; i < c.count; i++)
		AM_TRY(buf_put_bytes(&w, c.certs[i]));
	return c.count == 0 ? AM_OK
			    : view_put(v, "x5c", (struct bytes){ token, 32 },
				  (struct bytes){ space, w.len });
}

static AM_RESULT
read_chain(const struct blob *kept, struct attest_chain *out)
{
	struct buf_reader r = { .rest = blob_bytes(kept) };

	while (r.rest.len > 0) {
		if (out->count == ATTEST_CHAIN_MAX)
			return AM_ERR_CORRUPT;
		AM_TRY(next_certificate(&r, &out->certs[out->count++]));
	}
	return AM_OK;
}

static AM_RESULT
leads_to_any(
    const struct attest_chain *c, const struct rows_model *m, bool *out)
{
	struct buf_reader r = { .rest = { m->roots, m->roots_len } };

	*out = false;
	while (r.rest.len > 0 && !*out) {
		struct bytes root = { 0 };

		AM_TRY(next_certificate(&r, &root));
		AM_TRY(attest_leads_to(c, root, out));
	}
	return AM_OK;
}

AM_RESULT
fitness_attest(
    const struct view *v, const struct rows_vault *vault, struct rows_token *t)
{
	struct attest_chain c = { 0 };
	blob_auto kept = { 0 };
	struct rows_model m;
	bool attested = false;
	enum am_err err = fitness_model(v, vault, t->aaguid, &m);

	t->attested = 0;
	if (err == AM_OK)
		err = view_get(v, "x5c", (struct bytes){ t->token, 32 }, &kept);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(read_chain(&kept, &c));
	AM_TRY(leads_to_any(&c, &m, &attested));
	t->attested = attested;
	return AM_OK;
}

AM_RESULT
fitness_attest_all(const struct view *v, const struct rows_vault *vault)
{
	for (uint32_t i = 0; i < vault->tokens; i++) {
		struct rows_token t;
		uint8_t before;

		AM_TRY(nth(v, i, &t));
		before = t.attested;
		AM_TRY(fitness_attest(v, vault, &t));
		if (t.attested != before)
			AM_TRY(rows_put_token(
			    v, (struct bytes){ t.token, 32 }, &t));
	}
	return AM_OK;
}
