/*
 * enc.h - bytes as text: lower-case hex and base64url without padding.
 *
 * Both are canonical (R2.12): what decodes encodes back to the same text.
 * Not for secrets: time depends on the value.
 */

#ifndef AM_ENC_H
#define AM_ENC_H

#include "vault/base/am.h"

#define ENC_HEX_LEN(n) (2 * (n))
#define ENC_B64_LEN(n) (((n)*4 + 2) / 3)

/* `enc_hex` writes 2 * in.len characters and a NUL to `out`. */
void enc_hex(struct bytes in, char *out);

/* `enc_b64` writes ENC_B64_LEN(in.len) characters and a NUL to `out`. */
void enc_b64(struct bytes in, char *out);

/*
 * `enc_hex_decode` reads exactly `out_len` bytes from 2 * out_len lower-case
 * digits. Errors: AM_ERR_CORRUPT (another length, another character).
 */
AM_RESULT enc_hex_decode(struct bytes text, uint8_t *out, size_t out_len);

/*
 * `enc_b64_decode` decodes base64url without padding; unused bits must be
 * zero. `out` has room for `cap` bytes.
 * Errors: AM_ERR_CORRUPT (length, character, unused bits, more than `cap`).
 */
AM_RESULT
enc_b64_decode(struct bytes text, uint8_t *out, size_t cap, size_t *out_len);

#endif /* AM_ENC_H */
