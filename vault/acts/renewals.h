/*
 * renewals.h - what is due of subscriptions: sources for due.h. They read the
 * days that have come, not the register.
 */

#ifndef AM_RENEWALS_H
#define AM_RENEWALS_H

#include "vault/acts/due.h"
#include "vault/state/subscription.h"

/* Reminders that nobody has acknowledged, decisions and ends that were missed,
 * accounts that are not under control. */
due_source renewals_raised;
/* Vacant posts that own something. */
due_source renewals_vacant;
/* What those who will be in office cannot open on the day that counts. */
due_source renewals_out_of_reach;
/* Providers that the policy in force asks to be examined again. */
due_source renewals_examined;
/* Exceptions from the deny list that have ended. */
due_source renewals_denied;

/* What takes the next step of a subscription; "" where it is closed. */
enum { RENEWALS_STEP_MAX = ROWS_ID_MAX + 128 };
void renewals_step(
    const struct rows_subscription *s, char out[static RENEWALS_STEP_MAX]);

#endif /* AM_RENEWALS_H */
