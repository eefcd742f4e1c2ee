/*
 * asked.h - what the levels of a person's safes ask of that person's dates:
 * of several safes the strictest.
 *
 * `due` asks for everybody in turn, so the safes are read once and then looked
 * through in memory.
 */

#ifndef AM_ASKED_H
#define AM_ASKED_H

#include "vault/state/rows.h"

/* The safes for which a policy in force asks; of one snapshot. */
struct asked_safes {
	struct blob all; /* as asked.c lays them out */
};
#define asked_safes_auto AM_CLEANUP(asked_safes_free) struct asked_safes
void asked_safes_free(struct asked_safes *s);

/* `safes`: how many the vault has. Errors: those of the view. */
AM_RESULT
asked_read(const struct view *v, uint32_t safes, struct asked_safes *out);

/* Seconds; LIMITS_NONE where nothing is asked, as where no policy is in force
 * (limits.h). Of the operating committees that the person is in. */
struct asked {
	int64_t appointment_confirm, acceptance_renew;
};
void asked_of(const struct asked_safes *s, const uint8_t person[static 16],
    struct asked *out);

/* Of those, and of all that the person was ever in: who moves keeps what they
 * know. Errors: those of the view. */
AM_RESULT asked_of_mover(const struct asked_safes *s, const struct view *v,
    const uint8_t person[static 16], int64_t *out);

#endif /* AM_ASKED_H */
