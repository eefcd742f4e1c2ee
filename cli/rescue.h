/*
 * rescue.h - the page for an account that stands in somebody else's name
 * (domain.md 12, scenario 2): what is asked of the vendor, and what is done
 * once the vendor has given it back.
 */

#ifndef AM_RESCUE_H
#define AM_RESCUE_H

#include "cli/subread.h"

/* At most 66 lines of 80 columns: long fields of the record are cut. */
AM_RESULT rescue_print(const struct subread *r,
    const struct rows_subscription *s, const struct record *in);

#endif /* AM_RESCUE_H */
