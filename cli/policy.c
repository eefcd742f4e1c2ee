/*
 * policy: read a policy file, hold it against another, put it in force, bind a
 * safe to its level. Checking and comparing need no vault; where there is one,
 * what is in force in it is the measure.
 */

#include <unistd.h>

#include "cli/actwords.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/infile.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "policy/levels.h"
#include "vault/acts/policy.h"
#include "vault/acts/weaker.h"
#include "vault/base/blob.h"
#include "vault/base/enc.h"
#include "vault/state/fitness.h"
#include "vault/state/ruleset.h"
#include "vault/state/tenure.h"

enum { WHERE_COLUMNS = 17 }; /* "class restricted " */

/* ---- files */

/* A refusal is printed; `why` is for --json. */
static AM_RESULT
read_policy(
    const char *path, struct blob *text, struct levels *out, struct why *why)
{
	enum am_err err;

	AM_TRY(infile_read(path, LEVELS_FILE_MAX, text));
	err = levels_read(blob_bytes(text), out, why);
	if (err == AM_OK)
		err = ruleset_check_roots(out, why);
	if (err != AM_OK)
		return cmd_refuse(err, why, "read '%s' as a policy", path);
	return AM_OK;
}

/* ---- the measure, and what is held against it */

/* What a file is compared with, and what may be weaker by a waiver. */
struct measure {
	bool vault;       /* one is at hand */
	bool in_force;    /* ... and has a policy of its own */
	struct levels is; /* that, or the one that is shipped */
	struct levels shipped;
	struct blob text; /* of `is` */
};

static void
measure_free(struct measure *m)
{
	blob_free(&m->text);
}
#define measure_auto AM_CLEANUP(measure_free) struct measure

/* A vault is looked at where there is one; these verbs need none. */
static AM_RESULT
open_desk(struct cmd_call *call, struct desk *d, bool *out)
{
	*out = access(call->vault, F_OK) == 0;
	return *out ? desk_open(call, false, d) : AM_OK;
}

static AM_RESULT
read_measure(struct desk *d, struct measure *m)
{
	enum am_err err = AM_ERR_NOT_FOUND;

	AM_TRY(levels_shipped(&m->shipped));
	if (m->vault)
		err = policy_in_force(d->session, &m->text, &m->is);
	m->in_force = err == AM_OK;
	if (err != AM_ERR_NOT_FOUND)
		return m->vault ? desk_done(d, err, "read the policy in force")
				: err;
	m->is = m->shipped;
	return blob_add(&m->text, levels_shipped_text());
}

/* FILE, or the motion that would put it in force. */
static AM_RESULT
read_wanted(struct cmd_call *call, struct desk *d, struct blob *text,
    struct levels *out, struct why *why)
{
	motion_view_auto v = { 0 };

	if (!motion_is_id(call->args[0]) || d->session == NULL)
		return read_policy(call->args[0], text, out, why);
	AM_TRY(desk_done(d, motion_look(d->session, call->args[0], &v),
	    "look at the motion"));
	return desk_done(
	    d, policy_of_motion(d->session, &v, text, out), "read the policy");
}

/* ---- values */

struct listing {
	struct out_json *j; /* NULL: for people */
	bool all;           /* also what is not weaker */
	size_t told, weaker, waived;
	const char *measure; /* "shipped", "in force" */
	struct blob weak;    /* "baseline.quorum_k\n" of each weaker one */
	struct desk *desk;   /* for waivers; session NULL: none */
};

static void
value_json(struct out_json *j, const struct levels_value *v, bool all)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "where", v->where);
	out_json_text(j, "key", v->key);
	out_json_text(j, "before", v->before);
	out_json_text(j, "here", v->now);
	if (all)
		out_json_bool(j, "weaker", v->weaker);
	out_json_close(j);
}

static AM_RESULT
value_line(
    const struct listing *l, const struct levels_value *v, const char *note)
{
	char lead[64];
	blob_auto text = { 0 };

	(void)snprintf(lead, sizeof(lead), "%s%-*s",
	    !l->all         ? ""
		: v->weaker ? "weaker  "
			    : "        ",
	    WHERE_COLUMNS, v->where);
	AM_TRY(blob_printf(&text, "%s: %s %s, %s here%s", v->key, v->before,
	    l->measure, v->now, note));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, lead, strlen(lead), (const char *)text.p);
	return AM_OK;
}

/* "enhanced.quorum_k", "secret.level". */
static AM_RESULT
find_waiver(struct listing *l, const struct levels_value *v, bool *waived)
{
	char rule[ROWS_RULE_MAX + 1];

	*waived = false;
	if (l->desk == NULL || l->desk->session == NULL || !v->weaker)
		return AM_OK;
	weaker_rule(v, rule);
	return policy_is_waived(l->desk->session, rule, waived);
}

