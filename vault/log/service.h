/*
 * service.h - acts of the vault itself, signed by its log key: Ed25519 over
 * T("service") || H of the body. Source: protocol.md 7.2.
 *
 * And what is no act and never stands in the log: a status (audit/status.h),
 * over T("status") || SHA-256 of its body. So neither is taken for the other,
 * nor for a checkpoint, whose text has no zero byte.
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

/* The same of a status; `sum`: SHA-256 of its body. */
AM_RESULT service_sign_status(
    struct bytes key, const uint8_t sum[static 32], uint8_t out[SERVICE_SIG]);
AM_RESULT service_verify_status(const uint8_t key[static 32],
    const uint8_t sum[static 32], const uint8_t sig[static SERVICE_SIG]);

#endif /* AM_SERVICE_H */
