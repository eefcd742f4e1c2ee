/*
 * rekey.h - another log key in the place of one that is lost (act `logkey`;
 * R3.2, R13.24).
 *
 * No checkpoint can be signed between the old key and the new one, so motion,
 * votes and enactment are one transaction: k custodians of the governing safe
 * are at the host with their keys.
 */

#ifndef AM_REKEY_H
#define AM_REKEY_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/* A PIN that has been asked for already, and the credential it is for. */
struct rekey_known {
	struct bytes cred;
	const struct secret *pin;
};

/*
 * `rekey_log` puts the log key that `s` was opened with in the place of the one
 * in force. Each custodian touches once; the first also for the motion, the
 * last to enact it. While a vault is being founded the founder alone does it.
 * Errors: AM_ERR_QUORUM (too few keys at hand), those of posting.
 */
AM_RESULT rekey_log(struct session *s, const struct rekey_known *known);

#endif /* AM_REKEY_H */
