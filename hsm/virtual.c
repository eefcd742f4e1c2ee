#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hsm/virtual.h"

#include "hsm/stop.h"

enum { REPORT = 64, SLICE_MS = 100 };

struct channel {
	int fd;
	bool datagrams;
	struct sockaddr_in to; /* udp only */
};

bool
virtual_is(const char *path)
{
	return strncmp(path, "udp:", 4) == 0 || strncmp(path, "unix:", 5) == 0;
}

/* A port, ended by `end`; 0 if there is none. */
static uint16_t
port(const char *text, char end, const char **rest)
{
	unsigned v = 0;

	while (*text >= '0' && *text <= '9' && v <= 65535)
		v = v * 10 + (unsigned)(*text++ - '0');
	if (*text != end || v > 65535)
		return 0;
	*rest = text;
	return (uint16_t)v;
}

static bool
ports(const char *path, uint16_t *to, uint16_t *from)
{
	const char *rest = path + 4;

	*to = port(rest, ':', &rest);
	if (*to == 0)
		return false;
	*from = port(rest + 1, '\0', &rest);
	return *from != 0;
}

AM_RESULT
virtual_check(const char *path)
{
	struct sockaddr_un un;
	uint16_t to = 0, from = 0;

	if (strncmp(path, "udp:", 4) == 0)
		return ports(path, &to, &from) ? AM_OK : AM_ERR_INVALID;
	return path[5] != '\0' && strlen(path + 5) < sizeof(un.sun_path)
	    ? AM_OK
	    : AM_ERR_INVALID;
}

static struct sockaddr_in
loopback(uint16_t p)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(p),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static bool
open_udp(const char *path, struct channel *c)
{
	uint16_t to = 0, from = 0;
	struct sockaddr_in me;

	if (!ports(path, &to, &from))
		return false;
	me = loopback(from);
	c->to = loopback(to);
	c->datagrams = true;
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return c->fd >= 0 &&
	    bind(c->fd, (const struct sockaddr *)&me, sizeof(me)) == 0;
}

static bool
open_unix(const char *path, struct channel *c)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const size_t n = strlen(path + 5);

	if (n == 0 || n >= sizeof(un.sun_path))
		return false;
	memcpy(un.sun_path, path + 5, n);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return c->fd >= 0 &&
	    connect(c->fd, (const struct sockaddr *)&un, sizeof(un)) == 0;
}

void *
virtual_open(const char *path)
{
	struct channel *c;

	if (path == NULL || (c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->fd = -1;
	if (strncmp(path, "udp:", 4) == 0 ? open_udp(path, c)
					  : open_unix(path, c))
		return c;
	virtual_close(c);
	return NULL;
}

void
virtual_close(void *handle)
{
	struct channel *c = handle;

	if (c == NULL)
		return;
	if (c->fd >= 0)
		(void)close(c->fd);
	free(c);
}

static int64_t
clock_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* how long, not when */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Waits in slices, so that Ctrl-C between two of them is seen too. */
static bool
wait_for_report(const struct channel *c, int timeout_ms)
{
	const int64_t end = clock_ms() + timeout_ms;
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	for (;;) {
		const int64_t left = end - clock_ms();
		int n, slice = SLICE_MS;

		if (stop_requested() || (timeout_ms >= 0 && left < 0))
			return false;
		if (timeout_ms >= 0 && left < slice)
			slice = (int)left;
		n = poll(&p, 1, slice);
		if (n > 0)
			return (p.revents & POLLIN) != 0;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

int
virtual_read(void *handle, unsigned char *buf, size_t len, int timeout_ms)
{
	struct channel *c = handle;

	if (len != REPORT || !wait_for_report(c, timeout_ms))
		return -1;
	return recv(c->fd, buf, len, 0) == REPORT ? REPORT : -1;
}

int
virtual_write(void *handle, const unsigned char *buf, size_t len)
{
	struct channel *c = handle;
	ssize_t n;

	if (len != REPORT + 1)
		return -1;
	if (c->datagrams)
		n = sendto(c->fd, buf + 1, REPORT, MSG_NOSIGNAL,
		    (const struct sockaddr *)&c->to, sizeof(c->to));
	else
		n = send(c->fd, buf + 1, REPORT, MSG_NOSIGNAL);
	return n == REPORT ? (int)len : -1;
}
