/*
 * limits.h - how long what is owed may take, by the level of a safe.
 *
 * Built in until rules are read from policy: the values of policy/levels.yaml
 * of this version (depart_suspend, depart_suspend_for_cause, depart_reshare,
 * depart_rotate, rotate_after_open), which are those of the published
 * baselines named there. How long a lost key may be out of sight and still come
 * back into use (lift_key) is of domain.md, scenario 7.
 */

#ifndef AM_LIMITS_H
#define AM_LIMITS_H

#include "vault/base/am.h"

/* Seconds; LIMITS_NONE: no limit of this kind. */
enum { LIMITS_NONE = -1 };
struct limits {
	const char *level;
	int64_t depart_suspend, depart_suspend_for_cause; /* dismissals */
	int64_t depart_reshare, depart_rotate;            /* since it was due */
	int64_t rotate_after_open, lift_key;
};

/* Never NULL: a level that is not known has the strictest limits. */
const struct limits *limits_of(const char *level);

#endif /* AM_LIMITS_H */
