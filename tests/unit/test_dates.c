/*
 * Days of subscriptions: refusals, then a row for every fault that trackers
 * shipped (peer-lessons.md 4, domain.md 7.3), then properties.
 */

#include "tests/check.h"
#include "vault/register/dates.h"

static const struct dates_calendar weekends = { NULL, 0 };

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static int32_t
day(const char *text)
{
	int32_t d = -1;

	assert_int_equal(dates_parse(text_of(text), &d), AM_OK);
	return d;
}

static void
is_day(int32_t got, const char *want)
{
	char text[DATES_TEXT_LEN + 1];

	dates_text(got, text);
	assert_string_equal(text, want);
}

static struct dates_span
span(const char *text)
{
	struct dates_span s = { 9999, false };

	assert_int_equal(dates_span(text_of(text), &s), AM_OK);
	return s;
}

static struct dates_plan
plan(const char *end, uint16_t months, const char *notice, const char *order)
{
	static const uint16_t leads[] = { 180, 120, 90, 60, 30, 14, 7, 1 };
	struct dates_plan p = {
		.term = { day(end), dates_of_month(day(end)), months },
		.notice = span(notice),
		.procurement = span(order),
		.lead_count = AM_ARRAY_LEN(leads),
	};

	memcpy(p.leads, leads, sizeof(leads));
	return p;
}

/* ---- refusals */

static void
what_is_no_day_is_refused(void **state)
{
	static const char *const wrong[] = { "", "2022-1-01", "2022-01-32",
		"2022-00-10", "2022-13-01", "2021-02-29", "1900-02-29",
		"2100-02-29", "1969-12-31", "2022/01/01", "2022-01-0x",
		"2022-01-01T", " 2022-01-01" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++) {
		int32_t d = 4711;

		assert_int_equal(
		    dates_parse(text_of(wrong[i]), &d), AM_ERR_INVALID);
		assert_int_equal(d, 4711);
	}
}

static void
what_is_no_length_is_refused(void **state)
{
	static const char *const wrong[] = { "", "d", "90", "90 d", "-1d",
		"3661d", "121m", "11y", "99999d", "1w", "1D", "0x1d" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++) {
		struct dates_span s = { 4711, true };

		assert_int_equal(
		    dates_span(text_of(wrong[i]), &s), AM_ERR_INVALID);
		assert_int_equal(s.count, 4711);
	}
	assert_int_equal(span("0d").count, 0);
	assert_int_equal(span("1y").count, 12);
	assert_true(span("1y").months);
	assert_int_equal(span("3660d").count, 3660);
}

/* ---- days */

static void
every_day_of_the_calendar_goes_there_and_back(void **state)
{
	char text[DATES_TEXT_LEN + 1];

	(void)state;
	assert_int_equal(day("1970-01-01"), 0);
	assert_int_equal(day("9999-12-31"), DATES_LAST);
	assert_int_equal(day("2000-03-01"), 11017);
	for (int32_t d = 0; d < 60000; d++) {
		dates_text(d, text);
		assert_int_equal(day(text), d);
	}
}

/* Months, from the day that they are counted from (subtrackr#132). */
static void
months_are_counted_from_the_original_day(void **state)
{
	static const struct {
		const char *from;
		uint8_t of_month;
		int32_t months;
		const char *to;
	} rows[] = {
		{ "2022-01-31", 31, 1, "2022-02-28" },
		{ "2022-01-31", 31, 2, "2022-03-31" },
		{ "2022-02-28", 31, 1, "2022-03-31" }, /* a step at a time */
		{ "2022-02-28", 28, 1, "2022-03-28" },
		{ "2024-01-31", 31, 1, "2024-02-29" },
		{ "2022-01-31", 31, 3, "2022-04-30" },
		{ "2024-02-29", 29, 12, "2025-02-28" },
		{ "2025-02-28", 29, 12, "2026-02-28" },
		{ "2024-02-29", 29, 48, "2028-02-29" },
		{ "2027-02-28", 29, 12, "2028-02-29" },
		{ "2096-02-29", 29, 48, "2100-02-28" },
		{ "2022-12-31", 31, 2, "2023-02-28" },
		{ "2022-03-31", 31, -1, "2022-02-28" },
		{ "2022-01-15", 15, -1, "2021-12-15" },
		{ "2022-12-15", 15, 1, "2023-01-15" },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++)
		is_day(dates_add_months(
			   day(rows[i].from), rows[i].months, rows[i].of_month),
		    rows[i].to);
}

