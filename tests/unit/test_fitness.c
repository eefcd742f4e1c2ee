/*
 * Is a security key as the level of a safe asks? R6.3, A-7, invariant 3,
 * R13.23, V12: refusals first, in vaults that are not for evaluation, with keys
 * that TEST makers attest.
 */

#include "tests/maker.h" /* before what poisons names that OpenSSL uses */

#include <sodium.h>

#include "hsm/attest.h"
#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"
#include "vault/audit/verify.h"
#include "vault/state/fitness.h"

static const uint8_t model_a[16] = "TEST model A 16";
static const uint8_t model_b[16] = "TEST model B 16";
static const size_t most[3] = { 1, 2, 3 };

/* ---- where a chain leads to */

struct makers {
	struct maker_authority root, other, between;
	struct forge_maker a, b, below, old;
};

static struct makers *
makers_new(void)
{
	struct makers *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	maker_authority_new("TEST root", NULL, false, &m->root);
	/* of the same name, and another key */
	maker_authority_new("TEST root", NULL, false, &m->other);
	maker_authority_new("TEST between", &m->root, false, &m->between);
	maker_new(model_a, &m->root, false, &m->a);
	maker_new(model_b, &m->root, false, &m->b);
	maker_new(model_a, &m->between, false, &m->below);
	maker_new(model_a, &m->root, true, &m->old);
	return m;
}

static void
makers_free(struct makers *m)
{
	maker_authority_free(&m->root);
	maker_authority_free(&m->other);
	maker_authority_free(&m->between);
	maker_free(&m->a);
	maker_free(&m->b);
	maker_free(&m->below);
	maker_free(&m->old);
	free(m);
}

static bool
leads(const struct forge_maker *m, const struct maker_authority *a)
{
	struct attest_chain c = { .count = m->count };
	blob_auto der = { 0 };
	bool out = true;

	for (size_t i = 0; i < m->count; i++)
		c.certs[i] = blob_bytes(&m->certs[i]);
	maker_der(a->cert, &der);
	assert_int_equal(attest_root(blob_bytes(&der)), AM_OK);
	assert_int_equal(attest_leads_to(&c, blob_bytes(&der), &out), AM_OK);
	return out;
}

static void
v12_a_chain_leads_to_its_root_alone(void **state)
{
	struct makers *m = makers_new();
	struct attest_chain none = { 0 };
	blob_auto der = { 0 };
	bool out = true;

	(void)state;
	assert_false(leads(&m->a, &m->other));
	assert_false(leads(&m->a, &m->between));
	assert_false(leads(&m->below, &m->root)); /* a link is missing */
	maker_der(m->root.cert, &der);
	assert_int_equal(attest_leads_to(&none, blob_bytes(&der), &out), AM_OK);
	assert_false(out);
	assert_int_equal(
	    attest_root((struct bytes){ der.p, der.len - 1 }), AM_ERR_CORRUPT);
	assert_int_equal(blob_add(&der, LIT("\0")), AM_OK);
	assert_int_equal(attest_root(blob_bytes(&der)), AM_ERR_CORRUPT);
	assert_true(leads(&m->a, &m->root));
	assert_true(leads(&m->below, &m->between)); /* no root itself */
	maker_add(&m->below, &m->between);
	assert_true(leads(&m->below, &m->root));
	assert_false(leads(&m->below, &m->other));
	makers_free(m);
}

/* The verifier years later finds the same. */
static void
v12_an_expired_certificate_leads_there_too(void **state)
{
	struct makers *m = makers_new();
	struct maker_authority old;
	struct forge_maker key;

	(void)state;
	assert_true(leads(&m->old, &m->root));
	maker_authority_new("TEST old", NULL, true, &old);
	maker_new(model_a, &old, false, &key);
	assert_true(leads(&key, &old));
	maker_authority_free(&old);
	maker_free(&key);
	makers_free(m);
}

/* ---- a vault, and its policies */

/* People 1 to 5 hold a safe, 3 of 5; 6 asks. Their keys are of model A. */
static struct forge *
office(bool evaluation, const struct forge_maker *maker)
{
	enum am_err err = AM_OK;
	struct forge *f = forge_made(evaluation, maker, &err);

	if (err != AM_OK)
		print_message("%s %s\n", f->why.rule, f->why.text);
	assert_int_equal(err, AM_OK);
	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 3, 5);
	return f;
}

