/*
 * motions.h - how a motion is shown and answered; shared by the verbs that
 * take one for their object, or make one.
 */

#ifndef AM_MOTIONS_H
#define AM_MOTIONS_H

#include "cli/desk.h"
#include "vault/acts/motion.h"
#include "vault/base/am.h"

/* Prints motion `id` on standard output, as text or JSON. */
AM_RESULT motions_show(struct desk *d, const char *id);

/* `approve` and `decline` of a motion. */
AM_RESULT motions_approve(struct cmd_call *call);
AM_RESULT motions_decline(struct cmd_call *call);

/* After a motion was made: its id and words on standard output, who decides,
 * and what comes next. Prints nothing of one that is in effect. */
void motions_made(struct desk *d, const struct motion_view *v);

/* The same, and of one that is in effect what it did; for programs the motion. */
AM_RESULT motions_result(struct desk *d, const struct motion_view *v);

/* "in effect", "waiting", ...: for programs. */
const char *motions_state(const struct motion_view *v);

#endif /* AM_MOTIONS_H */
