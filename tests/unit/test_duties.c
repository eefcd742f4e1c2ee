/*
 * What is said of people from time to time, refusals first: a custodian's
 * duties accepted (C-1), and that somebody is still in post, or moved, and was
 * looked through by another (U-6, PS-5, PS-6).
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/base/enc.h"
#include "vault/state/duties.h"

enum { DAY = 86400 };

/* People 1 to 3 hold the safe, 2 of 3, and 4 and 6 do not; 5 is a contractor
 * and 7 an auditor. */
static struct forge *
office(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 4; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	(void)forge_person(f, "official");
	(void)forge_person(f, "auditor");
	forge_safe(f, 2, 3);
	return f;
}

static struct rows_person
row_of(struct forge *f, size_t who)
{
	struct view v = view_memory(f->memory);
	struct rows_person p;

	assert_int_equal(
	    rows_get_person(&v, (struct bytes){ f->people[who].id, 16 }, &p),
	    AM_OK);
	return p;
}

/* ---- the text */

static void
the_text_fits_and_is_what_was_signed(void **state)
{
	const char *text = duties_text(DUTIES_NEWEST);
	char hex[ENC_HEX_LEN(32) + 1];
	uint8_t hash[32];

	(void)state;
	assert_null(duties_text(0));
	assert_null(duties_text(DUTIES_NEWEST + 1));
	assert_int_equal(duties_hash(0, hash), AM_ERR_NOT_FOUND);
	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 80);
	/* Number 1 is in logs: it is never changed, a new one comes after. */
	assert_int_equal(duties_hash(1, hash), AM_OK);
	enc_hex((struct bytes){ hash, sizeof(hash) }, hex);
	assert_string_equal(hex,
	    "9d31da23f1aab912fd85399663e878fb"
	    "9ff5c5c441418c98e838b37ed948947e");
}

/* ---- accepting */

static struct json_t *
acceptance(struct forge *f, size_t by, size_t who)
{
	struct json_t *data = canon_object();
	uint8_t hash[32];

	assert_int_equal(duties_hash(1, hash), AM_OK);
	forge_hex(data, "duties", hash, sizeof(hash));
	forge_uint(data, "text", 1);
	return forge_entry(f, by, "acceptance", f->people[who].name, 1, data);
}

static struct json_t *
altered(struct forge *f, const char *key, uint64_t number)
{
	static const uint8_t other[32] = { 1 };
	struct json_t *data = canon_object();
	uint8_t hash[32];

	assert_int_equal(duties_hash(1, hash), AM_OK);
	forge_hex(data, "duties", number == 1 ? other : hash, 32);
	forge_uint(data, key, number);
	return forge_entry(f, 1, "acceptance", f->people[1].name, 1, data);
}

static void
c_1_who_accepts_is_a_custodian_and_does_so_alone(void **state)
{
	struct forge *f = office();
	struct json_t *b;

	(void)state;
	refused(f, acceptance(f, 1, 2), 1, AM_ERR_POLICY, "C-1");
	refused(f, acceptance(f, 4, 1), 4, AM_ERR_POLICY, "C-1");
	refused(f, acceptance(f, 4, 4), 4, AM_ERR_POLICY, "C-1");
	refused(f, acceptance(f, 5, 5), 5, AM_ERR_POLICY, "C-1");
	refused(f, acceptance(f, 7, 7), 7, AM_ERR_POLICY, "C-1");
	/* signed by somebody else's key */
	refused(f, acceptance(f, 1, 1), 2, AM_ERR_VERIFY, "V09");
	refused(f, altered(f, "text", 1), 1, AM_ERR_INVALID, "C-1");
	refused(f, altered(f, "text", 0), 1, AM_ERR_INVALID, "C-1");
	refused(f, altered(f, "text", 2), 1, AM_ERR_INVALID, "C-1");
	refused(f, altered(f, "note", 2), 1, AM_ERR_CORRUPT, "V02");
	b = forge_entry(
	    f, 1, "acceptance", f->people[1].name, 1, canon_object());
	refused(f, b, 1, AM_ERR_CORRUPT, "V02");
	b = forge_entry(
	    f, 1, "acceptance", f->people[1].name, 2, canon_object());
	refused(f, b, 1, AM_ERR_CORRUPT, "V02");
	forge_free(f);
}

static void
c_1_accepting_a_share_or_the_text_again_is_remembered(void **state)
{
	struct forge *f = office();
	const int64_t first = row_of(f, 1).accepted;

	(void)state;
	assert_true(first > 0);
	assert_true(row_of(f, 2).accepted > first); /* each by themselves */
	assert_int_equal(row_of(f, 4).accepted, 0);
	f->at += 366 * DAY;
	accepted(f, acceptance(f, 1, 1), 1);
	assert_true(row_of(f, 1).accepted >= first + 366 * DAY);
	assert_true(row_of(f, 2).accepted < first + DAY);
	forge_free(f);
}

