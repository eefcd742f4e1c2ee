#include "cli/motions.h"
#include "cli/actwords.h"
#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/base/when.h"
#include "vault/state/govern.h"

const char *
motions_state(const struct motion_view *v)
{
	switch (v->state) {
	case MOTION_WAITING:
		return "waiting";
	case MOTION_DECIDED:
		return "decided";
	case MOTION_IN_FORCE:
		return "in effect";
	case MOTION_DECLINED:
		return "declined";
	case MOTION_LAPSED:
		return "lapsed";
	case MOTION_OBJECT:
		return "objections open";
	case MOTION_EARLY:
		return "too early";
	}
	return "";
}

/* ---- showing */

static AM_RESULT
say_votes(struct desk *d, const struct rows_vote *votes, size_t count,
    struct blob *out)
{
	for (size_t i = 0; i < count; i++) {
		char who[ROWS_ID_MAX + 1];
		blob_auto note = { 0 };

		AM_TRY(motion_vote_of(d->session, &votes[i], who, &note));
		AM_TRY(blob_printf(out, "%s%s", i > 0 ? ", " : "", who));
		if (note.len > 0)
			AM_TRY(blob_printf(out, " (%.*s)", (int)note.len,
			    (const char *)note.p));
	}
	return AM_OK;
}

static void
field(FILE *to, const char *label, const struct blob *text)
{
	out_field(to, label, blob_bytes(text));
}

static AM_RESULT
print_votes(struct desk *d, FILE *to, const struct motion_view *v)
{
	static const char founder[] =
	    "the founder, alone until the first safe is active";
	const struct rows_motion *m = &v->motion;
	blob_auto yes = { 0 }, no = { 0 };

	if (v->safe[0] == '\0' && v->state == MOTION_IN_FORCE)
		out_field(to, "decided by",
		    (struct bytes){
			(const uint8_t *)founder, strlen(founder) });
	if (v->safe[0] == '\0')
		return AM_OK;
	AM_TRY(blob_printf(&yes, "%u of %u that are needed%s", v->yes,
	    v->committee.k, m->yes_count > 0 ? ": " : ""));
	AM_TRY(say_votes(d, m->yes, m->yes_count, &yes));
	field(to, "yes", &yes);
	if (m->no_count == 0)
		return AM_OK;
	AM_TRY(say_votes(d, m->no, m->no_count, &no));
	field(to, "no", &no);
	return AM_OK;
}

static AM_RESULT
print_wait(FILE *to, const struct motion_view *v)
{
	blob_auto text = { 0 };
	char when[32];

	desk_time(v->effect_at, when);
	AM_TRY(blob_printf(
	    &text, "not before %s: until then it may be objected to", when));
	field(to, "in effect", &text);
	return AM_OK;
}

static AM_RESULT
print_view(struct desk *d, FILE *to, const struct motion_view *v)
{
	blob_auto act = { 0 }, by = { 0 }, end = { 0 }, weaker = { 0 };
	char until[32];

	desk_time(v->motion.until, until);
	AM_TRY(actwords_tell(d, v, &act));
	AM_TRY(blob_printf(&by, "'%s' (%s)%s", v->by.id, v->by.name,
	    v->by_suspended ? ", who is suspended now, or whose key is" : ""));
	AM_TRY(blob_printf(&end, "%s; now %s", until, motions_state(v)));
	field(to, "motion", &act);
	AM_TRY(actwords_weaker(d, v, &weaker));
	if (weaker.len > 0)
		field(to, "CAREFUL", &weaker);
	out_field(to, "why", v->why);
	field(to, "moved by", &by);
	field(to, "until", &end);
	if (v->effect_at > v->motion.at && v->state != MOTION_IN_FORCE)
		AM_TRY(print_wait(to, v));
	AM_TRY(print_votes(d, to, v));
	out_field(to, "words",
	    (struct bytes){ (const uint8_t *)v->words, strlen(v->words) });
	return AM_OK;
}

