/*
 * Posts, who holds them until when, and who is away, refusals first: X-2 to
 * X-4, C-9, K-2, R13.7, scenario 5; invariants 3 and 13. That one dishonest
 * person, or a day on which all orders end, locks nobody out for ever.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"

enum { HOUR = 3600, DAY = 86400 };

static const size_t most[3] = { 1, 2, 3 }, rest[3] = { 3, 4, 5 };

/* People 1 to 5 hold a safe, 3 of 5; 6 is an official who asks, 7 a
 * contractor, 8 an auditor. Posts: dg, audit. */
static struct forge *
office(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	(void)forge_person(f, "auditor");
	accepted(f, forge_motion(f, 0, "post", forge_new_post("dg", "")), 0);
	accepted(f, forge_motion(f, 0, "post", forge_new_post("audit", "")), 0);
	forge_safe(f, 3, 5);
	return f;
}

static void
carried(
    struct forge *f, const char *name, struct json_t *what, const size_t who[3])
{
	const enum am_err err = forge_carry(f, name, what, who, 3, 0);

	if (err != AM_OK)
		print_message("%s %s\n", f->why.rule, f->why.text);
	assert_int_equal(err, AM_OK);
}

static void
not_carried(struct forge *f, const char *name, struct json_t *what,
    enum am_err err, const char *rule)
{
	refused(f, forge_motion(f, 1, name, what), 1, err, rule);
}

struct asked {
	struct forge_sealed sealed;
	struct forge_asked a;
};

/* Person 6 asks for something that they have sealed, for `hours`. */
static void
ask(struct forge *f, struct asked *out, int hours)
{
	struct json_t *b;

	*out = (struct asked){ 0 };
	accepted(f, forge_seal(f, 6, "x", "TEST", &out->sealed), 6);
	b = forge_request(f, 6, &out->sealed, &out->a);
	forge_when(b, "until", f->at + hours * HOUR);
	accepted(f, b, 6);
	memcpy(out->a.request, f->last, 32);
}

static struct json_t *
open_with(
    struct forge *f, const struct asked *q, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t used[3] = { a, b, c };

	return forge_open(f, 6, &q->a, used, 3);
}

static struct json_t *
decline(struct forge *f, size_t who, const struct asked *q)
{
	struct json_t *b = forge_body(f, "decline", who);

	forge_hex(b, "request", q->a.request, 32);
	forge_text(b, "why", "TEST");
	return b;
}

