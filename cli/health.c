#include <stdio.h>

#include "cli/health.h"

#include "cli/prospect.h"

#include "vault/acts/health.h"
#include "vault/base/when.h"

static const uint8_t committees[] = { ROWS_OPERATING, ROWS_RECOVERY };

static const char *
committee_name(uint8_t committee)
{
	return committee == ROWS_RECOVERY ? "recovery" : "operating";
}

/* ---- text */

enum { LEFT = 4 };

/* "a, b and c" of those who are, or are not, counted on; with its NUL. */
static AM_RESULT
list_people(const struct health *h, bool eligible, struct blob *out)
{
	size_t count = 0, left = 0;

	for (size_t i = 0; i < h->n; i++)
		left += (h->members[i].standing == HEALTH_ELIGIBLE) == eligible;
	for (size_t i = 0; i < h->n; i++) {
		const struct health_member *m = &h->members[i];

		if ((m->standing == HEALTH_ELIGIBLE) != eligible)
			continue;
		left--;
		if (count++ > 0)
			AM_TRY(blob_text(out, left == 0 ? " and " : ", "));
		AM_TRY(blob_text(out, m->id));
		if (!eligible)
			AM_TRY(blob_printf(
			    out, " (%s)", health_standing_name(m->standing)));
	}
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

/* With the posts that the rules of a safe ask for it may be worse: `p` is the
 * operating committee as analyze sees it; empty for the other one. */
static AM_RESULT
say_blockers(const struct prospect *p)
{
	const struct lockout_today *t = &p->l->today;
	blob_auto text = { 0 };

	if (!t->possible)
		puts("    NO QUORUM: the posts that the rules ask for cannot "
		     "be filled");
	for (size_t i = 0; i < t->single_count; i++) {
		AM_TRY(blob_text(&text, i == 0 ? "" : "; "));
		AM_TRY(prospect_people(p, t->singles[i].who, &text));
		if (t->singles[i].group >= 0)
			AM_TRY(blob_printf(&text,
			    ", the only holder for "
			    "\"%s\"",
			    p->o->is.group_names[t->singles[i].group]));
	}
	if (text.len == 0)
		return AM_OK;
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(
	    stdout, "    ALONE COULD BLOCK: ", LEFT, (const char *)text.p);
	return AM_OK;
}

static bool
blocks(const struct prospect *p)
{
	return p->l != NULL &&
	    (p->l->today.single_count > 0 || !p->l->today.possible);
}

static AM_RESULT
say_losses(const struct health *h, const struct prospect *p)
{
	blob_auto text = { 0 };

	if (h->possible && blocks(p))
		return say_blockers(p);

	if (!h->possible) {
		printf("    NO QUORUM: %u of the %u that are needed are "
		       "missing\n",
		    h->k - h->eligible, h->k);
		return AM_OK;
	}
	if (h->losses > 0) {
		printf("    %u more can be lost; nobody could block alone\n",
		    h->losses);
		return AM_OK;
	}
	AM_TRY(
	    blob_text(&text, "NO MORE CAN BE LOST: each alone could block: "));
	AM_TRY(list_people(h, true, &text));
	out_wrapped(stdout, "    ", LEFT, (const char *)text.p);
	return AM_OK;
}

static AM_RESULT
say_missing(const struct health *h)
{
	blob_auto text = { 0 };

	if (h->eligible == h->n)
		return AM_OK;
	AM_TRY(blob_text(&text, "not counted on: "));
	AM_TRY(list_people(h, false, &text));
	out_wrapped(stdout, "    ", LEFT, (const char *)text.p);
	return AM_OK;
}

static void
say_drill(const struct health *h, int64_t now)
{
	char at[32], until[32], text[160];

	if (h->drill.number == 0) {
		fputs("    no drill yet\n", stdout);
		return;
	}
	desk_time(h->drill.at, at);
	desk_time(h->drill.until, until);
	(void)snprintf(text, sizeof(text),
	    "last drill %s, %s %s: %u of %u "
	    "proved",
	    at, now > h->drill.until ? "over since" : "open until", until,
	    h->proved, h->n);
	out_wrapped(stdout, "    ", LEFT, text);
}

static void
say_end(const struct health *h)
{
	char at[32];

	if (h->end_kind == HEALTH_NO_END)
		return;
	desk_time(h->end, at);
	if (h->end_kind == HEALTH_END_PLAN)
		printf("    next end %s: the ceremony under way\n", at);
	else if (h->end_kind == HEALTH_END_TERM)
		printf("    next end %s: the appointment of %s\n", at,
		    h->members[h->end_who].id);
	else
		printf("    next end %s: the proof of %s is due\n", at,
		    h->members[h->end_who].id);
}

static AM_RESULT
show_text(const struct health *h, const struct prospect *p, int64_t now)
{
	printf("%s committee: %u of %u, %u counted on\n",
	    committee_name(h->committee), h->k, h->n, h->eligible);
	AM_TRY(say_losses(h, p));
	AM_TRY(say_missing(h));
	say_drill(h, now);
	say_end(h);
	return AM_OK;
}

/* ---- JSON */

static void
json_time(struct out_json *j, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	if (at == 0) {
		out_json_null(j, key);
		return;
	}
	when_text(at, text);
	out_json_text(j, key, text);
}

static void
json_members(const struct health *h, struct out_json *j)
{
	out_json_open(j, "custodians", '[');
	for (size_t i = 0; i < h->n; i++) {
		const struct health_member *m = &h->members[i];

		out_json_open(j, NULL, '{');
		out_json_text(j, "person", m->id);
		out_json_text(j, "standing", health_standing_name(m->standing));
		json_time(j, "proved", m->proven_at);
		json_time(j, "due", m->due);
		out_json_close(j);
	}
	out_json_close(j);
	out_json_open(j, "blockers", '[');
	for (size_t i = 0; h->tight && i < h->n; i++)
		if (h->members[i].standing == HEALTH_ELIGIBLE)
			out_json_text(j, NULL, h->members[i].id);
	out_json_close(j);
}

static void
json_dates(const struct health *h, struct out_json *j)
{
	static const char *const ends[] = { "", "proof", "plan",
		"appointment" };

	out_json_open(j, "last_drill", '{');
	if (h->drill.number != 0) {
		out_json_uint(j, "drill", h->drill.number);
		json_time(j, "at", h->drill.at);
		json_time(j, "until", h->drill.until);
		out_json_uint(j, "proved", h->proved);
	}
	out_json_close(j);
	out_json_open(j, "next_end", '{');
	if (h->end_kind != HEALTH_NO_END) {
		json_time(j, "at", h->end);
		out_json_text(j, "what", ends[h->end_kind]);
		if (h->end_kind != HEALTH_END_PLAN)
			out_json_text(j, "person", h->members[h->end_who].id);
	}
	out_json_close(j);
}

/* Who alone could block, by the posts that the rules ask for. */
static void
json_blockers(const struct prospect *p, struct out_json *j)
{
	out_json_open(j, "blockers", '[');
	for (size_t i = 0; p->l != NULL && i < p->l->today.single_count; i++)
		for (size_t m = 0; m < p->o->is.n; m++)
			if ((p->l->today.singles[i].who >> m & 1) != 0)
				out_json_text(j, NULL, p->o->is.people[m].id);
	out_json_close(j);
}

static void
show_json(const struct health *h, const struct prospect *p, struct out_json *j)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "committee", committee_name(h->committee));
	out_json_uint(j, "quorum", h->k);
	out_json_uint(j, "members", h->n);
	out_json_uint(j, "eligible", h->eligible);
	out_json_bool(j, "possible", h->possible);
	out_json_uint(j, "losses", h->losses);
	json_blockers(p, j);
	json_members(h, j);
	json_dates(h, j);
	out_json_close(j);
}

