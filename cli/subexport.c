/*
 * sub ics and sub export: the register for other programs, without a secret.
 */

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/subread.h"
#include "cli/verbs.h"
#include "vault/acts/subscribe.h"
#include "vault/register/calendar.h"

/* ---- calendar */

static AM_RESULT
price_of(const struct subread *r, const struct rows_subscription *s,
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

/* Another description of the entity may have other holidays. */
static uint32_t
sequence_of(const struct subread *r, const struct rows_subscription *s,
    const struct dates_plan *p)
{
	const uint32_t n = dates_renewals(&p->term, r->office.today),
		       versions = s->version + r->office.entity.version;

	return (versions - 2) * RENEWALS_MAX +
	    (n < RENEWALS_MAX ? n : RENEWALS_MAX - 1);
}

static AM_RESULT
ics_one(const struct subread *r, const struct rows_subscription *s, bool price,
    struct blob *out)
{
	const int64_t described = r->office.entity.at;
	int32_t days[2 * ROWS_HOLIDAYS_MAX];
	struct schedule ever = { .count = 0 };
	struct dates_calendar c;
	blob_auto cost = { 0 };
	struct dates_plan p;
	struct calendar_item i = {
		.id = s->id,
		.name = s->name,
		.host = r->d->session->vault.rpid,
		.price = "",
		.plan = &p,
		.calendar = &r->office.calendar,
		.ever = &ever,
		.closed = s->state == ROWS_CLOSED,
		.revised = s->at > described ? s->at : described,
	};

	subscription_plan(s, &p);
	i.end = subscription_end(s, r->office.today);
	i.deadline = dates_deadline(&p, i.end);
	i.notice = p.term.months == 0 ? -1 : dates_notice(&p, i.end);
	i.sequence = sequence_of(r, s, &p);
	subscription_calendar(&r->office.entity, true, days, &c);
	subscription_schedule(s, &c, r->office.today, &ever);
	if (price) {
		AM_TRY(price_of(r, s, &cost));
		AM_TRY(
		    blob_add(&cost, (struct bytes){ (const uint8_t *)"", 1 }));
		i.price = (const char *)cost.p;
	}
	return calendar_add(out, &i);
}

static AM_RESULT
ics(const struct subread *r, const char *id, bool price, struct blob *out)
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
subexport_ics(struct cmd_call *call)
{
	const char *id = call->arg_count > 0 ? call->args[0] : NULL;
	blob_auto text = { 0 };
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
	AM_TRY(desk_done(&d, ics(&r, id, cmd_flag(call, "with-price"), &text),
	    "write the calendar"));
	return fwrite(text.p, 1, text.len, stdout) == text.len ? AM_OK
							       : AM_ERR_IO;
}

/* ---- the register as a table */

struct row {
	const char *id, *name, *state, *control, *owner, *deputy, *reach,
	    *order;
	char start[DATES_TEXT_LEN + 1], end[DATES_TEXT_LEN + 1],
	    decide_by[DATES_TEXT_LEN + 1];
	bool renews_itself;
};

struct exporting {
	struct out_json *j; /* NULL: CSV */
	bool price;
};

static AM_RESULT
row_of(
    const struct subread *r, const struct rows_subscription *s, struct row *out)
{
	enum raised_reach reach = RAISED_REACHABLE;
	char safe[ROWS_ID_MAX + 1];
	struct raised a;

	raised_term(&r->office, s, &a);
	if (s->state != ROWS_CLOSED)
		AM_TRY(raised_reach(&r->office, s, &a, &reach, safe));
	AM_TRY(subread_post(r, s, ROWS_OWNER, &out->owner));
	AM_TRY(subread_post(r, s, ROWS_DEPUTY, &out->deputy));
	out->id = s->id;
	out->name = s->name;
	out->state = subscription_state(s);
	out->control = subscription_control(s);
	out->order = s->order;
	out->reach = subread_reach_key(reach);
	out->renews_itself = a.renews_itself;
	dates_text((int32_t)s->start, out->start);
	dates_text(a.end, out->end);
	dates_text(a.deadline, out->decide_by);
	return AM_OK;
}

static AM_RESULT
links_of(const struct subread *r, const struct rows_subscription *s,
    struct blob *out)
{
	for (size_t i = 0; i < s->link_count; i++) {
		if (i > 0)
			AM_TRY(blob_printf(out, " "));
		AM_TRY(subread_link(r, s, i, out));
	}
	return AM_OK;
}

static void
row_csv(const struct row *w, struct bytes links, const struct bytes *price)
{
	struct out_csv c = { .to = stdout };

	out_csv_text(&c, w->id);
	out_csv_text(&c, w->name);
	out_csv_text(&c, w->state);
	out_csv_text(&c, w->control);
	out_csv_text(&c, w->owner);
	out_csv_text(&c, w->deputy);
	out_csv_text(&c, w->start);
	out_csv_text(&c, w->end);
	out_csv_text(&c, w->decide_by);
	out_csv_text(&c, w->renews_itself ? "yes" : "no");
	out_csv_text(&c, w->reach);
	out_csv_text(&c, w->order);
	out_csv_bytes(&c, links);
	if (price != NULL)
		out_csv_bytes(&c, *price);
	out_csv_end(&c);
}

static AM_RESULT
row_json(const struct subread *r, const struct rows_subscription *s,
    const struct row *w, const struct bytes *price, struct out_json *j)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "id", w->id);
	out_json_text(j, "name", w->name);
	out_json_text(j, "state", w->state);
	out_json_text(j, "control", w->control);
	out_json_text(j, "owner", w->owner);
	out_json_text(j, "deputy", w->deputy);
	out_json_text(j, "start", w->start);
	out_json_text(j, "end", w->end);
	out_json_text(j, "decide_by", w->decide_by);
	out_json_bool(j, "renews_itself", w->renews_itself);
	out_json_text(j, "reach", w->reach);
	out_json_text(j, "order", w->order);
	out_json_open(j, "credentials", '[');
	for (size_t i = 0; i < s->link_count; i++) {
		blob_auto path = { 0 };

		AM_TRY(subread_link(r, s, i, &path));
		out_json_str(j, NULL, blob_bytes(&path));
	}
	out_json_close(j);
	if (price != NULL)
		out_json_str(j, "price", *price);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
