/*
 * analyze: who could lock a safe, who could open it, and when that changes.
 */

#include "cli/analyze.h"

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/picture.h"
#include "cli/prospect.h"
#include "cli/verbs.h"
#include "policy/openers.h"
#include "vault/acts/lookup.h"
#include "vault/acts/policy.h"
#include "vault/audit/rebuild.h"
#include "vault/base/when.h"
#include "vault/state/tenure.h"

enum {
	DAY = 86400,
	PICTURES_MAX = 64,
	LEFT = 23,
	CHARGE_DAYS = 93,
	NAMES_MAX = 3,
	SENTENCES_MAX = 64
};

struct album;
struct analysis {
	struct desk *d;
	struct view v;
	int64_t now, horizon;
	const char *without, *fail;
	struct out_json *j; /* NULL: for people */
	size_t findings;
	bool hit;            /* somebody has what fails */
	struct album *album; /* where it is drawn; NULL: it is said */
};

/* ---- printing for people */

static void
line(const char *label, const struct blob *text)
{
	char lead[64];
	blob_auto own = { 0 };

	(void)snprintf(lead, sizeof(lead), "  %-20s ", label);
	if (blob_add(&own, blob_bytes(text)) == AM_OK &&
	    blob_add(&own, (struct bytes){ (const uint8_t *)"", 1 }) == AM_OK)
		out_wrapped(stdout, lead, LEFT, (const char *)own.p);
}

static AM_RESULT
say_heading(const struct analysis *a, const struct prospect *p)
{
	const struct quorum_rule *r = &p->o->is.rule;
	blob_auto text = { 0 };

	AM_TRY(blob_printf(&text, "safe '%s' (level %s, %u of %zu",
	    p->o->safe.id, p->o->safe.level, r->need, p->o->is.n));
	for (size_t i = 0; i < r->group_count; i++)
		AM_TRY(blob_printf(&text, " + %s", p->o->is.group_names[i]));
	AM_TRY(
	    blob_printf(&text, ")%s%s", p->o->planned ? ", being set up" : "",
		a->without != NULL || a->fail != NULL ? ", WHAT IF" : ""));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, "", 2, (const char *)text.p);
	return AM_OK;
}

static AM_RESULT
say_today(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	const struct lockout_minima *min = &p->o->is.minima;
	blob_auto text = { 0 };

	if (!t->possible)
		AM_TRY(blob_printf(&text, "NO QUORUM; "));
	else
		AM_TRY(blob_printf(&text, "quorum possible, "));
	AM_TRY(blob_printf(&text, "head surplus %d%s (min %u)", t->surplus,
	    t->surplus < min->head_surplus ? " BELOW MINIMUM" : "",
	    min->head_surplus));
	if (t->possible)
		AM_TRY(
		    blob_printf(&text, ", smallest cut %u%s (min %u)", t->cut,
			t->cut < min->cut ? " BELOW MINIMUM" : "", min->cut));
	line("today", &text);
	return AM_OK;
}

static AM_RESULT
add_out(
    const struct prospect *p, uint16_t who, const char *why, struct blob *out)
{
	if (who == 0)
		return AM_OK;
	AM_TRY(blob_printf(out, "%s", out->len > 0 ? "; " : ""));
	AM_TRY(prospect_people(p, who, out));
	return blob_printf(out, " (%s)", why);
}

static AM_RESULT
say_out(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	blob_auto text = { 0 };

	AM_TRY(
	    add_out(p, t->out, "departed, suspended or without a key", &text));
	AM_TRY(add_out(p, t->lapsed, "appointment over", &text));
	AM_TRY(add_out(p, t->absent, "absent", &text));
	AM_TRY(add_out(p, t->overdue, "drill overdue", &text));
	if (text.len > 0)
		line("not counted on", &text);
	return AM_OK;
}

static AM_RESULT
add_cut(const struct prospect *p, const struct lockout_cut *c, bool only,
    struct blob *out)
{
	AM_TRY(blob_printf(out, "%s", out->len > 0 ? "; " : ""));
	AM_TRY(prospect_people(p, c->who, out));
	if (c->group >= 0)
		AM_TRY(blob_printf(out,
		    only ? " (only holder for \"%s\")" : " (\"%s\")",
		    p->o->is.group_names[c->group]));
	return AM_OK;
}

static AM_RESULT
say_cuts(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	blob_auto singles = { 0 }, pairs = { 0 };

	for (size_t i = 0; i < t->single_count; i++)
		AM_TRY(add_cut(p, &t->singles[i], true, &singles));
	if (t->single_count == 0)
		AM_TRY(blob_printf(&singles, "none"));
	if (t->possible)
		line("one loss locks it", &singles);
	for (size_t i = 0; i < t->pair_count; i++)
		AM_TRY(add_cut(p, &t->pairs[i], false, &pairs));
	if (t->pair_count == 0)
		AM_TRY(blob_printf(&pairs, "none"));
	if (t->possible)
		line("pairs that lock it", &pairs);
	return AM_OK;
}

