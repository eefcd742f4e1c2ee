/*
 * The root of every prefix of a log, of which most is in a file.
 */

#include <sodium.h>

#include "tests/check.h"
#include "vault/audit/roots.h"
#include "vault/log/merkle.h"

enum { LEAVES = 20000 }; /* 40,000 nodes: more than a megabyte */

static void
leaf_of(uint64_t i, uint8_t out[static 32])
{
	merkle_leaf((struct bytes){ (const uint8_t *)&i, sizeof(i) }, out);
}

static void
assert_root(struct roots *r, uint64_t size, const uint8_t want[static 32])
{
	uint8_t got[32];

	assert_int_equal(roots_at(r, size, got), AM_OK);
	assert_memory_equal(got, want, 32);
}

static void
a_tree_without_a_place_for_its_file(void **state)
{
	struct roots *r = NULL;
	struct why why = { 0 };
	uint8_t leaf[32];
	enum am_err err = AM_OK;

	(void)state;
	assert_int_equal(roots_new("/tmp/TEST/none", &why, &r), AM_OK);
	for (uint64_t i = 0; i < LEAVES && err == AM_OK; i++) {
		leaf_of(i, leaf);
		err = roots_append(r, leaf);
	}
	assert_int_equal(err, AM_ERR_IO);
	assert_non_null(strstr(why.text, "temporary file"));
	roots_free(r);
}

/* Each root as it was when the log had that size: at once, for the last few
 * sizes, and for all of them at the end. */
static void
the_root_of_every_prefix(void **state)
{
	static uint8_t want[LEAVES + 1][32];
	struct merkle_edge e = { 0 };
	struct roots *r = NULL;
	uint8_t leaf[32], root[32];

	(void)state;
	assert_int_equal(roots_new("/tmp", NULL, &r), AM_OK);
	assert_int_equal(roots_at(r, 1, root), AM_ERR_INVALID);
	merkle_empty(want[0]);
	for (uint64_t i = 0; i < LEAVES; i++) {
		leaf_of(i, leaf);
		assert_int_equal(merkle_append(&e, leaf, NULL, NULL), AM_OK);
		merkle_edge_root(&e, want[i + 1]);
		assert_int_equal(roots_append(r, leaf), AM_OK);
		for (uint64_t back = 0; back < 5 && back <= i; back++)
			assert_root(r, i + 1 - back, want[i + 1 - back]);
	}
	for (uint64_t size = 0; size <= LEAVES; size++)
		assert_root(r, size, want[size]);
	assert_int_equal(roots_at(r, LEAVES + 1, root), AM_ERR_INVALID);
	roots_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_without_a_place_for_its_file),
		cmocka_unit_test(the_root_of_every_prefix),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