/* A day is the agency's: PKT, five hours ahead of UTC. */
static void
a_day_begins_at_19_utc(void **state)
{
	const int64_t begin = 1644433200; /* 2022-02-09T19:00:00Z */

	(void)state;
	is_day(dates_day(begin), "2022-02-10");
	is_day(dates_day(begin - 1), "2022-02-09");
	assert_int_equal(dates_begin(day("2022-02-10")), begin);
}

/* ---- deadlines */

static void
the_deadline_is_before_notice_and_procurement(void **state)
{
	static const struct {
		const char *end, *notice, *order;
		uint16_t margin;
		const char *deadline;
	} rows[] = {
		{ "2022-04-15", "0d", "90d", 0, "2022-01-15" }, /* domain 12 */
		{ "2022-04-15", "90d", "30d", 0, "2022-01-15" },
		{ "2022-04-15", "30d", "90d", 5, "2022-01-10" },
		{ "2022-03-31", "1m", "0d", 0, "2022-02-28" },
		{ "2024-05-31", "3m", "0d", 0, "2024-02-29" },
		{ "2022-12-31", "2m", "60d", 0, "2022-10-31" },
		{ "2022-12-31", "2m", "62d", 0, "2022-10-30" },
		{ "2022-04-15", "0d", "0d", 0, "2022-04-15" },
		{ "2022-04-15", "1y", "90d", 0, "2021-04-15" },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct dates_plan p =
		    plan(rows[i].end, 0, rows[i].notice, rows[i].order);

		p.margin = rows[i].margin;
		is_day(dates_deadline(&p, p.term.end), rows[i].deadline);
	}
}

/* glpi#23084: twelve months, notice of two, after 1, 2 and 5 renewals. */
static void
notice_is_of_the_current_term(void **state)
{
	const struct dates_plan p = plan("2020-12-31", 12, "2m", "0d");
	static const struct {
		const char *today;
		uint32_t renewals;
		const char *end, *notice;
	} rows[] = {
		{ "2020-06-01", 0, "2020-12-31", "2020-10-31" },
		{ "2020-12-31", 0, "2020-12-31", "2020-10-31" },
		{ "2021-01-01", 1, "2021-12-31", "2021-10-31" },
		{ "2022-06-01", 2, "2022-12-31", "2022-10-31" },
		{ "2025-12-31", 5, "2025-12-31", "2025-10-31" },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		const uint32_t n = dates_renewals(&p.term, day(rows[i].today));
		const int32_t end = dates_end_after(&p.term, n);

		assert_int_equal(n, rows[i].renewals);
		is_day(end, rows[i].end);
		is_day(dates_notice(&p, end), rows[i].notice);
	}
}

static void
what_does_not_renew_itself_has_one_end(void **state)
{
	const struct dates_plan p = plan("2020-12-31", 0, "2m", "0d");

	(void)state;
	assert_int_equal(dates_renewals(&p.term, day("2030-01-01")), 0);
	is_day(dates_end_after(&p.term, 7), "2020-12-31");
}

/* The leap day comes back; the last year of the calendar is an end. */
static void
terms_are_counted_from_the_first(void **state)
{
	const struct dates_term leap = { day("2024-02-29"), 29, 12 };
	const struct dates_term month = { day("2022-01-31"), 31, 1 };

	(void)state;
	is_day(dates_end_after(&leap, 3), "2027-02-28");
	is_day(dates_end_after(&leap, 4), "2028-02-29");
	is_day(dates_end_after(&month, 1), "2022-02-28");
	is_day(dates_end_after(&month, 2), "2022-03-31");
	is_day(dates_end_after(&month, UINT32_MAX), "9999-12-31");
}

