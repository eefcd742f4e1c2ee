/*
 * accept.h - the duties of a custodian, signed again (C-1). The text is that of
 * vault/state/duties.h.
 */

#ifndef AM_ACCEPT_H
#define AM_ACCEPT_H

#include "vault/acts/due.h"

/* Before text, question and touch that would be in vain. Errors: AM_ERR_POLICY
 * (custodian of no safe). */
AM_RESULT accept_may(struct session *s, const struct rows_person *p);

/* One touch: the owner of the key accepts the newest text. Errors:
 * AM_ERR_POLICY (custodian of no safe). */
AM_RESULT accept_record(struct session *s, const struct session_key *k);

/* Custodians whose last acceptance is older than a level of their safes asks,
 * from 30 days before. */
due_source accept_due;

#endif /* AM_ACCEPT_H */
