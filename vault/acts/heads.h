/*
 * heads.h - what a person's client remembers of a vault: the last head that
 * it verified. A vault that went back is stale (21), one that took another
 * course is refused (20). Source: protocol.md 7.5 (R7.3), R13.21.
 *
 * File <dir>/<vault id in hex>: "amanat-head 1\n<size>\n<root hex>\n".
 */

#ifndef AM_HEADS_H
#define AM_HEADS_H

#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/log/note.h"

/* Errors: AM_ERR_NOT_FOUND (never seen), AM_ERR_CORRUPT, AM_ERR_IO. */
AM_RESULT
heads_get(const char *dir, const uint8_t vault[static 16], struct note *out);

/* Written new, synced, renamed; `dir` is made with its parents (0700). */
AM_RESULT heads_put(
    const char *dir, const uint8_t vault[static 16], const struct note *head);

#endif /* AM_HEADS_H */
