/*
 * Resharing by itself, refusals first; then every k of n up to n = 6 to every
 * k' of n': those of the new committee open, fewer do not, and shares of two
 * epochs do not combine. R5.3, R5.5, R5.11; section 9, tests 1, 5, 7 and 11.
 */

#include <sodium.h>

#include "tests/check.h"
#include "vault/crypto/reshare.h"

struct party {
	size_t n, k;
	uint32_t index[SHAMIR_N_MAX];
	struct scalar share[SHAMIR_N_MAX];
	struct point C[SHAMIR_K_MAX];
};

static void
found(struct party *p, size_t n, size_t k)
{
	struct scalar c[SHAMIR_K_MAX];

	*p = (struct party){ .n = n, .k = k };
	for (size_t i = 0; i < k; i++)
		sc_random(&c[i]);
	assert_int_equal(shamir_commit(c, k, p->C), AM_OK);
	for (size_t i = 0; i < n; i++) {
		p->index[i] = (uint32_t)i + 1;
		assert_int_equal(
		    shamir_eval(c, k, p->index[i], &p->share[i]), AM_OK);
	}
}

/* One ceremony, with everything that it needs in the clear. */
struct ceremony {
	struct reshare_run run;
	struct scalar d[SHAMIR_N_MAX];            /* join keys */
	const struct scalar *share[SHAMIR_N_MAX]; /* of the dealers */
	struct reshare_deal deals[SHAMIR_N_MAX];
	struct reshare_keep keep[SHAMIR_N_MAX];
};

/* Dealers: the members of `old` whose bits are set; members: `index`. */
static void
plan(struct ceremony *c, const struct party *old, unsigned dealers,
    const uint32_t *index, size_t n, size_t k)
{
	struct reshare_run *r = &c->run;

	*c = (struct ceremony){ .run = { .n = n, .k = k, .X = old->C[0] } };
	randombytes_buf(r->plan, sizeof(r->plan));
	for (size_t i = 0; i < old->n; i++) {
		if ((dealers >> i & 1) == 0)
			continue;
		r->dealer[r->dealers] = old->index[i];
		assert_int_equal(shamir_public(old->C, old->k, old->index[i],
				     &r->source[r->dealers]),
		    AM_OK);
		c->share[r->dealers++] = &old->share[i];
	}
	for (size_t j = 0; j < n; j++) {
		r->member[j] = index[j];
		sc_random(&c->d[j]);
		assert_int_equal(pt_mul_base(&c->d[j], &r->pk[j]), AM_OK);
	}
}

static void
deal_all(struct ceremony *c)
{
	for (size_t i = 0; i < c->run.dealers; i++)
		assert_int_equal(reshare_deal_make(&c->run, i, c->share[i],
				     &c->deals[i], &c->keep[i]),
		    AM_OK);
}

static void
finish(const struct ceremony *c, struct party *out)
{
	size_t bad = 99;

	*out = (struct party){ .n = c->run.n, .k = c->run.k };
	assert_int_equal(reshare_commitments(&c->run, c->deals, out->C), AM_OK);
	for (size_t j = 0; j < c->run.n; j++) {
		out->index[j] = c->run.member[j];
		assert_int_equal(reshare_share(&c->run, c->deals, j, &c->d[j],
				     &bad, &out->share[j]),
		    AM_OK);
		assert_int_equal(
		    shamir_check(out->C, out->k, out->index[j], &out->share[j]),
		    AM_OK);
	}
}

/* Do these shares give the key? */
static bool
opens(const uint32_t *index, const struct scalar *const *share, size_t count,
    const struct point *X)
{
	struct scalar sum = { { 0 } };
	struct point P;

	for (size_t i = 0; i < count; i++) {
		struct scalar l;

		assert_int_equal(shamir_lambda(index, count, i, &l), AM_OK);
		sc_mul(&l, share[i], &l);
		sc_add(&sum, &l, &sum);
	}
	return pt_mul_base(&sum, &P) == AM_OK && pt_same(&P, X);
}

static bool
subset_opens(const struct party *p, unsigned set, const struct point *X)
{
	const struct scalar *share[SHAMIR_N_MAX];
	uint32_t index[SHAMIR_N_MAX];
	size_t count = 0;

	for (size_t i = 0; i < p->n; i++)
		if ((set >> i & 1) != 0) {
			share[count] = &p->share[i];
			index[count++] = p->index[i];
		}
	return count > 0 && opens(index, share, count, X);
}

static struct ceremony c;

static void
three_of_five(struct party *old)
{
	static const uint32_t index[] = { 1, 2, 4, 6 };

	found(old, 5, 3);
	plan(&c, old, 0x0b, index, 4, 2); /* dealers 1, 2, 4 */
}

