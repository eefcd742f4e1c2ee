#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/tenures.h"
#include "cli/tokens.h"
#include "cli/verbs.h"
#include "vault/acts/enrol.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/keyring.h"

static const char *
kind_text(uint8_t kind)
{
	switch ((enum rows_kind)kind) {
	case ROWS_OFFICIAL:
		return "official";
	case ROWS_CONTRACTOR:
		return "contractor";
	case ROWS_AUDITOR:
		return "auditor";
	}
	return "unknown";
}

static const char *
status_text(const struct rows_person *p)
{
	if (p->suspended == ROWS_CONFIRMED)
		return "suspended (confirmed)";
	if (p->suspended == ROWS_SUSPENDED)
		return "suspended";
	return p->status == ROWS_ADMITTED ? "admitted" : "not admitted";
}

/* A contractor has an end, and somebody who answers; nobody else has. */
static AM_RESULT
read_contract(struct cmd_call *call, struct enrol_wish *w)
{
	const char *until = cmd_opt(call, "until");

	if (strcmp(w->kind, "contractor") != 0)
		return w->sponsor == NULL && until == NULL
		    ? AM_OK
		    : cmd_complain(AM_ERR_INVALID,
			  "--sponsor and --until belong to --kind contractor");
	if (w->sponsor == NULL || until == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a contractor needs --sponsor, who answers for them, and "
		    "--until, the end of the contract");
	if (when_end(until, &w->until) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--until is the last day served, such as 2027-06-30, not "
		    "'%s'",
		    until);
	return AM_OK;
}

static AM_RESULT
read_wish(struct cmd_call *call, struct enrol_wish *w)
{
	if (w->kind == NULL)
		w->kind = "official";
	if (w->name == NULL)
		return cmd_complain(
		    AM_ERR_INVALID, "a person needs --name, as in the file");
	if (strcmp(w->kind, "official") != 0 &&
	    strcmp(w->kind, "contractor") != 0 &&
	    strcmp(w->kind, "auditor") != 0)
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' is no kind of person; use official, contractor or "
		    "auditor",
		    w->kind);
	return read_contract(call, w);
}

AM_RESULT
person_add(struct cmd_call *call)
{
	struct enrol_wish w = { .id = call->args[0],
		.name = cmd_opt(call, "name"),
		.kind = cmd_opt(call, "kind"),
		.sponsor = cmd_opt(call, "sponsor") };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(read_wish(call, &w));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(lookup_check_id(&d.why, "the id of a person", w.id) == AM_OK
		? AM_OK
		: cmd_refuse(AM_ERR_INVALID, &d.why, "add '%s'", w.id));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(
	    desk_done(&d, enrol_person(d.session, &k, &w), "add the person"));
	cmd_say(call, "'%s' is in the register as %s", w.id, w.kind);
	cmd_say(call, "next: amanat token enrol %s --label LABEL", w.id);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "id", w.id);
		out_json_text(&j, "kind", w.kind);
	}
	return AM_OK;
}

static AM_RESULT
read_person(struct desk *d, struct view *v, uint32_t i, struct rows_person *out)
{
	const struct rows_key n = rows_key_u32(i);
	uint8_t id[16];

	(void)d;
	AM_TRY(rows_index_get(v, "person-n", rows_key(&n), id, sizeof(id)));
	return rows_get_person(v, (struct bytes){ id, sizeof(id) }, out);
}

static void
print_json(struct out_json *j, const struct rows_person *p)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "id", p->id);
	out_json_text(j, "name", p->name);
	out_json_text(j, "kind", kind_text(p->kind));
	out_json_bool(j, "admitted", p->status == ROWS_ADMITTED);
	out_json_uint(j, "keys", p->tokens);
	out_json_text(j, "state", status_text(p));
	out_json_close(j);
}

static AM_RESULT
list_json(struct desk *d, struct view *v)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '[');
	for (uint32_t i = 0; i < d->session->vault.persons; i++) {
		struct rows_person p;

		AM_TRY(read_person(d, v, i, &p));
		print_json(&j, &p);
	}
	return AM_OK;
}

