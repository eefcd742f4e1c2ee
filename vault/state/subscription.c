/*
 * Subscriptions (domain.md 7): `entry` of type "subscription", versions rising,
 * by an official in office. data has one key:
 *
 *	record  the fields of vault/register/record.h: version 1, and changes
 *	step    {choice, end, evidence, order, post, to}: an arrow of 7.2
 *	test    {evidence, passed}: somebody has tried the login
 *	ack     {post}: what was raised up to now has been seen
 *
 * Arrows: complete -> active; active -> decision -> renewing, replacing or
 * ending, as `choice` of the decision says -> verified -> active or closed. A
 * decision may be taken again until it is verified, so that nobody is stuck
 * with a wrong one. `draft` is the file before it is entered, and
 * `notice-window` is active from the first reminder on: the clock makes it so,
 * nobody signs it.
 *
 * Whoever takes a step holds one of the posts of the subscription and says
 * which. `evidence` is the SHA-256 of what proves it.
 */

#include <stdarg.h>
#include <stdio.h>

#include "vault/state/subscription.h"

#include "vault/crypto/hash.h"
#include "vault/state/rules.h"
#include "vault/state/subindex.h"
#include "vault/state/tenure.h"
#include "vault/state/vetting.h"

enum { DAY = 86400 };

static const enum record_field post_fields[ROWS_SUB_POSTS] = { RECORD_OWNER,
	RECORD_DEPUTY, RECORD_TECHNICAL, RECORD_BUDGET, RECORD_ESCALATION };

static bool
same16(const uint8_t a[static 16], const uint8_t b[static 16])
{
	return bytes_same((struct bytes){ a, 16 }, (struct bytes){ b, 16 });
}

/* ---- for those who show them */

AM_RESULT
subscription_get(
    const struct view *v, uint32_t number, struct rows_subscription *out)
{
	const struct rows_key key = rows_key_u32(number);

	return rows_get_subscription(v, rows_key(&key), out);
}

AM_RESULT
subscription_find(
    const struct view *v, struct bytes id, struct rows_subscription *out)
{
	uint8_t be[4];

	AM_TRY(rows_index_get(v, "sub-id", id, be, sizeof(be)));
	return subscription_get(v, rows_get_be32(be), out);
}

static void
term_of(const struct rows_subscription *s, struct dates_term *out)
{
	out->end = (int32_t)s->end;
	out->of_month = s->of_month;
	out->months = subscription_is_decided(s) ? 0 : s->months;
}

void
subscription_plan(const struct rows_subscription *s, struct dates_plan *out)
{
	struct dates_plan p = {
		.notice = { s->notice, s->notice_months != 0 },
		.procurement = { s->procurement, s->procurement_months != 0 },
		.margin = s->margin,
		.lead_count = s->lead_count,
		.after_count = s->after_count,
		.repeat = s->repeat,
		.decided = subscription_is_decided(s),
	};

	term_of(s, &p.term);
	memcpy(p.leads, s->leads, sizeof(p.leads));
	memcpy(p.after, s->after, sizeof(p.after));
	*out = p;
}

int32_t
subscription_end(const struct rows_subscription *s, int32_t day)
{
	struct dates_term t;

	term_of(s, &t);
	return dates_end_after(&t, dates_renewals(&t, day));
}

void
subscription_calendar(const struct rows_entity *e, bool ever,
    int32_t days[static 2 * ROWS_HOLIDAYS_MAX], struct dates_calendar *out)
{
	size_t n = 0;

	for (size_t i = 0; i < e->holiday_count; i++)
		days[n++] = (int32_t)e->holidays[i];
	for (size_t i = 0; ever && i < e->former_count; i++)
		days[n++] = (int32_t)e->former[i];
	*out = (struct dates_calendar){ days, n };
}

void
subscription_schedule(const struct rows_subscription *s,
    const struct dates_calendar *c, int32_t today, struct schedule *out)
{
	struct dates_plan p;

	for (size_t i = 0; i < s->past_count; i++) {
		const struct rows_past *e = &s->past[i];

		if ((int32_t)e->until >= today)
			schedule_add(out,
			    &(struct schedule_event){
				.of = (enum schedule_of)e->of,
				.twin = e->twin != 0,
				.days = e->days,
				.day = (int32_t)e->day });
	}
	subscription_plan(s, &p);
	schedule_terms(&p, c, today, out);
}

static const char *const states[] = { "", "complete", "active", "decision",
	"renewing", "replacing", "ending", "verified", "closed" };
static const char *const choices[] = { "", "renew", "replace", "end" };
static const char *const controls[] = { "unverified", "controlled",
	"not-controlled" };

const char *
subscription_state(const struct rows_subscription *s)
{
	return s->state < AM_ARRAY_LEN(states) ? states[s->state] : "";
}

const char *
subscription_choice(const struct rows_subscription *s)
{
	return s->choice < AM_ARRAY_LEN(choices) ? choices[s->choice] : "";
}

const char *
subscription_control(const struct rows_subscription *s)
{
	return s->control < AM_ARRAY_LEN(controls) ? controls[s->control] : "";
}

