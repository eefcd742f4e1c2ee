#include <stdlib.h>

#include "vault/acts/raised.h"

#include "vault/state/tenure.h"

enum { DAY = 86400, OPENS_AT = 9 * 3600, WAIT_DAYS = 7 };

static const uint8_t nobody[16];

static bool
is_nobody(const uint8_t person[static 16])
{
	return bytes_same(
	    (struct bytes){ person, 16 }, (struct bytes){ nobody, 16 });
}

/* ---- the office */

void
raised_close(struct raised_office *o)
{
	for (uint32_t i = 0; o->safes != NULL && i < o->safe_count; i++)
		free(o->safes[i].o);
	free(o->safes);
	free(o->holders);
	*o = (struct raised_office){ .v = NULL };
}

static AM_RESULT
read_entity(struct raised_office *o)
{
	const enum am_err err =
	    rows_get_entity(o->v, (struct bytes){ NULL, 0 }, &o->entity);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	for (size_t i = 0; i < o->entity.holiday_count; i++)
		o->holidays[i] = (int32_t)o->entity.holidays[i];
	o->calendar.holidays = o->holidays;
	o->calendar.count = o->entity.holiday_count;
	return AM_OK;
}

/* Who holds a post also holds those that it succeeds. */
static AM_RESULT
read_holder(struct raised_office *o, const struct rows_appointment *a)
{
	uint32_t post = a->post;

	for (size_t i = 0; i < TENURE_CHAIN_MAX && post != 0; i++) {
		struct rows_post p;

		if (post > o->post_count)
			return AM_ERR_CORRUPT;
		memcpy(o->holders[post], a->person, 16);
		AM_TRY(tenure_post(o->v, post, &p));
		post = p.succeeds;
	}
	return AM_OK;
}

/* Of two who hold the same post, the one appointed last. */
static AM_RESULT
read_holders(struct raised_office *o, uint32_t appointments)
{
	o->holders = calloc((size_t)o->post_count + 1, sizeof(*o->holders));
	if (o->holders == NULL)
		return AM_ERR_NOMEM;
	for (uint32_t i = 1; i <= appointments; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_appointment a;
		struct rows_person p;
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    o->v, "appointment-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_appointment(
		    o->v, (struct bytes){ id, sizeof(id) }, &a));
		if (tenure_from(&a) > o->now || tenure_until(&a) <= o->now)
			continue;
		AM_TRY(
		    rows_get_person(o->v, (struct bytes){ a.person, 16 }, &p));
		if (p.departure == 0 && p.suspended == ROWS_FREE)
			AM_TRY(read_holder(o, &a));
	}
	return AM_OK;
}

static AM_RESULT
read_safe(struct raised_office *o, uint32_t i)
{
	const struct rows_key n = rows_key_u32(i);
	struct raised_safe *s = &o->safes[i];
	uint8_t id[16];
	bool now = false;
	enum am_err err;

	AM_TRY(rows_index_get(o->v, "safe-n", rows_key(&n), id, sizeof(id)));
	AM_TRY(rows_get_safe(o->v, (struct bytes){ id, 16 }, &s->safe));
	err = outlook_of(o->v, &s->safe, ROWS_OPERATING, o->now,
	    OUTLOOK_HORIZON * 10, &s->o);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(outlook_has_quorum(s->o, o->now, &now));
	s->sure =
	    now && outlook_first_none(s->o) == 0 && !outlook_has_gap(s->o);
	return AM_OK;
}

AM_RESULT
raised_open(const struct view *v, int64_t now, struct raised_office *out)
{
	raised_auto o = { .v = v, .now = now, .today = dates_day(now) };
	struct rows_vault vault;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	AM_TRY(read_entity(&o));
	o.post_count = vault.posts;
	AM_TRY(read_holders(&o, vault.appointments));
	o.safes = calloc((size_t)vault.safes + 1, sizeof(*o.safes));
	if (o.safes == NULL)
		return AM_ERR_NOMEM;
	o.safe_count = vault.safes;
	o.all_sure = true;
	for (uint32_t i = 0; i < vault.safes; i++) {
		AM_TRY(read_safe(&o, i));
		o.all_sure &= o.safes[i].sure;
	}
	memcpy(out, &o, sizeof(o));
	memset(&o, 0, sizeof(o)); /* transferred */
	out->calendar.holidays = out->holidays;
	return AM_OK;
}

