/*
 * Subscriptions at the command line: what shows them. sub list, show, lint,
 * orphans, note.
 */

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/timeline.h"
#include "cli/verbs.h"
#include "vault/acts/lookup.h"
#include "vault/acts/raised.h"
#include "vault/acts/subscribe.h"
#include "vault/base/when.h"
#include "vault/register/calendar.h"
#include "vault/state/subindex.h"
#include "vault/state/supplier.h"
#include "vault/state/tenure.h"

/* What all of these stand on. */
struct reading {
	struct desk *d;
	struct store_txn *t;
	struct view v;
	struct raised_office office;
	uint32_t count;
	char (*posts)[ROWS_ID_MAX + 1]; /* their ids, by number */
};

static void
reading_end(struct reading *r)
{
	free(r->posts);
	raised_close(&r->office);
	store_abort(&r->t);
}
#define reading_auto AM_CLEANUP(reading_end) struct reading

static AM_RESULT
read_posts(struct reading *r)
{
	r->posts = calloc((size_t)r->office.post_count + 1, sizeof(*r->posts));
	if (r->posts == NULL)
		return AM_ERR_NOMEM;
	for (uint32_t i = 1; i <= r->office.post_count; i++) {
		struct rows_post p;

		AM_TRY(tenure_post(&r->v, i, &p));
		memcpy(r->posts[i], p.id, sizeof(p.id));
	}
	return AM_OK;
}

static AM_RESULT
reading_start(struct desk *d, struct reading *r)
{
	struct rows_register g;

	r->d = d;
	AM_TRY(store_begin(d->session->store, false, &r->t));
	r->v = view_store(r->t);
	AM_TRY(raised_open(&r->v, session_now(d->session), &r->office));
	r->office.calendar.holidays = r->office.holidays;
	AM_TRY(subindex_register(&r->v, &g));
	r->count = g.subscriptions;
	return read_posts(r);
}

