/*
 * The verifier on histories that were forged with all keys in hand: only the
 * rules can tell. Order of failures as R13.22 has it.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/acts/weaker.h"
#include "vault/audit/verify.h"
#include "vault/state/ruleset.h"

struct lines {
	struct blob *line;
	uint64_t count;
	const uint8_t *partial[256]; /* by leaf; mostly NULL */
};

static enum am_err
get(void *arg, uint64_t leaf, struct bytes *out)
{
	const struct lines *l = arg;

	if (leaf >= l->count)
		return AM_ERR_NOT_FOUND;
	*out = blob_bytes(&l->line[leaf]);
	return AM_OK;
}

static enum am_err
partial(void *arg, uint64_t leaf, const uint8_t **out)
{
	const struct lines *l = arg;

	*out = l->partial[leaf];
	return AM_OK;
}

/* The accesses that were told, as lines. */
static struct blob told;

static enum am_err
tell(void *arg, const struct verify_access *a)
{
	(void)arg;
	AM_TRY(blob_printf(&told, "r-%u %s v%u %s %.*s %d:", a->request->number,
	    a->credential, a->request->version, a->requester, (int)a->why.len,
	    (const char *)a->why.p, (int)a->verdict));
	for (size_t i = 0; i < a->request->approval_count; i++)
		AM_TRY(blob_printf(&told, " %s", a->approvers[i]));
	return blob_text(&told, "\n");
}

static struct verify_report *
verify_with(struct lines *l, struct bytes note, struct bytes since)
{
	static struct verify_report r;
	const struct verify_lines v = {
		.get = get, .arg = l, .partial = partial
	};

	static const struct verify_means means = {
		.threads = 2, .tmp = "/tmp", .access = tell
	};
	struct why why = { 0 };

	blob_free(&told);
	assert_int_equal(
	    verify_history(&v, note, since, &means, &why, &r), AM_OK);
	return &r;
}

static void
broken(struct lines *l, struct bytes note, const char *code, uint64_t leaf)
{
	const struct verify_report *r =
	    verify_with(l, note, (struct bytes){ NULL, 0 });

	assert_int_equal(r->verdict, VERIFY_BROKEN);
	assert_int_equal(verify_error(r), AM_ERR_VERIFY);
	assert_string_equal(r->code, code);
	if (leaf != UINT64_MAX) {
		assert_true(r->has_leaf);
		assert_int_equal(r->leaf, leaf);
	}
}

struct scene {
	struct forge *f;
	struct forge_sealed sealed;
	struct forge_asked asked;
	struct lines l;
	uint64_t first_approval;
	struct blob note;
};

static void
post(struct scene *s, struct json_t *b, size_t by)
{
	assert_int_equal(forge_post(s->f, b, by), AM_OK);
}

/* 2 of 3; one request with two approvals, opened when `open`. */
static struct scene *
scene(bool open)
{
	static const uint32_t used[] = { 1, 2 };
	struct scene *s = calloc(1, sizeof(*s));

	s->f = forge_new();
	for (int i = 0; i < 4; i++)
		(void)forge_person(s->f, "official");
	forge_safe(s->f, 2, 3);
	post(s, forge_seal(s->f, 4, "t", "TEST", &s->sealed), 4);
	post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
	s->first_approval = s->f->size;
	post(s, forge_approve(s->f, 1, &s->asked), 1);
	post(s, forge_approve(s->f, 2, &s->asked), 2);
	if (open)
		post(s, forge_open(s->f, 4, &s->asked, used, 2), 4);
	s->l = (struct lines){ .line = s->f->lines, .count = s->f->size };
	forge_note(s->f, &s->note);
	return s;
}

static void
end(struct scene *s)
{
	blob_free(&told);
	blob_free(&s->note);
	forge_free(s->f);
	free(s);
}

static void
a_sound_history_and_its_findings(void **state)
{
	struct scene *s = scene(true);
	const struct verify_report *r;

	(void)state;
	s->l.partial[s->first_approval] = s->asked.partials[1];
	s->l.partial[s->first_approval + 1] = s->asked.partials[2];
	r = verify_with(&s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_int_equal(r->statements, s->f->size);
	assert_int_equal(r->openings, 1);
	assert_int_equal(r->finding_count, 1); /* evaluation vault */
	end(s);
}

/* V20: k approvals without an opening may have been used all the same. */
static void
v20_approvals_without_an_opening_are_a_finding(void **state)
{
	struct scene *s = scene(false);
	const struct verify_report *r =
	    verify_with(&s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });

	(void)state;
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_int_equal(r->openings, 0);
	assert_int_equal(r->unopened, 1);
	assert_non_null(strstr(r->findings[0], "V20"));
	end(s);
}

