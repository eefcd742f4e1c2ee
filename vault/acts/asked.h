/*
 * asked.h - what the levels of a person's safes ask of that person's dates:
 * of several safes the strictest.
 */

#ifndef AM_ASKED_H
#define AM_ASKED_H

#include "vault/state/rows.h"

/* Seconds; LIMITS_NONE where nothing is asked, as where no policy is in force
 * (limits.h). */
struct asked {
	/* Of the operating committees that the person is in. */
	int64_t appointment_confirm, acceptance_renew;
	/* Of those, and of all that the person was ever in: who moves keeps
	 * what they know. */
	int64_t transfer_review;
};

/* `safes`: how many the vault has. Errors: those of the view. */
AM_RESULT asked_of(const struct view *v, uint32_t safes,
    const uint8_t person[static 16], struct asked *out);

#endif /* AM_ASKED_H */
