/*
 * Rules as data: those of a safe, and the policy file that they come from
 * (protocol.md R4.5, R13.4; domain.md 4, X-8, X-14). Both are acts of a
 * quorum. Until then the built-in rules hold: any k custodians, no waiting.
 */

#include "vault/state/ruleset.h"

#include "hsm/attest.h"
#include "policy/openers.h"
#include "vault/base/buf.h"
#include "vault/state/bound.h"
#include "vault/state/custody.h"
#include "vault/state/fitness.h"
#include "vault/state/inforce.h"
#include "vault/state/plan.h"
#include "vault/state/predicate.h"
#include "vault/state/rules.h"
#include "vault/state/tenure.h"
#include "vault/state/waiver.h"

enum {
	WAIT_MAX = 71 * 3600,    /* a request lasts 72 hours at most */
	CHANGE_MAX = 60 * 86400, /* a motion lasts 90 days at most */
	GRANT_MIN = 60,
	GRANT_MAX = 30 * 86400,
};

static const uint8_t none[32];

static bool
is_none(const uint8_t *id, size_t len)
{
	return bytes_same(
	    (struct bytes){ id, len }, (struct bytes){ none, len });
}

/* ---- the rules of a safe */

static AM_RESULT
read_u8(const struct json_t *from, const char *key, uint8_t *out)
{
	uint32_t v = 0;

	AM_TRY(canon_get_u32(from, key, &v));
	if (v > UINT8_MAX)
		return AM_ERR_CORRUPT;
	*out = (uint8_t)v;
	return AM_OK;
}

static AM_RESULT
read_seconds(const struct json_t *from, const char *key, int64_t *out)
{
	uint32_t v = 0;

	AM_TRY(canon_get_u32(from, key, &v));
	*out = v;
	return AM_OK;
}

static AM_RESULT
read_group(struct rules *r, const struct json_t *from, struct quorum_group *g)
{
	static const char *const keys[] = { "any", "count" };
	const struct json_t *any = NULL;

	if (!canon_keys_are(from, keys, 2))
		return AM_ERR_CORRUPT;
	AM_TRY(read_u8(from, "count", &g->count));
	AM_TRY(canon_get_array(from, "any", &any));
	if (g->count == 0 || canon_size(any) == 0 ||
	    canon_size(any) > QUORUM_POSTS_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "R13.4",
		    "a required group asks for at least one person of at "
		    "least one post and of at most %d",
		    QUORUM_POSTS_MAX);
	for (size_t i = 0; i < canon_size(any); i++) {
		struct bytes id = { 0 };
		uint8_t be[4];

		AM_TRY(canon_at_text(any, i, &id));
		if (rows_index_get(
			&r->st->view, "post-id", id, be, sizeof(be)) != AM_OK)
			return RULES_SAY(r, AM_ERR_NOT_FOUND, "R13.4",
			    "no post '%.*s'", (int)id.len, (const char *)id.p);
		g->posts[g->post_count++] = rows_get_be32(be);
	}
	return AM_OK;
}

static unsigned
places_of(const struct quorum_rule *q)
{
	unsigned places = 0;

	for (size_t i = 0; i < q->group_count; i++)
		places += q->groups[i].count;
	return places;
}

static AM_RESULT
read_groups(struct rules *r, const struct json_t *what, struct quorum_rule *q)
{
	const struct json_t *list = NULL, *one = NULL;

	AM_TRY(canon_get_array(what, "posts", &list));
	if (canon_size(list) > QUORUM_GROUPS_MAX)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < canon_size(list); i++) {
		AM_TRY(canon_at(list, i, &one));
		AM_TRY(read_group(r, one, &q->groups[q->group_count++]));
	}
	if (places_of(q) > q->need)
		return RULES_SAY(r, AM_ERR_INVALID, "R13.4",
		    "%u places of required posts do not fit into a quorum of "
		    "%u",
		    places_of(q), q->need);
	return AM_OK;
}