static struct json_t *
suspend(struct forge *f, size_t by, size_t who)
{
	struct json_t *b = forge_body(f, "suspend", by);

	forge_hex(b, "subject", f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	return b;
}

static struct json_t *
subject(struct forge *f, size_t who)
{
	struct json_t *what = canon_object();

	forge_hex(what, "subject", f->people[who].id, 16);
	return what;
}

static struct json_t *
away(struct forge *f, size_t by, size_t who, int64_t from, int64_t until)
{
	struct json_t *data = canon_object();

	forge_when(data, "from", from);
	forge_hex(data, "person", f->people[who].id, 16);
	forge_text(data, "reason", "leave");
	forge_when(data, "until", until);
	return forge_entry(f, by, "absence", f->people[who].name, 1, data);
}

static struct json_t *
back(struct forge *f, size_t by, size_t who)
{
	return forge_entry(
	    f, by, "absence", f->people[who].name, 2, canon_object());
}

/* ---- posts */

static void
x_2_a_post_has_an_id_of_its_own_and_a_title(void **state)
{
	struct forge *f = office();
	struct json_t *what;
	uint8_t first[32];

	(void)state;
	not_carried(f, "post", forge_new_post("", ""), AM_ERR_INVALID, "V08");
	not_carried(
	    f, "post", forge_new_post("d g", ""), AM_ERR_INVALID, "V08");
	not_carried(
	    f, "post", forge_new_post("-dg", ""), AM_ERR_INVALID, "V08");
	not_carried(f, "post", forge_new_post("dg", ""), AM_ERR_EXISTS, "V08");
	not_carried(
	    f, "post", forge_new_post("new", "old"), AM_ERR_NOT_FOUND, "X-2");
	not_carried(
	    f, "post", forge_new_post("new", "new"), AM_ERR_NOT_FOUND, "X-2");
	what = forge_new_post("new", "");
	forge_text(what, "title", "");
	not_carried(f, "post", what, AM_ERR_INVALID, "V08");
	what = forge_new_post("new", "");
	forge_text(what, "wing", "a wing");
	not_carried(f, "post", what, AM_ERR_CORRUPT, "V02");
	what = forge_new_post("new", "");
	forge_text(what, "colour", "");
	not_carried(f, "post", what, AM_ERR_CORRUPT, "V02");
	/* An id of 33 characters. */
	not_carried(f, "post",
	    forge_new_post("a23456789012345678901234567890123", ""),
	    AM_ERR_CORRUPT, "V02");
	/* Of two that wait for their quorum the first one has the id. */
	accepted(f, forge_motion(f, 1, "post", forge_new_post("new", "")), 1);
	memcpy(first, f->last, 32);
	carried(f, "post", forge_new_post("new", "dg"), most);
	for (size_t i = 3; i <= 5; i++)
		accepted(f, forge_vote(f, i, first), i);
	refused(f, forge_enact(f, 3, first), 3, AM_ERR_EXISTS, "V08");
	forge_free(f);
}

/* ---- appointments */

static void
x_2_an_appointment_says_how_until_when_and_by_whom(void **state)
{
	static const char *const texts[] = { "order", "authority" };
	struct forge *f = office();
	struct json_t *what, *attrs;
	const int64_t now = f->at;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(texts); i++) {
		what = forge_order(f, 1, "dg", now, now + DAY, "F.1");
		forge_text(what, texts[i], "");
		not_carried(f, "appoint", what, AM_ERR_INVALID, "X-2");
	}
	what = forge_order(f, 1, "dg", now, now + DAY, "F.1");
	forge_text(what, "kind", "honorary");
	not_carried(f, "appoint", what, AM_ERR_INVALID, "X-2");
	/* Only the substantive post of a person has no end. */
	what = forge_order(f, 1, "dg", now, now + DAY, "F.1");
	forge_text(what, "until", "");
	not_carried(f, "appoint", what, AM_ERR_INVALID, "X-2");
	not_carried(f, "appoint", forge_order(f, 1, "dg", now, now, "F.1"),
	    AM_ERR_INVALID, "X-2");
	not_carried(f, "appoint", forge_order(f, 1, "cfo", now, 0, "F.1"),
	    AM_ERR_NOT_FOUND, "X-2");
	what = forge_order(f, 1, "dg", now, 0, "F.1");
	forge_text(what, "from", "");
	not_carried(f, "appoint", what, AM_ERR_CORRUPT, "V02");
	what = forge_order(f, 1, "dg", now, 0, "F.1");
	forge_text(what, "until", "2026-13-01T00:00:00Z");
	not_carried(f, "appoint", what, AM_ERR_CORRUPT, "V02");
	what = forge_order(f, 1, "dg", now, 0, "F.1");
	attrs = canon_object();
	forge_text(attrs, "employer", "");
	assert_int_equal(canon_set(what, "attrs", attrs), AM_OK);
	not_carried(f, "appoint", what, AM_ERR_CORRUPT, "V02");
	what = forge_order(f, 1, "dg", now, 0, "F.1");
	forge_hex(what, "person", (const uint8_t[16]){ 99 }, 16);
	not_carried(f, "appoint", what, AM_ERR_NOT_FOUND, "V08");
	not_carried(f, "appoint", forge_order(f, 7, "dg", now, 0, "F.1"),
	    AM_ERR_POLICY, "K-2");
	carried(f, "appoint", forge_order(f, 1, "dg", now, 0, "F.1"), most);
	forge_free(f);
}

/* also if it was moved before the other one took effect. */
static void
x_4_an_order_gives_one_period(void **state)
{
	struct forge *f = office();
	uint8_t twin[32];
	const int64_t now = f->at;

	(void)state;
	accepted(f,
	    forge_motion(f, 4, "appoint",
		forge_order(f, 1, "dg", now, now + 9 * DAY, "F.1")),
	    4);
	memcpy(twin, f->last, 32);
	carried(
	    f, "appoint", forge_order(f, 1, "dg", now, now + DAY, "F.1"), most);
	not_carried(f, "appoint",
	    forge_order(f, 1, "dg", now + DAY, now + 2 * DAY, "F.1"),
	    AM_ERR_POLICY, "X-4");
	for (size_t i = 3; i <= 5; i++)
		accepted(f, forge_vote(f, i, twin), i);
	refused(f, forge_enact(f, 3, twin), 3, AM_ERR_POLICY, "X-4");
	/* The same order for another post, or for somebody else. */
	carried(f, "appoint", forge_order(f, 1, "audit", now, 0, "F.1"), most);
	carried(f, "appoint", forge_order(f, 2, "dg", now, 0, "F.1"), most);
	carried(f, "appoint",
	    forge_order(f, 1, "dg", now + DAY, now + 2 * DAY, "F.2"), most);
	forge_free(f);
}