AM_RESULT
subscription_holds(const struct view *v, const struct rows_person *p,
    uint32_t post, int64_t at, bool *out)
{
	*out = false;
	for (uint32_t i = 0; i < p->appointments && !*out; i++) {
		struct rows_appointment a;
		uint32_t held;

		AM_TRY(tenure_nth(v, p->person, i, &a));
		held = a.post;
		if (tenure_from(&a) > at || tenure_until(&a) <= at)
			continue;
		for (size_t k = 0; k < TENURE_CHAIN_MAX && held != 0; k++) {
			struct rows_post q;

			*out |= held == post;
			AM_TRY(tenure_post(v, held, &q));
			held = q.succeeds;
		}
	}
	return AM_OK;
}

bool
subscription_needs(
    const struct rows_subscription *s, const uint8_t record[static 16])
{
	for (size_t i = 0; i < s->link_count; i++)
		if (bytes_same((struct bytes){ s->links[i].record, 16 },
			(struct bytes){ record, 16 }))
			return true;
	return false;
}

void
subscription_countries(
    const struct record *r, char out[static ROWS_CODES_MAX + 1])
{
	char *to = out;

	for (size_t i = RECORD_ORIGIN; i <= RECORD_SUPPORT_LOCATION; i++)
		if (r->text[i].len == 2) {
			memcpy(to, r->text[i].p, 2);
			to += 2;
		}
	*to = '\0';
}

bool
subscription_is_tested(const struct rows_subscription *s, int64_t at)
{
	const int64_t since = at - (int64_t)SUBSCRIPTION_TEST_DAYS * DAY;

	return s->test_count == 2 && s->tests[0].at >= since &&
	    s->tests[1].at >= since;
}

/* ---- what a record refers to */

struct refs {
	const struct view *v;
	const struct record *r;
	record_fault *fn;
	void *arg;
	bool bad[RECORD_COUNT];
};

static enum am_err
pass_on(void *arg, enum record_field f, const char *rule, const char *text)
{
	struct refs *x = arg;

	x->bad[f] = true;
	return x->fn(x->arg, f, rule, text);
}

static enum am_err AM_PRINTF(4, 5) tell(struct refs *x, enum record_field f,
    const char *rule, const char *fmt, ...);

