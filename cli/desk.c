#include <stdio.h>
#include <time.h>

#include "cli/desk.h"

#include "cli/term.h"
#include "vault/base/when.h"

static int64_t
clock_now(void *arg)
{
	const struct desk *d = arg;

	return d->env.clock_is_set ? d->set_now : (int64_t)time(NULL);
}

static int64_t
true_clock(void *arg)
{
	(void)arg;
	return (int64_t)time(NULL);
}

static enum am_err
ask_pin(void *arg, const char *label, int tries_left, struct why *why,
    struct secret **out)
{
	const struct desk *d = arg;
	const struct cmd_call *c = d->call;
	char key[128], purpose[160];

	(void)snprintf(key, sizeof(key), "the key labelled '%s'", label);
	(void)snprintf(purpose, sizeof(purpose), "'amanat %s%s%s'",
	    c->cmd->verb, c->arg_count > 0 ? " " : "",
	    c->arg_count > 0 ? c->args[0] : "");
	return term_read_pin(&(struct term_pin){ .fd = d->call->pin_fd,
				 .key = key,
				 .purpose = purpose,
				 .tries = tries_left },
	    why, out);
}

static void
touch(void *arg, const char *key, const char *what)
{
	struct desk *d = arg;

	term_touch(key, what, ++d->touched,
	    d->touches != 0 ? d->touches : d->call->cmd->touches);
}

static enum am_err
await_key(void *arg, const char *path, struct why *why)
{
	struct desk *d = arg;

	return term_await_key(d->turns++, path, why);
}

static AM_RESULT
read_clock(struct desk *d)
{
	const char *now = getenv("AMANAT_NOW");

	if (now == NULL)
		return AM_OK;
	d->env.clock_is_set = true;
	if (when_parse((struct bytes){ (const uint8_t *)now, strlen(now) },
		&d->set_now) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "AMANAT_NOW is not a time such as 2026-03-02T09:00:00Z");
	return AM_OK;
}

AM_RESULT
desk_ask_at(struct desk *d, const char *text)
{
	int64_t at;

	if (d->session->write || when_end(text, &at) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--at is a day or an instant, such as 2027-06-30, not '%s'",
		    text);
	/* a day is what it is when it ends, in its last second */
	d->set_now = strlen(text) == 10 ? at - 1 : at;
	d->env.clock_is_set = true;
	return AM_OK;
}

/* $XDG_STATE_HOME/amanat, else ~/.local/state/amanat. */
static void
find_heads(struct desk *d)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (state != NULL && state[0] == '/')
		n = snprintf(
		    d->heads_dir, sizeof(d->heads_dir), "%s/amanat", state);
	else if (home != NULL && home[0] == '/')
		n = snprintf(d->heads_dir, sizeof(d->heads_dir),
		    "%s/.local/state/amanat", home);
	if (n > 0 && (size_t)n < sizeof(d->heads_dir))
		d->env.heads_dir = d->heads_dir;
}

/* R3.9: verbs with which it is decided whether a loss is accepted; what else
 * they could post is refused then (post.c). */
static bool
may_be_behind(const char *verb)
{
	static const char *const verbs[] = { "approve", "decline", "motions" };

	for (size_t i = 0; i < AM_ARRAY_LEN(verbs); i++)
		if (strcmp(verb, verbs[i]) == 0)
			return true;
	return false;
}

AM_RESULT
desk_prepare(const struct cmd_call *call, struct desk *d)
{
	d->call = call;
	d->env = (struct session_env){
		.token_paths = call->tokens,
		.token_count = call->token_count,
		.yes = call->yes,
		.behind_too = may_be_behind(call->cmd->verb),
		.ui = { .touch = touch, .arg = d },
		/* A program that passes PINs is told at once. */
		.wait = call->pin_fd < 0 && term_is_there() ? await_key : NULL,
		.now = clock_now,
		.true_now = true_clock,
		.pin = ask_pin,
		.arg = d,
	};
	find_heads(d);
	return read_clock(d);
}

AM_RESULT
desk_open(const struct cmd_call *call, bool write, struct desk *d)
{
	enum am_err err;

	AM_TRY(desk_prepare(call, d));
	err = session_open(call->vault, write, &d->env, &d->why, &d->session);
	if (err != AM_OK)
		return cmd_refuse(err, &d->why, "use vault '%s'", call->vault);
	desk_mark(d);
	return AM_OK;
}

void
desk_close(struct desk *d)
{
	session_close(&d->session);
}

AM_RESULT
desk_key(struct desk *d, const uint8_t *person, struct session_key *out)
{
	session_key_auto k = { 0 };
	enum am_err err = session_find_key(d->session, person, &k, NULL);

	if (err == AM_OK)
		err = session_ask_pin(d->session, k.token, k.row.label, &k.pin);
	if (err != AM_OK)
		return cmd_refuse(err, &d->why, "use your key");
	*out = k;
	k.token = NULL;
	k.pin = NULL;
	return AM_OK;
}

/* That it cannot be remembered takes nothing away from what was done. */
static void
remember(struct desk *d)
{
	if (d->warned || session_remember(d->session) == AM_OK)
		return;
	d->warned = true;
	(void)cmd_complain(AM_ERR_IO,
	    "warning: the head of the log cannot be remembered in '%s', so a "
	    "vault that goes back would not be noticed",
	    d->heads_dir);
}

enum am_err
desk_done(struct desk *d, enum am_err err, const char *what)
{
	if (err != AM_OK)
		return cmd_refuse(err, &d->why, "%s", what);
	if (d->session != NULL)
		remember(d);
	return AM_OK;
}

void
desk_mark(const struct desk *d)
{
	if (d->session->vault.evaluation != 0)
		fputs("(evaluation vault: software keys, not for real "
		      "secrets)\n",
		    stderr);
}

void
desk_time(int64_t at, char out[static 32])
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	(void)snprintf(out, 32, "%.10s %.5s UTC", text, text + 11);
}
