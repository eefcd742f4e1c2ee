#include "vault/acts/limits.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* The last is the strictest. */
static const struct limits levels[] = {
	{ "baseline", 24 * HOUR, 24 * HOUR, 7 * DAY, 30 * DAY, LIMITS_NONE },
	{ "intermediate", 4 * HOUR, 4 * HOUR, 3 * DAY, 7 * DAY, 30 * DAY },
	{ "enhanced", HOUR, HOUR, DAY, 3 * DAY, 3 * DAY },
	{ "maximum", HOUR, 0, DAY, DAY, DAY },
};

const struct limits *
limits_of(const char *level)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(levels); i++)
		if (strcmp(levels[i].level, level) == 0)
			return &levels[i];
	return &levels[AM_ARRAY_LEN(levels) - 1];
}
