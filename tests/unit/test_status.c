/*
 * The status of a vault (O-2): what is refused as one, two of one vault, and
 * what it counts.
 */

#include <sodium.h>

#include "tests/beside.h"
#include "vault/audit/status.h"
#include "vault/crypto/hash.h"
#include "vault/log/service.h"

enum { DAY = 86400 };

static void
file_of(struct beside *d, struct blob *out)
{
	blob_free(out);
	assert_int_equal(status_write(&d->s, out), AM_OK);
}

static struct status
read_it(const struct blob *file)
{
	struct status s;

	assert_int_equal(status_read(blob_bytes(file), &s), AM_OK);
	return s;
}

/* ---- refused */

static void
o_2_every_bit_and_every_length(void **state)
{
	struct beside d = beside_new(2, 3);
	blob_auto file = { 0 };
	struct status s;

	(void)state;
	file_of(&d, &file);
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		enum am_err err;

		file.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		err = status_read(blob_bytes(&file), &s);
		assert_true(err == AM_ERR_CORRUPT || err == AM_ERR_VERIFY);
		file.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < file.len; len++)
		assert_int_equal(status_read((struct bytes){ file.p, len }, &s),
		    AM_ERR_CORRUPT);
	assert_int_equal(blob_text(&file, "\n"), AM_OK);
	assert_int_equal(status_read(blob_bytes(&file), &s), AM_ERR_CORRUPT);
	beside_end(&d);
}

static void
put_sig(
    struct beside *d, const struct json_t *body, bool as_act, struct blob *out)
{
	canon_auto *doc = canon_object();
	blob_auto bytes = { 0 };
	uint8_t sum[32], sig[SERVICE_SIG];
	struct bytes b;

	assert_int_equal(canon_write(body, &bytes), AM_OK);
	b = blob_bytes(&bytes);
	hash_sha256(&b, 1, sum);
	assert_int_equal(as_act
		? service_sign(store_log_key(d->s.store), sum, sig)
		: service_sign_status(store_log_key(d->s.store), sum, sig),
	    AM_OK);
	assert_int_equal(
	    canon_set(doc, "body", canon_ref((struct json_t *)(uintptr_t)body)),
	    AM_OK);
	assert_int_equal(
	    canon_set(doc, "sig", canon_b64((struct bytes){ sig, 64 })), AM_OK);
	blob_free(out);
	assert_int_equal(canon_write(doc, out), AM_OK);
	assert_int_equal(blob_text(out, "\n"), AM_OK);
}

/* The log key signs other things, too. */
static void
o_2_a_signature_for_something_else(void **state)
{
	struct beside d = beside_new(2, 3);
	blob_auto file = { 0 }, note = { 0 };
	const struct json_t *body = NULL;
	canon_auto *doc = NULL;
	struct status s;

	(void)state;
	file_of(&d, &file);
	assert_int_equal(
	    canon_parse((struct bytes){ file.p, file.len - 1 }, &doc), AM_OK);
	assert_int_equal(canon_get_object(doc, "body", &body), AM_OK);
	put_sig(&d, body, true, &file);
	assert_int_equal(status_read(blob_bytes(&file), &s), AM_ERR_VERIFY);
	put_sig(&d, body, false, &file);
	assert_int_equal(status_read(blob_bytes(&file), &s), AM_OK);
	forge_note(d.f, &note);
	assert_int_equal(status_read(blob_bytes(&note), &s), AM_ERR_CORRUPT);
	beside_end(&d);
}

/* Signed, and all the same no status. */
static void
o_2_fields_that_are_no_good(void **state)
{
	static const struct {
		const char *key, *value;
	} bad[] = { { "format", "amanat-status 2" }, { "origin", "v.example" },
		{ "origin",
		    "v.example-amanat/00000000000000000000000000000000" },
		{ "origin", "/amanat/00000000000000000000000000000000" },
		{ "origin", "v x/amanat/00000000000000000000000000000000" },
		{ "origin", "v/amanat/0000000000000000000000000000000G" },
		{ "at", "2026-02-30T00:00:00Z" }, { "key", "AAAA" },
		{ "policy", "1" }, { "more", "" } };
	struct beside d = beside_new(2, 3);
	struct status s;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		const struct json_t *body = NULL;
		canon_auto *doc = NULL;
		blob_auto file = { 0 };

		file_of(&d, &file);
		assert_int_equal(
		    canon_parse((struct bytes){ file.p, file.len - 1 }, &doc),
		    AM_OK);
		assert_int_equal(canon_get_object(doc, "body", &body), AM_OK);
		assert_int_equal(canon_set((struct json_t *)(uintptr_t)body,
				     bad[i].key, canon_str(bad[i].value)),
		    AM_OK);
		put_sig(&d, body, false, &file);
		assert_int_equal(
		    status_read(blob_bytes(&file), &s), AM_ERR_CORRUPT);
	}
	beside_end(&d);
}