static AM_RESULT
read_caps(struct rules *r, const struct json_t *what, struct quorum_rule *q)
{
	static const char *const keys[] = { "attr", "max" };
	static const char *const attrs[] = { "employer", "line", "site",
		"wing" };
	const struct json_t *list = NULL, *one = NULL;

	AM_TRY(canon_get_array(what, "caps", &list));
	if (canon_size(list) > QUORUM_CAPS_MAX)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < canon_size(list); i++) {
		struct quorum_cap *c = &q->caps[q->cap_count++];
		bool known = false;

		AM_TRY(canon_at(list, i, &one));
		if (!canon_keys_are(one, keys, 2))
			return AM_ERR_CORRUPT;
		AM_TRY(read_u8(one, "max", &c->max));
		for (unsigned a = 0; a < AM_ARRAY_LEN(attrs); a++)
			if (rules_text_is(one, "attr", attrs[a])) {
				c->attr = (enum quorum_attr)a;
				known = true;
			}
		if (!known || c->max == 0)
			return RULES_SAY(r, AM_ERR_INVALID, "R13.4",
			    "a cap is at least 1, on employer, line, site or "
			    "wing");
	}
	return AM_OK;
}

static AM_RESULT
read_waits(struct rules *r, const struct json_t *what, struct rows_rules *out)
{
	static const char *const keys[] = { "cooloff", "need" };
	const struct json_t *glass = NULL;
	bool veto = false, members = false;
	uint32_t uses = 0;

	AM_TRY(read_seconds(what, "cooloff", &out->cooloff));
	AM_TRY(read_seconds(what, "cooloff_change", &out->cooloff_change));
	AM_TRY(read_seconds(what, "grant", &out->grant));
	AM_TRY(canon_get_u32(what, "uses", &uses));
	AM_TRY(canon_get_bool(what, "veto", &veto));
	AM_TRY(canon_get_bool(what, "members_suspend", &members));
	AM_TRY(canon_get_object(what, "breakglass", &glass));
	if (!canon_keys_are(glass, keys, 2) || uses > UINT16_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(read_u8(glass, "need", &out->breakglass_need));
	AM_TRY(read_seconds(glass, "cooloff", &out->breakglass_cooloff));
	out->veto = veto;
	out->members_suspend = members;
	out->uses = (uint16_t)uses;
	if (out->cooloff > WAIT_MAX || out->breakglass_cooloff > out->cooloff ||
	    out->cooloff_change > CHANGE_MAX || out->grant < GRANT_MIN ||
	    out->grant > GRANT_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "R13.4",
		    "a cool-off is at most 71 hours and that of break-glass no "
		    "longer, an objection period at most 60 days, a grant one "
		    "minute to 30 days");
	return AM_OK;
}

/* R4.5, 4.4: never fewer than the committee's k, nor than usual in need; and no
 * more places of posts than k, for any k approvals have all posts (R4.4). */
static AM_RESULT
check_need(
    struct rules *r, const struct rows_rules *out, const struct rows_safe *s)
{
	struct rows_manifest m = { .k = 2, .n = ROWS_N_MAX };

	if (!is_none(s->manifest, 32))
		AM_TRY(rows_get_manifest(
		    &r->st->view, (struct bytes){ s->manifest, 32 }, &m));
	if (out->rule.need < m.k || out->rule.need > m.n)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.4",
		    "so many approvals are needed at least as the committee "
		    "has a quorum (%u), and at most as it has members",
		    m.k);
	if (!is_none(s->manifest, 32) && places_of(&out->rule) > m.k)
		return RULES_SAY(r, AM_ERR_INVALID, "R13.4",
		    "%u places of required posts do not fit into the "
		    "committee's quorum of %u",
		    places_of(&out->rule), m.k);
	if (out->breakglass_need < out->rule.need || out->breakglass_need > m.n)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.4",
		    "break-glass needs as many approvals as usual (%u) or "
		    "more",
		    out->rule.need);
	return AM_OK;
}

static AM_RESULT
read_safe(struct rules *r, const uint8_t id[static 16], struct rows_safe *out)
{
	const enum am_err err =
	    rows_get_safe(&r->st->view, (struct bytes){ id, 16 }, out);

	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V21", "no such safe");
	return err;
}

static AM_RESULT
has_waiver(struct rules *r, const char *rule, const char *subject, bool *out)
{
	int64_t until = 0;

	AM_TRY(waiver_of(&r->st->view, rule, subject, &until));
	*out = until > r->s->at;
	return AM_OK;
}

/* where a policy is in force no safe has rules that ask for less than its
 * level, unless a quorum has said so, with a last day. */
static AM_RESULT
check_level(
    struct rules *r, const struct rows_rules *out, const struct rows_safe *s)
{
	const size_t level = levels_held_to(s->level);
	struct rows_policy policy;
	blob_auto less = { 0 };
	bool waived = false;
	const enum am_err err = inforce_of(&r->st->view, &r->vault, &policy);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(bound_weaker(&r->st->view, out, &policy.levels[level], &less));
	AM_TRY(has_waiver(r, "A-3", s->id, &waived));
	if (less.len == 0 || waived)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "A-3",
	    "these rules ask for less than level %s: %.*s; 'amanat policy "
	    "bind %s' gives those of the level, or a quorum waives 'A-3 %s'",
	    s->level, (int)less.len, (const char *)less.p, s->id, s->id);
}

