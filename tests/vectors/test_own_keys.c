/*
 * tests/vectors/amanat-keys.json, made by the second implementation
 * (tests/second/check_keys.py) from fixed TEST inputs, opens here: log lines
 * and values at rest (protocol.md 3.1), key bags (6.5). Section 11, b and d.
 */

#include <sodium.h>

#include "tests/vectors/published.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/regkey.h"

static json_t *doc;

/* A value of the file, in one of sixteen buffers used in turn. */
static struct bytes
get(const char *name)
{
	static uint8_t space[16][2048];
	static size_t next;
	uint8_t *p = space[next++ % 16];
	const json_t *v = json_object_get(doc, name);

	assert_true(published_len(v) <= sizeof(space[0]));
	published_hex(v, p, published_len(v));
	return (struct bytes){ p, published_len(v) };
}

static void
assert_bytes(struct bytes got, const char *want)
{
	const struct bytes w = get(want);

	assert_int_equal(got.len, w.len);
	assert_memory_equal(got.p, w.p, w.len);
}

static void
r3_1_what_lies_at_rest_opens(void **state)
{
	regkey_auto *rk = NULL;
	uint8_t out[256];
	struct bytes sealed, key;

	(void)state;
	assert_int_equal(regkey_new(get("R"), get("vault").p, &rk), AM_OK);
	sealed = get("line at leaf 258");
	assert_int_equal(
	    regkey_line_open(rk, 259, sealed, out), AM_ERR_CORRUPT);
	assert_int_equal(regkey_line_open(rk, 258, sealed, out), AM_OK);
	assert_bytes(
	    (struct bytes){ out, sealed.len - REGKEY_OVERHEAD }, "line");
	sealed = get("value under db key");
	key = get("db key");
	assert_int_equal(regkey_value_open(rk, key.p, sealed, out), AM_OK);
	assert_bytes(
	    (struct bytes){ out, sealed.len - REGKEY_OVERHEAD }, "value");
}

/* Opens bag `name` with the key whose prf and credential are `prf`, `cred`. */
static void
opens(enum bag_type type, const char *name, const char *prf, const char *cred)
{
	char what[64], hex[33];
	struct bytes input, file_name;
	uint8_t raw[16];
	secret_auto *body = NULL;

	(void)snprintf(what, sizeof(what), "%s input", name);
	input = get(what);
	assert_int_equal(bag_open(get(name), type, get("vault").p, input.p,
			     get(prf), get(cred), &body),
	    AM_OK);
	(void)snprintf(what, sizeof(what), "%s body", name);
	assert_bytes(secret_bytes(body), what);
	bag_name(type, get("vault").p, input.p, hex);
	(void)snprintf(what, sizeof(what), "%s file name", name);
	file_name = get(what);
	assert_int_equal(
	    enc_hex_decode(
		(struct bytes){ (const uint8_t *)hex, strlen(hex) }, raw, 16),
	    AM_OK);
	assert_memory_equal(raw, file_name.p, 16);
}

static void
r6_6_each_slot_opens_its_bag(void **state)
{
	(void)state;
	opens(BAG_IDENTITY, "identity bag", "lone key prf", "lone key cred");
	opens(BAG_MEMBER, "member bag", "first key prf", "first key cred");
	opens(BAG_MEMBER, "member bag", "second key prf", "second key cred");
}

static void
a_slot_opens_with_its_own_key_only(void **state)
{
	const struct bytes input = get("member bag input");
	secret_auto *body = NULL;

	(void)state;
	assert_int_equal(
	    bag_open(get("member bag"), BAG_MEMBER, get("vault").p, input.p,
		get("first key prf"), get("second key cred"), &body),
	    AM_ERR_CORRUPT);
	assert_int_equal(
	    bag_open(get("member bag"), BAG_MEMBER, get("vault").p, input.p,
		get("lone key prf"), get("lone key cred"), &body),
	    AM_ERR_WRONG_TOKEN);
	assert_null(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r3_1_what_lies_at_rest_opens),
		cmocka_unit_test(r6_6_each_slot_opens_its_bag),
		cmocka_unit_test(a_slot_opens_with_its_own_key_only),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	doc = json_load_file("tests/vectors/amanat-keys.json", 0, NULL);
	if (doc == NULL)
		return 1; /* ours: it is there */
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(doc);
	return failed;
}
