/*
 * replan.h - planning the next committee of a safe, operating or recovery: a
 * departure, an arrival, another quorum, a refresh (protocol.md 5.3, 5.5, 5.7).
 * Everything that the rules refuse is refused before a key is asked for.
 */

#ifndef AM_REPLAN_H
#define AM_REPLAN_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

struct replan_wish {
	const char *safe;
	const char *const *custodians; /* short ids; none: those of now */
	size_t count;
	const char *const *dealers; /* none: chosen among those who can */
	size_t dealer_count;
	uint32_t quorum;    /* 0: that of now */
	bool recovery;      /* the recovery committee, not the operating one */
	bool from_recovery; /* which deals when the operating one is lost */
	int64_t span;       /* seconds it may take; 0: a week after the time for
		       * objections that the rules of the safe give */
	const char *why;
};

/* A step on the way to a committee that cannot be reached at once (R13.17). */
struct replan_batch {
	bool recovery, from_recovery;
	uint8_t k;
	size_t n;
	uint8_t person[ROWS_N_MAX][16];
};

enum { REPLAN_BATCHES_MAX = 12 };

struct replan {
	struct rows_safe safe;
	struct rows_plan plan; /* as it will be stated */
	uint32_t source_epoch;
	bool is_new;  /* the committee does not exist yet */
	bool refresh; /* same people, same quorum */
	uint8_t old_k;
	/* Of those who are there now: who is not in the plan, and who deals
	 * (bits of plan.dealers) without staying. */
	size_t leaver_count;
	uint8_t leavers[ROWS_N_MAX][16];
	size_t newcomer_count;
	uint8_t newcomers[ROWS_N_MAX][16];
	/* Persons of both committees, which should be other people (5.1). */
	size_t both_count;
	uint8_t both[ROWS_N_MAX][16];
	/* Set with the refusal of R13.17: what to do instead, in order. */
	size_t batch_count;
	struct replan_batch batches[REPLAN_BATCHES_MAX];
};

/*
 * `replan_propose` finds members, quorum and dealers, and has the rules judge
 * the plan. Errors, each with rule and next step: AM_ERR_POLICY (R5.1, R13.17
 * with out->batches, V14, V22, a change under way), AM_ERR_QUORUM (fewer than k
 * who can deal), AM_ERR_NOT_FOUND (a name), AM_ERR_INVALID.
 */
AM_RESULT replan_propose(
    struct session *s, const struct replan_wish *w, struct replan *out);

/* Posts the plan: one touch. */
AM_RESULT replan_post(struct session *s, const struct session_key *k,
    const struct replan_wish *w, const struct replan *p);

#endif /* AM_REPLAN_H */
