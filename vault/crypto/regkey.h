/*
 * regkey.h - what is derived from the register key R (32 bytes, one a
 * vault). Source: protocol.md 3.1.
 */

#ifndef AM_REGKEY_H
#define AM_REGKEY_H

#include "vault/base/am.h"
#include "vault/base/secret.h"

enum { REGKEY_BYTES = 32, REGKEY_DB_KEY = 16 };

struct regkey; /* R and what is derived from it, in one locked block */
#define regkey_auto AM_CLEANUP(regkey_cleanup) struct regkey

/* `R`: 32 bytes. `out` belongs to the caller. */
AM_RESULT
regkey_new(struct bytes R, const uint8_t vault[static 16], struct regkey **out);
void regkey_free(struct regkey *rk);

static inline void
regkey_cleanup(struct regkey **rk)
{
	regkey_free(*rk);
}

/* The 32 bytes of R, lent. */
struct bytes regkey_R(const struct regkey *rk);

/* LMDB key of a named value: first 16 bytes of HMAC-SHA-512(K_name, table ||
 * 0x00 || name). */
void regkey_db_key(const struct regkey *rk, const char *table,
    struct bytes name, uint8_t out[static REGKEY_DB_KEY]);

/* At rest: nonce24 || XChaCha20-Poly1305. Output lengths: in.len +- 40.
 * Errors of the opening calls: AM_ERR_CORRUPT. */
void regkey_line_seal(
    const struct regkey *rk, uint64_t leaf, struct bytes line, uint8_t *out);
AM_RESULT regkey_line_open(
    const struct regkey *rk, uint64_t leaf, struct bytes sealed, uint8_t *out);
void regkey_value_seal(const struct regkey *rk,
    const uint8_t db_key[static REGKEY_DB_KEY], struct bytes value,
    uint8_t *out);
AM_RESULT regkey_value_open(const struct regkey *rk,
    const uint8_t db_key[static REGKEY_DB_KEY], struct bytes sealed,
    uint8_t *out);

enum { REGKEY_OVERHEAD = 24 + 16 };

/* pepper(safe, record, version), 32 bytes. */
AM_RESULT regkey_pepper(const struct regkey *rk, const uint8_t safe[static 16],
    const uint8_t record[static 16], uint32_t version, uint8_t out[static 32]);

#endif /* AM_REGKEY_H */