static enum am_err
tell(
    struct refs *x, enum record_field f, const char *rule, const char *fmt, ...)
{
	char text[WHY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return x->fn(x->arg, f, rule, text);
}

#define TEXT(b) (int)(b).len, (const char *)(b).p

static AM_RESULT
find_person(
    const struct view *v, struct bytes id, bool *found, struct rows_person *out)
{
	uint8_t person[16];
	const enum am_err err =
	    rows_index_get(v, "person-id", id, person, sizeof(person));

	*found = err == AM_OK;
	if (err != AM_OK)
		return err == AM_ERR_NOT_FOUND ? AM_OK : err;
	return rows_get_person(v, (struct bytes){ person, 16 }, out);
}

/* a person is none, and no contractor owns anything (K-2). */
static AM_RESULT
check_post(struct refs *x, enum record_field f)
{
	const struct bytes id = x->r->text[f];
	bool post = false, person = false;
	struct rows_person p;

	if (x->bad[f])
		return AM_OK;
	AM_TRY(view_has(x->v, "post-id", id, &post));
	if (post)
		return AM_OK;
	AM_TRY(find_person(x->v, id, &person, &p));
	return person
	    ? tell(x, f, "R-2", "'%.*s' is a person; what answers is a post",
		  TEXT(id))
	    : tell(x, f, "R-2", "no post '%.*s'", TEXT(id));
}

static bool
is_mailbox(const struct rows_entity *e, struct bytes address)
{
	for (size_t i = 0; i < e->mailbox_count; i++) {
		const char *of = e->mailboxes[i].address;

		if (bytes_same(address,
			(struct bytes){ (const uint8_t *)of, strlen(of) }))
			return true;
	}
	return false;
}

static AM_RESULT
check_entity(struct refs *x, const struct rows_entity *e)
{
	const struct bytes holder = x->r->text[RECORD_HOLDER],
			   mail = x->r->text[RECORD_MAILBOX],
			   name = { (const uint8_t *)e->name, strlen(e->name) };

	if (!x->bad[RECORD_HOLDER] && !bytes_same(holder, name))
		AM_TRY(tell(x, RECORD_HOLDER, "R-3",
		    "the account is held by the entity, '%s'", e->name));
	if (!x->bad[RECORD_MAILBOX] && !is_mailbox(e, mail))
		return tell(x, RECORD_MAILBOX, "R-3",
		    "'%.*s' is not on the entity's list of role mailboxes",
		    TEXT(mail));
	return AM_OK;
}

/* Who can still be asked: an official who has not left. */
static AM_RESULT
check_admin(struct refs *x, const struct rows_entity *e, struct bytes who)
{
	bool post = false, person = false;
	struct rows_person p;

	if (memchr(who.p, '@', who.len) != NULL)
		return is_mailbox(e, who)
		    ? AM_OK
		    : tell(x, RECORD_ADMINS, "R-3",
			  "'%.*s' is not on the entity's list of role "
			  "mailboxes",
			  TEXT(who));
	AM_TRY(view_has(x->v, "post-id", who, &post));
	if (post)
		return AM_OK;
	AM_TRY(find_person(x->v, who, &person, &p));
	if (!person)
		return tell(x, RECORD_ADMINS, "R-3", "no post or person '%.*s'",
		    TEXT(who));
	if (p.kind == ROWS_CONTRACTOR)
		return tell(
		    x, RECORD_ADMINS, "R-3", "'%s' is a contractor", p.id);
	return p.departure == 0
	    ? AM_OK
	    : tell(x, RECORD_ADMINS, "R-3", "'%s' has left", p.id);
}

/* "token LABEL": not suspended, of somebody who is no contractor, is not
 * suspended and has not left. */
static AM_RESULT
check_phone(struct refs *x)
{
	const struct bytes text = x->r->text[RECORD_PHONE],
			   label = { text.p + 6, text.len - 6 };
	struct rows_person p;
	struct rows_token t;
	uint8_t id[32];
	enum am_err err;

	if (x->bad[RECORD_PHONE] || text.p[0] != 't')
		return AM_OK;
	err = rows_index_get(x->v, "token-id", label, id, sizeof(id));
	if (err != AM_ERR_NOT_FOUND) {
		AM_TRY(err);
		AM_TRY(rows_get_token(x->v, (struct bytes){ id, 32 }, &t));
		AM_TRY(
		    rows_get_person(x->v, (struct bytes){ t.person, 16 }, &p));
		if (t.status == ROWS_ACTIVE && t.suspended == ROWS_FREE &&
		    p.kind != ROWS_CONTRACTOR && p.suspended == ROWS_FREE &&
		    p.departure == 0)
			return AM_OK;
	}
	return tell(x, RECORD_PHONE, "R-3",
	    "no key '%.*s' in custody of somebody in office", TEXT(label));
}

static AM_RESULT
check_links(struct refs *x, enum record_field f)
{
	const struct json_t *list = x->r->list[f];

	for (size_t i = 0; !x->bad[f] && i < canon_size(list); i++) {
		bool known = false;
		uint8_t id[16];

		AM_TRY(canon_at_hex(list, i, id, sizeof(id)));
		AM_TRY(
		    view_has(x->v, "record", (struct bytes){ id, 16 }, &known));
		if (!known)
			AM_TRY(tell(x, f, "R-1", "no such credential"));
	}
	return AM_OK;
}

static AM_RESULT
check_refs(
    const struct view *v, const struct record *r, record_fault *fn, void *arg)
{
	struct refs x = { .v = v, .r = r, .fn = fn, .arg = arg };
	const struct json_t *admins = r->list[RECORD_ADMINS];
	struct rows_entity e = { .version = 0 };
	enum am_err err;

	AM_TRY(record_check(r, pass_on, &x));
	for (size_t i = 0; i < ROWS_SUB_POSTS; i++)
		AM_TRY(check_post(&x, post_fields[i]));
	err = rows_get_entity(v, (struct bytes){ NULL, 0 }, &e);
	if (err == AM_ERR_NOT_FOUND)
		AM_TRY(tell(&x, RECORD_HOLDER, "R-3",
		    "the entity is not described yet: amanat sub entity"));
	else
		AM_TRY(err);
	if (err == AM_OK)
		AM_TRY(check_entity(&x, &e));
	for (size_t i = 0; !x.bad[RECORD_ADMINS] && i < canon_size(admins);
	     i++) {
		struct bytes who = { 0 };

		AM_TRY(canon_at_text(admins, i, &who));
		AM_TRY(check_admin(&x, &e, who));
	}
	AM_TRY(check_phone(&x));
	AM_TRY(check_links(&x, RECORD_MFA));
	return check_links(&x, RECORD_CREDENTIALS);
}

AM_RESULT
subscription_check(const struct view *v, const char *id, const struct record *r,
    int64_t at, record_fault *fn, void *arg)
{
	struct rows_provider p;

	AM_TRY(check_refs(v, r, fn, arg));
	vetting_read(r, &p);
	return vetting_faults(v, id, &p, at, fn, arg);
}

/* ---- the signer */

static AM_RESULT
check_official(struct rules *r)
{
	int64_t ended = 0;
	bool valid = false;

	if (r->by.kind != ROWS_OFFICIAL)
		return RULES_SAY(r, AM_ERR_POLICY, "R-2",
		    "'%s' is no official; subscriptions are for officials",
		    r->by.id);
	AM_TRY(tenure_valid(&r->st->view, &r->by, r->s->at, &valid, &ended));
	return valid ? AM_OK
		     : RULES_SAY(r, AM_ERR_APPOINTMENT, "R13.7",
			   "'%s' holds no post any more", r->by.id);
}

static AM_RESULT
check_acts_as(struct rules *r, const struct rows_subscription *s,
    const struct json_t *what)
{
	struct bytes id = { 0 };
	uint8_t be[4] = { 0 };
	bool holds = false, of_it = false;

	AM_TRY(canon_get_text(what, "post", &id));
	if (rows_index_get(&r->st->view, "post-id", id, be, sizeof(be)) !=
	    AM_OK)
		return RULES_SAY(
		    r, AM_ERR_NOT_FOUND, "R-2", "no post '%.*s'", TEXT(id));
	for (size_t i = 0; i < ROWS_SUB_POSTS; i++)
		of_it |= s->posts[i] == rows_get_be32(be);
	AM_TRY(subscription_holds(
	    &r->st->view, &r->by, rows_get_be32(be), r->s->at, &holds));
	if (of_it && holds)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "R-2",
	    of_it ? "'%s' does not hold the post '%.*s'"
		  : "for '%s': the post '%.*s' does not answer for this "
		    "subscription",
	    r->by.id, TEXT(id));
}

