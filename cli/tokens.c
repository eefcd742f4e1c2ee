#include "cli/tokens.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/enrol.h"
#include "vault/acts/further.h"
#include "vault/acts/lookup.h"
#include "vault/acts/place.h"
#include "vault/base/enc.h"
#include "vault/state/fitness.h"

/* One enrolment: two keys are plugged in, the new one and one that is. */
struct enrolment {
	struct rows_person who;
	struct enrol_key wish;
	char why[ROWS_ID_MAX + 32];
	bool anew;    /* none of the person's keys is left */
	bool further; /* one of them is in hand */
	struct session_key known;
	struct session_key founder; /* while founding, beside the two */
	struct token *fresh;
	struct motion_view motion;
};

static void
enrolment_end(struct enrolment *e)
{
	session_key_free(&e->known);
	session_key_free(&e->founder);
	token_close(e->fresh);
	motion_view_free(&e->motion);
}

static AM_RESULT
reopen(struct desk *d, const char *path, struct token **out)
{
	return token_open(
	    path, d->session->vault.evaluation != 0, &d->env.ui, &d->why, out);
}

/* Until there is a committee nobody but the founder can admit a further key,
 * and a level may ask for two of whoever joins that committee. So the founder's
 * may be plugged in as well; a key is open in one place at a time. */
static AM_RESULT
find_founder(struct desk *d, struct enrolment *e)
{
	const uint8_t *founder = d->session->vault.founder;
	char own[TOKEN_PATH_MAX], fresh[TOKEN_PATH_MAX];
	enum am_err err;

	if (!e->further || !enrol_is_founding(d->session) ||
	    d->env.token_count == 2 ||
	    bytes_same((struct bytes){ founder, 16 },
		(struct bytes){ e->who.person, 16 }))
		return AM_OK;
	(void)snprintf(own, sizeof(own), "%s", token_path(e->known.token));
	(void)snprintf(fresh, sizeof(fresh), "%s", token_path(e->fresh));
	token_close(AM_TAKE(e->known.token));
	token_close(AM_TAKE(e->fresh));
	err = session_find_key(d->session, founder, &e->founder, NULL);
	if (err != AM_ERR_TOKEN && err != AM_ERR_WRONG_TOKEN)
		AM_TRY(err);
	AM_TRY(reopen(d, own, &e->known.token));
	return reopen(d, fresh, &e->fresh);
}

/* Whose key stands beside the new one: the person's own, or who moves it. */
static AM_RESULT
find_keys(struct desk *d, struct enrolment *e)
{
	const uint8_t *whose = e->further   ? e->who.person
	    : enrol_is_founding(d->session) ? d->session->vault.founder
					    : NULL;

	AM_TRY(session_find_key(d->session, whose, &e->known, &e->fresh));
	if (e->fresh == NULL)
		return why_say(&d->why, AM_ERR_TOKEN, "",
		    "the new key is not plugged in; plug it in beside %s, or "
		    "name both with --token",
		    e->further          ? "another key of the same person"
			: whose != NULL ? "the founder's key"
					: "yours");
	AM_TRY(session_key_is_free(d->session, &e->known));
	AM_TRY(find_founder(d, e));
	if (e->founder.token != NULL)
		AM_TRY(session_ask_pin(d->session, e->founder.token,
		    e->founder.row.label, &e->founder.pin));
	return session_ask_pin(
	    d->session, e->known.token, e->known.row.label, &e->known.pin);
}

static AM_RESULT
enrol_first_key(struct desk *d, struct enrolment *e)
{
	cmd_say(d->call,
	    "Now the new key: its own PIN, then seven touches of it, and one "
	    "of '%s' at the end.",
	    e->known.row.label);
	return enrol_first(
	    d->session, &e->known, e->fresh, &e->who, &e->wish, &e->motion);
}

static AM_RESULT
enrol_further_key(struct desk *d, struct enrolment *e)
{
	further_auto bags = { 0 };

	AM_TRY(further_list(d->session, e->who.person, &bags));
	d->touches = 6 + 2 * (int)bags.count;
	cmd_say(d->call,
	    "Now the new key: its own PIN, then four touches of it, and by "
	    "turns both keys, so that each opens what '%s' holds.",
	    e->who.id);
	return enrol_further(d->session, &e->known,
	    e->founder.token != NULL ? &e->founder : &e->known, e->fresh,
	    &e->wish, &e->motion);
}