/* ---- one subscription */

static enum am_err
keep_newest(void *arg, const struct dates_reminder *said)
{
	struct dates_reminder *newest = arg;

	*newest = *said;
	return AM_OK;
}

/* The first, for how long it has waited, and the newest, for what it says: there
 * may be thousands between them. */
static AM_RESULT
find_reminders(const struct raised_office *o, const struct rows_subscription *s,
    struct raised *r)
{
	const int32_t acked = (int32_t)s->acked, armed = (int32_t)s->armed;
	struct dates_plan p;
	int32_t first, last;

	subscription_plan(s, &p);
	first = dates_next(&p, &o->calendar, acked);
	if (first > o->today)
		return AM_OK;
	last = dates_last(&p, &o->calendar, acked, o->today);
	r->reminded = true;
	r->since = first > armed ? first : armed;
	return dates_each(
	    &p, &o->calendar, last - 1, last, keep_newest, &r->newest);
}

/* seven days each, from owner to deputy, who pays, head; R-6: past a
 * vacant post at once. */
static void
find_post(const struct raised_office *o, const struct rows_subscription *s,
    struct raised *r)
{
	static const enum rows_sub_post order[] = { ROWS_OWNER, ROWS_DEPUTY,
		ROWS_BUDGET, ROWS_ESCALATION };
	const int32_t waited =
	    r->reminded ? (o->today - r->since) / WAIT_DAYS : 0;
	size_t at = waited < 0 ? 0 : (size_t)waited;

	at = at < AM_ARRAY_LEN(order) ? at : AM_ARRAY_LEN(order) - 1;
	while (at + 1 < AM_ARRAY_LEN(order) &&
	    is_nobody(o->holders[s->posts[order[at]]]))
		at++;
	/* the last one vacant too: back to the nearest who is there */
	while (at > 0 && is_nobody(o->holders[s->posts[order[at]]]))
		at--;
	r->level = order[at];
	r->post = s->posts[order[at]];
	memcpy(r->person, o->holders[r->post], 16);
}

static void
find_misses(const struct raised_office *o, const struct rows_subscription *s,
    struct raised *r)
{
	const bool decided = subscription_is_decided(s);

	r->renews_itself = s->months != 0 && !decided;
	r->missed = !decided && !r->renews_itself && o->today > r->deadline;
	r->ended = !r->renews_itself && o->today > r->end;
	r->next = decided || (r->renews_itself && o->today > r->deadline)
	    ? r->end
	    : r->deadline;
}

void
raised_term(const struct raised_office *o, const struct rows_subscription *s,
    struct raised *out)
{
	struct raised r = { .reminded = false };
	struct dates_plan p;

	subscription_plan(s, &p);
	r.end = subscription_end(s, o->today);
	r.deadline = dates_deadline(&p, r.end);
	r.next = r.end;
	if (s->state != ROWS_CLOSED)
		find_misses(o, s, &r);
	*out = r;
}

AM_RESULT
raised_of(const struct raised_office *o, const struct rows_subscription *s,
    struct raised *out)
{
	struct raised r;

	raised_term(o, s, &r);
	if (s->state == ROWS_CLOSED) {
		*out = r;
		return AM_OK;
	}
	if (o->post_count < s->posts[ROWS_OWNER])
		return AM_ERR_CORRUPT;
	AM_TRY(find_reminders(o, s, &r));
	find_post(o, s, &r);
	r.funds = o->entity.surrender_month == 0
	    ? DATES_FUNDED
	    : dates_funds(
		  r.end, o->entity.surrender_month, o->entity.surrender_day);
	*out = r;
	return AM_OK;
}

