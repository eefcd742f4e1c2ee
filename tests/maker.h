/*
 * maker.h - makers of security keys for forged histories: TEST certificates
 * that attest what the keys of a forge are. Failures abort.
 */

#ifndef AM_TEST_MAKER_H
#define AM_TEST_MAKER_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/forge.h"

struct maker_authority {
	EVP_PKEY *key;
	X509 *cert;
};

static inline void
maker_must(bool ok)
{
	if (!ok)
		abort();
}

static inline X509 *
maker_certificate(EVP_PKEY *key, const char *name,
    const struct maker_authority *issuer, bool expired)
{
	X509 *c = X509_new();
	X509_NAME *subject = X509_get_subject_name(c);

	maker_must(c != NULL && X509_set_version(c, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(c), 1) == 1 &&
	    X509_set_pubkey(c, key) == 1 &&
	    ASN1_TIME_set_string(X509_getm_notBefore(c), "20010101000000Z") ==
		1 &&
	    ASN1_TIME_set_string(X509_getm_notAfter(c),
		expired ? "20020101000000Z" : "20491231235959Z") == 1 &&
	    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
		(const uint8_t *)"Amanat TEST", -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		(const uint8_t *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(c,
		issuer != NULL ? X509_get_subject_name(issuer->cert)
			       : subject) == 1);
	return c;
}

static inline void
maker_extension(
    X509 *c, const char *oid, bool critical, const uint8_t *der, size_t len)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *v = ASN1_OCTET_STRING_new();
	X509_EXTENSION *x;

	maker_must(o != NULL && v != NULL &&
	    ASN1_OCTET_STRING_set(v, der, (int)len) == 1);
	x = X509_EXTENSION_create_by_OBJ(NULL, o, critical, v);
	maker_must(x != NULL && X509_add_ext(c, x, -1) == 1);
	X509_EXTENSION_free(x);
	ASN1_OCTET_STRING_free(v);
	ASN1_OBJECT_free(o);
}

static inline void
maker_der(X509 *c, struct blob *out)
{
	uint8_t *der = NULL;
	const int len = i2d_X509(c, &der);

	maker_must(len > 0 &&
	    blob_add(out, (struct bytes){ der, (size_t)len }) == AM_OK);
	OPENSSL_free(der);
}

/* A root, or with `issuer` one below it. */
static inline void
maker_authority_new(const char *name, const struct maker_authority *issuer,
    bool expired, struct maker_authority *out)
{
	static const uint8_t ca[] = { 0x30, 3, 1, 1, 0xff };

	out->key = EVP_EC_gen("P-256");
	maker_must(out->key != NULL);
	out->cert = maker_certificate(out->key, name, issuer, expired);
	maker_extension(out->cert, "2.5.29.19", true, ca, sizeof(ca));
	maker_must(X509_sign(out->cert, issuer != NULL ? issuer->key : out->key,
		       EVP_sha256()) > 0);
}

/* The authority attests keys of a model. */
static inline void
maker_new(const uint8_t aaguid[static 16], const struct maker_authority *issuer,
    bool expired, struct forge_maker *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	uint8_t der[18] = { 4, 16 };
	X509 *c;

	maker_must(key != NULL);
	memcpy(der + 2, aaguid, 16);
	c = maker_certificate(key, "TEST key", issuer, expired);
	maker_extension(c, "1.3.6.1.4.1.45724.1.1.4", false, der, sizeof(der));
	maker_must(X509_sign(c, issuer->key, EVP_sha256()) > 0);
	*out = (struct forge_maker){ .key = key, .count = 1 };
	memcpy(out->aaguid, aaguid, 16);
	maker_der(c, &out->certs[0]);
	X509_free(c);
}

/* A certificate more, behind those that it has. */
static inline void
maker_add(struct forge_maker *m, const struct maker_authority *a)
{
	maker_der(a->cert, &m->certs[m->count++]);
}

static inline void
maker_free(struct forge_maker *m)
{
	EVP_PKEY_free(m->key);
	for (size_t i = 0; i < m->count; i++)
		blob_free(&m->certs[i]);
}

static inline void
maker_authority_free(struct maker_authority *a)
{
	EVP_PKEY_free(a->key);
	X509_free(a->cert);
}

/* As a policy file writes it: "      - MII...\n". */
static inline void
maker_root(const struct maker_authority *a, struct blob *out)
{
	blob_auto der = { 0 };
	uint8_t text[2049];

	maker_der(a->cert, &der);
	maker_must(der.len <= 1536);
	(void)EVP_EncodeBlock(text, der.p, (int)der.len);
	maker_must(blob_printf(out, "      - %s\n", (char *)text) == AM_OK);
}

#endif /* AM_TEST_MAKER_H */
