#include <stdio.h>

#include "vault/base/when.h"

static bool
is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int64_t
days_in(int64_t y, int64_t m)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return m == 2 && is_leap(y) ? 29 : days[m - 1];
}

/* Days from 1970-01-01 to the first day of year `y`. */
static int64_t
days_before(int64_t y)
{
	const int64_t n = y - 1;

	return 365 * (y - 1970) + (n / 4 - n / 100 + n / 400) -
	    (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static bool
digits(struct bytes text, size_t at, size_t count, int64_t *out)
{
	*out = 0;
	for (size_t i = at; i < at + count; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		*out = *out * 10 + (text.p[i] - '0');
	}
	return true;
}

AM_RESULT
when_parse(struct bytes text, int64_t *out)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	int64_t y, mo, d, h, mi, s, days;

	if (text.len != WHEN_TEXT_LEN)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < WHEN_TEXT_LEN; i++)
		if (form[i] != '0' && text.p[i] != (uint8_t)form[i])
			return AM_ERR_CORRUPT;
	if (!digits(text, 0, 4, &y) || !digits(text, 5, 2, &mo) ||
	    !digits(text, 8, 2, &d) || !digits(text, 11, 2, &h) ||
	    !digits(text, 14, 2, &mi) || !digits(text, 17, 2, &s))
		return AM_ERR_CORRUPT;
	if (y < 1970 || mo < 1 || mo > 12 || d < 1 || d > days_in(y, mo) ||
	    h > 23 || mi > 59 || s > 59)
		return AM_ERR_CORRUPT;
	days = days_before(y) + d - 1;
	for (int64_t m = 1; m < mo; m++)
		days += days_in(y, m);
	*out = ((days * 24 + h) * 60 + mi) * 60 + s;
	return AM_OK;
}

/* The last `count` digits of `n`; a list has a date on every line, and printf
 * would be most of its work. */
static void
put_digits(int64_t n, char *out, size_t count)
{
	for (; count > 0; n /= 10)
		out[--count] = (char)('0' + n % 10);
}

void
when_text(int64_t t, char out[static WHEN_TEXT_LEN + 1])
{
	int64_t days = t / 86400, left = t % 86400, y = 1970 + days / 366,
		m = 1;

	while (days_before(y + 1) <= days)
		y++;
	days -= days_before(y);
	for (; days >= days_in(y, m); m++)
		days -= days_in(y, m);
	memcpy(out, "0000-00-00T00:00:00Z", WHEN_TEXT_LEN + 1);
	put_digits(y, out, 4);
	put_digits(m, out + 5, 2);
	put_digits(days + 1, out + 8, 2);
	put_digits(left / 3600, out + 11, 2);
	put_digits(left / 60 % 60, out + 14, 2);
	put_digits(left % 60, out + 17, 2);
}

AM_RESULT
when_span(const char *text, int64_t *out_seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const int64_t most = (int64_t)3660 * 86400;
	const size_t n = strlen(text);
	int64_t v = 0;

	if (n < 2 || n > 10 ||
	    !digits((struct bytes){ (const uint8_t *)text, n }, 0, n - 1, &v))
		return AM_ERR_INVALID;
	for (size_t i = 0; i < AM_ARRAY_LEN(units); i++)
		if (units[i].unit == text[n - 1]) {
			if (v == 0 || v > most / units[i].seconds)
				return AM_ERR_INVALID;
			*out_seconds = v * units[i].seconds;
			return AM_OK;
		}
	return AM_ERR_INVALID;
}

AM_RESULT
when_end(const char *text, int64_t *out)
{
	char full[WHEN_TEXT_LEN + 1];
	const size_t n = strlen(text);

	if (n == 10)
		(void)snprintf(full, sizeof(full), "%sT19:00:00Z", text);
	else if (n == WHEN_TEXT_LEN)
		memcpy(full, text, sizeof(full));
	else
		return AM_ERR_INVALID;
	return when_parse(
		   (struct bytes){ (const uint8_t *)full, WHEN_TEXT_LEN },
		   out) == AM_OK
	    ? AM_OK
	    : AM_ERR_INVALID;
}

AM_RESULT
when_begin(const char *text, int64_t *out)
{
	AM_TRY(when_end(text, out));
	if (strlen(text) == 10)
		*out -= 86400;
	return *out < 0 ? AM_ERR_INVALID : AM_OK;
}

void
when_words(int64_t seconds, char out[static WHEN_WORDS_MAX])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } };

	for (size_t i = 0; i < AM_ARRAY_LEN(units); i++) {
		const int64_t n = seconds / units[i].seconds;

		/* a day is said as 24 hours, two are said as days */
		if (n == 0 || seconds % units[i].seconds != 0 ||
		    (i == 0 && n == 1))
			continue;
		(void)snprintf(out, WHEN_WORDS_MAX, "%lld %s%s", (long long)n,
		    units[i].name, n == 1 ? "" : "s");
		return;
	}
	(void)snprintf(out, WHEN_WORDS_MAX, "%lld seconds", (long long)seconds);
}