/* Wallos#959: late, and early, from the old end and from the renewal. */
static void
a_renewal_is_from_the_old_end_or_from_its_day(void **state)
{
	static const struct {
		const char *end;
		uint8_t of_month;
		const char *from; /* NULL: the old end */
		uint16_t months;
		const char *to, *next; /* and a month after that */
	} rows[] = {
		{ "2022-04-15", 15, NULL, 12, "2023-04-15", "2023-05-15" },
		{ "2022-04-15", 15, "2022-05-03", 12, "2023-05-02",
		    "2023-06-02" },
		{ "2022-04-15", 15, "2022-03-20", 12, "2023-03-19",
		    "2023-04-19" },
		{ "2022-02-28", 31, NULL, 1, "2022-03-31", "2022-04-30" },
		{ "2022-02-28", 28, "2022-03-01", 12, "2023-02-28",
		    "2023-03-31" },
		{ "2024-02-29", 29, NULL, 12, "2025-02-28", "2025-03-29" },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		const struct dates_term t = { day(rows[i].end),
			rows[i].of_month, 0 };
		const int32_t from =
		    rows[i].from != NULL ? day(rows[i].from) : 0;
		const struct dates_term r = dates_renewed(
		    &t, rows[i].months, rows[i].from != NULL ? &from : NULL);

		is_day(r.end, rows[i].to);
		is_day(dates_add_months(r.end, 1, r.of_month), rows[i].next);
	}
}

/* ---- reminders */

struct heard {
	size_t count;
	struct dates_reminder r[4096];
};

static enum am_err
hear(void *arg, const struct dates_reminder *r)
{
	struct heard *h = arg;

	assert_true(h->count < AM_ARRAY_LEN(h->r));
	h->r[h->count++] = *r;
	return AM_OK;
}

static void
listen(const struct dates_plan *p, const struct dates_calendar *c,
    const char *after, const char *until, struct heard *h)
{
	h->count = 0;
	assert_int_equal(
	    dates_each(p, c, day(after), day(until), hear, h), AM_OK);
}

/* Scenario 1: eight before the decision, eight before the end; 17 October 2021
 * is a Sunday, so that reminder is raised on Friday the 15th. */
static void
the_founding_story_is_reminded_of_in_time(void **state)
{
	const struct dates_plan p = plan("2022-04-15", 0, "0d", "90d");
	static struct heard h;
	size_t decision = 0, twins = 0;

	(void)state;
	listen(&p, &weekends, "2021-07-18", "2022-04-30", &h);
	assert_int_equal(h.count, 16);
	is_day(h.r[0].day, "2021-07-19");
	assert_int_equal(h.r[0].anchor, DATES_DECISION);
	assert_int_equal(h.r[0].left, 180);
	for (size_t i = 0; i < h.count; i++) {
		decision += h.r[i].anchor == DATES_DECISION;
		twins += h.r[i].raised != h.r[i].day;
		if (h.r[i].anchor == DATES_END && h.r[i].left == 180) {
			is_day(h.r[i].day, "2021-10-17");
			is_day(h.r[i].raised, "2021-10-15");
		}
		assert_true(dates_is_working(&weekends, h.r[i].raised));
	}
	assert_int_equal(decision, 8);
	assert_true(twins > 0);
}

static void
a_holiday_is_reminded_of_on_the_working_day_before(void **state)
{
	/* Eid: Tuesday to Thursday; Pakistan Day on a Wednesday */
	const int32_t free_days[] = { day("2022-05-05"), day("2022-05-03"),
		day("2022-05-04"), day("2022-03-23"), day("2022-05-02") };
	const struct dates_calendar c = { free_days, AM_ARRAY_LEN(free_days) };
	int32_t always[40];
	const struct dates_calendar none = { always, AM_ARRAY_LEN(always) };

	(void)state;
	is_day(dates_raised(&c, day("2022-03-23")), "2022-03-22");
	is_day(dates_raised(&c, day("2022-05-05")), "2022-04-29");
	is_day(dates_raised(&c, day("2022-05-06")), "2022-05-06");
	is_day(dates_raised(&c, day("2022-05-07")), "2022-05-06");
	for (size_t i = 0; i < AM_ARRAY_LEN(always); i++)
		always[i] = day("2022-06-01") + (int32_t)i;
	is_day(dates_raised(&none, day("2022-07-05")), "2022-07-05");
}

