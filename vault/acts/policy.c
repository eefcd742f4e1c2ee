#include "vault/acts/policy.h"

#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/bound.h"
#include "vault/state/manifest.h"
#include "vault/state/ruleset.h"
#include "vault/state/tenure.h"
#include "vault/state/waiver.h"

static const uint8_t none[32];

static bool
is_none(const uint8_t *id, size_t len)
{
	return bytes_same(
	    (struct bytes){ id, len }, (struct bytes){ none, len });
}

/* ---- the file */

static AM_RESULT
read_at(struct session *s, struct store_txn *t, uint64_t leaf,
    struct blob *text, struct levels *out)
{
	statement_auto said = { 0 };
	blob_auto own = { 0 };
	struct blob *to = text != NULL ? text : &own;

	AM_TRY(lookup_statement(t, leaf, s->why, &said));
	AM_TRY(ruleset_policy_file(said.body, to));
	return levels_read(blob_bytes(to), out, s->why);
}

AM_RESULT
policy_in_force(struct session *s, struct blob *text, struct levels *out)
{
	return policy_by(s, s->vault.policy, text, out);
}

AM_RESULT
policy_by(struct session *s, const uint8_t motion[static 32], struct blob *text,
    struct levels *out)
{
	store_txn_auto *t = NULL;
	struct rows_motion m;
	struct view v;

	if (is_none(motion, 32))
		return AM_ERR_NOT_FOUND;
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_motion(&v, (struct bytes){ motion, 32 }, &m));
	return read_at(s, t, m.leaf, text, out);
}

AM_RESULT
policy_of_motion(struct session *s, const struct motion_view *v,
    struct blob *text, struct levels *out)
{
	store_txn_auto *t = NULL;

	if (v->motion.act != ROWS_POLICY)
		return why_say(s->why, AM_ERR_INVALID, "",
		    "%s is about something else than the policy", v->id);
	AM_TRY(store_begin(s->store, false, &t));
	return read_at(s, t, v->motion.leaf, text, out);
}

AM_RESULT
policy_is_waived(struct session *s, const char *rule, bool *out)
{
	store_txn_auto *t = NULL;
	int64_t until = 0;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(waiver_until(&v, rule, &until));
	*out = until > session_now(s);
	return AM_OK;
}

/* Lines, in groups that a list has room for. */
static AM_RESULT
add_lines(struct bytes file, struct json_t *groups)
{
	while (file.len > 0) {
		canon_auto *lines = canon_array();

		for (size_t i = 0; i < CANON_ARRAY_MAX && file.len > 0; i++) {
			const uint8_t *end = memchr(file.p, '\n', file.len);
			const size_t n =
			    end == NULL ? file.len : (size_t)(end - file.p);

			AM_TRY(canon_push(
			    lines, canon_text((struct bytes){ file.p, n })));
			file.p += n + (end != NULL);
			file.len -= n + (end != NULL);
		}
		AM_TRY(canon_push(groups, AM_TAKE(lines)));
	}
	return AM_OK;
}

AM_RESULT
policy_propose(struct session *s, const struct session_key *k,
    struct bytes file, const char *why, struct motion_view *out)
{
	canon_auto *act = canon_object(), *what = canon_object(),
		   *groups = canon_array();

	AM_TRY(add_lines(file, groups));
	AM_TRY(canon_set(what, "file", AM_TAKE(groups)));
	AM_TRY(canon_set(act, "policy", AM_TAKE(what)));
	return motion_move(s, k, AM_TAKE(act), why, out);
}

/* ---- rules of a safe: wings become posts */

static AM_RESULT
say_vacant(struct session *s, const struct levels_group *g,
    const struct policy_wish *w)
{
	blob_auto wings = { 0 };

	for (size_t i = 0; i < g->count; i++) {
		const bool own = strcmp(g->wings[i], "owner") == 0,
			   other = strcmp(g->wings[i], "other_wing") == 0;

		AM_TRY(blob_printf(&wings, "%s%s%s", i > 0 ? " or " : "",
		    own         ? w->owner
			: other ? "any other than "
				: g->wings[i],
		    other ? w->owner : ""));
	}
	return why_say(s->why, AM_ERR_INCOMPLETE, "R13.4",
	    "the level asks for somebody of wing %.*s, and there is no such "
	    "post yet: amanat post add ID --title TEXT --wing WING",
	    (int)wings.len, (const char *)wings.p);
}

static AM_RESULT
fill_group(struct session *s, const struct view *v, const struct policy_wish *w,
    const struct levels_group *from, struct quorum_group *to)
{
	to->count = 1;
	for (uint32_t i = 1; i <= s->vault.posts; i++) {
		struct rows_post p;
		bool fits = false;

		AM_TRY(tenure_post(v, i, &p));
		for (size_t j = 0; j < from->count; j++)
			fits |= bound_is_of(from->wings[j], w->owner, p.wing);
		if (!fits)
			continue;
		if (to->post_count == QUORUM_POSTS_MAX)
			return why_say(s->why, AM_ERR_POLICY, "R13.4",
			    "more than %d posts could fill one place",
			    QUORUM_POSTS_MAX);
		to->posts[to->post_count++] = i;
	}
	return to->post_count > 0 ? AM_OK : say_vacant(s, from, w);
}

