#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/out.h"
#include "cli/term.h"
#include "hsm/stop.h"
#include "hsm/token.h"

/* ---- signals */

/* Caught while a question is open; the last one needs a terminal. */
static const int caught_ones[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM,
	SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP };
/* A bug of ours, or guard pages at work: put the terminal back and die. */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

enum {
	CAUGHT_COUNT = AM_ARRAY_LEN(caught_ones),
	CRASH_COUNT = AM_ARRAY_LEN(crashes)
};

/* Handlers have no argument to find these by. */
static volatile sig_atomic_t caught;
static int crash_fd = -1;
static struct termios crash_mode;

struct guard {
	struct sigaction caught[CAUGHT_COUNT], crash[CRASH_COUNT];
	size_t count; /* of caught_ones in use */
	sigset_t mask;
};

static void
on_signal(int signo)
{
	caught = signo;
}

static void
on_crash(int signo)
{
	(void)tcsetattr(crash_fd, TCSANOW, &crash_mode);
	(void)raise(signo); /* SA_RESETHAND: with the default action */
}

/* What is ignored (nohup, a job in the background) stays ignored. */
static void
handle(int signo, const struct sigaction *act, struct sigaction *old)
{
	if (sigaction(signo, act, old) != 0)
		abort(); /* only a wrong number fails */
	if (old->sa_handler == SIG_IGN)
		(void)sigaction(signo, old, NULL);
}

/*
 * From here to guard_down the signals are held back, except while
 * guard_wait waits: none can slip in between the look and the wait.
 */
static void
guard_up(struct guard *g, bool terminal)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t hold;

	caught = 0;
	g->count = terminal ? CAUGHT_COUNT : CAUGHT_COUNT - 1;
	(void)sigemptyset(&hold);
	for (size_t i = 0; i < g->count; i++)
		(void)sigaddset(&hold, caught_ones[i]);
	act.sa_mask = hold;
	(void)sigprocmask(SIG_BLOCK, &hold, &g->mask);
	for (size_t i = 0; i < g->count; i++)
		handle(caught_ones[i], &act, &g->caught[i]);
}

/* Handlers as before; then the signal that was caught finds its own. */
static void
guard_down(const struct guard *g)
{
	const int signo = caught;

	for (size_t i = 0; i < g->count; i++)
		(void)sigaction(caught_ones[i], &g->caught[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &g->mask, NULL);
	if (signo != 0)
		(void)raise(signo);
}

static AM_RESULT
guard_wait(const struct guard *g, int fd, struct why *why)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	while (ppoll(&ready, 1, NULL, &g->mask) < 0) {
		if (errno != EINTR)
			return why_say(
			    why, AM_ERR_IO, "", "%s", strerror(errno));
		if (caught != 0)
			return why_say(why, AM_ERR_IO, "", "stopped");
	}
	return AM_OK;
}

/* ---- reading */

static AM_RESULT
exact(struct bytes in, struct secret **out)
{
	secret_auto *s = NULL;

	AM_TRY(secret_new(in.len, &s));
	memcpy(secret_mut(s), in.p, in.len);
	AM_TRY(secret_freeze(s));
	*out = AM_TAKE(s);
	return AM_OK;
}

/* Reads at most `cap` bytes; 0 at the end of the input. */
static AM_RESULT
read_some(const struct guard *g, int fd, struct why *why, size_t cap,
    uint8_t *to, size_t *out_len)
{
	ssize_t n;

	AM_TRY(guard_wait(g, fd, why));
	while ((n = read(fd, to, cap)) < 0)
		if (errno != EINTR)
			return why_say(
			    why, AM_ERR_IO, "", "%s", strerror(errno));
	*out_len = (size_t)n;
	return AM_OK;
}

/*
 * One line without its newline, or what there is before the end. Byte by
 * byte: the next line belongs to the next question. At the end of the input:
 * AM_ERR_NOT_FOUND.
 */
