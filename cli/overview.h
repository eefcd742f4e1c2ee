/*
 * overview.h - `export --status` and `import --status`.
 */

#ifndef AM_OVERVIEW_H
#define AM_OVERVIEW_H

#include "cli/cmd.h"

AM_RESULT overview_export(struct cmd_call *call);
AM_RESULT overview_merge(struct cmd_call *call);

#endif /* AM_OVERVIEW_H */
