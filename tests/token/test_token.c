/*
 * hsm/ against the software key, through the real libfido2: what a key must
 * prove before it is taken, and what it does afterwards.
 */

#include <stdio.h>
#include <unistd.h>

#include <sodium.h>

#include "hsm/attest.h"
#include "hsm/token.h"
#include "tests/check.h"
#include "tests/softkey.h"
#include "vault/crypto/es256.h"
#include "vault/crypto/hash.h"

static const char rpid[] = "vault.example";
static const uint8_t user[16] = "TEST user";
static int touches;

static void
count_touch(void *arg, const char *key, const char *what)
{
	(void)arg;
	assert_non_null(key);
	assert_non_null(what);
	touches++;
}

static const struct token_ui ui = { .touch = count_touch };

static void
fault(const char *names)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/state/fault", softkey_dir);
	f = fopen(path, "we");
	assert_non_null(f);
	(void)fputs(names, f);
	assert_int_equal(fclose(f), 0);
}

static enum am_err
open_key(struct token **t, struct why *why)
{
	char path[128];

	softkey_path(path, sizeof(path));
	return token_open(path, true, &ui, why, t);
}

static void
made_free(struct token_made *m)
{
	blob_free(&m->client);
	blob_free(&m->object);
}
#define made_auto AM_CLEANUP(made_free) struct token_made

static enum am_err
make(struct token_made *m, struct why *why)
{
	const uint8_t challenge[32] = { 1 };
	token_auto *t = NULL;
	enum am_err err = open_key(&t, why);

	if (err != AM_OK)
		return err;
	return token_make(
	    t, rpid, challenge, user, "TEST", LIT(SOFTKEY_PIN), why, m);
}

static struct attest_expected
expected(const struct token_made *m)
{
	return (struct attest_expected){ .rpid = rpid,
		.cred = { m->cred, m->cred_len },
		.key = m->key,
		.aaguid = m->aaguid };
}

/* 6.2, R6.1, R6.3: each shortcoming is refused and named. */
static void
r6_1_r6_3_keys_that_are_not_taken(void **state)
{
	static const char *const faults[] = { "no-hmac-secret", "single-secret",
		"no-credprotect", "be-flag" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(faults); i++) {
		made_auto m = { 0 };
		struct why why = { 0 };

		fault(faults[i]);
		assert_int_equal(make(&m, &why), AM_ERR_TOKEN);
		assert_true(why.text[0] != '\0');
		assert_int_equal(m.cred_len, 0);
	}
	fault("");
}

static void
v12_r6_3_attestation_and_every_bit_of_it(void **state)
{
	const uint8_t challenge[32] = { 1 }, other[32] = { 2 };
	made_auto m = { 0 };
	struct attest_expected want;
	struct why why = { 0 };
	struct bytes object, client;

	(void)state;
	touches = 0;
	assert_int_equal(make(&m, &why), AM_OK);
	assert_int_equal(touches, 4);
	want = expected(&m);
	object = blob_bytes(&m.object);
	client = blob_bytes(&m.client);
	assert_int_equal(
	    attest_check(object, client, challenge, &want, &why), AM_OK);
	assert_int_not_equal(
	    attest_check(object, client, other, &want, &why), AM_OK);
	want.rpid = "other.example";
	assert_int_not_equal(
	    attest_check(object, client, challenge, &want, &why), AM_OK);
	want.rpid = rpid;
	for (size_t n = 0; n < object.len; n++)
		assert_int_not_equal(attest_check((struct bytes){ object.p, n },
					 client, challenge, &want, &why),
		    AM_OK);
	for (size_t i = 0; i < 8 * m.object.len; i++) {
		m.object.p[i / 8] ^= (uint8_t)(1 << i % 8);
		/* The rest of the certificate is not of our concern here: its
		 * chain is checked against roots, where there are some. */
		if (attest_check(object, client, challenge, &want, &why) ==
		    AM_OK)
			assert_true(i / 8 > 40 && i / 8 < m.object.len - 250);
		m.object.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < m.client.len - 1; i++) {
		m.client.p[i] ^= 1;
		assert_int_not_equal(
		    attest_check(object, client, challenge, &want, &why),
		    AM_OK);
		m.client.p[i] ^= 1;
	}
}

