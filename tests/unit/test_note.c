/*
 * Checkpoints (protocol.md 7.4) and service acts. Keys of strangers: the
 * verifier keys in the C2SP documents must parse, for their key ids bind
 * name and key.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/log/note.h"

#define ORIGIN "vault.example/amanat/000102030405060708090a0b0c0d0e0f"
#define DASH   "\xe2\x80\x94 "
#define B64_5  "AQIDBAU="

static const uint8_t seed_bytes[32] = { 1 }, other_seed[32] = { 2 };
static const struct bytes seed = { seed_bytes, 32 };
static uint8_t key[NOTE_PUBLIC], other_key[NOTE_PUBLIC];
static const struct note head = { .size = 7042, .root = { 0xfb, 0xff } };

static int
set_up(void **state)
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];

	(void)state;
	(void)crypto_sign_seed_keypair(key, sk, seed_bytes);
	(void)crypto_sign_seed_keypair(other_key, sk, other_seed);
	return 0;
}

static void
signed_head(struct blob *out)
{
	assert_int_equal(note_sign(ORIGIN, &head, seed, out), AM_OK);
}

static enum am_err
open_text(struct bytes raw)
{
	exact_auto in = exact(raw.p, raw.len);
	struct note n = { .size = 99 };
	const enum am_err err = note_open(in, ORIGIN, key, &n);

	if (err != AM_OK)
		assert_int_equal(n.size, 99); /* untouched */
	return err;
}

/* ---- refusals */

static void
every_flipped_bit_is_refused(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	signed_head(&b);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(open_text(blob_bytes(&b)), AM_OK);
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(open_text(blob_bytes(&b)), AM_OK);
}

static void
every_truncation_is_refused(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	signed_head(&b);
	for (size_t n = 0; n < b.len; n++)
		assert_int_not_equal(
		    open_text((struct bytes){ b.p, n }), AM_OK);
}

static void
another_key_or_origin_is_refused(void **state)
{
	blob_auto b = { 0 };
	struct note n = { 0 };

	(void)state;
	signed_head(&b);
	assert_int_equal(
	    note_open(blob_bytes(&b), ORIGIN, other_key, &n), AM_ERR_VERIFY);
	assert_int_equal(
	    note_open(blob_bytes(&b), ORIGIN "0", key, &n), AM_ERR_CORRUPT);
	assert_int_equal(note_open(blob_bytes(&b), "vault.example", key, &n),
	    AM_ERR_CORRUPT);
}

/* A signature moved to another head of the same log. */
static void
signature_of_another_head_is_refused(void **state)
{
	blob_auto a = { 0 }, b = { 0 };
	const struct note next = { .size = 7043, .root = { 0xfb, 0xff } };
	const uint8_t *sig;

	(void)state;
	signed_head(&a);
	assert_int_equal(note_sign(ORIGIN, &next, seed, &b), AM_OK);
	assert_int_equal(a.len, b.len);
	sig = memmem(a.p, a.len, "\n\n", 2);
	assert_non_null(sig);
	memcpy(b.p + (sig - a.p), sig, a.len - (size_t)(sig - a.p));
	assert_int_equal(open_text(blob_bytes(&b)), AM_ERR_VERIFY);
}

/* Texts whose signature would be right, in a form that the writer has not. */
static void
other_forms_of_a_head_are_refused(void **state)
{
	static const char root[] =
	    "+/8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	static const char *const bad[] = {
		ORIGIN "\n07042\n%s\n", ORIGIN "\n+7042\n%s\n",
		ORIGIN "\n 7042\n%s\n", ORIGIN "\n7042 \n%s\n",
		ORIGIN "\n\n%s\n", ORIGIN "\n-1\n%s\n", ORIGIN "\n0x1b82\n%s\n",
		ORIGIN "\n99999999999999999999\n%s\n",
		ORIGIN "\n7042\n%s\nextension\n", ORIGIN "\n7042\n%s \n",
		ORIGIN "\r\n7042\r\n%s\r\n",
		ORIGIN "\n7042\n%.43s\n",    /* no padding */
		ORIGIN "\n7042\n%.42sB=\n",  /* unused bits */
		ORIGIN "\n7042\n%.40s\n",    /* 30 bytes */
		ORIGIN "\n7042\n%sAAAA\n",   /* after the padding */
		ORIGIN "\n7042\n-_%.42s=\n", /* the other alphabet */
		"x" ORIGIN "\n7042\n%s\n", "\n" ORIGIN "\n7042\n%s\n",
		ORIGIN "\n7042\n%s\n", /* the right one, last */
	};
	uint8_t pk[NOTE_PUBLIC], sk[crypto_sign_SECRETKEYBYTES], blob[68];
	char text[512], b64[128];
	blob_auto good = { 0 };
	const uint8_t *id;

	(void)state;
	(void)crypto_sign_seed_keypair(pk, sk, seed_bytes);
	signed_head(&good); /* for its key id */
	id = memmem(
	    good.p, good.len, DASH ORIGIN " ", sizeof(DASH ORIGIN " ") - 1);
	assert_non_null(id);
	assert_int_equal(sodium_base642bin(blob, sizeof(blob),
			     (const char *)id + sizeof(DASH ORIGIN " ") - 1, 92,
			     NULL, NULL, NULL, sodium_base64_VARIANT_ORIGINAL),
	    0);
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		int n = snprintf(text, sizeof(text), bad[i], root);
#pragma GCC diagnostic pop

		(void)crypto_sign_detached(
		    blob + 4, NULL, (uint8_t *)text, (unsigned long long)n, sk);
		(void)sodium_bin2base64(b64, sizeof(b64), blob, sizeof(blob),
		    sodium_base64_VARIANT_ORIGINAL);
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "\n" DASH ORIGIN " %s\n", b64);
		assert_int_equal(
		    open_text((struct bytes){ (uint8_t *)text, (size_t)n }),
		    i + 1 < AM_ARRAY_LEN(bad) ? AM_ERR_CORRUPT : AM_OK);
	}
}

