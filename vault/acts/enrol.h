/*
 * enrol.h - how people and their keys come into a vault: founding, persons,
 * enrolment (protocol.md 6.2, 7.3).
 */

#ifndef AM_ENROL_H
#define AM_ENROL_H

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

/*
 * `enrol_token` enrols the first key of a person and admits both. The new
 * key answers six touches, the founder's key `admin` one; all three
 * statements are posted together.
 *	fresh   the new key, not enrolled yet
 */
AM_RESULT enrol_token(struct session *s, const struct session_key *admin,
    struct token *fresh, const char *person_id, const char *label);

#endif /* AM_ENROL_H */
