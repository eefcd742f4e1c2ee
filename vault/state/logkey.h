/*
 * logkey.h - the keys with which the vault signed its checkpoints: that of
 * genesis, and those that a quorum put in its place (act `logkey`; R3.2,
 * R13.24).
 */

#ifndef AM_LOGKEY_H
#define AM_LOGKEY_H

#include "vault/log/note.h"
#include "vault/state/rows.h"

/* Keeps the key that is in force up to leaf `leaf`, before another one is. */
AM_RESULT logkey_retire(
    const struct view *v, const uint8_t key[static 32], uint64_t leaf);
/* The leaf of the statement that put the present one in force; 0: genesis. */
AM_RESULT logkey_since(const struct view *v, uint64_t *out);

/*
 * `logkey_open` reads a checkpoint of this vault, of any age: it is signed by
 * the key that was in force at its size. Of a size that this log has not
 * reached any of its keys may speak: there the log was another one, or longer.
 * Errors: as note_open.
 */
AM_RESULT
logkey_open(const struct view *v, struct bytes text, struct note *out);

#endif /* AM_LOGKEY_H */
