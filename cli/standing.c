#include "cli/standing.h"

#include "cli/health.h"
#include "vault/acts/lookup.h"
#include "vault/acts/owed.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"

/* A safe with what is looked up of it. */
struct standing {
	struct desk *d;
	const struct view *v;
	const struct rows_safe *s;
	struct rows_manifest m;   /* the operating one; n is 0 before */
	struct owed_plan plan[2]; /* operating, recovery */
};

const char *
standing_committee(uint8_t committee)
{
	return committee == ROWS_RECOVERY ? "recovery" : "operating";
}

void
standing_words(const struct rows_manifest *m, char out[static WORDS_TEXT_MAX])
{
	const struct bytes x = pt_bytes(&m->C[0]);
	uint8_t h[32];

	hash_sha256(&x, 1, h);
	words_text(h, out);
}

static bool
is_none(const uint8_t M[static 32])
{
	static const uint8_t none[32];

	return bytes_same((struct bytes){ M, 32 }, (struct bytes){ none, 32 });
}

AM_RESULT
standing_kind(const struct view *v, const struct rows_plan *p, const char **out)
{
	struct rows_manifest base;
	size_t stay = 0;

	*out = "reshare";
	if (owed_is_setup(p))
		*out = "set-up";
	if (owed_is_setup(p) || is_none(p->base))
		return AM_OK;
	AM_TRY(rows_get_manifest(v, (struct bytes){ p->base, 32 }, &base));
	for (size_t i = 0; i < p->n; i++)
		stay += manifest_position(
			    base.members, base.n, p->members[i].person) >= 0;
	if (stay == p->n && p->n == base.n && p->k == base.k)
		*out = "refresh";
	return AM_OK;
}

static AM_RESULT
look(struct standing *x)
{
	const int64_t now = session_now(x->d->session);

	if (!is_none(x->s->manifest))
		AM_TRY(rows_get_manifest(
		    x->v, (struct bytes){ x->s->manifest, 32 }, &x->m));
	AM_TRY(owed_plan_of(x->v, x->s, ROWS_OPERATING, now, &x->plan[0]));
	return owed_plan_of(x->v, x->s, ROWS_RECOVERY, now, &x->plan[1]);
}

/* ---- the operating committee, or its set-up */

static const char *
safe_state(const struct standing *x)
{
	if (x->m.n > 0)
		return "active";
	switch (x->plan[0].state) {
	case OWED_OPEN:
		return "being set up";
	case OWED_DISPUTED:
	case OWED_ABORTED:
		return "given up";
	case OWED_UNPLANNED:
	case OWED_ACTIVE:
	case OWED_EXPIRED:
	case OWED_OVERTAKEN:
		break;
	}
	return "lapsed";
}

static const char *
setup_state(const struct rows_plan *p, size_t i)
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

/* Those of now, or those to be at set-up. */
struct people {
	const struct rows_member *list;
	size_t n, k;
};

static struct people
people_of(const struct standing *x)
{
	const struct rows_plan *p = &x->plan[0].plan;

	return x->m.n > 0 ? (struct people){ x->m.members, x->m.n, x->m.k }
			  : (struct people){ p->members, p->n, p->k };
}

static const char *
custodian_state(const struct standing *x, size_t i)
{
	return x->m.n > 0 ? "holds a share" : setup_state(&x->plan[0].plan, i);
}

static AM_RESULT
custodians_text(const struct standing *x)
{
	static const char *const heads[] = { "INDEX", "CUSTODIAN", "STATE",
		NULL };
	out_table_auto t = out_table_start(heads);
	const struct people p = people_of(x);

	for (size_t i = 0; i < p.n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(x->v, p.list[i].person, name));
		out_table_printf(&t, "%u", p.list[i].index);
		out_table_text(&t, name);
		out_table_text(&t, custodian_state(x, i));
	}
	return out_table_print(&t, stdout);
}

