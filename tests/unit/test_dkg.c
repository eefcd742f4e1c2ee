/*
 * Key generation among three and five, and what a member sees when a dealer
 * cheats (tests 5, 8 and 11 of protocol.md section 9).
 */

#include <sodium.h>

#include "tests/check.h"
#include "vault/crypto/dkg.h"

struct run {
	struct dkg_run r;
	struct scalar d[SHAMIR_N_MAX];
	struct dkg_deal deals[SHAMIR_N_MAX];
};

static void
start(struct run *u, size_t k, size_t n)
{
	*u = (struct run){ .r = { .n = n, .k = k } };
	for (size_t i = 0; i < n; i++) {
		sc_random(&u->d[i]);
		assert_int_equal(pt_mul_base(&u->d[i], &u->r.pk[i]), AM_OK);
	}
	dkg_context(&u->r, LIT("TEST run"));
	for (uint32_t i = 1; i <= n; i++)
		assert_int_equal(
		    dkg_deal_make(&u->r, i, &u->d[i - 1], &u->deals[i - 1]),
		    AM_OK);
}

static void
share_of(const struct run *u, uint32_t self, struct scalar *out)
{
	*out = (struct scalar){ { 0 } };
	for (uint32_t i = 1; i <= u->r.n; i++) {
		struct scalar part;

		assert_int_equal(dkg_share_open(&u->r, i, &u->deals[i - 1],
				     self, &u->d[self - 1], &part),
		    AM_OK);
		sc_add(out, &part, out);
	}
}

static void
every_three_of_five_hold_the_key_that_nobody_has(void **state)
{
	static struct run u;
	struct scalar share[5];
	struct point C[SHAMIR_K_MAX];
	int opened = 0;

	(void)state;
	start(&u, 3, 5);
	assert_int_equal(dkg_commitments(&u.r, u.deals, C), AM_OK);
	for (uint32_t i = 1; i <= 5; i++) {
		share_of(&u, i, &share[i - 1]);
		assert_int_equal(shamir_check(C, 3, i, &share[i - 1]), AM_OK);
	}
	for (unsigned set = 0; set < 32; set++) {
		uint32_t at[5];
		struct scalar x = { { 0 } }, l;
		struct point X;
		size_t m = 0;

		for (uint32_t i = 0; i < 5; i++)
			if ((set >> i & 1) != 0)
				at[m++] = i + 1;
		if (m == 0)
			continue;
		for (size_t i = 0; i < m; i++) {
			assert_int_equal(shamir_lambda(at, m, i, &l), AM_OK);
			sc_mul(&l, &share[at[i] - 1], &l);
			sc_add(&x, &l, &x);
		}
		assert_int_equal(pt_mul_base(&x, &X), AM_OK);
		assert_int_equal(pt_same(&X, &C[0]), m >= 3);
		opened += m >= 3;
	}
	assert_int_equal(opened, 16);
}

static void
r5_5_a_bad_share_is_seen_before_it_is_accepted(void **state)
{
	static struct run u;
	struct scalar part;

	(void)state;
	start(&u, 2, 3);
	u.deals[1].shares[2][5] ^= 1; /* for member 3, by dealer 2 */
	assert_int_equal(
	    dkg_share_open(&u.r, 2, &u.deals[1], 3, &u.d[2], &part),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    dkg_share_open(&u.r, 2, &u.deals[1], 1, &u.d[0], &part), AM_OK);
	/* Authentic, but of another polynomial than the commitments say. */
	u.deals[0].C[1] = u.deals[2].C[1];
	assert_int_equal(
	    dkg_share_open(&u.r, 1, &u.deals[0], 2, &u.d[1], &part),
	    AM_ERR_VERIFY);
	/* Somebody else's share. */
	assert_int_equal(
	    dkg_share_open(&u.r, 3, &u.deals[2], 2, &u.d[0], &part),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    dkg_share_open(&u.r, 0, &u.deals[0], 2, &u.d[1], &part),
	    AM_ERR_INVALID);
	assert_int_equal(
	    dkg_share_open(&u.r, 1, &u.deals[0], 4, &u.d[1], &part),
	    AM_ERR_INVALID);
}

static void
proofs_are_of_this_run_and_this_deal(void **state)
{
	static struct run u, v;
	struct dkg_deal mixed;
	uint8_t ext[64], cert[DKG_SIG];

	(void)state;
	start(&u, 2, 3);
	start(&v, 2, 3);
	assert_int_equal(dkg_pop_verify(&u.r, &u.deals[0]), AM_OK);
	assert_int_equal(dkg_pop_verify(&v.r, &u.deals[0]), AM_ERR_VERIFY);
	mixed = u.deals[0];
	mixed.E = u.deals[1].E;
	assert_int_equal(dkg_pop_verify(&u.r, &mixed), AM_ERR_VERIFY);
	mixed = u.deals[0];
	mixed.C[1] = u.deals[1].C[1];
	assert_int_equal(dkg_pop_verify(&u.r, &mixed), AM_ERR_VERIFY);
	dkg_ext(&u.r, u.deals, ext);
	assert_int_equal(dkg_cert_make(&u.r, u.deals, (struct bytes){ ext, 64 },
			     2, &u.d[1], cert),
	    AM_OK);
	assert_int_equal(
	    dkg_cert_verify(&u.r, u.deals, (struct bytes){ ext, 64 }, 2, cert),
	    AM_OK);
	assert_int_equal(
	    dkg_cert_verify(&u.r, u.deals, (struct bytes){ ext, 64 }, 1, cert),
	    AM_ERR_VERIFY);
	/* A ciphertext changed after the certificate. */
	u.deals[0].shares[0][0] ^= 1;
	dkg_ext(&u.r, u.deals, ext);
	assert_int_equal(
	    dkg_cert_verify(&u.r, u.deals, (struct bytes){ ext, 64 }, 2, cert),
	    AM_ERR_VERIFY);
}

/* Test 12 of section 9, BlockstreamResearch/bip-frost-dkg #30. */
static void
two_runs_differ(void **state)
{
	static struct run u;
	struct dkg_deal again;

	(void)state;
	start(&u, 2, 3);
	assert_int_equal(dkg_deal_make(&u.r, 1, &u.d[0], &again), AM_OK);
	assert_false(pt_same(&again.C[0], &u.deals[0].C[0]));
	assert_false(pt_same(&again.E, &u.deals[0].E));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_three_of_five_hold_the_key_that_nobody_has),
		cmocka_unit_test(
		    r5_5_a_bad_share_is_seen_before_it_is_accepted),
		cmocka_unit_test(proofs_are_of_this_run_and_this_deal),
		cmocka_unit_test(two_runs_differ),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
