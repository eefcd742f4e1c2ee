/*
 * analyze --subscriptions: can those who are in office on the day that counts
 * open what a renewal needs? If not, who is missing and why, and what to do.
 */

#include "cli/analysis.h"
#include "cli/cmd.h"
#include "vault/acts/raised.h"
#include "vault/base/when.h"
#include "vault/state/subindex.h"

struct reach {
	struct analysis *a;
	struct raised_office office;
	/* Of each safe of the office; l: at is.now, NULL: not looked at yet;
	 * o: NULL: it has no committee. */
	struct prospect *safes;
	uint32_t in, out, unlinked;
};

static void
reach_close(struct reach *r)
{
	for (uint32_t i = 0; r->safes != NULL && i < r->office.safe_count; i++)
		prospect_free(&r->safes[i]);
	free(r->safes);
	raised_close(&r->office);
}
#define reach_auto AM_CLEANUP(reach_close) struct reach

/* A proof that will be due is taken as given; one that is overdue is not. */
static AM_RESULT
read_safe(struct reach *r, uint32_t i)
{
	struct prospect *p = &r->safes[i];
	const enum am_err err =
	    analysis_read(r->a, &r->office.safes[i].safe, p);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	for (size_t j = 0; j < p->o->is.n; j++)
		if (p->o->is.people[j].proof_until > r->a->now)
			p->o->is.people[j].proof_until = QUORUM_NO_END;
	p->o->is.horizon = 0;
	return AM_OK;
}

static AM_RESULT
reach_open(struct analysis *a, struct reach *r)
{
	struct rows_vault vault;

	r->a = a;
	AM_TRY(analysis_vault(a, &vault));
	AM_TRY(raised_open(&a->v, a->now, &r->office));
	r->office.calendar.holidays = r->office.holidays;
	r->safes = calloc((size_t)r->office.safe_count + 1, sizeof(*r->safes));
	if (r->safes == NULL)
		return AM_ERR_NOMEM;
	for (uint32_t i = 0; i < r->office.safe_count; i++)
		AM_TRY(read_safe(r, i));
	return AM_OK;
}

/* Subscriptions come by day: what was found for a day is kept for it. */
static AM_RESULT
look(struct prospect *p, int64_t at)
{
	if (p->l != NULL && p->o->is.now == at)
		return AM_OK;
	lockout_free(p->l);
	p->l = NULL;
	p->o->is.now = at;
	return lockout_analyze(&p->o->is, &p->l);
}

static bool
holds(const struct prospect *p)
{
	return p->l->today.possible;
}

/* ---- who is missing, and why */

struct gap {
	const char *person; /* ""; not of one person */
	const char *cause;  /* "appointment", ...: for programs */
	struct blob what, todo;
};
static void
gap_free(struct gap *g)
{
	blob_free(&g->what);
	blob_free(&g->todo);
}
#define gap_auto AM_CLEANUP(gap_free) struct gap

static AM_RESULT
reshare_text(const struct prospect *p, struct blob *out)
{
	return blob_printf(out,
	    "amanat safe reshare %s --custodians ... --reason TEXT",
	    p->o->safe.id);
}

static AM_RESULT
find_member(const struct reach *r, const struct prospect *p, const char *id,
    struct rows_person *out)
{
	for (size_t i = 0; i < p->o->committee.n; i++) {
		AM_TRY(rows_get_person(&r->a->v,
		    (struct bytes){ p->o->committee.members[i].person, 16 },
		    out));
		if (strcmp(out->id, id) == 0)
			return AM_OK;
	}
	return AM_ERR_INTERNAL;
}

static AM_RESULT
tell_unfit(const struct rows_person *who, struct gap *g)
{
	g->cause = "key";
	AM_TRY(blob_printf(&g->what, "key not as the level asks"));
	return blob_printf(&g->todo,
	    "amanat token list says why; amanat token enrol %s --label LABEL",
	    who->id);
}

/* One whom nothing in the vault keeps out is out by --without or --fail. */
static AM_RESULT
tell_out(
    const struct reach *r, const struct prospect *p, bool unfit, struct gap *g)
{
	struct rows_person who;

	AM_TRY(find_member(r, p, g->person, &who));
	if (who.departure != 0) {
		g->cause = "departure";
		AM_TRY(blob_printf(&g->what, "departed"));
		return reshare_text(p, &g->todo);
	}
	if (who.suspended != ROWS_FREE) {
		g->cause = "suspended";
		AM_TRY(blob_printf(&g->what, "suspended"));
		return blob_printf(&g->todo,
		    "amanat token lift --person %s --reason TEXT", who.id);
	}
	if (unfit)
		return tell_unfit(&who, g);
	if (r->a->without != NULL || r->a->fail != NULL) {
		g->cause = "what-if";
		AM_TRY(blob_printf(&g->what, "lost, or without a key"));
		return reshare_text(p, &g->todo);
	}
	g->cause = "no-key";
	AM_TRY(blob_printf(&g->what, "without a key that is in force"));
	if (who.tokens == 0)
		return blob_printf(
		    &g->todo, "amanat token enrol %s --label LABEL", who.id);
	return blob_printf(&g->todo, "amanat token lift LABEL --reason TEXT");
}

