/*
 * liveness.h - drills: every custodian shows that the key still opens the
 * share. Nothing is rebuilt and nothing opened (protocol.md 5.8).
 */

#ifndef AM_LIVENESS_H
#define AM_LIVENESS_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/* Calls all custodians of a committee; one touch.
 * Errors: AM_ERR_INCOMPLETE (it has no committee), and those of posting. */
AM_RESULT liveness_call(struct session *s, const struct session_key *k,
    const struct rows_safe *safe, uint8_t committee, int64_t span);

/* The drill of a committee that is open now.
 * Errors: AM_ERR_NOT_FOUND (none, or the committee has changed since). */
AM_RESULT liveness_open(struct session *s, const struct rows_safe *safe,
    uint8_t committee, struct rows_drill *out);

/* *out tells whether a person has still to prove in a drill. */
AM_RESULT liveness_owed(struct session *s, const struct rows_drill *d,
    const uint8_t person[static 16], bool *out);

/* Unlocks the share and posts the proof; two touches.
 * Errors: AM_ERR_POLICY (no custodian), AM_ERR_TOKEN (suspended), those of
 * keys_read_share and of posting. */
AM_RESULT liveness_prove(
    struct session *s, const struct session_key *k, const struct rows_drill *d);

/* Who proved in a drill. */
struct liveness_report {
	struct rows_drill drill;
	uint8_t k, n;
	struct liveness_member {
		uint8_t person[16];
		char id[ROWS_ID_MAX + 1];
		int64_t at; /* 0: has not proved */
	} members[ROWS_N_MAX];
	unsigned proved;
	int64_t quorum_at; /* when the k-th did; 0: not yet */
};

/* The latest drill of a committee. Errors: AM_ERR_NOT_FOUND (none). */
AM_RESULT liveness_report(const struct view *v, const struct rows_safe *safe,
    uint8_t committee, struct liveness_report *out);

#endif /* AM_LIVENESS_H */
