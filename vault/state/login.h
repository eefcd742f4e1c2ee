/*
 * login.h - whether a deposit does what it is for (K-3, invariant 4): what a
 * contractor has deposited is unverified until two officials, and not the
 * contractor, have tested the login.
 */

#ifndef AM_LOGIN_H
#define AM_LOGIN_H

#include "vault/state/rows.h"

enum login_is {
	LOGIN_UNTESTED,   /* an official deposited it; nothing is asked */
	LOGIN_UNVERIFIED, /* a contractor did, and two have not tested it */
	LOGIN_VERIFIED,   /* two have */
};

/* How the newest version stands; `by` has deposited it. */
static inline enum login_is
login_stands(const struct rows_record *c, const struct rows_person *by)
{
	if (c->verified == c->version)
		return LOGIN_VERIFIED;
	return by->kind == ROWS_CONTRACTOR ? LOGIN_UNVERIFIED : LOGIN_UNTESTED;
}

/* That, and who has tested it (zeros: nobody). Two have tested it at
 * `first_at`: the earlier of the last two tests. */
AM_RESULT login_state(const struct view *v, const struct rows_record *c,
    struct rows_login *tests, enum login_is *out);

#endif /* AM_LOGIN_H */
