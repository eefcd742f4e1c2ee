/*
 * remind.h - what a run of `amanat remind` has to tell, and that it ran.
 *
 * Each reminder, each step to the next post, and each decision or end that was
 * missed is told once, however long it was since the run before; what stays
 * missed is told again every thirty days. One message a subscription and run.
 * The day up to which all was told stands in the file `reminders` of the vault
 * directory, for the log should not grow by being read out:
 *
 *	"amanat-reminders 1\n" <seconds since 1970 of the last run> "\n"
 */

#ifndef AM_REMIND_H
#define AM_REMIND_H

#include "vault/acts/due.h"
#include "vault/acts/raised.h"

enum { REMIND_SILENT = 48 * 3600 }; /* seconds after which it is missed */

/* *out: of the last run that succeeded; 0: there was none. Errors:
 * AM_ERR_INCOMPLETE with a sentence (the file is damaged). */
AM_RESULT remind_last(struct session *s, int64_t *out);
/* All was told up to now. Errors: AM_ERR_IO with a sentence. */
AM_RESULT remind_done(struct session *s);

struct remind_message {
	const struct rows_subscription *subscription;
	const struct raised *raised;
	char post[ROWS_ID_MAX + 1]; /* that has to answer */
	char who[ROWS_ID_MAX + 1];  /* holds it; "": nobody */
	struct bytes text;
};
typedef enum am_err remind_fn(void *arg, const struct remind_message *m);

/* Calls `fn` for each message since the run at `last`. */
AM_RESULT remind_each(struct session *s, const struct view *v, int64_t last,
    remind_fn *fn, void *arg);

/* That no run succeeded in time, once there was one (domain.md 7.3). */
due_source remind_silent;

#endif /* AM_REMIND_H */
