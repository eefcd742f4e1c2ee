#include "cli/needs.h"

#include "cli/actwords.h"
#include "cli/out.h"
#include "cli/request.h"
#include "vault/acts/approve.h"
#include "vault/acts/lookup.h"
#include "vault/acts/missing.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"

static void
field(const char *label, const struct blob *text)
{
	out_field(stdout, label, blob_bytes(text));
}

static const char *
part_text(enum missing_part part)
{
	switch (part) {
	case MISSING_COULD:
		return "could approve now";
	case MISSING_LATER:
		return "could approve after the cool-off";
	case MISSING_APPROVED:
		return "has approved";
	case MISSING_DECLINED:
		return "has declined";
	case MISSING_ASKER:
		return "asks, and does not approve";
	case MISSING_OUT:
		return "departed, suspended or without a key";
	case MISSING_UNFIT:
		return "key not as the level asks";
	case MISSING_UNPOSTED:
		return "appointment over";
	case MISSING_ABSENT:
		return "absent";
	case MISSING_OTHERS_FIRST:
		return "after one of a required post";
	}
	return "";
}

/* "approved: dau (audit), jda" of those who stand like that. */
static AM_RESULT
people(const struct missing *m, enum missing_part part, struct blob *out)
{
	for (size_t i = 0; i < m->person_count; i++)
		if (m->people[i].part == part)
			AM_TRY(blob_printf(out, "%s%s",
			    out->len > 0 ? ", " : "", m->people[i].id));
	return AM_OK;
}

static AM_RESULT
say_groups(const struct missing *m)
{
	blob_auto text = { 0 };

	AM_TRY(missing_groups(m, &text));
	if (text.len > 0)
		field("still needed", &text);
	return AM_OK;
}

static AM_RESULT
say_all(const struct missing *m)
{
	blob_auto count = { 0 };
	bool first = true;

	AM_TRY(blob_printf(&count, "%u of %u%s", m->have, m->need,
	    m->enough ? ": enough, it may be opened" : ""));
	field("approvals", &count);
	if (m->cooloff_end != 0) {
		blob_auto text = { 0 };
		char until[32];

		desk_time(m->cooloff_end, until);
		AM_TRY(blob_printf(&text,
		    "until %s; it is approved after that, and can be declined "
		    "now",
		    until));
		field("cool-off", &text);
	}
	AM_TRY(say_groups(m));
	for (enum missing_part part = MISSING_COULD;
	     part <= MISSING_OTHERS_FIRST; part++) {
		blob_auto who = { 0 };

		AM_TRY(people(m, part, &who));
		if (who.len == 0)
			continue;
		AM_TRY(blob_printf(&who, ": %s", part_text(part)));
		field(first ? "who" : "and", &who);
		first = false;
	}
	return AM_OK;
}

static void
json_all(const struct missing *m, const char *id)
{
	out_json_auto j = { .to = stdout };
	char until[WHEN_TEXT_LEN + 1];

	when_text(m->cooloff_end, until);
	out_json_open(&j, NULL, '{');
	out_json_text(&j, "request", id);
	out_json_text(&j, "state", m->enough ? "approved" : "open");
	out_json_uint(&j, "have", m->have);
	out_json_uint(&j, "need", m->need);
	out_json_bool(&j, "enough", m->enough);
	out_json_text(&j, "cooloff_until", m->cooloff_end == 0 ? "" : until);
	out_json_open(&j, "posts", '[');
	for (size_t i = 0; i < m->group_count; i++) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "posts", m->groups[i].posts);
		out_json_uint(&j, "need", m->groups[i].count);
		out_json_uint(&j, "have", m->groups[i].have);
		out_json_close(&j);
	}
	out_json_close(&j);
	out_json_open(&j, "people", '[');
	for (size_t i = 0; i < m->person_count; i++) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "person", m->people[i].id);
		out_json_text(&j, "state", part_text(m->people[i].part));
		out_json_close(&j);
	}
	out_json_close(&j);
}

static AM_RESULT
tell(struct desk *d, const struct view *v, const struct rows_request *q,
    const char *id)
{
	struct rows_manifest c;
	struct rows_rules rules;
	struct missing m;
	enum am_err err;

	AM_TRY(rows_get_manifest(v, (struct bytes){ q->manifest, 32 }, &c));
	AM_TRY(missing_of(v, q, &c, session_now(d->session), &m));
	if (d->call->json) {
		json_all(&m, id);
		return AM_OK;
	}
	err = predicate_rules(v, q->rules, &rules);
	if (err == AM_OK) {
		blob_auto text = { 0 };

		AM_TRY(actwords_rules(d, &rules, &text));
		field("rules", &text);
	} else if (err != AM_ERR_NOT_FOUND) {
		return err;
	}
	return say_all(&m);
}

/* Of what is over only that, and what may be done instead. */
static AM_RESULT
tell_over(struct desk *d, const char *id, const struct approve_view *v)
{
	out_json_auto j = { .to = stdout };

	if (d->call->json) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "request", id);
		out_json_text(&j, "state", request_state(d, v));
		return AM_OK;
	}
	printf("%s is over: %s\n", id, request_state(d, v));
	if (v->request.status != ROWS_OPENED)
		printf("if it is still needed: amanat ask %s\n", v->path);
	return AM_OK;
}

AM_RESULT
needs_of_request(struct desk *d, const char *id)
{
	approve_view_auto a = { 0 };
	store_txn_auto *t = NULL;
	struct rows_request q;
	struct view v;

	AM_TRY(approve_look(d->session, id, &a));
	if (request_is_over(d, &a))
		return tell_over(d, id, &a);
	AM_TRY(lookup_request(d->session, id, &q));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	return tell(d, &v, &q, id);
}

/* As if it had been made now, by one who is no custodian. */
AM_RESULT
needs_of_wish(struct desk *d, const struct ask_wish *w)
{
	struct rows_request q = { .status = ROWS_OPEN };
	struct rows_rules rules = { .cooloff = 0 };
	store_txn_auto *t = NULL;
	struct rows_manifest m;
	struct rows_record c;
	struct rows_safe s;
	struct view v;
	enum am_err err;

	AM_TRY(ask_check(d->session, w));
	AM_TRY(lookup_record(d->session, w->path, &s, &c));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	err = predicate_rules(&v, s.rules, &rules);
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	q.committee = w->recovery ? ROWS_RECOVERY : ROWS_OPERATING;
	memcpy(q.safe, s.safe, sizeof(q.safe));
	memcpy(q.rules, s.rules, sizeof(q.rules));
	memcpy(q.manifest, manifest_active(&s, q.committee), 32);
	AM_TRY(rows_get_manifest(&v, (struct bytes){ q.manifest, 32 }, &m));
	q.k = m.k;
	if (!w->recovery)
		q.need =
		    w->breakglass ? rules.breakglass_need : rules.rule.need;
	if (q.need < q.k)
		q.need = q.k;
	q.cooloff_end = session_now(d->session) +
	    (w->breakglass ? rules.breakglass_cooloff : rules.cooloff);
	return tell(d, &v, &q, "");
}
