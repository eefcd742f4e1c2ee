/*
 * office.h - posts, appointments and absences (domain.md, X-2 to X-4, C-9).
 * A quorum decides on the first two, the founder while founding; that somebody
 * is away anyone may record.
 */

#ifndef AM_OFFICE_H
#define AM_OFFICE_H

#include "vault/acts/motion.h"

struct office_post {
	const char *id, *title;
	const char *wing;     /* "": none */
	const char *succeeds; /* id of the post before; "": none */
	const char *why;      /* what those who decide are told */
};

/* One touch. */
AM_RESULT office_found_post(struct session *s, const struct session_key *k,
    const struct office_post *w, struct motion_view *out);

struct office_wish {
	const char *person, *post; /* short ids */
	const char *kind;          /* "substantive", "additional", ... */
	const char *order, *authority;
	int64_t from, until;                       /* until 0: no end */
	const char *employer, *line, *site, *wing; /* "": unknown */
	const char *why;
};

/* X-2, exit 2 with the field that is missing: before a key is asked for. */
AM_RESULT office_check(struct session *s, const struct office_wish *w);
/* One touch. */
AM_RESULT office_appoint_person(struct session *s, const struct session_key *k,
    const struct office_wish *w, struct motion_view *out);

/* One touch each. `until` is exclusive. */
AM_RESULT office_away(struct session *s, const struct session_key *k,
    const struct rows_person *who, int64_t from, int64_t until,
    const char *reason);
/* Whoever signs is back. */
AM_RESULT office_back(struct session *s, const struct session_key *k);

/* By id. Errors: AM_ERR_NOT_FOUND with a sentence. */
AM_RESULT
office_post(struct session *s, const char *id, struct rows_post *out);

#endif /* AM_OFFICE_H */
