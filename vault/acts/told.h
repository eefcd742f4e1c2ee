/*
 * told.h - who is told of break-glass: the row breakglass_notify of a level,
 * "committee" or the wing, or the id, of a post (domain.md 3.1). Each of them
 * has it in `due` until the request is over, or what was opened was reviewed.
 */

#ifndef AM_TOLD_H
#define AM_TOLD_H

#include "vault/acts/due.h"

struct told_name {
	const char *name; /* as the level has it; lent for the call */
	unsigned count;   /* people who stand for it now; the requester is not
			   * counted */
};
typedef enum am_err told_fn(void *arg, const struct told_name *n);

/* Who is told of a request that is break-glass, in the order of the level.
 * Nothing where no policy is in force. */
AM_RESULT told_each(struct session *s, const struct view *v,
    const struct rows_request *q, told_fn *fn, void *arg);

due_source told_due;

#endif /* AM_TOLD_H */
