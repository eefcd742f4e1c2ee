#include "vault/acts/limits.h"

#define HOURS(n) ((int64_t)(n)*3600)
#define DAYS(n)  (24 * HOURS(n))

/* The last is the strictest. */
static const struct limits levels[] = {
	{ "baseline", HOURS(24), HOURS(24), DAYS(7), DAYS(30), LIMITS_NONE,
	    LIMITS_NONE },
	{ "intermediate", HOURS(4), HOURS(4), DAYS(3), DAYS(7), DAYS(30),
	    LIMITS_NONE },
	{ "enhanced", HOURS(1), HOURS(1), DAYS(1), DAYS(3), DAYS(3),
	    HOURS(24) },
	{ "maximum", HOURS(1), 0, DAYS(1), DAYS(1), DAYS(1), HOURS(24) },
};

const struct limits *
limits_of(const char *level)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(levels); i++)
		if (strcmp(levels[i].level, level) == 0)
			return &levels[i];
	return &levels[AM_ARRAY_LEN(levels) - 1];
}