static void
field(const char *label, const char *text)
{
	out_field(stdout, label,
	    (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static void
day_field(const char *label, int32_t day)
{
	char text[DATES_TEXT_LEN + 1];

	dates_text(day, text);
	field(label, text);
}

static const char *
reach_word(enum raised_reach reach)
{
	switch (reach) {
	case RAISED_UNLINKED:
		return "no credential";
	case RAISED_REACHABLE:
		return "yes";
	case RAISED_OUT_OF_REACH:
		return "NO";
	}
	return "";
}

/* ---- list */

struct line {
	int32_t next;
	uint32_t number;
};

static int
by_next(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->next != y->next)
		return x->next < y->next ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static AM_RESULT
sort_lines(const struct reading *r, struct blob *out)
{
	for (uint32_t i = 1; i <= r->count; i++) {
		struct line l = { .number = i };
		struct rows_subscription s;
		struct raised a;

		AM_TRY(subscription_get(&r->v, i, &s));
		raised_term(&r->office, &s, &a);
		l.next = s.state == ROWS_CLOSED ? DATES_NEVER : a.next;
		AM_TRY(blob_add(
		    out, (struct bytes){ (const uint8_t *)&l, sizeof(l) }));
	}
	if (out->len > 0)
		qsort(out->p, out->len / sizeof(struct line),
		    sizeof(struct line), by_next);
	return AM_OK;
}

struct listing {
	struct out_table *table;
	struct out_json *j; /* NULL: for people */
	FILE *page;         /* NULL: none */
	unsigned late, out_of_reach;
};

static void
list_json(struct out_json *j, const struct rows_subscription *s,
    const struct raised *a, const char *owner, const char *reach,
    const char *safe)
{
	char day[DATES_TEXT_LEN + 1];

	out_json_open(j, NULL, '{');
	out_json_text(j, "id", s->id);
	out_json_text(j, "name", s->name);
	out_json_text(j, "state", subscription_state(s));
	out_json_text(j, "control", subscription_control(s));
	dates_text(a->deadline, day);
	out_json_text(j, "decide_by", day);
	dates_text(a->end, day);
	out_json_text(j, "end", day);
	out_json_bool(j, "renews_itself", a->renews_itself);
	out_json_bool(j, "overdue", a->missed || a->ended);
	out_json_text(j, "owner", owner);
	out_json_text(j, "reach", reach);
	out_json_text(j, "unreachable_safe", safe);
	out_json_close(j);
}

/* What is closed has no place in the year to come. */
static AM_RESULT
page_row(const struct reading *r, FILE *page, const struct rows_subscription *s,
    const struct raised *a, const char *owner, enum raised_reach reach,
    const char *safe)
{
	char text[ROWS_ID_MAX + 64];
	const struct timeline_row row = {
		.id = s->id,
		.name = s->name,
		.owner = owner,
		.state = subscription_state(s),
		.reach = text,
		.decide = subscription_is_decided(s) ? -1 : a->deadline,
		.end = a->end,
		.late = a->missed || a->ended,
		.out_of_reach = reach == RAISED_OUT_OF_REACH,
	};

	(void)snprintf(text, sizeof(text), "%s%s",
	    reach == RAISED_OUT_OF_REACH ? "NO QUORUM THEN in safe "
					 : reach_word(reach),
	    safe);
	return s->state == ROWS_CLOSED
	    ? AM_OK
	    : timeline_row(page, r->office.today, &row);
}

static AM_RESULT
list_one(const struct reading *r, uint32_t number, struct listing *l)
{
	char by[DATES_TEXT_LEN + 1], end[DATES_TEXT_LEN + 1],
	    safe[ROWS_ID_MAX + 1];
	struct rows_subscription s;
	enum raised_reach reach;
	const char *owner;
	struct raised a;

	AM_TRY(subscription_get(&r->v, number, &s));
	raised_term(&r->office, &s, &a);
	AM_TRY(raised_reach(&r->office, &s, &a, &reach, safe));
	if (s.posts[ROWS_OWNER] > r->office.post_count)
		return AM_ERR_CORRUPT;
	owner = r->posts[s.posts[ROWS_OWNER]];
	if (s.state == ROWS_CLOSED) {
		reach = RAISED_REACHABLE;
		safe[0] = '\0';
	}
	l->late += a.missed || a.ended;
	l->out_of_reach += reach == RAISED_OUT_OF_REACH;
	if (l->page != NULL)
		return page_row(r, l->page, &s, &a, owner, reach, safe);
	if (l->j != NULL) {
		list_json(l->j, &s, &a, owner,
		    reach == RAISED_UNLINKED        ? "unlinked"
			: reach == RAISED_REACHABLE ? "yes"
						    : "no",
		    safe);
		return AM_OK;
	}
	dates_text(a.deadline, by);
	dates_text(a.end, end);
	out_table_text(l->table, s.id);
	out_table_text(l->table, subscription_state(&s));
	out_table_printf(l->table, "%s%s",
	    s.state == ROWS_CLOSED || subscription_is_decided(&s) ? "-" : by,
	    a.missed ? " LATE" : "");
	out_table_printf(l->table, "%s%s", end, a.ended ? " ENDED" : "");
	out_table_text(l->table, owner);
	out_table_printf(l->table, "%s%s%s",
	    s.state == ROWS_CLOSED ? "-" : reach_word(reach),
	    safe[0] != '\0' ? ": " : "", safe);
	out_table_text(l->table, s.name);
	return AM_OK;
}

static AM_RESULT
list_all(const struct reading *r, struct listing *l)
{
	blob_auto lines = { 0 };

	AM_TRY(sort_lines(r, &lines));
	if (l->j != NULL)
		out_json_open(l->j, NULL, '[');
	for (uint32_t i = 0; i < r->count; i++) {
		struct line line;

		memcpy(&line, lines.p + i * sizeof(line), sizeof(line));
		AM_TRY(list_one(r, line.number, l));
	}
	if (l->j != NULL || l->page != NULL)
		return AM_OK;
	if (r->count == 0) {
		cmd_say(r->d->call,
		    "no subscriptions; 'amanat sub add' enters one");
		return AM_OK;
	}
	return out_table_print(l->table, stdout);
}

/* In place of the table; a file that is there is not written over. */
static AM_RESULT
list_page(const struct reading *r, struct listing *l, const char *path)
{
	out_file_auto file = { 0 };
	char *text = NULL;
	size_t len = 0;
	enum am_err err;

	if ((l->page = open_memstream(&text, &len)) == NULL)
		return AM_ERR_NOMEM;
	err =
	    timeline_begin(l->page, r->d->session->vault.name, r->office.today);
	if (err == AM_OK)
		err = list_all(r, l);
	timeline_end(l->page);
	if (fclose(l->page) != 0 && err == AM_OK)
		err = AM_ERR_NOMEM;
	if (err == AM_OK)
		err = out_file_new(path, &file);
	if (err == AM_OK)
		err = out_file_write(
		    &file, (struct bytes){ (const uint8_t *)text, len });
	if (err == AM_OK)
		err = out_file_keep(&file);
	free(text);
	if (err == AM_ERR_NOMEM || err == AM_ERR_CORRUPT)
		return err;
	if (err != AM_OK)
		return why_say(&r->d->why, err, "",
		    "'%s' cannot be written, or is there already", path);
	cmd_say(r->d->call, "written to '%s'; any browser shows it", path);
	return AM_OK;
}

AM_RESULT
sublist_list(struct cmd_call *call)
{
	const char *path = cmd_opt(call, "html");
	static const char *const heads[] = { "ID", "STATE", "DECIDE BY", "END",
		"OWNER", "REACH", "NAME", NULL };
	out_table_auto table = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	struct listing l = { .table = &table,
		.j = call->json && path == NULL ? &j : NULL };
	desk_auto d = { 0 };
	reading_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	if (cmd_opt(call, "at") != NULL)
		AM_TRY(desk_ask_at(&d, cmd_opt(call, "at")));
	AM_TRY(desk_done(&d, reading_start(&d, &r), "read the register"));
	AM_TRY(desk_done(&d,
	    path != NULL ? list_page(&r, &l, path) : list_all(&r, &l),
	    "list subscriptions"));
	if (l.late > 0)
		return cmd_complain(AM_ERR_OVERDUE,
		    "overdue: %u of %u; 'amanat due' says by whom", l.late,
		    r.count);
	if (l.out_of_reach > 0)
		return cmd_complain(AM_ERR_LOCKOUT,
		    "out of reach on the day that counts: %u of %u; 'amanat "
		    "analyze --subscriptions' says why",
		    l.out_of_reach, r.count);
	return AM_OK;
}

/* ---- show */

static const char *const levels[ROWS_SUB_POSTS] = { "owner", "deputy",
	"technical", "budget", "escalation" };

static AM_RESULT
holder_of(const struct reading *r, uint32_t post, struct rows_post *p,
    char who[static ROWS_ID_MAX + 1])
{
	static const uint8_t nobody[16];

	AM_TRY(tenure_post(&r->v, post, p));
	(void)snprintf(who, ROWS_ID_MAX + 1, "vacant");
	if (bytes_same((struct bytes){ r->office.holders[post], 16 },
		(struct bytes){ nobody, 16 }))
		return AM_OK;
	return lookup_person_name(&r->v, r->office.holders[post], who);
}

/* in the order in which they are asked. */
static AM_RESULT
show_posts(const struct reading *r, const struct rows_subscription *s,
    struct out_json *j)
{
	if (j != NULL)
		out_json_open(j, "posts", '{');
	for (size_t i = 0; i < ROWS_SUB_POSTS; i++) {
		char who[ROWS_ID_MAX + 1], text[256];
		struct rows_post p;

		AM_TRY(holder_of(r, s->posts[i], &p, who));
		if (j != NULL) {
			out_json_text(j, levels[i], p.id);
			continue;
		}
		(void)snprintf(text, sizeof(text), "%s (%s)", p.id, who);
		field(levels[i], text);
	}
	if (j != NULL)
		out_json_close(j);
	else
		field("asked",
		    "owner; after 7 days each deputy, budget, "
		    "escalation; past a vacant post at once");
	return AM_OK;
}

static AM_RESULT
origin_text(const struct reading *r, const struct rows_subscription *s,
    struct blob *out)
{
	struct supplier_verdict j;
	char until[32];

	AM_TRY(supplier_judge(&r->v, s->id, s->countries, &j));
	if (j.version == 0)
		return blob_printf(out, "no deny list is in force");
	if (j.code[0] == '\0')
		return blob_printf(
		    out, "not on version %u of the deny list", j.version);
	AM_TRY(blob_printf(
	    out, "%s IS ON VERSION %u OF THE DENY LIST", j.code, j.version));
	if (j.waived_until == 0)
		return blob_printf(out, ", without an exception");
	desk_time(j.waived_until, until);
	return blob_printf(out, "; exception %s %s",
	    j.waived_until > session_now(r->d->session) ? "until" : "ended",
	    until);
}

static const char *
next_step(const struct rows_subscription *s)
{
	switch ((enum rows_sub_state)s->state) {
	case ROWS_COMPLETE:
		return "active, with the order";
	case ROWS_IN_FORCE:
		return "decision: renew, replace or end";
	case ROWS_DECIDED:
		return s->choice == ROWS_RENEW  ? "renewing, with the order"
		    : s->choice == ROWS_REPLACE ? "replacing, with the order"
						: "ending, with the notice";
	case ROWS_RENEWING:
	case ROWS_REPLACING:
	case ROWS_ENDING:
		return "verified, after two login tests";
	case ROWS_VERIFIED:
		return s->choice == ROWS_RENEW ? "active, with the new end"
					       : "closed, with the end";
	case ROWS_CLOSED:
		return "none";
	}
	return "";
}

static void
print_text(const char *key, struct bytes text)
{
	/* a hash is a word that fills a line */
	if (text.len > 60 && memchr(text.p, ' ', text.len) == NULL) {
		printf("%s:\n    ", key);
		out_text(stdout, text);
		printf("\n");
	} else if (text.len > 0)
		out_field(stdout, key, text);
}

/* A field of the record: what is a link as SAFE/NAME again. */
static AM_RESULT
list_text(const struct reading *r, const struct record *in, enum record_field f,
    struct blob *out)
{
	for (size_t i = 0; i < canon_size(in->list[f]); i++) {
		struct bytes text = { 0 };
		struct rows_record c;
		struct rows_safe safe;
		uint8_t id[16];

		AM_TRY(canon_at_text(in->list[f], i, &text));
		if (!record_is_link(f)) {
			AM_TRY(blob_printf(out, "%s%.*s", i > 0 ? ", " : "",
			    (int)text.len, (const char *)text.p));
			continue;
		}
		AM_TRY(canon_at_hex(in->list[f], i, id, sizeof(id)));
		AM_TRY(rows_get_record(&r->v, (struct bytes){ id, 16 }, &c));
		AM_TRY(
		    rows_get_safe(&r->v, (struct bytes){ c.safe, 16 }, &safe));
		AM_TRY(blob_printf(
		    out, "%s%s/%s", i > 0 ? ", " : "", safe.id, c.title));
	}
	return AM_OK;
}

static AM_RESULT
show_record(
    const struct reading *r, const struct record *in, struct out_json *j)
{
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const enum record_field f = (enum record_field)i;
		blob_auto text = { 0 };
		struct bytes value = in->text[i];

		if (in->list[i] != NULL) {
			AM_TRY(list_text(r, in, f, &text));
			value = blob_bytes(&text);
		}
		if (j != NULL)
			out_json_str(j, record_key(f), value);
		else
			print_text(record_key(f), value);
	}
	return AM_OK;
}

static AM_RESULT
show_text(const struct reading *r, const struct rows_subscription *s,
    const struct raised *a)
{
	char safe[ROWS_ID_MAX + 1], text[256];
	blob_auto origin = { 0 };
	enum raised_reach reach;
	struct dates_plan p;
	int32_t next;

	AM_TRY(raised_reach(&r->office, s, a, &reach, safe));
	AM_TRY(origin_text(r, s, &origin));
	subscription_plan(s, &p);
	field("subscription", s->id);
	field("name", s->name);
	(void)snprintf(text, sizeof(text), "%s, %s%s%s", subscription_state(s),
	    subscription_control(s), s->choice != 0 ? "; decided: " : "",
	    subscription_choice(s));
	field("state", text);
	field("next step", next_step(s));
	day_field("from", (int32_t)s->start);
	day_field("end", a->end);
	if (a->renews_itself) {
		char by[DATES_TEXT_LEN + 1];

		dates_text(dates_notice(&p, a->end), by);
		(void)snprintf(text, sizeof(text),
		    "by itself, unless notice is given by %s", by);
		field("renews", text);
	}
	if (!subscription_is_decided(s))
		day_field("decide by", a->deadline);
	next = dates_next(&p, &r->office.calendar, r->office.today);
	if (next != DATES_NEVER && s->state != ROWS_CLOSED)
		day_field("next reminder", next);
	if (s->order[0] != '\0')
		field("order", s->order);
	AM_TRY(show_posts(r, s, NULL));
	(void)snprintf(text, sizeof(text), "%s%s%s", reach_word(reach),
	    reach == RAISED_OUT_OF_REACH ? ", no quorum then in safe " : "",
	    safe);
	field("in reach", text);
	out_field(stdout, "origin", blob_bytes(&origin));
	return AM_OK;
}

static AM_RESULT
show_json(const struct reading *r, const struct rows_subscription *s,
    const struct raised *a, struct out_json *j)
{
	char safe[ROWS_ID_MAX + 1], day[DATES_TEXT_LEN + 1];
	blob_auto origin = { 0 };
	enum raised_reach reach;

	AM_TRY(raised_reach(&r->office, s, a, &reach, safe));
	AM_TRY(origin_text(r, s, &origin));
	out_json_text(j, "id", s->id);
	out_json_text(j, "name", s->name);
	out_json_uint(j, "version", s->version);
	out_json_text(j, "state", subscription_state(s));
	out_json_text(j, "choice", subscription_choice(s));
	out_json_text(j, "control", subscription_control(s));
	dates_text((int32_t)s->start, day);
	out_json_text(j, "start", day);
	dates_text(a->end, day);
	out_json_text(j, "end", day);
	dates_text(a->deadline, day);
	out_json_text(j, "decide_by", day);
	out_json_bool(j, "renews_itself", a->renews_itself);
	out_json_text(j, "order", s->order);
	AM_TRY(show_posts(r, s, j));
	out_json_text(j, "reach",
	    reach == RAISED_UNLINKED        ? "unlinked"
		: reach == RAISED_REACHABLE ? "yes"
					    : "no");
	out_json_text(j, "unreachable_safe", safe);
	out_json_str(j, "origin", blob_bytes(&origin));
	return AM_OK;
}

static AM_RESULT
show(const struct reading *r, const char *id, bool dossier)
{
	out_json_auto j = { .to = stdout };
	const bool json = r->d->call->json;
	statement_auto said = { 0 };
	struct rows_subscription s;
	struct record in;
	struct raised a;

	AM_TRY(subscribe_find(r->d->session, id, &s));
	AM_TRY(raised_of(&r->office, &s, &a));
	if (json)
		out_json_open(&j, NULL, '{');
	AM_TRY(json ? show_json(r, &s, &a, &j) : show_text(r, &s, &a));
	if (!dossier)
		return AM_OK;
	AM_TRY(subscribe_record(r->d->session, r->t, &s, &said, &in));
	if (json)
		out_json_open(&j, "record", '{');
	else
		printf("\nrecord, as entered at leaf %lu\n",
		    (unsigned long)s.record_leaf);
	return show_record(r, &in, json ? &j : NULL);
}

AM_RESULT
sublist_show(struct cmd_call *call)
{
	desk_auto d = { 0 };
	reading_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, reading_start(&d, &r), "read the register"));
	return desk_done(&d, show(&r, call->args[0], cmd_flag(call, "dossier")),
	    "show the subscription");
}