static void
replace(struct blob *text, const char *from, const char *to)
{
	blob_auto out = { 0 };
	const char *at;

	assert_int_equal(blob_add(text, LIT("\0")), AM_OK);
	at = strstr((const char *)text->p, from);
	assert_non_null(at);
	assert_int_equal(
	    blob_printf(&out, "%.*s%s%s", (int)(at - (const char *)text->p),
		(const char *)text->p, to, at + strlen(from)),
	    AM_OK);
	text->len = 0;
	assert_int_equal(blob_add(text, blob_bytes(&out)), AM_OK);
}

/* Of baseline; and one model, NULL: none. */
struct asks {
	const char *attestation, *list, *certification, *advisory;
	const uint8_t *model;
	const char *certified, *advised;
	const struct maker_authority *root; /* NULL: [] */
};

static void
add_model(const struct asks *a, struct blob *out)
{
	char hex[33];

	for (size_t i = 0; i < 16; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", a->model[i]);
	assert_int_equal(
	    blob_printf(out,
		"token_models:\n  - aaguid: %s\n    name: TEST model\n"
		"    certification: %s\n    advisory: %s\n    roots:%s\n",
		hex, a->certified, a->advised, a->root == NULL ? " []" : ""),
	    AM_OK);
	if (a->root != NULL)
		maker_root(a->root, out);
	assert_int_equal(blob_add(out, LIT("\0")), AM_OK);
}

static struct json_t *
policy(const struct asks *a, unsigned version)
{
	blob_auto text = { 0 }, model = { 0 };
	char words[64];

	assert_int_equal(blob_add(&text, levels_shipped_text()), AM_OK);
	(void)snprintf(words, sizeof(words), "\nversion: %u ", version);
	replace(&text, "\nversion: 1 ", words);
	if (a->model != NULL) {
		add_model(a, &model);
		replace(&text, "token_models: []\n", (const char *)model.p);
	}
	(void)snprintf(
	    words, sizeof(words), "token_attestation: %s", a->attestation);
	replace(&text, "token_attestation: recorded", words);
	(void)snprintf(words, sizeof(words), "token_allow_list: %s", a->list);
	replace(&text, "token_allow_list: false", words);
	(void)snprintf(
	    words, sizeof(words), "token_certification: %s", a->certification);
	replace(&text, "token_certification: none", words);
	(void)snprintf(words, sizeof(words), "token_advisory: %s", a->advisory);
	replace(&text, "token_advisory: warn", words);
	return forge_policy(blob_bytes(&text));
}

static void
carried(struct forge *f, const char *name, struct json_t *what)
{
	const enum am_err err = forge_carry(f, name, what, most, 3, 0);

	if (err != AM_OK)
		print_message("%s %s\n", f->why.rule, f->why.text);
	assert_int_equal(err, AM_OK);
}

struct asked {
	struct forge_sealed sealed;
	struct forge_asked a;
	uint8_t rules[32];
};

static void
bind(struct forge *f, struct asked *q)
{
	/* rules that ask for nothing but three, at any level */
	carried(f, "waive", forge_waiver("A-3 s", f->at + 86400));
	carried(f, "rules", forge_ruling(f, 3));
	memcpy(q->rules, f->moved, 32);
}

/* A new request, under the rules of q. */
static void
ask(struct forge *f, struct asked *q)
{
	static const uint8_t none[32];
	struct json_t *b;

	q->sealed = (struct forge_sealed){ .class = "public" };
	accepted(f, forge_seal(f, 6, "x", "TEST", &q->sealed), 6);
	b = forge_request(f, 6, &q->sealed, &q->a);
	if (!bytes_same(
		(struct bytes){ q->rules, 32 }, (struct bytes){ none, 32 }))
		forge_hex(b, "rules", q->rules, 32);
	accepted(f, b, 6);
	memcpy(q->a.request, f->last, 32);
}

static void
not_approved(struct forge *f, struct asked *q, size_t who, const char *rule)
{
	refused(f, forge_approve(f, who, &q->a), who, AM_ERR_TOKEN, rule);
}

static void
approved(struct forge *f, struct asked *q, size_t who)
{
	accepted(f, forge_approve(f, who, &q->a), who);
}

/* What is asked and the model that the policy names; is one of model A, that
 * the root attests, taken? */
static void
judged(struct makers *m, const struct asks *a, const char *rule)
{
	struct forge *f = office(false, &m->a);
	struct asked q = { 0 };

	carried(f, "policy", policy(a, 1));
	bind(f, &q);
	ask(f, &q);
	if (rule != NULL)
		not_approved(f, &q, 1, rule);
	else
		approved(f, &q, 1);
	forge_free(f);
}

/* ---- what follows */

static void
r6_3_a_key_that_is_not_as_asked_approves_nothing(void **state)
{
	static const char fips2[] = "fips140_level2_or_cc_eal4plus",
			  fips3[] = "fips140_physical_level3";
	struct makers *m = makers_new();
	const struct {
		struct asks asks;
		const char *rule;
	} list[] = {
		/* R13.23: outside evaluation no list is an empty one */
		{ { "none", "true", "none", "warn", NULL, "", "", NULL },
		    "R6.3" },
		{ { "none", "true", "none", "warn", model_b, "none", "none",
		      NULL },
		    "R6.3" },
		{ { "verified", "false", "none", "warn", NULL, "", "", NULL },
		    "R6.3" },
		{ { "verified", "true", "none", "warn", model_a, "none", "none",
		      NULL },
		    "R6.3" },
		{ { "verified", "true", "none", "warn", model_a, "none", "none",
		      &m->other },
		    "R6.3" },
		{ { "none", "false", fips2, "warn", NULL, "", "", NULL },
		    "R6.3" },
		{ { "none", "true", fips3, "warn", model_a, fips2, "none",
		      NULL },
		    "R6.3" },
		{ { "none", "true", "none", "refuse", model_a, "none",
		      "TEST-2024-09", NULL },
		    "A-7" },
		/* of another model, and not the first thing to mend */
		{ { "verified", "true", "none", "refuse", model_a, "none",
		      "TEST-2024-09", NULL },
		    "R6.3" },
		{ { "none", "false", "none", "refuse", NULL, "", "", NULL },
		    NULL },
		{ { "recorded", "true", fips2, "warn", model_a, fips3,
		      "TEST-2024-09", NULL },
		    NULL },
		{ { "none", "false", "none", "refuse", model_b, "none",
		      "TEST-2024-09", NULL },
		    NULL },
		{ { "verified", "true", fips3, "refuse", model_a, fips3, "none",
		      &m->root },
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(list); i++) {
		judged(m, &list[i].asks, list[i].rule);
	}
	makers_free(m);
}

/* An intermediate comes with the key; the certificate has expired. */
static void
r6_3_certificates_of_the_key_are_kept(void **state)
{
	struct makers *m = makers_new();
	const struct asks a = { "verified", "true", "none", "warn", model_a,
		"none", "none", &m->root };
	struct forge_maker *makers[] = { &m->below, &m->old };

	(void)state;
	maker_add(&m->below, &m->between);
	for (size_t i = 0; i < AM_ARRAY_LEN(makers); i++) {
		struct forge *f = office(false, makers[i]);
		struct asked q = { 0 };

		carried(f, "policy", policy(&a, 1));
		bind(f, &q);
		ask(f, &q);
		approved(f, &q, 1);
		forge_free(f);
	}
	makers_free(m);
}

/* Only where a policy is in force, and the safe is bound to its rules. */
static void
r6_3_an_unbound_safe_asks_nothing_of_keys(void **state)
{
	struct makers *m = makers_new();
	const struct asks a = { "verified", "true", "none", "refuse", model_b,
		"none", "none", NULL };
	struct forge *f = office(false, &m->a);
	struct asked q = { 0 };

	(void)state;
	ask(f, &q);
	approved(f, &q, 1);
	carried(f, "policy", policy(&a, 1));
	approved(f, &q, 2);
	bind(f, &q);
	not_approved(f, &q, 3, "R6.3");
	forge_free(f);
	makers_free(m);
}

/* R13.23: a vault for evaluation asks once its policy names a model. */
static void
r13_23_evaluation_asks_where_models_are_named(void **state)
{
	const struct asks silent = { "verified", "true", "none", "refuse", NULL,
		"", "", NULL };
	const struct asks named = { "none", "true", "none", "warn", model_b,
		"none", "none", NULL };
	struct forge *f = office(true, NULL);
	struct asked q = { 0 };

	(void)state;
	carried(f, "policy", policy(&silent, 1));
	bind(f, &q);
	ask(f, &q);
	approved(f, &q, 1);
	carried(f, "policy", policy(&named, 2));
	not_approved(f, &q, 2, "R6.3");
	forge_free(f);
}

static bool
is_attested(const struct forge *f, const uint8_t token[static 32])
{
	const struct view v = view_memory(f->memory);
	struct rows_token t;

	assert_int_equal(
	    rows_get_token(&v, (struct bytes){ token, 32 }, &t), AM_OK);
	return t.attested != 0;
}

/* With each policy it is found out anew, and for keys that come later. */
static void
a_7_another_policy_judges_all_keys_anew(void **state)
{
	struct makers *m = makers_new();
	const struct asks right = { "verified", "true", "none", "refuse",
		model_a, "none", "none", &m->root };
	struct asks wrong = right, advised = right;
	struct forge *f = office(false, &m->a);
	struct asked q = { 0 };
	size_t late;

	(void)state;
	wrong.root = &m->other;
	advised.advised = "TEST-2024-09";
	assert_false(is_attested(f, f->people[1].token));
	carried(f, "policy", policy(&right, 1));
	assert_true(is_attested(f, f->people[1].token));
	late = forge_newcomer(f, "official");
	assert_true(is_attested(f, f->people[late].token));
	bind(f, &q);
	ask(f, &q);
	approved(f, &q, 1);
	carried(f, "policy", policy(&wrong, 2));
	assert_false(is_attested(f, f->people[1].token));
	not_approved(f, &q, 2, "R6.3");
	carried(f, "policy", policy(&advised, 3));
	not_approved(f, &q, 2, "A-7");
	carried(f, "policy", policy(&right, 4));
	approved(f, &q, 2);
	forge_free(f);
	makers_free(m);
}

/* A second key of another model, which the policy names. */
static void
a_7_another_key_of_the_person_approves(void **state)
{
	struct makers *m = makers_new();
	const struct asks a = { "none", "true", "none", "warn", model_b, "none",
		"none", NULL };
	struct forge *f = office(false, &m->a);
	struct json_t *what = canon_object();
	struct asked q = { 0 };
	uint8_t token[32];
	size_t key;

	(void)state;
	carried(f, "policy", policy(&a, 1));
	f->maker = &m->b;
	key = forge_key(f);
	accepted(f, forge_token(f, 1, key, "second"), key);
	memcpy(token, f->last, 32);
	forge_hex(what, "token", token, 32);
	carried(f, "admit", what);
	bind(f, &q);
	ask(f, &q);
	not_approved(f, &q, 1, "R6.3");
	accepted(f, forge_approve(f, 1, &q.a), key);
	forge_free(f);
	makers_free(m);
}

/* Invariant 3: nobody is counted on whose keys are all unfit. */
static void
x_8_a_committee_with_unfit_keys_is_refused(void **state)
{
	static const size_t four[] = { 1, 2, 3, 4 }, five[] = { 1, 2, 3, 4, 5 };
	const struct forge_change next = { "operating", "operating", 2, 1, 3, 4,
		5, four, five };
	struct makers *m = makers_new();
	struct asks a = { "none", "true", "none", "warn", model_b, "none",
		"none", NULL };
	struct forge *f = office(false, &m->a);
	struct asked q = { 0 };

	(void)state;
	carried(f, "policy", policy(&a, 1));
	bind(f, &q);
	refused(f, forge_replan(f, &next), 0, AM_ERR_POLICY, "X-8");
	assert_non_null(strstr(f->why.text,
	    "head surplus, 4 of them having no key as the level asks"));
	a.model = model_a;
	carried(f, "policy", policy(&a, 2));
	accepted(f, forge_replan(f, &next), 0);
	forge_free(f);
	makers_free(m);
}

/* What is no certificate is found when it is moved, not by who votes: a DER
 * sequence of zeros. */
static void
a_root_is_a_certificate(void **state)
{
	static const uint8_t zeros[260] = { 0x30, 0x82, 0x01, 0x00 };
	struct forge *f = office(true, NULL);
	blob_auto text = { 0 }, model = { 0 };
	uint8_t der[349];

	(void)state;
	assert_int_equal(blob_add(&text, levels_shipped_text()), AM_OK);
	(void)EVP_EncodeBlock(der, zeros, sizeof(zeros));
	assert_int_equal(
	    blob_printf(&model,
		"token_models:\n  - aaguid: 00112233445566778899aabbccddeeff\n"
		"    name: TEST model\n    certification: none\n"
		"    advisory: none\n    roots: [%s]\n",
		(char *)der),
	    AM_OK);
	assert_int_equal(blob_add(&model, LIT("\0")), AM_OK);
	replace(&text, "token_models: []\n", (const char *)model.p);
	refused(f,
	    forge_motion(f, 1, "policy", forge_policy(blob_bytes(&text))), 1,
	    AM_ERR_INCOMPLETE, "");
	assert_non_null(strstr(f->why.text, "number 1 is no X.509"));
	forge_free(f);
}

/* The log has room for the longest file that is read. */
static void
r2_11_the_longest_policy_fits_into_a_line(void **state)
{
	static const char line[] = "# TEST line, as long as most of a policy\n";
	struct forge *f = office(true, NULL);
	blob_auto text = { 0 };

	(void)state;
	assert_int_equal(blob_add(&text, levels_shipped_text()), AM_OK);
	while (text.len + sizeof(line) - 1 <= LEVELS_FILE_MAX)
		assert_int_equal(blob_add(&text, LIT(line)), AM_OK);
	carried(f, "policy", forge_policy(blob_bytes(&text)));
	forge_free(f);
}

/* Else nobody could tell where it leads to. */
static void
v12_what_comes_with_a_key_is_certificates(void **state)
{
	struct makers *m = makers_new();
	enum am_err err = AM_OK;
	struct forge *f;

	(void)state;
	maker_add(&m->a, &m->between);
	m->a.certs[1].p[0] ^= 1;
	f = forge_made(true, &m->a, &err);
	assert_int_equal(err, AM_ERR_VERIFY);
	assert_string_equal(f->why.rule, "V12");
	forge_free(f);
	makers_free(m);
}

/* ---- a log in which it was done all the same */

static enum am_err
nth_line(void *arg, uint64_t leaf, struct bytes *out)
{
	const struct forge *f = arg;

	if (leaf >= f->size)
		return AM_ERR_NOT_FOUND;
	*out = blob_bytes(&f->lines[leaf]);
	return AM_OK;
}

static enum am_err
no_partial(void *arg, uint64_t leaf, const uint8_t **out)
{
	(void)arg;
	(void)leaf;
	*out = NULL;
	return AM_OK;
}

static void
keep_unjudged(struct forge *f, struct json_t *body, size_t by)
{
	struct why why = { 0 };
	statement_auto s = { 0 };

	assert_true(f->size < f->line_cap);
	forge_line(f, body, by, &f->lines[f->size]);
	assert_int_equal(
	    statement_parse(blob_bytes(&f->lines[f->size]), &why, &s), AM_OK);
	assert_int_equal(roots_append(f->roots, s.leaf), AM_OK);
	f->size++;
}

static void
v12_a_log_with_such_an_approval_is_broken(void **state)
{
	static const struct verify_means means = { .threads = 1,
		.tmp = "/tmp" };
	static struct verify_report r;
	struct makers *m = makers_new();
	struct asks a = { "verified", "true", "none", "warn", model_a, "none",
		"none", &m->root };

	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		struct forge *f = office(false, &m->a);
		const struct verify_lines v = {
			.get = nth_line, .arg = f, .partial = no_partial
		};
		struct asked q = { 0 };
		struct why why = { 0 };
		blob_auto note = { 0 };

		a.root = wrong != 0 ? &m->other : &m->root;
		carried(f, "policy", policy(&a, 1));
		bind(f, &q);
		ask(f, &q);
		keep_unjudged(f, forge_approve(f, 1, &q.a), 1);
		forge_note(f, &note);
		assert_int_equal(
		    verify_history(&v, blob_bytes(&note),
			(struct bytes){ NULL, 0 }, &means, &why, &r),
		    AM_OK);
		assert_int_equal(r.verdict == VERIFY_BROKEN, wrong);
		if (wrong != 0) {
			assert_string_equal(r.code, "R6.3");
			assert_int_equal(r.leaf, f->size - 1);
		}
		forge_free(f);
	}
	makers_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v12_a_chain_leads_to_its_root_alone),
		cmocka_unit_test(v12_an_expired_certificate_leads_there_too),
		cmocka_unit_test(
		    r6_3_a_key_that_is_not_as_asked_approves_nothing),
		cmocka_unit_test(r6_3_certificates_of_the_key_are_kept),
		cmocka_unit_test(r6_3_an_unbound_safe_asks_nothing_of_keys),
		cmocka_unit_test(r13_23_evaluation_asks_where_models_are_named),
		cmocka_unit_test(a_7_another_policy_judges_all_keys_anew),
		cmocka_unit_test(a_7_another_key_of_the_person_approves),
		cmocka_unit_test(x_8_a_committee_with_unfit_keys_is_refused),
		cmocka_unit_test(a_root_is_a_certificate),
		cmocka_unit_test(r2_11_the_longest_policy_fits_into_a_line),
		cmocka_unit_test(v12_what_comes_with_a_key_is_certificates),
		cmocka_unit_test(v12_a_log_with_such_an_approval_is_broken),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