/* ---- where it is found */

/*
 * The day from which on `due` looks at it: before the next reminder that is not
 * acknowledged, by as much as a holiday can bring it forward; and for good once
 * a decision or the end has been missed. Never before the statement that says
 * so: then nobody looks through days that are long over.
 */
static uint32_t
day_of(const struct rows_subscription *s)
{
	const int32_t today = dates_day(s->at);
	struct dates_plan p;
	int32_t first;

	if (s->state == ROWS_CLOSED)
		return ROWS_NO_DAY;
	if (s->control == ROWS_NOT_CONTROLLED)
		return (uint32_t)today;
	subscription_plan(s, &p);
	first = dates_next(&p, NULL, (int32_t)s->acked);
	if (p.term.months == 0) {
		const int32_t missed = 1 +
		    (p.decided ? p.term.end : dates_deadline(&p, p.term.end));

		first = missed < first ? missed : first;
	}
	if (first == DATES_NEVER)
		return ROWS_NO_DAY;
	first -= DATES_TWIN_MAX;
	return (uint32_t)(first > today ? first : today);
}

static AM_RESULT
keep(struct rules *r, struct rows_register *g, struct rows_subscription *s)
{
	const struct rows_key key = rows_key_u32(s->number);

	s->leaf = r->leaf;
	s->at = r->s->at;
	AM_TRY(subindex_move(&r->st->view, g, s, day_of(s)));
	AM_TRY(subindex_examined(&r->st->view, g, s,
	    s->state == ROWS_COMPLETE || s->state == ROWS_CLOSED));
	AM_TRY(rows_put_subscription(&r->st->view, rows_key(&key), s));
	return rows_put_register(&r->st->view, (struct bytes){ NULL, 0 }, g);
}

/* A date has changed: there is one new schedule, and nothing of it has been
 * seen. */
static void
arm(struct rules *r, struct rows_subscription *s)
{
	s->armed = (uint32_t)dates_day(r->s->at);
	s->acked = 0;
	memset(s->acked_by, 0, sizeof(s->acked_by));
}

/* ---- events that are none any more */

static uint32_t
kept_until(const struct rows_subscription *was, const struct schedule_event *e,
    int32_t today)
{
	for (size_t i = 0; i < was->past_count; i++)
		if (was->past[i].of == e->of &&
		    (was->past[i].twin != 0) == e->twin &&
		    was->past[i].days == e->days &&
		    was->past[i].day == (uint32_t)e->day)
			return was->past[i].until;
	return (
	    uint32_t)((e->day > today ? e->day : today) + SCHEDULE_KEPT_DAYS);
}

/* What calendars have of it and would keep for ever. */
static AM_RESULT
remember_events(struct rules *r, const struct rows_subscription *was,
    struct rows_subscription *s)
{
	const int32_t today = dates_day(r->s->at);
	struct schedule before = { .count = 0 }, now = { .count = 0 };
	int32_t days[2 * ROWS_HOLIDAYS_MAX];
	struct dates_calendar c;
	struct rows_entity e;
	struct dates_plan p;

	AM_TRY(rows_get_entity(&r->st->view, (struct bytes){ NULL, 0 }, &e));
	subscription_calendar(&e, true, days, &c);
	subscription_schedule(was, &c, today, &before);
	subscription_calendar(&e, false, days, &c);
	subscription_plan(s, &p);
	schedule_term(&p, &c, subscription_end(s, today), &now);
	s->past_count = 0;
	for (size_t i = 0; i < before.count; i++) {
		const struct schedule_event *gone = &before.events[i];

		if (schedule_has(&now, gone))
			continue;
		s->past[s->past_count++] = (struct rows_past){
			.of = (uint8_t)gone->of,
			.twin = gone->twin,
			.days = gone->days,
			.day = (uint32_t)gone->day,
			.until = kept_until(was, gone, today),
		};
	}
	return AM_OK;
}

/* ---- record */

struct faults {
	char text[WHY_TEXT_MAX];
	char rule[WHY_RULE_MAX];
	size_t count;
};

/* As many as a sentence holds; `amanat sub lint` has all. */
static enum am_err
collect(void *arg, enum record_field f, const char *rule, const char *text)
{
	struct faults *x = arg;
	const size_t at = strlen(x->text);

	if (x->count++ == 0)
		(void)snprintf(x->rule, sizeof(x->rule), "%s", rule);
	(void)snprintf(x->text + at, sizeof(x->text) - at, "%s%s: %s",
	    x->count > 1 ? "; " : "", record_key(f), text);
	return AM_OK;
}

