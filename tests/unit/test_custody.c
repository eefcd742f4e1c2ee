/*
 * C-2, refusals first: who comes into a committee has the keys that the level
 * of its safe asks for, at as many places; where keys are kept; and X-8, of how
 * many models the keys of a committee are.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/acts/lacks.h"
#include "vault/state/custody.h"

enum { DAY = 86400 };

static const size_t most[3] = { 1, 2, 3 };

/* People 1 to 5 hold a safe of level baseline, 3 of 5; 6 is an official, 7 a
 * contractor. */
static struct forge *
held(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	forge_safe(f, 3, 5);
	return f;
}

static void
carried(struct forge *f, const char *name, struct json_t *what)
{
	assert_int_equal(forge_carry(f, name, what, most, 3, 0), AM_OK);
}

/* The policy that is shipped, with a value of the level baseline changed. */
static struct json_t *
edited(const char *from, const char *to)
{
	return forge_policy_edited("  baseline:\n", from, to);
}

/* The same, with models, one more value, and what follows from an advisory. */
static struct json_t *
edited_all(
    const char *models, const char *from, const char *to, const char *advisory)
{
	static const char none[] = "token_models: []\n",
			  warn[] = "token_advisory: warn";
	const struct bytes text = levels_shipped_text();
	char *copy = calloc(1, text.len + 1), *list, *level, *one, *two;
	blob_auto out = { 0 };
	struct json_t *what;

	assert_non_null(copy);
	memcpy(copy, text.p, text.len);
	list = strstr(copy, none);
	level = strstr(copy, "  baseline:\n");
	assert_true(list != NULL && level != NULL);
	one = strstr(level, from);
	two = strstr(level, warn);
	assert_true(one != NULL && two > one);
	*list = *one = *two = '\0';
	assert_int_equal(blob_printf(&out, "%s%s%s%s%s%s%s", copy, models,
			     list + sizeof(none) - 1, to, one + strlen(from),
			     advisory, two + sizeof(warn) - 1),
	    AM_OK);
	what = forge_policy(blob_bytes(&out));
	free(copy);
	return what;
}

/* One more key of `who`, admitted, of the model that has that byte. */
static void
second_key(struct forge *f, size_t who, const char *label, uint8_t model)
{
	const size_t key = forge_key(f);
	const uint8_t aaguid[16] = { model };
	struct json_t *b = forge_token(f, who, key, label),
		      *what = canon_object();

	forge_hex(b, "aaguid", aaguid, 16);
	accepted(f, b, key);
	forge_hex(what, "token", f->last, 32);
	carried(f, "admit", what);
}

static struct json_t *
place(struct forge *f, size_t by, const char *label, uint64_t version,
    const char *text)
{
	struct json_t *data = canon_object();

	forge_text(data, "place", text);
	return forge_entry(f, by, "place", label, version, data);
}

/* Another safe of that level, planned for k of the people 1..n. */
static void
planned(struct forge *f, const char *level, uint32_t k, size_t n)
{
	struct json_t *b = forge_body(f, "safe", 0), *what = canon_object();

	randombytes_buf(f->safe, sizeof(f->safe));
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "name", "t");
	forge_text(b, "level", level);
	accepted(f, b, 0);
	forge_hex(what, "safe", f->safe, 16);
	carried(f, "safe", what);
	accepted(f, forge_plan(f, k, n), 0);
	memcpy(f->plan.plan, f->last, 32);
}

static void
says(const struct forge *f, const char *words)
{
	if (strstr(f->why.text, words) == NULL)
		print_message("%s\n", f->why.text);
	assert_non_null(strstr(f->why.text, words));
}

/* ---- how many */

static void
c_2_one_key_is_too_few(void **state)
{
	struct forge *f = held();
	size_t key;
	int64_t end;

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()));
	planned(f, "intermediate", 2, 4);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	says(f, "amanat token enrol p1 ");
	/* one that is offered, and not admitted */
	key = forge_key(f);
	accepted(f, forge_token(f, 1, key, "offered"), key);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	/* for another safe, or as if this one were */
	carried(f, "waive", forge_waiver("C-2 s", f->at + DAY));
	carried(f, "waive", forge_waiver("X-8 t", f->at + DAY));
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	second_key(f, 1, "further", 0);
	accepted(f, forge_join(f, 1), 1);
	end = f->at + 60;
	carried(f, "waive", forge_waiver("C-2 t", end));
	f->at = end;
	refused(f, forge_join(f, 2), 2, AM_ERR_POLICY, "C-2");
	f->at = end - 1;
	accepted(f, forge_join(f, 2), 2);
	forge_free(f);
}

