/*
 * models.h - the models of security keys that a policy file names: one entry
 * each, and how two files differ in one.
 */

#ifndef AM_MODELS_H
#define AM_MODELS_H

#include "policy/levels.h"
#include "policy/tree.h"
#include "vault/base/am.h"
#include "vault/base/why.h"

/*
 * `models_take` adds an entry to `to`. Errors: AM_ERR_INCOMPLETE, a sentence
 * without line and key in why->text, and which key in *key, a constant.
 */
AM_RESULT models_take(const struct tree_model *from, struct levels *to,
    const char **key, struct why *why);

/* NULL: the file does not name it. */
const struct levels_model *
models_find(const struct levels *l, const uint8_t aaguid[static 16]);

/* Calls `fn` where the two differ in that model (levels_compare). */
AM_RESULT models_compare(const struct levels *a, const struct levels *b,
    const uint8_t aaguid[static 16], levels_fn *fn, void *arg);

#endif /* AM_MODELS_H */