static AM_RESULT
read_line(const struct guard *g, int fd, struct why *why, struct secret *line,
    size_t *out_len)
{
	uint8_t *p = secret_mut(line);
	size_t len = 0;
	size_t n = 0;

	for (;;) {
		AM_TRY(read_some(g, fd, why, 1, p + len, &n));
		if (n == 0 && len == 0)
			return why_say(why, AM_ERR_NOT_FOUND, "",
			    "the input ended before a line came");
		if (n == 0 || p[len] == '\n')
			break;
		if (++len == TERM_LINE_MAX)
			return why_say(why, AM_ERR_INVALID, "",
			    "the line is longer than %d bytes",
			    TERM_LINE_MAX - 1);
	}
	*out_len = len;
	return AM_OK;
}

/* ---- the terminal */

static void
fd_cleanup(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static AM_RESULT
open_tty(struct why *why, const char *instead, int *out)
{
	const int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return why_say(why, AM_ERR_INVALID, "",
		    "there is no terminal to ask on; %s", instead);
	*out = fd;
	return AM_OK;
}

/* Words of ours to the person; what comes from outside: say_safely. */
static void
say(int tty, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		const ssize_t n = write(tty, text, len);

		if (n < 0 && errno != EINTR)
			return; /* a terminal that is gone fails the read */
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void
say_safely(int tty, const char *text)
{
	blob_auto shown = { 0 };

	if (out_escape(&shown,
		(struct bytes){ (const uint8_t *)text, strlen(text) }) ==
		AM_OK &&
	    blob_add(&shown, (struct bytes){ (const uint8_t *)"", 1 }) == AM_OK)
		say(tty, (const char *)shown.p);
}

/* The rest of a line that was too long must not answer the next question. */
static void
echo_back(const struct guard *g, int tty)
{
	(void)tcsetattr(tty, TCSAFLUSH, &crash_mode);
	for (size_t i = 0; i < CRASH_COUNT; i++)
		(void)sigaction(crashes[i], &g->crash[i], NULL);
	crash_fd = -1;
	say(tty, "\n"); /* the Enter that was not shown */
}

/*
 * Echo off. TCSAFLUSH drops what was typed before the question stood there,
 * such as the one-time password of a key that was touched too early. Ctrl-Z
 * and Ctrl-\ keep working: they are caught like the others.
 */
static AM_RESULT
echo_off(struct guard *g, int tty, struct why *why)
{
	const struct sigaction act = { .sa_handler = on_crash,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };
	struct termios mode;

	if (tcgetattr(tty, &mode) != 0)
		return why_say(why, AM_ERR_IO, "", "%s", strerror(errno));
	crash_mode = mode;
	crash_fd = tty;
	for (size_t i = 0; i < CRASH_COUNT; i++)
		handle(crashes[i], &act, &g->crash[i]);
	mode.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	mode.c_lflag |= ICANON | ISIG;
	if (tcsetattr(tty, TCSAFLUSH, &mode) == 0)
		return AM_OK;
	(void)why_say(why, AM_ERR_IO, "", "%s", strerror(errno));
	echo_back(g, tty);
	return AM_ERR_IO;
}

static AM_RESULT
ask_hidden(struct guard *g, int tty, const char *prompt, struct why *why,
    struct secret *line, size_t *out_len)
{
	enum am_err err;

	AM_TRY(echo_off(g, tty, why));
	say_safely(tty, prompt);
	say(tty, " (not shown): ");
	err = read_line(g, tty, why, line, out_len);
	echo_back(g, tty);
	return err;
}

static AM_RESULT
ask_shown(struct guard *g, int tty, const char *prompt, struct why *why,
    struct secret *line, size_t *out_len)
{
	enum am_err err;

	say_safely(tty, prompt);
	say(tty, ": ");
	if ((err = read_line(g, tty, why, line, out_len)) != AM_OK)
		(void)tcflush(tty, TCIFLUSH); /* of a line too long */
	return err;
}

/* Asks once; a program that was suspended asks again when it goes on. */
static AM_RESULT
ask_line(int tty, bool hidden, const char *prompt, struct why *why,
    struct secret **out)
{
	secret_auto *line = NULL;
	struct guard g;
	enum am_err err;
	size_t len = 0;
	bool suspended;

	AM_TRY(secret_new(TERM_LINE_MAX, &line));
	do {
		guard_up(&g, true);
		err = (hidden ? ask_hidden : ask_shown)(
		    &g, tty, prompt, why, line, &len);
		suspended = caught == SIGTSTP;
		guard_down(&g);
	} while (suspended);
	if (err == AM_ERR_NOT_FOUND) /* Ctrl-D: no use in asking again */
		return why_say(why, AM_ERR_IO, "", "stopped: no answer came");
	AM_TRY(err);
	if (len == 0)
		return why_say(why, AM_ERR_INVALID, "", "nothing was typed");
	return exact((struct bytes){ secret_bytes(line).p, len }, out);
}

/* After an unusable answer: why, and that the question comes again. */
static void
say_again(int tty, const struct why *why)
{
	const int fd = dup(tty);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "w");

	if (to != NULL) {
		out_wrapped(to, "", 0, why->text);
		(void)fclose(to);
	} else if (fd >= 0) {
		(void)close(fd);
	}
	say(tty, "Again, or Ctrl-C to stop.\n");
}

/* ---- PINs */

/* A key touched while the PIN is typed adds its password at the end. */
static bool
ends_in_otp(struct bytes text)
{
	enum { OTP = 44 };

	return text.len >= OTP &&
	    token_is_otp((struct bytes){ text.p + text.len - OTP, OTP });
}

/* Every refusal here happens before the key is asked: no try is used. */
static AM_RESULT
check_pin(struct bytes pin, struct why *why)
{
	if (ends_in_otp(pin))
		return why_say(why, AM_ERR_INVALID, "",
		    "you touched too early, nothing was counted: the key "
		    "typed a one-time password; type the PIN, touch when "
		    "told");
	for (size_t i = 0; i < pin.len; i++) {
		if (pin.p[i] >= 0x80)
			return why_say(why, AM_ERR_INVALID, "",
			    "the PIN has a character outside ASCII; switch "
			    "the keyboard to English (nothing was sent)");
		if (pin.p[i] < ' ' || pin.p[i] == 0x7f)
			return why_say(why, AM_ERR_INVALID, "",
			    "the PIN has a control character, such as the "
			    "line end of a Windows file (nothing was sent)");
	}
	if (pin.len < TOKEN_PIN_MIN || pin.len > TOKEN_PIN_MAX)
		return why_say(why, AM_ERR_INVALID, "",
		    "a PIN has %d to %d characters (nothing was sent)",
		    TOKEN_PIN_MIN, TOKEN_PIN_MAX);
	return AM_OK;
}

static AM_RESULT
pin_from_fd(int fd, struct why *why, struct secret **out)
{
	secret_auto *line = NULL;
	struct guard g;
	enum am_err err;
	size_t len = 0;

	AM_TRY(secret_new(TERM_LINE_MAX, &line));
	guard_up(&g, false);
	err = read_line(&g, fd, why, line, &len);
	guard_down(&g);
	if (err == AM_ERR_NOT_FOUND)
		return why_say(why, AM_ERR_INVALID, "",
		    "descriptor %d has no further PIN; each stands on a line "
		    "of its own",
		    fd);
	AM_TRY(err);
	AM_TRY(check_pin((struct bytes){ secret_bytes(line).p, len }, why));
	return exact((struct bytes){ secret_bytes(line).p, len }, out);
}

static void
explain_pin(int tty, const struct term_pin *ask)
{
	char tries[64] = "";

	if (ask->tries >= 0)
		(void)snprintf(
		    tries, sizeof(tries), "Tries left: %d. ", ask->tries);
	say_safely(tty, ask->purpose);
	say(tty, " needs the PIN of ");
	say_safely(tty, ask->key);
	say(tty, ".\n");
	say(tty, tries);
	say(tty,
	    "Type it, then Enter; touch the key only when told; Ctrl-C "
	    "stops.\n");
}

AM_RESULT
term_read_pin(const struct term_pin *ask, struct why *why, struct secret **out)
{
	AM_CLEANUP(fd_cleanup) int tty = -1;
	enum am_err err = AM_ERR_INVALID;

	if (ask->fd >= 0)
		return pin_from_fd(ask->fd, why, out);
	AM_TRY(open_tty(why, "pass the PIN with --pin-fd N", &tty));
	explain_pin(tty, ask);
	for (int i = 0; i < TERM_TRIES && err == AM_ERR_INVALID; i++) {
		secret_auto *line = NULL;

		if (i > 0)
			say_again(tty, why);
		err = ask_line(tty, true, "PIN", why, &line);
		if (err == AM_OK)
			err = check_pin(secret_bytes(line), why);
		if (err == AM_OK)
			*out = AM_TAKE(line);
	}
	return err;
}

/* ---- other secrets */

static AM_RESULT
ask_twice(int tty, const char *prompt, struct why *why, struct secret **out)
{
	secret_auto *first = NULL;
	secret_auto *second = NULL;

	AM_TRY(ask_line(tty, true, prompt, why, &first));
	AM_TRY(ask_line(tty, true, "the same once more", why, &second));
	if (!secret_equal(secret_bytes(first), secret_bytes(second)))
		return why_say(why, AM_ERR_INVALID, "",
		    "the two differ; nothing was kept");
	*out = AM_TAKE(first);
	return AM_OK;
}

AM_RESULT
term_ask_secret(const char *prompt, struct why *why, struct secret **out)
{
	AM_CLEANUP(fd_cleanup) int tty = -1;
	enum am_err err = AM_ERR_INVALID;

	AM_TRY(open_tty(why, "read the secret with --from FILE", &tty));
	say(tty, "The secret is asked for twice. Ctrl-C stops.\n");
	for (int i = 0; i < TERM_TRIES && err == AM_ERR_INVALID; i++) {
		if (i > 0)
			say_again(tty, why);
		err = ask_twice(tty, prompt, why, out);
	}
	return err;
}

/* A file says how long it is: locked memory is scarce. */
static size_t
room_for(int fd, size_t max_bytes)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uintmax_t)st.st_size < max_bytes)
		return (size_t)st.st_size + 1;
	return max_bytes + 1;
}