/* R4.5: a word for a level that is none asks as the strictest one does. */
static void
c_2_a_level_that_is_none_is_the_strictest(void **state)
{
	struct forge *f = held();

	(void)state;
	planned(f, "gold", 2, 4);
	carried(f, "policy", forge_policy(levels_shipped_text()));
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	carried(f, "waive", forge_waiver("C-2 t", f->at + DAY));
	accepted(f, forge_join(f, 1), 1);
	forge_free(f);
}

/* What is suspended or retired is no second key. */
static void
c_2_a_key_out_of_use_is_none(void **state)
{
	struct forge *f = held();
	struct json_t *b;
	struct custody c;
	const struct view v = view_memory(f->memory);
	int64_t at;

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()));
	second_key(f, 1, "further", 0);
	planned(f, "intermediate", 2, 4);
	assert_int_equal(custody_of(&v, f->people[1].id, &c), AM_OK);
	assert_int_equal(c.keys, 2);
	assert_int_equal(c.places, 1);
	assert_int_equal(c.out_at, 0);
	at = f->at;
	b = forge_body(f, "suspend", 6);
	forge_hex(b, "subject", f->people[1].token, 32);
	forge_text(b, "why", "TEST");
	accepted(f, b, 6);
	refused(f, forge_join(f, 1), f->count - 1, AM_ERR_POLICY, "C-2");
	assert_int_equal(custody_of(&v, f->people[1].id, &c), AM_OK);
	assert_int_equal(c.keys, 1);
	assert_int_equal(c.out_at, at);
	forge_free(f);
}

/* A level that asks for one key, and no policy at all. */
static void
c_2_is_asked_where_a_policy_asks_it(void **state)
{
	struct forge *f = held();

	(void)state;
	planned(f, "intermediate", 2, 4);
	accepted(f, forge_join(f, 1), 1);
	carried(f, "policy", forge_policy(levels_shipped_text()));
	refused(f, forge_join(f, 2), 2, AM_ERR_POLICY, "C-2");
	forge_free(f);

	f = held();
	carried(f, "policy", forge_policy(levels_shipped_text()));
	planned(f, "baseline", 2, 4);
	accepted(f, forge_join(f, 1), 1);
	forge_free(f);
}

/* That somebody who is in the committee has less is a fact. */
static void
c_2_who_stays_is_not_asked(void **state)
{
	static const size_t who[] = { 1, 2, 3, 4, 6 }, dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = who,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = held();

	(void)state;
	carried(f, "policy",
	    edited("tokens_per_custodian: 1", "tokens_per_custodian: 2"));
	accepted(f, forge_replan(f, &c), 0);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 1; i <= 4; i++)
		accepted(f, forge_join(f, i), i);
	refused(f, forge_join(f, 6), 6, AM_ERR_POLICY, "C-2");
	second_key(f, 6, "further", 0);
	accepted(f, forge_join(f, 6), 6);
	forge_free(f);
}

/* The recovery committee is another institution's. */
static void
c_2_is_for_the_operating_committee(void **state)
{
	static const size_t dealers[] = { 1, 2, 3 }, who[] = { 2, 4, 5, 6 };
	const struct forge_change c = { .committee = "recovery",
		.source = "operating",
		.epoch = 1,
		.source_epoch = 1,
		.k = 3,
		.who = who,
		.count = 4,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = held();

	(void)state;
	carried(f, "policy",
	    edited("tokens_per_custodian: 1", "tokens_per_custodian: 2"));
	accepted(f, forge_replan(f, &c), 0);
	memcpy(f->plan.plan, f->last, 32);
	accepted(f, forge_join(f, 6), 6);
	forge_free(f);
}

/* ---- where */

static void
c_2_two_keys_at_one_place_are_not_at_two(void **state)
{
	struct forge *f = held();

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()));
	second_key(f, 1, "further", 0);
	planned(f, "enhanced", 3, 5);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	says(f, "amanat token place ");
	/* one is anywhere, and may be beside the other */
	accepted(f, place(f, 1, "p1", 1, "HQ safe 2"), 1);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	accepted(f, place(f, 1, "further", 1, "hq Safe 2"), 1);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "C-2");
	accepted(f, place(f, 6, "further", 2, "HQ safe 22"), 6);
	accepted(f, forge_join(f, 1), 1);
	forge_free(f);
}

