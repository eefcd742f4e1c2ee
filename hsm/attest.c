#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "hsm/attest.h"

#include "vault/base/enc.h"

/* ---- a small reader of the CBOR that CTAP 2 allows: definite lengths,
 * shortest form (RFC 8949, 4.2.1) */

enum major { UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

struct cbor {
	const uint8_t *p;
	size_t left;
};

static AM_RESULT
head(struct cbor *c, enum major *major, uint64_t *value)
{
	uint8_t extra;
	size_t n;

	if (c->left == 0)
		return AM_ERR_CORRUPT;
	*major = (enum major)(c->p[0] >> 5);
	extra = c->p[0] & 31;
	if (extra < 24) {
		*value = extra;
		n = 0;
	} else if (extra <= 27) {
		n = (size_t)1 << (extra - 24);
	} else {
		return AM_ERR_CORRUPT;
	}
	if (c->left < 1 + n)
		return AM_ERR_CORRUPT;
	if (n > 0) {
		*value = 0;
		for (size_t i = 0; i < n; i++)
			*value = *value << 8 | c->p[1 + i];
		if (*value < (n == 1 ? 24U : 1ULL << 4 * n))
			return AM_ERR_CORRUPT; /* not the shortest form */
	}
	c->p += 1 + n;
	c->left -= 1 + n;
	return AM_OK;
}

static AM_RESULT
expect(struct cbor *c, enum major want, uint64_t *value)
{
	enum major got;

	AM_TRY(head(c, &got, value));
	return got == want ? AM_OK : AM_ERR_CORRUPT;
}

static AM_RESULT
string(struct cbor *c, enum major want, struct bytes *out)
{
	uint64_t n = 0;

	AM_TRY(expect(c, want, &n));
	if (n > c->left)
		return AM_ERR_CORRUPT;
	*out = (struct bytes){ c->p, (size_t)n };
	c->p += n;
	c->left -= (size_t)n;
	return AM_OK;
}

static bool
is_text(struct bytes b, const char *text)
{
	return bytes_same(
	    b, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static AM_RESULT
key_text(struct cbor *c, const char *want)
{
	struct bytes b = { 0 };

	AM_TRY(string(c, TEXT, &b));
	return is_text(b, want) ? AM_OK : AM_ERR_CORRUPT;
}

/* ---- attestation object */

struct object {
	struct bytes fmt, authdata, sig;
	struct attest_chain x5c;
};

static AM_RESULT
read_chain(struct cbor *c, struct object *o)
{
	uint64_t certs = 0;

	AM_TRY(key_text(c, "x5c"));
	AM_TRY(expect(c, ARRAY, &certs));
	if (certs < 1 || certs > ATTEST_CHAIN_MAX)
		return AM_ERR_CORRUPT;
	for (uint64_t i = 0; i < certs; i++)
		AM_TRY(string(c, BYTES, &o->x5c.certs[i]));
	o->x5c.count = (size_t)certs;
	return AM_OK;
}

/* {"alg": -7, "sig": h'..', "x5c": [..]}, or {} for "none" */
static AM_RESULT
read_statement(struct cbor *c, struct object *o)
{
	uint64_t entries = 0, alg = 0;

	AM_TRY(expect(c, MAP, &entries));
	if (is_text(o->fmt, "none"))
		return entries == 0 ? AM_OK : AM_ERR_CORRUPT;
	if (!is_text(o->fmt, "packed") || entries < 2 || entries > 3)
		return AM_ERR_CORRUPT;
	AM_TRY(key_text(c, "alg"));
	AM_TRY(expect(c, NEGATIVE, &alg));
	if (alg != 6) /* -1 - 6 = -7: ES256 */
		return AM_ERR_CORRUPT;
	AM_TRY(key_text(c, "sig"));
	AM_TRY(string(c, BYTES, &o->sig));
	return entries == 3 ? read_chain(c, o) : AM_OK;
}

static AM_RESULT
read_object(struct bytes in, struct object *o)
{
	struct cbor c = { in.p, in.len };
	uint64_t entries = 0;

	AM_TRY(expect(&c, MAP, &entries));
	if (entries != 3)
		return AM_ERR_CORRUPT;
	AM_TRY(key_text(&c, "fmt"));
	AM_TRY(string(&c, TEXT, &o->fmt));
	AM_TRY(key_text(&c, "attStmt"));
	AM_TRY(read_statement(&c, o));
	AM_TRY(key_text(&c, "authData"));
	AM_TRY(string(&c, BYTES, &o->authdata));
	return c.left == 0 ? AM_OK : AM_ERR_CORRUPT;
}

/* ---- authenticator data */

struct authdata {
	const uint8_t *rpid_hash, *aaguid, *x, *y;
	uint8_t flags;
	struct bytes cred;
	bool hmac_secret;
	unsigned protection; /* 0: not said */
};

/* {1: 2, 3: -7, -1: 1, -2: x, -3: y} */
static AM_RESULT
read_key(struct cbor *c, struct authdata *a)
{
	static const uint8_t first[] = { 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20,
		0x01, 0x21, 0x58, 0x20 };
	static const uint8_t second[] = { 0x22, 0x58, 0x20 };

	if (c->left < sizeof(first) + 32 + sizeof(second) + 32 ||
	    !bytes_same((struct bytes){ c->p, sizeof(first) },
		(struct bytes){ first, sizeof(first) }))
		return AM_ERR_CORRUPT;
	a->x = c->p + sizeof(first);
	if (!bytes_same((struct bytes){ a->x + 32, sizeof(second) },
		(struct bytes){ second, sizeof(second) }))
		return AM_ERR_CORRUPT;
	a->y = a->x + 32 + sizeof(second);
	c->p = a->y + 32;
	c->left -= sizeof(first) + 32 + sizeof(second) + 32;
	return AM_OK;
}

/* Text keys; values are numbers or true and false. */
static AM_RESULT
read_extensions(struct cbor *c, struct authdata *a)
{
	uint64_t entries = 0, value = 0;
	enum major major;

	AM_TRY(expect(c, MAP, &entries));
	if (entries > 4)
		return AM_ERR_CORRUPT;
	for (uint64_t i = 0; i < entries; i++) {
		struct bytes key = { 0 };

		AM_TRY(string(c, TEXT, &key));
		AM_TRY(head(c, &major, &value));
		if (major != UINT && major != SIMPLE)
			return AM_ERR_CORRUPT;
		if (is_text(key, "credProtect") && major == UINT &&
		    value >= 1 && value <= 3)
			a->protection = (unsigned)value;
		if (is_text(key, "hmac-secret"))
			a->hmac_secret = major == SIMPLE && value == 21;
	}
	return c->left == 0 ? AM_OK : AM_ERR_CORRUPT;
}

static AM_RESULT
read_authdata(struct bytes in, struct authdata *a)
{
	struct cbor c;

	if (in.len < 55)
		return AM_ERR_CORRUPT;
	a->rpid_hash = in.p;
	a->flags = in.p[32];
	a->aaguid = in.p + 37;
	a->cred.len = (size_t)in.p[53] << 8 | in.p[54];
	if (a->cred.len == 0 || a->cred.len > in.len - 55)
		return AM_ERR_CORRUPT;
	a->cred.p = in.p + 55;
	c = (struct cbor){ in.p + 55 + a->cred.len, in.len - 55 - a->cred.len };
	AM_TRY(read_key(&c, a));
	return read_extensions(&c, a);
}

/* ---- checks */

static AM_RESULT
refuse(struct why *why, enum am_err err, const char *text)
{
	return why_say(why, err, "V12", "%s", text);
}

static AM_RESULT
check_client(struct bytes client, const char *rpid,
    const uint8_t challenge[static 32], struct why *why)
{
	char text[ENC_B64_LEN(32) + 1], want[512];
	int n;

	enc_b64((struct bytes){ challenge, 32 }, text);
	n = snprintf(want, sizeof(want),
	    "{\"type\":\"webauthn.create\",\"challenge\":\"%s\",\"origin\":"
	    "\"https://%s\",\"crossOrigin\":false",
	    text, rpid);
	if (n < 0 || (size_t)n >= sizeof(want) || client.len < (size_t)n + 1 ||
	    !bytes_same((struct bytes){ client.p, (size_t)n },
		(struct bytes){ (const uint8_t *)want, (size_t)n }) ||
	    (client.p[n] != '}' && client.p[n] != ',') ||
	    client.p[client.len - 1] != '}')
		return refuse(
		    why, AM_ERR_VERIFY, "the key was made for something else");
	return AM_OK;
}

enum {
	UP = 0x01,
	UV = 0x04,
	BE = 0x08,
	BS = 0x10,
	AT = 0x40,
	ED = 0x80,
};

static AM_RESULT
check_authdata(const struct authdata *a, const struct attest_expected *want,
    struct why *why)
{
	uint8_t hash[32];

	if (SHA256((const unsigned char *)want->rpid, strlen(want->rpid),
		hash) == NULL)
		return refuse(why, AM_ERR_VERIFY, "OpenSSL cannot hash");
	if ((a->flags & (BE | BS)) != 0)
		return refuse(why, AM_ERR_TOKEN,
		    "the key can be copied to other devices; such keys are "
		    "refused");
	if ((a->flags & (UP | UV | AT | ED)) != (UP | UV | AT | ED))
		return refuse(why, AM_ERR_TOKEN,
		    "the key did not verify its user when it was made");
	if (!a->hmac_secret)
		return refuse(why, AM_ERR_TOKEN,
		    "the key does not offer hmac-secret, which unlocks "
		    "shares");
	if (!bytes_same((struct bytes){ a->rpid_hash, 32 },
		(struct bytes){ hash, 32 }) ||
	    !bytes_same(a->cred, want->cred) ||
	    !bytes_same(
		(struct bytes){ a->x, 32 }, (struct bytes){ want->key, 32 }) ||
	    !bytes_same((struct bytes){ a->y, 32 },
		(struct bytes){ want->key + 32, 32 }) ||
	    !bytes_same((struct bytes){ a->aaguid, 16 },
		(struct bytes){ want->aaguid, 16 }))
		return refuse(
		    why, AM_ERR_VERIFY, "the attestation is of another key");
	return AM_OK;
}

#define x509_auto AM_CLEANUP(x509_cleanup) X509
#define pkey_auto AM_CLEANUP(pkey_cleanup) EVP_PKEY
#define md_auto   AM_CLEANUP(md_cleanup) EVP_MD_CTX

static void
x509_cleanup(X509 **x)
{
	X509_free(*x);
}

static void
pkey_cleanup(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static void
md_cleanup(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
}

/* NULL: it is none, or something follows it. */
static X509 *
read_certificate(struct bytes der)
{
	const uint8_t *p = der.p;
	x509_auto *cert = d2i_X509(NULL, &p, (long)der.len);

	return cert != NULL && p == der.p + der.len ? AM_TAKE(cert) : NULL;
}

/* Extension 1.3.6.1.4.1.45724.1.1.4, where there is one, is an OCTET STRING
 * of the AAGUID. */
static bool
certificate_fits(X509 *cert, const uint8_t aaguid[static 16])
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
	const int at = oid == NULL ? -2 : X509_get_ext_by_OBJ(cert, oid, -1);
	const ASN1_OCTET_STRING *value;

	ASN1_OBJECT_free(oid);
	if (at == -1)
		return true;
	if (at < 0)
		return false;
	value = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	return value != NULL && value->length == 18 && value->data[0] == 4 &&
	    value->data[1] == 16 &&
	    bytes_same((struct bytes){ value->data + 2, 16 },
		(struct bytes){ aaguid, 16 });
}

static EVP_PKEY *
self_key(const uint8_t key[static 64])
{
	/* SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480). */
	static const uint8_t prefix[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07,
		0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
		0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
		0x04 };
	uint8_t der[sizeof(prefix) + 64];
	const uint8_t *p = der;

	memcpy(der, prefix, sizeof(prefix));
	memcpy(der + sizeof(prefix), key, 64);
	return d2i_PUBKEY(NULL, &p, sizeof(der));
}

static EVP_PKEY *
leaf_key(const struct object *o, const uint8_t aaguid[static 16])
{
	x509_auto *cert = read_certificate(o->x5c.certs[0]);

	if (cert == NULL || !certificate_fits(cert, aaguid))
		return NULL;
	return X509_get_pubkey(cert);
}

static AM_RESULT
check_signature(const struct object *o, struct bytes client,
    const struct attest_expected *want, struct why *why)
{
	uint8_t hash[32];
	pkey_auto *key =
	    o->x5c.count > 0 ? leaf_key(o, want->aaguid) : self_key(want->key);
	md_auto *ctx = EVP_MD_CTX_new();

	if (SHA256(client.p, client.len, hash) == NULL || key == NULL ||
	    ctx == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestVerifyUpdate(ctx, o->authdata.p, o->authdata.len) != 1 ||
	    EVP_DigestVerifyUpdate(ctx, hash, sizeof(hash)) != 1 ||
	    EVP_DigestVerifyFinal(ctx, o->sig.p, o->sig.len) != 1)
		return refuse(why, AM_ERR_VERIFY,
		    "the attestation's signature does not verify");
	return AM_OK;
}

AM_RESULT
attest_root(struct bytes der)
{
	x509_auto *cert = read_certificate(der);

	return cert != NULL ? AM_OK : AM_ERR_CORRUPT;
}

/* Those behind the key's own, which its signature is checked with. */
static AM_RESULT
check_chain(const struct object *o, struct why *why)
{
	for (size_t i = 1; i < o->x5c.count; i++)
		if (attest_root(o->x5c.certs[i]) != AM_OK)
			return refuse(why, AM_ERR_VERIFY,
			    "a certificate of the attestation is malformed");
	return AM_OK;
}

AM_RESULT
attest_check(struct bytes object, struct bytes client,
    const uint8_t challenge[static 32], const struct attest_expected *want,
    struct why *why)
{
	struct object o = { 0 };
	struct authdata a = { 0 };

	if (read_object(object, &o) != AM_OK ||
	    read_authdata(o.authdata, &a) != AM_OK)
		return refuse(
		    why, AM_ERR_VERIFY, "the attestation is malformed");
	AM_TRY(check_client(client, want->rpid, challenge, why));
	AM_TRY(check_authdata(&a, want, why));
	if (is_text(o.fmt, "none"))
		return want->evaluation
		    ? AM_OK
		    : refuse(why, AM_ERR_TOKEN,
			  "the key does not attest what it is");
	if (o.x5c.count == 0 && !want->evaluation)
		return refuse(why, AM_ERR_TOKEN,
		    "the key attests itself only; its maker must");
	AM_TRY(check_chain(&o, why));
	return check_signature(&o, client, want, why);
}

/* ---- where the chain leads to */

struct trust {
	X509 *leaf;
	STACK_OF(X509) * between;
	X509_STORE *roots;
	X509_STORE_CTX *walk;
};

static void
trust_end(struct trust *t)
{
	X509_STORE_CTX_free(t->walk);
	X509_STORE_free(t->roots);
	sk_X509_pop_free(t->between, X509_free);
	X509_free(t->leaf);
}
#define trust_auto AM_CLEANUP(trust_end) struct trust

/* All have been read before, when the token was taken and the root named: one
 * that cannot be read now is no "no", which would be another answer than that
 * of others. */
static AM_RESULT
add_between(struct trust *t, struct bytes der)
{
	x509_auto *cert = read_certificate(der);

	if (cert == NULL || sk_X509_push(t->between, cert) <= 0)
		return AM_ERR_NOMEM;
	cert = NULL; /* the stack's */
	return AM_OK;
}

static AM_RESULT
add_root(struct trust *t, struct bytes der)
{
	x509_auto *cert = read_certificate(der);

	if (cert == NULL || X509_STORE_add_cert(t->roots, cert) != 1 ||
	    X509_STORE_set_flags(t->roots,
		X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME) != 1)
		return AM_ERR_NOMEM;
	return AM_OK;
}

static AM_RESULT
walk_chain(struct trust *t, bool *out)
{
	int rc;

	if (X509_STORE_CTX_init(t->walk, t->roots, t->leaf, t->between) != 1)
		return AM_ERR_NOMEM;
	rc = X509_verify_cert(t->walk);
	if (rc < 0 ||
	    (rc == 0 &&
		X509_STORE_CTX_get_error(t->walk) == X509_V_ERR_OUT_OF_MEM))
		return AM_ERR_NOMEM;
	*out = rc == 1;
	return AM_OK;
}

AM_RESULT
attest_leads_to(const struct attest_chain *c, struct bytes root, bool *out)
{
	trust_auto t = { .between = sk_X509_new_null(),
		.roots = X509_STORE_new(),
		.walk = X509_STORE_CTX_new() };

	*out = false;
	if (c->count == 0)
		return AM_OK;
	t.leaf = read_certificate(c->certs[0]);
	if (t.between == NULL || t.roots == NULL || t.walk == NULL ||
	    t.leaf == NULL)
		return AM_ERR_NOMEM;
	for (size_t i = 1; i < c->count; i++)
		AM_TRY(add_between(&t, c->certs[i]));
	AM_TRY(add_root(&t, root));
	return walk_chain(&t, out);
}

AM_RESULT
attest_chain(struct bytes object, struct attest_chain *out)
{
	struct object o = { 0 };

	AM_TRY(read_object(object, &o));
	*out = o.x5c;
	return AM_OK;
}

AM_RESULT
attest_protection(struct bytes object, unsigned *out)
{
	struct object o = { 0 };
	struct authdata a = { 0 };

	AM_TRY(read_object(object, &o));
	AM_TRY(read_authdata(o.authdata, &a));
	*out = a.protection;
	return AM_OK;
}
