/*
 * why.h - the sentence that goes with a refusal.
 *
 * The error says what kind of failure it is (and so the exit status); the
 * sentence names the rule, the subject and the next step. Library code fills
 * it, the command prints it. Never a secret, never unescaped outside text.
 */

#ifndef AM_WHY_H
#define AM_WHY_H

#include "vault/base/am.h"

enum { WHY_RULE_MAX = 16, WHY_TEXT_MAX = 512 };

/* Plain data; start with { 0 }. Empty strings until something is refused. */
struct why {
	char rule[WHY_RULE_MAX]; /* of protocol.md: "R5.1", "V17"; may be "" */
	char text[WHY_TEXT_MAX];
};

/*
 * `why_say` fills `w` and returns `err`, so that a refusal is one line:
 *	return why_say(w, AM_ERR_POLICY, "R5.1", "quorum %u ...", k);
 * Control characters in the result are replaced by '?'. A text that is too
 * long is cut.
 */
enum am_err why_say(struct why *w, enum am_err err, const char *rule,
    const char *fmt, ...) AM_PRINTF(4, 5);

#endif /* AM_WHY_H */
