/*
 * Key bags: what is not sealed and what is not opened (protocol.md 6.5). Every
 * bit and every truncation: tests/prop/test_crypto.c; a published bag with two
 * slots: tests/vectors/test_own_keys.c.
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

/* ---- a further slot (6.5, R6.6) */

static const uint8_t prf2[32] = { 5 };
static const struct bag_key first = { LIT("TEST credential"),
	{ prf, sizeof(prf) } },
			    second = { LIT("TEST second"),
				    { prf2, sizeof(prf2) } };

static enum am_err
added(struct bytes file, const struct bag_key *by, const struct bag_key *k,
    uint8_t out[static BAG_FILE_MAX], size_t *out_len)
{
	exact_auto f = exact(file.p, file.len);

	return bag_add_slot(f, BAG_MEMBER, vault, input, by, k, out, out_len);
}

static enum am_err
opens_with(struct bytes file, const struct bag_key *k)
{
	exact_auto f = exact(file.p, file.len);
	secret_auto *out = NULL;

	AM_TRY(bag_open(f, BAG_MEMBER, vault, input, k->prf, k->cred, &out));
	assert_memory_equal(secret_bytes(out).p, body, BAG_MEMBER_BODY);
	return AM_OK;
}

static void
r6_6_who_cannot_open_a_bag_adds_no_slot(void **state)
{
	uint8_t file[BAG_FILE_MAX], more[BAG_FILE_MAX];
	const struct bytes f = { file, sealed(file) };
	const struct bag_key wrong = { first.cred, { prf2, 32 } },
			     none = { LIT(""), { prf2, 32 } },
			     brief = { second.cred, { prf2, 31 } };
	size_t len = 7;

	(void)state;
	assert_int_equal(
	    added(f, &second, &first, more, &len), AM_ERR_WRONG_TOKEN);
	assert_int_equal(added(f, &wrong, &second, more, &len), AM_ERR_CORRUPT);
	assert_int_equal(added(f, &first, &first, more, &len), AM_ERR_EXISTS);
	assert_int_equal(added(f, &first, &none, more, &len), AM_ERR_INVALID);
	assert_int_equal(added(f, &first, &brief, more, &len), AM_ERR_INVALID);
	assert_int_equal(len, 7);
	assert_int_equal(bag_add_slot(f, BAG_IDENTITY, vault, input, &first,
			     &second, more, &len),
	    AM_ERR_CORRUPT);
	assert_int_equal(bag_add_slot(f, BAG_MEMBER, vault, prf, &first,
			     &second, more, &len),
	    AM_ERR_CORRUPT);
}

static void
r6_6_each_of_two_keys_opens_the_same_body(void **state)
{
	uint8_t file[BAG_FILE_MAX], more[BAG_FILE_MAX];
	const struct bytes f = { file, sealed(file) };
	struct bytes two = { more, 0 };
	bool there = true;

	(void)state;
	assert_int_equal(bag_has_slot(f, second.cred, &there), AM_OK);
	assert_false(there);
	assert_int_equal(added(f, &first, &second, more, &two.len), AM_OK);
	assert_int_equal(bag_has_slot(two, second.cred, &there), AM_OK);
	assert_true(there);
	assert_int_equal(opens_with(two, &first), AM_OK);
	assert_int_equal(opens_with(two, &second), AM_OK);
	assert_int_equal(opens_with(f, &second), AM_ERR_WRONG_TOKEN);
	/* What is not the new slot stands as it stood. */
	assert_memory_equal(more, file, BAG_FIXED);
	assert_memory_equal(
	    more + two.len - (f.len - COM), file + COM, f.len - COM);
}

/* A flipped bit in a slot is found by the key of that slot, which is all that
 * can tell; anywhere else, by both. */
static void
every_bit_of_two_slots_is_found_by_a_key(void **state)
{
	uint8_t file[BAG_FILE_MAX], more[BAG_FILE_MAX], out[BAG_FILE_MAX];
	const struct bytes f = { file, sealed(file) };
	struct bytes two = { more, 0 };
	size_t len = 0, tail;

	(void)state;
	assert_int_equal(added(f, &first, &second, more, &two.len), AM_OK);
	tail = two.len - (f.len - COM);
	for (size_t bit = 0; bit < two.len * 8; bit++) {
		const bool in_slots = bit / 8 >= SLOT0 && bit / 8 < tail;
		const size_t slot2 = COM; /* where the second one starts */
		enum am_err a, b;

		more[bit / 8] ^= (uint8_t)(1U << bit % 8);
		a = opens_with(two, &first);
		b = opens_with(two, &second);
		assert_true(a != AM_OK || b != AM_OK);
		if (!in_slots) {
			assert_int_not_equal(a, AM_OK);
			assert_int_not_equal(b, AM_OK);
		}
		/* Nor does a slot come in through a damaged one. */
		if (!in_slots || bit / 8 < slot2)
			assert_int_not_equal(
			    bag_add_slot(two, BAG_MEMBER, vault, input, &first,
				&(struct bag_key){
				    LIT("TEST third"), { prf2, 32 } },
				out, &len),
			    AM_OK);
		more[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t n = 0; n < two.len; n++)
		assert_int_not_equal(added((struct bytes){ more, n }, &first,
					 &second, out, &len),
		    AM_OK);
}

static void
a_bag_has_eight_slots_and_no_more(void **state)
{
	uint8_t a[BAG_FILE_MAX], b[BAG_FILE_MAX];
	struct bytes f = { a, sealed(a) };
	uint8_t id = 0;
	struct bag_key k = { { &id, 1 }, { prf2, 32 } };
	size_t len = 0;

	(void)state;
	for (id = 2; id <= BAG_SLOTS_MAX; id++) {
		assert_int_equal(added(f, &first, &k, b, &len), AM_OK);
		memcpy(a, b, len);
		f.len = len;
		assert_int_equal(opens_with(f, &k), AM_OK);
	}
	assert_int_equal(added(f, &first, &k, b, &len), AM_ERR_INVALID);
	assert_int_equal(opens_with(f, &first), AM_OK);
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
		cmocka_unit_test(r6_6_who_cannot_open_a_bag_adds_no_slot),
		cmocka_unit_test(r6_6_each_of_two_keys_opens_the_same_body),
		cmocka_unit_test(every_bit_of_two_slots_is_found_by_a_key),
		cmocka_unit_test(a_bag_has_eight_slots_and_no_more),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
