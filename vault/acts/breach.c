#include "vault/acts/breach.h"

#include "policy/levels.h"
#include "vault/acts/attach.h"
#include "vault/acts/delayed.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/acts/suspend.h"
#include "vault/base/when.h"

enum { HOUR = 3600, TEXT_MAX = 256 };

static const uint8_t none[32];

static bool
is_none(const uint8_t *id, size_t len)
{
	return bytes_same(
	    (struct bytes){ id, len }, (struct bytes){ none, len });
}

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* ---- entries */

/* One entry of the register, of the instant `at`; takes over `data`. */
static AM_RESULT
add_entry(struct post *p, const struct session_key *k, int64_t at,
    uint32_t number, uint32_t version, struct json_t *data)
{
	const struct post_when when = { at, p->s->head };
	canon_auto *owned = data, *body = NULL, *item = canon_object();
	char id[16];

	(void)snprintf(id, sizeof(id), "i-%u", number);
	AM_TRY(canon_set(item, "id", canon_str(id)));
	AM_TRY(canon_set(item, "type", canon_str("incident")));
	AM_TRY(post_body_at(p->s, &when, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(version)));
	AM_TRY(canon_set(body, "data", AM_TAKE(owned)));
	return post_add(
	    p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len });
}

/* ... of now, signed and posted. */
static AM_RESULT
post_entry(struct session *s, const struct session_key *k, uint32_t number,
    uint32_t version, struct json_t *data, const char *what)
{
	canon_auto *owned = data;
	post_auto p = { .s = s };

	AM_TRY(
	    add_entry(&p, k, session_now(s), number, version, AM_TAKE(owned)));
	return post_all(&p, k, what);
}

static AM_RESULT
set_when(struct json_t *data, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	return canon_set(data, key, canon_str(text));
}

/* An id in hex, "" for none. */
static AM_RESULT
set_named(struct json_t *data, const char *key, const uint8_t *id, size_t len)
{
	return canon_set(data, key,
	    is_none(id, len) ? canon_str("")
			     : canon_hex((struct bytes){ id, len }));
}

/* ---- opening */

static AM_RESULT
find_named(
    struct session *s, const struct breach_wish *w, struct rows_incident *i)
{
	struct suspend_subject key;
	struct rows_record c;
	struct rows_safe safe;
	struct rows_person p;

	if (w->credential != NULL) {
		AM_TRY(lookup_record(s, w->credential, &safe, &c));
		memcpy(i->record, c.record, sizeof(i->record));
	}
	if (w->person != NULL) {
		AM_TRY(lookup_person(s, w->person, &p));
		memcpy(i->person, p.person, sizeof(i->person));
	}
	if (w->token != NULL) {
		AM_TRY(suspend_find(s, w->token, NULL, &key));
		memcpy(i->token, key.key.token, sizeof(i->token));
	}
	return AM_OK;
}

/* A text that nobody may read yet is at least there, and not for long. */
static AM_RESULT
check_quiet(struct session *s, const struct breach_wish *w)
{
	const char *fault = quiet_fault(session_now(s), w->quiet);

	if (w->cause[0] == '\0')
		return why_say(s->why, AM_ERR_INVALID, "X-19",
		    "--quiet seals the cause, and none is given");
	return fault == NULL
	    ? AM_OK
	    : why_say(s->why, AM_ERR_INVALID, "X-19", "%s", fault);
}

AM_RESULT
breach_check(struct session *s, const struct breach_wish *w)
{
	struct rows_incident i = { 0 };

	if (w->quiet != 0)
		AM_TRY(check_quiet(s, w));
	if (w->cause[0] != '\0')
		AM_TRY(motion_check_text(s, w->cause));
	if (w->discovered > session_now(s))
		return why_say(s->why, AM_ERR_INVALID, "O-4",
		    "an incident is recorded after it was discovered");
	return find_named(s, w, &i);
}

/* The cause, or its hash; then the text goes to `p`, and is kept in `d`. */
static AM_RESULT
set_cause(const struct breach_wish *w, struct json_t *data, struct post *p,
    struct delayed *d, uint8_t sealed[static 32])
{
	if (w->quiet == 0)
		return canon_set(data, "cause", canon_str(w->cause));
	AM_TRY(delayed_seal(text_of(w->cause), d, sealed));
	delayed_keep(p, sealed, d);
	AM_TRY(
	    canon_set(data, "sealed", canon_hex((struct bytes){ sealed, 32 })));
	return set_when(data, "until", w->quiet);
}

