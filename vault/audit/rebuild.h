/*
 * rebuild.h - the tables against the log they are views of.
 */

#ifndef AM_REBUILD_H
#define AM_REBUILD_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

struct rebuild_difference {
	uint64_t statements; /* replayed */
	uint64_t rows;       /* in the tables */
	uint64_t wrong;      /* rows that differ, are missing or too many */
};

/*
 * `rebuild_compare` replays the log into memory, checking every signature,
 * and compares each row. Errors: AM_ERR_VERIFY or AM_ERR_CORRUPT when the
 * log itself does not replay, with leaf and rule in the sentence.
 */
AM_RESULT rebuild_compare(struct session *s, struct rebuild_difference *out);

/* `rebuild_tables` makes the tables anew from the log, in one transaction. */
AM_RESULT rebuild_tables(struct session *s, uint64_t *out_statements);

/*
 * `rebuild_until` replays what was in the log at an instant, so that a question
 * about the past is answered from what was known then. `into` takes the rows.
 */
AM_RESULT rebuild_until(struct session *s, int64_t at, const struct view *into);

/* ... and the first `size` statements, in a transaction that is open. */
AM_RESULT rebuild_first(struct session *s, struct store_txn *t, uint64_t size,
    const struct view *into);

/* The checkpoint is signed by the log key and fits size and root. */
AM_RESULT rebuild_check_note(struct session *s);

#endif /* AM_REBUILD_H */
