/*
 * attach.h - files of evidence, of which the log keeps the hash. They are read
 * once and kept nowhere.
 */

#ifndef AM_ATTACH_H
#define AM_ATTACH_H

#include "vault/acts/session.h"

enum { ATTACH_MAX = 8 };

/* SHA-256 of each, ascending, so that two people may name them in any order;
 * `rule` is whose evidence it is. Errors: AM_ERR_INVALID (too many, twice the
 * same), AM_ERR_IO. */
AM_RESULT attach_hash(struct session *s, const char *const *files, size_t count,
    const char *rule, uint8_t all[][32]);

/* The same as a field of a statement. */
struct json_t;
AM_RESULT
attach_list(uint8_t all[][32], size_t count, struct json_t **out);

#endif /* AM_ATTACH_H */