static AM_RESULT
say_asker(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	blob_auto text = { 0 };

	if (t->worst_asker == LOCKOUT_NOBODY || !t->possible ||
	    t->cut_asked[t->worst_asker] >= t->cut)
		return AM_OK;
	AM_TRY(blob_printf(&text, "%s, who then does not count: ",
	    p->o->is.people[t->worst_asker].id));
	AM_TRY(t->cut_asked[t->worst_asker] == 0
		? blob_printf(&text, "no quorum at all")
		: blob_printf(
		      &text, "smallest cut %u", t->cut_asked[t->worst_asker]));
	if (p->o->is.outsider_asks)
		AM_TRY(blob_printf(&text, "; let one who is no custodian ask"));
	line("worst requester", &text);
	return AM_OK;
}

static AM_RESULT
say_durable(const struct prospect *p)
{
	const unsigned is = (unsigned)__builtin_popcount(p->l->today.durable);
	const unsigned min = p->o->is.minima.durable_holders;
	blob_auto text = { 0 };

	AM_TRY(blob_printf(
	    &text, "%u%s (min %u)", is, is < min ? " BELOW MINIMUM" : "", min));
	if (is > 0) {
		AM_TRY(blob_printf(&text, ": "));
		AM_TRY(prospect_people(p, p->l->today.durable, &text));
	}
	line("durable holders", &text);
	return AM_OK;
}

/* The instants of the calendar at which somebody's appointment ends. */
static AM_RESULT
say_point(const struct prospect *p, const struct lockout_point *at)
{
	const char *order = NULL;
	const size_t n = lockout_ending(&p->o->is, at->at, &order);
	blob_auto text = { 0 };

	AM_TRY(prospect_time(at->at, &text));
	AM_TRY(blob_printf(&text,
	    at->possible ? ": surplus %d, smallest cut %u" : ": NO QUORUM",
	    at->surplus, at->cut));
	if (n > 0)
		AM_TRY(blob_printf(&text, "; %zu appointment%s end%s", n,
		    n == 1 ? "" : "s", n == 1 ? "s" : ""));
	if (order != NULL)
		AM_TRY(blob_printf(&text, " (order %s)", order));
	line("later", &text);
	return AM_OK;
}

static AM_RESULT
say_calendar(const struct prospect *p)
{
	const struct lockout_point *before = &p->l->points[0];
	blob_auto none = { 0 };
	bool any = false;

	for (size_t i = 1; i < p->l->point_count; i++) {
		const struct lockout_point *at = &p->l->points[i];

		if (at->eligible == before->eligible &&
		    at->cut == before->cut && at->ending == 0)
			continue;
		AM_TRY(say_point(p, at));
		before = at;
		any = true;
	}
	AM_TRY(blob_printf(&none, "nothing ends in the next %lld days",
	    (long long)(p->o->is.horizon / DAY)));
	if (!any)
		line("later", &none);
	return AM_OK;
}

static AM_RESULT
say_causes(const struct prospect *p)
{
	for (size_t i = 0; i < p->l->cause_count; i++) {
		const struct lockout_cause *c = &p->l->causes[i];
		const int lost = __builtin_popcount(c->lost);
		blob_auto text = { 0 };

		if (lost < 2 || c->left)
			continue;
		AM_TRY(blob_printf(&text,
		    "%s %s takes %d of %zu custodians, and the quorum",
		    lockout_by_name(c->by), c->value, lost, p->o->is.n));
		line("same cause", &text);
	}
	for (size_t i = 0; i < p->l->ring_count; i++) {
		const struct lockout_ring *r = &p->l->rings[i];
		blob_auto text = { 0 };

		AM_TRY(prospect_people(p, r->who, &text));
		AM_TRY(blob_printf(&text,
		    " (%s %s): a quorum among "
		    "themselves",
		    lockout_by_name(r->by), r->value));
		line("could collude", &text);
	}
	return AM_OK;
}

static AM_RESULT
say_quorums(const struct prospect *p)
{
	blob_auto text = { 0 };

	AM_TRY(blob_printf(&text, "%u people; %zu of them exist",
	    p->o->is.rule.need, p->l->today.quorum_count));
	line("smallest quorums", &text);
	return AM_OK;
}

