/*
 * missing.h - what a request still needs, and who could give it.
 */

#ifndef AM_MISSING_H
#define AM_MISSING_H

#include "vault/acts/approve.h"

enum missing_part {
	MISSING_COULD, /* approve now */
	MISSING_LATER, /* once the cool-off is over */
	MISSING_APPROVED,
	MISSING_DECLINED,
	MISSING_ASKER,    /* nobody approves their own request */
	MISSING_OUT,      /* departed, suspended or without a key */
	MISSING_UNFIT,    /* no key is as the level asks (R6.3) */
	MISSING_UNPOSTED, /* the last appointment has ended */
	MISSING_ABSENT,
	MISSING_OTHERS_FIRST, /* R4.4: one of a required post is needed */
};

/* A custodian of the committee that was asked. */
struct missing_person {
	char id[ROWS_ID_MAX + 1];
	enum missing_part part;
	uint8_t groups; /* bit i: holds a post of group i of the rules now */
};

struct missing {
	unsigned have, need; /* approvals */
	bool enough;         /* the rule holds */
	int64_t cooloff_end; /* 0: over, or none */
	unsigned
	    unfilled; /* places of required posts, one person filling one */
	size_t group_count, person_count;
	struct missing_group {
		unsigned count,
		    have;        /* `have`: of those who approved, at most */
		char posts[256]; /* "legal or outside" */
	} groups[QUORUM_GROUPS_MAX];
	struct missing_person people[ROWS_N_MAX];
};

/* How a request stands at an instant. */
AM_RESULT missing_of(const struct view *v, const struct rows_request *q,
    const struct rows_manifest *m, int64_t now, struct missing *out);

/* "1 of legal or outside" for each group that is not filled, and what is left
 * open because somebody who holds several posts fills one place; "": none. */
AM_RESULT missing_groups(const struct missing *m, struct blob *out);

/* The same of a request that is shown. */
AM_RESULT missing_posts(
    struct session *s, const struct approve_view *v, struct blob *out);

#endif /* AM_MISSING_H */
