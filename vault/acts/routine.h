/*
 * routine.h - what a policy in force asks of every credential in any case: a
 * new secret at the vendor, and a login that two persons have tested, each
 * every so long (policy/levels.yaml: rotate_routine, login_test).
 *
 * Counted in whole days of the agency, so that no limit ends early: from the
 * end of the day that aged.h keeps the credential under.
 */

#ifndef AM_ROUTINE_H
#define AM_ROUTINE_H

#include "vault/acts/due.h"
#include "vault/state/aged.h"

enum { ROUTINE_AHEAD = 30 * 86400 }; /* due is named so long before */

/* Seconds; LIMITS_NONE: not asked. */
struct routine {
	int64_t every[2]; /* by enum aged_list */
};

/* What is asked of a level; nothing without a policy in force. */
AM_RESULT
routine_read(const struct view *v, const char *level, struct routine *out);

/* By when; 0: it is not asked of this one. */
int64_t routine_by(
    const struct routine *r, const struct rows_record *c, enum aged_list list);

/* Both, from 30 days before: 20 of a safe one by one, and how many more. */
due_source routine_due;

#endif /* AM_ROUTINE_H */
