#include "vault/log/merkle.h"

#include "vault/crypto/hash.h"

static struct bytes
hash_bytes(const uint8_t h[static MERKLE_HASH])
{
	return (struct bytes){ h, MERKLE_HASH };
}

void
merkle_leaf(struct bytes line, uint8_t out[static MERKLE_HASH])
{
	static const uint8_t leaf[] = { 0x00 };

	hash_sha256(HASH_PARTS({ leaf, 1 }, line), out);
}

/* `out` may be `left` or `right`. */
void
merkle_node(const uint8_t left[static MERKLE_HASH],
    const uint8_t right[static MERKLE_HASH], uint8_t out[static MERKLE_HASH])
{
	uint8_t in[1 + 2 * MERKLE_HASH] = { 0x01 };

	memcpy(in + 1, left, MERKLE_HASH);
	memcpy(in + 1 + MERKLE_HASH, right, MERKLE_HASH);
	hash_sha256(HASH_PARTS({ in, sizeof(in) }), out);
}

void
merkle_empty(uint8_t out[static MERKLE_HASH])
{
	hash_sha256(NULL, 0, out);
}

/* ---- the right edge */

/* One subtree for each bit that is set in `size`. */
static size_t
edge_count(uint64_t size)
{
	return (size_t)__builtin_popcountll(size);
}

AM_RESULT
merkle_append(struct merkle_edge *e, const uint8_t leaf[static MERKLE_HASH],
    enum am_err (*emit)(void *arg, unsigned level, uint64_t index,
	const uint8_t hash[static MERKLE_HASH]),
    void *arg)
{
	size_t n = edge_count(e->size);
	unsigned level = 0;
	uint8_t h[MERKLE_HASH];

	if (e->size == UINT64_MAX)
		return AM_ERR_INVALID;
	memcpy(h, leaf, sizeof(h));
	for (;;) {
		if (emit != NULL)
			AM_TRY(emit(arg, level, e->size >> level, h));
		if ((e->size >> level & 1) == 0)
			break;
		merkle_node(e->hash[--n], h, h);
		level++;
	}
	memcpy(e->hash[n], h, sizeof(h)); /* nothing changed before */
	e->size++;
	return AM_OK;
}

void
merkle_edge_root(const struct merkle_edge *e, uint8_t out[static MERKLE_HASH])
{
	size_t n = edge_count(e->size);

	if (n == 0) {
		merkle_empty(out);
		return;
	}
	memcpy(out, e->hash[--n], MERKLE_HASH);
	while (n > 0)
		merkle_node(e->hash[--n], out, out);
}

AM_RESULT
merkle_edge_load(
    const struct merkle_source *src, uint64_t size, struct merkle_edge *out)
{
	struct merkle_edge e = { .size = size };
	size_t n = 0;

	for (unsigned level = 64; level-- > 0;)
		if (size >> level & 1)
			AM_TRY(src->get(
			    src->arg, level, (size >> level) - 1, e.hash[n++]));
	*out = e;
	return AM_OK;
}

AM_RESULT
merkle_root(const struct merkle_source *src, uint64_t size,
    uint8_t out[static MERKLE_HASH])
{
	struct merkle_edge e;

	AM_TRY(merkle_edge_load(src, size, &e));
	merkle_edge_root(&e, out);
	return AM_OK;
}

/* ---- proofs */

/*
 * Hash over leaves start .. end - 1, where `start` is a multiple of some 2^l
 * and end - start <= 2^l: complete subtrees, folded from the smallest.
 */
static AM_RESULT
range_hash(const struct merkle_source *src, uint64_t start, uint64_t end,
    uint8_t out[static MERKLE_HASH])
{
	const uint64_t count = end - start;
	uint8_t left[MERKLE_HASH];
	bool first = true;

	for (unsigned level = 0; level < 64; level++) {
		if ((count >> level & 1) == 0)
			continue;
		AM_TRY(src->get(
		    src->arg, level, (end >> level) - 1, first ? out : left));
		if (!first)
			merkle_node(left, out, out);
		first = false;
	}
	return AM_OK;
}

/*
 * The siblings on the way from node (level, index) to the root of the first
 * `size` leaves.
 */
static AM_RESULT
siblings(const struct merkle_source *src, unsigned level, uint64_t index,
    uint64_t size, uint8_t out[][MERKLE_HASH], size_t *count)
{
	for (uint64_t last = (size - 1) >> level; last > 0; last >>= 1) {
		const uint64_t sibling = index ^ 1;
		const uint64_t start = sibling << level;
		const uint64_t width = UINT64_C(1) << level;

		if (sibling <= last) /* the last one may be incomplete */
			AM_TRY(range_hash(src, start,
			    size - start < width ? size : start + width,
			    out[(*count)++]));
		index >>= 1;
		level++;
	}
	return AM_OK;
}

