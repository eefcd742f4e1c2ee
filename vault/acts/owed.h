/*
 * owed.h - how the change of a committee stands, and which step of it a person
 * owes (protocol.md 5.3, 5.6, 5.7). Reads the tables, decides nothing.
 */

#ifndef AM_OWED_H
#define AM_OWED_H

#include "vault/base/am.h"
#include "vault/state/rows.h"
#include "vault/state/view.h"

/* What becomes of the newest plan of a committee. */
enum owed_state {
	OWED_UNPLANNED, /* there was none */
	OWED_OPEN,
	OWED_ACTIVE,
	OWED_EXPIRED,  /* its time is over */
	OWED_DISPUTED, /* void by a complaint */
	OWED_ABORTED,
	OWED_OVERTAKEN, /* another plan became active first (R13.15) */
};

struct owed_plan {
	enum owed_state state;
	struct rows_plan plan;           /* unless unplanned */
	struct rows_complaint complaint; /* when disputed */
};

/* `owed_plan_of` reads the newest plan of `committee` of a safe as of `now`. */
AM_RESULT owed_plan_of(const struct view *v, const struct rows_safe *s,
    uint8_t committee, int64_t now, struct owed_plan *out);

/* `owed_plan_before` goes on to the plan before `p`, of the same committee.
 * Errors: AM_ERR_NOT_FOUND (it was the first one). */
AM_RESULT owed_plan_before(const struct view *v, const struct rows_safe *s,
    const struct rows_plan *p, int64_t now, struct owed_plan *out);

/* In the order in which they are asked for. */
enum owed_step {
	OWED_JUSTIFY, /* somebody complained about this dealer's deal */
	OWED_JOIN,
	OWED_DEAL,
	OWED_ACCEPT,
	OWED_ERASE,  /* the share of an epoch that is over */
	OWED_WAIT,   /* takes part, others have to act first */
	OWED_LAPSED, /* took part in a plan that came to nothing */
	OWED_DONE,   /* the plan is active */
	OWED_NONE,
};

struct owed {
	enum owed_step step;
	uint8_t committee;
	struct owed_plan plan; /* the newest, or the one that is disputed */
	struct rows_manifest
	    old; /* when a share is to be erased: of that epoch */
};

/* `owed_by` is what `person` owes now in one committee of a safe, and
 * `owed_first` in either, what comes first. */
AM_RESULT
owed_by(const struct view *v, const struct rows_safe *s, uint8_t committee,
    const uint8_t person[static 16], int64_t now, struct owed *out);
AM_RESULT owed_first(const struct view *v, const struct rows_safe *s,
    const uint8_t person[static 16], int64_t now, struct owed *out);

/* The step of an open plan that a person owes: join, deal, accept, wait; or
 * none. */
enum owed_step
owed_step_of(const struct rows_plan *p, const uint8_t person[static 16]);

/*
 * `owed_epoch` reads an epoch of a committee that was in force, and who of it
 * has said that the share was erased: bit i, member i.
 * Errors: AM_ERR_NOT_FOUND (its plan came to nothing).
 */
AM_RESULT
owed_epoch(const struct view *v, const struct rows_safe *s, uint8_t committee,
    uint32_t epoch, struct rows_manifest *out, uint16_t *out_erased);

/*
 * `owed_erasure` finds an epoch of the committee that is over, of which
 * `person` has not said that the share was erased.
 * Errors: AM_ERR_NOT_FOUND.
 */
AM_RESULT
owed_erasure(const struct view *v, const struct rows_safe *s, uint8_t committee,
    const uint8_t person[static 16], struct rows_manifest *out);

static inline bool
owed_is_setup(const struct rows_plan *p)
{
	return p->source_committee == 0;
}

#endif /* AM_OWED_H */
