#include <errno.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#include "tests/softtoken/attest.h"
#include "tests/softtoken/disk.h"

#define KEY_FILE  "attestation-key"
#define LEAF_FILE "attestation-leaf.der"

/* id-fido-gen-ce-aaguid (WebAuthn 8.2.1) */
#define OID_AAGUID "1.3.6.1.4.1.45724.1.1.4"

/* Wide and fixed, for tests that set their own clock. */
#define NOT_BEFORE "20200101000000Z"
#define NOT_AFTER  "20491231235959Z"

#define ROOT_CN "Amanat TEST attestation root"
#define LEAF_CN "Amanat TEST software token"

uint8_t attest_aaguid[ATTEST_AAGUID] = "AMANAT-SOFT-TEST"; /* no NUL */

bool
attest_set_aaguid(const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(hex) != 2 * ATTEST_AAGUID ||
	    strspn(hex, digits) != strlen(hex))
		return false;
	for (size_t i = 0; i < ATTEST_AAGUID; i++)
		attest_aaguid[i] =
		    (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
			(strchr(digits, hex[2 * i + 1]) - digits));
	return true;
}

static void
cert_done(X509 **c)
{
	X509_free(*c);
}

#define cert_auto SOFT_CLEANUP(cert_done) X509

static bool
add_name(X509_NAME *n, const char *field, const char *value)
{
	return X509_NAME_add_entry_by_txt(n, field, MBSTRING_ASC,
		   (const unsigned char *)value, -1, -1, 0) == 1;
}

static bool
fill_name(X509_NAME *n, const char *unit, const char *common)
{
	/* ZZ: a code that ISO 3166 leaves to its users, so no country's. */
	return add_name(n, "C", "ZZ") && add_name(n, "O", "Amanat TEST") &&
	    add_name(n, "OU", unit) && add_name(n, "CN", common);
}

static bool
add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

/* An OCTET STRING inside the extension's own, and not critical. */
static bool
add_aaguid(X509 *cert)
{
	uint8_t der[2 + ATTEST_AAGUID] = { V_ASN1_OCTET_STRING, ATTEST_AAGUID };
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj(OID_AAGUID, 1);
	X509_EXTENSION *ext = NULL;
	bool ok = false;

	memcpy(der + 2, attest_aaguid, ATTEST_AAGUID);
	if (value != NULL && oid != NULL &&
	    ASN1_OCTET_STRING_set(value, der, sizeof(der)) == 1)
		ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
	if (ext != NULL)
		ok = X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(value);
	return ok;
}

static bool
set_serial(X509 *cert)
{
	uint8_t raw[8];
	uint64_t serial = 0;

	prim_random(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		serial = serial << 8 | raw[i];
	return ASN1_INTEGER_set_uint64(
		   X509_get_serialNumber(cert), serial >> 1 | 1) == 1;
}

/* Version 3, serial, validity and key; names and extensions come after. */
static X509 *
new_cert(EVP_PKEY *key)
{
	cert_auto *c = X509_new();

	if (c == NULL || X509_set_version(c, X509_VERSION_3) != 1 ||
	    !set_serial(c) || X509_set_pubkey(c, key) != 1 ||
	    ASN1_TIME_set_string(X509_getm_notBefore(c), NOT_BEFORE) != 1 ||
	    ASN1_TIME_set_string(X509_getm_notAfter(c), NOT_AFTER) != 1)
		return NULL;
	return SOFT_TAKE(c);
}

static X509 *
make_root(EVP_PKEY *key)
{
	cert_auto *c = new_cert(key);

	if (c == NULL ||
	    !fill_name(X509_get_subject_name(c), "TEST only", ROOT_CN) ||
	    X509_set_issuer_name(c, X509_get_subject_name(c)) != 1 ||
	    !add_ext(
		c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
	    !add_ext(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") ||
	    !add_ext(c, c, NID_subject_key_identifier, "hash") ||
	    X509_sign(c, key, EVP_sha256()) == 0)
		return NULL;
	return SOFT_TAKE(c);
}

static X509 *
make_leaf(EVP_PKEY *key, X509 *root, EVP_PKEY *root_key)
{
	cert_auto *c = new_cert(key);

	if (c == NULL ||
	    !fill_name(X509_get_subject_name(c), "Authenticator Attestation",
		LEAF_CN) ||
	    X509_set_issuer_name(c, X509_get_subject_name(root)) != 1 ||
	    !add_ext(c, root, NID_basic_constraints, "critical,CA:FALSE") ||
	    !add_ext(c, root, NID_subject_key_identifier, "hash") ||
	    !add_ext(c, root, NID_authority_key_identifier, "keyid:always") ||
	    !add_aaguid(c) || X509_sign(c, root_key, EVP_sha256()) == 0)
		return NULL;
	return SOFT_TAKE(c);
}

static bool
write_root(int dir, X509 *root)
{
	BIO *mem = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;
	bool ok = false;

	if (mem != NULL && PEM_write_bio_X509(mem, root) == 1) {
		len = BIO_get_mem_data(mem, &text);
		ok = disk_write(dir, ATTEST_ROOT,
		    (struct span){ (const uint8_t *)text, (size_t)len });
	}
	BIO_free(mem);
	return ok;
}

static bool
encode_leaf(struct attest *a, X509 *leaf)
{
	uint8_t *der = NULL;
	int len = i2d_X509(leaf, &der);
	bool ok = len > 0 && len < ATTEST_CERT_MAX;

	if (ok) {
		memcpy(a->cert, der, (size_t)len);
		a->cert_len = (size_t)len;
	}
	OPENSSL_free(der);
	return ok;
}

/* The key goes last: a start that died before it begins again. */
static bool
make(struct attest *a, int dir)
{
	prim_pkey_auto *root_key = prim_ec_new();
	cert_auto *root = make_root(root_key);
	cert_auto *leaf = NULL;
	uint8_t d[PRIM_KEY];
	bool ok;

	a->key = prim_ec_new();
	if (root == NULL)
		return false;
	leaf = make_leaf(a->key, root, root_key);
	if (leaf == NULL || !encode_leaf(a, leaf) || !write_root(dir, root) ||
	    !disk_write(dir, LEAF_FILE, (struct span){ a->cert, a->cert_len }))
		return false;
	prim_ec_scalar(a->key, d);
	ok = disk_write(dir, KEY_FILE, SPAN(d));
	prim_wipe(d, sizeof(d));
	return ok;
}

bool
attest_open(struct attest *a, int dir)
{
	uint8_t d[PRIM_KEY + 1];
	size_t len = sizeof(d);

	*a = (struct attest){ .cert_len = sizeof(a->cert) };
	if (!disk_read(dir, KEY_FILE, d, &len))
		return errno == ENOENT && make(a, dir);
	if (len != PRIM_KEY ||
	    !disk_read(dir, LEAF_FILE, a->cert, &a->cert_len))
		return false;
	a->key = prim_ec_from_scalar(d);
	prim_wipe(d, sizeof(d));
	return true;
}

void
attest_close(struct attest *a)
{
	prim_pkey_done(&a->key);
}
