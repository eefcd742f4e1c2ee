/*
 * subscription.h - subscriptions as the rules see them, for those who show
 * them, remind of them, or check a record before it is signed.
 */

#ifndef AM_SUBSCRIPTION_H
#define AM_SUBSCRIPTION_H

#include "vault/register/record.h"
#include "vault/register/schedule.h"
#include "vault/state/rows.h"

enum { SUBSCRIPTION_TEST_DAYS = 30 }; /* how old a login test may be */

/* By id, by number. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT subscription_find(
    const struct view *v, struct bytes id, struct rows_subscription *out);
AM_RESULT subscription_get(
    const struct view *v, uint32_t number, struct rows_subscription *out);

/* Its dates as they are now. Who has decided is not asked to decide, and what
 * is decided on does not renew itself. */
void
subscription_plan(const struct rows_subscription *s, struct dates_plan *out);
/* The end of the term that runs on a day. */
int32_t subscription_end(const struct rows_subscription *s, int32_t day);
static inline bool
subscription_is_decided(const struct rows_subscription *s)
{
	return s->state > ROWS_IN_FORCE;
}

/* The holidays of the entity, and with `ever` also those that were on its list;
 * lent from `days`. */
void subscription_calendar(const struct rows_entity *e, bool ever,
    int32_t days[static 2 * ROWS_HOLIDAYS_MAX], struct dates_calendar *out);

/* Every event that calendars may have of it (schedule.h), added to `out`; `c`
 * has the holidays that ever were. */
void subscription_schedule(const struct rows_subscription *s,
    const struct dates_calendar *c, int32_t today, struct schedule *out);

/* "active", "renewing"; "renew", "" before a decision; "controlled". */
const char *subscription_state(const struct rows_subscription *s);
const char *subscription_choice(const struct rows_subscription *s);
const char *subscription_control(const struct rows_subscription *s);

/* Is the record one of the credentials that renewing needs? */
bool subscription_needs(
    const struct rows_subscription *s, const uint8_t record[static 16]);

/* Does the person hold the post at an instant, or one that succeeds it? */
AM_RESULT subscription_holds(const struct view *v, const struct rows_person *p,
    uint32_t post, int64_t at, bool *out);

/* The countries of a record, one after the other, as supplier_judge has them. */
void subscription_countries(
    const struct record *r, char out[static ROWS_CODES_MAX + 1]);

/* two different people have logged in, and not longer ago than that. */
bool subscription_is_tested(const struct rows_subscription *s, int64_t at);

/* Everything that is missing, no such thing, at odds with another field, or
 * refers to what is not there: record_check and more; and what the class asks
 * at that instant (vetting.h). `id`: whose waivers count. */
AM_RESULT subscription_check(const struct view *v, const char *id,
    const struct record *r, int64_t at, record_fault *fn, void *arg);

#endif /* AM_SUBSCRIPTION_H */
