/*
 * spool.h - bytes that are only added to, with the newest in memory and the
 * others in a file, so that memory stays the same however many there are.
 *
 * The file is made when it is first needed, has mode 0600 and no name, goes
 * with its descriptor, and is encrypted with a key that only this process
 * has, since a vault that verifies itself reads what it keeps encrypted.
 */

#ifndef AM_SPOOL_H
#define AM_SPOOL_H

#include "vault/base/am.h"
#include "vault/base/why.h"

/* Longest piece that can be added; so many bytes at least are in memory. */
enum { SPOOL_PIECE = 1 << 17 };

struct spool;

/*
 * `spool_new`: the file will be made in directory `dir`. When a later call
 * fails with AM_ERR_IO, `why` (may be NULL) has the sentence. Both are lent
 * until spool_free. Errors: AM_ERR_NOMEM.
 */
AM_RESULT spool_new(const char *dir, struct why *why, struct spool **out);
/* NULL is allowed. */
void spool_free(struct spool *s);

/* `spool_add` appends, *out_at is where (the first byte has 0).
 * Errors: AM_ERR_INVALID (too long), AM_ERR_NOMEM, AM_ERR_IO. After the last
 * two the spool is of no use. */
AM_RESULT spool_add(struct spool *s, struct bytes in, uint64_t *out_at);

/* `spool_get` reads what was added.
 * Errors: AM_ERR_INVALID (past the end), AM_ERR_IO. */
AM_RESULT spool_get(struct spool *s, uint64_t at, uint8_t *out, size_t out_len);

#endif /* AM_SPOOL_H */