static void
r6_4_unlock_is_stable_and_sign_is_plain(void **state)
{
	const uint8_t salt[32] = { 3 }, other_salt[32] = { 4 }, H[32] = { 5 };
	made_auto m = { 0 };
	struct why why = { 0 };
	token_auto *t = NULL;
	secret_auto *a = NULL, *b = NULL, *c = NULL;
	struct token_assertion s = { 0 };
	struct bytes cred, client;
	uint8_t message[69];
	bool here = false;

	(void)state;
	assert_int_equal(make(&m, &why), AM_OK);
	cred = (struct bytes){ m.cred, m.cred_len };
	assert_int_equal(open_key(&t, &why), AM_OK);
	touches = 0;
	assert_int_equal(token_has(t, rpid, cred, &here), AM_OK);
	assert_true(here);
	assert_int_equal(touches, 0); /* R6.9: silent */
	m.cred[0] ^= 1;
	assert_int_equal(token_has(t, rpid, cred, &here), AM_OK);
	assert_false(here);
	m.cred[0] ^= 1;
	assert_int_equal(token_unlock(t, rpid, cred, salt, LIT(SOFTKEY_PIN),
			     "test", &why, &a),
	    AM_OK);
	assert_int_equal(token_unlock(t, rpid, cred, salt, LIT(SOFTKEY_PIN),
			     "test", &why, &b),
	    AM_OK);
	assert_int_equal(token_unlock(t, rpid, cred, other_salt,
			     LIT(SOFTKEY_PIN), "test", &why, &c),
	    AM_OK);
	assert_true(secret_equal(secret_bytes(a), secret_bytes(b)));
	assert_false(secret_equal(secret_bytes(a), secret_bytes(c)));
	assert_int_equal(
	    token_sign(t, rpid, cred, H, LIT(SOFTKEY_PIN), "test", &why, &s),
	    AM_OK);
	assert_int_equal(s.authdata[32], 5); /* UP, UV and no extension */
	client = (struct bytes){ s.client, s.client_len };
	memcpy(message, s.authdata, 37);
	hash_sha256(&client, 1, message + 37);
	assert_int_equal(es256_verify(m.key, (struct bytes){ message, 69 },
			     (struct bytes){ s.sig, s.sig_len }),
	    AM_OK);
	message[40] ^= 1;
	assert_int_equal(es256_verify(m.key, (struct bytes){ message, 69 },
			     (struct bytes){ s.sig, s.sig_len }),
	    AM_ERR_VERIFY);
}

static void
r6_8_a_wrong_pin_is_sent_once(void **state)
{
	made_auto m = { 0 };
	struct why why = { 0 };
	token_auto *t = NULL;
	secret_auto *out = NULL;
	const uint8_t salt[32] = { 3 };
	int before = 0, after = 0;

	(void)state;
	assert_int_equal(make(&m, &why), AM_OK);
	assert_int_equal(open_key(&t, &why), AM_OK);
	assert_int_equal(token_retries(t, &before), AM_OK);
	assert_int_equal(
	    token_unlock(t, rpid, (struct bytes){ m.cred, m.cred_len }, salt,
		LIT("TEST-wrong"), "test", &why, &out),
	    AM_ERR_PIN);
	assert_null(out);
	assert_int_equal(token_retries(t, &after), AM_OK);
	assert_int_equal(after, before - 1);
	assert_non_null(strstr(why.text, "7 tries are left"));
	assert_int_equal(
	    token_unlock(t, rpid, (struct bytes){ m.cred, m.cred_len }, salt,
		LIT(SOFTKEY_PIN), "test", &why, &out),
	    AM_OK);
	assert_int_equal(token_retries(t, &after), AM_OK);
	assert_int_equal(after, 8);
}

/* R6.7, R6.11: a key that says nothing ends in time, and works again after. */
static void
r6_7_r6_11_a_mute_key_times_out(void **state)
{
	made_auto m = { 0 };
	struct why why = { 0 };
	struct token_assertion s = { 0 };
	token_auto *t = NULL;
	const uint8_t H[32] = { 5 };

	(void)state;
	assert_int_equal(make(&m, &why), AM_OK);
	token_set_limit(700);
	assert_int_equal(open_key(&t, &why), AM_OK);
	fault("mute");
	assert_int_equal(
	    token_sign(t, rpid, (struct bytes){ m.cred, m.cred_len }, H,
		LIT(SOFTKEY_PIN), "test", &why, &s),
	    AM_ERR_IO);
	assert_int_equal(s.sig_len, 0);
	fault("");
	softkey_stop();
	softkey_start("auto"); /* plugged in again */
	if (token_sign(t, rpid, (struct bytes){ m.cred, m.cred_len }, H,
		LIT(SOFTKEY_PIN), "test", &why, &s) != AM_OK)
		fail_msg("%s", why.text);
	token_set_limit(TOKEN_TOUCH_SECONDS * 1000);
}

static void
r6_14_paths(void **state)
{
	static const char *const bad[] = { "", "udp:", "udp:1",
		"udp:1:", "udp:0:1", "udp:1:70000", "udp:1:2x", "unix:" };
	struct why why = { 0 };
	token_auto *t = NULL;

	(void)state;
	assert_int_equal(
	    token_open("unix:/tmp/x", false, &ui, &why, &t), AM_ERR_TOKEN);
	assert_string_equal(why.rule, "R6.14");
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		assert_int_equal(
		    token_open(bad[i], true, &ui, &why, &t), AM_ERR_TOKEN);
		assert_null(t);
	}
}

static void
a_one_time_password_is_recognised(void **state)
{
	(void)state;
	assert_true(
	    token_is_otp(LIT("cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil")));
	assert_false(
	    token_is_otp(LIT("cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtli")));
	assert_false(
	    token_is_otp(LIT("accccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r6_14_paths),
		cmocka_unit_test(a_one_time_password_is_recognised),
		cmocka_unit_test(r6_1_r6_3_keys_that_are_not_taken),
		cmocka_unit_test(v12_r6_3_attestation_and_every_bit_of_it),
		cmocka_unit_test(r6_4_unlock_is_stable_and_sign_is_plain),
		cmocka_unit_test(r6_8_a_wrong_pin_is_sent_once),
		cmocka_unit_test(r6_7_r6_11_a_mute_key_times_out),
	};

	(void)alarm(120);
	return sodium_init() < 0
	    ? 1
	    : cmocka_run_group_tests(tests, softkey_setup, softkey_teardown);
}
