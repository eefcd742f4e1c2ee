/*
 * Another log key by quorum, and checkpoints by the key that was in force at
 * their size (R3.2, R13.20, R13.24).
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/base/enc.h"
#include "vault/state/logkey.h"

/* 2 of 3: people 1 to 3. */
static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 4; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 2, 3);
	return f;
}

static struct json_t *
motion(struct forge *f, size_t by, const uint8_t *key, size_t len)
{
	struct json_t *b = forge_body(f, "motion", by), *act = canon_object(),
		      *what = canon_object();

	forge_b64(what, "key", key, len);
	assert_int_equal(canon_set(act, "logkey", what), AM_OK);
	assert_int_equal(canon_set(b, "act", act), AM_OK);
	forge_text(b, "why", "TEST");
	forge_when(b, "until", f->at + 3600);
	return b;
}

static struct json_t *
answer(struct forge *f, const char *kind, size_t by, const uint8_t *motion_id)
{
	struct json_t *b = forge_body(f, kind, by);

	forge_hex(b, "motion", motion_id, 32);
	if (strcmp(kind, "vote") == 0) {
		assert_int_equal(canon_set(b, "yes", canon_bool(true)), AM_OK);
		forge_text(b, "note", "");
	}
	return b;
}

static void
in_force(struct forge *f, const uint8_t want[static 32])
{
	const struct view v = view_memory(f->memory);
	struct rows_vault vault;

	assert_int_equal(
	    rows_get_vault(&v, (struct bytes){ NULL, 0 }, &vault), AM_OK);
	assert_memory_equal(vault.logkey, want, 32);
}

static void
public_of(const uint8_t seed[static 32], uint8_t out[static 32])
{
	uint8_t secret[64];

	(void)crypto_sign_seed_keypair(out, secret, seed);
}

/* A checkpoint of what there is by a key; *out is what comes of opening it. */
static enum am_err
opens(struct forge *f, const uint8_t seed[static 32], struct blob *text)
{
	const struct view v = view_memory(f->memory);
	uint8_t own[32];
	struct note n = { 0 };

	memcpy(own, f->seed, 32);
	memcpy(f->seed, seed, 32);
	text->len = 0;
	forge_note(f, text);
	memcpy(f->seed, own, 32);
	return logkey_open(&v, blob_bytes(text), &n);
}

/* The same of another size than the log has. */
static enum am_err
sized(struct forge *f, uint64_t size, const uint8_t seed[static 32])
{
	const struct note more = { .size = size };
	const struct view v = view_memory(f->memory);
	char origin[NOTE_ORIGIN_MAX], hex[33];
	blob_auto text = { 0 };
	struct note n = { 0 };

	enc_hex((struct bytes){ f->vault, 16 }, hex);
	(void)snprintf(origin, sizeof(origin), "vault.example/amanat/%s", hex);
	assert_int_equal(
	    note_sign(origin, &more, (struct bytes){ seed, 32 }, &text), AM_OK);
	return logkey_open(&v, blob_bytes(&text), &n);
}

/* ---- refusals */

static void
r13_2_a_motion_for_a_log_key_has_that_key(void **state)
{
	struct forge *f = with_safe();
	uint8_t now[32], key[32] = { 9 };
	struct json_t *b;

	(void)state;
	public_of(f->seed, now);
	refused(f, motion(f, 1, now, 32), 1, AM_ERR_EXISTS, "R13.24");
	assert_int_equal(
	    forge_post(f, motion(f, 1, key, 31), 1), AM_ERR_CORRUPT);
	b = motion(f, 1, key, 32);
	{
		const struct json_t *act = NULL;

		assert_int_equal(canon_get_object(b, "act", &act), AM_OK);
		assert_int_equal(canon_set((struct json_t *)(uintptr_t)act,
				     "waive", canon_object()),
		    AM_OK);
	}
	assert_int_equal(forge_post(f, b, 1), AM_ERR_CORRUPT); /* two acts */
	in_force(f, now);
	forge_free(f);
}

