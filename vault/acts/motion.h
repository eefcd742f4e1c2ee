/*
 * motion.h - what only a quorum may do: moving it, looking at it, voting, and
 * putting it into effect (protocol.md 7.3; R5.14, R13.2, R13.20).
 */

#ifndef AM_MOTION_H
#define AM_MOTION_H

#include "vault/acts/exposed.h"
#include "vault/acts/post.h"
#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/base/words.h"

enum { MOTION_DAYS = 7 }; /* how long it may be voted on */

enum motion_state {
	MOTION_WAITING,  /* for votes */
	MOTION_DECIDED,  /* has its quorum, and was not put into effect */
	MOTION_OBJECT,   /* ... and may not be yet: its objection period runs */
	MOTION_IN_FORCE, /* in effect */
	MOTION_DECLINED, /* so many said no that a quorum is not left */
	MOTION_LAPSED,   /* ended before it took effect */
	MOTION_EARLY,    /* no committee is there yet to decide */
};

/* A motion as its voters see it. Free with motion_view_free. */
struct motion_view {
	struct rows_motion motion;
	char id[16];           /* "m-7" */
	struct rows_person by; /* who moved it */
	bool by_suspended;     /* ... with a key, or as a person, that now is */
	struct rows_person who; /* whom it is about; empty: nobody */
	/* `waive`, where it accepts that `who` knows a version of something. */
	char path[EXPOSED_PATH]; /* SAFE/NAME; "": it does not */
	uint32_t version;
	/* What `post`, `appoint`, `rules`, `policy`, `deny` would put in
	 * force. */
	struct rows_post post; /* of `appoint` too */
	struct rows_appointment appointment;
	struct rows_rules rules;
	struct rows_safe ruled; /* whose rules */
	struct rows_policy policy;
	struct rows_deny deny; /* of `deny` */
	struct rows_token key; /* which key; empty label: none */
	bool further;          /* admits a further key */
	struct statement moved;
	struct bytes why; /* lent from `moved` */
	char words[WORDS_TEXT_MAX];
	/* The committee that decides, and what counts now (R13.20). */
	char safe[ROWS_ID_MAX + 1]; /* "": none yet */
	struct rows_manifest committee;
	unsigned yes, no;
	int64_t effect_at; /* not before: R5.15 */
	enum motion_state state;
};

void motion_view_free(struct motion_view *v);
#define motion_view_auto AM_CLEANUP(motion_view_free) struct motion_view

/* Is this the id of a motion, "m-7"? (That of a request is "r-7".) */
bool motion_is_id(const char *id);

/*
 * `motion_look` loads a motion; that it stands in the log under the verified
 * head, and its signature, are checked. `motion_last` is the newest one.
 * Errors: AM_ERR_NOT_FOUND; AM_ERR_VERIFY.
 */
AM_RESULT
motion_look(struct session *s, const char *id, struct motion_view *out);
AM_RESULT motion_last(struct session *s, struct motion_view *out);

/* The short id of a voter, and the note of the vote (what was said to a no). */
AM_RESULT motion_vote_of(struct session *s, const struct rows_vote *vote,
    char who[static ROWS_ID_MAX + 1], struct blob *note);

/* What can be refused before a key is asked for: it is over. */
AM_RESULT motion_check_open(struct session *s, const struct motion_view *v);

/* How many touches a yes takes: the vote, putting it into effect. */
int motion_touches(const struct session *s, const struct motion_view *v);

/*
 * `motion_approve` votes yes; the vote that completes the quorum is posted
 * together with `enact`. Where the quorum is there already, it enacts only.
 * `motion_decline` votes no, with a reason.
 */
AM_RESULT motion_approve(struct session *s, const struct session_key *k,
    const struct motion_view *v);
AM_RESULT motion_decline(struct session *s, const struct session_key *k,
    const struct motion_view *v, const char *reason);

/* Adds a motion to a post: its act (taken over) and why. */
AM_RESULT motion_add(struct post *p, const struct session_key *mover,
    struct json_t *act, const char *why);

/* One touch; the act is judged first. *out is the motion as it stands. */
AM_RESULT motion_move(struct session *s, const struct session_key *k,
    struct json_t *act, const char *why, struct motion_view *out);

/* Moves that `rule` need not hold until then. */
AM_RESULT motion_waive(struct session *s, const struct session_key *k,
    const char *rule, int64_t until, const char *why, struct motion_view *out);

/* A text that is kept: a reason. Errors: AM_ERR_INVALID. */
AM_RESULT motion_check_text(struct session *s, const char *text);

#endif /* AM_MOTION_H */
