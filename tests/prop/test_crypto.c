/*
 * Properties of the cryptography: all subsets, every one-bit flip, every
 * encoding that must be refused.
 */

#include <sodium.h>

#include "tests/check.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/box.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/partial.h"
#include "vault/crypto/poss.h"
#include "vault/crypto/shamir.h"
#include "vault/crypto/tdh2.h"

/* ---- strict decoding */

static void
r2_1_r2_2_the_twin_with_bit_255_set_is_no_point(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct scalar s;
		struct point p, q;

		sc_random(&s);
		assert_int_equal(pt_mul_base(&s, &p), AM_OK);
		assert_int_equal(pt_decode(pt_bytes(&p), &q), AM_OK);
		p.b[31] |= 0x80;
		assert_int_equal(pt_decode(pt_bytes(&p), &q), AM_ERR_CORRUPT);
	}
}

static void
r2_3_r2_6_the_identity_is_no_point_and_no_result(void **state)
{
	const struct point zero = { { 0 } };
	struct scalar s, none = { { 0 } };
	struct point p, q;

	(void)state;
	sc_random(&s);
	assert_int_equal(pt_mul_base(&s, &p), AM_OK);
	assert_int_equal(pt_decode(pt_bytes(&zero), &q), AM_ERR_CORRUPT);
	assert_int_equal(
	    pt_decode((struct bytes){ p.b, 31 }, &q), AM_ERR_CORRUPT);
	assert_int_equal(pt_sub(&p, &p, &q), AM_ERR_VERIFY);
	assert_int_equal(pt_mul(&none, &p, &q), AM_ERR_VERIFY);
	assert_int_equal(pt_mul_base(&none, &q), AM_ERR_VERIFY);
}

static void
r2_1_r2_4_scalars_are_below_the_order(void **state)
{
	struct scalar L = { { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
			  0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
			  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 } },
		      s, zero = { { 0 } };

	(void)state;
	assert_int_equal(
	    sc_decode((struct bytes){ L.b, 32 }, &s), AM_ERR_CORRUPT);
	L.b[0]++;
	assert_int_equal(
	    sc_decode((struct bytes){ L.b, 32 }, &s), AM_ERR_CORRUPT);
	L.b[0] -= 2;
	assert_int_equal(sc_decode((struct bytes){ L.b, 32 }, &s), AM_OK);
	assert_int_equal(sc_decode((struct bytes){ zero.b, 32 }, &s), AM_OK);
	assert_int_equal(sc_decode_nonzero((struct bytes){ zero.b, 32 }, &s),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    sc_decode((struct bytes){ zero.b, 31 }, &s), AM_ERR_CORRUPT);
	memset(L.b, 0xff, 32);
	assert_int_equal(
	    sc_decode((struct bytes){ L.b, 32 }, &s), AM_ERR_CORRUPT);
	assert_int_equal(sc_invert(&zero, &s), AM_ERR_INVALID);
}

/* R2.5: the output of a multiplication holds no scalar on failure. */
static void
r2_5_a_failed_multiplication_leaves_the_output_alone(void **state)
{
	struct scalar none = { { 0 } };
	struct point p, q;
	struct scalar s;

	(void)state;
	sc_random(&s);
	assert_int_equal(pt_mul_base(&s, &p), AM_OK);
	memset(q.b, 0x55, sizeof(q.b));
	assert_int_equal(pt_mul(&none, &p, &q), AM_ERR_VERIFY);
	for (size_t i = 0; i < sizeof(q.b); i++)
		assert_int_equal(q.b[i], 0x55);
}

/* ---- one sealed secret, one committee */

struct scene {
	size_t k, n;
	struct scalar coeffs[6], shares[6], q;
	struct point C[6];
	struct tdh2_context cx;
	struct tdh2_header h;
	uint8_t pepper[32], ct[512], partials[6][PARTIAL_BYTES];
	size_t ct_len;
	struct partial_context pc[6];
};

static const char secret[] = "TEST the secret";