/* The one that ended last. */
static AM_RESULT
tell_lapsed(
    const struct prospect *p, const struct lockout_person *who, struct gap *g)
{
	const struct lockout_order *order = NULL;
	int64_t until = 0;
	char day[DATES_TEXT_LEN + 1];

	for (size_t i = 0; i < who->held.count; i++) {
		const int64_t ends = who->held.appointments[i].until;

		if (ends > p->o->is.now || (order != NULL && ends <= until))
			continue;
		order = &who->orders[i];
		until = ends;
	}
	g->cause = "appointment";
	if (order == NULL) {
		AM_TRY(blob_printf(&g->what, "no appointment then"));
		return blob_printf(&g->todo,
		    "amanat appoint %s POST --kind substantive --order NEW "
		    "--authority TEXT --from DATE",
		    who->id);
	}
	dates_text(dates_day(until - 1), day);
	AM_TRY(blob_printf(&g->what,
	    "appointment as %s over: last day %s, order %s", order->post, day,
	    order->order));
	return blob_printf(&g->todo,
	    "amanat appoint %s %s --kind KIND --order NEW --authority TEXT "
	    "--from DATE",
	    who->id, order->post);
}

static AM_RESULT
tell_absent(
    const struct prospect *p, const struct lockout_person *who, struct gap *g)
{
	const int64_t at = p->o->is.now;
	char day[DATES_TEXT_LEN + 1];

	g->cause = "absence";
	for (size_t i = 0; i < who->absence_count; i++) {
		const struct lockout_span *s = &who->absences[i];

		if (s->from > at || s->until <= at)
			continue;
		dates_text(dates_day(s->until - 1), day);
		AM_TRY(blob_printf(&g->what, "absent until %s", day));
		break;
	}
	AM_TRY(
	    blob_printf(&g->todo, "amanat absent --end, by %s; or ", who->id));
	return reshare_text(p, &g->todo);
}

static AM_RESULT
tell_overdue(
    const struct prospect *p, const struct lockout_person *who, struct gap *g)
{
	char day[DATES_TEXT_LEN + 1];

	g->cause = "proof";
	dates_text(dates_day(who->proof_until), day);
	AM_TRY(blob_printf(&g->what, "proof overdue since %s", day));
	return blob_printf(
	    &g->todo, "amanat drill %s, by %s", p->o->safe.id, who->id);
}

static AM_RESULT
tell_person(
    const struct reach *r, const struct prospect *p, size_t i, struct gap *g)
{
	const struct lockout_today *t = &p->l->today;
	const struct lockout_person *who = &p->o->is.people[i];

	g->person = who->id;
	if ((t->out >> i & 1) != 0)
		return tell_out(r, p, who->unfit, g);
	if ((t->lapsed >> i & 1) != 0)
		return tell_lapsed(p, who, g);
	return (t->absent >> i & 1) != 0 ? tell_absent(p, who, g)
					 : tell_overdue(p, who, g);
}

/* ---- of a safe */

typedef enum am_err gap_fn(const struct reach *r, const struct gap *g);

static enum am_err
say_gap(const struct reach *r, const struct gap *g)
{
	blob_auto text = { 0 };

	(void)r;
	AM_TRY(blob_printf(&text, "%s%s%.*s", g->person,
	    g->person[0] != '\0' ? ": " : "", (int)g->what.len,
	    (const char *)g->what.p));
	analysis_line("missing", &text);
	analysis_line("  what to do", &g->todo);
	return AM_OK;
}

static enum am_err
json_gap(const struct reach *r, const struct gap *g)
{
	struct out_json *j = r->a->j;

	out_json_open(j, NULL, '{');
	out_json_text(j, "person", g->person);
	out_json_text(j, "cause", g->cause);
	out_json_str(j, "what", blob_bytes(&g->what));
	out_json_str(j, "todo", blob_bytes(&g->todo));
	out_json_close(j);
	return AM_OK;
}

