/*
 * What a policy in force asks of the provider of a subscription, refusals
 * first: the class checks (R-14; domain.md 4) and the examinations of the
 * supplier (R-15, SR-6). Then that `due` finds each by its examination.
 */

#include <jansson.h>

#include "tests/subs.h"
#include "vault/state/subindex.h"
#include "vault/state/vetting.h"

static const uint8_t hash[32] = { 1 };

static void
policy(struct forge *f)
{
	accepted(f,
	    forge_motion(f, 0, "policy", forge_policy(levels_shipped_text())),
	    0);
}

static struct forge *
governed(void)
{
	struct forge *f = office();

	policy(f);
	return f;
}

static void
waive(struct forge *f, const char *rule, const char *until)
{
	accepted(f,
	    forge_motion(
		f, 0, "waive", forge_waiver(rule, dates_begin(day(until)))),
	    0);
}

/* A record that shows all that class secret asks. */
static struct json_t *
shown(void)
{
	return with("hosting_approval", "TEST F.7");
}

static struct json_t *
shown_but(const char *key, const char *value)
{
	struct json_t *r = shown();

	forge_text(r, key, value);
	return r;
}

static struct json_t *
of_class(const char *class, const char *key, const char *value)
{
	struct json_t *r = with("class", class);

	forge_text(r, key, value);
	return r;
}

static void
not_entered(struct forge *f, struct json_t *what, const char *field)
{
	refused(f, entry(f, OTHER, 1, "record", what), OTHER, AM_ERR_INCOMPLETE,
	    "R-14");
	if (strstr(f->why.text, field) == NULL)
		print_message("%s\n", f->why.text);
	assert_non_null(strstr(f->why.text, field));
}

static struct json_t *
step_of(const char *to, const char *choice, const char *end)
{
	const bool ordered = choice[0] == '\0' && strcmp(to, "verified") != 0;
	struct json_t *what = canon_object();

	forge_text(what, "to", to);
	forge_text(what, "choice", choice);
	forge_text(what, "order", ordered ? "PO-1" : "");
	forge_text(what, "end", end);
	forge_text(what, "post", "dir-eo");
	forge_hex(what, "evidence", hash, sizeof(hash));
	return what;
}

static struct json_t *
step(struct forge *f, const char *to, const char *choice, const char *end)
{
	return entry(
	    f, OWNER, row(f).version + 1, "step", step_of(to, choice, end));
}

static void
go(struct forge *f, const char *to, const char *choice, const char *end)
{
	accepted(f, step(f, to, choice, end), OWNER);
}

static void
tested(struct forge *f)
{
	static const size_t who[] = { TECH, DEPUTY };

	for (size_t i = 0; i < AM_ARRAY_LEN(who); i++) {
		struct json_t *what = canon_object();

		forge_hex(what, "evidence", hash, sizeof(hash));
		set(what, "passed", canon_bool(true));
		accepted(f, entry(f, who[i], row(f).version + 1, "test", what),
		    who[i]);
	}
}

static struct json_t *
changed(struct forge *f, struct json_t *what)
{
	return entry(f, OWNER, row(f).version + 1, "record", what);
}

/* ---- what the class asks */

static void
without_a_policy_nothing_is_asked(void **state)
{
	struct forge *f = office();
	struct json_t *r = with("csp_status", "");

	(void)state;
	forge_text(r, "data_location", "US");
	forge_text(r, "due_diligence", "2031-03-01");
	accepted(f, entry(f, OTHER, 1, "record", r), OTHER);
	forge_free(f);
}

static void
a_provider_is_what_the_class_asks(void **state)
{
	struct forge *f = governed();
	struct json_t *r;

	(void)state;
	not_entered(f, shown_but("csp_status", ""), "csp_status");
	not_entered(f, shown_but("csp_status", "registered"), "accredited");
	not_entered(f, of_class("public", "csp_status", "registered"),
	    "of class public, so the provider is accredited");
	refused(f,
	    entry(f, OTHER, 1, "record", shown_but("csp_status", "known")),
	    OTHER, AM_ERR_INCOMPLETE, "R-1");
	r = of_class("open", "csp_status", "");
	not_entered(f, r, "registered or accredited");
	/* no waiver of the hosting lets that pass */
	waive(f, "R-14 mdm", "2022-01-01");
	not_entered(f, shown_but("csp_status", "registered"), "accredited");
	accepted(f, entry(f, OTHER, 1, "record", shown()), OTHER);
	forge_free(f);
}