/* ---- lint */

struct linting {
	struct out_table *table;
	struct out_json *j;
	const char *id;
	unsigned count;
};

static void
lint_one(void *arg, const char *name, const char *rule, const char *text)
{
	struct linting *l = arg;

	l->count++;
	if (l->j == NULL) {
		out_table_text(l->table, l->id);
		out_table_text(l->table, name);
		out_table_printf(l->table, "%s [%s]", text, rule);
		return;
	}
	out_json_open(l->j, NULL, '{');
	out_json_text(l->j, "id", l->id);
	out_json_text(l->j, "field", name);
	out_json_text(l->j, "rule", rule);
	out_json_text(l->j, "text", text);
	out_json_close(l->j);
}

static AM_RESULT
lint_payment(const struct subscribe_sheet *sheet, struct linting *l)
{
	struct record in;
	struct bytes how;

	AM_TRY(record_read(sheet->record, &in));
	how = in.text[RECORD_PAYMENT];
	if (bytes_same(how, (struct bytes){ (const uint8_t *)"personal", 8 }) ||
	    bytes_same(how, (struct bytes){ (const uint8_t *)"card", 4 }))
		lint_one(l, "payment", "R-3",
		    "paid by a card, or by a person: whoever pays can stop it");
	return AM_OK;
}

