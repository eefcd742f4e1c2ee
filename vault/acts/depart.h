/*
 * depart.h - a person leaves (domain.md 8): recorded and suspended at once on
 * one person's authority, followed until nothing is open, closed with the hash
 * of the leaver's certificate (leaver.h).
 */

#ifndef AM_DEPART_H
#define AM_DEPART_H

#include "vault/acts/exposed.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/state/quiet.h"

struct depart_wish {
	const char *person; /* short id */
	const char *kind;   /* transfer, resignation, contract-end, ... */
	const char *reason;
	int64_t effective; /* when the person left: limits run from here */
	/* It was sealed before as "q-7" with this salt; NULL: it was not. */
	const char *quiet;
	struct bytes salt;
};

/* What can be refused before a key is asked for: no such person or kind,
 * recorded already. Nothing else: a departure is a fact. */
AM_RESULT depart_check(struct session *s, const struct depart_wish *w);

/* `suspend` (unless the person is suspended) and `entry`, in one post; one
 * touch each. Errors: AM_ERR_POLICY (one's own departure). */
AM_RESULT depart_record(struct session *s, const struct session_key *k,
    const struct depart_wish *w);

/* The fields of its entry, without those two. Errors: AM_ERR_POLICY (one's own
 * departure). */
AM_RESULT depart_data(struct session *s, const struct session_key *k,
    const struct depart_wish *w, struct json_t **out);

/* What the log says of a departure. Free with depart_free (`depart_auto`). */
struct depart {
	struct rows_person person; /* .departure: 1 recorded, 2 closed */
	struct statement entry;    /* lends the texts */
	struct bytes kind, reason;
	struct rows_quiet quiet; /* that it was sealed before; number 0: not */
	char by[ROWS_ID_MAX + 1];
	int64_t effective, at, suspended_at;
	uint64_t leaf;
	int64_t suspend_limit; /* seconds, of the strictest safe */
	/* Once closed. */
	uint64_t close_leaf;
	uint8_t close_id[32], certificate[32];
	struct note close_head; /* that the closing statement quotes */
	int64_t closed_at;
};

void depart_free(struct depart *d);
#define depart_auto AM_CLEANUP(depart_free) struct depart

/* Errors: AM_ERR_NOT_FOUND (no such person; has not left). */
AM_RESULT depart_find(struct session *s, const char *id, struct depart *out);

/* One thing that keeps a departure open. */
enum depart_what { DEPART_FREE, DEPART_CUSTODY, DEPART_EXPOSURE };
struct depart_open {
	enum depart_what what;
	char text[256]; /* a sentence without a full stop */
	char next[768]; /* what to type */
	int64_t due;
	bool overdue;
};
typedef enum am_err depart_open_fn(void *arg, const struct depart_open *o);

/*
 * `depart_next_custody` finds the next committee, from *at on, of which `person`
 * is a member; start with *at = 0. Each needs a plan without them.
 * Errors: AM_ERR_NOT_FOUND (no further one).
 */
struct depart_custody {
	char safe[ROWS_ID_MAX + 1]; /* short id */
	bool recovery;              /* the recovery committee */
};
AM_RESULT depart_next_custody(struct session *s, const char *person,
    uint32_t *at, struct depart_custody *out);

/* All that is open, in the order in which it is to be done; nothing when the
 * departure is closed. */
AM_RESULT depart_each_open(struct session *s, const struct view *v,
    const struct depart *d, depart_open_fn *fn, void *arg);

/* A request that the departure touched and that has not ended: it lost an
 * approval, or its requester. */
struct depart_request {
	uint32_t number;
	bool asked;            /* by the person, so nobody can open it */
	unsigned approvals, k; /* that still count, of so many */
};
typedef enum am_err
depart_request_fn(void *arg, const struct depart_request *q);
AM_RESULT depart_each_request(struct session *s, const struct view *v,
    const struct rows_person *p, depart_request_fn *fn, void *arg);

/* The active keys of a person, to be returned. */
typedef enum am_err depart_key_fn(void *arg, const struct rows_token *t);
AM_RESULT depart_each_key(const struct view *v, const struct rows_person *p,
    depart_key_fn *fn, void *arg);

/* One touch: the entry that closes it, with the hash of the certificate.
 * Errors: AM_ERR_POLICY (something is open, or it is closed). */
AM_RESULT
depart_close(struct session *s, const struct session_key *k, const char *id);

#endif /* AM_DEPART_H */
