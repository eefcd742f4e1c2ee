/*
 * Key bags: what is not sealed and what is not opened (protocol.md 6.5). Every
 * bit and every truncation: tests/prop/test_crypto.c; bags with two slots:
 * tests/vectors/test_own_keys.c.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/crypto/bag.h"

static const uint8_t vault[16] = { 1 }, input[32] = { 2 }, prf[32] = { 3 };
static const uint8_t body[BAG_MEMBER_BODY] = { 4 };

#define PRF    ((struct bytes){ prf, sizeof(prf) })
#define CRED   LIT("TEST credential")
#define BODY   ((struct bytes){ body, BAG_MEMBER_BODY })
#define SLOT0  (BAG_FIXED + 1)
#define COM    (SLOT0 + 2 + 15 + 24 + 48)
#define LENGTH (COM + 32 + 24)

static size_t
sealed(uint8_t file[static BAG_FILE_MAX])
{
	size_t len = 0;

	assert_int_equal(
	    bag_seal(BAG_MEMBER, vault, input, PRF, CRED, BODY, file, &len),
	    AM_OK);
	assert_int_equal(len, LENGTH + 4 + BAG_MEMBER_BODY + 16);
	return len;
}

static enum am_err
opened(const uint8_t *file, size_t len)
{
	exact_auto f = exact(file, len);
	secret_auto *out = NULL;
	const enum am_err err =
	    bag_open(f, BAG_MEMBER, vault, input, PRF, CRED, &out);

	assert_true((err == AM_OK) == (out != NULL));
	return err;
}

static void
what_does_not_fit_is_not_sealed(void **state)
{
	static const uint8_t cred[BAG_CRED_MAX + 1];
	uint8_t file[BAG_FILE_MAX];
	size_t len = 7;

	(void)state;
	assert_int_equal(bag_seal(BAG_MEMBER, vault, input,
			     (struct bytes){ prf, 31 }, CRED, BODY, file, &len),
	    AM_ERR_INVALID);
	assert_int_equal(
	    bag_seal(BAG_MEMBER, vault, input, PRF, LIT(""), BODY, file, &len),
	    AM_ERR_INVALID);
	assert_int_equal(
	    bag_seal(BAG_MEMBER, vault, input, PRF,
		(struct bytes){ cred, sizeof(cred) }, BODY, file, &len),
	    AM_ERR_INVALID);
	assert_int_equal(
	    bag_seal(BAG_IDENTITY, vault, input, PRF, CRED, BODY, file, &len),
	    AM_ERR_INVALID);
	assert_int_equal(len, 7);
	assert_int_equal(
	    bag_seal(BAG_MEMBER, vault, input, PRF,
		(struct bytes){ cred, BAG_CRED_MAX }, BODY, file, &len),
	    AM_OK);
}

static void
r2_11_nothing_follows_the_end(void **state)
{
	uint8_t file[BAG_FILE_MAX] = { 0 };
	const size_t len = sealed(file);

	(void)state;
	assert_int_equal(opened(file, len), AM_OK);
	assert_int_equal(opened(file, len + 1), AM_ERR_CORRUPT);
}

static void
slots_are_one_to_eight_and_credentials_not_empty(void **state)
{
	uint8_t file[BAG_FILE_MAX];
	const size_t len = sealed(file);

	(void)state;
	file[BAG_FIXED] = 0;
	assert_int_equal(opened(file, len), AM_ERR_CORRUPT);
	file[BAG_FIXED] = 9;
	assert_int_equal(opened(file, len), AM_ERR_CORRUPT);
	file[BAG_FIXED] = 1;
	file[SLOT0 + 1] = 0;
	assert_int_equal(opened(file, len), AM_ERR_CORRUPT);
	file[SLOT0] = 0xff;
	file[SLOT0 + 1] = 0xff;
	assert_int_equal(opened(file, len), AM_ERR_CORRUPT);
}

static void
the_body_has_the_length_of_its_type(void **state)
{
	uint8_t file[BAG_FILE_MAX];
	const size_t len = sealed(file);

	(void)state;
	file[LENGTH + 3]--; /* and a byte less at the end */
	assert_int_equal(opened(file, len - 1), AM_ERR_CORRUPT);
	file[LENGTH + 3]++;
	file[LENGTH] = 0x80; /* a length beyond the file */
	assert_int_equal(opened(file, len), AM_ERR_CORRUPT);
}

/* XChaCha20-Poly1305 alone would not tell one KEK from another made to fit. */
static void
the_key_is_committed_to(void **state)
{
	uint8_t file[BAG_FILE_MAX], other[BAG_FILE_MAX];
	const size_t len = sealed(file);

	(void)state;
	(void)sealed(other);
	memcpy(file + COM, other + COM, 32);
	assert_int_equal(opened(file, len), AM_ERR_CORRUPT);
}

static void
two_bags_of_one_body_share_no_key(void **state)
{
	uint8_t a[BAG_FILE_MAX], b[BAG_FILE_MAX];
	const size_t len = sealed(a);

	(void)state;
	(void)sealed(b);
	assert_memory_equal(a, b, SLOT0 + 2 + 15); /* public */
	assert_memory_not_equal(a + COM, b + COM, 32);
	/* Slot of one, rest of the other. */
	memcpy(a + COM, b + COM, len - COM);
	assert_int_equal(opened(a, len), AM_ERR_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_is_not_sealed),
		cmocka_unit_test(r2_11_nothing_follows_the_end),
		cmocka_unit_test(
		    slots_are_one_to_eight_and_credentials_not_empty),
		cmocka_unit_test(the_body_has_the_length_of_its_type),
		cmocka_unit_test(the_key_is_committed_to),
		cmocka_unit_test(two_bags_of_one_body_share_no_key),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
