/*
 * custody.h - the keys of custodians, as the level of a safe looks at them
 * (domain.md, C-2): how many each has, at how many places they are kept, and of
 * how many models those of a committee are.
 *
 * Keys count that are active and not suspended. Places are as somebody entered
 * them (register.c), the same in capitals; a key whose place nobody has entered
 * is taken to lie where the others do. Asked only where a policy is in force.
 */

#ifndef AM_CUSTODY_H
#define AM_CUSTODY_H

#include "vault/base/why.h"
#include "vault/state/rows.h"

struct custody {
	unsigned keys, places;
	int64_t out_at; /* when the last one ceased to count; 0: none has */
};
AM_RESULT custody_of(
    const struct view *v, const uint8_t person[static 16], struct custody *out);

/* Different models among the keys of some people, of those that approve in the
 * safe. */
AM_RESULT custody_models(const struct view *v, const struct rows_safe *s,
    const struct rows_member *members, size_t n, unsigned *out);

/* What the level of a safe asks, and since when. Errors: AM_ERR_NOT_FOUND (no
 * policy is in force). */
AM_RESULT custody_asked(const struct view *v, const struct rows_safe *s,
    struct rows_level *out, int64_t *since);

/*
 * C-2: a person who comes into the operating committee has the keys that the
 * level asks for, at as many places, or a waiver is in force. Whoever is in the
 * committee that the plan starts from stays in it whatever they have: that they
 * have less is a fact, and for `analyze` to tell.
 * Errors: AM_ERR_POLICY, with what to do.
 */
AM_RESULT custody_may_join(const struct view *v, const struct rows_plan *p,
    const uint8_t person[static 16], int64_t at, struct why *why);

#endif /* AM_CUSTODY_H */
