/*
 * softkey.h - a software key for a test program: its own process, its own
 * directory, reached over a unix socket. Ended by process id.
 */

#ifndef AM_TEST_SOFTKEY_H
#define AM_TEST_SOFTKEY_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/scratch.h"

#define SOFTKEY_PIN "TEST-1234"

static char softkey_dir[SCRATCH_MAX];
static pid_t softkey_child;

static inline void
softkey_stop(void)
{
	if (softkey_child <= 0)
		return;
	(void)kill(softkey_child, SIGTERM);
	(void)waitpid(softkey_child, NULL, 0);
	softkey_child = 0;
}

/* "unix:..." */
static inline void
softkey_path(char *out, size_t cap)
{
	(void)snprintf(out, cap, "unix:%s/key", softkey_dir);
}

static inline void
softkey_start(const char *touch)
{
	const char *program = getenv("AMANAT_SOFTTOKEN");
	char state[128], path[128], line[64] = { 0 };
	int out[2];

	if (program == NULL)
		program = "build/amanat-softtoken";
	(void)snprintf(state, sizeof(state), "%s/state", softkey_dir);
	softkey_path(path, sizeof(path));
	assert_int_equal(pipe(out), 0);
	softkey_child = fork();
	assert_true(softkey_child >= 0);
	if (softkey_child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a killed test */
		(void)dup2(out[1], STDOUT_FILENO);
		(void)close(out[0]);
		(void)execl(program, program, "--state", state, "--listen",
		    path, "--pin", SOFTKEY_PIN, "--touch", touch, (char *)NULL);
		_exit(127);
	}
	(void)close(out[1]);
	assert_true(read(out[0], line, sizeof(line) - 1) >= 5);
	assert_memory_equal(line, "ready", 5);
	(void)close(out[0]);
}

static inline int
softkey_setup(void **state)
{
	(void)state;
	if (scratch_make(softkey_dir) != 0)
		return -1;
	softkey_start("auto");
	return 0;
}

static inline int
softkey_teardown(void **state)
{
	(void)state;
	softkey_stop();
	return scratch_remove(softkey_dir);
}

#endif /* AM_TEST_SOFTKEY_H */
