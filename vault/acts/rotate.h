/*
 * rotate.h - saying that a new version is in force at the vendor, with
 * evidence, by two people; or moving that the risk of an exposure be
 * accepted for a time.
 */

#ifndef AM_ROTATE_H
#define AM_ROTATE_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

enum { ROTATE_EVIDENCE_MAX = 8 };

struct rotate_wish {
	const char *path;         /* SAFE/NAME */
	const char *const *files; /* read once, kept nowhere */
	size_t count;             /* 1 to ROTATE_EVIDENCE_MAX */
};

/* What can be refused before a key is asked for: no new version, nothing left
 * to close, files that cannot be read. */
AM_RESULT rotate_check(struct session *s, const struct rotate_wish *w);

struct rotate_done {
	uint32_t version;
	uint8_t evidence[ROTATE_EVIDENCE_MAX][32]; /* ascending */
	bool closed; /* else a second signer is missing */
	uint64_t leaf;
};

/* One touch. */
AM_RESULT rotate_record(struct session *s, const struct session_key *k,
    const struct rotate_wish *w, struct rotate_done *out);

/*
 * `rotate_accept` moves that the risk of what `person` knows of `path` be
 * accepted until `until`: a motion for each version that is open, one touch
 * each. *out: their numbers, *out_count of them.
 * Errors: AM_ERR_POLICY (no exposure is open).
 */
enum { ROTATE_MOTIONS_MAX = 8 };
struct rotate_acceptance {
	const char *person, *path, *reason;
	int64_t until;
};
AM_RESULT rotate_accept(struct session *s, const struct session_key *k,
    const struct rotate_acceptance *a, uint32_t out[static ROTATE_MOTIONS_MAX],
    size_t *out_count);
/* ... and what of it can be refused before a key is asked for. */
AM_RESULT
rotate_accept_check(struct session *s, const struct rotate_acceptance *a);

#endif /* AM_ROTATE_H */
