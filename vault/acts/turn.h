/*
 * turn.h - one person's turn in a ceremony: what the acts of joining, dealing
 * and accepting share. For steps.c, setup.c and handover.c.
 */

#ifndef AM_TURN_H
#define AM_TURN_H

#include "vault/acts/keys.h"
#include "vault/acts/owed.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/crypto/dkg.h"
#include "vault/log/canon.h"

struct turn {
	struct session *s;
	const struct session_key *k;
	struct rows_safe safe;
	struct owed owed;
	const struct rows_plan *plan; /* of `owed` */
	uint32_t index;               /* of the person, in the safe */
	struct bag_purpose purpose;   /* of the plan's epoch */
};

/* What accepting comes to: filled by setup.c or handover.c, with the share
 * checked against its public share. */
struct turn_acceptance {
	struct rows_manifest manifest;
	uint8_t deal_id[ROWS_N_MAX][32];
	struct scalar share;
	bool has_cert; /* at setup */
	uint8_t cert[DKG_SIG];
};
void turn_acceptance_wipe(struct turn_acceptance *a);
#define turn_acceptance_auto \
	AM_CLEANUP(turn_acceptance_wipe) struct turn_acceptance

struct bytes turn_cred(const struct turn *u);

/* A body of `kind` that names plan and index. */
AM_RESULT
turn_body(const struct turn *u, const char *kind, struct json_t **out);

/* One statement: judged, one touch, committed. Takes over `body`. */
AM_RESULT
turn_post(const struct turn *u, struct json_t *body, const char *what);

/* Refuses the deal of the dealer at `which`: AM_ERR_VERIFY, by name. */
AM_RESULT turn_bad_deal(const struct turn *u, size_t which);

/* P' of the person's index is that of the share (R5.5). */
AM_RESULT turn_check_share(const struct turn *u, const struct rows_manifest *m,
    const struct scalar *share);

#endif /* AM_TURN_H */