/* Invariant 13: valid until the second before, and not at `until`. */
static void
x_3_an_appointment_ends_at_the_very_second(void **state)
{
	struct forge *f = office();
	const int64_t end = f->at + 4 * HOUR;
	struct asked q;

	(void)state;
	for (size_t i = 1; i <= 2; i++)
		carried(f, "appoint", forge_order(f, i, "dg", f->at, end, "F"),
		    most);
	ask(f, &q, 24);
	accepted(f, forge_approve(f, 3, &q.a), 3);
	accepted(f, forge_approve(f, 4, &q.a), 4);
	f->at = end - 2;
	accepted(f, forge_approve(f, 1, &q.a), 1);
	refused(f, open_with(f, &q, 1, 2, 3), 6, AM_ERR_VERIFY, "V19");
	assert_int_equal(f->at, end);
	refused(f, forge_approve(f, 2, &q.a), 2, AM_ERR_APPOINTMENT, "R13.7");
	/* Scenario 5: three of three have become two. */
	refused(f, open_with(f, &q, 1, 3, 4), 6, AM_ERR_QUORUM, "V19");
	accepted(f, forge_approve(f, 5, &q.a), 5);
	refused(f, open_with(f, &q, 1, 3, 4), 6, AM_ERR_VERIFY, "V19");
	accepted(f, open_with(f, &q, 3, 4, 5), 6);
	forge_free(f);
}

static void
x_3_an_approval_one_second_before_the_end_opens(void **state)
{
	struct forge *f = office();
	const int64_t end = f->at + 4 * HOUR;
	struct asked q;

	(void)state;
	carried(f, "appoint", forge_order(f, 1, "dg", f->at, end, "F"), most);
	ask(f, &q, 24);
	accepted(f, forge_approve(f, 3, &q.a), 3);
	accepted(f, forge_approve(f, 4, &q.a), 4);
	accepted(f, forge_approve(f, 1, &q.a), 1);
	f->at = end - 1;
	accepted(f, open_with(f, &q, 1, 3, 4), 6);
	forge_free(f);
}

/* R13.7: an order for later takes nothing away now. */
static void
r13_7_an_appointment_to_come_invalidates_nobody(void **state)
{
	struct forge *f = office();
	const int64_t from = f->at + 4 * HOUR;
	struct asked q;

	(void)state;
	carried(f, "appoint", forge_order(f, 1, "dg", from, from + HOUR, "F"),
	    most);
	ask(f, &q, 24);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &q.a), i);
	f->at = from;
	accepted(f, open_with(f, &q, 1, 2, 3), 6); /* held from then on */
	f->at = from + HOUR;
	refused(f, forge_seal(f, 1, "y", "TEST", &q.sealed), 1,
	    AM_ERR_APPOINTMENT, "R13.7");
	forge_free(f);
}

/* Scenario 5 (3): the register is corrected, and no power given after the
 * fact; what was approved before the gap stays lost. */
static void
r13_7_a_late_order_binds_from_its_entry(void **state)
{
	struct forge *f = office();
	const int64_t from = f->at, end = from + HOUR;
	struct asked q;

	(void)state;
	carried(f, "appoint", forge_order(f, 1, "dg", from, end, "F.1"), most);
	ask(f, &q, 24);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &q.a), i);
	f->at = end + 600;
	refused(f, open_with(f, &q, 1, 2, 3), 6, AM_ERR_QUORUM, "V19");
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_APPOINTMENT, "R13.7");
	carried(f, "appoint",
	    forge_order(f, 1, "dg", end, end + 30 * DAY, "F.2"), rest);
	refused(f, open_with(f, &q, 1, 2, 3), 6, AM_ERR_QUORUM, "V19");
	/* Who holds a post again approves again. */
	accepted(f, forge_approve(f, 1, &q.a), 1);
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_POLICY, "R4.3");
	accepted(f, open_with(f, &q, 1, 2, 3), 6);
	forge_free(f);
}

