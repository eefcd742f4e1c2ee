/*
 * waive: that a rule need not hold until a day.
 */

#include <stdio.h>

#include "cli/waivers.h"

#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/lookup.h"
#include "vault/acts/weaker.h"
#include "vault/base/when.h"
#include "vault/state/subscription.h"

/* ---- what the rules let a quorum waive */

enum about { SAFE, CREDENTIAL, VALUE, SUBSCRIPTION, OTHER };
static const char *const subjects[] = { "SAFE", "SAFE/NAME", "LEVEL.KEY",
	"SUBSCRIPTION" };

/* In words: `before`, the subject, `after`. OTHER is moved by a verb of its own,
 * and its subject is for programs. */
static const struct waivable {
	const char *rule;
	enum about about;
	const char *what, *before, *after;
} waivable[] = {
	{ "C-2", SAFE, "a custodian's keys", "that custodians of safe '",
	    "' have fewer keys, or places of keys, than its level asks" },
	{ "X-8", SAFE, "a committee below its level",
	    "that the committee of safe '",
	    "' is smaller than its level asks" },
	{ "5.7", SAFE, "its recovery committee", "that safe '",
	    "' has no recovery committee as its level asks" },
	{ "A-3", SAFE, "rules below its level", "that the rules of safe '",
	    "' ask for less than its level" },
	{ "A-3", VALUE, "a value weaker than shipped", "that '",
	    "' of the policy is weaker than shipped" },
	{ "X-14", CREDENTIAL, "a lower class than before", "that '",
	    "' is of a lower class than before" },
	{ "R-8", SUBSCRIPTION, "its origin", "that '",
	    "' is of a country on the deny list" },
	{ "R-14", SUBSCRIPTION, "where it is hosted", "that '",
	    "' is hosted elsewhere, or without an approval" },
	{ "R-15", SUBSCRIPTION, "its examination", "that the supplier of '",
	    "' is not examined again" },
	{ "X-10", OTHER, "", "that somebody knows what is not in this vault",
	    "" },
	{ "R3.9", OTHER, "",
	    "the loss of statements that no copy holds any more", "" },
};

/* "baseline.quorum_k" is a value, and no safe is called so. */
static const struct waivable *
find(struct bytes rule, const char *subject)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(waivable); i++) {
		const struct waivable *w = &waivable[i];
		const bool is_value = strchr(subject, '.') != NULL;

		if (bytes_same(rule,
			(struct bytes){
			    (const uint8_t *)w->rule, strlen(w->rule) }) &&
		    (strcmp(w->rule, "A-3") != 0 ||
			is_value == (w->about == VALUE)))
			return w;
	}
	return NULL;
}

const char *
waivers_words(const char *waiver, char *plain, size_t size)
{
	const size_t n = strcspn(waiver, " ");
	const char *subject = waiver + n + (waiver[n] == ' ');
	const struct waivable *w =
	    find((struct bytes){ (const uint8_t *)waiver, n }, subject);

	if (w == NULL)
		(void)snprintf(plain, size, "what breaks %s", waiver);
	else
		(void)snprintf(plain, size, "%s%s%s", w->before,
		    w->about == OTHER ? "" : subject, w->after);
	return plain;
}

/* ---- is it one, and of something? */

static AM_RESULT
check_rule(struct cmd_call *call)
{
	const char *rule = call->args[0];
	const struct waivable *w =
	    find((struct bytes){ (const uint8_t *)rule, strlen(rule) },
		call->args[1]);
	char known[640] = "";
	size_t n = 0;

	if (w != NULL && w->about != OTHER)
		return AM_OK;
	for (size_t i = 0; i < AM_ARRAY_LEN(waivable); i++)
		if (waivable[i].about != OTHER && n < sizeof(known))
			n += (size_t)snprintf(known + n, sizeof(known) - n,
			    "%s%s %s (%s)", n > 0 ? ", " : "", waivable[i].rule,
			    subjects[waivable[i].about], waivable[i].what);
	return cmd_complain(AM_ERR_INVALID,
	    "'%s' cannot be waived; these can: %s", rule, known);
}

struct named {
	const char *want; /* "A-3 enhanced.quorum_k" */
	bool found;
};

static enum am_err
find_value(void *arg, const struct levels_value *v)
{
	struct named *n = arg;
	char rule[ROWS_RULE_MAX + 1];

	weaker_rule(v, rule);
	n->found |= strcmp(n->want, rule) == 0;
	return AM_OK;
}

/* It may be waived before it can be entered; a slip of the pen is told. */
static AM_RESULT
check_subscription(struct desk *d, const char *id)
{
	store_txn_auto *t = NULL;
	struct rows_subscription s;
	enum am_err err;
	struct view v;

	AM_TRY(lookup_check_id(&d->why, "a subscription", id));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	err = subscription_find(
	    &v, (struct bytes){ (const uint8_t *)id, strlen(id) }, &s);
	if (err != AM_ERR_NOT_FOUND)
		return err;
	cmd_say(d->call,
	    "CAREFUL: no subscription '%s' is there; this is for one that is "
	    "entered under that id",
	    id);
	return AM_OK;
}

/* A slip of the pen would waive nothing, and look as if it did. */
static AM_RESULT
check_subject(struct desk *d)
{
	const char *rule = d->call->args[0], *what = d->call->args[1];
	const struct waivable *w =
	    find((struct bytes){ (const uint8_t *)rule, strlen(rule) }, what);
	char value[ROWS_RULE_MAX + 1];
	struct named n = { .want = value };
	struct rows_record c;
	struct levels l;
	struct rows_safe s;

	if (w == NULL)
		return AM_ERR_INTERNAL; /* check_rule has seen to that */
	if (w->about == SAFE)
		return lookup_safe(d->session, what, &s);
	if (w->about == CREDENTIAL)
		return lookup_record(d->session, what, &s, &c);
	if (w->about == SUBSCRIPTION)
		return check_subscription(d, what);
	(void)snprintf(value, sizeof(value), "%s %s", rule, what);
	AM_TRY(levels_shipped(&l));
	AM_TRY(levels_compare(NULL, &l, find_value, &n));
	return n.found ? AM_OK
		       : why_say(&d->why, AM_ERR_NOT_FOUND, "A-3",
			     "no value '%s'; they are named as in 'amanat "
			     "policy check', such as enhanced.quorum_k",
			     what);
}

/* ---- the verb */

AM_RESULT
waivers_run(struct cmd_call *call)
{
	const char *until = cmd_opt(call, "until"),
		   *reason = cmd_opt(call, "reason");
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	char rule[ROWS_RULE_MAX + 1];
	int64_t end = 0;

	AM_TRY(check_rule(call));
	if (until == NULL || reason == NULL || when_end(until, &end) != AM_OK)
		return cmd_complain(AM_ERR_INVALID,
		    "a waiver needs --reason, and --until, its last day, such "
		    "as 2027-06-30");
	if (snprintf(rule, sizeof(rule), "%s %s", call->args[0],
		call->args[1]) >= (int)sizeof(rule))
		return cmd_complain(
		    AM_ERR_INVALID, "'%s' is too long", call->args[1]);
	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(&d, check_subject(&d), "waive it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, motion_waive(d.session, &k, rule, end, reason, &v), "move it"));
	return desk_done(&d, motions_result(&d, &v), "show the motion");
}
