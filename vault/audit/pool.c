#include <pthread.h>

#include "vault/audit/pool.h"

/* Small batches: at the end nobody waits long for the last one. */
enum { BATCH = 8, QUEUE = 128, THREADS_MAX = 64 };

struct batch {
	size_t count;
	struct claim claims[BATCH];
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more, idle;
	struct batch *queue[QUEUE];
	size_t head, waiting, busy;
	bool stop;
	struct batch *filling; /* of the caller's thread */
	pthread_t threads[THREADS_MAX];
	unsigned thread_count;
	bool failed; /* then: where, by what, and why */
	uint64_t leaf;
	enum claim_type type;
	struct why why;
};

/* R13.22: the lowest leaf; there, the signature before the proofs. Claims of
 * one leaf may be with two threads, so who finishes first must not matter. */
static bool
comes_first(const struct pool *p, const struct claim *c)
{
	if (!p->failed || c->leaf != p->leaf)
		return !p->failed || c->leaf < p->leaf;
	return c->type == CLAIM_ASSERTION && p->type != CLAIM_ASSERTION;
}

static void
note_failure(struct pool *p, const struct claim *c, const struct why *why)
{
	pthread_mutex_lock(&p->lock);
	if (comes_first(p, c)) {
		p->failed = true;
		p->leaf = c->leaf;
		p->type = c->type;
		p->why = *why;
	}
	pthread_mutex_unlock(&p->lock);
}

static void
check_batch(struct pool *p, const struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct why why = { 0 };

		if (claim_check(&b->claims[i], &why) != AM_OK)
			note_failure(p, &b->claims[i], &why);
	}
}

/* Takes the oldest batch, which must be there, and checks it. Called with the
 * lock held, which is let go meanwhile. */
static void
check_next(struct pool *p)
{
	struct batch *b = p->queue[p->head];

	p->head = (p->head + 1) % QUEUE;
	p->waiting--;
	p->busy++;
	pthread_mutex_unlock(&p->lock);
	check_batch(p, b);
	free(b);
	pthread_mutex_lock(&p->lock);
	if (--p->busy == 0)
		pthread_cond_signal(&p->idle);
}

static void *
work(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stop)
		if (p->waiting > 0)
			check_next(p);
		else
			pthread_cond_wait(&p->more, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

AM_RESULT
pool_new(unsigned threads, struct pool **out)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return AM_ERR_NOMEM;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_cond_init(&p->idle, NULL);
	/* The caller's thread is one of them. Fewer are only slower. */
	for (unsigned i = 1; i < threads && i < THREADS_MAX; i++) {
		if (pthread_create(
			&p->threads[p->thread_count], NULL, work, p) != 0)
			break;
		p->thread_count++;
	}
	*out = p;
	return AM_OK;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_count; i++)
		(void)pthread_join(p->threads[i], NULL);
	for (; p->waiting > 0; p->waiting--)
		free(p->queue[(p->head + p->waiting - 1) % QUEUE]);
	free(p->filling);
	free(p);
}

/* When the workers are behind, the caller's thread does its share. */
static void
hand_over(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->waiting == QUEUE)
		check_next(p);
	p->queue[(p->head + p->waiting) % QUEUE] = AM_TAKE(p->filling);
	p->waiting++;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}

static enum am_err
add(void *arg, const struct claim *c, struct why *why)
{
	struct pool *p = arg;

	(void)why;
	if (p->filling == NULL) {
		if ((p->filling = malloc(sizeof(*p->filling))) == NULL)
			return AM_ERR_NOMEM;
		p->filling->count = 0;
	}
	p->filling->claims[p->filling->count++] = *c;
	if (p->filling->count == BATCH)
		hand_over(p);
	return AM_OK;
}

struct claim_sink
pool_sink(struct pool *p)
{
	return (struct claim_sink){ .add = add, .arg = p };
}

AM_RESULT
pool_finish(struct pool *p, struct why *why, uint64_t *out_leaf)
{
	bool failed;

	if (p->filling != NULL)
		hand_over(p);
	pthread_mutex_lock(&p->lock);
	while (p->waiting > 0)
		check_next(p);
	while (p->busy > 0)
		pthread_cond_wait(&p->idle, &p->lock);
	failed = p->failed;
	if (failed) {
		*why = p->why;
		*out_leaf = p->leaf;
	}
	pthread_mutex_unlock(&p->lock);
	return failed ? AM_ERR_VERIFY : AM_OK;
}