static void
runs_out_of_bounds_are_refused(void **state)
{
	struct party old;
	struct reshare_run good;

	(void)state;
	three_of_five(&old);
	good = c.run;
	for (int i = 0; i < 5; i++) {
		c.run = good;
		if (i == 0)
			c.run.k = 1;
		if (i == 1)
			c.run.k = c.run.n;
		if (i == 2)
			c.run.n = SHAMIR_N_MAX + 1;
		if (i == 3)
			c.run.dealers = 1;
		if (i == 4)
			c.run.dealers = SHAMIR_N_MAX + 1;
		assert_int_equal(reshare_deal_make(&c.run, 0, c.share[0],
				     &c.deals[0], &c.keep[0]),
		    AM_ERR_INVALID);
	}
}

/* A zero or repeated index is no member and no dealer (R4.3, R5.1). */
static void
r5_1_a_zero_or_repeated_index_is_refused(void **state)
{
	struct party old, new;
	struct scalar s;
	size_t bad = 0;

	(void)state;
	three_of_five(&old);
	deal_all(&c);
	c.run.dealer[1] = c.run.dealer[0];
	assert_int_equal(
	    reshare_commitments(&c.run, c.deals, new.C), AM_ERR_INVALID);
	c.run.dealer[1] = 0;
	assert_int_equal(
	    reshare_commitments(&c.run, c.deals, new.C), AM_ERR_INVALID);
	three_of_five(&old);
	c.run.member[0] = 0;
	assert_int_equal(
	    reshare_deal_make(&c.run, 0, c.share[0], &c.deals[0], &c.keep[0]),
	    AM_ERR_INVALID);
	assert_int_equal(reshare_share(&c.run, c.deals, 0, &c.d[0], &bad, &s),
	    AM_ERR_CORRUPT);
}

/* Another share than that of the dealer: refused when dealt, and seen by all. */
static void
r5_5_the_constant_term_is_the_dealers_share(void **state)
{
	struct party old, other;

	(void)state;
	three_of_five(&old);
	found(&other, 5, 3);
	assert_int_equal(reshare_deal_make(&c.run, 0, &other.share[0],
			     &c.deals[0], &c.keep[0]),
	    AM_ERR_VERIFY);
	deal_all(&c);
	c.deals[0].C[0] = other.C[0];
	assert_int_equal(
	    reshare_deal_check(&c.run, 0, &c.deals[0]), AM_ERR_VERIFY);
}

static void
r5_5_a_bad_box_names_its_dealer(void **state)
{
	struct party old;
	struct scalar s;
	size_t bad = 99;

	(void)state;
	three_of_five(&old);
	deal_all(&c);
	c.deals[1].boxes[2][40] ^= 1;
	assert_int_equal(reshare_share(&c.run, c.deals, 2, &c.d[2], &bad, &s),
	    AM_ERR_CORRUPT);
	assert_int_equal(bad, 1);
	/* The others are given good ones: they do not see it. */
	assert_int_equal(
	    reshare_share(&c.run, c.deals, 0, &c.d[0], &bad, &s), AM_OK);
}

static void
r5_4_a_box_is_for_one_plan_dealer_and_member(void **state)
{
	struct party old;
	struct scalar s;

	(void)state;
	three_of_five(&old);
	deal_all(&c);
	memcpy(c.deals[0].boxes[1], c.deals[0].boxes[0], RESHARE_BOX);
	assert_int_equal(reshare_open(&c.run, 0, &c.deals[0], 1, &c.d[0], &s),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    reshare_open(&c.run, 0, &c.deals[0], 0, &c.d[0], &s), AM_OK);
	assert_int_equal(reshare_open(&c.run, 1, &c.deals[0], 0, &c.d[0], &s),
	    AM_ERR_CORRUPT);
	c.run.plan[0] ^= 1;
	assert_int_equal(reshare_open(&c.run, 0, &c.deals[0], 0, &c.d[0], &s),
	    AM_ERR_CORRUPT);
}

/* Section 9, test 1: one member takes another set of dealers. */
static void
another_set_of_dealers_gives_another_share(void **state)
{
	struct party old, new;
	struct reshare_run less;
	struct scalar s;
	size_t bad = 0;

	(void)state;
	found(&old, 5, 3);
	plan(&c, &old, 0x0f, (const uint32_t[]){ 1, 2, 6 }, 3, 2);
	deal_all(&c);
	finish(&c, &new);
	less = c.run;
	less.dealers = 3;
	assert_int_equal(
	    reshare_share(&less, c.deals, 0, &c.d[0], &bad, &s), AM_OK);
	assert_int_equal(shamir_check(new.C, new.k, 1, &s), AM_ERR_VERIFY);
}

