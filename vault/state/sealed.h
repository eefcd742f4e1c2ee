/*
 * sealed.h - the sealed header that a `seal` statement carries, with the
 * context that it is bound to (protocol.md 3.2).
 */

#ifndef AM_SEALED_H
#define AM_SEALED_H

#include "vault/base/am.h"
#include "vault/crypto/tdh2.h"
#include "vault/log/statement.h"
#include "vault/state/rows.h"

/*
 * `sealed_read` reads header and context of seal `s`. X comes from `m`, the
 * manifest that the verifier derived, never from the statement. Points are
 * strictly decoded; the proof is not checked here (tdh2_check).
 * Errors: AM_ERR_CORRUPT (a field, a point, a size that is no padded one).
 */
AM_RESULT sealed_read(const struct statement *s, const struct rows_vault *v,
    const struct rows_manifest *m, struct tdh2_context *cx,
    struct tdh2_header *h);

#endif /* AM_SEALED_H */
