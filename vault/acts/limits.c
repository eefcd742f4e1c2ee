#include "vault/acts/limits.h"
#include "vault/state/inforce.h"

#define HOURS(n) ((int64_t)(n)*3600)
#define DAYS(n)  (24 * HOURS(n))

/* The last is the strictest. */
static const struct limits levels[] = {
	{ "baseline",
	    { .quorum_k = 2,
		.n_min = 3,
		.head_surplus_min = 1,
		.cut_min = 1,
		.durable_holders_min = 1,
		.eligible_per_required_post = 1,
		.durable_horizon = DAYS(90),
		.depart_suspend = HOURS(24),
		.depart_suspend_for_cause = HOURS(24),
		.depart_reshare = DAYS(7),
		.depart_rotate = DAYS(30),
		.rotate_after_open = LIMITS_NONE,
		.liveness_interval = DAYS(6 * 31),
		.drill_interval = DAYS(12 * 31),
		.access_review = DAYS(12 * 31),
		.breach_first = HOURS(24),
		.breach_detail = HOURS(72),
		.breach_final = DAYS(30) },
	    LIMITS_NONE },
	{ "intermediate",
	    { .quorum_k = 2,
		.n_min = 4,
		.head_surplus_min = 2,
		.cut_min = 2,
		.durable_holders_min = 2,
		.eligible_per_required_post = 2,
		.durable_horizon = DAYS(90),
		.depart_suspend = HOURS(4),
		.depart_suspend_for_cause = HOURS(4),
		.depart_reshare = DAYS(3),
		.depart_rotate = DAYS(7),
		.rotate_after_open = DAYS(30),
		.liveness_interval = DAYS(3 * 31),
		.drill_interval = DAYS(6 * 31),
		.access_review = DAYS(3 * 31),
		.breach_first = HOURS(24),
		.breach_detail = HOURS(72),
		.breach_final = DAYS(30) },
	    LIMITS_NONE },
	{ "enhanced",
	    { .quorum_k = 3,
		.n_min = 5,
		.head_surplus_min = 2,
		.cut_min = 2,
		.durable_holders_min = 3,
		.eligible_per_required_post = 2,
		.durable_horizon = DAYS(90),
		.depart_suspend = HOURS(1),
		.depart_suspend_for_cause = HOURS(1),
		.depart_reshare = DAYS(1),
		.depart_rotate = DAYS(3),
		.rotate_after_open = DAYS(3),
		.liveness_interval = DAYS(3 * 31),
		.drill_interval = DAYS(3 * 31),
		.access_review = DAYS(31),
		.breach_first = HOURS(4),
		.breach_detail = HOURS(72),
		.breach_final = DAYS(30) },
	    HOURS(24) },
	{ "maximum",
	    { .quorum_k = 4,
		.n_min = 7,
		.head_surplus_min = 3,
		.cut_min = 2,
		.durable_holders_min = 4,
		.eligible_per_required_post = 2,
		.durable_horizon = DAYS(90),
		.depart_suspend = HOURS(1),
		.depart_suspend_for_cause = 0,
		.depart_reshare = DAYS(1),
		.depart_rotate = DAYS(1),
		.rotate_after_open = DAYS(1),
		.liveness_interval = DAYS(31),
		.drill_interval = DAYS(3 * 31),
		.access_review = DAYS(31),
		.breach_first = HOURS(1),
		.breach_detail = HOURS(24),
		.breach_final = DAYS(30) },
	    HOURS(24) },
};

AM_RESULT
limits_of(const struct view *v, const char *level, struct limits *out)
{
	struct rows_level is = { 0 };
	enum am_err err = AM_ERR_NOT_FOUND;

	*out = levels[levels_held_to(level)];
	if (v != NULL)
		err = inforce_level(v, level, &is);
	if (err == AM_OK)
		out->is = is;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}
