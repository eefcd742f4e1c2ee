#include "vault/import/utf8.h"

size_t
utf8_char(const uint8_t *p, size_t len)
{
	const uint8_t c = p[0];
	const size_t n = c < 0x80   ? 1
	    : c >= 0xc2 && c < 0xe0 ? 2
	    : (c & 0xf0) == 0xe0    ? 3
	    : c >= 0xf0 && c < 0xf5 ? 4
				    : 0;

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
	    (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0; /* too long, a surrogate, beyond U+10FFFF */
	return n;
}

bool
utf8_valid(struct bytes text)
{
	size_t n;

	for (size_t at = 0; at < text.len; at += n)
		if ((n = utf8_char(text.p + at, text.len - at)) == 0)
			return false;
	return true;
}
