/*
 * calendar.h - deadlines as RFC 5545 (domain.md 7.4), by libical.
 *
 * Of each subscription a VTODO, due on the day of decision, and for every
 * reminder an all-day VEVENT, since clients pass over tasks and alarms; one more
 * on the working day before where that is another. An item keeps its UID, and
 * its SEQUENCE rises when anything changes; what is over, and what was an event
 * once and is none any more, is exported as cancelled. No METHOD: DTSTAMP is the
 * last revision, and two exports of one state are the same bytes.
 */

#ifndef AM_CALENDAR_H
#define AM_CALENDAR_H

#include "vault/base/blob.h"
#include "vault/register/schedule.h"

struct calendar_item {
	const char *id, *name; /* of the subscription */
	const char *host;      /* behind the @ of each UID */
	const char *price;     /* "": not told */
	const struct dates_plan *plan;
	const struct dates_calendar *calendar;
	const struct schedule *ever; /* what may be in calendars; or NULL */
	int32_t end, deadline;       /* of the term that runs */
	int32_t notice; /* its last day, where it renews itself; else -1 */
	bool closed;
	int64_t revised;
	uint32_t sequence;
};

/* Appends the beginning, items, and the end of a calendar. Errors:
 * AM_ERR_NOMEM. */
AM_RESULT calendar_begin(struct blob *out);
AM_RESULT calendar_add(struct blob *out, const struct calendar_item *i);
AM_RESULT calendar_end(struct blob *out);

#endif /* AM_CALENDAR_H */