/* One byte of room is left over, or the input is too long. */
static AM_RESULT
read_all(const struct guard *g, int fd, struct why *why, struct secret *to,
    size_t *out_len)
{
	const size_t cap = secret_bytes(to).len;
	size_t len = 0;
	size_t n = 0;

	do {
		AM_TRY(
		    read_some(g, fd, why, cap - len, secret_mut(to) + len, &n));
		len += n;
	} while (n > 0 && len < cap);
	if (len == cap)
		return why_say(why, AM_ERR_INVALID, "",
		    "the input is longer than %zu bytes", cap - 1);
	if (len == 0)
		return why_say(why, AM_ERR_INVALID, "", "the input is empty");
	*out_len = len;
	return AM_OK;
}

AM_RESULT
term_read_secret_input(
    int fd, size_t max_bytes, struct why *why, struct secret **out)
{
	secret_auto *room = NULL;
	struct guard g;
	enum am_err err;
	size_t len = 0;

	if (isatty(fd))
		return why_say(why, AM_ERR_INVALID, "",
		    "a terminal would show the secret; leave out --from to "
		    "be asked for it");
	AM_TRY(secret_new(room_for(fd, max_bytes), &room));
	guard_up(&g, false);
	err = read_all(&g, fd, why, room, &len);
	guard_down(&g);
	AM_TRY(err);
	return exact((struct bytes){ secret_bytes(room).p, len }, out);
}