static AM_RESULT
list_table(struct desk *d, struct view *v)
{
	static const char *const heads[] = { "ID", "KIND", "KEYS", "STATE",
		"NAME", NULL };
	out_table_auto t = out_table_start(heads);

	for (uint32_t i = 0; i < d->session->vault.persons; i++) {
		struct rows_person p;

		AM_TRY(read_person(d, v, i, &p));
		out_table_text(&t, p.id);
		out_table_text(&t, kind_text(p.kind));
		out_table_printf(&t, "%u", p.tokens);
		out_table_text(&t, status_text(&p));
		out_table_text(&t, p.name);
	}
	return out_table_print(&t, stdout);
}

AM_RESULT
person_list(struct cmd_call *call)
{
	desk_auto d = { 0 };
	store_txn_auto *t = NULL;
	struct view v;
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	err = store_begin(d.session->store, false, &t);
	if (err == AM_OK) {
		v = view_store(t);
		err = call->json ? list_json(&d, &v) : list_table(&d, &v);
	}
	return desk_done(&d, err, "list people");
}

/* For programs, a list each. */
enum shown { LABELS, STATES, PLACES };

static void
show_token(const struct rows_token *k, struct out_json *j, enum shown what)
{
	char text[2 * ROWS_TITLE_MAX + 32];
	const int n = snprintf(text, sizeof(text), "%s, %s%s%s", k->label,
	    tokens_state(k), k->place[0] != '\0' ? ", at " : "", k->place);

	if (j != NULL && what == PLACES)
		out_json_text(j, NULL, k->place);
	else if (j != NULL)
		out_json_text(
		    j, NULL, what == STATES ? tokens_state(k) : k->label);
	else if (n > 0)
		out_field(stdout, "key",
		    (struct bytes){ (const uint8_t *)text, (size_t)n });
}

static AM_RESULT
show_tokens(struct desk *d, const struct rows_person *p, struct out_json *j,
    enum shown what)
{
	store_txn_auto *t = NULL;
	struct rows_token k;
	struct view v;
	enum am_err err;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	for (uint32_t i = 0; (err = keyring_nth(&v, p->person, i, &k)) == AM_OK;
	     i++)
		show_token(&k, j, what);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
show(struct desk *d, const struct rows_person *p, bool json)
{
	char at[32];

	desk_time(p->at, at);
	if (json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "id", p->id);
		out_json_text(&j, "name", p->name);
		out_json_text(&j, "kind", kind_text(p->kind));
		out_json_bool(&j, "admitted", p->status == ROWS_ADMITTED);
		out_json_uint(&j, "leaf", p->leaf);
		out_json_text(&j, "state", status_text(p));
		out_json_open(&j, "posts", '[');
		AM_TRY(tenures_show(d, p, &j));
		out_json_close(&j);
		out_json_open(&j, "keys", '[');
		AM_TRY(show_tokens(d, p, &j, LABELS));
		out_json_close(&j);
		out_json_open(&j, "key_states", '[');
		AM_TRY(show_tokens(d, p, &j, STATES));
		out_json_close(&j);
		out_json_open(&j, "key_places", '[');
		return show_tokens(d, p, &j, PLACES);
	}
	out_field(stdout, "person",
	    (struct bytes){ (const uint8_t *)p->id, strlen(p->id) });
	out_field(stdout, "name",
	    (struct bytes){ (const uint8_t *)p->name, strlen(p->name) });
	printf("kind:           %s\nstate:          %s\nsince:          %s "
	       "(leaf %lu)\n",
	    kind_text(p->kind), status_text(p), at, (unsigned long)p->leaf);
	AM_TRY(tenures_show(d, p, NULL));
	return show_tokens(d, p, NULL, STATES);
}

AM_RESULT
person_show(struct cmd_call *call)
{
	desk_auto d = { 0 };
	struct rows_person p;
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	err = lookup_person(d.session, call->args[0], &p);
	if (err == AM_OK)
		err = show(&d, &p, call->json);
	return desk_done(&d, err, "show the person");
}
