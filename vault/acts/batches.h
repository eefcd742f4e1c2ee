/*
 * batches.h - from one committee to another in steps that R13.17 allows: at
 * most k'-1 new and k-1 leaving a time.
 */

#ifndef AM_BATCHES_H
#define AM_BATCHES_H

#include "vault/acts/replan.h"
#include "vault/base/am.h"

struct batches_way {
	const struct rows_manifest *from;
	const struct rows_plan *to;
	const struct rows_member *wished; /* its members, who is first first */
	bool
	    unable[ROWS_N_MAX]; /* of from: cannot act, so must leave at once */
	bool has_recovery;      /* the safe has a recovery committee */
};

/*
 * `batches_find` fills at most REPLAN_BATCHES_MAX steps; none when there is no
 * way. Where so many cannot act that no step may leave them all out, the way
 * of the operating committee leads over the recovery committee, whose plans
 * are free of the limit.
 */
void batches_find(
    const struct batches_way *w, struct replan_batch *out, size_t *out_count);

#endif /* AM_BATCHES_H */
