/*
 * Where credentials are kept by the day on which they were changed at the
 * vendor, and by that on which two tested the login: what is not kept first.
 */

#include <sodium.h>

#include "tests/judged.h"
#include "vault/audit/roots.h"
#include "vault/register/dates.h"
#include "vault/state/aged.h"

/* 2 of 3 (people 1..3); 4 a contractor; 0 the founder, who deposits. */
enum { CONTRACTOR = 4, DAY = 86400, MANY = 24, ROUNDS = 200 };

static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 3; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	forge_safe(f, 2, 3);
	f->check = false;
	return f;
}

static void
go_on(struct forge *f, uint32_t days)
{
	f->at += (int64_t)days * DAY;
}

static uint32_t
today(const struct forge *f)
{
	return (uint32_t)dates_day(f->at);
}

static void
seal(struct forge *f, size_t by, const char *title, struct forge_sealed *s)
{
	accepted(f, forge_seal(f, by, title, "TEST", s), by);
}

static void
rotate(
    struct forge *f, size_t by, const struct forge_sealed *s, uint32_t version)
{
	static const uint8_t hash[32] = "TEST evidence";
	struct json_t *b = forge_body(f, "rotated", by), *list = canon_array();

	assert_int_equal(
	    canon_push(list, canon_hex((struct bytes){ hash, 32 })), AM_OK);
	forge_hex(b, "safe", f->safe, 16);
	forge_hex(b, "record", s->record, 16);
	forge_uint(b, "version", version);
	assert_int_equal(canon_set(b, "evidence", list), AM_OK);
	accepted(f, b, by);
}

static void
tested(
    struct forge *f, size_t by, const char *title, const struct forge_sealed *s)
{
	struct json_t *data = canon_object();

	forge_hex(data, "record", s->record, 16);
	assert_int_equal(canon_set(data, "evidence", canon_array()), AM_OK);
	accepted(
	    f, forge_entry(f, by, "login-test", title, s->version, data), by);
}

/* ---- what is seen of a list */

struct seen {
	const struct forge *f;
	enum aged_list list;
	uint32_t days[512], count, last;
	uint8_t records[512][16];
};

static enum am_err
see(void *arg, uint32_t day, uint32_t count)
{
	struct seen *x = arg;
	const struct view v = view_memory(x->f->memory);

	assert_true(count > 0);
	assert_true(x->count == 0 || day > x->last);
	x->last = day;
	for (uint32_t i = 0; i < count; i++) {
		struct rows_record c;
		const struct rows_place *at = aged_place(&c, x->list);

		assert_int_equal(
		    aged_nth(&v, x->f->safe, x->list, day, i, &c), AM_OK);
		assert_int_equal(at->day, day);
		assert_int_equal(at->slot, i);
		for (uint32_t k = 0; k < x->count; k++)
			assert_memory_not_equal(x->records[k], c.record, 16);
		memcpy(x->records[x->count], c.record, 16);
		x->days[x->count++] = day;
	}
	return AM_OK;
}

static void
look(const struct forge *f, enum aged_list list, struct seen *out)
{
	const struct view v = view_memory(f->memory);

	*out = (struct seen){ .f = f, .list = list };
	assert_int_equal(
	    aged_each(&v, f->safe, list, DATES_LAST, see, out), AM_OK);
}

static uint32_t
kept(const struct forge *f, enum aged_list list)
{
	struct seen x;

	look(f, list, &x);
	return x.count;
}

static uint32_t
day_of(const struct forge *f, enum aged_list list, const struct forge_sealed *s)
{
	struct seen x;

	look(f, list, &x);
	for (uint32_t i = 0; i < x.count; i++)
		if (bytes_same((struct bytes){ x.records[i], 16 },
			(struct bytes){ s->record, 16 }))
			return x.days[i];
	return ROWS_NO_DAY;
}

/* ---- the tests */

