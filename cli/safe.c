#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/committee.h"
#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/base/words.h"
#include "vault/crypto/hash.h"

static const char *const levels[] = { "baseline", "intermediate", "enhanced",
	"maximum" };

static bool
is_level(const char *level)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(levels); i++)
		if (strcmp(levels[i], level) == 0)
			return true;
	return false;
}

/* Splits "a,b,c" in place. */
static AM_RESULT
split(char *list, const char **out, size_t cap, size_t *count)
{
	for (char *p = list; p != NULL;) {
		char *comma = strchr(p, ',');

		if (comma != NULL)
			*comma = '\0';
		if (*count == cap || *p == '\0')
			return AM_ERR_INVALID;
		out[(*count)++] = p;
		p = comma == NULL ? NULL : comma + 1;
	}
	return AM_OK;
}

static AM_RESULT
read_wish(struct cmd_call *call, char *names, const char **custodians,
    struct committee_wish *w)
{
	const char *quorum = cmd_opt(call, "quorum"),
		   *level = cmd_opt(call, "level"),
		   *within = cmd_opt(call, "within");
	char *end = NULL;
	long k;

	w->level = level != NULL ? level : "baseline";
	w->span = (int64_t)7 * 86400;
	w->why = "set-up";
	if (!is_level(w->level))
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' is no level; use baseline, intermediate, enhanced "
		    "or maximum",
		    w->level);
	if (quorum == NULL || cmd_opt(call, "custodians") == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "a safe needs --quorum K and --custodians A,B,C; try "
		    "'amanat help safe create'");
	k = strtol(quorum, &end, 10);
	if (*quorum == '\0' || *end != '\0' || k < 0 || k > 1000)
		return cmd_complain(
		    AM_ERR_INVALID, "--quorum is a number, not '%s'", quorum);
	if (within != NULL && when_span(within, &w->span) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "--within is a time such as 12h or 7d, not '%s'", within);
	w->quorum = (uint32_t)k;
	w->custodians = custodians;
	if (split(names, custodians, ROWS_N_MAX + 1, &w->count) != AM_OK)
		return cmd_complain(AM_ERR_POLICY,
		    "--custodians takes 3 to 16 ids with commas between them, "
		    "and nothing empty");
	return AM_OK;
}

AM_RESULT
safe_create(struct cmd_call *call)
{
	const char *custodians[ROWS_N_MAX + 1] = { 0 };
	struct committee_wish w = { .safe = call->args[0] };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	char names[1024];

	(void)snprintf(names, sizeof(names), "%s",
	    cmd_opt(call, "custodians") != NULL ? cmd_opt(call, "custodians")
						: "");
	AM_TRY(read_wish(call, names, custodians, &w));
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(
	    desk_done(&d, committee_check(d.session, &w), "create the safe"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, committee_create(d.session, &k, &w), "create the safe"));
	cmd_say(
	    call, "safe '%s' is planned: %u of %zu", w.safe, w.quorum, w.count);
	cmd_say(call,
	    "next: every custodian runs 'amanat safe join %s' three times; "
	    "all join, then all deal, then all accept",
	    w.safe);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "safe", w.safe);
		out_json_uint(&j, "quorum", w.quorum);
		out_json_uint(&j, "custodians", w.count);
	}
	return AM_OK;
}

static const char *
said(enum committee_step step)
{
	switch (step) {
	case COMMITTEE_JOIN:
		return "you have joined; when all have, run this again to deal";
	case COMMITTEE_DEAL:
		return "you have dealt; when all have, run this again to "
		       "accept your share";
	case COMMITTEE_ACCEPT:
		return "you hold your share now";
	case COMMITTEE_WAIT:
		return "nothing to do for you yet: others have to act first";
	case COMMITTEE_DONE:
		return "this safe is active; nothing is owed";
	case COMMITTEE_NONE:
		return "you are not asked to take part in this safe";
	case COMMITTEE_LAPSED:
		return "this ceremony has lapsed; plan the safe again with "
		       "'amanat safe create'";
	}
	return "";
}

static void
words_of(const struct rows_manifest *m, char out[static WORDS_TEXT_MAX])
{
	const struct bytes x = pt_bytes(&m->C[0]);
	uint8_t h[32];

	hash_sha256(&x, 1, h);
	words_text(h, out);
}

/* The words of a safe that is active; else empty: others have to accept. */
static AM_RESULT
safe_words(struct desk *d, const char *safe_id, char out[static WORDS_TEXT_MAX])
{
	store_txn_auto *t = NULL;
	struct rows_manifest m;
	struct rows_safe safe;
	struct view v;

	AM_TRY(lookup_safe(d->session, safe_id, &safe));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	if (rows_get_manifest(&v, (struct bytes){ safe.manifest, 32 }, &m) !=
	    AM_OK)
		out[0] = '\0';
	else
		words_of(&m, out);
	return AM_OK;
}

static const char *
step_name(enum committee_step step)
{
	switch (step) {
	case COMMITTEE_JOIN:
		return "joined";
	case COMMITTEE_DEAL:
		return "dealt";
	case COMMITTEE_ACCEPT:
		return "accepted";
	case COMMITTEE_WAIT:
		return "waiting";
	case COMMITTEE_DONE:
		return "active";
	case COMMITTEE_NONE:
		return "not asked";
	case COMMITTEE_LAPSED:
		return "lapsed";
	}
	return "";
}

