/*
 * aside.h - claims checked on a second thread while the first goes on.
 *
 * Statements are judged, sealed and laid into their transaction while the
 * signatures and proofs of those before them are still being checked;
 * `aside_join` stands before the commit. The thread is started when several
 * claims wait; without it everything is checked at the join.
 */

#ifndef AM_ASIDE_H
#define AM_ASIDE_H

#include "vault/base/am.h"
#include "vault/state/claim.h"

struct aside;

/* `out` belongs to the caller, who uses it from one thread at a time. */
AM_RESULT aside_new(struct aside **out);
/* Ends the thread; claims that were not joined are forgotten. */
void aside_free(struct aside *a);

/* The sink takes every claim and says AM_OK; the verdict comes at the join. */
struct claim_sink aside_sink(struct aside *a);

/*
 * `aside_join` waits until every claim since the last join has been checked,
 * lends a hand, and tells of the first one that failed, in the order of their
 * coming. Nothing may take effect before it. Errors: AM_ERR_VERIFY with the
 * rule of the claim.
 */
AM_RESULT aside_join(struct aside *a, struct why *why);

#endif /* AM_ASIDE_H */
