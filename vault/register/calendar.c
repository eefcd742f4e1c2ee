#include <libical/ical.h>
#include <stdio.h>

#include "vault/register/calendar.h"

enum { TEXT_MAX = 512, RINGS_AT = 9 }; /* o'clock, in the agency */

AM_RESULT
calendar_begin(struct blob *out)
{
	return blob_text(out,
	    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
	    "PRODID:-//amanat//renewals 1//EN\r\n");
}

AM_RESULT
calendar_end(struct blob *out)
{
	return blob_text(out, "END:VCALENDAR\r\n");
}

/* ---- properties: libical returns NULL where memory is short */

static AM_RESULT
add(icalcomponent *c, icalproperty *p)
{
	if (p == NULL)
		return AM_ERR_NOMEM;
	icalcomponent_add_property(c, p);
	return AM_OK;
}

static struct icaltimetype
day_of(int32_t day)
{
	char text[DATES_TEXT_LEN + 1], plain[9];

	dates_text(day, text);
	(void)snprintf(
	    plain, sizeof(plain), "%.4s%.2s%.2s", text, text + 5, text + 8);
	return icaltime_from_string(plain);
}

static AM_RESULT
add_common(icalcomponent *c, const struct calendar_item *i, const char *suffix,
    const char *summary)
{
	const struct icaltimetype stamp = icaltime_from_timet_with_zone(
	    i->revised, 0, icaltimezone_get_utc_timezone());
	char uid[TEXT_MAX];

	(void)snprintf(uid, sizeof(uid), "sub-%s%s@%s", i->id, suffix, i->host);
	AM_TRY(add(c, icalproperty_new_uid(uid)));
	AM_TRY(add(c, icalproperty_new_dtstamp(stamp)));
	AM_TRY(add(c, icalproperty_new_sequence((int)i->sequence)));
	AM_TRY(add(c, icalproperty_new_summary(summary)));
	AM_TRY(add(c, icalproperty_new_categories("RENEWAL")));
	return i->price[0] == '\0'
	    ? AM_OK
	    : add(c, icalproperty_new_description(i->price));
}

/* Takes over `c`. */
static AM_RESULT
put(struct blob *out, icalcomponent *c, enum am_err err)
{
	char *text = err == AM_OK ? icalcomponent_as_ical_string_r(c) : NULL;

	icalcomponent_free(c);
	AM_TRY(err);
	if (text == NULL)
		return AM_ERR_NOMEM;
	err = blob_text(out, text);
	free(text);
	return err;
}

/* ---- the decision */

/* So many whole hours before midnight at the end of its day that it rings at
 * nine: one unit, for mixed ones break servers. */
static AM_RESULT
add_alarm(icalcomponent *to, uint16_t lead)
{
	struct icaltriggertype when = { .time = icaltime_null_time() };
	icalcomponent *c = icalcomponent_new(ICAL_VALARM_COMPONENT);
	icalproperty *p;
	char text[64];

	if (c == NULL)
		return AM_ERR_NOMEM;
	icalcomponent_add_component(to, c); /* whose it is now */
	(void)snprintf(text, sizeof(text), "%u day%s to the decision deadline",
	    lead, lead == 1 ? "" : "s");
	when.duration = icaldurationtype_null_duration();
	when.duration.is_neg = 1;
	when.duration.hours = lead * 24U - RINGS_AT;
	AM_TRY(add(c, icalproperty_new_action(ICAL_ACTION_DISPLAY)));
	AM_TRY(add(c, icalproperty_new_description(text)));
	if ((p = icalproperty_new_trigger(when)) == NULL)
		return AM_ERR_NOMEM;
	icalproperty_add_parameter(
	    p, icalparameter_new_related(ICAL_RELATED_END));
	return add(c, p);
}

