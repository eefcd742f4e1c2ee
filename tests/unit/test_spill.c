/*
 * Tables of which most is in a file: refusals, and the same answers as tables
 * in memory.
 */

#include <stdio.h>

#include <sodium.h>

#include "tests/check.h"
#include "vault/audit/spill.h"

enum { MANY = 100000 }; /* rows: fifty times those kept in memory */

static struct bytes
numbered(uint64_t i, char text[static 32])
{
	const int n = snprintf(text, 32, "key %07lu", (unsigned long)i);

	return (struct bytes){ (const uint8_t *)text, (size_t)n };
}

static struct spill *
tables(const char *dir, struct why *why, struct view *out)
{
	struct spill *t = NULL;

	assert_int_equal(spill_new(dir, why, &t), AM_OK);
	*out = spill_view(t);
	return t;
}

static void
keys_and_values_too_long(void **state)
{
	static uint8_t big[SPILL_VALUE_MAX + 1];
	struct view v;
	struct spill *t = tables("/tmp", NULL, &v);
	blob_auto out = { 0 };

	(void)state;
	/* the name and its NUL count */
	assert_int_equal(view_put(&v, "t",
			     (struct bytes){ big, SPILL_KEY_MAX - 1 }, LIT("")),
	    AM_ERR_INVALID);
	assert_int_equal(
	    view_get(&v, "t", (struct bytes){ big, SPILL_KEY_MAX - 1 }, &out),
	    AM_ERR_INVALID);
	assert_int_equal(
	    view_put(&v, "t", LIT("k"), (struct bytes){ big, sizeof(big) }),
	    AM_ERR_INVALID);
	assert_int_equal(view_get(&v, "t", LIT("k"), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(
	    view_put(&v, "t", (struct bytes){ big, SPILL_KEY_MAX - 2 },
		(struct bytes){ big, SPILL_VALUE_MAX }),
	    AM_OK);
	assert_int_equal(
	    view_get(&v, "t", (struct bytes){ big, SPILL_KEY_MAX - 2 }, &out),
	    AM_OK);
	assert_int_equal(out.len, SPILL_VALUE_MAX);
	spill_free(t);
}

static void
tables_without_a_place_for_their_file(void **state)
{
	struct why why = { 0 };
	struct view v;
	struct spill *t = tables("/tmp/TEST/none", &why, &v);
	enum am_err err = AM_OK;
	char text[32];

	(void)state;
	for (uint64_t i = 0; i < MANY && err == AM_OK; i++)
		err = view_put(&v, "t", numbered(i, text), LIT("value"));
	assert_int_equal(err, AM_ERR_IO);
	assert_non_null(strstr(why.text, "temporary file"));
	spill_free(t);
}

/* The index grows many times, and every answer stays exact. */
static void
what_is_there_and_what_is_not(void **state)
{
	struct view v;
	struct spill *t = tables("/tmp", NULL, &v);
	blob_auto out = { 0 };
	char text[32];
	bool has = false;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		assert_int_equal(view_put(&v, "t", numbered(i, text),
				     (struct bytes){ (uint8_t *)&i, 8 }),
		    AM_OK);
		if (i % 3 == 0) /* an earlier one, in another length */
			assert_int_equal(
			    view_put(&v, "t", numbered(i / 3, text), LIT("")),
			    AM_OK);
	}
	for (uint64_t i = 0; i < MANY; i++) {
		const size_t len = i <= (MANY - 1) / 3 ? 0 : 8;

		assert_int_equal(
		    view_get(&v, "t", numbered(i, text), &out), AM_OK);
		assert_int_equal(out.len, len);
		if (len > 0)
			assert_memory_equal(out.p, &i, 8);
		assert_int_equal(
		    view_has(&v, "u", numbered(i, text), &has), AM_OK);
		assert_false(has);
	}
	/* So many that some share their bits in the index with one that is. */
	for (uint64_t i = MANY; i < 6 * MANY; i++) {
		assert_int_equal(
		    view_has(&v, "t", numbered(i, text), &has), AM_OK);
		assert_false(has);
	}
	spill_free(t);
}

/* Name and key are apart: "ab" + "c" is not "a" + "bc". */
static void
names_end_where_they_end(void **state)
{
	struct view v;
	struct spill *t = tables("/tmp", NULL, &v);
	blob_auto out = { 0 };

	(void)state;
	assert_int_equal(view_put(&v, "ab", LIT("c"), LIT("1")), AM_OK);
	assert_int_equal(view_get(&v, "a", LIT("bc"), &out), AM_ERR_NOT_FOUND);
	assert_int_equal(view_put(&v, "a", LIT("bc"), LIT("2")), AM_OK);
	assert_int_equal(view_put(&v, "a", LIT(""), LIT("3")), AM_OK);
	assert_int_equal(view_get(&v, "ab", LIT("c"), &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out), LIT("1")));
	assert_int_equal(view_get(&v, "a", LIT(""), &out), AM_OK);
	assert_true(bytes_same(blob_bytes(&out), LIT("3")));
	spill_free(t);
}

static void
compare_one(const struct view *a, const struct view *b, uint64_t key)
{
	blob_auto x = { 0 }, y = { 0 };
	char text[32];
	const struct bytes k = numbered(key, text);

	assert_int_equal(view_get(a, "t", k, &x), view_get(b, "t", k, &y));
	assert_true(bytes_same(blob_bytes(&x), blob_bytes(&y)));
}

/* A fixed sequence of writing and reading over 20,000 keys. */
static void
the_same_answers_as_from_memory(void **state)
{
	static uint8_t value[600];
	struct view_memory *m = NULL;
	struct view a, b;
	struct spill *t = tables("/tmp", NULL, &a);
	uint64_t x = 1;
	char text[32];

	(void)state;
	assert_int_equal(view_memory_new(&m), AM_OK);
	b = view_memory(m);
	for (size_t round = 0; round < 200000; round++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407U;
		const uint64_t key = (x >> 33) % 20000;
		const struct bytes val = { value, (size_t)(x >> 20) % 600 };

		if ((x >> 60) % 2 == 0) {
			compare_one(&a, &b, key);
			continue;
		}
		memcpy(value, &x, sizeof(x));
		assert_int_equal(
		    view_put(&a, "t", numbered(key, text), val), AM_OK);
		assert_int_equal(
		    view_put(&b, "t", numbered(key, text), val), AM_OK);
	}
	for (uint64_t key = 0; key < 20000; key++)
		compare_one(&a, &b, key);
	view_memory_free(m);
	spill_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_values_too_long),
		cmocka_unit_test(tables_without_a_place_for_their_file),
		cmocka_unit_test(what_is_there_and_what_is_not),
		cmocka_unit_test(names_end_where_they_end),
		cmocka_unit_test(the_same_answers_as_from_memory),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
