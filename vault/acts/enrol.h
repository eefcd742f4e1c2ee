/*
 * enrol.h - how people and their keys come into a vault: founding, persons,
 * enrolment (protocol.md 6.2, 7.3).
 */

#ifndef AM_ENROL_H
#define AM_ENROL_H

#include "vault/acts/motion.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

struct enrol_vault {
	const char *dir;
	const char *name; /* of the vault, for people */
	const char *rpid; /* a host name; fixed for ever */
	bool evaluation;
	const char *founder; /* short id */
	const char *founder_name;
};

/*
 * `enrol_found` makes a vault: host keys, the founder's token and identity,
 * and the first statements. Nine touches. Half a vault is never left: the
 * directory becomes one only when all is durable.
 * Errors: AM_ERR_EXISTS, AM_ERR_INVALID (names), AM_ERR_TOKEN, ...
 */
AM_RESULT enrol_found(const struct enrol_vault *v,
    const struct session_env *env, struct why *why);

/* `enrol_person` posts `person` and its register entry. Two touches of `k`. */
struct enrol_wish {
	const char *id, *name, *kind;
	const char *sponsor; /* of a contractor: who answers for them */
	int64_t until;       /* of a contractor: the end of the contract */
};
AM_RESULT enrol_person(
    struct session *s, const struct session_key *k, const struct enrol_wish *w);

/* Until the first safe is active the founder's motions take effect at once;
 * afterwards its custodians vote (R13.20). */
bool enrol_is_founding(const struct session *s);

struct enrol_key {
	const char *label; /* what is written on it */
	const char *why;   /* what its voters are told */
};

/*
 * `enrol_first` enrols the first key of a person and moves that both are
 * admitted. The new key answers seven touches, the mover's one; the
 * statements are posted together.
 *	fresh   the new key, not enrolled yet
 *	out     the motion as it stands, in effect while founding
 */
AM_RESULT enrol_first(struct session *s, const struct session_key *mover,
    struct token *fresh, const struct rows_person *who,
    const struct enrol_key *wish, struct motion_view *out);

/*
 * `enrol_further` enrols a further key of the owner of `own`, gives it a slot
 * in every key bag in force, and moves that it is admitted: five touches of
 * the new key, one of the mover's, and one of each for every bag.
 *	mover   `own`, or while founding the founder's key: then it is admitted
 *	        at once, and else when there is a committee to decide
 */
AM_RESULT enrol_further(struct session *s, const struct session_key *own,
    const struct session_key *mover, struct token *fresh,
    const struct enrol_key *wish, struct motion_view *out);

/*
 * For a person none of whose keys is left. `enrol_anew` offers a key, on the
 * motion of anyone: five touches of it, one of the mover's. Once it is admitted
 * its owner runs `enrol_identity`, two touches, for a new identity that this
 * key opens; shares come with the next change of their committees.
 * Errors of the latter: AM_ERR_POLICY (the key opens the one that is there).
 */
AM_RESULT enrol_anew(struct session *s, const struct session_key *mover,
    struct token *fresh, const struct rows_person *who,
    const struct enrol_key *wish, struct motion_view *out);
AM_RESULT enrol_identity(struct session *s, const struct session_key *k);

#endif /* AM_ENROL_H */
