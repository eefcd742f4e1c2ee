/*
 * stop.h - whether the person at the keyboard wants to stop. Set by a signal
 * handler, looked at by the transports while they wait for a key.
 */

#ifndef AM_STOP_H
#define AM_STOP_H

#include <stdbool.h>

void stop_request(void); /* async-signal-safe */
bool stop_requested(void);

#endif /* AM_STOP_H */