static AM_RESULT
enrol_anew_key(struct desk *d, struct enrolment *e)
{
	d->touches = 6;
	cmd_say(d->call,
	    "Now the new key: its own PIN, then five touches of it, and one of "
	    "'%s' at the end. Once it is admitted, '%s' runs 'amanat token "
	    "slot --alone'; their shares come back when the safes are "
	    "reshared.",
	    e->known.row.label, e->who.id);
	return enrol_anew(
	    d->session, &e->known, e->fresh, &e->who, &e->wish, &e->motion);
}

static AM_RESULT
enrol(struct desk *d, const char *person, struct enrolment *e)
{
	AM_TRY(lookup_person(d->session, person, &e->who));
	if (e->anew && e->who.status != ROWS_ADMITTED)
		return why_say(&d->why, AM_ERR_INVALID, "",
		    "--anew is for a person who has had a key; '%s' has none",
		    person);
	e->further = e->who.status == ROWS_ADMITTED && !e->anew;
	(void)snprintf(e->why, sizeof(e->why), "%s key of '%s'",
	    e->anew          ? "a new"
		: e->further ? "a further"
			     : "the first",
	    person);
	if (e->wish.why == NULL)
		e->wish.why = e->why;
	AM_TRY(find_keys(d, e));
	if (e->anew)
		return enrol_anew_key(d, e);
	return e->further ? enrol_further_key(d, e) : enrol_first_key(d, e);
}

static void
enrol_json(const struct enrolment *e)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "label", e->wish.label);
	out_json_text(&j, "person", e->who.id);
	out_json_text(&j, "motion", e->motion.id);
	out_json_text(&j, "state", motions_state(&e->motion));
}

AM_RESULT
tokens_enrol(struct cmd_call *call)
{
	AM_CLEANUP(enrolment_end)
	struct enrolment e = {
		.wish = { cmd_opt(call, "label"), cmd_opt(call, "reason") },
		.anew = cmd_flag(call, "anew"),
	};
	const char *person = call->args[0];
	desk_auto d = { 0 };

	if (e.wish.label == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a key needs --label, the name that is written on it");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, enrol(&d, person, &e), "enrol the key"));
	if (call->json) {
		enrol_json(&e);
		return AM_OK;
	}
	cmd_say(call, "key '%s' of '%s' is enrolled and %s", e.wish.label,
	    person,
	    e.motion.state == MOTION_IN_FORCE ? "admitted"
					      : "waits to be admitted");
	motions_made(&d, &e.motion);
	return AM_OK;
}

/* ---- where a key is kept */

AM_RESULT
tokens_place(struct cmd_call *call)
{
	const char *label = call->args[0], *place = call->args[1];
	char owner[ROWS_ID_MAX + 1];
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, place_enter(d.session, &k, label, place, owner),
	    "enter the place"));
	cmd_say(
	    call, "the key '%s' of '%s' is kept at: %s", label, owner, place);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "key", label);
		out_json_text(&j, "person", owner);
		out_json_text(&j, "place", place);
	}
	return AM_OK;
}

/* ---- lists */

const char *
tokens_state(const struct rows_token *k)
{
	if (k->status == ROWS_RETIRED)
		return "retired";
	if (k->suspended == ROWS_CONFIRMED)
		return "suspended (confirmed)";
	if (k->suspended == ROWS_SUSPENDED)
		return "suspended";
	return k->status == ROWS_ACTIVE ? "active" : "offered";
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

/* What the policy in force says of a key. */
struct standing {
	struct rows_model model;      /* name "": it does not name it */
	unsigned wrong[LEVELS_COUNT]; /* FITNESS_... */
};

static AM_RESULT
read_standing(const struct desk *d, const struct view *v,
    const struct rows_token *k, struct standing *out)
{
	const struct rows_vault *vault = &d->session->vault;
	struct rows_policy policy;
	enum am_err err;

	*out = (struct standing){ 0 };
	err = fitness_model(v, vault, k->aaguid, &out->model);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	err = fitness_policy(v, vault, &policy);
	if (err == AM_ERR_NOT_FOUND || k->status == ROWS_RETIRED)
		return AM_OK;
	AM_TRY(err);
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		AM_TRY(
		    fitness_of(v, vault, &policy.levels[i], k, &out->wrong[i]));
	return AM_OK;
}

static AM_RESULT
key_json(struct out_json *j, const struct rows_token *k, const char *person,
    const struct standing *is)
{
	char model[ENC_HEX_LEN(16) + 1];

	enc_hex((struct bytes){ k->aaguid, 16 }, model);
	out_json_open(j, NULL, '{');
	out_json_text(j, "label", k->label);
	out_json_text(j, "person", person);
	out_json_text(j, "state", tokens_state(k));
	out_json_text(j, "aaguid", model);
	out_json_text(j, "place", k->place);
	out_json_text(j, "model", is->model.name);
	out_json_bool(j, "attested", k->attested != 0);
	out_json_text(j, "advisory", is->model.advisory);
	out_json_open(j, "unfit", '[');
	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		blob_auto words = { 0 };

		if (is->wrong[i] == 0)
			continue;
		AM_TRY(fitness_words(is->wrong[i], &words));
		out_json_open(j, NULL, '{');
		out_json_text(j, "level", levels_name(i));
		out_json_str(j, "why", blob_bytes(&words));
		out_json_close(j);
	}
	out_json_close(j);
	out_json_close(j);
	return AM_OK;
}