static void
r5_11_r5_12_a_complaint_is_judged_by_e(void **state)
{
	struct party old;
	struct scalar other;

	(void)state;
	three_of_five(&old);
	deal_all(&c);
	sc_random(&other);
	/* A forged complaint: the box was right. */
	assert_int_equal(
	    reshare_justify(&c.run, &c.deals[0], 0, 1, &c.keep[0].e[1]), AM_OK);
	/* Another e, or the e of another box, proves nothing. */
	assert_int_equal(
	    reshare_justify(&c.run, &c.deals[0], 0, 1, &other), AM_ERR_VERIFY);
	assert_int_equal(
	    reshare_justify(&c.run, &c.deals[0], 0, 1, &c.keep[0].e[0]),
	    AM_ERR_VERIFY);
	/* A bad box is the dealer's, whatever e is shown. */
	c.deals[0].boxes[1][50] ^= 1;
	assert_int_equal(
	    reshare_justify(&c.run, &c.deals[0], 0, 1, &c.keep[0].e[1]),
	    AM_ERR_VERIFY);
}

/* Two epochs together: k-1 of the old and k'-1 of the new say nothing. */
static void
mixed_epochs_do_not_open(const struct party *old, const struct party *new)
{
	const struct scalar *share[2 * SHAMIR_N_MAX];
	uint32_t index[2 * SHAMIR_N_MAX];
	size_t count = 0;

	for (size_t i = 0; i + 1 < old->k; i++) {
		share[count] = &old->share[i];
		index[count++] = old->index[i];
	}
	for (size_t j = new->n; j-- > 0 && count < old->k + new->k - 2;) {
		bool twice = false;

		for (size_t i = 0; i < count; i++)
			twice |= index[i] == new->index[j];
		if (twice)
			continue;
		share[count] = &new->share[j];
		index[count++] = new->index[j];
	}
	assert_false(opens(index, share, count, &old->C[0]));
}

/* Those below k stay shut, k open: all subsets of the new committee. */
static void
all_subsets(const struct party *p, const struct point *X)
{
	for (unsigned set = 1; set < 1U << p->n; set++) {
		const size_t count = (size_t)__builtin_popcount(set);

		if (count < p->k)
			assert_false(subset_opens(p, set, X));
		else if (count == p->k)
			assert_true(subset_opens(p, set, X));
	}
}

/* From k of n by each dealer set of size k to k' of n', one leaving. */
static void
from_to(size_t n, size_t k, size_t n2, size_t k2)
{
	struct party old, new;
	uint32_t index[SHAMIR_N_MAX];

	found(&old, n, k);
	for (size_t j = 0; j < n2; j++) /* 1 leaves; newcomers above n */
		index[j] = (uint32_t)j + 2;
	for (unsigned set = 0; set < 1U << n; set++) {
		if (__builtin_popcount(set) != (int)k || (set & 1) != 0)
			continue;
		plan(&c, &old, set, index, n2, k2);
		deal_all(&c);
		finish(&c, &new);
		assert_true(pt_same(&new.C[0], &old.C[0]));
		mixed_epochs_do_not_open(&old, &new);
		all_subsets(&new, &old.C[0]);
		break; /* others below, without all subsets */
	}
}

static void
r5_3_every_committee_to_every_other_up_to_six(void **state)
{
	(void)state;
	for (size_t n = 3; n <= 6; n++)
		for (size_t k = 2; k < n; k++)
			for (size_t n2 = 3; n2 <= 6; n2++)
				for (size_t k2 = 2; k2 < n2; k2++)
					from_to(n, k, n2, k2);
}

static void
every_set_of_dealers_gives_the_same_key(void **state)
{
	static const uint32_t index[] = { 2, 3, 6 };
	struct party old, new;

	(void)state;
	found(&old, 5, 3);
	for (unsigned set = 0; set < 1U << 5; set++) {
		if (__builtin_popcount(set) < 3)
			continue;
		plan(&c, &old, set, index, 3, 2);
		deal_all(&c);
		finish(&c, &new);
		assert_true(subset_opens(&new, 3, &old.C[0]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_out_of_bounds_are_refused),
		cmocka_unit_test(r5_1_a_zero_or_repeated_index_is_refused),
		cmocka_unit_test(r5_5_the_constant_term_is_the_dealers_share),
		cmocka_unit_test(r5_5_a_bad_box_names_its_dealer),
		cmocka_unit_test(r5_4_a_box_is_for_one_plan_dealer_and_member),
		cmocka_unit_test(another_set_of_dealers_gives_another_share),
		cmocka_unit_test(r5_11_r5_12_a_complaint_is_judged_by_e),
		cmocka_unit_test(r5_3_every_committee_to_every_other_up_to_six),
		cmocka_unit_test(every_set_of_dealers_gives_the_same_key),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
