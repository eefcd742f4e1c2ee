/*
 * bulk.h - many deposits, one touch a batch (R7.4). All cores seal the next
 * batch while the one before is signed and written, so memory holds two
 * batches, however many deposits there are.
 */

#ifndef AM_BULK_H
#define AM_BULK_H

#include "vault/acts/payload.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"

enum {
	BULK_BATCH = 8192,        /* deposits a touch, at most */
	BULK_PAYLOAD_MAX = 65536, /* bytes of one; larger: seal_deposit */
};

/* One deposit. The values of its fields are lent until the next call of the
 * source. */
struct bulk_row {
	char path[ROWS_ID_MAX + 1 + ROWS_TITLE_MAX + 1]; /* SAFE/NAME, new */
	char class[ROWS_ID_MAX + 1], type[ROWS_ID_MAX + 1];
	size_t count;
	struct payload_field fields[4];
};

/* Where deposits come from. Called by one thread at a time, not always the
 * same; AM_ERR_NOT_FOUND after the last. `why` is for its sentence. */
struct bulk_source {
	enum am_err (*next)(void *arg, struct bulk_row *out, struct why *why);
	void *arg;
};

struct bulk_done {
	uint64_t deposits;    /* durable */
	uint32_t batches;     /* touches */
	uint64_t first, last; /* leaves, when deposits > 0 */
};

/*
 * `bulk_deposit` seals everything that `source` gives. Each batch is whole or
 * not at all; after a failure *out tells what is in already. `each` (may be
 * NULL) is told after every batch.
 * Errors: those of `source`, of signing and of the rules; AM_ERR_EXISTS names
 * the deposit whose name is taken.
 */
AM_RESULT bulk_deposit(struct session *s, const struct session_key *k,
    const struct bulk_source *source, unsigned threads,
    void (*each)(void *arg, const struct bulk_done *so_far), void *arg,
    struct bulk_done *out);

#endif /* AM_BULK_H */
