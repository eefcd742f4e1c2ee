/*
 * Asking at a terminal (a pty of our own) and reading PINs from a descriptor:
 * echo comes back on every way out, and what cannot be a PIN is never
 * returned.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/term.h"
#include "tests/check.h"

static struct why why;

/* ---- PINs from a descriptor */

/* A pipe with this in it, closed behind it. */
static int
piped(struct bytes in)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], in.p, in.len), (ssize_t)in.len);
	(void)close(fds[1]);
	return fds[0];
}

static enum am_err
pin_from(int fd, struct secret **out)
{
	const struct term_pin ask = { .fd = fd,
		.key = "the TEST key",
		.purpose = "to test",
		.tries = 8 };

	why = (struct why){ 0 };
	return term_read_pin(&ask, &why, out);
}

static void
pin_is_refused(struct bytes in, enum am_err want, const char *sentence)
{
	const int fd = piped(in);
	struct secret *out = NULL;

	assert_int_equal(pin_from(fd, &out), want);
	assert_null(out);
	if (strstr(why.text, sentence) == NULL)
		fail_msg("%s", why.text);
	(void)close(fd);
}

static void
what_cannot_be_a_pin_is_never_returned(void **state)
{
	char text[2048];

	(void)state;
	pin_is_refused(LIT(""), AM_ERR_INVALID, "has no further PIN");
	pin_is_refused(LIT("\n"), AM_ERR_INVALID, "4 to 63");
	pin_is_refused(LIT("\nTEST-1234\n"), AM_ERR_INVALID, "4 to 63");
	pin_is_refused(LIT("123\n"), AM_ERR_INVALID, "4 to 63");
	memset(text, '1', sizeof(text));
	pin_is_refused(
	    (struct bytes){ (uint8_t *)text, 64 }, AM_ERR_INVALID, "4 to 63");
	pin_is_refused((struct bytes){ (uint8_t *)text, sizeof(text) },
	    AM_ERR_INVALID, "the line is longer than 1023");
	pin_is_refused(LIT("TEST-1234\r\n"), AM_ERR_INVALID, "Windows");
	pin_is_refused(LIT("TEST\0-1234\n"), AM_ERR_INVALID, "control");
	pin_is_refused(LIT("TEST\x7f-1234\n"), AM_ERR_INVALID, "control");
	pin_is_refused(LIT("TEST-\xd9\xa1\n"), AM_ERR_INVALID, "ASCII");
	pin_is_refused(LIT("cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil\n"),
	    AM_ERR_INVALID, "touched too early");
	pin_is_refused(
	    LIT("TEST-1234cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil\n"),
	    AM_ERR_INVALID, "touched too early");
}

/* The sentence never holds what was typed. */
static void
a_refusal_does_not_repeat_the_pin(void **state)
{
	const int fd = piped(LIT("TEST-secret\r\n"));
	struct secret *out = NULL;

	(void)state;
	assert_int_equal(pin_from(fd, &out), AM_ERR_INVALID);
	assert_null(strstr(why.text, "TEST"));
	(void)close(fd);
}

static void
a_descriptor_that_cannot_be_read(void **state)
{
	struct secret *out = NULL;
	int fds[2], fd;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	(void)close(fds[0]);
	assert_int_equal(pin_from(fds[0], &out), AM_ERR_IO); /* closed */
	assert_non_null(strstr(why.text, strerror(EBADF)));
	assert_int_equal(pin_from(fds[1], &out), AM_ERR_IO); /* other end */
	(void)close(fds[1]);
	fd = open("/", O_RDONLY | O_CLOEXEC);
	assert_int_equal(pin_from(fd, &out), AM_ERR_IO);
	(void)close(fd);
	assert_null(out);
}

static void
pin_is(int fd, struct bytes want)
{
	secret_auto *out = NULL;

	assert_int_equal(pin_from(fd, &out), AM_OK);
	assert_true(secret_equal(secret_bytes(out), want));
	assert_null(secret_mut(out)); /* frozen */
}

static void
one_pin_a_line_and_no_more_is_read(void **state)
{
	const int fd = piped(LIT("TEST-1234\nTEST 5678\nlast"));
	struct secret *out = NULL;
	char most[64];
	int second;

	(void)state;
	pin_is(fd, LIT("TEST-1234"));
	pin_is(fd, LIT("TEST 5678"));
	pin_is(fd, LIT("last")); /* without a newline */
	assert_int_equal(pin_from(fd, &out), AM_ERR_INVALID);
	assert_null(out);
	(void)close(fd);
	memset(most, '1', sizeof(most));
	most[63] = '\n';
	second = piped((struct bytes){ (uint8_t *)most, sizeof(most) });
	pin_is(second, (struct bytes){ (uint8_t *)most, 63 });
	(void)close(second);
}

