/*
 * aged.h - where `due` finds the credentials of a safe that were changed at the
 * vendor longest ago, and those whose login was tested longest ago: under the
 * day of it. What follows after how long is the policy's, which changes; the
 * days do not.
 *
 * Tables have no order, so a day is a bucket that knows how many are in it, and
 * the day before and after that has any. Whoever reads sees no day without
 * credentials, and no credential that is not asked for.
 */

#ifndef AM_AGED_H
#define AM_AGED_H

#include "vault/state/rows.h"

enum aged_list { AGED_CHANGED, AGED_TESTED };

/* Whether a credential of that type is ever changed at a vendor, or logs in
 * there: what is kept as it is, is not, and a code that works once is not used
 * up for a test. A type that is not known is treated like a login. */
bool aged_asks(enum aged_list list, const char *type);

/* The place of `c` in a list. */
static inline const struct rows_place *
aged_place(const struct rows_record *c, enum aged_list list)
{
	return list == AGED_CHANGED ? &c->changed : &c->tested;
}

/*
 * Put `c` where it belongs after a change: a new version, a rotation that two
 * have signed, a login that two have tested. Of the others they may rewrite
 * one; `c` itself is for the caller to put.
 *
 * Changed: the day on which the version was sealed that is confirmed in force
 * at the vendor, or the first one; for a version that nobody has confirmed may
 * be the old secret. Tested: the day of the earlier of the last two tests, else
 * that of the newest version; a contractor's deposit only once it is tested,
 * since until then it is unverified and owed earlier (K-3).
 */
AM_RESULT
aged_sealed(const struct view *v, struct rows_record *c, bool contractor);
AM_RESULT aged_rotated(const struct view *v, struct rows_record *c);
AM_RESULT
aged_tested(const struct view *v, struct rows_record *c, int64_t first_at);

/* Calls `fn` for each day that has any, up to `until`, the earliest first. */
typedef enum am_err aged_fn(void *arg, uint32_t day, uint32_t count);
AM_RESULT aged_each(const struct view *v, const uint8_t safe[static 16],
    enum aged_list list, int32_t until, aged_fn *fn, void *arg);
/* One of those under a day, from 0. */
AM_RESULT aged_nth(const struct view *v, const uint8_t safe[static 16],
    enum aged_list list, uint32_t day, uint32_t slot, struct rows_record *out);

#endif /* AM_AGED_H */