static void
scene(struct scene *s, size_t k, size_t n)
{
	*s = (struct scene){ .k = k, .n = n };
	for (size_t i = 0; i < k; i++)
		sc_random(&s->coeffs[i]);
	sc_random(&s->q);
	randombytes_buf(s->cx.G, sizeof(s->cx.G));
	randombytes_buf(s->pepper, sizeof(s->pepper));
	assert_int_equal(shamir_commit(s->coeffs, k, s->C), AM_OK);
	s->cx.X = s->C[0];
	s->cx.version = 1;
	assert_int_equal(tdh2_bbar(s->cx.G, &s->cx.Bbar), AM_OK);
	s->ct_len = tdh2_padded(sizeof(secret)) + 16;
	assert_int_equal(
	    tdh2_seal(&s->cx, s->pepper,
		(struct bytes){ (const uint8_t *)secret, sizeof(secret) },
		&s->h, s->ct),
	    AM_OK);
	for (uint32_t i = 0; i < n; i++) {
		struct partial_context *p = &s->pc[i];

		assert_int_equal(
		    shamir_eval(s->coeffs, k, i + 1, &s->shares[i]), AM_OK);
		p->index = i + 1;
		p->U = s->h.U;
		assert_int_equal(pt_mul_base(&s->q, &p->Q), AM_OK);
		assert_int_equal(shamir_public(s->C, k, i + 1, &p->P), AM_OK);
		assert_int_equal(
		    partial_make(p, &s->shares[i], s->partials[i]), AM_OK);
	}
}

static bool
opens(const struct scene *s, unsigned subset)
{
	uint8_t partials[6 * PARTIAL_BYTES];
	uint32_t indices[6];
	secret_auto *out = NULL;
	struct point Z;
	size_t m = 0;

	for (uint32_t i = 0; i < s->n; i++)
		if ((subset >> i & 1) != 0) {
			memcpy(partials + m * PARTIAL_BYTES, s->partials[i],
			    PARTIAL_BYTES);
			indices[m++] = i + 1;
		}
	if (partial_combine(&s->q, indices, m, partials, &Z) != AM_OK)
		return false;
	if (tdh2_open(&s->cx, &s->h, s->pepper, &Z,
		(struct bytes){ s->ct, s->ct_len }, &out) != AM_OK)
		return false;
	assert_int_equal(secret_bytes(out).len, sizeof(secret));
	assert_memory_equal(secret_bytes(out).p, secret, sizeof(secret));
	return true;
}

/* G1, test 6 of section 9: below k nothing opens, at k and above it does. */
static void
all_subsets_of_all_committees_up_to_six(void **state)
{
	int committees = 0;

	(void)state;
	for (size_t n = 3; n <= 6; n++)
		for (size_t k = 2; k < n; k++) {
			struct scene s;

			scene(&s, k, n);
			for (unsigned set = 0; set < 1U << n; set++) {
				const bool enough =
				    (size_t)__builtin_popcount(set) >= k;

				assert_int_equal(opens(&s, set), enough);
			}
			committees++;
		}
	assert_int_equal(committees, 10);
}

/* Every bit of a header, of the ciphertext and of its context. */
static void
v16_every_bit_of_a_header_and_its_context(void **state)
{
	struct scene s, t;
	uint8_t *raw = (uint8_t *)&t.h;
	struct point Z;

	(void)state;
	scene(&s, 2, 3);
	assert_int_equal(tdh2_check(&s.cx, &s.h), AM_OK);
	for (size_t bit = 0; bit < 8 * sizeof(s.h); bit++) {
		struct point p;

		t = s;
		raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
		/* U and Ubar pass the strict decoder first. */
		if (bit < 512 &&
		    pt_decode(
			bit < 256 ? pt_bytes(&t.h.U) : pt_bytes(&t.h.Ubar),
			&p) != AM_OK)
			continue;
		assert_int_equal(tdh2_check(&t.cx, &t.h), AM_ERR_VERIFY);
	}
	raw = (uint8_t *)&t.cx;
	for (size_t byte = 0; byte < offsetof(struct tdh2_context, X); byte++) {
		t = s;
		raw[byte] ^= 1;
		if (byte >= 64 && byte < 64 + 4)
			t.cx.version = s.cx.version + 1;
		assert_int_equal(tdh2_check(&t.cx, &t.h), AM_ERR_VERIFY);
	}
	t = s;
	t.cx.X = s.cx.Bbar;
	assert_int_equal(tdh2_check(&t.cx, &t.h), AM_ERR_VERIFY);
	assert_int_equal(pt_mul(&s.coeffs[0], &s.h.U, &Z), AM_OK);
	for (size_t i = 0; i < s.ct_len; i++) {
		secret_auto *out = NULL;

		t = s;
		t.ct[i] ^= 1;
		assert_int_not_equal(
		    tdh2_open(&t.cx, &t.h, t.pepper, &Z,
			(struct bytes){ t.ct, t.ct_len }, &out),
		    AM_OK);
		assert_null(out);
	}
}