AM_RESULT
merkle_prove_inclusion(const struct merkle_source *src, uint64_t index,
    uint64_t size, uint8_t out[][MERKLE_HASH], size_t *out_count)
{
	size_t count = 0;

	if (index >= size)
		return AM_ERR_INVALID;
	AM_TRY(siblings(src, 0, index, size, out, &count));
	*out_count = count;
	return AM_OK;
}

AM_RESULT
merkle_prove_consistency(const struct merkle_source *src, uint64_t old_size,
    uint64_t size, uint8_t out[][MERKLE_HASH], size_t *out_count)
{
	uint64_t index = old_size - 1;
	unsigned level = 0;
	size_t count = 0;

	if (old_size == 0 || old_size > size)
		return AM_ERR_INVALID;
	if (old_size == size) {
		*out_count = 0;
		return AM_OK;
	}
	/* the largest subtree that ends where the old tree ended */
	for (; (index & 1) != 0; index >>= 1)
		level++;
	if (index > 0)
		AM_TRY(src->get(src->arg, level, index, out[count++]));
	AM_TRY(siblings(src, level, index, size, out, &count));
	*out_count = count;
	return AM_OK;
}

/* ---- verification; the names fn, sn, fr, sr are those of RFC 9162 */

static bool
all_hashes(const struct bytes *proof, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (proof[i].len != MERKLE_HASH)
			return false;
	return count <= MERKLE_PROOF_MAX;
}

/* To the next level at which `fn` is a right child (2.1.3.2, step 4.b.ii). */
static void
climb(uint64_t *fn, uint64_t *sn)
{
	while ((*fn & 1) == 0 && *fn != 0) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

/* Source: RFC 9162, 2.1.3.2. */
AM_RESULT
merkle_verify_inclusion(uint64_t index, uint64_t size, struct bytes leaf,
    const struct bytes *proof, size_t count, struct bytes root)
{
	uint64_t fn = index, sn = size - 1;
	uint8_t r[MERKLE_HASH];

	if (index >= size || leaf.len != MERKLE_HASH ||
	    root.len != MERKLE_HASH || !all_hashes(proof, count))
		return AM_ERR_VERIFY;
	memcpy(r, leaf.p, sizeof(r));
	for (size_t i = 0; i < count; i++) {
		if (sn == 0)
			return AM_ERR_VERIFY;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(proof[i].p, r, r);
			climb(&fn, &sn);
		} else {
			merkle_node(r, proof[i].p, r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0 || !bytes_same(hash_bytes(r), root))
		return AM_ERR_VERIFY;
	return AM_OK;
}

/* Source: RFC 9162, 2.1.4.2, from step 4; `first` is what it starts from. */
static AM_RESULT
verify_growth(uint64_t fn, uint64_t sn, struct bytes first,
    const struct bytes *proof, size_t count, struct bytes old_root,
    struct bytes root)
{
	uint8_t fr[MERKLE_HASH], sr[MERKLE_HASH];

	memcpy(fr, first.p, sizeof(fr));
	memcpy(sr, first.p, sizeof(sr));
	for (size_t i = 0; i < count; i++) {
		if (sn == 0)
			return AM_ERR_VERIFY;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(proof[i].p, fr, fr);
			merkle_node(proof[i].p, sr, sr);
			climb(&fn, &sn);
		} else {
			merkle_node(sr, proof[i].p, sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0 || !bytes_same(hash_bytes(fr), old_root) ||
	    !bytes_same(hash_bytes(sr), root))
		return AM_ERR_VERIFY;
	return AM_OK;
}

AM_RESULT
merkle_verify_consistency(uint64_t old_size, uint64_t size,
    const struct bytes *proof, size_t count, struct bytes old_root,
    struct bytes root)
{
	uint64_t fn = old_size - 1, sn = size - 1;

	if (old_size == 0 || old_size > size)
		return AM_ERR_VERIFY;
	if (old_size == size) /* R13.25: whatever their length */
		return count == 0 && bytes_same(old_root, root) ? AM_OK
								: AM_ERR_VERIFY;
	if (count == 0 || !all_hashes(proof, count) ||
	    old_root.len != MERKLE_HASH || root.len != MERKLE_HASH)
		return AM_ERR_VERIFY;
	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	if (fn == 0) /* a power of two: the old root itself is the start */
		return verify_growth(
		    fn, sn, old_root, proof, count, old_root, root);
	return verify_growth(
	    fn, sn, proof[0], proof + 1, count - 1, old_root, root);
}
