/*
 * pin.h - how long the PIN of a key is, as far as a client can tell: no
 * statement shows it, so no vault can refuse a short one, and nobody can verify
 * that it was not.
 */

#ifndef AM_PIN_H
#define AM_PIN_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/* Characters of a PIN: code points, as CTAP2 counts them. */
size_t pin_length(struct bytes pin);

/*
 * Before the PIN that was typed goes to the key: it is as long as the level of
 * a safe asks, where a policy is in force. A key that looks at a finger has
 * none. Errors: AM_ERR_TOKEN, no try having been used.
 */
AM_RESULT pin_check(struct session *s, const struct session_key *k,
    const struct rows_safe *safe);

#endif /* AM_PIN_H */
