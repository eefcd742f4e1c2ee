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
	bool out;            /* departed, suspended, or without a key */
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

#endif /* AM_LOCKOUT_H */
