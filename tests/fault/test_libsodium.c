/*
 * Each call of libsodium that can fail, and each secret, fails in turn: no
 * seal, partial, proof or signature is then taken or handed out.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/fault/secrets.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/box.h"
#include "vault/crypto/dkg.h"
#include "vault/crypto/partial.h"
#include "vault/crypto/poss.h"
#include "vault/crypto/regkey.h"
#include "vault/crypto/tdh2.h"
#include "vault/log/note.h"

TURN_WRAP(int, crypto_scalarmult_ristretto255,
    (unsigned char *q, const unsigned char *n, const unsigned char *p),
    (q, n, p), -1)
TURN_WRAP(int, crypto_scalarmult_ristretto255_base,
    (unsigned char *q, const unsigned char *n), (q, n), -1)
TURN_WRAP(int, crypto_core_ristretto255_add,
    (unsigned char *r, const unsigned char *p, const unsigned char *q),
    (r, p, q), -1)
TURN_WRAP(int, crypto_core_ristretto255_sub,
    (unsigned char *r, const unsigned char *p, const unsigned char *q),
    (r, p, q), -1)
TURN_WRAP(int, crypto_core_ristretto255_is_valid_point,
    (const unsigned char *p), (p), 0)
TURN_WRAP(int, crypto_core_ristretto255_scalar_invert,
    (unsigned char *r, const unsigned char *s), (r, s), -1)
TURN_WRAP(int, crypto_aead_xchacha20poly1305_ietf_decrypt,
    (unsigned char *m, unsigned long long *n, unsigned char *nsec,
	const unsigned char *c, unsigned long long cn, const unsigned char *ad,
	unsigned long long adn, const unsigned char *np,
	const unsigned char *k),
    (m, n, nsec, c, cn, ad, adn, np, k), -1)
TURN_WRAP(int, crypto_sign_verify_detached,
    (const unsigned char *s, const unsigned char *m, unsigned long long n,
	const unsigned char *pk),
    (s, m, n, pk), -1)
TURN_WRAP(int, sodium_base642bin,
    (unsigned char *b, size_t max, const char *t, size_t n, const char *ignore,
	size_t *bn, const char **end, int variant),
    (b, max, t, n, ignore, bn, end, variant), -1)

static bool
passes(enum am_err err)
{
	return err == AM_ERR_VERIFY || err == AM_ERR_CORRUPT ||
	    err == AM_ERR_NOMEM || err == AM_ERR_INTERNAL ||
	    err == AM_ERR_INVALID;
}

/* `p` still holds what FILL put there. */
#define FILL(p, n) memset(p, 0xa5, n)

static bool
is_filled(const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const uint8_t *)p)[i] != 0xa5)
			return false;
	return true;
}

/* After an operation with outputs: all of one kind, no secret left over. */
static void
all_or_nothing(enum am_err err, const void *out, size_t n)
{
	turn_off();
	assert_int_equal(is_filled(out, n), err != AM_OK);
	assert_false(err == AM_OK && turn_came);
	assert_int_equal(secrets_alive, 0);
}

/* A check says yes only when nothing failed. */
static enum am_err
checked(enum am_err err)
{
	turn_off();
	assert_false(err == AM_OK && turn_came);
	return err;
}

/* ---- one safe of two of three, a sealed text, a request */

struct scene {
	struct scalar coeffs[2], share[3], q;
	struct point commitments[2], P[3], Q, Z;
	struct tdh2_context cx;
	struct tdh2_header h;
	uint8_t pepper[32], ct[256 + 16], partial[2][PARTIAL_BYTES];
	struct partial_context pc[3];
	uint8_t proof[POSS_PROOF];
};
static struct scene scene;

static int
setup(void **state)
{
	struct scene *s = &scene;

	(void)state;
	sc_random(&s->coeffs[0]);
	sc_random(&s->coeffs[1]);
	sc_random(&s->q);
	if (shamir_commit(s->coeffs, 2, s->commitments) != AM_OK ||
	    pt_mul_base(&s->q, &s->Q) != AM_OK ||
	    tdh2_bbar(s->cx.G, &s->cx.Bbar) != AM_OK)
		return -1;
	s->cx.X = s->commitments[0];
	if (tdh2_seal(&s->cx, s->pepper, LIT("TEST"), &s->h, s->ct) != AM_OK ||
	    pt_mul(&s->coeffs[0], &s->h.U, &s->Z) != AM_OK)
		return -1;
	for (uint32_t i = 0; i < 3; i++) {
		if (shamir_eval(s->coeffs, 2, i + 1, &s->share[i]) != AM_OK ||
		    pt_mul_base(&s->share[i], &s->P[i]) != AM_OK)
			return -1;
		s->pc[i] = (struct partial_context){
			.index = i + 1, .P = s->P[i], .U = s->h.U, .Q = s->Q
		};
	}
	return partial_make(&s->pc[0], &s->share[0], s->partial[0]) == AM_OK &&
		partial_make(&s->pc[1], &s->share[1], s->partial[1]) == AM_OK &&
		poss_prove(&s->share[0], &s->P[0], s->pepper, s->proof) == AM_OK
	    ? 0
	    : -1;
}

