/*
 * A history so long that most of its tables and of its tree are in files:
 * what is wrong at its end with what stands at its beginning is still found.
 */

#include <stdio.h>

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/audit/verify.h"

enum { ACCESSES = 1200, IDLE = 5 }; /* person 5 does nothing after accepting */

static struct forge *f;
static uint64_t first; /* leaf of the first seal; its request comes next */
static uint64_t early; /* a size at which person 5 had signed all it did */
static uint8_t early_root[32];
static struct forge_sealed sealed;
static struct forge_asked asked;
static const struct blob *extra; /* a line after the others, or NULL */

static enum am_err
get(void *arg, uint64_t leaf, struct bytes *out)
{
	(void)arg;
	if (leaf > f->size || (leaf == f->size && extra == NULL))
		return AM_ERR_NOT_FOUND;
	*out = blob_bytes(leaf < f->size ? &f->lines[leaf] : extra);
	return AM_OK;
}

static enum am_err
verify(unsigned threads, const char *tmp, struct why *why,
    struct verify_report *out)
{
	static const struct verify_lines lines = { .get = get };
	const struct verify_means means = { .threads = threads, .tmp = tmp };
	blob_auto note = { 0 };

	forge_note(f, &note);
	return verify_history(&lines, blob_bytes(&note),
	    (struct bytes){ NULL, 0 }, &means, why, out);
}

static const struct verify_report *
report(unsigned threads)
{
	static struct verify_report r;
	struct why why = { 0 };

	assert_int_equal(verify(threads, "/tmp", &why, &r), AM_OK);
	return &r;
}

static void
broken_at_its_end(const struct blob *line, const char *code, const char *word)
{
	const struct verify_report *r;

	extra = line;
	r = report(2);
	extra = NULL;
	assert_int_equal(r->verdict, VERIFY_BROKEN);
	assert_string_equal(r->code, code);
	assert_int_equal(r->leaf, f->size);
	if (strstr(r->text, word) == NULL)
		fail_msg("another sentence: %s", r->text);
}

static void
no_place_for_files_is_no_verdict(void **state)
{
	static struct verify_report r;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(verify(2, "/tmp/TEST/none", &why, &r), AM_ERR_IO);
	assert_non_null(strstr(why.text, "'/tmp/TEST/none'"));
}

/* H of a statement of the beginning. */
static void
v10_the_same_statement_again(void **state)
{
	(void)state;
	broken_at_its_end(&f->lines[first], "V10", "already");
	broken_at_its_end(&f->lines[first - 1], "V10", "already");
}

/* Sets `key` of a new body as the statement at `leaf` has it. */
static void
copy_field(struct json_t *body, uint64_t leaf, const char *key)
{
	statement_auto s = { 0 };
	struct why why = { 0 };
	struct bytes text = { 0 };

	assert_int_equal(
	    statement_parse(blob_bytes(&f->lines[leaf]), &why, &s), AM_OK);
	assert_int_equal(canon_get_text(s.body, key, &text), AM_OK);
	assert_int_equal(canon_set(body, key, canon_text(text)), AM_OK);
}

static void
v16_a_u_of_the_beginning(void **state)
{
	struct forge_sealed s = { 0 };
	struct json_t *body = forge_seal(f, 6, "again", "TEST", &s);
	blob_auto line = { 0 };

	(void)state;
	copy_field(body, first, "u");
	forge_line(f, body, 6, &line);
	broken_at_its_end(&line, "V16", "this U has been used");
}

static void
v17_a_request_key_of_the_beginning(void **state)
{
	struct forge_asked a = { 0 };
	struct json_t *body = forge_request(f, 6, &sealed, &a);
	blob_auto line = { 0 };

	(void)state;
	copy_field(body, first + 1, "q");
	forge_line(f, body, 6, &line);
	broken_at_its_end(&line, "V17", "fresh for every request");
}

/* A request of the beginning is known for what it is. */
static void
v18_an_approval_of_a_request_long_opened(void **state)
{
	struct json_t *body = forge_approve(f, 1, &asked);
	blob_auto line = { 0 };

	(void)state;
	f->beside.partial = NULL;
	forge_line(f, body, 1, &line);
	broken_at_its_end(&line, "R13.5", "expired");
}

static void
quote(struct json_t *body, uint64_t size, const uint8_t root[static 32])
{
	struct json_t *head = canon_object();

	forge_hex(head, "root", root, 32);
	forge_uint(head, "size", size);
	assert_int_equal(canon_set(body, "head", head), AM_OK);
}

