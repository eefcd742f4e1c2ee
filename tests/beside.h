/*
 * beside.h - a vault on disk beside a forged history, which is posted to it
 * line by line: for tests of acts that need a store, without keys. Tests run
 * one after the other, each in a directory of its own (BESIDE_TEST).
 */

#ifndef AM_TEST_BESIDE_H
#define AM_TEST_BESIDE_H

#include <ftw.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/acts/post.h"

static char beside_dir[64];
static struct why beside_why;
static int64_t beside_now; /* that of the last statement posted */

static inline int64_t
beside_clock(void *arg)
{
	return *(const int64_t *)arg;
}

static const struct session_env beside_env = { .now = beside_clock,
	.arg = &beside_now };

static inline int
beside_remove(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline int
beside_make(void **state)
{
	(void)state;
	(void)snprintf(
	    beside_dir, sizeof(beside_dir), "/tmp/amanat-beside-XXXXXX");
	return mkdtemp(beside_dir) == NULL ? -1 : 0;
}

static inline int
beside_clear(void **state)
{
	(void)state;
	return nftw(beside_dir, beside_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* k of n (people 1..n); n + 1 is an official, but no member. */
struct beside {
	struct forge *f;
	struct session s;
	uint64_t posted;
};

static inline void
beside_post(struct beside *d, struct post *p)
{
	const struct bytes line = blob_bytes(&d->f->lines[d->posted++]);
	statement_auto parsed = { 0 };

	p->s = &d->s;
	p->count = 1;
	assert_int_equal(blob_add(&p->items[0].line, line), AM_OK);
	assert_int_equal(statement_parse(line, &beside_why, &parsed), AM_OK);
	beside_now = parsed.at;
	assert_int_equal(post_commit(p), AM_OK);
}

/* Posts what the forge has more than the vault. Its rows are large: once on
 * the stack, not once for every call. */
__attribute__((noinline, unused)) static void
beside_catch_up(struct beside *d)
{
	while (d->posted < d->f->size) {
		post_auto p = { 0 };

		beside_post(d, &p);
	}
}

static inline struct beside
beside_new(uint32_t k, size_t n)
{
	static const uint8_t R[32] = { 1 };
	struct beside d = { .f = forge_new(),
		.s = { .env = &beside_env, .why = &beside_why } };

	for (size_t i = 0; i < n + 1; i++)
		(void)forge_person(d.f, "official");
	forge_safe(d.f, k, n);
	assert_int_equal(
	    store_create(beside_dir, d.f->vault, (struct bytes){ R, 32 },
		(struct bytes){ d.f->seed, 32 }, &beside_why),
	    AM_OK);
	assert_int_equal(
	    store_open(beside_dir, true, &beside_why, &d.s.store), AM_OK);
	beside_catch_up(&d);
	return d;
}

static inline void
beside_end(struct beside *d)
{
	store_close(d->s.store);
	forge_free(d->f);
}

#define BESIDE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, beside_make, beside_clear)

#endif /* AM_TEST_BESIDE_H */