/* A post that the rules ask for, of which too few holders are left. */
static AM_RESULT
each_post(const struct reach *r, const struct prospect *p, gap_fn *fn)
{
	for (size_t i = 0; i < p->o->is.rule.group_count; i++) {
		const int have = __builtin_popcount(p->l->today.holders[i]),
			  need = p->o->is.rule.groups[i].count;
		gap_auto g = { .person = "", .cause = "post" };

		if (have >= need)
			continue;
		AM_TRY(blob_printf(&g.what,
		    "%d of %d for the post \"%s\" that the rules ask for", have,
		    need, p->o->is.group_names[i]));
		AM_TRY(blob_printf(&g.todo,
		    "amanat appoint CUSTODIAN POST --kind KIND ..., to a post "
		    "of \"%s\"",
		    p->o->is.group_names[i]));
		AM_TRY(fn(r, &g));
	}
	return AM_OK;
}

/* How many of those who are needed there are, places for posts left open. */
static AM_RESULT
count_can(const struct prospect *p, unsigned *out)
{
	struct quorum_person *people =
	    calloc(QUORUM_PEOPLE_MAX, sizeof(*people));
	const uint16_t who = p->l->today.eligible;
	const unsigned have = (unsigned)__builtin_popcount(who);
	struct quorum q;

	if (people == NULL)
		return AM_ERR_NOMEM;
	for (size_t i = 0; i < p->o->is.n; i++)
		people[i] = p->o->is.people[i].held;
	quorum_at(&p->o->is.rule, people, p->o->is.n, p->o->is.now, &q);
	free(people);
	*out = p->o->is.rule.need - quorum_unfilled(&q, who);
	*out = have < *out ? have : *out;
	return AM_OK;
}

static AM_RESULT
each_gap(
    const struct reach *r, const struct prospect *p, unsigned can, gap_fn *fn)
{
	for (size_t i = 0; i < p->o->is.n; i++) {
		gap_auto g = { .person = "" };

		if ((p->l->today.eligible >> i & 1) != 0)
			continue;
		AM_TRY(tell_person(r, p, i, &g));
		AM_TRY(fn(r, &g));
	}
	AM_TRY(each_post(r, p, fn));
	if (can == p->o->is.rule.need) {
		gap_auto g = { .person = "", .cause = "together" };

		AM_TRY(blob_printf(&g.what,
		    "those who are left share more than the rules allow "
		    "(employer, line, site or wing)"));
		AM_TRY(reshare_text(p, &g.todo));
		return fn(r, &g);
	}
	return AM_OK;
}

static AM_RESULT
tell_safe(const struct reach *r, const struct prospect *p)
{
	const unsigned need = p->o->is.rule.need;
	struct out_json *j = r->a->j;
	blob_auto text = { 0 };
	unsigned can = 0;

	AM_TRY(count_can(p, &can));
	if (j == NULL) {
		AM_TRY(blob_printf(
		    &text, "'%s': %u of %u", p->o->safe.id, can, need));
		analysis_line("safe", &text);
		return each_gap(r, p, can, say_gap);
	}
	out_json_open(j, NULL, '{');
	out_json_text(j, "safe", p->o->safe.id);
	out_json_uint(j, "need", need);
	out_json_uint(j, "can", can);
	out_json_open(j, "missing", '[');
	AM_TRY(each_gap(r, p, can, json_gap));
	out_json_close(j);
	out_json_close(j);
	return AM_OK;
}

/* ---- of a subscription */

struct links {
	size_t count;
	uint32_t safes[ROWS_SUB_LINKS_MAX]; /* each once, in the order given */
	bool out;
	unsigned losses; /* the least of them; when it is not out */
};

static AM_RESULT
add_link(struct reach *r, const uint8_t record[static 16], int64_t at,
    struct links *l)
{
	struct rows_record c;
	uint32_t i = 0;

	AM_TRY(rows_get_record(&r->a->v, (struct bytes){ record, 16 }, &c));
	while (i < r->office.safe_count &&
	    !bytes_same((struct bytes){ r->office.safes[i].safe.safe, 16 },
		(struct bytes){ c.safe, 16 }))
		i++;
	if (i == r->office.safe_count || r->safes[i].o == NULL)
		return AM_ERR_CORRUPT; /* what is in a safe has a committee */
	for (size_t k = 0; k < l->count; k++)
		if (l->safes[k] == i)
			return AM_OK;
	AM_TRY(look(&r->safes[i], at));
	if (!holds(&r->safes[i]))
		l->out = true;
	else if (r->safes[i].l->today.cut - 1 < l->losses)
		l->losses = r->safes[i].l->today.cut - 1;
	l->safes[l->count++] = i;
	return AM_OK;
}