static void
v18_r4_2_every_bit_of_a_partial_and_its_context(void **state)
{
	struct scene s;
	uint8_t bad[PARTIAL_BYTES];
	struct partial_context cx;

	(void)state;
	scene(&s, 2, 3);
	for (size_t bit = 0; bit < 8 * PARTIAL_BYTES; bit++) {
		memcpy(bad, s.partials[0], sizeof(bad));
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(partial_verify(&s.pc[0], bad), AM_ERR_VERIFY);
	}
	assert_int_equal(
	    partial_verify(&s.pc[1], s.partials[0]), AM_ERR_VERIFY);
	cx = s.pc[0];
	cx.request[0] ^= 1;
	assert_int_equal(partial_verify(&cx, s.partials[0]), AM_ERR_VERIFY);
	cx = s.pc[0];
	cx.manifest[31] ^= 1;
	assert_int_equal(partial_verify(&cx, s.partials[0]), AM_ERR_VERIFY);
	cx = s.pc[0];
	cx.index = 2;
	assert_int_equal(partial_verify(&cx, s.partials[0]), AM_ERR_VERIFY);
	cx.index = 0;
	assert_int_equal(partial_verify(&cx, s.partials[0]), AM_ERR_VERIFY);
	cx = s.pc[0];
	cx.U = s.cx.Bbar;
	assert_int_equal(partial_verify(&cx, s.partials[0]), AM_ERR_VERIFY);
	cx = s.pc[0];
	cx.Q = s.cx.Bbar;
	assert_int_equal(partial_verify(&cx, s.partials[0]), AM_ERR_VERIFY);
	/* With a share that is not the one of the manifest. */
	assert_int_equal(
	    partial_make(&s.pc[0], &s.shares[1], bad), AM_ERR_VERIFY);
}

/* R3.6: what padding gives, and nothing else. */
static void
r3_6_padding(void **state)
{
	(void)state;
	assert_int_equal(tdh2_padded(0), 256);
	assert_int_equal(tdh2_padded(255), 256);
	assert_int_equal(tdh2_padded(256), 512);
	assert_int_equal(tdh2_padded(4095), 4096);
	assert_int_equal(tdh2_padded(4096), 8192);
	assert_int_equal(tdh2_padded(8191), 8192);
	assert_int_equal(tdh2_padded(8192), 16384);
	assert_int_equal(tdh2_padded(TDH2_PLAIN_MAX), 2097152);
	assert_int_equal(tdh2_padded(TDH2_PLAIN_MAX + 1), 0);
	for (size_t n = 0; n < 20000; n++) {
		assert_true(tdh2_padded(n) > n);
		assert_true(tdh2_is_padded(tdh2_padded(n)));
	}
	assert_false(tdh2_is_padded(0));
	assert_false(tdh2_is_padded(100));
	assert_false(tdh2_is_padded(4096 + 256));
	assert_false(tdh2_is_padded(4194304));
}

