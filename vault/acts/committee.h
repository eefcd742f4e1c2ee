/*
 * committee.h - planning a safe and its first committee (protocol.md 5.3).
 * replan.h plans the later ones; steps.h does the step that each person owes.
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
	int64_t
	    span; /* seconds the ceremony may take; 0: a week, after the time
		       * in which the motion for it may be objected to */
	const char *why;
};

/* What can be refused before a key is asked for: names, numbers, people. */
AM_RESULT committee_check(struct session *s, const struct committee_wish *w);

/*
 * `committee_create` posts `safe` (unless a safe of that name waits for a
 * committee, its earlier plan having lapsed), `plan`, and after the founding a
 * motion that it is made, unless a quorum has agreed already: *moved.
 */
AM_RESULT committee_create(struct session *s, const struct session_key *k,
    const struct committee_wish *w, bool *moved);

#endif /* AM_COMMITTEE_H */