/* Estacode Sl. 75: an additional charge lasts three months on one order. */
static AM_RESULT
say_charges(struct analysis *a, const struct prospect *p)
{
	blob_auto text = { 0 };

	for (size_t i = 0; i < p->o->committee.n; i++) {
		struct rows_person who;

		AM_TRY(rows_get_person(&a->v,
		    (struct bytes){ p->o->committee.members[i].person, 16 },
		    &who));
		for (uint32_t n = 0; n < who.appointments; n++) {
			struct rows_appointment is;

			AM_TRY(tenure_nth(&a->v, who.person, n, &is));
			if (is.kind != ROWS_ADDITIONAL || is.until <= a->now ||
			    is.until - is.from <= (int64_t)CHARGE_DAYS * DAY)
				continue;
			AM_TRY(blob_printf(&text, "%s%s (order %s)",
			    text.len > 0 ? ", " : "", who.id, is.order));
		}
	}
	if (text.len == 0)
		return AM_OK;
	AM_TRY(blob_printf(&text,
	    ": additional charge beyond three months on "
	    "one order"));
	line("to be asked", &text);
	return AM_OK;
}

static AM_RESULT
say_findings(const struct prospect *p)
{
	for (size_t i = 0; i < p->l->finding_count; i++) {
		prospect_line_auto f = { 0 };

		AM_TRY(prospect_finding(p, i, &f));
		line("FINDING", &f.what);
		line("  what to do", &f.todo);
	}
	return AM_OK;
}

static AM_RESULT
say_safe(struct analysis *a, const struct prospect *p)
{
	AM_TRY(say_heading(a, p));
	AM_TRY(say_today(p));
	AM_TRY(say_out(p));
	AM_TRY(say_cuts(p));
	AM_TRY(say_asker(p));
	AM_TRY(say_durable(p));
	AM_TRY(say_calendar(p));
	AM_TRY(say_causes(p));
	AM_TRY(say_quorums(p));
	AM_TRY(say_charges(a, p));
	return say_findings(p);
}

/* ---- for programs */

static void
json_people(
    struct out_json *j, const char *key, const struct prospect *p, uint16_t who)
{
	out_json_open(j, key, '[');
	for (size_t i = 0; i < p->o->is.n; i++)
		if ((who >> i & 1) != 0)
			out_json_text(j, NULL, p->o->is.people[i].id);
	out_json_close(j);
}

static void
json_time(struct out_json *j, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	out_json_text(j, key, text);
}

static void
json_today(struct out_json *j, const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;

	out_json_open(j, "today", '{');
	out_json_bool(j, "possible", t->possible);
	out_json_int(j, "surplus", t->surplus);
	out_json_uint(j, "cut", t->cut);
	json_people(j, "eligible", p, t->eligible);
	json_people(j, "durable", p, t->durable);
	out_json_open(j, "singles", '[');
	for (size_t i = 0; i < t->single_count; i++)
		json_people(j, NULL, p, t->singles[i].who);
	out_json_close(j);
	out_json_open(j, "pairs", '[');
	for (size_t i = 0; i < t->pair_count; i++)
		json_people(j, NULL, p, t->pairs[i].who);
	out_json_close(j);
	out_json_uint(j, "quorums", t->quorum_count);
	out_json_close(j);
}

static void
json_calendar(struct out_json *j, const struct prospect *p)
{
	out_json_open(j, "calendar", '[');
	for (size_t i = 0; i < p->l->point_count; i++) {
		const struct lockout_point *at = &p->l->points[i];

		out_json_open(j, NULL, '{');
		json_time(j, "at", at->at);
		out_json_bool(j, "possible", at->possible);
		out_json_int(j, "surplus", at->surplus);
		out_json_uint(j, "cut", at->cut);
		json_people(j, "ending", p, at->ending);
		out_json_close(j);
	}
	out_json_close(j);
}