/* ---- two of one vault */

static void
o_2_two_of_one_vault(void **state)
{
	struct beside d = beside_new(2, 3);
	blob_auto file = { 0 };
	struct status a, b;
	int older = 7;

	(void)state;
	file_of(&d, &file);
	a = b = read_it(&file);
	b.key[0] ^= 1;
	assert_int_equal(status_compare(&a, &b, &older), AM_ERR_VERIFY);
	b = a;
	b.head.root[0] ^= 1;
	assert_int_equal(status_compare(&a, &b, &older), AM_ERR_VERIFY);
	b = a;
	assert_int_equal(status_compare(&a, &b, &older), AM_ERR_STALE);
	assert_int_equal(older, 0);
	b.at += 1;
	assert_int_equal(status_compare(&a, &b, &older), AM_ERR_STALE);
	assert_int_equal(older, -1);
	b.head.size -= 1; /* went back meanwhile */
	b.head.root[0] ^= 1;
	assert_int_equal(status_compare(&a, &b, &older), AM_ERR_STALE);
	assert_int_equal(older, 1);
	b.origin[strlen(b.origin) - 1] ^= 1;
	assert_int_equal(status_compare(&a, &b, &older), AM_OK);
	beside_end(&d);
}

/* ---- what is counted */

static void
carry(struct beside *d, const char *name, struct json_t *what)
{
	static const size_t who[] = { 1, 2 };

	assert_int_equal(forge_carry(d->f, name, what, who, 2, 0), AM_OK);
	beside_catch_up(d);
}

static void
o_2_counts(void **state)
{
	struct beside d = beside_new(2, 3);
	blob_auto file = { 0 }, again = { 0 };
	struct status s;

	(void)state;
	file_of(&d, &file);
	file_of(&d, &again);
	assert_true(bytes_same(blob_bytes(&file), blob_bytes(&again)));
	s = read_it(&file);
	assert_memory_equal(s.key, d.s.vault.logkey, 32);
	assert_int_equal(s.head.size, d.f->size);
	assert_int_equal(s.at, beside_now);
	assert_int_equal(s.head_at, beside_now);
	assert_true(s.evaluation);
	assert_int_equal(s.policy, 0);
	assert_int_equal(s.levels[0].safes, 1);
	assert_int_equal(s.levels[0].unbound, 1);
	assert_int_equal(s.levels[0].surplus, 1);
	assert_int_equal(s.levels[0].cut, 2);
	assert_int_equal(s.levels[0].no_quorum, 0);
	assert_int_equal(s.levels[3].safes, 0);
	assert_int_equal(s.overdue[DUE_DRILL], 0);
	carry(&d, "waive", forge_waiver("A-3 baseline.n_min", d.f->at + DAY));
	carry(&d, "policy", forge_policy(levels_shipped_text()));
	file_of(&d, &file);
	s = read_it(&file);
	assert_int_equal(s.policy, 1);
	assert_int_equal(s.waivers, 1);
	assert_int_equal(s.ended, 0);
	beside_now += 400 * DAY; /* nobody proves any more */
	file_of(&d, &file);
	s = read_it(&file);
	assert_int_equal(s.waivers, 0);
	assert_int_equal(s.ended, 1);
	assert_int_equal(s.overdue[DUE_DRILL], 3);
	assert_int_equal(s.levels[0].no_quorum, 1);
	assert_int_equal(s.levels[0].surplus, 0);
	beside_end(&d);
}

/* No word of what people have entered. */
static void
o_2_no_name_is_in_it(void **state)
{
	struct beside d = beside_new(2, 3);
	struct forge_sealed sealed = { 0 };
	blob_auto file = { 0 };

	(void)state;
	assert_int_equal(
	    forge_post(d.f,
		forge_seal(d.f, 4, "CANARY-title", "CANARY-secret", &sealed),
		4),
	    AM_OK);
	beside_catch_up(&d);
	file_of(&d, &file);
	assert_null(memmem(file.p, file.len, "CANARY", 6));
	for (size_t i = 0; i < d.f->count; i++) {
		char quoted[20];

		(void)snprintf(
		    quoted, sizeof(quoted), "\"%s\"", d.f->people[i].name);
		assert_null(memmem(file.p, file.len, quoted, strlen(quoted)));
	}
	beside_end(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BESIDE_TEST(o_2_every_bit_and_every_length),
		BESIDE_TEST(o_2_a_signature_for_something_else),
		BESIDE_TEST(o_2_fields_that_are_no_good),
		BESIDE_TEST(o_2_two_of_one_vault),
		BESIDE_TEST(o_2_counts),
		BESIDE_TEST(o_2_no_name_is_in_it),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
