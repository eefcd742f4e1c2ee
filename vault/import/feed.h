/*
 * feed.h - a foreign file, read through a window of locked memory: what is
 * read of it is never anywhere else, and is wiped with the window.
 */

#ifndef AM_FEED_H
#define AM_FEED_H

#include "vault/base/am.h"
#include "vault/base/why.h"

enum { FEED_WINDOW = 256 * 1024 }; /* bytes at hand, at most */

struct feed;

/*
 * `feed_open` opens a regular file. Errors, each with a sentence: AM_ERR_IO,
 * AM_ERR_INVALID (not a regular file), AM_ERR_INCOMPLETE (it begins like text
 * in UTF-16); AM_ERR_NOMEM. A byte order mark of UTF-8 is passed over.
 */
AM_RESULT feed_open(const char *path, struct why *why, struct feed **out);
void feed_free(struct feed *f);
static inline void
feed_cleanup(struct feed **f)
{
	feed_free(*f);
}
#define feed_auto AM_CLEANUP(feed_cleanup) struct feed

/* The descriptor of a regular file; errors as above. */
AM_RESULT feed_descriptor(const char *path, struct why *why, int *out);

/* Another place that text comes from, a file in an archive. `read` gives at
 * least one byte, or none at the end. */
struct feed_origin {
	enum am_err (*read)(void *arg, uint8_t *p, size_t cap, size_t *out_len,
	    struct why *why);
	enum am_err (*rewind)(void *arg, struct why *why);
	void (*end)(void *arg);
	void *arg;
};

/* `feed_from` takes `from`, also when it fails. */
AM_RESULT
feed_from(struct feed_origin from, struct why *why, struct feed **out);

/* Back to the first byte after the mark. Errors: AM_ERR_IO. */
AM_RESULT feed_rewind(struct feed *f, struct why *why);

/* What is at hand, not yet used; lent, and for writing, until the next call
 * that is not feed_use. */
uint8_t *feed_at(struct feed *f);
size_t feed_len(const struct feed *f);

/* The first `n` bytes at hand are done with. */
void feed_use(struct feed *f, size_t n);

/*
 * `feed_more` reads more behind what is at hand. Afterwards there is more, or
 * feed_over. Errors: AM_ERR_IO; AM_ERR_INVALID, without a sentence (the window
 * is full).
 */
AM_RESULT feed_more(struct feed *f, struct why *why);

/* The file has nothing more than what is at hand. */
bool feed_over(const struct feed *f);

#endif /* AM_FEED_H */