/* ---- secrets from a descriptor */

static void
secrets_from_a_descriptor(void **state)
{
	secret_auto *out = NULL;
	int fd = piped(LIT(""));

	(void)state;
	assert_int_equal(
	    term_read_secret_input(fd, 8, &why, &out), AM_ERR_INVALID);
	(void)close(fd);
	fd = piped(LIT("123456789"));
	assert_int_equal(
	    term_read_secret_input(fd, 8, &why, &out), AM_ERR_INVALID);
	assert_null(out);
	(void)close(fd);
	assert_int_equal(term_read_secret_input(fd, 8, &why, &out), AM_ERR_IO);
	fd = piped(LIT("a\0\r\n\xff\n\n."));
	assert_int_equal(term_read_secret_input(fd, 8, &why, &out), AM_OK);
	assert_true(secret_equal(secret_bytes(out), LIT("a\0\r\n\xff\n\n.")));
	(void)close(fd);
}

/* ---- a terminal: a session leader that tells what becomes of its child */

struct seat {
	pid_t leader, pid;
	int master, news;
	char said[8192];
	size_t said_len;
};

/* In the child. Stopping needs a process group that is not orphaned. */
static void
lead(int (*fn)(void), int news)
{
	pid_t pid;
	int status;

	(void)signal(SIGTTOU, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		(void)setpgid(0, 0);
		(void)tcsetpgrp(STDIN_FILENO, getpid());
		(void)signal(SIGTTOU, SIG_DFL);
		(void)signal(SIGHUP, SIG_DFL);
		(void)signal(SIGPIPE, SIG_DFL);
		(void)alarm(20);
		_exit(fn());
	}
	(void)!write(news, &pid, sizeof(pid));
	while (waitpid(pid, &status, WUNTRACED) == pid) {
		(void)!write(news, &status, sizeof(status));
		if (!WIFSTOPPED(status))
			break;
	}
	_exit(0);
}

static struct seat
seat(int (*fn)(void))
{
	struct seat s = { 0 };
	int news[2];

	assert_int_equal(pipe(news), 0);
	s.leader = forkpty(&s.master, NULL, NULL, NULL);
	assert_true(s.leader >= 0);
	if (s.leader == 0)
		lead(fn, news[1]);
	(void)close(news[1]);
	s.news = news[0];
	assert_int_equal(
	    read(s.news, &s.pid, sizeof(s.pid)), (ssize_t)sizeof(s.pid));
	return s;
}

static void
leave(struct seat *s)
{
	(void)kill(s->leader, SIGKILL);
	(void)waitpid(s->leader, NULL, 0);
	(void)close(s->master);
	(void)close(s->news);
}

/* How it ended, or that it stopped. */
static int
status_of(const struct seat *s)
{
	struct pollfd p = { .fd = s->news, .events = POLLIN };
	int status = -1;

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(
	    read(s->news, &status, sizeof(status)), (ssize_t)sizeof(status));
	return status;
}

static bool
echoes(const struct seat *s)
{
	struct termios mode;

	assert_int_equal(tcgetattr(s->master, &mode), 0);
	return (mode.c_lflag & ECHO) != 0;
}

/* Until this was said on the terminal since the last time. */
static void
expect(struct seat *s, const char *text)
{
	struct pollfd p = { .fd = s->master, .events = POLLIN };
	char *at;

	while (
	    (at = memmem(s->said, s->said_len, text, strlen(text))) == NULL) {
		ssize_t n;

		if (poll(&p, 1, 10000) != 1)
			fail_msg("not said: '%s' in '%.*s'", text,
			    (int)s->said_len, s->said);
		n = read(s->master, s->said + s->said_len,
		    sizeof(s->said) - s->said_len - 1);
		assert_true(n > 0);
		s->said_len += (size_t)n;
	}
	at += strlen(text);
	s->said_len -= (size_t)(at - s->said);
	memmove(s->said, at, s->said_len);
}

static void
type(const struct seat *s, const char *text)
{
	assert_int_equal(
	    write(s->master, text, strlen(text)), (ssize_t)strlen(text));
}

static void
until_hidden(struct seat *s)
{
	expect(s, "(not shown): ");
	assert_false(echoes(s));
}

static int
ask_pin(void)
{
	const struct term_pin ask = { .fd = -1,
		.key = "the TEST \x1b[2Jkey",
		.purpose = "to test",
		.tries = 3 };
	secret_auto *out = NULL;
	const enum am_err err = term_read_pin(&ask, &why, &out);

	if (err != AM_OK)
		return out == NULL ? 10 + (int)err : 1;
	return secret_equal(secret_bytes(out), LIT("TEST-1234")) ? 0 : 2;
}