static bool
has_finding(const struct verify_report *r, const char *words)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (strstr(r->findings[i], words) != NULL)
			return true;
	return false;
}

/* Whoever wants one finding to be overlooked makes many others. */
static void
v20_v24_no_finding_is_drowned_in_others(void **state)
{
	struct scene *s = scene(false);
	const struct verify_report *r;

	(void)state;
	for (int i = 0; i < 2 * VERIFY_FINDINGS_MAX; i++) {
		s->f->at += i % 2 == 0 ? 600 : -600;
		post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
	}
	s->l.line = s->f->lines;
	s->l.count = s->f->size;
	s->note.len = 0;
	forge_note(s->f, &s->note);
	r = verify_with(&s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_true(has_finding(r, "V20"));
	assert_true(has_finding(r, "R6.14"));
	assert_true(has_finding(r, "R7.2"));
	end(s);
}

/* R13.5: the host keeps the grant; that it did not is to be seen. */
/* The history as it is now, with a note of its own. */
static const struct verify_report *
again(struct scene *s)
{
	blob_free(&s->note);
	s->l = (struct lines){ .line = s->f->lines, .count = s->f->size };
	forge_note(s->f, &s->note);
	return verify_with(
	    &s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
}

static void
v22_v24_suspensions_and_waivers_are_findings(void **state)
{
	struct scene *s = scene(true);
	struct json_t *b, *what = canon_object();
	const struct verify_report *r;
	uint8_t motion[32];

	(void)state;
	assert_false(has_finding(again(s), "V22"));
	b = forge_body(s->f, "suspend", 1);
	forge_hex(b, "subject", s->f->people[3].token, 32);
	forge_text(b, "why", "TEST");
	post(s, b, 1);
	forge_text(what, "rule", "TEST");
	forge_when(what, "until", s->f->at + 86400);
	post(s, forge_motion(s->f, 1, "waive", what), 1);
	memcpy(motion, s->f->last, 32);
	assert_false(has_finding(again(s), "V24"));
	for (size_t i = 1; i <= 2; i++) {
		b = forge_body(s->f, "vote", i);
		forge_hex(b, "motion", motion, 32);
		forge_text(b, "note", "");
		assert_int_equal(canon_set(b, "yes", canon_bool(true)), AM_OK);
		post(s, b, i);
	}
	b = forge_body(s->f, "enact", 4);
	forge_hex(b, "motion", motion, 32);
	post(s, b, 4);
	r = again(s);
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_true(has_finding(r, "0 of the people, 1 of the keys (V22)"));
	assert_true(has_finding(r, "waived by a quorum: 1 (V24)"));
	end(s);
}

static void
r13_5_an_opening_after_the_grant_is_a_finding(void **state)
{
	static const uint32_t used[] = { 1, 2 };
	struct scene *s = scene(false);
	const struct verify_report *r;
	struct json_t *b;
	blob_auto bytes = { 0 };

	(void)state;
	b = forge_request(s->f, 4, &s->sealed, &s->asked);
	forge_when(b, "until", s->f->at + 3 * 86400 - 1);
	assert_int_equal(statement_id(b, &bytes, s->asked.request), AM_OK);
	post(s, b, 4);
	post(s, forge_approve(s->f, 1, &s->asked), 1);
	post(s, forge_approve(s->f, 2, &s->asked), 2);
	s->f->at += 86400 + 60;
	post(s, forge_open(s->f, 4, &s->asked, used, 2), 4);
	s->l.line = s->f->lines;
	s->l.count = s->f->size;
	s->note.len = 0;
	forge_note(s->f, &s->note);
	r = verify_with(&s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_true(has_finding(r, "R13.5"));
	end(s);
}

/* R13.24: partials prove the capability; a wrong one is a broken approval. */
static void
v18_r13_24_a_wrong_partial(void **state)
{
	struct scene *s = scene(true);

	(void)state;
	s->l.partial[s->first_approval] = s->asked.partials[2];
	broken(&s->l, blob_bytes(&s->note), "V18", s->first_approval);
	end(s);
}

static void
v02_a_line_that_is_no_statement(void **state)
{
	struct scene *s = scene(true);
	struct blob *line = &s->f->lines[7];

	(void)state;
	assert_int_equal(blob_text(line, " "), AM_OK);
	broken(&s->l, blob_bytes(&s->note), "V02", 7);
	line->len = 20;
	broken(&s->l, blob_bytes(&s->note), "V02", 7);
	end(s);
}

/* U-2: an approval taken out and tree and checkpoint made anew with the log
 * key: the opening names what is not there. */
static void
v11_v19_an_approval_removed_and_signed_over(void **state)
{
	struct scene *s = scene(true);
	struct forge *f = s->f;

	(void)state;
	blob_free(&f->lines[s->first_approval]);
	memmove(&f->lines[s->first_approval], &f->lines[s->first_approval + 1],
	    (f->size - s->first_approval - 1) * sizeof(f->lines[0]));
	f->lines[f->size - 1] = (struct blob){ 0 };
	f->size--;
	s->l.count--;
	/* Whoever signed afterwards had signed the head with it. */
	broken(&s->l, blob_bytes(&s->note), "V11", s->first_approval);
	end(s);
}

static void
v04_the_checkpoint_fits_the_lines(void **state)
{
	struct scene *s = scene(true);
	blob_auto other = { 0 };

	(void)state;
	s->l.count--;
	broken(&s->l, blob_bytes(&s->note), "V04", UINT64_MAX);
	s->l.count++;
	assert_int_equal(blob_add(&other, blob_bytes(&s->note)), AM_OK);
	for (size_t i = 0; i < other.len; i++) {
		const struct verify_report *r;

		other.p[i] ^= 1;
		r = verify_with(
		    &s->l, blob_bytes(&other), (struct bytes){ NULL, 0 });
		assert_int_equal(r->verdict, VERIFY_BROKEN);
		assert_string_equal(r->code, "V04");
		other.p[i] ^= 1;
		if (i > 40 && i + 20 < other.len)
			i += 9; /* a sample of the middle */
	}
	broken(
	    &s->l, (struct bytes){ other.p, other.len - 1 }, "V04", UINT64_MAX);
	end(s);
}

/* V05, R13.21: shorter is stale, another course is broken. */
static void
v05_r13_21_earlier_checkpoints(void **state)
{
	struct scene *s = scene(true), *other = scene(true);
	const struct verify_report *r;
	blob_auto later = { 0 };

	(void)state;
	r = verify_with(&s->l, blob_bytes(&s->note), blob_bytes(&s->note));
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
	forge_note(s->f, &later);
	s->l.line = s->f->lines;
	r = verify_with(&s->l, blob_bytes(&s->note), blob_bytes(&later));
	assert_int_equal(r->verdict, VERIFY_STALE);
	assert_int_equal(verify_error(r), AM_ERR_STALE);
	r = verify_with(&s->l, blob_bytes(&s->note), blob_bytes(&other->note));
	assert_int_equal(r->verdict, VERIFY_BROKEN);
	assert_string_equal(r->code, "V05");
	end(s);
	end(other);
}

/* R13.22: V02 of a later line comes before V09 of an earlier one. */
static void
r13_22_the_order_in_which_failures_are_named(void **state)
{
	struct scene *s = scene(true);
	struct blob *line = &s->f->lines[5];
	uint8_t *sig = memmem(line->p, line->len, "\"sig\":\"", 7);

	(void)state;
	assert_non_null(sig);
	sig[20] = sig[20] == 'A' ? 'B' : 'A';
	broken(&s->l, blob_bytes(&s->note), "V09", 5);
	assert_int_equal(blob_text(&s->f->lines[9], "x"), AM_OK);
	broken(&s->l, blob_bytes(&s->note), "V02", 9);
	end(s);
}

static void
v03_an_empty_log(void **state)
{
	struct scene *s = scene(false);

	(void)state;
	s->l.count = 0;
	broken(&s->l, blob_bytes(&s->note), "V03", UINT64_MAX);
	end(s);
}

/* Every bit of two statements, flipped one at a time. */
static void
every_bit_of_a_statement_counts(void **state)
{
	struct scene *s = scene(true);
	const uint64_t leaf = s->f->size - 1;
	struct blob *line = &s->f->lines[leaf];

	(void)state;
	for (size_t bit = 0; bit < 8 * line->len; bit += 3) {
		const struct verify_report *r;

		line->p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = verify_with(
		    &s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
		assert_int_equal(r->verdict, VERIFY_BROKEN);
		line->p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit > 400)
			bit += 97;
	}
	end(s);
}

/* The history as it stands now, under a checkpoint of its own. */
static void
note_now(struct scene *s)
{
	blob_free(&s->note);
	forge_note(s->f, &s->note);
	s->l.line = s->f->lines;
	s->l.count = s->f->size;
}

/* R7.4: the history may not end inside a batch. */
static void
v09_a_batch_without_its_last_item(void **state)
{
	struct scene *s = scene(false);
	struct json_t *seals[2];
	uint8_t batch[32];
	const struct verify_report *r;

	(void)state;
	s->f->hold = true;
	for (size_t i = 0; i < 2; i++) {
		struct forge_sealed one = { 0 };

		seals[i] = forge_seal(s->f, 1, i == 0 ? "b0" : "b1", "T", &one);
	}
	post(s, forge_batch(s->f, 1, "seal", seals, 2), 1);
	memcpy(batch, s->f->last, 32);
	assert_int_equal(forge_item(s->f, batch, seals[0]), AM_OK);
	note_now(s);
	broken(&s->l, blob_bytes(&s->note), "V09", UINT64_MAX);
	assert_int_equal(forge_item(s->f, batch, seals[1]), AM_OK);
	note_now(s);
	r = verify_with(&s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	end(s);
}

static const struct verify_report *
verify_now(struct scene *s)
{
	note_now(s);
	return verify_with(
	    &s->l, blob_bytes(&s->note), (struct bytes){ NULL, 0 });
}

/* V18: said once, and only where proof is missing. */
static void
v18_approvals_without_their_proof(void **state)
{
	struct scene *s = scene(true);

	(void)state;
	assert_true(has_finding(
	    verify_now(s), "2 approvals verified, capability proof not"));
	s->l.partial[s->first_approval] = s->asked.partials[1];
	assert_true(has_finding(
	    verify_now(s), "1 approval verified, capability proof not"));
	s->l.partial[s->first_approval + 1] = s->asked.partials[2];
	assert_false(has_finding(verify_now(s), "V18"));
	end(s);
}

/* One access more of `s`, asked for by 4 and approved by these two. */
static void
access_by(struct scene *s, size_t a, size_t b)
{
	const uint32_t x = s->f->people[a].index, y = s->f->people[b].index;
	const uint32_t used[] = { x < y ? x : y, x < y ? y : x };

	post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
	post(s, forge_approve(s->f, a, &s->asked), a);
	post(s, forge_approve(s->f, b, &s->asked), b);
	post(s, forge_open(s->f, 4, &s->asked, used, 2), 4);
}

static void
v24_who_always_approves_together(void **state)
{
	struct scene *s = scene(true);

	(void)state;
	access_by(s, 2, 1);
	assert_false(has_finding(verify_now(s), "together")); /* only twice */
	access_by(s, 1, 2);
	assert_true(has_finding(
	    verify_now(s), "'p1' and 'p2' always approve together: 3"));
	access_by(s, 1, 3);
	assert_false(has_finding(verify_now(s), "together"));
	end(s);
}

/* R6.13: one finding a key, however often its counter falls. */
static void
v24_r6_13_a_counter_that_falls(void **state)
{
	static const uint32_t counters[] = { 7, 8, 8, 3, 9, 2 };
	struct scene *s = scene(false);
	const struct verify_report *r;
	size_t falls = 0;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(counters); i++) {
		s->f->counter = counters[i];
		post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
		if (i < 3)
			assert_false(
			    has_finding(verify_now(s), "signature counter"));
	}
	r = verify_now(s);
	for (size_t i = 0; i < r->finding_count; i++)
		falls += strstr(r->findings[i], "signature counter") != NULL;
	assert_int_equal(falls, 1);
	end(s);
}

static void
v24_r3_3_declines_and_remote_enrolments(void **state)
{
	static const uint8_t id[16] = { 0xee };
	struct scene *s = scene(false);
	struct json_t *b;

	(void)state;
	assert_false(has_finding(verify_now(s), "decline"));
	assert_false(has_finding(verify_now(s), "remotely"));
	post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
	for (size_t who = 1; who < 3; who++) {
		b = forge_body(s->f, "decline", who);
		forge_hex(b, "request", s->asked.request, 32);
		forge_text(b, "why", "TEST");
		post(s, b, who);
	}
	b = forge_body(s->f, "person", 0);
	forge_hex(b, "person", id, 16);
	forge_text(b, "name", "TEST far away");
	assert_int_equal(canon_set(b, "remote", canon_bool(true)), AM_OK);
	post(s, b, 0);
	assert_true(has_finding(verify_now(s), "2 declines"));
	assert_true(has_finding(verify_now(s), "1 person enrolled remotely"));
	end(s);
}

/* Listed, one a rule, and nothing more comes of them. */
static void
v24_r6_14_faults(void **state)
{
	struct scene *s = scene(true);
	const struct verify_report *r;
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		blob_auto line = { 0 };
		char rule[16];

		(void)snprintf(rule, sizeof(rule), "R%d.1", i / 2);
		forge_service(s->f, forge_fault(s->f, rule), &line);
		assert_int_equal(forge_judge(s->f, blob_bytes(&line)), AM_OK);
	}
	r = verify_now(s);
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_int_equal(r->openings, 1);
	assert_true(has_finding(r, "2 faults of R0.1, leaf"));
	assert_true(has_finding(r, "4 faults of other rules, leaf"));
	for (size_t i = 0; i < r->finding_count; i++)
		lines += strstr(r->findings[i], " faults of ") != NULL;
	assert_int_equal(lines, 9);
	end(s);
}

/* 7.7: every access is told, with its verdict; none of a broken history. */
static void
v19_v20_accesses_one_by_one(void **state)
{
	struct scene *s = scene(true);

	(void)state;
	post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4); /* none */
	access_by(s, 3, 1);
	post(s, forge_request(s->f, 4, &s->sealed, &s->asked), 4);
	post(s, forge_approve(s->f, 3, &s->asked), 3);
	post(s, forge_approve(s->f, 2, &s->asked), 2);
	(void)verify_now(s);
	assert_int_equal(blob_add(&told, LIT("\0")), AM_OK);
	assert_non_null(strstr((char *)told.p, "v1 p4 "));
	assert_non_null(strstr((char *)told.p, " 0: p1 p2\nr-3 "));
	assert_non_null(strstr((char *)told.p, " 0: p3 p1\nr-4 "));
	assert_non_null(strstr((char *)told.p, " 2: p3 p2\n"));
	s->note.p[s->note.len - 20] ^= 1;
	broken(&s->l, blob_bytes(&s->note), "V04", UINT64_MAX);
	assert_int_equal(told.len, 0);
	end(s);
}

/* ---- */

/* The shipped policy with a version and values of its own: pairs of words, the
 * first of which is the first of its kind in the file. */
static void
write_policy(unsigned version, const char *const *pairs, struct blob *out)
{
	const struct bytes text = levels_shipped_text();
	char head[32];

	(void)snprintf(head, sizeof(head), "\nversion: %u", version);
	assert_int_equal(blob_add(out, text), AM_OK);
	for (size_t i = 0; pairs[i] != NULL; i += 2) {
		const size_t from = strlen(pairs[i]), to = strlen(pairs[i + 1]);
		uint8_t *at = memmem(out->p, out->len, pairs[i], from);
		const size_t start = (size_t)(at - out->p);
		blob_auto own = { 0 };

		assert_non_null(at);
		assert_int_equal(
		    blob_add(&own, (struct bytes){ out->p, start }), AM_OK);
		assert_int_equal(
		    blob_add(&own,
			(struct bytes){ (const uint8_t *)pairs[i + 1], to }),
		    AM_OK);
		assert_int_equal(
		    blob_add(&own,
			(struct bytes){ at + from, out->len - start - from }),
		    AM_OK);
		blob_free(out);
		*out = own;
		own = (struct blob){ 0 };
	}
	assert_non_null(memmem(out->p, out->len, head, strlen(head)));
}

/* That policy in force `wait` seconds after it was moved; returns the leaf. */
static uint64_t
enforce(
    struct scene *s, unsigned version, const char *const *pairs, int64_t wait)
{
	static const size_t who[] = { 1, 2 };
	blob_auto text = { 0 };

	write_policy(version, pairs, &text);
	assert_int_equal(forge_carry(s->f, "policy",
			     forge_policy(blob_bytes(&text)), who, 2, wait),
	    AM_OK);
	return s->f->size - 1;
}

static void
waive(struct scene *s, const char *rule, int64_t seconds)
{
	static const size_t who[] = { 1, 2 };

	assert_int_equal(forge_carry(s->f, "waive",
			     forge_waiver(rule, s->f->at + seconds), who, 2, 0),
	    AM_OK);
}

static size_t
count_findings(const struct verify_report *r, const char *words)
{
	size_t n = 0;

	for (size_t i = 0; i < r->finding_count; i++)
		n += strstr(r->findings[i], words) != NULL;
	return n;
}

/* As a vault reads it: the file is in the statement of the motion. */
static enum am_err
file_of(void *arg, const struct rows_motion *m, struct blob *out)
{
	const struct scene *s = arg;
	statement_auto said = { 0 };
	struct why why = { 0 };

	AM_TRY(statement_parse(blob_bytes(&s->f->lines[m->leaf]), &why, &said));
	return ruleset_policy_file(said.body, out);
}

struct heard {
	const struct verify_report *r;
	size_t count;
};

static enum am_err
hear(void *arg, bool waived, const char *text)
{
	struct heard *h = arg;

	assert_int_equal(waived, strstr(text, "without a waiver") == NULL);
	assert_true(has_finding(h->r, text));
	h->count++;
	return AM_OK;
}

/* What a vault says of its own tables is what the verifier finds. */
static void
same_in_a_vault(struct scene *s, const struct verify_report *r)
{
	const struct view v = view_memory(s->f->memory);
	struct heard h = { .r = r };
	const struct weaker_means means = { file_of, s, hear, &h };

	assert_int_equal(weaker_history(&v, &means), AM_OK);
	assert_int_equal(h.count, count_findings(r, "(A-3)"));
}

static const char *const as_shipped[] = { NULL };
static const char *const weaker_2[] = { "version: 1", "version: 2",
	"grant_life: 24h", "grant_life: 48h", NULL };
static const char *const weaker_3[] = { "version: 1", "version: 3",
	"grant_life: 24h", "grant_life: 48h", NULL };
static const char *const much_weaker_4[] = { "version: 1", "version: 4",
	"  secret: maximum", "  secret: enhanced", "grant_life: 24h",
	"grant_life: 48h", "login_test: 6mo", "login_test: 12mo",
	"rotate_routine: 12mo", "rotate_routine: 24mo", "log_keep: 30mo",
	"log_keep: 12mo", NULL };

static void
a_3_a_policy_weaker_than_shipped_without_a_waiver(void **state)
{
	struct scene *s = scene(true);
	const struct verify_report *r;
	char words[96];
	uint64_t leaf;

	(void)state;
	leaf = enforce(s, 2, weaker_2, 0);
	r = again(s);
	assert_int_equal(r->verdict, VERIFY_FINDINGS);
	assert_int_equal(verify_error(r), AM_OK);
	assert_int_equal(count_findings(r, "(A-3)"), 1);
	(void)snprintf(words, sizeof(words),
	    "version 2 of the policy came into force at leaf %lu weaker",
	    (unsigned long)leaf);
	assert_true(has_finding(r, words));
	assert_true(has_finding(r,
	    "without a waiver: baseline.grant_life 48h (shipped 24h) (A-3)"));
	/* what is waived afterwards was not waived then */
	waive(s, "A-3 baseline.grant_life", 86400);
	assert_true(has_finding(again(s), "without a waiver: baseline"));
	same_in_a_vault(s, again(s));
	end(s);
}

static void
a_3_a_waiver_of_that_value_at_that_instant(void **state)
{
	struct scene *s = scene(true);
	const struct verify_report *r;

	(void)state;
	waive(s, "A-3 maximum.grant_life", 86400); /* of another value */
	waive(s, "A-3 baseline.grant_life", 3600);
	(void)enforce(s, 2, weaker_2, 3600); /* over by then */
	r = again(s);
	assert_int_equal(count_findings(r, "without a waiver: baseline"), 1);
	waive(s, "A-3 baseline.grant_life", 86400);
	(void)enforce(s, 3, weaker_3, 3600);
	waive(s, "A-3 baseline.grant_life", 60); /* too late to be counted */
	r = again(s);
	assert_int_equal(count_findings(r, "without a waiver: baseline"), 1);
	assert_int_equal(count_findings(r, "version 3 of the policy"), 1);
	assert_true(has_finding(
	    r, "by a waiver: baseline.grant_life 48h (shipped 24h) until 20"));
	same_in_a_vault(s, r);
	end(s);
}

/* In the order in which they took effect, not in that of the motions. */
static void
a_3_a_waiver_that_was_moved_before_and_decided_after(void **state)
{
	struct scene *s = scene(true);
	uint8_t moved[32];

	(void)state;
	post(s,
	    forge_motion(s->f, 1, "waive",
		forge_waiver("A-3 baseline.grant_life", s->f->at + 86400)),
	    1);
	memcpy(moved, s->f->last, sizeof(moved));
	(void)enforce(s, 2, weaker_2, 0);
	post(s, forge_vote(s->f, 1, moved), 1);
	post(s, forge_vote(s->f, 2, moved), 2);
	post(s, forge_enact(s->f, 1, moved), 1);
	assert_true(has_finding(again(s), "without a waiver: baseline"));
	end(s);
}

static void
a_3_many_values_are_one_finding(void **state)
{
	struct scene *s = scene(true);
	const struct verify_report *r;

	(void)state;
	(void)enforce(s, 4, much_weaker_4, 0);
	r = again(s);
	assert_int_equal(count_findings(r, "(A-3)"), 1);
	assert_true(has_finding(r, " and 2 more (A-3)"));
	assert_true(
	    has_finding(r, "secret.class_map enhanced (shipped maximum), "));
	same_in_a_vault(s, r);
	end(s);
}

static void
a_3_what_is_not_weaker_or_not_in_force(void **state)
{
	struct scene *s = scene(true);
	blob_auto text = { 0 };

	(void)state;
	(void)enforce(s, 1, as_shipped, 0);
	assert_int_equal(count_findings(again(s), "A-3"), 0);
	write_policy(2, weaker_2, &text); /* moved only */
	post(s,
	    forge_motion(s->f, 1, "policy", forge_policy(blob_bytes(&text))),
	    1);
	assert_int_equal(count_findings(again(s), "A-3"), 0);
	same_in_a_vault(s, again(s));
	end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_history_and_its_findings),
		cmocka_unit_test(
		    v20_approvals_without_an_opening_are_a_finding),
		cmocka_unit_test(v20_v24_no_finding_is_drowned_in_others),
		cmocka_unit_test(v22_v24_suspensions_and_waivers_are_findings),
		cmocka_unit_test(r13_5_an_opening_after_the_grant_is_a_finding),
		cmocka_unit_test(v18_r13_24_a_wrong_partial),
		cmocka_unit_test(v02_a_line_that_is_no_statement),
		cmocka_unit_test(v11_v19_an_approval_removed_and_signed_over),
		cmocka_unit_test(v04_the_checkpoint_fits_the_lines),
		cmocka_unit_test(v05_r13_21_earlier_checkpoints),
		cmocka_unit_test(r13_22_the_order_in_which_failures_are_named),
		cmocka_unit_test(v03_an_empty_log),
		cmocka_unit_test(every_bit_of_a_statement_counts),
		cmocka_unit_test(v18_approvals_without_their_proof),
		cmocka_unit_test(v24_who_always_approves_together),
		cmocka_unit_test(v24_r6_13_a_counter_that_falls),
		cmocka_unit_test(v24_r3_3_declines_and_remote_enrolments),
		cmocka_unit_test(v24_r6_14_faults),
		cmocka_unit_test(v19_v20_accesses_one_by_one),
		cmocka_unit_test(v09_a_batch_without_its_last_item),
		cmocka_unit_test(
		    a_3_a_policy_weaker_than_shipped_without_a_waiver),
		cmocka_unit_test(a_3_a_waiver_of_that_value_at_that_instant),
		cmocka_unit_test(
		    a_3_a_waiver_that_was_moved_before_and_decided_after),
		cmocka_unit_test(a_3_many_values_are_one_finding),
		cmocka_unit_test(a_3_what_is_not_weaker_or_not_in_force),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
