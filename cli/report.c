#include "cli/report.h"

#include "cli/paper.h"
#include "vault/acts/delayed.h"
#include "vault/acts/exposed.h"
#include "vault/acts/lookup.h"
#include "vault/audit/rebuild.h"
#include "vault/crypto/hash.h"
#include "vault/log/merkle.h"
#include "vault/state/manifest.h"
#include "vault/state/roll.h"
#include "vault/state/tenure.h"

static const uint8_t none[32];

/* What a report is made of: everything as of `size` statements. */
struct report {
	struct session s; /* clock and counts of then */
	const struct view *v;
	struct store_txn *t; /* for the log */
	struct rows_incident i;
	const char *version;
	int64_t at; /* when it is made: a sealed text is readable, or not */
	struct note head;
	struct paper p;
	bool all; /* nothing is named: every credential is in scope */
	struct blob records; /* ids of those in scope, 16 each */
};

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

static bool
is_set(const uint8_t *id, size_t len)
{
	return !same(id, none, len);
}

static AM_RESULT
nth(struct report *r, const char *table, uint32_t i, uint8_t *id, size_t len)
{
	const struct rows_key n = rows_key_u32(i);

	return rows_index_get(r->v, table, rows_key(&n), id, len);
}

/* ---- words */

static AM_RESULT
put_person(struct report *r, const char *key, const uint8_t person[static 16])
{
	char name[ROWS_ID_MAX + 1];

	if (!is_set(person, 16))
		return paper_text(&r->p, key, "");
	AM_TRY(lookup_person_name(r->v, person, name));
	return paper_text(&r->p, key, name);
}

/* Posts and orders that a person held at an instant. */
static AM_RESULT
put_posts(struct report *r, const uint8_t person[static 16], int64_t at)
{
	blob_auto posts = { 0 }, orders = { 0 };
	struct rows_person p;

	AM_TRY(rows_get_person(r->v, (struct bytes){ person, 16 }, &p));
	for (uint32_t i = 0; i < p.appointments; i++) {
		struct rows_appointment a;
		struct rows_post post;

		AM_TRY(tenure_nth(r->v, person, i, &a));
		if (tenure_from(&a) > at || tenure_until(&a) <= at)
			continue;
		AM_TRY(tenure_post(r->v, a.post, &post));
		AM_TRY(blob_printf(
		    &posts, "%s%s", posts.len > 0 ? ", " : "", post.id));
		AM_TRY(blob_printf(
		    &orders, "%s%s", orders.len > 0 ? ", " : "", a.order));
	}
	if (posts.len == 0) {
		AM_TRY(paper_unknown(&r->p, "post"));
		return paper_unknown(&r->p, "order");
	}
	AM_TRY(paper_bytes(&r->p, "post", blob_bytes(&posts)));
	return paper_bytes(&r->p, "order", blob_bytes(&orders));
}

static AM_RESULT
put_key(struct report *r, const uint8_t token[static 32])
{
	struct rows_token t;

	AM_TRY(rows_get_token(r->v, (struct bytes){ token, 32 }, &t));
	AM_TRY(paper_text(&r->p, "key", t.label));
	AM_TRY(paper_hex(&r->p, "key_model", (struct bytes){ t.aaguid, 16 }));
	return paper_unknown(&r->p, "key_serial_hash");
}

static AM_RESULT
path_of(struct report *r, const struct rows_record *c,
    char out[static EXPOSED_PATH])
{
	struct rows_safe s;

	AM_TRY(rows_get_safe(r->v, (struct bytes){ c->safe, 16 }, &s));
	(void)snprintf(out, EXPOSED_PATH, "%s/%s", s.id, c->title);
	return AM_OK;
}

static AM_RESULT
put_path(struct report *r, const char *key, const uint8_t record[static 16])
{
	char path[EXPOSED_PATH] = "";
	struct rows_record c;

	if (is_set(record, 16)) {
		AM_TRY(rows_get_record(r->v, (struct bytes){ record, 16 }, &c));
		AM_TRY(path_of(r, &c, path));
	}
	return paper_text(&r->p, key, path);
}

static AM_RESULT
time_of(struct report *r, uint64_t leaf, int64_t *out)
{
	statement_auto st = { 0 };

	*out = 0;
	if (leaf == 0)
		return AM_OK;
	AM_TRY(lookup_statement(r->t, leaf, r->s.why, &st));
	*out = st.at;
	return AM_OK;
}

/* What an entry of the incident says. */
static AM_RESULT
read_entry(struct report *r, uint32_t version, struct statement *st,
    const struct json_t **data)
{
	uint64_t leaf = 0;

	AM_TRY(incident_leaf(r->v, r->i.number, version, &leaf));
	AM_TRY(lookup_statement(r->t, leaf, r->s.why, st));
	return canon_get_object(st->body, "data", data);
}

