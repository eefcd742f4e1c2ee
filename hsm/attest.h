/*
 * attest.h - what a key proved when its credential was made (protocol.md
 * 6.1, 6.2; V12). Needs no key at hand: hosts and auditors use it.
 */

#ifndef AM_ATTEST_H
#define AM_ATTEST_H

#include "vault/base/am.h"
#include "vault/base/why.h"

/* What the statement claims; all lent. */
struct attest_expected {
	const char *rpid;
	struct bytes cred;     /* credential id */
	const uint8_t *key;    /* 64 bytes: x || y */
	const uint8_t *aaguid; /* 16 bytes */
	bool evaluation;       /* formats "none" and self attestation pass */
};

/*
 * `attest_check` checks an attestation object (CBOR map fmt, attStmt,
 * authData, nothing after it) and its client data: type, challenge, origin;
 * rpIdHash; flags UP, UV, AT, ED set, BE and BS clear (R6.3); credential id,
 * key and AAGUID as claimed; hmac-secret granted; the packed statement's
 * signature, and the AAGUID in the certificate where it has one.
 *	challenge   32 bytes
 * The other certificates are X.509; where they lead to is attest_leads_to.
 * Errors: AM_ERR_VERIFY or AM_ERR_TOKEN with V12 and a sentence.
 */
AM_RESULT attest_check(struct bytes object, struct bytes client,
    const uint8_t challenge[static 32], const struct attest_expected *want,
    struct why *why);

/* The certificates of a statement, the key's own first; lent. None: it attests
 * itself, or nothing. */
enum { ATTEST_CHAIN_MAX = 4 };
struct attest_chain {
	size_t count;
	struct bytes certs[ATTEST_CHAIN_MAX];
};

/* Errors: AM_ERR_CORRUPT (not an attestation object). */
AM_RESULT attest_chain(struct bytes object, struct attest_chain *out);

/* Errors: AM_ERR_CORRUPT (not an X.509 certificate, or more than one). */
AM_RESULT attest_root(struct bytes der);

/*
 * Does a chain lead to that certificate? Its signatures are followed, and no
 * date is looked at: who looks years later must find the same (R6.3, V12). The
 * certificate need not be signed by itself, and may be the key's own. Errors:
 * AM_ERR_NOMEM (it could not be found out).
 */
AM_RESULT
attest_leads_to(const struct attest_chain *c, struct bytes root, bool *out);

/* The credProtect level that the key says it set: 1 to 3; 0 when it does not
 * say. Errors: AM_ERR_CORRUPT (not an attestation object). */
AM_RESULT attest_protection(struct bytes object, unsigned *out);

#endif /* AM_ATTEST_H */
