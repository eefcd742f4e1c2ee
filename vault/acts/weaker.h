/*
 * weaker.h - where a policy is weaker than the one that is shipped, and the
 * waivers that let it be.
 *
 * The log refuses no such policy: what is shipped changes with the releases,
 * and what a quorum has decided stays valid. So it is told, by the vault and by
 * the verifier in the same words.
 */

#ifndef AM_WEAKER_H
#define AM_WEAKER_H

#include "policy/levels.h"
#include "vault/state/rows.h"

/* What a waiver of that value names: "A-3 enhanced.quorum_k", "A-3
 * secret.class_map". */
void
weaker_rule(const struct levels_value *v, char out[static ROWS_RULE_MAX + 1]);

/*
 * `weaker_values` calls `fn` for each value of `here` that is weaker than
 * shipped. `v` has the waivers (index "waiver"); `waived`: by one that is in
 * force at `at`, and ends at `until`. Errors: that of `fn`, which ends it;
 * those of the view.
 */
struct weaker_value {
	const char *name; /* "enhanced.quorum_k" */
	const char *shipped, *now;
	bool waived;
	int64_t until;
};
typedef enum am_err weaker_fn(void *arg, const struct weaker_value *w);
AM_RESULT weaker_values(const struct view *v, const struct levels *here,
    int64_t at, weaker_fn *fn, void *arg);

/* Appends those that are not waived: "enhanced.quorum_k 2 (shipped 3), ...". */
AM_RESULT weaker_unwaived(const struct view *v, const struct levels *here,
    int64_t at, struct blob *out);

/*
 * `weaker_history` calls `fn` with a sentence for each policy that came into
 * force weaker than shipped without a waiver in force at that instant, and with
 * one for each that did so by waivers; first come, first told. `file` reads the
 * file of a motion. Errors: those of `file`, `fn` and the view; AM_ERR_NOMEM.
 */
typedef enum am_err
weaker_file(void *arg, const struct rows_motion *m, struct blob *out);
typedef enum am_err weaker_said(void *arg, bool waived, const char *text);
struct weaker_means {
	weaker_file *file;
	void *file_arg;
	weaker_said *said;
	void *said_arg;
};
AM_RESULT
weaker_history(const struct view *v, const struct weaker_means *means);

#endif /* AM_WEAKER_H */
