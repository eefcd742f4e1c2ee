/*
 * The leaver's certificate and what is due, over a forged history in a real
 * store: a certificate is the same for ever, whatever comes later; what
 * is owed is owed by those who can do it, and overdue when its day has passed.
 */

#include <ftw.h>
#include <sodium.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/acts/due.h"
#include "vault/acts/leaver.h"
#include "vault/acts/limits.h"
#include "vault/acts/post.h"

enum { DAY = 86400, OUTSIDE = 4, CONTRACTOR };

static char dir[64];
static struct why why;
static int64_t now;

static int64_t
clock_now(void *arg)
{
	return *(const int64_t *)arg;
}

static const struct session_env env = { .now = clock_now, .arg = &now };

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
make_place(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/amanat-leaver-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_place(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A vault beside a forged history, which follows it. */
struct desk {
	struct forge *f;
	struct session s;
	uint64_t posted;
};

static void
follow(struct desk *d)
{
	for (; d->posted < d->f->size; d->posted++) {
		const struct bytes line = blob_bytes(&d->f->lines[d->posted]);
		post_auto p = { .s = &d->s, .count = 1 };
		statement_auto parsed = { 0 };

		assert_int_equal(blob_add(&p.items[0].line, line), AM_OK);
		assert_int_equal(statement_parse(line, &why, &parsed), AM_OK);
		now = parsed.at;
		assert_int_equal(post_commit(&p), AM_OK);
	}
}

/* 2 of 3 (people 1..3); 4 is an official outside it, 5 a contractor. */
static struct desk
begun(void)
{
	static const uint8_t R[32] = { 1 };
	struct desk d = { .f = forge_new(), .s = { .env = &env, .why = &why } };

	for (int i = 0; i < 4; i++)
		(void)forge_person(d.f, "official");
	(void)forge_person(d.f, "contractor");
	forge_safe(d.f, 2, 3);
	assert_int_equal(store_create(dir, d.f->vault, (struct bytes){ R, 32 },
			     (struct bytes){ d.f->seed, 32 }, &why),
	    AM_OK);
	assert_int_equal(store_open(dir, true, &why, &d.s.store), AM_OK);
	follow(&d);
	return d;
}

static void
ended(struct desk *d)
{
	store_close(d->s.store);
	forge_free(d->f);
}

/* ---- steps */

static void
accepted(struct desk *d, struct json_t *body, size_t by)
{
	const enum am_err err = forge_post(d->f, body, by);

	if (err != AM_OK)
		print_message("%s %s\n", d->f->why.rule, d->f->why.text);
	assert_int_equal(err, AM_OK);
}

static void
suspend(struct desk *d, size_t who)
{
	struct json_t *b = forge_body(d->f, "suspend", 0);

	forge_hex(b, "subject", d->f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	accepted(d, b, 0);
}

static void
left(struct desk *d, size_t who, const char *kind)
{
	struct json_t *b, *item = canon_object(), *data = canon_object();

	suspend(d, who);
	b = forge_body(d->f, "entry", 0);
	forge_text(item, "id", d->f->people[who].name);
	forge_text(item, "type", "departure");
	forge_when(data, "effective", d->f->at);
	forge_text(data, "kind", kind);
	forge_hex(data, "person", d->f->people[who].id, 16);
	forge_text(data, "reason", "TEST order 7");
	assert_int_equal(canon_set(b, "item", item), AM_OK);
	forge_uint(b, "version", 1);
	assert_int_equal(canon_set(b, "data", data), AM_OK);
	accepted(d, b, 0);
}

static void
read_by(struct desk *d, size_t who, const struct forge_sealed *s)
{
	static const uint32_t used[] = { 1, 2 };
	struct forge_asked asked = { 0 };

	accepted(d, forge_request(d->f, who, s, &asked), who);
	accepted(d, forge_approve(d->f, 1, &asked), 1);
	accepted(d, forge_approve(d->f, 2, &asked), 2);
	accepted(d, forge_open(d->f, who, &asked, used, 2), who);
	accepted(d, forge_approve(d->f, 3, &asked), 3); /* too late to count */
}

static void
rotated(
    struct desk *d, size_t by, const struct forge_sealed *s, uint32_t version)
{
	static const uint8_t hash[32] = "TEST evidence";
	struct json_t *b = forge_body(d->f, "rotated", by),
		      *list = canon_array();

	assert_int_equal(
	    canon_push(list, canon_hex((struct bytes){ hash, 32 })), AM_OK);
	forge_hex(b, "safe", d->f->safe, 16);
	forge_hex(b, "record", s->record, 16);
	forge_uint(b, "version", version);
	assert_int_equal(canon_set(b, "evidence", list), AM_OK);
	accepted(d, b, by);
}

static void
moved(struct desk *d, const uint8_t record[static 16], uint32_t version,
    int64_t until, uint8_t motion[static 32])
{
	struct json_t *b = forge_body(d->f, "motion", 0), *act = canon_object(),
		      *waive = canon_object();
	char rule[EXPOSURE_RULE];

	exposure_rule(d->f->people[OUTSIDE].id, record, version, rule);
	forge_text(waive, "rule", rule);
	forge_when(waive, "until", until);
	assert_int_equal(canon_set(act, "waive", waive), AM_OK);
	assert_int_equal(canon_set(b, "act", act), AM_OK);
	forge_text(b, "why", "TEST");
	forge_when(b, "until", d->f->at + 30 * DAY);
	accepted(d, b, 0);
	memcpy(motion, d->f->last, 32);
}

static void
voted(struct desk *d, const uint8_t motion[static 32], size_t who)
{
	struct json_t *b = forge_body(d->f, "vote", who);

	forge_hex(b, "motion", motion, 32);
	forge_text(b, "note", "");
	assert_int_equal(canon_set(b, "yes", canon_bool(true)), AM_OK);
	accepted(d, b, who);
}

static void
waived(struct desk *d, const struct forge_sealed *s, uint32_t version,
    int64_t until)
{
	uint8_t motion[32];
	struct json_t *b;

	moved(d, s->record, version, until, motion);
	voted(d, motion, 1);
	voted(d, motion, 3);
	b = forge_body(d->f, "enact", 0);
	forge_hex(b, "motion", motion, 32);
	accepted(d, b, 0);
}

/* ---- certificates */

static void
certify(struct desk *d, const char *id, const struct leaver_as_of *as_of,
    struct blob *out)
{
	store_txn_auto *t = NULL;
	depart_auto who = { 0 };

	assert_int_equal(depart_find(&d->s, id, &who), AM_OK);
	assert_int_equal(store_begin(d->s.store, false, &t), AM_OK);
	assert_int_equal(leaver_certificate(&d->s, t, &who, as_of, out), AM_OK);
	assert_int_equal(
	    blob_add(out, (struct bytes){ (const uint8_t *)"", 1 }), AM_OK);
}

static bool
says(const struct blob *text, const char *words)
{
	const bool found = strstr((const char *)text->p, words) != NULL;

	if (!found)
		print_message("not said: %s\n%s\n", words, text->p);
	return found;
}

static void
x10_a_certificate_says_what_was_released_and_changed(void **state)
{
	struct desk d = begun();
	struct forge_sealed one = { 0 }, two = { 0 };
	blob_auto text = { 0 };

	(void)state;
	accepted(&d, forge_seal(d.f, 0, "one", "TEST", &one), 0);
	accepted(&d, forge_seal(d.f, OUTSIDE, "two", "TEST", &two), OUTSIDE);
	read_by(&d, OUTSIDE, &one);
	accepted(&d, forge_seal(d.f, 0, "one", "TEST-2", &one), 0);
	left(&d, OUTSIDE, "transfer");
	follow(&d);
	certify(
	    &d, "p4", &(struct leaver_as_of){ d.s.head, now, false }, &text);
	assert_true(says(&text, "NOT CLOSED"));
	assert_true(says(&text, "one, version 1\n"));
	assert_true(says(&text, "reason  TEST reason\n") ||
	    says(&text, "reason      TEST reason\n"));
	assert_true(says(&text, "approvers p1, p2\n"));
	assert_true(says(&text, "two, version 1\n"));
	assert_true(says(&text, "MUST BE ROTATED"));
	assert_true(says(&text, "TEST order 7"));
	assert_true(strstr((const char *)text.p, "revoked") == NULL);
	assert_true(strstr((const char *)text.p, "CHANGED") == NULL);
	text.len = 0;
	rotated(&d, 3, &one, 2);
	rotated(&d, 1, &one, 2);
	waived(&d, &two, 1, d.f->at + 60 * DAY);
	follow(&d);
	certify(&d, "p4", &(struct leaver_as_of){ d.s.head, now, true }, &text);
	assert_true(says(&text, "version 2 is in force, say p3 and p1"));
	assert_true(says(&text, "(motion m-6) by p1, p3"));
	assert_true(strstr((const char *)text.p, "MUST BE") == NULL);
	assert_true(strstr((const char *)text.p, "NOT CLOSED") == NULL);
	ended(&d);
}

static void
x10_what_comes_later_does_not_change_it(void **state)
{
	struct desk d = begun();
	struct forge_sealed one = { 0 }, two = { 0 };
	blob_auto text = { 0 }, again = { 0 };
	struct leaver_as_of as_of;

	(void)state;
	accepted(&d, forge_seal(d.f, 0, "one", "TEST", &one), 0);
	accepted(&d, forge_seal(d.f, OUTSIDE, "two", "TEST", &two), OUTSIDE);
	read_by(&d, OUTSIDE, &one);
	accepted(&d, forge_seal(d.f, 0, "one", "TEST-2", &one), 0);
	left(&d, OUTSIDE, "transfer");
	rotated(&d, 3, &one, 2);
	rotated(&d, 1, &one, 2);
	waived(&d, &two, 1, d.f->at + 60 * DAY);
	follow(&d);
	as_of = (struct leaver_as_of){ d.s.head, now, true };
	certify(&d, "p4", &as_of, &text);

	/* later: another waiver, both changed again, another key approves, one
	 * of the signers leaves */
	waived(&d, &two, 1, d.f->at + 80 * DAY);
	accepted(&d, forge_seal(d.f, 0, "two", "TEST-2", &two), 0);
	rotated(&d, 3, &two, 2);
	rotated(&d, 2, &two, 2);
	accepted(&d, forge_seal(d.f, 0, "one", "TEST-3", &one), 0);
	rotated(&d, 3, &one, 3);
	rotated(&d, 2, &one, 3);
	left(&d, 1, "deceased");
	d.f->at += 70 * DAY;
	accepted(&d,
	    forge_seal(d.f, 0, "three", "TEST", &(struct forge_sealed){ 0 }),
	    0);
	follow(&d);
	certify(&d, "p4", &as_of, &again);
	assert_int_equal(text.len, again.len);
	assert_memory_equal(text.p, again.p, text.len);
	again.len = 0;
	certify(
	    &d, "p4", &(struct leaver_as_of){ d.s.head, now, true }, &again);
	assert_true(says(&again, "version 2 is in force, say p3 and p2"));
	ended(&d);
}

static enum am_err
count_one(void *arg, const struct depart_open *o)
{
	unsigned *n = arg;

	*n += 1;
	assert_true(o->text[0] != '\0' && o->next[0] != '\0');
	return AM_OK;
}

/* A person who is let back has not left, and stands nowhere as a leaver. */
static void
r5_14_no_certificate_of_who_has_not_left(void **state)
{
	struct desk d = begun();
	depart_auto who = { 0 };

	(void)state;
	assert_int_equal(depart_find(&d.s, "p4", &who), AM_ERR_NOT_FOUND);
	assert_int_equal(depart_find(&d.s, "p99", &who), AM_ERR_NOT_FOUND);
	ended(&d);
}

/* ---- what is due */

struct found {
	const char *who, *what;
	unsigned count, overdue;
	int64_t at, last;
};

static enum am_err
look(void *arg, const struct due_item *i)
{
	struct found *f = arg;

	assert_true(i->at >= f->last); /* by date */
	f->last = i->at;
	if (strcmp(i->who, f->who) == 0 && strstr(i->what, f->what) != NULL) {
		f->count++;
		f->overdue += i->overdue;
		f->at = i->at;
	}
	return AM_OK;
}

static struct found
due_of(struct desk *d, const char *who, const char *what)
{
	struct found f = { .who = who, .what = what };
	store_txn_auto *t = NULL;
	due_auto due = { 0 };
	struct view v;

	assert_int_equal(store_begin(d->s.store, false, &t), AM_OK);
	v = view_store(t);
	assert_int_equal(due_read(&d->s, &v, &due), AM_OK);
	assert_int_equal(due_each(&due, NULL, look, &f), AM_OK);
	return f;
}

static void
requests_are_due_from_those_who_have_not_answered(void **state)
{
	struct desk d = begun();
	struct forge_sealed s = { 0 };
	struct forge_asked asked = { 0 };

	(void)state;
	accepted(&d, forge_seal(d.f, 0, "one", "TEST", &s), 0);
	accepted(&d, forge_request(d.f, OUTSIDE, &s, &asked), OUTSIDE);
	accepted(&d, forge_approve(d.f, 1, &asked), 1);
	follow(&d);
	assert_int_equal(due_of(&d, "p1", "r-1").count, 0);
	assert_int_equal(due_of(&d, "p2", "r-1: approve or").count, 1);
	assert_int_equal(due_of(&d, "p4", "r-1").count, 0);
	accepted(&d, forge_approve(d.f, 2, &asked), 2);
	follow(&d);
	assert_int_equal(due_of(&d, "p3", "r-1").count, 0);
	assert_int_equal(due_of(&d, "p4", "r-1: approved, open it").count, 1);
	suspend(&d, 1); /* R13.8: one approval is left */
	follow(&d);
	assert_int_equal(due_of(&d, "p4", "r-1").count, 0);
	assert_int_equal(due_of(&d, "p3", "(1 of 2 so far)").count, 1);
	assert_int_equal(due_of(&d, "p1", "").count, 0);
	now += 2 * 3600; /* it ended */
	assert_int_equal(due_of(&d, "p3", "r-1").count, 0);
	ended(&d);
}

static void
votes_are_due_from_those_who_have_not_voted(void **state)
{
	struct desk d = begun();
	struct forge_sealed s = { 0 };
	uint8_t motion[32];

	(void)state;
	accepted(&d, forge_seal(d.f, OUTSIDE, "one", "TEST", &s), OUTSIDE);
	moved(&d, s.record, 1, d.f->at + 60 * DAY, motion);
	voted(&d, motion, 2);
	follow(&d);
	assert_int_equal(due_of(&d, "p1", ": vote").count, 1);
	assert_int_equal(due_of(&d, "p2", ": vote").count, 0);
	assert_int_equal(due_of(&d, "p4", ": vote").count, 0);
	now += 31 * DAY;
	assert_int_equal(due_of(&d, "p1", ": vote").count, 0);
	ended(&d);
}

static void
departures_are_overdue_by_the_level_of_the_safe(void **state)
{
	struct limits l;
	struct desk d = begun();
	struct forge_sealed s = { 0 };
	depart_auto who = { 0 };
	store_txn_auto *t = NULL;
	struct rows_safe safe;
	struct view v;
	int64_t gone;
	unsigned open = 0;

	(void)state;
	accepted(&d, forge_seal(d.f, 3, "one", "TEST", &s), 3);
	gone = d.f->at + 2; /* after the suspension and its body */
	left(&d, 3, "retirement");
	follow(&d);
	assert_int_equal(store_begin(d.s.store, false, &t), AM_OK);
	v = view_store(t);
	assert_int_equal(
	    rows_get_safe(&v, (struct bytes){ d.f->safe, 16 }, &safe), AM_OK);
	assert_int_equal(depart_find(&d.s, "p3", &who), AM_OK);
	assert_int_equal(
	    depart_each_open(&d.s, &v, &who, count_one, &open), AM_OK);
	assert_int_equal(open, 2);
	store_abort(&t);
	assert_int_equal(limits_of(NULL, safe.level, &l), AM_OK);
	assert_int_equal(
	    due_of(&d, "", "custodians").at, gone + l.is.depart_reshare);
	assert_int_equal(
	    due_of(&d, "", "must be rotated").at, gone + l.is.depart_rotate);
	assert_int_equal(due_of(&d, "", "custodians").overdue, 0);
	now = gone + l.is.depart_reshare;
	assert_int_equal(due_of(&d, "", "custodians").overdue, 0);
	now++;
	assert_int_equal(due_of(&d, "", "custodians").overdue, 1);
	ended(&d);
}

static void
r13_7_contracts_are_due_from_90_days_before_their_end(void **state)
{
	static const struct {
		int64_t before;
		const char *words;
	} stages[] = { { 90, "within 90 days" }, { 61, "within 90 days" },
		{ 60, "within 60 days" }, { 30, "within 30 days" },
		{ 14, "within 14 days" }, { 7, "within 7 days" },
		{ 1, "within 7 days" } };
	struct desk d = begun();
	store_txn_auto *t = NULL;
	struct rows_person p;
	struct view v;

	(void)state;
	assert_int_equal(store_begin(d.s.store, false, &t), AM_OK);
	v = view_store(t);
	assert_int_equal(
	    rows_get_person(
		&v, (struct bytes){ d.f->people[CONTRACTOR].id, 16 }, &p),
	    AM_OK);
	store_abort(&t);
	now = p.until - 90 * DAY - 1;
	assert_int_equal(due_of(&d, "", "contract").count, 0);
	for (size_t i = 0; i < AM_ARRAY_LEN(stages); i++) {
		now = p.until - stages[i].before * DAY;
		assert_int_equal(due_of(&d, "", stages[i].words).count, 1);
		assert_int_equal(due_of(&d, "", "contract").overdue, 0);
	}
	now = p.until + 1;
	assert_int_equal(due_of(&d, "", "has ended").overdue, 1);
	d.f->at = now;
	left(&d, CONTRACTOR, "contract-end");
	follow(&d);
	assert_int_equal(due_of(&d, "", "contract").count, 0);
	assert_int_equal(due_of(&d, "", "nothing is open").count, 1);
	ended(&d);
}

/* The table is that of policy/levels.yaml, and unknown levels are strict. */
#define PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(x10_a_certificate_says_what_was_released_and_changed),
		PLACE(x10_what_comes_later_does_not_change_it),
		PLACE(r5_14_no_certificate_of_who_has_not_left),
		PLACE(requests_are_due_from_those_who_have_not_answered),
		PLACE(votes_are_due_from_those_who_have_not_voted),
		PLACE(departures_are_overdue_by_the_level_of_the_safe),
		PLACE(r13_7_contracts_are_due_from_90_days_before_their_end),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
