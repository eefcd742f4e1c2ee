/*
 * Subscriptions and the deny list in the rule book, refusals first: domain.md
 * 7, R-1 to, O-8, K-2; scenarios 1 and 2. Then that
 * `due` finds each of them under the day from which on it matters.
 */

#include "tests/subs.h"
#include "vault/base/when.h"
#include "vault/state/subindex.h"
#include "vault/state/subscription.h"
#include "vault/state/supplier.h"

static const uint8_t hash[32] = { 1 };

struct said {
	const char *to, *choice, *order, *end, *post;
};

static struct json_t *
step(const struct said *t)
{
	struct json_t *what = canon_object();

	forge_text(what, "to", t->to);
	forge_text(what, "choice", t->choice != NULL ? t->choice : "");
	forge_text(what, "order", t->order != NULL ? t->order : "");
	forge_text(what, "end", t->end != NULL ? t->end : "");
	forge_text(what, "post", t->post != NULL ? t->post : "dir-eo");
	forge_hex(what, "evidence", hash, sizeof(hash));
	return what;
}

static struct json_t *
next_step(struct forge *f, size_t by, struct said t)
{
	return entry(f, by, row(f).version + 1, "step", step(&t));
}

static struct json_t *
next_test(struct forge *f, size_t by, bool ok)
{
	struct json_t *what = canon_object();

	forge_hex(what, "evidence", hash, sizeof(hash));
	set(what, "passed", canon_bool(ok));
	return entry(f, by, row(f).version + 1, "test", what);
}

static struct json_t *
next_ack(struct forge *f, size_t by, const char *post)
{
	struct json_t *what = canon_object();

	forge_text(what, "post", post);
	return entry(f, by, row(f).version + 1, "ack", what);
}

static void
go(struct forge *f, struct said t)
{
	accepted(f, next_step(f, OWNER, t), OWNER);
}

static void
tested(struct forge *f)
{
	accepted(f, next_test(f, TECH, true), TECH);
	accepted(f, next_test(f, DEPUTY, true), DEPUTY);
}

static void
deny(struct forge *f, uint64_t version, const char *a, const char *b)
{
	struct json_t *what = canon_object();

	forge_uint(what, "version", version);
	set(what, "countries", list(a, b));
	accepted(f, forge_motion(f, 0, "deny", what), 0);
}

/* ---- the entity */

static void
an_entity_has_role_mailboxes(void **state)
{
	static const char *const wrong[] = { "ahmed@gmail.com", "mdm@yahoo.com",
		"mdm@mail.ru", "nobody", "a@b", "@nitb.example",
		"a b@nitb.example", "a@.example.", "A@NITB.example" };
	struct forge *f = office();
	struct json_t *e;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++) {
		e = entity();
		set(e, "mailboxes", list(wrong[i], NULL));
		refused(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER,
		    AM_ERR_INCOMPLETE, "R-3");
	}
	e = entity();
	forge_text(e, "name", "");
	refused(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER,
	    AM_ERR_INCOMPLETE, "R-3");
	e = entity();
	set(e, "holidays", list("2022-02-30", NULL));
	refused(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER,
	    AM_ERR_INCOMPLETE, "R-4");
	e = entity();
	forge_text(e, "surrender", "07-01");
	refused(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER,
	    AM_ERR_INCOMPLETE, "R-9");
	refused(f, forge_entry(f, CON, "entity", "nitb", 2, entity()), CON,
	    AM_ERR_POLICY, "R-3");
	refused(f, forge_entry(f, OTHER, "entity", "other", 1, entity()), OTHER,
	    AM_ERR_EXISTS, "R-3");
	refused(f, forge_entry(f, OTHER, "entity", "nitb", 3, entity()), OTHER,
	    AM_ERR_STALE, "V08");
	accepted(
	    f, forge_entry(f, OTHER, "entity", "nitb", 2, entity()), OTHER);
	forge_free(f);
}

/* The longest there can be has a row. */
static void
the_largest_entity_fits(void **state)
{
	struct forge *f = office();
	struct json_t *e = entity(), *m = canon_array(), *h = canon_array();
	char address[RECORD_MAIL_MAX + 1], name[ROWS_NAME_MAX + 1];
	char text[DATES_TEXT_LEN + 1];

	(void)state;
	memset(name, 'n', ROWS_NAME_MAX);
	name[ROWS_NAME_MAX] = '\0';
	forge_text(e, "name", name);
	for (int i = 0; i < ROWS_MAILBOXES_MAX; i++) {
		memset(address, 'a' + i, RECORD_MAIL_MAX);
		memcpy(address + RECORD_MAIL_MAX - 13, "@nitb.example", 14);
		assert_int_equal(canon_push(m, canon_str(address)), AM_OK);
	}
	for (int i = 0; i < ROWS_HOLIDAYS_MAX; i++) {
		dates_text(18000 + i, text);
		assert_int_equal(canon_push(h, canon_str(text)), AM_OK);
	}
	set(e, "mailboxes", m);
	set(e, "holidays", h);
	accepted(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER);
	/* and as many that were taken off the list */
	e = canon_object();
	h = canon_array();
	for (int i = 0; i < ROWS_HOLIDAYS_MAX; i++) {
		dates_text(19000 + i, text);
		assert_int_equal(canon_push(h, canon_str(text)), AM_OK);
	}
	m = canon_array();
	for (int i = 0; i < ROWS_MAILBOXES_MAX; i++) {
		memset(address, 'a' + i, RECORD_MAIL_MAX);
		memcpy(address + RECORD_MAIL_MAX - 13, "@nitb.example", 14);
		assert_int_equal(canon_push(m, canon_str(address)), AM_OK);
	}
	forge_text(e, "name", name);
	set(e, "mailboxes", m);
	set(e, "holidays", h);
	forge_text(e, "surrender", "");
	accepted(f, forge_entry(f, OTHER, "entity", "nitb", 3, e), OTHER);
	forge_free(f);
}

static struct json_t *
wider(const char *name, const char *mailbox)
{
	struct json_t *e = entity();

	forge_text(e, "name", name);
	set(e, "mailboxes", list("mdm@nitb.example", mailbox));
	return e;
}

