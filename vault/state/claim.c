#include "vault/state/claim.h"

#include "vault/crypto/es256.h"

static AM_RESULT
check(const struct claim *c, const char **what)
{
	switch (c->type) {
	case CLAIM_ASSERTION:
		*what = "the signature of the token does not verify";
		return es256_verify(c->assertion.key,
		    (struct bytes){
			c->assertion.message, sizeof(c->assertion.message) },
		    (struct bytes){ c->assertion.sig, c->assertion.sig_len });
	case CLAIM_POSS:
		*what = "the proof of possession does not verify";
		return poss_verify(&c->poss.P, c->poss.ph, c->poss.proof);
	case CLAIM_SEAL:
		*what = "the proof of the sealed header does not verify";
		return tdh2_check(&c->seal.cx, &c->seal.header);
	case CLAIM_PARTIAL:
		*what = "the partial decryption does not verify";
		return partial_verify(&c->partial.cx, c->partial.partial);
	case CLAIM_SERVICE:
		*what = "the signature of the log key does not verify";
		return service_verify(
		    c->service.key, c->service.id, c->service.sig);
	}
	return AM_ERR_INTERNAL;
}

AM_RESULT
claim_check(const struct claim *c, struct why *why)
{
	const char *what = "";

	if (check(c, &what) == AM_OK)
		return AM_OK;
	return why_say(why, AM_ERR_VERIFY, c->rule, "%s", what);
}

static enum am_err
now(void *arg, const struct claim *c, struct why *why)
{
	(void)arg;
	return claim_check(c, why);
}

const struct claim_sink claim_now = { .add = now };