static void
key_row(struct out_table *t, const struct rows_token *k, const char *person,
    const struct standing *is)
{
	char model[ENC_HEX_LEN(16) + 1];

	enc_hex((struct bytes){ k->aaguid, 16 }, model);
	out_table_text(t, k->label);
	out_table_text(t, person);
	out_table_text(t, tokens_state(k));
	out_table_text(t, k->attested != 0 ? "yes" : "no");
	out_table_text(t, is->model.name[0] != '\0' ? is->model.name : model);
	out_table_text(t, k->place[0] != '\0' ? k->place : "-");
}

/* Levels of which the same is wrong stand together. */
static AM_RESULT
note_wrong(
    const struct rows_token *k, const struct standing *is, struct blob *out)
{
	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		bool told = is->wrong[i] == 0;

		for (size_t j = 0; j < i; j++)
			told |= is->wrong[j] == is->wrong[i];
		if (told)
			continue;
		AM_TRY(blob_printf(out, "%s: not for level ", k->label));
		for (size_t j = i; j < LEVELS_COUNT; j++)
			if (is->wrong[j] == is->wrong[i])
				AM_TRY(blob_printf(out, "%s%s",
				    j > i ? ", " : "", levels_name(j)));
		AM_TRY(blob_printf(out, ": "));
		AM_TRY(fitness_words(is->wrong[i], out));
		AM_TRY(blob_add(out, (struct bytes){ (const uint8_t *)"", 1 }));
	}
	if (is->model.advisory[0] == '\0')
		return AM_OK;
	AM_TRY(blob_printf(out, "%s: its model is under an advisory: %s",
	    k->label, is->model.advisory));
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

static AM_RESULT
list_json(struct desk *d, struct view *v)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '[');
	for (uint32_t i = 0; i < d->session->vault.tokens; i++) {
		char person[ROWS_ID_MAX + 1];
		struct rows_token k;
		struct standing is;

		AM_TRY(read_token(v, i, &k, person));
		AM_TRY(read_standing(d, v, &k, &is));
		AM_TRY(key_json(&j, &k, person, &is));
	}
	return AM_OK;
}

static AM_RESULT
list(struct desk *d, struct view *v)
{
	static const char *const heads[] = { "LABEL", "PERSON", "STATE",
		"ATTESTED", "MODEL", "PLACE", NULL };
	out_table_auto t = out_table_start(heads);
	blob_auto notes = { 0 };

	for (uint32_t i = 0; i < d->session->vault.tokens; i++) {
		char person[ROWS_ID_MAX + 1];
		struct rows_token k;
		struct standing is;

		AM_TRY(read_token(v, i, &k, person));
		AM_TRY(read_standing(d, v, &k, &is));
		key_row(&t, &k, person, &is);
		AM_TRY(note_wrong(&k, &is, &notes));
	}
	AM_TRY(out_table_print(&t, stdout));
	for (size_t at = 0; at < notes.len;
	     at += strlen((const char *)notes.p + at) + 1)
		out_wrapped(stdout, "", 2, (const char *)notes.p + at);
	return AM_OK;
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
		err = call->json ? list_json(&d, &v) : list(&d, &v);
	}
	return desk_done(&d, err, "list keys");
}
