/*
 * The rule book, refusals first: each test hands it a statement that breaks
 * one rule and nothing else, properly signed.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/partial.h"
#include "vault/crypto/poss.h"
#include "vault/crypto/tdh2.h"

/* A vault with an active 2-of-3 safe; person 4 is an official outside it, 5 a
 * contractor. */
static struct forge *
with_safe(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 4; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	forge_safe(f, 2, 3);
	return f;
}

static struct json_t *
person_body(struct forge *f, size_t by)
{
	static const uint8_t id[16] = "TEST person id";
	struct json_t *b = forge_body(f, "person", by);

	forge_hex(b, "person", id, 16);
	forge_text(b, "name", "Someone");
	assert_int_equal(canon_set(b, "remote", canon_bool(false)), AM_OK);
	return b;
}

/* ---- what all statements share */

static void
v08_a_kind_or_field_that_is_not_of_this_version(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b;

	(void)state;
	refused(f, forge_body(f, "erase", 0), 0, AM_ERR_CORRUPT, "V08");
	b = person_body(f, 0);
	forge_text(b, "extra", "x");
	refused(f, b, 0, AM_ERR_CORRUPT, "V08");
	b = forge_body(f, "person", 0);
	forge_text(b, "name", "no id");
	refused(f, b, 0, AM_ERR_CORRUPT, "V08");
	forge_free(f);
}

/* R13.22: the right keys, and a value of another form. */
static void
v02_a_field_of_another_form(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b = person_body(f, 0);

	(void)state;
	forge_uint(b, "remote", 1);
	refused(f, b, 0, AM_ERR_CORRUPT, "V02");
	b = person_body(f, 0);
	forge_text(b, "person", "0011");
	refused(f, b, 0, AM_ERR_CORRUPT, "V02");
	forge_free(f);
}

