/*
 * service.h - acts of the vault itself, signed by its log key: Ed25519 over
 * T("service") || H of the body. Source: protocol.md 7.2.
 */

#ifndef AM_SERVICE_H
#define AM_SERVICE_H

#include "vault/base/am.h"

enum { SERVICE_SIG = 64 };

/* `key`: NOTE_SECRET bytes (note.h). Errors: AM_ERR_INVALID (its length). */
AM_RESULT service_sign(
    struct bytes key, const uint8_t id[static 32], uint8_t out[SERVICE_SIG]);

/* Errors: AM_ERR_VERIFY. */
AM_RESULT service_verify(const uint8_t key[static 32],
    const uint8_t id[static 32], const uint8_t sig[static SERVICE_SIG]);

#endif /* AM_SERVICE_H */
