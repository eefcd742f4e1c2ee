/*
 * plan.h - what all ceremonies share: the plan, who may take which step of it,
 * and activation (protocol.md 5.3). Not for use outside vault/state.
 */

#ifndef AM_PLAN_H
#define AM_PLAN_H

#include "vault/state/rules.h"

enum plan_role { PLAN_MEMBER, PLAN_DEALER };

/* A step of a plan, by its signer. */
struct plan_step {
	struct rows_plan plan;
	uint32_t index;
	size_t at;           /* position among members or dealers */
	uint16_t bit;        /* 1 << at */
	struct rows_key key; /* H(plan) || index */
};

AM_RESULT plan_made(struct rules *r); /* the statement */

/*
 * `plan_read_step` reads plan and index of the statement: the plan lives, and
 * the signer is member or dealer under that index. Sets r->silent for a step
 * dated after the plan's end (R13.1).
 */
AM_RESULT
plan_read_step(struct rules *r, enum plan_role role, struct plan_step *out);

/* Neither over nor voided by the activation of another plan (R13.15). */
AM_RESULT plan_lives(struct rules *r, const struct rows_plan *p);

static inline bool
plan_is_setup(const struct rows_plan *p)
{
	return p->source_committee == 0;
}

/* All bits of `n`. */
static inline uint16_t
plan_all(size_t n)
{
	return (uint16_t)((1U << n) - 1);
}

AM_RESULT plan_keep(struct rules *r, const struct rows_plan *p);

/* All have dealt: keeps the manifest, in which every P' is a point (R13.18). */
AM_RESULT plan_derived(
    struct rules *r, struct rows_plan *p, const struct rows_manifest *m);

/* ---- accept, of either kind. A late one, too, has fields of the right form. */
struct plan_acceptance {
	uint8_t manifest[32], deals[32];
};
AM_RESULT plan_read_accept(struct rules *r, struct plan_acceptance *out);
AM_RESULT plan_may_accept(struct rules *r, const struct plan_step *t);
/* The member saw the deals that the log has; ids in the order of dealers. */
AM_RESULT plan_check_seen(struct rules *r, const struct rows_plan *p,
    const uint8_t deal_id[][32], const struct plan_acceptance *a);
/* Checks the proof of possession; the last one activates the plan (R5.6). */
AM_RESULT plan_accept(struct rules *r, struct plan_step *t);

/* The active manifest of a committee of a safe; zero: none. */
const uint8_t *plan_active(const struct rows_safe *s, uint8_t committee);

/* "operating" or "recovery", as numbers. Errors: AM_ERR_CORRUPT. */
AM_RESULT
plan_committee(const struct json_t *obj, const char *key, uint8_t *out);

/* safe || committee || person, and safe || committee || epoch. */
struct rows_key plan_epoch_key(
    const uint8_t safe[static 16], uint8_t committee, uint32_t epoch);

/* Remembers that the signer proved to hold a share of `manifest` (5.8). */
AM_RESULT plan_proven(struct rules *r, const uint8_t manifest[static 32]);

#endif /* AM_PLAN_H */