static void
v03_one_genesis_one_vault(void **state)
{
	struct forge *f = forge_new(), *other = forge_new();
	struct json_t *b = person_body(f, 0);

	(void)state;
	forge_hex(b, "vault", other->vault, 16);
	refused(f, b, 0, AM_ERR_VERIFY, "V03");
	assert_int_equal(
	    forge_judge(f, blob_bytes(&f->lines[0])), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V03");
	forge_free(f);
	forge_free(other);
}

static void
v10_r7_2_a_statement_occurs_once(void **state)
{
	struct forge *f = forge_new();

	(void)state;
	accepted(f, person_body(f, 0), 0);
	assert_int_equal(
	    forge_judge(f, blob_bytes(&f->lines[1])), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V10");
	forge_free(f);
}

static void
v11_the_head_is_of_this_log_and_never_goes_back(void **state)
{
	struct forge *f = forge_new();
	struct json_t *old, *b, *head;
	blob_auto line = { 0 };
	uint8_t zeros[32] = { 0 }, *sig;

	(void)state;
	b = person_body(f, 0);
	head = canon_object();
	forge_hex(head, "root", zeros, 32);
	forge_uint(head, "size", 1);
	assert_int_equal(canon_set(b, "head", head), AM_OK);
	refused(f, b, 0, AM_ERR_VERIFY, "V11");
	b = person_body(f, 0);
	head = canon_object();
	forge_hex(head, "root", zeros, 32);
	forge_uint(head, "size", 99);
	assert_int_equal(canon_set(b, "head", head), AM_OK);
	refused(f, b, 0, AM_ERR_VERIFY, "V11");
	old = forge_body(f, "person", 0);
	accepted(f, person_body(f, 0), 0);
	(void)forge_person(f, "official");
	forge_hex(old, "person", zeros, 16);
	forge_text(old, "name", "late");
	assert_int_equal(canon_set(old, "remote", canon_bool(false)), AM_OK);
	forge_line(f, canon_ref(old), 0, &line);
	refused(f, old, 0, AM_ERR_STALE, "V11");
	/* R13.22: named before a signature that is wrong as well. */
	sig = memmem(line.p, line.len, "\"sig\":\"", 7);
	assert_non_null(sig);
	sig[20] = sig[20] == 'A' ? 'B' : 'A';
	assert_int_equal(forge_judge(f, blob_bytes(&line)), AM_ERR_STALE);
	assert_string_equal(f->why.rule, "V11");
	forge_free(f);
}

static void
v09_the_right_key_signs_the_right_thing(void **state)
{
	struct forge *f = with_safe();
	blob_auto line = { 0 };
	uint8_t *at;

	(void)state;
	/* Somebody else's key. */
	assert_int_equal(forge_post_as(f, person_body(f, 0), 1), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V09");
	/* A key that nobody enrolled. */
	randombytes_buf(f->people[4].cred, 32);
	assert_int_equal(forge_post_as(f, person_body(f, 0), 4), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V09");
	/* The body changed after it was signed. */
	forge_line(f, person_body(f, 0), 0, &line);
	at = memmem(line.p, line.len, "Someone", 7);
	assert_non_null(at);
	at[0] = 'X';
	assert_int_equal(forge_judge(f, blob_bytes(&line)), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V09");
	forge_free(f);
}

/* 7.2: flags UP and UV, none of BE, BS, AT, ED; relying party; signature. */
static void
v09_r6_2_r6_4_every_bit_of_the_assertion_counts(void **state)
{
	struct forge *f = forge_new();
	blob_auto line = { 0 };
	uint8_t *at;

	(void)state;
	forge_line(f, person_body(f, 0), 0, &line);
	at = (uint8_t *)memmem(line.p, line.len, "\"authdata\":\"", 12) + 12;
	for (size_t i = 0; i < 48; i++) { /* up to the flags and counter */
		const uint8_t was = at[i];

		at[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(forge_judge(f, blob_bytes(&line)), AM_OK);
		at[i] = was;
	}
	assert_int_equal(forge_judge(f, blob_bytes(&line)), AM_OK);
	forge_free(f);
}

/* ---- people */

static void
r13_3_v21_only_what_is_admitted_is_active(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b, *act, *admit;
	size_t i;

	(void)state;
	i = forge_person(f, "official");
	/* Admitted already. */
	b = forge_body(f, "motion", 0);
	act = canon_object();
	admit = canon_object();
	forge_hex(admit, "person", f->people[i].id, 16);
	forge_hex(admit, "token", f->people[i].token, 32);
	forge_hex(admit, "identity", f->people[i].identity, 32);
	assert_int_equal(canon_set(act, "admit", admit), AM_OK);
	assert_int_equal(canon_set(b, "act", act), AM_OK);
	forge_text(b, "why", "");
	forge_when(b, "until", f->at + 60);
	refused(f, b, 0, AM_ERR_EXISTS, "V21");
	forge_free(f);
}

/* A refusal names its rule, also for what nobody has offered. */
static void
r13_3_v21_a_token_that_was_never_offered(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b = forge_body(f, "motion", 0), *act = canon_object(),
		      *admit = canon_object();
	const uint8_t unknown[32] = { 9 };

	(void)state;
	forge_hex(admit, "token", unknown, 32);
	assert_int_equal(canon_set(act, "admit", admit), AM_OK);
	assert_int_equal(canon_set(b, "act", act), AM_OK);
	forge_text(b, "why", "");
	forge_when(b, "until", f->at + 60);
	refused(f, b, 0, AM_ERR_NOT_FOUND, "V21");
	forge_free(f);
}

static void
v13_an_identity_proves_its_key(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b = forge_body(f, "identity", 0);
	struct scalar d;
	struct point pk;
	uint8_t proof[64] = { 1 };

	(void)state;
	sc_random(&d);
	assert_int_equal(pt_mul_base(&d, &pk), AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	refused(f, b, 0, AM_ERR_VERIFY, "V13");
	/* R2.1, R2.2: the twin of the point with bit 255 set. */
	pk.b[31] |= 0x80;
	b = forge_body(f, "identity", 0);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	refused(f, b, 0, AM_ERR_VERIFY, "V13");
	forge_free(f);
}

/* Sixteen zero bytes mean "nobody" (7.2) and "no safe yet" (R13.20): with a
 * first safe of that id the founder would admit alone for ever. */
static void
r13_20_nothing_has_the_id_of_nothing(void **state)
{
	const uint8_t zeros[16] = { 0 };
	struct forge *f = forge_new();
	struct json_t *b = forge_body(f, "safe", 0);

	(void)state;
	forge_hex(b, "safe", zeros, 16);
	forge_text(b, "name", "s");
	forge_text(b, "level", "baseline");
	refused(f, b, 0, AM_ERR_INVALID, "V08");
	b = person_body(f, 0);
	forge_hex(b, "person", zeros, 16);
	refused(f, b, 0, AM_ERR_INVALID, "V08");
	forge_free(f);
}

/* G and the person's id, which the proof of an identity covers. */
static struct json_t *
identity_body(struct forge *f, size_t who, const struct scalar *d)
{
	struct json_t *b = forge_body(f, "identity", who);
	const struct view w = view_memory(f->memory);
	struct rows_vault v;
	uint8_t ph[32], proof[64];
	struct point pk;

	assert_int_equal(
	    rows_get_vault(&w, (struct bytes){ NULL, 0 }, &v), AM_OK);
	assert_int_equal(pt_mul_base(d, &pk), AM_OK);
	hash_sha256(HASH_PARTS(HASH_T("identity"), { v.genesis, 32 },
			{ f->people[who].id, 16 }, pt_bytes(&pk)),
	    ph);
	assert_int_equal(poss_prove(d, &pk, ph, proof), AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	return b;
}

/* ---- ceremonies */

static void
r5_1_two_to_n_minus_one_of_three_to_sixteen(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)forge_person(f, "official");
	(void)forge_person(f, "contractor");
	b = forge_body(f, "safe", 0);
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "name", "s");
	forge_text(b, "level", "x");
	accepted(f, b, 0);
	refused(f, forge_plan(f, 1, 3), 0, AM_ERR_POLICY, "R5.1");
	refused(f, forge_plan(f, 0, 3), 0, AM_ERR_POLICY, "R5.1");
	refused(f, forge_plan(f, 3, 3), 0, AM_ERR_POLICY, "R5.1");
	refused(f, forge_plan(f, 2, 2), 0, AM_ERR_POLICY, "R5.1");
	refused(f, forge_plan(f, 2, 4), 0, AM_ERR_POLICY, "V14");
	b = forge_plan(f, 2, 3);
	forge_uint(b, "epoch", 2);
	refused(f, b, 0, AM_ERR_VERIFY, "R5.2");
	accepted(f, forge_plan(f, 2, 3), 0);
	forge_free(f);
}

static struct forge *
planned(void)
{
	struct forge *f = forge_new();
	struct json_t *b;

	for (int i = 0; i < 3; i++)
		(void)forge_person(f, "official");
	b = forge_body(f, "safe", 0);
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "name", "s");
	forge_text(b, "level", "x");
	accepted(f, b, 0);
	accepted(f, forge_plan(f, 2, 3), 0);
	memcpy(f->plan.plan, f->last, 32);
	return f;
}

static void
v14_steps_come_in_order_and_from_their_owner(void **state)
{
	struct forge *f = planned();
	struct scalar keep;

	(void)state;
	/* Under another member's index. */
	assert_int_equal(forge_post(f, forge_join(f, 1), 2), AM_ERR_VERIFY);
	accepted(f, forge_join(f, 1), 1);
	keep = f->people[1].join; /* forge_join draws another */
	refused(f, forge_join(f, 1), 1, AM_ERR_EXISTS, "V14");
	f->people[1].join = keep;
	f->people[0].index = 1;
	refused(f, forge_join(f, 0), 0, AM_ERR_POLICY, "V14");
	accepted(f, forge_join(f, 2), 2);
	accepted(f, forge_join(f, 3), 3);
	accepted(f, forge_deal(f, 1), 1);
	refused(f, forge_deal(f, 1), 1, AM_ERR_EXISTS, "V14");
	accepted(f, forge_deal(f, 2), 2);
	accepted(f, forge_deal(f, 3), 3);
	accepted(f, forge_accept(f, 1), 1);
	refused(f, forge_accept(f, 1), 1, AM_ERR_EXISTS, "V14");
	forge_free(f);
}

/* Test 5 of section 9: k-1 and k+1 commitments. */
static void
v14_exactly_k_commitments_and_n_shares(void **state)
{
	struct forge *f = planned();
	const struct json_t *list = NULL;
	struct json_t *b, *longer;
	struct bytes c = { 0 };

	(void)state;
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_join(f, i), i);
	b = forge_deal(f, 1);
	assert_int_equal(canon_get_array(b, "commitments", &list), AM_OK);
	assert_int_equal(canon_at_text(list, 0, &c), AM_OK);
	longer = canon_array();
	for (int i = 0; i < 3; i++)
		assert_int_equal(canon_push(longer, canon_text(c)), AM_OK);
	assert_int_equal(canon_set(b, "commitments", longer), AM_OK);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	b = forge_deal(f, 1);
	assert_int_equal(canon_set(b, "shares", canon_array()), AM_OK);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	/* A proof of possession of another deal. */
	b = forge_deal(f, 1);
	forge_b64(b, "pop", (const uint8_t[64]){ 9 }, 64);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	forge_free(f);
}

static void
r5_4_a_receive_key_is_never_used_again(void **state)
{
	struct forge *f = planned();
	struct json_t *b;
	uint8_t ph[32], proof[64];
	struct point pk;

	(void)state;
	accepted(f, forge_join(f, 1), 1);
	assert_int_equal(pt_mul_base(&f->people[1].join, &pk), AM_OK);
	b = forge_join(f, 2);
	manifest_join_hash(f->plan.plan, 2, &pk, ph);
	assert_int_equal(poss_prove(&f->people[1].join, &pk, ph, proof), AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	refused(f, b, 2, AM_ERR_VERIFY, "R5.4");
	forge_free(f);
}

/* What opens request keys for ever must not receive shares as well. */
static void
r5_4_v13_a_receive_key_is_no_identity_key(void **state)
{
	struct forge *f = planned();
	struct scalar d;
	struct json_t *b;
	uint8_t ph[32], proof[64];
	struct point pk;

	(void)state;
	sc_random(&d);
	accepted(f, identity_body(f, 0, &d), 0);
	assert_int_equal(pt_mul_base(&d, &pk), AM_OK);
	b = forge_join(f, 2);
	manifest_join_hash(f->plan.plan, 2, &pk, ph);
	assert_int_equal(poss_prove(&d, &pk, ph, proof), AM_OK);
	forge_b64(b, "pk", pk.b, 32);
	forge_b64(b, "proof", proof, 64);
	refused(f, b, 2, AM_ERR_VERIFY, "R5.4");
	forge_free(f);
	/* The other way round. */
	f = planned();
	accepted(f, forge_join(f, 1), 1);
	refused(f, identity_body(f, 0, &f->people[1].join), 0, AM_ERR_VERIFY,
	    "V13");
	forge_free(f);
}

/* One member saw other deals (tests 1 and 11 of section 9); R5.6: only the
 * last of all n acceptances activates. */
static void
v14_r5_6_all_accept_one_set_of_deals(void **state)
{
	struct forge *f = planned();
	const struct view w = view_memory(f->memory);
	struct rows_safe s;
	struct json_t *b;
	uint8_t zeros[32] = { 0 };

	(void)state;
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_join(f, i), i);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_deal(f, i), i);
	b = forge_accept(f, 1);
	forge_hex(b, "deals", zeros, 32);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	b = forge_accept(f, 1);
	forge_hex(b, "manifest", zeros, 32);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	b = forge_accept(f, 1);
	forge_b64(b, "cert", (const uint8_t[64]){ 7 }, 64);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	b = forge_accept(f, 1);
	forge_b64(b, "proof", (const uint8_t[64]){ 7 }, 64);
	refused(f, b, 1, AM_ERR_VERIFY, "V14");
	accepted(f, forge_accept(f, 1), 1);
	accepted(f, forge_accept(f, 2), 2);
	assert_int_equal(
	    rows_get_safe(&w, (struct bytes){ f->safe, 16 }, &s), AM_OK);
	assert_memory_equal(s.manifest, zeros, 32);
	accepted(f, forge_accept(f, 3), 3);
	assert_int_equal(
	    rows_get_safe(&w, (struct bytes){ f->safe, 16 }, &s), AM_OK);
	assert_memory_equal(s.manifest, f->manifest.manifest, 32);
	forge_free(f);
}

/* R5.2, R13.1: a step dated after the end counts for nothing. */
static void
r13_1_a_late_step_has_no_effect(void **state)
{
	struct forge *f = planned();
	const struct view w = view_memory(f->memory);
	struct rows_plan p;

	(void)state;
	f->at += 2 * 86400;
	accepted(f, forge_join(f, 1), 1);
	assert_int_equal(
	    rows_get_plan(&w, (struct bytes){ f->plan.plan, 32 }, &p), AM_OK);
	assert_int_equal(p.joined, 0);
	forge_free(f);
}

/* R13.1 spares a late step its effect, not the form of its fields. */
static void
r13_1_v02_a_late_step_is_well_formed(void **state)
{
	static const char *const fields[] = { "cert", "deals", "manifest",
		"proof" };
	struct forge *f = planned();
	struct json_t *b;

	(void)state;
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_join(f, i), i);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_deal(f, i), i);
	f->at += 2 * 86400;
	for (size_t i = 0; i < AM_ARRAY_LEN(fields); i++) {
		b = forge_accept(f, 1);
		forge_uint(b, fields[i], 1);
		refused(f, b, 1, AM_ERR_CORRUPT, "V02");
		b = forge_accept(f, 1);
		forge_text(b, fields[i], "AAAA");
		refused(f, b, 1, AM_ERR_CORRUPT, "V02");
	}
	accepted(f, forge_accept(f, 1), 1);
	b = forge_join(f, 1);
	forge_text(b, "proof", "AAAA");
	refused(f, b, 1, AM_ERR_CORRUPT, "V02");
	forge_free(f);
}

/* The plan that becomes active voids every other one of its safe. */
static void
r13_15_two_plans_one_committee(void **state)
{
	struct forge *f = planned();
	struct json_t *b;
	uint8_t first[32], second[32];

	(void)state;
	memcpy(first, f->plan.plan, 32);
	b = forge_plan(f, 2, 3);
	forge_uint(b, "epoch", 2);
	accepted(f, b, 0);
	memcpy(second, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_join(f, i), i);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_deal(f, i), i);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_accept(f, i), i);
	memcpy(f->plan.plan, second, 32);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "R13.15");
	memcpy(f->plan.plan, first, 32);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "V14");
	b = forge_plan(f, 2, 3);
	forge_uint(b, "epoch", 3);
	refused(f, b, 0, AM_ERR_POLICY, "V14");
	forge_free(f);
}

