/*
 * limits.h - what a level asks of its safes: sizes, and how long what is owed
 * may take.
 *
 * The values of the policy in force. Until a quorum has put one in force those
 * of the file that is shipped (policy/levels.yaml), which stand here once more
 * so that no file is read for them; tests/unit/test_limits.c compares the two.
 * What is asked only of a policy in force does not (inforce.h).
 * How long a lost key may be out of sight and still come back into use
 * (lift_key) is of domain.md, scenario 7, and no policy changes it.
 */

#ifndef AM_LIMITS_H
#define AM_LIMITS_H

#include "vault/state/rows.h"

/* Seconds; LIMITS_NONE: no limit of this kind. */
enum { LIMITS_NONE = LEVELS_NONE };
struct limits {
	const char *level;
	struct rows_level is;
	int64_t lift_key;
};

/* A level that is not known has what the strictest one has. `v` NULL: as
 * shipped. Errors: those of the view. */
AM_RESULT
limits_of(const struct view *v, const char *level, struct limits *out);

#endif /* AM_LIMITS_H */
