/*
 * evidence.h - files that prove something: the log keeps their hash, the file
 * stays with whoever has it.
 */

#ifndef AM_EVIDENCE_H
#define AM_EVIDENCE_H

#include "vault/acts/session.h"

/* SHA-256 of a file. Errors: AM_ERR_IO with a sentence. */
AM_RESULT
evidence_hash(struct session *s, const char *path, uint8_t out[static 32]);

#endif /* AM_EVIDENCE_H */
