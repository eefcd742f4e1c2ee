/*
 * What a level asks of the recovery committee of a safe, and what is there.
 */

#include <sodium.h>

#include "tests/check.h"
#include "vault/acts/recovery.h"
#include "vault/state/view.h"
#include "vault/state/waiver.h"

enum { NOW = 1000 * 86400 };

/* A policy in force whose level maximum asks for 2 of 4, none of them in the
 * operating committee, which is people 1 to 3. */
struct scene {
	struct view_memory *memory;
	struct view v;
	struct rows_safe safe;
};

static void
put_manifest(struct scene *s, uint8_t mark, uint8_t k, uint8_t n, uint8_t first)
{
	struct rows_manifest m = { .k = k, .n = n };

	memset(m.manifest, mark, sizeof(m.manifest));
	for (uint8_t i = 0; i < n; i++) {
		m.members[i].index = i + 1U;
		memset(m.members[i].person, first + i, 16);
	}
	assert_int_equal(
	    rows_put_manifest(&s->v, (struct bytes){ m.manifest, 32 }, &m),
	    AM_OK);
}

static void
put_person(struct scene *s, uint8_t who)
{
	struct rows_person p = { 0 };

	memset(p.person, who, sizeof(p.person));
	(void)snprintf(p.id, sizeof(p.id), "p%u", who);
	assert_int_equal(
	    rows_put_person(&s->v, (struct bytes){ p.person, 16 }, &p), AM_OK);
}

static void
put_policy(struct scene *s)
{
	struct rows_policy p = { .level_count = LEVELS_COUNT,
		.class_count = LEVELS_CLASSES };
	struct rows_vault vault = { 0 };

	memset(vault.policy, 9, sizeof(vault.policy));
	memset(p.motion, 9, sizeof(p.motion));
	p.levels[3].recovery_quorum = 2;
	p.levels[3].recovery_members = 4;
	p.levels[3].recovery_disjoint = 1;
	assert_int_equal(
	    rows_put_policy(&s->v, (struct bytes){ p.motion, 32 }, &p), AM_OK);
	assert_int_equal(
	    rows_put_vault(&s->v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
}

static void
begin(struct scene *s, bool policy)
{
	const struct rows_vault vault = { 0 };

	*s = (struct scene){ .safe = { .id = "s", .level = "maximum" } };
	assert_int_equal(view_memory_new(&s->memory), AM_OK);
	s->v = view_memory(s->memory);
	assert_int_equal(
	    rows_put_vault(&s->v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
	if (policy)
		put_policy(s);
	memset(s->safe.manifest, 1, sizeof(s->safe.manifest));
	put_manifest(s, 1, 2, 3, 1);
	for (uint8_t i = 1; i < 16; i++)
		put_person(s, i);
}

static struct recovery
look(const struct scene *s)
{
	struct recovery r;

	assert_int_equal(recovery_look(&s->v, &s->safe, NOW, &r), AM_OK);
	return r;
}

static void
with_recovery(struct scene *s, uint8_t k, uint8_t n, uint8_t first)
{
	memset(s->safe.recovery, 2, sizeof(s->safe.recovery));
	put_manifest(s, 2, k, n, first);
}

static void
there_is_none(void **state)
{
	struct recovery r;
	struct scene s;

	(void)state;
	begin(&s, true);
	r = look(&s);
	assert_int_equal(r.lack, RECOVERY_NONE);
	assert_int_equal(r.ask_k, 2);
	assert_int_equal(r.ask_n, 4);
	assert_false(r.waived);
	assert_false(r.planned);
	view_memory_free(s.memory);
}

static void
it_is_too_small(void **state)
{
	struct recovery r;
	struct scene s;

	(void)state;
	begin(&s, true);
	with_recovery(&s, 2, 3, 4);
	r = look(&s);
	assert_int_equal(r.lack, RECOVERY_SMALL);
	assert_int_equal(r.n, 3);
	with_recovery(&s, 1, 4, 4); /* no such one can be made */
	assert_int_equal(look(&s).lack, RECOVERY_SMALL);
	view_memory_free(s.memory);
}

static void
somebody_is_in_both(void **state)
{
	struct recovery r;
	struct scene s;

	(void)state;
	begin(&s, true);
	with_recovery(&s, 2, 4, 3);
	r = look(&s);
	assert_int_equal(r.lack, RECOVERY_SHARED);
	assert_int_equal(r.both_count, 1);
	assert_string_equal(r.both[0], "p3");
	with_recovery(&s, 2, 3, 2); /* and it is too small */
	r = look(&s);
	assert_int_equal(r.lack, RECOVERY_SMALL);
	assert_int_equal(r.both_count, 2);
	view_memory_free(s.memory);
}

static void
a_waiver_has_an_end(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, true);
	assert_int_equal(waiver_take(&s.v, "5.7 s", NOW, 1), AM_OK);
	assert_false(look(&s).waived);
	assert_int_equal(waiver_take(&s.v, "5.7 s", NOW + 1, 2), AM_OK);
	assert_true(look(&s).waived);
	assert_int_equal(look(&s).lack, RECOVERY_NONE);
	view_memory_free(s.memory);
}

static void
one_is_being_set_up(void **state)
{
	struct rows_plan p = {
		.status = ROWS_PLANNED, .k = 2, .n = 4, .until = NOW
	};
	struct scene s;

	(void)state;
	begin(&s, true);
	memset(p.plan, 3, sizeof(p.plan));
	memset(s.safe.recovery_plan, 3, sizeof(s.safe.recovery_plan));
	assert_int_equal(
	    rows_put_plan(&s.v, (struct bytes){ p.plan, 32 }, &p), AM_OK);
	assert_false(look(&s).planned); /* over */
	p.until = NOW + 1;
	assert_int_equal(
	    rows_put_plan(&s.v, (struct bytes){ p.plan, 32 }, &p), AM_OK);
	assert_true(look(&s).planned);
	view_memory_free(s.memory);
}

static void
it_is_as_asked_or_nothing_is(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, true);
	with_recovery(&s, 2, 4, 4);
	assert_int_equal(look(&s).lack, RECOVERY_AS_ASKED);
	with_recovery(&s, 3, 5, 4);
	assert_int_equal(look(&s).lack, RECOVERY_AS_ASKED);
	memset(s.safe.recovery, 0, sizeof(s.safe.recovery));
	memcpy(s.safe.level, "enhanced", sizeof("enhanced"));
	assert_int_equal(look(&s).lack, RECOVERY_AS_ASKED);
	view_memory_free(s.memory);
	begin(&s, false); /* no policy is in force */
	assert_int_equal(look(&s).lack, RECOVERY_AS_ASKED);
	assert_int_equal(look(&s).ask_n, 0);
	view_memory_free(s.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_none),
		cmocka_unit_test(it_is_too_small),
		cmocka_unit_test(somebody_is_in_both),
		cmocka_unit_test(a_waiver_has_an_end),
		cmocka_unit_test(one_is_being_set_up),
		cmocka_unit_test(it_is_as_asked_or_nothing_is),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
