#include "vault/audit/roots.h"

#include "vault/base/blob.h"
#include "vault/log/merkle.h"

struct roots {
	struct merkle_edge edge;
	struct blob level[64]; /* complete nodes, 32 bytes each, in order */
};

AM_RESULT
roots_new(struct roots **out)
{
	struct roots *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return AM_ERR_NOMEM;
	*out = r;
	return AM_OK;
}

void
roots_free(struct roots *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < AM_ARRAY_LEN(r->level); i++)
		blob_free(&r->level[i]);
	free(r);
}

static enum am_err
keep(void *arg, unsigned level, uint64_t index, const uint8_t hash[static 32])
{
	struct roots *r = arg;

	(void)index; /* nodes become complete in order */
	return blob_add(&r->level[level], (struct bytes){ hash, 32 });
}

AM_RESULT
roots_append(struct roots *r, const uint8_t leaf[static 32])
{
	return merkle_append(&r->edge, leaf, keep, r);
}

static enum am_err
node(void *arg, unsigned level, uint64_t index, uint8_t out[static 32])
{
	const struct roots *r = arg;

	if (level >= AM_ARRAY_LEN(r->level) ||
	    index >= r->level[level].len / 32)
		return AM_ERR_INTERNAL;
	memcpy(out, r->level[level].p + index * 32, 32);
	return AM_OK;
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
