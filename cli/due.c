#include "vault/acts/due.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/duties.h"
#include "cli/holdings.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"

struct listing {
	struct out_json *j; /* NULL: for people */
	unsigned count, overdue;
	/* For people: what is said next, of all who owe it. */
	struct due_item held; /* of the last of them */
	unsigned people;
	struct blob others; /* "a, b" of those before */
};

static void
listing_end(struct listing *l)
{
	blob_free(&l->others);
}
#define listing_auto AM_CLEANUP(listing_end) struct listing

static void
count(struct listing *l, const struct due_item *i)
{
	l->count++;
	l->overdue += i->overdue ? 1 : 0;
}

static void
show_json(struct out_json *j, const struct due_item *i)
{
	char at[WHEN_TEXT_LEN + 1];

	when_text(i->at, at);
	out_json_open(j, NULL, '{');
	out_json_text(j, "date", at);
	out_json_bool(j, "overdue", i->overdue);
	out_json_text(j, "who", i->who);
	out_json_text(j, "what", i->what);
	out_json_text(j, "next", i->next);
	out_json_close(j);
}

/* What is held is complete. */
static AM_RESULT
flush(struct listing *l)
{
	const char *last = l->held.who[0] != '\0' ? l->held.who : "anyone";
	char text[32], lead[64];

	if (l->people == 0)
		return AM_OK;
	desk_time(l->held.at, text);
	(void)snprintf(lead, sizeof(lead), "%s%s  ", text,
	    l->held.overdue ? " OVERDUE" : "");
	AM_TRY(blob_printf(
	    &l->others, "%s%s: ", l->people > 1 ? " and " : "", last));
	AM_TRY(blob_text(&l->others, l->held.what));
	AM_TRY(blob_add(&l->others, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, lead, 4, (const char *)l->others.p);
	if (l->held.next[0] != '\0')
		out_wrapped(stdout, "    next: ", 6, l->held.next);
	count(l, &l->held);
	l->others.len = 0;
	l->people = 0;
	return AM_OK;
}

static bool
is_same_step(const struct due_item *a, const struct due_item *b)
{
	return a->at == b->at && strcmp(a->what, b->what) == 0 &&
	    strcmp(a->next, b->next) == 0;
}

static enum am_err
show(void *arg, const struct due_item *i)
{
	struct listing *l = arg;

	if (l->j != NULL) {
		show_json(l->j, i);
		count(l, i);
		return AM_OK;
	}
	if (l->people > 0 && is_same_step(&l->held, i) &&
	    strcmp(l->held.who, i->who) == 0)
		return AM_OK; /* owed of two safes, or two old shares */
	if (l->people > 0 && is_same_step(&l->held, i))
		AM_TRY(blob_printf(&l->others, "%s%s",
		    l->people > 1 ? ", " : "", l->held.who));
	else
		AM_TRY(flush(l));
	l->held = *i;
	l->people++;
	return AM_OK;
}

static AM_RESULT
show_all(const struct due *due, const uint8_t *person, struct listing *l)
{
	AM_TRY(due_each(due, person, show, l));
	return flush(l);
}

static AM_RESULT
told(struct cmd_call *call, const struct listing *l)
{
	if (l->overdue > 0)
		return cmd_complain(
		    AM_ERR_OVERDUE, "overdue: %u of %u", l->overdue, l->count);
	if (l->count == 0)
		cmd_say(call, "nothing is owed");
	return AM_OK;
}

static AM_RESULT
list(struct desk *d, struct listing *l)
{
	store_txn_auto *t = NULL;
	due_auto due = { 0 };
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(due_read(d->session, &v, &due));
	if (l->j != NULL)
		out_json_open(l->j, NULL, '[');
	return show_all(&due, NULL, l);
}

AM_RESULT
due_list(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	listing_auto l = { .j = call->json ? &j : NULL };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	if (cmd_opt(call, "at") != NULL)
		AM_TRY(desk_ask_at(&d, cmd_opt(call, "at")));
	AM_TRY(desk_done(&d, list(&d, &l), "list what is due"));
	return told(call, &l);
}

/* ---- me */

/* By name, or by the key in hand, which is only asked whose it is. */
static AM_RESULT
who_is_it(struct desk *d, struct rows_person *out)
{
	const char *id = cmd_opt(d->call, "person");
	session_key_auto k = { 0 };

	if (id != NULL)
		return lookup_person(d->session, id, out);
	AM_TRY(session_find_key(d->session, NULL, &k, NULL));
	*out = k.person;
	return AM_OK;
}

static AM_RESULT
me(struct desk *d, struct listing *l)
{
	struct rows_person p;
	store_txn_auto *t = NULL;
	due_auto due = { 0 };
	struct view v;

	AM_TRY(who_is_it(d, &p));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(due_read(d->session, &v, &due));
	if (l->j != NULL)
		out_json_open(l->j, NULL, '{');
	AM_TRY(holdings_show(d, &v, &p, l->j));
	if (l->j != NULL)
		out_json_open(l->j, "due", '[');
	return show_all(&due, p.person, l);
}

AM_RESULT
due_me(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	listing_auto l = { .j = call->json ? &j : NULL };
	desk_auto d = { 0 };

	if (cmd_flag(call, "duties"))
		return duties_print(call);
	if (cmd_flag(call, "accept"))
		return duties_accept(call);
	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, me(&d, &l), "say what you owe"));
	return told(call, &l);
}
