/*
 * health.h - how a committee stands: who could act now, who could not and why,
 * and how many more losses it bears (domain.md, invariant 3).
 *
 * Facts are reported, never refused: an overdue proof does not void an
 * approval, for a working key is itself a proof; it is not counted on.
 */

#ifndef AM_HEALTH_H
#define AM_HEALTH_H

#include "vault/state/rows.h"

/* Why somebody is not counted on. The first that holds is shown. */
enum health_standing {
	HEALTH_ELIGIBLE,
	HEALTH_DEPARTED,  /* a departure is recorded */
	HEALTH_SUSPENDED, /* the person is */
	HEALTH_KEY_LOST,  /* every key is suspended */
	HEALTH_NO_KEY,    /* no key is active */
	HEALTH_UNPOSTED,  /* the last appointment has ended */
	HEALTH_ABSENT,    /* recorded absent */
	HEALTH_OVERDUE,   /* no proof within the level's interval */
};

struct health_member {
	/* what is known */
	uint32_t index;
	uint8_t person[16];
	char id[ROWS_ID_MAX + 1];
	bool departed, suspended;
	unsigned keys,
	    keys_suspended; /* active keys; those of them suspended */
	int64_t proven_at;  /* to hold this share; 0: never */
	bool unposted, absent;
	int64_t posted_until; /* the last end of what is held now; 0: none */
	/* what follows */
	enum health_standing standing;
	int64_t due; /* when the next proof is */
};

enum health_end {
	HEALTH_NO_END,
	HEALTH_END_PROOF,
	HEALTH_END_PLAN,
	HEALTH_END_TERM /* an appointment's */
};

struct health {
	/* what is known */
	uint8_t committee, k, n;
	int64_t interval;   /* between proofs */
	int64_t plan_until; /* of a ceremony under way; 0: none */
	struct health_member members[ROWS_N_MAX];
	struct rows_drill drill; /* the latest; number 0: none yet */
	unsigned proved;         /* in it */
	/* what follows */
	unsigned eligible;
	bool possible;   /* a quorum is */
	unsigned losses; /* more of them that can be borne */
	bool tight;      /* every eligible one could block alone */
	enum health_end end_kind;
	int64_t end;    /* the next date on which this changes; 0: none */
	size_t end_who; /* position of the member whose proof or term it is */
};

/* "eligible", "departed", ... as printed. */
const char *health_standing_name(enum health_standing s);

/* What follows from what is known, at an instant. Pure. */
void health_judge(struct health *h, int64_t now);

/*
 * `health_of` reads a committee of a safe from the tables and judges it.
 * Errors: AM_ERR_NOT_FOUND (no such committee is active).
 */
AM_RESULT health_of(const struct view *v, const struct rows_safe *safe,
    uint8_t committee, int64_t now, struct health *out);

/* The latest drill of a committee of a safe. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT health_last_drill(const struct view *v, const uint8_t safe[static 16],
    uint8_t committee, struct rows_drill *out);

#endif /* AM_HEALTH_H */
