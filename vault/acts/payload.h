/*
 * payload.h - what is sealed: a few named fields, in order.
 *
 *	0 "AMPL" | 4 format 1 | 5 count 1..8, each: u8 length, name,
 *	u32 length, value
 *
 * The first field is the one that `open` prints by itself.
 */

#ifndef AM_PAYLOAD_H
#define AM_PAYLOAD_H

#include "vault/base/am.h"
#include "vault/base/secret.h"

enum {
	PAYLOAD_FIELDS_MAX = 8,
	PAYLOAD_NAME_MAX = 16,
	PAYLOAD_CONTENT_MAX = 1 << 20, /* of all values together */
};

struct payload_field {
	const char *name;
	struct bytes value;
};

/*
 * `payload_write` writes into `cap` bytes of locked memory at `out`.
 * Errors: AM_ERR_INVALID (no field, an empty first value, more content than
 * PAYLOAD_CONTENT_MAX or `cap` holds). `payload_build` makes the memory.
 */
AM_RESULT payload_write(const struct payload_field *fields, size_t count,
    uint8_t *out, size_t cap, size_t *out_len);
AM_RESULT payload_build(
    const struct payload_field *fields, size_t count, struct secret **out);

/* `payload_get` lends the value of `name`, or the first when NULL.
 * Errors: AM_ERR_NOT_FOUND, AM_ERR_CORRUPT. */
AM_RESULT
payload_get(struct bytes payload, const char *name, struct bytes *out);

/* The names, comma separated, for the sentence. */
AM_RESULT payload_names(struct bytes payload, char *out, size_t cap);

/* May a credential of that type have a field of that name? */
bool payload_may_have(const char *type, const char *name);

/* A credential type and the name of its first field; NULL: no such type. */
const char *payload_first(const char *type);

#endif /* AM_PAYLOAD_H */