static AM_RESULT
votes_json(struct desk *d, struct out_json *j, const char *key,
    const struct rows_vote *votes, size_t count)
{
	out_json_open(j, key, '[');
	for (size_t i = 0; i < count; i++) {
		char who[ROWS_ID_MAX + 1];
		blob_auto note = { 0 };

		AM_TRY(motion_vote_of(d->session, &votes[i], who, &note));
		out_json_open(j, NULL, '{');
		out_json_text(j, "person", who);
		out_json_str(j, "note", blob_bytes(&note));
		out_json_close(j);
	}
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
one_json(struct desk *d, struct out_json *j, const struct motion_view *v)
{
	const struct rows_motion *m = &v->motion;
	char until[WHEN_TEXT_LEN + 1];

	when_text(m->until, until);
	out_json_open(j, NULL, '{');
	out_json_text(j, "motion", v->id);
	out_json_text(j, "act", govern_act(&v->motion));
	out_json_text(j, "person", v->who.id);
	out_json_text(j, "key", v->key.label);
	out_json_text(j, "rule", m->rule);
	out_json_str(j, "why", v->why);
	out_json_text(j, "by", v->by.id);
	out_json_text(j, "until", until);
	out_json_text(j, "state", motions_state(v));
	when_text(v->effect_at, until);
	out_json_text(j, "effect_from", until);
	out_json_text(j, "safe", v->safe);
	out_json_uint(j, "quorum", v->committee.k);
	AM_TRY(votes_json(d, j, "yes", m->yes, m->yes_count));
	AM_TRY(votes_json(d, j, "no", m->no, m->no_count));
	out_json_text(j, "words", v->words);
	out_json_close(j);
	return AM_OK;
}

AM_RESULT
motions_show(struct desk *d, const char *id)
{
	motion_view_auto v = { 0 };
	out_json_auto j = { .to = stdout };

	AM_TRY(motion_look(d->session, id, &v));
	return d->call->json ? one_json(d, &j, &v) : print_view(d, stdout, &v);
}

void
motions_made(struct desk *d, const struct motion_view *v)
{
	char until[32];

	if (v->state == MOTION_IN_FORCE || d->call->json)
		return;
	desk_time(v->motion.until, until);
	printf("%s\n%s\n", v->id, v->words);
	if (v->state == MOTION_EARLY)
		cmd_say(d->call,
		    "it waits: as soon as the first safe is active its "
		    "custodians decide, until %s; then: amanat approve %s",
		    until, v->id);
	else
		cmd_say(d->call,
		    "next: the custodians of '%s' decide, %u of %u, until %s: "
		    "amanat approve %s, or amanat decline %s --reason TEXT",
		    v->safe, v->committee.k, v->committee.n, until, v->id,
		    v->id);
}

AM_RESULT
motions_result(struct desk *d, const struct motion_view *v)
{
	blob_auto act = { 0 };

	if (d->call->json)
		return motions_show(d, v->id);
	motions_made(d, v);
	if (v->state != MOTION_IN_FORCE)
		return AM_OK;
	AM_TRY(actwords_tell(d, v, &act));
	cmd_say(d->call, "in effect: %.*s", (int)act.len, (const char *)act.p);
	return AM_OK;
}

/* ---- the list */

static AM_RESULT
row(struct desk *d, struct out_table *t, const struct motion_view *v)
{
	blob_auto act = { 0 };

	AM_TRY(actwords_tell(d, v, &act));
	out_table_text(t, v->id);
	out_table_text(t, motions_state(v));
	if (v->safe[0] != '\0')
		out_table_printf(t, "%u of %u", v->yes, v->committee.k);
	else
		out_table_text(t, "-");
	out_table_bytes(t, blob_bytes(&act));
	return AM_OK;
}

static AM_RESULT
print_list(struct desk *d, bool all)
{
	static const char *const heads[] = { "ID", "STATE", "YES", "MOTION",
		NULL };
	out_table_auto t = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	unsigned count = 0;

	if (d->call->json)
		out_json_open(&j, NULL, '[');
	for (uint32_t i = 1; i <= d->session->vault.motions; i++) {
		motion_view_auto v = { 0 };
		char id[16];

		(void)snprintf(id, sizeof(id), "m-%u", i);
		AM_TRY(motion_look(d->session, id, &v));
		if (!all && v.state != MOTION_WAITING &&
		    v.state != MOTION_DECIDED && v.state != MOTION_OBJECT &&
		    v.state != MOTION_EARLY)
			continue;
		AM_TRY(d->call->json ? one_json(d, &j, &v) : row(d, &t, &v));
		count++;
	}
	if (d->call->json)
		return AM_OK;
	if (count == 0) {
		fputs("nothing waits for votes\n", stderr);
		return AM_OK;
	}
	return out_table_print(&t, stdout);
}

AM_RESULT
motions_list(struct cmd_call *call)
{
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, false, &d));
	return desk_done(
	    &d, print_list(&d, cmd_flag(call, "all")), "list motions");
}

