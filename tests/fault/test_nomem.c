/*
 * Fail the first, then the second, ... allocation or page lock until the
 * operation succeeds. Each failure must be reported, set no output and, under
 * the address sanitizer, leak nothing. Linked with --wrap.
 */

#include <errno.h>

#include <jansson.h>
#include <sodium.h>

#include "policy/lockout.h"
#include "tests/check.h"
#include "tests/fault/secrets.h"
#include "tests/forge.h"
#include "vault/acts/payload.h"
#include "vault/audit/spill.h"
#include "vault/audit/spool.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/box.h"
#include "vault/crypto/tdh2.h"
#include "vault/log/statement.h"

static bool
is_nomem(enum am_err err)
{
	return err == AM_ERR_NOMEM || err == AM_ERR_INTERNAL; /* freezing */
}

/* Runs `fn` with each of its allocations failing in turn. */
static void
each_fails(enum am_err (*fn)(void *arg), void *arg, int least)
{
	turn_each(fn, arg, is_nomem, least);
}

struct sealed {
	struct tdh2_context cx;
	struct tdh2_header h;
	struct scalar x;
	uint8_t pepper[32], ct[256 + 16];
};

static enum am_err
do_seal(void *arg)
{
	struct sealed *s = arg;

	return tdh2_seal(&s->cx, s->pepper, LIT("TEST"), &s->h, s->ct);
}

static enum am_err
do_open(void *arg)
{
	struct sealed *s = arg;
	secret_auto *out = NULL;
	struct point Z;
	enum am_err err;

	assert_int_equal(pt_mul(&s->x, &s->h.U, &Z), AM_OK);
	err = tdh2_open(&s->cx, &s->h, s->pepper, &Z,
	    (struct bytes){ s->ct, sizeof(s->ct) }, &out);
	assert_true((err == AM_OK) == (out != NULL));
	return err;
}

static void
sealing_and_opening(void **state)
{
	struct sealed s = { 0 };

	(void)state;
	sc_random(&s.x);
	assert_int_equal(pt_mul_base(&s.x, &s.cx.X), AM_OK);
	assert_int_equal(tdh2_bbar(s.cx.G, &s.cx.Bbar), AM_OK);
	each_fails(do_seal, &s, 2);
	each_fails(do_open, &s, 4);
}

static enum am_err
do_bag(void *arg)
{
	const uint8_t id[16] = { 1 }, input[32] = { 2 }, prf[32] = { 3 },
		      body[BAG_IDENTITY_BODY] = { 4 };
	uint8_t file[BAG_FILE_MAX];
	secret_auto *out = NULL;
	size_t len = 0;
	enum am_err err;

	(void)arg;
	err = bag_seal(BAG_IDENTITY, id, input, (struct bytes){ prf, 32 },
	    LIT("TEST"), (struct bytes){ body, sizeof(body) }, file, &len);
	if (err != AM_OK)
		return err;
	err = bag_open((struct bytes){ file, len }, BAG_IDENTITY, id, input,
	    (struct bytes){ prf, 32 }, LIT("TEST"), &out);
	assert_true((err == AM_OK) == (out != NULL));
	return err;
}

static enum am_err
do_box(void *arg)
{
	uint8_t box[4 + BOX_EXTRA];
	secret_auto *out = NULL;
	struct scalar d;
	struct point K;
	enum am_err err;

	(void)arg;
	sc_random(&d);
	assert_int_equal(pt_mul_base(&d, &K), AM_OK);
	assert_int_equal(box_seal(&K, LIT("use"), LIT("TEST"), box), AM_OK);
	err =
	    box_open(&d, LIT("use"), (struct bytes){ box, sizeof(box) }, &out);
	assert_true((err == AM_OK) == (out != NULL));
	return err;
}

static enum am_err
do_payload(void *arg)
{
	const struct payload_field field = { "text", LIT("TEST") };
	secret_auto *out = NULL;
	enum am_err err;

	(void)arg;
	err = payload_build(&field, 1, &out);
	assert_true((err == AM_OK) == (out != NULL));
	return err;
}

