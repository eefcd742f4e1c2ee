/*
 * enlist.h - many subscriptions, one touch a batch (R7.4), each an entry of its
 * own. Memory holds one batch, however many there are.
 */

#ifndef AM_ENLIST_H
#define AM_ENLIST_H

#include "vault/acts/subscribe.h"

enum { ENLIST_BATCH = 8192 }; /* records a touch, at most */

/* Where records come from: new ones without faults. The caller frees the sheet.
 * AM_ERR_NOT_FOUND after the last. `why` is for its sentence. */
struct enlist_source {
	enum am_err (*next)(
	    void *arg, struct subscribe_sheet *out, struct why *why);
	void *arg;
};

/*
 * `enlist_judge` has the rules judge all of them before anybody touches a key,
 * and calls `refused` for each that they refuse to this person, with what
 * subscribe_check cannot see: who used a mailbox first, say.
 * Errors: that of `refused`; AM_ERR_POLICY, AM_ERR_APPOINTMENT, AM_ERR_TOKEN
 * (this person enters none at all); those of `source`.
 */
typedef enum am_err enlist_refused(
    void *arg, const struct subscribe_sheet *of, const struct why *why);
AM_RESULT enlist_judge(struct session *s, const struct session_key *k,
    const struct enlist_source *source, enlist_refused *refused, void *arg);

struct enlist_done {
	uint64_t records; /* durable */
	uint32_t batches; /* touches */
};

/*
 * `enlist_enter` enters everything that `source` gives. Each batch is whole or
 * not at all; after a failure *out tells what is in already. `each` (may be
 * NULL) is told after every batch.
 * Errors: those of `source`, of signing and of the rules.
 */
AM_RESULT enlist_enter(struct session *s, const struct session_key *k,
    const struct enlist_source *source,
    void (*each)(void *arg, const struct enlist_done *so_far), void *arg,
    struct enlist_done *out);

#endif /* AM_ENLIST_H */
