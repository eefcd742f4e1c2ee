/* Deadlines as RFC 5545: what breaks readers of calendars (domain.md 7.4). */

#include "tests/check.h"
#include "vault/register/calendar.h"

static const struct dates_calendar weekends = { NULL, 0 };

static const struct dates_plan plan = {
	.term = { 19097, 15, 0 }, /* 2022-04-15 */
	.procurement = { 90, false },
	.lead_count = 2,
	.leads = { 180, 90 },
	.after_count = 1,
	.after = { 2 },
};

static struct calendar_item
item(const char *name)
{
	return (struct calendar_item){
		.id = "mdm",
		.name = name,
		.host = "v.example",
		.price = "",
		.plan = &plan,
		.calendar = &weekends,
		.end = 19097,
		.deadline = 19007,
		.notice = -1,
		.revised = 1618459200, /* 2021-04-15T04:00:00Z */
	};
}

static void
write(const struct calendar_item *i, struct blob *out)
{
	assert_int_equal(calendar_begin(out), AM_OK);
	assert_int_equal(calendar_add(out, i), AM_OK);
	assert_int_equal(calendar_end(out), AM_OK);
	assert_int_equal(
	    blob_add(out, (struct bytes){ (const uint8_t *)"", 1 }), AM_OK);
}

static bool
has(const struct blob *b, const char *words)
{
	return strstr((const char *)b->p, words) != NULL;
}

static void
a_line_is_75_octets_and_no_letter_is_cut(void **state)
{
	/* 60 letters of two octets each */
	static const char name[] =
	    "\xd8\xa7\xd9\x85\xd8\xa7\xd9\x86\xd8\xaa\xd8\xa7\xd9\x85\xd8\xa7"
	    "\xd9\x86\xd8\xaa\xd8\xa7\xd9\x85\xd8\xa7\xd9\x86\xd8\xaa\xd8\xa7"
	    "\xd9\x85\xd8\xa7\xd9\x86\xd8\xaa\xd8\xa7\xd9\x85\xd8\xa7\xd9\x86"
	    "\xd8\xaa\xd8\xa7\xd9\x85\xd8\xa7\xd9\x86\xd8\xaa\xd8\xa7\xd9\x85"
	    "\xd8\xa7\xd9\x86\xd8\xaa\xd8\xa7\xd9\x85\xd8\xa7\xd9\x86\xd8\xaa";
	const struct calendar_item i = item(name);
	blob_auto out = { 0 };
	size_t octets = 0, folds = 0;

	(void)state;
	write(&i, &out);
	for (size_t k = 0; k + 1 < out.len; k++) {
		if (out.p[k] == '\n') {
			assert_int_equal(out.p[k - 1], '\r');
			assert_true(octets - 1 <= 75); /* without its CR */
			octets = 0;
			/* what goes on begins with a blank, then a letter */
			if (out.p[k + 1] == ' ') {
				folds++;
				assert_true((out.p[k + 2] & 0xc0) != 0x80);
			}
			continue;
		}
		octets++;
	}
	assert_true(folds > 3);
}

static void
signs_are_escaped(void **state)
{
	const struct calendar_item i = item("a, b; c\\d");
	blob_auto out = { 0 };

	(void)state;
	write(&i, &out);
	assert_true(has(&out, "a\\, b\\; c\\\\d"));
}