/* ---- what is no secret */

static AM_RESULT
ask_text(int tty, const char *prompt, struct why *why, size_t cap, char *out)
{
	secret_auto *line = NULL;
	struct bytes text;

	AM_TRY(ask_line(tty, false, prompt, why, &line));
	text = secret_bytes(line);
	if (text.len >= cap)
		return why_say(why, AM_ERR_INVALID, "",
		    "the answer is longer than %zu bytes", cap - 1);
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] < ' ' || text.p[i] == 0x7f)
			return why_say(why, AM_ERR_INVALID, "",
			    "the answer has a control character");
	memcpy(out, text.p, text.len);
	out[text.len] = '\0';
	return AM_OK;
}

AM_RESULT
term_ask_text(const char *prompt, struct why *why, size_t cap, char *out)
{
	AM_CLEANUP(fd_cleanup) int tty = -1;

	AM_TRY(open_tty(why, "run this at a terminal", &tty));
	return ask_text(tty, prompt, why, cap, out);
}

AM_RESULT
term_confirm(bool yes, const char *question, struct why *why, bool *out)
{
	AM_CLEANUP(fd_cleanup) int tty = -1;
	char answer[16] = "";

	if (yes) {
		*out = true;
		return AM_OK;
	}
	AM_TRY(open_tty(why, "pass --yes to agree beforehand", &tty));
	say_safely(tty, question);
	say(tty, "\nType yes or no and press Enter. Ctrl-C stops.\n");
	for (int i = 0; i < TERM_TRIES; i++) {
		const enum am_err err =
		    ask_text(tty, "yes or no", why, sizeof(answer), answer);

		if (err != AM_OK && err != AM_ERR_INVALID)
			return err;
		if (err == AM_OK && strcasecmp(answer, "yes") == 0) {
			*out = true;
			return AM_OK;
		}
		if (err == AM_OK && strcasecmp(answer, "no") == 0)
			break;
	}
	*out = false;
	return AM_OK;
}