static void
take_dates(const struct record *r, struct rows_subscription *s)
{
	struct record_dates d;

	record_dates(r, &d);
	s->start = (uint32_t)d.start;
	s->end = (uint32_t)d.plan.term.end;
	s->of_month = d.plan.term.of_month;
	s->months = d.plan.term.months;
	s->notice = d.plan.notice.count;
	s->notice_months = d.plan.notice.months;
	s->procurement = d.plan.procurement.count;
	s->procurement_months = d.plan.procurement.months;
	s->margin = d.plan.margin;
	s->repeat = d.plan.repeat;
	s->lead_count = d.plan.lead_count;
	s->after_count = d.plan.after_count;
	memcpy(s->leads, d.plan.leads, sizeof(s->leads));
	memcpy(s->after, d.plan.after, sizeof(s->after));
}

static bool
same_days(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count)
{
	for (size_t i = 0; a_count == b_count && i < a_count; i++)
		if (a[i] != b[i])
			return false;
	return a_count == b_count;
}

static bool
same_dates(const struct rows_subscription *a, const struct rows_subscription *b)
{
	return a->end == b->end && a->of_month == b->of_month &&
	    a->months == b->months && a->notice == b->notice &&
	    a->notice_months == b->notice_months &&
	    a->procurement == b->procurement &&
	    a->procurement_months == b->procurement_months &&
	    a->margin == b->margin && a->repeat == b->repeat &&
	    same_days(a->leads, a->lead_count, b->leads, b->lead_count) &&
	    same_days(a->after, a->after_count, b->after, b->after_count);
}

/* a record says when it is reminded of, and who may take its steps. */
static AM_RESULT
check_answers(struct rules *r, const struct rows_subscription *s)
{
	bool holds = false;

	for (size_t i = 0; i < ROWS_SUB_POSTS && !holds; i++)
		AM_TRY(subscription_holds(
		    &r->st->view, &r->by, s->posts[i], r->s->at, &holds));
	return holds ? AM_OK
		     : RULES_SAY(r, AM_ERR_POLICY, "R-2",
			   "'%s' is in force: its record is changed by who "
			   "holds one of its posts, and '%s' holds none",
			   s->id, r->by.id);
}

static bool
is_late(const struct rows_subscription *s, int32_t today)
{
	struct dates_plan p;

	subscription_plan(s, &p);
	return !p.decided && p.term.months == 0 &&
	    today > dates_deadline(&p, p.term.end);
}

/* what is in force gets another end by renewing it, and what is late is
 * decided on, not put off. */
static AM_RESULT
check_in_force(struct rules *r, const struct rows_subscription *was,
    struct rows_subscription *s)
{
	const int32_t today = dates_day(r->s->at);

	if (was->state <= ROWS_COMPLETE)
		return AM_OK;
	AM_TRY(check_answers(r, was));
	if (is_late(was, today) && !is_late(s, today))
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "the decision on it is late: it is taken, and not put off "
		    "by another record");
	if (s->start != was->start || s->end != was->end)
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "it is in force: its first and last day change by "
		    "renewing it, with evidence");
	s->of_month = was->of_month;
	return AM_OK;
}

static AM_RESULT
take_posts(
    struct rules *r, const struct record *in, struct rows_subscription *s)
{
	for (size_t i = 0; i < ROWS_SUB_POSTS; i++) {
		uint8_t be[4];

		AM_TRY(rows_index_get(&r->st->view, "post-id",
		    in->text[post_fields[i]], be, sizeof(be)));
		s->posts[i] = rows_get_be32(be);
	}
	return AM_OK;
}

/* Those of a second factor too: without it there is no login. */
static AM_RESULT
take_links(const struct record *in, struct rows_subscription *s)
{
	static const enum record_field from[] = { RECORD_CREDENTIALS,
		RECORD_MFA };

	s->link_count = 0;
	for (size_t i = 0; i < AM_ARRAY_LEN(from); i++)
		for (size_t k = 0; k < canon_size(in->list[from[i]]); k++)
			AM_TRY(canon_at_hex(in->list[from[i]], k,
			    s->links[s->link_count++].record, 16));
	return AM_OK;
}

/* Who has logged in has done so to that account, and to no other. What was not
 * under control stays so. */
static void
take_account(const struct record *in, struct rows_subscription *s)
{
	static const enum record_field of[] = { RECORD_VENDOR, RECORD_HOLDER,
		RECORD_CUSTOMER, RECORD_MAILBOX };
	struct bytes parts[2 * AM_ARRAY_LEN(of)];
	struct rows_key lens[AM_ARRAY_LEN(of)];
	uint8_t was[32];

	memcpy(was, s->account, sizeof(was));
	for (size_t i = 0; i < AM_ARRAY_LEN(of); i++) {
		lens[i] = rows_key_u32((uint32_t)in->text[of[i]].len);
		parts[2 * i] = rows_key(&lens[i]);
		parts[2 * i + 1] = in->text[of[i]];
	}
	hash_sha256(parts, AM_ARRAY_LEN(parts), s->account);
	if (bytes_same(
		(struct bytes){ was, 32 }, (struct bytes){ s->account, 32 }))
		return;
	s->test_count = 0;
	memset(s->tests, 0, sizeof(s->tests));
	if (s->control == ROWS_CONTROLLED)
		s->control = ROWS_UNVERIFIED;
}

static AM_RESULT
say_faults(struct rules *r, const struct faults *x)
{
	return x->count == 0
	    ? AM_OK
	    : RULES_SAY(r, AM_ERR_INCOMPLETE, x->rule, "%zu field%s: %s",
		  x->count, x->count == 1 ? "" : "s", x->text);
}

