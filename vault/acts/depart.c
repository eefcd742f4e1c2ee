#include "vault/acts/depart.h"

#include "vault/acts/leaver.h"
#include "vault/acts/limits.h"
#include "vault/acts/lookup.h"
#include "vault/acts/owed.h"
#include "vault/acts/post.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/state/keyring.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"

static const uint8_t none[32];

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

/* ---- recording */

static AM_RESULT
check_words(struct session *s, const struct depart_wish *w)
{
	static const char *const kinds[] = { "transfer", "resignation",
		"contract-end", "retirement", "dismissal", "deceased" };
	const struct bytes reason = { (const uint8_t *)w->reason,
		strlen(w->reason) };
	bool known = false;

	for (size_t i = 0; i < AM_ARRAY_LEN(kinds); i++)
		known |= strcmp(kinds[i], w->kind) == 0;
	if (!known)
		return why_say(s->why, AM_ERR_INVALID, "V08",
		    "--kind is transfer, resignation, contract-end, "
		    "retirement, dismissal or deceased");
	if (reason.len == 0 || reason.len > 1024 || !canon_text_ok(reason))
		return why_say(s->why, AM_ERR_INVALID, "R2.10",
		    "a reason has 1 to 1024 bytes of plain text, without "
		    "control characters");
	return AM_OK;
}

AM_RESULT
depart_check(struct session *s, const struct depart_wish *w)
{
	struct rows_person p;

	AM_TRY(check_words(s, w));
	AM_TRY(lookup_person(s, w->person, &p));
	if (p.departure != 0)
		return why_say(s->why, AM_ERR_EXISTS, "V08",
		    "the departure of '%s' is recorded already; 'amanat "
		    "depart --status %s' shows what is open",
		    w->person, w->person);
	return AM_OK;
}

static AM_RESULT
add_suspend(struct post *p, const struct session_key *k,
    const struct post_when *when, const struct rows_person *who,
    const char *reason)
{
	canon_auto *body = NULL;

	AM_TRY(post_body_at(p->s, when, "suspend", k->row.person, &body));
	AM_TRY(canon_set(
	    body, "subject", canon_hex((struct bytes){ who->person, 16 })));
	AM_TRY(canon_set(body, "why", canon_str(reason)));
	return post_add(
	    p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len });
}

/* Takes over `data`. */
static AM_RESULT
add_entry(struct post *p, const struct session_key *k,
    const struct post_when *when, const struct rows_person *who,
    uint32_t version, struct json_t *data)
{
	canon_auto *owned = data, *body = NULL, *item = canon_object();

	AM_TRY(canon_set(item, "id", canon_str(who->id)));
	AM_TRY(canon_set(item, "type", canon_str("departure")));
	AM_TRY(post_body_at(p->s, when, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(version)));
	AM_TRY(canon_set(body, "data", AM_TAKE(owned)));
	return post_add(
	    p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len });
}

AM_RESULT
depart_data(struct session *s, const struct session_key *k,
    const struct depart_wish *w, struct json_t **out)
{
	char effective[WHEN_TEXT_LEN + 1];
	canon_auto *data = canon_object();
	struct rows_person who;

	AM_TRY(lookup_person(s, w->person, &who));
	if (same(who.person, k->row.person, 16))
		return why_say(s->why, AM_ERR_POLICY, "V22",
		    "nobody records their own departure: who is suspended "
		    "signs nothing; a colleague does it, with any key");
	when_text(w->effective, effective);
	AM_TRY(canon_set(data, "effective", canon_str(effective)));
	AM_TRY(canon_set(data, "kind", canon_str(w->kind)));
	AM_TRY(canon_set(
	    data, "person", canon_hex((struct bytes){ who.person, 16 })));
	AM_TRY(canon_set(data, "reason", canon_str(w->reason)));
	*out = AM_TAKE(data);
	return AM_OK;
}

AM_RESULT
depart_record(
    struct session *s, const struct session_key *k, const struct depart_wish *w)
{
	const struct post_when now = { session_now(s), s->head };
	canon_auto *data = NULL;
	post_auto p = { .s = s };
	struct rows_person who;

