/*
 * state.h - the rule book: what each statement means.
 *
 * `state_apply` decides from the statement and the state before it, never
 * from the clock, the disk or the network. The live vault, the offline
 * verifier and the rebuild call it, so there is one set of rules.
 */

#ifndef AM_STATE_H
#define AM_STATE_H

#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/log/statement.h"
#include "vault/state/claim.h"
#include "vault/state/rows.h"
#include "vault/state/view.h"

enum { STATE_GRANT_SECONDS = 86400 }; /* `grant` of R13.4, as built in */

/* What the rules may look at besides the statement. */
struct state {
	struct view view;
	/* Root of the log's first `size` leaves, size <= leaves so far. */
	enum am_err (*root_at)(
	    void *arg, uint64_t size, uint8_t root[static 32]);
	void *root_arg;
	struct claim_sink claims;
	/* Judging a draft that nobody has signed yet: the signature and the
	 * client data are not looked at, everything else is. */
	bool draft;
};

/* Bytes that travel beside a statement; NULL where there are none. */
struct state_beside {
	const uint8_t *partial; /* PARTIAL_BYTES, with `approve` */
};

/*
 * `state_apply` checks statement `s` as leaf `leaf` and writes its effect to
 * the view. A failure leaves the view half written: the caller drops it.
 * Errors, with rule and sentence: AM_ERR_CORRUPT or AM_ERR_VERIFY (the
 * statement is malformed or proves nothing), AM_ERR_POLICY, AM_ERR_QUORUM,
 * AM_ERR_EXISTS, AM_ERR_NOT_FOUND, AM_ERR_STALE, ... (a rule says no), and
 * those of the view.
 */
AM_RESULT state_apply(const struct state *st, const struct statement *s,
    uint64_t leaf, const struct state_beside *beside, struct why *why);

/*
 * `state_check_signature` is the assertion check of protocol.md 7.2 alone, for
 * a statement that stands in the log and is looked at again.
 */
AM_RESULT state_check_signature(
    const struct state *st, const struct statement *s, struct why *why);

#endif /* AM_STATE_H */
