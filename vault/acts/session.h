/*
 * session.h - one person at one vault: the open store, the clock, the keys
 * at hand. Every act starts here.
 */

#ifndef AM_SESSION_H
#define AM_SESSION_H

#include "hsm/token.h"
#include "vault/acts/heads.h"
#include "vault/base/am.h"
#include "vault/base/secret.h"
#include "vault/base/why.h"
#include "vault/state/rows.h"
#include "vault/state/state.h"
#include "vault/store/store.h"

/* What the command line gives. All lent. */
struct session_env {
	const char *heads_dir; /* where heads are remembered; NULL: nowhere */
	const char *const *token_paths; /* from --token; else discovery */
	size_t token_count;
	bool yes;          /* go on at two PIN tries left */
	bool clock_is_set; /* AMANAT_NOW: only for evaluation vaults (R6.14) */
	/* For voting on whether a loss is accepted: a vault that is behind what
	 * was seen is opened all the same, and nothing else can be posted
	 * (R3.9). */
	bool behind_too;
	struct token_ui ui;
	/*
	 * Hot plug: no key is plugged in (`path`: none at that path; NULL: none
	 * at all). Waits a moment and returns AM_OK to have it looked for again,
	 * AM_ERR_TOKEN to give up, AM_ERR_IO when stopped. NULL: never waits.
	 */
	enum am_err (*wait)(void *arg, const char *path, struct why *why);
	/* Seconds since 1970; and the same whatever AMANAT_NOW says, NULL where
	 * there is no other. */
	int64_t (*now)(void *arg);
	int64_t (*true_now)(void *arg);
	/* Asks for the PIN of the key with that label. */
	enum am_err (*pin)(void *arg, const char *label, int tries_left,
	    struct why *why, struct secret **out);
	void *arg;
};

struct session {
	struct store *store;
	struct rows_vault vault;
	const struct session_env *env;
	struct why *why;
	bool write;
	struct note head; /* of the log when it was opened, or after an act */
	/* What was seen before is not in this log: a quorum has accepted that,
	 * or it is for voting only and nothing is remembered. */
	bool loss_accepted, is_behind;
};

void session_close(struct session **s);
#define session_auto AM_CLEANUP(session_close) struct session

/*
 * `session_open` opens the vault, checks the remembered head against it and
 * the clock against the log. `write` as for store_open.
 * AMANAT_NOW in a vault that is none for evaluation is refused, and posted as
 * a fault when `write` (R6.14).
 * Errors: those of store_open; AM_ERR_POLICY; AM_ERR_STALE (the log went back, or the clock
 * is behind it), AM_ERR_VERIFY (the log took another course).
 */
AM_RESULT session_open(const char *dir, bool write,
    const struct session_env *env, struct why *why, struct session **out);

/* For repair only: opens for writing without looking at the tables, the
 * remembered head or the clock. `vault` of the session stays empty. */
AM_RESULT session_open_damaged(const char *dir, const struct session_env *env,
    struct why *why, struct session **out);

/* The rules over an open transaction. */
struct state session_state(struct store_txn *t);

/* The head of the log in a transaction. */
AM_RESULT session_head(struct store_txn *t, struct note *out);

/* *out tells whether the log continues a head that is known from elsewhere. */
AM_RESULT session_head_fits(struct session *s, struct store_txn *t,
    const struct note *known, bool *out);

/* The rule that a quorum waives when it accepts that what followed up to that
 * head is lost: "R3.9 <size> <root in hex>". */
void
session_loss_rule(const struct note *lost, char out[static ROWS_RULE_MAX + 1]);

/* *out tells whether a quorum has accepted, by name, that this head is lost. */
AM_RESULT session_loss_accepted(
    struct session *s, struct store_txn *t, const struct note *lost, bool *out);

/* Remembers s->head; moves forward only, or over a loss that was accepted. */
AM_RESULT session_remember(struct session *s);

int64_t session_now(const struct session *s);

/* A person's key in hand, with its PIN. */
struct session_key {
	struct token *token;
	struct secret *pin; /* NULL: the key verifies its user itself */
	struct rows_token row;
	struct rows_person person;
};

void session_key_free(struct session_key *k);
#define session_key_auto AM_CLEANUP(session_key_free) struct session_key

/*
 * `session_find_key` looks, without a touch, which enrolled key is plugged
 * in: any active one, or one of `person` when that is not NULL. `fresh`
 * (may be NULL) is told the first plugged-in key that is not in use here.
 * A software key that is named where none is taken is posted as a fault, when
 * the session may write (R6.14).
 * Errors: AM_ERR_TOKEN (no key, two candidates, cannot be used),
 * AM_ERR_WRONG_TOKEN (names the label that is wanted).
 */
AM_RESULT session_find_key(struct session *s, const uint8_t *person,
    struct session_key *out, struct token **fresh);

/* Before touches that would be in vain: neither key nor person is suspended.
 * Errors: AM_ERR_TOKEN (V22). */
AM_RESULT session_key_is_free(struct session *s, const struct session_key *k);

/*
 * `session_find_pair` finds the two active keys of one person that are plugged
 * in or named; no others may be. Errors: AM_ERR_TOKEN.
 */
AM_RESULT
session_find_pair(struct session *s, struct session_key out[static 2]);

/* The one key that is plugged in (or named), for founding a vault.
 * Errors: AM_ERR_TOKEN (none, several, cannot be used). */
AM_RESULT session_only_token(const struct session_env *env,
    bool virtual_allowed, struct why *why, struct token **out);

/* Asks for the PIN of a key, minding the tries that are left.
 * `label` names the key to the person. */
AM_RESULT session_ask_pin(
    struct session *s, struct token *t, const char *label, struct secret **out);

/* The bytes of a PIN; empty for a key without one. */
struct bytes session_pin(const struct secret *pin);

#endif /* AM_SESSION_H */
