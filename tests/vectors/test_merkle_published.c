/*
 * The published proofs of transparency-dev/merkle, 98 for inclusion and 98
 * for consistency, most of them to be refused. Proves R13.25 and that the
 * verifiers of merkle.h follow RFC 9162, 2.1.3.2 and 2.1.4.2.
 */

#include <fts.h>
#include <sodium.h>
#include <sys/stat.h>

#include "tests/vectors/published.h"
#include "vault/log/merkle.h"

enum { PROOF_ROOM = 80, HASH_ROOM = 64 };

static char dir[512];

/* Base64 values in blocks of exactly their length (tests/exact.h). */
static struct bytes
decode(const json_t *v)
{
	const char *s = json_is_null(v) ? "" : json_string_value(v);
	uint8_t out[HASH_ROOM];
	uint8_t *copy;
	size_t n = 0;

	assert_non_null(s);
	assert_int_equal(sodium_base642bin(out, sizeof(out), s, strlen(s), NULL,
			     &n, NULL, sodium_base64_VARIANT_ORIGINAL),
	    0);
	copy = malloc(n);
	assert_true(copy != NULL || n == 0);
	if (n > 0)
		memcpy(copy, out, n);
	return (struct bytes){ copy, n };
}

static void
drop(struct bytes v)
{
	free((void *)(uintptr_t)v.p);
}

static size_t
decode_proof(const json_t *v, struct bytes out[static PROOF_ROOM])
{
	const size_t n = json_array_size(v); /* 0 when null */

	assert_true(n <= PROOF_ROOM);
	for (size_t i = 0; i < n; i++)
		out[i] = decode(json_array_get(v, i));
	return n;
}

/* Two cases have the index 2^64 - 1, which jansson reads as a real only. */
static uint64_t
number(const json_t *doc, const char *key)
{
	const json_t *v = json_object_get(doc, key);
	const double d = json_real_value(v);

	assert_true(json_is_real(v) && d >= 0);
	assert_true(d < 9007199254740992.0 || d == 18446744073709551616.0);
	return d < 9007199254740992.0 ? (uint64_t)d : UINT64_MAX;
}

static enum am_err
inclusion(const json_t *doc, const struct bytes *proof, size_t n)
{
	const struct bytes leaf = decode(json_object_get(doc, "leafHash"));
	const struct bytes root = decode(json_object_get(doc, "root"));
	const enum am_err err = merkle_verify_inclusion(number(doc, "leafIdx"),
	    number(doc, "treeSize"), leaf, proof, n, root);

	drop(leaf);
	drop(root);
	return err;
}

static enum am_err
consistency(const json_t *doc, const struct bytes *proof, size_t n)
{
	const struct bytes old = decode(json_object_get(doc, "root1"));
	const struct bytes root = decode(json_object_get(doc, "root2"));
	const enum am_err err = merkle_verify_consistency(
	    number(doc, "size1"), number(doc, "size2"), proof, n, old, root);

	drop(old);
	drop(root);
	return err;
}

static bool
one_case(const char *path,
    enum am_err (*verify)(const json_t *, const struct bytes *, size_t))
{
	struct bytes proof[PROOF_ROOM];
	json_t *doc = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
	const json_t *want = json_object_get(doc, "wantErr");
	size_t n;
	enum am_err err;

	assert_true(json_is_boolean(want));
	n = decode_proof(json_object_get(doc, "proof"), proof);
	err = verify(doc, proof, n);
	if (err != (json_is_true(want) ? AM_ERR_VERIFY : AM_OK))
		fail_msg("%s: %s", path, err_text(err));
	for (size_t i = 0; i < n; i++)
		drop(proof[i]);
	json_decref(doc);
	return err != AM_OK;
}

static size_t
all_cases(const char *sub, size_t *refused,
    enum am_err (*verify)(const json_t *, const struct bytes *, size_t))
{
	char path[600];
	char *paths[] = { path, NULL };
	size_t count = 0;
	FTS *fts;
	FTSENT *e;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, sub);
	fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	assert_non_null(fts);
	while ((e = fts_read(fts)) != NULL) {
		if (e->fts_info != FTS_F)
			continue;
		count++;
		*refused += one_case(e->fts_path, verify);
	}
	(void)fts_close(fts);
	return count;
}

static void
published_proofs_are_judged_as_published(void **state)
{
	size_t refused = 0;

	(void)state;
	assert_int_equal(all_cases("inclusion", &refused, inclusion), 98);
	assert_int_equal(all_cases("consistency", &refused, consistency), 98);
	assert_int_equal(refused, 184);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_proofs_are_judged_as_published),
	};
	const char *root = getenv("AMANAT_VECTORS");
	struct stat st;

	(void)snprintf(dir, sizeof(dir), "%s/merkle",
	    root != NULL ? root : "../shared/vectors");
	if (stat(dir, &st) != 0) {
		printf("ok 1 - merkle # SKIP published vectors are not there\n"
		       "1..1\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
