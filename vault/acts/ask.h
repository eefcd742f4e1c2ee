/*
 * ask.h - requesting a credential (protocol.md 4.1).
 */

#ifndef AM_ASK_H
#define AM_ASK_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/state/rows.h"

struct ask_wish {
	const char *path;   /* SAFE/NAME */
	const char *reason; /* never empty */
	const char *ticket; /* may be "" */
	int64_t span;       /* seconds, at most 72 h; 0: as the rules suggest */
	uint32_t version;   /* 0: the newest */
	/* R13.19, 4.4: an emergency, and asked of the recovery committee. No
	 * fewer approve; it is told for ever. */
	bool breakglass, recovery;
};

/* "sub:ID", the ticket of a request that a renewal needs. The log has no other
 * tie. */
enum { ASK_TICKET = 4 + ROWS_ID_MAX + 1 };
void ask_ticket(const char *id, char out[static ASK_TICKET]);

/* The words of an ask from within a renewal. */
struct ask_renewal {
	char ticket[ASK_TICKET];
	char reason[ROWS_SUB_NAME_MAX + ROWS_ID_MAX + 64];
};

/*
 * `ask_renewal` fills the ticket of `w`, and its reason where there is none,
 * from subscription `id`; both are lent from `out`.
 *
 * Errors: AM_ERR_NOT_FOUND (no such subscription, or no such credential),
 * AM_ERR_POLICY (it is closed, or names no such credential).
 */
AM_RESULT ask_renewal(struct session *s, const char *id, struct ask_wish *w,
    struct ask_renewal *out);

/* What can be refused before a key is asked for. */
AM_RESULT ask_check(struct session *s, const struct ask_wish *w);

/* One touch. The request key is kept for the requester alone. */
AM_RESULT ask_request(struct session *s, const struct session_key *k,
    const struct ask_wish *w, struct rows_request *out);

#endif /* AM_ASK_H */