AM_RESULT
ruleset_decides(struct rules *r, struct rows_motion *m)
{
	struct rows_rules rules;
	struct rows_safe s;

	AM_TRY(rows_get_rules(
	    &r->st->view, (struct bytes){ m->motion, 32 }, &rules));
	AM_TRY(read_safe(r, rules.safe, &s));
	if (!is_none(s.manifest, 32))
		memcpy(m->safe, rules.safe, sizeof(m->safe));
	return AM_OK;
}

AM_RESULT
ruleset_read(struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "breakglass", "caps", "cooloff",
		"cooloff_change", "grant", "members_suspend", "need", "posts",
		"safe", "uses", "veto" };
	struct rows_rules out = { .leaf = r->leaf, .at = r->s->at };
	struct rows_safe s;

	if (!canon_keys_are(what, keys, AM_ARRAY_LEN(keys)))
		return RULES_SAY(r, AM_ERR_CORRUPT, "R13.4",
		    "rules have all their fields and no other");
	memcpy(out.motion, m->motion, sizeof(out.motion));
	AM_TRY(canon_get_hex(what, "safe", out.safe, sizeof(out.safe)));
	AM_TRY(read_safe(r, out.safe, &s));
	AM_TRY(read_u8(what, "need", &out.rule.need));
	AM_TRY(read_groups(r, what, &out.rule));
	AM_TRY(read_caps(r, what, &out.rule));
	AM_TRY(read_waits(r, what, &out));
	AM_TRY(check_need(r, &out, &s));
	AM_TRY(check_level(r, &out, &s));
	AM_TRY(rows_put_rules(
	    &r->st->view, (struct bytes){ m->motion, 32 }, &out));
	return ruleset_decides(r, m);
}

/* Votes are not withdrawn: else rules that had their quorum once could be put
 * in the place of later ones by any one person, without a further wait. */
static AM_RESULT
check_newer(
    struct rules *r, const struct rows_motion *m, const struct rows_safe *s)
{
	struct rows_rules now;

	if (is_none(s->rules, 32))
		return AM_OK;
	AM_TRY(
	    rows_get_rules(&r->st->view, (struct bytes){ s->rules, 32 }, &now));
	if (m->leaf < now.leaf)
		return RULES_SAY(r, AM_ERR_STALE, "R13.4",
		    "other rules have come into force since this was moved; "
		    "move it again");
	return AM_OK;
}

AM_RESULT
ruleset_enact(struct rules *r, const struct rows_motion *m)
{
	const struct bytes id = { m->motion, 32 };
	struct rows_rules rules;
	struct rows_safe s;

	AM_TRY(rows_get_rules(&r->st->view, id, &rules));
	AM_TRY(read_safe(r, rules.safe, &s));
	AM_TRY(check_newer(r, m, &s));
	AM_TRY(check_need(r, &rules, &s));
	AM_TRY(check_level(r, &rules, &s));
	rules.leaf = r->leaf;
	rules.at = r->s->at;
	memcpy(s.rules, m->motion, sizeof(s.rules));
	AM_TRY(rows_put_rules(&r->st->view, id, &rules));
	return rows_put_safe(&r->st->view, (struct bytes){ s.safe, 16 }, &s);
}

/* ---- the policy */

/* The file, line by line, in groups that a list has room for. */
static AM_RESULT
read_file(const struct json_t *what, struct blob *out)
{
	const struct json_t *groups = NULL, *lines = NULL;
	struct bytes line = { 0 };

	AM_TRY(canon_get_array(what, "file", &groups));
	for (size_t i = 0; i < canon_size(groups); i++) {
		AM_TRY(canon_at(groups, i, &lines));
		if (canon_is_object(lines))
			return AM_ERR_CORRUPT;
		for (size_t j = 0; j < canon_size(lines); j++) {
			AM_TRY(canon_at_text(lines, j, &line));
			AM_TRY(blob_add(out, line));
			AM_TRY(blob_printf(out, "\n"));
		}
	}
	return AM_OK;
}

AM_RESULT
ruleset_policy_file(const struct json_t *motion, struct blob *out)
{
	const struct json_t *act = NULL, *what = NULL;

	AM_TRY(canon_get_object(motion, "act", &act));
	AM_TRY(canon_get_object(act, "policy", &what));
	return read_file(what, out);
}

