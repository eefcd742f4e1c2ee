/*
 * attest.h - packed attestation under a TEST root made at the first start. The
 * leaf follows WebAuthn 8.2.1 and names the AAGUID; the root is written as
 * attestation-root.pem and its key is thrown away.
 */

#ifndef SOFT_ATTEST_H
#define SOFT_ATTEST_H

#include "tests/softtoken/prim.h"

#define ATTEST_AAGUID   16
#define ATTEST_CERT_MAX 1024
#define ATTEST_ROOT     "attestation-root.pem"

struct attest {
	EVP_PKEY *key;
	uint8_t cert[ATTEST_CERT_MAX]; /* DER */
	size_t cert_len;
};

/* The model of this key. Certificates that are there already keep theirs. */
extern uint8_t attest_aaguid[ATTEST_AAGUID];
/* Another one: 32 lower-case hex digits. False: they are none. */
bool attest_set_aaguid(const char *hex);

/* Reads key and certificates from the directory, or makes them. */
bool attest_open(struct attest *a, int dir);
void attest_close(struct attest *a);

#endif /* SOFT_ATTEST_H */