/* ---- scope */

static bool
in_scope(const struct report *r, const uint8_t record[static 16])
{
	for (size_t i = 0; i + 16 <= r->records.len; i += 16)
		if (same(r->records.p + i, record, 16))
			return true;
	return r->all;
}

static AM_RESULT
add_record(struct report *r, const uint8_t record[static 16])
{
	return in_scope(r, record)
	    ? AM_OK
	    : blob_add(&r->records, (struct bytes){ record, 16 });
}

/* An access that matters: to a version that is not changed since, or later
 * than the discovery. */
static AM_RESULT
is_wanted(struct report *r, const struct rows_request *q, bool *out)
{
	struct rows_record c;

	AM_TRY(rows_get_record(r->v, (struct bytes){ q->record, 16 }, &c));
	*out = incident_covers(&r->i, q, UINT64_MAX) &&
	    (q->version >= c.rotated || q->at >= r->i.discovered);
	return AM_OK;
}

typedef AM_RESULT request_fn(struct report *r, const struct rows_request *q);

static AM_RESULT
each_request(struct report *r, request_fn *fn)
{
	for (uint32_t n = 1; n <= r->s.vault.requests; n++) {
		struct rows_request q;
		bool wanted = false;
		uint8_t id[32];

		AM_TRY(nth(r, "request-n", n, id, sizeof(id)));
		AM_TRY(rows_get_request(r->v, (struct bytes){ id, 32 }, &q));
		AM_TRY(is_wanted(r, &q, &wanted));
		if (wanted)
			AM_TRY(fn(r, &q));
	}
	return AM_OK;
}

static AM_RESULT
take_record(struct report *r, const struct rows_request *q)
{
	return add_record(r, q->record);
}

static enum am_err
take_known(void *arg, const struct exposed *e)
{
	return e->state == EXPOSURE_CLOSED ? AM_OK
					   : add_record(arg, e->record.record);
}

/* The credentials that are meant: the one that is named, what the person knows
 * or the requests are of, or all. */
static AM_RESULT
find_scope(struct report *r)
{
	const struct exposed_filter f = { .person = r->i.person };

	r->all = !is_set(r->i.record, 16) && !is_set(r->i.person, 16) &&
	    !is_set(r->i.token, 32);
	if (r->all)
		return AM_OK;
	if (is_set(r->i.record, 16))
		AM_TRY(add_record(r, r->i.record));
	AM_TRY(each_request(r, take_record));
	if (!is_set(r->i.person, 16))
		return AM_OK;
	return exposed_each(&r->s, r->v, &f, take_known, r);
}

typedef AM_RESULT record_fn(
    struct report *r, const struct rows_safe *s, const struct rows_record *c);

static AM_RESULT
each_of_safe(struct report *r, const struct rows_safe *s, record_fn *fn)
{
	struct roll roll = { 0 };

	for (uint64_t i = 0; i < s->records; i++) {
		struct rows_record c;
		uint8_t id[16];

		AM_TRY(roll_nth(r->v, s->safe, i, &roll, id));
		AM_TRY(rows_get_record(r->v, (struct bytes){ id, 16 }, &c));
		if (in_scope(r, id))
			AM_TRY(fn(r, s, &c));
	}
	return AM_OK;
}

