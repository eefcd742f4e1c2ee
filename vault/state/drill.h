/*
 * drill.h - what the proofs of a drill are bound to, and where they are kept
 * (protocol.md 5.8).
 */

#ifndef AM_DRILL_H
#define AM_DRILL_H

#include "vault/state/rows.h"

/* SHA-256(T("drill") || H(drill) || M || u32 index): 32 bytes for POSS. */
void drill_binding(
    const struct rows_drill *d, uint32_t index, uint8_t out[static 32]);

/* When a person first proved in a drill: *at and *leaf.
 * Errors: AM_ERR_NOT_FOUND (has not), AM_ERR_CORRUPT. */
AM_RESULT drill_proof_get(const struct view *v, const uint8_t drill[static 32],
    const uint8_t person[static 16], int64_t *at, uint64_t *leaf);

/* Under which `rows_proven` lies: when a member last proved to hold the share of
 * this manifest. One that was planned and never came into force takes nothing
 * from the proof of the one that is. */
struct rows_key drill_proven_key(
    const uint8_t manifest[static 32], const uint8_t person[static 16]);

#endif /* AM_DRILL_H */