/* Which models there are is the agency's choice: a change of one is shown, and
 * takes no waiver. */
static bool
is_model(const struct levels_value *v)
{
	return strcmp(v->where, LEVELS_MODELS) == 0;
}

static AM_RESULT
tell(void *arg, const struct levels_value *v)
{
	struct listing *l = arg;
	bool waived = false;

	if (!l->all && !v->weaker)
		return AM_OK;
	AM_TRY(find_waiver(l, v, &waived));
	l->told++;
	l->weaker += v->weaker && !is_model(v);
	l->waived += waived;
	if (l->j == NULL)
		return value_line(l, v, waived ? " (waived)" : "");
	value_json(l->j, v, l->all);
	return AM_OK;
}

/* Weaker is what is weaker than shipped, whatever was in force before; but a
 * model, of which none is shipped, than before. */
static AM_RESULT
note_weak(void *arg, const struct levels_value *v)
{
	struct listing *l = arg;

	return v->weaker ? blob_printf(&l->weak, "%s.%s\n", v->where, v->key)
			 : AM_OK;
}

static AM_RESULT
tell_change(void *arg, const struct levels_value *v)
{
	struct listing *l = arg;
	struct levels_value own = *v;
	char name[128];

	(void)snprintf(name, sizeof(name), "%s.%s\n", v->where, v->key);
	if (!is_model(v))
		own.weaker =
		    memmem(l->weak.p, l->weak.len, name, strlen(name)) != NULL;
	return tell(l, &own);
}

static AM_RESULT
tell_changes(
    const struct measure *m, const struct levels *here, struct listing *l)
{
	AM_TRY(levels_compare(&m->shipped, here, note_weak, l));
	return levels_compare(&m->is, here, tell_change, l);
}

/* ---- verbs */

static AM_RESULT
say_verdict(struct cmd_call *call, const struct listing *l)
{
	const char *path = call->args[0];

	if (l->weaker > l->waived)
		return cmd_complain(AM_ERR_INCOMPLETE,
		    "'%s' is weaker than the policy that is shipped, in %zu "
		    "value%s%s; raise them, or have a quorum accept them, one "
		    "by one: amanat waive A-3 LEVEL.KEY --until DATE --reason "
		    "TEXT [A-3]",
		    path, l->weaker, l->weaker == 1 ? "" : "s",
		    l->waived > 0 ? ", not all of them waived" : "");
	if (l->weaker > 0) {
		cmd_say(call,
		    "'%s' is sound; where it is weaker than the policy that is "
		    "shipped a waiver is in force",
		    path);
		return AM_OK;
	}
	cmd_say(call,
	    "'%s' is sound, and nowhere weaker than the policy that is "
	    "shipped",
	    path);
	return AM_OK;
}

/* The list, and for programs the verdict as well, also on a file that is no
 * policy. */
AM_RESULT
policy_check(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	measure_auto m = { 0 };
	desk_auto d = { 0 };
	struct listing l = {
		.j = call->json ? &j : NULL, .measure = "shipped", .desk = &d
	};
	blob_auto text = { 0 };
	struct why why = { 0 };
	struct levels here;
	enum am_err err;

	AM_TRY(open_desk(call, &d, &m.vault));
	AM_TRY(levels_shipped(&m.shipped));
	err = read_policy(call->args[0], &text, &here, &why);
	if (err != AM_OK && err != AM_ERR_INCOMPLETE)
		return err;
	if (call->json) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "why", why.text);
		out_json_open(&j, "weaker", '[');
	}
	if (err == AM_OK)
		AM_TRY(levels_compare(&m.shipped, &here, tell, &l));
	if (call->json) {
		out_json_close(&j);
		out_json_bool(
		    &j, "sound", err == AM_OK && l.weaker == l.waived);
	}
	return err != AM_OK ? err : say_verdict(call, &l);
}

static void
say_changes(
    struct cmd_call *call, const struct measure *m, const struct listing *l)
{
	const char *measure = m->in_force ? "in force here" : "that is shipped";

	if (l->told == 0)
		cmd_say(call, "'%s' has the values of the policy %s",
		    call->args[0], measure);
	else
		cmd_say(call,
		    "%zu value%s differ%s from the policy %s; %zu of them "
		    "weaker than shipped",
		    l->told, l->told == 1 ? "" : "s", l->told == 1 ? "s" : "",
		    measure, l->weaker);
}