static AM_RESULT
read_record(struct rules *r, const char *id, const struct json_t *data,
    struct record *out)
{
	const struct json_t *what = NULL;
	struct faults x = { .count = 0 };

	AM_TRY(canon_get_object(data, "record", &what));
	AM_TRY(record_read(what, out));
	AM_TRY(
	    subscription_check(&r->st->view, id, out, r->s->at, collect, &x));
	AM_TRY(say_faults(r, &x));
	return entity_use(r, out);
}

/* what the class asks of the record that comes into force, also of one
 * that was entered before there was a policy. */
static AM_RESULT
check_class(struct rules *r, const struct rows_subscription *s)
{
	struct faults x = { .count = 0 };

	AM_TRY(vetting_faults(
	    &r->st->view, s->id, &s->provider, r->s->at, collect, &x));
	return say_faults(r, &x);
}

/* And the level of the safes that hold its credentials. */
static AM_RESULT
take_provider(
    struct rules *r, const struct record *in, struct rows_subscription *s)
{
	vetting_read(in, &s->provider);
	for (size_t i = 0; i < s->link_count; i++) {
		struct rows_record c;
		struct rows_safe safe;
		int level;

		AM_TRY(rows_get_record(&r->st->view,
		    (struct bytes){ s->links[i].record, 16 }, &c));
		AM_TRY(rows_get_safe(
		    &r->st->view, (struct bytes){ c.safe, 16 }, &safe));
		level = levels_find(safe.level);
		if (level >= s->provider.level)
			s->provider.level = (uint8_t)(level + 1);
	}
	return AM_OK;
}

static AM_RESULT
take_record(
    struct rules *r, const struct record *in, struct rows_subscription *s)
{
	const struct rows_subscription was = *s;
	const struct bytes name = in->text[RECORD_NAME];

	memcpy(s->name, name.p, name.len);
	s->name[name.len] = '\0';
	s->record_leaf = r->leaf;
	take_dates(in, s);
	subscription_countries(in, s->countries);
	take_account(in, s);
	AM_TRY(check_in_force(r, &was, s));
	AM_TRY(supplier_check(r, s->id, s->countries));
	AM_TRY(take_posts(r, in, s));
	AM_TRY(take_links(in, s));
	AM_TRY(take_provider(r, in, s));
	AM_TRY(vetting_check_owner(r, &was, s));
	if (!same_dates(&was, s))
		arm(r, s);
	if (s->version > 1)
		AM_TRY(remember_events(r, &was, s));
	AM_TRY(subindex_own(
	    &r->st->view, s->posts[ROWS_OWNER], was.posts[ROWS_OWNER]));
	return subindex_link(&r->st->view, s);
}

static AM_RESULT
enter_record(struct rules *r, const struct json_t *data,
    struct rows_register *g, struct rows_subscription *s)
{
	struct record in;

	AM_TRY(read_record(r, s->id, data, &in));
	AM_TRY(take_record(r, &in, s));
	return keep(r, g, s);
}

static AM_RESULT
add(struct rules *r, struct bytes id, const struct json_t *data,
    struct rows_register *g)
{
	struct rows_subscription s = { .state = ROWS_COMPLETE,
		.version = 1,
		.number = ++g->subscriptions,
		.day = ROWS_NO_DAY,
		.exam = ROWS_NO_DAY };
	const struct rows_key n = rows_key_u32(s.number);

	memcpy(s.id, id.p, id.len);
	AM_TRY(rows_index_put(&r->st->view, "sub-id", id, rows_key(&n)));
	return enter_record(r, data, g, &s);
}

/* ---- steps */

struct step {
	uint8_t to, choice;
	int32_t end; /* -1: none is said */
	char order[ROWS_ORDER_MAX + 1];
};

static AM_RESULT
one_of(struct rules *r, const struct json_t *from, const char *key,
    const char *const *words, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < count; i++)
		if (rules_text_is(from, key, words[i])) {
			*out = (uint8_t)i;
			return AM_OK;
		}
	return RULES_SAY(r, AM_ERR_INVALID, "R-11",
	    "there is no such '%s' (domain.md 7.2)", key);
}

