/* utf8.h - is it UTF-8 (RFC 3629)? */

#ifndef AM_UTF8_H
#define AM_UTF8_H

#include "vault/base/am.h"

/* How many of `len` bytes, at least 1, the first character has; 0: it is not
 * UTF-8, or cut short. */
size_t utf8_char(const uint8_t *p, size_t len);

bool utf8_valid(struct bytes text);

#endif /* AM_UTF8_H */
