/*
 * outlook.h - what the vault knows of a safe, as policy/lockout.h wants it:
 * custodians with their orders, absences, proofs and keys, the rules in force,
 * and what the level asks for.
 */

#ifndef AM_OUTLOOK_H
#define AM_OUTLOOK_H

#include "policy/lockout.h"
#include "vault/acts/session.h"

struct outlook {
	struct lockout_case is; /* people in the order of their ids */
	struct rows_safe safe;
	struct rows_manifest committee;
	struct rows_rules rules;
	bool bound;   /* rules are in force; else the built-in ones are */
	bool planned; /* it is being set up, and nothing is in it yet */
};

/* Seconds: 400 days. */
#define OUTLOOK_HORIZON ((int64_t)400 * 86400)

/*
 * `outlook_of` reads the operating or recovery committee of a safe at an
 * instant, or the one it is being set up with. *out is to be freed. Errors:
 * AM_ERR_NOT_FOUND (there is none), AM_ERR_NOMEM.
 */
AM_RESULT outlook_of(const struct view *v, const struct rows_safe *safe,
    uint8_t committee, int64_t now, int64_t horizon, struct outlook **out);

static inline void
outlook_cleanup(struct outlook **o)
{
	free(*o);
}
#define outlook_auto AM_CLEANUP(outlook_cleanup) struct outlook

/* The first instant within the horizon at which no quorum is left, by what ends
 * and who is out; 0: there is none. Cheap. */
int64_t outlook_first_none(const struct outlook *o);

/*
 * Is there a quorum at an instant, now or later, by what is known now: orders
 * and absences as entered, who is out, and whose proof is overdue now? Exact
 * for any instant; a proof that will be due by then is taken as given.
 */
AM_RESULT outlook_has_quorum(const struct outlook *o, int64_t at, bool *out);
/* Somebody is recorded absent, now or later, or has a proof overdue now: what
 * outlook_first_none does not look at. */
bool outlook_has_gap(const struct outlook *o);

/* A mass change: who holds nothing any more at `until`, in steps that replace
 * fewer than k at once (domain.md 8.3). */
struct outlook_step {
	uint16_t leaving; /* bits of is.people */
	int64_t plan_by;  /* successors are appointed and enrolled, the change
			   * is planned: its objection period begins */
	int64_t prove_by; /* all have proved; the step is in force */
};
struct outlook_change {
	uint16_t leaving; /* all of them */
	size_t step_count;
	struct outlook_step steps[QUORUM_PEOPLE_MAX];
	bool late; /* the first step should have begun */
};
void outlook_transition(
    const struct outlook *o, int64_t until, struct outlook_change *out);

#endif /* AM_OUTLOOK_H */