/* ---- approve, decline */

/* What it is now, after the answer. */
static AM_RESULT
answered(struct desk *d, const struct session_key *k, bool voted)
{
	motion_view_auto v = { 0 };
	out_json_auto j = { .to = stdout };
	char effect[32];

	AM_TRY(motion_look(d->session, d->call->args[0], &v));
	desk_time(v.effect_at, effect);
	if (d->call->json)
		return one_json(d, &j, &v);
	if (voted)
		cmd_say(d->call, "%s has voted: %u of %u", k->person.id, v.yes,
		    v.committee.k);
	if (v.state == MOTION_IN_FORCE)
		cmd_say(d->call, "%s is in effect", v.id);
	else if (v.state == MOTION_DECIDED)
		cmd_say(d->call,
		    "the quorum is there; anyone puts it into effect: amanat "
		    "approve %s",
		    v.id);
	else if (v.state == MOTION_OBJECT)
		cmd_say(d->call,
		    "the quorum is there; objections are heard until %s (who "
		    "said yes may still decline), then anyone puts it into "
		    "effect: amanat approve %s",
		    effect, v.id);
	else if (v.state == MOTION_DECLINED)
		cmd_say(d->call, "%s is declined", v.id);
	else
		cmd_say(d->call, "you are done; %u more must vote yes",
		    v.committee.k - v.yes);
	return AM_OK;
}

static AM_RESULT
look(struct desk *d, struct motion_view *v, const char *what)
{
	AM_TRY(desk_done(d, motion_look(d->session, d->call->args[0], v),
	    "look at the motion"));
	AM_TRY(desk_done(d, print_view(d, stderr, v), "show it"));
	return desk_done(d, motion_check_open(d->session, v), what);
}

AM_RESULT
motions_approve(struct cmd_call *call)
{
	const bool dry = cmd_flag(call, "dry-run");
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, !dry, &d));
	if (dry)
		return desk_done(
		    &d, motions_show(&d, call->args[0]), "show the motion");
	AM_TRY(look(&d, &v, "approve it"));
	d.touches = motion_touches(d.session, &v);
	cmd_say(call,
	    v.state == MOTION_DECIDED
		? "It has its quorum. One touch puts it into effect. To stop: "
		  "Ctrl-C; nothing is changed."
		: d.touches == 2
		? "Compare the words with those of who moved it. Two touches "
		  "follow: the first signs your yes, which completes the "
		  "quorum, the second puts it into effect. To stop: Ctrl-C; "
		  "nothing is changed."
		: "Compare the words with those of who moved it. One touch "
		  "follows, which signs your yes. To stop: Ctrl-C; nothing is "
		  "changed.");
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d, motion_approve(d.session, &k, &v), "approve it"));
	return desk_done(
	    &d, answered(&d, &k, v.state == MOTION_WAITING), "show the motion");
}

AM_RESULT
motions_decline(struct cmd_call *call)
{
	motion_view_auto v = { 0 };
	session_key_auto k = { 0 };
	desk_auto d = { 0 };

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(look(&d, &v, "decline it"));
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(&d,
	    motion_decline(d.session, &k, &v, cmd_opt(call, "reason")),
	    "decline it"));
	cmd_say(call, "%s said no; the reason is in the log", k.person.id);
	return desk_done(&d, answered(&d, &k, false), "show the motion");
}
