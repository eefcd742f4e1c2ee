/*
 * turn.h - calls that fail in turn. The linker sends each call that
 * tests/fault/calls says can fail to a wrapper here (--wrap); the 1st, then
 * the 2nd, ... of them fails until an operation meets no failure.
 *
 * A program has one countdown, so one failure a run.
 */

#ifndef AM_TEST_TURN_H
#define AM_TEST_TURN_H

#include <errno.h>
#include <stdbool.h>

#include "tests/check.h"
#include "vault/base/err.h"

static int turn_left = -1; /* calls before the one that fails; -1: none */
static bool turn_came;     /* it has failed */
static const char *turn_name = "";

static inline bool
turn_fails(const char *name)
{
	if (turn_left < 0 || turn_left-- > 0)
		return false;
	turn_came = true;
	turn_name = name;
	errno = ENOMEM;
	return true;
}

/* From here on nothing fails: what follows are the test's own calls. */
static inline void
turn_off(void)
{
	turn_left = -1;
}

/* A wrapper of `name` that returns `failure` in its turn. */
#define TURN_WRAP(type, name, params, args, failure) \
	type __real_##name params;                   \
	type __wrap_##name params;                   \
	type __wrap_##name params                    \
	{                                            \
		if (turn_fails(#name))               \
			return failure;              \
		return __real_##name args;           \
	}

/*
 * Runs `fn` with each of its calls failing in turn, and once with none. `fn`
 * runs the operation, calls turn_off, and checks what a failure left behind.
 * It may succeed in spite of one, if the result is right nevertheless.
 *	passes   whether an error is one that may come of a failure
 *	least    the calls that there are at least
 */
static inline void
turn_each(enum am_err (*fn)(void *arg), void *arg,
    bool (*passes)(enum am_err err), int least)
{
	for (int n = 0;; n++) {
		enum am_err err;

		turn_came = false;
		turn_left = n;
		err = fn(arg);
		turn_off();
		if (!turn_came) {
			assert_int_equal(err, AM_OK);
			if (n < least)
				fail_msg("%d calls, not %d", n, least);
			return;
		}
		if (err != AM_OK && !passes(err))
			fail_msg("call %d, %s, failed: error %d", n, turn_name,
			    (int)err);
		assert_true(n < 10000);
	}
}

#endif /* AM_TEST_TURN_H */
