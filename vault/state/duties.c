/*
 * The duties of custodians (C-1): `entry` of type "acceptance", version 1, id
 * the person, data {duties, text}: the SHA-256 and the number of a text that is
 * below. By that person, who is a custodian. Accepting a share counts as well
 * (plan.c).
 */

#include "vault/state/duties.h"

#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"
#include "vault/state/rules.h"

static const char *const texts[] = {
	"The duties of a custodian (duties 1)\n"
	"\n"
	"You hold a part of what opens the credentials of your agency.\n"
	"\n"
	"1. Your key and its PIN are yours alone. You lend them to nobody, "
	"your\n"
	"   superior and your private secretary included, and you keep the "
	"two\n"
	"   apart.\n"
	"2. You approve only what you understand. You have heard the words of\n"
	"   the request from whoever asks, and they are the words you see.\n"
	"3. You decline when you are in doubt. Nobody may press you; if "
	"somebody\n"
	"   does, you say so.\n"
	"4. You report a key that is lost, stolen or was out of your sight at\n"
	"   once, and do not search first.\n"
	"5. You say when you leave, are transferred or will be away, before "
	"it\n"
	"   happens.\n"
	"6. You prove that your key still works when you are asked to.\n"
	"\n"
	"Whoever breaks them is answerable under the rules of the agency.\n",
};
_Static_assert(AM_ARRAY_LEN(texts) == DUTIES_NEWEST, "one text a number");

const char *
duties_text(uint32_t number)
{
	return number >= 1 && number <= DUTIES_NEWEST ? texts[number - 1]
						      : NULL;
}

AM_RESULT
duties_hash(uint32_t number, uint8_t out[static 32])
{
	const char *text = duties_text(number);
	struct bytes all;

	if (text == NULL)
		return AM_ERR_NOT_FOUND;
	all = (struct bytes){ (const uint8_t *)text, strlen(text) };
	hash_sha256(&all, 1, out);
	return AM_OK;
}

/* ---- accepting them again */

static AM_RESULT
check_text(struct rules *r, const struct json_t *data)
{
	uint8_t said[32], is[32];
	uint32_t number = 0;

	AM_TRY(canon_get_hex(data, "duties", said, sizeof(said)));
	AM_TRY(canon_get_u32(data, "text", &number));
	if (duties_hash(number, is) == AM_OK &&
	    bytes_same((struct bytes){ said, 32 }, (struct bytes){ is, 32 }))
		return AM_OK;
	return RULES_SAY(r, AM_ERR_INVALID, "C-1",
	    "that is no text of duties that this program knows");
}

static AM_RESULT
is_member(const struct view *v, const uint8_t M[static 32],
    const uint8_t person[static 16], bool *io)
{
	static const uint8_t none[32];
	struct rows_manifest m;

	if (*io ||
	    bytes_same((struct bytes){ M, 32 }, (struct bytes){ none, 32 }))
		return AM_OK;
	AM_TRY(rows_get_manifest(v, (struct bytes){ M, 32 }, &m));
	*io = manifest_position(m.members, m.n, person) >= 0;
	return AM_OK;
}

AM_RESULT
duties_has(const struct view *v, uint32_t safes,
    const uint8_t person[static 16], bool *out)
{
	bool has = false;

	for (uint32_t i = 0; i < safes && !has; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(
		    rows_index_get(v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		AM_TRY(is_member(v, s.manifest, person, &has));
		AM_TRY(is_member(v, s.recovery, person, &has));
	}
	*out = has;
	return AM_OK;
}

AM_RESULT
duties_enter(struct rules *r, struct bytes id, const struct json_t *data)
{
	static const char *const keys[] = { "duties", "text" };
	bool custodian = false;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	if (!bytes_same(id,
		(struct bytes){ (const uint8_t *)r->by.id, strlen(r->by.id) }))
		return RULES_SAY(r, AM_ERR_POLICY, "C-1",
		    "nobody accepts duties for somebody else");
	AM_TRY(check_text(r, data));
	AM_TRY(duties_has(&r->st->view, r->vault.safes, r->s->by, &custodian));
	if (!custodian)
		return RULES_SAY(r, AM_ERR_POLICY, "C-1",
		    "'%s' is custodian of no safe, and has no duties to accept",
		    r->by.id);
	r->by.accepted = r->s->at;
	return rows_put_person(
	    &r->st->view, (struct bytes){ r->by.person, 16 }, &r->by);
}
