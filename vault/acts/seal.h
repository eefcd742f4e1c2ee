/*
 * seal.h - depositing a credential: no approval needed (protocol.md 3.3).
 */

#ifndef AM_SEAL_H
#define AM_SEAL_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/base/secret.h"

struct seal_wish {
	const char *path; /* SAFE/NAME */
	const char *class, *type;
	bool new_version;     /* of a credential that exists */
	struct bytes payload; /* of payload_build */
};

/* What can be refused before secret or key are asked for. */
AM_RESULT seal_check(struct session *s, const struct seal_wish *w);

/* One touch. *out is the record as it then stands. */
AM_RESULT seal_deposit(struct session *s, const struct session_key *k,
    const struct seal_wish *w, struct rows_record *out);

#endif /* AM_SEAL_H */