/* F4: who decides on the mailbox owns the account, so it takes two. */
static void
who_widens_the_list_of_mailboxes_is_not_the_first_to_use_it(void **state)
{
	static const char mine[] = "mine@private.example";
	struct forge *f = office();
	struct json_t *r;

	(void)state;
	accepted(f,
	    forge_entry(f, OTHER, "entity", "nitb", 2, wider("NITB", mine)),
	    OTHER);
	refused(f, entry(f, OTHER, 1, "record", with("mailbox", mine)), OTHER,
	    AM_ERR_POLICY, "R-3");
	r = record();
	set(r, "administrators", list("to", mine));
	refused(
	    f, entry(f, OTHER, 1, "record", r), OTHER, AM_ERR_POLICY, "R-3");
	/* nor when they enter the list again, or have somebody else do so */
	accepted(f,
	    forge_entry(f, OTHER, "entity", "nitb", 3, wider("NITB", mine)),
	    OTHER);
	accepted(f,
	    forge_entry(f, TECH, "entity", "nitb", 4, wider("NITB", mine)),
	    TECH);
	refused(f, entry(f, OTHER, 1, "record", with("mailbox", mine)), OTHER,
	    AM_ERR_POLICY, "R-3");
	accepted(f, entry(f, TECH, 1, "record", with("mailbox", mine)), TECH);
	accepted(f, entry(f, OTHER, 2, "record", with("mailbox", mine)), OTHER);
	forge_free(f);
}

static void
who_gives_the_entity_another_name_is_not_the_first_to_use_it(void **state)
{
	struct forge *f = office();

	(void)state;
	accepted(f,
	    forge_entry(f, OTHER, "entity", "nitb", 2,
		wider("Private Ltd", "it@nitb.example")),
	    OTHER);
	refused(f,
	    entry(f, OTHER, 1, "record", with("account_holder", "Private Ltd")),
	    OTHER, AM_ERR_POLICY, "R-3");
	accepted(f,
	    entry(f, TECH, 1, "record", with("account_holder", "Private Ltd")),
	    TECH);
	forge_free(f);
}

/* ---- the record */

static void
suspend(struct forge *f, size_t by, const uint8_t *id, size_t len)
{
	struct json_t *b = forge_body(f, "suspend", by);

	forge_hex(b, "subject", id, len);
	forge_text(b, "why", "TEST");
	accepted(f, b, by);
}

/* A lost key is no second way in. */
static void
a_suspended_key_is_no_recovery_factor(void **state)
{
	struct forge *f = office();
	const struct view v = view_of(f);
	struct rows_token t;
	char phone[128];

	(void)state;
	assert_int_equal(
	    rows_get_token(&v, (struct bytes){ f->people[TECH].token, 32 }, &t),
	    AM_OK);
	(void)snprintf(phone, sizeof(phone), "token %s", t.label);
	accepted(f, entry(f, OTHER, 1, "record", with("recovery_phone", phone)),
	    OTHER);
	suspend(f, OTHER, f->people[TECH].token, 32);
	refused(f, entry(f, OTHER, 2, "record", with("recovery_phone", phone)),
	    OTHER, AM_ERR_INCOMPLETE, "R-3");
	forge_free(f);
}

static void
every_field_that_is_wrong_is_refused(void **state)
{
	static const struct {
		const char *key, *value, *rule;
	} rows[] = {
		{ "name", "", "R-1" },
		{ "purpose", "", "R-1" },
		{ "class", "cosmic", "R-1" },
		{ "type", "gift", "R-1" },
		{ "start", "2021-02-29", "R-1" },
		{ "end", "soon", "R-1" },
		{ "end", "2021-04-14", "R-1" },
		{ "end", "2021-07-01", "R-1" }, /* decided before it begins */
		{ "renews", "yes", "R-1" },
		{ "renews", "365d", "R-1" },
		{ "renews", "12m", "R-10" }, /* without a notice */
		{ "notice", "", "R-1" },
		{ "notice", "90", "R-1" },
		{ "procurement", "", "R-1" },
		{ "price", "100", "R-1" }, /* of no currency */
		{ "currency", "pkr", "R-1" },
		{ "currency", "PKRS", "R-1" },
		{ "csp_status", "known", "R-1" },
		{ "payment", "cash", "R-1" },
		{ "fiscal_year", "2020-22", "R-1" },
		{ "owner", "", "R-1" },
		{ "owner", "nobody", "R-2" },
		{ "deputy", "dir-eo", "R-2" },
		{ "technical", "two words", "R-2" },
		{ "account_holder", "Ahmed", "R-3" },
		{ "mailbox", "ahmed@gmail.com", "R-3" },
		{ "mailbox", "ahmed@nitb.example", "R-3" },
		{ "mailbox", "mdm", "R-3" },
		{ "recovery_phone", "+92 300 1", "R-3" },
		{ "recovery_phone", "office ", "R-3" },
		{ "recovery_phone", "token nobodys", "R-3" },
		{ "origin", "Germany", "R-1" },
		{ "support_location", "pk", "R-1" },
		{ "due_diligence_hash", "abc", "R-1" },
		{ "repeat", "1m", "R-1" },
	};
	struct forge *f = office();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		refused(f,
		    entry(f, OTHER, 1, "record",
			with(rows[i].key, rows[i].value)),
		    OTHER, AM_ERR_INCOMPLETE, rows[i].rule);
		assert_non_null(strstr(f->why.text, "1 field: "));
	}
	forge_free(f);
}

static void
lists_that_are_wrong_are_refused(void **state)
{
	static const struct {
		const char *key, *a, *b, *rule;
	} rows[] = {
		{ "administrators", NULL, NULL, "R-1" },
		{ "administrators", "nobody", NULL, "R-3" },
		{ "administrators", "ahmed@gmail.com", NULL, "R-3" },
		{ "vendor_contacts", "one@v.example", NULL, "R-1" },
		{ "vendor_contacts", "one@v.example", "", "R-1" },
		{ "leads", "0", NULL, "R-1" },
		{ "leads", "3661", NULL, "R-1" },
		{ "leads", "90d", NULL, "R-1" },
		{ "credentials", "cabinet/mdm", NULL, "R-1" },
		{ "credentials", "00000000000000000000000000000001", NULL,
		    "R-1" },
	};
	struct forge *f = office();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct json_t *r = record();

		set(r, rows[i].key, list(rows[i].a, rows[i].b));
		refused(f, entry(f, OTHER, 1, "record", r), OTHER,
		    AM_ERR_INCOMPLETE, rows[i].rule);
	}
	forge_free(f);
}

