/*
 * manifest.h - what a finished ceremony says: who holds which share of which
 * public key. Derived by everyone from plan and deals, never received
 * (protocol.md 5.2).
 */

#ifndef AM_MANIFEST_H
#define AM_MANIFEST_H

#include "vault/base/am.h"
#include "vault/crypto/dkg.h"
#include "vault/state/rows.h"

/* All deals of a plan with their run; large, so on the heap. */
struct manifest_ceremony {
	struct dkg_run run;
	uint8_t deal_id[ROWS_N_MAX][32]; /* H(deal), in index order */
	struct dkg_deal deals[ROWS_N_MAX];
};

AM_RESULT manifest_ceremony_new(struct manifest_ceremony **out);
void manifest_ceremony_free(struct manifest_ceremony **c);
#define manifest_ceremony_auto \
	AM_CLEANUP(manifest_ceremony_free) struct manifest_ceremony

/* The run of a plan in which all have joined; then all deals as well. */
AM_RESULT manifest_run(
    const struct view *v, const struct rows_plan *p, struct dkg_run *out);
AM_RESULT manifest_load(const struct view *v, const struct rows_plan *p,
    struct manifest_ceremony *out);

/* Commitments and M from the deals; fills `out` and nothing else. */
AM_RESULT
manifest_derive(const uint8_t vault[static 16], const struct rows_plan *p,
    const struct manifest_ceremony *c, struct rows_manifest *out);

/* SHA-256(T("dealset") || H(deal_1) || ...): what `accept` names. */
void manifest_dealset(const struct rows_plan *p, const uint8_t deal_id[][32],
    uint8_t out[static 32]);

/* The same for a reshare: run, deals in the order of the dealers, manifest. */
struct manifest_reshare {
	struct reshare_run run;
	uint8_t deal_id[ROWS_N_MAX][32];
	struct reshare_deal deals[ROWS_N_MAX];
};
AM_RESULT manifest_reshare_new(struct manifest_reshare **out);
void manifest_reshare_free(struct manifest_reshare **c);
#define manifest_reshare_auto \
	AM_CLEANUP(manifest_reshare_free) struct manifest_reshare
AM_RESULT manifest_reshare_run(
    const struct view *v, const struct rows_plan *p, struct reshare_run *out);
AM_RESULT manifest_reshare_load(const struct view *v, const struct rows_plan *p,
    struct manifest_reshare *out);
/* Errors: AM_ERR_VERIFY (the key would be another one: V14). */
AM_RESULT manifest_reshare_derive(const uint8_t vault[static 16],
    const struct rows_plan *p, const struct manifest_reshare *c,
    struct rows_manifest *out);

/* What the possession proofs of `join` and `accept` are bound to. */
void manifest_join_hash(const uint8_t plan[static 32], uint32_t index,
    const struct point *pk, uint8_t out[static 32]);
void manifest_accept_hash(const uint8_t plan[static 32],
    const uint8_t M[static 32], uint32_t index, uint8_t out[static 32]);

/* P_index of a member. Errors: AM_ERR_NOT_FOUND (no such index). */
AM_RESULT manifest_public(
    const struct rows_manifest *m, uint32_t index, struct point *out);

/* M of the committee of a safe that is in force; zero: there is none. */
const uint8_t *manifest_active(const struct rows_safe *s, uint8_t committee);

/* Position of a person among members, or -1. */
int manifest_position(const struct rows_member *members, size_t n,
    const uint8_t person[static 16]);

#endif /* AM_MANIFEST_H */
