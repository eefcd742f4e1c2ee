/*
 * The project's own vectors (protocol.md section 11, a to e and g): made from
 * fixed TEST inputs, compared with tests/vectors/amanat.json byte for byte,
 * and checked there by a second implementation (tests/second/check_vectors.py).
 *	test_own --write   prints the file
 */

#include <sodium.h>
#include <stdio.h>

#include "tests/check.h"
#include "vault/base/blob.h"
#include "vault/base/enc.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/box.h"
#include "vault/crypto/dkg.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/partial.h"
#include "vault/crypto/poss.h"
#include "vault/crypto/regkey.h"
#include "vault/crypto/tdh2.h"
#include "vault/log/merkle.h"

static struct blob out;

static void
put(const char *name, const void *p, size_t n)
{
	char hex[2 * 4096 + 1];

	assert_true(n <= 4096);
	enc_hex((struct bytes){ p, n }, hex);
	assert_int_equal(blob_printf(&out, "%s\n  \"%s\": \"%s\"",
			     out.len > 2 ? "," : "", name, hex),
	    AM_OK);
}

/* Scalars and bytes from a name: SHA-512("TEST " || name). */
static void
fixed(const char *name, uint8_t wide[static 64])
{
	hash_sha512(HASH_PARTS({ (const uint8_t *)"TEST ", 5 },
			{ (const uint8_t *)name, strlen(name) }),
	    wide);
}

static void
scalar(const char *name, struct scalar *s)
{
	uint8_t wide[64];

	fixed(name, wide);
	sc_reduce(wide, s);
	put(name, s->b, 32);
}

static void
bytes_of(const char *name, uint8_t *p, size_t n)
{
	uint8_t wide[64];

	fixed(name, wide);
	memcpy(p, wide, n);
	put(name, p, n);
}

/* (b) derivations from the register key, and what tokens are asked for */
static void
derivations(void)
{
	uint8_t R[32], vault[16], safe[16], record[16], pepper[32], key[16],
	    input[32], salt[32];
	char name[33];
	struct bag_purpose p = { .committee = 1, .epoch = 3 };
	regkey_auto *rk = NULL;

	bytes_of("R", R, 32);
	bytes_of("vault", vault, 16);
	bytes_of("safe", safe, 16);
	bytes_of("record", record, 16);
	assert_int_equal(
	    regkey_new((struct bytes){ R, 32 }, vault, &rk), AM_OK);
	assert_int_equal(regkey_pepper(rk, safe, record, 7, pepper), AM_OK);
	put("pepper version 7", pepper, 32);
	regkey_db_key(rk, "person", LIT("dgc"), key);
	put("db key person dgc", key, 16);
	memcpy(p.vault, vault, 16);
	memcpy(p.person, record, 16);
	memcpy(p.safe, safe, 16);
	bag_input(&p, input);
	bag_salt(input, salt);
	bag_name(BAG_MEMBER, vault, input, name);
	put("prf input operating epoch 3 of person record", input, 32);
	put("prf salt", salt, 32);
	put("bag name in ascii", name, 32);
}

/* (a), (c) a sealed record, a partial for it, combined and opened */
static void
sealed_record(void)
{
	struct tdh2_context cx = { .version = 1 };
	struct tdh2_header h;
	struct partial_context pc = { .index = 1 };
	struct partial_nonces n;
	struct scalar x, a1, r, q, share;
	const struct scalar *coeffs[2] = { &x, &a1 };
	struct scalar both[2];
	uint8_t nonce[24], pepper[32], ct[256 + 16], partial[PARTIAL_BYTES];

	scalar("x", &x);
	scalar("a1", &a1);
	scalar("r", &r);
	scalar("q", &q);
	bytes_of("G", cx.G, 32);
	bytes_of("safe id", cx.safe, 16);
	bytes_of("record id", cx.record, 16);
	bytes_of("sealer", cx.by, 16);
	bytes_of("meta hash", cx.meta_hash, 32);
	bytes_of("pepper", pepper, 32);
	bytes_of("nonce", nonce, 24);
	both[0] = *coeffs[0];
	both[1] = *coeffs[1];
	assert_int_equal(pt_mul_base(&x, &cx.X), AM_OK);
	assert_int_equal(tdh2_bbar(cx.G, &cx.Bbar), AM_OK);
	assert_int_equal(
	    tdh2_seal_fixed(&cx, pepper, LIT("TEST secret"), &r, nonce, &h, ct),
	    AM_OK);
	put("X", cx.X.b, 32);
	put("Bbar", cx.Bbar.b, 32);
	put("U", h.U.b, 32);
	put("Ubar", h.Ubar.b, 32);
	put("com", h.com, 32);
	put("ct", ct, sizeof(ct));
	bytes_of("request", pc.request, 32);
	bytes_of("manifest", pc.manifest, 32);
	scalar("a", &n.a);
	scalar("b", &n.b);
	scalar("rho", &n.rho);
	assert_int_equal(shamir_eval(both, 2, 1, &share), AM_OK);
	put("share 1", share.b, 32);
	assert_int_equal(pt_mul_base(&share, &pc.P), AM_OK);
	assert_int_equal(pt_mul_base(&q, &pc.Q), AM_OK);
	pc.U = h.U;
	assert_int_equal(partial_make_fixed(&pc, &share, &n, partial), AM_OK);
	put("P1", pc.P.b, 32);
	put("Q", pc.Q.b, 32);
	put("partial", partial, sizeof(partial));
}

