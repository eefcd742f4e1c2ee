/*
 * schedule.h - the events that a subscription has in a calendar, apart from how
 * they are written: N days before the decision or the end, or after the end, and
 * one more on the working day before where that is another. Pure.
 *
 * Whoever has imported an event keeps it until it is cancelled. So what was an
 * event once, and is none any more, is remembered for a year.
 */

#ifndef AM_SCHEDULE_H
#define AM_SCHEDULE_H

#include "vault/register/dates.h"

enum {
	SCHEDULE_MAX = 6 * DATES_LEADS_MAX,
	SCHEDULE_KEPT_DAYS = 366, /* behind its day, or behind being dropped */
};

enum schedule_of { SCHEDULE_DECISION = 1, SCHEDULE_END, SCHEDULE_AFTER };

struct schedule_event {
	enum schedule_of of;
	bool twin;     /* of an event, on the working day before */
	uint16_t days; /* before the decision or the end, or after the end */
	int32_t day;
};

/* No event is there twice. Start with { 0 }. */
struct schedule {
	size_t count;
	struct schedule_event events[SCHEDULE_MAX];
};

/* The same event, on whatever day. */
bool schedule_has(const struct schedule *s, const struct schedule_event *event);

/* Adds it; the one that is there gets the later day of the two. Where there is
 * no room the one of the earliest day goes. */
void schedule_add(struct schedule *s, const struct schedule_event *event);

/* Adds those of the term that ends on `end`. */
void schedule_term(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t end, struct schedule *s);

/* Adds those of every term up to the one that runs on `today`, but not what is
 * over for longer than SCHEDULE_KEPT_DAYS. */
void schedule_terms(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t today, struct schedule *s);

#endif /* AM_SCHEDULE_H */