/* Deals of chosen polynomials; the last one is refused, whatever it is. */
static void
the_last_deal_is_refused(struct forge *f, struct scalar c[3][2])
{
	const struct view w = view_memory(f->memory);
	struct scalar e;
	struct dkg_run run;

	for (size_t i = 0; i < 3; i++) {
		struct json_t *b = forge_deal(f, i + 1), *list = canon_array(),
			      *shares = canon_array();
		struct dkg_deal d;

		sc_random(&e);
		assert_int_equal(manifest_run(&w, &f->plan, &run), AM_OK);
		assert_int_equal(dkg_deal_make_fixed(&run, (uint32_t)i + 1,
				     &f->people[i + 1].join, c[i], &e, &d),
		    AM_OK);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(
			    canon_push(list, canon_b64(pt_bytes(&d.C[k]))),
			    AM_OK);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(
			    canon_push(shares,
				canon_b64((struct bytes){ d.shares[k], 48 })),
			    AM_OK);
		assert_int_equal(canon_set(b, "commitments", list), AM_OK);
		assert_int_equal(canon_set(b, "shares", shares), AM_OK);
		forge_b64(b, "pop", d.pop, 64);
		forge_b64(b, "eph", d.E.b, 32);
		if (i < 2)
			accepted(f, b, i + 1);
		else
			refused(f, b, i + 1, AM_ERR_VERIFY, "R13.18");
	}
}

