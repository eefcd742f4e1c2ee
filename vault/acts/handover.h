/*
 * handover.h - from one committee to the next: dealing and accepting at a
 * reshare, the answer to a complaint, and erasing what is over (protocol.md
 * 5.5 to 5.7). For steps.c.
 */

#ifndef AM_HANDOVER_H
#define AM_HANDOVER_H

#include "vault/acts/post.h"
#include "vault/acts/turn.h"

/* Checks that plan and join keys are as they were signed (R5.8), unlocks the
 * share of the source committee (one touch), deals it, and posts:
 * the e of each box is kept for a dispute, boxed to the dealer's own key. */
AM_RESULT handover_deal(const struct turn *u);

/* Opens and checks all deals with the join key `d`. *out_bad is the dealer of
 * a bad one. Errors: AM_ERR_VERIFY. */
AM_RESULT handover_accept(const struct turn *u, const struct scalar *d,
    size_t *out_bad, struct turn_acceptance *out);

/* With the last acceptance goes what dealers kept, of this plan and of those
 * that came to nothing before it: it would give the old shares away. */
AM_RESULT handover_forget(const struct turn *u, struct post *p);

/* The dealer shows the e of the box that is complained about. */
AM_RESULT handover_justify(const struct turn *u);

/*
 * Erases the share of an epoch that is over and says so. Before, the log must
 * prove the next epoch (all have accepted), and one who stays must hold the
 * share of the epoch in force (R5.7).
 */
AM_RESULT handover_erase(const struct turn *u);

#endif /* AM_HANDOVER_H */