static AM_RESULT
lint_origin(const struct reading *r, const struct rows_subscription *s,
    struct linting *l)
{
	struct supplier_verdict j;
	char text[128];

	AM_TRY(supplier_judge(&r->v, s->id, s->countries, &j));
	if (j.code[0] == '\0' || j.waived_until > session_now(r->d->session))
		return AM_OK;
	(void)snprintf(text, sizeof(text),
	    "%s is on version %u of the deny list, without an exception",
	    j.code, j.version);
	lint_one(l, "origin", "R-8", text);
	return AM_OK;
}

static AM_RESULT
lint_all(const struct reading *r, struct linting *l)
{
	if (l->j != NULL)
		out_json_open(l->j, NULL, '[');
	for (uint32_t i = 1; i <= r->count; i++) {
		subscribe_sheet_auto sheet = { .id = "" };
		struct rows_subscription s;
		size_t count = 0;

		AM_TRY(subscription_get(&r->v, i, &s));
		if (s.state == ROWS_CLOSED)
			continue;
		l->id = s.id;
		AM_TRY(subscribe_sheet_of(r->d->session, r->t, &s, &sheet));
		AM_TRY(subscribe_check(&r->v, &sheet, lint_one, l, &count));
		AM_TRY(lint_payment(&sheet, l));
		AM_TRY(lint_origin(r, &s, l));
	}
	if (l->j == NULL && l->count > 0)
		return out_table_print(l->table, stdout);
	return AM_OK;
}

