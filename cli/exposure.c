#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/exposed.h"
#include "vault/acts/lookup.h"
#include "vault/acts/rotate.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"

/* ---- the list */

struct listing {
	struct out_json *j;
	struct out_table *t;
	unsigned open;
};

static void
row_json(struct out_json *j, const struct exposed *e)
{
	char since[WHEN_TEXT_LEN + 1], until[WHEN_TEXT_LEN + 1];

	when_text(e->since, since);
	out_json_open(j, NULL, '{');
	out_json_text(j, "person", e->who);
	out_json_text(j, "credential", e->path);
	out_json_uint(j, "version", e->version);
	out_json_text(j, "since", since);
	out_json_text(j, "how", e->opened ? "opened" : "deposited");
	out_json_text(j, "state", exposed_state_text(e->state));
	if (e->state == EXPOSURE_ACCEPTED) {
		when_text(e->until, until);
		out_json_text(j, "until", until);
	}
	out_json_text(j, "first_signer", e->first_id);
	out_json_uint(j, "leaf", e->leaf);
	out_json_close(j);
}

static void
state_cell(struct out_table *t, const struct exposed *e)
{
	char until[32];

	if (e->state == EXPOSURE_CLOSED) {
		out_table_text(t, "closed");
	} else if (e->state == EXPOSURE_ACCEPTED) {
		desk_time(e->until, until);
		out_table_printf(t, "accepted until %.10s", until);
	} else if (e->first_id[0] != '\0') {
		out_table_printf(t,
		    "open: must be rotated; %s has signed, a second signer is "
		    "missing",
		    e->first_id);
	} else {
		out_table_text(t, "open: must be rotated");
	}
}

static enum am_err
list_one(void *arg, const struct exposed *e)
{
	struct listing *l = arg;
	char since[32];

	l->open += e->state == EXPOSURE_OPEN ? 1 : 0;
	if (l->j != NULL) {
		row_json(l->j, e);
		return AM_OK;
	}
	desk_time(e->since, since);
	out_table_text(l->t, e->who);
	out_table_text(l->t, e->path);
	out_table_printf(l->t, "%u", e->version);
	out_table_printf(l->t, "%.10s", since);
	out_table_text(l->t, e->opened ? "opened" : "deposited");
	state_cell(l->t, e);
	return l->t->err;
}

static AM_RESULT
read_filter(struct desk *d, struct rows_person *p, struct rows_record *c,
    struct exposed_filter *f)
{
	const char *person = cmd_opt(d->call, "person"),
		   *path = cmd_opt(d->call, "credential");
	struct rows_safe safe;

	if (person != NULL) {
		AM_TRY(lookup_person(d->session, person, p));
		f->person = p->person;
	}
	if (path != NULL) {
		AM_TRY(lookup_record(d->session, path, &safe, c));
		f->record = c->record;
	}
	return AM_OK;
}

static AM_RESULT
list(struct desk *d, struct listing *l)
{
	struct exposed_filter f = { 0 };
	store_txn_auto *t = NULL;
	struct rows_person p;
	struct rows_record c;
	struct view v;

	AM_TRY(read_filter(d, &p, &c, &f));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	if (l->j != NULL)
		out_json_open(l->j, NULL, '[');
	AM_TRY(exposed_each(d->session, &v, &f, list_one, l));
	return l->j != NULL ? AM_OK : out_table_print(l->t, stdout);
}

/* ---- accepting */

static AM_RESULT
read_acceptance(struct cmd_call *call, struct rotate_acceptance *a)
{
	const char *until = cmd_opt(call, "until");

	a->reason = cmd_opt(call, "reason");
	if (call->arg_count != 2 || until == NULL || a->reason == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "to accept a risk, say: exposure --accept PERSON SAFE/NAME "
		    "--until DATE --reason TEXT");
	a->person = call->args[0];
	a->path = call->args[1];
	if (when_end(until, &a->until) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--until is the last day, such as 2027-06-30, not '%s'",
		    until);
	return AM_OK;
}

static AM_RESULT
accept_risk(struct cmd_call *call)
{
	uint32_t motions[ROTATE_MOTIONS_MAX];
	struct rotate_acceptance a = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	size_t count = 0;

	AM_TRY(read_acceptance(call, &a));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, rotate_accept_check(d.session, &a), "accept the risk"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, rotate_accept(d.session, &k, &a, motions, &count),
	    "accept the risk"));
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_open(&j, "motions", '[');
		for (size_t i = 0; i < count; i++) {
			char id[16];

			(void)snprintf(id, sizeof(id), "m-%u", motions[i]);
			out_json_text(&j, NULL, id);
		}
		return AM_OK;
	}
	for (size_t i = 0; i < count; i++) {
		printf("m-%u\n", motions[i]);
		cmd_say(call,
		    "moved; next: the custodians run 'amanat approve m-%u'; "
		    "until a quorum has, the exposure is open",
		    motions[i]);
	}
	return AM_OK;
}

AM_RESULT
exposure_list(struct cmd_call *call)
{
	static const char *const heads[] = { "PERSON", "CREDENTIAL", "VERSION",
		"SINCE", "HOW", "STATE", NULL };
	out_table_auto table = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	struct listing l = { .t = &table, .j = call->json ? &j : NULL };
	desk_auto d = { 0 };

	if (cmd_flag(call, "accept"))
		return accept_risk(call);
	if (call->arg_count > 0 || cmd_opt(call, "until") != NULL ||
	    cmd_opt(call, "reason") != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "'exposure' takes --person ID and --credential SAFE/NAME; "
		    "what else it takes belongs to --accept");
	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, list(&d, &l), "list exposures"));
	if (l.open > 0)
		cmd_say(call, "%u open", l.open);
	return AM_OK;
}

/* ---- rotate */

static void
rotate_json(const struct rotate_wish *w, const struct rotate_done *done)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "credential", w->path);
	out_json_uint(&j, "version", done->version);
	out_json_bool(&j, "closed", done->closed);
	out_json_uint(&j, "leaf", done->leaf);
	out_json_open(&j, "evidence", '[');
	for (size_t i = 0; i < w->count; i++) {
		char hash[ENC_HEX_LEN(32) + 1];

		enc_hex((struct bytes){ done->evidence[i], 32 }, hash);
		out_json_text(&j, NULL, hash);
	}
}

AM_RESULT
exposure_rotate(struct cmd_call *call)
{
	const struct rotate_wish w = { .path = call->args[0],
		.files = call->many,
		.count = call->many_count };
	struct rotate_done done = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(
	    desk_done(&d, rotate_check(d.session, &w), "record the rotation"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, rotate_record(d.session, &k, &w, &done),
	    "record the rotation"));
	if (call->json) {
		rotate_json(&w, &done);
		return AM_OK;
	}
	if (done.closed) {
		cmd_say(call,
		    "'%s' version %u is in force at the vendor; exposures to "
		    "older versions are closed",
		    w.path, done.version);
		return AM_OK;
	}
	cmd_say(call,
	    "signed by %s; a second signer is missing, so nothing is closed "
	    "yet",
	    k.person.id);
	cmd_say(call,
	    "next: another person runs 'amanat rotate %s' with the same "
	    "evidence",
	    w.path);
	return AM_OK;
}
