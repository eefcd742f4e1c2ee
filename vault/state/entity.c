/*
 * The agency itself (domain.md, R-3, R-9, 7.3): `entry` of type "entity",
 * versions rising, data {holidays, mailboxes, name, surrender}. There is one; a
 * later version has its id. `holidays` are days ("2022-03-23") and `surrender`
 * is the last day before savings are given back, "04-30"; "" is none.
 *
 * One official alone describes it. So that nobody makes an address of their own
 * one of the agency's, who widens the description (a mailbox, another name) is
 * not the first who enters a record that stands on it.
 */

#include "vault/register/schedule.h"
#include "vault/state/rules.h"
#include "vault/state/tenure.h"

static AM_RESULT
read_mailboxes(
    struct rules *r, const struct json_t *list, struct rows_entity *e)
{
	if (canon_size(list) > ROWS_MAILBOXES_MAX)
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-3",
		    "at most %d mailboxes", ROWS_MAILBOXES_MAX);
	for (size_t i = 0; i < canon_size(list); i++) {
		struct bytes text = { 0 };

		AM_TRY(canon_at_text(list, i, &text));
		if (!record_is_mail(text))
			return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-3",
			    "'%.*s' is no address", (int)text.len,
			    (const char *)text.p);
		if (record_is_free_mail(text))
			return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-3",
			    "'%.*s' is an address that anybody gets, and keeps "
			    "when they leave",
			    (int)text.len, (const char *)text.p);
		memcpy(e->mailboxes[i].address, text.p, text.len);
		e->mailbox_count++;
	}
	return AM_OK;
}

static AM_RESULT
read_holidays(struct rules *r, const struct json_t *list, struct rows_entity *e)
{
	if (canon_size(list) > ROWS_HOLIDAYS_MAX)
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-4",
		    "at most %d holidays", ROWS_HOLIDAYS_MAX);
	for (size_t i = 0; i < canon_size(list); i++) {
		struct bytes text = { 0 };
		int32_t day = 0;

		AM_TRY(canon_at_text(list, i, &text));
		if (dates_parse(text, &day) != AM_OK)
			return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-4",
			    "a holiday is a day, such as 2022-03-23");
		e->holidays[i] = (uint32_t)day;
		e->holiday_count++;
	}
	return AM_OK;
}

/* "04-30": of the last quarter of a fiscal year. */
static AM_RESULT
read_surrender(struct rules *r, struct bytes text, struct rows_entity *e)
{
	char day[DATES_TEXT_LEN + 1] = "2001-";
	int32_t n = 0;

	if (text.len == 0)
		return AM_OK;
	if (text.len == 5)
		memcpy(day + 5, text.p, 5);
	if (text.len != 5 ||
	    dates_parse((struct bytes){ (const uint8_t *)day, 10 }, &n) !=
		AM_OK ||
	    text.p[0] != '0' || text.p[1] < '4' || text.p[1] > '6')
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-9",
		    "savings are surrendered up to a day of April, May or "
		    "June, such as 04-30");
	e->surrender_month = (uint8_t)(text.p[1] - '0');
	e->surrender_day = dates_of_month(n);
	return AM_OK;
}

static struct rows_mailbox *
find_mailbox(struct rows_entity *e, struct bytes address)
{
	for (size_t i = 0; i < e->mailbox_count; i++) {
		const char *of = e->mailboxes[i].address;

		if (bytes_same(address,
			(struct bytes){ (const uint8_t *)of, strlen(of) }))
			return &e->mailboxes[i];
	}
	return NULL;
}

/* What was there before keeps whose it is; the first description is nobody's,
 * for there is no other to compare it with. */
static void
mark_new(
    const struct rules *r, struct rows_entity *was, struct rows_entity *now)
{
	if (was->version == 0)
		return;
	memcpy(now->name_by,
	    strcmp(was->name, now->name) == 0 ? was->name_by : r->s->by, 16);
	for (size_t i = 0; i < now->mailbox_count; i++) {
		const char *of = now->mailboxes[i].address;
		const struct rows_mailbox *m = find_mailbox(
		    was, (struct bytes){ (const uint8_t *)of, strlen(of) });

		memcpy(now->mailboxes[i].by, m != NULL ? m->by : r->s->by, 16);
	}
}

/* ---- holidays that were taken off the list */

static bool
is_holiday(const struct rows_entity *e, uint32_t day)
{
	for (size_t i = 0; i < e->holiday_count; i++)
		if (e->holidays[i] == day)
			return true;
	return false;
}

/* Where there is no room the earliest goes. */
static void
add_former(struct rows_entity *e, uint32_t day)
{
	size_t at = 0;

	for (size_t i = 0; i < e->former_count; i++) {
		if (e->former[i] == day)
			return;
		if (e->former[i] < e->former[at])
			at = i;
	}
	if (e->former_count < ROWS_HOLIDAYS_MAX)
		at = e->former_count++;
	else if (e->former[at] > day)
		return;
	e->former[at] = day;
}