static void
take_values(const struct levels_level *l, uint8_t k, struct rows_rules *out)
{
	out->rule.need = l->quorum_k > k ? l->quorum_k : k;
	out->breakglass_need = l->breakglass_quorum > out->rule.need
	    ? l->breakglass_quorum
	    : out->rule.need;
	if (l->max_same_reporting_line < out->breakglass_need)
		out->rule.caps[out->rule.cap_count++] =
		    (struct quorum_cap){ QUORUM_LINE,
			    l->max_same_reporting_line };
	out->cooloff = l->cooloff_open;
	out->cooloff_change = l->cooloff_change;
	out->breakglass_cooloff = l->breakglass_cooloff;
	out->grant = l->grant_life;
	out->uses = l->grant_uses_max;
	out->veto = l->veto_by_decline;
}

static AM_RESULT
level_of(
    struct session *s, const struct rows_safe *safe, struct levels_level *out)
{
	struct levels all;
	const enum am_err err = policy_in_force(s, NULL, &all);

	if (err == AM_ERR_NOT_FOUND)
		return why_say(s->why, AM_ERR_INCOMPLETE, "R13.4",
		    "no policy is in force yet: amanat policy propose");
	AM_TRY(err);
	*out = all.level[levels_held_to(safe->level)];
	return AM_OK;
}

AM_RESULT
policy_rules(struct session *s, const struct policy_wish *w,
    struct rows_safe *safe, struct rows_rules *out)
{
	struct rows_rules r = { 0 };
	struct rows_manifest m = { 0 };
	store_txn_auto *t = NULL;
	struct levels_level level = { 0 };
	struct view v;

	AM_TRY(lookup_safe(s, w->safe, safe));
	AM_TRY(level_of(s, safe, &level));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (!is_none(safe->manifest, 32))
		AM_TRY(rows_get_manifest(
		    &v, (struct bytes){ safe->manifest, 32 }, &m));
	take_values(&level, m.k, &r);
	for (size_t i = 0; i < level.group_count; i++)
		AM_TRY(fill_group(s, &v, w, &level.required_posts[i],
		    &r.rule.groups[r.rule.group_count++]));
	memcpy(r.safe, safe->safe, sizeof(r.safe));
	*out = r;
	return AM_OK;
}

/* ---- as an act */

static AM_RESULT
add_groups(
    const struct view *v, const struct quorum_rule *r, struct json_t *what)
{
	canon_auto *list = canon_array();

	for (size_t i = 0; i < r->group_count; i++) {
		canon_auto *one = canon_object(), *any = canon_array();

		for (size_t j = 0; j < r->groups[i].post_count; j++) {
			struct rows_post p;

			AM_TRY(tenure_post(v, r->groups[i].posts[j], &p));
			AM_TRY(canon_push(any, canon_str(p.id)));
		}
		AM_TRY(canon_set(one, "any", AM_TAKE(any)));
		AM_TRY(canon_set(one, "count", canon_uint(r->groups[i].count)));
		AM_TRY(canon_push(list, AM_TAKE(one)));
	}
	return canon_set(what, "posts", AM_TAKE(list));
}

static AM_RESULT
add_caps(const struct quorum_rule *r, struct json_t *what)
{
	static const char *const attrs[QUORUM_ATTRS] = { "employer", "line",
		"site", "wing" };
	canon_auto *list = canon_array();

	for (size_t i = 0; i < r->cap_count; i++) {
		canon_auto *one = canon_object();

		AM_TRY(
		    canon_set(one, "attr", canon_str(attrs[r->caps[i].attr])));
		AM_TRY(canon_set(one, "max", canon_uint(r->caps[i].max)));
		AM_TRY(canon_push(list, AM_TAKE(one)));
	}
	return canon_set(what, "caps", AM_TAKE(list));
}

static AM_RESULT
set_seconds(struct json_t *to, const char *key, int64_t seconds)
{
	return canon_set(to, key, canon_uint((uint64_t)seconds));
}

static AM_RESULT
rules_act(const struct view *v, const struct rows_rules *r, struct json_t **out)
{
	canon_auto *act = canon_object(), *what = canon_object(),
		   *glass = canon_object();

	AM_TRY(set_seconds(glass, "cooloff", r->breakglass_cooloff));
	AM_TRY(canon_set(glass, "need", canon_uint(r->breakglass_need)));
	AM_TRY(canon_set(what, "breakglass", AM_TAKE(glass)));
	AM_TRY(add_caps(&r->rule, what));
	AM_TRY(add_groups(v, &r->rule, what));
	AM_TRY(set_seconds(what, "cooloff", r->cooloff));
	AM_TRY(set_seconds(what, "cooloff_change", r->cooloff_change));
	AM_TRY(set_seconds(what, "grant", r->grant));
	AM_TRY(
	    canon_set(what, "members_suspend", canon_bool(r->members_suspend)));
	AM_TRY(canon_set(what, "need", canon_uint(r->rule.need)));
	AM_TRY(
	    canon_set(what, "safe", canon_hex((struct bytes){ r->safe, 16 })));
	AM_TRY(canon_set(what, "uses", canon_uint(r->uses)));
	AM_TRY(canon_set(what, "veto", canon_bool(r->veto)));
	AM_TRY(canon_set(act, "rules", AM_TAKE(what)));
	*out = AM_TAKE(act);
	return AM_OK;
}

AM_RESULT
policy_bind(struct session *s, const struct session_key *k,
    const struct policy_wish *w, struct motion_view *out)
{
	canon_auto *act = NULL;
	store_txn_auto *t = NULL;
	struct rows_rules rules;
	struct rows_safe safe;
	struct view v;

	AM_TRY(policy_rules(s, w, &safe, &rules));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(rules_act(&v, &rules, &act));
	store_abort(&t);
	return motion_move(s, k, AM_TAKE(act), w->why, out);
}