static AM_RESULT
fill_decision(icalcomponent *c, const struct calendar_item *i)
{
	const icalproperty_status status = i->closed ? ICAL_STATUS_CANCELLED
	    : i->plan->decided                       ? ICAL_STATUS_COMPLETED
						     : ICAL_STATUS_NEEDSACTION;
	char text[TEXT_MAX], notice[DATES_TEXT_LEN + 1];
	int32_t first = i->deadline - 1;

	for (size_t k = 0; k < i->plan->lead_count; k++)
		if (i->deadline - i->plan->leads[k] < first)
			first = i->deadline - i->plan->leads[k];
	(void)snprintf(text, sizeof(text),
	    "Decide: renew, replace or end \"%s\"", i->name);
	if (i->notice >= 0) {
		dates_text(i->notice, notice);
		(void)snprintf(text, sizeof(text),
		    "\"%s\" will renew by itself unless notice is given by %s",
		    i->name, notice);
	}
	AM_TRY(add_common(c, i, "", text));
	AM_TRY(add(c, icalproperty_new_dtstart(day_of(first))));
	AM_TRY(add(c, icalproperty_new_due(day_of(i->deadline))));
	AM_TRY(add(c, icalproperty_new_status(status)));
	for (size_t k = 0;
	     status == ICAL_STATUS_NEEDSACTION && k < i->plan->lead_count; k++)
		AM_TRY(add_alarm(c, i->plan->leads[k]));
	return AM_OK;
}

static AM_RESULT
add_decision(struct blob *out, const struct calendar_item *i)
{
	icalcomponent *c = icalcomponent_new(ICAL_VTODO_COMPONENT);

	return c == NULL ? AM_ERR_NOMEM : put(out, c, fill_decision(c, i));
}

/* ---- a reminder */

static bool
is_over(const struct calendar_item *i, const struct schedule_event *e)
{
	return i->closed || (e->of == SCHEDULE_DECISION && i->plan->decided);
}

static void
say_event(const struct calendar_item *i, const struct schedule_event *e,
    char suffix[static 32], char text[static TEXT_MAX])
{
	static const char *const letters[] = { [SCHEDULE_DECISION] = "d",
		[SCHEDULE_END] = "e",
		[SCHEDULE_AFTER] = "a" };
	static const char *const words[] = { [SCHEDULE_DECISION] = "to decide",
		[SCHEDULE_END] = "to the end",
		[SCHEDULE_AFTER] = "past its end" };
	char end[DATES_TEXT_LEN + 1];

	dates_text(i->end, end);
	(void)snprintf(
	    suffix, 32, "-%s%u%s", letters[e->of], e->days, e->twin ? "w" : "");
	(void)snprintf(text, TEXT_MAX, "%u day%s %s: %s %s %s", e->days,
	    e->days == 1 ? "" : "s", words[e->of], i->name,
	    i->notice >= 0 ? "renews by itself after" : "ends", end);
}

static AM_RESULT
fill_event(icalcomponent *c, const struct calendar_item *i,
    const struct schedule_event *e, bool over)
{
	char text[TEXT_MAX], suffix[32];

	say_event(i, e, suffix, text);
	AM_TRY(add_common(c, i, suffix, text));
	AM_TRY(add(c, icalproperty_new_dtstart(day_of(e->day))));
	AM_TRY(add(c, icalproperty_new_dtend(day_of(e->day + 1))));
	AM_TRY(add(c, icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT)));
	return add(c,
	    icalproperty_new_status(
		over ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
}

static AM_RESULT
add_event(struct blob *out, const struct calendar_item *i,
    const struct schedule_event *e, bool over)
{
	icalcomponent *c = icalcomponent_new(ICAL_VEVENT_COMPONENT);

	return c == NULL ? AM_ERR_NOMEM
			 : put(out, c, fill_event(c, i, e, over));
}

AM_RESULT
calendar_add(struct blob *out, const struct calendar_item *i)
{
	struct schedule now = { .count = 0 };

	AM_TRY(add_decision(out, i));
	schedule_term(i->plan, i->calendar, i->end, &now);
	for (size_t k = 0; k < now.count; k++)
		AM_TRY(add_event(
		    out, i, &now.events[k], is_over(i, &now.events[k])));
	for (size_t k = 0; i->ever != NULL && k < i->ever->count; k++)
		if (!schedule_has(&now, &i->ever->events[k]))
			AM_TRY(add_event(out, i, &i->ever->events[k], true));
	return AM_OK;
}