static void
keep_tokens(const struct levels_level *l, struct rows_level *out)
{
	out->token_attestation = l->token_attestation;
	out->token_allow_list = l->token_allow_list;
	out->token_certification = l->token_certification;
	out->token_models_min = l->token_models_min;
	out->advisory_refused = l->token_advisory == LEVELS_REFUSE;
	out->pin_length_min = l->pin_length_min;
	out->tokens_per_custodian = l->tokens_per_custodian;
	out->token_places_min = l->token_places_min;
}

static void
keep_rules(const struct levels_level *l, struct rows_level *out)
{
	out->n_max = l->n_max;
	out->cooloff_open = l->cooloff_open;
	out->cooloff_change = l->cooloff_change;
	out->breakglass_cooloff = l->breakglass_cooloff;
	out->grant_life = l->grant_life;
	out->grant_uses_max = l->grant_uses_max;
	out->max_same_reporting_line = l->max_same_reporting_line;
	out->breakglass_quorum = l->breakglass_quorum;
	out->veto_by_decline = l->veto_by_decline;
}

static void
keep_groups(const struct levels_level *l, struct rows_level *out)
{
	out->group_count = (uint8_t)l->group_count;
	for (size_t i = 0; i < l->group_count; i++) {
		const struct levels_group *g = &l->required_posts[i];

		out->groups[i].wing_count = (uint8_t)g->count;
		for (size_t j = 0; j < g->count; j++)
			memcpy(out->groups[i].wings[j].name, g->wings[j],
			    sizeof(out->groups[i].wings[j].name));
	}
}

static void
keep_others(const struct levels_level *l, struct rows_level *out)
{
	out->notify_count = (uint8_t)l->notify_count;
	for (size_t i = 0; i < l->notify_count; i++)
		memcpy(out->notify[i].name, l->breakglass_notify[i],
		    sizeof(out->notify[i].name));
	out->witnesses_min = l->witnesses_min;
	out->witnesses_outside_min = l->witnesses_outside_min;
	out->timestamp_authorities = l->timestamp_authorities;
	if (l->has_recovery_set) {
		out->recovery_quorum = l->recovery_set.quorum;
		out->recovery_members = l->recovery_set.members;
		out->recovery_disjoint = l->recovery_set.disjoint_persons;
	}
	out->supplier_review_at_renewal = l->supplier_review_at_renewal;
	out->supplier_review_at_ownership_change =
	    l->supplier_review_at_ownership_change;
}

void
ruleset_level(const struct levels_level *l, struct rows_level *out)
{
	*out = (struct rows_level){ .quorum_k = l->quorum_k,
		.n_min = l->n_min,
		.head_surplus_min = l->head_surplus_min,
		.cut_min = l->cut_min,
		.durable_holders_min = l->durable_holders_min,
		.eligible_per_required_post = l->eligible_per_required_post,
		.cut_refused = l->cut_action == LEVELS_REFUSE,
		.durable_refused = l->durable_action == LEVELS_REFUSE,
		.eligible_refused = l->eligible_action == LEVELS_REFUSE,
		.durable_horizon = l->durable_horizon,
		.depart_suspend = l->depart_suspend,
		.depart_suspend_for_cause = l->depart_suspend_for_cause,
		.depart_reshare = l->depart_reshare,
		.depart_rotate = l->depart_rotate,
		.rotate_after_open = l->rotate_after_open,
		.liveness_interval = l->liveness_interval,
		.drill_interval = l->drill_interval,
		.access_review = l->access_review,
		.breach_first = l->breach_first,
		.breach_detail = l->breach_detail,
		.breach_final = l->breach_final,
		.rotate_routine = l->rotate_routine,
		.login_test = l->login_test,
		.transfer_review = l->transfer_review,
		.appointment_confirm = l->appointment_confirm,
		.acceptance_renew = l->acceptance_renew,
		.log_copy = l->log_copy,
		.supplier_review = l->supplier_review };
	keep_rules(l, out);
	keep_groups(l, out);
	keep_tokens(l, out);
	keep_others(l, out);
	if (out->depart_suspend_for_cause == LEVELS_NONE)
		out->depart_suspend_for_cause = out->depart_suspend;
}

static struct rows_class
keep_class(const struct levels_class *c)
{
	return (struct rows_class){ .registered = c->registered,
		.accredited = c->accredited,
		.in_country = c->in_country,
		.open_criteria = c->open_criteria_shared,
		.approval = c->approval_reference,
		.diligence_max_age = c->due_diligence_max_age };
}