static void
c_1_a_new_share_counts_and_who_left_the_committee_has_none(void **state)
{
	static const size_t dealers[] = { 1, 2 }, next[] = { 2, 3, 4 };
	const struct forge_change c = { "operating", "operating", 2, 1, 2, 3, 2,
		next, dealers };
	struct forge *f = office();
	int64_t before;

	(void)state;
	f->at += 30 * DAY;
	before = f->at;
	forge_reshare(f, &c);
	assert_true(row_of(f, 2).accepted >= before);
	assert_true(row_of(f, 4).accepted >= before);
	refused(f, acceptance(f, 1, 1), 1, AM_ERR_POLICY, "C-1");
	accepted(f, acceptance(f, 4, 4), 4);
	forge_free(f);
}

/* ---- reviews of people */

static struct json_t *
review(struct forge *f, size_t by, const char *of, const char *id)
{
	struct json_t *data = canon_object();

	forge_text(data, "finding", "TEST in post");
	forge_text(data, "of", of);
	return forge_entry(f, by, "review", id, 1, data);
}

static void
u_6_a_person_is_reviewed_by_another_official(void **state)
{
	struct forge *f = office();
	const char *two = f->people[2].name;

	(void)state;
	refused(
	    f, review(f, 1, "person", "nobody"), 1, AM_ERR_NOT_FOUND, "U-6");
	/* a safe or a request is no person */
	refused(f, review(f, 1, "person", "r-1"), 1, AM_ERR_NOT_FOUND, "U-6");
	refused(f, review(f, 1, "access", two), 1, AM_ERR_NOT_FOUND, "U-6");
	refused(f, review(f, 2, "person", two), 2, AM_ERR_POLICY, "U-6");
	refused(f, review(f, 5, "person", two), 5, AM_ERR_POLICY, "U-6");
	refused(f, review(f, 7, "person", two), 7, AM_ERR_POLICY, "U-6");
	refused(f, review(f, 1, "post", two), 1, AM_ERR_CORRUPT, "V02");
	assert_int_equal(row_of(f, 2).reviewed, 0);
	f->at += DAY;
	accepted(f, review(f, 4, "person", two), 4);
	assert_int_equal(row_of(f, 2).reviewed, f->at - 1);
	assert_int_equal(row_of(f, 1).reviewed, 0);
	forge_free(f);
}

/* ---- who was transferred */

static void
leave(struct forge *f, size_t who, const char *kind, int64_t effective)
{
	struct json_t *b = forge_body(f, "suspend", 4), *data = canon_object();

	forge_hex(b, "subject", f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	accepted(f, b, 4);
	forge_when(data, "effective", effective);
	forge_text(data, "kind", kind);
	forge_hex(data, "person", f->people[who].id, 16);
	forge_text(data, "reason", "TEST order");
	accepted(
	    f, forge_entry(f, 4, "departure", f->people[who].name, 1, data), 4);
}

static void
ps_5_a_transfer_waits_for_a_review_that_comes_after_it(void **state)
{
	struct forge *f = office();
	int64_t effective;

	(void)state;
	f->at += DAY;
	accepted(f, review(f, 1, "person", f->people[3].name), 1);
	effective = f->at + DAY;
	leave(f, 3, "transfer", effective);
	assert_int_equal(row_of(f, 3).moved, effective);
	accepted(f, review(f, 1, "person", f->people[3].name), 1);
	assert_int_equal(row_of(f, 3).moved, effective);
	f->at = effective;
	accepted(f, review(f, 1, "person", f->people[3].name), 1);
	assert_int_equal(row_of(f, 3).moved, 0);
	forge_free(f);
}

static void
ps_5_a_review_before_the_entry_of_a_transfer_is_none(void **state)
{
	struct forge *f = office();
	int64_t effective;

	(void)state;
	effective = f->at;
	f->at += DAY;
	accepted(f, review(f, 1, "person", f->people[3].name), 1);
	leave(f, 3, "transfer", effective);
	assert_int_equal(row_of(f, 3).moved, effective);
	leave(f, 2, "resignation", effective);
	assert_int_equal(row_of(f, 2).moved, 0);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_fits_and_is_what_was_signed),
		cmocka_unit_test(
		    c_1_who_accepts_is_a_custodian_and_does_so_alone),
		cmocka_unit_test(
		    c_1_accepting_a_share_or_the_text_again_is_remembered),
		cmocka_unit_test(
		    c_1_a_new_share_counts_and_who_left_the_committee_has_none),
		cmocka_unit_test(u_6_a_person_is_reviewed_by_another_official),
		cmocka_unit_test(
		    ps_5_a_transfer_waits_for_a_review_that_comes_after_it),
		cmocka_unit_test(
		    ps_5_a_review_before_the_entry_of_a_transfer_is_none),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