static void
malformed_signature_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"\n", "x\n", DASH "\n", DASH "w\n", DASH "w \n",
		DASH " " B64_5 "\n", DASH "w " B64_5, /* no newline */
		DASH "w  " B64_5 "\n",                /* two blanks */
		DASH "w " B64_5 " \n",                /* a blank at the end */
		DASH "w+x " B64_5 "\n",               /* plus in a name */
		DASH "w\tx " B64_5 "\n",              /* control character */
		DASH "w AQIDBA==\n",          /* no signature after the id */
		DASH "w AQIDBAV=\n",          /* unused bits */
		DASH "w AQIDBAU\n",           /* no padding */
		DASH "w AQIDB_U=\n",          /* the other alphabet */
		"- w " B64_5 "\n",            /* another dash */
		"\xe2\x80\x93 w " B64_5 "\n", /* en dash */
	};
	blob_auto b = { 0 };
	size_t good;

	(void)state;
	signed_head(&b);
	good = b.len;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		b.len = good;
		assert_int_equal(blob_text(&b, bad[i]), AM_OK);
		assert_int_equal(open_text(blob_bytes(&b)), AM_ERR_CORRUPT);
	}
}

static void
a_second_line_of_the_same_key_is_refused(void **state)
{
	blob_auto b = { 0 };
	const uint8_t *sig;

	(void)state;
	signed_head(&b);
	sig = memmem(b.p, b.len, "\n\n", 2);
	assert_non_null(sig);
	sig += 2;
	const size_t len = b.len - (size_t)(sig - b.p);
	exact_auto again = exact(sig, len);
	assert_int_equal(blob_add(&b, again), AM_OK);
	assert_int_equal(open_text(blob_bytes(&b)), AM_ERR_CORRUPT);
}

static void
too_long_is_refused(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	signed_head(&b);
	while (b.len + sizeof(DASH "w " B64_5 "\n") - 1 <= NOTE_MAX)
		assert_int_equal(blob_text(&b, DASH "w " B64_5 "\n"), AM_OK);
	assert_int_equal(open_text(blob_bytes(&b)), AM_OK);
	assert_int_equal(blob_text(&b, DASH "w " B64_5 "\n"), AM_OK);
	assert_int_equal(open_text(blob_bytes(&b)), AM_ERR_CORRUPT);
}

/* A name that could end early, or begin another line. */
static void
bad_names_are_not_signed(void **state)
{
	static const char *const bad[] = { "", "a b", "a\nb", "a+b", "a\x7f" };
	char long_name[NOTE_ORIGIN_MAX + 1];
	blob_auto b = { 0 };

	(void)state;
	memset(long_name, 'x', sizeof(long_name));
	long_name[NOTE_ORIGIN_MAX] = '\0';
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		assert_int_equal(
		    note_sign(bad[i], &head, seed, &b), AM_ERR_INVALID);
		assert_int_equal(note_vkey(bad[i], key, &b), AM_ERR_INVALID);
	}
	assert_int_equal(note_sign(long_name, &head, seed, &b), AM_ERR_INVALID);
	assert_int_equal(
	    note_sign(ORIGIN, &head, (struct bytes){ seed_bytes, 31 }, &b),
	    AM_ERR_INVALID);
	assert_int_equal(b.len, 0);
}