/* Dealers whose second coefficients cancel out: refused at the last deal. */
static void
r13_18_a_sum_that_is_the_identity(void **state)
{
	struct forge *f = planned();
	struct scalar c[3][2], sum = { { 0 } }, zero = { { 0 } };

	(void)state;
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_join(f, i), i);
	for (size_t i = 0; i < 3; i++) {
		sc_random(&c[i][0]);
		sc_random(&c[i][1]);
	}
	sc_add(&c[0][1], &c[1][1], &sum);
	sc_sub(&zero, &sum, &c[2][1]);
	the_last_deal_is_refused(f, c);
	forge_free(f);
}

/* No sum is the identity, but the public share of member 3 would be: the
 * ceremony could never end, and nobody would know why. */
static void
r13_18_a_public_share_that_is_the_identity(void **state)
{
	struct forge *f = planned();
	struct scalar c[3][2], x = { { 3 } }, zero = { { 0 } }, sum = zero;

	(void)state;
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_join(f, i), i);
	for (size_t i = 0; i < 3; i++)
		for (size_t m = 0; m < 2; m++) {
			struct scalar term;

			sc_random(&c[i][m]);
			if (i == 2 && m == 0)
				continue;
			sc_mul(&c[i][m], &x, &term);
			sc_add(&sum, m == 0 ? &c[i][m] : &term, &sum);
		}
	sc_sub(&zero, &sum, &c[2][0]);
	the_last_deal_is_refused(f, c);
	forge_free(f);
}

/* Only a vault marked for evaluation takes a key without attestation. */
static void
r13_23_r6_14_the_mark_is_in_genesis(void **state)
{
	enum am_err err = AM_OK;
	struct forge *f = forge_try(false, &err);

	(void)state;
	assert_int_not_equal(err, AM_OK);
	assert_string_equal(f->why.rule, "V12");
	forge_free(f);
}

/* ---- acts of the vault itself (7.2) */

static enum am_err
by_the_vault(struct forge *f, struct json_t *body)
{
	blob_auto line = { 0 };

	forge_service(f, body, &line);
	return forge_judge(f, blob_bytes(&line));
}

static void
vault_may_not(struct forge *f, struct json_t *body, const char *rule)
{
	const uint64_t size = f->size;

	assert_int_not_equal(by_the_vault(f, body), AM_OK);
	assert_string_equal(f->why.rule, rule);
	assert_int_equal(f->size, size);
}

static void
v09_r6_14_the_vault_itself_posts_faults_only(void **state)
{
	struct forge *f = with_safe();
	struct json_t *b;
	const uint8_t id[16] = { 0xee };

	(void)state;
	vault_may_not(f, forge_fault(f, ""), "V24");
	vault_may_not(f, forge_fault(f, "a rule"), "V24");
	vault_may_not(f, forge_fault(f, "R12345678.1234567"), "V24");
	b = forge_fault(f, "R6.14");
	forge_hex(b, "by", f->people[0].id, 16);
	vault_may_not(f, b, "V09");
	b = forge_fault(f, "R6.14");
	forge_text(b, "more", "TEST");
	vault_may_not(f, b, "V08");
	b = forge_body(f, "person", 0);
	forge_hex(b, "by", (const uint8_t[16]){ 0 }, 16);
	forge_hex(b, "person", id, 16);
	forge_text(b, "name", "TEST");
	assert_int_equal(canon_set(b, "remote", canon_bool(false)), AM_OK);
	vault_may_not(f, b, "V09");
	/* a person's token does not stand for the vault */
	refused(f, forge_fault(f, "R6.14"), 0, AM_ERR_VERIFY, "V09");
	forge_free(f);
}

