/*
 * custody.h - what the levels of a person's safes ask of that person's dates:
 * of several safes the strictest.
 */

#ifndef AM_CUSTODY_H
#define AM_CUSTODY_H

#include "vault/state/rows.h"

/* Seconds; LIMITS_NONE where nothing is asked, as where no policy is in force
 * (limits.h). */
struct custody_asks {
	/* Of the operating committees that the person is in. */
	int64_t appointment_confirm, acceptance_renew;
	/* Of those, and of all that the person was ever in: who moves keeps
	 * what they know. */
	int64_t transfer_review;
};

/* `safes`: how many the vault has. Errors: those of the view. */
AM_RESULT custody_asks(const struct view *v, uint32_t safes,
    const uint8_t person[static 16], struct custody_asks *out);

#endif /* AM_CUSTODY_H */
