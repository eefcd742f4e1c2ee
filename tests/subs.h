/*
 * subs.h - an agency with posts, and a subscription without faults: for tests of
 * the register.
 */

#ifndef AM_TEST_SUBS_H
#define AM_TEST_SUBS_H

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/state/subscription.h"

enum { DAY = 86400 };

static inline int32_t
day(const char *text)
{
	int32_t d = -1;

	assert_int_equal(
	    dates_parse(
		(struct bytes){ (const uint8_t *)text, strlen(text) }, &d),
	    AM_OK);
	return d;
}

static inline void
set(struct json_t *o, const char *key, struct json_t *v)
{
	assert_int_equal(canon_set(o, key, v), AM_OK);
}

/* 09:00 PKT of that day. */
static inline void
on(struct forge *f, const char *text)
{
	f->at = dates_begin(day(text)) + 9 * 3600;
}

static inline struct json_t *
list(const char *a, const char *b)
{
	struct json_t *l = canon_array();

	if (a != NULL)
		assert_int_equal(canon_push(l, canon_str(a)), AM_OK);
	if (b != NULL)
		assert_int_equal(canon_push(l, canon_str(b)), AM_OK);
	return l;
}

/* A record without faults: the story's, from a country that nobody denies. */
static inline struct json_t *
record(void)
{
	static const char *const texts[][2] = { { "name", "e-Cabinet MDM" },
		{ "purpose", "tablets of the cabinet" }, { "class", "secret" },
		{ "reach", "secret" }, { "users", "" },
		{ "vendor", "TEST Software Ltd" }, { "reseller", "" },
		{ "contract", "PO-2021-17" }, { "type", "new" },
		{ "start", "2021-04-15" }, { "end", "2022-04-15" },
		{ "renews", "no" }, { "notice", "0d" },
		{ "procurement", "90d" }, { "margin", "" }, { "price", "" },
		{ "currency", "" }, { "payment", "po" },
		{ "budget_head", "A03805" }, { "fiscal_year", "2020-21" },
		{ "sla", "" }, { "owner", "dir-eo" }, { "deputy", "dio" },
		{ "technical", "to" }, { "budget", "dfa" },
		{ "escalation", "ceo" }, { "account_holder", "NITB" },
		{ "customer", "T-4711" }, { "mailbox", "mdm@nitb.example" },
		{ "recovery_phone", "office +92 51 111" },
		{ "administrators_checked", "2021-04-15" },
		{ "vendor_recovery", "letter of the head" },
		{ "ownership_test", "2021-04-15" }, { "origin", "DE" },
		{ "ultimate_owner", "DE" }, { "developer", "DE" },
		{ "data_location", "PK" }, { "support_location", "" },
		{ "csp_status", "accredited" }, { "open_criteria", "" },
		{ "open_criteria_ref", "" }, { "hosting_approval", "" },
		{ "accreditation", "" }, { "due_diligence", "2021-03-01" },
		{ "due_diligence_hash",
		    "0123456789abcdef0123456789abcdef"
		    "0123456789abcdef0123456789abcdef" },
		{ "export_format", "" }, { "deletion_proof", "" },
		{ "handover", "see the file" }, { "repeat", "" } };
	static const char *const lists[] = { "mfa", "certificates",
		"replacements", "credentials", "leads", "after" };
	struct json_t *r = canon_object();

	for (size_t i = 0; i < AM_ARRAY_LEN(texts); i++)
		forge_text(r, texts[i][0], texts[i][1]);
	for (size_t i = 0; i < AM_ARRAY_LEN(lists); i++)
		set(r, lists[i], canon_array());
	set(r, "administrators", list("to", "mdm@nitb.example"));
	set(r, "vendor_contacts", list("sales@v.example", "help@v.example"));
	assert_int_equal(canon_size(r), RECORD_COUNT);
	return r;
}

static inline struct json_t *
with(const char *key, const char *value)
{
	struct json_t *r = record();

	forge_text(r, key, value);
	return r;
}

static inline struct json_t *
data(const char *act, struct json_t *what)
{
	struct json_t *d = canon_object();

	set(d, act, what);
	return d;
}

static inline struct json_t *
entry(struct forge *f, size_t by, uint64_t version, const char *act,
    struct json_t *what)
{
	return forge_entry(
	    f, by, "subscription", "mdm", version, data(act, what));
}

static inline struct json_t *
entity(void)
{
	struct json_t *e = canon_object();

	forge_text(e, "name", "NITB");
	set(e, "mailboxes", list("mdm@nitb.example", "it@nitb.example"));
	set(e, "holidays", list("2022-03-23", NULL));
	forge_text(e, "surrender", "04-30");
	return e;
}

/* 1 owner, 2 deputy, 3 technical, 4 budget, 5 head; 6 an official without a
 * post of it, 7 a contractor, 8 an auditor. No committee: 0 decides alone. */
enum { OWNER = 1, DEPUTY, TECH, BUDGET, HEAD, OTHER, CON, AUDITOR };

static inline struct forge *
office(void)
{
	static const char *const posts[] = { "dir-eo", "dio", "to", "dfa",
		"ceo", "clerk" };
	struct forge *f = forge_new();

	on(f, "2021-03-01");
	for (size_t i = 0; i < 6; i++) {
		accepted(f,
		    forge_motion(f, 0, "post", forge_new_post(posts[i], "")),
		    0);
		(void)forge_person(f, "official");
		accepted(f,
		    forge_motion(f, 0, "appoint",
			forge_order(f, i + 1, posts[i], f->at - DAY, 0, "1")),
		    0);
	}
	(void)forge_person(f, "contractor");
	(void)forge_person(f, "auditor");
	accepted(
	    f, forge_entry(f, OTHER, "entity", "nitb", 1, entity()), OTHER);
	on(f, "2021-03-20");
	return f;
}

static inline struct forge *
entered(void)
{
	struct forge *f = office();

	accepted(f, entry(f, OTHER, 1, "record", record()), OTHER);
	return f;
}

static inline struct view
view_of(struct forge *f)
{
	return view_memory(f->memory);
}

static inline struct rows_subscription
row(struct forge *f)
{
	const struct view v = view_of(f);
	struct rows_subscription s;

	assert_int_equal(subscription_find(&v, LIT("mdm"), &s), AM_OK);
	return s;
}

#endif /* AM_TEST_SUBS_H */