	AM_TRY(depart_check(s, w));
	AM_TRY(lookup_person(s, w->person, &who));
	AM_TRY(depart_data(s, k, w, &data));
	if (w->quiet != NULL) {
		AM_TRY(canon_set(data, "quiet", canon_str(w->quiet)));
		AM_TRY(canon_set(data, "salt", canon_hex(w->salt)));
	}
	if (who.suspended == ROWS_FREE)
		AM_TRY(add_suspend(&p, k, &now, &who, w->reason));
	AM_TRY(add_entry(&p, k, &now, &who, 1, AM_TAKE(data)));
	return post_all(&p, k, "to record the departure");
}

/* ---- what the log says */

void
depart_free(struct depart *d)
{
	statement_free(&d->entry);
}

static AM_RESULT
entry_leaf(const struct view *v, const struct rows_person *p, uint32_t version,
    uint64_t *out)
{
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ p->person, 16 }, version);
	uint8_t leaf[8];

	AM_TRY(
	    rows_index_get(v, "departure", rows_key(&key), leaf, sizeof(leaf)));
	*out = rows_get_be64(leaf);
	return AM_OK;
}

static AM_RESULT
read_entry(struct session *s, struct store_txn *t, struct depart *d)
{
	const struct view v = view_store(t);
	const struct json_t *data = NULL;
	struct bytes quiet = { 0 };

	AM_TRY(entry_leaf(&v, &d->person, 1, &d->leaf));
	AM_TRY(lookup_statement(t, d->leaf, s->why, &d->entry));
	AM_TRY(canon_get_object(d->entry.body, "data", &data));
	AM_TRY(canon_get_when(data, "effective", &d->effective));
	AM_TRY(canon_get_text(data, "kind", &d->kind));
	AM_TRY(canon_get_text(data, "reason", &d->reason));
	d->at = d->entry.at;
	if (canon_get_text(data, "quiet", &quiet) == AM_OK)
		AM_TRY(quiet_get(&v, rows_number('q', quiet), &d->quiet));
	return lookup_person_name(&v, d->entry.by, d->by);
}

/* Since when the person can do nothing; 0: a quorum has let him back. */
static AM_RESULT
read_suspension(struct session *s, struct store_txn *t, struct depart *d)
{
	statement_auto suspend = { 0 };

	if (d->person.suspended == ROWS_FREE)
		return AM_OK;
	AM_TRY(lookup_statement(t, d->person.suspended_leaf, s->why, &suspend));
	d->suspended_at = suspend.at;
	return AM_OK;
}

static AM_RESULT
read_close(struct session *s, struct store_txn *t, struct depart *d)
{
	const struct view v = view_store(t);
	const struct json_t *data = NULL;
	statement_auto close = { 0 };

	if (d->person.departure < 2)
		return AM_OK;
	AM_TRY(entry_leaf(&v, &d->person, 2, &d->close_leaf));
	AM_TRY(lookup_statement(t, d->close_leaf, s->why, &close));
	AM_TRY(canon_get_object(close.body, "data", &data));
	AM_TRY(canon_get_hex(data, "certificate", d->certificate, 32));
	memcpy(d->close_id, close.id, sizeof(d->close_id));
	memcpy(d->close_head.root, close.head_root, 32);
	d->close_head.size = close.head_size;
	d->closed_at = close.at;
	return AM_OK;
}

static AM_RESULT
nth_safe(const struct view *v, uint32_t i, struct rows_safe *out)
{
	const struct rows_key n = rows_key_u32(i);
	uint8_t id[16];

	AM_TRY(rows_index_get(v, "safe-n", rows_key(&n), id, sizeof(id)));
	return rows_get_safe(v, (struct bytes){ id, 16 }, out);
}

