/*
 * What is raised of a subscription, who has to answer, and what a timer tells:
 * domain.md 7.3. That no step of the clock skips anything.
 */

#include <time.h>

#include "tests/subs.h"
#include "vault/acts/remind.h"
#include "vault/state/tenure.h"

/* A session that is a clock. */
struct desk {
	struct session s;
	struct session_env env;
	struct why why;
	int64_t now;
};

static int64_t
now_of(void *arg)
{
	return *(int64_t *)arg;
}

static void
sit_down(struct desk *d, const char *at)
{
	*d = (struct desk){ .env.now = now_of };
	d->now = dates_begin(day(at)) + 9 * 3600;
	d->env.arg = &d->now;
	d->s.env = &d->env;
	d->s.why = &d->why;
}

static struct raised
raised_on(struct forge *f, const char *at, const char *post)
{
	const struct rows_subscription s = row(f);
	const struct view v = view_of(f);
	raised_auto o = { .v = NULL };
	struct rows_post p;
	struct raised r;

	assert_int_equal(
	    raised_open(&v, dates_begin(day(at)) + 9 * 3600, &o), AM_OK);
	o.calendar.holidays = o.holidays;
	assert_int_equal(raised_of(&o, &s, &r), AM_OK);
	if (post != NULL) {
		assert_int_equal(tenure_post(&v, r.post, &p), AM_OK);
		assert_string_equal(p.id, post);
	}
	return r;
}

static void
set_push(struct json_t *l, const char *text)
{
	assert_int_equal(canon_push(l, canon_str(text)), AM_OK);
}

/* ---- who has to answer */

static void
it_goes_on_to_the_next_post_after_seven_days(void **state)
{
	static const struct {
		const char *day, *post;
	} rows[] = {
		{ "2021-07-19", "dir-eo" },
		{ "2021-07-25", "dir-eo" },
		{ "2021-07-26", "dio" },
		{ "2021-08-01", "dio" },
		{ "2021-08-02", "dfa" },
		{ "2021-08-09", "ceo" },
		{ "2021-12-31", "ceo" },
	};
	struct forge *f = entered();

	(void)state;
	assert_false(raised_on(f, "2021-07-18", NULL).reminded);
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++)
		assert_true(raised_on(f, rows[i].day, rows[i].post).reminded);
	forge_free(f);
}

/* An officer whose order ends, and who is suspended, is not there. */
static void
a_vacant_post_is_passed_at_once(void **state)
{
	struct forge *f = entered();
	struct json_t *b = forge_body(f, "suspend", OTHER);

	(void)state;
	forge_hex(b, "subject", f->people[OWNER].id, 16);
	forge_text(b, "why", "TEST");
	accepted(f, b, OTHER);
	(void)raised_on(f, "2021-07-19", "dio");
	(void)raised_on(f, "2021-08-02", "dfa");
	b = forge_body(f, "suspend", OTHER);
	forge_hex(b, "subject", f->people[HEAD].id, 16);
	forge_text(b, "why", "TEST");
	accepted(f, b, OTHER);
	/* the head too: it comes back to the nearest who is there */
	(void)raised_on(f, "2021-08-20", "dfa");
	forge_free(f);
}

/* ---- money */

static void
money_is_warned_of_by_its_season(void **state)
{
	static const struct {
		const char *end;
		enum dates_funds funds;
	} rows[] = { { "2022-04-15", DATES_FUNDED },
		{ "2022-05-15", DATES_SURRENDERED },
		{ "2022-08-15", DATES_SLOW } };
	struct forge *f = entered();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		accepted(f,
		    forge_entry(f, OTHER, "subscription", "mdm",
			row(f).version + 1,
			data("record", with("end", rows[i].end))),
		    OTHER);
		assert_int_equal(
		    raised_on(f, "2021-04-01", NULL).funds, rows[i].funds);
	}
	forge_free(f);
}

/* ---- the timer */

static enum am_err
count_one(void *arg, const struct remind_message *m)
{
	assert_true(m->text.len > 0);
	++*(size_t *)arg;
	return AM_OK;
}

/* A run at `at`, the one before at `last`. */
static size_t
told(struct forge *f, int64_t last, int64_t at)
{
	const struct view v = view_of(f);
	struct desk d;
	size_t count = 0;

	sit_down(&d, "2021-01-01");
	d.now = at;
	assert_int_equal(remind_each(&d.s, &v, last, count_one, &count), AM_OK);
	return count;
}

static int64_t
morning(int32_t d)
{
	return dates_begin(d) + 9 * 3600;
}

