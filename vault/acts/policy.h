/*
 * policy.h - the policy in force, and the rules of a safe that follow from it
 * (domain.md 4, O-1, A-3; protocol.md R13.4).
 *
 * A policy file speaks of wings; the rules of a safe speak of posts, so that
 * the verifier needs no file to judge an opening. Binding a safe to its level
 * turns one into the other, once; both are decided by a quorum.
 */

#ifndef AM_POLICY_H
#define AM_POLICY_H

#include "policy/levels.h"
#include "vault/acts/motion.h"

/*
 * `policy_in_force` reads the file that the log has in force; `text` may be
 * NULL. Errors: AM_ERR_NOT_FOUND (none is), AM_ERR_CORRUPT.
 */
AM_RESULT
policy_in_force(struct session *s, struct blob *text, struct levels *out);

/* The same of the one that was put in force by that motion. */
AM_RESULT policy_by(struct session *s, const uint8_t motion[static 32],
    struct blob *text, struct levels *out);

/* The file of a motion that would put it in force. */
AM_RESULT
policy_of_motion(struct session *s, const struct motion_view *v,
    struct blob *text, struct levels *out);

/* A waiver, "A-3 enhanced.quorum_k", is in force now. */
AM_RESULT policy_is_waived(struct session *s, const char *rule, bool *out);

/* One touch. The file has been read by levels_read. */
AM_RESULT policy_propose(struct session *s, const struct session_key *k,
    struct bytes file, const char *why, struct motion_view *out);

struct policy_wish {
	const char *safe;
	const char *owner; /* wing whose data it is */
	const char *why;
};

/* The rules that the level of the safe asks for. Errors: AM_ERR_INCOMPLETE
 * with a sentence: a required group has no post yet; AM_ERR_POLICY: the
 * committee is too small for them. */
AM_RESULT policy_rules(struct session *s, const struct policy_wish *w,
    struct rows_safe *safe, struct rows_rules *out);
/* One touch. */
AM_RESULT policy_bind(struct session *s, const struct session_key *k,
    const struct policy_wish *w, struct motion_view *out);

#endif /* AM_POLICY_H */
