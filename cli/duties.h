/*
 * duties.h - the duties of a custodian, shown and accepted again (C-1).
 */

#ifndef AM_CLI_DUTIES_H
#define AM_CLI_DUTIES_H

#include <stdio.h>

#include "cli/cmd.h"

/* The newest text, as it is signed. */
void duties_show(FILE *to);

/* `me --duties` and `me --accept`. */
AM_RESULT duties_print(struct cmd_call *call);
AM_RESULT duties_accept(struct cmd_call *call);

#endif /* AM_CLI_DUTIES_H */
