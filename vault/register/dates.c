#include <stdio.h>

#include "vault/register/dates.h"

enum { DAY = 86400, ZONE = 5 * 3600 };

/* ---- civil days: years begin in March, so that a leap day is a last one */

struct civil {
	int32_t y;
	int32_t m, d; /* from 1 */
};

static int32_t
days_of(struct civil c)
{
	const int32_t y = c.m <= 2 ? c.y - 1 : c.y, era = y / 400,
		      of_era = y - era * 400,
		      of_year =
			  (153 * (c.m + (c.m > 2 ? -3 : 9)) + 2) / 5 + c.d - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static struct civil
civil_of(int32_t day)
{
	const int32_t z = day + 719468, era = z / 146097, of_era = z % 146097,
		      y = (of_era - of_era / 1460 + of_era / 36524 -
			      of_era / 146096) /
	    365,
		      of_year = of_era - (365 * y + y / 4 - y / 100),
		      m = (5 * of_year + 2) / 153;
	const struct civil c = {
		.y = y + era * 400 + (m >= 10),
		.m = m < 10 ? m + 3 : m - 9,
		.d = of_year - (153 * m + 2) / 5 + 1,
	};

	return c;
}

static int32_t
days_in(int32_t y, int32_t m)
{
	const struct civil first = { y, m, 1 },
			   next = { m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1,
				   1 };

	return days_of(next) - days_of(first);
}

static int32_t
clamp(int32_t day)
{
	if (day < 0)
		return 0;
	return day > DATES_LAST ? DATES_LAST : day;
}

static bool
digits(struct bytes text, size_t at, size_t count, int32_t *out)
{
	*out = 0;
	for (size_t i = at; i < at + count; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		*out = *out * 10 + (text.p[i] - '0');
	}
	return true;
}

AM_RESULT
dates_parse(struct bytes text, int32_t *out)
{
	struct civil c;

	if (text.len != DATES_TEXT_LEN || text.p[4] != '-' || text.p[7] != '-')
		return AM_ERR_INVALID;
	if (!digits(text, 0, 4, &c.y) || !digits(text, 5, 2, &c.m) ||
	    !digits(text, 8, 2, &c.d))
		return AM_ERR_INVALID;
	if (c.y < 1970 || c.m < 1 || c.m > 12 || c.d < 1 ||
	    c.d > days_in(c.y, c.m))
		return AM_ERR_INVALID;
	*out = days_of(c);
	return AM_OK;
}

void
dates_text(int32_t day, char out[static DATES_TEXT_LEN + 1])
{
	const struct civil c = civil_of(clamp(day));
	char text[40];

	(void)snprintf(text, sizeof(text), "%04d-%02d-%02d", c.y, c.m, c.d);
	memcpy(out, text, DATES_TEXT_LEN);
	out[DATES_TEXT_LEN] = '\0';
}

uint8_t
dates_of_month(int32_t day)
{
	return (uint8_t)civil_of(clamp(day)).d;
}

int32_t
dates_day(int64_t at)
{
	const int64_t day = (at + ZONE) / DAY;

	return day > DATES_LAST ? DATES_LAST : (int32_t)(day < 0 ? 0 : day);
}

int64_t
dates_begin(int32_t day)
{
	return (int64_t)day * DAY - ZONE;
}

/* ---- lengths */

AM_RESULT
dates_span(struct bytes text, struct dates_span *out)
{
	const size_t n = text.len;
	int32_t v = 0, most = DATES_LEAD_MAX;
	char unit;

	if (n < 2 || n > 6 || !digits(text, 0, n - 1, &v))
		return AM_ERR_INVALID;
	unit = (char)text.p[n - 1];
	if (unit == 'y')
		v *= 12;
	if (unit == 'y' || unit == 'm')
		most = 120;
	else if (unit != 'd')
		return AM_ERR_INVALID;
	if (v > most)
		return AM_ERR_INVALID;
	out->count = (uint16_t)v;
	out->months = unit != 'd' && v > 0;
	return AM_OK;
}

int32_t
dates_add_months(int32_t day, int32_t months, uint8_t of_month)
{
	struct civil c = civil_of(clamp(day));
	const int32_t m = c.y * 12 + c.m - 1 + months;
	int32_t last;

	if (m < 1970 * 12)
		return 0;
	c.y = m / 12;
	c.m = m % 12 + 1;
	last = days_in(c.y, c.m);
	c.d = of_month < last ? of_month : last;
	return clamp(days_of(c));
}

int32_t
dates_before(int32_t day, struct dates_span span)
{
	return span.months
	    ? dates_add_months(day, -(int32_t)span.count, dates_of_month(day))
	    : clamp(day - span.count);
}

/* ---- working days */

bool
dates_is_working(const struct dates_calendar *c, int32_t day)
{
	const int32_t weekday = (day + 3) % 7; /* 0: Monday */

	if (c == NULL)
		return true;
	if (weekday >= 5)
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (c->holidays[i] == day)
			return false;
	return true;
}

int32_t
dates_raised(const struct dates_calendar *c, int32_t day)
{
	for (int32_t d = day; d >= 0 && d >= day - DATES_TWIN_MAX; d--)
		if (dates_is_working(c, d))
			return d;
	return day;
}

/* ---- terms */

int32_t
dates_end_after(const struct dates_term *t, uint32_t n)
{
	/* beyond the last year all ends are the same */
	const uint32_t most = t->months == 0 ? 0 : 12U * 8030U / t->months;

	if (n == 0 || most == 0)
		return t->end;
	return dates_add_months(
	    t->end, (int32_t)((n < most ? n : most) * t->months), t->of_month);
}

uint32_t
dates_renewals(const struct dates_term *t, int32_t day)
{
	const struct civil end = civil_of(clamp(t->end)),
			   at = civil_of(clamp(day));
	const int32_t months = (at.y - end.y) * 12 + at.m - end.m;
	uint32_t n;

	if (t->months == 0 || months < 0)
		return 0;
	n = (uint32_t)months / t->months;
	return dates_end_after(t, n) < day ? n + 1 : n;
}

struct dates_term
dates_renewed(const struct dates_term *t, uint16_t months, const int32_t *from)
{
	struct dates_term out = *t;

	if (from == NULL) {
		out.end = dates_add_months(t->end, months, t->of_month);
		return out;
	}
	out.end = dates_add_months(*from, months, dates_of_month(*from)) - 1;
	/* what began on a first of a month ends with one */
	out.of_month =
	    dates_of_month(*from) == 1 ? 31 : dates_of_month(out.end);
	return out;
}

/* ---- deadlines and reminders */

int32_t
dates_notice(const struct dates_plan *p, int32_t end)
{
	return dates_before(end, p->notice);
}

int32_t
dates_deadline(const struct dates_plan *p, int32_t end)
{
	const int32_t notice = dates_notice(p, end),
		      order = dates_before(end, p->procurement);

	return clamp((notice < order ? notice : order) - p->margin);
}

/* All reminders of the term that ends then, and how far it goes. */
struct walk {
	const struct dates_plan *p;
	const struct dates_calendar *c;
	int32_t day, until; /* of interest: raised after, and up to */
	dates_fn *fn;
	void *arg;
	int32_t end, deadline;
};

static AM_RESULT
tell(const struct walk *w, enum dates_anchor anchor, int32_t left)
{
	struct dates_reminder r = {
		.anchor = anchor,
		.left = left,
		.end = w->end,
		.deadline = w->deadline,
	};

	r.day = (anchor == DATES_END ? w->end : w->deadline) - left;
	if (r.day < 0 || r.day > DATES_LAST)
		return AM_OK;
	r.raised = dates_raised(w->c, r.day);
	if (left < 0 && r.raised <= w->end)
		r.raised = r.day; /* that it is over is not said before */
	return r.raised > w->day && r.raised <= w->until ? w->fn(w->arg, &r)
							 : AM_OK;
}

/* After an end that nothing has followed: at an interval, and so for ever. */
static AM_RESULT
tell_repeated(const struct walk *w, bool first_only)
{
	const int32_t step = w->p->repeat;
	int32_t last = 0, n;

	for (size_t i = 0; i < w->p->after_count; i++)
		if (w->p->after[i] > last)
			last = w->p->after[i];
	if (step == 0 || w->p->term.months != 0)
		return AM_OK;
	n = (w->day - w->end - last) / step;
	for (n = n < 1 ? 1 : n;; n++) {
		const int32_t after = last + n * step;

		if (w->end + after > w->until + DATES_TWIN_MAX ||
		    w->end + after > DATES_LAST)
			return AM_OK;
		AM_TRY(tell(w, DATES_END, -after));
		if (first_only && dates_raised(w->c, w->end + after) > w->day)
			return AM_OK;
	}
}

static AM_RESULT
tell_term(const struct walk *w, bool first_only)
{
	for (size_t i = 0; i < w->p->lead_count; i++) {
		if (!w->p->decided)
			AM_TRY(tell(w, DATES_DECISION, w->p->leads[i]));
		AM_TRY(tell(w, DATES_END, w->p->leads[i]));
	}
	for (size_t i = 0; i < w->p->after_count; i++)
		AM_TRY(tell(w, DATES_END, -(int32_t)w->p->after[i]));
	return tell_repeated(w, first_only);
}

static int32_t
most_of(const uint16_t *days, size_t count)
{
	int32_t most = 0;

	for (size_t i = 0; i < count; i++)
		if (days[i] > most)
			most = days[i];
	return most;
}

static enum am_err
keep_first(void *arg, const struct dates_reminder *r)
{
	int32_t *first = arg;

	if (r->raised < *first)
		*first = r->raised;
	return AM_OK;
}

/* The terms whose reminders may be raised after `day`: from the one that was
 * running when the last of them could be. */
static uint32_t
first_term(const struct dates_plan *p, int32_t day)
{
	const int32_t after = most_of(p->after, p->after_count);

	return p->term.months == 0
	    ? 0
	    : dates_renewals(&p->term, clamp(day - after));
}

/* No reminder of the term of this walk, or of a later one, is raised before. */
static int32_t
earliest(const struct walk *w)
{
	return w->deadline - most_of(w->p->leads, w->p->lead_count) -
	    DATES_TWIN_MAX;
}

int32_t
dates_next(
    const struct dates_plan *p, const struct dates_calendar *c, int32_t day)
{
	int32_t first = DATES_NEVER;
	struct walk w = {
		.p = p,
		.c = c,
		.day = day,
		.until = DATES_LAST,
		.fn = keep_first,
		.arg = &first,
	};

	for (uint32_t n = first_term(p, day);; n++) {
		w.end = dates_end_after(&p->term, n);
		w.deadline = dates_deadline(p, w.end);
		if (earliest(&w) > first)
			return first;
		if (tell_term(&w, true) != AM_OK || p->term.months == 0 ||
		    w.end >= DATES_LAST)
			return first;
	}
}

static enum am_err
keep_last(void *arg, const struct dates_reminder *r)
{
	int32_t *last = arg;

	if (r->raised > *last)
		*last = r->raised;
	return AM_OK;
}

static AM_RESULT
tell_terms(struct walk *w)
{
	for (uint32_t n = first_term(w->p, w->day);; n++) {
		w->end = dates_end_after(&w->p->term, n);
		w->deadline = dates_deadline(w->p, w->end);
		if (earliest(w) > w->until)
			return AM_OK;
		AM_TRY(tell_term(w, false));
		if (w->p->term.months == 0 || w->end >= DATES_LAST)
			return AM_OK;
	}
}

/* Looks back from there, each time four times as far, so that it costs as much
 * as the last ones do, and not as all of them. */
int32_t
dates_last(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t day, int32_t until)
{
	int32_t last = -1;
	struct walk w = {
		.p = p,
		.c = c,
		.until = until,
		.fn = keep_last,
		.arg = &last,
	};

	for (int32_t span = 32;; span *= 4) {
		w.day = until - span > day ? until - span : day;
		if (tell_terms(&w) != AM_OK || last >= 0 || w.day == day)
			return last < 0 ? DATES_NEVER : last;
	}
}

/* Of one day: of every term that has some then. */
static AM_RESULT
tell_day(struct walk *w, int32_t day)
{
	w->day = day - 1;
	w->until = day;
	return tell_terms(w);
}

AM_RESULT
dates_each(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t day, int32_t until, dates_fn *fn, void *arg)
{
	struct walk w = { .p = p, .c = c, .fn = fn, .arg = arg };

	for (int32_t at = dates_next(p, c, day); at <= until;
	     at = dates_next(p, c, at))
		AM_TRY(tell_day(&w, at));
	return AM_OK;
}

/* ---- money */

enum dates_funds
dates_funds(int32_t day, uint8_t month, uint8_t of_month)
{
	const struct civil c = civil_of(clamp(day));

	if (c.m >= 7 && c.m <= 9)
		return DATES_SLOW;
	if (c.m <= 6 && (c.m > month || (c.m == month && c.d > of_month)))
		return DATES_SURRENDERED;
	return DATES_FUNDED;
}
