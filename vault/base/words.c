#include "vault/base/words.h"

const char *
words_at(unsigned i)
{
	static const char first[32][4] = { "ba", "be", "bi", "bo", "da", "de",
		"di", "do", "fa", "fe", "ga", "go", "ka", "ke", "ki", "ko", "la",
		"le", "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "ra", "re",
		"sa", "so", "ta", "to" };
	static char space[8];

	(void)snprintf(space, sizeof(space), "%s%s%u", first[i >> 6 & 31], "x", i & 63);
	return space;
}

void
words_text(const uint8_t hash[static 11], char out[static WORDS_TEXT_MAX])
{
	size_t len = 0;

	for (unsigned w = 0; w < WORDS_COUNT; w++) {
		unsigned v = 0;

		for (unsigned b = 0; b < 11; b++) {
			const unsigned at = w * 11 + b;

			v = v << 1 | (hash[at / 8] >> (7 - at % 8) & 1U);
		}
		len += (size_t)snprintf(out + len, WORDS_TEXT_MAX - len, "%s%s",
		    w > 0 ? " " : "", words_at(v));
	}
}
