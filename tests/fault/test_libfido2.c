/*
 * Each call of libfido2, and each allocation of hsm/, fails in turn, against
 * the software key: the error is one that token.h names, outputs stay as they
 * were, no secret is left, and the next try on the same handle works.
 */

#include <fido.h>
#include <sodium.h>

#include "hsm/token.h"
#include "tests/check.h"
#include "tests/fault/secrets.h"
#include "tests/softkey.h"

static int code; /* what a call that fails returns */

#define SET(name, params, args)       TURN_WRAP(int, name, params, args, code)
#define GET(type, name, params, args) TURN_WRAP(type, name, params, args, 0)

GET(fido_dev_t *, fido_dev_new, (void), ())
SET(fido_dev_set_io_functions, (fido_dev_t * d, const fido_dev_io_t *io),
    (d, io))
SET(fido_dev_set_timeout, (fido_dev_t * d, int ms), (d, ms))
SET(fido_dev_open, (fido_dev_t * d, const char *p), (d, p))
GET(bool, fido_dev_is_fido2, (const fido_dev_t *d), (d))
SET(fido_dev_get_cbor_info, (fido_dev_t * d, fido_cbor_info_t *i), (d, i))
GET(bool, fido_dev_has_pin, (const fido_dev_t *d), (d))
SET(fido_dev_get_retry_count, (fido_dev_t * d, int *n), (d, n))
SET(fido_dev_get_assert, (fido_dev_t * d, fido_assert_t *a, const char *pin),
    (d, a, pin))
SET(fido_dev_make_cred, (fido_dev_t * d, fido_cred_t *c, const char *pin),
    (d, c, pin))

GET(fido_cbor_info_t *, fido_cbor_info_new, (void), ())
GET(size_t, fido_cbor_info_aaguid_len, (const fido_cbor_info_t *i), (i))
GET(size_t, fido_cbor_info_extensions_len, (const fido_cbor_info_t *i), (i))

GET(fido_assert_t *, fido_assert_new, (void), ())
SET(fido_assert_set_rp, (fido_assert_t * a, const char *id), (a, id))
SET(fido_assert_allow_cred,
    (fido_assert_t * a, const unsigned char *p, size_t n), (a, p, n))
SET(fido_assert_set_extensions, (fido_assert_t * a, int e), (a, e))
SET(fido_assert_set_hmac_salt,
    (fido_assert_t * a, const unsigned char *p, size_t n), (a, p, n))
SET(fido_assert_set_clientdata,
    (fido_assert_t * a, const unsigned char *p, size_t n), (a, p, n))
SET(fido_assert_set_clientdata_hash,
    (fido_assert_t * a, const unsigned char *p, size_t n), (a, p, n))
SET(fido_assert_set_up, (fido_assert_t * a, fido_opt_t o), (a, o))
SET(fido_assert_set_uv, (fido_assert_t * a, fido_opt_t o), (a, o))
GET(size_t, fido_assert_count, (const fido_assert_t *a), (a))
GET(uint8_t, fido_assert_flags, (const fido_assert_t *a, size_t i), (a, i))
GET(size_t, fido_assert_sig_len, (const fido_assert_t *a, size_t i), (a, i))
GET(size_t, fido_assert_hmac_secret_len, (const fido_assert_t *a, size_t i),
    (a, i))
GET(size_t, fido_assert_authdata_len, (const fido_assert_t *a, size_t i),
    (a, i))

GET(fido_cred_t *, fido_cred_new, (void), ())
SET(fido_cred_set_type, (fido_cred_t * c, int t), (c, t))
SET(fido_cred_set_rp, (fido_cred_t * c, const char *id, const char *name),
    (c, id, name))
SET(fido_cred_set_user,
    (fido_cred_t * c, const unsigned char *id, size_t n, const char *name,
	const char *display, const char *icon),
    (c, id, n, name, display, icon))
SET(fido_cred_set_extensions, (fido_cred_t * c, int e), (c, e))
SET(fido_cred_set_prot, (fido_cred_t * c, int p), (c, p))
SET(fido_cred_set_rk, (fido_cred_t * c, fido_opt_t o), (c, o))
SET(fido_cred_set_uv, (fido_cred_t * c, fido_opt_t o), (c, o))
SET(fido_cred_set_clientdata,
    (fido_cred_t * c, const unsigned char *p, size_t n), (c, p, n))
