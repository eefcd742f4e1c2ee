/*
 * touch.h - the finger: --touch auto|never|file:PATH|delay:MS.
 */

#ifndef SOFT_TOUCH_H
#define SOFT_TOUCH_H

#include <stdbool.h>
#include <stdint.h>

enum touch_mode { TOUCH_AUTO, TOUCH_NEVER, TOUCH_FILE, TOUCH_DELAY };

struct touch {
	enum touch_mode mode;
	const char *path;
	int64_t delay_ms;
};

/* Reads the option; false when it is none of the four. */
bool touch_parse(struct touch *t, const char *text);

/*
 * Whether the key is touched by now, after `waited_ms`. A touch by file uses
 * the file up.
 */
bool touch_now(const struct touch *t, int64_t waited_ms);

#endif /* SOFT_TOUCH_H */