static void
x_4_the_next_order_entered_in_time_leaves_no_gap(void **state)
{
	struct forge *f = office();
	const int64_t from = f->at, end = from + HOUR;
	struct asked q;

	(void)state;
	carried(f, "appoint", forge_order(f, 1, "dg", from, end, "F.1"), most);
	carried(f, "appoint", forge_order(f, 1, "audit", end, end + DAY, "F.2"),
	    most);
	ask(f, &q, 24);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &q.a), i);
	f->at = end + 600;
	accepted(f, open_with(f, &q, 1, 2, 3), 6);
	forge_free(f);
}

/* One that begins a second after the other has ended leaves a gap. */
static void
r13_7_a_gap_of_one_second_is_a_gap(void **state)
{
	struct forge *f = office();
	const int64_t from = f->at, end = from + HOUR;
	struct asked q;

	(void)state;
	carried(f, "appoint", forge_order(f, 1, "dg", from, end, "F.1"), most);
	carried(f, "appoint",
	    forge_order(f, 1, "dg", end + 1, end + DAY, "F.2"), most);
	ask(f, &q, 24);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &q.a), i);
	f->at = end + 600;
	refused(f, open_with(f, &q, 1, 2, 3), 6, AM_ERR_QUORUM, "V19");
	forge_free(f);
}

/* An order that was over when it was entered: from then on the person had an
 * appointment and has none, and so have their approvals (4.5). */
static void
r13_7_an_order_that_is_over_ends_what_was_approved(void **state)
{
	struct forge *f = office();
	struct asked q;

	(void)state;
	ask(f, &q, 24);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &q.a), i);
	carried(f, "appoint",
	    forge_order(f, 1, "dg", f->at - 2 * DAY, f->at - DAY, "F.0"), most);
	refused(f, forge_seal(f, 1, "y", "TEST", &q.sealed), 1,
	    AM_ERR_APPOINTMENT, "R13.7");
	refused(f, open_with(f, &q, 1, 2, 3), 6, AM_ERR_QUORUM, "V19");
	forge_free(f);
}

/* ---- who holds no post any more */

/* The orders of all custodians end at one instant, which has come. */
static void
end_all(struct forge *f)
{
	const int64_t end = f->at + HOUR;

	for (size_t i = 1; i <= 5; i++)
		carried(f, "appoint",
		    forge_order(f, i, "dg", f->at, end, "F.1"), most);
	f->at = end;
}

static void
r13_7_without_a_post_nothing_is_opened_or_changed(void **state)
{
	static const size_t same_people[] = { 1, 2, 3, 4, 5 },
			    dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = same_people,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = office();
	struct json_t *b;
	uint8_t waiver[32], own[32];
	struct asked q;

	(void)state;
	ask(f, &q, 24);
	end_all(f);
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_APPOINTMENT, "R13.7");
	refused(f, decline(f, 1, &q), 1, AM_ERR_APPOINTMENT, "R13.7");
	refused(f, forge_request(f, 1, &q.sealed, &q.a), 1, AM_ERR_APPOINTMENT,
	    "R13.7");
	b = forge_replan(f, &c);
	forge_hex(b, "by", f->people[1].id, 16);
	refused(f, b, 1, AM_ERR_APPOINTMENT, "R13.7");
	/* No other act, moved by them or by somebody who may. */
	not_carried(
	    f, "post", forge_new_post("new", ""), AM_ERR_APPOINTMENT, "R13.7");
	not_carried(
	    f, "rules", forge_ruling(f, 3), AM_ERR_APPOINTMENT, "R13.7");
	not_carried(f, "waive", forge_waiver("X-8 s", f->at + DAY),
	    AM_ERR_APPOINTMENT, "R13.7");
	accepted(f,
	    forge_motion(f, 6, "waive", forge_waiver("X-8 s", f->at + DAY)), 6);
	memcpy(waiver, f->last, 32);
	refused(f, forge_vote(f, 2, waiver), 2, AM_ERR_APPOINTMENT, "R13.7");
	refused(f, forge_enact(f, 2, waiver), 2, AM_ERR_APPOINTMENT, "R13.7");
	/* ... nor their own appointment. */
	not_carried(f, "appoint",
	    forge_order(f, 1, "dg", f->at, f->at + DAY, "F.2"),
	    AM_ERR_APPOINTMENT, "R13.7");
	accepted(f,
	    forge_motion(f, 6, "appoint",
		forge_order(f, 1, "dg", f->at, f->at + DAY, "F.2")),
	    6);
	memcpy(own, f->last, 32);
	refused(f, forge_vote(f, 1, own), 1, AM_ERR_APPOINTMENT, "R13.7");
	accepted(f, forge_vote(f, 2, own), 2);
	/* They still narrow. */
	accepted(f, suspend(f, 1, 7), 1);
	forge_free(f);
}