static AM_RESULT
json_findings(struct out_json *j, const struct prospect *p)
{
	out_json_open(j, "findings", '[');
	for (size_t i = 0; i < p->l->finding_count; i++) {
		prospect_line_auto f = { 0 };

		AM_TRY(prospect_finding(p, i, &f));
		out_json_open(j, NULL, '{');
		out_json_text(j, "kind", f.kind);
		json_time(j, "at", f.at);
		out_json_str(j, "what", blob_bytes(&f.what));
		out_json_str(j, "todo", blob_bytes(&f.todo));
		out_json_close(j);
	}
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
json_safe(struct analysis *a, const struct prospect *p)
{
	struct out_json *j = a->j;

	out_json_open(j, NULL, '{');
	out_json_text(j, "safe", p->o->safe.id);
	out_json_text(j, "level", p->o->safe.level);
	out_json_uint(j, "quorum", p->o->is.rule.need);
	out_json_uint(j, "members", p->o->is.n);
	out_json_bool(j, "bound", p->o->bound);
	json_today(j, p);
	json_calendar(j, p);
	AM_TRY(json_findings(j, p));
	out_json_close(j);
	return AM_OK;
}

/* ---- what if */

static AM_RESULT
take_without(struct analysis *a, struct prospect *p)
{
	const char *s = a->without;

	while (s != NULL && *s != '\0') {
		const size_t n = strcspn(s, ",");
		bool found = false;

		for (size_t i = 0; i < p->o->is.n && !found; i++) {
			found = strlen(p->o->is.people[i].id) == n &&
			    strncmp(p->o->is.people[i].id, s, n) == 0;
			if (found)
				lockout_without(&p->o->is, (uint16_t)(1U << i));
		}
		s += n + (s[n] == ',');
	}
	return AM_OK;
}

static AM_RESULT
take_fail(struct analysis *a, struct prospect *p)
{
	const char *sign = a->fail == NULL ? NULL : strchr(a->fail, '=');
	char name[32];
	int by;

	if (a->fail == NULL)
		return AM_OK;
	(void)snprintf(name, sizeof(name), "%.*s",
	    sign == NULL ? 0 : (int)(sign - a->fail), a->fail);
	by = lockout_find_by(name);
	if (sign == NULL || by < 0)
		return why_say(&a->d->why, AM_ERR_INVALID, "",
		    "--fail is order, end-date, employer, line, site or "
		    "token-model, then = and the value; not '%s'",
		    a->fail);
	a->hit |= lockout_fail(&p->o->is, (enum lockout_by)by, sign + 1) != 0;
	return AM_OK;
}

/* A person who is in no safe at all is a slip of the pen. */
static AM_RESULT
check_without(struct analysis *a)
{
	char id[ROWS_ID_MAX + 1];
	const char *s = a->without;

	while (s != NULL && *s != '\0') {
		const size_t n = strcspn(s, ",");
		struct rows_person p;

		(void)snprintf(id, sizeof(id), "%.*s", (int)n, s);
		AM_TRY(lookup_person(a->d->session, id, &p));
		s += n + (s[n] == ',');
	}
	return AM_OK;
}

static AM_RESULT
look(struct analysis *a, const struct rows_safe *safe, struct prospect *out)
{
	AM_TRY(outlook_of(
	    &a->v, safe, ROWS_OPERATING, a->now, a->horizon, &out->o));
	/* of a day to come it is not known who will have proved */
	for (size_t i = 0; i < out->o->is.n; i++)
		if (a->now > session_now(a->d->session))
			out->o->is.people[i].proof_until = QUORUM_NO_END;
	AM_TRY(take_without(a, out));
	AM_TRY(take_fail(a, out));
	return lockout_analyze(&out->o->is, &out->l);
}

/* ---- each safe */

typedef enum am_err
safe_fn(struct analysis *a, const struct rows_safe *safe, void *arg);

static AM_RESULT
nth_safe(struct analysis *a, uint32_t i, struct rows_safe *out)
{
	const struct rows_key n = rows_key_u32(i);
	uint8_t id[16];

	AM_TRY(rows_index_get(&a->v, "safe-n", rows_key(&n), id, sizeof(id)));
	return rows_get_safe(&a->v, (struct bytes){ id, sizeof(id) }, out);
}

/* `wanted`: SAFE or SAFE/NAME; NULL: all. */
static AM_RESULT
each_safe(struct analysis *a, const char *wanted, safe_fn *fn, void *arg)
{
	const size_t n = wanted == NULL ? 0 : strcspn(wanted, "/");
	struct rows_vault vault;
	unsigned count = 0;
	enum am_err err;

	if (rows_get_vault(&a->v, (struct bytes){ NULL, 0 }, &vault) != AM_OK)
		return why_say(&a->d->why, AM_ERR_NOT_FOUND, "",
		    "there was no vault yet at that time");
	for (uint32_t i = 0; i < vault.safes; i++) {
		struct rows_safe s;

		AM_TRY(nth_safe(a, i, &s));
		if (wanted != NULL &&
		    (strlen(s.id) != n || strncmp(s.id, wanted, n) != 0))
			continue;
		err = fn(a, &s, arg);
		if (err == AM_ERR_NOT_FOUND && wanted == NULL)
			continue; /* its set-up has lapsed */
		AM_TRY(err == AM_ERR_NOT_FOUND
			? why_say(&a->d->why, AM_ERR_INCOMPLETE, "V14",
			      "safe '%s' has no committee, nor one planned",
			      s.id)
			: err);
		count++;
	}
	if (count > 0)
		return AM_OK;
	return why_say(&a->d->why, AM_ERR_NOT_FOUND, "",
	    wanted != NULL ? "no safe '%s'; 'amanat safe status' shows which "
			     "there are"
			   : "no safe has a committee yet",
	    wanted);
}

static enum am_err
tell_safe(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	prospect_auto p = { 0 };

	(void)arg;
	AM_TRY(look(a, safe, &p));
	a->findings += p.l->finding_count;
	return a->j != NULL ? json_safe(a, &p) : say_safe(a, &p);
}

/* ---- the vault: is what the levels say in force at all? */

struct vault_finding {
	struct analysis *a;
	bool first;
};

static AM_RESULT
vault_line(struct analysis *a, const struct blob *what, const char *todo)
{
	blob_auto next = { 0 };

	a->findings++;
	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		out_json_str(a->j, "what", blob_bytes(what));
		out_json_text(a->j, "todo", todo);
		out_json_close(a->j);
		return AM_OK;
	}
	AM_TRY(blob_printf(&next, "%s", todo));
	line("FINDING", what);
	line("  what to do", &next);
	return AM_OK;
}