static void
all_that_is_missing_is_named_at_once(void **state)
{
	struct forge *f = office();
	struct json_t *r = with("name", "");

	(void)state;
	forge_text(r, "origin", "");
	forge_text(r, "owner", "");
	forge_text(r, "mailbox", "x@gmail.com");
	set(r, "administrators", canon_array());
	refused(f, entry(f, OTHER, 1, "record", r), OTHER, AM_ERR_INCOMPLETE,
	    "R-1");
	assert_non_null(strstr(f->why.text, "5 fields: name: missing"));
	assert_non_null(strstr(f->why.text, "owner: missing"));
	assert_non_null(strstr(f->why.text, "mailbox: "));
	assert_non_null(strstr(f->why.text, "administrators: missing"));
	assert_non_null(strstr(f->why.text, "origin: missing"));
	forge_free(f);
}

static void
keys_that_are_missing_or_unknown_are_no_record(void **state)
{
	struct forge *f = office();
	struct json_t *r = record();

	(void)state;
	forge_text(r, "secret", "x");
	assert_int_equal(forge_post(f, entry(f, OTHER, 1, "record", r), OTHER),
	    AM_ERR_CORRUPT);
	r = record();
	forge_text(r, "leads", "90");
	assert_int_equal(forge_post(f, entry(f, OTHER, 1, "record", r), OTHER),
	    AM_ERR_CORRUPT);
	forge_free(f);
}

/* Scenario 1, step 2; K-2. */
static void
an_owner_is_a_post_and_no_person(void **state)
{
	struct forge *f = office();
	const char *con = f->people[CON].name;

	(void)state;
	refused(f, entry(f, OTHER, 1, "record", with("owner", con)), OTHER,
	    AM_ERR_INCOMPLETE, "R-2");
	assert_non_null(strstr(f->why.text, "is a person"));
	forge_free(f);
}

/* Those whom the vendor lists, and who holds the second way in. */
static void
no_contractor_administers_at_the_vendor(void **state)
{
	struct forge *f = office();
	struct json_t *r = record();

	(void)state;
	set(r, "administrators", list(f->people[CON].name, NULL));
	refused(f, entry(f, OTHER, 1, "record", r), OTHER, AM_ERR_INCOMPLETE,
	    "R-3");
	assert_non_null(strstr(f->why.text, "is a contractor"));
	r = record();
	set(r, "administrators", list(f->people[TECH].name, NULL));
	accepted(f, entry(f, OTHER, 1, "record", r), OTHER);
	forge_free(f);
}

static void
only_officials_in_office_enter_subscriptions(void **state)
{
	struct forge *f = office();

	(void)state;
	refused(
	    f, entry(f, CON, 1, "record", record()), CON, AM_ERR_POLICY, "R-2");
	refused(f, entry(f, AUDITOR, 1, "record", record()), AUDITOR,
	    AM_ERR_POLICY, "R-2");
	forge_free(f);
}

static void
an_entity_comes_first(void **state)
{
	struct forge *f = forge_new();

	(void)state;
	refused(
	    f, entry(f, 0, 1, "record", record()), 0, AM_ERR_INCOMPLETE, "R-2");
	assert_non_null(strstr(f->why.text, "account_holder: the entity is"));
	forge_free(f);
}

static void
versions_rise(void **state)
{
	struct forge *f = office();

	(void)state;
	refused(f, entry(f, OTHER, 2, "record", record()), OTHER,
	    AM_ERR_NOT_FOUND, "V08");
	accepted(f, entry(f, OTHER, 1, "record", record()), OTHER);
	refused(f, entry(f, OTHER, 1, "record", record()), OTHER, AM_ERR_EXISTS,
	    "V08");
	refused(f, entry(f, OTHER, 3, "record", record()), OTHER, AM_ERR_STALE,
	    "V08");
	accepted(f, entry(f, OTHER, 2, "record", record()), OTHER);
	forge_free(f);
}

/* ---- origin (R-8, O-8) */

static void
a_deny_list_is_for_a_quorum_and_rises(void **state)
{
	struct forge *f = office();
	struct json_t *what;

	(void)state;
	static const char *const wrong[][2] = { { "India", NULL },
		{ "in", NULL }, { "IN", "IL" }, { "IN", "IN" } };
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++) {
		what = canon_object();
		forge_uint(what, "version", 3);
		set(what, "countries", list(wrong[i][0], wrong[i][1]));
		refused(f, forge_motion(f, 0, "deny", what), 0, AM_ERR_INVALID,
		    "R-8");
	}
	/* no number after which there could be no other */
	what = canon_object();
	forge_uint(what, "version", 4294967295);
	set(what, "countries", canon_array());
	refused(f, forge_motion(f, 0, "deny", what), 0, AM_ERR_INVALID, "O-8");
	deny(f, 3, "IL", "IN");
	what = canon_object();
	forge_uint(what, "version", 100000004);
	set(what, "countries", canon_array());
	refused(f, forge_motion(f, 0, "deny", what), 0, AM_ERR_INVALID, "O-8");
	for (uint64_t version = 2; version <= 3; version++) {
		what = canon_object();
		forge_uint(what, "version", version);
		set(what, "countries", canon_array());
		refused(f, forge_motion(f, 0, "deny", what), 0, AM_ERR_STALE,
		    "O-8");
	}
	/* of somebody who does not decide it is only a motion */
	what = canon_object();
	forge_uint(what, "version", 4);
	set(what, "countries", canon_array());
	accepted(f, forge_motion(f, OTHER, "deny", what), OTHER);
	refused(f, entry(f, OTHER, 1, "record", with("origin", "IN")), OTHER,
	    AM_ERR_POLICY, "R-8");
	forge_free(f);
}

static void
what_comes_from_a_denied_country_is_refused(void **state)
{
	static const char *const fields[] = { "origin", "ultimate_owner",
		"developer", "data_location", "support_location" };
	struct forge *f = office();

	(void)state;
	deny(f, 3, "IN", NULL);
	for (size_t i = 0; i < AM_ARRAY_LEN(fields); i++) {
		refused(f, entry(f, OTHER, 1, "record", with(fields[i], "IN")),
		    OTHER, AM_ERR_POLICY, "R-8");
		assert_non_null(
		    strstr(f->why.text, "IN is on version 3 of the deny list"));
	}
	accepted(f,
	    forge_motion(
		f, 0, "waive", forge_waiver("R-8 mdm", f->at + 365 * DAY)),
	    0);
	accepted(f, entry(f, OTHER, 1, "record", with("origin", "IN")), OTHER);
	forge_free(f);
}

