/*
 * What was refused (protocol.md 7.3, R6.14): hash of the refused bytes, which
 * stay beside the log, and the rule. It changes no right.
 */

#include "vault/state/rules.h"

/* 7.2: the vault itself signs nothing that changes a right. */
AM_RESULT
fault_service(struct rules *r)
{
	static const uint8_t none[16];
	struct claim c = {
		.type = CLAIM_SERVICE, .leaf = r->leaf, .rule = "V09"
	};

	if (strcmp(r->s->kind, "fault") != 0)
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "the vault itself posts nothing but 'fault' (7.2)");
	if (!bytes_same((struct bytes){ r->s->by, 16 },
		(struct bytes){ none, sizeof(none) }))
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "what the vault itself posts is by nobody");
	memcpy(c.service.key, r->vault.logkey, sizeof(c.service.key));
	memcpy(c.service.id, r->s->id, sizeof(c.service.id));
	memcpy(c.service.sig, r->s->service_sig, sizeof(c.service.sig));
	return r->st->claims.add(r->st->claims.arg, &c, r->why);
}

AM_RESULT
fault_post(struct rules *r)
{
	struct bytes rule = { 0 };
	uint8_t hash[32];

	const struct rows_key n = rows_key_u32(r->vault.faults),
			      leaf = rows_key_with_u64(
				  (struct bytes){ NULL, 0 }, r->leaf);

	AM_TRY(canon_get_hex(r->s->body, "hash", hash, sizeof(hash)));
	AM_TRY(canon_get_text(r->s->body, "rule", &rule));
	if (!rules_is_name(rule, WHY_RULE_MAX - 1))
		return RULES_SAY(r, AM_ERR_INVALID, "V24",
		    "a fault names a rule, such as R6.14");
	r->vault.faults++;
	return rows_index_put(
	    &r->st->view, "fault-n", rows_key(&n), rows_key(&leaf));
}