static AM_RESULT
read_step(struct rules *r, const struct json_t *what, struct step *out)
{
	static const char *const keys[] = { "choice", "end", "evidence",
		"order", "post", "to" };
	struct bytes end = { 0 };
	uint8_t hash[32];

	if (!canon_keys_are(what, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(what, "evidence", hash, sizeof(hash)));
	AM_TRY(canon_get_text(what, "end", &end));
	AM_TRY(rules_text(what, "order", out->order, sizeof(out->order)));
	AM_TRY(one_of(r, what, "to", states, AM_ARRAY_LEN(states), &out->to));
	AM_TRY(one_of(
	    r, what, "choice", choices, AM_ARRAY_LEN(choices), &out->choice));
	out->end = -1;
	if (end.len > 0 && dates_parse(end, &out->end) != AM_OK)
		return RULES_SAY(
		    r, AM_ERR_INVALID, "R-11", "'%.*s' is no day", TEXT(end));
	return AM_OK;
}

/* The arrows of 7.2: what may follow, for each state. */
static bool
may_follow(const struct rows_subscription *s, const struct step *t)
{
	switch ((enum rows_sub_state)s->state) {
	case ROWS_COMPLETE:
		return t->to == ROWS_IN_FORCE;
	case ROWS_IN_FORCE:
		return t->to == ROWS_DECIDED;
	case ROWS_DECIDED:
		return t->to == ROWS_DECIDED ||
		    t->to == ROWS_RENEWING + s->choice - ROWS_RENEW;
	case ROWS_RENEWING:
	case ROWS_REPLACING:
	case ROWS_ENDING:
		return t->to == ROWS_DECIDED || t->to == ROWS_VERIFIED;
	case ROWS_VERIFIED:
		return t->to ==
		    (s->choice == ROWS_RENEW ? ROWS_IN_FORCE : ROWS_CLOSED);
	case ROWS_CLOSED:
		return false;
	}
	return false;
}

static AM_RESULT
check_arrow(
    struct rules *r, const struct rows_subscription *s, const struct step *t)
{
	if (may_follow(s, t))
		return AM_OK;
	if (s->state == ROWS_DECIDED)
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "'%s' does not follow on a decision to %s", states[t->to],
		    choices[s->choice]);
	return RULES_SAY(r, AM_ERR_POLICY, "R-11",
	    "'%s' does not follow on '%s'; no step is left out", states[t->to],
	    states[s->state]);
}

static AM_RESULT
check_said(
    struct rules *r, const struct rows_subscription *s, const struct step *t)
{
	const bool ends = s->state == ROWS_VERIFIED;

	if ((t->to == ROWS_DECIDED) != (t->choice != 0))
		return RULES_SAY(r, AM_ERR_INVALID, "R-11",
		    "a decision, and nothing else, says renew, replace or end");
	if (t->to != ROWS_DECIDED && t->to != ROWS_VERIFIED &&
	    t->order[0] == '\0')
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "'%s' names the contract or order", states[t->to]);
	if (ends != (t->end >= 0))
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    ends ? "what is finished has a day on which it ends"
			 : "'%s' has no new end yet",
		    states[t->to]);
	if (t->to == ROWS_IN_FORCE && ends && t->end <= (int32_t)s->end)
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "what is renewed ends after the term before");
	if ((t->to == ROWS_VERIFIED || ends) &&
	    !subscription_is_tested(s, r->s->at))
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "two people have to log in, not more than %d days ago: "
		    "amanat sub test %s",
		    SUBSCRIPTION_TEST_DAYS, s->id);
	return AM_OK;
}

/* at each renewal. */
static AM_RESULT
check_origin(
    struct rules *r, const struct rows_subscription *s, const struct step *t)
{
	const bool renews = t->choice == ROWS_RENEW ||
	    (s->choice == ROWS_RENEW && t->to != ROWS_DECIDED) ||
	    (s->state == ROWS_COMPLETE);

	return renews ? supplier_check(r, s->id, s->countries) : AM_OK;
}

/* What is looked at again before it is in force, or renewed. */
static AM_RESULT
check_provider(
    struct rules *r, const struct rows_subscription *s, const struct step *t)
{
	const bool begins = t->to == ROWS_IN_FORCE;

	if (begins)
		AM_TRY(check_class(r, s));
	return s->choice == ROWS_RENEW && (begins || t->to == ROWS_VERIFIED)
	    ? vetting_check_renewal(r, s)
	    : AM_OK;
}

/* A decision is on the term that runs now, also after tacit renewals. */
static void
take_term(struct rules *r, struct rows_subscription *s, const struct step *t)
{
	struct dates_term term;
	uint32_t n;

	term_of(s, &term);
	n = dates_renewals(&term, dates_day(r->s->at));
	if (t->to == ROWS_DECIDED && n > 0) {
		s->start = (uint32_t)dates_end_after(&term, n - 1) + 1;
		s->end = (uint32_t)dates_end_after(&term, n);
	}
	if (t->end < 0)
		return;
	if (s->choice == ROWS_RENEW)
		s->start = s->end + 1;
	/* the day of the month that it is counted from stays, where it can */
	if (dates_add_months(t->end, 0, s->of_month) != t->end)
		s->of_month = dates_of_month(t->end);
	s->end = (uint32_t)t->end;
	arm(r, s);
}

static AM_RESULT
enter_step(struct rules *r, const struct json_t *data, struct rows_register *g,
    struct rows_subscription *s)
{
	const struct rows_subscription was = *s;
	const struct json_t *what = NULL;
	struct step t;

	AM_TRY(canon_get_object(data, "step", &what));
	AM_TRY(read_step(r, what, &t));
	AM_TRY(check_arrow(r, s, &t));
	AM_TRY(check_said(r, s, &t));
	AM_TRY(check_acts_as(r, s, what));
	AM_TRY(check_origin(r, s, &t));
	AM_TRY(check_provider(r, s, &t));
	if (t.to == ROWS_DECIDED && s->state == ROWS_IN_FORCE)
		s->decided = (uint32_t)dates_day(r->s->at);
	take_term(r, s, &t);
	s->state = t.to;
	if (t.to == ROWS_DECIDED)
		s->choice = t.choice;
	if (t.to == ROWS_IN_FORCE)
		s->choice = ROWS_UNDECIDED_YET;
	AM_TRY(remember_events(r, &was, s));
	if (t.order[0] != '\0')
		memcpy(s->order, t.order, sizeof(s->order));
	if (t.to == ROWS_CLOSED)
		AM_TRY(subindex_own(&r->st->view, 0, s->posts[ROWS_OWNER]));
	return keep(r, g, s);
}

