/*
 * sub lint and sub orphans: what is wrong in the register as it stands now, and
 * what stands alone.
 */

#include <string.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/subread.h"
#include "cli/verbs.h"
#include "vault/acts/subscribe.h"
#include "vault/state/roll.h"
#include "vault/state/supplier.h"

/* ---- lint */

struct linting {
	struct out_table *table;
	struct out_json *j;
	char id[ROWS_ID_MAX + 1];
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
lint_origin(const struct subread *r, const struct rows_subscription *s,
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
lint_all(const struct subread *r, struct linting *l)
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
		memcpy(l->id, s.id, sizeof(l->id));
		AM_TRY(subscribe_sheet_of(r->d->session, r->t, &s, &sheet));
		AM_TRY(subscribe_check(&r->v, &sheet,
		    session_now(r->d->session), lint_one, l, &count));
		AM_TRY(lint_payment(&sheet, l));
		AM_TRY(lint_origin(r, &s, l));
	}
	if (l->j == NULL && l->count > 0)
		return out_table_print(l->table, stdout);
	return AM_OK;
}

AM_RESULT
subcheck_lint(struct cmd_call *call)
{
	static const char *const heads[] = { "ID", "FIELD", "WHAT IS WRONG",
		NULL };
	out_table_auto table = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	struct linting l = { .table = &table, .j = call->json ? &j : NULL };
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL }; /* ends before the desk */

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
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
orphan_subscriptions(const struct subread *r, struct orphans *o)
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
    const struct subread *r, const struct rows_safe *safe, struct orphans *o)
{
	struct roll roll = { 0 };

	for (uint32_t i = 0; i < safe->records; i++) {
		char path[ROWS_ID_MAX + ROWS_TITLE_MAX + 2];
		struct rows_link key = { 0 };
		struct rows_record c;

		AM_TRY(roll_nth(&r->v, safe->safe, i, &roll, key.record));
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
find_orphans(const struct subread *r, struct orphans *o)
{
	if (o->j != NULL)
		out_json_open(o->j, NULL, '[');
	AM_TRY(orphan_subscriptions(r, o));
	for (uint32_t i = 0; i < r->office.safe_count; i++)
		AM_TRY(orphan_credentials(r, &r->office.safes[i].safe, o));
	return AM_OK;
}

AM_RESULT
subcheck_orphans(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct orphans o = { .j = call->json ? &j : NULL };
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL }; /* ends before the desk */
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
	err = find_orphans(&r, &o);
	blob_free(&o.links);
	AM_TRY(desk_done(&d, err, "look for orphans"));
	if (o.count > 0)
		return cmd_complain(AM_ERR_OVERDUE, "left alone: %u", o.count);
	cmd_say(call, "no credential and no subscription is alone");
	return AM_OK;
}
