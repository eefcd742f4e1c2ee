/*
 * virtual.h - keys in software, reached by the same CTAPHID reports as keys
 * in hand (protocol.md 6.7). Only evaluation vaults accept them.
 *
 *	udp:SEND:RECV  64-byte datagrams to 127.0.0.1:SEND, answers received
 *	               on 127.0.0.1:RECV
 *	unix:PATH      SOCK_SEQPACKET, a report a message
 */

#ifndef AM_VIRTUAL_H
#define AM_VIRTUAL_H

#include "vault/base/am.h"

/* "udp:" or "unix:" in front: not a device. */
bool virtual_is(const char *path);

/* Is the rest well formed? Errors: AM_ERR_INVALID. */
AM_RESULT virtual_check(const char *path);

/* The four calls, in the shapes that struct fido_dev_io has: write takes 65
 * bytes (report number 0 first), read gives exactly 64 or fails (R6.10). */
void *virtual_open(const char *path);
void virtual_close(void *handle);
int virtual_read(void *handle, unsigned char *buf, size_t len, int timeout_ms);
int virtual_write(void *handle, const unsigned char *buf, size_t len);

#endif /* AM_VIRTUAL_H */