AM_RESULT
sublist_lint(struct cmd_call *call)
{
	static const char *const heads[] = { "ID", "FIELD", "WHAT IS WRONG",
		NULL };
	out_table_auto table = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	struct linting l = { .table = &table, .j = call->json ? &j : NULL };
	desk_auto d = { 0 };
	reading_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, reading_start(&d, &r), "read the register"));
	AM_TRY(desk_done(&d, lint_all(&r, &l), "check the register"));
	if (l.count > 0)
		return cmd_complain(AM_ERR_INCOMPLETE,
		    "wrong in the register: %u; change a record with 'amanat "
		    "sub add FILE --new-version'",
		    l.count);
	cmd_say(call, "nothing is wrong in %u subscription%s", r.count,
	    r.count == 1 ? "" : "s");
	return AM_OK;
}

/* ---- orphans */

static int
by_record(const void *a, const void *b)
{
	const struct rows_link *x = a, *y = b;

	for (size_t i = 0; i < sizeof(x->record); i++)
		if (x->record[i] != y->record[i])
			return x->record[i] < y->record[i] ? -1 : 1;
	return 0;
}

struct orphans {
	struct out_json *j;
	struct blob links; /* of all that are not closed, sorted */
	unsigned count;
};

static void
tell_orphan(
    struct orphans *o, const char *kind, const char *id, const char *text)
{
	o->count++;
	if (o->j == NULL) {
		char lead[ROWS_ID_MAX + ROWS_TITLE_MAX + 8];

		(void)snprintf(lead, sizeof(lead), "%s: ", id);
		out_wrapped(stdout, lead, 4, text);
		return;
	}
	out_json_open(o->j, NULL, '{');
	out_json_text(o->j, "kind", kind);
	out_json_text(o->j, "id", id);
	out_json_text(o->j, "text", text);
	out_json_close(o->j);
}

