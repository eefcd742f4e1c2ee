/*
 * standing.h - how a safe stands: its committees, the changes that are under
 * way, and who owes which step.
 */

#ifndef AM_STANDING_H
#define AM_STANDING_H

#include "cli/desk.h"
#include "cli/out.h"
#include "vault/base/am.h"
#include "vault/base/words.h"
#include "vault/state/rows.h"
#include "vault/state/view.h"

AM_RESULT
standing_text(struct desk *d, const struct view *v, const struct rows_safe *s);
/* One object of an array. */
AM_RESULT standing_json(struct desk *d, const struct view *v,
    const struct rows_safe *s, struct out_json *j);

/* "operating" or "recovery". */
const char *standing_committee(uint8_t committee);

/* "set-up", "refresh" (same people, same quorum) or "reshare". */
AM_RESULT standing_kind(
    const struct view *v, const struct rows_plan *p, const char **out);

/* The key of a safe in eight words. */
void
standing_words(const struct rows_manifest *m, char out[static WORDS_TEXT_MAX]);

#endif /* AM_STANDING_H */