AM_RESULT
policy_diff(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	measure_auto m = { 0 };
	desk_auto d = { 0 };
	struct listing l = {
		.j = call->json ? &j : NULL, .all = true, .desk = &d
	};
	blob_auto text = { 0 };
	struct why why = { 0 };
	struct levels here;
	enum am_err err;

	AM_TRY(open_desk(call, &d, &m.vault));
	AM_TRY(read_measure(&d, &m));
	AM_TRY(read_wanted(call, &d, &text, &here, &why));
	l.measure = m.in_force ? "in force" : "shipped";
	if (call->json)
		out_json_open(&j, NULL, '[');
	err = tell_changes(&m, &here, &l);
	blob_free(&l.weak);
	AM_TRY(err);
	say_changes(call, &m, &l);
	return AM_OK;
}

/* ---- propose */

/* O-1: what would change is shown before a key is asked for. */
static AM_RESULT
show_change(struct desk *d, const struct levels *here)
{
	struct cmd_call quiet = *d->call;
	struct listing l = { .all = true, .desk = d };
	measure_auto m = { .vault = true };
	enum am_err err;

	if (d->call->json)
		return AM_OK;
	AM_TRY(read_measure(d, &m));
	l.measure = m.in_force ? "in force" : "shipped";
	err = tell_changes(&m, here, &l);
	blob_free(&l.weak);
	AM_TRY(err);
	if (quiet.arg_count == 0)
		quiet.args[0] = "the policy that is shipped";
	if (quiet.arg_count > 0 || l.told > 0)
		say_changes(&quiet, &m, &l);
	return AM_OK;
}

static enum am_err
count_unwaived(void *arg, const struct weaker_value *w)
{
	size_t *count = arg;

	*count += !w->waived;
	return AM_OK;
}

/* Of the whole file, also where it has what is in force already: the waiver
 * of that may have ended. */
static AM_RESULT
check_waived(struct desk *d, const struct levels *here)
{
	store_txn_auto *t = NULL;
	size_t count = 0;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(weaker_values(
	    &v, here, session_now(d->session), count_unwaived, &count));
	if (count == 0)
		return AM_OK;
	return why_say(&d->why, AM_ERR_INCOMPLETE, "A-3",
	    "%zu value%s weaker than shipped and not waived; first: "
	    "amanat waive A-3 LEVEL.KEY --until DATE --reason TEXT",
	    count, count == 1 ? " is" : "s are");
}

AM_RESULT
policy_propose_verb(struct cmd_call *call)
{
	struct bytes text = levels_shipped_text();
	const char *why = cmd_opt(call, "reason");
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	blob_auto file = { 0 };
	desk_auto d = { 0 };
	struct why bad = { 0 };
	struct levels here;

	if (call->arg_count > 0) {
		AM_TRY(read_policy(call->args[0], &file, &here, &bad));
		text = blob_bytes(&file);
	} else {
		AM_TRY(levels_shipped(&here));
	}
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, show_change(&d, &here), "propose it"));
	AM_TRY(desk_done(&d, check_waived(&d, &here), "propose it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    policy_propose(d.session, &k, text,
		why != NULL ? why : "levels and classes", &v),
	    "propose it"));
	return desk_done(&d, motions_result(&d, &v), "show the motion");
}

/* ---- bind */

static AM_RESULT
is_held(const struct view *v, const struct session *s, uint32_t post, bool *out)
{
	for (uint32_t i = 1; i <= s->vault.appointments && !*out; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_appointment a;
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    v, "appointment-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_appointment(v, (struct bytes){ id, 32 }, &a));
		*out = a.post == post && tenure_from(&a) <= session_now(s) &&
		    session_now(s) < tenure_until(&a);
	}
	return AM_OK;
}

/* A group that nobody fills would lock the safe. */
static AM_RESULT
say_vacant(struct desk *d, const struct rows_rules *r)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	for (size_t i = 0; i < r->rule.group_count; i++) {
		const struct quorum_group *g = &r->rule.groups[i];
		struct rows_post first;
		bool held = false;

		for (size_t p = 0; p < g->post_count && !held; p++)
			AM_TRY(is_held(&v, d->session, g->posts[p], &held));
		if (held)
			continue;
		AM_TRY(tenure_post(&v, g->posts[0], &first));
		cmd_say(d->call,
		    "CAREFUL: nobody holds '%s' now, nor another post of its "
		    "group, so nothing could be opened: amanat appoint",
		    first.id);
	}
	return AM_OK;
}

/* From then on who has no key that is as the level asks approves nothing. */
static AM_RESULT
count_unfit(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *l, const struct rows_manifest *m, unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < m->n; i++) {
		bool fit = false;

		AM_TRY(
		    fitness_has_key(v, vault, l, m->members[i].person, &fit));
		*out += !fit;
	}
	return AM_OK;
}