/* Scenario 1, step 7: the exception does not outlast its end. */
static void
a_renewal_looks_at_the_origin_again(void **state)
{
	struct forge *f = entered();

	(void)state;
	go(f, (struct said){ .to = "active", .order = "PO-1" });
	deny(f, 1, "DE", NULL);
	refused(f,
	    next_step(
		f, OWNER, (struct said){ .to = "decision", .choice = "renew" }),
	    OWNER, AM_ERR_POLICY, "R-8");
	go(f, (struct said){ .to = "decision", .choice = "replace" });
	accepted(f,
	    forge_motion(
		f, 0, "waive", forge_waiver("R-8 mdm", f->at + 10 * DAY)),
	    0);
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	go(f, (struct said){ .to = "renewing", .order = "PO-2" });
	tested(f);
	f->at += 11 * DAY;
	refused(f, next_step(f, OWNER, (struct said){ .to = "verified" }),
	    OWNER, AM_ERR_POLICY, "R-8");
	assert_non_null(strstr(f->why.text, "its waiver has ended"));
	forge_free(f);
}

/* ---- steps (7.2, R-11) */

static void
no_step_is_left_out(void **state)
{
	static const char *const states[] = { "complete", "active", "decision",
		"renewing", "replacing", "ending", "verified", "closed" };
	static const struct {
		struct said go;
		const char *may[5]; /* afterwards */
	} rows[] = {
		{ { .to = NULL }, { "active" } },
		{ { .to = "active", .order = "1" }, { "decision" } },
		{ { .to = "decision", .choice = "renew" },
		    { "decision", "renewing" } },
		{ { .to = "decision", .choice = "replace" },
		    { "decision", "replacing" } },
		{ { .to = "decision", .choice = "end" },
		    { "decision", "ending" } },
		{ { .to = "ending", .order = "2" },
		    { "decision", "verified" } },
		{ { .to = "decision", .choice = "renew" },
		    { "decision", "renewing" } },
		{ { .to = "renewing", .order = "2" },
		    { "decision", "verified" } },
		{ { .to = "verified" }, { "active" } },
	};
	struct forge *f = entered();

	(void)state;
	tested(f);
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		if (rows[i].go.to != NULL)
			go(f, rows[i].go);
		for (size_t k = 0; k < AM_ARRAY_LEN(states); k++) {
			bool may = false;

			for (size_t m = 0; m < 5 && rows[i].may[m] != NULL; m++)
				may |= strcmp(rows[i].may[m], states[k]) == 0;
			if (!may)
				refused(f,
				    next_step(f, OWNER,
					(struct said){ .to = states[k],
					    .order = "9",
					    .choice = "renew" }),
				    OWNER, AM_ERR_POLICY, "R-11");
		}
	}
	forge_free(f);
}

static void
a_step_says_what_it_needs(void **state)
{
	struct forge *f = entered();

	(void)state;
	refused(f, next_step(f, OWNER, (struct said){ .to = "active" }), OWNER,
	    AM_ERR_POLICY, "R-11"); /* no order */
	refused(f,
	    next_step(f, OWNER,
		(struct said){
		    .to = "active", .order = "1", .end = "2023-04-15" }),
	    OWNER, AM_ERR_POLICY, "R-11"); /* an end that nothing renewed */
	refused(f,
	    next_step(f, OWNER, (struct said){ .to = "gone", .order = "1" }),
	    OWNER, AM_ERR_INVALID, "R-11");
	go(f, (struct said){ .to = "active", .order = "1" });
	refused(f, next_step(f, OWNER, (struct said){ .to = "decision" }),
	    OWNER, AM_ERR_INVALID, "R-11"); /* what is decided? */
	refused(f,
	    next_step(
		f, OWNER, (struct said){ .to = "decision", .choice = "wait" }),
	    OWNER, AM_ERR_INVALID, "R-11");
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	refused(f, next_step(f, OWNER, (struct said){ .to = "renewing" }),
	    OWNER, AM_ERR_POLICY, "R-11");
	forge_free(f);
}

static void
a_step_is_taken_in_a_post_of_the_subscription(void **state)
{
	const struct said t = { .to = "active", .order = "1" };
	struct said as = t;
	struct forge *f = entered();

	(void)state;
	refused(f, next_step(f, DEPUTY, t), DEPUTY, AM_ERR_POLICY, "R-2");
	assert_non_null(strstr(f->why.text, "does not hold the post"));
	as.post = "clerk";
	refused(f, next_step(f, OTHER, as), OTHER, AM_ERR_POLICY, "R-2");
	assert_non_null(strstr(f->why.text, "does not answer for this"));
	as.post = "nobody";
	refused(f, next_step(f, OWNER, as), OWNER, AM_ERR_NOT_FOUND, "R-2");
	as.post = "dio";
	accepted(f, next_step(f, DEPUTY, as), DEPUTY);
	forge_free(f);
}

/* Invariant 2: one person is one, and 30 days are 30 days. */
static void
a_login_is_tested_by_two_people(void **state)
{
	struct forge *f = entered();
	const struct said verified = { .to = "verified" };

	(void)state;
	go(f, (struct said){ .to = "active", .order = "1" });
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	go(f, (struct said){ .to = "renewing", .order = "2" });
	refused(f, next_step(f, OWNER, verified), OWNER, AM_ERR_POLICY, "R-11");
	accepted(f, next_test(f, TECH, true), TECH);
	accepted(f, next_test(f, TECH, true), TECH);
	assert_int_equal(row(f).control, ROWS_UNVERIFIED);
	refused(f, next_step(f, OWNER, verified), OWNER, AM_ERR_POLICY, "R-11");
	refused(f, next_test(f, CON, true), CON, AM_ERR_POLICY, "R-2");
	accepted(f, next_test(f, DEPUTY, true), DEPUTY);
	assert_int_equal(row(f).control, ROWS_CONTROLLED);
	f->at += 31 * DAY;
	refused(f, next_step(f, OWNER, verified), OWNER, AM_ERR_POLICY, "R-11");
	assert_non_null(strstr(f->why.text, "30 days"));
	tested(f);
	accepted(f, next_step(f, OWNER, verified), OWNER);
	f->at += 31 * DAY;
	refused(f,
	    next_step(f, OWNER,
		(struct said){
		    .to = "active", .order = "2", .end = "2023-04-15" }),
	    OWNER, AM_ERR_POLICY, "R-11");
	forge_free(f);
}

/* R13.8, as with K-3: what one said alone who is suspended stands for nothing. */
static void
a_login_of_who_is_suspended_since_does_not_count(void **state)
{
	struct forge *f = entered();

	(void)state;
	accepted(f, next_test(f, TECH, true), TECH);
	suspend(f, OTHER, f->people[TECH].id, 16);
	accepted(f, next_test(f, DEPUTY, true), DEPUTY);
	assert_int_equal(row(f).control, ROWS_UNVERIFIED);
	assert_int_equal(row(f).test_count, 1);
	accepted(f, next_test(f, OWNER, true), OWNER);
	assert_int_equal(row(f).control, ROWS_CONTROLLED);
	/* what two have said stays */
	suspend(f, OTHER, f->people[DEPUTY].id, 16);
	assert_int_equal(row(f).control, ROWS_CONTROLLED);
	forge_free(f);
}

