/*
 * analyze, of the vault as a whole: is what the levels say in force?
 */

#include "cli/analysis.h"
#include "vault/acts/lookup.h"
#include "vault/acts/policy.h"
#include "vault/acts/weaker.h"
#include "vault/state/bound.h"
#include "vault/state/inforce.h"
#include "vault/state/roll.h"
#include "vault/state/ruleset.h"

enum { NAMES_MAX = 3 };

/* ---- the vault: is what the levels say in force at all? */

struct vault_finding {
	struct analysis *a;
	bool first;
};

static AM_RESULT
vault_line(struct analysis *a, const struct blob *what, const char *todo)
{
	blob_auto next = { 0 };

	a->findings++;
	if (a->j != NULL) {
		out_json_open(a->j, NULL, '{');
		out_json_str(a->j, "what", blob_bytes(what));
		out_json_text(a->j, "todo", todo);
		out_json_close(a->j);
		return AM_OK;
	}
	AM_TRY(blob_printf(&next, "%s", todo));
	analysis_line("FINDING", what);
	analysis_line("  what to do", &next);
	return AM_OK;
}

/* A change of policy binds nothing by itself. */
static AM_RESULT
tell_weaker(struct analysis *a, const struct rows_safe *safe)
{
	struct rows_level level;
	const enum am_err err = inforce_level(&a->v, safe->level, &level);
	blob_auto less = { 0 }, what = { 0 };
	struct rows_rules rules;
	char todo[128];

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(
	    rows_get_rules(&a->v, (struct bytes){ safe->rules, 32 }, &rules));
	AM_TRY(bound_weaker(&a->v, &rules, &level, &less));
	if (less.len == 0)
		return AM_OK;
	AM_TRY(blob_printf(&what,
	    "the rules of safe '%s' ask for less than level %s now does: %.*s",
	    safe->id, safe->level, (int)less.len, (const char *)less.p));
	(void)snprintf(
	    todo, sizeof(todo), "amanat policy bind %s --owner WING", safe->id);
	return vault_line(a, &what, todo);
}

static enum am_err
tell_unbound(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	static const uint8_t none[32];
	blob_auto what = { 0 };
	char todo[128];

	(void)arg;
	if (!bytes_same(
		(struct bytes){ safe->rules, 32 }, (struct bytes){ none, 32 }))
		return tell_weaker(a, safe);
	AM_TRY(blob_printf(&what,
	    "the rules of level %s do not hold for safe '%s': any k "
	    "custodians open it, without required posts, waiting or veto",
	    safe->level, safe->id));
	(void)snprintf(
	    todo, sizeof(todo), "amanat policy bind %s --owner WING", safe->id);
	return vault_line(a, &what, todo);
}

/* what was put in before a policy said that it is too high. */
static enum am_err
tell_misplaced(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	const struct rows_policy *policy = arg;
	const size_t level = levels_held_to(safe->level);
	struct roll roll = { 0 };
	blob_auto what = { 0 };
	unsigned count = 0;

	for (uint64_t i = 0; i < safe->records; i++) {
		struct rows_record c;
		uint8_t id[16];

		AM_TRY(roll_nth(&a->v, safe->safe, i, &roll, id));
		AM_TRY(rows_get_record(
		    &a->v, (struct bytes){ id, sizeof(id) }, &c));
		if (c.mark == 0 || policy->class_level[c.mark - 1] <= level)
			continue;
		if (count++ < NAMES_MAX)
			AM_TRY(blob_printf(&what, "%s%s/%s",
			    what.len > 0 ? ", " : "", safe->id, c.title));
	}
	if (count == 0)
		return AM_OK;
	if (count > NAMES_MAX)
		AM_TRY(blob_printf(&what, " and %u more", count - NAMES_MAX));
	AM_TRY(blob_printf(
	    &what, ": of a class above level %s [X-14]", safe->level));
	return vault_line(a, &what,
	    "put each into a safe of its level, and rotate it: amanat put");
}

/* Was it in force at the time that is asked about? */
static AM_RESULT
is_waiver(const struct analysis *a, uint32_t i, bool *out)
{
	const struct rows_key n = rows_key_u32(i);
	struct rows_motion m;
	uint8_t id[32];

	AM_TRY(rows_index_get(&a->v, "motion-n", rows_key(&n), id, sizeof(id)));
	AM_TRY(rows_get_motion(&a->v, (struct bytes){ id, 32 }, &m));
	*out = m.act == ROWS_WAIVE && m.status == ROWS_ENACTED;
	return AM_OK;
}