static void
c_2_a_place_is_entered_by_who_can_look(void **state)
{
	static const char *const wrong[] = { "", " ", " HQ", "HQ ", "HQ  2",
		"a place whose name has one byte more than sixty-four, or one "
		"more" };
	struct forge *f = held();
	struct json_t *data = canon_object();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++)
		refused(f, place(f, 1, "p1", 1, wrong[i]), 1, AM_ERR_INVALID,
		    "C-2");
	refused(f, place(f, 1, "none", 1, "HQ"), 1, AM_ERR_NOT_FOUND, "V08");
	refused(f, place(f, 7, "p1", 1, "HQ"), 7, AM_ERR_POLICY, "C-2");
	refused(f, place(f, 1, "p1", 2, "HQ"), 1, AM_ERR_STALE, "V08");
	refused(f, place(f, 1, "p1", 0, "HQ"), 1, AM_ERR_STALE, "V08");
	forge_text(data, "place", "HQ");
	forge_text(data, "since", "");
	refused(f, forge_entry(f, 1, "place", "p1", 1, data), 1, AM_ERR_CORRUPT,
	    "V02");
	/* its owner, also a contractor; and any official */
	accepted(f, place(f, 7, "p7", 1, "HQ"), 7);
	accepted(f, place(f, 6, "p7", 2, wrong[5] + 2), 6);
	refused(f, place(f, 6, "p7", 2, "HQ"), 6, AM_ERR_STALE, "V08");
	accepted(f, place(f, 6, "p7", 3, "Büro 2"), 6);
	forge_free(f);
}

/* ---- models */

/* As if the vault had been founded for real: its keys are enrolled already, and
 * what the rules look at from now on is the mark. */