static void
class_open_has_criteria_that_were_shared(void **state)
{
	struct forge *f = governed();
	struct json_t *r = of_class("open", "csp_status", "registered");

	(void)state;
	not_entered(f, canon_ref(r), "open_criteria: ");
	forge_text(r, "open_criteria", "2021-01-05");
	not_entered(f, canon_ref(r), "open_criteria: ");
	forge_text(r, "open_criteria", "");
	forge_text(r, "open_criteria_ref", "TEST 4-1");
	not_entered(f, canon_ref(r), "open_criteria: ");
	forge_text(r, "open_criteria", "2021-01-05");
	accepted(f, entry(f, OTHER, 1, "record", r), OTHER);
	forge_free(f);
}

static void
hosting_is_at_home_or_waived(void **state)
{
	struct forge *f = governed();

	(void)state;
	not_entered(f, of_class("restricted", "data_location", "DE"),
	    "the country of the agency, PK, and not in DE");
	not_entered(f, record(), "hosting_approval");
	not_entered(f, shown_but("data_location", "DE"), "R-14 mdm");
	waive(f, "R-14 other", "2022-01-01");
	not_entered(f, shown_but("data_location", "DE"), "R-14 mdm");
	waive(f, "R-14 mdm", "2021-03-22");
	accepted(f, entry(f, OTHER, 1, "record", with("data_location", "DE")),
	    OTHER);
	on(f, "2021-03-22");
	refused(f,
	    entry(f, OTHER, 2, "record", shown_but("data_location", "DE")),
	    OTHER, AM_ERR_INCOMPLETE, "R-14");
	forge_free(f);
}

static void
public_data_are_hosted_anywhere(void **state)
{
	struct forge *f = governed();

	(void)state;
	accepted(f,
	    entry(f, OTHER, 1, "record",
		of_class("public", "data_location", "DE")),
	    OTHER);
	forge_free(f);
}

/* 12 months of the policy are 372 days. */
static void
an_examination_is_not_too_old_nor_to_come(void **state)
{
	struct forge *f = governed();

	(void)state;
	on(f, "2022-03-08");
	not_entered(f, shown(), "that counted until 2022-03-08");
	not_entered(f, shown_but("due_diligence", "2022-03-09"),
	    "due_diligence: a day to come");
	not_entered(f, of_class("sensitive", "users", ""), "due_diligence");
	waive(f, "R-14 mdm", "2023-01-01");
	not_entered(f, shown(), "due_diligence");
	/* what class restricted does not ask */
	accepted(f,
	    entry(f, OTHER, 1, "record", of_class("restricted", "users", "")),
	    OTHER);
	forge_free(f);
}

static void
all_faults_are_named_at_once(void **state)
{
	struct forge *f = governed();
	struct json_t *r = with("csp_status", "");

	(void)state;
	forge_text(r, "data_location", "DE");
	forge_text(r, "owner", "nobody");
	refused(f, entry(f, OTHER, 1, "record", r), OTHER, AM_ERR_INCOMPLETE,
	    "R-2");
	assert_non_null(strstr(f->why.text, "4 fields: owner"));
	forge_free(f);
}

/* What was entered before the policy does not come into force after it. */
static void
the_step_into_force_looks_again(void **state)
{
	struct forge *f = entered();

	(void)state;
	policy(f);
	refused(f, step(f, "active", "", ""), OWNER, AM_ERR_INCOMPLETE, "R-14");
	assert_non_null(strstr(f->why.text, "hosting_approval"));
	accepted(f, entry(f, OTHER, 2, "record", shown()), OTHER);
	go(f, "active", "", "");
	forge_free(f);
}

