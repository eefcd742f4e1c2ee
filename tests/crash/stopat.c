/*
 * stopat.so, for LD_PRELOAD: counts the calls that change something on disk
 * and, at number STOPAT, kills the process before the call (STOPAT_MODE=kill)
 * or makes it fail with ENOSPC (STOPAT_MODE=fail). STOPAT_COUNT names a file
 * that gets the count at the end. Sockets, terminals and the standard streams
 * do not count.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long count;

static bool
is_file(int fd)
{
	struct stat st;

	return fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* True: this call must fail. */
static bool
reached(void)
{
	static long at = -1;
	static bool fail;

	if (at < 0) {
		const char *n = getenv("STOPAT"), *mode = getenv("STOPAT_MODE");

		at = n == NULL ? 0 : strtol(n, NULL, 10);
		fail = mode != NULL && strcmp(mode, "fail") == 0;
	}
	if (++count != at)
		return false;
	if (!fail)
		(void)kill(getpid(), SIGKILL);
	errno = ENOSPC;
	return true;
}

__attribute__((destructor)) static void
report(void)
{
	const char *path = getenv("STOPAT_COUNT");
	FILE *f = path == NULL ? NULL : fopen(path, "we");

	if (f == NULL)
		return;
	(void)fprintf(f, "%ld\n", count);
	(void)fclose(f);
}

#define REAL(type, name, ...)             \
	static type (*real)(__VA_ARGS__); \
	if (real == NULL)                 \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t
write(int fd, const void *p, size_t n)
{
	REAL(ssize_t, write, int, const void *, size_t);

	return is_file(fd) && reached() ? -1 : real(fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	REAL(ssize_t, pwrite, int, const void *, size_t, off_t);

	return reached() ? -1 : real(fd, p, n, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);

	return reached() ? -1 : real(fd, p, n, at);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t);

	return reached() ? -1 : real(fd, v, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	REAL(ssize_t, writev, int, const struct iovec *, int);

	return is_file(fd) && reached() ? -1 : real(fd, v, n);
}

int
fsync(int fd)
{
	REAL(int, fsync, int);

	return reached() ? -1 : real(fd);
}

int
fdatasync(int fd)
{
	REAL(int, fdatasync, int);

	return reached() ? -1 : real(fd);
}

int
ftruncate(int fd, off_t n)
{
	REAL(int, ftruncate, int, off_t);

	return reached() ? -1 : real(fd, n);
}

int
rename(const char *a, const char *b)
{
	REAL(int, rename, const char *, const char *);

	return reached() ? -1 : real(a, b);
}

int
renameat(int da, const char *a, int db, const char *b)
{
	REAL(int, renameat, int, const char *, int, const char *);

	return reached() ? -1 : real(da, a, db, b);
}

int
renameat2(int da, const char *a, int db, const char *b, unsigned flags)
{
	REAL(int, renameat2, int, const char *, int, const char *, unsigned);

	return reached() ? -1 : real(da, a, db, b, flags);
}

int
unlinkat(int d, const char *a, int flags)
{
	REAL(int, unlinkat, int, const char *, int);

	return reached() ? -1 : real(d, a, flags);
}

int
mkdir(const char *a, mode_t mode)
{
	REAL(int, mkdir, const char *, mode_t);

	return reached() ? -1 : real(a, mode);
}

int
mkdirat(int d, const char *a, mode_t mode)
{
	REAL(int, mkdirat, int, const char *, mode_t);

	return reached() ? -1 : real(d, a, mode);
}

int
openat(int d, const char *a, int flags, ...)
{
	REAL(int, openat, int, const char *, int, ...);
	mode_t mode = 0;
	va_list ap;

	if ((flags & O_CREAT) != 0) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
		if (reached())
			return -1;
	}
	return real(d, a, flags, mode);
}
