/*
 * suspend.h - a key or a person at once out of force, by anyone; in force again,
 * or out of it for good, by others (protocol.md 5.9; R5.13, R5.14, R13.8).
 */

#ifndef AM_SUSPEND_H
#define AM_SUSPEND_H

#include "vault/acts/motion.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

/* A key with its owner, or a person. */
struct suspend_subject {
	bool is_key;
	struct rows_token key;
	struct rows_person person;
	char name[ROWS_TITLE_MAX + 16]; /* "key 'blue'", "'audit'" */
};

/* By label, or else by the short id of a person; one is NULL.
 * Errors: AM_ERR_NOT_FOUND. */
AM_RESULT suspend_find(struct session *s, const char *label, const char *person,
    struct suspend_subject *out);

/* One touch: from now on it signs nothing. */
AM_RESULT suspend_now(struct session *s, const struct session_key *k,
    const struct suspend_subject *what, const char *why);

/*
 * `suspend_check_lift`, before a key is asked for: a lost key of a custodian of
 * a safe of level enhanced or maximum that was suspended for more than 24 hours
 * comes back as a new one only. Errors: AM_ERR_POLICY.
 */
AM_RESULT
suspend_check_lift(struct session *s, const struct suspend_subject *what);

/* One touch: the motion to lift the suspension ("resume") or to confirm it
 * ("confirm"). */
AM_RESULT suspend_move(struct session *s, const struct session_key *k,
    const struct suspend_subject *what, const char *act, const char *why,
    struct motion_view *out);

/* One touch: a key is retired, for good. `receipt` (may be ""): where it went. */
AM_RESULT suspend_retire(struct session *s, const struct session_key *k,
    const struct suspend_subject *what, const char *why, const char *receipt);

#endif /* AM_SUSPEND_H */