static void
v09_r6_14_a_fault_is_signed_by_the_log_key(void **state)
{
	struct forge *f = with_safe();
	blob_auto line = { 0 }, last = { 0 };
	uint8_t *sig;
	struct json_t *b;

	(void)state;
	forge_service(f, forge_fault(f, "R6.14"), &line);
	sig = memmem(line.p, line.len, "\"log\":\"", 7);
	assert_non_null(sig);
	sig[20] = sig[20] == 'A' ? 'B' : 'A';
	assert_int_equal(forge_judge(f, blob_bytes(&line)), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V09");
	f->seed[0] ^= 1; /* another vault's key */
	vault_may_not(f, forge_fault(f, "R6.14"), "V09");
	f->seed[0] ^= 1;
	assert_int_equal(by_the_vault(f, forge_fault(f, "R6.14")), AM_OK);
	assert_int_equal(
	    blob_add(&last, blob_bytes(&f->lines[f->size - 1])), AM_OK);
	assert_int_equal(forge_judge(f, blob_bytes(&last)), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V10");
	/* anyone admitted may post one */
	b = forge_fault(f, "R6.14");
	forge_hex(b, "by", f->people[1].id, 16);
	accepted(f, b, 1);
	forge_free(f);
}

/* No third form of `auth` but this: exactly 64 bytes, and nothing beside. */
static void
v02_auth_of_the_vault_itself(void **state)
{
	static const char *const auths[] = { "{\"log\":\"\"}",
		"{\"log\":\"AAAA\"}", "{\"log\":1}",
		"{\"batch\":\"\",\"log\":\"\"}" };
	struct forge *f = with_safe();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(auths); i++) {
		blob_auto body = { 0 }, line = { 0 };
		struct json_t *b = forge_fault(f, "R6.14");
		uint8_t id[32];

		assert_int_equal(statement_id(b, &body, id), AM_OK);
		canon_free(&b);
		assert_int_equal(
		    blob_printf(&line, "{\"auth\":%s,\"body\":%.*s}", auths[i],
			(int)body.len, (const char *)body.p),
		    AM_OK);
		assert_int_equal(
		    forge_judge(f, blob_bytes(&line)), AM_ERR_CORRUPT);
		assert_string_equal(f->why.rule, "V02");
	}
	forge_free(f);
}

/* ---- seals */

static void
v16_r3_5_a_header_proves_itself_and_its_place(void **state)
{
	struct forge *f = with_safe();
	struct forge_sealed a = { 0 }, b = { 0 };
	struct json_t *body;

	(void)state;
	body = forge_seal(f, 4, "one", "secret", &a);
	forge_text(body, "prev", "");
	forge_uint(body, "version", 2);
	refused(f, body, 4, AM_ERR_VERIFY, "V16");
	a = (struct forge_sealed){ 0 };
	accepted(f, forge_seal(f, 4, "one", "secret", &a), 4);
	/* The same U for another record. */
	body = forge_seal(f, 4, "two", "secret", &b);
	forge_b64(body, "u", a.header.U.b, 32);
	refused(f, body, 4, AM_ERR_VERIFY, "V16");
	/* Laundering: U of one's own, but of another label. */
	b = (struct forge_sealed){ 0 };
	body = forge_seal(f, 4, "three", "secret", &b);
	forge_hex(body, "record", a.record, 16);
	refused(f, body, 4, AM_ERR_VERIFY, "V16");
	/* Somebody else's name under it. */
	b = (struct forge_sealed){ 0 };
	body = forge_seal(f, 4, "four", "secret", &b);
	forge_hex(body, "by", f->people[1].id, 16);
	refused(f, body, 1, AM_ERR_VERIFY, "V16");
	/* R3.6: a size that no padding gives. */
	b = (struct forge_sealed){ 0 };
	body = forge_seal(f, 4, "five", "secret", &b);
	forge_uint(body, "size", 100);
	refused(f, body, 4, AM_ERR_VERIFY, "V16");
	b = (struct forge_sealed){ 0 };
	refused(f, forge_seal(f, 4, "one", "x", &b), 4, AM_ERR_EXISTS, "V16");
	b = (struct forge_sealed){ 0 };
	refused(f, forge_seal(f, 4, "../x", "x", &b), 4, AM_ERR_INVALID, "V16");
	b = (struct forge_sealed){ 0 };
	accepted(f, forge_seal(f, 5, "by-contractor", "x", &b), 5);
	forge_free(f);
}

static void
v16_every_public_input_of_the_proof_is_bound(void **state)
{
	static const char *const fields[] = { "com", "nonce", "proof" };
	struct forge *f = with_safe();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(fields); i++) {
		struct forge_sealed s = { 0 };
		struct json_t *b = forge_seal(f, 4, "t", "secret", &s);
		const size_t len = i == 0 ? 32 : i == 1 ? 24 : 64;
		uint8_t raw[64];

		assert_int_equal(canon_get_b64(b, fields[i], raw, len), AM_OK);
		raw[3] ^= 1;
		forge_b64(b, fields[i], raw, len);
		refused(f, b, 4, AM_ERR_VERIFY, "V16");
	}
	forge_free(f);
}

/* ---- requests and answers */

struct scene {
	struct forge *f;
	struct forge_sealed sealed;
	struct forge_asked asked;
};

static struct scene
asked(void)
{
	struct scene s = { .f = with_safe() };

	accepted(s.f, forge_seal(s.f, 4, "t", "TEST secret", &s.sealed), 4);
	return s;
}

static void
v17_r3_9_a_request_is_for_one_version_with_a_fresh_key(void **state)
{
	struct scene s = asked();
	struct forge_sealed second = s.sealed;
	struct json_t *b;

	(void)state;
	refused(s.f, forge_request(s.f, 5, &s.sealed, &s.asked), 5,
	    AM_ERR_POLICY, "V17"); /* a contractor */
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_text(b, "why", "");
	refused(s.f, b, 4, AM_ERR_INVALID, "V17");
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_when(b, "until", s.f->at + 80 * 3600);
	refused(s.f, b, 4, AM_ERR_INVALID, "V17");
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_text(b, "committee", "recovery");
	refused(s.f, b, 4, AM_ERR_POLICY, "R13.19");
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_text(b, "committee", "recovery");
	forge_text(b, "mode", "breakglass");
	refused(s.f, b, 4, AM_ERR_STALE, "V17"); /* there is none */
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_text(b, "rules", "none");
	refused(s.f, b, 4, AM_ERR_CORRUPT, "V02");
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_hex(
	    b, "rules", s.sealed.seal, 32); /* R13.4: not those in force */
	refused(s.f, b, 4, AM_ERR_STALE, "V17");
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_b64(b, "q", s.sealed.header.U.b, 32);
	forge_b64(b, "q", (const uint8_t[32]){ 0 }, 32); /* R2.6 */
	refused(s.f, b, 4, AM_ERR_VERIFY, "V17");
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	b = forge_request(s.f, 4, &s.sealed, &(struct forge_asked){ 0 });
	forge_b64(b, "q", s.asked.Q.b, 32); /* R4.1 */
	refused(s.f, b, 4, AM_ERR_VERIFY, "V17");
	accepted(s.f, forge_seal(s.f, 4, "t", "newer", &second), 4);
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_uint(b, "version", 2); /* and the seal of version 1 */
	refused(s.f, b, 4, AM_ERR_STALE, "V17");
	b = forge_request(s.f, 4, &s.sealed, &s.asked);
	forge_uint(b, "version", 3);
	refused(s.f, b, 4, AM_ERR_STALE, "V17");
	/* R3.9: an older version only when it is asked for as such. */
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	forge_free(s.f);
}

