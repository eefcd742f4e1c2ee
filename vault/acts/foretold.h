/*
 * foretold.h - a departure that is sealed until its day (domain.md 3.1): a
 * dismissal is decided and proven to be before anybody is told whose it is. It
 * has no effect until somebody records the departure from it, on the day; rules
 * in vault/state/quiet.h.
 */

#ifndef AM_FORETOLD_H
#define AM_FORETOLD_H

#include "vault/acts/delayed.h"
#include "vault/acts/depart.h"
#include "vault/acts/due.h"

/* Free with foretold_free (`foretold_auto`). */
struct foretold {
	char id[16];
	struct rows_quiet row;
	char by[ROWS_ID_MAX + 1];
	struct delayed sealed;
	/* Once it is shown. */
	char person[ROWS_ID_MAX + 1], kind[ROWS_ID_MAX + 1];
	struct blob reason;
	struct depart_wish wish; /* lends them; person NULL: no departure */
};
void foretold_free(struct foretold *f);
#define foretold_auto AM_CLEANUP(foretold_free) struct foretold

/* What can be refused before a key is asked for: what depart_check does, and a
 * day that is none. */
AM_RESULT foretold_check(struct session *s, const struct depart_wish *w);

/* One touch: the departure is sealed until it is effective. *out: its number,
 * as in "q-7". */
AM_RESULT foretold_seal(struct session *s, const struct session_key *k,
    const struct depart_wish *w, uint32_t *out);

/* "q-7", as it is now. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT
foretold_find(struct session *s, const char *id, struct foretold *out);

/* Its departure can be recorded: `wish` is there. Errors: AM_ERR_POLICY (its
 * time has not come), AM_ERR_EXISTS (it is), AM_ERR_INCOMPLETE (its text is
 * lost). */
AM_RESULT foretold_check_told(struct session *s, const struct foretold *f);

/* One touch: nothing follows from it. */
AM_RESULT foretold_withdraw(
    struct session *s, const struct session_key *k, const struct foretold *f);

/* Departures to be recorded. */
due_source foretold_due;

#endif /* AM_FORETOLD_H */
