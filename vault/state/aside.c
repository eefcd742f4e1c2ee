#include <pthread.h>
#include <signal.h>

#include "vault/state/aside.h"

/*
 * To wake a thread may cost half a signature (an interrupt to a processor that
 * a virtual machine has given back), so one is started only when more waits
 * than a single statement asks for.
 */
enum { QUEUE = 32, ALONE = 2 };

struct aside {
	pthread_mutex_t lock;
	pthread_cond_t more, done;
	/* claims[0 .. begun - 1] are checked or being checked */
	size_t count, begun, busy;
	struct claim claims[QUEUE];
	uint64_t base; /* claims that made way since the last join */
	bool failed;
	uint64_t first; /* number of the first that failed */
	struct why why;
	bool stop, tried, threaded;
	pthread_t thread;
};

/* Called with the lock held, which it gives away while it works. */
static void
check_next(struct aside *a)
{
	const size_t i = a->begun++;
	struct why why = { 0 };
	enum am_err err;

	a->busy++;
	(void)pthread_mutex_unlock(&a->lock);
	err = claim_check(&a->claims[i], &why);
	(void)pthread_mutex_lock(&a->lock);
	if (err != AM_OK && (!a->failed || a->base + i < a->first)) {
		a->failed = true;
		a->first = a->base + i;
		a->why = why;
	}
	if (--a->busy == 0)
		(void)pthread_cond_signal(&a->done);
}

/* Until all that are in the queue are checked. Called with the lock held. */
static void
drain(struct aside *a)
{
	while (a->begun < a->count)
		check_next(a);
	while (a->busy > 0)
		(void)pthread_cond_wait(&a->done, &a->lock);
	a->base += a->count;
	a->count = a->begun = 0;
}

static void *
work(void *arg)
{
	struct aside *a = arg;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		if (a->begun < a->count)
			check_next(a);
		else
			(void)pthread_cond_wait(&a->more, &a->lock);
	}
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* Signals stay with the threads that the program knows of. */
static bool
start(struct aside *a)
{
	sigset_t all, before;
	bool started;

	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	started = pthread_create(&a->thread, NULL, work, a) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

AM_RESULT
aside_new(struct aside **out)
{
	struct aside *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return AM_ERR_NOMEM;
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->more, NULL);
	(void)pthread_cond_init(&a->done, NULL);
	*out = a;
	return AM_OK;
}

void
aside_free(struct aside *a)
{
	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stop = true;
	(void)pthread_cond_signal(&a->more);
	(void)pthread_mutex_unlock(&a->lock);
	if (a->threaded)
		(void)pthread_join(a->thread, NULL);
	(void)pthread_mutex_destroy(&a->lock);
	(void)pthread_cond_destroy(&a->more);
	(void)pthread_cond_destroy(&a->done);
	free(a);
}

static enum am_err
add(void *arg, const struct claim *c, struct why *why)
{
	struct aside *a = arg;

	(void)why;
	(void)pthread_mutex_lock(&a->lock);
	if (a->count == QUEUE)
		drain(a);
	a->claims[a->count++] = *c;
	if (a->count > ALONE && !a->tried) {
		a->tried = true;
		a->threaded = start(a);
	}
	(void)pthread_cond_signal(&a->more);
	(void)pthread_mutex_unlock(&a->lock);
	return AM_OK;
}

struct claim_sink
aside_sink(struct aside *a)
{
	return (struct claim_sink){ .add = add, .arg = a };
}

AM_RESULT
aside_join(struct aside *a, struct why *why)
{
	bool failed;

	(void)pthread_mutex_lock(&a->lock);
	drain(a);
	failed = a->failed;
	if (failed)
		*why = a->why;
	a->failed = false;
	a->base = 0;
	(void)pthread_mutex_unlock(&a->lock);
	return failed ? AM_ERR_VERIFY : AM_OK;
}