/* F4: they have logged in to that account, and to no other. */
static void
another_account_is_tested_anew(void **state)
{
	static const char *const rows[][2] = { { "vendor", "Another Ltd" },
		{ "customer", "T-1" }, { "mailbox", "it@nitb.example" } };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct forge *f = entered();

		tested(f);
		accepted(f,
		    entry(f, OWNER, row(f).version + 1, "record",
			with("purpose", "other words")),
		    OWNER);
		assert_int_equal(row(f).control, ROWS_CONTROLLED);
		accepted(f,
		    entry(f, OWNER, row(f).version + 1, "record",
			with(rows[i][0], rows[i][1])),
		    OWNER);
		assert_int_equal(row(f).control, ROWS_UNVERIFIED);
		assert_int_equal(row(f).test_count, 0);
		accepted(f, next_test(f, OWNER, false), OWNER);
		accepted(f,
		    entry(f, OWNER, row(f).version + 1, "record", record()),
		    OWNER);
		assert_int_equal(row(f).control, ROWS_NOT_CONTROLLED);
		forge_free(f);
	}
}

/* Scenario 2: what failed is not controlled until two have logged in. */
static void
a_failed_login_takes_the_control_away(void **state)
{
	struct forge *f = entered();

	(void)state;
	tested(f);
	assert_int_equal(row(f).control, ROWS_CONTROLLED);
	accepted(f, next_test(f, OWNER, false), OWNER);
	assert_int_equal(row(f).control, ROWS_NOT_CONTROLLED);
	accepted(f, next_test(f, TECH, true), TECH);
	assert_int_equal(row(f).control, ROWS_NOT_CONTROLLED);
	accepted(f, next_test(f, DEPUTY, true), DEPUTY);
	assert_int_equal(row(f).control, ROWS_CONTROLLED);
	forge_free(f);
}

static void
renewed(struct forge *f, const char *end)
{
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	go(f, (struct said){ .to = "renewing", .order = "PO-2" });
	tested(f);
	go(f, (struct said){ .to = "verified" });
	go(f, (struct said){ .to = "active", .order = "PO-2", .end = end });
}

static void
a_renewal_ends_after_the_term_before(void **state)
{
	struct forge *f = entered();
	struct rows_subscription s;

	(void)state;
	go(f, (struct said){ .to = "active", .order = "1" });
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	go(f, (struct said){ .to = "renewing", .order = "PO-2" });
	tested(f);
	go(f, (struct said){ .to = "verified" });
	refused(f,
	    next_step(f, OWNER, (struct said){ .to = "active", .order = "2" }),
	    OWNER, AM_ERR_POLICY, "R-11");
	refused(f,
	    next_step(f, OWNER,
		(struct said){
		    .to = "active", .order = "2", .end = "2022-04-15" }),
	    OWNER, AM_ERR_POLICY, "R-11");
	go(f,
	    (struct said){ .to = "active", .order = "2", .end = "2023-04-15" });
	s = row(f);
	assert_int_equal(s.end, day("2023-04-15"));
	assert_int_equal(s.start, day("2022-04-16"));
	assert_int_equal(s.choice, ROWS_UNDECIDED_YET);
	assert_int_equal(s.acked, 0);
	forge_free(f);
}

static void
what_is_closed_stays_so(void **state)
{
	struct forge *f = entered();

	(void)state;
	go(f, (struct said){ .to = "active", .order = "1" });
	go(f, (struct said){ .to = "decision", .choice = "end" });
	go(f, (struct said){ .to = "ending", .order = "letter 4" });
	tested(f);
	go(f, (struct said){ .to = "verified" });
	go(f,
	    (struct said){
		.to = "closed", .order = "proof 1", .end = "2022-04-15" });
	assert_int_equal(row(f).day, ROWS_NO_DAY);
	refused(f,
	    next_step(
		f, OWNER, (struct said){ .to = "decision", .choice = "renew" }),
	    OWNER, AM_ERR_POLICY, "R-11");
	refused(f, entry(f, OTHER, row(f).version + 1, "record", record()),
	    OTHER, AM_ERR_POLICY, "R-11");
	forge_free(f);
}

static void
dates_in_force_change_by_renewing(void **state)
{
	struct forge *f = entered();

	(void)state;
	accepted(
	    f, entry(f, OTHER, 2, "record", with("end", "2022-04-30")), OTHER);
	go(f, (struct said){ .to = "active", .order = "1" });
	refused(f,
	    entry(f, OWNER, row(f).version + 1, "record",
		with("end", "2025-04-30")),
	    OWNER, AM_ERR_POLICY, "R-11");
	renewed(f, "2023-04-30");
	forge_free(f);
}

/* Else any one official puts their own post there, or no reminders at all. */
static void
what_is_in_force_is_changed_by_who_answers_for_it(void **state)
{
	struct forge *f = entered();
	struct json_t *r;

	(void)state;
	go(f, (struct said){ .to = "active", .order = "1" });
	refused(f,
	    entry(
		f, OTHER, row(f).version + 1, "record", with("owner", "clerk")),
	    OTHER, AM_ERR_POLICY, "R-2");
	r = record();
	set(r, "leads", list("1", NULL));
	refused(f, entry(f, OTHER, row(f).version + 1, "record", r), OTHER,
	    AM_ERR_POLICY, "R-2");
	accepted(f,
	    entry(f, DEPUTY, row(f).version + 1, "record",
		with("purpose", "other words")),
	    DEPUTY);
	forge_free(f);
}

/* The decision is due on 2022-01-15. */
static void
a_late_decision_is_not_put_off_by_a_record(void **state)
{
	static const char *const puts_off[][2] = { { "renews", "12m" },
		{ "procurement", "1d" } };
	struct forge *f = entered();

	(void)state;
	go(f, (struct said){ .to = "active", .order = "1" });
	for (int late = 0; late < 2; late++) {
		on(f, late ? "2022-05-01" : "2022-01-16");
		for (size_t i = 0; i < (late ? 1 : AM_ARRAY_LEN(puts_off));
		     i++) {
			struct json_t *r = with(puts_off[i][0], puts_off[i][1]);

			if (i == 0)
				forge_text(r, "notice", "1m");
			refused(f,
			    entry(f, OWNER, row(f).version + 1, "record", r),
			    OWNER, AM_ERR_POLICY, "R-11");
		}
	}
	accepted(f,
	    entry(f, OWNER, row(f).version + 1, "record",
		with("purpose", "other words")),
	    OWNER);
	forge_free(f);
}

