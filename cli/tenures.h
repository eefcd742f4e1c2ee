/*
 * tenures.h - the posts that a person holds or will hold, and when away.
 */

#ifndef AM_TENURES_H
#define AM_TENURES_H

#include "cli/desk.h"
#include "cli/out.h"
#include "vault/state/rows.h"

/* A line each on standard output, or an object each in the open array. */
AM_RESULT
tenures_show(struct desk *d, const struct rows_person *p, struct out_json *j);

#endif /* AM_TENURES_H */