static void
the_items_of_the_story(void **state)
{
	const struct calendar_item i = item("e-Cabinet MDM");
	blob_auto out = { 0 };

	(void)state;
	write(&i, &out);
	assert_true(has(&out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
	assert_false(has(&out, "METHOD"));
	assert_true(has(&out, "UID:sub-mdm@v.example\r\n"));
	assert_true(has(&out, "DTSTAMP:20210415T040000Z\r\n"));
	assert_true(has(&out, "DUE;VALUE=DATE:20220115\r\n"));
	assert_true(has(&out, "DTSTART;VALUE=DATE:20210719\r\n"));
	assert_true(has(&out, "TRIGGER;RELATED=END:-PT2151H\r\n"));
	/* a Sunday, and the Friday before it */
	assert_true(has(&out, "UID:sub-mdm-d90@v.example\r\n"));
	assert_true(has(&out, "DTSTART;VALUE=DATE:20211017\r\n"));
	assert_true(has(&out, "UID:sub-mdm-d90w@v.example\r\n"));
	assert_true(has(&out, "DTSTART;VALUE=DATE:20211015\r\n"));
	/* two days past the end, a Sunday: not said before the end */
	assert_true(has(&out, "UID:sub-mdm-a2@v.example\r\n"));
	assert_false(has(&out, "sub-mdm-a2w"));
	assert_false(has(&out,
	    "DESCRIPTION:1"
	    "00 PKR"));
}

static void
what_is_decided_or_closed_is_over(void **state)
{
	struct dates_plan decided = plan;
	struct calendar_item i = item("e-Cabinet MDM");
	blob_auto open = { 0 }, done = { 0 }, closed = { 0 };

	(void)state;
	write(&i, &open);
	assert_false(has(&open, "CANCELLED"));
	decided.decided = true;
	i.plan = &decided;
	write(&i, &done);
	assert_true(has(&done, "STATUS:COMPLETED"));
	assert_true(has(&done, "STATUS:CANCELLED")); /* to decide */
	assert_true(has(&done, "STATUS:CONFIRMED")); /* to the end */
	assert_false(has(&done, "VALARM"));
	i.closed = true;
	write(&i, &closed);
	assert_false(has(&closed, "STATUS:CONFIRMED"));
	assert_false(has(&closed, "STATUS:NEEDS-ACTION"));
	assert_false(has(&closed, "STATUS:COMPLETED"));
}

/* Whoever has imported it keeps it until it is cancelled (R-7). */
static void
what_is_no_event_any_more_is_cancelled_and_comes_back(void **state)
{
	const struct schedule ever = { .count = 2,
		.events = { { SCHEDULE_END, false, 120, 18977 },
		    { SCHEDULE_DECISION, false, 90, 18917 } } };
	struct calendar_item i = item("e-Cabinet MDM");
	struct dates_plan more = plan;
	blob_auto out = { 0 }, back = { 0 };

	(void)state;
	i.ever = &ever;
	i.sequence = 64;
	write(&i, &out);
	assert_true(has(&out,
	    "UID:sub-mdm-e120@v.example\r\nDTSTAMP:20210415T040000Z\r\n"
	    "SEQUENCE:64\r\n"));
	assert_true(has(&out,
	    "DTSTART;VALUE=DATE:20211216\r\nDTEND;VALUE=DATE:20211217\r\n"
	    "TRANSP:TRANSPARENT\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"
	    "END:VCALENDAR"));
	more.leads[more.lead_count++] = 120;
	i.plan = &more;
	write(&i, &back);
	assert_false(has(&back, "CANCELLED"));
	assert_true(has(&back, "UID:sub-mdm-e120@"));
}

static void
no_event_is_there_twice(void **state)
{
	struct dates_plan twice = plan;
	struct schedule s = { .count = 0 };

	(void)state;
	twice.leads[1] = 180;
	schedule_term(&twice, &weekends, 19097, &s);
	/* before the decision and the end, a Sunday with its Friday, and after */
	assert_int_equal(s.count, 4);
}

static void
a_schedule_keeps_the_latest(void **state)
{
	struct schedule_event e = { SCHEDULE_END, false, 0, 0 };
	struct schedule s = { .count = 0 };

	(void)state;
	for (uint16_t i = 0; i < SCHEDULE_MAX + 1; i++) {
		e.days = i;
		e.day = 1000 + i;
		schedule_add(&s, &e);
	}
	assert_int_equal(s.count, SCHEDULE_MAX);
	assert_true(schedule_has(&s, &e));
	e.days = 0;
	assert_false(schedule_has(&s, &e));
}

/* A term that renewed itself: a Sunday had its Friday, the same day of the next
 * year has none, and a year later nobody needs to be told. */
static void
terms_before_leave_their_twins(void **state)
{
	const struct dates_plan p = { .term = { 18997, 5, 12 }, /* 2022-01-05 */
		.lead_count = 1,
		.leads = { 3 } }; /* a Sunday; 2023-01-02, a Monday */
	const struct schedule_event twin = { SCHEDULE_END, true, 3, 0 };
	struct schedule first = { 0 }, next = { 0 }, ever = { 0 }, late = { 0 };

	(void)state;
	schedule_terms(&p, &weekends, 18990, &first);
	assert_true(schedule_has(&first, &twin));
	schedule_term(&p, &weekends, 18997 + 365, &next);
	assert_false(schedule_has(&next, &twin));
	schedule_terms(&p, &weekends, 18998, &ever);
	assert_true(schedule_has(&ever, &twin));
	schedule_terms(&p, &weekends, 18992 + SCHEDULE_KEPT_DAYS + 1, &late);
	assert_false(schedule_has(&late, &twin));
}

static void
a_price_is_told_only_when_given(void **state)
{
	struct calendar_item i = item("e-Cabinet MDM");
	blob_auto out = { 0 };

	(void)state;
	i.price = "100 PKR";
	i.plan = &(struct dates_plan){ .term = { 19097, 15, 0 } };
	write(&i, &out);
	assert_true(has(&out, "DESCRIPTION:100 PKR\r\n"));
	/* with no lead time at all a task still ends after it begins */
	assert_true(has(&out, "DTSTART;VALUE=DATE:20220114\r\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_75_octets_and_no_letter_is_cut),
		cmocka_unit_test(signs_are_escaped),
		cmocka_unit_test(the_items_of_the_story),
		cmocka_unit_test(what_is_decided_or_closed_is_over),
		cmocka_unit_test(
		    what_is_no_event_any_more_is_cancelled_and_comes_back),
		cmocka_unit_test(no_event_is_there_twice),
		cmocka_unit_test(a_schedule_keeps_the_latest),
		cmocka_unit_test(terms_before_leave_their_twins),
		cmocka_unit_test(a_price_is_told_only_when_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