/* glpi#23084 in the rule book: a decision is on the term that runs. */
static void
a_decision_is_on_the_current_term(void **state)
{
	struct forge *f = office();
	struct json_t *r = with("renews", "12m");

	(void)state;
	forge_text(r, "notice", "2m");
	accepted(f, entry(f, OTHER, 1, "record", r), OTHER);
	go(f, (struct said){ .to = "active", .order = "1" });
	on(f, "2024-06-01");
	go(f, (struct said){ .to = "decision", .choice = "end" });
	assert_int_equal(row(f).end, day("2025-04-15"));
	assert_int_equal(row(f).start, day("2024-04-16"));
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	assert_int_equal(row(f).end, day("2025-04-15"));
	go(f, (struct said){ .to = "renewing", .order = "3" });
	tested(f);
	go(f, (struct said){ .to = "verified" });
	go(f,
	    (struct said){ .to = "active", .order = "3", .end = "2026-04-15" });
	assert_int_equal(row(f).of_month, 15);
	forge_free(f);
}

/* ---- acknowledgements */

static void
an_acknowledgement_is_of_a_post(void **state)
{
	struct forge *f = entered();

	(void)state;
	refused(f, next_ack(f, OTHER, "clerk"), OTHER, AM_ERR_POLICY, "R-2");
	refused(f, next_ack(f, OTHER, "dir-eo"), OTHER, AM_ERR_POLICY, "R-2");
	accepted(f, next_ack(f, DEPUTY, "dio"), DEPUTY);
	assert_int_equal(row(f).acked, day("2021-03-20"));
	refused(f, next_ack(f, OWNER, "dir-eo"), OWNER, AM_ERR_EXISTS, "R-5");
	on(f, "2021-03-21");
	accepted(f, next_ack(f, OWNER, "dir-eo"), OWNER);
	forge_free(f);
}

/* glpi#4571: another date, and everything is raised again; the same date is no
 * other date. */
static void
another_date_arms_the_reminders_again(void **state)
{
	struct forge *f = entered();
	struct json_t *r;

	(void)state;
	accepted(f, next_ack(f, OWNER, "dir-eo"), OWNER);
	accepted(f,
	    entry(f, OTHER, row(f).version + 1, "record",
		with("purpose", "other words")),
	    OTHER);
	assert_int_equal(row(f).acked, day("2021-03-20"));
	for (int i = 0; i < 2; i++) {
		on(f, i == 0 ? "2021-05-01" : "2021-05-02");
		r = record();
		set(r, "leads", list("365", NULL));
		accepted(
		    f, entry(f, OTHER, row(f).version + 1, "record", r), OTHER);
		assert_int_equal(row(f).acked, 0);
		assert_int_equal(row(f).armed, day("2021-05-01"));
	}
	forge_free(f);
}

/* ---- many with one signature (R7.4) */

/* `n` new ones of that record in a batch by `by`, with the batch posted. */
static void
batched(struct forge *f, size_t by, struct json_t **items, size_t n,
    const char *field, const char *value, uint8_t batch[static 32])
{
	f->hold = true;
	for (size_t i = 0; i < n; i++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "s%zu", i);
		items[i] = forge_entry(f, by, "subscription", id, 1,
		    data("record", with(field, value)));
	}
	f->hold = false;
	accepted(f, forge_batch(f, by, "entry", items, n), by);
	memcpy(batch, f->last, 32);
}

static void
r7_4_new_ones_are_entered_with_one_signature(void **state)
{
	struct forge *f = office();
	const struct view v = view_of(f);
	struct rows_subscription s;
	struct json_t *items[3];
	uint8_t batch[32];

	(void)state;
	batched(f, OTHER, items, 3, "name", "Many", batch);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(forge_item(f, batch, items[i]), AM_OK);
	assert_int_equal(subscription_find(&v, LIT("s2"), &s), AM_OK);
	assert_int_equal(s.number, 3);
	assert_int_equal(s.version, 1);
	assert_string_equal(s.name, "Many");
	forge_free(f);
}

/* Each is judged by itself, as if it had been signed by itself. */
static void
r7_4_what_is_refused_alone_is_refused_in_a_batch(void **state)
{
	static const struct {
		size_t by;
		const char *field, *value, *rule;
		enum am_err err;
	} rows[] = {
		{ CON, "name", "Many", "R-2", AM_ERR_POLICY },
		{ OTHER, "mailbox", "a@gmail.com", "R-3", AM_ERR_INCOMPLETE },
		{ OTHER, "mailbox", "new@nitb.example", "R-3", AM_ERR_POLICY },
		{ OTHER, "origin", "IN", "R-8", AM_ERR_POLICY },
	};
	struct json_t *items[1];
	uint8_t batch[32];

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct forge *f = office();

		deny(f, 1, "IN", NULL);
		accepted(f,
		    forge_entry(f, OTHER, "entity", "nitb", 2,
			wider("NITB", "new@nitb.example")),
		    OTHER);
		batched(f, rows[i].by, items, 1, rows[i].field, rows[i].value,
		    batch);
		assert_int_equal(forge_item(f, batch, items[0]), rows[i].err);
		assert_string_equal(f->why.rule, rows[i].rule);
		forge_free(f);
	}
}

static void
r7_4_a_step_is_signed_by_itself(void **state)
{
	struct forge *f = entered();
	const struct said t = { .to = "active", .order = "1" };
	struct json_t *item;
	uint8_t batch[32];

	(void)state;
	f->hold = true;
	item = next_step(f, OWNER, t);
	f->hold = false;
	accepted(f, forge_batch(f, OWNER, "entry", &item, 1), OWNER);
	memcpy(batch, f->last, 32);
	assert_int_equal(forge_item(f, batch, item), AM_ERR_POLICY);
	assert_string_equal(f->why.rule, "V09");
	forge_free(f);
}

/* ---- what calendars have */