/* A change of policy binds nothing by itself. */
static AM_RESULT
tell_weaker(
    struct analysis *a, const struct rows_safe *safe, const struct levels *l)
{
	const int level = levels_find(safe->level);
	blob_auto less = { 0 }, what = { 0 };
	struct rows_rules rules;
	char todo[128];

	AM_TRY(
	    rows_get_rules(&a->v, (struct bytes){ safe->rules, 32 }, &rules));
	if (level < 0 || l == NULL)
		return AM_OK;
	AM_TRY(policy_weaker_rules(&rules, &l->level[level], &less));
	if (less.len == 0)
		return AM_OK;
	AM_TRY(blob_printf(&what,
	    "the rules of safe '%s' ask for less than level %s now does: %.*s",
	    safe->id, safe->level, (int)less.len, (const char *)less.p));
	(void)snprintf(
	    todo, sizeof(todo), "amanat policy bind %s --owner WING", safe->id);
	return vault_line(a, &what, todo);
}

static enum am_err
tell_unbound(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	static const uint8_t none[32];
	blob_auto what = { 0 };
	char todo[128];

	if (!bytes_same(
		(struct bytes){ safe->rules, 32 }, (struct bytes){ none, 32 }))
		return tell_weaker(a, safe, arg);
	AM_TRY(blob_printf(&what,
	    "the rules of level %s do not hold for safe '%s': any k "
	    "custodians open it, without required posts, waiting or veto",
	    safe->level, safe->id));
	(void)snprintf(
	    todo, sizeof(todo), "amanat policy bind %s --owner WING", safe->id);
	return vault_line(a, &what, todo);
}

/* what was put in before a policy said that it is too high. */
static enum am_err
tell_misplaced(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	const struct rows_policy *policy = arg;
	const int level = levels_find(safe->level);
	blob_auto what = { 0 };
	unsigned count = 0;

	for (uint64_t i = 0; level >= 0 && i < safe->records; i++) {
		const struct rows_key n =
		    rows_key_with_u64((struct bytes){ safe->safe, 16 }, i);
		struct rows_record c;
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    &a->v, "record-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_record(
		    &a->v, (struct bytes){ id, sizeof(id) }, &c));
		if (c.mark == 0 || policy->class_level[c.mark - 1] <= level)
			continue;
		if (count++ < NAMES_MAX)
			AM_TRY(blob_printf(&what, "%s%s/%s",
			    what.len > 0 ? ", " : "", safe->id, c.title));
	}
	if (count == 0)
		return AM_OK;
	if (count > NAMES_MAX)
		AM_TRY(blob_printf(&what, " and %u more", count - NAMES_MAX));
	AM_TRY(blob_printf(
	    &what, ": of a class above level %s [X-14]", safe->level));
	return vault_line(a, &what,
	    "put each into a safe of its level, and rotate it: amanat put");
}

/* Was it in force at the time that is asked about? */
static AM_RESULT
is_waiver(const struct analysis *a, uint32_t i, bool *out)
{
	const struct rows_key n = rows_key_u32(i);
	struct rows_motion m;
	uint8_t id[32];

	AM_TRY(rows_index_get(&a->v, "motion-n", rows_key(&n), id, sizeof(id)));
	AM_TRY(rows_get_motion(&a->v, (struct bytes){ id, 32 }, &m));
	*out = m.act == ROWS_WAIVE && m.status == ROWS_ENACTED;
	return AM_OK;
}

static AM_RESULT picture_waiver(struct album *a, const struct blob *text);

/* Waivers stand in every report for ever. */
static AM_RESULT
say_waivers(struct analysis *a, uint32_t motions)
{
	for (uint32_t i = 1; i <= motions; i++) {
		motion_view_auto v = { 0 };
		blob_auto text = { 0 };
		char id[16], until[32];
		bool waives = false;

		AM_TRY(is_waiver(a, i, &waives));
		if (!waives)
			continue;
		(void)snprintf(id, sizeof(id), "m-%u", i);
		AM_TRY(motion_look(a->d->session, id, &v));
		desk_time(v.motion.rule_until, until);
		AM_TRY(blob_printf(&text, "%s %s %s: %.*s (%s)", v.motion.rule,
		    v.motion.rule_until > a->now ? "until" : "ended", until,
		    (int)v.why.len, (const char *)v.why.p, v.id));
		if (a->album != NULL)
			AM_TRY(picture_waiver(a->album, &text));
		else if (a->j == NULL)
			line("waived", &text);
		else
			out_json_str(a->j, NULL, blob_bytes(&text));
	}
	return AM_OK;
}

