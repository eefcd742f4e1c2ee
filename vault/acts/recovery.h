/*
 * recovery.h - what the level of a safe asks of its recovery committee, and
 * what of it there is (recovery_set of the policy, domain.md 3.1).
 *
 * Asked only where a policy is in force. Nothing is refused: what is missing is
 * told, until there is one or a quorum has waived it ("5.7 SAFE").
 */

#ifndef AM_RECOVERY_H
#define AM_RECOVERY_H

#include "vault/state/rows.h"

enum recovery_lack {
	RECOVERY_AS_ASKED, /* or nothing is asked */
	RECOVERY_NONE,
	RECOVERY_SMALL,  /* fewer people, or a smaller quorum */
	RECOVERY_SHARED, /* somebody is in the operating committee as well */
};

struct recovery {
	enum recovery_lack lack; /* the first that holds */
	uint8_t ask_k, ask_n;    /* ask_n 0: none is asked for */
	bool ask_disjoint;
	uint8_t k, n;
	bool planned; /* the next one is being set up */
	/* In both, where that is not to be; short ids. */
	size_t both_count;
	char both[ROWS_N_MAX][ROWS_ID_MAX + 1];
	bool waived; /* at the instant that was asked about */
};

/* Errors: those of the view. */
AM_RESULT recovery_look(const struct view *v, const struct rows_safe *safe,
    int64_t at, struct recovery *out);

#endif /* AM_RECOVERY_H */
