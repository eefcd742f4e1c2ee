/*
 * cmd.h - the verb table: the one place that knows the grammar.
 * Dispatch, usage and `amanat help` are read from it; the manual and the
 * completion are compared with it (tests/gates/docs).
 */

#ifndef AM_CMD_H
#define AM_CMD_H

#include "vault/base/am.h"
#include "vault/base/why.h"

enum {
	CMD_ARGS_MAX = 64, /* files of one table */
	CMD_OPTS_MAX = 16,
	CMD_TOKENS_MAX = 8,
	CMD_MANY_MAX = 64, /* as a subscription has fields */
};

struct cmd_opt {
	const char *name;  /* without the dashes */
	const char *value; /* what it takes, for the synopsis; NULL: a flag;
			    * "FILE..." may be repeated, one option a verb */
	const char *help;
};

struct cmd_call;

struct cmd {
	const char *group;   /* heading in `amanat help` */
	const char *verb;    /* "put", or two words: "person add" */
	const char *args;    /* as in the synopsis: "SAFE/NAME", "[SAFE]" */
	const char *summary; /* imperative, lower case, no full stop */
	int min_args, max_args;
	enum am_err (*run)(struct cmd_call *call);
	struct cmd_opt opts[CMD_OPTS_MAX]; /* ended by a NULL name */
	const char *needs; /* options it cannot do without, for the synopsis */
	int touches;       /* of keys, so that each is told as "1 of 2" */
	const char
	    *more; /* what happens, and what comes next; whole sentences */
};

/* One call, parsed. Everything is lent from argv and the environment. */
struct cmd_call {
	const struct cmd *cmd;
	const char *args[CMD_ARGS_MAX];
	int arg_count;
	const char *values[CMD_OPTS_MAX]; /* "" for a flag that was given */
	const char *many[CMD_MANY_MAX];   /* of the option that is repeated */
	size_t many_count;
	const char *vault;
	const char *tokens[CMD_TOKENS_MAX];
	size_t token_count;
	int pin_fd; /* -1: the terminal */
	bool json, yes, help, version;
};

/* The value of option `name` of the verb, or NULL. `cmd_flag` tells whether a
 * flag was given. A name that the verb's row does not have is a bug. */
const char *cmd_opt(const struct cmd_call *call, const char *name);
bool cmd_flag(const struct cmd_call *call, const char *name);

/*
 * `cmd_complain` prints "amanat: ..." on standard error and returns `err`, so
 * that a complaint and its status are one line.
 */
enum am_err cmd_complain(enum am_err err, const char *fmt, ...) AM_PRINTF(2, 3);

/*
 * `cmd_say` tells the person at the keyboard, on standard error: what was
 * done, what comes next. Wrapped at 80 columns. Nothing is said to programs
 * (--json): theirs is on standard output.
 */
void cmd_say(const struct cmd_call *call, const char *fmt, ...) AM_PRINTF(2, 3);

/*
 * `cmd_refuse` prints "amanat: cannot <what>: <sentence> [<rule>]" and returns
 * `err`; without a sentence, the text of the error. At a terminal a line more
 * says how the rule is explained.
 */
enum am_err cmd_refuse(enum am_err err, const struct why *why, const char *what,
    ...) AM_PRINTF(3, 4);

/* Parses, runs, and returns the exit status. */
int cmd_main(int argc, char *const argv[]);

#endif /* AM_CMD_H */