static AM_RESULT
tell_weak_policy(struct analysis *a, const struct levels *l)
{
	blob_auto less = { 0 }, what = { 0 };

	AM_TRY(policy_weaker_values(a->d->session, l, &less));
	if (less.len == 0)
		return AM_OK;
	AM_TRY(blob_printf(&what,
	    "the policy in force is weaker than the one that is shipped, "
	    "without a waiver [A-3]: %.*s",
	    (int)less.len, (const char *)less.p));
	return vault_line(a, &what,
	    "amanat waive A-3 LEVEL.KEY --until DATE --reason TEXT, or "
	    "propose the value again");
}

static AM_RESULT
tell_vault(struct analysis *a, const char *wanted)
{
	static const uint8_t none[32];
	struct rows_policy is = { 0 };
	struct rows_vault vault;
	struct levels levels;
	enum am_err err;
	blob_auto what = { 0 };

	AM_TRY(rows_get_vault(&a->v, (struct bytes){ NULL, 0 }, &vault));
	if (a->j != NULL)
		out_json_open(a->j, "policy", '[');
	AM_TRY(blob_printf(&what,
	    "no policy is in force: levels and classes are only those that "
	    "are shipped, and nothing is refused by them"));
	if (bytes_same(
		(struct bytes){ vault.policy, 32 }, (struct bytes){ none, 32 }))
		AM_TRY(vault_line(a, &what, "amanat policy propose"));
	else
		AM_TRY(rows_get_policy(
		    &a->v, (struct bytes){ vault.policy, 32 }, &is));
	err = policy_by(a->d->session, vault.policy, NULL, &levels);
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err == AM_OK)
		AM_TRY(tell_weak_policy(a, &levels));
	AM_TRY(
	    each_safe(a, wanted, tell_unbound, err == AM_OK ? &levels : NULL));
	if (is.class_count > 0)
		AM_TRY(each_safe(a, wanted, tell_misplaced, &is));
	if (a->j != NULL) {
		out_json_close(a->j);
		out_json_open(a->j, "waivers", '[');
	}
	AM_TRY(say_waivers(a, vault.motions));
	if (a->j != NULL)
		out_json_close(a->j);
	return AM_OK;
}

/* ---- who can open: X-19 */

struct opener {
	const struct prospect *p;
	const char *committee;
};

static AM_RESULT
say_opener(struct analysis *a, const struct opener *o, uint16_t who)
{
	blob_auto text = { 0 };

	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		out_json_text(a->j, "safe", o->p->o->safe.id);
		out_json_text(a->j, "committee", o->committee);
		json_people(a->j, "people", o->p, who);
		out_json_close(a->j);
		return AM_OK;
	}
	AM_TRY(prospect_people(o->p, who, &text));
	printf("%s  %s  %.*s\n", o->p->o->safe.id, o->committee, (int)text.len,
	    (const char *)text.p);
	return AM_OK;
}

/* Mathematics, not policy: any k of a committee, whoever they are. */
static AM_RESULT
list_openers(struct analysis *a, const struct opener *o)
{
	const unsigned n = (unsigned)o->p->o->is.n, k = o->p->o->committee.k;

	for (unsigned who = 0; who < 1U << n; who++)
		if ((unsigned)__builtin_popcount(who) == k)
			AM_TRY(say_opener(a, o, (uint16_t)who));
	return AM_OK;
}

static enum am_err
tell_openers(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	static const struct {
		uint8_t committee;
		const char *name;
	} both[] = { { ROWS_OPERATING, "operating" },
		{ ROWS_RECOVERY, "recovery" } };

	(void)arg;
	for (size_t i = 0; i < AM_ARRAY_LEN(both); i++) {
		prospect_auto p = { 0 };
		const struct opener o = { &p, both[i].name };
		const enum am_err err = outlook_of(
		    &a->v, safe, both[i].committee, a->now, a->horizon, &p.o);

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		AM_TRY(list_openers(a, &o));
	}
	return AM_OK;
}

/* ---- a mass change */

static AM_RESULT
say_step(const struct prospect *p, const struct outlook_step *s, size_t i,
    size_t count)
{
	blob_auto who = { 0 };
	char plan[32], prove[32];

	desk_time(s->plan_by, plan);
	desk_time(s->prove_by, prove);
	AM_TRY(prospect_people(p, s->leaving, &who));
	printf("batch %zu of %zu: in place of %.*s\n", i + 1, count,
	    (int)who.len, (const char *)who.p);
	printf("  by %s  successors appointed and enrolled; then\n"
	       "                        amanat safe reshare %s --custodians "
	       "...\n",
	    plan, p->o->safe.id);
	printf("  by %s  all have proved: amanat safe join %s\n", prove,
	    p->o->safe.id);
	return AM_OK;
}

