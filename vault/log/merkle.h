/*
 * merkle.h - the tree over the log: RFC 6962 section 2.1, proofs as in RFC
 * 9162 2.1.3 and 2.1.4. Hashes are 32 bytes.
 *
 * A node is named by (level, index): level 0 are leaf hashes, node (l, i)
 * covers leaves i * 2^l .. (i+1) * 2^l - 1. Only complete nodes are kept;
 * they never change.
 */

#ifndef AM_MERKLE_H
#define AM_MERKLE_H

#include "vault/base/am.h"

enum { MERKLE_HASH = 32, MERKLE_PROOF_MAX = 64 };

/* SHA-256(0x00 || line), the line without its newline. */
void merkle_leaf(struct bytes line, uint8_t out[static MERKLE_HASH]);
/* SHA-256(0x01 || left || right); `out` may be an input. */
void merkle_node(const uint8_t left[static MERKLE_HASH],
    const uint8_t right[static MERKLE_HASH], uint8_t out[static MERKLE_HASH]);
/* Root of the empty tree: SHA-256(""). */
void merkle_empty(uint8_t out[static MERKLE_HASH]);

/*
 * The right edge of a growing tree: enough to append and to know the root,
 * in constant memory. Start with { 0 }.
 */
struct merkle_edge {
	uint64_t size;
	uint8_t hash[64][MERKLE_HASH]; /* complete subtrees, largest first */
};

/*
 * `merkle_append` adds a leaf hash. `emit` (may be NULL) is told of every
 * node that becomes complete, the leaf included, lowest first. On failure
 * the edge has not changed. Errors: AM_ERR_INVALID (2^64 - 1 leaves), and
 * those of `emit`.
 */
AM_RESULT
merkle_append(struct merkle_edge *e, const uint8_t leaf[static MERKLE_HASH],
    enum am_err (*emit)(void *arg, unsigned level, uint64_t index,
	const uint8_t hash[static MERKLE_HASH]),
    void *arg);
void
merkle_edge_root(const struct merkle_edge *e, uint8_t out[static MERKLE_HASH]);

/* Where complete nodes are read from. */
struct merkle_source {
	enum am_err (*get)(void *arg, unsigned level, uint64_t index,
	    uint8_t out[static MERKLE_HASH]);
	void *arg;
};

/* The edge / root of the first `size` leaves, from O(log size) nodes. */
AM_RESULT merkle_edge_load(
    const struct merkle_source *src, uint64_t size, struct merkle_edge *out);
AM_RESULT merkle_root(const struct merkle_source *src, uint64_t size,
    uint8_t out[static MERKLE_HASH]);

/* Proofs: `out` has room for MERKLE_PROOF_MAX hashes.
 * Errors: AM_ERR_INVALID (index >= size; old > size or old 0), and those of
 * the source. */
AM_RESULT
merkle_prove_inclusion(const struct merkle_source *src, uint64_t index,
    uint64_t size, uint8_t out[][MERKLE_HASH], size_t *out_count);
AM_RESULT
merkle_prove_consistency(const struct merkle_source *src, uint64_t old_size,
    uint64_t size, uint8_t out[][MERKLE_HASH], size_t *out_count);

/*
 * Verification. Roots and leaf hashes come with their lengths, because the
 * published cases have wrong ones: those are refused (R13.25: with equal
 * sizes and an empty proof the roots are compared as they are). Old size 0
 * is refused. Errors: AM_ERR_VERIFY.
 */
AM_RESULT
merkle_verify_inclusion(uint64_t index, uint64_t size, struct bytes leaf,
    const struct bytes *proof, size_t count, struct bytes root);
AM_RESULT merkle_verify_consistency(uint64_t old_size, uint64_t size,
    const struct bytes *proof, size_t count, struct bytes old_root,
    struct bytes root);

#endif /* AM_MERKLE_H */