/* An event before one of them may be in somebody's calendar. */
static void
keep_former(const struct rules *r, const struct rows_entity *was,
    struct rows_entity *now)
{
	const int32_t today = dates_day(r->s->at);

	for (size_t i = 0; i < was->former_count + was->holiday_count; i++) {
		const uint32_t day = i < was->former_count
		    ? was->former[i]
		    : was->holidays[i - was->former_count];

		if (!is_holiday(now, day) &&
		    (int32_t)day + SCHEDULE_KEPT_DAYS >= today)
			add_former(now, day);
	}
}

/* ---- who is the first to use it */

static AM_RESULT
use(struct rules *r, uint8_t by[static 16], const char *what)
{
	if (bytes_same(
		(struct bytes){ by, 16 }, (struct bytes){ r->s->by, 16 }))
		return RULES_SAY(r, AM_ERR_POLICY, "R-3",
		    "'%s' has put '%s' into the description of the entity; "
		    "another official is the first to use it",
		    r->by.id, what);
	memset(by, 0, 16);
	return AM_OK;
}

static AM_RESULT
use_mailbox(struct rules *r, struct rows_entity *e, struct bytes address)
{
	struct rows_mailbox *m = find_mailbox(e, address);

	/* an administrator may be a post or a person */
	return m == NULL ? AM_OK : use(r, m->by, m->address);
}

AM_RESULT
entity_use(struct rules *r, const struct record *in)
{
	const struct json_t *admins = in->list[RECORD_ADMINS];
	struct rows_entity e;

	AM_TRY(rows_get_entity(&r->st->view, (struct bytes){ NULL, 0 }, &e));
	AM_TRY(use(r, e.name_by, e.name));
	AM_TRY(use_mailbox(r, &e, in->text[RECORD_MAILBOX]));
	for (size_t i = 0; i < canon_size(admins); i++) {
		struct bytes who = { 0 };

		AM_TRY(canon_at_text(admins, i, &who));
		AM_TRY(use_mailbox(r, &e, who));
	}
	return rows_put_entity(&r->st->view, (struct bytes){ NULL, 0 }, &e);
}

/* The one there is, or one that begins. */
static AM_RESULT
read_before(struct rules *r, struct bytes id, uint32_t version,
    struct rows_entity *was, struct rows_entity *out)
{
	struct rows_entity e = { .version = 0 };
	const enum am_err err =
	    rows_get_entity(&r->st->view, (struct bytes){ NULL, 0 }, &e);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err == AM_OK &&
	    !bytes_same(
		id, (struct bytes){ (const uint8_t *)e.id, strlen(e.id) }))
		return RULES_SAY(r, AM_ERR_EXISTS, "R-3",
		    "the entity of this vault is '%s'", e.id);
	if (version != e.version + 1)
		return RULES_SAY(r, AM_ERR_STALE, "V08",
		    "version %u of it comes next, not %u", e.version + 1,
		    version);
	*was = e;
	*out = (struct rows_entity){ .version = version };
	memcpy(out->id, id.p, id.len);
	return AM_OK;
}

AM_RESULT
entity_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data)
{
	static const char *const keys[] = { "holidays", "mailboxes", "name",
		"surrender" };
	const struct json_t *mailboxes = NULL, *holidays = NULL;
	struct bytes surrender = { 0 };
	struct rows_entity was = { 0 }, e = { 0 };
	int64_t ended = 0;
	bool valid = false;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(tenure_valid(&r->st->view, &r->by, r->s->at, &valid, &ended));
	if (r->by.kind != ROWS_OFFICIAL || !valid)
		return RULES_SAY(r, AM_ERR_POLICY, "R-3",
		    "the entity is described by an official in office");
	AM_TRY(read_before(r, id, version, &was, &e));
	AM_TRY(canon_get_array(data, "mailboxes", &mailboxes));
	AM_TRY(canon_get_array(data, "holidays", &holidays));
	AM_TRY(canon_get_text(data, "surrender", &surrender));
	AM_TRY(rules_text(data, "name", e.name, sizeof(e.name)));
	if (e.name[0] == '\0')
		return RULES_SAY(r, AM_ERR_INCOMPLETE, "R-3",
		    "an entity has the name that its contracts have");
	AM_TRY(read_mailboxes(r, mailboxes, &e));
	AM_TRY(read_holidays(r, holidays, &e));
	AM_TRY(read_surrender(r, surrender, &e));
	mark_new(r, &was, &e);
	keep_former(r, &was, &e);
	e.leaf = r->leaf;
	e.at = r->s->at;
	return rows_put_entity(&r->st->view, (struct bytes){ NULL, 0 }, &e);
}
