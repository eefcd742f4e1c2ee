/*
 * Wycheproof: HKDF-SHA-512 and XChaCha20-Poly1305. Proves R2.8 and the
 * refusals of vault/crypto/aead.
 */

#include <sodium.h>

#include "tests/vectors/published.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/hkdf.h"

enum { FIELD_MAX = 20000 };

struct field {
	uint8_t p[FIELD_MAX];
	size_t len;
};

static json_t *hkdf_doc, *aead_doc;

static void
read_field(const json_t *t, const char *name, struct field *f)
{
	const json_t *v = json_object_get(t, name);

	f->len = published_len(v);
	assert_true(f->len <= FIELD_MAX);
	published_hex(v, f->p, f->len);
}

static struct bytes
of(const struct field *f)
{
	return (struct bytes){ f->p, f->len };
}

static bool
is_valid(const json_t *t)
{
	return strcmp(json_string_value(json_object_get(t, "result")),
		   "valid") == 0;
}

static void
r2_8_hkdf_sha512(void **state)
{
	static struct field ikm, salt, info, okm;
	static uint8_t out[FIELD_MAX];
	const json_t *groups = json_object_get(hkdf_doc, "testGroups");
	int valid = 0, invalid = 0;

	(void)state;
	for (size_t g = 0; g < json_array_size(groups); g++) {
		const json_t *list =
		    json_object_get(json_array_get(groups, g), "tests");

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *t = json_array_get(list, i);
			const size_t size = (size_t)json_integer_value(
			    json_object_get(t, "size"));
			const struct bytes part = { info.p, 0 };
			struct bytes parts[1] = { part };

			read_field(t, "ikm", &ikm);
			read_field(t, "salt", &salt);
			read_field(t, "info", &info);
			read_field(t, "okm", &okm);
			parts[0] = of(&info);
			if (!is_valid(t)) {
				assert_int_equal(
				    hkdf_derive(of(&ikm), of(&salt), parts, 1,
					NULL, size),
				    AM_ERR_INVALID);
				invalid++;
				continue;
			}
			assert_true(size <= sizeof(out));
			assert_int_equal(hkdf_derive(of(&ikm), of(&salt), parts,
					     1, out, size),
			    AM_OK);
			assert_memory_equal(out, okm.p, size);
			valid++;
		}
	}
	assert_int_equal(valid, 80);
	assert_int_equal(invalid, 3);
}

struct tally {
	int valid, invalid, sizes;
};

static void
one_aead(const json_t *t, struct tally *n)
{
	static struct field key, iv, aad, msg, ct, tag;
	static uint8_t sealed[2 * FIELD_MAX], out[2 * FIELD_MAX];
	struct bytes all;

	read_field(t, "key", &key);
	read_field(t, "iv", &iv);
	read_field(t, "aad", &aad);
	read_field(t, "msg", &msg);
	read_field(t, "ct", &ct);
	read_field(t, "tag", &tag);
	if (key.len != AEAD_KEY || iv.len != AEAD_NONCE) {
		assert_false(is_valid(t)); /* cannot be said in our types */
		n->invalid++;
		return;
	}
	memcpy(sealed, ct.p, ct.len);
	memcpy(sealed + ct.len, tag.p, tag.len);
	all = (struct bytes){ sealed, ct.len + tag.len };
	if (!is_valid(t)) {
		assert_int_equal(
		    aead_open(key.p, iv.p, of(&aad), all, out), AM_ERR_CORRUPT);
		n->invalid++;
		return;
	}
	assert_int_equal(aead_open(key.p, iv.p, of(&aad), all, out), AM_OK);
	assert_memory_equal(out, msg.p, msg.len);
	aead_seal(key.p, iv.p, of(&aad), of(&msg), out);
	assert_memory_equal(out, sealed, all.len);
	n->valid++;
}

static void
xchacha20_poly1305(void **state)
{
	const json_t *groups = json_object_get(aead_doc, "testGroups");
	struct tally n = { 0 };

	(void)state;
	for (size_t g = 0; g < json_array_size(groups); g++) {
		const json_t *list =
		    json_object_get(json_array_get(groups, g), "tests");

		for (size_t i = 0; i < json_array_size(list); i++)
			one_aead(json_array_get(list, i), &n);
	}
	assert_int_equal(n.valid, 246);
	assert_int_equal(n.invalid, 69);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r2_8_hkdf_sha512),
		cmocka_unit_test(xchacha20_poly1305),
	};

	if (sodium_init() < 0)
		return 1;
	hkdf_doc = published_open("wycheproof/hkdf_sha512_test.json");
	if (hkdf_doc == NULL)
		return 0;
	aead_doc = published_open("wycheproof/xchacha20_poly1305_test.json");
	return aead_doc == NULL ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
