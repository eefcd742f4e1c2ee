/*
 * approve.h - what an official is shown, and the two answers: approve and
 * decline (protocol.md 4.2).
 */

#ifndef AM_APPROVE_H
#define AM_APPROVE_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/base/words.h"
#include "vault/state/incident.h"
#include "vault/state/predicate.h"

/* A request as its approvers see it. Free with approve_view_free. */
struct approve_view {
	struct rows_request request; /* approvals: those that count */
	/* ... and those that do not: a person or a key is suspended since, or an
	 * appointment has ended. */
	struct rows_approval voided[ROWS_N_MAX];
	size_t voided_count;
	struct rows_record record;
	struct rows_safe safe;
	struct rows_person by;
	struct rows_manifest manifest;
	enum incident_hold hold; /* a freeze stops it: i-`held_by` */
	uint32_t held_by;
	struct predicate standing; /* the rule, laid over them now */
	struct statement asked;    /* body: why, ref */
	struct bytes why, ref;     /* lent from `asked` */
	char words[WORDS_TEXT_MAX];
	char path[ROWS_ID_MAX + ROWS_TITLE_MAX + 2]; /* SAFE/NAME */
};

void approve_view_free(struct approve_view *v);
#define approve_view_auto AM_CLEANUP(approve_view_free) struct approve_view

/*
 * `approve_look` loads request `id` and checks before it is shown: request
 * and seal stand in the log under the verified head, both signatures hold,
 * and the sealed header's proof holds with U from the seal itself.
 * Errors: AM_ERR_NOT_FOUND; AM_ERR_VERIFY.
 */
AM_RESULT
approve_look(struct session *s, const char *id, struct approve_view *out);

/* Two touches: unlock the share, sign. */
AM_RESULT approve_request(struct session *s, const struct session_key *k,
    const struct approve_view *v);

/* One touch. */
AM_RESULT approve_decline(struct session *s, const struct session_key *k,
    const struct approve_view *v, const char *reason);

#endif /* AM_APPROVE_H */