static void
v18_r4_3_r13_6_who_may_approve(void **state)
{
	struct scene s = asked();
	struct forge_asked own = { 0 };
	struct json_t *b;

	(void)state;
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	b = forge_approve(s.f, 1, &s.asked);
	forge_uint(b, "index", 2);
	refused(s.f, b, 1, AM_ERR_VERIFY, "V18");
	b = forge_body(s.f, "approve", 0);
	forge_hex(b, "request", s.asked.request, 32);
	forge_uint(b, "index", 1);
	forge_hex(b, "partial", s.asked.request, 32);
	refused(s.f, b, 0, AM_ERR_POLICY, "V18");
	accepted(s.f, forge_approve(s.f, 1, &s.asked), 1);
	refused(s.f, forge_approve(s.f, 1, &s.asked), 1, AM_ERR_POLICY, "R4.3");
	accepted(s.f, forge_request(s.f, 1, &s.sealed, &own), 1);
	refused(s.f, forge_approve(s.f, 1, &own), 1, AM_ERR_POLICY, "R13.6");
	/* R13.5: after its end. */
	s.f->at += 2 * 3600;
	refused(
	    s.f, forge_approve(s.f, 2, &s.asked), 2, AM_ERR_QUORUM, "R13.5");
	forge_free(s.f);
}

/* V18: another partial of the same member proves itself as well, but it is not
 * what was signed. */
static void
v18_the_partial_is_the_one_that_was_signed(void **state)
{
	struct scene s = asked();
	uint8_t first[PARTIAL_BYTES], hash[32];
	struct json_t *b;

	(void)state;
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	b = forge_approve(s.f, 1, &s.asked);
	memcpy(first, s.asked.partials[1], sizeof(first));
	partial_hash(first, hash);
	canon_free(&b);
	b = forge_approve(s.f, 1, &s.asked); /* the second one beside it */
	forge_hex(b, "partial", hash, 32);
	refused(s.f, b, 1, AM_ERR_VERIFY, "V18");
	b = forge_approve(s.f, 1, &s.asked);
	accepted(s.f, b, 1);
	forge_free(s.f);
}

/* R13.3: what is active already is not admitted again. */
static void
v21_a_token_is_admitted_once(void **state)
{
	struct forge *f = forge_new();
	struct json_t *b = NULL, *act = canon_object(), *admit = canon_object();

	(void)state;
	(void)forge_person(f, "official");
	b = forge_body(f, "motion", 0);
	forge_hex(admit, "token", f->people[1].token, 32);
	assert_int_equal(canon_set(act, "admit", admit), AM_OK);
	assert_int_equal(canon_set(b, "act", act), AM_OK);
	forge_text(b, "why", "");
	forge_when(b, "until", f->at + 60);
	refused(f, b, 0, AM_ERR_EXISTS, "V21");
	forge_free(f);
}

/* R4.1, R4.2, V18: a partial of another share, request or key. */
static void
v18_r4_2_a_partial_proves_itself(void **state)
{
	struct scene s = asked();
	struct forge_asked other = { 0 };
	struct json_t *b;

	(void)state;
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &other), 4);
	/* The partial beside it is not the one that was signed. */
	b = forge_approve(s.f, 1, &s.asked);
	s.asked.partials[1][70] ^= 1;
	refused(s.f, b, 1, AM_ERR_VERIFY, "V18");
	/* Signed, but made for another request. */
	b = forge_approve(s.f, 1, &other);
	forge_hex(b, "request", s.asked.request, 32);
	refused(s.f, b, 1, AM_ERR_VERIFY, "V18");
	accepted(s.f, forge_approve(s.f, 1, &s.asked), 1);
	forge_free(s.f);
}

static void
v19_k_distinct_approvals_open_once(void **state)
{
	static const uint32_t both[] = { 1, 2 }, twice[] = { 1, 1 },
			      wrong[] = { 1, 3 }, turned[] = { 2, 1 };
	struct scene s = asked();

	(void)state;
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	refused(s.f, forge_open(s.f, 4, &s.asked, both, 2), 4, AM_ERR_QUORUM,
	    "V19");
	accepted(s.f, forge_approve(s.f, 1, &s.asked), 1);
	refused(s.f, forge_open(s.f, 4, &s.asked, twice, 2), 4, AM_ERR_QUORUM,
	    "V19");
	refused(s.f, forge_open(s.f, 4, &s.asked, both, 1), 4, AM_ERR_QUORUM,
	    "V19");
	accepted(s.f, forge_approve(s.f, 2, &s.asked), 2);
	refused(s.f, forge_open(s.f, 4, &s.asked, twice, 2), 4, AM_ERR_VERIFY,
	    "V19");
	refused(s.f, forge_open(s.f, 4, &s.asked, wrong, 2), 4, AM_ERR_VERIFY,
	    "V19");
	refused(s.f, forge_open(s.f, 4, &s.asked, turned, 2), 4, AM_ERR_VERIFY,
	    "V19");
	refused(s.f, forge_open(s.f, 4, &s.asked, both, 1), 4, AM_ERR_VERIFY,
	    "V19");
	refused(s.f, forge_open(s.f, 1, &s.asked, both, 2), 1, AM_ERR_POLICY,
	    "V19");
	accepted(s.f, forge_open(s.f, 4, &s.asked, both, 2), 4);
	refused(s.f, forge_open(s.f, 4, &s.asked, both, 2), 4, AM_ERR_POLICY,
	    "R13.13");
	/* R13.13: a further approval is kept and changes nothing. */
	accepted(s.f, forge_approve(s.f, 3, &s.asked), 3);
	forge_free(s.f);
}

