#include "vault/state/inforce.h"

AM_RESULT
inforce_of(const struct view *v, const struct rows_vault *vault,
    struct rows_policy *out)
{
	static const uint8_t none[32];

	if (bytes_same((struct bytes){ vault->policy, 32 },
		(struct bytes){ none, 32 }))
		return AM_ERR_NOT_FOUND;
	AM_TRY(rows_get_policy(v, (struct bytes){ vault->policy, 32 }, out));
	return out->level_count == LEVELS_COUNT &&
		out->class_count == LEVELS_CLASSES
	    ? AM_OK
	    : AM_ERR_CORRUPT;
}

AM_RESULT
inforce_policy(const struct view *v, struct rows_policy *out)
{
	struct rows_vault vault;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	return inforce_of(v, &vault, out);
}

AM_RESULT
inforce_level(const struct view *v, const char *level, struct rows_level *out)
{
	struct rows_policy policy;

	AM_TRY(inforce_policy(v, &policy));
	*out = policy.levels[levels_held_to(level)];
	return AM_OK;
}