/* A person may be asked for anything in any safe, so the strictest counts. */
static AM_RESULT
find_limit(struct session *s, const struct view *v, struct depart *d)
{
	const bool cause = bytes_same(
	    d->kind, (struct bytes){ (const uint8_t *)"dismissal", 9 });
	struct limits l;

	AM_TRY(limits_of(v, "baseline", &l));
	d->suspend_limit = l.is.depart_suspend;
	for (uint32_t i = 0; i < s->vault.safes; i++) {
		struct rows_safe safe;
		int64_t limit;

		AM_TRY(nth_safe(v, i, &safe));
		AM_TRY(limits_of(v, safe.level, &l));
		limit =
		    cause ? l.is.depart_suspend_for_cause : l.is.depart_suspend;
		if (limit < d->suspend_limit)
			d->suspend_limit = limit;
	}
	return AM_OK;
}

static AM_RESULT
load(struct session *s, struct depart *d)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(read_entry(s, t, d));
	AM_TRY(read_suspension(s, t, d));
	AM_TRY(read_close(s, t, d));
	return find_limit(s, &v, d);
}

AM_RESULT
depart_find(struct session *s, const char *id, struct depart *out)
{
	AM_TRY(lookup_person(s, id, &out->person));
	if (out->person.departure == 0)
		return why_say(s->why, AM_ERR_NOT_FOUND, "V08",
		    "'%s' has not left; 'amanat depart %s --effective TIME "
		    "--kind KIND --reason TEXT' records it",
		    id, id);
	return load(s, out);
}

/* ---- what is open */

struct opens {
	struct session *s;
	const struct view *v;
	const struct depart *d;
	depart_open_fn *fn;
	void *arg;
};

static AM_RESULT
tell(const struct opens *o, struct depart_open *one, int64_t limit)
{
	one->due = o->d->effective + limit;
	one->overdue = session_now(o->s) > one->due;
	return o->fn(o->arg, one);
}

static AM_RESULT
tell_free(const struct opens *o)
{
	struct depart_open one = { .what = DEPART_FREE };
	const char *id = o->d->person.id;

	if (o->d->person.suspended != ROWS_FREE)
		return AM_OK;
	(void)snprintf(
	    one.text, sizeof(one.text), "'%s' is not suspended any more", id);
	(void)snprintf(one.next, sizeof(one.next),
	    "amanat token suspend --person %s --reason TEXT", id);
	return tell(o, &one, o->d->suspend_limit);
}

AM_RESULT
depart_next_custody(struct session *s, const char *person, uint32_t *at,
    struct depart_custody *out)
{
	store_txn_auto *t = NULL;
	struct rows_person p;
	struct view v;

	AM_TRY(lookup_person(s, person, &p));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	for (; *at / 2 < s->vault.safes; ++*at) {
		struct depart_custody c = { .recovery = *at % 2 != 0 };
		struct rows_manifest m;
		struct rows_safe safe;
		const uint8_t *M;

		AM_TRY(nth_safe(&v, *at / 2, &safe));
		M = c.recovery ? safe.recovery : safe.manifest;
		if (same(M, none, 32))
			continue;
		AM_TRY(rows_get_manifest(&v, (struct bytes){ M, 32 }, &m));
		if (manifest_position(m.members, m.n, p.person) < 0)
			continue;
		memcpy(c.safe, safe.id, sizeof(c.safe));
		*out = c;
		++*at;
		return AM_OK;
	}
	return AM_ERR_NOT_FOUND;
}

/* The custodians who stay, comma separated. With too few of them for k, a
 * place is left for somebody new. */
static AM_RESULT
who_stays(
    const struct opens *o, const struct rows_manifest *m, char *out, size_t cap)
{
	size_t len = 0, stay = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct rows_person p;

		AM_TRY(rows_get_person(
		    o->v, (struct bytes){ m->members[i].person, 16 }, &p));
		if (p.departure != 0 || p.suspended != ROWS_FREE)
			continue;
		len += (size_t)snprintf(
		    out + len, cap - len, "%s%s", stay++ > 0 ? "," : "", p.id);
	}
	/* so many that k is below n, and n at least 3 */
	for (size_t need = m->k + 1U > 3 ? m->k + 1U : 3; stay < need; stay++)
		len += (size_t)snprintf(
		    out + len, cap - len, "%sSUCCESSOR", stay > 0 ? "," : "");
	return AM_OK;
}

