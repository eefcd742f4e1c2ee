/*
 * judged.h - what the rules say of a forged statement: for tests of the rule
 * book. A refusal has its error, its rule and a sentence, and adds nothing.
 */

#ifndef AM_TEST_JUDGED_H
#define AM_TEST_JUDGED_H

#include "tests/check.h"
#include "tests/forge.h"

/* `key_of`: whose key signs, mostly that of who it is by. */
static inline void
refused(struct forge *f, struct json_t *body, size_t key_of, enum am_err err,
    const char *rule)
{
	const uint64_t size = f->size;
	const enum am_err got = forge_post_as(f, body, key_of);

	if (got != err || strcmp(f->why.rule, rule) != 0)
		print_message("%s %s\n", f->why.rule, f->why.text);
	assert_int_equal(got, err);
	assert_string_equal(f->why.rule, rule);
	assert_true(f->why.text[0] != '\0');
	assert_int_equal(f->size, size);
}

static inline void
accepted(struct forge *f, struct json_t *body, size_t key_of)
{
	const enum am_err err = forge_post_as(f, body, key_of);

	if (err != AM_OK)
		print_message("%s %s\n", f->why.rule, f->why.text);
	assert_int_equal(err, AM_OK);
}

#endif /* AM_TEST_JUDGED_H */
