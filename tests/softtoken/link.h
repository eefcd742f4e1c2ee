/*
 * link.h - how 64-byte reports reach the key: UDP on 127.0.0.1, or one message
 * each on a SOCK_SEQPACKET socket with one client at a time.
 */

#ifndef SOFT_LINK_H
#define SOFT_LINK_H

#include <sys/un.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_REPORT 64

struct link {
	int stop;   /* readable once the program is to end */
	int server; /* UDP socket, or where clients arrive */
	int client; /* -1: none, and always for UDP */
	bool udp;
	bool chosen; /* the kernel chose the port */
	struct sockaddr_in peer;
	struct sockaddr_un path;
};

enum link_event {
	LINK_FRAME,   /* a report was read */
	LINK_TIMEOUT, /* nothing came */
	LINK_GONE,    /* the client went away */
	LINK_STOP,
};

/*
 * Opens `where`, "udp:SEND:RECV" or "unix:PATH"; SEND 0 lets the kernel choose.
 * On false, `why` names the step.
 */
bool link_open(struct link *l, const char *where, const char **why);
void link_close(struct link *l);

/* The UDP port that clients send to; 0 for a unix socket. */
unsigned link_port(const struct link *l);

/* Waits at most `timeout_ms`, -1 for ever. */
enum link_event
link_wait(struct link *l, int timeout_ms, uint8_t frame[static LINK_REPORT]);

/* A report that cannot be delivered is lost, as on a bus. */
void link_send(const struct link *l, const uint8_t frame[static LINK_REPORT]);

/* Ends the connection of the present client. */
void link_drop(struct link *l);

#endif /* SOFT_LINK_H */