void
term_touch(const char *key, const char *what, int n, int total)
{
	char text[320], count[32] = "", label[96] = "the key";

	if (n <= total && total > 1)
		(void)snprintf(count, sizeof(count), "%d of %d; ", n, total);
	if (key[0] != '\0')
		(void)snprintf(label, sizeof(label), "key '%s'", key);
	(void)snprintf(text, sizeof(text), "touch %s %s (%s%d s; Ctrl-C stops)",
	    label, what, count, TOKEN_TOUCH_SECONDS);
	if (isatty(STDERR_FILENO) == 1)
		fputc('\a', stderr);
	out_wrapped(stderr, "NOW ", 4, text);
}

bool
term_is_there(void)
{
	AM_CLEANUP(fd_cleanup) int tty = -1;
	struct why ignored = { 0 };

	return isatty(STDERR_FILENO) == 1 &&
	    open_tty(&ignored, "", &tty) == AM_OK;
}

AM_RESULT
term_await_key(int turn, const char *path, struct why *why)
{
	enum { SECONDS = 60, TURNS_A_SECOND = 2 };
	const struct timespec moment = { .tv_nsec =
					     1000000000 / TURNS_A_SECOND };
	char text[TOKEN_PATH_MAX + 160];

	if (turn == 0) {
		(void)snprintf(text, sizeof(text),
		    "no key is plugged in%s%s%s. Plug in your key now; it is "
		    "waited for %d seconds. Ctrl-C stops, and nothing is "
		    "changed.",
		    path != NULL ? " at '" : "", path != NULL ? path : "",
		    path != NULL ? "'" : "", SECONDS);
		out_wrapped(stderr, "amanat: ", 4, text);
	}
	if (turn >= SECONDS * TURNS_A_SECOND)
		return AM_ERR_TOKEN;
	(void)nanosleep(&moment, NULL);
	if (stop_requested())
		return why_say(
		    why, AM_ERR_IO, "", "stopped; nothing was changed");
	return AM_OK;
}