static AM_RESULT
custodians_json(const struct standing *x, struct out_json *j)
{
	const struct people p = people_of(x);

	out_json_open(j, "custodians", '[');
	for (size_t i = 0; i < p.n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(x->v, p.list[i].person, name));
		out_json_open(j, NULL, '{');
		out_json_uint(j, "index", p.list[i].index);
		out_json_text(j, "person", name);
		out_json_text(j, "state", custodian_state(x, i));
		out_json_close(j);
	}
	out_json_close(j);
	return AM_OK;
}

/* ---- the recovery committee */

static AM_RESULT
recovery_text(const struct standing *x)
{
	blob_auto names = { 0 };
	struct rows_manifest m;
	char lead[96];

	if (is_none(x->s->recovery))
		return AM_OK;
	AM_TRY(
	    rows_get_manifest(x->v, (struct bytes){ x->s->recovery, 32 }, &m));
	for (size_t i = 0; i < m.n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(x->v, m.members[i].person, name));
		AM_TRY(blob_printf(&names, "%s%s", i > 0 ? ", " : "", name));
	}
	AM_TRY(blob_add(&names, (struct bytes){ (const uint8_t *)"", 1 }));
	(void)snprintf(lead, sizeof(lead),
	    "recovery committee, epoch %u, %u of %u: ", m.epoch, m.k, m.n);
	out_wrapped(stdout, lead, 4, (const char *)names.p);
	return AM_OK;
}

static AM_RESULT
recovery_json(const struct standing *x, struct out_json *j)
{
	struct rows_manifest m;

	if (is_none(x->s->recovery))
		return AM_OK;
	AM_TRY(
	    rows_get_manifest(x->v, (struct bytes){ x->s->recovery, 32 }, &m));
	out_json_open(j, "recovery", '{');
	out_json_uint(j, "quorum", m.k);
	out_json_uint(j, "epoch", m.epoch);
	out_json_open(j, "custodians", '[');
	for (size_t i = 0; i < m.n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(x->v, m.members[i].person, name));
		out_json_text(j, NULL, name);
	}
	out_json_close(j);
	out_json_close(j);
	return AM_OK;
}

/* ---- changes under way, or come to nothing */

static const char *
change_state(enum owed_state state)
{
	switch (state) {
	case OWED_OPEN:
		return "open";
	case OWED_DISPUTED:
		return "disputed";
	case OWED_ABORTED:
		return "given up";
	case OWED_OVERTAKEN:
		return "overtaken";
	case OWED_EXPIRED:
		return "lapsed";
	case OWED_UNPLANNED:
	case OWED_ACTIVE:
		break;
	}
	return "";
}

/* Set-up is told with the safe itself, unless somebody complained. */
static bool
is_told(const struct owed_plan *p)
{
	if (p->state == OWED_UNPLANNED || p->state == OWED_ACTIVE)
		return false;
	return !owed_is_setup(&p->plan) || p->state == OWED_DISPUTED;
}

static const char *
step_name(enum owed_step step)
{
	switch (step) {
	case OWED_JOIN:
		return "join";
	case OWED_DEAL:
		return "deal";
	case OWED_ACCEPT:
		return "accept";
	case OWED_JUSTIFY:
	case OWED_ERASE:
	case OWED_WAIT:
	case OWED_LAPSED:
	case OWED_DONE:
	case OWED_NONE:
		break;
	}
	return "";
}

/* Everybody who takes part, members first. */
struct part {
	uint8_t person[16];
	bool member, dealer;
};

static size_t
parts_of(const struct rows_plan *p, struct part out[static 2 * ROWS_N_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		out[n] = (struct part){ .member = true,
			.dealer = manifest_position(p->dealers, p->dealer_count,
				      p->members[i].person) >= 0 };
		memcpy(out[n++].person, p->members[i].person, 16);
	}
	for (size_t i = 0; i < p->dealer_count; i++)
		if (manifest_position(p->members, p->n, p->dealers[i].person) <
		    0) {
			out[n] = (struct part){ .dealer = true };
			memcpy(out[n++].person, p->dealers[i].person, 16);
		}
	return n;
}

