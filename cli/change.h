/*
 * change.h - shared by the verbs that name several people.
 */

#ifndef AM_CHANGE_H
#define AM_CHANGE_H

#include "cli/desk.h"
#include "vault/base/am.h"
#include "vault/state/rows.h"

/* Splits "a,b,c" in place into at most ROWS_N_MAX + 1 ids, adding to *count.
 * Errors: AM_ERR_INVALID (an empty one, or too many). */
AM_RESULT
change_split(char *list, const char *out[static ROWS_N_MAX + 1], size_t *count);

/* Of the last plan of a safe: who will be refused when they join (C-2), said while
 * there is time to enrol. */
AM_RESULT change_warn_of_keys(struct desk *d, const char *safe);

#endif /* AM_CHANGE_H */
