/*
 * remind: what a timer tells, to standard output, by mail, or to a command.
 * Nothing counts as told until it was delivered.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/remind.h"
#include "vault/register/record.h"

#define SENDMAIL "/usr/sbin/sendmail"

/* ---- collecting: text for people, JSON for programs */

struct digest {
	FILE *to;
	struct out_json *j; /* NULL: text */
	unsigned count;
};

static void
message_json(struct out_json *j, const struct remind_message *m)
{
	char day[DATES_TEXT_LEN + 1];

	out_json_open(j, NULL, '{');
	out_json_text(j, "subscription", m->subscription->id);
	out_json_text(j, "name", m->subscription->name);
	out_json_text(j, "post", m->post);
	out_json_text(j, "who", m->who);
	dates_text(m->raised->deadline, day);
	out_json_text(j, "decide_by", day);
	dates_text(m->raised->end, day);
	out_json_text(j, "end", day);
	out_json_str(j, "text", m->text);
	out_json_close(j);
}

static enum am_err
collect(void *arg, const struct remind_message *m)
{
	struct digest *x = arg;
	blob_auto text = { 0 };
	char lead[2 * ROWS_ID_MAX + 16];

	x->count++;
	if (x->j != NULL) {
		message_json(x->j, m);
		return AM_OK;
	}
	(void)snprintf(lead, sizeof(lead), "%s (%s): ", m->post,
	    m->who[0] != '\0' ? m->who : "vacant");
	AM_TRY(blob_add(&text, m->text));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(x->to, lead, 4, (const char *)text.p);
	return AM_OK;
}

static AM_RESULT
read_all(struct desk *d, struct digest *x)
{
	store_txn_auto *t = NULL;
	int64_t last = 0;
	struct view v;

	AM_TRY(remind_last(d->session, &last));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	if (x->j != NULL)
		out_json_open(x->j, NULL, '[');
	AM_TRY(remind_each(d->session, &v, last, collect, x));
	if (x->j != NULL)
		out_json_close(x->j);
	return AM_OK;
}

/* Into memory, before anything is sent. */
static AM_RESULT
compose(
    struct desk *d, bool json, char **out, size_t *out_len, unsigned *out_count)
{
	FILE *to = open_memstream(out, out_len);
	struct digest x = { .to = to };
	struct out_json j = { .to = to };
	enum am_err err;

	if (to == NULL)
		return AM_ERR_NOMEM;
	x.j = json ? &j : NULL;
	err = read_all(d, &x);
	if (fclose(to) != 0 && err == AM_OK)
		err = AM_ERR_NOMEM;
	*out_count = x.count;
	return err;
}

/* ---- delivering */

static bool
feed(int fd, const char *text, size_t len)
{
	for (ssize_t n; len > 0; text += n, len -= (size_t)n)
		if ((n = write(fd, text, len)) < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return false;
	return true;
}

/* Runs a program, not a shell, with the text on its standard input; it ends
 * with 0, or nothing was delivered. */
static AM_RESULT
run(const char *const argv[], const char *text, size_t len)
{
	posix_spawn_file_actions_t actions;
	int in[2], status = 0, rc;
	bool fed;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) != 0)
		return AM_ERR_IO;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return AM_ERR_NOMEM;
	rc = posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	if (rc == 0) /* spawn changes none of the words */
		rc = posix_spawn(&pid, argv[0], &actions, NULL,
		    (char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(in[0]);
	if (rc != 0) {
		(void)close(in[1]);
		return cmd_complain(
		    AM_ERR_IO, "cannot run '%s': %s", argv[0], strerror(rc));
	}
	fed = feed(in[1], text, len);
	(void)close(in[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fed && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return AM_OK;
	return cmd_complain(AM_ERR_IO,
	    "'%s' did not take the reminders; they are told again", argv[0]);
}

static AM_RESULT
mail(const char *to, const char *vault, unsigned count, const char *text,
    size_t len)
{
	const char *const argv[] = { SENDMAIL, "-i", "--", to, NULL };
	blob_auto all = { 0 };

	AM_TRY(blob_printf(&all,
	    "To: %s\nSubject: [amanat] %u renewal%s to look at\n"
	    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: 8bit\n\nVault '%s'\n\n",
	    to, count, count == 1 ? "" : "s", vault));
	AM_TRY(blob_add(&all, (struct bytes){ (const uint8_t *)text, len }));
	AM_TRY(blob_printf(
	    &all, "\nWho has seen it says so: amanat sub ack ID\n"));
	return run(argv, (const char *)all.p, all.len);
}

static AM_RESULT
deliver(struct cmd_call *call, struct desk *d, const char *text, size_t len,
    unsigned count)
{
	const char *to = cmd_opt(call, "sendmail"),
		   *command = cmd_opt(call, "command");
	const char *const argv[] = { command, NULL };

	if (to == NULL && command == NULL)
		return fwrite(text, 1, len, stdout) == len &&
			fflush(stdout) == 0
		    ? AM_OK
		    : AM_ERR_IO;
	if (count == 0)
		return AM_OK;
	if (command != NULL)
		return run(argv, text, len);
	return mail(to, d->session->vault.name, count, text, len);
}

AM_RESULT
remind_run(struct cmd_call *call)
{
	const char *to = cmd_opt(call, "sendmail"),
		   *command = cmd_opt(call, "command");
	desk_auto d = { 0 };
	char *text = NULL;
	size_t len = 0;
	unsigned count = 0;
	enum am_err err;

	if (to != NULL && command != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "--sendmail and --command are two runs; each tells "
		    "everything");
	if (to != NULL &&
	    (!record_is_mail(
		 (struct bytes){ (const uint8_t *)to, strlen(to) }) ||
		record_is_free_mail(
		    (struct bytes){ (const uint8_t *)to, strlen(to) })))
		return cmd_complain(AM_ERR_INVALID,
		    "--sendmail takes a mailbox of the agency, not '%s' [R-3]",
		    to);
	if (command != NULL && command[0] != '/')
		return cmd_complain(AM_ERR_INVALID,
		    "--command is the path of a program, from the root");
	(void)signal(SIGPIPE, SIG_IGN); /* of a command that does not read */
	AM_TRY(desk_open(call, false, &d));
	err = desk_done(&d,
	    compose(&d, call->json || command != NULL, &text, &len, &count),
	    "look what there is to tell");
	if (err == AM_OK)
		err = deliver(call, &d, text, len, count);
	free(text);
	AM_TRY(err);
	AM_TRY(desk_done(&d, remind_done(d.session), "remember it"));
	cmd_say(call, "%u told", count);
	return AM_OK;
}