static void
keep_values(const struct levels *l, struct rows_policy *p)
{
	p->version = l->version;
	p->level_count = LEVELS_COUNT;
	p->class_count = LEVELS_CLASSES;
	p->models = (uint8_t)l->model_count;
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		ruleset_level(&l->level[i], &p->levels[i]);
	for (size_t i = 0; i < LEVELS_CLASSES; i++) {
		p->class_level[i] = l->class[i].level;
		p->classes[i] = keep_class(&l->class[i]);
	}
}

AM_RESULT
ruleset_check_roots(const struct levels *l, struct why *why)
{
	for (size_t i = 0; i < l->model_count; i++) {
		const struct levels_model *m = &l->models[i];

		for (size_t j = 0; j < m->root_count; j++)
			if (attest_root(levels_root(l, m, j)) != AM_OK)
				return why_say(why, AM_ERR_INCOMPLETE, "",
				    "line %u: roots of '%s': number %zu is no "
				    "X.509 certificate",
				    m->line, m->name, j + 1);
	}
	return AM_OK;
}

static AM_RESULT
keep_model(struct rules *r, const struct levels *l,
    const struct levels_model *m, struct bytes motion)
{
	const struct rows_key key =
	    rows_key_with_text(motion, (struct bytes){ m->aaguid, 16 });
	struct rows_model out = { .certification = m->certification };
	struct buf_writer w = { .p = out.roots, .cap = sizeof(out.roots) };

	memcpy(out.aaguid, m->aaguid, sizeof(out.aaguid));
	memcpy(out.name, m->name, sizeof(out.name));
	memcpy(out.advisory, m->advisory, sizeof(out.advisory));
	for (size_t i = 0; i < m->root_count; i++)
		AM_TRY(buf_put_bytes(&w, levels_root(l, m, i)));
	out.roots_len = (uint16_t)w.len;
	return rows_put_model(&r->st->view, rows_key(&key), &out);
}

static AM_RESULT
keep_models(struct rules *r, const struct levels *l, struct bytes motion)
{
	AM_TRY(ruleset_check_roots(l, r->why));
	for (size_t i = 0; i < l->model_count; i++)
		AM_TRY(keep_model(r, l, &l->models[i], motion));
	return AM_OK;
}

/* O-1: older than what is in force is a rollback, not a change. */
static AM_RESULT
check_version(struct rules *r, const struct rows_policy *p)
{
	struct rows_policy now = { .version = 0 };

	if (!is_none(r->vault.policy, 32))
		AM_TRY(rows_get_policy(
		    &r->st->view, (struct bytes){ r->vault.policy, 32 }, &now));
	if (rules_is_next(now.version, p->version))
		return AM_OK;
	if (p->version > now.version)
		return RULES_SAY(r, AM_ERR_INVALID, "O-1",
		    "version %u of the policy would leave no room for later "
		    "ones; it is at most %u",
		    p->version,
		    now.version == 0 ? RULES_VERSION_FIRST
				     : now.version + RULES_VERSION_STEP);
	return RULES_SAY(r, AM_ERR_STALE, "O-1",
	    "version %u of the policy is in force; a change has a "
	    "higher one",
	    now.version);
}

AM_RESULT
ruleset_read_policy(
    struct rules *r, const struct json_t *what, const uint8_t id[static 32])
{
	static const char *const keys[] = { "file" };
	struct rows_policy p = { .leaf = r->leaf, .at = r->s->at };
	struct levels levels;
	blob_auto file = { 0 };
	enum am_err err;

	if (!canon_keys_are(what, keys, 1))
		return AM_ERR_CORRUPT;
	AM_TRY(read_file(what, &file));
	err = levels_read(blob_bytes(&file), &levels, r->why);
	if (err != AM_OK)
		return err;
	memcpy(p.motion, id, sizeof(p.motion));
	keep_values(&levels, &p);
	AM_TRY(check_version(r, &p));
	AM_TRY(keep_models(r, &levels, (struct bytes){ id, 32 }));
	return rows_put_policy(&r->st->view, (struct bytes){ id, 32 }, &p);
}

AM_RESULT
ruleset_enact_policy(struct rules *r, const struct rows_motion *m)
{
	const struct bytes id = { m->motion, 32 };
	struct rows_policy p;

	AM_TRY(rows_get_policy(&r->st->view, id, &p));
	AM_TRY(check_version(r, &p));
	p.leaf = r->leaf;
	p.at = r->s->at;
	memcpy(r->vault.policy, m->motion, sizeof(r->vault.policy));
	AM_TRY(fitness_attest_all(&r->st->view, &r->vault));
	return rows_put_policy(&r->st->view, id, &p);
}