static void
lengths_from_nothing_to_a_page(void **state)
{
	static uint8_t m[5000], ct[8192 + 16];
	struct scene s;
	struct point Z;

	(void)state;
	memset(m, 0x80, sizeof(m)); /* looks like padding */
	scene(&s, 2, 3);
	for (size_t n = 0; n < sizeof(m); n += 97) {
		secret_auto *out = NULL;

		assert_int_equal(tdh2_seal(&s.cx, s.pepper,
				     (struct bytes){ m, n }, &s.h, ct),
		    AM_OK);
		assert_int_equal(pt_mul(&s.coeffs[0], &s.h.U, &Z), AM_OK);
		assert_int_equal(
		    tdh2_open(&s.cx, &s.h, s.pepper, &Z,
			(struct bytes){ ct, tdh2_padded(n) + 16 }, &out),
		    AM_OK);
		assert_true((n == 0) == (out == NULL));
		if (n > 0)
			assert_int_equal(secret_bytes(out).len, n);
	}
}

/* G8: the pepper is part of the key. */
static void
r3_1_another_pepper_opens_nothing(void **state)
{
	struct scene s;
	secret_auto *out = NULL;
	struct point Z;

	(void)state;
	scene(&s, 2, 3);
	assert_int_equal(pt_mul(&s.coeffs[0], &s.h.U, &Z), AM_OK);
	s.pepper[5] ^= 1;
	assert_int_equal(tdh2_open(&s.cx, &s.h, s.pepper, &Z,
			     (struct bytes){ s.ct, s.ct_len }, &out),
	    AM_ERR_VERIFY);
	assert_null(out);
}

/* ---- box, possession */

static void
a_box_and_every_bit_of_it(void **state)
{
	uint8_t box[11 + BOX_EXTRA], bad[sizeof(box)];
	const struct bytes m = { (const uint8_t *)"TEST sealed", 11 };
	struct scalar d;
	struct point K;

	(void)state;
	sc_random(&d);
	assert_int_equal(pt_mul_base(&d, &K), AM_OK);
	assert_int_equal(box_seal(&K, LIT("use"), m, box), AM_OK);
	for (size_t bit = 0; bit < 8 * sizeof(box); bit++) {
		secret_auto *out = NULL;

		memcpy(bad, box, sizeof(box));
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(box_open(&d, LIT("use"),
				     (struct bytes){ bad, sizeof(bad) }, &out),
		    AM_ERR_CORRUPT);
		assert_null(out);
	}
	for (size_t n = 0; n < sizeof(box); n++) {
		secret_auto *out = NULL;

		assert_int_equal(
		    box_open(&d, LIT("use"), (struct bytes){ box, n }, &out),
		    AM_ERR_CORRUPT);
	}
	secret_auto *other = NULL, *out = NULL;

	assert_int_equal(box_open(&d, LIT("another use"),
			     (struct bytes){ box, sizeof(box) }, &other),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    box_open(&d, LIT("use"), (struct bytes){ box, sizeof(box) }, &out),
	    AM_OK);
	assert_memory_equal(secret_bytes(out).p, m.p, m.len);
}

