/*
 * hostfile.h - small files of the vault directory: format, keys, bags.
 *
 * `dir` is a descriptor of the vault directory, opened O_RDONLY. A name is
 * relative to it and has at most one directory in it: "FORMAT",
 * "bags/0123...". Symbolic links are not followed. Works without an open
 * store, so that a lost register key can be put back.
 */

#ifndef AM_HOSTFILE_H
#define AM_HOSTFILE_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/secret.h"
#include "vault/base/why.h"

enum { HOSTFILE_NAME_MAX = 128, HOSTFILE_MAX = 1 << 20 };

/*
 * `hostfile_put` replaces a file: a new one is written (0600) and synced,
 * renamed over the old one, and the directory synced. A crash leaves the old
 * content or the new one, and perhaps a file "NAME.new-<16 hex digits>".
 * Errors: AM_ERR_INVALID (name, more than HOSTFILE_MAX), AM_ERR_IO (errno
 * says why).
 */
AM_RESULT hostfile_put(int dir, const char *name, struct bytes content);

/* Errors: AM_ERR_NOT_FOUND, AM_ERR_CORRUPT (no regular file, or longer than
 * `max_len`), AM_ERR_INVALID (name), AM_ERR_IO. */
AM_RESULT
hostfile_get(int dir, const char *name, size_t max_len, struct blob *out);

/*
 * `hostfile_secret` reads a key of exactly `len` bytes straight into locked
 * memory and freezes it.
 * Errors: AM_ERR_INCOMPLETE with a sentence (missing, another length, no
 * regular file, mode bits 077 set, not owned by the user), AM_ERR_NOMEM,
 * AM_ERR_IO.
 */
AM_RESULT hostfile_secret(int dir, const char *name, size_t len,
    struct why *why, struct secret **out);

/* Removes a file and syncs its directory. Errors: AM_ERR_NOT_FOUND,
 * AM_ERR_INVALID (name), AM_ERR_IO. */
AM_RESULT hostfile_del(int dir, const char *name);

/* Calls `fn` with the name of each file of the directory `sub`, in no
 * particular order; what a crash left behind is passed over. */
AM_RESULT hostfile_each(int dir, const char *sub,
    enum am_err (*fn)(void *arg, const char *name), void *arg);

/* Descriptors that close themselves and leave errno alone. */
void hostfile_close(const int *fd);
#define hostfile_fd AM_CLEANUP(hostfile_close) int

#endif /* AM_HOSTFILE_H */
