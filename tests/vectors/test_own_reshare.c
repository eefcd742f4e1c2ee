/*
 * tests/vectors/amanat-reshare.json, made by the second implementation
 * (tests/second/check_reshare.py) from fixed TEST inputs: a reshare of 3 of 5
 * to 4 of 6 and its dispute (protocol.md 5.5, 5.6; section 11, e).
 */

#include <sodium.h>

#include "tests/vectors/published.h"
#include "vault/crypto/reshare.h"

static json_t *doc;
static struct reshare_run run;
static struct reshare_deal deals[SHAMIR_N_MAX];

static void
point(const json_t *v, struct point *p)
{
	uint8_t raw[32];

	published_hex(v, raw, 32);
	assert_int_equal(pt_decode((struct bytes){ raw, 32 }, p), AM_OK);
}

static const json_t *
deal(size_t i)
{
	return json_array_get(json_object_get(doc, "deals"), i);
}

static uint32_t
number(const char *list, size_t i)
{
	return (uint32_t)json_integer_value(
	    json_array_get(json_object_get(doc, list), i));
}

static void
load_deal(size_t i)
{
	const json_t *points = json_object_get(deal(i), "commitments"),
		     *boxes = json_object_get(deal(i), "boxes");

	run.dealer[i] = number("dealers", i);
	for (size_t m = 0; m < run.k; m++)
		point(json_array_get(points, m), &deals[i].C[m]);
	run.source[i] = deals[i].C[0];
	for (size_t j = 0; j < run.n; j++)
		published_hex(
		    json_array_get(boxes, j), deals[i].boxes[j], RESHARE_BOX);
}

static int
load(void **state)
{
	(void)state;
	published_hex(json_object_get(doc, "plan"), run.plan, 32);
	point(json_object_get(doc, "X"), &run.X);
	run.k = (size_t)json_integer_value(json_object_get(doc, "k"));
	run.n = json_array_size(json_object_get(doc, "members"));
	run.dealers = json_array_size(json_object_get(doc, "dealers"));
	for (size_t j = 0; j < run.n; j++) {
		run.member[j] = number("members", j);
		point(
		    json_array_get(json_object_get(doc, "pk"), j), &run.pk[j]);
	}
	for (size_t i = 0; i < run.dealers; i++)
		load_deal(i);
	return 0;
}

static void
r5_5_every_member_gets_the_published_share(void **state)
{
	struct point C[SHAMIR_K_MAX], want;
	struct scalar d, share, told;
	size_t bad = 0;

	(void)state;
	assert_int_equal(reshare_commitments(&run, deals, C), AM_OK);
	for (size_t m = 0; m < run.k; m++) {
		point(json_array_get(json_object_get(doc, "commitments"), m),
		    &want);
		assert_true(pt_same(&C[m], &want));
	}
	for (size_t j = 0; j < run.n; j++) {
		published_hex(
		    json_array_get(json_object_get(doc, "join"), j), d.b, 32);
		published_hex(json_array_get(json_object_get(doc, "shares"), j),
		    told.b, 32);
		assert_int_equal(
		    reshare_share(&run, deals, j, &d, &bad, &share), AM_OK);
		assert_true(sc_same(&share, &told));
		assert_int_equal(
		    shamir_check(C, run.k, run.member[j], &share), AM_OK);
	}
}

static void
r5_11_the_published_e_decides(void **state)
{
	struct scalar e;

	(void)state;
	for (size_t i = 0; i < run.dealers; i++)
		for (size_t j = 0; j < run.n; j++) {
			published_hex(
			    json_array_get(json_object_get(deal(i), "e"), j),
			    e.b, 32);
			assert_int_equal(
			    reshare_justify(&run, &deals[i], i, j, &e), AM_OK);
			deals[i].boxes[j][60] ^= 1;
			assert_int_equal(
			    reshare_justify(&run, &deals[i], i, j, &e),
			    AM_ERR_VERIFY);
			deals[i].boxes[j][60] ^= 1;
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r5_5_every_member_gets_the_published_share),
		cmocka_unit_test(r5_11_the_published_e_decides),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	doc = json_load_file("tests/vectors/amanat-reshare.json", 0, NULL);
	if (doc == NULL)
		return 1; /* ours: it is there */
	failed = cmocka_run_group_tests(tests, load, NULL);
	json_decref(doc);
	return failed;
}
