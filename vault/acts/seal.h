/*
 * seal.h - depositing a credential: no approval needed (protocol.md 3.3).
 */

#ifndef AM_SEAL_H
#define AM_SEAL_H

#include "vault/acts/post.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/base/secret.h"

struct seal_wish {
	const char *path; /* SAFE/NAME */
	const char *class, *type;
	/* what its administrator reaches, a class; and what it can reset,
	 * "SAFE/NAME SAFE/NAME". NULL: not said. */
	const char *reach, *can_reset;
	bool new_version;     /* of a credential that exists */
	struct bytes payload; /* of payload_build */
	uint8_t *space;       /* as for tdh2_seal_in; NULL: it is made */
};

/* open, public, restricted, sensitive or secret. */
bool seal_is_class(const char *class);

/* What can be refused before secret or key are asked for. */
AM_RESULT seal_check(struct session *s, const struct seal_wish *w);

/* What was said of `reach` and `can_reset` with the newest version: NULL where
 * nothing was. Lent from `said`, which the caller frees. */
AM_RESULT seal_said_before(struct session *s, const struct rows_record *c,
    struct statement *said, struct bytes *reach, struct bytes *can_reset);

/* One touch. *out is the record as it then stands. */
AM_RESULT seal_deposit(struct session *s, const struct session_key *k,
    const struct seal_wish *w, struct rows_record *out);

/* ---- the parts, for many deposits at once (bulk.h) */

/* A safe with an active committee.
 * Errors: AM_ERR_NOT_FOUND; AM_ERR_INCOMPLETE (no committee yet). */
struct seal_safe {
	struct rows_safe safe;
	struct rows_manifest manifest;
};
AM_RESULT
seal_find_safe(struct session *s, const char *id, struct seal_safe *out);

/* One sealed credential, to be signed for. */
struct seal_made {
	struct blob body; /* canonical bytes of the `seal` */
	uint8_t id[32];   /* H */
	uint8_t ct_hash[32];
	struct blob ct;
};
void seal_made_free(struct seal_made *m);

/*
 * `seal_make` seals for person `by` and builds the body. It reads nothing from
 * the store, so several threads may seal at once. `old` is the version before,
 * or NULL. The part of w->path after the '/' is the title.
 */
AM_RESULT seal_make(const struct session *s, const struct seal_safe *in,
    const struct rows_record *old, const struct post_when *when,
    const uint8_t by[static 16], const struct seal_wish *w,
    struct seal_made *out);

#endif /* AM_SEAL_H */
