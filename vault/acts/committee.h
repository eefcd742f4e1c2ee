/*
 * committee.h - setting up a safe: the plan, and the step that each member
 * owes (protocol.md 5.3, 5.4).
 */

#ifndef AM_COMMITTEE_H
#define AM_COMMITTEE_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

struct committee_wish {
	const char *safe, *level;
	uint32_t quorum;
	const char *const *custodians; /* short ids */
	size_t count;
	int64_t span; /* seconds the ceremony may take */
	const char *why;
};

/* What can be refused before a key is asked for: names, numbers, people. */
AM_RESULT committee_check(struct session *s, const struct committee_wish *w);

/*
 * `committee_create` posts `safe` (unless a safe of that name waits for a
 * committee, its earlier plan having lapsed) and `plan`.
 */
AM_RESULT committee_create(struct session *s, const struct session_key *k,
    const struct committee_wish *w);

enum committee_step {
	COMMITTEE_JOIN,
	COMMITTEE_DEAL,
	COMMITTEE_ACCEPT,
	COMMITTEE_WAIT, /* nothing owed by this person now */
	COMMITTEE_DONE, /* active */
	COMMITTEE_NONE, /* no plan, or not a member of it */
	COMMITTEE_LAPSED,
};

/* What `person` owes to the newest plan of a safe. */
AM_RESULT committee_owed(struct session *s, const struct rows_safe *safe,
    const uint8_t person[static 16], struct rows_plan *out_plan,
    enum committee_step *out);

/*
 * `committee_join` does the step that the holder of `k` owes: two touches.
 * *out tells which it was. X and its eight words are then in the manifest.
 * Errors: AM_ERR_VERIFY naming the dealer whose deal is bad.
 */
AM_RESULT committee_join(struct session *s, const struct session_key *k,
    const char *safe_id, enum committee_step *out);

#endif /* AM_COMMITTEE_H */