/* A record of before there were these fields, as it stands in logs. */
static void
an_older_record_is_still_read(void **state)
{
	static const char *const later[] = { "csp_status", "open_criteria",
		"open_criteria_ref", "hosting_approval" };
	struct forge *f = office();
	struct json_t *r = record();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(later); i++) {
		if (i > 0) /* some of them, and not others, is no record */
			assert_int_equal(
			    forge_post(f,
				entry(f, OTHER, 1, "record", canon_ref(r)),
				OTHER),
			    AM_ERR_CORRUPT);
		assert_int_equal(json_object_del(r, later[i]), 0);
	}
	accepted(f, entry(f, OTHER, 1, "record", canon_ref(r)), OTHER);
	policy(f);
	refused(f, entry(f, OTHER, 2, "record", r), OTHER, AM_ERR_INCOMPLETE,
	    "R-14");
	forge_free(f);
}

/* ---- examined again */

static struct forge *
in_force(const char *class)
{
	struct forge *f = governed();
	struct json_t *r = shown();

	forge_text(r, "class", class);
	forge_text(r, "reach", class);
	accepted(f, entry(f, OTHER, 1, "record", r), OTHER);
	go(f, "active", "", "");
	return f;
}

static int32_t
begins_of(struct forge *f)
{
	const struct rows_subscription s = row(f);

	return vetting_begins(&s);
}

static void
decided(struct forge *f, const char *on_day)
{
	on(f, on_day);
	go(f, "decision", "renew", "");
	go(f, "renewing", "", "");
	tested(f);
}

static void
a_renewal_is_of_an_examined_supplier(void **state)
{
	struct forge *f = in_force("secret");

	(void)state;
	decided(f, "2021-08-01");
	/* 180 days before 2022-01-15, and ten for holidays */
	assert_int_equal(begins_of(f), day("2021-07-09"));
	refused(f, step(f, "verified", "", ""), OWNER, AM_ERR_POLICY, "R-15");
	assert_non_null(strstr(f->why.text,
	    "examined on 2021-03-01, and this renewal began on 2021-07-09"));
	accepted(
	    f, changed(f, shown_but("due_diligence", "2021-07-08")), OWNER);
	refused(f, step(f, "verified", "", ""), OWNER, AM_ERR_POLICY, "R-15");
	accepted(
	    f, changed(f, shown_but("due_diligence", "2021-07-09")), OWNER);
	go(f, "verified", "", "");
	/* what was verified is not taken back on the way */
	accepted(
	    f, changed(f, shown_but("due_diligence", "2021-07-08")), OWNER);
	refused(f, step(f, "active", "", "2023-04-15"), OWNER, AM_ERR_POLICY,
	    "R-15");
	waive(f, "R-15 mdm", "2021-09-01");
	on(f, "2021-08-20");
	accepted(f, changed(f, shown_but("ultimate_owner", "FR")), OWNER);
	go(f, "active", "", "2023-04-15");
	forge_free(f);
}

static void
a_waiver_of_the_examination_ends(void **state)
{
	struct forge *f = in_force("secret");

	(void)state;
	waive(f, "R-15 mdm", "2021-08-10");
	decided(f, "2021-08-01");
	on(f, "2021-08-10");
	refused(f, step(f, "verified", "", ""), OWNER, AM_ERR_POLICY, "R-15");
	forge_free(f);
}

/* Reminders of years ahead do not make an examination of years ago do. */
static void
a_renewal_begins_in_its_term(void **state)
{
	struct forge *f = in_force("secret");
	struct json_t *r = shown();

	(void)state;
	set(r, "leads", list("400", "30"));
	accepted(f, changed(f, r), OWNER);
	decided(f, "2021-08-01");
	assert_int_equal(begins_of(f), day("2021-04-15"));
	forge_free(f);
}

