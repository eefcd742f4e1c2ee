/*
 * roots.h - the root of every prefix of a growing log, in constant memory.
 */

#ifndef AM_ROOTS_H
#define AM_ROOTS_H

#include "vault/base/am.h"
#include "vault/base/why.h"

struct roots;

/* `dir` and `why` as in spool_new: older nodes go to a temporary file. */
AM_RESULT roots_new(const char *dir, struct why *why, struct roots **out);
void roots_free(struct roots *r);
/* Errors: AM_ERR_IO. */
AM_RESULT roots_append(struct roots *r, const uint8_t leaf[static 32]);

/* The root of the first `size` leaves; `arg` is a struct roots (it has the
 * shape that state_apply asks for). Errors: AM_ERR_INVALID (too large),
 * AM_ERR_IO. */
enum am_err roots_at(void *arg, uint64_t size, uint8_t root[static 32]);

#endif /* AM_ROOTS_H */
