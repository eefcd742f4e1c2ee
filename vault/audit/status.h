/*
 * status.h - how a vault stands, in numbers that may leave the office: signed
 * counts, for one table over many vaults (O-2).
 *
 * No person, post, credential, safe or subscription is named in it. It is
 * signed by the log key and no statement: it changes nothing and is in no log.
 * Two of one state and instant are the same bytes.
 *
 *	{"body":{...},"sig":S}\n		canonical JSON (canon.h)
 */

#ifndef AM_STATUS_H
#define AM_STATUS_H

#include "policy/levels.h"
#include "vault/acts/due.h"
#include "vault/base/blob.h"
#include "vault/log/note.h"

enum { STATUS_MAX = 8192, STATUS_VAULT = 32 }; /* hex digits of the vault id */

struct status {
	char origin[NOTE_ORIGIN_MAX]; /* as of its checkpoints */
	uint8_t key[NOTE_PUBLIC];     /* that signed it */
	bool evaluation;
	int64_t at;
	struct note head;
	int64_t head_at;     /* of its last statement */
	uint32_t policy;     /* version of the one in force; 0: none */
	uint32_t setting_up; /* safes that have no committee yet */
	/* Safes with a committee. One of no known level is held to the
	 * strictest. */
	struct status_level {
		uint32_t safes, unbound, no_quorum;
		/* The smallest of them; 0 also where it is below. */
		uint32_t surplus, cut;
		uint32_t no_recovery; /* lack what recovery.h asks, unwaived */
	} levels[LEVELS_COUNT];
	uint32_t overdue[DUE_KINDS]; /* steps, as `due` lists them */
	uint32_t waivers, ended;     /* in force; that were */
	uint32_t control[3];         /* subscriptions, by enum rows_control */
};

/*
 * `status_write` counts, signs and appends the file. Errors: AM_ERR_INCOMPLETE
 * with a sentence (the log key is not at hand); those of the store.
 */
AM_RESULT status_write(struct session *s, struct blob *out);

/*
 * `status_read` reads a file and checks its signature with the key that it
 * names: whose key that is remains to be compared. Errors: AM_ERR_CORRUPT
 * (form), AM_ERR_VERIFY (signature).
 */
AM_RESULT status_read(struct bytes file, struct status *out);

/* The vault's id in the origin; lent. */
const char *status_vault(const struct status *s);

/*
 * `status_compare` holds two of one vault against each other: AM_ERR_VERIFY
 * (another key, or another log), AM_ERR_STALE (they are of one log, so one of
 * them is older: `older` is told which, -1 the first, 1 the second, 0 neither),
 * AM_OK of two vaults.
 */
enum am_err
status_compare(const struct status *a, const struct status *b, int *older);

#endif /* AM_STATUS_H */
