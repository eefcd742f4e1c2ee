#include <stdarg.h>
#include <stdio.h>

#include "vault/audit/findings.h"

#include "vault/acts/lookup.h"
#include "vault/acts/weaker.h"
#include "vault/base/enc.h"
#include "vault/crypto/hash.h"
#include "vault/state/incident.h"
#include "vault/state/quiet.h"
#include "vault/state/ruleset.h"
#include "vault/state/state.h"

/* Lines for what may come often; the rest of VERIFY_FINDINGS_MAX is for what
 * comes once. */
enum { REQUEST_LINES = 20, OTHER_LINES = 8 };

/* Who approves with whom, of the first so many persons who ever approve. */
enum { PEOPLE_MAX = 256, TOGETHER_LEAST = 3 };

struct people {
	size_t count;
	bool more;
	uint8_t person[PEOPLE_MAX][16];
	uint32_t accesses[PEOPLE_MAX];
	uint32_t both[PEOPLE_MAX][PEOPLE_MAX]; /* the first below the second */
};

/* How often, and where first. */
struct tally {
	uint64_t count, first;
};

struct findings {
	struct view v;
	int64_t last_at;
	struct tally reversals, unproven, declines, remote, falls;
	struct people people;
	/* Of the first rules that faults name, and all others. */
	struct {
		char rule[WHY_RULE_MAX];
		struct tally t;
	} faults[OTHER_LINES];
	struct tally other_faults;
};

AM_RESULT
findings_new(const struct view *v, struct findings **out)
{
	struct findings *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return AM_ERR_NOMEM;
	f->v = *v;
	*out = f;
	return AM_OK;
}

void
findings_free(struct findings *f)
{
	free(f);
}

static void
count(struct tally *t, uint64_t first)
{
	if (t->count++ == 0)
		t->first = first;
}