static enum am_err
do_public(void *arg)
{
	struct scene *s = arg;
	struct point public;
	enum am_err err;

	FILL(&public, sizeof(public));
	err = shamir_public(s->commitments, 2, 3, &public);
	all_or_nothing(err, &public, sizeof(public));
	return err;
}

static enum am_err
do_coefficients(void *arg)
{
	struct scene *s = arg;
	struct point out[2];
	enum am_err err;

	FILL(out, sizeof(out));
	err = shamir_commit(s->coeffs, 2, out);
	all_or_nothing(err, out, sizeof(out));
	return err;
}

static enum am_err
do_check_share(void *arg)
{
	struct scene *s = arg;

	return checked(shamir_check(s->commitments, 2, 3, &s->share[2]));
}

static enum am_err
do_lambda(void *arg)
{
	static const uint32_t who[] = { 1, 3 };
	struct scalar out;
	enum am_err err;

	(void)arg;
	FILL(&out, sizeof(out));
	err = shamir_lambda(who, 2, 1, &out);
	all_or_nothing(err, &out, sizeof(out));
	return err;
}

static void
shares(void **state)
{
	(void)state;
	turn_each(do_coefficients, &scene, passes, 2);
	turn_each(do_public, &scene, passes, 2);
	turn_each(do_check_share, &scene, passes, 3);
	turn_each(do_lambda, &scene, passes, 1);
}

static enum am_err
do_seal(void *arg)
{
	struct scene *s = arg;
	struct tdh2_header h;
	uint8_t ct[256 + 16];
	enum am_err err;

	FILL(&h, sizeof(h));
	err = tdh2_seal(&s->cx, s->pepper, LIT("TEST"), &h, ct);
	all_or_nothing(err, &h, sizeof(h));
	return err;
}

static enum am_err
do_check_seal(void *arg)
{
	struct scene *s = arg;

	return checked(tdh2_check(&s->cx, &s->h));
}

static enum am_err
do_open(void *arg)
{
	struct scene *s = arg;
	secret_auto *out = NULL;
	const enum am_err err = tdh2_open(&s->cx, &s->h, s->pepper, &s->Z,
	    (struct bytes){ s->ct, sizeof(s->ct) }, &out);

	turn_off();
	assert_int_equal(out != NULL, err == AM_OK);
	assert_int_equal(secrets_alive, err == AM_OK);
	assert_false(err == AM_OK && turn_came);
	return err;
}

static void
r3_5_seals(void **state)
{
	(void)state;
	turn_each(do_seal, &scene, passes, 7);
	turn_each(do_check_seal, &scene, passes, 4);
	turn_each(do_open, &scene, passes, 4);
}

static enum am_err
do_partial(void *arg)
{
	struct scene *s = arg;
	uint8_t out[PARTIAL_BYTES];
	enum am_err err;

	FILL(out, sizeof(out));
	err = partial_make(&s->pc[0], &s->share[0], out);
	all_or_nothing(err, out, sizeof(out));
	return err;
}

static enum am_err
do_check_partial(void *arg)
{
	struct scene *s = arg;

	return checked(partial_verify(&s->pc[0], s->partial[0]));
}

static enum am_err
do_combine(void *arg)
{
	static const uint32_t who[] = { 1, 2 };
	struct scene *s = arg;
	struct point Z;
	enum am_err err;

	FILL(&Z, sizeof(Z));
	err = partial_combine(&s->q, who, 2, s->partial[0], &Z);
	all_or_nothing(err, &Z, sizeof(Z));
	if (err == AM_OK)
		assert_true(pt_same(&Z, &s->Z));
	return err;
}

static enum am_err
do_poss(void *arg)
{
	struct scene *s = arg;
	uint8_t out[POSS_PROOF];
	enum am_err err;

	FILL(out, sizeof(out));
	err = poss_prove(&s->share[0], &s->P[0], s->pepper, out);
	all_or_nothing(err, out, sizeof(out));
	return err;
}

static enum am_err
do_check_poss(void *arg)
{
	struct scene *s = arg;

	return checked(poss_verify(&s->P[0], s->pepper, s->proof));
}

static void
partials_and_proofs(void **state)
{
	(void)state;
	turn_each(do_partial, &scene, passes, 6);
	turn_each(do_check_partial, &scene, passes, 8);
	turn_each(do_combine, &scene, passes, 8);
	turn_each(do_poss, &scene, passes, 1);
	turn_each(do_check_poss, &scene, passes, 3);
}

/* ---- key generation among three */

static struct dkg_run run;
static struct scalar join[3];
static struct dkg_deal deals[3];
static uint8_t cert[DKG_SIG];

