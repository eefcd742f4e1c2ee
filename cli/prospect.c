#include "cli/prospect.h"

#include "cli/desk.h"
#include "vault/base/when.h"

enum { PKT = 5 * 3600 };

void
prospect_free(struct prospect *p)
{
	lockout_free(p->l);
	free(p->o);
	*p = (struct prospect){ 0 };
}

void
prospect_line_free(struct prospect_line *line)
{
	blob_free(&line->what);
	blob_free(&line->todo);
}

uint16_t
prospect_unfit(const struct prospect *p)
{
	uint16_t who = 0;

	for (size_t i = 0; i < p->o->is.n; i++)
		if (p->o->is.people[i].unfit)
			who |= (uint16_t)(1U << i);
	return who;
}

uint16_t
prospect_advised(const struct prospect *p)
{
	uint16_t who = 0;

	for (size_t i = 0; i < p->o->is.n; i++)
		if (p->o->is.people[i].advised)
			who |= (uint16_t)(1U << i);
	return who;
}

/* ---- words */

AM_RESULT
prospect_people(const struct prospect *p, uint16_t who, struct blob *out)
{
	const int all = __builtin_popcount(who);
	int count = 0;

	for (size_t i = 0; i < p->o->is.n; i++) {
		if ((who >> i & 1) == 0)
			continue;
		AM_TRY(blob_printf(out, "%s%s",
		    count == 0             ? ""
			: count + 1 == all ? " and "
					   : ", ",
		    p->o->is.people[i].id));
		count++;
	}
	return AM_OK;
}

AM_RESULT
prospect_time(int64_t at, struct blob *out)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char utc[32], local[WHEN_TEXT_LEN + 1];
	int month;

	desk_time(at, utc);
	when_text(at + PKT, local);
	month = (local[5] - '0') * 10 + local[6] - '0';
	return blob_printf(out, "%s (%.2s %s %.5s PKT)", utc, local + 8,
	    months[month - 1], local + 11);
}

static const char *
group_name(const struct prospect *p, int group)
{
	return group >= 0 ? p->o->is.group_names[group] : "";
}

static AM_RESULT
quoted_group(const struct prospect *p, int group, struct blob *out)
{
	return group < 0 ? blob_printf(out, "this safe")
			 : blob_printf(out, "\"%s\"", group_name(p, group));
}

/* ---- findings */

static const char *
kind_name(enum lockout_kind kind)
{
	switch (kind) {
	case LOCKOUT_NO_QUORUM:
		return "no-quorum";
	case LOCKOUT_LOW_SURPLUS:
		return "low-surplus";
	case LOCKOUT_LOW_CUT:
		return "low-cut";
	case LOCKOUT_FEW_DURABLE:
		return "few-durable";
	case LOCKOUT_FEW_IN_GROUP:
		return "few-in-group";
	case LOCKOUT_NO_QUORUM_LATER:
		return "no-quorum-later";
	case LOCKOUT_LOW_SURPLUS_LATER:
		return "low-surplus-later";
	case LOCKOUT_LOW_CUT_LATER:
		return "low-cut-later";
	}
	return "";
}

