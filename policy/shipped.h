/*
 * shipped.h - the policy file that comes with the program, byte for byte
 * (policy/levels.yaml).
 */

#ifndef AM_SHIPPED_H
#define AM_SHIPPED_H

#include "vault/base/am.h"

struct bytes shipped_text(void);

#endif /* AM_SHIPPED_H */
