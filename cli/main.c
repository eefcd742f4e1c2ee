#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/cmd.h"
#include "hsm/token.h"

/* Ctrl-C while a key is asked: the call ends, the key is told, and main
 * returns, so that every clean-up runs. A second one ends at once. */
static void
stop(int sig)
{
	token_interrupt();
	(void)signal(sig, SIG_DFL);
}

/*
 * The database is mapped memory, and LMDB believes its pages: one that is
 * damaged in the right way is a fault of memory here. Nothing can be cleaned
 * up then, but it can be said. Only async-signal-safe calls; no core is left.
 */
static void
fault(int sig)
{
	static const char text[] =
	    "amanat: stopped: the database is damaged, or this program has a "
	    "fault; nothing more was changed: run 'amanat doctor', and restore "
	    "the last backup if it stops as well\n";
	const ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	_Exit(n >= 0 && sig == SIGBUS ? err_status(AM_ERR_CORRUPT)
				      : err_status(AM_ERR_INTERNAL));
}

static AM_RESULT
handle(void (*fn)(int), const int *list, size_t count)
{
	struct sigaction sa = { .sa_handler = fn };

	for (size_t i = 0; i < count; i++)
		if (sigaction(list[i], &sa, NULL) != 0)
			return AM_ERR_INTERNAL;
	return AM_OK;
}

static AM_RESULT
catch_signals(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT };

	AM_TRY(handle(stop, stops, AM_ARRAY_LEN(stops)));
	AM_TRY(handle(fault, faults, AM_ARRAY_LEN(faults)));
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? AM_ERR_INTERNAL : AM_OK;
}

/*
 * A file opened as descriptor 1 would receive what is meant for a person. What
 * was closed stays unusable: a secret that is written to it must not seem to
 * have arrived. Only complaints may go nowhere.
 */
static AM_RESULT
open_standard(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", modes[fd]) != fd)
			return AM_ERR_INTERNAL;
	return AM_OK;
}

/* No core file, no debugger of the same user: keys pass through here. */
static AM_RESULT
harden(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit lock;

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return AM_ERR_INTERNAL;
	if (getrlimit(RLIMIT_MEMLOCK, &lock) == 0) {
		lock.rlim_cur = lock.rlim_max;
		(void)setrlimit(RLIMIT_MEMLOCK, &lock);
	}
	(void)umask(077);
	return AM_OK;
}

int
main(int argc, char *argv[])
{
	if (harden() != AM_OK || open_standard() != AM_OK ||
	    catch_signals() != AM_OK || sodium_init() < 0)
		return err_status(cmd_complain(AM_ERR_INTERNAL,
		    "cannot protect this process; refusing to start"));
	return cmd_main(argc, argv);
}
