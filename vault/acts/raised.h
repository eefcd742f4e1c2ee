/*
 * raised.h - what a subscription asks for on a day: the reminder that nobody
 * has acknowledged, and who has to answer; a decision or an end that was
 * missed; and whether those who are in office on the day that counts can open
 * what renewing needs (domain.md 7.3, R-4 to ).
 */

#ifndef AM_RAISED_H
#define AM_RAISED_H

#include "vault/acts/outlook.h"
#include "vault/state/subscription.h"

/* What all subscriptions share; start with { 0 }. */
struct raised_office {
	const struct view *v;
	int64_t now;
	int32_t today;
	struct rows_entity entity; /* version 0: not described */
	int32_t holidays[ROWS_HOLIDAYS_MAX];
	struct dates_calendar calendar;
	uint32_t post_count;
	uint8_t (*holders)[16]; /* by number of post; zero: vacant */
	struct raised_safe {
		struct rows_safe safe;
		struct outlook *o; /* NULL: no committee yet */
		bool sure;         /* now and at every end to come */
	} * safes;
	uint32_t safe_count;
	bool all_sure; /* every safe is */
};
void raised_close(struct raised_office *o);
#define raised_auto AM_CLEANUP(raised_close) struct raised_office
AM_RESULT
raised_open(const struct view *v, int64_t now, struct raised_office *out);

struct raised {
	/* The newest reminder that was raised and not acknowledged. */
	bool reminded;
	struct dates_reminder newest;
	int32_t since; /* of the first, or when the dates were entered */
	/* The post that has to answer now, and who holds it; zero:
	 * all are vacant. */
	enum rows_sub_post level;
	uint32_t post;
	uint8_t person[16];
	/* The term that runs. */
	int32_t end, deadline;
	bool renews_itself;
	bool missed, ended; /* the decision; the end, and nothing follows it */
	int32_t next;       /* day that counts: of the decision, else the end */
	enum dates_funds funds;
};
AM_RESULT raised_of(const struct raised_office *o,
    const struct rows_subscription *s, struct raised *out);
/* The same without reminders, and so without who has to answer: cheap. */
void raised_term(const struct raised_office *o,
    const struct rows_subscription *s, struct raised *out);

/* The instant at which what renewing needs has to be opened: 09:00 PKT of the
 * day that counts, or now where that has passed. */
int64_t raised_instant(const struct raised_office *o, const struct raised *r);

enum raised_reach { RAISED_UNLINKED, RAISED_REACHABLE, RAISED_OUT_OF_REACH };
/* `safe`: the first that has no quorum then; "". */
AM_RESULT raised_reach(const struct raised_office *o,
    const struct rows_subscription *s, const struct raised *r,
    enum raised_reach *out, char safe[static ROWS_ID_MAX + 1]);

/* "90 days to decide on 'e-Cabinet MDM' ..." ; "" where nothing is raised. */
AM_RESULT
raised_text(const struct raised_office *o, const struct rows_subscription *s,
    const struct raised *r, struct blob *out);

#endif /* AM_RAISED_H */
