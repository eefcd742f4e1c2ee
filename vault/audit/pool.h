/*
 * pool.h - claims checked on all cores, and the first that fails.
 */

#ifndef AM_POOL_H
#define AM_POOL_H

#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/state/claim.h"

struct pool;

/* `threads` threads, of which the caller's is one: it checks what the others
 * are behind with, and all of it when there are none. */
AM_RESULT pool_new(unsigned threads, struct pool **out);
/* Drops what is not checked yet. NULL is allowed. */
void pool_free(struct pool *p);

/* The sink to hand to state_apply; claims are copied. */
struct claim_sink pool_sink(struct pool *p);

/*
 * `pool_finish` waits until every claim is checked. Errors: AM_ERR_VERIFY
 * with the lowest leaf whose claim failed and its sentence.
 */
AM_RESULT pool_finish(struct pool *p, struct why *why, uint64_t *out_leaf);

#endif /* AM_POOL_H */
