/*
 * sub list: the register by urgency, as a table or as a year on a page.
 */

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/subread.h"
#include "cli/timeline.h"
#include "cli/verbs.h"

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
sort_lines(const struct subread *r, struct blob *out)
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
page_row(const struct subread *r, FILE *page, const struct rows_subscription *s,
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
					 : subread_reach(reach),
	    safe);
	return s->state == ROWS_CLOSED
	    ? AM_OK
	    : timeline_row(page, r->office.today, &row);
}

static AM_RESULT
list_one(const struct subread *r, uint32_t number, struct listing *l)
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
	AM_TRY(subread_post(r, &s, ROWS_OWNER, &owner));
	if (s.state == ROWS_CLOSED) {
		reach = RAISED_REACHABLE;
		safe[0] = '\0';
	}
	l->late += a.missed || a.ended;
	l->out_of_reach += reach == RAISED_OUT_OF_REACH;
	if (l->page != NULL)
		return page_row(r, l->page, &s, &a, owner, reach, safe);
	if (l->j != NULL) {
		list_json(l->j, &s, &a, owner, subread_reach_key(reach), safe);
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
	    s.state == ROWS_CLOSED ? "-" : subread_reach(reach),
	    safe[0] != '\0' ? ": " : "", safe);
	out_table_text(l->table, s.name);
	return AM_OK;
}

static AM_RESULT
list_all(const struct subread *r, struct listing *l)
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
		    "no subscriptions; 'amanat sub add FILE' enters one, and "
		    "'amanat import FILE --as subscriptions' a table of them");
		return AM_OK;
	}
	return out_table_print(l->table, stdout);
}

/* In place of the table; a file that is there is not written over. */
static AM_RESULT
list_page(const struct subread *r, struct listing *l, const char *path)
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
	subread_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	if (cmd_opt(call, "at") != NULL)
		AM_TRY(desk_ask_at(&d, cmd_opt(call, "at")));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
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