static void
r13_7_an_office_whose_orders_all_ended_comes_back(void **state)
{
	struct forge *f = office();
	struct asked q;

	(void)state;
	end_all(f);
	carried(f, "appoint",
	    forge_order(f, 1, "dg", f->at, f->at + DAY, "F.2"),
	    (const size_t[]){ 2, 3, 4 });
	carried(f, "appoint",
	    forge_order(f, 2, "dg", f->at, f->at + DAY, "F.2"), rest);
	carried(f, "appoint",
	    forge_order(f, 3, "dg", f->at, f->at + DAY, "F.2"),
	    (const size_t[]){ 1, 2, 4 });
	ask(f, &q, 4);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_approve(f, i, &q.a), i);
	accepted(f, open_with(f, &q, 1, 2, 3), 6);
	forge_free(f);
}

/* R5.14: on the day that all orders end one person suspends everybody. Those
 * who hold no post any more can lift that, and then appoint one another. */
static void
r5_14_all_lapsed_and_suspended_by_one_person(void **state)
{
	struct forge *f = office();

	(void)state;
	end_all(f);
	for (size_t i = 1; i <= 5; i++)
		accepted(f, suspend(f, 8, i), 8);
	/* Not their own suspension. */
	not_carried(f, "resume", subject(f, 1), AM_ERR_APPOINTMENT, "R13.7");
	carried(f, "resume", subject(f, 4), most);
	carried(f, "resume", subject(f, 5), most);
	carried(f, "resume", subject(f, 3), (const size_t[]){ 1, 2, 4 });
	carried(f, "appoint", forge_order(f, 1, "dg", f->at, 0, "F.2"), rest);
	carried(f, "resume", subject(f, 1), rest);
	accepted(f, suspend(f, 1, 8), 1);
	forge_free(f);
}

/* ---- absences */

static void
c_9_an_absence_has_a_beginning_and_an_end(void **state)
{
	struct forge *f = office();
	struct json_t *data, *b;
	const int64_t now = f->at;

	(void)state;
	refused(f, away(f, 2, 1, now, now), 2, AM_ERR_INVALID, "C-9");
	refused(f, away(f, 2, 1, now - 10, now), 2, AM_ERR_INVALID, "C-9");
	refused(
	    f, away(f, 2, 1, now, now + 367 * DAY), 2, AM_ERR_INVALID, "C-9");
	data = canon_object();
	forge_when(data, "from", now);
	refused(f, forge_entry(f, 2, "absence", "p1", 1, data), 2,
	    AM_ERR_CORRUPT, "V02");
	data = canon_object();
	forge_text(data, "note", "");
	refused(f, forge_entry(f, 1, "absence", "p1", 2, data), 1,
	    AM_ERR_CORRUPT, "V02");
	refused(f, forge_entry(f, 1, "absence", "p1", 3, canon_object()), 1,
	    AM_ERR_CORRUPT, "V02");
	/* The name of one and the id of another. */
	b = away(f, 2, 1, now, now + DAY);
	data = canon_object();
	forge_text(data, "id", "p2");
	forge_text(data, "type", "absence");
	assert_int_equal(canon_set(b, "item", data), AM_OK);
	refused(f, b, 2, AM_ERR_CORRUPT, "V02");
	refused(f, back(f, 1, 1), 1, AM_ERR_EXISTS, "C-9");
	forge_free(f);
}

