#include "cli/actwords.h"

#include "cli/waivers.h"
#include "vault/acts/policy.h"
#include "vault/acts/weaker.h"

#include "vault/base/when.h"
#include "vault/state/bound.h"
#include "vault/state/ruleset.h"
#include "vault/state/tenure.h"

/* ---- rules of a safe */

static AM_RESULT
add_time(int64_t seconds, struct blob *out)
{
	char words[WHEN_WORDS_MAX];

	when_words(seconds, words);
	return blob_printf(out, "%s", words);
}

static AM_RESULT
add_group(struct desk *d, const struct quorum_group *g, struct blob *out)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(blob_printf(out, ", %u of ", g->count));
	for (size_t i = 0; i < g->post_count; i++) {
		struct rows_post p;

		AM_TRY(tenure_post(&v, g->posts[i], &p));
		AM_TRY(blob_printf(out, "%s%s",
		    i == 0                       ? ""
			: i + 1 == g->post_count ? " or "
						 : ", ",
		    p.id));
	}
	return AM_OK;
}

static AM_RESULT
add_waits(const struct rows_rules *r, struct blob *out)
{
	if (r->cooloff > 0) {
		AM_TRY(blob_printf(out, "; a cool-off of "));
		AM_TRY(add_time(r->cooloff, out));
		if (r->veto != 0)
			AM_TRY(blob_printf(
			    out, ", in which any custodian may veto"));
	}
	AM_TRY(blob_printf(out, "; then "));
	AM_TRY(add_time(r->grant, out));
	AM_TRY(blob_printf(out, " to open it%s", r->uses == 1 ? " once" : ""));
	AM_TRY(
	    blob_printf(out, "; break-glass: %u approve", r->breakglass_need));
	if (r->breakglass_cooloff > 0) {
		AM_TRY(blob_printf(out, " after "));
		AM_TRY(add_time(r->breakglass_cooloff, out));
	}
	if (r->cooloff_change == 0)
		return AM_OK;
	AM_TRY(blob_printf(out, "; changes can be objected to for "));
	return add_time(r->cooloff_change, out);
}

AM_RESULT
actwords_rules(struct desk *d, const struct rows_rules *r, struct blob *out)
{
	static const char *const attrs[QUORUM_ATTRS] = { "employer",
		"reporting line", "site", "wing" };

	AM_TRY(blob_printf(out, "%u persons approve", r->rule.need));
	for (size_t i = 0; i < r->rule.group_count; i++)
		AM_TRY(add_group(d, &r->rule.groups[i], out));
	for (size_t i = 0; i < r->rule.cap_count; i++)
		AM_TRY(blob_printf(out, ", at most %u of one %s",
		    r->rule.caps[i].max, attrs[r->rule.caps[i].attr]));
	return add_waits(r, out);
}

/* ---- posts and appointments */

static AM_RESULT
post_text(struct desk *d, const struct motion_view *v, struct blob *out)
{
	store_txn_auto *t = NULL;
	struct rows_post before;
	struct view w;

	AM_TRY(blob_printf(out, "make the post '%s' (%s)%s%s", v->post.id,
	    v->post.title, v->post.wing[0] != '\0' ? ", wing " : "",
	    v->post.wing));
	if (v->post.succeeds == 0)
		return AM_OK;
	AM_TRY(store_begin(d->session->store, false, &t));
	w = view_store(t);
	AM_TRY(tenure_post(&w, v->post.succeeds, &before));
	return blob_printf(out, ", in the place of '%s'", before.id);
}

const char *
actwords_holding(uint8_t kind)
{
	static const char *const names[] = { "", "substantive",
		"additional charge", "current charge", "acting",
		"look-after charge", "contract", "surrogate" };

	return kind < AM_ARRAY_LEN(names) ? names[kind] : "";
}

static AM_RESULT
appointment_text(const struct motion_view *v, struct blob *out)
{
	const struct rows_appointment *a = &v->appointment;
	char from[32], until[32];

	desk_time(a->from, from);
	AM_TRY(blob_printf(out, "appoint '%s' (%s) to '%s' (%s), %s, from %s",
	    v->who.id, v->who.name, v->post.id, v->post.title,
	    actwords_holding(a->kind), from));
	if (a->until != 0) {
		desk_time(a->until, until);
		AM_TRY(blob_printf(out, " until %s", until));
	}
	return blob_printf(
	    out, ", by order '%s' of %s", a->order, a->authority);
}

/* ---- what would be done */

/* "'audit' (Head of audit)", "key 'blue' of 'audit' (Head of audit)" */
static AM_RESULT
subject_of(const struct motion_view *v, struct blob *out)
{
	if (v->key.label[0] != '\0')
		AM_TRY(blob_printf(out, "key '%s' of ", v->key.label));
	return blob_printf(out, "'%s' (%s)", v->who.id, v->who.name);
}

