/*
 * Run under valgrind: bytes marked undefined stand for secrets, so a branch or
 * an address that depends on one is reported as an error. What the functions
 * give back is public or another secret; it is not looked at here.
 */

#include <sodium.h>
#include <valgrind/memcheck.h>

#include "vault/base/secret.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/hkdf.h"
#include "vault/crypto/shamir.h"

static void
hide(void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static void
show(void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}

static bool
comparing(void)
{
	uint8_t a[32] = { 1 }, b[32] = { 1 };
	volatile bool same;

	hide(a, sizeof(a));
	same = secret_equal((struct bytes){ a, 32 }, (struct bytes){ b, 32 });
	show((void *)(uintptr_t)&same, sizeof(same));
	return same;
}

/* s = a - c s, and what a share is: f(index). */
static bool
scalars(void)
{
	struct scalar c[3] = { { { 3 } }, { { 5 } }, { { 7 } } }, out, want;
	uint8_t wide[64] = { 9 };

	hide(c, sizeof(c));
	hide(wide, sizeof(wide));
	sc_reduce(wide, &out);
	sc_mul(&out, &c[0], &out);
	sc_sub(&c[1], &out, &out);
	sc_add(&out, &c[2], &out);
	if (shamir_eval(c, 3, 2, &out) != AM_OK)
		return false;
	show(&out, sizeof(out));
	sc_from_u32(3 + 5 * 2 + 7 * 4, &want);
	return sc_same(&out, &want);
}

static bool
sealing(void)
{
	uint8_t key[32] = { 1 }, m[64] = { 2 }, ct[64 + AEAD_TAG], again[64];
	const uint8_t nonce[AEAD_NONCE] = { 0 };
	const struct bytes none = { NULL, 0 }, salt = { nonce, 24 };

	hide(key, sizeof(key));
	hide(m, sizeof(m));
	if (hkdf_derive((struct bytes){ key, 32 }, salt, &none, 0, key, 32) !=
	    AM_OK)
		return false;
	aead_seal(key, nonce, none, (struct bytes){ m, sizeof(m) }, ct);
	show(ct, sizeof(ct)); /* public from here on */
	show(key, sizeof(key));
	return aead_open(key, nonce, none, (struct bytes){ ct, sizeof(ct) },
		   again) == AM_OK;
}

int
main(int argc, char *argv[])
{
	uint8_t a[32] = { 1 };

	(void)argv;
	if (sodium_init() < 0)
		return 1;
	if (argc > 1) { /* the gate's own test: a leak must be seen */
		hide(a, sizeof(a));
		return a[3] == 0 ? 0 : 2;
	}
	return comparing() && scalars() && sealing() ? 0 : 1;
}
