/*
 * actwords.h - what a motion would do, and the rules of a safe, in plain words.
 */

#ifndef AM_ACTWORDS_H
#define AM_ACTWORDS_H

#include "cli/desk.h"
#include "vault/acts/motion.h"

/* Appends one sentence, without a full stop. */
AM_RESULT
actwords_tell(struct desk *d, const struct motion_view *v, struct blob *out);
AM_RESULT
actwords_rules(struct desk *d, const struct rows_rules *r, struct blob *out);

/* Where rules, or a policy, would be weaker than the level or the file that is
 * shipped; nothing: nowhere. */
AM_RESULT
actwords_weaker(struct desk *d, const struct motion_view *v, struct blob *out);

/* "substantive", "additional charge", ... of enum rows_holding. */
const char *actwords_holding(uint8_t kind);

#endif /* AM_ACTWORDS_H */
