/*
 * jsontext.h - JSON of others (RFC 8259), token by token, for exports that hold
 * secrets. It is no business of canon.h, which takes the canonical form only
 * and keeps what it read on the heap: here texts are decoded where they stand,
 * in the locked window of the feed, and nothing is allocated. So no plain text
 * can stay behind in memory that nobody wipes.
 *
 * Refused, with a sentence, as AM_ERR_CORRUPT: what is not JSON or not UTF-8,
 * half a surrogate pair, U+0000, more than JSONTEXT_DEPTH levels, a text or
 * number longer than the window, anything after the end.
 */

#ifndef AM_JSONTEXT_H
#define AM_JSONTEXT_H

#include "vault/import/feed.h"

enum { JSONTEXT_DEPTH = 64, JSONTEXT_KEY_MAX = 31 };

enum jsontext_kind {
	JSONTEXT_OBJECT, /* begins */
	JSONTEXT_ARRAY,  /* begins */
	JSONTEXT_CLOSE,  /* the innermost of them ends */
	JSONTEXT_KEY,    /* its value follows */
	JSONTEXT_TEXT,
	JSONTEXT_NUMBER, /* as it is written */
	JSONTEXT_TRUE,
	JSONTEXT_FALSE,
	JSONTEXT_NULL,
	JSONTEXT_END, /* of the file */
};

struct jsontext_token {
	enum jsontext_kind kind;
	struct bytes text; /* of a key, text or number; until the next call */
};

/* Plain data; start with .feed, at its beginning. */
struct jsontext {
	struct feed *feed;
	uint64_t objects; /* bit i: level i is an object */
	size_t depth;
	enum {
		JSONTEXT_VALUE,
		JSONTEXT_FIRST,
		JSONTEXT_NEXT,
		JSONTEXT_COLON,
		JSONTEXT_LAST
	} want;
};

AM_RESULT
jsontext_next(struct jsontext *j, struct jsontext_token *out, struct why *why);

/* Passes over the rest of the value that begins with `first`. */
AM_RESULT
jsontext_skip(
    struct jsontext *j, const struct jsontext_token *first, struct why *why);

/* What jsontext_each calls: `first` begins the value, which the call must read or
 * skip to its end. `key` is "" in an array, and when it is longer than
 * JSONTEXT_KEY_MAX: nobody we know writes such a one. */
typedef enum am_err (*jsontext_member)(
    void *arg, const char *key, const struct jsontext_token *first);

/* Every member or item of the value that begins with `first`; a value that is
 * neither object nor array has none. */
AM_RESULT jsontext_each(struct jsontext *j, const struct jsontext_token *first,
    jsontext_member each, void *arg, struct why *why);

#endif /* AM_JSONTEXT_H */