static struct json_t *
decline(struct forge *f, size_t who, const struct forge_asked *a)
{
	struct json_t *b = forge_body(f, "decline", who);

	forge_hex(b, "request", a->request, 32);
	forge_text(b, "why", "no");
	return b;
}

static void
r4_4_declined_when_k_others_are_not_left(void **state)
{
	static const uint32_t used[] = { 1, 3 };
	struct scene s = asked();
	struct json_t *b;

	(void)state;
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	b = decline(s.f, 1, &s.asked);
	forge_text(b, "why", "");
	refused(s.f, b, 1, AM_ERR_INVALID, "V18");
	accepted(s.f, decline(s.f, 1, &s.asked), 1);
	refused(s.f, forge_approve(s.f, 1, &s.asked), 1, AM_ERR_POLICY, "R4.3");
	accepted(s.f, forge_approve(s.f, 2, &s.asked), 2);
	accepted(s.f, decline(s.f, 3, &s.asked), 3);
	refused(s.f, forge_open(s.f, 4, &s.asked, used, 2), 4, AM_ERR_POLICY,
	    "R4.4");
	forge_free(s.f);
}

/* The whole road in memory: what goes in comes out, and only with q. */
static void
the_requester_reads_what_was_sealed(void **state)
{
	static const uint32_t used[] = { 1, 3 };
	struct scene s = asked();
	uint8_t partials[2 * PARTIAL_BYTES];
	secret_auto *plain = NULL;
	struct scalar wrong;
	struct point Z;

	(void)state;
	accepted(s.f, forge_request(s.f, 4, &s.sealed, &s.asked), 4);
	accepted(s.f, forge_approve(s.f, 1, &s.asked), 1);
	accepted(s.f, forge_approve(s.f, 3, &s.asked), 3);
	accepted(s.f, forge_open(s.f, 4, &s.asked, used, 2), 4);
	memcpy(partials, s.asked.partials[1], PARTIAL_BYTES);
	memcpy(partials + PARTIAL_BYTES, s.asked.partials[3], PARTIAL_BYTES);
	sc_random(&wrong);
	assert_int_equal(partial_combine(&wrong, used, 2, partials, &Z), AM_OK);
	assert_int_equal(tdh2_open(&s.sealed.cx, &s.sealed.header, forge_pepper,
			     &Z, blob_bytes(&s.sealed.ct), &plain),
	    AM_ERR_VERIFY);
	assert_null(plain);
	assert_int_equal(
	    partial_combine(&s.asked.q, used, 2, partials, &Z), AM_OK);
	assert_int_equal(tdh2_open(&s.sealed.cx, &s.sealed.header, forge_pepper,
			     &Z, blob_bytes(&s.sealed.ct), &plain),
	    AM_OK);
	assert_memory_equal(secret_bytes(plain).p, "TEST secret", 11);
	forge_free(s.f);
}

/* ---- R7.4: one signature for many */

enum { ITEMS = 3 };

/* Three seals by the contractor, one time and head, and their batch posted. */
struct deposit {
	struct json_t *seals[ITEMS];
	uint8_t batch[32];
};

static struct forge *
with_batch(struct deposit *d)
{
	struct forge *f = with_safe();

	f->hold = true;
	for (size_t i = 0; i < ITEMS; i++) {
		struct forge_sealed s = { 0 };
		char title[8] = { 'c', (char)('0' + i) };

		d->seals[i] = forge_seal(f, 5, title, "TEST", &s);
	}
	accepted(f, forge_batch(f, 5, "seal", d->seals, ITEMS), 5);
	memcpy(d->batch, f->last, 32);
	return f;
}

static void
drop(struct deposit *d)
{
	for (size_t i = 0; i < ITEMS; i++)
		canon_free(&d->seals[i]);
}