static void
a_pin_is_read_without_echo(void **state)
{
	struct seat s = seat(ask_pin);

	(void)state;
	expect(&s, "the TEST \\x1b[2Jkey"); /* escaped */
	expect(&s, "Tries left: 3");
	until_hidden(&s);
	type(&s, "TEST-1234\n");
	assert_int_equal(status_of(&s), 0);
	assert_true(echoes(&s));
	expect(&s, "\n");
	assert_null(memmem(s.said, s.said_len, "1234", 4));
	leave(&s);
}

/* From a terminal the question comes again, up to five times. */
static void
an_unusable_answer_is_asked_for_again(void **state)
{
	struct seat s = seat(ask_pin);

	(void)state;
	until_hidden(&s);
	type(&s, "123\n");
	expect(&s, "4 to 63 characters");
	until_hidden(&s);
	type(&s, "\n");
	expect(&s, "nothing was typed");
	until_hidden(&s);
	type(&s, "cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil\n");
	expect(&s, "touched too early");
	until_hidden(&s);
	type(&s, "TEST-1234\n");
	assert_int_equal(status_of(&s), 0);
	leave(&s);

	s = seat(ask_pin);
	for (int i = 0; i < TERM_TRIES; i++) {
		until_hidden(&s);
		type(&s, "123\n");
	}
	assert_int_equal(WEXITSTATUS(status_of(&s)), 10 + (int)AM_ERR_INVALID);
	assert_true(echoes(&s));
	leave(&s);
}

static void
ctrl_d_is_no_answer(void **state)
{
	struct seat s = seat(ask_pin);

	(void)state;
	until_hidden(&s);
	type(&s, "\x04");
	assert_int_equal(WEXITSTATUS(status_of(&s)), 10 + (int)AM_ERR_IO);
	assert_true(echoes(&s));
	leave(&s);
}

/* Every signal that ends a program finds the terminal in order. */
static void
echo_comes_back_on_every_signal(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGALRM, SIGUSR1, SIGPIPE, SIGSEGV, SIGABRT };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(signals); i++) {
		struct seat s = seat(ask_pin);
		int status;

		until_hidden(&s);
		assert_int_equal(kill(s.pid, signals[i]), 0);
		status = status_of(&s);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != signals[i])
			fail_msg("signal %d: status %x", signals[i],
			    (unsigned)status);
		if (!echoes(&s))
			fail_msg("no echo after signal %d", signals[i]);
		leave(&s);
	}
}

static void
ctrl_c_is_a_signal_while_hidden(void **state)
{
	struct seat s = seat(ask_pin);
	int status;

	(void)state;
	until_hidden(&s);
	type(&s, "TEST-1\x03");
	status = status_of(&s);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_true(echoes(&s));
	leave(&s);
}

/* Ctrl-Z stops with echo; after `fg` the question is asked again, hidden,
 * and what was typed before is forgotten. */
static void
ctrl_z_stops_with_echo_and_asks_again(void **state)
{
	struct seat s = seat(ask_pin);

	(void)state;
	for (int i = 0; i < 2; i++) {
		int status;

		until_hidden(&s);
		type(&s, "half");
		if (i == 0)
			assert_int_equal(kill(s.pid, SIGTSTP), 0);
		else
			type(&s, "\x1a");
		status = status_of(&s);
		assert_true(WIFSTOPPED(status));
		assert_int_equal(WSTOPSIG(status), SIGTSTP);
		assert_true(echoes(&s));
		assert_int_equal(kill(s.pid, SIGCONT), 0);
	}
	until_hidden(&s);
	type(&s, "TEST-1234\n");
	assert_int_equal(status_of(&s), 0);
	assert_true(echoes(&s));
	leave(&s);
}

/* Whoever ignores a signal (nohup) goes on ignoring it. */
static int
ask_pin_nohup(void)
{
	(void)signal(SIGHUP, SIG_IGN);
	return ask_pin();
}

static void
an_ignored_signal_stays_ignored(void **state)
{
	struct seat s = seat(ask_pin_nohup);

	(void)state;
	until_hidden(&s);
	assert_int_equal(kill(s.pid, SIGHUP), 0);
	(void)poll(NULL, 0, 100); /* it has come before the answer does */
	type(&s, "TEST-1234\n");
	assert_int_equal(status_of(&s), 0);
	assert_true(echoes(&s));
	leave(&s);
}