GET(uint8_t, fido_cred_flags, (const fido_cred_t *c), (c))
GET(const char *, fido_cred_fmt, (const fido_cred_t *c), (c))
GET(size_t, fido_cred_id_len, (const fido_cred_t *c), (c))
GET(size_t, fido_cred_pubkey_len, (const fido_cred_t *c), (c))
GET(size_t, fido_cred_aaguid_len, (const fido_cred_t *c), (c))
GET(size_t, fido_cred_attstmt_len, (const fido_cred_t *c), (c))
GET(size_t, fido_cred_authdata_len, (const fido_cred_t *c), (c))

GET(fido_dev_info_t *, fido_dev_info_new, (size_t n), (n))
SET(fido_dev_info_manifest, (fido_dev_info_t * l, size_t n, size_t *out),
    (l, n, out))
GET(const char *, fido_dev_info_path, (const fido_dev_info_t *i), (i))

/* The library's own troubles, and what a key may answer. The first two stand
 * for all where a run takes long. */
static const int codes[] = { FIDO_ERR_INTERNAL, FIDO_ERR_ACTION_TIMEOUT,
	FIDO_ERR_INVALID_ARGUMENT, FIDO_ERR_RX, FIDO_ERR_TIMEOUT,
	FIDO_ERR_INVALID_CBOR };
enum { ALL = AM_ARRAY_LEN(codes), SOME = 2 };

static const char rpid[] = "vault.example";
static const uint8_t user[16] = "TEST user", thirty_two[32] = { 3 };
static struct token_made made; /* a credential to work with */
static struct why why;

static void
touched(void *arg, const char *key, const char *what)
{
	(void)arg;
	(void)key;
	(void)what;
}

static const struct token_ui ui = { .touch = touched };

/* What token.h names; PINs and other keys have nothing to do with it. */
static bool
passes(enum am_err err)
{
	return err == AM_ERR_TOKEN || err == AM_ERR_IO || err == AM_ERR_NOMEM ||
	    err == AM_ERR_INTERNAL;
}

static struct bytes
cred(void)
{
	return (struct bytes){ made.cred, made.cred_len };
}

static enum am_err
open_key(struct token **t)
{
	char path[128];

	softkey_path(path, sizeof(path));
	return token_open(path, true, &ui, &why, t);
}

static void
made_free(struct token_made *m)
{
	blob_free(&m->client);
	blob_free(&m->object);
}

static enum am_err
make(struct token *t, struct token_made *out)
{
	return token_make(
	    t, rpid, thirty_two, user, "TEST", LIT(SOFTKEY_PIN), &why, out);
}

/* Nothing of an operation is left, and its sentence says no secret. */
static void
clean(int secrets_before)
{
	assert_int_equal(secrets_alive, secrets_before);
	assert_null(strstr(why.text, SOFTKEY_PIN));
}

/* `fn` with the first codes, each on a handle that is opened once. */
static void
each_code(enum am_err (*fn)(void *arg), size_t count, int least)
{
	for (size_t i = 0; i < count; i++) {
		token_auto *t = NULL;

		assert_int_equal(open_key(&t), AM_OK);
		code = codes[i];
		turn_each(fn, t, passes, least);
	}
}

/* ---- operations */

static enum am_err
do_open(void *arg)
{
	token_auto *t = NULL;
	enum am_err err = open_key(&t);

	(void)arg;
	turn_off();
	assert_true((err == AM_OK) == (t != NULL));
	clean(0);
	if (err == AM_OK)
		assert_true(token_needs_pin(t));
	return err;
}

static void
opening(void **state)
{
	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(codes); i++) {
		code = codes[i];
		turn_each(do_open, NULL, passes, 10);
	}
}

static enum am_err
do_has(void *arg)
{
	bool here = false;
	const enum am_err err = token_has(arg, rpid, cred(), &here);

	turn_off();
	assert_int_equal(here, err == AM_OK); /* it is on this key */
	clean(0);
	assert_int_equal(token_has(arg, rpid, cred(), &here), AM_OK);
	assert_true(here);
	return err;
}

/* R6.9: what failed is no "not on this key". */
static void
r6_9_the_silent_look(void **state)
{
	(void)state;
	each_code(do_has, ALL, 6);
}

static enum am_err
do_retries(void *arg)
{
	int n = -7;
	const enum am_err err = token_retries(arg, &n);

	turn_off();
	assert_int_equal(n, err == AM_OK ? 8 : -7);
	return err;
}

static void
tries_left(void **state)
{
	(void)state;
	each_code(do_retries, ALL, 1);
}