static void
no_evaluation(struct forge *f)
{
	const struct view v = view_memory(f->memory);
	struct rows_vault vault;

	assert_int_equal(
	    rows_get_vault(&v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
	vault.evaluation = 0;
	assert_int_equal(
	    rows_put_vault(&v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
}

static void
x_8_keys_of_one_model_are_lost_together(void **state)
{
	static const size_t who[] = { 1, 2, 3, 4, 6 }, dealers[] = { 1, 2, 3 };
	struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = who,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = held();

	(void)state;
	carried(f, "rules", forge_ruling(f, 3));
	carried(
	    f, "policy", edited("token_models_min: 1", "token_models_min: 2"));
	second_key(f, 5, "other", 9);        /* of one who is to leave */
	accepted(f, forge_replan(f, &c), 0); /* R13.23 */
	no_evaluation(f);
	c.epoch = 3;
	refused(f, forge_replan(f, &c), 0, AM_ERR_POLICY, "X-8");
	says(f, "models");
	carried(f, "waive", forge_waiver("X-8 s", f->at + DAY));
	accepted(f, forge_replan(f, &c), 0);
	forge_free(f);

	f = held();
	carried(f, "rules", forge_ruling(f, 3));
	carried(
	    f, "policy", edited("token_models_min: 1", "token_models_min: 2"));
	second_key(f, 6, "other", 9);
	no_evaluation(f);
	c.epoch = 2;
	accepted(f, forge_replan(f, &c), 0);
	forge_free(f);
}

/* ---- what is told of a committee that is there */

static struct lacks
lacking(struct forge *f, int64_t now)
{
	const struct view v = view_memory(f->memory);
	struct rows_safe s;
	struct lacks l;

	assert_int_equal(
	    rows_get_safe(&v, (struct bytes){ f->safe, 16 }, &s), AM_OK);
	assert_int_equal(lacks_read(&v, &s, &f->manifest, now, &l), AM_OK);
	return l;
}

/* A second model that is under an advisory, and so approves nothing, is none
 * to fall back on. */
static void
x_8_a_model_that_approves_nothing_is_none(void **state)
{
	static const char models[] =
	    "token_models:\n"
	    "  - aaguid: 09000000000000000000000000000000\n"
	    "    name: TEST model 9\n"
	    "    certification: none\n"
	    "    advisory: TEST\n"
	    "    roots: []\n";
	static const size_t who[] = { 1, 2, 3, 4, 6 }, dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 3,
		.who = who,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	static const char *const advisory[] = { "token_advisory: warn",
		"token_advisory: refuse" };

	(void)state;
	for (size_t warn = 0; warn < 2; warn++) {
		struct forge *f = held();
		struct lacks l;

		carried(f, "rules", forge_ruling(f, 3));
		carried(f, "policy",
		    edited_all(models, "token_models_min: 1",
			"token_models_min: 2", advisory[1 - warn]));
		second_key(f, 6, "other", 9);
		second_key(f, 1, "same", 9);
		no_evaluation(f);
		l = lacking(f, f->at);
		if (warn == 0) {
			assert_int_equal(l.count, 1);
			assert_int_equal(l.all[0].kind, LACKS_MODELS);
			assert_int_equal(l.all[0].is, 1);
			refused(
			    f, forge_replan(f, &c), 0, AM_ERR_POLICY, "X-8");
			says(f, "models");
		} else {
			assert_int_equal(l.count, 0);
			accepted(f, forge_replan(f, &c), 0);
		}
		forge_free(f);
	}
}

static void
c_2_what_is_lacking_is_told(void **state)
{
	struct forge *f = held();
	struct json_t *b;
	struct lacks l = lacking(f, f->at);
	int64_t at;

	(void)state;
	assert_int_equal(l.count, 0); /* no policy */
	second_key(f, 1, "further", 0);
	at = f->at + 4; /* the motion, three votes, and then in effect */
	carried(f, "policy",
	    edited("tokens_per_custodian: 1", "tokens_per_custodian: 2"));
	l = lacking(f, f->at);
	assert_int_equal(l.count, 4);
	for (size_t i = 0; i < l.count; i++) {
		assert_int_equal(l.all[i].kind, LACKS_KEYS);
		assert_int_equal(l.all[i].is, 1);
		assert_int_equal(l.all[i].least, 2);
		assert_int_equal(l.all[i].since, at);
		assert_string_not_equal(l.all[i].who, "p1");
	}
	/* a key that is lost later; and who is suspended is told elsewhere */
	at = f->at;
	b = forge_body(f, "suspend", 6);
	forge_hex(b, "subject", f->people[1].token, 32);
	forge_text(b, "why", "TEST");
	accepted(f, b, 6);
	l = lacking(f, f->at);
	assert_int_equal(l.count, 5);
	assert_string_equal(l.all[0].who, "p1");
	assert_int_equal(l.all[0].since, at);
	b = forge_body(f, "suspend", 6);
	forge_hex(b, "subject", f->people[5].id, 16);
	forge_text(b, "why", "TEST");
	accepted(f, b, 6);
	assert_int_equal(lacking(f, f->at).count, 4);
	at = f->at + DAY;
	assert_int_equal(forge_carry(f, "waive", forge_waiver("C-2 s", at),
			     (const size_t[]){ 2, 3, 4 }, 3, 0),
	    AM_OK);
	assert_int_equal(lacking(f, at - 1).count, 0);
	assert_int_equal(lacking(f, at).count, 4);
	forge_free(f);
}

static void
c_2_places_and_models_are_told(void **state)
{
	struct forge *f = held();
	struct lacks l;

	(void)state;
	carried(
	    f, "policy", edited("token_places_min: 1", "token_places_min: 2"));
	l = lacking(f, f->at);
	assert_int_equal(l.count, 5);
	assert_int_equal(l.all[0].kind, LACKS_PLACES);
	assert_int_equal(l.all[0].is, 1);
	forge_free(f);

	f = held();
	carried(
	    f, "policy", edited("token_models_min: 1", "token_models_min: 2"));
	assert_int_equal(lacking(f, f->at).count, 0); /* R13.23 */
	no_evaluation(f);
	l = lacking(f, f->at);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.all[0].kind, LACKS_MODELS);
	assert_int_equal(l.all[0].is, 1);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_2_one_key_is_too_few),
		cmocka_unit_test(c_2_a_level_that_is_none_is_the_strictest),
		cmocka_unit_test(c_2_a_key_out_of_use_is_none),
		cmocka_unit_test(c_2_is_asked_where_a_policy_asks_it),
		cmocka_unit_test(c_2_who_stays_is_not_asked),
		cmocka_unit_test(c_2_is_for_the_operating_committee),
		cmocka_unit_test(c_2_two_keys_at_one_place_are_not_at_two),
		cmocka_unit_test(c_2_a_place_is_entered_by_who_can_look),
		cmocka_unit_test(x_8_keys_of_one_model_are_lost_together),
		cmocka_unit_test(x_8_a_model_that_approves_nothing_is_none),
		cmocka_unit_test(c_2_what_is_lacking_is_told),
		cmocka_unit_test(c_2_places_and_models_are_told),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
