#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/enrol.h"
#include "vault/acts/lookup.h"
#include "vault/base/enc.h"

/* Two keys are plugged in: the new one, and the founder's to admit it. */
static AM_RESULT
enrol(struct desk *d, const char *person, const char *label)
{
	session_key_auto admin = { 0 };
	token_auto *fresh = NULL;

	AM_TRY(session_find_key(
	    d->session, d->session->vault.founder, &admin, &fresh));
	if (fresh == NULL)
		return why_say(&d->why, AM_ERR_TOKEN, "",
		    "the new key is not plugged in; plug it in beside the "
		    "founder's key, or name both with --token");
	AM_TRY(session_ask_pin(
	    d->session, admin.token, admin.row.label, &admin.pin));
	fprintf(stderr,
	    "Now the new key: its own PIN, then seven touches of it, and one "
	    "of\nthe founder's key at the end.\n");
	return enrol_token(d->session, &admin, fresh, person, label);
}

AM_RESULT
tokens_enrol(struct cmd_call *call)
{
	const char *person = call->args[0], *label = cmd_opt(call, "label");
	desk_auto d = { 0 };

	if (label == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a key needs --label, the name that is written on it");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, enrol(&d, person, label), "enrol the key"));
	cmd_say(
	    call, "key '%s' of '%s' is enrolled and admitted", label, person);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "label", label);
		out_json_text(&j, "person", person);
	}
	return AM_OK;
}

static AM_RESULT
read_token(struct view *v, uint32_t i, struct rows_token *k, char *person)
{
	const struct rows_key n = rows_key_u32(i);
	uint8_t id[32];

	AM_TRY(rows_index_get(v, "token-n", rows_key(&n), id, 32));
	AM_TRY(rows_get_token(v, (struct bytes){ id, 32 }, k));
	return lookup_person_name(v, k->person, person);
}

static AM_RESULT
list(struct desk *d, struct view *v, bool json)
{
	static const char *const heads[] = { "LABEL", "PERSON", "STATE",
		"MODEL (AAGUID)", NULL };
	out_table_auto t = out_table_start(heads);
	out_json_auto j = { .to = stdout };

	if (json)
		out_json_open(&j, NULL, '[');
	for (uint32_t i = 0; i < d->session->vault.tokens; i++) {
		char person[ROWS_ID_MAX + 1], model[ENC_HEX_LEN(16) + 1];
		struct rows_token k;
		const char *state;

		AM_TRY(read_token(v, i, &k, person));
		enc_hex((struct bytes){ k.aaguid, 16 }, model);
		state = k.status == ROWS_ACTIVE ? "active" : "offered";
		if (json) {
			out_json_open(&j, NULL, '{');
			out_json_text(&j, "label", k.label);
			out_json_text(&j, "person", person);
			out_json_text(&j, "state", state);
			out_json_text(&j, "aaguid", model);
			out_json_close(&j);
			continue;
		}
		out_table_text(&t, k.label);
		out_table_text(&t, person);
		out_table_text(&t, state);
		out_table_text(&t, model);
	}
	return json ? AM_OK : out_table_print(&t, stdout);
}

AM_RESULT
tokens_list(struct cmd_call *call)
{
	desk_auto d = { 0 };
	store_txn_auto *t = NULL;
	struct view v;
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	err = store_begin(d.session->store, false, &t);
	if (err == AM_OK) {
		v = view_store(t);
		err = list(&d, &v, call->json);
	}
	return desk_done(&d, err, "list keys");
}
