/*
 * pool.h - claims checked on all cores, and the first that fails.
 */

#ifndef AM_POOL_H
#define AM_POOL_H

#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/state/claim.h"

struct pool;

/* `threads` workers, at least 1. */
AM_RESULT pool_new(unsigned threads, struct pool **out);
/* Waits for the workers. NULL is allowed. */
void pool_free(struct pool *p);

/* The sink to hand to state_apply; claims are copied. */
struct claim_sink pool_sink(struct pool *p);

/*
 * `pool_finish` waits until every claim is checked. Errors: AM_ERR_VERIFY
 * with the lowest leaf whose claim failed and its sentence.
 */
AM_RESULT pool_finish(struct pool *p, struct why *why, uint64_t *out_leaf);

#endif /* AM_POOL_H */
