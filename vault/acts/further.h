/*
 * further.h - the further keys of a person: a slot in every key bag that is in
 * force, so that each of the keys opens all of them (protocol.md 6.2 step 7,
 * R6.6).
 */

#ifndef AM_FURTHER_H
#define AM_FURTHER_H

#include "vault/acts/keys.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

enum { FURTHER_BAGS_MAX = 32 };

/* The bags of a person: the identity, and one for each committee in force. */
struct further {
	size_t count;
	struct further_bag {
		struct keys_bag bag;
		uint8_t manifest[32];     /* of a member bag */
		char of[ROWS_ID_MAX + 1]; /* safe; "": the identity */
		struct blob file; /* with the new slot, not written yet */
	} bags[FURTHER_BAGS_MAX];
};

void further_free(struct further *f);
#define further_auto AM_CLEANUP(further_free) struct further

/* Errors: AM_ERR_POLICY (more than FURTHER_BAGS_MAX). */
AM_RESULT further_list(
    struct session *s, const uint8_t person[static 16], struct further *out);

/*
 * `further_prepare` opens with key `by` each bag that has no slot of `added`
 * and makes one: two touches a bag, one of each key. *out_count says how many.
 * Nothing is written before `further_write`.
 */
AM_RESULT further_prepare(struct session *s, struct further *f,
    const struct session_key *by, const struct session_key *added,
    size_t *out_count);
AM_RESULT further_write(struct session *s, struct further *f);

/*
 * `further_slot` is for two enrolled keys of one person, in either order:
 * every bag that one of them opens is afterwards opened by both. After a
 * change of a committee the new bag has a slot of the key that was in hand.
 */
AM_RESULT further_slot(struct session *s,
    const struct session_key pair[static 2], size_t *out_count);

#endif /* AM_FURTHER_H */