int64_t
raised_instant(const struct raised_office *o, const struct raised *r)
{
	const int64_t at = dates_begin(r->next) + OPENS_AT;

	return at > o->now ? at : o->now;
}

/* ---- reach */

static const struct raised_safe *
find_safe(const struct raised_office *o, const uint8_t id[static 16])
{
	for (uint32_t i = 0; i < o->safe_count; i++)
		if (bytes_same((struct bytes){ o->safes[i].safe.safe, 16 },
			(struct bytes){ id, 16 }))
			return &o->safes[i];
	return NULL;
}

AM_RESULT
raised_reach(const struct raised_office *o, const struct rows_subscription *s,
    const struct raised *r, enum raised_reach *out,
    char safe[static ROWS_ID_MAX + 1])
{
	const int64_t at = raised_instant(o, r);

	*out = s->link_count == 0 ? RAISED_UNLINKED : RAISED_REACHABLE;
	safe[0] = '\0';
	for (size_t i = 0; !o->all_sure && i < s->link_count; i++) {
		const struct raised_safe *of;
		struct rows_record c;
		bool holds = false;

		AM_TRY(rows_get_record(
		    o->v, (struct bytes){ s->links[i].record, 16 }, &c));
		if ((of = find_safe(o, c.safe)) == NULL)
			return AM_ERR_CORRUPT;
		if (of->sure)
			continue;
		if (of->o != NULL)
			AM_TRY(outlook_has_quorum(of->o, at, &holds));
		if (holds)
			continue;
		*out = RAISED_OUT_OF_REACH;
		memcpy(safe, of->safe.id, ROWS_ID_MAX + 1);
		return AM_OK;
	}
	return AM_OK;
}

/* ---- in words */

static AM_RESULT
add_term(
    const struct rows_subscription *s, const struct raised *r, struct blob *out)
{
	char end[DATES_TEXT_LEN + 1], by[DATES_TEXT_LEN + 1];
	struct dates_plan p;

	subscription_plan(s, &p);
	dates_text(r->end, end);
	dates_text(dates_notice(&p, r->end), by);
	if (r->renews_itself)
		return blob_printf(out,
		    "will renew by itself on %s unless notice is given by %s",
		    end, by);
	dates_text(r->deadline, by);
	if (subscription_is_decided(s))
		return blob_printf(out, "ends on %s; it stands at '%s'", end,
		    subscription_state(s));
	return blob_printf(
	    out, "ends on %s; the decision is due on %s", end, by);
}

static AM_RESULT
add_days(
    const struct raised_office *o, const struct raised *r, struct blob *out)
{
	const bool decide = r->newest.anchor == DATES_DECISION;
	const int32_t left =
	    (decide ? r->newest.deadline : r->newest.end) - o->today;

	if (left < 0)
		return blob_printf(out, "%d days past %s: ", -left,
		    decide ? "the day of decision" : "its end");
	return blob_printf(out, "%d day%s to %s: ", left, left == 1 ? "" : "s",
	    decide ? "decide" : "the end");
}

AM_RESULT
raised_text(const struct raised_office *o, const struct rows_subscription *s,
    const struct raised *r, struct blob *out)
{
	char day[DATES_TEXT_LEN + 1];

	if (r->ended || r->missed) {
		dates_text(r->ended ? r->end : r->deadline, day);
		return blob_printf(out, "'%s' (%s): %s %s", s->id, s->name,
		    r->ended ? "has ended, and is neither renewed nor closed: "
			       "on"
			     : "the decision is late: it was due on",
		    day);
	}
	if (!r->reminded)
		return AM_OK;
	AM_TRY(blob_printf(out, "'%s' (%s): ", s->id, s->name));
	AM_TRY(add_days(o, r, out));
	AM_TRY(add_term(s, r, out));
	if (r->funds == DATES_FUNDED)
		return AM_OK;
	return blob_printf(out, "; %s [R-9]",
	    r->funds == DATES_SLOW
		? "money is released slowly from July to September"
		: "savings are surrendered before that: pay earlier, or from "
		  "the next year");
}