/* Of the operating committee of a safe that is bound to rules. */
static AM_RESULT
with_posts(const struct view *v, const struct rows_safe *s, uint8_t committee,
    int64_t now, struct prospect *out)
{
	static const uint8_t none[32];

	if (committee != ROWS_OPERATING ||
	    bytes_same(
		(struct bytes){ s->rules, 32 }, (struct bytes){ none, 32 }))
		return AM_OK;
	AM_TRY(outlook_of(v, s, committee, now, OUTLOOK_HORIZON, &out->o));
	return lockout_analyze(&out->o->is, &out->l);
}

AM_RESULT
health_show(struct desk *d, const struct view *v, const struct rows_safe *s,
    struct out_json *j)
{
	const int64_t now = session_now(d->session);

	if (j != NULL)
		out_json_open(j, "health", '[');
	for (size_t i = 0; i < AM_ARRAY_LEN(committees); i++) {
		prospect_auto p = { 0 };
		struct health h;
		const enum am_err err = health_of(v, s, committees[i], now, &h);

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		AM_TRY(with_posts(v, s, committees[i], now, &p));
		if (j != NULL)
			show_json(&h, &p, j);
		else
			AM_TRY(show_text(&h, &p, now));
	}
	if (j != NULL)
		out_json_close(j);
	return AM_OK;
}

/* ---- --check */

static AM_RESULT
check_safe(
    struct desk *d, const struct view *v, const struct rows_safe *s, bool *bad)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(committees); i++) {
		prospect_auto p = { 0 };
		struct health h;
		const enum am_err err =
		    health_of(v, s, committees[i], session_now(d->session), &h);

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		AM_TRY(with_posts(
		    v, s, committees[i], session_now(d->session), &p));
		if (h.losses > 0 && !blocks(&p))
			continue;
		*bad = true;
		(void)cmd_complain(AM_ERR_LOCKOUT,
		    h.losses > 0
			? "the %s committee of '%s' depends on one person for "
			  "a required post, or has nobody for it: amanat "
			  "analyze"
			: h.possible
			? "the %s committee of '%s' can lose nobody more; call "
			  "a drill, or reshare to more people"
			: "the %s committee of '%s' has no quorum; lift "
			  "suspensions, or call a drill",
		    committee_name(h.committee), s->id);
	}
	return AM_OK;
}

AM_RESULT
health_check(struct desk *d, const struct view *v, const struct rows_safe *only)
{
	bool bad = false;

	if (only != NULL)
		AM_TRY(check_safe(d, v, only, &bad));
	for (uint32_t i = 0; only == NULL && i < d->session->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(rows_index_get(v, "safe-n", rows_key(&n), id, 16));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		AM_TRY(check_safe(d, v, &s, &bad));
	}
	return bad ? AM_ERR_LOCKOUT : AM_OK;
}
