/*
 * bitwarden.h - the unencrypted JSON export of Bitwarden and Vaultwarden:
 *
 *	{ "encrypted": false, "folders": [ { "id", "name" } ],
 *	  "items": [ { "type": 1, "name", "notes", "folderId",
 *	    "fields": [ { "name", "value" } ],
 *	    "login": { "username", "password", "totp", "uris": [ { "uri" } ] } } ] }
 *
 * An export of an organisation has collections instead of folders. Types: 1
 * login, 2 note, 3 card and 4 identity, whose members become lines of a note,
 * 5 SSH key. A passkey cannot move: its item is refused. Earlier passwords are
 * left behind.
 */

#ifndef AM_BITWARDEN_H
#define AM_BITWARDEN_H

#include "vault/import/draft.h"
#include "vault/import/feed.h"

struct bitwarden;

enum { BITWARDEN_FOLDERS_MAX = 10000 };

/*
 * `bitwarden_open` reads the folders of `feed`, which it takes, also when it
 * fails, and so the whole file once. Errors, with a sentence: AM_ERR_CORRUPT
 * (not JSON), AM_ERR_INCOMPLETE (not such an export, or one that is
 * encrypted), AM_ERR_IO; AM_ERR_NOMEM.
 */
AM_RESULT
bitwarden_open(struct feed *feed, struct why *why, struct bitwarden **out);
void bitwarden_free(struct bitwarden *b);
static inline void
bitwarden_cleanup(struct bitwarden **b)
{
	bitwarden_free(*b);
}
#define bitwarden_auto AM_CLEANUP(bitwarden_cleanup) struct bitwarden

/* The next item, counted from 1. Errors: AM_ERR_NOT_FOUND (no more),
 * AM_ERR_CORRUPT, AM_ERR_IO. */
AM_RESULT
bitwarden_next(struct bitwarden *b, struct draft *out, struct why *why);
uint64_t bitwarden_row(const struct bitwarden *b);
AM_RESULT bitwarden_rewind(struct bitwarden *b, struct why *why);

#endif /* AM_BITWARDEN_H */
