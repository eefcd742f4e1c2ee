/*
 * scratch.h - a directory of a test's own, in memory where there is such a
 * place: these tests sync thousands of times, and no power fails in them.
 */

#ifndef AM_TEST_SCRATCH_H
#define AM_TEST_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SCRATCH_MAX = 64 };

static inline int
scratch_make(char out[static SCRATCH_MAX])
{
	(void)snprintf(out, SCRATCH_MAX, "%s/amanat-test-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	return mkdtemp(out) == NULL ? -1 : 0;
}

static inline int
scratch_remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* The directory and all in it. */
static inline int
scratch_remove(const char *dir)
{
	return nftw(dir, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif /* AM_TEST_SCRATCH_H */
