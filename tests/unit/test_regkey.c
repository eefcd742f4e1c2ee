/* What lies on disk under the register key (protocol.md 3.1). */

#include <sodium.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/crypto/regkey.h"

static const uint8_t vault[16] = { 1 }, other_vault[16] = { 2 };
static const uint8_t R[32] = { 7 };

static struct regkey *
key(const uint8_t id[static 16])
{
	struct regkey *rk = NULL;

	assert_int_equal(
	    regkey_new((struct bytes){ R, sizeof(R) }, id, &rk), AM_OK);
	return rk;
}

static void
refuses_a_register_key_of_another_length(void **state)
{
	struct regkey *rk = NULL;

	(void)state;
	assert_int_equal(
	    regkey_new((struct bytes){ R, 31 }, vault, &rk), AM_ERR_INVALID);
	assert_int_equal(
	    regkey_new((struct bytes){ R, 0 }, vault, &rk), AM_ERR_INVALID);
	assert_null(rk);
}

static void
r3_1_every_bit_and_truncation_of_a_line_is_refused(void **state)
{
	regkey_auto *rk = key(vault);
	uint8_t sealed[5 + REGKEY_OVERHEAD], out[5] = { 0 };

	(void)state;
	regkey_line_seal(rk, 3, LIT("line!"), sealed);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(
		    regkey_line_open(
			rk, 3, (struct bytes){ sealed, sizeof(sealed) }, out),
		    AM_ERR_CORRUPT);
		assert_true(sodium_is_zero(out, sizeof(out)));
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < sizeof(sealed); n++) {
		exact_auto cut = exact(sealed, n);

		assert_int_equal(
		    regkey_line_open(rk, 3, cut, out), AM_ERR_CORRUPT);
	}
	assert_int_equal(regkey_line_open(rk, 3,
			     (struct bytes){ sealed, sizeof(sealed) }, out),
	    AM_OK);
	assert_memory_equal(out, "line!", 5);
}

/* A host cannot move a line to another leaf, vault or table. */
static void
r3_1_a_line_opens_at_its_leaf_of_its_vault_only(void **state)
{
	regkey_auto *rk = key(vault), *elsewhere = key(other_vault);
	uint8_t sealed[5 + REGKEY_OVERHEAD], out[5], db_key[16] = { 0 };
	const struct bytes s = { sealed, sizeof(sealed) };

	(void)state;
	regkey_line_seal(
	    rk, UINT64_C(0x0102030405060708), LIT("line!"), sealed);
	assert_int_equal(
	    regkey_line_open(rk, UINT64_C(0x0102030405060709), s, out),
	    AM_ERR_CORRUPT);
	assert_int_equal(/* all eight bytes count */
	    regkey_line_open(rk, UINT64_C(0x0002030405060708), s, out),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    regkey_line_open(elsewhere, UINT64_C(0x0102030405060708), s, out),
	    AM_ERR_CORRUPT);
	assert_int_equal(regkey_value_open(rk, db_key, s, out), AM_ERR_CORRUPT);
}

static void
r3_1_a_value_opens_under_its_key_only(void **state)
{
	regkey_auto *rk = key(vault);
	uint8_t sealed[REGKEY_OVERHEAD], again[REGKEY_OVERHEAD], out[1], a[16],
	    b[16];
	const struct bytes s = { sealed, sizeof(sealed) };

	(void)state;
	regkey_db_key(rk, "table", LIT("a"), a);
	regkey_db_key(rk, "table", LIT("b"), b);
	regkey_value_seal(rk, a, (struct bytes){ NULL, 0 }, sealed);
	assert_int_equal(regkey_value_open(rk, b, s, out), AM_ERR_CORRUPT);
	assert_int_equal(regkey_value_open(rk, a, s, out), AM_OK);
	/* A fresh nonce each time: equal values do not look equal. */
	regkey_value_seal(rk, a, (struct bytes){ NULL, 0 }, again);
	assert_memory_not_equal(sealed, again, sizeof(sealed));
}

/* The NUL between table and name keeps the pairs apart. */
static void
r3_1_table_and_name_do_not_run_together(void **state)
{
	regkey_auto *rk = key(vault);
	uint8_t a[16], b[16];

	(void)state;
	regkey_db_key(rk, "ab", LIT("c"), a);
	regkey_db_key(rk, "a", LIT("bc"), b);
	assert_memory_not_equal(a, b, 16);
	regkey_db_key(rk, "ab", (struct bytes){ NULL, 0 }, a);
	regkey_db_key(rk, "a", LIT("b"), b);
	assert_memory_not_equal(a, b, 16);
}

static void
r3_1_each_record_version_has_its_own_pepper(void **state)
{
	regkey_auto *rk = key(vault), *elsewhere = key(other_vault);
	const uint8_t s[16] = { 1 }, r[16] = { 2 };
	uint8_t p[6][32];

	(void)state;
	assert_int_equal(regkey_pepper(rk, s, r, 1, p[0]), AM_OK);
	assert_int_equal(regkey_pepper(rk, s, r, 2, p[1]), AM_OK);
	assert_int_equal(regkey_pepper(rk, s, r, 1U << 24, p[2]), AM_OK);
	assert_int_equal(regkey_pepper(rk, r, s, 1, p[3]), AM_OK);
	assert_int_equal(regkey_pepper(rk, s, s, 1, p[4]), AM_OK);
	assert_int_equal(regkey_pepper(elsewhere, s, r, 1, p[5]), AM_OK);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(p[i], p[j], 32);
	assert_memory_equal(regkey_R(rk).p, R, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_register_key_of_another_length),
		cmocka_unit_test(
		    r3_1_every_bit_and_truncation_of_a_line_is_refused),
		cmocka_unit_test(
		    r3_1_a_line_opens_at_its_leaf_of_its_vault_only),
		cmocka_unit_test(r3_1_a_value_opens_under_its_key_only),
		cmocka_unit_test(r3_1_table_and_name_do_not_run_together),
		cmocka_unit_test(r3_1_each_record_version_has_its_own_pepper),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