static AM_RESULT
say_unfit(struct desk *d, const struct rows_safe *safe)
{
	const struct rows_vault *vault = &d->session->vault;
	const size_t level = levels_held_to(safe->level);
	struct rows_policy policy;
	struct rows_manifest m;
	store_txn_auto *t = NULL;
	unsigned unfit = 0;
	struct view v;
	enum am_err err;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	err = fitness_policy(&v, vault, &policy);
	if (err == AM_OK)
		err = rows_get_manifest(
		    &v, (struct bytes){ safe->manifest, 32 }, &m);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(count_unfit(&v, vault, &policy.levels[level], &m, &unfit));
	if (unfit > 0)
		cmd_say(d->call,
		    "CAREFUL: %u of %u custodians have no key that is as level "
		    "%s asks, and would approve nothing: amanat token list",
		    unfit, m.n, safe->level);
	return AM_OK;
}

AM_RESULT
policy_bind_verb(struct cmd_call *call)
{
	const char *why = cmd_opt(call, "reason");
	struct policy_wish w = { .safe = call->args[0],
		.owner = cmd_opt(call, "owner"),
		.why = why };
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	struct rows_rules rules;
	struct rows_safe safe;
	blob_auto words = { 0 };
	desk_auto d = { 0 };
	char text[128];

	if (w.owner == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "whose data it is comes with --owner, the wing of the "
		    "posts that answer for it");
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, policy_rules(d.session, &w, &safe, &rules), "bind the safe"));
	(void)snprintf(text, sizeof(text), "level %s", safe.level);
	if (why == NULL)
		w.why = text;
	AM_TRY(actwords_rules(&d, &rules, &words));
	AM_TRY(say_vacant(&d, &rules));
	AM_TRY(say_unfit(&d, &safe));
	cmd_say(call, "level %s: %.*s", safe.level, (int)words.len,
	    (const char *)words.p);
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(
	    desk_done(&d, policy_bind(d.session, &k, &w, &v), "bind the safe"));
	return desk_done(&d, motions_result(&d, &v), "show the motion");
}

/* ---- show */

struct part {
	struct out_json *j;
	char where[LEVELS_NAME_MAX + 8]; /* the one that is wanted */
};

static AM_RESULT
tell_part(void *arg, const struct levels_value *v)
{
	struct part *p = arg;

	if (strcmp(p->where, v->where) == 0)
		out_json_text(p->j, v->key, v->now);
	return AM_OK;
}

static AM_RESULT
part_json(struct out_json *j, const char *lead, const char *name,
    const struct levels *l)
{
	struct part p = { .j = j };

	(void)snprintf(p.where, sizeof(p.where), "%s%s", lead, name);
	out_json_open(j, name, '{');
	AM_TRY(levels_compare(NULL, l, tell_part, &p));
	out_json_close(j);
	return AM_OK;
}

static void
models_json(struct out_json *j, const struct levels *l)
{
	out_json_open(j, LEVELS_MODELS, '[');
	for (size_t i = 0; i < l->model_count; i++) {
		const struct levels_model *m = &l->models[i];
		char aaguid[ENC_HEX_LEN(16) + 1];

		enc_hex((struct bytes){ m->aaguid, 16 }, aaguid);
		out_json_open(j, NULL, '{');
		out_json_text(j, "aaguid", aaguid);
		out_json_text(j, "name", m->name);
		out_json_text(
		    j, "certification", levels_certification(m->certification));
		out_json_text(j, "advisory", m->advisory);
		out_json_uint(j, "roots", m->root_count);
		out_json_close(j);
	}
	out_json_close(j);
}

static AM_RESULT
policy_json(const struct levels *l)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_uint(&j, "version", l->version);
	models_json(&j, l);
	out_json_open(&j, "classes", '{');
	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		AM_TRY(part_json(&j, "class ", levels_class_name(i), l));
	out_json_close(&j);
	out_json_open(&j, "levels", '{');
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		AM_TRY(part_json(&j, "", levels_name(i), l));
	return AM_OK;
}

/* As it is: levels_read refuses what could steer a terminal. */
AM_RESULT
policy_show(struct cmd_call *call)
{
	measure_auto m = { 0 };
	blob_auto file = { 0 };
	desk_auto d = { 0 };
	struct why why = { 0 };
	struct levels l;

	AM_TRY(open_desk(call, &d, &m.vault));
	if (call->arg_count > 0) {
		AM_TRY(read_wanted(call, &d, &file, &l, &why));
	} else {
		AM_TRY(read_measure(&d, &m));
		l = m.is;
		AM_TRY(blob_add(&file, blob_bytes(&m.text)));
		if (m.vault && !m.in_force)
			cmd_say(call,
			    "no policy is in force here yet; this is the one "
			    "that is shipped");
	}
	if (call->json)
		return policy_json(&l);
	(void)fwrite(file.p, 1, file.len, stdout);
	return AM_OK;
}