static void
v13_possession_and_every_bit_of_the_proof(void **state)
{
	uint8_t ph[32] = { 1 }, proof[POSS_PROOF];
	struct scalar s;
	struct point P, Q;

	(void)state;
	sc_random(&s);
	assert_int_equal(pt_mul_base(&s, &P), AM_OK);
	assert_int_equal(poss_prove(&s, &P, ph, proof), AM_OK);
	assert_int_equal(poss_verify(&P, ph, proof), AM_OK);
	for (size_t bit = 0; bit < 8 * sizeof(proof); bit++) {
		proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(poss_verify(&P, ph, proof), AM_ERR_VERIFY);
		proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ph[9] ^= 1;
	assert_int_equal(poss_verify(&P, ph, proof), AM_ERR_VERIFY);
	ph[9] ^= 1;
	assert_int_equal(pt_add(&P, &P, &Q), AM_OK);
	assert_int_equal(poss_verify(&Q, ph, proof), AM_ERR_VERIFY);
}

/* ---- key bags */

static void
r6_5_r6_6_every_bit_and_every_truncation_of_a_bag(void **state)
{
	const struct bag_purpose p = { .vault = { 1 },
		.person = { 2 },
		.safe = { 3 },
		.committee = 1,
		.epoch = 1 };
	const uint8_t prf[32] = { 7 }, body[BAG_MEMBER_BODY] = { 1, 9 };
	const struct bytes cred = LIT("TEST credential id");
	uint8_t input[32], file[BAG_FILE_MAX], bad[BAG_FILE_MAX], other[32];
	size_t len = 0;
	secret_auto *out = NULL;

	(void)state;
	bag_input(&p, input);
	assert_int_equal(
	    bag_seal(BAG_MEMBER, p.vault, input, (struct bytes){ prf, 32 },
		cred, (struct bytes){ body, sizeof(body) }, file, &len),
	    AM_OK);
	assert_int_equal(
	    bag_open((struct bytes){ file, len }, BAG_MEMBER, p.vault, input,
		(struct bytes){ prf, 32 }, cred, &out),
	    AM_OK);
	assert_memory_equal(secret_bytes(out).p, body, sizeof(body));
	for (size_t bit = 0; bit < 8 * len; bit++) {
		secret_auto *none = NULL;

		memcpy(bad, file, len);
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(
		    bag_open((struct bytes){ bad, len }, BAG_MEMBER, p.vault,
			input, (struct bytes){ prf, 32 }, cred, &none),
		    AM_OK);
		assert_null(none);
	}
	for (size_t n = 0; n < len; n++) {
		secret_auto *none = NULL;

		assert_int_not_equal(
		    bag_open((struct bytes){ file, n }, BAG_MEMBER, p.vault,
			input, (struct bytes){ prf, 32 }, cred, &none),
		    AM_OK);
	}
	memcpy(other, prf, 32);
	other[31] ^= 1;
	secret_auto *none = NULL;

	assert_int_equal(
	    bag_open((struct bytes){ file, len }, BAG_MEMBER, p.vault, input,
		(struct bytes){ other, 32 }, cred, &none),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    bag_open((struct bytes){ file, len }, BAG_MEMBER, p.vault, input,
		(struct bytes){ prf, 32 }, LIT("another key"), &none),
	    AM_ERR_WRONG_TOKEN);
	assert_int_equal(
	    bag_open((struct bytes){ file, len }, BAG_MEMBER, p.vault, other,
		(struct bytes){ prf, 32 }, cred, &none),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    bag_open((struct bytes){ file, len }, BAG_IDENTITY, p.vault, input,
		(struct bytes){ prf, 32 }, cred, &none),
	    AM_ERR_CORRUPT);
}

/* R6.6: every epoch asks for something else. */
static void
r6_6_every_purpose_has_its_own_input(void **state)
{
	struct bag_purpose p = { .committee = 1, .epoch = 1 };
	uint8_t a[32], b[32];

	(void)state;
	bag_input(&p, a);
	p.epoch = 2;
	bag_input(&p, b);
	assert_memory_not_equal(a, b, 32);
	p.epoch = 1;
	p.committee = 2;
	bag_input(&p, b);
	assert_memory_not_equal(a, b, 32);
	p.committee = 1;
	p.person[15] = 1;
	bag_input(&p, b);
	assert_memory_not_equal(a, b, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    r2_1_r2_2_the_twin_with_bit_255_set_is_no_point),
		cmocka_unit_test(
		    r2_3_r2_6_the_identity_is_no_point_and_no_result),
		cmocka_unit_test(r2_1_r2_4_scalars_are_below_the_order),
		cmocka_unit_test(
		    r2_5_a_failed_multiplication_leaves_the_output_alone),
		cmocka_unit_test(all_subsets_of_all_committees_up_to_six),
		cmocka_unit_test(v16_every_bit_of_a_header_and_its_context),
		cmocka_unit_test(
		    v18_r4_2_every_bit_of_a_partial_and_its_context),
		cmocka_unit_test(r3_6_padding),
		cmocka_unit_test(lengths_from_nothing_to_a_page),
		cmocka_unit_test(r3_1_another_pepper_opens_nothing),
		cmocka_unit_test(a_box_and_every_bit_of_it),
		cmocka_unit_test(v13_possession_and_every_bit_of_the_proof),
		cmocka_unit_test(
		    r6_5_r6_6_every_bit_and_every_truncation_of_a_bag),
		cmocka_unit_test(r6_6_every_purpose_has_its_own_input),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
