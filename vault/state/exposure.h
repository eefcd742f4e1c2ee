/*
 * exposure.h - whether a person still knows a credential as it is in force.
 *
 * A person is exposed to a version that he opened or deposited until a later
 * version was deposited and two people have recorded evidence that the vendor
 * has it, or a quorum has accepted the risk for a time.
 */

#ifndef AM_EXPOSURE_H
#define AM_EXPOSURE_H

#include "vault/state/rows.h"

enum exposure_is { EXPOSURE_OPEN, EXPOSURE_ACCEPTED, EXPOSURE_CLOSED };

AM_RESULT exposure_state(const struct view *v, const uint8_t person[static 16],
    const uint8_t record[static 16], uint32_t version, int64_t at,
    enum exposure_is *out);

/* The same, with the record at hand. */
AM_RESULT exposure_state_of(const struct view *v,
    const uint8_t person[static 16], const struct rows_record *c,
    uint32_t version, int64_t at, enum exposure_is *out);

/* The rule of a waiver that accepts one exposure: "X-10 PERSON RECORD
 * VERSION", the ids in hex. */
enum { EXPOSURE_RULE = 5 + 32 + 1 + 32 + 1 + 10 + 1 };
void
exposure_rule(const uint8_t person[static 16], const uint8_t record[static 16],
    uint32_t version, char out[static EXPOSURE_RULE]);

/* Its parts again. Errors: AM_ERR_INVALID (not such a rule). */
AM_RESULT exposure_rule_read(const char *rule, uint8_t person[static 16],
    uint8_t record[static 16], uint32_t *version);

#endif /* AM_EXPOSURE_H */