/* ---- what a policy in force asks of committees and deposits */

AM_RESULT
ruleset_check_kept(
    struct rules *r, const struct rows_safe *s, const struct rows_plan *p)
{
	struct rows_rules rules;
	const enum am_err err = predicate_rules(&r->st->view, s->rules, &rules);
	unsigned need;

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	need = p->committee == ROWS_RECOVERY ? rules.breakglass_need
					     : rules.rule.need;
	if (need <= p->n && places_of(&rules.rule) <= p->k)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "R13.4",
	    "the rules of '%s' need %u approvals, %u of them of required "
	    "posts: a committee of %u of %u could open nothing; change the "
	    "rules first",
	    s->id, need, places_of(&rules.rule), p->k, p->n);
}

/* ---- invariant 6: what a committee is worth, with its posts, at a leaf */

struct worth {
	size_t n;
	/* hold a post, or never had one, are not away, and have a key that is
	 * as the level asks */
	uint16_t eligible;
	unsigned unfit; /* whom only their keys keep from it */
	struct quorum_person people[QUORUM_PEOPLE_MAX];
	struct rows_rules rules;
};

/* Invariant 3: with a key that is as the level asks. */
static AM_RESULT
has_fit_key(struct rules *r, const struct rows_safe *s,
    const uint8_t person[static 16], bool *out)
{
	struct rows_level l;
	const enum am_err err = fitness_asked(&r->st->view, &r->vault, s, &l);

	*out = true;
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	return fitness_has_key(&r->st->view, &r->vault, &l, person, out);
}

static AM_RESULT
weigh_person(struct rules *r, const struct rows_safe *s,
    const uint8_t person[static 16], size_t i, struct worth *w)
{
	const struct view *v = &r->st->view;
	bool valid = false, away = false, fit = false;
	struct rows_person p;
	int64_t at = 0;

	AM_TRY(rules_person(r, person, &p));
	AM_TRY(tenure_valid(v, &p, r->s->at, &valid, &at));
	AM_TRY(tenure_absent(v, &p, r->s->at, &away, &at));
	AM_TRY(tenure_read(v, &p, r->s->at, &w->people[i]));
	AM_TRY(has_fit_key(r, s, person, &fit));
	if (valid && !away && fit)
		w->eligible |= (uint16_t)(1U << i);
	w->unfit += valid && !away && !fit;
	return AM_OK;
}

/* Who holds something then still, of those who are eligible. */
static uint16_t
valid_at(const struct worth *w, int64_t at)
{
	uint16_t who = 0;

	for (size_t i = 0; i < w->n; i++)
		if ((w->eligible >> i & 1) != 0 &&
		    quorum_is_valid(&w->people[i], at))
			who |= (uint16_t)(1U << i);
	return who;
}

static AM_RESULT
below(struct rules *r, const struct rows_safe *s, const char *what)
{
	return RULES_SAY(r, AM_ERR_POLICY, "X-8",
	    "level %s: this committee would have %s, which it refuses unless "
	    "a waiver of 'X-8 %s' is in force",
	    s->level, what, s->id);
}

/* Who plans sees people who are there: it is said where their keys are why. */
static AM_RESULT
below_head(struct rules *r, const struct rows_safe *s, const struct worth *w)
{
	char what[128];

	if (w->unfit == 0)
		return below(r, s, "too small a head surplus");
	(void)snprintf(what, sizeof(what),
	    "too small a head surplus, %u of them having no key as the level "
	    "asks ('amanat analyze' says who)",
	    w->unfit);
	return below(r, s, what);
}

static AM_RESULT
check_groups(struct rules *r, const struct rows_safe *s,
    const struct rows_level *l, const struct worth *w, const struct quorum *q)
{
	for (size_t i = 0; l->eligible_refused != 0 && i < q->group_count; i++)
		if (__builtin_popcount(q->groups[i].who & w->eligible) <
		    l->eligible_per_required_post)
			return below(
			    r, s, "too few holders of a required post");
	return AM_OK;
}

