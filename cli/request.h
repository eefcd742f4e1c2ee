/*
 * request.h - how a request is shown; shared by the verbs that show one.
 */

#ifndef AM_REQUEST_H
#define AM_REQUEST_H

#include "cli/desk.h"
#include "vault/acts/approve.h"
#include "vault/base/am.h"

/* How a request stands: "opened", "closed" (its committee has changed),
 * "declined", "vetoed", "expired", "frozen" or "cancelled" (by an incident),
 * "cooling off", "approved" (its requester may open it), "grant over" or
 * "waiting". */
const char *request_state(struct desk *d, const struct approve_view *v);

/* Nothing can be done with it any more. */
bool request_is_over(struct desk *d, const struct approve_view *v);

/* "normal", "break-glass" or "break-glass, recovery". */
const char *request_mode(const struct rows_request *q);

/* Prints request `id` on standard output, as text or JSON. */
AM_RESULT request_show(struct desk *d, const char *id);

#endif /* AM_REQUEST_H */
