/*
 * Each call of OpenSSL fails in turn: a signature or an attestation is then
 * refused, never taken, and verifies the next time; a hash that cannot be
 * computed ends the process rather than leave a wrong one.
 */

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sodium.h>

#include "hsm/attest.h"
#include "tests/check.h"
#include "tests/fault/secrets.h"
#include "vault/base/blob.h"
#include "vault/crypto/es256.h"
#include "vault/crypto/hash.h"

static int code; /* 0, or -1: both mean no */

TURN_WRAP(ECDSA_SIG *, d2i_ECDSA_SIG,
    (ECDSA_SIG * *s, const unsigned char **p, long n), (s, p, n), NULL)
TURN_WRAP(
    int, i2d_ECDSA_SIG, (const ECDSA_SIG *s, unsigned char **p), (s, p), -1)
TURN_WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name,
    (OSSL_LIB_CTX * l, const char *n, const char *q), (l, n, q), NULL)
TURN_WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_pkey,
    (OSSL_LIB_CTX * l, EVP_PKEY *k, const char *q), (l, k, q), NULL)
TURN_WRAP(int, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * c), (c), code)
TURN_WRAP(int, EVP_PKEY_fromdata,
    (EVP_PKEY_CTX * c, EVP_PKEY **k, int s, OSSL_PARAM *p), (c, k, s, p), code)
TURN_WRAP(int, EVP_PKEY_verify_init, (EVP_PKEY_CTX * c), (c), code)
TURN_WRAP(int, EVP_PKEY_verify,
    (EVP_PKEY_CTX * c, const unsigned char *s, size_t n, const unsigned char *h,
	size_t m),
    (c, s, n, h, m), code)
TURN_WRAP(int, EVP_PKEY_get_base_id, (const EVP_PKEY *k), (k), NID_undef)

TURN_WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
TURN_WRAP(int, EVP_DigestVerifyInit,
    (EVP_MD_CTX * c, EVP_PKEY_CTX **k, const EVP_MD *t, ENGINE *e, EVP_PKEY *p),
    (c, k, t, e, p), code)
TURN_WRAP(int, EVP_DigestVerifyFinal,
    (EVP_MD_CTX * c, const unsigned char *p, size_t n), (c, p, n), code)

TURN_WRAP(X509 *, d2i_X509, (X509 * *x, const unsigned char **p, long n),
    (x, p, n), NULL)
TURN_WRAP(EVP_PKEY *, d2i_PUBKEY,
    (EVP_PKEY * *k, const unsigned char **p, long n), (k, p, n), NULL)
TURN_WRAP(EVP_PKEY *, X509_get_pubkey, (X509 * x), (x), NULL)
TURN_WRAP(ASN1_OBJECT *, OBJ_txt2obj, (const char *s, int n), (s, n), NULL)
TURN_WRAP(int, X509_get_ext_by_OBJ,
    (const X509 *x, const ASN1_OBJECT *o, int n), (x, o, n), -2)
TURN_WRAP(X509_EXTENSION *, X509_get_ext, (const X509 *x, int n), (x, n), NULL)
TURN_WRAP(ASN1_OCTET_STRING *, X509_EXTENSION_get_data, (X509_EXTENSION * e),
    (e), NULL)

TURN_WRAP(X509_STORE *, X509_STORE_new, (void), (), NULL)
TURN_WRAP(int, X509_STORE_add_cert, (X509_STORE * s, X509 *x), (s, x), 0)
TURN_WRAP(
    int, X509_STORE_set_flags, (X509_STORE * s, unsigned long f), (s, f), 0)
TURN_WRAP(X509_STORE_CTX *, X509_STORE_CTX_new, (void), (), NULL)
TURN_WRAP(int, X509_STORE_CTX_init,
    (X509_STORE_CTX * c, X509_STORE *s, X509 *x, STACK_OF(X509) * u),
    (c, s, x, u), 0)
TURN_WRAP(int, X509_verify_cert, (X509_STORE_CTX * c), (c), -1)

TURN_WRAP(int, pthread_key_create, (pthread_key_t * k, void (*f)(void *)),
    (k, f), EAGAIN)
TURN_WRAP(
    int, pthread_setspecific, (pthread_key_t k, const void *v), (k, v), ENOMEM)

/* A hash ends the process, so its calls fail in a child only. */
static bool hashing;