static int
ask_secret(void)
{
	secret_auto *out = NULL;

	if (term_ask_secret("password", &why, &out) != AM_OK)
		return 1;
	return secret_equal(secret_bytes(out), LIT("TEST")) ? 0 : 2;
}

static void
a_secret_is_asked_for_twice(void **state)
{
	struct seat s = seat(ask_secret);

	(void)state;
	until_hidden(&s);
	type(&s, "TEST\n");
	expect(&s, "once more");
	until_hidden(&s);
	type(&s, "TSET\n");
	expect(&s, "the two differ");
	for (int i = 0; i < 2; i++) {
		until_hidden(&s);
		type(&s, "TEST\n");
	}
	assert_int_equal(status_of(&s), 0);
	assert_true(echoes(&s));
	leave(&s);
}

static int
confirm(void)
{
	bool yes = false;
	const enum am_err err =
	    term_confirm(false, "Go \xe2\x80\xaeon?", &why, &yes);

	return err != AM_OK ? 10 + (int)err : yes;
}

static void
only_yes_is_yes(void **state)
{
	static const struct {
		const char *typed;
		int status;
	} cases[] = { { "yes\n", 1 }, { "YES\n", 1 }, { "no\n", 0 },
		{ "y\ny\ny\ny\ny\n", 0 }, { "yes \x1b\nno\n", 0 },
		{ "\x04", 10 + AM_ERR_IO },
		{ "yesyesyesyesyesyesyes\nno\n", 0 } };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(cases); i++) {
		struct seat s = seat(confirm);

		expect(&s, "Go \\u{202e}on?");
		for (const char *p = cases[i].typed; *p != '\0';) {
			char line[64];
			const size_t n =
			    strcspn(p, "\n") + (strchr(p, '\n') != NULL);

			(void)snprintf(line, sizeof(line), "%.*s", (int)n, p);
			expect(&s, "yes or no: ");
			type(&s, line);
			p += n;
		}
		assert_int_equal(WEXITSTATUS(status_of(&s)), cases[i].status);
		leave(&s);
	}
}

/* A terminal would show the secret that is typed. */
static int
read_from_terminal(void)
{
	secret_auto *out = NULL;

	return term_read_secret_input(STDIN_FILENO, 16, &why, &out) ==
		AM_ERR_INVALID
	    ? 0
	    : 1;
}

static void
no_secret_is_read_from_a_terminal(void **state)
{
	struct seat s = seat(read_from_terminal);

	(void)state;
	assert_int_equal(status_of(&s), 0);
	leave(&s);
}

/* Without a terminal: an error that says what to do, never a wait. */
static void
without_a_terminal(void **state)
{
	const pid_t pid = fork();
	int status = -1;

	(void)state;
	if (pid == 0) {
		const struct term_pin ask = {
			.fd = -1, .key = "k", .purpose = "p", .tries = -1
		};
		secret_auto *out = NULL;
		bool yes = false, refused;

		(void)setsid();
		refused = term_read_pin(&ask, &why, &out) == AM_ERR_INVALID &&
		    strstr(why.text, "--pin-fd") != NULL &&
		    term_ask_secret("x", &why, &out) == AM_ERR_INVALID &&
		    strstr(why.text, "--from") != NULL &&
		    term_confirm(false, "x", &why, &yes) == AM_ERR_INVALID &&
		    strstr(why.text, "--yes") != NULL && !yes && out == NULL;
		_exit(refused && term_confirm(true, "x", &why, &yes) == AM_OK &&
			    yes
			? 0
			: 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_a_pin_is_never_returned),
		cmocka_unit_test(a_refusal_does_not_repeat_the_pin),
		cmocka_unit_test(a_descriptor_that_cannot_be_read),
		cmocka_unit_test(one_pin_a_line_and_no_more_is_read),
		cmocka_unit_test(secrets_from_a_descriptor),
		cmocka_unit_test(a_pin_is_read_without_echo),
		cmocka_unit_test(an_unusable_answer_is_asked_for_again),
		cmocka_unit_test(ctrl_d_is_no_answer),
		cmocka_unit_test(echo_comes_back_on_every_signal),
		cmocka_unit_test(ctrl_c_is_a_signal_while_hidden),
		cmocka_unit_test(ctrl_z_stops_with_echo_and_asks_again),
		cmocka_unit_test(an_ignored_signal_stays_ignored),
		cmocka_unit_test(a_secret_is_asked_for_twice),
		cmocka_unit_test(only_yes_is_yes),
		cmocka_unit_test(no_secret_is_read_from_a_terminal),
		cmocka_unit_test(without_a_terminal),
	};

	(void)alarm(90);
	(void)signal(SIGPIPE, SIG_IGN);
	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
