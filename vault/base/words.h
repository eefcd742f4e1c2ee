/*
 * words.h - 88 bits as eight words that two people can read to each other.
 *
 * 2,048 English words of 4 to 6 letters, 11 bits each, most significant bit
 * first, so a SHA-256 value and its first 8 words agree in their first 88 bits.
 */

#ifndef AM_WORDS_H
#define AM_WORDS_H

#include "vault/base/am.h"

enum { WORDS_COUNT = 8, WORDS_TEXT_MAX = 96 };

/* `words_text` writes eight words separated by blanks, NUL at the end. */
void words_text(const uint8_t hash[static 11], char out[static WORDS_TEXT_MAX]);

/* `words_at` returns word `i` (0..2047); never NULL. */
const char *words_at(unsigned i);

#endif /* AM_WORDS_H */