static bool
calendars_have(struct forge *f, const char *today, enum schedule_of of,
    bool twin, uint16_t days)
{
	const struct schedule_event e = { of, twin, days, 0 };
	const struct rows_subscription s = row(f);
	int32_t space[2 * ROWS_HOLIDAYS_MAX];
	const struct view v = view_of(f);
	struct schedule ever = { 0 };
	struct dates_calendar c;
	struct rows_entity n;

	assert_int_equal(
	    rows_get_entity(&v, (struct bytes){ NULL, 0 }, &n), AM_OK);
	subscription_calendar(&n, true, space, &c);
	subscription_schedule(&s, &c, day(today), &ever);
	return schedule_has(&ever, &e);
}

static void
with_leads(struct forge *f, const char *a, const char *b)
{
	struct json_t *r = record();

	set(r, "leads", list(a, b));
	accepted(f, entry(f, OTHER, row(f).version + 1, "record", r), OTHER);
}

static void
a_lead_time_that_is_dropped_is_remembered_for_a_year(void **state)
{
	struct forge *f = entered();

	(void)state;
	assert_int_equal(row(f).past_count, 0);
	with_leads(f, "30", "90");
	/* of the usual eight six, twice, and those of them on days off */
	assert_true(row(f).past_count >= 12);
	assert_true(calendars_have(f, "2022-10-01", SCHEDULE_END, false, 180));
	/* 120 days before 2022-01-15 is a Friday, before 2022-04-15 a Thursday;
	 * 14 days before the first a Saturday */
	assert_true(
	    calendars_have(f, "2021-06-01", SCHEDULE_DECISION, true, 14));
	assert_false(
	    calendars_have(f, "2021-06-01", SCHEDULE_DECISION, true, 120));
	/* 2022-01-01 and 366 days */
	assert_true(
	    calendars_have(f, "2023-01-02", SCHEDULE_DECISION, false, 14));
	assert_false(
	    calendars_have(f, "2023-01-03", SCHEDULE_DECISION, false, 14));
	/* another version does not put it off */
	on(f, "2021-06-01");
	with_leads(f, "30", "60");
	assert_false(
	    calendars_have(f, "2023-01-03", SCHEDULE_DECISION, false, 14));
	assert_true(
	    calendars_have(f, "2022-10-01", SCHEDULE_DECISION, false, 90));
	/* what lives again is nothing that was */
	with_leads(f, "14", "90");
	for (size_t i = 0; i < row(f).past_count; i++)
		assert_true(
		    row(f).past[i].days != 14 && row(f).past[i].days != 90);
	forge_free(f);
}

/* The event moves with the day, under its UID; the one before it may not. */
static void
another_end_leaves_the_twins_of_the_one_before(void **state)
{
	struct forge *f = entered();

	(void)state;
	/* 90 days before the decision: Sunday 2021-10-17 */
	assert_true(
	    calendars_have(f, "2021-06-01", SCHEDULE_DECISION, true, 90));
	accepted(
	    f, entry(f, OTHER, 2, "record", with("end", "2022-04-18")), OTHER);
	assert_int_equal(row(f).past_count > 0, true);
	assert_true(
	    calendars_have(f, "2021-06-01", SCHEDULE_DECISION, true, 90));
	for (size_t i = 0; i < row(f).past_count; i++)
		assert_int_equal(row(f).past[i].twin, 1);
	/* a renewal is another end as well */
	go(f, (struct said){ .to = "active", .order = "1" });
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	go(f, (struct said){ .to = "renewing", .order = "2" });
	tested(f);
	go(f, (struct said){ .to = "verified" });
	go(f,
	    (struct said){ .to = "active", .order = "2", .end = "2023-04-18" });
	assert_true(
	    calendars_have(f, "2021-06-01", SCHEDULE_DECISION, true, 90));
	forge_free(f);
}

static void
a_holiday_that_is_taken_off_leaves_its_twin(void **state)
{
	struct forge *f = entered();
	struct json_t *e = entity();

	(void)state;
	/* 14 days before the end: Friday 2022-04-01 */
	set(e, "holidays", list("2022-04-01", NULL));
	accepted(f, forge_entry(f, OTHER, "entity", "nitb", 2, e), OTHER);
	assert_true(calendars_have(f, "2021-06-01", SCHEDULE_END, true, 14));
	for (uint64_t i = 3; i < 5; i++)
		accepted(f,
		    forge_entry(f, OTHER, "entity", "nitb", i, entity()),
		    OTHER);
	assert_true(calendars_have(f, "2021-06-01", SCHEDULE_END, true, 14));
	/* and no longer than it matters */
	on(f, "2023-04-03");
	accepted(
	    f, forge_entry(f, OTHER, "entity", "nitb", 5, entity()), OTHER);
	assert_false(calendars_have(f, "2021-06-01", SCHEDULE_END, true, 14));
	forge_free(f);
}

/* ---- where `due` looks */

struct seen {
	size_t count;
	uint32_t numbers[64];
};

static enum am_err
see(void *arg, const struct rows_subscription *s)
{
	struct seen *x = arg;

	assert_true(x->count < AM_ARRAY_LEN(x->numbers));
	x->numbers[x->count++] = s->number;
	return AM_OK;
}

static size_t
seen_on(struct forge *f, const char *text)
{
	const struct view v = view_of(f);
	struct seen x = { .count = 0 };

	assert_int_equal(subindex_each(&v, day(text), see, &x), AM_OK);
	return x.count;
}

static void
it_is_looked_at_from_ten_days_before_a_reminder(void **state)
{
	struct forge *f = entered();

	(void)state;
	/* 180 days before the decision of 2022-01-15 */
	assert_int_equal(row(f).day, day("2021-07-19") - DATES_TWIN_MAX);
	assert_int_equal(seen_on(f, "2021-07-08"), 0);
	assert_int_equal(seen_on(f, "2021-07-09"), 1);
	go(f, (struct said){ .to = "active", .order = "1" });
	on(f, "2021-07-19");
	accepted(f, next_ack(f, OWNER, "dir-eo"), OWNER);
	assert_int_equal(row(f).day, day("2021-09-17") - DATES_TWIN_MAX);
	/* decided: the next one is 180 days before the end */
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	assert_int_equal(row(f).day, day("2021-10-17") - DATES_TWIN_MAX);
	forge_free(f);
}

/* Nobody acknowledges a missed decision away. */
static void
what_was_missed_stays_in_sight(void **state)
{
	struct forge *f = entered();

	(void)state;
	go(f, (struct said){ .to = "active", .order = "1" });
	on(f, "2022-02-01");
	accepted(f, next_ack(f, OWNER, "dir-eo"), OWNER);
	assert_int_equal(seen_on(f, "2022-02-01"), 1);
	go(f, (struct said){ .to = "decision", .choice = "renew" });
	assert_int_equal(row(f).day, day("2022-02-14") - DATES_TWIN_MAX);
	on(f, "2022-04-17");
	accepted(f, next_ack(f, OWNER, "dir-eo"), OWNER);
	assert_int_equal(seen_on(f, "2022-04-17"), 1);
	forge_free(f);
}

