/*
 * names.h - names for credentials out of the names that people gave: letters,
 * digits, '.', '_' and '-', at most ROWS_TITLE_MAX. The same file always gives
 * the same names, so that an import that was stopped can go on.
 */

#ifndef AM_NAMES_H
#define AM_NAMES_H

#include "vault/base/am.h"
#include "vault/state/rows.h"

struct names;

AM_RESULT names_new(struct names **out);
void names_free(struct names *n);

/* Forgets all that was taken. */
void names_clear(struct names *n);

/*
 * `names_tidy` writes a valid name: every run of other characters becomes one
 * '-', and none stands at either end. Of `group`, the folders with '/' between
 * them, each becomes a part before it, with a '.' behind: "Web/Mail" and "old
 * box" are Web.Mail.old-box. Too long: the outermost folders go first, then
 * the end. `spare` characters are left free. Nothing left: entry-NUMBER.
 */
void names_tidy(struct bytes group, struct bytes title, uint64_t number,
    size_t spare, char out[static ROWS_TITLE_MAX + 1]);

/*
 * `names_take` takes `title` in `safe`; when it is taken already, title-2, -3
 * and so on, and *out_again is true. A title that is too long for that loses
 * its end. Errors: AM_ERR_NOMEM.
 */
AM_RESULT names_take(struct names *n, const char *safe,
    char title[static ROWS_TITLE_MAX + 1], bool *out_again);

#endif /* AM_NAMES_H */