/* ---- logins */

/* Of somebody else, who is not suspended since: what one said alone stands for
 * nothing then; but what two have said stays, as with K-3. */
static AM_RESULT
is_other(struct rules *r, const struct rows_test *t, bool *out)
{
	struct rows_person p;

	*out = false;
	if (same16(t->person, r->s->by))
		return AM_OK;
	AM_TRY(rules_person(r, t->person, &p));
	*out = p.suspended == ROWS_FREE && p.departure == 0;
	return AM_OK;
}

static AM_RESULT
passed(struct rules *r, struct rows_subscription *s)
{
	struct rows_test t = { .leaf = r->leaf, .at = r->s->at };
	bool other = false;

	memcpy(t.person, r->s->by, sizeof(t.person));
	/* the other person's stays, the same person's is replaced */
	for (size_t i = 0; i < s->test_count && !other; i++) {
		AM_TRY(is_other(r, &s->tests[i], &other));
		if (other)
			s->tests[1] = s->tests[i];
	}
	s->tests[0] = t;
	s->test_count = other ? 2 : 1;
	if (!other)
		s->tests[1] = (struct rows_test){ .at = 0 };
	if (subscription_is_tested(s, r->s->at))
		s->control = ROWS_CONTROLLED;
	return AM_OK;
}

static AM_RESULT
enter_test(struct rules *r, const struct json_t *data, struct rows_register *g,
    struct rows_subscription *s)
{
	static const char *const keys[] = { "evidence", "passed" };
	const struct json_t *what = NULL;
	bool ok = false;
	uint8_t hash[32];

	AM_TRY(canon_get_object(data, "test", &what));
	if (!canon_keys_are(what, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_hex(what, "evidence", hash, sizeof(hash)));
	AM_TRY(canon_get_bool(what, "passed", &ok));
	if (ok) {
		AM_TRY(passed(r, s));
		return keep(r, g, s);
	}
	s->control = ROWS_NOT_CONTROLLED;
	s->test_count = 0;
	memset(s->tests, 0, sizeof(s->tests));
	return keep(r, g, s);
}

/* ---- acknowledgements */

static AM_RESULT
enter_ack(struct rules *r, const struct json_t *data, struct rows_register *g,
    struct rows_subscription *s)
{
	static const char *const keys[] = { "post" };
	const struct json_t *what = NULL;
	const uint32_t today = (uint32_t)dates_day(r->s->at);

	AM_TRY(canon_get_object(data, "ack", &what));
	if (!canon_keys_are(what, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(check_acts_as(r, s, what));
	if (s->acked >= today)
		return RULES_SAY(r, AM_ERR_EXISTS, "R-5",
		    "everything up to today is acknowledged already");
	s->acked = today;
	memcpy(s->acked_by, r->s->by, sizeof(s->acked_by));
	return keep(r, g, s);
}

/* ---- the statement */

typedef enum am_err enter_fn(struct rules *r, const struct json_t *data,
    struct rows_register *g, struct rows_subscription *s);

static AM_RESULT
change(struct rules *r, const struct json_t *data, struct rows_register *g,
    struct rows_subscription *s)
{
	static const struct {
		const char *key;
		enter_fn *fn;
	} acts[] = { { "record", enter_record }, { "step", enter_step },
		{ "test", enter_test }, { "ack", enter_ack } };

	if (s->state == ROWS_CLOSED)
		return RULES_SAY(r, AM_ERR_POLICY, "R-11",
		    "'%s' is closed; what follows it is entered anew", s->id);
	for (size_t i = 0; i < AM_ARRAY_LEN(acts); i++)
		if (canon_keys_are(data, &acts[i].key, 1))
			return acts[i].fn(r, data, g, s);
	return AM_ERR_CORRUPT;
}

AM_RESULT
subscription_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data)
{
	static const char *const first[] = { "record" };
	struct rows_subscription s;
	struct rows_register g;
	enum am_err err;

	AM_TRY(check_official(r));
	AM_TRY(subindex_register(&r->st->view, &g));
	err = subscription_find(&r->st->view, id, &s);
	if (err == AM_ERR_NOT_FOUND && version == 1)
		return canon_keys_are(data, first, 1) ? add(r, id, data, &g)
						      : AM_ERR_CORRUPT;
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(
		    r, err, "V08", "no subscription '%.*s'", TEXT(id));
	AM_TRY(err);
	if (version == 1)
		return RULES_SAY(r, AM_ERR_EXISTS, "V08",
		    "there is a subscription '%s'", s.id);
	if (version != s.version + 1)
		return RULES_SAY(r, AM_ERR_STALE, "V08",
		    "somebody else has changed '%s': version %u comes next, "
		    "not %u",
		    s.id, s.version + 1, version);
	s.version = version;
	return change(r, data, &g, &s);
}
