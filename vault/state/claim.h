/*
 * claim.h - the expensive checks that a rule asks for, as plain data.
 *
 * A rule decides from the state and names the signatures and proofs that
 * must hold. The live vault checks each at once; the verifier collects them
 * and checks them on all cores.
 */

#ifndef AM_CLAIM_H
#define AM_CLAIM_H

#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/crypto/dleq.h"
#include "vault/crypto/partial.h"
#include "vault/crypto/poss.h"
#include "vault/crypto/tdh2.h"
#include "vault/log/service.h"

enum claim_type {
	CLAIM_ASSERTION, /* ES256 over authdata || SHA-256(client data) */
	CLAIM_POSS,
	CLAIM_SEAL, /* the header's DLEQ proof */
	CLAIM_PARTIAL,
	CLAIM_SERVICE, /* Ed25519 of the log key (7.2) */
};

struct claim {
	enum claim_type type;
	uint64_t leaf;
	const char *rule; /* V-code */
	union {
		struct {
			uint8_t key[64], message[69], sig[80];
			size_t sig_len;
		} assertion;
		struct {
			struct point P;
			uint8_t ph[32], proof[POSS_PROOF];
		} poss;
		struct {
			struct tdh2_context cx;
			struct tdh2_header header;
		} seal;
		struct {
			struct partial_context cx;
			uint8_t partial[PARTIAL_BYTES];
		} partial;
		struct {
			uint8_t key[32], id[32], sig[SERVICE_SIG];
		} service;
	};
};

/* `claim_check` verifies one claim. Errors: AM_ERR_VERIFY with its rule. */
AM_RESULT claim_check(const struct claim *c, struct why *why);

/* Where a rule sends its claims. */
struct claim_sink {
	enum am_err (*add)(void *arg, const struct claim *c, struct why *why);
	void *arg;
};

/* The sink that checks at once. */
extern const struct claim_sink claim_now;

#endif /* AM_CLAIM_H */