static void
r3_2_fewer_than_k_replace_nothing(void **state)
{
	struct forge *f = with_safe();
	uint8_t now[32], key[32] = { 9 }, id[32];

	(void)state;
	public_of(f->seed, now);
	accepted(f, motion(f, 1, key, 32), 1);
	memcpy(id, f->last, 32);
	in_force(f, now);
	refused(f, answer(f, "enact", 1, id), 1, AM_ERR_QUORUM, "V21");
	accepted(f, answer(f, "vote", 1, id), 1);
	refused(f, answer(f, "enact", 1, id), 1, AM_ERR_QUORUM, "V21");
	refused(f, answer(f, "vote", 4, id), 4, AM_ERR_POLICY, "V21");
	in_force(f, now);
	forge_free(f);
}

/* ---- what holds */

static void
r13_24_the_key_in_force_at_its_size_signs_a_checkpoint(void **state)
{
	static const uint8_t next[32] = "TEST next", third[32] = "TEST third";
	struct forge *f = with_safe();
	blob_auto before = { 0 }, text = { 0 };
	const struct view v = view_memory(f->memory);
	uint8_t key[32], id[32];
	struct note n = { 0 };

	(void)state;
	assert_int_equal(opens(f, f->seed, &before), AM_OK);
	assert_int_equal(opens(f, next, &text), AM_ERR_VERIFY);
	public_of(next, key);
	accepted(f, motion(f, 1, key, 32), 1);
	memcpy(id, f->last, 32);
	accepted(f, answer(f, "vote", 1, id), 1);
	accepted(f, answer(f, "vote", 2, id), 2);
	/* up to the leaf that enacts it, the old one */
	assert_int_equal(opens(f, next, &text), AM_ERR_VERIFY);
	assert_int_equal(opens(f, f->seed, &text), AM_OK);
	accepted(f, answer(f, "enact", 4, id), 4);
	in_force(f, key);
	assert_int_equal(opens(f, next, &text), AM_OK);
	assert_int_equal(opens(f, f->seed, &text), AM_ERR_VERIFY);
	/* just before the leaf that enacted it the old key was in force */
	assert_int_equal(sized(f, f->size - 1, next), AM_ERR_VERIFY);
	assert_int_equal(sized(f, f->size - 1, f->seed), AM_OK);
	/* of a longer log, by either key: it is for the reader to be alarmed */
	assert_int_equal(sized(f, f->size + 1, f->seed), AM_OK);
	assert_int_equal(sized(f, f->size + 1, next), AM_OK);
	assert_int_equal(sized(f, f->size + 1, third), AM_ERR_VERIFY);
	assert_int_equal(
	    logkey_open(&v, blob_bytes(&before), &n), AM_OK); /* of old */
	assert_true(n.size < f->size);

	/* and once more: three keys, each for its time */
	assert_int_equal(opens(f, next, &text), AM_OK);
	public_of(third, key);
	accepted(f, motion(f, 2, key, 32), 2);
	memcpy(id, f->last, 32);
	accepted(f, answer(f, "vote", 3, id), 3);
	accepted(f, answer(f, "vote", 2, id), 2);
	accepted(f, answer(f, "enact", 3, id), 3);
	in_force(f, key);
	n = (struct note){ 0 };
	assert_int_equal(logkey_open(&v, blob_bytes(&text), &n), AM_OK);
	assert_int_equal(logkey_open(&v, blob_bytes(&before), &n), AM_OK);
	assert_int_equal(opens(f, next, &text), AM_ERR_VERIFY);
	assert_int_equal(opens(f, f->seed, &text), AM_ERR_VERIFY);
	assert_int_equal(opens(f, third, &text), AM_OK);
	forge_free(f);
}

static void
r13_20_while_founding_the_founder_replaces_it_alone(void **state)
{
	struct forge *f = forge_new();
	uint8_t now[32], key[32] = { 9 };

	(void)state;
	public_of(f->seed, now);
	(void)forge_person(f, "official");
	accepted(f, motion(f, 1, key, 32), 1); /* that of another waits */
	in_force(f, now);
	accepted(f, motion(f, 0, key, 32), 0);
	in_force(f, key);
	forge_free(f);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(r13_2_a_motion_for_a_log_key_has_that_key),
		cmocka_unit_test(r3_2_fewer_than_k_replace_nothing),
		cmocka_unit_test(
		    r13_24_the_key_in_force_at_its_size_signs_a_checkpoint),
		cmocka_unit_test(
		    r13_20_while_founding_the_founder_replaces_it_alone),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