/* `cap` of who_stays: 16 ids of 32 bytes and their commas. */
enum { STAYERS_MAX = ROWS_N_MAX * (ROWS_ID_MAX + 1) + 100 };

/* What to type: go on with the plan that leaves them out, or make it. */
static AM_RESULT
next_of_custody(const struct opens *o, const struct rows_safe *safe,
    const struct rows_manifest *m, struct depart_open *one)
{
	const bool recovery = m->committee == ROWS_RECOVERY;
	char stay[STAYERS_MAX];
	struct owed_plan p;

	AM_TRY(owed_plan_of(o->v, safe, m->committee, session_now(o->s), &p));
	if (p.state == OWED_OPEN &&
	    manifest_position(p.plan.members, p.plan.n, o->d->person.person) <
		0) {
		(void)snprintf(one->next, sizeof(one->next),
		    "its next custodians: amanat safe join %s", safe->id);
		return AM_OK;
	}
	AM_TRY(who_stays(o, m, stay, sizeof(stay)));
	(void)snprintf(one->next, sizeof(one->next),
	    "amanat safe reshare %s%s --custodians %s --reason '%s has left'",
	    safe->id, recovery ? " --recovery" : "", stay, o->d->person.id);
	return AM_OK;
}

static AM_RESULT
tell_custody(const struct opens *o, const struct rows_safe *safe,
    const uint8_t M[static 32], bool recovery)
{
	struct depart_open one = { .what = DEPART_CUSTODY };
	struct limits l;
	struct rows_manifest m;

	if (same(M, none, 32))
		return AM_OK;
	AM_TRY(rows_get_manifest(o->v, (struct bytes){ M, 32 }, &m));
	if (manifest_position(m.members, m.n, o->d->person.person) < 0)
		return AM_OK;
	(void)snprintf(one.text, sizeof(one.text),
	    "safe '%s': '%s' is still one of its %u %scustodians (quorum %u)",
	    safe->id, o->d->person.id, m.n, recovery ? "recovery " : "", m.k);
	AM_TRY(next_of_custody(o, safe, &m, &one));
	AM_TRY(limits_of(o->v, safe->level, &l));
	return tell(o, &one, l.is.depart_reshare);
}

static AM_RESULT
each_custody(const struct opens *o)
{
	for (uint32_t i = 0; i < o->s->vault.safes; i++) {
		struct rows_safe safe;

		AM_TRY(nth_safe(o->v, i, &safe));
		AM_TRY(tell_custody(o, &safe, safe.manifest, false));
		AM_TRY(tell_custody(o, &safe, safe.recovery, true));
	}
	return AM_OK;
}

static void
say_next(const struct exposed *e, struct depart_open *one)
{
	char todo[EXPOSED_TODO_MAX];

	exposed_todo(e->path, &e->record, e->version, todo);
	if (e->version == e->record.version)
		(void)snprintf(one->next, sizeof(one->next), "%s", todo);
	else
		(void)snprintf(one->next, sizeof(one->next), "%s%s%s", todo,
		    e->first_id[0] != '\0' ? ", with another key than that of "
					   : ", by two people",
		    e->first_id);
}

static enum am_err
tell_exposure(void *arg, const struct exposed *e)
{
	const struct opens *o = arg;
	struct depart_open one = { .what = DEPART_EXPOSURE };
	struct limits l;

	if (e->state != EXPOSURE_OPEN)
		return AM_OK;
	(void)snprintf(one.text, sizeof(one.text),
	    "'%s' version %u, which '%s' %s, must be rotated%s", e->path,
	    e->version, e->who, e->opened ? "opened" : "deposited",
	    e->first_id[0] != '\0' ? ": a second signer is missing" : "");
	say_next(e, &one);
	AM_TRY(limits_of(o->v, e->safe.level, &l));
	return tell(o, &one, l.is.depart_rotate);
}

