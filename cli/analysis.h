/*
 * analysis.h - what the parts of `analyze` share: the question, each safe that
 * it is about, and how an answer is told. Not for other verbs.
 */

#ifndef AM_ANALYSIS_H
#define AM_ANALYSIS_H

#include "cli/desk.h"
#include "cli/out.h"
#include "cli/prospect.h"

struct album;

struct analysis {
	struct desk *d;
	struct view v; /* as of `now` */
	int64_t now, horizon;
	const char *without, *fail;  /* what if */
	const struct levels *levels; /* of the policy in force; NULL: none */
	struct out_json *j;          /* NULL: for people */
	size_t findings;
	bool hit;            /* somebody has what fails */
	struct album *album; /* where it is drawn; NULL: it is said */
};

/* The row of the vault, with a sentence where there was none yet. */
AM_RESULT analysis_vault(struct analysis *a, struct rows_vault *out);

/* Calls `fn` for each safe; `wanted`: SAFE or SAFE/NAME; NULL: all. */
typedef enum am_err
analysis_fn(struct analysis *a, const struct rows_safe *safe, void *arg);
AM_RESULT analysis_each(
    struct analysis *a, const char *wanted, analysis_fn *fn, void *arg);

/* A safe, with what is asked about left out; `analysis_read` without what is
 * found in it (out->l). */
AM_RESULT analysis_read(
    struct analysis *a, const struct rows_safe *safe, struct prospect *out);
AM_RESULT analysis_look(
    struct analysis *a, const struct rows_safe *safe, struct prospect *out);

/* A labelled line, and the first line of a safe. */
void analysis_line(const char *label, const struct blob *text);
AM_RESULT
analysis_heading(const struct analysis *a, const struct prospect *p);

/* Values for programs. */
void analysis_people(struct out_json *j, const char *key,
    const struct prospect *p, uint16_t who);
void analysis_time(struct out_json *j, const char *key, int64_t at);

/* beyond.c: what the level asks beyond the committee. A finding about the
 * recovery committee, whose kind stays NULL where there is none; and what this
 * version does not keep: a line, or values in an array that is open. */
AM_RESULT beyond_finding(const struct analysis *a, const struct prospect *p,
    struct prospect_line *out);
AM_RESULT beyond_not_kept(struct analysis *a, const struct rows_safe *safe);

/* overall.c: whether what the levels say is in force at all, waivers, and
 * policies that came into force weaker than shipped. */
AM_RESULT
overall_policy(struct analysis *a, struct levels *levels); /* sets a->levels */
AM_RESULT overall_tell(struct analysis *a, const char *wanted);
AM_RESULT overall_waivers(struct analysis *a, uint32_t motions);
AM_RESULT overall_history(struct analysis *a);

/* transition.c: who can open, and dated batches; for analysis_each. */
analysis_fn transition_openers, transition_safe;

/* pairs.c: who approves together; for analysis_each. */
analysis_fn pairs_safe;

/* reach.c: what those who are in office when a renewal needs it can open. */
AM_RESULT reach_tell(struct analysis *a);

/* album.c: one page for people who would rather look. */
AM_RESULT album_draw(struct analysis *a, const char *wanted, const char *path);
AM_RESULT
album_line(struct album *a, const char *label, const struct blob *text);

#endif /* AM_ANALYSIS_H */