export_one(const struct subread *r, const struct rows_subscription *s,
    const struct exporting *e)
{
	blob_auto cost = { 0 }, links = { 0 };
	struct bytes price = { 0 };
	struct row w;

	AM_TRY(row_of(r, s, &w));
	if (e->price) {
		AM_TRY(price_of(r, s, &cost));
		price = blob_bytes(&cost);
	}
	if (e->j != NULL)
		return row_json(r, s, &w, e->price ? &price : NULL, e->j);
	AM_TRY(links_of(r, s, &links));
	row_csv(&w, blob_bytes(&links), e->price ? &price : NULL);
	return AM_OK;
}

static AM_RESULT
export_all(const struct subread *r, const struct exporting *e)
{
	static const char *const columns[] = { "id", "name", "state", "control",
		"owner", "deputy", "start", "end", "decide_by", "renews_itself",
		"reach", "order", "credentials", "price" };
	const size_t count = AM_ARRAY_LEN(columns) - (e->price ? 0 : 1);
	struct out_csv c = { .to = stdout };

	if (e->j != NULL)
		out_json_open(e->j, NULL, '[');
	for (size_t i = 0; i < count && e->j == NULL; i++)
		out_csv_text(&c, columns[i]);
	if (e->j == NULL)
		out_csv_end(&c);
	for (uint32_t i = 1; i <= r->count; i++) {
		struct rows_subscription s;

		AM_TRY(subscription_get(&r->v, i, &s));
		AM_TRY(export_one(r, &s, e));
	}
	return AM_OK;
}

/* ---- the records, so that `import --as subscriptions` can read them */

static bool
is_exported(const struct exporting *e, enum record_field f)
{
	return e->price || (f != RECORD_PRICE && f != RECORD_CURRENCY);
}

