/*
 * prospect.h - what an analysis of a safe says, as sentences: for the terminal,
 * for programs and for the picture.
 */

#ifndef AM_PROSPECT_H
#define AM_PROSPECT_H

#include "policy/lockout.h"
#include "vault/acts/lacks.h"
#include "vault/acts/outlook.h"
#include "vault/base/blob.h"

/* A safe, looked at. */
struct prospect {
	struct outlook *o;
	struct lockout *l;
	struct lacks keys;
};
void prospect_free(struct prospect *p);
#define prospect_auto AM_CLEANUP(prospect_free) struct prospect

/* A finding: what it is, and what to do about it. */
struct prospect_line {
	const char *kind; /* "no-quorum", ...: for programs */
	int64_t at;
	struct blob what, todo;
};
void prospect_line_free(struct prospect_line *line);
#define prospect_line_auto AM_CLEANUP(prospect_line_free) struct prospect_line

/* Findings: those of p->l, then those of keys. */
size_t prospect_count(const struct prospect *p);
AM_RESULT
prospect_finding(const struct prospect *p, size_t i, struct prospect_line *out);

/* "a, b and c": the people of a mask, by id. */
AM_RESULT
prospect_people(const struct prospect *p, uint16_t who, struct blob *out);

/* Who is out for their keys alone; whose keys are all of models under an
 * advisory. */
uint16_t prospect_unfit(const struct prospect *p);
uint16_t prospect_advised(const struct prospect *p);

/* "2022-09-28 19:00 UTC (29 Sep 00:00 PKT)" */
AM_RESULT prospect_time(int64_t at, struct blob *out);

#endif /* AM_PROSPECT_H */