static AM_RESULT
tell_low_cut(const struct prospect *p, const struct lockout_finding *f,
    struct prospect_line *out)
{
	if (f->asker != LOCKOUT_NOBODY)
		AM_TRY(blob_printf(
		    &out->what, "if %s asks, ", p->o->is.people[f->asker].id));
	AM_TRY(blob_printf(&out->what, "the loss of %s locks everybody out",
	    f->is == 1 ? "one person" : "few people"));
	AM_TRY(blob_printf(&out->what,
	    " (smallest cut %d, level asks %d): ", f->is, f->least));
	AM_TRY(prospect_people(p, f->who, &out->what));
	if (f->group >= 0)
		AM_TRY(blob_printf(&out->what, "%s for \"%s\"",
		    f->is == 1 ? ", the only holder" : ", all holders",
		    group_name(p, f->group)));
	if (f->group >= 0) {
		AM_TRY(blob_printf(&out->todo,
		    "name a deputy for \"%s\": appoint another custodian to "
		    "one of its posts, or bring one in: amanat safe reshare "
		    "%s --custodians ... --reason TEXT",
		    group_name(p, f->group), p->o->safe.id));
		return AM_OK;
	}
	return f->asker != LOCKOUT_NOBODY
	    ? blob_printf(&out->todo,
		  "enrol an official who is no custodian and let them ask, or "
		  "bring in one custodian more: amanat safe reshare %s "
		  "--custodians ... --reason TEXT",
		  p->o->safe.id)
	    : blob_printf(&out->todo,
		  "bring in one custodian more, the quorum staying as it is: "
		  "amanat safe reshare %s --custodians ... --reason TEXT",
		  p->o->safe.id);
}

/* "7 appointments end (order F.No. x/2022)" */
static AM_RESULT
tell_ending(
    const struct prospect *p, const struct lockout_finding *f, struct blob *out)
{
	const char *order = NULL;
	const size_t n = lockout_ending(&p->o->is, f->at, &order);

	if (n == 0)
		return blob_printf(out, "somebody is absent from then on");
	AM_TRY(blob_printf(out, "%zu appointment%s end%s", n, n == 1 ? "" : "s",
	    n == 1 ? "s" : ""));
	return order != NULL ? blob_printf(out, " (order %s)", order) : AM_OK;
}

static AM_RESULT
tell_later(const struct prospect *p, const struct lockout_finding *f,
    struct prospect_line *out)
{
	char day[WHEN_TEXT_LEN + 1];

	AM_TRY(prospect_time(f->at, &out->what));
	if (f->kind == LOCKOUT_NO_QUORUM_LATER)
		AM_TRY(blob_printf(&out->what, ": NO QUORUM from then on: "));
	else
		AM_TRY(blob_printf(&out->what,
		    ": %s %d from then on (level "
		    "asks %d): ",
		    f->kind == LOCKOUT_LOW_CUT_LATER ? "smallest cut"
						     : "head surplus",
		    f->is, f->least));
	AM_TRY(tell_ending(p, f, &out->what));
	when_text(f->at, day);
	return blob_printf(&out->todo,
	    "before that: bind custody to substantive posts (amanat appoint "
	    "... --kind substantive), enter new orders, or change the "
	    "committee in time: amanat analyze %s --transition %.10s",
	    p->o->safe.id, day);
}

static AM_RESULT
tell_no_quorum(const struct prospect *p, const struct lockout_finding *f,
    struct prospect_line *out)
{
	AM_TRY(blob_printf(&out->what, "NO QUORUM today"));
	if (f->who != 0) {
		AM_TRY(blob_printf(&out->what, "; not counted on: "));
		AM_TRY(prospect_people(p, f->who, &out->what));
	}
	return blob_printf(&out->todo,
	    "have them prove, return or be let back (amanat safe status %s "
	    "says why each is out); enter the orders that are missing; else "
	    "the recovery committee: amanat ask ... --break-glass --recovery",
	    p->o->safe.id);
}

static AM_RESULT
tell_few(const struct prospect *p, const struct lockout_finding *f,
    struct prospect_line *out)
{
	if (f->kind == LOCKOUT_FEW_DURABLE) {
		AM_TRY(blob_printf(&out->what,
		    "durable holders %d (level asks %d): custodians whose "
		    "substantive post outlasts %lld days, or who were never "
		    "appointed to anything",
		    f->is, f->least,
		    (long long)(p->o->is.minima.durable_horizon / 86400)));
		return blob_printf(&out->todo,
		    "enter the substantive posts that custodians hold beside "
		    "an interim one: amanat appoint PERSON POST --kind "
		    "substantive ...");
	}
	AM_TRY(quoted_group(p, f->group, &out->what));
	AM_TRY(blob_printf(&out->what,
	    " has %d eligible holder%s (level asks "
	    "%d)",
	    f->is, f->is == 1 ? "" : "s", f->least));
	if (f->who != 0) {
		AM_TRY(blob_printf(&out->what, ": "));
		AM_TRY(prospect_people(p, f->who, &out->what));
	}
	return blob_printf(&out->todo,
	    "name a deputy: appoint another custodian to a post of \"%s\"",
	    group_name(p, f->group));
}

