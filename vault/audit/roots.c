#include "vault/audit/roots.h"

#include "vault/audit/spool.h"
#include "vault/log/merkle.h"

struct roots {
	struct merkle_edge edge;
	struct spool *nodes; /* 32 bytes each, as they became complete */
};

AM_RESULT
roots_new(const char *dir, struct why *why, struct roots **out)
{
	struct roots *r = calloc(1, sizeof(*r));
	enum am_err err;

	if (r == NULL)
		return AM_ERR_NOMEM;
	err = spool_new(dir, why, &r->nodes);
	if (err != AM_OK) {
		free(r);
		return err;
	}
	*out = r;
	return AM_OK;
}

void
roots_free(struct roots *r)
{
	if (r == NULL)
		return;
	spool_free(r->nodes);
	free(r);
}

/* How many nodes are complete in a tree of `size` leaves. */
static uint64_t
complete(uint64_t size)
{
	return 2 * size - (uint64_t)__builtin_popcountll(size);
}

static enum am_err
keep(void *arg, unsigned level, uint64_t index, const uint8_t hash[static 32])
{
	struct roots *r = arg;
	uint64_t at = 0;

	(void)level;
	(void)index; /* `node` knows where it went */
	return spool_add(r->nodes, (struct bytes){ hash, 32 }, &at);
}

AM_RESULT
roots_append(struct roots *r, const uint8_t leaf[static 32])
{
	return merkle_append(&r->edge, leaf, keep, r);
}

/* A node becomes complete with its last leaf, after those below it. */
static enum am_err
node(void *arg, unsigned level, uint64_t index, uint8_t out[static 32])
{
	struct roots *r = arg;
	const uint64_t size = r->edge.size;
	uint64_t last;

	if (level >= 64 || index >= size >> level)
		return AM_ERR_INTERNAL;
	/* The large ones of a recent head are still in the edge. */
	if ((size >> level & 1) != 0 && index == (size >> level) - 1) {
		memcpy(out,
		    r->edge.hash[__builtin_popcountll(size >> level) - 1], 32);
		return AM_OK;
	}
	last = ((index + 1) << level) - 1;
	return spool_get(r->nodes, (complete(last) + level) * 32, out, 32);
}

enum am_err
roots_at(void *arg, uint64_t size, uint8_t root[static 32])
{
	struct roots *r = arg;
	const struct merkle_source src = { .get = node, .arg = r };

	if (size == r->edge.size) {
		merkle_edge_root(&r->edge, root);
		return AM_OK;
	}
	if (size > r->edge.size)
		return AM_ERR_INVALID;
	return merkle_root(&src, size, root);
}
