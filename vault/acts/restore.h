/*
 * restore.h - a vault from its backup and one enrolled key: the identity bag
 * that the key opens holds the register key (protocol.md 3.1, 6.5).
 *
 * A backup is old by nature, and an old copy passes every check inside (R3.9).
 * So a backup that is behind a head seen on this machine, or behind a given
 * checkpoint, is refused, unless its loss is to be put to the quorum: then the
 * first statement after the restore is a motion that names the lost head,
 * and until it is enacted the vault can be voted in and nothing else.
 */

#ifndef AM_RESTORE_H
#define AM_RESTORE_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

struct restore_wish {
	const char *backup, *dir; /* dir must not exist */
	const char *log_key;      /* file with the log key; NULL: none */
	const char *since;        /* checkpoint.note; NULL: none */
	bool accept_loss;
	bool new_log_key; /* the old one is lost: k custodians replace it */
};

struct restore_done {
	struct note head;
	char person[ROWS_ID_MAX + 1]; /* whose key it was */
	bool writable;                /* there is a log key */
	uint64_t lost;                /* size of the lost head; 0: none */
	uint32_t motion;              /* that puts it to the quorum */
};

/*
 * `restore_vault` works in "<dir>.restoring" and renames it at the end, so that
 * half a vault never has the name; a kill may leave that directory, which holds
 * the register key. One touch; one more with a loss to be accepted, and those
 * of rekey.h with a new log key.
 * Errors, with a sentence: AM_ERR_EXISTS, AM_ERR_WRONG_TOKEN (no key at hand
 * is in the backup), AM_ERR_POLICY (its owner does not hold the register key,
 * R3.1; software keys, R6.14), AM_ERR_STALE (older than what is known),
 * AM_ERR_VERIFY (another history; the wrong log key), AM_ERR_CORRUPT.
 */
AM_RESULT restore_vault(const struct restore_wish *w,
    const struct session_env *env, struct why *why, struct restore_done *out);

#endif /* AM_RESTORE_H */
