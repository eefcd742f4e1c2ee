/*
 * arena.h - an allocator for a library that reads secrets: everything comes
 * out of one locked block, is wiped when it is given back, and all of it when
 * the arena ends.
 */

#ifndef AM_ARENA_H
#define AM_ARENA_H

#include "vault/base/am.h"

struct arena;

/* Errors: AM_ERR_INVALID, AM_ERR_NOMEM, as secret_new. */
AM_RESULT arena_new(size_t size, struct arena **out);
void arena_free(struct arena *a);

/* As malloc, free and realloc; NULL when there is no room. */
void *arena_get(struct arena *a, size_t len);
void arena_give(struct arena *a, void *p);
void *arena_resize(struct arena *a, void *p, size_t len);

#endif /* AM_ARENA_H */
