/*
 * secret.h - memory for keys, shares, PINs and plaintext.
 *
 * A secret lives in guarded, locked pages (sodium_malloc), stays out of core
 * dumps and is wiped when freed. It never grows: an allocation that moved
 * would leave a copy behind.
 */

#ifndef AM_SECRET_H
#define AM_SECRET_H

#include "vault/base/am.h"

struct secret;

enum { SECRET_MAX = 2 << 20 }; /* a padded secret of R3.6 */

/*
 * `secret_new` allocates `len` bytes (1..SECRET_MAX), zeroed and writable.
 * Free with secret_free.
 * Errors: AM_ERR_INVALID (length), AM_ERR_NOMEM (also when the pages cannot
 * be locked: the limit is RLIMIT_MEMLOCK, and each secret takes whole pages).
 */
AM_RESULT secret_new(size_t len, struct secret **out);

/*
 * `secret_freeze` makes the bytes read-only; a later write is a fault.
 * Errors: AM_ERR_INTERNAL.
 */
AM_RESULT secret_freeze(struct secret *s);

/* `secret_bytes` lends the bytes; they live as long as `s`. */
struct bytes secret_bytes(const struct secret *s);

/* `secret_mut` lends the bytes for writing, or returns NULL once frozen. */
uint8_t *secret_mut(struct secret *s);

/* `secret_free` wipes and releases. NULL is allowed. */
void secret_free(struct secret *s);

/*
 * `secret_equal` compares in time that depends on the lengths only; the
 * lengths are public.
 */
bool secret_equal(struct bytes a, struct bytes b);

/* A scoped variable, wiped on every way out: `secret_auto *key = NULL;` */
#define secret_auto AM_CLEANUP(secret_cleanup) struct secret

static inline void
secret_cleanup(struct secret **s)
{
	secret_free(*s);
}

#endif /* AM_SECRET_H */