/* As in the shipped file: at a renewal from enhanced on. */
static void
a_safe_of_a_higher_level_asks_for_more(void **state)
{
	struct forge *f = office();
	const struct view v = view_of(f);
	struct rows_provider p = { .mark = 1, .level = LEVELS_COUNT - 2 };
	struct rows_level asked;

	(void)state;
	assert_int_equal(vetting_level(&v, &p, &asked), AM_ERR_NOT_FOUND);
	policy(f);
	for (; p.level <= LEVELS_COUNT; p.level++) {
		assert_int_equal(vetting_level(&v, &p, &asked), AM_OK);
		assert_int_equal(asked.supplier_review_at_renewal,
		    p.level > LEVELS_COUNT - 2);
	}
	p.mark = LEVELS_CLASSES;
	p.level = 1;
	assert_int_equal(vetting_level(&v, &p, &asked), AM_OK);
	assert_int_equal(asked.supplier_review_at_renewal, 1);
	forge_free(f);
}

static void
an_early_decision_begins_the_renewal(void **state)
{
	struct forge *f = in_force("secret");

	(void)state;
	decided(f, "2021-05-01");
	assert_int_equal(begins_of(f), day("2021-05-01"));
	/* another decision on the same term does not put it off */
	on(f, "2021-05-20");
	go(f, "decision", "renew", "");
	assert_int_equal(begins_of(f), day("2021-05-01"));
	forge_free(f);
}

static void
a_renewal_of_restricted_data_asks_for_no_examination(void **state)
{
	struct forge *f = in_force("restricted");

	(void)state;
	decided(f, "2021-08-01");
	go(f, "verified", "", "");
	forge_free(f);
}

/* What is ended or replaced is not bought again. */
static void
an_end_asks_for_no_examination(void **state)
{
	struct forge *f = in_force("secret");

	(void)state;
	on(f, "2021-08-01");
	go(f, "decision", "end", "");
	go(f, "ending", "", "");
	tested(f);
	go(f, "verified", "", "");
	go(f, "closed", "", "2022-04-15");
	forge_free(f);
}

static void
another_owner_is_examined(void **state)
{
	static const char *const changes[][2] = { { "ultimate_owner", "FR" },
		{ "vendor", "TEST Software SA" } };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(changes); i++) {
		struct forge *f = in_force("secret");
		struct json_t *r = shown_but(changes[i][0], changes[i][1]);

		refused(
		    f, changed(f, canon_ref(r)), OWNER, AM_ERR_POLICY, "R-15");
		assert_non_null(strstr(f->why.text, "has changed hands since"));
		/* nor with another class in the same breath */
		forge_text(r, "class", "public");
		forge_text(r, "reach", "public");
		refused(
		    f, changed(f, canon_ref(r)), OWNER, AM_ERR_POLICY, "R-15");
		forge_text(r, "due_diligence", "2021-03-19");
		accepted(f, changed(f, r), OWNER);
		forge_free(f);
	}
}

static void
another_owner_is_asked_about_where_the_level_does(void **state)
{
	struct forge *f = in_force("sensitive");
	struct json_t *r = shown_but("ultimate_owner", "FR");

	(void)state;
	forge_text(r, "class", "sensitive");
	forge_text(r, "reach", "sensitive");
	accepted(f, changed(f, r), OWNER);
	forge_free(f);
}

/* ---- where `due` finds them */

struct seen {
	size_t count;
	uint32_t numbers[64];
};

static enum am_err
see(void *arg, const struct rows_subscription *s)
{
	struct seen *x = arg;

	assert_true(x->count < AM_ARRAY_LEN(x->numbers));
	for (size_t i = 0; i < x->count; i++) /* each of them once */
		assert_int_not_equal(x->numbers[i], s->number);
	x->numbers[x->count++] = s->number;
	return AM_OK;
}

static size_t
examined_until(struct forge *f, uint32_t kind, const char *until)
{
	const struct view v = view_of(f);
	struct seen x = { .count = 0 };

	assert_int_equal(subindex_exams(&v, kind, day(until), see, &x), AM_OK);
	return x.count;
}

