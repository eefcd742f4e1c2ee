#include "vault/acts/due.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/tenures.h"
#include "cli/verbs.h"
#include "vault/acts/depart.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"

struct listing {
	struct out_json *j; /* NULL: for people */
	unsigned count, overdue;
};

static enum am_err
show(void *arg, const struct due_item *i)
{
	struct listing *l = arg;
	char at[WHEN_TEXT_LEN + 1], text[32], lead[96];

	l->count++;
	l->overdue += i->overdue ? 1 : 0;
	if (l->j != NULL) {
		when_text(i->at, at);
		out_json_open(l->j, NULL, '{');
		out_json_text(l->j, "date", at);
		out_json_bool(l->j, "overdue", i->overdue);
		out_json_text(l->j, "who", i->who);
		out_json_text(l->j, "what", i->what);
		out_json_text(l->j, "next", i->next);
		out_json_close(l->j);
		return AM_OK;
	}
	desk_time(i->at, text);
	(void)snprintf(lead, sizeof(lead), "%s%s  %s: ", text,
	    i->overdue ? " OVERDUE" : "",
	    i->who[0] != '\0' ? i->who : "anyone");
	out_wrapped(stdout, lead, 4, i->what);
	if (i->next[0] != '\0')
		out_wrapped(stdout, "    next: ", 6, i->next);
	return AM_OK;
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
	return due_each(&due, NULL, show, l);
}

AM_RESULT
due_list(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct listing l = { .j = call->json ? &j : NULL };
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

static enum am_err
show_key(void *arg, const struct rows_token *t)
{
	struct out_json *j = arg;
	char text[2 * ROWS_TITLE_MAX + 8];

	(void)snprintf(text, sizeof(text), "%s%s%s", t->label,
	    t->place[0] != '\0' ? ", at " : "", t->place);
	if (j != NULL)
		out_json_text(j, NULL, t->label);
	else
		out_field(stdout, "key",
		    (struct bytes){ (const uint8_t *)text, strlen(text) });
	return AM_OK;
}

static enum am_err
show_place(void *arg, const struct rows_token *t)
{
	out_json_text(arg, NULL, t->place);
	return AM_OK;
}

static AM_RESULT
show_custody(struct desk *d, const struct view *v, const struct rows_person *p,
    struct out_json *j)
{
	static const uint8_t none[32];

	for (uint32_t i = 0; i < d->session->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_manifest m;
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(
		    rows_index_get(v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		if (bytes_same((struct bytes){ s.manifest, 32 },
			(struct bytes){ none, 32 }))
			continue;
		AM_TRY(
		    rows_get_manifest(v, (struct bytes){ s.manifest, 32 }, &m));
		if (manifest_position(m.members, m.n, p->person) < 0)
			continue;
		if (j != NULL)
			out_json_text(j, NULL, s.id);
		else
			printf(
			    "custodian of:   %s (%u of %u)\n", s.id, m.k, m.n);
	}
	return AM_OK;
}

static AM_RESULT
show_me(struct desk *d, const struct view *v, const struct rows_person *p,
    struct out_json *j)
{
	if (j == NULL) {
		printf("person:         %s%s\n", p->id,
		    p->suspended != ROWS_FREE ? ", SUSPENDED" : "");
		AM_TRY(tenures_show(d, p, NULL));
		AM_TRY(depart_each_key(d->session, v, p, show_key, NULL));
		return show_custody(d, v, p, NULL);
	}
	out_json_text(j, "person", p->id);
	out_json_bool(j, "suspended", p->suspended != ROWS_FREE);
	out_json_open(j, "posts", '[');
	AM_TRY(tenures_show(d, p, j));
	out_json_close(j);
	out_json_open(j, "keys", '[');
	AM_TRY(depart_each_key(d->session, v, p, show_key, j));
	out_json_close(j);
	out_json_open(j, "custodian_of", '[');
	AM_TRY(show_custody(d, v, p, j));
	out_json_close(j);
	out_json_open(j, "key_places", '[');
	AM_TRY(depart_each_key(d->session, v, p, show_place, j));
	out_json_close(j);
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
	AM_TRY(show_me(d, &v, &p, l->j));
	if (l->j != NULL)
		out_json_open(l->j, "due", '[');
	return due_each(&due, p.person, show, l);
}

AM_RESULT
due_me(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct listing l = { .j = call->json ? &j : NULL };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, me(&d, &l), "say what you owe"));
	return told(call, &l);
}