#define HASH_WRAP(type, name, params, args, failure) \
	type __real_##name params;                   \
	type __wrap_##name params;                   \
	type __wrap_##name params                    \
	{                                            \
		if (hashing && turn_fails(#name))    \
			return failure;              \
		return __real_##name args;           \
	}

HASH_WRAP(EVP_MD *, EVP_MD_fetch,
    (OSSL_LIB_CTX * l, const char *n, const char *q), (l, n, q), NULL)
HASH_WRAP(int, EVP_DigestInit_ex2,
    (EVP_MD_CTX * c, const EVP_MD *t, const OSSL_PARAM *p), (c, t, p), 0)
HASH_WRAP(int, EVP_DigestUpdate, (EVP_MD_CTX * c, const void *p, size_t n),
    (c, p, n), 0)
HASH_WRAP(int, EVP_DigestFinal_ex,
    (EVP_MD_CTX * c, unsigned char *p, unsigned *n), (c, p, n), 0)
/* These do their work and then say that they did not: whoever does not look
 * at the answer is found out. */
#define LATE_WRAP(type, name, params, args, failure)     \
	type __real_##name params;                       \
	type __wrap_##name params;                       \
	type __wrap_##name params                        \
	{                                                \
		type r_ = __real_##name args;            \
                                                         \
		return turn_fails(#name) ? failure : r_; \
	}

LATE_WRAP(unsigned char *, SHA256,
    (const unsigned char *p, size_t n, unsigned char *h), (p, n, h), NULL)
LATE_WRAP(int, EVP_DigestVerifyUpdate,
    (EVP_MD_CTX * c, const void *p, size_t n), (c, p, n), 0)

static bool
is_verify(enum am_err err)
{
	return err == AM_ERR_VERIFY;
}

/* ---- signatures */

struct signer {
	EVP_PKEY *pkey;
	uint8_t key[64];
	uint8_t sig[80];
	size_t sig_len;
};

static void
new_key(struct signer *s)
{
	uint8_t point[65];
	size_t n = 0;

	s->pkey = EVP_EC_gen("P-256");
	assert_non_null(s->pkey);
	assert_int_equal(EVP_PKEY_get_octet_string_param(s->pkey,
			     OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n),
	    1);
	memcpy(s->key, point + 1, 64);
}

static void
sign(struct signer *s, const uint8_t *m, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	s->sig_len = sizeof(s->sig);
	assert_int_equal(
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->pkey), 1);
	assert_int_equal(EVP_DigestSign(ctx, s->sig, &s->sig_len, m, len), 1);
	EVP_MD_CTX_free(ctx);
}

static enum am_err
verify(const struct signer *s)
{
	return es256_verify(
	    s->key, LIT("TEST"), (struct bytes){ s->sig, s->sig_len });
}

/* A key of its own each time, since loaded ones are kept. */
static enum am_err
do_verify_new(void *arg)
{
	struct signer *s = arg;
	const int left = turn_left;
	enum am_err err;

	turn_off();
	new_key(s);
	sign(s, (const uint8_t *)"TEST", 4);
	turn_left = left;
	err = verify(s);
	turn_off();
	assert_int_equal(verify(s), AM_OK);
	EVP_PKEY_free(s->pkey);
	return err;
}

static enum am_err
do_verify_kept(void *arg)
{
	struct signer *s = arg;
	const enum am_err err = verify(s);

	turn_off();
	assert_int_equal(verify(s), AM_OK);
	return err;
}

/* A wrong signature is wrong whatever fails, -1 from OpenSSL included. */
static enum am_err
do_verify_wrong(void *arg)
{
	struct signer wrong = *(const struct signer *)arg;

	wrong.sig[wrong.sig_len - 1] ^= 1;
	assert_int_equal(verify(&wrong), AM_ERR_VERIFY);
	return turn_came ? AM_ERR_VERIFY : AM_OK;
}

static void
signatures(void **state)
{
	struct signer s;

	(void)state;
	for (code = -1; code <= 0; code++) {
		turn_each(do_verify_new, &s, is_verify, 9);
		turn_each(do_verify_kept, &s, is_verify, 4);
		turn_each(do_verify_wrong, &s, is_verify, 4);
	}
}

/* ---- attestation */

static const char rpid[] = "vault.example";
static const uint8_t zeros[32];
static const char client[] =
    "{\"type\":\"webauthn.create\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"https://vault.example\","
    "\"crossOrigin\":false}";

struct proof {
	struct signer s;
	struct blob authdata, object;
};

static void
add(struct blob *b, const void *p, size_t n)
{
	assert_int_equal(blob_add(b, (struct bytes){ p, n }), AM_OK);
}
#define ADD(b, text) add(b, text, sizeof(text) - 1)

static void
add_authdata(struct proof *p)
{
	struct blob *b = &p->authdata;
	uint8_t hash[32];

	(void)SHA256((const uint8_t *)rpid, strlen(rpid), hash);
	add(b, hash, 32);
	ADD(b, "\xc5\0\0\0\0"); /* UP, UV, AT, ED */
	add(b, zeros, 16);      /* AAGUID */
	ADD(b, "\0\x10");
	add(b, zeros, 16);
	ADD(b, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
	add(b, p->s.key, 32);
	ADD(b, "\x22\x58\x20");
	add(b, p->s.key + 32, 32);
	ADD(b, "\xa1\x6bhmac-secret\xf5");
}

/* A certificate by TEST's own hand, with the AAGUID where FIDO wants it. */
static void
add_certificate(struct proof *p)
{
	static const uint8_t aaguid[18] = { 4, 16 };
	X509 *x = X509_new();
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;
	uint8_t *der = NULL;
	uint8_t length[2];
	int n;

	assert_int_equal(ASN1_OCTET_STRING_set(value, aaguid, 18), 1);
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
	assert_int_equal(X509_set_pubkey(x, p->s.pkey), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), 0);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), 60);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	assert_true(X509_sign(x, p->s.pkey, EVP_sha256()) > 0);
	n = i2d_X509(x, &der);
	assert_in_range(n, 256, 65535);
	length[0] = (uint8_t)(n >> 8);
	length[1] = (uint8_t)n;
	ADD(&p->object, "\x63x5c\x81\x59");
	add(&p->object, length, 2);
	add(&p->object, der, (size_t)n);
	OPENSSL_free(der);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(oid);
	X509_free(x);
}