static enum am_err
do_deal(void *arg)
{
	static struct dkg_deal out;
	enum am_err err;

	(void)arg;
	FILL(&out, sizeof(out));
	err = dkg_deal_make(&run, 1, &join[0], &out);
	all_or_nothing(err, &out, sizeof(out));
	return err;
}

static enum am_err
do_check_deal(void *arg)
{
	(void)arg;
	return checked(dkg_pop_verify(&run, &deals[0]));
}

static enum am_err
do_open_share(void *arg)
{
	struct scalar out;
	enum am_err err;

	(void)arg;
	FILL(&out, sizeof(out));
	err = dkg_share_open(&run, 1, &deals[0], 2, &join[1], &out);
	all_or_nothing(err, &out, sizeof(out));
	return err;
}

static enum am_err
do_commitments(void *arg)
{
	struct point out[2];
	enum am_err err;

	(void)arg;
	FILL(out, sizeof(out));
	err = dkg_commitments(&run, deals, out);
	all_or_nothing(err, out, sizeof(out));
	return err;
}

static enum am_err
do_cert(void *arg)
{
	uint8_t out[DKG_SIG];
	enum am_err err;

	(void)arg;
	FILL(out, sizeof(out));
	err = dkg_cert_make(&run, deals, LIT("TEST"), 1, &join[0], out);
	all_or_nothing(err, out, sizeof(out));
	return err;
}

static enum am_err
do_check_cert(void *arg)
{
	(void)arg;
	return checked(dkg_cert_verify(&run, deals, LIT("TEST"), 1, cert));
}

static void
key_generation(void **state)
{
	(void)state;
	run = (struct dkg_run){ .n = 3, .k = 2 };
	for (size_t i = 0; i < 3; i++) {
		sc_random(&join[i]);
		assert_int_equal(pt_mul_base(&join[i], &run.pk[i]), AM_OK);
	}
	dkg_context(&run, LIT("TEST run"));
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(
		    dkg_deal_make(&run, i, &join[i - 1], &deals[i - 1]), AM_OK);
	assert_int_equal(
	    dkg_cert_make(&run, deals, LIT("TEST"), 1, &join[0], cert), AM_OK);
	turn_each(do_deal, NULL, passes, 5);
	turn_each(do_check_deal, NULL, passes, 3);
	turn_each(do_open_share, NULL, passes, 4);
	turn_each(do_commitments, NULL, passes, 2);
	turn_each(do_cert, NULL, passes, 1);
	turn_each(do_check_cert, NULL, passes, 3);
}

static enum am_err
do_box(void *arg)
{
	struct scene *s = arg;
	uint8_t box[4 + BOX_EXTRA];
	secret_auto *out = NULL;
	enum am_err err;

	FILL(box, sizeof(box));
	err = box_seal(&s->Q, LIT("use"), LIT("TEST"), box);
	if (err != AM_OK) {
		all_or_nothing(err, box, sizeof(box));
		return err;
	}
	err = box_open(
	    &s->q, LIT("use"), (struct bytes){ box, sizeof(box) }, &out);
	turn_off();
	assert_int_equal(out != NULL, err == AM_OK);
	assert_int_equal(secrets_alive, err == AM_OK);
	return err;
}

static enum am_err
do_line(void *arg)
{
	regkey_auto *rk = NULL;
	uint8_t sealed[5 + REGKEY_OVERHEAD], out[5];
	enum am_err err =
	    regkey_new((struct bytes){ scene.pepper, 32 }, scene.pepper, &rk);

	(void)arg;
	assert_int_equal(rk != NULL, err == AM_OK);
	if (err != AM_OK)
		return checked(err);
	regkey_line_seal(rk, 3, LIT("line!"), sealed);
	return checked(regkey_line_open(
	    rk, 3, (struct bytes){ sealed, sizeof(sealed) }, out));
}

static enum am_err
do_note(void *arg)
{
	const struct blob *text = arg;
	struct note out;
	uint8_t pk[32], sk[64];
	enum am_err err;

	FILL(&out, sizeof(out));
	(void)crypto_sign_seed_keypair(pk, sk, scene.pepper);
	err = note_open(blob_bytes(text), "test.example", pk, &out);
	all_or_nothing(err, &out, sizeof(out));
	return err;
}

static void
boxes_lines_notes(void **state)
{
	const struct note n = { .size = 1 };
	blob_auto text = { 0 };

	(void)state;
	assert_int_equal(note_sign("test.example", &n,
			     (struct bytes){ scene.pepper, 32 }, &text),
	    AM_OK);
	turn_each(do_box, &scene, passes, 6);
	turn_each(do_line, NULL, passes, 4);
	turn_each(do_note, &text, passes, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(r3_5_seals),
		cmocka_unit_test(partials_and_proofs),
		cmocka_unit_test(key_generation),
		cmocka_unit_test(boxes_lines_notes),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, setup, NULL);
}
