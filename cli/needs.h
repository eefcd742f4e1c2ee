/*
 * needs.h - what a request still needs, and who could give it, in plain words.
 */

#ifndef AM_NEEDS_H
#define AM_NEEDS_H

#include "cli/desk.h"
#include "vault/acts/ask.h"

/* `policy explain r-7`: on standard output, as text or JSON. */
AM_RESULT needs_of_request(struct desk *d, const char *id);

/* `ask --dry-run`: what such a request would need; nothing is asked. */
AM_RESULT needs_of_wish(struct desk *d, const struct ask_wish *w);

#endif /* AM_NEEDS_H */