static AM_RESULT
orphan_subscriptions(const struct reading *r, struct orphans *o)
{
	static const uint8_t nobody[16];

	for (uint32_t i = 1; i <= r->count; i++) {
		struct rows_subscription s;

		AM_TRY(subscription_get(&r->v, i, &s));
		if (s.state == ROWS_CLOSED)
			continue;
		AM_TRY(blob_add(&o->links,
		    (struct bytes){ (const uint8_t *)s.links,
			s.link_count * sizeof(s.links[0]) }));
		if (s.link_count == 0)
			tell_orphan(o, "subscription", s.id,
			    "names no credential that renewing needs");
		if (bytes_same(
			(struct bytes){
			    r->office.holders[s.posts[ROWS_OWNER]], 16 },
			(struct bytes){ nobody, 16 }))
			tell_orphan(o, "owner", s.id,
			    "the post that owns it is vacant");
	}
	if (o->links.len > 0)
		qsort(o->links.p, o->links.len / sizeof(struct rows_link),
		    sizeof(struct rows_link), by_record);
	return AM_OK;
}

static AM_RESULT
orphan_credentials(
    const struct reading *r, const struct rows_safe *safe, struct orphans *o)
{
	for (uint32_t i = 0; i < safe->records; i++) {
		const struct rows_key n =
		    rows_key_with_u64((struct bytes){ safe->safe, 16 }, i);
		char path[ROWS_ID_MAX + ROWS_TITLE_MAX + 2];
		struct rows_link key;
		struct rows_record c;

		AM_TRY(rows_index_get(&r->v, "record-n", rows_key(&n),
		    key.record, sizeof(key.record)));
		if (o->links.len > 0 &&
		    bsearch(&key, o->links.p, o->links.len / sizeof(key),
			sizeof(key), by_record) != NULL)
			continue;
		AM_TRY(rows_get_record(
		    &r->v, (struct bytes){ key.record, 16 }, &c));
		(void)snprintf(path, sizeof(path), "%s/%s", safe->id, c.title);
		tell_orphan(o, "credential", path,
		    "no subscription needs it; does it belong to one?");
	}
	return AM_OK;
}

