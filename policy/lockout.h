/*
 * lockout.h - who could lock a safe, who could open it, and when that changes
 * (domain.md 5). Exact for committees of up to 16: every subset is looked at.
 * Pure: everything that is known comes in as plain data.
 */

#ifndef AM_LOCKOUT_H
#define AM_LOCKOUT_H

#include "policy/quorum.h"

enum { LOCKOUT_SPANS_MAX = 16, LOCKOUT_TEXT_MAX = 64 };

struct lockout_span {
	int64_t from, until; /* half open; QUORUM_NO_END */
};

/* A custodian, as the vault knows them. */
struct lockout_person {
	char id[QUORUM_NAME_MAX + 1];
	struct quorum_person held; /* appointments, in force or to come */
	/* of each appointment, in the same order */
	struct lockout_order {
		char order[LOCKOUT_TEXT_MAX + 1]; /* its number */
		char post[QUORUM_NAME_MAX + 1];
		bool substantive;
	} orders[QUORUM_APPOINTMENTS_MAX];
	size_t absence_count;
	struct lockout_span absences[LOCKOUT_SPANS_MAX];
	bool out;     /* departed, suspended, or without a key that counts */
	bool unfit;   /* ... for that alone: keys, but none as the level asks */
	bool advised; /* all their keys are of models under advisory */
	int64_t proof_until; /* next proof; QUORUM_NO_END: none is asked */
	char token_model[LOCKOUT_TEXT_MAX + 1]; /* of the keys; "": unknown */
};

/* What the level asks for (levels.h). */
struct lockout_minima {
	uint8_t head_surplus, cut, durable_holders, eligible_per_group;
	int64_t durable_horizon; /* seconds */
};

struct lockout_case {
	size_t n;
	struct lockout_person people[QUORUM_PEOPLE_MAX];
	struct quorum_rule rule;
	char group_names[QUORUM_GROUPS_MAX][LOCKOUT_TEXT_MAX + 1];
	struct lockout_minima minima;
	/* Somebody who is no custodian may ask; else a custodian has to, who
	 * then does not count (R13.6). */
	bool outsider_asks;
	int64_t now, horizon; /* seconds after `now` */
};

/* ---- what is found. People are bits, bit i being people[i] of the case. */

enum {
	LOCKOUT_NOBODY = -1,
	LOCKOUT_NO_GROUP = -1,
	LOCKOUT_PAIRS_MAX = QUORUM_PEOPLE_MAX * (QUORUM_PEOPLE_MAX - 1) / 2,
	LOCKOUT_QUORUMS_MAX = 32, /* that are listed */
	LOCKOUT_FINDINGS_MAX = 16
};

/* What several people may lose at once. */
enum lockout_by {
	LOCKOUT_BY_ORDER,
	LOCKOUT_BY_END, /* the value is an instant, as when_text writes it */
	LOCKOUT_BY_EMPLOYER,
	LOCKOUT_BY_LINE,
	LOCKOUT_BY_SITE,
	LOCKOUT_BY_MODEL,    /* of token */
	LOCKOUT_BY_ADVISORY, /* the value is "advisory" */
	LOCKOUT_BYS
};

/* People whose loss leaves no quorum. `group`: one that cannot be filled
 * without them, or LOCKOUT_NO_GROUP. */
struct lockout_cut {
	uint16_t who;
	int group;
};

/* At `now`. A person is eligible, or stands in one of the others (the first
 * that holds, in this order): out, lapsed, absent, overdue. */
struct lockout_today {
	uint16_t eligible;
	uint16_t out, lapsed, absent, overdue; /* appointment; proof */
	bool possible;                         /* is there a quorum? */
	int surplus;                           /* may be below 0 */
	/* Smallest cut for an outside requester, 0: no quorum as it is; with
	 * person i asking, who then does not count; and the worst of them (of
	 * several the first by id), LOCKOUT_NOBODY without people. */
	unsigned cut, cut_asked[QUORUM_PEOPLE_MAX];
	int worst_asker;
	/* Single points of failure, and pairs that hold none of those; none
	 * of either if there is no quorum anyway. */
	size_t single_count, pair_count;
	struct lockout_cut singles[QUORUM_PEOPLE_MAX], pairs[LOCKOUT_PAIRS_MAX];
	/* Every quorum has rule.need people, so all are smallest ones. */
	size_t quorum_count;
	uint16_t quorums[LOCKOUT_QUORUMS_MAX]; /* the first of them */
	/* Eligible holders of each group's posts. */
	uint16_t holders[QUORUM_GROUPS_MAX];
	uint16_t durable; /* not out, with a substantive appointment in force
			     that outlasts the durable horizon, or none ever */
};

