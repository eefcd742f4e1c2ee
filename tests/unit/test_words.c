#include "tests/check.h"
#include "vault/base/words.h"

static void
four_letters_tell_any_two_words_apart(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2048; i++) {
		const char *w = words_at(i);
		const size_t n = strlen(w);

		assert_in_range(n, 4, 6);
		assert_int_equal(strspn(w, "abcdefghijklmnopqrstuvwxyz"), n);
		if (i > 0)
			assert_true(strncmp(words_at(i - 1), w, 4) < 0);
	}
}

static void
the_first_88_bits_most_significant_first(void **state)
{
	uint8_t hash[11] = { 0 };
	char text[WORDS_TEXT_MAX], want[WORDS_TEXT_MAX];

	(void)state;
	hash[0] = 0xff; /* 11111111 111 00000 ... */
	hash[1] = 0xe0;
	hash[10] = 1;
	words_text(hash, text);
	(void)snprintf(want, sizeof(want), "%s %s %s %s %s %s %s %s",
	    words_at(2047), words_at(0), words_at(0), words_at(0), words_at(0),
	    words_at(0), words_at(0), words_at(1));
	assert_string_equal(text, want);
	memset(hash, 0xff, sizeof(hash));
	words_text(hash, text); /* the longest fits */
	assert_true(strlen(text) < WORDS_TEXT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_letters_tell_any_two_words_apart),
		cmocka_unit_test(the_first_88_bits_most_significant_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