static AM_RESULT
find_orphans(const struct reading *r, struct orphans *o)
{
	if (o->j != NULL)
		out_json_open(o->j, NULL, '[');
	AM_TRY(orphan_subscriptions(r, o));
	for (uint32_t i = 0; i < r->office.safe_count; i++)
		AM_TRY(orphan_credentials(r, &r->office.safes[i].safe, o));
	return AM_OK;
}

AM_RESULT
sublist_orphans(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct orphans o = { .j = call->json ? &j : NULL };
	desk_auto d = { 0 };
	reading_auto r = { .t = NULL }; /* ends before the desk */
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, reading_start(&d, &r), "read the register"));
	err = find_orphans(&r, &o);
	blob_free(&o.links);
	AM_TRY(desk_done(&d, err, "look for orphans"));
	if (o.count > 0)
		return cmd_complain(AM_ERR_OVERDUE, "left alone: %u", o.count);
	cmd_say(call, "no credential and no subscription is alone");
	return AM_OK;
}

/* ---- note: one page for whoever comes next */

enum { NOTE_DAYS = 3 };

static void
note_dates(const struct reading *r, const struct rows_subscription *s,
    const struct raised *a)
{
	struct dates_plan p;
	int32_t day = r->office.today;

	subscription_plan(s, &p);
	printf("\nDates\n");
	if (!subscription_is_decided(s))
		day_field("  decide by", a->deadline);
	day_field("  end", a->end);
	for (size_t i = 0; i < NOTE_DAYS && s->state != ROWS_CLOSED; i++) {
		day = dates_next(&p, &r->office.calendar, day);
		if (day == DATES_NEVER)
			break;
		day_field("  reminder", day);
	}
}

static AM_RESULT
note_issues(const struct reading *r, const struct rows_subscription *s,
    const struct raised *a)
{
	char safe[ROWS_ID_MAX + 1], text[128];
	blob_auto said = { 0 }, origin = { 0 };
	enum raised_reach reach;

	printf("\nOpen\n");
	AM_TRY(raised_text(&r->office, s, a, &said));
	if (said.len > 0)
		out_field(stdout, "  now", blob_bytes(&said));
	field("  next step", next_step(s));
	field("  account", subscription_control(s));
	AM_TRY(origin_text(r, s, &origin));
	out_field(stdout, "  origin", blob_bytes(&origin));
	AM_TRY(raised_reach(&r->office, s, a, &reach, safe));
	(void)snprintf(text, sizeof(text), "%s %s", reach_word(reach), safe);
	field("  in reach", text);
	return AM_OK;
}

static AM_RESULT
note_access(const struct reading *r, const struct record *in)
{
	blob_auto names = { 0 };
	char text[512];

	printf("\nAccess\n");
	AM_TRY(list_text(r, in, RECORD_CREDENTIALS, &names));
	(void)snprintf(text, sizeof(text),
	    "amanat ask %.*s --reason TEXT; the custodians approve; amanat "
	    "open r-N",
	    (int)(names.len < 300 ? names.len : 300),
	    names.len > 0 ? (const char *)names.p : "SAFE/NAME");
	field("  how", text);
	print_text("  mailbox", in->text[RECORD_MAILBOX]);
	print_text("  phone", in->text[RECORD_PHONE]);
	print_text("  if lost", in->text[RECORD_RECOVERY]);
	return AM_OK;
}

