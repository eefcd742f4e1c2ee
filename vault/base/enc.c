#include "vault/base/enc.h"

static const char hex_digits[] = "0123456789abcdef";
static const char b64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
enc_hex(struct bytes in, char *out)
{
	for (size_t i = 0; i < in.len; i++) {
		out[2 * i] = hex_digits[in.p[i] >> 4];
		out[2 * i + 1] = hex_digits[in.p[i] & 15];
	}
	out[2 * in.len] = '\0';
}

/* Values of the digits, -1 for what is none; bytes above 127 are none. */
/* clang-format off */
static const int8_t hex_values[128] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
static const int8_t b64_values[128] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
	-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
	-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
};
/* clang-format on */

static int
hex_value(uint8_t c)
{
	return c < 128 ? hex_values[c] : -1;
}

static int
b64_value(uint8_t c)
{
	return c < 128 ? b64_values[c] : -1;
}

AM_RESULT
enc_hex_decode(struct bytes text, uint8_t *out, size_t out_len)
{
	int bad = 0;

	if (text.len / 2 != out_len || text.len % 2 != 0)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++)
		bad |= hex_value(text.p[i]);
	if (bad < 0)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < out_len; i++)
		out[i] = (uint8_t)((unsigned)hex_value(text.p[2 * i]) << 4 |
		    (unsigned)hex_value(text.p[2 * i + 1]));
	return AM_OK;
}

void
enc_b64(struct bytes in, char *out)
{
	uint32_t acc = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < in.len; i++) {
		acc = acc << 8 | in.p[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = b64_digits[acc >> (bits - 6) & 63];
	}
	if (bits > 0)
		*out++ = b64_digits[acc << (6 - bits) & 63];
	*out = '\0';
}

AM_RESULT
enc_b64_decode(struct bytes text, uint8_t *out, size_t cap, size_t *out_len)
{
	const size_t len = text.len / 4 * 3 + text.len % 4 * 3 / 4;
	int bad = 0;
	uint32_t acc = 0;
	unsigned bits = 0;

	if (text.len % 4 == 1 || len > cap)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++)
		bad |= b64_value(text.p[i]);
	/* Bits that no byte uses must be zero, or two texts mean one value. */
	if (bad < 0 ||
	    (text.len % 4 != 0 &&
		(b64_value(text.p[text.len - 1]) &
		    (text.len % 4 == 2 ? 15 : 3)) != 0))
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++) {
		acc = acc << 6 | (uint32_t)b64_value(text.p[i]);
		if ((bits += 6) >= 8) {
			bits -= 8;
			*out++ = (uint8_t)(acc >> bits);
		}
	}
	*out_len = len;
	return AM_OK;
}