static const char *
role_of(const struct part *p)
{
	if (p->member)
		return p->dealer ? "member, dealer" : "member";
	return "dealer";
}

static AM_RESULT
parts_text(const struct standing *x, const struct rows_plan *p)
{
	static const char *const heads[] = { "PERSON", "TAKES PART AS", "OWES",
		NULL };
	out_table_auto t = out_table_start(heads);
	struct part parts[2 * ROWS_N_MAX];
	const size_t n = parts_of(p, parts);

	for (size_t i = 0; i < n; i++) {
		char name[ROWS_ID_MAX + 1];
		const char *owes = step_name(owed_step_of(p, parts[i].person));

		AM_TRY(lookup_person_name(x->v, parts[i].person, name));
		out_table_text(&t, name);
		out_table_text(&t, role_of(&parts[i]));
		out_table_text(&t, owes[0] != '\0' ? owes : "nothing now");
	}
	return out_table_print(&t, stdout);
}

static AM_RESULT
parts_json(
    const struct standing *x, const struct owed_plan *o, struct out_json *j)
{
	struct part parts[2 * ROWS_N_MAX];
	const size_t n = parts_of(&o->plan, parts);

	out_json_open(j, "people", '[');
	for (size_t i = 0; i < n; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(x->v, parts[i].person, name));
		out_json_open(j, NULL, '{');
		out_json_text(j, "person", name);
		out_json_bool(j, "member", parts[i].member);
		out_json_bool(j, "dealer", parts[i].dealer);
		out_json_text(j, "owes",
		    o->state != OWED_OPEN
			? ""
			: step_name(owed_step_of(&o->plan, parts[i].person)));
		out_json_close(j);
	}
	out_json_close(j);
	return AM_OK;
}

/* Who dealt, who complained. */
struct quarrel {
	char dealer[ROWS_ID_MAX + 1], by[ROWS_ID_MAX + 1];
};

static AM_RESULT
quarrel_of(
    const struct standing *x, const struct owed_plan *o, struct quarrel *out)
{
	const struct rows_plan *p = &o->plan;

	AM_TRY(lookup_person_name(x->v, o->complaint.by, out->by));
	for (size_t i = 0; i < p->dealer_count; i++)
		if (p->dealers[i].index == o->complaint.dealer)
			return lookup_person_name(
			    x->v, p->dealers[i].person, out->dealer);
	return AM_ERR_CORRUPT;
}

/* R5.11: on silence until the plan's end, the dealer. At setup nobody. */
static const char *
at_fault(const struct standing *x, const struct owed_plan *o,
    const struct quarrel *q)
{
	if (o->complaint.fault == ROWS_COMPLAINER)
		return q->by;
	if (o->complaint.fault == ROWS_DEALER ||
	    (!owed_is_setup(&o->plan) &&
		session_now(x->d->session) > o->plan.until))
		return q->dealer;
	return "";
}

static AM_RESULT
dispute_text(const struct standing *x, const struct owed_plan *o)
{
	struct quarrel q = { 0 };
	char text[512];
	const char *fault;

	AM_TRY(quarrel_of(x, o, &q));
	fault = at_fault(x, o, &q);
	if (fault[0] != '\0')
		(void)snprintf(text, sizeof(text),
		    "'%s' complained about the deal of '%s'; at fault is '%s'. "
		    "The plan is void, nothing has changed: plan again.",
		    q.by, q.dealer, fault);
	else if (owed_is_setup(&o->plan))
		(void)snprintf(text, sizeof(text),
		    "'%s' complained about the deal of '%s'; at set-up this "
		    "stays open between the two. The plan is void: plan again.",
		    q.by, q.dealer);
	else
		(void)snprintf(text, sizeof(text),
		    "'%s' complained about the deal of '%s', who owes an "
		    "answer ('amanat safe join %s'). The plan is void, nothing "
		    "has changed: plan again.",
		    q.by, q.dealer, x->s->id);
	out_wrapped(stdout, "  ", 2, text);
	return AM_OK;
}

