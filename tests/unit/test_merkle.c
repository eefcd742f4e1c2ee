/*
 * The tree of RFC 6962 against its recursive definition, and every proof of
 * every small tree against RFC 9162. The published cases are in
 * tests/vectors/test_merkle_published.c.
 */

#include <openssl/sha.h>

#include "tests/check.h"
#include "vault/base/enc.h"
#include "vault/log/merkle.h"

enum { LEAVES = 70, NODES = 2 * LEAVES };

typedef uint8_t hash[MERKLE_HASH];

/* ---- a tree made by the book */

static void
leaf_of(size_t i, uint8_t out[static MERKLE_HASH])
{
	const uint8_t line[] = { 'l', (uint8_t)i };

	merkle_leaf((struct bytes){ line, sizeof(line) }, out);
}

/* MTH of RFC 6962, 2.1, word for word. */
static void
by_the_book(size_t from, size_t n, uint8_t out[static MERKLE_HASH])
{
	uint8_t in[1 + 2 * MERKLE_HASH] = { 0x01 };
	size_t k = 1;

	if (n == 0) {
		(void)SHA256((const uint8_t *)"", 0, out);
		return;
	}
	if (n == 1) {
		const uint8_t line[] = { 0x00, 'l', (uint8_t)from };

		(void)SHA256(line, sizeof(line), out);
		return;
	}
	while (2 * k < n)
		k *= 2;
	by_the_book(from, k, in + 1);
	by_the_book(from + k, n - k, in + 1 + MERKLE_HASH);
	(void)SHA256(in, sizeof(in), out);
}

/* Complete nodes, in the order in which they were told. */
struct kept {
	size_t count, fail_at;
	struct {
		unsigned level;
		uint64_t index;
		hash h;
	} node[NODES];
};

static enum am_err
keep(void *arg, unsigned level, uint64_t index,
    const uint8_t h[static MERKLE_HASH])
{
	struct kept *k = arg;

	if (k->count == k->fail_at)
		return AM_ERR_IO;
	assert_true(k->count < NODES);
	k->node[k->count].level = level;
	k->node[k->count].index = index;
	memcpy(k->node[k->count].h, h, MERKLE_HASH);
	k->count++;
	return AM_OK;
}

static enum am_err
find(void *arg, unsigned level, uint64_t index, uint8_t out[static MERKLE_HASH])
{
	const struct kept *k = arg;

	for (size_t i = 0; i < k->count; i++)
		if (k->node[i].level == level && k->node[i].index == index) {
			memcpy(out, k->node[i].h, MERKLE_HASH);
			return AM_OK;
		}
	return AM_ERR_CORRUPT; /* asked for a node that is not complete */
}

static struct kept tree = { .fail_at = SIZE_MAX };
static const struct merkle_source source = { find, &tree };
static hash roots[LEAVES + 1], leaves[LEAVES];

static struct bytes
b(const uint8_t *h)
{
	return (struct bytes){ h, MERKLE_HASH };
}

static int
set_up(void **state)
{
	struct merkle_edge e = { 0 };

	(void)state;
	for (size_t n = 0; n <= LEAVES; n++) {
		by_the_book(0, n, roots[n]);
		if (n == LEAVES)
			break;
		leaf_of(n, leaves[n]);
		if (merkle_append(&e, leaves[n], keep, &tree) != AM_OK)
			return -1;
	}
	return 0;
}

/* ---- refusals */

static void
proofs_outside_the_tree_are_not_made(void **state)
{
	hash out[MERKLE_PROOF_MAX];
	size_t n = 77;

	(void)state;
	assert_int_equal(
	    merkle_prove_inclusion(&source, 0, 0, out, &n), AM_ERR_INVALID);
	assert_int_equal(
	    merkle_prove_inclusion(&source, 5, 5, out, &n), AM_ERR_INVALID);
	assert_int_equal(
	    merkle_prove_consistency(&source, 0, 5, out, &n), AM_ERR_INVALID);
	assert_int_equal(
	    merkle_prove_consistency(&source, 6, 5, out, &n), AM_ERR_INVALID);
	assert_int_equal(n, 77);
}

static void
missing_node_is_an_error(void **state)
{
	struct merkle_edge e = { .size = 3 };
	hash out[MERKLE_PROOF_MAX], root = { 1 };
	size_t n = 77;

	(void)state;
	assert_int_equal(
	    merkle_root(&source, LEAVES + 2, root), AM_ERR_CORRUPT);
	assert_int_equal(
	    merkle_edge_load(&source, LEAVES + 2, &e), AM_ERR_CORRUPT);
	assert_int_equal(
	    merkle_prove_inclusion(&source, 0, 4 * LEAVES, out, &n),
	    AM_ERR_CORRUPT);
	assert_int_equal(e.size, 3);
	assert_int_equal(root[0], 1);
	assert_int_equal(n, 77);
}