static void
what_is_entered_late_is_told_once(void **state)
{
	struct forge *f = office();
	const int32_t today = day("2022-01-10");
	int64_t at;

	(void)state;
	at = f->at = morning(today);
	accepted(f,
	    forge_entry(
		f, OTHER, "subscription", "mdm", 1, data("record", record())),
	    OTHER);
	assert_int_equal(told(f, at - 3600, at + 3600), 1);
	assert_int_equal(told(f, at + 3600, at + 7200), 0);
	assert_int_equal(told(f, 0, at + 7200), 1);
	forge_free(f);
}

/*
 * Runs at random: each tells something if and only if one of daily runs since
 * the one before would have. So nothing is skipped, and nothing is told twice.
 */
static void
no_step_of_the_clock_skips_a_message(void **state)
{
	enum { FIRST = 18750, DAYS = 900 };
	struct forge *f = entered();
	static bool daily[DAYS];
	uint32_t seed = 11;

	(void)state;
	for (int i = 1; i < DAYS; i++)
		daily[i] = told(f, morning(FIRST + i - 1), morning(FIRST + i));
	for (int round = 0; round < 20; round++)
		for (int at = 0, next; at + 1 < DAYS; at = next) {
			bool want = false;

			seed = seed * 1664525U + 1013904223U;
			next = at + 1 +
			    (int)((seed >> 8) % (uint32_t)(round * 9 + 2));
			next = next < DAYS ? next : DAYS - 1;
			for (int i = at + 1; i <= next; i++)
				want |= daily[i];
			assert_int_equal(
			    told(f, morning(FIRST + at), morning(FIRST + next)),
			    want);
		}
	forge_free(f);
}

/* snipe-it#15844: what stays missed is not told daily. */
static void
what_stays_missed_is_told_every_thirty_days(void **state)
{
	struct forge *f = entered();
	const int32_t missed = day("2022-04-16"); /* the day after the end */
	size_t count = 0;

	(void)state;
	for (int32_t d = missed; d < missed + 90; d++)
		count += told(f, morning(d - 1), morning(d));
	assert_int_equal(count, 3);
	forge_free(f);
}

/* A record that renews itself monthly since 1970, reminded of on every day: what
 * `due` pays for it is no more than for another. */
static void
what_nobody_has_seen_for_decades_costs_no_more(void **state)
{
	struct forge *f = office();
	struct json_t *r = with("renews", "1m"), *leads = canon_array();
	const clock_t begin = clock();

	(void)state;
	for (int i = 1; i <= 31; i++) {
		char text[8];

		(void)snprintf(text, sizeof(text), "%d", i);
		set_push(leads, text);
	}
	set_push(leads, "3660");
	set(r, "leads", leads);
	forge_text(r, "start", "1970-01-01");
	forge_text(r, "end", "1970-02-28");
	forge_text(r, "notice", "1d");
	forge_text(r, "procurement", "0d");
	accepted(f,
	    forge_entry(f, OTHER, "subscription", "mdm", 1, data("record", r)),
	    OTHER);
	for (int i = 0; i < 20; i++)
		assert_true(raised_on(f, "2021-07-19", NULL).reminded);
	assert_true((clock() - begin) / CLOCKS_PER_SEC < 2);
	forge_free(f);
}

/* A clock that was wrong once does not silence what comes after. */
static void
a_run_in_the_future_silences_nothing(void **state)
{
	struct forge *f = entered();
	const int32_t d = day("2021-07-19");

	(void)state;
	assert_int_equal(told(f, morning(d + 3650), morning(d)), 1);
	forge_free(f);
}

/* Of a moon that was seen in the evening: the day after is a holiday, and what
 * was to be told then was to be told today. */
static void
a_holiday_entered_late_swallows_nothing(void **state)
{
	struct forge *f = entered();
	struct json_t *e = entity();
	const int32_t d = day("2021-07-19"); /* a Monday */

	(void)state;
	assert_int_equal(told(f, morning(d - 4), morning(d - 3)), 0);
	f->at = morning(d - 3) + 3600;
	set(e, "holidays", list("2021-07-19", NULL));
	accepted(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER);
	assert_int_equal(told(f, morning(d - 3), morning(d)), 1);
	assert_int_equal(told(f, morning(d), morning(d + 1)), 0);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_on_to_the_next_post_after_seven_days),
		cmocka_unit_test(a_vacant_post_is_passed_at_once),
		cmocka_unit_test(money_is_warned_of_by_its_season),
		cmocka_unit_test(what_is_entered_late_is_told_once),
		cmocka_unit_test(no_step_of_the_clock_skips_a_message),
		cmocka_unit_test(what_stays_missed_is_told_every_thirty_days),
		cmocka_unit_test(
		    what_nobody_has_seen_for_decades_costs_no_more),
		cmocka_unit_test(a_run_in_the_future_silences_nothing),
		cmocka_unit_test(a_holiday_entered_late_swallows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
