/*
 * RFC 9497, appendix A.1 (ristretto255-SHA512): hash to group, scalar
 * multiplication, DLEQ proofs. Proves protocol.md 2.3 and R2.8.
 */

#include <sodium.h>

#include "tests/vectors/published.h"
#include "vault/crypto/dleq.h"
#include "vault/crypto/hash.h"

static json_t *doc;
static int hashed, proofs, evaluated;

enum { BATCH = 2 };

/* Comma-separated hex: how many, and each. */
static size_t
split(const json_t *v, uint8_t out[][64], size_t len[])
{
	const char *s = json_string_value(v);
	size_t n = 0;

	while (s != NULL && *s != '\0') {
		const char *comma = strchr(s, ',');
		const size_t chars =
		    comma == NULL ? strlen(s) : (size_t)(comma - s);

		assert_true(n < BATCH && chars / 2 <= 64);
		len[n] = chars / 2;
		assert_int_equal(
		    enc_hex_decode((struct bytes){ (const uint8_t *)s, chars },
			out[n], len[n]),
		    AM_OK);
		n++;
		s = comma == NULL ? NULL : comma + 1;
	}
	return n;
}

static size_t
points(const json_t *v, struct point out[])
{
	uint8_t raw[BATCH][64];
	size_t len[BATCH], n = split(v, raw, len);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    pt_decode((struct bytes){ raw[i], len[i] }, &out[i]),
		    AM_OK);
	return n;
}

static void
context(int mode, uint8_t out[static 64], struct bytes *ctx)
{
	const int n = snprintf((char *)out, 64, "OPRFV1-_-ristretto255-SHA512");

	out[7] = (uint8_t)mode;
	*ctx = (struct bytes){ out, (size_t)n };
}

static void
check_inputs(const json_t *t, struct bytes ctx, const struct point blinded[])
{
	uint8_t in[BATCH][64], blind[BATCH][64];
	size_t len[BATCH], blen[BATCH];
	const size_t n = split(json_object_get(t, "Input"), in, len);

	assert_int_equal(split(json_object_get(t, "Blind"), blind, blen), n);
	for (size_t i = 0; i < n; i++) {
		const struct bytes m = { in[i], len[i] };
		struct scalar b;
		struct point p;

		assert_int_equal(hash_to_group(ctx, &m, 1, &p), AM_OK);
		assert_int_equal(
		    sc_decode((struct bytes){ blind[i], 32 }, &b), AM_OK);
		assert_int_equal(pt_mul(&b, &p, &p), AM_OK);
		assert_true(pt_same(&p, &blinded[i]));
		hashed++;
	}
}

/* k of mode 2 is tweaked by the public info. */
static void
key_of(const json_t *suite, const json_t *t, int mode, struct bytes ctx,
    struct scalar *k)
{
	uint8_t info[64], len2[2];
	struct scalar m;
	size_t n;

	published_hex(json_object_get(suite, "skSm"), k->b, 32);
	if (mode != 2)
		return;
	n = published_len(json_object_get(t, "Info"));
	published_hex(json_object_get(t, "Info"), info, n);
	len2[0] = (uint8_t)(n >> 8);
	len2[1] = (uint8_t)n;
	hash_to_scalar(ctx,
	    HASH_PARTS(
		{ (const uint8_t *)"Info", 4 }, { len2, 2 }, { info, n }),
	    &m);
	sc_add(k, &m, k);
}

static void
check_proof(const json_t *suite, const json_t *t, int mode, struct bytes ctx)
{
	static const uint8_t generator[32] = { 1 };
	const json_t *proof = json_object_get(t, "Proof");
	struct point C[BATCH], D[BATCH], A, B;
	struct scalar k, r, one;
	uint8_t want[DLEQ_PROOF], got[DLEQ_PROOF];
	const size_t n =
	    points(json_object_get(t, "BlindedElement"), mode == 2 ? D : C);

	(void)points(
	    json_object_get(t, "EvaluationElement"), mode == 2 ? C : D);
	if (proof == NULL)
		return;
	assert_int_equal(
	    sc_decode((struct bytes){ generator, 32 }, &one), AM_OK);
	assert_int_equal(pt_mul_base(&one, &A), AM_OK);
	key_of(suite, t, mode, ctx, &k);
	assert_int_equal(pt_mul_base(&k, &B), AM_OK);
	published_hex(json_object_get(proof, "r"), r.b, 32);
	published_hex(json_object_get(proof, "proof"), want, sizeof(want));
	assert_int_equal(
	    dleq_prove_nonce(ctx, &k, &A, &B, C, D, n, &r, got), AM_OK);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(dleq_verify(ctx, &A, &B, C, D, n, want), AM_OK);
	for (size_t bit = 0; bit < 8 * sizeof(want); bit++) {
		want[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(
		    dleq_verify(ctx, &A, &B, C, D, n, want), AM_ERR_VERIFY);
		want[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(
	    dleq_verify(HASH_T("other"), &A, &B, C, D, n, want), AM_ERR_VERIFY);
	proofs++;
}

static void
r2_8_the_published_values_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < json_array_size(doc); i++) {
		const json_t *suite = json_array_get(doc, i);
		const json_t *list = json_object_get(suite, "vectors");
		const int mode =
		    (int)json_integer_value(json_object_get(suite, "mode"));
		uint8_t space[64];
		struct bytes ctx;

		context(mode, space, &ctx);
		for (size_t j = 0; j < json_array_size(list); j++) {
			const json_t *t = json_array_get(list, j);
			struct point blinded[BATCH], out[BATCH];
			struct scalar k;

			(void)points(
			    json_object_get(t, "BlindedElement"), blinded);
			check_inputs(t, ctx, blinded);
			check_proof(suite, t, mode, ctx);
			if (mode != 0)
				continue;
			(void)points(
			    json_object_get(t, "EvaluationElement"), out);
			key_of(suite, t, mode, ctx, &k);
			assert_int_equal(
			    pt_mul(&k, &blinded[0], &blinded[0]), AM_OK);
			assert_true(pt_same(&blinded[0], &out[0]));
			evaluated++;
		}
	}
	assert_int_equal(hashed, 10);
	assert_int_equal(proofs, 6);
	assert_int_equal(evaluated, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r2_8_the_published_values_come_out),
	};

	if (sodium_init() < 0)
		return 1;
	doc = published_open("rfc9497/ristretto255-sha512.json");
	return doc == NULL ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
