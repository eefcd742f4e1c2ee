/*
 * Each call of jansson that can fail, and each allocation, fails in turn:
 * out of memory is said as that, and never taken for a damaged or a finished
 * text.
 */

#include <jansson.h>
#include <sodium.h>

#include "tests/check.h"
#include "tests/fault/secrets.h"
#include "vault/base/blob.h"
#include "vault/log/canon.h"

TURN_WRAP(json_t *, json_object, (void), (), NULL)
TURN_WRAP(json_t *, json_array, (void), (), NULL)
TURN_WRAP(json_t *, json_integer, (json_int_t n), (n), NULL)
TURN_WRAP(
    json_t *, json_stringn_nocheck, (const char *s, size_t n), (s, n), NULL)

/* These take the value over, also when they fail. */
int __real_json_object_set_new_nocheck(json_t *o, const char *k, json_t *v);
int __wrap_json_object_set_new_nocheck(json_t *o, const char *k, json_t *v);
int __real_json_array_append_new(json_t *a, json_t *v);
int __wrap_json_array_append_new(json_t *a, json_t *v);

int
__wrap_json_object_set_new_nocheck(json_t *o, const char *k, json_t *v)
{
	if (!turn_fails("json_object_set_new_nocheck"))
		return __real_json_object_set_new_nocheck(o, k, v);
	json_decref(v);
	return -1;
}

int
__wrap_json_array_append_new(json_t *a, json_t *v)
{
	if (!turn_fails("json_array_append_new"))
		return __real_json_array_append_new(a, v);
	json_decref(v);
	return -1;
}

static bool
is_nomem(enum am_err err)
{
	return err == AM_ERR_NOMEM;
}

static AM_RESULT
build(struct json_t *o)
{
	canon_auto *list = canon_array();

	AM_TRY(canon_push(list, canon_uint(7)));
	AM_TRY(canon_push(list, canon_text(LIT("TEST"))));
	AM_TRY(canon_set(o, "hex", canon_hex(LIT("TEST"))));
	AM_TRY(canon_set(o, "b64", canon_b64(LIT("TEST"))));
	AM_TRY(canon_set(o, "yes", canon_bool(true)));
	return canon_set(o, "list", AM_TAKE(list));
}

static enum am_err
do_write(void *arg)
{
	canon_auto *o = canon_object();
	struct blob *out = arg;
	enum am_err err = build(o);

	out->len = 0;
	if (err == AM_OK)
		err = canon_write(o, out);
	turn_off();
	assert_int_equal(out->len > 0, err == AM_OK);
	assert_false(err == AM_OK && turn_came);
	return err;
}

static void
r2_9_writing(void **state)
{
	blob_auto out = { 0 };

	(void)state;
	turn_each(do_write, &out, is_nomem, 14);
	assert_true(bytes_same(blob_bytes(&out),
	    LIT("{\"b64\":\"VEVTVA\",\"hex\":\"54455354\",\"list\":[7,\"TEST\"]"
		","
		"\"yes\":true}")));
}

static enum am_err
do_parse(void *arg)
{
	canon_auto *o = NULL;
	const enum am_err err = canon_parse(*(const struct bytes *)arg, &o);

	turn_off();
	assert_int_equal(o != NULL, err == AM_OK);
	assert_false(err == AM_OK && turn_came);
	return err;
}

static void
r2_9_parsing(void **state)
{
	static char many[4096] = "{\"a00\":0";
	struct bytes in = LIT("{\"a\":[1,\"b\"],\"c\":{\"d\":true}}");

	(void)state;
	turn_each(do_parse, &in, is_nomem, 2);
	for (int i = 1; i < 100; i++) /* more members than fit on the stack */
		(void)snprintf(many + strlen(many), 16, ",\"a%02d\":0", i);
	(void)snprintf(many + strlen(many), 2, "}");
	in = (struct bytes){ (const uint8_t *)many, strlen(many) };
	turn_each(do_parse, &in, is_nomem, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r2_9_writing),
		cmocka_unit_test(r2_9_parsing),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