AM_RESULT
breach_open(struct session *s, const struct session_key *k,
    const struct breach_wish *w, uint32_t *out)
{
	canon_auto *data = canon_object();
	struct rows_incident i = { 0 };
	delayed_auto d = { 0 };
	post_auto p = { .s = s };

	AM_TRY(find_named(s, w, &i));
	i.number = s->vault.incidents + 1;
	AM_TRY(set_cause(w, data, &p, &d, i.sealed));
	AM_TRY(set_when(data, "discovered", w->discovered));
	AM_TRY(canon_set(data, "freeze", canon_bool(w->freeze)));
	AM_TRY(set_named(data, "credential", i.record, 16));
	AM_TRY(set_named(data, "person", i.person, 16));
	AM_TRY(set_named(data, "token", i.token, 32));
	AM_TRY(add_entry(&p, k, session_now(s), i.number, 1, AM_TAKE(data)));
	AM_TRY(post_all(&p, k,
	    w->freeze ? "to sign the incident and its freeze"
		      : "to sign the incident"));
	*out = i.number;
	return AM_OK;
}

AM_RESULT
breach_find(struct session *s, const char *id, struct rows_incident *out)
{
	const uint32_t n = incident_number(text_of(id));
	store_txn_auto *t = NULL;
	struct view v;

	if (n == 0 || n > s->vault.incidents)
		return why_say(s->why, AM_ERR_NOT_FOUND, "O-3",
		    "no incident '%s'; 'amanat incident list' shows which "
		    "there are",
		    id);
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	return incident_get(&v, n, out);
}

/* ---- following */

AM_RESULT
breach_note_check(struct session *s, const struct breach_note *n)
{
	uint8_t all[ATTACH_MAX][32];
	struct rows_incident i = { 0 };
	struct rows_person p;

	AM_TRY(breach_find(s, n->id, &i));
	AM_TRY(motion_check_text(s, n->what));
	if (n->owner != NULL)
		AM_TRY(lookup_person(s, n->owner, &p));
	return attach_hash(s, n->files, n->count, "O-5", all);
}

static AM_RESULT
add_reaction(struct session *s, const struct session_key *k,
    const struct breach_note *n, const struct rows_incident *i)
{
	canon_auto *data = canon_object();
	struct rows_person p;

	AM_TRY(lookup_person(s, n->owner, &p));
	AM_TRY(canon_set(data, "of", canon_str("reaction")));
	AM_TRY(canon_set(data, "note", canon_str(n->what)));
	AM_TRY(set_when(data, "due", n->due));
	AM_TRY(canon_set(
	    data, "owner", canon_hex((struct bytes){ p.person, 16 })));
	return post_entry(s, k, i->number, i->version + 1, AM_TAKE(data),
	    "to sign the reaction");
}

AM_RESULT
breach_note_add(
    struct session *s, const struct session_key *k, const struct breach_note *n)
{
	canon_auto *data = canon_object(), *list = NULL;
	uint8_t all[ATTACH_MAX][32];
	struct rows_incident i = { 0 };

	AM_TRY(breach_find(s, n->id, &i));
	if (n->owner != NULL)
		return add_reaction(s, k, n, &i);
	AM_TRY(attach_hash(s, n->files, n->count, "O-5", all));
	AM_TRY(attach_list(all, n->count, &list));
	AM_TRY(
	    canon_set(data, "of", canon_str(n->done != 0 ? "done" : "fact")));
	if (n->done != 0)
		AM_TRY(canon_set(data, "reaction", canon_uint(n->done)));
	AM_TRY(canon_set(data, "note", canon_str(n->what)));
	AM_TRY(canon_set(data, "evidence", AM_TAKE(list)));
	return post_entry(
	    s, k, i.number, i.version + 1, AM_TAKE(data), "to sign the note");
}

static const char *const reports[INCIDENT_REPORTS] = { "first", "detail",
	"final" };

const char *
breach_report_name(enum incident_report report)
{
	return reports[report];
}

AM_RESULT
breach_report_read(const char *name, enum incident_report *out)
{
	for (unsigned i = 0; i < INCIDENT_REPORTS; i++)
		if (strcmp(name, reports[i]) == 0) {
			*out = (enum incident_report)i;
			return AM_OK;
		}
	return AM_ERR_INVALID;
}

AM_RESULT
breach_sent(struct session *s, const struct session_key *k, const char *id,
    enum incident_report report, const struct breach_hashes *h)
{
	canon_auto *data = canon_object();
	post_auto p = { .s = s };
	struct rows_incident i = { 0 };

	AM_TRY(breach_find(s, id, &i));
	AM_TRY(canon_set(data, "of", canon_str("sent")));
	AM_TRY(canon_set(data, "report", canon_str(reports[report])));
	AM_TRY(
	    canon_set(data, "json", canon_hex((struct bytes){ h->json, 32 })));
	AM_TRY(canon_set(data, "md", canon_hex((struct bytes){ h->md, 32 })));
	AM_TRY(add_entry(&p, k, h->at, i.number, i.version + 1, AM_TAKE(data)));
	return post_all(&p, k, "to sign that the report is sent");
}

/* ---- closing */

AM_RESULT
breach_close(struct session *s, const struct session_key *k, const char *id,
    const char *reason)
{
	canon_auto *data = canon_object();
	struct rows_incident i = { 0 };

	AM_TRY(breach_find(s, id, &i));
	AM_TRY(canon_set(data, "of", canon_str("closed")));
	AM_TRY(canon_set(data, "reason", canon_str(reason)));
	return post_entry(s, k, i.number, i.version + 1, AM_TAKE(data),
	    "to sign that it is closed");
}