/* ---- findings of keys */

static AM_RESULT
tell_keys(const struct lacks_one *f, struct prospect_line *out)
{
	out->kind = "few-keys";
	AM_TRY(blob_printf(&out->what,
	    "%s has %u key%s in use (level asks %u): whoever loses the last "
	    "one is out [C-2]",
	    f->who, f->is, f->is == 1 ? "" : "s", f->least));
	return blob_printf(&out->todo,
	    "enrol another: amanat token enrol %s --label LABEL", f->who);
}

static AM_RESULT
tell_places(const struct lacks_one *f, struct prospect_line *out)
{
	out->kind = "few-places";
	AM_TRY(blob_printf(&out->what,
	    "the keys of %s are known to be at %u place%s (level asks %u): "
	    "one fire takes them all [C-2]",
	    f->who, f->is, f->is == 1 ? "" : "s", f->least));
	return blob_printf(&out->todo,
	    "have one kept elsewhere, and say where each is: amanat token "
	    "place LABEL PLACE");
}

static AM_RESULT
tell_models(const struct lacks_one *f, struct prospect_line *out)
{
	out->kind = "few-models";
	AM_TRY(blob_printf(&out->what,
	    "the keys of all custodians are of %u model%s (level asks %u): "
	    "one that is recalled takes the quorum away [X-8]",
	    f->is, f->is == 1 ? "" : "s", f->least));
	return blob_printf(&out->todo,
	    "enrol keys of another model: amanat token enrol PERSON --label "
	    "LABEL");
}

static AM_RESULT
key_finding(const struct prospect *p, size_t i, struct prospect_line *out)
{
	const struct lacks_one *f = &p->keys.all[i];

	out->at = p->o->is.now;
	switch (f->kind) {
	case LACKS_KEYS:
		return tell_keys(f, out);
	case LACKS_PLACES:
		return tell_places(f, out);
	case LACKS_MODELS:
		return tell_models(f, out);
	}
	return AM_ERR_INTERNAL;
}

size_t
prospect_count(const struct prospect *p)
{
	return p->l->finding_count + p->keys.count;
}

AM_RESULT
prospect_finding(const struct prospect *p, size_t i, struct prospect_line *out)
{
	const size_t n = p->l->finding_count;
	const struct lockout_finding *f;

	if (i >= n)
		return key_finding(p, i - n, out);
	f = &p->l->findings[i];
	out->kind = kind_name(f->kind);
	out->at = f->at;
	switch (f->kind) {
	case LOCKOUT_NO_QUORUM:
		return tell_no_quorum(p, f, out);
	case LOCKOUT_LOW_SURPLUS:
		AM_TRY(blob_printf(&out->what,
		    "head surplus %d (level asks %d): so many may be missing "
		    "and the others still open",
		    f->is, f->least));
		return blob_printf(&out->todo,
		    "bring in more custodians, the quorum staying as it is: "
		    "amanat safe reshare %s --custodians ... --reason TEXT",
		    p->o->safe.id);
	case LOCKOUT_LOW_CUT:
		return tell_low_cut(p, f, out);
	case LOCKOUT_FEW_DURABLE:
	case LOCKOUT_FEW_IN_GROUP:
		return tell_few(p, f, out);
	case LOCKOUT_NO_QUORUM_LATER:
	case LOCKOUT_LOW_SURPLUS_LATER:
	case LOCKOUT_LOW_CUT_LATER:
		return tell_later(p, f, out);
	}
	return AM_ERR_INTERNAL;
}
