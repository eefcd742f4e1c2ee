#include <pthread.h>
#include <stdio.h>

#include "vault/acts/bulk.h"

#include "vault/acts/lookup.h"
#include "vault/acts/lot.h"
#include "vault/acts/seal.h"

enum { THREADS_MAX = 64, SPACE = 2 * BULK_PAYLOAD_MAX };

/* ---- one load: the items of a batch, being sealed */

/* The safes that rows have named: few, looked up once. */
struct known {
	struct known *next;
	struct seal_safe in;
};

struct load {
	struct session *s;
	struct session own; /* a copy for the threads: *s changes meanwhile */
	const struct bulk_source *source;
	const uint8_t *by;
	struct post_when when;
	pthread_mutex_t lock; /* over what follows, and the source */
	struct known **known; /* shared by all loads */
	size_t count;
	bool over;       /* the source has no more, or something failed */
	enum am_err err; /* the first failure */
	struct why why;
	struct seal_made *items; /* BULK_BATCH of them */
	pthread_t threads[THREADS_MAX];
	unsigned thread_count;
};

static AM_RESULT
safe_of(struct load *l, const char *path, const struct seal_safe **out)
{
	char id[ROWS_ID_MAX + 1];
	const size_t len = strcspn(path, "/");
	struct known *k;

	(void)snprintf(id, sizeof(id), "%.*s", (int)len, path);
	for (k = *l->known; k != NULL; k = k->next)
		if (strcmp(k->in.safe.id, id) == 0) {
			*out = &k->in;
			return AM_OK;
		}
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return AM_ERR_NOMEM;
	k->next = *l->known;
	*l->known = k; /* freed with the rest, whatever follows */
	AM_TRY(seal_find_safe(&l->own, id, &k->in));
	*out = &k->in;
	return AM_OK;
}

/* What a thread seals next: in its own memory, outside the lock. */
struct work {
	struct bulk_row row;
	struct secret *space; /* SPACE bytes: payload, padded in place */
	size_t len;
	const struct seal_safe *in;
	size_t item;
};

static AM_RESULT
take_row(struct load *l, struct work *w)
{
	AM_TRY(l->source->next(l->source->arg, &w->row, &l->why));
	AM_TRY(safe_of(l, w->row.path, &w->in));
	if (payload_write(w->row.fields, w->row.count, secret_mut(w->space),
		BULK_PAYLOAD_MAX, &w->len) != AM_OK)
		return why_say(&l->why, AM_ERR_INVALID, "",
		    "the secret of '%s' is empty or larger than %d bytes",
		    w->row.path, BULK_PAYLOAD_MAX);
	w->item = l->count++;
	return AM_OK;
}

static void
fail(struct load *l, enum am_err err)
{
	if (l->err == AM_OK && err != AM_ERR_NOT_FOUND)
		l->err = err;
	l->over = true;
}

/* False: nothing more for this load. */
static bool
take(struct load *l, struct work *w)
{
	enum am_err err = AM_OK;
	bool more;

	pthread_mutex_lock(&l->lock);
	more = !l->over && l->count < BULK_BATCH;
	if (more && (err = take_row(l, w)) != AM_OK) {
		/* of the source: its end. Of a lookup it would be said. */
		if (err == AM_ERR_NOT_FOUND && l->why.text[0] != '\0')
			err = AM_ERR_INVALID;
		fail(l, err);
		more = false;
	}
	pthread_mutex_unlock(&l->lock);
	return more;
}

static AM_RESULT
seal_one(struct load *l, const struct work *w)
{
	const struct seal_wish wish = { .path = w->row.path,
		.class = w->row.class,
		.type = w->row.type,
		.payload = { secret_bytes(w->space).p, w->len },
		.space = secret_mut(w->space) };

	return seal_make(
	    &l->own, w->in, NULL, &l->when, l->by, &wish, &l->items[w->item]);
}

static AM_RESULT
seal_all(struct load *l)
{
	secret_auto *space = NULL;
	struct work w = { .len = 0 };

	AM_TRY(secret_new(SPACE, &space));
	w.space = space;
	while (take(l, &w))
		AM_TRY(seal_one(l, &w));
	return AM_OK;
}

static void *
work(void *arg)
{
	struct load *l = arg;
	const enum am_err err = seal_all(l);

	if (err != AM_OK) {
		pthread_mutex_lock(&l->lock);
		fail(l, err);
		pthread_mutex_unlock(&l->lock);
	}
	return NULL;
}

static void
load_empty(struct load *l)
{
	for (size_t i = 0; i < l->count; i++)
		seal_made_free(&l->items[i]);
	memset(l->items, 0, BULK_BATCH * sizeof(*l->items));
	l->count = 0;
}

