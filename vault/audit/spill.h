/*
 * spill.h - tables (vault/state/view.h) that outgrow memory: for replaying a
 * log of any length.
 *
 * Rows that were used lately stand in memory, as they are now. The others
 * are in a spool, and an index has a number of 8 bytes for each. Keys are
 * compared in full, so that what is absent is absent.
 */

#ifndef AM_SPILL_H
#define AM_SPILL_H

#include "vault/base/am.h"
#include "vault/base/why.h"
#include "vault/state/view.h"

enum { SPILL_KEY_MAX = 128, SPILL_VALUE_MAX = 65536 };

struct spill;

/* `dir` and `why` as in spool_new. Errors: AM_ERR_NOMEM. */
AM_RESULT spill_new(const char *dir, struct why *why, struct spill **out);
/* NULL is allowed. */
void spill_free(struct spill *t);

/* Lives as long as `t`. Errors of its functions besides those of a view:
 * AM_ERR_INVALID (name and key, or value, too long), AM_ERR_NOMEM,
 * AM_ERR_IO. After one of these the tables are of no use. */
struct view spill_view(struct spill *t);

#endif /* AM_SPILL_H */
