/*
 * when.h - instants as text: exactly YYYY-MM-DDTHH:MM:SSZ (R2.12).
 */

#ifndef AM_WHEN_H
#define AM_WHEN_H

#include "vault/base/am.h"

enum { WHEN_TEXT_LEN = 20 };

/*
 * `when_parse` reads a real date and time, years 1970 to 9999, second <= 59.
 * `out`: seconds since 1970-01-01T00:00:00Z. Errors: AM_ERR_CORRUPT.
 */
AM_RESULT when_parse(struct bytes text, int64_t *out);

/* `when_text` writes 20 characters and a NUL; `t` from when_parse's range. */
void when_text(int64_t t, char out[static WHEN_TEXT_LEN + 1]);

/*
 * `when_span` reads a length of time as people write it: 90s, 30m, 4h, 3d.
 * Errors: AM_ERR_INVALID (no unit, zero, sign, above ten years).
 */
AM_RESULT when_span(const char *text, int64_t *out_seconds);

/* "24 hours", "90 minutes", "7 days": a length of time, to be read. */
enum { WHEN_WORDS_MAX = 32 };
void when_words(int64_t seconds, char out[static WHEN_WORDS_MAX]);

/*
 * `when_end` reads an end as people write it: an instant as above, or a bare
 * date, the last day served, which ends at 24:00 PKT = 19:00Z (domain.md,
 * invariant 13). Errors: AM_ERR_INVALID.
 */
AM_RESULT when_end(const char *text, int64_t *out);

/* `when_begin` reads a beginning: an instant, or a bare date, the first day
 * served, which begins at 00:00 PKT = 19:00Z of the day before. */
AM_RESULT when_begin(const char *text, int64_t *out);

#endif /* AM_WHEN_H */