/* POSS and BOX with fixed nonces */
static void
possession_and_box(void)
{
	uint8_t ph[32], proof[POSS_PROOF], box[11 + BOX_EXTRA];
	struct scalar s, a, d, e;
	struct point P, K;

	scalar("poss secret", &s);
	scalar("poss nonce", &a);
	bytes_of("ph", ph, 32);
	assert_int_equal(pt_mul_base(&s, &P), AM_OK);
	assert_int_equal(poss_prove_nonce(&s, &P, ph, &a, proof), AM_OK);
	put("poss point", P.b, 32);
	put("poss proof", proof, sizeof(proof));
	scalar("box key", &d);
	scalar("box e", &e);
	assert_int_equal(pt_mul_base(&d, &K), AM_OK);
	assert_int_equal(
	    box_seal_e(&K, LIT("use"), LIT("TEST secret"), &e, box), AM_OK);
	put("box of 'TEST secret' for 'use'", box, sizeof(box));
}

/* (e) a set-up of 3 among 5 */
static void
setup_3_of_5(void)
{
	static struct dkg_run run;
	static struct dkg_deal deals[5];
	struct scalar d[5], c[3], e;
	struct point C[SHAMIR_K_MAX];
	char name[32];

	run = (struct dkg_run){ .n = 5, .k = 3 };
	for (int i = 0; i < 5; i++) {
		(void)snprintf(name, sizeof(name), "join key %d", i + 1);
		scalar(name, &d[i]);
		assert_int_equal(pt_mul_base(&d[i], &run.pk[i]), AM_OK);
	}
	dkg_context(&run, LIT("TEST run"));
	put("dkg context", run.context, 64);
	for (uint32_t i = 1; i <= 5; i++) {
		for (int j = 0; j < 3; j++) {
			(void)snprintf(name, sizeof(name), "f %u,%d", i, j);
			scalar(name, &c[j]);
		}
		(void)snprintf(name, sizeof(name), "eph %u", i);
		scalar(name, &e);
		assert_int_equal(dkg_deal_make_fixed(
				     &run, i, &d[i - 1], c, &e, &deals[i - 1]),
		    AM_OK);
		(void)snprintf(name, sizeof(name), "pop %u", i);
		put(name, deals[i - 1].pop, DKG_SIG);
		(void)snprintf(name, sizeof(name), "shares %u", i);
		put(name, deals[i - 1].shares, 5 * DKG_SHARE);
	}
	assert_int_equal(dkg_commitments(&run, deals, C), AM_OK);
	put("commitments", C, 3 * 32);
}

/* (g) the statement of protocol.md 7.1 */
static void
statement(void)
{
	static const char body[] =
	    "{\"at\":\"2026-03-02T09:00:00Z\",\"by\":"
	    "\"202122232425262728292a2b2c2d2e2f\",\"head\":{\"root\":"
	    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
	    "55\",\"size\":0},\"kind\":\"vote\",\"motion\":"
	    "\"305238273bb0fac2a73b43256e38d1515fdf61ec1d30ef161446c3588b93a9"
	    "7b\",\"note\":\"agreed\",\"vault\":"
	    "\"000102030405060708090a0b0c0d0e0f\",\"yes\":true}";
	const struct bytes b = { (const uint8_t *)body, sizeof(body) - 1 };
	uint8_t H[32];

	hash_sha256(&b, 1, H);
	put("body of 7.1", body, sizeof(body) - 1);
	put("H of 7.1", H, 32);
}

static void
make(void)
{
	assert_int_equal(blob_text(&out, "{"), AM_OK);
	derivations();
	sealed_record();
	possession_and_box();
	setup_3_of_5();
	statement();
	assert_int_equal(blob_text(&out, "\n}\n"), AM_OK);
}

static void
the_published_file_comes_out(void **state)
{
	static char file[65536];
	FILE *f = fopen("tests/vectors/amanat.json", "re");
	size_t n;

	(void)state;
	make();
	assert_non_null(f);
	n = fread(file, 1, sizeof(file), f);
	(void)fclose(f);
	assert_int_equal(n, out.len);
	assert_memory_equal(file, out.p, n);
	blob_free(&out);
}

/* TDH2's own proof is hedged, so it is checked, not compared. */
int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_file_comes_out),
	};

	if (sodium_init() < 0)
		return 1;
	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		make();
		(void)fwrite(out.p, 1, out.len, stdout);
		blob_free(&out);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