static AM_RESULT
change_text(const struct standing *x, const struct owed_plan *o)
{
	const struct rows_plan *p = &o->plan;
	const char *kind = "";
	char until[32], text[256];

	AM_TRY(standing_kind(x->v, p, &kind));
	desk_time(p->until, until);
	(void)snprintf(text, sizeof(text),
	    "%s of the %s committee, epoch %u, %u of %u: %s%s%s", kind,
	    standing_committee(p->committee), p->epoch, p->k, p->n,
	    change_state(o->state),
	    o->state == OWED_OPEN ? " until " : "; nothing has changed",
	    o->state == OWED_OPEN ? until : "");
	out_wrapped(stdout, "", 4, text);
	if (o->state == OWED_DISPUTED)
		return dispute_text(x, o);
	return o->state == OWED_OPEN ? parts_text(x, p) : AM_OK;
}

static AM_RESULT
change_json(
    const struct standing *x, const struct owed_plan *o, struct out_json *j)
{
	const struct rows_plan *p = &o->plan;
	const char *kind = "";
	char until[WHEN_TEXT_LEN + 1];
	struct quarrel q = { 0 };

	AM_TRY(standing_kind(x->v, p, &kind));
	when_text(p->until, until);
	out_json_open(j, NULL, '{');
	out_json_text(j, "committee", standing_committee(p->committee));
	out_json_text(j, "kind", kind);
	out_json_uint(j, "epoch", p->epoch);
	out_json_uint(j, "quorum", p->k);
	out_json_text(j, "state", change_state(o->state));
	out_json_text(j, "until", until);
	if (o->state == OWED_DISPUTED) {
		AM_TRY(quarrel_of(x, o, &q));
		out_json_text(j, "complainer", q.by);
		out_json_text(j, "dealer", q.dealer);
		out_json_text(j, "at_fault", at_fault(x, o, &q));
	}
	AM_TRY(parts_json(x, o, j));
	out_json_close(j);
	return AM_OK;
}

/* The newest plan, and those before it that ended in a dispute, as long as
 * none became active. */
