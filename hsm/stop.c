#include <signal.h>

#include "hsm/stop.h"

static volatile sig_atomic_t requested;

void
stop_request(void)
{
	requested = 1;
}

bool
stop_requested(void)
{
	return requested != 0;
}