static void
failed_append_leaves_the_edge(void **state)
{
	struct merkle_edge e = { 0 };
	struct kept few = { .fail_at = SIZE_MAX };
	hash before, after;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    merkle_append(&e, leaves[i], keep, &few), AM_OK);
	merkle_edge_root(&e, before);
	for (size_t fail = 4; fail < 7; fail++) { /* leaf, pair, root of 4 */
		few.fail_at = fail;
		few.count = 4;
		assert_int_equal(
		    merkle_append(&e, leaves[3], keep, &few), AM_ERR_IO);
		merkle_edge_root(&e, after);
		assert_int_equal(e.size, 3);
		assert_true(bytes_same(b(before), b(after)));
	}
	e.size = UINT64_MAX;
	assert_int_equal(
	    merkle_append(&e, leaves[3], NULL, NULL), AM_ERR_INVALID);
}

static void
one_bit_of_an_inclusion_proof_counts(void **state)
{
	hash out[MERKLE_PROOF_MAX];
	struct bytes proof[MERKLE_PROOF_MAX];
	size_t n = 0;

	(void)state;
	assert_int_equal(
	    merkle_prove_inclusion(&source, 21, 37, out, &n), AM_OK);
	for (size_t i = 0; i < n; i++)
		proof[i] = b(out[i]);
	for (size_t bit = 0; bit < n * MERKLE_HASH * 8; bit += 5) {
		uint8_t *byte = &out[bit / 256][bit % 256 / 8];

		*byte ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(merkle_verify_inclusion(21, 37, b(leaves[21]),
				     proof, n, b(roots[37])),
		    AM_ERR_VERIFY);
		*byte ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t i = 0; i < LEAVES; i++)
		assert_int_equal(merkle_verify_inclusion(i, 37, b(leaves[21]),
				     proof, n, b(roots[37])),
		    i == 21 ? AM_OK : AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_inclusion(
			     21, 37, b(leaves[20]), proof, n, b(roots[37])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_inclusion(
			     21, 37, b(leaves[21]), proof, n - 1, b(roots[37])),
	    AM_ERR_VERIFY);
	assert_int_equal(
	    merkle_verify_inclusion(0, 0, b(leaves[0]), proof, 0, b(roots[0])),
	    AM_ERR_VERIFY);
}

static void
wrong_lengths_are_refused(void **state)
{
	static const uint8_t zeros[MERKLE_HASH];
	static const struct bytes many[MERKLE_PROOF_MAX + 1];
	struct bytes short_one = { roots[2], MERKLE_HASH - 1 };
	struct bytes proof = b(leaves[1]);

	(void)state;
	assert_int_equal(
	    merkle_verify_inclusion(0, 2, b(leaves[0]), &proof, 1, short_one),
	    AM_ERR_VERIFY);
	assert_int_equal(
	    merkle_verify_inclusion(
		0, 2, (struct bytes){ leaves[0], 31 }, &proof, 1, b(roots[2])),
	    AM_ERR_VERIFY);
	proof.len--;
	assert_int_equal(
	    merkle_verify_inclusion(0, 2, b(leaves[0]), &proof, 1, b(roots[2])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_consistency(
			     1, 2, &proof, 1, b(roots[1]), b(roots[2])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_inclusion(0, UINT64_MAX, b(zeros), many,
			     MERKLE_PROOF_MAX + 1, b(zeros)),
	    AM_ERR_VERIFY);
}

/* R13.25 */
static void
equal_sizes_compare_roots_as_they_are(void **state)
{
	const struct bytes odd = LIT("twelve bytes");
	struct bytes proof = b(leaves[0]);

	(void)state;
	assert_int_equal(
	    merkle_verify_consistency(4, 4, NULL, 0, odd, b(roots[4])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_consistency(
			     4, 4, &proof, 1, b(roots[4]), b(roots[4])),
	    AM_ERR_VERIFY);
	assert_int_equal(
	    merkle_verify_consistency(0, 0, NULL, 0, b(roots[0]), b(roots[0])),
	    AM_ERR_VERIFY);
	assert_int_equal(
	    merkle_verify_consistency(4, 4, NULL, 0, odd, odd), AM_OK);
	assert_int_equal(
	    merkle_verify_consistency(4, 4, NULL, 0, b(roots[4]), b(roots[4])),
	    AM_OK);
}

static void
a_fork_is_not_consistent(void **state)
{
	hash out[MERKLE_PROOF_MAX], other;
	struct bytes proof[MERKLE_PROOF_MAX];
	size_t n = 0;

	(void)state;
	by_the_book(1, 23, other); /* another log of 23 lines */
	assert_int_equal(
	    merkle_prove_consistency(&source, 23, 64, out, &n), AM_OK);
	for (size_t i = 0; i < n; i++)
		proof[i] = b(out[i]);
	assert_int_equal(merkle_verify_consistency(
			     23, 64, proof, n, b(roots[23]), b(roots[64])),
	    AM_OK);
	assert_int_equal(
	    merkle_verify_consistency(23, 64, proof, n, b(other), b(roots[64])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_consistency(
			     64, 23, proof, n, b(roots[64]), b(roots[23])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_consistency(
			     23, 64, proof, n - 1, b(roots[23]), b(roots[64])),
	    AM_ERR_VERIFY);
	assert_int_equal(merkle_verify_consistency(
			     23, 64, proof, 0, b(roots[23]), b(roots[64])),
	    AM_ERR_VERIFY);
}

/* ---- and what must hold */

static void
hashes_are_those_of_rfc_6962(void **state)
{
	hash h, want;

	(void)state;
	merkle_empty(h);
	assert_int_equal(
	    enc_hex_decode(LIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b93"
			       "4ca495991b7852b855"),
		want, sizeof(want)),
	    AM_OK);
	assert_true(bytes_same(b(h), b(want)));
	/* the leaf of the empty line, as in the RFC's known test tree */
	merkle_leaf((struct bytes){ 0 }, h);
	assert_int_equal(
	    enc_hex_decode(LIT("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738"
			       "768511a30617afa01d"),
		want, sizeof(want)),
	    AM_OK);
	assert_true(bytes_same(b(h), b(want)));
	merkle_node(leaves[0], leaves[1], h);
	assert_true(bytes_same(b(h), b(roots[2])));
	memcpy(h, leaves[1], sizeof(h)); /* the output may be an input */
	merkle_node(leaves[0], h, h);
	assert_true(bytes_same(b(h), b(roots[2])));
}

static void
edge_and_source_give_the_roots_of_the_book(void **state)
{
	struct merkle_edge e = { 0 }, loaded;
	hash h;

	(void)state;
	for (size_t n = 0; n <= LEAVES; n++) {
		merkle_edge_root(&e, h);
		assert_true(bytes_same(b(h), b(roots[n])));
		assert_int_equal(merkle_root(&source, n, h), AM_OK);
		assert_true(bytes_same(b(h), b(roots[n])));
		assert_int_equal(merkle_edge_load(&source, n, &loaded), AM_OK);
		if (n == LEAVES)
			break;
		assert_int_equal(
		    merkle_append(&e, leaves[n], NULL, NULL), AM_OK);
		assert_int_equal(
		    merkle_append(&loaded, leaves[n], NULL, NULL), AM_OK);
		merkle_edge_root(&loaded, h);
		assert_true(bytes_same(b(h), b(roots[n + 1])));
	}
}

/* Each complete node is told once, when its last leaf comes. */
static void
nodes_are_told_lowest_first_and_once(void **state)
{
	struct merkle_edge e = { 0 };
	struct kept k = { .fail_at = SIZE_MAX };

	(void)state;
	for (uint64_t n = 0; n < 16; n++) {
		k.count = 0;
		assert_int_equal(merkle_append(&e, leaves[n], keep, &k), AM_OK);
		assert_int_equal(k.count, 1 + __builtin_ctzll(n + 1));
		for (unsigned l = 0; l < k.count; l++) {
			assert_int_equal(k.node[l].level, l);
			assert_int_equal(k.node[l].index, n >> l);
		}
	}
}

static void
every_leaf_of_every_tree_is_proven(void **state)
{
	hash out[MERKLE_PROOF_MAX];
	struct bytes proof[MERKLE_PROOF_MAX];

	(void)state;
	for (size_t n = 1; n <= LEAVES; n++)
		for (size_t i = 0; i < n; i++) {
			size_t count = 0;

			assert_int_equal(
			    merkle_prove_inclusion(&source, i, n, out, &count),
			    AM_OK);
			for (size_t j = 0; j < count; j++)
				proof[j] = b(out[j]);
			assert_int_equal(
			    merkle_verify_inclusion(
				i, n, b(leaves[i]), proof, count, b(roots[n])),
			    AM_OK);
		}
}

static void
every_tree_grows_from_every_smaller_one(void **state)
{
	hash out[MERKLE_PROOF_MAX];
	struct bytes proof[MERKLE_PROOF_MAX];

	(void)state;
	for (size_t n = 1; n <= LEAVES; n++)
		for (size_t m = 1; m <= n; m++) {
			size_t count = 99;

			assert_int_equal(merkle_prove_consistency(
					     &source, m, n, out, &count),
			    AM_OK);
			assert_true(count < 10);
			for (size_t j = 0; j < count; j++)
				proof[j] = b(out[j]);
			assert_int_equal(merkle_verify_consistency(m, n, proof,
					     count, b(roots[m]), b(roots[n])),
			    AM_OK);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proofs_outside_the_tree_are_not_made),
		cmocka_unit_test(missing_node_is_an_error),
		cmocka_unit_test(failed_append_leaves_the_edge),
		cmocka_unit_test(one_bit_of_an_inclusion_proof_counts),
		cmocka_unit_test(wrong_lengths_are_refused),
		cmocka_unit_test(equal_sizes_compare_roots_as_they_are),
		cmocka_unit_test(a_fork_is_not_consistent),
		cmocka_unit_test(hashes_are_those_of_rfc_6962),
		cmocka_unit_test(edge_and_source_give_the_roots_of_the_book),
		cmocka_unit_test(nodes_are_told_lowest_first_and_once),
		cmocka_unit_test(every_leaf_of_every_tree_is_proven),
		cmocka_unit_test(every_tree_grows_from_every_smaller_one),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