static AM_RESULT
changes(const struct standing *x, size_t which, struct out_json *j)
{
	struct owed_plan p = x->plan[which];
	bool told = is_told(&p);
	enum am_err err = AM_OK;

	while (err == AM_OK && p.state != OWED_UNPLANNED &&
	    p.state != OWED_ACTIVE) {
		if (told)
			AM_TRY(j != NULL ? change_json(x, &p, j)
					 : change_text(x, &p));
		err = owed_plan_before(
		    x->v, x->s, &p.plan, session_now(x->d->session), &p);
		told = p.state == OWED_DISPUTED;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* ---- shares that are to be erased */

/* Where they are told: to programs, or as a list of names. */
struct telling {
	struct out_json *j;
	struct blob names;
};

static AM_RESULT
tell_erasure(const struct standing *x, const struct rows_manifest *m,
    const uint8_t person[static 16], struct telling *to)
{
	const char *committee = standing_committee(m->committee);
	char name[ROWS_ID_MAX + 1];

	AM_TRY(lookup_person_name(x->v, person, name));
	if (to->j == NULL)
		return blob_printf(&to->names, "%s%s (%s %u)",
		    to->names.len > 0 ? ", " : "", name, committee, m->epoch);
	out_json_open(to->j, NULL, '{');
	out_json_text(to->j, "person", name);
	out_json_text(to->j, "committee", committee);
	out_json_uint(to->j, "epoch", m->epoch);
	out_json_close(to->j);
	return AM_OK;
}

static AM_RESULT
tell_epoch(const struct standing *x, uint8_t committee, uint32_t epoch,
    struct telling *to)
{
	struct rows_manifest m;
	uint16_t erased = 0;
	const enum am_err err =
	    owed_epoch(x->v, x->s, committee, epoch, &m, &erased);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK; /* its plan came to nothing */
	AM_TRY(err);
	for (size_t i = 0; i < m.n; i++)
		if ((erased >> i & 1) == 0)
			AM_TRY(tell_erasure(x, &m, m.members[i].person, to));
	return AM_OK;
}

static AM_RESULT
tell_erasures(const struct standing *x, struct telling *to)
{
	static const uint8_t both[] = { ROWS_OPERATING, ROWS_RECOVERY };

	for (size_t i = 0; i < 2; i++) {
		const uint8_t *M = manifest_active(x->s, both[i]);
		struct rows_manifest now;

		if (is_none(M))
			continue;
		AM_TRY(rows_get_manifest(x->v, (struct bytes){ M, 32 }, &now));
		for (uint32_t e = 1; e < now.epoch; e++)
			AM_TRY(tell_epoch(x, both[i], e, to));
	}
	return AM_OK;
}

static AM_RESULT
erasures_text(const struct standing *x)
{
	struct telling to = { 0 };
	enum am_err err = tell_erasures(x, &to);

	if (err == AM_OK && to.names.len > 0) {
		err = blob_add(
		    &to.names, (struct bytes){ (const uint8_t *)"", 1 });
		if (err == AM_OK)
			out_wrapped(stdout, "old shares to erase: ", 4,
			    (const char *)to.names.p);
	}
	blob_free(&to.names);
	return err;
}

/* ---- all of it */

AM_RESULT
standing_text(struct desk *d, const struct view *v, const struct rows_safe *s)
{
	struct standing x = { .d = d, .v = v, .s = s };
	char until[32], words[WORDS_TEXT_MAX];
	struct people p;

	AM_TRY(look(&x));
	p = people_of(&x);
	printf("safe %s: %s, level %s, %zu of %zu, %u credential%s\n", s->id,
	    safe_state(&x), s->level, p.k, p.n, s->records,
	    s->records == 1 ? "" : "s");
	if (x.m.n > 0) {
		standing_words(&x.m, words);
		out_wrapped(stdout, "key in words: ", 4, words);
	} else {
		desk_time(x.plan[0].plan.until, until);
		printf("set-up ends %s\n", until);
		if (s->agreed == 0)
			puts("proposed: first a quorum decides whether it is "
			     "made (amanat motions)");
	}
	AM_TRY(custodians_text(&x));
	AM_TRY(recovery_text(&x));
	for (size_t i = 0; i < 2; i++)
		AM_TRY(changes(&x, i, NULL));
	AM_TRY(erasures_text(&x));
	return health_show(d, v, s, NULL);
}

AM_RESULT
standing_json(struct desk *d, const struct view *v, const struct rows_safe *s,
    struct out_json *j)
{
	struct standing x = { .d = d, .v = v, .s = s };
	struct telling to = { .j = j };

	AM_TRY(look(&x));
	out_json_open(j, NULL, '{');
	out_json_text(j, "safe", s->id);
	out_json_text(j, "level", s->level);
	out_json_text(j, "state", safe_state(&x));
	out_json_uint(j, "quorum", people_of(&x).k);
	out_json_uint(j, "epoch", x.m.n > 0 ? x.m.epoch : x.plan[0].plan.epoch);
	out_json_uint(j, "credentials", s->records);
	AM_TRY(custodians_json(&x, j));
	AM_TRY(recovery_json(&x, j));
	out_json_open(j, "changes", '[');
	for (size_t i = 0; i < 2; i++)
		AM_TRY(changes(&x, i, j));
	out_json_close(j);
	out_json_open(j, "erase", '[');
	AM_TRY(tell_erasures(&x, &to));
	out_json_close(j);
	AM_TRY(health_show(d, v, s, j));
	out_json_close(j);
	return AM_OK;
}
