/*
 * holdings.h - what a person holds: posts, keys, shares, and since when that
 * was looked at.
 */

#ifndef AM_HOLDINGS_H
#define AM_HOLDINGS_H

#include "cli/desk.h"
#include "cli/out.h"
#include "vault/state/rows.h"

/* Lines on standard output, or members of the open object. */
AM_RESULT holdings_show(struct desk *d, const struct view *v,
    const struct rows_person *p, struct out_json *j);

#endif /* AM_HOLDINGS_H */
