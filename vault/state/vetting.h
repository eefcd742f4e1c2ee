/*
 * vetting.h - what the policy in force asks of the provider of a subscription:
 * what its record shows for the class of the data (class_checks, R-14), and
 * that it is examined again: after a time, at a renewal, when it has changed
 * hands (supplier_review..., R-15, SR-6). Without a policy in force nothing is
 * asked.
 */

#ifndef AM_VETTING_H
#define AM_VETTING_H

#include "vault/register/record.h"
#include "vault/state/rows.h"

/* The country of the agency: policies call it "hosting: pakistan". */
#define VETTING_HOME "PK"

/* What a record shows; what is no such thing counts as if it were missing. The
 * level of its safes is not for a record to say. */
void vetting_read(const struct record *in, struct rows_provider *out);

/* Calls `fn` for everything that the record of the subscription `id` does not
 * show at an instant. A waiver of "R-14 ID" lets hosting and its approval pass.
 * Errors: that of `fn`, those of the view. */
AM_RESULT vetting_faults(const struct view *v, const char *id,
    const struct rows_provider *p, int64_t at, record_fault *fn, void *arg);

/* What the level of the subscription asks: that of its class in the map of the
 * policy, or of a safe that holds its credentials where that is higher. Errors:
 * AM_ERR_NOT_FOUND (no policy is in force). */
AM_RESULT vetting_level(const struct view *v, const struct rows_provider *p,
    struct rows_level *out);

/* The first day on which an examination is one for the renewal that runs: from
 * the first reminder of its term on, or from its decision where that was
 * earlier; not before the term. */
int32_t vetting_begins(const struct rows_subscription *s);

#endif /* AM_VETTING_H */