static void
load_free(struct load *l)
{
	if (l->items != NULL)
		load_empty(l);
	free(l->items);
	pthread_mutex_destroy(&l->lock);
}

/* Threads begin to fill it; nothing else touches it until load_wait. */
static AM_RESULT
load_start(struct load *l, unsigned threads)
{
	l->own = *l->s;
	l->own.why = &l->why;
	l->when = (struct post_when){ session_now(l->s), l->s->head };
	l->thread_count = 0;
	for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
		if (pthread_create(&l->threads[i], NULL, work, l) != 0)
			break;
		l->thread_count++;
	}
	return l->thread_count > 0 ? AM_OK : AM_ERR_NOMEM;
}

static AM_RESULT
load_wait(struct load *l)
{
	for (unsigned i = 0; i < l->thread_count; i++)
		(void)pthread_join(l->threads[i], NULL);
	l->thread_count = 0;
	if (l->err != AM_OK)
		*l->s->why = l->why;
	return l->err;
}

/* ---- signing and writing a full load */

/* A proof that this process has just made is not checked again by it: every
 * approver does before a touch (R3.5), and `verify` checks all. Everything
 * else, the signature first, is checked as always. */
static enum am_err
check_but_own(void *arg, const struct claim *c, struct why *why)
{
	(void)arg;
	return c->type == CLAIM_SEAL ? AM_OK : claim_check(c, why);
}

static struct lot_item
item_of(const void *arg, size_t i)
{
	const struct load *l = arg;

	return (
	    struct lot_item){ blob_bytes(&l->items[i].body), l->items[i].id };
}

static enum am_err
keep_ct(const void *arg, struct store_txn *t, size_t i)
{
	const struct load *l = arg;

	return store_blob_put(t, "ct",
	    (struct bytes){ l->items[i].ct_hash, 32 },
	    blob_bytes(&l->items[i].ct));
}

static AM_RESULT
write_load(struct load *l, const struct session_key *k, struct bulk_done *done)
{
	const struct lot lot = { .s = l->s,
		.by = l->by,
		.when = l->when,
		.of = "seal",
		.count = l->count,
		.item = item_of,
		.beside = keep_ct,
		.claims = { .add = check_but_own },
		.arg = l };
	char what[64];
	uint64_t leaf = 0;

	(void)snprintf(what, sizeof(what), "to sign %zu deposits", l->count);
	AM_TRY(lot_write(&lot, k, what, &leaf));
	if (done->deposits == 0)
		done->first = leaf;
	done->last = leaf + l->count;
	done->deposits += l->count;
	done->batches++;
	return AM_OK;
}

/* ---- two loads in turn */

struct bulk {
	struct load loads[2];
	struct known *known;
};

static void
bulk_end(struct bulk *b)
{
	for (size_t i = 0; i < 2; i++) {
		for (unsigned j = 0; j < b->loads[i].thread_count; j++)
			(void)pthread_join(b->loads[i].threads[j], NULL);
		load_free(&b->loads[i]);
	}
	while (b->known != NULL) {
		struct known *k = b->known;

		b->known = k->next;
		free(k);
	}
}

static AM_RESULT
bulk_start(struct bulk *b, struct session *s, const struct session_key *k,
    const struct bulk_source *source)
{
	for (size_t i = 0; i < 2; i++) {
		struct load *l = &b->loads[i];

		l->s = s;
		l->source = source;
		l->by = k->row.person;
		l->known = &b->known;
		l->items = calloc(BULK_BATCH, sizeof(*l->items));
		if (l->items == NULL)
			return AM_ERR_NOMEM;
	}
	return AM_OK;
}

AM_RESULT
bulk_deposit(struct session *s, const struct session_key *k,
    const struct bulk_source *source, unsigned threads,
    void (*each)(void *arg, const struct bulk_done *so_far), void *arg,
    struct bulk_done *out)
{
	AM_CLEANUP(bulk_end) struct bulk b = { .known = NULL };
	struct load *now = &b.loads[0], *next = &b.loads[1];

	*out = (struct bulk_done){ 0 };
	pthread_mutex_init(&b.loads[0].lock, NULL);
	pthread_mutex_init(&b.loads[1].lock, NULL);
	AM_TRY(bulk_start(&b, s, k, source));
	AM_TRY(load_start(now, threads));
	for (;;) {
		struct load *full = now;

		AM_TRY(load_wait(full));
		if (!full->over)
			AM_TRY(load_start(next, threads));
		if (full->count > 0) {
			AM_TRY(write_load(full, k, out));
			if (each != NULL)
				each(arg, out);
		}
		if (full->over)
			return AM_OK;
		load_empty(full);
		now = next;
		next = full;
	}
}
