/*
 * ask.h - requesting a credential (protocol.md 4.1).
 */

#ifndef AM_ASK_H
#define AM_ASK_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

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

/* What can be refused before a key is asked for. */
AM_RESULT ask_check(struct session *s, const struct ask_wish *w);

/* One touch. The request key is kept for the requester alone. */
AM_RESULT ask_request(struct session *s, const struct session_key *k,
    const struct ask_wish *w, struct rows_request *out);

#endif /* AM_ASK_H */
