/*
 * breach.h - recording an incident, following it, and closing it (O-3 to O-6).
 * What is said of one, and what a freeze stops, is in vault/state/incident.h.
 */

#ifndef AM_BREACH_H
#define AM_BREACH_H

#include "vault/acts/due.h"
#include "vault/acts/limits.h"
#include "vault/acts/motion.h"
#include "vault/state/incident.h"

struct breach_wish {
	const char *cause; /* "": not known */
	int64_t quiet;     /* sealed until; 0: it is not */
	const char *credential, *token, *person; /* NULL: not named */
	int64_t discovered;
	bool freeze;
};

/* What can be refused before a key is asked for. */
AM_RESULT breach_check(struct session *s, const struct breach_wish *w);

/* One touch. *out: its number, as in "i-7". */
AM_RESULT breach_open(struct session *s, const struct session_key *k,
    const struct breach_wish *w, uint32_t *out);

/* "i-7". Errors: AM_ERR_NOT_FOUND. */
AM_RESULT
breach_find(struct session *s, const char *id, struct rows_incident *out);

/* A fact; a reaction, where `owner` is set; that a reaction was done, where
 * `done` is. */
struct breach_note {
	const char *id, *what;
	const char *owner; /* NULL: none */
	int64_t due;
	uint32_t done; /* from 1; 0: none */
	const char *const *files;
	size_t count;
};
AM_RESULT breach_note_check(struct session *s, const struct breach_note *n);
/* One touch. */
AM_RESULT breach_note_add(struct session *s, const struct session_key *k,
    const struct breach_note *n);

/* "first", "detail", "final". Errors: AM_ERR_INVALID. */
const char *breach_report_name(enum incident_report report);
AM_RESULT breach_report_read(const char *name, enum incident_report *out);

/* One touch: a report with these hashes was sent. */
struct breach_hashes {
	int64_t at; /* when it was made, which the statement says */
	uint8_t json[32], md[32];
};
AM_RESULT breach_sent(struct session *s, const struct session_key *k,
    const char *id, enum incident_report report, const struct breach_hashes *h);

/* One touch each: closed; a motion that its freeze be lifted. */
AM_RESULT breach_close(struct session *s, const struct session_key *k,
    const char *id, const char *reason);
AM_RESULT breach_lift(struct session *s, const struct session_key *k,
    const char *id, const char *reason, struct motion_view *out);

/* The level of what it is about; the strictest one of the vault where that is
 * not a credential. "": the vault has no safe. */
AM_RESULT breach_level(const struct view *v, const struct rows_vault *vault,
    const struct rows_incident *i, char out[static ROWS_ID_MAX + 1]);

/* When a report is to be sent, and whether it still is: until it or a later one
 * was; and once it is closed only where one was sent before. */
struct breach_clock {
	int64_t at[INCIDENT_REPORTS];
	bool owed[INCIDENT_REPORTS];
};
AM_RESULT breach_clock_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_incident *i, struct breach_clock *out);

/* Reports and reactions of incidents. */
due_source breach_due;

#endif /* AM_BREACH_H */
