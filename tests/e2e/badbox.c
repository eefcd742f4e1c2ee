/*
 * badbox.so, for LD_PRELOAD: a dishonest member's program. With BADBOX=seal
 * the first box of a deal that is made is damaged; with BADBOX=open the first
 * that is opened is called bad. Boxes are the messages of 32 bytes without
 * additional data (protocol.md 2.3).
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
wanted(const char *what)
{
	static bool done;
	const char *mode = getenv("BADBOX");

	if (done || mode == NULL || strcmp(mode, what) != 0)
		return false;
	done = true;
	return true;
}

int crypto_aead_xchacha20poly1305_ietf_encrypt(unsigned char *c,
    unsigned long long *clen, const unsigned char *m, unsigned long long mlen,
    const unsigned char *ad, unsigned long long adlen,
    const unsigned char *nsec, const unsigned char *nonce,
    const unsigned char *key);
int crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *m,
    unsigned long long *mlen, unsigned char *nsec, const unsigned char *c,
    unsigned long long clen, const unsigned char *ad, unsigned long long adlen,
    const unsigned char *nonce, const unsigned char *key);

int
crypto_aead_xchacha20poly1305_ietf_encrypt(unsigned char *c,
    unsigned long long *clen, const unsigned char *m, unsigned long long mlen,
    const unsigned char *ad, unsigned long long adlen,
    const unsigned char *nsec, const unsigned char *nonce,
    const unsigned char *key)
{
	int (*real)(unsigned char *, unsigned long long *,
	    const unsigned char *, unsigned long long, const unsigned char *,
	    unsigned long long, const unsigned char *, const unsigned char *,
	    const unsigned char *) =
	    dlsym(RTLD_NEXT, "crypto_aead_xchacha20poly1305_ietf_encrypt");
	const int rc = real(c, clen, m, mlen, ad, adlen, nsec, nonce, key);

	if (mlen == 32 && adlen == 0 && wanted("seal"))
		c[0] ^= 1;
	return rc;
}

int
crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *m,
    unsigned long long *mlen, unsigned char *nsec, const unsigned char *c,
    unsigned long long clen, const unsigned char *ad, unsigned long long adlen,
    const unsigned char *nonce, const unsigned char *key)
{
	int (*real)(unsigned char *, unsigned long long *, unsigned char *,
	    const unsigned char *, unsigned long long, const unsigned char *,
	    unsigned long long, const unsigned char *, const unsigned char *) =
	    dlsym(RTLD_NEXT, "crypto_aead_xchacha20poly1305_ietf_decrypt");

	if (clen == 48 && adlen == 0 && wanted("open"))
		return -1;
	return real(m, mlen, nsec, c, clen, ad, adlen, nonce, key);
}