/* An instant at which something changes. Proofs are taken to be renewed: they
 * count today and not in the calendar. */
struct lockout_point {
	int64_t at;
	uint16_t eligible;
	uint16_t ending; /* an appointment of theirs ends here */
	bool possible;
	int surplus;
	unsigned cut; /* judged as the minimum is: see cut_judged */
};

/*
 * A value that two or more eligible people share at `now`. The event that it
 * stands for takes away: with an order or an end date the appointments that
 * have it, and those people who have no other; else everybody who has it.
 */
struct lockout_cause {
	enum lockout_by by;
	char value[LOCKOUT_TEXT_MAX + 1];
	uint16_t sharing, lost; /* of the eligible; lost is in sharing */
	bool left;              /* is there a quorum without them? */
};

/* One employer, line or site (by) whose people are enough. */
struct lockout_ring {
	enum lockout_by by;
	char value[LOCKOUT_TEXT_MAX + 1];
	uint16_t who;
	size_t quorum_count; /* that lie within */
};

/* What is below the minima, or a loss of quorum: any of these is a risk. */
enum lockout_kind {
	/* `who`: those who are missing today, for whatever reason */
	LOCKOUT_NO_QUORUM,
	/* `is` eligible people above need, `least` asked */
	LOCKOUT_LOW_SURPLUS,
	/* smallest cut `is`, `least` asked; `asker`: with that person asking,
	 * or LOCKOUT_NOBODY; `who`: a cut of that size, `group`: as there */
	LOCKOUT_LOW_CUT,
	/* `is` durable holders (`who`), `least` asked */
	LOCKOUT_FEW_DURABLE,
	/* `group` has `is` eligible holders (`who`), `least` asked */
	LOCKOUT_FEW_IN_GROUP,
	/* the same at a later instant, when all is well until then, and before
	 * the loss of quorum if there is one; `who`: those who are eligible
	 * just before and not then */
	LOCKOUT_NO_QUORUM_LATER,
	LOCKOUT_LOW_SURPLUS_LATER,
	LOCKOUT_LOW_CUT_LATER
};

struct lockout_finding {
	enum lockout_kind kind;
	int64_t at; /* `now`, or the later instant */
	uint16_t who;
	int group, asker, is, least;
};

struct lockout {
	struct lockout_today today;
	/* The calendar: points[0] is `now`. The positions of the first that is
	 * below a minimum and the first without quorum; point_count: none. */
	size_t point_count, first_surplus, first_cut, first_none;
	struct lockout_point *points;
	size_t cause_count, ring_count; /* in the order of by, then value */
	struct lockout_cause *causes;
	struct lockout_ring *rings;
	size_t finding_count;
	struct lockout_finding findings[LOCKOUT_FINDINGS_MAX];
};

void lockout_free(struct lockout *l);

static inline void
lockout_cleanup(struct lockout **l)
{
	lockout_free(*l);
}
#define lockout_auto AM_CLEANUP(lockout_cleanup) struct lockout

/*
 * `lockout_analyze` finds all of it. Errors: AM_ERR_INVALID (more people,
 * appointments, absences, groups or caps than there may be; a horizon below 0),
 * AM_ERR_NOMEM. A case is large: keep it off the stack.
 */
AM_RESULT lockout_analyze(const struct lockout_case *c, struct lockout **out);

/* Puts the people of a case in the order of their ids, so that the same people
 * in another order give the same output. */
void lockout_sort(struct lockout_case *c);

/* What if: these people are out. */
void lockout_without(struct lockout_case *c, uint16_t who);

/*
 * `lockout_fail`: what if this happens (lockout_cause), now or at any time
 * ahead? Returns those who lose anything; 0 if nobody has the value. An end
 * may be a bare date (when_end).
 */
uint16_t
lockout_fail(struct lockout_case *c, enum lockout_by by, const char *value);

/* "order", "end-date", "employer", "line", "site", "token-model", "token"; and
 * back, or -1. */
const char *lockout_by_name(enum lockout_by by);
int lockout_find_by(const char *name);

/* How many appointments end at `at`, and the order number that all of these
 * have in common, NULL if there is none; lent by the case. */
size_t
lockout_ending(const struct lockout_case *c, int64_t at, const char **order);

#endif /* AM_LOCKOUT_H */
