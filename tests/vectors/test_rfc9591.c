/*
 * RFC 9591, appendix E (ristretto255): polynomial, Feldman, Lagrange. Proves
 * R4.3 in the function itself: index 0 and repeats are refused.
 */

#include <sodium.h>

#include "tests/vectors/published.h"
#include "vault/crypto/shamir.h"

static json_t *doc;

static void
the_published_sharing(void **state)
{
	const json_t *in = json_object_get(doc, "inputs");
	const json_t *list = json_object_get(in, "participant_shares");
	struct scalar coeffs[2], share[3];
	struct point C[2], X;
	int pairs = 0;

	(void)state;
	published_hex(json_object_get(in, "group_secret_key"), coeffs[0].b, 32);
	published_hex(
	    json_array_get(
		json_object_get(in, "share_polynomial_coefficients"), 0),
	    coeffs[1].b, 32);
	assert_int_equal(shamir_commit(coeffs, 2, C), AM_OK);
	published_hex(json_object_get(in, "group_public_key"), X.b, 32);
	assert_true(pt_same(&X, &C[0]));
	assert_int_equal(json_array_size(list), 3);
	for (uint32_t i = 1; i <= 3; i++) {
		struct scalar want;

		published_hex(json_object_get(json_array_get(list, i - 1),
				  "participant_share"),
		    want.b, 32);
		assert_int_equal(
		    shamir_eval(coeffs, 2, i, &share[i - 1]), AM_OK);
		assert_true(sc_same(&want, &share[i - 1]));
		assert_int_equal(shamir_check(C, 2, i, &want), AM_OK);
		want.b[0] ^= 1;
		assert_int_equal(shamir_check(C, 2, i, &want), AM_ERR_VERIFY);
	}
	for (uint32_t i = 1; i <= 3; i++)
		for (uint32_t j = i + 1; j <= 3; j++) {
			const uint32_t at[] = { i, j };
			struct scalar l, sum = { { 0 } };

			for (size_t k = 0; k < 2; k++) {
				assert_int_equal(
				    shamir_lambda(at, 2, k, &l), AM_OK);
				sc_mul(&l, &share[at[k] - 1], &l);
				sc_add(&sum, &l, &sum);
			}
			assert_true(sc_same(&sum, &coeffs[0]));
			pairs++;
		}
	assert_int_equal(pairs, 3);
}

static void
r4_3_zero_and_repeated_indices(void **state)
{
	static const uint32_t zero[] = { 0, 1 }, twice[] = { 2, 2 };
	struct scalar l;

	(void)state;
	assert_int_equal(shamir_lambda(zero, 2, 1, &l), AM_ERR_INVALID);
	assert_int_equal(shamir_lambda(twice, 2, 0, &l), AM_ERR_INVALID);
	assert_int_equal(shamir_lambda(twice, 1, 1, &l), AM_ERR_INVALID);
	assert_int_equal(shamir_lambda(twice, 0, 0, &l), AM_ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_sharing),
		cmocka_unit_test(r4_3_zero_and_repeated_indices),
	};

	if (sodium_init() < 0)
		return 1;
	doc = published_open("rfc9591/frost-ristretto255-sha512.json");
	return doc == NULL ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