static void
what_is_not_controlled_is_in_sight(void **state)
{
	struct forge *f = entered();

	(void)state;
	assert_int_equal(seen_on(f, "2021-03-20"), 0);
	accepted(f, next_test(f, OWNER, false), OWNER);
	assert_int_equal(seen_on(f, "2021-03-20"), 1);
	tested(f);
	assert_int_equal(seen_on(f, "2021-03-20"), 0);
	forge_free(f);
}

/* Many, moved about at random: each stands under its day, once. */
static void
each_stands_under_its_day_once(void **state)
{
	struct forge *f = office();
	const struct view v = view_of(f);
	uint32_t seed = 1;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		char id[8], end[12];

		(void)snprintf(id, sizeof(id), "s%u", i);
		(void)snprintf(
		    end, sizeof(end), "2022-%02u-1%u", 1 + i % 12, i % 3);
		accepted(f,
		    forge_entry(f, OTHER, "subscription", id, 1,
			data("record", with("end", end))),
		    OTHER);
	}
	for (int round = 0; round < 300; round++) {
		struct rows_subscription s;
		char id[8], end[12];
		struct seen x = { .count = 0 };

		seed = seed * 1664525U + 1013904223U;
		(void)snprintf(id, sizeof(id), "s%u", (seed >> 8) % 40);
		(void)snprintf(end, sizeof(end), "2022-%02u-1%u",
		    1 + (seed >> 16) % 12, (seed >> 24) % 3);
		assert_int_equal(
		    subscription_find(
			&v, (struct bytes){ (uint8_t *)id, strlen(id) }, &s),
		    AM_OK);
		accepted(f,
		    forge_entry(f, OTHER, "subscription", id, s.version + 1,
			data("record", with("end", end))),
		    OTHER);
		assert_int_equal(subindex_each(&v, DATES_LAST, see, &x), AM_OK);
		assert_int_equal(x.count, 40);
		for (size_t a = 0; a < x.count; a++)
			for (size_t b = 0; b < a; b++)
				assert_int_not_equal(
				    x.numbers[a], x.numbers[b]);
	}
	forge_free(f);
}

/* One that ends in thousands of years lets nobody count the days up to it. */
static void
the_first_day_does_not_run_past_today(void **state)
{
	struct forge *f = office();
	const struct view v = view_of(f);
	struct json_t *r = with("end", "9999-12-31");
	struct rows_register g;

	(void)state;
	set(r, "leads", list("1", NULL));
	accepted(f,
	    forge_entry(f, OTHER, "subscription", "far", 1, data("record", r)),
	    OTHER);
	accepted(f, entry(f, OTHER, 1, "record", record()), OTHER);
	for (uint64_t i = 0; i < 2; i++) {
		r = with("end", i == 0 ? "9998-12-31" : "9999-12-31");
		set(r, "leads", list("1", NULL));
		accepted(f, entry(f, OTHER, 2 + i, "record", r), OTHER);
	}
	assert_int_equal(subindex_register(&v, &g), AM_OK);
	assert_true(g.first < (uint32_t)day("2022-01-01"));
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entity_has_role_mailboxes),
		cmocka_unit_test(every_field_that_is_wrong_is_refused),
		cmocka_unit_test(lists_that_are_wrong_are_refused),
		cmocka_unit_test(all_that_is_missing_is_named_at_once),
		cmocka_unit_test(
		    keys_that_are_missing_or_unknown_are_no_record),
		cmocka_unit_test(an_owner_is_a_post_and_no_person),
		cmocka_unit_test(no_contractor_administers_at_the_vendor),
		cmocka_unit_test(only_officials_in_office_enter_subscriptions),
		cmocka_unit_test(an_entity_comes_first),
		cmocka_unit_test(versions_rise),
		cmocka_unit_test(a_deny_list_is_for_a_quorum_and_rises),
		cmocka_unit_test(what_comes_from_a_denied_country_is_refused),
		cmocka_unit_test(a_renewal_looks_at_the_origin_again),
		cmocka_unit_test(no_step_is_left_out),
		cmocka_unit_test(a_step_says_what_it_needs),
		cmocka_unit_test(a_step_is_taken_in_a_post_of_the_subscription),
		cmocka_unit_test(a_login_is_tested_by_two_people),
		cmocka_unit_test(a_failed_login_takes_the_control_away),
		cmocka_unit_test(a_renewal_ends_after_the_term_before),
		cmocka_unit_test(what_is_closed_stays_so),
		cmocka_unit_test(dates_in_force_change_by_renewing),
		cmocka_unit_test(a_decision_is_on_the_current_term),
		cmocka_unit_test(an_acknowledgement_is_of_a_post),
		cmocka_unit_test(another_date_arms_the_reminders_again),
		cmocka_unit_test(
		    it_is_looked_at_from_ten_days_before_a_reminder),
		cmocka_unit_test(what_was_missed_stays_in_sight),
		cmocka_unit_test(what_is_not_controlled_is_in_sight),
		cmocka_unit_test(each_stands_under_its_day_once),
		cmocka_unit_test(
		    who_widens_the_list_of_mailboxes_is_not_the_first_to_use_it),
		cmocka_unit_test(
		    who_gives_the_entity_another_name_is_not_the_first_to_use_it),
		cmocka_unit_test(a_suspended_key_is_no_recovery_factor),
		cmocka_unit_test(
		    a_login_of_who_is_suspended_since_does_not_count),
		cmocka_unit_test(
		    what_is_in_force_is_changed_by_who_answers_for_it),
		cmocka_unit_test(a_late_decision_is_not_put_off_by_a_record),
		cmocka_unit_test(the_first_day_does_not_run_past_today),
		cmocka_unit_test(another_account_is_tested_anew),
		cmocka_unit_test(the_largest_entity_fits),
		cmocka_unit_test(r7_4_new_ones_are_entered_with_one_signature),
		cmocka_unit_test(
		    r7_4_what_is_refused_alone_is_refused_in_a_batch),
		cmocka_unit_test(r7_4_a_step_is_signed_by_itself),
		cmocka_unit_test(
		    a_lead_time_that_is_dropped_is_remembered_for_a_year),
		cmocka_unit_test(
		    another_end_leaves_the_twins_of_the_one_before),
		cmocka_unit_test(a_holiday_that_is_taken_off_leaves_its_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
