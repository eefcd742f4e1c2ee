#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/softtoken/link.h"
#include "tests/softtoken/status.h"

/* ---- opening */

static bool
read_port(const char *text, char end, unsigned *port, const char **rest)
{
	char *stop = NULL;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoul(text, &stop, 10);
	if (errno != 0 || n > UINT16_MAX || *stop != end)
		return false;
	*port = (unsigned)n;
	*rest = stop + (end != '\0');
	return true;
}

static struct sockaddr_in
local_port(unsigned port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static bool
open_udp(struct link *l, const char *where, const char **why)
{
	unsigned send_port = 0, recv_port = 0;
	struct sockaddr_in own;

	*why = "udp wants two ports, udp:SEND:RECV";
	if (!read_port(where, ':', &send_port, &where) ||
	    !read_port(where, '\0', &recv_port, &where) || recv_port == 0)
		return false;
	*why = "cannot bind the port";
	own = local_port(send_port);
	l->udp = true;
	l->chosen = send_port == 0;
	l->peer = local_port(recv_port);
	l->server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return l->server >= 0 &&
	    bind(l->server, (struct sockaddr *)&own, sizeof(own)) == 0;
}

/* Only a socket is replaced, never another kind of file. */
static void
remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
}

static bool
open_unix(struct link *l, const char *path, const char **why)
{
	struct sockaddr_un own = { .sun_family = AF_UNIX };

	*why = "the path of the socket is empty or too long";
	if (*path == '\0' || strlen(path) >= sizeof(own.sun_path))
		return false;
	memcpy(own.sun_path, path, strlen(path) + 1);
	*why = "cannot listen on the socket";
	remove_stale(path);
	l->server = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (l->server < 0 ||
	    bind(l->server, (struct sockaddr *)&own, sizeof(own)) != 0)
		return false;
	l->path = own;
	return listen(l->server, 16) == 0;
}

static int
open_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool
link_open(struct link *l, const char *where, const char **why)
{
	*l = (struct link){ .stop = open_stop(), .server = -1, .client = -1 };
	*why = "cannot wait for signals";
	if (l->stop < 0)
		return false;
	if (strncmp(where, "udp:", 4) == 0)
		return open_udp(l, where + 4, why);
	if (strncmp(where, "unix:", 5) == 0)
		return open_unix(l, where + 5, why);
	*why = "only udp:SEND:RECV and unix:PATH are known";
	return false;
}

void
link_drop(struct link *l)
{
	if (l->client >= 0)
		close(l->client);
	l->client = -1;
}

void
link_close(struct link *l)
{
	link_drop(l);
	if (l->server >= 0)
		close(l->server);
	if (l->path.sun_path[0] != '\0')
		(void)unlink(l->path.sun_path);
	if (l->stop >= 0)
		close(l->stop);
}

unsigned
link_port(const struct link *l)
{
	struct sockaddr_in own = { 0 };
	socklen_t len = sizeof(own);

	if (!l->udp ||
	    getsockname(l->server, (struct sockaddr *)&own, &len) != 0)
		return 0;
	return ntohs(own.sin_port);
}

/* ---- reports */

/* What is no whole report is no report. */
static enum link_event
receive(struct link *l, int fd, uint8_t frame[LINK_REPORT])
{
	uint8_t buf[LINK_REPORT + 1];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == LINK_REPORT) {
		memcpy(frame, buf, LINK_REPORT);
		return LINK_FRAME;
	}
	if (l->udp || n > 0)
		return LINK_TIMEOUT;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return LINK_TIMEOUT;
	link_drop(l);
	return LINK_GONE;
}

enum link_event
link_wait(struct link *l, int timeout_ms, uint8_t frame[static LINK_REPORT])
{
	struct pollfd fds[] = {
		{ .fd = l->stop, .events = POLLIN },
		{ .fd = l->client >= 0 ? l->client : l->server,
		    .events = POLLIN },
	};
	int n = poll(fds, 2, timeout_ms);

	if (n <= 0)
		return LINK_TIMEOUT;
	if (fds[0].revents != 0)
		return LINK_STOP;
	if (l->udp || l->client >= 0)
		return receive(l, fds[1].fd, frame);
	l->client = accept4(l->server, NULL, NULL, SOCK_CLOEXEC);
	return LINK_TIMEOUT;
}

void
link_send(const struct link *l, const uint8_t frame[static LINK_REPORT])
{
	ssize_t n = 0;

	if (l->udp)
		n = sendto(l->server, frame, LINK_REPORT, 0,
		    (const struct sockaddr *)&l->peer, sizeof(l->peer));
	else if (l->client >= 0)
		n = send(l->client, frame, LINK_REPORT, MSG_NOSIGNAL);
	(void)n;
}