static AM_RESULT
each_record(struct report *r, record_fn *fn)
{
	for (uint32_t i = 0; i < r->s.vault.safes; i++) {
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(nth(r, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(r->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(each_of_safe(r, &s, fn));
	}
	return AM_OK;
}

/* ---- 1 to 3: what it is */

static AM_RESULT
put_report(struct report *r)
{
	struct paper *p = &r->p;
	char id[16];

	(void)snprintf(id, sizeof(id), "i-%u", r->i.number);
	paper_section(p, "report", "1. Report");
	AM_TRY(paper_text(p, "id", id));
	AM_TRY(paper_text(p, "version", r->version));
	AM_TRY(paper_text(
	    p, "state", r->i.status == ROWS_INCIDENT_OPEN ? "open" : "closed"));
	AM_TRY(paper_when(p, "discovered_at", r->i.discovered));
	AM_TRY(paper_when(p, "aware_at", r->i.at));
	AM_TRY(paper_unknown(p, "classified_at"));
	AM_TRY(put_person(r, "reporter", r->i.by));
	AM_TRY(put_posts(r, r->i.by, r->i.at));
	AM_TRY(paper_unknown(p, "contact_24h"));
	paper_section_end(p);
	return AM_OK;
}

static AM_RESULT
put_entity(struct report *r)
{
	char level[ROWS_ID_MAX + 1];
	struct paper *p = &r->p;
	struct rows_record c = { 0 };
	const char *class = "unknown";

	if (is_set(r->i.record, 16)) {
		AM_TRY(rows_get_record(
		    r->v, (struct bytes){ r->i.record, 16 }, &c));
		class = c.mark == 0 ? c.class : levels_class_name(c.mark - 1U);
	}
	AM_TRY(breach_level(r->v, &r->s.vault, &r->i, level));
	paper_section(p, "entity", "2. Entity, system, class, level");
	AM_TRY(paper_text(p, "name", r->s.vault.name));
	AM_TRY(paper_hex(p, "vault", (struct bytes){ r->s.vault.vault, 16 }));
	AM_TRY(paper_text(
	    p, "evaluation", r->s.vault.evaluation != 0 ? "yes" : "no"));
	AM_TRY(
	    paper_text(p, "system", c.title[0] != '\0' ? c.title : "unknown"));
	AM_TRY(paper_text(p, "class", class));
	AM_TRY(paper_text(p, "level", level[0] != '\0' ? level : "unknown"));
	paper_section_end(p);
	return AM_OK;
}

/* A cause that was sealed: what is known of it when the report is made. */
static AM_RESULT
put_sealed_cause(struct report *r)
{
	const struct rows_incident *i = &r->i;
	struct paper *p = &r->p;
	delayed_auto d = { 0 };

	AM_TRY(delayed_read(r->t, i->sealed, i->sealed_until, r->at, &d));
	if (d.is == DELAYED_SHOWN)
		AM_TRY(paper_bytes(p, "cause", d.text));
	else
		AM_TRY(paper_text(p, "cause",
		    d.is == DELAYED_LOST ? "its text is missing in this vault"
					 : "sealed"));
	AM_TRY(paper_when(p, "cause_sealed_until", i->sealed_until));
	AM_TRY(paper_hex(
	    p, "cause_sealed_sha256", (struct bytes){ i->sealed, 32 }));
	return d.is == DELAYED_SHOWN ? paper_hex(p, "cause_salt", d.salt)
				     : AM_OK;
}

static AM_RESULT
put_cause(struct report *r)
{
	const struct json_t *data = NULL;
	statement_auto st = { 0 };
	struct bytes cause = { 0 };

	if (r->i.sealed_until != 0)
		return put_sealed_cause(r);
	AM_TRY(read_entry(r, 1, &st, &data));
	AM_TRY(canon_get_text(data, "cause", &cause));
	return cause.len > 0 ? paper_bytes(&r->p, "cause", cause)
			     : paper_unknown(&r->p, "cause");
}

static AM_RESULT
put_event(struct report *r)
{
	paper_section(&r->p, "event", "3. What happened");
	AM_TRY(put_cause(r));
	AM_TRY(paper_unknown(&r->p, "cause_category"));
	paper_section_end(&r->p);
	return AM_OK;
}

/* ---- 4: scope */

static AM_RESULT
put_record(
    struct report *r, const struct rows_safe *s, const struct rows_record *c)
{
	char path[EXPOSED_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", s->id, c->title);
	paper_row(&r->p);
	AM_TRY(paper_text(&r->p, "credential", path));
	AM_TRY(paper_uint(&r->p, "version", c->version));
	AM_TRY(paper_text(&r->p, "class", c->class));
	AM_TRY(paper_text(&r->p, "level", s->level));
	AM_TRY(
	    paper_uint(&r->p, "changed_at_vendor_below_version", c->rotated));
	paper_row_end(&r->p);
	return AM_OK;
}

static enum am_err
put_exposed(void *arg, const struct exposed *e)
{
	struct report *r = arg;
	struct paper *p = &r->p;

	if (e->state == EXPOSURE_CLOSED || !in_scope(r, e->record.record))
		return AM_OK;
	paper_row(p);
	AM_TRY(paper_text(p, "person", e->who));
	AM_TRY(paper_text(p, "credential", e->path));
	AM_TRY(paper_uint(p, "version", e->version));
	AM_TRY(paper_when(p, "since", e->since));
	AM_TRY(paper_text(p, "how", e->opened ? "opened" : "deposited"));
	AM_TRY(paper_text(p, "state", exposed_state_text(e->state)));
	paper_row_end(p);
	return AM_OK;
}

static AM_RESULT
put_answers(struct report *r, const char *key, const struct rows_approval *list,
    size_t count)
{
	paper_list(&r->p, key);
	for (size_t i = 0; i < count; i++) {
		paper_row(&r->p);
		AM_TRY(put_person(r, "person", list[i].person));
		AM_TRY(put_posts(r, list[i].person, list[i].at));
		AM_TRY(paper_when(&r->p, "at", list[i].at));
		AM_TRY(put_key(r, list[i].token));
		paper_row_end(&r->p);
	}
	paper_list_end(&r->p);
	return AM_OK;
}

static const char *
outcome_of(const struct rows_request *q)
{
	return q->status == ROWS_OPENED ? "opened"
	    : is_set(q->vetoed, 16)     ? "vetoed"
					: "not opened";
}

static AM_RESULT
put_reason(struct report *r, const struct rows_request *q)
{
	struct bytes why = { 0 }, ref = { 0 };
	statement_auto st = { 0 };

	AM_TRY(lookup_statement(r->t, q->leaf, r->s.why, &st));
	AM_TRY(canon_get_text(st.body, "why", &why));
	AM_TRY(canon_get_text(st.body, "ref", &ref));
	AM_TRY(paper_bytes(&r->p, "reason", why));
	return paper_bytes(&r->p, "ticket", ref);
}

static AM_RESULT
put_access(struct report *r, const struct rows_request *q)
{
	struct paper *p = &r->p;
	char id[16];

	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	paper_row(p);
	AM_TRY(paper_text(p, "request", id));
	AM_TRY(put_path(r, "credential", q->record));
	AM_TRY(paper_uint(p, "version", q->version));
	AM_TRY(paper_text(p, "outcome", outcome_of(q)));
	AM_TRY(put_person(r, "person", q->by));
	AM_TRY(put_posts(r, q->by, q->at));
	AM_TRY(paper_when(p, "asked", q->at));
	if (q->status == ROWS_OPENED)
		AM_TRY(paper_when(p, "opened", q->opened_at));
	else
		AM_TRY(paper_text(p, "opened", ""));
	AM_TRY(paper_text(
	    p, "mode", q->breakglass != 0 ? "break-glass" : "normal"));
	AM_TRY(put_key(r, q->token));
	AM_TRY(put_reason(r, q));
	AM_TRY(paper_unknown(p, "client_host"));
	AM_TRY(put_answers(r, "approvals", q->approvals, q->approval_count));
	AM_TRY(put_answers(r, "declines", q->declines, q->decline_count));
	paper_row_end(p);
	return AM_OK;
}

static AM_RESULT
put_grant(struct report *r, const struct rows_request *q)
{
	const int64_t at = r->i.discovered;
	char id[16];

	if (q->complete_at == 0 || q->complete_at > at ||
	    at > q->complete_at + q->grant ||
	    (q->uses != 0 && q->opens >= q->uses && q->opened_at <= at))
		return AM_OK;
	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	paper_row(&r->p);
	AM_TRY(paper_text(&r->p, "request", id));
	AM_TRY(paper_when(&r->p, "until", q->complete_at + q->grant));
	paper_row_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_refused(struct report *r)
{
	for (uint32_t i = 0; i < r->s.vault.faults; i++) {
		statement_auto st = { 0 };
		struct bytes rule = { 0 };
		uint8_t be[8], hash[32];

		AM_TRY(nth(r, "fault-n", i, be, sizeof(be)));
		AM_TRY(
		    lookup_statement(r->t, rows_get_be64(be), r->s.why, &st));
		AM_TRY(canon_get_text(st.body, "rule", &rule));
		AM_TRY(canon_get_hex(st.body, "hash", hash, sizeof(hash)));
		paper_row(&r->p);
		AM_TRY(paper_when(&r->p, "at", st.at));
		AM_TRY(paper_bytes(&r->p, "rule", rule));
		AM_TRY(paper_uint(&r->p, "leaf", rows_get_be64(be)));
		AM_TRY(paper_hex(&r->p, "sha256", (struct bytes){ hash, 32 }));
		paper_row_end(&r->p);
	}
	return AM_OK;
}

static AM_RESULT
put_named(struct report *r)
{
	struct rows_token t = { 0 };

	AM_TRY(put_path(r, "named_credential", r->i.record));
	AM_TRY(put_person(r, "named_person", r->i.person));
	if (is_set(r->i.token, 32))
		AM_TRY(
		    rows_get_token(r->v, (struct bytes){ r->i.token, 32 }, &t));
	AM_TRY(paper_text(&r->p, "named_key", t.label));
	return paper_text(&r->p, "whole_vault", r->all ? "yes" : "no");
}

static AM_RESULT
put_scope(struct report *r)
{
	const struct exposed_filter everybody = { 0 };
	struct paper *p = &r->p;

	paper_section(p, "scope", "4. Scope");
	AM_TRY(put_named(r));
	paper_list(p, "credentials");
	AM_TRY(each_record(r, put_record));
	paper_list_end(p);
	paper_list(p, "exposed");
	AM_TRY(exposed_each(&r->s, r->v, &everybody, put_exposed, r));
	paper_list_end(p);
	paper_list(p, "accesses");
	AM_TRY(each_request(r, put_access));
	paper_list_end(p);
	paper_list(p, "grants_open_at_discovery");
	AM_TRY(each_request(r, put_grant));
	paper_list_end(p);
	paper_list(p, "refused");
	AM_TRY(put_refused(r));
	paper_list_end(p);
	paper_section_end(p);
	return AM_OK;
}

/* ---- 5, 6: what these reach, and what follows */

static AM_RESULT
put_reach(struct report *r)
{
	paper_section(&r->p, "reach", "5. Systems that these reach");
	AM_TRY(paper_unknown(&r->p, "other_systems"));
	paper_list(&r->p, "can_reset");
	for (uint32_t i = 0; i < r->s.vault.links; i++) {
		uint8_t link[32];

		AM_TRY(nth(r, "link-n", i, link, sizeof(link)));
		if (!in_scope(r, link))
			continue;
		paper_row(&r->p);
		AM_TRY(put_path(r, "credential", link));
		AM_TRY(put_path(r, "resets", link + 16));
		paper_row_end(&r->p);
	}
	paper_list_end(&r->p);
	paper_section_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_impact(struct report *r)
{
	static const char *const unknown[] = { "functional_impact",
		"information_impact", "recoverability", "information_lost",
		"recovery_effort", "systems", "records", "users",
		"network_location", "attack_vector", "indicators",
		"mitigation" };

	paper_section(&r->p, "impact", "6. Impact");
	AM_TRY(paper_when(&r->p, "first_detected", r->i.discovered));
	for (size_t i = 0; i < AM_ARRAY_LEN(unknown); i++)
		AM_TRY(paper_unknown(&r->p, unknown[i]));
	paper_section_end(&r->p);
	return AM_OK;
}

/* ---- 7: what was done */

static AM_RESULT
put_freeze(struct report *r)
{
	static const char *const states[] = { "no", "in force", "lifted" };
	int64_t lifted = 0;

	AM_TRY(paper_text(&r->p, "frozen", states[r->i.frozen]));
	AM_TRY(time_of(r, r->i.lifted_leaf, &lifted));
	if (r->i.frozen != ROWS_UNFROZEN)
		AM_TRY(paper_when(&r->p, "frozen_since", r->i.at));
	return lifted == 0 ? AM_OK : paper_when(&r->p, "frozen_until", lifted);
}

static AM_RESULT
put_suspension(struct report *r, const char *key, const char *name,
    uint8_t suspended, uint64_t leaf, bool named)
{
	int64_t at = 0;

	if (suspended == ROWS_FREE)
		return AM_OK;
	AM_TRY(time_of(r, leaf, &at));
	if (!named && at < r->i.discovered)
		return AM_OK;
	paper_row(&r->p);
	AM_TRY(paper_text(&r->p, key, name));
	AM_TRY(paper_when(&r->p, "since", at));
	AM_TRY(paper_text(&r->p, "confirmed_by_quorum",
	    suspended == ROWS_CONFIRMED ? "yes" : "no"));
	paper_row_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_suspended(struct report *r)
{
	paper_list(&r->p, "suspended");
	for (uint32_t i = 0; i < r->s.vault.persons; i++) {
		struct rows_person p;
		uint8_t id[16];

		AM_TRY(nth(r, "person-n", i, id, sizeof(id)));
		AM_TRY(rows_get_person(r->v, (struct bytes){ id, 16 }, &p));
		AM_TRY(put_suspension(r, "person", p.id, p.suspended,
		    p.suspended_leaf, same(p.person, r->i.person, 16)));
	}
	for (uint32_t i = 0; i < r->s.vault.tokens; i++) {
		struct rows_token t;
		uint8_t id[32];

		AM_TRY(nth(r, "token-n", i, id, sizeof(id)));
		AM_TRY(rows_get_token(r->v, (struct bytes){ id, 32 }, &t));
		AM_TRY(put_suspension(r, "key", t.label, t.suspended,
		    t.suspended_leaf,
		    same(t.token, r->i.token, 32) ||
			same(t.person, r->i.person, 16)));
	}
	paper_list_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_reshare(struct report *r, const struct rows_safe *s, uint8_t committee)
{
	const struct bytes M = { manifest_active(s, committee), 32 };
	struct rows_manifest m;
	struct rows_plan plan;
	int64_t at = 0;

	if (!is_set(M.p, 32))
		return AM_OK;
	AM_TRY(rows_get_manifest(r->v, M, &m));
	AM_TRY(rows_get_plan(r->v, (struct bytes){ m.plan, 32 }, &plan));
	AM_TRY(time_of(r, plan.end_leaf, &at));
	if (at < r->i.discovered)
		return AM_OK;
	paper_row(&r->p);
	AM_TRY(paper_text(&r->p, "safe", s->id));
	AM_TRY(paper_text(&r->p, "committee",
	    committee == ROWS_RECOVERY ? "recovery" : "operating"));
	AM_TRY(paper_uint(&r->p, "epoch", m.epoch));
	AM_TRY(paper_when(&r->p, "at", at));
	paper_row_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_reshared(struct report *r)
{
	paper_list(&r->p, "reshared");
	for (uint32_t i = 0; i < r->s.vault.safes; i++) {
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(nth(r, "safe-n", i, id, sizeof(id)));
		AM_TRY(rows_get_safe(r->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(put_reshare(r, &s, ROWS_OPERATING));
		AM_TRY(put_reshare(r, &s, ROWS_RECOVERY));
	}
	paper_list_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_rotated(
    struct report *r, const struct rows_safe *s, const struct rows_record *c)
{
	struct rows_rotation rot;
	char path[EXPOSED_PATH];
	int64_t at = 0;

	AM_TRY(time_of(r, c->rotated_leaf, &at));
	if (c->rotated == 0 || at < r->i.discovered)
		return AM_OK;
	AM_TRY(exposed_rotation(r->v, c, c->rotated, &rot));
	(void)snprintf(path, sizeof(path), "%s/%s", s->id, c->title);
	paper_row(&r->p);
	AM_TRY(paper_text(&r->p, "credential", path));
	AM_TRY(paper_uint(&r->p, "version", c->rotated));
	AM_TRY(paper_when(&r->p, "done", at));
	AM_TRY(put_person(r, "signed_by", rot.by));
	AM_TRY(put_person(r, "and_by", rot.second));
	AM_TRY(paper_hex(
	    &r->p, "evidence_sha256", (struct bytes){ rot.evidence, 32 }));
	paper_row_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_evidence(struct report *r, const struct json_t *data)
{
	const struct json_t *list = NULL;
	uint8_t hash[32];

	AM_TRY(canon_get_array(data, "evidence", &list));
	paper_list(&r->p, "evidence");
	for (size_t i = 0; i < canon_size(list); i++) {
		AM_TRY(canon_at_hex(list, i, hash, sizeof(hash)));
		paper_row(&r->p);
		AM_TRY(paper_hex(&r->p, "sha256", (struct bytes){ hash, 32 }));
		paper_row_end(&r->p);
	}
	paper_list_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_done(struct report *r, const struct rows_reaction *x)
{
	const struct json_t *data = NULL;
	statement_auto st = { 0 };
	struct bytes note = { 0 };

	if (x->done_leaf == 0)
		return paper_text(&r->p, "done", "");
	AM_TRY(lookup_statement(r->t, x->done_leaf, r->s.why, &st));
	AM_TRY(canon_get_object(st.body, "data", &data));
	AM_TRY(canon_get_text(data, "note", &note));
	AM_TRY(paper_when(&r->p, "done", x->done_at));
	AM_TRY(put_person(r, "done_by", st.by));
	AM_TRY(paper_bytes(&r->p, "result", note));
	return put_evidence(r, data);
}

static AM_RESULT
put_reactions(struct report *r)
{
	paper_list(&r->p, "reactions");
	for (uint32_t n = 1; n <= r->i.reactions; n++) {
		const struct json_t *data = NULL;
		statement_auto st = { 0 };
		struct bytes note = { 0 };
		struct rows_reaction x;

		AM_TRY(incident_reaction(r->v, r->i.number, n, &x));
		AM_TRY(lookup_statement(r->t, x.leaf, r->s.why, &st));
		AM_TRY(canon_get_object(st.body, "data", &data));
		AM_TRY(canon_get_text(data, "note", &note));
		paper_row(&r->p);
		AM_TRY(paper_uint(&r->p, "reaction", n));
		AM_TRY(paper_bytes(&r->p, "what", note));
		AM_TRY(put_person(r, "owner", x.owner));
		AM_TRY(paper_when(&r->p, "due", x.due));
		AM_TRY(put_done(r, &x));
		paper_row_end(&r->p);
	}
	paper_list_end(&r->p);
	return AM_OK;
}

static bool
is_of(const struct json_t *data, const char *of)
{
	struct bytes text = { 0 };

	return canon_get_text(data, "of", &text) == AM_OK &&
	    bytes_same(text, (struct bytes){ (const uint8_t *)of, strlen(of) });
}

/* Of the report that was sent, in both forms. */
static AM_RESULT
put_hashes(struct report *r, const struct json_t *data)
{
	struct bytes json = { 0 }, md = { 0 };

	AM_TRY(canon_get_text(data, "json", &json));
	AM_TRY(canon_get_text(data, "md", &md));
	AM_TRY(paper_bytes(&r->p, "json_sha256", json));
	return paper_bytes(&r->p, "md_sha256", md);
}

/* One entry that is a fact, a report that was sent, or the end. */
static AM_RESULT
put_entry(struct report *r, const char *of, const char *field, bool evidence)
{
	for (uint32_t n = 2; n <= r->i.version; n++) {
		const struct json_t *data = NULL;
		statement_auto st = { 0 };
		struct bytes text = { 0 };

		AM_TRY(read_entry(r, n, &st, &data));
		if (!is_of(data, of))
			continue;
		AM_TRY(canon_get_text(data, field, &text));
		paper_row(&r->p);
		AM_TRY(paper_when(&r->p, "at", st.at));
		AM_TRY(put_person(r, "by", st.by));
		AM_TRY(paper_bytes(&r->p, field, text));
		if (strcmp(of, "sent") == 0)
			AM_TRY(put_hashes(r, data));
		if (evidence)
			AM_TRY(put_evidence(r, data));
		paper_row_end(&r->p);
	}
	return AM_OK;
}

static AM_RESULT
put_actions(struct report *r)
{
	struct paper *p = &r->p;

	paper_section(p, "actions", "7. What was done");
	AM_TRY(put_freeze(r));
	AM_TRY(put_suspended(r));
	AM_TRY(put_reshared(r));
	paper_list(p, "rotated");
	AM_TRY(each_record(r, put_rotated));
	paper_list_end(p);
	AM_TRY(put_reactions(r));
	paper_list(p, "facts");
	AM_TRY(put_entry(r, "fact", "note", true));
	paper_list_end(p);
	paper_list(p, "reports_sent");
	AM_TRY(put_entry(r, "sent", "report", false));
	paper_list_end(p);
	paper_list(p, "closed");
	AM_TRY(put_entry(r, "closed", "reason", false));
	paper_list_end(p);
	paper_section_end(p);
	return AM_OK;
}

/* ---- 8, 9 */

static AM_RESULT
put_unknown(struct report *r)
{
	static const char *const said[] = {
		"inside the vault: no access outside the approvals above",
		"at the vendor: who used the account is unknown to this vault",
		"whoever opened a version knows it until it is changed at the "
		"vendor",
		"a field that says unknown was not recorded",
	};

	paper_section(&r->p, "not_known", "8. What is not known");
	paper_list(&r->p, "statements");
	for (size_t i = 0; i < AM_ARRAY_LEN(said); i++) {
		paper_row(&r->p);
		AM_TRY(paper_text(&r->p, "statement", said[i]));
		paper_row_end(&r->p);
	}
	paper_list_end(&r->p);
	paper_section_end(&r->p);
	return AM_OK;
}

static AM_RESULT
put_annex(struct report *r)
{
	struct paper *p = &r->p;

	paper_section(p, "annex", "9. Annex");
	AM_TRY(paper_when(p, "as_of", r->s.vault.last_at));
	AM_TRY(paper_uint(p, "statements", r->head.size));
	AM_TRY(paper_hex(p, "root", (struct bytes){ r->head.root, 32 }));
	AM_TRY(paper_text(p, "proof", "amanat export, amanat verify"));
	paper_list(p, "entries");
	for (uint32_t n = 1; n <= r->i.version; n++) {
		statement_auto st = { 0 };
		uint64_t leaf = 0;

		AM_TRY(incident_leaf(r->v, r->i.number, n, &leaf));
		AM_TRY(lookup_statement(r->t, leaf, r->s.why, &st));
		paper_row(p);
		AM_TRY(paper_uint(p, "leaf", leaf));
		AM_TRY(paper_hex(p, "statement", (struct bytes){ st.id, 32 }));
		paper_row_end(p);
	}
	paper_list_end(p);
	paper_section_end(p);
	return AM_OK;
}

/* ---- all of it */

static AM_RESULT
put_all(struct report *r)
{
	AM_TRY(find_scope(r));
	AM_TRY(put_report(r));
	AM_TRY(put_entity(r));
	AM_TRY(put_event(r));
	AM_TRY(put_scope(r));
	AM_TRY(put_reach(r));
	AM_TRY(put_impact(r));
	AM_TRY(put_actions(r));
	AM_TRY(put_unknown(r));
	return put_annex(r);
}

static AM_RESULT
write_to(struct report *r, enum report_form form, struct blob *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	enum am_err err;

	if (to == NULL)
		return AM_ERR_NOMEM;
	paper_begin(&r->p, to, form == REPORT_MD, "Incident report");
	err = put_all(r);
	paper_end(&r->p);
	blob_free(&r->records);
	if (fclose(to) != 0 && err == AM_OK)
		err = AM_ERR_NOMEM;
	if (err == AM_OK)
		err =
		    blob_add(out, (struct bytes){ (const uint8_t *)text, len });
	free(text);
	return err;
}

static int64_t
last_at(void *arg)
{
	return *(const int64_t *)arg;
}

/* What a report is made as: see report.h. */
struct making {
	const char *version;
	uint64_t size;
	int64_t at;
};

/* As a session of then would see it, with the clock at its last statement. */
static AM_RESULT
make(struct desk *d, struct store_txn *t, const struct view *v, uint32_t number,
    const struct making *m, enum report_form form, struct blob *out)
{
	struct session_env env = *d->session->env;
	struct report r = { .s = *d->session,
		.v = v,
		.t = t,
		.version = m->version,
		.at = m->at };
	const struct merkle_source tree = store_tree(t);

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &r.s.vault));
	env.now = last_at;
	env.arg = &r.s.vault.last_at;
	r.s.env = &env;
	if (number == 0 || number > r.s.vault.incidents)
		return why_say(&d->why, AM_ERR_NOT_FOUND, "O-3",
		    "no such incident; 'amanat incident list' shows which "
		    "there are");
	AM_TRY(incident_get(v, number, &r.i));
	r.head.size = r.s.vault.size;
	AM_TRY(merkle_root(&tree, r.head.size, r.head.root));
	return write_to(&r, form, out);
}

static AM_RESULT
make_past(struct desk *d, struct store_txn *t, uint32_t number,
    const struct making *m, enum report_form form, struct blob *out)
{
	struct view_memory *past = NULL;
	struct view v;
	enum am_err err;

	AM_TRY(view_memory_new(&past));
	v = view_memory(past);
	err = rebuild_first(d->session, t, m->size, &v);
	if (err == AM_OK)
		err = make(d, t, &v, number, m, form, out);
	view_memory_free(past);
	return err;
}

AM_RESULT
report_make(struct desk *d, const char *id, const char *version, uint64_t size,
    int64_t at, enum report_form form, struct blob *out)
{
	const struct making m = { version, size, at };
	const uint32_t number =
	    incident_number((struct bytes){ (const uint8_t *)id, strlen(id) });
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	return size != 0 ? make_past(d, t, number, &m, form, out)
			 : make(d, t, &v, number, &m, form, out);
}

AM_RESULT
report_hash(struct desk *d, const char *id, const char *version,
    struct breach_hashes *out)
{
	const int64_t now = session_now(d->session);
	blob_auto json = { 0 }, md = { 0 };
	struct bytes part;

	AM_TRY(report_make(d, id, version, 0, now, REPORT_JSON, &json));
	AM_TRY(report_make(d, id, version, 0, now, REPORT_MD, &md));
	part = blob_bytes(&json);
	hash_sha256(&part, 1, out->json);
	part = blob_bytes(&md);
	hash_sha256(&part, 1, out->md);
	out->at = now;
	return AM_OK;
}

/* Why the bytes are others than those of which the log has the hash: `at` is
 * when the report was made. */
static AM_RESULT
say_other(struct desk *d, const struct rows_incident *i, int64_t at)
{
	store_txn_auto *t = NULL;
	delayed_auto text = { 0 };

	if (i->sealed_until != 0) {
		AM_TRY(store_begin(d->session->store, false, &t));
		AM_TRY(delayed_read(t, i->sealed, i->sealed_until, at, &text));
	}
	if (text.is == DELAYED_LOST)
		return why_say(&d->why, AM_ERR_VERIFY, "O-6",
		    "the report that was sent has the text that was sealed, "
		    "and that is missing in this vault, or was altered; a "
		    "backup of before has it");
	return why_say(&d->why, AM_ERR_VERIFY, "O-6",
	    "this is not the report that was sent: its hash is another "
	    "one than that in the log");
}

AM_RESULT
report_again(struct desk *d, const char *id, enum incident_report report,
    enum report_form form, struct blob *out)
{
	const char *name = breach_report_name(report);
	const struct json_t *data = NULL;
	statement_auto st = { 0 };
	store_txn_auto *t = NULL;
	uint8_t want[32], have[32];
	struct rows_incident i;
	struct bytes part;

	AM_TRY(breach_find(d->session, id, &i));
	if (incident_sent(&i, report) == 0)
		return why_say(&d->why, AM_ERR_NOT_FOUND, "O-6",
		    "the report '%s' was not sent; 'amanat incident note %s "
		    "--sent %s' records it",
		    name, id, name);
	AM_TRY(store_begin(d->session->store, false, &t));
	AM_TRY(lookup_statement(t, incident_sent(&i, report), &d->why, &st));
	AM_TRY(canon_get_object(st.body, "data", &data));
	AM_TRY(canon_get_hex(
	    data, form == REPORT_MD ? "md" : "json", want, sizeof(want)));
	store_abort(&t);
	AM_TRY(report_make(d, id, name, st.head_size, st.at, form, out));
	part = blob_bytes(out);
	hash_sha256(&part, 1, have);
	return same(want, have, 32) ? AM_OK : say_other(d, &i, st.at);
}