/* The item may not stand here, and the right one still may. */
static void
not_an_item(struct forge *f, const struct deposit *d, struct json_t *body)
{
	const uint64_t size = f->size;

	assert_int_equal(forge_item(f, d->batch, body), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V09");
	assert_int_equal(f->size, size);
}

static void
r7_4_r13_12_a_batch_stands_for_its_items(void **state)
{
	struct deposit d;
	struct forge *f = with_batch(&d);
	const struct view v = view_memory(f->memory);
	struct rows_vault vault;

	(void)state;
	for (size_t i = 0; i < ITEMS; i++)
		assert_int_equal(
		    forge_item(f, d.batch, canon_ref(d.seals[i])), AM_OK);
	assert_int_equal(
	    rows_get_vault(&v, (struct bytes){ 0 }, &vault), AM_OK);
	assert_int_equal(vault.batch_left, 0);
	assert_int_equal(vault.records, ITEMS);
	f->hold = false;
	accepted(f, person_body(f, 0), 0);
	drop(&d);
	forge_free(f);
}

static void
r7_4_what_a_batch_may_hold(void **state)
{
	struct forge *f = with_safe();
	struct json_t *b;

	(void)state;
	refused(
	    f, forge_batch(f, 0, "seal", NULL, 0), 0, AM_ERR_INVALID, "V09");
	b = forge_batch(f, 0, "seal", NULL, 0);
	forge_uint(b, "count", 32769);
	refused(f, b, 0, AM_ERR_INVALID, "V09");
	for (size_t i = 0; i < 4; i++) {
		static const char *const of[] = { "approve", "motion", "batch",
			"" };

		b = forge_batch(f, 0, of[i], NULL, 0);
		forge_uint(b, "count", 1);
		refused(f, b, 0, AM_ERR_POLICY, "V09");
	}
	forge_free(f);
}

static void
r7_4_an_item_stands_after_its_batch_and_nowhere_else(void **state)
{
	struct deposit d;
	struct forge *f = with_batch(&d);
	struct json_t *b;
	uint8_t other[32] = { 1 };

	(void)state;
	refused(f, person_body(f, 0), 0, AM_ERR_VERIFY, "V09");
	assert_int_equal(
	    forge_item(f, other, canon_ref(d.seals[0])), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V09");
	not_an_item(f, &d, person_body(f, 5)); /* another kind */
	for (size_t i = 0; i < ITEMS; i++)
		assert_int_equal(
		    forge_item(f, d.batch, canon_ref(d.seals[i])), AM_OK);
	b = person_body(f, 5);
	not_an_item(f, &d, b); /* one too many */
	drop(&d);
	forge_free(f);
}

/* One that would do, to be changed in one thing. */
static struct json_t *
copy_of(const struct json_t *body)
{
	blob_auto bytes = { 0 };
	struct json_t *copy = NULL;

	assert_int_equal(canon_write(body, &bytes), AM_OK);
	assert_int_equal(canon_parse(blob_bytes(&bytes), &copy), AM_OK);
	return copy;
}

static void
r7_4_an_item_has_time_person_and_head_of_its_batch(void **state)
{
	struct deposit d;
	struct forge *f = with_batch(&d);
	struct json_t *b, *head = canon_object();
	uint8_t zeros[32] = { 0 };

	(void)state;
	b = copy_of(d.seals[0]);
	forge_when(b, "at", f->at + 1);
	not_an_item(f, &d, b);
	b = copy_of(d.seals[0]);
	forge_hex(b, "by", f->people[4].id, 16);
	not_an_item(f, &d, b);
	b = copy_of(d.seals[0]);
	forge_hex(head, "root", zeros, 32);
	forge_uint(head, "size", f->size);
	assert_int_equal(canon_set(b, "head", head), AM_OK);
	not_an_item(f, &d, b);
	drop(&d);
	forge_free(f);
}

static void
r7_4_the_items_are_those_that_were_signed_for(void **state)
{
	struct deposit d;
	struct forge *f = with_batch(&d);

	(void)state;
	/* The order counts: found at the last one. */
	assert_int_equal(forge_item(f, d.batch, canon_ref(d.seals[1])), AM_OK);
	assert_int_equal(
	    forge_item(f, d.batch, canon_ref(d.seals[1])), AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V10");
	assert_int_equal(forge_item(f, d.batch, canon_ref(d.seals[0])), AM_OK);
	not_an_item(f, &d, canon_ref(d.seals[2]));
	drop(&d);
	forge_free(f);
}

static void
r7_4_nothing_about_people_is_signed_in_bulk(void **state)
{
	struct forge *f = with_safe();
	struct json_t *entry, *item = canon_object(), *data = canon_object();
	uint8_t batch[32];

	(void)state;
	f->hold = true;
	entry = forge_body(f, "entry", 0);
	forge_text(item, "type", "person");
	forge_text(item, "id", "someone");
	forge_text(data, "kind", "official");
	forge_hex(data, "person", f->people[1].id, 16);
	assert_int_equal(canon_set(entry, "item", item), AM_OK);
	assert_int_equal(canon_set(entry, "data", data), AM_OK);
	forge_uint(entry, "version", 1);
	accepted(f, forge_batch(f, 0, "entry", &entry, 1), 0);
	memcpy(batch, f->last, 32);
	assert_int_equal(forge_item(f, batch, entry), AM_ERR_POLICY);
	assert_string_equal(f->why.rule, "V09");
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    v08_a_kind_or_field_that_is_not_of_this_version),
		cmocka_unit_test(v02_a_field_of_another_form),
		cmocka_unit_test(v03_one_genesis_one_vault),
		cmocka_unit_test(v10_r7_2_a_statement_occurs_once),
		cmocka_unit_test(
		    v11_the_head_is_of_this_log_and_never_goes_back),
		cmocka_unit_test(v09_the_right_key_signs_the_right_thing),
		cmocka_unit_test(
		    v09_r6_2_r6_4_every_bit_of_the_assertion_counts),
		cmocka_unit_test(r13_3_v21_only_what_is_admitted_is_active),
		cmocka_unit_test(r13_3_v21_a_token_that_was_never_offered),
		cmocka_unit_test(r13_20_nothing_has_the_id_of_nothing),
		cmocka_unit_test(v13_an_identity_proves_its_key),
		cmocka_unit_test(r5_1_two_to_n_minus_one_of_three_to_sixteen),
		cmocka_unit_test(v14_steps_come_in_order_and_from_their_owner),
		cmocka_unit_test(v14_exactly_k_commitments_and_n_shares),
		cmocka_unit_test(r5_4_a_receive_key_is_never_used_again),
		cmocka_unit_test(r5_4_v13_a_receive_key_is_no_identity_key),
		cmocka_unit_test(v14_r5_6_all_accept_one_set_of_deals),
		cmocka_unit_test(r13_1_a_late_step_has_no_effect),
		cmocka_unit_test(r13_1_v02_a_late_step_is_well_formed),
		cmocka_unit_test(r13_15_two_plans_one_committee),
		cmocka_unit_test(r13_18_a_sum_that_is_the_identity),
		cmocka_unit_test(r13_18_a_public_share_that_is_the_identity),
		cmocka_unit_test(r13_23_r6_14_the_mark_is_in_genesis),
		cmocka_unit_test(v09_r6_14_the_vault_itself_posts_faults_only),
		cmocka_unit_test(v09_r6_14_a_fault_is_signed_by_the_log_key),
		cmocka_unit_test(v02_auth_of_the_vault_itself),
		cmocka_unit_test(v16_r3_5_a_header_proves_itself_and_its_place),
		cmocka_unit_test(v16_every_public_input_of_the_proof_is_bound),
		cmocka_unit_test(
		    v17_r3_9_a_request_is_for_one_version_with_a_fresh_key),
		cmocka_unit_test(v18_r4_3_r13_6_who_may_approve),
		cmocka_unit_test(v18_the_partial_is_the_one_that_was_signed),
		cmocka_unit_test(v21_a_token_is_admitted_once),
		cmocka_unit_test(v18_r4_2_a_partial_proves_itself),
		cmocka_unit_test(v19_k_distinct_approvals_open_once),
		cmocka_unit_test(r4_4_declined_when_k_others_are_not_left),
		cmocka_unit_test(the_requester_reads_what_was_sealed),
		cmocka_unit_test(r7_4_r13_12_a_batch_stands_for_its_items),
		cmocka_unit_test(r7_4_what_a_batch_may_hold),
		cmocka_unit_test(
		    r7_4_an_item_stands_after_its_batch_and_nowhere_else),
		cmocka_unit_test(
		    r7_4_an_item_has_time_person_and_head_of_its_batch),
		cmocka_unit_test(r7_4_the_items_are_those_that_were_signed_for),
		cmocka_unit_test(r7_4_nothing_about_people_is_signed_in_bulk),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