static AM_RESULT
check_worth(struct rules *r, const struct rows_safe *s,
    const struct rows_level *l, const struct worth *w)
{
	const int64_t later = r->s->at + l->durable_horizon;
	struct openers o;
	struct quorum q;

	quorum_at(&w->rules.rule, w->people, w->n, r->s->at, &q);
	if (__builtin_popcount(w->eligible) <
	    w->rules.rule.need + l->head_surplus_min)
		return below_head(r, s, w);
	AM_TRY(check_groups(r, s, l, w, &q));
	openers_of(&q, w->eligible, &o);
	if (l->cut_refused != 0 && openers_cut(&o, w->eligible) < l->cut_min)
		return below(
		    r, s, "a person, or a few, whose loss locks everybody out");
	quorum_at(&w->rules.rule, w->people, w->n, later, &q);
	if (l->durable_refused != 0 && !quorum_holds(&q, valid_at(w, later)))
		return below(r, s, "no quorum any more within the horizon");
	return AM_OK;
}

/* One recalled model must not take the quorum away. R13.23: keys that are
 * software are all of one, so of an evaluation vault it is not asked. */
static AM_RESULT
check_models(struct rules *r, const struct rows_safe *s,
    const struct rows_plan *p, const struct rows_level *l)
{
	unsigned models = 0;

	if (r->vault.evaluation != 0)
		return AM_OK;
	AM_TRY(custody_models(&r->st->view, s, p->members, p->n, &models));
	return models >= l->token_models_min
	    ? AM_OK
	    : below(r, s, "keys of too few models");
}