static AM_RESULT
note(const struct reading *r, const char *id)
{
	statement_auto said = { 0 };
	blob_auto contacts = { 0 };
	struct rows_subscription s;
	struct record in;
	struct raised a;

	AM_TRY(subscribe_find(r->d->session, id, &s));
	AM_TRY(subscribe_record(r->d->session, r->t, &s, &said, &in));
	AM_TRY(raised_of(&r->office, &s, &a));
	AM_TRY(list_text(r, &in, RECORD_CONTACTS, &contacts));
	field("Hand-over", s.name);
	print_text("what", in.text[RECORD_PURPOSE]);
	print_text("vendor", in.text[RECORD_VENDOR]);
	print_text("contract", in.text[RECORD_CONTRACT]);
	print_text("customer", in.text[RECORD_CUSTOMER]);
	print_text("to know", in.text[RECORD_HANDOVER]);
	printf("\nWhom to call\n");
	AM_TRY(show_posts(r, &s, NULL));
	out_field(stdout, "vendor", blob_bytes(&contacts));
	note_dates(r, &s, &a);
	AM_TRY(note_issues(r, &s, &a));
	return note_access(r, &in);
}

AM_RESULT
sublist_note(struct cmd_call *call)
{
	desk_auto d = { 0 };
	reading_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	if (call->json)
		return cmd_complain(AM_ERR_INVALID,
		    "a note is a page for people; 'amanat sub show %s "
		    "--dossier --json' is for programs",
		    call->args[0]);
	AM_TRY(desk_done(&d, reading_start(&d, &r), "read the register"));
	return desk_done(
	    &d, note(&r, call->args[0]), "write the hand-over note");
}

/* ---- calendar */

static AM_RESULT
price_of(const struct reading *r, const struct rows_subscription *s,
    struct blob *out)
{
	statement_auto said = { 0 };
	struct record in;

	AM_TRY(subscribe_record(r->d->session, r->t, s, &said, &in));
	if (in.text[RECORD_PRICE].len == 0)
		return AM_OK;
	return blob_printf(out, "%.*s %.*s", (int)in.text[RECORD_PRICE].len,
	    (const char *)in.text[RECORD_PRICE].p,
	    (int)in.text[RECORD_CURRENCY].len,
	    (const char *)in.text[RECORD_CURRENCY].p);
}

/* A tacit renewal is a change too, and no statement: versions leave room. */
enum { RENEWALS_MAX = 64 };

static uint32_t
sequence_of(const struct rows_subscription *s, const struct dates_plan *p,
    int32_t today)
{
	const uint32_t n = dates_renewals(&p->term, today);

	return (s->version - 1) * RENEWALS_MAX +
	    (n < RENEWALS_MAX ? n : RENEWALS_MAX - 1);
}

static AM_RESULT
ics_one(const struct reading *r, const struct rows_subscription *s, bool price,
    struct blob *out)
{
	blob_auto cost = { 0 };
	struct dates_plan p;
	struct calendar_item i = {
		.id = s->id,
		.name = s->name,
		.host = r->d->session->vault.rpid,
		.price = "",
		.plan = &p,
		.calendar = &r->office.calendar,
		.closed = s->state == ROWS_CLOSED,
		.revised = s->at,
	};

	subscription_plan(s, &p);
	i.end = subscription_end(s, r->office.today);
	i.deadline = dates_deadline(&p, i.end);
	i.notice = p.term.months == 0 ? -1 : dates_notice(&p, i.end);
	i.sequence = sequence_of(s, &p, r->office.today);
	if (price) {
		AM_TRY(price_of(r, s, &cost));
		AM_TRY(
		    blob_add(&cost, (struct bytes){ (const uint8_t *)"", 1 }));
		i.price = (const char *)cost.p;
	}
	return calendar_add(out, &i);
}

static AM_RESULT
ics(const struct reading *r, const char *id, bool price, struct blob *out)
{
	struct rows_subscription s;

	AM_TRY(calendar_begin(out));
	if (id != NULL) {
		AM_TRY(subscribe_find(r->d->session, id, &s));
		AM_TRY(ics_one(r, &s, price, out));
	}
	for (uint32_t i = 1; id == NULL && i <= r->count; i++) {
		AM_TRY(subscription_get(&r->v, i, &s));
		AM_TRY(ics_one(r, &s, price, out));
	}
	return calendar_end(out);
}

AM_RESULT
sublist_ics(struct cmd_call *call)
{
	const char *id = call->arg_count > 0 ? call->args[0] : NULL;
	blob_auto text = { 0 };
	desk_auto d = { 0 };
	reading_auto r = { .t = NULL };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, reading_start(&d, &r), "read the register"));
	AM_TRY(desk_done(&d, ics(&r, id, cmd_flag(call, "with-price"), &text),
	    "write the calendar"));
	return fwrite(text.p, 1, text.len, stdout) == text.len ? AM_OK
							       : AM_ERR_IO;
}
