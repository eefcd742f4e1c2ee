/*
 * term.h - asking the person at the terminal; reading secrets from outside.
 *
 * Questions go to /dev/tty, wherever stdout and stderr lead. While echo is
 * off, every signal that can be caught puts the terminal back first: then it
 * is raised again, so that whoever handles it (cmd_on_signal) does so on a
 * sane terminal. Ctrl-Z stops the program; after `fg` the question is asked
 * again.
 *
 * Everything read with echo off, or from a descriptor, goes by read(2) into a
 * struct secret of its exact length, frozen.
 *
 * Errors of all: AM_ERR_INVALID (exit 2) where there is no terminal or the
 * input cannot be used, AM_ERR_IO when stopped or unreadable, AM_ERR_NOMEM;
 * `why` says it, and never holds what was typed.
 */

#ifndef AM_TERM_H
#define AM_TERM_H

#include "vault/base/am.h"
#include "vault/base/secret.h"
#include "vault/base/why.h"

enum {
	TERM_LINE_MAX = 1024,     /* of a typed line */
	TERM_INPUT_MAX = 1 << 20, /* of a secret from a file or pipe */
	TERM_TRIES = 5,           /* questions, before giving up */
};

struct term_pin {
	int fd; /* of --pin-fd, one PIN a line; -1: the terminal */
	const char
	    *key; /* as the person knows it: "the key with label 'blue'" */
	const char *purpose; /* what needs it: "'amanat approve r-41'" */
	int tries;           /* left on the key, shown; -1: not known */
};

/*
 * `term_read_pin` reads one PIN: 4 to 63 printable ASCII characters. What
 * cannot be one is never returned, so it cannot use up a try: at a terminal
 * the question is repeated, from a descriptor it is an error. A one-time
 * password (token_is_otp), alone or at the end of the text, is such a case.
 * From a descriptor exactly one line is consumed.
 */
AM_RESULT
term_read_pin(const struct term_pin *ask, struct why *why, struct secret **out);

/*
 * `term_ask_secret` asks for a secret twice, without echo, until both are the
 * same. `prompt` names it: "password of 'net/border-1'". 1..TERM_LINE_MAX - 1
 * bytes as typed.
 */
AM_RESULT
term_ask_secret(const char *prompt, struct why *why, struct secret **out);

/*
 * `term_read_secret_input` reads `fd` to its end: 1..`max_bytes` bytes,
 * exactly as they are, a last newline included. A terminal is refused: it
 * would show what is typed.
 */
AM_RESULT term_read_secret_input(
    int fd, size_t max_bytes, struct why *why, struct secret **out);

/*
 * `term_ask_text` asks for a line that is no secret, with echo; `out` holds
 * `cap` bytes with the NUL. Control characters are refused.
 */
AM_RESULT
term_ask_text(const char *prompt, struct why *why, size_t cap, char *out);

/*
 * `term_confirm` asks for yes or no, typed as words. `yes` (from --yes)
 * answers without asking. Answers that cannot be understood are no in the
 * end; the end of the input (Ctrl-D) is an error.
 */
AM_RESULT
term_confirm(bool yes, const char *question, struct why *why, bool *out);

/*
 * `term_touch` says on stderr that a touch is due: of the key with that label
 * ("": not known), `what` for, the `n`th of `total` (0: not known), for how
 * long, how to stop.
 */
void term_touch(const char *key, const char *what, int n, int total);

/* Is a person there, who sees stderr and can answer at the terminal? */
bool term_is_there(void);

/*
 * `term_await_key` waits a moment for a key to be plugged in; `turn` counts
 * the calls from 0, and the first says what is waited for and how to stop.
 * `path` as in session_env. Errors: AM_ERR_TOKEN (long enough), AM_ERR_IO
 * (Ctrl-C).
 */
AM_RESULT term_await_key(int turn, const char *path, struct why *why);

#endif /* AM_TERM_H */