static void
v11_heads_of_the_beginning(void **state)
{
	struct forge_sealed s = { 0 }, other = { 0 };
	struct json_t *body = forge_seal(f, IDLE, "idle", "TEST", &s);
	struct json_t *busy = forge_seal(f, 6, "busy", "TEST", &other);
	blob_auto wrong = { 0 }, stale = { 0 };
	const struct verify_report *r;
	uint8_t root[32];

	(void)state;
	memcpy(root, early_root, 32);
	root[31] ^= 1;
	quote(body, early, root);
	forge_line(f, canon_ref(body), IDLE, &wrong);
	broken_at_its_end(&wrong, "V11", "another log");
	/* The right one, from someone who has signed a newer one since ... */
	quote(body, early, early_root);
	quote(busy, early, early_root);
	forge_line(f, busy, 6, &stale);
	broken_at_its_end(&stale, "V11", "newer state");
	/* ... and from someone who has not. */
	assert_int_equal(forge_post(f, body, IDLE), AM_OK);
	r = report(2);
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_int_equal(r->statements, f->size);
}

/* One thread checks all that is claimed, and drops what need not be. */
static void
threads_make_no_difference(void **state)
{
	struct blob *line = &f->lines[first + 2];
	uint8_t *sig = memmem(line->p, line->len, "\"sig\":\"", 7), was;
	const struct verify_report *r;

	(void)state;
	assert_non_null(sig);
	was = sig[20];
	sig[20] = sig[20] == 'A' ? 'B' : 'A';
	for (unsigned threads = 1; threads < 4; threads++) {
		r = report(threads);
		assert_int_equal(r->verdict, VERIFY_BROKEN);
		assert_string_equal(r->code, "V09");
		assert_int_equal(r->leaf, first + 2);
	}
	assert_int_equal(blob_text(&f->lines[f->size - 9], "x"), AM_OK);
	for (unsigned threads = 1; threads < 4; threads++) {
		r = report(threads);
		assert_string_equal(r->code, "V02");
		assert_int_equal(r->leaf, f->size - 9);
	}
	f->lines[f->size - 9].len--;
	sig[20] = was;
	for (unsigned threads = 0; threads < 4; threads++) {
		r = report(threads);
		assert_int_equal(r->openings, 2);
		assert_int_equal(r->requests, ACCESSES);
	}
}

/* Everyone's id, key and what they did stand at the beginning; then come
 * seals and requests, of which the first and the last are opened. */
static int
forge_history(void **state)
{
	static const uint32_t used[] = { 1, 2 };

	(void)state;
	f = forge_new();
	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 2, 5);
	f->check = false; /* by what is tested */
	early = f->size;
	assert_int_equal(roots_at(f->roots, early, early_root), AM_OK);
	first = f->size;
	for (int i = 0; i < ACCESSES; i++) {
		struct forge_sealed s = { 0 };
		struct forge_asked a = { 0 };
		char title[32];

		(void)snprintf(title, sizeof(title), "c%d", i);
		assert_int_equal(
		    forge_post(f, forge_seal(f, 6, title, "TEST", &s), 6),
		    AM_OK);
		assert_int_equal(
		    forge_post(f, forge_request(f, 6, &s, &a), 6), AM_OK);
		if (i == 0)
			sealed = s;
		if (i > 0 && i < ACCESSES - 1)
			continue;
		for (size_t k = 1; k <= 2; k++)
			assert_int_equal(
			    forge_post(f, forge_approve(f, k, &a), k), AM_OK);
		assert_int_equal(
		    forge_post(f, forge_open(f, 6, &a, used, 2), 6), AM_OK);
		if (i == 0)
			asked = a;
	}
	asked.sealed = &sealed;
	f->at += 3 * 3600; /* the first request is over, by its own time */
	return 0;
}

static int
end(void **state)
{
	(void)state;
	forge_free(f);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_place_for_files_is_no_verdict),
		cmocka_unit_test(v10_the_same_statement_again),
		cmocka_unit_test(v16_a_u_of_the_beginning),
		cmocka_unit_test(v17_a_request_key_of_the_beginning),
		cmocka_unit_test(v18_an_approval_of_a_request_long_opened),
		cmocka_unit_test(threads_make_no_difference),
		cmocka_unit_test(v11_heads_of_the_beginning),
	};

	return sodium_init() < 0
	    ? 1
	    : cmocka_run_group_tests(tests, forge_history, end);
}