/* With the rules of the safe, where it is bound to them. */
static AM_RESULT
check_bound(struct rules *r, const struct rows_safe *s,
    const struct rows_plan *p, const struct rows_level *l)
{
	struct worth *w = calloc(1, sizeof(*w));
	enum am_err err;

	if (w == NULL)
		return AM_ERR_NOMEM;
	w->n = p->n;
	err = predicate_rules(&r->st->view, s->rules, &w->rules);
	for (size_t i = 0; err == AM_OK && i < p->n; i++)
		err = weigh_person(r, s, p->members[i].person, i, w);
	if (w->rules.rule.need < p->k)
		w->rules.rule.need = p->k;
	if (err == AM_OK)
		err = check_worth(r, s, l, w);
	if (err == AM_OK)
		err = check_models(r, s, p, l);
	free(w);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
ruleset_check_plan(
    struct rules *r, const struct rows_safe *s, const struct rows_plan *p)
{
	const struct rows_level *l;
	struct rows_policy policy;
	bool waived = false;
	const enum am_err err = inforce_of(&r->st->view, &r->vault, &policy);

	if (err == AM_ERR_NOT_FOUND || p->committee != ROWS_OPERATING)
		return AM_OK;
	AM_TRY(err);
	l = &policy.levels[levels_held_to(s->level)];
	AM_TRY(has_waiver(r, "X-8", s->id, &waived));
	if (waived)
		return AM_OK;
	if (p->k >= l->quorum_k && p->n >= l->n_min && p->n <= l->n_max)
		return check_bound(r, s, p, l);
	return RULES_SAY(r, AM_ERR_POLICY, "X-8",
	    "level %s asks for a quorum of %u or more of %u to %u, not %u of "
	    "%u, unless a waiver of 'X-8 %s' is in force",
	    s->level, l->quorum_k, l->n_min, l->n_max, p->k, p->n, s->id);
}

/* ---- the high-water mark */

static AM_RESULT
keep_link(
    struct rules *r, const uint8_t from[static 16], const uint8_t to[static 16])
{
	const struct rows_key link = rows_key_with_text(
	    (struct bytes){ from, 16 }, (struct bytes){ to, 16 });
	struct rows_key n;
	bool known = false;

	AM_TRY(view_has(&r->st->view, "link", rows_key(&link), &known));
	if (known)
		return AM_OK;
	n = rows_key_u32(r->vault.links++);
	AM_TRY(rows_index_put(
	    &r->st->view, "link", rows_key(&link), (struct bytes){ NULL, 0 }));
	return rows_index_put(
	    &r->st->view, "link-n", rows_key(&n), rows_key(&link));
}

/* "safe/name safe/name": what else this credential can reset. */
static AM_RESULT
follow_link(struct rules *r, struct bytes path, struct rows_record *c)
{
	const uint8_t *slash = memchr(path.p, '/', path.len);
	struct rows_record to;
	struct rows_key key;
	uint8_t safe[16], record[16];
	size_t at;

	if (slash == NULL)
		return AM_ERR_CORRUPT;
	at = (size_t)(slash - path.p);
	if (rows_index_get(&r->st->view, "safe-id",
		(struct bytes){ path.p, at }, safe, 16) != AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "X-14",
		    "no credential '%.*s' that this one could reset",
		    (int)path.len, (const char *)path.p);
	key = rows_key_with_text((struct bytes){ safe, 16 },
	    (struct bytes){ slash + 1, path.len - at - 1 });
	if (rows_index_get(
		&r->st->view, "record-id", rows_key(&key), record, 16) != AM_OK)
		return RULES_SAY(r, AM_ERR_NOT_FOUND, "X-14",
		    "no credential '%.*s' that this one could reset",
		    (int)path.len, (const char *)path.p);
	AM_TRY(
	    rows_get_record(&r->st->view, (struct bytes){ record, 16 }, &to));
	if (to.mark > c->mark)
		c->mark = to.mark;
	return keep_link(r, c->record, record);
}

static AM_RESULT
follow_links(struct rules *r, const struct json_t *meta, struct rows_record *c)
{
	struct bytes rest = { 0 };
	size_t count = 0;

	if (canon_get_text(meta, "can_reset", &rest) != AM_OK)
		return AM_OK;
	while (rest.len > 0) {
		const uint8_t *space = memchr(rest.p, ' ', rest.len);
		const size_t n =
		    space == NULL ? rest.len : (size_t)(space - rest.p);

		if (++count > ROWS_LINKS_MAX)
			return RULES_SAY(r, AM_ERR_INVALID, "X-14",
			    "a credential names at most %d others that it can "
			    "reset",
			    ROWS_LINKS_MAX);
		AM_TRY(follow_link(r, (struct bytes){ rest.p, n }, c));
		rest.p += n + (space != NULL);
		rest.len -= n + (space != NULL);
	}
	return AM_OK;
}

/* Classes count from 1, 0 being one that is none of the five. */
static uint8_t
class_mark(const char *class)
{
	return (uint8_t)(levels_find_class(class) + 1);
}

static AM_RESULT
read_reach(struct rules *r, const struct json_t *meta, struct rows_record *c)
{
	struct bytes reach = { 0 };
	char class[ROWS_ID_MAX + 1];

	c->mark = class_mark(c->class);
	if (canon_get_text(meta, "reach", &reach) != AM_OK)
		return AM_OK;
	AM_TRY(rules_text(meta, "reach", class, sizeof(class)));
	if (class_mark(class) == 0)
		return RULES_SAY(r, AM_ERR_INVALID, "X-14",
		    "what a credential reaches is open, public, restricted, "
		    "sensitive or secret");
	if (class_mark(class) > c->mark)
		c->mark = class_mark(class);
	return AM_OK;
}

/* Only a quorum lowers it, by a waiver. */
static AM_RESULT
check_lowering(
    struct rules *r, const struct rows_safe *s, const struct rows_record *c)
{
	char path[ROWS_RULE_MAX];
	struct rows_record old;
	bool waived = false;
	const enum am_err err = rows_get_record(
	    &r->st->view, (struct bytes){ c->record, 16 }, &old);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (c->mark >= old.mark)
		return AM_OK;
	(void)snprintf(path, sizeof(path), "%s/%s", s->id, c->title);
	AM_TRY(has_waiver(r, "X-14", path, &waived));
	return waived ? AM_OK
		      : RULES_SAY(r, AM_ERR_POLICY, "X-14",
			    "'%s' was %s; that it is less now is for a quorum "
			    "to decide, by a waiver of 'X-14 %s'",
			    path, levels_class_name(old.mark - 1U), path);
}

AM_RESULT
ruleset_check_class(struct rules *r, const struct json_t *meta,
    const struct rows_safe *s, struct rows_record *c)
{
	struct rows_policy policy;
	const size_t level = levels_held_to(s->level);
	enum am_err err;

	AM_TRY(read_reach(r, meta, c));
	AM_TRY(follow_links(r, meta, c));
	AM_TRY(check_lowering(r, s, c));
	err = inforce_of(&r->st->view, &r->vault, &policy);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	/* R4.5: what is unknown is not passed over; else any other word would
	 * be a way around the level of the safe */
	if (c->mark == 0)
		return RULES_SAY(r, AM_ERR_INVALID, "X-14",
		    "the class of a credential is open, public, restricted, "
		    "sensitive or secret, not '%s'",
		    c->class);
	if (policy.class_level[c->mark - 1] <= level)
		return AM_OK;
	return RULES_SAY(r, AM_ERR_POLICY, "X-14",
	    "class %s belongs into a safe of level %s or higher; '%s' is %s",
	    levels_class_name(c->mark - 1U),
	    levels_name(policy.class_level[c->mark - 1]), s->id, s->level);
}