/* Wallos#967: no cap on lead times; snipe-it#3209: several, per item. */
static void
any_number_of_lead_times_of_any_length(void **state)
{
	struct dates_plan p = plan("2024-12-31", 0, "0d", "0d");
	static struct heard h;

	(void)state;
	p.decided = true;
	p.lead_count = DATES_LEADS_MAX;
	for (size_t i = 0; i < DATES_LEADS_MAX; i++)
		p.leads[i] = (uint16_t)(365 + 7 * i);
	p.leads[0] = DATES_LEAD_MAX;
	listen(&p, &weekends, "2010-01-01", "2025-12-31", &h);
	assert_int_equal(h.count, DATES_LEADS_MAX);
	assert_int_equal(h.r[0].left, DATES_LEAD_MAX);
}

/* snipe-it#15844: after the end not daily, but at the interval; and for as
 * long as nothing is done. */
static void
after_the_end_they_come_at_the_interval(void **state)
{
	struct dates_plan p = plan("2022-04-15", 0, "0d", "0d");
	static struct heard h;

	(void)state;
	p.decided = true;
	p.after_count = 2;
	p.after[0] = 1;
	p.after[1] = 5;
	listen(&p, &weekends, "2022-04-15", "2030-01-01", &h);
	assert_int_equal(h.count, 2);
	p.repeat = 30;
	listen(&p, &weekends, "2022-04-15", "2022-06-25", &h);
	assert_int_equal(h.count, 4);
	assert_int_equal(h.r[0].left, -1);
	assert_int_equal(h.r[1].left, -5);
	assert_int_equal(h.r[2].left, -35);
	assert_int_equal(h.r[3].left, -65);
	listen(&p, &weekends, "2032-01-01", "2032-12-31", &h);
	assert_true(h.count == 12 || h.count == 13);
}

static void
what_is_decided_is_not_asked_for_again(void **state)
{
	struct dates_plan p = plan("2022-04-15", 0, "0d", "90d");
	static struct heard h;

	(void)state;
	p.decided = true;
	listen(&p, &weekends, "2021-01-01", "2022-12-31", &h);
	assert_int_equal(h.count, 8);
	for (size_t i = 0; i < h.count; i++)
		assert_int_equal(h.r[i].anchor, DATES_END);
}

/* glpi#4571, Infisical#1288: new dates have their reminders again, and the old
 * ones are gone: nothing is kept that could go on. */
static void
a_changed_date_has_one_new_schedule(void **state)
{
	struct dates_plan p = plan("2022-04-15", 0, "0d", "90d");
	static struct heard before, after;

	(void)state;
	listen(&p, &weekends, "2021-01-01", "2025-12-31", &before);
	p.term.end = day("2023-04-14");
	p.term.of_month = 14;
	listen(&p, &weekends, "2021-01-01", "2025-12-31", &after);
	assert_int_equal(before.count, after.count);
	for (size_t i = 0; i < after.count; i++) {
		is_day(after.r[i].end, "2023-04-14");
		assert_int_equal(after.r[i].day, before.r[i].day + 364);
		assert_int_equal(after.r[i].raised, before.r[i].raised + 364);
	}
	listen(&p, &weekends, "2021-01-01", "2025-12-31", &before);
	assert_memory_equal(
	    before.r, after.r, after.count * sizeof(after.r[0]));
}

/* Every term of its own: lead times longer than a term overlap. */
static void
each_tacit_renewal_is_reminded_of(void **state)
{
	struct dates_plan p = plan("2022-01-31", 1, "14d", "0d");
	static struct heard h;

	(void)state;
	p.lead_count = 2;
	p.leads[0] = 100;
	p.leads[1] = 3;
	listen(&p, &weekends, "2023-01-01", "2023-12-31", &h);
	assert_true(h.count >= 4 * 11 && h.count <= 4 * 13);
	for (size_t i = 0; i < h.count; i++)
		assert_int_equal(h.r[i].deadline, h.r[i].end - 14);
	is_day(h.r[0].raised, "2023-01-06"); /* 100 days before 16 April */
	is_day(h.r[0].end, "2023-04-30");
	assert_int_equal(dates_next(&p, &weekends, DATES_LAST), DATES_NEVER);
}