static AM_RESULT
say_in_reach(
    const struct rows_subscription *s, const char *day, const struct links *l)
{
	blob_auto text = { 0 };

	if (l->count == 0)
		AM_TRY(blob_printf(
		    &text, "'%s' %s: no credential is linked", s->id, day));
	else if (l->losses == 0)
		AM_TRY(blob_printf(&text,
		    "'%s' %s: in reach; one loss more would end that", s->id,
		    day));
	else
		AM_TRY(
		    blob_printf(&text, "'%s' %s: in reach; %u more can be lost",
			s->id, day, l->losses));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, "", 2, (const char *)text.p);
	return AM_OK;
}

static AM_RESULT
say_out_of_reach(const struct reach *r, const struct rows_subscription *s,
    const char *day, const struct links *l)
{
	blob_auto text = { 0 };

	AM_TRY(blob_printf(
	    &text, "'%s' %s: OUT OF REACH (%s)", s->id, day, s->name));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, "", 2, (const char *)text.p);
	for (size_t i = 0; i < l->count; i++)
		if (!holds(&r->safes[l->safes[i]]))
			AM_TRY(tell_safe(r, &r->safes[l->safes[i]]));
	return AM_OK;
}

static AM_RESULT
json_one(const struct reach *r, const struct rows_subscription *s,
    const char *day, const struct links *l)
{
	struct out_json *j = r->a->j;

	out_json_open(j, NULL, '{');
	out_json_text(j, "id", s->id);
	out_json_text(j, "name", s->name);
	out_json_text(j, "day", day);
	out_json_text(j, "reach",
	    l->count == 0 ? "unlinked"
		: l->out  ? "no"
			  : "yes");
	if (l->count == 0 || l->out)
		out_json_null(j, "losses");
	else
		out_json_uint(j, "losses", l->losses);
	out_json_open(j, "safes", '[');
	for (size_t i = 0; i < l->count; i++)
		if (!holds(&r->safes[l->safes[i]]))
			AM_TRY(tell_safe(r, &r->safes[l->safes[i]]));
	out_json_close(j);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
tell_one(struct reach *r, uint32_t number, int64_t at)
{
	struct links l = { .losses = QUORUM_PEOPLE_MAX };
	struct rows_subscription s;
	char day[DATES_TEXT_LEN + 1];

	AM_TRY(subscription_get(&r->a->v, number, &s));
	for (size_t i = 0; i < s.link_count; i++)
		AM_TRY(add_link(r, s.links[i].record, at, &l));
	r->unlinked += l.count == 0;
	r->out += l.out;
	r->in += l.count > 0 && !l.out;
	dates_text(dates_day(at), day);
	if (r->a->j != NULL)
		return json_one(r, &s, day, &l);
	return l.out ? say_out_of_reach(r, &s, day, &l)
		     : say_in_reach(&s, day, &l);
}

/* ---- all of them, by day */

struct line {
	int64_t at;
	uint32_t number;
};

static int
by_day(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static AM_RESULT
sort_lines(const struct reach *r, uint32_t count, struct blob *out)
{
	for (uint32_t i = 1; i <= count; i++) {
		struct line l = { .number = i };
		struct rows_subscription s;
		struct raised is;

		AM_TRY(subscription_get(&r->a->v, i, &s));
		if (s.state == ROWS_CLOSED)
			continue;
		raised_term(&r->office, &s, &is);
		l.at = raised_instant(&r->office, &is);
		AM_TRY(blob_add(
		    out, (struct bytes){ (const uint8_t *)&l, sizeof(l) }));
	}
	if (out->len > 0)
		qsort(out->p, out->len / sizeof(struct line),
		    sizeof(struct line), by_day);
	return AM_OK;
}

static AM_RESULT
tell_all(struct reach *r)
{
	blob_auto lines = { 0 };
	struct rows_register g;

	AM_TRY(subindex_register(&r->a->v, &g));
	AM_TRY(sort_lines(r, g.subscriptions, &lines));
	for (size_t i = 0; i < lines.len / sizeof(struct line); i++) {
		struct line l;

		memcpy(&l, lines.p + i * sizeof(l), sizeof(l));
		AM_TRY(tell_one(r, l.number, l.at));
	}
	r->a->findings = r->out;
	return AM_OK;
}

AM_RESULT
reach_tell(struct analysis *a)
{
	reach_auto r = { .a = a };

	AM_TRY(reach_open(a, &r));
	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		analysis_time(a->j, "at", a->now);
		out_json_open(a->j, "subscriptions", '[');
	}
	AM_TRY(tell_all(&r));
	cmd_say(a->d->call,
	    "%u in reach, %u out of reach, %u without a "
	    "credential",
	    r.in, r.out, r.unlinked);
	return AM_OK;
}
