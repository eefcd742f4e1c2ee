/*
 * secrets.h - the wrappers of allocation, with a count of the secrets that
 * are alive: a failure must leave none.
 */

#ifndef AM_TEST_SECRETS_H
#define AM_TEST_SECRETS_H

#include <stdlib.h>

#include "tests/fault/turn.h"

static int secrets_alive;

TURN_WRAP(void *, malloc, (size_t n), (n), NULL)
TURN_WRAP(void *, calloc, (size_t n, size_t s), (n, s), NULL)
TURN_WRAP(int, sodium_mlock, (void *p, size_t n), (p, n), -1)
TURN_WRAP(int, sodium_mprotect_readonly, (void *p), (p), -1)

void *__real_sodium_malloc(size_t n);
void *__wrap_sodium_malloc(size_t n);
void __real_sodium_free(void *p);
void __wrap_sodium_free(void *p);

void *
__wrap_sodium_malloc(size_t n)
{
	void *p = turn_fails("sodium_malloc") ? NULL : __real_sodium_malloc(n);

	secrets_alive += p != NULL;
	return p;
}

void
__wrap_sodium_free(void *p)
{
	secrets_alive -= p != NULL;
	__real_sodium_free(p);
}

#endif /* AM_TEST_SECRETS_H */
