/*
 * COCKTAIL-DKG, suite "COCKTAIL(Ristretto255, SHA-512)": published vectors.
 * Proves protocol.md 5.4 (V14), the payload variant included, although Amanat's
 * own shares carry no payload.
 */

#include <sodium.h>

#include "tests/vectors/published.h"
#include "vault/crypto/dkg.h"

static json_t *doc;
static int contexts, pops, shares, finals, certs, groups;

struct run {
	struct dkg_run r;
	struct scalar sk[SHAMIR_N_MAX];
	struct dkg_deal deals[SHAMIR_N_MAX];
	bool payload;
	uint8_t ext[256];
	size_t ext_len;
};

static void
point(const json_t *v, struct point *p)
{
	uint8_t raw[32];

	published_hex(v, raw, 32);
	assert_int_equal(pt_decode((struct bytes){ raw, 32 }, p), AM_OK);
}

static void
load(const json_t *v, struct run *u)
{
	const json_t *config = json_object_get(v, "config");
	const json_t *r1 = json_object_get(v, "round1");
	uint8_t tag[256], want[64];
	const size_t tag_len = published_len(json_object_get(v, "session_tag"));

	u->r.n = (size_t)json_integer_value(json_object_get(v, "n"));
	u->r.k = (size_t)json_integer_value(json_object_get(v, "t"));
	for (size_t i = 0; i < u->r.n; i++) {
		const json_t *d = json_array_get(r1, i);
		const json_t *c = json_object_get(d, "vss_commitment");
		const json_t *s = json_object_get(d, "encrypted_shares");

		point(json_array_get(
			  json_object_get(config, "static_public_keys"), i),
		    &u->r.pk[i]);
		published_hex(
		    json_array_get(
			json_object_get(config, "static_secret_keys"), i),
		    u->sk[i].b, 32);
		point(
		    json_object_get(d, "ephemeral_public_key"), &u->deals[i].E);
		published_hex(json_object_get(d, "pop"), u->deals[i].pop, 64);
		for (size_t m = 0; m < u->r.k; m++)
			point(json_array_get(c, m), &u->deals[i].C[m]);
		for (size_t j = 0; j < u->r.n; j++) {
			if (published_len(json_array_get(s, j)) != DKG_SHARE) {
				u->payload = true;
				continue;
			}
			published_hex(json_array_get(s, j),
			    u->deals[i].shares[j], DKG_SHARE);
		}
	}
	u->ext_len = published_len(json_object_get(v, "extension"));
	assert_true(u->ext_len <= sizeof(u->ext));
	published_hex(json_object_get(v, "extension"), u->ext, u->ext_len);
	published_hex(json_object_get(v, "session_tag"), tag, tag_len);
	dkg_context(&u->r, (struct bytes){ tag, tag_len });
	published_hex(json_object_get(v, "context"), want, 64);
	assert_memory_equal(u->r.context, want, 64);
	contexts++;
}

enum { PAYLOAD_MAX = 512 };

/* One share as it was published, with whatever follows it. */
static void
open_share(const json_t *v, const struct run *u, uint32_t i, uint32_t j,
    struct scalar *out)
{
	const json_t *ct = json_array_get(
	    json_object_get(json_array_get(json_object_get(v, "round1"), i - 1),
		"encrypted_shares"),
	    j - 1);
	uint8_t raw[DKG_SHARE + PAYLOAD_MAX], m[DKG_SHARE + PAYLOAD_MAX];
	const size_t len = published_len(ct);

	assert_true(len >= DKG_SHARE && len <= sizeof(raw));
	published_hex(ct, raw, len);
	assert_int_equal(dkg_decrypt(&u->r, i, &u->deals[i - 1].E, j,
			     &u->sk[j - 1], (struct bytes){ raw, len }, m),
	    AM_OK);
	assert_int_equal(sc_decode((struct bytes){ m, 32 }, out), AM_OK);
	assert_int_equal(
	    shamir_check(u->deals[i - 1].C, u->r.k, j, out), AM_OK);
	raw[len - 1] ^= 1;
	assert_int_equal(dkg_decrypt(&u->r, i, &u->deals[i - 1].E, j,
			     &u->sk[j - 1], (struct bytes){ raw, len }, m),
	    AM_ERR_CORRUPT);
	shares++;
}

static void
check_shares(const json_t *v, const struct run *u)
{
	struct scalar sum, part, again, want;

	for (uint32_t j = 1; j <= u->r.n; j++) {
		const json_t *r2 =
		    json_array_get(json_object_get(v, "round2"), j - 1);
		struct point P, V;

		sum = (struct scalar){ { 0 } };
		for (uint32_t i = 1; i <= u->r.n; i++) {
			open_share(v, u, i, j, &part);
			sc_add(&sum, &part, &sum);
			if (u->payload)
				continue;
			assert_int_equal(
			    dkg_share_open(&u->r, i, &u->deals[i - 1], j,
				&u->sk[j - 1], &again),
			    AM_OK);
			assert_true(sc_same(&part, &again));
		}
		published_hex(json_object_get(r2, "secret_share"), want.b, 32);
		assert_true(sc_same(&sum, &want));
		assert_int_equal(pt_mul_base(&sum, &P), AM_OK);
		point(json_object_get(r2, "verification_share"), &V);
		assert_true(pt_same(&P, &V));
		finals++;
	}
}

static void
check_public(const json_t *v, const struct run *u)
{
	const json_t *sigs =
	    json_object_get(json_object_get(v, "round3"), "signatures");
	struct point C[SHAMIR_K_MAX], X;

	for (size_t i = 0; i < u->r.n; i++) {
		struct dkg_deal bad = u->deals[i];
		uint8_t cert[DKG_SIG];

		assert_int_equal(dkg_pop_verify(&u->r, &u->deals[i]), AM_OK);
		bad.pop[40] ^= 1;
		assert_int_equal(dkg_pop_verify(&u->r, &bad), AM_ERR_VERIFY);
		pops++;
		published_hex(
		    json_object_get(json_array_get(sigs, i), "signature"), cert,
		    DKG_SIG);
		assert_int_equal(dkg_cert_verify(&u->r, u->deals,
				     (struct bytes){ u->ext, u->ext_len },
				     (uint32_t)i + 1, cert),
		    AM_OK);
		cert[3] ^= 1;
		assert_int_equal(dkg_cert_verify(&u->r, u->deals,
				     (struct bytes){ u->ext, u->ext_len },
				     (uint32_t)i + 1, cert),
		    AM_ERR_VERIFY);
		certs++;
	}
	assert_int_equal(dkg_commitments(&u->r, u->deals, C), AM_OK);
	point(json_object_get(v, "group_public_key"), &X);
	assert_true(pt_same(&C[0], &X));
	groups++;
}

static void
v14_the_whole_published_ceremony(void **state)
{
	const json_t *list = json_object_get(doc, "vectors");

	(void)state;
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct run *u = calloc(1, sizeof(*u));

		load(json_array_get(list, i), u);
		check_public(json_array_get(list, i), u);
		check_shares(json_array_get(list, i), u);
		free(u);
	}
	assert_int_equal(contexts, 4);
	assert_int_equal(pops, 25);
	assert_int_equal(certs, 25);
	assert_int_equal(groups, 4);
	assert_int_equal(shares, 9 + 25 + 196 + 9);
	assert_int_equal(finals, 3 + 5 + 14 + 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v14_the_whole_published_ceremony),
	};

	if (sodium_init() < 0)
		return 1;
	doc = published_open(
	    "cocktail-dkg/cocktail-dkg-ristretto255-sha512.json");
	return doc == NULL ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