static enum am_err
unlock(struct token *t, struct bytes pin, struct secret **out)
{
	return token_unlock(
	    t, rpid, cred(), thirty_two, pin, "test", &why, out);
}

static enum am_err
do_unlock(void *arg)
{
	secret_auto *out = NULL, *again = NULL;
	const enum am_err err = unlock(arg, LIT(SOFTKEY_PIN), &out);

	turn_off();
	assert_true((err == AM_OK) == (out != NULL));
	clean(err == AM_OK);
	if (err != AM_OK)
		assert_int_equal(unlock(arg, LIT(SOFTKEY_PIN), &again), AM_OK);
	return err;
}

/* Without a PIN it is the key that must know its user, and this one cannot. */
static enum am_err
do_unlock_bare(void *arg)
{
	secret_auto *out = NULL;
	enum am_err err = unlock(arg, (struct bytes){ NULL, 0 }, &out);

	turn_off();
	assert_int_not_equal(err, AM_OK);
	assert_null(out);
	clean(0);
	return turn_came ? err : AM_OK;
}

static void
r6_4_unlocking(void **state)
{
	(void)state;
	each_code(do_unlock, SOME, 14);
	each_code(do_unlock_bare, ALL, 8);
}

static enum am_err
do_sign(void *arg)
{
	struct token_assertion out, untouched;
	enum am_err err;

	memset(&out, 0xa5, sizeof(out));
	untouched = out;
	err = token_sign(arg, rpid, cred(), thirty_two, LIT(SOFTKEY_PIN),
	    "test", &why, &out);
	turn_off();
	clean(0);
	if (err != AM_OK) {
		assert_memory_equal(&out, &untouched, sizeof(out));
		assert_int_equal(token_sign(arg, rpid, cred(), thirty_two,
				     LIT(SOFTKEY_PIN), "test", &why, &out),
		    AM_OK);
	}
	assert_in_range(out.sig_len, 60, 72);
	assert_int_equal(out.authdata[32], 5); /* UP, UV */
	return err;
}

static void
r6_2_signing(void **state)
{
	(void)state;
	each_code(do_sign, SOME, 11);
}

static enum am_err
do_make(void *arg)
{
	struct token_made out, untouched;
	enum am_err err;

	memset(&out, 0xa5, sizeof(out));
	untouched = out;
	err = make(arg, &out);
	turn_off();
	clean(0);
	if (err != AM_OK) {
		assert_memory_equal(&out, &untouched, sizeof(out));
		return err;
	}
	/* Every test was made; an answer without a secret passes step 4. */
	if (turn_came && strcmp(turn_name, "fido_assert_count") != 0 &&
	    strcmp(turn_name, "fido_assert_hmac_secret_len") != 0)
		fail_msg("taken, though %s failed", turn_name);
	assert_int_equal(out.cred_protect, 2);
	made_free(&out);
	return AM_OK;
}

/* All four touches count: a test that could not be made is not passed. */
static void
r6_1_r6_3_enrolment(void **state)
{
	(void)state;
	each_code(do_make, SOME, 60);
}

static enum am_err
do_discover(void *arg)
{
	static char paths[TOKEN_PATHS_MAX][TOKEN_PATH_MAX];
	size_t count = 77;
	const enum am_err err = token_discover(paths, TOKEN_PATHS_MAX, &count);

	(void)arg;
	turn_off();
	assert_true((err == AM_OK) == (count != 77));
	if (err == AM_OK && turn_came) /* one without a path is passed over */
		assert_string_equal(turn_name, "fido_dev_info_path");
	return err;
}

static void
looking_for_keys(void **state)
{
	(void)state;
	code = FIDO_ERR_INTERNAL;
	turn_each(do_discover, NULL, passes, 2);
}

static int
setup(void **state)
{
	token_auto *t = NULL;

	if (softkey_setup(state) != 0 || open_key(&t) != AM_OK)
		return -1;
	return make(t, &made) == AM_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	made_free(&made);
	return softkey_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(r6_9_the_silent_look),
		cmocka_unit_test(tries_left),
		cmocka_unit_test(r6_4_unlocking),
		cmocka_unit_test(r6_2_signing),
		cmocka_unit_test(r6_1_r6_3_enrolment),
		cmocka_unit_test(looking_for_keys),
	};

	(void)alarm(60);
	return sodium_init() < 0
	    ? 1
	    : cmocka_run_group_tests(tests, setup, teardown);
}