static void
what_is_kept_as_it_is_is_in_no_list(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed file = { .type = "file" }, note = { 0 },
			    codes = { .type = "recovery-codes" },
			    other = { .type = "TEST-unknown" };

	(void)state;
	seal(f, 0, "file", &file);
	seal(f, 0, "note", &note);
	assert_int_equal(kept(f, AGED_CHANGED), 0);
	assert_int_equal(kept(f, AGED_TESTED), 0);
	seal(f, 0, "codes", &codes);
	assert_int_equal(kept(f, AGED_CHANGED), 1);
	assert_int_equal(kept(f, AGED_TESTED), 0);
	seal(f, 0, "other", &other);
	assert_int_equal(kept(f, AGED_CHANGED), 2);
	assert_int_equal(kept(f, AGED_TESTED), 1);
	forge_free(f);
}

/* A new version of another type enters the lists, or leaves them. */
static void
a_type_that_changes_moves_it(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { .type = "note" };
	uint32_t first;

	(void)state;
	first = today(f);
	seal(f, 0, "mdm", &s);
	go_on(f, 10);
	s.type = "login";
	seal(f, 0, "mdm", &s);
	assert_int_equal(day_of(f, AGED_CHANGED, &s), first);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 10);
	s.type = "file";
	seal(f, 0, "mdm", &s);
	assert_int_equal(kept(f, AGED_CHANGED), 0);
	assert_int_equal(kept(f, AGED_TESTED), 0);
	tested(f, 1, "mdm", &s);
	tested(f, 2, "mdm", &s);
	rotate(f, 1, &s, 3);
	rotate(f, 2, &s, 3);
	assert_int_equal(kept(f, AGED_CHANGED), 0);
	assert_int_equal(kept(f, AGED_TESTED), 0);
	forge_free(f);
}

/* Two have to say so; and then it is as old as its version. */
static void
a_rotation_moves_it_and_a_new_version_alone_does_not(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { .type = "login" };
	uint32_t first;

	(void)state;
	first = today(f);
	seal(f, 0, "mdm", &s);
	go_on(f, 100);
	seal(f, 0, "mdm", &s);
	go_on(f, 5);
	seal(f, 0, "mdm", &s);
	go_on(f, 50);
	assert_int_equal(day_of(f, AGED_CHANGED, &s), first);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 105);
	rotate(f, 1, &s, 2);
	assert_int_equal(day_of(f, AGED_CHANGED, &s), first);
	rotate(f, 2, &s, 2);
	assert_int_equal(day_of(f, AGED_CHANGED, &s), first + 100);
	rotate(f, 1, &s, 3);
	rotate(f, 2, &s, 3);
	assert_int_equal(day_of(f, AGED_CHANGED, &s), first + 105);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 105);
	forge_free(f);
}

static void
two_tests_move_it_to_the_earlier_one(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed s = { .type = "login" }, con = { .type = "totp" };
	uint32_t first;

	(void)state;
	first = today(f);
	seal(f, 0, "mdm", &s);
	seal(f, CONTRACTOR, "con", &con);
	assert_int_equal(kept(f, AGED_CHANGED), 2);
	assert_int_equal(kept(f, AGED_TESTED), 1); /* it is unverified */
	go_on(f, 10);
	tested(f, 1, "mdm", &s);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first);
	go_on(f, 1);
	tested(f, 2, "mdm", &s);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 10);
	/* one alone, however often */
	go_on(f, 5);
	tested(f, 2, "mdm", &s);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 10);
	tested(f, 3, "mdm", &s);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 16);
	tested(f, 1, "con", &con);
	assert_int_equal(day_of(f, AGED_TESTED, &con), ROWS_NO_DAY);
	tested(f, 2, "con", &con);
	assert_int_equal(day_of(f, AGED_TESTED, &con), first + 16);
	/* the new version of a contractor is unverified again */
	seal(f, CONTRACTOR, "con", &con);
	assert_int_equal(day_of(f, AGED_TESTED, &con), ROWS_NO_DAY);
	seal(f, 0, "mdm", &s);
	assert_int_equal(day_of(f, AGED_TESTED, &s), first + 16);
	forge_free(f);
}