static const char *
s_of(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- while the statements go by */

static struct rows_key
cred_key(struct bytes cred)
{
	struct rows_key k = { .len = 32 };

	hash_sha256(&cred, 1, k.b);
	return k;
}

/* R6.13: evidence, never a gate: some keys stay at zero, some start again. */
static AM_RESULT
look_at_counter(struct findings *f, const struct statement *s, uint64_t leaf)
{
	const struct rows_key k =
	    rows_key_with_u64((struct bytes){ NULL, 0 }, leaf);
	const struct rows_key cred =
	    cred_key((struct bytes){ s->cred, s->cred_len });
	const uint8_t *c = s->authdata + 33;
	const uint32_t counter = (uint32_t)c[0] << 24 | (uint32_t)c[1] << 16 |
	    (uint32_t)c[2] << 8 | c[3];
	struct rows_use use = { 0 };
	bool known = false;
	enum am_err err = rows_get_use(&f->v, rows_key(&cred), &use);

	if (err == AM_ERR_NOT_FOUND || (err == AM_OK && counter >= use.counter))
		return AM_OK;
	AM_TRY(err);
	AM_TRY(view_has(&f->v, "fall", rows_key(&cred), &known));
	if (known)
		return AM_OK; /* the first tells enough */
	count(&f->falls, leaf);
	return rows_index_put(&f->v, "fall", rows_key(&cred), rows_key(&k));
}

/* R7.2: a clock that went back by more than two minutes. */
static void
look_at_clock(struct findings *f, const struct statement *s, uint64_t leaf)
{
	if (s->at + 120 < f->last_at)
		count(&f->reversals, leaf);
	if (s->at > f->last_at)
		f->last_at = s->at;
}

AM_RESULT
findings_before(struct findings *f, const struct statement *s, uint64_t leaf)
{
	look_at_clock(f, s, leaf);
	return s->cred_len == 0 ? AM_OK : look_at_counter(f, s, leaf);
}

/* The reason of a request is in no table of the rules. */
static AM_RESULT
keep_reason(struct findings *f, const struct statement *s)
{
	struct bytes why = { 0 };

	AM_TRY(canon_get_text(s->body, "why", &why));
	return view_put(&f->v, "why", (struct bytes){ s->id, 32 }, why);
}

static AM_RESULT
look_at_person(struct findings *f, const struct statement *s, uint64_t leaf)
{
	bool remote = false;

	AM_TRY(canon_get_bool(s->body, "remote", &remote));
	if (remote)
		count(&f->remote, leaf);
	return AM_OK;
}

static AM_RESULT
look_at_fault(struct findings *f, const struct statement *s, uint64_t leaf)
{
	struct bytes rule = { 0 };

	AM_TRY(canon_get_text(s->body, "rule", &rule));
	for (size_t i = 0; i < OTHER_LINES; i++) {
		char *known = f->faults[i].rule;

		if (known[0] == '\0' && rule.len < WHY_RULE_MAX)
			memcpy(known, rule.p, rule.len); /* zeros follow */
		if (bytes_same(rule,
			(struct bytes){
			    (const uint8_t *)known, strlen(known) })) {
			count(&f->faults[i].t, leaf);
			return AM_OK;
		}
	}
	count(&f->other_faults, leaf);
	return AM_OK;
}

/* a policy that may come into force is in no table of the rules either. */
static AM_RESULT
keep_policy(struct findings *f, const struct statement *s)
{
	const struct bytes id = { s->id, 32 };
	struct rows_motion m;
	blob_auto file = { 0 };

	AM_TRY(rows_get_motion(&f->v, id, &m));
	if (m.act != ROWS_POLICY)
		return AM_OK;
	AM_TRY(ruleset_policy_file(s->body, &file));
	return view_put(&f->v, "policy-file", id, blob_bytes(&file));
}

AM_RESULT
findings_after(
    struct findings *f, const struct statement *s, uint64_t leaf, bool proven)
{
	if (strcmp(s->kind, "request") == 0)
		return keep_reason(f, s);
	if (strcmp(s->kind, "motion") == 0)
		return keep_policy(f, s);
	if (strcmp(s->kind, "person") == 0)
		return look_at_person(f, s, leaf);
	if (strcmp(s->kind, "fault") == 0)
		return look_at_fault(f, s, leaf);
	if (strcmp(s->kind, "decline") == 0)
		count(&f->declines, leaf);
	if (strcmp(s->kind, "approve") == 0 && !proven)
		count(&f->unproven, leaf);
	return AM_OK;
}

/* ---- at the end */

static void AM_PRINTF(2, 3)
    finding(struct verify_report *r, const char *fmt, ...)
{
	va_list ap;

	if (r->finding_count >= VERIFY_FINDINGS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(
	    r->findings[r->finding_count++], sizeof(r->findings[0]), fmt, ap);
	va_end(ap);
}

/* ---- who approves together */

static size_t
number_of(struct people *p, const uint8_t person[static 16])
{
	for (size_t i = 0; i < p->count; i++)
		if (bytes_same((struct bytes){ p->person[i], 16 },
			(struct bytes){ person, 16 }))
			return i;
	if (p->count == PEOPLE_MAX) {
		p->more = true;
		return PEOPLE_MAX;
	}
	memcpy(p->person[p->count], person, 16);
	return p->count++;
}

static void
look_at_people(struct people *p, const struct rows_request *q)
{
	size_t who[ROWS_N_MAX], n = 0;

	for (size_t i = 0; i < q->approval_count; i++) {
		who[n] = number_of(p, q->approvals[i].person);
		if (who[n] == PEOPLE_MAX)
			continue;
		p->accesses[who[n]]++;
		for (size_t j = 0; j < n; j++)
			p->both[who[j] < who[n] ? who[j] : who[n]]
			       [who[j] < who[n] ? who[n] : who[j]]++;
		n++;
	}
}

static bool
always_together(const struct people *p, size_t i, size_t j)
{
	return p->both[i][j] >= TOGETHER_LEAST &&
	    p->both[i][j] == p->accesses[i] && p->both[i][j] == p->accesses[j];
}

static AM_RESULT
report_pair(
    const struct findings *f, size_t i, size_t j, struct verify_report *r)
{
	const struct people *p = &f->people;
	char a[ROWS_ID_MAX + 1], b[ROWS_ID_MAX + 1];

	AM_TRY(lookup_person_name(&f->v, p->person[i], a));
	AM_TRY(lookup_person_name(&f->v, p->person[j], b));
	finding(r, "'%s' and '%s' always approve together: %u accesses (V24)",
	    a, b, p->both[i][j]);
	return AM_OK;
}

static AM_RESULT
report_people(const struct findings *f, struct verify_report *r)
{
	const struct people *p = &f->people;
	size_t pairs = 0;

	for (size_t i = 0; i < p->count; i++)
		for (size_t j = i + 1; j < p->count; j++)
			if (always_together(p, i, j) && pairs++ < OTHER_LINES)
				AM_TRY(report_pair(f, i, j, r));
	if (pairs > OTHER_LINES)
		finding(r, "%zu more pairs always approve together (V24)",
		    pairs - OTHER_LINES);
	if (p->more)
		finding(r,
		    "more than %d persons approve; who approves together was "
		    "looked at for the first of them only (V24)",
		    PEOPLE_MAX);
	return AM_OK;
}

/* ---- accesses: V19 is in the replay, V20 here */

static enum verify_access_verdict
access_verdict(const struct rows_request *q)
{
	if (q->status != ROWS_OPENED)
		return VERIFY_ACCESS_UNOPENED;
	return q->opened_at - q->complete_at > q->grant ? VERIFY_ACCESS_LATE
							: VERIFY_ACCESS_SOUND;
}

static AM_RESULT
describe(const struct findings *f, const struct rows_request *q,
    struct blob *why, struct verify_access *a)
{
	struct rows_record record;
	struct rows_safe safe;

	AM_TRY(
	    rows_get_record(&f->v, (struct bytes){ q->record, 16 }, &record));
	AM_TRY(rows_get_safe(&f->v, (struct bytes){ q->safe, 16 }, &safe));
	AM_TRY(view_get(&f->v, "why", (struct bytes){ q->request, 32 }, why));
	(void)snprintf(a->credential, sizeof(a->credential), "%s/%s", safe.id,
	    record.title);
	a->why = blob_bytes(why);
	AM_TRY(lookup_person_name(&f->v, q->by, a->requester));
	for (size_t i = 0; i < q->approval_count; i++)
		AM_TRY(lookup_person_name(
		    &f->v, q->approvals[i].person, a->approvers[i]));
	return AM_OK;
}

static AM_RESULT
tell_access(const struct findings *f, const struct verify_means *means,
    const struct rows_request *q)
{
	struct verify_access a = { .request = q, .verdict = access_verdict(q) };
	blob_auto why = { 0 };

	if (means->access == NULL)
		return AM_OK;
	AM_TRY(describe(f, q, &why, &a));
	return means->access(means->access_arg, &a);
}

static void
report_request(
    const struct rows_request *q, uint64_t *lines, struct verify_report *r)
{
	switch (access_verdict(q)) {
	case VERIFY_ACCESS_SOUND:
		return;
	case VERIFY_ACCESS_LATE:
		if (++*lines <= REQUEST_LINES)
			finding(r,
			    "request r-%u: opened at leaf %lu, more than %lld "
			    "minutes, its grant, after the last approval that "
			    "it needed (R13.5)",
			    q->number, (unsigned long)q->open_leaf,
			    (long long)(q->grant / 60));
		return;
	case VERIFY_ACCESS_UNOPENED:
		if (++*lines <= REQUEST_LINES)
			finding(r,
			    "request r-%u: %u approvals and no opening; count "
			    "it as a possible exposure (V20)",
			    q->number, q->approval_count);
		return;
	}
}

/* 4.4: loud for ever, whatever became of it. */
static void
report_emergency(
    const struct rows_request *q, uint64_t *lines, struct verify_report *r)
{
	if (q->breakglass == 0 || ++*lines > REQUEST_LINES)
		return;
	finding(r,
	    "request r-%u: break-glass, asked of the %s committee%s (V24)",
	    q->number, q->committee == ROWS_RECOVERY ? "recovery" : "operating",
	    q->status == ROWS_OPENED ? ", opened" : "");
}

static AM_RESULT
report_requests(struct findings *f, const struct verify_means *means,
    struct verify_report *r)
{
	uint64_t lines = 0;

	r->requests = r->vault.requests;
	for (uint32_t i = 1; i <= r->requests; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(
		    rows_index_get(&f->v, "request-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_request(&f->v, (struct bytes){ id, 32 }, &q));
		report_emergency(&q, &lines, r);
		if (q.approval_count < q.k)
			continue;
		r->openings += q.status == ROWS_OPENED;
		r->unopened += q.status != ROWS_OPENED;
		look_at_people(&f->people, &q);
		report_request(&q, &lines, r);
		AM_TRY(tell_access(f, means, &q));
	}
	if (lines > REQUEST_LINES)
		finding(r,
		    "%lu more requests as those above (V20, V24, R13.5); the "
		    "list of accesses has all",
		    (unsigned long)(lines - REQUEST_LINES));
	return AM_OK;
}

/* ---- the rest */

static AM_RESULT
report_counter(const struct findings *f, const struct rows_token *t,
    uint64_t *lines, struct verify_report *r)
{
	const struct rows_key cred =
	    cred_key((struct bytes){ t->cred, t->cred_len });
	uint8_t be[8];
	const enum am_err err =
	    rows_index_get(&f->v, "fall", rows_key(&cred), be, sizeof(be));

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (++*lines <= OTHER_LINES)
		finding(r,
		    "the signature counter of key '%s' fell, at leaf %lu "
		    "first: it was copied, or counts otherwise (V24)",
		    t->label, (unsigned long)rows_get_be64(be));
	return AM_OK;
}

static AM_RESULT
report_counters(const struct findings *f, struct verify_report *r)
{
	uint64_t lines = 0;

	for (uint32_t i = 0; f->falls.count > 0 && i < r->vault.tokens; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_token t;
		uint8_t id[32];

		AM_TRY(rows_index_get(&f->v, "token-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_token(&f->v, (struct bytes){ id, 32 }, &t));
		AM_TRY(report_counter(f, &t, &lines, r));
	}
	if (lines > OTHER_LINES)
		finding(r, "the counters of %lu more keys fell (V24)",
		    (unsigned long)(lines - OTHER_LINES));
	return AM_OK;
}

static void
report_tallies(const struct findings *f, bool partials, struct verify_report *r)
{
	if (partials && f->unproven.count > 0)
		finding(r,
		    "%lu approval%s verified, capability proof not included "
		    "(V18); 'export --partials' includes it",
		    (unsigned long)f->unproven.count, s_of(f->unproven.count));
	if (f->declines.count > 0)
		finding(r, "%lu decline%s, leaf %lu first (V24)",
		    (unsigned long)f->declines.count, s_of(f->declines.count),
		    (unsigned long)f->declines.first);
	if (f->remote.count > 0)
		finding(r,
		    "%lu person%s enrolled remotely, leaf %lu first: the "
		    "register key crossed a network (V24, R3.3)",
		    (unsigned long)f->remote.count, s_of(f->remote.count),
		    (unsigned long)f->remote.first);
	if (f->reversals.count > 0)
		finding(r,
		    "%lu statements are dated earlier than one before them by "
		    "more than two minutes, leaf %lu first (R7.2)",
		    (unsigned long)f->reversals.count,
		    (unsigned long)f->reversals.first);
}

static void
report_fault(const char *rule, const struct tally *t, struct verify_report *r)
{
	if (t->count > 0)
		finding(r, "%lu fault%s of %s, leaf %lu first (V24)",
		    (unsigned long)t->count, s_of(t->count), rule,
		    (unsigned long)t->first);
}

static void
report_faults(const struct findings *f, struct verify_report *r)
{
	for (size_t i = 0; i < OTHER_LINES; i++)
		report_fault(f->faults[i].rule, &f->faults[i].t, r);
	report_fault("other rules", &f->other_faults, r);
}

/* What is suspended at the end, and what a quorum has waived: one finding of
 * each, however many there are (V22, V24). */
static AM_RESULT
report_suspensions(const struct findings *f, struct verify_report *r)
{
	unsigned persons = 0, keys = 0;
	uint8_t id[32];

	for (uint32_t i = 0; i < r->vault.persons; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_person p = { 0 };

		AM_TRY(rows_index_get(&f->v, "person-n", rows_key(&n), id, 16));
		AM_TRY(rows_get_person(&f->v, (struct bytes){ id, 16 }, &p));
		persons += p.suspended != ROWS_FREE;
	}
	for (uint32_t i = 0; i < r->vault.tokens; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_token t = { 0 };

		AM_TRY(rows_index_get(&f->v, "token-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_token(&f->v, (struct bytes){ id, 32 }, &t));
		keys += t.suspended != ROWS_FREE && t.status != ROWS_RETIRED;
	}
	if (persons + keys > 0)
		finding(r,
		    "suspended at the end: %u of the people, %u of the keys "
		    "(V22)",
		    persons, keys);
	return AM_OK;
}

/* What somebody has recorded as an incident, and what that still stops. */
static AM_RESULT
report_incidents(const struct findings *f, struct verify_report *r)
{
	unsigned open = 0, frozen = 0;

	for (uint32_t n = 1; n <= r->vault.incidents; n++) {
		struct rows_incident i;

		AM_TRY(incident_get(&f->v, n, &i));
		open += i.status == ROWS_INCIDENT_OPEN;
		frozen += i.frozen == ROWS_FROZEN;
	}
	if (r->vault.incidents > 0)
		finding(r,
		    "incidents recorded: %u, open: %u, freezes in force: %u "
		    "(O-3, O-5)",
		    r->vault.incidents, open, frozen);
	return AM_OK;
}

/* What names nobody yet is counted all the same. */
static AM_RESULT
report_quiet(const struct findings *f, struct verify_report *r)
{
	unsigned open = 0;

	for (uint32_t n = 1; n <= r->vault.quiets; n++) {
		struct rows_quiet q;

		AM_TRY(quiet_get(&f->v, n, &q));
		open += q.told_leaf == 0 && q.withdrawn_leaf == 0;
	}
	if (r->vault.quiets > 0)
		finding(r,
		    "departures sealed until their day: %u, neither recorded "
		    "nor withdrawn: %u (X-19)",
		    r->vault.quiets, open);
	return AM_OK;
}

static AM_RESULT
report_waivers(const struct findings *f, struct verify_report *r)
{
	unsigned waivers = 0;

	for (uint32_t i = 1; i <= r->vault.motions; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_motion m = { 0 };
		uint8_t id[32];

		AM_TRY(rows_index_get(&f->v, "motion-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_motion(&f->v, (struct bytes){ id, 32 }, &m));
		waivers += m.act == ROWS_WAIVE && m.status == ROWS_ENACTED;
	}
	if (waivers > 0)
		finding(r, "rules waived by a quorum: %u (V24)", waivers);
	return AM_OK;
}

/* ---- */

static enum am_err
policy_file(void *arg, const struct rows_motion *m, struct blob *out)
{
	const struct findings *f = arg;

	return view_get(
	    &f->v, "policy-file", (struct bytes){ m->motion, 32 }, out);
}

struct weak {
	struct verify_report *r;
	uint64_t lines[2];
};

/* Those by waivers, of which there may be many, leave room for the others. */
static enum am_err
report_weak(void *arg, bool waived, const char *text)
{
	struct weak *w = arg;

	if (++w->lines[waived] <= OTHER_LINES)
		finding(w->r, "%s", text);
	return AM_OK;
}

static AM_RESULT
report_policies(struct findings *f, struct verify_report *r)
{
	struct weak w = { .r = r };
	const struct weaker_means means = { policy_file, f, report_weak, &w };

	AM_TRY(weaker_history(&f->v, &means));
	for (size_t i = 0; i < 2; i++)
		if (w.lines[i] > OTHER_LINES)
			finding(r,
			    "%lu more policies came into force weaker than "
			    "the policy that is shipped, %s a waiver (A-3)",
			    (unsigned long)(w.lines[i] - OTHER_LINES),
			    i == 1 ? "by" : "without");
	return AM_OK;
}

static void
report_vault(struct verify_report *r)
{
	static const uint8_t none[16];

	if (r->vault.evaluation != 0)
		finding(r,
		    "this is an evaluation vault: its keys may be software "
		    "(R6.14)");
	if (bytes_same((struct bytes){ r->vault.governing, 16 },
		(struct bytes){ none, 16 }))
		finding(
		    r, "the founder has not finished a first safe (R13.20)");
}

AM_RESULT
findings_report(struct findings *f, const struct verify_means *means,
    bool partials, struct verify_report *r)
{
	AM_TRY(report_requests(f, means, r));
	AM_TRY(report_counters(f, r));
	AM_TRY(report_people(f, r));
	report_tallies(f, partials, r);
	report_faults(f, r);
	AM_TRY(report_suspensions(f, r));
	AM_TRY(report_waivers(f, r));
	AM_TRY(report_policies(f, r));
	AM_TRY(report_incidents(f, r));
	AM_TRY(report_quiet(f, r));
	report_vault(r);
	return AM_OK;
}