static AM_RESULT
json_step(
    struct out_json *j, const struct prospect *p, const struct outlook_step *s)
{
	out_json_open(j, NULL, '{');
	json_people(j, "leaving", p, s->leaving);
	json_time(j, "plan_by", s->plan_by);
	json_time(j, "prove_by", s->prove_by);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
say_change(struct analysis *a, const struct prospect *p,
    const struct outlook_change *c)
{
	AM_TRY(say_heading(a, p));
	if (c->step_count == 0) {
		puts("  nobody's last appointment ends by then");
		return AM_OK;
	}
	printf("  %d of %zu hold nothing any more by then; at most %u a time, "
	       "so %zu batches\n",
	    __builtin_popcount(c->leaving), p->o->is.n, p->o->committee.k - 1U,
	    c->step_count);
	for (size_t i = 0; i < c->step_count; i++)
		AM_TRY(say_step(p, &c->steps[i], i, c->step_count));
	puts("then: rotate what the leavers know (amanat exposure), and a "
	     "drill with the new\npeople alone (amanat drill)");
	if (c->late)
		puts("LATE: the first batch should have begun already");
	return AM_OK;
}

static enum am_err
tell_transition(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	const int64_t *until = arg;
	prospect_auto p = { 0 };
	struct outlook_change c;

	AM_TRY(
	    outlook_of(&a->v, safe, ROWS_OPERATING, a->now, a->horizon, &p.o));
	outlook_transition(p.o, *until, &c);
	a->findings += c.late;
	if (a->j == NULL)
		return say_change(a, &p, &c);
	out_json_open(a->j, NULL, '{');
	out_json_text(a->j, "safe", safe->id);
	out_json_open(a->j, "batches", '[');
	for (size_t i = 0; i < c.step_count; i++)
		AM_TRY(json_step(a->j, &p, &c.steps[i]));
	out_json_close(a->j);
	out_json_bool(a->j, "late", c.late);
	out_json_close(a->j);
	return AM_OK;
}

/* ---- the picture */

struct album {
	size_t count;
	struct prospect safes[PICTURES_MAX];
	struct picture_safe pictures[PICTURES_MAX];
	const char *sentences[PICTURES_MAX][SENTENCES_MAX];
};

static void
album_free(struct album **a)
{
	if (*a == NULL)
		return;
	for (size_t i = 0; i < (*a)->count; i++) {
		for (size_t j = 0; j < (*a)->pictures[i].sentence_count; j++)
			free((void *)(uintptr_t)(*a)->sentences[i][j]);
		prospect_free(&(*a)->safes[i]);
	}
	free(*a);
}

static AM_RESULT
add_sentence(struct album *a, size_t at, const struct prospect_line *f)
{
	struct picture_safe *to = &a->pictures[at];
	char *text = NULL;

	if (asprintf(&text, "%.*s. What to do: %.*s", (int)f->what.len,
		(const char *)f->what.p, (int)f->todo.len,
		(const char *)f->todo.p) < 0)
		return AM_ERR_NOMEM;
	a->sentences[at][to->sentence_count++] = text;
	return AM_OK;
}

static AM_RESULT
picture_waiver(struct album *a, const struct blob *text)
{
	struct picture_safe *to = &a->pictures[0];
	char *line = NULL;

	if (a->count == 0 || to->sentence_count == SENTENCES_MAX)
		return AM_OK;
	if (asprintf(&line, "Waived: %.*s", (int)text->len,
		(const char *)text->p) < 0)
		return AM_ERR_NOMEM;
	a->sentences[0][to->sentence_count++] = line;
	return AM_OK;
}

static enum am_err
add_picture(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	struct album *to = arg;
	const size_t at = to->count;
	struct prospect *p = &to->safes[at];

	if (at == PICTURES_MAX)
		return AM_OK;
	AM_TRY(look(a, safe, p));
	to->count++;
	a->findings += p->l->finding_count;
	to->pictures[at] = (struct picture_safe){ .name = p->o->safe.id,
		.c = &p->o->is,
		.l = p->l,
		.sentences = to->sentences[at] };
	for (size_t i = 0; i < p->l->finding_count; i++) {
		prospect_line_auto f = { 0 };

		AM_TRY(prospect_finding(p, i, &f));
		AM_TRY(add_sentence(to, at, &f));
	}
	return AM_OK;
}

static AM_RESULT
write_picture(struct analysis *a, const char *path, const struct album *album)
{
	out_file_auto file = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	enum am_err err = to == NULL ? AM_ERR_NOMEM : AM_OK;

	if (err == AM_OK)
		err = picture_write(to, a->d->session->vault.name,
		    album->pictures, album->count);
	if (to != NULL && fclose(to) != 0 && err == AM_OK)
		err = AM_ERR_NOMEM;
	if (err == AM_OK)
		err = out_file_new(path, &file);
	if (err == AM_OK)
		err = out_file_write(
		    &file, (struct bytes){ (const uint8_t *)text, len });
	if (err == AM_OK)
		err = out_file_keep(&file);
	free(text);
	if (err != AM_OK)
		return why_say(&a->d->why, err, "",
		    "'%s' cannot be written, or is there already", path);
	cmd_say(a->d->call, "written to '%s'; any browser shows it", path);
	return AM_OK;
}

static AM_RESULT
draw(struct analysis *a, const char *wanted, const char *path)
{
	AM_CLEANUP(album_free)
	struct album *album = calloc(1, sizeof(*album));
	struct rows_vault vault;

	if (album == NULL)
		return AM_ERR_NOMEM;
	AM_TRY(each_safe(a, wanted, add_picture, album));
	a->album = album;
	AM_TRY(rows_get_vault(&a->v, (struct bytes){ NULL, 0 }, &vault));
	AM_TRY(say_waivers(a, vault.motions));
	return write_picture(a, path, album);
}

/* ---- the verb */

static AM_RESULT
read_when(struct cmd_call *call, struct analysis *a, int64_t *until)
{
	const char *at = cmd_opt(call, "at"),
		   *horizon = cmd_opt(call, "horizon"),
		   *by = cmd_opt(call, "transition");

	a->horizon = OUTLOOK_HORIZON;
	if (at != NULL && when_begin(at, &a->now) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--at is a day or an instant, such as 2027-06-30, not '%s'",
		    at);
	if (horizon != NULL && when_span(horizon, &a->horizon) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--horizon is a time such as 400d, not '%s'", horizon);
	if (by != NULL && when_end(by, until) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--transition is the last day, such as 2027-06-30, not "
		    "'%s'",
		    by);
	return AM_OK;
}

static AM_RESULT
run(struct cmd_call *call, struct analysis *a, int64_t until)
{
	const char *wanted = call->arg_count > 0 ? call->args[0] : NULL;

	AM_TRY(check_without(a));
	if (cmd_opt(call, "html") != NULL)
		return draw(a, wanted, cmd_opt(call, "html"));
	if (cmd_opt(call, "transition") != NULL || cmd_flag(call, "openers")) {
		const bool openers = cmd_flag(call, "openers");

		if (a->j != NULL)
			out_json_open(a->j, NULL, '[');
		return each_safe(a, wanted,
		    openers ? tell_openers : tell_transition, &until);
	}
	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		json_time(a->j, "at", a->now);
		out_json_open(a->j, "safes", '[');
	}
	AM_TRY(each_safe(a, wanted, tell_safe, NULL));
	if (a->j != NULL)
		out_json_close(a->j);
	return tell_vault(a, wanted);
}

/* What was true then is answered from what was known then. */
static AM_RESULT
run_at(struct cmd_call *call, struct analysis *a, int64_t until)
{
	struct view_memory *past = NULL;
	store_txn_auto *t = NULL;
	enum am_err err;

	if (a->now == 0)
		a->now = session_now(a->d->session);
	if (a->now >= a->d->session->vault.last_at) {
		AM_TRY(store_begin(a->d->session->store, false, &t));
		a->v = view_store(t);
		return run(call, a, until);
	}
	AM_TRY(view_memory_new(&past));
	a->v = view_memory(past);
	err = rebuild_until(a->d->session, a->now, &a->v);
	if (err == AM_OK)
		err = run(call, a, until);
	view_memory_free(past);
	return err;
}

AM_RESULT
analyze_run(struct cmd_call *call)
{
	struct analysis a = { .without = cmd_opt(call, "without"),
		.fail = cmd_opt(call, "fail") };
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	int64_t until = 0;

	AM_TRY(read_when(call, &a, &until));
	AM_TRY(desk_open(call, false, &d));
	a.d = &d;
	a.j = call->json ? &j : NULL;
	AM_TRY(desk_done(&d, run_at(call, &a, until), "analyze"));
	if (cmd_flag(call, "openers"))
		return AM_OK;
	if (a.fail != NULL && !a.hit)
		cmd_say(
		    call, "nobody has '%s', so nothing changed by it", a.fail);
	if (a.findings == 0) {
		if (cmd_opt(call, "transition") == NULL)
			cmd_say(call, "no risk of lockout found");
		return AM_OK;
	}
	cmd_say(call, "%zu finding%s", a.findings, a.findings == 1 ? "" : "s");
	return AM_ERR_LOCKOUT;
}

AM_RESULT
analyze_transition(struct cmd_call *call, const char *safe, int64_t until)
{
	struct analysis a = { .horizon = OUTLOOK_HORIZON };
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	store_txn_auto *t = NULL; /* ends before the desk does */

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(store_begin(d.session->store, false, &t));
	a.d = &d;
	a.v = view_store(t);
	a.now = session_now(d.session);
	a.j = call->json ? &j : NULL;
	if (call->json)
		out_json_open(&j, NULL, '[');
	AM_TRY(desk_done(&d, each_safe(&a, safe, tell_transition, &until),
	    "plan the change"));
	return a.findings > 0 ? AM_ERR_LOCKOUT : AM_OK;
}
