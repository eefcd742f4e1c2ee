/*
 * health.h - how the committees of a safe stand, as `safe status` shows it.
 */

#ifndef AM_CLI_HEALTH_H
#define AM_CLI_HEALTH_H

#include "cli/desk.h"
#include "cli/out.h"
#include "vault/base/am.h"

/* Prints the committees of a safe: text, or with `j` the field "health". */
AM_RESULT health_show(struct desk *d, const struct view *v,
    const struct rows_safe *s, struct out_json *j);

/* --check: AM_ERR_LOCKOUT, with a sentence a committee, when a safe cannot
 * be opened any more or the next loss would lock it. `only`: NULL for all. */
AM_RESULT health_check(
    struct desk *d, const struct view *v, const struct rows_safe *only);

#endif /* AM_CLI_HEALTH_H */