AM_RESULT
breach_lift(struct session *s, const struct session_key *k, const char *id,
    const char *reason, struct motion_view *out)
{
	canon_auto *act = canon_object(), *what = canon_object();

	AM_TRY(canon_set(what, "incident", canon_str(id)));
	AM_TRY(canon_set(act, "unfreeze", AM_TAKE(what)));
	return motion_move(s, k, AM_TAKE(act), reason, out);
}

/* ---- the clock */

AM_RESULT
breach_level(const struct view *v, const struct rows_vault *vault,
    const struct rows_incident *i, char out[static ROWS_ID_MAX + 1])
{
	struct rows_record c = { 0 };
	int strictest = -1;

	out[0] = '\0';
	if (!is_none(i->record, 16))
		AM_TRY(rows_get_record(v, (struct bytes){ i->record, 16 }, &c));
	for (uint32_t n = 0; n < vault->safes; n++) {
		const struct rows_key key = rows_key_u32(n);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(rows_index_get(v, "safe-n", rows_key(&key), id, 16));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		if (!is_none(i->record, 16) &&
		    !bytes_same(
			(struct bytes){ id, 16 }, (struct bytes){ c.safe, 16 }))
			continue;
		if ((int)levels_held_to(s.level) > strictest)
			strictest = (int)levels_held_to(s.level);
	}
	if (strictest >= 0)
		(void)snprintf(
		    out, ROWS_ID_MAX + 1, "%s", levels_name((size_t)strictest));
	return AM_OK;
}

AM_RESULT
breach_clock_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_incident *i, struct breach_clock *out)
{
	char level[ROWS_ID_MAX + 1];
	bool later = false;
	struct limits l;

	AM_TRY(breach_level(v, vault, i, level));
	AM_TRY(limits_of(v, level, &l));
	out->at[INCIDENT_FIRST] = i->discovered + l.is.breach_first;
	out->at[INCIDENT_DETAIL] = i->discovered + l.is.breach_detail;
	out->at[INCIDENT_FINAL] = i->discovered + l.is.breach_final;
	for (int n = INCIDENT_FINAL; n >= INCIDENT_FIRST; n--) {
		later |= incident_sent(i, (enum incident_report)n) != 0;
		out->owed[n] = !later &&
		    (i->status == ROWS_INCIDENT_OPEN || i->first_leaf != 0 ||
			i->detail_leaf != 0);
	}
	return AM_OK;
}

/* "within 3 h", "5 h late"; begun hours count as whole ones when they are
 * late, and not when they are left. */
static void
hours_text(int64_t left, char *out, size_t size)
{
	if (left >= 0)
		(void)snprintf(
		    out, size, "%lld h left", (long long)(left / HOUR));
	else
		(void)snprintf(out, size, "%lld h late",
		    (long long)((-left + HOUR - 1) / HOUR));
}

static AM_RESULT
due_reports(struct due *d, const struct rows_incident *i)
{
	static const char *const names[INCIDENT_REPORTS] = { "first notice",
		"details", "final report" };
	char what[TEXT_MAX], next[TEXT_MAX], hours[48];
	struct breach_clock clock;

	AM_TRY(breach_clock_of(d->v, &d->s->vault, i, &clock));
	for (unsigned n = 0; n < INCIDENT_REPORTS; n++) {
		if (!clock.owed[n])
			continue;
		hours_text(clock.at[n] - d->now, hours, sizeof(hours));
		(void)snprintf(what, sizeof(what), "incident i-%u: %s, %s",
		    i->number, names[n], hours);
		(void)snprintf(next, sizeof(next),
		    "amanat incident note i-%u --sent %s", i->number,
		    reports[n]);
		AM_TRY(due_add(d, clock.at[n], NULL, what, next));
	}
	return AM_OK;
}

static AM_RESULT
due_reactions(struct due *d, const struct rows_incident *i)
{
	char what[TEXT_MAX], next[TEXT_MAX];

	for (uint32_t n = 1; i->reactions_open > 0 && n <= i->reactions; n++) {
		struct rows_reaction x;

		AM_TRY(incident_reaction(d->v, i->number, n, &x));
		if (x.done_leaf != 0)
			continue;
		(void)snprintf(what, sizeof(what),
		    "incident i-%u: reaction %u is not done", i->number, n);
		(void)snprintf(next, sizeof(next),
		    "amanat incident note i-%u --done %u --what TEXT",
		    i->number, n);
		AM_TRY(due_add(d, x.due, x.owner, what, next));
	}
	return AM_OK;
}

enum am_err
breach_due(struct due *d)
{
	for (uint32_t n = 1; n <= d->s->vault.incidents; n++) {
		struct rows_incident i;

		AM_TRY(incident_get(d->v, n, &i));
		AM_TRY(due_reports(d, &i));
		AM_TRY(due_reactions(d, &i));
	}
	return AM_OK;
}