static AM_RESULT
say_step(struct desk *d, const struct session_key *k, enum committee_step step)
{
	const char *safe = d->call->args[0];
	char words[WORDS_TEXT_MAX] = "";

	if (step == COMMITTEE_ACCEPT || step == COMMITTEE_DONE)
		AM_TRY(safe_words(d, safe, words));
	if (d->call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "safe", safe);
		out_json_text(&j, "person", k->person.id);
		out_json_text(&j, "step", step_name(step));
		out_json_text(&j, "words", words);
		return AM_OK;
	}
	cmd_say(d->call, "%s: %s", k->person.id, said(step));
	if (step == COMMITTEE_ACCEPT && k->person.tokens > 1)
		cmd_say(d->call,
		    "it opens with the key '%s' alone; for another key of "
		    "yours, plug in both: amanat token slot",
		    k->row.label);
	if (words[0] != '\0')
		cmd_say(d->call,
		    "the safe is active; its key in eight words, the same for "
		    "all of you: %s",
		    words);
	else if (step == COMMITTEE_WAIT || step == COMMITTEE_NONE)
		cmd_say(d->call, "'amanat safe status %s' shows who has to act",
		    safe);
	return AM_OK;
}

AM_RESULT
safe_join(struct cmd_call *call)
{
	enum committee_step step = COMMITTEE_NONE;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	struct rows_safe safe;
	enum am_err err;

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, lookup_safe(d.session, call->args[0], &safe), "join the safe"));
	AM_TRY(desk_key(&d, NULL, &k));
	err = committee_join(d.session, &k, call->args[0], &step);
	if (err == AM_OK)
		err = say_step(&d, &k, step);
	return desk_done(&d, err, "join the safe");
}

/* ---- status */

static const char *
member_state(const struct rows_plan *p, size_t i)
{
	const uint16_t bit = (uint16_t)(1U << i);

	if ((p->accepted & bit) != 0)
		return "holds a share";
	if ((p->dealt & bit) != 0)
		return "dealt, has to accept";
	if ((p->joined & bit) != 0)
		return "joined, has to deal";
	return "has to join";
}

static const char *
safe_state(struct desk *d, const struct rows_safe *s, const struct rows_plan *p)
{
	(void)s;
	if (p->status == ROWS_ACTIVATED)
		return "active";
	return session_now(d->session) > p->until ? "lapsed" : "being set up";
}

static AM_RESULT
status_json(struct desk *d, struct view *v, const struct rows_safe *s,
    const struct rows_plan *p, struct out_json *j)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "safe", s->id);
	out_json_text(j, "level", s->level);
	out_json_text(j, "state", safe_state(d, s, p));
	out_json_uint(j, "quorum", p->k);
	out_json_uint(j, "credentials", s->records);
	out_json_open(j, "custodians", '[');
	for (size_t i = 0; i < p->n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(v, p->members[i].person, name));
		out_json_open(j, NULL, '{');
		out_json_uint(j, "index", p->members[i].index);
		out_json_text(j, "person", name);
		out_json_text(j, "state", member_state(p, i));
		out_json_close(j);
	}
	out_json_close(j);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
status_text(struct desk *d, struct view *v, const struct rows_safe *s,
    const struct rows_plan *p)
{
	static const char *const heads[] = { "INDEX", "CUSTODIAN", "STATE",
		NULL };
	out_table_auto t = out_table_start(heads);
	char until[32], words[WORDS_TEXT_MAX];
	struct rows_manifest m;

	desk_time(p->until, until);
	printf("safe %s: %s, level %s, %u of %u, %u credential%s\n", s->id,
	    safe_state(d, s, p), s->level, p->k, p->n, s->records,
	    s->records == 1 ? "" : "s");
	if (p->status != ROWS_ACTIVATED)
		printf("set-up ends %s\n", until);
	else if (rows_get_manifest(v, (struct bytes){ s->manifest, 32 }, &m) ==
	    AM_OK) {
		words_of(&m, words);
		out_wrapped(stdout, "key in words: ", 4, words);
	}
	for (size_t i = 0; i < p->n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(v, p->members[i].person, name));
		out_table_printf(&t, "%u", p->members[i].index);
		out_table_text(&t, name);
		out_table_text(&t, member_state(p, i));
	}
	return out_table_print(&t, stdout);
}

static AM_RESULT
status_one(struct desk *d, struct view *v, const uint8_t id[static 16],
    struct out_json *j)
{
	struct rows_safe s;
	struct rows_plan p = { 0 };

	AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
	AM_TRY(rows_get_plan(v, (struct bytes){ s.plan, 32 }, &p));
	return j != NULL ? status_json(d, v, &s, &p, j)
			 : status_text(d, v, &s, &p);
}

static AM_RESULT
status_all(struct desk *d, struct view *v, const struct rows_safe *only,
    struct out_json *j)
{
	if (only != NULL)
		return status_one(d, v, only->safe, j);
	if (d->session->vault.safes == 0 && j == NULL)
		fputs("no safe yet; 'amanat safe create' plans one\n", stderr);
	for (uint32_t i = 0; i < d->session->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		uint8_t id[16];

		AM_TRY(rows_index_get(v, "safe-n", rows_key(&n), id, 16));
		AM_TRY(status_one(d, v, id, j));
	}
	return AM_OK;
}

AM_RESULT
safe_status(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	desk_auto d = { 0 };
	store_txn_auto *t = NULL;
	struct rows_safe s;
	struct view v;
	enum am_err err = AM_OK;

	AM_TRY(desk_open(call, false, &d));
	if (call->arg_count > 0)
		err = lookup_safe(d.session, call->args[0], &s);
	if (err == AM_OK)
		err = store_begin(d.session->store, false, &t);
	if (err == AM_OK) {
		v = view_store(t);
		if (call->json)
			out_json_open(&j, NULL, '[');
		err = status_all(&d, &v, call->arg_count > 0 ? &s : NULL,
		    call->json ? &j : NULL);
	}
	return desk_done(&d, err, "show the safe");
}
