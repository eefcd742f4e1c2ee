/* subimport.h - a register of subscriptions out of a spreadsheet: what `import
 * --as subscriptions` does. */

#ifndef AM_SUBIMPORT_H
#define AM_SUBIMPORT_H

#include "cli/cmd.h"

AM_RESULT subimport_run(struct cmd_call *call);

#endif /* AM_SUBIMPORT_H */