/* Waivers stand in every report for ever. */
AM_RESULT
overall_waivers(struct analysis *a, uint32_t motions)
{
	for (uint32_t i = 1; i <= motions; i++) {
		motion_view_auto v = { 0 };
		blob_auto text = { 0 };
		char id[16], until[32];
		bool waives = false;

		AM_TRY(is_waiver(a, i, &waives));
		if (!waives)
			continue;
		(void)snprintf(id, sizeof(id), "m-%u", i);
		AM_TRY(motion_look(a->d->session, id, &v));
		desk_time(v.motion.rule_until, until);
		AM_TRY(blob_printf(&text, "%s %s %s: %.*s (%s)", v.motion.rule,
		    v.motion.rule_until > a->now ? "until" : "ended", until,
		    (int)v.why.len, (const char *)v.why.p, v.id));
		if (a->album != NULL)
			AM_TRY(album_line(a->album, "Waived", &text));
		else if (a->j == NULL)
			analysis_line("waived", &text);
		else
			out_json_str(a->j, NULL, blob_bytes(&text));
	}
	return AM_OK;
}

static AM_RESULT
tell_weak_policy(struct analysis *a, const struct levels *l)
{
	blob_auto less = { 0 }, what = { 0 };

	AM_TRY(weaker_unwaived(&a->v, l, a->now, &less));
	if (less.len == 0)
		return AM_OK;
	AM_TRY(blob_printf(&what,
	    "the policy in force is weaker than the one that is shipped, "
	    "without a waiver [A-3]: %.*s",
	    (int)less.len, (const char *)less.p));
	return vault_line(a, &what,
	    "amanat waive A-3 LEVEL.KEY --until DATE --reason TEXT, or "
	    "propose the value again");
}

/* ---- what came into force weaker than shipped, in the words of verify */

static enum am_err
policy_file(void *arg, const struct rows_motion *m, struct blob *out)
{
	const struct analysis *a = arg;
	store_txn_auto *t = NULL;
	statement_auto said = { 0 };

	AM_TRY(store_begin(a->d->session->store, false, &t));
	AM_TRY(lookup_statement(t, m->leaf, &a->d->why, &said));
	return ruleset_policy_file(said.body, out);
}

static enum am_err
tell_history(void *arg, bool waived, const char *text)
{
	const struct analysis *a = arg;
	blob_auto own = { 0 };

	AM_TRY(blob_text(&own, text));
	if (a->album != NULL)
		return album_line(a->album, "Weaker policy", &own);
	if (a->j == NULL) {
		analysis_line("weaker policy", &own);
		return AM_OK;
	}
	out_json_open(a->j, NULL, '{');
	out_json_text(a->j, "what", text);
	out_json_bool(a->j, "waived", waived);
	out_json_close(a->j);
	return AM_OK;
}

/* Like waivers, in every report for ever; only what is weaker now and not
 * waived is a finding, for about the rest nobody can do anything. */
AM_RESULT
overall_history(struct analysis *a)
{
	const struct weaker_means means = { policy_file, a, tell_history, a };

	return weaker_history(&a->v, &means);
}

AM_RESULT
overall_policy(struct analysis *a, struct levels *levels)
{
	struct rows_vault vault;
	enum am_err err;

	AM_TRY(analysis_vault(a, &vault));
	err = policy_by(a->d->session, vault.policy, NULL, levels);
	a->levels = err == AM_OK ? levels : NULL;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
overall_tell(struct analysis *a, const char *wanted)
{
	static const uint8_t none[32];
	struct rows_policy is = { 0 };
	struct rows_vault vault;
	blob_auto what = { 0 };

	AM_TRY(rows_get_vault(&a->v, (struct bytes){ NULL, 0 }, &vault));
	if (a->j != NULL)
		out_json_open(a->j, "policy", '[');
	AM_TRY(blob_printf(&what,
	    "no policy is in force: levels and classes are only those that "
	    "are shipped, and nothing is refused by them"));
	if (bytes_same(
		(struct bytes){ vault.policy, 32 }, (struct bytes){ none, 32 }))
		AM_TRY(vault_line(a, &what, "amanat policy propose"));
	else
		AM_TRY(rows_get_policy(
		    &a->v, (struct bytes){ vault.policy, 32 }, &is));
	if (a->levels != NULL)
		AM_TRY(tell_weak_policy(a, a->levels));
	AM_TRY(analysis_each(a, wanted, tell_unbound, NULL));
	if (is.class_count > 0)
		AM_TRY(analysis_each(a, wanted, tell_misplaced, &is));
	if (a->j != NULL) {
		out_json_close(a->j);
		out_json_open(a->j, "waivers", '[');
	}
	AM_TRY(overall_waivers(a, vault.motions));
	if (a->j != NULL) {
		out_json_close(a->j);
		out_json_open(a->j, "weaker_policies", '[');
	}
	AM_TRY(overall_history(a));
	if (a->j != NULL)
		out_json_close(a->j);
	return AM_OK;
}