/* ---- properties */

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 8) % below;
}

static struct dates_plan
any_plan(uint32_t *seed)
{
	struct dates_plan p = {
		.term = { 19000 + (int32_t)draw(seed, 800), 0, 0 },
		.notice = { (uint16_t)draw(seed, 4), true },
		.procurement = { (uint16_t)draw(seed, 120), false },
		.margin = (uint16_t)draw(seed, 10),
		.lead_count = (uint8_t)draw(seed, 9),
		.after_count = (uint8_t)draw(seed, 3),
		.repeat = (uint16_t)(draw(seed, 2) * (1 + draw(seed, 40))),
		.decided = draw(seed, 4) == 0,
	};

	p.term.of_month = dates_of_month(p.term.end);
	if (draw(seed, 2) == 0)
		p.term.months = (uint16_t)(1 + draw(seed, 14));
	for (size_t i = 0; i < p.lead_count; i++)
		p.leads[i] = (uint16_t)draw(seed, 400);
	for (size_t i = 0; i < p.after_count; i++)
		p.after[i] = (uint16_t)(1 + draw(seed, 60));
	return p;
}

/* Whoever looks now and then, at any distance, has heard everything that was
 * raised, each once, and in order. */
static void
no_step_of_the_clock_skips_a_reminder(void **state)
{
	static struct heard all, part;
	uint32_t seed = 4711;

	(void)state;
	for (size_t round = 0; round < 300; round++) {
		const int32_t free_days[] = { 19000 + (int32_t)draw(&seed, 800),
			19001 + (int32_t)draw(&seed, 800) };
		const struct dates_calendar c = { free_days, 2 };
		const struct dates_plan p = any_plan(&seed);
		const int32_t from = 18500, to = 20200;
		int32_t now = from;

		all.count = part.count = 0;
		assert_int_equal(
		    dates_each(&p, &c, from, to, hear, &all), AM_OK);
		while (now < to) {
			int32_t next = now +
			    (int32_t)draw(&seed, draw(&seed, 2) == 0 ? 3 : 500);

			next = next > to ? to : next;
			assert_int_equal(
			    dates_each(&p, &c, now, next, hear, &part), AM_OK);
			now = next;
		}
		assert_int_equal(all.count, part.count);
		assert_memory_equal(
		    all.r, part.r, all.count * sizeof(all.r[0]));
		for (size_t i = 1; i < all.count; i++)
			assert_true(all.r[i - 1].raised <= all.r[i].raised);
	}
}

/* The same by brute force: every term, every lead time. */
static void
nothing_is_raised_that_was_not_planned_nor_left_out(void **state)
{
	static struct heard all;
	uint32_t seed = 42;

	(void)state;
	for (size_t round = 0; round < 300; round++) {
		const struct dates_plan p = any_plan(&seed);
		const int32_t from = 18500, to = 20200;
		size_t want = 0;

		for (uint32_t n = 0; n < 60; n++) {
			const int32_t end = dates_end_after(&p.term, n),
				      deadline = dates_deadline(&p, end);

			if (n > 0 && p.term.months == 0)
				break;
			for (size_t i = 0; i < p.lead_count; i++) {
				const int32_t a = dates_raised(
						  &weekends, end - p.leads[i]),
					      b = dates_raised(&weekends,
						  deadline - p.leads[i]);

				want += a > from && a <= to;
				want += !p.decided && b > from && b <= to;
			}
			for (size_t i = 0; i < p.after_count; i++) {
				const int32_t a =
				    dates_raised(&weekends, end + p.after[i]);

				want += a > from && a <= to;
			}
		}
		if (p.repeat > 0 && p.term.months == 0) {
			int32_t last = p.term.end, at;

			for (size_t i = 0; i < p.after_count; i++)
				if (p.term.end + p.after[i] > last)
					last = p.term.end + p.after[i];
			for (at = last + p.repeat; at < to + 20;
			     at += p.repeat) {
				int32_t a = dates_raised(&weekends, at);

				if (a <= p.term.end)
					a = at;
				want += a <= to;
			}
		}
		all.count = 0;
		assert_int_equal(
		    dates_each(&p, &weekends, from, to, hear, &all), AM_OK);
		assert_int_equal(all.count, want);
	}
}

