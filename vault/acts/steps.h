/*
 * steps.h - the step of a ceremony that a person owes: join, deal, accept,
 * answer a complaint, erase what is over; at setup and later, in either
 * committee of a safe (protocol.md 5.3 to 5.7).
 */

#ifndef AM_STEPS_H
#define AM_STEPS_H

#include "vault/acts/owed.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/log/statement.h"

struct steps_done {
	enum owed_step step; /* done, or why there was none to do */
	uint8_t committee;
	uint32_t epoch; /* of the plan, or of the share that was erased */
	enum owed_state state; /* of the plan, before the step */
	bool activated;        /* by this step */
	bool member, dealer;   /* of the plan */
	uint8_t closed[32];    /* then: whose requests are over (R5.9) */
	uint8_t fault;         /* after `justify`: enum rows_fault */
	/* A deal that did not fit; then complaining is the next step. */
	struct steps_bad {
		bool found;
		uint8_t plan[32], deal[32];
		uint32_t index; /* of who found it */
		char dealer[ROWS_ID_MAX + 1];
	} bad;
};

/* What the holder of `k` owes, for showing it before any touch; and why it was
 * planned, as the planner signed it. */
struct steps_view {
	struct owed owed;
	struct statement asked; /* the plan; unset when there is none */
	struct bytes why;       /* lent from `asked` */
};
void steps_view_free(struct steps_view *v);
#define steps_view_auto AM_CLEANUP(steps_view_free) struct steps_view
AM_RESULT steps_look(struct session *s, const struct session_key *k,
    const char *safe_id, struct steps_view *out);

/*
 * `steps_take` does the step that the holder of `k` owes to safe `safe_id`: at
 * most two touches.
 * Errors: AM_ERR_POLICY (never asked to take part). AM_ERR_VERIFY with out->bad set: a dealer's deal is bad, and the
 * sentence names whose.
 */
AM_RESULT steps_take(struct session *s, const struct session_key *k,
    const char *safe_id, struct steps_done *out);

/* Complains about a bad deal, which voids the plan: one touch. */
AM_RESULT steps_complain(struct session *s, const struct session_key *k,
    const struct steps_bad *bad);

/* Gives the open plan of a committee up: one touch. `steps_check_abort` is
 * what can be refused before a key is asked for.
 * Errors: AM_ERR_NOT_FOUND (no plan is open). */
AM_RESULT steps_check_abort(
    struct session *s, const char *safe_id, uint8_t committee, const char *why);
AM_RESULT steps_abort(struct session *s, const struct session_key *k,
    const char *safe_id, uint8_t committee, const char *why);

#endif /* AM_STEPS_H */
