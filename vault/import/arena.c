#include <sodium.h>
#include <stdalign.h>

#include "vault/import/arena.h"

#include "vault/base/secret.h"

enum { SMALLEST = 5, CLASSES = 22 }; /* blocks of 2^5 to 2^21 bytes */

/* Before each block. */
struct head {
	alignas(16) size_t class; /* 2^class bytes, the head among them */
	struct head *next;        /* while it is free */
};

struct arena {
	struct secret *space;
	size_t used, size;
	struct head *free[CLASSES];
};

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	secret_free(a->space);
	free(a);
}

AM_RESULT
arena_new(size_t size, struct arena **out)
{
	struct arena *a = calloc(1, sizeof(*a));
	enum am_err err;

	if (a == NULL)
		return AM_ERR_NOMEM;
	/* The block's end lies at a guard page: a multiple of 16 keeps its
	 * beginning aligned. */
	a->size = size & ~(size_t)15;
	err = secret_new(a->size, &a->space);
	if (err != AM_OK) {
		free(a);
		return err;
	}
	*out = a;
	return AM_OK;
}

static struct head *
carve(struct arena *a, size_t class)
{
	struct head *h;

	if (((size_t)1 << class) > a->size - a->used)
		return NULL;
	h = (struct head *)(void *)(secret_mut(a->space) + a->used);
	a->used += (size_t)1 << class;
	return h;
}

void *
arena_get(struct arena *a, size_t len)
{
	size_t class = SMALLEST;
	struct head *h;

	if (len > SECRET_MAX)
		return NULL;
	while (((size_t)1 << class) < len + sizeof(struct head))
		class ++;
	if (class >= CLASSES)
		return NULL;
	h = a->free[class];
	if (h != NULL)
		a->free[class] = h->next;
	else if ((h = carve(a, class)) == NULL)
		return NULL;
	*h = (struct head){ .class = class };
	return h + 1;
}

static size_t
room(const struct head *h)
{
	return ((size_t)1 << h->class) - sizeof(*h);
}

void
arena_give(struct arena *a, void *p)
{
	struct head *h = p;

	if (p == NULL)
		return;
	h--;
	sodium_memzero(p, room(h));
	h->next = a->free[h->class];
	a->free[h->class] = h;
}

void *
arena_resize(struct arena *a, void *p, size_t len)
{
	const struct head *h = p;
	void *q;

	if (p == NULL)
		return arena_get(a, len);
	if (len <= room(h - 1))
		return p;
	if ((q = arena_get(a, len)) == NULL)
		return NULL;
	memcpy(q, p, room(h - 1));
	arena_give(a, p);
	return q;
}
