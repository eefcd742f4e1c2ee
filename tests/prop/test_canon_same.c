/*
 * The parser of canonical JSON says of any bytes what R2.11 says in other
 * words: read them as ordinary JSON, write the value again, compare. Here
 * ordinary JSON is jansson's, and both must agree, in verdict and value.
 */

#include <jansson.h>

#include "tests/check.h"
#include "tests/exact.h"
#include "vault/log/canon.h"

enum { SEED_MAX = 400, ACCEPTED_LEAST = 5000 };

/* Every form a value can have, and texts of every length of character. */
static const char *const seeds[] = {
	"{}",
	"{\"a\":[1,\"x\",true,{\"b\":[false]},[[],{}],0,10],\"a0\":\"\\\"\\\\/"
	"\","
	"\"b_\":9007199254740991,\"c\":\"\",\"d\":{\"e\":{\"f\":\"g\"},\"h\":"
	"20}}",
	"{\"k\":\" ~\xc2\xa0\xc3\xa9\xdf\xbf\",\"l\":\"\xe0\xa0\x80\xe2\x80\x8d"
	"\xe2\x80\xa7\xef\xbf\xbf\",\"m\":\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\","
	"\"n\":\"\xed\x9f\xbf\xd8\x9b\xe2\x81\xa5 \\\\\\\"\"}",
	"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}},"
	"\"b\":[[[[[[[\"x\"]]]]]]]}",
	"{\"abcdefghijklmnopqrstuvwxyz_01234\":1,\"at\":\"2026-03-02T09:00:"
	"00Z\","
	"\"by\":\"202122\",\"head\":{\"root\":\"e3b0\",\"size\":0},\"yes\":"
	"true}",
};

static size_t accepted, refused;

/* R2.11 as it stands. NULL: refused. */
static json_t *
in_other_words(struct bytes in)
{
	json_t *v;
	blob_auto again = { 0 };

	if (in.len > CANON_LINE_MAX)
		return NULL;
	v = json_loadb(
	    (const char *)in.p, in.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(v) || canon_write(v, &again) != AM_OK ||
	    !bytes_same(in, blob_bytes(&again)))
		canon_free(&v);
	return v;
}

static void
same(struct bytes raw)
{
	exact_auto in = exact(raw.p, raw.len);
	canon_auto *want = in_other_words(in), *got = NULL;
	const enum am_err err = canon_parse(in, &got);

	if (err != (want != NULL ? AM_OK : AM_ERR_CORRUPT) ||
	    (want == NULL) != (got == NULL) ||
	    (want != NULL && !json_equal(want, got)))
		fail_msg(
		    "they differ: %.*s", (int)raw.len, (const char *)raw.p);
	*(want != NULL ? &accepted : &refused) += 1;
}

static size_t
seed(size_t i, uint8_t out[static SEED_MAX])
{
	const size_t n = strlen(seeds[i]);

	assert_true(n < SEED_MAX - 1);
	memcpy(out, seeds[i], n);
	return n;
}

static void
any_byte_in_place_of_any_other(void **state)
{
	uint8_t line[SEED_MAX];

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(seeds); i++) {
		const size_t n = seed(i, line);

		for (size_t at = 0; at < n; at++) {
			const uint8_t was = line[at];

			for (unsigned c = 0; c < 256; c++) {
				line[at] = (uint8_t)c;
				same((struct bytes){ line, n });
			}
			line[at] = was;
		}
	}
	assert_true(accepted > ACCEPTED_LEAST && refused > accepted);
}

static void
a_byte_more_or_less_anywhere(void **state)
{
	static const char more[] =
	    " \t\n\"\\/{}[]:,0123456789-+.eEabtfnulr_Z\x7f";
	uint8_t line[SEED_MAX];

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(seeds); i++) {
		const size_t n = seed(i, line);

		for (size_t at = 0; at <= n; at++) {
			memmove(line + at + 1, line + at, n - at);
			for (size_t c = 0; c < sizeof(more); c++) {
				line[at] = (uint8_t)more[c]; /* NUL too */
				same((struct bytes){ line, n + 1 });
			}
			memmove(line + at, line + at + 1, n - at);
			same((struct bytes){ line, at }); /* cut off */
			if (at == n)
				break;
			memmove(line + at, line + at + 1, n - at - 1);
			same((struct bytes){ line, n - 1 });
			(void)seed(i, line);
		}
	}
}

/* A piece of one line over a place in another, from a fixed sequence. */
static void
pieces_in_other_places(void **state)
{
	uint8_t line[SEED_MAX], other[SEED_MAX];
	uint64_t x = 1;

	(void)state;
	for (size_t round = 0; round < 60000; round++) {
		size_t n, m, from, to, len;

		x = x * UINT64_C(6364136223846793005) + 1442695040888963407U;
		n = seed((size_t)(x >> 60) % AM_ARRAY_LEN(seeds), line);
		m = seed((size_t)(x >> 52) % AM_ARRAY_LEN(seeds), other);
		from = (size_t)(x >> 40 & 0xfff) % m;
		to = (size_t)(x >> 28 & 0xfff) % n;
		len = 1 + (size_t)(x >> 20 & 0xff) % 24;
		if (len > m - from)
			len = m - from;
		if (len > n - to)
			len = n - to;
		memcpy(line + to, other + from, len);
		same((struct bytes){ line, n });
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_byte_in_place_of_any_other),
		cmocka_unit_test(a_byte_more_or_less_anywhere),
		cmocka_unit_test(pieces_in_other_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