static struct proof
new_proof(bool certificate)
{
	struct proof p = { 0 };
	blob_auto signed_text = { 0 };
	uint8_t hash[32], length[1];

	new_key(&p.s);
	add_authdata(&p);
	(void)SHA256((const uint8_t *)client, sizeof(client) - 1, hash);
	add(&signed_text, p.authdata.p, p.authdata.len);
	add(&signed_text, hash, 32);
	sign(&p.s, signed_text.p, signed_text.len);
	ADD(&p.object,
	    "\xa3\x63"
	    "fmt\x66packed\x67"
	    "attStmt");
	add(&p.object, certificate ? "\xa3" : "\xa2", 1);
	ADD(&p.object,
	    "\x63"
	    "alg\x26\x63sig\x58");
	length[0] = (uint8_t)p.s.sig_len;
	add(&p.object, length, 1);
	add(&p.object, p.s.sig, p.s.sig_len);
	if (certificate)
		add_certificate(&p);
	ADD(&p.object,
	    "\x68"
	    "authData\x58");
	length[0] = (uint8_t)p.authdata.len;
	add(&p.object, length, 1);
	add(&p.object, p.authdata.p, p.authdata.len);
	return p;
}

static void
proof_free(struct proof *p)
{
	blob_free(&p->authdata);
	blob_free(&p->object);
	EVP_PKEY_free(p->s.pkey);
}

static enum am_err
check(const struct proof *p)
{
	const struct attest_expected want = { .rpid = rpid,
		.cred = { zeros, 16 },
		.key = p->s.key,
		.aaguid = zeros,
		.evaluation = true };
	struct why why = { 0 };
	const enum am_err err = attest_check(blob_bytes(&p->object),
	    (struct bytes){ (const uint8_t *)client, sizeof(client) - 1 },
	    zeros, &want, &why);

	assert_true((err == AM_OK) == (why.text[0] == '\0'));
	return err;
}

static enum am_err
do_attest(void *arg)
{
	enum am_err err = check(arg);

	turn_off();
	assert_int_equal(check(arg), AM_OK);
	if (err == AM_OK && turn_came)
		fail_msg("attested, though %s failed", turn_name);
	return err;
}

