/*
 * predicate.h - the rule that must hold before a request is opened (protocol.md
 * 4.5, R4.4, R13.4-R13.7): the same for the live vault, the verifier and those
 * who want to know what is missing.
 */

#ifndef AM_PREDICATE_H
#define AM_PREDICATE_H

#include "vault/state/rows.h"

/* Bit i of a mask is member i of the committee. */
struct predicate {
	struct quorum quorum; /* need: as the request says */
	uint8_t k;            /* of the committee: so many partials open */
	uint16_t members;     /* who may approve: all but the requester */
	uint16_t approved;    /* whose approval counts now */
	uint16_t given; /* who has approved at all: their partials are out */
	uint16_t declined;
};

/*
 * Does an approval count at an instant? While its person and key are free, the
 * key is not retired, and the person held a post all the time since.
 */
AM_RESULT predicate_counts(
    const struct view *v, const struct rows_approval *a, int64_t at, bool *out);

/* The rules `q` was made under, laid over its committee at an instant. */
AM_RESULT predicate_read(const struct view *v, const struct rows_request *q,
    const struct rows_manifest *m, int64_t at, struct predicate *out);

/* Enough approvals, of the right people. */
bool predicate_holds(const struct predicate *p);

/*
 * R4.4: with the approvals `approved` the request could not be completed any
 * more without k partials that break the rule: k are there and no k of them
 * keep it; or fewer, and they pass a limit, or leave more places of required
 * posts than k has room for, or those who may still approve cannot make them k
 * that keep it, while without the last of them they could. A request that
 * nobody could complete as things stand, for a post is vacant, is none. Whose
 * approval does not count any more is among the k, but fills no post: what
 * they gave is out.
 */
bool predicate_is_dead_end(const struct predicate *p, uint16_t approved);

/* So many have declined that those who are left are no quorum by number. */
bool predicate_is_declined(const struct predicate *p);

/* The rules of a safe; AM_ERR_NOT_FOUND where the built-in ones hold. */
AM_RESULT predicate_rules(const struct view *v, const uint8_t motion[static 32],
    struct rows_rules *out);

#endif /* AM_PREDICATE_H */
