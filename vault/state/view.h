/*
 * view.h - the tables that statements change: names to values.
 *
 * The same rules write to LMDB in the live vault (view_store), to memory when
 * tables are compared (view_memory), and to memory and a file in the offline
 * verifier (vault/audit/spill.h). A table is a short constant name; keys and
 * values are bytes.
 */

#ifndef AM_VIEW_H
#define AM_VIEW_H

#include "vault/base/am.h"
#include "vault/base/blob.h"

struct store_txn;

struct view {
	/* AM_ERR_NOT_FOUND when absent; replaces the content of `out`. */
	enum am_err (*get)(
	    void *arg, const char *table, struct bytes key, struct blob *out);
	enum am_err (*put)(
	    void *arg, const char *table, struct bytes key, struct bytes value);
	void *arg;
};

static inline AM_RESULT
view_get(
    const struct view *v, const char *table, struct bytes key, struct blob *out)
{
	return v->get(v->arg, table, key, out);
}

static inline AM_RESULT
view_put(const struct view *v, const char *table, struct bytes key,
    struct bytes value)
{
	return v->put(v->arg, table, key, value);
}

/* *out tells whether the key is there. */
AM_RESULT
view_has(const struct view *v, const char *table, struct bytes key, bool *out);

/* Over an open transaction; lives as long as it. */
struct view view_store(struct store_txn *t);

/* In memory; view_memory_free ends it. */
struct view_memory;
AM_RESULT view_memory_new(struct view_memory **out);
void view_memory_free(struct view_memory *m);
struct view view_memory(struct view_memory *m);

#endif /* AM_VIEW_H */