static void
a_batch_loses_none(void **state)
{
	struct forge *f = with_safe();
	struct json_t *seals[MANY];
	uint8_t batch[32];

	(void)state;
	f->hold = true;
	for (size_t i = 0; i < MANY; i++) {
		struct forge_sealed s = { .type = "login" };
		char title[8];

		(void)snprintf(title, sizeof(title), "c%zu", i);
		seals[i] = forge_seal(f, 0, title, "TEST", &s);
	}
	accepted(f, forge_batch(f, 0, "seal", seals, MANY), 0);
	memcpy(batch, f->last, 32);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(forge_item(f, batch, seals[i]), AM_OK);
	assert_int_equal(kept(f, AGED_CHANGED), MANY);
	assert_int_equal(kept(f, AGED_TESTED), MANY);
	forge_free(f);
}

/* ---- many, moved about at random: each once, in order; and again from the
 * log alone */

static struct forge *
replayed(const struct forge *f)
{
	struct forge *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	assert_int_equal(view_memory_new(&g->memory), AM_OK);
	assert_int_equal(roots_new("/tmp", NULL, &g->roots), AM_OK);
	memcpy(g->safe, f->safe, sizeof(g->safe));
	for (uint64_t i = 0; i < f->size; i++)
		assert_int_equal(
		    forge_judge(g, blob_bytes(&f->lines[i])), AM_OK);
	return g;
}

static void
step(struct forge *f, struct forge_sealed *s, const char *title, uint32_t what)
{
	const struct view v = view_memory(f->memory);
	struct rows_record c;

	if (what < 3) {
		seal(f, 0, title, s);
		return;
	}
	if (what < 6) {
		tested(f, 1 + what % 2, title, s);
		return;
	}
	assert_int_equal(
	    rows_get_record(&v, (struct bytes){ s->record, 16 }, &c), AM_OK);
	if (c.rotated == c.version || c.version == 1)
		return;
	rotate(f, 1, s, c.version);
	rotate(f, 2, s, c.version);
}

static void
each_is_kept_once_and_the_log_says_where(void **state)
{
	static const enum aged_list lists[] = { AGED_CHANGED, AGED_TESTED };
	struct forge_sealed s[MANY] = { 0 };
	struct forge *f = with_safe(), *g;
	uint32_t seed = 1;

	(void)state;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		const uint32_t n = i < MANY ? i : (seed >> 8) % MANY;
		char title[8];

		(void)snprintf(title, sizeof(title), "c%u", n);
		s[n].type = "login";
		step(f, &s[n], title, i < MANY ? 0 : (seed >> 16) % 8);
		go_on(f, (seed >> 24) % 3);
		seed = seed * 1664525U + 1013904223U;
		for (size_t k = 0; k < AM_ARRAY_LEN(lists); k++)
			assert_int_equal(
			    kept(f, lists[k]), i < MANY ? i + 1 : MANY);
	}
	g = replayed(f);
	for (size_t k = 0; k < AM_ARRAY_LEN(lists); k++) {
		struct seen a, b;

		look(f, lists[k], &a);
		look(g, lists[k], &b);
		assert_int_equal(a.count, b.count);
		assert_memory_equal(a.days, b.days, sizeof(a.days));
		assert_memory_equal(a.records, b.records, sizeof(a.records));
	}
	forge_free(g);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_as_it_is_is_in_no_list),
		cmocka_unit_test(a_type_that_changes_moves_it),
		cmocka_unit_test(
		    a_rotation_moves_it_and_a_new_version_alone_does_not),
		cmocka_unit_test(two_tests_move_it_to_the_earlier_one),
		cmocka_unit_test(a_batch_loses_none),
		cmocka_unit_test(each_is_kept_once_and_the_log_says_where),
	};

	return sodium_init() < 0 ||
	    cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