static void
signing_key_is_seed_and_public_key(void **state)
{
	uint8_t both[NOTE_SECRET + 1] = { 0 };
	blob_auto a = { 0 }, b = { 0 };

	(void)state;
	memcpy(both, seed_bytes, 32);
	memcpy(both + 32, key, 32);
	for (size_t len = 63; len <= 65; len += 2)
		assert_int_equal(note_sign_with(ORIGIN, &head,
				     (struct bytes){ both, len }, &a),
		    AM_ERR_INVALID);
	assert_int_equal(note_sign_with("a b", &head,
			     (struct bytes){ both, NOTE_SECRET }, &a),
	    AM_ERR_INVALID);
	assert_int_equal(a.len, 0);
	assert_int_equal(note_sign_with(ORIGIN, &head,
			     (struct bytes){ both, NOTE_SECRET }, &a),
	    AM_OK);
	assert_int_equal(note_sign(ORIGIN, &head, seed, &b), AM_OK);
	assert_true(bytes_same(blob_bytes(&a), blob_bytes(&b)));
}

/* ---- and what must hold */

static void
note_has_the_form_of_the_header(void **state)
{
	static const char text[] =
	    ORIGIN "\n7042\n+/8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
	blob_auto b = { 0 };
	struct note n = { 0 };

	(void)state;
	assert_int_equal(blob_text(&b, "before"), AM_OK);
	signed_head(&b);
	assert_memory_equal(b.p, "before", 6);
	const struct bytes note = { b.p + 6, b.len - 6 };
	assert_memory_equal(note.p, text, sizeof(text) - 1);
	assert_memory_equal(note.p + sizeof(text) - 1, "\n" DASH ORIGIN " ",
	    sizeof("\n" DASH ORIGIN " ") - 1);
	assert_int_equal(note.p[note.len - 1], '\n');
	assert_int_equal(note_open(note, ORIGIN, key, &n), AM_OK);
	assert_int_equal(n.size, head.size);
	assert_memory_equal(n.root, head.root, 32);
}

/* Cosignatures of witnesses, and a log key that follows another. */
static void
lines_of_others_are_passed_over(void **state)
{
	blob_auto b = { 0 }, mine = { 0 };
	const uint8_t *sig;

	(void)state;
	assert_int_equal(
	    note_sign(ORIGIN, &head, (struct bytes){ other_seed, 32 }, &b),
	    AM_OK);
	assert_int_equal(
	    blob_text(&b, DASH "witness.example " B64_5 "\n"), AM_OK);
	assert_int_equal(open_text(blob_bytes(&b)), AM_ERR_VERIFY);
	signed_head(&mine);
	sig = memmem(mine.p, mine.len, DASH, sizeof(DASH) - 1);
	assert_non_null(sig);
	assert_int_equal(
	    blob_add(
		&b, (struct bytes){ sig, mine.len - (size_t)(sig - mine.p) }),
	    AM_OK);
	assert_int_equal(open_text(blob_bytes(&b)), AM_OK);
}

/* Verifier keys of others: the Go checksum database and the example of its
 * documentation. */
static void
published_verifier_keys_are_written_alike(void **state)
{
	static const char *const lines[] = {
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10TW\n",
		"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTT"
		"AD8OuAn8\n",
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(lines); i++) {
		const struct bytes in = { (const uint8_t *)lines[i],
			strlen(lines[i]) };
		const char *plus = strchr(lines[i], '+'), *last;
		char name[NOTE_ORIGIN_MAX];
		uint8_t got[1 + NOTE_PUBLIC];
		blob_auto again = { 0 };
		size_t n = 0;

		/* both keys have a '+' in their base64 or none after the id */
		last = strchr(plus + 1, '+');
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(plus - lines[i]), lines[i]);
		assert_int_equal(sodium_base642bin(got, sizeof(got), last + 1,
				     strlen(last + 1), "\n", &n, NULL,
				     sodium_base64_VARIANT_ORIGINAL),
		    0);
		assert_int_equal(n, sizeof(got));
		assert_int_equal(note_vkey(name, got + 1, &again), AM_OK);
		assert_true(bytes_same(in, blob_bytes(&again)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(another_key_or_origin_is_refused),
		cmocka_unit_test(signature_of_another_head_is_refused),
		cmocka_unit_test(other_forms_of_a_head_are_refused),
		cmocka_unit_test(malformed_signature_lines_are_refused),
		cmocka_unit_test(a_second_line_of_the_same_key_is_refused),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(bad_names_are_not_signed),
		cmocka_unit_test(signing_key_is_seed_and_public_key),
		cmocka_unit_test(note_has_the_form_of_the_header),
		cmocka_unit_test(lines_of_others_are_passed_over),
		cmocka_unit_test(published_verifier_keys_are_written_alike),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, NULL);
}
