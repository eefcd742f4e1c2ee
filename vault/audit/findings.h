/*
 * findings.h - what is worth a look although every rule holds (V18, V20, V24),
 * and what was opened, access by access.
 *
 * One finding a kind and subject, with a count: whoever wants one overlooked
 * cannot drown it in others. Memory does not grow with the history.
 */

#ifndef AM_FINDINGS_H
#define AM_FINDINGS_H

#include "vault/audit/verify.h"
#include "vault/base/am.h"
#include "vault/log/statement.h"
#include "vault/state/view.h"

struct findings;

/* `v`: the tables of the replay, lent; what has to be remembered a statement
 * goes there, too. Errors: AM_ERR_NOMEM. */
AM_RESULT findings_new(const struct view *v, struct findings **out);
/* NULL is allowed. */
void findings_free(struct findings *f);

/* Before the rules judge a statement, and after they let it stand. `proven`:
 * an approval came with its partial. Errors: those of the view. */
AM_RESULT
findings_before(struct findings *f, const struct statement *s, uint64_t leaf);
AM_RESULT findings_after(
    struct findings *f, const struct statement *s, uint64_t leaf, bool proven);

/*
 * `findings_report` hands every access to means->access, and fills counts and
 * findings of `r`, whose vault is set. `partials`: they could have been given.
 * Errors: those of the view and of means->access.
 */
AM_RESULT findings_report(struct findings *f, const struct verify_means *means,
    bool partials, struct verify_report *r);

#endif /* AM_FINDINGS_H */
