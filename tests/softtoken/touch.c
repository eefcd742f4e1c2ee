#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/softtoken/status.h"
#include "tests/softtoken/touch.h"

#define DELAY_MAX 600000

static bool
read_delay(const char *text, int64_t *out)
{
	char *stop = NULL;
	long n;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtol(text, &stop, 10);
	if (errno != 0 || *stop != '\0' || n > DELAY_MAX)
		return false;
	*out = n;
	return true;
}

bool
touch_parse(struct touch *t, const char *text)
{
	*t = (struct touch){ .mode = TOUCH_AUTO };
	if (strcmp(text, "auto") == 0)
		return true;
	if (strcmp(text, "never") == 0) {
		t->mode = TOUCH_NEVER;
		return true;
	}
	if (strncmp(text, "file:", 5) == 0) {
		t->mode = TOUCH_FILE;
		t->path = text + 5;
		return *t->path != '\0';
	}
	t->mode = TOUCH_DELAY;
	return strncmp(text, "delay:", 6) == 0 &&
	    read_delay(text + 6, &t->delay_ms);
}

bool
touch_now(const struct touch *t, int64_t waited_ms)
{
	switch (t->mode) {
	case TOUCH_AUTO:
		return true;
	case TOUCH_NEVER:
		return false;
	case TOUCH_FILE:
		return unlink(t->path) == 0;
	case TOUCH_DELAY:
		return waited_ms >= t->delay_ms;
	}
	return false;
}
