/*
 * open.h - combining k approvals and reading the credential (protocol.md 4.3).
 */

#ifndef AM_OPEN_H
#define AM_OPEN_H

#include "vault/acts/approve.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

/* What can be refused before a key is asked for: the rules judge the opening
 * as if the requester had signed it. Errors as below. */
AM_RESULT open_check(struct session *s, const struct approve_view *v);

/*
 * `open_request` verifies the partials and takes k that hold, so that a
 * damaged one costs nothing while k others are there (R13.14); posts `open`,
 * which names those (two touches: unlock the request key, sign); and only when
 * that is durable combines them. *out is the payload (payload.h), owned by the
 * caller. Errors: AM_ERR_QUORUM (not enough approvals, or expired),
 * AM_ERR_POLICY; AM_ERR_INCOMPLETE (fewer than k partials hold; the sentence
 * says whose do not), AM_ERR_CORRUPT (the sealed data).
 */
AM_RESULT open_request(struct session *s, const struct session_key *k,
    const struct approve_view *v, struct secret **out);

#endif /* AM_OPEN_H */
