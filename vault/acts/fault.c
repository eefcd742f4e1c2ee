#include "vault/acts/fault.h"

#include "vault/acts/post.h"
#include "vault/crypto/hash.h"
#include "vault/log/service.h"

static AM_RESULT
add_fault(struct post *p, const char *rule, const uint8_t hash[static 32])
{
	static const uint8_t nobody[16];
	canon_auto *body = NULL;

	AM_TRY(post_body(p->s, "fault", nobody, &body));
	AM_TRY(canon_set(body, "hash", canon_hex((struct bytes){ hash, 32 })));
	AM_TRY(canon_set(body, "rule", canon_str(rule)));
	return post_add(p, AM_TAKE(body), (struct bytes){ NULL, 0 });
}

static AM_RESULT
post_fault(struct session *s, const char *rule, struct bytes refused)
{
	post_auto p = { .s = s };
	uint8_t hash[32], sig[SERVICE_SIG];
	struct post_item *it = &p.items[0];

	hash_sha256(&refused, 1, hash);
	AM_TRY(add_fault(&p, rule, hash));
	AM_TRY(service_sign(store_log_key(s->store), it->id, sig));
	AM_TRY(statement_service_line(sig, blob_bytes(&it->body), &it->line));
	post_blob_add(&p, "fault", (struct bytes){ hash, 32 }, refused);
	return post_commit(&p);
}

void
fault_tell(struct session *s, const char *rule, struct bytes refused)
{
	const struct why refusal = *s->why;
	struct session_env honest = *s->env;
	struct why failure = { 0 };
	struct session own = *s;
	enum am_err err;

	if (!s->write)
		return;
	/* Where the clock may be set, the log goes by it. */
	if (honest.true_now != NULL && s->vault.evaluation == 0)
		honest.now = honest.true_now;
	own.env = &honest;
	own.why = &failure;
	err = post_fault(&own, rule, refused);
	s->head = own.head;
	s->vault = own.vault;
	if (err != AM_OK)
		(void)why_say(s->why, err, refusal.rule,
		    "%s (and that could not be posted as a fault: %s)",
		    refusal.text, err_text(err));
}
