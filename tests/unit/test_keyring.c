/*
 * The keys of each person: none of another one's, none left out, in their
 * order, whatever became of them.
 */

#include <sodium.h>

#include "tests/judged.h"
#include "vault/state/keyring.h"

static const uint8_t one[16] = "TEST person one", two[16] = "TEST person two";

static void
make(const uint8_t person[static 16], uint8_t n, struct rows_token *out)
{
	*out = (struct rows_token){ .status = ROWS_ACTIVE };
	out->token[0] = n;
	memcpy(out->person, person, 16);
}

static void
add(const struct view *v, const uint8_t person[static 16], uint8_t n)
{
	struct rows_token t;

	make(person, n, &t);
	assert_int_equal(keyring_add(v, &t), AM_OK);
	assert_int_equal(
	    rows_put_token(v, (struct bytes){ t.token, 32 }, &t), AM_OK);
}

static void
who_has_none_has_none(void **state)
{
	struct rows_token t = { .label = "untouched TEST" };
	struct view_memory *m = NULL;
	struct view v;

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	add(&v, one, 1);
	assert_int_equal(keyring_nth(&v, two, 0, &t), AM_ERR_NOT_FOUND);
	assert_int_equal(keyring_nth(&v, one, 1, &t), AM_ERR_NOT_FOUND);
	assert_string_equal(t.label, "untouched TEST");
	view_memory_free(m);
}

/* The end of the keys is told from a key that is lost. */
static void
one_that_is_missing_is_damage(void **state)
{
	struct view_memory *m = NULL;
	struct rows_token t;
	struct view v;

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	make(one, 1, &t);
	assert_int_equal(keyring_add(&v, &t), AM_OK);
	assert_int_equal(keyring_nth(&v, one, 0, &t), AM_ERR_CORRUPT);
	view_memory_free(m);
}

static void
each_has_their_own_in_their_order(void **state)
{
	struct view_memory *m = NULL;
	struct rows_token t;
	struct view v;

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	v = view_memory(m);
	for (uint8_t i = 0; i < 9; i++)
		add(&v, i % 3 == 0 ? two : one, i);
	for (uint8_t i = 0; i < 6; i++) {
		assert_int_equal(keyring_nth(&v, one, i, &t), AM_OK);
		assert_int_equal(t.token[0], i / 2 * 3 + 1 + i % 2);
	}
	for (uint8_t i = 0; i < 3; i++) {
		assert_int_equal(keyring_nth(&v, two, i, &t), AM_OK);
		assert_int_equal(t.token[0], 3 * i);
	}
	view_memory_free(m);
}

/* By the statements: all that "token-n" knows, and no more. */
static void
what_is_enrolled_is_on_the_ring_of_its_person(void **state)
{
	struct forge *f = forge_new();
	const struct view v = view_memory(f->memory);
	struct rows_vault vault;
	uint32_t on_rings = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)forge_person(f, "official");
	assert_int_equal(
	    rows_get_vault(&v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
	assert_int_equal(vault.tokens, 4);
	for (size_t i = 0; i < 4; i++) {
		struct rows_token t;

		for (uint32_t k = 0;
		     keyring_nth(&v, f->people[i].id, k, &t) == AM_OK; k++) {
			assert_memory_equal(t.person, f->people[i].id, 16);
			on_rings++;
		}
	}
	assert_int_equal(on_rings, vault.tokens);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_none_has_none),
		cmocka_unit_test(one_that_is_missing_is_damage),
		cmocka_unit_test(each_has_their_own_in_their_order),
		cmocka_unit_test(what_is_enrolled_is_on_the_ring_of_its_person),
	};

	return sodium_init() < 0 ||
	    cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
