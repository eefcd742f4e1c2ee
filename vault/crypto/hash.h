/*
 * hash.h - hashes over several parts, and hashing to the group.
 *
 * SHA-256 comes from OpenSSL, which is four times faster than libsodium
 * 1.0.18 (R2.8); SHA-512 from libsodium.
 */

#ifndef AM_HASH_H
#define AM_HASH_H

#include "vault/base/am.h"
#include "vault/crypto/pt.h"

/*
 * The purpose string of protocol.md 2.1: "amanat/1 ", tag, one NUL byte.
 * `tag` is a string literal; the NUL is the literal's own.
 */
#define HASH_T(tag)      \
	((struct bytes){ \
	    (const uint8_t *)"amanat/1 " tag, sizeof("amanat/1 " tag) })

/* A list of parts for the functions below. */
#define HASH_PARTS(...)                                     \
	(const struct bytes[]){ __VA_ARGS__ },              \
	    sizeof((const struct bytes[]){ __VA_ARGS__ }) / \
	    sizeof(struct bytes)

/* SHA-256 (32 bytes) and SHA-512 (64 bytes) of the parts in order. */
void
hash_sha256(const struct bytes *parts, size_t count, uint8_t out[static 32]);
void
hash_sha512(const struct bytes *parts, size_t count, uint8_t out[static 64]);

/* SHA-256 over pieces that arrive one after the other; `hash_stream_end` ends
 * and frees it. Errors: AM_ERR_NOMEM. */
struct hash_stream;
AM_RESULT hash_stream_new(struct hash_stream **out);
void hash_stream_add(struct hash_stream *h, struct bytes piece);
void hash_stream_end(struct hash_stream **h, uint8_t out[static 32]);

/*
 * `hash_to_scalar` is HtS of protocol.md 2.3: RFC 9497 hash-to-scalar of
 * ristretto255-SHA512 over the parts, DST = "HashToScalar-" || ctx.
 *	ctx   1..242 bytes
 */
void hash_to_scalar(struct bytes ctx, const struct bytes *parts, size_t count,
    struct scalar *out);

/* `hash_to_group` is HtG: the same with DST "HashToGroup-" || ctx.
 * Errors: AM_ERR_VERIFY (the identity; not expected). */
AM_RESULT hash_to_group(struct bytes ctx, const struct bytes *parts,
    size_t count, struct point *out);

/*
 * `hash_hedge` is HEDGE of protocol.md 2.3: a fresh non-zero scalar that
 * stays secret even with a bad generator or a restored snapshot.
 *	tag      as for HASH_T, without the purpose prefix
 *	public   hashed with SHA-512 first
 */
void hash_hedge(struct bytes tag, struct bytes secret,
    const struct bytes *public_parts, size_t count, struct scalar *out);

#endif /* AM_HASH_H */