static void
v12_attestations(void **state)
{
	struct proof self = new_proof(false), chain = new_proof(true);

	(void)state;
	for (code = -1; code <= 0; code++) {
		turn_each(do_attest, &self, is_verify, 9);
		turn_each(do_attest, &chain, is_verify, 13);
	}
	proof_free(&self);
	proof_free(&chain);
}

/* ---- hashes */

static const uint8_t sha256_abc[32] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01,
	0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03,
	0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00,
	0x15, 0xad };

static enum am_err
is_abc(const uint8_t out[static 32])
{
	return bytes_same(
		   (struct bytes){ out, 32 }, (struct bytes){ sha256_abc, 32 })
	    ? AM_OK
	    : AM_ERR_CORRUPT;
}

static enum am_err
hash_at_once(void)
{
	uint8_t out[32];

	hash_sha256(HASH_PARTS(LIT("a"), LIT("bc")), out);
	return is_abc(out);
}

static enum am_err
hash_in_pieces(void)
{
	struct hash_stream *h = NULL;
	uint8_t out[32];

	AM_TRY(hash_stream_new(&h));
	hash_stream_add(h, LIT("ab"));
	hash_stream_add(h, LIT("c"));
	hash_stream_end(&h, out);
	return is_abc(out);
}

/* The first hash of a process: 0 right, 1 an error, else killed. */
static int
status_of_child(enum am_err (*fn)(void), int n, bool *came)
{
	int status = 0, pipes[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(pipes[0]);
		hashing = true;
		turn_came = false;
		turn_left = n;
		const enum am_err err = fn();

		if (!turn_came)
			(void)!write(pipes[1], "", 1);
		_exit(err == AM_OK ? 0 : err == AM_ERR_NOMEM ? 1 : 2);
	}
	(void)close(pipes[1]);
	*came = read(pipes[0], &c, 1) == 0;
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
each_hash(enum am_err (*fn)(void), int least)
{
	bool came = true;

	for (int n = 0; came; n++) {
		const int status = status_of_child(fn, n, &came);

		if (!came) {
			assert_int_equal(status, 0);
			assert_true(n >= least);
		} else if (WIFSIGNALED(status)) {
			assert_int_equal(WTERMSIG(status), SIGABRT);
		} else {
			assert_int_equal(WEXITSTATUS(status), 1);
		}
	}
}

/* Before the other tests: a process fetches its algorithm once. */
static void
r2_8_hashes(void **state)
{
	(void)state;
	each_hash(hash_at_once, 7);
	each_hash(hash_in_pieces, 8);
}

/* No thread key, no kept signature key: refused for good, never taken. */
static enum am_err
first_signature(void)
{
	struct signer s;
	const int left = turn_left;
	enum am_err err;

	hashing = false;
	turn_off();
	new_key(&s);
	sign(&s, (const uint8_t *)"TEST", 4);
	turn_left = left;
	err = verify(&s);
	turn_off();
	return err == AM_ERR_VERIFY ? AM_ERR_NOMEM : err;
}

static void
the_first_signature_of_a_process(void **state)
{
	(void)state;
	each_hash(first_signature, 12);
}

/* The certificate of the key, twice, and as the root that it leads to: where
 * it leads to is found out, or nothing is said. */
static enum am_err
do_lead(void *arg)
{
	const struct attest_chain *c = arg;
	bool leads = false;
	const enum am_err err = attest_leads_to(c, c->certs[0], &leads);

	turn_off();
	assert_int_equal(leads, err == AM_OK);
	return err;
}

static bool
is_nomem(enum am_err err)
{
	return err == AM_ERR_NOMEM;
}

static void
v12_where_a_chain_leads_to(void **state)
{
	struct proof chain = new_proof(true);
	struct attest_chain c = { 0 };

	(void)state;
	assert_int_equal(attest_chain(blob_bytes(&chain.object), &c), AM_OK);
	c.certs[c.count++] = c.certs[0];
	turn_each(do_lead, &c, is_nomem, 9);
	proof_free(&chain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r2_8_hashes),
		cmocka_unit_test(the_first_signature_of_a_process),
		cmocka_unit_test(signatures),
		cmocka_unit_test(v12_attestations),
		cmocka_unit_test(v12_where_a_chain_leads_to),
	};

	(void)alarm(60);
	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