static void
what_is_next_is_the_first_that_is_raised(void **state)
{
	static struct heard all;
	uint32_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 300; round++) {
		const struct dates_plan p = any_plan(&seed);
		const int32_t from = 18500 + (int32_t)draw(&seed, 1200);
		const int32_t next = dates_next(&p, &weekends, from);

		all.count = 0;
		assert_int_equal(
		    dates_each(&p, &weekends, from, from + 1500, hear, &all),
		    AM_OK);
		if (all.count > 0)
			assert_int_equal(all.r[0].raised, next);
		else
			assert_true(next > from + 1500);
	}
}

static void
what_was_last_is_the_last_that_was_raised(void **state)
{
	static struct heard all;
	uint32_t seed = 8;

	(void)state;
	for (size_t round = 0; round < 300; round++) {
		const struct dates_plan p = any_plan(&seed);
		const int32_t from = 18500 + (int32_t)draw(&seed, 1200),
			      until = from + (int32_t)draw(&seed, 1500);
		const int32_t last = dates_last(&p, &weekends, from, until);

		all.count = 0;
		assert_int_equal(
		    dates_each(&p, &weekends, from, until, hear, &all), AM_OK);
		assert_int_equal(last,
		    all.count > 0 ? all.r[all.count - 1].raised : DATES_NEVER);
	}
}

/* ---- money */

static void
money_is_short_after_the_surrender_and_in_the_first_quarter(void **state)
{
	static const struct {
		const char *day;
		enum dates_funds funds;
	} rows[] = {
		{ "2022-04-30", DATES_FUNDED },
		{ "2022-05-01", DATES_SURRENDERED },
		{ "2022-06-30", DATES_SURRENDERED },
		{ "2022-07-01", DATES_SLOW },
		{ "2022-09-30", DATES_SLOW },
		{ "2022-10-01", DATES_FUNDED },
		{ "2022-12-31", DATES_FUNDED },
		{ "2023-01-01", DATES_FUNDED },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++)
		assert_int_equal(
		    dates_funds(day(rows[i].day), 4, 30), rows[i].funds);
	assert_int_equal(dates_funds(day("2022-05-15"), 5, 15), DATES_FUNDED);
	assert_int_equal(
	    dates_funds(day("2022-05-16"), 5, 15), DATES_SURRENDERED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_day_is_refused),
		cmocka_unit_test(what_is_no_length_is_refused),
		cmocka_unit_test(every_day_of_the_calendar_goes_there_and_back),
		cmocka_unit_test(months_are_counted_from_the_original_day),
		cmocka_unit_test(a_day_begins_at_19_utc),
		cmocka_unit_test(the_deadline_is_before_notice_and_procurement),
		cmocka_unit_test(notice_is_of_the_current_term),
		cmocka_unit_test(what_does_not_renew_itself_has_one_end),
		cmocka_unit_test(terms_are_counted_from_the_first),
		cmocka_unit_test(a_renewal_is_from_the_old_end_or_from_its_day),
		cmocka_unit_test(the_founding_story_is_reminded_of_in_time),
		cmocka_unit_test(
		    a_holiday_is_reminded_of_on_the_working_day_before),
		cmocka_unit_test(any_number_of_lead_times_of_any_length),
		cmocka_unit_test(after_the_end_they_come_at_the_interval),
		cmocka_unit_test(what_is_decided_is_not_asked_for_again),
		cmocka_unit_test(a_changed_date_has_one_new_schedule),
		cmocka_unit_test(each_tacit_renewal_is_reminded_of),
		cmocka_unit_test(no_step_of_the_clock_skips_a_reminder),
		cmocka_unit_test(
		    nothing_is_raised_that_was_not_planned_nor_left_out),
		cmocka_unit_test(what_is_next_is_the_first_that_is_raised),
		cmocka_unit_test(what_was_last_is_the_last_that_was_raised),
		cmocka_unit_test(
		    money_is_short_after_the_surrender_and_in_the_first_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