/* An item a line. One alone that would be taken for several, or that blanks
 * stand around, has its line end. */
static AM_RESULT
list_cell(const struct subread *r, const struct record *in, enum record_field f,
    struct out_csv *to)
{
	const size_t n = canon_size(in->list[f]);
	blob_auto cell = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			AM_TRY(blob_text(&cell, "\n"));
		AM_TRY(subread_item(r, in, f, i, &cell));
	}
	if (n == 1 && cell.len > 0 &&
	    (memchr(cell.p, ';', cell.len) != NULL || cell.p[0] == ' ' ||
		cell.p[cell.len - 1] == ' '))
		AM_TRY(blob_text(&cell, "\n"));
	out_csv_bytes(to, blob_bytes(&cell));
	return AM_OK;
}

static AM_RESULT
record_csv(const struct subread *r, const char *id, const struct record *in,
    const struct exporting *e)
{
	struct out_csv c = { .to = stdout };

	out_csv_text(&c, id);
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const enum record_field f = (enum record_field)i;

		if (!is_exported(e, f))
			continue;
		if (record_is_list(f))
			AM_TRY(list_cell(r, in, f, &c));
		else
			out_csv_bytes(&c, in->text[f]);
	}
	out_csv_end(&c);
	return AM_OK;
}

static AM_RESULT
json_list(const struct subread *r, const struct record *in, enum record_field f,
    struct out_json *j)
{
	out_json_open(j, record_key(f), '[');
	for (size_t i = 0; i < canon_size(in->list[f]); i++) {
		blob_auto text = { 0 };

		AM_TRY(subread_item(r, in, f, i, &text));
		out_json_str(j, NULL, blob_bytes(&text));
	}
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
record_json(const struct subread *r, const char *id, const struct record *in,
    const struct exporting *e)
{
	out_json_open(e->j, NULL, '{');
	out_json_text(e->j, "id", id);
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const enum record_field f = (enum record_field)i;

		if (!is_exported(e, f))
			continue;
		if (record_is_list(f))
			AM_TRY(json_list(r, in, f, e->j));
		else
			out_json_str(e->j, record_key(f), in->text[f]);
	}
	out_json_close(e->j);
	return AM_OK;
}

static void
record_heading(const struct exporting *e)
{
	struct out_csv c = { .to = stdout };

	out_csv_text(&c, "id");
	for (size_t i = 0; i < RECORD_COUNT; i++)
		if (is_exported(e, (enum record_field)i))
			out_csv_text(&c, record_key((enum record_field)i));
	out_csv_end(&c);
}

/* What is closed would be entered anew by who reads it. */
static AM_RESULT
export_records(const struct subread *r, const struct exporting *e)
{
	if (e->j != NULL)
		out_json_open(e->j, NULL, '[');
	else
		record_heading(e);
	for (uint32_t i = 1; i <= r->count; i++) {
		struct rows_subscription s;
		statement_auto said = { 0 };
		struct record in;

		AM_TRY(subscription_get(&r->v, i, &s));
		if (s.state == ROWS_CLOSED)
			continue;
		AM_TRY(subscribe_record(r->d->session, r->t, &s, &said, &in));
		AM_TRY(e->j != NULL ? record_json(r, s.id, &in, e)
				    : record_csv(r, s.id, &in, e));
	}
	return AM_OK;
}

AM_RESULT
subexport_table(struct cmd_call *call)
{
	const char *format = cmd_opt(call, "format");
	out_json_auto j = { .to = stdout };
	struct exporting e = { .j = call->json ? &j : NULL,
		.price = cmd_flag(call, "with-price") };
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL }; /* ends before the desk */

	if (format != NULL && strcmp(format, "csv") != 0 &&
	    strcmp(format, "json") != 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--format is csv or json, not '%s'", format);
	if (format != NULL)
		e.j = strcmp(format, "json") == 0 ? &j : NULL;
	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
	return desk_done(&d,
	    cmd_flag(call, "records") ? export_records(&r, &e)
				      : export_all(&r, &e),
	    "export the register");
}
