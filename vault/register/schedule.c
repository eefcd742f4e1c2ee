#include "vault/register/schedule.h"

static size_t
find(const struct schedule *s, const struct schedule_event *event)
{
	size_t i = 0;

	while (i < s->count &&
	    (s->events[i].of != event->of || s->events[i].twin != event->twin ||
		s->events[i].days != event->days))
		i++;
	return i;
}

bool
schedule_has(const struct schedule *s, const struct schedule_event *event)
{
	return find(s, event) < s->count;
}

static size_t
earliest(const struct schedule *s)
{
	size_t at = 0;

	for (size_t i = 1; i < s->count; i++)
		if (s->events[i].day < s->events[at].day)
			at = i;
	return at;
}

void
schedule_add(struct schedule *s, const struct schedule_event *event)
{
	size_t at = find(s, event);

	if (at < s->count) {
		if (s->events[at].day < event->day)
			s->events[at].day = event->day;
		return;
	}
	if (at == SCHEDULE_MAX)
		at = earliest(s);
	else
		s->count++;
	s->events[at] = *event;
}

static void
add(const struct dates_calendar *c, const struct schedule_event *event,
    int32_t end, struct schedule *s)
{
	struct schedule_event twin = *event;

	if (event->day < 0 || event->day >= DATES_LAST)
		return; /* not one that a calendar can show */
	schedule_add(s, event);
	twin.twin = true;
	twin.day = dates_raised(c, event->day);
	if (twin.day == event->day ||
	    (event->of == SCHEDULE_AFTER && twin.day <= end))
		return;
	schedule_add(s, &twin);
}

void
schedule_term(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t end, struct schedule *s)
{
	const int32_t deadline = dates_deadline(p, end);

	for (size_t i = 0; i < p->lead_count; i++) {
		struct schedule_event e = { .of = SCHEDULE_DECISION,
			.days = p->leads[i],
			.day = deadline - p->leads[i] };

		add(c, &e, end, s);
		e.of = SCHEDULE_END;
		e.day = end - p->leads[i];
		add(c, &e, end, s);
	}
	for (size_t i = 0; i < p->after_count; i++)
		add(c,
		    &(struct schedule_event){ .of = SCHEDULE_AFTER,
			.days = p->after[i],
			.day = end + p->after[i] },
		    end, s);
}

/* The days behind an end up to which something of its term is kept. */
static int32_t
kept_behind(const struct dates_plan *p)
{
	int32_t most = 0;

	for (size_t i = 0; i < p->after_count; i++)
		if (p->after[i] > most)
			most = p->after[i];
	return most + SCHEDULE_KEPT_DAYS;
}

void
schedule_terms(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t today, struct schedule *s)
{
	const uint32_t last = dates_renewals(&p->term, today);
	const int32_t kept = kept_behind(p);
	uint32_t n = last;

	while (n > 0 && dates_end_after(&p->term, n - 1) + kept >= today)
		n--;
	for (; n <= last; n++) {
		struct schedule one = { .count = 0 };

		schedule_term(p, c, dates_end_after(&p->term, n), &one);
		for (size_t i = 0; i < one.count; i++)
			if (n == last ||
			    one.events[i].day + SCHEDULE_KEPT_DAYS >= today)
				schedule_add(s, &one.events[i]);
	}
}
