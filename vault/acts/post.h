/*
 * post.h - from a draft to a durable statement.
 *
 * An act builds its statements, has the rules judge the drafts before anyone
 * is asked to touch a key, has them signed, and posts them in one
 * transaction: statements, views, blobs and checkpoint together (R7.1). Only
 * then does it act on them.
 */

#ifndef AM_POST_H
#define AM_POST_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/crypto/partial.h"
#include "vault/log/canon.h"

enum { POST_MAX = 20, POST_DROPS_MAX = 96 };

/* Start with { .s = session }; post_free (`post_auto`) ends it. */
struct post {
	struct session *s;
	size_t count;
	struct post_item {
		struct blob body; /* canonical bytes */
		uint8_t id[32];   /* H */
		struct blob line; /* once signed */
		uint8_t cred[1023];
		size_t cred_len;
		const uint8_t *partial; /* beside `approve`, lent */
	} items[POST_MAX];
	/* Blobs stored in the same transaction; all lent. */
	size_t blob_count;
	struct post_blob {
		const char *table;
		struct bytes key, value;
	} blobs[4];
	/* Blobs removed in it, where they are there. */
	size_t drop_count;
	struct post_drop {
		const char *table;
		struct rows_key key;
	} drops[POST_DROPS_MAX];
	uint64_t first_leaf; /* of the first statement, once committed */
};

void post_free(struct post *p);
#define post_auto AM_CLEANUP(post_free) struct post

/*
 * `post_body` starts a body: vault, kind, at (now), by and head. Fields of
 * the kind are then added with canon_set. For genesis, `s->vault.vault` and
 * an empty head are set by the caller.
 */
AM_RESULT post_body(const struct session *s, const char *kind,
    const uint8_t by[static 16], struct json_t **out);

/* The same for a time and a head taken earlier: the items of a batch. */
struct post_when {
	int64_t at;
	struct note head;
};
AM_RESULT post_body_at(const struct session *s, const struct post_when *when,
    const char *kind, const uint8_t by[static 16], struct json_t **out);

/* `post_add` takes over `body`; it will be signed by credential `cred`. The
 * statement id is in p->items[p->count - 1].id afterwards. */
AM_RESULT post_add(struct post *p, struct json_t *body, struct bytes cred);
/* The same for canonical bytes; lent. */
AM_RESULT post_add_body(struct post *p, struct bytes body, struct bytes cred);

/* `post_judge` has the rules judge all drafts; nothing is changed. */
AM_RESULT post_judge(struct post *p);

/* One touch: item `i` signed by `t`; `what` completes "touch the key". */
AM_RESULT post_sign(struct post *p, size_t i, struct token *t, struct bytes pin,
    const char *what);

void post_blob_add(
    struct post *p, const char *table, struct bytes key, struct bytes value);
/* More than POST_DROPS_MAX are left where they are. */
void post_blob_drop(struct post *p, const char *table, struct rows_key key);

/*
 * `post_commit` applies the signed statements in order, appends them, signs
 * the checkpoint and commits durably. s->head is then the new head, which the
 * caller remembers (session_remember) once the act is through: that must not
 * stand between an opening and what it opens.
 */
AM_RESULT post_commit(struct post *p);

/*
 * What post_commit is made of, for acts that append more than POST_MAX
 * statements: judge and append one line as leaf `leaf` (its
 * time at most 120 s from the clock, R7.2); and after the last
 * one, read the vault row, sign the checkpoint and commit. On failure s->head
 * is as before and `t` has been dropped.
 */
AM_RESULT
post_append(struct session *s, struct store_txn *t, const struct state *st,
    struct bytes line, const uint8_t *partial, uint64_t leaf);
AM_RESULT post_finish(struct session *s, struct store_txn **t);

/* The usual case: judge, one touch for each item by one key, commit. */
AM_RESULT
post_all(struct post *p, const struct session_key *key, const char *what);

#endif /* AM_POST_H */
