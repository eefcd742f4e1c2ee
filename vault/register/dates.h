/*
 * dates.h - the days of a subscription: ends, deadlines, reminders (domain.md
 * 7.3, R-4, R-9). Pure: the day comes in as an argument.
 *
 * A day is counted from 1970-01-01 and is one of the agency's: it begins at
 * 00:00 PKT (UTC+5, no summer time). An end is the last day of a term. Months
 * are counted from the day of the month that the contract began with, so that
 * 31 January, a month on, is 28 February, and another month on 31 March.
 *
 * There is one schedule: every reminder follows from the dates of the record,
 * nothing is kept that could go on after they change.
 */

#ifndef AM_DATES_H
#define AM_DATES_H

#include "vault/base/am.h"

enum {
	DATES_TEXT_LEN = 10,      /* YYYY-MM-DD */
	DATES_LEADS_MAX = 32,     /* reminders before an anchor, or after */
	DATES_LEAD_MAX = 3660,    /* days */
	DATES_TWIN_MAX = 10,      /* a holiday is not longer than that */
	DATES_LAST = 2932896,     /* 9999-12-31 */
	DATES_NEVER = 0x7fffffff, /* later than any day */
};

/* Errors: AM_ERR_INVALID (not of that form, or no such day). */
AM_RESULT dates_parse(struct bytes text, int32_t *out);
/* `day` from 0 to DATES_LAST; what is outside is shown as the nearest. */
void dates_text(int32_t day, char out[static DATES_TEXT_LEN + 1]);
/* 1 to 31. */
uint8_t dates_of_month(int32_t day);

/* The day of an instant, and the instant at which a day begins. */
int32_t dates_day(int64_t at);
int64_t dates_begin(int32_t day);

/* A length as contracts have it: "90d", "2m", "1y", which is 12 months; "0d"
 * is none. At most DATES_LEAD_MAX days or 120 months. Errors: AM_ERR_INVALID. */
struct dates_span {
	uint16_t count;
	bool months;
};
AM_RESULT dates_span(struct bytes text, struct dates_span *out);

/* `months` on, where the months are counted from day `of_month`; months may be
 * negative. */
int32_t dates_add_months(int32_t day, int32_t months, uint8_t of_month);
/* That long before. */
int32_t dates_before(int32_t day, struct dates_span span);

struct dates_calendar {
	const int32_t *holidays; /* in any order */
	size_t count;
};
/* Monday to Friday, and no holiday; with NULL for a calendar, every day. */
bool dates_is_working(const struct dates_calendar *c, int32_t day);
/* The last working day up to that one; the day itself where there is none
 * within DATES_TWIN_MAX days. */
int32_t dates_raised(const struct dates_calendar *c, int32_t day);

struct dates_term {
	int32_t end;
	uint8_t of_month; /* that months are counted from */
	uint16_t months;  /* it renews itself for so many; 0: it does not */
};

/* The end after `n` tacit renewals; without those, the end. */
int32_t dates_end_after(const struct dates_term *t, uint32_t n);
/* How many of them lie before `day`. */
uint32_t dates_renewals(const struct dates_term *t, int32_t day);

/* The term that a renewal makes, for `months`: from the old end, so that no day
 * is lost or paid twice, or from the day of the renewal, its first. */
struct dates_term
dates_renewed(const struct dates_term *t, uint16_t months, const int32_t *from);

enum dates_anchor { DATES_DECISION = 1, DATES_END };

struct dates_plan {
	struct dates_term term;
	struct dates_span notice, procurement;
	uint16_t margin; /* days */
	uint8_t lead_count, after_count;
	uint16_t leads[DATES_LEADS_MAX]; /* days before each anchor */
	uint16_t after[DATES_LEADS_MAX]; /* days after the end */
	uint16_t repeat; /* and then at this interval; 0: no more */
	bool decided;    /* nothing reminds of a decision that was made */
};

/* End - max(notice period, procurement lead) - margin, of the term that ends
 * then. */
int32_t dates_deadline(const struct dates_plan *p, int32_t end);
/* The last day for a notice. */
int32_t dates_notice(const struct dates_plan *p, int32_t end);

struct dates_reminder {
	enum dates_anchor anchor;
	int32_t day;    /* of the reminder */
	int32_t raised; /* the working day at or before it, but one after an
			 * end is not raised before that */
	int32_t left;   /* days from `day` to the anchor; negative: after it */
	int32_t end, deadline; /* of its term */
};

/*
 * `dates_next` finds the first day after `day` on which a reminder is raised:
 * DATES_NEVER when there is none; `dates_last` the last such day up to `until`,
 * not before `day`, likewise. `dates_each` calls `fn` for every reminder
 * raised after `day` and up to `until`, in the order of those days. However
 * far apart the two are, none is left out.
 */
int32_t dates_next(
    const struct dates_plan *p, const struct dates_calendar *c, int32_t day);
int32_t dates_last(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t day, int32_t until);
typedef enum am_err dates_fn(void *arg, const struct dates_reminder *r);
AM_RESULT dates_each(const struct dates_plan *p, const struct dates_calendar *c,
    int32_t day, int32_t until, dates_fn *fn, void *arg);

/* Fiscal years begin on 1 July. */
enum dates_funds { DATES_FUNDED, DATES_SURRENDERED, DATES_SLOW };
/* What money paid on that day meets, where savings are surrendered up to that
 * day of that month: of April, May or June. */
enum dates_funds dates_funds(int32_t day, uint8_t month, uint8_t of_month);

#endif /* AM_DATES_H */