AM_RESULT
depart_each_open(struct session *s, const struct view *v,
    const struct depart *d, depart_open_fn *fn, void *arg)
{
	const struct exposed_filter f = { .person = d->person.person };
	struct opens o = { s, v, d, fn, arg };

	if (d->person.departure != 1)
		return AM_OK;
	AM_TRY(tell_free(&o));
	AM_TRY(each_custody(&o));
	return exposed_each(s, v, &f, tell_exposure, &o);
}

/* ---- what else it touched */

static AM_RESULT
look_at_request(const struct view *v, int64_t now, const struct rows_request *q,
    const struct rows_person *p, depart_request_fn *fn, void *arg)
{
	struct depart_request out = { .number = q->number, .k = q->need };
	bool approved = false, counted = false;

	out.asked = same(q->by, p->person, 16);
	for (size_t i = 0; i < q->approval_count; i++) {
		approved |= same(q->approvals[i].person, p->person, 16);
		AM_TRY(predicate_counts(v, &q->approvals[i], now, &counted));
		out.approvals += counted ? 1 : 0;
	}
	return approved || out.asked ? fn(arg, &out) : AM_OK;
}

/* Requests live 72 hours, so the newest ones are enough. */
AM_RESULT
depart_each_request(struct session *s, const struct view *v,
    const struct rows_person *p, depart_request_fn *fn, void *arg)
{
	const int64_t now = session_now(s), oldest = now - (int64_t)72 * 3600;

	for (uint32_t i = s->vault.requests; i > 0; i--) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    v, "request-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_request(v, (struct bytes){ id, 32 }, &q));
		if (q.at < oldest)
			break;
		if (q.status == ROWS_OPEN && q.until > now)
			AM_TRY(look_at_request(v, now, &q, p, fn, arg));
	}
	return AM_OK;
}

AM_RESULT
depart_each_key(const struct view *v, const struct rows_person *p,
    depart_key_fn *fn, void *arg)
{
	struct rows_token t;
	enum am_err err;

	for (uint32_t i = 0; (err = keyring_nth(v, p->person, i, &t)) == AM_OK;
	     i++)
		if (t.status == ROWS_ACTIVE)
			AM_TRY(fn(arg, &t));
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* ---- closing */

static enum am_err
count_open(void *arg, const struct depart_open *o)
{
	unsigned *n = arg;

	(void)o;
	*n += 1;
	return AM_OK;
}

static AM_RESULT
hash_certificate(struct session *s, const struct depart *d,
    const struct post_when *when, uint8_t out[static 32])
{
	const struct leaver_as_of as_of = { when->head, when->at, true };
	blob_auto text = { 0 };
	store_txn_auto *t = NULL;
	struct bytes b;
	unsigned open = 0;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(depart_each_open(s, &v, d, count_open, &open));
	if (open > 0)
		return why_say(s->why, AM_ERR_POLICY, "X-10",
		    "%u thing%s still open; 'amanat depart --status %s' names "
		    "them with the next steps",
		    open, open == 1 ? " is" : "s are", d->person.id);
	AM_TRY(leaver_certificate(s, t, d, &as_of, &text));
	b = blob_bytes(&text);
	hash_sha256(&b, 1, out);
	return AM_OK;
}

AM_RESULT
depart_close(struct session *s, const struct session_key *k, const char *id)
{
	const struct post_when now = { session_now(s), s->head };
	canon_auto *data = canon_object();
	post_auto p = { .s = s };
	depart_auto d = { 0 };
	uint8_t hash[32];

	AM_TRY(depart_find(s, id, &d));
	if (d.person.departure != 1)
		return why_say(s->why, AM_ERR_POLICY, "V08",
		    "the departure of '%s' is closed; 'amanat depart "
		    "--certificate %s' prints its certificate",
		    id, id);
	AM_TRY(hash_certificate(s, &d, &now, hash));
	AM_TRY(canon_set(
	    data, "certificate", canon_hex((struct bytes){ hash, 32 })));
	AM_TRY(add_entry(&p, k, &now, &d.person, 2, AM_TAKE(data)));
	return post_all(&p, k, "to close the departure");
}
