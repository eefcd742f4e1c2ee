/*
 * backup.h - a copy of the vault in one file, while it is in use: database,
 * key bags, checkpoint; no host key (R3.2, R3.7).
 */

#ifndef AM_BACKUP_H
#define AM_BACKUP_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

struct backup_made {
	struct note head;
	uint64_t bytes;
	size_t bags;
};

/*
 * `backup_write` makes the new file `path` (0600). It is written beside it
 * under "<path>.new-<16 hex digits>", synced and renamed, so that half a
 * backup never has its name; a kill may leave that file. Who writes to the
 * vault meanwhile waits; reading goes on.
 * Errors: AM_ERR_EXISTS, AM_ERR_IO, AM_ERR_STALE (key bags keep changing),
 * and those of the store, each with a sentence.
 */
AM_RESULT
backup_write(struct session *s, const char *path, struct backup_made *out);

/* What a backup says of itself, without any key. Nothing but form and sum is
 * checked: `restore` checks the rest. */
struct backup_said {
	char origin[NOTE_ORIGIN_MAX]; /* of the checkpoint */
	struct note head;
	uint8_t vault[16];
	uint64_t bytes, database;
	size_t bags, identities; /* key bags, those of identities among them */
};
AM_RESULT
backup_look(const char *path, struct why *why, struct backup_said *out);

#endif /* AM_BACKUP_H */