static void
each_is_found_by_its_examination(void **state)
{
	struct forge *f = governed();
	uint32_t kind;

	(void)state;
	accepted(f, entry(f, OTHER, 1, "record", shown()), OTHER);
	kind = subindex_kind(&(struct rows_provider){ .mark = LEVELS_CLASSES });
	/* not in force yet */
	assert_int_equal(examined_until(f, kind, "2030-01-01"), 0);
	go(f, "active", "", "");
	assert_int_equal(examined_until(f, kind, "2030-01-01"), 1);
	assert_int_equal(examined_until(f, kind, "2021-03-01"), 1);
	assert_int_equal(examined_until(f, kind, "2021-01-20"), 0);
	assert_int_equal(examined_until(f, kind - 1, "2030-01-01"), 0);
	on(f, "2021-08-01");
	accepted(
	    f, changed(f, shown_but("due_diligence", "2021-07-30")), OWNER);
	assert_int_equal(examined_until(f, kind, "2021-06-20"), 0);
	assert_int_equal(examined_until(f, kind, "2021-07-30"), 1);
	go(f, "decision", "end", "");
	go(f, "ending", "", "");
	tested(f);
	go(f, "verified", "", "");
	assert_int_equal(examined_until(f, kind, "2030-01-01"), 1);
	go(f, "closed", "", "2022-04-15");
	assert_int_equal(examined_until(f, kind, "2030-01-01"), 0);
	forge_free(f);
}

/* Forty of them move about, and none is lost or there twice. */
static void
each_stands_under_its_month_once(void **state)
{
	struct forge *f = office();
	uint32_t seed = 1;

	(void)state;
	for (uint32_t i = 0; i < 240; i++) {
		struct rows_subscription s = { .version = 0 };
		const struct view v = view_of(f);
		char id[8], when[12];
		struct bytes name = { (uint8_t *)id, 0 };
		size_t all = 0;

		seed = seed * 1664525U + 1013904223U;
		(void)snprintf(id, sizeof(id), "s%u", i % 40);
		(void)snprintf(when, sizeof(when), "2020-%02u-1%u",
		    1 + (seed >> 16) % 12, (seed >> 24) % 3);
		name.len = strlen(id);
		if (i >= 40)
			assert_int_equal(
			    subscription_find(&v, name, &s), AM_OK);
		accepted(f,
		    forge_entry(f, OWNER, "subscription", id, s.version + 1,
			data("record", with("due_diligence", when))),
		    OWNER);
		if (i < 40)
			continue;
		if (i < 80)
			accepted(f,
			    forge_entry(f, OWNER, "subscription", id,
				s.version + 2,
				data("step", step_of("active", "", ""))),
			    OWNER);
		all = examined_until(f,
		    subindex_kind(
			&(struct rows_provider){ .mark = LEVELS_CLASSES }),
		    "2020-12-31");
		assert_int_equal(all, i < 80 ? i - 39 : 40);
	}
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_policy_nothing_is_asked),
		cmocka_unit_test(a_provider_is_what_the_class_asks),
		cmocka_unit_test(class_open_has_criteria_that_were_shared),
		cmocka_unit_test(hosting_is_at_home_or_waived),
		cmocka_unit_test(public_data_are_hosted_anywhere),
		cmocka_unit_test(an_examination_is_not_too_old_nor_to_come),
		cmocka_unit_test(all_faults_are_named_at_once),
		cmocka_unit_test(the_step_into_force_looks_again),
		cmocka_unit_test(an_older_record_is_still_read),
		cmocka_unit_test(a_renewal_is_of_an_examined_supplier),
		cmocka_unit_test(a_waiver_of_the_examination_ends),
		cmocka_unit_test(a_renewal_begins_in_its_term),
		cmocka_unit_test(a_safe_of_a_higher_level_asks_for_more),
		cmocka_unit_test(an_early_decision_begins_the_renewal),
		cmocka_unit_test(
		    a_renewal_of_restricted_data_asks_for_no_examination),
		cmocka_unit_test(an_end_asks_for_no_examination),
		cmocka_unit_test(another_owner_is_examined),
		cmocka_unit_test(
		    another_owner_is_asked_about_where_the_level_does),
		cmocka_unit_test(each_is_found_by_its_examination),
		cmocka_unit_test(each_stands_under_its_month_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
