/*
 * desk.h - what a verb stands on: the session of the person at the keyboard,
 * with the clock, the remembered heads, the prompts and the keys at hand.
 */

#ifndef AM_DESK_H
#define AM_DESK_H

#include "cli/cmd.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

struct desk {
	struct session_env env;
	struct why why;
	struct session *session;
	const struct cmd_call *call;
	char heads_dir[4096];
	int64_t set_now; /* of AMANAT_NOW */
	int touched;     /* how often, of this call's touches */
	int touches;     /* how many there are; 0: as the verb's row says */
	int turns;       /* waited for a key */
	bool warned;     /* that the head cannot be remembered */
};

/* Fills env from the command line and the environment.
 * Errors: AM_ERR_INVALID (AMANAT_NOW is no time). */
AM_RESULT desk_prepare(const struct cmd_call *call, struct desk *d);

/* ... and opens the vault. A refusal is printed. */
AM_RESULT desk_open(const struct cmd_call *call, bool write, struct desk *d);
void desk_close(struct desk *d);
#define desk_auto AM_CLEANUP(desk_close) struct desk

/* For a question about another instant: from now on the clock of a vault that
 * is open to read says that. `text` is an instant, or
 * a day: its end. */
AM_RESULT desk_ask_at(struct desk *d, const char *text);

/* The key of the person at the keyboard, PIN asked for: any enrolled one, or
 * one of `person` when that is not NULL. A refusal is printed. */
AM_RESULT
desk_key(struct desk *d, const uint8_t *person, struct session_key *out);

/* "amanat: cannot <what>: <why>" and the error, or AM_OK as it is. Remembers
 * the head that was verified when `err` is AM_OK; a warning if that fails. */
enum am_err desk_done(struct desk *d, enum am_err err, const char *what);

/* Says on stderr that the vault is for evaluation only, where it is. */
void desk_mark(const struct desk *d);

/* A time as people read it: UTC. */
void desk_time(int64_t at, char out[static 32]);

#endif /* AM_DESK_H */