static void
c_9_who_is_away_neither_approves_nor_votes(void **state)
{
	struct forge *f = office();
	uint8_t m[32];
	struct asked q, other;
	int64_t end;

	(void)state;
	ask(f, &q, 24);
	other = q;
	end = f->at + HOUR;
	/* by any official, and by others of themselves alone */
	refused(f, away(f, 7, 1, f->at + 2, end), 7, AM_ERR_POLICY, "C-9");
	accepted(f, away(f, 6, 1, f->at + 2, end), 6);
	assert_int_equal(f->at, end - HOUR + 2);
	accepted(
	    f, forge_seal(f, 1, "y", "TEST", &(struct forge_sealed){ 0 }), 1);
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_POLICY, "C-9");
	accepted(
	    f, forge_motion(f, 1, "waive", forge_waiver("x", f->at + DAY)), 1);
	memcpy(m, f->last, 32);
	refused(f, forge_vote(f, 1, m), 1, AM_ERR_POLICY, "C-9");
	/* Who is back says so; nobody else does. */
	refused(f, back(f, 2, 1), 2, AM_ERR_POLICY, "C-9");
	accepted(f, back(f, 1, 1), 1);
	refused(f, back(f, 1, 1), 1, AM_ERR_EXISTS, "C-9");
	accepted(f, forge_approve(f, 1, &q.a), 1);
	accepted(f, forge_vote(f, 1, m), 1);
	/* Recorded later, it takes nothing back; and it ends by itself. */
	end = f->at + HOUR;
	accepted(f, away(f, 2, 1, f->at, end), 2);
	accepted(f, away(f, 2, 2, f->at, end), 2);
	accepted(f, away(f, 2, 4, f->at, end), 2);
	accepted(f, decline(f, 4, &other), 4); /* narrowing is free */
	accepted(f, forge_approve(f, 3, &q.a), 3);
	f->at = end - 1;
	refused(f, forge_approve(f, 2, &q.a), 2, AM_ERR_POLICY, "C-9");
	accepted(f, forge_approve(f, 2, &q.a), 2);
	accepted(f, open_with(f, &q, 1, 2, 3), 6);
	forge_free(f);
}

/* R5.14: one person records everybody absent and suspends them all. Who is
 * suspended cannot say that they are back, and so votes all the same. */
static void
r5_14_all_absent_and_suspended_by_one_person(void **state)
{
	struct forge *f = office();
	uint8_t m[32];

	(void)state;
	for (size_t i = 1; i <= 5; i++)
		accepted(f, away(f, 6, i, f->at, f->at + 366 * DAY), 6);
	for (size_t i = 1; i <= 5; i++)
		accepted(f, suspend(f, 8, i), 8);
	refused(f, back(f, 1, 1), 1, AM_ERR_TOKEN, "V22");
	carried(f, "resume", subject(f, 4), most);
	/* Who is free again says first that they are back. */
	accepted(f, forge_motion(f, 1, "resume", subject(f, 5)), 1);
	memcpy(m, f->last, 32);
	refused(f, forge_vote(f, 4, m), 4, AM_ERR_POLICY, "C-9");
	accepted(f, back(f, 4, 4), 4);
	accepted(f, forge_vote(f, 4, m), 4);
	accepted(f, suspend(f, 4, 8), 4);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x_2_a_post_has_an_id_of_its_own_and_a_title),
		cmocka_unit_test(
		    x_2_an_appointment_says_how_until_when_and_by_whom),
		cmocka_unit_test(x_4_an_order_gives_one_period),
		cmocka_unit_test(x_3_an_appointment_ends_at_the_very_second),
		cmocka_unit_test(
		    x_3_an_approval_one_second_before_the_end_opens),
		cmocka_unit_test(
		    r13_7_an_appointment_to_come_invalidates_nobody),
		cmocka_unit_test(r13_7_a_late_order_binds_from_its_entry),
		cmocka_unit_test(
		    x_4_the_next_order_entered_in_time_leaves_no_gap),
		cmocka_unit_test(r13_7_a_gap_of_one_second_is_a_gap),
		cmocka_unit_test(
		    r13_7_an_order_that_is_over_ends_what_was_approved),
		cmocka_unit_test(
		    r13_7_without_a_post_nothing_is_opened_or_changed),
		cmocka_unit_test(
		    r13_7_an_office_whose_orders_all_ended_comes_back),
		cmocka_unit_test(r5_14_all_lapsed_and_suspended_by_one_person),
		cmocka_unit_test(c_9_an_absence_has_a_beginning_and_an_end),
		cmocka_unit_test(c_9_who_is_away_neither_approves_nor_votes),
		cmocka_unit_test(r5_14_all_absent_and_suspended_by_one_person),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