static AM_RESULT
waiver_text(const struct motion_view *v, struct blob *out)
{
	char until[32], plain[ROWS_RULE_MAX + 96];

	desk_time(v->motion.rule_until, until);
	if (v->path[0] != '\0') {
		AM_TRY(blob_printf(out, "until %s, accept that ", until));
		AM_TRY(subject_of(v, out));
		return blob_printf(
		    out, " still knows '%s' version %u", v->path, v->version);
	}
	return blob_printf(out, "until %s, accept %s", until,
	    waivers_words(v->motion.rule, plain, sizeof(plain)));
}

static AM_RESULT
deny_text(const struct motion_view *v, struct blob *out)
{
	AM_TRY(blob_printf(
	    out, "put version %u of the deny list in force:", v->deny.version));
	for (size_t i = 0; i < v->deny.count; i++)
		AM_TRY(blob_printf(out, " %s", v->deny.countries[i].code));
	return v->deny.count > 0 ? AM_OK : blob_printf(out, " no country");
}

AM_RESULT
actwords_tell(struct desk *d, const struct motion_view *v, struct blob *out)
{
	switch ((enum rows_act)v->motion.act) {
	case ROWS_ADMIT:
		AM_TRY(blob_printf(out, "admit "));
		AM_TRY(subject_of(v, out));
		return blob_printf(out, "%s",
		    v->further ? ", beside those that they have"
			       : ", their first");
	case ROWS_RESUME:
		AM_TRY(blob_printf(out, "lift the suspension of "));
		return subject_of(v, out);
	case ROWS_CONFIRM:
		AM_TRY(blob_printf(out, "confirm the suspension of "));
		AM_TRY(subject_of(v, out));
		return blob_printf(out, ", which takes away the vote as well");
	case ROWS_WAIVE:
		return waiver_text(v, out);
	case ROWS_LOGKEY:
		return blob_printf(
		    out, "put a new key of the log in force (amanat restore)");
	case ROWS_POST:
		return post_text(d, v, out);
	case ROWS_APPOINT:
		return appointment_text(v, out);
	case ROWS_RULES:
		AM_TRY(blob_printf(
		    out, "set the rules of safe '%s': ", v->ruled.id));
		return actwords_rules(d, &v->rules, out);
	case ROWS_POLICY:
		return blob_printf(out,
		    "put version %u of the policy in force; what it changes: "
		    "amanat policy diff %s",
		    v->policy.version, v->id);
	case ROWS_SAFE:
		return blob_printf(out,
		    "make the safe '%s', with the committee that is planned "
		    "for it (amanat safe status %s)",
		    v->motion.rule, v->motion.rule);
	case ROWS_UNFREEZE:
		return blob_printf(out,
		    "lift the freeze of incident %s, so that what it stops "
		    "may be asked for again (amanat incident show %s)",
		    v->motion.rule, v->motion.rule);
	case ROWS_DENY:
		return deny_text(v, out);
	}
	return AM_ERR_INTERNAL;
}

static AM_RESULT
weaker_rules(struct desk *d, const struct motion_view *v, struct blob *out)
{
	store_txn_auto *t = NULL;
	blob_auto less = { 0 };
	struct rows_level is;
	struct levels l;
	struct view view;
	enum am_err err = policy_in_force(d->session, NULL, &l);

	if (err == AM_ERR_NOT_FOUND)
		err = levels_shipped(&l);
	AM_TRY(err);
	ruleset_level(&l.level[levels_held_to(v->ruled.level)], &is);
	AM_TRY(store_begin(d->session->store, false, &t));
	view = view_store(t);
	AM_TRY(bound_weaker(&view, &v->rules, &is, &less));
	return less.len == 0
	    ? AM_OK
	    : blob_printf(out, "WEAKER than level %s asks: %.*s",
		  v->ruled.level, (int)less.len, (const char *)less.p);
}

AM_RESULT
actwords_weaker(struct desk *d, const struct motion_view *v, struct blob *out)
{
	blob_auto less = { 0 };
	store_txn_auto *t = NULL;
	struct levels l;
	struct view w;

	if (v->motion.act == ROWS_RULES)
		return weaker_rules(d, v, out);
	if (v->motion.act != ROWS_POLICY)
		return AM_OK;
	AM_TRY(policy_of_motion(d->session, v, NULL, &l));
	AM_TRY(store_begin(d->session->store, false, &t));
	w = view_store(t);
	AM_TRY(weaker_unwaived(&w, &l, session_now(d->session), &less));
	return less.len == 0 ? AM_OK
			     : blob_printf(out,
				   "WEAKER than the policy that is shipped, "
				   "and not waived: %.*s",
				   (int)less.len, (const char *)less.p);
}
