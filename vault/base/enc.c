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

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

AM_RESULT
enc_hex_decode(struct bytes text, uint8_t *out, size_t out_len)
{
	if (text.len / 2 != out_len || text.len % 2 != 0)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++)
		if (hex_value(text.p[i]) < 0)
			return AM_ERR_CORRUPT;
	for (size_t i = 0; i < out_len; i++)
		out[i] = (uint8_t)(hex_value(text.p[2 * i]) << 4 |
		    hex_value(text.p[2 * i + 1]));
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

static int
b64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

AM_RESULT
enc_b64_decode(struct bytes text, uint8_t *out, size_t cap, size_t *out_len)
{
	const size_t len = text.len / 4 * 3 + text.len % 4 * 3 / 4;
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (text.len % 4 == 1 || len > cap)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++)
		if (b64_value(text.p[i]) < 0)
			return AM_ERR_CORRUPT;
	/* Bits that no byte uses must be zero, or two texts mean one value. */
	if (text.len % 4 != 0 &&
	    (b64_value(text.p[text.len - 1]) &
	        (text.len % 4 == 2 ? 15 : 3)) != 0)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++) {
		acc = acc << 6 | (uint32_t)b64_value(text.p[i]);
		if ((bits += 6) >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(acc >> bits);
		}
	}
	*out_len = n;
	return AM_OK;
}
