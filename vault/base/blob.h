/*
 * blob.h - bytes that own their memory, for public data of any size.
 * Secrets live in struct secret instead.
 */

#ifndef AM_BLOB_H
#define AM_BLOB_H

#include "vault/base/am.h"

/* Start with { 0 } (`blob_auto`, freed on every way out). */
struct blob {
	uint8_t *p;
	size_t len, cap;
};

void blob_free(struct blob *b);
#define blob_auto AM_CLEANUP(blob_free) struct blob

/* Sets the length to `len`, keeping what fits; new bytes are zero.
 * Errors: AM_ERR_NOMEM. */
AM_RESULT blob_resize(struct blob *b, size_t len);

/* Appends; `blob_text` appends the characters of a string. */
AM_RESULT blob_add(struct blob *b, struct bytes in);
AM_RESULT blob_text(struct blob *b, const char *text);
AM_RESULT blob_printf(struct blob *b, const char *fmt, ...) AM_PRINTF(2, 3);

static inline struct bytes
blob_bytes(const struct blob *b)
{
	return (struct bytes){ b->p, b->len };
}

#endif /* AM_BLOB_H */