static void
bags_boxes_payloads(void **state)
{
	(void)state;
	each_fails(do_bag, NULL, 2);
	each_fails(do_box, NULL, 2);
	each_fails(do_payload, NULL, 3);
}

static enum am_err
do_parse(void *arg)
{
	const struct forge *f = arg;
	statement_auto s = { 0 };
	struct why why = { 0 };

	return statement_parse(blob_bytes(&f->lines[0]), &why, &s);
}

/* A rule that runs out of memory decides nothing. */
static enum am_err
do_apply(void *arg)
{
	const struct forge *f = arg;
	struct view_memory *m = NULL;
	struct state st = {
		.root_at = roots_at, .root_arg = f->roots, .claims = claim_now
	};
	statement_auto s = { 0 };
	struct why why = { 0 };
	enum am_err err = view_memory_new(&m);

	if (err != AM_OK)
		return err;
	st.view = view_memory(m);
	err = statement_parse(blob_bytes(&f->lines[0]), &why, &s);
	if (err == AM_OK)
		err = state_apply(&st, &s, 0, NULL, &why);
	view_memory_free(m);
	return err;
}

static void
statements_and_rules(void **state)
{
	struct forge *f = forge_new();

	(void)state;
	json_set_alloc_funcs(malloc, free); /* those that fail */
	each_fails(do_parse, f, 60);
	each_fails(do_apply, f, 66);
	forge_free(f);
}

static enum am_err
do_spool(void *arg)
{
	static const uint8_t piece[SPOOL_PIECE];
	struct spool *s = NULL;
	uint64_t at = 0;
	enum am_err err = spool_new("/tmp", NULL, &s);

	(void)arg;
	for (int i = 0; err == AM_OK && i < 3; i++)
		err = spool_add(s, (struct bytes){ piece, sizeof(piece) }, &at);
	spool_free(s);
	return err;
}

enum { SPILLED = 3200 }; /* rows: some of them in a file */

static enum am_err
fill_tables(const struct view *v)
{
	static const uint8_t value[300] = { 1 };
	blob_auto out = { 0 };

	for (uint32_t i = 0; i < SPILLED; i++)
		AM_TRY(view_put(v, "t", (struct bytes){ (uint8_t *)&i, 4 },
		    (struct bytes){ value, sizeof(value) }));
	for (uint32_t i = 0; i < SPILLED; i += 100) {
		AM_TRY(
		    view_get(v, "t", (struct bytes){ (uint8_t *)&i, 4 }, &out));
		assert_int_equal(out.len, sizeof(value));
	}
	return AM_OK;
}

/* Thousands of allocations, so every few of them. */
static void
tables_that_spill(void **state)
{
	enum am_err err = AM_ERR_NOMEM;
	int n;

	(void)state;
	each_fails(do_spool, NULL, 4); /* with the key of its file */
	for (n = 0; err != AM_OK && n < 20000; n += n < 4 ? 1 : 13) {
		struct spill *t = NULL;

		turn_left = n;
		err = spill_new("/tmp", NULL, &t);
		if (err == AM_OK) {
			const struct view v = spill_view(t);

			err = fill_tables(&v);
		}
		turn_off();
		assert_true(err == AM_OK || is_nomem(err));
		spill_free(t);
	}
	assert_int_equal(err, AM_OK);
	assert_true(n > 4000);
}

static enum am_err
do_analyze(void *arg)
{
	lockout_auto *l = NULL;
	const enum am_err err = lockout_analyze(arg, &l);

	assert_true((err == AM_OK) == (l != NULL));
	return err;
}

static void
an_analysis(void **state)
{
	struct lockout_case *c = calloc(1, sizeof(*c));

	(void)state;
	assert_non_null(c);
	c->n = 3;
	c->rule.need = 2;
	each_fails(do_analyze, c, 7);
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing_and_opening),
		cmocka_unit_test(bags_boxes_payloads),
		cmocka_unit_test(statements_and_rules),
		cmocka_unit_test(tables_that_spill),
		cmocka_unit_test(an_analysis),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
