#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault/import/gpg.h"

/* Its words would mix with ours, so they are not shown; the passphrase is
 * asked for by the agent, wherever that speaks with its user. */
static int
spawn(int from, int to, pid_t *out)
{
	static const char *const args[] = { "gpg", "--quiet", "--batch",
		"--no-tty", "--decrypt", NULL };
	posix_spawn_file_actions_t a;
	int err = posix_spawn_file_actions_init(&a);

	if (err != 0)
		return err;
	if ((err = posix_spawn_file_actions_adddup2(&a, from, 0)) == 0 &&
	    (err = posix_spawn_file_actions_adddup2(&a, to, 1)) == 0 &&
	    (err = posix_spawn_file_actions_addopen(
		 &a, 2, "/dev/null", O_WRONLY, 0)) == 0)
		err = posix_spawnp(out, args[0], &a, NULL,
		    (char *const *)(uintptr_t)args, environ);
	(void)posix_spawn_file_actions_destroy(&a);
	return err;
}

/* Up to the end, or one byte more than there is room for. */
static AM_RESULT
read_all(int fd, uint8_t *out, size_t cap, size_t *out_len)
{
	size_t len = 0;

	while (len < cap) {
		const ssize_t n = read(fd, out + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return AM_ERR_VERIFY;
		if (n == 0) {
			*out_len = len;
			return AM_OK;
		}
		len += (size_t)n;
	}
	return AM_ERR_INVALID;
}

static bool
ended_well(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static AM_RESULT
cannot_run(int err, struct why *why)
{
	if (err == ENOENT)
		return why_say(why, AM_ERR_IO, "",
		    "there is no gpg here, which a password store needs; "
		    "install gnupg");
	return why_say(
	    why, AM_ERR_IO, "", "gpg cannot be run: %s", strerrordesc_np(err));
}

AM_RESULT
gpg_decrypt(int fd, uint8_t *out, size_t cap, size_t *out_len, struct why *why)
{
	int p[2], run;
	pid_t pid = 0;
	enum am_err err;

	if (pipe2(p, O_CLOEXEC) != 0)
		return cannot_run(errno, why);
	run = spawn(fd, p[1], &pid);
	(void)close(p[1]);
	if (run != 0) {
		(void)close(p[0]);
		return cannot_run(run, why);
	}
	err = read_all(p[0], out, cap, out_len);
	(void)close(p[0]); /* one that writes more ends by it */
	if (!ended_well(pid) && err == AM_OK)
		err = AM_ERR_VERIFY;
	if (err != AM_OK)
		sodium_memzero(out, cap);
	return err;
}
